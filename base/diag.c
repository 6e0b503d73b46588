/* diag.c: a source line is shown as a row of cells. It is walked twice by the same step (`next_cell`): once to find how
 * wide it is and at which cells the mistake starts and ends, once to print the part that is shown. Escapes, wide and
 * combining characters thus move line and caret alike. */
#include "base/diag.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"

enum { WINDOW_CELLS = 120, GUTTER_DIGITS = 5, NEAREST_CHARS_MAX = 128 };

static const char ellipsis[] = "\xE2\x80\xA6";

/* Moves *at behind the next line break; false when there is none. */
static bool next_line(hz_slice bytes, size_t *at)
{
    for (size_t i = *at; i < bytes.len; i++) {
        if (bytes.ptr[i] != '\n' && bytes.ptr[i] != '\r')
            continue;
        *at = i + 1 + (bytes.ptr[i] == '\r' && i + 1 < bytes.len && bytes.ptr[i + 1] == '\n');
        return true;
    }
    return false;
}

hz_status hz_text_index(hz_text *text, hz_arena *arena, hz_error *err)
{
    if (text->line_starts)
        return HZ_OK;
    if (text->bytes.len >= UINT32_MAX)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("text_bytes"), HZ_U(UINT32_MAX - 1));
    size_t count = 1;
    for (size_t at = 0; next_line(text->bytes, &at);)
        count++;
    uint32_t *starts = HZ_ARENA_ARRAY(arena, uint32_t, count);
    if (!starts)
        return hz_nomem(err, count * sizeof *starts);
    count = 1;
    for (size_t at = 0; next_line(text->bytes, &at);)
        starts[count++] = (uint32_t)at;
    text->line_starts = starts;
    text->lines_count = count;
    return HZ_OK;
}

/* The 1-based line that holds offset; *start is where it starts. */
static uint64_t find_line(const hz_text *text, size_t offset, size_t *start)
{
    size_t low = 0;
    *start = 0;
    if (!text->line_starts) {
        uint64_t line = 1;
        for (size_t at = 0; next_line(text->bytes, &at) && at <= offset; line++)
            *start = at;
        return line;
    }
    for (size_t high = text->lines_count; high - low > 1;) {
        size_t middle = low + (high - low) / 2;
        if (text->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    *start = text->line_starts[low];
    return low + 1;
}

/* The line from start on without its break, and without the byte order mark of the text. */
static hz_slice line_at(const hz_text *text, size_t start)
{
    size_t end = start;
    while (end < text->bytes.len && text->bytes.ptr[end] != '\n' && text->bytes.ptr[end] != '\r')
        end++;
    hz_slice line = hz_slice_sub(text->bytes, start, end);
    return start == 0 && hz_slice_starts(line, HZ_SLICE_LIT("\xEF\xBB\xBF")) ? hz_slice_sub(line, 3, line.len) : line;
}

/* Where the line shown starts in the text: behind the byte order mark on the first. */
static size_t line_offset(const hz_text *text, hz_slice line)
{
    return text->bytes.len ? (size_t)(line.ptr - text->bytes.ptr) : 0;
}

hz_position hz_text_position(const hz_text *text, uint32_t offset)
{
    size_t start = 0, at = offset < text->bytes.len ? offset : text->bytes.len;
    uint64_t line_number = find_line(text, at, &start);
    hz_slice line = line_at(text, start);
    size_t shown_from = line_offset(text, line), before = at > shown_from ? at - shown_from : 0;
    return (hz_position){line_number, hz_utf8_length(hz_slice_sub(line, 0, before)) + 1};
}

hz_span hz_srcmap_span(const hz_srcmap *map, size_t offset, size_t len)
{
    hz_span whole = {map->text, map->file_offset, map->file_len};
    if (!map->segments_count)
        return whole;
    size_t ends[2] = {offset, len ? offset + len - 1 : offset};
    uint64_t file_end = (uint64_t)map->file_offset + map->file_len, from = 0, to = 0;
    for (int i = 0; i < 2; i++) {
        size_t low = 0;
        for (size_t high = map->segments_count; high - low > 1;) {
            size_t middle = low + (high - low) / 2;
            if (map->segments[middle].scalar_offset <= ends[i])
                low = middle;
            else
                high = middle;
        }
        const struct hz_srcmap_segment *segment = &map->segments[low];
        size_t into = ends[i] > segment->scalar_offset ? ends[i] - segment->scalar_offset : 0;
        uint64_t at = segment->file_offset + (segment->direct ? into : 0);
        if (i == 0)
            from = at;
        to = at + (segment->direct ? 1 : segment->file_len);
    }
    if (from > file_end)
        from = file_end;
    if (!len || to < from)
        to = from;
    if (to > file_end)
        to = file_end;
    return (hz_span){map->text, (uint32_t)from, (uint32_t)(to - from)};
}

void hz_diags_init(hz_diags *diags, hz_arena *arena, size_t max)
{
    *diags = (hz_diags){.arena = arena, .max = max};
}

void hz_diags_clear(hz_diags *diags)
{
    hz_mem_free(diags->items);
    hz_diags_init(diags, diags->arena, diags->max);
}

/* Whether one more of this level is kept. */
static bool has_room(hz_diags *diags, hz_diag_level level)
{
    if (level == HZ_DIAG_ERROR) {
        diags->overflowed |= diags->errors_count >= diags->max;
        return !diags->overflowed;
    }
    bool room = diags->count - diags->errors_count < diags->max;
    diags->others_dropped += !room;
    return room;
}

static uint32_t file_order(const hz_diags *diags, const hz_text *text)
{
    uint32_t next = 0;
    for (size_t i = diags->count; i-- > 0;) {
        if (diags->items[i].span.text == text)
            return diags->items[i].file_order;
        if (diags->items[i].file_order >= next)
            next = diags->items[i].file_order + 1;
    }
    return next;
}

/* The argument's text in the arena. */
static bool copy_arg(hz_slice *out, hz_arena *arena, const hz_arg *arg)
{
    if (arg->kind == HZ_ARG_TEXT)
        return hz_arena_copy(out, arena, arg->text) == HZ_OK;
    if (arg->kind == HZ_ARG_MESSAGE)
        return hz_arena_copy(out, arena, hz_slice_of(hz_msg_name(arg->message))) == HZ_OK;
    hz_buf digits = HZ_BUF_INIT;
    if (arg->kind == HZ_ARG_SIGNED)
        hz_buf_put_i64(&digits, arg->i);
    else
        hz_buf_put_u64(&digits, arg->u);
    bool ok = digits.status == HZ_OK && hz_arena_copy(out, arena, hz_buf_slice(&digits)) == HZ_OK;
    hz_buf_clear(&digits);
    return ok;
}

void hz_diags_add(hz_diags *diags, hz_diag_level level, hz_span span, hz_msg_id hint, const hz_arg *args,
                  size_t args_count)
{
    if (!has_room(diags, level))
        return;
    hz_diag diag = {.level = level, .span = span, .hint = hint, .order = (uint32_t)diags->count};
    diag.file_order = file_order(diags, span.text);
    if (args_count && args[0].kind == HZ_ARG_MESSAGE) {
        diag.message = args[0].message;
        args++;
        args_count--;
    }
    bool ok = HZ_GROW(diags->items, diags->capacity, diags->count + 1);
    for (; ok && diag.args_count < args_count && diag.args_count < HZ_MSG_ARGS_MAX; diag.args_count++)
        ok = copy_arg(&diag.args[diag.args_count], diags->arena, &args[diag.args_count]);
    if (!ok) {
        diags->no_memory = true;
        return;
    }
    diags->items[diags->count++] = diag;
    diags->errors_count += level == HZ_DIAG_ERROR;
}

static int by_place(const void *left, const void *right)
{
    const hz_diag *a = left, *b = right;
    if (a->file_order != b->file_order)
        return a->file_order < b->file_order ? -1 : 1;
    if (a->span.offset != b->span.offset)
        return a->span.offset < b->span.offset ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

void hz_diags_sort(hz_diags *diags)
{
    if (diags->count)
        qsort(diags->items, diags->count, sizeof *diags->items, by_place);
}

/* One character as shown: `text` is what is printed, `cells` what it takes. */
typedef struct cell {
    char escape[16];
    hz_slice text;
    size_t cells;
} cell;

/* The character at *at of line, and moves on. */
static void next_cell(cell *out, hz_slice line, size_t *at)
{
    size_t from = *at;
    uint32_t code_point = hz_utf8_next(line, at);
    out->text = hz_slice_sub(line, from, *at);
    if (code_point == '\t') {
        out->text = HZ_SLICE_LIT(" ");
        out->cells = 1;
        return;
    }
    size_t len = hz_utf8_escape(out->escape, out->text, code_point);
    if (len)
        out->text = (hz_slice){out->escape, len};
    out->cells = len ? len : (size_t)hz_utf8_cell_width(code_point);
}

/* A line's layout in cells: all of it, and where the mistake stands (at least one cell, which may be the one behind the
 * end). */
typedef struct layout {
    size_t cells, from, to;
} layout;

static layout lay_out(hz_slice line, size_t span_from, size_t span_to)
{
    layout out = {0, SIZE_MAX, 0};
    cell c;
    for (size_t at = 0; at < line.len;) {
        size_t start = at;
        next_cell(&c, line, &at);
        bool inside = at > span_from && start < span_to;
        if (out.from == SIZE_MAX && at > span_from)
            out.from = out.cells;
        out.cells += c.cells;
        if (inside)
            out.to = out.cells;
    }
    if (out.from == SIZE_MAX)
        out.from = out.cells;
    if (out.to <= out.from)
        out.to = out.from + 1;
    return out;
}

/* Prints the cells [from, to) of line with an ellipsis at each cut end; returns the cell of the line that the first
 * printed cell stands for, in *end the one behind the last. A wide character that a border cuts is left out. */
static size_t put_window(hz_buf *out, hz_slice line, size_t from, size_t to, size_t cells, size_t *end)
{
    size_t first = from, last = to, at_cell = 0, shown = SIZE_MAX, shown_end = 0;
    if (from > 0) {
        hz_buf_puts(out, ellipsis);
        first++;
    }
    if (to < cells)
        last--;
    cell c;
    for (size_t at = 0; at < line.len;) {
        next_cell(&c, line, &at);
        bool fits = at_cell >= first && at_cell + c.cells <= last && (c.cells || shown != SIZE_MAX || first == 0);
        if (fits) {
            hz_buf_put(out, c.text);
            if (shown == SIZE_MAX)
                shown = at_cell;
            shown_end = at_cell + c.cells;
        }
        at_cell += c.cells;
    }
    if (to < cells)
        hz_buf_puts(out, ellipsis);
    *end = shown_end;
    return (shown == SIZE_MAX ? first : shown) - (first - from);
}

/* Where the window of a long line starts: the mistake in the middle, or near the left when it is wider than the window.
 */
static size_t window_start(const layout *at)
{
    size_t cells = at->cells > at->to ? at->cells : at->to, width = at->to - at->from;
    if (cells <= WINDOW_CELLS)
        return 0;
    size_t before = width < WINDOW_CELLS - 4 ? (WINDOW_CELLS - width) / 2 : 2;
    size_t start = at->from > before ? at->from - before : 0;
    return start > cells - WINDOW_CELLS ? cells - WINDOW_CELLS : start;
}

static void put_repeated(hz_buf *out, char byte, size_t count)
{
    char *into = hz_buf_reserve(out, count);
    if (!into)
        return;
    memset(into, byte, count);
    into[count] = '\0';
    out->len += count;
}

static void put_gutter(hz_buf *out, size_t width, char mark)
{
    put_repeated(out, ' ', width + 1);
    hz_buf_putc(out, mark);
    hz_buf_putc(out, ' ');
}

static size_t digits_of(uint64_t n)
{
    size_t count = 1;
    for (; n > 9; n /= 10)
        count++;
    return count;
}

static void put_source(hz_buf *out, const hz_span *span, uint64_t line_number, size_t line_start, size_t gutter)
{
    hz_slice line = line_at(span->text, line_start);
    size_t skipped = line_offset(span->text, line);
    size_t from = span->offset > skipped ? span->offset - skipped : 0;
    layout at = lay_out(line, from, from + span->len);
    size_t start = window_start(&at), stop = start + WINDOW_CELLS, end = 0;

    put_repeated(out, ' ', gutter - digits_of(line_number));
    hz_buf_put_u64(out, line_number);
    hz_buf_puts(out, " | ");
    size_t origin = put_window(out, line, start, stop < at.cells ? stop : at.cells, at.cells, &end);
    hz_buf_putc(out, '\n');

    put_gutter(out, gutter, '|');
    if (at.to > end && end > at.from)
        at.to = end;
    put_repeated(out, ' ', at.from > origin ? at.from - origin : 0);
    hz_buf_putc(out, '^');
    put_repeated(out, '~', at.to - at.from - 1);
    hz_buf_putc(out, '\n');
}

static void put_message(hz_buf *out, const hz_diag *diag, hz_msg_id id, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, id, diag->args, diag->args_count, lang);
    hz_utf8_put_safe(out, hz_buf_slice(&text));
    if (text.status != HZ_OK && out->status == HZ_OK)
        out->status = text.status;
    hz_buf_clear(&text);
}

void hz_diag_render(hz_buf *out, const hz_diag *diag, hz_lang lang)
{
    static const hz_msg_id levels[] = {HZ_MSG_DIAG_ERROR, HZ_MSG_DIAG_WARNING, HZ_MSG_DIAG_HINT};
    const hz_text *text = diag->span.text;
    bool placed = text && diag->span.offset != HZ_SPAN_WHOLE;
    size_t start = 0, gutter = GUTTER_DIGITS;
    hz_position position = {0, 0};
    if (text && text->path.len) {
        hz_utf8_put_safe(out, text->path);
        hz_buf_puts(out, placed ? ":" : ": ");
    }
    if (placed) {
        position = hz_text_position(text, diag->span.offset);
        find_line(text, diag->span.offset, &start);
        hz_buf_printf(out, "%" PRIu64 ":%" PRIu64 ": ", position.line, position.column);
        if (digits_of(position.line) > gutter)
            gutter = digits_of(position.line);
    }
    hz_buf_puts(out, hz_msg_text(levels[diag->level], lang));
    put_message(out, diag, diag->message, lang);
    hz_buf_putc(out, '\n');
    if (placed && !text->secret)
        put_source(out, &diag->span, position.line, start, gutter);
    if (diag->hint == HZ_MSG_NONE)
        return;
    put_gutter(out, gutter, '=');
    put_message(out, diag, diag->hint, lang);
    hz_buf_putc(out, '\n');
}

/* The characters of text; false when there are more than NEAREST_CHARS_MAX. */
static bool decode(uint32_t *out, size_t *count, hz_slice text)
{
    *count = 0;
    for (size_t at = 0; at < text.len;) {
        if (*count == NEAREST_CHARS_MAX)
            return false;
        out[(*count)++] = hz_utf8_next(text, &at);
    }
    return true;
}

/* Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
static size_t distance(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    size_t rows[3][NEAREST_CHARS_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_count; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_count; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_count; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        size_t *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[b_count];
}

hz_slice hz_nearest(hz_slice word, const hz_slice *names, size_t count)
{
    uint32_t a[NEAREST_CHARS_MAX], b[NEAREST_CHARS_MAX];
    size_t a_count = 0, b_count = 0;
    hz_slice nearest = HZ_SLICE_NONE;
    if (!decode(a, &a_count, word) || !a_count)
        return nearest;
    size_t most = a_count / 3 ? a_count / 3 : 1;
    for (size_t i = 0; i < count; i++) {
        if (!decode(b, &b_count, names[i]) || (a_count > b_count ? a_count - b_count : b_count - a_count) > most)
            continue;
        size_t away = distance(a, a_count, b, b_count);
        if (away > most || (nearest.ptr && away == most))
            continue;
        nearest = names[i];
        most = away;
        if (!away)
            break;
    }
    return nearest;
}
