/* run_int.h: the state of one run, shared by the files of the engine.
 *
 * Threads: a worker has an own hz_eval, own readers and an own tally (counters, regions, groups, statistics), which is
 * added to the run's when a stage ends; the first worker counts into the run's at once. Shared while a stage runs: the
 * plan and the finished indexes (read only), the feed of a table (under its lock), error bits (atomic). */
#ifndef HZ_ENGINE_RUN_INT_H
#define HZ_ENGINE_RUN_INT_H
#include "reports/findings/sink.h"
#include "validator/engine/causes.h"
#include "validator/engine/explain.h"
#include "validator/engine/failures.h"
#include "validator/engine/feed.h"
#include "validator/engine/group.h"
#include "validator/engine/key_digests.h"
#include "validator/engine/key_stage.h"
#include "validator/engine/keyset.h"
#include "validator/engine/manifest_check.h"
#include "validator/engine/partial.h"
#include "validator/engine/relate.h"
#include "validator/engine/similar.h"
#include "validator/engine/stats.h"
#include <pthread.h>

typedef struct hz_run_state hz_run_state;
typedef struct hz_scan hz_scan;

typedef struct hz_tally {
    hz_rule_partial *rules; /* as plan.rules, then as plan.shadows */
    hz_said
        *measures_broken; /* per profile.measures, older forms too: why it ended in error; message NONE: it did not */
    hz_regions regions;
    hz_groups **groups; /* as plan.groups */
    hz_stats ***stats;  /* per table, per field */
} hz_tally;

typedef struct hz_worker {
    hz_run_state *run;
    unsigned index;
    hz_eval *eval;
    hz_keys keys;
    hz_tally *tally; /* the run's, or own */
    hz_tally own;
    hz_arena *arena;         /* regions of row blocks */
    hz_key_rows *key_rows;   /* as plan.keysets: what this worker brought */
    hz_digest_rows *digests; /* NULL: nobody asks for key digests */
    hz_keyset table;         /* keys of the partition in hand */
    hz_relate relate;
    hz_failure_rows *failures; /* as plan.tables; NULL: not asked for */
    hz_causes *causes;
    hz_similar_rows *similar; /* as plan.similars */
    hz_scan *scan;
    hz_times *times; /* NULL: nobody asks */
    hz_status status;
    hz_error error;
} hz_worker;

struct hz_run_state {
    hz_plan plan;
    hz_error *err;
    const hz_run_options *options;
    hz_result *result;
    pthread_mutex_t lock; /* of plan.arena, while workers run */
    hz_worker *workers;
    unsigned workers_count;
    bool stopped; /* a worker failed: the others give up; atomic */
    hz_tally tally;
    struct hz_waived {
        uint64_t matched;      /* failures that it covers */
        bool overdrawn;        /* more than it grants: they are failures */
    } * waived;                /* as plan.shadows; when all stages are done */
    hz_table_partial *tables;  /* as profile.tables */
    hz_key_index *indexes;     /* as plan.keysets */
    hz_stage_filters *filters; /* as plan.stages */
    bool *columns_broken;      /* as plan.columns: ended in error; atomic */
    hz_store *store;           /* of key rows */
    hz_cause_board *board;
    hz_manifest_check manifest;
    uint32_t *table_shown;  /* per profile.tables: index in result.tables */
    hz_result_rule **shown; /* per plan.rules: where it stands in the result; NULL: in no list */
    uint64_t bytes_done, bytes_total, rows_done;
    hz_explain *explain; /* NULL: nobody asks */
};

/* One table's batches, of one worker: in the scan, or put together again (assemble.c), then without readers. */
struct hz_scan {
    hz_run_state *run;
    hz_worker *worker;
    hz_plan_table *table;
    uint32_t table_index;
    hz_field_reader **readers; /* as table->readings: the first ones are the fields' */
    const hz_field_column **columns;
    unsigned *which; /* as readings */
    const hz_plan_source *source;
    uint32_t source_index;
    hz_row_block *block;
    const hz_batch *batch;
    uint32_t rows;
    hz_times *times; /* the worker's, in batches that are timed; else NULL */
    hz_eval_input input;
    hz_arena *made; /* cells that a mapping makes, of the batch in hand; NULL: no source has a mapping */
    hz_buf made_text;
    /* The rows where a relational node is ambiguous; NULL: none. NULL in the scan. */
    const uint64_t *(*ambiguous)(const hz_scan *scan, const hz_node *node);
    uint64_t ids[HZ_BATCH_ROWS];    /* identity of each row */
    uint64_t packed[HZ_BATCH_ROWS]; /* region of each row */
    uint32_t runs_count;            /* of equal region */
    struct hz_scan_run {
        uint32_t from, to, region;
    } runs[HZ_BATCH_ROWS];
};

/* ---- worker.c ---- */
HZ_NODISCARD hz_status hz_tally_init(hz_tally *tally, const hz_plan *plan, hz_error *err);
void hz_tally_clear(hz_tally *tally, const hz_plan *plan);
HZ_NODISCARD hz_status hz_workers_init(hz_run_state *run, hz_error *err);
void hz_workers_clear(hz_run_state *run);
/* Calls work(worker) in as many threads as there are workers (one: in this thread), and gives back the first failure.
 * Workers look at run->stopped between pieces. */
HZ_NODISCARD hz_status hz_workers_run(hz_run_state *run, unsigned count,
                                      hz_status (*work)(hz_worker *worker, void *ctx), void *ctx, hz_error *err);
static inline bool hz_run_stopped(const hz_run_state *run)
{
    return __atomic_load_n(&run->stopped, __ATOMIC_RELAXED);
}
/* Of `count` pieces of work that workers share, the next that nobody has: *next is theirs together and begins with 0.
 * false: none is left, or the run is to stop. */
static inline bool hz_run_take(size_t *piece, const hz_run_state *run, size_t *next, size_t count)
{
    if (hz_run_stopped(run))
        return false;
    *piece = __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
    return *piece < count;
}
/* Adds every worker's tally to the run's and empties it. After a scan: regions get the run's numbers, in row blocks
 * too. `numbered`: they have them. */
HZ_NODISCARD hz_status hz_workers_merge(hz_run_state *run, bool numbered, hz_error *err);

/* Between pieces: when open blocks take too much of the budget, this worker's are written out; only those that nobody
 * may be reading at that time. */
typedef enum hz_relief { HZ_RELIEF_SCAN, HZ_RELIEF_HOMES, HZ_RELIEF_STATES } hz_relief;
HZ_NODISCARD hz_status hz_worker_relieve(hz_worker *worker, hz_relief what, hz_error *err);

/* ---- scan.c ---- */
/* needed: again.h; NULL: all readings. */
HZ_NODISCARD hz_status hz_scan_open(hz_scan **out, hz_worker *worker, uint32_t table_index, const bool *needed,
                                    hz_error *err);
void hz_scan_close(hz_scan *scan);
/* All tables, in the order of the plan. */
HZ_NODISCARD hz_status hz_scan_tables(hz_run_state *run, hz_error *err);
/* Runs a rule's program; *out NULL when the rule ended in error (now or before). */
HZ_NODISCARD hz_status hz_scan_run(const hz_vec **out, hz_scan *scan, uint32_t rule, const hz_program *program,
                                   hz_error *err);
/* Rows where `when` is not TRUE. any: false when there is no `when`; broken: the rule ended in error. */
HZ_NODISCARD hz_status hz_scan_not_applicable(uint64_t *na, bool *any, hz_scan *scan, uint32_t rule,
                                              const hz_program *when, bool *broken, hz_error *err);
/* The verdicts of a rule over relations on the batch in hand. */
HZ_NODISCARD hz_status hz_scan_rule(hz_scan *scan, uint32_t rule, hz_error *err);
/* Fills the groups whose aggregates read columns up to this level, and no higher ones. */
HZ_NODISCARD hz_status hz_scan_groups(hz_scan *scan, unsigned level, hz_error *err);
/* Reads the typed columns of one batch and makes scan->input: what scan and late pass share. */
/* The cells of a field of the batch in hand, as the file or its mapping has them; NULL: the file has no such column. */
HZ_NODISCARD hz_status hz_scan_cells(const hz_slice **out, hz_scan *scan, size_t field, hz_error *err);
HZ_NODISCARD hz_status hz_scan_columns(hz_scan *scan, const hz_batch *batch, hz_error *err);

/* ---- account.c ---- */
/* Adds one batch's verdicts of a rule: bit per row; NULL: none. failed is disjoint from the others. */
HZ_NODISCARD hz_status hz_account(hz_scan *scan, uint32_t rule, const uint64_t *not_applicable,
                                  const uint64_t *undetermined, const uint64_t *failed, hz_error *err);
/* A failure found after the scan: counts it with its region, error bit and example, or as one that is waived. */
HZ_NODISCARD hz_status hz_account_late(hz_worker *worker, uint32_t rule, uint64_t row, hz_error *err);
/* A failure of a row that is in the rule's figures: its region and error bit. */
HZ_NODISCARD hz_status hz_account_again(hz_worker *worker, uint32_t rule, uint64_t row, hz_error *err);
/* The rule ends in error: what it had counted is not shown. */
void hz_rule_broke(hz_worker *worker, uint32_t rule, const hz_error *why);
void hz_measure_broke(hz_worker *worker, uint32_t measure, const hz_error *why);
/* So does every rule and measure that reads the column, through others too. */
void hz_column_broke(hz_worker *worker, uint32_t column, const hz_error *why);
static inline bool hz_column_is_broken(const hz_run_state *run, uint32_t column)
{
    return __atomic_load_n(&run->columns_broken[column], __ATOMIC_RELAXED);
}

/* ---- waive.c: failures that waivers cover ---- */
/* The rows of the batch in hand that waivers of its sheet cover go into their sets. */
HZ_NODISCARD hz_status hz_waive_scan(hz_scan *scan, hz_error *err);
/* Where a failure of a rule is counted: the rule, or its shadow of the first waiver that covers the row. */
uint32_t hz_waive_as(const hz_run_state *run, uint32_t rule, uint64_t row);
/* Takes the groups that waivers cover out of v_failed (a bit a group). evaluated: of the whole rule. */
HZ_NODISCARD hz_status hz_waive_groups(hz_run_state *run, uint32_t rule, hz_groups *groups, uint64_t *v_failed,
                                       size_t count, uint64_t evaluated, hz_error *err);
/* When all stages are done: waivers that were drawn over give back what they cover; the others' failures are waived. */
HZ_NODISCARD hz_status hz_waive_settle(hz_run_state *run, hz_error *err);
/* The shadow that waives a failure of a row, or of a group; SIZE_MAX: none does. After hz_waive_settle. */
size_t hz_waive_of_row(const hz_run_state *run, uint32_t rule, uint64_t row);
size_t hz_waive_of_group(const hz_run_state *run, uint32_t rule, size_t group);
static inline hz_slice hz_waiver_id(const hz_run_state *run, size_t shadow)
{
    return shadow == SIZE_MAX ? HZ_SLICE_NONE : run->plan.waivers[run->plan.shadows[shadow].waiver].waiver->id;
}
/* result.waivers, with the examples that the late pass wrote. */
HZ_NODISCARD hz_status hz_waive_results(hz_run_state *run, hz_error *err);

/* ---- group_stage.c ---- */
HZ_NODISCARD hz_status hz_group_stages(hz_run_state *run, hz_error *err);
HZ_NODISCARD hz_status hz_measure_results(hz_run_state *run, hz_error *err);
/* ---- late.c: the findings that are shown ---- */
HZ_NODISCARD hz_status hz_late_pass(hz_run_state *run, hz_error *err);
/* ---- sources.c ---- */
/* The rows of the built-in table `sources` of a period: one a file that was read. */
HZ_NODISCARD hz_status hz_sources_make(hz_slice *out, hz_run_state *run, uint32_t period, hz_error *err);
/* ---- finish.c: counts to result (before the late pass), and what is made of them (after it) ---- */
HZ_NODISCARD hz_status hz_finish_counts(hz_run_state *run, hz_error *err);
/* A rule's figures and outcome; `out` is zeroed. */
void hz_finish_rule(hz_result_rule *out, const hz_plan_rule *plan, const hz_rule_partial *partial);
HZ_NODISCARD hz_status hz_finish_regions(hz_run_state *run, hz_error *err);
/* ---- verdict.c: what the other profiles of the chain say ---- */
HZ_NODISCARD hz_status hz_finish_verdicts(hz_run_state *run, hz_error *err);
/* ---- structure.c: the findings of .present .columns .rows .encoding, and their counts ---- */
HZ_NODISCARD hz_status hz_structure_counts(hz_run_state *run, hz_error *err);
HZ_NODISCARD hz_status hz_structure_findings(hz_run_state *run, hz_error *err);
/* Every one of a sheet, in the order of rules, then records; what a finding points at is in arena. */
typedef hz_status hz_structure_take(void *ctx, uint32_t rule, const hz_finding *finding, hz_error *err);
HZ_NODISCARD hz_status hz_structure_all(hz_run_state *run, uint32_t sheet, hz_arena *arena, hz_structure_take *take,
                                        void *ctx, hz_error *err);
/* ---- all_findings.c ---- */
/* Hands every finding of the run to options.sinks, which are finished then, and not yet committed. */
HZ_NODISCARD hz_status hz_all_findings(hz_run_state *run, hz_error *err);
#endif
