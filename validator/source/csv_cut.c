/* One record byte by byte.
 *
 * Reading again from behind an open quote's line cannot be made quadratic: a field is given up only when field_max
 * bytes (or all up to the end) hold its quotes in pairs alone, and in such a stretch no line can leave a quote open: a
 * run of quotes at a field's start stays open only when it is odd. */
#include "validator/source/csv_cut.h"

typedef struct cutter {
    hz_csv_cut *cut;
    uint32_t *at;
    size_t capacity;
    const hz_csv_dialect *dialect;
    const char *bytes;
    size_t len;
    bool eof;
} cutter;

static bool is_line(char c)
{
    return c == '\n' || c == '\r';
}

uint64_t hz_csv_count_lines(const char *bytes, size_t len)
{
    uint64_t count = 0;
    char before = 0;
    for (size_t i = 0; i < len; i++) {
        count += bytes[i] == '\r' || (bytes[i] == '\n' && before != '\r');
        before = bytes[i];
    }
    return count;
}

static void put_field(cutter *c, size_t end)
{
    if (c->cut->fields < c->capacity)
        c->at[c->cut->fields] = (uint32_t)end;
    c->cut->fields++;
}

/* The record's text ends at `end`: finds where the next one starts. */
static hz_csv_cut_result finish(cutter *c, size_t start, size_t end)
{
    size_t next = end;
    if (end == c->len) {
        if (!c->eof)
            return HZ_CSV_CUT_MORE;
    } else if (c->bytes[end] == '\r') {
        if (end + 1 == c->len && !c->eof)
            return HZ_CSV_CUT_MORE;
        next = end + 1 + (end + 1 < c->len && c->bytes[end + 1] == '\n');
    } else {
        next = end + 1;
    }
    c->cut->end = end;
    c->cut->next = next;
    c->cut->lines = hz_csv_count_lines(c->bytes + start, next - start);
    return HZ_CSV_CUT_DONE;
}

static size_t line_end_from(const cutter *c, size_t at)
{
    while (at < c->len && !is_line(c->bytes[at]))
        at++;
    return at;
}

/* Behind the closing quote of the field whose first byte inside is `inside`; 0 when the quote stays open, c->len + 1
 * when more bytes must tell. */
static size_t close_quote(const cutter *c, size_t inside)
{
    bool enough = c->len - inside > c->dialect->field_max;
    size_t limit = enough ? inside + (size_t)c->dialect->field_max + 1 : c->len;
    for (size_t at = inside; at < limit;) {
        const char *quote = memchr(c->bytes + at, '"', limit - at);
        if (!quote)
            break;
        size_t position = (size_t)(quote - c->bytes);
        if (position + 1 == c->len && !c->eof)
            return c->len + 1;
        if (position + 1 == c->len || c->bytes[position + 1] != '"')
            return position + 1;
        at = position + 2;
    }
    return c->eof || enough ? 0 : c->len + 1;
}

static void mark_bad(cutter *c, hz_bad_kind kind)
{
    c->cut->bad = true;
    c->cut->kind = kind;
}

static hz_csv_cut_result cut_fields(cutter *c, size_t start)
{
    char delimiter = c->dialect->delimiter;
    for (size_t at = start;; at++) {
        if (at < c->len && c->bytes[at] == '"') {
            size_t behind = close_quote(c, at + 1);
            if (behind > c->len)
                return HZ_CSV_CUT_MORE;
            if (behind == 0) {
                mark_bad(c, HZ_BAD_OPEN_QUOTE);
                size_t end = line_end_from(c, at + 1);
                put_field(c, end);
                return finish(c, start, end);
            }
            at = behind;
            if (at < c->len && c->bytes[at] != delimiter && !is_line(c->bytes[at]))
                mark_bad(c, HZ_BAD_QUOTE);
        }
        while (at < c->len && c->bytes[at] != delimiter && !is_line(c->bytes[at]))
            at++;
        if (at == c->len && !c->eof)
            return HZ_CSV_CUT_MORE;
        put_field(c, at);
        if (at == c->len || is_line(c->bytes[at]))
            return finish(c, start, at);
    }
}

hz_csv_cut_result hz_csv_cut_record(hz_csv_cut *cut, uint32_t *at, size_t capacity, const hz_csv_dialect *dialect,
                                    const char *bytes, size_t start, size_t len, bool eof)
{
    /* No more is looked at than a record of the greatest length, CR and LF take, so that what is decided never depends
     * on how much happens to be in memory. */
    uint64_t window_max = dialect->record_max + 2;
    bool windowed = len - start > window_max;
    cutter c = {cut, at, capacity, dialect, bytes, windowed ? start + (size_t)window_max : len, eof && !windowed};

    *cut = (hz_csv_cut){0, 0, 0, 0, false, HZ_BAD_FIELD_COUNT};
    hz_csv_cut_result result = cut_fields(&c, start);
    if (result == HZ_CSV_CUT_MORE)
        return len - start >= window_max ? HZ_CSV_CUT_LIMIT : HZ_CSV_CUT_MORE;
    return cut->end - start > dialect->record_max ? HZ_CSV_CUT_LIMIT : HZ_CSV_CUT_DONE;
}

hz_slice hz_csv_unquote(char *bytes, size_t len)
{
    if (len < 2 || bytes[0] != '"')
        return (hz_slice){bytes, len};
    char *text = bytes + 1, *end = bytes + len - 1, *quote = memchr(text, '"', len - 2);
    if (!quote)
        return (hz_slice){text, len - 2};
    char *out = quote;
    for (const char *from = quote; from < end; from++) {
        if (*from == '"')
            from++; /* its twin follows: inside a readable field quotes stand in pairs */
        *out++ = *from;
    }
    return (hz_slice){text, (size_t)(out - text)};
}
