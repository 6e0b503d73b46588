/* bytes_int.h: short texts by whole words: what field_types.c and pattern.c read cells with. Nothing is read beyond a
 * text's end. */
#ifndef HZ_EVAL_BYTES_INT_H
#define HZ_EVAL_BYTES_INT_H
#include <endian.h>

#include "base/slice.h"

#define HZ_ALWAYS_INLINE inline __attribute__((always_inline))

static HZ_ALWAYS_INLINE uint64_t hz_load8(const char *p)
{
    uint64_t all;
    memcpy(&all, p, sizeof all);
    return le64toh(all);
}

static HZ_ALWAYS_INLINE uint32_t hz_load4(const char *p)
{
    uint32_t all;
    memcpy(&all, p, sizeof all);
    return le32toh(all);
}

/* 1 to 8 bytes, the first lowest; bytes past n are 0. Reads nothing beyond n. */
static HZ_ALWAYS_INLINE uint64_t hz_load_some(const char *p, size_t n)
{
    if (n == 8)
        return hz_load8(p);
    if (n >= 4)
        return hz_load4(p) | (uint64_t)hz_load4(p + n - 4) << (8 * (n - 4));
    return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << (8 * (n / 2)) |
           (uint64_t)(unsigned char)p[n - 1] << (8 * (n - 1));
}

/* Equality where short texts are the rule. */
static HZ_ALWAYS_INLINE bool hz_same_text(hz_slice a, hz_slice b)
{
    size_t n = a.len;
    if (n != b.len)
        return false;
    if (n == 0 || a.ptr == b.ptr)
        return true;
    if (n <= 8)
        return hz_load_some(a.ptr, n) == hz_load_some(b.ptr, n);
    if (n > 24)
        return memcmp(a.ptr, b.ptr, n) == 0;
    uint64_t differ = (hz_load8(a.ptr) ^ hz_load8(b.ptr)) | (hz_load8(a.ptr + n - 8) ^ hz_load8(b.ptr + n - 8));
    return !differ && (n <= 16 || hz_load8(a.ptr + 8) == hz_load8(b.ptr + 8));
}

/* UTF-8 of a character above ASCII; bytes written. */
static inline size_t hz_encode_wide(char out[4], uint32_t c)
{
    size_t tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const uint32_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(unsigned char)(leads[tail] | c >> (6 * tail));
    for (size_t i = 1; i <= tail; i++)
        out[i] = (char)(unsigned char)(0x80 | (c >> (6 * (tail - i)) & 0x3F));
    return tail + 1;
}
#endif
