/* arena.h: memory that is freed all at once. One thread at a time.
 * Blocks of 64 KiB grow to 1 MiB; a larger request gets a block of its own. Poisoned under ASan after reset.
 * With HZ_ARENA_MALLOC_EACH defined every item is its own malloc, so that valgrind sees each. */
#ifndef HZ_BASE_ARENA_H
#define HZ_BASE_ARENA_H
#include "base/error.h"

typedef struct hz_arena hz_arena;
typedef struct hz_arena_mark {
    void *block;
    size_t used;
} hz_arena_mark;

HZ_NODISCARD hz_arena *hz_arena_new(void);          /* NULL when out of memory */
void hz_arena_free(hz_arena *arena);                /* takes NULL */
/* 16-byte aligned, uninitialised; NULL when out of memory. size 0 gives a valid pointer. */
void *hz_arena_alloc(hz_arena *arena, size_t size_bytes);
void *hz_arena_zalloc(hz_arena *arena, size_t count, size_t size_bytes);
/* The caller promises to write no more than this; text gets a NUL behind it, for debuggers and C APIs. */
hz_status hz_arena_copy(hz_slice *out, hz_arena *arena, hz_slice text);
hz_arena_mark hz_arena_marked(hz_arena *arena);
void hz_arena_rewind(hz_arena *arena, hz_arena_mark mark);
void hz_arena_reset(hz_arena *arena);               /* keeps the largest block */
size_t hz_arena_bytes(const hz_arena *arena);       /* bytes held from malloc */

#define HZ_ARENA_NEW(arena, type) ((type *)hz_arena_zalloc((arena), 1, sizeof(type)))
#define HZ_ARENA_ARRAY(arena, type, count) ((type *)hz_arena_zalloc((arena), (count), sizeof(type)))
#endif
