/* late.c: the text of the findings that are shown. The scan kept only row identities; here the few rows that examples
 * name are read again, after the file was found unchanged, and the findings are written. Rows first, then the records
 * related to them. */
#include "base/alloc.h"
#include "validator/engine/again.h"
#include "validator/engine/finding_int.h"
#include "validator/engine/trace.h"
#include <stdlib.h>

typedef struct want {
    uint32_t table, rule;
    uint64_t row;
    uint32_t example;
    int32_t related; /* -1: the finding's own record */
    uint32_t next;   /* of a related record: the column that leads on from it; HZ_COLUMN_NONE: none does */
} want;

typedef struct wants {
    want *items;
    size_t count, capacity;
} wants;

static hz_status add_want(wants *list, want item, hz_error *err)
{
    if (!HZ_GROW(list->items, list->capacity, list->count + 1))
        return hz_nomem(err, sizeof item);
    list->items[list->count++] = item;
    return HZ_OK;
}

static int by_table_and_row(const void *a, const void *b)
{
    const want *x = a, *y = b;
    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int by_rule(const void *a, const void *b)
{
    const want *x = a, *y = b;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return (x->example > y->example) - (x->example < y->example);
}

/* ---- one chunk of rows of one source ---- */

static hz_finding *finding_of(hz_run_state *run, const want *w)
{
    return &run->shown[w->rule]->examples[w->example];
}

static int related_by_row(const void *a, const void *b)
{
    const hz_related *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static hz_status related_of(hz_finder *finder, const want *w, wants *more, hz_error *err)
{
    size_t shadow = hz_waive_of_row(finder->run, w->rule, w->row);
    size_t as = shadow == SIZE_MAX ? w->rule : finder->run->plan.rules_count + shadow;
    const hz_rule_partial *partial = &finder->run->tally.rules[as];
    hz_related self = {.row = w->row};
    const hz_related *related =
        partial->related_count ? bsearch(&self, partial->related, partial->related_count, sizeof self, related_by_row)
                               : NULL;
    hz_finding *finding = finding_of(finder->run, w);
    if (HZ_NEVER(!related))
        return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("related rows"));
    HZ_TRY(hz_finding_others(finding, finder, related->others, err));
    finding->related = HZ_ARENA_ARRAY(finder->run->result->arena, hz_place, related->count + 1);
    if (!finding->related)
        return hz_nomem(err, related->count * sizeof(hz_place));
    finding->related_count = related->count;
    for (uint32_t i = 0; i < related->count; i++)
        HZ_TRY(
            add_want(more, (want){w->table, w->rule, related->rows[i], w->example, (int32_t)i, HZ_COLUMN_NONE}, err));
    return HZ_OK;
}

typedef struct reading {
    hz_finder finder;
    hz_again again;
    uint64_t *rows; /* of the wants in hand */
    wants *more;
    hz_trace_asks *asks;
} reading;

/* ---- records behind relations (trace.h) ---- */

static hz_status ask_by(reading *r, uint32_t column, const want *items, size_t count, hz_error *err)
{
    hz_trace_row *rows = hz_mem_zalloc(count, sizeof *rows);
    if (!rows)
        return hz_nomem(err, count * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = (hz_trace_row){hz_again_index(&r->again, items[i].row), items[i].example};
    hz_status st = hz_trace_ask_rows(r->asks, &r->finder, items[0].rule, column, rows, count, err);
    hz_mem_free(rows);
    return st;
}

/* Rows of one rule that are named themselves: who is related to them. */
static hz_status ask_for_related(reading *r, const want *items, size_t count, hz_error *err)
{
    const hz_finder *finder = &r->finder;
    const hz_plan_rule *entry = &finder->run->plan.rules[items[0].rule];
    for (size_t n = 0; n < entry->assert_nodes_count; n++)
        HZ_TRY(ask_by(r, hz_plan_column_of(&finder->run->plan, entry->nodes[n], finder->scan->table_index), items,
                      count, err));
    return HZ_OK;
}

/* Related records of one rule and table; those from which a path leads on ask in their turn. */
static hz_status write_related(reading *r, const want *items, size_t count, hz_error *err)
{
    hz_finder *finder = &r->finder;
    hz_run_state *run = finder->run;
    HZ_TRY(hz_finder_fields(finder, items[0].rule, finder->scan->table->table, err));
    for (size_t i = 0; i < count; i++) {
        hz_place *place = &finding_of(run, &items[i])->related[items[i].related];
        HZ_TRY(hz_finding_place(place, finder, hz_again_index(&r->again, items[i].row), err));
        if (items[i].next != HZ_COLUMN_NONE)
            HZ_TRY(ask_by(r, items[i].next, &items[i], 1, err));
    }
    return HZ_OK;
}

static bool is_place(const hz_place *place, uint32_t table, uint32_t source, uint64_t record)
{
    return place->table == table && place->source == source && place->record == record;
}

/* One more related record, unless the finding names it already or has enough. */
static hz_status name_row(wants *more, hz_run_state *run, const hz_trace_ask *ask, uint64_t row, hz_error *err)
{
    uint32_t sheet = run->plan.stages[ask->stage].sheet, table = run->table_shown[sheet];
    hz_finding *finding = &run->shown[ask->rule]->examples[ask->example];
    hz_row_want where;
    uint32_t source = hz_rows_place(&where, &run->tables[sheet].places, row);
    if (!finding->related)
        finding->related = HZ_ARENA_ARRAY(run->result->arena, hz_place, HZ_RELATED_MAX);
    if (!finding->related)
        return hz_nomem(err, HZ_RELATED_MAX * sizeof(hz_place));
    bool named = finding->related_count == HZ_RELATED_MAX || is_place(&finding->at, table, source, where.record);
    for (size_t i = 0; i < finding->related_count && !named; i++)
        named = is_place(&finding->related[i], table, source, where.record);
    if (named)
        return HZ_OK;
    finding->related[finding->related_count] = (hz_place){.table = table, .source = source, .record = where.record};
    int32_t at = (int32_t)finding->related_count++;
    return add_want(more, (want){sheet, ask->rule, row, ask->example, at, hz_trace_next(run, ask->column)}, err);
}

static hz_status name_related(wants *more, hz_run_state *run, hz_trace_asks *asks, hz_error *err)
{
    HZ_TRY(hz_trace_find(asks, run, err));
    for (size_t i = 0; i < asks->count; i++) {
        const uint64_t *rows;
        uint32_t count = hz_trace_rows(&asks->items[i], &rows);
        for (uint32_t r = 0; r < count; r++)
            HZ_TRY(name_row(more, run, &asks->items[i], rows[r], err));
    }
    asks->count = 0;
    return HZ_OK;
}

/* Group rules: records that a failing group blames. */
static hz_status write_group_rows(reading *r, const want *items, size_t count, hz_error *err)
{
    hz_finder *finder = &r->finder;
    hz_run_state *run = finder->run;
    hz_groups *groups = run->tally.groups[run->plan.rules[items[0].rule].group];
    HZ_TRY(hz_finder_fields(finder, items[0].rule, finder->scan->table->table, err));
    for (size_t i = 0; i < count; i++) {
        uint32_t row = hz_again_index(&r->again, items[i].row);
        hz_finding *finding = finding_of(run, &items[i]);
        size_t group = hz_groups_of_row(groups, items[i].row);
        if (HZ_NEVER(group == SIZE_MAX))
            return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("group of a row"));
        HZ_TRY(hz_finding_blamed(finding, finder, items[i].rule, row, groups, group, err));
    }
    return HZ_OK;
}

static hz_status write_rule(reading *r, const want *items, size_t count, hz_error *err)
{
    hz_finder *finder = &r->finder;
    hz_run_state *run = finder->run;
    uint32_t rule = items[0].rule;
    if (items[0].related >= 0)
        return write_related(r, items, count, err);
    hz_kept_source kept = hz_kept_of_examples(run);
    if (run->plan.rules[rule].rule->kind == HZ_RULE_GROUP_ASSERT)
        return write_group_rows(r, items, count, err);
    HZ_TRY(hz_finder_rule(finder, rule, &kept, err));
    for (size_t i = 0; i < count; i++) {
        const want *w = &items[i];
        uint32_t row = hz_again_index(&r->again, w->row);
        hz_finding *finding = finding_of(run, w);
        HZ_TRY(hz_finding_write(finding, finder, row, err));
        hz_rule_kind kind = run->plan.rules[rule].rule->kind;
        if (kind == HZ_RULE_UNIQUE || kind == HZ_RULE_SIMILAR)
            HZ_TRY(related_of(finder, w, r->more, err));
    }
    return ask_for_related(r, items, count, err);
}

static hz_status write_chunk(reading *r, want *items, size_t count, hz_error *err)
{
    qsort(items, count, sizeof *items, by_rule);
    for (size_t from = 0; from < count;) {
        size_t to = from + 1;
        while (to < count && items[to].rule == items[from].rule)
            to++;
        HZ_TRY(write_rule(r, &items[from], to - from, err));
        from = to;
    }
    return HZ_OK;
}

/* ---- fetching ---- */

static hz_status late_table(hz_run_state *run, want *items, size_t count, wants *more, hz_trace_asks *asks,
                            hz_error *err)
{
    hz_worker *worker = &run->workers[0];
    hz_arena *arena = run->result->arena;
    reading r = {
        .finder = {.run = run, .eval = worker->eval, .arena = arena, .fixed = arena}, .more = more, .asks = asks};
    hz_status st;
    r.rows = hz_mem_zalloc(count, sizeof *r.rows);
    HZ_GO(r.rows ? HZ_OK : hz_nomem(err, count * sizeof *r.rows));
    HZ_GO(hz_again_open(&r.again, worker, items[0].table, NULL, err));
    r.finder.scan = r.again.scan;
    for (size_t i = 0; i < count; i++)
        r.rows[i] = items[i].row;
    for (size_t from = 0, taken; from < count; from += taken) {
        hz_eval_reset(worker->eval);
        HZ_GO(hz_again_rows(&r.again, r.rows + from, count - from, &taken, err));
        HZ_GO(write_chunk(&r, &items[from], taken, err));
    }
out:
    hz_finder_clear(&r.finder);
    hz_again_close(&r.again);
    hz_mem_free(r.rows);
    return st;
}

static hz_status fetch_all(hz_run_state *run, wants *list, wants *more, hz_trace_asks *asks, hz_error *err)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, by_table_and_row);
    for (size_t from = 0; from < list->count;) {
        size_t to = from + 1;
        while (to < list->count && list->items[to].table == list->items[from].table)
            to++;
        HZ_TRY(late_table(run, &list->items[from], to - from, more, asks, err));
        from = to;
    }
    return HZ_OK;
}

/* ---- groups ---- */

static hz_status group_findings(hz_run_state *run, uint32_t rule, const hz_firsts *examples, uint32_t first,
                                wants *more, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    hz_groups *groups = run->tally.groups[entry->group];
    hz_arena *arena = run->result->arena;
    hz_finder finder = {.run = run, .eval = run->workers[0].eval, .arena = arena, .fixed = arena};
    hz_status st = HZ_OK;
    for (size_t i = first; i < first + examples->count; i++) {
        hz_finding *finding = &run->shown[rule]->examples[i];
        const uint64_t *rows;
        size_t index = (size_t)examples->rows[i - first];
        hz_eval_reset(run->workers[0].eval);
        HZ_GO(hz_finding_group(finding, &finder, rule, groups, index, err));
        size_t count = hz_groups_rows(groups, index, &rows);
        finding->related = HZ_ARENA_ARRAY(run->result->arena, hz_place, count + 1);
        if (!finding->related) {
            st = hz_nomem(err, count * sizeof(hz_place));
            goto out;
        }
        finding->related_count = count;
        for (size_t j = 0; j < count; j++)
            HZ_GO(add_want(more,
                           (want){hz_plan_sheet_of(&run->plan, entry->rule), rule, rows[j], (uint32_t)i, (int32_t)j,
                                  HZ_COLUMN_NONE},
                           err));
    }
out:
    hz_finder_clear(&finder);
    return st;
}

/* Behind the first `at` findings of the rule. */
static hz_status begin_examples(hz_run_state *run, uint32_t rule, const hz_firsts *examples, uint32_t at, wants *first,
                                wants *more, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    uint32_t sheet = hz_plan_sheet_of(&run->plan, entry->rule);
    if (hz_rule_is_of_groups(entry->rule))
        return group_findings(run, rule, examples, at, more, err);
    for (uint32_t e = 0; e < examples->count; e++)
        HZ_TRY(add_want(first, (want){sheet, rule, examples->rows[e], at + e, -1, HZ_COLUMN_NONE}, err));
    return HZ_OK;
}

/* The rule's own findings; behind them those that are waived, waiver by waiver, which result.waivers names. */
static hz_status begin_rule(hz_run_state *run, uint32_t rule, wants *first, wants *more, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    hz_result_rule *shown = run->shown[rule];
    const hz_rule_partial *shadows = &run->tally.rules[run->plan.rules_count + entry->shadows];
    const hz_firsts *own = &run->tally.rules[rule].examples;
    size_t all = own->count;
    for (uint32_t s = 0; s < entry->shadows_count; s++)
        all += shadows[s].examples.count;
    if (!all)
        return HZ_OK;
    shown->examples = HZ_ARENA_ARRAY(run->result->arena, hz_finding, all);
    if (!shown->examples)
        return hz_nomem(err, all * sizeof(hz_finding));
    shown->examples_count = own->count;
    HZ_TRY(begin_examples(run, rule, own, 0, first, more, err));
    all = own->count;
    for (uint32_t s = 0; s < entry->shadows_count; s++) {
        HZ_TRY(begin_examples(run, rule, &shadows[s].examples, (uint32_t)all, first, more, err));
        all += shadows[s].examples.count;
    }
    return HZ_OK;
}

static hz_status begin(hz_run_state *run, wants *first, wants *more, hz_error *err)
{
    for (uint32_t i = 0; i < run->plan.rules_count; i++)
        if (run->shown[i] && hz_rule_is_of_records(run->plan.rules[i].rule) && !run->tally.rules[i].broken)
            HZ_TRY(begin_rule(run, i, first, more, err));
    return HZ_OK;
}

hz_status hz_late_pass(hz_run_state *run, hz_error *err)
{
    wants list = {0}, more = {0};
    hz_trace_asks asks = {0};
    hz_status st;
    for (size_t i = 0; i < hz_plan_partials(&run->plan); i++)
        if (run->tally.rules[i].related_count)
            qsort(run->tally.rules[i].related, run->tally.rules[i].related_count, sizeof(hz_related), related_by_row);
    HZ_GO(begin(run, &list, &more, err));
    for (;;) { /* rows that are named, those related to them, those to whom paths lead on */
        HZ_GO(fetch_all(run, &list, &more, &asks, err));
        HZ_GO(name_related(&more, run, &asks, err));
        if (!more.count)
            break;
        wants done = list;
        list = more;
        more = done;
        more.count = 0;
    }
out:
    hz_mem_free(list.items);
    hz_mem_free(more.items);
    hz_mem_free(asks.items);
    return st;
}
