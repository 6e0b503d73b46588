/* bits.h: bitmaps in 64-bit words, bit i of word i/64 from the low end; bits past `count` are 0 at every border between
 * functions. */
#ifndef HZ_BASE_BITS_H
#define HZ_BASE_BITS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline size_t hz_bits_words(size_t count)
{
    return (count + 63) / 64;
}
static inline bool hz_bits_get(const uint64_t *bits, size_t i)
{
    return (bits[i >> 6] >> (i & 63)) & 1;
}
static inline void hz_bits_set(uint64_t *bits, size_t i)
{
    bits[i >> 6] |= UINT64_C(1) << (i & 63);
}
static inline void hz_bits_unset(uint64_t *bits, size_t i)
{
    bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}
static inline void hz_bits_put(uint64_t *bits, size_t i, bool on)
{
    uint64_t bit = UINT64_C(1) << (i & 63);
    bits[i >> 6] = on ? bits[i >> 6] | bit : bits[i >> 6] & ~bit;
}
/* The mask of valid bits of the last word for `count` bits. */
static inline uint64_t hz_bits_tail(size_t count)
{
    return (count & 63) ? (UINT64_C(1) << (count & 63)) - 1 : ~UINT64_C(0);
}
static inline void hz_bits_fill(uint64_t *bits, size_t count, bool on)
{
    size_t words = hz_bits_words(count);
    memset(bits, on ? 0xff : 0, words * sizeof *bits);
    if (on && words)
        bits[words - 1] &= hz_bits_tail(count);
}
static inline size_t hz_bits_count(const uint64_t *bits, size_t count)
{
    size_t n = 0;
    for (size_t w = 0; w < hz_bits_words(count); w++)
        n += (size_t)__builtin_popcountll(bits[w]);
    return n;
}
static inline bool hz_bits_any(const uint64_t *bits, size_t count)
{
    for (size_t w = 0; w < hz_bits_words(count); w++)
        if (bits[w])
            return true;
    return false;
}
/* for (HZ_BITS_EACH(i, bits, count)) visits the set bits upward. */
static inline size_t hz_bits_next(const uint64_t *bits, size_t count, size_t from)
{
    if (from >= count)
        return count;
    size_t words = hz_bits_words(count), w = from >> 6;
    uint64_t word = bits[w] >> (from & 63);
    if (word & 1) /* most bitmaps are dense */
        return from;
    word <<= from & 63;
    while (!word) {
        if (++w >= words)
            return count;
        word = bits[w];
    }
    return w * 64 + (size_t)__builtin_ctzll(word);
}
#define HZ_BITS_EACH(i, bits, count) \
    size_t i = hz_bits_next((bits), (count), 0); i < (count); i = hz_bits_next((bits), (count), i + 1)
#endif
