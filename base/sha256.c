#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/alloc.h"

struct hz_sha256 {
    EVP_MD_CTX *context;
};

static hz_sha256 *digest_new(const EVP_MD *kind)
{
    hz_sha256 *sha = hz_mem_zalloc(1, sizeof *sha);
    if (!sha)
        return NULL;
    sha->context = EVP_MD_CTX_new();
    if (!sha->context || EVP_DigestInit_ex(sha->context, kind, NULL) != 1) {
        hz_sha256_free(sha);
        return NULL;
    }
    return sha;
}

hz_sha256 *hz_sha256_new(void)
{
    return digest_new(EVP_sha256());
}

hz_sha256 *hz_sm3_new(void)
{
    return digest_new(EVP_sm3());
}

void hz_sha256_free(hz_sha256 *sha)
{
    if (!sha)
        return;
    EVP_MD_CTX_free(sha->context);
    hz_mem_free(sha);
}

bool hz_sha256_update(hz_sha256 *sha, const void *bytes, size_t len)
{
    return EVP_DigestUpdate(sha->context, bytes, len) == 1;
}

bool hz_sha256_final(hz_sha256 *sha, uint8_t out[32])
{
    unsigned len = 0;
    return EVP_DigestFinal_ex(sha->context, out, &len) == 1 && len == 32;
}

bool hz_sha256_bytes(uint8_t out[32], hz_slice bytes)
{
    hz_sha256 *sha = hz_sha256_new();
    bool ok = sha && hz_sha256_update(sha, bytes.ptr, bytes.len) && hz_sha256_final(sha, out);
    hz_sha256_free(sha);
    return ok;
}

void hz_hex(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hz_unhex(uint8_t *out, size_t len, hz_slice hex)
{
    bool good = hex.len == 2 * len;
    for (size_t i = 0; good && i < len; i++) {
        int high = nibble(hex.ptr[2 * i]), low = nibble(hex.ptr[2 * i + 1]);
        good = high >= 0 && low >= 0;
        out[i] = (uint8_t)(good ? high * 16 + low : 0);
    }
    if (!good)
        memset(out, 0, len);
    return good;
}
