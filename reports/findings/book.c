/* book.c: see book_int.h. */
#include "base/calendar.h"
#include "reports/findings/book_int.h"

enum { FIRST_YEAR = 1900, SCALES = HZ_STYLES - HZ_STYLE_FIXED };

/* ---- the file ---- */

static hz_status write_on(void *ctx, hz_slice bytes, hz_error *err)
{
    return hz_outfile_write(ctx, bytes, err);
}

void hz_book_file_open(hz_book_file *file, hz_outfile *to)
{
    *file = (hz_book_file){.out = HZ_BUF_INIT, .to = to};
    file->sink = (hz_buf_sink){.write = write_on, .ctx = to, .err = &file->problem};
    file->out.sink = &file->sink;
    hz_book_begin(&file->book, &file->out);
}

hz_status hz_book_file_status(hz_book_file *file, hz_error *err)
{
    if (file->out.status == HZ_OK)
        return HZ_OK;
    if (file->problem.status == HZ_OK)
        return hz_buf_status(&file->out, err);
    if (err)
        *err = file->problem;
    return file->problem.status;
}

hz_status hz_book_file_close(hz_book_file *file, hz_error *err)
{
    hz_status st = hz_book_end(&file->book, NULL); /* the file's status says more */
    hz_buf_drain(&file->out);
    hz_status written = hz_book_file_status(file, err);
    if (written == HZ_OK && st != HZ_OK)
        st = hz_nomem(err, sizeof file->book);
    else
        st = written;
    hz_book_file_clear(file);
    return st;
}

void hz_book_file_clear(hz_book_file *file)
{
    hz_book_clear(&file->book);
    hz_buf_clear(&file->out);
}

/* ---- values ---- */

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
    return whole > 0 && (whole == 1 || text.ptr[first] != '0') && digits <= HZ_BOOK_DIGITS && *scale < SCALES &&
           (point == SIZE_MAX || *scale > 0);
}

void hz_cell_value(hz_cell_row *cells, const hz_field *field, hz_shown value, unsigned fill, bool reveal, bool raw)
{
    bool open = value.mask == HZ_MASK_NONE || reveal;
    bool typed = field && open && !value.null && !field->many.len;
    int32_t day;
    size_t scale;
    if (typed && read_day(&day, field, value.text)) {
        hz_cell_day(cells, day, HZ_STYLE_DAY + fill);
        return;
    }
    if (typed && is_number(&scale, field, value.text)) {
        hz_cell_digits(cells, value.text, HZ_STYLE_FIXED + (unsigned)scale + fill);
        return;
    }
    hz_buf text = HZ_BUF_INIT;
    if (!value.null)
        hz_put_shown(&text, value, reveal);
    if (text.status != HZ_OK && cells->out->status == HZ_OK)
        cells->out->status = text.status;
    if (raw)
        hz_cell_lines(cells, hz_buf_slice(&text), HZ_STYLE_TEXT + fill);
    else
        hz_cell_text(cells, hz_buf_slice(&text), HZ_STYLE_TEXT + fill);
    hz_buf_clear(&text);
}
