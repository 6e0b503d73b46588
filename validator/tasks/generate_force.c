/* generate_force.c: changes cells so that a condition holds, or does not.
 *
 * A condition is taken apart: of `a and b` that should hold, what does not hold is mended; of a comparison, one side is
 * moved (generate_aim.c): that which changed longest ago, so that what one rule has just mended is followed by the
 * others and not undone; a lone field rather than a sum, so that `total = a + b` defines the total. Where no way is
 * known, values of a field that the condition reads are tried. Nothing here need succeed: the rules are looked at
 * again. */
#include "validator/tasks/generate_int.h"

enum { DEPTH_MAX = 24, TRIES = 12 };

hz_op hz_op_flip(hz_op op)
{
    switch (op) {
    case HZ_OP_LT:
        return HZ_OP_GT;
    case HZ_OP_LE:
        return HZ_OP_GE;
    case HZ_OP_GT:
        return HZ_OP_LT;
    case HZ_OP_GE:
        return HZ_OP_LE;
    default:
        return op;
    }
}

hz_op hz_op_negate(hz_op op)
{
    switch (op) {
    case HZ_OP_EQ:
        return HZ_OP_NE;
    case HZ_OP_NE:
        return HZ_OP_EQ;
    case HZ_OP_LT:
        return HZ_OP_GE;
    case HZ_OP_LE:
        return HZ_OP_GT;
    case HZ_OP_GT:
        return HZ_OP_LE;
    default:
        return HZ_OP_LT;
    }
}

/* ---- what could change ---- */

typedef struct fresh {
    bool any;
    uint32_t latest;
} fresh;

bool hz_gen_is_told(const hz_gen_block *block, const hz_gen_field *known)
{
    return known->defined_by && known->defined_by != block->mending && !block->wild && !block->journal;
}

static bool changeable(const hz_gen_block *block, const hz_gen_row *row, const hz_field *field)
{
    const hz_gen_table *table = &block->plan->tables[row->table->index];
    return table->role != HZ_GEN_INCLUDED && (!table->fields[field->index].locked || block->journal) &&
           !hz_gen_is_told(block, &table->fields[field->index]);
}

static void look(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, fresh *f)
{
    hz_gen_row *row = NULL;
    if (!node || node->constant)
        return;
    if (node->kind == HZ_NODE_FIELD)
        row = hz_gen_env_of(env, node->scope)->row;
    else if (node->kind == HZ_NODE_PATH)
        row = hz_gen_walk(block, node, env, node->steps_count);
    if (row && changeable(block, row, node->field)) {
        f->any = true;
        f->latest =
            row->cells[node->field->index].changed > f->latest ? row->cells[node->field->index].changed : f->latest;
    }
    if (!row && node->kind == HZ_NODE_PATH && block->journal) /* one can be brought there */
        f->any = true;
    if (node->kind == HZ_NODE_AGGREGATE) {
        if (node->steps_count && (block->journal || block->plan->tables[node->target->index].role != HZ_GEN_INCLUDED))
            f->any = true;
        return;
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        look(block, node->items[i], env, f);
}

uint32_t hz_gen_freshness(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    fresh f = {0};
    look(block, node, env, &f);
    return f.any ? f.latest : UINT32_MAX;
}

/* ---- trying values ---- */

typedef struct readers {
    struct reader {
        hz_gen_row *row;
        const hz_field *field;
    } at[32];
    size_t count;
} readers;

static void gather(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, readers *r)
{
    hz_gen_row *row = NULL;
    if (!node || node->constant || r->count == sizeof r->at / sizeof *r->at)
        return;
    if (node->kind == HZ_NODE_FIELD)
        row = hz_gen_env_of(env, node->scope)->row;
    else if (node->kind == HZ_NODE_PATH)
        row = hz_gen_walk(block, node, env, node->steps_count);
    if (row && changeable(block, row, node->field)) {
        for (size_t i = 0; i < r->count; i++)
            if (r->at[i].row == row && r->at[i].field == node->field)
                return;
        r->at[r->count++] = (struct reader){row, node->field};
    }
    if (node->kind != HZ_NODE_AGGREGATE)
        for (uint32_t i = 0; i < node->items_count; i++)
            gather(block, node->items[i], env, r);
}

/* Cells are changed in place while trying, so that no rule is queued for a value that is not kept. */
static bool try_field(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want, hz_gen_row *row,
                      const hz_field *field)
{
    const hz_gen_field *known = &block->plan->tables[row->table->index].fields[field->index];
    hz_gen_cell old = row->cells[field->index];
    size_t count = known->kind == HZ_GEN_CODES && known->small ? known->codes_count[row->period] : known->small ? 2 : 0;
    size_t from = count ? (size_t)hz_rand_below(&block->rand, count) : 0;
    for (size_t i = 0; i < (count < 200 ? count : 200); i++) {
        size_t at = (from + i) % count;
        hz_gval v = known->kind == HZ_GEN_CODES
                        ? hz_gval_text(hz_codelist_at(field->codes, known->codes[row->period][at]).code)
                        : hz_gval_bool(at);
        row->cells[field->index].value = v;
        row->cells[field->index].text = v.type == HZ_TYPE_TEXT ? v.as.text : HZ_SLICE_LIT("1");
        row->version++;
        bool holds = hz_gval_is(hz_gen_value(block, node, env), want);
        row->cells[field->index] = old;
        row->version++;
        if (holds)
            return hz_gen_set(block, row, field, v);
    }
    if (!field->required && !known->key && old.value.state == HZ_GEN_VALID) {
        row->cells[field->index] = (hz_gen_cell){.changed = old.changed};
        row->version++;
        bool holds = hz_gval_is(hz_gen_value(block, node, env), want);
        row->cells[field->index] = old;
        row->version++;
        if (holds)
            return hz_gen_set(block, row, field, HZ_GVAL_NULL);
    }
    if (count)
        return false;
    bool journal = block->journal;
    for (int i = 0; i < TRIES; i++) {
        size_t mark = block->undo_count;
        block->journal = true;
        hz_gen_draw(block, row, field, false);
        bool holds = hz_gval_is(hz_gen_value(block, node, env), want);
        hz_gval v = row->cells[field->index].value;
        hz_gen_undo_to(block, mark);
        block->journal = journal;
        if (holds)
            return hz_gen_set(block, row, field, v);
    }
    return false;
}

bool hz_gen_try(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    readers r = {.count = 0};
    gather(block, node, env, &r);
    size_t from = r.count ? (size_t)hz_rand_below(&block->rand, r.count) : 0;
    for (size_t i = 0; i < r.count; i++) {
        struct reader *at = &r.at[(from + i) % r.count];
        if (try_field(block, node, env, want, at->row, at->field))
            return true;
    }
    return false;
}

/* ---- aggregates of truth ---- */

static bool may_go(const hz_gen_block *block, const hz_gen_row *row)
{
    hz_gen_role role = block->plan->tables[row->table->index].role;
    if (block->journal) /* a defect may be that a record is missing */
        return role != HZ_GEN_INCLUDED;
    return (role == HZ_GEN_FAMILY || role == HZ_GEN_SHARED) && (row->table->external || row->table->optional);
}

/* For defects: whether "there is none" is made by the asking row, not by what it asks for. */
static bool leads_away(hz_gen_block *block, const hz_relation *relation)
{
    return hz_gen_keyed(relation->to, relation->on_to, relation->on_count) ||
           block->plan->tables[relation->to->index].role == HZ_GEN_INCLUDED ||
           (!relation->many && hz_rand_percent(&block->rand, 50));
}

static bool force_some(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, const hz_gen_env *at, bool want,
                       const hz_node *cond, bool cond_wanted)
{
    const hz_relation *relation = node->steps[node->steps_count - 1];
    hz_gen_list list = hz_gen_related_list(block, relation, at);
    bool alone = list.count == 1 && list.rows[0] == at->row; /* related to itself only */
    hz_gen_row *brought = want && alone && block->journal ? hz_gen_bring(block, relation, at) : NULL;
    if (brought && cond) {
        const hz_gen_env inner = {brought, env, env->base};
        return hz_gen_force(block, cond, &inner, cond_wanted);
    }
    if (want) {
        if (cond && list.count &&
            hz_rand_percent(&block->rand, relation->to->external || relation->to->optional ? 70 : 96)) {
            size_t from = (size_t)hz_rand_below(&block->rand, list.count);
            const hz_gen_env inner = {list.rows[from], env, env->base};
            return hz_gen_force(block, cond, &inner, cond_wanted);
        }
        hz_gen_row *row = hz_gen_relate(block, relation, at);
        if (row && cond) {
            const hz_gen_env inner = {row, env, env->base};
            (void)hz_gen_force(block, cond, &inner, cond_wanted);
        }
        if (!row && block->journal && hz_gen_bring(block, relation, at) != NULL)
            return true;
        if (!row && cond && list.count) {
            const hz_gen_env inner = {list.rows[0], env, env->base};
            return hz_gen_force(block, cond, &inner, cond_wanted);
        }
        return row != NULL;
    }
    bool done = false;
    if (block->journal && !cond && leads_away(block, relation) && hz_gen_part(block, relation, at))
        return true;
    for (size_t i = 0; i < list.count; i++) {
        const hz_gen_env inner = {list.rows[i], env, env->base};
        if (cond && !hz_gval_is(hz_gen_value(block, cond, &inner), cond_wanted))
            continue;
        bool drop = may_go(block, list.rows[i]) && list.rows[i] != env->row && (!cond || list.rows[i]->table->external);
        if (!drop && cond)
            done = hz_gen_force(block, cond, &inner, !cond_wanted) || done;
        else if (drop) {
            hz_gen_row_drop(block, list.rows[i]);
            done = true;
        }
    }
    return done;
}

static bool force_aggregate(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    if (node->star || !node->steps_count)
        return false;
    hz_gen_row *row = hz_gen_walk(block, node, env, node->steps_count - 1);
    if (!row) { /* the way there is missing */
        const hz_gen_env *own = hz_gen_env_of(env, node->scope);
        return want && node->steps_count > 1 && hz_gen_relate(block, node->steps[0], own) != NULL;
    }
    const hz_gen_env at = {row, node->steps_count > 1 ? NULL : env->outer, env->base};
    if (node->agg == HZ_AGG_EXISTS)
        return force_some(block, node, env, &at, want, node->items[1], true);
    if (node->agg == HZ_AGG_EVERY)
        return force_some(block, node, env, &at, !want, node->items[0], false);
    return false;
}

/* ---- comparisons ---- */

static bool lone(const hz_node *node)
{
    return node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH;
}

static bool is_truth(const hz_node *node)
{
    return node->type == HZ_TYPE_BOOLEAN;
}

static bool move_side(hz_gen_block *block, const hz_node *moved, const hz_node *other, const hz_gen_env *env, hz_op op)
{
    hz_gval target = hz_gen_value(block, other, env);
    if (target.state != HZ_GEN_VALID) {
        if (hz_gen_freshness(block, other, env) == UINT32_MAX)
            return false;
        return hz_gen_try(block, other, env, true) || hz_gen_aim(block, other, env, HZ_OP_EQ, HZ_GVAL_NULL);
    }
    if (is_truth(moved) && target.type == HZ_TYPE_BOOLEAN) {
        if (op != HZ_OP_EQ && op != HZ_OP_NE)
            return false;
        return hz_gen_force(block, moved, env, target.as.boolean == (op == HZ_OP_EQ));
    }
    return hz_gen_aim(block, moved, env, op, target);
}

static bool force_compare(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    const hz_node *a = node->items[0], *b = node->items[1];
    hz_op op = want ? node->op : hz_op_negate(node->op);
    uint32_t fresh_a = hz_gen_freshness(block, a, env), fresh_b = hz_gen_freshness(block, b, env);
    if (fresh_a == UINT32_MAX && fresh_b == UINT32_MAX)
        return false;
    bool left;
    if (fresh_a == UINT32_MAX || fresh_b == UINT32_MAX)
        left = fresh_b == UINT32_MAX;
    else if (block->wild)
        left = hz_rand_percent(&block->rand, 50);
    else if (lone(a) != lone(b) && op == HZ_OP_EQ) /* unless the total is what has just been mended */
        left = lone(a) == hz_rand_percent(&block->rand, (lone(a) ? fresh_a > fresh_b : fresh_b > fresh_a) ? 40 : 88);
    else if (fresh_a != fresh_b)
        left = (fresh_a < fresh_b) == hz_rand_percent(&block->rand, 85);
    else
        left = hz_rand_percent(&block->rand, 50);
    if (left ? move_side(block, a, b, env, op) : move_side(block, b, a, env, hz_op_flip(op)))
        return true;
    if (left ? fresh_b != UINT32_MAX && move_side(block, b, a, env, hz_op_flip(op))
             : fresh_a != UINT32_MAX && move_side(block, a, b, env, op))
        return true;
    return hz_gen_try(block, node, env, want);
}

/* ---- the others ---- */

static bool force_connected(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    bool all = (node->kind == HZ_NODE_AND) == want, done = false;
    size_t from = (size_t)hz_rand_below(&block->rand, node->items_count);
    for (uint32_t i = 0; i < node->items_count; i++) {
        const hz_node *item = node->items[all ? i : (from + i) % node->items_count];
        hz_gval now = hz_gen_value(block, item, env);
        if (hz_gval_is(now, want)) {
            if (!all)
                return true;
            continue;
        }
        bool did = hz_gen_force(block, item, env, want);
        done = done || did;
        if (did && !all)
            return true;
    }
    return done;
}

static bool force_null(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    const hz_node *item = node->items[0];
    bool missing = want != node->negated;
    hz_gen_row *row = NULL;
    if (item->kind == HZ_NODE_FIELD)
        row = hz_gen_env_of(env, item->scope)->row;
    else if (item->kind == HZ_NODE_PATH)
        row = hz_gen_walk(block, item, env, item->steps_count);
    if (!row && item->kind == HZ_NODE_PATH && !missing)
        return hz_gen_relate(block, item->steps[0], hz_gen_env_of(env, item->scope)) != NULL;
    if (row && missing && block->journal && !item->field->many.len && hz_rand_percent(&block->rand, 50) &&
        (item->field->type == HZ_FIELD_CODES || item->field->type == HZ_FIELD_SEMANTIC ||
         item->field->type == HZ_FIELD_BOOLEAN)) { /* not there, or not readable: rules ask for both by raw() */
        hz_gen_set_invalid(block, row, item->field,
                           hz_gen_wrong_text(block, item->field, row->cells[item->field->index].text));
        return true;
    }
    if (row && missing)
        return hz_gen_set(block, row, item->field, HZ_GVAL_NULL);
    if (row) {
        hz_gen_draw(block, row, item->field, false);
        return row->cells[item->field->index].value.state == HZ_GEN_VALID;
    }
    if (item->kind == HZ_NODE_CALL && item->function == HZ_FUNC_RAW) {
        hz_node inner = *node;
        inner.items = item->items;
        return force_null(block, &inner, env, want);
    }
    return hz_gen_try(block, node, env, want);
}

static bool force_between(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    hz_gval low = hz_gen_value(block, node->items[1], env), high = hz_gen_value(block, node->items[2], env);
    if (low.state != HZ_GEN_VALID || high.state != HZ_GEN_VALID)
        return hz_gen_try(block, node, env, want);
    if (want == node->negated)
        return hz_rand_percent(&block->rand, 50) ? hz_gen_aim(block, node->items[0], env, HZ_OP_LT, low)
                                                 : hz_gen_aim(block, node->items[0], env, HZ_OP_GT, high);
    int64_t from, to;
    if (low.type == HZ_TYPE_DECIMAL && hz_decimal_to_i64(&from, hz_decimal_normal(low.as.number)) &&
        hz_decimal_to_i64(&to, hz_decimal_normal(high.as.number)) && to >= from && to - from < INT32_MAX)
        low = hz_gval_int(hz_rand_between(&block->rand, from, to));
    else if (low.type == HZ_TYPE_DATE && high.type == HZ_TYPE_DATE && high.as.i64 >= low.as.i64)
        low.as.i64 = hz_rand_between(&block->rand, low.as.i64, high.as.i64);
    else if (low.type == HZ_TYPE_TEXT)
        return hz_gen_try(block, node, env, want) || hz_gen_aim(block, node->items[0], env, HZ_OP_EQ, low);
    return hz_gen_aim(block, node->items[0], env, HZ_OP_EQ, low) || hz_gen_try(block, node, env, want);
}

static bool force_in(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    bool inside = want != node->negated;
    if (node->items[0]->constant) { /* '02' in (risk_1, risk_2 …) */
        hz_gval what = hz_gen_value(block, node->items[0], env);
        if (inside)
            return hz_gen_aim(block, node->items[1 + hz_rand_below(&block->rand, node->items_count - 1)], env, HZ_OP_EQ,
                              what);
        bool done = false;
        for (uint32_t i = 1; i < node->items_count; i++) {
            hz_gval v = hz_gen_value(block, node->items[i], env);
            if (v.state == HZ_GEN_VALID && hz_gval_cmp(v, what) == 0)
                done = hz_gen_aim(block, node->items[i], env, HZ_OP_NE, what) || done;
        }
        return done;
    }
    if (!inside)
        return hz_gen_try(block, node, env, want);
    for (int i = 0; i < 4; i++) {
        const hz_node *item = node->items[1 + hz_rand_below(&block->rand, node->items_count - 1)];
        hz_gval v = hz_gen_value(block, item, env);
        if (v.state == HZ_GEN_VALID && hz_gen_aim(block, node->items[0], env, HZ_OP_EQ, v))
            return true;
    }
    return hz_gen_try(block, node, env, want);
}

static bool force_text(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    bool fits = want != node->negated;
    if (node->kind == HZ_NODE_MATCHES && fits) {
        hz_slice text = hz_gen_from_pattern(block, node->text);
        if (text.len && hz_gen_aim(block, node->items[0], env, HZ_OP_EQ, hz_gval_text(text)))
            return true;
    }
    if (node->kind == HZ_NODE_LIKE && fits) {
        hz_gval pattern = hz_gen_value(block, node->items[1], env);
        hz_buf text = HZ_BUF_INIT;
        for (size_t i = 0; pattern.state == HZ_GEN_VALID && i < pattern.as.text.len; i++)
            hz_buf_puts(&text, pattern.as.text.ptr[i] == '%' || pattern.as.text.ptr[i] == '_'
                                   ? "甲"
                                   : (char[]){pattern.as.text.ptr[i], 0});
        hz_slice made = hz_gen_scratch(block, hz_buf_slice(&text));
        hz_buf_clear(&text);
        if (hz_gen_try(block, node, env, want) ||
            (made.len && hz_gen_aim(block, node->items[0], env, HZ_OP_EQ, hz_gval_text(made))))
            return true;
    }
    if (hz_gen_try(block, node, env, want))
        return true;
    return !fits && hz_gen_aim(block, node->items[0], env, HZ_OP_EQ, hz_gval_text(HZ_SLICE_LIT("?")));
}

/* Adds an item to an array, or takes it out. */
static bool force_any(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    const hz_node *array = node->items[1];
    if (!lone(array) || node->op == HZ_OP_LT || node->op == HZ_OP_GT)
        return hz_gen_try(block, node, env, want);
    hz_gen_row *row = array->kind == HZ_NODE_FIELD ? hz_gen_env_of(env, array->scope)->row
                                                   : hz_gen_walk(block, array, env, array->steps_count);
    hz_gval what = hz_gen_value(block, node->items[0], env);
    if (!row || what.state != HZ_GEN_VALID)
        return false;
    hz_gval now = row->cells[array->field->index].value;
    bool in = (node->op == HZ_OP_EQ) == (want != node->negated) || (node->negated && node->op == HZ_OP_EQ && want);
    if (node->op == HZ_OP_NE && node->negated)
        in = !want;
    hz_gval *items = hz_arena_alloc(block->scratch, (now.items_count + 2) * sizeof *items);
    uint32_t count = 0;
    if (!items)
        return false;
    if (in) /* what else was there gives way: 健康 does not go with an illness */
        items[count++] = what;
    for (uint32_t i = 0; !in && now.state == HZ_GEN_VALID && i < now.items_count; i++)
        if (hz_gval_cmp(now.as.items[i], what) != 0)
            items[count++] = now.as.items[i];
    if (!count) {
        for (int i = 0; i < TRIES; i++) {
            hz_gen_draw(block, row, array->field, false);
            if (hz_gval_is(hz_gen_value(block, node, env), want))
                return true;
        }
        return false;
    }
    return hz_gen_set(block, row, array->field,
                      (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_ARRAY, .items_count = count, .as.items = items});
}

static bool force_case(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    uint32_t at = node->has_subject ? 1 : 0, end = node->items_count - (node->has_else ? 1 : 0);
    hz_gval subject = node->has_subject ? hz_gen_value(block, node->items[0], env) : HZ_GVAL_NULL;
    for (; at + 1 < end; at += 2) {
        hz_gval when = hz_gen_value(block, node->items[at], env);
        bool known, same = hz_gval_holds(subject, HZ_OP_EQ, when, &known);
        if (node->has_subject ? known && same : hz_gval_is(when, true)) {
            if (hz_gval_is(hz_gen_value(block, node->items[at + 1], env), want) || node->items[at + 1]->constant)
                break;
            return hz_gen_force(block, node->items[at + 1], env, want) || hz_gen_try(block, node, env, want);
        }
    }
    if (at + 1 >= end && node->has_else && !node->items[end]->constant)
        return hz_gen_force(block, node->items[end], env, want);
    /* another branch */
    for (at = 0; !node->has_subject && at + 1 < end; at += 2)
        if (node->items[at + 1]->constant && hz_gval_is(hz_gen_value(block, node->items[at + 1], env), want))
            return hz_gen_force(block, node->items[at], env, true);
    for (at = 0; !node->has_subject && at + 1 < end; at += 2)
        if (hz_gval_is(hz_gen_value(block, node->items[at], env), true))
            return hz_gen_force(block, node->items[at], env, false);
    return hz_gen_try(block, node, env, want);
}

bool hz_gen_force(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want)
{
    bool done = false;
    if (block->depth >= DEPTH_MAX || node->constant)
        return false;
    block->depth++;
    switch (node->kind) {
    case HZ_NODE_FIELD:
    case HZ_NODE_PATH:
        done = hz_gen_aim(block, node, env, HZ_OP_EQ, hz_gval_bool(want));
        break;
    case HZ_NODE_NOT:
        done = hz_gen_force(block, node->items[0], env, !want);
        break;
    case HZ_NODE_AND:
    case HZ_NODE_OR:
        done = force_connected(block, node, env, want);
        break;
    case HZ_NODE_COMPARE:
        done = force_compare(block, node, env, want);
        break;
    case HZ_NODE_IS_NULL:
        done = force_null(block, node, env, want);
        break;
    case HZ_NODE_BETWEEN:
        done = force_between(block, node, env, want);
        break;
    case HZ_NODE_IN:
        done = force_in(block, node, env, want);
        break;
    case HZ_NODE_LIKE:
    case HZ_NODE_MATCHES:
        done = force_text(block, node, env, want);
        break;
    case HZ_NODE_QUANTIFIED:
        done = force_any(block, node, env, want);
        break;
    case HZ_NODE_CASE:
        done = force_case(block, node, env, want);
        break;
    case HZ_NODE_AGGREGATE:
        done = force_aggregate(block, node, env, want);
        break;
    case HZ_NODE_CALL:
        if (node->function == HZ_FUNC_COALESCE)
            done = hz_gen_force(block, node->items[0], env, want);
        else if (!want && (node->function == HZ_FUNC_IS_RESIDENT_ID || node->function == HZ_FUNC_IS_USCC ||
                           node->function == HZ_FUNC_IS_LUHN))
            done = hz_gen_spoil(block, node->items[0], env);
        else
            done = hz_gen_try(block, node, env, want);
        break;
    default:
        done = hz_gen_try(block, node, env, want);
    }
    block->depth--;
    return done;
}
