/* plan.h: what a run does, computed once from the profile and the tables that are present.
 *
 * Stages: a scan for each present table, smallest first; key stages (keysets, groups) fed by the scans; finish. A rule
 * that cannot run is skipped here, with why. Nothing changes once the plan is made: threads share it. */
#ifndef HZ_ENGINE_PLAN_H
#define HZ_ENGINE_PLAN_H
#include "validator/engine/submission.h"
#include "validator/eval/field.h"
#include "validator/source/source.h"

/* Parts of one key, of unique, references and each. */
enum { HZ_KEY_PARTS_MAX = 64 };

/* One file of a table with what its header says. */
typedef struct hz_plan_source {
    const char *path;
    hz_slice shown;
    int32_t *column_of; /* per field of the table: column index, -1 when absent */
    hz_slice *columns;   /* the header's names */
    size_t columns_count;
    uint64_t bytes;    /* size of the file */
    hz_slice *unknown; /* names that no field has */
    size_t unknown_count;
    hz_slice *repeated; /* names that came again (of a field or an unknown column) */
    size_t repeated_count;
} hz_plan_source;

/* Rows of one table indexed by a key: what unique rules and references share. */
typedef struct hz_plan_keyset {
    const hz_table *table;
    hz_program **keys;     /* owned by the plan */
    const hz_node **nodes; /* the same keys as trees, for sharing */
    bool *normalize;
    size_t keys_count;
    const hz_rule *only_of; /* a unique rule with `when` or overlaps: its own rows; NULL: all rows */
    uint32_t *unique, *references; /* rules that use it: over its own table; that refer to it */
    size_t unique_count, references_count;
} hz_plan_keyset;

/* An aggregate over *: count(*), sum(*, amount where …). */
typedef struct hz_plan_aggregate {
    const hz_node *node;
    hz_program *expr, *cond; /* NULL without */
} hz_plan_aggregate;

/* What a VALUE node of a measure's `expect` stands for. `value < x` of a fraction is rewritten to `numerator < x *
 * denominator`, so that it compares exactly; the denominator is made positive first. */
enum hz_plan_value { HZ_PLAN_VALUE = 0, HZ_PLAN_PREVIOUS = 1, HZ_PLAN_NUMERATOR = 2, HZ_PLAN_DENOMINATOR = 3 };

/* A rule or measure over groups of one table's rows. */
typedef struct hz_plan_group {
    const hz_rule *rule;       /* or */
    const hz_measure *measure; /* by region, rolled up */
    hz_program **keys;         /* `each`; none for the whole table */
    size_t keys_count;
    const hz_field *
        *key_fields; /* fields that the keys read: kept for each group, so that keys can be evaluated again */
    size_t key_fields_count;
    hz_plan_aggregate *aggregates;
    size_t aggregates_count;
    hz_program *when, *assert_;          /* over the groups; a measure's value is in assert_ unless it is a fraction */
    hz_program *numerator, *denominator; /* a measure whose top operator is / */
    hz_program *expect;                  /* reads VALUE nodes by index, hz_plan_value */
} hz_plan_group;

typedef struct hz_plan_rule {
    const hz_rule *rule;
    hz_life life;      /* by the run's day */
    bool draft;        /* draft or pilot: reported apart */
    bool counts_error; /* its failures make a record erroneous */
    bool listed;       /* false: withdrawn, or not in force: in no list */
    bool runs;
    bool no_as_of_only; /* skipped for want of as_of alone */
    hz_said skip;
    hz_program *when, *assert_;
    hz_program **keys; /* REFERENCES: the source side */
    hz_program *overlap_from, *overlap_to;
    size_t keyset;            /* UNIQUE: its own; REFERENCES: the target's */
    size_t role;              /* REFERENCES: 1 + its place in the keyset's */
    size_t group;             /* GROUP_ASSERT: in plan.groups */
    hz_program *left, *right; /* ASSERT whose root is a comparison: both sides, for `expected` and `difference` */
} hz_plan_rule;

typedef struct hz_plan_table {
    const hz_table *table;
    bool present; /* has a source */
    bool scanned;
    uint64_t bytes; /* of all sources */
    hz_plan_source *sources;
    size_t sources_count;
    bool *absent;    /* per field: no source has it */
    bool *used;      /* per field: read at all */
    unsigned *which; /* per field: constraints to check, bit per hz_rule_kind */
    hz_program *region;
    uint32_t *field_rules; /* rule numbers of this table that run, by class */
    size_t field_rules_count;
    uint32_t *row_rules;
    size_t row_rules_count;
    uint32_t *unique_rules;
    size_t unique_rules_count;
    uint32_t *reference_rules;
    size_t reference_rules_count;
} hz_plan_table;

typedef struct hz_plan {
    const hz_run_options *options;
    const hz_profile *profile;
    hz_arena *arena; /* borrowed from the result */
    hz_eval_env env;
    hz_semtypes *semtypes; /* owned */
    hz_value *params;
    bool *params_given;
    hz_slice *params_text;
    hz_submission submission;
    hz_plan_table *tables; /* as profile.tables */
    uint32_t *order;       /* tables to scan, in order */
    size_t order_count;
    hz_plan_rule *rules; /* as profile.rules */
    hz_plan_keyset *keysets;
    size_t keysets_count;
    hz_plan_group *groups; /* rules' groups, then one for each measure that runs */
    size_t groups_count;
    hz_said *measure_skips; /* per measure: message NONE when it runs */
    size_t *measure_groups;
    hz_program **programs; /* all compiled ones, to free */
    size_t programs_count, programs_capacity;
} hz_plan;

HZ_NODISCARD hz_status hz_plan_make(hz_plan *plan, const hz_run_options *options, hz_arena *arena, hz_error *err);
void hz_plan_clear(hz_plan *plan);
#endif
