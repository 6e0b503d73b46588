/* parts.c: see parts.h. */
#include "validator/engine/parts.h"
#include "base/alloc.h"

enum { DEPTH_MAX = 4 };

typedef struct maker {
    hz_parts *out;
    size_t capacity, tables_capacity;
    const hz_profile *profile;
    const hz_mapping *mapping; /* may be NULL */
    hz_arena *arena;
    hz_error *err;
} maker;

bool hz_table_takes_files(const hz_table *table)
{
    return !table->builtin && table->included.len == 0;
}

static hz_status names_of_table(hz_part *part, const maker *m, const hz_table *table, hz_slice also)
{
    const hz_map_table *map = hz_mapping_table(m->mapping, table);
    size_t sheets = map ? map->sheets_count : 0;
    hz_slice *names = HZ_ARENA_ARRAY(m->arena, hz_slice, 4 + sheets);
    if (!names)
        return hz_nomem(m->err, (4 + sheets) * sizeof *names);
    for (size_t i = 0; i < sheets; i++)
        names[part->names_count++] = map->sheets[i];
    const hz_slice all[] = {table->name, table->title.zh, table->title.en, also};
    for (size_t i = 0; i < 4; i++)
        if (all[i].len)
            names[part->names_count++] = all[i];
    part->names = names;
    return HZ_OK;
}

static hz_status names_of_field(const hz_slice **out, size_t *count, const maker *m, const hz_field *field)
{
    const hz_map_field *mapped = hz_map_table_field(hz_mapping_table(m->mapping, field->table), field->name);
    hz_slice *names = HZ_ARENA_ARRAY(m->arena, hz_slice, field->aliases_count + 4);
    if (!names)
        return hz_nomem(m->err, field->aliases_count * sizeof *names);
    names[(*count)++] = field->name;
    if (field->title.zh.len)
        names[(*count)++] = field->title.zh;
    if (field->title.en.len)
        names[(*count)++] = field->title.en;
    for (size_t i = 0; i < field->aliases_count; i++)
        names[(*count)++] = field->aliases[i];
    if (mapped && mapped->columns_count == 1 && !mapped->is_part)
        names[(*count)++] = mapped->columns[0];
    *out = names;
    return HZ_OK;
}

/* Those of personal fields. */
static hz_status secret_names(hz_part *part, const maker *m, const hz_table *table)
{
    hz_slice *secret = HZ_ARENA_ARRAY(m->arena, hz_slice, part->known_count + 1);
    if (!secret)
        return hz_nomem(m->err, part->known_count * sizeof *secret);
    for (size_t f = 0; f < table->fields_count; f++) {
        const hz_slice *names;
        size_t count = 0;
        if (table->fields[f].mask == HZ_MASK_NONE)
            continue;
        HZ_TRY(names_of_field(&names, &count, m, &table->fields[f]));
        memcpy(secret + part->secret_count, names, count * sizeof *names);
        part->secret_count += count;
    }
    part->secret = secret;
    return HZ_OK;
}

static hz_status known_names(hz_part *part, const maker *m, const hz_table *table)
{
    const hz_map_table *map = hz_mapping_table(m->mapping, table);
    size_t most = map ? map->columns_count : 0;
    for (size_t f = 0; f < table->fields_count; f++)
        most += table->fields[f].aliases_count + 4;
    hz_slice *known = HZ_ARENA_ARRAY(m->arena, hz_slice, most + 1);
    if (!known)
        return hz_nomem(m->err, most * sizeof *known);
    for (size_t f = 0; f < table->fields_count; f++) {
        const hz_slice *names;
        size_t count = 0;
        HZ_TRY(names_of_field(&names, &count, m, &table->fields[f]));
        memcpy(known + part->known_count, names, count * sizeof *names);
        part->known_count += count;
    }
    for (size_t i = 0; map && i < map->columns_count; i++)
        known[part->known_count++] = map->columns[i];
    part->known = known;
    return secret_names(part, m, table);
}

static hz_status add_part(size_t *out, maker *m, const hz_table *table, size_t parent, hz_slice also)
{
    hz_parts *parts = m->out;
    size_t n = parts->count;
    hz_part part = {.parent = parent};
    if (!HZ_GROW(parts->items, m->capacity, n + 1) || !HZ_GROW(parts->tables, m->tables_capacity, n + 1))
        return hz_nomem(m->err, n * sizeof part);
    if (table) {
        HZ_TRY(names_of_table(&part, m, table, also));
        HZ_TRY(known_names(&part, m, table));
        const hz_map_table *map = hz_mapping_table(m->mapping, table);
        part.path = map && parent == SIZE_MAX ? map->path : HZ_SLICE_NONE;
    }
    parts->items[n] = part;
    parts->tables[n] = table;
    parts->count++;
    *out = n;
    return HZ_OK;
}

/* `down`: `from` and `to` are the sides of the record above and of the nested one. */
static hz_status carries_of(maker *m, size_t index, const hz_relation *relation, bool down)
{
    hz_carry *carries = HZ_ARENA_ARRAY(m->arena, hz_carry, relation->on_count + 1);
    size_t count = 0;
    if (!carries)
        return hz_nomem(m->err, relation->on_count * sizeof *carries);
    for (size_t i = 0; i < relation->on_count; i++) {
        const hz_node *above = (down ? relation->on_from : relation->on_to)[i].root;
        const hz_node *nested = (down ? relation->on_to : relation->on_from)[i].root;
        if (!above || !nested || above->kind != HZ_NODE_FIELD || nested->kind != HZ_NODE_FIELD)
            continue;
        hz_carry *c = &carries[count++];
        HZ_TRY(names_of_field(&c->from, &c->from_count, m, above->field));
        HZ_TRY(names_of_field(&c->to, &c->to_count, m, nested->field));
    }
    m->out->items[index].carries = carries;
    m->out->items[index].carries_count = count;
    return HZ_OK;
}

/* Whether `table` is the part or one that it is nested in. */
static bool is_above(const maker *m, size_t part, const hz_table *table)
{
    for (; part != SIZE_MAX; part = m->out->items[part].parent)
        if (m->out->tables[part] == table)
            return true;
    return false;
}

static bool has_child(const maker *m, size_t parent, const hz_table *table, hz_slice name)
{
    for (size_t p = 0; p < m->out->count; p++)
        if (m->out->items[p].parent == parent && m->out->tables[p] == table) {
            for (size_t i = 0; i < m->out->items[p].names_count; i++)
                if (!name.len || hz_slice_eq(m->out->items[p].names[i], name))
                    return true;
        }
    return false;
}

static hz_status nest(maker *m, size_t parent, unsigned depth)
{
    const hz_table *table = m->out->tables[parent];
    if (depth == DEPTH_MAX)
        return HZ_OK;
    for (size_t r = 0; r < table->relations_count; r++) {
        const hz_relation *relation = table->relations[r];
        size_t index;
        if (relation->to_period || relation->from_period || !hz_table_takes_files(relation->to) ||
            is_above(m, parent, relation->to) || has_child(m, parent, relation->to, relation->name))
            continue;
        HZ_TRY(add_part(&index, m, relation->to, parent, relation->name));
        HZ_TRY(carries_of(m, index, relation, true));
        HZ_TRY(nest(m, index, depth + 1));
    }
    /* tables that refer to this one, where it has no relation back */
    for (size_t t = 0; t < m->profile->tables_count; t++) {
        const hz_table *other = &m->profile->tables[t];
        for (size_t r = 0; r < other->relations_count; r++) {
            const hz_relation *relation = other->relations[r];
            size_t index;
            if (relation->to != table || relation->to_period || relation->from_period || !hz_table_takes_files(other) ||
                is_above(m, parent, other) || has_child(m, parent, other, HZ_SLICE_NONE))
                continue;
            HZ_TRY(add_part(&index, m, other, parent, relation->inverse));
            HZ_TRY(carries_of(m, index, relation, false));
            HZ_TRY(nest(m, index, depth + 1));
        }
    }
    return HZ_OK;
}

static bool has_table(const hz_parts *parts, const hz_table *table)
{
    for (size_t p = 0; p < parts->count; p++)
        if (parts->tables[p] == table)
            return true;
    return false;
}

static hz_status make(maker *m, const hz_table *table, bool nested)
{
    size_t index;
    HZ_TRY(add_part(&index, m, table, SIZE_MAX, HZ_SLICE_NONE));
    if (table && nested)
        HZ_TRY(nest(m, index, 1));
    for (size_t t = 0; t < m->profile->tables_count; t++) {
        const hz_table *other = &m->profile->tables[t];
        if (!hz_table_takes_files(other) || has_table(m->out, other))
            continue;
        HZ_TRY(add_part(&index, m, other, SIZE_MAX, HZ_SLICE_NONE));
        if (nested)
            HZ_TRY(nest(m, index, 1));
    }
    return HZ_OK;
}

hz_status hz_parts_of(hz_parts *out, const hz_profile *profile, const hz_mapping *mapping, const hz_table *table,
                      hz_form format, hz_arena *arena, hz_error *err)
{
    hz_parts grown = {0};
    maker m = {.out = &grown, .profile = profile, .mapping = mapping, .arena = arena, .err = err};
    bool nested = format == HZ_FORM_JSON || format == HZ_FORM_JSONL || format == HZ_FORM_XML;
    memset(out, 0, sizeof *out);
    hz_status st = make(&m, table, nested);
    if (st == HZ_OK) {
        out->items = HZ_ARENA_ARRAY(arena, hz_part, grown.count);
        out->tables = (const hz_table **)HZ_ARENA_ARRAY(arena, hz_table *, grown.count);
        st = out->items && out->tables ? HZ_OK : hz_nomem(err, grown.count * sizeof *out->items);
    }
    if (st == HZ_OK) {
        memcpy(out->items, grown.items, grown.count * sizeof *out->items);
        memcpy((void *)out->tables, (const void *)grown.tables, grown.count * sizeof *out->tables);
        out->count = grown.count;
    }
    hz_mem_free(grown.items);
    hz_mem_free((void *)grown.tables);
    return st;
}
