/* pattern.h: one matcher for `matches` and a field's `pattern`: a whole value against a PCRE2 pattern.
 * Common shapes (fixed-length digits, character classes with {m,n}, literals, alternatives of these) are recognised and
 * need no regex engine; the rest is PCRE2 with JIT and match, depth and heap limits. Both ways give the same answers,
 * and a limit hit is the same with and without JIT. What is recognised never comes to a limit. */
#ifndef HZ_EVAL_PATTERN_H
#define HZ_EVAL_PATTERN_H
#include "base/limits.h"
#include "base/slice.h"

typedef struct hz_pattern hz_pattern; /* immutable, shared by threads */

/* text: the pattern as written, without anchors (the whole value must match). code: the pcre2_code compiled at load
 * (borrowed). plain: test hook, never recognise. */
HZ_NODISCARD hz_status hz_pattern_new(hz_pattern **out, hz_slice text, const void *code, const hz_limits *limits,
                                      bool plain, hz_error *err);
void hz_pattern_free(hz_pattern *pattern);
/* Scratch for PCRE2, one a thread; NULL is made on first use and freed with hz_pattern_scratch_free. */
typedef struct hz_pattern_scratch hz_pattern_scratch;
void hz_pattern_scratch_free(hz_pattern_scratch *scratch);
/* *matches for one value. HZ_E_LIMIT names the limit. A value that is not UTF-8 matches nothing. */
HZ_NODISCARD hz_status hz_pattern_match(bool *matches, const hz_pattern *pattern, hz_pattern_scratch **scratch,
                                        hz_slice value, hz_error *err);
/* The same for a column: bit i of `failed` is set where bit i of `applied` is and value i does not match; other bits
 * are 0. Both have hz_bits_words(count) words and may not be the same array. Faster than one by one. */
HZ_NODISCARD hz_status hz_pattern_match_many(uint64_t *failed, const hz_pattern *pattern, hz_pattern_scratch **scratch,
                                             const hz_slice *values, const uint64_t *applied, size_t count,
                                             hz_error *err);

typedef enum hz_pattern_method {
    HZ_PATTERN_FIXED,     /* one length, a set of ASCII characters for each place */
    HZ_PATTERN_AUTOMATON, /* any other pattern that is recognised */
    HZ_PATTERN_PCRE2
} hz_pattern_method;
/* How it is matched, for --explain-plan and tests. */
hz_pattern_method hz_pattern_method_of(const hz_pattern *pattern);
/* PCRE2 only: the longest value in bytes that JIT may take (pattern.c says why); 0: none. */
size_t hz_pattern_jit_bytes_max(const hz_pattern *pattern);
#endif
