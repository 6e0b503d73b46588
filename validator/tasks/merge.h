/* merge.h: results of parts (counties) become one, as a run over all of them would have it, as far as counts can tell.
 *
 * Adds up: rows, bad rows, erroneous records, the counts of every rule; sources and examples are joined; regions
 * united; verdict, scores, grade and indicators made anew. A part must be of the same profile, day and parameters, and
 * none may hold a file (by SHA-256) that another one holds too.
 *
 * Does not add up, and is said: `across` rules (unique, similar, rules over a whole table) are decided over all rows:
 * where no part failed they are undetermined, with the reason; failures inside a part stand. With key digests of every
 * part `unique` rules are decided as in a run over all (merge_keys.c), but for what a finding shows: the place alone.
 * `within` rules (references, relations, groups) were judged within each part. Of columns, distinct becomes the
 * greatest of the parts, mean is left out, top where a part lists 20. Scores of regions that several parts have,
 * figures by region likewise, and verdicts of a chain's older profiles are left out. */
#ifndef HZ_TASKS_MERGE_H
#define HZ_TASKS_MERGE_H
#include "reports/result.h"
#include "validator/tasks/stored.h"

typedef struct hz_merge_options {
    const hz_profile *profile;
    hz_lists *lists;
    const hz_limits *limits;  /* max_examples too */
    const char *const *parts; /* JSON reports, in this order */
    size_t parts_count;
    const char *const *keys; /* files of key digests (engine/key_file.h), one of each part, in any order */
    size_t keys_count;       /* 0: unique rules are not decided across parts */
    const char *collisions;  /* a folder: a CSV for each part, of its records whose keys other parts have; NULL: none */
} hz_merge_options;

/* HZ_E_USAGE: parts that do not go together. HZ_E_SOURCE: no report. The result owns all it needs: hz_result_free. */
HZ_NODISCARD hz_status hz_merge(hz_result **out, const hz_merge_options *options, hz_error *err);
#endif
