#include "base/alloc.h"
#include "profiles/load_int.h"

enum { PERIOD_MAX = 2 };

hz_scope hz_load_scope(const hz_loader *ld, const hz_table *table, unsigned flags)
{
    return (hz_scope){.profile = ld->profile, .lists = ld->lists, .table = table, .flags = flags};
}

hz_status hz_load_expr(hz_expr *out, hz_loader *ld, const hz_yaml *scalar)
{
    *out = (hz_expr){.text = scalar->text};
    HZ_TRY(hz_yaml_srcmap(&out->map, scalar, ld->arena, ld->err));
    return hz_expr_parse(out, ld->arena, ld->limits, ld->diags, ld->err);
}

hz_status hz_load_check(hz_expr *expr, hz_loader *ld, const hz_scope *scope, hz_type want)
{
    return expr->root ? hz_expr_check(expr, scope, want, ld->arena, ld->diags, ld->err) : HZ_OK;
}

hz_status hz_load_checked(hz_expr *out, hz_loader *ld, const hz_yaml *scalar, const hz_scope *scope, hz_type want)
{
    HZ_TRY(hz_load_expr(out, ld, scalar));
    return hz_load_check(out, ld, scope, want);
}

hz_span hz_load_expr_span(const hz_expr *expr)
{
    return hz_srcmap_span(&expr->map, 0, expr->text.len);
}

const hz_field *hz_load_bare_field(const hz_expr *expr)
{
    return expr->root && expr->root->kind == HZ_NODE_FIELD && expr->root->scope == 0 ? expr->root->field : NULL;
}

static bool is_numeric(hz_type type)
{
    return type == HZ_TYPE_INTEGER || type == HZ_TYPE_DECIMAL;
}

bool hz_load_types_agree(hz_type a, hz_type b)
{
    return a == b || (is_numeric(a) && is_numeric(b));
}

hz_status hz_load_bound(hz_expr *out, hz_loader *ld, const hz_field *field, const hz_yaml *scalar)
{
    hz_value value;
    hz_type type = field->item_type;
    if (!hz_load_value(&value, type == HZ_TYPE_INTEGER ? HZ_TYPE_DECIMAL : type, field->type == HZ_FIELD_MONTH,
                       scalar->text)) {
        /* no expression over parameters that gives a time begins with a digit: this was meant as a value */
        bool timed = type != HZ_TYPE_INTEGER && type != HZ_TYPE_DECIMAL;
        if (timed && scalar->text.len && scalar->text.ptr[0] >= '0' && scalar->text.ptr[0] <= '9') {
            hz_diag_error(ld->diags, scalar->span, HZ_MSG_NONE, HZ_M(PROFILE_VALUE), HZ_S(scalar->text),
                          HZ_Z(hz_type_name(type)));
            return HZ_OK;
        }
        hz_scope scope = hz_load_scope(ld, NULL, 0);
        return hz_load_checked(out, ld, scalar, &scope, type);
    }
    *out = (hz_expr){.text = scalar->text, .nodes_count = 1};
    HZ_TRY(hz_yaml_srcmap(&out->map, scalar, ld->arena, ld->err));
    HZ_TRY(HZ_LOAD_ARRAY(ld, out->root, 1));
    *out->root = (hz_node){.kind = HZ_NODE_LITERAL,
                           .len = (uint32_t)scalar->text.len,
                           .type = value.type,
                           .constant = true,
                           .value = value};
    return HZ_OK;
}

bool hz_load_uses_star(const hz_node *node)
{
    if (!node)
        return false;
    if (node->kind == HZ_NODE_AGGREGATE && node->star)
        return true;
    for (uint32_t i = 0; i < node->items_count; i++)
        if (hz_load_uses_star(node->items[i]))
            return true;
    return false;
}

/* ---- periods ---- */

typedef struct period_walk {
    hz_loader *ld;
    const hz_expr *expr;
} period_walk;

/* The period at the end of the node's steps; -1 after a mistake. */
static int follow(const period_walk *walk, const hz_node *node, uint32_t period)
{
    for (uint32_t i = 0; i < node->steps_count; i++) {
        const hz_relation *step = node->steps[i];
        hz_msg_id message = period < step->from_period ? HZ_MSG_PROFILE_NO_NEXT_PERIOD : HZ_MSG_NONE;
        if (!message && period - step->from_period + step->to_period > PERIOD_MAX)
            message = HZ_MSG_PROFILE_FAR_PERIOD;
        if (message) {
            hz_diags_add(walk->ld->diags, HZ_DIAG_ERROR, hz_srcmap_span(&walk->expr->map, node->offset, node->len),
                         HZ_MSG_NONE,
                         HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}), HZ_S(step->name),
                                 HZ_S(step->from->name)));
            return -1;
        }
        period = period - step->from_period + step->to_period;
    }
    return (int)period;
}

/* inner: period of the row that names mean first; outer: of the row outside the aggregate. */
static void walk_periods(const period_walk *walk, const hz_node *node, uint32_t inner, uint32_t outer)
{
    if (!node)
        return;
    uint32_t own = node->scope ? outer : inner;
    int end = node->kind == HZ_NODE_PATH || node->kind == HZ_NODE_AGGREGATE ? follow(walk, node, own) : 0;
    if (end < 0)
        return;
    bool aggregate = node->kind == HZ_NODE_AGGREGATE;
    for (uint32_t i = 0; i < node->items_count; i++)
        walk_periods(walk, node->items[i], aggregate ? (uint32_t)end : inner, aggregate ? inner : outer);
}

void hz_load_periods(hz_loader *ld, const hz_expr *expr, uint32_t period)
{
    walk_periods(&(period_walk){ld, expr}, expr->root, period, period);
}

/* ---- messages ---- */

typedef struct cutter {
    hz_loader *ld;
    const hz_scope *scope;
    uint32_t period;
    hz_srcmap map;
    hz_slice text;
    hz_message *out;
    hz_buf plain; /* text since the last expression, braces undoubled */
} cutter;

static void brace_mistake(const cutter *cut, size_t at, hz_msg_id message)
{
    hz_diags_add(cut->ld->diags, HZ_DIAG_ERROR, hz_srcmap_span(&cut->map, at, 1), HZ_MSG_NONE,
                 HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0})));
}

static hz_status flush_plain(cutter *cut)
{
    if (!cut->plain.len)
        return HZ_OK;
    hz_message_part *part = &cut->out->parts[cut->out->count++];
    HZ_TRY(hz_buf_status(&cut->plain, cut->ld->err));
    if (hz_arena_copy(&part->text, cut->ld->arena, hz_buf_slice(&cut->plain)) != HZ_OK)
        return hz_nomem(cut->ld->err, cut->plain.len);
    hz_buf_reset(&cut->plain);
    return HZ_OK;
}

/* The byte of the closing brace of the expression that begins at `at`; braces inside its quotes do not count. text.len
 * when there is none. */
static size_t closing_brace(hz_slice text, size_t at)
{
    for (char quote = 0; at < text.len; at++) {
        char c = text.ptr[at];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '\'' || c == '"')
            quote = c;
        else if (c == '}')
            return at;
    }
    return text.len;
}

static hz_status cut_expression(cutter *cut, size_t from, size_t to)
{
    HZ_TRY(flush_plain(cut));
    hz_expr *expr = &cut->out->parts[cut->out->count].expr;
    *expr = (hz_expr){.text = hz_slice_sub(cut->text, from, to)};
    HZ_TRY(hz_srcmap_part(&expr->map, &cut->map, from, to - from, cut->ld->arena, cut->ld->err));
    HZ_TRY(hz_expr_parse(expr, cut->ld->arena, cut->ld->limits, cut->ld->diags, cut->ld->err));
    HZ_TRY(hz_load_check(expr, cut->ld, cut->scope, HZ_TYPE_NULL));
    if (!expr->root)
        return HZ_OK;
    hz_load_periods(cut->ld, expr, cut->period);
    cut->out->count++;
    return HZ_OK;
}

static hz_status cut_all(cutter *cut)
{
    hz_slice text = cut->text;
    for (size_t at = 0; at < text.len; at++) {
        char c = text.ptr[at];
        bool twice = at + 1 < text.len && text.ptr[at + 1] == c;
        if ((c == '{' || c == '}') && !twice) {
            size_t end = c == '{' ? closing_brace(text, at + 1) : text.len;
            if (end == text.len) {
                brace_mistake(cut, at, c == '{' ? HZ_MSG_PROFILE_MESSAGE_OPEN : HZ_MSG_PROFILE_MESSAGE_CLOSE);
                return HZ_OK;
            }
            if (!cut->scope) {
                brace_mistake(cut, at, HZ_MSG_PROFILE_MESSAGE_ROW);
                return HZ_OK;
            }
            HZ_TRY(cut_expression(cut, at + 1, end));
            at = end;
            continue;
        }
        hz_buf_putc(&cut->plain, c);
        at += twice && (c == '{' || c == '}');
    }
    return flush_plain(cut);
}

static hz_status cut_message(hz_message *out, hz_loader *ld, const hz_yaml *scalar, const hz_scope *scope,
                             uint32_t period)
{
    cutter cut = {.ld = ld, .scope = scope, .period = period, .text = scalar->text, .out = out, .plain = HZ_BUF_INIT};
    size_t parts = 1;
    for (size_t i = 0; i < scalar->text.len; i++)
        parts += scalar->text.ptr[i] == '{' ? 2 : 0;
    HZ_TRY(HZ_LOAD_ARRAY(ld, out->parts, parts));
    HZ_TRY(hz_yaml_srcmap(&cut.map, scalar, ld->arena, ld->err));
    hz_status st = cut_all(&cut);
    hz_buf_clear(&cut.plain);
    return st;
}

/* A message that is one text holds for both languages. */
hz_status hz_load_message(hz_message *zh, hz_message *en, hz_loader *ld, const hz_yaml *value, const hz_scope *scope,
                          uint32_t period)
{
    *zh = *en = (hz_message){0};
    if (!value)
        return HZ_OK;
    if (value->kind == HZ_YAML_SCALAR) {
        HZ_TRY(cut_message(zh, ld, value, scope, period));
        *en = *zh;
        return HZ_OK;
    }
    const hz_yaml *in_zh = hz_yaml_get(value, "zh"), *in_en = hz_yaml_get(value, "en");
    if (in_zh)
        HZ_TRY(cut_message(zh, ld, in_zh, scope, period));
    return in_en ? cut_message(en, ld, in_en, scope, period) : HZ_OK;
}
