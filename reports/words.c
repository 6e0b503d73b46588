/* words.c: a walk over the tree, each node a phrase of the catalogue around the phrases of its operands. A phrase is in
 * an arena that lives as long as the sentence. Where the grammar's precedence would be lost, brackets stand. A literal
 * that is compared with a coded field has the code's name beside it; fields have their titles. */
#include "reports/words.h"

#include "profiles/expr/print.h"

/* How tight a phrase must hold together. */
typedef enum place { PLACE_OPEN, PLACE_AND, PLACE_TIGHT } place;

typedef struct words {
    const hz_profile *profile;
    hz_lang lang;
    hz_arena *arena;
    hz_status status; /* sticky */
} words;

static hz_slice phrase(words *w, const hz_node *node, place at);
static hz_slice condition(words *w, const hz_node *node, place at);

/* ---- making phrases ---- */

static hz_slice kept(words *w, hz_buf *made)
{
    hz_slice text = HZ_SLICE_NONE;
    if (made->status == HZ_OK && hz_arena_copy(&text, w->arena, hz_buf_slice(made)) != HZ_OK)
        w->status = HZ_E_NOMEM;
    if (made->status != HZ_OK)
        w->status = made->status;
    hz_buf_clear(made);
    return text;
}

static hz_slice say4(words *w, hz_msg_id id, hz_slice a, hz_slice b, hz_slice c, hz_slice d)
{
    hz_buf made = HZ_BUF_INIT;
    const hz_slice args[] = {a, b, c, d};
    hz_msg_render(&made, id, args, sizeof args / sizeof *args, w->lang);
    return kept(w, &made);
}

static hz_slice say(words *w, hz_msg_id id, hz_slice a, hz_slice b)
{
    return say4(w, id, a, b, HZ_SLICE_NONE, HZ_SLICE_NONE);
}

static hz_slice whole(words *w, int64_t n)
{
    hz_buf made = HZ_BUF_INIT;
    hz_buf_put_i64(&made, n);
    return kept(w, &made);
}

static hz_slice next_of(words *w, hz_slice list, hz_slice item)
{
    return list.len ? say(w, HZ_MSG_WORDS_LIST_NEXT, list, item) : item;
}

static hz_slice enclosed(words *w, hz_slice text, bool brackets)
{
    return brackets ? say(w, HZ_MSG_WORDS_BRACKETS, text, HZ_SLICE_NONE) : text;
}

/* An English title inside a sentence begins small, unless it is an abbreviation. */
static hz_slice title_of(words *w, hz_text2 title, hz_slice name)
{
    hz_slice text = hz_text2_pick(title, w->lang, name);
    bool word = text.len > 1 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' && text.ptr[1] >= 'a' && text.ptr[1] <= 'z';
    if (w->lang != HZ_LANG_EN || !title.en.len || !word)
        return text;
    hz_buf made = HZ_BUF_INIT;
    hz_buf_putc(&made, (char)(text.ptr[0] + ('a' - 'A')));
    hz_buf_put(&made, hz_slice_sub(text, 1, text.len));
    return kept(w, &made);
}

static hz_slice of_period(words *w, hz_slice name, uint32_t period)
{
    if (!period)
        return name;
    return say(w, period == 1 ? HZ_MSG_WORDS_OF_LAST : HZ_MSG_WORDS_OF_LAST2, name, HZ_SLICE_NONE);
}

static hz_slice table_of(words *w, const hz_table *table)
{
    return title_of(w, table->title, table->name);
}

static hz_slice field_of(words *w, const hz_field *field)
{
    return title_of(w, field->title, field->name);
}

/* A relation by the table it leads to; by its own name too where that alone would not tell which rows. */
static hz_slice relation_of(words *w, const hz_relation *relation)
{
    size_t alike = 0;
    for (size_t i = 0; i < relation->from->relations_count; i++)
        alike += relation->from->relations[i]->to == relation->to &&
                 relation->from->relations[i]->to_period == relation->to_period;
    hz_slice name = of_period(w, table_of(w, relation->to), relation->to_period);
    return alike > 1 || relation->where.root ? say(w, HZ_MSG_WORDS_RELATION, name, relation->name) : name;
}

static hz_slice steps_of(words *w, const hz_node *node)
{
    hz_slice text = HZ_SLICE_NONE;
    for (uint32_t i = 0; i < node->steps_count; i++) {
        hz_slice one = relation_of(w, node->steps[i]);
        text = text.len ? say(w, HZ_MSG_WORDS_OF, text, one) : one;
    }
    return text;
}

/* A list by its title; one given in place by its codes. */
static hz_slice list_of(words *w, const hz_codelist *list, hz_slice id)
{
    enum { CODES_SHOWN = 40 };
    hz_slice codes = HZ_SLICE_NONE;
    if (id.len || !list)
        return say(w, HZ_MSG_WORDS_QUOTED, list ? hz_text2_pick(hz_codelist_title(list), w->lang, id) : id,
                   HZ_SLICE_NONE);
    for (size_t i = 0; i < hz_codelist_count(list) && i <= CODES_SHOWN; i++) {
        hz_code code = hz_codelist_at(list, i);
        hz_slice name = hz_text2_pick(code.name, w->lang, code.code);
        hz_slice one = hz_slice_eq(name, code.code) ? name : say(w, HZ_MSG_WORDS_CODE, code.code, name);
        codes = next_of(w, codes, i < CODES_SHOWN ? one : HZ_SLICE_LIT("…"));
    }
    return say(w, HZ_MSG_WORDS_BRACKETS, codes, HZ_SLICE_NONE);
}

/* ---- values ---- */

static hz_slice printed(words *w, const hz_value *value)
{
    hz_buf made = HZ_BUF_INIT;
    switch (value->type) {
    case HZ_TYPE_INTEGER:
        hz_buf_put_i64(&made, value->as.i64);
        break;
    case HZ_TYPE_DECIMAL:
        hz_decimal_put(&made, value->as.decimal);
        break;
    case HZ_TYPE_DATE:
        hz_date_put(&made, (int32_t)value->as.i64);
        break;
    case HZ_TYPE_TIMESTAMP:
        hz_timestamp_put(&made, value->as.i64);
        break;
    case HZ_TYPE_TIME:
        hz_time_put(&made, value->as.i64);
        break;
    default:
        hz_buf_put(&made, value->as.text);
        break;
    }
    return kept(w, &made);
}

static hz_slice interval_of(words *w, hz_interval interval)
{
    if (interval.months && interval.months % 12 == 0)
        return say(w, HZ_MSG_WORDS_YEARS, whole(w, interval.months / 12), HZ_SLICE_NONE);
    if (interval.months)
        return say(w, HZ_MSG_WORDS_MONTHS, whole(w, interval.months), HZ_SLICE_NONE);
    return say(w, HZ_MSG_WORDS_DAYS, whole(w, interval.days), HZ_SLICE_NONE);
}

static hz_slice value_of(words *w, const hz_value *value)
{
    if (!value->valid)
        return say(w, HZ_MSG_WORDS_NULL, HZ_SLICE_NONE, HZ_SLICE_NONE);
    if (value->type == HZ_TYPE_BOOLEAN)
        return say(w, value->as.boolean ? HZ_MSG_WORDS_TRUE : HZ_MSG_WORDS_FALSE, HZ_SLICE_NONE, HZ_SLICE_NONE);
    if (value->type == HZ_TYPE_INTERVAL)
        return interval_of(w, value->as.interval);
    hz_slice text = printed(w, value);
    return value->type == HZ_TYPE_TEXT ? say(w, HZ_MSG_WORDS_QUOTED, text, HZ_SLICE_NONE) : text;
}

static hz_slice param_of(words *w, const hz_node *node)
{
    const hz_param *param = &w->profile->params[node->index];
    hz_slice title = title_of(w, param->title, param->name);
    if (!param->value.valid)
        return say(w, HZ_MSG_WORDS_PARAM_OPEN, title, param->name);
    return say4(w, HZ_MSG_WORDS_PARAM, title, param->name, value_of(w, &param->value), HZ_SLICE_NONE);
}

static const hz_codelist *codes_of(const hz_node *node)
{
    bool field = node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH;
    if (node->kind == HZ_NODE_CALL && node->function == HZ_FUNC_COALESCE)
        return codes_of(node->items[0]);
    return field && node->field ? node->field->codes : NULL;
}

/* An operand beside another: a literal with the name that the other's list gives it. */
static hz_slice beside(words *w, const hz_node *node, const hz_node *other)
{
    const hz_codelist *codes = codes_of(other);
    if (node->kind == HZ_NODE_ARRAY) {
        hz_slice list = HZ_SLICE_NONE;
        for (uint32_t i = 0; i < node->items_count; i++)
            list = next_of(w, list, beside(w, node->items[i], other));
        return say(w, HZ_MSG_WORDS_BRACKETS, list, HZ_SLICE_NONE);
    }
    if (codes && node->kind == HZ_NODE_LITERAL && node->value.valid && node->value.type == HZ_TYPE_TEXT) {
        hz_slice code = node->value.as.text, name = HZ_SLICE_NONE;
        uint32_t row = hz_codelist_find(codes, code, HZ_DAY_EVER);
        if (row != HZ_HTAB_NONE)
            name = hz_text2_pick(hz_codelist_at(codes, row).name, w->lang, code);
        if (name.len && !hz_slice_eq(name, code))
            return say(w, HZ_MSG_WORDS_CODE, code, name);
    }
    return phrase(w, node, PLACE_TIGHT);
}

static hz_slice name_of(words *w, const hz_node *node)
{
    hz_slice field = node->field ? field_of(w, node->field) : HZ_SLICE_NONE;
    if (node->kind == HZ_NODE_PATH)
        return say(w, HZ_MSG_WORDS_OF, steps_of(w, node), field);
    return node->scope || node->names_this ? say(w, HZ_MSG_WORDS_OUTER, field, HZ_SLICE_NONE) : field;
}

/* ---- operators ---- */

static bool is_day(const hz_node *node)
{
    return node->type == HZ_TYPE_DATE || node->type == HZ_TYPE_TIMESTAMP || node->type == HZ_TYPE_TIME;
}

static hz_slice compared(words *w, hz_op op, hz_slice a, hz_slice b, bool days)
{
    static const hz_msg_id plain[] = {
        [HZ_OP_EQ] = HZ_MSG_WORDS_EQ, [HZ_OP_NE] = HZ_MSG_WORDS_NE, [HZ_OP_LT] = HZ_MSG_WORDS_LT,
        [HZ_OP_LE] = HZ_MSG_WORDS_LE, [HZ_OP_GT] = HZ_MSG_WORDS_GT, [HZ_OP_GE] = HZ_MSG_WORDS_GE};
    static const hz_msg_id dated[] = {
        [HZ_OP_EQ] = HZ_MSG_WORDS_EQ,        [HZ_OP_NE] = HZ_MSG_WORDS_NE,    [HZ_OP_LT] = HZ_MSG_WORDS_BEFORE,
        [HZ_OP_LE] = HZ_MSG_WORDS_NOT_AFTER, [HZ_OP_GT] = HZ_MSG_WORDS_AFTER, [HZ_OP_GE] = HZ_MSG_WORDS_NOT_BEFORE};
    return say(w, (days ? dated : plain)[op], a, b);
}

static hz_slice arithmetic(words *w, const hz_node *node)
{
    static const hz_msg_id ops[] = {[HZ_OP_ADD] = HZ_MSG_WORDS_ADD,
                                    [HZ_OP_SUB] = HZ_MSG_WORDS_SUB,
                                    [HZ_OP_MUL] = HZ_MSG_WORDS_MUL,
                                    [HZ_OP_DIV] = HZ_MSG_WORDS_DIV};
    const hz_node *left = node->items[0], *right = node->items[1];
    bool product = node->op == HZ_OP_MUL || node->op == HZ_OP_DIV;
    bool left_sum = left->kind == HZ_NODE_ARITH && product && (left->op == HZ_OP_ADD || left->op == HZ_OP_SUB);
    hz_slice a = enclosed(w, phrase(w, left, PLACE_TIGHT), left_sum);
    hz_slice b = enclosed(w, phrase(w, right, PLACE_TIGHT), right->kind == HZ_NODE_ARITH);
    return say(w, ops[node->op], a, b);
}

static hz_slice joined(words *w, const hz_node *node, place at)
{
    bool and_ = node->kind == HZ_NODE_AND;
    hz_slice text = condition(w, node->items[0], PLACE_AND);
    for (uint32_t i = 1; i < node->items_count; i++)
        text = say(w, and_ ? HZ_MSG_WORDS_AND : HZ_MSG_WORDS_OR, text, condition(w, node->items[i], PLACE_AND));
    return enclosed(w, text, at != PLACE_OPEN);
}

static bool is_name(const hz_node *node)
{
    return node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH || node->kind == HZ_NODE_PARAM;
}

static hz_slice quantified(words *w, const hz_node *node)
{
    hz_slice one = beside(w, node->items[0], node->items[1]);
    hz_slice set = beside(w, node->items[1], node->items[0]);
    if (node->op == HZ_OP_EQ && !node->negated)
        return say(w, HZ_MSG_WORDS_HAS, one, set);
    if (node->op == HZ_OP_NE && node->negated)
        return say(w, HZ_MSG_WORDS_HAS_NOT, one, set);
    hz_slice items = say(w, node->negated ? HZ_MSG_WORDS_ALL : HZ_MSG_WORDS_ANY, HZ_SLICE_NONE, set);
    return compared(w, node->op, one, items, is_day(node->items[0]));
}

static hz_slice among(words *w, const hz_node *node)
{
    hz_slice list = HZ_SLICE_NONE;
    for (uint32_t i = 1; i < node->items_count; i++)
        list = next_of(w, list, beside(w, node->items[i], node->items[0]));
    return say(w, node->negated ? HZ_MSG_WORDS_NOT_IN : HZ_MSG_WORDS_IN, phrase(w, node->items[0], PLACE_TIGHT), list);
}

static hz_slice missing(words *w, const hz_node *node)
{
    hz_slice what = phrase(w, node->items[0], PLACE_TIGHT);
    if (is_name(node->items[0]))
        return say(w, node->negated ? HZ_MSG_WORDS_NOT_NULL : HZ_MSG_WORDS_IS_NULL, what, HZ_SLICE_NONE);
    return say(w, node->negated ? HZ_MSG_WORDS_VALUE_NOT_NULL : HZ_MSG_WORDS_VALUE_NULL, what, HZ_SLICE_NONE);
}

static bool is_truth(const hz_node *node, bool truth)
{
    return node->kind == HZ_NODE_LITERAL && node->value.valid && node->value.type == HZ_TYPE_BOOLEAN &&
           node->value.as.boolean == truth;
}

/* What a case comes to: of one that holds or not, what must hold. */
static hz_slice outcome(words *w, const hz_node *node)
{
    bool holds = node->type == HZ_TYPE_BOOLEAN && node->kind != HZ_NODE_LITERAL;
    return holds ? condition(w, node, PLACE_OPEN) : phrase(w, node, PLACE_TIGHT);
}

/* `case when C then true else false end` is C, where unknown is false; an `else true` says nothing more. */
static hz_slice cases(words *w, const hz_node *node)
{
    uint32_t i = node->has_subject ? 1 : 0, end = node->items_count - (node->has_else ? 1 : 0);
    hz_slice text = HZ_SLICE_NONE;
    if (!i && end == 2 && node->has_else && is_truth(node->items[1], true) && is_truth(node->items[end], false))
        return enclosed(w, condition(w, node->items[0], PLACE_OPEN), true);
    for (; i + 1 < end; i += 2) {
        hz_slice when = node->has_subject ? say(w, HZ_MSG_WORDS_EQ, phrase(w, node->items[0], PLACE_TIGHT),
                                                beside(w, node->items[i], node->items[0]))
                                          : condition(w, node->items[i], PLACE_OPEN);
        hz_slice one = say(w, HZ_MSG_WORDS_CASE_WHEN, when, outcome(w, node->items[i + 1]));
        text = text.len ? say(w, HZ_MSG_WORDS_CASE_NEXT, text, one) : one;
    }
    if (node->has_else && !is_truth(node->items[end], true))
        text = say(w, HZ_MSG_WORDS_CASE_ELSE, text, outcome(w, node->items[end]));
    return say(w, HZ_MSG_WORDS_BRACKETS, text, HZ_SLICE_NONE);
}

/* ---- calls ---- */

static hz_slice literal_text(words *w, const hz_node *node)
{
    bool text = node->kind == HZ_NODE_LITERAL && node->value.valid && node->value.type == HZ_TYPE_TEXT;
    return text ? node->value.as.text : phrase(w, node, PLACE_TIGHT);
}

static hz_slice call_of(words *w, const hz_node *node)
{
    static const hz_msg_id ids[] = {
#define HZ_FUNCTION(id, name, signature, zh, en) HZ_MSG_WORDS_F_##id,
#include "profiles/expr/functions.def"
#undef HZ_FUNCTION
    };
    hz_slice args[3] = {HZ_SLICE_NONE, HZ_SLICE_NONE, HZ_SLICE_NONE}, list = HZ_SLICE_NONE;
    hz_msg_id id = ids[node->function];
    bool codes = node->function == HZ_FUNC_CODE_NAME || node->function == HZ_FUNC_CODE_VALID ||
                 node->function == HZ_FUNC_CODE_VALUE;
    bool level = node->function == HZ_FUNC_DIVISION_PARENT || node->function == HZ_FUNC_IS_DIVISION;
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_slice one = codes && i == 0 ? list_of(w, node->list, literal_text(w, node->items[0]))
                       : (codes && i == 2) || (level && i == 1) ? literal_text(w, node->items[i])
                       : node->function == HZ_FUNC_COALESCE     ? beside(w, node->items[i], node->items[0])
                                                                : phrase(w, node->items[i], PLACE_TIGHT);
        list = next_of(w, list, one);
        if (i < 3)
            args[i] = one;
    }
    bool several = node->function == HZ_FUNC_LEAST || node->function == HZ_FUNC_GREATEST;
    if (several || (node->function == HZ_FUNC_COALESCE && node->items_count != 2))
        args[0] = list;
    else if (node->function == HZ_FUNC_COALESCE)
        id = HZ_MSG_WORDS_COALESCE_TWO;
    else if (node->function == HZ_FUNC_ROUND && node->items_count > 1)
        id = HZ_MSG_WORDS_ROUND_TO;
    else if (node->function == HZ_FUNC_SUBSTR && node->items_count > 2)
        id = HZ_MSG_WORDS_SUBSTR_TO;
    else if (node->function == HZ_FUNC_IS_DIVISION && node->items_count > 1)
        id = HZ_MSG_WORDS_IS_DIVISION_AT;
    return say4(w, id, args[0], args[1], args[2], HZ_SLICE_NONE);
}

/* ---- aggregates ---- */

static hz_slice rows_of(words *w, const hz_node *node)
{
    hz_slice rows = node->star ? say(w, HZ_MSG_WORDS_GROUP_ROWS, HZ_SLICE_NONE, HZ_SLICE_NONE)
                               : say(w, HZ_MSG_WORDS_RECORDS, steps_of(w, node), HZ_SLICE_NONE);
    if (node->items[1])
        rows = say(w, HZ_MSG_WORDS_RECORDS_WHERE, rows, condition(w, node->items[1], PLACE_OPEN));
    return rows;
}

static hz_slice aggregate(words *w, const hz_node *node, bool negated)
{
    static const hz_msg_id ids[] = {
        [HZ_AGG_COUNT] = HZ_MSG_WORDS_COUNT_OF, [HZ_AGG_COUNT_DISTINCT] = HZ_MSG_WORDS_COUNT_DISTINCT,
        [HZ_AGG_SUM] = HZ_MSG_WORDS_SUM,        [HZ_AGG_MIN] = HZ_MSG_WORDS_MIN,
        [HZ_AGG_MAX] = HZ_MSG_WORDS_MAX,        [HZ_AGG_AVG] = HZ_MSG_WORDS_AVG};
    hz_slice rows = rows_of(w, node);
    if (node->agg == HZ_AGG_EXISTS)
        return say(w, negated ? HZ_MSG_WORDS_NOT_EXISTS : HZ_MSG_WORDS_EXISTS, rows, HZ_SLICE_NONE);
    if (node->agg == HZ_AGG_EVERY)
        return say(w, HZ_MSG_WORDS_EVERY, rows, condition(w, node->items[0], PLACE_OPEN));
    if (!node->items[0])
        return say(w, HZ_MSG_WORDS_COUNT, rows, HZ_SLICE_NONE);
    return say(w, ids[node->agg], rows, phrase(w, node->items[0], PLACE_TIGHT));
}

/* ---- any node ---- */

static hz_slice ranged(words *w, const hz_node *node)
{
    hz_slice a = phrase(w, node->items[0], PLACE_TIGHT);
    hz_slice b = node->items_count > 1 ? beside(w, node->items[1], node->items[0]) : HZ_SLICE_NONE;
    switch (node->kind) {
    case HZ_NODE_BETWEEN:
        return say4(w, node->negated ? HZ_MSG_WORDS_NOT_BETWEEN : HZ_MSG_WORDS_BETWEEN, a, b,
                    beside(w, node->items[2], node->items[0]), HZ_SLICE_NONE);
    case HZ_NODE_DISTINCT:
        return say(w, node->negated ? HZ_MSG_WORDS_NOT_DISTINCT : HZ_MSG_WORDS_DISTINCT, a, b);
    case HZ_NODE_IN_LIST:
        return say(w, node->negated ? HZ_MSG_WORDS_NOT_IN_LIST : HZ_MSG_WORDS_IN_LIST, a,
                   list_of(w, node->list, node->text));
    case HZ_NODE_LIKE:
        return say(w, node->negated ? HZ_MSG_WORDS_NOT_LIKE : HZ_MSG_WORDS_LIKE, a, b);
    default:
        return say(w, node->negated ? HZ_MSG_WORDS_NOT_MATCHES : HZ_MSG_WORDS_MATCHES, a, node->text);
    }
}

static hz_slice comparison(words *w, const hz_node *node)
{
    const hz_node *left = node->items[0], *right = node->items[1];
    return compared(w, node->op, beside(w, left, right), beside(w, right, left), is_day(left));
}

static hz_slice negation(words *w, const hz_node *node)
{
    const hz_node *item = node->items[0];
    if (is_name(item))
        return say(w, HZ_MSG_WORDS_IS_NOT, phrase(w, item, PLACE_TIGHT), HZ_SLICE_NONE);
    if (item->kind == HZ_NODE_AGGREGATE && item->agg == HZ_AGG_EXISTS)
        return aggregate(w, item, true);
    return say(w, HZ_MSG_WORDS_NOT, enclosed(w, condition(w, item, PLACE_OPEN), true), HZ_SLICE_NONE);
}

static hz_slice operated(words *w, const hz_node *node, place at)
{
    switch (node->kind) {
    case HZ_NODE_AND:
    case HZ_NODE_OR:
        return joined(w, node, at);
    case HZ_NODE_NOT:
        return negation(w, node);
    case HZ_NODE_NEG:
        return say(w, HZ_MSG_WORDS_NEG, phrase(w, node->items[0], PLACE_TIGHT), HZ_SLICE_NONE);
    case HZ_NODE_POS:
        return phrase(w, node->items[0], at);
    case HZ_NODE_COMPARE:
        return comparison(w, node);
    case HZ_NODE_ARITH:
        return arithmetic(w, node);
    case HZ_NODE_CONCAT:
        return say(w, HZ_MSG_WORDS_CONCAT, phrase(w, node->items[0], PLACE_TIGHT),
                   phrase(w, node->items[1], PLACE_TIGHT));
    case HZ_NODE_CONTAINED:
        return say(w, HZ_MSG_WORDS_CONTAINED, beside(w, node->items[0], node->items[1]),
                   beside(w, node->items[1], node->items[0]));
    case HZ_NODE_QUANTIFIED:
        return quantified(w, node);
    case HZ_NODE_IS_NULL:
        return missing(w, node);
    case HZ_NODE_IN:
        return among(w, node);
    case HZ_NODE_CASE:
        return cases(w, node);
    case HZ_NODE_CALL:
        return call_of(w, node);
    case HZ_NODE_ARRAY:
        return beside(w, node, node);
    case HZ_NODE_AGGREGATE:
        return aggregate(w, node, false);
    default:
        return ranged(w, node);
    }
}

static bool is_condition(const hz_node *node)
{
    return node->type == HZ_TYPE_BOOLEAN && node->kind != HZ_NODE_LITERAL && !is_name(node) &&
           !(node->kind == HZ_NODE_CALL && node->function == HZ_FUNC_COALESCE);
}

/* As a value; a condition that stands as one is "whether". */
static hz_slice phrase(words *w, const hz_node *node, place at)
{
    if (w->status != HZ_OK)
        return HZ_SLICE_NONE;
    switch (node->kind) {
    case HZ_NODE_LITERAL:
        return value_of(w, &node->value);
    case HZ_NODE_AS_OF:
        return say(w, HZ_MSG_WORDS_AS_OF, HZ_SLICE_NONE, HZ_SLICE_NONE);
    case HZ_NODE_PARAM:
        return param_of(w, node);
    case HZ_NODE_VALUE:
        return say(w, node->index ? HZ_MSG_WORDS_PREVIOUS : HZ_MSG_WORDS_VALUE, HZ_SLICE_NONE, HZ_SLICE_NONE);
    case HZ_NODE_FIELD:
    case HZ_NODE_PATH:
    case HZ_NODE_NAME:
        return name_of(w, node);
    default:
        break;
    }
    if (is_condition(node))
        return say(w, HZ_MSG_WORDS_WHETHER, operated(w, node, PLACE_OPEN), HZ_SLICE_NONE);
    return operated(w, node, at);
}

/* As something that holds or does not. */
static hz_slice condition(words *w, const hz_node *node, place at)
{
    if (w->status != HZ_OK)
        return HZ_SLICE_NONE;
    if (is_condition(node))
        return operated(w, node, at);
    if (node->type != HZ_TYPE_BOOLEAN)
        return phrase(w, node, at);
    return say(w, HZ_MSG_WORDS_IS, phrase(w, node, at), HZ_SLICE_NONE);
}

/* ---- rules ---- */

static hz_slice expr_of(words *w, const hz_expr *expr)
{
    return expr->root ? phrase(w, expr->root, PLACE_OPEN) : HZ_SLICE_NONE;
}

static hz_slice keys_of(words *w, const hz_rule *rule)
{
    hz_slice list = HZ_SLICE_NONE;
    for (size_t i = 0; i < rule->keys_count; i++)
        list = next_of(w, list, expr_of(w, &rule->keys[i]));
    return list;
}

/* The records that a rule speaks of. */
static hz_slice subject_of(words *w, const hz_rule *rule)
{
    hz_slice name = of_period(w, table_of(w, rule->table), rule->period);
    hz_slice rows = say(w, HZ_MSG_WORDS_RECORDS, name, HZ_SLICE_NONE);
    if (rule->when.root)
        rows = say(w, HZ_MSG_WORDS_RECORDS_WHERE, rows, condition(w, rule->when.root, PLACE_OPEN));
    return rows;
}

static hz_slice each_of(words *w, const hz_rule *rule)
{
    return say(w, HZ_MSG_WORDS_EACH, subject_of(w, rule), HZ_SLICE_NONE);
}

static hz_slice range_rule(words *w, hz_slice each, const hz_field *field)
{
    hz_slice name = field_of(w, field), min = expr_of(w, &field->min), max = expr_of(w, &field->max);
    if (min.len && max.len)
        return say4(w, HZ_MSG_WORDS_R_RANGE, each, name, min, max);
    return say4(w, min.len ? HZ_MSG_WORDS_R_MIN : HZ_MSG_WORDS_R_MAX, each, name, min.len ? min : max, HZ_SLICE_NONE);
}

static hz_slice length_of(words *w, const hz_field *field)
{
    hz_buf made = HZ_BUF_INIT;
    if (field->min_length >= 0)
        hz_buf_put_i64(&made, field->min_length);
    if (field->min_length != field->max_length) {
        hz_buf_puts(&made, field->min_length >= 0 && field->max_length >= 0 ? "–" : field->max_length < 0 ? "+" : "≤");
        if (field->max_length >= 0)
            hz_buf_put_i64(&made, field->max_length);
    }
    return kept(w, &made);
}

static hz_slice type_of(words *w, const hz_field *field)
{
    hz_buf made = HZ_BUF_INIT;
    hz_field_type_put(&made, field);
    return kept(w, &made);
}

static hz_slice field_rule(words *w, const hz_rule *rule)
{
    const hz_field *field = rule->field;
    hz_slice each = each_of(w, rule), name = field_of(w, field);
    switch (rule->kind) {
    case HZ_RULE_REQUIRED:
        return say(w, HZ_MSG_WORDS_R_REQUIRED, each, name);
    case HZ_RULE_TYPE:
        return say4(w, HZ_MSG_WORDS_R_TYPE, each, name, type_of(w, field), HZ_SLICE_NONE);
    case HZ_RULE_CODES:
        return say4(w, HZ_MSG_WORDS_R_CODES, each, name, list_of(w, field->codes, field->codes_id), HZ_SLICE_NONE);
    case HZ_RULE_ITEMS:
        return say(w, HZ_MSG_WORDS_R_ITEMS, each, name);
    case HZ_RULE_PATTERN:
        return say4(w, HZ_MSG_WORDS_R_PATTERN, each, name, field->pattern_text, HZ_SLICE_NONE);
    case HZ_RULE_LENGTH:
        return say4(w, HZ_MSG_WORDS_R_LENGTH, each, name, length_of(w, field), HZ_SLICE_NONE);
    default:
        return range_rule(w, each, field);
    }
}

static hz_slice table_rule(words *w, const hz_rule *rule)
{
    hz_slice table = table_of(w, rule->table);
    switch (rule->kind) {
    case HZ_RULE_PRESENT:
        return say(w, rule->may_be_absent ? HZ_MSG_WORDS_R_MAY_BE_ABSENT : HZ_MSG_WORDS_R_PRESENT, table,
                   HZ_SLICE_NONE);
    case HZ_RULE_COLUMNS:
        return say(w, HZ_MSG_WORDS_R_COLUMNS, table, HZ_SLICE_NONE);
    case HZ_RULE_ROWS:
        return say(w, HZ_MSG_WORDS_R_ROWS, table, HZ_SLICE_NONE);
    default:
        return say(w, HZ_MSG_WORDS_R_ENCODING, table, HZ_SLICE_NONE);
    }
}

static hz_slice manifest_rule(words *w, const hz_rule *rule)
{
    static const hz_msg_id said[HZ_MANIFEST_PARTS] = {
        [HZ_MANIFEST_MISSING] = HZ_MSG_WORDS_R_MANIFEST_MISSING,
        [HZ_MANIFEST_LEFT_OVER] = HZ_MSG_WORDS_R_MANIFEST_LEFT_OVER,
        [HZ_MANIFEST_TWICE] = HZ_MSG_WORDS_R_MANIFEST_TWICE,
        [HZ_MANIFEST_CHANGED] = HZ_MSG_WORDS_R_MANIFEST_CHANGED,
        [HZ_MANIFEST_ROW_COUNT] = HZ_MSG_WORDS_R_MANIFEST_ROW_COUNT,
        [HZ_MANIFEST_PERIOD] = HZ_MSG_WORDS_R_MANIFEST_PERIOD,
        [HZ_MANIFEST_UNIT] = HZ_MSG_WORDS_R_MANIFEST_UNIT,
    };
    return say(w, said[rule->manifest], HZ_SLICE_NONE, HZ_SLICE_NONE);
}

static hz_slice references_rule(words *w, const hz_rule *rule)
{
    hz_slice targets = HZ_SLICE_NONE;
    for (size_t i = 0; i < rule->keys_count; i++)
        targets = next_of(w, targets, field_of(w, rule->ref_fields[i]));
    return say4(w, HZ_MSG_WORDS_R_REFERENCES, each_of(w, rule), keys_of(w, rule), table_of(w, rule->ref_table),
                targets);
}

static hz_slice unique_rule(words *w, const hz_rule *rule)
{
    hz_slice rows = subject_of(w, rule), keys = keys_of(w, rule);
    if (rule->overlap_from.root)
        return say4(w, HZ_MSG_WORDS_R_OVERLAP, rows, keys, expr_of(w, &rule->overlap_from),
                    expr_of(w, &rule->overlap_to));
    if (rule->at_most > 1)
        return say4(w, HZ_MSG_WORDS_R_AT_MOST, rows, keys, whole(w, rule->at_most), HZ_SLICE_NONE);
    return say(w, HZ_MSG_WORDS_R_UNIQUE, rows, keys);
}

static hz_slice similar_rule(words *w, const hz_rule *rule)
{
    hz_slice list = HZ_SLICE_NONE;
    hz_buf made = HZ_BUF_INIT;
    for (size_t i = 0; i < rule->similar->compare_count; i++)
        list = next_of(w, list, expr_of(w, &rule->similar->compare[i].expr));
    hz_decimal_put(&made, rule->similar->threshold);
    return say4(w, HZ_MSG_WORDS_R_SIMILAR, subject_of(w, rule), list, kept(w, &made), HZ_SLICE_NONE);
}

static hz_slice assert_rule(words *w, const hz_rule *rule)
{
    hz_slice holds = rule->assert_.root ? condition(w, rule->assert_.root, PLACE_OPEN) : HZ_SLICE_NONE;
    if (rule->kind == HZ_RULE_ASSERT)
        return say(w, HZ_MSG_WORDS_R_ASSERT, each_of(w, rule), holds);
    if (!rule->keys_count)
        return say(w, HZ_MSG_WORDS_R_TABLE, subject_of(w, rule), holds);
    return say4(w, HZ_MSG_WORDS_R_GROUP, subject_of(w, rule), holds, keys_of(w, rule), HZ_SLICE_NONE);
}

static hz_slice rule_words(words *w, const hz_rule *rule)
{
    if (rule->kind <= HZ_RULE_ENCODING)
        return table_rule(w, rule);
    if (rule->kind == HZ_RULE_MANIFEST)
        return manifest_rule(w, rule);
    if (rule->kind <= HZ_RULE_RANGE)
        return field_rule(w, rule);
    if (rule->kind == HZ_RULE_REFERENCES)
        return references_rule(w, rule);
    if (rule->kind == HZ_RULE_UNIQUE)
        return unique_rule(w, rule);
    return rule->kind == HZ_RULE_SIMILAR ? similar_rule(w, rule) : assert_rule(w, rule);
}

static void finish(hz_buf *out, words *w, hz_slice text)
{
    if (w->status == HZ_OK)
        hz_buf_put(out, text);
    else if (out->status == HZ_OK)
        out->status = w->status;
    hz_arena_free(w->arena);
}

void hz_words_rule(hz_buf *out, const hz_profile *profile, const hz_rule *rule, hz_lang lang)
{
    words w = {profile, lang, hz_arena_new(), HZ_OK};
    if (!w.arena)
        w.status = HZ_E_NOMEM;
    hz_slice text = w.arena ? rule_words(&w, rule) : HZ_SLICE_NONE;
    bool small = lang == HZ_LANG_EN && text.len && text.ptr[0] >= 'a' && text.ptr[0] <= 'z';
    if (small && w.status == HZ_OK) {
        hz_buf_putc(out, (char)(text.ptr[0] - ('a' - 'A')));
        text = hz_slice_sub(text, 1, text.len);
    }
    finish(out, &w, text);
}

void hz_words_expr(hz_buf *out, const hz_profile *profile, const hz_node *root, hz_lang lang)
{
    words w = {profile, lang, root ? hz_arena_new() : NULL, HZ_OK};
    if (!root)
        return;
    if (!w.arena)
        w.status = HZ_E_NOMEM;
    finish(out, &w, w.arena ? condition(&w, root, PLACE_OPEN) : HZ_SLICE_NONE);
}
