/* sets.c: constants prepared for kernels: sets of `in` and LIKE patterns. Sets are at most half full. */
#include "base/htab.h"
#include "validator/eval/kernels_int.h"

static size_t slots_for(size_t count)
{
    size_t slots = 4;
    while (slots < 2 * count)
        slots *= 2;
    return slots;
}

bool hz_text_set_has(const hz_text_set *set, hz_slice text)
{
    if (!(set->lengths >> (text.len < 63 ? text.len : 63) & 1))
        return false;
    if (text.len <= 7) {
        uint64_t key = hz_text_pack(text);
        for (size_t at = hz_mix(key) & set->packed_mask; set->packed[at]; at = (at + 1) & set->packed_mask)
            if (set->packed[at] == key)
                return true;
        return false;
    }
    size_t at = (size_t)hz_hash_bytes(text.ptr, text.len, hz_hash_seed()) & set->slots_mask;
    for (; set->slots[at]; at = (at + 1) & set->slots_mask)
        if (hz_text_eq(set->items[set->slots[at] - 1], text))
            return true;
    return false;
}

static void text_set_add(hz_text_set *set, hz_slice text)
{
    if (hz_text_set_has(set, text))
        return;
    set->lengths |= UINT64_C(1) << (text.len < 63 ? text.len : 63);
    if (text.len <= 7) {
        uint64_t key = hz_text_pack(text);
        size_t at = hz_mix(key) & set->packed_mask;
        while (set->packed[at])
            at = (at + 1) & set->packed_mask;
        set->packed[at] = key;
        return;
    }
    size_t at = (size_t)hz_hash_bytes(text.ptr, text.len, hz_hash_seed()) & set->slots_mask;
    while (set->slots[at])
        at = (at + 1) & set->slots_mask;
    set->items[set->items_count++] = text;
    set->slots[at] = (uint32_t)set->items_count;
}

hz_status hz_text_set_init(hz_text_set *set, hz_arena *arena, const hz_slice *items, size_t count, hz_error *err)
{
    size_t slots = slots_for(count);
    *set = (hz_text_set){.packed_mask = slots - 1, .slots_mask = slots - 1};
    set->packed = HZ_ARENA_ARRAY(arena, uint64_t, slots);
    set->slots = HZ_ARENA_ARRAY(arena, uint32_t, slots);
    set->items = HZ_ARENA_ARRAY(arena, hz_slice, count);
    if (!set->packed || !set->slots || !set->items)
        return hz_nomem(err, slots * sizeof(uint64_t));
    for (size_t i = 0; i < count; i++) {
        hz_slice copy;
        if (hz_arena_copy(&copy, arena, items[i]) != HZ_OK)
            return hz_nomem(err, items[i].len);
        text_set_add(set, copy);
    }
    return HZ_OK;
}

bool hz_i64_set_has(const hz_i64_set *set, int64_t n)
{
    for (size_t at = hz_mix((uint64_t)n) & set->mask; set->slots[at] != set->empty; at = (at + 1) & set->mask)
        if (set->slots[at] == n)
            return true;
    return false;
}

static int64_t number_outside(const int64_t *items, size_t count)
{
    for (int64_t candidate = INT64_MIN;; candidate++) {
        size_t i = 0;
        while (i < count && items[i] != candidate)
            i++;
        if (i == count)
            return candidate;
    }
}

hz_status hz_i64_set_init(hz_i64_set *set, hz_arena *arena, const int64_t *items, size_t count, hz_error *err)
{
    size_t slots = slots_for(count + 1);
    *set = (hz_i64_set){.empty = number_outside(items, count), .mask = slots - 1};
    set->slots = HZ_ARENA_ARRAY(arena, int64_t, slots);
    if (!set->slots)
        return hz_nomem(err, slots * sizeof(int64_t));
    for (size_t i = 0; i < slots; i++)
        set->slots[i] = set->empty;
    for (size_t i = 0; i < count; i++) {
        size_t at = hz_mix((uint64_t)items[i]) & set->mask;
        while (set->slots[at] != set->empty && set->slots[at] != items[i])
            at = (at + 1) & set->mask;
        set->slots[at] = items[i];
    }
    return HZ_OK;
}

/* The pattern without escapes; false when it has a wildcard before `end`. */
static bool literal(char *out, size_t *out_len, hz_slice pattern, size_t from, size_t end)
{
    *out_len = 0;
    for (size_t i = from; i < end; i++) {
        char c = pattern.ptr[i];
        if (c == '%' || c == '_')
            return false;
        if (c == '\\' && ++i == end)
            return false;
        out[(*out_len)++] = pattern.ptr[i];
    }
    return true;
}

static bool ends_in_lone_escape(hz_slice pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.ptr[i] == '\\' && ++i == pattern.len)
            return true;
    return false;
}

hz_status hz_like_init(hz_like *like, hz_arena *arena, hz_slice pattern, hz_error *err)
{
    char *text = hz_arena_alloc(arena, pattern.len + 1);
    if (!text)
        return hz_nomem(err, pattern.len + 1);
    if (ends_in_lone_escape(pattern)) {
        *like = (hz_like){HZ_LIKE_BAD, HZ_SLICE_NONE};
        return HZ_OK;
    }
    size_t from = 0, end = pattern.len, len;
    while (from < end && pattern.ptr[from] == '%')
        from++;
    /* The last % is a wildcard when an even run of escapes stands before it: literal() finds out, since an odd one ends
     * in a lone escape. */
    while (end > from && pattern.ptr[end - 1] == '%')
        end--;
    bool any_before = from > 0, any_after = end < pattern.len;
    if (literal(text, &len, pattern, from, end)) {
        like->shape = any_before && any_after ? HZ_LIKE_INFIX
                      : any_before            ? (from == pattern.len ? HZ_LIKE_INFIX : HZ_LIKE_SUFFIX)
                      : any_after             ? HZ_LIKE_PREFIX
                                              : HZ_LIKE_EXACT;
        like->text = (hz_slice){text, len};
        return HZ_OK;
    }
    like->shape = HZ_LIKE_GENERAL;
    if (pattern.len)
        memcpy(text, pattern.ptr, pattern.len);
    like->text = (hz_slice){text, pattern.len};
    return HZ_OK;
}
