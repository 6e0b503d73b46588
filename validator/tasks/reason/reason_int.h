/* reason_int.h: what the files of the reasoning share; only for builds with Z3. */
#ifndef HZ_TASKS_REASON_INT_H
#define HZ_TASKS_REASON_INT_H
#include <z3.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "validator/tasks/reason/reason_run.h"

/* A value of the row. Of a BOOLEAN `value` is "is TRUE", so that it is false where the value is missing or invalid.
 * Numbers are Int or Real, dates and times Int, texts Int (see hz_z3_text). An ARRAY or INTERVAL has no value. */
typedef struct hz_z3_term {
    hz_type type;
    Z3_ast value, null, inv;
} hz_z3_term;

/* What a row is made of: its fields, and expressions that are unknowns. */
typedef struct hz_z3_known {
    hz_slice key;          /* as the expression is printed */
    const hz_field *field; /* of the row itself; NULL: an unknown */
    hz_z3_term term;
    Z3_ast bound;  /* holds always; NULL: nothing is known */
    bool function; /* made of other parts of the row */
    Z3_ast usual;  /* a parameter's default; NULL: none */
} hz_z3_known;

enum { HZ_Z3_KNOWN_MAX = 4096, HZ_Z3_TEXT_STEP = 1000 };
typedef struct hz_z3_marks {
    uint64_t bits[HZ_Z3_KNOWN_MAX / 64];
} hz_z3_marks;

/* A constraint of a field of the row: while `flag` is assumed, `holds` holds. */
typedef struct hz_z3_fact {
    const hz_rule *rule;
    size_t known; /* the field */
    Z3_ast flag, holds;
    hz_z3_marks reads;
} hz_z3_fact;

/* A rule as a question. */
typedef struct hz_z3_rule {
    hz_reasoned *said;
    const hz_rule *rule;
    Z3_ast applies, passes, fails; /* passes, fails NULL: only its condition is known */
    Z3_ast flag;                   /* stands for "does not fail" */
    hz_z3_marks reads, all;        /* itself; and what its fields' constraints read */
    bool dead;                     /* never applies, or never fails */
    bool bans;                     /* fails whenever it applies, on purpose */
    /* a record that breaks it, and one that passes it; NULL: none is known */
    Z3_model model, pass_model;
} hz_z3_rule;

/* All rules of one table (and period). */
typedef struct hz_z3 {
    const hz_reason_options *options;
    hz_reason *reason;
    hz_arena *arena;
    const hz_table *table;
    uint32_t period;
    Z3_context ctx;
    Z3_solver solver;
    Z3_sort boolean, integer, real;
    Z3_ast yes, no;
    hz_slice *texts; /* literals of the table's rules and short code lists; bytewise order, distinct */
    size_t texts_count, texts_capacity;
    hz_z3_known *known;
    size_t known_count, known_capacity;
    hz_z3_fact *facts;
    size_t facts_count, facts_capacity;
    hz_z3_rule *rules;
    size_t rules_count;
    hz_z3_marks *marks; /* where what is read is marked; NULL: nowhere */
    hz_msg_id why;      /* of the expression at hand: why it is not translated whole */
    hz_slice what;
    uint64_t until_nanos;
    bool prove_types; /* values of wrong types are thought of too */
    bool any_invalid; /* some field of the table may hold a value of a wrong type */
    hz_status status; /* sticky */
    hz_error *err;
} hz_z3;

static inline void hz_z3_mark(hz_z3_marks *marks, size_t index)
{
    marks->bits[index / 64] |= UINT64_C(1) << index % 64;
}
static inline bool hz_z3_marked(const hz_z3_marks *marks, size_t index)
{
    return marks->bits[index / 64] >> index % 64 & 1;
}

/* ---- z3_logic.c: formulas ---- */
Z3_ast hz_z3_and(hz_z3 *z, Z3_ast a, Z3_ast b);
Z3_ast hz_z3_or(hz_z3 *z, Z3_ast a, Z3_ast b);
Z3_ast hz_z3_not(hz_z3 *z, Z3_ast a);
Z3_ast hz_z3_if(hz_z3 *z, Z3_ast condition, Z3_ast a, Z3_ast b);
Z3_ast hz_z3_int(hz_z3 *z, int64_t n);
Z3_ast hz_z3_number(hz_z3 *z, hz_decimal n);
Z3_ast hz_z3_real(hz_z3 *z, Z3_ast a); /* an Int as Real */
/* Brings two numbers to one sort. */
void hz_z3_alike(hz_z3 *z, Z3_ast *a, Z3_ast *b);
/* op of two values of one type. */
Z3_ast hz_z3_relation(hz_z3 *z, hz_op op, hz_type type, Z3_ast a, Z3_ast b);
Z3_ast hz_z3_false(hz_z3 *z, hz_z3_term t);   /* "is FALSE" of a BOOLEAN */
Z3_ast hz_z3_unknown(hz_z3 *z, hz_z3_term t); /* missing or invalid */
hz_z3_term hz_z3_compare(hz_z3 *z, hz_op op, hz_z3_term a, hz_z3_term b);
hz_z3_term hz_z3_both(hz_z3 *z, hz_z3_term a, hz_z3_term b);
hz_z3_term hz_z3_either(hz_z3 *z, hz_z3_term a, hz_z3_term b);
hz_z3_term hz_z3_negated(hz_z3 *z, hz_z3_term t);
hz_z3_term hz_z3_boolean(hz_z3 *z, bool value);
hz_z3_term hz_z3_strict(hz_z3 *z, hz_type type, const hz_z3_term *args, size_t count);
Z3_sort hz_z3_sort(const hz_z3 *z, hz_type type); /* NULL: it has no value */
/* A constant of its own for a name; `kind` is put before it. */
Z3_ast hz_z3_named(hz_z3 *z, const char *kind, hz_slice name, Z3_sort sort);
hz_z3_term hz_z3_const(hz_z3 *z, hz_slice name, hz_type type);
/* Gathers the texts of a tree; then they are sorted, and a text is its place times HZ_Z3_TEXT_STEP: what lies between
 * are the texts that nobody wrote. So equality and order of texts are those of numbers. */
void hz_z3_gather_texts(hz_z3 *z, const hz_node *node);
void hz_z3_add_text(hz_z3 *z, hz_slice text);
void hz_z3_sort_texts(hz_z3 *z);
Z3_ast hz_z3_text(hz_z3 *z, hz_slice text);
/* The literal that a number stands for; NULL: none. */
const hz_slice *hz_z3_text_of(const hz_z3 *z, int64_t number);

/* ---- z3_terms.c, z3_calls.c: expressions ---- */
hz_z3_term hz_z3_term_of(hz_z3 *z, const hz_node *node);
hz_z3_term hz_z3_call(hz_z3 *z, const hz_node *node);
hz_z3_term hz_z3_arith(hz_z3 *z, const hz_node *node);
/* An unknown in the place of an expression, and why. */
hz_z3_term hz_z3_free(hz_z3 *z, const hz_node *node, hz_msg_id why);
/* An unknown that hangs on nothing but `args`: equal ones give equal values. */
hz_z3_term hz_z3_function(hz_z3 *z, const hz_node *node, hz_slice name, const hz_z3_term *args, size_t count,
                          bool partial);
size_t hz_z3_know(hz_z3 *z, hz_slice key, const hz_field *field, hz_z3_term term, Z3_ast bound);
hz_slice hz_z3_printed(hz_z3 *z, const hz_node *node);
void hz_z3_told(hz_z3 *z, hz_msg_id why, const hz_node *node);
/* Whether an aggregate or path may be invalid through a key that it goes by. */
bool hz_z3_related_invalid(const hz_z3 *z, const hz_node *node);

/* ---- z3_facts.c: fields and their constraints ---- */
/* key: the field's own name (those very bytes) for one of the row; else the path. doubtful: the related row's values
 * may be of wrong types. */
hz_z3_term hz_z3_field(hz_z3 *z, const hz_field *field, hz_slice key, bool doubtful);
bool hz_z3_may_be_invalid(const hz_z3 *z, const hz_field *field);
/* The constraints of all fields that are known by now; more fields may become known by it, and theirs come too. */
void hz_z3_add_facts(hz_z3 *z);
/* What the fields that are marked hang on by their constraints. */
hz_z3_marks hz_z3_closed(const hz_z3 *z, const hz_z3_marks *reads);

/* ---- z3_ask.c ---- */
void hz_z3_claims(hz_z3 *z);

/* ---- z3_witness.c ---- */
/* From the model of what is asserted now; simple values are preferred. The rules' own fields, in the order of the
 * table, then what is assumed. */
void hz_z3_witness(hz_z3 *z, hz_claim *claim, const hz_z3_marks *shown, const Z3_ast *assumed, size_t count);
/* Asks; counts the question and, where it comes to no end, says so of the rules. */
Z3_lbool hz_z3_check(hz_z3 *z, const Z3_ast *assumed, size_t count);
#endif
