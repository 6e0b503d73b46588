/* pile_store.c: who may hold how much. All blocks that are full and in memory stand in one list, oldest first, whatever
 * pile they belong to, so that a thread that needs room can write out those of others: with thousands of piles its own
 * seldom has enough. One lock guards list, pool and the state of blocks; it is taken a few times a block, never a
 * record, and let go while a block is compressed and written.
 *
 * The block that a pile just filled is preferred: it is still in the cache, and its memory is what the pile asks for
 * next. */
#include "base/alloc.h"
#include "base/pile_int.h"

#if defined(__SANITIZE_ADDRESS__)
#define HZ_PILE_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HZ_PILE_POISON 1
#endif
#endif
#ifdef HZ_PILE_POISON
#include <sanitizer/asan_interface.h>
#define POISON(ptr, size)   ASAN_POISON_MEMORY_REGION((ptr), (size))
#define UNPOISON(ptr, size) ASAN_UNPOISON_MEMORY_REGION((ptr), (size))
#else
#define POISON(ptr, size)   ((void)(ptr), (void)(size))
#define UNPOISON(ptr, size) ((void)(ptr), (void)(size))
#endif

enum {
    NOTE_BYTES = 64, /* what malloc takes for a note */
    BLOCK_BYTES_MIN = 64,
    FIRST_BLOCK_BYTES = 1024,
    POOL_BLOCKS = 16, /* free blocks of full size that are kept */
    OPEN_SHARE = 4    /* open blocks get this part of the budget */
};
_Static_assert(sizeof(hz_pile_block) <= NOTE_BYTES - sizeof(size_t), "a note is what the header says");

typedef struct hz_free_block {
    struct hz_free_block *next;
} hz_free_block;
_Static_assert(BLOCK_BYTES_MIN >= sizeof(hz_free_block), "a free block holds its link");

#define LOAD(counter)       atomic_load_explicit(&(counter), memory_order_relaxed)
#define ADD(counter, value) atomic_fetch_add_explicit(&(counter), (value), memory_order_relaxed)
#define SUB(counter, value) atomic_fetch_sub_explicit(&(counter), (value), memory_order_relaxed)

static size_t power_of_two_from(size_t bytes)
{
    size_t power = BLOCK_BYTES_MIN;
    while (power < bytes)
        power *= 2;
    return power;
}

hz_status hz_store_new(hz_store **out, const hz_store_options *options, hz_error *err)
{
    *out = NULL;
    HZ_ASSERT(!options->budget_bytes || options->temp_dir);
    HZ_ASSERT(options->block_bytes <= (size_t)1 << 30);
    hz_store *store = hz_mem_zalloc(1, sizeof *store);
    if (!store)
        return hz_nomem(err, sizeof *store);
    hz_status st = hz_spill_init(&store->spill, options->temp_dir, err);
    if (st != HZ_OK) {
        hz_mem_free(store);
        return st;
    }
    store->budget_bytes = options->budget_bytes;
    store->block_bytes = power_of_two_from(options->block_bytes ? options->block_bytes : HZ_PILE_BLOCK_BYTES);
    store->cancel = options->cancel;
    store->can_spill = options->temp_dir;
    pthread_mutex_init(&store->lock, NULL); /* neither fails here */
    pthread_cond_init(&store->written, NULL);
    *out = store;
    return HZ_OK;
}

/* Under the lock. */
static void drain_pool(hz_store *store)
{
    for (size_t log2 = 0; log2 < sizeof store->pool / sizeof *store->pool; log2++)
        for (hz_free_block *block = store->pool[log2], *next; block; block = next) {
            UNPOISON(block, (size_t)1 << log2);
            next = block->next;
            hz_mem_free(block);
        }
    memset(store->pool, 0, sizeof store->pool);
    store->pooled_bytes = 0;
}

void hz_store_free(hz_store *store)
{
    if (!store)
        return;
    HZ_ASSERT(LOAD(store->held_bytes) == 0);
    drain_pool(store);
    hz_spill_clear(&store->spill);
    pthread_cond_destroy(&store->written);
    pthread_mutex_destroy(&store->lock);
    hz_mem_free(store);
}

uint64_t hz_store_budget(const hz_store *store)
{
    return store->budget_bytes;
}

uint64_t hz_store_held_bytes(const hz_store *store)
{
    return LOAD(store->held_bytes);
}

uint64_t hz_store_spilled_bytes(const hz_store *store)
{
    return LOAD(store->spilled_bytes);
}

uint64_t hz_store_written_bytes(const hz_store *store)
{
    return LOAD(store->spill.written_bytes);
}

uint64_t hz_store_disk_bytes(const hz_store *store)
{
    return LOAD(store->spill.live_bytes);
}

bool hz_store_is_tight(const hz_store *store)
{
    return store->budget_bytes && LOAD(store->open_bytes) > store->budget_bytes / 2;
}

int hz_store_file(const hz_store *store)
{
    return atomic_load(&store->spill.fd);
}

size_t hz_store_block_bytes(const hz_store *store, size_t wanted)
{
    size_t least = store->block_bytes < FIRST_BLOCK_BYTES ? store->block_bytes : FIRST_BLOCK_BYTES;
    if (wanted > store->block_bytes)
        wanted = store->block_bytes;
    uint64_t share = UINT64_MAX;
    if (store->budget_bytes)
        share = store->budget_bytes / OPEN_SHARE / (LOAD(store->open_blocks) + 1);
    while (wanted > share && wanted > least)
        wanted /= 2;
    return wanted > least ? wanted : least;
}

size_t hz_store_room(const hz_store *store, size_t bytes)
{
    return bytes > store->block_bytes ? bytes : power_of_two_from(bytes);
}

/* ---- under the lock: list and pool ---- */

static void link_newest(hz_store *store, hz_pile_block *block)
{
    block->state = HZ_BLOCK_FULL;
    block->at.list.older = store->newest;
    block->at.list.newer = NULL;
    *(store->newest ? &store->newest->at.list.newer : &store->oldest) = block;
    store->newest = block;
}

static void unlink_full(hz_store *store, hz_pile_block *block)
{
    hz_pile_block *older = block->at.list.older, *newer = block->at.list.newer;
    *(older ? &older->at.list.newer : &store->oldest) = newer;
    *(newer ? &newer->at.list.older : &store->newest) = older;
}

static bool is_pooled_size(const hz_store *store, size_t room_bytes)
{
    return room_bytes <= store->block_bytes && (room_bytes & (room_bytes - 1)) == 0;
}

static bool has_pooled(const hz_store *store, size_t room_bytes)
{
    return is_pooled_size(store, room_bytes) && store->pool[__builtin_ctzll(room_bytes)];
}

static char *take_pooled(hz_store *store, size_t room_bytes)
{
    if (!has_pooled(store, room_bytes))
        return NULL;
    hz_free_block **head = &store->pool[__builtin_ctzll(room_bytes)], *block = *head;
    UNPOISON(block, room_bytes);
    *head = block->next;
    store->pooled_bytes -= room_bytes;
    ADD(store->held_bytes, room_bytes);
    return (char *)block;
}

static void give_locked(hz_store *store, char *bytes, size_t room_bytes)
{
    SUB(store->held_bytes, room_bytes);
    if (!is_pooled_size(store, room_bytes) ||
        store->pooled_bytes + room_bytes > (uint64_t)POOL_BLOCKS * store->block_bytes) {
        hz_mem_free(bytes);
        return;
    }
    hz_free_block *block = (hz_free_block *)(void *)bytes, **head = &store->pool[__builtin_ctzll(room_bytes)];
    block->next = *head;
    *head = block;
    store->pooled_bytes += room_bytes;
    POISON(bytes, room_bytes);
}

static bool fits_budget(const hz_store *store, size_t room_bytes)
{
    uint64_t used = LOAD(store->held_bytes) + store->pooled_bytes;
    return !store->budget_bytes || (used <= store->budget_bytes && room_bytes <= store->budget_bytes - used);
}

/* Writes out a full block; the lock is let go meanwhile. */
static hz_status evict(hz_store *store, hz_pile_block *block, hz_error *err)
{
    unlink_full(store, block);
    block->state = HZ_BLOCK_WRITING;
    store->writing_count++;
    pthread_mutex_unlock(&store->lock);
    hz_spill_place place;
    hz_status st = hz_spill_write(&place, &store->spill, (hz_slice){block->bytes, block->used_bytes}, err);
    pthread_mutex_lock(&store->lock);
    store->writing_count--;
    if (st == HZ_OK) {
        ADD(store->spilled_bytes, block->used_bytes);
        give_locked(store, block->bytes, block->room_bytes);
        block->bytes = NULL;
        block->at.place = place;
        block->state = HZ_BLOCK_DISK;
    } else {
        link_newest(store, block);
    }
    pthread_cond_broadcast(&store->written);
    return st;
}

/* Room in the budget for a block, its memory taken of the pool if it is there, and a note. What is written out lands in
 * the pool; what is there of other sizes is freed. */
static hz_status make_room(hz_store *store, size_t room_bytes, hz_pile_block *last, hz_error *err)
{
    while (!fits_budget(store, NOTE_BYTES + (has_pooled(store, room_bytes) ? 0 : room_bytes))) {
        hz_pile_block *victim = last && last->state == HZ_BLOCK_FULL ? last : store->oldest;
        if (store->pooled_bytes)
            drain_pool(store);
        else if (victim)
            HZ_TRY(evict(store, victim, err));
        else if (store->writing_count)
            pthread_cond_wait(&store->written, &store->lock);
        else
            break; /* over the budget: nothing is left to write out */
    }
    return HZ_OK;
}

/* ---- for piles and readers ---- */

/* Memory that counts as held; with `must`, rather over the budget than not at all. */
static hz_status take(char **out, hz_store *store, size_t room_bytes, hz_pile_block *last, bool must, hz_error *err)
{
    *out = NULL;
    HZ_TRY(hz_cancel_check(store->cancel, err));
    pthread_mutex_lock(&store->lock);
    hz_status st = make_room(store, room_bytes, last, must ? NULL : err);
    if (st == HZ_OK || must) {
        *out = take_pooled(store, room_bytes);
        if (!*out)
            ADD(store->held_bytes, room_bytes);
    }
    pthread_mutex_unlock(&store->lock);
    if (*out)
        return HZ_OK;
    if (st != HZ_OK && !must)
        return st;
    *out = hz_mem_alloc(room_bytes);
    if (*out)
        return HZ_OK;
    SUB(store->held_bytes, room_bytes);
    return hz_nomem(err, room_bytes);
}

hz_status hz_store_take(char **out, hz_store *store, size_t room_bytes, hz_error *err)
{
    return take(out, store, room_bytes, NULL, true, err);
}

void hz_store_give(hz_store *store, char *bytes, size_t room_bytes)
{
    if (!bytes)
        return;
    pthread_mutex_lock(&store->lock);
    give_locked(store, bytes, room_bytes);
    pthread_mutex_unlock(&store->lock);
}

hz_pile_block *hz_store_open_block(hz_store *store, size_t room_bytes, hz_pile_block *last, hz_error *err)
{
    char *bytes = NULL;
    if (take(&bytes, store, room_bytes, last, false, err) != HZ_OK)
        return NULL;
    hz_pile_block *block = hz_mem_zalloc(1, sizeof *block);
    if (!block) {
        hz_store_give(store, bytes, room_bytes);
        (void)hz_nomem(err, sizeof *block);
        return NULL;
    }
    block->bytes = bytes;
    block->room_bytes = room_bytes;
    block->state = HZ_BLOCK_OPEN;
    ADD(store->held_bytes, NOTE_BYTES);
    ADD(store->open_bytes, room_bytes);
    ADD(store->open_blocks, 1);
    return block;
}

static void count_closed(hz_store *store, size_t room_bytes)
{
    SUB(store->open_bytes, room_bytes);
    SUB(store->open_blocks, 1);
}

/* What a block did not need goes back when it is half or more. */
static void shrink(hz_store *store, hz_pile_block *block)
{
    size_t room_bytes = hz_store_room(store, block->used_bytes);
    char *bytes = room_bytes < block->room_bytes ? hz_mem_realloc(block->bytes, room_bytes) : NULL;
    if (!bytes)
        return;
    SUB(store->held_bytes, block->room_bytes - room_bytes);
    block->bytes = bytes;
    block->room_bytes = room_bytes;
}

void hz_store_fill(hz_store *store, hz_pile_block *block, size_t used_bytes, uint32_t records)
{
    count_closed(store, block->room_bytes);
    block->used_bytes = used_bytes;
    block->records = records;
    shrink(store, block);
    pthread_mutex_lock(&store->lock);
    link_newest(store, block);
    pthread_mutex_unlock(&store->lock);
}

/* Under the lock: until no other thread writes the block. */
static void wait_written(hz_store *store, const hz_pile_block *block)
{
    while (block->state == HZ_BLOCK_WRITING)
        pthread_cond_wait(&store->written, &store->lock);
}

hz_status hz_store_write_out(hz_store *store, hz_pile_block *block, hz_error *err)
{
    HZ_TRY(hz_cancel_check(store->cancel, err));
    pthread_mutex_lock(&store->lock);
    wait_written(store, block);
    hz_status st = block->state == HZ_BLOCK_FULL ? evict(store, block, err) : HZ_OK;
    pthread_mutex_unlock(&store->lock);
    return st;
}

hz_block_state hz_store_claim(hz_store *store, hz_pile_block *block)
{
    pthread_mutex_lock(&store->lock);
    wait_written(store, block);
    if (block->state == HZ_BLOCK_FULL) {
        unlink_full(store, block);
        block->state = HZ_BLOCK_READ;
    }
    hz_block_state state = (hz_block_state)block->state;
    pthread_mutex_unlock(&store->lock);
    return state;
}

void hz_store_unclaim(hz_store *store, hz_pile_block *block)
{
    pthread_mutex_lock(&store->lock);
    if (block->state == HZ_BLOCK_READ)
        link_newest(store, block);
    pthread_mutex_unlock(&store->lock);
}

void hz_store_drop(hz_store *store, hz_pile_block *block)
{
    pthread_mutex_lock(&store->lock);
    wait_written(store, block);
    if (block->state == HZ_BLOCK_FULL)
        unlink_full(store, block);
    else if (block->state == HZ_BLOCK_OPEN)
        count_closed(store, block->room_bytes);
    if (block->bytes)
        give_locked(store, block->bytes, block->room_bytes);
    SUB(store->held_bytes, NOTE_BYTES);
    pthread_mutex_unlock(&store->lock);
    if (block->state == HZ_BLOCK_DISK)
        hz_spill_drop(&store->spill, block->at.place);
    hz_mem_free(block);
}
