#include "profiles/schema.h"

#include "base/alloc.h"
#include "base/utf8.h"

const hz_schema_key hz_schema_keys[HZ_KEY_COUNT] = {
#define HZ_PLACE(id, name)
#define HZ_KEY(place, id, name, shape, inner, required, words, says)                                                   \
    [HZ_KEY_##place##_##id] = {name, HZ_PLACE_##place, HZ_PLACE_##inner, HZ_SHAPE_##shape, required, words, says},
#include "profiles/keys.def"
#undef HZ_PLACE
#undef HZ_KEY
};

static const struct {
    const char *name;
    int first;
} places[HZ_PLACE_COUNT + 1] = {
#define HZ_PLACE(id, name) [HZ_PLACE_##id] = {name, HZ_KEYS_BEGIN_##id},
#define HZ_KEY(place, id, name, shape, inner, required, words, says)
#include "profiles/keys.def"
#undef HZ_PLACE
#undef HZ_KEY
    [HZ_PLACE_COUNT] = {"", HZ_KEY_COUNT},
};

static const char *const shape_names[HZ_SHAPE_COUNT] = {
    "TEXT",      "TEXTS",  "TEXT2",   "BOOL",     "WHOLE",    "DECIMAL", "DAY",   "WORD",     "WORDS",
    "EXPR",      "EXPRS",  "MAP",     "MAPS",     "MAP_LIST", "CLAUSE",  "CODES", "CODE_MAP", "PAIRS",
    "NORMALIZE", "BLOCKS", "COMPARE", "TEXT_MAP", "CODES_OF", "CASES",   "KEYS",
};

enum { WHOLE_DIGITS_MAX = 15 };

const char *hz_place_name(hz_place place)
{
    return places[place].name;
}

const char *hz_shape_name(hz_shape shape)
{
    return shape_names[shape];
}

hz_key hz_place_first(hz_place place)
{
    return (hz_key)places[place].first;
}

size_t hz_place_count(hz_place place)
{
    return (size_t)(places[place + 1].first - places[place].first);
}

void hz_schema_unknown(hz_diags *diags, hz_span span, hz_msg_id message, hz_slice name, const hz_slice *names,
                       size_t count, hz_slice where)
{
    hz_slice near = hz_nearest(name, names, count);
    hz_diags_add(
        diags, HZ_DIAG_ERROR, span, near.len ? HZ_MSG_PROFILE_NEAREST : HZ_MSG_NONE,
        HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}), HZ_S(name), HZ_S(near), HZ_S(where)));
}

/* Splits off the first of words. */
static hz_slice next_word(const char **words)
{
    size_t len = strcspn(*words, " ");
    hz_slice word = {*words, len};
    *words += len + ((*words)[len] == ' ');
    return word;
}

int hz_word_index(const char *words, hz_slice word)
{
    for (int i = 0; *words; i++)
        if (hz_slice_eq(next_word(&words), word))
            return i;
    return -1;
}

bool hz_read_day(int32_t *days, hz_slice text)
{
    hz_time_format iso;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    int64_t value;
    if (!hz_time_parse(&value, &iso, text))
        return false;
    *days = (int32_t)value;
    return true;
}

static bool read_whole(int64_t *out, hz_slice text)
{
    int64_t value = 0;
    if (text.len == 0 || text.len > WHOLE_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (text.ptr[i] - '0');
    }
    *out = value;
    return true;
}

static bool read_decimal(hz_decimal *out, hz_slice text)
{
    return hz_decimal_parse(out, text) && out->coef >= 0;
}

/* The caret goes under a scalar; for a collection see yaml.h. */
static bool expected(hz_diags *diags, const hz_yaml *value, hz_msg_id message)
{
    hz_diags_add(
        diags, HZ_DIAG_ERROR, value->span, HZ_MSG_NONE,
        HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, value->nothing ? HZ_MSG_SCHEMA_NOTHING : message, HZ_SLICE_NONE, 0, 0}),
                HZ_S(value->text)));
    return false;
}

static bool is_scalar(const hz_yaml *value, hz_diags *diags)
{
    return (value->kind == HZ_YAML_SCALAR && !value->nothing) || expected(diags, value, HZ_MSG_SCHEMA_TEXT);
}

static bool is_word(const hz_yaml *value, const char *words, hz_diags *diags)
{
    enum { WORDS_MAX = 12 };
    if (!is_scalar(value, diags))
        return false;
    if (hz_word_index(words, value->text) >= 0)
        return true;
    hz_slice names[WORDS_MAX];
    size_t count = 0;
    for (const char *at = words; *at && count < WORDS_MAX;)
        names[count++] = next_word(&at);
    hz_schema_unknown(diags, value->span, HZ_MSG_SCHEMA_WORD, value->text, names, count, hz_slice_of(words));
    return false;
}

/* A list of scalars, or one. */
static bool are_scalars(const hz_yaml *value, const char *words, hz_diags *diags)
{
    bool good = value->kind != HZ_YAML_MAP || expected(diags, value, HZ_MSG_SCHEMA_TEXTS);
    if (value->kind == HZ_YAML_SCALAR)
        return words ? is_word(value, words, diags) : is_scalar(value, diags);
    for (uint32_t i = 0; value->kind == HZ_YAML_LIST && i < value->count; i++)
        good &= words ? is_word(value->items[i], words, diags) : is_scalar(value->items[i], diags);
    return good;
}

static bool is_map(const hz_yaml *value, hz_diags *diags)
{
    return value->kind == HZ_YAML_MAP || expected(diags, value, HZ_MSG_SCHEMA_MAP);
}

static bool is_list(const hz_yaml *value, hz_diags *diags)
{
    return value->kind == HZ_YAML_LIST || expected(diags, value, HZ_MSG_SCHEMA_LIST);
}

static bool is_text2(const hz_yaml *value, hz_diags *diags)
{
    if (value->kind == HZ_YAML_LIST)
        return expected(diags, value, HZ_MSG_SCHEMA_TEXT2);
    if (value->kind == HZ_YAML_SCALAR)
        return is_scalar(value, diags);
    hz_keyed keyed;
    size_t errors = diags->errors_count;
    hz_schema_read(&keyed, HZ_PLACE_TEXT2, value, NULL, diags);
    return diags->errors_count == errors;
}

/* Each value of a map is a TEXT2, a scalar, a word or a map. */
static bool map_holds(const hz_yaml *value, bool (*holds)(const hz_yaml *, hz_diags *), hz_diags *diags)
{
    if (!is_map(value, diags))
        return false;
    bool good = true;
    for (uint32_t i = 0; i < value->count; i++)
        good &= holds(value->pairs[i].value, diags);
    return good;
}

static bool is_normalize(const hz_yaml *value, const char *words, hz_diags *diags)
{
    if (value->kind != HZ_YAML_MAP)
        return is_word(value, words, diags);
    bool good = true;
    for (uint32_t i = 0; i < value->count; i++)
        good &= is_word(value->pairs[i].value, words, diags);
    return good;
}

static bool list_holds(const hz_yaml *value, bool (*holds)(const hz_yaml *, hz_diags *), hz_diags *diags)
{
    if (!is_list(value, diags))
        return false;
    bool good = true;
    for (uint32_t i = 0; i < value->count; i++)
        good &= holds(value->items[i], diags);
    return good;
}

static bool is_block(const hz_yaml *value, hz_diags *diags)
{
    return are_scalars(value, NULL, diags);
}

static bool are_codes(const hz_yaml *value, hz_diags *diags)
{
    return map_holds(value, is_scalar, diags);
}

/* A cell of a test row; nothing stands for NULL. */
static bool is_cell(const hz_yaml *value, hz_diags *diags)
{
    return value->kind == HZ_YAML_SCALAR || expected(diags, value, HZ_MSG_SCHEMA_TEXT);
}

static bool is_row(const hz_yaml *value, hz_diags *diags)
{
    return map_holds(value, is_cell, diags);
}

static bool are_rows(const hz_yaml *value, hz_diags *diags)
{
    return value->kind == HZ_YAML_LIST ? list_holds(value, is_row, diags) : is_row(value, diags);
}

static bool is_case(const hz_yaml *value, hz_diags *diags)
{
    return map_holds(value, are_rows, diags);
}

static bool is_key(const hz_yaml *value, hz_diags *diags)
{
    return value->kind == HZ_YAML_MAP ? map_holds(value, is_scalar, diags) : is_scalar(value, diags);
}

static bool is_number(const hz_yaml *value, hz_shape shape, hz_diags *diags)
{
    int64_t whole;
    hz_decimal decimal;
    int32_t day;
    if (!is_scalar(value, diags))
        return false;
    switch (shape) {
    case HZ_SHAPE_BOOL:
        return hz_word_index("true false", value->text) >= 0 || expected(diags, value, HZ_MSG_SCHEMA_BOOL);
    case HZ_SHAPE_WHOLE:
        return read_whole(&whole, value->text) || expected(diags, value, HZ_MSG_SCHEMA_WHOLE);
    case HZ_SHAPE_DECIMAL:
        return read_decimal(&decimal, value->text) || expected(diags, value, HZ_MSG_SCHEMA_DECIMAL);
    default:
        return hz_read_day(&day, value->text) || expected(diags, value, HZ_MSG_SCHEMA_DAY);
    }
}

bool hz_schema_holds(const hz_yaml *value, hz_key key, hz_diags *diags)
{
    const char *words = hz_schema_keys[key].words;
    switch (hz_schema_keys[key].shape) {
    case HZ_SHAPE_TEXT:
    case HZ_SHAPE_EXPR:
        return is_scalar(value, diags);
    case HZ_SHAPE_TEXTS:
    case HZ_SHAPE_EXPRS:
        return are_scalars(value, NULL, diags);
    case HZ_SHAPE_WORD:
        return is_word(value, words, diags);
    case HZ_SHAPE_WORDS:
        return are_scalars(value, words, diags);
    case HZ_SHAPE_TEXT2:
        return is_text2(value, diags);
    case HZ_SHAPE_BOOL:
    case HZ_SHAPE_WHOLE:
    case HZ_SHAPE_DECIMAL:
    case HZ_SHAPE_DAY:
        return is_number(value, hz_schema_keys[key].shape, diags);
    case HZ_SHAPE_MAP:
    case HZ_SHAPE_MAPS:
        return is_map(value, diags);
    case HZ_SHAPE_COMPARE:
        return map_holds(value, is_map, diags);
    case HZ_SHAPE_MAP_LIST:
        return list_holds(value, is_map, diags);
    case HZ_SHAPE_CLAUSE:
        return value->kind == HZ_YAML_MAP || is_scalar(value, diags);
    case HZ_SHAPE_CODES:
        return value->kind == HZ_YAML_MAP ? map_holds(value, is_text2, diags) : is_scalar(value, diags);
    case HZ_SHAPE_CODE_MAP:
        return map_holds(value, is_text2, diags);
    case HZ_SHAPE_PAIRS:
        return value->kind == HZ_YAML_MAP ? map_holds(value, is_scalar, diags) : are_scalars(value, NULL, diags);
    case HZ_SHAPE_NORMALIZE:
        return is_normalize(value, words, diags);
    case HZ_SHAPE_TEXT_MAP:
        return map_holds(value, is_block, diags);
    case HZ_SHAPE_CODES_OF:
        return map_holds(value, are_codes, diags);
    case HZ_SHAPE_BLOCKS:
        return list_holds(value, is_block, diags);
    case HZ_SHAPE_CASES:
        return list_holds(value, is_case, diags);
    case HZ_SHAPE_KEYS:
        return list_holds(value, is_key, diags);
    case HZ_SHAPE_COUNT:
        break;
    }
    return false;
}

/* Between { } a comma ends plain text, and what follows it becomes a key without a value: that is what is told then. */
static void unknown_key(const hz_yaml *key, const hz_yaml *value, hz_place place, hz_diags *diags)
{
    if (value->nothing && value->span.offset == key->span.offset + key->span.len) {
        hz_diag_error(diags, key->span, HZ_MSG_SCHEMA_COMMA, HZ_M(SCHEMA_KEY), HZ_S(key->text));
        return;
    }
    hz_slice names[HZ_PLACE_KEYS_MAX];
    size_t count = hz_place_count(place);
    for (size_t i = 0; i < count; i++)
        names[i] = hz_slice_of(hz_schema_keys[(size_t)hz_place_first(place) + i].name);
    hz_schema_unknown(diags, key->span, HZ_MSG_SCHEMA_KEY, key->text, names, count, hz_slice_of(hz_place_name(place)));
}

void hz_schema_read(hz_keyed *out, hz_place place, const hz_yaml *node, const char *open_prefix, hz_diags *diags)
{
    *out = (hz_keyed){.place = place, .node = node};
    if (!is_map(node, diags))
        return;
    size_t first = (size_t)hz_place_first(place), count = hz_place_count(place);
    HZ_ASSERT(count <= HZ_PLACE_KEYS_MAX);
    for (uint32_t i = 0; i < node->count; i++) {
        const hz_yaml_pair *pair = &node->pairs[i];
        size_t at = 0;
        while (at < count && !hz_slice_is(pair->key->text, hz_schema_keys[first + at].name))
            at++;
        if (at < count) {
            out->keys[at] = pair->key;
            if (hz_schema_holds(pair->value, (hz_key)(first + at), diags))
                out->values[at] = pair->value;
        } else if (!hz_schema_is_extra(pair->key->text) &&
                   !(open_prefix && hz_slice_starts(pair->key->text, hz_slice_of(open_prefix)))) {
            unknown_key(pair->key, pair->value, place, diags);
        }
    }
    for (size_t at = 0; at < count; at++)
        if (hz_schema_keys[first + at].required && !out->keys[at])
            hz_diag_error(diags, node->span, HZ_MSG_NONE, HZ_M(SCHEMA_MISSING), HZ_Z(hz_schema_keys[first + at].name),
                          HZ_Z(hz_place_name(place)));
}

static size_t index_of(const hz_keyed *keyed, hz_key key)
{
    HZ_ASSERT(hz_schema_keys[key].place == keyed->place);
    return (size_t)key - (size_t)hz_place_first(keyed->place);
}

const hz_yaml *hz_keyed_key(const hz_keyed *keyed, hz_key key)
{
    return keyed->keys[index_of(keyed, key)];
}

const hz_yaml *hz_keyed_value(const hz_keyed *keyed, hz_key key)
{
    return keyed->values[index_of(keyed, key)];
}

hz_span hz_keyed_span(const hz_keyed *keyed, hz_key key)
{
    const hz_yaml *node = keyed->keys[index_of(keyed, key)];
    return node ? node->span : keyed->node->span;
}

hz_slice hz_keyed_text(const hz_keyed *keyed, hz_key key)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    return value && value->kind == HZ_YAML_SCALAR ? value->text : HZ_SLICE_NONE;
}

bool hz_keyed_bool(const hz_keyed *keyed, hz_key key, bool otherwise)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    return value ? hz_slice_is(value->text, "true") : otherwise;
}

int64_t hz_keyed_whole(const hz_keyed *keyed, hz_key key, int64_t otherwise)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    int64_t whole;
    return value && read_whole(&whole, value->text) ? whole : otherwise;
}

bool hz_keyed_decimal(hz_decimal *out, const hz_keyed *keyed, hz_key key)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    hz_decimal decimal;
    if (!value || !read_decimal(&decimal, value->text))
        return false;
    *out = decimal;
    return true;
}

int32_t hz_keyed_day(const hz_keyed *keyed, hz_key key, int32_t otherwise)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    int32_t day;
    return value && hz_read_day(&day, value->text) ? day : otherwise;
}

int hz_keyed_word(const hz_keyed *keyed, hz_key key, int otherwise)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    return value ? hz_word_index(hz_schema_keys[key].words, value->text) : otherwise;
}

static bool has_cjk(hz_slice text)
{
    for (size_t at = 0; at < text.len;)
        if (hz_utf8_next(text, &at) >= 0x2e80)
            return true;
    return false;
}

hz_text2 hz_yaml_text2(const hz_yaml *value)
{
    if (!value || value->kind == HZ_YAML_LIST)
        return (hz_text2){HZ_SLICE_NONE, HZ_SLICE_NONE};
    if (value->kind == HZ_YAML_SCALAR)
        return has_cjk(value->text) ? (hz_text2){value->text, HZ_SLICE_NONE} : (hz_text2){HZ_SLICE_NONE, value->text};
    const hz_yaml *zh = hz_yaml_get(value, "zh"), *en = hz_yaml_get(value, "en");
    return (hz_text2){zh ? zh->text : HZ_SLICE_NONE, en ? en->text : HZ_SLICE_NONE};
}

hz_text2 hz_keyed_text2(const hz_keyed *keyed, hz_key key)
{
    return hz_yaml_text2(hz_keyed_value(keyed, key));
}

size_t hz_texts_count(const hz_yaml *value)
{
    return !value ? 0 : value->kind == HZ_YAML_LIST ? value->count : 1;
}

const hz_yaml *hz_texts_at(const hz_yaml *value, size_t index)
{
    return value->kind == HZ_YAML_LIST ? value->items[index] : value;
}

hz_status hz_texts_time_formats(hz_time_format *out, size_t *count, hz_time_kind kind, const hz_yaml *value,
                                hz_diags *diags, hz_error *err)
{
    for (size_t i = 0; i < hz_texts_count(value); i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        hz_error problem = {0};
        hz_status st = hz_time_format_compile(&out[*count], kind, item->text, &problem);
        if (st == HZ_E_NOMEM)
            return hz_nomem(err, 0);
        if (st == HZ_OK)
            ++*count;
        else
            hz_diag_error(diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_FORMAT), HZ_S(item->text));
    }
    return HZ_OK;
}
