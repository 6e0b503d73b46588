/* split_int.h: --split-by: a file of one form for each region of a level, or each reporting unit, and an index of them.
 * Findings wait in piles, one a file, and files are written one after the other when all were handed over: however many
 * files there are, one is open at a time.
 *
 * findings.csv becomes findings.330106.csv … and findings.unknown.csv, for records without a division code that is in
 * force, and findings.csv.index.csv. Units have numbers in the order of their names (findings.unit-0001.csv): no text
 * of the data becomes a file's name. */
#ifndef HZ_REPORTS_FINDINGS_SPLIT_INT_H
#define HZ_REPORTS_FINDINGS_SPLIT_INT_H
#include "reports/findings/form_int.h"

typedef struct hz_split_files hz_split_files;

/* path, options and given must live until close. HZ_E_IO when files cannot be made where path is. */
HZ_NODISCARD hz_status hz_split_files_open(hz_split_files **out, const hz_form *form, const char *path,
                                           const hz_sinks_options *options, const hz_form_given *given, hz_error *err);
void hz_split_files_close(hz_split_files *files); /* takes NULL; takes away what was not committed */
HZ_NODISCARD hz_status hz_split_files_put(hz_split_files *files, const hz_found *found, hz_error *err);
/* Writes all files under their temporary names; then puts them in place. */
HZ_NODISCARD hz_status hz_split_files_finish(hz_split_files *files, hz_error *err);
HZ_NODISCARD hz_status hz_split_files_commit(hz_split_files *files, hz_error *err);
#endif
