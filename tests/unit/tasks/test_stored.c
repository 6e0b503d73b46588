/* A report read back: its shape, its digest, what is wrong with others. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "validator/tasks/stored.h"

static const char *const report = HZ_SOURCE_DIR "/tests/cli/shared/result.json";

START_TEST(test_stored__report)
{
    hz_stored stored;
    uint8_t digest[32];
    ck_assert_int_eq(hz_stored_open(&stored, report, NULL, NULL), HZ_OK);
    ck_assert_ptr_nonnull(stored.rules);
    ck_assert_ptr_nonnull(stored.waivers);
    ck_assert_ptr_null(stored.run);
    ck_assert_uint_gt(stored.rules->count, 5);
    ck_assert(hz_slice_is(hz_jtext(hz_jget(stored.profile, "id")), "test.household"));
    ck_assert_int_eq(hz_stored_digest(digest, &stored, NULL), HZ_OK);
    hz_stored_close(&stored);
}
END_TEST

static const struct {
    const char *from, *to;
    hz_msg_id message;
} changes[] = {
    {"\"report\": 1", "\"report\": 9", HZ_MSG_STORED_NUMBER},
    {"\"report\": 1", "\"rapport\": 1", HZ_MSG_STORED_NO_REPORT},
    {"\"rules\":", "\"rulez\":", HZ_MSG_STORED_MISSING},
    {"\"conformant\": true", "\"conformant\": 1", HZ_MSG_STORED_IS_BOOLEAN},
    {"\"grade\": \"A\"", "\"grade\": null", HZ_MSG_STORED_IS_TEXT},
    {"\"evaluated\": ", "\"evaluated\": -", HZ_MSG_STORED_IS_COUNT},
    {"\"error_rate\": 0", "\"error_rate\": null", HZ_MSG_STORED_IS_NUMBER},
    {"\"ignored\": []", "\"ignored\": [1]", HZ_MSG_STORED_IS_ARRAY},
    {"\"drafts\": []", "\"drafts\": [7]", HZ_MSG_STORED_IS_OBJECT},
    {"\"waivers\": []", "\"waivers\": {}", HZ_MSG_STORED_IS_ARRAY},
};

START_TEST(test_stored__wrong)
{
    hz_buf text = HZ_BUF_INIT, changed = HZ_BUF_INIT;
    hz_stored stored;
    hz_error err = {0};
    ck_assert_int_eq(hz_file_read_all(&text, report, 1 << 24, "t", NULL), HZ_OK);
    const char *at = strstr(text.ptr, changes[_i].from);
    ck_assert_ptr_nonnull(at);
    hz_buf_put(&changed, hz_slice_sub(hz_buf_slice(&text), 0, (size_t)(at - text.ptr)));
    hz_buf_puts(&changed, changes[_i].to);
    hz_buf_puts(&changed, at + strlen(changes[_i].from));
    ck_assert_int_eq(hz_stored_read(&stored, HZ_SLICE_LIT("r.json"), &changed, NULL, &err), HZ_E_SOURCE);
    ck_assert_str_eq(hz_msg_name(err.message), hz_msg_name(changes[_i].message));
    hz_stored_close(&stored);
    hz_buf_clear(&text);
    hz_buf_clear(&changed);
}
END_TEST

START_TEST(test_stored__limit_and_memory)
{
    hz_limits limits = *hz_limits_default();
    hz_stored stored;
    hz_error err = {0};
    limits.value[HZ_LIMIT_RESULT_BYTES] = 100;
    ck_assert_int_eq(hz_stored_open(&stored, report, &limits, &err), HZ_E_LIMIT);
    hz_stored_close(&stored);
    for (uint64_t n = 1;; n += 7) {
        hz_error_clear(&err);
        hz_mem_fail_after(n, true);
        hz_status st = hz_stored_open(&stored, report, NULL, &err);
        hz_mem_fail_after(0, false);
        hz_stored_close(&stored);
        if (st == HZ_OK)
            break;
        ck_assert_int_eq(st, HZ_E_NOMEM);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.stored");
    TCase *tcase = tcase_create("stored");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_stored__report);
    tcase_add_loop_test(tcase, test_stored__wrong, 0, (int)(sizeof changes / sizeof *changes));
    tcase_add_test(tcase, test_stored__limit_and_memory);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
