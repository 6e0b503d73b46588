/* random_tree.h: random trees, such as the parser could have made, from a seed. Header only. Names may be anything that
 * a name can be. */
#ifndef HZ_TESTS_EXPR_RANDOM_TREE_H
#define HZ_TESTS_EXPR_RANDOM_TREE_H
#include "tests/unit/expr/fixture.h"

typedef struct random_tree {
    uint64_t state;
    hz_arena *arena;
} random_tree;

static FIXTURE_UNUSED uint32_t random_below(random_tree *r, uint32_t n)
{
    r->state = r->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((r->state >> 33) % n);
}

static FIXTURE_UNUSED hz_node *random_node(random_tree *r, hz_node_kind kind, uint32_t items_count)
{
    hz_node *node = HZ_ARENA_NEW(r->arena, hz_node);
    node->kind = kind;
    node->items_count = items_count;
    node->items = HZ_ARENA_ARRAY(r->arena, hz_node *, items_count);
    return node;
}

static FIXTURE_UNUSED hz_slice random_text(random_tree *r)
{
    static const char *const texts[] = {"", "a", "it's", "''", "中文", "-- no", "\"", "a\\", "%_", "\n", "{}", "𠮷"};
    return hz_slice_of(texts[random_below(r, sizeof texts / sizeof texts[0])]);
}

static FIXTURE_UNUSED hz_slice random_name(random_tree *r)
{
    static const char *const names[] = {"a",    "姓名",  "_1",       "end",  "END",  "a b",   "a\"b",
                                        "this", "date",  "interval", "list", "year", "as_of", "1a",
                                        "é",    "count", "distinct", "null", "x.y",  "'"};
    return hz_slice_of(names[random_below(r, sizeof names / sizeof names[0])]);
}

static FIXTURE_UNUSED void random_path(random_tree *r, hz_node *node)
{
    node->names_count = 1 + random_below(r, 3);
    node->names = HZ_ARENA_ARRAY(r->arena, hz_slice, node->names_count);
    for (uint32_t i = 0; i < node->names_count; i++)
        node->names[i] = random_name(r);
    node->names_this = random_below(r, 4) == 0;
}

static FIXTURE_UNUSED hz_node *random_literal(random_tree *r)
{
    hz_node *node = random_node(r, HZ_NODE_LITERAL, 0);
    hz_value *v = &node->value;
    static const hz_type types[] = {HZ_TYPE_NULL, HZ_TYPE_BOOLEAN,   HZ_TYPE_TEXT, HZ_TYPE_INTEGER, HZ_TYPE_DECIMAL,
                                    HZ_TYPE_DATE, HZ_TYPE_TIMESTAMP, HZ_TYPE_TIME, HZ_TYPE_INTERVAL};
    v->type = types[random_below(r, sizeof types / sizeof types[0])];
    v->valid = v->type != HZ_TYPE_NULL;
    int32_t n = (int32_t)random_below(r, 4000) - 2000;
    switch (v->type) {
    case HZ_TYPE_NULL:
        break;
    case HZ_TYPE_BOOLEAN:
        v->as.boolean = random_below(r, 2) == 0;
        break;
    case HZ_TYPE_TEXT:
        v->as.text = random_text(r);
        break;
    case HZ_TYPE_INTEGER:
        v->as.i64 = random_below(r, 1000);
        break;
    case HZ_TYPE_DECIMAL:
        v->as.decimal = (hz_decimal){random_below(r, 100000), 1 + (int32_t)random_below(r, 7)};
        break;
    case HZ_TYPE_DATE:
        v->as.i64 = n * 10;
        break;
    case HZ_TYPE_TIMESTAMP:
        v->as.i64 = n * INT64_C(86400123456) * 100;
        break;
    case HZ_TYPE_TIME:
        v->as.i64 = random_below(r, 86400) * INT64_C(1000000) + random_below(r, 2) * 500;
        break;
    default:
        v->as.interval = (hz_interval){n, 0, 0};
        if (random_below(r, 2))
            v->as.interval = (hz_interval){0, n, 0};
        break;
    }
    return node;
}

static FIXTURE_UNUSED hz_node *random_leaf(random_tree *r)
{
    hz_node *node;
    switch (random_below(r, 4)) {
    case 0:
        return random_node(r, HZ_NODE_AS_OF, 0);
    case 1:
        node = random_node(r, HZ_NODE_PARAM, 0);
        node->names = HZ_ARENA_NEW(r->arena, hz_slice);
        node->names[0] = random_name(r);
        node->names_count = 1;
        return node;
    case 2:
        node = random_node(r, HZ_NODE_NAME, 0);
        random_path(r, node);
        return node;
    default:
        return random_literal(r);
    }
}

static FIXTURE_UNUSED hz_node *random_expr(random_tree *r, int depth);

static FIXTURE_UNUSED hz_node *random_filled(random_tree *r, int depth, hz_node_kind kind, uint32_t items_count)
{
    hz_node *node = random_node(r, kind, items_count);
    for (uint32_t i = 0; i < items_count; i++)
        do
            node->items[i] = random_expr(r, depth - 1);
        while ((kind == HZ_NODE_AND || kind == HZ_NODE_OR) &&
               node->items[i]->kind == kind); /* the parser makes one of two */
    return node;
}

static FIXTURE_UNUSED hz_node *random_aggregate(random_tree *r, int depth)
{
    hz_node *node = random_node(r, HZ_NODE_AGGREGATE, 2);
    node->agg = (hz_aggregate)random_below(r, HZ_AGG_EVERY + 1);
    node->star = random_below(r, 3) == 0;
    if (!node->star)
        random_path(r, node);
    for (int i = 0; i < 2; i++)
        if (random_below(r, 2))
            node->items[i] = random_expr(r, depth - 1);
    return node;
}

static FIXTURE_UNUSED hz_node *random_case(random_tree *r, int depth)
{
    bool has_subject = random_below(r, 2), has_else = random_below(r, 2);
    uint32_t count = 2 * (1 + random_below(r, 2)) + (has_subject ? 1 : 0) + (has_else ? 1 : 0);
    hz_node *node = random_filled(r, depth, HZ_NODE_CASE, count);
    node->has_subject = has_subject;
    node->has_else = has_else;
    return node;
}

static FIXTURE_UNUSED hz_node *random_expr(random_tree *r, int depth)
{
    static const struct {
        hz_node_kind kind;
        uint32_t items;
    } kinds[] = {{HZ_NODE_NOT, 1},       {HZ_NODE_NEG, 1},        {HZ_NODE_POS, 1},     {HZ_NODE_AND, 0},
                 {HZ_NODE_OR, 0},        {HZ_NODE_COMPARE, 2},    {HZ_NODE_ARITH, 2},   {HZ_NODE_CONCAT, 2},
                 {HZ_NODE_CONTAINED, 2}, {HZ_NODE_QUANTIFIED, 2}, {HZ_NODE_IS_NULL, 1}, {HZ_NODE_DISTINCT, 2},
                 {HZ_NODE_BETWEEN, 3},   {HZ_NODE_IN, 0},         {HZ_NODE_IN_LIST, 1}, {HZ_NODE_LIKE, 2},
                 {HZ_NODE_MATCHES, 1},   {HZ_NODE_CASE, 0},       {HZ_NODE_CALL, 0},    {HZ_NODE_ARRAY, 0},
                 {HZ_NODE_AGGREGATE, 0}};
    if (depth <= 0 || random_below(r, 5) == 0)
        return random_leaf(r);
    uint32_t pick = random_below(r, sizeof kinds / sizeof kinds[0]);
    hz_node_kind kind = kinds[pick].kind;
    if (kind == HZ_NODE_CASE)
        return random_case(r, depth);
    if (kind == HZ_NODE_AGGREGATE)
        return random_aggregate(r, depth);
    uint32_t count = kinds[pick].items;
    if (kind == HZ_NODE_CALL)
        count = random_below(r, 4);
    else if (!count)
        count = (kind == HZ_NODE_ARRAY ? 1 : 2) + random_below(r, 3);
    hz_node *node = random_filled(r, depth, kind, count);
    switch (kind) {
    case HZ_NODE_COMPARE:
    case HZ_NODE_QUANTIFIED:
        node->op = (hz_op)(HZ_OP_EQ + random_below(r, HZ_OP_GE));
        node->negated = kind == HZ_NODE_QUANTIFIED && random_below(r, 2);
        break;
    case HZ_NODE_ARITH:
        node->op = (hz_op)(HZ_OP_ADD + random_below(r, 4));
        break;
    case HZ_NODE_CALL:
        node->function = (hz_function)random_below(r, HZ_FUNC_COUNT);
        break;
    case HZ_NODE_MATCHES:
        node->text = random_text(r);
        break;
    case HZ_NODE_IN_LIST: {
        static const char *const ids[] = {"a.b", "GB/T 3304", "this.a", "a..b", "", "中文", "end.x", "it's", "this"};
        node->text = hz_slice_of(ids[random_below(r, sizeof ids / sizeof ids[0])]);
        break;
    }
    default:
        break;
    }
    if (kind == HZ_NODE_IS_NULL || kind == HZ_NODE_DISTINCT || (kind >= HZ_NODE_BETWEEN && kind <= HZ_NODE_MATCHES))
        node->negated = random_below(r, 2);
    return node;
}
#endif
