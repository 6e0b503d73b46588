/* pile_int.h: the two halves behind pile.h: spill files (pile_file.c) and blocks (pile_store.c). */
#ifndef HZ_BASE_PILE_INT_H
#define HZ_BASE_PILE_INT_H
#include <pthread.h>
#include <stdatomic.h>

#include "base/pile.h"

/* ---- pile_file.c: one file without a name ---- */

typedef struct hz_spill_worker hz_spill_worker; /* what a thread needs to compress; kept for the next one */

typedef struct hz_spill {
    char *folder;  /* owned */
    atomic_int fd; /* -1: not yet made */
    pthread_mutex_t lock;
    uint64_t end_bytes;    /* where the next block goes; under the lock */
    hz_spill_worker *idle; /* under the lock */
    _Atomic uint64_t live_bytes, written_bytes;
    atomic_bool no_holes; /* the file system cannot */
} hz_spill;

/* Where a block lies, its header included. */
typedef struct hz_spill_place {
    uint64_t offset_bytes, stored_bytes;
} hz_spill_place;

HZ_NODISCARD hz_status hz_spill_init(hz_spill *spill, const char *folder, hz_error *err);
void hz_spill_clear(hz_spill *spill);
/* Writes one block; the file is made by the first. */
HZ_NODISCARD hz_status hz_spill_write(hz_spill_place *out, hz_spill *spill, hz_slice raw, hz_error *err);
/* Reads it back, checked; raw_bytes is the length that was written. */
HZ_NODISCARD hz_status hz_spill_read(char *into, size_t raw_bytes, hz_spill *spill, hz_spill_place place,
                                     hz_error *err);
/* The block is not needed any more. */
void hz_spill_drop(hz_spill *spill, hz_spill_place place);

/* ---- pile_store.c: blocks in memory and their budget ---- */

typedef enum hz_block_state {
    HZ_BLOCK_OPEN,    /* the last of its pile, which writes into it */
    HZ_BLOCK_FULL,    /* in the store's list: any thread may write it out */
    HZ_BLOCK_READ,    /* in memory and handed out by a reader */
    HZ_BLOCK_WRITING, /* some thread writes it out */
    HZ_BLOCK_DISK
} hz_block_state;

/* The note on a block. What is in it changes by state; all but `next` and `records` under the store's lock once the
 * block is full. */
struct hz_pile_block {
    hz_pile_block *next; /* in its pile */
    union {
        struct {
            hz_pile_block *older, *newer;
        } list;               /* FULL */
        hz_spill_place place; /* DISK */
    } at;
    char *bytes;       /* owned; NULL on disk */
    size_t used_bytes; /* of records; in an open block not yet known */
    size_t room_bytes;
    uint32_t records;
    uint32_t state; /* hz_block_state */
};

struct hz_store {
    pthread_mutex_t lock;
    pthread_cond_t written; /* some block is no longer WRITING */
    uint64_t budget_bytes;
    size_t block_bytes;
    const hz_cancel *cancel;
    bool can_spill;
    _Atomic uint64_t held_bytes, open_bytes, open_blocks, spilled_bytes;
    /* Under the lock: */
    hz_pile_block *oldest, *newest; /* the full blocks in memory */
    size_t writing_count;
    uint64_t pooled_bytes;          /* beside held_bytes */
    struct hz_free_block *pool[32]; /* by log2 of their size */
    hz_spill spill;
};

/* A new open block for `room_bytes`, of which the pile's last block may be written out first. NULL: err set. */
hz_pile_block *hz_store_open_block(hz_store *store, size_t room_bytes, hz_pile_block *last, hz_error *err);
/* The size of the next open block that suits the budget: `wanted` or less. */
size_t hz_store_block_bytes(const hz_store *store, size_t wanted);
/* The size of a block that holds `bytes`: a power of two, or bytes when they are more than a block. */
size_t hz_store_room(const hz_store *store, size_t bytes);
/* An open block becomes full. */
void hz_store_fill(hz_store *store, hz_pile_block *block, size_t used_bytes, uint32_t records);
/* Writes a full block out; HZ_OK at once when it is on disk. */
HZ_NODISCARD hz_status hz_store_write_out(hz_store *store, hz_pile_block *block, hz_error *err);
/* For a reader: what state the block is in, which no other thread changes from then on: READ or DISK. */
hz_block_state hz_store_claim(hz_store *store, hz_pile_block *block);
/* The reader is done with a block that was READ; it is FULL again. */
void hz_store_unclaim(hz_store *store, hz_pile_block *block);
/* Frees block and note, whatever state it is in (WRITING: waits). */
void hz_store_drop(hz_store *store, hz_pile_block *block);
/* Memory for a reader, which counts as held. Where nothing can be written out for it, it passes the budget: what is on
 * a full disk can still be read. */
HZ_NODISCARD hz_status hz_store_take(char **out, hz_store *store, size_t room_bytes, hz_error *err);
void hz_store_give(hz_store *store, char *bytes, size_t room_bytes);
#endif
