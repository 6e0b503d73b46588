/* explain_steps.h: why a record broke a rule, step by step: each part of the rule's condition and assertion with the
 * value that it had. The parts stand as a message of the rule, so that the engine evaluates them on the finding's own
 * record, with its related records, as it does the words of any message. */
#ifndef HZ_TASKS_EXPLAIN_STEPS_H
#define HZ_TASKS_EXPLAIN_STEPS_H
#include "reports/result.h"
#include "validator/tasks/stored.h"

/* A finding of a stored report: its rule, and on which day and with which parameters the run stood. */
typedef struct hz_told {
    hz_slice rule, as_of;    /* as_of "" without */
    const hz_jvalue *params; /* [{name, value, given}] */
    uint64_t shown;          /* findings of the rule that the report shows */
} hz_told;
/* HZ_E_USAGE: the report shows no finding with this fingerprint. Borrowed from the report. */
HZ_NODISCARD hz_status hz_told_find(hz_told *out, const hz_stored *stored, hz_slice fingerprint, hz_error *err);

/* The profile with the rule alone in it, whose messages are the steps. All in arena; the profile must outlive it. */
HZ_NODISCARD hz_status hz_steps_profile(hz_profile *out, const hz_profile *profile, const hz_rule *rule,
                                        hz_lists *lists, const hz_limits *limits, hz_arena *arena, hz_error *err);
/* The steps of the finding, from a run of such a profile. HZ_E_USAGE: the submission has no such finding any more.
 * Values of personal fields are masked unless reveal. Other errors are sticky in out. */
HZ_NODISCARD hz_status hz_steps_put(hz_buf *out, const hz_result *result, const hz_profile *profile,
                                    hz_slice fingerprint, bool reveal, hz_lang lang, hz_error *err);
#endif
