/* relate.h: stages of relations (plan.h): what rows of the related table bring, what rows that ask take home.
 *
 * In the scan every row that a stage wants puts a state into the partition of its key's hash (neighbours with one key
 * put one state together), and every row that asks puts its key there. A partition is then worked off alone: states are
 * added up by key, and each asking row that finds its key takes the finished values home: into the bucket of its own
 * sheet's blocks, where assemble.h finds them. */
#ifndef HZ_ENGINE_RELATE_H
#define HZ_ENGINE_RELATE_H
#include "base/pile.h"
#include "validator/engine/filter.h"
#include "validator/engine/keyset.h"
#include "validator/engine/slot.h"

struct hz_run_state;
struct hz_worker;
struct hz_scan;

/* Blocks of a sheet that are put together at once. */
enum { HZ_BUCKET_BITS = 3 };

/* What one worker put aside for one stage. */
typedef struct hz_stage_rows {
    hz_pile *states; /* per partition */
    hz_pile *values; /* the same; count(distinct) */
    hz_pile *asking; /* probe << bits | partition */
    hz_pile trace;   /* trace.h */
    size_t parts;
} hz_stage_rows;

/* Shared by all workers: of a stage's two sides the one that was read first prunes the other. */
typedef struct hz_stage_filters {
    hz_filter brought, asked;
} hz_stage_filters;

/* What one worker put aside for one sheet, by bucket. */
typedef struct hz_sheet_rows {
    hz_pile **frames, **homes;
    size_t frames_capacity, homes_capacity;
} hz_sheet_rows;

/* Scratch of one worker. */
typedef struct hz_relate_scratch {
    hz_keys keys;
    uint64_t *takes;      /* a bitmap of a batch a slot */
    const hz_vec **exprs; /* per slot */
    char *state;          /* of the key in hand */
    hz_home_value *homes; /* of a probe's columns */
    hz_keyset distinct;
    char *states; /* per key of the partition */
    size_t states_capacity;
    hz_arena *texts;
    hz_arena *arrays; /* of the batch, packed */
    hz_buf bytes;
} hz_relate_scratch;

typedef struct hz_relate {
    hz_stage_rows *stages; /* as plan.stages */
    hz_sheet_rows *sheets; /* as plan.tables */
    hz_relate_scratch scratch;
} hz_relate;

HZ_NODISCARD hz_status hz_filters_new(hz_stage_filters **out, struct hz_run_state *run, hz_error *err);
void hz_filters_free(hz_stage_filters *filters, const struct hz_run_state *run);
/* After each scan. */
HZ_NODISCARD hz_status hz_relate_scanned(struct hz_run_state *run, hz_error *err);
HZ_NODISCARD hz_status hz_relate_init(hz_relate *relate, struct hz_run_state *run, hz_error *err);
void hz_relate_clear(hz_relate *relate, const struct hz_run_state *run);
/* Everything that the stages want of one batch as the scan sees it. */
HZ_NODISCARD hz_status hz_relate_scan(struct hz_scan *scan, hz_error *err);
/* The rows that ask when columns of this level are there; 0: in the scan. */
HZ_NODISCARD hz_status hz_relate_ask(struct hz_scan *scan, unsigned level, hz_error *err);
/* The states that a batch brings to one stage. */
HZ_NODISCARD hz_status hz_relate_put(struct hz_scan *scan, size_t stage, hz_error *err);
/* Works off all stages of a level. */
HZ_NODISCARD hz_status hz_relate_level(struct hz_run_state *run, unsigned level, hz_error *err);
/* The pile of a bucket, made when it is first asked for. NULL: no memory. */
hz_pile *hz_bucket_pile(hz_pile ***piles, size_t *capacity, size_t bucket, hz_store *store, hz_error *err);
void hz_bucket_piles_free(hz_pile **piles, size_t count);
/* Reads one record of a bucket: the rows it is for, and the values of its probe's columns, texts borrowed; *invalid:
 * the key was, and so is every column. Returns the place behind it. */
const char *hz_home_read(const char *at, const struct hz_run_state *run, uint64_t *row, uint32_t *rows,
                         const hz_plan_probe **probe, bool *invalid, hz_home_value *values);
enum { HZ_PROBE_COLUMNS_MAX = 4096 };
#endif
