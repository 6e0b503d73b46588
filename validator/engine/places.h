/* places.h: the records that the findings of a batch name beside their own ("places"): each is read once, by sheet and
 * row, and written as the rule that names it shows it. One worker's; what it gives lies in the batch's arena. */
#ifndef HZ_ENGINE_PLACES_H
#define HZ_ENGINE_PLACES_H
#include "validator/engine/again.h"
#include "validator/engine/finding_int.h"
#include "validator/engine/relatives.h"

typedef struct hz_wanted_place {
    hz_relative at;
    uint32_t rule; /* in places.rules */
    hz_place place;
} hz_wanted_place;

typedef struct hz_other_sheet { /* where they are read */
    hz_again again;
    bool *needed;       /* readings; NULL: not opened yet */
    hz_finder *finders; /* as places.rules */
} hz_other_sheet;

typedef struct hz_places {
    hz_worker *worker;
    const uint32_t *rules; /* that may name some; borrowed */
    size_t rules_count;
    hz_arena *arena, *fixed; /* of a batch; of all; borrowed */
    hz_other_sheet *others;  /* as plan.tables; opened when the first is read */
    hz_wanted_place *items;  /* by sheet, row, then rule, once they are read */
    size_t count, capacity;
    uint64_t *rows;
    size_t rows_capacity;
} hz_places;

/* Whether findings of the rule may name others: those that share a key or are alike, or those behind relations. */
bool hz_places_named(const hz_run_state *run, uint32_t rule);
HZ_NODISCARD hz_status hz_places_init(hz_places *places, hz_worker *worker, const uint32_t *rules, size_t rules_count,
                                      hz_arena *arena, hz_arena *fixed, hz_error *err);
void hz_places_clear(hz_places *places);
/* Forgets those of the last batch. */
static inline void hz_places_reset(hz_places *places)
{
    places->count = 0;
}
/* rule: in places.rules. */
HZ_NODISCARD hz_status hz_places_want(hz_places *places, hz_relative at, uint32_t rule, hz_error *err);
/* Reads all that are wanted. */
HZ_NODISCARD hz_status hz_places_read(hz_places *places, hz_error *err);
/* NULL: nobody wanted it. */
const hz_place *hz_places_find(const hz_places *places, hz_relative at, uint32_t rule);
#endif
