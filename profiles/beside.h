/* beside.h: files that are no profile and are held to one: a mapping, a manifest. One YAML text, whose mistakes go to
 * diagnostics that outlive what is loaded from it. */
#ifndef HZ_PROFILES_BESIDE_H
#define HZ_PROFILES_BESIDE_H
#include "base/buf.h"
#include "profiles/profile.h"
#include "profiles/schema.h"

/* The bytes of a file, under the limit profile_bytes. One that cannot be read is HZ_E_PROFILE. */
HZ_NODISCARD hz_status hz_beside_read(hz_buf *bytes, const char *path, const hz_limits *limits, hz_error *err);
/* Its text kept in diags' arena, its digest, its tree in `arena`; *root NULL after a mistake. */
HZ_NODISCARD hz_status hz_beside_open(const hz_yaml **root, uint8_t sha256[32], hz_slice bytes, hz_slice shown_path,
                                      hz_arena *arena, const hz_limits *limits, hz_diags *diags, hz_error *err);
/* What a load comes to: st, or HZ_E_PROFILE when there are more mistakes than errors_before. Sorts diags. */
HZ_NODISCARD hz_status hz_beside_end(hz_status st, hz_diags *diags, size_t errors_before, hz_error *err);

/* A mistake unless `id` is a dotted id, and unless `wanted` (NULL: not said) is a profile of the chain: its id, or
 * id@major. `other` takes {0} what is wanted, {1} the profile. */
void hz_beside_head(hz_diags *diags, const hz_profile *profile, const hz_yaml *id, const hz_yaml *wanted,
                    hz_msg_id other);
/* The table that a name means, when a submission can hold it; NULL after a mistake. `no_files` takes {0} the table. */
HZ_NODISCARD hz_status hz_beside_table(const hz_table **out, hz_diags *diags, const hz_profile *profile,
                                       const hz_yaml *name, hz_msg_id no_files, hz_error *err);

/* Whether the file is YAML whose first level has the key `key`. *profile: what it says of the profile that it is for,
 * copied to the arena; "" when nothing. */
HZ_NODISCARD hz_status hz_beside_is(bool *out, hz_slice *profile, const char *path, const char *key,
                                    const hz_limits *limits, hz_arena *arena, hz_error *err);
#endif
