/* pile.h: sequences of records that only grow ("piles"), in blocks that share one budget (the "store"). What does not
 * fit the budget goes compressed to one unnamed file and comes back when it is read.
 *
 *   store   one a run; every function on it may be called by any thread
 *   pile    used by one thread at a time; piles of one store by many threads at once
 *
 * Memory: what counts against the budget ("held") is the blocks of all piles, open ones whole, the notes on blocks that
 * are on disk (64 bytes each) and the blocks that readers brought back. A block is asked for first of the pool of free
 * ones, then of the system while the budget lasts; then full blocks are written out: the one that its own pile just
 * filled, else the oldest of any pile. Only when no pile has a full block left is the budget passed. Open blocks are
 * kept small for that: they begin with 1 KiB, double up to block_bytes, and all of them together stay near a quarter of
 * the budget. Beside the budget a thread that writes or reads the file takes some 450 KiB for zstd (none: built
 * without).
 *
 * Disk: the file has no name (O_TMPFILE, or made and unlinked at once), mode 0600; nothing is left after any end of the
 * process. Each block is written with its lengths and the XXH3 of its bytes, and checked when it is read. Space of
 * blocks that were consumed is given back: whole when nothing on disk is needed any more, else by holes.
 *
 * Errors: HZ_E_IO (the folder or file; messages PILE_*, with the hint to use --temp or --memory), HZ_E_NOMEM,
 * HZ_E_CANCELLED. After an error piles are as they were before the call and may be read, or cleared. A process with
 * RLIMIT_FSIZE gets SIGXFSZ unless it ignores that. */
#ifndef HZ_BASE_PILE_H
#define HZ_BASE_PILE_H
#include "base/cancel.h"

enum {
#ifdef HZ_TINY
    HZ_PILE_BLOCK_BYTES = 64
#else
    HZ_PILE_BLOCK_BYTES = 64 * 1024
#endif
};

typedef struct hz_store hz_store;
typedef struct hz_pile_block hz_pile_block;

typedef struct hz_store_options {
    uint64_t budget_bytes; /* of what is held in memory; 0: no limit */
    const char *temp_dir;  /* where the file goes, made there when first needed; copied. NULL: nothing is ever written;
                              not with a budget */
    size_t block_bytes;    /* 0: HZ_PILE_BLOCK_BYTES; else rounded up to a power of two from 64 */
    const hz_cancel *cancel; /* looked at once a block; borrowed for the store's life; may be NULL */
} hz_store_options;

HZ_NODISCARD hz_status hz_store_new(hz_store **out, const hz_store_options *options, hz_error *err);
/* Closes the file. Every pile was cleared before, or is never touched again: its blocks that are in memory would leak
 * otherwise, and a debug build asserts that there are none. Takes NULL. */
void hz_store_free(hz_store *store);

uint64_t hz_store_budget(const hz_store *store); /* 0: no limit */
uint64_t hz_store_held_bytes(const hz_store *store);
uint64_t hz_store_spilled_bytes(const hz_store *store); /* records written out so far, as they were in memory */
uint64_t hz_store_written_bytes(const hz_store *store); /* the same as they were written */
uint64_t hz_store_disk_bytes(const hz_store *store);    /* of the file that is in use now */
/* Whether open blocks take more than half the budget, so that writing full ones helps little: the engine then calls
 * hz_pile_spill for its piles, at most once a batch. Never without a budget. */
bool hz_store_is_tight(const hz_store *store);

/* One sequence. 72 bytes, no block before the first record; fields are private. */
typedef struct hz_pile {
    char *at;          /* the free part of the open block */
    size_t room_bytes; /* of it; a multiple of 8 */
    hz_store *store;
    hz_pile_block *first, *last, *first_held;
    uint64_t bytes, records;
    uint32_t next_block_bytes_log2;
} hz_pile;

void hz_pile_init(hz_pile *pile, hz_store *store);
/* Frees all records, in memory and on disk; the pile is as after init. Takes a pile that is all zero bytes, too. */
void hz_pile_clear(hz_pile *pile);

void *hz_pile_put_slow(hz_pile *pile, size_t len, hz_error *err);
/* Room for one record of len bytes, contiguous, aligned to 8; it is part of the pile at once. Its bytes are to be
 * written before the next call on the pile (bytes between its end and the next multiple of 8 are zero). A record never
 * crosses a block; one larger than a block gets a block of its own. One of no bytes takes 8. NULL: failed, err set,
 * nothing changed. */
static inline void *hz_pile_put(hz_pile *pile, size_t len, hz_error *err)
{
    if (len - 1 >= pile->room_bytes)
        return hz_pile_put_slow(pile, len, err);
    size_t bytes = (len + 7) & ~(size_t)7;
    char *record = pile->at;
    memset(record + bytes - 8, 0, 8);
    pile->at += bytes;
    pile->room_bytes -= bytes;
    pile->bytes += bytes;
    pile->records++;
    return record;
}
/* Of the records, each rounded up to 8: what a reader's slices have together. */
static inline uint64_t hz_pile_bytes(const hz_pile *pile)
{
    return pile->bytes;
}
static inline uint64_t hz_pile_records(const hz_pile *pile)
{
    return pile->records;
}
/* Writes out all that the pile holds in memory, its open block too. Does nothing in a store without temp_dir. */
HZ_NODISCARD hz_status hz_pile_spill(hz_pile *pile, hz_error *err);
/* Moves all records of `from` behind those of `to`; `from` is then empty. Same store, not the same pile. Nothing is
 * copied and nothing can fail. */
void hz_pile_join(hz_pile *to, hz_pile *from);

/* Reading. Between hz_pile_read and hz_pile_read_end nothing else is done with the pile, and it does not move. */
typedef struct hz_pile_reader {
    hz_pile *pile;
    hz_pile_block *current, *next; /* current: handed out */
    char *brought;                 /* owned: the records of a block from disk */
    size_t brought_bytes;
    bool consume;
} hz_pile_reader;

/* Begins at the first record. consume: memory and disk of a block are given back once it was read, and the pile holds
 * only the rest; else the pile stays as it is and can be read again. */
void hz_pile_read(hz_pile_reader *reader, hz_pile *pile, bool consume);
/* The next block in the order of writing: whole records, each beginning at a multiple of 8, valid until the next call.
 * HZ_OK, HZ_END (*block empty), or an error (the same block is tried again by the next call). */
HZ_NODISCARD hz_status hz_pile_next(hz_slice *block, hz_pile_reader *reader, hz_error *err);
/* Must follow every hz_pile_read; more calls do nothing. */
void hz_pile_read_end(hz_pile_reader *reader);

/* Calls back for every record and gives back memory and disk of what was read. The callback returns the record's bytes,
 * as they were put; 0: it failed, and err is set. */
typedef size_t (*hz_record_fn)(void *ctx, const char *record, hz_error *err);
HZ_NODISCARD hz_status hz_pile_each(hz_pile *pile, hz_record_fn record, void *ctx, hz_error *err);

/* Test hooks. The Nth call from now that opens, writes or reads the file fails with this errno; 0 as errno: it moves
 * one byte only. n = 0 turns it off. */
void hz_store_fail_after(uint64_t n, int error_number);
int hz_store_file(const hz_store *store); /* the descriptor; -1 before anything was written */
#endif
