/* The scanner without vectors: the plain reading that the others are compared with. It shares no code with them. */
#include "base/utf8.h"
#include "validator/source/csv_scan.h"

typedef struct state {
    bool inside;
    char before;         /* the byte before; the delimiter stands for a record's start */
    bool before_closing; /* … and it was a closing quote */
} state;

static bool is_line(char c)
{
    return c == '\n' || c == '\r';
}

static void put(hz_csv_scan *scan, size_t at, bool line_end)
{
    if (line_end)
        scan->ends[scan->ends_count++] = scan->at_count;
    scan->at[scan->at_count++] = (uint32_t)at;
}

/* Reads one byte; false when it shows that a quote is not regular. */
static bool step(hz_csv_scan *scan, state *s, char c, size_t at, char delimiter)
{
    bool edge = c == delimiter || c == '"' || is_line(c);
    bool edge_before = s->before == delimiter || s->before == '"' || is_line(s->before);
    bool closing = false;

    if (s->before_closing && !edge)
        return false;
    if (c == '"') {
        if (!s->inside && !edge_before)
            return false;
        scan->escapes |= !s->inside && s->before_closing;
        closing = s->inside;
        s->inside = !s->inside;
    } else if (s->inside) {
        scan->quoted_lines |= is_line(c) && !(c == '\n' && s->before == '\r');
    } else if (is_line(c)) {
        if (!(c == '\n' && s->before == '\r'))
            put(scan, at, true);
    } else if (c == delimiter) {
        put(scan, at, false);
    }
    scan->nul |= c == '\0';
    scan->high |= (unsigned char)c > 0x7f;
    s->before = c;
    s->before_closing = closing;
    return true;
}

static void scan_bytes(hz_csv_scan *scan, const char *bytes, size_t from, size_t to, char delimiter)
{
    state s = {false, delimiter, false};

    scan->at_count = scan->ends_count = 0;
    scan->irregular = scan->escapes = scan->quoted_lines = scan->nul = scan->high = false;
    scan->stopped = to;
    for (size_t at = from; at < to; at++) {
        if ((at - from) % HZ_CSV_CHUNK == 0 && scan->at_count > scan->capacity) {
            scan->stopped = at;
            return;
        }
        if (!step(scan, &s, bytes[at], at, delimiter)) {
            scan->irregular = true;
            scan->stopped = at;
            return;
        }
    }
}

static bool utf8_valid(const char *bytes, size_t len)
{
    return hz_utf8_valid((hz_slice){bytes, len});
}

const hz_csv_scanner hz_csv_scanner_scalar = {"scalar", scan_bytes, utf8_valid};
