/* embedded_int.h: the data files that are compiled in; made by embed.py from standards/data. Static storage. */
#ifndef HZ_STANDARDS_EMBEDDED_INT_H
#define HZ_STANDARDS_EMBEDDED_INT_H
#include <stddef.h>

typedef struct hz_embedded_file {
    const char *name;  /* "gbt3304_ethnic_groups.tsv" */
    const char *bytes; /* UTF-8, as the file has it, and a NUL behind */
    size_t len;
} hz_embedded_file;

extern const hz_embedded_file hz_embedded_files[]; /* bytewise by name */
extern const size_t hz_embedded_files_count;
#endif
