/* indicators.c: GB/T 36344-2018: X = A / B, summed over the active rules that carry a code. B is what was evaluated. A
 * is what is as it should be, but of 0303 (duplication rate) and 0305 (dirty data rate), whose good direction is low,
 * what failed. */
#include "base/alloc.h"
#include "reports/grade_int.h"
#include <stdlib.h>

#define INDICATORS "GB/T 36344"

static int by_code(const void *a, const void *b)
{
    const hz_result_indicator *x = a, *y = b;
    return hz_slice_cmp(x->code, y->code);
}

static bool counts_bad(hz_slice code)
{
    return hz_slice_is(code, "0303") || hz_slice_is(code, "0305");
}

/* The list's own texts may go before the result does. */
static hz_status keep(hz_slice *text, hz_result *result, hz_error *err)
{
    return hz_arena_copy(text, result->arena, *text) == HZ_OK ? HZ_OK : hz_nomem(err, text->len);
}

static hz_status name_one(hz_result_indicator *one, hz_result *result, const hz_codelist *list, hz_error *err)
{
    uint32_t row = list ? hz_codelist_find(list, one->code, HZ_DAY_EVER) : HZ_HTAB_NONE;
    if (row == HZ_HTAB_NONE)
        return HZ_OK;
    hz_code code = hz_codelist_at(list, row);
    one->name_zh = code.name.zh;
    one->name_en = code.name.en;
    HZ_TRY(keep(&one->name_zh, result, err));
    HZ_TRY(keep(&one->name_en, result, err));
    int column = hz_codelist_column(list, HZ_SLICE_LIT("dimension"));
    if (column < 0)
        return HZ_OK;
    one->dimension = hz_codelist_value(list, row, column);
    return keep(&one->dimension, result, err);
}

static hz_status name_all(hz_result *result, hz_error *err)
{
    hz_lists *own = NULL;
    hz_error absent = {0};
    if (!result->lists_store)
        HZ_TRY(hz_lists_open(&own, NULL, hz_limits_default(), err));
    const hz_codelist *list =
        hz_lists_find(result->lists_store ? result->lists_store : own, HZ_SLICE_LIT(INDICATORS), &absent);
    hz_status st = HZ_OK;
    if (!list && absent.status == HZ_E_NOMEM)
        st = hz_nomem(err, 0);
    for (size_t i = 0; st == HZ_OK && i < result->indicators_count; i++)
        st = name_one(&result->indicators[i], result, list, err);
    hz_lists_close(own);
    return st;
}

static hz_result_indicator *find(hz_result *result, hz_slice code)
{
    for (size_t i = 0; i < result->indicators_count; i++)
        if (hz_slice_eq(result->indicators[i].code, code))
            return &result->indicators[i];
    return NULL;
}

hz_status hz_indicators_make(hz_result *result, hz_error *err)
{
    result->indicators_count = 0;
    result->indicators = HZ_ARENA_ARRAY(result->arena, hz_result_indicator, result->rules_count + 1);
    if (!result->indicators)
        return hz_nomem(err, (result->rules_count + 1) * sizeof *result->indicators);
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        if (!rule->evaluated || !rule->rule->indicator.len || rule->outcome == HZ_OUTCOME_SKIPPED ||
            rule->outcome == HZ_OUTCOME_ERROR)
            continue;
        hz_result_indicator *one = find(result, rule->rule->indicator);
        if (!one) {
            one = &result->indicators[result->indicators_count++];
            one->code = rule->rule->indicator;
            one->dimension = hz_slice_of(hz_dimension_name(rule->rule->dimension)); /* unless the list knows better */
        }
        one->a += counts_bad(one->code) ? rule->failed : rule->evaluated - rule->failed;
        one->b += rule->evaluated;
    }
    for (size_t i = 0; i < result->indicators_count; i++)
        result->indicators[i].x = hz_share6(result->indicators[i].a, result->indicators[i].b);
    if (result->indicators_count)
        qsort(result->indicators, result->indicators_count, sizeof *result->indicators, by_code);
    return result->indicators_count ? name_all(result, err) : HZ_OK;
}
