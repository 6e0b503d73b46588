/* plan_waivers.c: which failures are waived. A waiver speaks of every form of its rule that the chain has; each pair of
 * the two is a shadow of the rule (waive.c). */
#include "base/alloc.h"
#include "validator/engine/plan_int.h"

static void mark_used(hz_plan_table *table, const hz_node *node)
{
    if (node->kind == HZ_NODE_FIELD)
        table->used[node->field->index] = true;
    for (uint32_t i = 0; i < node->items_count; i++)
        mark_used(table, node->items[i]);
}

/* Room for all; the day is known where there is one. */
static hz_status list_waivers(hz_plan *plan, hz_error *err)
{
    const hz_run_options *options = plan->options;
    size_t own = options->waivers_off ? 0 : plan->profile->waivers_count, count = own + options->waivers_count;
    HZ_TRY(hz_limit_check(options->limits, HZ_LIMIT_WAIVERS, count, err));
    if (count && !plan->env.has_as_of)
        return hz_fail(err, HZ_E_USAGE, HZ_M(WAIVER_NO_DAY));
    plan->waivers = HZ_ARENA_ARRAY(plan->arena, hz_plan_waiver, count + 1);
    if (!plan->waivers)
        return hz_nomem(err, count * sizeof *plan->waivers);
    plan->waivers_count = count;
    for (size_t i = 0; i < count; i++) {
        hz_plan_waiver *entry = &plan->waivers[i];
        entry->waiver = i < own ? &plan->profile->waivers[i] : &options->waivers[i - own];
        entry->in_force = plan->env.as_of < entry->waiver->until;
    }
    return HZ_OK;
}

static bool is_covered(const hz_plan_rule *entry, const hz_plan_waiver *waiver)
{
    return waiver->in_force && entry->listed && entry->runs && hz_slice_eq(entry->rule->id, waiver->waiver->rule);
}

static hz_status plan_shadow(hz_plan *plan, uint32_t w, uint32_t rule, hz_error *err)
{
    hz_plan_waiver *waiver = &plan->waivers[w];
    const hz_rule *of = plan->rules[rule].rule;
    hz_plan_shadow *shadow = &plan->shadows[plan->shadows_count++];
    hz_plan_table *table = &plan->tables[hz_plan_sheet_of(plan, of)];
    *shadow = (hz_plan_shadow){.waiver = w, .rule = rule};
    if (!waiver->condition)
        HZ_TRY(hz_plan_compile(&waiver->condition, plan, waiver->waiver->condition, err));
    if (hz_rule_is_of_groups(of))
        return HZ_OK;
    if (!waiver->by_rows) { /* all forms of a rule are about one sheet */
        waiver->by_rows = true;
        waiver->sheet = hz_plan_sheet_of(plan, of);
        waiver->set = table->sets_count++;
        mark_used(table, waiver->waiver->condition);
    }
    shadow->limited = waiver->waiver->has_max_count || waiver->waiver->has_max_rate;
    if (shadow->limited)
        shadow->set = table->sets_count++;
    return HZ_OK;
}

hz_status hz_plan_waivers(hz_plan *plan, hz_error *err)
{
    size_t most = 0;
    HZ_TRY(list_waivers(plan, err));
    for (size_t r = 0; plan->waivers_count && r < plan->rules_count; r++)
        for (size_t w = 0; w < plan->waivers_count; w++)
            most += is_covered(&plan->rules[r], &plan->waivers[w]);
    plan->shadows = HZ_ARENA_ARRAY(plan->arena, hz_plan_shadow, most + 1);
    if (!plan->shadows)
        return hz_nomem(err, most * sizeof *plan->shadows);
    for (uint32_t r = 0; most && r < plan->rules_count; r++) {
        plan->rules[r].shadows = (uint32_t)plan->shadows_count;
        for (uint32_t w = 0; w < plan->waivers_count; w++)
            if (is_covered(&plan->rules[r], &plan->waivers[w]))
                HZ_TRY(plan_shadow(plan, w, r, err));
        plan->rules[r].shadows_count = (uint32_t)plan->shadows_count - plan->rules[r].shadows;
    }
    return HZ_OK;
}
