/* lint_rules.c: what can be said of a rule by looking at it, and at the others of its table. */
#include "profiles/expr/check.h"
#include "validator/tasks/lint_int.h"

/* ---- titles ---- */

static hz_slice lacking(hz_text2 text)
{
    return !text.zh.len && !text.en.len ? HZ_SLICE_LIT("zh, en")
           : !text.zh.len               ? HZ_SLICE_LIT("zh")
           : !text.en.len               ? HZ_SLICE_LIT("en")
                                        : HZ_SLICE_NONE;
}

static void want_title(hz_linter *linter, hz_span span, hz_slice what, hz_text2 title)
{
    if (lacking(title).len)
        HZ_LINT_ADD(linter, span, NO_TITLE, what, lacking(title));
}

void hz_lint_titles(hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    for (size_t i = 0; i < profile->params_count; i++)
        want_title(linter, profile->params[i].span, profile->params[i].name, profile->params[i].title);
    for (size_t t = 0; t < profile->tables_count; t++) {
        const hz_table *table = &profile->tables[t];
        if (table->builtin)
            continue;
        want_title(linter, table->span, table->name, table->title);
        for (size_t f = 0; f < table->fields_count; f++)
            if (lacking(table->fields[f].title).len)
                HZ_LINT_ADD(linter, table->fields[f].span, NO_FIELD_TITLE, table->fields[f].name,
                            lacking(table->fields[f].title));
    }
    for (size_t i = 0; i < profile->rules_count; i++)
        if (hz_lint_speaks_of(&profile->rules[i]))
            want_title(linter, profile->rules[i].span, profile->rules[i].id, profile->rules[i].title);
    for (size_t i = 0; i < profile->measures_count; i++)
        if (profile->measures[i].status != HZ_LIFE_WITHDRAWN)
            want_title(linter, profile->measures[i].span, profile->measures[i].id, profile->measures[i].title);
}

/* ---- one rule ---- */

static void look_at_examples(hz_linter *linter, const hz_rule *rule)
{
    size_t counts[3] = {0};
    for (size_t i = 0; i < rule->tests_count; i++) {
        const hz_test *test = &rule->tests[i];
        counts[test->expected]++;
        bool own = test->rows_count && test->rows[0].table == rule->table && test->rows[0].period == rule->period;
        if (!own && rule->kind != HZ_RULE_GROUP_ASSERT)
            HZ_LINT_ADD(linter, test->span, NO_OWN_ROW, rule->id, rule->table->name);
    }
    if (!rule->tests_count)
        HZ_LINT_ADD(linter, rule->span, NO_EXAMPLE, rule->id);
    else if (!counts[HZ_TEST_PASS])
        HZ_LINT_ADD(linter, rule->span, NO_PASS, rule->id);
    if (rule->tests_count && !counts[HZ_TEST_FAIL])
        HZ_LINT_ADD(linter, rule->span, NO_FAIL, rule->id);
}

static void look_at_message(hz_linter *linter, const hz_rule *rule)
{
    bool zh = rule->message_zh.count > 0, en = rule->message_en.count > 0;
    if (!zh && !en && rule->severity <= HZ_SEVERITY_ERROR)
        HZ_LINT_ADD(linter, rule->span, NO_MESSAGE, rule->id, hz_slice_of(hz_severity_name(rule->severity)));
    if (zh != en)
        HZ_LINT_ADD(linter, rule->span, ONE_LANGUAGE, rule->id, zh ? HZ_SLICE_LIT("en") : HZ_SLICE_LIT("zh"));
}

/* ---- two rules ---- */

static bool same_expr(const hz_expr *a, const hz_expr *b)
{
    return a->root && b->root ? hz_node_equal(a->root, b->root) : !a->root && !b->root;
}

/* What both say when their condition holds. */
static bool same_claim(const hz_rule *a, const hz_rule *b)
{
    if (a->kind != b->kind || a->table != b->table || a->period != b->period || a->keys_count != b->keys_count ||
        a->ref_table != b->ref_table || a->at_most != b->at_most || a->similar || b->similar)
        return false;
    for (size_t i = 0; i < a->keys_count; i++) {
        if (!same_expr(&a->keys[i], &b->keys[i]))
            return false;
        if (a->kind == HZ_RULE_REFERENCES && a->ref_fields[i] != b->ref_fields[i])
            return false;
        if (a->kind == HZ_RULE_UNIQUE && (a->normalize && a->normalize[i]) != (b->normalize && b->normalize[i]))
            return false;
    }
    return same_expr(&a->assert_, &b->assert_) && same_expr(&a->overlap_from, &b->overlap_from) &&
           same_expr(&a->overlap_to, &b->overlap_to);
}

static bool has_part(const hz_node *all, const hz_node *part)
{
    bool found = hz_node_equal(all, part);
    for (uint32_t i = 0; !found && all->kind == HZ_NODE_AND && i < all->items_count; i++)
        found = hz_node_equal(all->items[i], part);
    return found;
}

/* True when every part of `wide` is a part of `narrow`: whatever meets narrow meets wide. */
static bool implies(const hz_node *narrow, const hz_node *wide)
{
    if (!wide)
        return true;
    if (!narrow)
        return false;
    if (wide->kind != HZ_NODE_AND)
        return has_part(narrow, wide);
    for (uint32_t i = 0; i < wide->items_count; i++)
        if (!has_part(narrow, wide->items[i]))
            return false;
    return true;
}

/* Rules over groups judge other groups under another condition only by their rows: those are only doubled. */
static bool by_row(const hz_rule *rule)
{
    return rule->kind == HZ_RULE_ASSERT || rule->kind == HZ_RULE_REFERENCES;
}

/* True when something was said. */
static bool compare(hz_linter *linter, const hz_rule *a, const hz_rule *b)
{
    if (!same_claim(a, b))
        return false;
    bool ab = implies(a->when.root, b->when.root), ba = implies(b->when.root, a->when.root);
    if (ab && ba)
        HZ_LINT_ADD(linter, b->span, DUPLICATE, b->id, a->id);
    else if (ab && by_row(a))
        HZ_LINT_ADD(linter, a->span, SHADOWED, a->id, b->id);
    else if (ba && by_row(a))
        HZ_LINT_ADD(linter, b->span, SHADOWED, b->id, a->id);
    else
        return false;
    return true;
}

/* A rule that a field's own constraint says too (`unique` of a field, a key) counts as well. */
static bool compares(const hz_rule *rule)
{
    return rule->status != HZ_LIFE_WITHDRAWN && rule->kind >= HZ_RULE_REFERENCES;
}

void hz_lint_rules(hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        if (hz_lint_speaks_of(rule)) {
            look_at_examples(linter, rule);
            look_at_message(linter, rule);
        }
        bool told = !compares(rule); /* once is enough */
        for (size_t k = 0; !told && k < i; k++)
            if (compares(&profile->rules[k]) && !(rule->derived && profile->rules[k].derived))
                told = compare(linter, &profile->rules[k], rule);
    }
}
