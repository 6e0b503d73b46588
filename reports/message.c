#include "reports/render.h"

static void put_template(hz_buf *out, const hz_message *message, const hz_shown *values, bool reveal)
{
    size_t next = 0;
    for (size_t i = 0; i < message->count; i++) {
        if (message->parts[i].expr.root)
            hz_put_shown(out, values[next++], reveal);
        else
            hz_buf_put(out, message->parts[i].text);
    }
}

static bool is_constant(hz_shown text, hz_shown value)
{
    return !value.null && value.mask == HZ_MASK_NONE && hz_slice_eq(text.text, value.text);
}

static void swap_sides(hz_shown args[HZ_MSG_ARGS_MAX])
{
    for (size_t i = 0; i < 2; i++) {
        hz_shown left = args[i];
        args[i] = args[i + 2];
        args[i + 2] = left;
    }
}

/* A range that is open at one end, and a comparison with a constant, have wordings of their own. */
static hz_msg_id wording(hz_shown args[HZ_MSG_ARGS_MAX], hz_msg_id message, size_t count)
{
    if (message == HZ_MSG_FINDING_RANGE && count >= 4) {
        if (args[3].null)
            return HZ_MSG_FINDING_RANGE_MIN;
        return args[2].null ? HZ_MSG_FINDING_RANGE_MAX : message;
    }
    if (message != HZ_MSG_FINDING_ASSERT_COMPARE || count < 4)
        return message;
    bool whole = count >= 5, constant = is_constant(args[2], args[3]);
    if (!constant && is_constant(args[0], args[1])) {
        swap_sides(args);
        constant = true;
    }
    if (constant)
        return whole ? HZ_MSG_FINDING_ASSERT_SIDE : HZ_MSG_FINDING_ASSERT_CONSTANT;
    return whole ? HZ_MSG_FINDING_ASSERT_SIDES : message;
}

static void put_default(hz_buf *out, const hz_finding *finding, hz_lang lang, bool reveal)
{
    hz_buf texts = HZ_BUF_INIT;
    size_t ends[HZ_MSG_ARGS_MAX], count = finding->args_count < HZ_MSG_ARGS_MAX ? finding->args_count : HZ_MSG_ARGS_MAX;
    hz_shown shown[HZ_MSG_ARGS_MAX];
    hz_slice args[HZ_MSG_ARGS_MAX];
    for (size_t i = 0; i < count; i++)
        shown[i] = finding->args[i];
    hz_msg_id message = wording(shown, finding->message, count);
    for (size_t i = 0; i < count; i++) {
        hz_put_shown(&texts, shown[i], reveal);
        ends[i] = texts.len;
    }
    for (size_t i = 0; i < count; i++)
        args[i] = hz_slice_sub(hz_buf_slice(&texts), i ? ends[i - 1] : 0, ends[i]);
    hz_msg_render(out, message, args, count, lang);
    if (texts.status != HZ_OK && out->status == HZ_OK)
        out->status = texts.status;
    hz_buf_clear(&texts);
}

/* Why a semantic type refused the value. */
static void put_reason(hz_buf *out, const char *reason, hz_lang lang)
{
    static const struct {
        hz_semtype_reason reason;
        hz_msg_id message;
    } reasons[] = {
        {HZ_REASON_LENGTH, HZ_MSG_FINDING_REASON_LENGTH}, {HZ_REASON_CHARACTERS, HZ_MSG_FINDING_REASON_CHARACTERS},
        {HZ_REASON_DATE, HZ_MSG_FINDING_REASON_DATE},     {HZ_REASON_DIVISION, HZ_MSG_FINDING_REASON_DIVISION},
        {HZ_REASON_FUTURE, HZ_MSG_FINDING_REASON_FUTURE}, {HZ_REASON_CHECK, HZ_MSG_FINDING_REASON_CHECK}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(hz_reason_name(reasons[i].reason), reason) == 0)
            hz_msg_render(out, reasons[i].message, NULL, 0, lang);
}

void hz_put_message(hz_buf *out, const hz_finding *finding, hz_lang lang, bool reveal)
{
    bool english = lang == HZ_LANG_EN ? finding->template_en != NULL : finding->template_zh == NULL;
    const hz_message *message = english ? finding->template_en : finding->template_zh;
    if (message)
        put_template(out, message, english ? finding->values_en : finding->values_zh, reveal);
    else
        put_default(out, finding, lang, reveal);
    if (!message && finding->reason)
        put_reason(out, finding->reason, lang);
}

/* ---- values ---- */

static bool same_value(const hz_named *named)
{
    return named->value.null == named->own_value.null && hz_slice_eq(named->value.text, named->own_value.text);
}

void hz_put_named_standard(hz_buf *out, const hz_named *named, bool reveal)
{
    hz_buf_putc(out, '(');
    hz_buf_put(out, named->name);
    if (!same_value(named)) {
        hz_buf_putc(out, '=');
        hz_put_shown(out, named->own_value, reveal);
        hz_buf_puts(out, "→");
        hz_put_shown(out, named->value, reveal);
    }
    hz_buf_putc(out, ')');
}

void hz_put_named(hz_buf *out, const hz_named *named, bool reveal)
{
    bool own = named->own_name.len > 0;
    hz_buf_put(out, own ? named->own_name : named->name);
    hz_buf_putc(out, '=');
    hz_put_shown(out, own ? named->own_value : named->value, reveal);
    if (!own)
        return;
    hz_buf_putc(out, ' ');
    hz_put_named_standard(out, named, reveal);
}

void hz_put_own(hz_buf *out, const hz_finding *finding, bool reveal)
{
    size_t shown = 0;
    for (size_t i = 0; i < finding->at.fields_count; i++)
        if (finding->at.fields[i].own_name.len) {
            hz_buf_puts(out, shown++ ? "; " : " [");
            hz_put_named(out, &finding->at.fields[i], reveal);
        }
    if (shown)
        hz_buf_putc(out, ']');
}
