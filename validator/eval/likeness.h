/* likeness.h: how alike two values are, from 0 to 1, as `similar` compares them (docs/language.md, Similar records).
 *
 *   edit     1 - d / n: d the fewest characters inserted, removed or replaced and neighbours swapped (no part is
 *            changed twice), n the characters of the longer text
 *   name_zh  the same without blanks and middle dots, where one character for another of the same sound (pinyin without
 *            tones, by ICU) costs a fifth
 *   date     as edit over the digits YYYYMMDD; of timestamps over YYYYMMDDHHMMSS
 *   number   1 - |a - b| / max(|a|, |b|), at least 0
 *   equal    1 or 0
 *
 * Exact fractions in 20 digits, rounded half to even. A text of more than HZ_LIKE_CHARS_MAX characters is like its
 * equal only. */
#ifndef HZ_EVAL_LIKENESS_H
#define HZ_EVAL_LIKENESS_H
#include "base/buf.h"
#include "base/decimal.h"
#include "validator/eval/eval.h"

enum { HZ_LIKE_CHARS_MAX = 255 };

typedef enum hz_like_by { HZ_LIKE_NAME_ZH, HZ_LIKE_EDIT, HZ_LIKE_DATE, HZ_LIKE_NUMBER, HZ_LIKE_EQUAL } hz_like_by;
/* The word of a profile; the loader lets no other through. */
hz_like_by hz_like_by_of(hz_slice word);
/* The optional part that it needs and that is not built in, else NULL. */
const char *hz_like_missing_part(hz_like_by by);

/* The value of a row (present) as hz_like_values reads it: text; characters of a name, each with its sound; digits of a
 * day; a decimal; key bytes. */
HZ_NODISCARD hz_status hz_like_put(hz_buf *out, hz_like_by by, const hz_vec *vec, size_t row, hz_eval *eval,
                                   hz_error *err);
/* Below least_like the answer may be anything below it: less work. 0: exact whatever it is. */
hz_decimal hz_like_values(hz_like_by by, hz_slice a, hz_slice b, double least_like);

/* Pinyin without tone of one character as a number; 0: it has none. Equal numbers are equal sounds. */
HZ_NODISCARD hz_status hz_eval_sound(uint32_t *out, hz_eval *eval, uint32_t c, hz_error *err);
#endif
