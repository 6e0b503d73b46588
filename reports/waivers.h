/* waivers.h: what the renderers say of a waiver. */
#ifndef HZ_REPORTS_WAIVERS_H
#define HZ_REPORTS_WAIVERS_H
#include "reports/result.h"

/* "failures waived: 2", "expired on 2026-12-31: …" */
void hz_put_waiver_state(hz_buf *out, const hz_result_waiver *waiver, hz_lang lang);
/* Reason, who approved it, its last day. */
void hz_put_waiver_why(hz_buf *out, const hz_result_waiver *waiver, hz_lang lang);
/* "W-1 (rule HH-012): " and both. */
void hz_put_waiver(hz_buf *out, const hz_result_waiver *waiver, hz_lang lang);
/* "max_count 3, max_rate 0.01"; nothing without. */
void hz_put_waiver_limit(hz_buf *out, const hz_waiver *waiver);
/* Whether someone should look at it: it is of no use any more, or grants too little. */
static inline bool hz_waiver_is_odd(const hz_result_waiver *waiver)
{
    return waiver->state != HZ_WAIVER_USED && waiver->state != HZ_WAIVER_NOT_RUN;
}
/* The rule's own line, or NULL. */
static inline const hz_result_rule *hz_waiver_rule(const hz_result *result, const hz_result_waiver *waiver)
{
    if (waiver->rule == UINT32_MAX)
        return NULL;
    return waiver->draft ? &result->drafts[waiver->rule] : &result->rules[waiver->rule];
}
#endif
