#include "base/alloc.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <unistd.h>

enum {
    PAGE_BYTES = 4096,
    HUGE_PAGE_BYTES = 2 << 20,
    HUGE_FROM_BYTES = 2 * HUGE_PAGE_BYTES,
    HEAP_STEP_BYTES = 64 << 20, /* the heap grows by so much at a time */
    HEAP_BELOW_BYTES = 4 << 20, /* larger blocks have their own mapping, which goes back when they are freed */
    HEAP_KEPT_BYTES = 128 << 20 /* free at the heap's end that is kept */
};

/* The counters are relaxed: each is exact by itself, and nothing is ordered by them. */
static _Atomic uint64_t calls, live_calls, live_bytes, peak_bytes, budget_bytes;
static atomic_bool fail_armed, fail_forever;
static _Atomic int64_t fail_left;

#define LOAD(counter)         atomic_load_explicit(&(counter), memory_order_relaxed)
#define STORE(counter, value) atomic_store_explicit(&(counter), (value), memory_order_relaxed)
#define ADD(counter, value)   atomic_fetch_add_explicit(&(counter), (value), memory_order_relaxed)
#define SUB(counter, value)   atomic_fetch_sub_explicit(&(counter), (value), memory_order_relaxed)

static bool told_to_fail(void)
{
    int64_t left = SUB(fail_left, 1);
    if (left > 1)
        return false;
    if (LOAD(fail_forever))
        return true;
    STORE(fail_armed, false);
    return left == 1;
}

/* Whether a call that adds `size_bytes` may go on. */
static bool allowed(size_t size_bytes)
{
    ADD(calls, 1);
    if (LOAD(fail_armed) && told_to_fail())
        return false;
    uint64_t budget = LOAD(budget_bytes);
    if (budget) {
        uint64_t live = LOAD(live_bytes);
        if (live > budget || size_bytes > budget - live)
            return false;
    }
    return true;
}

/* Large tables are probed all over: huge pages spare page faults and address translation. A hint; refusal changes
 * nothing. Whole mappings are advised, so that mremap finds them in one piece. */
static void advise(uintptr_t from, uintptr_t to, uintptr_t page_bytes)
{
    from &= ~(page_bytes - 1);
    to = (to + page_bytes - 1) & ~(page_bytes - 1);
    (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

/* Where the heap's part ends that has been advised; 0: hz_mem_settle was not called. */
static _Atomic uintptr_t heap_end;

/* A block beyond what was advised: the heap has grown, or the block is none of the heap's. */
static void advise_heap(uintptr_t ptr, uintptr_t known)
{
    uintptr_t end = (uintptr_t)sbrk(0) & ~(uintptr_t)(HUGE_PAGE_BYTES - 1);
    if (ptr < end && known < end &&
        atomic_compare_exchange_strong_explicit(&heap_end, &known, end, memory_order_relaxed, memory_order_relaxed))
        advise(known, end, HUGE_PAGE_BYTES);
}

void hz_mem_settle(void)
{
    (void)mallopt(M_TOP_PAD, HEAP_STEP_BYTES);
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_BELOW_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_KEPT_BYTES);
    (void)mallopt(M_ARENA_MAX, 1); /* blocks are large and few: one heap on huge pages serves all threads */
    STORE(heap_end, ((uintptr_t)sbrk(0) + HUGE_PAGE_BYTES - 1) & ~(uintptr_t)(HUGE_PAGE_BYTES - 1));
}

static void count_new(void *ptr)
{
    uint64_t bytes = malloc_usable_size(ptr);
    uintptr_t from = (uintptr_t)ptr, known = LOAD(heap_end);
    if (bytes >= HUGE_FROM_BYTES)
        advise(from, from + bytes, PAGE_BYTES);
    else if (known && from >= known)
        advise_heap(from, known);
    uint64_t live = ADD(live_bytes, bytes) + bytes, peak = LOAD(peak_bytes);
    ADD(live_calls, 1);
    while (live > peak &&
           !atomic_compare_exchange_weak_explicit(&peak_bytes, &peak, live, memory_order_relaxed, memory_order_relaxed))
        continue;
}

static void uncount(uint64_t bytes)
{
    SUB(live_bytes, bytes);
    SUB(live_calls, 1);
}

void *hz_mem_alloc(size_t size_bytes)
{
    if (!allowed(size_bytes))
        return NULL;
    void *ptr = malloc(size_bytes ? size_bytes : 1);
    if (ptr)
        count_new(ptr);
    return ptr;
}

void *hz_mem_zalloc(size_t count, size_t size_bytes)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size_bytes, &total) || !allowed(total))
        return NULL;
    void *ptr = calloc(1, total ? total : 1);
    if (ptr)
        count_new(ptr);
    return ptr;
}

void *hz_mem_realloc(void *old, size_t size_bytes)
{
    if (!old)
        return hz_mem_alloc(size_bytes);
    uint64_t old_bytes = malloc_usable_size(old);
    if (!allowed(size_bytes > old_bytes ? size_bytes - old_bytes : 0))
        return NULL;
    void *ptr = realloc(old, size_bytes ? size_bytes : 1);
    if (ptr) {
        uncount(old_bytes);
        count_new(ptr);
    }
    return ptr;
}

void hz_mem_free(void *ptr)
{
    if (!ptr)
        return;
    uncount(malloc_usable_size(ptr));
    free(ptr);
}

bool hz_mem_grow(void **array, size_t *capacity, size_t needed, size_t size_bytes)
{
    if (needed <= *capacity)
        return true;
    size_t grown = *capacity + *capacity / 2, total = 0;
    if (grown < needed)
        grown = needed;
    if (grown < 8)
        grown = 8;
    if (__builtin_mul_overflow(grown, size_bytes, &total))
        return false;
    void *ptr = hz_mem_realloc(*array, total);
    if (!ptr)
        return false;
    *array = ptr;
    *capacity = grown;
    return true;
}

hz_mem_stats hz_mem_stats_now(void)
{
    return (hz_mem_stats){LOAD(calls), LOAD(live_calls), LOAD(live_bytes), LOAD(peak_bytes)};
}

void hz_mem_budget(uint64_t limit_bytes)
{
    STORE(budget_bytes, limit_bytes);
}

void hz_mem_fail_after(uint64_t n, bool forever)
{
    STORE(fail_armed, false);
    STORE(fail_left, n > INT64_MAX ? INT64_MAX : (int64_t)n);
    STORE(fail_forever, forever);
    STORE(fail_armed, n != 0);
}

hz_status hz_nomem(hz_error *err, size_t size_bytes)
{
    return hz_fail(err, HZ_E_NOMEM, HZ_M(NO_MEMORY), HZ_U(size_bytes));
}
