/* check_int.h: what the files of the checker share. A node whose mistake was already reported has type HZ_TYPE_COUNT
 * ("wrong"): nobody complains about it a second time. */
#ifndef HZ_PROFILES_EXPR_CHECK_INT_H
#define HZ_PROFILES_EXPR_CHECK_INT_H
#include "profiles/expr/check.h"

enum { HZ_STEPS_ONE_MAX = 4 /* to-one steps of a path */ };

typedef struct hz_checker {
    hz_expr *expr;
    const hz_scope *scope;
    hz_arena *arena;
    hz_diags *diags;
    hz_error *err;
    hz_status status; /* no memory, or HZ_OK; mistakes are no status */
    size_t mistakes;
    const hz_table *inner; /* table of the aggregate that we are in, or NULL */
    bool inner_star;       /* which is over `*`: there is no outer row */
} hz_checker;

/* check.c */
void hz_check_node(hz_checker *c, hz_node *node);
void hz_check_report(hz_checker *c, uint32_t offset, uint32_t len, hz_msg_id hint, const hz_arg *args,
                     size_t args_count);
void hz_check_no_memory(hz_checker *c, size_t size_bytes);
#define HZ_CHECK_AT(c, node, hint, ...) hz_check_report((c), (node)->offset, (node)->len, (hint), HZ_ARGS(__VA_ARGS__))
#define HZ_CHECK_OP(c, node, hint, ...)                                                                                \
    hz_check_report((c), (node)->op_offset, (node)->op_len, (hint), HZ_ARGS(__VA_ARGS__))
hz_slice hz_check_source(const hz_checker *c, const hz_node *node);
static inline bool hz_check_is_wrong(const hz_node *node)
{
    return node->type == HZ_TYPE_COUNT;
}
static inline void hz_check_wrong(hz_node *node)
{
    node->type = HZ_TYPE_COUNT;
}

/* check_types.c */
static inline bool hz_type_is_numeric(hz_type type)
{
    return type == HZ_TYPE_INTEGER || type == HZ_TYPE_DECIMAL;
}
static inline bool hz_type_is_day(hz_type type)
{
    return type == HZ_TYPE_DATE || type == HZ_TYPE_TIMESTAMP;
}
/* "text", "numeric[]" … of a checked node. */
hz_slice hz_check_type_text(const hz_node *node);
/* The type both fit; false when there is none. NULL fits any. */
bool hz_check_unify(hz_type *type, hz_type *item_type, const hz_node *node);
/* A null (or an array of nulls) takes this type. */
void hz_check_adopt(hz_node *node, hz_type type, hz_type item_type);
/* Numeric kinds count as one; a date stands for a timestamp and the other way round. */
bool hz_check_fits(const hz_node *node, hz_type type);
/* node must be of this type (numeric kinds count as one, a date stands for a timestamp and the other way round), as
 * operand or argument of `whose`. Reports and returns false when it is not. */
bool hz_check_want(hz_checker *c, hz_node *node, hz_type type, hz_slice whose);
/* Both sides of a comparison; `ordered`: by more than equality. Reports. */
bool hz_check_comparable(hz_checker *c, const hz_node *at, hz_node *a, hz_node *b, bool ordered);
/* All of items[from], items[from + step] … made one type; that type is given out. Reports. */
bool hz_check_common(hz_checker *c, hz_node *const *items, size_t count, hz_type *type, hz_type *item_type);
hz_mask hz_check_mask_of(hz_type type, hz_type item_type);

/* check_names.c */
void hz_check_name(hz_checker *c, hz_node *node);
void hz_check_param(hz_checker *c, hz_node *node);
void hz_check_aggregate(hz_checker *c, hz_node *node);
/* Outside aggregates nothing but the keys may read the row. */
void hz_check_keys_only(hz_checker *c, const hz_node *node, const hz_expr *keys, size_t keys_count);

/* check_calls.c */
void hz_check_call(hz_checker *c, hz_node *node);
void hz_check_in_list(hz_checker *c, hz_node *node);
void hz_check_matches(hz_checker *c, hz_node *node);
#endif
