/* mask.c: what of a personal value is shown (the design's security page): of an ID its first 6 characters, of a name
 * its first, of a date its year.
 *
 * A date is masked as it was submitted, in whatever format: its year is the run of four digits that reads as one, or
 * the head or tail of a run that holds a whole date. Where that is not certain all is masked. A number or boolean
 * prints as three marks whatever it is: its length would tell. */
#include "base/utf8.h"
#include "reports/render.h"

enum {
    KEPT_OF_ID = 6,
    KEPT_OF_NAME = 1,
    MARKS_MAX = 12,
    MARKS_OF_NUMBER = 3,
    YEAR_DIGITS = 4,
    YEAR_MIN = 1800,
    YEAR_MAX = 2199
};

static void put_marks(hz_buf *out, size_t count)
{
    for (size_t i = 0; i < count && i < MARKS_MAX; i++)
        hz_buf_putc(out, '*');
}

static void put_prefix(hz_buf *out, hz_slice text, size_t kept)
{
    size_t characters = hz_utf8_length(text);
    if (characters <= kept)
        kept = 0;
    hz_buf_put(out, hz_slice_sub(text, 0, hz_utf8_offset(text, kept)));
    put_marks(out, characters - kept);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_year(hz_slice text, size_t at)
{
    int year = 0;
    for (size_t i = 0; i < YEAR_DIGITS; i++)
        year = year * 10 + (text.ptr[at + i] - '0');
    return year >= YEAR_MIN && year <= YEAR_MAX;
}

/* Where the year is in a run of digits [from, to). The tail of YYYYMMDD and YYYYMM is no year, so a tail that is one
 * decides. */
static bool year_in_run(size_t *year, hz_slice text, size_t from, size_t to)
{
    size_t len = to - from;
    if (len != 4 && len != 6 && len != 8 && len != 12 && len != 14)
        return false;
    bool date_only = len == 6 || len == 8;
    if (date_only && is_year(text, to - YEAR_DIGITS))
        from = to - YEAR_DIGITS;
    *year = from;
    return is_year(text, from);
}

static bool find_year(size_t *year, hz_slice text)
{
    for (size_t from = 0; from < text.len;) {
        size_t to = from;
        while (to < text.len && is_digit(text.ptr[to]))
            to++;
        if (to > from && year_in_run(year, text, from, to))
            return true;
        from = to + 1;
    }
    return false;
}

static void put_date(hz_buf *out, hz_slice text)
{
    size_t year;
    if (text.len <= YEAR_DIGITS || !find_year(&year, text)) {
        put_marks(out, hz_utf8_length(text));
        return;
    }
    size_t before = hz_utf8_length(hz_slice_sub(text, 0, year)),
           after = hz_utf8_length(hz_slice_sub(text, year + YEAR_DIGITS, text.len));
    put_marks(out, before);
    hz_buf_put(out, hz_slice_sub(text, year, year + YEAR_DIGITS));
    put_marks(out, before + after > MARKS_MAX ? (before < MARKS_MAX ? MARKS_MAX - before : 0) : after);
}

void hz_put_shown(hz_buf *out, hz_shown value, bool reveal)
{
    if (value.null) {
        hz_buf_puts(out, "∅");
        return;
    }
    switch (reveal ? HZ_MASK_NONE : value.mask) {
    case HZ_MASK_NONE:
        hz_buf_put(out, value.text);
        return;
    case HZ_MASK_ID:
        put_prefix(out, value.text, KEPT_OF_ID);
        return;
    case HZ_MASK_NAME:
        put_prefix(out, value.text, KEPT_OF_NAME);
        return;
    case HZ_MASK_DATE:
        put_date(out, value.text);
        return;
    case HZ_MASK_WHOLE:
        break;
    }
    put_marks(out, MARKS_OF_NUMBER);
}
