/* compile_node.c: from nodes of the tree to instructions; fused forms are chosen here, where the operands are still
 * nodes. */
#include "validator/eval/compile_int.h"

static bool is_numeric(hz_type type)
{
    return type == HZ_TYPE_INTEGER || type == HZ_TYPE_DECIMAL;
}
static bool is_moment(hz_type type)
{
    return type == HZ_TYPE_DATE || type == HZ_TYPE_TIMESTAMP;
}

static hz_status unary(uint32_t *out, hz_builder *b, hz_opcode code, hz_type type, uint32_t x)
{
    return hz_builder_emit(out, b, (hz_ins){.code = code, .type = type}, &x, 1);
}

hz_status hz_compile_cast(uint32_t *out, hz_builder *b, uint32_t reg, hz_type type, hz_type item_type)
{
    hz_type from = hz_builder_type(b, reg);
    *out = reg;
    if (from == type || type == HZ_TYPE_NULL)
        return HZ_OK;
    if (from == HZ_TYPE_NULL)
        return hz_builder_null(out, b, type, item_type);
    if (from == HZ_TYPE_DATE && type == HZ_TYPE_TIMESTAMP)
        return unary(out, b, HZ_OPC_TO_STAMP, type, reg);
    if (from == HZ_TYPE_TIMESTAMP && type == HZ_TYPE_DATE)
        return unary(out, b, HZ_OPC_TO_DAY, type, reg);
    HZ_ASSERT(is_numeric(from) && is_numeric(type));
    return HZ_OK;
}

hz_status hz_compile_as(uint32_t *out, hz_builder *b, const hz_node *node, hz_type type, hz_type item_type)
{
    uint32_t reg = 0;
    HZ_TRY(hz_compile_node(&reg, b, node));
    return hz_compile_cast(out, b, reg, type, item_type);
}

hz_status hz_compile_pair(hz_builder *b, uint32_t *x, uint32_t *y)
{
    hz_type x_type = hz_builder_type(b, *x), y_type = hz_builder_type(b, *y);
    hz_type type = x_type == HZ_TYPE_NULL || (x_type == HZ_TYPE_DATE && y_type == HZ_TYPE_TIMESTAMP) ? y_type : x_type;
    hz_type item_type = b->regs[type == y_type ? *y : *x].item_type;
    if (type == HZ_TYPE_NULL)
        type = HZ_TYPE_TEXT;
    HZ_TRY(hz_compile_cast(x, b, *x, type, item_type));
    return hz_compile_cast(y, b, *y, type, item_type);
}

hz_status hz_compile_compare(uint32_t *out, hz_builder *b, hz_op op, uint32_t x, uint32_t y)
{
    HZ_TRY(hz_compile_pair(b, &x, &y));
    hz_ins ins = {.op = op, .type = HZ_TYPE_BOOLEAN};
    switch (hz_builder_type(b, x)) {
    case HZ_TYPE_BOOLEAN:
        ins.code = HZ_OPC_CMP_BOOL;
        break;
    case HZ_TYPE_TEXT:
        ins.code = HZ_OPC_CMP_TEXT;
        break;
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DECIMAL:
        ins.code = HZ_OPC_CMP_NUM;
        break;
    case HZ_TYPE_INTERVAL:
        ins.code = HZ_OPC_CMP_INTERVAL;
        break;
    case HZ_TYPE_ARRAY:
        ins.code = HZ_OPC_CMP_ARRAY;
        break;
    default:
        ins.code = HZ_OPC_CMP_I64;
        break;
    }
    return hz_builder_emit(out, b, ins, (const uint32_t[]){x, y}, 2);
}

static hz_op flipped(hz_op op)
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

static bool is_call(const hz_node *node, hz_function function, uint32_t args)
{
    return node->kind == HZ_NODE_CALL && node->function == function && node->items_count == args;
}

/* left(text, constant) = other. HZ_END when the form is another. */
static hz_status fuse_left(uint32_t *out, hz_builder *b, hz_op op, const hz_node *side, const hz_node *other)
{
    uint32_t text = 0, count = 0, with = 0;
    int64_t chars = 0;
    if (!is_call(side, HZ_FUNC_LEFT, 2) || (op != HZ_OP_EQ && op != HZ_OP_NE) || !side->items[1]->constant)
        return HZ_END;
    HZ_TRY(hz_compile_node(&count, b, side->items[1]));
    if (!hz_builder_whole(&chars, b, count) || chars < 0)
        return HZ_END;
    HZ_TRY(hz_compile_as(&text, b, side->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    HZ_TRY(hz_compile_as(&with, b, other, HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_CMP_LEFT, .op = op, .type = HZ_TYPE_BOOLEAN, .k = chars};
    return hz_builder_emit(out, b, ins, (const uint32_t[]){text, with}, 2);
}

/* length(text) against a constant. */
static hz_status fuse_length(uint32_t *out, hz_builder *b, hz_op op, const hz_node *side, const hz_node *other)
{
    uint32_t text = 0, with = 0;
    hz_ins ins = {.code = HZ_OPC_CMP_LENGTH, .op = op, .type = HZ_TYPE_BOOLEAN};
    if (!is_call(side, HZ_FUNC_LENGTH, 1) || !other->constant)
        return HZ_END;
    HZ_TRY(hz_compile_node(&with, b, other));
    if (!hz_builder_whole(&ins.k, b, with))
        return HZ_END;
    HZ_TRY(hz_compile_as(&text, b, side->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    return hz_builder_emit(out, b, ins, &text, 1);
}

static hz_status compile_compare(uint32_t *out, hz_builder *b, const hz_node *node)
{
    const hz_node *left = node->items[0], *right = node->items[1];
    hz_status st = HZ_END;
    if (!b->plain) {
        st = fuse_left(out, b, node->op, left, right);
        if (st == HZ_END)
            st = fuse_left(out, b, node->op, right, left);
        if (st == HZ_END)
            st = fuse_length(out, b, node->op, left, right);
        if (st == HZ_END)
            st = fuse_length(out, b, flipped(node->op), right, left);
    }
    if (st != HZ_END)
        return st;
    uint32_t x = 0, y = 0;
    HZ_TRY(hz_compile_node(&x, b, left));
    HZ_TRY(hz_compile_node(&y, b, right));
    return hz_compile_compare(out, b, node->op, x, y);
}

static hz_status logic(uint32_t *out, hz_builder *b, bool is_and, uint32_t x, uint32_t y)
{
    for (int side = 0; side < 2 && !b->plain; side++) {
        uint32_t one = side ? y : x, other = side ? x : y;
        const hz_vec *value = hz_builder_value(b, one);
        if (!value)
            continue;
        /* TRUE is neutral to `and` and decides `or`. */
        *out = (value->as.bits[0] & 1) == is_and ? other : one;
        return HZ_OK;
    }
    hz_ins ins = {.code = is_and ? HZ_OPC_AND : HZ_OPC_OR, .type = HZ_TYPE_BOOLEAN};
    return hz_builder_emit(out, b, ins, (const uint32_t[]){x, y}, 2);
}

static hz_status compile_logic(uint32_t *out, hz_builder *b, const hz_node *node)
{
    HZ_TRY(hz_compile_as(out, b, node->items[0], HZ_TYPE_BOOLEAN, HZ_TYPE_NULL));
    for (uint32_t i = 1; i < node->items_count; i++) {
        uint32_t next = 0;
        HZ_TRY(hz_compile_as(&next, b, node->items[i], HZ_TYPE_BOOLEAN, HZ_TYPE_NULL));
        HZ_TRY(logic(out, b, node->kind == HZ_NODE_AND, *out, next));
    }
    return HZ_OK;
}

static hz_status negate_if(uint32_t *out, hz_builder *b, bool negated)
{
    return negated ? unary(out, b, HZ_OPC_NOT, HZ_TYPE_BOOLEAN, *out) : HZ_OK;
}

/* date or timestamp, and what is added to or taken from it. */
static hz_status shift(uint32_t *out, hz_builder *b, const hz_node *node, uint32_t x, uint32_t y)
{
    bool days = node->type == HZ_TYPE_DATE,
         swapped = node->op == HZ_OP_ADD && !is_moment(hz_builder_type(b, x)) && is_moment(hz_builder_type(b, y));
    uint32_t moment = swapped ? y : x, amount = swapped ? x : y;
    HZ_TRY(hz_compile_cast(&moment, b, moment, node->type, HZ_TYPE_NULL));
    HZ_TRY(hz_compile_cast(&amount, b, amount, days ? HZ_TYPE_INTEGER : HZ_TYPE_INTERVAL, HZ_TYPE_NULL));
    hz_ins ins = {.code = days ? HZ_OPC_DAY_SHIFT : HZ_OPC_STAMP_SHIFT, .op = node->op, .type = node->type};
    return hz_builder_emit(out, b, ins, (const uint32_t[]){moment, amount}, 2);
}

static hz_status compile_arith(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0, y = 0;
    HZ_TRY(hz_compile_node(&x, b, node->items[0]));
    HZ_TRY(hz_compile_node(&y, b, node->items[1]));
    if (is_moment(node->type))
        return shift(out, b, node, x, y);
    hz_ins ins = {.code = HZ_OPC_ARITH, .op = node->op, .type = HZ_TYPE_INTEGER};
    hz_type type = HZ_TYPE_INTEGER;
    bool moments = is_moment(hz_builder_type(b, x)) || is_moment(hz_builder_type(b, y));
    if (node->type == HZ_TYPE_INTERVAL) {
        ins.code = moments ? HZ_OPC_STAMP_DIFF : HZ_OPC_INTERVAL_SUM;
        ins.type = HZ_TYPE_INTERVAL;
        type = moments ? HZ_TYPE_TIMESTAMP : HZ_TYPE_INTERVAL;
    } else if (moments) {
        ins.code = HZ_OPC_DAY_DIFF;
        type = HZ_TYPE_DATE;
    }
    if (moments)
        ins.op = HZ_OP_NONE;
    HZ_TRY(hz_compile_cast(&x, b, x, type, HZ_TYPE_NULL));
    HZ_TRY(hz_compile_cast(&y, b, y, type, HZ_TYPE_NULL));
    return hz_builder_emit(out, b, ins, (const uint32_t[]){x, y}, 2);
}

static hz_status compile_neg(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0;
    HZ_TRY(
        hz_compile_as(&x, b, node->items[0], node->type == HZ_TYPE_NULL ? HZ_TYPE_INTEGER : node->type, HZ_TYPE_NULL));
    if (hz_builder_type(b, x) == HZ_TYPE_INTERVAL)
        return unary(out, b, HZ_OPC_INTERVAL_NEG, HZ_TYPE_INTERVAL, x);
    return unary(out, b, HZ_OPC_NEG, hz_builder_type(b, x), x);
}

static hz_status compile_concat(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0, y = 0;
    HZ_TRY(hz_compile_as(&x, b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    HZ_TRY(hz_compile_as(&y, b, node->items[1], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    return hz_builder_emit(out, b, (hz_ins){.code = HZ_OPC_CONCAT, .type = HZ_TYPE_TEXT}, (const uint32_t[]){x, y}, 2);
}

static hz_status compile_arrays(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0, y = 0;
    HZ_TRY(hz_compile_node(&x, b, node->items[0]));
    HZ_TRY(hz_compile_node(&y, b, node->items[1]));
    hz_ins ins = {.code = HZ_OPC_CONTAINED, .type = HZ_TYPE_BOOLEAN};
    if (node->kind == HZ_NODE_QUANTIFIED) {
        ins = (hz_ins){.code = HZ_OPC_QUANTIFIED, .type = HZ_TYPE_BOOLEAN, .op = node->op, .negated = node->negated};
        hz_type item_type = b->regs[y].item_type;
        if (hz_builder_type(b, x) == HZ_TYPE_NULL)
            HZ_TRY(hz_compile_cast(&x, b, x, item_type ? item_type : HZ_TYPE_TEXT, HZ_TYPE_NULL));
        HZ_TRY(hz_compile_cast(&y, b, y, HZ_TYPE_ARRAY, hz_builder_type(b, x)));
    } else {
        HZ_TRY(hz_compile_cast(&x, b, x, HZ_TYPE_ARRAY, HZ_TYPE_TEXT));
        HZ_TRY(hz_compile_cast(&y, b, y, HZ_TYPE_ARRAY, HZ_TYPE_TEXT));
    }
    return hz_builder_emit(out, b, ins, (const uint32_t[]){x, y}, 2);
}

static hz_status compile_is_null(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0;
    HZ_TRY(hz_compile_node(&x, b, node->items[0]));
    hz_ins ins = {.code = HZ_OPC_IS_NULL, .negated = node->negated, .type = HZ_TYPE_BOOLEAN};
    return hz_builder_emit(out, b, ins, &x, 1);
}

static hz_status compile_distinct(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t args[3] = {0, 0, 0};
    HZ_TRY(hz_compile_node(&args[1], b, node->items[0]));
    HZ_TRY(hz_compile_node(&args[2], b, node->items[1]));
    HZ_TRY(hz_compile_compare(&args[0], b, HZ_OP_EQ, args[1], args[2]));
    hz_ins ins = {.code = HZ_OPC_DISTINCT, .negated = node->negated, .type = HZ_TYPE_BOOLEAN};
    return hz_builder_emit(out, b, ins, args, 3);
}

static hz_status compile_between(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t value = 0, from = 0, to = 0, low = 0, high = 0;
    HZ_TRY(hz_compile_node(&value, b, node->items[0]));
    HZ_TRY(hz_compile_node(&from, b, node->items[1]));
    HZ_TRY(hz_compile_node(&to, b, node->items[2]));
    hz_type type = hz_builder_type(b, value), from_type = hz_builder_type(b, from), to_type = hz_builder_type(b, to);
    bool one_type = type == from_type && type == to_type;
    bool fits = (one_type && (is_moment(type) || type == HZ_TYPE_TIME)) ||
                (is_numeric(type) && is_numeric(from_type) && is_numeric(to_type));
    hz_ins ins = {.code = HZ_OPC_BETWEEN_I64, .type = HZ_TYPE_BOOLEAN, .negated = node->negated};
    if (!b->plain && fits && hz_builder_whole(&ins.k, b, from) && hz_builder_whole(&ins.k2, b, to))
        return hz_builder_emit(out, b, ins, &value, 1);
    HZ_TRY(hz_compile_compare(&low, b, HZ_OP_GE, value, from));
    HZ_TRY(hz_compile_compare(&high, b, HZ_OP_LE, value, to));
    HZ_TRY(logic(out, b, true, low, high));
    return negate_if(out, b, node->negated);
}

/* The set of constants as an instruction over `subject`. HZ_END when they are not of a kind that has one. */
static hz_status in_set(uint32_t *out, hz_builder *b, uint32_t subject, const uint32_t *items, size_t count,
                        bool negated)
{
    hz_type type = hz_builder_type(b, subject);
    hz_slice *texts = HZ_ARENA_ARRAY(b->arena, hz_slice, count);
    int64_t *numbers = HZ_ARENA_ARRAY(b->arena, int64_t, count);
    if (!texts || !numbers)
        return hz_nomem(b->err, count * sizeof *texts);
    size_t present = 0;
    for (size_t i = 0; i < count; i++) {
        const hz_vec *value = hz_builder_value(b, items[i]);
        if (!hz_builder_is_const(b, items[i]))
            return HZ_END;
        if (!value)
            continue;
        if (type == HZ_TYPE_TEXT)
            texts[present] = value->as.text[0];
        else if (!hz_builder_whole(&numbers[present], b, items[i]))
            return HZ_END;
        present++;
    }
    hz_ins ins = {
        .code = type == HZ_TYPE_TEXT ? HZ_OPC_IN_TEXT : HZ_OPC_IN_I64, .negated = negated, .type = HZ_TYPE_BOOLEAN};
    hz_builder_key(b, &ins, &subject, 1);
    hz_buf_put(&b->key, (hz_slice){(const char *)items, count * sizeof *items});
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    if (type == HZ_TYPE_TEXT) {
        hz_text_set *set = HZ_ARENA_NEW(b->arena, hz_text_set);
        if (!set)
            return hz_nomem(b->err, sizeof *set);
        HZ_TRY(hz_text_set_init(set, b->arena, texts, present, b->err));
        set->has_null = present < count;
        ins.aux = set;
    } else {
        hz_i64_set *set = HZ_ARENA_NEW(b->arena, hz_i64_set);
        if (!set)
            return hz_nomem(b->err, sizeof *set);
        HZ_TRY(hz_i64_set_init(set, b->arena, numbers, present, b->err));
        set->has_null = present < count;
        ins.aux = set;
    }
    return hz_builder_add(out, b, ins, &subject, 1);
}

static hz_status compile_in(uint32_t *out, hz_builder *b, const hz_node *node)
{
    size_t count = node->items_count - 1;
    uint32_t subject = 0, *items = HZ_ARENA_ARRAY(b->arena, uint32_t, count);
    if (!items)
        return hz_nomem(b->err, count * sizeof *items);
    HZ_TRY(hz_compile_node(&subject, b, node->items[0]));
    hz_type type = hz_builder_type(b, subject);
    for (size_t i = 0; i < count; i++) {
        HZ_TRY(hz_compile_node(&items[i], b, node->items[i + 1]));
        if (type == HZ_TYPE_NULL || hz_builder_type(b, items[i]) == HZ_TYPE_TIMESTAMP)
            type = hz_builder_type(b, items[i]);
    }
    HZ_TRY(hz_compile_cast(&subject, b, subject, type, HZ_TYPE_NULL));
    for (size_t i = 0; i < count; i++)
        HZ_TRY(hz_compile_cast(&items[i], b, items[i], type, HZ_TYPE_NULL));
    bool set = type == HZ_TYPE_TEXT || is_numeric(type) || is_moment(type) || type == HZ_TYPE_TIME;
    if (!b->plain && count > 1 && set) {
        hz_status st = in_set(out, b, subject, items, count, node->negated);
        if (st != HZ_END)
            return st;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t equal = 0;
        HZ_TRY(hz_compile_compare(&equal, b, HZ_OP_EQ, subject, items[i]));
        if (i)
            HZ_TRY(logic(out, b, false, *out, equal));
        else
            *out = equal;
    }
    return negate_if(out, b, node->negated);
}

static hz_status compile_in_list(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0;
    if (!node->list)
        return hz_fail(b->err, HZ_E_PROFILE, HZ_M(EVAL_NO_LIST), HZ_S(node->text));
    HZ_TRY(hz_compile_as(&x, b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_IN_LIST, .negated = node->negated, .type = HZ_TYPE_BOOLEAN, .aux = node->list};
    ins.k = b->env->has_as_of ? b->env->as_of : HZ_DAY_EVER;
    hz_builder_key(b, &ins, &x, 1);
    hz_buf_put(&b->key, (hz_slice){(const char *)&ins.aux, sizeof ins.aux});
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    return hz_builder_add(out, b, ins, &x, 1);
}

static hz_status compile_like(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0, y = 0;
    HZ_TRY(hz_compile_as(&x, b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    HZ_TRY(hz_compile_as(&y, b, node->items[1], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_LIKE, .negated = node->negated, .type = HZ_TYPE_BOOLEAN};
    const hz_vec *pattern = hz_builder_value(b, y);
    if (b->plain || !pattern)
        return hz_builder_emit(out, b, ins, (const uint32_t[]){x, y}, 2);
    ins.code = HZ_OPC_LIKE_K;
    hz_builder_key(b, &ins, &x, 1);
    hz_buf_put(&b->key, pattern->as.text[0]);
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    hz_like *like = HZ_ARENA_NEW(b->arena, hz_like);
    if (!like)
        return hz_nomem(b->err, sizeof *like);
    HZ_TRY(hz_like_init(like, b->arena, pattern->as.text[0], b->err));
    ins.aux = like;
    return hz_builder_add(out, b, ins, &x, 1);
}

static hz_status compile_matches(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t x = 0;
    HZ_TRY(hz_compile_as(&x, b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_MATCHES, .negated = node->negated, .type = HZ_TYPE_BOOLEAN};
    hz_builder_key(b, &ins, &x, 1);
    hz_buf_put(&b->key, node->text);
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    hz_program *p = b->program;
    if (!HZ_GROW(p->patterns, p->patterns_capacity, p->patterns_count + 1))
        return hz_nomem(b->err, sizeof(hz_pattern *));
    const hz_limits *limits = b->env->limits ? b->env->limits : hz_limits_default();
    HZ_TRY(hz_pattern_new(&p->patterns[p->patterns_count], node->text, node->pattern, limits, b->plain, b->err));
    ins.aux = p->patterns[p->patterns_count++];
    return hz_builder_add(out, b, ins, &x, 1);
}

static hz_status compile_case(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t from = node->has_subject, subject = 0, count = node->items_count - from;
    uint32_t *args = HZ_ARENA_ARRAY(b->arena, uint32_t, count);
    if (!args)
        return hz_nomem(b->err, count * sizeof *args);
    if (node->has_subject)
        HZ_TRY(hz_compile_node(&subject, b, node->items[0]));
    for (uint32_t i = 0; i < count; i++) {
        const hz_node *item = node->items[from + i];
        bool condition = i % 2 == 0 && i + 1 < count;
        if (!condition) {
            HZ_TRY(hz_compile_as(&args[i], b, item, node->type, node->item_type));
        } else if (node->has_subject) {
            HZ_TRY(hz_compile_node(&args[i], b, item));
            HZ_TRY(hz_compile_compare(&args[i], b, HZ_OP_EQ, subject, args[i]));
        } else {
            HZ_TRY(hz_compile_as(&args[i], b, item, HZ_TYPE_BOOLEAN, HZ_TYPE_NULL));
        }
    }
    hz_ins ins = {.code = HZ_OPC_CASE, .type = node->type, .item_type = node->item_type};
    return hz_builder_emit(out, b, ins, args, count);
}

static hz_status compile_array(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t *args = HZ_ARENA_ARRAY(b->arena, uint32_t, node->items_count);
    hz_type item_type = node->item_type == HZ_TYPE_NULL ? HZ_TYPE_TEXT : node->item_type;
    if (!args)
        return hz_nomem(b->err, node->items_count * sizeof *args);
    for (uint32_t i = 0; i < node->items_count; i++)
        HZ_TRY(hz_compile_as(&args[i], b, node->items[i], item_type, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_ARRAY, .type = HZ_TYPE_ARRAY, .item_type = item_type};
    return hz_builder_emit(out, b, ins, args, node->items_count);
}

static hz_status compile_constant(uint32_t *out, hz_builder *b, const hz_node *node)
{
    hz_value value = node->value;
    if (node->kind == HZ_NODE_PARAM) {
        value = b->env->params[node->index];
        if (!value.valid)
            value.type = node->type;
    } else if (node->kind == HZ_NODE_AS_OF) {
        value = (hz_value){.type = HZ_TYPE_DATE, .valid = b->env->has_as_of, .as.i64 = b->env->as_of};
    } else if (!value.valid) {
        value.type = node->type;
    }
    return hz_builder_const(out, b, &value);
}

static hz_status compile_field(uint32_t *out, hz_builder *b, const hz_node *node)
{
    if (node->scope > 0)
        return hz_builder_input(out, b, HZ_REG_RELATIONAL, NULL, node);
    return hz_builder_input(out, b, HZ_REG_FIELD, node->field, NULL);
}

static hz_status compile_not(uint32_t *out, hz_builder *b, const hz_node *node)
{
    HZ_TRY(hz_compile_as(out, b, node->items[0], HZ_TYPE_BOOLEAN, HZ_TYPE_NULL));
    return negate_if(out, b, true);
}

hz_status hz_compile_node(uint32_t *out, hz_builder *b, const hz_node *node)
{
    switch (node->kind) {
    case HZ_NODE_LITERAL:
    case HZ_NODE_AS_OF:
    case HZ_NODE_PARAM:
        return compile_constant(out, b, node);
    case HZ_NODE_FIELD:
        return compile_field(out, b, node);
    case HZ_NODE_PATH:
    case HZ_NODE_VALUE:
    case HZ_NODE_AGGREGATE:
        return hz_builder_input(out, b, HZ_REG_RELATIONAL, NULL, node);
    case HZ_NODE_NOT:
        return compile_not(out, b, node);
    case HZ_NODE_NEG:
        return compile_neg(out, b, node);
    case HZ_NODE_POS:
        return hz_compile_as(out, b, node->items[0], node->type, HZ_TYPE_NULL);
    case HZ_NODE_AND:
    case HZ_NODE_OR:
        return compile_logic(out, b, node);
    case HZ_NODE_COMPARE:
        return compile_compare(out, b, node);
    case HZ_NODE_ARITH:
        return compile_arith(out, b, node);
    case HZ_NODE_CONCAT:
        return compile_concat(out, b, node);
    case HZ_NODE_CONTAINED:
    case HZ_NODE_QUANTIFIED:
        return compile_arrays(out, b, node);
    case HZ_NODE_IS_NULL:
        return compile_is_null(out, b, node);
    case HZ_NODE_DISTINCT:
        return compile_distinct(out, b, node);
    case HZ_NODE_BETWEEN:
        return compile_between(out, b, node);
    case HZ_NODE_IN:
        return compile_in(out, b, node);
    case HZ_NODE_IN_LIST:
        return compile_in_list(out, b, node);
    case HZ_NODE_LIKE:
        return compile_like(out, b, node);
    case HZ_NODE_MATCHES:
        return compile_matches(out, b, node);
    case HZ_NODE_CASE:
        return compile_case(out, b, node);
    case HZ_NODE_CALL:
        return hz_compile_call(out, b, node);
    case HZ_NODE_ARRAY:
        return compile_array(out, b, node);
    case HZ_NODE_NAME:
        break;
    }
    return hz_fail(b->err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("an unchecked name in an expression"));
}
