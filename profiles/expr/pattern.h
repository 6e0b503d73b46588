/* pattern.h: the one way to compile a regular expression: PCRE2 with UTF, over the whole value (anchored at both ends),
 * memory by base/alloc.h. Used for `matches` and for a field's `pattern`, so that both mean the same. No JIT here: who
 * runs the pattern decides. */
#ifndef HZ_PROFILES_EXPR_PATTERN_H
#define HZ_PROFILES_EXPR_PATTERN_H
#include "base/error.h"

typedef struct hz_pattern_mistake {
    size_t offset;     /* byte of the pattern */
    hz_msg_id message; /* what is wrong; {0} is `text` */
    char text[160];    /* PCRE2's own words, English, NUL-terminated */
} hz_pattern_mistake;

/* *out: a pcre2_code, owned (hz_profile_keep_pattern takes it over), or NULL with *mistake filled and HZ_OK when the
 * pattern is wrong. HZ_E_NOMEM. The caller checks HZ_LIMIT_PATTERN_BYTES. */
HZ_NODISCARD hz_status hz_pattern_compile(void **out, hz_slice pattern, hz_pattern_mistake *mistake, hz_error *err);

/* Whether the pattern (a pcre2_code) refers back to one of its groups. */
bool hz_pattern_refers_back(const void *pattern);
#endif
