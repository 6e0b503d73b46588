/* keyset.h: keys by value. A hash finds, bytes decide. Keys are canonical bytes (hz_vec_put_key), or the text itself
 * for a single text key. Keys of up to 16 bytes stand in the entry; longer ones in a block store. */
#ifndef HZ_ENGINE_KEYSET_H
#define HZ_ENGINE_KEYSET_H
#include "base/arena.h"
#include "base/htab.h"
#include "validator/eval/eval.h"

typedef struct hz_key_entry {
    char inline_key[16]; /* len <= 16, else the first 8 bytes hold a pointer */
    uint32_t len;
    uint32_t mark;  /* the user's own, 0 at first */
    uint64_t count; /* the user's own, 0 at first */
} hz_key_entry;

typedef struct hz_keyset {
    hz_htab tab;
    hz_key_entry *entries;
    size_t count, capacity;
    hz_arena *arena; /* long keys */
} hz_keyset;

/* The keys of a batch: slice and hash a row; usable = every part is present. */
typedef struct hz_keys {
    hz_slice *key;
    uint64_t *hash; /* after hz_keys_hash */
    uint64_t *same; /* bit per row, after hz_keys_hash: its key is that of the usable row before it */
    bool hashed;
    uint64_t *usable;  /* bit per row */
    uint64_t *missing; /* a part is NULL and none INVALID */
    hz_buf bytes;
} hz_keys;

HZ_NODISCARD hz_status hz_keys_init(hz_keys *keys, hz_error *err);
void hz_keys_clear(hz_keys *keys);
/* From the parts' vectors; slices are borrowed from them or from keys->bytes until the next call. normalize[i]: a
 * resident number by its 18-digit form (another text stays as it is). NULL: none. */
HZ_NODISCARD hz_status hz_keys_make(hz_keys *keys, const hz_vec *const *parts, const bool *normalize,
                                    size_t parts_count, uint32_t rows, hz_error *err);
/* Hashes the usable keys, once. */
void hz_keys_hash(hz_keys *keys, uint32_t rows);

HZ_NODISCARD hz_status hz_keyset_init(hz_keyset *set, hz_error *err);
void hz_keyset_clear(hz_keyset *set);
/* Forgets the keys, keeps the room. */
void hz_keyset_reset(hz_keyset *set);
/* Room for so many keys at once; more still fit. HZ_E_LIMIT past 2^32 - 2. */
HZ_NODISCARD hz_status hz_keyset_expect(hz_keyset *set, size_t count, hz_error *err);
/* The entry of the key, made if it is not there. Entries are numbered as they are met. */
HZ_NODISCARD hz_status hz_keyset_add(uint32_t *entry, hz_keyset *set, hz_slice key, uint64_t hash, hz_error *err);
/* The same for the rows that `take` has (a bit per row, usable ones); entries of the others are left alone. */
HZ_NODISCARD hz_status hz_keyset_add_rows(uint32_t *entries, hz_keyset *set, hz_keys *keys, const uint64_t *take,
                                          uint32_t rows, hz_error *err);
/* HZ_HTAB_NONE: not there. */
uint32_t hz_keyset_find(const hz_keyset *set, hz_slice key, uint64_t hash);
/* found: bit per row of `take` (usable ones) whose key is there. */
void hz_keyset_probe(const hz_keyset *set, hz_keys *keys, const uint64_t *take, uint32_t rows, uint64_t *found);
hz_slice hz_keyset_key(const hz_key_entry *entry);
#endif
