/* assemble.h: rows put together again: what the scan carried of a block, and what its rows took home from the stages of
 * relations. Rules that read relations, groups over such values and states for stages of the next level are made here,
 * by the same functions as in the scan. */
#ifndef HZ_ENGINE_ASSEMBLE_H
#define HZ_ENGINE_ASSEMBLE_H
#include "base/error.h"

struct hz_run_state;
struct hz_scan;

/* Keeps of a scanned batch what later work over its rows reads. */
HZ_NODISCARD hz_status hz_assemble_keep(struct hz_scan *scan, hz_error *err);
/* All stages of relations and what is done with their columns, level by level. */
HZ_NODISCARD hz_status hz_assemble_all(struct hz_run_state *run, hz_error *err);
#endif
