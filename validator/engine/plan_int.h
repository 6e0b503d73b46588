/* plan_int.h: between plan.c, plan_chain.c, plan_group.c, plan_relate.c and plan_waivers.c. */
#ifndef HZ_ENGINE_PLAN_INT_H
#define HZ_ENGINE_PLAN_INT_H
#include "validator/engine/plan.h"

/* Compiles and keeps; *out NULL for a NULL root. */
HZ_NODISCARD hz_status hz_plan_compile(hz_program **out, hz_plan *plan, const hz_node *root, hz_error *err);
/* A field as a tree. NULL: no memory. */
hz_node *hz_plan_field_node(hz_plan *plan, const hz_field *field);
/* plan_relate.c: columns for every relational node under root, over rows of the sheet. *level is raised to the highest
 * of them. */
HZ_NODISCARD hz_status hz_plan_relate(unsigned *level, hz_plan *plan, uint32_t sheet, const hz_node *root,
                                      hz_error *err);
/* Where rows of one sheet find rows of another. */
typedef struct hz_plan_link {
    uint32_t sheet;          /* of the related rows */
    unsigned level;          /* of the columns that `from` reads */
    const hz_node **to;      /* keys over the related rows */
    const hz_node **from;    /* the same over the rows that ask */
    size_t count, own_count; /* of them the relation's own; they come first */
    const hz_node *filter, *lookup;
    const hz_node *cond; /* over the rows that ask: only those where it is TRUE do */
} hz_plan_link;
/* The relation's own keys and filter, with room for `more` keys. */
HZ_NODISCARD hz_status hz_plan_link_keys(hz_plan_link *link, hz_plan *plan, const hz_relation *relation, size_t more,
                                         hz_error *err);
/* Stage, slot and probe of a column whose level is known. pairs: a stage of its own. */
HZ_NODISCARD hz_status hz_plan_use_slot(hz_plan *plan, hz_plan_column *column, const hz_plan_link *link,
                                        hz_plan_slot want, hz_plan_pairs *pairs, hz_error *err);
hz_slot_kind hz_slot_kind_of(hz_aggregate agg);
uint32_t hz_plan_sheet_behind(const hz_plan *plan, const hz_relation *relation, uint32_t from);
/* A path, an aggregate over a relation, or raw of a path. */
bool hz_node_is_relational(const hz_node *node);
/* Two operands under one operator. NULL: no memory (an operand that is NULL counts as that). */
hz_node *hz_plan_pair_node(hz_plan *plan, hz_node_kind kind, hz_op op, hz_type type, hz_node *a, hz_node *b);

/* plan_pair.c: an aggregate whose items read the outer row. */
bool hz_plan_is_correlated(const hz_node *aggregate);
HZ_NODISCARD hz_status hz_plan_correlated(hz_plan *plan, hz_plan_column *column, const hz_node *aggregate,
                                          hz_error *err);
/* When all are known: bindings in order, sizes of states, what sheets carry. */
HZ_NODISCARD hz_status hz_plan_relate_end(hz_plan *plan, hz_error *err);
HZ_NODISCARD hz_status hz_plan_group_rule(hz_plan *plan, hz_plan_rule *entry, hz_error *err);
HZ_NODISCARD hz_status hz_plan_group_measure(size_t *out, hz_plan *plan, const hz_measure *measure, uint32_t period,
                                             hz_error *err);

/* plan_waivers.c: when it is known which rules run. HZ_E_USAGE: there are waivers, and no day. */
HZ_NODISCARD hz_status hz_plan_waivers(hz_plan *plan, hz_error *err);

/* plan_chain.c: entries for the rules of all profiles of the chain, and what reads the cells of fields. */
HZ_NODISCARD hz_status hz_plan_chain(hz_plan *plan, hz_error *err);
/* When it is known which rules run and which fields are used. */
void hz_plan_chain_end(hz_plan *plan);
#endif
