/* face_int.h: what the faces made of lines and cells share (junit, sarif, markdown, csv, annotations): texts of a
 * finding put together in one scratch buffer, and XML escaping.
 * A slice that a function here returns is borrowed until the next call with the same face. */
#ifndef HZ_REPORTS_FACE_INT_H
#define HZ_REPORTS_FACE_INT_H
#include "reports/asks.h"
#include "reports/causes.h"
#include "reports/coverage.h"
#include "reports/grade_int.h"
#include "reports/place.h"
#include "reports/text_int.h"

typedef struct hz_face {
    hz_buf *out;
    const hz_result *result;
    const hz_render_options *options;
    hz_buf scratch, safe; /* a text before and after escaping */
} hz_face;
#define HZ_FACE_INIT(out_, result_, options_)                                                                          \
    ((hz_face){.out = (out_), .result = (result_), .options = (options_), .scratch = HZ_BUF_INIT, .safe = HZ_BUF_INIT})
/* Frees the buffers and gives the status of the output, which failed when they did. */
HZ_NODISCARD hz_status hz_face_end(hz_face *face, hz_error *err);

hz_slice hz_face_message(hz_face *face, const hz_finding *finding);
/* With what the file itself calls the fields, for faces that show nothing else of a finding. */
hz_slice hz_face_message_own(hz_face *face, const hz_finding *finding);
hz_slice hz_face_shown(hz_face *face, hz_shown value);
hz_slice hz_face_said(hz_face *face, const hz_said *said);
hz_slice hz_face_say(hz_face *face, hz_msg_id id, const hz_slice *args, size_t args_count);
#define HZ_FACE_SAY(face, id, ...)                                                                                     \
    hz_face_say((face), HZ_MSG_##id, (const hz_slice[]){__VA_ARGS__},                                                  \
                sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))
hz_slice hz_face_decimal(hz_face *face, hz_decimal value); /* without trailing zeros */
hz_slice hz_face_day(hz_face *face, int32_t day);
/* "name=value; name=value" */
hz_slice hz_face_pairs(hz_face *face, const hz_named *items, size_t count);
/* "household.csv:17", "book.xlsx:3 户!A3", or the table's name; and several with their keys, joined by " | ". */
hz_slice hz_face_place(hz_face *face, const hz_place *place);
hz_slice hz_face_places(hz_face *face, const hz_place *places, size_t count);
/* Why a measure did not pass. */
hz_slice hz_face_measure(hz_face *face, const hz_result_measure *measure);
hz_slice hz_face_cause(hz_face *face, const hz_cause *cause);
/* "HH-1 12, HH-2 3" */
hz_slice hz_face_cause_rules(hz_face *face, const hz_cause *cause);
/* waivers.h: all of it, or its state alone. */
hz_slice hz_face_waiver(hz_face *face, const hz_result_waiver *waiver);
hz_slice hz_face_waiver_state(hz_face *face, const hz_result_waiver *waiver);
/* asks.h */
hz_slice hz_face_asks(hz_face *face, const hz_asks *asks);
hz_slice hz_face_gate_asks(hz_face *face, hz_gate gate, const hz_asks *asks);
hz_slice hz_face_coverage(hz_face *face, const hz_coverage *coverage, size_t line);
/* Without control, bidirectional and zero-width characters: \u{XX} in their place. text may be what another function
 * here returned. */
hz_slice hz_face_safe(hz_face *face, hz_slice text);

/* These borrow from result or catalogue. */
hz_slice hz_face_word(const hz_face *face, hz_msg_id id);
hz_slice hz_face_title(const hz_face *face, const hz_rule *rule); /* its own, else its field's, else "" */
hz_slice hz_face_text2(const hz_face *face, hz_text2 text);
hz_slice hz_face_severity(const hz_face *face, hz_severity severity);
hz_slice hz_face_dimension(const hz_face *face, hz_dimension dimension);
hz_slice hz_face_gate(const hz_face *face, hz_gate gate);
hz_slice hz_face_grade(const hz_face *face, uint32_t grade);
/* The source of a place; NULL without one. */
const hz_result_source *hz_face_source(const hz_face *face, const hz_place *place);
/* Whether a place's offset is one: that of unreadable rows and bad bytes is. */
bool hz_face_has_offset(const hz_rule *rule, const hz_finding *finding);
/* Where a consumer finds the source from the folder of the run: as it was opened when that is a relative path that
 * stays below; else as the report shows it. */
hz_slice hz_face_path(const hz_result_source *source);

/* XML 1.0: markup escaped, what XML forbids as \u{XX}, bad bytes as U+FFFD, what must not reach a terminal as a
 * character reference; in an attribute white space too. */
void hz_put_xml(hz_buf *out, hz_slice text, bool attribute);
/* ` name="text"` */
void hz_put_xml_attribute(hz_buf *out, const char *name, hz_slice text);
#endif
