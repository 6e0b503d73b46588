/* pair.h: correlated aggregates (hz_plan_pairs): stages where rows meet as pairs.
 *
 * Related rows bring the values that the aggregate reads of them, as cells; so do the rows that ask. A partition
 * gathers the related rows by key. By order: each group is sorted once, with the state of every beginning of it; an
 * asking row looks for its place. Else its pairs with the rows of its group go through the programs, a batch of pairs
 * at a time, whatever rows they are of; a group of more than GROUP_ROWS rows breaks the column, and with it every rule
 * and measure that reads it. */
#ifndef HZ_ENGINE_PAIR_H
#define HZ_ENGINE_PAIR_H
#include "validator/engine/run_int.h"

/* The related rows of a batch that `take` has, with the worker's keys in hand. */
HZ_NODISCARD hz_status hz_pairs_put(hz_scan *scan, size_t stage, const uint64_t *take, hz_error *err);
/* The rows that ask, those with a usable key. */
HZ_NODISCARD hz_status hz_pairs_ask(hz_scan *scan, size_t stage, hz_error *err);
HZ_NODISCARD hz_status hz_pairs_work_off(hz_worker *worker, size_t stage, size_t partition, hz_error *err);
#endif
