/* xlsx.c: a sheet's rows.
 *
 * The header is the first row that has the name of a known column (of its title, or an alias). A header of several
 * rows: rows behind it that name known columns where it did not are part of it; a column that it leaves blank has the
 * text above it, as merged cells do. Rows without any text are no rows.
 *
 * A cell is what its file says a person sees: shared and inline texts; the value that a formula last had; numbers of at
 * most 15 digits; serial numbers with a date's format as ISO 8601 dates; true as 1. A whole number of more than 15
 * digits in a known column has lost its last ones (an ID typed into a cell that is no text): its row cannot be read. */
#include "validator/source/xlsx_int.h"

#include "validator/source/spool_int.h"

enum { COLUMNS_MAX = 16384 };

typedef struct cell {
    size_t column;
    hz_slice text;
    bool lost;
} cell;

typedef struct sheet {
    hz_xml_push push;
    hz_xlsx *book;
    const hz_part *part;
    hz_spool *spool;
    hz_slice name;
    /* the row at hand */
    hz_arena *arena;
    cell *cells;
    size_t cells_count, cells_capacity;
    uint64_t row, next_row;
    /* the cell at hand */
    size_t column, next_column;
    char type; /* n s t (str, inlineStr) b e d */
    hz_xlsx_style style;
    bool in_value, in_text;
    unsigned phonetic;
    hz_buf text;
    /* the header */
    hz_slice *names, *above; /* COLUMNS_MAX each, in the book's arena */
    bool *known;
    uint32_t *columns; /* of the spool, and 1; 0: none */
    bool begun, done;
    hz_buf where, label;
} sheet;

static void check(sheet *s, hz_status st)
{
    if (st != HZ_OK)
        hz_xml_push_fail(&s->push, st);
}

static bool is_named(const xmlChar *name, const char *wanted)
{
    return strcmp((const char *)name, wanted) == 0;
}

static hz_slice trimmed(hz_slice text)
{
    return hz_slice_trim(text, HZ_SLICE_LIT(" \n\t\r"));
}

static bool is_known(const sheet *s, hz_slice name)
{
    for (size_t i = 0; i < s->part->known_count; i++)
        if (hz_slice_eq(s->part->known[i], name))
            return true;
    return false;
}

/* ---- the header ---- */

static size_t count_known(const sheet *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->cells_count; i++)
        n += is_known(s, trimmed(s->cells[i].text));
    return n;
}

/* Whether the row names known columns, all where the header has none yet. */
static bool goes_on(const sheet *s)
{
    bool any = false;
    for (size_t i = 0; i < s->cells_count; i++) {
        if (!is_known(s, trimmed(s->cells[i].text)))
            continue;
        if (s->known[s->cells[i].column])
            return false;
        any = true;
    }
    return any;
}

static hz_status take_names(sheet *s, hz_slice *into)
{
    for (size_t i = 0; i < s->cells_count; i++) {
        const cell *c = &s->cells[i];
        hz_slice text = trimmed(c->text);
        if (!text.len)
            continue;
        if (hz_arena_copy(&into[c->column], s->book->arena, text) != HZ_OK)
            return hz_nomem(s->push.err, text.len);
        if (into == s->names)
            s->known[c->column] = is_known(s, text);
    }
    return HZ_OK;
}

static hz_status add_column(sheet *s, size_t column, hz_slice name)
{
    uint32_t index;
    hz_buf_reset(&s->label);
    hz_xlsx_put_letters(&s->label, column);
    HZ_TRY(hz_buf_status(&s->label, s->push.err));
    hz_slice label = hz_buf_slice(&s->label);
    HZ_TRY(s->part->all_sheets ? hz_spool_column(&index, s->spool, name.len ? name : label, label, s->push.err)
                               : hz_spool_add_column(&index, s->spool, name.len ? name : label, label, s->push.err));
    s->columns[column] = index + 1;
    return HZ_OK;
}

static hz_status end_header(sheet *s)
{
    s->done = true;
    for (size_t c = 0; c < COLUMNS_MAX; c++) {
        if (!s->names[c].len)
            s->names[c] = s->above[c];
        if (s->names[c].len)
            HZ_TRY(add_column(s, c, s->names[c]));
    }
    return HZ_OK;
}

/* ---- rows ---- */

static hz_status put_where(sheet *s, size_t column)
{
    hz_buf_reset(&s->where);
    hz_buf_put(&s->where, s->name);
    hz_buf_putc(&s->where, '!');
    if (column == SIZE_MAX)
        hz_buf_putc(&s->where, '\1');
    else
        hz_xlsx_put_letters(&s->where, column);
    hz_buf_put_u64(&s->where, s->row);
    return hz_buf_status(&s->where, s->push.err);
}

static hz_status put_row(sheet *s)
{
    size_t lost = SIZE_MAX;
    for (size_t i = 0; i < s->cells_count; i++) {
        const cell *c = &s->cells[i];
        if (!s->columns[c->column])
            HZ_TRY(add_column(s, c->column, HZ_SLICE_NONE));
        HZ_TRY(hz_spool_cell(s->spool, s->columns[c->column] - 1, c->text, s->push.err));
        if (c->lost && s->known[c->column] && lost == SIZE_MAX)
            lost = c->column;
    }
    HZ_TRY(put_where(s, lost));
    const hz_bad_row bad = {.kind = HZ_BAD_DIGITS, .line = s->row, .other = HZ_ENCODING_UNKNOWN};
    return lost == SIZE_MAX ? hz_spool_row(s->spool, s->row, hz_buf_slice(&s->where), s->push.err)
                            : hz_spool_bad(s->spool, &bad, hz_buf_slice(&s->where), s->push.err);
}

static hz_status end_row(sheet *s)
{
    HZ_TRY(hz_cancel_check(s->book->reading->options.cancel, s->push.err));
    if (!s->cells_count)
        return HZ_OK;
    if (!s->begun) {
        s->begun = count_known(s) > 0;
        return take_names(s, s->begun ? s->names : s->above);
    }
    if (!s->done && goes_on(s))
        return take_names(s, s->names);
    if (!s->done)
        HZ_TRY(end_header(s));
    return put_row(s);
}

/* ---- cells ---- */

static hz_status keep_text(hz_slice *out, sheet *s, hz_slice text)
{
    return hz_arena_copy(out, s->arena, text) == HZ_OK ? HZ_OK : hz_nomem(s->push.err, text.len);
}

static bool to_index(size_t *out, hz_slice text)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || *out > UINT32_MAX)
            return false;
        *out = *out * 10 + (size_t)(text.ptr[i] - '0');
    }
    return text.len > 0;
}

/* The text of a number: of a date where its format says so. */
static hz_status put_number(hz_slice *out, sheet *s, hz_slice value, bool *lost)
{
    hz_buf text = HZ_BUF_INIT;
    bool done = s->style != HZ_XLSX_NUMBER && hz_xlsx_put_date(&text, value, s->style, s->book->date1904);
    if (!done)
        done = hz_xlsx_put_number(&text, value, lost);
    if (!done)
        hz_buf_put(&text, value);
    hz_status st = hz_buf_status(&text, s->push.err);
    if (st == HZ_OK)
        st = keep_text(out, s, hz_buf_slice(&text));
    hz_buf_clear(&text);
    return st;
}

static hz_status end_cell(sheet *s)
{
    hz_slice value = hz_buf_slice(&s->text);
    size_t index;
    cell c = {s->column, HZ_SLICE_NONE, false};
    HZ_TRY(hz_buf_status(&s->text, s->push.err));
    if (!value.len)
        return HZ_OK;
    if (s->type == 's')
        c.text = to_index(&index, trimmed(value)) ? hz_xlsx_string(s->book, index) : HZ_SLICE_NONE;
    else if (s->type == 'n')
        HZ_TRY(put_number(&c.text, s, trimmed(value), &c.lost));
    else
        HZ_TRY(keep_text(&c.text, s, value));
    if (!c.text.len)
        return HZ_OK;
    if (!HZ_GROW(s->cells, s->cells_capacity, s->cells_count + 1))
        return hz_nomem(s->push.err, sizeof c);
    s->cells[s->cells_count++] = c;
    return HZ_OK;
}

/* The column of a reference such as BC12. false: it is none. */
static bool column_of(size_t *out, hz_slice reference)
{
    size_t n = 0, i = 0;
    for (; i < reference.len && reference.ptr[i] >= 'A' && reference.ptr[i] <= 'Z' && n <= COLUMNS_MAX; i++)
        n = n * 26 + (size_t)(reference.ptr[i] - 'A') + 1;
    *out = n - 1;
    return i > 0 && n <= COLUMNS_MAX;
}

static hz_status begin_cell(sheet *s, int count, const xmlChar **attributes)
{
    hz_slice type = hz_xlsx_attribute("t", count, attributes);
    size_t style;
    if (!column_of(&s->column, hz_xlsx_attribute("r", count, attributes)))
        s->column = s->next_column;
    if (s->column >= COLUMNS_MAX)
        return hz_fail(s->push.err, HZ_E_SOURCE, HZ_M(SOURCE_XLSX_CELL), HZ_S(s->push.shown));
    s->next_column = s->column + 1;
    s->type = !type.len || type.ptr[0] == 'n'                                                          ? 'n'
              : hz_slice_eq(type, HZ_SLICE_LIT("str")) || hz_slice_eq(type, HZ_SLICE_LIT("inlineStr")) ? 't'
                                                                                                       : type.ptr[0];
    s->style = HZ_XLSX_NUMBER;
    if (to_index(&style, hz_xlsx_attribute("s", count, attributes)) && style < s->book->styles_count)
        s->style = s->book->styles[style];
    hz_buf_reset(&s->text);
    return HZ_OK;
}

static hz_status begin_row(sheet *s, int count, const xmlChar **attributes)
{
    size_t row;
    s->row = to_index(&row, hz_xlsx_attribute("r", count, attributes)) && row ? row : s->next_row;
    s->next_row = s->row + 1;
    s->next_column = 0;
    s->cells_count = 0;
    hz_arena_reset(s->arena);
    return HZ_OK;
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int spaces_count,
                     const xmlChar **spaces, int count, int defaulted, const xmlChar **attributes)
{
    sheet *s = ctx;
    (void)prefix;
    (void)uri;
    (void)spaces_count;
    (void)spaces;
    (void)defaulted;
    if (s->push.status != HZ_OK)
        return;
    if (is_named(name, "row"))
        check(s, begin_row(s, count, attributes));
    else if (is_named(name, "c"))
        check(s, begin_cell(s, count, attributes));
    s->phonetic += is_named(name, "rPh");
    s->in_value = is_named(name, "v");
    s->in_text = is_named(name, "t") && !s->phonetic;
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    sheet *s = ctx;
    (void)prefix;
    (void)uri;
    s->in_value = s->in_text = false;
    s->phonetic -= is_named(name, "rPh") && s->phonetic;
    if (s->push.status != HZ_OK)
        return;
    if (is_named(name, "c"))
        check(s, end_cell(s));
    else if (is_named(name, "row"))
        check(s, end_row(s));
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    sheet *s = ctx;
    if (s->push.status != HZ_OK || (!s->in_value && !s->in_text))
        return;
    hz_buf_put(&s->text, (hz_slice){(const char *)text, (size_t)len});
    check(s, hz_limit_check(s->book->reading->options.limits, HZ_LIMIT_RECORD_BYTES, s->text.len, s->push.err));
}

/* ---- sheets ---- */

static hz_status read_sheet(hz_xlsx *book, size_t part, const hz_xlsx_sheet *which, hz_error *err)
{
    xmlSAXHandler sax = {
        .startElementNs = on_start, .endElementNs = on_end, .characters = on_text, .cdataBlock = on_text};
    HZ_TRY(hz_part_need(book->reading, part, err));
    sheet s = {.book = book,
               .part = &book->reading->parts[part],
               .spool = book->reading->parts[part].spool,
               .name = which->name,
               .next_row = 1};
    hz_status st;
    s.push.err = err;
    s.text = s.where = s.label = HZ_BUF_INIT;
    s.arena = hz_arena_new();
    s.names = HZ_ARENA_ARRAY(book->arena, hz_slice, COLUMNS_MAX);
    s.above = HZ_ARENA_ARRAY(book->arena, hz_slice, COLUMNS_MAX);
    s.known = HZ_ARENA_ARRAY(book->arena, bool, COLUMNS_MAX);
    s.columns = HZ_ARENA_ARRAY(book->arena, uint32_t, COLUMNS_MAX);
    bool ok = s.arena && s.names && s.above && s.known && s.columns &&
              hz_arena_copy(&s.spool->part, s.spool->arena, which->name) == HZ_OK;
    HZ_GO(ok ? HZ_OK : hz_nomem(err, COLUMNS_MAX * sizeof *s.names));
    HZ_GO(hz_xlsx_push(book, which->member.ptr, &s.push, &sax, err));
    if (s.begun && !s.done)
        HZ_GO(end_header(&s));
out:
    hz_arena_free(s.arena);
    hz_mem_free(s.cells);
    hz_buf_clear(&s.text);
    hz_buf_clear(&s.where);
    hz_buf_clear(&s.label);
    return st;
}

/* The sheet of a part: by its name; the only one that is shown for the file's own table. */
static const hz_xlsx_sheet *sheet_of(const hz_xlsx *b, size_t part)
{
    const hz_part *p = &b->reading->parts[part];
    const hz_xlsx_sheet *only = NULL;
    size_t shown = 0;
    for (size_t n = 0; n < p->names_count; n++)
        for (size_t i = 0; i < b->sheets_count; i++)
            if (b->sheets[i].member.len && hz_slice_eq(b->sheets[i].name, p->names[n]))
                return &b->sheets[i];
    for (size_t i = 0; i < b->sheets_count; i++)
        if (b->sheets[i].member.len && !b->sheets[i].hidden) {
            only = &b->sheets[i];
            shown++;
        }
    return part == 0 && p->names_count && shown == 1 ? only : NULL;
}

static hz_status read_all(hz_xlsx *book, size_t part, hz_error *err)
{
    for (size_t i = 0; i < book->sheets_count; i++)
        if (book->sheets[i].member.len && !book->sheets[i].hidden)
            HZ_TRY(read_sheet(book, part, &book->sheets[i], err));
    return HZ_OK;
}

static hz_status read_sheets(hz_xlsx *book, hz_error *err)
{
    for (size_t p = 0; p < book->reading->count; p++) {
        if (book->reading->parts[p].all_sheets) {
            HZ_TRY(read_all(book, p, err));
            continue;
        }
        const hz_xlsx_sheet *which = sheet_of(book, p);
        if (which)
            HZ_TRY(read_sheet(book, p, which, err));
    }
    return HZ_OK;
}

/* The digest of the file, where it was not made on the way. */
static hz_status hash_file(const hz_reading *reading, hz_error *err)
{
    hz_stream *file = NULL;
    HZ_TRY(hz_stream_open(&file, &reading->options, err));
    hz_status st = hz_stream_finish(file, err);
    hz_stream_close(file);
    return st;
}

hz_status hz_xlsx_read(hz_reading *reading, hz_error *err)
{
    hz_xlsx book = {.reading = reading};
    hz_status st;
    book.strings = book.whole = HZ_BUF_INIT;
    book.arena = hz_arena_new();
    HZ_GO(book.arena ? HZ_OK : hz_nomem(err, 64));
    HZ_GO(hz_xlsx_load(&book, err));
    HZ_GO(read_sheets(&book, err));
    if (!reading->options.member.len)
        HZ_GO(hash_file(reading, err));
out:
    hz_xlsx_clear(&book);
    return st;
}
