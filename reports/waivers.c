#include "reports/waivers.h"

#include "base/calendar.h"
#include "reports/text_int.h"

void hz_put_waiver_limit(hz_buf *out, const hz_waiver *waiver)
{
    if (waiver->has_max_count) {
        hz_buf_puts(out, "max_count ");
        hz_buf_put_i64(out, waiver->max_count);
    }
    if (waiver->has_max_rate) {
        hz_buf_puts(out, waiver->has_max_count ? ", max_rate " : "max_rate ");
        hz_decimal_put(out, hz_decimal_normal(waiver->max_rate));
    }
}

void hz_put_waiver_state(hz_buf *out, const hz_result_waiver *waiver, hz_lang lang)
{
    static const hz_msg_id words[HZ_WAIVER_STATES] = {[HZ_WAIVER_USED] = HZ_MSG_WAIVER_USED,
                                                      [HZ_WAIVER_UNUSED] = HZ_MSG_WAIVER_UNUSED,
                                                      [HZ_WAIVER_EXPIRED] = HZ_MSG_WAIVER_EXPIRED,
                                                      [HZ_WAIVER_OVERDRAWN] = HZ_MSG_WAIVER_OVERDRAWN,
                                                      [HZ_WAIVER_NOT_RUN] = HZ_MSG_WAIVER_NOT_RUN};
    hz_buf more = HZ_BUF_INIT;
    hz_digits matched = hz_text_count(waiver->matched);
    if (waiver->state == HZ_WAIVER_OVERDRAWN)
        hz_put_waiver_limit(&more, waiver->waiver);
    else
        hz_date_put(&more, waiver->waiver->until);
    const hz_slice args[] = {HZ_DIGITS(matched), hz_buf_slice(&more)};
    hz_msg_render(out, words[waiver->state], args, 2, lang);
    if (more.status != HZ_OK && out->status == HZ_OK)
        out->status = more.status;
    hz_buf_clear(&more);
}

void hz_put_waiver_why(hz_buf *out, const hz_result_waiver *waiver, hz_lang lang)
{
    hz_buf day = HZ_BUF_INIT;
    hz_date_put(&day, waiver->waiver->until);
    const hz_slice args[] = {waiver->waiver->reason, waiver->waiver->approved_by, hz_buf_slice(&day)};
    hz_msg_render(out, HZ_MSG_WAIVER_WHY, args, 3, lang);
    if (day.status != HZ_OK && out->status == HZ_OK)
        out->status = day.status;
    hz_buf_clear(&day);
}

void hz_put_waiver(hz_buf *out, const hz_result_waiver *waiver, hz_lang lang)
{
    bool en = lang == HZ_LANG_EN;
    hz_buf_put(out, waiver->waiver->id);
    hz_buf_puts(out, en ? " (" : "（");
    hz_msg_render(out, HZ_MSG_WAIVER_HEAD, &waiver->waiver->rule, 1, lang);
    hz_buf_puts(out, en ? "): " : "）：");
    hz_put_waiver_state(out, waiver, lang);
    hz_buf_puts(out, en ? ". " : "。");
    hz_put_waiver_why(out, waiver, lang);
}
