/* xlsx_book.c: see xlsx_int.h. libxlsxwriter writes to a path: here that of a file without a name, read back when the
 * book is closed. Its zip entries carry no time of their own and the book's date is set, so that the same result gives
 * the same bytes. */
#include "reports/xlsx_int.h"
#ifdef HZ_XLSXWRITER
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/calendar.h"

enum {
    EPOCH_1980 = 315532800, /* the least that a zip can say */
    SERIAL_1970 = 25569,    /* Excel's number of 1970-01-01 */
    SERIAL_FIRST = 61,      /* 1900-03-01: Excel has a day too many before */
    EXACT_SCALE = 22,       /* 10^22 is the last power of ten that a double holds */
    PIECE_BYTES = 1 << 16,
    SPARE_BYTES = 1 << 20
};
static const double exact_most = 9007199254740992.0; /* 2^53 */

/* ---- the book ---- */

static const char *folder_of(const hz_render_options *options)
{
    const char *folder = options->temp ? options->temp : getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

static int open_unnamed(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    return memfd_create("hezhun-xlsx", MFD_CLOEXEC); /* a file system without such files */
}

static lxw_format *format_of(hz_xlsx *x, const char *number)
{
    lxw_format *format = workbook_add_format(x->book);
    if (format)
        format_set_num_format(format, number);
    else if (!x->error)
        x->error = LXW_ERROR_MEMORY_MALLOC_FAILED;
    return format;
}

static void make_formats(hz_xlsx *x)
{
    x->head = format_of(x, "@");
    x->text = format_of(x, "@");
    x->count = format_of(x, "#,##0");
    x->decimal = format_of(x, "General");
    x->share = format_of(x, "0.00%");
    x->day = format_of(x, "yyyy-mm-dd");
    x->moment = format_of(x, "yyyy-mm-dd hh:mm:ss");
    if (x->error)
        return;
    format_set_bold(x->head);
    format_set_bg_color(x->head, 0xDDE6F0);
    format_set_bottom(x->head, LXW_BORDER_THIN);
}

hz_status hz_xlsx_begin(hz_xlsx *x, hz_buf *out, const hz_result *result, const hz_render_options *options,
                        hz_error *err)
{
    const char *folder = folder_of(options);
    char path[64], copy[4096];
    *x = (hz_xlsx){.face = HZ_FACE_INIT(out, result, options), .fd = open_unnamed(folder), .cell = HZ_BUF_INIT};
    if (x->fd < 0)
        return hz_fail(err, HZ_E_IO, HZ_M(XLSX_TEMP), HZ_Z(folder), HZ_Z(strerror(errno)));
    snprintf(path, sizeof path, "/proc/self/fd/%d", x->fd);
    snprintf(copy, sizeof copy, "%s", folder); /* the library takes no const */
    lxw_workbook_options how = {.constant_memory = LXW_TRUE, .tmpdir = copy, .use_zip64 = LXW_TRUE};
    lxw_doc_properties properties = {.created = EPOCH_1980};
    x->book = workbook_new_opt(path, &how);
    if (!x->book) {
        close(x->fd);
        return hz_nomem(err, sizeof *x);
    }
    x->error = workbook_set_properties(x->book, &properties);
    make_formats(x);
    return HZ_OK;
}

/* The library does not look whether what it writes to temporary files arrives. So the rows are looked at as each sheet
 * ends, and room for what closing takes (the longest sheet once more, and the packed ones) is there before it begins:
 * asked for and given back. */
static int room_for_close(const hz_xlsx *x)
{
    int fd = open_unnamed(folder_of(x->face.options));
    off_t bytes = (off_t)(x->rows_most_bytes + x->rows_bytes / 2 + SPARE_BYTES);
    int number = fd < 0 ? errno : posix_fallocate(fd, 0, bytes);
    if (fd >= 0)
        close(fd);
    return number;
}

static void count_rows(hz_xlsx *x)
{
    FILE *rows = x->sheet->optimize_tmpfile;
    if (!rows)
        return;
    off_t bytes = fflush(rows) == 0 && !ferror(rows) ? ftello(rows) : -1;
    if (bytes < 0) {
        x->full = true;
        return;
    }
    x->rows_bytes += (uint64_t)bytes;
    x->rows_most_bytes = (uint64_t)bytes > x->rows_most_bytes ? (uint64_t)bytes : x->rows_most_bytes;
}

static hz_status read_back(hz_xlsx *x, hz_error *err)
{
    hz_buf *out = x->face.out;
    off_t at = 0;
    for (;;) {
        char *into = hz_buf_reserve(out, PIECE_BYTES);
        if (!into)
            return HZ_OK; /* the buffer knows */
        ssize_t got = pread(x->fd, into, PIECE_BYTES, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hz_fail(err, HZ_E_IO, HZ_M(XLSX_FAILED), HZ_Z(strerror(errno)));
        if (got == 0)
            return HZ_OK;
        at += got;
        out->len += (size_t)got;
        out->ptr[out->len] = '\0';
    }
}

hz_status hz_xlsx_end(hz_xlsx *x, hz_error *err)
{
    int number = x->full ? ENOSPC : room_for_close(x);
    lxw_error error = workbook_close(x->book);
    hz_status st = HZ_OK;
    error = x->error ? x->error : error;
    if (number)
        st = hz_fail(err, HZ_E_IO, HZ_M(XLSX_TEMP), HZ_Z(folder_of(x->face.options)), HZ_Z(strerror(number)));
    else if (error == LXW_ERROR_MEMORY_MALLOC_FAILED)
        st = hz_nomem(err, sizeof *x);
    else if (error)
        st = hz_fail(err, HZ_E_IO, HZ_M(XLSX_FAILED), HZ_Z(lxw_strerror(error)));
    else
        st = read_back(x, err);
    close(x->fd);
    if (x->cell.status != HZ_OK && x->face.out->status == HZ_OK)
        x->face.out->status = x->cell.status;
    hz_buf_clear(&x->cell);
    hz_status rest = hz_face_end(&x->face, st == HZ_OK ? err : NULL);
    return st == HZ_OK ? rest : st;
}

/* ---- sheets and rows ---- */

static void told(hz_xlsx *x, lxw_error error)
{
    if (error && !x->error)
        x->error = error;
}

void hz_xlsx_sheet(hz_xlsx *x, hz_msg_id name, const hz_xlsx_column *columns, size_t count)
{
    x->sheet = workbook_add_worksheet(x->book, hz_face_word(&x->face, name).ptr);
    x->row = 0;
    x->col = 0;
    x->columns = (lxw_col_t)count;
    x->cut = 0;
    if (!x->sheet) {
        told(x, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        told(x, worksheet_set_column(x->sheet, (lxw_col_t)i, (lxw_col_t)i, columns[i].width, NULL));
        told(x, worksheet_write_string(x->sheet, 0, (lxw_col_t)i, hz_face_word(&x->face, columns[i].heading).ptr,
                                       x->head));
    }
    worksheet_freeze_panes(x->sheet, 1, 0);
}

bool hz_xlsx_row(hz_xlsx *x)
{
    if (!x->sheet)
        return false;
    if (x->row == HZ_XLSX_ROWS) {
        x->cut++;
        return false;
    }
    x->row++;
    x->col = 0;
    return true;
}

void hz_xlsx_sheet_end(hz_xlsx *x)
{
    char range[64];
    if (!x->sheet)
        return;
    told(x, worksheet_autofilter(x->sheet, 0, 0, x->row, (lxw_col_t)(x->columns - 1)));
    if (x->cut) {
        hz_digits shown = hz_text_count(x->row), all = hz_text_count(x->row + x->cut);
        x->row++;
        x->col = 0;
        hz_xlsx_text(x, HZ_FACE_SAY(&x->face, XLSX_CUT, HZ_DIGITS(shown), HZ_DIGITS(all)));
    }
    snprintf(range, sizeof range, "A1:Z%u", x->row + 1);
    count_rows(x);
    told(x, worksheet_ignore_errors(x->sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, range));
}

/* ---- cells ---- */

void hz_xlsx_skip(hz_xlsx *x, unsigned cells)
{
    x->col = (lxw_col_t)(x->col + cells);
}

/* Excel reads _x0041_ as the character of that number: its own way of escaping, which the library leaves to us. */
static bool looks_escaped(hz_slice text, size_t at)
{
    if (at + 7 > text.len || text.ptr[at] != '_' || text.ptr[at + 1] != 'x' || text.ptr[at + 6] != '_')
        return false;
    for (size_t i = at + 2; i < at + 6; i++)
        if (!strchr("0123456789abcdefABCDEF", text.ptr[i]))
            return false;
    return true;
}

/* U+FFFE and U+FFFF, which XML forbids and a terminal does not mind. */
static bool is_noncharacter(hz_slice text, size_t at)
{
    return at + 3 <= text.len && text.ptr[at] == '\xEF' && text.ptr[at + 1] == '\xBF' &&
           (text.ptr[at + 2] == '\xBE' || text.ptr[at + 2] == '\xBF');
}

static void put_cell(hz_buf *cell, hz_slice text)
{
    size_t plain = 0, end = text.len;
    if (end > HZ_XLSX_CELL_BYTES) {
        end = HZ_XLSX_CELL_BYTES;
        while (end && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
            end--;
    }
    for (size_t i = 0; i < end; i++) {
        bool escaped = looks_escaped(text, i);
        if (!escaped && !is_noncharacter(text, i))
            continue;
        hz_buf_put(cell, hz_slice_sub(text, plain, i));
        hz_buf_puts(cell, escaped ? "_x005F" : text.ptr[i + 2] == '\xBE' ? "\\u{FFFE}" : "\\u{FFFF}");
        plain = escaped ? i : i + 3;
    }
    hz_buf_put(cell, hz_slice_sub(text, plain, end));
    if (end < text.len)
        hz_buf_puts(cell, "…");
}

void hz_xlsx_text(hz_xlsx *x, hz_slice text)
{
    lxw_col_t col = x->col++;
    if (!text.len)
        return;
    hz_buf_reset(&x->cell);
    put_cell(&x->cell, hz_face_safe(&x->face, text));
    if (x->cell.status == HZ_OK)
        told(x, worksheet_write_string(x->sheet, x->row, col, x->cell.ptr, x->text));
    else if (x->face.out->status == HZ_OK)
        x->face.out->status = x->cell.status;
}

void hz_xlsx_word(hz_xlsx *x, hz_msg_id id)
{
    hz_xlsx_text(x, hz_face_word(&x->face, id));
}

static void put_number(hz_xlsx *x, double value, lxw_format *format)
{
    told(x, worksheet_write_number(x->sheet, x->row, x->col++, value, format));
}

void hz_xlsx_count(hz_xlsx *x, uint64_t n)
{
    put_number(x, (double)n, x->count);
}

/* Whole numbers up to 2^53 and powers of ten up to 10^22 are exact, so their quotient is rounded once. */
static bool as_double(double *out, hz_decimal value)
{
    double power = 1;
    value = hz_decimal_normal(value);
    *out = (double)value.coef;
    if (*out > exact_most || *out < -exact_most || value.scale > EXACT_SCALE)
        return false;
    for (int i = 0; i < value.scale; i++)
        power *= 10;
    *out /= power;
    return true;
}

void hz_xlsx_decimal(hz_xlsx *x, bool present, hz_decimal value)
{
    double number;
    if (!present)
        x->col++;
    else if (as_double(&number, value))
        put_number(x, number, x->decimal);
    else
        hz_xlsx_text(x, hz_face_decimal(&x->face, value));
}

void hz_xlsx_share(hz_xlsx *x, hz_decimal value)
{
    double number;
    if (as_double(&number, value))
        put_number(x, number, x->share);
    else
        hz_xlsx_text(x, hz_face_decimal(&x->face, value));
}

void hz_xlsx_day(hz_xlsx *x, int32_t day)
{
    if (day + SERIAL_1970 >= SERIAL_FIRST)
        put_number(x, day + SERIAL_1970, x->day);
    else
        hz_xlsx_text(x, hz_face_day(&x->face, day));
}

void hz_xlsx_moment(hz_xlsx *x, const char *iso)
{
    hz_time_format format;
    int64_t micros;
    hz_slice text = hz_slice_of(iso);
    hz_time_format_iso(&format, HZ_TIME_DATETIME);
    if (text.len && hz_time_parse(&micros, &format, hz_slice_sub(text, 0, text.len - 1)))
        put_number(x, (double)(micros / 1000000) / 86400.0 + SERIAL_1970, x->moment);
    else
        hz_xlsx_text(x, text);
}

void hz_xlsx_shown(hz_xlsx *x, bool present, hz_shown value)
{
    hz_xlsx_text(x, present ? hz_face_shown(&x->face, value) : HZ_SLICE_NONE);
}
#else
typedef int hz_no_workbooks; /* a file without content is no C */
#endif
