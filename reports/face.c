/* face.c: see face_int.h. */
#include "base/calendar.h"
#include "base/utf8.h"
#include "reports/face_int.h"
#include "reports/waivers.h"

hz_status hz_face_end(hz_face *face, hz_error *err)
{
    hz_buf_clear(&face->scratch);
    hz_buf_clear(&face->safe);
    return hz_buf_status(face->out, err);
}

/* That a text could not be put together is not forgotten. */
static hz_slice taken(hz_face *face, const hz_buf *buf)
{
    if (buf->status != HZ_OK && face->out->status == HZ_OK)
        face->out->status = buf->status;
    return hz_buf_slice(buf);
}

static hz_buf *fresh(hz_face *face)
{
    hz_buf_reset(&face->scratch);
    return &face->scratch;
}

/* ---- texts ---- */

hz_slice hz_face_message(hz_face *face, const hz_finding *finding)
{
    hz_put_message(fresh(face), finding, face->options->lang, face->options->reveal);
    return taken(face, &face->scratch);
}

hz_slice hz_face_message_own(hz_face *face, const hz_finding *finding)
{
    hz_put_message(fresh(face), finding, face->options->lang, face->options->reveal);
    hz_put_own(&face->scratch, finding, face->options->reveal);
    return taken(face, &face->scratch);
}

hz_slice hz_face_shown(hz_face *face, hz_shown value)
{
    hz_put_shown(fresh(face), value, face->options->reveal);
    return taken(face, &face->scratch);
}

hz_slice hz_face_say(hz_face *face, hz_msg_id id, const hz_slice *args, size_t args_count)
{
    hz_msg_render(fresh(face), id, args, args_count, face->options->lang);
    return taken(face, &face->scratch);
}

hz_slice hz_face_said(hz_face *face, const hz_said *said)
{
    return said->message == HZ_MSG_NONE ? HZ_SLICE_NONE
                                        : hz_face_say(face, said->message, said->args, said->args_count);
}

hz_slice hz_face_decimal(hz_face *face, hz_decimal value)
{
    hz_decimal_put(fresh(face), hz_decimal_normal(value));
    return taken(face, &face->scratch);
}

hz_slice hz_face_day(hz_face *face, int32_t day)
{
    hz_date_put(fresh(face), day);
    return taken(face, &face->scratch);
}

hz_slice hz_face_pairs(hz_face *face, const hz_named *items, size_t count)
{
    hz_put_pairs(fresh(face), items, count, face->options->reveal);
    return taken(face, &face->scratch);
}

hz_slice hz_face_asks(hz_face *face, const hz_asks *asks)
{
    hz_put_asks(fresh(face), asks, face->options->lang);
    return taken(face, &face->scratch);
}

hz_slice hz_face_gate_asks(hz_face *face, hz_gate gate, const hz_asks *asks)
{
    hz_put_gate_asks(fresh(face), gate, asks, face->options->lang);
    return taken(face, &face->scratch);
}

hz_slice hz_face_place(hz_face *face, const hz_place *place)
{
    hz_put_place(fresh(face), face->result, place);
    return taken(face, &face->scratch);
}

hz_slice hz_face_places(hz_face *face, const hz_place *places, size_t count)
{
    hz_put_places(fresh(face), face->result, places, count, face->options->reveal);
    return taken(face, &face->scratch);
}

hz_slice hz_face_measure(hz_face *f, const hz_result_measure *measure)
{
    if (measure->outcome != HZ_OUTCOME_FAILED) {
        hz_slice reason = hz_face_said(f, &measure->reason);
        return reason.len ? reason : hz_face_word(f, HZ_MSG_FACE_MEASURE_UNDETERMINED);
    }
    uint64_t misses = 0;
    for (size_t i = 0; i < measure->regions_count; i++)
        misses += measure->regions[i].verdict == HZ_VERDICT_FALSE;
    hz_digits value = hz_text_figure(measure->whole.value), missed = hz_text_count(misses),
              all = hz_text_count(measure->regions_count);
    const hz_slice args[] = {measure->whole.has_value ? HZ_DIGITS(value) : hz_face_word(f, HZ_MSG_TEXT_NO_VALUE),
                             HZ_DIGITS(missed), HZ_DIGITS(all)};
    return hz_face_say(f, misses ? HZ_MSG_FACE_MEASURE_REGIONS : HZ_MSG_FACE_MEASURE_MISSES, args, 3);
}

hz_slice hz_face_cause(hz_face *face, const hz_cause *cause)
{
    hz_put_cause(fresh(face), face->result, cause, face->options->lang, face->options->reveal);
    return taken(face, &face->scratch);
}

hz_slice hz_face_waiver(hz_face *face, const hz_result_waiver *waiver)
{
    hz_put_waiver(fresh(face), waiver, face->options->lang);
    return taken(face, &face->scratch);
}

hz_slice hz_face_waiver_state(hz_face *face, const hz_result_waiver *waiver)
{
    hz_put_waiver_state(fresh(face), waiver, face->options->lang);
    return taken(face, &face->scratch);
}

hz_slice hz_face_cause_rules(hz_face *face, const hz_cause *cause)
{
    hz_put_cause_rules(fresh(face), face->result, cause);
    return taken(face, &face->scratch);
}

hz_slice hz_face_coverage(hz_face *face, const hz_coverage *coverage, size_t line)
{
    hz_coverage_put(fresh(face), coverage, line, face->options->lang);
    return taken(face, &face->scratch);
}

hz_slice hz_face_safe(hz_face *face, hz_slice text)
{
    hz_buf_reset(&face->safe);
    hz_utf8_put_safe(&face->safe, text);
    return taken(face, &face->safe);
}

/* ---- words ---- */

hz_slice hz_face_word(const hz_face *face, hz_msg_id id)
{
    return hz_slice_of(hz_msg_text(id, face->options->lang));
}

hz_slice hz_face_text2(const hz_face *face, hz_text2 text)
{
    return hz_text2_pick(text, face->options->lang, HZ_SLICE_NONE);
}

hz_slice hz_face_title(const hz_face *face, const hz_rule *rule)
{
    return hz_title_of(rule, face->options->lang);
}

hz_slice hz_face_severity(const hz_face *face, hz_severity severity)
{
    static const hz_msg_id words[HZ_SEVERITY_COUNT] = {HZ_MSG_TEXT_SEVERITY_FATAL, HZ_MSG_TEXT_SEVERITY_ERROR,
                                                       HZ_MSG_TEXT_SEVERITY_WARNING, HZ_MSG_TEXT_SEVERITY_INFO};
    return hz_face_word(face, words[severity]);
}

hz_slice hz_face_dimension(const hz_face *face, hz_dimension dimension)
{
    static const hz_msg_id words[HZ_DIM_COUNT] = {HZ_MSG_TEXT_DIM_NORMATIVITY, HZ_MSG_TEXT_DIM_COMPLETENESS,
                                                  HZ_MSG_TEXT_DIM_ACCURACY,    HZ_MSG_TEXT_DIM_CONSISTENCY,
                                                  HZ_MSG_TEXT_DIM_TIMELINESS,  HZ_MSG_TEXT_DIM_ACCESSIBILITY};
    return hz_face_word(face, words[dimension]);
}

hz_slice hz_face_gate(const hz_face *face, hz_gate gate)
{
    return hz_face_word(face, hz_gate_word(gate));
}

hz_slice hz_face_grade(const hz_face *face, uint32_t grade)
{
    return face->result->profile->grading.grades[grade].grade;
}

/* ---- places ---- */

const hz_result_source *hz_face_source(const hz_face *face, const hz_place *place)
{
    const hz_result_table *table = &face->result->tables[place->table];
    return place->source < table->sources_count ? &table->sources[place->source] : NULL;
}

bool hz_face_has_offset(const hz_rule *rule, const hz_finding *finding)
{
    return finding->at.line && (rule->kind == HZ_RULE_ROWS || rule->kind == HZ_RULE_ENCODING);
}

static bool climbs(hz_slice path)
{
    for (size_t at = 0, from = 0; at <= path.len; at++) {
        if (at < path.len && path.ptr[at] != '/')
            continue;
        if (hz_slice_is(hz_slice_sub(path, from, at), ".."))
            return true;
        from = at + 1;
    }
    return false;
}

hz_slice hz_face_path(const hz_result_source *source)
{
    hz_slice path = source->opened;
    if (!path.len || path.ptr[0] == '/' || climbs(path))
        return source->path;
    while (hz_slice_starts(path, HZ_SLICE_LIT("./")))
        path = hz_slice_sub(path, 2, path.len);
    return path;
}

/* ---- XML ---- */

static bool is_forbidden(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;
}

static void put_special(hz_buf *out, uint32_t c)
{
    switch (c) {
    case '<':
        hz_buf_puts(out, "&lt;");
        return;
    case '>':
        hz_buf_puts(out, "&gt;");
        return;
    case '&':
        hz_buf_puts(out, "&amp;");
        return;
    case '"':
        hz_buf_puts(out, "&quot;");
        return;
    default:
        break;
    }
    hz_buf_printf(out, is_forbidden(c) ? "\\u{%X}" : "&#x%X;", (unsigned)c);
}

static bool is_special(uint32_t c, bool attribute)
{
    if (c == '\n' || c == '\t')
        return attribute;
    return c == '<' || c == '>' || c == '&' || (c == '"' && attribute) || is_forbidden(c) ||
           hz_utf8_unsafe_on_terminal(c);
}

void hz_put_xml(hz_buf *out, hz_slice text, bool attribute)
{
    size_t plain = 0;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c = hz_utf8_next(text, &at);
        bool bad = c == 0xFFFD && at - from == 1;
        if (!bad && !is_special(c, attribute))
            continue;
        hz_buf_put(out, hz_slice_sub(text, plain, from));
        plain = at;
        if (bad)
            hz_utf8_put(out, c);
        else
            put_special(out, c);
    }
    hz_buf_put(out, hz_slice_sub(text, plain, text.len));
}

void hz_put_xml_attribute(hz_buf *out, const char *name, hz_slice text)
{
    hz_buf_putc(out, ' ');
    hz_buf_puts(out, name);
    hz_buf_puts(out, "=\"");
    hz_put_xml(out, text, true);
    hz_buf_putc(out, '"');
}
