/* plan_header.c: which column of a file is which field: by the mapping, by name, by title, by alias. */
#include "validator/engine/plan.h"

static bool names_field(const hz_field *field, hz_slice name)
{
    if (hz_slice_eq(field->name, name))
        return true;
    if (name.len && (hz_slice_eq(field->title.zh, name) || hz_slice_eq(field->title.en, name)))
        return true;
    for (size_t i = 0; i < field->aliases_count; i++)
        if (hz_slice_eq(field->aliases[i], name))
            return true;
    return false;
}

/* A field's own name wins over another's title or alias. */
static const hz_field *field_of_column(const hz_table *table, hz_slice name)
{
    const hz_field *own = hz_table_field(table, name);
    for (size_t i = 0; !own && i < table->fields_count; i++)
        if (names_field(&table->fields[i], name))
            own = &table->fields[i];
    return own;
}

/* Whether the profile passes the column on to findings. */
static bool note_echo(int32_t *echo_of, const hz_table *table, hz_slice name, size_t column)
{
    bool any = false;
    for (size_t i = 0; i < table->echo_count; i++) {
        bool is = hz_slice_eq(table->echo[i], name);
        any = any || is;
        if (is && echo_of && echo_of[i] < 0)
            echo_of[i] = (int32_t)column;
    }
    return any;
}

static bool is_among(const hz_slice *names, size_t count, hz_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(names[i], name))
            return true;
    return false;
}

static int32_t index_among(const hz_slice *names, size_t count, hz_slice name)
{
    for (size_t c = 0; c < count; c++)
        if (hz_slice_eq(names[c], name))
            return (int32_t)c;
    return HZ_COLUMN_ABSENT;
}

/* The column, of several the first, that a mapping fills the field by, when all of them are there. */
static int32_t mapped_column(const hz_map_field *field, const hz_slice *names, size_t count)
{
    int32_t first = HZ_COLUMN_ABSENT;
    if (field && field->is_constant)
        return HZ_COLUMN_MADE;
    for (size_t i = field ? field->columns_count : 0; i > 0; i--) {
        first = index_among(names, count, field->columns[i - 1]);
        if (first == HZ_COLUMN_ABSENT)
            return first;
    }
    return first;
}

void hz_plan_header_of(hz_plan_header *out, const hz_table *table, const hz_slice *names, size_t count,
                       const hz_map_table *map)
{
    out->unknown_count = out->repeated_count = 0;
    for (size_t i = 0; i < table->fields_count; i++)
        out->column_of[i] = mapped_column(hz_map_table_field(map, table->fields[i].name), names, count);
    for (size_t i = 0; out->echo_of && i < table->echo_count; i++)
        out->echo_of[i] = -1;
    for (size_t c = 0; c < count; c++) {
        const hz_field *field = field_of_column(table, names[c]);
        if (note_echo(out->echo_of, table, names[c], c) && !field)
            continue; /* the submitter's own column, named by the profile: not unknown */
        if (hz_map_table_names(map, names[c])) {
            if (is_among(names, c, names[c]) && !hz_map_table_ignores(map, names[c]))
                out->repeated[out->repeated_count++] = names[c];
            continue;
        }
        if (field && out->column_of[field->index] == HZ_COLUMN_ABSENT)
            out->column_of[field->index] = (int32_t)c;
        else if (field || is_among(out->unknown, out->unknown_count, names[c]))
            out->repeated[out->repeated_count++] = names[c];
        else
            out->unknown[out->unknown_count++] = names[c];
    }
}
