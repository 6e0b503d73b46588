#include "base/hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/alloc.h"

struct hz_hmac {
    const char *name;
    EVP_MAC *mac;
    EVP_MAC_CTX *keyed; /* copied for each sum */
};

static const struct {
    const char *name, *openssl;
} digests[] = {{"sha256", "SHA2-256"}, {"sm3", "SM3"}};

hz_status hz_hmac_new(hz_hmac **out, const char *digest, hz_slice key, hz_error *err)
{
    size_t at = 0;
    *out = NULL;
    while (at < sizeof digests / sizeof *digests && strcmp(digests[at].name, digest) != 0)
        at++;
    if (at == sizeof digests / sizeof *digests)
        return hz_fail(err, HZ_E_USAGE, HZ_M(HMAC_DIGEST), HZ_Z(digest));
    hz_hmac *hmac = hz_mem_zalloc(1, sizeof *hmac);
    if (!hmac)
        return hz_nomem(err, sizeof *hmac);
    char name[16];
    (void)snprintf(name, sizeof name, "%s", digests[at].openssl);
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                 OSSL_PARAM_construct_end()};
    hmac->name = digests[at].name;
    hmac->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    hmac->keyed = hmac->mac ? EVP_MAC_CTX_new(hmac->mac) : NULL;
    if (!hmac->keyed || EVP_MAC_init(hmac->keyed, (const unsigned char *)key.ptr, key.len, params) != 1) {
        hz_hmac_free(hmac);
        return hz_fail(err, HZ_E_USAGE, HZ_M(HMAC_ABSENT), HZ_Z(digest));
    }
    *out = hmac;
    return HZ_OK;
}

void hz_hmac_free(hz_hmac *hmac)
{
    if (!hmac)
        return;
    EVP_MAC_CTX_free(hmac->keyed);
    EVP_MAC_free(hmac->mac);
    hz_mem_free(hmac);
}

hz_status hz_hmac_sum(uint8_t out[HZ_HMAC_BYTES], const hz_hmac *hmac, hz_slice bytes, hz_error *err)
{
    size_t len = 0;
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(hmac->keyed);
    bool ok = context && EVP_MAC_update(context, (const unsigned char *)bytes.ptr, bytes.len) == 1 &&
              EVP_MAC_final(context, out, &len, HZ_HMAC_BYTES) == 1 && len == HZ_HMAC_BYTES;
    EVP_MAC_CTX_free(context);
    return ok ? HZ_OK : hz_nomem(err, HZ_HMAC_BYTES);
}

const char *hz_hmac_name(const hz_hmac *hmac)
{
    return hmac->name;
}

void hz_wipe(void *bytes, size_t len)
{
    if (bytes && len)
        OPENSSL_cleanse(bytes, len);
}
