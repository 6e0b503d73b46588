/* plan_int.h: between plan.c and plan_group.c. */
#ifndef HZ_ENGINE_PLAN_INT_H
#define HZ_ENGINE_PLAN_INT_H
#include "validator/engine/plan.h"

/* Compiles and keeps; *out NULL for a NULL root. */
HZ_NODISCARD hz_status hz_plan_compile(hz_program **out, hz_plan *plan, const hz_node *root, hz_error *err);
HZ_NODISCARD hz_status hz_plan_group_rule(hz_plan *plan, hz_plan_rule *entry, hz_error *err);
HZ_NODISCARD hz_status hz_plan_group_measure(size_t *out, hz_plan *plan, const hz_measure *measure, hz_error *err);
#endif
