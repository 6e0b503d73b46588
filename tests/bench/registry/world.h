/* The country of the benchmark: villages and counties from the code lists, chance, and what the options ask for. */
#ifndef HZ_BENCH_REGISTRY_WORLD_H
#define HZ_BENCH_REGISTRY_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { YEAR = 2021, VILLAGES_MAX = 17000, POOL_MAX = 4096 };

struct village {
    char code[13];
    char name[64];
    uint64_t first;        /* number of its first household */
    uint64_t county_first; /* number of the first household of its county */
    int county;
};

struct world {
    const char *folder, *lists, *planted_name;
    uint64_t households, seed, extra; /* extra: households that only the earlier period has */
    double error_rate;
    bool previous, shuffle;
    int villages, counties, pool_count;
    struct village village[VILLAGES_MAX + 1];
    char pool[POOL_MAX][7]; /* county codes that hold on the day; those of the villages are not among them */
    FILE *planted;
};

/* Ends the program with what went wrong. */
_Noreturn void fail(const char *what, const char *name);
/* Villages spread over the list, as many as the households need; counties of other provinces that hold at the end of
 * YEAR. */
void world_read(struct world *w);
/* The village of a household. */
int world_village_of(const struct world *w, uint64_t number);

static inline uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t next(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return mix(*state);
}

static inline int below(uint64_t *state, int n)
{
    return (int)((next(state) >> 32) * (uint64_t)n >> 32);
}

static inline bool chance(uint64_t *state, double share)
{
    return (double)(next(state) >> 11) * 0x1p-53 < share;
}

#endif
