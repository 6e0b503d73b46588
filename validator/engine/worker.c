/* worker.c: the threads of a run and what each counts. */
#include "base/alloc.h"
#include "base/crew.h"
#include "validator/engine/run_int.h"

/* ---- tallies ---- */

static hz_status table_stats(hz_tally *tally, const hz_plan *plan, size_t t, hz_error *err)
{
    const hz_plan_table *table = &plan->tables[t];
    if (!table->present || table->table->included.len || table->table->builtin)
        return HZ_OK;
    tally->stats[t] = hz_mem_zalloc(table->table->fields_count + 1, sizeof **tally->stats);
    if (!tally->stats[t])
        return hz_nomem(err, table->table->fields_count * sizeof(void *));
    for (size_t f = 0; f < table->table->fields_count; f++)
        if (!table->absent[f])
            HZ_TRY(hz_stats_new(&tally->stats[t][f], &table->table->fields[f], err));
    return HZ_OK;
}

hz_status hz_tally_init(hz_tally *tally, const hz_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    memset(tally, 0, sizeof *tally);
    tally->rules = hz_mem_zalloc(hz_plan_partials(plan) + 1, sizeof *tally->rules);
    tally->measures_broken = hz_mem_zalloc(hz_plan_measures(plan) + 1, sizeof *tally->measures_broken);
    tally->groups = hz_mem_zalloc(plan->groups_count + 1, sizeof *tally->groups);
    tally->stats = hz_mem_zalloc(profile->tables_count + 1, sizeof *tally->stats);
    if (!tally->rules || !tally->measures_broken || !tally->groups || !tally->stats)
        return hz_nomem(err, plan->rules_count * sizeof *tally->rules);
    for (size_t i = 0; i < plan->rules_count; i++) /* what is not in the report has no examples */
        tally->rules[i].examples.max = plan->rules[i].own ? (size_t)plan->options->limits->value[HZ_LIMIT_EXAMPLES] : 0;
    for (size_t s = 0; s < plan->shadows_count; s++)
        tally->rules[plan->rules_count + s].examples.max = tally->rules[plan->shadows[s].rule].examples.max;
    HZ_TRY(hz_regions_init(&tally->regions, plan->sheets_count, profile->rules_count, err));
    for (size_t g = 0; g < plan->groups_count; g++)
        HZ_TRY(hz_groups_new(&tally->groups[g], &plan->groups[g], err));
    for (size_t t = 0; t < profile->tables_count; t++)
        HZ_TRY(table_stats(tally, plan, t, err));
    return HZ_OK;
}

static void free_stats(hz_tally *tally, const hz_plan *plan)
{
    for (size_t t = 0; tally->stats && t < plan->profile->tables_count; t++) {
        for (size_t f = 0; tally->stats[t] && f < plan->profile->tables[t].fields_count; f++)
            hz_stats_free(tally->stats[t][f]);
        hz_mem_free(tally->stats[t]);
    }
    hz_mem_free(tally->stats);
}

void hz_tally_clear(hz_tally *tally, const hz_plan *plan)
{
    for (size_t i = 0; tally->rules && i < hz_plan_partials(plan); i++)
        hz_rule_partial_clear(&tally->rules[i]);
    for (size_t g = 0; tally->groups && g < plan->groups_count; g++)
        hz_groups_free(tally->groups[g]);
    free_stats(tally, plan);
    hz_regions_clear(&tally->regions);
    hz_mem_free(tally->rules);
    hz_mem_free(tally->measures_broken);
    hz_mem_free(tally->groups);
    memset(tally, 0, sizeof *tally);
}

/* ---- merging ---- */

/* The regions of the blocks that this worker read, by their numbers in the run's tally. */
static void renumber(hz_run_state *run, unsigned worker, const uint32_t *map)
{
    for (size_t t = 0; t < run->plan.sheets_count; t++)
        for (size_t b = 0; b < run->tables[t].places.count; b++) {
            hz_row_block *block = run->tables[t].places.blocks[b];
            for (uint32_t i = 0; block->worker == worker && i < block->runs_count; i++)
                block->runs[i].region = map[block->runs[i].region];
        }
}

static hz_status merge_regions(hz_run_state *run, hz_worker *worker, bool numbered, hz_error *err)
{
    const hz_regions *from = &worker->own.regions;
    if (numbered)
        return hz_regions_merge(&run->tally.regions, from, NULL, true, err);
    uint32_t *map = hz_mem_zalloc(from->count + 1, sizeof *map);
    if (!map)
        return hz_nomem(err, from->count * sizeof *map);
    hz_status st = hz_regions_merge(&run->tally.regions, from, map, false, err);
    if (st == HZ_OK)
        renumber(run, worker->index, map);
    hz_mem_free(map);
    return st;
}

static hz_status merge_worker(hz_run_state *run, hz_worker *worker, bool numbered, hz_error *err)
{
    const hz_plan *plan = &run->plan;
    for (size_t i = 0; i < hz_plan_partials(plan); i++)
        HZ_TRY(hz_rule_partial_merge(&run->tally.rules[i], &worker->own.rules[i], err));
    for (size_t i = 0; i < hz_plan_measures(plan); i++)
        if (run->tally.measures_broken[i].message == HZ_MSG_NONE)
            run->tally.measures_broken[i] = worker->own.measures_broken[i];
    HZ_TRY(merge_regions(run, worker, numbered, err));
    for (size_t g = 0; g < plan->groups_count; g++) {
        HZ_TRY(hz_groups_merge(run->tally.groups[g], worker->own.groups[g], err));
        hz_groups_free(worker->own.groups[g]); /* before the next: memory */
        worker->own.groups[g] = NULL;
    }
    for (size_t t = 0; t < plan->profile->tables_count; t++)
        for (size_t f = 0; run->tally.stats[t] && f < plan->profile->tables[t].fields_count; f++)
            if (run->tally.stats[t][f])
                HZ_TRY(hz_stats_merge(run->tally.stats[t][f], worker->own.stats[t][f], err));
    return HZ_OK;
}

hz_status hz_workers_merge(hz_run_state *run, bool numbered, hz_error *err)
{
    for (unsigned w = 1; w < run->workers_count; w++) {
        hz_worker *worker = &run->workers[w];
        HZ_TRY(merge_worker(run, worker, numbered, err));
        hz_tally_clear(&worker->own, &run->plan);
        HZ_TRY(hz_tally_init(&worker->own, &run->plan, err));
    }
    return HZ_OK;
}

/* ---- threads ---- */

static unsigned count_workers(const hz_run_options *options)
{
    unsigned count = options->threads ? options->threads : hz_crew_processors();
    return count < HZ_CREW_MAX ? count : HZ_CREW_MAX;
}

hz_status hz_workers_init(hz_run_state *run, hz_error *err)
{
    unsigned count = count_workers(run->options);
    run->workers = hz_mem_zalloc(count, sizeof *run->workers);
    if (!run->workers)
        return hz_nomem(err, count * sizeof *run->workers);
    run->workers_count = count;
    for (unsigned w = 0; w < count; w++) {
        hz_worker *worker = &run->workers[w];
        worker->run = run;
        worker->index = w;
        worker->tally = w ? &worker->own : &run->tally;
        worker->eval = hz_eval_new();
        worker->arena = hz_arena_new();
        if (!worker->eval || !worker->arena)
            return hz_nomem(err, sizeof(void *));
        HZ_TRY(hz_keys_init(&worker->keys, err));
        HZ_TRY(hz_keyset_init(&worker->table, err));
        HZ_TRY(hz_key_rows_new(&worker->key_rows, run, err));
        HZ_TRY(hz_digest_rows_new(&worker->digests, run, err));
        HZ_TRY(hz_relate_init(&worker->relate, run, err));
        HZ_TRY(hz_failures_new(&worker->failures, run, err));
        HZ_TRY(hz_causes_new(&worker->causes, run->store, err));
        HZ_TRY(hz_similar_rows_new(&worker->similar, run, err));
        if (w)
            HZ_TRY(hz_tally_init(&worker->own, &run->plan, err));
    }
    return HZ_OK;
}

void hz_workers_clear(hz_run_state *run)
{
    for (unsigned w = 0; w < run->workers_count; w++) {
        hz_worker *worker = &run->workers[w];
        hz_key_rows_free(worker->key_rows, run);
        hz_digest_rows_free(worker->digests, run);
        hz_relate_clear(&worker->relate, run);
        hz_failures_free(worker->failures, run);
        hz_causes_free(worker->causes);
        hz_similar_rows_free(worker->similar, run);
        hz_tally_clear(&worker->own, &run->plan);
        hz_keyset_clear(&worker->table);
        hz_keys_clear(&worker->keys);
        hz_eval_free(worker->eval);
        hz_arena_free(worker->arena);
    }
    hz_mem_free(run->workers);
    run->workers = NULL;
    run->workers_count = 0;
}

typedef struct work_order {
    hz_run_state *run;
    hz_status (*work)(hz_worker *worker, void *ctx);
    void *ctx;
} work_order;

static void do_work(void *ctx, unsigned hand)
{
    const work_order *order = ctx;
    hz_worker *worker = &order->run->workers[hand];
    worker->status = order->work(worker, order->ctx);
    if (worker->status < 0)
        __atomic_store_n(&order->run->stopped, true, __ATOMIC_RELAXED);
}

hz_status hz_workers_run(hz_run_state *run, unsigned count, hz_status (*work)(hz_worker *worker, void *ctx), void *ctx,
                         hz_error *err)
{
    work_order order = {run, work, ctx};
    count = count < run->workers_count ? count : run->workers_count;
    run->stopped = false;
    for (unsigned w = 0; w < count; w++) {
        run->workers[w].status = HZ_OK;
        hz_error_clear(&run->workers[w].error);
    }
    if (count <= 1)
        do_work(&order, 0);
    else
        hz_crew_run(count, do_work, &order);
    for (unsigned w = 0; w < count; w++)
        if (run->workers[w].status < 0) {
            if (err)
                *err = run->workers[w].error;
            return run->workers[w].status;
        }
    return HZ_OK;
}

static hz_status spill(hz_pile *piles, size_t count, hz_error *err)
{
    for (size_t i = 0; piles && i < count; i++)
        HZ_TRY(hz_pile_spill(&piles[i], err));
    return HZ_OK;
}

static hz_status spill_each(hz_pile **piles, size_t count, hz_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (piles[i])
            HZ_TRY(hz_pile_spill(piles[i], err));
    return HZ_OK;
}

static hz_status spill_stages(hz_worker *worker, hz_error *err)
{
    hz_run_state *run = worker->run;
    for (size_t s = 0; s < run->plan.stages_count; s++) {
        hz_stage_rows *rows = &worker->relate.stages[s];
        HZ_TRY(spill(rows->states, rows->parts, err));
        HZ_TRY(spill(rows->values, rows->parts, err));
        HZ_TRY(spill(&rows->trace, 1, err));
        HZ_TRY(spill(rows->asking, rows->parts * run->plan.stages[s].probes_count, err));
    }
    return HZ_OK;
}

static hz_status spill_sheets(hz_worker *worker, bool frames, hz_error *err)
{
    for (size_t t = 0; t < worker->run->plan.sheets_count; t++) {
        hz_sheet_rows *rows = &worker->relate.sheets[t];
        if (frames)
            HZ_TRY(spill_each(rows->frames, rows->frames_capacity, err));
        HZ_TRY(spill_each(rows->homes, rows->homes_capacity, err));
    }
    return HZ_OK;
}

hz_status hz_worker_relieve(hz_worker *worker, hz_relief what, hz_error *err)
{
    hz_run_state *run = worker->run;
    if (!hz_store_is_tight(run->store))
        return HZ_OK;
    HZ_TRY(hz_failures_spill(worker->failures, run, err));
    if (what == HZ_RELIEF_SCAN)
        HZ_TRY(hz_causes_relieve(worker->causes, err));
    if (what == HZ_RELIEF_SCAN)
        HZ_TRY(hz_digest_rows_spill(worker->digests, run, err));
    for (size_t k = 0; what == HZ_RELIEF_SCAN && k < run->plan.keysets_count; k++) {
        HZ_TRY(spill(worker->key_rows[k].piles, run->indexes[k].piles_count, err));
        for (size_t r = 0; r < run->indexes[k].roles_count; r++)
            HZ_TRY(spill(&worker->key_rows[k].sorted[r].pile, 1, err));
    }
    for (size_t s = 0; what == HZ_RELIEF_SCAN && s < run->plan.similars_count; s++)
        HZ_TRY(spill(worker->similar[s].piles, hz_similar_parts(run, s), err));
    if (what != HZ_RELIEF_HOMES)
        HZ_TRY(spill_stages(worker, err));
    return what == HZ_RELIEF_STATES ? HZ_OK : spill_sheets(worker, what == HZ_RELIEF_SCAN, err);
}
