/* The late pass: records fetched again by their offsets.
 *
 * That the file is the same is told by size, inode and modification time; beside that each offset must stand behind a
 * line end and hold a record that is readable as it was. Records are copied out of a small window into memory of the
 * batch, for offsets may be far apart. */
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
    HZ_TRY(hz_file_read_at(csv->file, from + kept, w->bytes + kept, step, &got, err));
    w->len += got;
    w->eof = w->offset + w->len >= hz_file_size(csv->file);
    memset(w->bytes + w->len, 0, HZ_CSV_PAD);
    return HZ_OK;
}

/* Makes sure that the window holds the byte at `offset` and the one before it. */
static hz_status late_seek(hz_csv *csv, uint64_t offset, hz_error *err)
{
    const hz_csv_window *w = &csv->late;
    if (offset - 1 < w->offset || offset - 1 >= w->offset + w->len)
        HZ_TRY(late_read(csv, offset - 1, err));
    while (offset >= w->offset + w->len)
        HZ_TRY(late_read(csv, offset - 1, err));
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

static hz_status late_row(hz_csv *csv, uint64_t offset, hz_error *err)
{
    hz_csv_rows *r = &csv->rows;
    hz_csv_cut cut;

    if (offset == 0 || offset < csv->data_offset || offset >= hz_file_size(csv->file))
        return changed(csv, err);
    HZ_TRY(late_cut(csv, &cut, offset, err));
    hz_slice text = {csv->late.bytes + (offset - csv->late.offset), cut.end};
    if (text.len == 0 || cut.bad || !hz_utf8_valid(text) || memchr(text.ptr, '\0', text.len) ||
        !hz_csv_fields_fit(csv, cut.fields, text))
        return changed(csv, err);
    char *copy = hz_arena_alloc(csv->scratch, text.len + 1);
    if (!copy)
        return hz_nomem(err, text.len + 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    r->starts[r->count] = r->firsts[r->count] = 0;
    r->offsets[r->count] = offset;
    hz_csv_rows_cut(csv, copy, csv->cut_at, r->count, r->count + 1, true);
    r->count++;
    return HZ_OK;
}

hz_status hz_csv_rows_at(hz_batch *batch, hz_csv *csv, const uint64_t *offsets, const uint64_t *records,
                         const uint64_t *lines, uint32_t count, hz_error *err)
{
    *batch = (hz_batch){0};
    HZ_TRY(hz_cancel_check(csv->options.cancel, err));
    HZ_TRY(hz_file_check_unchanged(csv->file, err));
    if (!csv->scratch)
        csv->scratch = hz_arena_new();
    if (!csv->scratch)
        return hz_nomem(err, sizeof(void *));
    hz_arena_reset(csv->scratch);
    HZ_TRY(hz_csv_rows_reserve(csv, count, err));
    for (uint32_t i = 0; i < count; i++)
        HZ_TRY(late_row(csv, offsets[i], err));
    if (count) {
        memcpy(csv->rows.records, records, count * sizeof *records);
        memcpy(csv->rows.lines, lines, count * sizeof *lines);
    }
    hz_csv_rows_give(batch, csv);
    return HZ_OK;
}
