/* xlsx.c: findings as a workbook for those who mend the data: a sheet a table, one column for each part of the table's
 * key. A sheet holds what Excel takes (1,048,575 findings); more go on in the next. */
#include "reports/findings/sheet_int.h"
#ifdef HZ_XLSXWRITER
#include "base/alloc.h"

enum {
    COLUMNS_BEFORE = 7,
    COLUMNS_BEHIND = 11,
};

struct hz_form_file {
    hz_book book;
    hz_sheet sheet;
    uint32_t table; /* whose sheet it is; UINT32_MAX: none yet */
    unsigned again;
    hz_buf text;
};

static const hz_slice before[COLUMNS_BEFORE] = {{"rule", 4},   {"title", 5}, {"severity", 8}, {"status", 6},
                                                {"source", 6}, {"line", 4},  {"where", 5}};
static const hz_slice behind[COLUMNS_BEHIND] = {{"group", 5},       {"fields", 6}, {"message", 7},     {"expected", 8},
                                                {"difference", 10}, {"repair", 6}, {"related", 7},     {"echo", 4},
                                                {"region", 6},      {"unit", 4},   {"fingerprint", 11}};

static hz_status begin_sheet(hz_form_file *f, uint32_t table, hz_error *err)
{
    const hz_result_table *t = &f->book.given->result->tables[table];
    size_t keys = t->table->key_count, n = 0;
    f->again = f->table == table ? f->again + 1 : 1;
    f->table = table;
    hz_slice *headings = hz_mem_zalloc(COLUMNS_BEFORE + keys + COLUMNS_BEHIND, sizeof *headings);
    if (!headings)
        return hz_nomem(err, keys * sizeof *headings);
    for (size_t i = 0; i < COLUMNS_BEFORE; i++)
        headings[n++] = before[i];
    for (size_t i = 0; i < keys; i++)
        headings[n++] = t->table->key[i]->name; /* the arena's copies end in NUL */
    for (size_t i = 0; i < COLUMNS_BEHIND; i++)
        headings[n++] = behind[i];
    hz_status st = hz_sheet_begin(&f->sheet, &f->book, t->name, f->again, headings, n, err);
    hz_mem_free(headings);
    return st;
}

static hz_status text_cell(hz_form_file *f, size_t column, hz_slice text, hz_error *err)
{
    return hz_sheet_text(&f->sheet, &f->book, column, text, HZ_FILL_NONE, err);
}

static hz_status shown_cell(hz_form_file *f, size_t column, bool present, hz_shown value, hz_error *err)
{
    return present ? hz_sheet_value(&f->sheet, &f->book, column, NULL, value, HZ_FILL_NONE, err) : HZ_OK;
}

static hz_status pairs_cell(hz_form_file *f, size_t column, const hz_named *items, size_t count, hz_error *err)
{
    hz_buf_reset(&f->text);
    hz_put_pairs(&f->text, items, count, f->book.given->options.reveal);
    HZ_TRY(hz_buf_status(&f->text, err));
    return text_cell(f, column, hz_buf_slice(&f->text), err);
}

static hz_status put_before(hz_form_file *f, const hz_found *found, hz_error *err)
{
    const hz_result *result = f->book.given->result;
    const hz_finding *finding = found->finding;
    HZ_TRY(text_cell(f, 0, found->rule->rule->id, err));
    HZ_TRY(text_cell(f, 1, hz_title_of(found->rule->rule, f->book.given->options.lang), err));
    HZ_TRY(text_cell(f, 2, hz_slice_of(hz_severity_name(finding->severity)), err));
    HZ_TRY(text_cell(f, 3, hz_slice_of(hz_life_name(found->rule->life)), err));
    HZ_TRY(text_cell(f, 4, hz_place_source(result, &finding->at), err));
    if (finding->at.line)
        HZ_TRY(hz_sheet_count(&f->sheet, &f->book, 5, finding->at.line, HZ_FILL_NONE, err));
    return text_cell(f, 6, finding->at.where, err);
}

static hz_status put_key(hz_form_file *f, const hz_finding *finding, hz_error *err)
{
    const hz_table *table = f->book.given->result->tables[f->table].table;
    for (size_t i = 0; !finding->group && i < finding->at.key_count && i < table->key_count; i++)
        HZ_TRY(hz_sheet_value(&f->sheet, &f->book, COLUMNS_BEFORE + i, table->key[i], finding->at.key[i].value,
                              HZ_FILL_NONE, err));
    return HZ_OK;
}

static hz_status put_behind(hz_form_file *f, const hz_found *found, size_t at, hz_error *err)
{
    const hz_finding *finding = found->finding;
    const hz_form_given *given = f->book.given;
    if (finding->group)
        HZ_TRY(pairs_cell(f, at, finding->at.key, finding->at.key_count, err));
    HZ_TRY(pairs_cell(f, at + 1, finding->at.fields, finding->at.fields_count, err));
    hz_buf_reset(&f->text);
    hz_put_message(&f->text, finding, given->options.lang, given->options.reveal);
    HZ_TRY(hz_buf_status(&f->text, err));
    HZ_TRY(text_cell(f, at + 2, hz_buf_slice(&f->text), err));
    HZ_TRY(shown_cell(f, at + 3, finding->has_expected, finding->expected, err));
    HZ_TRY(shown_cell(f, at + 4, finding->has_difference, finding->difference, err));
    HZ_TRY(shown_cell(f, at + 5, finding->has_repair, finding->repair, err));
    hz_buf_reset(&f->text);
    hz_put_places(&f->text, given->result, finding->related, finding->related_count, given->options.reveal);
    HZ_TRY(hz_buf_status(&f->text, err));
    HZ_TRY(text_cell(f, at + 6, hz_buf_slice(&f->text), err));
    HZ_TRY(pairs_cell(f, at + 7, finding->echo, finding->echo_count, err));
    HZ_TRY(text_cell(f, at + 8, hz_slice_of(found->region), err));
    HZ_TRY(shown_cell(f, at + 9, !found->unit.null, found->unit, err));
    return text_cell(f, at + 10, hz_slice_of(finding->fingerprint), err);
}

static hz_status put(hz_form_file *f, const hz_found *found, hz_error *err)
{
    uint32_t table = found->finding->at.table;
    if (f->table != table || hz_sheet_is_full(&f->sheet))
        HZ_TRY(begin_sheet(f, table, err));
    HZ_TRY(put_before(f, found, err));
    HZ_TRY(put_key(f, found->finding, err));
    size_t keys = f->book.given->result->tables[table].table->key_count;
    HZ_TRY(put_behind(f, found, COLUMNS_BEFORE + keys, err));
    return hz_sheet_next(&f->sheet, &f->book, err);
}

static void release(hz_form_file *f)
{
    hz_book_abandon(&f->book);
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
    f->table = UINT32_MAX;
    hz_status st = hz_book_open(&f->book, temp_path, path, given, err);
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

const hz_form hz_form_xlsx = {.suffix = ".xlsx",
                              .part = "libxlsxwriter",
                              .built_in = true,
                              .open = open_file,
                              .put = put,
                              .close = close_file,
                              .abandon = release};
#else
const hz_form hz_form_xlsx = {.suffix = ".xlsx", .part = "libxlsxwriter", .built_in = false};
#endif
