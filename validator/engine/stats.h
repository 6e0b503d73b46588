/* stats.h: statistics of one column, the same however rows are cut: missing, distinct (HyperLogLog, fixed seed), least,
 * greatest, mean (exact sum over count), histogram over fixed bins (years; 1-2-5 decades), most frequent codes. Of
 * personal columns only missing and distinct. */
#ifndef HZ_ENGINE_STATS_H
#define HZ_ENGINE_STATS_H
#include "reports/result.h"
#include "validator/eval/field.h"

typedef struct hz_stats hz_stats;

HZ_NODISCARD hz_status hz_stats_new(hz_stats **out, const hz_field *field, hz_error *err);
void hz_stats_free(hz_stats *stats);
HZ_NODISCARD hz_status hz_stats_add(hz_stats *stats, const hz_field_column *column, uint32_t rows, hz_error *err);
/* Adds what another part of the rows gave, of the same field. */
HZ_NODISCARD hz_status hz_stats_merge(hz_stats *into, const hz_stats *from, hz_error *err);
/* Fills the figures of out; texts in arena. */
HZ_NODISCARD hz_status hz_stats_finish(hz_result_column *out, const hz_stats *stats, hz_arena *arena, hz_error *err);
#endif
