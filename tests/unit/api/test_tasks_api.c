/* A profile's own tests, and what there is to say about it, through the public interface. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "validator/api/hezhun.h"

static char path[] = "tasks-api-XXXXXX";
static hezhun_error *err;
static hezhun_context *context;
static hezhun_profile *profile;

static void setup(void)
{
    static const char text[] = "hezhun: 1\nprofile: test.api\nversion: 1.2.3\n"
                               "params: {least: {type: integer, default: 1}}\n"
                               "tables: {row: {fields: {n: {type: integer}}}}\n"
                               "rules: {R: {on: row, assert: n >= least, tests: {pass: [{row: {n: 1}}], "
                               "fail: [{row: {n: 0}}]}}}\n";
    memcpy(path + 10, "XXXXXX", 6);
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "wb");
    ck_assert_uint_eq(fwrite(text, 1, sizeof text - 1, file), sizeof text - 1);
    ck_assert_int_eq(fclose(file), 0);
    err = hezhun_error_new();
    hezhun_context_options how = HEZHUN_CONTEXT_OPTIONS_INIT;
    how.lang = HEZHUN_EN;
    ck_assert_int_eq(hezhun_context_open(&context, &how, err), HEZHUN_OK);
    ck_assert_int_eq(hezhun_profile_load(&profile, context, path, NULL, err), HEZHUN_OK);
}

static void teardown(void)
{
    hezhun_profile_free(profile);
    hezhun_context_close(context);
    hezhun_error_free(err);
    (void)unlink(path);
}

START_TEST(test_tasks_api__tests_hold_and_do_not)
{
    hezhun_tests *tests, *more;
    uint64_t all = 0, held = 0;
    ck_assert_int_eq(hezhun_test(&tests, profile, NULL, err), HEZHUN_OK);
    ck_assert(hezhun_tests_held(tests, &all, &held));
    ck_assert_uint_eq(all, 2);
    ck_assert_uint_eq(held, 2);
    hezhun_param param = {"least", "2"};
    hezhun_test_options how = HEZHUN_TEST_OPTIONS_INIT;
    how.params = &param;
    how.params_count = 1;
    ck_assert_int_eq(hezhun_test(&more, profile, &how, err), HEZHUN_OK);
    ck_assert(!hezhun_tests_held(more, NULL, &held));
    ck_assert_uint_eq(held, 1);
    const hezhun_tests *both[] = {tests, more};
    hezhun_bytes out;
    for (size_t i = 0; hezhun_tests_format(i); i++) {
        ck_assert_int_eq(hezhun_tests_render(&out, both, 2, hezhun_tests_format(i), NULL, err), HEZHUN_OK);
        ck_assert_ptr_nonnull(strstr(out.ptr, "test.api"));
        hezhun_bytes_free(&out);
    }
    ck_assert_int_eq(hezhun_tests_render(&out, both, 2, "tex", NULL, err), HEZHUN_E_USAGE);
    ck_assert_ptr_null(out.ptr);
    hezhun_tests_free(tests);
    hezhun_tests_free(more);
    hezhun_tests_free(NULL);
}
END_TEST

START_TEST(test_tasks_api__wrong_options)
{
    hezhun_tests *tests = (hezhun_tests *)1;
    hezhun_test_options how = HEZHUN_TEST_OPTIONS_INIT;
    how.as_of = "2020-13-01";
    ck_assert_int_eq(hezhun_test(&tests, profile, &how, err), HEZHUN_E_USAGE);
    ck_assert_ptr_null(tests);
    how.as_of = NULL;
    hezhun_param param = {"most", "2"};
    how.params = &param;
    how.params_count = 1;
    ck_assert_int_eq(hezhun_test(&tests, profile, &how, err), HEZHUN_E_USAGE);
    param.name = NULL;
    ck_assert_int_eq(hezhun_test(&tests, profile, &how, err), HEZHUN_E_USAGE);
    how.version = 99;
    ck_assert_int_eq(hezhun_test(&tests, profile, &how, err), HEZHUN_E_USAGE);
    ck_assert_int_eq(hezhun_test(&tests, NULL, NULL, err), HEZHUN_E_USAGE);
}
END_TEST

START_TEST(test_tasks_api__cancel)
{
    hezhun_tests *tests;
    hezhun_cancel *cancel = hezhun_cancel_new();
    hezhun_test_options how = HEZHUN_TEST_OPTIONS_INIT;
    how.cancel = cancel;
    hezhun_cancel_raise(cancel);
    ck_assert_int_eq(hezhun_test(&tests, profile, &how, err), HEZHUN_E_CANCELLED);
    ck_assert_ptr_null(tests);
    hezhun_cancel_free(cancel);
}
END_TEST

START_TEST(test_tasks_api__lint)
{
    hezhun_lint *lint;
    hezhun_bytes out;
    ck_assert_int_eq(hezhun_lint_run(&lint, context, path, err), HEZHUN_OK);
    ck_assert(hezhun_lint_loads(lint));
    ck_assert_uint_eq(hezhun_lint_count(lint, HEZHUN_LEVEL_ERROR), 0);
    ck_assert_uint_eq(hezhun_lint_count(lint, HEZHUN_LEVEL_WARNING), 1); /* no message */
    ck_assert_uint_eq(hezhun_lint_count(lint, HEZHUN_LEVEL_HINT), 4);    /* titles */
    const hezhun_lint *all[] = {lint};
    for (size_t i = 0; hezhun_lint_format(i); i++) {
        ck_assert_int_eq(hezhun_lint_render(&out, all, 1, hezhun_lint_format(i), HEZHUN_EN, false, err), HEZHUN_OK);
        ck_assert_ptr_nonnull(strstr(out.ptr, "L030"));
        hezhun_bytes_free(&out);
    }
    ck_assert_int_eq(hezhun_lint_render(&out, all, 1, "html", HEZHUN_EN, false, err), HEZHUN_E_USAGE);
    hezhun_lint_free(lint);
    ck_assert_int_eq(hezhun_lint_run(&lint, context, "nowhere.yaml", err), HEZHUN_E_PROFILE);
    ck_assert_ptr_null(lint);
    hezhun_lint_free(NULL);
}
END_TEST

START_TEST(test_tasks_api__doc)
{
    hezhun_bytes out;
    const hezhun_profile *all[] = {profile, profile};
    for (size_t i = 0; hezhun_doc_format(i); i++)
        for (int lang = HEZHUN_ZH; lang <= HEZHUN_EN; lang++) {
            ck_assert_int_eq(hezhun_doc(&out, all, 2, hezhun_doc_format(i), (hezhun_lang)lang, err), HEZHUN_OK);
            ck_assert_ptr_nonnull(strstr(out.ptr, lang == HEZHUN_EN ? "## Rules" : "## 规则"));
            hezhun_bytes_free(&out);
        }
    ck_assert_int_eq(hezhun_doc(&out, all, 1, "html", HEZHUN_EN, err), HEZHUN_E_USAGE);
    ck_assert_int_eq(hezhun_doc(&out, NULL, 1, "md", HEZHUN_EN, err), HEZHUN_E_USAGE);
    ck_assert_int_eq(hezhun_doc(NULL, all, 1, "md", HEZHUN_EN, err), HEZHUN_E_USAGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("api.tasks");
    TCase *tc = tcase_create("tasks");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_tasks_api__tests_hold_and_do_not);
    tcase_add_test(tc, test_tasks_api__wrong_options);
    tcase_add_test(tc, test_tasks_api__cancel);
    tcase_add_test(tc, test_tasks_api__lint);
    tcase_add_test(tc, test_tasks_api__doc);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
