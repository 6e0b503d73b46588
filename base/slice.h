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
#define HZ_SLICE_NONE ((hz_slice){NULL, 0})
/* For printf: "%.*s". */
#define HZ_SLICE_FMT(s) (int)(s).len, (s).ptr

static inline hz_slice hz_slice_of(const char *text)
{
    return text ? (hz_slice){text, strlen(text)} : HZ_SLICE_NONE;
}

static inline bool hz_slice_eq(hz_slice a, hz_slice b)
{
    if (a.len != b.len)
        return false;
    if (a.len >= 8 && a.len <= 16) { /* codes and keys: two loads instead of a call */
        uint64_t a0, a1, b0, b1;
        memcpy(&a0, a.ptr, 8);
        memcpy(&b0, b.ptr, 8);
        memcpy(&a1, a.ptr + a.len - 8, 8);
        memcpy(&b1, b.ptr + b.len - 8, 8);
        return ((a0 ^ b0) | (a1 ^ b1)) == 0;
    }
    return a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0;
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
#endif
