/* coverage.h: what a run did not check: columns that no rule reads, rows that could not be read, rules that did not run
 * or met no record, verdicts that could not be given. A section of every face: conformant must not read as good. */
#ifndef HZ_REPORTS_COVERAGE_H
#define HZ_REPORTS_COVERAGE_H
#include "reports/render.h"

/* The fields that some rule or measure that ran reads. Owned: hz_reads_clear. */
typedef struct hz_reads {
    bool *read;    /* tables one after the other */
    size_t *first; /* by table index: where its fields begin */
} hz_reads;
HZ_NODISCARD hz_status hz_reads_of(hz_reads *out, const hz_result *result, hz_error *err);
bool hz_reads_field(const hz_reads *reads, const hz_field *field);
void hz_reads_clear(hz_reads *reads);

/* Counts over the active and deprecated rules of a table, or of all; names as "table.column", joined by ", ", raw.
 * Owned: hz_coverage_clear. */
typedef struct hz_coverage {
    uint64_t bad_rows, undetermined; /* rows; verdicts */
    uint64_t undetermined_rules, idle_rules, skipped_rules, error_rules;
    uint64_t stopped_measures;               /* skipped or in error */
    hz_buf tables;                           /* that were not given */
    hz_buf unread, absent, unknown, ignored; /* columns without rule, that the data lacks, that the profile lacks; files
                                                of no table */
    hz_buf within, across; /* of a merged result: rules and measures judged within its parts; open across them */
} hz_coverage;
/* only: NULL for all tables; ignored files count with no single table. */
HZ_NODISCARD hz_status hz_coverage_of(hz_coverage *out, const hz_result *result, const hz_reads *reads,
                                      const hz_table *only, hz_error *err);
void hz_coverage_clear(hz_coverage *coverage);
enum { HZ_COVERAGE_LINES = 13 };
/* Appends what line `index` says; nothing where there is nothing to say. */
void hz_coverage_put(hz_buf *out, const hz_coverage *coverage, size_t index, hz_lang lang);
/* Skipped or ended in error. */
bool hz_stopped(hz_outcome outcome);
/* Whether no rule that ran reads this column of the data. */
bool hz_is_unread(const hz_result_column *column, const hz_reads *reads);
#endif
