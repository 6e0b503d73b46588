/* z3_logic.c: formulas of three-valued logic. A condition is "is TRUE", "is NULL", "is INVALID", of which at most one
 * holds; none of them is FALSE. Constants are folded here, so that Z3 gets small formulas. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/tasks/reason/reason_int.h"

#include <stdlib.h>

/* ---- two values ---- */

Z3_ast hz_z3_not(hz_z3 *z, Z3_ast a)
{
    return a == z->yes ? z->no : a == z->no ? z->yes : Z3_mk_not(z->ctx, a);
}

Z3_ast hz_z3_and(hz_z3 *z, Z3_ast a, Z3_ast b)
{
    if (a == z->no || b == z->no)
        return z->no;
    if (a == z->yes || a == b)
        return b;
    return b == z->yes ? a : Z3_mk_and(z->ctx, 2, (Z3_ast[]){a, b});
}

Z3_ast hz_z3_or(hz_z3 *z, Z3_ast a, Z3_ast b)
{
    if (a == z->yes || b == z->yes)
        return z->yes;
    if (a == z->no || a == b)
        return b;
    return b == z->no ? a : Z3_mk_or(z->ctx, 2, (Z3_ast[]){a, b});
}

Z3_ast hz_z3_if(hz_z3 *z, Z3_ast condition, Z3_ast a, Z3_ast b)
{
    if (condition == z->yes || a == b)
        return a;
    return condition == z->no ? b : Z3_mk_ite(z->ctx, condition, a, b);
}

/* ---- numbers ---- */

Z3_ast hz_z3_int(hz_z3 *z, int64_t n)
{
    return Z3_mk_int64(z->ctx, n, z->integer);
}

Z3_ast hz_z3_number(hz_z3 *z, hz_decimal n)
{
    hz_buf text = HZ_BUF_INIT;
    hz_decimal normal = hz_decimal_normal(n);
    hz_decimal_put(&text, normal);
    hz_buf_putc(&text, '\0');
    Z3_ast made = z->no;
    if (text.status == HZ_OK)
        made = Z3_mk_numeral(z->ctx, text.ptr, normal.scale ? z->real : z->integer);
    else
        z->status = text.status;
    hz_buf_clear(&text);
    return made;
}

Z3_ast hz_z3_real(hz_z3 *z, Z3_ast a)
{
    return Z3_get_sort(z->ctx, a) == z->integer ? Z3_mk_int2real(z->ctx, a) : a;
}

void hz_z3_alike(hz_z3 *z, Z3_ast *a, Z3_ast *b)
{
    if (Z3_get_sort(z->ctx, *a) == Z3_get_sort(z->ctx, *b))
        return;
    *a = hz_z3_real(z, *a);
    *b = hz_z3_real(z, *b);
}

static Z3_ast of_booleans(hz_z3 *z, hz_op op, Z3_ast a, Z3_ast b)
{
    switch (op) {
    case HZ_OP_EQ:
        return Z3_mk_iff(z->ctx, a, b);
    case HZ_OP_NE:
        return hz_z3_not(z, Z3_mk_iff(z->ctx, a, b));
    case HZ_OP_LT:
        return hz_z3_and(z, hz_z3_not(z, a), b);
    case HZ_OP_GT:
        return hz_z3_and(z, a, hz_z3_not(z, b));
    case HZ_OP_LE:
        return hz_z3_or(z, hz_z3_not(z, a), b);
    default:
        return hz_z3_or(z, a, hz_z3_not(z, b));
    }
}

Z3_ast hz_z3_relation(hz_z3 *z, hz_op op, hz_type type, Z3_ast a, Z3_ast b)
{
    if (type == HZ_TYPE_BOOLEAN)
        return of_booleans(z, op, a, b);
    hz_z3_alike(z, &a, &b);
    switch (op) {
    case HZ_OP_EQ:
        return Z3_mk_eq(z->ctx, a, b);
    case HZ_OP_NE:
        return hz_z3_not(z, Z3_mk_eq(z->ctx, a, b));
    case HZ_OP_LT:
        return Z3_mk_lt(z->ctx, a, b);
    case HZ_OP_LE:
        return Z3_mk_le(z->ctx, a, b);
    case HZ_OP_GT:
        return Z3_mk_gt(z->ctx, a, b);
    default:
        return Z3_mk_ge(z->ctx, a, b);
    }
}

/* ---- three values ---- */

Z3_ast hz_z3_unknown(hz_z3 *z, hz_z3_term t)
{
    return hz_z3_or(z, t.null, t.inv);
}

Z3_ast hz_z3_false(hz_z3 *z, hz_z3_term t)
{
    return hz_z3_not(z, hz_z3_or(z, t.value, hz_z3_unknown(z, t)));
}

hz_z3_term hz_z3_boolean(hz_z3 *z, bool value)
{
    return (hz_z3_term){HZ_TYPE_BOOLEAN, value ? z->yes : z->no, z->no, z->no};
}

hz_z3_term hz_z3_strict(hz_z3 *z, hz_type type, const hz_z3_term *args, size_t count)
{
    hz_z3_term out = {type, NULL, z->no, z->no};
    for (size_t i = 0; i < count; i++) {
        out.null = hz_z3_or(z, out.null, args[i].null);
        out.inv = hz_z3_or(z, out.inv, args[i].inv);
    }
    out.null = hz_z3_and(z, out.null, hz_z3_not(z, out.inv));
    return out;
}

/* A date beside a timestamp is its midnight. */
static void to_one_type(hz_z3 *z, hz_z3_term *a, hz_z3_term *b)
{
    hz_z3_term *date = a->type == HZ_TYPE_DATE && b->type == HZ_TYPE_TIMESTAMP   ? a
                       : b->type == HZ_TYPE_DATE && a->type == HZ_TYPE_TIMESTAMP ? b
                                                                                 : NULL;
    if (date)
        date->value = Z3_mk_mul(z->ctx, 2, (Z3_ast[]){hz_z3_int(z, HZ_MICROS_PER_DAY), date->value});
}

hz_z3_term hz_z3_compare(hz_z3 *z, hz_op op, hz_z3_term a, hz_z3_term b)
{
    hz_z3_term out = hz_z3_strict(z, HZ_TYPE_BOOLEAN, (hz_z3_term[]){a, b}, 2);
    if (a.type == HZ_TYPE_NULL || b.type == HZ_TYPE_NULL) {
        out.value = z->no;
        return out;
    }
    to_one_type(z, &a, &b);
    out.value = hz_z3_and(z, hz_z3_relation(z, op, a.type, a.value, b.value), hz_z3_not(z, hz_z3_unknown(z, out)));
    return out;
}

hz_z3_term hz_z3_both(hz_z3 *z, hz_z3_term a, hz_z3_term b)
{
    hz_z3_term out = {HZ_TYPE_BOOLEAN, hz_z3_and(z, a.value, b.value), z->no, z->no};
    Z3_ast no = hz_z3_or(z, hz_z3_false(z, a), hz_z3_false(z, b)), open = hz_z3_not(z, no);
    out.inv = hz_z3_and(z, open, hz_z3_or(z, a.inv, b.inv));
    out.null = hz_z3_and(z, hz_z3_and(z, open, hz_z3_or(z, a.null, b.null)), hz_z3_not(z, out.inv));
    return out;
}

hz_z3_term hz_z3_negated(hz_z3 *z, hz_z3_term t)
{
    t.value = hz_z3_false(z, t);
    return t;
}

hz_z3_term hz_z3_either(hz_z3 *z, hz_z3_term a, hz_z3_term b)
{
    return hz_z3_negated(z, hz_z3_both(z, hz_z3_negated(z, a), hz_z3_negated(z, b)));
}

/* ---- constants ---- */

Z3_sort hz_z3_sort(const hz_z3 *z, hz_type type)
{
    switch (type) {
    case HZ_TYPE_BOOLEAN:
        return z->boolean;
    case HZ_TYPE_DECIMAL:
        return z->real;
    case HZ_TYPE_TEXT:
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DATE:
    case HZ_TYPE_TIMESTAMP:
    case HZ_TYPE_TIME:
        return z->integer;
    default:
        return NULL;
    }
}

Z3_ast hz_z3_named(hz_z3 *z, const char *kind, hz_slice name, Z3_sort sort)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, kind);
    hz_buf_put(&text, name);
    hz_buf_putc(&text, '\0');
    Z3_ast made = z->no;
    if (text.status == HZ_OK)
        made = Z3_mk_const(z->ctx, Z3_mk_string_symbol(z->ctx, text.ptr), sort);
    else
        z->status = text.status;
    hz_buf_clear(&text);
    return made;
}

hz_z3_term hz_z3_const(hz_z3 *z, hz_slice name, hz_type type)
{
    hz_z3_term out = {type, NULL, hz_z3_named(z, "null:", name, z->boolean), z->no};
    Z3_sort sort = hz_z3_sort(z, type);
    if (sort)
        out.value = hz_z3_named(z, "value:", name, sort);
    if (type == HZ_TYPE_BOOLEAN)
        out.value = hz_z3_and(z, out.value, hz_z3_not(z, out.null));
    return out;
}

/* ---- texts ---- */

void hz_z3_add_text(hz_z3 *z, hz_slice text)
{
    if (!HZ_GROW(z->texts, z->texts_capacity, z->texts_count + 1)) {
        z->status = HZ_E_NOMEM;
        return;
    }
    z->texts[z->texts_count++] = text;
}

void hz_z3_gather_texts(hz_z3 *z, const hz_node *node)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_LITERAL && node->value.valid && node->value.type == HZ_TYPE_TEXT)
        hz_z3_add_text(z, node->value.as.text);
    for (uint32_t i = 0; i < node->items_count; i++)
        hz_z3_gather_texts(z, node->items[i]);
}

static int by_bytes(const void *a, const void *b)
{
    return hz_slice_cmp(*(const hz_slice *)a, *(const hz_slice *)b);
}

void hz_z3_sort_texts(hz_z3 *z)
{
    size_t kept = 0;
    if (z->texts_count)
        qsort(z->texts, z->texts_count, sizeof *z->texts, by_bytes);
    for (size_t i = 0; i < z->texts_count; i++)
        if (!kept || !hz_slice_eq(z->texts[kept - 1], z->texts[i]))
            z->texts[kept++] = z->texts[i];
    z->texts_count = kept;
}

Z3_ast hz_z3_text(hz_z3 *z, hz_slice text)
{
    const hz_slice *found =
        z->texts_count ? bsearch(&text, z->texts, z->texts_count, sizeof *z->texts, by_bytes) : NULL;
    return found ? hz_z3_int(z, (int64_t)(found - z->texts) * HZ_Z3_TEXT_STEP) : NULL;
}

const hz_slice *hz_z3_text_of(const hz_z3 *z, int64_t number)
{
    bool literal = number >= 0 && number % HZ_Z3_TEXT_STEP == 0 && (size_t)(number / HZ_Z3_TEXT_STEP) < z->texts_count;
    return literal ? &z->texts[number / HZ_Z3_TEXT_STEP] : NULL;
}
