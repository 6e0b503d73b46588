/* Suite expr.print: canonical text; parsing the print gives an equal tree. */
#include <check.h>

#include "tests/unit/expr/random_tree.h"

static hz_arena *arena;
static hz_diags diags;

static void open_all(void)
{
    arena = hz_arena_new();
    hz_diags_init(&diags, arena, 100);
}

static void close_all(void)
{
    hz_diags_clear(&diags);
    hz_arena_free(arena);
}

static hz_node *parse(hz_slice text, const hz_limits *limits)
{
    hz_expr expr;
    fixture_expr(&expr, arena, text);
    ck_assert_int_eq(hz_expr_parse(&expr, arena, limits, &diags, NULL), HZ_OK);
    return expr.root;
}

static const struct {
    const char *text, *print;
} prints[] = {
    {"a=1 AND NOT (b>2)", "a = 1 and not b > 2"},
    {"(a or b) and (c)", "(a or b) and c"},
    {"((a and b) and c)", "a and b and c"},
    {"a-(b-c)", "a - (b - c)"},
    {"(a-b)-c", "a - b - c"},
    {"(a+b)*c", "(a + b) * c"},
    {"a+(b*c)", "a + b * c"},
    {"- -a", "- -a"},
    {"-(-a)", "- -a"},
    {"-(a+b)", "-(a + b)"},
    {"a - -1", "a - -1"},
    {"(a = b) = c", "(a = b) = c"},
    {"(a is null) is null", "(a is null) is null"},
    {"(not a) = b", "(not a) = b"},
    {"a != b", "a <> b"},
    {".5+5.", "0.5 + 5"},
    {"1.50", "1.50"},
    {"'it''s'||\"a b\"", "'it''s' || \"a b\""},
    {"\"plain\"", "plain"},
    {"\"end\"", "\"end\""},
    {"\"this\".a", "\"this\".a"},
    {"this.\"this\"", "this.this"},
    {"a in list \"x\".y", "a in list x.y"},
    {"a in list 'GB/T 3304'", "a in list 'GB/T 3304'"},
    {"a in list 'x.y'", "a in list x.y"},
    {"a not IN(1,2)", "a not in (1, 2)"},
    {"COUNT( DISTINCT r , x WHERE y )", "count(distinct r, x where y)"},
    {"sum(r.f)", "sum(r.f)"},
    {"Exists(r)", "exists(r)"},
    {"case  a when 1 then 2 else 3 end", "case a when 1 then 2 else 3 end"},
    {"a = ANY ( array[ 1,2 ] )", "a = any(array[1, 2])"},
    {"date'2020-01-02'", "date '2020-01-02'"},
    {"interval '24' month", "interval '2' year"},
    {"interval '0' year", "interval '0' day"},
    {"timestamp '2020-01-02T03:04:05'", "timestamp '2020-01-02 03:04:05'"},
    {"a matches '[a''b]'", "a matches '[a''b]'"},
    {"TRIM(a)", "trim(a)"},
    {"a -- comment\n and b", "a and b"},
};

START_TEST(print_is_canonical)
{
    hz_buf out = HZ_BUF_INIT, again = HZ_BUF_INIT;
    hz_node *root = parse(hz_slice_of(prints[_i].text), hz_limits_default());
    ck_assert_ptr_nonnull(root);
    hz_expr_print(&out, root);
    ck_assert_str_eq(out.ptr, prints[_i].print);
    hz_expr_print(&again, parse(hz_buf_slice(&out), hz_limits_default()));
    ck_assert_str_eq(again.ptr, prints[_i].print);
    hz_buf_clear(&out);
    hz_buf_clear(&again);
}
END_TEST

/* The seed of a failure is in the message; each loop has its own thousand. */
START_TEST(print_parses_to_an_equal_tree)
{
    hz_limits limits;
    hz_limits_init(&limits);
    for (uint64_t seed = (uint64_t)_i * 1000; seed < ((uint64_t)_i + 1) * 1000; seed++) {
        hz_buf out = HZ_BUF_INIT;
        hz_arena_mark mark = hz_arena_marked(arena);
        random_tree random = {seed * UINT64_C(0x9e3779b97f4a7c15) + 1, arena};
        hz_node *tree = random_expr(&random, 1 + (int)(seed % 5));
        hz_expr_print(&out, tree);
        hz_node *again = parse(hz_buf_slice(&out), &limits);
        if (!again || !hz_node_equal(tree, again)) {
            hz_buf why = HZ_BUF_INIT;
            if (diags.count)
                hz_diag_render(&why, &diags.items[0], HZ_LANG_EN);
            ck_abort_msg("seed %llu: %s\n%s", (unsigned long long)seed, out.ptr, why.ptr ? why.ptr : "other tree");
        }
        hz_buf_clear(&out);
        hz_arena_rewind(arena, mark);
    }
}
END_TEST

/* A change anywhere is seen: otherwise the property above says nothing. */
START_TEST(equal_sees_every_difference)
{
    static const char *const texts[] = {
        "a",
        "b",
        "this.a",
        "a.b",
        ":a",
        "1",
        "1.0",
        "'1'",
        "null",
        "true",
        "false",
        "as_of",
        "date '2020-01-01'",
        "time '01:00:00'",
        "not a",
        "-a",
        "+a",
        "a and b",
        "a or b",
        "a = b",
        "a <> b",
        "a + b",
        "a - b",
        "a || b",
        "a <@ b",
        "a = any(b)",
        "a = all(b)",
        "a < any(b)",
        "a is null",
        "a is not null",
        "a is distinct from b",
        "a is not distinct from b",
        "a between b and c",
        "a not between b and c",
        "a in (b)",
        "a in (b, c)",
        "a not in (b)",
        "a in list b",
        "a not in list b",
        "a in list c",
        "a like b",
        "a not like b",
        "a matches 'b'",
        "a matches 'c'",
        "a not matches 'b'",
        "case when a then b end",
        "case a when a then b end",
        "case when a then b else c end",
        "length(a)",
        "upper(a)",
        "left(a, b)",
        "array[a]",
        "count(a)",
        "count(*)",
        "count(distinct a, b)",
        "count(a, b)",
        "count(a where b)",
        "sum(a, b)",
        "sum(a.b)",
        "exists(a)",
        "interval '1' day",
        "interval '1' month",
    };
    enum { COUNT = sizeof texts / sizeof texts[0] };
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            bool param = (!strcmp(texts[i], ":a") && !strcmp(texts[j], "a")) ||
                         (!strcmp(texts[i], "a") && !strcmp(texts[j], ":a"));
            bool equal = hz_node_equal(parse(hz_slice_of(texts[i]), hz_limits_default()),
                                       parse(hz_slice_of(texts[j]), hz_limits_default()));
            ck_assert_msg(equal == (i == j || param), "%s | %s", texts[i], texts[j]);
        }
}
END_TEST

START_TEST(names_are_quoted_when_they_need_it)
{
    static const char *const names[][2] = {{"a", "a"},         {"姓名", "姓名"},       {"end", "\"end\""},
                                           {"a b", "\"a b\""}, {"a\"b", "\"a\"\"b\""}, {"1", "\"1\""}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        hz_buf out = HZ_BUF_INIT;
        hz_expr_print_name(&out, hz_slice_of(names[i][0]));
        ck_assert_str_eq(out.ptr, names[i][1]);
        hz_buf_clear(&out);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expr.print");
    TCase *tcase = tcase_create("print");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, open_all, close_all);
    tcase_add_loop_test(tcase, print_is_canonical, 0, (int)(sizeof prints / sizeof prints[0]));
    tcase_add_loop_test(tcase, print_parses_to_an_equal_tree, 0, 20);
    tcase_add_test(tcase, equal_sees_every_difference);
    tcase_add_test(tcase, names_are_quoted_when_they_need_it);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
