/* sink.h: where all findings of a run go: files, each of a form (forms.def). The engine hands findings over one by one
 * in their final order, so that memory does not grow with their number; a form knows hz_finding and the result, nothing
 * of where findings come from.
 *
 * Calls: hz_sinks_open (the files can be written: temporary ones are begun), begin, then findings, finish, commit.
 * Until commit nothing is seen under the files' names; hz_sinks_close takes away what was not committed. */
#ifndef HZ_REPORTS_FINDINGS_SINK_H
#define HZ_REPORTS_FINDINGS_SINK_H
#include "reports/render.h"

/* The record of a finding as it was submitted. */
typedef struct hz_found_row {
    const hz_result_table *table;
    const hz_slice *names; /* of all columns, as the file has them */
    size_t columns_count;
    const hz_slice *const *cells; /* per column; NULL: not read */
    uint32_t row;                 /* which of the cells */
    const int32_t *column_of;     /* per field of the table: its column, -1 without */
    uint64_t line;
    uint32_t source; /* in table.sources */
} hz_found_row;

/* One finding, handed over; all of it is borrowed for the time of the call, or until the batch of findings is given. */
typedef struct hz_found {
    const hz_finding *finding;
    const hz_result_rule *rule;
    char region[13];         /* division code of its record; "" without */
    hz_shown unit;           /* reporting unit of its record; null without */
    const hz_found_row *row; /* NULL: no record, or it cannot be read */
} hz_found;

typedef enum hz_split { HZ_SPLIT_NONE, HZ_SPLIT_REGION, HZ_SPLIT_UNIT } hz_split;

/* Somebody in this program who hears of every finding, in order, one thread at a time. */
typedef hz_status (*hz_found_tap)(void *ctx, const hz_result *result, const hz_found *found, hz_error *err);

/* The submitter's reason for a finding, "" without one; from any thread. scratch is the callee's to use. */
typedef hz_status (*hz_found_reason)(hz_slice *out, const void *ctx, const hz_result *result, const hz_finding *finding,
                                     hz_buf *scratch, hz_error *err);

typedef struct hz_sinks_options {
    const char *const *paths; /* the form goes by the suffix */
    size_t paths_count;
    const char *annotate; /* an xlsx for those who mend the data; NULL: none */
    bool annotate_all;    /* whole tables, where they fit a sheet */
    hz_split split;
    hz_division_level level; /* of HZ_SPLIT_REGION: province to village */
    hz_lang lang;
    bool reveal;
    const char *temp;      /* folder for what is put aside meanwhile; NULL: TMPDIR, else /tmp */
    uint64_t memory_bytes; /* of that; 0: 64 MiB */
    hz_found_tap tap;      /* beside the files; NULL: nobody */
    void *tap_ctx;
    hz_found_reason reason; /* what files show as `reason`; NULL: nothing */
    const void *reason_ctx;
} hz_sinks_options;

typedef struct hz_sinks hz_sinks;

/* Whether a form has this path's suffix; else HZ_E_USAGE with those there are. HZ_E_USAGE too for one not built in. */
HZ_NODISCARD hz_status hz_sinks_path_known(const char *path, hz_error *err);
HZ_NODISCARD hz_status hz_sinks_annotate_known(const char *path, hz_error *err);
/* Opens every file: HZ_E_IO when one cannot be written. What options point at must live until close. */
HZ_NODISCARD hz_status hz_sinks_open(hz_sinks **out, const hz_sinks_options *options, hz_error *err);
void hz_sinks_close(hz_sinks *sinks); /* takes NULL */

/* The run's figures are known. */
HZ_NODISCARD hz_status hz_sinks_begin(hz_sinks *sinks, const hz_result *result, hz_error *err);
/* What the sinks want to be told. */
bool hz_sinks_want_rows(const hz_sinks *sinks);                                   /* findings with their row */
bool hz_sinks_want_all_rows(const hz_sinks *sinks, const hz_result_table *table); /* those without findings too */
bool hz_sinks_want_related(const hz_sinks *sinks);  /* the records behind relations that findings name */
bool hz_sinks_want_findings(const hz_sinks *sinks); /* hz_sinks_put; lines alone are not enough */

/* Forms that are lines. Any thread makes the lines of its findings, one buffer a form; they are written in order. */
typedef struct hz_lines hz_lines;
HZ_NODISCARD hz_status hz_lines_new(hz_lines **out, const hz_sinks *sinks, hz_error *err);
void hz_lines_free(hz_lines *lines); /* takes NULL */
HZ_NODISCARD hz_status hz_lines_add(hz_lines *lines, const hz_found *found, hz_error *err);
size_t hz_lines_bytes(const hz_lines *lines);

/* Hand over, in order, one thread at a time: the lines (which are empty then), and the findings for all other forms. */
HZ_NODISCARD hz_status hz_sinks_lines(hz_sinks *sinks, hz_lines *lines, hz_error *err);
HZ_NODISCARD hz_status hz_sinks_put(hz_sinks *sinks, const hz_found *found, hz_error *err);
/* A row, after its findings, if it has any. */
HZ_NODISCARD hz_status hz_sinks_row(hz_sinks *sinks, const hz_found_row *row, hz_error *err);

/* All were handed over: files are complete under their temporary names; then they are put in place. */
HZ_NODISCARD hz_status hz_sinks_finish(hz_sinks *sinks, hz_error *err);
HZ_NODISCARD hz_status hz_sinks_commit(hz_sinks *sinks, hz_error *err);
#endif
