/* grade_int.h: what grade.c, next_grade.c and indicators.c share. */
#ifndef HZ_REPORTS_GRADE_INT_H
#define HZ_REPORTS_GRADE_INT_H
#include "reports/score_int.h"

static inline hz_decimal hz_of_u64(uint64_t n)
{
    return (hz_decimal){(hz_int128)n, 0};
}
static inline bool hz_is_active(hz_life life)
{
    return life == HZ_LIFE_ACTIVE || life == HZ_LIFE_DEPRECATED;
}
/* part / whole in 6 decimals, half to even; 0 when whole is 0. part <= whole. */
hz_decimal hz_share6(uint64_t part, uint64_t whole);
/* Failures by severity over these counts. */
void hz_failures(uint64_t failures[HZ_SEVERITY_COUNT], const hz_result *result, const hz_rule_counts *counts,
                 size_t count);
/* next_grade.c, indicators.c: fill their part of result, in its arena. */
HZ_NODISCARD hz_status hz_next_grade_find(hz_result *result, const hz_rule_counts *counts, size_t count, hz_error *err);
HZ_NODISCARD hz_status hz_indicators_make(hz_result *result, hz_error *err);
#endif
