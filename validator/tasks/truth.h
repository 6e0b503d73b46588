/* truth.h: what an expression can come to: TRUE, FALSE, unknown, or several of these. An over-estimate: what is not
 * among the answers cannot be; what is may still not be.
 *
 * Two questions are asked. Of any row at all: then only constants and what the expression itself says count. Of rows
 * whose fields pass their constraints (codes, range, length, pattern, required, as far as these run): then each field
 * has a domain. A condition that is taken to hold narrows the domains: after `size > 3`, `size < 2` cannot be. */
#ifndef HZ_TASKS_TRUTH_H
#define HZ_TASKS_TRUTH_H
#include "profiles/profile.h"

enum { HZ_MAY_TRUE = 1, HZ_MAY_FALSE = 2, HZ_MAY_UNKNOWN = 4, HZ_MAY_ALL = 7 };

/* What is known of a value. */
typedef struct hz_domain {
    bool none, some;         /* it may be missing or invalid; it may be there */
    const hz_codelist *list; /* texts: codes of it; NULL: any */
    bool list_grows;         /* it is not complete: more codes may come */
    const hz_slice *only;    /* texts: these; NULL: any */
    size_t only_count;
    hz_value low, high;             /* numbers and times; not valid: open */
    bool low_out, high_out;         /* the bound itself is not in */
    int64_t length_min, length_max; /* texts, in characters; max -1: open */
} hz_domain;

typedef struct hz_truth {
    hz_arena *arena;
    const hz_table *table; /* of the row */
    unsigned *const *kept; /* by table, by field: bit a hz_rule_kind that runs; NULL: nothing is known of fields */
    hz_domain *domains;    /* by field of table; made when first looked at */
    bool *made;
    bool no_memory;
} hz_truth;

/* For one row of a table. */
HZ_NODISCARD hz_status hz_truth_init(hz_truth *truth, const hz_table *table, unsigned *const *kept, hz_arena *arena,
                                     hz_error *err);
unsigned hz_truth_of(hz_truth *truth, const hz_node *node);
/* Takes node to be TRUE from now on. Takes NULL. */
void hz_truth_assume(hz_truth *truth, const hz_node *node);

/* The least and greatest length in characters of what a pattern matches; max -1: no bound known. */
void hz_pattern_lengths(int64_t *min, int64_t *max, hz_slice pattern);
#endif
