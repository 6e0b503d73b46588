/* trace.h: which rows are related to the rows that findings name ("traces"). While rows bring states to a stage
 * (relate.h), a stage whose columns a rule's assertion reads also notes the hash of their key, once for neighbours with
 * one key, and which slots took them: some eight bytes a key and two bits a row. When the rows of examples are read
 * again they ask by their keys; the notes then say who is related: of each relation the first rows by identity.
 *
 * Named are the rows that a slot took (an EVERY: those where its condition is FALSE); where a COUNT or EXISTS under a
 * condition took none, the related rows that do not meet it. Not named are rows behind conditions that compare two rows
 * (pair.h), and behind steps that themselves start from a step's row beyond what the notes reach. Equal hashes of
 * different keys are not told apart: 64 bits of some thousand keys. */
#ifndef HZ_ENGINE_TRACE_H
#define HZ_ENGINE_TRACE_H
#include "validator/engine/finding_int.h"

/* One row of an example that asks who is related to it by a column. */
typedef struct hz_trace_ask {
    uint64_t hash;
    uint32_t stage, slot, column;
    uint32_t rule, example, order; /* order: of asking */
    uint32_t taken_count, met_count;
    uint64_t taken[HZ_RELATED_MAX], met[HZ_RELATED_MAX]; /* ascending; met: related, though not taken */
} hz_trace_ask;

typedef struct hz_trace_asks {
    hz_trace_ask *items;
    size_t count, capacity;
} hz_trace_asks;

/* What a batch brings to a stage, with the worker's keys and takes in hand (relate.c). takes: a bitmap of `words` words
 * a slot. */
HZ_NODISCARD hz_status hz_trace_put(hz_scan *scan, size_t stage, const uint64_t *takes, size_t words, hz_error *err);

/* A row of the batch in hand asks. The finder has the rule (for columns that keys read), or they read none. */
typedef struct hz_trace_row {
    uint32_t row, example;
} hz_trace_row;
HZ_NODISCARD hz_status hz_trace_ask_rows(hz_trace_asks *asks, const hz_finder *finder, uint32_t rule, uint32_t column,
                                         const hz_trace_row *rows, size_t count, hz_error *err);
/* The same, one by one: the keys of the batch in hand by which its rows ask for a column, in the worker's scratch, and
 * one row's hash. *keys NULL: nobody is named behind the column. */
HZ_NODISCARD hz_status hz_trace_keys(const hz_keys **keys, const hz_finder *finder, uint32_t column, hz_error *err);
HZ_NODISCARD hz_status hz_trace_ask_hash(hz_trace_asks *asks, const hz_run_state *run, uint32_t column, uint64_t hash,
                                         uint32_t rule, uint32_t example, hz_error *err);
/* Whether the rows that ask need columns for it: those of findings are kept, not those of related rows. The column has
 * a stage. */
bool hz_trace_reads_columns(const hz_plan *plan, uint32_t column);
/* Answers all, in the order of rule, example and asking. */
HZ_NODISCARD hz_status hz_trace_find(hz_trace_asks *asks, hz_run_state *run, hz_error *err);
/* The rows that an answer names. */
static inline uint32_t hz_trace_rows(const hz_trace_ask *ask, const uint64_t **rows)
{
    *rows = ask->taken_count ? ask->taken : ask->met;
    return ask->taken_count ? ask->taken_count : ask->met_count;
}
/* Of a related row: the column that the path leads on by; HZ_COLUMN_NONE: it ends there. */
uint32_t hz_trace_next(const hz_run_state *run, uint32_t column);
#endif
