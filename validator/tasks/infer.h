/* infer.h: a first draft of a profile from data: types, keys, code lists, ranges, patterns, references, and simple row
 * rules, each with how many rows speak for it. What all rows bear out becomes part of the profile, so that it lints
 * clean and the data passes; what nearly all do is a comment with its support and the first line against it.
 *
 * Two passes over each file, by several threads. Memory: a fixed account a column; hashes of columns that may be keys
 * go to piles under `memory_bytes`. The result depends on nothing but the data. Values that could be personal are shown
 * nowhere but as bounds of numbers and days, and as codes of short lists. */
#ifndef HZ_TASKS_INFER_H
#define HZ_TASKS_INFER_H
#include "base/buf.h"
#include "validator/source/source.h"

typedef struct hz_infer_options {
    const char *const *paths; /* a table each, called as the file is */
    size_t paths_count;
    const char *id; /* of the profile; NULL: draft.inferred */
    const hz_limits *limits;
    const hz_cancel *cancel; /* may be NULL */
    unsigned threads;        /* 0: the machine's */
    uint64_t memory_bytes;   /* 0: 256 MiB */
    const char *temp;        /* NULL: TMPDIR, else /tmp */
    hz_lang lang;            /* of comments */
} hz_infer_options;

/* Appends YAML. HZ_E_SOURCE: a file that cannot be read, has no columns, or a second table of one name. */
HZ_NODISCARD hz_status hz_infer(hz_buf *out, const hz_infer_options *options, hz_error *err);
#endif
