/* annotated.c: --annotate: rows with findings, as they were submitted, for those who mend them in a spreadsheet: a
 * sheet a table with the file's own columns and, behind them, the line and what is wrong; the cells that a finding is
 * about are coloured by severity and carry its message as a comment. What is no row's (structure, groups) has a sheet
 * of its own.
 *
 * Personal values are masked as everywhere: --reveal is for the copy that goes back to the owner of the data. Columns
 * that the profile does not know are personal.
 *
 * Excel draws comments slowly, and they are held in memory: a workbook has COMMENTS_MAX of them; cells beyond are
 * coloured, and the last column says everything. What is no row's waits in a pile for its sheet, the last one. */
#include "base/alloc.h"
#include "base/pile.h"
#include "reports/findings/book_int.h"
#include <stdlib.h>

enum { COMMENTS_MAX = 65000, OTHER_COLUMNS = 8, WIDTH = 16 };
static const uint64_t OTHER_BYTES = 16 << 20; /* of the pile in memory */

typedef struct mark { /* a cell of the row in hand */
    size_t column;
    hz_severity severity;
    size_t from, to; /* its message in `messages` */
} mark;

struct hz_form_file {
    hz_book_file file;
    const hz_form_given *given;
    hz_store *store;
    hz_pile other; /* rows of the last sheet, each behind its length */
    uint64_t other_count;
    hz_buf row; /* the one in hand */
    hz_cell_row cells;
    const hz_result_table *table; /* whose sheet it is */
    unsigned again;
    hz_slice *names; /* its columns, NUL-terminated in arena */
    size_t names_count;
    hz_arena *arena;
    mark *marks;
    size_t marks_count, marks_capacity;
    hz_buf messages; /* of the row in hand, each followed by a line feed */
    hz_buf text;
    uint64_t comments;
};

/* ---- what is no row's ---- */

static void put_waived(hz_buf *out, const hz_finding *finding, const hz_form_given *given)
{
    if (!finding->waived.len)
        return;
    hz_buf_puts(out, " [");
    hz_msg_render(out, HZ_MSG_FINDING_WAIVED, &finding->waived, 1, given->options.lang);
    hz_buf_puts(out, "]");
}

static hz_status put_aside(hz_form_file *f, hz_error *err)
{
    size_t len = f->row.len;
    HZ_TRY(hz_buf_status(&f->row, err));
    char *at = hz_pile_put(&f->other, sizeof len + len, err);
    if (!at)
        return err && err->status < 0 ? err->status : HZ_E_NOMEM;
    memcpy(at, &len, sizeof len);
    memcpy(at + sizeof len, f->row.ptr, len);
    f->other_count++;
    return HZ_OK;
}

static hz_status put_other(hz_form_file *f, const hz_found *found, hz_error *err)
{
    const hz_finding *finding = found->finding;
    const hz_form_given *given = f->given;
    const hz_result *result = given->result;
    const hz_slice cells[] = {found->rule->rule->id, hz_title_of(found->rule->rule, given->options.lang),
                              hz_slice_of(hz_severity_name(finding->severity)), result->tables[finding->at.table].name,
                              hz_place_source(result, &finding->at)};
    if (f->other_count == HZ_BOOK_ROWS)
        return HZ_OK; /* a million of them: the findings files have all */
    hz_buf_reset(&f->row);
    hz_row_begin(&f->cells);
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
        hz_cell_text(&f->cells, cells[c], HZ_STYLE_TEXT);
    if (finding->at.line)
        hz_cell_count(&f->cells, finding->at.line, HZ_STYLE_FIXED);
    else
        hz_cell_skip(&f->cells, 1);
    hz_buf_reset(&f->text);
    hz_put_pairs(&f->text, finding->at.key, finding->at.key_count, given->options.reveal);
    HZ_TRY(hz_buf_status(&f->text, err));
    hz_cell_text(&f->cells, hz_buf_slice(&f->text), HZ_STYLE_TEXT);
    hz_buf_reset(&f->text);
    hz_put_message(&f->text, finding, given->options.lang, given->options.reveal);
    hz_put_own(&f->text, finding, given->options.reveal);
    put_waived(&f->text, finding, given);
    HZ_TRY(hz_buf_status(&f->text, err));
    hz_cell_text(&f->cells, hz_buf_slice(&f->text), HZ_STYLE_TEXT);
    hz_row_end(&f->cells);
    return put_aside(f, err);
}

static hz_status other_sheet(hz_form_file *f, hz_error *err)
{
    static const char *const headings[OTHER_COLUMNS] = {"rule",   "title", "severity", "table",
                                                        "source", "line",  "key",      "message"};
    hz_book_column columns[OTHER_COLUMNS];
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    if (!f->other_count)
        return HZ_OK;
    for (size_t i = 0; i < OTHER_COLUMNS; i++)
        columns[i] = (hz_book_column){hz_slice_of(headings[i]), WIDTH};
    hz_book_sheet(&f->file.book, hz_slice_of(hz_msg_text(HZ_MSG_FINDINGS_OTHER, f->given->options.lang)), 1, columns,
                  OTHER_COLUMNS);
    hz_pile_read(&reader, &f->other, true);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        size_t len = 0;
        for (size_t at = 0; at < block.len; at += (sizeof len + len + 7) / 8 * 8) {
            memcpy(&len, block.ptr + at, sizeof len);
            hz_book_rows(&f->file.book, (hz_slice){block.ptr + at + sizeof len, len}, 1);
        }
    }
    hz_pile_read_end(&reader);
    return st == HZ_END ? HZ_OK : st;
}

/* ---- findings of a row, before the row ---- */

static hz_status add_mark(hz_form_file *f, int32_t column, hz_severity severity, size_t from, hz_error *err)
{
    if (column < 0)
        return HZ_OK;
    if (!HZ_GROW(f->marks, f->marks_capacity, f->marks_count + 1))
        return hz_nomem(err, sizeof *f->marks);
    f->marks[f->marks_count++] = (mark){(size_t)column, severity, from, f->messages.len};
    return HZ_OK;
}

/* Behind the message. */
static void put_repair(hz_form_file *f, const hz_finding *finding)
{
    const hz_render_options *options = &f->given->options;
    if (!finding->has_repair)
        return;
    hz_buf_reset(&f->text);
    hz_put_shown(&f->text, finding->repair, options->reveal);
    hz_slice repair = hz_buf_slice(&f->text);
    hz_buf_puts(&f->messages, options->lang == HZ_LANG_ZH ? "；" : "; ");
    hz_msg_render(&f->messages, HZ_MSG_TEXT_REPAIR, &repair, 1, options->lang);
    if (f->text.status != HZ_OK && f->messages.status == HZ_OK)
        f->messages.status = f->text.status;
}

/* A constraint marks its field; another rule all fields that it reads. */
static hz_status put(hz_form_file *f, const hz_found *found, hz_error *err)
{
    const hz_finding *finding = found->finding;
    const hz_rule *rule = found->rule->rule;
    const hz_form_given *given = f->given;
    if (!found->row)
        return put_other(f, found, err);
    size_t from = f->messages.len;
    hz_buf_put(&f->messages, rule->id);
    hz_buf_puts(&f->messages, ": ");
    hz_put_message(&f->messages, finding, given->options.lang, given->options.reveal);
    hz_put_own(&f->messages, finding, given->options.reveal);
    put_waived(&f->messages, finding, given);
    put_repair(f, finding);
    HZ_TRY(hz_buf_status(&f->messages, err));
    if (rule->field) {
        HZ_TRY(add_mark(f, found->row->column_of[rule->field->index], finding->severity, from, err));
    } else {
        for (size_t i = 0; i < finding->at.fields_count; i++) {
            const hz_field *field = hz_table_field(found->row->table->table, finding->at.fields[i].name);
            if (field)
                HZ_TRY(add_mark(f, found->row->column_of[field->index], finding->severity, from, err));
        }
    }
    hz_buf_putc(&f->messages, '\n');
    return hz_buf_status(&f->messages, err);
}

/* ---- rows ---- */

static bool same_columns(const hz_form_file *f, const hz_found_row *row)
{
    if (f->table != row->table || f->names_count != row->columns_count)
        return false;
    for (size_t c = 0; c < f->names_count; c++)
        if (!hz_slice_eq(f->names[c], row->names[c]))
            return false;
    return true;
}

static hz_status begin_sheet(hz_form_file *f, const hz_found_row *row, hz_error *err)
{
    hz_lang lang = f->given->options.lang;
    size_t count = row->columns_count;
    f->again = f->table == row->table ? f->again + 1 : 1;
    f->table = row->table;
    hz_arena_reset(f->arena);
    f->names = HZ_ARENA_ARRAY(f->arena, hz_slice, count + 1);
    hz_book_column *columns = HZ_ARENA_ARRAY(f->arena, hz_book_column, count + 2);
    if (!f->names || !columns)
        return hz_nomem(err, count * sizeof *columns);
    f->names_count = count;
    for (size_t c = 0; c < count; c++) {
        if (hz_arena_copy(&f->names[c], f->arena, row->names[c]) != HZ_OK)
            return hz_nomem(err, row->names[c].len);
        columns[c] = (hz_book_column){f->names[c], WIDTH};
    }
    columns[count] = (hz_book_column){hz_slice_of(hz_msg_text(HZ_MSG_FINDINGS_LINE, lang)), WIDTH};
    columns[count + 1] = (hz_book_column){hz_slice_of(hz_msg_text(HZ_MSG_FINDINGS_WRONG, lang)), WIDTH};
    hz_book_sheet(&f->file.book, row->table->name, f->again, columns, count + 2);
    return HZ_OK;
}

/* The field of a column; NULL: the profile does not know it. */
static const hz_field *field_of(const hz_found_row *row, size_t column)
{
    const hz_table *table = row->table->table;
    for (size_t i = 0; i < table->fields_count; i++)
        if (row->column_of[i] == (int32_t)column)
            return &table->fields[i];
    return NULL;
}

static hz_status comment(hz_form_file *f, size_t column, hz_error *err)
{
    hz_buf_reset(&f->text);
    for (size_t i = 0; i < f->marks_count; i++)
        if (f->marks[i].column == column) {
            hz_buf_puts(&f->text, f->text.len ? "\n" : "");
            hz_buf_put(&f->text, hz_slice_sub(hz_buf_slice(&f->messages), f->marks[i].from, f->marks[i].to));
        }
    HZ_TRY(hz_buf_status(&f->text, err));
    hz_book_note(&f->file.book, column, hz_buf_slice(&f->text));
    return HZ_OK;
}

static hz_status put_cell(hz_form_file *f, const hz_found_row *row, size_t column, hz_error *err)
{
    const hz_field *field = field_of(row, column);
    hz_slice text = row->cells[column] ? row->cells[column][row->row] : HZ_SLICE_NONE;
    hz_shown value = {text, field ? field->mask : HZ_MASK_WHOLE, !text.len};
    hz_severity worst = HZ_SEVERITY_COUNT;
    for (size_t i = 0; i < f->marks_count; i++)
        if (f->marks[i].column == column && f->marks[i].severity < worst)
            worst = f->marks[i].severity;
    bool marked = worst < HZ_SEVERITY_COUNT;
    hz_cell_value(&f->cells, field, value, marked ? hz_style_filled(0, worst) : 0, f->given->options.reveal, true);
    return !marked || f->comments++ >= COMMENTS_MAX ? HZ_OK : comment(f, column, err);
}

static hz_status put_row(hz_form_file *f, const hz_found_row *row, hz_error *err)
{
    if (!same_columns(f, row) || !hz_book_room(&f->file.book))
        HZ_TRY(begin_sheet(f, row, err));
    hz_buf_reset(&f->row);
    hz_row_begin(&f->cells);
    for (size_t c = 0; c < row->columns_count; c++)
        HZ_TRY(put_cell(f, row, c, err));
    hz_cell_count(&f->cells, row->line, HZ_STYLE_FIXED);
    if (f->messages.len)
        hz_cell_lines(&f->cells, hz_slice_sub(hz_buf_slice(&f->messages), 0, f->messages.len - 1), HZ_STYLE_TEXT);
    hz_row_end(&f->cells);
    f->marks_count = 0;
    hz_buf_reset(&f->messages);
    HZ_TRY(hz_buf_status(&f->row, err));
    hz_book_rows(&f->file.book, hz_buf_slice(&f->row), 1);
    return hz_book_file_status(&f->file, err);
}

/* ---- open, close ---- */

static void release(hz_form_file *f)
{
    hz_book_file_clear(&f->file);
    hz_cells_done(&f->cells);
    if (f->store)
        hz_pile_clear(&f->other);
    hz_store_free(f->store);
    hz_arena_free(f->arena);
    hz_mem_free(f->marks);
    hz_buf_clear(&f->row);
    hz_buf_clear(&f->messages);
    hz_buf_clear(&f->text);
    hz_mem_free(f);
}

static hz_status begin(hz_form_file *f, hz_error *err)
{
    const char *temp = f->given->temp ? f->given->temp : getenv("TMPDIR");
    const hz_store_options store = {.budget_bytes = OTHER_BYTES, .temp_dir = temp && *temp ? temp : "/tmp"};
    f->arena = hz_arena_new();
    if (!f->arena)
        return hz_nomem(err, sizeof(void *));
    HZ_TRY(hz_store_new(&f->store, &store, err));
    hz_pile_init(&f->other, f->store);
    return HZ_OK;
}

static hz_status open_file(hz_form_file **out, hz_outfile *to, const char *path, const hz_form_given *given,
                           hz_error *err)
{
    (void)path;
    *out = NULL;
    hz_form_file *f = hz_mem_zalloc(1, sizeof *f);
    if (!f)
        return hz_nomem(err, sizeof *f);
    f->given = given;
    f->cells = HZ_CELLS_INIT(&f->row);
    hz_book_file_open(&f->file, to);
    hz_status st = begin(f, err);
    if (st == HZ_OK)
        *out = f;
    else
        release(f);
    return st;
}

static hz_status close_file(hz_form_file *f, hz_error *err)
{
    hz_status st = other_sheet(f, err);
    if (st == HZ_OK)
        st = hz_book_file_close(&f->file, err);
    release(f);
    return st;
}

const hz_form hz_form_annotated = {.suffix = ".xlsx",
                                   .built_in = true,
                                   .open = open_file,
                                   .put = put,
                                   .row = put_row,
                                   .close = close_file,
                                   .abandon = release};
