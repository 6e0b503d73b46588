/* generate_relate.c: rows come to be related, or cease to be. A related row is made, or one that is there is taken: the
 * row's own side of the relation is turned to it, or, for defects, its side is turned to the row. A side is a field or
 * an expression over one: left(id_no, 6) is moved by a number with another division. */
#include "validator/tasks/generate_int.h"

enum { OWN_MAX = 10, OPTIONAL_MAX = 6, EXTERNAL_MAX = 40 }; /* rows of a table in a family */

/* The only field that an expression reads; NULL. */
static const hz_field *field_of(const hz_node *node)
{
    if (!node)
        return NULL;
    if (node->kind == HZ_NODE_FIELD)
        return node->field;
    for (uint32_t i = 0; i < node->items_count; i++) {
        const hz_field *field = field_of(node->items[i]);
        if (field)
            return field;
    }
    return NULL;
}

static void link_cell(hz_gen_block *block, hz_gen_row *row, const hz_expr *mine, hz_gen_row *other,
                      const hz_expr *theirs)
{
    const hz_gen_env here = {row, NULL, row->period}, there = {other, NULL, row->period};
    const hz_field *own = field_of(mine->root), *from = field_of(theirs->root);
    if (!own || (block->plan->tables[row->table->index].fields[own->index].year && !block->journal))
        return;
    hz_gval v = hz_gen_value(block, theirs->root, &there);
    if (v.state != HZ_GEN_VALID)
        return;
    if (mine->root->kind == HZ_NODE_FIELD) {
        (void)hz_gen_set(block, row, own, v);
        return;
    }
    hz_gval now = hz_gen_value(block, mine->root, &here);
    if (now.state == HZ_GEN_VALID && hz_gval_cmp(now, v) == 0)
        return;
    if (from)
        (void)hz_gen_set(block, row, own, other->cells[from->index].value);
}

void hz_gen_link_row(hz_gen_block *block, hz_gen_row *row, hz_gen_row *parent)
{
    const hz_gen_table *table = &block->plan->tables[row->table->index];
    for (size_t i = 0; parent && i < table->links_count; i++) {
        const hz_gen_link *link = &table->links[i];
        if (link->mine)
            link_cell(block, row, link->mine, parent, link->theirs);
        else
            (void)hz_gen_set(block, row, link->mine_field, parent->cells[link->theirs_field->index].value);
    }
}

/* The row that stands for the same thing in another period. */
static hz_gen_row *twin_of(hz_gen_block *block, hz_gen_row *row, uint32_t period)
{
    hz_gen_list *list = hz_gen_list_of(block, row->family, row->table->index, period);
    const hz_field *key = row->table->key_count ? row->table->key[0] : NULL;
    for (size_t i = 0; key && i < list->count; i++)
        if (hz_slice_eq(list->rows[i]->cells[key->index].text, row->cells[key->index].text))
            return list->rows[i];
    return NULL;
}

static hz_gen_row *parent_for(hz_gen_block *block, const hz_gen_table *table, hz_gen_row *row, uint32_t family,
                              uint32_t period)
{
    hz_gen_row *at = row;
    while (at && at->table->index != table->parent)
        at = at->parent;
    if (at && at->period != period)
        at = twin_of(block, at, period);
    if (at || table->parent == UINT32_MAX)
        return at;
    hz_gen_list *list = hz_gen_list_of(block, family, table->parent, period);
    return list->count ? list->rows[hz_rand_below(&block->rand, list->count)] : NULL;
}

hz_gen_row *hz_gen_row_beside(hz_gen_block *block, const hz_table *table, hz_gen_row *row)
{
    const hz_gen_table *known = &block->plan->tables[table->index];
    bool own = known->role == HZ_GEN_FAMILY;
    hz_gen_row *parent = own ? parent_for(block, known, row, row->family, row->period) : NULL;
    hz_gen_row *made = hz_gen_row_add(block, table, row->period, own ? row->family : 0, parent);
    if (made)
        hz_gen_link_row(block, made, parent);
    return made;
}

static bool own_key(const hz_table *table, const hz_node *node)
{
    for (size_t k = 0; k < table->key_count; k++)
        if (node->kind == HZ_NODE_FIELD && node->field == table->key[k])
            return true;
    return false;
}

/* Takes the row's side of a relation to a row that is there; its own key stays. */
static hz_gen_row *turn_to(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env, uint32_t period)
{
    hz_gen_row *row = env->row;
    hz_gen_list *list = hz_gen_list_of(block, row->family, relation->to->index, period);
    if (!list->count)
        list = hz_gen_list_of(block, 0, relation->to->index, period);
    if (!list->count)
        return NULL;
    hz_gen_row *other = list->rows[hz_rand_below(&block->rand, list->count)];
    for (size_t i = 0; i < relation->on_count; i++)
        if (!own_key(row->table, relation->on_from[i].root))
            link_cell(block, row, &relation->on_from[i], other, &relation->on_to[i]);
    hz_gen_list now = hz_gen_related_list(block, relation, env);
    return now.count ? now.rows[0] : NULL;
}

hz_gen_row *hz_gen_bring(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env)
{
    uint32_t period = env->row->period + relation->to_period - relation->from_period;
    if (period >= block->plan->options->periods)
        return NULL;
    uint32_t families = block->families_count + 1, from = (uint32_t)hz_rand_below(&block->rand, families);
    for (uint32_t f = 0; f < families; f++) {
        hz_gen_list *list = hz_gen_list_of(block, (from + f) % families, relation->to->index, period);
        size_t first = list->count ? (size_t)hz_rand_below(&block->rand, list->count) : 0;
        for (size_t i = 0; i < list->count; i++) {
            hz_gen_row *other = list->rows[(first + i) % list->count];
            if (other == env->row)
                continue;
            for (size_t k = 0; k < relation->on_count; k++)
                link_cell(block, other, &relation->on_to[k], env->row, &relation->on_from[k]);
            return other;
        }
    }
    return NULL;
}

/* The row's side of a relation leads nowhere any more. */
static bool turn_away(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env)
{
    for (size_t i = 0; i < relation->on_count; i++) {
        const hz_node *node = relation->on_from[i].root;
        if (node->kind != HZ_NODE_FIELD || node->field->value_type != HZ_TYPE_TEXT || own_key(env->row->table, node))
            continue;
        if (block->plan->tables[env->row->table->index].fields[node->field->index].kind == HZ_GEN_RESIDENT) {
            hz_gen_draw(block, env->row, node->field, false); /* another person, whom nobody knows */
            return true;
        }
        hz_slice now = env->row->cells[node->field->index].text;
        char *text = hz_gen_alloc(block, now.len + 1);
        if (!text || !now.len)
            return false;
        for (size_t k = 0; k < now.len; k++) /* no atom, and no key either */
            text[k] = now.ptr[k] >= '0' && now.ptr[k] <= '9' ? (char)('9' - (now.ptr[k] - '0')) : now.ptr[k];
        return hz_gen_set(block, env->row, node->field, hz_gval_text((hz_slice){text, now.len}));
    }
    return false;
}

/* The same of a side that is an expression: its last two characters are moved until nothing is there. */
static bool move_away(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env)
{
    enum { ENDS = 10 };
    for (size_t i = 0; i < relation->on_count; i++) {
        const hz_node *node = relation->on_from[i].root;
        const hz_field *field = field_of(node);
        if (node->kind == HZ_NODE_FIELD || node->type != HZ_TYPE_TEXT || !field)
            continue;
        hz_gval now = hz_gen_value(block, node, env);
        for (int end = 0; end < ENDS && now.state == HZ_GEN_VALID && now.as.text.len > 2; end++) {
            char *text = hz_gen_alloc(block, now.as.text.len + 1);
            if (!text)
                return false;
            memcpy(text, now.as.text.ptr, now.as.text.len);
            text[now.as.text.len - 2] = '9';
            text[now.as.text.len - 1] = (char)('0' + end);
            if (hz_gen_aim(block, node, env, HZ_OP_EQ, hz_gval_text((hz_slice){text, now.as.text.len})) &&
                !hz_gen_related_list(block, relation, env).count)
                return true;
        }
        if (block->plan->tables[env->row->table->index].fields[field->index].kind == HZ_GEN_RESIDENT) {
            hz_gen_draw(block, env->row, field, false);
            return true;
        }
    }
    return false;
}

bool hz_gen_part(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env)
{
    return turn_away(block, relation, env) || move_away(block, relation, env);
}

bool hz_gen_turn_to_included(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    const hz_relation *relation = node->steps[node->steps_count - 1];
    const hz_gen_table *table = &block->plan->tables[relation->to->index];
    size_t from = table->rows_count ? (size_t)hz_rand_below(&block->rand, table->rows_count) : 0;
    bool known;
    for (size_t i = 0; i < table->rows_count; i++) {
        hz_gen_row *row = table->rows[(from + i) % table->rows_count];
        const hz_gen_env there = {row, env, env->base};
        if (!hz_gval_holds(hz_gen_value(block, node->items[0], &there), op, target, &known))
            continue;
        size_t mark = block->undo_count;
        for (size_t k = 0; k < relation->on_count; k++) {
            hz_gval key = hz_gen_value(block, relation->on_to[k].root, &there);
            if (key.state == HZ_GEN_VALID)
                (void)hz_gen_aim(block, relation->on_from[k].root, env, HZ_OP_EQ, key);
        }
        if (hz_gval_holds(hz_gen_value(block, node, env), op, target, &known))
            return true;
        hz_gen_undo_to(block, mark);
    }
    return false;
}

/* For defects: the asking row is given the key that an expression over the other comes to. */
static void meet(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env, hz_gen_row *other)
{
    const hz_gen_env there = {other, NULL, env->base};
    for (size_t i = 0; i < relation->on_count; i++) {
        const hz_node *mine = relation->on_from[i].root, *theirs = relation->on_to[i].root;
        hz_gval key = hz_gen_value(block, theirs, &there);
        if (mine->kind == HZ_NODE_FIELD && theirs->kind != HZ_NODE_FIELD && key.state == HZ_GEN_VALID)
            (void)hz_gen_set(block, env->row, mine->field, key);
    }
}

hz_gen_row *hz_gen_relate(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env)
{
    const hz_gen_table *table = &block->plan->tables[relation->to->index];
    uint32_t period = env->row->period + relation->to_period - relation->from_period;
    hz_gen_row *row;
    if (table->role == HZ_GEN_NONE || table->role == HZ_GEN_INCLUDED || period >= block->plan->options->periods)
        return NULL;
    if ((table->role == HZ_GEN_SHARED && env->row->family) ||
        hz_gen_keyed(relation->to, relation->on_to, relation->on_count)) {
        row = turn_to(block, relation, env, period);
        if (row)
            return row;
    }
    uint32_t family = env->row->family;
    if (block->journal && !family && table->role == HZ_GEN_FAMILY && block->families_count)
        family = 1 + (uint32_t)hz_rand_below(&block->rand, block->families_count);
    if (table->role == HZ_GEN_ROOT || (table->role == HZ_GEN_FAMILY && !family))
        return NULL;
    for (size_t i = 0; i < relation->on_count; i++) { /* nothing is related by what is missing */
        const hz_node *mine = relation->on_from[i].root;
        if (mine->kind != HZ_NODE_FIELD || env->row->cells[mine->field->index].value.state != HZ_GEN_NULL)
            continue;
        hz_gen_draw(block, env->row, mine->field, false);
        if (env->row->cells[mine->field->index].value.state != HZ_GEN_VALID)
            return NULL;
    }
    if (hz_gen_list_of(block, family, relation->to->index, period)->count >= (table->table->external   ? EXTERNAL_MAX
                                                                              : table->table->optional ? OPTIONAL_MAX
                                                                                                       : OWN_MAX))
        return NULL;
    hz_gen_row *parent = table->role == HZ_GEN_FAMILY ? parent_for(block, table, env->row, family, period) : NULL;
    row = hz_gen_row_add(block, relation->to, period, table->role == HZ_GEN_SHARED ? 0 : family, parent);
    if (!row)
        return NULL;
    if (parent)
        hz_gen_link_row(block, row, parent);
    for (size_t i = 0; i < relation->on_count; i++)
        link_cell(block, row, &relation->on_to[i], env->row, &relation->on_from[i]);
    hz_gen_draw_row(block, row);
    for (size_t i = 0; i < relation->on_count; i++)
        link_cell(block, row, &relation->on_to[i], env->row, &relation->on_from[i]);
    if (relation->where.root) {
        const hz_gen_env there = {row, NULL, env->base};
        (void)hz_gen_force(block, relation->where.root, &there, true);
    }
    if (block->journal && !hz_gen_related_list(block, relation, env).count)
        meet(block, relation, env, row);
    return row;
}
