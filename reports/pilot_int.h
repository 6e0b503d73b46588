/* pilot_int.h: the faces of a pilot, and what two of them share. */
#ifndef HZ_REPORTS_PILOT_INT_H
#define HZ_REPORTS_PILOT_INT_H
#include "reports/pilot.h"
#include "reports/text_int.h"

void hz_pilot_put_text(hz_buf *out, const hz_pilot *pilot, hz_lang lang);
void hz_pilot_put_json(hz_buf *out, const hz_pilot *pilot);
void hz_pilot_put_html(hz_buf *out, const hz_pilot *pilot, hz_lang lang);

/* In order of what is to be looked at: most fresh, then most gone, then as the profiles have them; rules without
 * either left out. The number of them; `order` has room for all rules. */
size_t hz_pilot_changed_rules(uint32_t *order, const hz_pilot *pilot);
hz_msg_id hz_pilot_change_word(hz_pilot_change change);
hz_msg_id hz_pilot_by_word(hz_pilot_by by);
hz_slice hz_pilot_rule_title(const hz_pilot_rule *rule, hz_lang lang);
/* "98.4%" of a share with 4 decimals. */
hz_digits hz_pilot_percent(hz_decimal share);
hz_digits hz_pilot_share(uint64_t part, uint64_t of);
/* A rule of the draft that did not judge everywhere, or judged nothing: what there is to say; NONE: nothing. */
hz_msg_id hz_pilot_remark(const hz_pilot_rule *rule, hz_slice args[2], hz_digits *digits);
/* A sentence with a space for each argument. */
void hz_pilot_say(hz_buf *out, hz_msg_id id, hz_lang lang, const hz_slice *args, size_t count);
#define HZ_PILOT_SAY(out, id, lang, ...)                                                                               \
    hz_pilot_say((out), (id), (lang), (const hz_slice[]){__VA_ARGS__},                                                 \
                 sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))
/* The sentences of the head, of the review: the same in text and HTML. NULL lines end them. */
void hz_pilot_say_head(hz_buf *out, const hz_pilot *pilot, hz_lang lang);
void hz_pilot_say_summary(hz_buf *out, const hz_pilot *pilot, hz_lang lang);
void hz_pilot_say_suspect(hz_buf *out, const hz_pilot *pilot, const hz_pilot_suspect *suspect, hz_lang lang);
void hz_pilot_say_work(hz_buf *out, const hz_pilot *pilot, hz_lang lang);
void hz_pilot_say_sample(hz_buf *out, const hz_pilot *pilot, hz_lang lang);
void hz_pilot_say_precision(hz_buf *out, const hz_pilot_precision *precision, hz_lang lang);
void hz_pilot_say_error(hz_buf *out, const hz_error *error, hz_lang lang);
#endif
