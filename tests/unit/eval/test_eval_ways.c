/* Two ways to one answer on random columns of more than one batch: fused and plain programs, batches and single rows,
 * and the two as one program. */
#include <check.h>

#include "tests/unit/eval/eval_kit.h"

#ifdef HZ_TINY
enum { ROWS = 61 };
#else
enum { ROWS = HZ_BATCH_ROWS + 75 };
#endif

static const char *const exprs[] = {
    "t = u",
    "t <> u",
    "t < u",
    "t >= u",
    "t = '520123456'",
    "'520123' <= t",
    "left(t, 6) = u",
    "u = left(t, 2)",
    "left(t, 3) <> '张三丰'",
    "left(u, n) = left(t, n)",
    "length(t) = 6",
    "length(t) > length(u)",
    "9 < length(u)",
    "t in ('', 'a', '张三', '520123', '520123456789', 'abcdefgh')",
    "t not in ('01', '520123456', null)",
    "u in (t, '01', 'x')",
    "n = m",
    "n < m",
    "n >= 3",
    "n <> m + 1",
    "n in (1, 2, 3, -7, 100)",
    "n not in (1, null)",
    "n between 1 and 5",
    "n not between m and 5",
    "d between 1 and 2",
    "d = e",
    "d < e",
    "d <= 1.50",
    "d <> n",
    "d in (1.5, 2)",
    "n in (d, e)",
    "n + m",
    "n * m * n",
    "d + e",
    "d - n",
    "d * e",
    "d / n",
    "n / m",
    "-d",
    "abs(n - m)",
    "round(d / 3, 2)",
    "floor(d)",
    "ceil(-d)",
    "round(n)",
    "p and q",
    "p or q",
    "not p and (q or n = m)",
    "p = q",
    "p < q",
    "p is null or q is not null",
    "day = day2",
    "day < day2",
    "day in (date '2020-02-29', date '2019-01-01')",
    "day between date '2019-01-01' and date '2020-12-31'",
    "day + n",
    "day - day2",
    "day + interval '1' month",
    "ts - day",
    "ts = day",
    "ts > ts2",
    "age(day, day2)",
    "months_between(day, ts)",
    "last_day(day)",
    "year(ts) * 12 + month(day)",
    "tm < tm2",
    "tm in (time '08:00:00', time '12:00:00')",
    "case when n > m then t when p then u end",
    "case n when 1 then d when m then e else n end",
    "case when p then a else b end",
    "case when q then p else n = 1 end",
    "coalesce(t, u, 'none')",
    "coalesce(n, d, 0)",
    "coalesce(a, b)",
    "coalesce(day, ts)",
    "nullif(t, u)",
    "nullif(n, d)",
    "greatest(n, m, d)",
    "least(t, u)",
    "greatest(day, ts)",
    "least(p, q)",
    "t is distinct from u",
    "d is not distinct from n",
    "a is distinct from b",
    "t like '52%'",
    "t like '%三%'",
    "t not like '%9'",
    "t like u",
    "t like '_' || u",
    "t like '%1_3%'",
    "t matches '[0-9]{6}'",
    "t not matches '.*三.*'",
    "upper(t) || lower(u)",
    "trim(t) = t",
    "substr(t, 2, 3)",
    "substr(t, n, m)",
    "substr(t, n)",
    "right(t, 2)",
    "right(t, n)",
    "replace(t, '1', u)",
    "t || u || t",
    "similarity(t, u)",
    "u = any(a)",
    "t <> all(b)",
    "a <@ b",
    "a = b",
    "cardinality(a) + cardinality(b)",
    "n < any(nums)",
    "d = all(nums)",
    "array[t, u, 'x']",
    "array[n, d]",
    "t in list \"GB/T 2260\"",
    "is_resident_id(t)",
    "id_birth(t)",
    "division_parent(t, 'county')",
    "is_luhn(t)",
    "to_number(t) + 1",
    "to_date(u)",
    "raw(n) = t",
    "raw(t)",
    "1 + 1",
    "'x'",
    "null is null",
    "array['a', 'b']",
    "t",
    "n",
    "p",
    "a",
};
enum { EXPRS = sizeof exprs / sizeof *exprs };

static const char *const texts[] = {"",
                                    "a",
                                    "01",
                                    "张三",
                                    "张三丰",
                                    "520123",
                                    "520123456",
                                    "520123456789",
                                    "abcdefgh",
                                    "ABCdefgh",
                                    "  x ",
                                    "11010519491231002X",
                                    "110105491231002",
                                    "2020-02-29",
                                    "12.50",
                                    "18",
                                    "%",
                                    "_",
                                    "\\",
                                    "x\\%",
                                    "一二三四五六七八九十",
                                    "520123456788"};
static const char *const wholes[] = {"0", "1", "2", "3", "-7", "100", "9223372036854775807", "-9223372036854775808",
                                     "4"};
static const char *const numbers[] = {"1.5", "1.50", "2",           "-0.01", "99999999999999999999999999999999999999",
                                      "0",   "3.0",  "0.3333333333"};
static const char *const days[] = {"2020-02-29", "2019-01-01", "2020-12-31", "0001-01-01", "9999-12-31", "1999-03-31"};
static const char *const stamps[] = {"2020-02-29T00:00:00", "2019-01-01T08:00:00", "9999-12-31T23:59:59",
                                     "1969-12-31T23:59:59"};
static const char *const hours[] = {"00:00:00", "08:00:00", "12:00:00", "23:59:59"};
static const char *const lists[] = {"01", "01,02", "a,张三", "", "520123,x"};
static const char *const vectors[] = {"1", "1,2.0", "-7,3,100", "0"};

static uint64_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

#define ANY_OF(list) (list)[random_next(state) % (sizeof(list) / sizeof *(list))]

static const char *any_text(uint64_t *state, hz_slice type)
{
    if (hz_slice_is(type, "text"))
        return ANY_OF(texts);
    if (hz_slice_is(type, "integer"))
        return ANY_OF(wholes);
    if (hz_slice_is(type, "decimal"))
        return ANY_OF(numbers);
    if (hz_slice_is(type, "boolean"))
        return random_next(state) & 1 ? "1" : "0";
    if (hz_slice_is(type, "date"))
        return ANY_OF(days);
    if (hz_slice_is(type, "datetime"))
        return ANY_OF(stamps);
    if (hz_slice_is(type, "time"))
        return ANY_OF(hours);
    return hz_slice_is(type, "text[]") ? ANY_OF(lists) : ANY_OF(vectors);
}

static kit_cell cells[ROWS * CASE_FIELDS_MAX];
static value_case model;

static void fill(uint64_t seed)
{
    uint64_t at = seed, *state = &at;
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t f = 0; f < model.fields_count; f++) {
            /* Long stretches of full rows, so that the loops without tests run too. */
            uint64_t dice = random_next(state) % (i < ROWS / 2 ? 1000 : 10);
            cell_state cell = dice == 0 ? CELL_NULL : dice == 1 ? CELL_INVALID : CELL_PRESENT;
            cells[i * model.fields_count + f] = (kit_cell){cell, hz_slice_of(any_text(state, model.fields[f].type))};
        }
    }
}

START_TEST(test_eval_ways__random_columns)
{
    eval_kit kit;
    hz_buf out = HZ_BUF_INIT, why = HZ_BUF_INIT;
    hz_eval *eval = hz_eval_new();
    model.fields_count = 0;
    case_fields(&model,
                HZ_SLICE_LIT("t text, u text, n integer, m integer, d decimal, e decimal, p boolean, q boolean, day "
                             "date, day2 date, ts datetime, "
                             "ts2 datetime, tm time, tm2 time, a text[], b text[], nums decimal[]"),
                0);
    fill(20201231 + (uint64_t)_i);
    kit_open(&kit, model.fields, model.fields_count, NULL, 0, HZ_SLICE_LIT("2020-12-31"));
    kit.cells = cells;
    hz_node *root = kit_parse(&kit, hz_slice_of(exprs[_i]), &why);
    ck_assert_msg(root != NULL, "%s: %.*s", exprs[_i], HZ_SLICE_FMT(why));
    ck_assert_msg(kit_evaluate(&kit, root, eval, ROWS, &out, '\n', &why) == HZ_OK, "%s: %.*s", exprs[_i],
                  (int)(why.len < 2000 ? why.len : 2000), why.ptr);
    hz_buf_clear(&out);
    hz_buf_clear(&why);
    kit_close(&kit);
    hz_eval_free(eval);
}
END_TEST

/* The same rows always give the same bits whatever stood in the slots of values that are not there. */
START_TEST(test_eval_ways__bits_behind_the_last_row_are_clear)
{
    eval_kit kit;
    hz_buf why = HZ_BUF_INIT;
    hz_eval *eval = hz_eval_new();
    model.fields_count = 0;
    case_fields(&model, HZ_SLICE_LIT("t text, p boolean, n integer"), 0);
    fill(7);
    kit_open(&kit, model.fields, model.fields_count, NULL, 0, HZ_SLICE_LIT("none"));
    kit.cells = cells;
    static const char *const all[] = {"not p", "p is null",   "t = 'a'",          "n > 3",   "t is distinct from 'a'",
                                      "true",  "n in (1, 2)", "not (t like 'a')", "null = 1"};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        for (uint32_t rows = 0; rows < (HZ_BATCH_ROWS < 130 ? HZ_BATCH_ROWS : 130); rows++) {
            hz_program *program = NULL;
            const hz_vec *vec = NULL;
            ck_assert_int_eq(hz_program_compile(&program, kit_parse(&kit, hz_slice_of(all[k]), &why), &kit.env, NULL),
                             HZ_OK);
            kit_batch(&kit, 0, rows);
            hz_eval_input input = {&kit, rows, kit_field, kit_raw, NULL};
            ck_assert_int_eq(hz_program_run(&vec, program, eval, &input, NULL), HZ_OK);
            ck_assert_uint_eq(vec->count, rows);
            if (rows & 63) {
                uint64_t behind = ~hz_bits_tail(rows);
                ck_assert_uint_eq((vec->valid[rows / 64] | vec->invalid[rows / 64] | vec->as.bits[rows / 64]) & behind,
                                  0);
            }
            hz_eval_reset(eval);
            hz_program_free(program);
        }
    }
    kit_close(&kit);
    hz_eval_free(eval);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.ways");
    TCase *tcase = tcase_create("ways");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test_eval_ways__random_columns, 0, EXPRS);
    tcase_add_test(tcase, test_eval_ways__bits_behind_the_last_row_are_clear);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
