/* merge_add.c: how each kind of figure adds up. */
#include <stdlib.h>

#include "base/alloc.h"
#include "reports/grade.h"
#include "validator/tasks/merge_int.h"

enum { TOP_MAX = 20 };

/* ---- tables ---- */

static bool is_number(const hz_result_column *column)
{
    return hz_slice_starts(column->type, HZ_SLICE_LIT("integer")) ||
           hz_slice_starts(column->type, HZ_SLICE_LIT("decimal"));
}

/* Dates and codes in ISO form order as their bytes do. */
static int order(const hz_result_column *column, hz_slice a, hz_slice b)
{
    hz_decimal x, y;
    if (is_number(column) && hz_decimal_parse(&x, a) && hz_decimal_parse(&y, b))
        return hz_decimal_cmp(x, y);
    return hz_slice_cmp(a, b);
}

static hz_status keep_bound(hz_merging *m, hz_result_column *into, bool *has, hz_slice *bound, bool part_has,
                            hz_slice part, int wanted)
{
    if (!part_has || (*has && order(into, part, *bound) * wanted <= 0))
        return HZ_OK;
    *has = true;
    *bound = part;
    return hz_merge_text(m, bound);
}

static hz_status add_bin(hz_merging *m, hz_bin **bins, size_t *count, const hz_bin *bin)
{
    for (size_t i = 0; i < *count; i++)
        if (hz_slice_eq((*bins)[i].from, bin->from)) {
            (*bins)[i].count += bin->count;
            return HZ_OK;
        }
    HZ_TRY(hz_merge_room(m, (void **)bins, *count, 1, sizeof **bins));
    hz_bin *into = &(*bins)[(*count)++];
    *into = *bin;
    HZ_TRY(hz_merge_text(m, &into->from));
    return hz_merge_text(m, &into->to);
}

static hz_status add_column(hz_merging *m, hz_result_column *into, const hz_result_column *part, bool first)
{
    if (first) {
        *into = (hz_result_column){.name = part->name, .type = part->type, .field = part->field, .absent = true};
        HZ_TRY(hz_merge_text(m, &into->name));
        HZ_TRY(hz_merge_text(m, &into->type));
    }
    into->personal = into->personal || part->personal;
    into->absent = into->absent && part->absent;
    into->missing += part->missing;
    into->invalid += part->invalid;
    into->distinct = part->distinct > into->distinct ? part->distinct : into->distinct;
    if (first && part->has_mean) { /* it stands when no other part comes */
        into->has_mean = true;
        into->mean = part->mean;
        HZ_TRY(hz_merge_text(m, &into->mean));
    }
    HZ_TRY(keep_bound(m, into, &into->has_min, &into->min, part->has_min, part->min, -1));
    HZ_TRY(keep_bound(m, into, &into->has_max, &into->max, part->has_max, part->max, 1));
    for (size_t i = 0; i < part->histogram_count; i++)
        HZ_TRY(add_bin(m, &into->histogram, &into->histogram_count, &part->histogram[i]));
    if (part->top_count >= TOP_MAX) /* it may lack some */
        into->top_count = SIZE_MAX;
    for (size_t i = 0; i < part->top_count && into->top_count != SIZE_MAX; i++)
        HZ_TRY(add_bin(m, &into->top, &into->top_count, &part->top[i]));
    return HZ_OK;
}

static hz_status add_unknown(hz_merging *m, hz_result_table *into, hz_slice name)
{
    for (size_t i = 0; i < into->unknown_columns_count; i++)
        if (hz_slice_eq(into->unknown_columns[i], name))
            return HZ_OK;
    HZ_TRY(hz_merge_room(m, (void **)&into->unknown_columns, into->unknown_columns_count, 1,
                         sizeof *into->unknown_columns));
    into->unknown_columns[into->unknown_columns_count] = name;
    return hz_merge_text(m, &into->unknown_columns[into->unknown_columns_count++]);
}

hz_status hz_merge_table(hz_merging *m, hz_result_table *into, const hz_result_table *part)
{
    if (m->part == 0) {
        *into = (hz_result_table){.table = part->table, .name = part->table->name, .counts = part->counts};
        HZ_TRY(hz_merge_room(m, (void **)&into->columns, 0, part->columns_count + 1, sizeof *into->columns));
        into->columns_count = part->columns_count;
    }
    if (into->columns_count != part->columns_count)
        return hz_fail(m->err, HZ_E_USAGE, HZ_M(MERGE_SHAPE), HZ_Z(m->options->parts[0]),
                       HZ_Z(m->options->parts[m->part]));
    into->present = into->present || part->present;
    into->rows += part->rows;
    into->bad_rows += part->bad_rows;
    into->records_with_errors += part->records_with_errors;
    HZ_TRY(
        hz_merge_room(m, (void **)&into->sources, into->sources_count, part->sources_count + 1, sizeof *into->sources));
    for (size_t i = 0; i < part->sources_count; i++) {
        hz_result_source *source = &into->sources[into->sources_count++];
        *source = part->sources[i];
        HZ_TRY(hz_merge_text(m, &source->path));
        HZ_TRY(hz_merge_text(m, &source->format));
        HZ_TRY(hz_merge_text(m, &source->encoding));
    }
    for (size_t i = 0; i < part->columns_count; i++)
        HZ_TRY(add_column(m, &into->columns[i], &part->columns[i], m->part == 0));
    for (size_t i = 0; i < part->unknown_columns_count; i++)
        HZ_TRY(add_unknown(m, into, part->unknown_columns[i]));
    return HZ_OK;
}

/* ---- rules ---- */

typedef enum reach { ROW, WITHIN, ACROSS, PRESENT, COLUMNS } reach;

/* How far a rule's verdicts reach. */
static reach reach_of(const hz_rule *rule)
{
    bool related = rule->when.reads_relation || rule->assert_.reads_relation;
    switch (rule->kind) {
    case HZ_RULE_PRESENT:
        return PRESENT;
    case HZ_RULE_COLUMNS:
        return COLUMNS;
    case HZ_RULE_UNIQUE:
    case HZ_RULE_SIMILAR:
        return ACROSS;
    case HZ_RULE_GROUP_ASSERT:
        return rule->keys_count ? WITHIN : ACROSS;
    case HZ_RULE_REFERENCES:
        return WITHIN;
    default:
        return related ? WITHIN : ROW;
    }
}

static void set_counts(hz_result_rule *into, const hz_result_rule *part)
{
    into->rows = part->rows;
    into->not_applicable = part->not_applicable;
    into->undetermined = part->undetermined;
    into->evaluated = part->evaluated;
    into->passed = part->passed;
    into->failed = part->failed;
}

static void add_counts(hz_result_rule *into, const hz_result_rule *part)
{
    into->rows += part->rows;
    into->not_applicable += part->not_applicable;
    into->undetermined += part->undetermined;
    into->ambiguous += part->ambiguous;
    into->evaluated += part->evaluated;
    into->passed += part->passed;
    into->failed += part->failed;
    into->waived += part->waived;
    into->groups += part->groups;
    into->unkeyed += part->unkeyed;
}

static bool same_counts(const hz_result_rule *a, const hz_result_rule *b)
{
    return a->rows == b->rows && a->failed == b->failed && a->evaluated == b->evaluated;
}

hz_status hz_merge_rule(hz_merging *m, hz_result_rule *into, const hz_result_rule *part, hz_merge_life *life,
                        const hz_result *whole_part)
{
    bool ran = part->outcome != HZ_OUTCOME_SKIPPED && part->outcome != HZ_OUTCOME_ERROR;
    reach far = reach_of(part->rule);
    if (!into->rule)
        *into = (hz_result_rule){.rule = part->rule, .severity = part->severity, .life = part->life};
    if (into->rule != part->rule)
        return hz_fail(m->err, HZ_E_USAGE, HZ_M(MERGE_SHAPE), HZ_Z(m->options->parts[0]),
                       HZ_Z(m->options->parts[m->part]));
    if (part->severity < into->severity)
        into->severity = part->severity;
    into->has_groups = into->has_groups || part->has_groups;
    into->has_unkeyed = into->has_unkeyed || part->has_unkeyed;
    life->skipped = life->skipped || part->outcome == HZ_OUTCOME_SKIPPED;
    life->error = life->error || part->outcome == HZ_OUTCOME_ERROR;
    if (!ran && (life->why.message == HZ_MSG_NONE || part->outcome == HZ_OUTCOME_ERROR)) {
        life->why = part->reason;
        HZ_TRY(hz_merge_said(m, &life->why));
    }
    if (!ran)
        return HZ_OK;
    if (m->counts)
        m->counts[(size_t)(life - m->lives) * m->options->parts_count + m->part] =
            (struct hz_merge_counts){part->evaluated, part->failed + part->waived};
    if (far == PRESENT || far == COLUMNS) {
        life->differs = life->differs || (life->ran && !same_counts(into, part));
        bool better = !life->ran || (far == PRESENT ? part->failed < into->failed : part->failed > into->failed);
        if (better)
            set_counts(into, part);
    } else {
        add_counts(into, part);
    }
    life->ran = true;
    HZ_TRY(hz_merge_room(m, (void **)&into->examples, into->examples_count, part->examples_count + 1,
                         sizeof *into->examples));
    for (size_t i = 0; i < part->examples_count && into->examples_count < m->examples_max; i++)
        HZ_TRY(hz_merge_finding(m, &into->examples[into->examples_count++], &part->examples[i], whole_part));
    return HZ_OK;
}

/* ---- waivers ---- */

static hz_status waiver_of(hz_result_waiver **out, hz_merging *m, const hz_result_waiver *waiver)
{
    hz_result *sum = m->sum;
    for (size_t i = 0; i < sum->waivers_count; i++)
        if (hz_slice_eq(sum->waivers[i].waiver->id, waiver->waiver->id)) {
            *out = &sum->waivers[i];
            return HZ_OK;
        }
    HZ_TRY(hz_merge_room(m, (void **)&sum->waivers, sum->waivers_count, 1, sizeof *sum->waivers));
    *out = &sum->waivers[sum->waivers_count++];
    **out = (hz_result_waiver){.state = waiver->state, .rule = waiver->rule, .draft = waiver->draft};
    return hz_waiver_copy(&(*out)->waiver, waiver->waiver, sum->arena, m->err);
}

/* The gravest state of the parts. */
static hz_waiver_state joined(hz_waiver_state a, hz_waiver_state b)
{
    static const hz_waiver_state order[] = {HZ_WAIVER_OVERDRAWN, HZ_WAIVER_EXPIRED, HZ_WAIVER_USED, HZ_WAIVER_UNUSED};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return a;
}

hz_status hz_merge_waiver(hz_merging *m, const hz_result_waiver *waiver, const hz_result *part)
{
    hz_result_waiver *into;
    HZ_TRY(waiver_of(&into, m, waiver));
    into->state = joined(into->state, waiver->state);
    into->matched += waiver->matched;
    into->used += waiver->used;
    HZ_TRY(hz_merge_room(m, (void **)&into->examples, into->examples_count, waiver->examples_count + 1,
                         sizeof *into->examples));
    for (size_t i = 0; i < waiver->examples_count && into->examples_count < m->examples_max; i++)
        HZ_TRY(hz_merge_finding(m, &into->examples[into->examples_count++], &waiver->examples[i], part));
    return HZ_OK;
}

/* ---- what the submitters explained ---- */

static uint64_t plausible(const hz_result *result)
{
    uint64_t failed = 0;
    for (size_t i = 0; i < result->rules_count; i++)
        if (result->rules[i].rule && result->rules[i].rule->gate == HZ_GATE_PLAUSIBILITY)
            failed += result->rules[i].failed;
    return failed;
}

hz_status hz_merge_reasons(hz_merging *m, const hz_result *part)
{
    const hz_result_acknowledged *from = part->acknowledged;
    if (!from)
        return HZ_OK;
    if (!m->reasons)
        m->reasons = HZ_ARENA_NEW(m->sum->arena, hz_result_acknowledged);
    hz_result_acknowledged *into = m->reasons;
    if (!into)
        return hz_nomem(m->err, sizeof *into);
    uint64_t failed = plausible(part);
    m->explained += failed > from->open ? failed - from->open : 0;
    into->taken += from->taken;
    into->refused += from->refused;
    into->lapsed += from->lapsed;
    into->unused += from->unused;
    into->same_max = from->same_max > into->same_max ? from->same_max : into->same_max;
    HZ_TRY(hz_merge_room(m, (void **)&into->items, into->count, from->count + 1, sizeof *into->items));
    for (size_t i = 0; i < from->count; i++) {
        hz_acknowledged *item = &into->items[into->count++];
        *item = from->items[i];
        HZ_TRY(hz_merge_text(m, &item->fingerprint));
        HZ_TRY(hz_merge_text(m, &item->rule));
        HZ_TRY(hz_merge_text(m, &item->reason));
    }
    return HZ_OK;
}

/* Parts without reasons have explained nothing. */
static void finish_reasons(hz_merging *m)
{
    uint64_t failed = plausible(m->sum);
    if (m->reasons)
        m->reasons->open = failed > m->explained ? failed - m->explained : 0;
    m->sum->acknowledged = m->reasons;
}

/* ---- figures ---- */

/* Sums and counts of rows, and what + and - make of them: they add up over parts. */
static bool adds_up(const hz_node *node)
{
    if (node->kind == HZ_NODE_AGGREGATE)
        return node->star && (node->agg == HZ_AGG_COUNT || node->agg == HZ_AGG_SUM);
    if (node->kind == HZ_NODE_ARITH && (node->op == HZ_OP_ADD || node->op == HZ_OP_SUB))
        return adds_up(node->items[0]) && adds_up(node->items[1]);
    return false;
}

static bool ratio_adds_up(const hz_measure *measure)
{
    const hz_node *root = measure->value.root;
    return root && root->kind == HZ_NODE_ARITH && root->op == HZ_OP_DIV && adds_up(root->items[0]) &&
           adds_up(root->items[1]);
}

static bool add_ratio(hz_ratio *into, const hz_ratio *part)
{
    if (into->has_fraction && part->has_fraction)
        return hz_decimal_add(&into->numerator, into->numerator, part->numerator) &&
               hz_decimal_add(&into->denominator, into->denominator, part->denominator);
    return into->has_value && part->has_value && hz_decimal_add(&into->value, into->value, part->value);
}

hz_status hz_merge_measure(hz_merging *m, hz_result_measure *into, const hz_result_measure *part)
{
    bool first = m->part == 0;
    bool additive = ratio_adds_up(part->measure) || (part->measure->value.root && adds_up(part->measure->value.root));
    if (first) {
        *into = *part;
        into->previous.has_value = false;
        into->regions = NULL;
        into->regions_count = 0;
        HZ_TRY(hz_merge_said(m, &into->reason));
    }
    if (into->measure != part->measure)
        return hz_fail(m->err, HZ_E_USAGE, HZ_M(MERGE_SHAPE), HZ_Z(m->options->parts[0]),
                       HZ_Z(m->options->parts[m->part]));
    if (part->outcome == HZ_OUTCOME_ERROR ||
        (part->outcome == HZ_OUTCOME_FAILED && into->outcome != HZ_OUTCOME_ERROR)) {
        into->outcome = part->outcome;
        into->reason = part->reason;
        HZ_TRY(hz_merge_said(m, &into->reason));
    }
    if (!first && (!additive || !add_ratio(&into->whole, &part->whole)))
        into->whole = (hz_ratio){.has_value = false};
    HZ_TRY(
        hz_merge_room(m, (void **)&into->regions, into->regions_count, part->regions_count + 1, sizeof *into->regions));
    for (size_t i = 0; i < part->regions_count; i++)
        into->regions[into->regions_count++] = part->regions[i];
    return HZ_OK;
}

hz_status hz_merge_regions(hz_merging *m, const hz_result *part)
{
    hz_result *sum = m->sum;
    HZ_TRY(hz_merge_room(m, (void **)&sum->regions, sum->regions_count, part->regions_count + 1, sizeof *sum->regions));
    for (size_t i = 0; i < part->regions_count; i++) {
        hz_result_region *region = &sum->regions[sum->regions_count++];
        *region = part->regions[i];
        HZ_TRY(hz_merge_text(m, &region->name.zh));
        HZ_TRY(hz_merge_text(m, &region->name.en));
    }
    return HZ_OK;
}

/* ---- the end ---- */

static int by_from(const void *a, const void *b)
{
    const hz_bin *x = a, *y = b;
    hz_decimal p, q;
    if (hz_decimal_parse(&p, x->from) && hz_decimal_parse(&q, y->from))
        return hz_decimal_cmp(p, q);
    return hz_slice_cmp(x->from, y->from);
}

static int by_count(const void *a, const void *b)
{
    const hz_bin *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : hz_slice_cmp(x->from, y->from);
}

static void finish_columns(hz_result_table *table)
{
    for (size_t i = 0; i < table->columns_count; i++) {
        hz_result_column *column = &table->columns[i];
        column->has_mean = false;
        if (column->histogram_count)
            qsort(column->histogram, column->histogram_count, sizeof *column->histogram, by_from);
        if (column->top_count == SIZE_MAX)
            column->top_count = 0;
        if (column->top_count)
            qsort(column->top, column->top_count, sizeof *column->top, by_count);
        if (column->top_count > TOP_MAX)
            column->top_count = TOP_MAX;
    }
}

static hz_status note(hz_merging *m, hz_slice **ids, size_t *count, hz_slice id)
{
    HZ_TRY(hz_merge_room(m, (void **)ids, *count, 1, sizeof **ids));
    (*ids)[(*count)++] = id; /* the profile's */
    return HZ_OK;
}

static void skip(hz_result_rule *rule, hz_said why)
{
    hz_result_rule kept = {
        .rule = rule->rule, .severity = rule->severity, .life = rule->life, .examples = rule->examples};
    *rule = kept;
    rule->outcome = HZ_OUTCOME_SKIPPED;
    rule->reason = why;
}

/* No part has a finding, but that decides nothing over all of them. */
static void leave_open(hz_result_rule *rule)
{
    rule->undetermined += rule->evaluated;
    rule->evaluated = rule->passed = 0;
    rule->outcome = HZ_OUTCOME_UNDETERMINED;
    rule->reason = (hz_said){.message = HZ_MSG_MERGE_ACROSS};
}

/* A waiver's limit was held against each part by itself. */
static bool has_limit(const hz_result *sum, hz_slice rule)
{
    for (size_t i = 0; i < sum->waivers_count; i++) {
        const hz_result_waiver *waiver = &sum->waivers[i];
        if (waiver->matched && (waiver->waiver->has_max_count || waiver->waiver->has_max_rate) &&
            hz_slice_eq(waiver->waiver->rule, rule))
            return true;
    }
    return false;
}

static hz_status finish_rule(hz_merging *m, hz_result_rule *rule, const hz_merge_life *life)
{
    hz_result_merged *merged = m->merged;
    reach far = reach_of(rule->rule);
    bool several = merged->parts_count > 1;
    if (life->error || !life->ran) {
        skip(rule, life->why);
        rule->outcome = life->error ? HZ_OUTCOME_ERROR : HZ_OUTCOME_SKIPPED;
        return HZ_OK;
    }
    rule->outcome =
        hz_rule_outcome(rule->rule, rule->not_applicable, rule->undetermined, rule->evaluated, rule->failed);
    if (several && (far == WITHIN || (far == COLUMNS && life->differs) || has_limit(m->sum, rule->rule->id)))
        HZ_TRY(note(m, &merged->within, &merged->within_count, rule->rule->id));
    if (several && life->exchanged)
        HZ_TRY(note(m, &merged->exchanged, &merged->exchanged_count, rule->rule->id));
    if (several && far == ACROSS && !life->exchanged)
        HZ_TRY(note(m, &merged->across, &merged->across_count, rule->rule->id));
    if (rule->failed) /* what a part found stands */
        return HZ_OK;
    if (life->skipped && far != PRESENT)
        skip(rule, life->why);
    else if (several && far == ACROSS && !life->exchanged && rule->evaluated)
        leave_open(rule);
    return HZ_OK;
}

static hz_status finish_measure(hz_merging *m, hz_result_measure *measure)
{
    hz_ratio *whole = &measure->whole;
    if (m->merged->parts_count < 2)
        return HZ_OK;
    if (whole->has_fraction)
        whole->has_value = hz_decimal_div(&whole->value, whole->numerator, whole->denominator);
    HZ_TRY(note(m, &m->merged->within, &m->merged->within_count, measure->measure->id));
    if (measure->whole_verdict != HZ_VERDICT_NONE)
        measure->whole_verdict = HZ_VERDICT_UNKNOWN;
    if (measure->outcome == HZ_OUTCOME_PASSED && measure->measure->expect.root) {
        measure->outcome = HZ_OUTCOME_UNDETERMINED;
        measure->reason = (hz_said){.message = HZ_MSG_MERGE_EXPECT};
    }
    return HZ_OK;
}

static int by_code(const void *a, const void *b)
{
    return strcmp(((const hz_result_region *)a)->code, ((const hz_result_region *)b)->code);
}

static int by_region(const void *a, const void *b)
{
    const struct hz_result_measure_region *x = a, *y = b;
    return strcmp(x->code, y->code);
}

/* Regions of one code become one; of what several parts have, a score is not known. */
static void unite_regions(hz_result *sum)
{
    size_t kept = 0;
    if (sum->regions_count)
        qsort(sum->regions, sum->regions_count, sizeof *sum->regions, by_code);
    for (size_t i = 0; i < sum->regions_count; i++) {
        hz_result_region *last = kept ? &sum->regions[kept - 1] : NULL;
        if (!last || strcmp(last->code, sum->regions[i].code) != 0) {
            sum->regions[kept++] = sum->regions[i];
            continue;
        }
        last->rows += sum->regions[i].rows;
        last->findings += sum->regions[i].findings;
        last->records_with_errors += sum->regions[i].records_with_errors;
        last->has_score = false;
        last->grade = UINT32_MAX;
    }
    sum->regions_count = kept;
}

static void unite_figures(hz_result_measure *measure)
{
    size_t kept = 0;
    if (measure->regions_count)
        qsort(measure->regions, measure->regions_count, sizeof *measure->regions, by_region);
    for (size_t i = 0; i < measure->regions_count; i++) {
        struct hz_result_measure_region *last = kept ? &measure->regions[kept - 1] : NULL;
        if (!last || strcmp(last->code, measure->regions[i].code) != 0) {
            measure->regions[kept++] = measure->regions[i];
            continue;
        }
        last->value = (hz_ratio){.has_value = false};
        if (last->verdict != HZ_VERDICT_NONE)
            last->verdict = HZ_VERDICT_UNKNOWN;
    }
    measure->regions_count = kept;
}

hz_status hz_merge_finish(hz_merging *m)
{
    hz_result *sum = m->sum;
    for (size_t i = 0; i < sum->tables_count && m->merged->parts_count > 1; i++)
        finish_columns(&sum->tables[i]);
    for (size_t i = 0; i < sum->rules_count; i++)
        if (sum->rules[i].rule)
            HZ_TRY(finish_rule(m, &sum->rules[i], &m->lives[i]));
    for (size_t i = 0; i < sum->drafts_count; i++)
        HZ_TRY(finish_rule(m, &sum->drafts[i], &m->lives[sum->rules_count + i]));
    for (size_t i = 0; i < sum->measures_count; i++) {
        HZ_TRY(finish_measure(m, &sum->measures[i]));
        unite_figures(&sum->measures[i]);
    }
    for (size_t i = 0; i < sum->rules_count; i++)
        sum->incomplete = sum->incomplete || sum->rules[i].outcome == HZ_OUTCOME_ERROR;
    unite_regions(sum);
    finish_reasons(m);
    return HZ_OK;
}
