/* submission.h: which file is which table. Archives are looked into: their members match as files do, by the whole name
 * in the archive or by its last part. A folder's files match by each table's `files` patterns ({a,b}, *, ?, [..]);
 * it is not descended into unless a pattern contains '/'. Patterns are matched by the name without .gz and .zst, and
 * by the whole name. A file named on the command line matches the same way by its
 * base name; --table says it outright. */
#ifndef HZ_ENGINE_SUBMISSION_H
#define HZ_ENGINE_SUBMISSION_H
#include "validator/engine/engine.h"

typedef struct hz_table_file {
    const hz_table *table;
    const char *path; /* to open; NULL: bytes */
    hz_slice bytes;
    const hz_spool *spool; /* its rows, where they were put aside; of `spools` */
    hz_slice member;       /* of the archive `path`; "": the file itself */
    hz_slice shown; /* relative to the folder given, else as given, of a member ARCHIVE/MEMBER; of bytes: TABLE.csv */
} hz_table_file;

typedef struct hz_submission {
    hz_table_file *files; /* by table index, then shown in bytewise order */
    size_t files_count;
    hz_slice *ignored; /* bytewise order */
    size_t ignored_count;
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
