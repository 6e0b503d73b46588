#include "profiles/expr/check_int.h"

static const char *array_name(hz_type item_type)
{
    switch (item_type) {
    case HZ_TYPE_BOOLEAN:
        return "boolean[]";
    case HZ_TYPE_TEXT:
        return "text[]";
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DECIMAL:
        return "numeric[]";
    case HZ_TYPE_DATE:
        return "date[]";
    case HZ_TYPE_TIMESTAMP:
        return "timestamp[]";
    case HZ_TYPE_TIME:
        return "time[]";
    case HZ_TYPE_INTERVAL:
        return "interval[]";
    default:
        return "array";
    }
}

hz_slice hz_check_type_text(const hz_node *node)
{
    return hz_slice_of(node->type == HZ_TYPE_ARRAY ? array_name(node->item_type) : hz_type_name(node->type));
}

static bool unify_scalar(hz_type *type, hz_type other)
{
    if (*type == other || other == HZ_TYPE_NULL)
        return true;
    if (*type == HZ_TYPE_NULL) {
        *type = other;
        return true;
    }
    if (hz_type_is_numeric(*type) && hz_type_is_numeric(other)) {
        *type = HZ_TYPE_DECIMAL;
        return true;
    }
    if (hz_type_is_day(*type) && hz_type_is_day(other)) {
        *type = HZ_TYPE_TIMESTAMP;
        return true;
    }
    return false;
}

bool hz_check_unify(hz_type *type, hz_type *item_type, const hz_node *node)
{
    if (node->type == HZ_TYPE_ARRAY && *type == HZ_TYPE_ARRAY) {
        bool days = hz_type_is_day(*item_type) && hz_type_is_day(node->item_type) && *item_type != node->item_type;
        return !days && unify_scalar(item_type, node->item_type);
    }
    if (node->type == HZ_TYPE_ARRAY && *type == HZ_TYPE_NULL)
        *item_type = node->item_type;
    return unify_scalar(type, node->type);
}

static bool gives_an_argument(const hz_node *node)
{
    return node->function == HZ_FUNC_COALESCE || node->function == HZ_FUNC_NULLIF ||
           node->function == HZ_FUNC_GREATEST || node->function == HZ_FUNC_LEAST;
}

void hz_check_adopt(hz_node *node, hz_type type, hz_type item_type)
{
    bool array_of_nulls = node->type == HZ_TYPE_ARRAY && node->item_type == HZ_TYPE_NULL && type == HZ_TYPE_ARRAY;
    if (node->type != HZ_TYPE_NULL && !array_of_nulls)
        return;
    node->type = type;
    node->item_type = item_type;
    if (node->kind == HZ_NODE_ARRAY) {
        for (uint32_t i = 0; i < node->items_count; i++)
            hz_check_adopt(node->items[i], item_type, HZ_TYPE_NULL);
    } else if (node->kind == HZ_NODE_CALL && gives_an_argument(node)) {
        for (uint32_t i = 0; i < node->items_count; i++)
            hz_check_adopt(node->items[i], type, item_type);
    } else if (node->kind == HZ_NODE_CASE) {
        for (uint32_t i = node->has_subject + 1u; i < node->items_count; i += 2)
            hz_check_adopt(node->items[i], type, item_type);
        if (node->has_else)
            hz_check_adopt(node->items[node->items_count - 1], type, item_type);
    }
}

bool hz_check_fits(const hz_node *node, hz_type type)
{
    return node->type == type || (hz_type_is_numeric(node->type) && hz_type_is_numeric(type)) ||
           (hz_type_is_day(node->type) && hz_type_is_day(type));
}

bool hz_check_want(hz_checker *c, hz_node *node, hz_type type, hz_slice whose)
{
    if (hz_check_is_wrong(node))
        return false;
    hz_check_adopt(node, type, HZ_TYPE_NULL);
    if (hz_check_fits(node, type))
        return true;
    HZ_CHECK_AT(c, node, HZ_MSG_NONE, HZ_M(EXPR_WANT), HZ_S(hz_check_type_text(node)), HZ_Z(hz_type_name(type)),
                HZ_S(whose));
    return false;
}

/* What to write instead of `literal` to compare it with `other`; {2} of the hint is the literal, {3} the type of the
 * other side. */
static hz_msg_id literal_hint(const hz_checker *c, const hz_node *literal, const hz_node *other)
{
    if (literal->kind != HZ_NODE_LITERAL)
        return HZ_MSG_NONE;
    if (hz_type_is_numeric(literal->type) && other->type == HZ_TYPE_TEXT)
        return HZ_MSG_EXPR_HINT_AS_TEXT;
    if (hz_type_is_numeric(literal->type) && other->type == HZ_TYPE_BOOLEAN)
        return HZ_MSG_EXPR_HINT_TRUE_FALSE;
    if (literal->type != HZ_TYPE_TEXT)
        return HZ_MSG_NONE;
    if (hz_type_is_day(other->type) || other->type == HZ_TYPE_TIME)
        return HZ_MSG_EXPR_HINT_TYPED;
    hz_slice source = hz_check_source(c, literal);
    hz_decimal ignored;
    if (hz_type_is_numeric(other->type) && hz_decimal_parse(&ignored, literal->value.as.text) && source.len > 2)
        return HZ_MSG_EXPR_HINT_AS_NUMBER;
    return HZ_MSG_NONE;
}

static void report_comparison(hz_checker *c, const hz_node *at, const hz_node *a, const hz_node *b)
{
    hz_msg_id hint = literal_hint(c, b, a);
    const hz_node *literal = b, *other = a;
    if (hint == HZ_MSG_NONE) {
        hint = literal_hint(c, a, b);
        literal = a;
        other = b;
    }
    hz_slice source = hz_check_source(c, literal);
    if (hint == HZ_MSG_EXPR_HINT_AS_NUMBER)
        source = hz_slice_sub(source, 1, source.len - 1);
    uint32_t offset = at->op_offset, len = at->op_len;
    if (hint != HZ_MSG_NONE) {
        offset = literal->offset;
        len = literal->len;
    } else if (at->kind == HZ_NODE_IN || at->kind == HZ_NODE_CASE || at->kind == HZ_NODE_CALL) {
        offset = b->offset;
        len = b->len;
    }
    hz_check_report(c, offset, len, hint,
                    HZ_ARGS(HZ_M(EXPR_COMPARE), HZ_S(hz_check_type_text(a)), HZ_S(hz_check_type_text(b)), HZ_S(source),
                            HZ_S(hz_check_type_text(other))));
}

bool hz_check_comparable(hz_checker *c, const hz_node *at, hz_node *a, hz_node *b, bool ordered)
{
    if (hz_check_is_wrong(a) || hz_check_is_wrong(b))
        return false;
    hz_type type = HZ_TYPE_NULL, item_type = HZ_TYPE_NULL;
    if (!hz_check_unify(&type, &item_type, a) || !hz_check_unify(&type, &item_type, b)) {
        report_comparison(c, at, a, b);
        return false;
    }
    if (type == HZ_TYPE_ARRAY && ordered) {
        HZ_CHECK_OP(c, at, HZ_MSG_NONE, HZ_M(EXPR_ARRAY_ORDER),
                    HZ_S(hz_check_type_text(a->type == HZ_TYPE_ARRAY ? a : b)));
        return false;
    }
    hz_check_adopt(a, type, item_type);
    hz_check_adopt(b, type, item_type);
    return true;
}

bool hz_check_common(hz_checker *c, hz_node *const *items, size_t count, hz_type *type, hz_type *item_type)
{
    *type = *item_type = HZ_TYPE_NULL;
    bool ok = true;
    const hz_node *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (hz_check_is_wrong(items[i])) {
            ok = false;
        } else if (!hz_check_unify(type, item_type, items[i])) {
            HZ_CHECK_AT(c, items[i], HZ_MSG_NONE, HZ_M(EXPR_MIXED), HZ_S(hz_check_type_text(items[i])),
                        HZ_S(hz_check_type_text(first)));
            ok = false;
        } else if (!first && items[i]->type != HZ_TYPE_NULL) {
            first = items[i];
        }
    }
    for (size_t i = 0; ok && i < count; i++)
        hz_check_adopt(items[i], *type, *item_type);
    return ok;
}

hz_mask hz_check_mask_of(hz_type type, hz_type item_type)
{
    if (type == HZ_TYPE_ARRAY)
        type = item_type;
    return type == HZ_TYPE_TEXT ? HZ_MASK_NAME : hz_type_is_day(type) ? HZ_MASK_DATE : HZ_MASK_WHOLE;
}
