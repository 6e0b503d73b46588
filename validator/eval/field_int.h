/* field_int.h: what the files of the field readers share.
 *   field.c              the reader: memory, fold, trim, nulls, order of constraints
 *   field_types.c        a loop a type: texts to typed values
 *   field_items.c        `many`: cutting into items, and from items back to rows
 *   field_constraints.c  length, range and its bounds
 * All bitmaps have bits past their count at 0. */
#ifndef HZ_EVAL_FIELD_INT_H
#define HZ_EVAL_FIELD_INT_H
#include "base/alloc.h"
#include "validator/eval/bytes_int.h"
#include "validator/eval/field.h"
#include "validator/eval/pattern.h"

/* A stretch of single values: the rows of a batch, or the items of all its rows. Arrays are owned by the reader; text
 * may be an alias. */
typedef struct hz_field_lane {
    const hz_slice *text;    /* after fold and trim */
    const uint64_t *present; /* not missing; items: all */
    uint32_t count;
    size_t capacity;  /* values that the arrays below hold; a multiple of 64 */
    uint64_t *good;   /* present and read; unused where no text can fail */
    uint64_t *bad;    /* present and not read; 0 where no text can fail */
    void *slots;      /* one typed value each, some value even where nothing was read; NULL: the text is the value */
    uint8_t *reasons; /* SEMANTIC: hz_semtype_reason where bad */
} hz_field_lane;

/* How a lane of this field is read. */
typedef enum hz_field_shape {
    HZ_SHAPE_OTHER,
    HZ_SHAPE_ISO_DATE,
    HZ_SHAPE_PLAIN_DATE,
    HZ_SHAPE_ISO_MONTH
} hz_field_shape;

enum { HZ_BOUND_SCALES = 8 };

typedef struct hz_field_bound {
    enum { HZ_BOUND_OPEN, HZ_BOUND_NULL, HZ_BOUND_VALUE } state;
    int64_t i64; /* INTEGER, DATE, TIMESTAMP, TIME, BOOLEAN; INT64_MIN / INT64_MAX when open */
    hz_decimal decimal;
    hz_int128 coefs[HZ_BOUND_SCALES]; /* DECIMAL: the bound among numbers of scale i, rounded into the range */
    int scales_count;                 /* of them that fit */
    hz_slice text;
    char *text_owned;
} hz_field_bound;

struct hz_field_reader {
    const hz_field *field;
    hz_type type; /* of a single value */
    bool wants_value, many;
    uint32_t rows_max; /* of a batch; a multiple of 64 */
    bool checks[HZ_RULE_KIND_COUNT]; /* asked for, and written in the field */
    int32_t day;                     /* as_of, or HZ_DAY_EVER */
    const hz_semtypes *semtypes;
    hz_semtype_options options;
    hz_field_shape *shapes; /* per format */

    uint64_t null_lengths; /* bit min(len, 63): a null of that length exists */
    bool null_is_empty;    /* "" and nothing else is a null */

    hz_slice *prepared; /* folded and trimmed cells */
    char *folded;
    size_t folded_capacity;

    hz_field_lane rows, items;
    hz_slice *item_text;
    size_t item_text_capacity;
    uint32_t *ends;
    uint64_t *item_applied, *item_failed, *item_present; /* one block, at item_applied */
    size_t item_bits_capacity;                           /* words of each */
    uint32_t *order;                                     /* distinct: items of one row in order */
    size_t order_capacity;

    hz_pattern *pattern;
    hz_pattern_scratch *scratch;
    hz_field_bound min, max;
    bool out_of_reach; /* RANGE: no value of the type lies between the bounds */

    uint64_t *words; /* all bitmaps of rows in one block */
    uint64_t *present, *none, *live, *undetermined;
    uint64_t *failed[HZ_RULE_KIND_COUNT], *applied[HZ_RULE_KIND_COUNT];
    hz_vec item_vec;
    hz_field_column column;
};

/* ---- field.c ---- */

/* Without U+0020, tab, U+00A0 and U+3000 at both ends. */
hz_slice hz_field_trim(hz_slice text);

/* ---- field_types.c ---- */

/* Whether texts of the field may fail to be a value, and bytes of one value in slots (0: none, the text is the value).
 */
bool hz_field_can_fail(const hz_field_reader *reader);
size_t hz_field_slot_bytes(const hz_field_reader *reader);
hz_field_shape hz_field_shape_of(const hz_time_format *format);
/* Fills good, bad, slots and reasons of a lane whose text, present and count are set and whose capacity is enough. */
void hz_field_read_lane(const hz_field_reader *reader, hz_field_lane *lane);
/* Makes room for `needed` values; what was in the arrays is lost. */
HZ_NODISCARD hz_status hz_field_lane_reserve(const hz_field_reader *reader, hz_field_lane *lane, size_t needed,
                                             hz_error *err);
void hz_field_lane_clear(hz_field_lane *lane);
/* The lane as a column. */
hz_vec hz_field_lane_vec(const hz_field_reader *reader, const hz_field_lane *lane);

/* ---- field_items.c ---- */

/* First memory for items. */
HZ_NODISCARD hz_status hz_field_items_reserve(hz_field_reader *reader, uint32_t count, hz_error *err);
/* Cuts rows' texts into reader->items, reads the items, and gives the rows their good, bad, reasons and the array's
 * ends. */
HZ_NODISCARD hz_status hz_field_read_items(hz_field_reader *reader, hz_error *err);
/* The items of the rows in `rows`, as bits in reader->item_applied. */
void hz_field_items_of(hz_field_reader *reader, const uint64_t *rows);
/* The rows that have an item in `items`. */
void hz_field_rows_of(const hz_field_reader *reader, uint64_t *rows, const uint64_t *items);
/* min_items, max_items, distinct. */
HZ_NODISCARD hz_status hz_field_check_items(hz_field_reader *reader, uint64_t *failed, const uint64_t *applied,
                                            hz_error *err);

/* ---- field_constraints.c ---- */

/* Evaluates min and max. */
HZ_NODISCARD hz_status hz_field_bounds(hz_field_reader *reader, const hz_eval_env *env, hz_error *err);
/* Each fills `failed` with the bits of `applied` whose value fails, over count values. */
void hz_field_check_length(const hz_field_reader *reader, uint64_t *failed, const uint64_t *applied,
                           const hz_slice *text, size_t count);
void hz_field_check_range(const hz_field_reader *reader, uint64_t *failed, const uint64_t *applied,
                          const hz_vec *values, size_t count);
/* Whether a bound is NULL, so that what did not fail is undetermined. */
static inline bool hz_field_bound_is_null(const hz_field_reader *reader)
{
    return reader->min.state == HZ_BOUND_NULL || reader->max.state == HZ_BOUND_NULL;
}
#endif
