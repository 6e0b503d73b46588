/* relate_int.h: between relate.c and pair.c. */
#ifndef HZ_ENGINE_RELATE_INT_H
#define HZ_ENGINE_RELATE_INT_H
#include "validator/engine/run_int.h"

/* What a row brings to a stage, and what it asks of one over pairs: a state (none over pairs), the key and a tail
 * follow. Over pairs the tail is its cells. */
typedef struct hz_stage_row {
    uint64_t hash, row;
    uint32_t len, tail;
} hz_stage_row;

/* 2^bits partitions. */
unsigned hz_stage_bits(const hz_run_state *run, const hz_plan_stage *stage);
static inline size_t hz_stage_partition(unsigned bits, uint64_t hash)
{
    return bits ? (size_t)(hash >> (64 - bits)) : 0;
}

static inline hz_status hz_no_room(const hz_error *err)
{
    return err && err->status < 0 ? err->status : HZ_E_NOMEM;
}

/* Sends home what the probe's columns are at `rows` rows from `row` on; texts are copied. */
HZ_NODISCARD hz_status hz_home_put(hz_worker *worker, size_t stage, size_t probe, uint64_t row, uint32_t rows,
                                   const hz_home_value *values, hz_error *err);
#endif
