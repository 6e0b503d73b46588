#include "base/calendar.h"
#include "tests/unit/base/unit.h"
#include "tests/unit/base/vectors.h"

static int64_t number(hz_slice text)
{
    char *end = NULL;
    long long n = strtoll(text.ptr, &end, 10);
    ck_assert_ptr_eq(end, text.ptr + text.len);
    return n;
}

static int64_t parsed(hz_time_kind kind, hz_slice text)
{
    hz_time_format iso;
    int64_t out = 0;
    hz_time_format_iso(&iso, kind);
    ck_assert_msg(hz_time_parse(&out, &iso, text), "%.*s", HZ_SLICE_FMT(text));
    return out;
}

static int32_t date_of(hz_slice text)
{
    return (int32_t)parsed(HZ_TIME_DATE, text);
}

static int64_t stamp_of(hz_slice text)
{
    return parsed(HZ_TIME_DATETIME, text);
}

static hz_interval interval_of(const hz_slice *c)
{
    return (hz_interval){(int32_t)number(c[0]), (int32_t)number(c[1]), number(c[2])};
}

static void check_vector(const hz_slice *c, size_t count, size_t line)
{
    ck_assert_uint_ge(count, 4);
    if (hz_slice_is(c[0], "add")) {
        int64_t got = 0;
        bool ok = hz_timestamp_add(&got, stamp_of(c[1]), interval_of(c + 2), number(c[5]) < 0);
        ck_assert_msg(ok == !hz_slice_is(c[6], "null"), "line %zu", line);
        ck_assert_msg(!ok || got == stamp_of(c[6]), "line %zu", line);
    } else if (hz_slice_is(c[0], "sub")) {
        hz_interval got = hz_timestamp_sub(stamp_of(c[1]), stamp_of(c[2]));
        ck_assert_msg(got.months == 0 && got.days == number(c[3]) && got.micros == number(c[4]), "line %zu", line);
    } else if (hz_slice_is(c[0], "cmp")) {
        ck_assert_msg(hz_interval_cmp(interval_of(c + 1), interval_of(c + 4)) == number(c[7]), "line %zu", line);
    } else if (hz_slice_is(c[0], "date")) {
        int32_t days = date_of(c[1]);
        ck_assert_msg(days == number(c[2]) && hz_date_last_day(days) == date_of(c[3]), "line %zu", line);
    } else if (hz_slice_is(c[0], "age")) {
        int32_t a = date_of(c[1]), b = date_of(c[2]);
        ck_assert_msg(hz_date_age(a, b) == number(c[3]), "line %zu: %d", line, hz_date_age(a, b));
        ck_assert_msg(hz_date_months_between(a, b) == number(c[4]), "line %zu: %d", line, hz_date_months_between(a, b));
    } else {
        ck_abort_msg("line %zu: no operation %.*s", line, HZ_SLICE_FMT(c[0]));
    }
}

START_TEST(test_calendar__agrees_with_postgresql)
{
    ck_assert_uint_gt(vectors_each("calendar_vectors.tsv", check_vector), 1000);
}
END_TEST

/* Every day of the 9,999 years, one after the other. */
START_TEST(test_calendar__every_day_there_and_back)
{
    int32_t expected = 0;
    ck_assert(hz_date_from_civil(&expected, 1, 1, 1));
    ck_assert_int_eq(expected, -719162);
    for (int32_t year = 1; year <= 9999; year++)
        for (int32_t month = 1; month <= 12; month++) {
            int32_t first = expected, last = hz_days_in_month(year, month);
            for (int32_t day = 1; day <= last; day++, expected++) {
                int32_t days = 0;
                bool valid = hz_date_from_civil(&days, year, month, day);
                hz_civil civil = hz_date_to_civil(days);
                if (!valid || days != expected || civil.year != year || civil.month != month || civil.day != day)
                    ck_abort_msg("%d-%d-%d", year, month, day);
            }
            ck_assert(!hz_date_valid(year, month, last + 1));
            ck_assert_int_eq(hz_date_first_day(expected - 1), first);
            ck_assert_int_eq(hz_date_last_day(first), expected - 1);
        }
    ck_assert_int_eq(expected - 1, 2932896);
    ck_assert(!hz_date_valid(0, 1, 1) && !hz_date_valid(10000, 1, 1) && !hz_date_valid(2020, 0, 1));
    ck_assert(!hz_date_valid(2020, 13, 1) && !hz_date_valid(2020, 1, 0));
}
END_TEST

static const struct {
    const char *birth, *at;
    int years, months;
} ages[] = {
    {"2000-02-29", "2001-02-28", 0, 11},        {"2000-02-29", "2001-03-01", 1, 12},
    {"2000-02-29", "2004-02-29", 4, 48},        {"2000-02-29", "2004-02-28", 3, 47},
    {"2020-01-31", "2020-02-29", 0, 0},         {"2020-01-31", "2020-03-01", 0, 1},
    {"2020-01-31", "2020-03-31", 0, 2},         {"2020-05-15", "2020-05-15", 0, 0},
    {"2020-05-15", "2020-05-14", -1, -1},       {"2020-05-15", "2019-05-15", -1, -12},
    {"2020-05-15", "2019-05-14", -2, -13},      {"2020-05-15", "2020-04-16", -1, -1},
    {"2020-05-15", "2020-04-15", -1, -1},       {"2020-05-15", "2020-04-14", -1, -2},
    {"0001-01-01", "9999-12-31", 9998, 119987},
};

START_TEST(test_calendar__age_and_months_are_floors)
{
    int32_t birth = date_of(hz_slice_of(ages[_i].birth)), at = date_of(hz_slice_of(ages[_i].at));
    ck_assert_int_eq(hz_date_age(birth, at), ages[_i].years);
    ck_assert_int_eq(hz_date_months_between(birth, at), ages[_i].months);
}
END_TEST

START_TEST(test_calendar__interval_overflow_has_no_value)
{
    hz_interval big = {INT32_MAX, 0, 0}, one = {1, 1, 1}, least = {0, 0, INT64_MIN}, out = {7, 7, 7};
    ck_assert(!hz_interval_add(&out, big, one, false));
    ck_assert(!hz_interval_add(&out, least, one, true));
    ck_assert_int_eq(out.months, 7);
    ck_assert(hz_interval_add(&out, big, one, true));
    ck_assert(out.months == INT32_MAX - 1 && out.days == -1 && out.micros == -1);
    ck_assert_int_eq(
        hz_interval_cmp((hz_interval){INT32_MAX, INT32_MAX, INT64_MAX}, (hz_interval){INT32_MIN, INT32_MIN, INT64_MIN}),
        1);
    int64_t stamp = 0;
    ck_assert(!hz_timestamp_add(&stamp, 0, (hz_interval){INT32_MIN, INT32_MIN, INT64_MIN}, true));
    ck_assert(!hz_timestamp_add(&stamp, 0, (hz_interval){INT32_MAX, INT32_MAX, INT64_MAX}, false));
}
END_TEST

static const struct {
    hz_time_kind kind;
    const char *format;      /* NULL: ISO */
    const char *text, *want; /* want NULL: no value */
} times[] = {
    {HZ_TIME_DATE, NULL, "2020-12-31", "2020-12-31"},
    {HZ_TIME_DATE, NULL, "2020-02-30", NULL},
    {HZ_TIME_DATE, NULL, "2020-2-3", NULL},
    {HZ_TIME_DATE, NULL, "2020-12-31 ", NULL},
    {HZ_TIME_DATE, NULL, " 2020-12-31", NULL},
    {HZ_TIME_DATE, NULL, "2020-12-3", NULL},
    {HZ_TIME_DATE, NULL, "20201231", NULL},
    {HZ_TIME_DATE, NULL, "0000-01-01", NULL},
    {HZ_TIME_DATE, NULL, "-001-01-01", NULL},
    {HZ_TIME_DATE, NULL, "", NULL},
    {HZ_TIME_MONTH, NULL, "2020-12", "2020-12-01"},
    {HZ_TIME_MONTH, NULL, "2020-13", NULL},
    {HZ_TIME_MONTH, NULL, "2020-12-01", NULL},
    {HZ_TIME_DATETIME, NULL, "2020-12-31T08:00:00", "2020-12-31T08:00:00"},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 08:00", "2020-12-31T08:00:00"},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 08:00:00.5", "2020-12-31T08:00:00.500000"},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 08:00:00.000001", "2020-12-31T08:00:00.000001"},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 08:00:00.0000001", NULL},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 08:00:00.", NULL},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 08", NULL},
    {HZ_TIME_DATETIME, NULL, "2020-12-31", NULL},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 24:00:00", "2021-01-01T00:00:00"},
    {HZ_TIME_DATETIME, NULL, "9999-12-31 24:00:00", NULL},
    {HZ_TIME_DATETIME, NULL, "2020-12-31 24:00:01", NULL},
    {HZ_TIME_DATETIME, NULL, "2020-12-31T08:00:00Z", NULL},
    {HZ_TIME_DATETIME, NULL, "1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999"},
    {HZ_TIME_DATETIME, NULL, "0001-01-01T00:00:00", "0001-01-01T00:00:00"},
    {HZ_TIME_TIME, NULL, "08:30", "08:30:00"},
    {HZ_TIME_TIME, NULL, "24:00:00", "24:00:00"},
    {HZ_TIME_TIME, NULL, "24:00:00.1", NULL},
    {HZ_TIME_TIME, NULL, "25:00", NULL},
    {HZ_TIME_TIME, NULL, "08:60", NULL},
    {HZ_TIME_TIME, NULL, "08:00:60", NULL},
    {HZ_TIME_DATE, "YYYYMMDD", "20201231", "2020-12-31"},
    {HZ_TIME_DATE, "YYYYMMDD", "2020123", NULL},
    {HZ_TIME_DATE, "YYYYMMDD", "202012311", NULL},
    {HZ_TIME_DATE, "YYYY/M/D", "2020/1/2", "2020-01-02"},
    {HZ_TIME_DATE, "YYYY/M/D", "2020/01/02", "2020-01-02"},
    {HZ_TIME_DATE, "YYYY/M/D", "2020/012/2", NULL},
    {HZ_TIME_DATE, "YYYY/M/D", "2020/0/2", NULL},
    {HZ_TIME_DATE, "YYYY年M月D日", "2020年1月2日", "2020-01-02"},
    {HZ_TIME_DATE, "YYYY年M月D日", "2020年12月31", NULL},
    {HZ_TIME_DATE, "DD.MM.YYYY", "31.12.2020", "2020-12-31"},
    {HZ_TIME_DATE, "YYYY-MM-DD HH24:MI:SS", "2020-12-31 23:59:59", "2020-12-31"},
    {HZ_TIME_DATE, "YYYY-MM-DD HH24:MI:SS", "2020-12-31 23:60:59", NULL},
    {HZ_TIME_MONTH, "YYYYMM", "202012", "2020-12-01"},
    {HZ_TIME_MONTH, "YYYYMM", "202000", NULL},
    {HZ_TIME_DATETIME, "YYYYMMDDHH24MISS", "20201231080910", "2020-12-31T08:09:10"},
    {HZ_TIME_DATETIME, "YYYY-MM-DDTHH24:MI", "2020-12-31T08:09", "2020-12-31T08:09:00"},
    {HZ_TIME_TIME, "HH24MI", "0830", "08:30:00"},
};

START_TEST(test_calendar__parse_and_put)
{
    hz_time_format format;
    int64_t got = 0;
    hz_buf text = HZ_BUF_INIT;
    if (times[_i].format)
        ck_assert_int_eq(hz_time_format_compile(&format, times[_i].kind, hz_slice_of(times[_i].format), NULL), HZ_OK);
    else
        hz_time_format_iso(&format, times[_i].kind);
    bool ok = hz_time_parse(&got, &format, hz_slice_of(times[_i].text));
    ck_assert_msg(ok == (times[_i].want != NULL), "%s", times[_i].text);
    if (!ok)
        return;
    if (times[_i].kind == HZ_TIME_DATETIME)
        hz_timestamp_put(&text, got);
    else if (times[_i].kind == HZ_TIME_TIME)
        hz_time_put(&text, got);
    else
        hz_date_put(&text, (int32_t)got);
    ck_assert_str_eq(text.ptr, times[_i].want);
    hz_buf_clear(&text);
}
END_TEST

/* A text is cut at every byte: no cut is taken for a value, and none reads past its end. */
START_TEST(test_calendar__cut_text_has_no_value)
{
    hz_time_format format;
    hz_slice whole = HZ_SLICE_LIT("2020年1月2日 08:09:10");
    int64_t got = 0;
    ck_assert_int_eq(hz_time_format_compile(&format, HZ_TIME_DATETIME, HZ_SLICE_LIT("YYYY年M月D日 HH24:MI:SS"), NULL),
                     HZ_OK);
    ck_assert(hz_time_parse(&got, &format, whole));
    for (size_t len = 0; len < whole.len; len++) {
        char *copy = malloc(len ? len : 1);
        memcpy(copy, whole.ptr, len);
        ck_assert(!hz_time_parse(&got, &format, (hz_slice){copy, len}));
        free(copy);
    }
}
END_TEST

static const struct {
    hz_time_kind kind;
    const char *format;
    hz_msg_id message;
    const char *second; /* argument */
} bad_formats[] = {
    {HZ_TIME_DATE, "YYYY-MM-dd", HZ_MSG_DATE_FORMAT_TOKEN, "dd"},
    {HZ_TIME_DATE, "YY-MM-DD", HZ_MSG_DATE_FORMAT_TOKEN, "YY"},
    {HZ_TIME_DATE, "DD MON YYYY", HZ_MSG_DATE_FORMAT_TOKEN, "ON"},
    {HZ_TIME_TIME, "HH:MI", HZ_MSG_DATE_FORMAT_TOKEN, "HH"},
    {HZ_TIME_DATE, "YYYY-MM-M-DD", HZ_MSG_DATE_FORMAT_REPEATED, "M"},
    {HZ_TIME_DATE, "YYYY-MM", HZ_MSG_DATE_FORMAT_MISSING, "DD"},
    {HZ_TIME_DATE, "", HZ_MSG_DATE_FORMAT_MISSING, "YYYY"},
    {HZ_TIME_MONTH, "YYYY", HZ_MSG_DATE_FORMAT_MISSING, "MM"},
    {HZ_TIME_DATETIME, "YYYY-MM-DD", HZ_MSG_DATE_FORMAT_MISSING, "HH24"},
    {HZ_TIME_TIME, "MI:SS", HZ_MSG_DATE_FORMAT_MISSING, "HH24"},
    {HZ_TIME_TIME, "HH24 SS", HZ_MSG_DATE_FORMAT_MISSING, "MI"},
    {HZ_TIME_DATE, "YYYYMD", HZ_MSG_DATE_FORMAT_RUN_ON, "M"},
    {HZ_TIME_DATE, "YYYY-M1-DD", HZ_MSG_DATE_FORMAT_RUN_ON, "M"},
    {HZ_TIME_DATE, "YYYY-MM-DD                                                      ", HZ_MSG_DATE_FORMAT_LONG, "63"},
};

START_TEST(test_calendar__bad_format_is_worded)
{
    hz_time_format format;
    hz_error err = {.status = HZ_OK};
    hz_slice args[HZ_MSG_ARGS_MAX];
    ck_assert_int_eq(hz_time_format_compile(&format, bad_formats[_i].kind, hz_slice_of(bad_formats[_i].format), &err),
                     HZ_E_PROFILE);
    ck_assert_str_eq(hz_msg_name(err.message), hz_msg_name(bad_formats[_i].message));
    ck_assert_uint_ge(hz_error_args(&err, args), 2);
    ck_assert_msg(hz_slice_is(args[1], bad_formats[_i].second), "%.*s", HZ_SLICE_FMT(args[1]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.calendar");
    TCase *tcase = unit_case(suite, "calendar");
    tcase_add_test(tcase, test_calendar__agrees_with_postgresql);
    tcase_add_test(tcase, test_calendar__every_day_there_and_back);
    tcase_add_loop_test(tcase, test_calendar__age_and_months_are_floors, 0, (int)(sizeof ages / sizeof *ages));
    tcase_add_test(tcase, test_calendar__interval_overflow_has_no_value);
    tcase_add_loop_test(tcase, test_calendar__parse_and_put, 0, (int)(sizeof times / sizeof *times));
    tcase_add_test(tcase, test_calendar__cut_text_has_no_value);
    tcase_add_loop_test(tcase, test_calendar__bad_format_is_worded, 0, (int)(sizeof bad_formats / sizeof *bad_formats));
    return unit_run(suite);
}
