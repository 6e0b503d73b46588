/* z3_terms.c: expressions to formulas. What Z3 is not told the meaning of becomes an unknown named by its printed text,
 * so that it is the same wherever it stands; functions of values of the row become functions of their values. */
#include "base/alloc.h"
#include "profiles/expr/print.h"
#include "validator/tasks/reason/reason_int.h"

/* ---- what is known ---- */

hz_slice hz_z3_printed(hz_z3 *z, const hz_node *node)
{
    hz_buf text = HZ_BUF_INIT;
    hz_slice out = HZ_SLICE_NONE;
    hz_expr_print(&text, node);
    if (text.status != HZ_OK || hz_arena_copy(&out, z->arena, hz_buf_slice(&text)) != HZ_OK)
        z->status = HZ_E_NOMEM;
    hz_buf_clear(&text);
    return out;
}

size_t hz_z3_know(hz_z3 *z, hz_slice key, const hz_field *field, hz_z3_term term, Z3_ast bound)
{
    for (size_t i = 0; i < z->known_count; i++)
        if (hz_slice_eq(z->known[i].key, key) && (z->known[i].field == NULL) == (field == NULL)) {
            if (z->marks)
                hz_z3_mark(z->marks, i);
            return i;
        }
    if (z->known_count == HZ_Z3_KNOWN_MAX || !HZ_GROW(z->known, z->known_capacity, z->known_count + 1)) {
        z->status = z->known_count == HZ_Z3_KNOWN_MAX ? HZ_E_LIMIT : HZ_E_NOMEM;
        return 0;
    }
    z->known[z->known_count] = (hz_z3_known){.key = key, .field = field, .term = term, .bound = bound};
    if (z->marks)
        hz_z3_mark(z->marks, z->known_count);
    return z->known_count++;
}

void hz_z3_told(hz_z3 *z, hz_msg_id why, const hz_node *node)
{
    if (z->why != HZ_MSG_NONE)
        return;
    z->why = why;
    z->what = hz_z3_printed(z, node);
}

/* `exists(R where C)` is `count(R where C) > 0`: both are named by the count. */
static hz_slice count_key(hz_z3 *z, const hz_node *node)
{
    hz_node twin = *node;
    twin.agg = HZ_AGG_COUNT;
    return hz_z3_printed(z, &twin);
}

static bool reads_other_tables(const hz_node *node)
{
    bool found = node->kind == HZ_NODE_PATH || node->kind == HZ_NODE_AGGREGATE;
    for (uint32_t i = 0; !found && i < node->items_count; i++)
        found = node->items[i] && reads_other_tables(node->items[i]);
    return found;
}

/* Whether what stands for it may be invalid: a related row's key or field may be, where nothing says that it is not. */
static bool may_be_invalid(const hz_z3 *z, const hz_node *node)
{
    return z->prove_types || z->period || z->any_invalid || reads_other_tables(node);
}

bool hz_z3_related_invalid(const hz_z3 *z, const hz_node *node)
{
    return z->prove_types || z->period || z->any_invalid || node->steps_count != 1;
}

hz_z3_term hz_z3_free(hz_z3 *z, const hz_node *node, hz_msg_id why)
{
    hz_slice key = hz_z3_printed(z, node);
    hz_z3_term out = hz_z3_const(z, key, node->type);
    hz_z3_told(z, why, node);
    if (may_be_invalid(z, node)) {
        out.inv = hz_z3_named(z, "invalid:", key, z->boolean);
        out.null = hz_z3_and(z, out.null, hz_z3_not(z, out.inv));
        if (node->type == HZ_TYPE_BOOLEAN)
            out.value = hz_z3_and(z, out.value, hz_z3_not(z, out.inv));
    }
    (void)hz_z3_know(z, key, NULL, out, NULL);
    return out;
}

/* An aggregate or path over related rows is one value of the row, whatever it is. A count is at least 0 and never
 * missing. */
static hz_z3_term aggregate(hz_z3 *z, const hz_node *node)
{
    bool exists = node->agg == HZ_AGG_EXISTS, counts = exists || node->agg == HZ_AGG_COUNT;
    if (node->star || (!counts && node->agg != HZ_AGG_COUNT_DISTINCT))
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_RELATED);
    hz_slice key = exists ? count_key(z, node) : hz_z3_printed(z, node);
    hz_z3_term count = hz_z3_const(z, key, HZ_TYPE_INTEGER);
    hz_z3_told(z, HZ_MSG_REASON_WHY_RELATED, node);
    count.null = z->no;
    if (hz_z3_related_invalid(z, node))
        count.inv = hz_z3_named(z, "invalid:", key, z->boolean);
    (void)hz_z3_know(z, key, NULL, count, Z3_mk_ge(z->ctx, count.value, hz_z3_int(z, 0)));
    if (!exists)
        return count;
    hz_z3_term none = {HZ_TYPE_INTEGER, hz_z3_int(z, 0), z->no, z->no};
    return hz_z3_compare(z, HZ_OP_GT, count, none);
}

/* ---- leaves ---- */

static hz_z3_term literal(hz_z3 *z, const hz_node *node)
{
    const hz_value *value = &node->value;
    hz_z3_term out = {value->type, NULL, z->no, z->no};
    if (!value->valid)
        return (hz_z3_term){HZ_TYPE_NULL, NULL, z->yes, z->no};
    switch (value->type) {
    case HZ_TYPE_BOOLEAN:
        return hz_z3_boolean(z, value->as.boolean);
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DATE:
    case HZ_TYPE_TIMESTAMP:
    case HZ_TYPE_TIME:
        out.value = hz_z3_int(z, value->as.i64);
        return out;
    case HZ_TYPE_DECIMAL:
        out.value = hz_z3_number(z, value->as.decimal);
        return out;
    case HZ_TYPE_TEXT:
        out.value = hz_z3_text(z, value->as.text);
        return out.value ? out : hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
    default:
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
    }
}

static Z3_ast on_calendar(hz_z3 *z, Z3_ast day)
{
    int32_t first = 0, last = 0;
    (void)hz_date_from_civil(&first, 1, 1, 1);
    (void)hz_date_from_civil(&last, 9999, 12, 31);
    return hz_z3_and(z, Z3_mk_ge(z->ctx, day, hz_z3_int(z, first)), Z3_mk_le(z->ctx, day, hz_z3_int(z, last)));
}

static hz_z3_term as_of(hz_z3 *z)
{
    hz_slice key = HZ_SLICE_LIT("as_of");
    hz_z3_term day = hz_z3_const(z, key, HZ_TYPE_DATE);
    day.null = z->no;
    if (z->options->profile->as_of == HZ_AS_OF_DAY)
        day.value = hz_z3_int(z, z->options->profile->as_of_day);
    (void)hz_z3_know(z, key, NULL, day, on_calendar(z, day.value));
    return day;
}

/* A run may give another value: all that `min` and `max` allow. */
static hz_z3_term param(hz_z3 *z, const hz_node *node)
{
    const hz_param *param = &z->options->profile->params[node->index];
    hz_slice key = hz_z3_printed(z, node);
    hz_z3_term out = hz_z3_const(z, key, param->type);
    const hz_value *bounds[] = {param->has_min ? &param->min : NULL, param->has_max ? &param->max : NULL};
    Z3_ast bound = param->type == HZ_TYPE_DATE ? on_calendar(z, out.value) : z->yes;
    out.null = z->no;
    for (int i = 0; i < 2; i++) {
        hz_node said = {.kind = HZ_NODE_LITERAL};
        if (!bounds[i] || param->type == HZ_TYPE_TEXT)
            continue;
        said.value = *bounds[i];
        hz_z3_term limit = literal(z, &said);
        bound = hz_z3_and(z, bound, hz_z3_compare(z, i ? HZ_OP_LE : HZ_OP_GE, out, limit).value);
    }
    size_t at = hz_z3_know(z, key, NULL, out, bound);
    if (z->status == HZ_OK && param->value.valid) {
        hz_node usual = {.kind = HZ_NODE_LITERAL, .value = param->value};
        hz_z3_term value = literal(z, &usual);
        z->known[at].usual = value.value;
        if (value.value && out.type == HZ_TYPE_DECIMAL)
            z->known[at].usual = hz_z3_real(z, value.value);
    }
    return out;
}

/* ---- operators ---- */

static hz_z3_term is_null(hz_z3 *z, const hz_node *node)
{
    hz_z3_term t = hz_z3_term_of(z, node->items[0]);
    hz_z3_term out = {HZ_TYPE_BOOLEAN, hz_z3_and(z, t.null, hz_z3_not(z, t.inv)), z->no, t.inv};
    return node->negated ? hz_z3_negated(z, out) : out;
}

static bool has_value(hz_z3_term t)
{
    return t.value || t.type == HZ_TYPE_NULL;
}

static hz_z3_term compare_nodes(hz_z3 *z, const hz_node *whole, hz_op op, const hz_node *left, const hz_node *right)
{
    hz_z3_term a = hz_z3_term_of(z, left), b = hz_z3_term_of(z, right);
    return has_value(a) && has_value(b) ? hz_z3_compare(z, op, a, b) : hz_z3_free(z, whole, HZ_MSG_REASON_WHY_ARRAY);
}

static hz_z3_term distinct(hz_z3 *z, const hz_node *node)
{
    hz_z3_term a = hz_z3_term_of(z, node->items[0]), b = hz_z3_term_of(z, node->items[1]);
    if (!has_value(a) || !has_value(b))
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_ARRAY);
    hz_z3_term equal = hz_z3_compare(z, HZ_OP_EQ, a, b);
    Z3_ast same = hz_z3_or(z, equal.value, hz_z3_and(z, a.null, b.null)), inv = hz_z3_or(z, a.inv, b.inv);
    hz_z3_term out = {HZ_TYPE_BOOLEAN, hz_z3_and(z, hz_z3_not(z, same), hz_z3_not(z, inv)), z->no, inv};
    return node->negated ? hz_z3_negated(z, out) : out;
}

static hz_z3_term between(hz_z3 *z, const hz_node *node)
{
    hz_z3_term out = hz_z3_both(z, compare_nodes(z, node, HZ_OP_GE, node->items[0], node->items[1]),
                                compare_nodes(z, node, HZ_OP_LE, node->items[0], node->items[2]));
    return node->negated ? hz_z3_negated(z, out) : out;
}

static hz_z3_term in(hz_z3 *z, const hz_node *node)
{
    hz_z3_term out = hz_z3_boolean(z, false);
    for (uint32_t i = 1; i < node->items_count; i++)
        out = hz_z3_either(z, out, compare_nodes(z, node, HZ_OP_EQ, node->items[0], node->items[i]));
    return node->negated ? hz_z3_negated(z, out) : out;
}

/* Whether a text is of a list, is like something, or matches: a function of the text. */
static hz_z3_term of_text(hz_z3 *z, const hz_node *node)
{
    hz_z3_term args[2] = {hz_z3_term_of(z, node->items[0])};
    bool like = node->kind == HZ_NODE_LIKE;
    hz_buf name = HZ_BUF_INIT;
    if (like)
        args[1] = hz_z3_term_of(z, node->items[1]);
    hz_buf_printf(&name, "%s ", like ? "like" : node->kind == HZ_NODE_MATCHES ? "matches" : "in list");
    hz_buf_put(&name, node->text);
    hz_node plain = *node;
    plain.negated = false;
    hz_z3_term out = hz_z3_function(z, &plain, hz_buf_slice(&name), args, like ? 2 : 1, like);
    hz_buf_clear(&name);
    return node->negated ? hz_z3_negated(z, out) : out;
}

static hz_z3_term pick(hz_z3 *z, Z3_ast condition, hz_z3_term a, hz_z3_term b)
{
    hz_z3_term out = {a.type, a.value, hz_z3_if(z, condition, a.null, b.null), hz_z3_if(z, condition, a.inv, b.inv)};
    if (a.type == HZ_TYPE_NULL) {
        out.type = b.type;
        out.value = b.value;
    } else if (b.type != HZ_TYPE_NULL) {
        if (a.type != HZ_TYPE_BOOLEAN)
            hz_z3_alike(z, &a.value, &b.value);
        out.type = a.type == HZ_TYPE_INTEGER ? b.type : a.type;
        out.value = hz_z3_if(z, condition, a.value, b.value);
    }
    if (out.type == HZ_TYPE_BOOLEAN)
        out.value = hz_z3_and(z, out.value, hz_z3_not(z, hz_z3_unknown(z, out)));
    return out;
}

static bool fits(hz_type wanted, hz_z3_term t)
{
    bool numbers = (wanted == HZ_TYPE_INTEGER || wanted == HZ_TYPE_DECIMAL) &&
                   (t.type == HZ_TYPE_INTEGER || t.type == HZ_TYPE_DECIMAL);
    return t.type == HZ_TYPE_NULL || (t.value && (numbers || t.type == wanted));
}

/* The first branch whose condition is TRUE; built from the last one up. */
static hz_z3_term case_(hz_z3 *z, const hz_node *node)
{
    uint32_t first = node->has_subject ? 1 : 0, end = node->items_count - (node->has_else ? 1U : 0U);
    hz_z3_term out = {HZ_TYPE_NULL, NULL, z->yes, z->no};
    if (node->has_else)
        out = hz_z3_term_of(z, node->items[end]);
    bool good = fits(node->type, out);
    for (uint32_t at = end; good && at > first; at -= 2) {
        hz_z3_term when = node->has_subject ? compare_nodes(z, node, HZ_OP_EQ, node->items[0], node->items[at - 2])
                                            : hz_z3_term_of(z, node->items[at - 2]);
        hz_z3_term then = hz_z3_term_of(z, node->items[at - 1]);
        good = fits(node->type, then);
        if (good)
            out = pick(z, when.value, then, out);
    }
    return good ? out : hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
}

static hz_z3_term coalesce(hz_z3 *z, const hz_node *node)
{
    hz_z3_term out = {HZ_TYPE_NULL, NULL, z->yes, z->no};
    for (uint32_t i = node->items_count; i-- > 0;) {
        hz_z3_term t = hz_z3_term_of(z, node->items[i]);
        if (!fits(node->type, t))
            return hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
        out = t.type == HZ_TYPE_NULL ? out : pick(z, hz_z3_not(z, t.null), t, out);
    }
    return out;
}

static hz_z3_term nullif(hz_z3 *z, const hz_node *node)
{
    hz_z3_term a = hz_z3_term_of(z, node->items[0]), b = hz_z3_term_of(z, node->items[1]);
    if (!fits(node->type, a) || !fits(node->type, b) || !a.value)
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
    hz_z3_term equal = hz_z3_compare(z, HZ_OP_EQ, a, b), out = a;
    out.inv = hz_z3_or(z, a.inv, b.inv);
    out.null = hz_z3_and(z, hz_z3_or(z, a.null, equal.value), hz_z3_not(z, out.inv));
    if (out.type == HZ_TYPE_BOOLEAN)
        out.value = hz_z3_and(z, out.value, hz_z3_not(z, hz_z3_unknown(z, out)));
    return out;
}

/* NULLs are left out. */
static hz_z3_term extreme(hz_z3 *z, const hz_node *node, hz_op op)
{
    hz_z3_term out = {HZ_TYPE_NULL, NULL, z->yes, z->no};
    Z3_ast inv = z->no;
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_z3_term t = hz_z3_term_of(z, node->items[i]);
        if (!fits(node->type, t))
            return hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
        inv = hz_z3_or(z, inv, t.inv);
        if (t.type == HZ_TYPE_NULL)
            continue;
        Z3_ast better = out.type == HZ_TYPE_NULL ? z->yes : hz_z3_compare(z, op, t, out).value;
        out = pick(z, hz_z3_and(z, hz_z3_not(z, t.null), hz_z3_or(z, out.null, better)), t, out);
    }
    out.inv = inv;
    out.null = hz_z3_and(z, out.null, hz_z3_not(z, inv));
    return out;
}

static hz_z3_term all_of(hz_z3 *z, const hz_node *node)
{
    hz_z3_term out = hz_z3_term_of(z, node->items[0]);
    for (uint32_t i = 1; i < node->items_count; i++) {
        hz_z3_term next = hz_z3_term_of(z, node->items[i]);
        out = node->kind == HZ_NODE_AND ? hz_z3_both(z, out, next) : hz_z3_either(z, out, next);
    }
    return out;
}

/* `x op any (array[…])` with the items written out; arrays of fields are unknowns. */
static hz_z3_term quantified(hz_z3 *z, const hz_node *node)
{
    const hz_node *array = node->items[1];
    if (array->kind != HZ_NODE_ARRAY)
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_ARRAY);
    hz_z3_term out = hz_z3_boolean(z, node->negated);
    for (uint32_t i = 0; i < array->items_count; i++) {
        hz_z3_term one = compare_nodes(z, node, node->op, node->items[0], array->items[i]);
        out = node->negated ? hz_z3_both(z, out, one) : hz_z3_either(z, out, one);
    }
    return out;
}

static hz_z3_term call(hz_z3 *z, const hz_node *node)
{
    switch (node->function) {
    case HZ_FUNC_COALESCE:
        return coalesce(z, node);
    case HZ_FUNC_NULLIF:
        return nullif(z, node);
    case HZ_FUNC_LEAST:
        return extreme(z, node, HZ_OP_LT);
    case HZ_FUNC_GREATEST:
        return extreme(z, node, HZ_OP_GT);
    default:
        return hz_z3_call(z, node);
    }
}

static hz_z3_term field(hz_z3 *z, const hz_node *node)
{
    if (node->kind == HZ_NODE_FIELD && node->scope == 0 && node->field->table == z->table)
        return hz_z3_field(z, node->field, node->field->name, false);
    bool sure = !z->any_invalid && node->steps_count == 1 && !node->steps[0]->to_period && !node->steps[0]->from_period;
    hz_z3_told(z, HZ_MSG_REASON_WHY_RELATED, node);
    return hz_z3_field(z, node->field, hz_z3_printed(z, node), !sure);
}

static hz_z3_term boolean_node(hz_z3 *z, const hz_node *node)
{
    switch (node->kind) {
    case HZ_NODE_NOT:
        return hz_z3_negated(z, hz_z3_term_of(z, node->items[0]));
    case HZ_NODE_AND:
    case HZ_NODE_OR:
        return all_of(z, node);
    case HZ_NODE_COMPARE:
        return compare_nodes(z, node, node->op, node->items[0], node->items[1]);
    case HZ_NODE_IS_NULL:
        return is_null(z, node);
    case HZ_NODE_DISTINCT:
        return distinct(z, node);
    case HZ_NODE_BETWEEN:
        return between(z, node);
    case HZ_NODE_IN:
        return in(z, node);
    case HZ_NODE_IN_LIST:
    case HZ_NODE_LIKE:
    case HZ_NODE_MATCHES:
        return of_text(z, node);
    case HZ_NODE_QUANTIFIED:
        return quantified(z, node);
    default:
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_ARRAY);
    }
}

hz_z3_term hz_z3_term_of(hz_z3 *z, const hz_node *node)
{
    switch (node->kind) {
    case HZ_NODE_LITERAL:
        return literal(z, node);
    case HZ_NODE_AS_OF:
        return as_of(z);
    case HZ_NODE_PARAM:
        return param(z, node);
    case HZ_NODE_FIELD:
    case HZ_NODE_PATH:
        return node->field ? field(z, node) : hz_z3_free(z, node, HZ_MSG_REASON_WHY_RELATED);
    case HZ_NODE_AGGREGATE:
        return aggregate(z, node);
    case HZ_NODE_NEG:
    case HZ_NODE_POS:
    case HZ_NODE_ARITH:
        return hz_z3_arith(z, node);
    case HZ_NODE_CONCAT: {
        hz_z3_term args[] = {hz_z3_term_of(z, node->items[0]), hz_z3_term_of(z, node->items[1])};
        return hz_z3_function(z, node, HZ_SLICE_LIT("||"), args, 2, false);
    }
    case HZ_NODE_CASE:
        return case_(z, node);
    case HZ_NODE_CALL:
        return call(z, node);
    default:
        return node->type == HZ_TYPE_BOOLEAN ? boolean_node(z, node) : hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
    }
}
