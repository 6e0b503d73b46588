/* pseudonym.h: keyed names for personal values, so that reports can be joined without telling whom they are about: what
 * a mask shows, "~", and 16 hex digits of an HMAC. Equal values of one kind (identifier, name, date, other) have equal
 * pseudonyms under one key; the kind is part of what is hashed. Nothing of the key is in any report. */
#ifndef HZ_REPORTS_PSEUDONYM_H
#define HZ_REPORTS_PSEUDONYM_H
#include "base/hmac.h"
#include "reports/render.h"

enum { HZ_PSEUDONYM_KEY_MIN = 32, HZ_PSEUDONYM_KEY_MAX = 4096 }; /* bytes */

/* The whole file is the key. HZ_E_USAGE when it is too short or too long. The buffer is wiped by hz_pseudonym_forget.
 */
HZ_NODISCARD hz_status hz_pseudonym_key(hz_buf *out, const char *path, hz_error *err);
void hz_pseudonym_forget(hz_buf *key);

/* Every personal value of a finding or of a whole result becomes its pseudonym, which is masked no more; `arena` holds
 * the texts. */
HZ_NODISCARD hz_status hz_pseudonym_finding(hz_finding *finding, const hz_hmac *hmac, hz_arena *arena, hz_error *err);
HZ_NODISCARD hz_status hz_pseudonym_result(hz_result *result, const hz_hmac *hmac, hz_error *err);
#endif
