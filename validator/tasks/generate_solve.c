/* generate_solve.c: a block that breaks no rule.
 *
 * Rows are drawn, then every rule is looked at on every row; one that fails is mended, and what the change could have
 * broken is looked at again, until nothing waits. Family by family, then what is shared. A rule that comes back too
 * often is left when it is a warning; when it is an error, the family is drawn anew, a bounded number of times. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

enum { STEPS_MAX = 6000, SOFT_MAX = 25, HARD_MAX = 100, DRAWS_MAX = 6 };

/* ---- what a rule says of a row ---- */

static hz_gen_verdict verdict_of(hz_gval v)
{
    return v.state != HZ_GEN_VALID ? HZ_GEN_UNKNOWN : v.as.boolean ? HZ_GEN_HOLDS : HZ_GEN_FAILS;
}

static hz_gen_verdict judge_range(hz_gen_block *block, const hz_field *field, hz_gval value, const hz_gen_env *env)
{
    const hz_gval *items = value.type == HZ_TYPE_ARRAY ? value.as.items : &value;
    uint32_t count = value.type == HZ_TYPE_ARRAY ? value.items_count : 1;
    bool known;
    for (uint32_t i = 0; i < count; i++) {
        if (field->min.root && hz_gval_holds(items[i], HZ_OP_LT, hz_gen_value(block, field->min.root, env), &known) &&
            known)
            return HZ_GEN_FAILS;
        if (field->max.root && hz_gval_holds(items[i], HZ_OP_GT, hz_gen_value(block, field->max.root, env), &known) &&
            known)
            return HZ_GEN_FAILS;
    }
    return HZ_GEN_HOLDS;
}

static hz_gen_verdict judge_text(hz_gen_block *block, const hz_gen_rule *rule, hz_slice text)
{
    const hz_field *field = rule->rule->field;
    const hz_gen_field *known = &block->plan->tables[field->table->index].fields[field->index];
    bool matches = true;
    int64_t length = (int64_t)hz_utf8_length(text);
    if (field->many.len)
        return HZ_GEN_HOLDS;
    if (rule->rule->kind == HZ_RULE_LENGTH)
        return (field->max_length >= 0 && length > field->max_length) || length < field->min_length ? HZ_GEN_FAILS
                                                                                                    : HZ_GEN_HOLDS;
    if (known->pattern && hz_pattern_match(&matches, known->pattern, &block->pattern_scratch, text, NULL) != HZ_OK)
        return HZ_GEN_UNKNOWN;
    return matches ? HZ_GEN_HOLDS : HZ_GEN_FAILS;
}

/* Whether another row has the same key; its families only. */
static hz_gen_verdict judge_unique(hz_gen_block *block, const hz_rule *rule, const hz_gen_row *row,
                                   const hz_gen_env *env)
{
    enum { KEYS_MAX = 16 };
    hz_gval keys[KEYS_MAX];
    bool known;
    int64_t equal = 1;
    size_t count = rule->keys_count < KEYS_MAX ? rule->keys_count : KEYS_MAX;
    for (size_t k = 0; k < count; k++) {
        keys[k] = hz_gen_value(block, rule->keys[k].root, env);
        if (keys[k].state != HZ_GEN_VALID)
            return HZ_GEN_UNKNOWN;
    }
    hz_gval from = rule->overlap_from.root ? hz_gen_value(block, rule->overlap_from.root, env) : HZ_GVAL_NULL;
    hz_gval to = rule->overlap_to.root ? hz_gen_value(block, rule->overlap_to.root, env) : HZ_GVAL_NULL;
    for (uint32_t family = 0; family <= block->families_count; family++) {
        if (row->family && family && family != row->family && !block->journal)
            continue;
        hz_gen_list *list = hz_gen_list_of(block, family, row->table->index, row->period);
        for (size_t i = 0; i < list->count; i++) {
            const hz_gen_env there = {list->rows[i], NULL, env->base};
            bool same = list->rows[i] != row;
            for (size_t k = 0; same && k < count; k++)
                same = hz_gval_holds(hz_gen_value(block, rule->keys[k].root, &there), HZ_OP_EQ, keys[k], &known);
            if (same && rule->overlap_from.root) {
                hz_gval f = hz_gen_value(block, rule->overlap_from.root, &there);
                hz_gval t = hz_gen_value(block, rule->overlap_to.root, &there);
                same = !(hz_gval_holds(t, HZ_OP_LT, from, &known) && known) &&
                       !(hz_gval_holds(to, HZ_OP_LT, f, &known) && known);
            }
            equal += same;
        }
    }
    return equal > (rule->at_most > 0 ? rule->at_most : 1) ? HZ_GEN_FAILS : HZ_GEN_HOLDS;
}

static hz_gen_verdict judge_reference(hz_gen_block *block, const hz_rule *rule, const hz_gen_row *row,
                                      const hz_gen_env *env)
{
    enum { KEYS_MAX = 16 };
    hz_gval keys[KEYS_MAX];
    const hz_field *fields[KEYS_MAX];
    bool known;
    size_t count = rule->ref_table ? rule->keys_count : 1;
    if (count > KEYS_MAX || (!rule->ref_table && (!rule->field || !rule->field->references)))
        return HZ_GEN_UNKNOWN;
    const hz_table *to = rule->ref_table ? rule->ref_table : rule->field->references->table;
    for (size_t k = 0; k < count; k++) {
        keys[k] = rule->ref_table ? hz_gen_value(block, rule->keys[k].root, env) : row->cells[rule->field->index].value;
        fields[k] = rule->ref_table ? rule->ref_fields[k] : rule->field->references;
        if (keys[k].state != HZ_GEN_VALID)
            return HZ_GEN_HOLDS;
    }
    if (block->plan->tables[to->index].role == HZ_GEN_NONE)
        return HZ_GEN_UNKNOWN;
    for (uint32_t family = 0; family <= block->families_count; family++) {
        if (row->family && family && family != row->family)
            continue;
        hz_gen_list *list = hz_gen_list_of(block, family, to->index, row->period);
        for (size_t i = 0; i < list->count; i++) {
            bool same = true;
            for (size_t k = 0; same && k < count; k++)
                same = hz_gval_holds(list->rows[i]->cells[fields[k]->index].value, HZ_OP_EQ, keys[k], &known);
            if (same)
                return HZ_GEN_HOLDS;
        }
    }
    return HZ_GEN_FAILS;
}

hz_gen_verdict hz_gen_judge_row(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row)
{
    const hz_rule *r = rule->rule;
    const hz_field *field = r->field;
    uint32_t base = row->period - r->period;
    const hz_gen_env env = {row, NULL, base};
    if (row->gone || row->period < r->period || base + rule->earliest >= block->plan->options->periods)
        return HZ_GEN_HOLDS;
    hz_gval value = field ? row->cells[field->index].value : HZ_GVAL_NULL;
    switch (r->kind) {
    case HZ_RULE_TYPE:
    case HZ_RULE_CODES:
        return value.state == HZ_GEN_INVALID ? HZ_GEN_FAILS : HZ_GEN_HOLDS;
    case HZ_RULE_REQUIRED:
        if (value.state != HZ_GEN_NULL)
            return HZ_GEN_HOLDS;
        if (field->required || !field->required_when.root)
            return HZ_GEN_FAILS;
        return hz_gval_is(hz_gen_value(block, field->required_when.root, &env), true) ? HZ_GEN_FAILS : HZ_GEN_HOLDS;
    case HZ_RULE_PATTERN:
    case HZ_RULE_LENGTH:
        return value.state == HZ_GEN_VALID ? judge_text(block, rule, row->cells[field->index].text) : HZ_GEN_HOLDS;
    case HZ_RULE_RANGE:
        return value.state == HZ_GEN_VALID ? judge_range(block, field, value, &env) : HZ_GEN_HOLDS;
    case HZ_RULE_UNIQUE:
    case HZ_RULE_REFERENCES:
    case HZ_RULE_ASSERT:
        if (r->when.root && !hz_gval_is(hz_gen_value(block, r->when.root, &env), true))
            return HZ_GEN_HOLDS;
        return r->kind == HZ_RULE_UNIQUE       ? judge_unique(block, r, row, &env)
               : r->kind == HZ_RULE_REFERENCES ? judge_reference(block, r, row, &env)
                                               : verdict_of(hz_gen_value(block, r->assert_.root, &env));
    case HZ_RULE_GROUP_ASSERT:
        if (!block->group || (r->when.root && !hz_gval_is(hz_gen_value(block, r->when.root, &env), true)))
            return HZ_GEN_HOLDS;
        return verdict_of(hz_gen_value(block, r->assert_.root, &env));
    case HZ_RULE_ITEMS:
    case HZ_RULE_SIMILAR: /* the engine says what is alike */
        return block->undo_count ? HZ_GEN_FAILS : HZ_GEN_HOLDS;
    default:
        return HZ_GEN_HOLDS;
    }
}

/* ---- mending ---- */

static bool redraw_key(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    for (size_t k = rule->keys_count; k-- > 0;) {
        const hz_node *root = rule->keys[k].root;
        if (!root || root->kind != HZ_NODE_FIELD)
            continue;
        const hz_gen_field *known = &block->plan->tables[row->table->index].fields[root->field->index];
        if (known->locked || known->kind == HZ_GEN_PLACE || known->source)
            continue;
        hz_gen_draw(block, row, root->field, false);
        return true;
    }
    if (row->parent && block->plan->tables[row->table->index].role == HZ_GEN_FAMILY) {
        hz_gen_row_drop(block, row);
        return true;
    }
    return false;
}

/* Every city has counties: a county of this city, when none is there. */
static bool refer(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    const hz_gen_table *table = &block->plan->tables[rule->ref_table->index];
    const hz_gen_env env = {row, NULL, row->period - rule->period};
    if (table->role != HZ_GEN_FAMILY && table->role != HZ_GEN_SHARED)
        return false;
    hz_gen_row *other = hz_gen_row_beside(block, rule->ref_table, row);
    for (size_t k = 0; other && k < rule->keys_count; k++)
        (void)hz_gen_set(block, other, rule->ref_fields[k], hz_gen_value(block, rule->keys[k].root, &env));
    if (other)
        hz_gen_draw_row(block, other);
    return other != NULL;
}

static bool mend_field(hz_gen_block *block, const hz_rule *r, hz_gen_row *row, unsigned yield, const hz_gen_env *env)
{
    if (!r->field)
        return false;
    if (r->kind == HZ_RULE_REQUIRED && r->field->required_when.root && hz_rand_percent(&block->rand, yield))
        return hz_gen_force(block, r->field->required_when.root, env, false);
    if (r->kind != HZ_RULE_REQUIRED && !r->field->required && hz_rand_percent(&block->rand, yield))
        return hz_gen_set(block, row, r->field, HZ_GVAL_NULL);
    hz_gen_draw(block, row, r->field, false);
    if (row->cells[r->field->index].value.state == HZ_GEN_NULL && r->kind == HZ_RULE_REQUIRED &&
        block->plan->tables[row->table->index].role == HZ_GEN_FAMILY)
        hz_gen_row_drop(block, row); /* no value can be there in this period */
    return true;
}

bool hz_gen_mend(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row)
{
    const hz_rule *r = rule->rule;
    const hz_gen_env env = {row, NULL, row->period - r->period};
    unsigned yield = row->mended[rule->place] > 20 ? 45 : row->mended[rule->place] > 6 ? 25 : 8;
    block->depth = 0;
    block->mending = (uint32_t)(rule - block->plan->rules) + 1;
    block->wild = row->mended[rule->place] > 10 && hz_rand_percent(&block->rand, 60);
    switch (r->kind) {
    case HZ_RULE_UNIQUE:
        return redraw_key(block, r, row);
    case HZ_RULE_ASSERT:
        if (r->when.root && hz_rand_percent(&block->rand, yield) && hz_gen_force(block, r->when.root, &env, false))
            return true;
        return hz_gen_force(block, r->assert_.root, &env, true) ||
               (r->when.root && hz_gen_force(block, r->when.root, &env, false));
    case HZ_RULE_REFERENCES:
        if (r->ref_table)
            return refer(block, r, row);
        return mend_field(block, r, row, yield, &env);
    default:
        return mend_field(block, r, row, yield, &env);
    }
}

static void tidy_scratch(hz_gen_block *block)
{
    hz_arena_reset(block->scratch);
}

/* Looks at what waits. False: an error stays. */
static bool settle(hz_gen_block *block, bool shared, uint64_t *failed)
{
    hz_gen_wait wait;
    uint32_t steps = 0, most = shared ? STEPS_MAX * 2 : STEPS_MAX;
    while (block->status == HZ_OK && hz_gen_wait_next(block, &wait, shared)) {
        const hz_gen_rule *rule = &block->plan->rules[wait.rule];
        tidy_scratch(block);
        if (wait.row->gone || hz_gen_judge_row(block, rule, wait.row) != HZ_GEN_FAILS)
            continue;
        uint16_t *mended = &wait.row->mended[rule->place];
        if (*mended > (rule->hard ? HARD_MAX : SOFT_MAX)) {
            if (failed && rule->hard)
                failed[wait.rule]++;
            if (rule->hard)
                return false;
            continue;
        }
        if (block->plan->options->cancel && block->plan->options->cancel->raised)
            return false;
        ++*mended;
        if (++steps > most)
            return false;
        bool did = hz_gen_mend(block, rule, wait.row);
        if (!did && rule->hard && *mended < HARD_MAX) {
            *mended = (uint16_t)(*mended + 10);
            hz_gen_wait_all(block, wait.row);
        }
        if (!wait.row->gone && hz_gen_judge_row(block, rule, wait.row) == HZ_GEN_FAILS)
            hz_gen_wait_all(block, wait.row);
    }
    return true;
}

/* ---- drawing a block ---- */

static uint32_t children(hz_gen_block *block, const hz_gen_table *table)
{
    if (table->one)
        return table->table->optional || table->table->external ? hz_rand_percent(&block->rand, 50) : 1;
    if (table->table->external)
        return hz_rand_percent(&block->rand, 12);
    if (table->table->optional)
        return hz_rand_percent(&block->rand, 45) ? 1 + (uint32_t)hz_rand_below(&block->rand, 2) : 0;
    return 1 + (uint32_t)(hz_rand_below(&block->rand, 3) + hz_rand_below(&block->rand, 3));
}

static void draw_shared(hz_gen_block *block)
{
    const hz_gen_plan *plan = block->plan;
    for (size_t o = 0; o < plan->order_count; o++) {
        const hz_gen_table *table = &plan->tables[plan->order[o]];
        if (table->role != HZ_GEN_SHARED)
            continue;
        bool alone = false; /* keyed by the place: one */
        for (size_t k = 0; k < table->table->key_count; k++)
            alone = alone || table->fields[table->table->key[k]->index].kind == HZ_GEN_PLACE;
        uint32_t count = alone ? 1 : 1 + (uint32_t)hz_rand_below(&block->rand, 1 + (block->families_count + 3) / 4);
        for (uint32_t i = 0; i < count; i++) {
            hz_gen_row *row = hz_gen_row_add(block, table->table, 0, 0, NULL);
            if (row)
                hz_gen_draw_row(block, row);
        }
    }
}

static void draw_family(hz_gen_block *block, uint32_t family)
{
    const hz_gen_plan *plan = block->plan;
    for (size_t o = 0; o < plan->order_count; o++) {
        const hz_gen_table *table = &plan->tables[plan->order[o]];
        if (table->role == HZ_GEN_ROOT) {
            hz_gen_row *row = hz_gen_row_add(block, table->table, 0, family, NULL);
            if (row)
                hz_gen_draw_row(block, row);
        }
        if (table->role != HZ_GEN_FAMILY)
            continue;
        hz_gen_list *parents = hz_gen_list_of(block, family, table->parent, 0);
        for (size_t p = 0; p < parents->count; p++)
            for (uint32_t i = children(block, table); i-- > 0;) {
                hz_gen_row *row = hz_gen_row_add(block, table->table, 0, family, parents->rows[p]);
                if (!row)
                    return;
                hz_gen_link_row(block, row, parents->rows[p]);
                hz_gen_draw_row(block, row);
            }
    }
}

/* The rows of a family as they were a period ago: the same, with the year of then and other sums of money. */
static void copy_back(hz_gen_block *block, uint32_t family, uint32_t period)
{
    const hz_gen_plan *plan = block->plan;
    size_t count = block->all.count;
    hz_gen_row **twin = hz_gen_alloc(block, (block->serial + 1) * sizeof *twin);
    for (size_t i = 0; twin && i < count; i++) {
        hz_gen_row *row = block->all.rows[i];
        if (row->gone || row->family != family || row->period != period - 1)
            continue;
        hz_gen_row *parent = row->parent && row->parent->family == family ? twin[row->parent->serial] : NULL;
        hz_gen_row *old = hz_gen_row_add(block, row->table, period, family, parent);
        if (!old)
            return;
        twin[row->serial] = old;
        for (size_t f = 0; f < row->table->fields_count; f++) {
            const hz_gen_field *known = &plan->tables[row->table->index].fields[f];
            hz_gval v = row->cells[f].value;
            if (known->year) {
                hz_gen_draw(block, old, known->field, false);
                continue;
            }
            old->cells[f] = row->cells[f];
            if (known->kind == HZ_GEN_TIME && v.state == HZ_GEN_VALID && v.type == HZ_TYPE_DATE &&
                v.as.i64 > plan->as_of[period])
                hz_gen_draw(block, old, known->field, true);
            if (known->kind == HZ_GEN_NUMBER && v.state == HZ_GEN_VALID && hz_slice_is(known->field->unit, "yuan") &&
                v.as.number.coef != 0) {
                hz_decimal part;
                if (hz_decimal_mul(&part, v.as.number,
                                   (hz_decimal){(hz_int128)hz_rand_between(&block->rand, 82, 97), 2}))
                    (void)hz_gen_set(block, old, known->field, hz_gval_number(part));
            }
        }
        hz_gen_wait_all(block, old);
    }
}

static void drop_family(hz_gen_block *block, uint32_t family)
{
    for (size_t i = 0; i < block->all.count; i++)
        if (block->all.rows[i]->family == family && !block->all.rows[i]->gone)
            hz_gen_row_drop(block, block->all.rows[i]);
}

static bool solve_family(hz_gen_block *block, uint32_t family, uint64_t *failed)
{
    for (int i = 0; i < DRAWS_MAX && block->status == HZ_OK; i++) {
        drop_family(block, family);
        draw_family(block, family);
        bool good = settle(block, false, failed);
        for (uint32_t p = 1; good && p < block->plan->options->periods; p++) {
            copy_back(block, family, p);
            good = settle(block, false, failed);
        }
        if (good)
            return true;
    }
    return false;
}

hz_status hz_gen_solve(hz_gen_block *block, uint64_t *failed, hz_error *err)
{
    draw_shared(block);
    for (uint32_t p = 1; p < block->plan->options->periods; p++)
        copy_back(block, 0, p);
    for (uint32_t family = 1; family <= block->families_count; family++)
        if (!solve_family(block, family, failed) && block->status == HZ_OK)
            return HZ_END;
    bool good = settle(block, true, failed);
    if (block->status != HZ_OK)
        return hz_nomem(err, 0);
    return good ? HZ_OK : HZ_END;
}
