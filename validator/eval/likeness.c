/* likeness.c: see likeness.h. Texts become rows of units before they are compared, so that each is decoded once and not
 * once a pair: a unit is a character and its sound. Distances count in fifths of a change, which makes them whole. */
#include "validator/eval/likeness.h"
#include "base/calendar.h"
#include "base/utf8.h"

enum { CHANGE = 5, SAME_SOUND = 1 }; /* costs */
#define LONG_TEXT UINT32_MAX

typedef struct unit {
    uint32_t c, sound; /* sound 0: none */
} unit;

hz_like_by hz_like_by_of(hz_slice word)
{
    static const char *const words[] = {"name_zh", "edit", "date", "number", "equal"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (hz_slice_is(word, words[i]))
            return (hz_like_by)i;
    return HZ_LIKE_EQUAL;
}

const char *hz_like_missing_part(hz_like_by by)
{
#ifdef HZ_WITH_ICU
    (void)by;
    return NULL;
#else
    return by == HZ_LIKE_NAME_ZH ? "icu" : NULL;
#endif
}

/* ---- values ---- */

static bool is_between_names(uint32_t c)
{
    return c == ' ' || c == 0x3000 || c == 0xB7 || c == 0x2022 || c == 0x30FB;
}

/* What is too long to be compared is kept as it is, behind a unit that no character has. */
static void put_long(hz_buf *out, size_t from, hz_slice text)
{
    static const unit mark = {LONG_TEXT, 0};
    out->len = from;
    hz_buf_put(out, (hz_slice){(const char *)&mark, sizeof mark});
    hz_buf_put(out, text);
}

static hz_status put_units(hz_buf *out, hz_like_by by, hz_slice text, hz_eval *eval, hz_error *err)
{
    size_t from = out->len;
    for (size_t at = 0; at < text.len;) {
        unit one = {hz_utf8_next(text, &at), 0};
        if (by == HZ_LIKE_NAME_ZH && is_between_names(one.c))
            continue;
        if (by == HZ_LIKE_NAME_ZH)
            HZ_TRY(hz_eval_sound(&one.sound, eval, one.c, err));
        hz_buf_put(out, (hz_slice){(const char *)&one, sizeof one});
        if (out->len - from > HZ_LIKE_CHARS_MAX * sizeof one) {
            put_long(out, from, text);
            return HZ_OK;
        }
    }
    return HZ_OK;
}

static void put_digits(hz_buf *out, uint64_t number, unsigned digits)
{
    char text[20];
    for (unsigned i = digits; i-- > 0; number /= 10)
        text[i] = (char)('0' + number % 10);
    for (unsigned i = 0; i < digits; i++) {
        unit one = {(unsigned char)text[i], 0};
        hz_buf_put(out, (hz_slice){(const char *)&one, sizeof one});
    }
}

static void put_time(hz_buf *out, const hz_vec *vec, size_t row)
{
    int64_t value = vec->as.i64[row], days = value, rest = 0;
    if (vec->type != HZ_TYPE_DATE) {
        days = value / HZ_MICROS_PER_DAY - (value % HZ_MICROS_PER_DAY < 0);
        rest = (value - days * HZ_MICROS_PER_DAY) / 1000000;
    }
    hz_civil civil = hz_date_to_civil((int32_t)days);
    put_digits(out, (uint64_t)civil.year * 10000 + (uint64_t)civil.month * 100 + (uint64_t)civil.day, 8);
    if (vec->type != HZ_TYPE_DATE)
        put_digits(out, (uint64_t)(rest / 3600 * 10000 + rest / 60 % 60 * 100 + rest % 60), 6);
}

hz_status hz_like_put(hz_buf *out, hz_like_by by, const hz_vec *vec, size_t row, hz_eval *eval, hz_error *err)
{
    hz_decimal number;
    switch (by) {
    case HZ_LIKE_NAME_ZH:
    case HZ_LIKE_EDIT:
        return put_units(out, by, vec->as.text[row], eval, err);
    case HZ_LIKE_DATE:
        put_time(out, vec, row);
        return HZ_OK;
    case HZ_LIKE_NUMBER:
        memset(&number, 0, sizeof number);
        number = vec->type == HZ_TYPE_DECIMAL ? vec->as.decimal[row] : hz_decimal_of(vec->as.i64[row]);
        hz_buf_put(out, (hz_slice){(const char *)&number.coef, sizeof number.coef});
        hz_buf_put(out, (hz_slice){(const char *)&number.scale, sizeof number.scale});
        return HZ_OK;
    default:
        hz_vec_put_key(out, vec, row);
        return HZ_OK;
    }
}

/* ---- pairs ---- */

static hz_decimal fraction(int64_t part, int64_t whole)
{
    hz_decimal out = {0, HZ_DECIMAL_DIVISION_SCALE};
    if (part > 0)
        (void)hz_decimal_div(&out, hz_decimal_of(part), hz_decimal_of(whole));
    return out;
}

static unit unit_at(hz_slice units, size_t i)
{
    unit one;
    memcpy(&one, units.ptr + i * sizeof one, sizeof one);
    return one;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t replace(unit a, unit b)
{
    if (a.c == b.c)
        return 0;
    return a.sound && a.sound == b.sound ? SAME_SOUND : CHANGE;
}

/* Optimal string alignment: three rows of the table are enough. */
static uint32_t distance(hz_slice a, size_t n, hz_slice b, size_t m)
{
    uint32_t rows[3][HZ_LIKE_CHARS_MAX + 1];
    uint32_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++)
        last[j] = (uint32_t)j * CHANGE;
    for (size_t i = 1; i <= n; i++) {
        unit x = unit_at(a, i - 1);
        row[0] = (uint32_t)i * CHANGE;
        for (size_t j = 1; j <= m; j++) {
            unit y = unit_at(b, j - 1);
            uint32_t best = least(last[j] + CHANGE, row[j - 1] + CHANGE);
            best = least(best, last[j - 1] + replace(x, y));
            if (i > 1 && j > 1 && x.c == unit_at(b, j - 2).c && unit_at(a, i - 2).c == y.c && x.c != y.c)
                best = least(best, before[j - 2] + CHANGE);
            row[j] = best;
        }
        uint32_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[m];
}

static hz_decimal like_units(hz_slice a, hz_slice b)
{
    size_t n = a.len / sizeof(unit), m = b.len / sizeof(unit), most = n > m ? n : m;
    if (hz_slice_eq(a, b))
        return fraction(1, 1);
    if ((n && unit_at(a, 0).c == LONG_TEXT) || (m && unit_at(b, 0).c == LONG_TEXT))
        return fraction(0, 1);
    int64_t whole = (int64_t)most * CHANGE;
    return fraction(whole - (int64_t)distance(a, n, b, m), whole);
}

static hz_decimal number_of(hz_slice bytes)
{
    hz_decimal out;
    memcpy(&out.coef, bytes.ptr, sizeof out.coef);
    memcpy(&out.scale, bytes.ptr + sizeof out.coef, sizeof out.scale);
    return out;
}

static hz_decimal like_numbers(hz_decimal a, hz_decimal b)
{
    hz_decimal x = a, y = b, apart, share, out;
    if (hz_decimal_cmp(a, b) == 0)
        return fraction(1, 1);
    if (a.coef < 0)
        (void)hz_decimal_neg(&x, a);
    if (b.coef < 0)
        (void)hz_decimal_neg(&y, b);
    hz_decimal most = hz_decimal_cmp(x, y) > 0 ? x : y;
    if (!hz_decimal_sub(&apart, a, b) || (apart.coef < 0 && !hz_decimal_neg(&apart, apart)) ||
        !hz_decimal_div(&share, apart, most) || !hz_decimal_sub(&out, hz_decimal_of(1), share) || out.coef < 0)
        return fraction(0, 1);
    return out;
}

hz_decimal hz_like_values(hz_like_by by, hz_slice a, hz_slice b)
{
    switch (by) {
    case HZ_LIKE_NAME_ZH:
    case HZ_LIKE_EDIT:
    case HZ_LIKE_DATE:
        return like_units(a, b);
    case HZ_LIKE_NUMBER:
        return like_numbers(number_of(a), number_of(b));
    default:
        return fraction(hz_slice_eq(a, b), 1);
    }
}
