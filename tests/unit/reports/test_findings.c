/* Suite reports.findings: findings as bytes and back; which forms are known; lines of the forms. Whole files: tests/cli
 * (behaviour.py, Findings) and tests/property/findings.py. */
#include "base/alloc.h"
#include "fixture.h"
#include "reports/findings/pack_int.h"

static const hz_render_options english = {.lang = HZ_LANG_EN};

static void put_json(hz_buf *out, const fixture *f, const hz_result_rule *rule, const hz_finding *finding)
{
    hz_buf scratch = HZ_BUF_INIT;
    hz_put_json_finding(out, &scratch, &f->result, &english, rule, finding);
    hz_buf_clear(&scratch);
}

static void comes_back(const fixture *f, const hz_result_rule *rule, const hz_finding *finding)
{
    hz_buf bytes = HZ_BUF_INIT, before = HZ_BUF_INIT, after = HZ_BUF_INIT;
    hz_found found = {.finding = finding, .rule = rule, .region = "520123", .unit = {HZ_SLICE_LIT("unit"), 0, false}};
    hz_found again;
    hz_arena *arena = hz_arena_new();
    char where[] = "户!C12"; /* gone before it is read back */
    hz_finding placed = *finding;
    placed.at.where = hz_slice_of(where);
    found.finding = &placed;
    put_json(&before, f, rule, &placed);
    hz_buf_puts(&bytes, "x"); /* no alignment is asked for */
    hz_found_pack(&bytes, &found);
    ck_assert_int_eq(bytes.status, HZ_OK);
    memset(where, 'x', strlen(where));
    ck_assert_int_eq(hz_found_unpack(&again, bytes.ptr + 1, arena, NULL), HZ_OK);
    put_json(&after, f, rule, again.finding);
    ck_assert_str_eq(before.ptr, after.ptr);
    ck_assert_str_eq(again.region, "520123");
    ck_assert(hz_slice_is(again.unit.text, "unit"));
    ck_assert_ptr_eq(again.rule, rule);
    hz_arena_free(arena);
    hz_buf_clear(&bytes);
    hz_buf_clear(&before);
    hz_buf_clear(&after);
}

START_TEST(test_findings__packed_come_back)
{
    fixture f;
    size_t count = 0;
    fixture_rich(&f);
    for (size_t i = 0; i < f.result.rules_count; i++)
        for (size_t k = 0; k < f.result.rules[i].examples_count; k++, count++)
            comes_back(&f, &f.result.rules[i], &f.result.rules[i].examples[k]);
    ck_assert_uint_gt(count, 3);
    fixture_close(&f);
}
END_TEST

START_TEST(test_findings__forms_by_suffix)
{
    hz_error err = {.status = HZ_OK};
    ck_assert_int_eq(hz_sinks_path_known("a/b.ndjson", NULL), HZ_OK);
    ck_assert_int_eq(hz_sinks_path_known("b.csv", NULL), HZ_OK);
    ck_assert_int_eq(hz_sinks_path_known(".csv", &err), HZ_E_USAGE); /* no name before it */
    ck_assert_int_eq(hz_sinks_path_known("b.docx", &err), HZ_E_USAGE);
    ck_assert_int_eq(err.message, HZ_MSG_FINDINGS_SUFFIX);
    ck_assert_int_eq(hz_sinks_annotate_known("b.csv", &err), HZ_E_USAGE);
#ifdef HZ_SQLITE
    ck_assert_int_eq(hz_sinks_path_known("b.sqlite", NULL), HZ_OK);
#else
    hz_error_clear(&err); /* the first mistake stays */
    ck_assert_int_eq(hz_sinks_path_known("b.sqlite", &err), HZ_E_USAGE);
    ck_assert_int_eq(err.message, HZ_MSG_FINDINGS_NOT_BUILT_IN);
#endif
    ck_assert_int_eq(hz_sinks_annotate_known("b.xlsx", NULL), HZ_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports.findings");
    TCase *tcase = tcase_create("findings");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_findings__packed_come_back);
    tcase_add_test(tcase, test_findings__forms_by_suffix);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
