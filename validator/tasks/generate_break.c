/* generate_break.c: one row comes to break a rule. What mends a row the other way round: the condition of the rule is
 * made to hold and what it asserts is not. Whether that worked is for the judges to say. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

/* ---- ways to break a constraint ---- */

hz_slice hz_gen_wrong_text(hz_gen_block *block, const hz_field *field, hz_slice now)
{
    hz_buf text = HZ_BUF_INIT;
    switch (field->type) {
    case HZ_FIELD_INTEGER:
    case HZ_FIELD_DECIMAL:
        hz_buf_put(&text, now.len ? now : HZ_SLICE_LIT("1"));
        hz_buf_puts(&text, "O");
        break;
    case HZ_FIELD_BOOLEAN:
        hz_buf_puts(&text, "X");
        break;
    case HZ_FIELD_CODES:
        hz_buf_puts(&text, "??");
        break;
    case HZ_FIELD_SEMANTIC:
        if (now.len >= 18 && field->semtypes[0] != HZ_SEMTYPE_DIVISION) { /* another check character */
            hz_buf_put(&text, hz_slice_sub(now, 0, 17));
            hz_buf_putc(&text, now.ptr[17] == '5' ? '6' : '5');
            hz_buf_put(&text, hz_slice_sub(now, 18, now.len));
        } else if (field->semtypes[0] == HZ_SEMTYPE_DIVISION) {
            hz_buf_puts(&text, "999999");
        } else {
            hz_buf_puts(&text, "12345");
        }
        break;
    default:
        hz_buf_puts(&text, "20211399");
    }
    hz_slice kept = hz_gen_keep(block, hz_buf_slice(&text));
    hz_buf_clear(&text);
    return kept;
}

static bool break_range(hz_gen_block *block, const hz_field *field, hz_gen_row *row, const hz_gen_env *env)
{
    for (int i = 0; i < 2; i++) {
        bool high = hz_rand_percent(&block->rand, 50) != (i == 1);
        const hz_expr *expr = high ? &field->max : &field->min;
        hz_gval bound = expr->root ? hz_gen_value(block, expr->root, env) : HZ_GVAL_NULL;
        if (bound.state != HZ_GEN_VALID)
            continue;
        hz_gval v = hz_gen_near(block, high ? HZ_OP_GT : HZ_OP_LT, bound);
        if (!high && bound.type == HZ_TYPE_DECIMAL && bound.as.number.coef <= 0)
            v = hz_gval_number((hz_decimal){bound.as.number.coef - 1, bound.as.number.scale});
        if (v.state == HZ_GEN_VALID && hz_gen_set(block, row, field, v))
            return true;
    }
    return false;
}

static bool break_text(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    const hz_field *field = rule->field;
    hz_slice now = row->cells[field->index].text;
    hz_buf text = HZ_BUF_INIT;
    bool place = block->plan->tables[row->table->index].fields[field->index].kind == HZ_GEN_PLACE;
    if (rule->kind == HZ_RULE_PATTERN && place && block->place.len) { /* a place, but not one of those */
        (void)hz_gen_place_elsewhere(block->plan, UINT64_MAX, hz_slice_sub(block->place, 0, now.len), 0, &text);
    } else if (rule->kind == HZ_RULE_PATTERN) {
        hz_buf_puts(&text, "?");
        hz_buf_put(&text, hz_slice_sub(now, hz_utf8_offset(now, 1), now.len));
    } else {
        hz_buf_put(&text, now.len ? now : HZ_SLICE_LIT("1"));
        while (field->max_length >= 0 && hz_utf8_length(hz_buf_slice(&text)) <= (size_t)field->max_length &&
               text.len < 4096)
            hz_buf_putc(&text, '1');
    }
    bool done = hz_gen_set(block, row, field, hz_gval_text(hz_gen_keep(block, hz_buf_slice(&text))));
    hz_buf_clear(&text);
    return done;
}

static hz_gen_row *copy_row(hz_gen_block *block, const hz_gen_row *row)
{
    hz_gen_row *copy = hz_gen_row_add(block, row->table, row->period, row->family, row->parent);
    if (!copy)
        return NULL;
    memcpy(copy->cells, row->cells, row->table->fields_count * sizeof *copy->cells);
    copy->version++;
    return copy;
}

/* Another row gets this one's key: its own rows when there are any, else a copy of the row. */
static bool break_unique(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    hz_gen_row *other = NULL;
    for (uint32_t family = 0; family <= block->families_count && !other; family++) {
        hz_gen_list *list = hz_gen_list_of(block, family, row->table->index, row->period);
        for (size_t i = 0; i < list->count && !other; i++)
            other = list->rows[i] != row && rule->at_most <= 1 ? list->rows[i] : NULL;
    }
    if (other && rule->overlap_from.root) {
        const hz_expr *times[] = {&rule->overlap_from, &rule->overlap_to};
        for (size_t k = 0; k < 2; k++)
            if (times[k]->root->kind == HZ_NODE_FIELD)
                (void)hz_gen_set(block, other, times[k]->root->field, row->cells[times[k]->root->field->index].value);
    }
    if (other)
        for (size_t k = 0; k < rule->keys_count; k++) {
            const hz_node *root = rule->keys[k].root;
            if (root && root->kind == HZ_NODE_FIELD)
                (void)hz_gen_set(block, other, root->field, row->cells[root->field->index].value);
        }
    for (int64_t i = 0; !other && i < (rule->at_most > 1 ? rule->at_most : 1); i++) {
        hz_gen_row *copy = copy_row(block, row);
        if (!copy)
            return false;
        bool own = false; /* the rule's key is the table's: a row twice; else a second row with its own key */
        for (size_t k = 0; k < rule->keys_count; k++)
            own = own || (rule->keys[k].root && rule->keys[k].root->kind == HZ_NODE_FIELD && row->table->key_count &&
                          rule->keys[k].root->field == row->table->key[0]);
        if (!own && row->table->key_count)
            hz_gen_draw(block, copy, row->table->key[0], false);
    }
    return true;
}

/* ---- groups ---- */

bool hz_gen_same_group(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row, hz_gen_row *other)
{
    const hz_gen_env there = {other, NULL, other->period - rule->period};
    if (rule->when.root && !hz_gval_is(hz_gen_value(block, rule->when.root, &there), true))
        return false;
    for (size_t k = 0; k < rule->keys_count && other != row; k++) {
        const hz_gen_env here = {row, NULL, row->period - rule->period};
        hz_gval a = hz_gen_value(block, rule->keys[k].root, &here), b = hz_gen_value(block, rule->keys[k].root, &there);
        if (a.state != b.state || (a.state == HZ_GEN_VALID && hz_gval_cmp(a, b) != 0))
            return false;
    }
    return true;
}

/* The values of fields that expressions read go from one row to another. */
static void take_fields(hz_gen_block *block, const hz_expr *exprs, size_t count, hz_gen_row *from, hz_gen_row *to)
{
    for (size_t k = 0; k < count; k++)
        if (exprs[k].root && exprs[k].root->kind == HZ_NODE_FIELD)
            (void)hz_gen_set(block, to, exprs[k].root->field, from->cells[exprs[k].root->field->index].value);
}

/* Another row of the group, with a key of its own. */
static hz_gen_row *add_to_group(hz_gen_block *block, const hz_rule *rule, const hz_gen_row *row)
{
    hz_gen_row *copy = copy_row(block, row);
    for (size_t k = 0; copy && k < row->table->key_count; k++) {
        bool of_group = false;
        for (size_t g = 0; g < rule->keys_count; g++)
            of_group = of_group ||
                       (rule->keys[g].root->kind == HZ_NODE_FIELD && rule->keys[g].root->field == row->table->key[k]);
        if (!of_group)
            hz_gen_draw(block, copy, row->table->key[k], false);
    }
    return copy;
}

static bool group_fails(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    const hz_gen_env env = {row, NULL, row->period - rule->period};
    return hz_gval_is(hz_gen_value(block, rule->assert_.root, &env), false);
}

/* A group of its own for the row: one part of the key is another value. */
static void leave_group(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    for (size_t k = 0; k < rule->keys_count; k++) {
        const hz_node *root = rule->keys[k].root;
        if (root->kind != HZ_NODE_FIELD)
            continue;
        hz_gval now = row->cells[root->field->index].value;
        if (now.state == HZ_GEN_VALID && now.type == HZ_TYPE_DECIMAL)
            (void)hz_gen_set(block, row, root->field,
                             hz_gval_number((hz_decimal){now.as.number.coef + hz_rand_between(&block->rand, 1, 60),
                                                         now.as.number.scale}));
        else
            hz_gen_draw(block, row, root->field, false);
        return;
    }
}

/* More rows come into the row's group, those of the block first; or the row gets a group of its own; or what * counts
 * is changed. */
static void break_group(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    enum { MORE = 600 };
    block->group = rule;
    const hz_gen_env env = {row, NULL, row->period - rule->period};
    size_t count = block->all.count, mark = block->undo_count;
    if (rule->when.root && !hz_gval_is(hz_gen_value(block, rule->when.root, &env), true))
        (void)hz_gen_force(block, rule->when.root, &env, true);
    for (size_t i = 0; i < count && rule->keys_count && !group_fails(block, rule, row); i++) {
        hz_gen_row *other = block->all.rows[i];
        if (!other->gone && other != row && other->table == row->table && other->period == row->period)
            take_fields(block, rule->keys, rule->keys_count, row, other);
    }
    if (!group_fails(block, rule, row)) {
        hz_gen_undo_to(block, mark);
        leave_group(block, rule, row);
    }
    if (!group_fails(block, rule, row)) {
        hz_gen_undo_to(block, mark);
        for (int i = 0; i < MORE && !group_fails(block, rule, row); i++)
            if (!add_to_group(block, rule, row))
                break;
    }
    if (!group_fails(block, rule, row)) {
        hz_gen_undo_to(block, mark);
        (void)hz_gen_force(block, rule->assert_.root, &env, false);
    }
}

/* More items than may be, of codes that are right each. */
static void break_items(hz_gen_block *block, const hz_field *field, hz_gen_row *row)
{
    const hz_gen_field *known = &block->plan->tables[row->table->index].fields[field->index];
    size_t codes = known->codes_count[row->period], count = field->max_items > 0 ? (size_t)field->max_items + 1
                                                            : field->distinct    ? 2
                                                                                 : 0;
    hz_gval *items = hz_gen_alloc(block, (count + 1) * sizeof *items);
    if (!items || !count || field->type != HZ_FIELD_CODES || !codes)
        return;
    for (size_t i = 0; i < count; i++)
        items[i] = hz_gval_text(
            hz_codelist_at(field->codes, known->codes[row->period][field->max_items > 0 ? i % codes : 0]).code);
    (void)hz_gen_set(
        block, row, field,
        (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_ARRAY, .items_count = (uint32_t)count, .as.items = items});
}

/* A second record of the same person: all as in this row, but for its key. */
static void break_similar(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    hz_gen_row *copy = copy_row(block, row);
    if (!copy)
        return;
    for (size_t k = 0; k < row->table->key_count; k++) {
        bool compared = false;
        for (size_t i = 0; hz_rule_similar_expr(rule, i); i++)
            compared = compared || hz_rule_similar_expr(rule, i)->root->field == row->table->key[k];
        if (!compared)
            hz_gen_draw(block, copy, row->table->key[k], false);
    }
}

static bool break_reference(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    const hz_field *field = rule->field;
    if (!field && rule->keys_count && rule->keys[0].root && rule->keys[0].root->kind == HZ_NODE_FIELD)
        field = rule->keys[0].root->field;
    if (!field)
        return false;
    hz_slice now = row->cells[field->index].text;
    char *text = hz_gen_alloc(block, now.len + 1);
    if (!text || !now.len)
        return false;
    memcpy(text, now.ptr, now.len);
    for (size_t i = 0; i < now.len; i++) /* digits from the other end: no atom, and no key either */
        text[i] = text[i] >= '0' && text[i] <= '9' ? (char)('9' - (text[i] - '0')) : text[i];
    return hz_gen_set(block, row, field, hz_gval_text((hz_slice){text, now.len}));
}

/* ---- what only raw() sees ---- */

/* A number of a person or code that is wrong in one of several ways. */
static hz_slice odd_text(hz_gen_block *block, const hz_field *field, hz_slice now, int way)
{
    hz_buf text = HZ_BUF_INIT;
    switch (way) {
    case 0: /* cut short */
        hz_buf_put(&text, hz_slice_sub(now, 0, now.len > 2 ? now.len - 2 : now.len));
        break;
    case 1: /* a letter where digits are */
        hz_buf_put(&text, hz_slice_sub(now, 0, now.len / 2));
        hz_buf_putc(&text, 'Q');
        hz_buf_put(&text, hz_slice_sub(now, now.len / 2 + (now.len > 0), now.len));
        break;
    case 2: /* no such month */
        hz_buf_put(&text, hz_slice_sub(now, 0, now.len < 10 ? now.len : 10));
        hz_buf_puts(&text, "13");
        hz_buf_put(&text, hz_slice_sub(now, now.len < 12 ? now.len : 12, now.len));
        break;
    case 3: /* nowhere */
        hz_buf_puts(&text, "999999");
        hz_buf_put(&text, hz_slice_sub(now, now.len < 6 ? now.len : 6, now.len));
        break;
    case 4: /* fifteen digits */
        hz_buf_put(&text, hz_slice_sub(now, 0, now.len < 6 ? now.len : 6));
        hz_buf_put(&text, hz_slice_sub(now, now.len < 8 ? now.len : 8, now.len < 17 ? now.len : 17));
        break;
    case 5: /* two more that say nothing */
        hz_buf_put(&text, hz_slice_sub(now, 0, now.len < 18 ? now.len : 18));
        hz_buf_puts(&text, "99");
        break;
    default:
        hz_buf_put(&text, hz_gen_wrong_text(block, field, now));
    }
    hz_slice kept = hz_gen_keep(block, hz_buf_slice(&text));
    hz_buf_clear(&text);
    return kept;
}

static bool try_odd(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row, const hz_node *node)
{
    enum { WAYS = 7 };
    const hz_field *field = node->kind == HZ_NODE_FIELD ? node->field : NULL;
    for (uint32_t i = 0; i < node->items_count; i++)
        if (node->items[i] && try_odd(block, rule, row, node->items[i]))
            return true;
    if (!field || field->table != row->table || (field->type != HZ_FIELD_SEMANTIC && !field->many.len))
        return false;
    for (int way = -1; way < WAYS; way++) {
        size_t mark = block->undo_count;
        if (way < 0)
            (void)hz_gen_dress(block, row, field);
        else if (field->many.len)
            break_items(block, field, row);
        else
            hz_gen_set_invalid(block, row, field, odd_text(block, field, row->cells[field->index].text, way));
        if (hz_gen_judge_row(block, rule, row) == HZ_GEN_FAILS)
            return true;
        hz_gen_undo_to(block, mark);
    }
    return false;
}

static void break_assert(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row, const hz_gen_env *env)
{
    const hz_rule *r = rule->rule;
    if (r->when.root && !hz_gval_is(hz_gen_value(block, r->when.root, env), true))
        (void)hz_gen_force(block, r->when.root, env, true);
    block->depth = 0;
    (void)hz_gen_force(block, r->assert_.root, env, false);
    if (!row->gone && hz_gen_judge_row(block, rule, row) != HZ_GEN_FAILS)
        (void)try_odd(block, rule, row, r->assert_.root);
}

void hz_gen_break(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row)
{
    const hz_rule *r = rule->rule;
    const hz_gen_env env = {row, NULL, 0};
    block->depth = 0;
    block->wild = true;
    switch (r->kind) {
    case HZ_RULE_TYPE:
    case HZ_RULE_CODES:
        hz_gen_set_invalid(block, row, r->field, hz_gen_wrong_text(block, r->field, row->cells[r->field->index].text));
        break;
    case HZ_RULE_REQUIRED:
        if (r->field->required_when.root && !hz_gval_is(hz_gen_value(block, r->field->required_when.root, &env), true))
            (void)hz_gen_force(block, r->field->required_when.root, &env, true);
        (void)hz_gen_set(block, row, r->field, HZ_GVAL_NULL);
        break;
    case HZ_RULE_RANGE:
        (void)break_range(block, r->field, row, &env);
        break;
    case HZ_RULE_PATTERN:
    case HZ_RULE_LENGTH:
        (void)break_text(block, r, row);
        break;
    case HZ_RULE_UNIQUE:
        if (r->when.root && !hz_gval_is(hz_gen_value(block, r->when.root, &env), true))
            (void)hz_gen_force(block, r->when.root, &env, true);
        (void)break_unique(block, r, row);
        break;
    case HZ_RULE_ITEMS:
        break_items(block, r->field, row);
        break;
    case HZ_RULE_SIMILAR:
        if (r->when.root && !hz_gval_is(hz_gen_value(block, r->when.root, &env), true))
            (void)hz_gen_force(block, r->when.root, &env, true);
        break_similar(block, r, row);
        break;
    case HZ_RULE_GROUP_ASSERT:
        break_group(block, r, row);
        break;
    case HZ_RULE_REFERENCES:
        (void)break_reference(block, r, row);
        break;
    default:
        break_assert(block, rule, row, &env);
    }
}
