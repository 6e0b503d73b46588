/* plan_pair.c: aggregates whose expression or condition reads the outer row. See plan.h, hz_plan_pairs.
 *
 * The condition is taken apart at its top-level `and`: a row is taken only where every part is TRUE, so that a part
 * that reads one of the two rows alone is asked of that row alone, before rows meet. */
#include "base/alloc.h"
#include "profiles/expr/check.h"
#include "validator/engine/plan_int.h"

/* ---- which row a tree reads ---- */

enum { READS_INNER = 1, READS_OUTER = 2 };

static unsigned rows_of(const hz_node *node)
{
    unsigned rows = 0;
    if (!node)
        return 0;
    if (node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH)
        rows = node->scope ? READS_OUTER : READS_INNER;
    for (uint32_t i = 0; i < node->items_count; i++)
        rows |= rows_of(node->items[i]);
    return rows;
}

bool hz_plan_is_correlated(const hz_node *aggregate)
{
    return aggregate->kind == HZ_NODE_AGGREGATE &&
           (rows_of(aggregate->items[0]) | rows_of(aggregate->items[1])) & READS_OUTER;
}

/* The tree over the outer row as its own. NULL: no memory. */
static hz_node *lowered(hz_plan *plan, const hz_node *node)
{
    hz_node *copy = HZ_ARENA_NEW(plan->arena, hz_node);
    hz_node **items = HZ_ARENA_ARRAY(plan->arena, hz_node *, node->items_count + 1);
    if (!copy || !items)
        return NULL;
    *copy = *node;
    copy->items = items;
    copy->scope = 0;
    for (uint32_t i = 0; i < node->items_count; i++) {
        items[i] = node->items[i] ? lowered(plan, node->items[i]) : NULL;
        if (node->items[i] && !items[i])
            return NULL;
    }
    return copy;
}

/* ---- the parts of a condition ---- */

typedef struct parts {
    hz_node *inner, *outer, *rest; /* joined by `and`; NULL: none */
    size_t rest_count;
    hz_node *keys[HZ_KEY_PARTS_MAX]; /* inner = outer */
    size_t keys_count, keys_max;
} parts;

/* The side of a comparison that reads the one row, where the other side reads the other; NULL: it is not so. */
static hz_node *side_of(const hz_node *compare, unsigned rows)
{
    unsigned left = rows_of(compare->items[0]), right = rows_of(compare->items[1]);
    if (left + right != (READS_INNER | READS_OUTER) || !left || !right)
        return NULL;
    return compare->items[left == rows ? 0 : 1];
}

static bool is_numeric(hz_type type)
{
    return type == HZ_TYPE_INTEGER || type == HZ_TYPE_DECIMAL;
}

static bool is_key(const hz_node *node)
{
    if (node->kind != HZ_NODE_COMPARE || node->op != HZ_OP_EQ || !side_of(node, READS_INNER))
        return false;
    hz_type a = node->items[0]->type, b = node->items[1]->type;
    return (a == b && a != HZ_TYPE_ARRAY && a != HZ_TYPE_NULL) || (is_numeric(a) && is_numeric(b));
}

static hz_status join(hz_node **into, hz_plan *plan, hz_node *node, hz_error *err)
{
    *into = *into ? hz_plan_pair_node(plan, HZ_NODE_AND, HZ_OP_NONE, HZ_TYPE_BOOLEAN, *into, node) : node;
    return *into ? HZ_OK : hz_nomem(err, sizeof **into);
}

static hz_status take_part(parts *p, hz_plan *plan, hz_node *node, hz_error *err)
{
    unsigned rows = rows_of(node);
    if (!(rows & READS_OUTER))
        return join(&p->inner, plan, node, err);
    if (!(rows & READS_INNER))
        return join(&p->outer, plan, node, err);
    if (is_key(node) && p->keys_count < p->keys_max) {
        p->keys[p->keys_count++] = node;
        return HZ_OK;
    }
    p->rest_count++;
    return join(&p->rest, plan, node, err);
}

static hz_status take_apart(parts *p, hz_plan *plan, hz_node *cond, hz_error *err)
{
    if (!cond)
        return HZ_OK;
    if (cond->kind != HZ_NODE_AND)
        return take_part(p, plan, cond, err);
    for (uint32_t i = 0; i < cond->items_count; i++)
        HZ_TRY(take_part(p, plan, cond->items[i], err));
    return HZ_OK;
}

/* every(REL, a < b) is: none where a >= b. NULL: not that form. */
static hz_node *turned(hz_plan *plan, const hz_node *node)
{
    static const hz_op opposite[][2] = {{HZ_OP_EQ, HZ_OP_NE}, {HZ_OP_NE, HZ_OP_EQ}, {HZ_OP_LT, HZ_OP_GE},
                                        {HZ_OP_GE, HZ_OP_LT}, {HZ_OP_GT, HZ_OP_LE}, {HZ_OP_LE, HZ_OP_GT}};
    for (size_t i = 0; node->kind == HZ_NODE_COMPARE && i < sizeof opposite / sizeof *opposite; i++)
        if (opposite[i][0] == node->op)
            return hz_plan_pair_node(plan, HZ_NODE_COMPARE, opposite[i][1], HZ_TYPE_BOOLEAN, node->items[0],
                                     node->items[1]);
    return NULL;
}

/* ---- a correlated aggregate on its way to a column ---- */

typedef struct making {
    hz_plan *plan;
    hz_plan_column *column;
    hz_plan_link link;
    unsigned inner_level;
    hz_plan_pairs *pairs;
    hz_error *err;
} making;

/* Relates and compiles a tree over one of the two rows. */
static hz_status own_program(hz_program **out, making *m, const hz_node *node, bool outer)
{
    uint32_t sheet = outer ? m->column->sheet : m->link.sheet;
    HZ_TRY(hz_plan_relate(outer ? &m->link.level : &m->inner_level, m->plan, sheet, node, m->err));
    return hz_plan_compile(out, m->plan, node, m->err);
}

/* Steps that lead to the relation: its keys are looked up behind them. */
static hz_status look_up_keys(making *m, const hz_node *aggregate)
{
    for (size_t i = 0; aggregate->steps_count > 1 && i < m->link.own_count; i++) {
        const hz_node *key = m->link.from[i];
        hz_node *path = HZ_ARENA_NEW(m->plan->arena, hz_node);
        hz_node **items = HZ_ARENA_ARRAY(m->plan->arena, hz_node *, 1);
        if (!path || !items)
            return hz_nomem(m->err, sizeof *path);
        *items = (hz_node *)(uintptr_t)key; /* trees are not written to */
        *path = (hz_node){.kind = HZ_NODE_PATH,
                          .type = key->type,
                          .item_type = key->item_type,
                          .mask = key->mask,
                          .items = items,
                          .items_count = 1,
                          .steps = aggregate->steps,
                          .steps_count = aggregate->steps_count - 1};
        m->link.from[i] = path;
    }
    m->link.lookup = aggregate->steps_count > 1 ? m->link.from[0] : NULL;
    return HZ_OK;
}

static hz_status make_link(making *m, const hz_node *aggregate, const parts *p)
{
    hz_plan_link *link = &m->link;
    for (uint32_t s = 0; s < aggregate->steps_count; s++)
        link->sheet = hz_plan_sheet_behind(m->plan, aggregate->steps[s], s ? link->sheet : m->column->sheet);
    HZ_TRY(hz_plan_link_keys(link, m->plan, aggregate->steps[aggregate->steps_count - 1], p->keys_count, m->err));
    HZ_TRY(look_up_keys(m, aggregate));
    for (size_t k = 0; k < p->keys_count; k++) {
        hz_node *outer = lowered(m->plan, side_of(p->keys[k], READS_OUTER));
        if (!outer)
            return hz_nomem(m->err, sizeof *outer);
        link->to[link->count] = side_of(p->keys[k], READS_INNER);
        HZ_TRY(hz_plan_relate(&m->inner_level, m->plan, link->sheet, link->to[link->count], m->err));
        link->from[link->count++] = outer;
    }
    for (size_t k = 0; k < link->count; k++)
        HZ_TRY(hz_plan_relate(&link->level, m->plan, m->column->sheet, link->from[k], m->err));
    if (p->outer) {
        link->cond = lowered(m->plan, p->outer);
        if (!link->cond)
            return hz_nomem(m->err, sizeof *link->cond);
        HZ_TRY(hz_plan_relate(&link->level, m->plan, m->column->sheet, link->cond, m->err));
    }
    return HZ_OK;
}

/* ---- cells ---- */

static hz_status add_cell(making *m, bool outer, const hz_node *own, hz_plan_cell cell)
{
    hz_plan_cell **cells = outer ? &m->pairs->asking : &m->pairs->related;
    size_t *count = outer ? &m->pairs->asking_count : &m->pairs->related_count;
    hz_plan_cell *more = HZ_ARENA_ARRAY(m->plan->arena, hz_plan_cell, *count + 1);
    if (!own || !more)
        return hz_nomem(m->err, sizeof *more);
    if (*count)
        memcpy(more, *cells, *count * sizeof *more);
    if (cell.type == HZ_TYPE_NULL) {
        cell.type = own->type;
        cell.item_type = own->item_type;
    }
    HZ_TRY(own_program(&cell.program, m, own, outer));
    more[(*count)++] = cell;
    *cells = more;
    return HZ_OK;
}

static hz_node *raw_node(hz_plan *plan, const hz_field *field)
{
    hz_node *call = HZ_ARENA_NEW(plan->arena, hz_node);
    hz_node **items = HZ_ARENA_ARRAY(plan->arena, hz_node *, 1);
    if (!call || !items)
        return NULL;
    *items = hz_plan_field_node(plan, field);
    *call = (hz_node){
        .kind = HZ_NODE_CALL, .function = HZ_FUNC_RAW, .type = HZ_TYPE_TEXT, .items = items, .items_count = 1};
    return *items ? call : NULL;
}

static bool has_cell(const hz_plan_pairs *pairs, const hz_plan_cell *want)
{
    for (size_t i = 0; i < pairs->related_count; i++)
        if (pairs->related[i].field == want->field && pairs->related[i].raw == want->raw &&
            pairs->related[i].node == want->node)
            return true;
    for (size_t i = 0; want->node && i < pairs->asking_count; i++)
        if (pairs->asking[i].node == want->node)
            return true;
    return false;
}

/* Cells for what a program over pairs reads. */
static hz_status cells_of(making *m, const hz_program *program)
{
    const hz_field *const *fields;
    const hz_node *const *nodes;
    for (unsigned raw = 0; raw < 2; raw++) {
        size_t count = raw ? hz_program_raw_fields(program, &fields) : hz_program_fields(program, &fields);
        for (size_t i = 0; i < count; i++) {
            hz_plan_cell cell = {.field = fields[i], .raw = raw};
            if (has_cell(m->pairs, &cell))
                continue;
            HZ_TRY(
                add_cell(m, false, raw ? raw_node(m->plan, fields[i]) : hz_plan_field_node(m->plan, fields[i]), cell));
        }
    }
    size_t count = hz_program_relational(program, &nodes);
    for (size_t i = 0; i < count; i++) {
        hz_plan_cell cell = {.node = nodes[i]};
        bool outer = rows_of(nodes[i]) & READS_OUTER;
        if (!has_cell(m->pairs, &cell))
            HZ_TRY(add_cell(m, outer, outer ? lowered(m->plan, nodes[i]) : nodes[i], cell));
    }
    return HZ_OK;
}

static hz_status pairwise(making *m, hz_node *cond, const hz_node *expr)
{
    HZ_TRY(hz_plan_compile(&m->pairs->cond, m->plan, cond, m->err));
    HZ_TRY(hz_plan_compile(&m->pairs->expr, m->plan, expr, m->err));
    if (cond)
        HZ_TRY(cells_of(m, m->pairs->cond));
    return expr ? cells_of(m, m->pairs->expr) : HZ_OK;
}

/* ---- by order ---- */

static bool is_order(const hz_node *node)
{
    bool order = node->op == HZ_OP_LT || node->op == HZ_OP_LE || node->op == HZ_OP_GT || node->op == HZ_OP_GE;
    return node->kind == HZ_NODE_COMPARE && order && side_of(node, READS_INNER);
}

static hz_op turned_round(hz_op op)
{
    switch (op) {
    case HZ_OP_LT:
        return HZ_OP_GT;
    case HZ_OP_LE:
        return HZ_OP_GE;
    case HZ_OP_GT:
        return HZ_OP_LT;
    default:
        return HZ_OP_LE;
    }
}

/* The type that both sides are brought to. */
static hz_type order_type(const hz_node *inner, const hz_node *outer)
{
    if (is_numeric(inner->type))
        return inner->kind == HZ_NODE_FIELD && outer->kind == HZ_NODE_FIELD && inner->type == outer->type
                   ? inner->type
                   : HZ_TYPE_DECIMAL;
    return inner->type == HZ_TYPE_DATE ? outer->type : inner->type;
}

static hz_status by_order(making *m, const hz_node *compare, const hz_node *expr)
{
    const hz_node *inner = side_of(compare, READS_INNER), *outer = side_of(compare, READS_OUTER);
    hz_plan_cell cell = {.type = order_type(inner, outer)};
    m->pairs->order = inner == compare->items[0] ? compare->op : turned_round(compare->op);
    HZ_TRY(add_cell(m, false, inner, cell));
    HZ_TRY(add_cell(m, true, lowered(m->plan, outer), cell));
    return expr ? add_cell(m, false, expr, (hz_plan_cell){.type = HZ_TYPE_NULL}) : HZ_OK;
}

hz_status hz_plan_correlated(hz_plan *plan, hz_plan_column *column, const hz_node *aggregate, hz_error *err)
{
    making m = {.plan = plan, .column = column, .err = err};
    const hz_node *expr = aggregate->items[0];
    hz_node *cond = aggregate->items[1];
    hz_plan_slot slot = {.kind = hz_slot_kind_of(aggregate->agg), .node = aggregate};
    size_t own = aggregate->steps[aggregate->steps_count - 1]->on_count;
    parts p = {.keys_max = own < HZ_KEY_PARTS_MAX ? HZ_KEY_PARTS_MAX - own : 0};
    hz_node *none = aggregate->agg == HZ_AGG_EVERY ? turned(plan, expr) : NULL;
    if (none) {
        cond = none;
        expr = NULL;
        slot.kind = HZ_SLOT_COUNT;
    }
    HZ_TRY(take_apart(&p, plan, cond, err));
    HZ_TRY(make_link(&m, aggregate, &p));
    bool outer_expr = rows_of(expr) & READS_OUTER;
    bool order = p.rest_count == 1 && is_order(p.rest) && !outer_expr && slot.kind != HZ_SLOT_DISTINCT;
    slot.cond_node = p.inner;
    slot.type = expr ? expr->type : HZ_TYPE_NULL;
    if (p.rest || outer_expr) {
        m.pairs = HZ_ARENA_NEW(plan->arena, hz_plan_pairs);
        if (!m.pairs)
            return hz_nomem(err, sizeof *m.pairs);
        HZ_TRY(order ? by_order(&m, p.rest, expr) : pairwise(&m, p.rest, expr));
    }
    if (!m.pairs || order)
        slot.expr_node = expr;
    HZ_TRY(hz_plan_relate(&m.inner_level, plan, m.link.sheet, slot.cond_node, err));
    HZ_TRY(hz_plan_relate(&m.inner_level, plan, m.link.sheet, slot.expr_node, err));
    column->level = 1 + (m.inner_level > m.link.level ? m.inner_level : m.link.level);
    return hz_plan_use_slot(plan, column, &m.link, slot, m.pairs, err);
}
