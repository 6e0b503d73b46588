/* late.c: the text of the findings that are shown. The scan kept only row identities; here the few rows that examples
 * name are read again, after the file was found unchanged, and the findings are written. Rows first, then the records
 * related to them. */
#include "base/alloc.h"
#include "base/sha256.h"
#include "validator/engine/finding_int.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>

typedef struct want {
    uint32_t table, rule;
    uint64_t row;
    uint32_t example;
    int32_t related; /* -1: the finding's own record */
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

/* Which row of the batch it is. */
static uint32_t index_of(const hz_scan *scan, uint64_t row)
{
    uint32_t low = 0, high = scan->rows;
    while (low + 1 < high) {
        uint32_t mid = low + (high - low) / 2;
        if (scan->ids[mid] <= row)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static int related_by_row(const void *a, const void *b)
{
    const hz_related *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static hz_status related_of(hz_finder *finder, const want *w, wants *more, hz_error *err)
{
    const hz_rule_partial *partial = &finder->run->tally.rules[w->rule];
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
        HZ_TRY(add_want(more, (want){w->table, w->rule, related->rows[i], w->example, (int32_t)i}, err));
    return HZ_OK;
}

/* Group rules: records that a group's finding names, and records that a failing group blames. */
static hz_status write_group_rows(hz_finder *finder, const want *items, size_t count, hz_error *err)
{
    hz_run_state *run = finder->run;
    hz_groups *groups = run->tally.groups[run->plan.rules[items[0].rule].group];
    HZ_TRY(hz_finder_fields(finder, items[0].rule, err));
    for (size_t i = 0; i < count; i++) {
        uint32_t row = index_of(finder->scan, items[i].row);
        hz_finding *finding = finding_of(run, &items[i]);
        if (items[i].related >= 0) {
            HZ_TRY(hz_finding_place(&finding->related[items[i].related], finder, row, err));
            continue;
        }
        size_t group = hz_groups_of_row(groups, items[i].row);
        if (HZ_NEVER(group == SIZE_MAX))
            return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("group of a row"));
        HZ_TRY(hz_finding_blamed(finding, finder, items[i].rule, row, groups, group, err));
    }
    return HZ_OK;
}

static hz_status write_rule(hz_finder *finder, const want *items, size_t count, wants *more, hz_error *err)
{
    hz_run_state *run = finder->run;
    uint32_t rule = items[0].rule;
    if (run->plan.rules[rule].rule->kind == HZ_RULE_GROUP_ASSERT)
        return write_group_rows(finder, items, count, err);
    HZ_TRY(hz_finder_rule(finder, rule, err));
    for (size_t i = 0; i < count; i++) {
        const want *w = &items[i];
        uint32_t row = index_of(finder->scan, w->row);
        hz_finding *finding = finding_of(run, w);
        if (w->related >= 0) {
            HZ_TRY(hz_finding_place(&finding->related[w->related], finder, row, err));
            continue;
        }
        HZ_TRY(hz_finding_write(finding, finder, row, err));
        if (run->plan.rules[rule].rule->kind == HZ_RULE_UNIQUE)
            HZ_TRY(related_of(finder, w, more, err));
    }
    return HZ_OK;
}

static hz_status write_chunk(hz_finder *finder, want *items, size_t count, wants *more, hz_error *err)
{
    qsort(items, count, sizeof *items, by_rule);
    for (size_t from = 0; from < count;) {
        size_t to = from + 1;
        while (to < count && items[to].rule == items[from].rule)
            to++;
        HZ_TRY(write_rule(finder, &items[from], to - from, more, err));
        from = to;
    }
    return HZ_OK;
}

/* ---- fetching ---- */

static hz_status check_stamp(const hz_scan *scan, hz_error *err)
{
    struct hz_file_stamp now;
    if (!scan->source->path || scan->source->spool)
        return HZ_OK; /* bytes in memory, rows that were put aside */
    const struct hz_file_stamp *then = &scan->run->tables[scan->table_index].source_stamp[scan->source_index];
    bool there = hz_file_stamp_of(&now, scan->source->path, NULL) == HZ_OK;
    bool same = there && now.size == then->size && now.inode == then->inode && now.seconds == then->seconds &&
                now.nanos == then->nanos;
    return same ? HZ_OK : hz_fail(err, HZ_E_CHANGED, HZ_M(FILE_CHANGED), HZ_S(scan->source->shown));
}

static hz_status open_source(hz_source **out, hz_scan *scan, uint32_t source_index, hz_error *err)
{
    const hz_run_options *options = scan->run->options;
    scan->source_index = source_index;
    scan->source = &scan->table->sources[source_index];
    HZ_TRY(check_stamp(scan, err));
    hz_source_options open;
    hz_plan_open_options(&open, scan->source, options);
    if (!open.path && !open.bytes.ptr)
        open.bytes = scan->run->tables[scan->table_index].made;
    return hz_source_open(out, &open, err);
}

/* The next rows of one source, at most a batch; *next is the want after them. */
static hz_status fetch(hz_batch *batch, size_t *next, hz_scan *scan, hz_source *source, const want *items, size_t from,
                       size_t count, hz_row_want *places, hz_error *err)
{
    const hz_rows *rows = &scan->run->tables[scan->table_index].places;
    uint32_t taken = 0;
    size_t at = from;
    for (; at < count; at++) {
        if (taken && items[at].row == scan->ids[taken - 1])
            continue;
        if (taken == HZ_BATCH_ROWS || hz_rows_place(&places[taken], rows, items[at].row) != scan->source_index)
            break;
        scan->ids[taken++] = items[at].row;
    }
    *next = at;
    return hz_source_rows_at(batch, source, places, taken, err);
}

static hz_status late_table(hz_run_state *run, want *items, size_t count, wants *more, hz_error *err)
{
    hz_scan *scan = NULL;
    hz_source *source = NULL;
    hz_finder finder = {.run = run};
    uint32_t opened = UINT32_MAX;
    hz_row_want *places = hz_mem_zalloc(HZ_BATCH_ROWS, sizeof *places);
    hz_status st = places ? HZ_OK : hz_nomem(err, HZ_BATCH_ROWS * sizeof *places);
    if (st == HZ_OK)
        st = hz_scan_open(&scan, &run->workers[0], items[0].table, err);
    finder.scan = scan;
    for (size_t from = 0, next; st == HZ_OK && from < count; from = next) {
        hz_batch batch;
        hz_row_want first;
        uint32_t source_index = hz_rows_place(&first, &run->tables[items[from].table].places, items[from].row);
        next = from;
        if (source_index != opened) {
            hz_source_close(source);
            source = NULL;
            HZ_GO(open_source(&source, scan, source_index, err));
            opened = source_index;
        }
        HZ_GO(fetch(&batch, &next, scan, source, items, from, count, places, err));
        hz_eval_reset(run->workers[0].eval);
        HZ_GO(hz_scan_columns(scan, &batch, err));
        HZ_GO(write_chunk(&finder, &items[from], next - from, more, err));
    }
out:
    hz_finder_clear(&finder);
    hz_source_close(source);
    hz_scan_close(scan);
    hz_mem_free(places);
    return st;
}

static hz_status fetch_all(hz_run_state *run, wants *list, wants *more, hz_error *err)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, by_table_and_row);
    for (size_t from = 0; from < list->count;) {
        size_t to = from + 1;
        while (to < list->count && list->items[to].table == list->items[from].table)
            to++;
        HZ_TRY(late_table(run, &list->items[from], to - from, more, err));
        from = to;
    }
    return HZ_OK;
}

/* ---- groups ---- */

static hz_status group_findings(hz_run_state *run, uint32_t rule, wants *more, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    const hz_rule_partial *partial = &run->tally.rules[rule];
    hz_groups *groups = run->tally.groups[entry->group];
    hz_finder finder = {.run = run};
    hz_status st = HZ_OK;
    for (size_t i = 0; i < partial->examples.count; i++) {
        hz_finding *finding = &run->shown[rule]->examples[i];
        const uint64_t *rows;
        size_t index = (size_t)partial->examples.rows[i];
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
            HZ_GO(add_want(
                more, (want){hz_plan_sheet_of(&run->plan, entry->rule), rule, rows[j], (uint32_t)i, (int32_t)j}, err));
    }
out:
    hz_finder_clear(&finder);
    return st;
}

static bool is_of_rows(const hz_rule *rule)
{
    return rule->kind >= HZ_RULE_REQUIRED && rule->kind <= HZ_RULE_GROUP_ASSERT;
}

static hz_status begin(hz_run_state *run, wants *first, wants *more, hz_error *err)
{
    for (uint32_t i = 0; i < run->plan.rules_count; i++) {
        const hz_plan_rule *entry = &run->plan.rules[i];
        hz_result_rule *shown = run->shown[i];
        const hz_firsts *examples = &run->tally.rules[i].examples;
        if (!shown || !is_of_rows(entry->rule) || run->tally.rules[i].broken || !examples->count)
            continue;
        shown->examples = HZ_ARENA_ARRAY(run->result->arena, hz_finding, examples->count);
        if (!shown->examples)
            return hz_nomem(err, examples->count * sizeof(hz_finding));
        shown->examples_count = examples->count;
        bool by_group =
            entry->rule->kind == HZ_RULE_GROUP_ASSERT && !(entry->rule->blame_records && entry->rule->keys_count);
        if (by_group) {
            HZ_TRY(group_findings(run, i, more, err));
            continue;
        }
        for (uint32_t e = 0; e < examples->count; e++)
            HZ_TRY(
                add_want(first, (want){hz_plan_sheet_of(&run->plan, entry->rule), i, examples->rows[e], e, -1}, err));
    }
    return HZ_OK;
}

hz_status hz_late_pass(hz_run_state *run, hz_error *err)
{
    wants first = {0}, second = {0}, none = {0};
    hz_status st;
    for (size_t i = 0; i < run->plan.rules_count; i++)
        if (run->tally.rules[i].related_count)
            qsort(run->tally.rules[i].related, run->tally.rules[i].related_count, sizeof(hz_related), related_by_row);
    HZ_GO(begin(run, &first, &second, err));
    HZ_GO(fetch_all(run, &first, &second, err));
    HZ_GO(fetch_all(run, &second, &none, err));
out:
    hz_mem_free(first.items);
    hz_mem_free(second.items);
    hz_mem_free(none.items);
    return st;
}
