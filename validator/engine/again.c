/* again.c: see again.h. */
#include "validator/engine/again.h"
#include "base/alloc.h"

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

hz_status hz_again_open(hz_again *out, hz_worker *worker, uint32_t sheet, const bool *needed, hz_error *err)
{
    *out = (hz_again){.opened = UINT32_MAX};
    out->places = hz_mem_zalloc(HZ_BATCH_ROWS, sizeof *out->places);
    if (!out->places)
        return hz_nomem(err, HZ_BATCH_ROWS * sizeof *out->places);
    return hz_scan_open(&out->scan, worker, sheet, needed, err);
}

static void give_back(hz_again *again)
{
    if (again->held)
        hz_source_give_back(&again->batch, again->source);
    again->held = false;
}

static void close_source(hz_again *again)
{
    give_back(again);
    hz_source_close(again->source);
    again->source = NULL;
    again->opened = UINT32_MAX;
}

void hz_again_close(hz_again *again)
{
    if (again->source)
        close_source(again);
    hz_scan_close(again->scan);
    hz_mem_free(again->places);
    *again = (hz_again){.opened = UINT32_MAX};
}

static hz_status turn_to_source(hz_again *again, uint32_t index, hz_error *err)
{
    hz_scan *scan = again->scan;
    const hz_run_options *options = scan->run->options;
    if (again->opened == index)
        return HZ_OK;
    if (again->source)
        close_source(again);
    scan->source_index = index;
    scan->source = &scan->table->sources[index];
    HZ_TRY(check_stamp(scan, err));
    hz_source_options open;
    hz_plan_open_options(&open, scan->source, options);
    if (!open.path && !open.bytes.ptr)
        open.bytes = scan->run->tables[scan->table_index].made;
    HZ_TRY(hz_source_open(&again->source, &open, err));
    again->opened = index;
    return HZ_OK;
}

hz_status hz_again_rows(hz_again *again, const uint64_t *rows, size_t count, size_t *taken, hz_error *err)
{
    hz_scan *scan = again->scan;
    const hz_rows *all = &scan->run->tables[scan->table_index].places;
    uint32_t n = 0;
    size_t at = 0;
    *taken = 0;
    HZ_TRY(turn_to_source(again, hz_rows_place(&again->places[0], all, rows[0]), err));
    give_back(again);
    for (; at < count; at++) {
        if (n && rows[at] == scan->ids[n - 1])
            continue;
        if (n == HZ_BATCH_ROWS || hz_rows_place(&again->places[n], all, rows[at]) != again->opened)
            break;
        scan->ids[n++] = rows[at];
    }
    *taken = at;
    HZ_TRY(hz_source_rows_at(&again->batch, again->source, again->places, n, err));
    return hz_scan_columns(scan, &again->batch, err);
}

hz_status hz_again_seek(hz_again *again, uint64_t block_index, hz_error *err)
{
    const hz_row_block *block = again->scan->run->tables[again->scan->table_index].places.blocks[block_index];
    hz_row_want first = {block->record, block->record, block->offset, block->line};
    HZ_TRY(turn_to_source(again, block->source, err));
    give_back(again);
    return hz_source_seek(again->source, &first, err);
}

hz_status hz_again_next(hz_again *again, uint64_t block_index, hz_error *err)
{
    hz_scan *scan = again->scan;
    const hz_row_block *block = scan->run->tables[scan->table_index].places.blocks[block_index];
    hz_batch *batch = &again->batch;
    give_back(again);
    do {
        hz_status st = hz_source_next(batch, again->source, err);
        again->held = st == HZ_OK;
        if (st == HZ_END) /* fewer rows than there were */
            return hz_fail(err, HZ_E_CHANGED, HZ_M(FILE_CHANGED), HZ_S(scan->source->shown));
        HZ_TRY(st);
    } while (!batch->rows_count);
    uint32_t rows = 0;
    while (rows < batch->rows_count && batch->records[rows] - block->record < block->span) {
        scan->ids[rows] = (block_index << HZ_ROW_BITS) + (batch->records[rows] - block->record);
        rows++;
    }
    if (!rows)
        return HZ_END;
    batch->rows_count = rows;
    return hz_scan_columns(scan, batch, err);
}

hz_status hz_again_goes_back(bool *out, hz_again *again, uint64_t block_index, hz_error *err)
{
    const hz_row_block *block = again->scan->run->tables[again->scan->table_index].places.blocks[block_index];
    HZ_TRY(turn_to_source(again, block->source, err));
    *out = hz_source_goes_back(again->source);
    return HZ_OK;
}

uint32_t hz_again_index(const hz_again *again, uint64_t row)
{
    const hz_scan *scan = again->scan;
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
