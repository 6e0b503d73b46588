/* generate_value.c: the value of a tree at a row in hand. Meaning: docs/language.md; here INVALID is carried only as
 * far as `is null` asks for it. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

const hz_gen_env *hz_gen_env_of(const hz_gen_env *env, uint32_t scope)
{
    while (scope-- && env->outer)
        env = env->outer;
    return env;
}

static hz_gval unknown_of(hz_gval a, hz_gval b)
{
    return (hz_gval){.state = a.state == HZ_GEN_INVALID || b.state == HZ_GEN_INVALID ? HZ_GEN_INVALID : HZ_GEN_NULL};
}

hz_gval hz_gen_literal(const hz_value *value)
{
    hz_gval v = {.state = value->valid ? HZ_GEN_VALID : HZ_GEN_NULL, .type = value->type};
    if (!value->valid)
        return HZ_GVAL_NULL;
    switch (value->type) {
    case HZ_TYPE_BOOLEAN:
        v.as.boolean = value->as.boolean;
        break;
    case HZ_TYPE_TEXT:
        v.as.text = value->as.text;
        break;
    case HZ_TYPE_INTEGER:
        return hz_gval_int(value->as.i64);
    case HZ_TYPE_DECIMAL:
        return hz_gval_number(value->as.decimal);
    case HZ_TYPE_INTERVAL:
        v.as.interval = value->as.interval;
        break;
    default:
        v.as.i64 = value->as.i64;
    }
    return v;
}

static int64_t micros_of(hz_gval v)
{
    return v.type == HZ_TYPE_DATE ? v.as.i64 * HZ_MICROS_PER_DAY : v.as.i64;
}

int hz_gval_cmp(hz_gval a, hz_gval b)
{
    int64_t x, y;
    switch (a.type) {
    case HZ_TYPE_BOOLEAN:
        return (int)a.as.boolean - (int)b.as.boolean;
    case HZ_TYPE_TEXT:
        return b.type == HZ_TYPE_TEXT ? hz_slice_cmp(a.as.text, b.as.text) : 1;
    case HZ_TYPE_DECIMAL:
        return b.type == HZ_TYPE_DECIMAL ? hz_decimal_cmp(a.as.number, b.as.number) : 1;
    case HZ_TYPE_INTERVAL:
        return hz_interval_cmp(a.as.interval, b.as.interval);
    case HZ_TYPE_ARRAY:
        for (uint32_t i = 0; i < a.items_count && i < b.items_count; i++) {
            int order = hz_gval_cmp(a.as.items[i], b.as.items[i]);
            if (order)
                return order;
        }
        return (a.items_count > b.items_count) - (a.items_count < b.items_count);
    default:
        x = micros_of(a);
        y = micros_of(b);
        return (x > y) - (x < y);
    }
}

bool hz_gval_holds(hz_gval a, hz_op op, hz_gval b, bool *known)
{
    *known = a.state == HZ_GEN_VALID && b.state == HZ_GEN_VALID;
    if (!*known)
        return false;
    int order = hz_gval_cmp(a, b);
    switch (op) {
    case HZ_OP_EQ:
        return order == 0;
    case HZ_OP_NE:
        return order != 0;
    case HZ_OP_LT:
        return order < 0;
    case HZ_OP_LE:
        return order <= 0;
    case HZ_OP_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

static hz_gval truth_of(hz_gval a, hz_op op, hz_gval b)
{
    bool known, holds = hz_gval_holds(a, op, b, &known);
    return known ? hz_gval_bool(holds) : unknown_of(a, b);
}

hz_gen_row *hz_gen_walk(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, size_t steps)
{
    hz_gen_env at = *hz_gen_env_of(env, node->scope);
    for (size_t i = 0; i < steps && at.row; i++) {
        hz_gen_list list = hz_gen_related_list(block, node->steps[i], &at);
        at.row = list.count == 1 ? list.rows[0] : NULL;
    }
    return at.row;
}

/* ---- arithmetic ---- */

static hz_gval shift(hz_gval a, hz_gval b, bool minus)
{
    hz_gval out = {.state = HZ_GEN_VALID, .type = HZ_TYPE_TIMESTAMP};
    return hz_timestamp_add(&out.as.i64, micros_of(a), b.as.interval, minus) ? out : HZ_GVAL_NULL;
}

static hz_gval arith(const hz_node *node, hz_gval a, hz_gval b)
{
    hz_decimal n;
    int64_t days;
    if (a.state != HZ_GEN_VALID || b.state != HZ_GEN_VALID)
        return unknown_of(a, b);
    if (a.type == HZ_TYPE_DECIMAL && b.type == HZ_TYPE_DECIMAL) {
        bool fits = node->op == HZ_OP_ADD   ? hz_decimal_add(&n, a.as.number, b.as.number)
                    : node->op == HZ_OP_SUB ? hz_decimal_sub(&n, a.as.number, b.as.number)
                    : node->op == HZ_OP_MUL ? hz_decimal_mul(&n, a.as.number, b.as.number)
                                            : hz_decimal_div(&n, a.as.number, b.as.number);
        return fits ? hz_gval_number(n) : HZ_GVAL_NULL;
    }
    if (b.type == HZ_TYPE_INTERVAL && a.type != HZ_TYPE_INTERVAL)
        return shift(a, b, node->op == HZ_OP_SUB);
    if (a.type == HZ_TYPE_INTERVAL && b.type != HZ_TYPE_INTERVAL)
        return shift(b, a, false);
    if (a.type == HZ_TYPE_DATE && b.type == HZ_TYPE_DECIMAL && hz_decimal_to_i64(&days, b.as.number))
        return hz_gval_day(node->op == HZ_OP_SUB ? a.as.i64 - days : a.as.i64 + days);
    if (b.type == HZ_TYPE_DATE && a.type == HZ_TYPE_DECIMAL && hz_decimal_to_i64(&days, a.as.number))
        return hz_gval_day(b.as.i64 + days);
    if (a.type == HZ_TYPE_DATE && b.type == HZ_TYPE_DATE && node->op == HZ_OP_SUB)
        return hz_gval_int(a.as.i64 - b.as.i64);
    return HZ_GVAL_NULL;
}

/* ---- conditions ---- */

static hz_gval connect(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool both)
{
    bool unknown = false;
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_gval v = hz_gen_value(block, node->items[i], env);
        if (v.state != HZ_GEN_VALID)
            unknown = true;
        else if (v.as.boolean != both)
            return hz_gval_bool(!both);
    }
    return unknown ? HZ_GVAL_NULL : hz_gval_bool(both);
}

static hz_gval choose(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    uint32_t at = node->has_subject ? 1 : 0, end = node->items_count - (node->has_else ? 1 : 0);
    hz_gval subject = node->has_subject ? hz_gen_value(block, node->items[0], env) : HZ_GVAL_NULL;
    for (; at + 1 < end; at += 2) {
        hz_gval when = hz_gen_value(block, node->items[at], env);
        if (hz_gval_is(node->has_subject ? truth_of(subject, HZ_OP_EQ, when) : when, true))
            return hz_gen_value(block, node->items[at + 1], env);
    }
    return node->has_else ? hz_gen_value(block, node->items[end], env) : HZ_GVAL_NULL;
}

static hz_gval among(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gval a = hz_gen_value(block, node->items[0], env);
    bool unknown = false;
    for (uint32_t i = 1; i < node->items_count; i++) {
        hz_gval found = truth_of(a, HZ_OP_EQ, hz_gen_value(block, node->items[i], env));
        if (hz_gval_is(found, true))
            return hz_gval_bool(!node->negated);
        unknown = unknown || found.state != HZ_GEN_VALID;
    }
    return unknown ? HZ_GVAL_NULL : hz_gval_bool(node->negated);
}

static hz_gval quantified(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gval a = hz_gen_value(block, node->items[0], env), items = hz_gen_value(block, node->items[1], env);
    if (a.state != HZ_GEN_VALID || items.state != HZ_GEN_VALID)
        return unknown_of(a, items);
    for (uint32_t i = 0; i < items.items_count; i++) {
        bool known, holds = hz_gval_holds(a, node->op, items.as.items[i], &known);
        if (known && holds != node->negated)
            return hz_gval_bool(!node->negated);
    }
    return hz_gval_bool(node->negated);
}

static hz_gval contained(hz_gval a, hz_gval b)
{
    if (a.state != HZ_GEN_VALID || b.state != HZ_GEN_VALID)
        return unknown_of(a, b);
    for (uint32_t i = 0; i < a.items_count; i++) {
        bool found = false;
        for (uint32_t k = 0; k < b.items_count && !found; k++)
            found = hz_gval_cmp(a.as.items[i], b.as.items[k]) == 0;
        if (!found)
            return hz_gval_bool(false);
    }
    return hz_gval_bool(true);
}

/* % and _, backslash before a character that stands for itself. */
bool hz_gen_like(hz_slice text, hz_slice pattern)
{
    size_t t = 0, p = 0, back_t = 0, back_p = SIZE_MAX;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '%') {
            back_p = ++p;
            back_t = t;
        } else if (p < pattern.len && pattern.ptr[p] == '_') {
            (void)hz_utf8_next(text, &t);
            p++;
        } else {
            size_t at = p < pattern.len && pattern.ptr[p] == '\\' && p + 1 < pattern.len ? p + 1 : p;
            if (at < pattern.len && pattern.ptr[at] == text.ptr[t]) {
                t++;
                p = at + 1;
            } else if (back_p != SIZE_MAX) {
                (void)hz_utf8_next(text, &back_t);
                t = back_t;
                p = back_p;
            } else {
                return false;
            }
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '%')
        p++;
    return p == pattern.len;
}

static hz_gval matches(hz_gen_block *block, const hz_node *node, hz_gval a)
{
    const hz_pattern *pattern = hz_gen_plan_pattern(block->plan, node);
    bool found = false;
    if (a.state != HZ_GEN_VALID || !pattern)
        return a.state == HZ_GEN_VALID ? HZ_GVAL_NULL : unknown_of(a, a);
    if (hz_pattern_match(&found, pattern, &block->pattern_scratch, a.as.text, NULL) != HZ_OK)
        return HZ_GVAL_NULL;
    return hz_gval_bool(found != node->negated);
}

static hz_gval in_list(const hz_gen_block *block, const hz_node *node, hz_gval a, int32_t day)
{
    (void)block;
    if (a.state != HZ_GEN_VALID || !node->list)
        return unknown_of(a, a);
    return hz_gval_bool((hz_codelist_find(node->list, a.as.text, day) != HZ_HTAB_NONE) != node->negated);
}

/* ---- aggregates ---- */

typedef struct gathering {
    hz_gen_block *block;
    const hz_node *node;
    const hz_gen_env *env;
    uint64_t count, unequal;
    hz_gval value;
    hz_gval *seen;
    uint64_t seen_count, seen_capacity;
    bool stop;
} gathering;

static void gather_value(gathering *g, hz_gval v)
{
    hz_decimal sum;
    switch (g->node->agg) {
    case HZ_AGG_SUM:
    case HZ_AGG_AVG:
        if (g->count == 1)
            g->value = v;
        else if (g->value.state == HZ_GEN_VALID && hz_decimal_add(&sum, g->value.as.number, v.as.number))
            g->value = hz_gval_number(sum);
        else
            g->value = HZ_GVAL_NULL;
        break;
    case HZ_AGG_MIN:
        if (g->count == 1 || hz_gval_cmp(v, g->value) < 0)
            g->value = v;
        break;
    case HZ_AGG_MAX:
        if (g->count == 1 || hz_gval_cmp(v, g->value) > 0)
            g->value = v;
        break;
    default:
        for (uint64_t i = 0; i < g->seen_count; i++)
            if (hz_gval_cmp(g->seen[i], v) == 0)
                return;
        if (g->seen_count == g->seen_capacity) {
            uint64_t room = g->seen_capacity ? g->seen_capacity * 2 : 16;
            hz_gval *more = hz_arena_alloc(g->block->scratch, room * sizeof *more);
            if (!more) {
                g->block->status = HZ_E_NOMEM;
                return;
            }
            if (g->seen_count)
                memcpy(more, g->seen, g->seen_count * sizeof *more);
            g->seen = more;
            g->seen_capacity = room;
        }
        g->seen[g->seen_count++] = v;
    }
}

static bool gather(void *ctx, hz_gen_row *row)
{
    gathering *g = ctx;
    const hz_gen_env inner = {row, g->env, g->env->base};
    if (g->node->items[1] && !hz_gval_is(hz_gen_value(g->block, g->node->items[1], &inner), true))
        return true;
    if (g->node->agg == HZ_AGG_EXISTS) {
        g->count++;
        return false;
    }
    if (!g->node->items[0]) {
        g->count++;
        return true;
    }
    hz_gval v = hz_gen_value(g->block, g->node->items[0], &inner);
    if (g->node->agg == HZ_AGG_EVERY) {
        g->unequal += hz_gval_is(v, false);
        return true;
    }
    if (v.state != HZ_GEN_VALID)
        return true;
    g->count++;
    if (g->node->agg != HZ_AGG_COUNT)
        gather_value(g, v);
    return true;
}

static hz_gval gathered(const gathering *g)
{
    hz_decimal mean;
    switch (g->node->agg) {
    case HZ_AGG_COUNT:
        return hz_gval_int((int64_t)g->count);
    case HZ_AGG_COUNT_DISTINCT:
        return hz_gval_int((int64_t)g->seen_count);
    case HZ_AGG_EXISTS:
        return hz_gval_bool(g->count > 0);
    case HZ_AGG_EVERY:
        return hz_gval_bool(g->unequal == 0);
    case HZ_AGG_AVG:
        return g->count && g->value.state == HZ_GEN_VALID &&
                       hz_decimal_div(&mean, g->value.as.number, hz_decimal_of((int64_t)g->count))
                   ? hz_gval_number(mean)
                   : HZ_GVAL_NULL;
    default:
        return g->count ? g->value : HZ_GVAL_NULL;
    }
}

/* Over the rows of the block that are in the group of env's row. */
static hz_gval total(hz_gen_block *block, gathering *g)
{
    hz_gen_row *row = g->env->row;
    for (uint32_t family = 0; family <= block->families_count; family++) {
        hz_gen_list *list = hz_gen_list_of(block, family, row->table->index, row->period);
        for (size_t i = 0; i < list->count; i++)
            if (hz_gen_same_group(block, block->group, row, list->rows[i]) && !gather(g, list->rows[i]))
                return gathered(g);
    }
    return gathered(g);
}

static hz_gval aggregate(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    gathering g = {.block = block, .node = node, .env = env};
    if (node->star)
        return block->group ? total(block, &g) : HZ_GVAL_NULL;
    if (!node->steps_count)
        return HZ_GVAL_NULL;
    hz_gen_row *row = hz_gen_walk(block, node, env, node->steps_count - 1);
    if (!row)
        return node->agg == HZ_AGG_EXISTS           ? hz_gval_bool(false)
               : node->agg == HZ_AGG_EVERY          ? hz_gval_bool(true)
               : node->agg <= HZ_AGG_COUNT_DISTINCT ? hz_gval_int(0)
                                                    : HZ_GVAL_NULL;
    const hz_gen_env at = {row, env->outer, env->base};
    if (!hz_gen_related(block, node->steps[node->steps_count - 1], node->steps_count > 1 ? &at : env, gather, &g))
        return (hz_gval){.state = HZ_GEN_INVALID};
    return gathered(&g);
}

static hz_gval array_of(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gval *items = hz_arena_alloc(block->scratch, (node->items_count + 1) * sizeof *items);
    if (!items) {
        block->status = HZ_E_NOMEM;
        return HZ_GVAL_NULL;
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        items[i] = hz_gen_value(block, node->items[i], env);
    return (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_ARRAY, .items_count = node->items_count, .as.items = items};
}

static hz_gval concat(hz_gen_block *block, hz_gval a, hz_gval b)
{
    if (a.state != HZ_GEN_VALID || b.state != HZ_GEN_VALID)
        return unknown_of(a, b);
    char *bytes = hz_arena_alloc(block->scratch, a.as.text.len + b.as.text.len + 1);
    if (!bytes) {
        block->status = HZ_E_NOMEM;
        return HZ_GVAL_NULL;
    }
    if (a.as.text.len)
        memcpy(bytes, a.as.text.ptr, a.as.text.len);
    if (b.as.text.len)
        memcpy(bytes + a.as.text.len, b.as.text.ptr, b.as.text.len);
    return hz_gval_text((hz_slice){bytes, a.as.text.len + b.as.text.len});
}

static hz_gval between(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gval x = hz_gen_value(block, node->items[0], env);
    hz_gval low = truth_of(x, HZ_OP_GE, hz_gen_value(block, node->items[1], env));
    hz_gval high = truth_of(x, HZ_OP_LE, hz_gen_value(block, node->items[2], env));
    if (hz_gval_is(low, false) || hz_gval_is(high, false))
        return hz_gval_bool(node->negated);
    return hz_gval_is(low, true) && hz_gval_is(high, true) ? hz_gval_bool(!node->negated) : unknown_of(low, high);
}

static hz_gval negative(hz_gval a)
{
    hz_decimal n;
    if (a.state != HZ_GEN_VALID || a.type != HZ_TYPE_DECIMAL)
        return unknown_of(a, a);
    return hz_decimal_neg(&n, a.as.number) ? hz_gval_number(n) : HZ_GVAL_NULL;
}

static hz_gval distinct(const hz_node *node, hz_gval a, hz_gval b)
{
    bool differ = a.state != b.state || (a.state == HZ_GEN_VALID && hz_gval_cmp(a, b) != 0);
    return hz_gval_bool(differ != node->negated);
}

hz_gval hz_gen_value(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
#define ITEM(i) hz_gen_value(block, node->items[i], env)
    hz_gval a;
    hz_gen_row *row;
    switch (node->kind) {
    case HZ_NODE_LITERAL:
        return hz_gen_literal(&node->value);
    case HZ_NODE_AS_OF:
        return hz_gval_day(block->plan->as_of[env->base]);
    case HZ_NODE_PARAM:
        return hz_gen_literal(&block->plan->params[node->index]);
    case HZ_NODE_FIELD:
        return hz_gen_env_of(env, node->scope)->row->cells[node->field->index].value;
    case HZ_NODE_PATH:
        row = hz_gen_walk(block, node, env, node->steps_count);
        return row ? row->cells[node->field->index].value : HZ_GVAL_NULL;
    case HZ_NODE_NOT:
        a = ITEM(0);
        return a.state == HZ_GEN_VALID ? hz_gval_bool(!a.as.boolean) : a;
    case HZ_NODE_NEG:
        return negative(ITEM(0));
    case HZ_NODE_POS:
        return ITEM(0);
    case HZ_NODE_AND:
        return connect(block, node, env, true);
    case HZ_NODE_OR:
        return connect(block, node, env, false);
    case HZ_NODE_COMPARE:
        return truth_of(ITEM(0), node->op, ITEM(1));
    case HZ_NODE_ARITH:
        return arith(node, ITEM(0), ITEM(1));
    case HZ_NODE_CONCAT:
        return concat(block, ITEM(0), ITEM(1));
    case HZ_NODE_CONTAINED:
        return contained(ITEM(0), ITEM(1));
    case HZ_NODE_QUANTIFIED:
        return quantified(block, node, env);
    case HZ_NODE_IS_NULL:
        a = ITEM(0);
        return a.state == HZ_GEN_INVALID ? a : hz_gval_bool((a.state == HZ_GEN_NULL) != node->negated);
    case HZ_NODE_DISTINCT:
        return distinct(node, ITEM(0), ITEM(1));
    case HZ_NODE_BETWEEN:
        return between(block, node, env);
    case HZ_NODE_IN:
        return among(block, node, env);
    case HZ_NODE_IN_LIST:
        return in_list(block, node, ITEM(0), block->plan->as_of[env->base]);
    case HZ_NODE_LIKE: {
        hz_gval b = ITEM(1);
        a = ITEM(0);
        if (a.state != HZ_GEN_VALID || b.state != HZ_GEN_VALID)
            return unknown_of(a, b);
        return hz_gval_bool(hz_gen_like(a.as.text, b.as.text) != node->negated);
    }
    case HZ_NODE_MATCHES:
        return matches(block, node, ITEM(0));
    case HZ_NODE_CASE:
        return choose(block, node, env);
    case HZ_NODE_CALL:
        return hz_gen_call(block, node, env);
    case HZ_NODE_ARRAY:
        return array_of(block, node, env);
    case HZ_NODE_AGGREGATE:
        return aggregate(block, node, env);
    default:
        return HZ_GVAL_NULL;
    }
#undef ITEM
}
