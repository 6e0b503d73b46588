/* baseline.h: a result against an earlier one. Findings are one when their fingerprints are (docs/report.md): a new
 * line, file, severity or wording changes nothing. What has no fingerprint is counted as unknown. */
#ifndef HZ_TASKS_BASELINE_H
#define HZ_TASKS_BASELINE_H
#include "reports/result.h"
#include "validator/tasks/stored.h"

/* Fills result.baseline, and `since` of the findings that are kept. Both results keep so many findings of a rule
 * (max_examples); of one that has more, what is not kept is not compared, and the rule is marked as capped. HZ_E_USAGE:
 * a result of another profile (by id). */
HZ_NODISCARD hz_status hz_baseline_compare(hz_result *result, const hz_stored *before, hz_error *err);
#endif
