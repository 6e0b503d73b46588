/* Keys against published vectors: RFC 8032 (7.1), GB/T 32918.5-2017 annex A (the example of GM/T 0003.5-2012), GB/T
 * 32905-2016 annex A; and what a key file may not be. */
#include <check.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "validator/tasks/keys.h"

static char folder[64];

static void set_up(void)
{
    snprintf(folder, sizeof folder, "keys-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void tear_down(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/k", folder);
    (void)unlink(path);
    ck_assert_int_eq(rmdir(folder), 0);
}

static const char *written(hz_slice text, mode_t mode)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/k", folder);
    (void)unlink(path);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text.ptr, 1, text.len, file), text.len);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, mode), 0);
    return path;
}

static size_t unhex(uint8_t *out, const char *hex)
{
    size_t len = strlen(hex) / 2;
    for (size_t i = 0; i < len; i++) {
        unsigned byte;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return len;
}

/* A PEM file around DER given in hex. */
static hz_status read_der(hz_key *key, const char *prefix, const char *rest, bool secret, hz_error *err)
{
    uint8_t der[256];
    hz_buf text = HZ_BUF_INIT;
    size_t len = unhex(der, prefix);
    len += unhex(der + len, rest);
    hz_buf_printf(&text, "-----BEGIN %s KEY-----\n", secret ? "PRIVATE" : "PUBLIC");
    hz_base64_put(&text, der, len);
    hz_buf_printf(&text, "\n-----END %s KEY-----\n", secret ? "PRIVATE" : "PUBLIC");
    hz_status st = hz_key_read(key, written(hz_buf_slice(&text), 0600), HZ_SLICE_NONE, secret, err);
    hz_buf_clear(&text);
    return st;
}

static const struct {
    const char *seed, *open, *message, *signature;
} rfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"},
};

START_TEST(test_keys__rfc8032)
{
    hz_key secret, open;
    uint8_t message[8], expected[64], made[HZ_SIGNATURE_BYTES];
    size_t made_len;
    hz_slice text = {(const char *)message, unhex(message, rfc8032[_i].message)};
    ck_assert_uint_eq(unhex(expected, rfc8032[_i].signature), 64);
    ck_assert_int_eq(read_der(&secret, "302e020100300506032b657004220420", rfc8032[_i].seed, true, NULL), HZ_OK);
    ck_assert_int_eq(read_der(&open, "302a300506032b6570032100", rfc8032[_i].open, false, NULL), HZ_OK);
    ck_assert_str_eq(secret.id, open.id);
    ck_assert_int_eq(secret.kind, HZ_KEY_ED25519);
    ck_assert_int_eq(hz_key_sign(made, &made_len, &secret, text, NULL), HZ_OK);
    ck_assert_uint_eq(made_len, 64);
    ck_assert_mem_eq(made, expected, 64);
    ck_assert(hz_key_verify(&open, text, expected, 64));
    for (size_t bit = 0; bit < 512; bit += 37) {
        expected[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert(!hz_key_verify(&open, text, expected, 64));
        expected[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ck_assert(!hz_key_verify(&open, text, expected, 63));
    ck_assert(!hz_key_verify(&open, HZ_SLICE_LIT("other"), expected, 64));
    hz_key_clear(&secret);
    hz_key_clear(&open);
}
END_TEST

#define SM2_PREFIX "3059301306072a8648ce3d020106082a811ccf5501822d03420004"
#define SM2_POINT                                                                                                      \
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"                                                 \
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"

/* "message digest" under user 1234567812345678: r and s in DER. */
START_TEST(test_keys__gbt32918)
{
    hz_key open;
    uint8_t signature[HZ_SIGNATURE_BYTES];
    hz_slice message = HZ_SLICE_LIT("message digest");
    size_t len = unhex(signature, "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                                  "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa");
    ck_assert_int_eq(read_der(&open, SM2_PREFIX, SM2_POINT, false, NULL), HZ_OK);
    ck_assert_int_eq(open.kind, HZ_KEY_SM2);
    ck_assert(hz_key_verify(&open, message, signature, len));
    ck_assert(!hz_key_verify(&open, HZ_SLICE_LIT("message digesT"), signature, len));
    signature[len - 1] ^= 1;
    ck_assert(!hz_key_verify(&open, message, signature, len));
    hz_key_clear(&open);
}
END_TEST

START_TEST(test_keys__gbt32905)
{
    static const char *const rows[][2] = {
        {"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"},
        {"abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
         "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"},
    };
    for (size_t i = 0; i < 2; i++) {
        uint8_t digest[32];
        char hex[65];
        size_t len;
        ck_assert_int_eq(EVP_Q_digest(NULL, "SM3", NULL, rows[i][0], strlen(rows[i][0]), digest, &len), 1);
        hz_hex(hex, digest, 32);
        ck_assert_str_eq(hex, rows[i][1]);
    }
}
END_TEST

START_TEST(test_keys__made_and_read)
{
    for (int kind = 0; kind < HZ_KEY_KINDS; kind++) {
        for (int sealed = 0; sealed < 2; sealed++) {
            hz_key key, secret, open;
            hz_buf texts[2] = {HZ_BUF_INIT, HZ_BUF_INIT};
            hz_slice passphrase = sealed ? HZ_SLICE_LIT("\xe5\x8f\xa3\xe4\xbb\xa4 7") : HZ_SLICE_NONE;
            hz_error err = {0};
            uint8_t signature[HZ_SIGNATURE_BYTES];
            size_t len;
            ck_assert_int_eq(hz_key_make(&key, (hz_key_kind)kind, NULL), HZ_OK);
            snprintf(key.name, sizeof key.name, "\xe6\x95\xb0\xe6\x8d\xae: office");
            key.valid_from = 20000;
            ck_assert_int_eq(hz_key_write(&texts[0], &texts[1], &key, passphrase, NULL), HZ_OK);
            const char *path = written(hz_buf_slice(&texts[0]), 0600);
            ck_assert_int_eq(hz_key_read(&secret, path, passphrase, true, NULL), HZ_OK);
            ck_assert_str_eq(secret.id, key.id);
            ck_assert_str_eq(secret.name, key.name);
            ck_assert_int_eq(secret.valid_from, 20000);
            ck_assert_int_eq(secret.valid_until, INT32_MAX);
            if (sealed) {
                hz_key none;
                ck_assert_int_eq(hz_key_read(&none, path, HZ_SLICE_NONE, true, &err), HZ_E_USAGE);
                ck_assert_int_eq(err.message, HZ_MSG_KEY_SEALED);
                hz_error_clear(&err);
                ck_assert_int_eq(hz_key_read(&none, path, HZ_SLICE_LIT("other"), true, &err), HZ_E_USAGE);
                ck_assert_int_eq(err.message, HZ_MSG_KEY_PASSPHRASE);
            }
            ck_assert_int_eq(hz_key_read(&open, written(hz_buf_slice(&texts[1]), 0644), HZ_SLICE_NONE, false, NULL),
                             HZ_OK);
            ck_assert_int_eq(hz_key_sign(signature, &len, &secret, HZ_SLICE_LIT("text"), NULL), HZ_OK);
            ck_assert(hz_key_verify(&open, HZ_SLICE_LIT("text"), signature, len));
            ck_assert(!hz_key_verify(&open, HZ_SLICE_LIT("texT"), signature, len));
            hz_key_clear(&key);
            hz_key_clear(&secret);
            hz_key_clear(&open);
            hz_buf_clear(&texts[0]);
            hz_buf_clear(&texts[1]);
        }
    }
}
END_TEST

static void refuse(const char *text, mode_t mode, bool secret, hz_msg_id message)
{
    hz_key key;
    hz_error err = {0};
    ck_assert_int_eq(hz_key_read(&key, written(hz_slice_of(text), mode), HZ_SLICE_NONE, secret, &err), HZ_E_USAGE);
    ck_assert_str_eq(hz_msg_name(err.message), hz_msg_name(message));
    ck_assert_ptr_null(key.pkey);
}

#define OPEN_PEM                                                                                                       \
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC "       \
    "KEY-----\n"

START_TEST(test_keys__refused)
{
    hz_key key;
    refuse("nothing\n", 0600, true, HZ_MSG_KEY_NOT_SECRET);
    refuse("nothing\n", 0600, false, HZ_MSG_KEY_NOT_OPEN);
    refuse("nothing\n", 0640, true, HZ_MSG_KEY_MODE);
    refuse("id: 00\n" OPEN_PEM, 0644, false, HZ_MSG_KEY_ID);
    refuse("valid-from: soon\n" OPEN_PEM, 0644, false, HZ_MSG_KEY_HEAD);
    refuse("algorithm: RSA\n" OPEN_PEM, 0644, false, HZ_MSG_KEY_HEAD);
    refuse("name: \xff\n" OPEN_PEM, 0644, false, HZ_MSG_KEY_HEAD);
    refuse("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwp"
           "ZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n",
           0644, false, HZ_MSG_KEY_KIND); /* the generator of P-256 as a key */
    ck_assert_int_eq(
        hz_key_read(&key, written(HZ_SLICE_LIT("revoked: 2026-03-01\n" OPEN_PEM), 0644), HZ_SLICE_NONE, false, NULL),
        HZ_OK);
    ck_assert(key.revoked);
    ck_assert_int_eq(key.revoked_on, 20513);
    hz_key_clear(&key);
}
END_TEST

START_TEST(test_keys__base64)
{
    uint8_t bytes[16];
    size_t len;
    hz_buf text = HZ_BUF_INIT;
    hz_base64_put(&text, (const uint8_t *)"foobar!", 7);
    ck_assert_str_eq(text.ptr, "Zm9vYmFyIQ==");
    ck_assert(hz_base64_read(bytes, sizeof bytes, &len, hz_buf_slice(&text)));
    ck_assert_uint_eq(len, 7);
    ck_assert_mem_eq(bytes, "foobar!", 7);
    ck_assert(!hz_base64_read(bytes, 6, &len, hz_buf_slice(&text)));
    ck_assert(!hz_base64_read(bytes, sizeof bytes, &len, HZ_SLICE_LIT("Zm9vYmFyIR=="))); /* bits behind the end */
    ck_assert(!hz_base64_read(bytes, sizeof bytes, &len, HZ_SLICE_LIT("Zm9vYmFyIQ")));
    ck_assert(!hz_base64_read(bytes, sizeof bytes, &len, HZ_SLICE_LIT("Zm9v====")));
    ck_assert(!hz_base64_read(bytes, sizeof bytes, &len, HZ_SLICE_LIT("Zm9 ")));
    ck_assert(!hz_base64_read(bytes, sizeof bytes, &len, HZ_SLICE_LIT("")));
    hz_buf_clear(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.keys");
    TCase *tcase = tcase_create("keys");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, test_keys__rfc8032, 0, (int)(sizeof rfc8032 / sizeof *rfc8032));
    tcase_add_test(tcase, test_keys__gbt32918);
    tcase_add_test(tcase, test_keys__gbt32905);
    tcase_add_test(tcase, test_keys__made_and_read);
    tcase_add_test(tcase, test_keys__refused);
    tcase_add_test(tcase, test_keys__base64);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
