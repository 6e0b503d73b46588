/* explain.h: how the run goes, for whoever asks (reports/explain.h). Off: one pointer is NULL, one test a rule and
 * batch. On: the clock is read around stages, and around the rules of every eighth batch. */
#ifndef HZ_ENGINE_EXPLAIN_H
#define HZ_ENGINE_EXPLAIN_H
#include "base/error.h"
#include "reports/explain.h"
#include <time.h>

struct hz_run_state;
typedef struct hz_explain hz_explain;

static inline uint64_t hz_clock_nanos(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

typedef struct hz_spent {
    uint64_t nanos, rows;
} hz_spent;

/* What one worker's rules took, in the batches that are timed. */
typedef struct hz_times {
    hz_spent *rules;     /* as plan.rules */
    hz_spent **readings; /* per sheet: as its readings */
} hz_times;

enum { HZ_TIMED_EVERY = 8 };

/* `times` is NULL in batches that are not timed. */
static inline uint64_t hz_time_from(const hz_times *times)
{
    return times ? hz_clock_nanos() : 0;
}
static inline void hz_time_to(const hz_times *times, hz_spent *spent, uint64_t from, uint32_t rows)
{
    if (times) {
        spent->nanos += hz_clock_nanos() - from;
        spent->rows += rows;
    }
}

/* Makes run->explain and the workers' times when the options ask for it. */
HZ_NODISCARD hz_status hz_explain_init(struct hz_run_state *run, hz_error *err);
void hz_explain_clear(struct hz_run_state *run);

typedef struct hz_explain_mark {
    uint64_t nanos, spilled_bytes;
} hz_explain_mark;
/* Around a stage; nothing when nobody asks. index: sheet, stage of the plan, keyset or group. */
hz_explain_mark hz_explain_begin(const struct hz_run_state *run);
HZ_NODISCARD hz_status hz_explain_end(struct hz_run_state *run, hz_explain_mark mark, hz_explained_kind kind,
                                      size_t index, unsigned level, hz_error *err);
/* Stages of relations: before those of a level are worked off; after one of their partitions was. */
void hz_explain_meeting(struct hz_run_state *run, unsigned level);
void hz_explain_met(struct hz_run_state *run, size_t stage, uint64_t from);
/* When all is done: keysets, groups, rules. */
HZ_NODISCARD hz_status hz_explain_finish(struct hz_run_state *run, hz_error *err);
#endif
