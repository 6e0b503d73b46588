/* waivers.h: a file of waivers (`--waivers`; docs/language.md, "Waivers"), held to the profile that it is for. */
#ifndef HZ_PROFILES_WAIVERS_H
#define HZ_PROFILES_WAIVERS_H
#include "profiles/load.h"

/* What was read; borrows from the profile. Zero it before. */
typedef struct hz_waiver_file {
    hz_arena *arena;
    hz_profile *scope; /* keeps the patterns that `where` compiles */
    hz_waiver *waivers;
    size_t waivers_count;
} hz_waiver_file;

/* Mistakes go to diags (HZ_E_PROFILE), as those of a profile; a file that cannot be read is HZ_E_PROFILE with err set.
 * `out` is owned: hz_waiver_file_clear. */
HZ_NODISCARD hz_status hz_waiver_file_load(hz_waiver_file *out, const char *path, const hz_profile *profile,
                                           const hz_load *load, hz_diags *diags, hz_error *err);
void hz_waiver_file_clear(hz_waiver_file *file);

/* A tick, a dot, the same sign over and over, fewer than four characters: no reason. */
bool hz_is_bare_reason(hz_slice text);
#endif
