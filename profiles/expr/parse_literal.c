#include "profiles/expr/parse_int.h"

static hz_node *make_literal(hz_parser *p, hz_place at, hz_value value)
{
    hz_node *node = hz_parse_make(p, HZ_NODE_LITERAL, at, NULL, 0);
    if (node) {
        node->value = value;
        node->type = value.type;
    }
    return node;
}

hz_node *hz_parse_number(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_slice text = p->tok.text;
    /* the lexer also takes .5 and 5. , which are not data's form of a number */
    char *bytes = hz_arena_alloc(p->arena, text.len + 1);
    if (!bytes)
        return hz_parse_no_memory(p);
    bytes[0] = '0';
    memcpy(bytes + 1, text.ptr, text.len);
    hz_slice form = {bytes, text.len + 1};
    if (bytes[form.len - 1] == '.')
        form.len--;
    hz_value value = {.type = HZ_TYPE_DECIMAL, .valid = true};
    hz_decimal decimal;
    int64_t whole;
    if (!hz_decimal_parse(&decimal, form))
        return HZ_PARSE_FAIL(p, &p->tok, HZ_MSG_NONE, HZ_M(EXPR_NUMBER_DIGITS), HZ_I(HZ_DECIMAL_DIGITS_MAX));
    if (decimal.scale == 0 && hz_decimal_to_i64(&whole, decimal)) {
        value.type = HZ_TYPE_INTEGER;
        value.as.i64 = whole;
    } else {
        value.as.decimal = decimal;
    }
    hz_parse_advance(p);
    return make_literal(p, at, value);
}

hz_node *hz_parse_string(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_value value = {.type = HZ_TYPE_TEXT, .valid = true};
    if (!hz_parse_decode(p, &value.as.text, &p->tok))
        return NULL;
    hz_parse_advance(p);
    return make_literal(p, at, value);
}

hz_node *hz_parse_constant_word(hz_parser *p)
{
    hz_place at = hz_parse_here(p);
    hz_keyword keyword = p->tok.keyword;
    hz_value value = {.type = keyword == HZ_KEYWORD_NULL ? HZ_TYPE_NULL : HZ_TYPE_BOOLEAN,
                      .valid = keyword != HZ_KEYWORD_NULL};
    if (value.valid)
        value.as.boolean = keyword == HZ_KEYWORD_TRUE;
    hz_parse_advance(p);
    return make_literal(p, at, value);
}

/* A whole number with an optional sign; false when it is none or too large for `most`. */
static bool read_signed(int32_t *out, hz_slice text, int32_t most)
{
    hz_decimal decimal;
    int64_t whole;
    if (!hz_decimal_parse(&decimal, text) || decimal.scale || !hz_decimal_to_i64(&whole, decimal) || whole > most ||
        whole < -most)
        return false;
    *out = (int32_t)whole;
    return true;
}

/* interval 'N' year|month|day, at its text. */
static hz_node *parse_interval(hz_parser *p, hz_place at)
{
    hz_token count = p->tok;
    hz_slice text;
    int32_t n = 0;
    if (!hz_parse_decode(p, &text, &count))
        return NULL;
    bool years = hz_token_is_word(&p->ahead, "year"), months = hz_token_is_word(&p->ahead, "month");
    if (!read_signed(&n, text, years ? INT32_MAX / 12 : INT32_MAX))
        return HZ_PARSE_FAIL(p, &count, HZ_MSG_EXPR_HINT_INTERVAL, HZ_M(EXPR_INTERVAL),
                             HZ_S(hz_parse_shown(p, &count)));
    hz_parse_advance(p);
    if (!years && !months && !hz_token_is_word(&p->tok, "day"))
        return hz_parse_fail_expected(p, HZ_MSG_EXPR_EXPECTED_UNIT, HZ_MSG_EXPR_END_UNIT);
    hz_parse_advance(p);
    hz_value value = {.type = HZ_TYPE_INTERVAL, .valid = true};
    value.as.interval = (hz_interval){years ? n * 12 : months ? n : 0, years || months ? 0 : n, 0};
    return make_literal(p, at, value);
}

/* date '…', timestamp '…', time '…', interval '…' unit, at the word. */
hz_node *hz_parse_typed(hz_parser *p)
{
    static const struct {
        const char *word;
        hz_type type;
        hz_time_kind kind;
        hz_msg_id wrong;
    } types[] = {
        {"date", HZ_TYPE_DATE, HZ_TIME_DATE, HZ_MSG_EXPR_DATE},
        {"timestamp", HZ_TYPE_TIMESTAMP, HZ_TIME_DATETIME, HZ_MSG_EXPR_TIMESTAMP},
        {"time", HZ_TYPE_TIME, HZ_TIME_TIME, HZ_MSG_EXPR_TIME},
    };
    hz_place at = hz_parse_here(p);
    hz_token word = p->tok;
    hz_parse_advance(p);
    if (hz_token_is_word(&word, "interval"))
        return parse_interval(p, at);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (!hz_token_is_word(&word, types[i].word))
            continue;
        hz_value value = {.type = types[i].type, .valid = true};
        hz_time_format format;
        hz_slice text;
        hz_time_format_iso(&format, types[i].kind);
        if (!hz_parse_decode(p, &text, &p->tok))
            return NULL;
        if (!hz_time_parse(&value.as.i64, &format, text)) {
            hz_arg args[] = {HZ_M(NONE), HZ_S(hz_parse_shown(p, &p->tok))};
            args[0].message = types[i].wrong;
            return hz_parse_fail_at(p, p->tok.offset, p->tok.len, HZ_MSG_NONE, args, 2);
        }
        hz_parse_advance(p);
        return make_literal(p, at, value);
    }
    return hz_parse_fail_value(p);
}

bool hz_parse_at_typed(const hz_parser *p)
{
    return p->ahead.kind == HZ_TOKEN_STRING &&
           (hz_token_is_word(&p->tok, "date") || hz_token_is_word(&p->tok, "timestamp") ||
            hz_token_is_word(&p->tok, "time") || hz_token_is_word(&p->tok, "interval"));
}
