/* text_int.h: the writer of the terminal report and its sections (text_*.c).
 * Everything goes through the writer, which counts cells by display width and lets no unsafe character of the data
 * through. */
#ifndef HZ_REPORTS_TEXT_INT_H
#define HZ_REPORTS_TEXT_INT_H
#include "reports/render.h"

typedef enum hz_ink { HZ_INK_PLAIN, HZ_INK_BOLD, HZ_INK_DIM, HZ_INK_RED, HZ_INK_YELLOW, HZ_INK_GREEN } hz_ink;

typedef struct hz_text_out {
    hz_buf *out;
    const hz_result *result;
    const hz_render_options *options;
    hz_lang lang;
    unsigned width; /* cells of a line */
    size_t rules_max, findings_max;
    size_t cells; /* of the line so far */
    hz_ink ink;
    hz_buf scratch, safe; /* a text before and after escaping */
} hz_text_out;

/* A number as people read it: "48,211". Lives as long as the block it stands in. */
typedef struct hz_digits {
    char text[48];
    size_t len;
} hz_digits;
hz_digits hz_text_count(uint64_t n);
/* A share of 6 decimals as percent, exactly: "2.4953%". */
hz_digits hz_text_percent(hz_decimal share);
/* A score in 2 decimals, rounded down, so that 97.999999 does not read as 98. */
hz_digits hz_text_score(hz_decimal score);
/* At most 6 decimals, without trailing zeros. */
hz_digits hz_text_figure(hz_decimal value);
#define HZ_DIGITS(d) ((hz_slice){(d).text, (d).len})

void hz_text_ink(hz_text_out *t, hz_ink ink);
/* A failure of a buffer beside the output is a failure of the output. */
void hz_text_check(hz_text_out *t, const hz_buf *buf);
void hz_text_put(hz_text_out *t, hz_slice text);
void hz_text_puts(hz_text_out *t, const char *text);
/* At most max cells, the end cut with … */
void hz_text_put_fit(hz_text_out *t, hz_slice text, size_t max);
/* What fits in the line. */
void hz_text_put_rest(hz_text_out *t, hz_slice text);
/* A part of a line that may go on in the next, indented: after a gap where it fits, else there. */
void hz_text_part(hz_text_out *t, hz_slice text);
#define HZ_PART(t, id, ...)                                                                                            \
    hz_text_message_part((t), HZ_MSG_TEXT_##id, (const hz_slice[]){__VA_ARGS__},                                       \
                         sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))
void hz_text_message_part(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count);
/* Blanks up to this cell of the line. */
void hz_text_to(hz_text_out *t, size_t cell);
/* Right-aligned: ends at this cell. */
void hz_text_put_right(hz_text_out *t, hz_slice text, size_t end);
void hz_text_line(hz_text_out *t);
size_t hz_text_width(hz_text_out *t, hz_slice text);

/* A message of the catalogue; arguments are slices. */
void hz_text_message(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count);
/* Cut to what fits in the line. */
void hz_text_message_rest(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count);
#define HZ_SAY(t, id, ...)                                                                                             \
    hz_text_message((t), HZ_MSG_TEXT_##id, (const hz_slice[]){__VA_ARGS__},                                            \
                    sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))
#define HZ_SAY_REST(t, id, ...)                                                                                        \
    hz_text_message_rest((t), HZ_MSG_TEXT_##id, (const hz_slice[]){__VA_ARGS__},                                       \
                         sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))
/* An empty line and a heading in bold. */
void hz_text_heading(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count);
#define HZ_HEADING(t, id, ...)                                                                                         \
    hz_text_heading((t), HZ_MSG_TEXT_##id, (const hz_slice[]){__VA_ARGS__},                                            \
                    sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))
hz_slice hz_text_word(const hz_text_out *t, hz_msg_id id);

/* Names, joined by ", ": as many as fit in the line, then how many more. */
typedef struct hz_roll {
    hz_buf text; /* cleared by the owner */
    size_t more;
} hz_roll;
void hz_roll_add(hz_roll *names, hz_text_out *t, hz_slice name, size_t max_cells);
hz_slice hz_roll_done(hz_roll *names, hz_text_out *t);

hz_slice hz_severity_word(const hz_text_out *t, hz_severity severity);
hz_ink hz_severity_ink(hz_severity severity);
/* A rule's title in lang, else its field's, else "". */
hz_slice hz_rule_title(const hz_text_out *t, const hz_rule *rule);
/* "household.csv:17", or the table's name. */
void hz_text_place(hz_text_out *t, const hz_place *place);

void hz_text_causes(hz_text_out *t);
HZ_NODISCARD hz_status hz_text_rules(hz_text_out *t, hz_error *err); /* worst rules, findings */
void hz_text_finding(hz_text_out *t, const hz_result_rule *rule, const hz_finding *finding);
HZ_NODISCARD hz_status hz_text_aside(hz_text_out *t,
                                     hz_error *err); /* errors, skipped, drafts, measures, regions, not checked */
HZ_NODISCARD hz_status hz_text_unchecked(hz_text_out *t, hz_error *err);
HZ_NODISCARD hz_status hz_text_figures(hz_text_out *t, hz_error *err);
#endif
