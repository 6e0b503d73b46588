/* decimal.h: exact decimals: coefficient x 10^-scale, |coefficient| < 10^38, 0 <= scale <= 38.
 * Results that do not fit are "no value": every function returns false and the caller makes NULL of it; nothing wraps.
 * Scales follow PostgreSQL's numeric: add and subtract keep the larger, multiply adds them (when the product then has
 * more than 38 digits or a scale over 38, the trailing zeros of both factors' fractions are dropped first; still too
 * large is false). Division: decimal.c. Equal values of different scale (1.0, 1.00) compare equal, hash equal (once
 * normal) and print differently, as in PostgreSQL. */
#ifndef HZ_BASE_DECIMAL_H
#define HZ_BASE_DECIMAL_H
#include "base/buf.h"

__extension__ typedef __int128 hz_int128;
__extension__ typedef unsigned __int128 hz_uint128;

typedef struct hz_decimal {
    hz_int128 coef;
    int32_t scale;
} hz_decimal;

enum { HZ_DECIMAL_DIGITS_MAX = 38, HZ_DECIMAL_DIVISION_SCALE = 20 };

typedef enum hz_round { HZ_ROUND_HALF_EVEN, HZ_ROUND_HALF_AWAY, HZ_ROUND_DOWN, HZ_ROUND_FLOOR, HZ_ROUND_CEIL } hz_round;

static inline hz_decimal hz_decimal_of(int64_t n)
{
    return (hz_decimal){n, 0};
}
/* The text form of types integer and decimal: optional + or -, digits, optionally . and digits. Nothing else.
 * false for another form or more than 38 significant digits (leading zeros do not count; fraction digits all count). */
bool hz_decimal_parse(hz_decimal *out, hz_slice text);
bool hz_decimal_add(hz_decimal *out, hz_decimal a, hz_decimal b);
bool hz_decimal_sub(hz_decimal *out, hz_decimal a, hz_decimal b);
bool hz_decimal_mul(hz_decimal *out, hz_decimal a, hz_decimal b);
/* 20 fraction digits, rounded half to even, trailing zeros kept; false for b = 0 or overflow. 256-bit inside. */
bool hz_decimal_div(hz_decimal *out, hz_decimal a, hz_decimal b);
bool hz_decimal_neg(hz_decimal *out, hz_decimal a);
int hz_decimal_cmp(hz_decimal a, hz_decimal b);
/* Compares a/b with c exactly, as fractions (measures); b > 0. */
int hz_decimal_cmp_ratio(hz_decimal a, hz_decimal b, hz_decimal c);
/* To `digits` fraction digits (negative: tens, hundreds); result scale max(digits, 0), padded with zeros as
 * PostgreSQL's round(numeric, n). */
bool hz_decimal_round(hz_decimal *out, hz_decimal a, int32_t digits, hz_round mode);
/* Without trailing zeros in the fraction: the one form of equal values. */
hz_decimal hz_decimal_normal(hz_decimal a);
/* The value as int64 when it is whole and fits. */
bool hz_decimal_to_i64(int64_t *out, hz_decimal a);
/* "-12.30": sign, at least one digit before the point, exactly `scale` after it. */
void hz_decimal_put(hz_buf *out, hz_decimal a);
#endif
