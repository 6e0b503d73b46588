/* text_rules.c: the worst rules, and examples of what they found.
 *
 * Worst first: fatal rules, then failures times severity weight. The examples are spread over the rules shown: each
 * gets an equal share of the lines first, so that one noisy rule does not hide the others. */
#include "base/alloc.h"
#include "reports/grade_int.h"
#include "reports/text_int.h"
#include <stdlib.h>

typedef struct worst {
    const hz_result_rule **rules;
    size_t count, shown;
    uint64_t failures;
    const hz_result *result;
} worst;

/* Weights are compared as whole numbers at one scale: a product with a count of 64 bits may not fit hz_decimal. */
static int by_weight(const hz_result *result, const hz_result_rule *a, const hz_result_rule *b)
{
    hz_decimal x = hz_decimal_normal(result->profile->grading.severity_weights[a->severity]);
    hz_decimal y = hz_decimal_normal(result->profile->grading.severity_weights[b->severity]);
    hz_big left, right, other;
    hz_big_set(&left, (hz_uint128)x.coef);
    hz_big_mul_power(&left, y.scale);
    hz_big_set(&other, a->failed);
    hz_big_mul(&left, &other);
    hz_big_set(&right, (hz_uint128)y.coef);
    hz_big_mul_power(&right, x.scale);
    hz_big_set(&other, b->failed);
    hz_big_mul(&right, &other);
    return hz_big_cmp(&right, &left);
}

static int by_badness(const void *x, const void *y, void *ctx)
{
    const hz_result_rule *a = *(const hz_result_rule *const *)x, *b = *(const hz_result_rule *const *)y;
    const hz_result *result = ctx;
    bool a_fatal = a->severity == HZ_SEVERITY_FATAL, b_fatal = b->severity == HZ_SEVERITY_FATAL;
    if (a_fatal != b_fatal)
        return a_fatal ? -1 : 1;
    int order = by_weight(result, a, b);
    if (order)
        return order;
    if (a->failed != b->failed)
        return a->failed < b->failed ? 1 : -1;
    return (a > b) - (a < b);
}

static hz_status find_worst(worst *out, hz_text_out *t, hz_error *err)
{
    const hz_result *result = t->result;
    *out = (worst){.rules = hz_mem_zalloc(result->rules_count + 1, sizeof(const hz_result_rule *)), .result = result};
    if (!out->rules)
        return hz_nomem(err, (result->rules_count + 1) * sizeof(const hz_result_rule *));
    for (size_t i = 0; i < result->rules_count; i++) {
        if (!result->rules[i].failed || result->rules[i].outcome == HZ_OUTCOME_ERROR)
            continue;
        out->rules[out->count++] = &result->rules[i];
        out->failures += result->rules[i].failed;
    }
    if (out->count)
        qsort_r(out->rules, out->count, sizeof(const hz_result_rule *), by_badness, (void *)(uintptr_t)result);
    out->shown = out->count < t->rules_max ? out->count : t->rules_max;
    return HZ_OK;
}

/* ---- the list ---- */

typedef struct rule_ends {
    size_t severity, id, failed, evaluated;
} rule_ends;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static rule_ends rule_columns(hz_text_out *t, const worst *list)
{
    size_t severity = 0, id = 0, failed = 0, evaluated = 0, most = t->width / 3;
    for (size_t i = 0; i < list->shown; i++) {
        const hz_result_rule *rule = list->rules[i];
        severity = larger(severity, hz_text_width(t, hz_severity_word(t, rule->severity)));
        id = larger(id, hz_text_width(t, rule->rule->id));
        failed = larger(failed, hz_text_count(rule->failed).len);
        evaluated = larger(evaluated, hz_text_count(rule->evaluated).len);
    }
    rule_ends ends = {2 + severity, 0, 0, 0};
    ends.id = ends.severity + 2 + (id < most ? id : most);
    ends.failed = ends.id + 2 + failed;
    ends.evaluated = ends.failed + 3 + evaluated;
    return ends;
}

static void put_rule(hz_text_out *t, const hz_result_rule *rule, rule_ends ends)
{
    hz_digits failed = hz_text_count(rule->failed), evaluated = hz_text_count(rule->evaluated);
    hz_text_ink(t, hz_severity_ink(rule->severity));
    hz_text_puts(t, "  ");
    hz_text_put(t, hz_severity_word(t, rule->severity));
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_text_to(t, ends.severity + 2);
    hz_text_put_fit(t, rule->rule->id, ends.id - ends.severity - 2);
    hz_text_put_right(t, HZ_DIGITS(failed), ends.failed);
    hz_text_puts(t, " /");
    hz_text_put_right(t, HZ_DIGITS(evaluated), ends.evaluated);
    hz_text_puts(t, "  ");
    if (rule->outcome == HZ_OUTCOME_PASSED) {
        hz_text_put_rest(t, HZ_SLICE_LIT("["));
        hz_text_put_rest(t, hz_text_word(t, HZ_MSG_TEXT_TOLERATED));
        hz_text_put_rest(t, HZ_SLICE_LIT("] "));
    }
    if (rule->has_groups && rule->groups) {
        hz_digits groups = hz_text_count(rule->groups);
        hz_text_put_rest(t, HZ_SLICE_LIT("["));
        HZ_SAY_REST(t, GROUPS, HZ_DIGITS(groups));
        hz_text_put_rest(t, HZ_SLICE_LIT("] "));
    }
    hz_text_put_rest(t, hz_rule_title(t, rule->rule));
    hz_text_line(t);
}

static void put_list(hz_text_out *t, const worst *list)
{
    hz_digits shown = hz_text_count(list->shown), count = hz_text_count(list->count);
    rule_ends ends = rule_columns(t, list);
    HZ_HEADING(t, HEAD_RULES, HZ_DIGITS(shown), HZ_DIGITS(count));
    for (size_t i = 0; i < list->shown; i++)
        put_rule(t, list->rules[i], ends);
}

/* ---- examples ---- */

/* How many of each rule's examples are shown: one round after the other, until the lines are used up. */
static size_t share_out(size_t *shares, const worst *list, size_t most)
{
    size_t given = 0;
    for (bool more = true; more && given < most;) {
        more = false;
        for (size_t i = 0; i < list->shown && given < most; i++) {
            if (shares[i] >= list->rules[i]->examples_count)
                continue;
            shares[i]++;
            given++;
            more = true;
        }
    }
    return given;
}

static void put_examples_of(hz_text_out *t, const hz_result_rule *rule, size_t share)
{
    hz_digits shown = hz_text_count(share), failed = hz_text_count(rule->failed);
    if (!share)
        return;
    hz_text_ink(t, hz_severity_ink(rule->severity));
    hz_text_puts(t, "  ");
    hz_text_put(t, hz_severity_word(t, rule->severity));
    hz_text_ink(t, HZ_INK_BOLD);
    hz_text_puts(t, " ");
    hz_text_put(t, rule->rule->id);
    hz_text_ink(t, HZ_INK_DIM);
    hz_text_puts(t, "  ");
    HZ_SAY_REST(t, SHOWN_OF, HZ_DIGITS(shown), HZ_DIGITS(failed));
    hz_text_line(t);
    hz_slice issues = hz_text2_pick(rule->rule->known_issues, t->lang, HZ_SLICE_NONE);
    if (issues.len) {
        hz_text_puts(t, "    ");
        hz_text_ink(t, HZ_INK_YELLOW);
        HZ_SAY_REST(t, KNOWN_ISSUES, issues);
        hz_text_line(t);
    }
    for (size_t i = 0; i < share; i++)
        hz_text_finding(t, rule, &rule->examples[i]);
}

static hz_status put_examples(hz_text_out *t, const worst *list, hz_error *err)
{
    size_t *shares = hz_mem_zalloc(list->shown + 1, sizeof *shares);
    if (!shares)
        return hz_nomem(err, (list->shown + 1) * sizeof *shares);
    size_t given = share_out(shares, list, t->findings_max);
    if (given) {
        hz_digits shown = hz_text_count(given), all = hz_text_count(list->failures);
        HZ_HEADING(t, HEAD_FINDINGS, HZ_DIGITS(shown), HZ_DIGITS(all));
    }
    for (size_t i = 0; i < list->shown; i++)
        put_examples_of(t, list->rules[i], shares[i]);
    hz_mem_free(shares);
    return HZ_OK;
}

hz_status hz_text_rules(hz_text_out *t, hz_error *err)
{
    worst list;
    HZ_TRY(find_worst(&list, t, err));
    hz_status st = HZ_OK;
    if (list.count) {
        put_list(t, &list);
        st = put_examples(t, &list, err);
    } else {
        hz_text_line(t);
        hz_text_put(t, hz_text_word(t, HZ_MSG_TEXT_NO_FINDINGS));
        hz_text_line(t);
    }
    hz_mem_free(list.rules);
    return st;
}
