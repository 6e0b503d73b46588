/* field.h: the cells of one field over one batch: missing or present, read to its type, and held to its own
 * constraints. One hz_field_reader a field and thread. Order of constraints: characters, type, codes, items, pattern,
 * length, range; a value that fails one is not applicable to the later ones.
 *
 * A cell is folded (width first, then case: Unicode simple mapping to lower case), then trimmed (U+0020, tab, U+00A0,
 * U+3000 at both ends), then held against the table's nulls: equal to one, it is missing, and so is its raw text.
 * `many` cuts what is left at every separator; with `trim` each item is trimmed too; an item is never missing; an empty
 * cell is missing whatever the nulls. Integers are those of 64 bits. `names: true`: the value is the code (a code goes
 * before a name), and pattern and length look at it; for types that are not text they look at the cell after fold and
 * trim. Each item of an array is checked by itself; a row fails when one of its items does. */
#ifndef HZ_EVAL_FIELD_H
#define HZ_EVAL_FIELD_H
#include "validator/eval/eval.h"

typedef struct hz_field_reader hz_field_reader;

/* With `which`: the typed value is not wanted. When no constraint is asked for either, only `raw` is filled (value.type
 * is HZ_TYPE_NULL). */
#define HZ_FIELD_NO_VALUE (1U << 31)
/* With `which`: never more than one row at a time, so that little memory is taken. */
#define HZ_FIELD_ONE_ROW (1U << 30)

/* All arrays have rows_count values or bits and are borrowed until the next read or free. */
typedef struct hz_field_column {
    hz_vec raw;           /* TEXT: as submitted; valid = not one of the table's nulls */
    const hz_slice *text; /* the cells after fold and trim; of missing or invalid values too */
    /* typed; invalid where the text is not of the type or no code, whichever constraint says so (an item's failure
     * makes the whole array invalid) */
    hz_vec value;
    /* For each constraint that the field has (HZ_RULE_CHARACTERS, TYPE, CODES, ITEMS, PATTERN, LENGTH, RANGE): rows it
     * applied to, and rows that failed (among them). NULL where the field has no such constraint or it was not asked
     * for. ITEMS: every field with `many`. */
    const uint64_t *applied[HZ_RULE_KIND_COUNT];
    const uint64_t *failed[HZ_RULE_KIND_COUNT];
    /* RANGE only: rows where a bound is NULL and the other does not fail (undetermined; among `applied`); NULL array
     * when no bound is NULL */
    const uint64_t *undetermined[HZ_RULE_KIND_COUNT];
    const uint8_t *reasons; /* per row where `.type` failed: hz_semtype_reason (of the first type listed; with `many` of
                             the first item that failed); NULL for other types */
} hz_field_column;

/* `which`: bit per hz_rule_kind to check; a constraint not asked for is not evaluated, but TYPE and CODES always are
 * when `value` is wanted. A bound that reads `as_of` when the run has none: the range is not checked (the engine skips
 * the rule), its arrays are NULL. Field, its table, env and what they point at are borrowed until free. Memory is taken
 * here; reading takes more only for folded text and for items. The table's `region` etc. are not its business. */
HZ_NODISCARD hz_status hz_field_reader_new(hz_field_reader **out, const hz_field *field, const hz_eval_env *env,
                                           unsigned which, hz_error *err);
void hz_field_reader_free(hz_field_reader *reader);
/* cells: rows_count slices (NULL: the column is absent from the source: every value NULL). HZ_E_LIMIT as
 * hz_program_run. */
HZ_NODISCARD hz_status hz_field_read(const hz_field_column **out, hz_field_reader *reader, const hz_slice *cells,
                                     uint32_t rows_count, hz_error *err);
#endif
