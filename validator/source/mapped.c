/* mapped.c: see mapped.h. A value that nothing is said of stays byte for byte what it was; one that is looked up, or
 * read as a date or number, is taken without the blanks at its ends. Values repeat each other in a column: the last one
 * and what became of it are kept. */
#include "validator/source/mapped.h"
#include "base/utf8.h"

hz_status hz_mapped_of(hz_mapped **out, const hz_map_table *map, const int32_t *column_of, const hz_slice *names,
                       size_t names_count, hz_arena *arena, hz_error *err)
{
    size_t count = map->table->fields_count;
    hz_mapped *mapped = *out = HZ_ARENA_NEW(arena, hz_mapped);
    if (mapped)
        mapped->fields = HZ_ARENA_ARRAY(arena, hz_mapped_field, count + 1);
    if (!mapped || !mapped->fields)
        return hz_nomem(err, count * sizeof *mapped->fields);
    mapped->map = map;
    mapped->fields_count = count;
    for (size_t f = 0; f < count; f++) {
        const hz_map_field *from = map->of_field[f];
        hz_mapped_field *field = &mapped->fields[f];
        if (column_of[f] == HZ_COLUMN_ABSENT)
            continue;
        field->from = from;
        field->made = map->nulls_count > 0 || (from && from->changes);
        field->columns = HZ_ARENA_ARRAY(arena, uint32_t, (from ? from->columns_count : 0) + 1);
        if (!field->columns)
            return hz_nomem(err, sizeof *field->columns);
        if (column_of[f] == HZ_COLUMN_MADE)
            continue;
        field->columns[field->columns_count++] = (uint32_t)column_of[f];
        if (!from || from->columns_count < 2 || !hz_slice_eq(names[column_of[f]], from->columns[0]))
            continue;
        for (size_t i = 1; i < from->columns_count; i++)
            for (size_t c = 0; c < names_count; c++)
                if (hz_slice_eq(names[c], from->columns[i])) {
                    field->columns[field->columns_count++] = (uint32_t)c;
                    break;
                }
    }
    return HZ_OK;
}

const uint32_t *hz_mapped_columns(size_t *count, const hz_mapped *mapped, size_t field)
{
    *count = mapped->fields[field].columns_count;
    return mapped->fields[field].columns;
}

/* ---- one value ---- */

static bool is_blank_at(hz_slice text, size_t at, size_t *len)
{
    unsigned char c = (unsigned char)text.ptr[at];
    *len = c == 0xe3 ? 3 : c == 0xc2 ? 2 : 1;
    return c == ' ' || c == '\t' || hz_slice_starts(hz_slice_sub(text, at, text.len), HZ_SLICE_LIT("\xe3\x80\x80")) ||
           hz_slice_starts(hz_slice_sub(text, at, text.len), HZ_SLICE_LIT("\xc2\xa0"));
}

static hz_slice trimmed(hz_slice text)
{
    size_t len;
    while (text.len && is_blank_at(text, 0, &len))
        text = hz_slice_sub(text, len, text.len);
    for (;;) {
        if (text.len && is_blank_at(text, text.len - 1, &len) && len == 1)
            text.len--;
        else if (text.len >= 3 && is_blank_at(text, text.len - 3, &len) && len == 3)
            text.len -= 3;
        else if (text.len >= 2 && is_blank_at(text, text.len - 2, &len) && len == 2)
            text.len -= 2;
        else
            return text;
    }
}

static bool is_null(const hz_map_table *map, hz_slice text)
{
    for (size_t i = 0; i < map->nulls_count; i++)
        if (hz_slice_eq(map->nulls[i], text))
            return true;
    return false;
}

/* What the profile takes for missing. */
static hz_slice missing(const hz_map_table *map)
{
    return map->table->nulls_count ? map->table->nulls[0] : HZ_SLICE_NONE;
}

typedef struct maker {
    const hz_mapped *mapped;
    const hz_map_field *from;
    hz_arena *arena;
    hz_buf *text;
    hz_error *err;
} maker;

static hz_status keep(hz_slice *out, maker *m)
{
    HZ_TRY(hz_buf_status(m->text, m->err));
    return hz_arena_copy(out, m->arena, hz_buf_slice(m->text)) == HZ_OK ? HZ_OK : hz_nomem(m->err, m->text->len);
}

static hz_slice recoded(const hz_map_field *from, hz_slice text, bool *hit)
{
    uint32_t at = from->codes_count ? hz_names_find(&from->codes, text) : HZ_HTAB_NONE;
    *hit = at != HZ_HTAB_NONE;
    return *hit ? from->code_to[at] : text;
}

static bool is_at(hz_slice text, size_t at, hz_slice what)
{
    return hz_slice_starts(hz_slice_sub(text, at, text.len), what);
}

/* The values of a list, one by one, with the profile's separator between them. */
static hz_status list_of(hz_slice *out, maker *m, hz_slice text)
{
    const hz_map_field *from = m->from;
    hz_slice cut = from->separator.len ? from->separator : from->field->many;
    size_t begin = 0;
    hz_buf_reset(m->text);
    for (size_t at = 0; at <= text.len;) {
        if (at < text.len && !is_at(text, at, cut)) {
            at++;
            continue;
        }
        bool hit;
        hz_slice item = hz_slice_sub(text, begin, at), to = recoded(from, trimmed(item), &hit);
        if (begin)
            hz_buf_put(m->text, from->field->many);
        hz_buf_put(m->text, hit ? to : item);
        at += cut.len;
        begin = at;
    }
    return keep(out, m);
}

static hz_status time_of(hz_slice *out, maker *m, hz_slice text)
{
    int64_t value;
    for (size_t i = 0; i < m->from->formats_count; i++)
        if (hz_time_parse(&value, &m->from->formats[i], text)) {
            hz_buf_reset(m->text);
            hz_time_format_put(m->text, &m->from->field->formats[0], value);
            return keep(out, m);
        }
    return HZ_OK;
}

static hz_status number_of(hz_slice *out, maker *m, hz_slice text)
{
    hz_decimal value;
    bool read = false;
    hz_buf_reset(m->text);
    for (size_t i = 0; i < m->from->pictures_count && !read; i++)
        read = hz_number_form_read(m->text, &m->from->pictures[i], text);
    if (!read)
        hz_buf_put(m->text, text);
    if (m->from->has_times && m->text->status == HZ_OK && hz_decimal_parse(&value, hz_buf_slice(m->text)) &&
        hz_decimal_mul(&value, value, m->from->times)) {
        read = true;
        hz_buf_reset(m->text);
        hz_decimal_put(m->text, hz_decimal_normal(value));
    }
    return read ? keep(out, m) : HZ_OK;
}

/* What becomes of a text; *out is that text when nothing does. */
static hz_status convert(hz_slice *out, maker *m, hz_slice text)
{
    const hz_map_field *from = m->from;
    const hz_map_table *map = m->mapped->map;
    hz_slice bare = trimmed(text);
    bool hit = false;
    *out = text;
    if (from)
        *out = recoded(from, bare, &hit);
    if (hit)
        return HZ_OK;
    *out = text;
    if (is_null(map, bare)) {
        *out = missing(map);
        return HZ_OK;
    }
    if (!from || !bare.len)
        return HZ_OK;
    if (from->field->many.len && (from->codes_count || from->separator.len))
        return list_of(out, m, text);
    if (from->formats_count)
        return time_of(out, m, bare);
    return from->pictures_count || from->has_times ? number_of(out, m, bare) : HZ_OK;
}

/* ---- parts and joins ---- */

static hz_slice part_by_text(const hz_map_field *from, hz_slice text)
{
    size_t begin = 0, part = 0;
    for (size_t at = 0; at < text.len && part + 1 < from->parts_count;) {
        if (!is_at(text, at, from->by)) {
            at++;
            continue;
        }
        if (part == from->part)
            return hz_slice_sub(text, begin, at);
        at += from->by.len;
        begin = at;
        part++;
    }
    return part == from->part ? hz_slice_sub(text, begin, text.len) : HZ_SLICE_NONE;
}

static hz_slice part_by_places(const hz_map_field *from, hz_slice text)
{
    size_t at = 0, characters = 0;
    while (at < text.len && characters < from->from) {
        (void)hz_utf8_next(text, &at);
        characters++;
    }
    size_t begin = at;
    while (at < text.len && characters < from->to) {
        (void)hz_utf8_next(text, &at);
        characters++;
    }
    return hz_slice_sub(text, begin, at);
}

static hz_slice part_of(const hz_map_field *from, hz_slice text)
{
    return from->by.len ? part_by_text(from, text) : part_by_places(from, text);
}

/* Nothing where no column has anything. */
static hz_status join(hz_slice *out, maker *m, const hz_mapped_field *field, const hz_batch *batch, uint32_t row)
{
    bool any = false;
    hz_buf_reset(m->text);
    for (uint32_t i = 0; i < field->columns_count; i++) {
        const hz_slice *cells = batch->columns[field->columns[i]].cells;
        hz_slice text = cells ? cells[row] : HZ_SLICE_NONE;
        bool there = trimmed(text).len && !is_null(m->mapped->map, trimmed(text));
        any = any || there;
        if (i)
            hz_buf_put(m->text, m->from->joint);
        if (there)
            hz_buf_put(m->text, text);
    }
    *out = HZ_SLICE_NONE;
    return any ? keep(out, m) : HZ_OK;
}

/* ---- a column ---- */

hz_status hz_mapped_cells(const hz_slice **out, const hz_mapped *mapped, size_t field_index, const hz_batch *batch,
                          hz_arena *arena, hz_buf *text, hz_error *err)
{
    const hz_mapped_field *field = &mapped->fields[field_index];
    maker m = {mapped, field->from, arena, text, err};
    const hz_slice *cells = field->columns_count ? batch->columns[field->columns[0]].cells : NULL;
    hz_slice *made = HZ_ARENA_ARRAY(arena, hz_slice, batch->rows_count + 1);
    hz_slice before = {NULL, SIZE_MAX}, became = HZ_SLICE_NONE;
    if (!made)
        return hz_nomem(err, batch->rows_count * sizeof *made);
    *out = made;
    for (uint32_t row = 0; row < batch->rows_count; row++) {
        hz_slice value = cells ? cells[row] : HZ_SLICE_NONE;
        if (field->columns_count > 1)
            HZ_TRY(join(&value, &m, field, batch, row));
        else if (field->from && field->from->is_part)
            value = part_of(field->from, value);
        else if (field->from && field->from->is_constant)
            value = field->from->constant;
        if (value.len != before.len || (value.len && memcmp(value.ptr, before.ptr, value.len) != 0))
            HZ_TRY(convert(&became, &m, value));
        before = value;
        made[row] = became;
    }
    return HZ_OK;
}
