#include "base/alloc.h"
#include "fixture.h"

static const hz_decimal none = {0, 0};

static hz_decimal decimal(const char *text)
{
    hz_decimal out = none;
    ck_assert(hz_decimal_parse(&out, hz_slice_of(text)));
    return out;
}

static void same(hz_decimal got, const char *expected)
{
    hz_buf text = HZ_BUF_INIT;
    hz_decimal_put(&text, got);
    ck_assert_str_eq(text.ptr, expected);
    hz_buf_clear(&text);
}

/* ---- outcome, ratio ---- */

static const struct {
    hz_rule_kind kind;
    const char *rate;
    int64_t count; /* -1: none */
    uint64_t not_applicable, undetermined, evaluated, failed;
    hz_outcome outcome;
} outcomes[] = {
    {HZ_RULE_ASSERT, NULL, -1, 7, 0, 10, 0, HZ_OUTCOME_PASSED},
    {HZ_RULE_ASSERT, NULL, -1, 7, 0, 10, 1, HZ_OUTCOME_FAILED},
    {HZ_RULE_ASSERT, NULL, -1, 7, 0, 0, 0, HZ_OUTCOME_NOT_APPLICABLE},
    {HZ_RULE_ASSERT, NULL, -1, 7, 3, 0, 0, HZ_OUTCOME_UNDETERMINED},
    {HZ_RULE_ROWS, NULL, -1, 0, 0, 0, 0, HZ_OUTCOME_PASSED},
    {HZ_RULE_ENCODING, NULL, -1, 0, 0, 0, 0, HZ_OUTCOME_PASSED},
    {HZ_RULE_ROWS, NULL, -1, 7, 0, 0, 0, HZ_OUTCOME_NOT_APPLICABLE},
    {HZ_RULE_REQUIRED, NULL, -1, 7, 0, 0, 0, HZ_OUTCOME_NOT_APPLICABLE},
    {HZ_RULE_ASSERT, NULL, 5, 7, 0, 10, 5, HZ_OUTCOME_PASSED},
    {HZ_RULE_ASSERT, NULL, 5, 7, 0, 10, 6, HZ_OUTCOME_FAILED},
    {HZ_RULE_ASSERT, NULL, 0, 7, 0, 10, 1, HZ_OUTCOME_FAILED},
    {HZ_RULE_ASSERT, "0.1", -1, 7, 0, 10, 1, HZ_OUTCOME_PASSED},
    {HZ_RULE_ASSERT, "0.1", -1, 7, 0, 9, 1, HZ_OUTCOME_FAILED},
    {HZ_RULE_ASSERT, "0.1", 5, 7, 0, 100, 6, HZ_OUTCOME_FAILED}, /* either is enough to fail */
    {HZ_RULE_ASSERT, "0.01", 5, 7, 0, 100, 2, HZ_OUTCOME_FAILED},
    {HZ_RULE_ASSERT, "0.01", 5, 7, 0, 1000, 5, HZ_OUTCOME_PASSED},
    {HZ_RULE_ASSERT, "0.33333333333333333333", -1, 7, 0, 3, 1, HZ_OUTCOME_FAILED}, /* exactly: 1/3 is more */
    {HZ_RULE_ASSERT, "1", -1, 7, 0, UINT64_MAX, UINT64_MAX, HZ_OUTCOME_PASSED},
};

START_TEST(test_grade__outcome_with_tolerance)
{
    hz_rule rule = {.kind = outcomes[_i].kind};
    rule.tolerance.has_rate = outcomes[_i].rate != NULL;
    rule.tolerance.has_count = outcomes[_i].count >= 0;
    rule.tolerance.count = outcomes[_i].count;
    if (outcomes[_i].rate)
        rule.tolerance.rate = decimal(outcomes[_i].rate);
    ck_assert_int_eq(hz_rule_outcome(&rule, outcomes[_i].not_applicable, outcomes[_i].undetermined,
                                     outcomes[_i].evaluated, outcomes[_i].failed),
                     outcomes[_i].outcome);
}
END_TEST

static const struct {
    uint64_t failed, evaluated;
    const char *ratio;
} ratios[] = {
    {0, 1, "1.000000000000"},
    {1, 1, "0.000000000000"},
    {1, 3, "0.666666666667"},
    {2, 3, "0.333333333333"},
    {1, UINT64_C(2000000000000), "1.000000000000"}, /* 0.9999999999995: the tie goes to even */
    {3, UINT64_C(2000000000000), "0.999999999998"}, /* 0.9999999999985 likewise */
    {UINT64_MAX - 1, UINT64_MAX, "0.000000000000"},
    {1, UINT64_MAX, "1.000000000000"},
};

START_TEST(test_grade__ratio_is_rounded_half_to_even)
{
    same(hz_rule_ratio(ratios[_i].failed, ratios[_i].evaluated), ratios[_i].ratio);
}
END_TEST

/* ---- scores ---- */

typedef struct scored {
    hz_grading *grading;
    hz_profile profile;
    hz_rule rules[8];
    hz_result_rule result_rules[8];
    hz_result result;
} scored;

/* A result of rules alone, without a profile file: dimension, severity and weight as given. */
static void scored_init(scored *s)
{
    *s = (scored){.grading = NULL};
    s->grading = &s->profile.grading;
    s->result.profile = &s->profile;
    s->result.rules = s->result_rules;
    for (size_t i = 0; i < HZ_DIM_COUNT; i++)
        s->grading->weights[i] = hz_decimal_of(1);
    s->grading->severity_weights[HZ_SEVERITY_FATAL] = s->grading->severity_weights[HZ_SEVERITY_ERROR] =
        hz_decimal_of(1);
    s->grading->severity_weights[HZ_SEVERITY_WARNING] = decimal("0.2");
    s->grading->severity_weights[HZ_SEVERITY_INFO] = hz_decimal_of(0);
}

static void scored_add(scored *s, hz_dimension dimension, hz_severity severity, const char *weight, uint64_t failed,
                       uint64_t evaluated)
{
    size_t i = s->result.rules_count++;
    s->rules[i] = (hz_rule){.index = (uint32_t)i,
                            .kind = HZ_RULE_ASSERT,
                            .dimension = dimension,
                            .severity = severity,
                            .weight = decimal(weight)};
    s->result_rules[i] = (hz_result_rule){.rule = &s->rules[i],
                                          .severity = severity,
                                          .evaluated = evaluated,
                                          .failed = failed,
                                          .outcome = failed ? HZ_OUTCOME_FAILED : HZ_OUTCOME_PASSED};
}

static bool scored_score(scored *s, hz_decimal *score, hz_result_dimension dimensions[HZ_DIM_COUNT], bool backwards)
{
    hz_rule_counts counts[8];
    size_t count = s->result.rules_count;
    for (size_t i = 0; i < count; i++) {
        size_t from = backwards ? count - 1 - i : i;
        counts[i] = (hz_rule_counts){(uint32_t)from, s->result_rules[from].evaluated, s->result_rules[from].failed};
    }
    return hz_score(score, dimensions, &s->result, counts, count);
}

START_TEST(test_grade__score_is_the_weighted_mean)
{
    scored s;
    hz_decimal score;
    hz_result_dimension dimensions[HZ_DIM_COUNT];
    scored_init(&s);
    s.grading->weights[HZ_DIM_ACCURACY] = hz_decimal_of(3);
    scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_ERROR, "1", 1, 10);   /* 0.9 */
    scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_WARNING, "5", 5, 10); /* 0.5, weight 0.2 * 5 */
    scored_add(&s, HZ_DIM_CONSISTENCY, HZ_SEVERITY_ERROR, "1", 1, 3);
    scored_add(&s, HZ_DIM_COMPLETENESS, HZ_SEVERITY_INFO, "1", 1, 2); /* weight 0: no score, left out */
    scored_add(&s, HZ_DIM_NORMATIVITY, HZ_SEVERITY_ERROR, "1", 0, 0); /* not evaluated: likewise */
    ck_assert(scored_score(&s, &score, dimensions, false));
    same(dimensions[HZ_DIM_ACCURACY].score, "70.000000");
    same(dimensions[HZ_DIM_CONSISTENCY].score, "66.666667");
    ck_assert(!dimensions[HZ_DIM_COMPLETENESS].has_score && dimensions[HZ_DIM_COMPLETENESS].rules == 1);
    ck_assert(!dimensions[HZ_DIM_NORMATIVITY].has_score && dimensions[HZ_DIM_NORMATIVITY].rules == 0);
    ck_assert_uint_eq(dimensions[HZ_DIM_ACCURACY].rules, 2);
    ck_assert_uint_eq(dimensions[HZ_DIM_ACCURACY].failed_rules, 2);
    same(score, "69.166667"); /* (3 * 70 + 66.6666666667) / 4 */
}
END_TEST

START_TEST(test_grade__a_score_without_weight_is_none)
{
    scored s;
    hz_decimal score;
    scored_init(&s);
    ck_assert(!scored_score(&s, &score, NULL, false));
    scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_ERROR, "1", 1, 10);
    s.grading->weights[HZ_DIM_ACCURACY] = hz_decimal_of(0);
    ck_assert(!scored_score(&s, &score, NULL, false));
}
END_TEST

/* The short way for regions without failures says what the long way says. */
START_TEST(test_grade__a_score_without_failures)
{
    for (unsigned bits = 0; bits < 16; bits++) {
        scored s;
        hz_decimal quick, full;
        hz_result_dimension dimensions[HZ_DIM_COUNT];
        scored_init(&s);
        s.grading->weights[HZ_DIM_ACCURACY] = hz_decimal_of(bits & 1);
        scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_ERROR, bits & 2 ? "0.5" : "0", 0, 10);
        scored_add(&s, HZ_DIM_COMPLETENESS, bits & 4 ? HZ_SEVERITY_WARNING : HZ_SEVERITY_INFO, "3", 0,
                   bits & 8 ? 7 : 0);
        bool has = scored_score(&s, &full, dimensions, false);
        ck_assert_int_eq(scored_score(&s, &quick, NULL, false), has);
        ck_assert_int_eq(has, (bits & 3) == 3 || (bits & 12) == 12);
        ck_assert(quick.coef == full.coef && quick.scale == full.scale);
    }
}
END_TEST

START_TEST(test_grade__ties_go_to_even_exactly)
{
    scored s;
    hz_decimal score;
    scored_init(&s);
    /* ratio 0.984375005 = 98.4375005: a tie of the seventh decimal, to even */
    scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_ERROR, "1", UINT64_C(15624995), UINT64_C(1000000000));
    ck_assert(scored_score(&s, &score, NULL, false));
    same(score, "98.437500");
    s.result_rules[0].failed = UINT64_C(15624985); /* 98.4375015 */
    ck_assert(scored_score(&s, &score, NULL, false));
    same(score, "98.437502");
    /* three thirds whose rounded parts would not add up to the tie */
    scored_init(&s);
    scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_ERROR, "1", 0, 1);
    scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_ERROR, "1", 0, 1);
    scored_add(&s, HZ_DIM_ACCURACY, HZ_SEVERITY_ERROR, "1", UINT64_C(15), UINT64_C(1000000000)); /* 99.9999995 */
    ck_assert(scored_score(&s, &score, NULL, false));
    same(score, "100.000000");
}
END_TEST

START_TEST(test_grade__order_of_rules_does_not_matter)
{
    scored s;
    hz_decimal one, other;
    scored_init(&s);
    for (size_t i = 0; i < HZ_DIM_COUNT; i++)
        scored_add(&s, (hz_dimension)i, HZ_SEVERITY_WARNING, i % 2 ? "0.37" : "1.0000001", i + 1, 7 + i);
    ck_assert(scored_score(&s, &one, NULL, false) && scored_score(&s, &other, NULL, true));
    ck_assert_int_eq(hz_decimal_cmp(one, other), 0);
}
END_TEST

/* The widest weights the language takes go the long way; times one power of ten they give what short ones do. */
START_TEST(test_grade__wide_weights_are_exact)
{
    static const char *const narrow[] = {"3", "7", "1", "9", "2", "5"};
    static const char *const wide[] = {
        "30000000000000000000000000000000000000", "70000000000000000000000000000000000000",
        "10000000000000000000000000000000000000", "90000000000000000000000000000000000000",
        "20000000000000000000000000000000000000", "50000000000000000000000000000000000000"};
    scored s, w;
    hz_decimal one, other;
    scored_init(&s);
    scored_init(&w);
    w.grading->severity_weights[HZ_SEVERITY_WARNING] = decimal("0.20000000000000000000000000000000000000");
    s.grading->weights[2] = decimal("0.00000000000000000000000000000000000001");
    w.grading->weights[2] = s.grading->weights[2];
    w.grading->weights[3] = s.grading->weights[3] = decimal("99999999999999999999999999999999999999");
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        scored_add(&s, (hz_dimension)i, HZ_SEVERITY_WARNING, narrow[i], i + 1, 11 + i * i);
        scored_add(&w, (hz_dimension)i, HZ_SEVERITY_WARNING, wide[i], i + 1, 11 + i * i);
    }
    scored_add(&w, HZ_DIM_ACCURACY, HZ_SEVERITY_WARNING, "0.00000000000000000000000000000000000001", 0, 1);
    ck_assert(scored_score(&s, &one, NULL, false) && scored_score(&w, &other, NULL, false));
    ck_assert_int_eq(hz_decimal_cmp(one, other), 0);
    same(one, "80.000000");
}
END_TEST

/* ---- verdict ---- */

START_TEST(test_grade__clean_is_conformant_and_best)
{
    fixture f;
    fixture_open(&f, 1000);
    fixture_grade(&f);
    ck_assert(f.result.conformant && f.result.has_score && f.result.has_error_rate);
    ck_assert_uint_eq(f.result.grade, 0);
    ck_assert(!f.result.next.present);
    same(f.result.score, "100.000000");
    same(f.result.error_rate, "0.000000");
    ck_assert_uint_eq(f.result.records, 2000);
    ck_assert_int_eq(f.result.gates[HZ_GATE_RELATION], HZ_GATE_PASSED);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__tolerated_failures_keep_conformity_and_cost_score)
{
    fixture f;
    fixture_open(&f, 100000);
    ck_assert_int_eq(fixture_fail(&f, "HH-012", 50)->outcome, HZ_OUTCOME_PASSED);
    fixture_grade(&f);
    ck_assert(f.result.conformant);
    ck_assert_int_lt(hz_decimal_cmp(f.result.score, hz_decimal_of(100)), 0);
    ck_assert_int_eq(f.result.gates[HZ_GATE_RECORD], HZ_GATE_PASSED);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__only_error_and_fatal_cost_conformity)
{
    fixture f;
    fixture_open(&f, 1000);
    fixture_fail(&f, "MB-031", 4);
    fixture_fail(&f, "HH-040", 4); /* a draft */
    fixture_grade(&f);
    ck_assert(f.result.conformant);
    ck_assert_int_eq(f.result.gates[HZ_GATE_RELATION], HZ_GATE_PASSED);
    fixture_fail(&f, "household.key", 2);
    fixture_grade(&f);
    ck_assert(!f.result.conformant);
    ck_assert_int_eq(f.result.gates[HZ_GATE_RELATION], HZ_GATE_FAILED);
    fixture_close(&f);
}
END_TEST

/* The severity that counts is the result's: a .columns rule that found only unknown columns is a warning there. */
START_TEST(test_grade__effective_severity_counts)
{
    fixture f;
    fixture_open(&f, 1000);
    hz_result_rule *rule = fixture_fail(&f, "household.columns", 1);
    ck_assert_int_eq(rule->rule->severity, HZ_SEVERITY_ERROR);
    rule->severity = HZ_SEVERITY_WARNING;
    fixture_grade(&f);
    ck_assert(f.result.conformant);
    ck_assert_int_eq(f.result.gates[HZ_GATE_STRUCTURE], HZ_GATE_PASSED);
    rule->severity = HZ_SEVERITY_FATAL;
    fixture_grade(&f);
    ck_assert(!f.result.conformant);
    ck_assert_uint_eq(f.result.grade, 3);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__missing_tables_and_skips)
{
    fixture f;
    fixture_open(&f, 1000);
    f.result.tables[2].present = false; /* external */
    fixture_grade(&f);
    ck_assert(f.result.conformant);
    f.result.tables[1].present = false;
    fixture_grade(&f);
    ck_assert(!f.result.conformant);
    f.result.tables[1].present = true;
    hz_rule changed = *fixture_rule(&f, "HH-012")->rule;
    changed.if_skipped = HZ_SKIP_FAIL;
    fixture_rule(&f, "HH-012")->rule = &changed;
    fixture_rule(&f, "HH-012")->outcome = HZ_OUTCOME_SKIPPED;
    fixture_grade(&f);
    ck_assert(!f.result.conformant);
    changed.if_skipped = HZ_SKIP_WARN;
    fixture_grade(&f);
    ck_assert(f.result.conformant);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__measures_count_by_severity)
{
    fixture f;
    fixture_open(&f, 1000);
    f.result.measures[0].outcome = HZ_OUTCOME_FAILED;
    fixture_grade(&f);
    ck_assert(f.result.conformant); /* severity warning */
    hz_measure changed = *f.result.measures[0].measure;
    changed.severity = HZ_SEVERITY_ERROR;
    f.result.measures[0].measure = &changed;
    fixture_grade(&f);
    ck_assert(!f.result.conformant);
    changed.status = HZ_LIFE_PILOT;
    fixture_grade(&f);
    ck_assert(f.result.conformant);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__a_gate_without_evaluated_rule_was_not_run)
{
    fixture f;
    fixture_open(&f, 1000);
    for (size_t i = 0; i < f.result.rules_count; i++) {
        hz_result_rule *rule = &f.result.rules[i];
        if (rule->rule->gate != HZ_GATE_PLAUSIBILITY)
            continue;
        rule->evaluated = rule->passed = 0;
        rule->outcome = HZ_OUTCOME_NOT_APPLICABLE;
    }
    fixture_grade(&f);
    ck_assert_int_eq(f.result.gates[HZ_GATE_PLAUSIBILITY], HZ_GATE_NOT_RUN);
    ck_assert_int_eq(f.result.gates[HZ_GATE_VALUE], HZ_GATE_PASSED);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__error_rate_counts_bad_rows_of_counting_tables)
{
    fixture f;
    fixture_open(&f, 997);
    f.result.tables[0].bad_rows = 3;
    f.result.tables[0].records_with_errors = 1;
    f.result.tables[1].rows = 0;
    f.result.tables[2].rows = 5000; /* external: does not count */
    f.result.tables[2].records_with_errors = 5000;
    fixture_grade(&f);
    ck_assert_uint_eq(f.result.records, 1000);
    ck_assert_uint_eq(f.result.records_with_errors, 4);
    same(f.result.error_rate, "0.004000");
    ck_assert_uint_eq(f.result.grade, 1); /* A wants 0.001 */
    ck_assert(f.result.next.present && f.result.next.has_error_rate && f.result.next.reachable);
    ck_assert_uint_eq(f.result.next.rules_count, 0);
    f.result.tables[1].rows = 100; /* B wants 0.01 of member */
    f.result.tables[1].records_with_errors = 2;
    fixture_grade(&f);
    ck_assert_uint_eq(f.result.grade, 2);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__grade_is_the_first_whose_conditions_hold)
{
    fixture f;
    uint64_t failures[HZ_SEVERITY_COUNT] = {0, 9, 9, 9};
    fixture_open(&f, 10);
    const hz_result *result = &f.result;
    ck_assert_uint_eq(hz_grade_of(result, true, decimal("98.000000"), failures, true, decimal("0.001000"), NULL), 0);
    ck_assert_uint_eq(hz_grade_of(result, true, decimal("97.999999"), failures, true, decimal("0.001000"), NULL), 1);
    ck_assert_uint_eq(hz_grade_of(result, true, decimal("98.000000"), failures, true, decimal("0.001001"), NULL), 1);
    ck_assert_uint_eq(hz_grade_of(result, true, decimal("98.000000"), failures, false, none, NULL), 0);
    ck_assert_uint_eq(hz_grade_of(result, true, decimal("84.999999"), failures, false, none, NULL), 3);
    ck_assert_uint_eq(hz_grade_of(result, false, none, failures, false, none, NULL), 3);
    failures[HZ_SEVERITY_FATAL] = 1;
    ck_assert_uint_eq(hz_grade_of(result, true, hz_decimal_of(100), failures, false, none, NULL), 3);
    hz_decimal rates[3] = {none, decimal("0.010001"), none};
    failures[HZ_SEVERITY_FATAL] = 0;
    ck_assert_uint_eq(hz_grade_of(result, true, decimal("96"), failures, false, none, rates), 2);
    ck_assert_uint_eq(hz_grade_of(result, true, decimal("96"), failures, false, none, NULL), 1);
    fixture_close(&f);
}
END_TEST

/* ---- next grade ---- */

static void is_next(const fixture *f, size_t at, const char *id)
{
    ck_assert_uint_lt(at, f->result.next.rules_count);
    hz_slice got = f->result.rules[f->result.next.rules[at]].rule->id;
    ck_assert_msg(hz_slice_is(got, id), "%zu: %.*s", at, HZ_SLICE_FMT(got));
}

START_TEST(test_grade__next_grade_mends_fatal_first)
{
    fixture f;
    fixture_open(&f, 1000);
    fixture_fail(&f, "HH-FATAL", 1);
    fixture_grade(&f);
    ck_assert_uint_eq(f.result.grade, 3);
    ck_assert(f.result.next.present && f.result.next.reachable);
    ck_assert_uint_eq(f.result.next.level, 2);
    ck_assert_uint_eq(f.result.next.rules_count, 1);
    is_next(&f, 0, "HH-FATAL");
    same(f.result.next.score_then, "100.000000");
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__next_grade_takes_the_largest_gain_until_the_score_is_met)
{
    fixture f;
    fixture_open(&f, 1000);
    fixture_fail(&f, "HH-FATAL", 10);
    fixture_fail(&f, "HH-012", 900);
    fixture_fail(&f, "household.head_id.type", 700);
    fixture_fail(&f, "household.head_id.required", 1000);
    fixture_fail(&f, "MB-031", 900);
    f.profile->grading.grades[2].min_score = hz_decimal_of(94);
    fixture_grade(&f);
    ck_assert_uint_eq(f.result.grade, 3);
    ck_assert_uint_eq(f.result.next.rules_count, 3);
    is_next(&f, 0, "HH-FATAL");
    is_next(&f, 1, "HH-012");                     /* 25 / 85 * 0.9 / 3 */
    is_next(&f, 2, "household.head_id.required"); /* 20 / 85 * 1.0 / 3 */
    ck_assert(f.result.next.reachable);
    ck_assert_int_ge(hz_decimal_cmp(f.result.next.score_then, hz_decimal_of(94)), 0);
    fixture_fail(&f, "HH-FATAL", 0); /* without the last of them it is not met */
    fixture_fail(&f, "HH-012", 0);
    fixture_grade(&f);
    ck_assert_int_lt(hz_decimal_cmp(f.result.score, hz_decimal_of(94)), 0);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__next_grade_says_the_score_that_comes_true)
{
    fixture f;
    fixture_open(&f, 1000);
    fixture_fail(&f, "HH-012", 301);
    fixture_fail(&f, "household.head_id.required", 457);
    fixture_fail(&f, "household.head_id.type", 99);
    fixture_fail(&f, "member.id_no.type", 99);
    fixture_grade(&f);
    hz_next_grade next = f.result.next;
    ck_assert(next.present && next.reachable && next.rules_count > 0);
    for (size_t i = 0; i < next.rules_count; i++) {
        hz_result_rule *rule = &f.result.rules[next.rules[i]];
        rule->failed = 0;
        rule->passed = rule->evaluated;
        rule->outcome = HZ_OUTCOME_PASSED;
    }
    fixture_grade(&f);
    ck_assert_int_eq(hz_decimal_cmp(f.result.score, next.score_then), 0);
    ck_assert_uint_le(f.result.grade, next.level);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__equal_gains_keep_the_order_of_the_profile)
{
    fixture f;
    fixture_open(&f, 1000);
    hz_decimal low = decimal("99.9");
    f.profile->grading.grades[0].min_score = low;
    fixture_fail(&f, "household.head_id.type", 100);
    fixture_fail(&f, "household.birth.type", 100);
    fixture_fail(&f, "member.id_no.type", 100);
    fixture_grade(&f);
    ck_assert_uint_eq(f.result.next.level, 0);
    ck_assert_uint_eq(f.result.next.rules_count, 3);
    is_next(&f, 0, "household.head_id.type");
    is_next(&f, 1, "household.birth.type");
    is_next(&f, 2, "member.id_no.type");
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__a_maximum_above_zero_forces_only_what_is_too_much)
{
    fixture f;
    fixture_open(&f, 1000);
    f.profile->grading.grades[0].max[HZ_SEVERITY_ERROR] = 10;
    fixture_fail(&f, "household.head_id.type", 4);
    fixture_fail(&f, "household.birth.type", 6);
    fixture_fail(&f, "member.id_no.type", 5);
    fixture_grade(&f);
    ck_assert_uint_eq(f.result.grade, 1);
    ck_assert_uint_eq(f.result.next.rules_count, 1);
    is_next(&f, 0, "household.birth.type");
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__a_score_out_of_reach_is_said)
{
    fixture f;
    fixture_open(&f, 0); /* nothing is evaluated but structure, which has weight 0 here */
    f.profile->grading.weights[HZ_DIM_NORMATIVITY] = hz_decimal_of(0);
    fixture_grade(&f);
    ck_assert(!f.result.has_score && f.result.next.present && !f.result.next.reachable);
    ck_assert(!f.result.has_error_rate);
    fixture_close(&f);
}
END_TEST

/* ---- indicators ---- */

START_TEST(test_grade__indicators_sum_over_rules)
{
    fixture f;
    fixture_open(&f, 1000);
    fixture_fail(&f, "household.head_id.type", 100);
    hz_result_rule *group = fixture_fail(&f, "DS-002", 1);
    group->evaluated = 4;
    hz_result_rule *waived = fixture_rule(&f, "HH-012");
    waived->waived = 10;
    waived->passed -= 10;
    fixture_rule(&f, "HH-FATAL")->outcome = HZ_OUTCOME_ERROR;
    fixture_grade(&f);
    const hz_result_indicator *found = f.result.indicators;
    size_t count = f.result.indicators_count;
    static const char *const codes[] = {"0102", "0201", "0302", "0304", "0305", "0402"};
    ck_assert_uint_eq(count, 6);
    for (size_t i = 0; i < count; i++)
        ck_assert(hz_slice_is(found[i].code, codes[i]));
    ck_assert_uint_eq(found[2].b - found[2].a, 100);
    ck_assert(hz_slice_is(found[2].name_en, "format compliance") && hz_slice_is(found[2].name_zh, "数据格式合规性"));
    ck_assert(hz_slice_is(found[2].dimension, "accuracy"));
    ck_assert_uint_eq(found[4].a, 1); /* 0305 counts the bad */
    ck_assert_uint_eq(found[4].b, 4);
    same(found[4].x, "0.250000");
    ck_assert_uint_eq(found[5].a, found[5].b); /* waived ones are good, rules in error out */
    ck_assert_uint_eq(found[5].b, 2000);       /* HH-012 and member.household_id.references */
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__indicators_have_names_without_a_store)
{
    fixture f;
    fixture_open(&f, 10);
    f.result.lists_store = NULL;
    fixture_grade(&f);
    ck_assert(hz_slice_is(f.result.indicators[0].name_en, "data model"));
    fixture_close(&f);
}
END_TEST

/* ---- exit status ---- */

START_TEST(test_grade__exit_status)
{
    fixture f;
    const hz_fail_on fallback = {.by_default = true}, fatal = {HZ_SEVERITY_FATAL, HZ_SLICE_NONE, false, false};
    const hz_fail_on error = {HZ_SEVERITY_ERROR, HZ_SLICE_NONE, false, false},
                     warning = {HZ_SEVERITY_WARNING, HZ_SLICE_NONE, false, false};
    const hz_fail_on grade_b = {HZ_SEVERITY_COUNT, HZ_SLICE_LIT("B"), false, false},
                     grade_d = {HZ_SEVERITY_COUNT, HZ_SLICE_LIT("D"), false, false};
    const hz_fail_on grade_x = {HZ_SEVERITY_COUNT, HZ_SLICE_LIT("X"), false, false};
    fixture_open(&f, 1000);
    fixture_grade(&f);
    ck_assert_int_eq(hz_exit_status(&f.result, &fallback), 0);
    ck_assert_int_eq(hz_exit_status(&f.result, &warning), 0);
    ck_assert_int_eq(hz_exit_status(&f.result, &grade_b), 0);
    ck_assert_int_eq(hz_exit_status(&f.result, &grade_x), 1);
    fixture_fail(&f, "MB-031", 1);
    fixture_grade(&f);
    ck_assert_int_eq(hz_exit_status(&f.result, &fallback), 0);
    ck_assert_int_eq(hz_exit_status(&f.result, &error), 0);
    ck_assert_int_eq(hz_exit_status(&f.result, &warning), 1);
    fixture_fail(&f, "HH-012", 900);
    fixture_grade(&f);
    ck_assert_int_eq(hz_exit_status(&f.result, &fallback), 1);
    ck_assert_int_eq(hz_exit_status(&f.result, &fatal), 0);
    ck_assert_int_eq(hz_exit_status(&f.result, &error), 1);
    ck_assert_uint_eq(f.result.grade, 2);
    ck_assert_int_eq(hz_exit_status(&f.result, &grade_b), 1);
    ck_assert_int_eq(hz_exit_status(&f.result, &grade_d), 0);
    ck_assert(!f.result.conformant);
    f.result.incomplete = true;
    ck_assert_int_eq(hz_exit_status(&f.result, &fatal), 5);
    ck_assert_int_eq(hz_exit_status(&f.result, NULL), 5);
    fixture_close(&f);
}
END_TEST

START_TEST(test_grade__every_failed_allocation_is_reported)
{
    fixture f;
    hz_error err;
    bool done = false;
    fixture_open(&f, 1000);
    fixture_fail(&f, "HH-FATAL", 1);
    for (uint64_t n = 1; !done; n++) {
        hz_error_clear(&err);
        hz_mem_fail_after(n, true);
        hz_status st = hz_grade(&f.result, &err);
        hz_mem_fail_after(0, false);
        done = st == HZ_OK;
        if (!done)
            ck_assert_int_eq(st, HZ_E_NOMEM);
        ck_assert_uint_lt(n, 10000);
    }
    ck_assert(f.result.next.present);
    fixture_close(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports.grade");
    TCase *tcase = tcase_create("grade");
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, test_grade__outcome_with_tolerance, 0, sizeof outcomes / sizeof *outcomes);
    tcase_add_loop_test(tcase, test_grade__ratio_is_rounded_half_to_even, 0, sizeof ratios / sizeof *ratios);
    tcase_add_test(tcase, test_grade__score_is_the_weighted_mean);
    tcase_add_test(tcase, test_grade__a_score_without_weight_is_none);
    tcase_add_test(tcase, test_grade__a_score_without_failures);
    tcase_add_test(tcase, test_grade__ties_go_to_even_exactly);
    tcase_add_test(tcase, test_grade__order_of_rules_does_not_matter);
    tcase_add_test(tcase, test_grade__wide_weights_are_exact);
    tcase_add_test(tcase, test_grade__clean_is_conformant_and_best);
    tcase_add_test(tcase, test_grade__tolerated_failures_keep_conformity_and_cost_score);
    tcase_add_test(tcase, test_grade__only_error_and_fatal_cost_conformity);
    tcase_add_test(tcase, test_grade__effective_severity_counts);
    tcase_add_test(tcase, test_grade__missing_tables_and_skips);
    tcase_add_test(tcase, test_grade__measures_count_by_severity);
    tcase_add_test(tcase, test_grade__a_gate_without_evaluated_rule_was_not_run);
    tcase_add_test(tcase, test_grade__error_rate_counts_bad_rows_of_counting_tables);
    tcase_add_test(tcase, test_grade__grade_is_the_first_whose_conditions_hold);
    tcase_add_test(tcase, test_grade__next_grade_mends_fatal_first);
    tcase_add_test(tcase, test_grade__next_grade_takes_the_largest_gain_until_the_score_is_met);
    tcase_add_test(tcase, test_grade__next_grade_says_the_score_that_comes_true);
    tcase_add_test(tcase, test_grade__equal_gains_keep_the_order_of_the_profile);
    tcase_add_test(tcase, test_grade__a_maximum_above_zero_forces_only_what_is_too_much);
    tcase_add_test(tcase, test_grade__a_score_out_of_reach_is_said);
    tcase_add_test(tcase, test_grade__indicators_sum_over_rules);
    tcase_add_test(tcase, test_grade__indicators_have_names_without_a_store);
    tcase_add_test(tcase, test_grade__exit_status);
    tcase_add_test(tcase, test_grade__every_failed_allocation_is_reported);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
