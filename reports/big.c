#include "reports/big_int.h"

#include "base/error.h"

void hz_big_set(hz_big *out, hz_uint128 n)
{
    out->count = 0;
    for (; n; n >>= 32)
        out->limb[out->count++] = (uint32_t)n;
}

int hz_big_cmp(const hz_big *a, const hz_big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (uint32_t i = a->count; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static void push(hz_big *a, uint32_t limb)
{
    HZ_ASSERT(!limb || a->count < HZ_BIG_LIMBS);
    if (limb && a->count < HZ_BIG_LIMBS)
        a->limb[a->count++] = limb;
}

void hz_big_add(hz_big *a, const hz_big *b)
{
    uint64_t carry = 0;
    while (a->count < b->count)
        a->limb[a->count++] = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        carry += (uint64_t)a->limb[i] + (i < b->count ? b->limb[i] : 0);
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    push(a, (uint32_t)carry);
}

void hz_big_mul_small(hz_big *a, uint32_t m)
{
    uint64_t carry = 0;
    if (m == 0)
        a->count = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        carry += (uint64_t)a->limb[i] * m;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    push(a, (uint32_t)carry);
}

void hz_big_mul(hz_big *a, const hz_big *b)
{
    hz_big out;
    out.count = a->count + b->count;
    HZ_ASSERT(out.count <= HZ_BIG_LIMBS);
    if (out.count > HZ_BIG_LIMBS)
        out.count = HZ_BIG_LIMBS;
    memset(out.limb, 0, out.count * sizeof *out.limb);
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (uint32_t j = 0; j <= b->count && i + j < out.count; j++) {
            carry += out.limb[i + j] + (j < b->count ? (uint64_t)a->limb[i] * b->limb[j] : 0);
            out.limb[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    while (out.count && !out.limb[out.count - 1])
        out.count--;
    a->count = out.count;
    memcpy(a->limb, out.limb, out.count * sizeof *out.limb);
}

void hz_big_mul_power(hz_big *a, int32_t digits)
{
    for (; digits >= 9; digits -= 9)
        hz_big_mul_small(a, 1000000000);
    for (; digits > 0; digits--)
        hz_big_mul_small(a, 10);
}

/* Bit by bit from above: quotients are small, and this is done a few times a report. */
uint32_t hz_big_quotient(const hz_big *a, const hz_big *b)
{
    uint32_t quotient = 0;
    hz_big product;
    for (uint32_t bit = UINT32_C(1) << 30; bit; bit >>= 1) {
        product = *b;
        hz_big_mul_small(&product, quotient | bit);
        if (hz_big_cmp(&product, a) <= 0)
            quotient |= bit;
    }
    /* 2a against (2q + 1)b */
    hz_big twice = *a;
    hz_big_mul_small(&twice, 2);
    product = *b;
    hz_big_mul_small(&product, 2 * quotient + 1);
    int half = hz_big_cmp(&twice, &product);
    return quotient + (half > 0 || (half == 0 && (quotient & 1)) ? 1 : 0);
}
