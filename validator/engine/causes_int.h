/* causes_int.h: between causes.c (values as they are met) and cause_board.c (the ones that clear most). */
#ifndef HZ_ENGINE_CAUSES_INT_H
#define HZ_ENGINE_CAUSES_INT_H
#include "validator/engine/causes.h"
#include "validator/engine/run_int.h"

/* What one correction would clear. `group`: VALUE: the plan's rule; PARENT: the plan's keyset; COLUMN: result table;
 * REGION, TABLE: result rule. counts: by the keyset's references (PARENT). key: the value, the keyset's key, or the
 * numbers of fields. */
typedef struct hz_cause_pick {
    hz_cause_kind kind;
    uint64_t findings;
    uint32_t group, region;
    hz_slice key;
    const uint64_t *counts;
    size_t counts_count;
} hz_cause_pick;

/* Counts a cause and keeps it when it is among the first; what it points at is copied. */
HZ_NODISCARD hz_status hz_cause_offer(hz_cause_board *board, const hz_cause_pick *pick, hz_error *err);
/* Whether a rule's failures are counted by cause. */
static inline bool hz_cause_counts(const hz_plan_rule *rule)
{
    return rule->own && rule->listed && !rule->draft;
}
/* Offers all values that the workers have met. */
HZ_NODISCARD hz_status hz_causes_offer_values(hz_run_state *run, hz_error *err);
#endif
