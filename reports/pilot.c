#include "reports/pilot.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "reports/pilot_int.h"

const char *hz_pilot_change_name(hz_pilot_change change)
{
    static const char *const names[] = {"same", "changed", "new", "gone"};
    return change <= HZ_PILOT_GONE ? names[change] : "";
}

const char *hz_pilot_by_name(hz_pilot_by by)
{
    static const char *const names[] = {"submission", "unit", "vendor", "county"};
    return by < HZ_PILOT_BYS ? names[by] : "";
}

const char *hz_pilot_format_name(hz_pilot_format format)
{
    static const char *const names[] = {"text", "json", "html"};
    return format < HZ_PILOT_FORMATS ? names[format] : NULL;
}

hz_status hz_pilot_render(hz_buf *out, hz_pilot_format format, const hz_pilot *pilot, hz_lang lang, hz_error *err)
{
    if (format == HZ_PILOT_JSON)
        hz_pilot_put_json(out, pilot);
    else if (format == HZ_PILOT_HTML)
        hz_pilot_put_html(out, pilot, lang);
    else
        hz_pilot_put_text(out, pilot, lang);
    return hz_buf_status(out, err);
}

/* ---- what text and HTML share ---- */

size_t hz_pilot_changed_rules(uint32_t *order, const hz_pilot *pilot)
{
    size_t count = 0;
    for (uint32_t i = 0; i < pilot->rules_count; i++) {
        const hz_pilot_rule *rule = &pilot->rules[i];
        if (!rule->fresh && !rule->gone)
            continue;
        size_t at = count++;
        for (; at; at--) {
            const hz_pilot_rule *before = &pilot->rules[order[at - 1]];
            if (before->fresh > rule->fresh || (before->fresh == rule->fresh && before->gone >= rule->gone))
                break;
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    return count;
}

hz_msg_id hz_pilot_change_word(hz_pilot_change change)
{
    static const hz_msg_id words[] = {HZ_MSG_PILOT_CHANGE_SAME, HZ_MSG_PILOT_CHANGE_CHANGED, HZ_MSG_PILOT_CHANGE_NEW,
                                      HZ_MSG_PILOT_CHANGE_GONE};
    return words[change];
}

hz_msg_id hz_pilot_by_word(hz_pilot_by by)
{
    static const hz_msg_id words[] = {HZ_MSG_PILOT_BY_SUBMISSION, HZ_MSG_PILOT_BY_UNIT, HZ_MSG_PILOT_BY_VENDOR,
                                      HZ_MSG_PILOT_BY_COUNTY};
    return words[by];
}

hz_slice hz_pilot_rule_title(const hz_pilot_rule *rule, hz_lang lang)
{
    const hz_rule *of = rule->rules[1] ? rule->rules[1] : rule->rules[0];
    hz_slice title = hz_text2_pick(of->title, lang, HZ_SLICE_NONE);
    return title.len || !of->field ? title : hz_text2_pick(of->field->title, lang, HZ_SLICE_NONE);
}

hz_digits hz_pilot_percent(hz_decimal share)
{
    hz_decimal percent = share;
    (void)hz_decimal_mul(&percent, share, hz_decimal_of(100));
    (void)hz_decimal_round(&percent, percent, 1, HZ_ROUND_HALF_EVEN);
    hz_digits digits = {.len = 0};
    uint64_t tenths = percent.coef > 0 ? (uint64_t)percent.coef : 0;
    hz_digits whole = hz_text_count(tenths / 10);
    memcpy(digits.text, whole.text, whole.len);
    digits.len = whole.len;
    if (tenths % 10) {
        digits.text[digits.len++] = '.';
        digits.text[digits.len++] = (char)('0' + tenths % 10);
    }
    digits.text[digits.len++] = '%';
    return digits;
}

hz_digits hz_pilot_share(uint64_t part, uint64_t of)
{
    hz_decimal share = hz_decimal_of(0);
    if (of)
        (void)hz_decimal_div(&share, hz_decimal_of((int64_t)part), hz_decimal_of((int64_t)of));
    return hz_pilot_percent(share);
}

hz_msg_id hz_pilot_remark(const hz_pilot_rule *rule, hz_slice args[2], hz_digits *digits)
{
    uint64_t n = rule->not_run[1] ? rule->not_run[1] : rule->evaluated[1];
    bool new_ = rule->change == HZ_PILOT_NEW || rule->change == HZ_PILOT_CHANGED;
    *digits = hz_text_count(n);
    args[0] = rule->id;
    args[1] = HZ_DIGITS(*digits);
    if (!new_ || !rule->rules[1])
        return HZ_MSG_NONE;
    if (rule->not_run[1])
        return HZ_MSG_PILOT_NOT_RUN;
    if (rule->change == HZ_PILOT_NEW && !rule->evaluated[1])
        return HZ_MSG_PILOT_NEVER;
    return rule->change == HZ_PILOT_NEW && !rule->failed[1] ? HZ_MSG_PILOT_NO_FINDING : HZ_MSG_NONE;
}

void hz_pilot_say(hz_buf *out, hz_msg_id id, hz_lang lang, const hz_slice *args, size_t count)
{
    hz_msg_render(out, id, args, count, lang);
}

void hz_pilot_say_head(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    HZ_PILOT_SAY(out, HZ_MSG_PILOT_HEAD, lang, pilot->profiles[1]->id, pilot->profiles[1]->version,
                 pilot->profiles[0]->id, pilot->profiles[0]->version);
    hz_buf_puts(out, lang == HZ_LANG_ZH ? "；" : "; ");
    hz_digits all = hz_text_count(pilot->submissions_count), read = hz_text_count(pilot->read_count);
    HZ_PILOT_SAY(out, HZ_MSG_PILOT_READ, lang, HZ_DIGITS(all), HZ_DIGITS(read));
}

void hz_pilot_say_summary(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_digits fresh = hz_text_count(pilot->fresh), records = hz_text_count(pilot->records_fresh),
              newly = hz_text_count(pilot->records_newly), gone = hz_text_count(pilot->gone),
              cleared = hz_text_count(pilot->records_cleared);
    if (!pilot->fresh && !pilot->gone)
        hz_buf_puts(out, hz_msg_text(HZ_MSG_PILOT_NOTHING, lang));
    else
        HZ_PILOT_SAY(out, HZ_MSG_PILOT_SUMMARY, lang, HZ_DIGITS(fresh), HZ_DIGITS(records), HZ_DIGITS(newly),
                     HZ_DIGITS(gone), HZ_DIGITS(cleared));
}

void hz_pilot_say_suspect(hz_buf *out, const hz_pilot *pilot, const hz_pilot_suspect *suspect, hz_lang lang)
{
    const hz_pilot_group *group = &pilot->groups[suspect->group];
    hz_digits fresh = hz_text_count(suspect->fresh), of = hz_text_count(suspect->of),
              share = hz_pilot_share(suspect->fresh, suspect->of), others = hz_text_count(suspect->others);
    hz_buf name = HZ_BUF_INIT;
    hz_slice title = hz_text2_pick(group->title, lang, HZ_SLICE_NONE);
    hz_buf_put(&name, group->name);
    hz_buf_puts(&name, title.len ? " " : "");
    hz_buf_put(&name, title);
    HZ_PILOT_SAY(out, HZ_MSG_PILOT_SUSPECT, lang, pilot->rules[suspect->rule].id, HZ_DIGITS(fresh), HZ_DIGITS(of),
                 HZ_DIGITS(share), hz_slice_of(hz_msg_text(hz_pilot_by_word(group->by), lang)), hz_buf_slice(&name),
                 HZ_DIGITS(others));
    if (name.status != HZ_OK && out->status == HZ_OK)
        out->status = name.status;
    hz_buf_clear(&name);
}

void hz_pilot_say_work(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_digits records = hz_text_count(pilot->work_records), cells = hz_text_count(pilot->work_cells);
    HZ_PILOT_SAY(out, HZ_MSG_PILOT_WORK_RECORDS, lang, HZ_DIGITS(records), HZ_DIGITS(cells));
}

void hz_pilot_say_sample(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_digits count = hz_text_count(pilot->sample_count), of = hz_text_count(pilot->sample_of);
    hz_buf seed = HZ_BUF_INIT;
    hz_buf_put_u64(&seed, pilot->seed);
    HZ_PILOT_SAY(out, HZ_MSG_PILOT_SAMPLE, lang, HZ_DIGITS(count), HZ_DIGITS(of), hz_buf_slice(&seed));
    hz_buf_clear(&seed);
}

void hz_pilot_say_precision(hz_buf *out, const hz_pilot_precision *p, hz_lang lang)
{
    if (!p->has_share) {
        hz_buf_puts(out, hz_msg_text(HZ_MSG_PILOT_PRECISION_NONE, lang));
        return;
    }
    hz_digits share = hz_pilot_percent(p->share), low = hz_pilot_percent(p->low), high = hz_pilot_percent(p->high),
              judged = hz_text_count(p->right + p->wrong), right = hz_text_count(p->right),
              unsure = hz_text_count(p->unsure), open = hz_text_count(p->open);
    HZ_PILOT_SAY(out, HZ_MSG_PILOT_PRECISION, lang, HZ_DIGITS(share), HZ_DIGITS(low), HZ_DIGITS(high),
                 HZ_DIGITS(judged), HZ_DIGITS(right), HZ_DIGITS(unsure), HZ_DIGITS(open));
}

void hz_pilot_say_error(hz_buf *out, const hz_error *error, hz_lang lang)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(error, args);
    hz_msg_render(out, error->message, args, count, lang);
    if (error->file[0]) {
        hz_buf_puts(out, " (");
        hz_buf_puts(out, error->file);
        if (error->line) {
            hz_buf_putc(out, ':');
            hz_buf_put_u64(out, error->line);
        }
        hz_buf_putc(out, ')');
    }
}
