/* arena.c: one list of blocks, newest first. Small items are cut from `open`, the newest block that is not a single
 * large item; a large item gets a block of its own at the head and leaves `open` in use. A mark is the head and the
 * fill of `open`: popping blocks down to that head brings back the `open` of that time, since it lies at or below it.
 */
#include "base/arena.h"

#include "base/alloc.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HZ_ARENA_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HZ_ARENA_POISON 1
#endif
#ifdef HZ_ARENA_POISON
#include <sanitizer/asan_interface.h>
#define POISON(ptr, size)   ASAN_POISON_MEMORY_REGION((ptr), (size))
#define UNPOISON(ptr, size) ASAN_UNPOISON_MEMORY_REGION((ptr), (size))
#else
#define POISON(ptr, size)   ((void)(ptr), (void)(size))
#define UNPOISON(ptr, size) ((void)(ptr), (void)(size))
#endif

enum { ALIGN = 16, BLOCK_FIRST_BYTES = 8 * 1024, BLOCK_BYTES = 64 * 1024, BLOCK_MAX_BYTES = 1024 * 1024 };

typedef struct block {
    struct block *older;
    size_t capacity, used; /* of the bytes behind this head */
    bool large;
} block;
enum { HEAD_BYTES = (sizeof(block) + ALIGN - 1) / ALIGN * ALIGN };

struct hz_arena {
    block *head, *open;
    size_t next_bytes, held_bytes;
};

static char *block_bytes(block *b)
{
    return (char *)b + HEAD_BYTES;
}

hz_arena *hz_arena_new(void)
{
    hz_arena *arena = hz_mem_zalloc(1, sizeof *arena);
    if (arena)
        arena->next_bytes = BLOCK_FIRST_BYTES;
    return arena;
}

static void pop(hz_arena *arena)
{
    block *b = arena->head;
    arena->head = b->older;
    arena->held_bytes -= HEAD_BYTES + b->capacity;
    UNPOISON(block_bytes(b), b->capacity);
    hz_mem_free(b);
}

void hz_arena_free(hz_arena *arena)
{
    if (!arena)
        return;
    while (arena->head)
        pop(arena);
    hz_mem_free(arena);
}

static block *push(hz_arena *arena, size_t capacity, bool large)
{
    block *b = capacity > SIZE_MAX - HEAD_BYTES ? NULL : hz_mem_alloc(HEAD_BYTES + capacity);
    if (!b)
        return NULL;
    *b = (block){arena->head, capacity, 0, large};
    POISON(block_bytes(b), capacity);
    arena->head = b;
    arena->held_bytes += HEAD_BYTES + capacity;
    if (!large)
        arena->open = b;
    return b;
}

/* Cuts `rounded` bytes from b, of which the caller may touch `size_bytes`. */
static void *cut(block *b, size_t size_bytes, size_t rounded)
{
    char *ptr = block_bytes(b) + b->used;
    b->used += rounded;
    UNPOISON(ptr, size_bytes);
    return ptr;
}

void *hz_arena_alloc(hz_arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2)
        return NULL;
    size_t rounded = (size_bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (rounded == 0)
        rounded = ALIGN;
    block *b = arena->open;
    if (b && b->capacity - b->used >= rounded)
        return cut(b, size_bytes, rounded);
    /* Many arenas stay small; one that meets larger items goes on with larger blocks. */
    while (arena->next_bytes < BLOCK_BYTES && rounded > arena->next_bytes / 4)
        arena->next_bytes *= 2;
#ifdef HZ_ARENA_MALLOC_EACH
    bool large = true;
#else
    bool large = rounded > arena->next_bytes / 4;
#endif
    b = push(arena, large ? rounded : arena->next_bytes - HEAD_BYTES, large);
    if (!b)
        return NULL;
    if (!large && arena->next_bytes < BLOCK_MAX_BYTES)
        arena->next_bytes *= 2;
    return cut(b, size_bytes, rounded);
}

void *hz_arena_zalloc(hz_arena *arena, size_t count, size_t size_bytes)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size_bytes, &total))
        return NULL;
    void *ptr = hz_arena_alloc(arena, total);
    return ptr ? memset(ptr, 0, total) : NULL;
}

hz_status hz_arena_copy(hz_slice *out, hz_arena *arena, hz_slice text)
{
    *out = HZ_SLICE_NONE;
    char *copy = text.len < SIZE_MAX ? hz_arena_alloc(arena, text.len + 1) : NULL;
    if (!copy)
        return HZ_E_NOMEM;
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *out = (hz_slice){copy, text.len};
    return HZ_OK;
}

hz_arena_mark hz_arena_marked(hz_arena *arena)
{
    return (hz_arena_mark){arena->head, arena->open ? arena->open->used : 0};
}

void hz_arena_rewind(hz_arena *arena, hz_arena_mark mark)
{
    while (arena->head && arena->head != mark.block)
        pop(arena);
    HZ_ASSERT(arena->head == mark.block);
    arena->open = arena->head;
    while (arena->open && arena->open->large)
        arena->open = arena->open->older;
    if (!arena->open)
        return;
    arena->open->used = mark.used;
    POISON(block_bytes(arena->open) + mark.used, arena->open->capacity - mark.used);
}

void hz_arena_reset(hz_arena *arena)
{
    block *kept = NULL;
#ifndef HZ_ARENA_MALLOC_EACH
    for (block *b = arena->head; b; b = b->older)
        if (!kept || b->capacity > kept->capacity)
            kept = b;
#endif
    block *at = arena->head;
    arena->head = NULL;
    while (at) {
        block *older = at->older;
        if (at != kept) {
            arena->head = at;
            at->older = NULL;
            pop(arena);
        }
        at = older;
    }
    arena->head = arena->open = kept;
    if (!kept)
        return;
    kept->older = NULL;
    kept->used = 0;
    kept->large = false;
    POISON(block_bytes(kept), kept->capacity);
}

size_t hz_arena_bytes(const hz_arena *arena)
{
    return arena->held_bytes;
}
