/* suggest.h: a mapping proposed from data: which column of a system is which field of a profile, by names and by the
 * first rows' values (docs/mappings.md). What is said is said with its confidence and reason; what is not sure stands
 * commented out. Memory: the sampled cells, cut to 256 bytes, of at most 512 columns a file. The proposal depends on
 * nothing but the data, and loads. */
#ifndef HZ_TASKS_SUGGEST_H
#define HZ_TASKS_SUGGEST_H
#include "profiles/mapping.h"
#include "validator/source/source.h"

enum { HZ_SUGGEST_ROWS = 1000 };

typedef struct hz_suggest_options {
    const hz_profile *profile;
    hz_lists *lists;
    const char *const *paths; /* data files, and folders of them */
    size_t paths_count;
    const char *id; /* of the mapping; NULL: draft.mapping */
    const hz_limits *limits;
    const hz_cancel *cancel; /* may be NULL */
    const char *temp;        /* NULL: TMPDIR, else /tmp */
    hz_lang lang;            /* of comments */
} hz_suggest_options;

/* Appends YAML. HZ_E_SOURCE: no data, or a file that cannot be read. */
HZ_NODISCARD hz_status hz_suggest(hz_buf *out, const hz_suggest_options *options, hz_error *err);
#endif
