/* rows.h: which row. A row's identity is (block, row in block): a block is what a reader gave as one batch, numbered in
 * the order of reading, sources in bytewise order of name. So identities order as rows do, and are known while a batch
 * is in hand, by whatever thread.
 *
 * A block keeps what is asked about rows later: where they are (one place in 64 rows; the rest is cut again from
 * there), their regions (runs), which are erroneous (a bit a row and ledger), and sets of rows (a bit a row in blocks
 * that have one of the set). About half a byte a row, four more at
 * worst for regions that change with every row. */
#ifndef HZ_ENGINE_ROWS_H
#define HZ_ENGINE_ROWS_H
#include "base/arena.h"
#include "base/bits.h"
#include "validator/source/source.h"

#ifdef HZ_TINY
enum { HZ_ROW_BITS = 2, HZ_ROW_ANCHOR = 2 };
#else
enum { HZ_ROW_BITS = 12, HZ_ROW_ANCHOR = 64 };
#endif
_Static_assert(HZ_BATCH_ROWS <= 1 << HZ_ROW_BITS, "a batch is a block");

typedef struct hz_region_run { /* of equal region, up to the next run */
    uint32_t from, region;
} hz_region_run;

typedef struct hz_row_block {
    uint64_t record, offset, line; /* of its first readable row, in the source */
    uint32_t source;
    uint32_t span;         /* records from the first readable row to the last */
    struct hz_row_anchor { /* every 64th readable row, above the first */
        uint32_t record, offset, line;
    } * anchors;
    uint32_t anchors_count;
    uint32_t runs_count;
    hz_region_run *runs; /* by record above the first; NULL: the table has no regions */
    unsigned worker;     /* who counted the regions: their numbers are its own until partials are merged */
    uint32_t ledgers;
    uint32_t sets_count;
    uint64_t **sets; /* by set: a bit per record above the first; NULL: none of the block is in it; set by any thread */
    uint64_t *errors; /* a ledger after the other, each a bit per record above the first; NULL: none; set by any
                         thread */
} hz_row_block;

typedef struct hz_rows {
    hz_arena *arena;  /* owned */
    uint32_t ledgers; /* in how many ways a record can be erroneous; 0: one */
    uint32_t sets;    /* how many sets of rows there are */
    hz_row_block **blocks;
    size_t count, capacity;
} hz_rows;

void hz_rows_clear(hz_rows *rows);
/* The block of a batch that has rows; *first is the identity of record 0 of the block: row i of the batch is
 * *first + records[i] - records[0]. One thread at a time. */
HZ_NODISCARD hz_status hz_rows_add(hz_row_block **out, uint64_t *first, hz_rows *rows, const hz_batch *batch,
                                   uint32_t source, hz_error *err);
/* The source of a row, and from where it can be read again. */
uint32_t hz_rows_place(hz_row_want *out, const hz_rows *rows, uint64_t row);
/* The number of its region; 0 where the table has none. */
uint32_t hz_rows_region(const hz_rows *rows, uint64_t row);
/* In ledgers: a bit for each. Any thread; a row may be marked again and again. */
HZ_NODISCARD hz_status hz_rows_mark_in(const hz_rows *rows, uint32_t ledgers, uint64_t row, hz_error *err);
/* The failed ones of a block's readable rows, by their identities; while nobody else may mark the block. */
HZ_NODISCARD hz_status hz_rows_mark_batch_in(hz_row_block *block, uint32_t ledgers, const uint64_t *ids, uint32_t rows,
                                             const uint64_t *failed, hz_error *err);
/* Whether it is erroneous in the first ledger; when nobody marks any more. */
bool hz_rows_is_error(const hz_rows *rows, uint64_t row);
/* Puts a row into a set, from 0; any thread. */
HZ_NODISCARD hz_status hz_rows_put_in_set(const hz_rows *rows, uint32_t set, uint64_t row, hz_error *err);
static inline bool hz_rows_in_set(const hz_rows *rows, uint32_t set, uint64_t row)
{
    const hz_row_block *block = rows->blocks[row >> HZ_ROW_BITS];
    uint64_t *const *sets = __atomic_load_n(&block->sets, __ATOMIC_ACQUIRE);
    const uint64_t *bits = sets ? __atomic_load_n(&sets[set], __ATOMIC_ACQUIRE) : NULL;
    return bits && hz_bits_get(bits, (size_t)(row & ((1 << HZ_ROW_BITS) - 1)));
}
/* Calls each row of a set, ascending; the first status other than HZ_OK ends it. */
HZ_NODISCARD hz_status hz_rows_each_in_set(const hz_rows *rows, uint32_t set,
                                           hz_status (*call)(void *ctx, uint64_t row, hz_error *err), void *ctx,
                                           hz_error *err);
/* Erroneous rows in one ledger, from 0. */
uint64_t hz_rows_errors_in(const hz_rows *rows, uint32_t ledger);

/* The same in the first ledger, the run's own. */
HZ_NODISCARD static inline hz_status hz_rows_mark(const hz_rows *rows, uint64_t row, hz_error *err)
{
    return hz_rows_mark_in(rows, 1, row, err);
}
HZ_NODISCARD static inline hz_status hz_rows_mark_batch(hz_row_block *block, const uint64_t *ids, uint32_t rows,
                                                        const uint64_t *failed, hz_error *err)
{
    return hz_rows_mark_batch_in(block, 1, ids, rows, failed, err);
}
static inline uint64_t hz_rows_errors(const hz_rows *rows)
{
    return hz_rows_errors_in(rows, 0);
}
#endif
