/* waive.c: failures that waivers cover.
 *
 * Whether a waiver grants all that it covers is known only at the end. So what it covers is counted meanwhile as that
 * of a shadow of the rule: counters, examples and what goes with them, causes, but no error bit and no region. Which
 * rows it covers is a set of the sheet, made in the scan, and whoever says something of rows asks it: hz_account and
 * hz_account_late. Rows that fail and are covered by a waiver with a limit are a set of their own. At the end an
 * overdrawn waiver's shadow is added to the rule, with the error bits and regions of that set; the others' failures are
 * waived. A failure belongs to the first waiver in force that covers it. All of that are sums and sets of rows, so cuts
 * and threads leave no trace. */
#include "base/alloc.h"
#include "validator/engine/run_int.h"

enum { WORDS = HZ_BATCH_ROWS / 64 + 1 };

static uint32_t partial_of(const hz_plan *plan, size_t shadow)
{
    return (uint32_t)(plan->rules_count + shadow);
}

/* ---- which rows are covered ---- */

/* A limit that the condition hits ends the rules that it is for. */
static void break_rules(hz_scan *scan, uint32_t waiver, const hz_error *why)
{
    const hz_plan *plan = &scan->run->plan;
    for (size_t s = 0; s < plan->shadows_count; s++)
        if (plan->shadows[s].waiver == waiver)
            hz_rule_broke(scan->worker, plan->shadows[s].rule, why);
}

static bool is_wanted(const hz_scan *scan, uint32_t waiver)
{
    const hz_plan *plan = &scan->run->plan;
    bool wanted = false;
    for (size_t s = 0; s < plan->shadows_count && !wanted; s++)
        wanted = plan->shadows[s].waiver == waiver && !scan->worker->tally->rules[plan->shadows[s].rule].broken;
    return wanted;
}

static hz_status scan_waiver(hz_scan *scan, uint32_t waiver, hz_error *err)
{
    const hz_plan_waiver *plan = &scan->run->plan.waivers[waiver];
    const hz_rows *places = &scan->run->tables[scan->table_index].places;
    const hz_vec *vec;
    hz_error why;
    hz_error_clear(&why);
    hz_status st = hz_program_run(&vec, plan->condition, scan->worker->eval, &scan->input, &why);
    if (st == HZ_E_LIMIT || st == HZ_E_INTERNAL) {
        break_rules(scan, waiver, &why);
        return HZ_OK;
    }
    if (st != HZ_OK) {
        if (err)
            *err = why;
        return st;
    }
    for (size_t w = 0; w < hz_bits_words(scan->rows); w++) {
        uint64_t covered[1] = {vec->valid[w] & vec->as.bits[w]};
        size_t left = scan->rows - w * 64;
        for (HZ_BITS_EACH(i, covered, left < 64 ? left : 64))
            HZ_TRY(hz_rows_put_in_set(places, plan->set, scan->ids[w * 64 + i], err));
    }
    return HZ_OK;
}

hz_status hz_waive_scan(hz_scan *scan, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    for (uint32_t w = 0; scan->table->sets_count && w < plan->waivers_count; w++) {
        const hz_plan_waiver *waiver = &plan->waivers[w];
        if (waiver->by_rows && waiver->sheet == scan->table_index && is_wanted(scan, w))
            HZ_TRY(scan_waiver(scan, w, err));
    }
    return HZ_OK;
}

/* SIZE_MAX: no waiver covers the row. */
static size_t shadow_of_row(const hz_run_state *run, uint32_t rule, uint64_t row)
{
    const hz_plan *plan = &run->plan;
    const hz_plan_rule *entry = &plan->rules[rule];
    if (!entry->shadows_count)
        return SIZE_MAX;
    const hz_rows *places = &run->tables[hz_plan_sheet_of(plan, entry->rule)].places;
    for (size_t s = entry->shadows; s < entry->shadows + entry->shadows_count; s++)
        if (hz_rows_in_set(places, plan->waivers[plan->shadows[s].waiver].set, row))
            return s;
    return SIZE_MAX;
}

uint32_t hz_waive_as(const hz_run_state *run, uint32_t rule, uint64_t row)
{
    size_t shadow = shadow_of_row(run, rule, row);
    return shadow == SIZE_MAX ? rule : partial_of(&run->plan, shadow);
}

size_t hz_waive_of_row(const hz_run_state *run, uint32_t rule, uint64_t row)
{
    size_t shadow = shadow_of_row(run, rule, row);
    return shadow == SIZE_MAX || run->waived[shadow].overdrawn ? SIZE_MAX : shadow;
}

size_t hz_waive_of_group(const hz_run_state *run, uint32_t rule, size_t group)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    for (size_t s = entry->shadows; s < entry->shadows + entry->shadows_count; s++) {
        const uint64_t *covered = run->tally.rules[partial_of(&run->plan, s)].failing_groups;
        if (covered && hz_bits_get(covered, group) && !run->waived[s].overdrawn)
            return s;
    }
    return SIZE_MAX;
}

/* ---- what they grant ---- */

static bool is_overdrawn(const hz_waiver *waiver, uint64_t matched, uint64_t evaluated)
{
    hz_decimal count = {(hz_int128)matched, 0}, of = {(hz_int128)evaluated, 0};
    return matched && ((waiver->has_max_count && hz_decimal_cmp(count, hz_decimal_of(waiver->max_count)) > 0) ||
                       (waiver->has_max_rate && hz_decimal_cmp_ratio(count, of, waiver->max_rate) > 0));
}

/* ---- groups ---- */

static hz_status cover_groups(uint64_t *out, hz_run_state *run, const hz_program *condition, hz_groups *groups,
                              size_t count, hz_error *err)
{
    for (size_t from = 0; from < count; from += HZ_BATCH_ROWS) {
        uint32_t rows = (uint32_t)(count - from < HZ_BATCH_ROWS ? count - from : HZ_BATCH_ROWS);
        hz_eval_input input;
        const hz_vec *vec;
        hz_eval_reset(run->workers[0].eval);
        HZ_TRY(hz_groups_input(&input, groups, from, rows, err));
        HZ_TRY(hz_program_run(&vec, condition, run->workers[0].eval, &input, err));
        for (uint32_t i = 0; i < rows; i++)
            if (hz_bits_get(vec->valid, i) && hz_bits_get(vec->as.bits, i))
                hz_bits_set(out, from + i);
    }
    return HZ_OK;
}

/* What a waiver covers of the groups that are left: they are left no more, and if it grants them they fail no more. */
static hz_status waive_groups_by(hz_run_state *run, size_t s, hz_groups *groups, uint64_t *left, uint64_t *v_failed,
                                 size_t count, uint64_t evaluated, hz_error *err)
{
    const hz_plan_shadow *shadow = &run->plan.shadows[s];
    const hz_plan_waiver *waiver = &run->plan.waivers[shadow->waiver];
    hz_rule_partial *partial = &run->tally.rules[partial_of(&run->plan, s)];
    size_t words = hz_bits_words(count);
    uint64_t *covered = hz_mem_zalloc(words + 1, sizeof *covered);
    if (!covered)
        return hz_nomem(err, words * sizeof *covered);
    partial->failing_groups = covered; /* freed with it */
    HZ_TRY(cover_groups(covered, run, waiver->condition, groups, count, err));
    for (size_t w = 0; w < words; w++) {
        covered[w] &= left[w];
        left[w] &= ~covered[w];
    }
    uint64_t matched = hz_bits_count(covered, count);
    run->waived[s] = (struct hz_waived){matched, is_overdrawn(waiver->waiver, matched, evaluated)};
    if (run->waived[s].overdrawn)
        return HZ_OK;
    partial->failed = matched;
    for (HZ_BITS_EACH(i, covered, count)) {
        hz_bits_unset(v_failed, i);
        HZ_TRY(hz_firsts_add(&partial->examples, i, err));
    }
    return HZ_OK;
}

hz_status hz_waive_groups(hz_run_state *run, uint32_t rule, hz_groups *groups, uint64_t *v_failed, size_t count,
                          uint64_t evaluated, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    size_t words = hz_bits_words(count);
    if (!entry->shadows_count)
        return HZ_OK;
    uint64_t *left = hz_mem_zalloc(words + 1, sizeof *left);
    if (!left)
        return hz_nomem(err, words * sizeof *left);
    if (words)
        memcpy(left, v_failed, words * sizeof *left);
    hz_status st = HZ_OK;
    for (size_t s = entry->shadows; st == HZ_OK && s < entry->shadows + entry->shadows_count; s++)
        st = waive_groups_by(run, s, groups, left, v_failed, count, evaluated, err);
    hz_mem_free(left);
    return st;
}

/* ---- the end ---- */

typedef struct return_to {
    hz_run_state *run;
    uint32_t rule;
} return_to;

static hz_status return_row(void *ctx, uint64_t row, hz_error *err)
{
    const return_to *to = ctx;
    return hz_account_again(&to->run->workers[0], to->rule, row, err);
}

static hz_status give_back(hz_run_state *run, size_t s, hz_error *err)
{
    const hz_plan_shadow *shadow = &run->plan.shadows[s];
    hz_rule_partial *partial = &run->tally.rules[partial_of(&run->plan, s)];
    const hz_plan_rule *entry = &run->plan.rules[shadow->rule];
    return_to to = {run, shadow->rule};
    HZ_TRY(hz_rule_partial_merge(&run->tally.rules[shadow->rule], partial, err));
    HZ_TRY(hz_rows_each_in_set(&run->tables[hz_plan_sheet_of(&run->plan, entry->rule)].places, shadow->set, return_row,
                               &to, err));
    partial->failed = 0;
    partial->examples.count = 0;
    return HZ_OK;
}

hz_status hz_waive_settle(hz_run_state *run, hz_error *err)
{
    for (size_t s = 0; s < run->plan.shadows_count; s++) {
        const hz_plan_shadow *shadow = &run->plan.shadows[s];
        const hz_waiver *waiver = run->plan.waivers[shadow->waiver].waiver;
        hz_rule_partial *rule = &run->tally.rules[shadow->rule],
                        *partial = &run->tally.rules[partial_of(&run->plan, s)];
        if (rule->broken) {
            partial->failed = 0;
            partial->examples.count = 0;
            continue;
        }
        if (!hz_rule_is_of_groups(run->plan.rules[shadow->rule].rule)) {
            uint64_t evaluated = rule->rows - rule->not_applicable - rule->undetermined;
            run->waived[s] = (struct hz_waived){partial->failed, is_overdrawn(waiver, partial->failed, evaluated)};
            if (run->waived[s].overdrawn)
                HZ_TRY(give_back(run, s, err));
        }
        rule->waived += partial->failed;
        hz_firsts_sort(&partial->examples);
    }
    return HZ_OK;
}

/* ---- the result ---- */

/* The shadow that stands for the run's own verdict; SIZE_MAX: there is none. */
static size_t own_shadow(const hz_run_state *run, uint32_t waiver)
{
    const hz_plan *plan = &run->plan;
    for (size_t s = 0; s < plan->shadows_count; s++)
        if (plan->shadows[s].waiver == waiver && run->shown[plan->shadows[s].rule])
            return s;
    return SIZE_MAX;
}

static void put_examples(hz_result_waiver *out, const hz_run_state *run, size_t s)
{
    const hz_plan *plan = &run->plan;
    const hz_plan_shadow *shadow = &plan->shadows[s];
    const hz_result_rule *shown = run->shown[shadow->rule];
    size_t from = shown->examples_count;
    for (size_t k = plan->rules[shadow->rule].shadows; k < s; k++)
        from += run->tally.rules[partial_of(plan, k)].examples.count;
    out->examples_count = run->tally.rules[partial_of(plan, s)].examples.count;
    out->examples = out->examples_count ? shown->examples + from : NULL;
    for (size_t i = 0; i < out->examples_count; i++)
        out->examples[i].waived = out->waiver->id;
}

static void find_shown(hz_result_waiver *out, const hz_run_state *run)
{
    const hz_result *result = run->result;
    out->rule = UINT32_MAX;
    for (uint32_t i = 0; i < result->rules_count + result->drafts_count; i++) {
        bool draft = i >= result->rules_count;
        uint32_t at = draft ? i - (uint32_t)result->rules_count : i;
        const hz_result_rule *rule = draft ? &result->drafts[at] : &result->rules[at];
        if (!hz_slice_eq(rule->rule->id, out->waiver->rule))
            continue;
        out->rule = at;
        out->draft = draft;
        return;
    }
}

hz_status hz_waive_results(hz_run_state *run, hz_error *err)
{
    hz_result *result = run->result;
    size_t count = run->plan.waivers_count;
    result->waivers = HZ_ARENA_ARRAY(result->arena, hz_result_waiver, count + 1);
    if (!result->waivers)
        return hz_nomem(err, count * sizeof *result->waivers);
    result->waivers_count = count;
    for (uint32_t w = 0; w < count; w++) {
        hz_result_waiver *out = &result->waivers[w];
        const hz_plan_waiver *plan = &run->plan.waivers[w];
        size_t s = own_shadow(run, w);
        HZ_TRY(hz_waiver_copy(&out->waiver, plan->waiver, result->arena, err));
        find_shown(out, run);
        out->state = plan->in_force ? HZ_WAIVER_NOT_RUN : HZ_WAIVER_EXPIRED;
        if (s == SIZE_MAX || run->tally.rules[run->plan.shadows[s].rule].broken)
            continue;
        out->matched = run->waived[s].matched;
        out->used = run->waived[s].overdrawn ? 0 : out->matched;
        out->state = run->waived[s].overdrawn ? HZ_WAIVER_OVERDRAWN : out->matched ? HZ_WAIVER_USED : HZ_WAIVER_UNUSED;
        put_examples(out, run, s);
    }
    return HZ_OK;
}
