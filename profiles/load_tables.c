#include "base/alloc.h"
#include "base/file.h"
#include "profiles/load_int.h"

/* ---- the built-in table ---- */

static const struct {
    const char *name;
    hz_field_type type;
} source_fields[] = {
    {"table_name", HZ_FIELD_TEXT}, {"path", HZ_FIELD_TEXT},    {"format", HZ_FIELD_TEXT},
    {"encoding", HZ_FIELD_TEXT},   {"rows", HZ_FIELD_INTEGER}, {"bad_rows", HZ_FIELD_INTEGER},
    {"bytes", HZ_FIELD_INTEGER},
};
enum { SOURCE_FIELDS_COUNT = sizeof source_fields / sizeof *source_fields };

static hz_status make_sources(hz_loader *ld, hz_table *table)
{
    table->name = HZ_SLICE_LIT("sources");
    table->builtin = true;
    table->if_skipped = HZ_SKIP_WARN;
    table->unknown_columns = HZ_UNKNOWN_IGNORE;
    HZ_TRY(HZ_LOAD_ARRAY(ld, table->fields, SOURCE_FIELDS_COUNT));
    HZ_TRY(HZ_LOAD_ARRAY(ld, table->nulls, 1));
    table->nulls_count = 1;
    for (size_t i = 0; i < SOURCE_FIELDS_COUNT; i++) {
        hz_type type = hz_load_value_type(source_fields[i].type);
        table->fields[i] = (hz_field){.table = table,
                                      .index = (uint32_t)i,
                                      .name = hz_slice_of(source_fields[i].name),
                                      .type = source_fields[i].type,
                                      .value_type = type,
                                      .item_type = type,
                                      .precision = -1,
                                      .scale = -1,
                                      .min_items = -1,
                                      .max_items = -1,
                                      .min_length = -1,
                                      .max_length = -1};
    }
    table->fields_count = SOURCE_FIELDS_COUNT;
    return HZ_OK;
}

/* ---- what a table says without expressions ---- */

static hz_status read_files(hz_loader *ld, hz_table *table, const hz_yaml *value)
{
    if (value)
        return hz_load_texts(&table->files, &table->files_count, ld, value, true);
    hz_buf pattern = HZ_BUF_INIT;
    hz_buf_put(&pattern, table->name);
    hz_buf_puts(&pattern, ".*");
    hz_status st = hz_buf_status(&pattern, ld->err);
    if (st == HZ_OK)
        st = HZ_LOAD_ARRAY(ld, table->files, 1);
    if (st == HZ_OK && hz_arena_copy(&table->files[0], ld->arena, hz_buf_slice(&pattern)) != HZ_OK)
        st = hz_nomem(ld->err, pattern.len);
    table->files_count = 1;
    hz_buf_clear(&pattern);
    return st;
}

static hz_status read_nulls(hz_loader *ld, hz_table *table, const hz_yaml *value)
{
    if (value)
        return hz_load_texts(&table->nulls, &table->nulls_count, ld, value, true);
    HZ_TRY(HZ_LOAD_ARRAY(ld, table->nulls, 1));
    table->nulls_count = 1;
    return HZ_OK;
}

static hz_status read_key(hz_loader *ld, hz_table *table, const hz_yaml *value)
{
    hz_slice *names;
    size_t count;
    HZ_TRY(hz_load_texts(&names, &count, ld, value, true));
    HZ_TRY(HZ_LOAD_ARRAY(ld, table->key, count));
    for (size_t i = 0; i < hz_texts_count(value); i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        const hz_field *field = hz_load_field(ld, table, item->text, item->span);
        if (field && field->many.len) {
            hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_KEY_MANY), HZ_S(item->text));
            field = NULL;
        }
        if (field && table->key_count < count)
            table->key[table->key_count++] = field;
    }
    return HZ_OK;
}

/* A table of the profile's own is none of a submission, and cannot come from elsewhere. */
static hz_status read_included(hz_loader *ld, hz_table *table, const hz_keyed *keyed)
{
    const hz_yaml *value = hz_keyed_value(keyed, HZ_KEY_TABLE_INCLUDED);
    static const hz_key others[] = {HZ_KEY_TABLE_EXTERNAL, HZ_KEY_TABLE_OPTIONAL, HZ_KEY_TABLE_FILES,
                                    HZ_KEY_TABLE_ENCODING};
    if (!value)
        return HZ_OK;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (hz_keyed_value(keyed, others[i]))
            hz_diag_error(ld->diags, hz_keyed_span(keyed, others[i]), HZ_MSG_NONE, HZ_M(PROFILE_NOT_WITH),
                          HZ_Z(hz_schema_keys[others[i]].name), HZ_Z("included"));
    hz_text *text;
    HZ_TRY(hz_load_file(&text, ld, value));
    table->included = value->text;
    if (text)
        table->included_bytes = text->bytes;
    return HZ_OK;
}

static hz_status read_table(hz_loader *ld, hz_table *table, const hz_yaml_pair *pair, hz_keyed *keyed)
{
    table->name = pair->key->text;
    table->span = pair->key->span;
    if (hz_slice_is(table->name, "sources"))
        hz_diag_error(ld->diags, pair->key->span, HZ_MSG_NONE, HZ_M(PROFILE_SOURCES));
    hz_schema_read(keyed, HZ_PLACE_TABLE, pair->value, NULL, ld->diags);
    table->title = hz_keyed_text2(keyed, HZ_KEY_TABLE_TITLE);
    table->description = hz_keyed_text2(keyed, HZ_KEY_TABLE_DESCRIPTION);
    table->unit = hz_keyed_text(keyed, HZ_KEY_TABLE_UNIT);
    table->encoding = hz_keyed_text(keyed, HZ_KEY_TABLE_ENCODING);
    table->unknown_columns = (hz_unknown_columns)hz_keyed_word(keyed, HZ_KEY_TABLE_UNKNOWN_COLUMNS, HZ_UNKNOWN_WARNING);
    table->plain = hz_keyed_word(keyed, HZ_KEY_TABLE_CHARACTERS, 0) == 1;
    table->optional = hz_keyed_bool(keyed, HZ_KEY_TABLE_OPTIONAL, false);
    table->external = hz_keyed_bool(keyed, HZ_KEY_TABLE_EXTERNAL, false);
    table->open = hz_keyed_bool(keyed, HZ_KEY_TABLE_OPEN, false);
    hz_load_clause(&table->clause, ld, hz_keyed_value(keyed, HZ_KEY_TABLE_CLAUSE));
    HZ_TRY(read_files(ld, table, hz_keyed_value(keyed, HZ_KEY_TABLE_FILES)));
    HZ_TRY(read_nulls(ld, table, hz_keyed_value(keyed, HZ_KEY_TABLE_NULLS)));
    HZ_TRY(hz_load_texts(&table->echo, &table->echo_count, ld, hz_keyed_value(keyed, HZ_KEY_TABLE_ECHO), true));
    HZ_TRY(read_included(ld, table, keyed));
    bool required = !table->optional && !table->external && !table->included.len;
    table->if_skipped =
        (hz_if_skipped)hz_keyed_word(keyed, HZ_KEY_TABLE_IF_SKIPPED, required ? HZ_SKIP_FAIL : HZ_SKIP_WARN);
    if (!hz_keyed_value(keyed, HZ_KEY_TABLE_FIELDS))
        return hz_load_going(ld);
    HZ_TRY(hz_load_fields(ld, table, hz_keyed_value(keyed, HZ_KEY_TABLE_FIELDS)));
    const hz_yaml *unit = hz_keyed_value(keyed, HZ_KEY_TABLE_UNIT);
    if (unit)
        hz_load_field(ld, table, unit->text, unit->span);
    HZ_TRY(read_key(ld, table, hz_keyed_value(keyed, HZ_KEY_TABLE_KEY)));
    return hz_load_going(ld);
}

static hz_status limit_tables(hz_loader *ld, const hz_yaml *map)
{
    uint64_t most = ld->limits->value[HZ_LIMIT_TABLES];
    if (map->count <= most)
        return HZ_OK;
    hz_diag_error(ld->diags, map->pairs[most].key->span, HZ_MSG_NONE, HZ_M(LIMIT), HZ_Z(hz_limit_name(HZ_LIMIT_TABLES)),
                  HZ_U(most));
    return HZ_E_PROFILE;
}

hz_status hz_load_tables(hz_loader *ld, const hz_yaml *map)
{
    hz_profile *profile = ld->profile;
    size_t given = map ? map->count : 0, count = 0;
    if (map)
        HZ_TRY(limit_tables(ld, map));
    HZ_TRY(HZ_LOAD_ARRAY(ld, profile->tables, given + 1));
    HZ_TRY(HZ_LOAD_ARRAY(ld, ld->table_nodes, given + 1));
    HZ_TRY(HZ_LOAD_ARRAY(ld, ld->table_keys, given + 1));
    for (size_t i = 0; i < given; i++) {
        const hz_yaml_pair *pair = &map->pairs[i];
        if (hz_schema_is_extra(pair->key->text) || !hz_load_is_name(ld, pair->key))
            continue;
        ld->table_nodes[count] = pair->value;
        profile->tables[count].index = (uint32_t)count;
        HZ_TRY(read_table(ld, &profile->tables[count], pair, &ld->table_keys[count]));
        count++;
    }
    profile->tables[count].index = (uint32_t)count;
    HZ_TRY(make_sources(ld, &profile->tables[count]));
    profile->tables_count = count + 1;
    return HZ_OK;
}

/* ---- what it says in expressions, and its derived rules ---- */

static hz_status read_region(hz_loader *ld, hz_table *table, const hz_keyed *keyed)
{
    const hz_yaml *value = hz_keyed_value(keyed, HZ_KEY_TABLE_REGION);
    hz_scope scope = hz_load_scope(ld, table, HZ_SCOPE_ROW);
    return value ? hz_load_checked(&table->region, ld, value, &scope, HZ_TYPE_TEXT) : HZ_OK;
}

hz_status hz_load_table_expressions(hz_loader *ld)
{
    hz_profile *profile = ld->profile;
    for (size_t i = 0; i + 1 < profile->tables_count; i++) {
        hz_table *table = &profile->tables[i];
        HZ_TRY(read_region(ld, table, &ld->table_keys[i]));
        if (hz_keyed_value(&ld->table_keys[i], HZ_KEY_TABLE_FIELDS))
            HZ_TRY(hz_load_field_expressions(ld, table, hz_keyed_value(&ld->table_keys[i], HZ_KEY_TABLE_FIELDS)));
        HZ_TRY(hz_load_table_rules(ld, table));
        HZ_TRY(hz_load_going(ld));
    }
    return HZ_OK;
}
