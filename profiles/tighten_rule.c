/* tighten_rule.c: rules, measures and grading. */
#include "profiles/tighten_int.h"

/* ---- what a failure costs ---- */

static int life_rank(hz_life life)
{
    static const int ranks[] = {
        [HZ_LIFE_DRAFT] = 1, [HZ_LIFE_PILOT] = 2, [HZ_LIFE_ACTIVE] = 4, [HZ_LIFE_DEPRECATED] = 3};
    return life < HZ_LIFE_WITHDRAWN ? ranks[life] : 0;
}

static hz_slice day_text(hz_buf *into, int32_t day)
{
    if (day == INT32_MIN || day == INT32_MAX)
        return HZ_NOTHING;
    hz_buf_reset(into);
    hz_date_put(into, day);
    return hz_buf_slice(into);
}

static hz_slice decimal_text(hz_buf *into, bool has, hz_decimal value)
{
    if (!has)
        return HZ_NOTHING;
    hz_buf_reset(into);
    hz_decimal_put(into, value);
    return hz_buf_slice(into);
}

/* Both a rate and a count must hold; where there is one, the other is open; with neither nothing is tolerated. */
static void tolerance(hz_tighten *t, const hz_tolerance *a, const hz_tolerance *b)
{
    bool none_a = !a->has_rate && !a->has_count, none_b = !b->has_rate && !b->has_count;
    if (none_a && none_b)
        return;
    if (none_a || none_b) {
        hz_tighten_order(t, "tolerance", none_b ? 1 : -1, none_a ? HZ_NOTHING : HZ_SLICE_LIT("…"),
                         none_b ? HZ_NOTHING : HZ_SLICE_LIT("…"));
        return;
    }
    int rate = a->has_rate && b->has_rate ? hz_decimal_cmp(a->rate, b->rate) : (int)b->has_rate - (int)a->has_rate;
    t->path[t->path_count++] = HZ_SLICE_LIT("tolerance");
    hz_tighten_order(t, "rate", rate, decimal_text(&t->one, a->has_rate, a->rate),
                     decimal_text(&t->two, b->has_rate, b->rate));
    hz_tighten_whole(t, "count", a->has_count ? a->count : -1, b->has_count ? b->count : -1, true);
    t->path_count--;
}

typedef struct cost {
    hz_severity severity;
    hz_dimension dimension;
    hz_slice indicator;
    hz_gate gate;
    hz_life status;
    hz_if_skipped if_skipped;
} cost;

static void costs(hz_tighten *t, const cost *a, const cost *b)
{
    hz_tighten_order(t, "severity", (int)a->severity - (int)b->severity, hz_slice_of(hz_severity_name(a->severity)),
                     hz_slice_of(hz_severity_name(b->severity)));
    hz_tighten_order(t, "status", life_rank(b->status) - life_rank(a->status), hz_slice_of(hz_life_name(a->status)),
                     hz_slice_of(hz_life_name(b->status)));
    hz_tighten_order(t, "if_skipped", (int)b->if_skipped - (int)a->if_skipped,
                     hz_slice_of(hz_if_skipped_name(a->if_skipped)), hz_slice_of(hz_if_skipped_name(b->if_skipped)));
    hz_tighten_equal(t, "dimension", a->dimension == b->dimension, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_SCORE,
                     hz_slice_of(hz_dimension_name(a->dimension)), hz_slice_of(hz_dimension_name(b->dimension)));
    hz_tighten_equal(t, "indicator", hz_slice_eq(a->indicator, b->indicator), HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_SCORE,
                     a->indicator, b->indicator);
    hz_tighten_equal(t, "gate", a->gate == b->gate, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_SCORE,
                     hz_slice_of(hz_gate_name(a->gate)), hz_slice_of(hz_gate_name(b->gate)));
}

static bool same_message(const hz_message *a, const hz_message *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = hz_slice_eq(a->parts[i].text, b->parts[i].text) &&
               hz_slice_eq(a->parts[i].expr.text, b->parts[i].expr.text);
    return same;
}

static bool same_clause(const hz_clause *a, const hz_clause *b)
{
    return a->present == b->present && hz_slice_eq(a->standard, b->standard) && hz_slice_eq(a->edition, b->edition) &&
           hz_slice_eq(a->section, b->section) && hz_slice_eq(a->url, b->url);
}

static void words(hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    hz_tighten_words(t, "title", a->title, b->title);
    hz_tighten_words(t, "description", a->description, b->description);
    hz_tighten_words(t, "known_issues", a->known_issues, b->known_issues);
    if (!same_message(&a->message_zh, &b->message_zh) || !same_message(&a->message_en, &b->message_en))
        hz_tighten_say(t, HZ_CHANGE_EDITORIAL, HZ_MSG_TIGHTEN_WORDS, "message", HZ_NOTHING, HZ_NOTHING);
    if (!same_clause(&a->clause, &b->clause))
        hz_tighten_say(t, HZ_CHANGE_EDITORIAL, HZ_MSG_TIGHTEN_WORDS, "clause", a->clause.standard, b->clause.standard);
}

/* ---- what it asserts ---- */

static bool same_keys(const hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    bool same = a->keys_count == b->keys_count;
    for (size_t i = 0; same && i < a->keys_count; i++)
        same = hz_tighten_same(t, &a->keys[i], &b->keys[i]);
    return same;
}

static hz_slice keys_text(hz_buf *into, const hz_rule *rule)
{
    hz_buf_reset(into);
    for (size_t i = 0; i < rule->keys_count; i++) {
        hz_buf_puts(into, i ? ", " : "");
        hz_buf_put(into, rule->keys[i].text);
    }
    return rule->keys_count ? hz_buf_slice(into) : HZ_NOTHING;
}

/* Fewer parts make larger groups. */
static bool fewer_keys(const hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    for (size_t i = 0; i < b->keys_count; i++) {
        bool found = false;
        for (size_t k = 0; k < a->keys_count && !found; k++)
            found = hz_tighten_same(t, &a->keys[k], &b->keys[i]) &&
                    (!a->normalize || !b->normalize || a->normalize[k] == b->normalize[i]);
        if (!found)
            return false;
    }
    return true;
}

static void unique(hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    int normalized = 0;
    bool same = same_keys(t, a, b);
    if (!same)
        hz_tighten_say(t, fewer_keys(t, a, b) ? HZ_CHANGE_TIGHTENING : HZ_CHANGE_LOOSENING,
                       fewer_keys(t, a, b) ? HZ_MSG_TIGHTEN_NARROWER : HZ_MSG_TIGHTEN_UNPROVEN, "unique",
                       keys_text(&t->one, a), keys_text(&t->two, b));
    for (size_t i = 0; same && i < a->keys_count && normalized >= 0; i++)
        if (a->normalize && b->normalize && a->normalize[i] != b->normalize[i])
            normalized = b->normalize[i] ? 1 : -1;
    hz_tighten_order(t, "normalize", normalized, normalized > 0 ? HZ_NOTHING : HZ_SLICE_LIT("resident_id"),
                     normalized > 0 ? HZ_SLICE_LIT("resident_id") : HZ_NOTHING);
    hz_tighten_whole(t, "at_most", a->at_most, b->at_most, true);
    bool overlaps =
        hz_tighten_same(t, &a->overlap_from, &b->overlap_from) && hz_tighten_same(t, &a->overlap_to, &b->overlap_to);
    hz_tighten_equal(t, "without_overlaps", overlaps, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_UNPROVEN,
                     a->overlap_from.text, b->overlap_from.text);
}

static bool same_parts(const hz_tighten *t, const hz_similar *a, const hz_similar *b)
{
    bool same = a->blocks_count == b->blocks_count && a->compare_count == b->compare_count;
    for (size_t i = 0; same && i < a->blocks_count; i++) {
        same = a->blocks[i].count == b->blocks[i].count;
        for (size_t k = 0; same && k < a->blocks[i].count; k++)
            same = hz_tighten_same(t, &a->blocks[i].parts[k], &b->blocks[i].parts[k]);
    }
    for (size_t i = 0; same && i < a->compare_count; i++)
        same = hz_tighten_same(t, &a->compare[i].expr, &b->compare[i].expr) &&
               hz_slice_eq(a->compare[i].by, b->compare[i].by) &&
               hz_decimal_cmp(a->compare[i].weight, b->compare[i].weight) == 0;
    return same;
}

static void similar(hz_tighten *t, const hz_similar *a, const hz_similar *b)
{
    if (!same_parts(t, a, b)) {
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_UNPROVEN, "similar", HZ_SLICE_LIT("…"),
                       HZ_SLICE_LIT("…"));
        return;
    }
    t->path[t->path_count++] = HZ_SLICE_LIT("similar");
    hz_tighten_order(t, "threshold", hz_decimal_cmp(a->threshold, b->threshold),
                     decimal_text(&t->one, true, a->threshold), decimal_text(&t->two, true, b->threshold));
    t->path_count--;
}

static void references(hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    bool same = hz_slice_eq(a->ref_table->name, b->ref_table->name) && same_keys(t, a, b);
    for (size_t i = 0; same && i < a->keys_count; i++)
        same = hz_slice_eq(a->ref_fields[i]->name, b->ref_fields[i]->name);
    hz_tighten_equal(t, "references", same, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_UNPROVEN, keys_text(&t->one, a),
                     keys_text(&t->two, b));
}

static void body(hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    switch (a->kind) {
    case HZ_RULE_ASSERT:
    case HZ_RULE_GROUP_ASSERT:
        hz_tighten_holds(t, "assert", &a->assert_, &b->assert_, HZ_NODE_AND);
        hz_tighten_equal(t, "each", same_keys(t, a, b), HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_UNPROVEN,
                         keys_text(&t->one, a), keys_text(&t->two, b));
        hz_tighten_equal(t, "blame", a->blame_records == b->blame_records, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_SCORE,
                         a->blame_records ? HZ_SLICE_LIT("records") : HZ_SLICE_LIT("groups"),
                         b->blame_records ? HZ_SLICE_LIT("records") : HZ_SLICE_LIT("groups"));
        break;
    case HZ_RULE_UNIQUE:
        unique(t, a, b);
        break;
    case HZ_RULE_REFERENCES:
        references(t, a, b);
        break;
    default:
        similar(t, a->similar, b->similar);
    }
}

/* Rows that the rule did not speak of before and that pass dilute a rate. */
static void when(hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    hz_change_class worst = t->worst;
    hz_change_found found = t->found;
    bool same = hz_tighten_same(t, &a->when, &b->when);
    t->found = NULL;
    t->worst = HZ_CHANGE_NONE;
    hz_tighten_holds(t, "when", &a->when, &b->when, HZ_NODE_OR);
    bool wider = !same && t->worst == HZ_CHANGE_TIGHTENING;
    t->found = found;
    t->worst = worst;
    if (wider && b->tolerance.has_rate)
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_DILUTED, "when", hz_tighten_print(&t->one, &a->when),
                       hz_tighten_print(&t->two, &b->when));
    else
        hz_tighten_holds(t, "when", &a->when, &b->when, HZ_NODE_OR);
}

/* `.key` and `TABLE.unique` have their parts at the table. */
static void derived_body(hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    hz_slice end = hz_slice_sub(a->id, a->table->name.len, a->id.len);
    if (a->kind == HZ_RULE_UNIQUE && !a->field && hz_slice_is(end, ".unique"))
        unique(t, a, b);
}

void hz_tighten_rules(hz_tighten *t, const hz_rule *a, const hz_rule *b)
{
    const cost old = {a->severity, a->dimension, a->indicator, a->gate, a->status, a->if_skipped};
    const cost now = {b->severity, b->dimension, b->indicator, b->gate, b->status, b->if_skipped};
    if (a->kind != b->kind) {
        if (!a->derived)
            hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_KIND, NULL, a->id, b->id);
        return;
    }
    if (!hz_slice_eq(a->table->name, b->table->name) || a->period != b->period) {
        hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, "on", a->table->name, b->table->name);
        return;
    }
    if (a->derived) {
        derived_body(t, a, b);
    } else {
        body(t, a, b);
        when(t, a, b);
        hz_tighten_order(t, "effective", (a->effective > b->effective) - (a->effective < b->effective),
                         day_text(&t->one, a->effective), day_text(&t->two, b->effective));
        hz_tighten_order(t, "until", (b->until > a->until) - (b->until < a->until), day_text(&t->one, a->until),
                         day_text(&t->two, b->until));
        hz_tighten_open(t, a->open, b->open);
    }
    costs(t, &old, &now);
    tolerance(t, &a->tolerance, &b->tolerance);
    hz_tighten_equal(t, "weight", hz_decimal_cmp(a->weight, b->weight) == 0, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_SCORE,
                     decimal_text(&t->one, true, a->weight), decimal_text(&t->two, true, b->weight));
    words(t, a, b);
}

static hz_slice levels_text(hz_buf *into, unsigned levels)
{
    static const char *const names[] = {"province", "prefecture", "county", "township", "village"};
    hz_buf_reset(into);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (levels >> (HZ_LEVEL_PROVINCE + i) & 1) {
            hz_buf_puts(into, into->len ? ", " : "");
            hz_buf_puts(into, names[i]);
        }
    return hz_buf_slice(into);
}

void hz_tighten_measures(hz_tighten *t, const hz_measure *a, const hz_measure *b)
{
    const cost old = {a->severity, a->dimension, a->indicator, a->gate, a->status, a->if_skipped};
    const cost now = {b->severity, b->dimension, b->indicator, b->gate, b->status, b->if_skipped};
    hz_tighten_equal(t, "on", hz_slice_eq(a->table->name, b->table->name), HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS,
                     a->table->name, b->table->name);
    hz_tighten_equal(t, "value", hz_tighten_same(t, &a->value, &b->value), HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS,
                     a->value.text, b->value.text);
    hz_tighten_equal(t, "unit", hz_slice_eq(a->unit, b->unit), HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, a->unit,
                     b->unit);
    hz_tighten_holds(t, "when", &a->when, &b->when, HZ_NODE_OR);
    hz_tighten_holds(t, "expect", &a->expect, &b->expect, HZ_NODE_AND);
    if (a->levels != b->levels)
        hz_tighten_order(t, "levels", (a->levels & ~b->levels) ? -1 : 1, levels_text(&t->one, a->levels),
                         levels_text(&t->two, b->levels));
    costs(t, &old, &now);
    hz_tighten_words(t, "title", a->title, b->title);
    hz_tighten_words(t, "description", a->description, b->description);
}

/* ---- grading ---- */

static void limit(hz_tighten *t, const char *key, bool had, hz_decimal a, bool has, hz_decimal b)
{
    int tighter = had && has ? hz_decimal_cmp(a, b) : (int)has - (int)had;
    hz_tighten_order(t, key, tighter, decimal_text(&t->one, had, a), decimal_text(&t->two, has, b));
}

static const struct hz_grade_table_rate *rate_of(const hz_grade_level *level, hz_slice table)
{
    for (size_t i = 0; i < level->table_rates_count; i++)
        if (hz_slice_eq(level->table_rates[i].table->name, table))
            return &level->table_rates[i];
    return NULL;
}

static void grade(hz_tighten *t, const hz_grade_level *a, const hz_grade_level *b)
{
    int score = a->has_min_score && b->has_min_score ? hz_decimal_cmp(b->min_score, a->min_score)
                                                     : (int)b->has_min_score - (int)a->has_min_score;
    hz_tighten_order(t, "min_score", score, decimal_text(&t->one, a->has_min_score, a->min_score),
                     decimal_text(&t->two, b->has_min_score, b->min_score));
    for (int i = 0; i < HZ_SEVERITY_COUNT; i++)
        hz_tighten_whole(t, hz_severity_name((hz_severity)i), a->max[i], b->max[i], true);
    limit(t, "error_rate", a->has_error_rate, a->error_rate, b->has_error_rate, b->error_rate);
    for (size_t i = 0; i < a->table_rates_count; i++) {
        const struct hz_grade_table_rate *other = rate_of(b, a->table_rates[i].table->name);
        limit(t, "error_rate", true, a->table_rates[i].rate, other != NULL, other ? other->rate : hz_decimal_of(0));
    }
    for (size_t i = 0; i < b->table_rates_count; i++)
        if (!rate_of(a, b->table_rates[i].table->name))
            limit(t, "error_rate", false, hz_decimal_of(0), true, b->table_rates[i].rate);
    hz_tighten_words(t, "title", a->title, b->title);
}

void hz_tighten_grading(hz_tighten *t, const hz_grading *a, const hz_grading *b)
{
    t->path[t->path_count++] = HZ_SLICE_LIT("weights");
    for (int i = 0; i < HZ_DIM_COUNT; i++)
        hz_tighten_equal(t, hz_dimension_name((hz_dimension)i), hz_decimal_cmp(a->weights[i], b->weights[i]) == 0,
                         HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_SCORE, decimal_text(&t->one, true, a->weights[i]),
                         decimal_text(&t->two, true, b->weights[i]));
    t->path[t->path_count - 1] = HZ_SLICE_LIT("severity_weights");
    for (int i = 0; i < HZ_SEVERITY_COUNT; i++)
        hz_tighten_equal(t, hz_severity_name((hz_severity)i),
                         hz_decimal_cmp(a->severity_weights[i], b->severity_weights[i]) == 0, HZ_CHANGE_LOOSENING,
                         HZ_MSG_TIGHTEN_SCORE, decimal_text(&t->one, true, a->severity_weights[i]),
                         decimal_text(&t->two, true, b->severity_weights[i]));
    t->path[t->path_count - 1] = HZ_SLICE_LIT("grades");
    bool same = a->grades_count == b->grades_count;
    for (size_t i = 0; same && i < a->grades_count; i++)
        same = hz_slice_eq(a->grades[i].grade, b->grades[i].grade);
    hz_tighten_equal(t, NULL, same, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_GRADES, HZ_NOTHING, HZ_NOTHING);
    for (size_t i = 0; same && i < a->grades_count; i++)
        grade(t, &a->grades[i], &b->grades[i]);
}
