/* partial.c: see partial.h. */
#include "validator/engine/partial.h"
#include "base/alloc.h"
#include "base/file.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- the first rows ---- */

static void sink(uint64_t *heap, size_t count, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            return;
        if (child + 1 < count && heap[child + 1] > heap[child])
            child++;
        if (heap[at] >= heap[child])
            return;
        uint64_t row = heap[at];
        heap[at] = heap[child];
        heap[child] = row;
        at = child;
    }
}

hz_status hz_firsts_add(hz_firsts *firsts, uint64_t row, hz_error *err)
{
    if (!hz_firsts_takes(firsts, row))
        return HZ_OK;
    if (firsts->count == firsts->max) {
        firsts->rows[0] = row;
        sink(firsts->rows, firsts->count, 0);
        return HZ_OK;
    }
    if (!HZ_GROW(firsts->rows, firsts->capacity, firsts->count + 1))
        return hz_nomem(err, sizeof row);
    size_t at = firsts->count++;
    for (; at > 0 && firsts->rows[(at - 1) / 2] < row; at = (at - 1) / 2)
        firsts->rows[at] = firsts->rows[(at - 1) / 2];
    firsts->rows[at] = row;
    return HZ_OK;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void hz_firsts_sort(hz_firsts *firsts)
{
    if (firsts->count)
        qsort(firsts->rows, firsts->count, sizeof *firsts->rows, by_number);
}

bool hz_firsts_has(const hz_firsts *sorted, uint64_t row)
{
    return sorted->count && bsearch(&row, sorted->rows, sorted->count, sizeof row, by_number);
}

/* ---- rules ---- */

void hz_rule_partial_clear(hz_rule_partial *partial)
{
    hz_mem_free(partial->examples.rows);
    hz_mem_free(partial->related);
    hz_mem_free(partial->values);
    hz_mem_free(partial->failing_groups);
    memset(partial, 0, sizeof *partial);
}

/* Drops the related records of rows that are no examples any more, when they are the most of what is kept. */
static void forget_related(hz_rule_partial *partial)
{
    size_t kept = 0;
    if (partial->related_count < 64 || partial->related_count < 4 * partial->examples.max)
        return;
    for (size_t i = 0; i < partial->related_count; i++)
        if (partial->related[i].row <= partial->examples.rows[0])
            partial->related[kept++] = partial->related[i];
    partial->related_count = kept;
}

hz_status hz_related_add(hz_rule_partial *partial, const hz_related *related, hz_error *err)
{
    forget_related(partial);
    if (!HZ_GROW(partial->related, partial->related_capacity, partial->related_count + 1))
        return hz_nomem(err, sizeof *related);
    partial->related[partial->related_count++] = *related;
    return HZ_OK;
}

static void forget_values(hz_rule_partial *partial)
{
    size_t kept = 0;
    if (partial->values_count < 64 || partial->values_count < 4 * partial->examples.max)
        return;
    for (size_t i = 0; i < partial->values_count; i++)
        if (partial->values[i].row <= partial->examples.rows[0])
            partial->values[kept++] = partial->values[i];
    partial->values_count = kept;
}

hz_status hz_row_values_add(hz_rule_partial *partial, hz_row_values values, hz_error *err)
{
    forget_values(partial);
    if (!HZ_GROW(partial->values, partial->values_capacity, partial->values_count + 1))
        return hz_nomem(err, sizeof values);
    partial->values[partial->values_count++] = values;
    return HZ_OK;
}

hz_status hz_rule_partial_merge(hz_rule_partial *into, const hz_rule_partial *from, hz_error *err)
{
    into->rows += from->rows;
    into->not_applicable += from->not_applicable;
    into->undetermined += from->undetermined;
    into->ambiguous += from->ambiguous;
    into->failed += from->failed;
    into->groups += from->groups;
    into->unkeyed += from->unkeyed;
    into->has_groups = into->has_groups || from->has_groups;
    into->has_unkeyed = into->has_unkeyed || from->has_unkeyed;
    if (from->broken && !into->broken)
        into->reason = from->reason;
    into->broken = into->broken || from->broken;
    for (size_t i = 0; i < from->examples.count; i++)
        HZ_TRY(hz_firsts_add(&into->examples, from->examples.rows[i], err));
    for (size_t i = 0; i < from->related_count; i++)
        HZ_TRY(hz_related_add(into, &from->related[i], err));
    for (size_t i = 0; i < from->values_count; i++)
        HZ_TRY(hz_row_values_add(into, from->values[i], err));
    return HZ_OK;
}

/* ---- regions ---- */

hz_status hz_regions_init(hz_regions *regions, size_t tables_count, size_t rules_count, hz_error *err)
{
    memset(regions, 0, sizeof *regions);
    regions->tables_count = tables_count;
    regions->pages_each = rules_count / 8 + 1;
    regions->arena = hz_arena_new();
    regions->rows = hz_mem_zalloc(tables_count + 1, sizeof *regions->rows);
    regions->rows_capacity = hz_mem_zalloc(tables_count + 1, sizeof *regions->rows_capacity);
    if (!regions->arena || !regions->rows || !regions->rows_capacity)
        return hz_nomem(err, tables_count * sizeof *regions->rows);
    uint32_t none;
    return hz_regions_index(&none, regions, 0, err);
}

void hz_regions_clear(hz_regions *regions)
{
    hz_htab_clear(&regions->tab);
    hz_arena_free(regions->arena);
    hz_mem_free((void *)regions->pages);
    hz_mem_free(regions->packed);
    for (size_t t = 0; regions->rows && t < regions->tables_count; t++)
        hz_mem_free(regions->rows[t]);
    hz_mem_free(regions->rows);
    hz_mem_free(regions->rows_capacity);
    memset(regions, 0, sizeof *regions);
}

static uint64_t region_hash_of(uint64_t packed)
{
    return hz_hash_bytes(&packed, sizeof packed, hz_hash_seed());
}

static uint64_t region_hash(const void *ctx, uint32_t entry)
{
    return region_hash_of(((const hz_regions *)ctx)->packed[entry]);
}

static bool region_is(const void *ctx, uint32_t entry, const void *key)
{
    return ((const hz_regions *)ctx)->packed[entry] == *(const uint64_t *)key;
}

hz_status hz_regions_index(uint32_t *out, hz_regions *regions, uint64_t packed, hz_error *err)
{
    uint64_t hash = region_hash_of(packed);
    *out = hz_htab_find(&regions->tab, hash, &packed, region_is, regions);
    if (*out != HZ_HTAB_NONE)
        return HZ_OK;
    if (!HZ_GROW(regions->packed, regions->capacity, regions->count + 1))
        return hz_nomem(err, sizeof packed);
    HZ_TRY(hz_htab_reserve(&regions->tab, regions->count + 1, region_hash, regions, err));
    *out = (uint32_t)regions->count;
    regions->packed[regions->count++] = packed;
    hz_htab_put(&regions->tab, hash, *out);
    return HZ_OK;
}

hz_status hz_regions_add_rows(hz_regions *regions, uint32_t table, uint32_t region, uint64_t rows, hz_error *err)
{
    size_t had = regions->rows_capacity[table];
    if (region >= had) {
        if (!HZ_GROW(regions->rows[table], regions->rows_capacity[table], region + 1))
            return hz_nomem(err, sizeof(uint64_t));
        memset(&regions->rows[table][had], 0, (regions->rows_capacity[table] - had) * sizeof(uint64_t));
    }
    regions->rows[table][region] += rows;
    return HZ_OK;
}

static hz_status page_of(struct hz_region_page **out, hz_regions *regions, uint32_t region, uint32_t rule,
                         hz_error *err)
{
    size_t had = regions->pages_capacity;
    if (region >= had) {
        if (!HZ_GROW(regions->pages, regions->pages_capacity, region + 1))
            return hz_nomem(err, sizeof *regions->pages);
        memset((void *)&regions->pages[had], 0, (regions->pages_capacity - had) * sizeof *regions->pages);
    }
    struct hz_region_page ***own = &regions->pages[region];
    if (!*own)
        *own = HZ_ARENA_ARRAY(regions->arena, struct hz_region_page *, regions->pages_each);
    if (!*own)
        return hz_nomem(err, regions->pages_each * sizeof **own);
    if (!(*own)[rule / 8])
        (*own)[rule / 8] = HZ_ARENA_NEW(regions->arena, struct hz_region_page);
    *out = (*own)[rule / 8];
    return *out ? HZ_OK : hz_nomem(err, sizeof **out);
}

hz_status hz_regions_add(hz_regions *regions, uint32_t region, uint32_t rule, hz_region_counts counts, hz_error *err)
{
    const uint64_t more[3] = {counts.not_applicable, counts.undetermined, counts.failed};
    struct hz_region_page *page;
    HZ_TRY(page_of(&page, regions, region, rule, err));
    for (size_t i = 0; i < 3; i++) {
        uint64_t sum = page->counts[rule % 8][i] + more[i];
        if (sum > UINT32_MAX)
            return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("region_rows"), HZ_U(UINT32_MAX));
        page->counts[rule % 8][i] = (uint32_t)sum;
    }
    return HZ_OK;
}

static const struct hz_region_page *page_at(const hz_regions *regions, uint32_t region, uint32_t rule)
{
    bool there = region < regions->pages_capacity && regions->pages[region] && rule / 8 < regions->pages_each;
    return there ? regions->pages[region][rule / 8] : NULL;
}

hz_region_counts hz_regions_get(const hz_regions *regions, uint32_t region, uint32_t rule)
{
    const struct hz_region_page *page = page_at(regions, region, rule);
    const uint32_t *counts = page ? page->counts[rule % 8] : NULL;
    return counts ? (hz_region_counts){counts[0], counts[1], counts[2]} : (hz_region_counts){0, 0, 0};
}

uint32_t hz_regions_next(const hz_regions *regions, uint32_t region, uint32_t rule)
{
    while (rule / 8 < regions->pages_each) {
        const struct hz_region_page *page = page_at(regions, region, rule);
        if (page && (page->counts[rule % 8][0] | page->counts[rule % 8][1] | page->counts[rule % 8][2]))
            return rule;
        rule = page ? rule + 1 : rule / 8 * 8 + 8;
    }
    return UINT32_MAX;
}

uint32_t hz_regions_find(const hz_regions *regions, uint64_t packed)
{
    return hz_htab_find(&regions->tab, region_hash_of(packed), &packed, region_is, regions);
}

hz_status hz_regions_merge(hz_regions *into, const hz_regions *from, uint32_t *map, bool numbered, hz_error *err)
{
    uint32_t *own = map ? map : hz_mem_zalloc(from->count + 1, sizeof *own);
    hz_status st = own ? HZ_OK : hz_nomem(err, from->count * sizeof *own);
    for (size_t r = 0; st == HZ_OK && !numbered && r < from->count; r++)
        st = hz_regions_index(&own[r], into, from->packed[r], err);
    for (size_t t = 0; t < from->tables_count; t++)
        for (size_t r = 0; st == HZ_OK && !numbered && r < from->rows_capacity[t]; r++)
            if (from->rows[t][r])
                st = hz_regions_add_rows(into, (uint32_t)t, own[r], from->rows[t][r], err);
    for (uint32_t r = 0; r < from->pages_capacity; r++)
        for (uint32_t rule = hz_regions_next(from, r, 0); st == HZ_OK && rule != UINT32_MAX;
             rule = hz_regions_next(from, r, rule + 1))
            st = hz_regions_add(into, numbered ? r : own[r], rule, hz_regions_get(from, r, rule), err);
    if (!map)
        hz_mem_free(own);
    return st;
}

/* ---- tables ---- */

void hz_table_partial_clear(hz_table_partial *table)
{
    hz_rows_clear(&table->places);
    hz_mem_free(table->bad);
    hz_pile_clear(&table->all_bad);
    memset(table, 0, sizeof *table);
}

hz_status hz_file_stamp_of(struct hz_file_stamp *out, const char *path, hz_error *err)
{
    struct stat info;
    memset(out, 0, sizeof *out);
    if (stat(path, &info) != 0)
        return hz_file_fail(err, HZ_E_SOURCE, HZ_MSG_FILE_OPEN, path, errno);
    out->size = (uint64_t)info.st_size;
    out->inode = (uint64_t)info.st_ino;
    out->seconds = (int64_t)info.st_mtim.tv_sec;
    out->nanos = (int64_t)info.st_mtim.tv_nsec;
    return HZ_OK;
}
