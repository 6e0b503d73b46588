/* explain.c: see explain.h. */
#include "validator/engine/explain.h"
#include "base/alloc.h"
#include "profiles/expr/print.h"
#include "validator/engine/relate_int.h"
#include "validator/engine/run_int.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { SAMPLE_BYTES = 65536 };

struct hz_explain {
    hz_explained *out; /* in the result's arena */
    size_t capacity;
    uint64_t began;
    uint64_t *meet_nanos;                  /* per stage of the plan; atomic */
    uint64_t *brought, *asked, *put_bytes; /* per stage of the plan, before it is worked off */
};

static hz_status times_init(hz_times **out, const hz_plan *plan, hz_error *err)
{
    hz_times *times = *out = HZ_ARENA_NEW(plan->arena, hz_times);
    if (!times)
        return hz_nomem(err, sizeof *times);
    times->rules = HZ_ARENA_ARRAY(plan->arena, hz_spent, plan->rules_count + 1);
    times->readings = HZ_ARENA_ARRAY(plan->arena, hz_spent *, plan->sheets_count + 1);
    if (!times->rules || !times->readings)
        return hz_nomem(err, plan->rules_count * sizeof *times->rules);
    for (size_t t = 0; t < plan->sheets_count; t++) {
        times->readings[t] = HZ_ARENA_ARRAY(plan->arena, hz_spent, plan->tables[t].readings_count + 1);
        if (!times->readings[t])
            return hz_nomem(err, plan->tables[t].readings_count * sizeof(hz_spent));
    }
    return HZ_OK;
}

hz_status hz_explain_init(hz_run_state *run, hz_error *err)
{
    hz_arena *arena = run->plan.arena;
    size_t stages = run->plan.stages_count + 1;
    if (!run->options->explain)
        return HZ_OK;
    hz_explain *e = run->explain = HZ_ARENA_NEW(arena, hz_explain);
    if (!e)
        return hz_nomem(err, sizeof *e);
    e->began = hz_clock_nanos();
    e->out = HZ_ARENA_NEW(arena, hz_explained);
    e->meet_nanos = HZ_ARENA_ARRAY(arena, uint64_t, stages);
    e->brought = HZ_ARENA_ARRAY(arena, uint64_t, stages);
    e->asked = HZ_ARENA_ARRAY(arena, uint64_t, stages);
    e->put_bytes = HZ_ARENA_ARRAY(arena, uint64_t, stages);
    if (!e->out || !e->meet_nanos || !e->brought || !e->asked || !e->put_bytes)
        return hz_nomem(err, stages * sizeof(uint64_t));
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(times_init(&run->workers[w].times, &run->plan, err));
    return HZ_OK;
}

void hz_explain_clear(hz_run_state *run)
{
    if (run->explain)
        hz_mem_free(run->explain->out->stages);
    run->explain = NULL;
}

/* ---- texts ---- */

static hz_status kept_text(hz_slice *out, const hz_run_state *run, hz_buf *text, hz_error *err)
{
    HZ_TRY(hz_buf_status(text, err));
    if (!text->len)
        hz_buf_puts(text, "–");
    HZ_TRY(hz_buf_status(text, err));
    return hz_arena_copy(out, run->result->arena, hz_buf_slice(text)) == HZ_OK ? HZ_OK : hz_nomem(err, text->len);
}

static void put_sheet(hz_buf *out, const hz_run_state *run, uint32_t sheet)
{
    const hz_plan_table *table = &run->plan.tables[sheet];
    hz_buf_put(out, table->table->name);
    if (table->period)
        hz_buf_puts(out, table->period == 1 ? "@previous" : "@previous2");
}

static void put_comma(hz_buf *out)
{
    if (out->len)
        hz_buf_puts(out, ", ");
}

static void put_nodes(hz_buf *out, const hz_node *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_comma(out);
        hz_expr_print(out, nodes[i]);
    }
}

static void put_carried(hz_buf *out, const hz_plan_table *table)
{
    for (size_t f = 0; f < table->table->fields_count; f++) {
        if (!table->carry[f] && !table->carry_raw[f])
            continue;
        put_comma(out);
        hz_buf_put(out, table->table->fields[f].name);
    }
}

/* ---- stages ---- */

static hz_explained_stage *add_stage(hz_run_state *run, hz_explained_kind kind, hz_error *err)
{
    hz_explained *out = run->explain->out;
    if (!HZ_GROW(out->stages, run->explain->capacity, out->stages_count + 1)) {
        (void)hz_nomem(err, sizeof *out->stages);
        return NULL;
    }
    hz_explained_stage *stage = &out->stages[out->stages_count++];
    *stage = (hz_explained_stage){.kind = kind};
    return stage;
}

/* Rows that a file may have, by the lines of its first bytes; 0: it is not plain text on a disk. */
static uint64_t expected_of(const hz_plan_source *source)
{
    static char bytes[SAMPLE_BYTES];
    uint64_t lines = 0;
    int fd = source->path ? open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    ssize_t got = fd >= 0 ? pread(fd, bytes, sizeof bytes, 0) : 0;
    if (fd >= 0)
        (void)close(fd);
    if (got <= 0 || memchr(bytes, '\0', (size_t)got))
        return 0;
    for (ssize_t i = 0; i < got; i++)
        lines += bytes[i] == '\n';
    if ((uint64_t)got >= source->bytes)
        return lines ? lines - 1 : 0;
    return (uint64_t)((double)lines * (double)source->bytes / (double)got);
}

static void put_read(hz_explained_stage *stage, const hz_run_state *run, uint32_t sheet, hz_buf *carries)
{
    const hz_plan_table *table = &run->plan.tables[sheet];
    for (size_t i = 0; i < table->sources_count; i++)
        stage->expected += expected_of(&table->sources[i]);
    stage->rows = run->tables[sheet].rows;
    stage->has_rows = true;
    stage->bytes = table->bytes;
    if (table->levels)
        put_carried(carries, table);
}

static void put_meet(hz_explained_stage *stage, const hz_run_state *run, size_t index, hz_buf *keys, hz_buf *asking,
                     hz_buf *carries)
{
    const hz_plan_stage *plan = &run->plan.stages[index];
    put_nodes(keys, plan->nodes, plan->keys_count);
    for (size_t p = 0; p < plan->probes_count; p++) {
        put_comma(asking);
        put_sheet(asking, run, plan->probes[p].sheet);
        for (size_t c = 0; c < plan->probes[p].columns_count; c++)
            put_nodes(carries, &run->plan.columns[plan->probes[p].columns[c]].node, 1);
    }
    stage->rows = run->explain->brought[index];
    stage->expected = run->tables[plan->sheet].rows;
    stage->has_rows = true;
    stage->asked = run->explain->asked[index];
    stage->bytes = run->explain->put_bytes[index];
    stage->nanos = __atomic_load_n(&run->explain->meet_nanos[index], __ATOMIC_RELAXED);
}

static void put_late_rules(hz_buf *out, const hz_run_state *run, uint32_t sheet, unsigned level)
{
    const hz_plan_table *table = &run->plan.tables[sheet];
    for (size_t i = 0; i < table->late_rules_count; i++) {
        const hz_plan_rule *rule = &run->plan.rules[table->late_rules[i]];
        if (rule->level != level || !rule->own)
            continue;
        put_comma(out);
        hz_buf_put(out, rule->rule->id);
    }
}

static void put_keyset(hz_explained_stage *stage, const hz_run_state *run, size_t index, hz_buf *keys, hz_buf *users)
{
    const hz_plan_keyset *set = &run->plan.keysets[index];
    put_nodes(keys, set->nodes, set->keys_count);
    for (size_t side = 0; side < 2; side++) {
        const uint32_t *rules = side ? set->references : set->unique;
        for (size_t i = 0; i < (side ? set->references_count : set->unique_count); i++) {
            if (!run->plan.rules[rules[i]].own)
                continue;
            put_comma(users);
            hz_buf_put(users, run->plan.rules[rules[i]].rule->id);
        }
    }
    stage->rows = run->tables[set->sheet].rows;
    stage->has_rows = true;
}

static void put_group(hz_explained_stage *stage, const hz_run_state *run, size_t index, hz_buf *keys, hz_buf *users)
{
    const hz_plan_group *group = &run->plan.groups[index];
    for (size_t k = 0; group->rule && k < group->rule->keys_count; k++) {
        put_comma(keys);
        hz_expr_print(keys, group->rule->keys[k].root);
    }
    if (group->measure && run->plan.tables[group->sheet].region)
        hz_expr_print(keys, run->plan.tables[group->sheet].table->region.root);
    hz_buf_put(users, group->rule ? group->rule->id : group->measure->id);
    stage->rows = run->tables[group->sheet].rows;
    stage->has_rows = true;
}

static uint32_t sheet_of(const hz_run_state *run, hz_explained_kind kind, size_t index)
{
    switch (kind) {
    case HZ_EXPLAINED_MEET:
        return run->plan.stages[index].sheet;
    case HZ_EXPLAINED_KEYS:
        return run->plan.keysets[index].sheet;
    case HZ_EXPLAINED_GROUP:
        return run->plan.groups[index].sheet;
    default:
        return (uint32_t)index;
    }
}

static bool has_table(hz_explained_kind kind)
{
    return kind <= HZ_EXPLAINED_GROUP;
}

static hz_status describe(hz_explained_stage *stage, hz_run_state *run, size_t index, unsigned level, hz_error *err)
{
    hz_buf texts[4] = {HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT}; /* table, keys, asking, carries */
    hz_slice *out[] = {&stage->table, &stage->keys, &stage->asking, &stage->carries};
    hz_status st = HZ_OK;
    if (has_table(stage->kind))
        put_sheet(&texts[0], run, sheet_of(run, stage->kind, index));
    if (stage->kind == HZ_EXPLAINED_READ)
        put_read(stage, run, (uint32_t)index, &texts[3]);
    else if (stage->kind == HZ_EXPLAINED_MEET)
        put_meet(stage, run, index, &texts[1], &texts[2], &texts[3]);
    else if (stage->kind == HZ_EXPLAINED_ASSEMBLE)
        put_late_rules(&texts[3], run, (uint32_t)index, level);
    else if (stage->kind == HZ_EXPLAINED_KEYS)
        put_keyset(stage, run, index, &texts[1], &texts[3]);
    else if (stage->kind == HZ_EXPLAINED_GROUP)
        put_group(stage, run, index, &texts[1], &texts[3]);
    bool whole = stage->kind == HZ_EXPLAINED_GROUP && !texts[1].len;
    for (size_t i = 0; i < 4; i++)
        if (!(whole && i == 1))
            HZ_GO(kept_text(out[i], run, &texts[i], err));
out:
    for (size_t i = 0; i < 4; i++)
        hz_buf_clear(&texts[i]);
    return st;
}

hz_explain_mark hz_explain_begin(const hz_run_state *run)
{
    return run->explain ? (hz_explain_mark){hz_clock_nanos(), hz_store_spilled_bytes(run->store)}
                        : (hz_explain_mark){0, 0};
}

hz_status hz_explain_end(hz_run_state *run, hz_explain_mark mark, hz_explained_kind kind, size_t index, unsigned level,
                         hz_error *err)
{
    if (!run->explain)
        return HZ_OK;
    hz_explained_stage *stage = add_stage(run, kind, err);
    if (!stage)
        return HZ_E_NOMEM;
    stage->nanos = hz_clock_nanos() - mark.nanos;
    stage->spilled_bytes = hz_store_spilled_bytes(run->store) - mark.spilled_bytes;
    stage->has_time = kind != HZ_EXPLAINED_KEYS && kind != HZ_EXPLAINED_GROUP;
    return describe(stage, run, index, level, err);
}

/* ---- stages of relations ---- */

static void sum_piles(uint64_t *records, uint64_t *bytes, const hz_pile *piles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        *records += hz_pile_records(&piles[i]);
        *bytes += hz_pile_bytes(&piles[i]);
    }
}

void hz_explain_meeting(hz_run_state *run, unsigned level)
{
    hz_explain *e = run->explain;
    for (size_t s = 0; e && s < run->plan.stages_count; s++) {
        const hz_plan_stage *stage = &run->plan.stages[s];
        if (stage->level != level)
            continue;
        for (unsigned w = 0; w < run->workers_count; w++) {
            const hz_stage_rows *rows = &run->workers[w].relate.stages[s];
            sum_piles(&e->brought[s], &e->put_bytes[s], rows->states, rows->parts);
            sum_piles(&e->brought[s], &e->put_bytes[s], rows->values, rows->parts);
            sum_piles(&e->asked[s], &e->put_bytes[s], rows->asking, rows->parts * stage->probes_count);
        }
    }
}

void hz_explain_met(hz_run_state *run, size_t stage, uint64_t from)
{
    if (run->explain)
        __atomic_fetch_add(&run->explain->meet_nanos[stage], hz_clock_nanos() - from, __ATOMIC_RELAXED);
}

/* ---- rules ---- */

static int slowest(const void *a, const void *b)
{
    const hz_explained_rule *x = a, *y = b;
    if (x->nanos != y->nanos)
        return x->nanos > y->nanos ? -1 : 1;
    return hz_slice_cmp(x->id, y->id);
}

static void add_rule(hz_explained *out, hz_slice id, bool field, hz_spent spent, uint64_t rows)
{
    if (!spent.rows)
        return;
    double all = (double)spent.nanos * (double)rows / (double)spent.rows;
    out->rules[out->rules_count++] = (hz_explained_rule){id, field, (uint64_t)all, rows};
}

static hz_spent sum_rule(const hz_run_state *run, size_t rule)
{
    hz_spent sum = {0, 0};
    for (unsigned w = 0; w < run->workers_count; w++) {
        sum.nanos += run->workers[w].times->rules[rule].nanos;
        sum.rows += run->workers[w].times->rules[rule].rows;
    }
    return sum;
}

static hz_spent sum_reading(const hz_run_state *run, uint32_t sheet, size_t reading)
{
    hz_spent sum = {0, 0};
    for (unsigned w = 0; w < run->workers_count; w++) {
        sum.nanos += run->workers[w].times->readings[sheet][reading].nanos;
        sum.rows += run->workers[w].times->readings[sheet][reading].rows;
    }
    return sum;
}

static hz_status add_rules(hz_run_state *run, hz_error *err)
{
    hz_explained *out = run->explain->out;
    const hz_plan *plan = &run->plan;
    size_t most = plan->rules_count;
    hz_buf name = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (size_t t = 0; t < plan->sheets_count; t++)
        most += plan->tables[t].readings_count;
    out->rules = HZ_ARENA_ARRAY(run->result->arena, hz_explained_rule, most + 1);
    if (!out->rules)
        return hz_nomem(err, most * sizeof *out->rules);
    for (size_t i = 0; i < plan->rules_count; i++)
        if (plan->rules[i].runs && plan->rules[i].own)
            add_rule(out, plan->rules[i].rule->id, false, sum_rule(run, i),
                     run->tables[hz_plan_sheet_of(plan, plan->rules[i].rule)].rows);
    for (uint32_t t = 0; t < plan->sheets_count; t++)
        for (size_t r = 0; r < plan->tables[t].readings_count; r++) {
            hz_slice id;
            hz_buf_reset(&name);
            put_sheet(&name, run, t);
            hz_buf_puts(&name, ".");
            hz_buf_put(&name, plan->tables[t].readings[r].field->name);
            HZ_GO(kept_text(&id, run, &name, err));
            add_rule(out, id, true, sum_reading(run, t, r), run->tables[t].rows);
        }
    if (out->rules_count)
        qsort(out->rules, out->rules_count, sizeof *out->rules, slowest);
out:
    hz_buf_clear(&name);
    return st;
}

hz_status hz_explain_finish(hz_run_state *run, hz_error *err)
{
    hz_explain *e = run->explain;
    if (!e)
        return HZ_OK;
    HZ_TRY(add_rules(run, err));
    hz_explained *out = e->out;
    hz_explained_stage *kept = HZ_ARENA_ARRAY(run->result->arena, hz_explained_stage, out->stages_count + 1);
    if (!kept)
        return hz_nomem(err, out->stages_count * sizeof *kept);
    memcpy(kept, out->stages, out->stages_count * sizeof *kept);
    hz_mem_free(out->stages);
    out->stages = kept;
    out->threads = run->workers_count;
    out->budget_bytes = hz_store_budget(run->store);
    out->spilled_bytes = hz_store_spilled_bytes(run->store);
    out->written_bytes = hz_store_written_bytes(run->store);
    out->nanos = hz_clock_nanos() - e->began;
    run->result->explained = out;
    run->explain = NULL;
    return HZ_OK;
}
