/* naive_csv.h: the language of csv.h read a second time, the plainest way: the whole text, one character a step, no
 * limits on records, cells as owned text. For tests alone; it writes the dump of source_kit.h. */
#ifndef HZ_TESTS_NAIVE_CSV_H
#define HZ_TESTS_NAIVE_CSV_H
#include "tests/unit/source/source_kit.h"
#include "validator/source/detect.h"

enum { NAIVE_CELLS = 66 }; /* 64 columns, a last empty field, one to spare */

typedef enum naive_state { NAIVE_START, NAIVE_PLAIN, NAIVE_QUOTED, NAIVE_QUOTE, NAIVE_SPOILT } naive_state;

typedef struct naive_reader {
    hz_slice text;
    char delimiter;
    size_t field_max;
    /* The record being read. */
    hz_buf cells[NAIVE_CELLS];
    size_t fields, opened;
    bool spoilt, open;
    /* The file. */
    size_t columns;
    bool has_header;
    uint64_t records;
} naive_reader;

/* Where the first byte that is not UTF-8 is, or len; decodes by the table 3-7 of the Unicode standard. */
static size_t naive_bad_byte(hz_slice s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    for (size_t i = 0; i < s.len;) {
        size_t n = p[i] < 0x80                    ? 1
                   : p[i] >= 0xc2 && p[i] <= 0xdf ? 2
                   : p[i] >= 0xe0 && p[i] <= 0xef ? 3
                   : p[i] >= 0xf0 && p[i] <= 0xf4 ? 4
                                                  : 0;
        unsigned low = p[i] == 0xe0   ? 0xa0
                       : p[i] == 0xf0 ? 0x90
                                      : 0x80,
                 high = p[i] == 0xed   ? 0x9f
                        : p[i] == 0xf4 ? 0x8f
                                       : 0xbf;
        if (n == 0 || i + n > s.len || (n > 1 && (p[i + 1] < low || p[i + 1] > high)))
            return i;
        for (size_t k = 2; k < n; k++)
            if (p[i + k] < 0x80 || p[i + k] > 0xbf)
                return i;
        i += n;
    }
    return s.len;
}

static uint64_t naive_line_of(hz_slice text, size_t offset)
{
    uint64_t line = 1;
    for (size_t i = 0; i < offset; i++)
        line += text.ptr[i] == '\n' || (text.ptr[i] == '\r' && !(i + 1 < text.len && text.ptr[i + 1] == '\n'));
    return line;
}

static bool naive_is_line(char c)
{
    return c == '\r' || c == '\n';
}

/* Reads the record at `from`; returns the position of its line end, or the text's length. */
static size_t naive_record(naive_reader *n, size_t from)
{
    naive_state state = NAIVE_START;
    n->fields = 1;
    n->spoilt = n->open = false;
    hz_buf_reset(&n->cells[0]);
    for (size_t i = from;; i++) {
        bool end = i == n->text.len;
        char c = end ? '\0' : n->text.ptr[i];
        hz_buf *cell = &n->cells[(n->fields - 1) % NAIVE_CELLS];
        if (state == NAIVE_QUOTED && (end || i - n->opened - 1 > n->field_max)) {
            n->open = true;
            for (i = n->opened + 1; i < n->text.len && !naive_is_line(n->text.ptr[i]); i++)
                ;
            return i;
        }
        if (state == NAIVE_QUOTED) {
            if (c == '"')
                state = NAIVE_QUOTE;
            else
                hz_buf_putc(cell, c);
            continue;
        }
        if (state == NAIVE_QUOTE && !end && c == '"') {
            hz_buf_putc(cell, '"');
            state = NAIVE_QUOTED;
            continue;
        }
        if (end || naive_is_line(c))
            return i;
        if (c == n->delimiter) {
            hz_buf_reset(&n->cells[n->fields++ % NAIVE_CELLS]);
            state = NAIVE_START;
        } else if (state == NAIVE_START && c == '"') {
            n->opened = i;
            state = NAIVE_QUOTED;
        } else {
            n->spoilt |= state == NAIVE_QUOTE;
            state = state == NAIVE_QUOTE || state == NAIVE_SPOILT ? NAIVE_SPOILT : NAIVE_PLAIN;
            hz_buf_putc(cell, c);
        }
    }
}

static void naive_error(hz_buf *out, const naive_reader *n, const char *message, size_t record_at, size_t offset)
{
    hz_buf_printf(out, "E %d %s %llu %zu\n", (int)HZ_E_SOURCE, message,
                  (unsigned long long)naive_line_of(n->text, record_at), offset);
}

/* false: an error was written, there is no more. */
static bool naive_put_header(hz_buf *out, naive_reader *n, size_t from, size_t end)
{
    hz_slice raw = hz_slice_sub(n->text, from, end);
    size_t bad = naive_bad_byte(raw);
    if (n->open)
        naive_error(out, n, "SOURCE_HEADER_OPEN_QUOTE", from, from);
    else if (bad < raw.len)
        naive_error(out, n, "SOURCE_HEADER_ENCODING", from, from + bad);
    else if (memchr(raw.ptr, 0, raw.len))
        naive_error(out, n, "SOURCE_HEADER_NUL", from, from);
    else if (n->spoilt)
        naive_error(out, n, "SOURCE_HEADER_QUOTE", from, from);
    else {
        n->columns = n->fields > 1 && raw.ptr[raw.len - 1] == n->delimiter ? n->fields - 1 : n->fields;
        n->has_header = true;
        if (n->columns > NAIVE_CELLS - 2) {
            hz_buf_puts(out, "TOO WIDE\n");
            return false;
        }
        hz_buf_printf(out, "H %zu:", n->columns);
        for (size_t c = 0; c < n->columns; c++)
            kit_put_slice(out, hz_buf_slice(&n->cells[c]));
        hz_buf_putc(out, '\n');
        return true;
    }
    return false;
}

static void naive_put_record(hz_buf *out, naive_reader *n, size_t from, size_t end)
{
    hz_slice raw = hz_slice_sub(n->text, from, end);
    unsigned long long line = naive_line_of(n->text, from), record = n->records++;
    size_t bad = naive_bad_byte(raw), at = from;
    bool fits = n->fields == n->columns || (n->fields == n->columns + 1 && raw.ptr[raw.len - 1] == n->delimiter);
    int kind = -1;
    if (n->open)
        kind = HZ_BAD_OPEN_QUOTE;
    else if (bad < raw.len) {
        kind = HZ_BAD_ENCODING;
        at += bad;
    } else if (memchr(raw.ptr, 0, raw.len))
        kind = HZ_BAD_NUL;
    else if (n->spoilt)
        kind = HZ_BAD_QUOTE;
    else if (!fits)
        kind = HZ_BAD_FIELD_COUNT;
    if (kind >= 0) {
        hz_buf_printf(out, "B %d %llu %llu %zu %zu/%zu\n", kind, record, line, at, n->fields, n->columns);
        return;
    }
    hz_buf_printf(out, "R %llu %llu %zu:", record, line, from);
    for (size_t c = 0; c < n->columns; c++)
        kit_put_slice(out, hz_buf_slice(&n->cells[c]));
    hz_buf_putc(out, '\n');
}

/* Whether the naive reader does not say what the file holds. */
HZ_UNUSED static bool naive_silent(const hz_buf *dump)
{
    return memmem(dump->ptr, dump->len, "TOO WIDE\n", 9) || memmem(dump->ptr, dump->len, "OTHER ENCODING\n", 15);
}

/* Files of at most 64 columns; wider ones give "TOO WIDE"; files that are not UTF-8 "OTHER ENCODING". */
HZ_UNUSED static void naive_dump(hz_buf *out, hz_slice text, char delimiter, const hz_limits *limits)
{
    hz_encoding encoding = hz_detect_encoding(text, true, NULL);
    size_t at = encoding == HZ_ENCODING_UTF8_BOM ? 3 : 0;
    naive_reader n = {.text = text, .delimiter = delimiter, .field_max = (size_t)limits->value[HZ_LIMIT_FIELD_BYTES]};
    if (encoding != HZ_ENCODING_UTF8 && encoding != HZ_ENCODING_UTF8_BOM) {
        if (encoding == HZ_ENCODING_UNKNOWN)
            hz_buf_printf(out, "E %d SOURCE_ENCODING_UNKNOWN 0 0\n", (int)HZ_E_SOURCE);
        else
            hz_buf_puts(out, "OTHER ENCODING\n");
        return;
    }
    if (!n.delimiter)
        n.delimiter = hz_detect_delimiter(hz_slice_sub(text, at, text.len), true, limits);
    while (at < text.len) {
        size_t end = naive_record(&n, at);
        if (end > at && n.has_header)
            naive_put_record(out, &n, at, end);
        else if (end > at && !naive_put_header(out, &n, at, end))
            goto out;
        at = end;
        if (at < text.len)
            at += text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n' ? 2 : 1;
    }
    if (!n.has_header)
        hz_buf_puts(out, "H 0:\n");
    hz_buf_printf(out, "N %llu\n", (unsigned long long)n.records);
out:
    for (size_t c = 0; c < NAIVE_CELLS; c++)
        hz_buf_clear(&n.cells[c]);
}
#endif
