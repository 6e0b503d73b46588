#include "base/utf8.h"
#include "profiles/expr/parse_int.h"

void *hz_parse_no_memory(hz_parser *p)
{
    p->no_memory = true;
    return NULL;
}

void *hz_parse_fail_at(hz_parser *p, uint32_t offset, uint32_t len, hz_msg_id hint, const hz_arg *args,
                       size_t args_count)
{
    if (!p->failed && !p->no_memory)
        hz_diags_add(p->diags, HZ_DIAG_ERROR, hz_srcmap_span(&p->expr->map, offset, len), hint, args, args_count);
    p->failed = true;
    return NULL;
}

hz_slice hz_parse_shown(hz_parser *p, const hz_token *token)
{
    enum { SHOWN_CHARACTERS = 24 };
    hz_slice text = hz_slice_sub(p->expr->text, token->offset, token->offset + token->len);
    if (hz_utf8_length(text) <= SHOWN_CHARACTERS)
        return text;
    static const char ellipsis[] = "…";
    size_t keep = hz_utf8_offset(text, SHOWN_CHARACTERS);
    char *bytes = hz_arena_alloc(p->arena, keep + sizeof ellipsis);
    if (!bytes)
        return hz_slice_sub(text, 0, keep);
    memcpy(bytes, text.ptr, keep);
    memcpy(bytes + keep, ellipsis, sizeof ellipsis);
    return (hz_slice){bytes, keep + sizeof ellipsis - 1};
}

static void *fail_lexis(hz_parser *p, const hz_token *token)
{
    switch (token->problem) {
    case HZ_LEX_CHARACTER:
        return HZ_PARSE_FAIL(p, token, HZ_MSG_NONE, HZ_M(EXPR_CHARACTER), HZ_S(token->text));
    case HZ_LEX_WIDE:
        if (hz_slice_is(token->half, " "))
            return HZ_PARSE_FAIL(p, token, HZ_MSG_NONE, HZ_M(EXPR_WIDE_BLANK));
        return HZ_PARSE_FAIL(p, token, HZ_MSG_EXPR_HINT_WRITE, HZ_M(EXPR_WIDE), HZ_S(token->text), HZ_S(token->half));
    case HZ_LEX_FOREIGN:
        return HZ_PARSE_FAIL(p, token, HZ_MSG_EXPR_HINT_WRITE, HZ_M(EXPR_FOREIGN), HZ_S(token->text),
                             HZ_S(token->half));
    case HZ_LEX_OPEN_STRING:
        return HZ_PARSE_FAIL(p, token, HZ_MSG_NONE, HZ_M(EXPR_OPEN_STRING));
    case HZ_LEX_OPEN_NAME:
        return HZ_PARSE_FAIL(p, token, HZ_MSG_NONE, HZ_M(EXPR_OPEN_NAME));
    case HZ_LEX_EMPTY_NAME:
        return HZ_PARSE_FAIL(p, token, HZ_MSG_EXPR_HINT_QUOTES, HZ_M(EXPR_EMPTY_NAME));
    case HZ_LEX_NUMBER_JUNK:
        return HZ_PARSE_FAIL(p, token, HZ_MSG_NONE, HZ_M(EXPR_NUMBER_JUNK), HZ_S(hz_parse_shown(p, token)));
    case HZ_LEX_PARAM_NAME:
        break;
    }
    return HZ_PARSE_FAIL(p, token, HZ_MSG_NONE, HZ_M(EXPR_PARAM_NAME));
}

void *hz_parse_fail_expected(hz_parser *p, hz_msg_id message, hz_msg_id at_end)
{
    const hz_token *token = &p->tok;
    if (token->kind == HZ_TOKEN_BAD)
        return fail_lexis(p, token);
    hz_arg args[2] = {HZ_M(NONE), HZ_S(hz_parse_shown(p, token))};
    args[0].message = token->kind == HZ_TOKEN_END ? at_end : message;
    bool wants_name = message == HZ_MSG_EXPR_EXPECTED_VALUE || message == HZ_MSG_EXPR_EXPECTED_NAME ||
                      message == HZ_MSG_EXPR_EXPECTED_RELATION;
    hz_msg_id hint = token->kind == HZ_TOKEN_KEYWORD && wants_name ? HZ_MSG_EXPR_HINT_RESERVED : HZ_MSG_NONE;
    if (token->keyword == HZ_KEYWORD_NOT && message == HZ_MSG_EXPR_EXPECTED_VALUE)
        hint = HZ_MSG_EXPR_HINT_NOT;
    return hz_parse_fail_at(p, token->offset, token->len, hint, args, 2);
}

void *hz_parse_fail_value(hz_parser *p)
{
    return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_VALUE, HZ_MSG_EXPR_END_VALUE);
}

void *hz_parse_fail_name(hz_parser *p)
{
    return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_NAME, HZ_MSG_EXPR_END_NAME);
}

void *hz_parse_fail_sign(hz_parser *p, const char *want, const hz_token *open)
{
    const hz_token *token = &p->tok;
    if (token->kind == HZ_TOKEN_BAD)
        return fail_lexis(p, token);
    hz_slice opened = HZ_SLICE_NONE;
    uint64_t character = 0;
    if (open) {
        opened = hz_slice_sub(p->expr->text, open->offset, open->offset + open->len);
        character = hz_utf8_length(hz_slice_sub(p->expr->text, 0, open->offset)) + 1;
    }
    hz_arg args[] = {HZ_M(EXPR_EXPECTED), HZ_S(hz_parse_shown(p, token)), HZ_Z(want), HZ_U(character), HZ_S(opened)};
    if (token->kind == HZ_TOKEN_END)
        args[0] = HZ_M(EXPR_END);
    return hz_parse_fail_at(p, token->offset, token->len, open ? HZ_MSG_EXPR_HINT_OPENED : HZ_MSG_NONE, args,
                            sizeof args / sizeof args[0]);
}

void *hz_parse_fail_limit(hz_parser *p, hz_limit_id limit, uint32_t offset, uint32_t len)
{
    return hz_parse_fail_at(p, offset, len, HZ_MSG_NONE,
                            HZ_ARGS(HZ_M(LIMIT), HZ_Z(hz_limit_name(limit)), HZ_U(p->limits->value[limit])));
}
