/* causes.h: a cause in words: what to mend, and which rules it clears. Names and values are raw: the face makes them
 * safe. */
#ifndef HZ_REPORTS_CAUSES_H
#define HZ_REPORTS_CAUSES_H
#include "reports/render.h"

enum { HZ_CAUSES_TOP = 10 }; /* shown at the top of a page */

/* "table household lacks the record household_id=5201" */
void hz_put_cause(hz_buf *out, const hz_result *result, const hz_cause *cause, hz_lang lang, bool reveal);
/* "HH-1 12, HH-2 3" */
void hz_put_cause_rules(hz_buf *out, const hz_result *result, const hz_cause *cause);
#endif
