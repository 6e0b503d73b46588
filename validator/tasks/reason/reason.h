/* reason.h: what can be proved of the rules of a profile, by Z3: rules that no record meets together, rules that follow
 * from another, rules that never fail or never apply on records whose fields pass their constraints.
 *
 * A claim is a theorem over one row. What has no exact translation (aggregates, paths, patterns, functions of texts) is
 * an unknown of the row: one value wherever the same expression stands, and any value at all. So there are more rows to
 * Z3 than there can be, and what holds of all of those holds. It may miss what is true; what it says is so. Rules are
 * three-valued as the language has it: a rule fails only where `when` is TRUE and `assert` FALSE.
 *
 * Each claim carries a witness: a record made up to show it. One that reads nothing but its own row is put through the
 * engine before it is told. */
#ifndef HZ_TASKS_REASON_H
#define HZ_TASKS_REASON_H
#include "base/cancel.h"
#include "profiles/profile.h"

typedef enum hz_claim_kind {
    HZ_CLAIM_UNREACHABLE, /* no record whose fields pass their constraints meets the rule's condition */
    HZ_CLAIM_UNBREAKABLE, /* no such record breaks the rule */
    HZ_CLAIM_CONTRADICT,  /* every such record that passes rules[0] breaks one of the others */
    HZ_CLAIM_ENTAILED,    /* every such record that breaks rules[0] breaks rules[1] too */
    HZ_CLAIM_COUNT
} hz_claim_kind;

enum { HZ_CLAIM_RULES_MAX = 8 };

/* A cell of a witness: a field and its value as it is submitted; or an expression whose value is assumed. */
typedef struct hz_witness_cell {
    const hz_field *field; /* NULL: `name` is an expression */
    hz_slice name, value;
    bool null;
} hz_witness_cell;

typedef struct hz_claim {
    hz_claim_kind kind;
    const hz_rule *rules[HZ_CLAIM_RULES_MAX];
    size_t rules_count;
    const hz_rule *facts[HZ_CLAIM_RULES_MAX]; /* UNREACHABLE, UNBREAKABLE: the constraints that make it so */
    size_t facts_count;
    bool more;              /* there are more rules or facts than fit */
    bool both_ways;         /* ENTAILED: they fail on the same records */
    hz_witness_cell *cells; /* none: no record could be spelled out */
    size_t cells_count;
    bool has_as_of;
    int32_t as_of;  /* the day on which the witness stands */
    bool own_row;   /* it reads nothing but its row, and all of it is spelled out: the engine can judge it */
    bool inexact;   /* it hangs on functions that Z3 knows only by their bounds */
    bool confirmed; /* the engine judges it so */
} hz_claim;

/* How far a rule could be reasoned on. */
typedef enum hz_reach {
    HZ_REACH_WHOLE,
    HZ_REACH_PART, /* with unknowns in the place of `what` and others */
    HZ_REACH_NONE, /* `why` */
    HZ_REACH_COUNT
} hz_reach;

typedef struct hz_reasoned {
    const hz_rule *rule;
    hz_reach reach;
    hz_msg_id why;  /* PART, NONE */
    hz_slice what;  /* PART: the first expression that is an unknown */
    bool undecided; /* a question on it came to no end within its share of work */
} hz_reasoned;

typedef struct hz_reason {
    hz_arena *arena;
    hz_claim *claims; /* in the order of rules[0], then of kind */
    size_t claims_count;
    hz_reasoned *rules; /* of the profile's own file, withdrawn ones left out; in its order */
    size_t rules_count;
    size_t reach[HZ_REACH_COUNT];
    uint64_t questions, undecided;
    size_t refuted;   /* claims that the engine did not bear out: dropped */
    bool out_of_time; /* the seconds were over before all was asked */
} hz_reason;

typedef struct hz_reason_options {
    const hz_profile *profile;
    unsigned *const *kept; /* by table, by field: bit a hz_rule_kind of its constraints that run and count */
    hz_lists *lists;
    const hz_limits *limits;
    uint64_t seconds;        /* for all of it */
    const hz_cancel *cancel; /* may be NULL */
} hz_reason_options;

/* Whether this build has Z3. */
bool hz_reason_built_in(void);
/* HZ_E_USAGE, with the words for it. */
hz_status hz_reason_absent(hz_error *err);
/* HZ_E_USAGE in a build without Z3. The answers do not depend on time unless the seconds run out: a question has so
 * much work, not so much time. Owned: hz_reason_free. */
HZ_NODISCARD hz_status hz_reason_run(hz_reason **out, const hz_reason_options *options, hz_error *err);
void hz_reason_free(hz_reason *reason); /* takes NULL */

/* Two versions of a rule, each of its own profile: whether every record that breaks the one breaks the other, whatever
 * its values, invalid ones too. Nothing is shown of rules that read related records, code lists, parameters that
 * changed, or fields that are read otherwise than before; and nothing in a build without Z3. */
typedef struct hz_rule_change {
    bool tighter; /* what broke the rule before breaks it now */
    bool looser;  /* what breaks it now broke it before */
} hz_rule_change;
HZ_NODISCARD hz_status hz_reason_compare(hz_rule_change *out, const hz_profile *before_profile, const hz_rule *before,
                                         const hz_profile *after_profile, const hz_rule *after, hz_error *err);

/* The witness in one line: "size = 3, head = ∅, count(members) = 2". */
void hz_witness_put(hz_buf *out, const hz_claim *claim);
#endif
