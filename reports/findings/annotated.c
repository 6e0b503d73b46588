/* annotated.c: --annotate: rows with findings, as they were submitted, for those who mend them in a spreadsheet: a
 * sheet a table with the file's own columns and, behind them, the line and what is wrong; the cells that a finding is
 * about are coloured by severity and carry its message as a comment. What is no row's (structure, groups) has a sheet
 * of its own.
 *
 * Personal values are masked as everywhere: --reveal is for the copy that goes back to the owner of the data. Columns
 * that the profile does not know are personal.
 *
 * Excel draws comments slowly and libxlsxwriter holds them in memory: a workbook has COMMENTS_MAX of them; cells beyond
 * are coloured, and the last column says everything. */
#include "reports/findings/sheet_int.h"
#ifdef HZ_XLSXWRITER
#include "base/alloc.h"

enum { COMMENTS_MAX = 65000, OTHER_COLUMNS = 8 };

typedef struct mark { /* a cell of the row in hand */
    size_t column;
    hz_severity severity;
    size_t from, to; /* its message in `messages` */
} mark;

struct hz_form_file {
    hz_book book;
    hz_sheet sheet, other;
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

static hz_status begin_other(hz_form_file *f, hz_error *err)
{
    static const hz_slice headings[OTHER_COLUMNS] = {{"rule", 4},   {"title", 5}, {"severity", 8}, {"table", 5},
                                                     {"source", 6}, {"line", 4},  {"key", 3},      {"message", 7}};
    hz_slice name = hz_slice_of(hz_msg_text(HZ_MSG_FINDINGS_OTHER, f->book.given->options.lang));
    return f->other.sheet ? HZ_OK : hz_sheet_begin(&f->other, &f->book, name, 1, headings, OTHER_COLUMNS, err);
}

static hz_status put_other(hz_form_file *f, const hz_found *found, hz_error *err)
{
    const hz_finding *finding = found->finding;
    const hz_form_given *given = f->book.given;
    const hz_result *result = given->result;
    hz_slice cells[OTHER_COLUMNS] = {
        [0] = found->rule->rule->id,
        [1] = hz_title_of(found->rule->rule, given->options.lang),
        [2] = hz_slice_of(hz_severity_name(finding->severity)),
        [3] = result->tables[finding->at.table].name,
        [4] = hz_place_source(result, &finding->at),
    };
    HZ_TRY(begin_other(f, err));
    if (hz_sheet_is_full(&f->other))
        return HZ_OK; /* a million of them: the findings files have all */
    for (size_t c = 0; c < OTHER_COLUMNS; c++)
        HZ_TRY(hz_sheet_text(&f->other, &f->book, c, cells[c], HZ_FILL_NONE, err));
    if (finding->at.line)
        HZ_TRY(hz_sheet_count(&f->other, &f->book, 5, finding->at.line, HZ_FILL_NONE, err));
    hz_buf_reset(&f->text);
    hz_put_pairs(&f->text, finding->at.key, finding->at.key_count, given->options.reveal);
    HZ_TRY(hz_buf_status(&f->text, err));
    HZ_TRY(hz_sheet_text(&f->other, &f->book, 6, hz_buf_slice(&f->text), HZ_FILL_NONE, err));
    hz_buf_reset(&f->text);
    hz_put_message(&f->text, finding, given->options.lang, given->options.reveal);
    HZ_TRY(hz_buf_status(&f->text, err));
    HZ_TRY(hz_sheet_text(&f->other, &f->book, 7, hz_buf_slice(&f->text), HZ_FILL_NONE, err));
    return hz_sheet_next(&f->other, &f->book, err);
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

/* A constraint marks its field; another rule all fields that it reads. */
static hz_status put(hz_form_file *f, const hz_found *found, hz_error *err)
{
    const hz_finding *finding = found->finding;
    const hz_rule *rule = found->rule->rule;
    const hz_form_given *given = f->book.given;
    if (!found->row)
        return put_other(f, found, err);
    size_t from = f->messages.len;
    hz_buf_put(&f->messages, rule->id);
    hz_buf_puts(&f->messages, ": ");
    hz_put_message(&f->messages, finding, given->options.lang, given->options.reveal);
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
    hz_lang lang = f->book.given->options.lang;
    f->again = f->table == row->table ? f->again + 1 : 1;
    f->table = row->table;
    hz_arena_reset(f->arena);
    f->names = HZ_ARENA_ARRAY(f->arena, hz_slice, row->columns_count + 2);
    if (!f->names)
        return hz_nomem(err, row->columns_count * sizeof *f->names);
    f->names_count = row->columns_count;
    for (size_t c = 0; c < row->columns_count; c++)
        if (hz_arena_copy(&f->names[c], f->arena, row->names[c]) != HZ_OK)
            return hz_nomem(err, row->names[c].len);
    f->names[row->columns_count] = hz_slice_of(hz_msg_text(HZ_MSG_FINDINGS_LINE, lang));
    f->names[row->columns_count + 1] = hz_slice_of(hz_msg_text(HZ_MSG_FINDINGS_WRONG, lang));
    return hz_sheet_begin(&f->sheet, &f->book, row->table->name, f->again, f->names, row->columns_count + 2, err);
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
    return hz_sheet_comment(&f->sheet, &f->book, column, hz_buf_slice(&f->text), err);
}

static hz_status put_cell(hz_form_file *f, const hz_found_row *row, size_t column, hz_error *err)
{
    const hz_field *field = field_of(row, column);
    hz_slice text = row->cells[column] ? row->cells[column][row->row] : HZ_SLICE_NONE;
    hz_shown value = {text, field ? field->mask : HZ_MASK_WHOLE, !text.len};
    unsigned fill = HZ_FILL_NONE;
    for (size_t i = 0; i < f->marks_count; i++)
        if (f->marks[i].column == column && (unsigned)f->marks[i].severity < fill)
            fill = (unsigned)f->marks[i].severity;
    HZ_TRY(hz_sheet_value(&f->sheet, &f->book, column, field, value, fill, err));
    return fill == HZ_FILL_NONE || f->comments++ >= COMMENTS_MAX ? HZ_OK : comment(f, column, err);
}

static hz_status put_row(hz_form_file *f, const hz_found_row *row, hz_error *err)
{
    if (!same_columns(f, row) || hz_sheet_is_full(&f->sheet))
        HZ_TRY(begin_sheet(f, row, err));
    for (size_t c = 0; c < row->columns_count; c++)
        HZ_TRY(put_cell(f, row, c, err));
    HZ_TRY(hz_sheet_count(&f->sheet, &f->book, row->columns_count, row->line, HZ_FILL_NONE, err));
    if (f->messages.len)
        HZ_TRY(hz_sheet_text(&f->sheet, &f->book, row->columns_count + 1,
                             hz_slice_sub(hz_buf_slice(&f->messages), 0, f->messages.len - 1), HZ_FILL_NONE, err));
    f->marks_count = 0;
    hz_buf_reset(&f->messages);
    return hz_sheet_next(&f->sheet, &f->book, err);
}

/* ---- open, close ---- */

static void release(hz_form_file *f)
{
    hz_book_abandon(&f->book);
    hz_arena_free(f->arena);
    hz_mem_free(f->marks);
    hz_buf_clear(&f->messages);
    hz_buf_clear(&f->text);
    hz_mem_free(f);
}

static hz_status open_file(hz_form_file **out, const char *temp_path, const char *path, const hz_form_given *given,
                           hz_error *err)
{
    *out = NULL;
    hz_form_file *f = hz_mem_zalloc(1, sizeof *f);
    if (!f)
        return hz_nomem(err, sizeof *f);
    f->arena = hz_arena_new();
    hz_status st = f->arena ? hz_book_open(&f->book, temp_path, path, given, err) : hz_nomem(err, sizeof(void *));
    if (st == HZ_OK)
        *out = f;
    else
        release(f);
    return st;
}

static hz_status close_file(hz_form_file *f, hz_error *err)
{
    hz_status st = hz_book_close(&f->book, err);
    release(f);
    return st;
}

const hz_form hz_form_annotated = {.suffix = ".xlsx",
                                   .part = "libxlsxwriter",
                                   .built_in = true,
                                   .open = open_file,
                                   .put = put,
                                   .row = put_row,
                                   .close = close_file,
                                   .abandon = release};
#else
const hz_form hz_form_annotated = {.suffix = ".xlsx", .part = "libxlsxwriter", .built_in = false};
#endif
