#include <strings.h>

#include "base/alloc.h"
#include "profiles/expr/check_int.h"
#include "profiles/expr/lex.h"

/* What names stand for. Outside aggregates there is one row, the rule's own. Inside an aggregate over a relation there
 * are two, as in a correlated subquery: a name is first looked for in the related row (scope 0), then in the outer one
 * (scope 1, which `this.` names outright). Inside an aggregate over `*` there is only the row of the group. */

/* ---- where a name stands ---- */

/* Names are kept decoded; their place in the source is found by reading the tokens again. */
static hz_token name_token(const hz_checker *c, const hz_node *node, uint32_t index)
{
    hz_lexer lexer = {c->expr->text, node->offset};
    hz_token token = hz_lex_next(&lexer);
    if (node->kind == HZ_NODE_AGGREGATE) {
        hz_lex_next(&lexer); /* ( */
        token = hz_lex_next(&lexer);
        if (token.keyword == HZ_KEYWORD_DISTINCT)
            token = hz_lex_next(&lexer);
    }
    for (uint32_t skip = 2 * (index + (node->names_this ? 1 : 0)); skip; skip--)
        token = hz_lex_next(&lexer);
    return token;
}

#define REPORT_NAME(c, node, index, hint, ...) report_name((c), (node), (index), (hint), HZ_ARGS(__VA_ARGS__))

static void report_name(hz_checker *c, hz_node *node, uint32_t index, hz_msg_id hint, const hz_arg *args,
                        size_t args_count)
{
    hz_token token = name_token(c, node, index);
    hz_check_report(c, token.offset, token.len, hint, args, args_count);
    hz_check_wrong(node);
}

/* ---- nearest names ---- */

typedef struct candidates {
    hz_slice *names;
    size_t count, capacity;
} candidates;

/* For hints only: without memory there are fewer of them. */
static void offer(candidates *list, hz_slice name)
{
    if (HZ_GROW(list->names, list->capacity, list->count + 1))
        list->names[list->count++] = name;
}

static void offer_table(candidates *list, const hz_table *table, bool fields, bool relations)
{
    for (size_t i = 0; table && fields && i < table->fields_count; i++)
        offer(list, table->fields[i].name);
    for (size_t i = 0; table && relations && i < table->relations_count; i++)
        offer(list, table->relations[i]->name);
}

static bool equal_but_case(hz_slice a, hz_slice b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

/* A name that differs only in case is nearest of all, whatever the distance. */
static hz_slice nearest_of(candidates *list, hz_slice word)
{
    hz_slice near = hz_nearest(word, list->names, list->count);
    for (size_t i = 0; i < list->count; i++) {
        if (equal_but_case(list->names[i], word)) {
            near = list->names[i];
            break;
        }
    }
    hz_mem_free(list->names);
    return near;
}

static hz_slice nearest_in_table(const hz_table *table, hz_slice word, bool fields, bool relations)
{
    candidates list = {NULL, 0, 0};
    offer_table(&list, table, fields, relations);
    return nearest_of(&list, word);
}

/* ---- rows in scope ---- */

static bool has_row(const hz_checker *c)
{
    return c->scope->table && (c->scope->flags & (HZ_SCOPE_ROW | HZ_SCOPE_KEYS_ONLY));
}

/* The table of the outer row (of the only one, outside aggregates), or NULL when there is none here. */
static const hz_table *outer_table(const hz_checker *c)
{
    if (c->inner_star || !has_row(c))
        return NULL;
    return c->scope->table;
}

static uint32_t outer_scope(const hz_checker *c)
{
    return c->inner ? 1 : 0;
}

static void note_row(hz_checker *c, uint32_t scope)
{
    if (!c->inner || scope == 1)
        c->expr->reads_row = true;
}

static void note_relation(hz_checker *c, const hz_relation *relation)
{
    hz_expr *expr = c->expr;
    expr->reads_relation = true;
    expr->reads_external = expr->reads_external || relation->to->external;
    expr->reads_previous = expr->reads_previous || relation->to_period > 0;
    expr->reads_as_of = expr->reads_as_of || relation->where.reads_as_of;
    for (size_t i = 0; i < relation->on_count; i++)
        expr->reads_as_of = expr->reads_as_of || relation->on_from[i].reads_as_of || relation->on_to[i].reads_as_of;
}

static void report_row_needed(hz_checker *c, hz_node *node)
{
    if (c->inner_star)
        REPORT_NAME(c, node, 0, HZ_MSG_NONE, HZ_M(EXPR_NO_OUTER_ROW));
    else
        REPORT_NAME(c, node, 0, HZ_MSG_NONE, HZ_M(EXPR_NO_ROW));
}

/* ---- one name ---- */

static void bind_field(hz_checker *c, hz_node *node, const hz_field *field, uint32_t scope)
{
    node->kind = HZ_NODE_FIELD;
    node->field = field;
    node->scope = scope;
    node->type = field->value_type;
    node->item_type = field->value_type == HZ_TYPE_ARRAY ? field->item_type : HZ_TYPE_NULL;
    note_row(c, scope);
}

static void bind_param(const hz_checker *c, hz_node *node, int index)
{
    node->kind = HZ_NODE_PARAM;
    node->index = (uint32_t)index;
    node->type = c->scope->profile->params[index].type;
    node->item_type = HZ_TYPE_NULL;
}

void hz_check_param(hz_checker *c, hz_node *node)
{
    const hz_profile *profile = c->scope->profile;
    int index = profile ? hz_profile_param(profile, node->names[0]) : -1;
    if (index >= 0) {
        bind_param(c, node, index);
        return;
    }
    candidates list = {NULL, 0, 0};
    for (size_t i = 0; profile && i < profile->params_count; i++)
        offer(&list, profile->params[i].name);
    hz_slice near = nearest_of(&list, node->names[0]);
    HZ_CHECK_AT(c, node, near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_NONE, HZ_M(EXPR_PARAM_UNKNOWN), HZ_S(node->names[0]),
                HZ_S(near));
    hz_check_wrong(node);
}

static void report_relation_value(hz_checker *c, hz_node *node, uint32_t index, const hz_relation *relation)
{
    hz_msg_id hint = relation->many ? HZ_MSG_EXPR_HINT_AGGREGATE : HZ_MSG_EXPR_HINT_DOT;
    REPORT_NAME(c, node, index, hint, HZ_M(EXPR_RELATION_VALUE), HZ_S(relation->name));
}

static void report_unknown(hz_checker *c, hz_node *node, const hz_table *outer)
{
    const hz_profile *profile = c->scope->profile;
    const hz_table *table = c->inner ? c->inner : outer;
    hz_slice name = node->names[0];
    candidates list = {NULL, 0, 0};
    offer_table(&list, c->inner, true, true);
    if (outer != c->inner)
        offer_table(&list, outer, true, true);
    if (c->scope->flags & HZ_SCOPE_VALUE) {
        offer(&list, HZ_SLICE_LIT("value"));
        offer(&list, HZ_SLICE_LIT("previous"));
    }
    for (size_t i = 0; profile && i < profile->params_count; i++)
        offer(&list, profile->params[i].name);
    hz_slice near = nearest_of(&list, name);
    hz_msg_id hint = near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_NONE;
    if (!near.len && name_token(c, node, 0).kind == HZ_TOKEN_QUOTED)
        hint = HZ_MSG_EXPR_HINT_QUOTES;
    if (table)
        REPORT_NAME(c, node, 0, hint, HZ_M(EXPR_NAME_UNKNOWN), HZ_S(name), HZ_S(near), HZ_S(table->name));
    else
        REPORT_NAME(c, node, 0, hint, HZ_M(EXPR_NAME_UNKNOWN_NO_ROW), HZ_S(name), HZ_S(near));
}

/* A field, then a relation (which is no value), of one row. False: neither. */
static bool bind_in_table(hz_checker *c, hz_node *node, const hz_table *table, uint32_t scope)
{
    const hz_field *field = table ? hz_table_field(table, node->names[0]) : NULL;
    if (field) {
        bind_field(c, node, field, scope);
        return true;
    }
    const hz_relation *relation = table ? hz_table_relation(table, node->names[0]) : NULL;
    if (relation)
        report_relation_value(c, node, 0, relation);
    return relation != NULL;
}

static void bind_single(hz_checker *c, hz_node *node)
{
    const hz_table *outer = outer_table(c);
    hz_slice name = node->names[0];
    if (!node->names_this && c->inner && bind_in_table(c, node, c->inner, 0))
        return;
    if (bind_in_table(c, node, outer, outer_scope(c)))
        return;
    if (node->names_this) {
        if (!outer) {
            report_row_needed(c, node);
            return;
        }
        hz_slice near = nearest_in_table(outer, name, true, true);
        REPORT_NAME(c, node, 0, near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_NONE, HZ_M(EXPR_NAME_UNKNOWN), HZ_S(name),
                    HZ_S(near), HZ_S(outer->name));
        return;
    }
    bool previous = hz_slice_is(name, "previous");
    if ((c->scope->flags & HZ_SCOPE_VALUE) && (previous || hz_slice_is(name, "value"))) {
        node->kind = HZ_NODE_VALUE;
        node->index = previous ? 1 : 0;
        node->type = HZ_TYPE_DECIMAL;
        return;
    }
    int param = c->scope->profile ? hz_profile_param(c->scope->profile, name) : -1;
    if (param >= 0)
        bind_param(c, node, param);
    else
        report_unknown(c, node, outer);
}

/* ---- paths ---- */

/* names[index] is no relation of `table`. */
static void report_no_relation(hz_checker *c, hz_node *node, uint32_t index, const hz_table *table)
{
    hz_slice name = node->names[index];
    if (hz_table_field(table, name)) {
        bool aggregate = node->kind == HZ_NODE_AGGREGATE;
        if (aggregate && index + 1 == node->names_count)
            REPORT_NAME(c, node, index, HZ_MSG_NONE, HZ_M(EXPR_FIELD_IN_AGGREGATE), HZ_S(name),
                        HZ_Z(hz_aggregate_name(node->agg)));
        else
            REPORT_NAME(c, node, index, HZ_MSG_NONE, HZ_M(EXPR_FIELD_HAS_NO_PARTS), HZ_S(name));
        return;
    }
    hz_slice near = HZ_SLICE_NONE;
    if (hz_profile_table(c->scope->profile, name)) /* a table instead of the relation that leads there */
        for (size_t i = 0; i < table->relations_count && !near.len; i++)
            if (!table->relations[i]->to_period && hz_slice_eq(table->relations[i]->to->name, name))
                near = table->relations[i]->name;
    if (!near.len)
        near = nearest_in_table(table, name, false, true);
    REPORT_NAME(c, node, index, near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_NONE, HZ_M(EXPR_RELATION_UNKNOWN), HZ_S(name),
                HZ_S(near), HZ_S(table->name));
}

static bool relations_allowed(hz_checker *c, hz_node *node)
{
    if (c->scope->flags & HZ_SCOPE_RELATIONS)
        return true;
    REPORT_NAME(c, node, 0, HZ_MSG_NONE, HZ_M(EXPR_NO_RELATIONS));
    return false;
}

/* The table where a path begins: that row's which has such a relation. */
static const hz_table *path_table(hz_checker *c, hz_node *node, uint32_t *scope)
{
    const hz_table *outer = outer_table(c);
    *scope = 0;
    if (!node->names_this && c->inner && (hz_table_relation(c->inner, node->names[0]) || !outer))
        return c->inner;
    *scope = outer_scope(c);
    if (!outer) {
        report_row_needed(c, node);
        return NULL;
    }
    if (!node->names_this && c->inner && !hz_table_relation(outer, node->names[0])) {
        *scope = 0;
        return c->inner;
    }
    return outer;
}

/* Takes a relation as the next step. A to-many one only ends the path of an aggregate, which the caller sees to. */
static bool add_step(hz_checker *c, hz_node *node, uint32_t index, const hz_relation *relation)
{
    if (node->steps_count == HZ_STEPS_ONE_MAX && !relation->many) {
        REPORT_NAME(c, node, index, HZ_MSG_NONE, HZ_M(EXPR_PATH_LONG), HZ_I(HZ_STEPS_ONE_MAX));
        return false;
    }
    node->steps[node->steps_count++] = relation;
    note_relation(c, relation);
    return true;
}

static bool steps_room(hz_checker *c, hz_node *node)
{
    node->steps_count = 0;
    node->steps = HZ_ARENA_ARRAY(c->arena, const hz_relation *, HZ_STEPS_ONE_MAX + 1);
    if (node->steps)
        return true;
    hz_check_no_memory(c, (HZ_STEPS_ONE_MAX + 1) * sizeof *node->steps);
    hz_check_wrong(node);
    return false;
}

/* relation . … . field */
static void bind_path(hz_checker *c, hz_node *node)
{
    if (!relations_allowed(c, node) || !steps_room(c, node))
        return;
    const hz_table *table = path_table(c, node, &node->scope);
    for (uint32_t i = 0; table && i + 1 < node->names_count; i++) {
        const hz_relation *relation = hz_table_relation(table, node->names[i]);
        if (!relation) {
            report_no_relation(c, node, i, table);
            return;
        }
        if (relation->many) {
            REPORT_NAME(c, node, i, HZ_MSG_EXPR_HINT_AGGREGATE, HZ_M(EXPR_PATH_MANY), HZ_S(relation->name));
            return;
        }
        if (!add_step(c, node, i, relation))
            return;
        table = relation->to;
    }
    if (!table)
        return;
    uint32_t last = node->names_count - 1;
    hz_slice name = node->names[last];
    const hz_field *field = hz_table_field(table, name);
    const hz_relation *relation = hz_table_relation(table, name);
    if (field) {
        uint32_t scope = node->scope;
        bind_field(c, node, field, scope);
        node->kind = HZ_NODE_PATH;
        node->target = table;
    } else if (relation) {
        report_relation_value(c, node, last, relation);
    } else {
        hz_slice near = nearest_in_table(table, name, true, false);
        REPORT_NAME(c, node, last, near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_NONE, HZ_M(EXPR_FIELD_UNKNOWN), HZ_S(name),
                    HZ_S(near), HZ_S(table->name));
    }
}

void hz_check_name(hz_checker *c, hz_node *node)
{
    node->kind = HZ_NODE_NAME;
    node->item_type = HZ_TYPE_NULL;
    if (node->names_count == 1)
        bind_single(c, node);
    else
        bind_path(c, node);
    if (hz_check_is_wrong(node))
        node->kind = HZ_NODE_NAME;
}

/* ---- aggregates ---- */

/* REL.field as the expression of the aggregate: a node of its own, and the path loses its last name. */
static bool take_short_field(hz_checker *c, hz_node *node, const hz_field *field)
{
    uint32_t last = node->names_count - 1;
    if (node->items[0]) {
        REPORT_NAME(c, node, last, HZ_MSG_NONE, HZ_M(EXPR_FIELD_AND_EXPR), HZ_S(field->name));
        return false;
    }
    hz_node *item = HZ_ARENA_NEW(c->arena, hz_node);
    if (!item) {
        hz_check_no_memory(c, sizeof *item);
        return false;
    }
    hz_token token = name_token(c, node, last);
    item->kind = HZ_NODE_NAME;
    item->offset = item->op_offset = token.offset;
    item->len = item->op_len = token.len;
    item->id = c->expr->nodes_count++;
    item->names = &node->names[last];
    item->names_count = 1;
    node->items[0] = item;
    node->names_count = last;
    return true;
}

/* The steps of an aggregate's path, from the rule's own row. */
static bool bind_aggregate_path(hz_checker *c, hz_node *node)
{
    const hz_table *table = outer_table(c);
    if (!table) {
        report_row_needed(c, node);
        return false;
    }
    if (!relations_allowed(c, node) || !steps_room(c, node))
        return false;
    const hz_relation *many = NULL;
    for (uint32_t i = 0; i < node->names_count; i++) {
        hz_slice name = node->names[i];
        const hz_relation *relation = hz_table_relation(table, name);
        const hz_field *field = hz_table_field(table, name);
        if (!relation && field && i > 0 && i + 1 == node->names_count) {
            if (!take_short_field(c, node, field))
                return false;
            break;
        }
        if (!relation) {
            report_no_relation(c, node, i, table);
            return false;
        }
        if (many) {
            REPORT_NAME(c, node, i, HZ_MSG_NONE, HZ_M(EXPR_MANY_NOT_LAST), HZ_S(many->name));
            return false;
        }
        if (!add_step(c, node, i, relation))
            return false;
        many = relation->many ? relation : NULL;
        table = relation->to;
    }
    if (!many && node->agg != HZ_AGG_EXISTS) {
        REPORT_NAME(c, node, node->names_count - 1, HZ_MSG_EXPR_HINT_DOT, HZ_M(EXPR_AGGREGATE_ONE),
                    HZ_S(node->names[node->names_count - 1]), HZ_Z(hz_aggregate_name(node->agg)));
        return false;
    }
    node->target = table;
    c->expr->reads_row = true;
    return true;
}

static bool bind_star(hz_checker *c, hz_node *node)
{
    if (!(c->scope->flags & HZ_SCOPE_STAR) || !c->scope->table) {
        HZ_CHECK_OP(c, node, HZ_MSG_NONE, HZ_M(EXPR_NO_STAR));
        return false;
    }
    node->target = c->scope->table;
    c->expr->reads_star = true;
    return true;
}

/* What each aggregate takes, apart from types. */
static bool check_parts(hz_checker *c, hz_node *node)
{
    const char *name = hz_aggregate_name(node->agg);
    const hz_node *expr = node->items[0], *cond = node->items[1];
    if (node->agg == HZ_AGG_EXISTS && expr) {
        HZ_CHECK_AT(c, expr, HZ_MSG_EXPR_HINT_WHERE, HZ_M(EXPR_EXISTS_EXPR));
        return false;
    }
    if (node->agg == HZ_AGG_EVERY && cond) {
        HZ_CHECK_AT(c, cond, HZ_MSG_NONE, HZ_M(EXPR_EVERY_WHERE));
        return false;
    }
    bool needs = node->agg != HZ_AGG_COUNT && node->agg != HZ_AGG_EXISTS;
    if (needs && !expr) {
        HZ_CHECK_OP(c, node, HZ_MSG_NONE,
                    node->agg == HZ_AGG_EVERY            ? HZ_M(EXPR_EVERY_NEEDS)
                    : node->agg == HZ_AGG_COUNT_DISTINCT ? HZ_M(EXPR_DISTINCT_NEEDS)
                                                         : HZ_M(EXPR_AGGREGATE_NEEDS),
                    HZ_Z(name));
        return false;
    }
    return true;
}

static bool check_aggregate_types(hz_checker *c, hz_node *node)
{
    hz_node *expr = node->items[0], *cond = node->items[1];
    hz_slice name = hz_slice_of(hz_aggregate_name(node->agg));
    bool ok = !cond || hz_check_want(c, cond, HZ_TYPE_BOOLEAN, HZ_SLICE_LIT("where"));
    if (expr && hz_check_is_wrong(expr))
        return false;
    switch (node->agg) {
    case HZ_AGG_COUNT:
    case HZ_AGG_COUNT_DISTINCT:
        node->type = HZ_TYPE_INTEGER;
        return ok;
    case HZ_AGG_SUM:
    case HZ_AGG_AVG:
        node->type = HZ_TYPE_DECIMAL;
        return hz_check_want(c, expr, HZ_TYPE_DECIMAL, name) && ok;
    case HZ_AGG_MIN:
    case HZ_AGG_MAX:
        node->type = expr->type;
        if (expr->type != HZ_TYPE_ARRAY)
            return ok;
        HZ_CHECK_AT(c, expr, HZ_MSG_NONE, HZ_M(EXPR_ARRAY_ORDER), HZ_S(hz_check_type_text(expr)));
        return false;
    case HZ_AGG_EXISTS:
        node->type = HZ_TYPE_BOOLEAN;
        return ok;
    case HZ_AGG_EVERY:
        node->type = HZ_TYPE_BOOLEAN;
        return hz_check_want(c, expr, HZ_TYPE_BOOLEAN, name) && ok;
    }
    return false;
}

/* An aggregate in another's EXPR or COND is a mistake by itself; its own parts are then not looked at. */
void hz_check_aggregate(hz_checker *c, hz_node *node)
{
    node->item_type = HZ_TYPE_NULL;
    if (c->inner) {
        HZ_CHECK_OP(c, node, HZ_MSG_NONE, HZ_M(EXPR_NESTED), HZ_Z(hz_aggregate_name(node->agg)));
        hz_check_wrong(node);
        return;
    }
    bool ok = (node->star ? bind_star(c, node) : bind_aggregate_path(c, node)) && check_parts(c, node);
    if (!ok) {
        hz_check_wrong(node);
        return;
    }
    c->inner = node->target;
    c->inner_star = node->star;
    for (uint32_t i = 0; i < node->items_count; i++)
        if (node->items[i])
            hz_check_node(c, node->items[i]);
    c->inner = NULL;
    c->inner_star = false;
    if (!check_aggregate_types(c, node))
        hz_check_wrong(node);
}

/* ---- what may be read beside `*` ---- */

void hz_check_keys_only(hz_checker *c, const hz_node *node, const hz_expr *keys, size_t keys_count)
{
    for (size_t i = 0; i < keys_count; i++)
        if (hz_node_equal(node, keys[i].root))
            return;
    bool reads = node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH;
    if (node->kind == HZ_NODE_AGGREGATE) {
        if (!node->star && !hz_check_is_wrong(node))
            HZ_CHECK_OP(c, node, HZ_MSG_NONE, HZ_M(EXPR_STAR_AND_RELATION), HZ_Z(hz_aggregate_name(node->agg)));
        return;
    }
    if (reads && keys_count)
        HZ_CHECK_AT(c, node, HZ_MSG_NONE, HZ_M(EXPR_NOT_A_KEY), HZ_S(hz_check_source(c, node)));
    else if (reads)
        HZ_CHECK_AT(c, node, HZ_MSG_NONE, HZ_M(EXPR_STAR_AND_ROW), HZ_S(hz_check_source(c, node)));
    for (uint32_t i = 0; i < node->items_count; i++)
        hz_check_keys_only(c, node->items[i], keys, keys_count);
}
