/* calendar.c: the proleptic Gregorian calendar as PostgreSQL has it. Days are counted in 64 bits inside, with no bound
 * on the year, so that a sum may leave the years 1 to 9999 on its way and come back, as in PostgreSQL; only results are
 * held to them. Years are counted from March: leap days are then a year's last, and the months before them follow one
 * straight line. */
#include "base/calendar.h"

#include "base/decimal.h"

enum {
    DAYS_PER_400_YEARS = 146097,
    DAYS_PER_100_YEARS = 36524,
    DAYS_PER_4_YEARS = 1461,
    DAYS_PER_YEAR = 365,
    EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
    YEAR_MIN = 1,
    YEAR_MAX = 9999,
    DATE_MIN = -719162,  /* 0001-01-01 */
    DATE_MAX = 2932896,  /* 9999-12-31 */
    WAY_MIN = -2440588,  /* Julian day 0, where PostgreSQL's timestamps start, */
    WAY_MAX = 106762939, /* and the last day of 294276, where they end */
    PARTS_MAX = 16
};
#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_PER_MINUTE INT64_C(60000000)
#define MICROS_PER_HOUR   INT64_C(3600000000)

typedef struct day {
    int64_t year;
    int32_t month, day;
} day;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

static bool leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t month_days(int64_t year, int32_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && leap(year));
}

static int64_t days_of(day d)
{
    int64_t year = d.month < 3 ? d.year - 1 : d.year;
    int64_t month = d.month < 3 ? d.month + 9 : d.month - 3; /* 0 is March */
    int64_t era = floor_div(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * month + 2) / 5 + d.day - 1; /* five months from March on have 153 days */
    return era * DAYS_PER_400_YEARS + of_era * DAYS_PER_YEAR + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
}

static day day_of(int64_t days)
{
    int64_t since = days + EPOCH_DAYS, era = floor_div(since, DAYS_PER_400_YEARS),
            rest = since - era * DAYS_PER_400_YEARS;
    /* The last century, and the last year of four, are one day longer. */
    int64_t century = rest / DAYS_PER_100_YEARS;
    century -= century == 4;
    rest -= century * DAYS_PER_100_YEARS;
    int64_t four = rest / DAYS_PER_4_YEARS;
    rest -= four * DAYS_PER_4_YEARS;
    int64_t one = rest / DAYS_PER_YEAR;
    one -= one == 4;
    rest -= one * DAYS_PER_YEAR;
    int64_t month = (5 * rest + 2) / 153;
    int32_t of_month = (int32_t)(rest - (153 * month + 2) / 5) + 1;
    int64_t year = era * 400 + century * 100 + four * 4 + one;
    if (month >= 10)
        return (day){year + 1, (int32_t)month - 9, of_month};
    return (day){year, (int32_t)month + 3, of_month};
}

bool hz_date_valid(int32_t year, int32_t month, int32_t day_of_month)
{
    return year >= YEAR_MIN && year <= YEAR_MAX && month >= 1 && month <= 12 && day_of_month >= 1 &&
           day_of_month <= month_days(year, month);
}

bool hz_date_from_civil(int32_t *days, int32_t year, int32_t month, int32_t day_of_month)
{
    if (!hz_date_valid(year, month, day_of_month))
        return false;
    *days = (int32_t)days_of((day){year, month, day_of_month});
    return true;
}

hz_civil hz_date_to_civil(int32_t days)
{
    day d = day_of(days);
    return (hz_civil){(int32_t)d.year, d.month, d.day};
}

int32_t hz_days_in_month(int32_t year, int32_t month)
{
    return month >= 1 && month <= 12 ? month_days(year, month) : 0;
}

int32_t hz_date_age(int32_t birth, int32_t at)
{
    day from = day_of(birth), to = day_of(at);
    bool before = to.month < from.month || (to.month == from.month && to.day < from.day);
    return (int32_t)(to.year - from.year) - before;
}

int32_t hz_date_months_between(int32_t a, int32_t b)
{
    day from = day_of(a), to = day_of(b);
    return (int32_t)((to.year - from.year) * 12) + to.month - from.month - (to.day < from.day);
}

int32_t hz_date_first_day(int32_t days)
{
    return days - (day_of(days).day - 1);
}

int32_t hz_date_last_day(int32_t days)
{
    day d = day_of(days);
    return days + month_days(d.year, d.month) - d.day;
}

static int64_t add_months(int64_t days, int64_t months)
{
    day d = day_of(days);
    int64_t month = d.year * 12 + (d.month - 1) + months;
    d.year = floor_div(month, 12);
    d.month = (int32_t)(month - d.year * 12) + 1;
    int32_t last = month_days(d.year, d.month);
    if (d.day > last)
        d.day = last;
    return days_of(d);
}

static bool on_calendar(int64_t days)
{
    return days >= DATE_MIN && days <= DATE_MAX;
}

/* PostgreSQL raises an error when a step of a sum leaves its own range. */
static bool on_the_way(int64_t days)
{
    return days >= WAY_MIN && days <= WAY_MAX;
}

bool hz_timestamp_add(int64_t *out, int64_t timestamp, hz_interval interval, bool negate)
{
    int64_t months = negate ? -(int64_t)interval.months : interval.months;
    int64_t more_days = negate ? -(int64_t)interval.days : interval.days;
    int64_t days = floor_div(timestamp, HZ_MICROS_PER_DAY), micros = timestamp - days * HZ_MICROS_PER_DAY;
    if (months)
        days = add_months(days, months);
    if (!on_the_way(days) || !on_the_way(days + more_days))
        return false;
    /* The interval's micros are cut into days first, so that nothing here comes near 64 bits. */
    int64_t whole = floor_div(interval.micros, HZ_MICROS_PER_DAY), part = interval.micros - whole * HZ_MICROS_PER_DAY;
    days += more_days + (negate ? -whole : whole);
    micros += negate ? -part : part;
    int64_t carry = floor_div(micros, HZ_MICROS_PER_DAY);
    days += carry;
    if (!on_calendar(days))
        return false;
    *out = days * HZ_MICROS_PER_DAY + (micros - carry * HZ_MICROS_PER_DAY);
    return true;
}

hz_interval hz_timestamp_sub(int64_t a, int64_t b)
{
    int64_t micros = a - b;
    return (hz_interval){0, (int32_t)(micros / HZ_MICROS_PER_DAY), micros % HZ_MICROS_PER_DAY};
}

int hz_interval_cmp(hz_interval a, hz_interval b)
{
    hz_int128 x = ((hz_int128)a.months * 30 + a.days) * HZ_MICROS_PER_DAY + a.micros;
    hz_int128 y = ((hz_int128)b.months * 30 + b.days) * HZ_MICROS_PER_DAY + b.micros;
    return (x > y) - (x < y);
}

bool hz_interval_add(hz_interval *out, hz_interval a, hz_interval b, bool negate)
{
    hz_interval sum = {0, 0, 0};
    bool overflow;
    if (negate)
        overflow = __builtin_sub_overflow(a.months, b.months, &sum.months) ||
                   __builtin_sub_overflow(a.days, b.days, &sum.days) ||
                   __builtin_sub_overflow(a.micros, b.micros, &sum.micros);
    else
        overflow = __builtin_add_overflow(a.months, b.months, &sum.months) ||
                   __builtin_add_overflow(a.days, b.days, &sum.days) ||
                   __builtin_add_overflow(a.micros, b.micros, &sum.micros);
    if (!overflow)
        *out = sum;
    return !overflow;
}

/* The tokens of formats; a longer one stands before its prefix. Digits 0: one or two. */
static const struct token {
    const char *name;
    char code;
    uint8_t digits;
} tokens[] = {
    {"YYYY", 'Y', 4}, {"MM", 'M', 2}, {"MI", 'i', 2},   {"M", 'M', 0},
    {"DD", 'D', 2},   {"D", 'D', 0},  {"HH24", 'h', 2}, {"SS", 's', 2},
};
enum { TOKENS = sizeof tokens / sizeof *tokens };

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static const struct token *token_at(hz_slice text)
{
    for (size_t i = 0; i < TOKENS; i++)
        if (hz_slice_starts(text, hz_slice_of(tokens[i].name)))
            return &tokens[i];
    return NULL;
}

static bool has_part(const hz_time_format *format, char code)
{
    for (uint32_t i = 0; i < format->parts_count; i++)
        if (format->parts[i].token == code)
            return true;
    return false;
}

/* One more part of `len` bytes at `offset` of the text; its digits stand in len for tokens. */
static bool add_part(hz_time_format *format, char code, size_t offset, size_t len)
{
    if (format->parts_count == PARTS_MAX)
        return false;
    format->parts[format->parts_count].token = code;
    format->parts[format->parts_count].offset = (uint16_t)offset;
    format->parts[format->parts_count].len = (uint16_t)len;
    format->parts_count++;
    return true;
}

static hz_status too_long(hz_slice text, hz_error *err)
{
    return hz_fail(err, HZ_E_PROFILE, HZ_M(DATE_FORMAT_LONG), HZ_S(text), HZ_U(sizeof((hz_time_format *)0)->text - 1),
                   HZ_U(PARTS_MAX));
}

static hz_status unknown_token(hz_slice text, size_t at, hz_error *err)
{
    size_t end = at;
    while (end < text.len && is_letter(text.ptr[end]))
        end++;
    hz_status status =
        hz_fail(err, HZ_E_PROFILE, HZ_M(DATE_FORMAT_TOKEN), HZ_S(text), HZ_S(hz_slice_sub(text, at, end)));
    hz_error_hint(err, HZ_MSG_DATE_FORMAT_TOKENS_HINT);
    return status;
}

static hz_status split(hz_time_format *out, hz_slice text, hz_error *err)
{
    const struct token *last = NULL;
    for (size_t at = 0; at < text.len;) {
        const struct token *token = token_at(hz_slice_sub(text, at, text.len));
        if (last && !last->digits && (token || (text.ptr[at] >= '0' && text.ptr[at] <= '9')))
            return hz_fail(err, HZ_E_PROFILE, HZ_M(DATE_FORMAT_RUN_ON), HZ_S(text), HZ_Z(last->name));
        last = token;
        if (token) {
            if (has_part(out, token->code))
                return hz_fail(err, HZ_E_PROFILE, HZ_M(DATE_FORMAT_REPEATED), HZ_S(text), HZ_Z(token->name));
            if (!add_part(out, token->code, at, token->digits))
                return too_long(text, err);
            at += strlen(token->name);
            continue;
        }
        size_t from = at;
        while (at < text.len && (text.ptr[at] == 'T' || !is_letter(text.ptr[at])))
            at++;
        if (at == from)
            return unknown_token(text, at, err);
        if (!add_part(out, '=', from, at - from))
            return too_long(text, err);
    }
    return HZ_OK;
}

/* The name of a token that kind needs and the format lacks, or NULL. */
static const char *missing(const hz_time_format *format)
{
    bool date = format->kind != HZ_TIME_TIME;
    if (date && !has_part(format, 'Y'))
        return "YYYY";
    if (date && !has_part(format, 'M'))
        return "MM";
    if ((format->kind == HZ_TIME_DATE || format->kind == HZ_TIME_DATETIME) && !has_part(format, 'D'))
        return "DD";
    bool hour = format->kind == HZ_TIME_TIME || format->kind == HZ_TIME_DATETIME;
    if (!has_part(format, 'h') && (hour || has_part(format, 'i') || has_part(format, 's')))
        return "HH24";
    if (has_part(format, 's') && !has_part(format, 'i'))
        return "MI";
    return NULL;
}

hz_status hz_time_format_compile(hz_time_format *out, hz_time_kind kind, hz_slice text, hz_error *err)
{
    *out = (hz_time_format){.kind = kind};
    if (text.len >= sizeof out->text)
        return too_long(text, err);
    if (text.len)
        memcpy(out->text, text.ptr, text.len);
    HZ_TRY(split(out, text, err));
    const char *name = missing(out);
    return name ? hz_fail(err, HZ_E_PROFILE, HZ_M(DATE_FORMAT_MISSING), HZ_S(text), HZ_Z(name)) : HZ_OK;
}

void hz_time_format_iso(hz_time_format *out, hz_time_kind kind)
{
    static const char *const texts[] = {
        [HZ_TIME_DATE] = "YYYY-MM-DD",
        [HZ_TIME_MONTH] = "YYYY-MM",
        [HZ_TIME_DATETIME] = "YYYY-MM-DDTHH24:MI:SS",
        [HZ_TIME_TIME] = "HH24:MI:SS",
    };
    *out = (hz_time_format){.kind = kind, .iso = true};
    memcpy(out->text, texts[kind], strlen(texts[kind]));
}

/* What a text says; parts that the format does not have stay as they were made. */
typedef struct fields {
    int32_t year, month, day, hour, minute, second, micros;
} fields;

/* Exactly `count` digits at *at; advances. */
static bool take_digits(int32_t *out, hz_slice text, size_t *at, size_t count)
{
    if (text.len - *at < count)
        return false;
    int32_t value = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned char)text.ptr[*at + i] - (unsigned)'0';
        if (digit > 9)
            return false;
        value = value * 10 + (int32_t)digit;
    }
    *at += count;
    *out = value;
    return true;
}

static bool take_char(hz_slice text, size_t *at, char c)
{
    if (*at >= text.len || text.ptr[*at] != c)
        return false;
    ++*at;
    return true;
}

static bool take_iso_time(fields *out, hz_slice text, size_t *at)
{
    if (!take_digits(&out->hour, text, at, 2) || !take_char(text, at, ':') || !take_digits(&out->minute, text, at, 2))
        return false;
    if (!take_char(text, at, ':'))
        return true;
    if (!take_digits(&out->second, text, at, 2))
        return false;
    if (!take_char(text, at, '.'))
        return true;
    size_t from = *at;
    int32_t digit = 0;
    while (*at - from < 6 && take_digits(&digit, text, at, 1))
        out->micros = out->micros * 10 + digit;
    for (size_t i = *at - from; i < 6; i++)
        out->micros *= 10;
    return *at > from;
}

static bool take_iso(fields *out, hz_time_kind kind, hz_slice text)
{
    size_t at = 0;
    if (kind != HZ_TIME_TIME) {
        if (!take_digits(&out->year, text, &at, 4) || !take_char(text, &at, '-') ||
            !take_digits(&out->month, text, &at, 2))
            return false;
        if (kind != HZ_TIME_MONTH && (!take_char(text, &at, '-') || !take_digits(&out->day, text, &at, 2)))
            return false;
        if (kind == HZ_TIME_DATETIME && !take_char(text, &at, 'T') && !take_char(text, &at, ' '))
            return false;
    }
    if ((kind == HZ_TIME_DATETIME || kind == HZ_TIME_TIME) && !take_iso_time(out, text, &at))
        return false;
    return at == text.len;
}

static int32_t *field_of(fields *out, char code)
{
    switch (code) {
    case 'Y':
        return &out->year;
    case 'M':
        return &out->month;
    case 'D':
        return &out->day;
    case 'h':
        return &out->hour;
    case 'i':
        return &out->minute;
    default:
        return &out->second;
    }
}

static bool take_parts(fields *out, const hz_time_format *format, hz_slice text)
{
    size_t at = 0;
    for (uint32_t i = 0; i < format->parts_count; i++) {
        size_t len = format->parts[i].len;
        if (format->parts[i].token == '=') {
            if (text.len - at < len || memcmp(text.ptr + at, format->text + format->parts[i].offset, len) != 0)
                return false;
            at += len;
            continue;
        }
        int32_t *field = field_of(out, format->parts[i].token);
        if (len ? !take_digits(field, text, &at, len)
                : !take_digits(field, text, &at, 2) && !take_digits(field, text, &at, 1))
            return false;
    }
    return at == text.len;
}

bool hz_time_parse(int64_t *out, const hz_time_format *format, hz_slice text)
{
    fields got = {.year = 1970, .month = 1, .day = 1};
    if (!text.len || !(format->iso ? take_iso(&got, format->kind, text) : take_parts(&got, format, text)))
        return false;
    int32_t days = 0;
    if (!hz_date_from_civil(&days, got.year, got.month, got.day))
        return false;
    bool midnight = got.hour == 24 && !got.minute && !got.second && !got.micros;
    if ((got.hour > 23 && !midnight) || got.minute > 59 || got.second > 59)
        return false;
    int64_t time =
        got.hour * MICROS_PER_HOUR + got.minute * MICROS_PER_MINUTE + got.second * MICROS_PER_SECOND + got.micros;
    switch (format->kind) {
    case HZ_TIME_DATE:
        *out = days;
        return !midnight;
    case HZ_TIME_MONTH:
        *out = hz_date_first_day(days);
        return !midnight;
    case HZ_TIME_TIME:
        *out = time;
        return true;
    case HZ_TIME_DATETIME:
        *out = days * HZ_MICROS_PER_DAY + time;
        return !(midnight && days == DATE_MAX);
    }
    return false;
}

static char *put_digits(char *at, int64_t n, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + n % 10);
        n /= 10;
    }
    return at + count;
}

static char *date_text(char *at, int64_t days)
{
    day d = day_of(days);
    at = put_digits(at, d.year, 4);
    *at++ = '-';
    at = put_digits(at, d.month, 2);
    *at++ = '-';
    return put_digits(at, d.day, 2);
}

static char *time_text(char *at, int64_t micros)
{
    at = put_digits(at, micros / MICROS_PER_HOUR, 2);
    *at++ = ':';
    at = put_digits(at, micros / MICROS_PER_MINUTE % 60, 2);
    *at++ = ':';
    at = put_digits(at, micros / MICROS_PER_SECOND % 60, 2);
    if (micros % MICROS_PER_SECOND == 0)
        return at;
    *at++ = '.';
    return put_digits(at, micros % MICROS_PER_SECOND, 6);
}

void hz_date_put(hz_buf *out, int32_t days)
{
    char text[16];
    hz_buf_put(out, (hz_slice){text, (size_t)(date_text(text, days) - text)});
}

void hz_timestamp_put(hz_buf *out, int64_t micros)
{
    char text[32];
    int64_t days = floor_div(micros, HZ_MICROS_PER_DAY);
    char *at = date_text(text, days);
    *at++ = 'T';
    at = time_text(at, micros - days * HZ_MICROS_PER_DAY);
    hz_buf_put(out, (hz_slice){text, (size_t)(at - text)});
}

void hz_time_put(hz_buf *out, int64_t micros)
{
    char text[20];
    hz_buf_put(out, (hz_slice){text, (size_t)(time_text(text, micros) - text)});
}

static void put_part(hz_buf *out, const hz_time_format *format, uint32_t part, hz_civil civil, int64_t seconds)
{
    char token = format->parts[part].token;
    int64_t value = token == 'Y'   ? civil.year
                    : token == 'M' ? civil.month
                    : token == 'D' ? civil.day
                    : token == 'h' ? seconds / 3600
                    : token == 'i' ? seconds / 60 % 60
                                   : seconds % 60;
    char text[4];
    if (token == '=')
        hz_buf_put(out, (hz_slice){format->text + format->parts[part].offset, format->parts[part].len});
    else if (format->parts[part].len)
        hz_buf_put(out, (hz_slice){text, (size_t)(put_digits(text, value, (int)format->parts[part].len) - text)});
    else
        hz_buf_put_i64(out, value);
}

void hz_time_format_put(hz_buf *out, const hz_time_format *format, int64_t value)
{
    bool of_day = format->kind == HZ_TIME_DATETIME || format->kind == HZ_TIME_TIME;
    int64_t days = of_day ? floor_div(value, HZ_MICROS_PER_DAY) : value;
    int64_t micros = of_day ? value - days * HZ_MICROS_PER_DAY : 0;
    hz_civil civil = hz_date_to_civil((int32_t)days);
    if (!format->iso)
        for (uint32_t i = 0; i < format->parts_count; i++)
            put_part(out, format, i, civil, micros / MICROS_PER_SECOND);
    else if (format->kind == HZ_TIME_MONTH)
        hz_buf_printf(out, "%04d-%02d", civil.year, civil.month);
    else if (format->kind == HZ_TIME_DATE)
        hz_date_put(out, (int32_t)days);
    else if (format->kind == HZ_TIME_DATETIME)
        hz_timestamp_put(out, value);
    else
        hz_time_put(out, micros);
}
