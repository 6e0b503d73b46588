/* The late pass: records fetched again by their offsets.
 *
 * A row is reached from a readable row at or before it whose offset is known, by cutting the records between. That the
 * file is the same is told by size, inode and modification time; beside that each known offset must stand behind a line
 * end and the rows must be readable as they were. Records are copied out of a small window into memory of the batch,
 * for they may be far apart. */
#include "base/utf8.h"
#include "validator/source/csv_int.h"

enum { LATE_BYTES = 16384 };

static hz_status changed(const hz_csv *csv, hz_error *err)
{
    hz_status st = hz_fail(err, HZ_E_CHANGED, HZ_M(FILE_CHANGED), HZ_S(csv->options.shown_path));
    hz_error_at(err, csv->options.shown_path, 0, 0);
    return st;
}

/* Brings the bytes from `from` on into the late window, more than it now holds of them. */
static hz_status late_read(hz_csv *csv, uint64_t from, hz_error *err)
{
    hz_csv_window *w = &csv->late;
    size_t kept = 0, step = csv->block_bytes < LATE_BYTES ? csv->block_bytes : LATE_BYTES, got = 0;

    if (from >= w->offset && from - w->offset < w->len) {
        kept = w->len - (size_t)(from - w->offset);
        memmove(w->bytes, w->bytes + (from - w->offset), kept);
    }
    w->offset = from;
    w->len = kept;
    step = kept > step ? kept : step;
    HZ_TRY(hz_csv_window_reserve(w, kept + step, err));
    HZ_TRY(hz_stream_read_at(csv->stream, from + kept, w->bytes + kept, step, &got, &w->eof, err));
    w->len += got;
    memset(w->bytes + w->len, 0, HZ_CSV_PAD);
    return HZ_OK;
}

/* Makes sure that the window holds the byte at `offset` and the one before it. */
static hz_status late_seek(hz_csv *csv, uint64_t offset, hz_error *err)
{
    const hz_csv_window *w = &csv->late;
    if (offset - 1 < w->offset || offset - 1 >= w->offset + w->len)
        HZ_TRY(late_read(csv, offset - 1, err));
    while (offset >= w->offset + w->len && !w->eof)
        HZ_TRY(late_read(csv, offset - 1, err));
    if (offset >= w->offset + w->len)
        return changed(csv, err);
    return HZ_OK;
}

/* Cuts the record at `offset`; its bytes are then at late.bytes + (offset - late.offset). */
static hz_status late_cut(hz_csv *csv, hz_csv_cut *cut, uint64_t offset, hz_error *err)
{
    const hz_csv_window *w = &csv->late;
    HZ_TRY(late_seek(csv, offset, err));
    size_t start = (size_t)(offset - w->offset);
    char before = w->bytes[start - 1], first = w->bytes[start];
    if (before != '\n' && !(before == '\r' && first != '\n'))
        return changed(csv, err);
    for (;;) {
        start = (size_t)(offset - w->offset);
        switch (hz_csv_cut_record(cut, csv->cut_at, csv->columns_count + 1, &csv->dialect, w->bytes + start, 0,
                                  w->len - start, w->eof)) {
        case HZ_CSV_CUT_DONE:
            return HZ_OK;
        case HZ_CSV_CUT_LIMIT:
            return changed(csv, err);
        case HZ_CSV_CUT_MORE:
            HZ_TRY(late_read(csv, offset, err));
        }
    }
}

/* Where the last row was found: the next is looked for from there when that is nearer than its own known row. */
typedef struct late_place {
    uint64_t record, offset, line;
    bool set;
} late_place;

/* Cuts forward to the wanted record. */
static hz_status late_find(hz_csv *csv, hz_csv_cut *cut, late_place *at, const hz_row_want *want, hz_error *err)
{
    if (!at->set || want->at_record >= at->record || want->record < at->record)
        *at = (late_place){want->at_record, want->at_offset, want->at_line, true};
    for (;;) {
        if (at->offset == 0 || at->offset < csv->data_offset || at->offset >= hz_stream_size(csv->stream))
            return changed(csv, err);
        HZ_TRY(late_cut(csv, cut, at->offset, err));
        if (cut->end > 0) {
            if (at->record == want->record)
                return HZ_OK;
            at->record++;
        }
        at->offset += cut->next;
        at->line += cut->lines;
    }
}

static hz_status late_row(hz_csv *csv, late_place *at, const hz_row_want *want, hz_error *err)
{
    hz_csv_rows *r = csv->late_rows;
    hz_csv_cut cut;

    HZ_TRY(late_find(csv, &cut, at, want, err));
    hz_slice text = {csv->late.bytes + (at->offset - csv->late.offset), cut.end};
    if (cut.bad || !hz_utf8_valid(text) || memchr(text.ptr, '\0', text.len) ||
        !hz_csv_fields_fit(csv, cut.fields, text))
        return changed(csv, err);
    char *copy = hz_arena_alloc(csv->scratch, text.len + 1);
    if (!copy)
        return hz_nomem(err, text.len + 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    r->starts[r->count] = r->firsts[r->count] = 0;
    r->records[r->count] = want->record;
    r->lines[r->count] = at->line;
    r->offsets[r->count] = at->offset;
    hz_csv_rows_cut(csv, r, copy, csv->cut_at, r->count, r->count + 1, true);
    r->count++;
    return HZ_OK;
}

hz_status hz_csv_rows_at(hz_batch *batch, hz_csv *csv, const hz_row_want *wants, uint32_t count, hz_error *err)
{
    late_place at = {0};
    *batch = (hz_batch){0};
    HZ_TRY(hz_cancel_check(csv->options.cancel, err));
    HZ_TRY(hz_stream_check_unchanged(csv->stream, err));
    if (!csv->scratch)
        csv->scratch = hz_arena_new();
    if (!csv->scratch)
        return hz_nomem(err, sizeof(void *));
    hz_arena_reset(csv->scratch);
    if (!csv->late_rows)
        HZ_TRY(hz_csv_rows_take(&csv->late_rows, csv, count, err));
    HZ_TRY(hz_csv_rows_reserve(csv->late_rows, csv, count, err));
    for (uint32_t i = 0; i < count; i++)
        HZ_TRY(late_row(csv, &at, &wants[i], err));
    hz_csv_rows_give(batch, csv, csv->late_rows);
    batch->held = NULL;
    return HZ_OK;
}
