/* rebuild.h: a stored report and its profile become a hz_result again, so that every renderer can make its face of it.
 *
 * What a report does not keep does not come back: values are as they were shown (masked values stay masked), a message
 * is in the language of the report, and of a chain's older profiles only what their verdicts say is known. The JSON
 * made from the result is the stored one, byte for byte, in the stored language. */
#ifndef HZ_TASKS_REBUILD_H
#define HZ_TASKS_REBUILD_H
#include "reports/result.h"
#include "validator/tasks/stored.h"

/* `stored` and `profile` are borrowed and must outlive the result, whose arena is its own (hz_result_free). HZ_E_USAGE:
 * the profile is not the one of the report, or the report names what it does not have. other_profile: the digests may
 * differ (--regrade); every rule of the report must be there all the same. */
HZ_NODISCARD hz_status hz_rebuild(hz_result **out, const hz_stored *stored, const hz_profile *profile, hz_lists *lists,
                                  bool other_profile, hz_error *err);
/* The language and masking of the stored report. */
hz_lang hz_stored_lang(const hz_stored *stored);
bool hz_stored_reveal(const hz_stored *stored);

/* The arguments of a message that was rendered: HZ_OK and *said filled when the text is what its template makes of them
 * in this language, else a plain message that holds the text. In arena. */
HZ_NODISCARD hz_status hz_said_again(hz_said *said, hz_slice id, hz_slice text, hz_lang lang, hz_arena *arena,
                                     hz_error *err);
#endif
