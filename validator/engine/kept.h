/* kept.h: what the examples of a rule over relations read over them. Their rows are read again for the report, but not
 * the rows that they are related to. */
#ifndef HZ_ENGINE_KEPT_H
#define HZ_ENGINE_KEPT_H
#include "validator/engine/cell.h"
#include "validator/engine/run_int.h"

/* Of the failed rows of a batch those that become examples of `as`, the rule or a shadow of it. Before they do. */
HZ_NODISCARD hz_status hz_kept_put(hz_scan *scan, uint32_t rule, uint32_t as, const uint64_t *failed, hz_error *err);

/* Where the cells of a row are, in the order of the rule's nodes (of values of examples: hz_kept_of_examples). */
typedef struct hz_kept_source {
    const char *(*find)(void *ctx, uint32_t rule, uint64_t row); /* NULL: it has none */
    void *ctx;
} hz_kept_source;
/* What hz_kept_put kept; ctx is the run. */
hz_kept_source hz_kept_of_examples(hz_run_state *run);

/* The values of one rule's relational nodes, for the rows of a fetched batch. */
typedef struct hz_kept {
    const hz_scan *scan;
    const hz_plan_rule *rule;
    hz_cells *columns; /* as rule.nodes */
    hz_arena *arena;
} hz_kept;
HZ_NODISCARD hz_status hz_kept_get(hz_kept *kept, const hz_scan *scan, uint32_t rule, const hz_kept_source *source,
                                   hz_error *err);
void hz_kept_clear(hz_kept *kept);
/* hz_eval_input.relational; ctx is the hz_kept. NULL: not one of the rule's. */
const hz_vec *hz_kept_relational(const hz_kept *kept, const hz_node *node);
#endif
