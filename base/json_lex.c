/* json_lex.c: see json_lex.h. Strings are passed over eight bytes at a time (the tests for a quote, a backslash and
 * bytes under 20 are those of "Bit Twiddling Hacks": a byte that is less than n borrows from its high bit). */
#include "base/json_lex.h"
#include "base/utf8.h"
#include <string.h>

/* Up to a quote, a backslash or a control character. */
static const char *pass_plain(const char *p, const char *stop)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    while (stop - p >= 8) {
        uint64_t w;
        memcpy(&w, p, sizeof w);
        uint64_t quote = w ^ ones * '"', slash = w ^ ones * '\\';
        uint64_t hits = ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((w - ones * 0x20) & ~w);
        if (hits & high)
            break;
        p += 8;
    }
    while (p < stop && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20)
        p++;
    return p;
}

hz_lex hz_lex_string(hz_slice *out, bool *escaped, const char **p, const char *stop)
{
    const char *from = *p;
    *escaped = false;
    for (;;) {
        *p = pass_plain(*p, stop);
        if (*p == stop)
            return HZ_LEX_ENDS;
        if (**p == '"')
            break;
        if (**p != '\\')
            return HZ_LEX_CONTROL;
        *escaped = true;
        if (stop - *p < 2) {
            *p = stop;
            return HZ_LEX_ENDS;
        }
        /* a control character behind a backslash is met by the next look */
        *p += (unsigned char)(*p)[1] < 0x20 ? 1 : 2;
    }
    *out = (hz_slice){from, (size_t)(*p - from)};
    ++*p;
    return HZ_LEX_OK;
}

/* ---- escapes ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    int low = c | 0x20;
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* \uXXXX at p; -1: it is none. */
static int32_t unit_at(const char *p, const char *stop)
{
    int32_t unit = 0;
    if (stop - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static hz_lex unescape_unit(size_t *len, char *to, const char **p, const char *stop)
{
    int32_t unit = unit_at(*p, stop);
    if (unit < 0)
        return HZ_LEX_ESCAPE;
    if (unit >= 0xDC00 && unit < 0xE000)
        return HZ_LEX_SURROGATE;
    if (unit >= 0xD800 && unit < 0xDC00) {
        int32_t low = unit_at(*p + 6, stop);
        if (low < 0xDC00 || low > 0xDFFF)
            return HZ_LEX_SURROGATE;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        *p += 6;
    }
    *p += 6;
    *len += hz_utf8_encode(to, (uint32_t)unit);
    return HZ_LEX_OK;
}

hz_lex hz_lex_unescape(size_t *len, char *to, hz_slice text, const char **wrong)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *p = text.ptr, *stop = p + text.len;
    *len = 0;
    while (p < stop) {
        const char *slash = memchr(p, '\\', (size_t)(stop - p));
        size_t run = (size_t)((slash ? slash : stop) - p);
        memcpy(to + *len, p, run);
        *len += run;
        p += run;
        if (!slash)
            break;
        const char *letter = stop - p > 1 && p[1] ? strchr(letters, p[1]) : NULL;
        if (letter) {
            to[(*len)++] = means[letter - letters];
            p += 2;
            continue;
        }
        hz_lex lex = unescape_unit(len, to + *len, &p, stop);
        if (lex != HZ_LEX_OK) {
            *wrong = p;
            return lex;
        }
    }
    return HZ_LEX_OK;
}

/* ---- numbers and words ---- */

/* Whether there is a digit at *p; goes behind all of them. */
static bool pass_digits(const char **p, const char *stop)
{
    const char *from = *p;
    while (*p < stop && **p >= '0' && **p <= '9')
        ++*p;
    return *p > from;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)? */
hz_lex hz_lex_number(hz_slice *out, const char **p, const char *stop)
{
    const char *from = *p;
    *p += **p == '-';
    const char *whole = *p;
    bool good = pass_digits(p, stop) && (*whole != '0' || *p == whole + 1);
    if (good && *p < stop && **p == '.') {
        ++*p;
        good = pass_digits(p, stop);
    }
    if (good && *p < stop && (**p == 'e' || **p == 'E')) {
        ++*p;
        *p += *p < stop && (**p == '-' || **p == '+');
        good = pass_digits(p, stop);
    }
    if (!good)
        return *p == stop ? HZ_LEX_ENDS : HZ_LEX_NUMBER;
    *out = (hz_slice){from, (size_t)(*p - from)};
    return HZ_LEX_OK;
}

hz_lex hz_lex_word(hz_slice *out, const char **p, const char *stop)
{
    static const hz_slice words[] = {{"null", 4}, {"false", 5}, {"true", 4}};
    size_t have = (size_t)(stop - *p);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = words[i].len;
        if (!have || memcmp(*p, words[i].ptr, have < len ? have : len) != 0)
            continue;
        *out = (hz_slice){*p, len};
        *p += have < len ? have : len;
        return have < len ? HZ_LEX_ENDS : HZ_LEX_OK;
    }
    return HZ_LEX_WORD;
}
