#include "profiles/expr/parse.h"

#include "base/utf8.h"
#include "profiles/expr/parse_int.h"

/* Recursive descent, one function for each level of the grammar in docs/language.md, two tokens in hand (`tok`,
 * `ahead`).
 *
 * A function returns NULL after a mistake (then `failed`: a diagnostic was written) or when memory is out
 * (`no_memory`); nothing else is reported for that expression. Recursion is bounded twice: `depth` counts what is open
 * now, and every node knows its height, so that a long chain such as a + b + c …, which the parser builds without
 * recursion, is no deeper for those who walk the tree. */

typedef struct node_list {
    hz_node **at;
    uint32_t count, capacity;
} node_list;

static hz_node *parse_expr(hz_parser *p);
static hz_node *parse_unary(hz_parser *p);

/* ---- tokens ---- */

void hz_parse_advance(hz_parser *p)
{
    p->prev_end = p->tok.offset + p->tok.len;
    p->tok = p->ahead;
    p->ahead = hz_lex_next(&p->lexer);
}

static bool accept(hz_parser *p, hz_token_kind kind)
{
    if (p->tok.kind != kind)
        return false;
    hz_parse_advance(p);
    return true;
}

static bool accept_keyword(hz_parser *p, hz_keyword keyword)
{
    if (p->tok.kind != HZ_TOKEN_KEYWORD || p->tok.keyword != keyword)
        return false;
    hz_parse_advance(p);
    return true;
}

static bool at_name(const hz_parser *p)
{
    return p->tok.kind == HZ_TOKEN_WORD || p->tok.kind == HZ_TOKEN_QUOTED;
}

static bool enter(hz_parser *p)
{
    if (++p->depth <= p->limits->value[HZ_LIMIT_EXPR_DEPTH])
        return true;
    hz_parse_fail_limit(p, HZ_LIMIT_EXPR_DEPTH, p->tok.offset, p->tok.len);
    return false;
}

static hz_node *leave(hz_parser *p, hz_node *node)
{
    p->depth--;
    return node;
}

/* ---- nodes ---- */

static bool push(hz_parser *p, node_list *list, hz_node *item)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 4;
        hz_node **at = HZ_ARENA_ARRAY(p->arena, hz_node *, capacity);
        if (!at) {
            p->no_memory = true;
            return false;
        }
        if (list->count)
            memcpy(at, list->at, list->count * sizeof *at);
        list->at = at;
        list->capacity = capacity;
    }
    list->at[list->count++] = item;
    return true;
}

hz_node *hz_parse_make(hz_parser *p, hz_node_kind kind, hz_place at, hz_node **items, uint32_t items_count)
{
    uint64_t height = 0;
    for (uint32_t i = 0; i < items_count; i++) {
        const hz_tall_node *item = (const hz_tall_node *)items[i];
        if (item && item->height > height)
            height = item->height;
    }
    height++;
    uint32_t len = p->prev_end - at.start;
    if (height > p->limits->value[HZ_LIMIT_EXPR_DEPTH])
        return hz_parse_fail_limit(p, HZ_LIMIT_EXPR_DEPTH, at.op_start, at.op_end - at.op_start);
    if (p->expr->nodes_count >= p->limits->value[HZ_LIMIT_EXPR_NODES])
        return hz_parse_fail_limit(p, HZ_LIMIT_EXPR_NODES, at.start, len);
    hz_tall_node *made = HZ_ARENA_NEW(p->arena, hz_tall_node);
    if (!made)
        return hz_parse_no_memory(p);
    made->height = height;
    hz_node *node = &made->node;
    node->kind = kind;
    node->offset = at.start;
    node->len = len;
    node->op_offset = at.op_start;
    node->op_len = at.op_end - at.op_start;
    node->id = p->expr->nodes_count++;
    node->items = items;
    node->items_count = items_count;
    return node;
}

static hz_node *make_items(hz_parser *p, hz_node_kind kind, hz_place at, hz_node *const *items, uint32_t items_count)
{
    hz_node **copy = HZ_ARENA_ARRAY(p->arena, hz_node *, items_count);
    if (!copy)
        return hz_parse_no_memory(p);
    memcpy(copy, items, items_count * sizeof *copy);
    return hz_parse_make(p, kind, at, copy, items_count);
}

static hz_node *make_binary(hz_parser *p, hz_node_kind kind, hz_place at, hz_node *left, hz_node *right)
{
    return make_items(p, kind, at, (hz_node *const[]){left, right}, 2);
}

hz_place hz_parse_here(const hz_parser *p)
{
    return (hz_place){p->tok.offset, p->tok.offset, p->tok.offset + p->tok.len};
}

bool hz_parse_decode(hz_parser *p, hz_slice *out, const hz_token *token)
{
    if (hz_token_decode(out, token, p->arena) == HZ_OK)
        return true;
    p->no_memory = true;
    return false;
}

/* ---- names ---- */

typedef struct path {
    hz_slice *names;
    uint32_t count;
    bool is_this;
} path;

/* name { . name }, or this . name { . name } */
static bool parse_path(hz_parser *p, path *out)
{
    uint32_t capacity = 0;
    *out = (path){NULL, 0, false};
    if (hz_token_is_word(&p->tok, "this") && p->ahead.kind == HZ_TOKEN_DOT) {
        out->is_this = true;
        hz_parse_advance(p);
        hz_parse_advance(p);
    }
    do {
        if (!at_name(p)) {
            hz_parse_fail_name(p);
            return false;
        }
        if (out->count == capacity) {
            capacity = capacity ? capacity * 2 : 2;
            hz_slice *names = HZ_ARENA_ARRAY(p->arena, hz_slice, capacity);
            if (!names) {
                p->no_memory = true;
                return false;
            }
            if (out->count)
                memcpy(names, out->names, out->count * sizeof *names);
            out->names = names;
        }
        if (!hz_parse_decode(p, &out->names[out->count++], &p->tok))
            return false;
        hz_parse_advance(p);
    } while (accept(p, HZ_TOKEN_DOT));
    return true;
}

static void keep_path(hz_node *node, const path *names)
{
    if (!node)
        return;
    node->names = names->names;
    node->names_count = names->count;
    node->names_this = names->is_this;
}

static hz_node *parse_name(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    path names;
    if (!parse_path(p, &names))
        return NULL;
    hz_node *node = hz_parse_make(p, HZ_NODE_NAME, at, NULL, 0);
    keep_path(node, &names);
    return node;
}

static hz_node *parse_param(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    path names = {HZ_ARENA_NEW(p->arena, hz_slice), 1, false};
    if (!names.names)
        return hz_parse_no_memory(p);
    hz_token name = p->tok;
    if (name.doubled)
        name.kind = HZ_TOKEN_QUOTED;
    if (!hz_parse_decode(p, &names.names[0], &name))
        return NULL;
    hz_parse_advance(p);
    hz_node *node = hz_parse_make(p, HZ_NODE_PARAM, at, NULL, 0);
    keep_path(node, &names);
    return node;
}

/* ---- calls ---- */

static const struct {
    const char *name;
    hz_aggregate agg;
} aggregates[] = {
    {"count", HZ_AGG_COUNT}, {"sum", HZ_AGG_SUM},       {"min", HZ_AGG_MIN},     {"max", HZ_AGG_MAX},
    {"avg", HZ_AGG_AVG},     {"exists", HZ_AGG_EXISTS}, {"every", HZ_AGG_EVERY},
};
enum { AGGREGATES_COUNT = sizeof aggregates / sizeof aggregates[0] };

static void *fail_function(hz_parser *p, const hz_token *name)
{
    hz_slice names[HZ_FUNC_COUNT + AGGREGATES_COUNT];
    size_t count = 0;
    for (int i = 0; i < HZ_FUNC_COUNT; i++)
        names[count++] = hz_slice_of(hz_function_name((hz_function)i));
    for (size_t i = 0; i < AGGREGATES_COUNT; i++)
        names[count++] = hz_slice_of(aggregates[i].name);
    hz_slice near = hz_nearest(name->text, names, count);
    return HZ_PARSE_FAIL(p, name, near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_NONE, HZ_M(EXPR_FUNCTION_UNKNOWN),
                         HZ_S(hz_parse_shown(p, name)), HZ_S(near));
}

/* AGG ( [distinct] (* | path) [, expr] [where expr] ), at the name. */
static hz_node *parse_aggregate(hz_parser *p, hz_aggregate agg)
{
    hz_place at = hz_parse_here(p);
    path names = {NULL, 0, false};
    hz_node *items[2] = {NULL, NULL};
    hz_parse_advance(p);
    hz_token open = p->tok;
    hz_parse_advance(p);
    if (p->tok.keyword == HZ_KEYWORD_DISTINCT && agg != HZ_AGG_COUNT)
        return HZ_PARSE_FAIL(p, &p->tok, HZ_MSG_NONE, HZ_M(EXPR_DISTINCT_ONLY_COUNT), HZ_Z(hz_aggregate_name(agg)));
    if (accept_keyword(p, HZ_KEYWORD_DISTINCT))
        agg = HZ_AGG_COUNT_DISTINCT;
    bool star = accept(p, HZ_TOKEN_STAR);
    if (!star && !at_name(p))
        return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_RELATION, HZ_MSG_EXPR_END_RELATION);
    if (!star && !parse_path(p, &names))
        return NULL;
    if (accept(p, HZ_TOKEN_COMMA) && !(items[0] = parse_expr(p)))
        return NULL;
    if (accept_keyword(p, HZ_KEYWORD_WHERE) && !(items[1] = parse_expr(p)))
        return NULL;
    if (!accept(p, HZ_TOKEN_CLOSE))
        return items[0] || items[1]
                   ? hz_parse_fail_sign(p, ")", &open)
                   : hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_AGGREGATE, HZ_MSG_EXPR_END_AGGREGATE);
    hz_node *node = make_items(p, HZ_NODE_AGGREGATE, at, items, 2);
    if (node) {
        node->agg = agg;
        node->star = star;
        keep_path(node, &names);
    }
    return node;
}

/* Items up to the closing sign, which is taken too; the opening one has been. */
static bool parse_items(hz_parser *p, node_list *list, hz_token_kind close, const char *close_text,
                        const hz_token *open)
{
    do {
        hz_node *item = parse_expr(p);
        if (!item || !push(p, list, item))
            return false;
    } while (accept(p, HZ_TOKEN_COMMA));
    if (accept(p, close))
        return true;
    hz_parse_fail_sign(p, close_text, open);
    return false;
}

static hz_node *parse_call(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_token name = p->tok;
    for (size_t i = 0; i < AGGREGATES_COUNT; i++)
        if (hz_token_is_word(&name, aggregates[i].name))
            return parse_aggregate(p, aggregates[i].agg);
    int function = 0;
    while (function < HZ_FUNC_COUNT && !hz_token_is_word(&name, hz_function_name((hz_function)function)))
        function++;
    if (function == HZ_FUNC_COUNT)
        return fail_function(p, &name);
    hz_parse_advance(p);
    hz_token open = p->tok;
    hz_parse_advance(p);
    node_list args = {NULL, 0, 0};
    if (!accept(p, HZ_TOKEN_CLOSE) && !parse_items(p, &args, HZ_TOKEN_CLOSE, ")", &open))
        return NULL;
    hz_node *node = hz_parse_make(p, HZ_NODE_CALL, at, args.at, args.count);
    if (node)
        node->function = (hz_function)function;
    return node;
}

/* ---- case, array, brackets ---- */

static bool expect_keyword(hz_parser *p, hz_keyword keyword, const char *text, const hz_token *open)
{
    if (accept_keyword(p, keyword))
        return true;
    hz_parse_fail_sign(p, text, open);
    return false;
}

static hz_node *parse_case(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_token open = p->tok;
    node_list items = {NULL, 0, 0};
    hz_node *item;
    hz_parse_advance(p);
    bool has_subject = p->tok.keyword != HZ_KEYWORD_WHEN, has_else = false;
    if (has_subject && (!(item = parse_expr(p)) || !push(p, &items, item)))
        return NULL;
    if (!expect_keyword(p, HZ_KEYWORD_WHEN, "when", &open))
        return NULL;
    do {
        if (!(item = parse_expr(p)) || !push(p, &items, item) || !expect_keyword(p, HZ_KEYWORD_THEN, "then", &open) ||
            !(item = parse_expr(p)) || !push(p, &items, item))
            return NULL;
    } while (accept_keyword(p, HZ_KEYWORD_WHEN));
    if (accept_keyword(p, HZ_KEYWORD_ELSE)) {
        has_else = true;
        if (!(item = parse_expr(p)) || !push(p, &items, item))
            return NULL;
    }
    if (!expect_keyword(p, HZ_KEYWORD_END, "end", &open))
        return NULL;
    hz_node *node = hz_parse_make(p, HZ_NODE_CASE, at, items.at, items.count);
    if (node) {
        node->has_subject = has_subject;
        node->has_else = has_else;
    }
    return node;
}

static hz_node *parse_array(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    node_list items = {NULL, 0, 0};
    hz_parse_advance(p);
    hz_token open = p->tok;
    if (!accept(p, HZ_TOKEN_OPEN_SQUARE))
        return hz_parse_fail_sign(p, "[", NULL);
    if (!parse_items(p, &items, HZ_TOKEN_CLOSE_SQUARE, "]", &open))
        return NULL;
    return hz_parse_make(p, HZ_NODE_ARRAY, at, items.at, items.count);
}

static hz_node *parse_brackets(hz_parser *p)
{
    hz_token open = p->tok;
    hz_parse_advance(p);
    hz_node *node = parse_expr(p);
    if (!node)
        return NULL;
    return accept(p, HZ_TOKEN_CLOSE) ? node : hz_parse_fail_sign(p, ")", &open);
}

static hz_node *parse_primary(hz_parser *p)
{
    switch (p->tok.kind) {
    case HZ_TOKEN_STRING:
        return hz_parse_string(p);
    case HZ_TOKEN_NUMBER:
        return hz_parse_number(p);
    case HZ_TOKEN_PARAM:
        return parse_param(p);
    case HZ_TOKEN_OPEN:
        return parse_brackets(p);
    case HZ_TOKEN_WORD:
        if (hz_parse_at_typed(p))
            return hz_parse_typed(p);
        return p->ahead.kind == HZ_TOKEN_OPEN ? parse_call(p) : parse_name(p);
    case HZ_TOKEN_QUOTED:
        return parse_name(p);
    case HZ_TOKEN_KEYWORD:
        break;
    default:
        return hz_parse_fail_value(p);
    }
    hz_place at = hz_parse_here(p);
    switch (p->tok.keyword) {
    case HZ_KEYWORD_NULL:
    case HZ_KEYWORD_TRUE:
    case HZ_KEYWORD_FALSE:
        return hz_parse_constant_word(p);
    case HZ_KEYWORD_AS_OF:
        hz_parse_advance(p);
        return hz_parse_make(p, HZ_NODE_AS_OF, at, NULL, 0);
    case HZ_KEYWORD_CASE:
        return parse_case(p);
    case HZ_KEYWORD_ARRAY:
        return parse_array(p);
    default:
        return hz_parse_fail_value(p);
    }
}

/* ---- operators, tightest first ---- */

static hz_node *parse_unary(hz_parser *p)
{
    if (p->tok.kind != HZ_TOKEN_MINUS && p->tok.kind != HZ_TOKEN_PLUS)
        return parse_primary(p);
    hz_place at = hz_parse_here(p);
    hz_node_kind kind = p->tok.kind == HZ_TOKEN_MINUS ? HZ_NODE_NEG : HZ_NODE_POS;
    if (!enter(p))
        return NULL;
    hz_parse_advance(p);
    hz_node *item = parse_unary(p);
    return leave(p, item ? make_items(p, kind, at, &item, 1) : NULL);
}

static hz_op arith_op(hz_token_kind kind)
{
    switch (kind) {
    case HZ_TOKEN_PLUS:
        return HZ_OP_ADD;
    case HZ_TOKEN_MINUS:
        return HZ_OP_SUB;
    case HZ_TOKEN_STAR:
        return HZ_OP_MUL;
    case HZ_TOKEN_SLASH:
        return HZ_OP_DIV;
    default:
        return HZ_OP_NONE;
    }
}

/* A level of operators that associate to the left. */
static hz_node *parse_left(hz_parser *p, hz_node *(*tighter)(hz_parser *), hz_token_kind first, hz_token_kind second,
                           hz_node_kind first_kind, hz_node_kind second_kind)
{
    hz_place at = hz_parse_here(p);
    hz_node *left = tighter(p);
    while (left && (p->tok.kind == first || p->tok.kind == second)) {
        hz_token_kind sign = p->tok.kind;
        at.op_start = p->tok.offset;
        at.op_end = p->tok.offset + p->tok.len;
        hz_parse_advance(p);
        hz_node *right = tighter(p);
        if (!right)
            return NULL;
        left = make_binary(p, sign == first ? first_kind : second_kind, at, left, right);
        if (left)
            left->op = arith_op(sign);
    }
    return left;
}

static hz_node *parse_mul(hz_parser *p)
{
    return parse_left(p, parse_unary, HZ_TOKEN_STAR, HZ_TOKEN_SLASH, HZ_NODE_ARITH, HZ_NODE_ARITH);
}

static hz_node *parse_add(hz_parser *p)
{
    return parse_left(p, parse_mul, HZ_TOKEN_PLUS, HZ_TOKEN_MINUS, HZ_NODE_ARITH, HZ_NODE_ARITH);
}

static hz_node *parse_other(hz_parser *p)
{
    return parse_left(p, parse_add, HZ_TOKEN_CONCAT, HZ_TOKEN_CONTAINED, HZ_NODE_CONCAT, HZ_NODE_CONTAINED);
}

static bool at_range_word(const hz_parser *p)
{
    hz_keyword k = p->tok.keyword;
    return k == HZ_KEYWORD_BETWEEN || k == HZ_KEYWORD_IN || k == HZ_KEYWORD_LIKE || k == HZ_KEYWORD_MATCHES;
}

static hz_node *parse_between(hz_parser *p, hz_place at, hz_node *left)
{
    hz_node *low = parse_other(p);
    if (!low)
        return NULL;
    if (!accept_keyword(p, HZ_KEYWORD_AND))
        return hz_parse_fail_sign(p, "and", NULL);
    hz_node *high = parse_other(p);
    return high ? make_items(p, HZ_NODE_BETWEEN, at, (hz_node *const[]){left, low, high}, 3) : NULL;
}

static hz_node *parse_in_list(hz_parser *p, hz_place at, hz_node *left)
{
    path names = {NULL, 0, false};
    hz_slice id;
    hz_parse_advance(p);
    if (p->tok.kind == HZ_TOKEN_STRING) {
        if (!hz_parse_decode(p, &id, &p->tok))
            return NULL;
        hz_parse_advance(p);
    } else {
        if (!at_name(p))
            return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_LIST, HZ_MSG_EXPR_END_LIST);
        if (!parse_path(p, &names))
            return NULL;
        size_t len = names.count - 1;
        for (uint32_t i = 0; i < names.count; i++)
            len += names.names[i].len;
        char *bytes = hz_arena_alloc(p->arena, len);
        if (!bytes)
            return hz_parse_no_memory(p);
        id = (hz_slice){bytes, 0};
        for (uint32_t i = 0; i < names.count; i++) {
            if (i)
                bytes[id.len++] = '.';
            memcpy(bytes + id.len, names.names[i].ptr, names.names[i].len);
            id.len += names.names[i].len;
        }
    }
    hz_node *node = make_items(p, HZ_NODE_IN_LIST, at, &left, 1);
    if (node)
        node->text = id;
    return node;
}

static hz_node *parse_in(hz_parser *p, hz_place at, hz_node *left)
{
    if (hz_token_is_word(&p->tok, "list"))
        return parse_in_list(p, at, left);
    hz_token open = p->tok;
    node_list items = {NULL, 0, 0};
    if (!accept(p, HZ_TOKEN_OPEN))
        return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_IN, HZ_MSG_EXPR_END_IN);
    if (!push(p, &items, left) || !parse_items(p, &items, HZ_TOKEN_CLOSE, ")", &open))
        return NULL;
    return hz_parse_make(p, HZ_NODE_IN, at, items.at, items.count);
}

static hz_node *parse_matches(hz_parser *p, hz_place at, hz_node *left)
{
    hz_slice pattern;
    if (p->tok.kind != HZ_TOKEN_STRING)
        return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_PATTERN, HZ_MSG_EXPR_END_PATTERN);
    if (!hz_parse_decode(p, &pattern, &p->tok))
        return NULL;
    if (pattern.len > p->limits->value[HZ_LIMIT_PATTERN_BYTES])
        return hz_parse_fail_limit(p, HZ_LIMIT_PATTERN_BYTES, p->tok.offset, p->tok.len);
    hz_parse_advance(p);
    hz_node *node = make_items(p, HZ_NODE_MATCHES, at, &left, 1);
    if (node)
        node->text = pattern;
    return node;
}

static void *fail_chain(hz_parser *p)
{
    return HZ_PARSE_FAIL(p, &p->tok, HZ_MSG_EXPR_HINT_CHAIN, HZ_M(EXPR_CHAIN));
}

static hz_node *parse_range(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_node *left = parse_other(p);
    if (!left)
        return NULL;
    at.op_start = p->tok.offset;
    bool negated = accept_keyword(p, HZ_KEYWORD_NOT);
    if (!at_range_word(p))
        return negated ? hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_AFTER_NOT, HZ_MSG_EXPR_END_AFTER_NOT) : left;
    hz_keyword keyword = p->tok.keyword;
    at.op_end = p->tok.offset + p->tok.len;
    hz_parse_advance(p);
    hz_node *node = NULL;
    if (keyword == HZ_KEYWORD_BETWEEN) {
        node = parse_between(p, at, left);
    } else if (keyword == HZ_KEYWORD_IN) {
        node = parse_in(p, at, left);
    } else if (keyword == HZ_KEYWORD_MATCHES) {
        node = parse_matches(p, at, left);
    } else {
        hz_node *pattern = parse_other(p);
        if (pattern)
            node = make_binary(p, HZ_NODE_LIKE, at, left, pattern);
    }
    if (!node)
        return NULL;
    node->negated = negated;
    bool again = at_range_word(p) || p->tok.keyword == HZ_KEYWORD_NOT;
    return again ? fail_chain(p) : node;
}

static hz_node *parse_quantified(hz_parser *p, hz_place at, hz_node *left)
{
    bool all = p->tok.keyword == HZ_KEYWORD_ALL;
    hz_parse_advance(p);
    hz_token open = p->tok;
    if (!accept(p, HZ_TOKEN_OPEN))
        return hz_parse_fail_sign(p, "(", NULL);
    hz_node *array = parse_expr(p);
    if (!array)
        return NULL;
    if (!accept(p, HZ_TOKEN_CLOSE))
        return hz_parse_fail_sign(p, ")", &open);
    hz_node *node = make_binary(p, HZ_NODE_QUANTIFIED, at, left, array);
    if (node)
        node->negated = all;
    return node;
}

static hz_node *parse_cmp(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_node *left = parse_range(p), *node = NULL;
    if (!left || p->tok.kind != HZ_TOKEN_COMPARE)
        return left;
    hz_op op = p->tok.op;
    at.op_start = p->tok.offset;
    at.op_end = p->tok.offset + p->tok.len;
    hz_parse_advance(p);
    if (p->tok.keyword == HZ_KEYWORD_ANY || p->tok.keyword == HZ_KEYWORD_ALL) {
        node = parse_quantified(p, at, left);
    } else {
        hz_node *right = parse_range(p);
        if (right)
            node = make_binary(p, HZ_NODE_COMPARE, at, left, right);
    }
    if (!node)
        return NULL;
    node->op = op;
    return p->tok.kind == HZ_TOKEN_COMPARE ? fail_chain(p) : node;
}

static hz_node *parse_is(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_node *node = parse_cmp(p);
    if (!node || p->tok.keyword != HZ_KEYWORD_IS)
        return node;
    at.op_start = p->tok.offset;
    hz_parse_advance(p);
    bool negated = accept_keyword(p, HZ_KEYWORD_NOT);
    if (accept_keyword(p, HZ_KEYWORD_NULL)) {
        at.op_end = p->prev_end;
        node = make_items(p, HZ_NODE_IS_NULL, at, &node, 1);
    } else if (accept_keyword(p, HZ_KEYWORD_DISTINCT)) {
        if (!accept_keyword(p, HZ_KEYWORD_FROM))
            return hz_parse_fail_sign(p, "from", NULL);
        at.op_end = p->prev_end;
        hz_node *right = parse_cmp(p);
        node = right ? make_binary(p, HZ_NODE_DISTINCT, at, node, right) : NULL;
    } else {
        return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_IS, HZ_MSG_EXPR_END_IS);
    }
    if (!node)
        return NULL;
    node->negated = negated;
    return p->tok.keyword == HZ_KEYWORD_IS ? fail_chain(p) : node;
}

static hz_node *parse_not(hz_parser *p)
{
    if (p->tok.keyword != HZ_KEYWORD_NOT)
        return parse_is(p);
    hz_place at = hz_parse_here(p);
    if (!enter(p))
        return NULL;
    hz_parse_advance(p);
    hz_node *item = parse_not(p);
    return leave(p, item ? make_items(p, HZ_NODE_NOT, at, &item, 1) : NULL);
}

/* and, or: as many items as there are; brackets around an equal operator change nothing and are dropped. */
static hz_node *parse_logic(hz_parser *p, hz_node *(*tighter)(hz_parser *), hz_keyword keyword, hz_node_kind kind)
{
    hz_place at = hz_parse_here(p);
    hz_node *item = tighter(p);
    if (!item || p->tok.keyword != keyword)
        return item;
    node_list items = {NULL, 0, 0};
    at.op_start = p->tok.offset;
    at.op_end = p->tok.offset + p->tok.len;
    for (;;) {
        if (item->kind == kind) {
            for (uint32_t i = 0; i < item->items_count; i++)
                if (!push(p, &items, item->items[i]))
                    return NULL;
        } else if (!push(p, &items, item)) {
            return NULL;
        }
        if (!accept_keyword(p, keyword))
            break;
        item = tighter(p);
        if (!item)
            return NULL;
    }
    return hz_parse_make(p, kind, at, items.at, items.count);
}

static hz_node *parse_and(hz_parser *p)
{
    return parse_logic(p, parse_not, HZ_KEYWORD_AND, HZ_NODE_AND);
}

static hz_node *parse_expr(hz_parser *p)
{
    if (!enter(p))
        return NULL;
    return leave(p, parse_logic(p, parse_and, HZ_KEYWORD_OR, HZ_NODE_OR));
}

/* ---- the whole ---- */

static hz_node *parse_whole(hz_parser *p)
{
    hz_slice text = p->expr->text;
    size_t valid = hz_utf8_valid_prefix(text);
    if (valid < text.len)
        return hz_parse_fail_at(p, (uint32_t)valid, 1, HZ_MSG_NONE, HZ_ARGS(HZ_M(EXPR_NOT_UTF8)));
    p->lexer = (hz_lexer){text, 0};
    p->tok = hz_lex_next(&p->lexer);
    p->ahead = hz_lex_next(&p->lexer);
    if (p->tok.kind == HZ_TOKEN_END)
        return hz_parse_fail_at(p, 0, 0, HZ_MSG_NONE, HZ_ARGS(HZ_M(EXPR_EMPTY)));
    hz_node *root = parse_expr(p);
    if (!root || p->tok.kind == HZ_TOKEN_END)
        return root;
    return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_OPERATOR, HZ_MSG_EXPR_END_VALUE);
}

hz_status hz_expr_parse(hz_expr *expr, hz_arena *arena, const hz_limits *limits, hz_diags *diags, hz_error *err)
{
    hz_parser p = {.expr = expr, .arena = arena, .limits = limits, .diags = diags};
    expr->root = NULL;
    expr->nodes_count = 0;
    if (expr->text.len > limits->value[HZ_LIMIT_EXPR_BYTES])
        hz_parse_fail_limit(&p, HZ_LIMIT_EXPR_BYTES, 0, 0);
    else
        expr->root = parse_whole(&p);
    if (p.no_memory || diags->no_memory) {
        expr->root = NULL;
        return hz_nomem(err, sizeof(hz_tall_node));
    }
    return HZ_OK;
}
