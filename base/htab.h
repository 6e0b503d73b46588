/* htab.h: hashing and an open-addressing index from hash to a 32-bit entry number.
 * The caller keeps the entries; equality is the caller's: a hash never decides it. Nothing that reaches a result
 * iterates one. Hash: XXH3 with a seed chosen once per process run (hz_hash_seed), so that no input can be built to
 * collide. */
#ifndef HZ_BASE_HTAB_H
#define HZ_BASE_HTAB_H
#include "base/alloc.h"

uint64_t hz_hash_seed(void);
uint64_t hz_hash_bytes(const void *bytes, size_t len, uint64_t seed);

/* Linear probing; load at most 3/4; slots hold 32 bits of the hash and the entry number. */
typedef struct hz_htab {
    uint64_t *slots;     /* 0 = empty; else (hash high 32 bits) << 32 | entry + 1 */
    size_t slots_count;  /* power of two, or 0 */
    size_t count;
} hz_htab;

#define HZ_HTAB_NONE UINT32_MAX
typedef bool (*hz_htab_eq)(const void *ctx, uint32_t entry, const void *key);
typedef uint64_t (*hz_htab_hash)(const void *ctx, uint32_t entry);

void hz_htab_clear(hz_htab *tab); /* frees */
/* Room for `count` entries without another growth. `hash_of` gives the full hash of an entry already in. */
HZ_NODISCARD hz_status hz_htab_reserve(hz_htab *tab, size_t count, hz_htab_hash hash_of, const void *ctx,
                                       hz_error *err);
static inline uint64_t hz_htab_slot(uint64_t hash, uint32_t entry)
{
    return (hash & UINT64_C(0xffffffff00000000)) | (entry + UINT64_C(1));
}
static inline uint32_t hz_htab_slot_entry(uint64_t slot)
{
    return (uint32_t)slot - 1;
}
/* Asks for the slot's cache line ahead of hz_htab_find: worth it when many keys are probed one after the other. */
static inline void hz_htab_prefetch(const hz_htab *tab, uint64_t hash)
{
    if (tab->slots_count)
        __builtin_prefetch(&tab->slots[(size_t)hash & (tab->slots_count - 1)]);
}
/* The entry equal to key, or HZ_HTAB_NONE. Inline, so that a known eq is inlined too. */
static inline uint32_t hz_htab_find(const hz_htab *tab, uint64_t hash, const void *key, hz_htab_eq eq, const void *ctx)
{
    if (!tab->slots_count)
        return HZ_HTAB_NONE;
    size_t mask = tab->slots_count - 1;
    for (size_t at = (size_t)hash & mask; tab->slots[at]; at = (at + 1) & mask) {
        uint64_t slot = tab->slots[at];
        if (!((slot ^ hash) >> 32) && eq(ctx, hz_htab_slot_entry(slot), key))
            return hz_htab_slot_entry(slot);
    }
    return HZ_HTAB_NONE;
}
/* Puts entry in (the caller knows that it is not there); room must have been reserved. */
void hz_htab_put(hz_htab *tab, uint64_t hash, uint32_t entry);

/* Names to numbers, for models: owns nothing but its slots; keys are borrowed. */
typedef struct hz_names {
    hz_htab tab;
    hz_slice *keys;
    uint32_t *values;
    size_t count, keys_capacity, values_capacity;
} hz_names;
void hz_names_clear(hz_names *names);
/* HZ_OK, or HZ_E_NOMEM. *old gets the value that the name already had (then nothing changes), else HZ_HTAB_NONE. */
HZ_NODISCARD hz_status hz_names_add(hz_names *names, hz_slice key, uint32_t value, uint32_t *old, hz_error *err);
uint32_t hz_names_find(const hz_names *names, hz_slice key); /* HZ_HTAB_NONE when absent */
#endif
