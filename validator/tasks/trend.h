/* trend.h: earlier results of the profile beside this one: how score, error rate and the failures of each rule went.
 * Each is read, what is needed of it is copied, and it is let go: memory holds one of them. */
#ifndef HZ_TASKS_TREND_H
#define HZ_TASKS_TREND_H
#include "reports/result.h"
#include "validator/tasks/stored.h"

/* Fills result.trend. paths: JSON reports, or folders of which each NAME.json is one, in bytewise order; one that is
 * given twice, or is `own` (NULL: the result was not stored), counts once. HZ_E_USAGE: a result of another profile (by
 * id). HZ_E_SOURCE: no report. HZ_E_LIMIT: trend_results. */
HZ_NODISCARD hz_status hz_trend_add(hz_result *result, const char *const *paths, size_t count, const hz_stored *own,
                                    const hz_limits *limits, hz_error *err);
/* The trend that a stored report has. */
HZ_NODISCARD hz_status hz_trend_restore(hz_result *result, const hz_stored *stored, hz_error *err);
#endif
