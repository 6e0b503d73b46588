/* yaml_map.c: from bytes of a scalar's value back to bytes of the file.
 *
 * Flow scalars (plain, quoted) are read a second time, by the rules of YAML 1.2 chapter 7: a run of blanks within a
 * line stands for itself, a run with line breaks is folded (one break to a blank, n breaks to n - 1), `''` and escapes
 * stand for one piece each. Block scalars are laid beside their value instead: whatever indentation, folding and
 * chomping did, the characters that are not blank are the same on both sides and in the same order, so the runs of
 * blanks between them correspond. The second reading must give libyaml's value byte for byte: two ways to one answer.
 * Where it does not, one segment over the whole scalar is less exact and still right. */
#include "profiles/yaml.h"

#include "base/alloc.h"

typedef struct hz_srcmap_segment segment;

typedef struct mapper {
    hz_slice file, value; /* the scalar as written (inside its quotes or behind its header), and as read */
    uint32_t file_offset; /* of file in the hz_text */
    size_t at, read;      /* in file, in value */
    segment *segments;
    size_t count, capacity;
    bool no_memory, differs;
} mapper;

/* The next value_len bytes of the value come from the next file_len bytes of the file. */
static void take(mapper *m, size_t value_len, size_t file_len, bool direct)
{
    segment *last = m->count ? &m->segments[m->count - 1] : NULL;
    uint32_t file_offset = m->file_offset + (uint32_t)m->at;
    bool joins = last && direct && last->direct && last->file_offset + (m->read - last->scalar_offset) == file_offset;
    if (value_len && !joins) {
        if (!HZ_GROW(m->segments, m->capacity, m->count + 1)) {
            m->no_memory = true;
            return;
        }
        m->segments[m->count++] = (segment){(uint32_t)m->read, file_offset, (uint32_t)file_len, direct};
    } else if (joins) {
        last->file_len += (uint32_t)file_len;
    }
    m->at += file_len;
    m->read += value_len;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
    return c == '\n' || c == '\r';
}

/* The value goes on with these bytes? */
static void expect(mapper *m, const char *bytes, size_t len, size_t file_len, bool direct)
{
    if (m->read + len > m->value.len || memcmp(m->value.ptr + m->read, bytes, len))
        m->differs = true;
    else
        take(m, len, file_len, direct);
}

/* Blanks and breaks from m->at on; `escaped`: behind a break that a backslash took away. */
static void take_run(mapper *m, bool escaped)
{
    size_t end = m->at, breaks = 0;
    for (; end < m->file.len && (is_blank(m->file.ptr[end]) || is_break(m->file.ptr[end])); end++)
        breaks += m->file.ptr[end] == '\n';
    size_t len = end - m->at;
    if (!breaks && !escaped) {
        expect(m, m->file.ptr + m->at, len, len, true);
        return;
    }
    if (!escaped && breaks == 1) {
        expect(m, " ", 1, len, false);
        return;
    }
    size_t kept = escaped ? breaks : breaks - 1;
    for (size_t i = 0; i < kept && !m->differs && !m->no_memory; i++)
        expect(m, "\n", 1, i + 1 == kept ? len : 0, false);
    if (!kept)
        take(m, 0, len, false);
}

static size_t character_length(char first)
{
    unsigned char c = (unsigned char)first;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* A backslash and what follows; the value is trusted for what it stands for. */
static void take_escape(mapper *m)
{
    char c = m->at + 1 < m->file.len ? m->file.ptr[m->at + 1] : 0;
    if (is_break(c)) {
        take(m, 0, c == '\r' ? 3 : 2, false);
        take_run(m, true);
        return;
    }
    size_t len = c == 'x' ? 4 : c == 'u' ? 6 : c == 'U' ? 10 : 2;
    if (m->read >= m->value.len || m->at + len > m->file.len) {
        m->differs = true;
        return;
    }
    take(m, character_length(m->value.ptr[m->read]), len, false);
}

static void map_flow(mapper *m, hz_yaml_style style)
{
    while (m->at < m->file.len && !m->differs && !m->no_memory) {
        char c = m->file.ptr[m->at];
        if (is_blank(c) || is_break(c))
            take_run(m, false);
        else if (style == HZ_YAML_SINGLE && c == '\'')
            expect(m, "'", 1, 2, false);
        else if (style == HZ_YAML_DOUBLE && c == '\\')
            take_escape(m);
        else
            expect(m, &c, 1, 1, true);
    }
}

static size_t run_length(hz_slice text, size_t at)
{
    size_t end = at;
    while (end < text.len && (is_blank(text.ptr[end]) || is_break(text.ptr[end])))
        end++;
    return end - at;
}

static void map_block(mapper *m)
{
    while (m->read < m->value.len && !m->differs && !m->no_memory) {
        size_t from = run_length(m->file, m->at), to = run_length(m->value, m->read);
        bool same = from == to && !memcmp(m->file.ptr + m->at, m->value.ptr + m->read, from);
        if (same && from) {
            take(m, to, from, true);
        } else if (from || to) {
            take(m, to, from, false);
        } else if (m->at < m->file.len) {
            expect(m, m->file.ptr + m->at, 1, 1, true);
        } else {
            m->differs = true;
        }
    }
}

/* Behind `|`, its indicators and the rest of that line. */
static size_t header_length(hz_slice written)
{
    size_t at = 0;
    while (at < written.len && written.ptr[at] != '\n')
        at++;
    return at < written.len ? at + 1 : at;
}

static hz_status copy_segments(hz_srcmap *map, const segment *segments, size_t count, hz_arena *arena, hz_error *err)
{
    segment *kept = HZ_ARENA_ARRAY(arena, segment, count);
    if (!kept)
        return hz_nomem(err, count * sizeof *kept);
    if (count)
        memcpy(kept, segments, count * sizeof *kept);
    map->segments = kept;
    map->segments_count = (uint32_t)count;
    return HZ_OK;
}

hz_status hz_yaml_srcmap(hz_srcmap *map, const hz_yaml *scalar, hz_arena *arena, hz_error *err)
{
    const hz_span *span = &scalar->span;
    *map = (hz_srcmap){.text = span->text, .file_offset = span->offset, .file_len = span->len};
    hz_slice written = hz_slice_sub(span->text->bytes, span->offset, span->offset + span->len);
    bool quoted = scalar->style == HZ_YAML_SINGLE || scalar->style == HZ_YAML_DOUBLE;
    bool block = scalar->style == HZ_YAML_LITERAL || scalar->style == HZ_YAML_FOLDED;
    size_t skip = quoted ? 1 : block ? header_length(written) : 0;
    mapper m = {.file = hz_slice_sub(written, skip, quoted && written.len > 1 ? written.len - 1 : written.len),
                .value = scalar->text,
                .file_offset = span->offset + (uint32_t)skip};
    if (block)
        map_block(&m);
    else
        map_flow(&m, scalar->style);
    if (!m.no_memory && (m.differs || m.read != m.value.len)) {
        m.count = 0;
        m.at = m.read = 0;
        m.differs = true;
        take(&m, m.value.len, m.file.len, false);
    }
    HZ_ASSERT(!m.differs);
    hz_status st = m.no_memory ? hz_nomem(err, m.capacity * sizeof *m.segments)
                               : copy_segments(map, m.segments, m.count, arena, err);
    hz_mem_free(m.segments);
    return st;
}

hz_status hz_srcmap_part(hz_srcmap *part, const hz_srcmap *map, size_t from, size_t len, hz_arena *arena, hz_error *err)
{
    hz_span span = hz_srcmap_span(map, from, len);
    *part = (hz_srcmap){.text = map->text, .file_offset = span.offset, .file_len = span.len};
    segment *kept = HZ_ARENA_ARRAY(arena, segment, map->segments_count);
    if (!kept)
        return hz_nomem(err, map->segments_count * sizeof *kept);
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->segments_count; i++) {
        segment s = map->segments[i];
        size_t end = i + 1 < map->segments_count ? map->segments[i + 1].scalar_offset : SIZE_MAX;
        if (end <= from || s.scalar_offset >= from + len)
            continue;
        size_t cut = from > s.scalar_offset ? from - s.scalar_offset : 0;
        s.scalar_offset = s.scalar_offset > from ? s.scalar_offset - (uint32_t)from : 0;
        if (s.direct) {
            s.file_offset += (uint32_t)cut;
            s.file_len -= (uint32_t)cut;
        }
        kept[count++] = s;
    }
    part->segments = kept;
    part->segments_count = count;
    return HZ_OK;
}
