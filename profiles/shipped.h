/* shipped.h: the profiles that come with the program, compiled in by profiles/embed_shipped.py, so that
 * `extends: [cn.base@1]` needs no path. */
#ifndef HZ_PROFILES_SHIPPED_H
#define HZ_PROFILES_SHIPPED_H
#include <stddef.h>

typedef struct hz_shipped_file {
    const char *path; /* "cn/base/profile.yaml"; bytewise order */
    const char *id;   /* of a profile; NULL: a data file */
    const char *text; /* UTF-8 */
    size_t len;
} hz_shipped_file;

extern const hz_shipped_file hz_shipped_files[];
extern const size_t hz_shipped_files_count;
#endif
