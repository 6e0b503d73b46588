/* sheet.c: see sheet_int.h. */
#include "reports/findings/sheet_int.h"
#ifdef HZ_XLSXWRITER
#include "base/alloc.h"
#include "base/calendar.h"
#include "base/utf8.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/statvfs.h>

enum {
    CELL_BYTES_MAX = 32767, /* Excel's limit in characters; no text has more of them than bytes */
    NAME_CHARS_MAX = 31,
    ROWS_A_LOOK = 1024,
    DIGITS_MAX = 15,     /* of a number that a spreadsheet keeps */
    CREATED = 946684800, /* one time for all, so that same findings give same bytes */
    FIRST_YEAR = 1900
};
static const uint64_t ROOM_BYTES = 16 << 20; /* in the temporary folder, for the rows until the next look */

/* Colours of fatal, error, warning, info; and none. */
static const lxw_color_t fills[HZ_FILLS] = {0xF8A5A5, 0xFFC7CE, 0xFFEB9C, 0xDDEBF7, 0};

static const char *const number_formats[HZ_BOOK_SCALES] = {"0",      "0.0",     "0.00",    "0.000",
                                                           "0.0000", "0.00000", "0.000000"};

static hz_status failed(const hz_book *book, lxw_error rc, hz_error *err)
{
    if (rc == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return hz_nomem(err, 0);
    return hz_form_failed(err, book->path, errno == ENOSPC || errno == EDQUOT ? errno : 0, lxw_strerror(rc));
}

static hz_status did(const hz_book *book, lxw_error rc, hz_error *err)
{
    return rc == LXW_NO_ERROR ? HZ_OK : failed(book, rc, err);
}

/* ---- the book ---- */

static lxw_format *make_format(hz_book *book, size_t fill, const char *number)
{
    lxw_format *format = workbook_add_format(book->workbook);
    if (!format)
        return NULL;
    format_set_num_format(format, number);
    if (fill != HZ_FILL_NONE) {
        format_set_pattern(format, LXW_PATTERN_SOLID);
        format_set_bg_color(format, fills[fill]);
    }
    return format;
}

static hz_status make_formats(hz_book *book, hz_error *err)
{
    bool ok = true;
    book->heading = make_format(book, HZ_FILL_NONE, "@");
    if (book->heading)
        format_set_bold(book->heading);
    for (size_t f = 0; f < HZ_FILLS; f++) {
        book->text[f] = make_format(book, f, "@");
        book->date[f] = make_format(book, f, "yyyy-mm-dd");
        ok = ok && book->text[f] && book->date[f];
        for (size_t s = 0; s < HZ_BOOK_SCALES; s++) {
            book->number[f][s] = make_format(book, f, number_formats[s]);
            ok = ok && book->number[f][s];
        }
    }
    return ok && book->heading ? HZ_OK : hz_nomem(err, sizeof(void *));
}

hz_status hz_book_open(hz_book *book, const char *temp_path, const char *path, const hz_form_given *given,
                       hz_error *err)
{
    const char *temp = given->temp ? given->temp : getenv("TMPDIR");
    *book = (hz_book){.given = given, .path = path, .temp = temp && *temp ? temp : "/tmp"};
    char *folder = NULL;
    if (given->temp) { /* the library copies it, but its type is not const */
        folder = hz_mem_alloc(strlen(given->temp) + 1);
        if (!folder)
            return hz_nomem(err, strlen(given->temp) + 1);
        memcpy(folder, given->temp, strlen(given->temp) + 1);
    }
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = folder, .use_zip64 = LXW_TRUE};
    book->workbook = workbook_new_opt(temp_path, &options);
    hz_mem_free(folder);
    if (!book->workbook)
        return hz_nomem(err, sizeof *book->workbook);
    lxw_doc_properties properties = {.created = CREATED};
    hz_status st = did(book, workbook_set_properties(book->workbook, &properties), err);
    return st == HZ_OK ? make_formats(book, err) : st;
}

hz_status hz_book_close(hz_book *book, hz_error *err)
{
    errno = 0;
    lxw_error rc = workbook_close(book->workbook); /* frees it */
    book->workbook = NULL;
    hz_buf_clear(&book->scratch);
    return did(book, rc, err);
}

void hz_book_abandon(hz_book *book)
{
    if (book->workbook)
        lxw_workbook_free(book->workbook);
    book->workbook = NULL;
    hz_buf_clear(&book->scratch);
}

/* ---- a sheet ---- */

/* What Excel takes as a name: at most 31 characters, none of []:*?/\ and no ' at the ends. */
static hz_slice sheet_name(hz_book *book, hz_slice name, unsigned again)
{
    char end[16] = "";
    hz_buf *out = &book->scratch;
    hz_buf_reset(out);
    if (again > 1)
        (void)snprintf(end, sizeof end, " (%u)", again);
    hz_buf_put(out, hz_slice_sub(name, 0, hz_utf8_offset(name, NAME_CHARS_MAX - strlen(end))));
    for (size_t i = 0; i < out->len; i++)
        if (strchr("[]:*?/\\'", out->ptr[i]))
            out->ptr[i] = '_';
    hz_buf_puts(out, end);
    return hz_buf_slice(out);
}

hz_status hz_sheet_begin(hz_sheet *out, hz_book *book, hz_slice name, unsigned again, const hz_slice *headings,
                         size_t count, hz_error *err)
{
    *out = (hz_sheet){.columns = (lxw_col_t)count};
    if (count > LXW_COL_MAX)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("xlsx_columns"), HZ_U(LXW_COL_MAX));
    hz_slice said = sheet_name(book, name, again);
    HZ_TRY(hz_buf_status(&book->scratch, err));
    out->sheet = workbook_add_worksheet(book->workbook, said.ptr);
    if (!out->sheet) /* a name that is taken already, of a table whose name was cut */
        out->sheet = workbook_add_worksheet(book->workbook, NULL);
    if (!out->sheet)
        return hz_nomem(err, sizeof *out->sheet);
    worksheet_freeze_panes(out->sheet, 1, 0);
    if (count)
        worksheet_set_column(out->sheet, 0, (lxw_col_t)(count - 1), 16, NULL);
    for (size_t c = 0; c < count; c++)
        HZ_TRY(did(book, worksheet_write_string(out->sheet, 0, (lxw_col_t)c, headings[c].ptr, book->heading), err));
    out->row = 1;
    book->sheets++;
    return HZ_OK;
}

/* As a C string in the scratch buffer, cut where Excel would not take more. */
static const char *c_text(hz_book *book, hz_slice text)
{
    hz_buf *out = &book->scratch;
    if (text.ptr != out->ptr) {
        hz_buf_reset(out);
        hz_buf_put(out, text);
    }
    if (out->len > CELL_BYTES_MAX) {
        out->len = hz_utf8_valid_prefix(hz_slice_sub(hz_buf_slice(out), 0, CELL_BYTES_MAX));
        out->ptr[out->len] = '\0';
    }
    return out->ptr ? out->ptr : "";
}

hz_status hz_sheet_text(hz_sheet *sheet, hz_book *book, size_t column, hz_slice text, unsigned fill, hz_error *err)
{
    const char *cell = c_text(book, text);
    HZ_TRY(hz_buf_status(&book->scratch, err));
    if (!*cell && fill == HZ_FILL_NONE)
        return HZ_OK;
    return did(book, worksheet_write_string(sheet->sheet, sheet->row, (lxw_col_t)column, cell, book->text[fill]), err);
}

hz_status hz_sheet_count(hz_sheet *sheet, hz_book *book, size_t column, uint64_t n, unsigned fill, hz_error *err)
{
    return did(book,
               worksheet_write_number(sheet->sheet, sheet->row, (lxw_col_t)column, (double)n, book->number[fill][0]),
               err);
}

static bool read_day(int32_t *day, const hz_field *field, hz_slice text)
{
    int64_t days;
    for (size_t i = 0; field->type == HZ_FIELD_DATE && i < field->formats_count; i++)
        if (hz_time_parse(&days, &field->formats[i], text)) {
            *day = (int32_t)days;
            return hz_date_to_civil(*day).year >= FIRST_YEAR;
        }
    return false;
}

/* Digits that a spreadsheet shows again as they were: no sign but -, no zeros before, fifteen at most. *scale: fraction
 * digits. */
static bool is_number(size_t *scale, const hz_field *field, hz_slice text)
{
    size_t at = text.len && text.ptr[0] == '-', digits = 0, point = SIZE_MAX, first = at;
    if (field->type != HZ_FIELD_INTEGER && field->type != HZ_FIELD_DECIMAL)
        return false;
    for (; at < text.len; at++) {
        if (text.ptr[at] == '.' && point == SIZE_MAX)
            point = at;
        else if (text.ptr[at] >= '0' && text.ptr[at] <= '9')
            digits++;
        else
            return false;
    }
    size_t whole = (point == SIZE_MAX ? text.len : point) - first;
    *scale = point == SIZE_MAX ? 0 : text.len - point - 1;
    return whole > 0 && (whole == 1 || text.ptr[first] != '0') && digits <= DIGITS_MAX && *scale < HZ_BOOK_SCALES &&
           (point == SIZE_MAX || *scale > 0);
}

hz_status hz_sheet_value(hz_sheet *sheet, hz_book *book, size_t column, const hz_field *field, hz_shown value,
                         unsigned fill, hz_error *err)
{
    bool open = value.mask == HZ_MASK_NONE || book->given->options.reveal;
    int32_t day;
    size_t scale;
    if (field && open && !value.null && !field->many.len && read_day(&day, field, value.text)) {
        hz_civil civil = hz_date_to_civil(day);
        lxw_datetime date = {.year = (int)civil.year, .month = (int)civil.month, .day = (int)civil.day};
        return did(book, worksheet_write_datetime(sheet->sheet, sheet->row, (lxw_col_t)column, &date, book->date[fill]),
                   err);
    }
    if (field && open && !value.null && !field->many.len && is_number(&scale, field, value.text)) {
        double number = strtod(c_text(book, value.text), NULL);
        return did(
            book,
            worksheet_write_number(sheet->sheet, sheet->row, (lxw_col_t)column, number, book->number[fill][scale]),
            err);
    }
    hz_buf_reset(&book->scratch);
    if (!value.null)
        hz_put_shown(&book->scratch, value, book->given->options.reveal);
    return hz_sheet_text(sheet, book, column, hz_buf_slice(&book->scratch), fill, err);
}

hz_status hz_sheet_comment(hz_sheet *sheet, hz_book *book, size_t column, hz_slice text, hz_error *err)
{
    lxw_comment_options options = {.author = "hezhun", .width = 320};
    const char *comment = c_text(book, text);
    HZ_TRY(hz_buf_status(&book->scratch, err));
    return did(book, worksheet_write_comment_opt(sheet->sheet, sheet->row, (lxw_col_t)column, comment, &options), err);
}

hz_status hz_sheet_next(hz_sheet *sheet, hz_book *book, hz_error *err)
{
    struct statvfs room;
    (void)worksheet_autofilter(sheet->sheet, 0, 0, sheet->row, sheet->columns ? (lxw_col_t)(sheet->columns - 1) : 0);
    sheet->row++;
    if (++book->rows % ROWS_A_LOOK || statvfs(book->temp, &room) != 0 || !room.f_blocks)
        return HZ_OK;
    return (uint64_t)room.f_bavail * room.f_frsize >= ROOM_BYTES ? HZ_OK
                                                                 : hz_form_failed(err, book->temp, ENOSPC, NULL);
}
#endif
