#include "validator/tasks/reads.h"

hz_status hz_reads_init(hz_reads *reads, const hz_profile *profile, hz_arena *arena, hz_error *err)
{
    *reads = (hz_reads){.profile = profile};
    reads->tables = HZ_ARENA_ARRAY(arena, bool, profile->tables_count + 1);
    reads->fields = HZ_ARENA_ARRAY(arena, bool *, profile->tables_count + 1);
    reads->relations = HZ_ARENA_ARRAY(arena, bool *, profile->tables_count + 1);
    reads->params = HZ_ARENA_ARRAY(arena, bool, profile->params_count + 1);
    reads->lists = HZ_ARENA_ARRAY(arena, bool, profile->own_lists_count + 1);
    bool ok = reads->tables && reads->fields && reads->relations && reads->params && reads->lists;
    for (size_t t = 0; ok && t < profile->tables_count; t++) {
        reads->fields[t] = HZ_ARENA_ARRAY(arena, bool, profile->tables[t].fields_count + 1);
        reads->relations[t] = HZ_ARENA_ARRAY(arena, bool, profile->tables[t].relations_count + 1);
        ok = reads->fields[t] && reads->relations[t];
    }
    return ok ? HZ_OK : hz_nomem(err, profile->tables_count * sizeof(void *));
}

void hz_reads_reset(hz_reads *reads)
{
    const hz_profile *profile = reads->profile;
    for (size_t t = 0; t < profile->tables_count; t++) {
        memset(reads->fields[t], 0, profile->tables[t].fields_count);
        memset(reads->relations[t], 0, profile->tables[t].relations_count);
    }
    memset(reads->tables, 0, profile->tables_count);
    memset(reads->params, 0, profile->params_count);
    memset(reads->lists, 0, profile->own_lists_count);
    reads->period = 0;
    reads->as_of = false;
}

static void mark_table(hz_reads *reads, const hz_table *table, uint32_t period)
{
    enum { EARLIEST = 2 }; /* an outer row's path may seem to lead before it */
    reads->tables[table->index] = true;
    if (period > reads->period && period <= EARLIEST)
        reads->period = period;
}

static void mark_field(hz_reads *reads, const hz_field *field)
{
    reads->tables[field->table->index] = true;
    reads->fields[field->table->index][field->index] = true;
}

static void mark_list(hz_reads *reads, const hz_codelist *list)
{
    for (size_t i = 0; list && i < reads->profile->own_lists_count; i++)
        reads->lists[i] = reads->lists[i] || reads->profile->own_lists[i].list == list;
}

static void mark_relation(hz_reads *reads, const hz_relation *relation)
{
    for (size_t i = 0; i < relation->from->relations_count; i++)
        if (relation->from->relations[i] == relation)
            reads->relations[relation->from->index][i] = true;
    for (size_t i = 0; relation->inverse.len && i < relation->to->relations_count; i++)
        if (hz_slice_eq(relation->to->relations[i]->name, relation->inverse))
            reads->relations[relation->to->index][i] = true;
}

/* The period at the end of the steps. */
static uint32_t walk_steps(hz_reads *reads, const hz_node *node, uint32_t period)
{
    for (uint32_t s = 0; s < node->steps_count; s++) {
        const hz_relation *relation = node->steps[s];
        uint32_t next = period - relation->from_period + relation->to_period;
        mark_relation(reads, relation);
        mark_table(reads, relation->to, next);
        for (size_t i = 0; i < relation->on_count; i++) {
            hz_reads_node(reads, relation->on_from[i].root, period);
            hz_reads_node(reads, relation->on_to[i].root, next);
        }
        hz_reads_node(reads, relation->where.root, next);
        period = next;
    }
    return period;
}

void hz_reads_node(hz_reads *reads, const hz_node *node, uint32_t period)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_AS_OF)
        reads->as_of = true;
    if (node->kind == HZ_NODE_PARAM)
        reads->params[node->index] = true;
    if ((node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH) && node->field)
        mark_field(reads, node->field);
    if (node->kind == HZ_NODE_PATH || (node->kind == HZ_NODE_AGGREGATE && !node->star))
        period = walk_steps(reads, node, period);
    mark_list(reads, node->list);
    for (uint32_t i = 0; i < node->items_count; i++)
        hz_reads_node(reads, node->items[i], period);
}

static void walk_message(hz_reads *reads, const hz_message *message, uint32_t period)
{
    for (size_t i = 0; i < message->count; i++)
        hz_reads_node(reads, message->parts[i].expr.root, period);
}

void hz_reads_rule(hz_reads *reads, const hz_rule *rule)
{
    mark_table(reads, rule->table, rule->period);
    if (rule->field)
        mark_field(reads, rule->field);
    hz_reads_node(reads, rule->when.root, rule->period);
    hz_reads_node(reads, rule->assert_.root, rule->period);
    hz_reads_node(reads, rule->overlap_from.root, rule->period);
    hz_reads_node(reads, rule->overlap_to.root, rule->period);
    for (size_t i = 0; i < rule->keys_count; i++)
        hz_reads_node(reads, rule->keys[i].root, rule->period);
    for (size_t i = 0; rule->ref_table && i < rule->keys_count; i++)
        mark_field(reads, rule->ref_fields[i]);
    const hz_expr *expr;
    for (size_t i = 0; (expr = hz_rule_similar_expr(rule, i)) != NULL; i++)
        hz_reads_node(reads, expr->root, rule->period);
    walk_message(reads, &rule->message_zh, rule->period);
    walk_message(reads, &rule->message_en, rule->period);
}

void hz_reads_measure(hz_reads *reads, const hz_measure *measure)
{
    mark_table(reads, measure->table, 0);
    hz_reads_node(reads, measure->value.root, 0);
    hz_reads_node(reads, measure->when.root, 0);
    hz_reads_node(reads, measure->expect.root, 0);
}

void hz_reads_tables(hz_reads *reads)
{
    for (size_t t = 0; t < reads->profile->tables_count; t++) {
        const hz_table *table = &reads->profile->tables[t];
        hz_reads_node(reads, table->region.root, 0);
        for (size_t f = 0; f < table->fields_count; f++) {
            const hz_field *field = &table->fields[f];
            hz_reads_node(reads, field->min.root, 0);
            hz_reads_node(reads, field->max.root, 0);
            hz_reads_node(reads, field->required_when.root, 0);
            mark_list(reads, field->codes);
        }
        for (size_t r = 0; r < table->relations_count; r++)
            hz_reads_node(reads, table->relations[r]->where.root, 0);
    }
}
