/* mapped.h: cells of a batch as a mapping makes them: split, joined, recoded, in the profile's forms and units. It
 * stands between the readers, which give the file's own columns, and whoever reads fields. Columns that are only called
 * otherwise take no part: their cells are taken as they are. */
#ifndef HZ_SOURCE_MAPPED_H
#define HZ_SOURCE_MAPPED_H
#include "profiles/mapping.h"
#include "validator/source/source.h"

enum {
    HZ_COLUMN_ABSENT = -1,
    HZ_COLUMN_MADE = -2 /* a constant: there without a column */
};

/* How one field of one file comes about. */
typedef struct hz_mapped_field {
    bool made;                /* false: its column's cells, as they are */
    const hz_map_field *from; /* NULL: only the mapping's nulls matter */
    uint32_t *columns;        /* of the file */
    uint32_t columns_count;
} hz_mapped_field;

typedef struct hz_mapped {
    const hz_map_table *map;
    hz_mapped_field *fields; /* by field of the table */
    size_t fields_count;
} hz_mapped;

/* column_of: per field of map->table, HZ_COLUMN_ABSENT and HZ_COLUMN_MADE too. All in arena. */
HZ_NODISCARD hz_status hz_mapped_of(hz_mapped **out, const hz_map_table *map, const int32_t *column_of,
                                    const hz_slice *names, size_t names_count, hz_arena *arena, hz_error *err);
/* The cells of a field; of a batch in which its columns have cells. They and what they point at stay as long as arena
 * and batch. text: scratch. */
HZ_NODISCARD hz_status hz_mapped_cells(const hz_slice **out, const hz_mapped *mapped, size_t field,
                                       const hz_batch *batch, hz_arena *arena, hz_buf *text, hz_error *err);
/* Where a field's columns of the file are. */
const uint32_t *hz_mapped_columns(size_t *count, const hz_mapped *mapped, size_t field);
#endif
