/* The streaming reader.
 *
 * The window holds a block of the file, and in front of it the start of a record that the block before had no end of. A
 * scan finds the field ends of a *stretch* of it, some thousand at a time so that they stay in the cache, and UTF-8 is
 * checked for the stretch as a whole. From a stretch, records are taken (how many fields, line, offset), then the cells
 * of each wanted column are written in one plain loop. Cells are slices of the window; only "" needs writing, and that
 * in place.
 *
 * What the scan does not answer is cut byte by byte (csv_cut.c), one record, and the scan starts again behind it:
 * records with irregular quotes, longer ones than field_max (a quoted field may be too long), and those at the window's
 * end that have no line end. A batch ends with the window, for moving bytes would pull them from under its cells: so a
 * batch holds the records of one block at most. A window that a batch still looks at is left to it, and reading goes on
 * in another.
 *
 * At the file's end a line feed stands behind the last byte, so that a last line without one needs no code of its own.
 */
#include "validator/source/csv.h"
#include "base/utf8.h"
#include "validator/source/csv_int.h"
#include "validator/source/detect.h"

enum {
#ifdef HZ_TINY
    BLOCK_BYTES = 64,
#else
    BLOCK_BYTES = 1 << 20,
#endif
    STRETCH_FIELDS = 4096,
    CELLS_MAX = 1 << 20, /* of one batch: wide files get fewer rows */
    ROWS_MIN = 64
};

hz_status hz_csv_window_reserve(hz_csv_window *window, size_t len, hz_error *err)
{
    if (window->capacity >= len + HZ_CSV_PAD)
        return HZ_OK;
    /* A quarter more: what is kept in front of a block differs from block to block. */
    size_t capacity = len + len / 4 + HZ_CSV_PAD;
    char *bytes = hz_mem_realloc(window->bytes, capacity);
    if (!bytes)
        return hz_nomem(err, capacity);
    window->bytes = bytes;
    window->capacity = capacity;
    return HZ_OK;
}

hz_status hz_csv_too_long(const hz_csv *csv, uint64_t line, uint64_t offset, hz_error *err)
{
    hz_status st = hz_limit_check(csv->options.limits, HZ_LIMIT_RECORD_BYTES, csv->dialect.record_max + 1, err);
    hz_error_at(err, csv->options.shown_path, line, 0);
    hz_error_at_byte(err, offset);
    return st;
}

/* An empty window that nobody looks at, with whatever room it had before. */
static hz_csv_window *take_window(hz_csv *csv)
{
    hz_csv_window *w = csv->windows;
    while (w && (w->refs || w == csv->window))
        w = w->next;
    if (w) {
        w->len = 0;
        w->offset = 0;
        w->eof = false;
        return w;
    }
    w = hz_mem_zalloc(1, sizeof *w);
    if (w) {
        w->next = csv->windows;
        csv->windows = w;
    }
    return w;
}

/* Drops what was read, keeps the record begun, and reads a block behind it. A record that grows past a block doubles
 * the read, so that its bytes are looked at a bounded number of times. */
static hz_status read_more(hz_csv *csv, hz_error *err)
{
    hz_csv_window *w = csv->window, *old = w;
    size_t kept = w->len - csv->at, wanted = kept > csv->block_bytes ? kept : csv->block_bytes, got = 0;

    HZ_ASSERT(!w->eof);
    uint64_t size = hz_stream_size(csv->stream);
    if (size != UINT64_MAX && size - csv->read_offset < wanted)
        wanted = (size_t)(size - csv->read_offset);
    HZ_TRY(hz_cancel_check(csv->options.cancel, err));
    if (old->refs) {
        w = take_window(csv);
        if (!w)
            return hz_nomem(err, sizeof *w);
        HZ_TRY(hz_csv_window_reserve(w, kept + wanted, err));
        csv->window = w; /* the old one is used again when its last batch is given back */
        w->offset = old->offset;
    }
    if (kept && (csv->at || w != old))
        memmove(w->bytes, old->bytes + csv->at, kept);
    w->offset += csv->at;
    w->len = kept;
    csv->at = 0;
    csv->stretch.scan.ends_count = csv->stretch.next_end = 0;
    HZ_TRY(hz_csv_window_reserve(w, kept + wanted, err));
    HZ_TRY(hz_stream_read_at(csv->stream, csv->read_offset, w->bytes + kept, wanted, &got, &w->eof, err));
    csv->read_offset += got;
    w->len += got;
    memset(w->bytes + w->len, 0, HZ_CSV_PAD);
    if (w->eof)
        w->bytes[w->len] = '\n';
    return HZ_OK;
}

bool hz_csv_fields_fit(const hz_csv *csv, uint64_t fields, hz_slice text)
{
    return fields == csv->columns_count ||
           (fields == (uint64_t)csv->columns_count + 1 && text.len && text.ptr[text.len - 1] == csv->dialect.delimiter);
}

/* --- rows --- */

hz_status hz_csv_rows_reserve(hz_csv_rows *r, const hz_csv *csv, uint32_t count, hz_error *err)
{
    size_t stride = ((size_t)count + 7) / 4 * 4, rows_bytes = count * sizeof *r->records;

    r->count = r->bad_count = 0;
    r->max = count;
    if (r->capacity >= count && r->wanted_count == csv->wanted_count)
        return HZ_OK;
    hz_mem_free(r->cells);
    hz_mem_free(r->records);
    r->capacity = 0;
    r->records = NULL;
    r->cells = hz_mem_zalloc(stride * (csv->wanted_count + 1), sizeof *r->cells);
    if (!r->cells)
        return hz_nomem(err, stride * (csv->wanted_count + 1) * sizeof *r->cells);
    /* One piece for all arrays that are a row long, the widest items first. */
    size_t bytes = 3 * rows_bytes + count * (sizeof *r->bad + sizeof *r->starts + sizeof *r->firsts);
    r->records = hz_mem_zalloc(1, bytes);
    if (!r->records)
        return hz_nomem(err, bytes);
    r->lines = r->records + count;
    r->offsets = r->lines + count;
    r->bad = (hz_bad_row *)(void *)(r->offsets + count);
    r->starts = (uint32_t *)(void *)(r->bad + count);
    r->firsts = r->starts + count;
    r->capacity = count;
    r->stride = stride;
    r->wanted_count = csv->wanted_count;
    for (size_t c = 0; c < csv->columns_count; c++)
        r->columns[c].cells = NULL;
    for (size_t w = 0; w < csv->wanted_count; w++)
        r->columns[csv->wanted[w]].cells = r->cells + w * stride;
    return HZ_OK;
}

hz_status hz_csv_rows_take(hz_csv_rows **out, hz_csv *csv, uint32_t count, hz_error *err)
{
    hz_csv_rows *r = csv->all_rows;
    while (r && r->out)
        r = r->next;
    *out = NULL;
    if (!r) {
        r = hz_mem_zalloc(1, sizeof *r);
        hz_column *columns = hz_mem_zalloc(csv->columns_count + 1, sizeof *columns);
        if (!r || !columns) {
            hz_mem_free(r);
            hz_mem_free(columns);
            return hz_nomem(err, csv->columns_count * sizeof *columns);
        }
        r->columns = columns;
        r->next = csv->all_rows;
        csv->all_rows = r;
    }
    HZ_TRY(hz_csv_rows_reserve(r, csv, count, err));
    r->out = true;
    *out = r;
    return HZ_OK;
}

static void free_rows(hz_csv_rows *r)
{
    if (!r)
        return;
    hz_mem_free(r->columns);
    hz_mem_free(r->cells);
    hz_mem_free(r->records);
    hz_mem_free(r);
}

static void cut_column(hz_slice *cells, char *bytes, const uint32_t *at, const hz_csv_rows *rows, uint32_t column,
                       uint32_t from, uint32_t to)
{
    for (uint32_t r = from; r < to; r++) {
        const uint32_t *ends = at + rows->firsts[r] + column;
        size_t start = column ? (size_t)ends[-1] + 1 : rows->starts[r], end = *ends, quoted = bytes[start] == '"';
        cells[r] = (hz_slice){bytes + start + quoted, end - start - 2 * quoted};
    }
}

static void cut_column_escaped(hz_slice *cells, char *bytes, const uint32_t *at, const hz_csv_rows *rows,
                               uint32_t column, uint32_t from, uint32_t to)
{
    for (uint32_t r = from; r < to; r++) {
        const uint32_t *ends = at + rows->firsts[r] + column;
        size_t start = column ? (size_t)ends[-1] + 1 : rows->starts[r];
        cells[r] = hz_csv_unquote(bytes + start, *ends - start);
    }
}

void hz_csv_rows_cut(const hz_csv *csv, hz_csv_rows *rows, char *bytes, const uint32_t *at, uint32_t from, uint32_t to,
                     bool escapes)
{
    for (size_t w = 0; w < csv->wanted_count; w++)
        (escapes ? cut_column_escaped : cut_column)(rows->cells + w * rows->stride, bytes, at, rows, csv->wanted[w],
                                                    from, to);
}

void hz_csv_rows_give(hz_batch *batch, const hz_csv *csv, hz_csv_rows *r)
{
    *batch = (hz_batch){
        r->count, (uint32_t)csv->columns_count, r->columns, r->records, r->lines, r->offsets, r->bad_count, r->bad, r,
        NULL};
}

static void put_back(hz_csv_rows *r)
{
    if (r->window)
        r->window->refs--;
    r->window = NULL;
    r->out = false;
}

void hz_csv_give_back(hz_batch *batch, hz_csv *csv)
{
    (void)csv;
    if (batch->held)
        put_back(batch->held);
    *batch = (hz_batch){0};
}

static bool rows_full(const hz_csv_rows *r)
{
    return r->count + r->bad_count == r->max;
}

/* --- records into rows --- */

static void put_bad(hz_csv *csv, hz_bad_kind kind, uint64_t offset, uint64_t fields)
{
    csv->rows->bad[csv->rows->bad_count++] =
        (hz_bad_row){kind,         csv->records,        csv->line,    offset, fields, csv->columns_count,
                     HZ_XSD_OTHER, HZ_ENCODING_UNKNOWN, HZ_SLICE_NONE};
}

/* A record with a bad byte at text[at]. Of a UTF-8 file it is said when the record is in GB18030; the stream knows it
 * of others. */
static void put_bad_byte(hz_csv *csv, hz_slice text, size_t at, uint64_t offset, uint64_t fields)
{
    hz_encoding other;
    uint64_t raw = hz_stream_bad_byte(csv->stream, offset + at, &other);
    if ((csv->encoding == HZ_ENCODING_UTF8 || csv->encoding == HZ_ENCODING_UTF8_BOM) && hz_looks_gb18030(text))
        other = HZ_ENCODING_GB18030;
    put_bad(csv, HZ_BAD_ENCODING, raw, fields);
    csv->rows->bad[csv->rows->bad_count - 1].other = other;
}

/* Puts one record, bytes [start, end) of the window, among the rows or the bad rows. `cut`: it was cut byte by byte. */
static void put_record(hz_csv *csv, size_t start, size_t end, uint64_t fields, uint32_t first, const hz_csv_cut *cut)
{
    hz_csv_rows *r = csv->rows;
    const hz_csv_scan *scan = &csv->stretch.scan;
    uint64_t offset = csv->window->offset + start;
    hz_slice text = {csv->window->bytes + start, end - start};
    size_t valid = cut || csv->stretch.bad_utf8 ? hz_utf8_valid_prefix(text) : text.len;
    bool nul = (cut || scan->nul) && text.len && memchr(text.ptr, '\0', text.len);

    if (cut && cut->bad && cut->kind == HZ_BAD_OPEN_QUOTE) {
        put_bad(csv, HZ_BAD_OPEN_QUOTE, offset, fields);
    } else if (valid < text.len) {
        put_bad_byte(csv, text, valid, offset, fields);
    } else if (nul) {
        put_bad(csv, HZ_BAD_NUL, offset, fields);
    } else if (cut && cut->bad) {
        put_bad(csv, cut->kind, offset, fields);
    } else if (!hz_csv_fields_fit(csv, fields, text)) {
        put_bad(csv, HZ_BAD_FIELD_COUNT, offset, fields);
    } else {
        r->records[r->count] = csv->records;
        r->lines[r->count] = csv->line;
        r->offsets[r->count] = offset;
        r->starts[r->count] = (uint32_t)start;
        r->firsts[r->count++] = first;
    }
    csv->records++;
}

/* Cuts the record at csv->at byte by byte. HZ_END when the window does not hold it all. */
static hz_status take_cut(hz_csv *csv, hz_error *err)
{
    hz_csv_window *w = csv->window;
    hz_csv_stretch *s = &csv->stretch;
    hz_csv_rows *r = csv->rows;
    hz_csv_cut cut;
    switch (hz_csv_cut_record(&cut, csv->cut_at, csv->columns_count + 1, &csv->dialect, w->bytes, csv->at, w->len,
                              w->eof)) {
    case HZ_CSV_CUT_MORE:
        return HZ_END;
    case HZ_CSV_CUT_LIMIT:
        if (r->count + r->bad_count)
            return HZ_END; /* what came before is given first; the next call meets it again */
        return hz_csv_too_long(csv, csv->line, w->offset + csv->at, err);
    case HZ_CSV_CUT_DONE:
        break;
    }
    uint32_t before = r->count;
    if (cut.end > csv->at)
        put_record(csv, csv->at, cut.end, cut.fields, 0, &cut);
    hz_csv_rows_cut(csv, r, w->bytes, csv->cut_at, before, r->count, true);
    csv->at = cut.next;
    csv->line += cut.lines;
    /* Where the scan saw the record end at the same place, what it found behind holds. */
    if (s->next_end < s->scan.ends_count && s->scan.at[s->scan.ends[s->next_end]] == cut.end)
        s->next_end++;
    else
        s->next_end = s->scan.ends_count = 0;
    return HZ_OK;
}

/* Takes records of the stretch until it has no more that are whole, the rows are full, or one needs a closer look:
 * then *closer is set and csv->at stands on it. */
static void take_stretch(hz_csv *csv, bool *closer)
{
    hz_csv_window *w = csv->window;
    hz_csv_stretch *s = &csv->stretch;
    const hz_csv_scan *scan = &s->scan;
    hz_csv_rows *r = csv->rows;
    const uint64_t long_bytes =
        csv->dialect.field_max < csv->dialect.record_max ? csv->dialect.field_max : csv->dialect.record_max;
    uint32_t before = r->count;
    bool plain = !s->bad_utf8 && !scan->nul;

    while (s->next_end < scan->ends_count && !rows_full(r)) {
        uint32_t first = s->next_end ? scan->ends[s->next_end - 1] + 1 : 0, last = scan->ends[s->next_end];
        size_t start = csv->at, end = scan->at[last];
        bool cr = w->bytes[end] == '\r';
        if (cr && end + 1 >= w->len && !w->eof)
            break; /* a line feed may follow */
        if (end - start > long_bytes) {
            *closer = true;
            break;
        }
        uint64_t fields = (uint64_t)last - first + 1;
        if (end == start) {
            /* an empty line */
        } else if (plain && fields == csv->columns_count) {
            r->records[r->count] = csv->records++;
            r->lines[r->count] = csv->line;
            r->offsets[r->count] = w->offset + start;
            r->starts[r->count] = (uint32_t)start;
            r->firsts[r->count++] = first;
        } else {
            put_record(csv, start, end, fields, first, NULL);
        }
        csv->line += scan->quoted_lines ? 1 + hz_csv_count_lines(w->bytes + start, end - start) : 1;
        csv->at = end + 1 + (cr && w->bytes[end + 1] == '\n');
        s->next_end++;
    }
    hz_csv_rows_cut(csv, r, w->bytes, scan->at, before, r->count, scan->escapes);
    if (csv->at > w->len)
        csv->at = w->len; /* past the line feed that stands at the file's end */
}

/* Scans from csv->at. false when no record's end was found. */
static bool scan_stretch(hz_csv *csv)
{
    hz_csv_window *w = csv->window;
    hz_csv_stretch *s = &csv->stretch;
    hz_csv_scan *scan = &s->scan;

    csv->scanner->scan(scan, w->bytes, csv->at, w->len + (w->eof ? 1 : 0), csv->dialect.delimiter);
    s->next_end = 0;
    s->bad_utf8 = false;
    if (scan->ends_count == 0)
        return false;
    size_t end = scan->at[scan->ends[scan->ends_count - 1]];
    s->bad_utf8 = scan->high && !csv->scanner->utf8_valid(w->bytes + csv->at, end - csv->at);
    return true;
}

/* Fills the rows from the window. HZ_END when a record's end is not in the window. */
static hz_status take_records(hz_csv *csv, hz_error *err)
{
    hz_csv_window *w = csv->window;
    hz_csv_stretch *s = &csv->stretch;

    while (!rows_full(csv->rows)) {
        bool closer = false;
        if (csv->at >= w->len)
            return HZ_END;
        if (s->next_end == s->scan.ends_count)
            closer = !scan_stretch(csv);
        if (!closer) {
            size_t before = csv->at;
            take_stretch(csv, &closer);
            if (!closer) {
                if (csv->at == before && !rows_full(csv->rows))
                    return HZ_END; /* only a CR at the window's end */
                continue;
            }
        }
        HZ_TRY(take_cut(csv, err));
    }
    return HZ_OK;
}

/* Rows of a batch: fewer in wide files, and no more than a small file can have (a row takes a byte for each column). */
static uint32_t batch_rows(const hz_csv *csv)
{
    uint64_t rows = CELLS_MAX / (csv->wanted_count + 1), least = csv->columns_count ? csv->columns_count : 1;
    uint64_t all = hz_stream_size(csv->stream) / 2 / least * 2 + 2; /* of a packed file nothing is known */
    rows = all < rows ? all : rows;
    rows = rows < ROWS_MIN ? ROWS_MIN : rows;
    return rows < HZ_BATCH_ROWS ? (uint32_t)rows : HZ_BATCH_ROWS;
}

/* Fills csv->rows. HZ_END: the file has no more. */
static hz_status next_rows(hz_csv *csv, hz_error *err)
{
    hz_csv_rows *r = csv->rows;
    HZ_TRY(hz_cancel_check(csv->options.cancel, err));
    while (r->count + r->bad_count == 0) {
        hz_status st = csv->at_end ? HZ_END : take_records(csv, err);
        if (st < 0)
            return st;
        if (r->count + r->bad_count)
            break;
        if (csv->window->eof && csv->at >= csv->window->len) {
            csv->at_end = true;
            if (!csv->checked)
                HZ_TRY(hz_stream_finish(csv->stream, err));
            csv->checked = true;
            return HZ_END;
        }
        HZ_TRY(read_more(csv, err));
    }
    return HZ_OK;
}

hz_status hz_csv_next(hz_batch *batch, hz_csv *csv, hz_error *err)
{
    hz_csv_give_back(batch, csv);
    hz_status st = hz_csv_rows_take(&csv->rows, csv, batch_rows(csv), err);
    if (st == HZ_OK)
        st = next_rows(csv, err);
    if (st == HZ_OK) {
        csv->rows->window = csv->window;
        csv->window->refs++;
        hz_csv_rows_give(batch, csv, csv->rows);
    } else if (csv->rows) {
        put_back(csv->rows);
    }
    csv->rows = NULL;
    return st;
}

/* Behind the next record the window's bytes are as the file has them: within it nothing is read again. */
hz_status hz_csv_seek(hz_csv *csv, const hz_row_want *to, hz_error *err)
{
    hz_csv_window *w = csv->window;
    HZ_TRY(hz_stream_check_unchanged(csv->stream, err));
    if (to->at_offset < csv->data_offset || to->at_offset >= hz_stream_size(csv->stream)) {
        hz_status st = hz_fail(err, HZ_E_CHANGED, HZ_M(FILE_CHANGED), HZ_S(csv->options.shown_path));
        hz_error_at(err, csv->options.shown_path, 0, 0);
        return st;
    }
    if (to->at_offset >= w->offset + csv->at && to->at_offset < w->offset + w->len) {
        csv->at = (size_t)(to->at_offset - w->offset);
    } else {
        w = w->refs ? take_window(csv) : w;
        if (!w)
            return hz_nomem(err, sizeof *w);
        csv->window = w;
        w->len = 0;
        w->offset = csv->read_offset = to->at_offset;
        w->eof = false;
        csv->at = 0;
    }
    csv->stretch.scan.ends_count = csv->stretch.next_end = 0;
    csv->records = to->at_record;
    csv->line = to->at_line;
    csv->at_end = false;
    return HZ_OK;
}

bool hz_csv_goes_back(const hz_csv *csv)
{
    return hz_stream_is_plain(csv->stream);
}

/* --- open, close --- */

static hz_status refuse(const hz_csv *csv, hz_error *err, hz_arg message, hz_slice what, uint64_t line, uint64_t offset)
{
    const hz_arg args[] = {message, HZ_S(csv->options.shown_path), HZ_S(what)};
    hz_status st = hz_error_set(err, HZ_E_SOURCE, args, 3);
    hz_error_at(err, csv->options.shown_path, line, 0);
    if (line)
        hz_error_at_byte(err, offset);
    return st;
}

/* Bytes from the start of the stream as it now is. */
static hz_status read_sample(hz_csv *csv, char *bytes, hz_slice *sample, bool *whole, hz_error *err)
{
    sample->ptr = bytes;
    return hz_stream_read_at(csv->stream, 0, bytes, HZ_DETECT_BYTES, &sample->len, whole, err);
}

static hz_status detect_encoding(hz_csv *csv, hz_slice sample, bool whole, hz_error *err)
{
    hz_encoding found = hz_detect_encoding(sample, whole, &csv->confidence);
    bool marked = found == HZ_ENCODING_UTF16BE && hz_slice_starts(sample, HZ_SLICE_LIT("\xfe\xff"));
    if (csv->options.encoding_given) {
        csv->confidence = 100;
        csv->encoding = csv->options.encoding;
        if ((csv->encoding == HZ_ENCODING_UTF16LE && marked) ||
            (csv->encoding == HZ_ENCODING_UTF8 && found == HZ_ENCODING_UTF8_BOM))
            csv->encoding = found;
        return HZ_OK;
    }
    csv->encoding = found;
    if (found != HZ_ENCODING_UNKNOWN)
        return HZ_OK;
    hz_status st = refuse(csv, err, HZ_M(SOURCE_ENCODING_UNKNOWN), HZ_SLICE_NONE, 0, 0);
    hz_error_hint(err, HZ_MSG_SOURCE_ENCODING_UNKNOWN_HINT);
    return st;
}

/* Encoding and delimiter from the file's first bytes. */
static hz_status detect(hz_csv *csv, hz_error *err)
{
    csv->confidence = 100;
    if (csv->options.known) {
        csv->encoding = csv->options.encoding;
        return hz_stream_transcode(csv->stream, csv->encoding, err);
    }
    char *bytes = hz_mem_alloc(HZ_DETECT_BYTES);
    hz_slice sample = HZ_SLICE_NONE;
    bool whole = true;
    hz_status st = bytes ? HZ_OK : hz_nomem(err, HZ_DETECT_BYTES);
    if (st == HZ_OK)
        st = read_sample(csv, bytes, &sample, &whole, err);
    if (st == HZ_OK)
        st = detect_encoding(csv, sample, whole, err);
    if (st == HZ_OK)
        st = hz_stream_transcode(csv->stream, csv->encoding, err);
    if (st == HZ_OK && csv->dialect.delimiter == 0) {
        if (csv->encoding != HZ_ENCODING_UTF8 && csv->encoding != HZ_ENCODING_UTF8_BOM)
            st = read_sample(csv, bytes, &sample, &whole, err);
        size_t mark = hz_slice_starts(sample, HZ_SLICE_LIT("\xef\xbb\xbf")) ? 3 : 0;
        if (st == HZ_OK)
            csv->dialect.delimiter =
                hz_detect_delimiter(hz_slice_sub(sample, mark, sample.len), whole, csv->options.limits);
    }
    hz_mem_free(bytes);
    return st;
}

/* Whether a byte order mark stands at the window's start; of a file in plain UTF-8 it would have been told. */
static bool is_marked(const hz_csv *csv)
{
    const hz_csv_window *w = csv->window;
    return csv->encoding != HZ_ENCODING_UTF8 &&
           hz_slice_starts((hz_slice){w->bytes, w->len}, HZ_SLICE_LIT("\xef\xbb\xbf"));
}

/* Reads up to the first line that is not empty and cuts it; *found false when there is none. at: room for the limit of
 * fields and two more. */
static hz_status cut_header(hz_csv *csv, hz_csv_cut *cut, bool *found, uint32_t *at, size_t capacity, hz_error *err)
{
    hz_csv_window *w = csv->window;
    *found = false;
    for (;;) {
        if (csv->at < w->len && !(w->offset + csv->at == 0 && w->len < 3 && !w->eof)) {
            if (w->offset + csv->at == 0 && is_marked(csv)) {
                csv->at = 3;
                continue;
            }
            switch (hz_csv_cut_record(cut, at, capacity, &csv->dialect, w->bytes, csv->at, w->len, w->eof)) {
            case HZ_CSV_CUT_LIMIT:
                return hz_csv_too_long(csv, csv->line, w->offset + csv->at, err);
            case HZ_CSV_CUT_DONE:
                *found = cut->end > csv->at;
                if (*found)
                    return HZ_OK;
                csv->at = cut->next;
                csv->line += cut->lines;
                continue;
            case HZ_CSV_CUT_MORE:
                break;
            }
        }
        if (w->eof)
            return HZ_OK;
        HZ_TRY(read_more(csv, err));
    }
}

static hz_status check_header(const hz_csv *csv, const hz_csv_cut *cut, hz_error *err)
{
    uint64_t offset = csv->window->offset + csv->at;
    hz_slice text = {csv->window->bytes + csv->at, cut->end - csv->at};
    size_t valid = hz_utf8_valid_prefix(text);
    if (cut->bad && cut->kind == HZ_BAD_OPEN_QUOTE)
        return refuse(csv, err, HZ_M(SOURCE_HEADER_OPEN_QUOTE), HZ_SLICE_NONE, csv->line, offset);
    if (valid < text.len)
        return refuse(csv, err, HZ_M(SOURCE_HEADER_ENCODING), HZ_SLICE_NONE, csv->line, offset + valid);
    if (memchr(text.ptr, '\0', text.len))
        return refuse(csv, err, HZ_M(SOURCE_HEADER_NUL), HZ_SLICE_NONE, csv->line, offset);
    if (cut->bad)
        return refuse(csv, err, HZ_M(SOURCE_HEADER_QUOTE), HZ_SLICE_NONE, csv->line, offset);
    return HZ_OK;
}

static hz_status read_header(hz_csv *csv, hz_error *err)
{
    const hz_csv_window *w = csv->window;
    size_t capacity = (size_t)csv->options.limits->value[HZ_LIMIT_FIELDS] + 1;
    uint32_t *at = hz_mem_alloc(capacity * sizeof *at);
    hz_csv_cut cut;
    bool found;
    hz_status st = HZ_OK;

    if (!at)
        return hz_nomem(err, capacity * sizeof *at);
    HZ_GO(cut_header(csv, &cut, &found, at, capacity, err));
    if (!found)
        goto out;
    HZ_GO(check_header(csv, &cut, err));
    if (cut.fields > 1 && w->bytes[cut.end - 1] == csv->dialect.delimiter)
        cut.fields--;
    st = hz_limit_check(csv->options.limits, HZ_LIMIT_FIELDS, cut.fields, err);
    if (st != HZ_OK) {
        hz_error_at(err, csv->options.shown_path, csv->line, 0);
        goto out;
    }
    hz_slice *names = HZ_ARENA_ARRAY(csv->arena, hz_slice, (size_t)cut.fields);
    if (!names) {
        st = hz_nomem(err, (size_t)cut.fields * sizeof *names);
        goto out;
    }
    for (size_t i = 0, start = csv->at; i < cut.fields; start = (size_t)at[i] + 1, i++)
        HZ_GO(hz_arena_copy(&names[i], csv->arena, hz_csv_unquote(w->bytes + start, at[i] - start)));
    csv->names = names;
    csv->columns_count = (size_t)cut.fields;
    csv->at = cut.next;
    csv->line += cut.lines;
out:
    hz_mem_free(at);
    csv->data_offset = w->offset + csv->at;
    return st;
}

static hz_status make_arrays(hz_csv *csv, hz_error *err)
{
    size_t n = csv->columns_count, capacity = n * 8 > STRETCH_FIELDS ? n * 8 : STRETCH_FIELDS;
    hz_csv_scan *scan = &csv->stretch.scan;
    scan->capacity = (uint32_t)capacity;
    scan->at = hz_arena_alloc(csv->arena, (capacity + HZ_CSV_SLACK) * sizeof *scan->at);
    scan->ends = hz_arena_alloc(csv->arena, (capacity + HZ_CSV_SLACK) * sizeof *scan->ends);
    csv->cut_at = HZ_ARENA_ARRAY(csv->arena, uint32_t, n + 1);
    csv->wanted = HZ_ARENA_ARRAY(csv->arena, uint32_t, n);
    if (!scan->at || !scan->ends || !csv->cut_at || !csv->wanted)
        return hz_nomem(err, 2 * (capacity + HZ_CSV_SLACK) * sizeof *scan->at);
    for (size_t i = 0; i < n; i++)
        csv->wanted[i] = (uint32_t)i;
    csv->wanted_count = n;
    return HZ_OK;
}

static hz_status open_all(hz_csv *csv, hz_error *err)
{
    char d = csv->options.delimiter;
    if (d == '"' || d == '\r' || d == '\n' || (unsigned char)d > 0x7f)
        return hz_fail(err, HZ_E_USAGE, HZ_M(SOURCE_DELIMITER), HZ_S(((hz_slice){&d, 1})));
    csv->arena = hz_arena_new();
    if (!csv->arena)
        return hz_nomem(err, sizeof(void *));
    HZ_TRY(hz_stream_open(&csv->stream, &csv->options, err));
    HZ_TRY(detect(csv, err));
    HZ_TRY(read_header(csv, err));
    return make_arrays(csv, err);
}

hz_status hz_csv_open(hz_csv **out, const hz_source_options *options, hz_error *err)
{
    *out = NULL;
    hz_csv *csv = hz_mem_zalloc(1, sizeof *csv);
    if (!csv)
        return hz_nomem(err, sizeof *csv);
    csv->options = *options;
    csv->dialect = (hz_csv_dialect){options->delimiter, options->limits->value[HZ_LIMIT_FIELD_BYTES],
                                    options->limits->value[HZ_LIMIT_RECORD_BYTES]};
    csv->scanner = hz_csv_scanner_pick(options->scalar);
    csv->block_bytes = options->block_bytes ? options->block_bytes : BLOCK_BYTES;
    csv->line = 1;
    csv->window = take_window(csv);
    hz_status st = csv->window ? open_all(csv, err) : hz_nomem(err, sizeof *csv->window);
    if (st == HZ_OK)
        *out = csv;
    else
        hz_csv_close(csv);
    return st;
}

void hz_csv_close(hz_csv *csv)
{
    if (!csv)
        return;
    for (hz_csv_window *w = csv->windows, *next; w; w = next) {
        next = w->next;
        hz_mem_free(w->bytes);
        hz_mem_free(w);
    }
    for (hz_csv_rows *r = csv->all_rows, *next; r; r = next) {
        next = r->next;
        free_rows(r);
    }
    hz_mem_free(csv->late.bytes);
    hz_stream_close(csv->stream);
    hz_arena_free(csv->scratch);
    hz_arena_free(csv->arena);
    hz_mem_free(csv);
}

void hz_csv_want(hz_csv *csv, const uint64_t *columns)
{
    csv->wanted_count = 0;
    for (size_t i = 0; i < csv->columns_count; i++)
        if (hz_bits_get(columns, i))
            csv->wanted[csv->wanted_count++] = (uint32_t)i;
    for (hz_csv_rows *r = csv->all_rows; r; r = r->next)
        r->wanted_count = SIZE_MAX; /* their arrays are for other columns */
}

size_t hz_csv_columns(const hz_csv *csv, const hz_slice **names)
{
    *names = csv->names;
    return csv->columns_count;
}

hz_encoding hz_csv_encoding(const hz_csv *csv)
{
    return csv->encoding;
}

unsigned hz_csv_confidence(const hz_csv *csv)
{
    return csv->confidence;
}

char hz_csv_delimiter(const hz_csv *csv)
{
    return csv->dialect.delimiter;
}

uint64_t hz_csv_records(const hz_csv *csv)
{
    return csv->records;
}

uint64_t hz_csv_bytes(const hz_csv *csv)
{
    return hz_stream_file_bytes(csv->stream);
}
