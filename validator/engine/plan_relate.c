/* plan_relate.c: from relational nodes to columns, slots and stages. See plan.h. */
#include "base/alloc.h"
#include "profiles/expr/check.h"
#include "validator/engine/plan_int.h"
#include "validator/engine/slot.h"
#include <stdlib.h>

/* ---- trees ---- */

static bool is_raw_path(const hz_node *node)
{
    return node->kind == HZ_NODE_CALL && node->function == HZ_FUNC_RAW && node->items[0]->kind == HZ_NODE_PATH;
}

bool hz_node_is_relational(const hz_node *node)
{
    return node->kind == HZ_NODE_PATH || (node->kind == HZ_NODE_AGGREGATE && !node->star) || is_raw_path(node);
}

/* The node that holds the steps. */
static const hz_node *steps_of(const hz_node *node)
{
    return is_raw_path(node) ? node->items[0] : node;
}

/* Sub-expressions of aggregates are over the related row; hz_node_equal knows names only. */
static bool same_column(const hz_plan_column *have, uint32_t sheet, const hz_node *node)
{
    const hz_node *a = steps_of(have->node), *b = steps_of(node);
    if (have->sheet != sheet || have->node->kind != node->kind || a->kind != b->kind || a->agg != b->agg ||
        a->field != b->field || a->steps_count != b->steps_count)
        return false;
    for (uint32_t i = 0; i < a->steps_count; i++)
        if (a->steps[i] != b->steps[i])
            return false;
    if (a->items_count != b->items_count)
        return false;
    for (uint32_t i = 0; i < a->items_count; i++)
        if (!hz_node_equal(a->items[i], b->items[i]))
            return false;
    return true;
}

/* The same without its first step: over the next table's rows. A path of one step becomes the field, or the expression
 * that it leads to (plan_pair.c). */
static hz_node *behind_step(hz_plan *plan, const hz_node *node)
{
    if (is_raw_path(node)) {
        hz_node *call = HZ_ARENA_NEW(plan->arena, hz_node);
        hz_node **items = HZ_ARENA_NEW(plan->arena, hz_node *);
        hz_node *inner = behind_step(plan, node->items[0]);
        if (!call || !items || !inner)
            return NULL;
        *call = *node;
        *items = inner;
        call->items = items;
        return call;
    }
    if (node->kind == HZ_NODE_PATH && node->steps_count == 1 && node->items_count)
        return node->items[0];
    if (node->kind == HZ_NODE_PATH && node->steps_count == 1)
        return hz_plan_field_node(plan, node->field);
    hz_node *inner = HZ_ARENA_NEW(plan->arena, hz_node);
    if (!inner)
        return NULL;
    *inner = *node;
    inner->steps++;
    inner->steps_count--;
    inner->scope = 0;
    return inner;
}

/* ---- stages ---- */

static bool same_nodes(const hz_node *const *have, const hz_node *const *want, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!hz_node_equal(have[i], want[i]))
            return false;
    return true;
}

static hz_status compile_keys(hz_program ***keys, hz_plan *plan, const hz_node *const *nodes, size_t count,
                              hz_error *err)
{
    HZ_TRY(hz_limit_check(plan->options->limits, HZ_LIMIT_KEY_PARTS, count, err));
    *keys = HZ_ARENA_ARRAY(plan->arena, hz_program *, count);
    if (!*keys)
        return hz_nomem(err, count * sizeof(void *));
    for (size_t i = 0; i < count; i++)
        HZ_TRY(hz_plan_compile(&(*keys)[i], plan, nodes[i], err));
    return HZ_OK;
}

hz_status hz_plan_link_keys(hz_plan_link *link, hz_plan *plan, const hz_relation *relation, size_t more, hz_error *err)
{
    size_t count = relation->on_count + more;
    link->to = HZ_ARENA_ARRAY(plan->arena, const hz_node *, count);
    link->from = HZ_ARENA_ARRAY(plan->arena, const hz_node *, count);
    if (!link->to || !link->from)
        return hz_nomem(err, count * sizeof(void *));
    link->filter = relation->where.root;
    link->own_count = link->count = relation->on_count;
    for (size_t i = 0; i < relation->on_count; i++) {
        link->to[i] = relation->on_to[i].root;
        link->from[i] = relation->on_from[i].root;
    }
    return HZ_OK;
}

static hz_status stage_for(uint32_t *out, hz_plan *plan, const hz_plan_link *link, unsigned level, bool shared,
                           hz_error *err)
{
    for (uint32_t s = 0; shared && s < plan->stages_count; s++) {
        const hz_plan_stage *have = &plan->stages[s];
        if (!have->pairs && have->sheet == link->sheet && have->level == level && have->keys_count == link->count &&
            same_nodes(have->nodes, link->to, link->count)) {
            *out = s;
            return HZ_OK;
        }
    }
    if (!HZ_GROW(plan->stages, plan->stages_capacity, plan->stages_count + 1))
        return hz_nomem(err, sizeof *plan->stages);
    hz_plan_stage *stage = &plan->stages[plan->stages_count];
    *stage = (hz_plan_stage){.sheet = link->sheet, .level = level, .keys_count = link->count, .nodes = link->to};
    *out = (uint32_t)plan->stages_count++;
    plan->levels = level > plan->levels ? level : plan->levels;
    return compile_keys(&stage->keys, plan, link->to, link->count, err);
}

static hz_status probe_for(uint32_t *out, hz_plan *plan, uint32_t stage_index, const hz_plan_link *link, uint32_t sheet,
                           hz_error *err)
{
    hz_plan_stage *stage = &plan->stages[stage_index];
    for (uint32_t p = 0; p < stage->probes_count; p++) {
        const hz_plan_probe *have = &stage->probes[p];
        if (have->sheet == sheet && have->level == link->level && have->own_count == link->own_count &&
            have->lookup == link->lookup && hz_node_equal(have->cond_node, link->cond) &&
            same_nodes(have->nodes, link->from, link->count)) {
            *out = p;
            return HZ_OK;
        }
    }
    if (!HZ_GROW(stage->probes, stage->probes_capacity, stage->probes_count + 1))
        return hz_nomem(err, sizeof *stage->probes);
    hz_plan_probe *probe = &stage->probes[stage->probes_count];
    *probe = (hz_plan_probe){.sheet = sheet,
                             .level = link->level,
                             .nodes = link->from,
                             .own_count = link->own_count,
                             .lookup = link->lookup,
                             .cond_node = link->cond};
    HZ_TRY(hz_plan_compile(&probe->cond, plan, link->cond, err));
    *out = (uint32_t)stage->probes_count++;
    return compile_keys(&probe->keys, plan, link->from, link->count, err);
}

hz_slot_kind hz_slot_kind_of(hz_aggregate agg)
{
    switch (agg) {
    case HZ_AGG_COUNT_DISTINCT:
        return HZ_SLOT_DISTINCT;
    case HZ_AGG_SUM:
    case HZ_AGG_AVG:
        return HZ_SLOT_SUM;
    case HZ_AGG_MIN:
        return HZ_SLOT_LEAST;
    case HZ_AGG_MAX:
        return HZ_SLOT_GREATEST;
    case HZ_AGG_EVERY:
        return HZ_SLOT_FALSE;
    default:
        return HZ_SLOT_COUNT;
    }
}

static bool same_slot(const hz_plan_slot *have, const hz_plan_slot *want)
{
    if (have->kind != want->kind || have->filter_node != want->filter_node)
        return false;
    if (want->kind == HZ_SLOT_LOOKUP)
        return have->node == want->node || (have->node->kind == HZ_NODE_FIELD && want->node->kind == HZ_NODE_FIELD &&
                                            have->node->field == want->node->field);
    return hz_node_equal(have->expr_node, want->expr_node) && hz_node_equal(have->cond_node, want->cond_node);
}

/* Finds or makes the slot; programs are compiled over the related table. */
static hz_status slot_for(uint32_t *out, hz_plan *plan, uint32_t stage_index, hz_plan_slot want, hz_error *err)
{
    hz_plan_stage *stage = &plan->stages[stage_index];
    for (uint32_t s = 0; s < stage->slots_count; s++)
        if (same_slot(&stage->slots[s], &want)) {
            *out = s;
            return HZ_OK;
        }
    if (!HZ_GROW(stage->slots, stage->slots_capacity, stage->slots_count + 1))
        return hz_nomem(err, sizeof *stage->slots);
    HZ_TRY(hz_plan_compile(&want.filter, plan, want.filter_node, err));
    HZ_TRY(hz_plan_compile(&want.cond, plan, want.cond_node, err));
    HZ_TRY(hz_plan_compile(&want.expr, plan, want.expr_node, err));
    *out = (uint32_t)stage->slots_count;
    stage->slots[stage->slots_count++] = want;
    return HZ_OK;
}

/* ---- columns ---- */

uint32_t hz_plan_sheet_behind(const hz_plan *plan, const hz_relation *relation, uint32_t from)
{
    uint32_t tables = (uint32_t)plan->profile->tables_count, period = from / tables;
    return (period - relation->from_period + relation->to_period) * tables + relation->to->index;
}

static hz_status bind(hz_plan *plan, const hz_node *node, uint32_t sheet, uint32_t column, hz_error *err)
{
    if (!HZ_GROW(plan->bindings, plan->bindings_capacity, plan->bindings_count + 1))
        return hz_nomem(err, sizeof *plan->bindings);
    plan->bindings[plan->bindings_count++] = (hz_plan_binding){node, sheet, column};
    return HZ_OK;
}

hz_status hz_plan_use_slot(hz_plan *plan, hz_plan_column *column, const hz_plan_link *link, hz_plan_slot want,
                           hz_plan_pairs *pairs, hz_error *err)
{
    HZ_TRY(stage_for(&column->stage, plan, link, column->level, !pairs, err));
    plan->stages[column->stage].pairs = pairs;
    want.filter_node = link->filter;
    HZ_TRY(slot_for(&column->slot, plan, column->stage, want, err));
    HZ_TRY(probe_for(&column->probe, plan, column->stage, link, column->sheet, err));
    plan->tables[link->sheet].scanned = true;
    return HZ_OK;
}

/* An aggregate over the rows of one step, which reads them alone. */
static hz_status plain_aggregate(hz_plan *plan, hz_plan_column *column, hz_plan_link *link, const hz_node *node,
                                 hz_error *err)
{
    const hz_node *expr = node->items[0], *cond = node->items[1];
    unsigned level = 0;
    HZ_TRY(hz_plan_relate(&level, plan, link->sheet, expr, err));
    HZ_TRY(hz_plan_relate(&level, plan, link->sheet, cond, err));
    column->level = level + 1;
    hz_plan_slot slot = {.kind = hz_slot_kind_of(node->agg),
                         .node = node,
                         .cond_node = cond,
                         .expr_node = expr,
                         .type = expr ? expr->type : HZ_TYPE_NULL};
    return hz_plan_use_slot(plan, column, link, slot, NULL, err);
}

/* The value at the one row behind the first step. */
static hz_status lookup(hz_plan *plan, hz_plan_column *column, hz_plan_link *link, const hz_node *node, hz_error *err)
{
    unsigned level = 0;
    hz_node *inner = behind_step(plan, node);
    if (!inner)
        return hz_nomem(err, sizeof *inner);
    HZ_TRY(hz_plan_relate(&level, plan, link->sheet, inner, err));
    column->level = level + 1;
    hz_plan_slot slot = {.kind = HZ_SLOT_LOOKUP, .node = inner, .expr_node = inner, .type = inner->type};
    return hz_plan_use_slot(plan, column, link, slot, NULL, err);
}

/* Steps into a period that was not given (only figures of an earlier period get that far): no row is related. */
static bool leads_nowhere(const hz_plan *plan, uint32_t sheet, const hz_node *steps)
{
    for (uint32_t s = 0; s < steps->steps_count && sheet < plan->sheets_count; s++)
        sheet = hz_plan_sheet_behind(plan, steps->steps[s], sheet);
    return sheet >= plan->sheets_count;
}

static hz_status add_column(uint32_t *out, hz_plan *plan, hz_plan_column column, hz_error *err)
{
    if (!HZ_GROW(plan->columns, plan->columns_capacity, plan->columns_count + 1))
        return hz_nomem(err, sizeof column);
    *out = (uint32_t)plan->columns_count;
    plan->columns[plan->columns_count++] = column;
    plan->levels = column.level > plan->levels ? column.level : plan->levels;
    return HZ_OK;
}

static hz_status make_column(uint32_t *out, hz_plan *plan, uint32_t sheet, const hz_node *node, hz_error *err)
{
    const hz_node *steps = steps_of(node);
    const hz_relation *relation = steps->steps[0];
    hz_plan_column column = {.sheet = sheet, .node = node, .type = node->type, .stage = HZ_COLUMN_NONE, .level = 1};
    column.empty = steps->kind == HZ_NODE_AGGREGATE ? steps : NULL;
    if (leads_nowhere(plan, sheet, steps))
        return add_column(out, plan, column, err);
    hz_plan_link link = {.sheet = hz_plan_sheet_behind(plan, relation, sheet)};
    if (hz_plan_is_correlated(steps)) {
        HZ_TRY(hz_plan_correlated(plan, &column, steps, err));
    } else {
        HZ_TRY(hz_plan_link_keys(&link, plan, relation, 0, err));
        if (steps->kind == HZ_NODE_AGGREGATE && steps->steps_count == 1)
            HZ_TRY(plain_aggregate(plan, &column, &link, steps, err));
        else
            HZ_TRY(lookup(plan, &column, &link, node, err));
    }
    hz_plan_probe *probe = &plan->stages[column.stage].probes[column.probe];
    if (!HZ_GROW(probe->columns, probe->columns_capacity, probe->columns_count + 1))
        return hz_nomem(err, sizeof column);
    HZ_TRY(add_column(out, plan, column, err));
    probe->columns[probe->columns_count++] = *out;
    return HZ_OK;
}

static hz_status column_for(unsigned *level, hz_plan *plan, uint32_t sheet, const hz_node *node, hz_error *err)
{
    uint32_t at = 0;
    while (at < plan->columns_count && !same_column(&plan->columns[at], sheet, node))
        at++;
    if (at == plan->columns_count)
        HZ_TRY(make_column(&at, plan, sheet, node, err));
    *level = plan->columns[at].level > *level ? plan->columns[at].level : *level;
    return bind(plan, node, sheet, at, err);
}

hz_status hz_plan_relate(unsigned *level, hz_plan *plan, uint32_t sheet, const hz_node *root, hz_error *err)
{
    if (!root)
        return HZ_OK;
    if (hz_node_is_relational(root))
        return column_for(level, plan, sheet, root, err);
    for (uint32_t i = 0; i < root->items_count; i++)
        HZ_TRY(hz_plan_relate(level, plan, sheet, root->items[i], err));
    return HZ_OK;
}

/* ---- the end ---- */

static int by_node(const void *a, const void *b)
{
    const hz_plan_binding *x = a, *y = b;
    if (x->node != y->node)
        return (uintptr_t)x->node < (uintptr_t)y->node ? -1 : 1;
    return (x->sheet > y->sheet) - (x->sheet < y->sheet);
}

uint32_t hz_plan_column_of(const hz_plan *plan, const hz_node *node, uint32_t sheet)
{
    hz_plan_binding want = {node, sheet, 0};
    const hz_plan_binding *found =
        plan->bindings_count ? bsearch(&want, plan->bindings, plan->bindings_count, sizeof want, by_node) : NULL;
    return found ? found->column : HZ_COLUMN_NONE;
}

static void mark_used(hz_plan_table *table, const hz_program *program)
{
    const hz_field *const *fields;
    size_t count = program ? hz_program_fields(program, &fields) : 0;
    for (size_t i = 0; i < count; i++)
        if (fields[i]->table == table->table)
            table->used[fields[i]->index] = true;
    count = program ? hz_program_raw_fields(program, &fields) : 0;
    for (size_t i = 0; i < count; i++)
        if (fields[i]->table == table->table)
            table->used[fields[i]->index] = true;
}

static void carry(hz_plan_table *table, const hz_program *program)
{
    const hz_field *const *fields;
    size_t count = program ? hz_program_fields(program, &fields) : 0;
    for (size_t i = 0; i < count; i++)
        if (fields[i]->table == table->table)
            table->carry[fields[i]->index] = true;
    count = program ? hz_program_raw_fields(program, &fields) : 0;
    for (size_t i = 0; i < count; i++)
        if (fields[i]->table == table->table)
            table->carry_raw[fields[i]->index] = true;
}

static void carry_similar(hz_plan_table *table, const hz_plan_similar *plan)
{
    for (size_t b = 0; b < plan->similar->blocks_count; b++)
        for (size_t p = 0; p < plan->similar->blocks[b].count; p++)
            carry(table, plan->keys[b][p]);
    for (size_t c = 0; c < plan->similar->compare_count; c++)
        carry(table, plan->values[c]);
}

/* What a program reads of the table's rows, in the scan, and in what is done over them later. */
static void reads(hz_plan_table *table, const hz_program *program, bool later)
{
    mark_used(table, program);
    if (later)
        carry(table, program);
}

static void end_probe(hz_plan *plan, const hz_plan_stage *stage, const hz_plan_probe *probe)
{
    hz_plan_table *table = &plan->tables[probe->sheet];
    for (size_t i = 0; i < stage->keys_count; i++)
        reads(table, probe->keys[i], probe->level);
    reads(table, probe->cond, probe->level);
    for (size_t i = 0; stage->pairs && i < stage->pairs->asking_count; i++)
        reads(table, stage->pairs->asking[i].program, probe->level);
    table->levels = probe->level > table->levels ? probe->level : table->levels;
}

static void end_stage(hz_plan *plan, hz_plan_stage *stage)
{
    hz_plan_table *table = &plan->tables[stage->sheet];
    unsigned after = stage->level - 1;
    for (size_t i = 0; i < stage->keys_count; i++)
        reads(table, stage->keys[i], after);
    for (size_t s = 0; s < stage->slots_count; s++) {
        hz_plan_slot *slot = &stage->slots[s];
        slot->offset = stage->state_bytes;
        stage->state_bytes += hz_state_bytes(slot);
        const hz_program *programs[] = {slot->filter, slot->cond, slot->expr};
        for (size_t i = 0; i < 3; i++)
            reads(table, programs[i], after);
    }
    for (size_t i = 0; stage->pairs && i < stage->pairs->related_count; i++)
        reads(table, stage->pairs->related[i].program, after);
    table->levels = after > table->levels ? after : table->levels;
    for (size_t p = 0; p < stage->probes_count; p++)
        end_probe(plan, stage, &stage->probes[p]);
}

/* The relational nodes under root whose columns are not listed yet. */
static hz_status list_nodes(hz_plan *plan, hz_plan_rule *rule, size_t *capacity, const hz_node *root, hz_error *err)
{
    uint32_t sheet = hz_plan_sheet_of(plan, rule->rule);
    if (!root)
        return HZ_OK;
    if (!hz_node_is_relational(root)) {
        for (uint32_t i = 0; i < root->items_count; i++)
            HZ_TRY(list_nodes(plan, rule, capacity, root->items[i], err));
        return HZ_OK;
    }
    for (size_t n = 0; n < rule->nodes_count; n++)
        if (hz_plan_column_of(plan, rule->nodes[n], sheet) == hz_plan_column_of(plan, root, sheet))
            return HZ_OK;
    if (!HZ_GROW(rule->nodes, *capacity, rule->nodes_count + 1))
        return hz_nomem(err, sizeof *rule->nodes);
    rule->nodes[rule->nodes_count++] = root;
    return HZ_OK;
}

/* Findings name the rows behind a column, and those that its path leads on to. */
static void name_rows(hz_plan *plan, uint32_t index)
{
    if (index == HZ_COLUMN_NONE || plan->columns[index].stage == HZ_COLUMN_NONE)
        return;
    hz_plan_stage *stage = &plan->stages[plan->columns[index].stage];
    hz_plan_slot *slot = &stage->slots[plan->columns[index].slot];
    if (stage->pairs)
        return;
    stage->named_count += !slot->named;
    slot->named = true;
    if (slot->kind == HZ_SLOT_LOOKUP)
        name_rows(plan, hz_plan_column_of(plan, slot->node, stage->sheet));
}

static hz_status list_read(hz_plan *plan, hz_plan_rule *entry, size_t *capacity, const hz_program *program,
                           hz_error *err)
{
    const hz_node *const *nodes;
    size_t count = program ? hz_program_relational(program, &nodes) : 0;
    for (size_t i = 0; i < count; i++)
        HZ_TRY(list_nodes(plan, entry, capacity, nodes[i], err));
    return HZ_OK;
}

/* Of an assertion that the report shows; and what the keys read by which its rows ask is kept with their values. */
static hz_status name_related(hz_plan *plan, hz_plan_rule *entry, size_t *capacity, hz_error *err)
{
    uint32_t sheet = hz_plan_sheet_of(plan, entry->rule);
    if (!entry->own || entry->rule->kind != HZ_RULE_ASSERT)
        return HZ_OK;
    for (size_t n = 0; n < entry->assert_nodes_count; n++) {
        uint32_t index = hz_plan_column_of(plan, entry->nodes[n], sheet);
        const hz_plan_column *column = &plan->columns[index];
        name_rows(plan, index);
        if (column->stage == HZ_COLUMN_NONE)
            continue;
        const hz_plan_stage *stage = &plan->stages[column->stage];
        const hz_plan_probe *probe = &stage->probes[column->probe];
        for (size_t k = 0; k < stage->keys_count; k++)
            HZ_TRY(list_read(plan, entry, capacity, probe->keys[k], err));
        HZ_TRY(list_read(plan, entry, capacity, probe->cond, err));
    }
    return HZ_OK;
}

static hz_status nodes_of_rule(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_rule *rule = entry->rule;
    size_t capacity = 0;
    HZ_TRY(list_nodes(plan, entry, &capacity, rule->assert_.root, err));
    entry->assert_nodes_count = entry->nodes_count;
    HZ_TRY(list_nodes(plan, entry, &capacity, rule->when.root, err));
    for (size_t side = 0; side < 2; side++) {
        const hz_message *message = side ? &rule->message_en : &rule->message_zh;
        for (size_t i = 0; i < message->count; i++)
            HZ_TRY(list_nodes(plan, entry, &capacity, message->parts[i].expr.root, err));
    }
    return name_related(plan, entry, &capacity, err);
}

hz_status hz_plan_relate_end(hz_plan *plan, hz_error *err)
{
    if (plan->bindings_count)
        qsort(plan->bindings, plan->bindings_count, sizeof *plan->bindings, by_node);
    for (size_t t = 0; t < plan->sheets_count; t++) {
        size_t fields = plan->tables[t].table->fields_count;
        plan->tables[t].carry = HZ_ARENA_ARRAY(plan->arena, bool, fields + 1);
        plan->tables[t].carry_raw = HZ_ARENA_ARRAY(plan->arena, bool, fields + 1);
        if (!plan->tables[t].carry || !plan->tables[t].carry_raw)
            return hz_nomem(err, fields);
    }
    for (size_t s = 0; s < plan->stages_count; s++)
        end_stage(plan, &plan->stages[s]);
    for (size_t i = 0; i < plan->rules_count; i++) {
        hz_plan_rule *rule = &plan->rules[i];
        if (!rule->runs || !rule->level || rule->rule->kind == HZ_RULE_GROUP_ASSERT)
            continue;
        hz_plan_table *table = &plan->tables[hz_plan_sheet_of(plan, rule->rule)];
        HZ_TRY(nodes_of_rule(plan, rule, err));
        for (size_t k = 0; rule->rule->kind == HZ_RULE_UNIQUE && k < plan->keysets[rule->keyset].keys_count; k++)
            carry(table, plan->keysets[rule->keyset].keys[k]);
        table->levels = rule->level > table->levels ? rule->level : table->levels;
        carry(table, rule->when);
        carry(table, rule->assert_);
        carry(table, rule->overlap_from);
        carry(table, rule->overlap_to);
        if (rule->rule->kind == HZ_RULE_SIMILAR)
            carry_similar(table, &plan->similars[rule->similar]);
        for (size_t k = 0; rule->keys && k < rule->rule->keys_count; k++)
            carry(table, rule->keys[k]);
        if (rule->rule->kind == HZ_RULE_REQUIRED)
            table->carry_raw[rule->rule->field->index] = true;
    }
    for (size_t g = 0; g < plan->groups_count; g++) {
        const hz_plan_group *group = &plan->groups[g];
        hz_plan_table *table = &plan->tables[group->sheet];
        if (!group->level)
            continue;
        table->levels = group->level > table->levels ? group->level : table->levels;
        for (size_t k = 0; k < group->keys_count; k++)
            carry(table, group->keys[k]);
        for (size_t f = 0; f < group->key_fields_count; f++) {
            size_t column = group->key_fields[f].field->index;
            table->carry[column] = table->carry_raw[column] = true;
        }
        for (size_t a = 0; a < group->aggregates_count; a++) {
            carry(table, group->aggregates[a].expr);
            carry(table, group->aggregates[a].cond);
        }
    }
    return HZ_OK;
}

/* ---- who reads a column ---- */

static bool column_reads(const hz_plan *plan, uint32_t reader, uint32_t column);

static bool node_reads(const hz_plan *plan, const hz_node *node, uint32_t sheet, uint32_t column)
{
    uint32_t own = hz_plan_column_of(plan, node, sheet);
    return own != HZ_COLUMN_NONE && (own == column || column_reads(plan, own, column));
}

static bool program_reads(const hz_plan *plan, const hz_program *program, uint32_t sheet, uint32_t column)
{
    const hz_node *const *nodes;
    size_t count = program ? hz_program_relational(program, &nodes) : 0;
    for (size_t i = 0; i < count; i++)
        if (node_reads(plan, nodes[i], sheet, column))
            return true;
    return false;
}

static bool programs_read(const hz_plan *plan, hz_program *const *programs, size_t count, uint32_t sheet,
                          uint32_t column)
{
    for (size_t i = 0; programs && i < count; i++)
        if (program_reads(plan, programs[i], sheet, column))
            return true;
    return false;
}

static bool cells_read(const hz_plan *plan, const hz_plan_cell *cells, size_t count, uint32_t sheet, uint32_t column)
{
    for (size_t i = 0; i < count; i++)
        if (program_reads(plan, cells[i].program, sheet, column))
            return true;
    return false;
}

static bool column_reads(const hz_plan *plan, uint32_t reader, uint32_t column)
{
    const hz_plan_column *own = &plan->columns[reader];
    if (own->stage == HZ_COLUMN_NONE || plan->columns[column].level >= own->level)
        return false;
    const hz_plan_stage *stage = &plan->stages[own->stage];
    const hz_plan_slot *slot = &stage->slots[own->slot];
    const hz_plan_probe *probe = &stage->probes[own->probe];
    const hz_plan_pairs *pairs = stage->pairs;
    hz_program *const slots[] = {slot->filter, slot->cond, slot->expr};
    return programs_read(plan, stage->keys, stage->keys_count, stage->sheet, column) ||
           programs_read(plan, slots, 3, stage->sheet, column) ||
           programs_read(plan, probe->keys, stage->keys_count, probe->sheet, column) ||
           program_reads(plan, probe->cond, probe->sheet, column) ||
           (pairs && (cells_read(plan, pairs->related, pairs->related_count, stage->sheet, column) ||
                      cells_read(plan, pairs->asking, pairs->asking_count, probe->sheet, column)));
}

bool hz_plan_rule_reads(const hz_plan *plan, const hz_plan_rule *rule, uint32_t column)
{
    uint32_t sheet = hz_plan_sheet_of(plan, rule->rule);
    hz_program *const own[] = {rule->when, rule->assert_, rule->overlap_from, rule->overlap_to};
    for (size_t n = 0; n < rule->nodes_count; n++)
        if (node_reads(plan, rule->nodes[n], sheet, column))
            return true;
    if (rule->rule->kind == HZ_RULE_UNIQUE) {
        const hz_plan_keyset *set = &plan->keysets[rule->keyset];
        if (programs_read(plan, set->keys, set->keys_count, sheet, column))
            return true;
    }
    return programs_read(plan, own, sizeof own / sizeof *own, sheet, column) ||
           programs_read(plan, rule->keys, rule->rule->keys_count, sheet, column);
}

bool hz_plan_group_reads(const hz_plan *plan, const hz_plan_group *group, uint32_t column)
{
    for (size_t a = 0; a < group->aggregates_count; a++)
        if (program_reads(plan, group->aggregates[a].expr, group->sheet, column) ||
            program_reads(plan, group->aggregates[a].cond, group->sheet, column))
            return true;
    return programs_read(plan, group->keys, group->keys_count, group->sheet, column);
}
