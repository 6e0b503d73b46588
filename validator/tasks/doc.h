/* doc.h: a profile written down for people. So far its head and the tables of its rules, of its measures and of its
 * waivers, as Markdown; both languages of a title stand side by side, `lang` is that of the headings.
 *
 * Of a profile that extends others: what it adds or changes. What it leaves as it was is counted and named, and stands
 * in the parent's own document. */
#ifndef HZ_TASKS_DOC_H
#define HZ_TASKS_DOC_H
#include "base/buf.h"
#include "profiles/profile.h"

typedef enum hz_doc_format { HZ_DOC_MD, HZ_DOC_FORMAT_COUNT } hz_doc_format;
const char *hz_doc_format_name(hz_doc_format format); /* "md" */

/* Several profiles in one document. Errors are sticky in out. */
void hz_doc_render(hz_buf *out, hz_doc_format format, const hz_profile *const *profiles, size_t count, hz_lang lang);
#endif
