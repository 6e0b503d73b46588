#include <limits.h>

#include "profiles/expr/pattern.h"
#include "profiles/load_int.h"

/* ---- types and their values ---- */

static const struct {
    const char *name;
    hz_field_type type;
    hz_type value_type;
} scalar_types[] = {
    {"text", HZ_FIELD_TEXT, HZ_TYPE_TEXT},
    {"integer", HZ_FIELD_INTEGER, HZ_TYPE_INTEGER},
    {"decimal", HZ_FIELD_DECIMAL, HZ_TYPE_DECIMAL},
    {"boolean", HZ_FIELD_BOOLEAN, HZ_TYPE_BOOLEAN},
    {"date", HZ_FIELD_DATE, HZ_TYPE_DATE},
    {"month", HZ_FIELD_MONTH, HZ_TYPE_DATE},
    {"datetime", HZ_FIELD_DATETIME, HZ_TYPE_TIMESTAMP},
    {"time", HZ_FIELD_TIME, HZ_TYPE_TIME},
};
enum { SCALAR_TYPES_COUNT = sizeof scalar_types / sizeof *scalar_types };

hz_type hz_load_value_type(hz_field_type type)
{
    for (size_t i = 0; i < SCALAR_TYPES_COUNT; i++)
        if (scalar_types[i].type == type)
            return scalar_types[i].value_type;
    return HZ_TYPE_TEXT;
}

/* "(12,2)": 1 to 38 digits, of which 0 to all behind the point. */
static bool read_precision(int *precision, int *scale, hz_slice text)
{
    int parts[2] = {0, 0}, part = 0, digits = 0;
    if (text.len < 5 || text.ptr[0] != '(' || text.ptr[text.len - 1] != ')')
        return false;
    for (size_t i = 1; i + 1 < text.len; i++) {
        char c = text.ptr[i];
        if (c == ',' && part == 0 && digits) {
            part = 1;
            digits = 0;
        } else if (c >= '0' && c <= '9' && digits < 2) {
            parts[part] = parts[part] * 10 + (c - '0');
            digits++;
        } else if (c != ' ' || (digits && part == 0)) {
            return false;
        }
    }
    *precision = parts[0];
    *scale = parts[1];
    return part == 1 && digits && parts[0] >= 1 && parts[0] <= HZ_DECIMAL_DIGITS_MAX && parts[1] <= parts[0];
}

bool hz_load_type(hz_field_type *type, int *precision, int *scale, hz_slice text)
{
    *precision = *scale = -1;
    for (size_t i = 0; i < SCALAR_TYPES_COUNT; i++) {
        if (hz_slice_is(text, scalar_types[i].name)) {
            *type = scalar_types[i].type;
            return true;
        }
    }
    *type = HZ_FIELD_DECIMAL;
    return hz_slice_starts(text, HZ_SLICE_LIT("decimal(")) &&
           read_precision(precision, scale, hz_slice_sub(text, 7, text.len));
}

static bool read_time(int64_t *out, hz_time_kind kind, hz_slice text)
{
    hz_time_format iso;
    hz_time_format_iso(&iso, kind);
    return hz_time_parse(out, &iso, text);
}

static bool read_number(hz_value *value, hz_type type, hz_slice text)
{
    hz_decimal number;
    if (!hz_decimal_parse(&number, text))
        return false;
    int64_t whole;
    bool is_whole = number.scale == 0 && hz_decimal_to_i64(&whole, number);
    if (type == HZ_TYPE_INTEGER && !is_whole)
        return false;
    value->type = is_whole ? HZ_TYPE_INTEGER : HZ_TYPE_DECIMAL;
    if (is_whole)
        value->as.i64 = whole;
    else
        value->as.decimal = number;
    return true;
}

bool hz_load_value(hz_value *value, hz_type type, bool month, hz_slice text)
{
    *value = (hz_value){.type = type, .valid = true};
    int64_t days;
    switch (type) {
    case HZ_TYPE_TEXT:
        value->as.text = text;
        return true;
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DECIMAL:
        return read_number(value, type, text);
    case HZ_TYPE_BOOLEAN:
        value->as.boolean = hz_slice_is(text, "true");
        return value->as.boolean || hz_slice_is(text, "false");
    case HZ_TYPE_DATE:
        return (month && read_time(&value->as.i64, HZ_TIME_MONTH, text)) ||
               read_time(&value->as.i64, HZ_TIME_DATE, text);
    case HZ_TYPE_TIME:
        return read_time(&value->as.i64, HZ_TIME_TIME, text);
    case HZ_TYPE_TIMESTAMP:
        if (read_time(&value->as.i64, HZ_TIME_DATETIME, text))
            return true;
        if (!read_time(&days, HZ_TIME_DATE, text))
            return false;
        value->as.i64 = days * HZ_MICROS_PER_DAY;
        return true;
    default:
        return false;
    }
}

/* ---- parameters ---- */

/* What a value of the type looks like, for messages. */
static hz_slice type_text(const hz_param *param, hz_slice written)
{
    return param->month ? HZ_SLICE_LIT("month") : written;
}

static int order(const hz_value *a, const hz_value *b)
{
    bool decimal = a->type == HZ_TYPE_DECIMAL || b->type == HZ_TYPE_DECIMAL;
    if (decimal) {
        hz_decimal x = a->type == HZ_TYPE_DECIMAL ? a->as.decimal : hz_decimal_of(a->as.i64);
        hz_decimal y = b->type == HZ_TYPE_DECIMAL ? b->as.decimal : hz_decimal_of(b->as.i64);
        return hz_decimal_cmp(x, y);
    }
    if (a->type == HZ_TYPE_TEXT)
        return hz_slice_cmp(a->as.text, b->as.text);
    if (a->type == HZ_TYPE_BOOLEAN)
        return (int)a->as.boolean - (int)b->as.boolean;
    return (a->as.i64 > b->as.i64) - (a->as.i64 < b->as.i64);
}

/* Digits before and behind the point of decimal(p,s). */
static bool fits(const hz_param *param, const hz_value *value)
{
    if (param->precision < 0 || param->type != HZ_TYPE_DECIMAL)
        return true;
    hz_decimal number = value->type == HZ_TYPE_DECIMAL ? value->as.decimal : hz_decimal_of(value->as.i64);
    hz_int128 top = 1;
    for (int i = 0; i < param->precision - param->scale + number.scale; i++) {
        if (i == HZ_DECIMAL_DIGITS_MAX)
            return number.scale <= param->scale;
        top *= 10;
    }
    return number.scale <= param->scale && number.coef < top && number.coef > -top;
}

static hz_msg_id read_param_value(hz_value *value, const hz_param *param, hz_slice text)
{
    if (!hz_load_value(value, param->type, param->month, text) || !fits(param, value))
        return HZ_MSG_PROFILE_PARAM_VALUE;
    if ((param->has_min && order(value, &param->min) < 0) || (param->has_max && order(value, &param->max) > 0))
        return HZ_MSG_PROFILE_PARAM_RANGE;
    return HZ_MSG_NONE;
}

static hz_slice param_type_name(const hz_param *param)
{
    for (size_t i = 0; i < SCALAR_TYPES_COUNT; i++)
        if (scalar_types[i].value_type == param->type && (scalar_types[i].type == HZ_FIELD_MONTH) == param->month)
            return hz_slice_of(scalar_types[i].name);
    return HZ_SLICE_LIT("text");
}

hz_status hz_param_read(hz_value *value, const hz_param *param, hz_slice text, hz_error *err)
{
    hz_msg_id problem = read_param_value(value, param, text);
    if (problem == HZ_MSG_NONE)
        return HZ_OK;
    *value = (hz_value){.type = param->type};
    const hz_arg args[] = {{HZ_ARG_MESSAGE, problem, HZ_SLICE_NONE, 0, 0},
                           HZ_S(param->name),
                           HZ_S(text),
                           HZ_S(type_text(param, param_type_name(param)))};
    return hz_error_set(err, HZ_E_USAGE, args, sizeof args / sizeof *args);
}

static bool param_value(hz_value *out, hz_loader *ld, const hz_param *param, const hz_keyed *keyed, hz_key key)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    if (!value)
        return false;
    hz_msg_id problem = read_param_value(out, param, value->text);
    if (problem == HZ_MSG_NONE)
        return true;
    hz_diags_add(ld->diags, HZ_DIAG_ERROR, value->span, HZ_MSG_NONE,
                 HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, problem, HZ_SLICE_NONE, 0, 0}), HZ_S(param->name), HZ_S(value->text),
                         HZ_S(param_type_name(param))));
    *out = (hz_value){.type = param->type};
    return false;
}

static void read_param(hz_param *param, hz_loader *ld, const hz_yaml_pair *pair)
{
    hz_keyed keyed;
    param->name = pair->key->text;
    param->span = pair->key->span;
    param->type = HZ_TYPE_TEXT;
    param->precision = param->scale = -1;
    hz_schema_read(&keyed, HZ_PLACE_PARAM, pair->value, NULL, ld->diags);
    const hz_yaml *type = hz_keyed_value(&keyed, HZ_KEY_PARAM_TYPE);
    hz_field_type field_type = HZ_FIELD_TEXT;
    if (type && !hz_load_type(&field_type, &param->precision, &param->scale, type->text)) {
        hz_slice names[SCALAR_TYPES_COUNT];
        for (size_t i = 0; i < SCALAR_TYPES_COUNT; i++)
            names[i] = hz_slice_of(scalar_types[i].name);
        hz_schema_unknown(ld->diags, type->span, HZ_MSG_PROFILE_PARAM_TYPE, type->text, names, SCALAR_TYPES_COUNT,
                          HZ_SLICE_NONE);
        return;
    }
    param->type = hz_load_value_type(field_type);
    param->month = field_type == HZ_FIELD_MONTH;
    param->unit = hz_keyed_text(&keyed, HZ_KEY_PARAM_UNIT);
    param->title = hz_keyed_text2(&keyed, HZ_KEY_PARAM_TITLE);
    param->description = hz_keyed_text2(&keyed, HZ_KEY_PARAM_DESCRIPTION);
    param->open = hz_keyed_bool(&keyed, HZ_KEY_PARAM_OPEN, false);
    param->verdicts = UINT32_C(1) << ld->profile->level;
    param->value.type = param->type;
    bool has_min = param_value(&param->min, ld, param, &keyed, HZ_KEY_PARAM_MIN);
    bool has_max = param_value(&param->max, ld, param, &keyed, HZ_KEY_PARAM_MAX);
    if (has_min && has_max && order(&param->min, &param->max) > 0) {
        hz_diag_error(ld->diags, hz_keyed_span(&keyed, HZ_KEY_PARAM_MIN), HZ_MSG_NONE, HZ_M(PROFILE_MIN_MAX),
                      HZ_Z("min"), HZ_Z("max"));
        return;
    }
    param->has_min = has_min;
    param->has_max = has_max;
    param_value(&param->value, ld, param, &keyed, HZ_KEY_PARAM_DEFAULT);
}

hz_status hz_load_params(hz_loader *ld, const hz_yaml *map)
{
    hz_profile *profile = ld->profile;
    size_t before = profile->params_count + profile->params_older_count;
    const hz_param *there = profile->params;
    if (!map)
        return HZ_OK;
    HZ_TRY(HZ_LOAD_ARRAY(ld, profile->params, before + map->count));
    if (before)
        memcpy(profile->params, there, before * sizeof *there);
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_yaml *key = map->pairs[i].key;
        if (hz_schema_is_extra(key->text) || !hz_load_is_name(ld, key))
            continue;
        hz_param *param = &profile->params[profile->params_count + profile->params_older_count];
        read_param(param, ld, &map->pairs[i]);
        if (!ld->older)
            profile->params_count++;
        else if (!hz_overlay_share_param(ld, param))
            profile->params_older_count++;
    }
    return hz_load_going(ld);
}

/* ---- small things that stand in many places ---- */

void hz_load_clause(hz_clause *out, hz_loader *ld, const hz_yaml *value)
{
    *out = (hz_clause){.present = value != NULL};
    if (!value)
        return;
    if (value->kind == HZ_YAML_SCALAR) {
        out->standard = value->text;
        return;
    }
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_CLAUSE, value, NULL, ld->diags);
    out->standard = hz_keyed_text(&keyed, HZ_KEY_CLAUSE_STANDARD);
    out->edition = hz_keyed_text(&keyed, HZ_KEY_CLAUSE_EDITION);
    out->section = hz_keyed_text(&keyed, HZ_KEY_CLAUSE_SECTION);
    out->url = hz_keyed_text(&keyed, HZ_KEY_CLAUSE_URL);
}

void hz_load_tolerance(hz_tolerance *out, hz_loader *ld, const hz_yaml *value)
{
    *out = (hz_tolerance){0};
    if (!value)
        return;
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_TOLERANCE, value, NULL, ld->diags);
    out->has_rate = hz_keyed_decimal(&out->rate, &keyed, HZ_KEY_TOLERANCE_RATE);
    out->has_count = hz_keyed_value(&keyed, HZ_KEY_TOLERANCE_COUNT) != NULL;
    out->count = hz_keyed_whole(&keyed, HZ_KEY_TOLERANCE_COUNT, 0);
    const hz_yaml *rate = hz_keyed_value(&keyed, HZ_KEY_TOLERANCE_RATE);
    if (rate && hz_decimal_cmp(out->rate, hz_decimal_of(1)) > 0)
        hz_diag_error(ld->diags, rate->span, HZ_MSG_NONE, HZ_M(PROFILE_SHARE), HZ_S(rate->text));
}

/* ---- patterns ---- */

static hz_status pattern_mistake(hz_loader *ld, const hz_yaml *scalar, const hz_pattern_mistake *mistake)
{
    hz_srcmap map;
    HZ_TRY(hz_yaml_srcmap(&map, scalar, ld->arena, ld->err));
    size_t at = mistake->offset < scalar->text.len ? mistake->offset : scalar->text.len;
    hz_diag_error(ld->diags, hz_srcmap_span(&map, at, at < scalar->text.len), HZ_MSG_NONE, HZ_M(PROFILE_PATTERN),
                  HZ_Z(mistake->text));
    return HZ_OK;
}

/* One pattern by itself: *out NULL after a mistake. */
static hz_status compile_pattern(void **out, hz_loader *ld, const hz_yaml *scalar, hz_slice text)
{
    uint64_t most = ld->limits->value[HZ_LIMIT_PATTERN_BYTES];
    hz_pattern_mistake mistake;
    *out = NULL;
    if (text.len > most) {
        hz_diag_error(ld->diags, scalar->span, HZ_MSG_NONE, HZ_M(LIMIT), HZ_Z(hz_limit_name(HZ_LIMIT_PATTERN_BYTES)),
                      HZ_U(most));
        return HZ_OK;
    }
    HZ_TRY(hz_pattern_compile(out, text, &mistake, ld->err));
    return *out ? hz_profile_keep_pattern(ld->profile, *out, ld->err) : pattern_mistake(ld, scalar, &mistake);
}

/* "(?=(?:one)\z)(?:two)": all in one, each over the whole value. Numbers of groups run on from one to the next, so that
 * a reference back would mean another group; each was compiled by itself, so its brackets are its own. */
static hz_status join_patterns(hz_slice *out, hz_loader *ld, const hz_yaml *value)
{
    hz_buf text = HZ_BUF_INIT;
    size_t count = hz_texts_count(value);
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(&text, i + 1 < count ? "(?=(?:" : "(?:");
        hz_buf_put(&text, hz_texts_at(value, i)->text);
        hz_buf_puts(&text, i + 1 < count ? ")\\z)" : ")");
    }
    hz_status st = hz_buf_status(&text, ld->err);
    if (st == HZ_OK && hz_arena_copy(out, ld->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(ld->err, text.len);
    hz_buf_clear(&text);
    return st;
}

/* Calls of groups, or of the whole, by number or name. */
static bool recurses(hz_slice text)
{
    for (size_t i = 0; i + 2 < text.len; i++) {
        char c = text.ptr[i + 2];
        bool called = text.ptr[i] == '(' && text.ptr[i + 1] == '?' &&
                      (c == 'R' || c == '&' || c == 'P' || c == '+' || (c >= '0' && c <= '9'));
        bool negative = text.ptr[i] == '(' && text.ptr[i + 1] == '?' && c == '-' && i + 3 < text.len &&
                        text.ptr[i + 3] >= '0' && text.ptr[i + 3] <= '9';
        if (called || negative || (text.ptr[i] == '\\' && text.ptr[i + 1] == 'g'))
            return true;
    }
    return false;
}

hz_status hz_load_patterns(hz_field *field, hz_loader *ld, const hz_yaml *value)
{
    void *pattern = NULL;
    bool good = true;
    size_t count = hz_texts_count(value);
    if (!value)
        return HZ_OK;
    HZ_TRY(hz_load_texts(&field->patterns, &field->patterns_count, ld, value, true));
    if (!count)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    for (size_t i = 0; i < count; i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        HZ_TRY(compile_pattern(&pattern, ld, item, item->text));
        if (pattern && count > 1 && ((i && hz_pattern_refers_back(pattern)) || recurses(item->text))) {
            hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_PATTERN_PART));
            pattern = NULL;
        }
        good &= pattern != NULL;
    }
    if (!good || !count)
        return HZ_OK;
    field->pattern_text = hz_texts_at(value, 0)->text;
    if (count > 1) {
        HZ_TRY(join_patterns(&field->pattern_text, ld, value));
        HZ_TRY(compile_pattern(&pattern, ld, value, field->pattern_text));
    }
    field->pattern = pattern;
    return HZ_OK;
}
