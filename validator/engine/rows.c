/* rows.c: see rows.h. */
#include "validator/engine/rows.h"
#include "base/alloc.h"

enum { IN_BLOCK = (1 << HZ_ROW_BITS) - 1 };

void hz_rows_clear(hz_rows *rows)
{
    for (size_t b = 0; b < rows->count; b++) {
        hz_row_block *block = rows->blocks[b];
        for (uint32_t s = 0; block->sets && s < block->sets_count; s++)
            hz_mem_free(block->sets[s]);
        hz_mem_free((void *)block->sets);
        hz_mem_free(block->errors);
    }
    hz_mem_free((void *)rows->blocks);
    hz_arena_free(rows->arena);
    memset(rows, 0, sizeof *rows);
}

hz_status hz_rows_add(hz_row_block **out, uint64_t *first, hz_rows *rows, const hz_batch *batch, uint32_t source,
                      hz_error *err)
{
    uint32_t count = (batch->rows_count - 1) / HZ_ROW_ANCHOR;
    if (!rows->arena)
        rows->arena = hz_arena_new();
    if (!rows->arena || !HZ_GROW(rows->blocks, rows->capacity, rows->count + 1))
        return hz_nomem(err, sizeof *rows->blocks);
    hz_row_block *block = HZ_ARENA_NEW(rows->arena, hz_row_block);
    struct hz_row_anchor *anchors = count ? HZ_ARENA_ARRAY(rows->arena, struct hz_row_anchor, count) : NULL;
    if (!block || (count && !anchors))
        return hz_nomem(err, count * sizeof *anchors);
    block->record = batch->records[0];
    block->offset = batch->offsets[0];
    block->line = batch->lines[0];
    block->source = source;
    block->ledgers = rows->ledgers ? rows->ledgers : 1;
    block->sets_count = rows->sets;
    block->span = (uint32_t)(batch->records[batch->rows_count - 1] - batch->records[0]) + 1;
    block->anchors = anchors;
    block->anchors_count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (i + 1) * HZ_ROW_ANCHOR;
        anchors[i] = (struct hz_row_anchor){(uint32_t)(batch->records[at] - block->record),
                                            (uint32_t)(batch->offsets[at] - block->offset),
                                            (uint32_t)(batch->lines[at] - block->line)};
    }
    *first = (uint64_t)rows->count << HZ_ROW_BITS;
    rows->blocks[rows->count++] = block;
    *out = block;
    return HZ_OK;
}

uint32_t hz_rows_place(hz_row_want *out, const hz_rows *rows, uint64_t row)
{
    const hz_row_block *block = rows->blocks[row >> HZ_ROW_BITS];
    uint32_t record = (uint32_t)(row & IN_BLOCK), at = block->anchors_count;
    while (at > 0 && block->anchors[at - 1].record > record)
        at--;
    struct hz_row_anchor anchor = at ? block->anchors[at - 1] : (struct hz_row_anchor){0, 0, 0};
    *out = (hz_row_want){block->record + record, block->record + anchor.record, block->offset + anchor.offset,
                         block->line + anchor.line};
    return block->source;
}

uint32_t hz_rows_region(const hz_rows *rows, uint64_t row)
{
    const hz_row_block *block = rows->blocks[row >> HZ_ROW_BITS];
    uint32_t record = (uint32_t)(row & IN_BLOCK), low = 0, high = block->runs_count;
    if (!high)
        return 0;
    while (low + 1 < high) {
        uint32_t mid = low + (high - low) / 2;
        if (block->runs[mid].from <= record)
            low = mid;
        else
            high = mid;
    }
    return block->runs[low].region;
}

static hz_status give_errors(uint64_t **out, hz_row_block *block, hz_error *err)
{
    uint64_t *have = __atomic_load_n(&block->errors, __ATOMIC_ACQUIRE);
    if (!have) {
        uint64_t *made = hz_mem_zalloc(hz_bits_words(block->span) * block->ledgers, sizeof *made);
        if (!made)
            return hz_nomem(err, block->span / 8);
        if (__atomic_compare_exchange_n(&block->errors, &have, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            have = made;
        else
            hz_mem_free(made);
    }
    *out = have;
    return HZ_OK;
}

hz_status hz_rows_mark_in(const hz_rows *rows, uint32_t ledgers, uint64_t row, hz_error *err)
{
    uint64_t *errors;
    uint32_t record = (uint32_t)(row & IN_BLOCK);
    hz_row_block *block = rows->blocks[row >> HZ_ROW_BITS];
    HZ_TRY(give_errors(&errors, block, err));
    for (; ledgers; ledgers >>= 1, errors += hz_bits_words(block->span))
        if (ledgers & 1)
            __atomic_fetch_or(&errors[record >> 6], UINT64_C(1) << (record & 63), __ATOMIC_RELAXED);
    return HZ_OK;
}

static void mark_batch(uint64_t *errors, uint32_t span, const uint64_t *ids, uint32_t rows, const uint64_t *failed)
{
    if (span == rows) { /* no bad record between: rows are records */
        for (size_t w = 0; w < hz_bits_words(span); w++)
            errors[w] |= failed[w];
        return;
    }
    for (HZ_BITS_EACH(i, failed, rows))
        hz_bits_set(errors, (size_t)(ids[i] & IN_BLOCK));
}

hz_status hz_rows_mark_batch_in(hz_row_block *block, uint32_t ledgers, const uint64_t *ids, uint32_t rows,
                                const uint64_t *failed, hz_error *err)
{
    uint64_t *errors;
    HZ_TRY(give_errors(&errors, block, err));
    for (; ledgers; ledgers >>= 1, errors += hz_bits_words(block->span))
        if (ledgers & 1)
            mark_batch(errors, block->span, ids, rows, failed);
    return HZ_OK;
}

bool hz_rows_is_error(const hz_rows *rows, uint64_t row)
{
    const hz_row_block *block = rows->blocks[row >> HZ_ROW_BITS];
    return block->errors && hz_bits_get(block->errors, (size_t)(row & IN_BLOCK));
}

/* ---- sets ---- */

static hz_status give_sets(uint64_t ***out, hz_row_block *block, hz_error *err)
{
    uint64_t **have = __atomic_load_n(&block->sets, __ATOMIC_ACQUIRE);
    if (!have) {
        uint64_t **made = hz_mem_zalloc(block->sets_count, sizeof *made);
        if (!made)
            return hz_nomem(err, block->sets_count * sizeof *made);
        if (__atomic_compare_exchange_n(&block->sets, &have, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            have = made;
        else
            hz_mem_free((void *)made);
    }
    *out = have;
    return HZ_OK;
}

hz_status hz_rows_put_in_set(const hz_rows *rows, uint32_t set, uint64_t row, hz_error *err)
{
    hz_row_block *block = rows->blocks[row >> HZ_ROW_BITS];
    uint32_t record = (uint32_t)(row & IN_BLOCK);
    uint64_t **sets = NULL;
    HZ_TRY(give_sets(&sets, block, err));
    uint64_t *bits = __atomic_load_n(&sets[set], __ATOMIC_ACQUIRE);
    if (!bits) {
        uint64_t *made = hz_mem_zalloc(hz_bits_words(block->span) + 1, sizeof *made);
        if (!made)
            return hz_nomem(err, block->span / 8);
        if (__atomic_compare_exchange_n(&sets[set], &bits, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            bits = made;
        else
            hz_mem_free(made);
    }
    __atomic_fetch_or(&bits[record >> 6], UINT64_C(1) << (record & 63), __ATOMIC_RELAXED);
    return HZ_OK;
}

hz_status hz_rows_each_in_set(const hz_rows *rows, uint32_t set,
                              hz_status (*call)(void *ctx, uint64_t row, hz_error *err), void *ctx, hz_error *err)
{
    for (size_t b = 0; b < rows->count; b++) {
        const hz_row_block *block = rows->blocks[b];
        const uint64_t *bits = block->sets ? block->sets[set] : NULL;
        for (HZ_BITS_EACH(i, bits, bits ? block->span : 0))
            HZ_TRY(call(ctx, ((uint64_t)b << HZ_ROW_BITS) + i, err));
    }
    return HZ_OK;
}

uint64_t hz_rows_errors_in(const hz_rows *rows, uint32_t ledger)
{
    uint64_t n = 0;
    for (size_t b = 0; b < rows->count; b++) {
        const hz_row_block *block = rows->blocks[b];
        if (block->errors)
            n += hz_bits_count(block->errors + ledger * hz_bits_words(block->span), block->span);
    }
    return n;
}
