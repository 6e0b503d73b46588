/* diff.h: what changed between two versions of a profile, each change classed and with its reason, by the comparison
 * that overlays are held to (profiles/tighten.h). Where that one cannot show that a change tightens, the two are
 * compared the other way round: what then tightens loosens; what is shown neither way is undetermined. */
#ifndef HZ_TASKS_DIFF_H
#define HZ_TASKS_DIFF_H
#include "profiles/tighten.h"

/* Gravest first, the order of the report. */
typedef enum hz_diff_class {
    HZ_DIFF_BREAKING,
    HZ_DIFF_LOOSENING,
    HZ_DIFF_UNDETERMINED,
    HZ_DIFF_TIGHTENING,
    HZ_DIFF_EDITORIAL,
    HZ_DIFF_CLASS_COUNT
} hz_diff_class;
const char *hz_diff_class_name(hz_diff_class class_); /* "undetermined" */

typedef struct hz_diff_change {
    hz_diff_class class_;
    hz_msg_id reason; /* {0} what, {1} before, {2} after */
    hz_slice what, before, after;
    hz_slice path; /* "rules.HH-012.severity" */
} hz_diff_change;

typedef struct hz_diff {
    hz_arena *arena; /* owns all texts */
    const hz_profile *before, *after;
    hz_diff_change *changes; /* in the order of the profile */
    size_t count, counts[HZ_DIFF_CLASS_COUNT];
} hz_diff;

/* Both profiles are borrowed. deep: conditions and assertions of which neither is shown are compared by Z3, too
 * (hz_reason_compare); HZ_E_USAGE in a build without it. Owned: hz_diff_free. HZ_E_NOMEM. */
HZ_NODISCARD hz_status hz_diff_run(hz_diff **out, const hz_profile *before, const hz_profile *after, bool deep,
                                   hz_error *err);
void hz_diff_free(hz_diff *diff); /* takes NULL */

typedef enum hz_diff_format { HZ_DIFF_TEXT, HZ_DIFF_JSON, HZ_DIFF_MD, HZ_DIFF_FORMAT_COUNT } hz_diff_format;
const char *hz_diff_format_name(hz_diff_format format); /* "text", "json", "md" */
/* JSON: reports/diff.schema.json. Errors are sticky in out. */
void hz_diff_render(hz_buf *out, hz_diff_format format, const hz_diff *diff, hz_lang lang);
#endif
