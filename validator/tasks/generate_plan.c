/* generate_plan.c: what the model says about how to make rows.
 *
 * The counted table is the root: a row of it makes a family. Tables hang on it by relations and references: those with
 * many rows for one of a family's, or one for one, are of the family; those that many families have one of are shared.
 * A block is the shared rows and some families. Each rule knows what it reads, so that a change finds its rules. */
#include "profiles/load.h"
#include "validator/tasks/generate_int.h"
#include "validator/tasks/test_int.h"
#include <stdlib.h>

uint64_t hz_rand_mix(uint64_t a, uint64_t b)
{
    uint64_t z = a + UINT64_C(0x9e3779b97f4a7c15) * (b + 1);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t hz_rand_next(hz_rand *rand)
{
    rand->state += UINT64_C(0x9e3779b97f4a7c15);
    return hz_rand_mix(rand->state, 0);
}

/* ---- day and parameters ---- */

/* The earliest period needs a year that fields called 年度 take. A day that nobody asked for gives way. */
static hz_status fit_years(hz_gen_plan *plan, hz_civil *civil, bool asked, hz_error *err)
{
    int32_t before = (int32_t)plan->options->periods - 1;
    for (size_t t = 0; t < plan->profile->tables_count; t++)
        for (size_t f = 0; f < plan->profile->tables[t].fields_count; f++) {
            const hz_field *field = &plan->profile->tables[t].fields[f];
            const hz_node *least = field->min.root;
            hz_gval bound = least && least->kind == HZ_NODE_LITERAL ? hz_gen_literal(&least->value) : HZ_GVAL_NULL;
            int64_t first;
            if (!hz_gen_says_year(field) || bound.state != HZ_GEN_VALID || bound.type != HZ_TYPE_DECIMAL ||
                !hz_decimal_to_i64(&first, bound.as.number) || civil->year - before >= first || first > 9000)
                continue;
            if (asked)
                return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_YEAR), HZ_S(field->table->name), HZ_S(field->name),
                               HZ_I(first), HZ_U(plan->options->periods), HZ_I(civil->year - before));
            civil->year = (int32_t)first + before;
            plan->moved = true;
        }
    return HZ_OK;
}

static hz_status take_day(hz_gen_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    const hz_gen_options *options = plan->options;
    hz_tests_settings_of examples = {0};
    hz_tests_options asked = {.profile = profile,
                              .lists = options->lists,
                              .limits = options->limits,
                              .has_as_of = options->has_as_of,
                              .as_of = options->as_of};
    HZ_TRY(hz_tests_settings(&examples, &asked, plan->arena, err));
    hz_run_options how = examples.own;
    if (profile->as_of == HZ_AS_OF_DAY && !options->has_as_of) {
        how.has_as_of = true;
        how.as_of = profile->as_of_day;
    }
    if (!how.has_as_of)
        return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_NO_DAY));
    hz_civil civil = hz_date_to_civil(how.as_of);
    HZ_TRY(fit_years(plan, &civil, options->has_as_of || profile->as_of == HZ_AS_OF_DAY, err));
    for (unsigned p = 0; p < HZ_PERIODS_MAX; p++)
        if (!hz_date_from_civil(&plan->as_of[p], civil.year - (int32_t)p, civil.month, civil.day) &&
            !hz_date_from_civil(&plan->as_of[p], civil.year - (int32_t)p, civil.month, 28))
            return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_NO_DAY));
    return HZ_OK;
}

static hz_status take_params(hz_gen_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    plan->params = HZ_ARENA_ARRAY(plan->arena, hz_value, profile->params_count + profile->params_older_count + 1);
    if (!plan->params)
        return hz_nomem(err, profile->params_count * sizeof *plan->params);
    for (size_t i = 0; i < profile->params_count + profile->params_older_count; i++)
        plan->params[i] = profile->params[i].value;
    for (size_t i = 0; i < plan->options->params_count; i++) {
        const hz_given *given = &plan->options->params[i];
        int index = hz_profile_param(profile, given->name);
        if (index < 0)
            return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_NO_PARAM), HZ_S(given->name));
        HZ_TRY(hz_param_read(&plan->params[index], &profile->params[index], given->value, err));
    }
    for (size_t i = 0; i < profile->params_count; i++)
        if (!plan->params[i].valid)
            return hz_fail(err, HZ_E_USAGE, HZ_M(ENGINE_PARAM_MISSING), HZ_S(profile->params[i].name));
    return HZ_OK;
}

/* ---- which table hangs on which ---- */

static bool made(const hz_table *table)
{
    return !table->builtin && !table->included.len;
}

bool hz_gen_keyed(const hz_table *table, const hz_expr *on, size_t count)
{
    for (size_t k = 0; k < table->key_count; k++) {
        bool found = hz_gen_says_year(table->key[k]);
        for (size_t i = 0; i < count && !found; i++)
            found = on[i].root && on[i].root->kind == HZ_NODE_FIELD && on[i].root->field == table->key[k];
        if (!found)
            return false;
    }
    return table->key_count > 0;
}

typedef struct tie {
    uint32_t parent;
    hz_gen_role role;
    bool one;
    size_t count;
    const hz_expr *mine, *theirs; /* arrays of count */
    const hz_field *mine_field, *theirs_field;
} tie;

/* How `table` hangs on `other` by expressions of both. */
static void weigh(tie *best, const hz_table *table, const hz_expr *mine, const hz_table *other, const hz_expr *theirs,
                  size_t count, bool other_shared)
{
    bool table_keyed = hz_gen_keyed(table, mine, count), other_keyed = hz_gen_keyed(other, theirs, count);
    hz_gen_role role = (table_keyed && !other_keyed) || other_shared ? HZ_GEN_SHARED : HZ_GEN_FAMILY;
    size_t weight = count;
    if (!table_keyed && !other_keyed && table->key_count && !table->external)
        return; /* persons that may be the same are no reason to hang helpers on families */
    if (best->role != HZ_GEN_NONE && (best->count >= weight))
        return;
    *best = (tie){other->index, role, table_keyed && other_keyed, weight, mine, theirs, NULL, NULL};
}

static bool of_now(const hz_relation *relation)
{
    return !relation->to_period && !relation->from_period && relation->from != relation->to;
}

static void find_tie(tie *best, const hz_gen_plan *plan, const hz_table *table, const hz_table *other)
{
    bool shared = plan->tables[other->index].role == HZ_GEN_SHARED;
    for (size_t r = 0; r < other->relations_count; r++) {
        const hz_relation *rel = other->relations[r];
        if (rel->to == table && of_now(rel))
            weigh(best, table, rel->on_to, other, rel->on_from, rel->on_count, shared);
    }
    for (size_t r = 0; r < table->relations_count; r++) {
        const hz_relation *rel = table->relations[r];
        if (rel->to == other && of_now(rel))
            weigh(best, table, rel->on_from, other, rel->on_to, rel->on_count, shared);
    }
    if (best->role != HZ_GEN_NONE)
        return;
    for (size_t f = 0; f < table->fields_count; f++)
        if (table->fields[f].references && table->fields[f].references->table == other)
            *best = (tie){.parent = other->index,
                          .role = shared ? HZ_GEN_SHARED : HZ_GEN_FAMILY,
                          .count = 1,
                          .mine_field = &table->fields[f],
                          .theirs_field = table->fields[f].references};
    for (size_t f = 0; f < other->fields_count && best->role == HZ_GEN_NONE; f++)
        if (other->fields[f].references && other->fields[f].references->table == table)
            *best = (tie){.parent = other->index,
                          .role = HZ_GEN_SHARED,
                          .count = 1,
                          .mine_field = other->fields[f].references,
                          .theirs_field = &other->fields[f]};
}

static void mark_led(uint64_t *led, const hz_node *node)
{
    if (node->kind == HZ_NODE_FIELD)
        led[node->field->index / 64] |= UINT64_C(1) << (node->field->index % 64);
    for (uint32_t i = 0; i < node->items_count; i++)
        mark_led(led, node->items[i]);
}

static hz_status hang(hz_gen_plan *plan, const hz_table *table, const tie *by, hz_error *err)
{
    hz_gen_table *known = &plan->tables[table->index];
    known->role = by->role;
    known->parent = by->parent;
    known->one = by->one;
    known->links_count = by->count;
    known->links = HZ_ARENA_ARRAY(plan->arena, hz_gen_link, by->count + 1);
    known->led = HZ_ARENA_ARRAY(plan->arena, uint64_t, plan->profile->tables[by->parent].fields_count / 64 + 1);
    if (!known->links || !known->led)
        return hz_nomem(err, by->count * sizeof *known->links);
    for (size_t i = 0; i < by->count; i++) {
        if (by->theirs && by->theirs[i].root)
            mark_led(known->led, by->theirs[i].root);
        if (by->theirs_field)
            known->led[by->theirs_field->index / 64] |= UINT64_C(1) << (by->theirs_field->index % 64);
        if (by->mine)
            known->links[i] = (hz_gen_link){&by->mine[i], &by->theirs[i], NULL, NULL};
        else
            known->links[i] = (hz_gen_link){NULL, NULL, by->mine_field, by->theirs_field};
    }
    plan->order[plan->order_count++] = table->index;
    return HZ_OK;
}

/* In waves: tables tied to a family go before those tied to what is shared, so that a table of persons' data does not
 * end beside the village. */
static hz_status hang_all(hz_gen_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    plan->tables[plan->root].role = HZ_GEN_ROOT;
    plan->tables[plan->root].parent = UINT32_MAX;
    plan->order[plan->order_count++] = plan->root;
    for (bool again = true, shared_too = false; again || !shared_too;) {
        shared_too = !again;
        again = false;
        for (size_t o = 0; o < plan->order_count; o++) {
            const hz_table *other = &profile->tables[plan->order[o]];
            if (!shared_too && plan->tables[other->index].role == HZ_GEN_SHARED)
                continue;
            for (size_t t = 0; t < profile->tables_count; t++) {
                const hz_table *table = &profile->tables[t];
                tie best = {0};
                if (!made(table) || plan->tables[t].role != HZ_GEN_NONE)
                    continue;
                find_tie(&best, plan, table, other);
                if (best.role == HZ_GEN_NONE)
                    continue;
                HZ_TRY(hang(plan, table, &best, err));
                again = true;
            }
        }
    }
    /* what is shared is made first */
    uint32_t *sorted = HZ_ARENA_ARRAY(plan->arena, uint32_t, plan->order_count + 1);
    size_t count = 0;
    if (!sorted)
        return hz_nomem(err, plan->order_count * sizeof *sorted);
    for (int pass = 0; pass < 2; pass++)
        for (size_t o = 0; o < plan->order_count; o++)
            if ((plan->tables[plan->order[o]].role == HZ_GEN_SHARED) == (pass == 0))
                sorted[count++] = plan->order[o];
    plan->order = sorted;
    return HZ_OK;
}

static hz_status choose_root(hz_gen_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    hz_slice wanted = plan->options->rows.table;
    for (size_t t = 0; t < profile->tables_count; t++) {
        const hz_table *table = &profile->tables[t];
        plan->tables[t] = (hz_gen_table){.table = table,
                                         .role = made(table)           ? HZ_GEN_NONE
                                                 : table->included.len ? HZ_GEN_INCLUDED
                                                                       : HZ_GEN_NONE,
                                         .parent = UINT32_MAX};
        if (wanted.len ? hz_slice_eq(table->name, wanted) && made(table)
                       : plan->root == UINT32_MAX && made(table) && !table->external)
            plan->root = (uint32_t)t;
    }
    if (plan->root != UINT32_MAX)
        return HZ_OK;
    return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_NO_TABLE), HZ_S(wanted));
}

/* ---- rules ---- */

static bool runs(const hz_gen_plan *plan, const hz_rule *rule)
{
    static const bool kinds[HZ_RULE_KIND_COUNT] = {
        [HZ_RULE_REQUIRED] = true, [HZ_RULE_PATTERN] = true, [HZ_RULE_LENGTH] = true,
        [HZ_RULE_RANGE] = true,    [HZ_RULE_UNIQUE] = true,  [HZ_RULE_REFERENCES] = true,
        [HZ_RULE_ASSERT] = true,   [HZ_RULE_TYPE] = true,    [HZ_RULE_CODES] = true,
        [HZ_RULE_ITEMS] = true,    [HZ_RULE_SIMILAR] = true, [HZ_RULE_GROUP_ASSERT] = true};
    hz_gen_role role = plan->tables[rule->table->index].role;
    return kinds[rule->kind] && role != HZ_GEN_NONE && role != HZ_GEN_INCLUDED &&
           (rule->status == HZ_LIFE_ACTIVE || rule->status == HZ_LIFE_DEPRECATED) &&
           rule->effective <= plan->as_of[0] && plan->as_of[0] <= rule->until;
}

static void mark_reads(hz_reads *reads, const hz_rule *rule)
{
    hz_reads_reset(reads);
    hz_reads_node(reads, rule->when.root, rule->period);
    hz_reads_node(reads, rule->assert_.root, rule->period);
    for (size_t i = 0; i < rule->keys_count; i++)
        hz_reads_node(reads, rule->keys[i].root, rule->period);
    hz_reads_node(reads, rule->overlap_from.root, rule->period);
    hz_reads_node(reads, rule->overlap_to.root, rule->period);
    if (rule->field) {
        reads->fields[rule->table->index][rule->field->index] = true;
        if (rule->kind == HZ_RULE_REQUIRED)
            hz_reads_node(reads, rule->field->required_when.root, rule->period);
        if (rule->kind == HZ_RULE_REFERENCES && rule->field->references)
            reads->fields[rule->field->references->table->index][rule->field->references->index] = true;
    }
    for (size_t i = 0; rule->ref_table && i < rule->keys_count; i++)
        reads->fields[rule->ref_table->index][rule->ref_fields[i]->index] = true;
    if (rule->period > reads->period)
        reads->period = rule->period;
}

static bool reaches_out(const hz_rule *rule)
{
    return rule->kind == HZ_RULE_UNIQUE || rule->kind == HZ_RULE_REFERENCES || rule->when.reads_relation ||
           rule->assert_.reads_relation || (rule->field && rule->field->required_when.reads_relation);
}

static hz_status note_reader(hz_gen_plan *plan, uint32_t **list, size_t *count, uint32_t rule, hz_error *err)
{
    if ((*count & (*count - 1)) == 0) {
        uint32_t *more = HZ_ARENA_ARRAY(plan->arena, uint32_t, *count ? *count * 2 : 1);
        if (!more)
            return hz_nomem(err, *count * sizeof *more);
        if (*count)
            memcpy(more, *list, *count * sizeof *more);
        *list = more;
    }
    (*list)[(*count)++] = rule;
    return HZ_OK;
}

/* family_size = count(members): what other rules ask of the sum, they ask of its parts. */
static void note_definitions(hz_gen_plan *plan, const hz_node *node, uint32_t rule)
{
    if (!node)
        return;
    for (uint32_t i = 0; node->kind == HZ_NODE_AND && i < node->items_count; i++)
        note_definitions(plan, node->items[i], rule);
    if (node->kind != HZ_NODE_COMPARE || node->op != HZ_OP_EQ)
        return;
    for (int side = 0; side < 2; side++) {
        const hz_node *field = node->items[side], *sum = node->items[1 - side];
        if (sum->kind == HZ_NODE_CALL && sum->function == HZ_FUNC_COALESCE)
            sum = sum->items[0];
        if (field->kind == HZ_NODE_FIELD && sum->kind == HZ_NODE_AGGREGATE &&
            (sum->agg == HZ_AGG_COUNT || sum->agg == HZ_AGG_SUM))
            plan->tables[field->field->table->index].fields[field->field->index].defined_by = rule + 1;
    }
}

static hz_status take_rules(hz_gen_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    hz_reads reads;
    HZ_TRY(hz_reads_init(&reads, profile, plan->arena, err));
    plan->rules = HZ_ARENA_ARRAY(plan->arena, hz_gen_rule, profile->rules_count + 1);
    if (!plan->rules)
        return hz_nomem(err, profile->rules_count * sizeof *plan->rules);
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        if (!runs(plan, rule))
            continue;
        uint32_t index = (uint32_t)plan->rules_count;
        hz_gen_table *own = &plan->tables[rule->table->index];
        if (rule->kind == HZ_RULE_CODES || rule->kind == HZ_RULE_TYPE || rule->kind == HZ_RULE_SIMILAR ||
            rule->kind == HZ_RULE_ITEMS || rule->kind == HZ_RULE_GROUP_ASSERT) { /* not mended: for defects only */
            mark_reads(&reads, rule);
            plan->rules[plan->rules_count++] =
                (hz_gen_rule){.rule = rule, .hard = rule->severity <= HZ_SEVERITY_ERROR, .earliest = reads.period};
            continue;
        }
        mark_reads(&reads, rule);
        if (rule->kind == HZ_RULE_ASSERT)
            note_definitions(plan, rule->assert_.root, index);
        plan->rules[plan->rules_count++] = (hz_gen_rule){.rule = rule,
                                                         .hard = rule->severity <= HZ_SEVERITY_ERROR,
                                                         .place = (uint32_t)own->rules_count,
                                                         .earliest = reads.period,
                                                         .far = reaches_out(rule)};
        HZ_TRY(note_reader(plan, &own->rules, &own->rules_count, index, err));
        for (size_t t = 0; t < profile->tables_count; t++) {
            bool any = rule->kind == HZ_RULE_UNIQUE && t == rule->table->index;
            for (size_t f = 0; f < profile->tables[t].fields_count; f++)
                if (reads.fields[t][f]) {
                    hz_gen_field *field = &plan->tables[t].fields[f];
                    HZ_TRY(note_reader(plan, &field->readers, &field->readers_count, index, err));
                    any = any || t != rule->table->index;
                }
            if ((any || reads.tables[t]) && plan->rules[index].far)
                HZ_TRY(note_reader(plan, &plan->tables[t].readers, &plan->tables[t].readers_count, index, err));
        }
    }
    return HZ_OK;
}

/* ---- patterns of `matches` ---- */

static hz_status take_match(hz_gen_plan *plan, const hz_node *node, bool store, hz_error *err)
{
    if (!node)
        return HZ_OK;
    if (node->kind == HZ_NODE_MATCHES && node->pattern) {
        if (store) {
            hz_gen_match *match = &plan->matches[plan->matches_count];
            match->node = node;
            HZ_TRY(hz_pattern_new(&match->pattern, node->text, node->pattern, plan->options->limits, false, err));
        }
        plan->matches_count++;
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        HZ_TRY(take_match(plan, node->items[i], store, err));
    return HZ_OK;
}

static hz_status walk_matches(hz_gen_plan *plan, bool store, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    plan->matches_count = 0;
    for (size_t i = 0; i < profile->rules_count; i++) {
        HZ_TRY(take_match(plan, profile->rules[i].when.root, store, err));
        HZ_TRY(take_match(plan, profile->rules[i].assert_.root, store, err));
        for (size_t k = 0; k < profile->rules[i].keys_count; k++)
            HZ_TRY(take_match(plan, profile->rules[i].keys[k].root, store, err));
    }
    for (size_t t = 0; t < profile->tables_count; t++) {
        for (size_t f = 0; f < profile->tables[t].fields_count; f++)
            HZ_TRY(take_match(plan, profile->tables[t].fields[f].required_when.root, store, err));
        for (size_t r = 0; r < profile->tables[t].relations_count; r++) {
            const hz_relation *relation = profile->tables[t].relations[r];
            HZ_TRY(take_match(plan, relation->where.root, store, err));
            for (size_t k = 0; k < relation->on_count; k++) {
                HZ_TRY(take_match(plan, relation->on_from[k].root, store, err));
                HZ_TRY(take_match(plan, relation->on_to[k].root, store, err));
            }
        }
    }
    return HZ_OK;
}

static int by_node(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const hz_gen_match *)a)->node, y = (uintptr_t)((const hz_gen_match *)b)->node;
    return (x > y) - (x < y);
}

const hz_pattern *hz_gen_plan_pattern(const hz_gen_plan *plan, const hz_node *node)
{
    const hz_gen_match key = {node, NULL};
    const hz_gen_match *found =
        plan->matches_count ? bsearch(&key, plan->matches, plan->matches_count, sizeof key, by_node) : NULL;
    return found ? found->pattern : NULL;
}

static hz_status take_matches(hz_gen_plan *plan, hz_error *err)
{
    HZ_TRY(walk_matches(plan, false, err));
    plan->matches = HZ_ARENA_ARRAY(plan->arena, hz_gen_match, plan->matches_count + 1);
    if (!plan->matches)
        return hz_nomem(err, plan->matches_count * sizeof *plan->matches);
    HZ_TRY(walk_matches(plan, true, err));
    qsort(plan->matches, plan->matches_count, sizeof *plan->matches, by_node);
    return HZ_OK;
}

hz_status hz_gen_plan_make(hz_gen_plan *plan, hz_error *err)
{
    size_t count = plan->profile->tables_count;
    plan->root = UINT32_MAX;
    plan->tables = HZ_ARENA_ARRAY(plan->arena, hz_gen_table, count + 1);
    plan->order = HZ_ARENA_ARRAY(plan->arena, uint32_t, count + 1);
    if (!plan->tables || !plan->order)
        return hz_nomem(err, count * sizeof *plan->tables);
    HZ_TRY(take_day(plan, err));
    HZ_TRY(take_params(plan, err));
    HZ_TRY(hz_semtypes_open(&plan->semtypes, plan->options->lists, err));
    HZ_TRY(choose_root(plan, err));
    HZ_TRY(hang_all(plan, err));
    HZ_TRY(hz_gen_plan_fields(plan, err));
    HZ_TRY(take_rules(plan, err));
    HZ_TRY(take_matches(plan, err));
    HZ_TRY(hz_gen_plan_included(plan, err));
    return hz_gen_plan_places(plan, err);
}

void hz_gen_plan_clear(hz_gen_plan *plan)
{
    for (size_t t = 0; plan->tables && t < plan->profile->tables_count; t++)
        for (size_t f = 0; plan->tables[t].fields && f < plan->profile->tables[t].fields_count; f++)
            hz_pattern_free(plan->tables[t].fields[f].pattern);
    for (size_t i = 0; plan->matches && i < plan->matches_count; i++)
        hz_pattern_free(plan->matches[i].pattern);
    for (size_t i = 0; i < plan->indexes_count; i++)
        hz_names_clear(&plan->indexes[i].names);
    hz_semtypes_close(plan->semtypes);
}
