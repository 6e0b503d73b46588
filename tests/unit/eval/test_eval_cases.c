/* Every value case of tests/data/expr and tests/data/eval: type and value, in one batch, row by row and by the plain
 * program. */
#include <check.h>
#include <glob.h>

#include "tests/unit/eval/eval_kit.h"

static value_case cases[CASES_MAX];
static size_t cases_count;

static void read_all(const char *pattern)
{
    glob_t found;
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
#ifndef HZ_WITH_ICU
        if (strstr(found.gl_pathv[i], "icu"))
            continue;
#endif
        cases_count = read_value_cases(cases, cases_count, strdup(found.gl_pathv[i]));
    }
    globfree(&found);
}

static void check_case(const value_case *c, hz_eval *eval)
{
    eval_kit kit;
    kit_cell cells[CASE_FIELDS_MAX];
    hz_buf why = HZ_BUF_INIT, out = HZ_BUF_INIT, type = HZ_BUF_INIT;
    kit_open(&kit, c->fields, c->fields_count, c->params, c->params_count, c->as_of);
    for (size_t f = 0; f < c->fields_count; f++)
        cells[f] = (kit_cell){c->fields[f].state, c->fields[f].text};
    kit.cells = cells;
    hz_node *root = kit_parse(&kit, c->expr, &why);
    ck_assert_msg(root != NULL, "%s:%u: %.*s", c->file, c->line, HZ_SLICE_FMT(why));
#ifndef HZ_WITH_ICU
    if (hz_program_missing_part(root))
        goto out;
#endif
    kit_put_type(&type, root);
    ck_assert_msg(hz_slice_eq(hz_buf_slice(&type), c->type), "%s:%u: type %.*s", c->file, c->line, HZ_SLICE_FMT(type));
    hz_status st = kit_evaluate(&kit, root, eval, 1, &out, '\n', &why);
    ck_assert_msg(st == HZ_OK, "%s:%u: %.*s", c->file, c->line, HZ_SLICE_FMT(why));
    out.len--;
    ck_assert_msg(hz_slice_eq(hz_buf_slice(&out), c->value), "%s:%u: %.*s gives %.*s, not %.*s", c->file, c->line,
                  HZ_SLICE_FMT(c->expr), HZ_SLICE_FMT(out), HZ_SLICE_FMT(c->value));
#ifndef HZ_WITH_ICU
out:
#endif
    hz_buf_clear(&why);
    hz_buf_clear(&out);
    hz_buf_clear(&type);
    kit_close(&kit);
}

START_TEST(test_eval__value_cases)
{
    hz_eval *eval = hz_eval_new();
    read_all(HZ_TEST_DATA "/expr/values_*.txt");
    size_t shared = cases_count;
    read_all(HZ_TEST_DATA "/eval/values_*.txt");
    ck_assert_uint_gt(shared, 200);
    ck_assert_uint_gt(cases_count, shared);
    for (size_t i = 0; i < cases_count; i++)
        check_case(&cases[i], eval);
    hz_eval_free(eval);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.cases");
    TCase *tcase = tcase_create("values");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_eval__value_cases);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
