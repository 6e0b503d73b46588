/* asks.h: what a gate asks of the submitter. Findings of severity fatal and error are to be mended, warnings and infos
 * to be known; those of the gate plausibility, whatever their severity, may be true all the same: they are to be
 * explained in writing (`--acknowledge`). Counted are failures of active rules that no waiver covers; the expectations
 * of measures are none. */
#ifndef HZ_REPORTS_ASKS_H
#define HZ_REPORTS_ASKS_H
#include "reports/result.h"

typedef enum hz_ask { HZ_ASK_MEND, HZ_ASK_ACKNOWLEDGE, HZ_ASK_KNOW, HZ_ASKS } hz_ask;
const char *hz_ask_name(hz_ask ask); /* "mend", "acknowledge", "know" */
hz_ask hz_ask_of(hz_gate gate, hz_severity severity);

/* "mend" … of a finding of the rule; "" of a draft and of what is waived. */
hz_slice hz_asks_finding(const hz_result_rule *rule, const hz_finding *finding);

typedef struct hz_asks {
    uint64_t count[HZ_ASKS]; /* acknowledge: those that are still open */
    uint64_t acknowledged;   /* explained, by a reason that was taken */
} hz_asks;
void hz_asks_of(hz_asks asks[HZ_GATE_COUNT], const hz_result *result);
/* "to mend: 3; to know: 2"; nothing where the gate asks nothing. */
void hz_put_asks(hz_buf *out, const hz_asks *asks, hz_lang lang);
/* "value: to mend: 3; to know: 2" */
void hz_put_gate_asks(hz_buf *out, hz_gate gate, const hz_asks *asks, hz_lang lang);
hz_msg_id hz_gate_word(hz_gate gate);
#endif
