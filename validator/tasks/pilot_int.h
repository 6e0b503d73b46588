/* pilot_int.h: what the files of a pilot share.
 *
 *   pilot.c         submissions one after the other, two runs each, what is known of a whole submission
 *   pilot_gather.c  findings put aside, stretches of records compared, figures counted
 *   pilot_sheet.c   the sample, and what came back of it */
#ifndef HZ_TASKS_PILOT_INT_H
#define HZ_TASKS_PILOT_INT_H
#include "base/alloc.h"
#include "base/file.h"
#include "base/htab.h"
#include "base/pile.h"
#include "reports/findings/sink.h"
#include "validator/tasks/pilot.h"

/* Findings of 65,536 neighbouring records of a file, or of what is no record, both sides together. */
typedef struct hz_pilot_stretch {
    uint32_t table, source; /* numbers of names; source NONE: groups and structure */
    uint64_t part;
    hz_pile pile;
} hz_pilot_stretch;

typedef struct hz_pilot_count { /* of a rule in a group */
    uint32_t rule, group;
    uint64_t fresh;
} hz_pilot_count;

typedef struct hz_pilot_drawn { /* of the sample */
    uint64_t hash;
    uint32_t rule;
    char *line; /* owned */
} hz_pilot_drawn;

typedef struct hz_pilot_job {
    const hz_pilot_options *options;
    hz_pilot *pilot;
    hz_error *err;
    hz_store *store;
    hz_names rules, names, groups, vendors;
    hz_slice *vendor_names;
    size_t vendors_count, vendors_capacity, groups_capacity;
    hz_htab counts_index;
    hz_pilot_count *counts;
    size_t counts_count, counts_capacity;
    hz_pilot_cause *causes;
    size_t causes_count, causes_capacity;
    /* the submission in hand */
    uint32_t submission;
    unsigned side;
    hz_htab stretches_index;
    hz_pilot_stretch *stretches;
    size_t stretches_count, stretches_capacity;
    /* the sample: a heap, the greatest hash first */
    hz_pilot_drawn *drawn;
    size_t drawn_count, drawn_capacity;
    hz_outfile *changes;
    hz_buf line, scratch;
} hz_pilot_job;

/* pilot_gather.c */
HZ_NODISCARD hz_status hz_pilot_tap(void *ctx, const hz_result *result, const hz_found *found, hz_error *err);
/* Compares what was put aside of the submission in hand, counts, and forgets it. */
HZ_NODISCARD hz_status hz_pilot_compare(hz_pilot_job *job);
void hz_pilot_forget(hz_pilot_job *job);
/* The number of a group, made when it is new. */
HZ_NODISCARD hz_status hz_pilot_group_of(uint32_t *out, hz_pilot_job *job, hz_pilot_by by, hz_slice name);
/* What stands in the files' notes of a text: in arena of the pilot. */
HZ_NODISCARD hz_status hz_pilot_keep(hz_slice *out, hz_pilot_job *job, hz_slice text);
hz_slice hz_pilot_vendor(const hz_pilot_job *job, hz_slice name); /* "" when none is known */

/* pilot_sheet.c */
uint64_t hz_pilot_hash(const hz_pilot_job *job, const uint64_t id[2], hz_slice source, hz_slice rule);
/* Whether a finding of this hash could still be of the sample. */
bool hz_pilot_may_draw(const hz_pilot_job *job, uint64_t hash);
HZ_NODISCARD hz_status hz_pilot_draw(hz_pilot_job *job, uint64_t hash, uint32_t rule, hz_slice line);
void hz_pilot_csv_head(hz_buf *out);
/* Submission, region, unit and the finding's own columns; without line end. */
void hz_pilot_csv_line(hz_pilot_job *job, hz_buf *out, const hz_result *result, const hz_found *found);
HZ_NODISCARD hz_status hz_pilot_sheet(hz_pilot_job *job);
/* share, low and high of right and wrong. */
void hz_pilot_wilson(hz_pilot_precision *out);
HZ_NODISCARD hz_status hz_pilot_read_vendors(hz_pilot_job *job);
#endif
