/* alloc.h: one door to malloc. Counts calls and bytes, can be told to fail the Nth call (tests), and can hold a budget.
 * All functions are thread-safe. They return NULL on failure and never abort; hz_mem_free takes NULL. */
#ifndef HZ_BASE_ALLOC_H
#define HZ_BASE_ALLOC_H
#include "base/error.h"

void *hz_mem_alloc(size_t size_bytes);              /* uninitialised; size 0 gives a unique pointer */
void *hz_mem_zalloc(size_t count, size_t size_bytes); /* zeroed; NULL too when the product overflows */
void *hz_mem_realloc(void *old, size_t size_bytes);
void hz_mem_free(void *ptr);

/* Grows *array (elements of size_bytes, *capacity of them) to hold at least `needed`, by half again; keeps contents.
 * false on failure, nothing changed. */
bool hz_mem_grow(void **array, size_t *capacity, size_t needed, size_t size_bytes);
#define HZ_GROW(array, capacity, needed) hz_mem_grow((void **)&(array), &(capacity), (needed), sizeof *(array))

/* For a program of its own, before its threads: malloc grows its heap in large steps, on huge pages where the system
 * gives them. Not for a library in somebody else's process. */
void hz_mem_settle(void);

typedef struct hz_mem_stats {
    uint64_t calls, live_calls;
    uint64_t live_bytes, peak_bytes; /* as malloc_usable_size gives them */
} hz_mem_stats;
hz_mem_stats hz_mem_stats_now(void);
/* Calls that would bring live_bytes past this fail; 0 (at start) is no budget. */
void hz_mem_budget(uint64_t limit_bytes);
/* Test hook: the Nth call from now (1 = next) and, if `forever`, all later ones return NULL. 0 turns it off. */
void hz_mem_fail_after(uint64_t n, bool forever);
/* Error helper: HZ_E_NOMEM with the size asked for. */
hz_status hz_nomem(hz_error *err, size_t size_bytes);
#endif
