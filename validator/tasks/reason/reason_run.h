/* reason_run.h: the steps of the reasoning, for any build. */
#ifndef HZ_TASKS_REASON_RUN_H
#define HZ_TASKS_REASON_RUN_H
#include "base/cancel.h"
#include "validator/tasks/reason/reason.h"

/* ---- z3_table.c: all claims on the rules of one table and period. HZ_E_NOMEM, HZ_E_CANCELLED. ---- */
HZ_NODISCARD hz_status hz_z3_table(hz_reason *reason, const hz_reason_options *options, const hz_table *table,
                                   uint32_t period, uint64_t until_nanos, hz_error *err);

/* ---- ../reason_confirm.c: puts the witness through the engine. *holds stays true where it has nothing to judge.
 * ---- */
HZ_NODISCARD hz_status hz_reason_confirm(bool *holds, hz_claim *claim, const hz_reason_options *options, hz_error *err);
#endif
