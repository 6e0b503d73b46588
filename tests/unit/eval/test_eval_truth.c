/* The tables of docs/language.md, "Three values and two nulls", over every combination of states, against a model that
 * says them in words. */
#include <check.h>

#include "tests/unit/eval/eval_kit.h"

typedef enum state { STATE_TRUE, STATE_FALSE, STATE_NULL, STATE_INVALID, STATES } state;

static const char *const words[] = {"true", "false", "null", "invalid"};
static const char *const cells[] = {"1", "0", NULL, "x"};
enum { OPERANDS = 3, ROWS = STATES * STATES * STATES };

static kit_cell grid[ROWS * OPERANDS];

static state operand(uint32_t row, int which)
{
    return (state)(row >> 2 * which & 3);
}

static void open_grid(eval_kit *kit, const char *fields)
{
    static value_case c;
    case_fields(&c, hz_slice_of(fields), 0);
    ck_assert_uint_eq(c.fields_count, OPERANDS);
    for (uint32_t row = 0; row < ROWS; row++) {
        for (int k = 0; k < OPERANDS; k++) {
            state s = operand(row, k);
            cell_state cell = s == STATE_NULL ? CELL_NULL : s == STATE_INVALID ? CELL_INVALID : CELL_PRESENT;
            grid[row * OPERANDS + (uint32_t)k] = (kit_cell){cell, hz_slice_of(cells[s])};
        }
    }
    kit_open(kit, c.fields, c.fields_count, NULL, 0, HZ_SLICE_LIT("none"));
    kit->cells = grid;
}

static void check_table(eval_kit *kit, const char *expr, state (*model)(state, state, state))
{
    hz_buf why = HZ_BUF_INIT, out = HZ_BUF_INIT, want = HZ_BUF_INIT;
    hz_eval *eval = hz_eval_new();
    hz_node *root = kit_parse(kit, hz_slice_of(expr), &why);
    ck_assert_msg(root != NULL, "%s: %.*s", expr, HZ_SLICE_FMT(why));
    ck_assert_msg(kit_evaluate(kit, root, eval, ROWS, &out, '\n', &why) == HZ_OK, "%s: %.*s", expr, HZ_SLICE_FMT(why));
    for (uint32_t row = 0; row < ROWS; row++) {
        hz_buf_puts(&want, words[model(operand(row, 0), operand(row, 1), operand(row, 2))]);
        hz_buf_putc(&want, '\n');
    }
    ck_assert_msg(hz_slice_eq(hz_buf_slice(&out), hz_buf_slice(&want)), "%s:\n%.*s\nwanted\n%.*s", expr,
                  HZ_SLICE_FMT(out), HZ_SLICE_FMT(want));
    hz_eval_free(eval);
    hz_buf_clear(&why);
    hz_buf_clear(&out);
    hz_buf_clear(&want);
}

static state of(bool truth)
{
    return truth ? STATE_TRUE : STATE_FALSE;
}
static bool known(state a)
{
    return a == STATE_TRUE || a == STATE_FALSE;
}
/* What a strict operator gives when not all operands are present. */
static state lacking(state a, state b)
{
    return a == STATE_INVALID || b == STATE_INVALID ? STATE_INVALID : STATE_NULL;
}

static state and_(state a, state b)
{
    if (a == STATE_FALSE || b == STATE_FALSE)
        return STATE_FALSE;
    return a == STATE_TRUE && b == STATE_TRUE ? STATE_TRUE : lacking(a, b);
}
static state not_(state a)
{
    return known(a) ? of(a == STATE_FALSE) : a;
}
static state or_(state a, state b)
{
    if (a == STATE_TRUE || b == STATE_TRUE)
        return STATE_TRUE;
    return a == STATE_FALSE && b == STATE_FALSE ? STATE_FALSE : lacking(a, b);
}
static state equal(state a, state b)
{
    return known(a) && known(b) ? of(a == b) : lacking(a, b);
}
/* TRUE counts as 1, FALSE as 0. */
static state less(state a, state b)
{
    return known(a) && known(b) ? of(a == STATE_FALSE && b == STATE_TRUE) : lacking(a, b);
}

static state model_and(state a, state b, state c)
{
    return and_(and_(a, b), c);
}
static state model_or(state a, state b, state c)
{
    return or_(or_(a, b), c);
}
static state model_mixed(state a, state b, state c)
{
    return or_(and_(a, not_(b)), c);
}
static state model_not(state a, state b, state c)
{
    (void)b, (void)c;
    return not_(a);
}
static state model_is_null(state a, state b, state c)
{
    (void)b, (void)c;
    return a == STATE_INVALID ? STATE_INVALID : of(a == STATE_NULL);
}
static state model_is_not_null(state a, state b, state c)
{
    return not_(model_is_null(a, b, c));
}
static state model_distinct(state a, state b, state c)
{
    (void)c;
    return a == STATE_INVALID || b == STATE_INVALID ? STATE_INVALID : of(a != b);
}
static state model_not_distinct(state a, state b, state c)
{
    return not_(model_distinct(a, b, c));
}
static state model_in(state a, state b, state c)
{
    if (known(a) && (a == b || a == c))
        return STATE_TRUE;
    if (a == STATE_INVALID || b == STATE_INVALID || c == STATE_INVALID)
        return STATE_INVALID;
    return a == STATE_NULL || b == STATE_NULL || c == STATE_NULL ? STATE_NULL : STATE_FALSE;
}
static state model_not_in(state a, state b, state c)
{
    return not_(model_in(a, b, c));
}
static state model_all(state a, state b, state c)
{
    return and_(equal(a, b), equal(a, c));
}
static state model_between(state a, state b, state c)
{
    return and_(not_(less(a, b)), not_(less(c, a)));
}
static state model_not_between(state a, state b, state c)
{
    return not_(model_between(a, b, c));
}
static state model_case(state a, state b, state c)
{
    return a == STATE_TRUE ? b : c;
}
static state model_case_open(state a, state b, state c)
{
    return a == STATE_TRUE ? b : c == STATE_TRUE ? a : STATE_NULL;
}
static state model_simple_case(state a, state b, state c)
{
    return equal(a, b) == STATE_TRUE ? c : STATE_NULL;
}
static state model_coalesce(state a, state b, state c)
{
    return a != STATE_NULL ? a : b != STATE_NULL ? b : c;
}
static state model_nullif(state a, state b, state c)
{
    (void)c;
    if (a == STATE_INVALID || b == STATE_INVALID)
        return STATE_INVALID;
    return a == b ? STATE_NULL : a;
}
static state model_greatest(state a, state b, state c)
{
    if (a == STATE_INVALID || b == STATE_INVALID || c == STATE_INVALID)
        return STATE_INVALID;
    if (a == STATE_TRUE || b == STATE_TRUE || c == STATE_TRUE)
        return STATE_TRUE;
    return a == STATE_FALSE || b == STATE_FALSE || c == STATE_FALSE ? STATE_FALSE : STATE_NULL;
}
static state model_least(state a, state b, state c)
{
    if (a == STATE_INVALID || b == STATE_INVALID || c == STATE_INVALID)
        return STATE_INVALID;
    if (a == STATE_FALSE || b == STATE_FALSE || c == STATE_FALSE)
        return STATE_FALSE;
    return a == STATE_TRUE || b == STATE_TRUE || c == STATE_TRUE ? STATE_TRUE : STATE_NULL;
}
static state model_equal(state a, state b, state c)
{
    (void)c;
    return equal(a, b);
}
static state model_unequal(state a, state b, state c)
{
    (void)c;
    return not_(equal(a, b));
}
static state model_less(state a, state b, state c)
{
    (void)c;
    return less(a, b);
}
static state model_at_most(state a, state b, state c)
{
    (void)c;
    return not_(less(b, a));
}
static state model_contained(state a, state b, state c)
{
    if (a == STATE_INVALID || b == STATE_INVALID || c == STATE_INVALID)
        return STATE_INVALID;
    return of(known(a) && (a == b || a == c));
}

static const struct {
    const char *expr;
    state (*model)(state, state, state);
} tables[] = {
    {"a and b and c", model_and},
    {"a or b or c", model_or},
    {"a and not b or c", model_mixed},
    {"not a", model_not},
    {"a is null", model_is_null},
    {"a is not null", model_is_not_null},
    {"a is distinct from b", model_distinct},
    {"a is not distinct from b", model_not_distinct},
    {"a in (b, c)", model_in},
    {"a not in (b, c)", model_not_in},
    {"a = any(array[b, c])", model_in},
    {"a = all(array[b, c])", model_all},
    {"a <> all(array[b, c])", model_not_in},
    {"a between b and c", model_between},
    {"a not between b and c", model_not_between},
    {"case when a then b else c end", model_case},
    {"case when a then b when c then a end", model_case_open},
    {"case a when b then c end", model_simple_case},
    {"coalesce(a, b, c)", model_coalesce},
    {"nullif(a, b)", model_nullif},
    {"greatest(a, b, c)", model_greatest},
    {"least(a, b, c)", model_least},
    {"a = b", model_equal},
    {"a <> b", model_unequal},
    {"a < b", model_less},
    {"b > a", model_less},
    {"a <= b", model_at_most},
    {"b >= a", model_at_most},
    {"array[a] <@ array[b, c]", model_contained},
};
enum { TABLES = sizeof tables / sizeof *tables };

START_TEST(test_eval_truth__booleans)
{
    eval_kit kit;
    open_grid(&kit, "a boolean, b boolean, c boolean");
    check_table(&kit, tables[_i].expr, tables[_i].model);
    kit_close(&kit);
}
END_TEST

/* The comparisons again over values of other types: TRUE is '1', FALSE '0'. */
static const char *const types[] = {"a integer, b integer, c integer", "a decimal, b integer, c decimal",
                                    "a text, b text, c text"};
static const struct {
    const char *expr;
    state (*model)(state, state, state);
} comparisons[] = {
    {"a is null", model_is_null},
    {"a is distinct from b", model_distinct},
    {"a in (b, c)", model_in},
    {"a not in (b, c)", model_not_in},
    {"a = any(array[b, c])", model_in},
    {"a <> all(array[b, c])", model_not_in},
    {"a between b and c", model_between},
    {"a = b", model_equal},
    {"a <> b", model_unequal},
    {"a < b", model_less},
    {"a <= b", model_at_most},
    {"b >= a", model_at_most},
};
enum { COMPARISONS = sizeof comparisons / sizeof *comparisons };

START_TEST(test_eval_truth__comparisons)
{
    eval_kit kit;
    open_grid(&kit, types[_i % 3]);
    check_table(&kit, comparisons[_i / 3].expr, comparisons[_i / 3].model);
    kit_close(&kit);
}
END_TEST

/* A constant NULL among the items, and constants on either side of `and` and `or`. */
static state model_in_null(state a, state b, state c)
{
    (void)b, (void)c;
    return a == STATE_TRUE ? STATE_TRUE : a == STATE_INVALID ? STATE_INVALID : STATE_NULL;
}
static state model_false(state a, state b, state c)
{
    (void)a, (void)b, (void)c;
    return STATE_FALSE;
}
static state model_a(state a, state b, state c)
{
    (void)b, (void)c;
    return a;
}
static state model_and_null(state a, state b, state c)
{
    (void)b, (void)c;
    return and_(a, STATE_NULL);
}

START_TEST(test_eval_truth__constants)
{
    eval_kit kit;
    open_grid(&kit, "a boolean, b boolean, c boolean");
    check_table(&kit, "a in (true, null)", model_in_null);
    check_table(&kit, "a and false", model_false);
    check_table(&kit, "false and a", model_false);
    check_table(&kit, "a and true", model_a);
    check_table(&kit, "false or a", model_a);
    check_table(&kit, "not (not a)", model_a);
    check_table(&kit, "a and null", model_and_null);
    kit_close(&kit);
    open_grid(&kit, "a integer, b integer, c integer");
    check_table(&kit, "a in (1, null)", model_in_null);
    check_table(&kit, "a in (7, 1, null)", model_in_null);
    kit_close(&kit);
    open_grid(&kit, "a text, b text, c text");
    check_table(&kit, "a in ('1', 'and a longer one', null)", model_in_null);
    kit_close(&kit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.truth");
    TCase *tcase = tcase_create("tables");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_eval_truth__booleans, 0, TABLES);
    tcase_add_loop_test(tcase, test_eval_truth__comparisons, 0, 3 * COMPARISONS);
    tcase_add_test(tcase, test_eval_truth__constants);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
