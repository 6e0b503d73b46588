#include "base/pile.h"
struct hz_store {
    int none;
};
hz_status hz_store_new(hz_store **out, const hz_store_options *options, hz_error *err)
{
    (void)options;
    *out = hz_mem_zalloc(1, sizeof **out);
    return *out ? HZ_OK : hz_nomem(err, 1);
}
void hz_store_free(hz_store *store)
{
    hz_mem_free(store);
}
void hz_pile_init(hz_pile *pile, hz_store *store)
{
    *pile = (hz_pile){.store = store};
}
void hz_pile_clear(hz_pile *pile)
{
    for (hz_pile_block *b = pile->first, *next; b; b = next) {
        next = b->next;
        hz_mem_free(b);
    }
    *pile = (hz_pile){.store = pile->store};
}
void *hz_pile_put(hz_pile *pile, size_t len, hz_error *err)
{
    len = (len + 7) / 8 * 8;
    if (!pile->last || pile->last->capacity - pile->last->used < len) {
        size_t capacity = pile->last ? pile->last->capacity * 2 : 1024;
        capacity = capacity > 65536 ? 65536 : capacity;
        capacity = capacity < len ? len : capacity;
        hz_pile_block *b = hz_mem_alloc(sizeof *b + capacity);
        if (!b) {
            (void)hz_nomem(err, capacity);
            return NULL;
        }
        b->next = NULL;
        b->used = 0;
        b->capacity = capacity;
        if (pile->last)
            pile->last->next = b;
        else
            pile->first = b;
        pile->last = b;
    }
    void *out = pile->last->bytes + pile->last->used;
    pile->last->used += len;
    pile->records++;
    pile->bytes += len;
    return out;
}
void hz_pile_read(hz_pile_reader *reader, hz_pile *pile, bool consume)
{
    (void)consume;
    reader->at = pile->first;
}
hz_status hz_pile_next(hz_slice *block, hz_pile_reader *reader, hz_error *err)
{
    (void)err;
    if (!reader->at)
        return HZ_END;
    *block = (hz_slice){reader->at->bytes, reader->at->used};
    reader->at = reader->at->next;
    return HZ_OK;
}
void hz_pile_read_end(hz_pile_reader *reader)
{
    (void)reader;
}
