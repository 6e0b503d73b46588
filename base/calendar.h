/* calendar.h: proleptic Gregorian days, seconds and intervals as PostgreSQL has them. No time zones, no wall clock.
 * A date is days since 1970-01-01 in int32; a timestamp is microseconds since then in int64; a time is microseconds
 * since midnight, 0 <= t <= 86400000000 (24:00:00 as PostgreSQL allows). Years 0001 to 9999; results outside are false
 * (NULL). */
#ifndef HZ_BASE_CALENDAR_H
#define HZ_BASE_CALENDAR_H
#include "base/buf.h"

typedef struct hz_civil {
    int32_t year, month, day;
} hz_civil;

typedef struct hz_interval {
    int32_t months, days;
    int64_t micros;
} hz_interval;

#define HZ_MICROS_PER_DAY INT64_C(86400000000)

bool hz_date_valid(int32_t year, int32_t month, int32_t day);
bool hz_date_from_civil(int32_t *days, int32_t year, int32_t month, int32_t day); /* false when not on the calendar */
hz_civil hz_date_to_civil(int32_t days);
int32_t hz_days_in_month(int32_t year, int32_t month);

/* Completed years from birth to at, floor; one born on 29 February completes a year on 1 March in common years. */
int32_t hz_date_age(int32_t birth, int32_t at);
/* Completed months from a to b, floor; day 31 completes on the first of the month after a shorter one, as age does. */
int32_t hz_date_months_between(int32_t a, int32_t b);
int32_t hz_date_first_day(int32_t days);
int32_t hz_date_last_day(int32_t days);

/* timestamp + interval as PostgreSQL: months first (day clamped to the month's last), then days, then micros. */
bool hz_timestamp_add(int64_t *out, int64_t timestamp, hz_interval interval, bool negate);
/* timestamp - timestamp: days and micros, no months. */
hz_interval hz_timestamp_sub(int64_t a, int64_t b);
/* As PostgreSQL: a month counts 30 days, a day 24 hours. */
int hz_interval_cmp(hz_interval a, hz_interval b);
bool hz_interval_add(hz_interval *out, hz_interval a, hz_interval b, bool negate);

/* A compiled `formats` entry. Tokens: YYYY MM DD (fixed width), M D (one or two digits), HH24 MI SS; a run of other
 * characters stands for itself; HZ_DATE_ISO etc. are built in. The whole text must match. */
typedef enum hz_time_kind { HZ_TIME_DATE, HZ_TIME_MONTH, HZ_TIME_DATETIME, HZ_TIME_TIME } hz_time_kind;
typedef struct hz_time_format {
    hz_time_kind kind;
    bool iso;                 /* date YYYY-MM-DD; month YYYY-MM; time HH:MM[:SS[.1-6 digits]];
                               * datetime date, T or blank, time */
    uint32_t parts_count;
    struct {
        char token;           /* Y M D m d h i s, or '=' for literal bytes */
        uint16_t offset, len; /* literal: into text */
    } parts[16];
    char text[64];            /* the format as written, NUL-terminated */
} hz_time_format;

/* HZ_E_PROFILE when a token is unknown, repeated, or one that the kind needs is missing (a date needs Y, M, D; a month
 * Y, M; a time h; a datetime all of date and h). */
HZ_NODISCARD hz_status hz_time_format_compile(hz_time_format *out, hz_time_kind kind, hz_slice text, hz_error *err);
void hz_time_format_iso(hz_time_format *out, hz_time_kind kind);
/* out: days for date and month (its first day), micros else. false: other form or not on the calendar. */
bool hz_time_parse(int64_t *out, const hz_time_format *format, hz_slice text);
/* A value of the format's kind, as hz_time_parse gives it, written so that the format reads it. */
void hz_time_format_put(hz_buf *out, const hz_time_format *format, int64_t value);

/* ISO text: "2020-12-31", "2020-12-31T08:00:00[.ffffff]", "08:00:00[.ffffff]". */
void hz_date_put(hz_buf *out, int32_t days);
void hz_timestamp_put(hz_buf *out, int64_t micros);
void hz_time_put(hz_buf *out, int64_t micros);
#endif
