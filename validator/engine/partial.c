/* partial.c: see partial.h. */
#include "validator/engine/partial.h"
#include <errno.h>
#include <sys/stat.h>
#include "base/alloc.h"

hz_status hz_firsts_add(hz_firsts *firsts, uint64_t ordinal, hz_error *err)
{
    size_t at = firsts->count;
    if (at == firsts->max && (at == 0 || firsts->ordinals[at - 1] <= ordinal))
        return HZ_OK;
    while (at > 0 && firsts->ordinals[at - 1] > ordinal)
        at--;
    if (firsts->count < firsts->max) {
        if (!HZ_GROW(firsts->ordinals, firsts->capacity, firsts->count + 1))
            return hz_nomem(err, sizeof *firsts->ordinals);
        firsts->count++;
    }
    memmove(&firsts->ordinals[at + 1], &firsts->ordinals[at], (firsts->count - 1 - at) * sizeof *firsts->ordinals);
    firsts->ordinals[at] = ordinal;
    return HZ_OK;
}

/* ---- regions ---- */

hz_status hz_regions_init(hz_regions *regions, size_t tables_count, hz_error *err)
{
    memset(regions, 0, sizeof *regions);
    regions->tables_count = tables_count;
    regions->last_item = HZ_HTAB_NONE;
    regions->rows = hz_mem_zalloc(tables_count + 1, sizeof *regions->rows);
    regions->rows_capacity = hz_mem_zalloc(tables_count + 1, sizeof *regions->rows_capacity);
    if (!regions->rows || !regions->rows_capacity)
        return hz_nomem(err, tables_count * sizeof *regions->rows);
    uint32_t none;
    return hz_regions_index(&none, regions, 0, err);
}

void hz_regions_clear(hz_regions *regions)
{
    hz_htab_clear(&regions->tab);
    hz_htab_clear(&regions->exceptions);
    hz_mem_free(regions->packed);
    for (size_t t = 0; regions->rows && t < regions->tables_count; t++)
        hz_mem_free(regions->rows[t]);
    hz_mem_free(regions->rows);
    hz_mem_free(regions->rows_capacity);
    hz_mem_free(regions->items);
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

static uint64_t exception_hash_of(uint32_t region, uint32_t rule)
{
    uint64_t key = (uint64_t)region << 32 | rule;
    return hz_hash_bytes(&key, sizeof key, hz_hash_seed());
}

static uint64_t exception_hash(const void *ctx, uint32_t entry)
{
    const struct hz_region_exception *item = &((const hz_regions *)ctx)->items[entry];
    return exception_hash_of(item->region, item->rule);
}

static bool exception_is(const void *ctx, uint32_t entry, const void *key)
{
    const struct hz_region_exception *item = &((const hz_regions *)ctx)->items[entry];
    const uint32_t *pair = key;
    return item->region == pair[0] && item->rule == pair[1];
}

hz_status hz_regions_add(hz_regions *regions, uint32_t region, uint32_t rule, hz_region_counts counts, hz_error *err)
{
    uint32_t at = regions->last_item;
    if (at == HZ_HTAB_NONE || regions->items[at].region != region || regions->items[at].rule != rule) {
        uint32_t pair[2] = {region, rule};
        uint64_t hash = exception_hash_of(region, rule);
        at = hz_htab_find(&regions->exceptions, hash, pair, exception_is, regions);
        if (at == HZ_HTAB_NONE) {
            if (!HZ_GROW(regions->items, regions->items_capacity, regions->items_count + 1))
                return hz_nomem(err, sizeof *regions->items);
            HZ_TRY(hz_htab_reserve(&regions->exceptions, regions->items_count + 1, exception_hash, regions, err));
            at = (uint32_t)regions->items_count++;
            regions->items[at] = (struct hz_region_exception){.region = region, .rule = rule};
            hz_htab_put(&regions->exceptions, hash, at);
        }
        regions->last_item = at;
    }
    hz_region_counts *have = &regions->items[at].counts;
    have->not_applicable += counts.not_applicable;
    have->undetermined += counts.undetermined;
    have->failed += counts.failed;
    return HZ_OK;
}

/* ---- rows ---- */

void hz_table_partial_clear(hz_table_partial *table)
{
    hz_mem_free(table->errors);
    hz_mem_free(table->region_of);
    hz_mem_free(table->index.bases);
    hz_mem_free(table->index.offsets);
    hz_mem_free(table->index.lines);
    hz_mem_free(table->bad);
    memset(table, 0, sizeof *table);
}

hz_status hz_table_mark_error(hz_table_partial *table, uint64_t ordinal, hz_error *err)
{
    size_t word = (size_t)(ordinal >> 6), had = table->errors_capacity;
    if (word >= had) {
        if (!HZ_GROW(table->errors, table->errors_capacity, word + 1))
            return hz_nomem(err, sizeof *table->errors);
        memset(&table->errors[had], 0, (table->errors_capacity - had) * sizeof *table->errors);
    }
    table->errors[word] |= UINT64_C(1) << (ordinal & 63);
    return HZ_OK;
}

bool hz_row_index_find(const hz_row_index *index, uint64_t ordinal, uint32_t *source, uint64_t *offset, uint64_t *line)
{
    if (ordinal >= index->rows_count || index->offsets[ordinal] == UINT32_MAX)
        return false;
    size_t low = 0, high = index->bases_count;
    while (low + 1 < high) {
        size_t mid = low + (high - low) / 2;
        if (index->bases[mid].ordinal <= ordinal)
            low = mid;
        else
            high = mid;
    }
    const struct hz_row_base *base = &index->bases[low];
    *source = base->source;
    *offset = base->offset + index->offsets[ordinal];
    *line = base->line + index->lines[ordinal];
    return true;
}

hz_status hz_file_stamp_of(struct hz_file_stamp *out, const char *path, hz_error *err)
{
    struct stat info;
    memset(out, 0, sizeof *out);
    if (stat(path, &info) != 0)
        return hz_fail(err, HZ_E_SOURCE, HZ_M(FILE_OPEN), HZ_Z(path), HZ_Z(strerror(errno)));
    out->size = (uint64_t)info.st_size;
    out->inode = (uint64_t)info.st_ino;
    out->seconds = (int64_t)info.st_mtim.tv_sec;
    out->nanos = (int64_t)info.st_mtim.tv_nsec;
    return HZ_OK;
}
