#include "profiles/expr/check_int.h"
#include "profiles/expr/lex.h"
#include "profiles/expr/pattern.h"

/* Arguments are read off the signatures in functions.def; see there for the letters. */

static const char *signature_of(hz_function function)
{
    static const char *const signatures[] = {
#define HZ_FUNCTION(id, name, signature, zh, en) signature,
#include "profiles/expr/functions.def"
#undef HZ_FUNCTION
    };
    return signatures[function];
}

/* ---- code lists ---- */

/* A list of the profile itself, then of the store. NULL after a report, or when lists are not known here. */
static const hz_codelist *find_list(hz_checker *c, hz_slice id, uint32_t offset, uint32_t len)
{
    const hz_own_list *own = c->scope->profile ? hz_profile_own_list(c->scope->profile, id) : NULL;
    if (own)
        return own->list;
    if (!c->scope->lists)
        return NULL;
    hz_error local = {.status = HZ_OK};
    const hz_codelist *list = hz_lists_find(c->scope->lists, id, &local);
    if (list)
        return list;
    if (local.status == HZ_E_NOMEM) {
        hz_check_no_memory(c, 0);
    } else if (local.status != HZ_OK) {
        hz_slice words[HZ_MSG_ARGS_MAX];
        hz_arg args[HZ_MSG_ARGS_MAX + 1] = {{HZ_ARG_MESSAGE, local.message, HZ_SLICE_NONE, 0, 0}};
        size_t count = hz_error_args(&local, words);
        for (size_t i = 0; i < count; i++)
            args[i + 1] = HZ_S(words[i]);
        hz_check_report(c, offset, len, HZ_MSG_NONE, args, count + 1);
    } else {
        hz_slice near = hz_lists_nearest(c->scope->lists, id);
        hz_check_report(c, offset, len, near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_NONE,
                        HZ_ARGS(HZ_M(EXPR_LIST_UNKNOWN), HZ_S(id), HZ_S(near)));
    }
    return NULL;
}

void hz_check_in_list(hz_checker *c, hz_node *node)
{
    bool ok = hz_check_want(c, node->items[0], HZ_TYPE_TEXT, HZ_SLICE_LIT("in list"));
    /* the id stands behind the word `list` and ends the node */
    hz_lexer lexer = {c->expr->text, node->op_offset};
    hz_token token = hz_lex_next(&lexer);
    while (token.kind != HZ_TOKEN_END && !hz_token_is_word(&token, "list"))
        token = hz_lex_next(&lexer);
    token = hz_lex_next(&lexer);
    size_t before = c->mistakes;
    node->list = find_list(c, node->text, token.offset, node->offset + node->len - token.offset);
    node->type = ok && c->mistakes == before ? HZ_TYPE_BOOLEAN : HZ_TYPE_COUNT;
}

/* ---- matches ---- */

/* The byte of the source where byte `offset` of the decoded text of this literal stands. */
static uint32_t literal_source(hz_slice text, const hz_token *literal, size_t offset)
{
    size_t at = literal->offset + 1u, end = literal->offset + literal->len - 1u;
    for (size_t i = 0; i < offset && at < end; i++)
        at += text.ptr[at] == '\'' ? 2 : 1;
    return (uint32_t)at;
}

static uint32_t character_len(hz_slice text, uint32_t offset)
{
    uint32_t len = 1;
    while (offset + len < text.len && ((unsigned char)text.ptr[offset + len] & 0xc0) == 0x80)
        len++;
    return len;
}

void hz_check_matches(hz_checker *c, hz_node *node)
{
    bool ok = hz_check_want(c, node->items[0], HZ_TYPE_TEXT, HZ_SLICE_LIT("matches"));
    hz_lexer lexer = {c->expr->text, node->op_offset};
    hz_token literal = hz_lex_next(&lexer);
    while (literal.kind != HZ_TOKEN_END && literal.kind != HZ_TOKEN_STRING)
        literal = hz_lex_next(&lexer);
    hz_pattern_mistake mistake;
    node->pattern = NULL;
    hz_status status = hz_pattern_compile(&node->pattern, node->text, &mistake, c->err);
    if (status == HZ_OK && node->pattern) /* the profile is const here for all but what it must free */
        status = hz_profile_keep_pattern((hz_profile *)c->scope->profile, node->pattern, c->err);
    if (status != HZ_OK) {
        c->status = status;
        node->pattern = NULL;
        ok = false;
    } else if (!node->pattern) {
        uint32_t offset = literal_source(c->expr->text, &literal, mistake.offset);
        hz_arg args[] = {{HZ_ARG_MESSAGE, mistake.message, HZ_SLICE_NONE, 0, 0}, HZ_Z(mistake.text)};
        hz_check_report(c, offset, character_len(c->expr->text, offset), HZ_MSG_NONE, args, 2);
        ok = false;
    }
    node->type = ok ? HZ_TYPE_BOOLEAN : HZ_TYPE_COUNT;
}

/* ---- arguments ---- */

static hz_slice literal_text(const hz_node *node)
{
    return node->kind == HZ_NODE_LITERAL && node->value.valid && node->value.type == HZ_TYPE_TEXT ? node->value.as.text
                                                                                                  : HZ_SLICE_NONE;
}

static bool want_literal(hz_checker *c, const hz_node *call, const hz_node *arg)
{
    if (arg->kind == HZ_NODE_LITERAL && arg->value.valid && arg->value.type == HZ_TYPE_TEXT)
        return true;
    HZ_CHECK_AT(c, arg, HZ_MSG_NONE, HZ_M(EXPR_WANT_LITERAL), HZ_Z(hz_function_name(call->function)));
    return false;
}

static bool check_level(hz_checker *c, const hz_node *arg)
{
    hz_slice text = literal_text(arg), names[HZ_LEVEL_VILLAGE];
    if (hz_division_level_by_name(text) != HZ_LEVEL_ANY)
        return true;
    for (int level = HZ_LEVEL_PROVINCE; level <= HZ_LEVEL_VILLAGE; level++)
        names[level - 1] = hz_slice_of(hz_division_level_name((hz_division_level)level));
    hz_slice near = hz_nearest(text, names, HZ_LEVEL_VILLAGE);
    HZ_CHECK_AT(c, arg, near.len ? HZ_MSG_EXPR_HINT_NEAR : HZ_MSG_EXPR_HINT_LEVELS, HZ_M(EXPR_LEVEL_UNKNOWN),
                HZ_S(text), HZ_S(near));
    return false;
}

static bool check_format(hz_checker *c, const hz_node *arg)
{
    hz_time_format format;
    hz_error local = {.status = HZ_OK};
    if (hz_time_format_compile(&format, HZ_TIME_DATE, literal_text(arg), &local) == HZ_OK)
        return true;
    HZ_CHECK_AT(c, arg, HZ_MSG_EXPR_HINT_FORMAT, HZ_M(EXPR_FORMAT), HZ_S(literal_text(arg)));
    return false;
}

static bool check_column(hz_checker *c, const hz_node *call, const hz_node *arg)
{
    if (!call->list || hz_codelist_column(call->list, literal_text(arg)) >= 0)
        return true;
    HZ_CHECK_AT(c, arg, HZ_MSG_NONE, HZ_M(EXPR_COLUMN_UNKNOWN), HZ_S(literal_text(arg)),
                HZ_S(hz_codelist_id(call->list)));
    return false;
}

static bool check_list_argument(hz_checker *c, hz_node *call, const hz_node *arg)
{
    size_t before = c->mistakes;
    call->list = find_list(c, literal_text(arg), arg->offset, arg->len);
    return c->mistakes == before;
}

static bool check_array_argument(hz_checker *c, const hz_node *call, hz_node *arg)
{
    hz_check_adopt(arg, HZ_TYPE_ARRAY, HZ_TYPE_TEXT);
    if (arg->type == HZ_TYPE_ARRAY)
        return true;
    HZ_CHECK_AT(c, arg, HZ_MSG_NONE, HZ_M(EXPR_WANT_ARRAY), HZ_S(hz_check_type_text(arg)),
                HZ_Z(hz_function_name(call->function)));
    return false;
}

static bool check_argument(hz_checker *c, hz_node *call, hz_node *arg, char kind)
{
    hz_slice name = hz_slice_of(hz_function_name(call->function));
    if (hz_check_is_wrong(arg))
        return false;
    switch (kind) {
    case 't':
        return hz_check_want(c, arg, HZ_TYPE_TEXT, name);
    case 'n':
        return hz_check_want(c, arg, HZ_TYPE_DECIMAL, name);
    case 'd':
        return hz_check_want(c, arg, HZ_TYPE_DATE, name);
    case 'b':
        return hz_check_want(c, arg, HZ_TYPE_BOOLEAN, name);
    case 'A':
        return check_array_argument(c, call, arg);
    case 'f':
        if (arg->kind == HZ_NODE_FIELD)
            return true;
        HZ_CHECK_AT(c, arg, HZ_MSG_NONE, HZ_M(EXPR_WANT_FIELD), HZ_S(name));
        return false;
    case 'L':
        return want_literal(c, call, arg) && check_list_argument(c, call, arg);
    case 'F':
        return want_literal(c, call, arg) && check_format(c, arg);
    case 'V':
        return want_literal(c, call, arg) && check_level(c, arg);
    case 'C':
        return want_literal(c, call, arg) && check_column(c, call, arg);
    default: /* T: all arguments together */
        return true;
    }
}

/* ---- number of arguments ---- */

typedef struct arity {
    uint32_t least, most; /* UINT32_MAX: open */
} arity;

static arity arity_of(const char *signature)
{
    arity out = {0, 0};
    bool optional = false;
    for (const char *at = signature; *at != ':'; at++) {
        if (*at == '?') {
            optional = true;
        } else if (*at == '*') {
            out.most = UINT32_MAX;
        } else {
            out.most++;
            out.least += optional ? 0 : 1;
        }
    }
    return out;
}

static bool check_arity(hz_checker *c, const hz_node *call, arity want)
{
    uint32_t given = call->items_count;
    const char *name = hz_function_name(call->function);
    if (given >= want.least && given <= want.most)
        return true;
    if (want.most == UINT32_MAX)
        HZ_CHECK_OP(c, call, HZ_MSG_NONE, HZ_M(EXPR_ARGS_LEAST), HZ_Z(name), HZ_U(given), HZ_U(want.least));
    else if (want.least == want.most)
        HZ_CHECK_OP(c, call, HZ_MSG_NONE, HZ_M(EXPR_ARGS), HZ_Z(name), HZ_U(given), HZ_U(want.least));
    else
        HZ_CHECK_OP(c, call, HZ_MSG_NONE, HZ_M(EXPR_ARGS_RANGE), HZ_Z(name), HZ_U(given), HZ_U(want.least),
                    HZ_U(want.most));
    return false;
}

/* ---- the call ---- */

static hz_type result_of(char letter)
{
    switch (letter) {
    case 't':
        return HZ_TYPE_TEXT;
    case 'i':
        return HZ_TYPE_INTEGER;
    case 'n':
        return HZ_TYPE_DECIMAL;
    case 'd':
        return HZ_TYPE_DATE;
    default:
        return HZ_TYPE_BOOLEAN;
    }
}

static bool check_arguments(hz_checker *c, hz_node *node, const char *signature)
{
    bool ok = true;
    char kind = 0;
    const char *at = signature;
    for (uint32_t i = 0; i < node->items_count; i++) {
        while (*at == '?')
            at++;
        if (*at != ':' && *at != '*')
            kind = *at++;
        ok = check_argument(c, node, node->items[i], kind) && ok;
    }
    return ok;
}

/* coalesce, nullif, greatest, least: all of one type, which is the result's. */
static bool check_common_call(hz_checker *c, hz_node *node)
{
    if (!hz_check_common(c, node->items, node->items_count, &node->type, &node->item_type))
        return false;
    bool ordered = node->function == HZ_FUNC_GREATEST || node->function == HZ_FUNC_LEAST;
    if (!ordered || node->type != HZ_TYPE_ARRAY)
        return true;
    HZ_CHECK_OP(c, node, HZ_MSG_NONE, HZ_M(EXPR_ARRAY_ORDER), HZ_S(hz_check_type_text(node)));
    return false;
}

void hz_check_call(hz_checker *c, hz_node *node)
{
    const char *signature = signature_of(node->function), *result = strchr(signature, ':') + 1;
    bool ok = check_arity(c, node, arity_of(signature)) && check_arguments(c, node, signature);
    if (ok && *result == 'T')
        ok = check_common_call(c, node);
    else
        node->type = result_of(*result);
    if (!ok)
        hz_check_wrong(node);
}
