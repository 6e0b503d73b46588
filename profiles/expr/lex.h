/* lex.h: an expression's bytes to tokens. Lexis: docs/language.md.
 * The lexer holds no memory: a token points into the text. Quotes stand outside `text`; where a quote is doubled
 * inside, `doubled` says that the text must still be decoded (hz_token_decode). A mistake is a token too
 * (HZ_TOKEN_BAD), so that it is reported only when the parser gets there. The text must be valid UTF-8. */
#ifndef HZ_PROFILES_EXPR_LEX_H
#define HZ_PROFILES_EXPR_LEX_H
#include "profiles/expr/ast.h"

typedef enum hz_token_kind {
    HZ_TOKEN_END,
    HZ_TOKEN_WORD,      /* an unquoted name that is not reserved */
    HZ_TOKEN_QUOTED,    /* "name" */
    HZ_TOKEN_KEYWORD,   /* a reserved word */
    HZ_TOKEN_STRING,    /* 'text' */
    HZ_TOKEN_NUMBER,
    HZ_TOKEN_PARAM,     /* :name or :"name"; text is the name */
    HZ_TOKEN_COMPARE,   /* op */
    HZ_TOKEN_PLUS, HZ_TOKEN_MINUS, HZ_TOKEN_STAR, HZ_TOKEN_SLASH,
    HZ_TOKEN_CONCAT, HZ_TOKEN_CONTAINED,
    HZ_TOKEN_OPEN, HZ_TOKEN_CLOSE, HZ_TOKEN_OPEN_SQUARE, HZ_TOKEN_CLOSE_SQUARE,
    HZ_TOKEN_COMMA, HZ_TOKEN_DOT,
    HZ_TOKEN_BAD        /* problem */
} hz_token_kind;

#define HZ_KEYWORDS(X)                                                                                                 \
    X(AND, "and") X(OR, "or") X(NOT, "not") X(IS, "is") X(NULL, "null") X(TRUE, "true") X(FALSE, "false")              \
    X(BETWEEN, "between") X(IN, "in") X(LIKE, "like") X(MATCHES, "matches") X(CASE, "case") X(WHEN, "when")            \
    X(THEN, "then") X(ELSE, "else") X(END, "end") X(DISTINCT, "distinct") X(FROM, "from") X(WHERE, "where")            \
    X(ARRAY, "array") X(ANY, "any") X(ALL, "all") X(AS_OF, "as_of")

typedef enum hz_keyword {
    HZ_KEYWORD_NONE,
#define HZ_KEYWORD_ENUM(id, text) HZ_KEYWORD_##id,
    HZ_KEYWORDS(HZ_KEYWORD_ENUM)
#undef HZ_KEYWORD_ENUM
    HZ_KEYWORD_COUNT
} hz_keyword;

typedef enum hz_lex_problem {
    HZ_LEX_CHARACTER,    /* a character that begins no token */
    HZ_LEX_WIDE,         /* a full-width or typographic sign; `half` is what was meant */
    HZ_LEX_FOREIGN,      /* an operator of another language; `half` is ours */
    HZ_LEX_OPEN_STRING,  /* the span is the opening quote */
    HZ_LEX_OPEN_NAME,
    HZ_LEX_EMPTY_NAME,   /* "" */
    HZ_LEX_NUMBER_JUNK,  /* 12abc, 1e5; the span is what follows the number */
    HZ_LEX_PARAM_NAME    /* a colon without a name */
} hz_lex_problem;

typedef struct hz_token {
    hz_token_kind kind;
    hz_keyword keyword;
    hz_op op;
    hz_lex_problem problem;
    hz_slice half;         /* WIDE, FOREIGN: what to write instead; static */
    bool doubled;
    uint32_t offset, len;  /* bytes of the whole token */
    hz_slice text;         /* inside the quotes; of a bad token: what is wrong */
} hz_token;

typedef struct hz_lexer {
    hz_slice text;
    size_t at;
} hz_lexer;

hz_token hz_lex_next(hz_lexer *lexer);
/* Text with doubled quotes made single; the text itself when none is doubled. HZ_E_NOMEM. */
HZ_NODISCARD hz_status hz_token_decode(hz_slice *out, const hz_token *token, hz_arena *arena);
/* An unquoted word, compared without case; `word` is lower case. */
bool hz_token_is_word(const hz_token *token, const char *word);
bool hz_word_eq(hz_slice text, const char *word);
/* True when name can stand without quotes. */
bool hz_lex_is_plain_name(hz_slice name);
#endif
