/* html_regions.c: regions, and measures by region.
 *
 * A country has hundreds of thousands of villages. Levels are shown from the top as long as they fit; of the first
 * that does not fit whole, those regions with the most findings. So whatever is shown has all that is above it. */
#include "base/alloc.h"
#include "reports/html_int.h"
#include <stdlib.h>

enum { LEVELS = HZ_LEVEL_VILLAGE + 1 };

typedef struct pick {
    uint32_t index; /* in result.regions */
    size_t cost;
    bool kept;
} pick;

static void put_region(hz_html *h, const hz_result_region *region)
{
    hz_pack_open(&h->pack, '[');
    hz_pack_text(&h->pack, hz_slice_of(region->code));
    hz_pack_text(&h->pack, region->name.zh);
    hz_pack_text(&h->pack, region->name.en);
    hz_pack_u64(&h->pack, region->rows);
    hz_pack_u64(&h->pack, region->findings);
    hz_pack_u64(&h->pack, region->records_with_errors);
    if (region->has_score) {
        hz_pack_decimal(&h->pack, region->score);
        if (region->grade != UINT32_MAX)
            hz_pack_u64(&h->pack, region->grade);
        else
            hz_pack_null(&h->pack);
    } else {
        hz_pack_null(&h->pack);
        hz_pack_null(&h->pack);
    }
    hz_pack_close(&h->pack, ']');
}

static void measure_costs(hz_html *h, pick *picks)
{
    hz_buf one = HZ_BUF_INIT, *out = h->pack.out;
    bool comma = h->pack.comma;
    h->pack.out = &one;
    for (size_t i = 0; i < h->result->regions_count; i++) {
        hz_buf_reset(&one);
        h->pack.comma = true;
        put_region(h, &h->result->regions[i]);
        picks[i] = (pick){(uint32_t)i, one.len, false};
        if (one.status != HZ_OK && out->status == HZ_OK)
            out->status = one.status;
    }
    h->pack.out = out;
    h->pack.comma = comma;
    hz_buf_clear(&one);
}

static int by_findings(const void *x, const void *y, void *regions)
{
    const pick *a = x, *b = y;
    const hz_result_region *first = (const hz_result_region *)regions + a->index,
                           *second = (const hz_result_region *)regions + b->index;
    if (first->findings != second->findings)
        return first->findings < second->findings ? 1 : -1;
    return (a->index > b->index) - (a->index < b->index);
}

static int by_index(const void *x, const void *y)
{
    const pick *a = x, *b = y;
    return (a->index > b->index) - (a->index < b->index);
}

/* Keeps what fits of one level. Returns false when that was not all of it. */
static bool keep_level(pick *picks, size_t count, const hz_result_region *regions, hz_division_level level,
                       size_t *left)
{
    size_t cost = 0;
    for (size_t i = 0; i < count; i++)
        cost += regions[picks[i].index].level == level ? picks[i].cost : 0;
    bool whole = cost <= *left;
    if (!whole)
        qsort_r(picks, count, sizeof *picks, by_findings, (void *)(uintptr_t)regions);
    for (size_t i = 0; i < count; i++) {
        if (regions[picks[i].index].level != level)
            continue;
        if (picks[i].cost > *left)
            break;
        picks[i].kept = true;
        *left -= picks[i].cost;
    }
    return whole;
}

static void put_levels(hz_html *h, const pick *picks)
{
    uint64_t kept[LEVELS] = {0}, all[LEVELS] = {0};
    for (size_t i = 0; i < h->result->regions_count; i++) {
        hz_division_level level = h->result->regions[picks[i].index].level;
        all[level]++;
        kept[level] += picks[i].kept;
    }
    hz_pack_key(&h->pack, "levels");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < LEVELS; i++) {
        hz_pack_open(&h->pack, '[');
        hz_pack_u64(&h->pack, kept[i]);
        hz_pack_u64(&h->pack, all[i]);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
}

hz_status hz_html_put_regions(hz_html *h, hz_error *err)
{
    const hz_result *result = h->result;
    size_t count = result->regions_count, left = HZ_HTML_REGIONS_BYTES;
    pick *picks = hz_mem_zalloc(count + 1, sizeof *picks);
    if (!picks)
        return hz_nomem(err, (count + 1) * sizeof *picks);
    measure_costs(h, picks);
    for (int level = HZ_LEVEL_ANY; level < LEVELS; level++)
        if (!keep_level(picks, count, result->regions, (hz_division_level)level, &left))
            break;
    if (count)
        qsort(picks, count, sizeof *picks, by_index);
    put_levels(h, picks);
    hz_pack_key(&h->pack, "regions");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < count; i++)
        if (picks[i].kept)
            put_region(h, &result->regions[picks[i].index]);
    hz_pack_close(&h->pack, ']');
    hz_mem_free(picks);
    return HZ_OK;
}

/* ---- measures ---- */

/* A figure with all its digits is no number of the script. */
static void put_figure(hz_html *h, const char *key, bool present, hz_decimal value)
{
    if (key)
        hz_pack_key(&h->pack, key);
    if (!present) {
        hz_pack_null(&h->pack);
        return;
    }
    hz_buf_reset(&h->scratch);
    hz_decimal_put(&h->scratch, hz_decimal_normal(value));
    hz_pack_text(&h->pack, hz_html_scratched(h));
}

static void put_region_figure(hz_html *h, const struct hz_result_measure_region *region)
{
    hz_pack_open(&h->pack, '[');
    hz_pack_text(&h->pack, hz_slice_of(region->code));
    put_figure(h, NULL, region->value.has_value, region->value.value);
    if (region->verdict != HZ_VERDICT_NONE)
        hz_pack_u64(&h->pack, region->verdict);
    hz_pack_close(&h->pack, ']');
}

static size_t level_bytes(hz_html *h, const hz_result_measure *measure, int level, hz_buf *one)
{
    hz_buf *out = h->pack.out;
    bool comma = h->pack.comma;
    hz_buf_reset(one);
    h->pack.out = one;
    h->pack.comma = true;
    for (size_t i = 0; i < measure->regions_count && one->len <= HZ_HTML_FIGURES_BYTES; i++)
        if ((int)measure->regions[i].level == level)
            put_region_figure(h, &measure->regions[i]);
    h->pack.out = out;
    h->pack.comma = comma;
    if (one->status != HZ_OK && out->status == HZ_OK)
        out->status = one->status;
    return one->len;
}

static void put_by_region(hz_html *h, const hz_result_measure *measure, size_t left)
{
    hz_buf one = HZ_BUF_INIT;
    int below = HZ_LEVEL_ANY; /* the first level that is not shown */
    for (; below < LEVELS; below++) {
        size_t bytes = level_bytes(h, measure, below, &one);
        if (bytes > left)
            break;
        left -= bytes;
    }
    hz_buf_clear(&one);
    hz_html_count(h, "all", measure->regions_count);
    hz_pack_key(&h->pack, "regions");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < measure->regions_count; i++)
        if ((int)measure->regions[i].level < below)
            put_region_figure(h, &measure->regions[i]);
    hz_pack_close(&h->pack, ']');
}

static void put_measure(hz_html *h, const hz_result_measure *result, size_t left)
{
    const hz_measure *measure = result->measure;
    uint32_t table = 0;
    while (table < h->result->tables_count && h->result->tables[table].table != measure->table)
        table++;
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "id", measure->id);
    hz_html_count(h, "table", table);
    hz_html_text2(h, "title", measure->title);
    hz_html_text2(h, "description", measure->description);
    hz_html_text(h, "unit", measure->unit);
    hz_html_count(h, "severity", measure->severity);
    hz_html_text(h, "life", hz_slice_of(hz_life_name(measure->status)));
    hz_html_text(h, "expr", measure->value.text);
    if (measure->expect.root)
        hz_html_text(h, "expect", measure->expect.text);
    put_figure(h, "value", result->whole.has_value, result->whole.value);
    if (result->whole.has_fraction) {
        put_figure(h, "numerator", true, result->whole.numerator);
        put_figure(h, "denominator", true, result->whole.denominator);
    }
    hz_html_count(h, "verdict", result->whole_verdict);
    hz_html_text(h, "outcome", hz_slice_of(hz_outcome_name(result->outcome)));
    hz_html_said(h, "reason", &result->reason);
    if (result->outcome == HZ_OUTCOME_SKIPPED)
        hz_html_text(h, "if_skipped", hz_slice_of(hz_if_skipped_name(measure->if_skipped)));
    put_by_region(h, result, left);
    hz_pack_close(&h->pack, '}');
}

hz_status hz_html_put_measures(hz_html *h, hz_error *err)
{
    const hz_result *result = h->result;
    hz_pack_key(&h->pack, "measures");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < result->measures_count; i++)
        put_measure(h, &result->measures[i], HZ_HTML_FIGURES_BYTES / result->measures_count);
    hz_pack_close(&h->pack, ']');
    return hz_buf_status(h->pack.out, err);
}
