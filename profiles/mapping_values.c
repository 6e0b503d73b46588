/* mapping_values.c: codes, formats, units, factors and separators of a mapping. */
#include "base/alloc.h"
#include "profiles/mapping_int.h"

static bool is_number(const hz_field *field)
{
    return field->type == HZ_FIELD_INTEGER || field->type == HZ_FIELD_DECIMAL;
}

static bool is_one(hz_map_loader *ld, const hz_yaml *value)
{
    if (value->kind == HZ_YAML_SCALAR)
        return true;
    hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(MAPPING_ONE_VALUE));
    return false;
}

static void of_other_type(hz_map_loader *ld, const hz_yaml *name, const hz_field *field, hz_msg_id message)
{
    hz_buf type = HZ_BUF_INIT;
    hz_field_type_put(&type, field);
    hz_diags_add(ld->diags, HZ_DIAG_ERROR, name->span, HZ_MSG_NONE,
                 HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}), HZ_S(field->name),
                         HZ_S(hz_buf_slice(&type))));
    hz_buf_clear(&type);
}

/* ---- codes ---- */

static bool is_among(const hz_slice *texts, size_t count, hz_slice text)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(texts[i], text))
            return true;
    return false;
}

static void no_boolean(hz_map_loader *ld, const hz_field *field, const hz_yaml *value)
{
    hz_buf known = HZ_BUF_INIT;
    for (size_t i = 0; i < field->true_count + field->false_count; i++) {
        hz_buf_puts(&known, i ? " " : "");
        hz_buf_put(&known, i < field->true_count ? field->true_texts[i] : field->false_texts[i - field->true_count]);
    }
    hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(MAPPING_BOOLEAN), HZ_S(value->text), HZ_S(field->name),
                  HZ_S(hz_buf_slice(&known)));
    hz_buf_clear(&known);
}

static bool is_code(hz_map_loader *ld, const hz_field *field, const hz_yaml *value)
{
    const hz_codelist *list = field->codes;
    uint32_t row = hz_codelist_find(list, value->text, HZ_DAY_EVER);
    if (row != HZ_HTAB_NONE)
        return true;
    row = hz_codelist_find_name(list, value->text, HZ_DAY_EVER);
    if (row != HZ_HTAB_NONE && field->codes_names)
        return true;
    hz_slice id = field->codes_id.len ? field->codes_id : field->name;
    hz_diag_error(ld->diags, value->span, row != HZ_HTAB_NONE ? HZ_MSG_MAPPING_CODE_NAME : HZ_MSG_NONE,
                  HZ_M(MAPPING_CODE), HZ_S(value->text), HZ_S(id),
                  HZ_S(row != HZ_HTAB_NONE ? hz_codelist_at(list, row).code : HZ_SLICE_NONE));
    return false;
}

bool hz_map_is_value(hz_map_loader *ld, const hz_field *field, const hz_yaml *value)
{
    const hz_table *table = ld->table->table;
    if (is_among(table->nulls, table->nulls_count, value->text) || !value->text.len)
        return true;
    if (field->type == HZ_FIELD_CODES && field->codes && !field->many.len)
        return is_code(ld, field, value);
    if (field->type != HZ_FIELD_BOOLEAN || is_among(field->true_texts, field->true_count, value->text) ||
        is_among(field->false_texts, field->false_count, value->text))
        return true;
    no_boolean(ld, field, value);
    return false;
}

/* Values of a list are recoded one by one. */
static bool is_target(hz_map_loader *ld, const hz_field *field, const hz_yaml *value)
{
    return field->type == HZ_FIELD_CODES && field->codes && value->text.len ? is_code(ld, field, value)
                                                                            : hz_map_is_value(ld, field, value);
}

static hz_status read_codes(hz_map_loader *ld, const hz_yaml *name, const hz_yaml *map)
{
    hz_map_field *field;
    HZ_TRY(hz_map_target(&field, ld, name, false));
    if (!field)
        return HZ_OK;
    if (!map->count)
        hz_diag_error(ld->diags, map->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    HZ_TRY(HZ_MAP_ARRAY(ld, field->code_from, map->count));
    HZ_TRY(HZ_MAP_ARRAY(ld, field->code_to, map->count));
    HZ_TRY(HZ_MAP_ARRAY(ld, field->code_spans, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        uint32_t old;
        const hz_yaml *to = map->pairs[i].value;
        HZ_TRY(hz_names_add(&field->codes, map->pairs[i].key->text, i, &old, ld->err));
        field->code_from[i] = map->pairs[i].key->text;
        field->code_to[i] = to->text;
        field->code_spans[i] = to->span;
        field->codes_count++;
        (void)is_target(ld, field->field, to);
    }
    field->changes = field->converts = true;
    return HZ_OK;
}

/* ---- forms ---- */

static hz_status read_time_formats(hz_map_loader *ld, hz_map_field *field, const hz_yaml *value)
{
    hz_time_kind kind = (hz_time_kind)(field->field->type - HZ_FIELD_DATE);
    HZ_TRY(HZ_MAP_ARRAY(ld, field->formats, hz_texts_count(value)));
    return hz_texts_time_formats(field->formats, &field->formats_count, kind, value, ld->diags, ld->err);
}

static hz_status read_pictures(hz_map_loader *ld, hz_map_field *field, const hz_yaml *value)
{
    HZ_TRY(HZ_MAP_ARRAY(ld, field->pictures, hz_texts_count(value)));
    for (size_t i = 0; i < hz_texts_count(value); i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        if (hz_number_form_of(&field->pictures[field->pictures_count], item->text))
            field->pictures_count++;
        else
            hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(MAPPING_PICTURE), HZ_S(item->text));
    }
    return HZ_OK;
}

static hz_status read_formats(hz_map_loader *ld, const hz_yaml *name, const hz_yaml *value)
{
    hz_map_field *field;
    HZ_TRY(hz_map_target(&field, ld, name, false));
    if (!field)
        return HZ_OK;
    field->changes = field->converts = true;
    if (!hz_texts_count(value))
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    if (field->field->type >= HZ_FIELD_DATE && field->field->type <= HZ_FIELD_TIME)
        return read_time_formats(ld, field, value);
    if (is_number(field->field))
        return read_pictures(ld, field, value);
    of_other_type(ld, name, field->field, HZ_MSG_MAPPING_FORMAT_TYPE);
    return HZ_OK;
}

/* ---- units ---- */

static void no_unit(hz_map_loader *ld, const hz_field *field, const hz_yaml *value)
{
    if (!field->unit.len)
        hz_diag_error(ld->diags, value->span, HZ_MSG_MAPPING_UNIT_HOW, HZ_M(MAPPING_UNIT_NONE), HZ_S(field->name),
                      HZ_S(field->name));
    else if (!hz_unit_known(value->text))
        hz_diag_error(ld->diags, value->span, HZ_MSG_MAPPING_UNIT_HOW, HZ_M(MAPPING_UNIT), HZ_S(value->text),
                      HZ_S(field->name));
    else
        hz_diag_error(ld->diags, value->span, HZ_MSG_MAPPING_UNIT_HOW, HZ_M(MAPPING_UNIT_OTHER), HZ_S(value->text),
                      HZ_S(field->name), HZ_S(field->unit));
}

/* unit: a name; else a factor. */
static hz_status read_times(hz_map_loader *ld, const hz_yaml *name, const hz_yaml *value, bool unit)
{
    hz_map_field *field;
    HZ_TRY(hz_map_target(&field, ld, name, false));
    if (!field || !is_one(ld, value))
        return HZ_OK;
    if (!is_number(field->field)) {
        of_other_type(ld, name, field->field, HZ_MSG_MAPPING_NUMBER_TYPE);
    } else if (field->has_times) {
        hz_diag_error(ld->diags, name->span, HZ_MSG_NONE, HZ_M(MAPPING_UNIT_TWICE), HZ_S(field->field->name));
    } else if (unit) {
        field->has_times = hz_unit_times(&field->times, value->text, field->field->unit);
        if (!field->has_times)
            no_unit(ld, field->field, value);
    } else {
        field->has_times = hz_decimal_parse(&field->times, value->text) && field->times.coef > 0;
        if (!field->has_times)
            hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(MAPPING_TIMES), HZ_S(value->text));
    }
    field->changes = field->converts = true;
    return HZ_OK;
}

static hz_status read_separator(hz_map_loader *ld, const hz_yaml *name, const hz_yaml *value)
{
    hz_map_field *field;
    HZ_TRY(hz_map_target(&field, ld, name, false));
    if (!field || !is_one(ld, value))
        return HZ_OK;
    if (!field->field->many.len)
        hz_diag_error(ld->diags, name->span, HZ_MSG_NONE, HZ_M(MAPPING_SEPARATOR), HZ_S(field->field->name));
    else if (!value->text.len)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_MANY_EMPTY));
    field->separator = value->text;
    field->changes = field->converts = true;
    return HZ_OK;
}

hz_status hz_map_load_values(hz_map_loader *ld, const hz_keyed *keyed)
{
    const hz_yaml *map = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_CODES);
    for (uint32_t i = 0; map && i < map->count; i++)
        HZ_TRY(read_codes(ld, map->pairs[i].key, map->pairs[i].value));
    map = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_FORMATS);
    for (uint32_t i = 0; map && i < map->count; i++)
        HZ_TRY(read_formats(ld, map->pairs[i].key, map->pairs[i].value));
    map = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_UNITS);
    for (uint32_t i = 0; map && i < map->count; i++)
        HZ_TRY(read_times(ld, map->pairs[i].key, map->pairs[i].value, true));
    map = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_TIMES);
    for (uint32_t i = 0; map && i < map->count; i++)
        HZ_TRY(read_times(ld, map->pairs[i].key, map->pairs[i].value, false));
    map = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_SEPARATORS);
    for (uint32_t i = 0; map && i < map->count; i++)
        HZ_TRY(read_separator(ld, map->pairs[i].key, map->pairs[i].value));
    return HZ_OK;
}
