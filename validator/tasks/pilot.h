/* pilot.h: a draft of a profile tried on real submissions, before it binds anyone (reports/pilot.h has what comes of
 * it).
 *
 * Each submission is read by both profiles, one after the other, by the same engine as a check; every finding of both
 * is put aside in piles by stretches of records, and stretches are compared one by one: memory grows with a stretch
 * (65,536 records), not with findings or submissions. A submission that cannot be read is said, and the rest goes on.
 *
 * The sample is the k fresh findings with the least hash of (seed, submission, record, rule): it depends on nothing but
 * the input, and every fresh finding is as likely as any other. */
#ifndef HZ_TASKS_PILOT_H
#define HZ_TASKS_PILOT_H
#include "reports/pilot.h"
#include "validator/engine/engine.h"

typedef struct hz_pilot_options {
    const hz_profile *profiles[2]; /* baseline, draft; must outlive the pilot */
    hz_lists *lists;
    const hz_limits *limits;
    const hz_cancel *cancel; /* may be NULL */
    const char *const *submissions;
    size_t submissions_count;
    const hz_given *params; /* a parameter that only one of the two has goes to that one */
    size_t params_count;
    bool has_as_of;
    int32_t as_of;
    unsigned threads;
    uint64_t memory_bytes;
    const char *temp;
    uint64_t sample, seed;
    const char *reviewed; /* a sheet that was filled in; NULL: none */
    const char
        *vendors; /* a CSV with columns `name` (a submission's path or last part, or a unit) and `vendor`; NULL */
    const char *changes; /* a CSV of every finding that is fresh or gone; NULL: none */
    hz_lang lang;        /* of sheet and changes */
    bool reveal;
    void (*progress)(void *ctx, const hz_progress *progress); /* may be NULL */
    void *progress_ctx;
} hz_pilot_options;

/* HZ_E_USAGE: a day or parameter is missing or wrong. HZ_E_SOURCE: no submission could be read (the last one's error),
 * or the reviewed sheet, or vendors. HZ_E_IO: changes cannot be written. *out is owned: hz_pilot_free. */
HZ_NODISCARD hz_status hz_pilot_run(hz_pilot **out, const hz_pilot_options *options, hz_error *err);
void hz_pilot_free(hz_pilot *pilot); /* takes NULL */
#endif
