/* big_int.h: whole numbers large enough that scores need no rounding on the way. Not negative, at most HZ_BIG_LIMBS
 * limbs of 32 bits; score.c shows that nothing larger comes up. Only the first `count` limbs hold anything, so that
 * small ones are cheap. */
#ifndef HZ_REPORTS_BIG_INT_H
#define HZ_REPORTS_BIG_INT_H
#include "base/decimal.h"

enum { HZ_BIG_LIMBS = 128 };

typedef struct hz_big {
    uint32_t count; /* limbs in use, lowest first; the last is not 0; 0: zero */
    uint32_t limb[HZ_BIG_LIMBS];
} hz_big;

void hz_big_set(hz_big *out, hz_uint128 n);
static inline bool hz_big_is_zero(const hz_big *a)
{
    return a->count == 0;
}
int hz_big_cmp(const hz_big *a, const hz_big *b);
void hz_big_add(hz_big *a, const hz_big *b);      /* a += b */
void hz_big_mul(hz_big *a, const hz_big *b);      /* a *= b; b may be a */
void hz_big_mul_small(hz_big *a, uint32_t m);     /* a *= m */
void hz_big_mul_power(hz_big *a, int32_t digits); /* a *= 10^digits */
/* a / b rounded half to even; b is not 0 and the quotient below 2^31. */
uint32_t hz_big_quotient(const hz_big *a, const hz_big *b);
#endif
