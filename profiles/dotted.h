/* dotted.h: ids of profiles, mappings and manifests. */
#ifndef HZ_PROFILES_DOTTED_H
#define HZ_PROFILES_DOTTED_H
#include "base/slice.h"

/* Parts of letters, digits, `-` and `_`, each beginning with a letter or digit, joined by dots. */
bool hz_is_dotted_id(hz_slice text);
#endif
