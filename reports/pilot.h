/* pilot.h: what a draft of a profile would change, over many submissions: the finished figures, and their faces.
 *
 * Each submission is judged by the baseline as it is in force and by the draft with its draft and pilot rules counted
 * like active ones. A finding is one (record or group, rule id). It is fresh when only the draft has it, gone when only
 * the baseline has it. One arena owns all of it. */
#ifndef HZ_REPORTS_PILOT_H
#define HZ_REPORTS_PILOT_H
#include "reports/render.h"

typedef struct hz_pilot_side { /* a submission by one of the two */
    hz_slice grade;
    bool conformant, incomplete, has_score;
    hz_decimal score;
    uint64_t records, records_with_errors;
} hz_pilot_side;

typedef struct hz_pilot_submission {
    hz_slice path;
    const hz_error *error;    /* it could not be read: nothing else is here, and nothing of it is counted; or NULL */
    hz_pilot_side sides[2];   /* baseline, draft */
    uint64_t fresh, gone;     /* findings */
    uint64_t records_fresh;   /* records with a fresh finding, */
    uint64_t records_newly;   /* those of them that had none before; */
    uint64_t records_cleared; /* that had some and have none now */
} hz_pilot_submission;

typedef enum hz_pilot_change { HZ_PILOT_SAME, HZ_PILOT_CHANGED, HZ_PILOT_NEW, HZ_PILOT_GONE } hz_pilot_change;
const char *hz_pilot_change_name(hz_pilot_change change); /* "same", "changed", "new", "gone" */

/* What groups findings: who may have caused nearly all of a rule's. */
typedef enum hz_pilot_by {
    HZ_PILOT_SUBMISSION,
    HZ_PILOT_UNIT,
    HZ_PILOT_VENDOR,
    HZ_PILOT_COUNTY,
    HZ_PILOT_BYS
} hz_pilot_by;
const char *hz_pilot_by_name(hz_pilot_by by); /* "submission", "unit", "vendor", "county" */

typedef struct hz_pilot_group {
    hz_pilot_by by;
    hz_slice name;  /* path, unit's or vendor's name, code of the county */
    hz_text2 title; /* of a county */
    uint64_t fresh, gone;
} hz_pilot_group;

/* A share of a reviewed sample, with its interval of 95 % by Wilson, 4 decimals, rounded outwards. */
typedef struct hz_pilot_precision {
    uint64_t right, wrong, unsure, open; /* open: not filled in */
    bool has_share;                      /* right + wrong > 0 */
    hz_decimal share, low, high;
} hz_pilot_precision;

typedef struct hz_pilot_example {
    uint32_t submission;
    hz_slice place, key, message_zh, message_en; /* masked as asked */
} hz_pilot_example;
enum { HZ_PILOT_EXAMPLES = 5 };

typedef struct hz_pilot_rule {
    hz_slice id;
    const hz_rule *rules[2]; /* baseline's, draft's; NULL: it has none */
    hz_pilot_change change;
    uint64_t evaluated[2], failed[2]; /* over all submissions that were read */
    uint64_t not_run[2];              /* submissions in which it was skipped or ended in error */
    uint64_t fresh, gone;
    uint64_t submissions_fresh;                   /* that have some */
    hz_pilot_example examples[HZ_PILOT_EXAMPLES]; /* of fresh ones, the first */
    size_t examples_count;
    hz_pilot_precision precision;
} hz_pilot_rule;

/* A rule of whose fresh findings one group has nearly all: look at the group before the data. */
typedef struct hz_pilot_suspect {
    uint32_t rule, group;
    uint64_t fresh, of;
    uint64_t others; /* groups of this kind that were seen beside it */
} hz_pilot_suspect;

typedef struct hz_pilot_cause { /* one correction of the draft's that the baseline does not ask for */
    uint32_t submission;
    hz_cause_kind kind;
    hz_slice text_zh, text_en;
    uint64_t findings; /* that it would clear */
} hz_pilot_cause;
enum { HZ_PILOT_CAUSES = 50 };

typedef struct hz_pilot {
    hz_arena *arena;
    const hz_profile *profiles[2]; /* borrowed */
    bool has_as_of;
    int32_t as_of;
    hz_pilot_submission *submissions;
    size_t submissions_count, read_count;
    hz_pilot_rule *rules; /* the draft's order, then those that only the baseline has */
    size_t rules_count;
    hz_pilot_group *groups; /* with findings that differ: by kind, then most fresh, then name */
    size_t groups_count;
    hz_pilot_suspect *suspects; /* most fresh first */
    size_t suspects_count;
    /* work to mend: fresh findings of severity error and fatal */
    uint64_t work_records, work_cells; /* records to touch; cells at least: one a finding, those of a field once */
    hz_pilot_cause *causes;            /* most findings first, at most HZ_PILOT_CAUSES */
    size_t causes_count;
    uint64_t causes_found, causes_findings; /* all of them; they may overlap */
    uint64_t fresh, gone, records_fresh, records_newly, records_cleared;
    /* sample for review */
    uint64_t sample_wanted, sample_of, seed;
    size_t sample_count;
    hz_slice sheet; /* CSV, to be filled in */
    bool reviewed;
    hz_pilot_precision precision;
    uint64_t foreign; /* reviewed rows that are not of this sample */
} hz_pilot;

typedef enum hz_pilot_format { HZ_PILOT_TEXT, HZ_PILOT_JSON, HZ_PILOT_HTML, HZ_PILOT_FORMATS } hz_pilot_format;
const char *hz_pilot_format_name(hz_pilot_format format); /* "text", "json", "html" */
HZ_NODISCARD hz_status hz_pilot_render(hz_buf *out, hz_pilot_format format, const hz_pilot *pilot, hz_lang lang,
                                       hz_error *err);
#endif
