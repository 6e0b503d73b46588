/* pattern_int.h: what pattern.c and pattern_dfa.c share: a pattern as a deterministic automaton over bytes. */
#ifndef HZ_EVAL_PATTERN_INT_H
#define HZ_EVAL_PATTERN_INT_H
#include "base/error.h"
#include "base/slice.h"

enum { HZ_DFA_DEAD = 0, HZ_DFA_START = 1 };

/* Immutable. States are numbered; DEAD has no way out. */
typedef struct hz_dfa {
    uint32_t states_count, classes_count;
    uint8_t class_of[256]; /* bytes that no state tells apart share a class */
    uint16_t *next;        /* [state * classes_count + class] */
    uint8_t *accepts;      /* per state: 1 when the value may end here */
    uint8_t *keeps;        /* per state: 1 when a character of hz_dfa_three leads back to it, whichever it is */
} hz_dfa;

/* Whether three bytes, the first the lowest, are a character of three bytes whose first byte leaves the second free:
 * U+1000 to U+CFFF and U+E000 to U+FFFF, nearly all of Chinese text. */
static inline bool hz_dfa_three(uint32_t bytes)
{
    uint32_t first = bytes & 0xff;
    return (bytes & 0xc0c0f0) == 0x8080e0 && first != 0xe0 && first != 0xed;
}

/* What the pattern's options say. */
typedef struct hz_dfa_options {
    bool ascii_escapes; /* \d \w \s speak of ASCII (no UCP) */
    bool dot_all;       /* . takes a line feed too */
    bool dot_known;     /* false: the newline convention is not LF, . is not recognised */
} hz_dfa_options;

/* Compiles a pattern that is regular in the strict sense: literals, classes, groups, alternatives, counted or optional
 * repeats of these, * and + of one character. *out is NULL when it is anything else or its automaton is too large: not
 * an error. */
HZ_NODISCARD hz_status hz_dfa_new(hz_dfa **out, hz_slice text, const hz_dfa_options *options, hz_error *err);
void hz_dfa_free(hz_dfa *dfa); /* takes NULL */
#endif
