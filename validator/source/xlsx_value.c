/* xlsx_value.c: cells' numbers. All on decimal text: a spreadsheet writes the shortest text of its binary number, of
 * which it shows 15 digits; rounding that text to 15 digits gives what it shows, on any machine and in any locale. */
#include "base/calendar.h"
#include "validator/source/xlsx_int.h"

enum { SHOWN_DIGITS = 15, DIGITS_MAX = 40, EXPONENT_MAX = 400 };

typedef struct number {
    bool negative;
    char digits[DIGITS_MAX + 1]; /* '0' … '9'; the first is not '0', unless it is all */
    int count;
    int point; /* digits before the point; may be negative or beyond count */
} number;

static bool read_exponent(int *out, hz_slice text, size_t *at)
{
    bool minus = false, any = false;
    int n = 0;
    if (*at < text.len && (text.ptr[*at] == '-' || text.ptr[*at] == '+'))
        minus = text.ptr[(*at)++] == '-';
    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; ++*at, any = true)
        n = n < EXPONENT_MAX ? n * 10 + (text.ptr[*at] - '0') : n;
    *out = minus ? -n : n;
    return any && n < EXPONENT_MAX;
}

static bool read_number(number *n, hz_slice text)
{
    size_t at = 0;
    bool point = false, any = false;
    int exponent = 0;
    *n = (number){.negative = text.len && text.ptr[0] == '-'};
    at += text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        any = true;
        if (!n->count && c == '0') {
            n->point -= point;
            continue;
        }
        if (n->count < DIGITS_MAX)
            n->digits[n->count++] = c;
        n->point += !point;
    }
    if (any && at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        if (!read_exponent(&exponent, text, &at))
            return false;
    }
    n->point = n->count ? n->point + exponent : 0;
    return any && at == text.len;
}

static void drop_zeros(number *n)
{
    while (n->count && n->digits[n->count - 1] == '0')
        n->count--;
}

/* Half away from zero. */
static void round_to(number *n, int count)
{
    if (n->count <= count)
        return;
    bool up = n->digits[count] >= '5';
    n->count = count;
    for (int i = count - 1; up && i >= 0; i--) {
        up = n->digits[i] == '9';
        n->digits[i] = up ? '0' : (char)(n->digits[i] + 1);
    }
    if (up) { /* 99… became 100… */
        memmove(n->digits + 1, n->digits, (size_t)count);
        n->digits[0] = '1';
        n->point++;
    }
    drop_zeros(n);
}

static char digit_at(const number *n, int i)
{
    return i >= 0 && i < n->count ? n->digits[i] : '0';
}

bool hz_xlsx_put_number(hz_buf *out, hz_slice value, bool *lost)
{
    number n;
    *lost = false;
    if (!read_number(&n, value) || n.point > EXPONENT_MAX || n.point < -EXPONENT_MAX)
        return false;
    drop_zeros(&n);
    *lost = n.point > SHOWN_DIGITS;
    round_to(&n, SHOWN_DIGITS);
    if (!n.count) {
        hz_buf_putc(out, '0');
        return true;
    }
    if (n.negative)
        hz_buf_putc(out, '-');
    if (n.point <= 0)
        hz_buf_putc(out, '0');
    for (int i = 0; i < n.point; i++)
        hz_buf_putc(out, digit_at(&n, i));
    if (n.count > n.point)
        hz_buf_putc(out, '.');
    for (int i = n.point < 0 ? n.point : n.point > 0 ? n.point : 0; i < n.count; i++)
        hz_buf_putc(out, digit_at(&n, i));
    return true;
}

/* Whole days and seconds of the day, to the nearest second. */
static bool split_serial(int64_t *days, int64_t *seconds, hz_slice value)
{
    number n;
    int64_t fraction = 0;
    if (!read_number(&n, value) || n.negative || n.point > 7)
        return false;
    *days = 0;
    for (int i = 0; i < n.point; i++)
        *days = *days * 10 + (digit_at(&n, i) - '0');
    for (int i = n.point; i < n.point + 12; i++) /* 10^-12 days */
        fraction = fraction * 10 + (digit_at(&n, i) - '0');
    *seconds = (fraction * 864 / 10000000 + 500) / 1000; /* of milliseconds */
    if (*seconds == 86400) {
        *seconds = 0;
        ++*days;
    }
    return true;
}

bool hz_xlsx_put_date(hz_buf *out, hz_slice value, hz_xlsx_style style, bool date1904)
{
    int64_t days, seconds;
    int32_t first;
    if (!split_serial(&days, &seconds, value) || days > 2958465 /* 9999-12-31 */)
        return false;
    if (style == HZ_XLSX_TIME) {
        hz_time_put(out, seconds * 1000000);
        return true;
    }
    if (!date1904 && days == 60) {
        hz_buf_puts(out, "1900-02-29");
        return true;
    }
    if (!hz_date_from_civil(&first, date1904 ? 1904 : 1899, date1904 ? 1 : 12, date1904 ? 1 : days > 60 ? 30 : 31))
        return false;
    int32_t day = first + (int32_t)days;
    hz_civil civil = hz_date_to_civil(day);
    if (civil.year > 9999)
        return false;
    if (style == HZ_XLSX_DATETIME)
        hz_timestamp_put(out, ((int64_t)day * 86400 + seconds) * 1000000);
    else if (style == HZ_XLSX_MONTH)
        hz_buf_printf(out, "%04d-%02d", civil.year, civil.month);
    else
        hz_date_put(out, day);
    return true;
}

hz_xlsx_style hz_xlsx_style_of(hz_slice code)
{
    bool year = false, month = false, day = false, time = false;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        if (c == '"') {
            while (++i < code.len && code.ptr[i] != '"')
                continue;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (c == '[') {
            char next = i + 1 < code.len ? code.ptr[i + 1] : '\0';
            time = time || next == 'h' || next == 'H' || next == 's' || next == 'S';
            while (i < code.len && code.ptr[i] != ']')
                i++;
        } else if (c == ';') {
            break; /* the form of negative numbers */
        } else if (c == 'G' || c == 'g' || c == '#' || c == '@') {
            return HZ_XLSX_NUMBER; /* General, digits, text */
        }
        year = year || c == 'y' || c == 'Y';
        month = month || c == 'm' || c == 'M';
        day = day || c == 'd' || c == 'D';
        time = time || c == 'h' || c == 'H' || c == 's' || c == 'S';
    }
    if (year && month && !day && !time)
        return HZ_XLSX_MONTH;
    if (year || day)
        return time ? HZ_XLSX_DATETIME : HZ_XLSX_DATE;
    return time ? HZ_XLSX_TIME : month ? HZ_XLSX_DATE : HZ_XLSX_NUMBER;
}

hz_xlsx_style hz_xlsx_style_built_in(unsigned id)
{
    if (id == 22)
        return HZ_XLSX_DATETIME;
    if (id == 17 || id == 27 || id == 57)
        return id == 17 ? HZ_XLSX_DATE : HZ_XLSX_MONTH;
    if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id == 55 || id == 56)
        return HZ_XLSX_TIME;
    if ((id >= 14 && id <= 16) || (id >= 28 && id <= 31) || id == 36 || (id >= 50 && id <= 58))
        return HZ_XLSX_DATE;
    return HZ_XLSX_NUMBER;
}

void hz_xlsx_put_letters(hz_buf *out, size_t column)
{
    char letters[16];
    size_t n = sizeof letters;
    for (column++; column && n; column = (column - 1) / 26)
        letters[--n] = (char)('A' + (column - 1) % 26);
    hz_buf_put(out, (hz_slice){letters + n, sizeof letters - n});
}
