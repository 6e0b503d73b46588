/* lint.h: what there is to say about a profile beyond the loader's mistakes: rules that are dead, doubled, implied or
 * untested, things that nothing reads, what has no title, what costs. Each hint has a code (lint.def) and a place.
 *
 * Hints speak of what the profile's own file says: what it inherits is the parent's affair. Withdrawn rules are left
 * out. `x-lint: {L050: why}` in the profile takes a warning or hint away that stands there. When the profile has
 * mistakes there are no hints: they come when it loads. */
#ifndef HZ_TASKS_LINT_H
#define HZ_TASKS_LINT_H
#include "validator/tasks/reason/reason.h"

typedef enum hz_cost {
    HZ_COST_ROW,      /* judged as its row is read */
    HZ_COST_KEY,      /* rows that meet by a key, or in a group */
    HZ_COST_PAIRWISE, /* records of one key against each other */
    HZ_COST_COUNT
} hz_cost;
const char *hz_cost_name(hz_cost cost); /* "pairwise" */
hz_cost hz_cost_of_rule(const hz_rule *rule);

typedef struct hz_lint_options {
    const char *path;
    hz_lists *lists; /* borrowed; must outlive the lint */
    const hz_limits *limits;
    hz_lang lang;         /* of reasons that stand in messages */
    const char *profiles; /* as of hz_load */
    bool deep;            /* what can be proved, too (reason.h); HZ_E_USAGE in a build without Z3 */
    uint64_t deep_seconds;
    const hz_cancel *cancel; /* of the deep part; may be NULL */
} hz_lint_options;

typedef struct hz_lint {
    hz_arena *arena;
    hz_slice path;
    hz_profile *profile;          /* NULL: it has mistakes, or is a mapping or manifest */
    bool is_beside, beside_loads; /* a mapping or manifest */
    hz_diags diags;               /* the loader's and the hints, by position */
    size_t counts[HZ_DIAG_HINT + 1];
    size_t loader_errors;
    size_t answered;   /* hints that are not there because the profile gives a reason (x-lint) */
    hz_reason *reason; /* of `deep`; NULL without */
    hz_cost *costs;    /* by rule */
    size_t costs_count[HZ_COST_COUNT];
} hz_lint;

/* HZ_OK whatever there is to say. HZ_E_PROFILE: the file cannot be read. Owned: hz_lint_free. */
HZ_NODISCARD hz_status hz_lint_run(hz_lint **out, const hz_lint_options *options, hz_error *err);
/* The same of a mapping or a manifest, held to a profile (borrowed for the call). */
HZ_NODISCARD hz_status hz_lint_beside(hz_lint **out, const hz_lint_options *options, const hz_profile *profile,
                                      hz_error *err);
void hz_lint_free(hz_lint *lint); /* takes NULL */

/* "L012"; "" for what the loader says. Borrowed from static storage. */
const char *hz_lint_code(hz_msg_id message);

typedef enum hz_lint_format { HZ_LINT_TEXT, HZ_LINT_JSON, HZ_LINT_SARIF, HZ_LINT_FORMAT_COUNT } hz_lint_format;
const char *hz_lint_format_name(hz_lint_format format); /* "sarif" */

/* Several profiles in one document; quiet: TEXT with errors only and no counts. Errors are sticky in out. */
void hz_lint_render(hz_buf *out, hz_lint_format format, const hz_lint *const *lints, size_t count, hz_lang lang,
                    bool quiet);
#endif
