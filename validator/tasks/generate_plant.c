/* generate_plant.c: a block with one defect on purpose. What solves a block the other way round: the condition of a
 * rule is made to hold at a row and what it asserts is not. All changes are noted, told in the list of answers, and
 * undone. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

enum { ROWS_TRIED = 24, ROUNDS = 4 };

uint32_t hz_gen_rule_place(const hz_gen_plan *plan, const hz_rule *rule)
{
    for (size_t i = 0; i < plan->rules_count; i++)
        if (plan->rules[i].rule == rule)
            return (uint32_t)i;
    return UINT32_MAX;
}

/* ---- ways to break a constraint ---- */

static hz_slice wrong_text(hz_gen_block *block, const hz_field *field, hz_slice now)
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
    if (rule->kind == HZ_RULE_PATTERN) {
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

/* Another row gets this one's key: its own rows when there are any, else a copy of the row. */
static bool break_unique(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row)
{
    hz_gen_row *other = NULL;
    for (uint32_t family = 0; family <= block->families_count && !other; family++) {
        hz_gen_list *list = hz_gen_list_of(block, family, row->table->index, row->period);
        for (size_t i = 0; i < list->count && !other; i++)
            other = list->rows[i] != row && rule->at_most <= 1 ? list->rows[i] : NULL;
    }
    if (other)
        for (size_t k = 0; k < rule->keys_count; k++) {
            const hz_node *root = rule->keys[k].root;
            if (root && root->kind == HZ_NODE_FIELD)
                (void)hz_gen_set(block, other, root->field, row->cells[root->field->index].value);
        }
    for (int64_t i = 0; !other && i < (rule->at_most > 1 ? rule->at_most : 1); i++) {
        hz_gen_row *copy = hz_gen_row_add(block, row->table, row->period, row->family, row->parent);
        if (!copy)
            return false;
        memcpy(copy->cells, row->cells, row->table->fields_count * sizeof *copy->cells);
        bool own = false; /* the rule's key is the table's: a row twice; else a second row with its own key */
        for (size_t k = 0; k < rule->keys_count; k++)
            own = own || (rule->keys[k].root && rule->keys[k].root->kind == HZ_NODE_FIELD && row->table->key_count &&
                          rule->keys[k].root->field == row->table->key[0]);
        if (!own && row->table->key_count)
            hz_gen_draw(block, copy, row->table->key[0], false);
    }
    return true;
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

static void break_rule(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row)
{
    const hz_rule *r = rule->rule;
    const hz_gen_env env = {row, NULL, 0};
    block->depth = 0;
    block->wild = true;
    switch (r->kind) {
    case HZ_RULE_TYPE:
    case HZ_RULE_CODES:
        hz_gen_set_invalid(block, row, r->field, wrong_text(block, r->field, row->cells[r->field->index].text));
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
    case HZ_RULE_REFERENCES:
        (void)break_reference(block, r, row);
        break;
    default:
        if (r->when.root && !hz_gval_is(hz_gen_value(block, r->when.root, &env), true))
            (void)hz_gen_force(block, r->when.root, &env, true);
        block->depth = 0;
        (void)hz_gen_force(block, r->assert_.root, &env, false);
    }
}

/* ---- the answer ---- */

static void part(hz_gen_text *words, const char *text)
{
    hz_gen_text_puts(words, hz_slice_of(text));
}

static hz_status put_changes(hz_gen_template *out, hz_gen_block *block, int column, hz_error *err)
{
    hz_gen_text *words = &out->planted.words;
    bool any = false;
    part(words, ",\"");
    for (size_t i = 0; i < block->undo_count; i++) {
        const hz_gen_undo *undo = &block->undo[i];
        bool again = false; /* only the first change of a cell knows what was there */
        for (size_t k = 0; k < i && !again; k++)
            again = block->undo[k].row == undo->row &&
                    (block->undo[k].what != HZ_GEN_UNDO_CELL || block->undo[k].field == undo->field);
        bool cell = undo->what == HZ_GEN_UNDO_CELL;
        if (again || (cell && hz_slice_eq(undo->cell.text, undo->row->cells[undo->field].text)))
            continue;
        part(words, any ? ";" : "");
        any = true;
        if (column == 0) {
            part(words, undo->what == HZ_GEN_UNDO_ADD ? "+" : undo->what == HZ_GEN_UNDO_DROP ? "-" : "");
            hz_gen_text_puts(words, undo->row->table->name);
            if (undo->row->period)
                part(words, undo->row->period == 1 ? "@previous" : "@previous2");
            if (cell) {
                part(words, ".");
                hz_gen_text_puts(words, undo->row->table->fields[undo->field].name);
            }
        } else if (cell) {
            hz_slice text = column == 1 ? undo->cell.text : undo->row->cells[undo->field].text;
            HZ_TRY(hz_gen_text_put(words, out, block, &undo->row->table->fields[undo->field], text, false, err));
        }
    }
    part(words, "\"");
    return hz_buf_status(&words->bytes, err);
}

static hz_status put_answer(hz_gen_template *out, hz_gen_block *block, const hz_gen_row *row, hz_error *err)
{
    hz_gen_text *words = &out->planted.words;
    part(words, "\"");
    for (size_t k = 0; k < row->table->key_count; k++) {
        part(words, k ? "|" : "");
        HZ_TRY(hz_gen_text_put(words, out, block, row->table->key[k], row->cells[row->table->key[k]->index].text, false,
                               err));
    }
    part(words, "\"");
    for (int column = 0; column < 3; column++)
        HZ_TRY(put_changes(out, block, column, err));
    part(words, "\n");
    return hz_buf_status(&words->bytes, err);
}

static uint64_t row_number(hz_gen_block *block, const hz_gen_row *row)
{
    uint64_t n = 0;
    for (uint32_t family = 0; family <= block->families_count; family++) {
        hz_gen_list *list = hz_gen_list_of(block, family, row->table->index, row->period);
        for (size_t i = 0; i < list->count; i++, n++)
            if (list->rows[i] == row)
                return n;
    }
    return n;
}

hz_status hz_gen_plant(hz_gen_template *out, bool *made, hz_gen_block *block, uint32_t rule, hz_error *err)
{
    const hz_gen_rule *known = &block->plan->rules[rule];
    const hz_rule *r = known->rule;
    hz_gen_list rows = {0};
    hz_status st = HZ_OK;
    *made = false;
    for (size_t i = 0; i < block->all.count; i++)
        if (!block->all.rows[i]->gone && block->all.rows[i]->table == r->table &&
            block->all.rows[i]->period == r->period)
            hz_gen_list_put(block, &rows, block->all.rows[i]);
    block->journal = true;
    size_t from = rows.count ? (size_t)hz_rand_below(&block->rand, rows.count) : 0;
    for (size_t i = 0; i < rows.count && i < ROWS_TRIED && !*made && st == HZ_OK; i++) {
        hz_gen_row *row = rows.rows[(from + i) % rows.count];
        hz_gen_verdict verdict = HZ_GEN_HOLDS;
        for (int round = 0; round < ROUNDS && verdict != HZ_GEN_FAILS && !row->gone; round++) {
            hz_arena_reset(block->scratch);
            break_rule(block, known, row);
            verdict = hz_gen_judge_row(block, known, row);
        }
        if (verdict == HZ_GEN_FAILS && !row->gone) {
            st = hz_gen_template_make(out, block, err);
            out->planted.rule = r;
            out->planted.table = r->table->index;
            out->planted.period = r->period;
            out->planted.row = row_number(block, row);
            if (st == HZ_OK)
                st = put_answer(out, block, row, err);
            *made = st == HZ_OK;
            if (!*made)
                hz_gen_template_clear(out, block->plan);
        }
        hz_gen_undo_to(block, 0);
    }
    block->journal = false;
    return block->status != HZ_OK ? block->status : st;
}
