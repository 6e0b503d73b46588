/* plan_group.c: the group side of the plan: which aggregates a rule or measure needs, and the programs around them. */
#include "base/alloc.h"
#include "profiles/expr/check.h"
#include "validator/engine/plan_int.h"

typedef struct gather {
    hz_plan *plan;
    const hz_node **nodes; /* aggregates over *, each once */
    size_t nodes_count, nodes_capacity;
    const hz_field **fields; /* read by the keys */
    size_t fields_count, fields_capacity;
} gather;

bool hz_plan_same_aggregate(const hz_node *a, const hz_node *b)
{
    return a == b || (a->type == b->type && hz_node_equal(a, b));
}

static hz_status gather_aggregates(gather *g, const hz_node *node, hz_error *err)
{
    if (!node)
        return HZ_OK;
    if (node->kind == HZ_NODE_AGGREGATE && node->star) {
        for (size_t i = 0; i < g->nodes_count; i++)
            if (hz_plan_same_aggregate(g->nodes[i], node))
                return HZ_OK;
        if (!HZ_GROW(g->nodes, g->nodes_capacity, g->nodes_count + 1))
            return hz_nomem(err, sizeof *g->nodes);
        g->nodes[g->nodes_count++] = node;
        return HZ_OK;
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        HZ_TRY(gather_aggregates(g, node->items[i], err));
    return HZ_OK;
}

static hz_status gather_fields(gather *g, const hz_node *node, hz_error *err)
{
    if (!node)
        return HZ_OK;
    if (node->kind == HZ_NODE_FIELD) {
        for (size_t i = 0; i < g->fields_count; i++)
            if (g->fields[i] == node->field)
                return HZ_OK;
        if (!HZ_GROW(g->fields, g->fields_capacity, g->fields_count + 1))
            return hz_nomem(err, sizeof *g->fields);
        g->fields[g->fields_count++] = node->field;
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        HZ_TRY(gather_fields(g, node->items[i], err));
    return HZ_OK;
}

static bool keeps_value(hz_aggregate kind)
{
    return kind == HZ_AGG_SUM || kind == HZ_AGG_AVG || kind == HZ_AGG_MIN || kind == HZ_AGG_MAX;
}

static size_t part_of_field(const hz_rule *rule, const hz_field *field)
{
    for (size_t k = 0; k < rule->keys_count; k++)
        if (rule->keys[k].root->kind == HZ_NODE_FIELD && rule->keys[k].root->field == field)
            return k;
    return SIZE_MAX;
}

static hz_status keep(hz_plan_group *group, const gather *g, hz_error *err)
{
    hz_plan *plan = g->plan;
    group->aggregates = HZ_ARENA_ARRAY(plan->arena, hz_plan_aggregate, g->nodes_count + 1);
    group->key_fields = HZ_ARENA_ARRAY(plan->arena, struct hz_plan_key_field, g->fields_count + 1);
    if (!group->aggregates || !group->key_fields)
        return hz_nomem(err, g->nodes_count * sizeof *group->aggregates);
    group->key_fields_count = g->fields_count;
    for (size_t f = 0; f < g->fields_count; f++) {
        struct hz_plan_key_field *field = &group->key_fields[f];
        *field = (struct hz_plan_key_field){g->fields[f], part_of_field(group->rule, g->fields[f]), 0};
        if (field->part == SIZE_MAX)
            field->typed_at = group->typed_count++;
    }
    for (size_t i = 0; i < g->nodes_count; i++) {
        hz_plan_aggregate *agg = &group->aggregates[i];
        agg->node = g->nodes[i];
        agg->value_at = keeps_value(agg->node->agg) ? group->values_count++ : SIZE_MAX;
        for (size_t k = 0; k < 2; k++)
            HZ_TRY(hz_plan_relate(&group->level, plan, group->sheet, agg->node->items[k], err));
        HZ_TRY(hz_plan_compile(&agg->expr, plan, agg->node->items[0], err));
        HZ_TRY(hz_plan_compile(&agg->cond, plan, agg->node->items[1], err));
    }
    group->aggregates_count = g->nodes_count;
    return HZ_OK;
}

static void gather_clear(gather *g)
{
    hz_mem_free((void *)g->nodes);
    hz_mem_free((void *)g->fields);
}

hz_status hz_plan_group_rule(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_rule *rule = entry->rule;
    hz_plan_group *group = &plan->groups[plan->groups_count];
    gather g = {.plan = plan};
    hz_status st = HZ_OK;
    group->rule = rule;
    group->sheet = hz_plan_sheet_of(plan, rule);
    HZ_TRY(hz_limit_check(plan->options->limits, HZ_LIMIT_KEY_PARTS, rule->keys_count, err));
    group->keys_count = rule->keys_count;
    group->keys = HZ_ARENA_ARRAY(plan->arena, hz_program *, rule->keys_count + 1);
    if (!group->keys)
        return hz_nomem(err, rule->keys_count * sizeof *group->keys);
    for (size_t i = 0; i < rule->keys_count; i++) {
        HZ_GO(hz_plan_compile(&group->keys[i], plan, rule->keys[i].root, err));
        HZ_GO(gather_fields(&g, rule->keys[i].root, err));
    }
    HZ_GO(gather_aggregates(&g, rule->when.root, err));
    HZ_GO(gather_aggregates(&g, rule->assert_.root, err));
    for (size_t side = 0; side < 2; side++) {
        const hz_message *message = side ? &rule->message_en : &rule->message_zh;
        for (size_t i = 0; i < message->count; i++)
            HZ_GO(gather_aggregates(&g, message->parts[i].expr.root, err));
    }
    HZ_GO(keep(group, &g, err));
    HZ_GO(hz_plan_compile(&group->when, plan, rule->when.root, err));
    HZ_GO(hz_plan_compile(&group->assert_, plan, rule->assert_.root, err));
    const hz_node *root = rule->assert_.root;
    if (root && root->kind == HZ_NODE_COMPARE) {
        HZ_GO(hz_plan_compile(&entry->left, plan, root->items[0], err));
        HZ_GO(hz_plan_compile(&entry->right, plan, root->items[1], err));
    }
    entry->group = plan->groups_count++;
out:
    gather_clear(&g);
    return st;
}

/* ---- expect ---- */

static hz_node *value_node(hz_plan *plan, enum hz_plan_value which)
{
    hz_node *node = HZ_ARENA_NEW(plan->arena, hz_node);
    if (node) {
        node->kind = HZ_NODE_VALUE;
        node->type = HZ_TYPE_DECIMAL;
        node->index = which;
    }
    return node;
}

hz_node *hz_plan_pair_node(hz_plan *plan, hz_node_kind kind, hz_op op, hz_type type, hz_node *a, hz_node *b)
{
    hz_node *node = HZ_ARENA_NEW(plan->arena, hz_node);
    hz_node **items = HZ_ARENA_ARRAY(plan->arena, hz_node *, 2);
    if (!node || !items || !a || !b)
        return NULL;
    items[0] = a;
    items[1] = b;
    node->kind = kind;
    node->op = op;
    node->type = type;
    node->items = items;
    node->items_count = 2;
    return node;
}

static bool is_figure(const hz_node *node)
{
    return node->kind == HZ_NODE_VALUE && (node->index == HZ_PLAN_VALUE || node->index == HZ_PLAN_PREVIOUS);
}

static bool reads_figure(const hz_node *node)
{
    if (node->kind == HZ_NODE_VALUE)
        return true;
    for (uint32_t i = 0; i < node->items_count; i++)
        if (node->items[i] && reads_figure(node->items[i]))
            return true;
    return false;
}

static hz_node *exact(hz_plan *plan, hz_node *node);

/* Both sides of a comparison times the denominators of those that are figures. */
static hz_node *as_fractions(hz_plan *plan, hz_op op, const hz_node *a, const hz_node *b)
{
    const hz_node *from[] = {a, b};
    hz_node *tops[2], *bottoms[2] = {NULL, NULL};
    for (size_t i = 0; i < 2; i++) {
        bool before = is_figure(from[i]) && from[i]->index == HZ_PLAN_PREVIOUS;
        if (!is_figure(from[i])) {
            tops[i] = exact(plan, (hz_node *)(uintptr_t)from[i]);
            continue;
        }
        tops[i] = value_node(plan, before ? HZ_PLAN_PREVIOUS_NUMERATOR : HZ_PLAN_NUMERATOR);
        bottoms[i] = value_node(plan, before ? HZ_PLAN_PREVIOUS_DENOMINATOR : HZ_PLAN_DENOMINATOR);
    }
    for (size_t i = 0; i < 2; i++)
        if (is_figure(from[1 - i]))
            tops[i] = hz_plan_pair_node(plan, HZ_NODE_ARITH, HZ_OP_MUL, HZ_TYPE_DECIMAL, tops[i], bottoms[1 - i]);
    return hz_plan_pair_node(plan, HZ_NODE_COMPARE, op, HZ_TYPE_BOOLEAN, tops[0], tops[1]);
}

static hz_node *exact_between(hz_plan *plan, const hz_node *node)
{
    hz_node *both = hz_plan_pair_node(plan, HZ_NODE_AND, HZ_OP_NONE, HZ_TYPE_BOOLEAN,
                                      as_fractions(plan, HZ_OP_GE, node->items[0], node->items[1]),
                                      as_fractions(plan, HZ_OP_LE, node->items[0], node->items[2]));
    if (!both || !node->negated)
        return both;
    hz_node *not_ = hz_plan_pair_node(plan, HZ_NODE_NOT, HZ_OP_NONE, HZ_TYPE_BOOLEAN, both, both);
    if (not_)
        not_->items_count = 1;
    return not_;
}

/* A copy of the tree in which comparisons of `value` and `previous` are exact; NULL when memory is out. */
static hz_node *exact(hz_plan *plan, hz_node *node)
{
    if (!reads_figure(node))
        return node;
    bool compares = node->kind == HZ_NODE_COMPARE || node->kind == HZ_NODE_BETWEEN, any = false;
    for (uint32_t i = 0; compares && i < node->items_count; i++)
        any = any || is_figure(node->items[i]);
    if (any)
        return node->kind == HZ_NODE_BETWEEN ? exact_between(plan, node)
                                             : as_fractions(plan, node->op, node->items[0], node->items[1]);
    hz_node *copy = HZ_ARENA_NEW(plan->arena, hz_node);
    hz_node **items = HZ_ARENA_ARRAY(plan->arena, hz_node *, node->items_count + 1);
    if (!copy || !items)
        return NULL;
    *copy = *node;
    copy->items = items;
    for (uint32_t i = 0; i < node->items_count; i++) {
        items[i] = node->items[i] ? exact(plan, node->items[i]) : NULL;
        if (node->items[i] && !items[i])
            return NULL;
    }
    return copy;
}

hz_status hz_plan_group_measure(size_t *out, hz_plan *plan, const hz_measure *measure, uint32_t period, hz_error *err)
{
    hz_plan_group *group = &plan->groups[plan->groups_count];
    gather g = {.plan = plan};
    hz_status st = HZ_OK;
    hz_node *value = measure->value.root;
    bool fraction = value->kind == HZ_NODE_ARITH && value->op == HZ_OP_DIV;
    group->measure = measure;
    group->sheet = hz_plan_sheet(plan, measure->table, period);
    HZ_GO(gather_aggregates(&g, value, err));
    HZ_GO(gather_aggregates(&g, measure->when.root, err));
    HZ_GO(keep(group, &g, err));
    HZ_GO(hz_plan_compile(&group->when, plan, measure->when.root, err));
    if (fraction) {
        HZ_GO(hz_plan_compile(&group->numerator, plan, value->items[0], err));
        HZ_GO(hz_plan_compile(&group->denominator, plan, value->items[1], err));
    } else {
        HZ_GO(hz_plan_compile(&group->assert_, plan, value, err));
    }
    if (measure->expect.root && !period) {
        hz_node *expect = fraction ? exact(plan, measure->expect.root) : measure->expect.root;
        if (!expect) {
            st = hz_nomem(err, sizeof(hz_node));
            goto out;
        }
        HZ_GO(hz_plan_compile(&group->expect, plan, expect, err));
    }
    *out = plan->groups_count++;
out:
    gather_clear(&g);
    return st;
}
