#include "reports/grade_int.h"

#include "base/alloc.h"

hz_outcome hz_rule_outcome(const hz_rule *rule, uint64_t not_applicable, uint64_t undetermined, uint64_t evaluated,
                           uint64_t failed)
{
    const hz_tolerance *tolerance = &rule->tolerance;
    if (evaluated == 0) {
        if (hz_rule_is_of_structure(rule) && !not_applicable) /* with nothing to look at, structure is in order */
            return HZ_OUTCOME_PASSED;
        return undetermined ? HZ_OUTCOME_UNDETERMINED : HZ_OUTCOME_NOT_APPLICABLE;
    }
    if (failed == 0)
        return HZ_OUTCOME_PASSED;
    if (!tolerance->has_count && !tolerance->has_rate)
        return HZ_OUTCOME_FAILED;
    if (tolerance->has_count && hz_decimal_cmp(hz_of_u64(failed), hz_decimal_of(tolerance->count)) > 0)
        return HZ_OUTCOME_FAILED;
    if (tolerance->has_rate && hz_decimal_cmp_ratio(hz_of_u64(failed), hz_of_u64(evaluated), tolerance->rate) > 0)
        return HZ_OUTCOME_FAILED;
    return HZ_OUTCOME_PASSED;
}

hz_decimal hz_share6(uint64_t part, uint64_t whole)
{
    hz_uint128 scaled = (hz_uint128)part * 1000000, share = whole ? scaled / whole : 0,
               rest = whole ? scaled % whole : 0;
    hz_uint128 to_go = whole - rest;
    if (whole && (rest > to_go || (rest == to_go && (share & 1))))
        share++;
    return (hz_decimal){(hz_int128)share, 6};
}

static bool is_serious(hz_severity severity)
{
    return severity <= HZ_SEVERITY_ERROR;
}

static hz_decimal table_rate(const hz_result_table *table)
{
    return hz_share6(table->records_with_errors + table->bad_rows, table->rows + table->bad_rows);
}

static bool table_rates_hold(const hz_result *result, const hz_grade_level *level, const hz_decimal *table_rates)
{
    for (size_t i = 0; i < level->table_rates_count; i++)
        for (size_t t = 0; t < result->tables_count; t++)
            if (result->tables[t].table == level->table_rates[i].table &&
                hz_decimal_cmp(table_rates[t], level->table_rates[i].rate) > 0)
                return false;
    return true;
}

static bool maxima_hold(const hz_grade_level *level, const uint64_t failures[HZ_SEVERITY_COUNT])
{
    for (size_t i = 0; i < HZ_SEVERITY_COUNT; i++)
        if (level->max[i] >= 0 && failures[i] > (uint64_t)level->max[i])
            return false;
    return true;
}

uint32_t hz_grade_of(const hz_result *result, bool has_score, hz_decimal score,
                     const uint64_t failures[HZ_SEVERITY_COUNT], bool has_error_rate, hz_decimal error_rate,
                     const hz_decimal *table_rates)
{
    const hz_grading *grading = &result->profile->grading;
    for (size_t i = 0; i < grading->grades_count; i++) {
        const hz_grade_level *level = &grading->grades[i];
        if (level->has_min_score && (!has_score || hz_decimal_cmp(score, level->min_score) < 0))
            continue;
        if (level->has_error_rate && has_error_rate && hz_decimal_cmp(error_rate, level->error_rate) > 0)
            continue;
        if (maxima_hold(level, failures) && (!table_rates || table_rates_hold(result, level, table_rates)))
            return (uint32_t)i;
    }
    return (uint32_t)grading->grades_count - 1;
}

/* ---- the whole ---- */

static void count_records(hz_result *result)
{
    result->records = result->records_with_errors = 0;
    for (size_t i = 0; i < result->tables_count; i++) {
        const hz_result_table *table = &result->tables[i];
        if (!table->counts)
            continue;
        result->records += table->rows + table->bad_rows;
        result->records_with_errors += table->records_with_errors + table->bad_rows;
    }
    result->has_error_rate = result->records > 0;
    result->error_rate = hz_share6(result->records_with_errors, result->records);
}

static bool costs(hz_outcome outcome, hz_severity severity, hz_if_skipped if_skipped)
{
    return (outcome == HZ_OUTCOME_FAILED && is_serious(severity)) ||
           ((outcome == HZ_OUTCOME_SKIPPED || outcome == HZ_OUTCOME_ERROR) &&
            if_skipped == HZ_SKIP_FAIL); /* neither was checked */
}

static bool is_conformant(const hz_result *result)
{
    for (size_t i = 0; i < result->rules_count; i++)
        if (costs(result->rules[i].outcome, result->rules[i].severity, result->rules[i].rule->if_skipped))
            return false;
    for (size_t i = 0; i < result->tables_count; i++)
        if (!result->tables[i].present && !result->tables[i].table->external && !result->tables[i].table->optional)
            return false;
    for (size_t i = 0; i < result->measures_count; i++) {
        const hz_result_measure *measure = &result->measures[i];
        if (hz_is_active(measure->measure->status) &&
            costs(measure->outcome, measure->measure->severity, measure->measure->if_skipped))
            return false;
    }
    return true;
}

static void judge_gates(hz_result *result)
{
    for (size_t gate = 0; gate < HZ_GATE_COUNT; gate++)
        result->gates[gate] = HZ_GATE_NOT_RUN;
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        hz_gate_state *gate = &result->gates[rule->rule->gate];
        if (rule->outcome == HZ_OUTCOME_FAILED && is_serious(rule->severity))
            *gate = HZ_GATE_FAILED;
        else if ((rule->outcome == HZ_OUTCOME_FAILED || rule->outcome == HZ_OUTCOME_PASSED) && *gate == HZ_GATE_NOT_RUN)
            *gate = HZ_GATE_PASSED;
    }
}

void hz_failures(uint64_t failures[HZ_SEVERITY_COUNT], const hz_result *result, const hz_rule_counts *counts,
                 size_t count)
{
    for (size_t i = 0; i < HZ_SEVERITY_COUNT; i++)
        failures[i] = 0;
    for (size_t i = 0; i < count; i++)
        failures[result->rules[counts[i].rule].severity] += counts[i].failed;
}

static void grade_whole(hz_result *result, const hz_rule_counts *counts, size_t count, hz_decimal *table_rates)
{
    uint64_t failures[HZ_SEVERITY_COUNT];
    hz_failures(failures, result, counts, count);
    for (size_t i = 0; i < result->tables_count; i++)
        table_rates[i] = table_rate(&result->tables[i]);
    result->has_score = hz_score(&result->score, result->dimensions, result, counts, count);
    result->grade = hz_grade_of(result, result->has_score, result->score, failures, result->has_error_rate,
                                result->error_rate, table_rates);
}

hz_status hz_grade(hz_result *result, hz_error *err)
{
    hz_status st;
    hz_rule_counts *counts = hz_mem_zalloc(result->rules_count + 1, sizeof *counts);
    hz_decimal *table_rates = hz_mem_zalloc(result->tables_count + 1, sizeof *table_rates);
    if (!counts || !table_rates) {
        st = hz_nomem(err, (result->rules_count + 1) * sizeof *counts);
        goto out;
    }
    size_t count = hz_result_counts(counts, result);
    count_records(result);
    result->conformant = is_conformant(result);
    judge_gates(result);
    grade_whole(result, counts, count, table_rates);
    HZ_GO(hz_next_grade_find(result, counts, count, err));
    HZ_GO(hz_indicators_make(result, err));
out:
    hz_mem_free(counts);
    hz_mem_free(table_rates);
    return st;
}

void hz_result_own_verdict(hz_result_verdict *out, const hz_result *from)
{
    out->profile = from->profile;
    out->rules = from->rules;
    out->rules_count = from->rules_count;
    out->conformant = from->conformant;
    out->incomplete = from->incomplete;
    out->grade = from->grade;
    out->has_score = from->has_score;
    out->has_error_rate = from->has_error_rate;
    out->score = from->score;
    out->error_rate = from->error_rate;
    out->records = from->records;
    out->records_with_errors = from->records_with_errors;
    memcpy(out->dimensions, from->dimensions, sizeof out->dimensions);
    memcpy(out->gates, from->gates, sizeof out->gates);
    out->next = from->next;
}

/* ---- exit status ---- */

static bool failed_at(const hz_result *result, hz_severity severity)
{
    for (size_t i = 0; i < result->rules_count; i++)
        if (result->rules[i].outcome == HZ_OUTCOME_FAILED && result->rules[i].severity <= severity)
            return true;
    for (size_t i = 0; i < result->measures_count; i++) {
        const hz_measure *measure = result->measures[i].measure;
        if (hz_is_active(measure->status) && result->measures[i].outcome == HZ_OUTCOME_FAILED &&
            measure->severity <= severity)
            return true;
    }
    return severity >= HZ_SEVERITY_ERROR && !result->conformant;
}

static bool grade_at(const hz_result *result, hz_slice grade)
{
    for (size_t i = 0; i < result->profile->grading.grades_count; i++)
        if (hz_slice_eq(result->profile->grading.grades[i].grade, grade))
            return result->grade >= i;
    return true;
}

int hz_exit_status(const hz_result *result, const hz_fail_on *fail_on)
{
    if (result->incomplete)
        return 5;
    if (!fail_on || fail_on->by_default)
        return result->conformant ? 0 : 1;
    if (fail_on->fresh)
        return result->baseline && result->baseline->grown ? 1 : 0;
    if (fail_on->severity < HZ_SEVERITY_COUNT && failed_at(result, fail_on->severity))
        return 1;
    return fail_on->grade.len && grade_at(result, fail_on->grade) ? 1 : 0;
}
