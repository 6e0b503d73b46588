/* z3_calls.c: arithmetic and functions. Sums, differences, products by constants and what is made of them are exact;
 * every other function is one that Z3 knows nothing of but that equal arguments give equal values, and bounds: the year
 * of a date lies within a few days of 365.2425 of them, and so on. Bounds may be wide, never wrong. */
#include "base/utf8.h"
#include "validator/tasks/reason/reason_int.h"

enum { ARGS_MAX = 4 };

static Z3_ast add(hz_z3 *z, Z3_ast a, Z3_ast b)
{
    hz_z3_alike(z, &a, &b);
    return Z3_mk_add(z->ctx, 2, (Z3_ast[]){a, b});
}

static Z3_ast subtract(hz_z3 *z, Z3_ast a, Z3_ast b)
{
    hz_z3_alike(z, &a, &b);
    return Z3_mk_sub(z->ctx, 2, (Z3_ast[]){a, b});
}

static Z3_ast times(hz_z3 *z, Z3_ast a, Z3_ast b)
{
    hz_z3_alike(z, &a, &b);
    return Z3_mk_mul(z->ctx, 2, (Z3_ast[]){a, b});
}

static Z3_ast at_most(hz_z3 *z, Z3_ast a, Z3_ast b)
{
    return hz_z3_relation(z, HZ_OP_LE, HZ_TYPE_DECIMAL, a, b);
}

static Z3_ast within(hz_z3 *z, Z3_ast value, int64_t low, int64_t high)
{
    return hz_z3_and(z, at_most(z, hz_z3_int(z, low), value), at_most(z, value, hz_z3_int(z, high)));
}

/* ---- functions that Z3 knows by their bounds ---- */

static Z3_ast applied(hz_z3 *z, const char *name, const hz_z3_term *args, size_t count, Z3_sort range)
{
    Z3_sort sorts[ARGS_MAX];
    Z3_ast values[ARGS_MAX];
    for (size_t i = 0; i < count; i++) {
        values[i] = args[i].value;
        sorts[i] = Z3_get_sort(z->ctx, values[i]);
    }
    Z3_func_decl function = Z3_mk_func_decl(z->ctx, Z3_mk_string_symbol(z->ctx, name), (unsigned)count, sorts, range);
    return Z3_mk_app(z->ctx, function, (unsigned)count, values);
}

hz_z3_term hz_z3_function(hz_z3 *z, const hz_node *node, hz_slice name, const hz_z3_term *args, size_t count,
                          bool partial)
{
    hz_z3_term out = hz_z3_strict(z, node->type, args, count);
    hz_buf full = HZ_BUF_INIT;
    Z3_sort range = hz_z3_sort(z, node->type);
    bool good = range && count && count <= ARGS_MAX;
    hz_buf_put(&full, name);
    for (size_t i = 0; i < count && good; i++) {
        good = args[i].value != NULL;
        if (good)
            hz_buf_printf(&full, "/%d%s", (int)args[i].type, Z3_get_sort(z->ctx, args[i].value) == z->real ? "r" : "");
    }
    hz_buf_putc(&full, '\0');
    if (!good || full.status != HZ_OK) {
        hz_buf_clear(&full);
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
    }
    out.value = applied(z, full.ptr, args, count, range);
    if (partial) {
        full.ptr[full.len - 1] = '?';
        hz_buf_putc(&full, '\0');
        if (full.status == HZ_OK)
            out.null = hz_z3_and(z, hz_z3_or(z, out.null, applied(z, full.ptr, args, count, z->boolean)),
                                 hz_z3_not(z, out.inv));
    }
    if (node->type == HZ_TYPE_BOOLEAN)
        out.value = hz_z3_and(z, out.value, hz_z3_not(z, hz_z3_unknown(z, out)));
    hz_z3_told(z, HZ_MSG_REASON_WHY_FUNCTION, node);
    size_t at = hz_z3_know(z, hz_z3_printed(z, node), NULL, out, NULL);
    if (z->status == HZ_OK)
        z->known[at].function = true;
    hz_buf_clear(&full);
    return out;
}

static void bind(hz_z3 *z, const hz_node *node, hz_z3_term term, Z3_ast bound)
{
    size_t at = hz_z3_know(z, hz_z3_printed(z, node), NULL, term, bound);
    if (z->status == HZ_OK)
        z->known[at].bound = bound;
}

/* n years from a date end within `slack` days of 365.2425 n; all times 10,000. */
static Z3_ast years_of_days(hz_z3 *z, Z3_ast days, Z3_ast years, int64_t slack)
{
    Z3_ast fine = times(z, hz_z3_int(z, 10000), days), whole = times(z, hz_z3_int(z, 3652425), years),
           room = hz_z3_int(z, slack * 10000), next = hz_z3_int(z, 3652425);
    return hz_z3_and(z, at_most(z, subtract(z, whole, room), fine),
                     at_most(z, fine, add(z, add(z, whole, next), room)));
}

/* A month has 28 to 31 days, and n of them end within 4 days of 30.436875 n. */
static Z3_ast months_of_days(hz_z3 *z, Z3_ast days, Z3_ast months)
{
    Z3_ast fine = times(z, hz_z3_int(z, 1000000), days), whole = times(z, hz_z3_int(z, 30436875), months),
           room = hz_z3_int(z, 5000000), next = hz_z3_int(z, 31000000);
    return hz_z3_and(z, at_most(z, subtract(z, whole, room), fine),
                     at_most(z, fine, add(z, add(z, whole, next), room)));
}

static Z3_ast near(hz_z3 *z, Z3_ast value, Z3_ast day, int64_t before, int64_t after)
{
    return hz_z3_and(z, at_most(z, subtract(z, day, hz_z3_int(z, before)), value),
                     at_most(z, value, add(z, day, hz_z3_int(z, after))));
}

static Z3_ast date_bound(hz_z3 *z, const hz_node *node, const hz_z3_term *args, Z3_ast value)
{
    bool dates = args[0].type == HZ_TYPE_DATE && (node->items_count < 2 || args[1].type == HZ_TYPE_DATE);
    Z3_ast span = dates && node->items_count > 1 ? subtract(z, args[1].value, args[0].value) : NULL;
    switch (node->function) {
    case HZ_FUNC_YEAR:
        return hz_z3_and(z, within(z, value, 1, 9999),
                         dates ? years_of_days(z, args[0].value, subtract(z, value, hz_z3_int(z, 1970)), 4) : z->yes);
    case HZ_FUNC_MONTH:
        return within(z, value, 1, 12);
    case HZ_FUNC_DAY:
        return within(z, value, 1, 31);
    case HZ_FUNC_AGE:
        return span ? years_of_days(z, span, value, 5) : z->yes;
    case HZ_FUNC_MONTHS_BETWEEN:
        return span ? months_of_days(z, span, value) : z->yes;
    case HZ_FUNC_DAYS_BETWEEN:
        return span ? Z3_mk_eq(z->ctx, value, span) : z->yes;
    case HZ_FUNC_FIRST_DAY:
    case HZ_FUNC_MONTH_OF:
        return dates ? near(z, value, args[0].value, 30, 0) : z->yes;
    case HZ_FUNC_LAST_DAY:
        return dates ? near(z, value, args[0].value, 0, 30) : z->yes;
    default:
        return z->yes;
    }
}

/* The part of a literal that `left` or `right` gives; "" with ptr NULL: not known. */
static hz_slice part_of(const hz_node *node, hz_slice text)
{
    const hz_node *number = node->items_count == 2 ? node->items[1] : NULL;
    bool plain = number && number->kind == HZ_NODE_LITERAL && number->value.valid &&
                 number->value.type == HZ_TYPE_INTEGER && number->value.as.i64 >= 0;
    if (!plain)
        return HZ_SLICE_NONE;
    size_t wanted = (size_t)number->value.as.i64, length = hz_utf8_length(text);
    if (node->function == HZ_FUNC_LEFT)
        return hz_slice_sub(text, 0, hz_utf8_offset(text, wanted));
    return hz_slice_sub(text, wanted < length ? hz_utf8_offset(text, length - wanted) : 0, text.len);
}

/* What is known of a function of a text where it is one of the literals. */
static Z3_ast text_bound(hz_z3 *z, const hz_node *node, hz_z3_term arg, Z3_ast value)
{
    Z3_ast all = node->function == HZ_FUNC_LENGTH ? at_most(z, hz_z3_int(z, 0), value) : z->yes;
    for (size_t i = 0; i < z->texts_count; i++) {
        Z3_ast here = Z3_mk_eq(z->ctx, arg.value, hz_z3_int(z, (int64_t)i * HZ_Z3_TEXT_STEP)), is = NULL;
        hz_slice part = node->function == HZ_FUNC_LENGTH ? HZ_SLICE_NONE : part_of(node, z->texts[i]);
        if (node->function == HZ_FUNC_LENGTH)
            is = hz_z3_int(z, (int64_t)hz_utf8_length(z->texts[i]));
        else if (part.ptr)
            is = hz_z3_text(z, part);
        if (is)
            all = hz_z3_and(z, all, hz_z3_or(z, hz_z3_not(z, here), Z3_mk_eq(z->ctx, value, is)));
    }
    return all;
}

static Z3_ast bound_of(hz_z3 *z, const hz_node *node, const hz_z3_term *args, Z3_ast value)
{
    switch (node->function) {
    case HZ_FUNC_LENGTH:
    case HZ_FUNC_LEFT:
    case HZ_FUNC_RIGHT:
        return text_bound(z, node, args[0], value);
    case HZ_FUNC_SIMILARITY:
        return within(z, value, 0, 1);
    default:
        return args[0].type == HZ_TYPE_DATE || args[0].type == HZ_TYPE_TIMESTAMP ? date_bound(z, node, args, value)
                                                                                 : z->yes;
    }
}

/* Functions that have a value for every value. */
static bool is_total(const hz_node *node)
{
    switch (node->function) {
    case HZ_FUNC_LENGTH:
    case HZ_FUNC_UPPER:
    case HZ_FUNC_LOWER:
    case HZ_FUNC_TRIM:
    case HZ_FUNC_REPLACE:
    case HZ_FUNC_YEAR:
    case HZ_FUNC_MONTH:
    case HZ_FUNC_DAY:
    case HZ_FUNC_AGE:
    case HZ_FUNC_DAYS_BETWEEN:
    case HZ_FUNC_MONTHS_BETWEEN:
    case HZ_FUNC_FIRST_DAY:
    case HZ_FUNC_LAST_DAY:
    case HZ_FUNC_MONTH_OF:
    case HZ_FUNC_IS_RESIDENT_ID:
    case HZ_FUNC_IS_USCC:
    case HZ_FUNC_IS_LUHN:
    case HZ_FUNC_SIMILARITY:
        return true;
    case HZ_FUNC_LEFT:
    case HZ_FUNC_RIGHT:
        return part_of(node, HZ_SLICE_LIT("x")).ptr != NULL;
    default:
        return false;
    }
}

static hz_z3_term whole_number(hz_z3 *z, const hz_node *node, hz_z3_term t)
{
    if (Z3_get_sort(z->ctx, t.value) == z->integer)
        return t;
    Z3_ast down =
        Z3_mk_real2int(z->ctx, node->function == HZ_FUNC_FLOOR ? t.value : Z3_mk_unary_minus(z->ctx, t.value));
    t.value = node->function == HZ_FUNC_FLOOR ? down : Z3_mk_unary_minus(z->ctx, down);
    t.type = HZ_TYPE_INTEGER;
    return t;
}

static hz_z3_term absolute(hz_z3 *z, hz_z3_term t)
{
    t.value = hz_z3_if(z, hz_z3_relation(z, HZ_OP_LT, HZ_TYPE_DECIMAL, t.value, hz_z3_int(z, 0)),
                       Z3_mk_unary_minus(z->ctx, t.value), t.value);
    return t;
}

/* round(x, n): within half a unit of its last digit. */
static void bind_round(hz_z3 *z, const hz_node *node, hz_z3_term arg, hz_z3_term out)
{
    const hz_node *digits = node->items_count > 1 ? node->items[1] : NULL;
    bool plain =
        !digits || (digits->kind == HZ_NODE_LITERAL && digits->value.valid && digits->value.type == HZ_TYPE_INTEGER &&
                    digits->value.as.i64 >= 0 && digits->value.as.i64 < 30);
    if (!plain)
        return;
    hz_decimal half = {5, 1 + (digits ? (int32_t)digits->value.as.i64 : 0)};
    Z3_ast apart = subtract(z, out.value, arg.value), room = hz_z3_number(z, half);
    bind(z, node, out,
         hz_z3_and(z, at_most(z, Z3_mk_unary_minus(z->ctx, hz_z3_real(z, room)), apart), at_most(z, apart, room)));
}

static bool is_number(hz_z3_term t)
{
    return t.value && (t.type == HZ_TYPE_INTEGER || t.type == HZ_TYPE_DECIMAL);
}

hz_z3_term hz_z3_call(hz_z3 *z, const hz_node *node)
{
    hz_z3_term args[ARGS_MAX];
    bool good = node->items_count && node->items_count <= ARGS_MAX;
    if (node->function == HZ_FUNC_RAW || node->function == HZ_FUNC_CARDINALITY || !good)
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_FUNCTION);
    for (uint32_t i = 0; i < node->items_count; i++) {
        args[i] = hz_z3_term_of(z, node->items[i]);
        good = good && args[i].value;
    }
    if (!good)
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_FUNCTION);
    if (node->function == HZ_FUNC_ABS && is_number(args[0]))
        return absolute(z, args[0]);
    if ((node->function == HZ_FUNC_FLOOR || node->function == HZ_FUNC_CEIL) && is_number(args[0]))
        return whole_number(z, node, args[0]);
    hz_z3_term out = hz_z3_function(z, node, hz_slice_of(hz_function_name(node->function)), args, node->items_count,
                                    !is_total(node));
    if (!out.value || node->type == HZ_TYPE_BOOLEAN)
        return out;
    if (node->function == HZ_FUNC_ROUND)
        bind_round(z, node, args[0], out);
    else
        bind(z, node, out, hz_z3_or(z, hz_z3_unknown(z, out), bound_of(z, node, args, out.value)));
    return out;
}

/* ---- arithmetic ---- */

/* The most fraction digits that a number may have. */
static int scale_of(const hz_node *node)
{
    const hz_field *field = node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH ? node->field : NULL;
    if (node->type == HZ_TYPE_INTEGER)
        return 0;
    if (node->kind == HZ_NODE_LITERAL && node->value.valid && node->value.type == HZ_TYPE_DECIMAL)
        return node->value.as.decimal.scale;
    if (field && field->type == HZ_FIELD_DECIMAL && field->scale >= 0)
        return field->scale;
    if (node->kind == HZ_NODE_NEG || node->kind == HZ_NODE_POS)
        return scale_of(node->items[0]);
    if (node->kind == HZ_NODE_ARITH && node->op == HZ_OP_DIV)
        return HZ_DECIMAL_DIVISION_SCALE;
    if (node->kind == HZ_NODE_ARITH) {
        int a = scale_of(node->items[0]), b = scale_of(node->items[1]), both = node->op == HZ_OP_MUL ? a + b : 0;
        both = node->op == HZ_OP_MUL ? both : a > b ? a : b;
        return both < HZ_DECIMAL_DIGITS_MAX ? both : HZ_DECIMAL_DIGITS_MAX;
    }
    return HZ_DECIMAL_DIGITS_MAX;
}

/* A result of more than 38 digits is NULL; it may be where it is no smaller than this. */
static hz_z3_term may_overflow(hz_z3 *z, const hz_node *node, hz_z3_term out)
{
    hz_decimal most = {1, 0};
    for (int i = scale_of(node); i < HZ_DECIMAL_DIGITS_MAX - 1; i++)
        most.coef *= 10;
    Z3_ast top = hz_z3_number(z, most);
    Z3_ast large = hz_z3_or(z, at_most(z, top, out.value), at_most(z, out.value, Z3_mk_unary_minus(z->ctx, top)));
    Z3_ast lost = hz_z3_and(z, large, hz_z3_named(z, "overflow:", hz_z3_printed(z, node), z->boolean));
    out.null = hz_z3_and(z, hz_z3_or(z, out.null, lost), hz_z3_not(z, out.inv));
    return out;
}

static bool is_constant(const hz_z3 *z, Z3_ast value)
{
    return Z3_is_numeral_ast(z->ctx, value);
}

/* By a constant other than 0: within half a unit of the 20th digit. */
static hz_z3_term quotient(hz_z3 *z, const hz_node *node, hz_z3_term a, hz_z3_term b)
{
    hz_z3_term out = hz_z3_function(z, node, HZ_SLICE_LIT("/"), (hz_z3_term[]){a, b}, 2, true);
    if (!out.value || !is_constant(z, b.value) || b.value == hz_z3_int(z, 0))
        return out;
    hz_decimal half = {5, HZ_DECIMAL_DIVISION_SCALE + 1};
    Z3_ast exact = Z3_mk_div(z->ctx, hz_z3_real(z, a.value), hz_z3_real(z, b.value));
    Z3_ast apart = subtract(z, out.value, exact), room = hz_z3_number(z, half);
    bind(z, node, out, hz_z3_and(z, at_most(z, Z3_mk_unary_minus(z->ctx, room), apart), at_most(z, apart, room)));
    return out;
}

static hz_z3_term of_numbers(hz_z3 *z, const hz_node *node, hz_z3_term a, hz_z3_term b)
{
    hz_z3_term out = hz_z3_strict(z, node->type, (hz_z3_term[]){a, b}, 2);
    if (node->op == HZ_OP_DIV)
        return quotient(z, node, a, b);
    if (node->op == HZ_OP_MUL && !is_constant(z, a.value) && !is_constant(z, b.value))
        return hz_z3_function(z, node, HZ_SLICE_LIT("*"), (hz_z3_term[]){a, b}, 2, true);
    out.value = node->op == HZ_OP_ADD   ? add(z, a.value, b.value)
                : node->op == HZ_OP_SUB ? subtract(z, a.value, b.value)
                                        : times(z, a.value, b.value);
    return may_overflow(z, node, out);
}

/* date ± whole number; NULL off the calendar. */
static hz_z3_term shifted(hz_z3 *z, const hz_node *node, hz_z3_term day, hz_z3_term by)
{
    hz_z3_term out = hz_z3_strict(z, HZ_TYPE_DATE, (hz_z3_term[]){day, by}, 2);
    int32_t first = 0, last = 0;
    (void)hz_date_from_civil(&first, 1, 1, 1);
    (void)hz_date_from_civil(&last, 9999, 12, 31);
    out.value = node->op == HZ_OP_ADD ? add(z, day.value, by.value) : subtract(z, day.value, by.value);
    Z3_ast off = hz_z3_not(z, within(z, out.value, first, last));
    out.null = hz_z3_and(z, hz_z3_or(z, out.null, off), hz_z3_not(z, out.inv));
    return out;
}

static hz_z3_term sign(hz_z3 *z, const hz_node *node)
{
    hz_z3_term t = hz_z3_term_of(z, node->items[0]);
    if (!is_number(t))
        return hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
    if (node->kind == HZ_NODE_NEG)
        t.value = Z3_mk_unary_minus(z->ctx, t.value);
    return t;
}

hz_z3_term hz_z3_arith(hz_z3 *z, const hz_node *node)
{
    if (node->kind != HZ_NODE_ARITH)
        return sign(z, node);
    hz_z3_term a = hz_z3_term_of(z, node->items[0]), b = hz_z3_term_of(z, node->items[1]);
    bool dates = a.type == HZ_TYPE_DATE && b.type == HZ_TYPE_DATE;
    if (is_number(a) && is_number(b))
        return of_numbers(z, node, a, b);
    if (dates && node->op == HZ_OP_SUB) {
        hz_z3_term out = hz_z3_strict(z, HZ_TYPE_INTEGER, (hz_z3_term[]){a, b}, 2);
        out.value = subtract(z, a.value, b.value);
        return out;
    }
    if (a.type == HZ_TYPE_DATE && is_number(b) && Z3_get_sort(z->ctx, b.value) == z->integer)
        return shifted(z, node, a, b);
    return hz_z3_free(z, node, HZ_MSG_REASON_WHY_OTHER);
}
