/* kept.h: what the examples of a rule over relations read over them. Their rows are read again for the report, but not
 * the rows that they are related to. */
#ifndef HZ_ENGINE_KEPT_H
#define HZ_ENGINE_KEPT_H
#include "validator/engine/cell.h"
#include "validator/engine/run_int.h"

/* Of the failed rows of a batch those that become examples. Before they are accounted. */
HZ_NODISCARD hz_status hz_kept_put(hz_scan *scan, uint32_t rule, const uint64_t *failed, hz_error *err);

/* The values of one rule's relational nodes, for the rows of a fetched batch. */
typedef struct hz_kept {
    const hz_scan *scan;
    const hz_plan_rule *rule;
    hz_cells *columns; /* as rule.nodes */
    hz_arena *arena;
} hz_kept;
HZ_NODISCARD hz_status hz_kept_get(hz_kept *kept, const hz_scan *scan, uint32_t rule, hz_error *err);
void hz_kept_clear(hz_kept *kept);
/* hz_eval_input.relational; ctx is the hz_kept. NULL: not one of the rule's. */
const hz_vec *hz_kept_relational(const hz_kept *kept, const hz_node *node);
#endif
