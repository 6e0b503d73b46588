/* plain.h: text that means one thing however it looks: which characters of a value are not as they should be, and the
 * value as it was meant.
 *
 * What is looked for, by the first character that has it:
 *   CONTROL    C0 and C1 characters, DEL, noncharacters; tabs and line ends too
 *   BLANK      a blank at the start or end; anywhere a blank that is not U+0020: U+00A0, U+1680, U+2000–200A, U+2028,
 *              U+2029, U+202F, U+205F, U+3000
 *   INVISIBLE  zero-width and format characters, marks of direction, byte order marks, fillers
 *   WIDTH      full-width digits and letters; full-width punctuation is Chinese as it should be
 *   LOOKALIKE  Cyrillic and Greek letters that look like Latin ones, in a stretch of ASCII with a letter or digit,
 *              all of whose other letters have such a twin; Kangxi radicals that stand for the character
 *   PRIVATE    private-use characters
 *   LOST       U+FFFD, what some program left of a character
 * Variation selectors are none of these: they are part of names.
 *
 * Text of ASCII or Han without any costs one look at its bytes. */
#ifndef HZ_BASE_PLAIN_H
#define HZ_BASE_PLAIN_H
#include "base/buf.h"
#include "base/slice.h"

typedef enum hz_unplain {
    HZ_PLAIN,
    HZ_UNPLAIN_CONTROL,
    HZ_UNPLAIN_BLANK,
    HZ_UNPLAIN_INVISIBLE,
    HZ_UNPLAIN_WIDTH,
    HZ_UNPLAIN_LOOKALIKE,
    HZ_UNPLAIN_PRIVATE,
    HZ_UNPLAIN_LOST,
    HZ_UNPLAIN_COUNT
} hz_unplain;

const char *hz_unplain_name(hz_unplain kind); /* "width" */
/* What the first such character is, and its byte offset; HZ_PLAIN: there is none, *at is text.len. */
hz_unplain hz_plain_find(size_t *at, hz_slice text);
/* Appends the text as it was meant: blanks and controls at both ends and invisible characters left out, blanks as
 * U+0020, the rest as its twin; the private-use characters of GB 18030-2005 that the 2022 edition assigns as that.
 * false: nobody can say what was meant (a control inside, a private or lost character); what was appended is to be
 * dropped. */
bool hz_plain_put(hz_buf *out, hz_slice text);
#endif
