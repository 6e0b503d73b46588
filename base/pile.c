/* pile.c: the sequence of blocks of one pile, writing at its end, reading from its start. Only the pile's thread
 * changes the sequence; what other threads may do with a full block meanwhile (pile_store.c) is invisible here but for
 * its state. A pile has an open block, its last, exactly while `at` is set. */
#include "base/alloc.h"
#include "base/pile_int.h"

enum { FIRST_BLOCK_BYTES_LOG2 = 10 };

void hz_pile_init(hz_pile *pile, hz_store *store)
{
    *pile = (hz_pile){.store = store};
}

void hz_pile_clear(hz_pile *pile)
{
    for (hz_pile_block *block = pile->first, *next; block; block = next) {
        next = block->next;
        hz_store_drop(pile->store, block);
    }
    hz_pile_init(pile, pile->store);
}

/* The open block, if any, is full from now on. */
static void close_block(hz_pile *pile)
{
    if (!pile->at)
        return;
    hz_pile_block *block = pile->last;
    /* records was the pile's count when the block was opened; lengths of 8 and more keep the difference in 32 bits. */
    hz_store_fill(pile->store, block, (size_t)(pile->at - block->bytes), (uint32_t)pile->records - block->records);
    pile->at = NULL;
    pile->room_bytes = 0;
}

/* The size of the next block: each is twice the one before, as far as store and record let it. */
static size_t next_block_bytes(hz_pile *pile, size_t needed_bytes)
{
    if (!pile->next_block_bytes_log2)
        pile->next_block_bytes_log2 = FIRST_BLOCK_BYTES_LOG2;
    size_t suits = hz_store_block_bytes(pile->store, (size_t)1 << pile->next_block_bytes_log2);
    size_t holds = hz_store_room(pile->store, needed_bytes);
    return suits < holds ? holds : suits;
}

static bool open_block(hz_pile *pile, size_t needed_bytes, hz_error *err)
{
    close_block(pile);
    size_t room_bytes = next_block_bytes(pile, needed_bytes);
    hz_pile_block *block = hz_store_open_block(pile->store, room_bytes, pile->last, err);
    if (!block)
        return false;
    if (room_bytes < pile->store->block_bytes)
        pile->next_block_bytes_log2 = 1 + (uint32_t)__builtin_ctzll(room_bytes);
    block->records = (uint32_t)pile->records;
    *(pile->last ? &pile->last->next : &pile->first) = block;
    pile->last = block;
    if (!pile->first_held)
        pile->first_held = block;
    pile->at = block->bytes;
    pile->room_bytes = room_bytes;
    return true;
}

void *hz_pile_put_slow(hz_pile *pile, size_t len, hz_error *err)
{
    if (len > SIZE_MAX / 2) {
        (void)hz_nomem(err, len);
        return NULL;
    }
    size_t bytes = len ? (len + 7) & ~(size_t)7 : 8;
    if (bytes > pile->room_bytes && !open_block(pile, bytes, err))
        return NULL;
    return hz_pile_put(pile, bytes, err);
}

hz_status hz_pile_spill(hz_pile *pile, hz_error *err)
{
    if (!pile->first_held || !pile->store->can_spill)
        return HZ_OK;
    close_block(pile);
    for (; pile->first_held; pile->first_held = pile->first_held->next)
        HZ_TRY(hz_store_write_out(pile->store, pile->first_held, err));
    return HZ_OK;
}

void hz_pile_join(hz_pile *to, hz_pile *from)
{
    HZ_ASSERT(to != from && to->store == from->store);
    if (!from->first)
        return;
    close_block(to);
    if (from->at)
        from->last->records += (uint32_t)to->records;
    *(to->last ? &to->last->next : &to->first) = from->first;
    to->last = from->last;
    if (!to->first_held)
        to->first_held = from->first_held;
    to->at = from->at;
    to->room_bytes = from->room_bytes;
    to->bytes += from->bytes;
    to->records += from->records;
    to->next_block_bytes_log2 = from->next_block_bytes_log2;
    hz_pile_init(from, from->store);
}

void hz_pile_read(hz_pile_reader *reader, hz_pile *pile, bool consume)
{
    close_block(pile);
    *reader = (hz_pile_reader){.pile = pile, .next = pile->first, .consume = consume};
}

/* Takes the first block, which was read, off the pile. */
static void take_off_first(hz_pile *pile)
{
    hz_pile_block *block = pile->first;
    pile->first = block->next;
    if (pile->last == block)
        pile->last = NULL;
    if (pile->first_held == block)
        pile->first_held = block->next;
    pile->bytes -= block->used_bytes;
    pile->records -= block->records;
    hz_store_drop(pile->store, block);
}

static void release_current(hz_pile_reader *reader)
{
    if (!reader->current)
        return;
    if (reader->consume)
        take_off_first(reader->pile);
    else
        hz_store_unclaim(reader->pile->store, reader->current);
    reader->current = NULL;
}

static hz_status bring_back(hz_pile_reader *reader, const hz_pile_block *block, hz_error *err)
{
    hz_store *store = reader->pile->store;
    if (block->used_bytes > reader->brought_bytes) {
        hz_store_give(store, reader->brought, reader->brought_bytes);
        reader->brought = NULL;
        reader->brought_bytes = 0;
        size_t room_bytes = hz_store_room(store, block->used_bytes);
        HZ_TRY(hz_store_take(&reader->brought, store, room_bytes, err));
        reader->brought_bytes = room_bytes;
    }
    return hz_spill_read(reader->brought, block->used_bytes, &store->spill, block->at.place, err);
}

hz_status hz_pile_next(hz_slice *block, hz_pile_reader *reader, hz_error *err)
{
    *block = HZ_SLICE_NONE;
    if (!reader->pile)
        return HZ_END;
    release_current(reader);
    hz_pile_block *next = reader->next;
    if (!next)
        return HZ_END;
    HZ_TRY(hz_cancel_check(reader->pile->store->cancel, err));
    hz_block_state state = hz_store_claim(reader->pile->store, next);
    if (state == HZ_BLOCK_DISK)
        HZ_TRY(bring_back(reader, next, err));
    reader->current = next;
    reader->next = next->next;
    *block = (hz_slice){state == HZ_BLOCK_DISK ? reader->brought : next->bytes, next->used_bytes};
    return HZ_OK;
}

void hz_pile_read_end(hz_pile_reader *reader)
{
    if (!reader->pile)
        return;
    release_current(reader);
    hz_store_give(reader->pile->store, reader->brought, reader->brought_bytes);
    *reader = (hz_pile_reader){.pile = NULL};
}

hz_status hz_pile_each(hz_pile *pile, hz_record_fn record, void *ctx, hz_error *err)
{
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    if (!hz_pile_records(pile))
        return HZ_OK;
    hz_pile_read(&reader, pile, true);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        for (size_t at = 0; st == HZ_OK && at < block.len;) {
            size_t bytes = record(ctx, block.ptr + at, err);
            at += (bytes + 7) / 8 * 8;
            if (!bytes)
                st = err && err->status < 0 ? err->status : HZ_E_NOMEM;
        }
        if (st != HZ_OK)
            break;
    }
    hz_pile_read_end(&reader);
    return st == HZ_END ? HZ_OK : st;
}
