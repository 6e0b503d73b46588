/* account.c: one way for every verdict into the counters, regions, error bits and examples. */
#include "base/alloc.h"
#include "validator/engine/kept.h"

static uint64_t count_range(const uint64_t *bits, uint32_t from, uint32_t to)
{
    if (!bits)
        return 0;
    uint64_t n = 0;
    uint32_t first = from >> 6, last = (to - 1) >> 6;
    for (uint32_t w = first; w <= last; w++) {
        uint64_t word = bits[w];
        if (w == first)
            word &= ~UINT64_C(0) << (from & 63);
        if (w == last)
            word &= hz_bits_tail(to);
        n += (uint64_t)__builtin_popcountll(word);
    }
    return n;
}

static hz_status account_regions(hz_scan *scan, uint32_t rule, const uint64_t *na, const uint64_t *und,
                                 const uint64_t *failed, hz_error *err)
{
    if (!scan->table->region || !scan->run->plan.rules[rule].own)
        return HZ_OK;
    for (uint32_t r = 0; r < scan->runs_count; r++) {
        const struct hz_scan_run *run = &scan->runs[r];
        hz_region_counts counts = {count_range(na, run->from, run->to), count_range(und, run->from, run->to),
                                   count_range(failed, run->from, run->to)};
        if (counts.not_applicable | counts.undetermined | counts.failed)
            HZ_TRY(hz_regions_add(&scan->worker->tally->regions, run->region, rule, counts, err));
    }
    return HZ_OK;
}

/* as: where they are counted (waive.c). */
static hz_status account_examples(hz_scan *scan, uint32_t rule, uint32_t as, const uint64_t *failed, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    hz_firsts *examples = &scan->worker->tally->rules[as].examples;
    if (entry->level && entry->rule->kind == HZ_RULE_ASSERT)
        HZ_TRY(hz_kept_put(scan, rule, as, failed, err));
    HZ_TRY(hz_causes_batch(scan, rule, as, failed, err));
    for (HZ_BITS_EACH(i, failed, scan->rows)) {
        if (!hz_firsts_takes(examples, scan->ids[i]))
            break; /* nor any later one */
        HZ_TRY(hz_firsts_add(examples, scan->ids[i], err));
    }
    return HZ_OK;
}

static hz_status account_failed(hz_scan *scan, uint32_t rule, const uint64_t *failed, hz_error *err)
{
    uint32_t ledgers = scan->run->plan.rules[rule].ledgers;
    if (ledgers)
        HZ_TRY(hz_rows_mark_batch_in(scan->block, ledgers, scan->ids, scan->rows, failed, err));
    return account_examples(scan, rule, rule, failed, err);
}

/* Moves what a waiver covers from `failed` to its shadow. */
static hz_status account_shadow(hz_scan *scan, uint32_t rule, size_t s, uint64_t *failed, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    const hz_plan_shadow *shadow = &plan->shadows[s];
    const hz_rows *places = &scan->run->tables[scan->table_index].places;
    uint32_t set = plan->waivers[shadow->waiver].set, as = (uint32_t)(plan->rules_count + s);
    uint64_t covered[HZ_BATCH_ROWS / 64 + 1] = {0}, count = 0;
    for (HZ_BITS_EACH(i, failed, scan->rows)) {
        if (!hz_rows_in_set(places, set, scan->ids[i]))
            continue;
        hz_bits_set(covered, i);
        hz_bits_unset(failed, i);
        count++;
        if (shadow->limited)
            HZ_TRY(hz_rows_put_in_set(places, shadow->set, scan->ids[i], err));
    }
    scan->worker->tally->rules[as].failed += count;
    return count ? account_examples(scan, rule, as, covered, err) : HZ_OK;
}

hz_status hz_account(hz_scan *scan, uint32_t rule, const uint64_t *na, const uint64_t *und, const uint64_t *failed,
                     hz_error *err)
{
    hz_rule_partial *partial = &scan->worker->tally->rules[rule];
    uint64_t na_count = na ? hz_bits_count(na, scan->rows) : 0, und_count = und ? hz_bits_count(und, scan->rows) : 0;
    uint64_t failed_count = failed ? hz_bits_count(failed, scan->rows) : 0;
    uint64_t rest[HZ_BATCH_ROWS / 64 + 1];
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    partial->rows += scan->rows;
    partial->not_applicable += na_count;
    partial->undetermined += und_count;
    if (failed_count)
        HZ_TRY(hz_failures_put(scan, rule, failed, err));
    if (failed_count && entry->shadows_count) {
        memcpy(rest, failed, hz_bits_words(scan->rows) * sizeof *rest);
        for (uint32_t s = 0; s < entry->shadows_count; s++)
            HZ_TRY(account_shadow(scan, rule, entry->shadows + s, rest, err));
        failed = rest;
        failed_count = hz_bits_count(failed, scan->rows);
    }
    partial->failed += failed_count;
    if (!(na_count | und_count | failed_count))
        return HZ_OK;
    HZ_TRY(account_regions(scan, rule, na, und, failed, err));
    return failed_count ? account_failed(scan, rule, failed, err) : HZ_OK;
}

hz_status hz_account_again(hz_worker *worker, uint32_t rule, uint64_t row, hz_error *err)
{
    const hz_run_state *run = worker->run;
    const hz_plan_rule *entry = &run->plan.rules[rule];
    uint32_t t = hz_plan_sheet_of(&run->plan, entry->rule);
    const hz_rows *places = &run->tables[t].places;
    if (entry->ledgers)
        HZ_TRY(hz_rows_mark_in(places, entry->ledgers, row, err));
    if (run->plan.tables[t].region && entry->own)
        return hz_regions_add(&worker->tally->regions, hz_rows_region(places, row), rule, (hz_region_counts){0, 0, 1},
                              err);
    return HZ_OK;
}

hz_status hz_account_late(hz_worker *worker, uint32_t rule, uint64_t row, hz_error *err)
{
    const hz_run_state *run = worker->run;
    const hz_plan *plan = &run->plan;
    uint32_t as = hz_waive_as(run, rule, row);
    hz_rule_partial *partial = &worker->tally->rules[as];
    partial->failed++;
    if (as == rule) {
        HZ_TRY(hz_account_again(worker, rule, row, err));
    } else if (plan->shadows[as - plan->rules_count].limited) {
        const hz_rows *places = &run->tables[hz_plan_sheet_of(plan, plan->rules[rule].rule)].places;
        HZ_TRY(hz_rows_put_in_set(places, plan->shadows[as - plan->rules_count].set, row, err));
    }
    return hz_firsts_add(&partial->examples, row, err);
}

static hz_said said_of(hz_run_state *run, const hz_error *why)
{
    hz_said said = {why->message, 0, {{NULL, 0}}};
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(why, args);
    pthread_mutex_lock(&run->lock);
    for (size_t i = 0; i < count; i++)
        if (hz_arena_copy(&said.args[i], run->plan.arena, args[i]) == HZ_OK)
            said.args_count++;
    pthread_mutex_unlock(&run->lock);
    return said;
}

void hz_rule_broke(hz_worker *worker, uint32_t rule, const hz_error *why)
{
    hz_rule_partial *partial = &worker->tally->rules[rule];
    if (!partial->broken)
        partial->reason = said_of(worker->run, why);
    partial->broken = true;
}

void hz_measure_broke(hz_worker *worker, uint32_t measure, const hz_error *why)
{
    if (worker->tally->measures_broken[measure].message == HZ_MSG_NONE)
        worker->tally->measures_broken[measure] = said_of(worker->run, why);
}

void hz_column_broke(hz_worker *worker, uint32_t column, const hz_error *why)
{
    const hz_plan *plan = &worker->run->plan;
    __atomic_store_n(&worker->run->columns_broken[column], true, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < plan->rules_count; i++)
        if (plan->rules[i].runs && hz_plan_rule_reads(plan, &plan->rules[i], column))
            hz_rule_broke(worker, i, why);
    for (size_t g = 0; g < plan->groups_count; g++) {
        const hz_plan_group *group = &plan->groups[g];
        if (!hz_plan_group_reads(plan, group, column))
            continue;
        if (group->rule)
            hz_rule_broke(worker, group->rule->index, why);
        else
            hz_measure_broke(worker, group->measure->index, why);
    }
}
