/* parse.h: text to tree. Grammar: docs/language.md. Mistakes go to diags with their span; parsing stops at the first of
 * an expression. */
#ifndef HZ_PROFILES_EXPR_PARSE_H
#define HZ_PROFILES_EXPR_PARSE_H
#include "profiles/expr/ast.h"

/* expr->text and expr->map are set by the caller; fills root (NULL after a mistake) and nodes_count.
 * Limits: EXPR_BYTES, EXPR_DEPTH, EXPR_NODES: a mistake naming the limit. Nodes are in `arena`. HZ_E_NOMEM only when
 * memory is out. */
HZ_NODISCARD hz_status hz_expr_parse(hz_expr *expr, hz_arena *arena, const hz_limits *limits, hz_diags *diags,
                                     hz_error *err);
#endif
