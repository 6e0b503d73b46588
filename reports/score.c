/* score.c: exact scores. A rule's ratio is rounded once, to 12 decimals; all after it is whole numbers:
 *
 *   dimension  100 * sum(w * r) / sum(w)        w = severity weight * rule weight, r the ratio
 *   score      sum(W * dimension) / sum(W)      W = the profile's weight, over dimensions that have a score
 *
 * Weights are brought to one power of ten, the score's fractions to one denominator, and the only division is the last,
 * to 6 decimals. So the order of rules cannot matter, and the gains of next_grade.c add up exactly.
 *
 * Size: a weight has less than 38 digits before and after the point, so w at the common scale is below 10^152, its sum
 * over 2^32 rules below 2^538, and a dimension's top below 2^578. W at its scale is below 10^76. The whole's top, W *
 * top * five other sums, is below 2^(253 + 578 + 5 * 538 + 3) = 2^3524, and with 10^8 and a factor of 2 for rounding
 * below 2^3552: within the 4,096 bits of hz_big. */
#include "reports/score_int.h"

hz_decimal hz_rule_ratio(uint64_t failed, uint64_t evaluated)
{
    const hz_uint128 one = 1000000000000;
    hz_uint128 whole = (evaluated - failed) * one, ratio = whole / evaluated, rest = whole % evaluated;
    hz_uint128 to_go = evaluated - rest;
    ratio += rest > to_go || (rest == to_go && (ratio & 1));
    return (hz_decimal){(hz_int128)ratio, 12};
}

static void at_scale(hz_big *out, hz_decimal a, int32_t scale)
{
    hz_big_set(out, a.coef > 0 ? (hz_uint128)a.coef : 0);
    hz_big_mul_power(out, scale - a.scale);
}

static hz_decimal severity_weight(const hz_result *result, const hz_result_rule *rule)
{
    return hz_decimal_normal(result->profile->grading.severity_weights[rule->severity]);
}

/* severity weight * rule weight, at the common scale. */
static void rule_weight(hz_big *out, const hz_score_sums *sums, const hz_result_rule *rule)
{
    hz_decimal severity = severity_weight(sums->result, rule), own = hz_decimal_normal(rule->rule->weight);
    hz_big other;
    at_scale(out, severity, severity.scale);
    at_scale(&other, own, own.scale);
    hz_big_mul(out, &other);
    hz_big_mul_power(out, sums->scale - severity.scale - own.scale);
}

static int32_t common_scale(const hz_result *result, const hz_rule_counts *counts, size_t count)
{
    int32_t scale = 0;
    for (size_t i = 0; i < count; i++) {
        const hz_result_rule *rule = &result->rules[counts[i].rule];
        int32_t here = severity_weight(result, rule).scale + hz_decimal_normal(rule->rule->weight).scale;
        scale = here > scale ? here : scale;
    }
    return scale;
}

static void add_rule(hz_score_sums *sums, hz_rule_counts counts)
{
    const hz_result_rule *rule = &sums->result->rules[counts.rule];
    struct hz_score_sum *sum = &sums->dimensions[rule->rule->dimension];
    hz_big weight, ratio;
    rule_weight(&weight, sums, rule);
    hz_big_add(&sum->all, &weight);
    hz_big_set(&ratio, (hz_uint128)hz_rule_ratio(counts.failed, counts.evaluated).coef);
    hz_big_mul(&weight, &ratio);
    hz_big_add(&sum->top, &weight);
}

/* The ordinary case, weights of few digits, in the machine's own numbers: the scores of regions are many. */
typedef struct quick_sum {
    hz_uint128 top, all;
} quick_sum;

static bool quick_weight(uint64_t *out, const hz_score_sums *sums, const hz_result_rule *rule)
{
    hz_decimal severity = severity_weight(sums->result, rule), own = hz_decimal_normal(rule->rule->weight);
    if (__builtin_mul_overflow(severity.coef, own.coef, out))
        return false;
    for (int32_t digit = severity.scale + own.scale; digit < sums->scale; digit++)
        if (__builtin_mul_overflow(*out, UINT64_C(10), out))
            return false;
    return true;
}

/* Sums below 2^(64 + 40 + 24) fit. */
static bool add_quickly(hz_score_sums *sums, const hz_rule_counts *counts, size_t count)
{
    quick_sum quick[HZ_DIM_COUNT] = {{0, 0}};
    if (count >> 24)
        return false;
    for (size_t i = 0; i < count; i++) {
        const hz_result_rule *rule = &sums->result->rules[counts[i].rule];
        uint64_t weight;
        if (!counts[i].evaluated)
            continue;
        if (!quick_weight(&weight, sums, rule))
            return false;
        quick_sum *sum = &quick[rule->rule->dimension];
        sum->all += weight;
        sum->top += (hz_uint128)weight * (hz_uint128)hz_rule_ratio(counts[i].failed, counts[i].evaluated).coef;
    }
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        hz_big_set(&sums->dimensions[i].top, quick[i].top);
        hz_big_set(&sums->dimensions[i].all, quick[i].all);
    }
    return true;
}

static void add_all(hz_score_sums *sums, const hz_rule_counts *counts, size_t count)
{
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        hz_big_set(&sums->dimensions[i].top, 0);
        hz_big_set(&sums->dimensions[i].all, 0);
    }
    for (size_t i = 0; i < count; i++)
        if (counts[i].evaluated)
            add_rule(sums, counts[i]);
}

/* The dimensions to one denominator. */
static void put_together(hz_score_sums *sums)
{
    const hz_grading *grading = &sums->result->profile->grading;
    int32_t scale = 0;
    hz_big part;
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        int32_t here = hz_decimal_normal(grading->weights[i]).scale;
        scale = here > scale ? here : scale;
    }
    hz_big_set(&sums->top, 0);
    hz_big_set(&sums->all, 0);
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        struct hz_score_sum *sum = &sums->dimensions[i];
        if (hz_big_is_zero(&sum->all))
            hz_big_set(&sum->weight, 0);
        else
            at_scale(&sum->weight, hz_decimal_normal(grading->weights[i]), scale);
        hz_big_add(&sums->all, &sum->weight);
    }
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        struct hz_score_sum *sum = &sums->dimensions[i];
        sum->factor = sum->weight;
        for (size_t j = 0; j < HZ_DIM_COUNT; j++)
            if (j != i && !hz_big_is_zero(&sums->dimensions[j].weight))
                hz_big_mul(&sum->factor, &sums->dimensions[j].all);
        part = sum->factor;
        hz_big_mul(&part, &sum->top);
        hz_big_add(&sums->top, &part);
    }
    for (size_t i = 0; i < HZ_DIM_COUNT; i++)
        if (!hz_big_is_zero(&sums->dimensions[i].weight))
            hz_big_mul(&sums->all, &sums->dimensions[i].all);
}

static void count_rules(hz_score_sums *sums, const hz_rule_counts *counts, size_t count)
{
    for (size_t i = 0; i < HZ_DIM_COUNT; i++)
        sums->dimensions[i].rules = sums->dimensions[i].failed_rules = 0;
    for (size_t i = 0; i < count; i++) {
        const hz_rule *rule = sums->result->rules[counts[i].rule].rule;
        if (!counts[i].evaluated)
            continue;
        sums->dimensions[rule->dimension].rules++;
        sums->dimensions[rule->dimension].failed_rules +=
            hz_rule_outcome(rule, 0, 0, counts[i].evaluated, counts[i].failed) == HZ_OUTCOME_FAILED;
    }
}

void hz_score_sums_make(hz_score_sums *sums, const hz_result *result, const hz_rule_counts *counts, size_t count)
{
    sums->result = result;
    sums->scale = common_scale(result, counts, count);
    count_rules(sums, counts, count);
    if (!add_quickly(sums, counts, count))
        add_all(sums, counts, count);
    put_together(sums);
}

void hz_score_gain(hz_big *out, const hz_score_sums *sums, hz_rule_counts counts)
{
    const hz_result_rule *rule = &sums->result->rules[counts.rule];
    const hz_uint128 one = 1000000000000;
    hz_big missing;
    rule_weight(out, sums, rule);
    hz_big_set(&missing, counts.evaluated ? one - (hz_uint128)hz_rule_ratio(counts.failed, counts.evaluated).coef : 0);
    hz_big_mul(out, &missing);
    hz_big_mul(out, &sums->dimensions[rule->rule->dimension].factor);
}

hz_decimal hz_score_figure(const hz_big *top, const hz_big *all)
{
    hz_big divisor = *all; /* 100 * 10^6 / 10^12 */
    hz_big_mul_power(&divisor, 4);
    return (hz_decimal){(hz_int128)hz_big_quotient(top, &divisor), 6};
}

/* Where nothing failed, every dimension that has a score has 100, and so has the whole: most regions. */
static bool is_spotless(bool *has_score, const hz_result *result, const hz_rule_counts *counts, size_t count)
{
    *has_score = false;
    for (size_t i = 0; i < count; i++) {
        const hz_result_rule *rule = &result->rules[counts[i].rule];
        if (counts[i].failed)
            return false;
        *has_score |= counts[i].evaluated && severity_weight(result, rule).coef > 0 && rule->rule->weight.coef > 0 &&
                      result->profile->grading.weights[rule->rule->dimension].coef > 0;
    }
    return true;
}

bool hz_score(hz_decimal *score, hz_result_dimension dimensions[HZ_DIM_COUNT], const hz_result *result,
              const hz_rule_counts *counts, size_t count)
{
    hz_score_sums sums;
    bool has_score;
    if (!dimensions && is_spotless(&has_score, result, counts, count)) {
        *score = (hz_decimal){has_score ? 100000000 : 0, 6};
        return has_score;
    }
    hz_score_sums_make(&sums, result, counts, count);
    for (size_t i = 0; dimensions && i < HZ_DIM_COUNT; i++) {
        const struct hz_score_sum *sum = &sums.dimensions[i];
        bool has = !hz_big_is_zero(&sum->all);
        hz_decimal figure = has ? hz_score_figure(&sum->top, &sum->all) : (hz_decimal){0, 6};
        dimensions[i] = (hz_result_dimension){has, figure, sum->rules, sum->failed_rules};
    }
    *score = (hz_decimal){0, 6};
    if (hz_big_is_zero(&sums.all))
        return false;
    *score = hz_score_figure(&sums.top, &sums.all);
    return true;
}

size_t hz_result_counts(hz_rule_counts *out, const hz_result *result)
{
    size_t count = 0;
    for (uint32_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        if (rule->evaluated && rule->outcome != HZ_OUTCOME_SKIPPED && rule->outcome != HZ_OUTCOME_ERROR)
            out[count++] = (hz_rule_counts){i, rule->evaluated, rule->failed};
    }
    return count;
}
