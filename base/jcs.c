/* jcs.c: RFC 8785. Numbers: the digits of the shortest decimal that reads back as the same double, laid out as
 * ECMAScript does (ECMA-262, Number::toString). "%.*e" with 1 to 17 digits rounds correctly, so the first that reads
 * back is the shortest and the nearest. */
#include "base/jcs.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"

enum { DIGITS_MAX = 17, NUMBER_BYTES = 1024 };

/* ---- numbers ---- */

/* A number as sign, digits without zeros at either end, and the power of ten of the point before the first digit:
 * 0.d1d2d3… x 10^point. No digits: zero. */
typedef struct number {
    bool negative;
    char digits[NUMBER_BYTES];
    int count;
    int64_t point;
} number;

/* false: too long to hold. `text` is a JSON number, or what "%e" prints in any locale. */
static bool take_apart(number *n, hz_slice text)
{
    size_t at = 0;
    bool fraction = false;
    int64_t exponent = 0;
    *n = (number){.negative = text.len && text.ptr[0] == '-'};
    for (at = n->negative; at < text.len && (text.ptr[at] | 0x20) != 'e'; at++) {
        char c = text.ptr[at];
        if (c < '0' || c > '9') {
            fraction = true;
            continue;
        }
        if (n->count || c != '0') {
            if (n->count == NUMBER_BYTES)
                return false;
            n->digits[n->count++] = c;
            n->point += !fraction;
        } else if (fraction) {
            n->point--; /* a zero between the point and the first digit */
        }
    }
    if (at < text.len) {
        bool down = at + 1 < text.len && text.ptr[at + 1] == '-';
        for (at += 1; at < text.len; at++)
            if (text.ptr[at] >= '0' && text.ptr[at] <= '9' && exponent < 1000000000)
                exponent = exponent * 10 + (text.ptr[at] - '0');
        n->point += down ? -exponent : exponent;
    }
    while (n->count && n->digits[n->count - 1] == '0')
        n->count--;
    if (!n->count)
        n->point = 0;
    return true;
}

/* In the C locale, whatever the program has set. */
static bool to_double(double *out, const char *text)
{
    static locale_t plain;
    locale_t known = __atomic_load_n(&plain, __ATOMIC_ACQUIRE);
    if (!known) {
        locale_t made = newlocale(LC_ALL_MASK, "C", (locale_t)0), none = (locale_t)0;
        if (!made)
            return false;
        if (!__atomic_compare_exchange_n(&plain, &none, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            freelocale(made);
        known = __atomic_load_n(&plain, __ATOMIC_ACQUIRE);
    }
    *out = strtod_l(text, NULL, known);
    return isfinite(*out);
}

/* 0.digits x 10^point as text that strtod reads. */
static bool value_of(double *out, const number *n)
{
    char text[NUMBER_BYTES + 32];
    int wrote = snprintf(text, sizeof text, "%s0.%.*se%lld", n->negative ? "-" : "", n->count ? n->count : 1,
                         n->count ? n->digits : "0", (long long)n->point);
    return wrote > 0 && (size_t)wrote < sizeof text && to_double(out, text);
}

static bool shortest(number *n, double value)
{
    char text[48];
    for (int digits = 1; digits <= DIGITS_MAX; digits++) {
        double back;
        int wrote = snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (wrote > 0 && take_apart(n, (hz_slice){text, (size_t)wrote}) && value_of(&back, n) &&
            memcmp(&back, &value, sizeof back) == 0)
            return true;
    }
    return false;
}

/* ECMAScript's layout: point is its n, count its k. */
static void lay_out(char out[32], const number *n)
{
    const char *sign = n->negative ? "-" : "";
    int count = n->count, point = (int)n->point;
    if (!count)
        (void)snprintf(out, 32, "0");
    else if (count <= point && point <= 21)
        (void)snprintf(out, 32, "%s%.*s%.*s", sign, count, n->digits, point - count, "000000000000000000000");
    else if (0 < point && point <= 21)
        (void)snprintf(out, 32, "%s%.*s.%.*s", sign, point, n->digits, count - point, n->digits + point);
    else if (-6 < point && point <= 0)
        (void)snprintf(out, 32, "%s0.%.*s%.*s", sign, -point, "000000", count, n->digits);
    else
        (void)snprintf(out, 32, "%s%c%s%.*se%c%d", sign, n->digits[0], count > 1 ? "." : "", count - 1, n->digits + 1,
                       point > 0 ? '+' : '-', abs(point - 1));
}

bool hz_jcs_number(char out[32], bool *exact, hz_slice text)
{
    number given, shown;
    double value;
    *exact = false;
    if (!take_apart(&given, text) || !value_of(&value, &given) || !shortest(&shown, value))
        return false;
    *exact = given.count == shown.count && given.point == shown.point &&
             memcmp(given.digits, shown.digits, (size_t)given.count) == 0;
    lay_out(out, &shown);
    return true;
}

/* Digits of a number that no double is: 0.0333 and 333e-4 alike. */
static void put_exact(hz_buf *out, hz_slice text)
{
    number n;
    (void)take_apart(&n, text); /* hz_jcs_number could */
    int64_t whole = n.point > 0 && n.point <= NUMBER_BYTES ? n.point : 0;
    hz_buf_puts(out, n.negative ? "\"-" : "\"");
    for (int64_t i = 0; i < whole; i++)
        hz_buf_putc(out, i < n.count ? n.digits[i] : '0');
    if (!whole)
        hz_buf_putc(out, '0');
    if (n.count > whole) {
        hz_buf_putc(out, '.');
        hz_buf_put(out, (hz_slice){n.digits + whole, (size_t)(n.count - whole)});
    }
    if (n.point != whole)
        hz_buf_printf(out, "e%lld", (long long)n.point);
    hz_buf_putc(out, '"');
}

static hz_status put_number(hz_buf *out, hz_slice text, hz_error *err)
{
    char shown[32];
    bool exact;
    if (!hz_jcs_number(shown, &exact, text))
        return hz_fail(err, HZ_E_SOURCE, HZ_M(JSON_NUMBER_RANGE), HZ_S(text));
    if (exact)
        hz_buf_puts(out, shown);
    else
        put_exact(out, text);
    return HZ_OK;
}

/* ---- strings ---- */

void hz_jcs_put_text(hz_buf *out, hz_slice text)
{
    static const char letters[] = "\b\t\n\f\r\"\\", escapes[] = "btnfr\"\\";
    size_t from = 0;
    hz_buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        hz_buf_put(out, hz_slice_sub(text, from, i));
        from = i + 1;
        const char *found = byte ? strchr(letters, byte) : NULL;
        if (found)
            hz_buf_printf(out, "\\%c", escapes[found - letters]);
        else
            hz_buf_printf(out, "\\u%04x", byte);
    }
    hz_buf_put(out, hz_slice_sub(text, from, text.len));
    hz_buf_putc(out, '"');
}

/* UTF-8 keeps the order of code points; UTF-16 puts those past U+FFFF, which begin with a surrogate, before U+E000. */
int hz_jcs_order(hz_slice a, hz_slice b)
{
    size_t at = 0, most = a.len < b.len ? a.len : b.len;
    while (at < most && a.ptr[at] == b.ptr[at])
        at++;
    if (at == most)
        return (a.len > b.len) - (a.len < b.len);
    unsigned char x = (unsigned char)a.ptr[at], y = (unsigned char)b.ptr[at];
    bool both_high = x >= 0xEE && y >= 0xEE;
    if (both_high && (x >= 0xF0) != (y >= 0xF0))
        return x >= 0xF0 ? -1 : 1;
    return x < y ? -1 : 1;
}

static int by_order(const void *a, const void *b)
{
    return hz_jcs_order((*(const hz_jvalue *const *)a)->name, (*(const hz_jvalue *const *)b)->name);
}

/* ---- values ---- */

static hz_status put_value(hz_buf *out, const hz_jvalue *value, const char *except, hz_error *err);

static hz_status put_members(hz_buf *out, const hz_jvalue *object, const char *except, hz_error *err)
{
    const hz_jvalue **members = hz_mem_zalloc(object->count + 1, sizeof *members);
    size_t count = 0;
    if (!members)
        return hz_nomem(err, object->count * sizeof *members);
    for (const hz_jvalue *member = object->first; member; member = member->next)
        if (!except || !hz_slice_is(member->name, except))
            members[count++] = member;
    qsort(members, count, sizeof *members, by_order);
    hz_status st = HZ_OK;
    hz_buf_putc(out, '{');
    for (size_t i = 0; i < count && st == HZ_OK; i++) {
        if (i)
            hz_buf_putc(out, ',');
        hz_jcs_put_text(out, members[i]->name);
        hz_buf_putc(out, ':');
        st = put_value(out, members[i], NULL, err);
    }
    hz_buf_putc(out, '}');
    hz_mem_free((void *)members);
    return st;
}

static hz_status put_items(hz_buf *out, const hz_jvalue *array, hz_error *err)
{
    hz_buf_putc(out, '[');
    for (const hz_jvalue *item = array->first; item; item = item->next) {
        if (item != array->first)
            hz_buf_putc(out, ',');
        HZ_TRY(put_value(out, item, NULL, err));
    }
    hz_buf_putc(out, ']');
    return HZ_OK;
}

/* Recurses: a tree is as deep as json_depth at most. */
static hz_status put_value(hz_buf *out, const hz_jvalue *value, const char *except, hz_error *err)
{
    switch (value->kind) {
    case HZ_JR_FALSE:
        hz_buf_puts(out, "false");
        return HZ_OK;
    case HZ_JR_TRUE:
        hz_buf_puts(out, "true");
        return HZ_OK;
    case HZ_JR_NUMBER:
        return put_number(out, value->text, err);
    case HZ_JR_STRING:
        hz_jcs_put_text(out, value->text);
        return HZ_OK;
    case HZ_JR_ARRAY:
        return put_items(out, value, err);
    case HZ_JR_OBJECT:
        return put_members(out, value, except, err);
    default:
        hz_buf_puts(out, "null");
        return HZ_OK;
    }
}

hz_status hz_jcs_put(hz_buf *out, const hz_jvalue *value, const char *except, hz_error *err)
{
    HZ_TRY(put_value(out, value, except, err));
    return hz_buf_status(out, err);
}
