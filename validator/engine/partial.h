/* partial.h: what a stage leaves behind: counters, examples, regions. Partials are added up; the sums do not depend on
 * how rows were cut, nor on the order of adding. Rows are named by their identity (rows.h). */
#ifndef HZ_ENGINE_PARTIAL_H
#define HZ_ENGINE_PARTIAL_H
#include "base/htab.h"
#include "base/pile.h"
#include "validator/engine/plan.h"
#include "validator/engine/rows.h"

/* The `max` smallest rows: a heap with the greatest on top, until it is sorted. A row is added once. */
typedef struct hz_firsts {
    uint64_t *rows;
    size_t count, capacity, max;
} hz_firsts;
HZ_NODISCARD hz_status hz_firsts_add(hz_firsts *firsts, uint64_t row, hz_error *err);
/* Whether adding it would keep it. */
static inline bool hz_firsts_takes(const hz_firsts *firsts, uint64_t row)
{
    return firsts->count < firsts->max || (firsts->max && row < firsts->rows[0]);
}
/* Ascending; after that nothing may be added. */
void hz_firsts_sort(hz_firsts *firsts);
bool hz_firsts_has(const hz_firsts *sorted, uint64_t row);

/* Records that a finding names: five others at most. */
enum { HZ_RELATED_MAX = 5 };
/* The others of an example of a unique rule. */
typedef struct hz_related {
    uint64_t row, others; /* the example; how many others there are */
    uint64_t rows[HZ_RELATED_MAX];
    uint32_t count;
} hz_related;

/* What an example read over relations (kept.h); bytes live as long as the run. */
typedef struct hz_row_values {
    uint64_t row;
    const char *bytes;
} hz_row_values;

typedef struct hz_rule_partial {
    uint64_t rows, not_applicable, undetermined, ambiguous, failed, waived, groups, unkeyed;
    bool has_groups, has_unkeyed;
    bool broken; /* ended in error */
    hz_said reason;
    hz_firsts examples;
    hz_related *related; /* of the examples, and perhaps of rows that are none any more */
    size_t related_count, related_capacity;
    hz_row_values *values; /* as related */
    size_t values_count, values_capacity;
    bool values_sorted;       /* nothing is added any more */
    uint64_t *failing_groups; /* a bit a group in its final order; NULL: not asked for */
    bool unknown_only;        /* .columns found nothing but unknown columns */
} hz_rule_partial;

void hz_rule_partial_clear(hz_rule_partial *partial);
HZ_NODISCARD hz_status hz_rule_partial_merge(hz_rule_partial *into, const hz_rule_partial *from, hz_error *err);
HZ_NODISCARD hz_status hz_row_values_add(hz_rule_partial *partial, hz_row_values values, hz_error *err);
HZ_NODISCARD hz_status hz_related_add(hz_rule_partial *partial, const hz_related *related, hz_error *err);

/* Regions: the division codes that rows name, packed (hz_division_pack); index 0 is "". */
typedef struct hz_region_counts {
    uint64_t not_applicable, undetermined, failed;
} hz_region_counts;

typedef struct hz_regions {
    hz_htab tab;
    uint64_t *packed;
    size_t count, capacity;
    uint64_t **rows; /* per table: rows by region index */
    size_t *rows_capacity;
    size_t tables_count;
    /* Exceptions by region and rule: only what differs from "evaluated and passed". Per region a table of pages of
     * eight rules, made when one of them has something to count. */
    hz_arena *arena;
    struct hz_region_page {
        uint32_t counts[8][3];
    } * **pages;
    size_t pages_capacity, pages_each;
} hz_regions;

HZ_NODISCARD hz_status hz_regions_init(hz_regions *regions, size_t tables_count, size_t rules_count, hz_error *err);
void hz_regions_clear(hz_regions *regions);
HZ_NODISCARD hz_status hz_regions_index(uint32_t *out, hz_regions *regions, uint64_t packed, hz_error *err);
/* UINT32_MAX: no row names it. */
uint32_t hz_regions_find(const hz_regions *regions, uint64_t packed);
HZ_NODISCARD hz_status hz_regions_add_rows(hz_regions *regions, uint32_t table, uint32_t region, uint64_t rows,
                                           hz_error *err);
/* HZ_E_LIMIT: more than 2^32 - 1 rows of a region. */
HZ_NODISCARD hz_status hz_regions_add(hz_regions *regions, uint32_t region, uint32_t rule, hz_region_counts counts,
                                      hz_error *err);
hz_region_counts hz_regions_get(const hz_regions *regions, uint32_t region, uint32_t rule);
/* The next rule from `rule` on that has exceptions in the region; UINT32_MAX: none. */
uint32_t hz_regions_next(const hz_regions *regions, uint32_t region, uint32_t rule);
/* Adds `from`. map (from->count items, may be NULL) is filled with the number in `into` of each of its regions.
 * `numbered`: what `from` holds already goes by the numbers of `into`. */
HZ_NODISCARD hz_status hz_regions_merge(hz_regions *into, const hz_regions *from, uint32_t *map, bool numbered,
                                        hz_error *err);

typedef struct hz_bad_example { /* of .rows and .encoding */
    uint32_t rule;
    uint32_t source;
    hz_bad_row row;
} hz_bad_example;

/* Of one table, shared by all threads: written by whoever reads (feed.h), but for the error bits. */
typedef struct hz_table_partial {
    bool scanned;
    uint64_t rows, bad_rows;
    uint64_t *source_records; /* per source, bad ones counted */
    uint64_t *source_rows, *source_bad;
    uint64_t *source_bytes;
    uint8_t (*source_sha256)[32];
    uint8_t (*source_sm3)[32]; /* where source_has_sm3 */
    bool *source_has_sm3;
    struct hz_file_stamp { /* as the file was when it was scanned */
        uint64_t size, inode;
        int64_t seconds, nanos;
    } * source_stamp;
    hz_slice made; /* the text of `sources`, in the result's arena */
    const char **source_encoding;
    char *source_delimiter;
    hz_rows places;
    hz_bad_example *bad; /* the first of each rule */
    size_t bad_count, bad_capacity;
    hz_pile all_bad; /* every one, as hz_bad_example, when all findings are asked for */
} hz_table_partial;

HZ_NODISCARD hz_status hz_file_stamp_of(struct hz_file_stamp *out, const char *path, hz_error *err);
void hz_table_partial_clear(hz_table_partial *table);
#endif
