/* generate_aim.c: changes cells so that a value is what is wanted: the ways back through functions and sums. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

static int32_t day_of(hz_gval v)
{
    return (int32_t)(v.type == HZ_TYPE_TIMESTAMP ? v.as.i64 / HZ_MICROS_PER_DAY : v.as.i64);
}

/* A value for which `it op target` holds, not far away. */
hz_gval hz_gen_near(hz_gen_block *block, hz_op op, hz_gval target)
{
    hz_decimal step, moved;
    bool up = op == HZ_OP_GT || op == HZ_OP_GE || op == HZ_OP_NE;
    if (op == HZ_OP_EQ || ((op == HZ_OP_LE || op == HZ_OP_GE) && hz_rand_percent(&block->rand, 20)))
        return target;
    if (target.type == HZ_TYPE_DECIMAL) {
        int64_t size = 0;
        hz_decimal whole = target.as.number;
        if (hz_decimal_round(&whole, whole, 0, HZ_ROUND_DOWN))
            (void)hz_decimal_to_i64(&size, whole);
        size = size < 0 ? -size : size;
        step = hz_decimal_of(1 + (int64_t)hz_rand_below(&block->rand, (uint64_t)(size / 3 + 2)));
        if (!(up ? hz_decimal_add(&moved, target.as.number, step) : hz_decimal_sub(&moved, target.as.number, step)))
            return HZ_GVAL_NULL;
        /* below a bound above 0 one stays above 0: figures are seldom negative */
        if (!up && target.as.number.coef > 0 && moved.coef < 0)
            moved = hz_decimal_of(0);
        return hz_gval_number(moved);
    }
    if (target.type == HZ_TYPE_DATE || target.type == HZ_TYPE_TIMESTAMP) {
        int64_t days = 1 + (int64_t)hz_rand_below(&block->rand, 300);
        target.as.i64 += (up ? days : -days) * (target.type == HZ_TYPE_DATE ? 1 : HZ_MICROS_PER_DAY);
        return target;
    }
    if (target.type == HZ_TYPE_BOOLEAN && op == HZ_OP_NE)
        return hz_gval_bool(!target.as.boolean);
    return HZ_GVAL_NULL;
}

/* ---- a cell ---- */

static hz_gval code_for(hz_gen_block *block, const hz_gen_field *known, uint32_t period, hz_op op, hz_gval target)
{
    size_t from = known->codes_count[period] ? (size_t)hz_rand_below(&block->rand, known->codes_count[period]) : 0;
    bool any;
    for (size_t i = 0; i < known->codes_count[period]; i++) {
        hz_gval v = hz_gval_text(
            hz_codelist_at(known->field->codes, known->codes[period][(from + i) % known->codes_count[period]]).code);
        if (hz_gval_holds(v, op, target, &any))
            return v;
    }
    return HZ_GVAL_NULL;
}

/* Whether a field's own constraints take a value that another rule asks for. Quantities are not negative. */
static bool fits_field(hz_gen_block *block, const hz_gen_field *known, hz_gen_row *row, hz_gval v)
{
    const hz_field *field = known->field;
    const hz_gen_env env = {row, NULL, row->period};
    bool sure, matches = true;
    for (int i = 0; i < 2; i++) {
        const hz_expr *expr = i ? &field->max : &field->min;
        hz_gval bound = expr->root ? hz_gen_value(block, expr->root, &env) : HZ_GVAL_NULL;
        if (bound.state == HZ_GEN_VALID && hz_gval_holds(v, i ? HZ_OP_GT : HZ_OP_LT, bound, &sure) && sure)
            return false;
    }
    if (known->kind == HZ_GEN_NUMBER && v.type == HZ_TYPE_DECIMAL)
        return v.as.number.coef >= 0 || !field->unit.len || block->wild;
    if (v.type != HZ_TYPE_TEXT || field->many.len)
        return true;
    if (known->pattern && hz_pattern_match(&matches, known->pattern, &block->pattern_scratch, v.as.text, NULL) != HZ_OK)
        return false;
    int64_t length = (int64_t)hz_utf8_length(v.as.text);
    return matches && (field->max_length < 0 || length <= field->max_length) && length >= field->min_length;
}

/* To a place that begins otherwise, as near by as can be: for defects. */
static bool go_elsewhere(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_slice part)
{
    enum { DRAWS = 20 };
    const hz_gen_plan *plan = block->plan;
    hz_gen_kind kind = plan->tables[row->table->index].fields[field->index].kind;
    for (int i = 0; kind == HZ_GEN_DIVISION && i < DRAWS; i++) {
        hz_gen_draw(block, row, field, false);
        if (!hz_slice_starts(row->cells[field->index].text, part))
            return true;
    }
    if (kind != HZ_GEN_PLACE || !plan->places_count)
        return false;
    size_t from = (size_t)hz_rand_below(&block->rand, plan->places_count);
    for (int near = 1; near >= 0; near--)
        for (size_t i = 0; i < plan->places_count; i++) {
            hz_slice place = plan->places[(from + i) % plan->places_count];
            if (!hz_slice_starts(place, part) &&
                (!near || hz_slice_starts(place, hz_slice_sub(part, 0, part.len > 2 ? part.len - 2 : part.len))))
                return hz_gen_set(block, row, field, hz_gval_text(place));
        }
    return false;
}

static bool aim_cell(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_op op, hz_gval target)
{
    const hz_gen_field *known = &block->plan->tables[row->table->index].fields[field->index];
    bool sure;
    if (block->plan->tables[row->table->index].role == HZ_GEN_INCLUDED || (known->locked && !block->journal) ||
        hz_gen_is_told(block, known))
        return false;
    if (target.state != HZ_GEN_VALID) {
        hz_gen_draw(block, row, field, false);
        return row->cells[field->index].value.state == HZ_GEN_VALID;
    }
    if (known->kind == HZ_GEN_CODES && !field->many.len) {
        hz_gval v = code_for(block, known, row->period, op, target);
        return v.state == HZ_GEN_VALID && hz_gen_set(block, row, field, v);
    }
    if (op == HZ_OP_EQ)
        return (block->journal || fits_field(block, known, row, target)) && hz_gen_set(block, row, field, target);
    if (op == HZ_OP_NE && block->journal && target.type == HZ_TYPE_TEXT &&
        go_elsewhere(block, row, field, target.as.text))
        return true;
    if (target.type == HZ_TYPE_TEXT || target.type == HZ_TYPE_ARRAY) {
        for (int i = 0; i < 20; i++) {
            hz_gen_draw(block, row, field, false);
            if (hz_gval_holds(row->cells[field->index].value, op, target, &sure))
                return true;
        }
        return false;
    }
    hz_gval v = hz_gen_near(block, op, target);
    const hz_gen_env env = {row, NULL, row->period};
    for (int i = 0; i < 2; i++) { /* within the field's own bounds, when both can be */
        const hz_expr *expr = i ? &field->max : &field->min;
        hz_gval bound = expr->root ? hz_gen_value(block, expr->root, &env) : HZ_GVAL_NULL;
        if (bound.state == HZ_GEN_VALID && hz_gval_holds(v, i ? HZ_OP_GT : HZ_OP_LT, bound, &sure) &&
            hz_gval_holds(bound, op, target, &sure))
            v = bound;
    }
    return v.state == HZ_GEN_VALID && hz_gen_set(block, row, field, v);
}

/* ---- inside texts ---- */

/* The cell of text that functions on one text look at: left(upper(trim(raw(id_no))), 18). NULL. */
static hz_gen_row *text_cell(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, const hz_field **field)
{
    while (node->kind == HZ_NODE_CALL && node->items_count)
        switch (node->function) {
        case HZ_FUNC_LEFT:
        case HZ_FUNC_UPPER:
        case HZ_FUNC_LOWER:
        case HZ_FUNC_TRIM:
        case HZ_FUNC_RAW:
        case HZ_FUNC_COALESCE:
            node = node->items[0];
            break;
        default:
            return NULL;
        }
    if (node->kind != HZ_NODE_FIELD && node->kind != HZ_NODE_PATH)
        return NULL;
    *field = node->field;
    return node->kind == HZ_NODE_FIELD ? hz_gen_env_of(env, node->scope)->row
                                       : hz_gen_walk(block, node, env, node->steps_count);
}

bool hz_gen_spoil(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    const hz_field *field;
    hz_gen_row *row = text_cell(block, node, env, &field);
    hz_slice now = row ? row->cells[field->index].text : HZ_SLICE_NONE;
    if (!now.len || (unsigned char)now.ptr[now.len - 1] >= 0x80)
        return false;
    char *text = hz_gen_alloc(block, now.len + 1);
    if (!text)
        return false;
    memcpy(text, now.ptr, now.len);
    size_t at = now.len >= 18 ? 17 : now.len - 1; /* the check character of a number, whatever follows it */
    text[at] = text[at] == '5' ? '6' : '5';
    return hz_gen_set(block, row, field, hz_gval_text((hz_slice){text, now.len}));
}

/* A number with another birth date or sex; what follows its 18 characters stays. */
static bool rewrite_id(hz_gen_block *block, hz_gen_row *row, const hz_field *field, const int32_t *birth, char sex)
{
    hz_slice text = row->cells[field->index].text;
    char id[18], now = '1';
    int32_t day;
    hz_buf out = HZ_BUF_INIT;
    if (!hz_resident_id_birth(&day, hz_slice_sub(text, 0, 18))) {
        hz_gen_draw(block, row, field, false);
        text = row->cells[field->index].text;
        if (!hz_resident_id_birth(&day, hz_slice_sub(text, 0, 18)))
            return false;
    }
    if (text.len < 18 || !hz_resident_id_sex(&now, hz_slice_sub(text, 0, 18)))
        return false;
    hz_gen_resident(id, hz_slice_sub(text, 0, 6), birth ? *birth : day, sex ? sex : now,
                    (uint32_t)hz_rand_below(&block->rand, HZ_GEN_SEQUENCES));
    hz_buf_put(&out, (hz_slice){id, 18});
    hz_buf_put(&out, hz_slice_sub(text, 18, text.len));
    bool done = hz_gen_set(block, row, field, hz_gval_text(hz_gen_scratch(block, hz_buf_slice(&out))));
    hz_buf_clear(&out);
    return done;
}

static bool aim_birth(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    const hz_field *field;
    hz_gen_row *row = text_cell(block, node->items[0], env, &field);
    hz_gval v = hz_gen_near(block, op, target);
    if (!row || v.state != HZ_GEN_VALID)
        return false;
    int32_t birth = day_of(v);
    return rewrite_id(block, row, field, &birth, 0);
}

static bool aim_sex(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    const hz_field *field;
    hz_gen_row *row = text_cell(block, node->items[0], env, &field);
    if (!row || target.type != HZ_TYPE_TEXT || target.as.text.len != 1 || (op != HZ_OP_EQ && op != HZ_OP_NE))
        return false;
    char sex = target.as.text.ptr[0];
    if (op == HZ_OP_NE)
        sex = sex == '1' ? '2' : '1';
    return (sex == '1' || sex == '2') && rewrite_id(block, row, field, NULL, sex);
}

/* left, right, substr: puts the target where they look. */
static bool aim_part(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    const hz_field *field;
    hz_gen_row *row = text_cell(block, node->items[0], env, &field);
    if (row && op == HZ_OP_NE && block->journal && target.type == HZ_TYPE_TEXT)
        return go_elsewhere(block, row, field, target.as.text);
    if (!row || op != HZ_OP_EQ || target.type != HZ_TYPE_TEXT)
        return false;
    if (row->cells[field->index].value.state != HZ_GEN_VALID)
        hz_gen_draw(block, row, field, false);
    hz_slice text = row->cells[field->index].text;
    hz_gval n = hz_gen_value(block, node->items[1], env);
    int64_t at = 0;
    if (n.state != HZ_GEN_VALID || !hz_decimal_to_i64(&at, n.as.number) || at <= 0)
        return false;
    size_t length = hz_utf8_length(text), begin = 0, end = (size_t)at;
    if (node->function == HZ_FUNC_RIGHT) {
        begin = length > (size_t)at ? length - (size_t)at : 0;
        end = length;
    } else if (node->function == HZ_FUNC_SUBSTR) {
        begin = (size_t)at - 1;
        end = begin + hz_utf8_length(target.as.text);
    }
    const hz_gen_field *known = &block->plan->tables[row->table->index].fields[field->index];
    hz_buf out = HZ_BUF_INIT;
    if (begin > length) /* room before it */
        begin = length;
    hz_buf_put(&out, hz_slice_sub(text, 0, hz_utf8_offset(text, begin)));
    hz_buf_put(&out, target.as.text);
    if (known->kind != HZ_GEN_WORDS)
        hz_buf_put(&out, hz_slice_sub(text, hz_utf8_offset(text, end), text.len));
    hz_slice made = hz_gen_scratch(block, hz_buf_slice(&out));
    hz_buf_clear(&out);
    if (known->kind == HZ_GEN_RESIDENT && made.len >= 18 && target.as.text.len < 18) {
        int32_t birth;
        char sex;
        char id[18];
        if (!hz_resident_id_birth(&birth, hz_slice_sub(made, 0, 18)) ||
            !hz_resident_id_sex(&sex, hz_slice_sub(made, 0, 18)))
            return false;
        hz_gen_resident(id, made, birth, sex, (uint32_t)hz_rand_below(&block->rand, HZ_GEN_SEQUENCES));
        made = hz_gen_scratch(block, (hz_slice){id, 18});
        block->bound = block->journal && !begin; /* the division is what is wrong: copies keep it */
    }
    bool done = hz_gen_set(block, row, field, hz_gval_text(made));
    block->bound = false;
    return done;
}

/* A number of a person with another length: its old form, or that of the disabled. */
static bool aim_id_length(hz_gen_block *block, hz_gen_row *row, const hz_field *field, int64_t length)
{
    hz_slice text = row->cells[field->index].text;
    int32_t birth;
    hz_buf out = HZ_BUF_INIT;
    if (text.len < 18 || !hz_resident_id_birth(&birth, hz_slice_sub(text, 0, 18)))
        return false;
    if (length > 18) {
        hz_buf_put(&out, hz_slice_sub(text, 0, 18));
        hz_buf_puts(&out, "43");
    } else if (length == 18 || hz_date_to_civil(birth).year > 1999) {
        hz_buf_put(&out, hz_slice_sub(text, 0, 18));
    } else {
        hz_buf_put(&out, hz_slice_sub(text, 0, 6));
        hz_buf_put(&out, hz_slice_sub(text, 8, 17));
    }
    bool done = hz_gen_set(block, row, field, hz_gval_text(hz_gen_scratch(block, hz_buf_slice(&out))));
    hz_buf_clear(&out);
    return done;
}

static bool aim_length(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    const hz_field *field;
    hz_gen_row *row = text_cell(block, node->items[0], env, &field);
    hz_gval v = hz_gen_near(block, op, target);
    int64_t length;
    if (!row || v.state != HZ_GEN_VALID || !hz_decimal_to_i64(&length, v.as.number) || length < 1 || length > 64)
        return false;
    if (block->journal && block->plan->tables[row->table->index].fields[field->index].kind == HZ_GEN_RESIDENT &&
        aim_id_length(block, row, field, length))
        return true;
    hz_slice text = row->cells[field->index].text;
    hz_buf out = HZ_BUF_INIT;
    hz_buf_put(&out, hz_slice_sub(text, 0, hz_utf8_offset(text, (size_t)length)));
    for (size_t have = hz_utf8_length(text); have < (size_t)length; have++)
        hz_buf_putc(&out, '0');
    bool done = hz_gen_set(block, row, field, hz_gval_text(hz_gen_scratch(block, hz_buf_slice(&out))));
    hz_buf_clear(&out);
    return done;
}

static bool aim_name(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    const hz_field *field;
    hz_gen_row *row = text_cell(block, node->items[1], env, &field);
    if (!row || !node->list)
        return false;
    const hz_gen_field *known = &block->plan->tables[row->table->index].fields[field->index];
    size_t from =
        known->codes_count[row->period] ? (size_t)hz_rand_below(&block->rand, known->codes_count[row->period]) : 0;
    for (size_t i = 0; i < known->codes_count[row->period]; i++) {
        hz_code code =
            hz_codelist_at(field->codes, known->codes[row->period][(from + i) % known->codes_count[row->period]]);
        uint32_t at = hz_codelist_find(node->list, code.code, block->plan->as_of[env->base]);
        bool sure;
        if (at != HZ_HTAB_NONE &&
            hz_gval_holds(hz_gval_text(hz_codelist_at(node->list, at).name.zh), op, target, &sure))
            return hz_gen_set(block, row, field, hz_gval_text(code.code));
    }
    return false;
}

/* ---- times ---- */

/* age, days_between, months_between (from, to): moves the side that can be moved. */
static bool aim_span(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    hz_gval v = hz_gen_near(block, op, target);
    int64_t n;
    if (v.state != HZ_GEN_VALID || !hz_decimal_round(&v.as.number, v.as.number, 0, HZ_ROUND_DOWN) ||
        !hz_decimal_to_i64(&n, v.as.number) || n > 5000 || n < -5000)
        return false;
    uint32_t fresh_from = hz_gen_freshness(block, node->items[0], env);
    uint32_t fresh_to = hz_gen_freshness(block, node->items[1], env);
    bool move_from = fresh_from != UINT32_MAX && (fresh_to == UINT32_MAX || fresh_from <= fresh_to);
    const hz_node *moved = node->items[move_from ? 0 : 1];
    hz_gval other = hz_gen_value(block, node->items[move_from ? 1 : 0], env);
    if (other.state != HZ_GEN_VALID)
        return false;
    int64_t days = n;
    if (node->function == HZ_FUNC_AGE)
        days = n * 365 + n / 4 + hz_rand_between(&block->rand, 5, 355);
    else if (node->function == HZ_FUNC_MONTHS_BETWEEN)
        days = n * 30 + n / 2 + hz_rand_between(&block->rand, 1, 20);
    hz_gval day = hz_gval_day(move_from ? day_of(other) - days : day_of(other) + days);
    /* a month is read as its first day: whole months need no more than months */
    if (node->function == HZ_FUNC_MONTHS_BETWEEN && op != HZ_OP_EQ)
        day.as.i64 += move_from ? -31 : 31;
    if (day.as.i64 < -25500) /* before 1900-03 */
        day.as.i64 = -25500;
    return hz_gen_aim(block, moved, env, HZ_OP_EQ, day);
}

static bool aim_date_part(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    hz_gval now = hz_gen_value(block, node->items[0], env), v = hz_gen_near(block, op, target);
    int64_t n;
    int32_t day;
    if (v.state != HZ_GEN_VALID || !hz_decimal_to_i64(&n, v.as.number))
        return false;
    hz_civil civil = hz_date_to_civil(now.state == HZ_GEN_VALID ? day_of(now) : block->plan->as_of[env->base]);
    if (node->function == HZ_FUNC_YEAR)
        civil.year = (int32_t)n;
    else if (node->function == HZ_FUNC_MONTH)
        civil.month = (int32_t)n;
    else
        civil.day = (int32_t)n;
    if (!hz_date_from_civil(&day, civil.year, civil.month, civil.day) &&
        !hz_date_from_civil(&day, civil.year, civil.month, 28))
        return false;
    return hz_gen_aim(block, node->items[0], env, HZ_OP_EQ, hz_gval_day(day));
}

/* ---- sums ---- */

static hz_gval apply(hz_op op, hz_gval a, hz_gval b)
{
    hz_decimal n;
    bool fits = op == HZ_OP_ADD   ? hz_decimal_add(&n, a.as.number, b.as.number)
                : op == HZ_OP_SUB ? hz_decimal_sub(&n, a.as.number, b.as.number)
                : op == HZ_OP_MUL ? hz_decimal_mul(&n, a.as.number, b.as.number)
                                  : hz_decimal_div(&n, a.as.number, b.as.number);
    return fits ? hz_gval_number(n) : HZ_GVAL_NULL;
}

static bool aim_day_sum(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    hz_gval b = hz_gen_value(block, node->items[1], env);
    int64_t at, n;
    if (b.state != HZ_GEN_VALID)
        return false;
    if (b.type == HZ_TYPE_INTERVAL) {
        int64_t micros = target.type == HZ_TYPE_DATE ? target.as.i64 * HZ_MICROS_PER_DAY : target.as.i64;
        if (!hz_timestamp_add(&at, micros, b.as.interval, node->op == HZ_OP_ADD))
            return false;
        return hz_gen_aim(block, node->items[0], env, op, hz_gval_day(at / HZ_MICROS_PER_DAY));
    }
    if (b.type != HZ_TYPE_DECIMAL || !hz_decimal_to_i64(&n, b.as.number))
        return false;
    return hz_gen_aim(block, node->items[0], env, op, hz_gval_day(day_of(target) + (node->op == HZ_OP_ADD ? -n : n)));
}

static bool aim_arith(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    hz_gval a = hz_gen_value(block, node->items[0], env), b = hz_gen_value(block, node->items[1], env);
    if (target.type != HZ_TYPE_DECIMAL)
        return aim_day_sum(block, node, env, op, target);
    uint32_t fresh_a = hz_gen_freshness(block, node->items[0], env);
    uint32_t fresh_b = hz_gen_freshness(block, node->items[1], env);
    bool lone_a = node->items[0]->kind == HZ_NODE_FIELD, lone_b = node->items[1]->kind == HZ_NODE_FIELD;
    /* a lone field before a sum, else what changed longest ago */
    unsigned chance = fresh_a < fresh_b ? 70 : fresh_a > fresh_b ? 30 : 50;
    if (block->wild)
        chance = 50;
    else if (lone_a != lone_b)
        chance = lone_a ? (fresh_a > fresh_b ? 40 : 88) : (fresh_b > fresh_a ? 60 : 12);
    bool first = fresh_a != UINT32_MAX && (fresh_b == UINT32_MAX || hz_rand_percent(&block->rand, chance));
    if (!first && fresh_b == UINT32_MAX)
        return false;
    hz_gval other = first ? b : a;
    if (other.state != HZ_GEN_VALID)
        return hz_gen_aim(block, node->items[first ? 1 : 0], env, HZ_OP_EQ, HZ_GVAL_NULL);
    static const hz_op back[2][4] = {{HZ_OP_SUB, HZ_OP_ADD, HZ_OP_DIV, HZ_OP_MUL},
                                     {HZ_OP_SUB, HZ_OP_SUB, HZ_OP_DIV, HZ_OP_DIV}};
    int which = (int)node->op - (int)HZ_OP_ADD;
    if (which < 0 || which > 3)
        return false;
    bool swap = !first && (node->op == HZ_OP_SUB || node->op == HZ_OP_DIV);
    hz_gval wanted = swap ? apply(back[1][which], other, target) : apply(back[first ? 0 : 1][which], target, other);
    bool negative = (node->op == HZ_OP_MUL || node->op == HZ_OP_DIV) && other.as.number.coef < 0;
    hz_op turned = negative != swap ? hz_op_flip(op) : op;
    return wanted.state == HZ_GEN_VALID && hz_gen_aim(block, node->items[first ? 0 : 1], env, turned, wanted);
}

/* least, greatest: all of them, or one. */
static bool aim_extreme(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    bool least = node->function == HZ_FUNC_LEAST, up = op == HZ_OP_GE || op == HZ_OP_GT, done = false, sure;
    if (op == HZ_OP_EQ || op == HZ_OP_NE || up != least)
        return hz_gen_aim(block, node->items[hz_rand_below(&block->rand, node->items_count)], env, op, target);
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_gval v = hz_gen_value(block, node->items[i], env);
        if (v.state == HZ_GEN_VALID && !hz_gval_holds(v, op, target, &sure))
            done = hz_gen_aim(block, node->items[i], env, op, target) || done;
    }
    return done;
}

/* ---- aggregates ---- */

static size_t pick_rows(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_gen_list *list, bool taken)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const hz_gen_env inner = {list->rows[i], env, env->base};
        bool in = !node->items[1] || hz_gval_is(hz_gen_value(block, node->items[1], &inner), true);
        if (in == taken)
            list->rows[kept++] = list->rows[i];
    }
    list->count = kept;
    return kept;
}

static bool aim_count(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, const hz_gen_env *at, hz_op op,
                      hz_gval target)
{
    const hz_relation *relation = node->steps[node->steps_count - 1];
    hz_gval v = hz_gen_near(block, op, target), now = hz_gen_value(block, node, env);
    int64_t wanted, have;
    if (v.state != HZ_GEN_VALID || now.state != HZ_GEN_VALID || !hz_decimal_to_i64(&have, now.as.number) ||
        !hz_decimal_round(&v.as.number, v.as.number, 0, HZ_ROUND_HALF_AWAY) ||
        !hz_decimal_to_i64(&wanted, v.as.number) || wanted < 0 || wanted - have > 20)
        return false;
    bool done = false;
    for (int guard = 0; have != wanted && guard < 24; guard++) {
        hz_gen_list list = hz_gen_related_list(block, relation, at);
        bool more = have < wanted;
        size_t count = pick_rows(block, node, env, &list, !more);
        hz_gen_row *row = count ? list.rows[hz_rand_below(&block->rand, count)] : NULL;
        if (row && node->items[1]) {
            const hz_gen_env inner = {row, env, env->base};
            done = hz_gen_force(block, node->items[1], &inner, more) || done;
        } else if (row && !more && block->plan->tables[row->table->index].role == HZ_GEN_FAMILY) {
            hz_gen_row_drop(block, row);
            done = true;
        } else if (more) {
            row = hz_gen_relate(block, relation, at);
            if (!row)
                return done;
            done = true;
            const hz_gen_env inner = {row, env, env->base};
            if (node->items[1])
                (void)hz_gen_force(block, node->items[1], &inner, true);
        }
        now = hz_gen_value(block, node, env);
        if (now.state != HZ_GEN_VALID || !hz_decimal_to_i64(&have, now.as.number))
            return done;
    }
    return done;
}

/* Another row comes to be one that the aggregate is over. */
static bool bring_among(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, const hz_gen_env *at)
{
    hz_gen_row *other = hz_gen_bring(block, node->steps[node->steps_count - 1], at);
    if (!other)
        return false;
    const hz_gen_env inner = {other, env, env->base};
    if (node->items[1] && !hz_gval_is(hz_gen_value(block, node->items[1], &inner), true))
        (void)hz_gen_force(block, node->items[1], &inner, true);
    return true;
}

static bool aim_aggregate(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    if (node->star || !node->steps_count)
        return false;
    hz_gen_row *row = hz_gen_walk(block, node, env, node->steps_count - 1);
    if (!row)
        return false;
    const hz_gen_env at = {row, node->steps_count > 1 ? NULL : env->outer, env->base};
    if (node->agg == HZ_AGG_COUNT && !node->items[0])
        return aim_count(block, node, env, &at, op, target);
    if (!node->items[0])
        return false;
    hz_gen_list list = hz_gen_related_list(block, node->steps[node->steps_count - 1], &at);
    size_t count = pick_rows(block, node, env, &list, true);
    if (block->plan->tables[node->target->index].role == HZ_GEN_INCLUDED)
        return block->journal && hz_gen_turn_to_included(block, node, &at, op, target);
    if (block->journal && count == 1 && list.rows[0] == row && hz_rand_percent(&block->rand, 80))
        return bring_among(block, node, env, &at);
    if (!count)
        return hz_gen_relate(block, node->steps[node->steps_count - 1], &at) != NULL;
    const hz_gen_env inner = {list.rows[hz_rand_below(&block->rand, count)], env, env->base};
    hz_gval now = hz_gen_value(block, node, env), own = hz_gen_value(block, node->items[0], &inner), rest;
    if (node->agg == HZ_AGG_SUM && now.state == HZ_GEN_VALID && own.state == HZ_GEN_VALID) {
        rest = apply(HZ_OP_SUB, target, apply(HZ_OP_SUB, now, own));
        return rest.state == HZ_GEN_VALID && hz_gen_aim(block, node->items[0], &inner, op, rest);
    }
    bool all = (node->agg == HZ_AGG_MIN && (op == HZ_OP_GE || op == HZ_OP_GT || op == HZ_OP_EQ)) ||
               (node->agg == HZ_AGG_MAX && (op == HZ_OP_LE || op == HZ_OP_LT || op == HZ_OP_EQ));
    bool done = false;
    for (size_t i = 0; all && i < count; i++) {
        const hz_gen_env each = {list.rows[i], env, env->base};
        done = hz_gen_aim(block, node->items[0], &each, op, target) || done;
    }
    return all ? done : hz_gen_aim(block, node->items[0], &inner, op, target);
}

static bool aim_case(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    uint32_t at = node->has_subject ? 1 : 0, end = node->items_count - (node->has_else ? 1 : 0);
    hz_gval subject = node->has_subject ? hz_gen_value(block, node->items[0], env) : HZ_GVAL_NULL;
    for (; at + 1 < end; at += 2) {
        hz_gval when = hz_gen_value(block, node->items[at], env);
        bool known, same = hz_gval_holds(subject, HZ_OP_EQ, when, &known);
        if (node->has_subject ? known && same : hz_gval_is(when, true))
            return hz_gen_aim(block, node->items[at + 1], env, op, target);
    }
    return node->has_else && hz_gen_aim(block, node->items[end], env, op, target);
}

static bool aim_call(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    hz_gval inner;
    switch (node->function) {
    case HZ_FUNC_ID_BIRTH:
        return aim_birth(block, node, env, op, target);
    case HZ_FUNC_ID_SEX:
        return aim_sex(block, node, env, op, target);
    case HZ_FUNC_LEFT:
    case HZ_FUNC_RIGHT:
    case HZ_FUNC_SUBSTR:
        return aim_part(block, node, env, op, target);
    case HZ_FUNC_LENGTH:
        return aim_length(block, node, env, op, target);
    case HZ_FUNC_CODE_NAME:
        return aim_name(block, node, env, op, target);
    case HZ_FUNC_AGE:
    case HZ_FUNC_DAYS_BETWEEN:
    case HZ_FUNC_MONTHS_BETWEEN:
        return aim_span(block, node, env, op, target);
    case HZ_FUNC_YEAR:
    case HZ_FUNC_MONTH:
    case HZ_FUNC_DAY:
        return aim_date_part(block, node, env, op, target);
    case HZ_FUNC_LEAST:
    case HZ_FUNC_GREATEST:
        return aim_extreme(block, node, env, op, target);
    case HZ_FUNC_ABS:
        inner = op == HZ_OP_LE || op == HZ_OP_LT ? hz_gval_int(0) : target;
        return hz_gen_aim(block, node->items[0], env, op == HZ_OP_LE || op == HZ_OP_LT ? HZ_OP_EQ : op, inner);
    case HZ_FUNC_COALESCE:
    case HZ_FUNC_UPPER:
    case HZ_FUNC_LOWER:
    case HZ_FUNC_TRIM:
    case HZ_FUNC_RAW:
    case HZ_FUNC_ROUND:
    case HZ_FUNC_FLOOR:
    case HZ_FUNC_CEIL:
    case HZ_FUNC_FIRST_DAY:
    case HZ_FUNC_LAST_DAY:
    case HZ_FUNC_MONTH_OF:
        return hz_gen_aim(block, node->items[0], env, op, target);
    default:
        return false;
    }
}

bool hz_gen_aim(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target)
{
    enum { DEPTH_MAX = 40 };
    bool done = false;
    hz_gen_row *row;
    if (node->constant || block->depth >= DEPTH_MAX)
        return false;
    block->depth++;
    switch (node->kind) {
    case HZ_NODE_FIELD:
        done = aim_cell(block, hz_gen_env_of(env, node->scope)->row, node->field, op, target);
        break;
    case HZ_NODE_PATH:
        row = hz_gen_walk(block, node, env, node->steps_count);
        if (!row && node->steps_count == 1 && block->journal && hz_rand_percent(&block->rand, 50) &&
            hz_gen_bring(block, node->steps[0], hz_gen_env_of(env, node->scope)))
            row = hz_gen_walk(block, node, env, node->steps_count);
        if (!row && node->steps_count == 1)
            row = hz_gen_relate(block, node->steps[0], hz_gen_env_of(env, node->scope));
        done = row && aim_cell(block, row, node->field, op, target);
        break;
    case HZ_NODE_ARITH:
        done = aim_arith(block, node, env, op, target);
        break;
    case HZ_NODE_POS:
        done = hz_gen_aim(block, node->items[0], env, op, target);
        break;
    case HZ_NODE_CASE:
        done = aim_case(block, node, env, op, target);
        break;
    case HZ_NODE_CALL:
        done = aim_call(block, node, env, op, target);
        break;
    case HZ_NODE_AGGREGATE:
        done = aim_aggregate(block, node, env, op, target);
        break;
    default:
        break;
    }
    block->depth--;
    return done;
}
