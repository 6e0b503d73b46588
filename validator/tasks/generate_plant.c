/* generate_plant.c: a block with one defect on purpose. What solves a block the other way round: the condition of a
 * rule is made to hold at a row and what it asserts is not. All changes are noted, told in the list of answers, and
 * undone. */
#include "validator/tasks/generate_int.h"

enum { ROWS_TRIED = 24, ROUNDS = 4 };

uint32_t hz_gen_rule_place(const hz_gen_plan *plan, const hz_rule *rule)
{
    for (size_t i = 0; i < plan->rules_count; i++)
        if (plan->rules[i].rule == rule)
            return (uint32_t)i;
    return UINT32_MAX;
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
    part(words, ",\n"); /* it was planted */
    (void)hz_buf_reserve(&words->bytes, HZ_GEN_SLACK);
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
            hz_gen_break(block, known, row);
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
        block->group = NULL;
    }
    block->journal = false;
    return block->status != HZ_OK ? block->status : st;
}
