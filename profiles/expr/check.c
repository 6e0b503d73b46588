#include "profiles/expr/check.h"

#include "profiles/expr/check_int.h"

/* One walk from the leaves up. Each node gets its type from its items; a null literal takes the type of what it meets.
 * Mistakes are gathered: a node that is wrong keeps its siblings from being blamed for it, but not from being checked.
 */

void hz_check_no_memory(hz_checker *c, size_t size_bytes)
{
    if (c->status == HZ_OK)
        c->status = hz_nomem(c->err, size_bytes);
}

void hz_check_report(hz_checker *c, uint32_t offset, uint32_t len, hz_msg_id hint, const hz_arg *args,
                     size_t args_count)
{
    c->mistakes++;
    hz_diags_add(c->diags, HZ_DIAG_ERROR, hz_srcmap_span(&c->expr->map, offset, len), hint, args, args_count);
}

hz_slice hz_check_source(const hz_checker *c, const hz_node *node)
{
    return hz_slice_sub(c->expr->text, node->offset, (size_t)node->offset + node->len);
}

static void set_type(hz_node *node, hz_type type, bool ok)
{
    node->type = ok ? type : HZ_TYPE_COUNT;
    node->item_type = HZ_TYPE_NULL;
}

static bool want_all(hz_checker *c, hz_node *node, hz_type type, const char *whose)
{
    bool ok = true;
    for (uint32_t i = 0; i < node->items_count; i++)
        ok = hz_check_want(c, node->items[i], type, hz_slice_of(whose)) && ok;
    return ok;
}

static bool want_condition(hz_checker *c, hz_node *node)
{
    if (hz_check_is_wrong(node))
        return false;
    hz_check_adopt(node, HZ_TYPE_BOOLEAN, HZ_TYPE_NULL);
    if (node->type == HZ_TYPE_BOOLEAN)
        return true;
    HZ_CHECK_AT(c, node, HZ_MSG_NONE, HZ_M(EXPR_CONDITION), HZ_S(hz_check_type_text(node)));
    return false;
}

/* ---- arithmetic ---- */

static hz_type arith_class(const hz_node *node)
{
    return node->type == HZ_TYPE_INTEGER ? HZ_TYPE_DECIMAL : node->type;
}

/* The result of a op b, HZ_TYPE_COUNT when there is none. A null beside a day in `+` counts as a number, else as the
 * type beside it. */
static hz_type arith_type(hz_op op, hz_type a, hz_type b)
{
    bool days_a = hz_type_is_day(a), days_b = hz_type_is_day(b);
    if (a == HZ_TYPE_DECIMAL && b == HZ_TYPE_DECIMAL)
        return HZ_TYPE_DECIMAL;
    if (op == HZ_OP_ADD) {
        if ((a == HZ_TYPE_DATE && b == HZ_TYPE_DECIMAL) || (a == HZ_TYPE_DECIMAL && b == HZ_TYPE_DATE))
            return HZ_TYPE_DATE;
        if ((days_a && b == HZ_TYPE_INTERVAL) || (a == HZ_TYPE_INTERVAL && days_b))
            return HZ_TYPE_TIMESTAMP;
    } else if (op == HZ_OP_SUB) {
        if (a == HZ_TYPE_DATE && b == HZ_TYPE_DATE)
            return HZ_TYPE_INTEGER;
        if (days_a && days_b)
            return HZ_TYPE_INTERVAL;
        if (a == HZ_TYPE_DATE && b == HZ_TYPE_DECIMAL)
            return HZ_TYPE_DATE;
        if (days_a && b == HZ_TYPE_INTERVAL)
            return HZ_TYPE_TIMESTAMP;
    } else {
        return HZ_TYPE_COUNT;
    }
    return a == HZ_TYPE_INTERVAL && b == HZ_TYPE_INTERVAL ? HZ_TYPE_INTERVAL : HZ_TYPE_COUNT;
}

static hz_type null_beside(hz_op op, hz_type other)
{
    if (other == HZ_TYPE_DATE && op == HZ_OP_ADD)
        return HZ_TYPE_DECIMAL;
    if (other == HZ_TYPE_TIMESTAMP && op == HZ_OP_ADD)
        return HZ_TYPE_INTERVAL;
    return other == HZ_TYPE_NULL ? HZ_TYPE_DECIMAL : other;
}

static void check_arith(hz_checker *c, hz_node *node)
{
    hz_node *a = node->items[0], *b = node->items[1];
    if (hz_check_is_wrong(a) || hz_check_is_wrong(b)) {
        hz_check_wrong(node);
        return;
    }
    hz_check_adopt(a, null_beside(node->op, b->type), HZ_TYPE_NULL);
    hz_check_adopt(b, null_beside(node->op, a->type), HZ_TYPE_NULL);
    node->type = arith_type(node->op, arith_class(a), arith_class(b));
    if (!hz_check_is_wrong(node))
        return;
    hz_msg_id hint = HZ_MSG_NONE;
    if (node->op == HZ_OP_ADD && a->type == HZ_TYPE_TEXT && b->type == HZ_TYPE_TEXT)
        hint = HZ_MSG_EXPR_HINT_CONCAT;
    else if (a->type == HZ_TYPE_TIMESTAMP && hz_type_is_numeric(b->type) && node->op != HZ_OP_MUL &&
             node->op != HZ_OP_DIV)
        hint = HZ_MSG_EXPR_HINT_TIMESTAMP_DAYS;
    HZ_CHECK_OP(c, node, hint, HZ_M(EXPR_ARITH), HZ_Z(hz_op_name(node->op)), HZ_S(hz_check_type_text(a)),
                HZ_S(hz_check_type_text(b)));
}

static void check_sign(hz_checker *c, hz_node *node)
{
    hz_node *item = node->items[0];
    const char *sign = node->kind == HZ_NODE_NEG ? "-" : "+";
    bool interval = item->type == HZ_TYPE_INTERVAL;
    bool ok = interval || hz_check_want(c, item, HZ_TYPE_DECIMAL, hz_slice_of(sign));
    /* the negative of the least 64-bit number is no 64-bit number */
    set_type(node, interval ? HZ_TYPE_INTERVAL : node->kind == HZ_NODE_POS ? item->type : HZ_TYPE_DECIMAL, ok);
}

/* ---- comparisons ---- */

static void check_compare(hz_checker *c, hz_node *node)
{
    bool ordered = node->op != HZ_OP_EQ && node->op != HZ_OP_NE;
    set_type(node, HZ_TYPE_BOOLEAN, hz_check_comparable(c, node, node->items[0], node->items[1], ordered));
}

static void check_between(hz_checker *c, hz_node *node)
{
    bool low = hz_check_comparable(c, node, node->items[0], node->items[1], true);
    bool high = hz_check_comparable(c, node, node->items[0], node->items[2], true);
    set_type(node, HZ_TYPE_BOOLEAN, low && high);
}

static void check_in(hz_checker *c, hz_node *node)
{
    bool ok = true;
    for (uint32_t i = 1; i < node->items_count; i++)
        ok = hz_check_comparable(c, node, node->items[0], node->items[i], false) && ok;
    set_type(node, HZ_TYPE_BOOLEAN, ok);
}

/* x op any(array), x op all(array): the items of the array against x. */
static void check_quantified(hz_checker *c, hz_node *node)
{
    hz_node *x = node->items[0], *array = node->items[1];
    set_type(node, HZ_TYPE_BOOLEAN, true);
    if (hz_check_is_wrong(x) || hz_check_is_wrong(array)) {
        hz_check_wrong(node);
        return;
    }
    hz_check_adopt(array, HZ_TYPE_ARRAY, x->type);
    if (array->type != HZ_TYPE_ARRAY) {
        HZ_CHECK_AT(c, array, HZ_MSG_NONE, HZ_M(EXPR_WANT_ARRAY), HZ_S(hz_check_type_text(array)),
                    HZ_Z(node->negated ? "all" : "any"));
        hz_check_wrong(node);
        return;
    }
    hz_type type = array->item_type, none = HZ_TYPE_NULL;
    if (x->type == HZ_TYPE_ARRAY || !hz_check_unify(&type, &none, x)) {
        HZ_CHECK_OP(c, node, HZ_MSG_NONE, HZ_M(EXPR_COMPARE_ITEMS), HZ_S(hz_check_type_text(x)),
                    HZ_S(hz_check_type_text(array)));
        hz_check_wrong(node);
        return;
    }
    hz_check_adopt(x, type, HZ_TYPE_NULL);
    hz_check_adopt(array, HZ_TYPE_ARRAY, type);
}

static void check_contained(hz_checker *c, hz_node *node)
{
    hz_node *a = node->items[0], *b = node->items[1];
    bool ok = true;
    for (uint32_t i = 0; i < 2; i++) {
        hz_node *item = node->items[i];
        if (hz_check_is_wrong(item)) {
            ok = false;
        } else if (item->type != HZ_TYPE_NULL && item->type != HZ_TYPE_ARRAY) {
            HZ_CHECK_AT(c, item, HZ_MSG_NONE, HZ_M(EXPR_WANT_ARRAY), HZ_S(hz_check_type_text(item)), HZ_Z("<@"));
            ok = false;
        }
    }
    if (ok && a->type == HZ_TYPE_NULL && b->type == HZ_TYPE_NULL)
        hz_check_adopt(a, HZ_TYPE_ARRAY, HZ_TYPE_TEXT);
    set_type(node, HZ_TYPE_BOOLEAN, ok && hz_check_comparable(c, node, a, b, false));
}

/* ---- case, array ---- */

static void check_case(hz_checker *c, hz_node *node)
{
    uint32_t first = node->has_subject ? 1 : 0, end = node->items_count - (node->has_else ? 1 : 0);
    bool ok = true;
    hz_node **results = HZ_ARENA_ARRAY(c->arena, hz_node *, node->items_count);
    size_t count = 0;
    if (!results) {
        hz_check_no_memory(c, node->items_count * sizeof *results);
        hz_check_wrong(node);
        return;
    }
    for (uint32_t i = first; i < end; i += 2) {
        hz_node *when = node->items[i];
        ok =
            (node->has_subject ? hz_check_comparable(c, node, node->items[0], when, false) : want_condition(c, when)) &&
            ok;
        results[count++] = node->items[i + 1];
    }
    if (node->has_else)
        results[count++] = node->items[end];
    ok = hz_check_common(c, results, count, &node->type, &node->item_type) && ok;
    if (!ok)
        hz_check_wrong(node);
}

static void check_array(hz_checker *c, hz_node *node)
{
    hz_type type, none;
    bool ok = hz_check_common(c, node->items, node->items_count, &type, &none);
    if (ok && type == HZ_TYPE_ARRAY) {
        HZ_CHECK_AT(c, node, HZ_MSG_NONE, HZ_M(EXPR_ARRAY_NESTED));
        ok = false;
    }
    set_type(node, HZ_TYPE_ARRAY, ok);
    node->item_type = ok ? type : HZ_TYPE_NULL;
}

/* ---- the walk ---- */

static void check_kind(hz_checker *c, hz_node *node)
{
    switch (node->kind) {
    case HZ_NODE_LITERAL:
        node->type = node->value.type;
        break;
    case HZ_NODE_AS_OF:
        node->type = HZ_TYPE_DATE;
        c->expr->reads_as_of = true;
        break;
    case HZ_NODE_PARAM:
        hz_check_param(c, node);
        break;
    case HZ_NODE_NAME:
    case HZ_NODE_FIELD:
    case HZ_NODE_PATH:
    case HZ_NODE_VALUE:
        hz_check_name(c, node);
        break;
    case HZ_NODE_NOT:
        set_type(node, HZ_TYPE_BOOLEAN, want_all(c, node, HZ_TYPE_BOOLEAN, "not"));
        break;
    case HZ_NODE_AND:
        set_type(node, HZ_TYPE_BOOLEAN, want_all(c, node, HZ_TYPE_BOOLEAN, "and"));
        break;
    case HZ_NODE_OR:
        set_type(node, HZ_TYPE_BOOLEAN, want_all(c, node, HZ_TYPE_BOOLEAN, "or"));
        break;
    case HZ_NODE_NEG:
    case HZ_NODE_POS:
        check_sign(c, node);
        break;
    case HZ_NODE_COMPARE:
        check_compare(c, node);
        break;
    case HZ_NODE_ARITH:
        check_arith(c, node);
        break;
    case HZ_NODE_CONCAT:
        set_type(node, HZ_TYPE_TEXT, want_all(c, node, HZ_TYPE_TEXT, "||"));
        break;
    case HZ_NODE_CONTAINED:
        check_contained(c, node);
        break;
    case HZ_NODE_QUANTIFIED:
        check_quantified(c, node);
        break;
    case HZ_NODE_IS_NULL:
        set_type(node, HZ_TYPE_BOOLEAN, !hz_check_is_wrong(node->items[0]));
        break;
    case HZ_NODE_DISTINCT:
        set_type(node, HZ_TYPE_BOOLEAN, hz_check_comparable(c, node, node->items[0], node->items[1], false));
        break;
    case HZ_NODE_BETWEEN:
        check_between(c, node);
        break;
    case HZ_NODE_IN:
        check_in(c, node);
        break;
    case HZ_NODE_IN_LIST:
        hz_check_in_list(c, node);
        break;
    case HZ_NODE_LIKE:
        set_type(node, HZ_TYPE_BOOLEAN, want_all(c, node, HZ_TYPE_TEXT, "like"));
        break;
    case HZ_NODE_MATCHES:
        hz_check_matches(c, node);
        break;
    case HZ_NODE_CASE:
        check_case(c, node);
        break;
    case HZ_NODE_CALL:
        hz_check_call(c, node);
        break;
    case HZ_NODE_ARRAY:
        check_array(c, node);
        break;
    case HZ_NODE_AGGREGATE:
        hz_check_aggregate(c, node);
        break;
    }
}

/* An ID stays one through raw and coalesce: then 6 characters of it may be shown. Anything else made of a personal
 * value is masked by what it has become. */
static hz_mask mask_of(const hz_node *node)
{
    bool personal = false, all_ids = true, all_whole = true;
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_mask mask = node->items[i] ? node->items[i]->mask : HZ_MASK_NONE;
        personal = personal || mask != HZ_MASK_NONE;
        all_ids = all_ids && (mask == HZ_MASK_NONE || mask == HZ_MASK_ID);
        all_whole = all_whole && (mask == HZ_MASK_NONE || mask == HZ_MASK_WHOLE);
    }
    if (!personal)
        return HZ_MASK_NONE;
    bool same = node->kind == HZ_NODE_CALL && (node->function == HZ_FUNC_RAW || node->function == HZ_FUNC_COALESCE);
    if (same && all_ids)
        return HZ_MASK_ID;
    if (same && all_whole)
        return HZ_MASK_WHOLE;
    return hz_check_mask_of(node->type, node->item_type);
}

static void set_flags(hz_node *node)
{
    switch (node->kind) {
    case HZ_NODE_LITERAL:
    case HZ_NODE_AS_OF:
    case HZ_NODE_PARAM:
        node->constant = true;
        node->mask = HZ_MASK_NONE;
        return;
    case HZ_NODE_NAME:
    case HZ_NODE_VALUE:
        node->constant = false;
        node->mask = HZ_MASK_NONE;
        return;
    case HZ_NODE_FIELD:
    case HZ_NODE_PATH:
        node->constant = false;
        node->mask = node->field->mask;
        return;
    default:
        break;
    }
    node->constant = node->kind != HZ_NODE_AGGREGATE;
    for (uint32_t i = 0; i < node->items_count; i++)
        node->constant = node->constant && node->items[i] && node->items[i]->constant;
    node->mask = mask_of(node);
}

void hz_check_node(hz_checker *c, hz_node *node)
{
    if (node->kind != HZ_NODE_AGGREGATE) /* the items of an aggregate are checked in its own scope */
        for (uint32_t i = 0; i < node->items_count; i++)
            hz_check_node(c, node->items[i]);
    check_kind(c, node);
    set_flags(node);
}

static void check_root(hz_checker *c, hz_type want)
{
    hz_node *root = c->expr->root;
    hz_check_node(c, root);
    const hz_scope *scope = c->scope;
    if (scope->flags & HZ_SCOPE_KEYS_ONLY)
        hz_check_keys_only(c, root, scope->keys, scope->keys_count);
    else if (c->expr->reads_star)
        hz_check_keys_only(c, root, NULL, 0);
    if (want == HZ_TYPE_NULL || hz_check_is_wrong(root))
        return;
    if (want == HZ_TYPE_BOOLEAN) {
        want_condition(c, root);
        return;
    }
    hz_check_adopt(root, want, HZ_TYPE_NULL);
    if (!hz_check_fits(root, want))
        HZ_CHECK_AT(c, root, HZ_MSG_NONE, HZ_M(EXPR_ROOT), HZ_S(hz_check_type_text(root)), HZ_Z(hz_type_name(want)));
}

hz_status hz_expr_check(hz_expr *expr, const hz_scope *scope, hz_type want, hz_arena *arena, hz_diags *diags,
                        hz_error *err)
{
    expr->reads_as_of = expr->reads_row = expr->reads_relation = false;
    expr->reads_star = expr->reads_external = expr->reads_previous = false;
    if (!expr->root)
        return HZ_OK;
    hz_checker c = {.expr = expr, .scope = scope, .arena = arena, .diags = diags, .err = err, .status = HZ_OK};
    check_root(&c, want);
    if (c.mistakes || c.status != HZ_OK)
        expr->root = NULL;
    if (diags->no_memory)
        hz_check_no_memory(&c, sizeof(hz_diag));
    return c.status;
}
