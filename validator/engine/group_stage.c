/* group_stage.c: verdicts over groups: rules with `each`, rules over the whole table, and measures by region. */
#include "base/alloc.h"
#include "validator/engine/run_int.h"

/* ---- rules ---- */

typedef struct verdicts {
    uint64_t *na, *und, *failed; /* bit per group, final order */
    size_t count;
} verdicts;

static void verdicts_clear(verdicts *v)
{
    hz_mem_free(v->na);
    hz_mem_free(v->und);
    hz_mem_free(v->failed);
}

static hz_status verdicts_init(verdicts *v, size_t count, hz_error *err)
{
    size_t words = hz_bits_words(count) + 1;
    *v = (verdicts){hz_mem_zalloc(words, 8), hz_mem_zalloc(words, 8), hz_mem_zalloc(words, 8), count};
    return v->na && v->und && v->failed ? HZ_OK : hz_nomem(err, words * 8);
}

static hz_status judge(verdicts *v, hz_run_state *run, hz_groups *groups, const hz_plan_group *plan, hz_error *err)
{
    for (size_t from = 0; from < v->count; from += HZ_BATCH_ROWS) {
        uint32_t count = (uint32_t)(v->count - from < HZ_BATCH_ROWS ? v->count - from : HZ_BATCH_ROWS);
        hz_eval_input input;
        const hz_vec *when = NULL, *assert_ = NULL;
        hz_eval_reset(run->workers[0].eval);
        HZ_TRY(hz_groups_input(&input, groups, from, count, err));
        if (plan->when)
            HZ_TRY(hz_program_run(&when, plan->when, run->workers[0].eval, &input, err));
        HZ_TRY(hz_program_run(&assert_, plan->assert_, run->workers[0].eval, &input, err));
        for (uint32_t i = 0; i < count; i++) {
            if (when && !(hz_bits_get(when->valid, i) && hz_bits_get(when->as.bits, i)))
                hz_bits_set(v->na, from + i);
            else if (!hz_bits_get(assert_->valid, i))
                hz_bits_set(v->und, from + i);
            else if (!hz_bits_get(assert_->as.bits, i))
                hz_bits_set(v->failed, from + i);
        }
    }
    return HZ_OK;
}

typedef struct blame {
    hz_run_state *run;
    uint32_t rule;
    hz_region_counts what; /* 1 for the kind of row */
} blame;

static hz_status blame_row(void *ctx, uint64_t row, hz_error *err)
{
    const blame *b = ctx;
    if (b->what.failed) {
        HZ_TRY(hz_failures_put_row(&b->run->workers[0], b->rule, row, err));
        return hz_account_late(&b->run->workers[0], b->rule, row, err);
    }
    hz_rule_partial *partial = &b->run->tally.rules[b->rule];
    uint32_t t = hz_plan_sheet_of(&b->run->plan, b->run->plan.rules[b->rule].rule);
    partial->not_applicable += b->what.not_applicable;
    partial->undetermined += b->what.undetermined;
    if (!b->run->plan.tables[t].region || !b->run->plan.rules[b->rule].own)
        return HZ_OK;
    return hz_regions_add(&b->run->tally.regions, hz_rows_region(&b->run->tables[t].places, row), b->rule, b->what,
                          err);
}

/* Every record of a failing group fails, as in `unique`; records that belong to no group are undetermined. */
static hz_status blame_records(hz_run_state *run, uint32_t rule, const hz_groups *groups, const verdicts *v,
                               hz_error *err)
{
    hz_rule_partial *partial = &run->tally.rules[rule];
    blame b = {run, rule, {1, 0, 0}};
    partial->has_groups = true;
    partial->groups = hz_bits_count(v->failed, v->count);
    partial->rows = run->tables[hz_plan_sheet_of(&run->plan, run->plan.rules[rule].rule)].rows;
    HZ_TRY(hz_groups_each_row(groups, v->na, blame_row, &b, err));
    b.what = (hz_region_counts){0, 1, 0};
    HZ_TRY(hz_groups_each_row(groups, v->und, blame_row, &b, err));
    HZ_TRY(hz_groups_each_unkeyed(groups, blame_row, &b, err));
    b.what = (hz_region_counts){0, 0, 1};
    return hz_groups_each_row(groups, v->failed, blame_row, &b, err);
}

/* ---- groups in partitions ---- */

typedef struct apart {
    hz_run_state *run;
    const hz_plan_group *plan;
    hz_rule_partial *partial;
    hz_groups *kept; /* failing groups that may become examples; all of them where every finding is wanted */
    size_t most;     /* of a partition, and at the end */
} apart;

/* Keeps the first ones by key. */
static hz_status thin_out(apart *a, hz_error *err)
{
    hz_groups *first;
    HZ_TRY(hz_groups_finish(a->kept, err));
    HZ_TRY(hz_groups_new(&first, a->plan, err));
    hz_status st = HZ_OK;
    for (size_t i = 0; st == HZ_OK && i < a->most && i < hz_groups_count(a->kept); i++)
        st = hz_groups_keep(first, a->kept, i, err);
    hz_groups_free(a->kept);
    a->kept = first;
    return st;
}

static hz_status judge_part(void *ctx, hz_groups *part, hz_error *err)
{
    apart *a = ctx;
    hz_rule_partial *partial = a->partial;
    verdicts v;
    hz_status st;
    size_t kept = 0;
    HZ_GO(verdicts_init(&v, hz_groups_count(part), err));
    HZ_GO(judge(&v, a->run, part, a->plan, err));
    partial->rows += v.count;
    partial->not_applicable += hz_bits_count(v.na, v.count);
    partial->undetermined += hz_bits_count(v.und, v.count);
    partial->failed += hz_bits_count(v.failed, v.count);
    for (HZ_BITS_EACH(i, v.failed, v.count)) {
        if (kept++ == a->most)
            break;
        HZ_GO(hz_groups_keep(a->kept, part, i, err));
    }
    if (hz_groups_count(a->kept) / 2 > a->most)
        st = thin_out(a, err);
out:
    verdicts_clear(&v);
    return st;
}

static hz_status all_fail(hz_rule_partial *partial, size_t count, hz_error *err)
{
    partial->failing_groups = hz_mem_zalloc(hz_bits_words(count) + 1, sizeof *partial->failing_groups);
    if (!partial->failing_groups)
        return hz_nomem(err, count / 8);
    hz_bits_fill(partial->failing_groups, count, true);
    return HZ_OK;
}

static hz_status first_examples(hz_rule_partial *partial, const uint64_t *failed, size_t count, hz_error *err)
{
    for (HZ_BITS_EACH(i, failed, count)) {
        if (partial->examples.count == partial->examples.max)
            break;
        HZ_TRY(hz_firsts_add(&partial->examples, i, err));
    }
    return HZ_OK;
}

/* Of groups that all fail. */
static hz_status waive_kept(hz_run_state *run, uint32_t rule, hz_groups *kept, hz_error *err)
{
    hz_rule_partial *partial = &run->tally.rules[rule];
    size_t count = hz_groups_count(kept);
    verdicts v;
    hz_status st = verdicts_init(&v, count, err);
    if (st == HZ_OK) {
        hz_bits_fill(v.failed, count, true);
        st = hz_waive_groups(run, rule, kept, v.failed, count,
                             partial->rows - partial->not_applicable - partial->undetermined, err);
        partial->failed = hz_bits_count(v.failed, count);
    }
    if (st == HZ_OK)
        st = first_examples(partial, v.failed, count, err);
    verdicts_clear(&v);
    return st;
}

/* The groups that findings name stand in for all then. */
static hz_status apart_rule(hz_run_state *run, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    hz_rule_partial *partial = &run->tally.rules[rule];
    hz_groups *groups = run->tally.groups[entry->group];
    bool wanted = hz_failures_wanted(run, rule);
    bool all = wanted || entry->shadows_count; /* which of them are the first is known when waivers were asked */
    apart a = {run, &run->plan.groups[entry->group], partial, NULL, all ? SIZE_MAX : partial->examples.max};
    HZ_TRY(hz_groups_new(&a.kept, a.plan, err));
    hz_status st = hz_groups_each_part(groups, judge_part, &a, err);
    if (st == HZ_OK && !all)
        st = thin_out(&a, err);
    if (st == HZ_OK)
        st = hz_groups_finish(a.kept, err);
    partial->has_unkeyed = true;
    partial->unkeyed = hz_groups_unkeyed(groups);
    if (st == HZ_OK && entry->shadows_count)
        st = waive_kept(run, rule, a.kept, err);
    else
        for (size_t i = 0; st == HZ_OK && i < hz_groups_count(a.kept) && i < partial->examples.max; i++)
            st = hz_firsts_add(&partial->examples, i, err);
    if (st == HZ_OK && wanted && hz_groups_count(a.kept))
        st = all_fail(partial, hz_groups_count(a.kept), err);
    hz_groups_free(groups);
    run->tally.groups[entry->group] = a.kept;
    return st;
}

static hz_status group_rule(hz_run_state *run, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    hz_groups *groups = run->tally.groups[entry->group];
    hz_rule_partial *partial = &run->tally.rules[rule];
    verdicts v;
    hz_status st;
    if (hz_groups_are_apart(groups))
        return apart_rule(run, rule, err);
    HZ_TRY(hz_groups_finish(groups, err));
    HZ_GO(verdicts_init(&v, hz_groups_count(groups), err));
    HZ_GO(judge(&v, run, groups, &run->plan.groups[entry->group], err));
    partial->has_unkeyed = entry->rule->keys_count > 0;
    partial->unkeyed = hz_groups_unkeyed(groups);
    if (entry->rule->blame_records && entry->rule->keys_count) {
        HZ_GO(blame_records(run, rule, groups, &v, err));
        goto out;
    }
    partial->rows = v.count;
    partial->not_applicable = hz_bits_count(v.na, v.count);
    partial->undetermined = hz_bits_count(v.und, v.count);
    if (hz_failures_wanted(run, rule) && hz_bits_any(v.failed, v.count)) {
        partial->failing_groups = hz_mem_zalloc(hz_bits_words(v.count) + 1, sizeof *v.failed);
        HZ_GO(partial->failing_groups ? HZ_OK : hz_nomem(err, v.count / 8));
        memcpy(partial->failing_groups, v.failed, hz_bits_words(v.count) * sizeof *v.failed);
    }
    HZ_GO(hz_waive_groups(run, rule, groups, v.failed, v.count,
                          partial->rows - partial->not_applicable - partial->undetermined, err));
    partial->failed = hz_bits_count(v.failed, v.count);
    HZ_GO(first_examples(partial, v.failed, v.count, err));
out:
    verdicts_clear(&v);
    return st;
}

hz_status hz_group_stages(hz_run_state *run, hz_error *err)
{
    for (uint32_t i = 0; i < run->plan.rules_count; i++) {
        const hz_plan_rule *entry = &run->plan.rules[i];
        if (!entry->listed || !entry->runs || entry->rule->kind != HZ_RULE_GROUP_ASSERT || run->tally.rules[i].broken)
            continue;
        hz_error why;
        hz_error_clear(&why);
        hz_status st = group_rule(run, i, &why);
        if (st == HZ_E_LIMIT) {
            hz_rule_broke(&run->workers[0], i, &why);
            continue;
        }
        if (st != HZ_OK && err)
            *err = why;
        HZ_TRY(st);
    }
    return HZ_OK;
}

/* ---- measures ---- */

/* Figures of one batch of regions; of a fraction with the sign moved up, for `expect`. */
typedef struct numbers {
    hz_decimal values[HZ_BATCH_ROWS], tops[HZ_BATCH_ROWS], bottoms[HZ_BATCH_ROWS];
    uint64_t valid[HZ_BATCH_ROWS / 64 + 1];
} numbers;

/* All figures of the last period, in the order of their regions, the whole last. */
typedef struct earlier {
    uint64_t *packed;
    hz_ratio *ratios;
    size_t count;
    bool has_regions;
} earlier;

typedef struct figures {
    const hz_vec *value, *numerator, *denominator;
    numbers now, before;
    hz_ratio ratios[HZ_BATCH_ROWS];
    bool counted[HZ_BATCH_ROWS];
    uint64_t none[HZ_BATCH_ROWS / 64 + 1];
    hz_vec vecs[HZ_PLAN_VALUES_COUNT]; /* as hz_plan_value */
    earlier earlier;
} figures;

static hz_decimal number_at(const hz_vec *vec, size_t row)
{
    return vec->type == HZ_TYPE_INTEGER ? hz_decimal_of(vec->as.i64[row]) : vec->as.decimal[row];
}

static const hz_vec *give_figure(void *ctx, const hz_node *node)
{
    return &((const figures *)ctx)->vecs[node->index];
}

static void put_number(numbers *n, uint32_t i, const hz_ratio *ratio)
{
    if (!ratio->has_value)
        return;
    bool turn = ratio->has_fraction && ratio->denominator.coef < 0;
    n->values[i] = ratio->value;
    n->tops[i] = turn ? (hz_decimal){-ratio->numerator.coef, ratio->numerator.scale} : ratio->numerator;
    n->bottoms[i] = turn ? (hz_decimal){-ratio->denominator.coef, ratio->denominator.scale} : ratio->denominator;
    hz_bits_set(n->valid, i);
}

static void one_figure(const figures *f, hz_ratio *out, uint32_t i)
{
    memset(out, 0, sizeof *out);
    if (!f->counted[i])
        return;
    if (f->value) {
        out->has_value = hz_bits_get(f->value->valid, i);
        if (out->has_value)
            out->value = number_at(f->value, i);
        return;
    }
    if (!hz_bits_get(f->numerator->valid, i) || !hz_bits_get(f->denominator->valid, i))
        return;
    out->has_fraction = true;
    out->numerator = number_at(f->numerator, i);
    out->denominator = number_at(f->denominator, i);
    out->has_value = hz_decimal_div(&out->value, out->numerator, out->denominator);
}

/* Fills counted and ratios for groups [from, from + count). */
static hz_status figures_of(figures *f, hz_run_state *run, const hz_plan_group *plan, hz_groups *groups, size_t from,
                            uint32_t count, hz_error *err)
{
    const hz_vec *when = NULL;
    hz_eval *eval = run->workers[0].eval;
    hz_eval_input input;
    hz_eval_reset(eval);
    f->value = f->numerator = f->denominator = NULL;
    HZ_TRY(hz_groups_input(&input, groups, from, count, err));
    if (plan->when)
        HZ_TRY(hz_program_run(&when, plan->when, eval, &input, err));
    if (plan->assert_) {
        HZ_TRY(hz_program_run(&f->value, plan->assert_, eval, &input, err));
    } else {
        HZ_TRY(hz_program_run(&f->numerator, plan->numerator, eval, &input, err));
        HZ_TRY(hz_program_run(&f->denominator, plan->denominator, eval, &input, err));
    }
    for (uint32_t i = 0; i < count; i++) {
        f->counted[i] = !when || (hz_bits_get(when->valid, i) && hz_bits_get(when->as.bits, i));
        one_figure(f, &f->ratios[i], i);
    }
    return HZ_OK;
}

static hz_vec numbers_vec(const figures *f, hz_decimal *values, uint64_t *valid, uint32_t count)
{
    return (hz_vec){.type = HZ_TYPE_DECIMAL,
                    .count = count,
                    .as.decimal = values,
                    .valid = valid,
                    .invalid = (uint64_t *)(uintptr_t)f->none};
}

static uint32_t batch_of(size_t total, size_t from)
{
    return (uint32_t)(total - from < HZ_BATCH_ROWS ? total - from : HZ_BATCH_ROWS);
}

/* ---- the last period ---- */

static hz_status earlier_of(figures *f, hz_run_state *run, size_t group, hz_error *err)
{
    earlier *e = &f->earlier;
    *e = (earlier){0};
    if (group == SIZE_MAX)
        return HZ_OK;
    const hz_plan_group *plan = &run->plan.groups[group];
    hz_groups *groups = run->tally.groups[group];
    hz_arena *arena = run->result->arena;
    HZ_TRY(hz_groups_finish(groups, err));
    size_t total = hz_groups_count(groups);
    e->has_regions = run->plan.tables[plan->sheet].region != NULL;
    e->packed = HZ_ARENA_ARRAY(arena, uint64_t, total + 1);
    e->ratios = HZ_ARENA_ARRAY(arena, hz_ratio, total + 1);
    if (!e->packed || !e->ratios)
        return hz_nomem(err, total * sizeof *e->ratios);
    e->count = total;
    for (size_t from = 0; from < total; from += HZ_BATCH_ROWS) {
        uint32_t count = batch_of(total, from);
        HZ_TRY(figures_of(f, run, plan, groups, from, count, err));
        for (uint32_t i = 0; i < count; i++)
            e->packed[from + i] = hz_groups_region(groups, from + i);
        memcpy(e->ratios + from, f->ratios, count * sizeof *f->ratios);
    }
    return HZ_OK;
}

static hz_ratio earlier_at(const earlier *e, uint64_t packed)
{
    size_t low = 0, high = e->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->packed[middle] < packed)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < e->count && e->packed[low] == packed && (e->has_regions || packed == UINT64_MAX);
    return found ? e->ratios[low] : (hz_ratio){0};
}

/* What `expect` reads, for the groups of the batch. */
static void make_vecs(figures *f, const hz_groups *groups, size_t from, uint32_t count)
{
    hz_bits_fill(f->now.valid, HZ_BATCH_ROWS, false);
    hz_bits_fill(f->before.valid, HZ_BATCH_ROWS, false);
    for (uint32_t i = 0; i < count; i++) {
        hz_ratio before = earlier_at(&f->earlier, hz_groups_region(groups, from + i));
        put_number(&f->now, i, &f->ratios[i]);
        put_number(&f->before, i, &before);
    }
    f->vecs[HZ_PLAN_VALUE] = numbers_vec(f, f->now.values, f->now.valid, count);
    f->vecs[HZ_PLAN_NUMERATOR] = numbers_vec(f, f->now.tops, f->now.valid, count);
    f->vecs[HZ_PLAN_DENOMINATOR] = numbers_vec(f, f->now.bottoms, f->now.valid, count);
    f->vecs[HZ_PLAN_PREVIOUS] = numbers_vec(f, f->before.values, f->before.valid, count);
    f->vecs[HZ_PLAN_PREVIOUS_NUMERATOR] = numbers_vec(f, f->before.tops, f->before.valid, count);
    f->vecs[HZ_PLAN_PREVIOUS_DENOMINATOR] = numbers_vec(f, f->before.bottoms, f->before.valid, count);
}

/* ---- verdicts ---- */

static hz_verdict verdict_at(const hz_vec *expect, uint32_t i)
{
    if (!expect)
        return HZ_VERDICT_NONE;
    if (!hz_bits_get(expect->valid, i))
        return HZ_VERDICT_UNKNOWN;
    return hz_bits_get(expect->as.bits, i) ? HZ_VERDICT_TRUE : HZ_VERDICT_FALSE;
}

static void count_verdict(hz_result_measure *out, hz_verdict verdict)
{
    out->undetermined += verdict == HZ_VERDICT_UNKNOWN;
    out->evaluated += verdict == HZ_VERDICT_TRUE || verdict == HZ_VERDICT_FALSE;
    out->passed += verdict == HZ_VERDICT_TRUE;
    out->failed += verdict == HZ_VERDICT_FALSE;
}

static void keep_figure(hz_result_measure *out, const hz_measure *measure, uint64_t packed, bool has_regions,
                        hz_ratio ratio, bool counted, hz_verdict verdict)
{
    if (packed == UINT64_MAX) {
        out->whole = ratio;
        out->whole_verdict = counted ? verdict : HZ_VERDICT_NONE;
        count_verdict(out, out->whole_verdict);
        return;
    }
    struct hz_result_measure_region region = {.value = ratio, .verdict = verdict};
    size_t digits = hz_division_unpack(region.code, packed);
    region.code[digits] = '\0';
    region.level = hz_division_level_of((hz_slice){region.code, digits});
    if (!has_regions || !counted || (packed && !(measure->levels & 1U << region.level)))
        return;
    count_verdict(out, verdict);
    out->regions[out->regions_count++] = region;
}

static hz_status measure(hz_result_measure *out, hz_run_state *run, const hz_plan_group *plan, hz_groups *groups,
                         figures *f, hz_error *err)
{
    size_t total = hz_groups_count(groups);
    bool has_regions = run->plan.tables[plan->sheet].region != NULL;
    out->regions = hz_arena_zalloc(run->result->arena, total + 1, sizeof *out->regions);
    if (!out->regions)
        return hz_nomem(err, total * sizeof *out->regions);
    out->previous = earlier_at(&f->earlier, UINT64_MAX);
    for (size_t from = 0; from < total; from += HZ_BATCH_ROWS) {
        uint32_t count = batch_of(total, from);
        const hz_vec *expect = NULL;
        HZ_TRY(figures_of(f, run, plan, groups, from, count, err));
        if (plan->expect) {
            hz_eval_input over = {.ctx = f, .rows_count = count, .relational = give_figure};
            make_vecs(f, groups, from, count);
            HZ_TRY(hz_program_run(&expect, plan->expect, run->workers[0].eval, &over, err));
        }
        for (uint32_t i = 0; i < count; i++)
            keep_figure(out, plan->measure, hz_groups_region(groups, from + i), has_regions, f->ratios[i],
                        f->counted[i], verdict_at(expect, i));
    }
    return HZ_OK;
}

static hz_outcome measure_outcome(const hz_result_measure *m)
{
    if (!m->measure->expect.root)
        return m->whole.has_value ? HZ_OUTCOME_PASSED : HZ_OUTCOME_UNDETERMINED;
    if (m->failed)
        return HZ_OUTCOME_FAILED;
    return m->evaluated ? HZ_OUTCOME_PASSED : m->undetermined ? HZ_OUTCOME_UNDETERMINED : HZ_OUTCOME_NOT_APPLICABLE;
}

/* The figures of a measure that was not skipped, unless a limit was hit, then or now. */
static hz_status measure_ran(hz_result_measure *out, hz_run_state *run, uint32_t index, figures *f, hz_error *err)
{
    size_t g = run->plan.measure_groups[index];
    hz_status st = HZ_OK;
    hz_error why;
    hz_error_clear(&why);
    if (run->tally.measures_broken[index].message == HZ_MSG_NONE) {
        HZ_TRY(hz_groups_finish(run->tally.groups[g], err));
        st = earlier_of(f, run, run->plan.measure_before[index], &why);
        if (st == HZ_OK)
            st = measure(out, run, &run->plan.groups[g], run->tally.groups[g], f, &why);
        if (st == HZ_E_LIMIT)
            hz_measure_broke(&run->workers[0], index, &why);
        else if (st != HZ_OK && err)
            *err = why;
    }
    if (run->tally.measures_broken[index].message == HZ_MSG_NONE) {
        out->outcome = measure_outcome(out);
        return st;
    }
    *out = (hz_result_measure){
        .measure = out->measure, .outcome = HZ_OUTCOME_ERROR, .reason = run->tally.measures_broken[index]};
    if (index < run->plan.profile->measures_count)
        run->result->incomplete = true;
    return HZ_OK;
}

hz_status hz_measure_results(hz_run_state *run, hz_error *err)
{
    const hz_profile *profile = run->plan.profile;
    hz_result *result = run->result;
    size_t count = hz_plan_measures(&run->plan);
    result->measures = HZ_ARENA_ARRAY(result->arena, hz_result_measure, count + 1);
    figures *f = hz_mem_zalloc(1, sizeof *f);
    hz_status st = result->measures && f ? HZ_OK : hz_nomem(err, sizeof *f);
    for (size_t i = 0; st == HZ_OK && i < count; i++) {
        if (profile->measures[i].status == HZ_LIFE_WITHDRAWN)
            continue;
        bool own = i < profile->measures_count;
        hz_result_measure *out =
            &result->measures[own ? result->measures_count++ : result->measures_count + result->measures_older_count++];
        out->measure = &profile->measures[i];
        if (run->plan.measure_skips[i].message != HZ_MSG_NONE) {
            out->outcome = HZ_OUTCOME_SKIPPED;
            out->reason = run->plan.measure_skips[i];
            continue;
        }
        HZ_GO(measure_ran(out, run, (uint32_t)i, f, err));
    }
out:
    hz_mem_free(f);
    return st;
}
