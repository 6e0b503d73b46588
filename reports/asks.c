#include "reports/asks.h"

#include "reports/text_int.h"

const char *hz_ask_name(hz_ask ask)
{
    static const char *const names[HZ_ASKS] = {"mend", "acknowledge", "know"};
    return ask < HZ_ASKS ? names[ask] : "";
}

hz_ask hz_ask_of(hz_gate gate, hz_severity severity)
{
    if (gate == HZ_GATE_PLAUSIBILITY)
        return HZ_ASK_ACKNOWLEDGE;
    return severity <= HZ_SEVERITY_ERROR ? HZ_ASK_MEND : HZ_ASK_KNOW;
}

hz_slice hz_asks_finding(const hz_result_rule *rule, const hz_finding *finding)
{
    if (finding->draft || finding->waived.len)
        return HZ_SLICE_NONE;
    return hz_slice_of(hz_ask_name(hz_ask_of(rule->rule->gate, finding->severity)));
}

hz_msg_id hz_gate_word(hz_gate gate)
{
    static const hz_msg_id words[HZ_GATE_COUNT] = {HZ_MSG_TEXT_GATE_STRUCTURE, HZ_MSG_TEXT_GATE_VALUE,
                                                   HZ_MSG_TEXT_GATE_RECORD, HZ_MSG_TEXT_GATE_RELATION,
                                                   HZ_MSG_TEXT_GATE_PLAUSIBILITY};
    return words[gate];
}

void hz_asks_of(hz_asks asks[HZ_GATE_COUNT], const hz_result *result)
{
    for (size_t i = 0; i < HZ_GATE_COUNT; i++)
        asks[i] = (hz_asks){{0}, 0};
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        asks[rule->rule->gate].count[hz_ask_of(rule->rule->gate, rule->severity)] += rule->failed;
    }
    hz_asks *plausibility = &asks[HZ_GATE_PLAUSIBILITY];
    uint64_t all = plausibility->count[HZ_ASK_ACKNOWLEDGE],
             open = result->acknowledged ? result->acknowledged->open : all;
    plausibility->count[HZ_ASK_ACKNOWLEDGE] = open < all ? open : all;
    plausibility->acknowledged = all - plausibility->count[HZ_ASK_ACKNOWLEDGE];
}

static void put_one(hz_buf *out, const char **before, hz_msg_id id, uint64_t count, hz_lang lang)
{
    hz_digits digits = hz_text_count(count);
    hz_slice arg = HZ_DIGITS(digits);
    if (!count)
        return;
    hz_buf_puts(out, *before);
    *before = lang == HZ_LANG_EN ? "; " : "；";
    hz_msg_render(out, id, &arg, 1, lang);
}

void hz_put_asks(hz_buf *out, const hz_asks *asks, hz_lang lang)
{
    static const hz_msg_id words[HZ_ASKS] = {HZ_MSG_ASK_MEND, HZ_MSG_ASK_ACKNOWLEDGE, HZ_MSG_ASK_KNOW};
    const char *before = "";
    for (size_t i = 0; i < HZ_ASKS; i++)
        put_one(out, &before, words[i], asks->count[i], lang);
    put_one(out, &before, HZ_MSG_ASK_ACKNOWLEDGED, asks->acknowledged, lang);
}

void hz_put_gate_asks(hz_buf *out, hz_gate gate, const hz_asks *asks, hz_lang lang)
{
    size_t start = out->len;
    hz_buf_puts(out, hz_msg_text(hz_gate_word(gate), lang));
    hz_buf_puts(out, lang == HZ_LANG_EN ? ": " : "：");
    size_t head = out->len;
    hz_put_asks(out, asks, lang);
    if (out->len == head && out->status == HZ_OK)
        out->len = start;
}
