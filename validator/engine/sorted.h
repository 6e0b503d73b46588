/* sorted.h: rows put aside whose keys ascend, as submissions sorted by a key have them. Nothing is hashed: a key stands
 * as what it adds to the one before it, a few bytes a row, and two such sets meet by merging.
 *
 * Keys of several parts are often in order by their first part only: a unique name within its parent, in a file sorted
 * by parents. Such a set sorts the rows of each parent, its cluster; a batch's first and last cluster, which other
 * batches may have a part of, are left to the caller. All other clusters then stand whole in one batch.
 *
 * The order is that of the keys' bytes, shorter first. Within a batch keys ascend, equal neighbours are one entry with
 * the number of its rows; a set takes batch after batch while each begins no earlier than the last one ended. Each
 * worker has a set of its own; together they are in order when their batches do not reach into each other. */
#ifndef HZ_ENGINE_SORTED_H
#define HZ_ENGINE_SORTED_H
#include "base/pile.h"
#include "validator/engine/keyset.h"

typedef struct hz_sorted {
    hz_pile pile;          /* a record a batch */
    uint64_t entries;      /* put so far */
    struct hz_sorted_run { /* one batch */
        hz_slice first, last;
        uint32_t entries; /* 0: it put none */
    } * runs;
    size_t runs_count, runs_capacity;
    bool unordered; /* a batch was not in order: no more are tried */
    bool clustered; /* only first parts ascend; those of a batch's first and last cluster are its run */
    bool repeats;   /* some key came twice */
} hz_sorted;

typedef struct hz_sorted_entry {
    uint64_t row;  /* identity of the first */
    uint32_t rows; /* so many one after the other */
    hz_slice key;
} hz_sorted_entry;

void hz_sorted_init(hz_sorted *set, hz_store *store);
void hz_sorted_clear(hz_sorted *set);
/* The rows that `take` has (usable ones; ascending ids). *taken false: not in order, nothing was put and the set says
 * so. first and last of a run are copied to the arena. `rest`, NULL where clusters are of no use: the rows that were
 * not put because another batch may have more of their cluster. */
HZ_NODISCARD hz_status hz_sorted_put(bool *taken, hz_sorted *set, hz_arena *arena, const hz_keys *keys,
                                     const uint64_t *take, const uint64_t *ids, uint32_t rows, uint64_t *rest,
                                     hz_error *err);

/* The sets of all workers as one. They do not change or move while it is open. */
typedef struct hz_sorted_walk hz_sorted_walk;
/* *out NULL: their batches reach into each other, there is no order. *repeats: a key stands in two batches, or came
 * twice in one. Of clustered sets only within one batch, in no order of rows. */
HZ_NODISCARD hz_status hz_sorted_walk_new(hz_sorted_walk **out, bool *repeats, hz_sorted *const *sets, size_t count,
                                          hz_error *err);
void hz_sorted_walk_free(hz_sorted_walk *walk);
/* HZ_END behind the last; the key stays until the next call. */
HZ_NODISCARD hz_status hz_sorted_next(hz_sorted_entry *out, hz_sorted_walk *walk, hz_error *err);
#endif
