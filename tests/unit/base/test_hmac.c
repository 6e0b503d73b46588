/* HMAC: SHA-256 by the vectors of RFC 4231; SM3 by the definition of HMAC over SM3 itself. */
#include "base/hmac.h"
#include "base/sha256.h"
#include "tests/unit/base/unit.h"

#include <openssl/evp.h>

static void sum_of(char *hex, const char *digest, hz_slice key, hz_slice text)
{
    hz_hmac *hmac;
    hz_error err = {0};
    uint8_t sum[HZ_HMAC_BYTES];
    ck_assert_int_eq(hz_hmac_new(&hmac, digest, key, &err), HZ_OK);
    ck_assert_str_eq(hz_hmac_name(hmac), digest);
    for (int again = 0; again < 2; again++) /* a key serves many sums */
        ck_assert_int_eq(hz_hmac_sum(sum, hmac, text, &err), HZ_OK);
    hz_hex(hex, sum, sizeof sum);
    hz_hmac_free(hmac);
}

START_TEST(test_hmac__rfc_4231)
{
    char hex[65], key[20];
    memset(key, 0x0b, sizeof key);
    sum_of(hex, "sha256", (hz_slice){key, sizeof key}, HZ_SLICE_LIT("Hi There"));
    ck_assert_str_eq(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    sum_of(hex, "sha256", HZ_SLICE_LIT("Jefe"), HZ_SLICE_LIT("what do ya want for nothing?"));
    ck_assert_str_eq(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
END_TEST

START_TEST(test_hmac__sm3_by_definition)
{
    static const char key[] = "0123456789abcdef0123456789abcdef", text[] = "520123198501017013";
    uint8_t inner[64 + sizeof text - 1], outer[64 + 32], sum[32];
    char hex[65], wanted[65];
    unsigned len;
    for (size_t i = 0; i < 64; i++) {
        uint8_t byte = i < sizeof key - 1 ? (uint8_t)key[i] : 0;
        inner[i] = byte ^ 0x36;
        outer[i] = byte ^ 0x5c;
    }
    memcpy(inner + 64, text, sizeof text - 1);
    ck_assert_int_eq(EVP_Digest(inner, sizeof inner, outer + 64, &len, EVP_sm3(), NULL), 1);
    ck_assert_int_eq(EVP_Digest(outer, sizeof outer, sum, &len, EVP_sm3(), NULL), 1);
    hz_hex(wanted, sum, sizeof sum);
    sum_of(hex, "sm3", HZ_SLICE_LIT(key), HZ_SLICE_LIT(text));
    ck_assert_str_eq(hex, wanted);
}
END_TEST

START_TEST(test_hmac__another_digest_is_refused)
{
    hz_hmac *hmac;
    hz_error err = {0};
    ck_assert_int_eq(hz_hmac_new(&hmac, "md5", HZ_SLICE_LIT("key"), &err), HZ_E_USAGE);
    ck_assert_ptr_null(hmac);
    hz_hmac_free(NULL);
    hz_wipe(NULL, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.hmac");
    TCase *tcase = unit_case(suite, "hmac");
    tcase_add_test(tcase, test_hmac__rfc_4231);
    tcase_add_test(tcase, test_hmac__sm3_by_definition);
    tcase_add_test(tcase, test_hmac__another_digest_is_refused);
    return unit_run(suite);
}
