/* decimal.c: the ordinary case is two coefficients of 64 bits and goes by 128-bit arithmetic of the compiler. What may
 * grow past it (a product, a dividend with 20 more digits, a ratio) is done in 256 bits without sign: four 64-bit
 * limbs, lowest first. A dividend that overflows even those is at least 10^77, so that its quotient by a divisor below
 * 10^38 cannot fit either; comparisons use the same bound. */
#include "base/decimal.h"

typedef struct wide {
    uint64_t limb[4];
} wide;

enum { POWERS = HZ_DECIMAL_DIGITS_MAX + 1, CHUNK_DIGITS = 19 };

#define E19 UINT64_C(10000000000000000000)
static const hz_uint128 coef_limit = (hz_uint128)E19 * E19; /* 10^38 */

static const uint64_t small_powers[CHUNK_DIGITS + 1] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    E19,
};

/* 10^n for n <= 38. */
static hz_uint128 power(int32_t n)
{
    return n <= CHUNK_DIGITS ? (hz_uint128)small_powers[n] : (hz_uint128)E19 * small_powers[n - CHUNK_DIGITS];
}

static hz_uint128 magnitude(hz_int128 n)
{
    return n < 0 ? -(hz_uint128)n : (hz_uint128)n;
}

/* Puts sign and magnitude together; false when the magnitude does not fit. */
static bool settle(hz_decimal *out, hz_uint128 coef, bool negative, int32_t scale)
{
    if (coef >= coef_limit)
        return false;
    *out = (hz_decimal){negative ? -(hz_int128)coef : (hz_int128)coef, scale};
    return true;
}

static wide wide_of(hz_uint128 n)
{
    return (wide){{(uint64_t)n, (uint64_t)(n >> 64), 0, 0}};
}

static bool wide_fits_128(const wide *a)
{
    return !(a->limb[2] | a->limb[3]);
}

static hz_uint128 wide_low(const wide *a)
{
    return (hz_uint128)a->limb[1] << 64 | a->limb[0];
}

static int wide_cmp(const wide *a, const wide *b)
{
    for (int i = 3; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* a *= m; false when it overflows. */
static bool wide_scale(wide *a, uint64_t m)
{
    uint64_t carry = 0;
    for (int i = 0; i < 4; i++) {
        hz_uint128 product = (hz_uint128)a->limb[i] * m + carry;
        a->limb[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    return carry == 0;
}

/* a *= 10^n; false when it overflows. */
static bool wide_shift(wide *a, int32_t n)
{
    for (; n > 0; n -= CHUNK_DIGITS)
        if (!wide_scale(a, small_powers[n < CHUNK_DIGITS ? n : CHUNK_DIGITS]))
            return false;
    return true;
}

static wide wide_product(hz_uint128 a, hz_uint128 b)
{
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64), b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    hz_uint128 low = (hz_uint128)a0 * b0, high = (hz_uint128)a1 * b1;
    hz_uint128 cross = (hz_uint128)a0 * b1 + (low >> 64);
    hz_uint128 other = (hz_uint128)a1 * b0 + (uint64_t)cross;
    high += (cross >> 64) + (other >> 64);
    return (wide){{(uint64_t)low, (uint64_t)other, (uint64_t)high, (uint64_t)(high >> 64)}};
}

/* a /= d; returns the remainder. */
static uint64_t wide_div_small(wide *a, uint64_t d)
{
    hz_uint128 rest = 0;
    for (int i = 3; i >= 0; i--) {
        rest = rest << 64 | a->limb[i];
        a->limb[i] = (uint64_t)(rest / d);
        rest %= d;
    }
    return (uint64_t)rest;
}

/* One digit of long division in base 2^64 (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D): the quotient
 * of r2 r1 r0 by the normalised divisor d, where r2 r1 < d; the remainder stays in r2 r1 r0. */
static uint64_t quotient_digit(uint64_t rest[3], hz_uint128 d)
{
    uint64_t d1 = (uint64_t)(d >> 64), d0 = (uint64_t)d;
    hz_uint128 top = (hz_uint128)rest[2] << 64 | rest[1];
    hz_uint128 guess = top / d1, over = top % d1;
    while (guess >> 64 || (hz_uint128)(uint64_t)guess * d0 > (over << 64 | rest[0])) {
        guess--;
        over += d1;
        if (over >> 64)
            break;
    }
    uint64_t digit = (uint64_t)guess;
    hz_uint128 low = (hz_uint128)digit * d0;
    hz_uint128 high = (hz_uint128)digit * d1 + (low >> 64);
    /* The remainder fits two limbs, so that the third cancels and is not looked at. */
    hz_uint128 taken = high << 64 | (uint64_t)low;
    hz_uint128 left = ((hz_uint128)rest[1] << 64 | rest[0]) - taken;
    rest[2] = 0;
    rest[1] = (uint64_t)(left >> 64);
    rest[0] = (uint64_t)left;
    return digit;
}

/* *a /= d, d > 0; returns the remainder. */
static hz_uint128 wide_div(wide *a, hz_uint128 d)
{
    if (wide_fits_128(a)) {
        hz_uint128 n = wide_low(a), quotient = n / d;
        *a = wide_of(quotient);
        return n - quotient * d;
    }
    if (!(d >> 64))
        return wide_div_small(a, (uint64_t)d);
    int shift = __builtin_clzll((uint64_t)(d >> 64));
    d <<= shift;
    uint64_t n[5];
    n[4] = shift ? a->limb[3] >> (64 - shift) : 0;
    for (int i = 3; i >= 0; i--)
        n[i] = a->limb[i] << shift | (shift && i ? a->limb[i - 1] >> (64 - shift) : 0);
    a->limb[3] = 0;
    for (int i = 2; i >= 0; i--)
        a->limb[i] = quotient_digit(n + i, d);
    return ((hz_uint128)n[1] << 64 | n[0]) >> shift;
}

/* Whether the quotient moves one away from zero; odd: of the quotient, rest of divisor is what was left over. */
static bool rounds_up(hz_round mode, bool negative, bool odd, hz_uint128 rest, hz_uint128 divisor)
{
    if (rest == 0)
        return false;
    hz_uint128 to_go = divisor - rest;
    switch (mode) {
    case HZ_ROUND_HALF_EVEN:
        return rest > to_go || (rest == to_go && odd);
    case HZ_ROUND_HALF_AWAY:
        return rest >= to_go;
    case HZ_ROUND_DOWN:
        return false;
    case HZ_ROUND_FLOOR:
        return negative;
    case HZ_ROUND_CEIL:
        return !negative;
    }
    return false;
}

bool hz_decimal_parse(hz_decimal *out, hz_slice text)
{
    if (!text.len)
        return false;
    const char *at = text.ptr, *end = text.ptr + text.len;
    bool negative = false, point = false;
    if (at < end && (*at == '-' || *at == '+'))
        negative = *at++ == '-';
    if (at == end || *at < '0' || *at > '9')
        return false;
    while (at + 1 < end && *at == '0' && at[1] >= '0' && at[1] <= '9')
        at++;
    /* Digits go into 64 bits first; `high` takes the first 19 when there are more. */
    uint64_t low = 0, high = 0;
    int32_t digits = 0, scale = 0;
    for (; at < end; at++) {
        unsigned digit = (unsigned char)*at - (unsigned)'0';
        if (digit > 9) {
            if (*at != '.' || point || at + 1 == end)
                return false;
            point = true;
            continue;
        }
        scale += point;
        digits += digits || digit;
        if (digits > HZ_DECIMAL_DIGITS_MAX || scale > HZ_DECIMAL_DIGITS_MAX)
            return false;
        if (digits == CHUNK_DIGITS + 1 && !high) { /* once: the first digit is not 0 */
            high = low;
            low = 0;
        }
        low = low * 10 + digit;
    }
    hz_uint128 coef = low;
    if (digits > CHUNK_DIGITS)
        coef += (hz_uint128)high * small_powers[digits - CHUNK_DIGITS];
    return settle(out, coef, negative, scale);
}

/* a's coefficient at a larger scale; false when it leaves 128 bits with sign. */
static bool at_scale(hz_int128 *out, hz_decimal a, int32_t scale)
{
    return !__builtin_mul_overflow(a.coef, (hz_int128)power(scale - a.scale), out);
}

/* a + b at different scales. A term that leaves 128 bits without sign is above 3.4 * 10^38, and the other, below 10^38,
 * cannot bring it back; but one between 1.7 and 2 * 10^38 can come back, so that the terms are kept as sign and
 * magnitude here. */
static bool sum_scaled(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    int32_t scale = a.scale > b.scale ? a.scale : b.scale;
    hz_uint128 x = magnitude(a.coef), y = magnitude(b.coef), total = 0;
    if (__builtin_mul_overflow(x, power(scale - a.scale), &x) || __builtin_mul_overflow(y, power(scale - b.scale), &y))
        return false;
    if ((a.coef < 0) != (b.coef < 0))
        return x >= y ? settle(out, x - y, a.coef < 0, scale) : settle(out, y - x, b.coef < 0, scale);
    return !__builtin_add_overflow(x, y, &total) && settle(out, total, a.coef < 0, scale);
}

static bool sum(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    if (a.scale != b.scale)
        return sum_scaled(out, a, b);
    hz_int128 total = 0;
    if (__builtin_add_overflow(a.coef, b.coef, &total))
        return false;
    return settle(out, magnitude(total), total < 0, a.scale);
}

bool hz_decimal_add(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    return sum(out, a, b);
}

bool hz_decimal_sub(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    b.coef = -b.coef;
    return sum(out, a, b);
}

static bool product(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    wide coef = wide_product(magnitude(a.coef), magnitude(b.coef));
    int32_t scale = a.scale + b.scale;
    return scale <= HZ_DECIMAL_DIGITS_MAX && wide_fits_128(&coef) &&
           settle(out, wide_low(&coef), (a.coef < 0) != (b.coef < 0), scale);
}

bool hz_decimal_mul(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    return product(out, a, b) || product(out, hz_decimal_normal(a), hz_decimal_normal(b));
}

bool hz_decimal_div(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    if (b.coef == 0)
        return false;
    bool negative = (a.coef < 0) != (b.coef < 0);
    hz_uint128 divisor = magnitude(b.coef);
    wide n = wide_of(magnitude(a.coef));
    int32_t shift = HZ_DECIMAL_DIVISION_SCALE + b.scale - a.scale;
    if (shift >= 0) {
        if (!wide_shift(&n, shift))
            return false;
    } else {
        wide d = wide_of(divisor);
        if (!wide_shift(&d, -shift) || !wide_fits_128(&d)) {
            /* Above 2^128 the divisor is more than twice any dividend. */
            *out = (hz_decimal){0, HZ_DECIMAL_DIVISION_SCALE};
            return true;
        }
        divisor = wide_low(&d);
    }
    hz_uint128 rest = wide_div(&n, divisor);
    if (!wide_fits_128(&n) || wide_low(&n) >= coef_limit)
        return false;
    hz_uint128 quotient = wide_low(&n);
    quotient += rounds_up(HZ_ROUND_HALF_EVEN, negative, quotient & 1, rest, divisor);
    return settle(out, quotient, negative, HZ_DECIMAL_DIVISION_SCALE);
}

bool hz_decimal_neg(hz_decimal *out, hz_decimal a)
{
    *out = (hz_decimal){-a.coef, a.scale};
    return true;
}

/* Compares x / 10^x_scale with y / 10^y_scale, both below 10^76: one that overflows when brought to the other's scale
 * is the larger. */
static int cmp_scaled(wide x, int32_t x_scale, wide y, int32_t y_scale)
{
    if (x_scale < y_scale && !wide_shift(&x, y_scale - x_scale))
        return 1;
    if (y_scale < x_scale && !wide_shift(&y, x_scale - y_scale))
        return -1;
    return wide_cmp(&x, &y);
}

static int sign(hz_int128 n)
{
    return (n > 0) - (n < 0);
}

int hz_decimal_cmp(hz_decimal a, hz_decimal b)
{
    if (a.scale == b.scale)
        return (a.coef > b.coef) - (a.coef < b.coef);
    int a_sign = sign(a.coef), b_sign = sign(b.coef);
    if (a_sign != b_sign || a_sign == 0)
        return (a_sign > b_sign) - (a_sign < b_sign);
    hz_int128 x = a.coef, y = b.coef;
    int32_t scale = a.scale > b.scale ? a.scale : b.scale;
    if (at_scale(&x, a, scale) && at_scale(&y, b, scale))
        return (x > y) - (x < y);
    return a_sign * cmp_scaled(wide_of(magnitude(a.coef)), a.scale, wide_of(magnitude(b.coef)), b.scale);
}

int hz_decimal_cmp_ratio(hz_decimal a, hz_decimal b, hz_decimal c)
{
    HZ_ASSERT(b.coef > 0);
    int a_sign = sign(a.coef), c_sign = sign(c.coef);
    if (a_sign != c_sign || a_sign == 0)
        return (a_sign > c_sign) - (a_sign < c_sign);
    wide right = wide_product(magnitude(b.coef), magnitude(c.coef));
    return a_sign * cmp_scaled(wide_of(magnitude(a.coef)), a.scale, right, b.scale + c.scale);
}

bool hz_decimal_round(hz_decimal *out, hz_decimal a, int32_t digits, hz_round mode)
{
    if (digits >= a.scale) {
        hz_int128 coef = 0;
        if (digits > HZ_DECIMAL_DIGITS_MAX || !at_scale(&coef, a, digits))
            return false;
        return settle(out, magnitude(coef), coef < 0, digits);
    }
    bool negative = a.coef < 0;
    hz_uint128 quotient = magnitude(a.coef);
    int64_t dropped = (int64_t)a.scale - digits;
    if (dropped > HZ_DECIMAL_DIGITS_MAX) {
        /* All digits go and what they say is less than half of the last place. */
        bool away = (mode == HZ_ROUND_FLOOR && negative) || (mode == HZ_ROUND_CEIL && !negative);
        quotient = quotient && away;
    } else {
        hz_uint128 divisor = power((int32_t)dropped), whole = quotient / divisor;
        quotient = whole + rounds_up(mode, negative, whole & 1, quotient - whole * divisor, divisor);
    }
    if (digits < 0 && quotient) {
        if (digits < -HZ_DECIMAL_DIGITS_MAX || __builtin_mul_overflow(quotient, power(-digits), &quotient))
            return false;
    }
    return settle(out, quotient, negative, digits > 0 ? digits : 0);
}

hz_decimal hz_decimal_normal(hz_decimal a)
{
    if (a.coef == 0)
        return (hz_decimal){0, 0};
    while (a.scale > 0 && a.coef % 10 == 0) {
        a.coef /= 10;
        a.scale--;
    }
    return a;
}

bool hz_decimal_to_i64(int64_t *out, hz_decimal a)
{
    hz_int128 unit = (hz_int128)power(a.scale), whole = a.scale ? a.coef / unit : a.coef;
    if (whole * unit != a.coef || whole > INT64_MAX || whole < INT64_MIN)
        return false;
    *out = (int64_t)whole;
    return true;
}

void hz_decimal_put(hz_buf *out, hz_decimal a)
{
    char text[HZ_DECIMAL_DIGITS_MAX + 4];
    size_t at = sizeof text;
    hz_uint128 rest = magnitude(a.coef);
    for (int32_t place = 0; rest || place <= a.scale; place++) {
        if (place == a.scale && place)
            text[--at] = '.';
        text[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    if (a.coef < 0)
        text[--at] = '-';
    hz_buf_put(out, (hz_slice){text + at, sizeof text - at});
}
