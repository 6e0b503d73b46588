#include "profiles/expr/check.h"

/* Trees are compared as what they say, so that one that was checked equals one that was not: a name that checking
 * turned into a field, a path or the value of a measure is still the names that were written. A parameter written
 * without its colon becomes a PARAM node when it is checked; it equals the bare name then. */

static bool is_name(const hz_node *node)
{
    return node->kind == HZ_NODE_NAME || node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH ||
           node->kind == HZ_NODE_VALUE;
}

static bool names_equal(const hz_node *a, const hz_node *b)
{
    if (a->names_count != b->names_count || a->names_this != b->names_this)
        return false;
    for (uint32_t i = 0; i < a->names_count; i++)
        if (!hz_slice_eq(a->names[i], b->names[i]))
            return false;
    return true;
}

/* Checked fields are the same when they are the same column, however they were written (`this.x` and `x`). */
static bool name_nodes_equal(const hz_node *a, const hz_node *b)
{
    if (a->kind == HZ_NODE_FIELD && b->kind == HZ_NODE_FIELD)
        return a->field == b->field && a->scope == b->scope;
    return names_equal(a, b);
}

static bool values_equal(const hz_value *a, const hz_value *b)
{
    if (a->type != b->type || a->valid != b->valid)
        return false;
    if (!a->valid)
        return true;
    switch (a->type) {
    case HZ_TYPE_BOOLEAN:
        return a->as.boolean == b->as.boolean;
    case HZ_TYPE_TEXT:
        return hz_slice_eq(a->as.text, b->as.text);
    case HZ_TYPE_DECIMAL:
        return a->as.decimal.coef == b->as.decimal.coef && a->as.decimal.scale == b->as.decimal.scale;
    case HZ_TYPE_INTERVAL:
        return a->as.interval.months == b->as.interval.months && a->as.interval.days == b->as.interval.days &&
               a->as.interval.micros == b->as.interval.micros;
    default:
        return a->as.i64 == b->as.i64;
    }
}

static bool items_equal(const hz_node *a, const hz_node *b)
{
    if (a->items_count != b->items_count)
        return false;
    for (uint32_t i = 0; i < a->items_count; i++) {
        if (!a->items[i] != !b->items[i] || (a->items[i] && !hz_node_equal(a->items[i], b->items[i])))
            return false;
    }
    return true;
}

bool hz_node_equal(const hz_node *a, const hz_node *b)
{
    if (!a || !b)
        return a == b;
    if (is_name(a) && is_name(b))
        return name_nodes_equal(a, b);
    if ((a->kind == HZ_NODE_PARAM && b->kind == HZ_NODE_NAME) || (a->kind == HZ_NODE_NAME && b->kind == HZ_NODE_PARAM))
        return names_equal(a, b);
    if (a->kind != b->kind || a->op != b->op || a->negated != b->negated || a->has_subject != b->has_subject ||
        a->has_else != b->has_else)
        return false;
    switch (a->kind) {
    case HZ_NODE_LITERAL:
        return values_equal(&a->value, &b->value);
    case HZ_NODE_PARAM:
        return names_equal(a, b);
    case HZ_NODE_IN_LIST:
    case HZ_NODE_MATCHES:
        return hz_slice_eq(a->text, b->text) && items_equal(a, b);
    case HZ_NODE_CALL:
        return a->function == b->function && items_equal(a, b);
    case HZ_NODE_AGGREGATE:
        return a->agg == b->agg && a->star == b->star && names_equal(a, b) && items_equal(a, b);
    default:
        return items_equal(a, b);
    }
}

bool hz_node_reads_star(const hz_node *root)
{
    if (!root)
        return false;
    if (root->kind == HZ_NODE_AGGREGATE && root->star)
        return true;
    for (uint32_t i = 0; i < root->items_count; i++)
        if (hz_node_reads_star(root->items[i]))
            return true;
    return false;
}
