/* keys.h: keys that sign results: Ed25519 (RFC 8032), and SM2 with SM3 (GB/T 32918.2, GB/T 32905), by OpenSSL 3.
 *
 * A key file is PEM (PKCS #8, or SubjectPublicKeyInfo) with lines "name: value" before it, which openssl passes over:
 *
 *     hezhun-key: 1
 *     id: 0f3a…            the first 16 bytes, in hex, of the SHA-256 over the public key (SubjectPublicKeyInfo, DER)
 *     algorithm: Ed25519   or SM2-with-SM3
 *     name: 数据中心
 *     valid-from: 2026-11-25
 *     valid-until: 2029-11-25     the first day on which it no longer signs
 *     revoked: 2027-03-01         nothing that it signed is trusted any more
 *     -----BEGIN PUBLIC KEY-----
 *
 * SM2 signs under the user id 1234567812345678, as GM/T 0009-2012 has it. */
#ifndef HZ_TASKS_KEYS_H
#define HZ_TASKS_KEYS_H
#include "base/limits.h"

typedef enum hz_key_kind { HZ_KEY_ED25519, HZ_KEY_SM2, HZ_KEY_KINDS } hz_key_kind;
const char *hz_key_kind_name(hz_key_kind kind);       /* "Ed25519", "SM2-with-SM3": in certificates */
bool hz_key_kind_of(hz_key_kind *out, hz_slice name); /* those, and "ed25519", "sm2" */

enum { HZ_KEY_NAME_BYTES = 256, HZ_SIGNATURE_BYTES = 128 };

typedef struct hz_key {
    void *pkey; /* EVP_PKEY */
    hz_key_kind kind;
    bool secret; /* it can sign */
    char id[33];
    char name[HZ_KEY_NAME_BYTES];    /* UTF-8; may be empty */
    int32_t valid_from, valid_until; /* INT32_MIN, INT32_MAX: open */
    bool revoked;
    int32_t revoked_on;
    char path[HZ_ERROR_FILE_BYTES];
} hz_key;

/* Owned: hz_key_clear. */
HZ_NODISCARD hz_status hz_key_make(hz_key *out, hz_key_kind kind, hz_error *err);
void hz_key_clear(hz_key *key);
/* The files' texts. passphrase.len 0: the secret key is not encrypted; else PKCS #8 with scrypt and AES-256-CBC. */
HZ_NODISCARD hz_status hz_key_write(hz_buf *secret, hz_buf *open, const hz_key *key, hz_slice passphrase,
                                    hz_error *err);
/* HZ_E_USAGE: no key file, a wrong passphrase, an id that is not the key's, a kind that is not known. A file with a
 * secret key that others may read is refused. */
HZ_NODISCARD hz_status hz_key_read(hz_key *out, const char *path, hz_slice passphrase, bool secret, hz_error *err);
/* The first line of a file, for passphrases; HZ_E_USAGE when it is empty or others may read it. */
HZ_NODISCARD hz_status hz_passphrase_read(hz_buf *out, const char *path, hz_error *err);

HZ_NODISCARD hz_status hz_key_sign(uint8_t out[HZ_SIGNATURE_BYTES], size_t *len, const hz_key *key, hz_slice message,
                                   hz_error *err);
bool hz_key_verify(const hz_key *key, hz_slice message, const uint8_t *signature, size_t len);

/* Whole bytes in base64 (RFC 4648, with padding). */
void hz_base64_put(hz_buf *out, const uint8_t *bytes, size_t len);
/* false for anything but such text of at most `room` bytes. */
bool hz_base64_read(uint8_t *out, size_t room, size_t *len, hz_slice text);
#endif
