/* json_lex.h: the words of JSON (RFC 8259), cut out of bytes that may end in the middle of one: strings, numbers, and
 * true, false, null. What reads JSON stands on it: json_read.h, and the reader of submissions, whose window moves on.
 *
 * Every call takes *p, its place in [*p, stop), and moves it: behind the word; at the mistake; to `stop` where the word
 * goes on behind it (HZ_LEX_ENDS). Nothing is kept and nothing allocated. UTF-8 is not looked at: the caller does. */
#ifndef HZ_BASE_JSON_LEX_H
#define HZ_BASE_JSON_LEX_H
#include "base/slice.h"

typedef enum hz_lex {
    HZ_LEX_OK,
    HZ_LEX_ENDS,      /* the bytes end inside; a number that ends with them is OK, and may go on */
    HZ_LEX_CONTROL,   /* a control character in a string */
    HZ_LEX_ESCAPE,    /* no escape of JSON; *p at its backslash */
    HZ_LEX_SURROGATE, /* one half of a surrogate pair; *p at its backslash */
    HZ_LEX_NUMBER,    /* not as JSON writes numbers */
    HZ_LEX_WORD       /* none of the three words */
} hz_lex;

static inline bool hz_lex_is_blank(int byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* *p is behind the opening quote and goes behind the closing one; *out is what stands between. *escaped: it has
 * escapes, which nobody has looked at yet. */
hz_lex hz_lex_string(hz_slice *out, bool *escaped, const char **p, const char *stop);
/* The escapes of such a text resolved, into `to`, which has room for text.len bytes; *len is what was used. On a
 * mistake *wrong is its backslash. */
hz_lex hz_lex_unescape(size_t *len, char *to, hz_slice text, const char **wrong);
/* *p is at a digit or a minus. */
hz_lex hz_lex_number(hz_slice *out, const char **p, const char *stop);
/* true, false or null: which one its first letter says. */
hz_lex hz_lex_word(hz_slice *out, const char **p, const char *stop);
#endif
