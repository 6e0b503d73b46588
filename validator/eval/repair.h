/* repair.h: what was certainly meant by a text that a field does not take.
 *
 * A candidate is made by rules that lose nothing (base/plain.h; blanks inside numbers of persons, organisations and
 * cards, a mark before them that makes a spreadsheet take them for text; a final x, × or Ⅹ of a resident number; its 15
 * digits as 18; a date in another common form, or at midnight; zeros behind the last decimal; the name of a code). It
 * counts only when the field takes it: type, check digit, codes, pattern, length, range. So a check digit confirms what
 * was mended before it, and is never made up itself: with a wrong one nobody knows which digit is wrong.
 *
 * A date with day and month in each other's place is a hint: it may as well be a slip in one of them. */
#ifndef HZ_EVAL_REPAIR_H
#define HZ_EVAL_REPAIR_H
#include "validator/eval/field.h"

typedef enum hz_repair { HZ_REPAIR_NONE, HZ_REPAIR_CERTAIN, HZ_REPAIR_SWAPPED } hz_repair;

typedef struct hz_repairer hz_repairer;

/* One a field and thread. What is borrowed is as in hz_field_reader_new. */
HZ_NODISCARD hz_status hz_repairer_new(hz_repairer **out, const hz_field *field, const hz_eval_env *env, hz_error *err);
void hz_repairer_free(hz_repairer *repairer); /* takes NULL */
/* `text` as submitted, of a value that failed one of the field's constraints. *out is borrowed until the next call. */
HZ_NODISCARD hz_status hz_repairer_find(hz_repair *found, hz_slice *out, hz_repairer *repairer, hz_slice text,
                                        hz_error *err);
#endif
