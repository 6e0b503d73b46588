/* acknowledge.h: plausibility findings that the submitter explains. The findings file comes back (delimited text, any
 * encoding that a submission may have) with its `fingerprint` column and one called `reason` or 理由; other columns do
 * not matter, and rows without a reason acknowledge nothing.
 *
 * Taken is a written reason for a finding of the gate plausibility that this result keeps. Refused is a bare tick
 * (fewer than REASON_CHARACTERS characters, or one character again and again), one text for more than acknowledge_same
 * findings, and a finding of another gate: that must be mended. No count, score or outcome changes. */
#ifndef HZ_TASKS_ACKNOWLEDGE_H
#define HZ_TASKS_ACKNOWLEDGE_H
#include "base/limits.h"
#include "reports/result.h"

/* Fills result.acknowledged and `acknowledged` of the findings. HZ_E_SOURCE: the file cannot be read or lacks a column.
 */
HZ_NODISCARD hz_status hz_acknowledge(hz_result *result, const char *path, const hz_limits *limits, hz_error *err);
#endif
