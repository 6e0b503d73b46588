/* lint_logic.c: conditions and assertions that come to the same whatever a row says, first by themselves, then on rows
 * whose fields pass their constraints; and comparisons within them that cannot be meant. One defect, one hint: a rule
 * that is told as a whole is not told again in its parts. */
#include "profiles/expr/print.h"
#include "validator/tasks/lint_int.h"
#include "validator/tasks/truth.h"

typedef struct logic {
    hz_linter *linter;
    hz_arena *scratch; /* emptied for each rule */
    const hz_rule *rule;
    const hz_expr *expr; /* at hand */
    const hz_table *table;
    hz_slice id;
    bool told;
} logic;

static hz_status truth_for(hz_truth *truth, logic *l, bool facts)
{
    bool known = facts && l->rule && !l->rule->period;
    return hz_truth_init(truth, l->table, known ? l->linter->kept : NULL, l->scratch, l->linter->err);
}

/* ---- a rule as a whole ---- */

static hz_status look_at_when(logic *l)
{
    const hz_expr *when = &l->rule->when;
    hz_truth bare, known;
    if (!when->root)
        return HZ_OK;
    HZ_TRY(truth_for(&bare, l, false));
    HZ_TRY(truth_for(&known, l, true));
    if (!(hz_truth_of(&bare, when->root) & HZ_MAY_TRUE)) {
        HZ_LINT_ADD(l->linter, hz_lint_node_span(when, when->root), NEVER_APPLIES, l->id);
        l->told = true;
    } else if (!(hz_truth_of(&known, when->root) & HZ_MAY_TRUE)) {
        HZ_LINT_ADD(l->linter, hz_lint_node_span(when, when->root), EXCLUDED, l->id);
        l->told = true;
    }
    return bare.no_memory || known.no_memory ? hz_nomem(l->linter->err, 0) : HZ_OK;
}

/* Rules that demand what can never be, on purpose, are told apart by nothing: `assert: false` is a way to write a rule
 * whose condition is the mistake. */
static hz_status look_at_assert(logic *l)
{
    const hz_expr *claim = &l->rule->assert_;
    hz_truth bare, known;
    if (!claim->root || l->told)
        return HZ_OK;
    HZ_TRY(truth_for(&bare, l, false));
    HZ_TRY(truth_for(&known, l, true));
    unsigned may = hz_truth_of(&bare, claim->root);
    hz_span span = hz_lint_node_span(claim, claim->root);
    hz_truth_assume(&bare, l->rule->when.root);
    hz_truth_assume(&known, l->rule->when.root);
    l->told = true;
    if (may == HZ_MAY_UNKNOWN)
        HZ_LINT_ADD(l->linter, span, NEVER_DECIDES, l->id);
    else if (!(may & HZ_MAY_FALSE))
        HZ_LINT_ADD(l->linter, span, NEVER_FAILS, l->id);
    else if (!(hz_truth_of(&bare, claim->root) & HZ_MAY_FALSE) || !(hz_truth_of(&known, claim->root) & HZ_MAY_FALSE))
        HZ_LINT_ADD(l->linter, span, IMPLIED, l->id);
    else
        l->told = false;
    return bare.no_memory || known.no_memory ? hz_nomem(l->linter->err, 0) : HZ_OK;
}

/* ---- comparisons ---- */

static const hz_field *coded(const hz_node *node)
{
    bool field = (node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH) && node->field;
    return field && node->field->type == HZ_FIELD_CODES && node->field->codes ? node->field : NULL;
}

/* A text that stands against a field with codes. True when it is no code: nothing more is said of its comparison. */
static bool is_no_code(logic *l, const hz_field *field, const hz_node *literal)
{
    if (!field || literal->kind != HZ_NODE_LITERAL || !literal->value.valid || literal->value.type != HZ_TYPE_TEXT ||
        hz_codelist_find(field->codes, literal->value.as.text, HZ_DAY_EVER) != HZ_HTAB_NONE)
        return false;
    hz_slice list = field->codes_id.len ? field->codes_id : field->name;
    HZ_LINT_ADD(l->linter, hz_lint_node_span(l->expr, literal), NO_CODE, literal->value.as.text, field->name, list);
    return true;
}

static bool tell_codes(logic *l, const hz_node *node)
{
    const hz_node *first = node->items_count ? node->items[0] : NULL;
    bool told = false;
    switch (node->kind) {
    case HZ_NODE_COMPARE:
    case HZ_NODE_DISTINCT:
        return is_no_code(l, coded(first), node->items[1]) || is_no_code(l, coded(node->items[1]), first);
    case HZ_NODE_IN:
        for (uint32_t i = 1; i < node->items_count; i++)
            told = is_no_code(l, coded(first), node->items[i]) || told;
        return told;
    case HZ_NODE_QUANTIFIED:
        return is_no_code(l, coded(node->items[1]), first);
    case HZ_NODE_CONTAINED:
        for (int side = 0; side < 2; side++) {
            const hz_node *array = node->items[side];
            for (uint32_t i = 0; array->kind == HZ_NODE_ARRAY && i < array->items_count; i++)
                told = is_no_code(l, coded(node->items[1 - side]), array->items[i]) || told;
        }
        return told;
    case HZ_NODE_CASE:
        for (uint32_t i = 1; node->has_subject && i + 1 < node->items_count; i += 2)
            told = is_no_code(l, coded(first), node->items[i]) || told;
        return told;
    default:
        return false;
    }
}

static bool is_comparison(const hz_node *node)
{
    return node->kind == HZ_NODE_COMPARE || node->kind == HZ_NODE_BETWEEN || node->kind == HZ_NODE_IN ||
           node->kind == HZ_NODE_MATCHES;
}

/* A comparison that comes out the same though not every row says the same: told with what it always is. */
static hz_status tell_same(logic *l, const hz_node *node)
{
    hz_truth bare, known;
    HZ_TRY(truth_for(&bare, l, false));
    HZ_TRY(truth_for(&known, l, true));
    unsigned may = hz_truth_of(&known, node), plain = hz_truth_of(&bare, node);
    bool never = !(may & HZ_MAY_TRUE), always = !(may & HZ_MAY_FALSE);
    hz_span span = hz_lint_node_span(l->expr, node);
    if (never == always || (plain & HZ_MAY_TRUE) == 0 || (plain & HZ_MAY_FALSE) == 0)
        return HZ_OK;
    if (node->kind == HZ_NODE_MATCHES && never != node->negated)
        HZ_LINT_ADD(l->linter, span, NEVER_MATCHES, node->text, node->items[0]->field->name);
    else
        HZ_LINT_ADD(l->linter, span, ALWAYS_SO, always ? HZ_SLICE_LIT("TRUE") : HZ_SLICE_LIT("FALSE"));
    return bare.no_memory || known.no_memory ? hz_nomem(l->linter->err, 0) : HZ_OK;
}

static hz_status walk(logic *l, const hz_node *node)
{
    if (!node)
        return HZ_OK;
    if (!tell_codes(l, node) && !l->told && l->rule && is_comparison(node))
        HZ_TRY(tell_same(l, node));
    for (uint32_t i = 0; i < node->items_count; i++)
        HZ_TRY(walk(l, node->items[i]));
    return HZ_OK;
}

static hz_status walk_expr(logic *l, const hz_expr *expr)
{
    l->expr = expr;
    return walk(l, expr->root);
}

/* ---- all of them ---- */

static hz_status look_at_rule(logic *l, const hz_rule *rule)
{
    hz_arena_reset(l->scratch);
    l->rule = rule;
    l->table = rule->table;
    l->id = rule->id;
    l->told = false;
    HZ_TRY(look_at_when(l));
    HZ_TRY(look_at_assert(l));
    HZ_TRY(walk_expr(l, &rule->when));
    return walk_expr(l, &rule->assert_);
}

static hz_status look_at_measure(logic *l, const hz_measure *measure)
{
    l->rule = NULL;
    l->table = measure->table;
    l->id = measure->id;
    HZ_TRY(walk_expr(l, &measure->value));
    return walk_expr(l, &measure->when);
}

static hz_status look_at_table(logic *l, const hz_table *table)
{
    int64_t min, max;
    l->rule = NULL;
    l->table = table;
    for (size_t f = 0; f < table->fields_count; f++) {
        const hz_field *field = &table->fields[f];
        l->id = field->name;
        HZ_TRY(walk_expr(l, &field->required_when));
        if (!field->pattern_text.len)
            continue;
        hz_pattern_lengths(&min, &max, field->pattern_text);
        if ((field->max_length >= 0 && min > field->max_length) || (max >= 0 && max < field->min_length))
            HZ_LINT_ADD(l->linter, field->span, NEVER_MATCHES, field->pattern_text, field->name);
    }
    for (size_t r = 0; r < table->relations_count; r++)
        if (!table->relations[r]->derived) {
            l->id = table->relations[r]->name;
            HZ_TRY(walk_expr(l, &table->relations[r]->where));
        }
    return HZ_OK;
}

static hz_status look_at_all(logic *l)
{
    const hz_profile *profile = l->linter->profile;
    for (size_t t = 0; t < profile->tables_count; t++)
        HZ_TRY(look_at_table(l, &profile->tables[t]));
    for (size_t i = 0; i < profile->rules_count; i++)
        if (hz_lint_speaks_of(&profile->rules[i]))
            HZ_TRY(look_at_rule(l, &profile->rules[i]));
    for (size_t i = 0; i < profile->measures_count; i++)
        if (profile->measures[i].status != HZ_LIFE_WITHDRAWN)
            HZ_TRY(look_at_measure(l, &profile->measures[i]));
    return HZ_OK;
}

hz_status hz_lint_logic(hz_linter *linter)
{
    logic l = {.linter = linter, .scratch = hz_arena_new()};
    hz_status st = l.scratch ? look_at_all(&l) : hz_nomem(linter->err, sizeof(void *));
    hz_arena_free(l.scratch);
    return st;
}
