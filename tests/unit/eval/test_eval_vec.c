/* Single values of columns: text, keys, order, copies. */
#include <check.h>

#include "tests/unit/eval/eval_kit.h"

enum { ROWS = 6 };

static uint64_t valid[1], invalid[1], bits[1];
static union {
    hz_slice text[ROWS];
    int64_t i64[ROWS];
    hz_decimal decimal[ROWS];
    hz_interval interval[ROWS];
    uint32_t ends[ROWS];
} values;

static hz_vec vec_of(hz_type type)
{
    hz_vec vec = {.type = type, .count = ROWS, .valid = valid, .invalid = invalid, .as.any = &values};
    valid[0] = (1 << ROWS) - 1;
    invalid[0] = 0;
    if (type == HZ_TYPE_BOOLEAN)
        vec.as.bits = bits;
    return vec;
}

static void check_put(const hz_vec *vec, size_t row, const char *want)
{
    hz_buf out = HZ_BUF_INIT;
    hz_vec_put(&out, vec, row, HZ_SLICE_LIT("二十"));
    ck_assert_msg(hz_slice_is(hz_buf_slice(&out), want), "%.*s, not %s", HZ_SLICE_FMT(out), want);
    hz_buf_clear(&out);
}

START_TEST(test_eval_vec__put)
{
    hz_vec vec = vec_of(HZ_TYPE_TEXT);
    values.text[0] = HZ_SLICE_LIT("张三");
    check_put(&vec, 0, "张三");
    valid[0] = 0;
    invalid[0] = 2;
    check_put(&vec, 0, "∅");
    check_put(&vec, 1, "二十");
    vec = vec_of(HZ_TYPE_DECIMAL);
    values.decimal[0] = (hz_decimal){-1250, 2};
    check_put(&vec, 0, "-12.50");
    vec = vec_of(HZ_TYPE_INTEGER);
    values.i64[0] = INT64_MIN;
    check_put(&vec, 0, "-9223372036854775808");
    vec = vec_of(HZ_TYPE_DATE);
    values.i64[0] = -1;
    check_put(&vec, 0, "1969-12-31");
    vec = vec_of(HZ_TYPE_TIMESTAMP);
    values.i64[0] = HZ_MICROS_PER_DAY + 1000000;
    check_put(&vec, 0, "1970-01-02T00:00:01");
    vec = vec_of(HZ_TYPE_TIME);
    values.i64[0] = INT64_C(3600000000);
    check_put(&vec, 0, "01:00:00");
    vec = vec_of(HZ_TYPE_BOOLEAN);
    bits[0] = 2;
    check_put(&vec, 0, "false");
    check_put(&vec, 1, "true");
}
END_TEST

/* As PostgreSQL prints intervals. */
static const struct {
    hz_interval value;
    const char *text;
} intervals[] = {
    {{0, 0, 0}, "00:00:00"},
    {{14, 3, 0}, "1 year 2 mons 3 days"},
    {{12, 1, 0}, "1 year 1 day"},
    {{-14, 3, 0}, "-1 years -2 mons +3 days"},
    {{0, -3, INT64_C(57600000000)}, "-3 days +16:00:00"},
    {{0, 0, INT64_C(-500000)}, "-00:00:00.5"},
    {{1, 0, INT64_C(3723000010)}, "1 mon 01:02:03.00001"},
};

START_TEST(test_eval_vec__put_interval)
{
    hz_vec vec = vec_of(HZ_TYPE_INTERVAL);
    values.interval[0] = intervals[_i].value;
    check_put(&vec, 0, intervals[_i].text);
}
END_TEST

START_TEST(test_eval_vec__put_array)
{
    uint64_t item_valid[1] = {5}, item_invalid[1] = {2};
    hz_slice items[] = {HZ_SLICE_LIT("a"), HZ_SLICE_NONE, HZ_SLICE_LIT("b,c"), HZ_SLICE_NONE};
    hz_vec column = {.type = HZ_TYPE_TEXT, .count = 4, .as.text = items, .valid = item_valid, .invalid = item_invalid};
    hz_vec vec = vec_of(HZ_TYPE_ARRAY);
    uint32_t ends[ROWS] = {1, 4, 4, 4, 4, 4};
    vec.as.ends = ends;
    vec.items = &column;
    vec.item_type = HZ_TYPE_TEXT;
    check_put(&vec, 0, "a");
    check_put(&vec, 1, "二十,b,c,∅");
    check_put(&vec, 2, "");
    hz_value value = hz_vec_value(&vec, 0);
    ck_assert(!value.valid && value.type == HZ_TYPE_ARRAY);
}
END_TEST

static void check_key(const hz_vec *a, size_t i, const hz_vec *b, size_t j, bool same)
{
    hz_buf x = HZ_BUF_INIT, y = HZ_BUF_INIT;
    hz_vec_put_key(&x, a, i);
    hz_vec_put_key(&y, b, j);
    ck_assert_int_eq(hz_slice_eq(hz_buf_slice(&x), hz_buf_slice(&y)), same);
    hz_buf_clear(&x);
    hz_buf_clear(&y);
}

START_TEST(test_eval_vec__equal_numbers_equal_keys)
{
    hz_vec decimals = vec_of(HZ_TYPE_DECIMAL);
    hz_int128 big = (hz_int128)INT64_MAX + 1;
    hz_decimal all[ROWS] = {{100, 2}, {1, 0}, {15, 1}, {150, 2}, {big * 10, 1}, {-15, 1}};
    memcpy(values.decimal, all, sizeof all);
    int64_t wholes[ROWS] = {1, 15, INT64_MAX, INT64_MIN, 0, 100};
    hz_vec integers = {.type = HZ_TYPE_INTEGER, .count = ROWS, .as.i64 = wholes, .valid = valid, .invalid = invalid};
    check_key(&decimals, 0, &decimals, 1, true);
    check_key(&decimals, 0, &integers, 0, true);
    check_key(&decimals, 2, &decimals, 3, true);
    check_key(&decimals, 2, &decimals, 5, false);
    check_key(&decimals, 2, &integers, 1, false);
    check_key(&decimals, 4, &integers, 3, false);
    ck_assert_int_eq(hz_vec_compare(&decimals, 0, &integers, 0), 0);
    ck_assert_int_eq(hz_vec_compare(&decimals, 2, &integers, 0), 1);
    ck_assert_int_eq(hz_vec_compare(&integers, 2, &decimals, 4), -1);
}
END_TEST

/* Two parts never run into one another. */
START_TEST(test_eval_vec__keys_can_be_joined)
{
    hz_vec vec = vec_of(HZ_TYPE_TEXT);
    values.text[0] = HZ_SLICE_LIT("ab");
    values.text[1] = HZ_SLICE_LIT("c");
    values.text[2] = HZ_SLICE_LIT("a");
    values.text[3] = HZ_SLICE_LIT("bc");
    hz_buf x = HZ_BUF_INIT, y = HZ_BUF_INIT;
    hz_vec_put_key(&x, &vec, 0);
    hz_vec_put_key(&x, &vec, 1);
    hz_vec_put_key(&y, &vec, 2);
    hz_vec_put_key(&y, &vec, 3);
    ck_assert(!hz_slice_eq(hz_buf_slice(&x), hz_buf_slice(&y)));
    hz_buf_clear(&x);
    hz_buf_clear(&y);
}
END_TEST

START_TEST(test_eval_vec__interval_keys_and_order)
{
    hz_vec vec = vec_of(HZ_TYPE_INTERVAL);
    values.interval[0] = (hz_interval){1, 0, 0};
    values.interval[1] = (hz_interval){0, 30, 0};
    values.interval[2] = (hz_interval){0, 29, HZ_MICROS_PER_DAY};
    values.interval[3] = (hz_interval){0, 29, 0};
    check_key(&vec, 0, &vec, 1, true);
    check_key(&vec, 1, &vec, 2, true);
    check_key(&vec, 2, &vec, 3, false);
    ck_assert_int_eq(hz_vec_compare(&vec, 0, &vec, 2), 0);
    ck_assert_int_eq(hz_vec_compare(&vec, 3, &vec, 0), -1);
}
END_TEST

START_TEST(test_eval_vec__order)
{
    hz_vec vec = vec_of(HZ_TYPE_TEXT);
    values.text[0] = HZ_SLICE_LIT("a");
    values.text[1] = HZ_SLICE_LIT("ab");
    values.text[2] = HZ_SLICE_LIT("张");
    ck_assert_int_eq(hz_vec_compare(&vec, 0, &vec, 1), -1);
    ck_assert_int_eq(hz_vec_compare(&vec, 2, &vec, 1), 1);
    ck_assert_int_eq(hz_vec_compare(&vec, 2, &vec, 2), 0);
    vec = vec_of(HZ_TYPE_BOOLEAN);
    bits[0] = 2;
    ck_assert_int_eq(hz_vec_compare(&vec, 0, &vec, 1), -1);
    vec = vec_of(HZ_TYPE_DATE);
    values.i64[0] = 1;
    int64_t stamps[] = {HZ_MICROS_PER_DAY, HZ_MICROS_PER_DAY + 1};
    hz_vec times = {.type = HZ_TYPE_TIMESTAMP, .count = 2, .as.i64 = stamps, .valid = valid, .invalid = invalid};
    ck_assert_int_eq(hz_vec_compare(&vec, 0, &times, 0), 0);
    ck_assert_int_eq(hz_vec_compare(&vec, 0, &times, 1), -1);
}
END_TEST

START_TEST(test_eval_vec__value)
{
    hz_vec vec = vec_of(HZ_TYPE_DECIMAL);
    values.decimal[3] = (hz_decimal){7, 1};
    hz_value value = hz_vec_value(&vec, 3);
    ck_assert(value.valid && value.type == HZ_TYPE_DECIMAL && value.as.decimal.coef == 7 &&
              value.as.decimal.scale == 1);
    invalid[0] = 8;
    valid[0] = 0;
    ck_assert(!hz_vec_value(&vec, 3).valid);
    vec = vec_of(HZ_TYPE_BOOLEAN);
    bits[0] = 4;
    ck_assert(hz_vec_value(&vec, 2).as.boolean && !hz_vec_value(&vec, 1).as.boolean);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.vec");
    TCase *tcase = tcase_create("values");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, test_eval_vec__put);
    tcase_add_loop_test(tcase, test_eval_vec__put_interval, 0, sizeof intervals / sizeof *intervals);
    tcase_add_test(tcase, test_eval_vec__put_array);
    tcase_add_test(tcase, test_eval_vec__equal_numbers_equal_keys);
    tcase_add_test(tcase, test_eval_vec__keys_can_be_joined);
    tcase_add_test(tcase, test_eval_vec__interval_keys_and_order);
    tcase_add_test(tcase, test_eval_vec__order);
    tcase_add_test(tcase, test_eval_vec__value);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
