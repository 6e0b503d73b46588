/* xlsx_book.c: the workbook's list of sheets, where they are, the texts that cells share, and which formats are dates.
 */
#include "validator/source/archive.h"
#include "validator/source/xlsx_int.h"

hz_slice hz_xlsx_attribute(const char *name, int count, const xmlChar **attributes)
{
    for (int i = 0; i < count; i++) {
        const xmlChar *const *a = attributes + 5 * i;
        if (strcmp((const char *)a[0], name) == 0)
            return (hz_slice){(const char *)a[3], (size_t)(a[4] - a[3])};
    }
    return HZ_SLICE_NONE;
}

hz_status hz_xlsx_push(hz_xlsx *book, const char *member, hz_xml_push *push, xmlSAXHandler *sax, hz_error *err)
{
    hz_source_options options = {.path = book->whole.ptr ? NULL : book->reading->options.path,
                                 .bytes = book->whole.ptr ? hz_buf_slice(&book->whole) : book->reading->options.bytes,
                                 .member = hz_slice_of(member),
                                 .shown_path = book->reading->options.shown_path,
                                 .limits = book->reading->options.limits,
                                 .cancel = book->reading->options.cancel};
    hz_stream *stream = NULL;
    push->shown = options.shown_path;
    push->status = HZ_OK;
    push->err = err;
    HZ_TRY(hz_stream_open(&stream, &options, err));
    hz_status st = hz_xml_push_all(push, stream, sax, err);
    hz_stream_close(stream);
    return st;
}

typedef struct reader {
    hz_xml_push push;
    hz_xlsx *book;
    bool in_formats; /* cellXfs */
    bool in_text;    /* t */
    unsigned phonetic;
    struct {
        unsigned id;
        hz_xlsx_style style;
    } * formats; /* numFmts */
    size_t formats_count, formats_capacity;
} reader;

static void check(reader *r, hz_status st)
{
    if (st != HZ_OK)
        hz_xml_push_fail(&r->push, st);
}

static unsigned number_of(hz_slice text)
{
    unsigned n = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9' && n < 100000000; i++)
        n = n * 10 + (unsigned)(text.ptr[i] - '0');
    return n;
}

static bool is_named(const xmlChar *name, const char *wanted)
{
    return strcmp((const char *)name, wanted) == 0;
}

#define ON_START(function)                                                                                             \
    static void function(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int spaces_count,  \
                         const xmlChar **spaces, int count, int defaulted, const xmlChar **attributes)
#define UNUSED_START (void)prefix, (void)uri, (void)spaces_count, (void)spaces, (void)defaulted

/* ---- workbook.xml and its relations ---- */

static bool is_true(hz_slice text)
{
    return hz_slice_eq(text, HZ_SLICE_LIT("1")) || hz_slice_eq(text, HZ_SLICE_LIT("true"));
}

ON_START(on_book)
{
    reader *r = ctx;
    hz_xlsx *b = r->book;
    UNUSED_START;
    if (r->push.status != HZ_OK)
        return;
    if (is_named(name, "workbookPr"))
        b->date1904 = is_true(hz_xlsx_attribute("date1904", count, attributes));
    if (!is_named(name, "sheet"))
        return;
    hz_status st = hz_limit_check(b->reading->options.limits, HZ_LIMIT_TABLES, b->sheets_count + 1, r->push.err);
    if (st == HZ_OK && !HZ_GROW(b->sheets, b->sheets_capacity, b->sheets_count + 1))
        st = hz_nomem(r->push.err, sizeof *b->sheets);
    if (st == HZ_OK) {
        hz_xlsx_sheet *sheet = &b->sheets[b->sheets_count++];
        hz_slice state = hz_xlsx_attribute("state", count, attributes);
        memset(sheet, 0, sizeof *sheet);
        sheet->hidden = state.len && !hz_slice_eq(state, HZ_SLICE_LIT("visible"));
        if (hz_arena_copy(&sheet->name, b->arena, hz_xlsx_attribute("name", count, attributes)) != HZ_OK ||
            hz_arena_copy(&sheet->id, b->arena, hz_xlsx_attribute("id", count, attributes)) != HZ_OK)
            st = hz_nomem(r->push.err, 64);
    }
    check(r, st);
}

static hz_status place_sheet(reader *r, hz_xlsx_sheet *sheet, hz_slice target)
{
    hz_buf path = HZ_BUF_INIT;
    if (target.len && target.ptr[0] == '/') {
        hz_buf_put(&path, hz_slice_sub(target, 1, target.len));
    } else {
        hz_buf_puts(&path, "xl/");
        hz_buf_put(&path, target);
    }
    hz_status st = hz_buf_status(&path, r->push.err);
    if (st == HZ_OK && hz_arena_copy(&sheet->member, r->book->arena, hz_buf_slice(&path)) != HZ_OK)
        st = hz_nomem(r->push.err, path.len);
    hz_buf_clear(&path);
    return st;
}

ON_START(on_relation)
{
    reader *r = ctx;
    UNUSED_START;
    if (r->push.status != HZ_OK || !is_named(name, "Relationship"))
        return;
    hz_slice id = hz_xlsx_attribute("Id", count, attributes);
    for (size_t i = 0; i < r->book->sheets_count; i++)
        if (hz_slice_eq(r->book->sheets[i].id, id))
            check(r, place_sheet(r, &r->book->sheets[i], hz_xlsx_attribute("Target", count, attributes)));
}

/* ---- styles.xml ---- */

static hz_xlsx_style style_of_id(const reader *r, unsigned id)
{
    for (size_t i = 0; i < r->formats_count; i++)
        if (r->formats[i].id == id)
            return r->formats[i].style;
    return hz_xlsx_style_built_in(id);
}

ON_START(on_style)
{
    reader *r = ctx;
    hz_xlsx *b = r->book;
    UNUSED_START;
    if (r->push.status != HZ_OK)
        return;
    if (is_named(name, "numFmt") && !r->in_formats) {
        if (!HZ_GROW(r->formats, r->formats_capacity, r->formats_count + 1)) {
            check(r, hz_nomem(r->push.err, 64));
            return;
        }
        r->formats[r->formats_count].id = number_of(hz_xlsx_attribute("numFmtId", count, attributes));
        r->formats[r->formats_count++].style = hz_xlsx_style_of(hz_xlsx_attribute("formatCode", count, attributes));
    } else if (is_named(name, "cellXfs")) {
        r->in_formats = true;
    } else if (is_named(name, "xf") && r->in_formats) {
        if (!HZ_GROW(b->styles, b->styles_capacity, b->styles_count + 1)) {
            check(r, hz_nomem(r->push.err, 64));
            return;
        }
        b->styles[b->styles_count++] = style_of_id(r, number_of(hz_xlsx_attribute("numFmtId", count, attributes)));
    }
}

static void on_style_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    reader *r = ctx;
    (void)prefix;
    (void)uri;
    if (is_named(name, "cellXfs"))
        r->in_formats = false;
}

/* ---- sharedStrings.xml ---- */

ON_START(on_string)
{
    reader *r = ctx;
    UNUSED_START;
    (void)count;
    (void)attributes;
    r->phonetic += is_named(name, "rPh");
    r->in_text = is_named(name, "t") && !r->phonetic;
}

static void on_string_text(void *ctx, const xmlChar *text, int len)
{
    reader *r = ctx;
    if (r->in_text && r->push.status == HZ_OK)
        hz_buf_put(&r->book->strings, (hz_slice){(const char *)text, (size_t)len});
}

static void on_string_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    reader *r = ctx;
    hz_xlsx *b = r->book;
    (void)prefix;
    (void)uri;
    r->in_text = false;
    r->phonetic -= is_named(name, "rPh") && r->phonetic;
    if (r->push.status != HZ_OK || !is_named(name, "si"))
        return;
    hz_status st = hz_limit_check(b->reading->options.limits, HZ_LIMIT_EMBEDDED_BYTES, b->strings.len, r->push.err);
    if (st == HZ_OK)
        st = hz_buf_status(&b->strings, r->push.err);
    if (st == HZ_OK && !HZ_GROW(b->string_ends, b->strings_capacity, b->strings_count + 1))
        st = hz_nomem(r->push.err, sizeof *b->string_ends);
    if (st == HZ_OK)
        b->string_ends[b->strings_count++] = b->strings.len;
    check(r, st);
}

hz_slice hz_xlsx_string(const hz_xlsx *b, size_t index)
{
    if (index >= b->strings_count)
        return HZ_SLICE_NONE;
    size_t from = index ? b->string_ends[index - 1] : 0;
    return (hz_slice){b->strings.ptr ? b->strings.ptr + from : "", b->string_ends[index] - from};
}

/* ---- all ---- */

static hz_status note_member(void *ctx, hz_slice name, hz_error *err)
{
    hz_xlsx *b = ctx;
    (void)err;
    b->has_strings = b->has_strings || hz_slice_eq(name, HZ_SLICE_LIT("xl/sharedStrings.xml"));
    b->has_styles = b->has_styles || hz_slice_eq(name, HZ_SLICE_LIT("xl/styles.xml"));
    return HZ_OK;
}

static hz_status load_part(hz_xlsx *b, const char *member, startElementNsSAX2Func start, endElementNsSAX2Func end,
                           charactersSAXFunc text, hz_error *err)
{
    xmlSAXHandler sax = {.startElementNs = start, .endElementNs = end, .characters = text, .cdataBlock = text};
    reader r = {.book = b};
    hz_status st = hz_xlsx_push(b, member, &r.push, &sax, err);
    hz_mem_free(r.formats);
    return st;
}

hz_status hz_xlsx_load(hz_xlsx *b, hz_error *err)
{
    const hz_source_options *given = &b->reading->options;
    hz_source_options options = {.path = given->path,
                                 .bytes = given->bytes,
                                 .shown_path = given->shown_path,
                                 .limits = given->limits,
                                 .cancel = given->cancel};
    if (given->member.len) {
        HZ_TRY(hz_stream_whole(&b->whole, given, err)); /* its own directory stands at its end */
        options.path = NULL;
        options.bytes = hz_buf_slice(&b->whole);
    }
    b->strings.max_bytes = SIZE_MAX / 2;
    HZ_TRY(hz_archive_list(&options, note_member, b, err));
    HZ_TRY(load_part(b, "xl/workbook.xml", on_book, NULL, NULL, err));
    HZ_TRY(load_part(b, "xl/_rels/workbook.xml.rels", on_relation, NULL, NULL, err));
    if (b->has_styles)
        HZ_TRY(load_part(b, "xl/styles.xml", on_style, on_style_end, NULL, err));
    return b->has_strings ? load_part(b, "xl/sharedStrings.xml", on_string, on_string_end, on_string_text, err) : HZ_OK;
}

void hz_xlsx_clear(hz_xlsx *b)
{
    hz_arena_free(b->arena);
    hz_mem_free(b->sheets);
    hz_mem_free(b->styles);
    hz_mem_free(b->string_ends);
    hz_buf_clear(&b->strings);
    hz_buf_clear(&b->whole);
}
