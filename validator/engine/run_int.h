/* run_int.h: the state of one run, shared by scan.c, unique.c, late.c, finish.c and run.c. */
#ifndef HZ_ENGINE_RUN_INT_H
#define HZ_ENGINE_RUN_INT_H
#include "validator/engine/group.h"
#include "validator/engine/hasher.h"
#include "validator/engine/keyset.h"
#include "validator/engine/partial.h"
#include "validator/engine/stats.h"

/* Rows whose reference could not be probed in the scan (the target comes later, or is the same table). */
typedef struct hz_deferred {
    uint32_t rule;
    hz_buf keys; /* key bytes one after the other */
    struct hz_deferred_row {
        uint64_t ordinal;
        uint32_t len;
    } * rows;
    size_t rows_count, rows_capacity;
} hz_deferred;

/* Rows of a unique rule with without_overlaps. */
typedef struct hz_span_row {
    uint32_t entry;   /* of the keyset: the group */
    int64_t from, to; /* comparable numbers; to INT64_MAX: open */
    uint64_t ordinal;
} hz_span_row;
typedef struct hz_spans {
    hz_span_row *rows;
    size_t count, capacity;
} hz_spans;

typedef struct hz_run_state {
    hz_plan plan;
    hz_error *err;
    const hz_run_options *options;
    hz_result *result;
    hz_eval *eval;
    hz_rule_partial *rules;   /* as profile.rules */
    hz_table_partial *tables; /* as profile.tables */
    hz_regions regions;
    hz_keyset *keysets;     /* as plan.keysets */
    bool *keyset_done;      /* its table is scanned */
    hz_groups **groups;     /* as plan.groups */
    hz_deferred *deferred;  /* per rule; rule kinds other than REFERENCES unused */
    hz_spans *spans;        /* per rule */
    hz_said *measures_broken;     /* per profile.measures: why it ended in error; message NONE: it did not */
    hz_stats ***stats;      /* per table, per field */
    uint32_t *table_shown;  /* per profile.tables: index in result.tables */
    hz_result_rule **shown; /* per profile.rules: where it stands in the result; NULL: in no list */
    hz_keys keys;
    uint64_t bytes_done, bytes_total, rows_done;
} hz_run_state;

/* Records that a finding names: five others at most. */
enum { HZ_RELATED_MAX = 5 };

/* One table's batches. */
typedef struct hz_scan {
    hz_run_state *run;
    hz_plan_table *table;
    uint32_t table_index;
    hz_table_partial *partial;
    hz_field_reader **readers; /* per field */
    const hz_field_column **columns;
    const hz_plan_source *source;
    uint32_t source_index;
    uint64_t source_first; /* ordinal of the source's record 0 */
    const hz_batch *batch;
    uint32_t rows;
    hz_eval_input input;
    uint64_t ordinals[HZ_BATCH_ROWS];
    uint64_t packed[HZ_BATCH_ROWS]; /* region of each row */
    uint32_t region[HZ_BATCH_ROWS];
    uint32_t runs_count; /* of equal region */
    struct hz_region_run {
        uint32_t from, to, region;
    } runs[HZ_BATCH_ROWS];
} hz_scan;

HZ_NODISCARD hz_status hz_scan_open(hz_scan **out, hz_run_state *run, uint32_t table_index, hz_error *err);
void hz_scan_close(hz_scan *scan);
/* All sources of the table, every batch. */
HZ_NODISCARD hz_status hz_scan_table(hz_scan *scan, hz_error *err);
/* Reads the typed columns of one batch and makes scan->input: what scan and late pass share. */
HZ_NODISCARD hz_status hz_scan_columns(hz_scan *scan, const hz_batch *batch, hz_error *err);

/* Adds one batch's verdicts of a rule: bit per row; NULL: none. failed is disjoint from the others. */
HZ_NODISCARD hz_status hz_account(hz_scan *scan, uint32_t rule, const uint64_t *not_applicable,
                                  const uint64_t *undetermined, const uint64_t *failed, hz_error *err);
/* A failure found after the scan: counts it with its region, error bit and example. */
HZ_NODISCARD hz_status hz_account_late(hz_run_state *run, uint32_t rule, uint64_t ordinal, hz_error *err);
/* The rule ends in error: what it had counted is not shown. */
void hz_rule_broke(hz_run_state *run, uint32_t rule, const hz_error *why);
void hz_measure_broke(hz_run_state *run, uint32_t measure, const hz_error *why);

/* unique.c: what the key stages say once their tables are scanned. */
HZ_NODISCARD hz_status hz_key_stages(hz_run_state *run, hz_error *err);
/* The other records with the key of this row (that overlap it, where the rule is about overlaps), ascending, at most
 * max; *others is how many there are in all. */
size_t hz_unique_related(const hz_run_state *run, uint32_t rule, hz_slice key, uint64_t hash, uint64_t self,
                         uint64_t *ordinals, size_t max, uint64_t *others);
/* group_stage.c */
HZ_NODISCARD hz_status hz_group_stages(hz_run_state *run, hz_error *err);
HZ_NODISCARD hz_status hz_measure_results(hz_run_state *run, hz_error *err);
/* late.c: the findings that are shown */
HZ_NODISCARD hz_status hz_late_pass(hz_run_state *run, hz_error *err);
/* finish.c: counts to result (before the late pass), and what is made of them (after it) */
HZ_NODISCARD hz_status hz_finish_counts(hz_run_state *run, hz_error *err);
HZ_NODISCARD hz_status hz_finish_regions(hz_run_state *run, hz_error *err);
/* structure.c: the findings of .present .columns .rows .encoding, and their counts */
HZ_NODISCARD hz_status hz_structure_counts(hz_run_state *run, hz_error *err);
HZ_NODISCARD hz_status hz_structure_findings(hz_run_state *run, hz_error *err);
#endif
