/* key_stage.h: rows that meet by their keys: unique rules, and references that could not be answered in the scan.
 *
 * The scan puts for each row (identity, hash, key) into the partition of its hash; all rows with an equal key are then
 * in one partition, whatever worker read them, and partitions are checked one by one, each by one worker, in a table
 * that fits the cache. A target with few keys is made an index as soon as its table is scanned, and later tables ask it
 * while they are scanned: nothing is put aside for them.
 *
 * Submissions are often sorted by a key. While a role's keys ascend, batch by batch, its rows are put aside as they
 * come (sorted.h), not hashed. A keyset whose rows and whose references are all in order is answered by merging them;
 * no key that came once can come twice. Where some are in order and some are not, all go into partitions after all.
 */
#ifndef HZ_ENGINE_KEY_STAGE_H
#define HZ_ENGINE_KEY_STAGE_H
#include "base/pile.h"
#include "validator/engine/filter.h"
#include "validator/engine/keyset.h"
#include "validator/engine/sorted.h"

struct hz_run_state;
struct hz_worker;
struct hz_scan;

/* What one worker put aside for one keyset. A pile a role and partition; role 0: rows of the keyset's own table; role
 * 1 + i: of the i-th rule that refers to it. */
typedef struct hz_key_rows {
    hz_pile *piles;    /* role << bits | partition */
    hz_sorted *sorted; /* role */
} hz_key_rows;

/* Shared by all workers. */
typedef struct hz_key_index {
    unsigned bits;      /* 2^bits partitions */
    size_t piles_count; /* of a worker */
    size_t roles_count;
    bool scanned; /* its table is */
    bool asked;   /* `keys` holds all: references are answered in the scan */
    hz_keyset keys;
    hz_filter asked_for; /* where only references use it and all that refer to it were read: what they look for */
} hz_key_index;

HZ_NODISCARD hz_status hz_key_indexes_new(hz_key_index **out, struct hz_run_state *run, hz_error *err);
void hz_key_indexes_free(hz_key_index *indexes, struct hz_run_state *run);
HZ_NODISCARD hz_status hz_key_rows_new(hz_key_rows **out, struct hz_run_state *run, hz_error *err);
void hz_key_rows_free(hz_key_rows *rows, struct hz_run_state *run);

/* Puts aside the rows that `take` has, with the worker's keys in hand. from, to: begin and end of a rule about
 * overlaps, else NULL. */
HZ_NODISCARD hz_status hz_key_rows_put(struct hz_scan *scan, size_t keyset, size_t role, const uint64_t *take,
                                       const hz_vec *from, const hz_vec *to, hz_error *err);
/* After the scan of a table: indexes of its small targets. */
HZ_NODISCARD hz_status hz_key_table_scanned(struct hz_run_state *run, uint32_t table_index, hz_error *err);
/* After all scans. */
HZ_NODISCARD hz_status hz_key_stages(struct hz_run_state *run, hz_error *err);
#endif
