/* submission.h: which file is which table. Archives are looked into: their members match as files do, by the whole name
 * in the archive or by its last part. A folder's files match by each table's `files` patterns ({a,b}, *, ?, [..]);
 * it is not descended into unless a pattern contains '/'. Patterns are matched by the name without .gz and .zst, and
 * by the whole name. A file named on the command line matches the same way by its
 * base name; --table says it outright.
 * With a manifest its files are the data, each as the table that it names (else by patterns); what it does not name is
 * not read. Of a file named on the command line the last part of its path is looked up in it. */
#ifndef HZ_ENGINE_SUBMISSION_H
#define HZ_ENGINE_SUBMISSION_H
#include "validator/engine/engine.h"

typedef struct hz_table_file {
    const hz_table *table;
    const char *path; /* to open; NULL: bytes */
    hz_slice bytes;
    const hz_spool *spool;          /* its rows, where they were put aside; of `spools` */
    hz_slice member;                /* of the archive `path`; "": the file itself */
    const hz_manifest_file *listed; /* the first of the manifest's that are this file; NULL: none */
    hz_slice shown; /* relative to the folder given, else as given, of a member ARCHIVE/MEMBER; of bytes: TABLE.csv */
} hz_table_file;

/* A file that was met, of a submission with a manifest. */
typedef struct hz_seen_file {
    hz_slice shown;
    const char *path;               /* to open: of a member, of its archive */
    const hz_manifest_file *listed; /* as of hz_table_file */
    bool fits;                      /* without the manifest it would be data */
} hz_seen_file;

typedef struct hz_submission {
    hz_table_file *files; /* by table index, then shown in bytewise order */
    size_t files_count;
    hz_slice *ignored; /* bytewise order */
    size_t ignored_count;
    hz_seen_file *seen; /* bytewise order of shown */
    size_t seen_count;
    hz_spool *spools; /* owned: hz_submission_clear */
} hz_submission;

void hz_submission_clear(hz_submission *submission);
/* Files that are no delimited text are read here, and their rows put aside; one may hold several tables (parts.h).
 * All else in arena. Of the inputs that are bytes only those of `period` count. A file that matches two tables, or is
 * named twice, is HZ_E_USAGE naming both. */
HZ_NODISCARD hz_status hz_submission_find(hz_submission *out, const hz_run_options *options, const hz_input *inputs,
                                          size_t inputs_count, uint32_t period, hz_arena *arena, hz_error *err);
/* The encoding of a table's files as --encoding, the mapping or the profile says it, into encoding_given and encoding.
 */
HZ_NODISCARD hz_status hz_submission_encoding(hz_source_options *out, const hz_run_options *options,
                                              const hz_table *table, hz_error *err);
/* The pattern language of `files`, on '/'-separated names; bytes, '?' takes one UTF-8 character. */
bool hz_glob_match(hz_slice pattern, hz_slice name);
#endif
