/* Suite expr.cases: the case files of tests/data/expr. Error cases are compared whole, in both languages; of value
 * cases the front end checks the type and that the print of the tree parses to the same tree (their values are the
 * evaluators' business). */
#include <check.h>

#include "tests/unit/expr/cases.h"
#include "tests/unit/expr/scopes.h"

static const char *const value_files[] = {"logic", "numbers", "text", "dates", "arrays", "standards"};
static const char *const error_files[] = {"syntax", "names", "types"};

static value_case values[CASES_MAX];
static error_case errors[CASES_MAX];
static size_t values_count, errors_count;
static fixture fx;

static const char *path_of(const char *kind, const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/expr/%s_%s.txt", HZ_TEST_DATA, kind, name);
    return strdup(path);
}

static void render(hz_buf *out, const hz_diags *diags, hz_lang lang)
{
    hz_buf_reset(out);
    for (size_t i = 0; i < diags->count; i++)
        hz_diag_render(out, &diags->items[i], lang);
}

static void same_text(const error_case *want, hz_slice expected, const hz_buf *got, const char *lang)
{
    if (hz_slice_eq(expected, hz_buf_slice(got)))
        return;
    ck_abort_msg("%s:%u (%s): %.*s\nexpected:\n%.*s\ngot:\n%s", want->file, want->line, lang, HZ_SLICE_FMT(want->expr),
                 HZ_SLICE_FMT(expected), got->ptr ? got->ptr : "(nothing)\n");
}

START_TEST(error_case_is_worded)
{
    const error_case *want = &errors[_i];
    hz_expr expr, key;
    hz_diags diags;
    hz_buf out = HZ_BUF_INIT;
    hz_diags_init(&diags, fx.arena, 100);
    hz_scope scope = scopes_of(&fx, want->on, want->scope, &key, &diags);
    fixture_expr(&expr, fx.arena, want->expr);
    ck_assert_int_eq(hz_expr_parse(&expr, fx.arena, hz_limits_default(), &diags, NULL), HZ_OK);
    ck_assert_int_eq(hz_expr_check(&expr, &scope, scopes_type(want->want), fx.arena, &diags, NULL), HZ_OK);
    ck_assert_ptr_null(expr.root);
    hz_diags_sort(&diags);
    render(&out, &diags, HZ_LANG_ZH);
    same_text(want, want->zh, &out, "zh");
    render(&out, &diags, HZ_LANG_EN);
    same_text(want, want->en, &out, "en");
    hz_diags_clear(&diags);
    hz_buf_clear(&out);
}
END_TEST

/* ---- values ---- */

/* The fields and parameters of the case as a model. */
static void model_of(hz_buf *out, const value_case *want)
{
    for (size_t i = 0; i < want->params_count; i++)
        hz_buf_printf(out, "param %.*s %.*s\n", HZ_SLICE_FMT(want->params[i].name), HZ_SLICE_FMT(want->params[i].type));
    hz_buf_puts(out, "table row\n");
    for (size_t i = 0; i < want->fields_count; i++)
        hz_buf_printf(out, "%.*s %.*s\n", HZ_SLICE_FMT(want->fields[i].name), HZ_SLICE_FMT(want->fields[i].type));
}

static const char *type_text(const hz_node *node)
{
    static char text[32];
    bool array = node->type == HZ_TYPE_ARRAY;
    snprintf(text, sizeof text, "%s%s", hz_type_name(array ? node->item_type : node->type), array ? "[]" : "");
    return text;
}

static void fail_case(const value_case *want, const hz_diags *diags, const char *what, const char *got)
{
    hz_buf out = HZ_BUF_INIT;
    render(&out, diags, HZ_LANG_EN);
    ck_abort_msg("%s:%u: %.*s: %s %s\n%s", want->file, want->line, HZ_SLICE_FMT(want->expr), what, got,
                 out.ptr ? out.ptr : "");
}

START_TEST(value_case_has_its_type_and_prints)
{
    const value_case *want = &values[_i];
    fixture own;
    hz_buf model = HZ_BUF_INIT, print = HZ_BUF_INIT;
    hz_expr expr, again;
    hz_diags diags;
    model_of(&model, want);
    fixture_open(&own, hz_buf_slice(&model), false);
    own.lists = fx.lists;
    hz_diags_init(&diags, own.arena, 100);
    hz_scope scope = scopes_of(&own, HZ_SLICE_LIT("row"), HZ_SLICE_LIT("row"), NULL, &diags);
    fixture_expr(&expr, own.arena, want->expr);
    ck_assert_int_eq(hz_expr_parse(&expr, own.arena, hz_limits_default(), &diags, NULL), HZ_OK);
    hz_expr_print(&print, expr.root);
    fixture_expr(&again, own.arena, hz_buf_slice(&print));
    ck_assert_int_eq(hz_expr_parse(&again, own.arena, hz_limits_default(), &diags, NULL), HZ_OK);
    if (!expr.root || !again.root || !hz_node_equal(expr.root, again.root))
        fail_case(want, &diags, "does not print as itself:", print.ptr ? print.ptr : "");
    ck_assert_int_eq(hz_expr_check(&expr, &scope, HZ_TYPE_NULL, own.arena, &diags, NULL), HZ_OK);
    if (!expr.root)
        fail_case(want, &diags, "is refused", "");
    if (!hz_slice_is(want->type, type_text(expr.root)))
        fail_case(want, &diags, "has type", type_text(expr.root));
    own.lists = NULL;
    hz_diags_clear(&diags);
    fixture_close(&own);
    hz_buf_clear(&model);
    hz_buf_clear(&print);
}
END_TEST

int main(void)
{
    for (size_t i = 0; i < sizeof value_files / sizeof value_files[0]; i++)
        values_count = read_value_cases(values, values_count, path_of("values", value_files[i]));
    for (size_t i = 0; i < sizeof error_files / sizeof error_files[0]; i++)
        errors_count = read_error_cases(errors, errors_count, path_of("errors", error_files[i]));
    fixture_open(&fx, hz_slice_of(fixture_model), true);
    Suite *suite = suite_create("expr.cases");
    TCase *tc_errors = tcase_create("errors"), *tc_values = tcase_create("values");
    tcase_set_timeout(tc_errors, 60);
    tcase_set_timeout(tc_values, 60);
    tcase_add_loop_test(tc_errors, error_case_is_worded, 0, (int)errors_count);
    tcase_add_loop_test(tc_values, value_case_has_its_type_and_prints, 0, (int)values_count);
    suite_add_tcase(suite, tc_errors);
    suite_add_tcase(suite, tc_values);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    fixture_close(&fx);
    return failed || values_count < 150 || errors_count < 60;
}
