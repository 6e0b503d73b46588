/* z3_witness.c: a record that shows a claim. Values are tried from a short list of simple ones, one part of the row
 * after the other, and kept where an answer is left; so the record is easy to read and is the same on every machine. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/tasks/reason/reason_int.h"

enum { OTHERS_MAX = 64 };

typedef struct witness {
    hz_z3 *z;
    hz_claim *claim;
    Z3_model model;
    int64_t others[OTHERS_MAX]; /* texts that are no literal, in the order in which they were met */
    size_t others_count;
    hz_buf text; /* the value at hand */
} witness;

/* ---- simple values first ---- */

static bool try_value(hz_z3 *z, Z3_ast condition, const Z3_ast *assumed, size_t count, unsigned *depth)
{
    Z3_solver_push(z->ctx, z->solver);
    Z3_solver_assert(z->ctx, z->solver, condition);
    if (hz_z3_check(z, assumed, count) == Z3_L_TRUE) {
        (*depth)++;
        return true;
    }
    Z3_solver_pop(z->ctx, z->solver, 1);
    return false;
}

static int32_t civil(int32_t year, int32_t month, int32_t day)
{
    int32_t days = 0;
    (void)hz_date_from_civil(&days, year, month, day);
    return days;
}

/* Of codes the first few that are spelled out; of other texts one that nobody wrote. */
static bool simple_text(Z3_ast *out, hz_z3 *z, const hz_z3_known *known, size_t at, size_t index)
{
    enum { CODES_TRIED = 8 };
    const hz_codelist *codes = known->field ? known->field->codes : NULL;
    int64_t other = (int64_t)z->texts_count * HZ_Z3_TEXT_STEP + 1 + (int64_t)at;
    if (!codes && index == 0)
        *out = Z3_mk_eq(z->ctx, known->term.value, hz_z3_int(z, other));
    if (!codes || index >= CODES_TRIED)
        return !codes && index == 0;
    for (size_t i = 0; i < z->texts_count; i++)
        if (hz_codelist_find(codes, z->texts[i], HZ_DAY_EVER) != HZ_HTAB_NONE && index-- == 0) {
            *out = Z3_mk_eq(z->ctx, known->term.value, hz_z3_int(z, (int64_t)i * HZ_Z3_TEXT_STEP));
            return true;
        }
    return false;
}

/* The index-th simple value of a type; false past the last. */
static bool simple(Z3_ast *out, hz_z3 *z, const hz_z3_known *known, size_t at, size_t index)
{
    static const int64_t numbers[] = {1, 0, 2, 10, 100, 1000};
    const int32_t dates[] = {civil(2020, 12, 31), civil(2020, 1, 1), civil(2000, 1, 1)};
    const hz_z3_term *term = &known->term;
    switch (term->type) {
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DECIMAL:
        if (index < sizeof numbers / sizeof *numbers)
            *out = hz_z3_relation(z, HZ_OP_EQ, HZ_TYPE_DECIMAL, term->value, hz_z3_int(z, numbers[index]));
        return index < sizeof numbers / sizeof *numbers;
    case HZ_TYPE_DATE:
        if (index < sizeof dates / sizeof *dates)
            *out = Z3_mk_eq(z->ctx, term->value, hz_z3_int(z, dates[index]));
        return index < sizeof dates / sizeof *dates;
    case HZ_TYPE_TEXT:
        return simple_text(out, z, known, at, index);
    case HZ_TYPE_BOOLEAN:
        if (index == 0)
            *out = hz_z3_false(z, *term);
        return index == 0;
    default:
        return false;
    }
}

static unsigned prefer(hz_z3 *z, const hz_z3_marks *shown, const Z3_ast *assumed, size_t count)
{
    unsigned depth = 0;
    for (size_t i = 0; i < z->known_count; i++) {
        const hz_z3_known *known = &z->known[i];
        Z3_ast condition = NULL;
        bool found = false;
        if (!hz_z3_marked(shown, i) || !known->term.value || known->function)
            continue;
        if (known->usual)
            found = try_value(z, Z3_mk_eq(z->ctx, known->term.value, known->usual), assumed, count, &depth);
        if (!found && !try_value(z, hz_z3_not(z, hz_z3_unknown(z, known->term)), assumed, count, &depth))
            continue;
        for (size_t k = 0; !found && simple(&condition, z, known, i, k); k++)
            found = try_value(z, condition, assumed, count, &depth);
    }
    return depth;
}

/* ---- values as text ---- */

static bool eval(const witness *w, Z3_ast what, Z3_ast *out)
{
    return Z3_model_eval(w->z->ctx, w->model, what, true, out);
}

static bool eval_true(const witness *w, Z3_ast what)
{
    Z3_ast value = NULL;
    return eval(w, what, &value) && Z3_get_bool_value(w->z->ctx, value) == Z3_L_TRUE;
}

static bool eval_int(const witness *w, Z3_ast what, int64_t *out)
{
    Z3_ast value = NULL;
    return eval(w, what, &value) && Z3_is_numeral_ast(w->z->ctx, value) && Z3_get_numeral_int64(w->z->ctx, value, out);
}

static bool is_literal(const hz_z3 *z, hz_slice text)
{
    for (size_t i = 0; i < z->texts_count; i++)
        if (hz_slice_eq(z->texts[i], text))
            return true;
    return false;
}

/* A code that no rule speaks of. */
static bool put_other_code(witness *w, const hz_field *field, size_t skip)
{
    for (size_t i = 0; field->codes && i < hz_codelist_count(field->codes); i++) {
        hz_slice code = hz_codelist_at(field->codes, i).code;
        if (!is_literal(w->z, code) && skip-- == 0) {
            hz_buf_put(&w->text, code);
            return true;
        }
    }
    return false;
}

/* A text that the profile itself gives as an example of the field, or one that examples of rules have. */
static bool put_example(witness *w, const hz_field *field, size_t skip)
{
    const hz_profile *profile = w->z->options->profile;
    for (size_t i = 0; i < field->examples_count; i++)
        if (!is_literal(w->z, field->examples[i]) && skip-- == 0) {
            hz_buf_put(&w->text, field->examples[i]);
            return true;
        }
    for (size_t r = 0; r < profile->rules_count; r++)
        for (size_t t = 0; t < profile->rules[r].tests_count; t++) {
            const hz_test *test = &profile->rules[r].tests[t];
            for (size_t n = 0; n < test->rows_count; n++)
                for (size_t c = 0; test->rows[n].table == field->table && c < test->rows[n].cells_count; c++) {
                    const hz_test_cell *cell = &test->rows[n].cells[c];
                    if (hz_slice_eq(cell->field, field->name) && !cell->null && cell->value.len &&
                        !is_literal(w->z, cell->value) && skip-- == 0) {
                        hz_buf_put(&w->text, cell->value);
                        return true;
                    }
                }
        }
    return false;
}

/* Made up: as long as the row wants it. */
static bool put_made_up(witness *w, const hz_field *field, size_t number)
{
    int64_t length = field->min_length > 0 ? field->min_length : 1;
    hz_buf key = HZ_BUF_INIT;
    hz_buf_puts(&key, "length(");
    hz_buf_put(&key, field->name);
    hz_buf_puts(&key, ")");
    for (size_t i = 0; i < w->z->known_count; i++)
        if (hz_slice_eq(w->z->known[i].key, hz_buf_slice(&key)))
            (void)eval_int(w, w->z->known[i].term.value, &length);
    hz_buf_clear(&key);
    if (length < 1 || length > 200 || number > 25)
        return false;
    for (int64_t i = 0; i < length; i++)
        hz_buf_putc(&w->text, (char)('a' + (int)number));
    return !is_literal(w->z, hz_buf_slice(&w->text));
}

static bool put_text(witness *w, const hz_field *field, int64_t number)
{
    const hz_slice *literal = hz_z3_text_of(w->z, number);
    size_t at = 0;
    if (literal) {
        hz_buf_put(&w->text, *literal);
        return true;
    }
    while (at < w->others_count && w->others[at] != number)
        at++;
    if (at == OTHERS_MAX || !field)
        return false;
    w->others[at] = number;
    w->others_count = at == w->others_count ? at + 1 : w->others_count;
    if (field->type == HZ_FIELD_CODES)
        return put_other_code(w, field, at);
    if (field->type == HZ_FIELD_TEXT && !field->patterns_count)
        return put_made_up(w, field, at);
    return put_example(w, field, at);
}

static bool put_time(witness *w, hz_type type, const hz_field *field, int64_t value)
{
    if (field && field->formats_count) {
        hz_time_format_put(&w->text, &field->formats[0], value);
        return field->type != HZ_FIELD_MONTH || hz_date_first_day((int32_t)value) == value;
    }
    if (type == HZ_TYPE_DATE)
        hz_date_put(&w->text, (int32_t)value);
    else if (type == HZ_TYPE_TIMESTAMP)
        hz_timestamp_put(&w->text, value);
    else
        hz_time_put(&w->text, value);
    return true;
}

/* The value of a part of the row in w->text; false: it cannot be spelled. */
static bool put_value(witness *w, const hz_z3_known *known)
{
    const hz_z3_term *term = &known->term;
    const hz_field *field = known->field;
    int64_t number = 0;
    Z3_ast value = NULL;
    if (term->type == HZ_TYPE_BOOLEAN) {
        bool yes = eval_true(w, term->value);
        const hz_slice said = !field ? hz_slice_of(yes ? "true" : "false")
                              : yes  ? field->true_texts[0]
                                     : field->false_texts[0];
        hz_buf_put(&w->text, said);
        return true;
    }
    if (term->type == HZ_TYPE_DECIMAL) {
        if (!eval(w, term->value, &value) || !Z3_is_numeral_ast(w->z->ctx, value))
            return false;
        hz_buf_puts(&w->text, Z3_get_numeral_decimal_string(w->z->ctx, value, HZ_DECIMAL_DIGITS_MAX));
        return w->text.len && w->text.ptr[w->text.len - 1] != '?';
    }
    if (!term->value || !eval_int(w, term->value, &number))
        return false;
    if (term->type == HZ_TYPE_TEXT)
        return put_text(w, field, number);
    if (term->type == HZ_TYPE_INTEGER)
        hz_buf_put_i64(&w->text, number);
    else
        return put_time(w, term->type, field, number);
    return true;
}

static void add_cell(witness *w, const hz_z3_known *known)
{
    hz_claim *claim = w->claim;
    hz_witness_cell *cell = &claim->cells[claim->cells_count];
    *cell = (hz_witness_cell){.field = known->field, .name = known->key};
    hz_buf_reset(&w->text);
    cell->null = eval_true(w, known->term.null);
    bool good = cell->null || (!eval_true(w, known->term.inv) && put_value(w, known));
    claim->inexact = claim->inexact || known->function;
    if (!known->field && !known->term.value) { /* an array made of others */
        claim->own_row = false;
        return;
    }
    if (known->function && (!good || known->term.type == HZ_TYPE_TEXT))
        return;
    if (!good) {
        claim->own_row = false;
        hz_buf_reset(&w->text);
        hz_buf_puts(&w->text, "…");
    }
    if (w->text.status != HZ_OK || hz_arena_copy(&cell->value, w->z->reason->arena, hz_buf_slice(&w->text)) != HZ_OK ||
        hz_arena_copy(&cell->name, w->z->reason->arena, known->key) != HZ_OK)
        w->z->status = HZ_E_NOMEM;
    claim->cells_count++;
    claim->own_row = claim->own_row && (known->field || known->function || known->usual);
}

/* The day is no cell of a record; a parameter that has its default is told as well. */
static void take_day(witness *w, const hz_z3_known *known)
{
    int64_t day = 0;
    w->claim->has_as_of = eval_int(w, known->term.value, &day);
    w->claim->as_of = (int32_t)day;
}

static void read_model(witness *w, const hz_z3_marks *shown)
{
    hz_z3 *z = w->z;
    w->claim->own_row = true;
    for (size_t f = 0; f < z->table->fields_count; f++)
        for (size_t i = 0; i < z->known_count; i++)
            if (hz_z3_marked(shown, i) && z->known[i].field == &z->table->fields[f])
                add_cell(w, &z->known[i]);
    for (size_t i = 0; i < z->known_count; i++) {
        if (!hz_z3_marked(shown, i) || z->known[i].field)
            continue;
        if (hz_slice_is(z->known[i].key, "as_of"))
            take_day(w, &z->known[i]);
        else
            add_cell(w, &z->known[i]);
    }
    for (size_t i = 0; i < z->known_count; i++)
        if (hz_z3_marked(shown, i) && z->known[i].usual) {
            Z3_ast same = Z3_mk_eq(z->ctx, z->known[i].term.value, z->known[i].usual);
            w->claim->own_row = w->claim->own_row && eval_true(w, same);
        }
}

void hz_z3_witness(hz_z3 *z, hz_claim *claim, const hz_z3_marks *shown, const Z3_ast *assumed, size_t count)
{
    if (hz_z3_check(z, assumed, count) != Z3_L_TRUE)
        return;
    witness w = {.z = z, .claim = claim};
    claim->cells = HZ_ARENA_ARRAY(z->reason->arena, hz_witness_cell, z->known_count + 1);
    if (!claim->cells) {
        z->status = HZ_E_NOMEM;
        return;
    }
    claim->cells_count = 0;
    unsigned depth = prefer(z, shown, assumed, count);
    if (hz_z3_check(z, assumed, count) == Z3_L_TRUE) {
        w.model = Z3_solver_get_model(z->ctx, z->solver);
        Z3_model_inc_ref(z->ctx, w.model);
        read_model(&w, shown);
        Z3_model_dec_ref(z->ctx, w.model);
    }
    if (depth)
        Z3_solver_pop(z->ctx, z->solver, depth);
    hz_buf_clear(&w.text);
}
