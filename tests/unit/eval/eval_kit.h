/* eval_kit.h: expressions over rows given as text, evaluated and printed, for the unit tests and
 * tests/differential/eval_tool.c. Rows are cells of text with their state; values print as tests/data/expr/README.md
 * writes them. Header only. */
#ifndef HZ_TESTS_UNIT_EVAL_KIT_H
#define HZ_TESTS_UNIT_EVAL_KIT_H
#include "tests/unit/expr/cases.h"
#include "tests/unit/expr/fixture.h"
#include "validator/eval/program.h"

#define KIT_UNUSED __attribute__((unused))

typedef struct kit_cell {
    cell_state state;
    hz_slice text;
} kit_cell;

typedef struct eval_kit {
    fixture fx;
    hz_semtypes *semtypes;
    hz_buf model;
    hz_value params[CASE_PARAMS_MAX];
    hz_eval_env env;
    const hz_table *table;
    const kit_cell *cells; /* row by row, a cell for each field */
    /* the batch of now */
    hz_arena *arena;
    hz_vec *columns, *raws;
    uint32_t batch_from, batch_rows;
} eval_kit;

static KIT_UNUSED void kit_die(const char *what)
{
    fprintf(stderr, "eval_kit: %s\n", what);
    exit(1);
}

static KIT_UNUSED hz_value kit_value(hz_type type, hz_field_type field_type, hz_slice text)
{
    hz_value value = {.type = type, .valid = true};
    hz_time_format format;
    hz_decimal number;
    bool ok = true;
    switch (type) {
    case HZ_TYPE_TEXT:
        value.as.text = text;
        break;
    case HZ_TYPE_BOOLEAN:
        value.as.boolean = hz_slice_is(text, "1") || hz_slice_is(text, "true");
        break;
    case HZ_TYPE_INTEGER:
        ok = hz_decimal_parse(&number, text) && hz_decimal_to_i64(&value.as.i64, number);
        break;
    case HZ_TYPE_DECIMAL:
        ok = hz_decimal_parse(&value.as.decimal, text);
        break;
    default:
        hz_time_format_iso(&format, field_type == HZ_FIELD_MONTH ? HZ_TIME_MONTH
                                    : type == HZ_TYPE_DATE       ? HZ_TIME_DATE
                                    : type == HZ_TYPE_TIMESTAMP  ? HZ_TIME_DATETIME
                                                                 : HZ_TIME_TIME);
        ok = hz_time_parse(&value.as.i64, &format, text);
        break;
    }
    if (!ok) {
        fprintf(stderr, "eval_kit: bad value %.*s\n", HZ_SLICE_FMT(text));
        exit(1);
    }
    return value;
}

/* Lists are the same for every kit and are parsed once. */
static hz_lists *kit_lists;
static hz_semtypes *kit_semtypes;

static KIT_UNUSED void kit_share_lists(void)
{
    if (kit_semtypes)
        return;
    if (hz_lists_open(&kit_lists, NULL, hz_limits_default(), NULL) != HZ_OK ||
        hz_semtypes_open(&kit_semtypes, kit_lists, NULL) != HZ_OK)
        kit_die("no lists");
}

static KIT_UNUSED void kit_open(eval_kit *kit, const case_field *fields, size_t fields_count, const case_param *params,
                                size_t params_count, hz_slice as_of)
{
    memset(kit, 0, sizeof *kit);
    for (size_t i = 0; i < params_count; i++)
        hz_buf_printf(&kit->model, "param %.*s %.*s\n", HZ_SLICE_FMT(params[i].name), HZ_SLICE_FMT(params[i].type));
    hz_buf_puts(&kit->model, "table t\n");
    for (size_t i = 0; i < fields_count; i++)
        hz_buf_printf(&kit->model, "%.*s %.*s\n", HZ_SLICE_FMT(fields[i].name), HZ_SLICE_FMT(fields[i].type));
    fixture_open(&kit->fx, hz_buf_slice(&kit->model), false);
    kit_share_lists();
    kit->fx.lists = kit_lists;
    kit->semtypes = kit_semtypes;
    kit->table = &kit->fx.profile->tables[0];
    for (size_t i = 0; i < params_count; i++) {
        hz_field_type field_type = HZ_FIELD_TEXT;
        hz_type type = HZ_TYPE_TEXT;
        fixture_type(params[i].type, &field_type, &type);
        kit->params[i] = kit_value(type, field_type, params[i].text);
    }
    kit->env = (hz_eval_env){.params = kit->params, .semtypes = kit->semtypes, .limits = hz_limits_default()};
    if (!hz_slice_is(as_of, "none")) {
        kit->env.has_as_of = true;
        kit->env.as_of = (int32_t)kit_value(HZ_TYPE_DATE, HZ_FIELD_DATE, as_of).as.i64;
    }
    kit->arena = hz_arena_new();
}

static KIT_UNUSED void kit_close(eval_kit *kit)
{
    kit->fx.lists = NULL;
    fixture_close(&kit->fx);
    hz_buf_clear(&kit->model);
    hz_arena_free(kit->arena);
}

/* Parses and checks; NULL after a mistake, whose text is in *why. */
static KIT_UNUSED hz_node *kit_parse(eval_kit *kit, hz_slice text, hz_buf *why)
{
    hz_arena *arena = kit->fx.arena;
    hz_expr *expr = HZ_ARENA_NEW(arena, hz_expr);
    hz_diags diags;
    hz_diags_init(&diags, arena, 100);
    fixture_expr(expr, arena, text);
    hz_scope scope = {.profile = kit->fx.profile, .lists = kit->fx.lists, .table = kit->table, .flags = HZ_SCOPE_ROW};
    if (hz_expr_parse(expr, arena, hz_limits_default(), &diags, NULL) != HZ_OK)
        kit_die("parse");
    if (expr->root && hz_expr_check(expr, &scope, HZ_TYPE_NULL, arena, &diags, NULL) != HZ_OK)
        kit_die("check");
    if (!expr->root && diags.count)
        hz_diag_render(why, &diags.items[0], HZ_LANG_EN);
    hz_diags_clear(&diags);
    return expr->root;
}

static KIT_UNUSED void kit_set(hz_vec *vec, size_t row, const hz_value *value)
{
    switch (vec->type) {
    case HZ_TYPE_BOOLEAN:
        hz_bits_put(vec->as.bits, row, value->as.boolean);
        break;
    case HZ_TYPE_TEXT:
        vec->as.text[row] = value->as.text;
        break;
    case HZ_TYPE_DECIMAL:
        vec->as.decimal[row] = value->as.decimal;
        break;
    default:
        vec->as.i64[row] = value->as.i64;
        break;
    }
    hz_bits_set(vec->valid, row);
}

static KIT_UNUSED void kit_vec(eval_kit *kit, hz_vec *vec, hz_type type, size_t count)
{
    size_t words = hz_bits_words(count);
    *vec = (hz_vec){.type = type, .count = (uint32_t)count};
    vec->valid = HZ_ARENA_ARRAY(kit->arena, uint64_t, words);
    vec->invalid = HZ_ARENA_ARRAY(kit->arena, uint64_t, words);
    size_t bytes = type == HZ_TYPE_BOOLEAN ? words * 8 : count * hz_type_bytes(type);
    vec->as.any = hz_arena_alloc(kit->arena, bytes);
    /* Slots without a value hold rubbish on purpose. */
    memset(vec->as.any, type == HZ_TYPE_BOOLEAN ? 0 : 0xA5, bytes);
}

/* Pieces between commas; their count. out may be NULL. */
static KIT_UNUSED size_t kit_pieces(hz_slice text, hz_slice *out)
{
    size_t count = 0;
    for (;; count++) {
        const char *comma = memchr(text.ptr, ',', text.len);
        size_t len = comma ? (size_t)(comma - text.ptr) : text.len;
        if (out)
            out[count] = hz_slice_sub(text, 0, len);
        if (!comma)
            return count + 1;
        text = hz_slice_sub(text, len + 1, text.len);
    }
}

static KIT_UNUSED void kit_array_column(eval_kit *kit, const hz_field *field, hz_vec *vec, uint32_t from, uint32_t rows)
{
    size_t total = 0, width = kit->table->fields_count;
    vec->item_type = field->item_type;
    for (uint32_t i = 0; i < rows; i++) {
        const kit_cell *cell = &kit->cells[(from + i) * width + field->index];
        total += cell->state == CELL_PRESENT ? kit_pieces(cell->text, NULL) : 0;
        vec->as.ends[i] = (uint32_t)total;
    }
    vec->items = HZ_ARENA_NEW(kit->arena, hz_vec);
    kit_vec(kit, vec->items, field->item_type, total);
    hz_slice *pieces = HZ_ARENA_ARRAY(kit->arena, hz_slice, total + 1);
    for (uint32_t i = 0; i < rows; i++) {
        const kit_cell *cell = &kit->cells[(from + i) * width + field->index];
        size_t at = i ? vec->as.ends[i - 1] : 0;
        if (cell->state != CELL_PRESENT)
            continue;
        hz_bits_set(vec->valid, i);
        kit_pieces(cell->text, pieces + at);
        for (; at < vec->as.ends[i]; at++) {
            hz_value value = kit_value(field->item_type, field->type, pieces[at]);
            kit_set(vec->items, at, &value);
        }
    }
}

/* Makes the columns of rows [from, from + rows). */
static KIT_UNUSED void kit_batch(eval_kit *kit, uint32_t from, uint32_t rows)
{
    size_t width = kit->table->fields_count;
    hz_arena_reset(kit->arena);
    kit->columns = HZ_ARENA_ARRAY(kit->arena, hz_vec, width);
    kit->raws = HZ_ARENA_ARRAY(kit->arena, hz_vec, width);
    kit->batch_from = from;
    kit->batch_rows = rows;
    for (size_t f = 0; f < width; f++) {
        const hz_field *field = &kit->table->fields[f];
        hz_vec *vec = &kit->columns[f], *raw = &kit->raws[f];
        kit_vec(kit, vec, field->value_type, rows);
        kit_vec(kit, raw, HZ_TYPE_TEXT, rows);
        for (uint32_t i = 0; i < rows; i++) {
            const kit_cell *cell = &kit->cells[(from + i) * width + f];
            if (cell->state != CELL_NULL)
                kit_set(raw, i, &(hz_value){.type = HZ_TYPE_TEXT, .valid = true, .as.text = cell->text});
            if (cell->state == CELL_INVALID)
                hz_bits_set(vec->invalid, i);
            else if (cell->state == CELL_PRESENT && field->value_type != HZ_TYPE_ARRAY) {
                hz_value value = kit_value(field->value_type, field->type, cell->text);
                kit_set(vec, i, &value);
            }
        }
        if (field->value_type == HZ_TYPE_ARRAY)
            kit_array_column(kit, field, vec, from, rows);
    }
}

static KIT_UNUSED const hz_vec *kit_field(void *ctx, const hz_field *field)
{
    return &((eval_kit *)ctx)->columns[field->index];
}
static KIT_UNUSED const hz_vec *kit_raw(void *ctx, const hz_field *field)
{
    return &((eval_kit *)ctx)->raws[field->index];
}

static KIT_UNUSED void kit_put_text(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hz_buf_putc(out, '\'');
        hz_buf_putc(out, text.ptr[i]);
    }
    hz_buf_putc(out, '\'');
}

static KIT_UNUSED void kit_put(hz_buf *out, const hz_vec *vec, size_t row)
{
    if (!hz_bits_get(vec->valid, row)) {
        hz_buf_puts(out, hz_bits_get(vec->invalid, row) ? "invalid" : "null");
        return;
    }
    if (hz_bits_get(vec->invalid, row))
        hz_buf_puts(out, "VALID AND INVALID ");
    size_t start = out->len;
    switch (vec->type) {
    case HZ_TYPE_TEXT:
        kit_put_text(out, vec->as.text[row]);
        break;
    case HZ_TYPE_INTERVAL:
        hz_buf_printf(out, "%d %d %lld", (int)vec->as.interval[row].months, (int)vec->as.interval[row].days,
                      (long long)vec->as.interval[row].micros);
        break;
    case HZ_TYPE_TIMESTAMP:
        hz_vec_put(out, vec, row, HZ_SLICE_NONE);
        for (size_t i = start; i < out->len; i++)
            if (out->ptr[i] == 'T')
                out->ptr[i] = ' ';
        break;
    case HZ_TYPE_ARRAY:
        hz_buf_putc(out, '{');
        for (size_t j = row ? vec->as.ends[row - 1] : 0, first = j; j < vec->as.ends[row]; j++) {
            if (j > first)
                hz_buf_putc(out, ',');
            kit_put(out, vec->items, j);
        }
        hz_buf_putc(out, '}');
        break;
    default:
        hz_vec_put(out, vec, row, HZ_SLICE_NONE);
        break;
    }
}

/* Runs over all rows in batches of at most `step` (and HZ_BATCH_ROWS); each value is appended to *out with `end` behind
 * it. */
static KIT_UNUSED hz_status kit_run(eval_kit *kit, const hz_program *program, hz_eval *eval, uint32_t rows,
                                    uint32_t step, hz_buf *out, char end, hz_error *err)
{
    if (step > HZ_BATCH_ROWS)
        step = HZ_BATCH_ROWS;
    for (uint32_t from = 0; from < rows; from += step) {
        uint32_t count = rows - from < step ? rows - from : step;
        const hz_vec *result = NULL;
        kit_batch(kit, from, count);
        hz_eval_input input = {kit, count, kit_field, kit_raw, NULL};
        HZ_TRY(hz_program_run(&result, program, eval, &input, err));
        if (result->count != count && result->count < count)
            kit_die("a result of too few rows");
        for (uint32_t i = 0; i < count; i++) {
            kit_put(out, result, i);
            hz_buf_putc(out, end);
        }
        hz_eval_reset(eval);
    }
    return HZ_OK;
}

/* The expression over all rows by every way: in batches, row by row, and as a plain program. HZ_OK: *out has the
 * values. Other ways that say something else are shown in *why with HZ_E_INTERNAL. */
static KIT_UNUSED hz_status kit_evaluate(eval_kit *kit, const hz_node *root, hz_eval *eval, uint32_t rows, hz_buf *out,
                                         char end, hz_buf *why)
{
    hz_error err = {0};
    hz_program *program = NULL, *plain = NULL;
    hz_buf single = HZ_BUF_INIT, slow = HZ_BUF_INIT;
    hz_status st = hz_program_compile(&program, root, &kit->env, &err);
    if (st == HZ_OK)
        st = hz_program_compile_plain(&plain, root, &kit->env, &err);
    if (st == HZ_OK)
        st = kit_run(kit, program, eval, rows, HZ_BATCH_ROWS, out, end, &err);
    if (st == HZ_OK)
        st = kit_run(kit, program, eval, rows, 1, &single, end, &err);
    if (st == HZ_OK)
        st = kit_run(kit, plain, eval, rows, HZ_BATCH_ROWS, &slow, end, &err);
    if (st != HZ_OK) {
        hz_slice args[HZ_MSG_ARGS_MAX];
        size_t count = hz_error_args(&err, args);
        hz_msg_render(why, err.message, args, count, HZ_LANG_EN);
    } else if (!hz_slice_eq(hz_buf_slice(out), hz_buf_slice(&single)) ||
               !hz_slice_eq(hz_buf_slice(out), hz_buf_slice(&slow))) {
        st = HZ_E_INTERNAL;
        hz_buf_printf(why, "ways differ: batch %.*s | row by row %.*s | plain %.*s", HZ_SLICE_FMT(*out),
                      HZ_SLICE_FMT(single), HZ_SLICE_FMT(slow));
    }
    hz_buf_clear(&single);
    hz_buf_clear(&slow);
    hz_program_free(program);
    hz_program_free(plain);
    return st;
}

/* The type's name as cases write it: "text", "numeric[]". */
static KIT_UNUSED void kit_put_type(hz_buf *out, const hz_node *root)
{
    hz_buf_puts(out, hz_type_name(root->type == HZ_TYPE_ARRAY ? root->item_type : root->type));
    if (root->type == HZ_TYPE_ARRAY)
        hz_buf_puts(out, "[]");
}
#endif
