/* text_figures.c: measures, and the regions with the lowest scores. */
#include "base/alloc.h"
#include "reports/text_int.h"
#include <stdlib.h>

enum { REGIONS_SHOWN = 5, MISSES_SHOWN = 3 };

typedef struct hz_result_measure_region region_figure;

/* `percent` is a share as people say it; others stand behind their number. */
static void put_figure(hz_text_out *t, const hz_ratio *ratio, hz_slice unit)
{
    hz_decimal value = ratio->value, hundred;
    bool percent = hz_slice_is(unit, "percent");
    if (!ratio->has_value) {
        hz_text_put(t, hz_text_word(t, HZ_MSG_TEXT_NO_VALUE));
        return;
    }
    if (percent && hz_decimal_mul(&hundred, value, hz_decimal_of(100)) &&
        hz_decimal_round(&value, hundred, 2, HZ_ROUND_HALF_EVEN))
        value = hz_decimal_normal(value);
    hz_digits digits = hz_text_figure(value);
    hz_text_put(t, HZ_DIGITS(digits));
    if (percent) {
        hz_text_puts(t, "%");
    } else if (unit.len) {
        hz_text_puts(t, " ");
        hz_text_put(t, unit);
    }
}

static void put_fraction(hz_text_out *t, const hz_ratio *ratio)
{
    hz_digits numerator = hz_text_figure(ratio->numerator), denominator = hz_text_figure(ratio->denominator);
    if (!ratio->has_fraction)
        return;
    hz_text_puts(t, " (");
    hz_text_put(t, HZ_DIGITS(numerator));
    hz_text_puts(t, " / ");
    hz_text_put(t, HZ_DIGITS(denominator));
    hz_text_puts(t, ")");
}

static void put_before(hz_text_out *t, const hz_result_measure *measure)
{
    if (!measure->previous.has_value)
        return;
    hz_text_puts(t, "  ");
    hz_text_put(t, hz_text_word(t, HZ_MSG_TEXT_MEASURE_BEFORE));
    hz_text_puts(t, " ");
    put_figure(t, &measure->previous, measure->measure->unit);
}

static bool distance(hz_decimal *out, const hz_result_measure *measure, const region_figure *region)
{
    return measure->whole.has_value && region->value.has_value &&
           hz_decimal_sub(out, region->value.value, measure->whole.value) &&
           (out->coef >= 0 || hz_decimal_neg(out, *out));
}

/* The regions that miss what is expected and lie farthest from the whole, first of equals by code. */
static size_t find_misses(const region_figure *out[MISSES_SHOWN], size_t *all, const hz_result_measure *measure)
{
    size_t count = 0;
    *all = 0;
    for (size_t i = 0; i < measure->regions_count; i++) {
        const region_figure *region = &measure->regions[i];
        hz_decimal here, there;
        if (region->verdict != HZ_VERDICT_FALSE)
            continue;
        ++*all;
        size_t at = count < MISSES_SHOWN ? count++ : MISSES_SHOWN;
        for (; at > 0; at--) {
            bool farther = distance(&here, measure, region) &&
                           (!distance(&there, measure, out[at - 1]) || hz_decimal_cmp(here, there) > 0);
            if (!farther)
                break;
            if (at < MISSES_SHOWN)
                out[at] = out[at - 1];
        }
        if (at < MISSES_SHOWN)
            out[at] = region;
    }
    return count;
}

static void put_misses(hz_text_out *t, const hz_result_measure *measure)
{
    const region_figure *misses[MISSES_SHOWN];
    size_t all, shown = find_misses(misses, &all, measure);
    hz_roll names = {HZ_BUF_INIT, 0};
    hz_digits regions = hz_text_count(measure->regions_count), missed = hz_text_count(all);
    hz_text_puts(t, "      ");
    for (size_t i = 0; i < shown; i++) {
        hz_buf one = HZ_BUF_INIT;
        hz_text_out line = {.out = &one,
                            .result = t->result,
                            .options = t->options,
                            .lang = t->lang,
                            .width = t->width,
                            .scratch = HZ_BUF_INIT,
                            .safe = HZ_BUF_INIT};
        hz_text_puts(&line, misses[i]->code[0] ? misses[i]->code : "–");
        hz_text_puts(&line, " ");
        put_figure(&line, &misses[i]->value, measure->measure->unit);
        hz_text_check(t, &one);
        hz_roll_add(&names, t, hz_buf_slice(&one), t->width);
        hz_buf_clear(&line.scratch);
        hz_buf_clear(&line.safe);
        hz_buf_clear(&one);
    }
    names.more = all - shown;
    if (all)
        HZ_SAY_REST(t, MEASURE_REGIONS_MISS, HZ_DIGITS(regions), HZ_DIGITS(missed), hz_roll_done(&names, t));
    else
        HZ_SAY_REST(t, MEASURE_REGIONS, HZ_DIGITS(regions));
    hz_buf_clear(&names.text);
    hz_text_line(t);
}

static void put_measure(hz_text_out *t, const hz_result_measure *measure, size_t id_end)
{
    bool ran = measure->outcome != HZ_OUTCOME_SKIPPED && measure->outcome != HZ_OUTCOME_ERROR;
    bool failed = measure->outcome == HZ_OUTCOME_FAILED, judged = measure->whole_verdict != HZ_VERDICT_NONE;
    hz_text_ink(t, failed ? hz_severity_ink(measure->measure->severity) : judged ? HZ_INK_GREEN : HZ_INK_PLAIN);
    hz_text_puts(t, failed ? "  ✗ " : judged && measure->outcome == HZ_OUTCOME_PASSED ? "  ✓ " : "  – ");
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_text_put_fit(t, measure->measure->id, id_end - 4);
    hz_text_to(t, id_end + 2);
    if (ran) {
        put_figure(t, &measure->whole, measure->measure->unit);
        put_fraction(t, &measure->whole);
        put_before(t, measure);
    } else {
        hz_text_put(t, hz_text_word(t, HZ_MSG_TEXT_NO_VALUE));
    }
    hz_text_puts(t, "  ");
    hz_text_put_rest(t, hz_text2_pick(measure->measure->title, t->lang, HZ_SLICE_NONE));
    hz_text_line(t);
    if (ran && measure->regions_count)
        put_misses(t, measure);
}

static void put_measures(hz_text_out *t)
{
    size_t end = 0;
    if (!t->result->measures_count)
        return;
    HZ_HEADING(t, HEAD_MEASURES, HZ_SLICE_NONE);
    for (size_t i = 0; i < t->result->measures_count; i++) {
        size_t width = 4 + hz_text_width(t, t->result->measures[i].measure->id);
        end = width > end ? width : end;
    }
    end = end < t->width / 3 ? end : t->width / 3;
    for (size_t i = 0; i < t->result->measures_count; i++)
        put_measure(t, &t->result->measures[i], end);
}

/* ---- regions ---- */

static int by_score(const void *x, const void *y)
{
    const hz_result_region *a = *(const hz_result_region *const *)x, *b = *(const hz_result_region *const *)y;
    int order = hz_decimal_cmp(a->score, b->score);
    return order ? order : strcmp(a->code, b->code);
}

/* The highest level with more than one region that has a score: where the first difference is. */
static hz_division_level level_to_show(const hz_result *result)
{
    for (hz_division_level level = HZ_LEVEL_PROVINCE; level <= HZ_LEVEL_VILLAGE; level++) {
        size_t count = 0;
        for (size_t i = 0; i < result->regions_count; i++)
            count += result->regions[i].has_score && result->regions[i].level == level;
        if (count > 1)
            return level;
    }
    return HZ_LEVEL_ANY;
}

static void put_region(hz_text_out *t, const hz_result_region *region, size_t code_end, size_t name_end)
{
    hz_digits score = hz_text_score(region->score), wrong = hz_text_count(region->records_with_errors),
              rows = hz_text_count(region->rows);
    hz_text_puts(t, "  ");
    hz_text_puts(t, region->code);
    hz_text_to(t, code_end + 2);
    hz_text_put_fit(t, hz_text2_pick(region->name, t->lang, HZ_SLICE_LIT("–")), name_end - code_end - 2);
    hz_text_put_right(t, HZ_DIGITS(score), name_end + 8);
    hz_text_puts(t, "  ");
    if (region->grade != UINT32_MAX)
        hz_text_put(t, t->result->profile->grading.grades[region->grade].grade);
    hz_text_puts(t, "  ");
    HZ_SAY_REST(t, REGION_ERRORS, HZ_DIGITS(wrong), HZ_DIGITS(rows));
    hz_text_line(t);
}

static void put_regions(hz_text_out *t, const hz_result_region **found, hz_division_level level)
{
    static const hz_msg_id names[] = {HZ_MSG_NONE,
                                      HZ_MSG_TEXT_LEVEL_PROVINCE,
                                      HZ_MSG_TEXT_LEVEL_PREFECTURE,
                                      HZ_MSG_TEXT_LEVEL_COUNTY,
                                      HZ_MSG_TEXT_LEVEL_TOWNSHIP,
                                      HZ_MSG_TEXT_LEVEL_VILLAGE};
    const hz_result *result = t->result;
    size_t count = 0, code = 0, name = 1;
    for (size_t i = 0; i < result->regions_count; i++)
        if (result->regions[i].has_score && result->regions[i].level == level)
            found[count++] = &result->regions[i];
    qsort(found, count, sizeof(const hz_result_region *), by_score);
    size_t shown = count < REGIONS_SHOWN ? count : REGIONS_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        size_t width = hz_text_width(t, hz_text2_pick(found[i]->name, t->lang, HZ_SLICE_NONE));
        name = width > name ? width : name;
        code = strlen(found[i]->code) > code ? strlen(found[i]->code) : code;
    }
    name = name < t->width / 3 ? name : t->width / 3;
    hz_digits shown_digits = hz_text_count(shown), all = hz_text_count(count);
    HZ_HEADING(t, HEAD_REGIONS, hz_text_word(t, names[level]), HZ_DIGITS(shown_digits), HZ_DIGITS(all));
    for (size_t i = 0; i < shown; i++)
        put_region(t, found[i], 2 + code, 2 + code + 2 + name);
}

hz_status hz_text_figures(hz_text_out *t, hz_error *err)
{
    put_measures(t);
    hz_division_level level = level_to_show(t->result);
    if (level == HZ_LEVEL_ANY)
        return HZ_OK;
    const hz_result_region **found = hz_mem_zalloc(t->result->regions_count, sizeof(const hz_result_region *));
    if (!found)
        return hz_nomem(err, t->result->regions_count * sizeof(const hz_result_region *));
    put_regions(t, found, level);
    hz_mem_free(found);
    return HZ_OK;
}
