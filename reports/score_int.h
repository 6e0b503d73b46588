/* score_int.h: a score as exact sums, for score.c and next_grade.c. */
#ifndef HZ_REPORTS_SCORE_INT_H
#define HZ_REPORTS_SCORE_INT_H
#include "reports/big_int.h"
#include "reports/grade.h"

/* A figure f of 0 to 100 is the fraction 100 * top / (10^12 * all). Weights are whole numbers here, at one common
 * scale. */
typedef struct hz_score_sums {
    const hz_result *result;
    int32_t scale; /* of severity weight * rule weight */
    struct hz_score_sum {
        uint64_t rules, failed_rules;
        hz_big top, all; /* sum of weight * ratio * 10^12, and of weight */
        hz_big weight;   /* of the dimension in the score; 0 when it has no score */
        hz_big factor;   /* weight * product of the other dimensions' `all`: what a unit of its `top` adds to top of the
                            whole */
    } dimensions[HZ_DIM_COUNT];
    hz_big top, all; /* of the whole; all 0: no score */
} hz_score_sums;

void hz_score_sums_make(hz_score_sums *sums, const hz_result *result, const hz_rule_counts *counts, size_t count);
/* What the score's top gains when the rule fails nowhere. */
void hz_score_gain(hz_big *out, const hz_score_sums *sums, hz_rule_counts counts);
/* The figure in 6 decimals; all is not 0. */
hz_decimal hz_score_figure(const hz_big *top, const hz_big *all);
/* The counts of the whole result's rules that were evaluated; out has room for result.rules_count. */
size_t hz_result_counts(hz_rule_counts *out, const hz_result *result);
#endif
