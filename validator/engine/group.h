/* group.h: aggregates over *: of each group of a rule's `each`, of the whole table, or of each region of a measure. */
#ifndef HZ_ENGINE_GROUP_H
#define HZ_ENGINE_GROUP_H
#include "base/pile.h"
#include "validator/engine/keyset.h"
#include "validator/engine/partial.h"

typedef struct hz_groups hz_groups;

HZ_NODISCARD hz_status hz_groups_new(hz_groups **out, const hz_plan_group *plan, hz_error *err);
void hz_groups_free(hz_groups *groups);

/* One batch of the table's rows. packed: the region of each row (measures), else NULL; ids: their identities. */
HZ_NODISCARD hz_status hz_groups_add(hz_groups *groups, hz_eval *eval, const hz_eval_input *input,
                                     const uint64_t *packed, const uint64_t *ids, hz_error *err);
/* Adds what another part of the rows gave, of the same plan. */
HZ_NODISCARD hz_status hz_groups_merge(hz_groups *into, hz_groups *from, hz_error *err);
/* After the last batch: orders the groups by typed key (regions by code; the whole is the last, packed UINT64_MAX), and
 * adds regions up to their parents. */
HZ_NODISCARD hz_status hz_groups_finish(hz_groups *groups, hz_error *err);

/* ---- groups that do not fit the memory ----
 * Groups of a rule with `each` (not those that blame records) are put aside in partitions of their keys' hashes when
 * they take too much, and judged partition by partition. */

/* After a batch: puts all aside when they take more than so many bytes. Rules and measures of other kinds stay. */
HZ_NODISCARD hz_status hz_groups_relieve(hz_groups *groups, hz_store *store, uint64_t bytes_max, hz_error *err);
bool hz_groups_are_apart(const hz_groups *groups);
/* The groups of one partition after the other, finished; they are given up then. */
HZ_NODISCARD hz_status hz_groups_each_part(hz_groups *groups,
                                           hz_status (*part)(void *ctx, hz_groups *part, hz_error *err), void *ctx,
                                           hz_error *err);
/* Adds the group at this final index of a part: what findings show of it. */
HZ_NODISCARD hz_status hz_groups_keep(hz_groups *kept, const hz_groups *part, size_t index, hz_error *err);

size_t hz_groups_count(const hz_groups *groups);
uint64_t hz_groups_unkeyed(const hz_groups *groups);
/* In the final order: */
uint64_t hz_groups_region(const hz_groups *groups, size_t index); /* packed; measures */
hz_value hz_groups_key(const hz_groups *groups, size_t index, size_t part);
/* Evaluates over groups [from, from + count), count <= HZ_BATCH_ROWS: the input of programs over groups. Borrowed until
 * the next call. */
HZ_NODISCARD hz_status hz_groups_input(hz_eval_input *out, hz_groups *groups, size_t from, uint32_t count,
                                       hz_error *err);
/* The first HZ_RELATED_MAX rows of a group with keys, ascending; returns their number. */
size_t hz_groups_rows(const hz_groups *groups, size_t index, const uint64_t **rows);
/* `blame: records` only: the group of a row, in the final order; SIZE_MAX: none. */
size_t hz_groups_of_row(const hz_groups *groups, uint64_t row);
/* Calls back for every row of the groups whose bit is set (final order), ascending (blame: records). */
HZ_NODISCARD hz_status hz_groups_each_row(const hz_groups *groups, const uint64_t *which,
                                          hz_status (*row)(void *ctx, uint64_t row, hz_error *err), void *ctx,
                                          hz_error *err);
/* The same for the rows that belong to no group (a key part is NULL or INVALID). */
HZ_NODISCARD hz_status hz_groups_each_unkeyed(const hz_groups *groups,
                                              hz_status (*row)(void *ctx, uint64_t row, hz_error *err), void *ctx,
                                              hz_error *err);
#endif
