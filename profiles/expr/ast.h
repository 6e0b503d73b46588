/* ast.h: expressions as trees. Nodes live in the profile's arena and are immutable once checked.
 * Every node keeps its bytes in the expression's text, so that an error found long after parsing still points at its
 * token.
 * Parsing fills kind, span and operands; checking (check.h) fills type, flags and what names stand for. */
#ifndef HZ_PROFILES_EXPR_AST_H
#define HZ_PROFILES_EXPR_AST_H
#include "base/diag.h"
#include "base/vec.h"
#include "standards/semtype.h"

/* One typed value. Not valid: NULL. */
typedef struct hz_value {
    hz_type type;
    bool valid;
    union {
        bool boolean;
        hz_slice text;
        int64_t i64; /* INTEGER; DATE days; TIMESTAMP, TIME micros */
        hz_decimal decimal;
        hz_interval interval;
    } as;
} hz_value;

typedef enum hz_function {
#define HZ_FUNCTION(id, name, signature, zh, en) HZ_FUNC_##id,
#include "profiles/expr/functions.def"
#undef HZ_FUNCTION
    HZ_FUNC_COUNT
} hz_function;

typedef enum hz_node_kind {
    HZ_NODE_LITERAL, /* value; type NULL for null */
    HZ_NODE_AS_OF,
    HZ_NODE_PARAM, /* :name, or a bare name that is a parameter */
    HZ_NODE_FIELD, /* a field of the row itself; inside an aggregate see scope */
    HZ_NODE_PATH,  /* relation steps, then a field */
    HZ_NODE_VALUE, /* measures: `value` (index 0) or `previous` (1) in expect */
    HZ_NODE_NAME,  /* an unresolved path of names; only before checking, or where checking failed */
    HZ_NODE_NOT,
    HZ_NODE_NEG,
    HZ_NODE_POS, /* items[0] */
    HZ_NODE_AND,
    HZ_NODE_OR,         /* items: two or more */
    HZ_NODE_COMPARE,    /* op; items[0], items[1] */
    HZ_NODE_ARITH,      /* op ADD SUB MUL DIV; two items */
    HZ_NODE_CONCAT,     /* || ; two items */
    HZ_NODE_CONTAINED,  /* <@ ; two arrays */
    HZ_NODE_QUANTIFIED, /* items[0] op ANY/ALL (items[1]); negated = ALL */
    HZ_NODE_IS_NULL,    /* items[0]; negated */
    HZ_NODE_DISTINCT,   /* items[0] is [negated: not] distinct from items[1] */
    HZ_NODE_BETWEEN,    /* three items; negated */
    HZ_NODE_IN,         /* items[0] in (items[1…]); negated */
    HZ_NODE_IN_LIST,    /* items[0] in list; negated */
    HZ_NODE_LIKE,       /* two items; negated */
    HZ_NODE_MATCHES,    /* items[0], pattern literal in `text`; negated */
    HZ_NODE_CASE,       /* items: [subject when has_subject,] when, then, … [, else when has_else] */
    HZ_NODE_CALL,       /* function; items the arguments (literal ones too) */
    HZ_NODE_ARRAY,      /* items */
    HZ_NODE_AGGREGATE   /* agg; items[0] EXPR or NULL, items[1] COND or NULL */
} hz_node_kind;

typedef enum hz_op {
    HZ_OP_NONE,
    HZ_OP_EQ,
    HZ_OP_NE,
    HZ_OP_LT,
    HZ_OP_LE,
    HZ_OP_GT,
    HZ_OP_GE,
    HZ_OP_ADD,
    HZ_OP_SUB,
    HZ_OP_MUL,
    HZ_OP_DIV
} hz_op;

typedef enum hz_aggregate {
    HZ_AGG_COUNT,
    HZ_AGG_COUNT_DISTINCT,
    HZ_AGG_SUM,
    HZ_AGG_MIN,
    HZ_AGG_MAX,
    HZ_AGG_AVG,
    HZ_AGG_EXISTS,
    HZ_AGG_EVERY
} hz_aggregate;

/* How what an expression shows is masked (security.md). Whatever reads a personal field is personal. */
typedef enum hz_mask {
    HZ_MASK_NONE,
    HZ_MASK_ID,   /* first 6 characters stay */
    HZ_MASK_NAME, /* first character stays */
    HZ_MASK_DATE, /* the year stays */
    HZ_MASK_WHOLE /* numbers, booleans */
} hz_mask;

struct hz_table;
struct hz_field;
struct hz_relation;
struct hz_codelist;

typedef struct hz_node hz_node;
struct hz_node {
    hz_node_kind kind;
    uint32_t offset, len;       /* bytes of the expression's text; for an operator node the whole of it */
    uint32_t op_offset, op_len; /* the operator or function name itself */
    uint32_t id;                /* 0 … expr.nodes_count - 1, unique: keys for whoever keeps facts by node */
    hz_type type, item_type;    /* item_type of an ARRAY */
    hz_mask mask;
    hz_op op;
    bool negated, has_subject, has_else;
    bool constant; /* reads no row: literals, params, as_of and what is made of them */
    uint32_t items_count;
    hz_node **items;
    hz_value value; /* LITERAL */
    uint32_t index; /* PARAM: in profile.params; VALUE */
    /* FIELD, PATH: the field, and how many aggregates out its row is (0: the innermost row in scope, 1: the outer one)
     */
    const struct hz_field *field;
    uint32_t scope;
    /* NAME, and PATH or AGGREGATE before and after checking: the names as written */
    uint32_t names_count;
    hz_slice *names;
    bool names_this; /* began with `this.` */
    /* PATH: to-one steps before the field. AGGREGATE: steps, the last of which may be to-many. Empty for `*`. */
    uint32_t steps_count;
    const struct hz_relation **steps;
    const struct hz_table *target; /* table at the end of the steps; for `*` the rule's own table */
    bool star;
    hz_aggregate agg;
    hz_function function;
    hz_slice text;                  /* MATCHES: pattern; IN_LIST: list id */
    const struct hz_codelist *list; /* IN_LIST, and code_* calls */
    void *pattern;                  /* MATCHES: pcre2_code, compiled at load; freed with the profile */
};

/* An expression where it stands in a profile. */
typedef struct hz_expr {
    hz_slice text; /* as the scalar reads */
    hz_srcmap map; /* to the profile file */
    hz_node *root; /* NULL when absent or wrong */
    uint32_t nodes_count;
    /* what it reads, after checking */
    bool reads_as_of, reads_row, reads_relation, reads_star, reads_external, reads_previous;
} hz_expr;

/* The name of things, for messages and tables. */
const char *hz_type_name(hz_type type); /* "text", "numeric" (INTEGER and DECIMAL), "date", … */
const char *hz_function_name(hz_function function);
const char *hz_aggregate_name(hz_aggregate agg);
const char *hz_op_name(hz_op op); /* "=", "<>", "+" … */
#endif
