/* similar.h: rows that are alike (`similar`): pairs that agree in a block's key and are compared value by value.
 *
 * The scan puts each row into the partition of each of its block keys, with the keys of the blocks before and the
 * values that are compared. A partition is worked on by one worker: groups of one key, every pair of a group once. A
 * pair that agrees in several blocks belongs to the first of them, so that it is compared, and counted, once in all.
 *
 * Which rows fail is known when all partitions are done; only then are they accounted for: a row in several partitions
 * fails once. A key with more than GROUP_ROWS rows ends the rule in error. */
#ifndef HZ_ENGINE_SIMILAR_H
#define HZ_ENGINE_SIMILAR_H
#include "base/pile.h"
#include "validator/engine/partial.h"

struct hz_run_state;
struct hz_scan;

/* What one worker knows of one rule. */
typedef struct hz_similar_rows {
    hz_pile *piles;   /* a partition each */
    uint64_t *failed; /* rows; some more than once */
    size_t failed_count, failed_capacity;
    hz_related *related; /* of the first of them, by row */
    size_t related_count, related_capacity;
} hz_similar_rows;

HZ_NODISCARD hz_status hz_similar_rows_new(hz_similar_rows **out, struct hz_run_state *run, hz_error *err);
void hz_similar_rows_free(hz_similar_rows *rows, struct hz_run_state *run);
size_t hz_similar_parts(const struct hz_run_state *run, size_t similar);

/* The rows of the batch in hand that take part. */
HZ_NODISCARD hz_status hz_similar_scan(struct hz_scan *scan, uint32_t rule, hz_error *err);
/* After all rows were read. */
HZ_NODISCARD hz_status hz_similar_stages(struct hz_run_state *run, hz_error *err);
#endif
