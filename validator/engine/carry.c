/* carry.c: see carry.h. Layout: head, valid words, invalid words, values. Texts: their ends, then their bytes; of rows
 * without a value none. Arrays: their ends, then the items as a column of its own. Whole numbers and days that all fit
 * take 32 bits; decimals whose coefficients all fit take 64, and a byte for the scale. */
#include "validator/engine/carry.h"
#include "base/alloc.h"

typedef struct carry_head {
    uint8_t type, item_type;
    uint16_t narrow;
    uint32_t count;
    uint64_t text_bytes;
} carry_head;

static size_t width_of(hz_type type)
{
    switch (type) {
    case HZ_TYPE_DECIMAL:
        return sizeof(hz_decimal);
    case HZ_TYPE_INTERVAL:
        return sizeof(hz_interval);
    default:
        return sizeof(int64_t);
    }
}

static size_t round8(size_t n)
{
    return (n + 7) / 8 * 8;
}

static size_t text_bytes(const hz_vec *vec)
{
    size_t total = 0;
    for (HZ_BITS_EACH(i, vec->valid, vec->count))
        total += vec->as.text[i].len;
    return total;
}

static bool is_narrow(const hz_vec *vec)
{
    bool narrow = true;
    if (vec->type == HZ_TYPE_DECIMAL) {
        for (HZ_BITS_EACH(i, vec->valid, vec->count))
            narrow = narrow && vec->as.decimal[i].coef >= INT64_MIN && vec->as.decimal[i].coef <= INT64_MAX;
        return narrow;
    }
    if (vec->type != HZ_TYPE_INTEGER && vec->type != HZ_TYPE_DATE)
        return false;
    for (HZ_BITS_EACH(i, vec->valid, vec->count))
        narrow = narrow && vec->as.i64[i] >= INT32_MIN && vec->as.i64[i] <= INT32_MAX;
    return narrow;
}

static size_t narrow_bytes(hz_type type, size_t count)
{
    return type == HZ_TYPE_DECIMAL ? 8 * count + round8(count) : round8(4 * count);
}

size_t hz_carry_bytes(const hz_vec *vec)
{
    size_t bytes = sizeof(carry_head) + 2 * 8 * hz_bits_words(vec->count);
    switch (vec->type) {
    case HZ_TYPE_NULL:
        return bytes;
    case HZ_TYPE_BOOLEAN:
        return bytes + 8 * hz_bits_words(vec->count);
    case HZ_TYPE_TEXT:
        return bytes + round8(4 * (size_t)vec->count) + round8(text_bytes(vec));
    case HZ_TYPE_ARRAY:
        return bytes + round8(4 * (size_t)vec->count) + hz_carry_bytes(vec->items);
    default:
        return bytes + (is_narrow(vec) ? narrow_bytes(vec->type, vec->count) : vec->count * width_of(vec->type));
    }
}

static char *put_narrow(char *at, const hz_vec *vec)
{
    memset(at, 0, narrow_bytes(vec->type, vec->count));
    for (HZ_BITS_EACH(i, vec->valid, vec->count)) {
        if (vec->type == HZ_TYPE_DECIMAL) {
            int64_t coef = (int64_t)vec->as.decimal[i].coef;
            memcpy(at + 8 * i, &coef, 8);
            at[8 * (size_t)vec->count + i] = (char)vec->as.decimal[i].scale;
        } else {
            int32_t n = (int32_t)vec->as.i64[i];
            memcpy(at + 4 * i, &n, 4);
        }
    }
    return at + narrow_bytes(vec->type, vec->count);
}

static bool get_narrow(hz_vec *vec, const char *at, hz_arena *arena)
{
    bool decimal = vec->type == HZ_TYPE_DECIMAL;
    vec->as.any = hz_arena_alloc(arena, vec->count * (decimal ? sizeof(hz_decimal) : 8) + 1);
    for (size_t i = 0; vec->as.any && i < vec->count; i++) {
        if (decimal) {
            int64_t coef;
            memcpy(&coef, at + 8 * i, 8);
            vec->as.decimal[i] = (hz_decimal){coef, at[8 * (size_t)vec->count + i]};
        } else {
            int32_t n;
            memcpy(&n, at + 4 * i, 4);
            vec->as.i64[i] = n;
        }
    }
    return vec->as.any;
}

static char *put(char *at, const void *from, size_t bytes)
{
    if (bytes)
        memcpy(at, from, bytes);
    return at + round8(bytes);
}

static char *put_texts(char *at, const hz_vec *vec)
{
    char *ends = at, *to = at + round8(4 * (size_t)vec->count);
    const char *first = to;
    for (size_t i = 0; i < vec->count; i++) {
        hz_slice text = hz_bits_get(vec->valid, i) ? vec->as.text[i] : HZ_SLICE_NONE;
        if (text.len)
            memcpy(to, text.ptr, text.len);
        to += text.len;
        uint32_t end = (uint32_t)(to - first);
        memcpy(ends + 4 * i, &end, 4);
    }
    return at + round8(4 * (size_t)vec->count) + round8((size_t)(to - first));
}

char *hz_carry_put(char *at, const hz_vec *vec)
{
    size_t words = 8 * hz_bits_words(vec->count);
    bool narrow = is_narrow(vec);
    carry_head head = {(uint8_t)vec->type, (uint8_t)vec->item_type, narrow, vec->count, 0};
    at = put(at, &head, sizeof head);
    at = put(at, vec->valid, words);
    at = put(at, vec->invalid, words);
    switch (vec->type) {
    case HZ_TYPE_NULL:
        return at;
    case HZ_TYPE_BOOLEAN:
        return put(at, vec->as.bits, words);
    case HZ_TYPE_TEXT:
        return put_texts(at, vec);
    case HZ_TYPE_ARRAY:
        return hz_carry_put(put(at, vec->as.ends, 4 * (size_t)vec->count), vec->items);
    default:
        return narrow ? put_narrow(at, vec) : put(at, vec->as.any, vec->count * width_of(vec->type));
    }
}

static const char *get_texts(hz_vec *vec, const char *at, hz_arena *arena)
{
    const char *first = at + round8(4 * (size_t)vec->count);
    uint32_t from = 0;
    vec->as.text = HZ_ARENA_ARRAY(arena, hz_slice, vec->count + 1);
    if (!vec->as.text)
        return NULL;
    for (size_t i = 0; i < vec->count; i++) {
        uint32_t end;
        memcpy(&end, at + 4 * i, 4);
        vec->as.text[i] = (hz_slice){first + from, end - from};
        from = end;
    }
    return first + round8(from);
}

const char *hz_carry_get(hz_vec *vec, const char *at, hz_arena *arena)
{
    carry_head head;
    memcpy(&head, at, sizeof head);
    size_t words = 8 * hz_bits_words(head.count);
    /* Views are read only: the casts take no right away that anybody uses. */
    char *bytes = (char *)(uintptr_t)at + sizeof head;
    *vec = (hz_vec){.type = (hz_type)head.type, .item_type = (hz_type)head.item_type, .count = head.count};
    vec->valid = (uint64_t *)(void *)bytes;
    vec->invalid = (uint64_t *)(void *)(bytes + words);
    bytes += 2 * words;
    if (head.narrow)
        return get_narrow(vec, bytes, arena) ? bytes + narrow_bytes(vec->type, vec->count) : NULL;
    switch (vec->type) {
    case HZ_TYPE_NULL:
        return bytes;
    case HZ_TYPE_BOOLEAN:
        vec->as.bits = (uint64_t *)(void *)bytes;
        return bytes + words;
    case HZ_TYPE_TEXT:
        return get_texts(vec, bytes, arena);
    case HZ_TYPE_ARRAY:
        vec->as.ends = (uint32_t *)(void *)bytes;
        vec->items = HZ_ARENA_NEW(arena, hz_vec);
        return vec->items ? hz_carry_get(vec->items, bytes + round8(4 * (size_t)vec->count), arena) : NULL;
    case HZ_TYPE_DECIMAL: /* 16-byte aligned, which blocks of bytes are not */
        vec->as.any = hz_arena_alloc(arena, vec->count * sizeof(hz_decimal) + 1);
        if (!vec->as.any)
            return NULL;
        memcpy(vec->as.any, bytes, vec->count * sizeof(hz_decimal));
        return bytes + vec->count * sizeof(hz_decimal);
    default:
        vec->as.any = bytes;
        return bytes + round8(vec->count * width_of(vec->type));
    }
}
