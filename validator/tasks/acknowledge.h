/* acknowledge.h: plausibility findings that the submitter explains. The findings file comes back as it was given out:
 * delimited text (any encoding that a submission may have) or a workbook, of which every sheet is read, with the column
 * `fingerprint` and one called `reason` or 理由. Other columns do not matter but for `fields`: a reason is for the
 * values that it was written for. Rows without a reason acknowledge nothing.
 *
 * Taken is a written reason for a finding of the gate plausibility. Refused is a bare tick, one text for more findings
 * than the profile's acknowledge_same allows (SAME_USUAL without; the limit of that name can only tighten it), and a
 * finding of another gate: that must be mended. Lapsed is one whose values are other ones now. No count, score or
 * outcome changes.
 *
 * Calls: open, then hz_reasons_tap for every finding of the run (reports/findings/sink.h), finish, close. */
#ifndef HZ_TASKS_ACKNOWLEDGE_H
#define HZ_TASKS_ACKNOWLEDGE_H
#include "base/limits.h"
#include "reports/findings/sink.h"

typedef struct hz_reasons hz_reasons;

/* HZ_E_SOURCE: the file cannot be read, lacks a column, or has a row that cannot be read. Owned: hz_reasons_close.
 * temp: for what a workbook holds; NULL: TMPDIR. */
HZ_NODISCARD hz_status hz_reasons_open(hz_reasons **out, const char *path, const hz_profile *profile,
                                       const hz_limits *limits, const char *temp, hz_error *err);
void hz_reasons_close(hz_reasons *reasons); /* takes NULL */

/* The reason that was taken for a finding, "" without one; borrowed until close. From any thread. An hz_found_reason.
 */
HZ_NODISCARD hz_status hz_reasons_find(hz_slice *out, const void *reasons, const hz_result *result,
                                       const hz_finding *finding, hz_buf *scratch, hz_error *err);
/* Hears of every finding, one at a time. An hz_found_tap. */
HZ_NODISCARD hz_status hz_reasons_tap(void *reasons, const hz_result *result, const hz_found *found, hz_error *err);
/* Fills result.acknowledged, and `acknowledged` of the findings that it keeps. */
HZ_NODISCARD hz_status hz_reasons_finish(hz_reasons *reasons, hz_result *result, hz_error *err);

/* Whether a reason says nothing: under REASON_LETTERS letters, ideographs and digits, the same one over and over, or
 * nothing but words that tick ("OK", "已核实"). */
bool hz_reason_is_bare(hz_slice reason);
#endif
