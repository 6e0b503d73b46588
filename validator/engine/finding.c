/* finding.c: one finding, written: place, fields, message values, both sides of a comparison, fingerprint. Texts are
 * copied to the finder's arena, but for those of cells where the finder borrows. */
#include "base/alloc.h"
#include "base/plain.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "profiles/expr/print.h"
#include "validator/engine/finding_int.h"

enum { FINDING_ARGS = HZ_FINDING_ARGS };

static hz_status keep(hz_slice *out, hz_arena *arena, hz_slice text, hz_error *err)
{
    return hz_arena_copy(out, arena, text) == HZ_OK ? HZ_OK : hz_nomem(err, text.len);
}

/* The scratch buffer's text, in an arena. */
static hz_status keep_text(hz_slice *out, hz_finder *finder, hz_arena *arena, hz_error *err)
{
    HZ_TRY(hz_buf_status(&finder->text, err));
    return keep(out, arena, hz_buf_slice(&finder->text), err);
}

/* ---- what a rule shows ---- */

static void forget_rule(hz_finder *finder)
{
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; finder->programs[side] && i < finder->count[side]; i++)
            hz_program_free(finder->programs[side][i]);
        hz_mem_free(finder->programs[side]);
        hz_mem_free((void *)finder->vecs[side]);
        hz_mem_free((void *)finder->nodes[side]);
        finder->programs[side] = NULL;
        finder->vecs[side] = NULL;
        finder->nodes[side] = NULL;
        finder->count[side] = 0;
    }
    hz_mem_free((void *)finder->fields);
    finder->fields = NULL;
    finder->fields_count = 0;
    finder->left = finder->right = NULL;
    hz_repairer_free(finder->repairer);
    finder->repairer = NULL;
    finder->open = false;
}

void hz_finder_clear(hz_finder *finder)
{
    forget_rule(finder);
    hz_kept_clear(&finder->kept);
    hz_buf_clear(&finder->text);
}

static hz_status compile_message(hz_finder *finder, size_t side, const hz_message *message, hz_error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < message->count; i++)
        count += message->parts[i].expr.root != NULL;
    finder->programs[side] = hz_mem_zalloc(count + 1, sizeof *finder->programs[side]);
    finder->vecs[side] = hz_mem_zalloc(count + 1, sizeof *finder->vecs[side]);
    finder->nodes[side] = hz_mem_zalloc(count + 1, sizeof *finder->nodes[side]);
    if (!finder->programs[side] || !finder->vecs[side] || !finder->nodes[side])
        return hz_nomem(err, count * sizeof(void *));
    for (size_t i = 0; i < message->count; i++) {
        const hz_node *root = message->parts[i].expr.root;
        if (!root)
            continue;
        HZ_TRY(hz_program_compile(&finder->programs[side][finder->count[side]], root, &finder->run->plan.env, err));
        finder->nodes[side][finder->count[side]++] = root;
    }
    return HZ_OK;
}

static void mark_fields(bool *marked, const hz_table *table, const hz_node *node)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_FIELD && node->field && node->field->table == table)
        marked[node->field->index] = true;
    for (uint32_t i = 0; i < node->items_count; i++)
        mark_fields(marked, table, node->items[i]);
}

/* What is read of a related record: at the end of a path, and by the relation itself. */
static void mark_behind(bool *marked, const hz_table *table, const hz_node *node)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_PATH && node->field && node->field->table == table)
        marked[node->field->index] = true;
    for (uint32_t s = 0; s < node->steps_count; s++)
        if (node->steps[s]->to == table) {
            for (size_t i = 0; i < node->steps[s]->on_count; i++)
                mark_fields(marked, table, node->steps[s]->on_to[i].root);
            mark_fields(marked, table, node->steps[s]->where.root);
        }
    for (uint32_t i = 0; i < node->items_count; i++)
        mark_behind(marked, table, node->items[i]);
}

/* behind: of related records, which may be of another table. */
static hz_status note_fields(hz_finder *finder, const hz_rule *rule, const hz_table *table, bool behind, hz_error *err)
{
    bool *marked = hz_mem_zalloc(table->fields_count + 1, sizeof *marked);
    finder->fields = hz_mem_zalloc(table->fields_count + 1, sizeof *finder->fields);
    if (!marked || !finder->fields) {
        hz_mem_free(marked);
        return hz_nomem(err, table->fields_count * sizeof *finder->fields);
    }
    if (rule->field && rule->table == table)
        marked[rule->field->index] = true;
    if (behind)
        mark_behind(marked, table, rule->assert_.root);
    mark_fields(marked, table, rule->when.root);
    mark_fields(marked, table, rule->assert_.root);
    mark_fields(marked, table, rule->overlap_from.root);
    mark_fields(marked, table, rule->overlap_to.root);
    for (size_t i = 0; i < rule->keys_count; i++)
        mark_fields(marked, table, rule->keys[i].root);
    const hz_expr *expr;
    for (size_t i = 0; (expr = hz_rule_similar_expr(rule, i)) != NULL; i++)
        mark_fields(marked, table, expr->root);
    for (size_t f = 0; f < table->fields_count; f++)
        if (marked[f])
            finder->fields[finder->fields_count++] = &table->fields[f];
    hz_mem_free(marked);
    return HZ_OK;
}

static hz_status fix_args(hz_finder *finder, hz_error *err);

static hz_status run_programs(hz_finder *finder, const hz_eval_input *input, hz_error *err)
{
    const hz_plan_rule *entry = &finder->run->plan.rules[finder->rule];
    size_t keys = entry->keys || entry->rule->kind == HZ_RULE_UNIQUE ? entry->rule->keys_count : 0;
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < finder->count[side]; i++)
            HZ_TRY(hz_program_run(&finder->vecs[side][i], finder->programs[side][i], finder->eval, input, err));
    if (entry->left)
        HZ_TRY(hz_program_run(&finder->left, entry->left, finder->eval, input, err));
    if (entry->right)
        HZ_TRY(hz_program_run(&finder->right, entry->right, finder->eval, input, err));
    for (size_t i = 0; i < keys; i++)
        HZ_TRY(hz_program_run(&finder->keys[i], hz_finder_key(finder, i), finder->eval, input, err));
    return HZ_OK;
}

const hz_program *hz_finder_key(const hz_finder *finder, size_t i)
{
    const hz_plan *plan = &finder->run->plan;
    const hz_plan_rule *entry = &plan->rules[finder->rule];
    return entry->keys ? entry->keys[i] : plan->keysets[entry->keyset].keys[i];
}

hz_status hz_finder_open(hz_finder *finder, uint32_t rule, hz_error *err)
{
    const hz_rule *r = finder->run->plan.rules[rule].rule;
    if (finder->open && finder->rule == rule)
        return HZ_OK;
    forget_rule(finder);
    finder->rule = rule;
    HZ_TRY(compile_message(finder, 0, &r->message_zh, err));
    HZ_TRY(compile_message(finder, 1, &r->message_en, err));
    HZ_TRY(note_fields(finder, r, r->table, false, err));
    HZ_TRY(fix_args(finder, err));
    finder->open = true;
    return HZ_OK;
}

static hz_status turn_to(hz_finder *finder, uint32_t rule, const hz_eval_input *input, hz_error *err)
{
    HZ_TRY(hz_finder_open(finder, rule, err));
    return run_programs(finder, input, err);
}

hz_status hz_finder_fields(hz_finder *finder, uint32_t rule, const hz_table *table, hz_error *err)
{
    forget_rule(finder);
    finder->rule = rule;
    return note_fields(finder, finder->run->plan.rules[rule].rule, table, true, err);
}

static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    return ((const hz_finder *)ctx)->scan->input.field(((const hz_finder *)ctx)->scan->input.ctx, field);
}

static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    return ((const hz_finder *)ctx)->scan->input.raw(((const hz_finder *)ctx)->scan->input.ctx, field);
}

static const hz_vec *give_kept(void *ctx, const hz_node *node)
{
    return hz_kept_relational(&((const hz_finder *)ctx)->kept, node);
}

hz_status hz_finder_rule(hz_finder *finder, uint32_t rule, const hz_kept_source *source, hz_error *err)
{
    if (!finder->run->plan.rules[rule].level)
        return turn_to(finder, rule, &finder->scan->input, err);
    hz_eval_input input = {
        .ctx = finder, .rows_count = finder->scan->rows, .field = give_field, .raw = give_raw, .relational = give_kept};
    HZ_TRY(hz_kept_get(&finder->kept, finder->scan, rule, source, err));
    return turn_to(finder, rule, &input, err);
}

/* ---- pieces ---- */

/* The file's own columns and what stands in them. */
static hz_status show_own(hz_named *out, const hz_finder *finder, const hz_field *field, uint32_t row, hz_error *err)
{
    const hz_plan_source *source = finder->scan->source;
    const hz_map_field *map = hz_map_table_field(source->map, field->name);
    const hz_mapped_field *mapped = source->map ? &source->mapped->fields[field->index] : NULL;
    if (!mapped || !mapped->columns_count || (!mapped->made && !(map && map->columns_count)))
        return HZ_OK;
    hz_buf text = HZ_BUF_INIT;
    bool several = mapped->columns_count > 1;
    for (uint32_t i = 0; i < mapped->columns_count; i++) {
        const hz_slice *cells = finder->scan->batch->columns[mapped->columns[i]].cells;
        hz_buf_puts(&text, i ? " + " : "");
        if (cells)
            hz_buf_put(&text, cells[row]);
    }
    out->own_value = (hz_shown){HZ_SLICE_NONE, map && map->columns_count ? map->own_mask : field->mask, false};
    out->own_name = several ? map->own : source->columns[mapped->columns[0]];
    hz_status st = hz_buf_status(&text, err);
    if (st == HZ_OK)
        st = keep(&out->own_value.text, finder->arena, hz_buf_slice(&text), err);
    hz_buf_clear(&text);
    if (st == HZ_OK && hz_slice_eq(out->own_name, out->name) && hz_slice_eq(out->own_value.text, out->value.text))
        out->own_name = HZ_SLICE_NONE;
    return st;
}

static hz_status show_raw(hz_named *out, const hz_finder *finder, const hz_field *field, uint32_t row, hz_error *err)
{
    const hz_field_column *column = finder->scan->columns[field->index];
    out->name = field->name;
    out->value.mask = field->mask;
    out->value.null = !column || !hz_bits_get(column->raw.valid, row);
    out->value.text = out->value.null ? HZ_SLICE_NONE : column->raw.as.text[row];
    if (!out->value.null && !finder->borrow)
        HZ_TRY(keep(&out->value.text, finder->arena, out->value.text, err));
    return finder->scan->source->map ? show_own(out, finder, field, row, err) : HZ_OK;
}

static hz_status show_vec(hz_shown *out, hz_finder *finder, hz_arena *arena, const hz_vec *vec, uint32_t row,
                          hz_mask mask, hz_error *err)
{
    *out = (hz_shown){HZ_SLICE_NONE, mask, !hz_bits_get(vec->valid, row)};
    if (out->null)
        return HZ_OK;
    hz_buf_reset(&finder->text);
    hz_vec_put(&finder->text, vec, row, HZ_SLICE_NONE);
    return keep_text(&out->text, finder, arena, err);
}

/* A row's place, or a cell's where the finding is of one field: the mark in it makes room for the column's label. */
static hz_status put_where(hz_slice *out, const hz_finder *finder, hz_slice where, hz_error *err)
{
    const hz_plan_source *source = finder->scan->source;
    int32_t column = finder->fields_count == 1 ? source->column_of[finder->fields[0]->index] : -1;
    const char *mark = where.len ? memchr(where.ptr, '\1', where.len) : NULL;
    hz_buf text = HZ_BUF_INIT;
    if (!mark)
        return keep(out, finder->arena, where, err);
    hz_buf_put(&text, hz_slice_sub(where, 0, (size_t)(mark - where.ptr)));
    if (column >= 0 && source->labels)
        hz_buf_put(&text, source->labels[column]);
    hz_buf_put(&text, hz_slice_sub(where, (size_t)(mark - where.ptr) + 1, where.len));
    hz_status st = hz_buf_status(&text, err);
    if (st == HZ_OK)
        st = keep(out, finder->arena, hz_buf_slice(&text), err);
    hz_buf_clear(&text);
    return st;
}

hz_status hz_finding_place(hz_place *place, const hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_scan *scan = finder->scan;
    const hz_table *table = scan->table->table;
    hz_arena *arena = finder->arena;
    place->table = finder->run->table_shown[scan->table_index];
    place->source = scan->source_index;
    place->record = scan->batch->records[row];
    place->line = scan->batch->lines[row];
    place->offset_bytes = scan->source->spool ? 0 : scan->batch->offsets[row];
    if (scan->batch->where)
        HZ_TRY(put_where(&place->where, finder, scan->batch->where[row], err));
    place->key_count = table->key_count;
    place->key = table->key_count ? HZ_ARENA_ARRAY(arena, hz_named, table->key_count) : NULL;
    place->fields_count = finder->fields_count;
    place->fields = HZ_ARENA_ARRAY(arena, hz_named, finder->fields_count + 1);
    if ((table->key_count && !place->key) || !place->fields)
        return hz_nomem(err, finder->fields_count * sizeof(hz_named));
    for (size_t i = 0; i < table->key_count; i++)
        HZ_TRY(show_raw(&place->key[i], finder, table->key[i], row, err));
    for (size_t i = 0; i < finder->fields_count; i++)
        HZ_TRY(show_raw(&place->fields[i], finder, finder->fields[i], row, err));
    return HZ_OK;
}

static hz_status template_values(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_rule *rule = finder->run->plan.rules[finder->rule].rule;
    hz_shown *values[2] = {NULL, NULL};
    for (size_t side = 0; side < 2; side++) {
        if (!finder->count[side])
            continue;
        values[side] = HZ_ARENA_ARRAY(finder->arena, hz_shown, finder->count[side]);
        if (!values[side])
            return hz_nomem(err, finder->count[side] * sizeof(hz_shown));
        for (size_t i = 0; i < finder->count[side]; i++)
            HZ_TRY(show_vec(&values[side][i], finder, finder->arena, finder->vecs[side][i], row,
                            finder->nodes[side][i]->mask, err));
    }
    finding->template_zh = rule->message_zh.count ? &rule->message_zh : NULL;
    finding->template_en = rule->message_en.count ? &rule->message_en : NULL;
    finding->values_zh = values[0];
    finding->values_en = values[1];
    return HZ_OK;
}

static hz_status difference(hz_finding *finding, hz_finder *finder, uint32_t row, hz_mask mask, hz_error *err)
{
    const hz_vec *a = finder->left, *b = finder->right;
    bool numbers = (a->type == HZ_TYPE_INTEGER || a->type == HZ_TYPE_DECIMAL) &&
                   (b->type == HZ_TYPE_INTEGER || b->type == HZ_TYPE_DECIMAL);
    hz_buf_reset(&finder->text);
    if (numbers) {
        hz_decimal x = a->type == HZ_TYPE_INTEGER ? hz_decimal_of(a->as.i64[row]) : a->as.decimal[row];
        hz_decimal y = b->type == HZ_TYPE_INTEGER ? hz_decimal_of(b->as.i64[row]) : b->as.decimal[row], d;
        if (!hz_decimal_sub(&d, x, y))
            return HZ_OK;
        hz_decimal_put(&finder->text, hz_decimal_normal(d));
    } else if (a->type == HZ_TYPE_DATE && b->type == HZ_TYPE_DATE) {
        hz_buf_put_i64(&finder->text, a->as.i64[row] - b->as.i64[row]);
    } else {
        return HZ_OK;
    }
    finding->has_difference = true;
    finding->difference = (hz_shown){HZ_SLICE_NONE, mask == HZ_MASK_NONE ? HZ_MASK_NONE : HZ_MASK_WHOLE, false};
    return keep_text(&finding->difference.text, finder, finder->arena, err);
}

static hz_status print_node(hz_slice *out, hz_finder *finder, hz_arena *arena, const hz_node *node, hz_error *err)
{
    hz_buf_reset(&finder->text);
    hz_expr_print(&finder->text, node);
    return keep_text(out, finder, arena, err);
}

static hz_shown plain(hz_slice text)
{
    return (hz_shown){text, HZ_MASK_NONE, false};
}

/* Both sides of an = or order comparison: `expected` is the right one, the message shows both. */
static hz_status compared(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_rule *rule = finder->run->plan.rules[finder->rule].rule;
    const hz_node *root = rule->assert_.root;
    if (!finder->left || !finder->right) {
        finding->message = HZ_MSG_FINDING_ASSERT;
        finding->args_count = 1;
        return HZ_OK;
    }
    hz_mask left_mask = root->items[0]->mask, right_mask = root->items[1]->mask;
    HZ_TRY(show_vec(&finding->args[1], finder, finder->arena, finder->left, row, left_mask, err));
    HZ_TRY(show_vec(&finding->args[3], finder, finder->arena, finder->right, row, right_mask, err));
    finding->message = HZ_MSG_FINDING_ASSERT_COMPARE;
    finding->args_count = 5;
    finding->has_expected = root->op != HZ_OP_NE;
    finding->expected = finding->args[3];
    if (hz_bits_get(finder->left->valid, row) && hz_bits_get(finder->right->valid, row))
        return difference(finding, finder, row, left_mask != HZ_MASK_NONE ? left_mask : right_mask, err);
    return HZ_OK;
}

static hz_status bound_text(hz_shown *out, hz_finder *finder, const hz_expr *bound, hz_error *err)
{
    *out = (hz_shown){HZ_SLICE_NONE, HZ_MASK_NONE, true};
    if (!bound->root)
        return HZ_OK;
    out->null = false;
    if (bound->root->kind == HZ_NODE_LITERAL)
        return keep(&out->text, finder->fixed, bound->text, err);
    /* an expression over params and as_of: its value, which is the same for every row */
    hz_program *program = NULL;
    hz_eval_input nothing = {.rows_count = 1};
    const hz_vec *value;
    HZ_TRY(hz_program_compile(&program, bound->root, &finder->run->plan.env, err));
    hz_status st = hz_program_run(&value, program, finder->eval, &nothing, err);
    if (st == HZ_OK)
        st = show_vec(out, finder, finder->fixed, value, 0, HZ_MASK_NONE, err);
    hz_program_free(program);
    return st;
}

static hz_status keys_text(hz_slice *out, hz_finder *finder, const hz_rule *rule, hz_error *err)
{
    hz_buf_reset(&finder->text);
    for (size_t i = 0; i < rule->keys_count; i++) {
        if (i)
            hz_buf_puts(&finder->text, ", ");
        hz_expr_print(&finder->text, rule->keys[i].root);
    }
    return keep_text(out, finder, finder->fixed, err);
}

/* What a rule about similar records compares. */
static hz_status similar_text(hz_slice *out, hz_finder *finder, const hz_rule *rule, hz_error *err)
{
    hz_buf_reset(&finder->text);
    for (size_t i = 0; i < rule->similar->compare_count; i++) {
        hz_buf_puts(&finder->text, i ? ", " : "");
        hz_expr_print(&finder->text, rule->similar->compare[i].expr.root);
    }
    return keep_text(out, finder, finder->fixed, err);
}

/* The arguments of the default message that are the same in every finding of the rule. */
static hz_status fix_args(hz_finder *finder, hz_error *err)
{
    const hz_rule *rule = finder->run->plan.rules[finder->rule].rule;
    const hz_node *root = rule->assert_.root;
    hz_shown *args = finder->args;
    memset(args, 0, sizeof finder->args);
    if (rule->field)
        args[0] = plain(rule->field->name);
    switch (rule->kind) {
    case HZ_RULE_TYPE:
        hz_buf_reset(&finder->text);
        hz_field_type_put(&finder->text, rule->field);
        return keep_text(&args[1].text, finder, finder->fixed, err);
    case HZ_RULE_CODES:
        args[2] = plain(rule->field->codes_id.len ? rule->field->codes_id : rule->field->name);
        return HZ_OK;
    case HZ_RULE_RANGE:
        HZ_TRY(bound_text(&args[2], finder, &rule->field->min, err));
        return bound_text(&args[3], finder, &rule->field->max, err);
    case HZ_RULE_REFERENCES:
        args[2] = plain(rule->ref_table->name);
        return keys_text(&args[0].text, finder, rule, err);
    case HZ_RULE_UNIQUE:
        return keys_text(&args[0].text, finder, rule, err);
    case HZ_RULE_SIMILAR:
        return similar_text(&args[0].text, finder, rule, err);
    case HZ_RULE_ASSERT:
    case HZ_RULE_GROUP_ASSERT: {
        const hz_plan_rule *entry = &finder->run->plan.rules[finder->rule];
        if (!entry->left || !entry->right)
            return print_node(&args[0].text, finder, finder->fixed, root, err);
        HZ_TRY(print_node(&args[0].text, finder, finder->fixed, root->items[0], err));
        HZ_TRY(print_node(&args[2].text, finder, finder->fixed, root->items[1], err));
        return print_node(&args[4].text, finder, finder->fixed, root, err);
    }
    default:
        return HZ_OK;
    }
}

/* The key's parts joined; the mask is the strictest of the parts: one part shows as it would alone, several are masked
 * whole if any is personal. */
static hz_status keys_value(hz_shown *out, hz_finder *finder, const hz_rule *rule, uint32_t row, hz_error *err)
{
    hz_mask mask = HZ_MASK_NONE;
    hz_buf_reset(&finder->text);
    for (size_t i = 0; i < rule->keys_count; i++) {
        if (i)
            hz_buf_puts(&finder->text, ", ");
        hz_vec_put(&finder->text, finder->keys[i], row, HZ_SLICE_NONE);
        hz_mask part = rule->keys[i].root->mask;
        mask = rule->keys_count == 1 ? part : part != HZ_MASK_NONE ? HZ_MASK_WHOLE : mask;
    }
    *out = (hz_shown){HZ_SLICE_NONE, mask, false};
    return keep_text(&out->text, finder, finder->arena, err);
}

static hz_status give_args(hz_finding *finding, const hz_finder *finder, hz_error *err)
{
    finding->args = HZ_ARENA_ARRAY(finder->arena, hz_shown, FINDING_ARGS);
    if (!finding->args)
        return hz_nomem(err, FINDING_ARGS * sizeof(hz_shown));
    memcpy(finding->args, finder->args, sizeof finder->args);
    return HZ_OK;
}

/* Which character, by its place in the value. */
static hz_status characters(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err)
{
    static const hz_msg_id messages[HZ_UNPLAIN_COUNT] = {HZ_MSG_FINDING_PLAIN_BLANK,   HZ_MSG_FINDING_PLAIN_CONTROL,
                                                         HZ_MSG_FINDING_PLAIN_BLANK,   HZ_MSG_FINDING_PLAIN_INVISIBLE,
                                                         HZ_MSG_FINDING_PLAIN_WIDTH,   HZ_MSG_FINDING_PLAIN_LOOKALIKE,
                                                         HZ_MSG_FINDING_PLAIN_PRIVATE, HZ_MSG_FINDING_PLAIN_LOST};
    const hz_field *field = finder->run->plan.rules[finder->rule].rule->field;
    hz_slice text = finder->scan->columns[field->index]->text[row];
    size_t at;
    hz_unplain kind = hz_plain_find(&at, text); /* PLAIN: a blank at the end of an item inside */
    size_t next = at;
    uint32_t c = at < text.len ? hz_utf8_next(text, &next) : ' ';
    hz_buf_reset(&finder->text);
    hz_buf_put_u64(&finder->text, hz_utf8_length(hz_slice_sub(text, 0, at)) + 1);
    HZ_TRY(keep_text(&finding->args[2].text, finder, finder->arena, err));
    hz_buf_reset(&finder->text);
    hz_buf_printf(&finder->text, "U+%04X", c);
    finding->args[3].mask = field->mask == HZ_MASK_NONE ? HZ_MASK_NONE : HZ_MASK_WHOLE;
    finding->message = messages[kind];
    finding->args_count = 4;
    return keep_text(&finding->args[3].text, finder, finder->arena, err);
}

static hz_status default_message(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_rule *rule = finder->run->plan.rules[finder->rule].rule;
    const hz_field *field = rule->field;
    const uint8_t *reasons;
    hz_named value = {.value = {HZ_SLICE_NONE, HZ_MASK_NONE, true}};
    HZ_TRY(give_args(finding, finder, err));
    if (field && finder->scan) {
        HZ_TRY(show_raw(&value, finder, field, row, err));
        if (rule->kind != HZ_RULE_TYPE && rule->kind != HZ_RULE_REFERENCES && rule->kind != HZ_RULE_UNIQUE)
            finding->args[1] = value.value;
        finding->args_count = 2;
    }
    switch (rule->kind) {
    case HZ_RULE_REQUIRED:
        finding->message = HZ_MSG_FINDING_REQUIRED;
        finding->args_count = 1;
        return HZ_OK;
    case HZ_RULE_CHARACTERS:
        return characters(finding, finder, row, err);
    case HZ_RULE_TYPE:
        finding->message = HZ_MSG_FINDING_TYPE;
        finding->args[2] = value.value;
        finding->args_count = 3;
        reasons = finder->scan->columns[finder->run->plan.rules[finder->rule].reading]->reasons;
        if (reasons)
            finding->reason = hz_reason_name((hz_semtype_reason)reasons[row]);
        return HZ_OK;
    case HZ_RULE_CODES:
        finding->message = HZ_MSG_FINDING_CODES;
        finding->args_count = 3;
        return HZ_OK;
    case HZ_RULE_ITEMS:
        finding->message = HZ_MSG_FINDING_ITEMS;
        return HZ_OK;
    case HZ_RULE_PATTERN:
        finding->message = HZ_MSG_FINDING_PATTERN;
        return HZ_OK;
    case HZ_RULE_LENGTH:
        finding->message = HZ_MSG_FINDING_LENGTH;
        return HZ_OK;
    case HZ_RULE_RANGE:
        finding->message = HZ_MSG_FINDING_RANGE;
        finding->args_count = 4;
        return HZ_OK;
    case HZ_RULE_REFERENCES:
        finding->message = HZ_MSG_FINDING_REFERENCES;
        finding->args_count = 3;
        return keys_value(&finding->args[1], finder, rule, row, err);
    case HZ_RULE_UNIQUE:
        finding->message = rule->overlap_from.root ? HZ_MSG_FINDING_OVERLAPS : HZ_MSG_FINDING_UNIQUE;
        finding->args_count = 2;
        return keys_value(&finding->args[1], finder, rule, row, err);
    case HZ_RULE_SIMILAR:
        finding->message = HZ_MSG_FINDING_SIMILAR;
        finding->args_count = 1;
        return HZ_OK;
    default:
        return compared(finding, finder, row, err);
    }
}

static bool may_be_repaired(hz_rule_kind kind)
{
    return kind == HZ_RULE_CHARACTERS || kind == HZ_RULE_TYPE || kind == HZ_RULE_CODES || kind == HZ_RULE_PATTERN ||
           kind == HZ_RULE_LENGTH;
}

/* What was meant, where that is certain; a day and a month in each other's place are asked about in the message. */
static hz_status repair(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_plan_rule *entry = &finder->run->plan.rules[finder->rule];
    const hz_field *field = entry->rule->field;
    const hz_field_column *column = field ? finder->scan->columns[field->index] : NULL;
    hz_repair found;
    hz_slice text;
    if (!column || !may_be_repaired(entry->rule->kind) || !hz_bits_get(column->raw.valid, row))
        return HZ_OK;
    if (!finder->repairer)
        HZ_TRY(hz_repairer_new(&finder->repairer, finder->scan->table->readings[entry->reading].field,
                               &finder->run->plan.env, err));
    HZ_TRY(hz_repairer_find(&found, &text, finder->repairer, column->raw.as.text[row], err));
    if (found == HZ_REPAIR_NONE)
        return HZ_OK;
    hz_shown shown = {HZ_SLICE_NONE, field->mask, false};
    HZ_TRY(keep(&shown.text, finder->arena, text, err));
    if (found == HZ_REPAIR_CERTAIN) {
        finding->has_repair = true;
        finding->repair = shown;
    } else if (finding->message == HZ_MSG_FINDING_TYPE) {
        finding->message = HZ_MSG_FINDING_TYPE_SWAPPED;
        finding->args[3] = shown;
        finding->args_count = 4;
    }
    return HZ_OK;
}

hz_status hz_finding_others(hz_finding *finding, hz_finder *finder, uint64_t others, hz_error *err)
{
    bool similar = finding->message == HZ_MSG_FINDING_SIMILAR;
    if (finding->message != HZ_MSG_FINDING_UNIQUE && !similar)
        return HZ_OK;
    uint32_t at = similar ? 1 : 2;
    hz_buf_reset(&finder->text);
    hz_buf_put_u64(&finder->text, others);
    finding->args_count = at + 1;
    return keep_text(&finding->args[at].text, finder, finder->arena, err);
}

/* ---- fingerprint (docs/report.md): SHA-256 over rule id, typed key values, field names; first 16 bytes ---- */

static bool any_personal(const hz_field *const *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i]->mask != HZ_MASK_NONE)
            return true;
    return false;
}

static hz_status digest(hz_finding *finding, hz_buf *bytes, const hz_finder *finder, hz_error *err)
{
    uint8_t sum[32];
    for (size_t i = 0; i < finder->fields_count; i++) {
        hz_buf_putc(bytes, '\x1f');
        hz_buf_put(bytes, finder->fields[i]->name);
    }
    HZ_TRY(hz_buf_status(bytes, err));
    if (!hz_sha256_bytes(sum, hz_buf_slice(bytes)))
        return hz_nomem(err, sizeof sum);
    hz_hex(finding->fingerprint, sum, 16);
    return HZ_OK;
}

static hz_status fingerprint(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_rule *rule = finder->run->plan.rules[finder->rule].rule;
    const hz_table *table = rule->table;
    if (!table->key_count || any_personal(table->key, table->key_count))
        return HZ_OK;
    hz_buf *bytes = &finder->text;
    hz_buf_reset(bytes);
    hz_buf_put(bytes, rule->id);
    hz_buf_putc(bytes, '\x1e');
    for (size_t i = 0; i < table->key_count; i++) {
        const hz_field_column *column = finder->scan->columns[table->key[i]->index];
        if (hz_bits_get(column->value.valid, row)) {
            hz_vec_put_key(bytes, &column->value, row);
        } else if (hz_bits_get(column->raw.valid, row)) {
            hz_buf_putc(bytes, '!'); /* invalid: the text as submitted */
            hz_buf_put(bytes, column->raw.as.text[row]);
            hz_buf_putc(bytes, '\x1e');
        } else {
            hz_buf_putc(bytes, '-');
        }
    }
    return digest(finding, bytes, finder, err);
}

static void head(hz_finding *finding, const hz_run_state *run, uint32_t rule)
{
    const hz_result_rule *shown = run->shown[rule];
    finding->draft = run->plan.rules[rule].draft;
    finding->rule = (uint32_t)(shown - (finding->draft ? run->result->drafts : run->result->rules));
    finding->severity = shown->severity;
}

/* The submitter's own columns, as they are; personal unless the profile said otherwise, which it cannot. */
static hz_status echoes(hz_finding *finding, const hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_scan *scan = finder->scan;
    const hz_table *table = scan->table->table;
    if (!table->echo_count)
        return HZ_OK;
    finding->echo = HZ_ARENA_ARRAY(finder->arena, hz_named, table->echo_count);
    if (!finding->echo)
        return hz_nomem(err, table->echo_count * sizeof *finding->echo);
    for (size_t i = 0; i < table->echo_count; i++) {
        int32_t column = scan->source->echo_of[i];
        const hz_slice *cells = column < 0 ? NULL : scan->batch->columns[column].cells;
        if (!cells)
            continue;
        hz_named *echo = &finding->echo[finding->echo_count++];
        *echo = (hz_named){.name = table->echo[i], .value = {cells[row], HZ_MASK_WHOLE, !cells[row].len}};
        if (!finder->borrow)
            HZ_TRY(keep(&echo->value.text, finder->arena, cells[row], err));
    }
    return HZ_OK;
}

hz_status hz_finding_write(hz_finding *finding, hz_finder *finder, uint32_t row, hz_error *err)
{
    head(finding, finder->run, finder->rule);
    HZ_TRY(hz_finding_place(&finding->at, finder, row, err));
    HZ_TRY(echoes(finding, finder, row, err));
    HZ_TRY(default_message(finding, finder, row, err));
    HZ_TRY(repair(finding, finder, row, err));
    HZ_TRY(template_values(finding, finder, row, err));
    return fingerprint(finding, finder, row, err);
}

/* ---- groups ---- */

static void value_vec(hz_vec *vec, const hz_value *value, uint64_t *bits, uint64_t *valid, uint64_t *invalid)
{
    *bits = value->type == HZ_TYPE_BOOLEAN && value->as.boolean;
    *valid = value->valid;
    *invalid = 0;
    *vec = (hz_vec){.type = value->type, .count = 1, .valid = valid, .invalid = invalid};
    vec->as.any = value->type == HZ_TYPE_BOOLEAN ? (void *)bits : (void *)&value->as;
}

static hz_status group_key(hz_finding *finding, hz_finder *finder, const hz_groups *groups, size_t index, hz_buf *bytes,
                           bool *personal, hz_error *err)
{
    const hz_rule *rule = finder->run->plan.rules[finder->rule].rule;
    finding->at.key_count = rule->keys_count;
    finding->at.key = rule->keys_count ? HZ_ARENA_ARRAY(finder->arena, hz_named, rule->keys_count) : NULL;
    if (rule->keys_count && !finding->at.key)
        return hz_nomem(err, rule->keys_count * sizeof(hz_named));
    for (size_t i = 0; i < rule->keys_count; i++) {
        hz_value value = hz_groups_key(groups, index, i);
        uint64_t bits, valid, invalid;
        hz_vec vec;
        value_vec(&vec, &value, &bits, &valid, &invalid);
        hz_mask mask = rule->keys[i].root->mask;
        *personal = *personal || mask != HZ_MASK_NONE;
        HZ_TRY(print_node(&finding->at.key[i].name, finder, finder->arena, rule->keys[i].root, err));
        HZ_TRY(show_vec(&finding->at.key[i].value, finder, finder->arena, &vec, 0, mask, err));
        if (value.valid)
            hz_vec_put_key(bytes, &vec, 0);
    }
    return HZ_OK;
}

hz_status hz_finding_group(hz_finding *finding, hz_finder *finder, uint32_t rule, hz_groups *groups, size_t index,
                           hz_error *err)
{
    const hz_rule *r = finder->run->plan.rules[rule].rule;
    hz_eval_input input;
    hz_buf bytes = HZ_BUF_INIT;
    bool personal = false;
    hz_status st = HZ_OK;
    HZ_GO(hz_groups_input(&input, groups, index, 1, err));
    HZ_GO(turn_to(finder, rule, &input, err));
    head(finding, finder->run, rule);
    finding->group = true;
    finding->at.table = finder->run->table_shown[r->table->index];
    finding->at.source = UINT32_MAX;
    hz_buf_put(&bytes, r->id);
    hz_buf_putc(&bytes, '\x1e');
    HZ_GO(group_key(finding, finder, groups, index, &bytes, &personal, err));
    HZ_GO(give_args(finding, finder, err));
    HZ_GO(compared(finding, finder, 0, err));
    HZ_GO(template_values(finding, finder, 0, err));
    if (!personal)
        HZ_GO(digest(finding, &bytes, finder, err));
out:
    hz_buf_clear(&bytes);
    return st;
}

hz_status hz_finding_blamed(hz_finding *finding, hz_finder *finder, uint32_t rule, uint32_t row, hz_groups *groups,
                            size_t index, hz_error *err)
{
    hz_eval_input input;
    HZ_TRY(hz_groups_input(&input, groups, index, 1, err));
    HZ_TRY(turn_to(finder, rule, &input, err));
    head(finding, finder->run, rule);
    HZ_TRY(hz_finding_place(&finding->at, finder, row, err));
    HZ_TRY(echoes(finding, finder, row, err));
    HZ_TRY(give_args(finding, finder, err));
    HZ_TRY(compared(finding, finder, 0, err));
    HZ_TRY(template_values(finding, finder, 0, err));
    return fingerprint(finding, finder, row, err);
}
