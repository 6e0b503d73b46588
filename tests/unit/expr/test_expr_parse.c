/* Suite expr.parse: structure, spans, limits, memory. */
#include <check.h>

#include "base/alloc.h"
#include "tests/unit/expr/fixture.h"

static hz_arena *arena;
static hz_diags diags;
static hz_limits limits;

static void open_all(void)
{
    arena = hz_arena_new();
    hz_limits_init(&limits);
    hz_diags_init(&diags, arena, 100);
}

static void close_all(void)
{
    hz_diags_clear(&diags);
    hz_arena_free(arena);
}

static hz_expr parse(hz_slice text)
{
    hz_expr expr;
    fixture_expr(&expr, arena, text);
    ck_assert_int_eq(hz_expr_parse(&expr, arena, &limits, &diags, NULL), HZ_OK);
    return expr;
}

/* ---- structure: every operator in its own brackets ---- */

static void dump(hz_buf *out, const hz_node *node)
{
    static const char *const kinds[] = {
        [HZ_NODE_NOT] = "not",           [HZ_NODE_NEG] = "neg",         [HZ_NODE_POS] = "pos",
        [HZ_NODE_AND] = "and",           [HZ_NODE_OR] = "or",           [HZ_NODE_CONCAT] = "||",
        [HZ_NODE_CONTAINED] = "<@",      [HZ_NODE_QUANTIFIED] = "any",  [HZ_NODE_IS_NULL] = "null?",
        [HZ_NODE_DISTINCT] = "distinct", [HZ_NODE_BETWEEN] = "between", [HZ_NODE_IN] = "in",
        [HZ_NODE_IN_LIST] = "list",      [HZ_NODE_LIKE] = "like",       [HZ_NODE_MATCHES] = "matches",
        [HZ_NODE_CASE] = "case",         [HZ_NODE_ARRAY] = "array",
    };
    if (!node) {
        hz_buf_putc(out, '_');
        return;
    }
    if (node->kind == HZ_NODE_LITERAL || node->kind == HZ_NODE_AS_OF || node->kind == HZ_NODE_PARAM ||
        node->kind == HZ_NODE_NAME) {
        hz_expr_print(out, node);
        return;
    }
    hz_buf_puts(out, node->negated ? "(!" : "(");
    if (node->kind == HZ_NODE_COMPARE || node->kind == HZ_NODE_ARITH)
        hz_buf_puts(out, hz_op_name(node->op));
    else if (node->kind == HZ_NODE_CALL)
        hz_buf_puts(out, hz_function_name(node->function));
    else if (node->kind == HZ_NODE_AGGREGATE)
        hz_buf_printf(out, "%s%s %s", hz_aggregate_name(node->agg), node->agg == HZ_AGG_COUNT_DISTINCT ? "!" : "",
                      node->star ? "*" : "");
    else
        hz_buf_puts(out, kinds[node->kind]);
    if (node->kind == HZ_NODE_AGGREGATE)
        for (uint32_t i = 0; i < node->names_count; i++)
            hz_buf_printf(out, "%s%.*s", i ? "." : "", HZ_SLICE_FMT(node->names[i]));
    if (node->kind == HZ_NODE_CASE)
        hz_buf_printf(out, "%s%s", node->has_subject ? "?" : "", node->has_else ? ":" : "");
    if (node->text.len)
        hz_buf_printf(out, " %.*s", HZ_SLICE_FMT(node->text));
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_buf_putc(out, ' ');
        dump(out, node->items[i]);
    }
    hz_buf_putc(out, ')');
}

static const struct {
    const char *text, *tree;
} trees[] = {
    {"a or b and c", "(or a (and b c))"},
    {"a and b or c and d", "(or (and a b) (and c d))"},
    {"a and (b and c) and d", "(and a b c d)"},
    {"a or (b or c)", "(or a b c)"},
    {"a and (b or c)", "(and a (or b c))"},
    {"not a and b", "(and (not a) b)"},
    {"not a = b", "(not (= a b))"},
    {"not not a", "(not (not a))"},
    {"a = b is null", "(null? (= a b))"},
    {"a = (b is null)", "(= a (null? b))"},
    {"not a is null", "(not (null? a))"},
    {"a is not null", "(!null? a)"},
    {"a is distinct from b = c", "(distinct a (= b c))"},
    {"a is not distinct from b", "(!distinct a b)"},
    {"a < b + 1", "(< a (+ b 1))"},
    {"a between 1 and 2 = b", "(= (between a 1 2) b)"},
    {"a = b in (1)", "(= a (in b 1))"},
    {"a between b + 1 and c || d and e", "(and (between a (+ b 1) (|| c d)) e)"},
    {"a not between 1 and 2", "(!between a 1 2)"},
    {"a || b like c || d", "(like (|| a b) (|| c d))"},
    {"a not like 'x'", "(!like a 'x')"},
    {"a not in (1, 2 + 3)", "(!in a 1 (+ 2 3))"},
    {"a in list x.y", "(list x.y a)"},
    {"a not in list 'GB/T 1'", "(!list GB/T 1 a)"},
    {"a IN LIST \"x\".y", "(list x.y a)"},
    {"list in list list", "(list list list)"},
    {"a matches 'x''y'", "(matches x'y a)"},
    {"a || b || c", "(|| (|| a b) c)"},
    {"a <@ b || c", "(|| (<@ a b) c)"},
    {"a + b || c * d", "(|| (+ a b) (* c d))"},
    {"a - b - c", "(- (- a b) c)"},
    {"a - (b - c)", "(- a (- b c))"},
    {"a / b * c", "(* (/ a b) c)"},
    {"-a * b", "(* (neg a) b)"},
    {"- - a + +b", "(+ (neg (neg a)) (pos b))"},
    {"-a.b", "(neg a.b)"},
    {"a = any(b)", "(any a b)"},
    {"a <> all(b || c)", "(!any a (|| b c))"},
    {"1 = a and 2 = any(b)", "(and (= 1 a) (any 2 b))"},
    {"case when a then b end", "(case a b)"},
    {"case a when b then c when d then e else f end", "(case?: a b c d e f)"},
    {"case case when a then b end when c then d end", "(case? (case a b) c d)"},
    {"array[1, array[2]]", "(array 1 (array 2))"},
    {"f(a)", NULL},
    {"length(a) + LENGTH(b)", "(+ (length a) (length b))"},
    {"left(a, -1)", "(left a (neg 1))"},
    {"count(*)", "(count * _ _)"},
    {"count(* where a)", "(count * _ a)"},
    {"count(r)", "(count r _ _)"},
    {"Count(Distinct r, a)", "(count! r a _)"},
    {"sum(r.s.f)", "(sum r.s.f _ _)"},
    {"sum(r, a + b where c and d)", "(sum r (+ a b) (and c d))"},
    {"every(r, a = 1)", "(every r (= a 1) _)"},
    {"exists(r where count(s) > 1)", "(exists r _ (> (count s _ _) 1))"},
    {"count + sum", "(+ count sum)"},
    {"date", "date"},
    {"date = date '2020-01-01'", "(= date date '2020-01-01')"},
    {"date.time", "date.time"},
    {"this.a", "this.a"},
    {"this", "this"},
    {"\"this\".a", "\"this\".a"},
    {"interval '12' MONTH", "interval '1' year"},
    {"interval '+7' day", "interval '7' day"},
    {"interval '-13' month", "interval '-13' month"},
    {"time '8:00:00'", NULL},
    {"timestamp '2020-01-02T03:04:05.5'", "timestamp '2020-01-02 03:04:05.500000'"},
    {":p = :\"a b\"", "(= :p :\"a b\")"},
    {"as_of - 1", "(- as_of 1)"},
    {"(((a)))", "a"},
    {"a -- x\n= -- y\nb", "(= a b)"},
};

START_TEST(structure_follows_the_grammar)
{
    hz_expr expr = parse(hz_slice_of(trees[_i].text));
    hz_buf out = HZ_BUF_INIT;
    if (trees[_i].tree) {
        ck_assert_msg(expr.root, "%s", trees[_i].text);
        dump(&out, expr.root);
        ck_assert_str_eq(out.ptr, trees[_i].tree);
    } else {
        ck_assert_ptr_null(expr.root);
        ck_assert_uint_eq(diags.errors_count, 1);
    }
    hz_buf_clear(&out);
}
END_TEST

/* ---- spans ---- */

static hz_slice span(const hz_expr *expr, uint32_t offset, uint32_t len)
{
    return hz_slice_sub(expr->text, offset, offset + len);
}

START_TEST(nodes_keep_their_bytes)
{
    hz_expr expr = parse(HZ_SLICE_LIT("(姓名 || 'x') is  not  null and (a + b) * c not in ( 1 )"));
    const hz_node *root = expr.root, *is = root->items[0], *in = root->items[1];
    ck_assert(hz_slice_eq(span(&expr, root->offset, root->len), expr.text));
    ck_assert(hz_slice_is(span(&expr, is->offset, is->len), "(姓名 || 'x') is  not  null"));
    ck_assert(hz_slice_is(span(&expr, is->op_offset, is->op_len), "is  not  null"));
    ck_assert(hz_slice_is(span(&expr, is->items[0]->offset, is->items[0]->len), "姓名 || 'x'"));
    ck_assert(hz_slice_is(span(&expr, in->op_offset, in->op_len), "not in"));
    ck_assert(hz_slice_is(span(&expr, in->items[0]->offset, in->items[0]->len), "(a + b) * c"));
    ck_assert(hz_slice_is(span(&expr, in->items[0]->op_offset, in->items[0]->op_len), "*"));
    ck_assert(hz_slice_is(span(&expr, root->op_offset, root->op_len), "and"));
}
END_TEST

static void count_ids(const hz_node *node, unsigned *seen)
{
    if (!node)
        return;
    seen[node->id]++;
    for (uint32_t i = 0; i < node->items_count; i++)
        count_ids(node->items[i], seen);
}

START_TEST(ids_are_unique_and_dense)
{
    hz_expr expr = parse(HZ_SLICE_LIT("case a when 1 then count(r, x where y) else f + -g end in (1, 2, 3)"));
    unsigned seen[64] = {0};
    ck_assert_uint_le(expr.nodes_count, 64);
    count_ids(expr.root, seen);
    for (uint32_t i = 0; i < expr.nodes_count; i++)
        ck_assert_uint_eq(seen[i], 1);
}
END_TEST

/* ---- limits: on it, and one past it ---- */

static void repeat(hz_buf *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        hz_buf_puts(out, text);
}

static void is_limited(const hz_buf *text, const char *limit)
{
    hz_buf out = HZ_BUF_INIT;
    hz_diags_clear(&diags);
    hz_expr expr = parse(hz_buf_slice(text));
    ck_assert_ptr_null(expr.root);
    ck_assert_uint_eq(diags.count, 1);
    hz_diag_render(&out, &diags.items[0], HZ_LANG_EN);
    ck_assert_msg(strstr(out.ptr, limit) != NULL, "%s", out.ptr);
    hz_buf_clear(&out);
}

/* What is deep: `open` n times, `middle`, `close` n times; `base` is the depth without any. */
static const struct {
    const char *open, *middle, *close;
    size_t base;
} deep[] = {
    {"(", "a", ")", 1},      {"not ", "a", "", 1},
    {"- ", "a", "", 1},      {"abs(", "a", ")", 1},
    {"", "a", " + a", 1},    {"", "a", " || a", 1},
    {"array[", "a", "]", 1}, {"case when ", "a", " then b end", 1},
    {"a in (", "a", ")", 1}, {"count(r where ", "a", ")", 1},
};

START_TEST(depth_has_a_limit)
{
    hz_buf text = HZ_BUF_INIT;
    limits.value[HZ_LIMIT_EXPR_DEPTH] = 40;
    size_t most = 40 - deep[_i].base;
    repeat(&text, deep[_i].open, most);
    hz_buf_puts(&text, deep[_i].middle);
    repeat(&text, deep[_i].close, most);
    ck_assert_ptr_nonnull(parse(hz_buf_slice(&text)).root);
    hz_buf_reset(&text);
    repeat(&text, deep[_i].open, most + 1);
    hz_buf_puts(&text, deep[_i].middle);
    repeat(&text, deep[_i].close, most + 1);
    is_limited(&text, "expr_depth");
    hz_buf_clear(&text);
}
END_TEST

START_TEST(nodes_have_a_limit)
{
    hz_buf text = HZ_BUF_INIT;
    limits.value[HZ_LIMIT_EXPR_NODES] = 101;
    hz_buf_puts(&text, "a");
    repeat(&text, " and a", 99);
    ck_assert_ptr_nonnull(parse(hz_buf_slice(&text)).root); /* 100 names and their `and` */
    hz_buf_puts(&text, " and a");
    is_limited(&text, "expr_nodes");
    hz_buf_clear(&text);
}
END_TEST

START_TEST(bytes_have_a_limit)
{
    hz_buf text = HZ_BUF_INIT;
    limits.value[HZ_LIMIT_EXPR_BYTES] = 50;
    hz_buf_puts(&text, "a");
    repeat(&text, " ", 49);
    ck_assert_ptr_nonnull(parse(hz_buf_slice(&text)).root);
    hz_buf_puts(&text, " ");
    is_limited(&text, "expr_bytes");
    hz_buf_clear(&text);
}
END_TEST

START_TEST(patterns_have_a_limit)
{
    hz_buf text = HZ_BUF_INIT;
    limits.value[HZ_LIMIT_PATTERN_BYTES] = 10;
    hz_buf_puts(&text, "a matches '0123456789'");
    ck_assert_ptr_nonnull(parse(hz_buf_slice(&text)).root);
    hz_buf_reset(&text);
    hz_buf_puts(&text, "a matches '01234567890'");
    is_limited(&text, "pattern_bytes");
    hz_buf_clear(&text);
}
END_TEST

/* ---- what is not text ---- */

START_TEST(bytes_that_are_no_utf8_are_a_mistake)
{
    hz_expr expr = parse((hz_slice){"a = '\xff'", 7});
    ck_assert_ptr_null(expr.root);
    ck_assert_uint_eq(diags.items[0].span.offset, 5);
    ck_assert_int_eq(diags.items[0].message, HZ_MSG_EXPR_NOT_UTF8);
}
END_TEST

START_TEST(a_mistake_is_reported_once)
{
    hz_expr expr = parse(HZ_SLICE_LIT("((((a = = b) and and) or or"));
    ck_assert_ptr_null(expr.root);
    ck_assert_uint_eq(diags.count, 1);
}
END_TEST

/* ---- memory ---- */

START_TEST(every_failed_allocation_is_reported)
{
    static const char text[] =
        "case \"a\"\"b\" when 'it''s' then count(r, x.y.z.w where p in (1, 2, 3, 4, 5)) else :\"p\"\"q\" end "
        "matches 'a''b' or 'x' in list a.b.c and a + 1.5 > lenght(";
    bool ended = false;
    for (uint64_t n = 1; !ended && n < 1000; n++) {
        hz_expr expr;
        hz_error err = {.status = HZ_OK};
        hz_arena *own = hz_arena_new();
        hz_diags mistakes;
        hz_diags_init(&mistakes, own, 100);
        fixture_expr(&expr, own, HZ_SLICE_LIT(text));
        hz_mem_fail_after(n, true);
        hz_status status = hz_expr_parse(&expr, own, &limits, &mistakes, &err);
        hz_mem_fail_after(0, false);
        ck_assert_ptr_null(expr.root);
        ended = status == HZ_OK;
        if (ended)
            ck_assert_uint_eq(mistakes.count, 1);
        else
            ck_assert(status == HZ_E_NOMEM && err.status == HZ_E_NOMEM);
        hz_diags_clear(&mistakes);
        hz_arena_free(own);
    }
    ck_assert(ended);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expr.parse");
    TCase *tcase = tcase_create("parse");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, open_all, close_all);
    tcase_add_loop_test(tcase, structure_follows_the_grammar, 0, (int)(sizeof trees / sizeof trees[0]));
    tcase_add_test(tcase, nodes_keep_their_bytes);
    tcase_add_test(tcase, ids_are_unique_and_dense);
    tcase_add_loop_test(tcase, depth_has_a_limit, 0, (int)(sizeof deep / sizeof deep[0]));
    tcase_add_test(tcase, nodes_have_a_limit);
    tcase_add_test(tcase, bytes_have_a_limit);
    tcase_add_test(tcase, patterns_have_a_limit);
    tcase_add_test(tcase, bytes_that_are_no_utf8_are_a_mistake);
    tcase_add_test(tcase, a_mistake_is_reported_once);
    tcase_add_test(tcase, every_failed_allocation_is_reported);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
