/* Suite eval.likeness: how alike two values are. */
#include "base/calendar.h"
#include "validator/eval/likeness.h"
#include <check.h>
#include <stdlib.h>

static hz_eval *eval;

static void setup(void)
{
    eval = hz_eval_new();
    ck_assert_ptr_nonnull(eval);
}

static void teardown(void)
{
    hz_eval_free(eval);
}

static void assert_like(hz_like_by by, const hz_vec *vec, const char *expected)
{
    hz_buf a = HZ_BUF_INIT, b = HZ_BUF_INIT, shown = HZ_BUF_INIT;
    ck_assert_int_eq(hz_like_put(&a, by, vec, 0, eval, NULL), HZ_OK);
    ck_assert_int_eq(hz_like_put(&b, by, vec, 1, eval, NULL), HZ_OK);
    for (int turn = 0; turn < 2; turn++) {
        hz_decimal like = turn ? hz_like_values(by, hz_buf_slice(&b), hz_buf_slice(&a), 0)
                               : hz_like_values(by, hz_buf_slice(&a), hz_buf_slice(&b), 0);
        hz_decimal wanted;
        ck_assert(hz_decimal_parse(&wanted, hz_slice_of(expected)));
        ck_assert_msg(hz_decimal_cmp(like, wanted) == 0, "turn %d: not %s", turn, expected);
        for (int tenth = 0; tenth <= 10; tenth++) { /* where less is asked for, it is the same or below */
            double least = tenth / 10.0;
            hz_decimal some = hz_like_values(by, hz_buf_slice(&a), hz_buf_slice(&b), least), limit = {tenth, 1};
            bool enough = hz_decimal_cmp(like, limit) >= 0;
            ck_assert_msg(enough ? hz_decimal_cmp(some, like) == 0 : hz_decimal_cmp(some, limit) < 0, "%s by %d",
                          expected, tenth);
        }
    }
    hz_buf_clear(&a);
    hz_buf_clear(&b);
    hz_buf_clear(&shown);
}

static void assert_texts(hz_like_by by, hz_slice a, hz_slice b, const char *expected)
{
    hz_slice texts[] = {a, b};
    uint64_t valid = 3, invalid = 0;
    hz_vec vec = {.type = HZ_TYPE_TEXT, .count = 2, .valid = &valid, .invalid = &invalid, .as.text = texts};
    assert_like(by, &vec, expected);
}

static const struct {
    hz_like_by by;
    const char *a, *b, *like;
} cases[] = {
    {HZ_LIKE_EDIT, "", "", "1"},
    {HZ_LIKE_EDIT, "", "a", "0"},
    {HZ_LIKE_EDIT, "abc", "abc", "1"},
    {HZ_LIKE_EDIT, "abc", "abd", "0.66666666666666666667"},
    {HZ_LIKE_EDIT, "abc", "ab", "0.66666666666666666667"},
    {HZ_LIKE_EDIT, "ab", "ba", "0.5"},
    {HZ_LIKE_EDIT, "ca", "abc", "0"}, /* a swapped pair is not changed again */
    {HZ_LIKE_EDIT, "520102198001010013", "520102198001010031", "0.94444444444444444444"},
    {HZ_LIKE_EDIT, "王 小明", "王小明", "0.75"},
    {HZ_LIKE_EDIT, "王小明", "王晓明", "0.66666666666666666667"},
    {HZ_LIKE_EQUAL, "a", "a", "1"},
    {HZ_LIKE_EQUAL, "a", "A", "0"},
#ifdef HZ_WITH_ICU
    {HZ_LIKE_NAME_ZH, "王小明", "王晓明", "0.93333333333333333333"},
    {HZ_LIKE_NAME_ZH, "王小明", "王小红", "0.66666666666666666667"},
    {HZ_LIKE_NAME_ZH, "王 小　明", "王小明", "1"},
    {HZ_LIKE_NAME_ZH, "阿卜杜·热合曼", "阿卜杜热合曼", "1"},
    {HZ_LIKE_NAME_ZH, "张三", "章三", "0.9"},
    {HZ_LIKE_NAME_ZH, "ab", "ac", "0.5"}, /* letters have no sound */
#endif
};

START_TEST(test_likeness__texts)
{
    assert_texts(cases[_i].by, hz_slice_of(cases[_i].a), hz_slice_of(cases[_i].b), cases[_i].like);
}
END_TEST

START_TEST(test_likeness__long_texts)
{
    char a[HZ_LIKE_CHARS_MAX + 1], b[HZ_LIKE_CHARS_MAX + 1];
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    assert_texts(HZ_LIKE_EDIT, (hz_slice){a, sizeof a}, (hz_slice){b, sizeof b}, "1");
    b[7] = 'b';
    assert_texts(HZ_LIKE_EDIT, (hz_slice){a, sizeof a}, (hz_slice){b, sizeof b}, "0");
    assert_texts(HZ_LIKE_EDIT, (hz_slice){a, sizeof a}, (hz_slice){a, sizeof a - 1}, "0");
    assert_texts(HZ_LIKE_EDIT, (hz_slice){a, sizeof a - 1}, (hz_slice){b, sizeof b - 1}, "0.99607843137254901961");
}
END_TEST

START_TEST(test_likeness__days)
{
    static const struct {
        int32_t a[3], b[3];
        const char *like;
    } days[] = {
        {{1980, 1, 12}, {1980, 1, 12}, "1"},  {{1980, 1, 12}, {1980, 1, 21}, "0.875"},
        {{1980, 1, 4}, {1980, 4, 1}, "0.75"}, {{1980, 1, 12}, {1981, 1, 12}, "0.875"},
        {{1, 1, 1}, {9999, 12, 31}, "0.125"},
    };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        int32_t a, b;
        ck_assert(hz_date_from_civil(&a, days[i].a[0], days[i].a[1], days[i].a[2]));
        ck_assert(hz_date_from_civil(&b, days[i].b[0], days[i].b[1], days[i].b[2]));
        int64_t values[] = {a, b}, stamps[] = {a * HZ_MICROS_PER_DAY + 1, a * HZ_MICROS_PER_DAY + 1000000};
        uint64_t valid = 3, invalid = 0;
        hz_vec vec = {.type = HZ_TYPE_DATE, .count = 2, .valid = &valid, .invalid = &invalid, .as.i64 = values};
        assert_like(HZ_LIKE_DATE, &vec, days[i].like);
        vec.type = HZ_TYPE_TIMESTAMP;
        vec.as.i64 = stamps;
        assert_like(HZ_LIKE_DATE, &vec, "0.92857142857142857143"); /* one digit of fourteen */
    }
}
END_TEST

START_TEST(test_likeness__numbers)
{
    static const struct {
        const char *a, *b, *like;
    } numbers[] = {
        {"80", "100", "0.8"}, {"0", "0", "1"}, {"0.00", "0", "1"},
        {"-1", "1", "0"},     {"0", "5", "0"}, {"-80", "-100", "0.8"},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        hz_decimal values[2];
        uint64_t valid = 3, invalid = 0;
        ck_assert(hz_decimal_parse(&values[0], hz_slice_of(numbers[i].a)));
        ck_assert(hz_decimal_parse(&values[1], hz_slice_of(numbers[i].b)));
        hz_vec vec = {.type = HZ_TYPE_DECIMAL, .count = 2, .valid = &valid, .invalid = &invalid, .as.decimal = values};
        assert_like(HZ_LIKE_NUMBER, &vec, numbers[i].like);
    }
}
END_TEST

START_TEST(test_likeness__words)
{
    static const char *const words[] = {"name_zh", "edit", "date", "number", "equal"};
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(hz_like_by_of(hz_slice_of(words[i])), i);
#ifdef HZ_WITH_ICU
    ck_assert_ptr_null(hz_like_missing_part(HZ_LIKE_NAME_ZH));
#else
    ck_assert_str_eq(hz_like_missing_part(HZ_LIKE_NAME_ZH), "icu");
#endif
    ck_assert_ptr_null(hz_like_missing_part(HZ_LIKE_EDIT));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.likeness");
    TCase *tc = tcase_create("likeness");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_likeness__texts, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tc, test_likeness__long_texts);
    tcase_add_test(tc, test_likeness__days);
    tcase_add_test(tc, test_likeness__numbers);
    tcase_add_test(tc, test_likeness__words);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
