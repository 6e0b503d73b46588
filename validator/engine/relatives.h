/* relatives.h: the records behind relations that all findings name ("relatives"), not those of examples alone. The rows
 * that fail ask as those of examples do (trace.h), but put aside, stage by stage, so that the notes of a stage are read
 * once for many; answers lie by bucket of the rows that asked, where all_findings.h meets them. Where a path leads on
 * the related rows are read and ask in their turn, round by round. What a finding names, and in which order, is what an
 * example of it does.
 *
 * Memory: one portion of asks with their answers; all else lies in piles of the run's store. */
#ifndef HZ_ENGINE_RELATIVES_H
#define HZ_ENGINE_RELATIVES_H
#include "validator/engine/trace.h"

typedef struct hz_relatives hz_relatives;

HZ_NODISCARD hz_status hz_relatives_new(hz_relatives **out, hz_run_state *run, hz_error *err);
void hz_relatives_free(hz_relatives *relatives); /* takes NULL */
/* Whether findings of the rule may name records behind relations. */
bool hz_relatives_named(const hz_run_state *run, uint32_t rule);
/* Fields that rows read to ask: as the readings of the rule's sheet; adds to what is marked. */
void hz_relatives_need(bool *needed, const hz_run_state *run, uint32_t rule);

/* Failed rows of the batch in hand ask; any thread, with its worker's finder. source: of what they read over relations.
 */
HZ_NODISCARD hz_status hz_relatives_ask(hz_relatives *relatives, hz_finder *finder, uint32_t rule,
                                        const uint64_t *failed, const hz_kept_source *source, hz_error *err);
/* All have asked. */
HZ_NODISCARD hz_status hz_relatives_find(hz_relatives *relatives, hz_error *err);

typedef struct hz_relative { /* a record that a finding names */
    uint32_t sheet;
    uint64_t row;
} hz_relative;

typedef struct hz_relative_answer hz_relative_answer;
typedef struct hz_relative_set { /* answers to one bucket, in order */
    hz_arena *arena;
    const hz_relative_answer **items;
    size_t count, capacity;
} hz_relative_set;

/* Takes the answers of a bucket out of the piles. Zero it before; relatives may be NULL. */
HZ_NODISCARD hz_status hz_relatives_load(hz_relative_set *out, hz_relatives *relatives, uint32_t sheet, size_t bucket,
                                         hz_error *err);
void hz_relative_set_clear(hz_relative_set *set);
/* What the finding of a rule at a row of the sheet names: at most HZ_RELATED_MAX. */
uint32_t hz_relative_set_get(hz_relative *out, const hz_relative_set *set, const hz_run_state *run, uint32_t rule,
                             uint32_t sheet, uint64_t row);
#endif
