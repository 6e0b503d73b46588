/* filter.h: which keys may be there, by their hashes: a Bloom filter whose three bits of a key lie in one word. Of keys
 * that are not there about one in fifty passes. Built by one thread, asked by any. */
#ifndef HZ_ENGINE_FILTER_H
#define HZ_ENGINE_FILTER_H
#include "base/error.h"

typedef struct hz_filter {
    uint64_t *words; /* NULL: none; every key may be there */
    size_t mask;
} hz_filter;

/* Sixteen bits a key. */
HZ_NODISCARD hz_status hz_filter_init(hz_filter *filter, uint64_t keys, hz_error *err);
void hz_filter_clear(hz_filter *filter);

static inline uint64_t hz_filter_bits(uint64_t hash)
{
    return UINT64_C(1) << (hash & 63) | UINT64_C(1) << ((hash >> 6) & 63) | UINT64_C(1) << ((hash >> 12) & 63);
}
static inline void hz_filter_add(hz_filter *filter, uint64_t hash)
{
    filter->words[(hash >> 18) & filter->mask] |= hz_filter_bits(hash);
}
static inline bool hz_filter_may(const hz_filter *filter, uint64_t hash)
{
    uint64_t bits = hz_filter_bits(hash);
    return !filter->words || (filter->words[(hash >> 18) & filter->mask] & bits) == bits;
}
#endif
