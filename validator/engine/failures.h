/* failures.h: every failure of the rules that the report shows, put aside while the run goes on; only when all findings
 * are to be written out (all_findings.h). A failure is a row's identity and a rule, and what cannot be had by reading
 * the row again: of unique rules the records that share its key, of rules over relations what it read over them.
 *
 * They lie in piles by sheet and bucket of blocks, so that a bucket can be put in order in memory: a bit a row for each
 * rule that fails in it. Which worker found them, and when, leaves no trace. */
#ifndef HZ_ENGINE_FAILURES_H
#define HZ_ENGINE_FAILURES_H
#include "base/arena.h"
#include "base/bits.h"
#include "base/pile.h"

struct hz_run_state;
struct hz_worker;
struct hz_scan;
struct hz_related;

/* What one worker put aside of one sheet, by bucket. */
typedef struct hz_failure_rows {
    hz_pile **piles;
    size_t capacity;
} hz_failure_rows;

/* One a sheet; *out NULL when nobody asks for all findings. Owned: hz_failures_free. */
HZ_NODISCARD hz_status hz_failures_new(hz_failure_rows **out, const struct hz_run_state *run, hz_error *err);
void hz_failures_free(hz_failure_rows *rows, const struct hz_run_state *run);
/* Writes out what a worker holds in memory. */
HZ_NODISCARD hz_status hz_failures_spill(hz_failure_rows *rows, const struct hz_run_state *run, hz_error *err);
/* Whether the rule's failures are put aside. */
bool hz_failures_wanted(const struct hz_run_state *run, uint32_t rule);

/* The failed rows of a batch; of a rule over relations with what they read over them. Does nothing for other rules. */
HZ_NODISCARD hz_status hz_failures_put(struct hz_scan *scan, uint32_t rule, const uint64_t *failed, hz_error *err);
/* A failure found after the scan. */
HZ_NODISCARD hz_status hz_failures_put_row(struct hz_worker *worker, uint32_t rule, uint64_t row, hz_error *err);
HZ_NODISCARD hz_status hz_failures_put_related(struct hz_worker *worker, uint32_t rule,
                                               const struct hz_related *related, hz_error *err);

/* A bucket put in order. */
typedef struct hz_failures {
    hz_arena *arena;
    uint64_t **bits; /* per plan.rules: a bit a place in the bucket; NULL: none fails */
    size_t rules_capacity;
    uint32_t *rules; /* those that fail, ascending */
    size_t rules_count;
    struct hz_failure_more {
        uint32_t rule, place;
        const char *bytes;
    } * more; /* by rule, then place */
    size_t more_count, more_capacity;
} hz_failures;

/* All failures of a bucket, but those of rules that ended in error. consume: the piles give them back. Zero it before.
 */
HZ_NODISCARD hz_status hz_failures_load(hz_failures *out, struct hz_run_state *run, uint32_t sheet, size_t bucket,
                                        bool consume, hz_error *err);
void hz_failures_clear(hz_failures *failures);
/* Whether a row of the bucket fails, and whether any of [from, to) does. */
static inline bool hz_failures_has(const hz_failures *failures, uint32_t rule, size_t place)
{
    return failures->bits[rule] && hz_bits_get(failures->bits[rule], place);
}
/* What was put aside with a failure: an hz_related, or cells (cell.h) in the order of the rule's nodes. NULL: nothing.
 */
const char *hz_failures_more(const hz_failures *failures, uint32_t rule, size_t place);

/* A row's place in its bucket, and the bucket. */
size_t hz_failures_place(uint64_t row);
size_t hz_failures_bucket(uint64_t row);
#endif
