#include "profiles/expr/print.h"

#include "profiles/expr/lex.h"

/* Each node has a level, the place of its operator in the grammar; a child that binds looser than its place allows gets
 * brackets. */
typedef enum level {
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_RANGE,
    LEVEL_OTHER,
    LEVEL_ADD,
    LEVEL_MUL,
    LEVEL_UNARY,
    LEVEL_PRIMARY
} level;

static void print(hz_buf *out, const hz_node *node, level least);

static level level_of(const hz_node *node)
{
    switch (node->kind) {
    case HZ_NODE_OR:
        return LEVEL_OR;
    case HZ_NODE_AND:
        return LEVEL_AND;
    case HZ_NODE_NOT:
        return LEVEL_NOT;
    case HZ_NODE_IS_NULL:
    case HZ_NODE_DISTINCT:
        return LEVEL_IS;
    case HZ_NODE_COMPARE:
    case HZ_NODE_QUANTIFIED:
        return LEVEL_COMPARE;
    case HZ_NODE_BETWEEN:
    case HZ_NODE_IN:
    case HZ_NODE_IN_LIST:
    case HZ_NODE_LIKE:
    case HZ_NODE_MATCHES:
        return LEVEL_RANGE;
    case HZ_NODE_CONCAT:
    case HZ_NODE_CONTAINED:
        return LEVEL_OTHER;
    case HZ_NODE_ARITH:
        return node->op == HZ_OP_ADD || node->op == HZ_OP_SUB ? LEVEL_ADD : LEVEL_MUL;
    case HZ_NODE_NEG:
    case HZ_NODE_POS:
        return LEVEL_UNARY;
    default:
        return LEVEL_PRIMARY;
    }
}

/* The next tighter level: what the right side of an operator that associates to the left wants. */
static level tighter(level of)
{
    return (level)(of + 1);
}

static void put_quoted(hz_buf *out, hz_slice text, char quote)
{
    hz_buf_putc(out, quote);
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != quote)
            continue;
        hz_buf_put(out, hz_slice_sub(text, from, i + 1));
        from = i;
    }
    hz_buf_put(out, hz_slice_sub(text, from, text.len));
    hz_buf_putc(out, quote);
}

void hz_expr_print_name(hz_buf *out, hz_slice name)
{
    if (hz_lex_is_plain_name(name))
        hz_buf_put(out, name);
    else
        put_quoted(out, name, '"');
}

static void put_path(hz_buf *out, const hz_node *node)
{
    if (node->names_this)
        hz_buf_puts(out, "this.");
    for (uint32_t i = 0; i < node->names_count; i++) {
        if (i)
            hz_buf_putc(out, '.');
        /* a relation called `this` would read as the row */
        if (i == 0 && !node->names_this && node->names_count > 1 && hz_word_eq(node->names[0], "this"))
            put_quoted(out, node->names[0], '"');
        else
            hz_expr_print_name(out, node->names[i]);
    }
}

static void put_interval(hz_buf *out, hz_interval interval)
{
    bool years = interval.months && interval.months % 12 == 0;
    int32_t n = years ? interval.months / 12 : interval.months ? interval.months : interval.days;
    hz_buf_puts(out, "interval '");
    hz_buf_put_i64(out, n);
    hz_buf_puts(out, years ? "' year" : interval.months ? "' month" : "' day");
}

static void put_timestamp(hz_buf *out, int64_t micros)
{
    size_t from = out->len;
    hz_timestamp_put(out, micros);
    for (size_t i = from; i < out->len; i++)
        if (out->ptr[i] == 'T')
            out->ptr[i] = ' ';
}

static void put_literal(hz_buf *out, const hz_value *value)
{
    if (!value->valid) {
        hz_buf_puts(out, "null");
        return;
    }
    switch (value->type) {
    case HZ_TYPE_BOOLEAN:
        hz_buf_puts(out, value->as.boolean ? "true" : "false");
        break;
    case HZ_TYPE_TEXT:
        put_quoted(out, value->as.text, '\'');
        break;
    case HZ_TYPE_INTEGER:
        hz_buf_put_i64(out, value->as.i64);
        break;
    case HZ_TYPE_DECIMAL:
        hz_decimal_put(out, value->as.decimal);
        break;
    case HZ_TYPE_DATE:
        hz_buf_puts(out, "date '");
        hz_date_put(out, (int32_t)value->as.i64);
        hz_buf_putc(out, '\'');
        break;
    case HZ_TYPE_TIMESTAMP:
        hz_buf_puts(out, "timestamp '");
        put_timestamp(out, value->as.i64);
        hz_buf_putc(out, '\'');
        break;
    case HZ_TYPE_TIME:
        hz_buf_puts(out, "time '");
        hz_time_put(out, value->as.i64);
        hz_buf_putc(out, '\'');
        break;
    case HZ_TYPE_INTERVAL:
        put_interval(out, value->as.interval);
        break;
    default:
        hz_buf_puts(out, "null");
        break;
    }
}

static void put_items(hz_buf *out, const hz_node *node, uint32_t from)
{
    for (uint32_t i = from; i < node->items_count; i++) {
        if (i > from)
            hz_buf_puts(out, ", ");
        print(out, node->items[i], LEVEL_OR);
    }
}

static void put_binary(hz_buf *out, const hz_node *node, const char *op, level left, level right)
{
    print(out, node->items[0], left);
    hz_buf_printf(out, " %s ", op);
    print(out, node->items[1], right);
}

static void put_logic(hz_buf *out, const hz_node *node, const char *op, level items)
{
    for (uint32_t i = 0; i < node->items_count; i++) {
        if (i)
            hz_buf_printf(out, " %s ", op);
        print(out, node->items[i], items);
    }
}

static void put_case(hz_buf *out, const hz_node *node)
{
    uint32_t i = 0, end = node->items_count - (node->has_else ? 1 : 0);
    hz_buf_puts(out, "case");
    if (node->has_subject) {
        hz_buf_putc(out, ' ');
        print(out, node->items[i++], LEVEL_OR);
    }
    for (; i + 1 < end; i += 2) {
        hz_buf_puts(out, " when ");
        print(out, node->items[i], LEVEL_OR);
        hz_buf_puts(out, " then ");
        print(out, node->items[i + 1], LEVEL_OR);
    }
    if (node->has_else) {
        hz_buf_puts(out, " else ");
        print(out, node->items[end], LEVEL_OR);
    }
    hz_buf_puts(out, " end");
}

static void put_aggregate(hz_buf *out, const hz_node *node)
{
    hz_buf_puts(out, hz_aggregate_name(node->agg));
    hz_buf_puts(out, node->agg == HZ_AGG_COUNT_DISTINCT ? "(distinct " : "(");
    if (node->star)
        hz_buf_putc(out, '*');
    else
        put_path(out, node);
    if (node->items[0]) {
        hz_buf_puts(out, ", ");
        print(out, node->items[0], LEVEL_OR);
    }
    if (node->items[1]) {
        hz_buf_puts(out, " where ");
        print(out, node->items[1], LEVEL_OR);
    }
    hz_buf_putc(out, ')');
}

/* between, in, like, matches: the subject and the word. */
static void put_range_word(hz_buf *out, const hz_node *node, const char *word)
{
    print(out, node->items[0], LEVEL_OTHER);
    hz_buf_puts(out, node->negated ? " not " : " ");
    hz_buf_puts(out, word);
    hz_buf_putc(out, ' ');
}

/* A list id as names where it has their form, else as text. */
static void put_list(hz_buf *out, hz_slice id)
{
    size_t from = 0;
    bool plain = id.len > 0;
    for (size_t i = 0; i <= id.len && plain; i++) {
        if (i < id.len && id.ptr[i] != '.')
            continue;
        plain = hz_lex_is_plain_name(hz_slice_sub(id, from, i));
        from = i + 1;
    }
    hz_slice first = hz_slice_sub(id, 0, 5);
    if (plain && !(first.len == 5 && first.ptr[4] == '.' && hz_word_eq(hz_slice_sub(first, 0, 4), "this")))
        hz_buf_put(out, id);
    else
        put_quoted(out, id, '\'');
}

static void put_range(hz_buf *out, const hz_node *node)
{
    switch (node->kind) {
    case HZ_NODE_BETWEEN:
        put_range_word(out, node, "between");
        print(out, node->items[1], LEVEL_OTHER);
        hz_buf_puts(out, " and ");
        print(out, node->items[2], LEVEL_OTHER);
        break;
    case HZ_NODE_IN:
        put_range_word(out, node, "in");
        hz_buf_putc(out, '(');
        put_items(out, node, 1);
        hz_buf_putc(out, ')');
        break;
    case HZ_NODE_IN_LIST:
        put_range_word(out, node, "in list");
        put_list(out, node->text);
        break;
    case HZ_NODE_LIKE:
        put_range_word(out, node, "like");
        print(out, node->items[1], LEVEL_OTHER);
        break;
    default:
        put_range_word(out, node, "matches");
        put_quoted(out, node->text, '\'');
        break;
    }
}

/* Two minus signs in a row would begin a comment. */
static void put_sign(hz_buf *out, const hz_node *node)
{
    const hz_node *item = node->items[0];
    hz_buf_puts(out, node->kind == HZ_NODE_POS ? "+" : item->kind == HZ_NODE_NEG ? "- " : "-");
    print(out, item, LEVEL_UNARY);
}

static void put_node(hz_buf *out, const hz_node *node)
{
    level own = level_of(node);
    switch (node->kind) {
    case HZ_NODE_LITERAL:
        put_literal(out, &node->value);
        break;
    case HZ_NODE_AS_OF:
        hz_buf_puts(out, "as_of");
        break;
    case HZ_NODE_PARAM:
        hz_buf_putc(out, ':');
        put_path(out, node);
        break;
    case HZ_NODE_FIELD:
    case HZ_NODE_PATH:
    case HZ_NODE_VALUE:
    case HZ_NODE_NAME:
        put_path(out, node);
        break;
    case HZ_NODE_NOT:
        hz_buf_puts(out, "not ");
        print(out, node->items[0], LEVEL_NOT);
        break;
    case HZ_NODE_NEG:
    case HZ_NODE_POS:
        put_sign(out, node);
        break;
    case HZ_NODE_AND:
        put_logic(out, node, "and", tighter(own));
        break;
    case HZ_NODE_OR:
        put_logic(out, node, "or", tighter(own));
        break;
    case HZ_NODE_COMPARE:
        put_binary(out, node, hz_op_name(node->op), tighter(own), tighter(own));
        break;
    case HZ_NODE_ARITH:
        put_binary(out, node, hz_op_name(node->op), own, tighter(own));
        break;
    case HZ_NODE_CONCAT:
        put_binary(out, node, "||", own, tighter(own));
        break;
    case HZ_NODE_CONTAINED:
        put_binary(out, node, "<@", own, tighter(own));
        break;
    case HZ_NODE_QUANTIFIED:
        print(out, node->items[0], tighter(own));
        hz_buf_printf(out, " %s %s(", hz_op_name(node->op), node->negated ? "all" : "any");
        print(out, node->items[1], LEVEL_OR);
        hz_buf_putc(out, ')');
        break;
    case HZ_NODE_IS_NULL:
        print(out, node->items[0], tighter(own));
        hz_buf_puts(out, node->negated ? " is not null" : " is null");
        break;
    case HZ_NODE_DISTINCT:
        put_binary(out, node, node->negated ? "is not distinct from" : "is distinct from", tighter(own), tighter(own));
        break;
    case HZ_NODE_BETWEEN:
    case HZ_NODE_IN:
    case HZ_NODE_IN_LIST:
    case HZ_NODE_LIKE:
    case HZ_NODE_MATCHES:
        put_range(out, node);
        break;
    case HZ_NODE_CASE:
        put_case(out, node);
        break;
    case HZ_NODE_CALL:
        hz_buf_printf(out, "%s(", hz_function_name(node->function));
        put_items(out, node, 0);
        hz_buf_putc(out, ')');
        break;
    case HZ_NODE_ARRAY:
        hz_buf_puts(out, "array[");
        put_items(out, node, 0);
        hz_buf_putc(out, ']');
        break;
    case HZ_NODE_AGGREGATE:
        put_aggregate(out, node);
        break;
    }
}

static void print(hz_buf *out, const hz_node *node, level least)
{
    bool brackets = level_of(node) < least;
    if (brackets)
        hz_buf_putc(out, '(');
    put_node(out, node);
    if (brackets)
        hz_buf_putc(out, ')');
}

void hz_expr_print(hz_buf *out, const hz_node *root)
{
    if (root)
        print(out, root, LEVEL_OR);
}
