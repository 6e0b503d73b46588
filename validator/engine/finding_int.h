/* finding_int.h: writes one finding from a row of a fetched batch or from a group; between finding.c and those that
 * want findings: late.c (examples) and all_findings.c. */
#ifndef HZ_ENGINE_FINDING_INT_H
#define HZ_ENGINE_FINDING_INT_H
#include "validator/engine/kept.h"
#include "validator/eval/repair.h"

enum { HZ_FINDING_ARGS = 5 };

/* The values that the findings of one rule show, over the batch in hand. Programs are compiled once a rule and run once
 * a batch. */
typedef struct hz_finder {
    hz_run_state *run;
    hz_eval *eval;
    hz_arena *arena; /* what findings point at */
    hz_arena *fixed; /* what is the same in all findings of a rule */
    bool borrow;     /* texts of cells stay where they are: the batch outlives the findings */
    hz_scan *scan;   /* NULL for groups */
    uint32_t rule;
    bool open; /* programs of `rule` are compiled */
    hz_buf text;
    hz_shown args[HZ_FINDING_ARGS]; /* of the default message: those that no row changes */
    hz_program **programs[2];       /* message parts with an expression, zh and en */
    const hz_vec **vecs[2];
    const hz_node **nodes[2];
    size_t count[2];
    hz_kept kept;                         /* of a rule over relations */
    const hz_vec *left, *right;           /* sides of a comparison */
    const hz_vec *keys[HZ_KEY_PARTS_MAX]; /* of rules that compare keys */
    const hz_field **fields;              /* what the rule reads, in table order */
    size_t fields_count;
    hz_repairer *repairer; /* of the rule's field; NULL: not asked for yet */
} hz_finder;

void hz_finder_clear(hz_finder *finder);
/* Compiles what a rule's findings show; does nothing when it is the rule in hand. */
HZ_NODISCARD hz_status hz_finder_open(hz_finder *finder, uint32_t rule, hz_error *err);
/* Of a rule that compares keys: the program of a part. */
const hz_program *hz_finder_key(const hz_finder *finder, size_t i);
/* Turns to a rule over the batch in scan. source: of what its rows read over relations. */
HZ_NODISCARD hz_status hz_finder_rule(hz_finder *finder, uint32_t rule, const hz_kept_source *source, hz_error *err);
HZ_NODISCARD hz_status hz_finding_place(hz_place *place, const hz_finder *finder, uint32_t row, hz_error *err);
HZ_NODISCARD hz_status hz_finding_write(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err);
/* How many others share the key: the third argument of the default message. */
HZ_NODISCARD hz_status hz_finding_others(hz_finding *finding, hz_finder *finder, uint64_t others, hz_error *err);
/* A record of a failing group (blame: records): its own place, the group's values. */
HZ_NODISCARD hz_status hz_finding_blamed(hz_finding *finding, hz_finder *finder, uint32_t rule, uint32_t row,
                                         hz_groups *groups, size_t index, hz_error *err);
/* Turns to a rule without running its programs: what related records of the table need. */
HZ_NODISCARD hz_status hz_finder_fields(hz_finder *finder, uint32_t rule, const hz_table *table, hz_error *err);
HZ_NODISCARD hz_status hz_finding_group(hz_finding *finding, hz_finder *finder, uint32_t rule, hz_groups *groups,
                                        size_t index, hz_error *err);
#endif
