/* print.h: a tree back to text, canonical: lower-case keywords, one blank around operators, only the brackets that are
 * needed. Parsing the print gives an equal tree (a property test). */
#ifndef HZ_PROFILES_EXPR_PRINT_H
#define HZ_PROFILES_EXPR_PRINT_H
#include "profiles/expr/ast.h"

void hz_expr_print(hz_buf *out, const hz_node *root);
/* Quotes a name when it needs it. */
void hz_expr_print_name(hz_buf *out, hz_slice name);
#endif
