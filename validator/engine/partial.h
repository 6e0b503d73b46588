/* partial.h: what a stage leaves behind: counters, examples, regions, error bits. Partials are added up in the order of
 * row identity; the sums do not depend on how rows were cut.
 *
 * Row identity is the ordinal: the row's number among all records of its table, bad ones counted, sources in bytewise
 * order of name. */
#ifndef HZ_ENGINE_PARTIAL_H
#define HZ_ENGINE_PARTIAL_H
#include "base/htab.h"
#include "validator/engine/plan.h"

/* The first `max` ordinals, ascending. */
typedef struct hz_firsts {
    uint64_t *ordinals;
    size_t count, capacity, max;
} hz_firsts;
HZ_NODISCARD hz_status hz_firsts_add(hz_firsts *firsts, uint64_t ordinal, hz_error *err);

typedef struct hz_rule_partial {
    uint64_t rows, not_applicable, undetermined, failed, groups, unkeyed;
    bool has_groups, has_unkeyed;
    bool broken; /* ended in error */
    hz_said reason;
    hz_firsts examples;
    bool may_break; /* reads a pattern, whose limit may end it in error: its failures are marked at the finish, if it
                       got there */
    hz_firsts failures; /* of such a rule: every failed row */
    bool unknown_only;  /* .columns found nothing but unknown columns */
} hz_rule_partial;

/* Regions: the division codes that rows name, packed (hz_division_pack); index 0 is "". */
typedef struct hz_region_counts {
    uint64_t not_applicable, undetermined, failed;
} hz_region_counts;

typedef struct hz_regions {
    hz_htab tab;
    uint64_t *packed;
    size_t count, capacity;
    /* rows[table * stride …]: see hz_regions_rows */
    uint64_t **rows; /* per table: rows by region index */
    size_t *rows_capacity;
    size_t tables_count;
    /* exceptions by (region, rule): only what differs from "evaluated and passed" */
    hz_htab exceptions;
    struct hz_region_exception {
        uint32_t region, rule;
        hz_region_counts counts;
    } * items;
    size_t items_count, items_capacity;
    uint32_t last_item;
} hz_regions;

HZ_NODISCARD hz_status hz_regions_init(hz_regions *regions, size_t tables_count, hz_error *err);
void hz_regions_clear(hz_regions *regions);
HZ_NODISCARD hz_status hz_regions_index(uint32_t *out, hz_regions *regions, uint64_t packed, hz_error *err);
HZ_NODISCARD hz_status hz_regions_add_rows(hz_regions *regions, uint32_t table, uint32_t region, uint64_t rows,
                                           hz_error *err);
HZ_NODISCARD hz_status hz_regions_add(hz_regions *regions, uint32_t region, uint32_t rule, hz_region_counts counts,
                                      hz_error *err);

/* Where the rows of a table are: for findings that are known only after the scan. Eight bytes a row above a base a
 * batch. */
typedef struct hz_row_index {
    struct hz_row_base {
        uint64_t ordinal, offset, line; /* of the batch's first row */
        uint32_t source;
    } * bases;
    size_t bases_count, bases_capacity;
    uint32_t *offsets, *lines; /* per ordinal, above the base; UINT32_MAX offset: a bad row */
    size_t rows_count, offsets_capacity, lines_capacity;
} hz_row_index;

typedef struct hz_bad_example { /* of .rows and .encoding */
    uint32_t rule;
    uint32_t source;
    hz_bad_row row;
} hz_bad_example;

typedef struct hz_table_partial {
    uint64_t rows, bad_rows;
    uint64_t *source_records; /* per source, bad ones counted */
    uint64_t *source_rows, *source_bad;
    uint64_t *source_bytes;
    uint8_t (*source_sha256)[32];
    struct hz_file_stamp { /* as the file was when it was scanned */
        uint64_t size, inode;
        int64_t seconds, nanos;
    } * source_stamp;
    const char **source_encoding;
    char *source_delimiter;
    uint64_t records;       /* ordinals given out so far */
    uint64_t *errors;       /* bit per ordinal */
    size_t errors_capacity; /* words */
    uint32_t *region_of;    /* per ordinal; only when the table has a region */
    size_t region_capacity;
    hz_row_index index;
    hz_bad_example *bad; /* the first of each rule */
    size_t bad_count, bad_capacity;
} hz_table_partial;

HZ_NODISCARD hz_status hz_file_stamp_of(struct hz_file_stamp *out, const char *path, hz_error *err);
void hz_table_partial_clear(hz_table_partial *table);
HZ_NODISCARD hz_status hz_table_mark_error(hz_table_partial *table, uint64_t ordinal, hz_error *err);
/* Byte offset, line and source of a row; false: a bad row or none. */
bool hz_row_index_find(const hz_row_index *index, uint64_t ordinal, uint32_t *source, uint64_t *offset, uint64_t *line);
#endif
