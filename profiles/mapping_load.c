/* mapping_load.c: a mapping file, and where the text of each field comes from. */
#include "base/alloc.h"
#include "profiles/beside.h"
#include "profiles/mapping_int.h"

hz_status hz_map_alloc(void *out_pointer, hz_map_loader *ld, size_t count, size_t size_bytes)
{
    void *made = hz_arena_zalloc(ld->arena, count + 1, size_bytes);
    memcpy(out_pointer, &made, sizeof made);
    return made ? HZ_OK : hz_nomem(ld->err, count * size_bytes);
}

static hz_status texts_of(hz_slice **out, size_t *count, hz_map_loader *ld, const hz_yaml *value)
{
    *count = 0;
    HZ_TRY(HZ_MAP_ARRAY(ld, *out, hz_texts_count(value)));
    for (size_t i = 0; i < hz_texts_count(value); i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        bool twice = false;
        for (size_t k = 0; k < *count; k++)
            twice = twice || hz_slice_eq((*out)[k], item->text);
        if (twice)
            hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_TWICE), HZ_S(item->text));
        else
            (*out)[(*count)++] = item->text;
    }
    return HZ_OK;
}

/* ---- fields ---- */

static hz_status unknown_field(hz_map_loader *ld, const hz_yaml *name)
{
    const hz_table *table = ld->table->table;
    hz_slice *names = hz_mem_zalloc(table->fields_count + 1, sizeof *names);
    if (!names)
        return hz_nomem(ld->err, table->fields_count * sizeof *names);
    for (size_t i = 0; i < table->fields_count; i++)
        names[i] = table->fields[i].name;
    hz_schema_unknown(ld->diags, name->span, HZ_MSG_PROFILE_FIELD, name->text, names, table->fields_count, table->name);
    hz_mem_free(names);
    return HZ_OK;
}

static bool is_filled(const hz_map_field *field)
{
    return field->columns_count || field->is_constant;
}

hz_status hz_map_target(hz_map_field **out, hz_map_loader *ld, const hz_yaml *name, bool fills)
{
    hz_map_table *table = ld->table;
    const hz_field *field = hz_table_field(table->table, name->text);
    *out = NULL;
    if (!field)
        return unknown_field(ld, name);
    hz_map_field *known = table->of_field[field->index];
    if (known && fills && is_filled(known)) {
        hz_diag_error(ld->diags, name->span, HZ_MSG_NONE, HZ_M(MAPPING_FILLED), HZ_S(field->name),
                      HZ_U(hz_text_position(known->span.text, known->span.offset).line));
        return HZ_OK;
    }
    if (!known) {
        known = &table->fields[table->fields_count++];
        known->field = field;
        known->span = name->span;
        table->of_field[field->index] = known;
    }
    *out = known;
    return HZ_OK;
}

static bool names_column(const hz_map_table *table, hz_slice column)
{
    for (size_t i = 0; i < table->columns_count; i++)
        if (hz_slice_eq(table->columns[i], column))
            return true;
    return false;
}

/* A column that the file names; once. */
static void note_column(hz_map_loader *ld, const hz_yaml *name)
{
    hz_map_table *table = ld->table;
    if (!name->text.len)
        hz_diag_error(ld->diags, name->span, HZ_MSG_NONE, HZ_M(MAPPING_EMPTY_COLUMN));
    else if (hz_map_table_ignores(table, name->text))
        hz_diag_error(ld->diags, name->span, HZ_MSG_NONE, HZ_M(MAPPING_IGNORED), HZ_S(name->text));
    if (!names_column(table, name->text))
        table->columns[table->columns_count++] = name->text;
}

static hz_status name_both(hz_map_loader *ld, hz_map_field *field)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_printf(&text, "%.*s (%.*s)", HZ_SLICE_FMT(field->own), HZ_SLICE_FMT(field->field->name));
    hz_status st = hz_buf_status(&text, ld->err);
    if (st == HZ_OK && hz_arena_copy(&field->label, ld->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(ld->err, text.len);
    hz_buf_clear(&text);
    return st;
}

static hz_status fill_by(hz_map_loader *ld, hz_map_field *field, const hz_yaml *column)
{
    HZ_TRY(HZ_MAP_ARRAY(ld, field->columns, 1));
    field->columns[0] = column->text;
    field->columns_count = 1;
    field->own = column->text;
    return name_both(ld, field);
}

static hz_status read_columns(hz_map_loader *ld, const hz_yaml *map)
{
    for (uint32_t i = 0; map && i < map->count; i++) {
        const hz_yaml *column = map->pairs[i].key, *into = map->pairs[i].value;
        note_column(ld, column);
        if (!hz_texts_count(into))
            hz_diag_error(ld->diags, into->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
        for (size_t k = 0; k < hz_texts_count(into); k++) {
            hz_map_field *field;
            HZ_TRY(hz_map_target(&field, ld, hz_texts_at(into, k), true));
            if (field)
                HZ_TRY(fill_by(ld, field, column));
        }
    }
    return HZ_OK;
}

/* ---- split ---- */

static size_t cut_at(hz_map_loader *ld, const hz_yaml *item, size_t after)
{
    size_t n = 0;
    bool good = item->text.len > 0 && item->text.len < 7;
    for (size_t i = 0; good && i < item->text.len; i++) {
        good = item->text.ptr[i] >= '0' && item->text.ptr[i] <= '9';
        n = n * 10 + (size_t)(item->text.ptr[i] - '0');
    }
    if (good && n > after)
        return n;
    hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(MAPPING_SPLIT_AT), HZ_S(item->text));
    return 0;
}

/* The piece `part` of the column, which has `parts` of them. */
static hz_status fill_by_part(hz_map_loader *ld, hz_map_field *field, const hz_yaml *column, const hz_keyed *keyed,
                              const size_t *cuts, size_t part, size_t parts)
{
    HZ_TRY(fill_by(ld, field, column));
    field->is_part = field->changes = true;
    field->part = part;
    field->parts_count = parts;
    field->by = hz_keyed_text(keyed, HZ_KEY_MAPPING_SPLIT_BY);
    field->from = part ? cuts[part - 1] : 0;
    field->to = part + 1 < parts ? cuts[part] : SIZE_MAX;
    return HZ_OK;
}

static hz_status read_split(hz_map_loader *ld, const hz_yaml *column, const hz_yaml *node)
{
    hz_keyed keyed;
    size_t errors = ld->diags->errors_count, *cuts;
    hz_schema_read(&keyed, HZ_PLACE_MAPPING_SPLIT, node, NULL, ld->diags);
    const hz_yaml *by = hz_keyed_value(&keyed, HZ_KEY_MAPPING_SPLIT_BY);
    const hz_yaml *at = hz_keyed_value(&keyed, HZ_KEY_MAPPING_SPLIT_AT);
    const hz_yaml *into = hz_keyed_value(&keyed, HZ_KEY_MAPPING_SPLIT_INTO);
    size_t parts = hz_texts_count(into), cuts_count = hz_texts_count(at);
    if (errors == ld->diags->errors_count && !by == !at)
        hz_diag_error(ld->diags, column->span, HZ_MSG_NONE, HZ_M(MAPPING_SPLIT_HOW));
    if (by && !by->text.len)
        hz_diag_error(ld->diags, by->span, HZ_MSG_NONE, HZ_M(PROFILE_MANY_EMPTY));
    if (names_column(ld->table, column->text))
        hz_diag_error(ld->diags, column->span, HZ_MSG_NONE, HZ_M(MAPPING_SPLIT_TWICE), HZ_S(column->text));
    note_column(ld, column);
    if (at && into && cuts_count + 1 != parts)
        hz_diag_error(ld->diags, into->span, HZ_MSG_NONE, HZ_M(MAPPING_SPLIT_INTO), HZ_U(cuts_count + 1), HZ_U(parts));
    if (into && !parts)
        hz_diag_error(ld->diags, into->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    HZ_TRY(HZ_MAP_ARRAY(ld, cuts, cuts_count + parts));
    for (size_t i = 0; i < cuts_count; i++)
        cuts[i] = cut_at(ld, hz_texts_at(at, i), i ? cuts[i - 1] : 0);
    for (size_t i = 0; i < parts; i++) {
        hz_map_field *field;
        const hz_yaml *name = hz_texts_at(into, i);
        if (!name->text.len)
            continue; /* a part that no field takes */
        HZ_TRY(hz_map_target(&field, ld, name, true));
        if (field)
            HZ_TRY(fill_by_part(ld, field, column, &keyed, cuts, i, parts));
    }
    return HZ_OK;
}

/* ---- join, constants ---- */

static hz_status join_names(hz_slice *out, hz_map_loader *ld, const hz_map_field *field)
{
    hz_buf text = HZ_BUF_INIT;
    for (size_t i = 0; i < field->columns_count; i++) {
        hz_buf_puts(&text, i ? " + " : "");
        hz_buf_put(&text, field->columns[i]);
    }
    hz_status st = hz_buf_status(&text, ld->err);
    if (st == HZ_OK && hz_arena_copy(out, ld->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(ld->err, text.len);
    hz_buf_clear(&text);
    return st;
}

static hz_status read_join(hz_map_loader *ld, const hz_yaml *name, const hz_yaml *node)
{
    hz_keyed keyed;
    hz_map_field *field;
    hz_schema_read(&keyed, HZ_PLACE_MAPPING_JOIN, node, NULL, ld->diags);
    const hz_yaml *of = hz_keyed_value(&keyed, HZ_KEY_MAPPING_JOIN_OF);
    HZ_TRY(hz_map_target(&field, ld, name, true));
    if (of && !hz_texts_count(of))
        hz_diag_error(ld->diags, of->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    for (size_t i = 0; of && i < hz_texts_count(of); i++)
        note_column(ld, hz_texts_at(of, i));
    if (!field || !of)
        return HZ_OK;
    HZ_TRY(HZ_MAP_ARRAY(ld, field->columns, hz_texts_count(of)));
    for (size_t i = 0; i < hz_texts_count(of); i++)
        field->columns[field->columns_count++] = hz_texts_at(of, i)->text;
    field->joint = hz_keyed_text(&keyed, HZ_KEY_MAPPING_JOIN_BY);
    field->changes = true;
    HZ_TRY(join_names(&field->own, ld, field));
    return name_both(ld, field);
}

static bool is_one(hz_map_loader *ld, const hz_yaml *value)
{
    if (value->kind == HZ_YAML_SCALAR)
        return true;
    hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(MAPPING_ONE_VALUE));
    return false;
}

static hz_status read_constants(hz_map_loader *ld, const hz_yaml *map)
{
    for (uint32_t i = 0; map && i < map->count; i++) {
        const hz_yaml *value = map->pairs[i].value;
        hz_map_field *field;
        HZ_TRY(hz_map_target(&field, ld, map->pairs[i].key, true));
        if (!field || !is_one(ld, value) || !hz_map_is_value(ld, field->field, value))
            continue;
        field->is_constant = field->changes = true;
        field->constant = value->text;
    }
    return HZ_OK;
}

/* ---- tables ---- */

static void read_path(hz_map_loader *ld, const hz_yaml *value)
{
    enum { STEPS_MAX = 32 };
    hz_slice text = value ? value->text : HZ_SLICE_NONE;
    size_t steps = 0;
    bool good = !value || (text.len > 1 && text.ptr[0] == '/' && text.ptr[text.len - 1] != '/');
    for (size_t i = 0; good && i < text.len; i++) {
        steps += text.ptr[i] == '/';
        good = steps <= STEPS_MAX && !(i && text.ptr[i] == '/' && text.ptr[i - 1] == '/');
    }
    ld->table->path = text;
    if (!good)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(MAPPING_PATH));
}

static size_t columns_most(const hz_keyed *keyed)
{
    const hz_yaml *columns = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_COLUMNS);
    const hz_yaml *split = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_SPLIT);
    const hz_yaml *join = hz_keyed_value(keyed, HZ_KEY_MAPPING_TABLE_JOIN);
    size_t most = (columns ? columns->count : 0) + (split ? split->count : 0);
    for (uint32_t i = 0; join && i < join->count; i++) {
        const hz_yaml *of = join->pairs[i].value->kind == HZ_YAML_MAP ? hz_yaml_get(join->pairs[i].value, "of") : NULL;
        most += of && of->kind != HZ_YAML_MAP ? hz_texts_count(of) : 0;
    }
    return most;
}

static bool shares_column(const hz_map_field *a, const hz_map_field *b)
{
    for (size_t i = 0; i < a->columns_count; i++)
        for (size_t k = 0; k < b->columns_count; k++)
            if (hz_slice_eq(a->columns[i], b->columns[k]))
                return true;
    return false;
}

/* What a column holds is as personal as all that is made of it. */
static void mask_columns(hz_map_table *table)
{
    for (size_t f = 0; f < table->fields_count; f++) {
        hz_map_field *field = &table->fields[f];
        bool whole = !field->is_part && field->columns_count <= 1;
        field->own_mask = field->field->mask;
        for (size_t i = 0; i < table->fields_count; i++) {
            const hz_field *other = table->fields[i].field;
            if (other->mask != HZ_MASK_NONE && shares_column(field, &table->fields[i]) &&
                !(whole && other->mask == field->field->mask))
                field->own_mask = HZ_MASK_WHOLE;
        }
    }
}

static hz_status read_table(hz_map_loader *ld, const hz_yaml *node)
{
    hz_map_table *table = ld->table;
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_MAPPING_TABLE, node, NULL, ld->diags);
    HZ_TRY(HZ_MAP_ARRAY(ld, table->fields, table->table->fields_count));
    HZ_TRY(HZ_MAP_ARRAY(ld, table->of_field, table->table->fields_count));
    HZ_TRY(HZ_MAP_ARRAY(ld, table->columns, columns_most(&keyed)));
    HZ_TRY(texts_of(&table->files, &table->files_count, ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_FILES)));
    HZ_TRY(texts_of(&table->sheets, &table->sheets_count, ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_SHEET)));
    HZ_TRY(texts_of(&table->nulls, &table->nulls_count, ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_NULLS)));
    HZ_TRY(texts_of(&table->ignored, &table->ignored_count, ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_IGNORE)));
    read_path(ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_PATH));
    table->encoding = hz_keyed_text(&keyed, HZ_KEY_MAPPING_TABLE_ENCODING);
    HZ_TRY(read_columns(ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_COLUMNS)));
    const hz_yaml *join = hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_JOIN);
    for (uint32_t i = 0; join && i < join->count; i++)
        if (!hz_schema_is_extra(join->pairs[i].key->text))
            HZ_TRY(read_join(ld, join->pairs[i].key, join->pairs[i].value));
    const hz_yaml *split = hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_SPLIT);
    for (uint32_t i = 0; split && i < split->count; i++)
        HZ_TRY(read_split(ld, split->pairs[i].key, split->pairs[i].value));
    HZ_TRY(read_constants(ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLE_CONSTANTS)));
    mask_columns(table);
    return hz_map_load_values(ld, &keyed);
}

static hz_status read_tables(hz_map_loader *ld, const hz_yaml *map)
{
    hz_mapping *mapping = ld->mapping;
    HZ_TRY(HZ_MAP_ARRAY(ld, mapping->tables, mapping->profile->tables_count));
    for (uint32_t i = 0; map && i < map->count; i++) {
        const hz_yaml *name = map->pairs[i].key;
        const hz_table *table;
        if (hz_schema_is_extra(name->text))
            continue;
        HZ_TRY(hz_beside_table(&table, ld->diags, mapping->profile, name, HZ_MSG_MAPPING_NO_FILES, ld->err));
        if (!table)
            continue;
        HZ_TRY(HZ_MAP_ARRAY(ld, ld->table, 1));
        mapping->tables[table->index] = ld->table;
        ld->table->table = table;
        ld->table->span = name->span;
        HZ_TRY(read_table(ld, map->pairs[i].value));
    }
    return HZ_OK;
}

/* ---- the file ---- */

static hz_status read_mapping(hz_map_loader *ld, const hz_yaml *root)
{
    hz_mapping *mapping = ld->mapping;
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_MAPPING, root, NULL, ld->diags);
    const hz_yaml *id = hz_keyed_value(&keyed, HZ_KEY_MAPPING_MAPPING);
    const hz_yaml *wanted = hz_keyed_value(&keyed, HZ_KEY_MAPPING_PROFILE);
    hz_beside_head(ld->diags, mapping->profile, id, wanted, HZ_MSG_MAPPING_OTHER_PROFILE);
    mapping->id = id ? id->text : HZ_SLICE_NONE;
    mapping->title = hz_keyed_text2(&keyed, HZ_KEY_MAPPING_TITLE);
    mapping->for_profile = wanted ? wanted->text : HZ_SLICE_NONE;
    return read_tables(ld, hz_keyed_value(&keyed, HZ_KEY_MAPPING_TABLES));
}

hz_status hz_mapping_load_bytes(hz_mapping **out, hz_slice bytes, hz_slice shown_path, const hz_profile *profile,
                                const hz_limits *limits, hz_diags *diags, hz_error *err)
{
    hz_arena *arena = hz_arena_new();
    hz_mapping *mapping = arena ? HZ_ARENA_NEW(arena, hz_mapping) : NULL;
    hz_map_loader ld = {.mapping = mapping, .arena = arena, .diags = diags, .err = err};
    size_t errors = diags->errors_count;
    const hz_yaml *root = NULL;
    hz_status st = mapping ? HZ_OK : hz_nomem(err, sizeof *mapping);
    *out = NULL;
    if (st == HZ_OK) {
        mapping->arena = arena;
        mapping->profile = profile;
        st = hz_arena_copy(&mapping->path, arena, shown_path) == HZ_OK ? HZ_OK : hz_nomem(err, shown_path.len);
    }
    if (st == HZ_OK)
        st = hz_beside_open(&root, mapping->sha256, bytes, shown_path, arena, limits, diags, err);
    if (st == HZ_OK && root)
        st = read_mapping(&ld, root);
    st = hz_beside_end(st, diags, errors, err);
    if (st == HZ_OK)
        *out = mapping;
    else if (mapping)
        hz_mapping_free(mapping);
    else
        hz_arena_free(arena);
    return st;
}

hz_status hz_mapping_load(hz_mapping **out, const char *path, const hz_profile *profile, const hz_limits *limits,
                          hz_diags *diags, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    *out = NULL;
    hz_status st = hz_beside_read(&bytes, path, limits, err);
    if (st == HZ_OK)
        st = hz_mapping_load_bytes(out, hz_buf_slice(&bytes), hz_slice_of(path), profile, limits, diags, err);
    hz_buf_clear(&bytes);
    return st;
}

void hz_mapping_free(hz_mapping *mapping)
{
    if (!mapping)
        return;
    for (size_t t = 0; mapping->tables && t < mapping->profile->tables_count; t++)
        for (size_t f = 0; mapping->tables[t] && f < mapping->tables[t]->fields_count; f++)
            hz_names_clear(&mapping->tables[t]->fields[f].codes);
    hz_arena_free(mapping->arena);
}

hz_status hz_mapping_is(bool *out, hz_slice *profile, const char *path, const hz_limits *limits, hz_arena *arena,
                        hz_error *err)
{
    return hz_beside_is(out, profile, path, "mapping", limits, arena, err);
}
