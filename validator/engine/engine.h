/* engine.h: a submission held against a profile: plan, scan, key stages, finish. One call, one Result.
 *
 *   submission.h  which file is which table
 *   plan.h        what to do: stages, and for every rule whether it can run
 *   feed.h        a table's files as batches that threads take in turns
 *   scan.c        one table's batches: type, constraints, row rules, statistics, keys out
 *   rows.h        which row, where it is
 *   key_stage.h   rows that meet by their keys: unique, references
 *   group.h       aggregates over groups, the table, regions
 *   late.c        the text of the findings that are shown
 *   key_digests.h keyed digests of unique keys, to exchange
 *   finish.c      partial results to the Result */
#ifndef HZ_ENGINE_ENGINE_H
#define HZ_ENGINE_ENGINE_H
#include "base/cancel.h"
#include "profiles/manifest.h"
#include "profiles/mapping.h"
#include "reports/result.h"
#include "validator/source/source.h"

/* One input as the user named it. */
typedef struct hz_input {
    hz_slice table; /* --table NAME=PATH; "" for a file or folder that patterns decide on */
    const char *path;
    hz_slice bytes;  /* when path is NULL: the rows of `table` as CSV; borrowed for the run. Of an included or
                        built-in table they stand in place of its own */
    uint32_t period; /* of bytes: 0 this submission, 1 @previous, 2 @previous2 */
} hz_input;

typedef struct hz_given {
    hz_slice name, value; /* --param NAME=VALUE */
} hz_given;

typedef struct hz_progress {
    uint64_t bytes_done, bytes_total, rows;
    hz_slice table;
} hz_progress;

enum { HZ_PERIODS_MAX = 3 };

typedef struct hz_run_options {
    const hz_profile *profile; /* borrowed; must outlive the result, as lists must */
    hz_lists *lists;
    const hz_limits *limits;
    const hz_cancel *cancel; /* may be NULL */
    const hz_input *inputs;
    size_t inputs_count;
    const hz_input *previous; /* the submissions of earlier periods, the last one first: @previous, @previous2 */
    size_t previous_count;    /* at most HZ_PERIODS_MAX - 1 */
    const hz_given *params;
    size_t params_count;
    const char *xsd;   /* the schema that XML of this period must fit; NULL: none */
    bool has_encoding; /* of all delimited text; else it is found out, file by file */
    hz_encoding encoding;
    bool has_as_of;
    int32_t as_of;
    unsigned threads;                                         /* 0: as many as the process may use */
    void (*progress)(void *ctx, const hz_progress *progress); /* may be NULL; at most once a block */
    void *progress_ctx;
    uint64_t memory_bytes;              /* of rows put aside for other stages; 0: a quarter of the machine's */
    const char *temp;                   /* folder for what does not fit; NULL: TMPDIR, else /tmp */
    bool explain;                       /* fills result.explained */
    bool drafts_count;                  /* draft and pilot rules count like active ones: what would they do? */
    struct hz_sinks *sinks;             /* opened; where all findings go (reports/findings/sink.h); NULL: examples are
                                           enough */
    const hz_semtypes *semtypes;        /* of lists, for many small runs; borrowed; NULL: the run makes its own */
    const struct hz_hmac *pseudonyms;   /* of personal values in what is shown; borrowed; NULL: they are masked only */
    struct hz_key_digests *key_digests; /* opened: where digests of unique keys go; NULL: nowhere */
    const hz_mapping *mapping; /* how the submission's columns are the profile's; borrowed for the result's life; may be
                                  NULL */
    const hz_manifest *manifest; /* of the submission, not of earlier periods; may be NULL */
    const hz_waiver *waivers;    /* of files; those of the profile hold too, unless they are off */
    size_t waivers_count;
    bool waivers_off;
    /* test hooks */
    size_t block_bytes;
    bool scalar_scan;
} hz_run_options;

/* HZ_E_USAGE: a parameter or --as-of is missing, unknown or wrong, or a table name is unknown. HZ_E_SOURCE: no source
 * at all, or one that cannot be opened or is in a form that is not built in. Others: HZ_E_IO, HZ_E_CHANGED, HZ_E_NOMEM,
 * HZ_E_LIMIT, HZ_E_CANCELLED. *out is owned: hz_result_free. */
HZ_NODISCARD hz_status hz_run(hz_result **out, const hz_run_options *options, hz_error *err);
void hz_result_free(hz_result *result);
#endif
