/* slice.h: borrowed bytes.
 * A slice never owns and is never NUL-terminated by contract. ptr may be NULL only when len is 0.
 * Length is in bytes; text is UTF-8 unless a contract says otherwise. */
#ifndef HZ_BASE_SLICE_H
#define HZ_BASE_SLICE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct hz_slice {
    const char *ptr;
    size_t len;
} hz_slice;

#define HZ_SLICE_LIT(lit) ((hz_slice){(lit), sizeof(lit) - 1})
#define HZ_SLICE_NONE     ((hz_slice){NULL, 0})
/* For printf: "%.*s". */
#define HZ_SLICE_FMT(s) (int)(s).len, (s).ptr

static inline hz_slice hz_slice_of(const char *text)
{
    return text ? (hz_slice){text, strlen(text)} : HZ_SLICE_NONE;
}

static inline uint64_t hz_load64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}
static inline uint32_t hz_load32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Codes, keys and names are compared millions of times: up to 32 bytes by overlapping loads instead of a call. */
static inline bool hz_slice_eq(hz_slice a, hz_slice b)
{
    size_t n = a.len;
    if (n != b.len)
        return false;
    if (n > 32)
        return memcmp(a.ptr, b.ptr, n) == 0;
    if (n < 4)
        return n == 0 || (a.ptr[0] == b.ptr[0] && a.ptr[n / 2] == b.ptr[n / 2] && a.ptr[n - 1] == b.ptr[n - 1]);
    if (n < 8)
        return ((hz_load32(a.ptr) ^ hz_load32(b.ptr)) | (hz_load32(a.ptr + n - 4) ^ hz_load32(b.ptr + n - 4))) == 0;
    uint64_t ends = (hz_load64(a.ptr) ^ hz_load64(b.ptr)) | (hz_load64(a.ptr + n - 8) ^ hz_load64(b.ptr + n - 8));
    if (n > 16)
        ends |= (hz_load64(a.ptr + 8) ^ hz_load64(b.ptr + 8)) | (hz_load64(a.ptr + n - 16) ^ hz_load64(b.ptr + n - 16));
    return ends == 0;
}

static inline bool hz_slice_is(hz_slice a, const char *text)
{
    return hz_slice_eq(a, hz_slice_of(text));
}

/* Bytewise order, shorter first when one is the other's prefix; for UTF-8 the order of code points. */
static inline int hz_slice_cmp(hz_slice a, hz_slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool hz_slice_starts(hz_slice a, hz_slice prefix)
{
    return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.ptr, prefix.ptr, prefix.len) == 0);
}

/* Bytes [from, to) of a, both clamped to its length. */
static inline hz_slice hz_slice_sub(hz_slice a, size_t from, size_t to)
{
    if (to > a.len)
        to = a.len;
    if (from > to)
        from = to;
    return (hz_slice){a.ptr ? a.ptr + from : NULL, to - from};
}

/* Without the bytes of `blanks` at both ends. */
static inline hz_slice hz_slice_trim(hz_slice a, hz_slice blanks)
{
    while (a.len && memchr(blanks.ptr, a.ptr[0], blanks.len))
        a = hz_slice_sub(a, 1, a.len);
    while (a.len && memchr(blanks.ptr, a.ptr[a.len - 1], blanks.len))
        a.len--;
    return a;
}
#endif
