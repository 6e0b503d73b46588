/* causes.h: findings grouped by what one correction would clear (hz_cause in reports/result.h): the same wrong code,
 * one missing record that many refer to, one region or table in which a rule always fails, columns of which no value
 * fits.
 *
 * Wrong codes and missing keys are counted as they are met, by value and rule: a worker adds up neighbours in a small
 * cache and puts the rest aside in piles, which share the run's budget. Values meet in the partition of their hash, so
 * each is counted once, whole, whatever the cut, the threads and the memory. Rows that pass cost nothing. */
#ifndef HZ_ENGINE_CAUSES_H
#define HZ_ENGINE_CAUSES_H
#include "base/pile.h"
#include "reports/grade.h"

struct hz_run_state;
struct hz_worker;
struct hz_scan;

enum {
    HZ_CAUSES_KEPT = 100,      /* shown of all that were found */
    HZ_CAUSE_FINDINGS_MIN = 2, /* one finding is no group */
    HZ_CAUSE_UNIT_MIN = 10     /* records of a region, a table or a column that all fail */
};

typedef struct hz_causes hz_causes; /* of one worker */
HZ_NODISCARD hz_status hz_causes_new(hz_causes **out, hz_store *store, hz_error *err);
void hz_causes_free(hz_causes *causes); /* takes NULL */

/* Writes out what is put aside. */
HZ_NODISCARD hz_status hz_causes_relieve(hz_causes *causes, hz_error *err);

/* The failures of a rule in the batch in hand; a reference's keys are the worker's. Nothing for other kinds of rule.
 * as: the rule, or the shadow of a waiver, whose failures count only if it is overdrawn. */
HZ_NODISCARD hz_status hz_causes_batch(struct hz_scan *scan, uint32_t rule, uint32_t as, const uint64_t *failed,
                                       hz_error *err);
/* `rows` records refer to a key that is not there. */
HZ_NODISCARD hz_status hz_causes_missing(struct hz_worker *worker, uint32_t rule, uint32_t as, hz_slice key,
                                         uint64_t rows, hz_error *err);

/* The causes that clear most, of all kinds. */
typedef struct hz_cause_board hz_cause_board;
HZ_NODISCARD hz_status hz_cause_board_new(hz_cause_board **out, size_t rules_count, hz_error *err);
void hz_cause_board_free(hz_cause_board *board); /* takes NULL */
/* A region whose figures are whole; those below it were told before. depth: how many stand above it. What goes wrong is
 * told by hz_causes_finish. */
void hz_causes_region(struct hz_run_state *run, size_t depth, size_t region, const hz_rule_counts *counts);
/* After all stages: the rest of the kinds, and the board to result.causes. */
HZ_NODISCARD hz_status hz_causes_finish(struct hz_run_state *run, hz_error *err);
#endif
