/* reads.h: what rules, measures and expressions of a profile read: tables, fields, relations, parameters, lists and
 * periods, found by a walk over their trees. For the examples of rules (which tables must be there) and for lint (what
 * nothing reads). */
#ifndef HZ_TASKS_READS_H
#define HZ_TASKS_READS_H
#include "profiles/profile.h"

typedef struct hz_reads {
    const hz_profile *profile;
    bool *tables;     /* by index */
    bool **fields;    /* by table, by field */
    bool **relations; /* by table, by its place there; a relation's inverse is marked with it */
    bool *params;     /* by index */
    bool *lists;      /* by place in profile.own_lists */
    uint32_t period;  /* the earliest: 0, 1 @previous, 2 @previous2 */
    bool as_of;
} hz_reads;

/* All in arena; nothing is marked. */
HZ_NODISCARD hz_status hz_reads_init(hz_reads *reads, const hz_profile *profile, hz_arena *arena, hz_error *err);
void hz_reads_reset(hz_reads *reads);

/* Marks what the tree reads, for a row of this period. Takes NULL. */
void hz_reads_node(hz_reads *reads, const hz_node *root, uint32_t period);
/* Everything that a rule or measure reads, its messages too. */
void hz_reads_rule(hz_reads *reads, const hz_rule *rule);
void hz_reads_measure(hz_reads *reads, const hz_measure *measure);
/* What stands outside rules: bounds and required_when of fields, regions, `where` and keys of relations, lists of
 * fields. */
void hz_reads_tables(hz_reads *reads);
#endif
