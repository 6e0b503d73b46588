/* next_grade.c: the fewest rules whose mending lifts the result to the next better grade.
 *
 * A mended rule fails nowhere, so its ratio becomes 1; how many records it was evaluated on does not change, and with
 * it no weight. Gains are therefore amounts at one denominator that add up whatever the order (score.c), and taking the
 * largest first needs the fewest rules.
 *
 * Forced are the rules that the grade's `max` of a severity does not leave room for: with a maximum of 0 all that fail,
 * else those with most failures until the rest fits. Then by gain until the score is met. An error rate is not solved
 * for: which records a rule breaks that no other does is not known here. */
#include "base/alloc.h"
#include "reports/grade_int.h"
#include <stdlib.h>

typedef struct candidate {
    uint32_t rule;
    uint64_t failed;
    bool forced;
    hz_big gain;
} candidate;

static int by_rule(const candidate *a, const candidate *b)
{
    return (a->rule > b->rule) - (a->rule < b->rule);
}

static int by_failures(const void *x, const void *y)
{
    const candidate *a = *(candidate *const *)x, *b = *(candidate *const *)y;
    return a->failed != b->failed ? (a->failed < b->failed ? 1 : -1) : by_rule(a, b);
}

static int by_worth(const void *x, const void *y)
{
    const candidate *a = *(candidate *const *)x, *b = *(candidate *const *)y;
    if (a->forced != b->forced)
        return a->forced ? -1 : 1;
    int gain = hz_big_cmp(&b->gain, &a->gain);
    return gain ? gain : by_rule(a, b);
}

static size_t gather(candidate *all, candidate **order, const hz_score_sums *sums, const hz_rule_counts *counts,
                     size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (!counts[i].failed)
            continue;
        candidate *one = &all[found];
        one->rule = counts[i].rule;
        one->failed = counts[i].failed;
        one->forced = false;
        hz_score_gain(&one->gain, sums, counts[i]);
        order[found++] = one;
    }
    return found;
}

/* order is sorted by failures. */
static void force(candidate **order, size_t count, const hz_result *result, const hz_grade_level *level,
                  uint64_t failures[HZ_SEVERITY_COUNT])
{
    for (size_t i = 0; i < count; i++) {
        hz_severity severity = result->rules[order[i]->rule].severity;
        if (level->max[severity] < 0 || failures[severity] <= (uint64_t)level->max[severity])
            continue;
        order[i]->forced = true;
        failures[severity] -= order[i]->failed;
    }
}

static bool score_is_met(const hz_next_grade *next, const hz_result *result, const hz_grade_level *level)
{
    return !level->has_min_score || (result->has_score && hz_decimal_cmp(next->score_then, level->min_score) >= 0);
}

/* order is sorted by worth. */
static void choose(hz_next_grade *next, candidate **order, size_t count, const hz_score_sums *sums,
                   const hz_grade_level *level)
{
    const hz_result *result = sums->result;
    hz_big top = sums->top;
    next->score_then = result->score;
    for (size_t i = 0; i < count; i++) {
        if (!order[i]->forced && (hz_big_is_zero(&order[i]->gain) || score_is_met(next, result, level)))
            break;
        next->rules[next->rules_count++] = order[i]->rule;
        hz_big_add(&top, &order[i]->gain);
        if (result->has_score)
            next->score_then = hz_score_figure(&top, &sums->all);
    }
    next->reachable = score_is_met(next, result, level);
}

hz_status hz_next_grade_find(hz_result *result, const hz_rule_counts *counts, size_t count, hz_error *err)
{
    hz_next_grade *next = &result->next;
    *next = (hz_next_grade){0};
    if (result->grade == 0)
        return HZ_OK;
    next->present = true;
    next->level = result->grade - 1;
    const hz_grade_level *level = &result->profile->grading.grades[next->level];
    next->has_error_rate = level->has_error_rate;
    next->error_rate = level->error_rate;
    next->rules = HZ_ARENA_ARRAY(result->arena, uint32_t, count + 1);
    candidate *all = hz_mem_alloc((count + 1) * sizeof *all);
    candidate **order = hz_mem_alloc((count + 1) * sizeof *order);
    hz_score_sums *sums = hz_mem_alloc(sizeof *sums);
    hz_status st = next->rules && all && order && sums ? HZ_OK : hz_nomem(err, (count + 1) * sizeof *all);
    if (st == HZ_OK) {
        uint64_t failures[HZ_SEVERITY_COUNT];
        hz_failures(failures, result, counts, count);
        hz_score_sums_make(sums, result, counts, count);
        size_t found = gather(all, order, sums, counts, count);
        qsort(order, found, sizeof(candidate *), by_failures);
        force(order, found, result, level, failures);
        qsort(order, found, sizeof(candidate *), by_worth);
        choose(next, order, found, sums, level);
    }
    hz_mem_free(all);
    hz_mem_free(order);
    hz_mem_free(sums);
    return st;
}
