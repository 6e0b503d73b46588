/* plan_int.h: between plan.c, plan_group.c and plan_relate.c. */
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
/* When all are known: bindings in order, sizes of states, what sheets carry. */
HZ_NODISCARD hz_status hz_plan_relate_end(hz_plan *plan, hz_error *err);
HZ_NODISCARD hz_status hz_plan_group_rule(hz_plan *plan, hz_plan_rule *entry, hz_error *err);
HZ_NODISCARD hz_status hz_plan_group_measure(size_t *out, hz_plan *plan, const hz_measure *measure, hz_error *err);
#endif
