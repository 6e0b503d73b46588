/* Strict operators and functions: INVALID if an operand is INVALID, else NULL if one is NULL, whichever operand it is.
 */
#include <check.h>

#include "tests/unit/eval/eval_kit.h"

/* `$t $n $d $s $b $a $i` stand for operands of type text, numeric, date, timestamp, boolean, array of text, interval.
 */
static const char *const forms[] = {
    "$t = $t",
    "$t <> $t",
    "$t < $t",
    "$t >= $t",
    "$n = $n",
    "$n <= $n",
    "$d < $d",
    "$d = $s",
    "$s > $d",
    "$b = $b",
    "$b < $b",
    "$a = $a",
    "$a <> $a",
    "$t = 'x'",
    "'x' <> $t",
    "$t < 'x'",
    "$n > 3",
    "3.5 >= $n",
    "$d = date '2020-01-01'",
    "$b = true",
    "$a = array['01']",
    "$n + $n",
    "$n - $n",
    "$n * $n",
    "$n / $n",
    "$n + 1",
    "2.5 * $n",
    "-$n",
    "+$n",
    "$d + $n",
    "$d - $n",
    "$d - $d",
    "$s - $s",
    "$s - $d",
    "$d + interval '1' month",
    "$s - interval '3' day",
    "($s - $d) = ($s - $s)",
    "-($s - $d) < interval '1' day",
    "($s - $d) + ($s - $d) > interval '1' day",
    "$t || $t",
    "$t || 'x'",
    "$t like $t",
    "$t not like '%x%'",
    "$t like 'a_c'",
    "$t matches '[a-z]+'",
    "$t not matches '\\d{2}'",
    "$t in list \"GB/T 2261.1\"",
    "$t not in list \"GB/T 2261.1\"",
    "$t in ('a', 'b')",
    "$n in (1, 2)",
    "$d in (date '2020-01-01', date '2020-01-02')",
    "$n between 1 and 3",
    "$d between date '2020-01-01' and date '2020-01-02'",
    "$t between $t and $t",
    "$a <@ $a",
    "$a <@ array['01']",
    "cardinality($a)",
    "length($t)",
    "length($t) = 3",
    "upper($t)",
    "lower($t)",
    "trim($t)",
    "left($t, $n)",
    "left($t, 2)",
    "left($t, 2) = $t",
    "left($t, 2) = 'ab'",
    "right($t, $n)",
    "right($t, 2)",
    "right($t, -2)",
    "substr($t, $n)",
    "substr($t, $n, $n)",
    "substr($t, 2)",
    "substr($t, 2, 3)",
    "replace($t, $t, $t)",
    "replace($t, 'a', 'b')",
    "abs($n)",
    "floor($n)",
    "ceil($n)",
    "round($n)",
    "round($n, $n)",
    "round($n, 2)",
    "year($d)",
    "month($d)",
    "day($s)",
    "age($d, $d)",
    "age($d, as_of)",
    "days_between($d, $s)",
    "months_between($d, $d)",
    "first_day($d)",
    "last_day($s)",
    "month_of($d)",
    "to_date($t)",
    "to_date($t, 'YYYYMMDD')",
    "to_number($t)",
    "is_resident_id($t)",
    "id_birth($t)",
    "id_sex($t)",
    "id_division($t)",
    "is_uscc($t)",
    "is_luhn($t)",
    "is_division($t)",
    "is_division($t, 'county')",
    "division_parent($t, 'county')",
    "code_name('GB/T 2261.1', $t)",
    "code_valid('GB/T 2261.1', $t, $d)",
    "code_value('GB/T 2261.1', $t, 'name_zh')",
    "similarity($t, $t)",
#ifdef HZ_WITH_ICU
    "pinyin($t)",
#endif
};
enum { FORMS = sizeof forms / sizeof *forms, OPERANDS_MAX = 6 };

static const struct {
    char letter;
    const char *present, *null, *invalid;
} operands[] = {
    {'t', "t", "tn", "tx"}, {'n', "n", "nn", "nx"}, {'d', "d", "dn", "dx"},
    {'s', "s", "sn", "sx"}, {'b', "b", "bn", "bx"}, {'a', "a", "an", "ax"},
};

/* The form with operand k in the state that `states` says of it. */
static size_t write_form(hz_buf *out, const char *form, const cell_state *states)
{
    size_t count = 0;
    for (; *form; form++) {
        if (*form != '$') {
            hz_buf_putc(out, *form);
            continue;
        }
        form++;
        size_t k = 0;
        while (operands[k].letter != *form)
            k++;
        cell_state state = states[count++];
        hz_buf_puts(out, state == CELL_NULL      ? operands[k].null
                         : state == CELL_INVALID ? operands[k].invalid
                                                 : operands[k].present);
    }
    return count;
}

static size_t check_form(eval_kit *kit, hz_eval *eval, const char *form, const cell_state *states, const char *want)
{
    hz_buf expr = HZ_BUF_INIT, out = HZ_BUF_INIT, why = HZ_BUF_INIT;
    size_t count = write_form(&expr, form, states);
    hz_node *root = kit_parse(kit, hz_buf_slice(&expr), &why);
    ck_assert_msg(root != NULL, "%.*s: %.*s", HZ_SLICE_FMT(expr), HZ_SLICE_FMT(why));
    ck_assert_msg(kit_evaluate(kit, root, eval, 1, &out, '\n', &why) == HZ_OK, "%.*s: %.*s", HZ_SLICE_FMT(expr),
                  HZ_SLICE_FMT(why));
    if (want)
        ck_assert_msg(hz_slice_is((hz_slice){out.ptr, out.len - 1}, want), "%.*s gives %.*s", HZ_SLICE_FMT(expr),
                      HZ_SLICE_FMT(out));
    hz_buf_clear(&expr);
    hz_buf_clear(&out);
    hz_buf_clear(&why);
    return count;
}

static void read_model(value_case *c)
{
    if (c->fields_count)
        return;
    c->file = "test_eval_strict";
    case_fields(c,
                HZ_SLICE_LIT("t text, tn text, tx text, n integer, nn integer, nx integer, d date, dn date, dx date, s "
                             "datetime, sn datetime, "
                             "sx datetime, b boolean, bn boolean, bx boolean, a text[], an text[], ax text[]"),
                0);
    case_row(c,
             HZ_SLICE_LIT("t='1' tx=invalid'?' n='2' nx=invalid'?' d='2020-01-01' dx=invalid'?' "
                          "s='2020-01-01T01:00:00' sx=invalid'?' b='1' "
                          "bx=invalid'?' a='01' ax=invalid'?'"),
             0);
}

START_TEST(test_eval_strict__every_operand)
{
    static value_case c;
    kit_cell cells[CASE_FIELDS_MAX];
    eval_kit kit;
    hz_eval *eval = hz_eval_new();
    read_model(&c);
    kit_open(&kit, c.fields, c.fields_count, NULL, 0, HZ_SLICE_LIT("2020-12-31"));
    for (size_t f = 0; f < c.fields_count; f++)
        cells[f] = (kit_cell){c.fields[f].state, c.fields[f].text};
    kit.cells = cells;
    cell_state states[OPERANDS_MAX];
    for (size_t k = 0; k < OPERANDS_MAX; k++)
        states[k] = CELL_PRESENT;
    size_t count = check_form(&kit, eval, forms[_i], states, NULL);
    ck_assert_uint_gt(count, 0);
    bool between = strstr(forms[_i], "between $") != NULL; /* by the table of `and`, so not strict */
    for (size_t k = 0; k < count && !between; k++) {
        states[k] = CELL_NULL;
        check_form(&kit, eval, forms[_i], states, "null");
        states[k] = CELL_INVALID;
        check_form(&kit, eval, forms[_i], states, "invalid");
        for (size_t other = 0; other < count; other++) {
            if (other == k)
                continue;
            states[other] = CELL_NULL;
            check_form(&kit, eval, forms[_i], states, "invalid");
            states[other] = CELL_PRESENT;
        }
        states[k] = CELL_PRESENT;
    }
    kit_close(&kit);
    hz_eval_free(eval);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.strict");
    TCase *tcase = tcase_create("operands");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_eval_strict__every_operand, 0, FORMS);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
