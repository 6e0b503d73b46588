#define XXH_INLINE_ALL
#include "base/htab.h"

#include <pthread.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

static pthread_once_t seed_once = PTHREAD_ONCE_INIT;
static uint64_t seed_value;

static void choose_seed(void)
{
    if (getrandom(&seed_value, sizeof seed_value, GRND_NONBLOCK) == (ssize_t)sizeof seed_value)
        return;
    /* Early at boot only: addresses and the clock are the next best. */
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t mix[3] = {(uint64_t)(uintptr_t)&now, (uint64_t)(uintptr_t)&seed_value, (uint64_t)now.tv_nsec};
    seed_value = XXH3_64bits(mix, sizeof mix);
}

uint64_t hz_hash_seed(void)
{
    pthread_once(&seed_once, choose_seed);
    return seed_value;
}

uint64_t hz_hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, len, seed);
}

void hz_htab_clear(hz_htab *tab)
{
    hz_mem_free(tab->slots);
    *tab = (hz_htab){NULL, 0, 0};
}

static void place(uint64_t *slots, size_t mask, uint64_t hash, uint32_t entry)
{
    size_t at = (size_t)hash & mask;
    while (slots[at])
        at = (at + 1) & mask;
    slots[at] = hz_htab_slot(hash, entry);
}

hz_status hz_htab_reserve(hz_htab *tab, size_t count, hz_htab_hash hash_of, const void *ctx, hz_error *err)
{
    if (count <= tab->slots_count / 4 * 3)
        return HZ_OK;
    size_t slots_count = tab->slots_count ? tab->slots_count * 2 : 16;
    while (slots_count / 4 * 3 < count) {
        if (slots_count >= UINT64_C(1) << 32)
            return hz_nomem(err, SIZE_MAX);
        slots_count *= 2;
    }
    uint64_t *slots = hz_mem_zalloc(slots_count, sizeof *slots);
    if (!slots)
        return hz_nomem(err, slots_count * sizeof *slots);
    for (size_t i = 0; i < tab->slots_count; i++)
        if (tab->slots[i]) {
            uint32_t entry = hz_htab_slot_entry(tab->slots[i]);
            place(slots, slots_count - 1, hash_of(ctx, entry), entry);
        }
    hz_mem_free(tab->slots);
    tab->slots = slots;
    tab->slots_count = slots_count;
    return HZ_OK;
}

void hz_htab_put(hz_htab *tab, uint64_t hash, uint32_t entry)
{
    HZ_ASSERT(entry != HZ_HTAB_NONE);
    HZ_ASSERT(tab->count < tab->slots_count / 4 * 3);
    place(tab->slots, tab->slots_count - 1, hash, entry);
    tab->count++;
}

void hz_names_clear(hz_names *names)
{
    hz_htab_clear(&names->tab);
    hz_mem_free(names->keys);
    hz_mem_free(names->values);
    *names = (hz_names){.keys = NULL};
}

static uint64_t name_hash(hz_slice key)
{
    return hz_hash_bytes(key.ptr, key.len, hz_hash_seed());
}

static uint64_t name_hash_of(const void *ctx, uint32_t entry)
{
    return name_hash(((const hz_names *)ctx)->keys[entry]);
}

static bool name_eq(const void *ctx, uint32_t entry, const void *key)
{
    return hz_slice_eq(((const hz_names *)ctx)->keys[entry], *(const hz_slice *)key);
}

hz_status hz_names_add(hz_names *names, hz_slice key, uint32_t value, uint32_t *old, hz_error *err)
{
    uint64_t hash = name_hash(key);
    uint32_t entry = hz_htab_find(&names->tab, hash, &key, name_eq, names);
    *old = HZ_HTAB_NONE;
    if (entry != HZ_HTAB_NONE) {
        *old = names->values[entry];
        return HZ_OK;
    }
    size_t needed = names->count + 1;
    HZ_TRY(hz_htab_reserve(&names->tab, needed, name_hash_of, names, err));
    if (!HZ_GROW(names->keys, names->keys_capacity, needed))
        return hz_nomem(err, needed * sizeof *names->keys);
    if (!HZ_GROW(names->values, names->values_capacity, needed))
        return hz_nomem(err, needed * sizeof *names->values);
    names->keys[names->count] = key;
    names->values[names->count] = value;
    hz_htab_put(&names->tab, hash, (uint32_t)names->count);
    names->count++;
    return HZ_OK;
}

uint32_t hz_names_find(const hz_names *names, hz_slice key)
{
    if (!names->count)
        return HZ_HTAB_NONE;
    uint32_t entry = hz_htab_find(&names->tab, name_hash(key), &key, name_eq, names);
    return entry == HZ_HTAB_NONE ? HZ_HTAB_NONE : names->values[entry];
}
