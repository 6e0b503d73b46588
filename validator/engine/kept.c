/* kept.c: see kept.h. Of every node one row, as carry.h writes a column. */
#include "validator/engine/kept.h"
#include "base/alloc.h"
#include "validator/engine/carry.h"
#include <stdlib.h>

/* One row of a vector as a vector; the caller's words and value hold it. */
typedef struct one_row {
    hz_vec vec;
    uint64_t valid, invalid;
    uint64_t value[4] __attribute__((aligned(16)));
} one_row;

static void pick(one_row *one, const hz_vec *from, size_t row)
{
    one->valid = one->invalid = 0;
    memset(one->value, 0, sizeof one->value);
    one->vec = (hz_vec){.type = from->type, .count = 1, .valid = &one->valid, .invalid = &one->invalid};
    one->vec.as.any = one->value;
    hz_vec_copy_row(&one->vec, 0, from, row);
}

static hz_status keep_row(const char **out, hz_scan *scan, const hz_plan_rule *rule, size_t row, hz_error *err)
{
    size_t bytes = 0;
    one_row one;
    for (size_t n = 0; n < rule->nodes_count; n++) {
        pick(&one, scan->input.relational(scan->input.ctx, rule->nodes[n]), row);
        bytes += hz_carry_bytes(&one.vec);
    }
    char *at = hz_arena_alloc(scan->worker->arena, bytes);
    if (!at)
        return hz_nomem(err, bytes);
    *out = at;
    for (size_t n = 0; n < rule->nodes_count; n++) {
        pick(&one, scan->input.relational(scan->input.ctx, rule->nodes[n]), row);
        at = hz_carry_put(at, &one.vec);
    }
    return HZ_OK;
}

hz_status hz_kept_put(hz_scan *scan, uint32_t rule, const uint64_t *failed, hz_error *err)
{
    hz_rule_partial *partial = &scan->worker->tally->rules[rule];
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

static hz_status make_vecs(hz_kept *kept, uint32_t rows, hz_error *err)
{
    kept->vecs = HZ_ARENA_ARRAY(kept->arena, hz_vec, kept->rule->nodes_count + 1);
    if (!kept->vecs)
        return hz_nomem(err, kept->rule->nodes_count * sizeof *kept->vecs);
    for (size_t n = 0; n < kept->rule->nodes_count; n++) {
        hz_vec *vec = &kept->vecs[n];
        size_t words = hz_bits_words(rows) + 1;
        *vec = (hz_vec){.type = kept->rule->nodes[n]->type, .count = rows};
        vec->valid = HZ_ARENA_ARRAY(kept->arena, uint64_t, words);
        vec->invalid = HZ_ARENA_ARRAY(kept->arena, uint64_t, words);
        vec->as.any = hz_arena_zalloc(kept->arena, rows + 1, sizeof(hz_decimal));
        if (!vec->valid || !vec->invalid || !vec->as.any)
            return hz_nomem(err, rows * sizeof(hz_decimal));
    }
    return HZ_OK;
}

hz_status hz_kept_get(hz_kept *kept, const hz_scan *scan, uint32_t rule, hz_error *err)
{
    hz_rule_partial *partial = &scan->run->tally.rules[rule];
    hz_kept_clear(kept);
    kept->scan = scan;
    kept->rule = &scan->run->plan.rules[rule];
    kept->arena = hz_arena_new();
    if (!kept->arena)
        return hz_nomem(err, sizeof(void *));
    HZ_TRY(make_vecs(kept, scan->rows, err));
    if (partial->values_count)
        qsort(partial->values, partial->values_count, sizeof *partial->values, by_row);
    for (uint32_t i = 0; i < scan->rows; i++) {
        hz_row_values want = {scan->ids[i], NULL};
        const hz_row_values *found =
            partial->values_count ? bsearch(&want, partial->values, partial->values_count, sizeof want, by_row) : NULL;
        const char *at = found ? found->bytes : NULL;
        for (size_t n = 0; at && n < kept->rule->nodes_count; n++) {
            hz_vec one;
            at = hz_carry_get(&one, at, kept->arena);
            if (!at)
                return hz_nomem(err, sizeof one);
            if (kept->vecs[n].type != one.type)
                kept->vecs[n].type = one.type;
            hz_vec_copy_row(&kept->vecs[n], i, &one, 0);
        }
    }
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
            return &kept->vecs[n];
    return NULL;
}
