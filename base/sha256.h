/* sha256.h: SHA-256 (FIPS 180-4) by OpenSSL's libcrypto. */
#ifndef HZ_BASE_SHA256_H
#define HZ_BASE_SHA256_H
#include "base/error.h"

typedef struct hz_sha256 hz_sha256;
HZ_NODISCARD hz_sha256 *hz_sha256_new(void); /* NULL when out of memory */
void hz_sha256_free(hz_sha256 *sha);
bool hz_sha256_update(hz_sha256 *sha, const void *bytes, size_t len);
bool hz_sha256_final(hz_sha256 *sha, uint8_t out[32]); /* then only free */
bool hz_sha256_bytes(uint8_t out[32], hz_slice bytes);
/* The same with SM3 (GB/T 32905-2016) in place of SHA-256. */
HZ_NODISCARD hz_sha256 *hz_sm3_new(void);
void hz_hex(char *out, const uint8_t *bytes, size_t len); /* 2 * len characters and a NUL */
/* len bytes from 2 * len hexadecimal digits of either case; false: they are none, and out is zero. */
bool hz_unhex(uint8_t *out, size_t len, hz_slice hex);
#endif
