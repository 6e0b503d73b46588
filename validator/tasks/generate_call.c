/* generate_call.c: scalar functions at a row in hand. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

enum { ARGS_MAX = 8 };

static hz_gval slice_of(hz_slice text, int64_t from, int64_t count)
{
    size_t length = hz_utf8_length(text);
    if (from < 1) {
        count += from - 1;
        from = 1;
    }
    if (count <= 0 || (uint64_t)from > length)
        return hz_gval_text(HZ_SLICE_LIT(""));
    size_t begin = hz_utf8_offset(text, (size_t)from - 1);
    size_t end = (uint64_t)count > length ? text.len : hz_utf8_offset(text, (size_t)(from - 1 + count));
    return hz_gval_text(hz_slice_sub(text, begin, end));
}

static hz_slice trimmed(hz_slice text)
{
    return hz_slice_trim(text, HZ_SLICE_LIT(" "));
}

static hz_gval cased(hz_gen_block *block, hz_slice text, bool upper)
{
    hz_buf out = HZ_BUF_INIT;
    for (size_t at = 0; at < text.len;) {
        uint32_t c = hz_utf8_next(text, &at);
        hz_utf8_put(&out, upper ? hz_utf8_upper(c) : hz_utf8_lower(c));
    }
    hz_slice kept = hz_gen_scratch(block, hz_buf_slice(&out));
    hz_buf_clear(&out);
    return hz_gval_text(kept);
}

static hz_gval replaced(hz_gen_block *block, hz_slice text, hz_slice what, hz_slice with)
{
    hz_buf out = HZ_BUF_INIT;
    for (size_t at = 0; at < text.len;) {
        if (what.len && hz_slice_starts(hz_slice_sub(text, at, text.len), what)) {
            hz_buf_put(&out, with);
            at += what.len;
        } else {
            hz_buf_putc(&out, text.ptr[at++]);
        }
    }
    hz_slice kept = hz_gen_scratch(block, hz_buf_slice(&out));
    hz_buf_clear(&out);
    return hz_gval_text(kept);
}

static int32_t day_of(hz_gval v)
{
    if (v.type == HZ_TYPE_DATE)
        return (int32_t)v.as.i64;
    int64_t days = v.as.i64 / HZ_MICROS_PER_DAY;
    return (int32_t)(v.as.i64 % HZ_MICROS_PER_DAY < 0 ? days - 1 : days);
}

/* Those that look at what is missing. */
static hz_gval lazy(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gval best = HZ_GVAL_NULL, a;
    for (uint32_t i = 0; i < node->items_count; i++) {
        a = hz_gen_value(block, node->items[i], env);
        if (node->function == HZ_FUNC_COALESCE) {
            if (a.state != HZ_GEN_NULL)
                return a;
            continue;
        }
        if (a.state == HZ_GEN_INVALID)
            return a;
        if (node->function == HZ_FUNC_NULLIF) {
            if (i == 0)
                best = a;
            else if (a.state == HZ_GEN_VALID && best.state == HZ_GEN_VALID && hz_gval_cmp(a, best) == 0)
                return HZ_GVAL_NULL;
            continue;
        }
        if (a.state == HZ_GEN_NULL)
            continue;
        bool better = best.state != HZ_GEN_VALID ||
                      (node->function == HZ_FUNC_LEAST ? hz_gval_cmp(a, best) < 0 : hz_gval_cmp(a, best) > 0);
        best = better ? a : best;
    }
    return best;
}

static hz_gval raw_of(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gen_row *row = node->kind == HZ_NODE_FIELD ? hz_gen_env_of(env, node->scope)->row
                                                  : hz_gen_walk(block, node, env, node->steps_count);
    if (!row || row->cells[node->field->index].value.state == HZ_GEN_NULL)
        return HZ_GVAL_NULL;
    return hz_gval_text(row->cells[node->field->index].text);
}

static hz_gval number_call(const hz_node *node, const hz_gval *a, uint32_t count)
{
    hz_decimal n = a[0].as.number;
    int64_t digits = 0;
    bool fits = true;
    switch (node->function) {
    case HZ_FUNC_ABS:
        fits = n.coef >= 0 || hz_decimal_neg(&n, n);
        break;
    case HZ_FUNC_ROUND:
        fits = (count < 2 || hz_decimal_to_i64(&digits, a[1].as.number)) && digits > -39 && digits < 39 &&
               hz_decimal_round(&n, n, (int32_t)digits, HZ_ROUND_HALF_AWAY);
        break;
    case HZ_FUNC_FLOOR:
        fits = hz_decimal_round(&n, n, 0, HZ_ROUND_FLOOR);
        break;
    default:
        fits = hz_decimal_round(&n, n, 0, HZ_ROUND_CEIL);
    }
    return fits ? hz_gval_number(n) : HZ_GVAL_NULL;
}

static hz_gval date_call(const hz_node *node, const hz_gval *a)
{
    int32_t day = day_of(a[0]);
    hz_civil civil = hz_date_to_civil(day);
    switch (node->function) {
    case HZ_FUNC_YEAR:
        return hz_gval_int(civil.year);
    case HZ_FUNC_MONTH:
        return hz_gval_int(civil.month);
    case HZ_FUNC_DAY:
        return hz_gval_int(civil.day);
    case HZ_FUNC_AGE:
        return hz_gval_int(hz_date_age(day, day_of(a[1])));
    case HZ_FUNC_DAYS_BETWEEN:
        return hz_gval_int((int64_t)day_of(a[1]) - day);
    case HZ_FUNC_MONTHS_BETWEEN:
        return hz_gval_int(hz_date_months_between(day, day_of(a[1])));
    case HZ_FUNC_LAST_DAY:
        return hz_gval_day(hz_date_last_day(day));
    default:
        return hz_gval_day(hz_date_first_day(day));
    }
}

static hz_gval text_call(hz_gen_block *block, const hz_node *node, const hz_gval *a, uint32_t count)
{
    hz_slice text = a[0].as.text;
    int64_t n = 0, m = INT32_MAX;
    size_t length;
    if (count > 1 && a[1].type == HZ_TYPE_DECIMAL && !hz_decimal_to_i64(&n, a[1].as.number))
        return HZ_GVAL_NULL;
    if (count > 2 && a[2].type == HZ_TYPE_DECIMAL && !hz_decimal_to_i64(&m, a[2].as.number))
        return HZ_GVAL_NULL;
    switch (node->function) {
    case HZ_FUNC_LENGTH:
        return hz_gval_int((int64_t)hz_utf8_length(text));
    case HZ_FUNC_TRIM:
        return hz_gval_text(trimmed(text));
    case HZ_FUNC_UPPER:
    case HZ_FUNC_LOWER:
        return cased(block, text, node->function == HZ_FUNC_UPPER);
    case HZ_FUNC_LEFT:
        length = hz_utf8_length(text);
        return slice_of(text, 1, n >= 0 ? n : (int64_t)length + n);
    case HZ_FUNC_RIGHT:
        length = hz_utf8_length(text);
        n = n >= 0 ? n : (int64_t)length + n;
        return n <= 0 ? hz_gval_text(HZ_SLICE_LIT(""))
                      : slice_of(text, (uint64_t)n > length ? 1 : (int64_t)length - n + 1, n);
    case HZ_FUNC_SUBSTR:
        return slice_of(text, n, m);
    default:
        return replaced(block, text, a[1].as.text, a[2].as.text);
    }
}

static hz_gval list_call(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gval code = hz_gen_value(block, node->items[1], env), day;
    int32_t on = block->plan->as_of[env->base];
    if (code.state != HZ_GEN_VALID || !node->list)
        return HZ_GVAL_NULL;
    if (node->function == HZ_FUNC_CODE_VALID) {
        day = hz_gen_value(block, node->items[2], env);
        if (day.state != HZ_GEN_VALID)
            return HZ_GVAL_NULL;
        return hz_gval_bool(hz_codelist_find(node->list, code.as.text, day_of(day)) != HZ_HTAB_NONE);
    }
    uint32_t row = hz_codelist_find(node->list, code.as.text, on);
    if (row == HZ_HTAB_NONE)
        return HZ_GVAL_NULL;
    hz_slice text;
    if (node->function == HZ_FUNC_CODE_NAME) {
        text = hz_codelist_at(node->list, row).name.zh;
    } else {
        int column = hz_codelist_column(node->list, node->items[2]->value.as.text);
        text = column >= 0 ? hz_codelist_value(node->list, row, column) : HZ_SLICE_NONE;
    }
    return text.len ? hz_gval_text(text) : HZ_GVAL_NULL;
}

static hz_gval standard_call(hz_gen_block *block, const hz_node *node, const hz_gval *a, const hz_gen_env *env)
{
    hz_semtype_options how = {.as_of = block->plan->as_of[env->base]};
    hz_slice text = a[0].as.text, part;
    int32_t day;
    char *sex;
    switch (node->function) {
    case HZ_FUNC_IS_RESIDENT_ID:
        return hz_gval_bool(hz_semtype_check(block->plan->semtypes, HZ_SEMTYPE_RESIDENT_ID, &how, text) ==
                            HZ_REASON_NONE);
    case HZ_FUNC_IS_USCC:
        return hz_gval_bool(hz_semtype_check(block->plan->semtypes, HZ_SEMTYPE_USCC, &how, text) == HZ_REASON_NONE);
    case HZ_FUNC_IS_LUHN:
        return hz_gval_bool(hz_luhn_ok(text));
    case HZ_FUNC_ID_BIRTH:
        return hz_resident_id_birth(&day, text) ? hz_gval_day(day) : HZ_GVAL_NULL;
    case HZ_FUNC_ID_SEX:
        sex = hz_arena_alloc(block->scratch, 1);
        if (!sex)
            block->status = HZ_E_NOMEM;
        return sex && hz_resident_id_sex(sex, text) ? hz_gval_text((hz_slice){sex, 1}) : HZ_GVAL_NULL;
    case HZ_FUNC_ID_DIVISION:
        return hz_resident_id_division(&part, text) ? hz_gval_text(part) : HZ_GVAL_NULL;
    case HZ_FUNC_IS_DIVISION:
        return hz_gval_bool(hz_division_exists(
            block->plan->semtypes, text, how.as_of,
            node->items_count > 1 ? hz_division_level_by_name(node->items[1]->value.as.text) : HZ_LEVEL_ANY));
    case HZ_FUNC_DIVISION_PARENT:
        return hz_division_parent(&part, text, hz_division_level_by_name(node->items[1]->value.as.text))
                   ? hz_gval_text(part)
                   : HZ_GVAL_NULL;
    default:
        return HZ_GVAL_NULL; /* pinyin, similarity: not known here */
    }
}

static hz_gval read_call(const hz_node *node, const hz_gval *a)
{
    hz_decimal n;
    hz_time_format format;
    int64_t day;
    if (node->function == HZ_FUNC_TO_NUMBER)
        return hz_decimal_parse(&n, a[0].as.text) ? hz_gval_number(n) : HZ_GVAL_NULL;
    hz_time_format_iso(&format, HZ_TIME_DATE);
    if (node->items_count > 1 &&
        hz_time_format_compile(&format, HZ_TIME_DATE, node->items[1]->value.as.text, NULL) != HZ_OK)
        return HZ_GVAL_NULL;
    return hz_time_parse(&day, &format, a[0].as.text) ? hz_gval_day(day) : HZ_GVAL_NULL;
}

hz_gval hz_gen_call(hz_gen_block *block, const hz_node *node, const hz_gen_env *env)
{
    hz_gval a[ARGS_MAX] = {HZ_GVAL_NULL};
    switch (node->function) {
    case HZ_FUNC_COALESCE:
    case HZ_FUNC_NULLIF:
    case HZ_FUNC_LEAST:
    case HZ_FUNC_GREATEST:
        return lazy(block, node, env);
    case HZ_FUNC_RAW:
        return raw_of(block, node->items[0], env);
    case HZ_FUNC_CODE_NAME:
    case HZ_FUNC_CODE_VALID:
    case HZ_FUNC_CODE_VALUE:
        return list_call(block, node, env);
    default:
        break;
    }
    uint32_t count = node->items_count < ARGS_MAX ? node->items_count : ARGS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        a[i] = hz_gen_value(block, node->items[i], env);
        if (a[i].state != HZ_GEN_VALID)
            return a[i];
    }
    switch (node->function) {
    case HZ_FUNC_ABS:
    case HZ_FUNC_ROUND:
    case HZ_FUNC_FLOOR:
    case HZ_FUNC_CEIL:
        return number_call(node, a, count);
    case HZ_FUNC_YEAR:
    case HZ_FUNC_MONTH:
    case HZ_FUNC_DAY:
    case HZ_FUNC_AGE:
    case HZ_FUNC_DAYS_BETWEEN:
    case HZ_FUNC_MONTHS_BETWEEN:
    case HZ_FUNC_FIRST_DAY:
    case HZ_FUNC_LAST_DAY:
    case HZ_FUNC_MONTH_OF:
        return date_call(node, a);
    case HZ_FUNC_LENGTH:
    case HZ_FUNC_UPPER:
    case HZ_FUNC_LOWER:
    case HZ_FUNC_TRIM:
    case HZ_FUNC_LEFT:
    case HZ_FUNC_RIGHT:
    case HZ_FUNC_SUBSTR:
    case HZ_FUNC_REPLACE:
        return text_call(block, node, a, count);
    case HZ_FUNC_CARDINALITY:
        return hz_gval_int(a[0].items_count);
    case HZ_FUNC_TO_DATE:
    case HZ_FUNC_TO_NUMBER:
        return read_call(node, a);
    default:
        return standard_call(block, node, a, env);
    }
}
