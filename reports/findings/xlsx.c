/* xlsx.c: findings as a workbook for those who mend the data: a sheet a table, one column for each part of the table's
 * key. A sheet holds what Excel takes (1,048,575 findings); more go on in the next. Rows are made by any thread. */
#include "base/alloc.h"
#include "reports/asks.h"
#include "reports/findings/book_int.h"

enum { COLUMNS_BEFORE = 7, COLUMNS_BEHIND = 14, WIDTH = 16 };

struct hz_form_file {
    hz_book_file file;
    const hz_form_given *given;
    uint32_t table; /* whose sheet it is; UINT32_MAX: none yet */
    unsigned again;
};

static const hz_slice before[COLUMNS_BEFORE] = {{"rule", 4},   {"title", 5}, {"severity", 8}, {"status", 6},
                                                {"source", 6}, {"line", 4},  {"where", 5}};
static const hz_slice behind[COLUMNS_BEHIND] = {
    {"group", 5}, {"fields", 6}, {"message", 7}, {"expected", 8},     {"difference", 10}, {"repair", 6}, {"related", 7},
    {"echo", 4},  {"region", 6}, {"unit", 4},    {"fingerprint", 11}, {"waived", 6},      {"asks", 4},   {"reason", 6}};

/* ---- a finding as a row ---- */

static hz_slice made(const hz_cell_row *cells, const hz_buf *text)
{
    if (text->status != HZ_OK && cells->out->status == HZ_OK)
        cells->out->status = text->status;
    return hz_buf_slice(text);
}

static void put_text(hz_cell_row *cells, hz_slice text)
{
    hz_cell_text(cells, text, HZ_STYLE_TEXT);
}

static void put_shown(hz_cell_row *cells, bool present, hz_shown value, bool reveal)
{
    if (present)
        hz_cell_value(cells, NULL, value, 0, reveal, false);
    else
        hz_cell_skip(cells, 1);
}

static void put_pairs(hz_cell_row *cells, hz_buf *text, const hz_named *items, size_t count, bool reveal)
{
    hz_buf_reset(text);
    hz_put_pairs(text, items, count, reveal);
    put_text(cells, made(cells, text));
}

static void put_key(hz_cell_row *cells, const hz_finding *finding, const hz_table *table, bool reveal)
{
    for (size_t i = 0; i < table->key_count; i++)
        if (!finding->group && i < finding->at.key_count)
            hz_cell_value(cells, table->key[i], finding->at.key[i].value, 0, reveal, false);
        else
            hz_cell_skip(cells, 1);
}

static void put_behind(hz_cell_row *cells, hz_buf *text, const hz_form_given *given, const hz_found *found)
{
    const hz_finding *finding = found->finding;
    bool reveal = given->options.reveal;
    put_pairs(cells, text, finding->at.key, finding->group ? finding->at.key_count : 0, reveal);
    put_pairs(cells, text, finding->at.fields, finding->at.fields_count, reveal);
    hz_buf_reset(text);
    hz_put_message(text, finding, given->options.lang, reveal);
    put_text(cells, made(cells, text));
    put_shown(cells, finding->has_expected, finding->expected, reveal);
    put_shown(cells, finding->has_difference, finding->difference, reveal);
    put_shown(cells, finding->has_repair, finding->repair, reveal);
    hz_buf_reset(text);
    hz_put_places(text, given->result, finding->related, finding->related_count, reveal);
    put_text(cells, made(cells, text));
    put_pairs(cells, text, finding->echo, finding->echo_count, reveal);
    put_text(cells, hz_slice_of(found->region));
    put_shown(cells, !found->unit.null, found->unit, reveal);
    put_text(cells, hz_slice_of(finding->fingerprint));
    put_text(cells, finding->waived);
    put_text(cells, hz_asks_finding(found->rule, finding));
    put_text(cells, finding->acknowledged);
}

static void line(hz_buf *out, hz_buf *scratch, const hz_form_given *given, const hz_found *found)
{
    const hz_finding *finding = found->finding;
    hz_cell_row cells = HZ_CELLS_INIT(out);
    hz_row_begin(&cells);
    put_text(&cells, found->rule->rule->id);
    put_text(&cells, hz_title_of(found->rule->rule, given->options.lang));
    put_text(&cells, hz_slice_of(hz_severity_name(finding->severity)));
    put_text(&cells, hz_slice_of(hz_life_name(found->rule->life)));
    put_text(&cells, hz_place_source(given->result, &finding->at));
    if (finding->at.line)
        hz_cell_count(&cells, finding->at.line, HZ_STYLE_FIXED);
    else
        hz_cell_skip(&cells, 1);
    put_text(&cells, finding->at.where);
    put_key(&cells, finding, given->result->tables[finding->at.table].table, given->options.reveal);
    put_behind(&cells, scratch, given, found);
    hz_row_end(&cells);
    hz_cells_done(&cells);
}

/* ---- the book ---- */

static hz_status begin_sheet(hz_form_file *f, uint32_t table, hz_error *err)
{
    const hz_result_table *t = &f->given->result->tables[table];
    size_t keys = t->table->key_count, n = 0;
    f->again = f->table == table ? f->again + 1 : 1;
    f->table = table;
    hz_book_column *columns = hz_mem_zalloc(COLUMNS_BEFORE + keys + COLUMNS_BEHIND, sizeof *columns);
    if (!columns)
        return hz_nomem(err, keys * sizeof *columns);
    for (size_t i = 0; i < COLUMNS_BEFORE; i++)
        columns[n++] = (hz_book_column){before[i], WIDTH};
    for (size_t i = 0; i < keys; i++)
        columns[n++] = (hz_book_column){t->table->key[i]->name, WIDTH};
    for (size_t i = 0; i < COLUMNS_BEHIND; i++)
        columns[n++] = (hz_book_column){behind[i], WIDTH};
    hz_book_sheet(&f->file.book, t->name, f->again, columns, n);
    hz_mem_free(columns);
    return HZ_OK;
}

/* The first `count` rows of the text. */
static hz_slice first_rows(hz_slice rows, uint64_t count)
{
    size_t at = 0;
    for (; count && at < rows.len; count--) {
        const char *end = memmem(rows.ptr + at, rows.len - at, "</row>", 6);
        at = end ? (size_t)(end - rows.ptr) + 6 : rows.len;
    }
    return hz_slice_sub(rows, 0, at);
}

static hz_status lines(hz_form_file *f, const hz_lines_of *given, hz_error *err)
{
    hz_slice left = given->text;
    for (uint64_t count = given->count; count;) {
        if (f->table != given->table || !hz_book_room(&f->file.book))
            HZ_TRY(begin_sheet(f, given->table, err));
        uint64_t room = hz_book_room(&f->file.book), now = count < room ? count : room;
        hz_slice rows = now == count ? left : first_rows(left, now);
        hz_book_rows(&f->file.book, rows, now);
        left = hz_slice_sub(left, rows.len, left.len);
        count -= now;
    }
    return hz_book_file_status(&f->file, err);
}

static void release(hz_form_file *f)
{
    hz_book_file_clear(&f->file);
    hz_mem_free(f);
}

static hz_status open_file(hz_form_file **out, hz_outfile *to, const char *path, const hz_form_given *given,
                           hz_error *err)
{
    (void)path;
    hz_form_file *f = *out = hz_mem_zalloc(1, sizeof *f);
    if (!f)
        return hz_nomem(err, sizeof *f);
    f->given = given;
    f->table = UINT32_MAX;
    hz_book_file_open(&f->file, to);
    return HZ_OK;
}

static hz_status close_file(hz_form_file *f, hz_error *err)
{
    hz_status st = hz_book_file_close(&f->file, err);
    hz_mem_free(f);
    return st;
}

const hz_form hz_form_xlsx = {.suffix = ".xlsx",
                              .built_in = true,
                              .line = line,
                              .open = open_file,
                              .lines = lines,
                              .close = close_file,
                              .abandon = release};
