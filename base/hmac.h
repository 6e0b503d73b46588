/* hmac.h: HMAC (RFC 2104, FIPS 198-1) with SHA-256 or SM3 (GB/T 32905-2016), by OpenSSL's libcrypto. */
#ifndef HZ_BASE_HMAC_H
#define HZ_BASE_HMAC_H
#include "base/error.h"

enum { HZ_HMAC_BYTES = 32 }; /* of both */

typedef struct hz_hmac hz_hmac;
/* digest: "sha256" or "sm3"; else HZ_E_USAGE. Keeps the key; owned: hz_hmac_free, which wipes it. */
HZ_NODISCARD hz_status hz_hmac_new(hz_hmac **out, const char *digest, hz_slice key, hz_error *err);
void hz_hmac_free(hz_hmac *hmac); /* takes NULL */
HZ_NODISCARD hz_status hz_hmac_sum(uint8_t out[HZ_HMAC_BYTES], const hz_hmac *hmac, hz_slice bytes, hz_error *err);
const char *hz_hmac_name(const hz_hmac *hmac); /* "sha256" or "sm3"; static */
/* Zeros that the compiler does not leave out. */
void hz_wipe(void *bytes, size_t len);
#endif
