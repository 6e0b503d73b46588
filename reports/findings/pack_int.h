/* pack_int.h: a finding as bytes, and back: how findings wait for their file. Both ends are the same process, and what
 * the profile and the catalogue own is kept as pointers. */
#ifndef HZ_REPORTS_FINDINGS_PACK_INT_H
#define HZ_REPORTS_FINDINGS_PACK_INT_H
#include "base/arena.h"
#include "reports/findings/sink.h"

/* Appends all of it but the row. */
void hz_found_pack(hz_buf *out, const hz_found *found);
/* Texts point into the bytes, all else is in the arena. */
HZ_NODISCARD hz_status hz_found_unpack(hz_found *out, const char *bytes, hz_arena *arena, hz_error *err);
#endif
