/* kept.c: see kept.h. Of every node one cell (cell.h). */
#include "validator/engine/kept.h"
#include "base/alloc.h"
#include <stdlib.h>

static hz_status keep_row(const char **out, hz_scan *scan, const hz_plan_rule *rule, size_t row, hz_error *err)
{
    hz_buf *bytes = &scan->worker->relate.scratch.bytes;
    hz_slice kept;
    hz_buf_reset(bytes);
    for (size_t n = 0; n < rule->nodes_count; n++)
        hz_cell_put(bytes, scan->input.relational(scan->input.ctx, rule->nodes[n]), row);
    HZ_TRY(hz_buf_status(bytes, err));
    if (hz_arena_copy(&kept, scan->worker->arena, hz_buf_slice(bytes)) != HZ_OK)
        return hz_nomem(err, bytes->len);
    *out = kept.ptr;
    return HZ_OK;
}

hz_status hz_kept_put(hz_scan *scan, uint32_t rule, uint32_t as, const uint64_t *failed, hz_error *err)
{
    hz_rule_partial *partial = &scan->worker->tally->rules[as];
    size_t room = partial->examples.max;
    for (HZ_BITS_EACH(i, failed, scan->rows)) {
        hz_row_values values = {.row = scan->ids[i]};
        if (!room-- || !hz_firsts_takes(&partial->examples, values.row))
            break; /* nor any later one */
        HZ_TRY(keep_row(&values.bytes, scan, &scan->run->plan.rules[rule], i, err));
        HZ_TRY(hz_row_values_add(partial, values, err));
    }
    return HZ_OK;
}

static int by_row(const void *a, const void *b)
{
    const hz_row_values *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static hz_status make_columns(hz_kept *kept, uint32_t rows, hz_error *err)
{
    size_t count = kept->rule->nodes_count;
    kept->columns = HZ_ARENA_ARRAY(kept->arena, hz_cells, count + 1);
    if (!kept->columns)
        return hz_nomem(err, count * sizeof *kept->columns);
    for (size_t n = 0; n < count; n++) {
        const hz_node *node = kept->rule->nodes[n];
        HZ_TRY(hz_cells_init(&kept->columns[n], node->type, node->item_type, rows, kept->arena, err));
    }
    return HZ_OK;
}

static const char *find_example(void *ctx, uint32_t rule, uint64_t row)
{
    hz_run_state *run = ctx;
    size_t shadow = hz_waive_of_row(run, rule, row);
    hz_rule_partial *partial = &run->tally.rules[shadow == SIZE_MAX ? rule : run->plan.rules_count + shadow];
    hz_row_values want = {row, NULL};
    if (!partial->values_count)
        return NULL;
    if (!partial->values_sorted)
        qsort(partial->values, partial->values_count, sizeof *partial->values, by_row);
    partial->values_sorted = true;
    const hz_row_values *found = bsearch(&want, partial->values, partial->values_count, sizeof want, by_row);
    return found ? found->bytes : NULL;
}

hz_kept_source hz_kept_of_examples(hz_run_state *run)
{
    return (hz_kept_source){find_example, run};
}

hz_status hz_kept_get(hz_kept *kept, const hz_scan *scan, uint32_t rule, const hz_kept_source *source, hz_error *err)
{
    kept->scan = scan;
    kept->rule = &scan->run->plan.rules[rule];
    if (kept->arena)
        hz_arena_reset(kept->arena);
    else
        kept->arena = hz_arena_new();
    if (!kept->arena)
        return hz_nomem(err, sizeof(void *));
    HZ_TRY(make_columns(kept, scan->rows, err));
    for (uint32_t i = 0; i < scan->rows; i++) {
        const char *at = source->find(source->ctx, rule, scan->ids[i]);
        for (size_t n = 0; at && n < kept->rule->nodes_count; n++)
            at = hz_cell_get(&kept->columns[n], i, at);
    }
    for (size_t n = 0; n < kept->rule->nodes_count; n++)
        HZ_TRY(hz_cells_end(&kept->columns[n], scan->rows, kept->arena, err));
    return HZ_OK;
}

void hz_kept_clear(hz_kept *kept)
{
    hz_arena_free(kept->arena);
    memset(kept, 0, sizeof *kept);
}

const hz_vec *hz_kept_relational(const hz_kept *kept, const hz_node *node)
{
    const hz_plan *plan = &kept->scan->run->plan;
    uint32_t column = hz_plan_column_of(plan, node, kept->scan->table_index);
    for (size_t n = 0; n < kept->rule->nodes_count; n++)
        if (hz_plan_column_of(plan, kept->rule->nodes[n], kept->scan->table_index) == column)
            return &kept->columns[n].vec;
    return NULL;
}
