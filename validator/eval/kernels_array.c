/* kernels_array.c: arrays: an ends column over one column of items with their own bitmaps. */
#include "validator/eval/kernels_int.h"

static hz_type items_type(const hz_run *run, const hz_ins *ins)
{
    bool numeric = ins->item_type == HZ_TYPE_INTEGER || ins->item_type == HZ_TYPE_DECIMAL;
    return numeric ? hz_num_type(run, ins, 0, 1) : ins->item_type;
}

hz_status hz_kernel_array(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_ARRAY);
    hz_vec *items = hz_run_keep(run, sizeof *items);
    size_t width = ins->args_count;
    if (!out || !items || !hz_run_keep_vec(run, items, items_type(run, ins), width * run->rows_count))
        return HZ_E_NOMEM;
    out->items = items;
    hz_bits_fill(out->valid, run->rows_count, true);
    hz_bits_fill(out->invalid, run->rows_count, false);
    for (size_t i = 0; i < run->rows_count; i++) {
        for (size_t j = 0; j < width; j++) {
            const hz_reg *item = hz_arg_reg(run, ins, (uint32_t)j);
            hz_vec_copy_row(items, i * width + j, &item->vec, i * item->step);
        }
        out->as.ends[i] = (uint32_t)((i + 1) * width);
    }
    return HZ_OK;
}

hz_status hz_kernel_cardinality(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTEGER);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        size_t from, to;
        hz_array_span(&from, &to, a, i);
        out->as.i64[i] = (int64_t)(to - from);
    }
    return HZ_OK;
}

static bool holds(hz_op op, const hz_vec *a, size_t i, const hz_vec *b, size_t j)
{
    if (a->type == HZ_TYPE_TEXT && (op == HZ_OP_EQ || op == HZ_OP_NE))
        return hz_text_eq(a->as.text[i], b->as.text[j]) == (op == HZ_OP_EQ);
    return hz_op_holds(op, hz_vec_compare(a, i, b, j));
}

/* any: TRUE when one item holds; all is its dual, told as any with `wanted` false. A row without either verdict is
 * INVALID or NULL. */
static void quantify_row(const hz_ins *ins, hz_vec *out, size_t i, const hz_reg *a, const hz_reg *b)
{
    size_t from, to, row = i * a->step;
    hz_array_span(&from, &to, b, i);
    bool wanted = !ins->negated, some_null = false, some_invalid = hz_bits_get(a->vec.invalid, row);
    bool present = hz_bits_get(a->vec.valid, row);
    const hz_vec *items = b->vec.items;
    if (!present && !some_invalid)
        some_null = from < to;
    for (size_t j = from; j < to; j++) {
        if (!hz_bits_get(items->valid, j)) {
            some_invalid |= hz_bits_get(items->invalid, j);
            some_null = true;
        } else if (present && holds(ins->op, &a->vec, row, items, j) == wanted) {
            hz_bits_put(out->as.bits, i, wanted);
            hz_bits_set(out->valid, i);
            return;
        }
    }
    hz_bits_put(out->as.bits, i, !wanted);
    if (some_invalid)
        hz_bits_set(out->invalid, i);
    else if (!some_null)
        hz_bits_set(out->valid, i);
}

hz_status hz_kernel_quantified(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    size_t bytes = run->words_count * sizeof(uint64_t);
    memset(out->as.bits, 0, bytes);
    memset(out->valid, 0, bytes);
    for (size_t w = 0; w < run->words_count; w++)
        out->invalid[w] = b->vec.invalid[w] | (a->vec.invalid[w] & ~b->vec.valid[w]);
    for (size_t i = 0; i < run->rows_count; i++)
        if (hz_bits_get(b->vec.valid, i))
            quantify_row(ins, out, i, a, b);
    return HZ_OK;
}

static bool any_invalid(const hz_vec *items, size_t from, size_t to)
{
    for (size_t j = from; j < to; j++)
        if (hz_bits_get(items->invalid, j))
            return true;
    return false;
}

static bool has_item(const hz_vec *items, size_t from, size_t to, const hz_vec *item, size_t at)
{
    for (size_t j = from; j < to; j++)
        if (hz_bits_get(items->valid, j) && holds(HZ_OP_EQ, item, at, items, j))
            return true;
    return false;
}

hz_status hz_kernel_contained(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    HZ_ROWS(i, out->valid, run->words_count) {
        size_t from, to, b_from, b_to;
        hz_array_span(&from, &to, a, i);
        hz_array_span(&b_from, &b_to, b, i);
        bool invalid = any_invalid(a->vec.items, from, to) || any_invalid(b->vec.items, b_from, b_to), all = true;
        for (size_t j = from; j < to && all && !invalid; j++)
            all = hz_bits_get(a->vec.items->valid, j) && has_item(b->vec.items, b_from, b_to, a->vec.items, j);
        hz_bits_put(out->as.bits, i, all);
        if (invalid) {
            hz_bits_unset(out->valid, i);
            hz_bits_set(out->invalid, i);
        }
    }
    return HZ_OK;
}

hz_status hz_kernel_cmp_array(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    HZ_ROWS(i, out->valid, run->words_count) {
        size_t from, to, b_from, b_to;
        hz_array_span(&from, &to, a, i);
        hz_array_span(&b_from, &b_to, b, i);
        if (any_invalid(a->vec.items, from, to) || any_invalid(b->vec.items, b_from, b_to)) {
            hz_bits_unset(out->valid, i);
            hz_bits_set(out->invalid, i);
            continue;
        }
        int order = hz_vec_compare(&a->vec, i * a->step, &b->vec, i * b->step);
        hz_bits_put(out->as.bits, i, hz_op_holds(ins->op, order));
    }
    return HZ_OK;
}
