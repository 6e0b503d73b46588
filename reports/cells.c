/* cells.c: cells of a workbook as XML, one behind the other (book.h). */
#include "base/calendar.h"
#include "base/utf8.h"
#include "reports/book.h"
#include <stdio.h>

enum {
    SERIAL_1970 = 25569, /* Excel's number of 1970-01-01 */
    SERIAL_FIRST = 61,   /* 1900-03-01: Excel has a day too many before */
    SECONDS_A_DAY = 86400,
    CONTROL_BYTES = 8,
    EXACT_SCALE = 22 /* 10^22 is the last power of ten that a double holds */
};
static const int64_t exact_most = INT64_C(1) << 53;

void hz_row_begin(hz_cell_row *cells)
{
    hz_buf_puts(cells->out, "<row>");
}

void hz_row_end(hz_cell_row *cells)
{
    hz_buf_puts(cells->out, "</row>");
}

void hz_cell_skip(hz_cell_row *cells, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        hz_buf_puts(cells->out, "<c/>");
}

void hz_cells_done(hz_cell_row *cells)
{
    if (cells->safe.status != HZ_OK && cells->out->status == HZ_OK)
        cells->out->status = cells->safe.status;
    hz_buf_clear(&cells->safe);
}

static void open_cell(hz_cell_row *cells, unsigned style)
{
    hz_buf_puts(cells->out, "<c s=\"");
    hz_buf_put_u64(cells->out, style);
}

/* ---- text ---- */

/* Excel reads _x0041_ as the character of that number: its own way of escaping. */
static bool looks_escaped(hz_slice text, size_t at)
{
    if (at + 7 > text.len || text.ptr[at + 1] != 'x' || text.ptr[at + 6] != '_')
        return false;
    for (size_t i = at + 2; i < at + 6; i++)
        if (!strchr("0123456789abcdefABCDEF", text.ptr[i]))
            return false;
    return true;
}

/* U+FFFE and U+FFFF, which XML forbids and a terminal does not mind. */
static bool is_noncharacter(hz_slice text, size_t at)
{
    return at + 3 <= text.len && text.ptr[at + 1] == '\xBF' &&
           (text.ptr[at + 2] == '\xBE' || text.ptr[at + 2] == '\xBF');
}

/* What stands for the byte at `at` and how many bytes it takes the place of; NULL: it stands for itself. */
static const char *escape(char control[CONTROL_BYTES], hz_slice text, size_t at, size_t *taken)
{
    *taken = 1;
    switch (text.ptr[at]) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '_':
        return looks_escaped(text, at) ? "_x005F_" : NULL;
    case '\xEF':
        if (!is_noncharacter(text, at))
            return NULL;
        *taken = 3;
        return text.ptr[at + 2] == '\xBE' ? "\\u{FFFE}" : "\\u{FFFF}";
    default:
        if ((unsigned char)text.ptr[at] >= ' ' || text.ptr[at] == '\n' || text.ptr[at] == '\t')
            return NULL;
        (void)snprintf(control, CONTROL_BYTES, "_x%04X_", (unsigned char)text.ptr[at]);
        return control;
    }
}

static void put_escaped(hz_buf *out, hz_slice text)
{
    char control[CONTROL_BYTES];
    size_t plain = 0;
    for (size_t at = 0, taken; at < text.len; at += taken) {
        const char *instead = escape(control, text, at, &taken);
        if (!instead)
            continue;
        hz_buf_put(out, hz_slice_sub(text, plain, at));
        hz_buf_puts(out, instead);
        plain = at + taken;
    }
    hz_buf_put(out, hz_slice_sub(text, plain, text.len));
}

/* Cut where a cell takes no more; the caller says so behind. */
static hz_slice cut(hz_slice text)
{
    size_t end = HZ_BOOK_CELL_BYTES;
    if (text.len <= end)
        return text;
    while (end && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
        end--;
    return hz_slice_sub(text, 0, end);
}

static void put_safe(hz_cell_row *cells, hz_slice text, unsigned style)
{
    bool blanks = text.len && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ' ||
                               memchr(text.ptr, '\n', text.len) || memchr(text.ptr, '\t', text.len));
    hz_slice shown = cut(text);
    open_cell(cells, style);
    hz_buf_puts(cells->out,
                blanks ? "\" t=\"inlineStr\"><is><t xml:space=\"preserve\">" : "\" t=\"inlineStr\"><is><t>");
    put_escaped(cells->out, shown);
    hz_buf_puts(cells->out, shown.len < text.len ? "…</t></is></c>" : "</t></is></c>");
}

static bool is_empty(hz_cell_row *cells, hz_slice text, unsigned style)
{
    if (text.len)
        return false;
    if (style < HZ_STYLES) {
        hz_cell_skip(cells, 1);
    } else {
        open_cell(cells, style);
        hz_buf_puts(cells->out, "\"/>");
    }
    return true;
}

static bool is_plain(hz_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || (unsigned char)text.ptr[i] >= 0x7F)
            return false;
    return true;
}

void hz_cell_text(hz_cell_row *cells, hz_slice text, unsigned style)
{
    if (is_empty(cells, text, style))
        return;
    if (is_plain(text)) {
        put_safe(cells, text, style);
        return;
    }
    hz_buf_reset(&cells->safe);
    hz_utf8_put_safe(&cells->safe, text);
    put_safe(cells, hz_buf_slice(&cells->safe), style);
}

/* As it was submitted, but for what XML forbids: that in Excel's own way of escaping, which the program undoes. */
void hz_cell_lines(hz_cell_row *cells, hz_slice text, unsigned style)
{
    hz_buf *out = &cells->safe;
    if (is_empty(cells, text, style))
        return;
    hz_buf_reset(out);
    for (size_t at = 0, from; at < text.len;) {
        from = at;
        uint32_t c = hz_utf8_next(text, &at);
        if (c == 0xFFFD && at - from == 1)
            hz_utf8_put(out, c);
        else
            hz_buf_put(out, hz_slice_sub(text, from, at));
    }
    put_safe(cells, hz_buf_slice(out), style);
}

/* ---- numbers ---- */

void hz_cell_digits(hz_cell_row *cells, hz_slice digits, unsigned style)
{
    open_cell(cells, style);
    hz_buf_puts(cells->out, "\"><v>");
    hz_buf_put(cells->out, digits);
    hz_buf_puts(cells->out, "</v></c>");
}

void hz_cell_count(hz_cell_row *cells, uint64_t n, unsigned style)
{
    open_cell(cells, style);
    hz_buf_puts(cells->out, "\"><v>");
    hz_buf_put_u64(cells->out, n);
    hz_buf_puts(cells->out, "</v></c>");
}

/* Whole numbers up to 2^53 and powers of ten up to 10^22 are exact, so their quotient is rounded once. */
void hz_cell_decimal(hz_cell_row *cells, hz_decimal value, unsigned style)
{
    value = hz_decimal_normal(value);
    bool exact = value.coef <= exact_most && value.coef >= -exact_most && value.scale <= EXACT_SCALE;
    hz_buf_reset(&cells->safe);
    hz_decimal_put(&cells->safe, value);
    if (exact)
        hz_cell_digits(cells, hz_buf_slice(&cells->safe), style);
    else
        put_safe(cells, hz_buf_slice(&cells->safe), HZ_STYLE_TEXT);
}

void hz_cell_day(hz_cell_row *cells, int32_t day, unsigned style)
{
    if (day + SERIAL_1970 >= SERIAL_FIRST) {
        hz_cell_count(cells, (uint64_t)(day + SERIAL_1970), style);
        return;
    }
    hz_buf_reset(&cells->safe);
    hz_date_put(&cells->safe, day);
    put_safe(cells, hz_buf_slice(&cells->safe), HZ_STYLE_TEXT);
}

void hz_cell_moment(hz_cell_row *cells, hz_slice iso)
{
    hz_time_format format;
    int64_t micros;
    hz_time_format_iso(&format, HZ_TIME_DATETIME);
    if (!iso.len || !hz_time_parse(&micros, &format, hz_slice_sub(iso, 0, iso.len - 1)) || micros < 0) {
        hz_cell_text(cells, iso, HZ_STYLE_TEXT);
        return;
    }
    int64_t seconds = micros / 1000000;
    hz_buf_reset(&cells->safe);
    hz_buf_printf(&cells->safe, "%.8f", (double)seconds / SECONDS_A_DAY + SERIAL_1970);
    hz_cell_digits(cells, hz_buf_slice(&cells->safe), HZ_STYLE_MOMENT);
}
