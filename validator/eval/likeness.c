/* likeness.c: see likeness.h. Texts are put aside as they are compared, so that each is decoded once and not once a
 * pair: ASCII as it is, names as units of a character and its sound. Distances count in fifths of a change, which makes
 * them whole. */
#include "validator/eval/likeness.h"
#include "base/calendar.h"
#include "base/utf8.h"
#include <stdio.h>

enum { CHANGE = 5, SAME_SOUND = 1, FAR = 1 << 20 }; /* costs */
/* How a text is kept, in its first byte: bytes of ASCII, units, or as it is where it is too long to be compared. */
enum { FORM_ASCII = 'a', FORM_UNITS = 'u', FORM_LONG = 'l' };

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

static bool is_ascii(hz_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

/* Numbers and letters, as they are: a byte a character. */
static void put_ascii(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, FORM_ASCII);
    hz_buf_put(out, text);
}

static hz_status put_text(hz_buf *out, hz_like_by by, hz_slice text, hz_eval *eval, hz_error *err)
{
    size_t from = out->len, chars = 0;
    if (by == HZ_LIKE_EDIT && text.len <= HZ_LIKE_CHARS_MAX && is_ascii(text)) {
        put_ascii(out, text);
        return HZ_OK;
    }
    hz_buf_putc(out, FORM_UNITS);
    for (size_t at = 0; at < text.len;) {
        unit one = {hz_utf8_next(text, &at), 0};
        if (by == HZ_LIKE_NAME_ZH && is_between_names(one.c))
            continue;
        if (by == HZ_LIKE_NAME_ZH)
            HZ_TRY(hz_eval_sound(&one.sound, eval, one.c, err));
        hz_buf_put(out, (hz_slice){(const char *)&one, sizeof one});
        if (++chars <= HZ_LIKE_CHARS_MAX)
            continue;
        out->len = from;
        hz_buf_putc(out, FORM_LONG);
        hz_buf_put(out, text);
        return HZ_OK;
    }
    return HZ_OK;
}

static void put_time(hz_buf *out, const hz_vec *vec, size_t row)
{
    int64_t value = vec->as.i64[row], days = value, rest = 0;
    if (vec->type != HZ_TYPE_DATE) {
        days = value / HZ_MICROS_PER_DAY - (value % HZ_MICROS_PER_DAY < 0);
        rest = (value - days * HZ_MICROS_PER_DAY) / 1000000;
    }
    hz_civil civil = hz_date_to_civil((int32_t)days);
    char text[48];
    int len = snprintf(text, sizeof text, "%04d%02d%02d", (int)civil.year, (int)civil.month, (int)civil.day);
    if (vec->type != HZ_TYPE_DATE)
        len += snprintf(text + len, sizeof text - (size_t)len, "%02d%02d%02d", (int)(rest / 3600),
                        (int)(rest / 60 % 60), (int)(rest % 60));
    put_ascii(out, (hz_slice){text, (size_t)len});
}

hz_status hz_like_put(hz_buf *out, hz_like_by by, const hz_vec *vec, size_t row, hz_eval *eval, hz_error *err)
{
    hz_decimal number;
    switch (by) {
    case HZ_LIKE_NAME_ZH:
    case HZ_LIKE_EDIT:
        return put_text(out, by, vec->as.text[row], eval, err);
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
    if (part == whole)
        return hz_decimal_of(1);
    if (part > 0)
        (void)hz_decimal_div(&out, hz_decimal_of(part), hz_decimal_of(whole));
    return out;
}

/* The units of a text of HZ_LIKE_CHARS_MAX at most. */
static size_t read_units(unit *out, hz_slice text)
{
    size_t count = text.len - 1;
    if (text.ptr[0] == FORM_UNITS) {
        memcpy(out, text.ptr + 1, count);
        return count / sizeof *out;
    }
    for (size_t i = 0; i < count; i++)
        out[i] = (unit){(unsigned char)text.ptr[i + 1], 0};
    return count;
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

/* Optimal string alignment: three rows of the table are enough. A cell that is k beside the diagonal has cost k changes
 * at least, so that only a band of the table can lead to `most` or less; what is more than `most` is only known to be
 * that. */
static uint32_t distance(const unit *a, size_t n, const unit *b, size_t m, uint32_t most)
{
    uint32_t rows[3][HZ_LIKE_CHARS_MAX + 2];
    uint32_t *before = rows[0], *last = rows[1], *row = rows[2];
    uint32_t last_best = 0;
    size_t band = most / CHANGE;
    if ((n > m ? n - m : m - n) > band)
        return most + 1;
    for (size_t j = 0; j <= m; j++)
        last[j] = (uint32_t)j * CHANGE;
    last[m + 1] = FAR;
    for (size_t i = 1; i <= n; i++) {
        size_t from = i > band + 1 ? i - band : 1, to = i + band < m ? i + band : m;
        uint32_t row_best = FAR;
        row[from - 1] = from == 1 ? (uint32_t)i * CHANGE : FAR;
        row_best = row[from - 1];
        for (size_t j = from; j <= to; j++) {
            uint32_t best = least(last[j] + CHANGE, row[j - 1] + CHANGE);
            best = least(best, last[j - 1] + replace(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1].c == b[j - 2].c && a[i - 2].c == b[j - 1].c && a[i - 1].c != b[j - 1].c)
                best = least(best, before[j - 2] + CHANGE);
            row[j] = best;
            row_best = least(row_best, best);
        }
        row[to + 1] = FAR;
        if (row_best > most && last_best > most) /* a swap leads over the row between */
            return most + 1;
        last_best = row_best;
        uint32_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[m];
}

static hz_decimal like_texts(hz_slice a, hz_slice b, double least_like)
{
    unit x[HZ_LIKE_CHARS_MAX], y[HZ_LIKE_CHARS_MAX];
    if (hz_slice_eq(a, b))
        return fraction(1, 1);
    if (a.ptr[0] == FORM_LONG || b.ptr[0] == FORM_LONG)
        return fraction(0, 1);
    size_t n = read_units(x, a), m = read_units(y, b);
    uint32_t whole = (uint32_t)(n > m ? n : m) * CHANGE, most = whole;
    if (least_like > 0) /* one more than fits: what decides is exact */
        most = least_like < 1 ? least((uint32_t)(whole * (1 - least_like)) + 1, whole) : 1;
    return fraction((int64_t)whole - (int64_t)distance(x, n, y, m, most), whole);
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

hz_decimal hz_like_values(hz_like_by by, hz_slice a, hz_slice b, double least_like)
{
    switch (by) {
    case HZ_LIKE_NAME_ZH:
    case HZ_LIKE_EDIT:
    case HZ_LIKE_DATE:
        return like_texts(a, b, least_like);
    case HZ_LIKE_NUMBER:
        return like_numbers(number_of(a), number_of(b));
    default:
        return fraction(hz_slice_eq(a, b), 1);
    }
}
