/* lint_plan.c: what the engine's plan knows of rules. A plan is made for a submission in which every table and column
 * of every period is there, without rows: what it skips then cannot run in this build at all. Costs are told from the
 * trees: what reads its row, what meets by keys, what must look at pairs. */
#include "base/alloc.h"
#include "validator/engine/plan.h"
#include "validator/tasks/lint_int.h"

/* ---- costs ---- */

/* What a tree reads inside an aggregate: of the related row, of the row outside it. */
static void sides(const hz_node *node, bool *inside, bool *outside)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH) {
        *outside = *outside || node->scope > 0;
        *inside = *inside || node->scope == 0;
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        sides(node->items[i], inside, outside);
}

static bool outer(const hz_node *node)
{
    bool inside = false, outside = false;
    sides(node, &inside, &outside);
    return outside;
}

static bool mixed(const hz_node *node)
{
    bool inside = false, outside = false;
    sides(node, &inside, &outside);
    return inside && outside;
}

/* A part of a condition that is hashed or sorted; counts the ranges, of which one can be sorted by. */
static bool is_sorted(const hz_node *part, int *ranges)
{
    if (!outer(part))
        return true;
    if (part->kind != HZ_NODE_COMPARE || part->op == HZ_OP_NE || mixed(part->items[0]) || mixed(part->items[1]))
        return false;
    *ranges += part->op != HZ_OP_EQ;
    return *ranges <= 1;
}

bool hz_lint_is_pairwise(const hz_node *aggregate)
{
    const hz_node *cond = aggregate->items_count > 1 ? aggregate->items[1] : NULL;
    int ranges = 0;
    if (aggregate->items_count && aggregate->items[0] && outer(aggregate->items[0]))
        return true;
    if (!cond)
        return false;
    if (cond->kind != HZ_NODE_AND)
        return !is_sorted(cond, &ranges);
    for (uint32_t i = 0; i < cond->items_count; i++)
        if (!is_sorted(cond->items[i], &ranges))
            return true;
    return false;
}

static hz_cost cost_of_node(const hz_node *node)
{
    hz_cost cost = HZ_COST_ROW;
    if (!node)
        return cost;
    if (node->kind == HZ_NODE_PATH || node->kind == HZ_NODE_AGGREGATE)
        cost = node->kind == HZ_NODE_AGGREGATE && hz_lint_is_pairwise(node) ? HZ_COST_PAIRWISE : HZ_COST_KEY;
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_cost inner = cost_of_node(node->items[i]);
        cost = inner > cost ? inner : cost;
    }
    return cost;
}

hz_cost hz_cost_of_rule(const hz_rule *rule)
{
    hz_cost when = cost_of_node(rule->when.root), claim = cost_of_node(rule->assert_.root);
    hz_cost cost = when > claim ? when : claim;
    if (rule->kind == HZ_RULE_SIMILAR)
        return HZ_COST_PAIRWISE;
    bool meets = rule->kind == HZ_RULE_UNIQUE || rule->kind == HZ_RULE_REFERENCES || rule->kind == HZ_RULE_GROUP_ASSERT;
    return meets && cost < HZ_COST_KEY ? HZ_COST_KEY : cost;
}

static hz_status tell_costs(hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    hz_lint *lint = linter->lint;
    lint->costs = HZ_ARENA_ARRAY(linter->arena, hz_cost, profile->rules_count + 1);
    if (!lint->costs)
        return hz_nomem(linter->err, profile->rules_count * sizeof *lint->costs);
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        lint->costs[i] = hz_cost_of_rule(rule);
        lint->costs_count[lint->costs[i]]++;
        if (lint->costs[i] == HZ_COST_PAIRWISE && rule->kind != HZ_RULE_SIMILAR && hz_lint_speaks_of(rule))
            HZ_LINT_ADD(linter, rule->span, PAIRWISE, rule->id);
    }
    return HZ_OK;
}

/* ---- what cannot run ---- */

static void put_header(hz_buf *out, const hz_table *table)
{
    for (size_t f = 0; f < table->fields_count; f++) {
        hz_slice name = table->fields[f].name;
        hz_buf_puts(out, f ? ",\"" : "\"");
        for (size_t i = 0; i < name.len; i++) {
            if (name.ptr[i] == '"')
                hz_buf_putc(out, '"');
            hz_buf_putc(out, name.ptr[i]);
        }
        hz_buf_putc(out, '"');
    }
    hz_buf_putc(out, '\n');
}

/* Every table of every period, without rows; not `sources`, which the run makes. */
static hz_status write_headers(hz_input **out, size_t *count, hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    *out = HZ_ARENA_ARRAY(linter->arena, hz_input, HZ_PERIODS_MAX * profile->tables_count + 1);
    *count = 0;
    if (!*out)
        return hz_nomem(linter->err, profile->tables_count * sizeof **out);
    for (size_t t = 0; t < profile->tables_count; t++) {
        const hz_table *table = &profile->tables[t];
        hz_buf text = HZ_BUF_INIT;
        hz_slice kept = HZ_SLICE_NONE;
        if (table->builtin || !table->fields_count)
            continue;
        put_header(&text, table);
        hz_status st = hz_buf_status(&text, linter->err);
        if (st == HZ_OK && hz_arena_copy(&kept, linter->arena, hz_buf_slice(&text)) != HZ_OK)
            st = hz_nomem(linter->err, text.len);
        hz_buf_clear(&text);
        HZ_TRY(st);
        for (uint32_t period = 0; period < HZ_PERIODS_MAX; period++)
            (*out)[(*count)++] = (hz_input){.table = table->name, .bytes = kept, .period = period};
    }
    return HZ_OK;
}

/* Parameters that the run must give get a value here. */
static hz_status with_params(hz_profile *copy, hz_linter *linter)
{
    *copy = *linter->profile;
    copy->params = HZ_ARENA_ARRAY(linter->arena, hz_param, copy->params_count + 1);
    if (!copy->params)
        return hz_nomem(linter->err, copy->params_count * sizeof *copy->params);
    for (size_t i = 0; i < copy->params_count; i++) {
        copy->params[i] = linter->profile->params[i];
        hz_value *value = &copy->params[i].value;
        value->valid = true;
        value->type = copy->params[i].type;
    }
    return HZ_OK;
}

static void tell_skipped(hz_linter *linter, const hz_plan *plan)
{
    for (size_t i = 0; i < plan->profile->rules_count; i++) {
        const hz_plan_rule *entry = &plan->rules[i];
        const hz_said *why = &entry->skip;
        hz_buf text = HZ_BUF_INIT;
        if (!hz_lint_speaks_of(entry->rule) || !entry->listed || why->message == HZ_MSG_NONE)
            continue;
        hz_msg_render(&text, why->message, why->args, why->args_count, linter->options->lang);
        HZ_LINT_ADD(linter, entry->rule->span, NOT_BUILT_IN, entry->rule->id, hz_buf_slice(&text));
        hz_buf_clear(&text);
    }
}

hz_status hz_lint_plan(hz_linter *linter)
{
    hz_profile copy;
    hz_plan plan;
    hz_input *inputs;
    hz_error why;
    size_t count;
    HZ_TRY(tell_costs(linter));
    HZ_TRY(with_params(&copy, linter));
    HZ_TRY(write_headers(&inputs, &count, linter));
    if (!count)
        return HZ_OK;
    hz_run_options how = {.profile = &copy,
                          .waivers_off = true,
                          .lists = linter->options->lists,
                          .limits = linter->options->limits,
                          .inputs = inputs,
                          .inputs_count = count,
                          .has_as_of = true};
    hz_error_clear(&why);
    hz_status st = hz_plan_make(&plan, &how, linter->arena, &why);
    if (st == HZ_OK)
        tell_skipped(linter, &plan);
    hz_plan_clear(&plan);
    if (st == HZ_E_NOMEM && linter->err)
        *linter->err = why;
    return st == HZ_E_NOMEM ? st : HZ_OK; /* a limit of the run is no word on the profile */
}
