/* schema.h: which keys stand where (keys.def), and a reader that holds a mapping to its place: unknown keys (with the
 * nearest name), keys that are missing, values of another shape or that are none of the allowed words. What it lets
 * through is of the shape that the table says, so the getters below cannot fail. Keys that begin with `x-` are left out
 * of every mapping whose keys are names of the profile language or of the profile's things. */
#ifndef HZ_PROFILES_SCHEMA_H
#define HZ_PROFILES_SCHEMA_H
#include "base/calendar.h"
#include "base/decimal.h"
#include "profiles/yaml.h"

typedef enum hz_shape {
    HZ_SHAPE_TEXT,      /* a scalar */
    HZ_SHAPE_TEXTS,     /* a list of scalars, or one scalar */
    HZ_SHAPE_TEXT2,     /* a scalar, or {zh, en} */
    HZ_SHAPE_BOOL,      /* true or false */
    HZ_SHAPE_WHOLE,     /* 0 … 10^15 */
    HZ_SHAPE_DECIMAL,   /* 0 or more, exact */
    HZ_SHAPE_DAY,       /* YYYY-MM-DD */
    HZ_SHAPE_WORD,      /* one of `words` */
    HZ_SHAPE_WORDS,     /* several of them, or one */
    HZ_SHAPE_EXPR,      /* a scalar */
    HZ_SHAPE_EXPRS,     /* a list of scalars, or one scalar */
    HZ_SHAPE_MAP,       /* a mapping with the keys of `inner` */
    HZ_SHAPE_MAPS,      /* names to such mappings */
    HZ_SHAPE_MAP_LIST,  /* a list of such mappings */
    HZ_SHAPE_CLAUSE,    /* a scalar, or a mapping with the keys of `inner` */
    HZ_SHAPE_CODES,     /* a scalar, or CODE_MAP */
    HZ_SHAPE_CODE_MAP,  /* codes to TEXT2 */
    HZ_SHAPE_PAIRS,     /* a scalar, a list of scalars, or scalars to scalars */
    HZ_SHAPE_NORMALIZE, /* a word, or scalars to words */
    HZ_SHAPE_BLOCKS,    /* a list of TEXTS */
    HZ_SHAPE_COMPARE,   /* scalars to mappings with the keys of `inner` */
    HZ_SHAPE_TEXT_MAP,  /* scalars to TEXTS */
    HZ_SHAPE_CODES_OF,  /* scalars to mappings of scalars to scalars */
    HZ_SHAPE_CASES,     /* a list of mappings: table to row, or list of rows; row: field to scalar */
    HZ_SHAPE_KEYS,      /* a list of scalars, or of mappings of scalars to scalars */
    HZ_SHAPE_COUNT
} hz_shape;

/* HZ_PLACE_PROFILE … and HZ_KEY_PROFILE_TITLE …; keys of one place follow each other. */
typedef enum hz_place {
#define HZ_PLACE(id, name) HZ_PLACE_##id,
#define HZ_KEY(place, id, name, shape, inner, required, words, says)
#include "profiles/keys.def"
#undef HZ_PLACE
#undef HZ_KEY
    HZ_PLACE_COUNT
} hz_place;
typedef enum hz_key {
/* clang-format off */
#define HZ_PLACE(id, name) \
    HZ_KEYS_BEGIN_##id, HZ_KEYS_BEFORE_##id = HZ_KEYS_BEGIN_##id - 1,
/* clang-format on */
#define HZ_KEY(place, id, name, shape, inner, required, words, says) HZ_KEY_##place##_##id,
#include "profiles/keys.def"
#undef HZ_PLACE
#undef HZ_KEY
    HZ_KEY_COUNT
} hz_key;

typedef struct hz_schema_key {
    const char *name;
    hz_place place, inner;
    hz_shape shape;
    bool required;
    const char *words; /* apart by one blank */
    const char *says;  /* English, for editors */
} hz_schema_key;

extern const hz_schema_key hz_schema_keys[HZ_KEY_COUNT];
const char *hz_place_name(hz_place place);
const char *hz_shape_name(hz_shape shape);
hz_key hz_place_first(hz_place place); /* its keys are [first, first + count) */
size_t hz_place_count(hz_place place);

enum { HZ_PLACE_KEYS_MAX = 48 };
/* A mapping read: value and key node by key; NULL where absent or wrong. */
typedef struct hz_keyed {
    hz_place place;
    const hz_yaml *node;
    const hz_yaml *keys[HZ_PLACE_KEYS_MAX], *values[HZ_PLACE_KEYS_MAX];
} hz_keyed;

/* Reads node, whose mistakes go to diags; a node that is no mapping gives no values. `open_prefix` (NULL: none): keys
 * that begin so are let through unread ("error_rate."). */
void hz_schema_read(hz_keyed *out, hz_place place, const hz_yaml *node, const char *open_prefix, hz_diags *diags);
/* Holds one value to a shape; false after a mistake. `key` gives words and inner. */
bool hz_schema_holds(const hz_yaml *value, hz_key key, hz_diags *diags);
/* Unknown name, with the nearest of `names` as a hint: message takes {0} the name, {1} the nearest, {2} `where`. */
void hz_schema_unknown(hz_diags *diags, hz_span span, hz_msg_id message, hz_slice name, const hz_slice *names,
                       size_t count, hz_slice where);
static inline bool hz_schema_is_extra(hz_slice key)
{
    return hz_slice_starts(key, HZ_SLICE_LIT("x-"));
}

/* The key's own node, or NULL when absent: there even when the value is wrong. */
const hz_yaml *hz_keyed_key(const hz_keyed *keyed, hz_key key);
/* The value of a key, or NULL; the span of the key itself (of the whole mapping when absent). */
const hz_yaml *hz_keyed_value(const hz_keyed *keyed, hz_key key);
hz_span hz_keyed_span(const hz_keyed *keyed, hz_key key);
/* Getters; the key may be absent. */
hz_slice hz_keyed_text(const hz_keyed *keyed, hz_key key); /* "" when absent */
bool hz_keyed_bool(const hz_keyed *keyed, hz_key key, bool otherwise);
int64_t hz_keyed_whole(const hz_keyed *keyed, hz_key key, int64_t otherwise);
bool hz_keyed_decimal(hz_decimal *out, const hz_keyed *keyed, hz_key key); /* false: absent, *out unchanged */
int32_t hz_keyed_day(const hz_keyed *keyed, hz_key key, int32_t otherwise);
int hz_keyed_word(const hz_keyed *keyed, hz_key key, int otherwise); /* index in words */
hz_text2 hz_keyed_text2(const hz_keyed *keyed, hz_key key);
hz_text2 hz_yaml_text2(const hz_yaml *value);
/* Index of word in words, or -1. */
int hz_word_index(const char *words, hz_slice word);
/* Scalars of a TEXTS, WORDS or EXPRS value: their count, and the one at index. NULL: 0. */
size_t hz_texts_count(const hz_yaml *value);
const hz_yaml *hz_texts_at(const hz_yaml *value, size_t index);
/* Forms of dates and times behind the *count that `out` has, which has room for all texts; one that is none is a
 * mistake at its place. HZ_E_NOMEM only. */
HZ_NODISCARD hz_status hz_texts_time_formats(hz_time_format *out, size_t *count, hz_time_kind kind,
                                             const hz_yaml *value, hz_diags *diags, hz_error *err);
/* "2020-12-31" to days. */
bool hz_read_day(int32_t *days, hz_slice text);
#endif
