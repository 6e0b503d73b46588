#include "base/alloc.h"
#include "profiles/load_int.h"

static bool has_semtype(const hz_field *field, hz_semtype type)
{
    for (size_t i = 0; i < field->semtypes_count; i++)
        if (field->semtypes[i] == type)
            return true;
    return false;
}

/* ---- type ---- */

static void unknown_type(hz_loader *ld, const hz_yaml *item, bool semantic_only)
{
    static const char *const scalars[] = {"text", "integer", "decimal", "boolean", "date", "month", "datetime", "time"};
    enum { SCALARS = sizeof scalars / sizeof *scalars };
    hz_slice names[SCALARS + HZ_SEMTYPE_COUNT];
    size_t count = 0;
    for (int type = HZ_SEMTYPE_NONE + 1; type < HZ_SEMTYPE_COUNT; type++)
        names[count++] = hz_slice_of(hz_semtype_name((hz_semtype)type));
    for (size_t i = 0; i < SCALARS && !semantic_only; i++)
        names[count++] = hz_slice_of(scalars[i]);
    hz_schema_unknown(ld->diags, item->span, semantic_only ? HZ_MSG_PROFILE_TYPE_SEVERAL : HZ_MSG_PROFILE_TYPE,
                      item->text, names, count, HZ_SLICE_NONE);
}

/* Several types, or one semantic one. */
static void read_semtypes(hz_loader *ld, hz_field *field, const hz_yaml *value)
{
    size_t count = hz_texts_count(value);
    field->type = HZ_FIELD_SEMANTIC;
    for (size_t i = 0; i < count; i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        hz_semtype type = hz_semtype_of(item->text);
        if (type == HZ_SEMTYPE_NONE)
            unknown_type(ld, item, count > 1);
        else if (has_semtype(field, type))
            hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_TWICE), HZ_S(item->text));
        else
            field->semtypes[field->semtypes_count++] = type;
    }
    if (!count)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
}

static hz_status read_type(hz_loader *ld, hz_field *field, const hz_keyed *keyed)
{
    const hz_yaml *type = hz_keyed_value(keyed, HZ_KEY_FIELD_TYPE), *codes = hz_keyed_value(keyed, HZ_KEY_FIELD_CODES);
    field->type = HZ_FIELD_TEXT;
    field->precision = field->scale = -1;
    if (codes && type)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_FIELD_TYPE), HZ_MSG_NONE, HZ_M(PROFILE_NOT_WITH),
                      HZ_Z("type"), HZ_Z("codes"));
    field->codes_names = hz_keyed_bool(keyed, HZ_KEY_FIELD_NAMES, false);
    if (codes) {
        field->type = HZ_FIELD_CODES;
        HZ_TRY(hz_load_codes(&field->codes, &field->codes_id, ld, codes, field->codes_names));
    } else if (type) {
        bool one = hz_texts_count(type) == 1;
        if (!one || !hz_load_type(&field->type, &field->precision, &field->scale, hz_texts_at(type, 0)->text)) {
            field->precision = field->scale = -1;
            read_semtypes(ld, field, type);
        }
    }
    field->item_type = field->value_type = hz_load_value_type(field->type);
    return HZ_OK;
}

/* Keys that only some types take. */
static void check_type_keys(hz_loader *ld, const hz_field *field, const hz_keyed *keyed)
{
    bool division = has_semtype(field, HZ_SEMTYPE_DIVISION);
    bool timed = field->type >= HZ_FIELD_DATE && field->type <= HZ_FIELD_TIME;
    if (field->type != HZ_FIELD_CODES)
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_NAMES, "codes");
    if (field->type != HZ_FIELD_CODES && !division)
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_VALID, "codes, division");
    if (!division)
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_LEVEL, "division");
    if (!has_semtype(field, HZ_SEMTYPE_RESIDENT_ID))
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_ACCEPT, "resident_id");
    if (!timed)
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_FORMATS, "date, month, datetime, time");
    if (field->type != HZ_FIELD_BOOLEAN) {
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_TRUE, "boolean");
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_FALSE, "boolean");
    }
    static const hz_key of_text[] = {HZ_KEY_FIELD_PATTERN, HZ_KEY_FIELD_LENGTH, HZ_KEY_FIELD_MIN_LENGTH,
                                     HZ_KEY_FIELD_MAX_LENGTH};
    for (size_t i = 0; i < 4 && field->item_type != HZ_TYPE_TEXT; i++)
        hz_load_not_for(ld, keyed, of_text[i], "text");
    static const hz_key of_many[] = {HZ_KEY_FIELD_MIN_ITEMS, HZ_KEY_FIELD_MAX_ITEMS, HZ_KEY_FIELD_DISTINCT};
    for (size_t i = 0; i < 3 && !hz_keyed_value(keyed, HZ_KEY_FIELD_MANY); i++)
        hz_load_not_for(ld, keyed, of_many[i], "many");
    if (field->item_type == HZ_TYPE_TEXT || field->item_type == HZ_TYPE_BOOLEAN) {
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_MIN, "integer, decimal, date, month, datetime, time");
        hz_load_not_for(ld, keyed, HZ_KEY_FIELD_MAX, "integer, decimal, date, month, datetime, time");
    }
}

/* ---- spellings ---- */

static hz_status read_formats(hz_loader *ld, hz_field *field, const hz_yaml *value)
{
    if (field->type < HZ_FIELD_DATE || field->type > HZ_FIELD_TIME)
        return HZ_OK;
    hz_time_kind kind = (hz_time_kind)(field->type - HZ_FIELD_DATE);
    size_t count = hz_texts_count(value);
    HZ_TRY(HZ_LOAD_ARRAY(ld, field->formats, count ? count : 1));
    if (!count) {
        hz_time_format_iso(&field->formats[field->formats_count++], kind);
        if (value)
            hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    }
    return hz_texts_time_formats(field->formats, &field->formats_count, kind, value, ld->diags, ld->err);
}

static hz_status read_spellings(hz_slice **out, size_t *count, hz_loader *ld, const hz_yaml *value, hz_slice otherwise)
{
    HZ_TRY(hz_load_texts(out, count, ld, value, true));
    if (value && !*count)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    if (*count)
        return HZ_OK;
    HZ_TRY(HZ_LOAD_ARRAY(ld, *out, 1));
    **out = otherwise;
    *count = 1;
    return HZ_OK;
}

static hz_status read_booleans(hz_loader *ld, hz_field *field, const hz_keyed *keyed)
{
    if (field->type != HZ_FIELD_BOOLEAN)
        return HZ_OK;
    HZ_TRY(read_spellings(&field->true_texts, &field->true_count, ld, hz_keyed_value(keyed, HZ_KEY_FIELD_TRUE),
                          HZ_SLICE_LIT("1")));
    HZ_TRY(read_spellings(&field->false_texts, &field->false_count, ld, hz_keyed_value(keyed, HZ_KEY_FIELD_FALSE),
                          HZ_SLICE_LIT("0")));
    for (size_t i = 0; i < field->true_count; i++)
        for (size_t j = 0; j < field->false_count; j++)
            if (hz_slice_eq(field->true_texts[i], field->false_texts[j]))
                hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_FIELD_FALSE), HZ_MSG_NONE,
                              HZ_M(PROFILE_TRUE_FALSE), HZ_S(field->true_texts[i]));
    return HZ_OK;
}

static void read_many(hz_loader *ld, hz_field *field, const hz_keyed *keyed)
{
    const hz_yaml *value = hz_keyed_value(keyed, HZ_KEY_FIELD_MANY);
    field->min_items = hz_keyed_whole(keyed, HZ_KEY_FIELD_MIN_ITEMS, -1);
    field->max_items = hz_keyed_whole(keyed, HZ_KEY_FIELD_MAX_ITEMS, -1);
    field->distinct = hz_keyed_bool(keyed, HZ_KEY_FIELD_DISTINCT, false);
    if (field->max_items >= 0 && field->min_items > field->max_items)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_FIELD_MIN_ITEMS), HZ_MSG_NONE, HZ_M(PROFILE_MIN_MAX),
                      HZ_Z("min_items"), HZ_Z("max_items"));
    if (!value)
        return;
    field->value_type = HZ_TYPE_ARRAY;
    field->many = value->text;
    if (!value->text.len)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_MANY_EMPTY));
}

static void read_lengths(hz_loader *ld, hz_field *field, const hz_keyed *keyed)
{
    int64_t exact = hz_keyed_whole(keyed, HZ_KEY_FIELD_LENGTH, -1);
    field->min_length = hz_keyed_whole(keyed, HZ_KEY_FIELD_MIN_LENGTH, exact);
    field->max_length = hz_keyed_whole(keyed, HZ_KEY_FIELD_MAX_LENGTH, exact);
    if (exact >= 0 &&
        (hz_keyed_value(keyed, HZ_KEY_FIELD_MIN_LENGTH) || hz_keyed_value(keyed, HZ_KEY_FIELD_MAX_LENGTH)))
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_FIELD_LENGTH), HZ_MSG_NONE, HZ_M(PROFILE_NOT_WITH),
                      HZ_Z("length"), HZ_Z("min_length, max_length"));
    else if (field->max_length >= 0 && field->min_length > field->max_length)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_FIELD_MIN_LENGTH), HZ_MSG_NONE, HZ_M(PROFILE_MIN_MAX),
                      HZ_Z("min_length"), HZ_Z("max_length"));
}

/* ---- masking, security.md ---- */

static hz_mask mask_of_semtype(hz_semtype type)
{
    switch (type) {
    case HZ_SEMTYPE_MOBILE:
    case HZ_SEMTYPE_PHONE:
        return HZ_MASK_WHOLE;
    default:
        return HZ_MASK_ID;
    }
}

/* Of several types the strictest: WHOLE before ID. */
static hz_mask find_mask(const hz_field *field)
{
    bool personal = field->sensitivity == HZ_SENSITIVITY_PERSONAL;
    hz_mask mask = HZ_MASK_NONE;
    for (size_t i = 0; i < field->semtypes_count; i++) {
        personal |= field->sensitivity == HZ_SENSITIVITY_DEFAULT && hz_semtype_is_personal(field->semtypes[i]);
        hz_mask of_type = mask_of_semtype(field->semtypes[i]);
        mask = of_type > mask ? of_type : mask;
    }
    if (!personal)
        return HZ_MASK_NONE;
    switch (field->type) {
    case HZ_FIELD_SEMANTIC:
        return mask;
    case HZ_FIELD_TEXT:
        return HZ_MASK_NAME;
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
    case HZ_FIELD_DATETIME:
        return HZ_MASK_DATE;
    default:
        return HZ_MASK_WHOLE;
    }
}

/* ---- a field ---- */

static void read_folds(hz_field *field, const hz_keyed *keyed)
{
    const hz_yaml *fold = hz_keyed_value(keyed, HZ_KEY_FIELD_FOLD);
    for (size_t i = 0; i < hz_texts_count(fold); i++) {
        field->fold_width |= hz_slice_is(hz_texts_at(fold, i)->text, "width");
        field->fold_case |= hz_slice_is(hz_texts_at(fold, i)->text, "case");
    }
    field->trim = hz_keyed_bool(keyed, HZ_KEY_FIELD_TRIM, false);
    field->plain = hz_keyed_word(keyed, HZ_KEY_FIELD_CHARACTERS, field->table->plain) == 1;
}

static void read_words(hz_field *field, const hz_keyed *keyed)
{
    field->codes_valid_ever = hz_keyed_word(keyed, HZ_KEY_FIELD_VALID, 0) == 1;
    field->accept_15 = hz_texts_count(hz_keyed_value(keyed, HZ_KEY_FIELD_ACCEPT)) > 0;
    field->level = (hz_division_level)(hz_keyed_word(keyed, HZ_KEY_FIELD_LEVEL, -1) + 1);
    int sensitivity = hz_keyed_word(keyed, HZ_KEY_FIELD_SENSITIVITY, -1);
    field->sensitivity = sensitivity < 0 ? HZ_SENSITIVITY_DEFAULT
                         : sensitivity   ? HZ_SENSITIVITY_NONE
                                         : HZ_SENSITIVITY_PERSONAL;
    field->unit = hz_keyed_text(keyed, HZ_KEY_FIELD_UNIT);
    field->open = hz_keyed_bool(keyed, HZ_KEY_FIELD_OPEN, false);
    field->title = hz_keyed_text2(keyed, HZ_KEY_FIELD_TITLE);
    field->description = hz_keyed_text2(keyed, HZ_KEY_FIELD_DESCRIPTION);
}

hz_status hz_load_one_field(hz_loader *ld, hz_field *field, const hz_yaml *value)
{
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_FIELD, value, NULL, ld->diags);
    HZ_TRY(read_type(ld, field, &keyed));
    check_type_keys(ld, field, &keyed);
    read_words(field, &keyed);
    read_folds(field, &keyed);
    HZ_TRY(read_formats(ld, field, hz_keyed_value(&keyed, HZ_KEY_FIELD_FORMATS)));
    HZ_TRY(read_booleans(ld, field, &keyed));
    read_many(ld, field, &keyed);
    read_lengths(ld, field, &keyed);
    field->mask = find_mask(field);
    hz_load_clause(&field->clause, ld, hz_keyed_value(&keyed, HZ_KEY_FIELD_CLAUSE));
    HZ_TRY(
        hz_load_texts(&field->aliases, &field->aliases_count, ld, hz_keyed_value(&keyed, HZ_KEY_FIELD_ALIASES), true));
    HZ_TRY(hz_load_texts(&field->examples, &field->examples_count, ld, hz_keyed_value(&keyed, HZ_KEY_FIELD_EXAMPLE),
                         false));
    HZ_TRY(hz_load_patterns(field, ld, hz_keyed_value(&keyed, HZ_KEY_FIELD_PATTERN)));
    field->required = hz_keyed_bool(&keyed, HZ_KEY_FIELD_REQUIRED, false);
    if (field->required && hz_keyed_value(&keyed, HZ_KEY_FIELD_REQUIRED_WHEN))
        hz_diag_error(ld->diags, hz_keyed_span(&keyed, HZ_KEY_FIELD_REQUIRED_WHEN), HZ_MSG_NONE, HZ_M(PROFILE_NOT_WITH),
                      HZ_Z("required_when"), HZ_Z("required"));
    return HZ_OK;
}

/* `x-` keys may stand between, and in an older form fields may come in another order. */
const hz_yaml *hz_load_field_node(const hz_yaml *fields, const hz_field *field)
{
    for (uint32_t i = field->index; i < fields->count; i++)
        if (hz_slice_eq(fields->pairs[i].key->text, field->name))
            return fields->pairs[i].value;
    for (uint32_t i = 0; i < fields->count && i < field->index; i++)
        if (hz_slice_eq(fields->pairs[i].key->text, field->name))
            return fields->pairs[i].value;
    return NULL;
}

/* Where a field's alias stands in the file. */
static hz_span alias_span(const hz_yaml *fields, const hz_field *field, hz_slice alias)
{
    const hz_yaml *node = hz_load_field_node(fields, field), *aliases = node ? hz_yaml_get(node, "aliases") : NULL;
    for (size_t i = 0; i < hz_texts_count(aliases); i++)
        if (hz_slice_eq(hz_texts_at(aliases, i)->text, alias))
            return hz_texts_at(aliases, i)->span;
    return field->span;
}

/* A header must mean one field. */
static hz_status check_headers(hz_loader *ld, const hz_table *table, const hz_yaml *map)
{
    hz_names names = {0};
    hz_status st = HZ_OK;
    uint32_t old;
    for (size_t i = 0; i < table->fields_count; i++)
        HZ_GO(hz_names_add(&names, table->fields[i].name, (uint32_t)i, &old, ld->err));
    for (size_t i = 0; i < table->fields_count; i++) {
        const hz_field *field = &table->fields[i];
        for (size_t j = 0; j < field->aliases_count; j++) {
            HZ_GO(hz_names_add(&names, field->aliases[j], (uint32_t)i, &old, ld->err));
            if (old == HZ_HTAB_NONE || old == i)
                continue;
            hz_diag_error(ld->diags, alias_span(map, field, field->aliases[j]), HZ_MSG_NONE, HZ_M(PROFILE_ALIAS),
                          HZ_S(field->aliases[j]), HZ_S(table->fields[old].name));
        }
    }
out:
    hz_names_clear(&names);
    return st;
}

static bool is_field_name(hz_loader *ld, const hz_yaml *key)
{
    hz_slice text = key->text;
    bool good = text.len && text.ptr[0] != ' ' && text.ptr[text.len - 1] != ' ';
    for (size_t i = 0; good && i < text.len; i++)
        good = (unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f;
    if (!good)
        hz_diag_error(ld->diags, key->span, HZ_MSG_NONE, HZ_M(PROFILE_FIELD_NAME), HZ_S(text));
    return good;
}

hz_status hz_load_fields(hz_loader *ld, hz_table *table, const hz_yaml *map)
{
    uint64_t most = ld->limits->value[HZ_LIMIT_FIELDS];
    if (map->count > most) {
        hz_diag_error(ld->diags, map->pairs[most].key->span, HZ_MSG_NONE, HZ_M(LIMIT),
                      HZ_Z(hz_limit_name(HZ_LIMIT_FIELDS)), HZ_U(most));
        return HZ_E_PROFILE;
    }
    HZ_TRY(HZ_LOAD_ARRAY(ld, table->fields, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_yaml_pair *pair = &map->pairs[i];
        if (hz_schema_is_extra(pair->key->text) || !is_field_name(ld, pair->key))
            continue;
        hz_field *field = &table->fields[table->fields_count];
        *field = (hz_field){
            .table = table, .index = (uint32_t)table->fields_count, .name = pair->key->text, .span = pair->key->span};
        table->fields_count++;
        HZ_TRY(hz_load_one_field(ld, field, pair->value));
        HZ_TRY(hz_load_going(ld));
    }
    if (!table->fields_count)
        hz_diag_error(ld->diags, map->span, HZ_MSG_NONE, HZ_M(PROFILE_NO_FIELDS), HZ_S(table->name));
    return check_headers(ld, table, map);
}

/* ---- what it says in expressions ---- */

static hz_status read_reference(hz_loader *ld, hz_field *field, const hz_yaml *value)
{
    const hz_table *target;
    const hz_field **fields;
    size_t count;
    HZ_TRY(hz_load_target(&target, &fields, &count, ld, value));
    if (!count)
        return HZ_OK;
    if (count > 1)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_REFERENCE_COUNT), HZ_U(count), HZ_Z("1"));
    else if (field->many.len)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_KEY_MANY), HZ_S(field->name));
    else if (!hz_load_types_agree(field->value_type, fields[0]->value_type))
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_TYPES_DIFFER),
                      HZ_Z(hz_type_name(field->value_type)), HZ_Z(hz_type_name(fields[0]->value_type)));
    else
        field->references = fields[0];
    return HZ_OK;
}

static bool literal_order(const hz_expr *min, const hz_expr *max)
{
    if (!min->root || !max->root || min->root->kind != HZ_NODE_LITERAL || max->root->kind != HZ_NODE_LITERAL)
        return true;
    const hz_value *a = &min->root->value, *b = &max->root->value;
    bool decimal = a->type == HZ_TYPE_DECIMAL || b->type == HZ_TYPE_DECIMAL;
    if (!decimal)
        return a->as.i64 <= b->as.i64;
    return hz_decimal_cmp(a->type == HZ_TYPE_DECIMAL ? a->as.decimal : hz_decimal_of(a->as.i64),
                          b->type == HZ_TYPE_DECIMAL ? b->as.decimal : hz_decimal_of(b->as.i64)) <= 0;
}

hz_status hz_load_field_exprs(hz_loader *ld, hz_field *field, const hz_yaml *value)
{
    hz_keyed keyed;
    hz_diags heard; /* the mistakes of shape are known from the first reading */
    hz_diags_init(&heard, ld->diags->arena, 0);
    hz_schema_read(&keyed, HZ_PLACE_FIELD, value, NULL, &heard);
    hz_diags_clear(&heard);
    hz_scope scope = hz_load_scope(ld, field->table, HZ_SCOPE_ROW | HZ_SCOPE_RELATIONS);
    const hz_yaml *when = hz_keyed_value(&keyed, HZ_KEY_FIELD_REQUIRED_WHEN),
                  *to = hz_keyed_value(&keyed, HZ_KEY_FIELD_REFERENCES);
    const hz_yaml *min = hz_keyed_value(&keyed, HZ_KEY_FIELD_MIN), *max = hz_keyed_value(&keyed, HZ_KEY_FIELD_MAX);
    bool ordered = field->item_type != HZ_TYPE_TEXT && field->item_type != HZ_TYPE_BOOLEAN;
    if (when) {
        HZ_TRY(hz_load_checked(&field->required_when, ld, when, &scope, HZ_TYPE_BOOLEAN));
        hz_load_periods(ld, &field->required_when, 0);
    }
    if (min && ordered)
        HZ_TRY(hz_load_bound(&field->min, ld, field, min));
    if (max && ordered)
        HZ_TRY(hz_load_bound(&field->max, ld, field, max));
    if (!literal_order(&field->min, &field->max))
        hz_diag_error(ld->diags, min->span, HZ_MSG_NONE, HZ_M(PROFILE_MIN_MAX), HZ_Z("min"), HZ_Z("max"));
    return to ? read_reference(ld, field, to) : HZ_OK;
}

hz_status hz_load_field_expressions(hz_loader *ld, hz_table *table, const hz_yaml *map)
{
    for (uint32_t i = 0; i < map->count; i++) {
        hz_field *field = (hz_field *)hz_table_field(table, map->pairs[i].key->text);
        if (!field || map->pairs[i].value->kind != HZ_YAML_MAP)
            continue;
        HZ_TRY(hz_load_field_exprs(ld, field, map->pairs[i].value));
        HZ_TRY(hz_load_going(ld));
    }
    return HZ_OK;
}
