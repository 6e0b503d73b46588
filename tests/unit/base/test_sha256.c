#include "base/sha256.h"

#include "base/alloc.h"
#include "tests/unit/base/unit.h"

/* The examples of FIPS 180-4 for SHA-256 as NIST publishes them, and the empty message. */
static const struct {
    const char *text, *digest;
} rows[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(test_sha256__published_examples)
{
    uint8_t digest[32];
    char hex[65];
    hz_slice text = hz_slice_of(rows[_i].text);
    ck_assert(hz_sha256_bytes(digest, text));
    hz_hex(hex, digest, sizeof digest);
    ck_assert_str_eq(hex, rows[_i].digest);
    hz_sha256 *sha = hz_sha256_new();
    for (size_t i = 0; i < text.len; i++)
        ck_assert(hz_sha256_update(sha, text.ptr + i, 1));
    ck_assert(hz_sha256_final(sha, digest));
    hz_sha256_free(sha);
    hz_hex(hex, digest, sizeof digest);
    ck_assert_str_eq(hex, rows[_i].digest);
}
END_TEST

START_TEST(test_sha256__no_memory)
{
    uint8_t digest[32];
    hz_mem_fail_after(1, true);
    ck_assert_ptr_null(hz_sha256_new());
    ck_assert(!hz_sha256_bytes(digest, HZ_SLICE_LIT("abc")));
    hz_mem_fail_after(0, false);
    hz_sha256_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.sha256");
    TCase *tcase = unit_case(suite, "sha256");
    tcase_add_loop_test(tcase, test_sha256__published_examples, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tcase, test_sha256__no_memory);
    return unit_run(suite);
}
