/* kernels_case.c: choice between columns, row by row: masks say which rows come from where, then one gather copies
 * them. */
#include "validator/eval/kernels_int.h"

hz_type hz_num_type(const hz_run *run, const hz_ins *ins, uint32_t from, uint32_t step)
{
    for (uint32_t i = from; i < ins->args_count; i += step)
        if (hz_arg_reg(run, ins, i)->vec.type == HZ_TYPE_DECIMAL)
            return HZ_TYPE_DECIMAL;
    return HZ_TYPE_INTEGER;
}

static void take_rows(const hz_run *run, hz_vec *out, const hz_reg *from, const uint64_t *mask)
{
    for (size_t w = 0; w < run->words_count; w++) {
        out->valid[w] |= from->vec.valid[w] & mask[w];
        out->invalid[w] |= from->vec.invalid[w] & mask[w];
    }
    if (out->type == HZ_TYPE_BOOLEAN) {
        for (size_t w = 0; w < run->words_count; w++)
            out->as.bits[w] |= from->vec.as.bits[w] & mask[w];
        return;
    }
    uint64_t wanted[HZ_BATCH_WORDS] = {0};
    for (size_t w = 0; w < run->words_count; w++)
        wanted[w] = from->vec.valid[w] & mask[w];
    if (run->words_count)
        wanted[run->words_count - 1] &= run->tail;
    size_t step = from->step;
    switch (out->type) {
    case HZ_TYPE_TEXT:
        HZ_ROWS(i, wanted, run->words_count)
            out->as.text[i] = from->vec.as.text[i * step];
        break;
    case HZ_TYPE_DECIMAL:
        HZ_ROWS(i, wanted, run->words_count)
            out->as.decimal[i] = hz_num_at(from, i);
        break;
    case HZ_TYPE_INTERVAL:
        HZ_ROWS(i, wanted, run->words_count)
            out->as.interval[i] = from->vec.as.interval[i * step];
        break;
    default:
        HZ_ROWS(i, wanted, run->words_count)
            out->as.i64[i] = from->vec.as.i64[i * step];
        break;
    }
}

/* Which source row i comes from; count when none. */
static size_t source_of(size_t count, const uint64_t *masks, size_t i)
{
    size_t j = 0;
    while (j < count && !hz_bits_get(masks + j * HZ_BATCH_WORDS, i))
        j++;
    return j;
}

static hz_status gather_arrays(hz_run *run, hz_vec *out, size_t count, const hz_reg *const *sources,
                               const uint64_t *masks)
{
    size_t total = 0;
    hz_type type = HZ_TYPE_NULL;
    for (size_t j = 0; j < count; j++) {
        hz_type item = sources[j]->vec.items->count ? sources[j]->vec.items->type : HZ_TYPE_NULL;
        bool wider = type == HZ_TYPE_NULL || item == HZ_TYPE_DECIMAL || item == HZ_TYPE_TIMESTAMP;
        type = wider && item != HZ_TYPE_NULL ? item : type;
    }
    for (size_t i = 0, from, to; i < run->rows_count; i++) {
        size_t j = source_of(count, masks, i);
        out->as.ends[i] = (uint32_t)total;
        if (j == count)
            continue;
        hz_bits_put(out->valid, i, hz_bits_get(sources[j]->vec.valid, i));
        hz_bits_put(out->invalid, i, hz_bits_get(sources[j]->vec.invalid, i));
        if (!hz_bits_get(out->valid, i))
            continue;
        hz_array_span(&from, &to, sources[j], i);
        total += to - from;
        out->as.ends[i] = (uint32_t)total;
    }
    out->items = hz_run_keep(run, sizeof *out->items);
    if (!out->items || !hz_run_keep_vec(run, out->items, type == HZ_TYPE_NULL ? HZ_TYPE_TEXT : type, total))
        return HZ_E_NOMEM;
    for (size_t i = 0, at = 0, from, to; i < run->rows_count; i++) {
        if (!hz_bits_get(out->valid, i))
            continue;
        const hz_reg *source = sources[source_of(count, masks, i)];
        for (hz_array_span(&from, &to, source, i); from < to; from++)
            hz_vec_copy_row(out->items, at++, source->vec.items, from);
    }
    return HZ_OK;
}

hz_status hz_gather(hz_run *run, hz_vec *out, size_t count, const hz_reg *const *sources, const uint64_t *masks)
{
    size_t bytes = run->words_count * sizeof(uint64_t);
    memset(out->valid, 0, bytes);
    memset(out->invalid, 0, bytes);
    if (out->type == HZ_TYPE_ARRAY)
        return gather_arrays(run, out, count, sources, masks);
    if (out->type == HZ_TYPE_BOOLEAN)
        memset(out->as.bits, 0, bytes);
    for (size_t j = 0; j < count; j++)
        take_rows(run, out, sources[j], masks + j * HZ_BATCH_WORDS);
    return HZ_OK;
}

/* The result column for values that stand in the arguments from `from` on, every step-th. */
static hz_vec *out_like(hz_run *run, const hz_ins *ins, uint32_t from, uint32_t step)
{
    bool numeric = ins->type == HZ_TYPE_INTEGER || ins->type == HZ_TYPE_DECIMAL;
    return hz_run_out(run, ins, numeric ? hz_num_type(run, ins, from, step) : ins->type);
}

hz_status hz_kernel_case(hz_run *run, const hz_ins *ins)
{
    size_t branches = ins->args_count / 2, count = (ins->args_count + 1) / 2;
    uint64_t *masks = hz_run_keep(run, count * HZ_BATCH_WORDS * sizeof *masks);
    const hz_reg **sources = hz_run_keep(run, count * sizeof *sources);
    if (!masks || !sources)
        return HZ_E_NOMEM;
    bool numeric = ins->type == HZ_TYPE_INTEGER || ins->type == HZ_TYPE_DECIMAL;
    hz_type type = ins->type;
    if (numeric) {
        type = hz_num_type(run, ins, 1, 2);
        if (count > branches && hz_arg_reg(run, ins, ins->args_count - 1)->vec.type == HZ_TYPE_DECIMAL)
            type = HZ_TYPE_DECIMAL;
    }
    hz_vec *out = hz_run_out(run, ins, type);
    if (!out)
        return HZ_E_NOMEM;
    uint64_t left[HZ_BATCH_WORDS] = {0};
    hz_bits_fill(left, run->rows_count, true);
    for (size_t j = 0; j < branches; j++) {
        const hz_vec *when = &hz_arg_reg(run, ins, (uint32_t)(2 * j))->vec;
        sources[j] = hz_arg_reg(run, ins, (uint32_t)(2 * j + 1));
        for (size_t w = 0; w < run->words_count; w++) {
            masks[j * HZ_BATCH_WORDS + w] = left[w] & when->valid[w] & when->as.bits[w];
            left[w] &= ~masks[j * HZ_BATCH_WORDS + w];
        }
    }
    if (count > branches) {
        sources[branches] = hz_arg_reg(run, ins, ins->args_count - 1);
        memcpy(masks + branches * HZ_BATCH_WORDS, left, run->words_count * sizeof *left);
    }
    return hz_gather(run, out, count, sources, masks);
}

hz_status hz_kernel_coalesce(hz_run *run, const hz_ins *ins)
{
    size_t count = ins->args_count;
    uint64_t *masks = hz_run_keep(run, count * HZ_BATCH_WORDS * sizeof *masks);
    const hz_reg **sources = hz_run_keep(run, count * sizeof *sources);
    hz_vec *out = masks && sources ? out_like(run, ins, 0, 1) : NULL;
    if (!out)
        return HZ_E_NOMEM;
    uint64_t left[HZ_BATCH_WORDS] = {0};
    hz_bits_fill(left, run->rows_count, true);
    for (size_t j = 0; j < count; j++) {
        sources[j] = hz_arg_reg(run, ins, (uint32_t)j);
        for (size_t w = 0; w < run->words_count; w++) {
            masks[j * HZ_BATCH_WORDS + w] = left[w] & (sources[j]->vec.valid[w] | sources[j]->vec.invalid[w]);
            left[w] &= ~masks[j * HZ_BATCH_WORDS + w];
        }
    }
    return hz_gather(run, out, count, sources, masks);
}

hz_status hz_kernel_nullif(hz_run *run, const hz_ins *ins)
{
    const hz_vec *equal = &hz_arg_reg(run, ins, 0)->vec;
    const hz_reg *a = hz_arg_reg(run, ins, 1);
    const hz_vec *b = &hz_arg_reg(run, ins, 2)->vec;
    hz_vec *out = hz_run_out(run, ins, a->vec.type);
    if (!out)
        return HZ_E_NOMEM;
    uint64_t mask[HZ_BATCH_WORDS] = {0};
    for (size_t w = 0; w < run->words_count; w++)
        mask[w] = ~(equal->valid[w] & equal->as.bits[w]) & ~b->invalid[w];
    HZ_TRY(hz_gather(run, out, 1, &a, mask));
    for (size_t w = 0; w < run->words_count; w++)
        out->invalid[w] |= a->vec.invalid[w] | b->invalid[w];
    return HZ_OK;
}

hz_status hz_kernel_spread(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, a->vec.type);
    if (!out)
        return HZ_E_NOMEM;
    return hz_gather(run, out, 1, &a, hz_ones);
}
