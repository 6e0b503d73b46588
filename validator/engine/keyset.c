/* keyset.c: see keyset.h. Probing goes in passes over the batch (hash, prefetch, look), since at size every look is a
 * cache miss; runs of equal keys, as sorted submissions have them, are answered from the row before. */
#include "validator/engine/keyset.h"
#define XXH_INLINE_ALL
#include "base/alloc.h"
#include "standards/semtype.h"
#include <xxhash.h>

hz_status hz_keys_init(hz_keys *keys, hz_error *err)
{
    memset(keys, 0, sizeof *keys);
    keys->key = hz_mem_zalloc(HZ_BATCH_ROWS, sizeof *keys->key);
    keys->hash = hz_mem_zalloc(HZ_BATCH_ROWS, sizeof *keys->hash);
    keys->same = hz_mem_zalloc(hz_bits_words(HZ_BATCH_ROWS), sizeof *keys->same);
    keys->usable = hz_mem_zalloc(hz_bits_words(HZ_BATCH_ROWS), sizeof *keys->usable);
    keys->missing = hz_mem_zalloc(hz_bits_words(HZ_BATCH_ROWS), sizeof *keys->missing);
    if (!keys->key || !keys->hash || !keys->same || !keys->usable || !keys->missing) {
        hz_keys_clear(keys);
        return hz_nomem(err, HZ_BATCH_ROWS * sizeof *keys->key);
    }
    return HZ_OK;
}

void hz_keys_clear(hz_keys *keys)
{
    hz_mem_free(keys->key);
    hz_mem_free(keys->hash);
    hz_mem_free(keys->same);
    hz_mem_free(keys->usable);
    hz_mem_free(keys->missing);
    hz_buf_clear(&keys->bytes);
    memset(keys, 0, sizeof *keys);
}

static void put_part(hz_buf *bytes, const hz_vec *part, uint32_t row, bool normalize)
{
    char normal[18];
    if (!normalize || part->type != HZ_TYPE_TEXT || !hz_resident_id_normal(normal, part->as.text[row])) {
        hz_vec_put_key(bytes, part, row);
        return;
    }
    hz_slice text = {normal, sizeof normal};
    uint64_t valid = 1, invalid = 0;
    hz_vec one = {.type = HZ_TYPE_TEXT, .count = 1, .as.text = &text, .valid = &valid, .invalid = &invalid};
    hz_vec_put_key(bytes, &one, 0);
}

/* Several texts: the same bytes as hz_vec_put_key would give, in one go. */
static hz_status join_texts(hz_keys *keys, const hz_vec *const *parts, size_t parts_count, uint32_t rows, hz_error *err)
{
    size_t total = 0;
    for (HZ_BITS_EACH(i, keys->usable, rows))
        for (size_t p = 0; p < parts_count; p++)
            total += parts[p]->as.text[i].len + sizeof(uint32_t) + 1;
    char *at = hz_buf_reserve(&keys->bytes, total);
    if (!at)
        return hz_buf_status(&keys->bytes, err);
    for (HZ_BITS_EACH(i, keys->usable, rows)) {
        char *from = at;
        for (size_t p = 0; p < parts_count; p++) {
            hz_slice text = parts[p]->as.text[i];
            uint32_t len = (uint32_t)text.len;
            *at++ = 't';
            memcpy(at, &len, sizeof len);
            at += sizeof len;
            if (len)
                memcpy(at, text.ptr, len);
            at += len;
        }
        keys->key[i] = (hz_slice){from, (size_t)(at - from)};
    }
    return HZ_OK;
}

static bool all_texts(const hz_vec *const *parts, const bool *normalize, size_t parts_count)
{
    for (size_t p = 0; p < parts_count; p++)
        if (parts[p]->type != HZ_TYPE_TEXT || (normalize && normalize[p]))
            return false;
    return true;
}

static hz_status join_values(hz_keys *keys, const hz_vec *const *parts, const bool *normalize, size_t parts_count,
                             uint32_t rows, hz_error *err)
{
    for (HZ_BITS_EACH(i, keys->usable, rows)) {
        size_t from = keys->bytes.len;
        for (size_t p = 0; p < parts_count; p++)
            put_part(&keys->bytes, parts[p], (uint32_t)i, normalize && normalize[p]);
        keys->key[i] = (hz_slice){NULL, keys->bytes.len - from};
    }
    HZ_TRY(hz_buf_status(&keys->bytes, err));
    const char *at = keys->bytes.ptr;
    for (HZ_BITS_EACH(i, keys->usable, rows)) {
        keys->key[i].ptr = at;
        at += keys->key[i].len;
    }
    return HZ_OK;
}

void hz_keys_hash(hz_keys *keys, uint32_t rows)
{
    if (keys->hashed)
        return;
    keys->hashed = true;
    uint64_t seed = hz_hash_seed();
    hz_slice before = {NULL, SIZE_MAX};
    uint64_t hash = 0;
    for (size_t w = 0; w < hz_bits_words(rows); w++) {
        uint64_t same = 0;
        for (uint64_t word = keys->usable[w]; word; word &= word - 1) {
            size_t i = w * 64 + (size_t)__builtin_ctzll(word);
            if (hz_slice_eq(keys->key[i], before))
                same |= word & -word;
            else
                hash = XXH3_64bits_withSeed(keys->key[i].ptr, keys->key[i].len, seed); /* hz_hash_bytes, inlined */
            before = keys->key[i];
            keys->hash[i] = hash;
        }
        keys->same[w] = same;
    }
}

hz_status hz_keys_make(hz_keys *keys, const hz_vec *const *parts, const bool *normalize, size_t parts_count,
                       uint32_t rows, hz_error *err)
{
    size_t words = hz_bits_words(rows);
    for (size_t w = 0; w < words; w++) {
        uint64_t all = ~UINT64_C(0), bad = 0;
        for (size_t p = 0; p < parts_count; p++) {
            all &= parts[p]->valid[w];
            bad |= parts[p]->invalid[w];
        }
        if (w == words - 1)
            all &= hz_bits_tail(rows);
        keys->usable[w] = all;
        keys->missing[w] = ~all & ~bad & (w == words - 1 ? hz_bits_tail(rows) : ~UINT64_C(0));
    }
    bool texts = all_texts(parts, normalize, parts_count);
    hz_buf_reset(&keys->bytes);
    if (texts && parts_count == 1)
        memcpy(keys->key, parts[0]->as.text, rows * sizeof *keys->key);
    else if (texts)
        HZ_TRY(join_texts(keys, parts, parts_count, rows, err));
    else
        HZ_TRY(join_values(keys, parts, normalize, parts_count, rows, err));
    keys->hashed = false;
    return HZ_OK;
}

hz_status hz_keyset_init(hz_keyset *set, hz_error *err)
{
    memset(set, 0, sizeof *set);
    set->arena = hz_arena_new();
    return set->arena ? HZ_OK : hz_nomem(err, sizeof(void *));
}

void hz_keyset_clear(hz_keyset *set)
{
    hz_htab_clear(&set->tab);
    hz_mem_free(set->entries);
    hz_arena_free(set->arena);
    memset(set, 0, sizeof *set);
}

void hz_keyset_reset(hz_keyset *set)
{
    if (set->tab.count)
        memset(set->tab.slots, 0, set->tab.slots_count * sizeof *set->tab.slots);
    set->tab.count = 0;
    set->count = 0;
    hz_arena_reset(set->arena);
}

hz_slice hz_keyset_key(const hz_key_entry *entry)
{
    if (entry->len <= sizeof entry->inline_key)
        return (hz_slice){entry->inline_key, entry->len};
    const char *ptr;
    memcpy(&ptr, entry->inline_key, sizeof ptr);
    return (hz_slice){ptr, entry->len};
}

static bool entry_is(const void *ctx, uint32_t entry, const void *key)
{
    const hz_keyset *set = ctx;
    return hz_slice_eq(hz_keyset_key(&set->entries[entry]), *(const hz_slice *)key);
}

static uint64_t entry_hash(const void *ctx, uint32_t entry)
{
    const hz_keyset *set = ctx;
    hz_slice key = hz_keyset_key(&set->entries[entry]);
    return hz_hash_bytes(key.ptr, key.len, hz_hash_seed());
}

static hz_status append(hz_keyset *set, hz_slice key)
{
    hz_key_entry *entry = &set->entries[set->count];
    *entry = (hz_key_entry){.len = (uint32_t)key.len};
    if (key.len <= sizeof entry->inline_key) {
        if (key.len)
            memcpy(entry->inline_key, key.ptr, key.len);
    } else {
        hz_slice kept;
        HZ_TRY(hz_arena_copy(&kept, set->arena, key));
        memcpy(entry->inline_key, &kept.ptr, sizeof kept.ptr);
    }
    set->count++;
    return HZ_OK;
}

hz_status hz_keyset_expect(hz_keyset *set, size_t count, hz_error *err)
{
    if (count >= HZ_HTAB_NONE)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("keys"), HZ_U(HZ_HTAB_NONE - 1));
    if (!HZ_GROW(set->entries, set->capacity, count))
        return hz_nomem(err, count * sizeof *set->entries);
    return hz_htab_reserve(&set->tab, count, entry_hash, set, err);
}

/* Room for one more is there. */
static hz_status add(uint32_t *out, hz_keyset *set, hz_slice key, uint64_t hash, hz_error *err)
{
    size_t mask = set->tab.slots_count - 1, at = (size_t)hash & mask;
    for (; set->tab.slots[at]; at = (at + 1) & mask) { /* hz_htab_find, which here keeps the empty slot it ends at */
        uint64_t slot = set->tab.slots[at];
        if ((slot ^ hash) >> 32 || !entry_is(set, hz_htab_slot_entry(slot), &key))
            continue;
        *out = hz_htab_slot_entry(slot);
        return HZ_OK;
    }
    *out = (uint32_t)set->count;
    if (append(set, key) != HZ_OK)
        return hz_nomem(err, key.len);
    set->tab.slots[at] = hz_htab_slot(hash, *out);
    set->tab.count++;
    return HZ_OK;
}

hz_status hz_keyset_add(uint32_t *entry, hz_keyset *set, hz_slice key, uint64_t hash, hz_error *err)
{
    HZ_TRY(hz_keyset_expect(set, set->count + 1, err));
    return add(entry, set, key, hash, err);
}

static void prefetch(const hz_keyset *set, const hz_keys *keys, const uint64_t *take, uint32_t rows)
{
    if (set->tab.slots_count < 4096)
        return;
    for (HZ_BITS_EACH(i, take, rows))
        if (!hz_bits_get(keys->same, i))
            hz_htab_prefetch(&set->tab, keys->hash[i]);
}

hz_status hz_keyset_add_rows(uint32_t *entries, hz_keyset *set, hz_keys *keys, const uint64_t *take, uint32_t rows,
                             hz_error *err)
{
    uint32_t entry = HZ_HTAB_NONE; /* of the key in hand, once somebody wanted it */
    hz_keys_hash(keys, rows);
    HZ_TRY(hz_keyset_expect(set, set->count + rows, err));
    prefetch(set, keys, take, rows);
    for (HZ_BITS_EACH(i, keys->usable, rows)) {
        if (!hz_bits_get(keys->same, i))
            entry = HZ_HTAB_NONE;
        if (!hz_bits_get(take, i))
            continue;
        if (entry == HZ_HTAB_NONE)
            HZ_TRY(add(&entry, set, keys->key[i], keys->hash[i], err));
        entries[i] = entry;
    }
    return HZ_OK;
}

uint32_t hz_keyset_find(const hz_keyset *set, hz_slice key, uint64_t hash)
{
    return hz_htab_find(&set->tab, hash, &key, entry_is, set);
}

void hz_keyset_probe(const hz_keyset *set, hz_keys *keys, const uint64_t *take, uint32_t rows, uint64_t *found)
{
    bool known = false, hit = false; /* of the key in hand */
    hz_keys_hash(keys, rows);
    hz_bits_fill(found, rows, false);
    prefetch(set, keys, take, rows);
    for (HZ_BITS_EACH(i, keys->usable, rows)) {
        known = known && hz_bits_get(keys->same, i);
        if (!hz_bits_get(take, i))
            continue;
        if (!known)
            hit = hz_keyset_find(set, keys->key[i], keys->hash[i]) != HZ_HTAB_NONE;
        known = true;
        if (hit)
            hz_bits_set(found, i);
    }
}
