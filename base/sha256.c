#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/alloc.h"

struct hz_sha256 {
    EVP_MD_CTX *context;
};

hz_sha256 *hz_sha256_new(void)
{
    hz_sha256 *sha = hz_mem_zalloc(1, sizeof *sha);
    if (!sha)
        return NULL;
    sha->context = EVP_MD_CTX_new();
    if (!sha->context || EVP_DigestInit_ex(sha->context, EVP_sha256(), NULL) != 1) {
        hz_sha256_free(sha);
        return NULL;
    }
    return sha;
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
