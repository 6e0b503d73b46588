/* compile_call.c: functions. Most are one instruction over their arguments, told by a table; the rest have a function
 * here. */
#include "validator/eval/compile_int.h"

static int64_t day_of_run(const hz_builder *b)
{
    return b->env->has_as_of ? b->env->as_of : HZ_DAY_EVER;
}

/* A function that is one instruction: types of its arguments ('t' text, 'n' numeric, 'd' date, 'a' array), result,
 * fixed operands. */
typedef struct plain_call {
    hz_opcode code;
    const char *args;
    hz_type type;
    int64_t k;
} plain_call;

static const plain_call plain_calls[HZ_FUNC_COUNT] = {
    [HZ_FUNC_LENGTH] = {HZ_OPC_LENGTH, "t", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_UPPER] = {HZ_OPC_CASE_MAP, "t", HZ_TYPE_TEXT, 1},
    [HZ_FUNC_LOWER] = {HZ_OPC_CASE_MAP, "t", HZ_TYPE_TEXT, 0},
    [HZ_FUNC_TRIM] = {HZ_OPC_TRIM, "t", HZ_TYPE_TEXT, 0},
    [HZ_FUNC_REPLACE] = {HZ_OPC_REPLACE, "ttt", HZ_TYPE_TEXT, 0},
    [HZ_FUNC_ABS] = {HZ_OPC_ABS, "n", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_FLOOR] = {HZ_OPC_FLOOR, "n", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_CEIL] = {HZ_OPC_CEIL, "n", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_YEAR] = {HZ_OPC_DATE_PART, "d", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_MONTH] = {HZ_OPC_DATE_PART, "d", HZ_TYPE_INTEGER, 1},
    [HZ_FUNC_DAY] = {HZ_OPC_DATE_PART, "d", HZ_TYPE_INTEGER, 2},
    [HZ_FUNC_AGE] = {HZ_OPC_AGE, "dd", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_MONTHS_BETWEEN] = {HZ_OPC_MONTHS_BETWEEN, "dd", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_FIRST_DAY] = {HZ_OPC_MONTH_EDGE, "d", HZ_TYPE_DATE, 0},
    [HZ_FUNC_LAST_DAY] = {HZ_OPC_MONTH_EDGE, "d", HZ_TYPE_DATE, 1},
    [HZ_FUNC_MONTH_OF] = {HZ_OPC_MONTH_EDGE, "d", HZ_TYPE_DATE, 0},
    [HZ_FUNC_TO_NUMBER] = {HZ_OPC_TO_NUMBER, "t", HZ_TYPE_DECIMAL, 0},
    [HZ_FUNC_CARDINALITY] = {HZ_OPC_CARDINALITY, "a", HZ_TYPE_INTEGER, 0},
    [HZ_FUNC_ID_BIRTH] = {HZ_OPC_ID_BIRTH, "t", HZ_TYPE_DATE, 0},
    [HZ_FUNC_ID_SEX] = {HZ_OPC_ID_SEX, "t", HZ_TYPE_TEXT, 0},
    [HZ_FUNC_ID_DIVISION] = {HZ_OPC_ID_DIVISION, "t", HZ_TYPE_TEXT, 0},
    [HZ_FUNC_IS_LUHN] = {HZ_OPC_IS_LUHN, "t", HZ_TYPE_BOOLEAN, 0},
    [HZ_FUNC_PINYIN] = {HZ_OPC_PINYIN, "t", HZ_TYPE_TEXT, 0},
    [HZ_FUNC_SIMILARITY] = {HZ_OPC_SIMILARITY, "tt", HZ_TYPE_DECIMAL, 0},
};

static hz_type type_of_letter(char letter)
{
    switch (letter) {
    case 't':
        return HZ_TYPE_TEXT;
    case 'd':
        return HZ_TYPE_DATE;
    case 'a':
        return HZ_TYPE_ARRAY;
    default:
        return HZ_TYPE_INTEGER;
    }
}

enum { ARGS_MAX = 3 };

static hz_status call_plain(uint32_t *out, hz_builder *b, const hz_node *node)
{
    const plain_call *call = &plain_calls[node->function];
    uint32_t args[ARGS_MAX] = {0, 0, 0};
    size_t count = 0;
    for (; call->args[count]; count++)
        HZ_TRY(hz_compile_as(&args[count], b, node->items[count], type_of_letter(call->args[count]), HZ_TYPE_TEXT));
    return hz_builder_emit(out, b, (hz_ins){.code = call->code, .type = call->type, .k = call->k}, args, count);
}

/* left, right, substr: with constant counts one of the forms that know them. */
static hz_status call_slice(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t args[ARGS_MAX] = {0, 0, 0};
    int64_t from = 0, count = INT64_MAX;
    HZ_TRY(hz_compile_as(&args[0], b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    for (uint32_t i = 1; i < node->items_count; i++)
        HZ_TRY(hz_compile_as(&args[i], b, node->items[i], HZ_TYPE_INTEGER, HZ_TYPE_NULL));
    bool is_substr = node->function == HZ_FUNC_SUBSTR, is_left = node->function == HZ_FUNC_LEFT;
    bool known = !b->plain && hz_builder_whole(&from, b, args[1]) &&
                 (node->items_count < 3 || hz_builder_whole(&count, b, args[2]));
    hz_ins ins = {.type = HZ_TYPE_TEXT};
    if (known && !is_substr && from >= 0) {
        ins.code = is_left ? HZ_OPC_LEFT_K : HZ_OPC_RIGHT_K;
        ins.k = from;
        return hz_builder_emit(out, b, ins, args, 1);
    }
    int64_t end = INT64_MAX;
    if (known && is_substr && count >= 0) {
        if (node->items_count == 3 && __builtin_add_overflow(from, count, &end))
            end = INT64_MAX;
        ins.code = HZ_OPC_SUBSTR_K;
        ins.k = from > 1 ? from - 1 : 0;
        ins.k2 = end > 1 ? end - 1 : 0;
        return hz_builder_emit(out, b, ins, args, 1);
    }
    ins.code = is_substr ? HZ_OPC_SUBSTR : is_left ? HZ_OPC_LEFT : HZ_OPC_RIGHT;
    return hz_builder_emit(out, b, ins, args, node->items_count);
}

static hz_status call_round(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t args[2] = {0, 0};
    hz_value zero = {.type = HZ_TYPE_INTEGER, .valid = true};
    HZ_TRY(hz_compile_as(&args[0], b, node->items[0], HZ_TYPE_INTEGER, HZ_TYPE_NULL));
    if (node->items_count > 1)
        HZ_TRY(hz_compile_as(&args[1], b, node->items[1], HZ_TYPE_INTEGER, HZ_TYPE_NULL));
    else
        HZ_TRY(hz_builder_const(&args[1], b, &zero));
    return hz_builder_emit(out, b, (hz_ins){.code = HZ_OPC_ROUND, .type = HZ_TYPE_DECIMAL}, args, 2);
}

static hz_status call_days_between(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t from = 0, to = 0;
    HZ_TRY(hz_compile_as(&from, b, node->items[0], HZ_TYPE_DATE, HZ_TYPE_NULL));
    HZ_TRY(hz_compile_as(&to, b, node->items[1], HZ_TYPE_DATE, HZ_TYPE_NULL));
    return hz_builder_emit(out, b, (hz_ins){.code = HZ_OPC_DAY_DIFF, .type = HZ_TYPE_INTEGER},
                           (const uint32_t[]){to, from}, 2);
}

static hz_status call_nullif(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t args[3] = {0, 0, 0};
    HZ_TRY(hz_compile_as(&args[1], b, node->items[0], node->type, node->item_type));
    HZ_TRY(hz_compile_as(&args[2], b, node->items[1], node->type, node->item_type));
    HZ_TRY(hz_compile_compare(&args[0], b, HZ_OP_EQ, args[1], args[2]));
    hz_ins ins = {.code = HZ_OPC_NULLIF, .type = node->type, .item_type = node->item_type};
    return hz_builder_emit(out, b, ins, args, 3);
}

/* coalesce, greatest, least. */
static hz_status call_many(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t *args = HZ_ARENA_ARRAY(b->arena, uint32_t, node->items_count);
    if (!args)
        return hz_nomem(b->err, node->items_count * sizeof *args);
    for (uint32_t i = 0; i < node->items_count; i++)
        HZ_TRY(hz_compile_as(&args[i], b, node->items[i], node->type, node->item_type));
    hz_ins ins = {.code = HZ_OPC_EXTREME, .type = node->type, .item_type = node->item_type};
    if (node->function == HZ_FUNC_COALESCE)
        ins.code = HZ_OPC_COALESCE;
    else
        ins.op = node->function == HZ_FUNC_GREATEST ? HZ_OP_GT : HZ_OP_LT;
    return hz_builder_emit(out, b, ins, args, node->items_count);
}

static hz_slice literal_text(const hz_node *node)
{
    return node->kind == HZ_NODE_LITERAL && node->value.valid ? node->value.as.text : HZ_SLICE_NONE;
}

static hz_status call_to_date(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t text = 0;
    hz_slice format = node->items_count > 1 ? literal_text(node->items[1]) : HZ_SLICE_LIT("YYYY-MM-DD");
    HZ_TRY(hz_compile_as(&text, b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_TO_DATE, .type = HZ_TYPE_DATE};
    hz_builder_key(b, &ins, &text, 1);
    hz_buf_put(&b->key, format);
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    hz_time_format *compiled = HZ_ARENA_NEW(b->arena, hz_time_format);
    if (!compiled)
        return hz_nomem(b->err, sizeof *compiled);
    HZ_TRY(hz_time_format_compile(compiled, HZ_TIME_DATE, format, b->err));
    ins.aux = compiled;
    return hz_builder_add(out, b, ins, &text, 1);
}

static hz_status call_raw(uint32_t *out, hz_builder *b, const hz_node *node)
{
    const hz_node *field = node->items[0];
    if (field->kind != HZ_NODE_FIELD || field->scope > 0)
        return hz_builder_input(out, b, HZ_REG_RELATIONAL, NULL, node);
    return hz_builder_input(out, b, HZ_REG_RAW, field->field, NULL);
}

/* Emits ins, whose aux is shared and told apart by its address. */
static hz_status emit_shared(uint32_t *out, hz_builder *b, hz_ins ins, const uint32_t *args, size_t count)
{
    hz_builder_key(b, &ins, args, count);
    hz_buf_put(&b->key, (hz_slice){(const char *)&ins.aux, sizeof ins.aux});
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    return hz_builder_add(out, b, ins, args, count);
}

static hz_status call_code(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t args[2] = {0, 0};
    size_t count = 1;
    if (!node->list)
        return hz_fail(b->err, HZ_E_PROFILE, HZ_M(EVAL_NO_LIST), HZ_S(literal_text(node->items[0])));
    HZ_TRY(hz_compile_as(&args[0], b, node->items[1], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_CODE_NAME, .type = HZ_TYPE_TEXT, .aux = node->list, .k = day_of_run(b)};
    if (node->function == HZ_FUNC_CODE_VALID) {
        ins = (hz_ins){.code = HZ_OPC_CODE_VALID, .type = HZ_TYPE_BOOLEAN, .aux = node->list};
        HZ_TRY(hz_compile_as(&args[count++], b, node->items[2], HZ_TYPE_DATE, HZ_TYPE_NULL));
    } else if (node->function == HZ_FUNC_CODE_VALUE) {
        ins.code = HZ_OPC_CODE_VALUE;
        ins.k2 = hz_codelist_column(node->list, literal_text(node->items[2]));
        if (HZ_NEVER(ins.k2 < 0))
            return hz_fail(b->err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("a code list's column is missing"));
    }
    return emit_shared(out, b, ins, args, count);
}

static hz_status call_standard(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t text = 0;
    HZ_TRY(hz_compile_as(&text, b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_IS_TYPE, .type = HZ_TYPE_BOOLEAN, .aux = b->env->semtypes, .k = day_of_run(b)};
    if (node->function == HZ_FUNC_IS_DIVISION) {
        ins.code = HZ_OPC_IS_DIVISION;
        ins.k2 =
            node->items_count > 1 ? (int64_t)hz_division_level_by_name(literal_text(node->items[1])) : HZ_LEVEL_ANY;
    } else {
        ins.k2 = node->function == HZ_FUNC_IS_USCC ? HZ_SEMTYPE_USCC : HZ_SEMTYPE_RESIDENT_ID;
    }
    return emit_shared(out, b, ins, &text, 1);
}

static hz_status call_division_parent(uint32_t *out, hz_builder *b, const hz_node *node)
{
    uint32_t text = 0;
    HZ_TRY(hz_compile_as(&text, b, node->items[0], HZ_TYPE_TEXT, HZ_TYPE_NULL));
    hz_ins ins = {.code = HZ_OPC_DIVISION_PARENT, .type = HZ_TYPE_TEXT};
    ins.k = (int64_t)hz_division_level_by_name(literal_text(node->items[1]));
    return hz_builder_emit(out, b, ins, &text, 1);
}

hz_status hz_compile_call(uint32_t *out, hz_builder *b, const hz_node *node)
{
    switch (node->function) {
    case HZ_FUNC_LEFT:
    case HZ_FUNC_RIGHT:
    case HZ_FUNC_SUBSTR:
        return call_slice(out, b, node);
    case HZ_FUNC_ROUND:
        return call_round(out, b, node);
    case HZ_FUNC_DAYS_BETWEEN:
        return call_days_between(out, b, node);
    case HZ_FUNC_NULLIF:
        return call_nullif(out, b, node);
    case HZ_FUNC_COALESCE:
    case HZ_FUNC_GREATEST:
    case HZ_FUNC_LEAST:
        return call_many(out, b, node);
    case HZ_FUNC_TO_DATE:
        return call_to_date(out, b, node);
    case HZ_FUNC_RAW:
        return call_raw(out, b, node);
    case HZ_FUNC_CODE_NAME:
    case HZ_FUNC_CODE_VALID:
    case HZ_FUNC_CODE_VALUE:
        return call_code(out, b, node);
    case HZ_FUNC_IS_RESIDENT_ID:
    case HZ_FUNC_IS_USCC:
    case HZ_FUNC_IS_DIVISION:
        return call_standard(out, b, node);
    case HZ_FUNC_DIVISION_PARENT:
        return call_division_parent(out, b, node);
    default:
        if (HZ_NEVER(!plain_calls[node->function].args))
            return hz_fail(b->err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("a function without instructions"));
        return call_plain(out, b, node);
    }
}
