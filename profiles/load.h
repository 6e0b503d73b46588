/* load.h: a profile file to the model, strictly. Mistakes are gathered, not only the first (docs/language.md has the
 * keys). */
#ifndef HZ_PROFILES_LOAD_H
#define HZ_PROFILES_LOAD_H
#include "profiles/profile.h"

typedef struct hz_load {
    hz_lists *lists; /* borrowed; must outlive the profile */
    const hz_limits *limits;
    const char *profiles; /* folder in which `extends: [id@major]` is looked for, before the profiles that are compiled
                             in: for id a.b, a/b/profile.yaml or a.b.yaml; NULL: none */
} hz_load;

/* Loads a profile from a file, and the profiles that it extends: their mistakes are gathered too, and they are freed
 * with it. `diags` (its arena must outlive it) gathers mistakes, sorted by position. HZ_OK: *out is
 * owned and diags has no errors (warnings and hints perhaps). HZ_E_PROFILE with *out NULL: see diags. Other errors
 * (file cannot be read: HZ_E_PROFILE too, with err set and no diag; no memory): err. */
HZ_NODISCARD hz_status hz_profile_load(hz_profile **out, const char *path, const hz_load *load, hz_diags *diags,
                                       hz_error *err);
/* The same from bytes (tests, fuzzing, editors); `shown_path` is what messages call it; files beside it are looked for
 * in `folder` ("" : none allowed). */
HZ_NODISCARD hz_status hz_profile_load_bytes(hz_profile **out, hz_slice bytes, hz_slice shown_path, hz_slice folder,
                                             const hz_load *load, hz_diags *diags, hz_error *err);
/* A parameter's value from text (--param); HZ_E_USAGE naming parameter, type and what is wrong. `value` borrows text.
 */
HZ_NODISCARD hz_status hz_param_read(hz_value *value, const hz_param *param, hz_slice text, hz_error *err);
/* Whether a text is the id of a profile: words of letters, digits, - and _ with dots between. */
bool hz_load_is_dotted_id(hz_slice text);
#endif
