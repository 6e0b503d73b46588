#include "profiles/expr/lex.h"

#include "base/utf8.h"

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == 0x3007 ||
           (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0x20000 && c <= 0x3ffff);
}

static bool is_name_part(uint32_t c)
{
    return is_name_start(c) || is_digit(c);
}

static size_t name_end(hz_slice text, size_t at)
{
    while (at < text.len) {
        size_t next = at;
        if (!is_name_part(hz_utf8_next(text, &next)))
            break;
        at = next;
    }
    return at;
}

static char byte_at(hz_slice text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

bool hz_word_eq(hz_slice text, const char *word)
{
    size_t len = strlen(word);
    if (text.len != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text.ptr[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != word[i])
            return false;
    }
    return true;
}

bool hz_token_is_word(const hz_token *token, const char *word)
{
    return token->kind == HZ_TOKEN_WORD && hz_word_eq(token->text, word);
}

static hz_keyword keyword_of(hz_slice word)
{
    static const char *const names[] = {
#define KEYWORD_NAME(id, text) text,
        HZ_KEYWORDS(KEYWORD_NAME)
#undef KEYWORD_NAME
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hz_word_eq(word, names[i]))
            return (hz_keyword)(i + 1);
    return HZ_KEYWORD_NONE;
}

bool hz_lex_is_plain_name(hz_slice name)
{
    size_t at = 0;
    if (name.len == 0 || !is_name_start(hz_utf8_next(name, &at)))
        return false;
    return name_end(name, 0) == name.len && keyword_of(name) == HZ_KEYWORD_NONE;
}

hz_status hz_token_decode(hz_slice *out, const hz_token *token, hz_arena *arena)
{
    *out = token->text;
    if (!token->doubled)
        return HZ_OK;
    char quote = token->kind == HZ_TOKEN_STRING ? '\'' : '"';
    char *bytes = hz_arena_alloc(arena, token->text.len);
    if (!bytes)
        return HZ_E_NOMEM;
    size_t len = 0;
    for (size_t i = 0; i < token->text.len; i++) {
        bytes[len++] = token->text.ptr[i];
        if (token->text.ptr[i] == quote)
            i++; /* the second of the pair */
    }
    *out = (hz_slice){bytes, len};
    return HZ_OK;
}

static void skip_blank(hz_lexer *lexer)
{
    hz_slice text = lexer->text;
    while (lexer->at < text.len) {
        char c = text.ptr[lexer->at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v') {
            lexer->at++;
        } else if (c == '-' && byte_at(text, lexer->at + 1) == '-') {
            while (lexer->at < text.len && text.ptr[lexer->at] != '\n')
                lexer->at++;
        } else {
            break;
        }
    }
}

static hz_token bad(hz_lexer *lexer, hz_lex_problem problem, size_t from, size_t to, hz_slice half)
{
    lexer->at = to;
    return (hz_token){.kind = HZ_TOKEN_BAD,
                      .problem = problem,
                      .half = half,
                      .offset = (uint32_t)from,
                      .len = (uint32_t)(to - from),
                      .text = hz_slice_sub(lexer->text, from, to)};
}

static hz_token made(hz_lexer *lexer, hz_token_kind kind, size_t from, size_t to)
{
    lexer->at = to;
    return (hz_token){.kind = kind,
                      .offset = (uint32_t)from,
                      .len = (uint32_t)(to - from),
                      .text = hz_slice_sub(lexer->text, from, to)};
}

/* From the quote at `from` to the closing one; token.text is what lies between. */
static hz_token quoted(hz_lexer *lexer, size_t from, char quote)
{
    hz_slice text = lexer->text;
    bool doubled = false;
    for (size_t at = from + 1; at < text.len; at++) {
        if (text.ptr[at] != quote)
            continue;
        if (byte_at(text, at + 1) == quote) {
            doubled = true;
            at++;
            continue;
        }
        if (quote == '"' && at == from + 1)
            return bad(lexer, HZ_LEX_EMPTY_NAME, from, at + 1, HZ_SLICE_NONE);
        hz_token token = made(lexer, quote == '"' ? HZ_TOKEN_QUOTED : HZ_TOKEN_STRING, from, at + 1);
        token.text = hz_slice_sub(text, from + 1, at);
        token.doubled = doubled;
        return token;
    }
    return bad(lexer, quote == '"' ? HZ_LEX_OPEN_NAME : HZ_LEX_OPEN_STRING, from, from + 1, HZ_SLICE_NONE);
}

static hz_token number(hz_lexer *lexer, size_t from)
{
    hz_slice text = lexer->text;
    size_t at = from;
    while (is_digit((unsigned char)byte_at(text, at)))
        at++;
    if (byte_at(text, at) == '.') {
        at++;
        while (is_digit((unsigned char)byte_at(text, at)))
            at++;
    }
    size_t end = name_end(text, at);
    if (end != at)
        return bad(lexer, HZ_LEX_NUMBER_JUNK, at, end, HZ_SLICE_NONE);
    return made(lexer, HZ_TOKEN_NUMBER, from, at);
}

static hz_token word(hz_lexer *lexer, size_t from)
{
    hz_token token = made(lexer, HZ_TOKEN_WORD, from, name_end(lexer->text, from));
    token.keyword = keyword_of(token.text);
    if (token.keyword != HZ_KEYWORD_NONE)
        token.kind = HZ_TOKEN_KEYWORD;
    return token;
}

static hz_token param(hz_lexer *lexer, size_t from)
{
    hz_slice text = lexer->text;
    size_t at = from + 1, peek = at;
    if (byte_at(text, at) == '"') {
        hz_token token = quoted(lexer, at, '"');
        if (token.kind == HZ_TOKEN_BAD)
            return token;
        token.kind = HZ_TOKEN_PARAM;
        token.offset--;
        token.len++;
        return token;
    }
    if (at >= text.len || !is_name_start(hz_utf8_next(text, &peek)))
        return bad(lexer, HZ_LEX_PARAM_NAME, from, at, HZ_SLICE_NONE);
    hz_token token = made(lexer, HZ_TOKEN_PARAM, from, name_end(text, at));
    token.text = hz_slice_sub(text, at, lexer->at);
    return token;
}

/* The half-width twin of what a Chinese keyboard gives; empty when there is none. */
static hz_slice half_width(uint32_t c)
{
    static const char ascii[] =
        "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    static const struct {
        uint32_t wide;
        const char *half;
    } twins[] = {{0x2018, "'"},  {0x2019, "'"}, {0x201c, "'"}, {0x201d, "'"}, {0x3000, " "},  {0xa0, " "},
                 {0x3002, "."},  {0x3001, ","}, {0xd7, "*"},   {0xf7, "/"},   {0x2264, "<="}, {0x2265, ">="},
                 {0x2260, "<>"}, {0x2212, "-"}, {0x2014, "-"}, {0x2013, "-"}, {0x3010, "["},  {0x3011, "]"}};
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++)
        if (twins[i].wide == c)
            return hz_slice_of(twins[i].half);
    return c >= 0xff01 && c <= 0xff5e ? (hz_slice){&ascii[c - 0xff01], 1} : HZ_SLICE_NONE;
}

/* What C, Python and others write, and what it is here; empty when it is ours. */
static hz_slice foreign(hz_slice rest, size_t *len)
{
    static const struct {
        const char *theirs, *ours;
    } signs[] = {{"==", "="}, {"&&", "and"}, {"!=", ""}, {"!", "not"}, {"=>", ">="}, {"=<", "<="}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (hz_slice_starts(rest, hz_slice_of(signs[i].theirs))) {
            *len = strlen(signs[i].theirs);
            return hz_slice_of(signs[i].ours);
        }
    }
    return HZ_SLICE_NONE;
}

static hz_token compare(hz_lexer *lexer, hz_op op, size_t from, size_t len)
{
    hz_token token = made(lexer, HZ_TOKEN_COMPARE, from, from + len);
    token.op = op;
    return token;
}

static hz_token sign(hz_lexer *lexer, size_t from)
{
    char c = byte_at(lexer->text, from), next = byte_at(lexer->text, from + 1);
    switch (c) {
    case '=':
        return compare(lexer, HZ_OP_EQ, from, 1);
    case '<':
        if (next == '@')
            return made(lexer, HZ_TOKEN_CONTAINED, from, from + 2);
        return next == '='   ? compare(lexer, HZ_OP_LE, from, 2)
               : next == '>' ? compare(lexer, HZ_OP_NE, from, 2)
                             : compare(lexer, HZ_OP_LT, from, 1);
    case '>':
        return next == '=' ? compare(lexer, HZ_OP_GE, from, 2) : compare(lexer, HZ_OP_GT, from, 1);
    case '!':
        return compare(lexer, HZ_OP_NE, from, 2);
    case '+':
        return made(lexer, HZ_TOKEN_PLUS, from, from + 1);
    case '-':
        return made(lexer, HZ_TOKEN_MINUS, from, from + 1);
    case '*':
        return made(lexer, HZ_TOKEN_STAR, from, from + 1);
    case '/':
        return made(lexer, HZ_TOKEN_SLASH, from, from + 1);
    case '|':
        return made(lexer, HZ_TOKEN_CONCAT, from, from + 2);
    case '(':
        return made(lexer, HZ_TOKEN_OPEN, from, from + 1);
    case ')':
        return made(lexer, HZ_TOKEN_CLOSE, from, from + 1);
    case '[':
        return made(lexer, HZ_TOKEN_OPEN_SQUARE, from, from + 1);
    case ']':
        return made(lexer, HZ_TOKEN_CLOSE_SQUARE, from, from + 1);
    case ',':
        return made(lexer, HZ_TOKEN_COMMA, from, from + 1);
    default:
        return made(lexer, HZ_TOKEN_DOT, from, from + 1);
    }
}

hz_token hz_lex_next(hz_lexer *lexer)
{
    skip_blank(lexer);
    hz_slice text = lexer->text;
    size_t from = lexer->at, next = from, len = 0;
    if (from >= text.len)
        return made(lexer, HZ_TOKEN_END, text.len, text.len);
    uint32_t c = hz_utf8_next(text, &next);
    if (is_name_start(c))
        return word(lexer, from);
    if (is_digit(c) || (c == '.' && is_digit((unsigned char)byte_at(text, from + 1))))
        return number(lexer, from);
    if (c == '\'' || c == '"')
        return quoted(lexer, from, (char)c);
    if (c == ':')
        return param(lexer, from);
    hz_slice ours = foreign(hz_slice_sub(text, from, text.len), &len);
    if (ours.len)
        return bad(lexer, HZ_LEX_FOREIGN, from, from + len, ours);
    if (c < 0x80 && c && strchr("=<>+-*/()[],.", (int)c))
        return sign(lexer, from);
    if ((c == '|' && byte_at(text, from + 1) == '|') || (c == '!' && byte_at(text, from + 1) == '='))
        return sign(lexer, from);
    hz_slice half = half_width(c);
    return bad(lexer, half.len ? HZ_LEX_WIDE : HZ_LEX_CHARACTER, from, next, half);
}
