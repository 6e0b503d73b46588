/* load_relations.c: relations are made in two steps: first all of them by name, inverses too, so that an expression can
 * name any; then `on` and `where`, which read one row each and no relation. */
#include "base/alloc.h"
#include "profiles/load_int.h"

typedef struct pending {
    hz_relation *relation, *inverse; /* inverse NULL without */
    hz_keyed keyed;
} pending;

typedef struct work {
    hz_loader *ld;
    pending *items;
    size_t count, capacity;
    size_t *per_table; /* relations of each table */
} work;

static bool name_is_free(hz_loader *ld, const hz_table *table, hz_slice name, hz_span at)
{
    bool field = hz_table_field(table, name) != NULL;
    if (!field && !hz_table_relation(table, name))
        return true;
    hz_diags_add(
        ld->diags, HZ_DIAG_ERROR, at, HZ_MSG_NONE,
        HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, field ? HZ_MSG_PROFILE_RELATION_FIELD : HZ_MSG_PROFILE_RELATION_TWICE,
                          HZ_SLICE_NONE, 0, 0}),
                HZ_S(name), HZ_S(table->name)));
    return false;
}

static hz_status add_to(hz_loader *ld, hz_table *table, hz_relation *relation, size_t room)
{
    if (!table->relations)
        HZ_TRY(HZ_LOAD_ARRAY(ld, table->relations, room));
    table->relations[table->relations_count++] = relation;
    return HZ_OK;
}

/* One row belongs to one when what is compared holds this table's key. */
static bool key_is_in(const hz_table *table, const hz_expr *parts, size_t count)
{
    for (size_t i = 0; i < table->key_count; i++) {
        bool found = false;
        for (size_t j = 0; j < count; j++)
            found |= hz_load_bare_field(&parts[j]) == table->key[i];
        if (!found)
            return false;
    }
    return table->key_count > 0;
}

static hz_status make_inverse(work *w, pending *item, size_t room)
{
    hz_loader *ld = w->ld;
    const hz_yaml *value = hz_keyed_value(&item->keyed, HZ_KEY_RELATION_INVERSE);
    hz_relation *relation = item->relation, *inverse;
    hz_table *table = (hz_table *)relation->to;
    if (hz_keyed_value(&item->keyed, HZ_KEY_RELATION_WHERE)) {
        hz_diag_error(ld->diags, hz_keyed_span(&item->keyed, HZ_KEY_RELATION_INVERSE), HZ_MSG_NONE,
                      HZ_M(PROFILE_NOT_WITH), HZ_Z("inverse"), HZ_Z("where"));
        return HZ_OK;
    }
    if (!hz_load_is_name(ld, value) || !name_is_free(ld, table, value->text, value->span))
        return HZ_OK;
    HZ_TRY(HZ_LOAD_ARRAY(ld, inverse, 1));
    *inverse = (hz_relation){.name = value->text,
                             .from = relation->to,
                             .to = relation->from,
                             .many = !relation->many,
                             .from_period = relation->to_period,
                             .inverse = relation->name,
                             .derived = true,
                             .span = value->span};
    relation->inverse = value->text;
    item->inverse = inverse;
    return add_to(ld, table, inverse, room);
}

static hz_status make_relation(work *w, hz_table *table, const hz_yaml_pair *pair)
{
    hz_loader *ld = w->ld;
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_RELATION, pair->value, NULL, ld->diags);
    const hz_yaml *one = hz_keyed_value(&keyed, HZ_KEY_RELATION_ONE),
                  *many = hz_keyed_value(&keyed, HZ_KEY_RELATION_MANY);
    if (!one == !many) {
        if (pair->value->kind == HZ_YAML_MAP)
            hz_diag_error(ld->diags, pair->key->span, HZ_MSG_NONE, HZ_M(PROFILE_ONE_OR_MANY), HZ_S(pair->key->text));
        return HZ_OK;
    }
    uint32_t period = 0;
    int to = hz_load_table(ld, one ? one : many, &period);
    if (!hz_load_is_name(ld, pair->key) || !name_is_free(ld, table, pair->key->text, pair->key->span) || to < 0)
        return HZ_OK;
    hz_relation *relation;
    HZ_TRY(HZ_LOAD_ARRAY(ld, relation, 1));
    *relation = (hz_relation){.name = pair->key->text,
                              .from = table,
                              .to = &ld->profile->tables[to],
                              .many = many != NULL,
                              .to_period = period,
                              .span = pair->key->span};
    if (!HZ_GROW(w->items, w->capacity, w->count + 1))
        return hz_nomem(ld->err, w->count * sizeof *w->items);
    w->items[w->count++] = (pending){relation, NULL, keyed};
    return add_to(ld, table, relation, w->per_table[table->index]);
}

/* How many relations each table can get, its own and inverses of others. */
static void count_relations(work *w)
{
    hz_profile *profile = w->ld->profile;
    for (size_t i = 0; i + 1 < profile->tables_count; i++) {
        const hz_yaml *map = hz_keyed_value(&w->ld->table_keys[i], HZ_KEY_TABLE_RELATIONS);
        for (uint32_t k = 0; map && k < map->count; k++) {
            w->per_table[i]++;
            const hz_yaml *one = hz_yaml_get(map->pairs[k].value, "one"),
                          *to = one ? one : hz_yaml_get(map->pairs[k].value, "many");
            if (!to || to->kind != HZ_YAML_SCALAR || !hz_yaml_get(map->pairs[k].value, "inverse"))
                continue;
            const char *at = to->text.len ? memchr(to->text.ptr, '@', to->text.len) : NULL;
            const hz_table *target =
                hz_profile_table(profile, at ? hz_slice_sub(to->text, 0, (size_t)(at - to->text.ptr)) : to->text);
            if (target)
                w->per_table[target->index]++;
        }
    }
}

static hz_status make_all(work *w)
{
    hz_profile *profile = w->ld->profile;
    for (size_t i = 0; i + 1 < profile->tables_count; i++) {
        const hz_yaml *map = hz_keyed_value(&w->ld->table_keys[i], HZ_KEY_TABLE_RELATIONS);
        for (uint32_t k = 0; map && k < map->count; k++)
            if (!hz_schema_is_extra(map->pairs[k].key->text))
                HZ_TRY(make_relation(w, &profile->tables[i], &map->pairs[k]));
    }
    for (size_t i = 0; i < w->count; i++)
        if (hz_keyed_value(&w->items[i].keyed, HZ_KEY_RELATION_INVERSE))
            HZ_TRY(make_inverse(w, &w->items[i], w->per_table[w->items[i].relation->to->index]));
    return HZ_OK;
}

static hz_status read_pair(hz_loader *ld, hz_relation *relation, const hz_yaml *from, const hz_yaml *to)
{
    hz_expr *a = &relation->on_from[relation->on_count], *b = &relation->on_to[relation->on_count];
    hz_scope from_scope = hz_load_scope(ld, relation->from, HZ_SCOPE_ROW),
             to_scope = hz_load_scope(ld, relation->to, HZ_SCOPE_ROW);
    HZ_TRY(hz_load_checked(a, ld, from, &from_scope, HZ_TYPE_NULL));
    HZ_TRY(hz_load_checked(b, ld, to, &to_scope, HZ_TYPE_NULL));
    if (!a->root || !b->root)
        return HZ_OK;
    hz_type types[] = {a->root->type, b->root->type};
    if (!hz_load_types_agree(types[0], types[1]) || types[0] == HZ_TYPE_ARRAY) {
        hz_diag_error(ld->diags, to->span, HZ_MSG_NONE, HZ_M(PROFILE_TYPES_DIFFER), HZ_Z(hz_type_name(types[0])),
                      HZ_Z(hz_type_name(types[1])));
        return HZ_OK;
    }
    relation->on_count++;
    return HZ_OK;
}

/* A name that both tables have; in the two-sided form each side is an expression of its own row. */
static hz_status read_on(hz_loader *ld, hz_relation *relation, const hz_yaml *on)
{
    size_t count = on->kind == HZ_YAML_MAP ? on->count : hz_texts_count(on);
    HZ_TRY(HZ_LOAD_ARRAY(ld, relation->on_from, count));
    HZ_TRY(HZ_LOAD_ARRAY(ld, relation->on_to, count));
    for (size_t i = 0; i < count; i++) {
        bool map = on->kind == HZ_YAML_MAP;
        const hz_yaml *from = map ? on->pairs[i].key : hz_texts_at(on, i), *to = map ? on->pairs[i].value : from;
        HZ_TRY(read_pair(ld, relation, from, to));
    }
    if (!count)
        hz_diag_error(ld->diags, on->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    return HZ_OK;
}

static hz_status finish(hz_loader *ld, pending *item)
{
    hz_relation *relation = item->relation;
    const hz_yaml *on = hz_keyed_value(&item->keyed, HZ_KEY_RELATION_ON),
                  *where = hz_keyed_value(&item->keyed, HZ_KEY_RELATION_WHERE);
    if (on)
        HZ_TRY(read_on(ld, relation, on));
    hz_scope scope = hz_load_scope(ld, relation->to, HZ_SCOPE_ROW);
    if (where)
        HZ_TRY(hz_load_checked(&relation->where, ld, where, &scope, HZ_TYPE_BOOLEAN));
    if (!item->inverse)
        return HZ_OK;
    item->inverse->on_count = relation->on_count;
    item->inverse->on_from = relation->on_to;
    item->inverse->on_to = relation->on_from;
    if (!relation->many && key_is_in(relation->from, relation->on_from, relation->on_count))
        item->inverse->many = false;
    return HZ_OK;
}

hz_status hz_load_relations(hz_loader *ld)
{
    work w = {.ld = ld};
    hz_status st;
    w.per_table = hz_mem_zalloc(ld->profile->tables_count, sizeof *w.per_table);
    if (!w.per_table)
        return hz_nomem(ld->err, ld->profile->tables_count * sizeof *w.per_table);
    count_relations(&w);
    HZ_GO(make_all(&w));
    for (size_t i = 0; i < w.count; i++)
        HZ_GO(finish(ld, &w.items[i]));
    st = hz_load_going(ld);
out:
    hz_mem_free(w.items);
    hz_mem_free(w.per_table);
    return st;
}
