/* Suite source.xlsx_value: cells' numbers and dates as text. */
#include "validator/source/xlsx_int.h"
#include <check.h>

static const struct {
    const char *value, *text;
    bool lost;
} numbers[] = {
    {"0", "0", false},
    {"-0", "0", false},
    {"5", "5", false},
    {"-12.50", "-12.5", false},
    {"0.1", "0.1", false},
    {".5", "0.5", false},
    {"0.10000000000000001", "0.1", false},
    {"0.30000000000000004", "0.3", false},
    {"1E3", "1000", false},
    {"1.5e-3", "0.0015", false},
    {"-1.25E+2", "-125", false},
    {"123456789012345", "123456789012345", false},
    {"999999999999999", "999999999999999", false},
    {"1234567890123456", "1234567890123460", true},
    {"5.2010319900307E+17", "520103199003070000", true},
    {"110101199003071234", "110101199003071000", true},
    {"9999999999999999", "10000000000000000", true},
    {"0.99999999999999999", "1", false},
    {"1E-20", "0.00000000000000000001", false},
    {"", NULL, false},
    {"x", NULL, false},
    {"1e", NULL, false},
    {"1.2.3", NULL, false},
    {"1E999", NULL, false},
};

START_TEST(test_xlsx_value__number)
{
    hz_buf out = HZ_BUF_INIT;
    bool lost;
    bool is = hz_xlsx_put_number(&out, hz_slice_of(numbers[_i].value), &lost);
    ck_assert_int_eq(is, numbers[_i].text != NULL);
    if (is) {
        ck_assert_str_eq(out.ptr, numbers[_i].text);
        ck_assert_int_eq(lost, numbers[_i].lost);
    }
    hz_buf_clear(&out);
}
END_TEST

static const struct {
    const char *serial;
    hz_xlsx_style style;
    bool date1904;
    const char *text;
} dates[] = {
    {"1", HZ_XLSX_DATE, false, "1900-01-01"},
    {"59", HZ_XLSX_DATE, false, "1900-02-28"},
    {"60", HZ_XLSX_DATE, false, "1900-02-29"},
    {"61", HZ_XLSX_DATE, false, "1900-03-01"},
    {"43525", HZ_XLSX_DATE, false, "2019-03-01"},
    {"43525.75", HZ_XLSX_DATE, false, "2019-03-01"},
    {"43525.75", HZ_XLSX_DATETIME, false, "2019-03-01T18:00:00"},
    {"43525.999999", HZ_XLSX_DATETIME, false, "2019-03-02T00:00:00"},
    {"43525", HZ_XLSX_MONTH, false, "2019-03"},
    {"0.5", HZ_XLSX_TIME, false, "12:00:00"},
    {"0.333333333333333", HZ_XLSX_TIME, false, "08:00:00"},
    {"42063", HZ_XLSX_DATE, true, "2019-03-01"},
    {"0", HZ_XLSX_DATE, true, "1904-01-01"},
    {"2958465", HZ_XLSX_DATE, false, "9999-12-31"},
    {"2958466", HZ_XLSX_DATE, false, NULL},
    {"-1", HZ_XLSX_DATE, false, NULL},
    {"x", HZ_XLSX_DATE, false, NULL},
};

START_TEST(test_xlsx_value__date)
{
    hz_buf out = HZ_BUF_INIT;
    bool is = hz_xlsx_put_date(&out, hz_slice_of(dates[_i].serial), dates[_i].style, dates[_i].date1904);
    ck_assert_int_eq(is, dates[_i].text != NULL);
    if (is)
        ck_assert_str_eq(out.ptr, dates[_i].text);
    hz_buf_clear(&out);
}
END_TEST

static const struct {
    const char *code;
    hz_xlsx_style style;
} styles[] = {
    {"General", HZ_XLSX_NUMBER},
    {"0.00", HZ_XLSX_NUMBER},
    {"#,##0;[Red]-#,##0", HZ_XLSX_NUMBER},
    {"0\"d\"", HZ_XLSX_NUMBER},
    {"@", HZ_XLSX_NUMBER},
    {"yyyy-mm-dd", HZ_XLSX_DATE},
    {"yyyy\\-mm\\-dd", HZ_XLSX_DATE},
    {"yyyy\"年\"m\"月\"d\"日\"", HZ_XLSX_DATE},
    {"[$-804]yyyy/m/d;@", HZ_XLSX_DATE},
    {"yyyy\"年\"m\"月\"", HZ_XLSX_MONTH},
    {"yyyymm", HZ_XLSX_MONTH},
    {"m/d/yy h:mm", HZ_XLSX_DATETIME},
    {"h:mm:ss", HZ_XLSX_TIME},
    {"[h]:mm", HZ_XLSX_TIME},
    {"mm:ss", HZ_XLSX_TIME},
};

START_TEST(test_xlsx_value__style)
{
    ck_assert_int_eq(hz_xlsx_style_of(hz_slice_of(styles[_i].code)), styles[_i].style);
}
END_TEST

START_TEST(test_xlsx_value__letters)
{
    static const struct {
        size_t column;
        const char *letters;
    } cases[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {51, "AZ"}, {52, "BA"}, {701, "ZZ"}, {702, "AAA"}, {16383, "XFD"}};
    hz_buf out = HZ_BUF_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hz_buf_reset(&out);
        hz_xlsx_put_letters(&out, cases[i].column);
        ck_assert_str_eq(out.ptr, cases[i].letters);
    }
    hz_buf_clear(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.xlsx_value");
    TCase *tc = tcase_create("value");
    tcase_add_loop_test(tc, test_xlsx_value__number, 0, sizeof numbers / sizeof *numbers);
    tcase_add_loop_test(tc, test_xlsx_value__date, 0, sizeof dates / sizeof *dates);
    tcase_add_loop_test(tc, test_xlsx_value__style, 0, sizeof styles / sizeof *styles);
    tcase_add_test(tc, test_xlsx_value__letters);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
