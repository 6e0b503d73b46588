/* merge_int.h: a merge under way. */
#ifndef HZ_TASKS_MERGE_INT_H
#define HZ_TASKS_MERGE_INT_H
#include "base/htab.h"
#include "validator/tasks/merge.h"

enum { HZ_MERGE_TABLES_MORE = 64 };

/* What a rule came to in the parts so far. */
typedef struct hz_merge_life {
    bool ran, skipped, error, differs;
    bool exchanged; /* decided by key digests */
    hz_said why;    /* of the first part that skipped it or ended in error */
} hz_merge_life;

typedef struct hz_merging {
    const hz_merge_options *options;
    hz_result *sum;
    hz_result_merged *merged;
    size_t part;            /* in hand */
    size_t more_count;      /* tables behind sum.tables_count */
    size_t *sources_before; /* by table: of the parts before */
    hz_merge_life *lives;   /* of rules, then of drafts */
    size_t
        common_rules; /* of all parts; behind them in sum.rules HZ_MANIFEST_PARTS, without `rule` while none has it */
    size_t examples_max;
    hz_names files; /* SHA-256 in hex to parts */
    struct hz_merge_counts {
        uint64_t evaluated, failed;  /* waived ones too */
    } * counts;                      /* by life, then part; NULL: no key digests */
    hz_result_acknowledged *reasons; /* NULL: no part has any so far */
    uint64_t explained;
    hz_error *err;
} hz_merging;

/* Replaces a borrowed text by a copy. */
HZ_NODISCARD hz_status hz_merge_text(hz_merging *m, hz_slice *text);
HZ_NODISCARD hz_status hz_merge_said(hz_merging *m, hz_said *said);
HZ_NODISCARD hz_status hz_merge_finding(hz_merging *m, hz_finding *out, const hz_finding *from, const hz_result *part);
/* Room for `more` behind `count` items of an array that only this makes grow; new items are zero. */
HZ_NODISCARD hz_status hz_merge_room(hz_merging *m, void **array, size_t count, size_t more, size_t item_bytes);

/* Adds what a part has. */
HZ_NODISCARD hz_status hz_merge_table(hz_merging *m, hz_result_table *into, const hz_result_table *part);
HZ_NODISCARD hz_status hz_merge_rule(hz_merging *m, hz_result_rule *into, const hz_result_rule *part,
                                     hz_merge_life *life, const hz_result *whole_part);
HZ_NODISCARD hz_status hz_merge_measure(hz_merging *m, hz_result_measure *into, const hz_result_measure *part);
/* What each part granted: a limit is one of each part, not of all of them together. */
HZ_NODISCARD hz_status hz_merge_waiver(hz_merging *m, const hz_result_waiver *waiver, const hz_result *part);
/* What the submitters explained. */
HZ_NODISCARD hz_status hz_merge_reasons(hz_merging *m, const hz_result *part);
HZ_NODISCARD hz_status hz_merge_regions(hz_merging *m, const hz_result *part);
/* Unique rules across parts, by key digests; before the finish. */
HZ_NODISCARD hz_status hz_merge_keys(hz_merging *m);
/* Outcomes, regions in order, what is to be said. */
HZ_NODISCARD hz_status hz_merge_finish(hz_merging *m);
#endif
