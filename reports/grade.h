/* grade.h: from counts to verdict, scores and grade (the design's semantics page, Outcome, grade, exit). */
#ifndef HZ_REPORTS_GRADE_H
#define HZ_REPORTS_GRADE_H
#include "reports/result.h"

/* A rule's outcome from its counts and tolerance; not for skipped and error ones. */
hz_outcome hz_rule_outcome(const hz_rule *rule, uint64_t not_applicable, uint64_t undetermined, uint64_t evaluated,
                           uint64_t failed);

/* 1 - failed / evaluated in 12 decimals, half to even; evaluated > 0. */
hz_decimal hz_rule_ratio(uint64_t failed, uint64_t evaluated);

/* What a region's score is made of: per rule evaluated and failed. */
typedef struct hz_rule_counts {
    uint32_t rule; /* in result.rules */
    uint64_t evaluated, failed;
} hz_rule_counts;
/* Score (6 decimals) over some counts; false when no dimension has one. dimensions may be NULL. */
bool hz_score(hz_decimal *score, hz_result_dimension dimensions[HZ_DIM_COUNT], const hz_result *result,
              const hz_rule_counts *counts, size_t count);
/* The grade that score, failures by severity and error rate earn: the first level whose conditions all hold, else the
 * last. table_rates: error rate of each result table, or NULL (regions: conditions on tables are left out). */
uint32_t hz_grade_of(const hz_result *result, bool has_score, hz_decimal score,
                     const uint64_t failures[HZ_SEVERITY_COUNT], bool has_error_rate, hz_decimal error_rate,
                     const hz_decimal *table_rates);

/* Fills the graded part of result from its rules, tables and measures. Deterministic; works on a finished or a stored
 * result (--regrade). */
HZ_NODISCARD hz_status hz_grade(hz_result *result, hz_error *err);

/* What the result says for its own profile, with its arrays. */
void hz_result_own_verdict(hz_result_verdict *out, const hz_result *result);

/* Exit status of `check`: 0, 1 or 5 (2, 3, 4 never get a result). */
typedef struct hz_fail_on {
    hz_severity
        severity;   /* fail when a rule of this severity or worse failed past its tolerance, and from `error` on (error,
                       warning,   info) when the submission is not conformant; HZ_SEVERITY_COUNT: no such condition */
    hz_slice grade; /* or when the grade is this or worse; "" without. A grade that the profile does not have fails */
    bool fresh;     /* when there are new findings against a baseline */
    bool by_default; /* error: the verdict itself; the others are not looked at */
} hz_fail_on;
int hz_exit_status(const hz_result *result, const hz_fail_on *fail_on);
#endif
