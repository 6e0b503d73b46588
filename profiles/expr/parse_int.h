/* parse_int.h: what the files of the parser share. */
#ifndef HZ_PROFILES_EXPR_PARSE_INT_H
#define HZ_PROFILES_EXPR_PARSE_INT_H
#include "profiles/expr/lex.h"
#include "profiles/expr/parse.h"

/* A node with its height; the height is of no use after parsing. */
typedef struct hz_tall_node {
    hz_node node;
    uint64_t height;
} hz_tall_node;

typedef struct hz_parser {
    hz_expr *expr;
    hz_arena *arena;
    const hz_limits *limits;
    hz_diags *diags;
    hz_lexer lexer;
    hz_token tok, ahead;
    uint32_t prev_end; /* end of the last token taken */
    uint64_t depth;
    bool failed, no_memory;
} hz_parser;

/* Where a node began, and where its operator stands. */
typedef struct hz_place {
    uint32_t start, op_start, op_end;
} hz_place;

/* parse.c */
void hz_parse_advance(hz_parser *p);
hz_place hz_parse_here(const hz_parser *p);
/* A node from at.start to the last token taken. NULL: a limit was passed, or no memory. */
hz_node *hz_parse_make(hz_parser *p, hz_node_kind kind, hz_place at, hz_node **items, uint32_t items_count);
/* hz_token_decode; false without memory. */
bool hz_parse_decode(hz_parser *p, hz_slice *out, const hz_token *token);

/* parse_fail.c: each writes a diagnostic, unless there was one, and returns NULL. */
void *hz_parse_no_memory(hz_parser *p);
void *hz_parse_fail_at(hz_parser *p, uint32_t offset, uint32_t len, hz_msg_id hint, const hz_arg *args,
                       size_t args_count);
#define HZ_PARSE_FAIL(p, token, hint, ...)                                                                             \
    hz_parse_fail_at((p), (token)->offset, (token)->len, (hint), HZ_ARGS(__VA_ARGS__))
/* The token as messages show it: as written, a long one cut. */
hz_slice hz_parse_shown(hz_parser *p, const hz_token *token);
/* Something else than the present token was wanted: `message` takes {0}, the token found; `at_end` stands where the
 * text ends. */
void *hz_parse_fail_expected(hz_parser *p, hz_msg_id message, hz_msg_id at_end);
void *hz_parse_fail_value(hz_parser *p);
void *hz_parse_fail_name(hz_parser *p);
/* A fixed token was wanted; `open` is the bracket or word that it belongs to, or NULL. */
void *hz_parse_fail_sign(hz_parser *p, const char *want, const hz_token *open);
void *hz_parse_fail_limit(hz_parser *p, hz_limit_id limit, uint32_t offset, uint32_t len);

/* parse_literal.c: each at the first token of its literal. */
hz_node *hz_parse_number(hz_parser *p);
hz_node *hz_parse_string(hz_parser *p);
hz_node *hz_parse_constant_word(hz_parser *p); /* null true false */
bool hz_parse_at_typed(const hz_parser *p);
hz_node *hz_parse_typed(hz_parser *p); /* date '…' timestamp '…' time '…' interval '…' unit */
#endif
