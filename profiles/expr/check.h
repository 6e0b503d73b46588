/* check.h: binder and type checker: gives every node its type and what its names stand for, over a scope. */
#ifndef HZ_PROFILES_EXPR_CHECK_H
#define HZ_PROFILES_EXPR_CHECK_H
#include "profiles/profile.h"

typedef enum hz_scope_flags {
    HZ_SCOPE_ROW = 1,       /* fields of `table` and its relations */
    HZ_SCOPE_STAR = 2,      /* aggregates over * */
    HZ_SCOPE_RELATIONS = 4, /* paths and aggregates over relations */
    HZ_SCOPE_VALUE = 8,     /* `value`, `previous` (measures) */
    HZ_SCOPE_KEYS_ONLY = 16 /* `each`: outside aggregates only the `keys` may read the row (compared as trees) */
} hz_scope_flags;

typedef struct hz_scope {
    const hz_profile *profile;      /* params, tables */
    hz_lists *lists;                /* for `in list` and code_*: NULL means unchecked, lists stay NULL */
    const hz_table *table;          /* with HZ_SCOPE_ROW or STAR */
    unsigned flags;
    const hz_expr *keys;            /* with KEYS_ONLY */
    size_t keys_count;
} hz_scope;

/* Checks expr->root (if not NULL) and fills it in; `want`: the type it must have (HZ_TYPE_NULL: any). Numeric kinds
 * count as one. Mistakes are gathered, each with its span, what was expected, and the nearest name where a name is
 * wrong; after one root is set to NULL. PCRE2 patterns are compiled here and registered with the profile
 * (hz_profile_keep_pattern). An expression that has an aggregate over `*` reads the row nowhere else, but for keys
 * (with or without KEYS_ONLY). AGG(REL.field) becomes AGG(REL, field): the node's path loses its last name. Relations
 * and their expressions must have been checked before whoever uses them: reads_as_of of a filter is passed on. */
HZ_NODISCARD hz_status hz_expr_check(hz_expr *expr, const hz_scope *scope, hz_type want, hz_arena *arena,
                                     hz_diags *diags, hz_error *err);

/* True when a parsed tree has an aggregate over `*` (before checking: the loader asks to choose the scope). */
bool hz_node_reads_star(const hz_node *root);

/* True when both trees mean the same text (names, literals, operators): `each` keys, overlays, duplicate rules. */
bool hz_node_equal(const hz_node *a, const hz_node *b);
#endif
