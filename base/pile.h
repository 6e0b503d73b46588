/* pile.h: placeholder until the store with spilling lands. */
#ifndef HZ_BASE_PILE_H
#define HZ_BASE_PILE_H
#include "base/alloc.h"
#include "base/cancel.h"
typedef struct hz_store hz_store;
typedef struct hz_store_options {
    uint64_t budget_bytes;
    const char *temp_dir;
    size_t block_bytes;
    const hz_cancel *cancel;
} hz_store_options;
HZ_NODISCARD hz_status hz_store_new(hz_store **out, const hz_store_options *options, hz_error *err);
void hz_store_free(hz_store *store);
typedef struct hz_pile_block hz_pile_block;
typedef struct hz_pile {
    hz_store *store;
    hz_pile_block *first, *last;
    uint64_t records, bytes;
} hz_pile;
struct hz_pile_block {
    hz_pile_block *next;
    size_t used, capacity;
    char bytes[] __attribute__((aligned(16)));
};
typedef struct hz_pile_reader {
    hz_pile_block *at;
} hz_pile_reader;
void hz_pile_init(hz_pile *pile, hz_store *store);
void hz_pile_clear(hz_pile *pile);
void *hz_pile_put(hz_pile *pile, size_t len, hz_error *err);
static inline uint64_t hz_pile_records(const hz_pile *pile)
{
    return pile->records;
}
void hz_pile_read(hz_pile_reader *reader, hz_pile *pile, bool consume);
HZ_NODISCARD hz_status hz_pile_next(hz_slice *block, hz_pile_reader *reader, hz_error *err);
void hz_pile_read_end(hz_pile_reader *reader);
#endif
