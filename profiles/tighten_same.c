/* tighten_same.c: sameness across two models. Trees are compared as in expr/equal.c, but a name is compared as what it
 * stands for: the name of the column and its table, of the relation, of the parameter with its value; a list as its
 * codes. So an expression whose words did not change is not the same when one of its names now means something else. */
#include "profiles/tighten.h"

typedef struct pair {
    const hz_profile *a, *b;
    bool by_name; /* parameters and lists are the same when they have one name: what they hold is compared elsewhere */
} pair;

static bool node_same(const pair *p, const hz_node *a, const hz_node *b);

static bool same_value(const hz_value *a, const hz_value *b)
{
    if (a->valid != b->valid)
        return false;
    bool decimal = a->type == HZ_TYPE_DECIMAL || b->type == HZ_TYPE_DECIMAL;
    if (!a->valid || (a->type != b->type && !decimal))
        return a->type == b->type;
    switch (decimal ? HZ_TYPE_DECIMAL : a->type) {
    case HZ_TYPE_BOOLEAN:
        return a->as.boolean == b->as.boolean;
    case HZ_TYPE_TEXT:
        return hz_slice_eq(a->as.text, b->as.text);
    case HZ_TYPE_DECIMAL:
        if (a->type != b->type)
            return false;
        return a->as.decimal.coef == b->as.decimal.coef && a->as.decimal.scale == b->as.decimal.scale;
    case HZ_TYPE_INTERVAL:
        return a->as.interval.months == b->as.interval.months && a->as.interval.days == b->as.interval.days &&
               a->as.interval.micros == b->as.interval.micros;
    default:
        return a->as.i64 == b->as.i64;
    }
}

bool hz_same_param(const hz_param *a, const hz_param *b)
{
    return hz_slice_eq(a->name, b->name) && a->type == b->type && a->month == b->month &&
           a->precision == b->precision && a->scale == b->scale && same_value(&a->value, &b->value);
}

bool hz_same_list(const hz_codelist *a, const hz_codelist *b)
{
    if (a == b || !a || !b)
        return a == b;
    if (hz_codelist_count(a) != hz_codelist_count(b))
        return false;
    for (size_t i = 0; i < hz_codelist_count(a); i++) {
        hz_code x = hz_codelist_at(a, i), y = hz_codelist_at(b, i);
        if (!hz_slice_eq(x.code, y.code) || !hz_slice_eq(x.name.zh, y.name.zh) || !hz_slice_eq(x.name.en, y.name.en) ||
            !hz_slice_eq(x.parent, y.parent) || x.valid_from != y.valid_from || x.valid_to != y.valid_to)
            return false;
    }
    return !memcmp(hz_codelist_sha256(a), hz_codelist_sha256(b), 32);
}

static bool same_table(const hz_table *a, const hz_table *b)
{
    return !a == !b && (!a || hz_slice_eq(a->name, b->name));
}

static bool same_field(const hz_field *a, const hz_field *b)
{
    return !a == !b && (!a || (hz_slice_eq(a->name, b->name) && same_table(a->table, b->table)));
}

static bool same_steps(const hz_node *a, const hz_node *b)
{
    if (a->steps_count != b->steps_count || a->star != b->star || !same_table(a->target, b->target))
        return false;
    for (uint32_t i = 0; i < a->steps_count; i++)
        if (!hz_slice_eq(a->steps[i]->name, b->steps[i]->name) || !same_table(a->steps[i]->from, b->steps[i]->from))
            return false;
    return true;
}

static bool same_items(const pair *p, const hz_node *a, const hz_node *b)
{
    if (a->items_count != b->items_count)
        return false;
    for (uint32_t i = 0; i < a->items_count; i++)
        if (!node_same(p, a->items[i], b->items[i]))
            return false;
    return true;
}

static bool node_same(const pair *p, const hz_node *a, const hz_node *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->op != b->op || a->negated != b->negated || a->has_subject != b->has_subject ||
        a->has_else != b->has_else || !same_items(p, a, b))
        return false;
    switch (a->kind) {
    case HZ_NODE_LITERAL:
        return same_value(&a->value, &b->value);
    case HZ_NODE_PARAM:
        return p->by_name ? hz_slice_eq(p->a->params[a->index].name, p->b->params[b->index].name)
                          : hz_same_param(&p->a->params[a->index], &p->b->params[b->index]);
    case HZ_NODE_VALUE:
        return a->index == b->index;
    case HZ_NODE_FIELD:
    case HZ_NODE_PATH:
        return same_field(a->field, b->field) && a->scope == b->scope && same_steps(a, b);
    case HZ_NODE_IN_LIST:
        return hz_slice_eq(a->text, b->text) && (p->by_name || hz_same_list(a->list, b->list));
    case HZ_NODE_MATCHES:
        return hz_slice_eq(a->text, b->text);
    case HZ_NODE_CALL:
        return a->function == b->function && (p->by_name || hz_same_list(a->list, b->list));
    case HZ_NODE_AGGREGATE:
        return a->agg == b->agg && a->scope == b->scope && same_steps(a, b);
    default:
        return true;
    }
}

bool hz_same_node(const hz_profile *a_profile, const hz_node *a, const hz_profile *b_profile, const hz_node *b)
{
    return node_same(&(pair){a_profile, b_profile, false}, a, b);
}

bool hz_same_names(const hz_profile *a_profile, const hz_node *a, const hz_profile *b_profile, const hz_node *b)
{
    return node_same(&(pair){a_profile, b_profile, true}, a, b);
}

bool hz_same_expr(const hz_profile *a_profile, const hz_expr *a, const hz_profile *b_profile, const hz_expr *b)
{
    return hz_same_node(a_profile, a->root, b_profile, b->root);
}

/* ---- fields ---- */

static bool same_texts(const hz_slice *a, size_t a_count, const hz_slice *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!hz_slice_eq(a[i], b[i]))
            return false;
    return true;
}

bool hz_same_reading(const hz_field *a, const hz_field *b)
{
    bool same = a->type == b->type && a->precision == b->precision && a->scale == b->scale &&
                a->semtypes_count == b->semtypes_count && hz_same_list(a->codes, b->codes) &&
                a->codes_valid_ever == b->codes_valid_ever && a->codes_names == b->codes_names &&
                a->accept_15 == b->accept_15 && a->level == b->level && a->formats_count == b->formats_count &&
                a->trim == b->trim && a->fold_width == b->fold_width && a->fold_case == b->fold_case &&
                hz_slice_eq(a->many, b->many) &&
                same_texts(a->true_texts, a->true_count, b->true_texts, b->true_count) &&
                same_texts(a->false_texts, a->false_count, b->false_texts, b->false_count);
    for (size_t i = 0; same && i < a->semtypes_count; i++)
        same = a->semtypes[i] == b->semtypes[i];
    for (size_t i = 0; same && i < a->formats_count; i++)
        same = !strcmp(a->formats[i].text, b->formats[i].text) && a->formats[i].iso == b->formats[i].iso;
    return same;
}

/* What the rule asks of the field, and what decides whether it asks at all. */
static bool same_asked(const pair *p, hz_rule_kind kind, const hz_field *a, const hz_field *b)
{
    if (!same_field(a, b) || (kind != HZ_RULE_REQUIRED && !hz_same_reading(a, b)))
        return false;
    switch (kind) {
    case HZ_RULE_CHARACTERS:
        return a->plain == b->plain;
    case HZ_RULE_ITEMS:
        return a->min_items == b->min_items && a->max_items == b->max_items && a->distinct == b->distinct;
    case HZ_RULE_PATTERN:
        return same_texts(a->patterns, a->patterns_count, b->patterns, b->patterns_count);
    case HZ_RULE_LENGTH:
        return a->min_length == b->min_length && a->max_length == b->max_length;
    case HZ_RULE_RANGE:
        return hz_same_expr(p->a, &a->min, p->b, &b->min) && hz_same_expr(p->a, &a->max, p->b, &b->max);
    case HZ_RULE_REFERENCES:
        return same_field(a->references, b->references);
    default:
        return true;
    }
}

/* ---- rules ---- */

static bool same_decimal(hz_decimal a, hz_decimal b)
{
    return hz_decimal_cmp(a, b) == 0;
}

static bool same_exprs(const pair *p, const hz_expr *a, size_t a_count, const hz_expr *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!hz_same_expr(p->a, &a[i], p->b, &b[i]))
            return false;
    return true;
}

static bool same_similar(const pair *p, const hz_similar *a, const hz_similar *b)
{
    if (!a || !b)
        return a == b;
    bool same = a->blocks_count == b->blocks_count && a->compare_count == b->compare_count &&
                same_decimal(a->threshold, b->threshold);
    for (size_t i = 0; same && i < a->blocks_count; i++)
        same = same_exprs(p, a->blocks[i].parts, a->blocks[i].count, b->blocks[i].parts, b->blocks[i].count);
    for (size_t i = 0; same && i < a->compare_count; i++)
        same = hz_same_expr(p->a, &a->compare[i].expr, p->b, &b->compare[i].expr) &&
               hz_slice_eq(a->compare[i].by, b->compare[i].by) &&
               same_decimal(a->compare[i].weight, b->compare[i].weight);
    return same;
}

/* One knows the columns that the other knows. */
static bool same_columns(const hz_table *a, const hz_table *b)
{
    if (!a || !b || a == b)
        return a == b;
    bool same = a->fields_count == b->fields_count && same_texts(a->echo, a->echo_count, b->echo, b->echo_count);
    for (size_t i = 0; same && i < a->fields_count; i++) {
        const hz_field *x = &a->fields[i], *y = hz_table_field(b, x->name);
        same = y && hz_slice_eq(x->title.zh, y->title.zh) && hz_slice_eq(x->title.en, y->title.en) &&
               same_texts(x->aliases, x->aliases_count, y->aliases, y->aliases_count);
    }
    return same;
}

static bool same_cost(const hz_rule *a, const hz_rule *b)
{
    return a->severity == b->severity && a->dimension == b->dimension && hz_slice_eq(a->indicator, b->indicator) &&
           a->gate == b->gate && a->status == b->status && a->effective == b->effective && a->until == b->until &&
           same_decimal(a->weight, b->weight) && a->if_skipped == b->if_skipped &&
           a->tolerance.has_rate == b->tolerance.has_rate && a->tolerance.has_count == b->tolerance.has_count &&
           (!a->tolerance.has_rate || same_decimal(a->tolerance.rate, b->tolerance.rate)) &&
           (!a->tolerance.has_count || a->tolerance.count == b->tolerance.count);
}

bool hz_same_rule(const hz_profile *a_profile, const hz_rule *a, const hz_profile *b_profile, const hz_rule *b)
{
    const pair p = {a_profile, b_profile, false};
    if (a->kind != b->kind || a->period != b->period || !same_table(a->table, b->table) || !same_cost(a, b) ||
        !a->field != !b->field || a->may_be_absent != b->may_be_absent || a->unknown_columns != b->unknown_columns ||
        a->at_most != b->at_most || a->blame_records != b->blame_records || !same_table(a->ref_table, b->ref_table))
        return false;
    if (a->field && a->kind != HZ_RULE_UNIQUE && a->kind != HZ_RULE_REFERENCES &&
        !same_asked(&p, a->kind, a->field, b->field))
        return false;
    if (!same_columns(a->declared, b->declared) || (a->field && !same_field(a->field, b->field)))
        return false;
    if (!hz_same_expr(p.a, &a->when, p.b, &b->when) || !hz_same_expr(p.a, &a->assert_, p.b, &b->assert_) ||
        !hz_same_expr(p.a, &a->overlap_from, p.b, &b->overlap_from) ||
        !hz_same_expr(p.a, &a->overlap_to, p.b, &b->overlap_to) ||
        !same_exprs(&p, a->keys, a->keys_count, b->keys, b->keys_count) || !same_similar(&p, a->similar, b->similar))
        return false;
    for (size_t i = 0; i < a->keys_count; i++) {
        if (a->normalize && b->normalize && a->normalize[i] != b->normalize[i])
            return false;
        if (a->ref_fields && b->ref_fields && !same_field(a->ref_fields[i], b->ref_fields[i]))
            return false;
    }
    return true;
}

bool hz_same_measure(const hz_profile *a_profile, const hz_measure *a, const hz_profile *b_profile, const hz_measure *b)
{
    return same_table(a->table, b->table) && hz_same_expr(a_profile, &a->value, b_profile, &b->value) &&
           hz_same_expr(a_profile, &a->when, b_profile, &b->when) &&
           hz_same_expr(a_profile, &a->expect, b_profile, &b->expect) && a->levels == b->levels &&
           a->severity == b->severity && a->dimension == b->dimension && hz_slice_eq(a->indicator, b->indicator) &&
           a->gate == b->gate && a->status == b->status && a->if_skipped == b->if_skipped &&
           hz_slice_eq(a->unit, b->unit);
}
