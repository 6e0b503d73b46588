#include "reports/causes.h"
#include "reports/text_int.h"

const char *hz_cause_kind_name(hz_cause_kind kind)
{
    static const char *const names[] = {"column", "table", "region", "parent", "value"};
    return kind < HZ_CAUSE_KINDS ? names[kind] : "";
}

static void put_values(hz_buf *out, const hz_cause *cause, bool names_only, bool reveal)
{
    for (size_t i = 0; i < cause->values_count; i++) {
        hz_buf_puts(out, i ? ", " : "");
        hz_buf_put(out, cause->values[i].name);
        if (names_only)
            continue;
        hz_buf_putc(out, '=');
        hz_put_shown(out, cause->values[i].value, reveal);
    }
}

static void say(hz_buf *out, hz_msg_id id, hz_slice a, hz_slice b, hz_slice c, hz_lang lang)
{
    const hz_slice args[] = {a, b, c};
    hz_msg_render(out, id, args, 3, lang);
}

void hz_put_cause(hz_buf *out, const hz_result *result, const hz_cause *cause, hz_lang lang, bool reveal)
{
    hz_buf text = HZ_BUF_INIT;
    hz_slice table = result->tables[cause->table].name, name;
    hz_slice rule = cause->rules_count ? result->rules[cause->rules[0].rule].rule->id : HZ_SLICE_NONE;
    switch (cause->kind) {
    case HZ_CAUSE_COLUMN:
        put_values(&text, cause, true, reveal);
        say(out, HZ_MSG_CAUSE_COLUMN, table, hz_buf_slice(&text), HZ_SLICE_NONE, lang);
        break;
    case HZ_CAUSE_TABLE:
        say(out, HZ_MSG_CAUSE_TABLE, table, rule, HZ_SLICE_NONE, lang);
        break;
    case HZ_CAUSE_REGION:
        hz_buf_puts(&text, cause->code);
        name = hz_text2_pick(cause->name, lang, HZ_SLICE_NONE);
        hz_buf_puts(&text, name.len ? " " : "");
        hz_buf_put(&text, name);
        say(out, HZ_MSG_CAUSE_REGION, hz_buf_slice(&text), rule, HZ_SLICE_NONE, lang);
        break;
    case HZ_CAUSE_PARENT:
        put_values(&text, cause, false, reveal);
        say(out, HZ_MSG_CAUSE_PARENT, table, hz_buf_slice(&text), HZ_SLICE_NONE, lang);
        break;
    default:
        hz_put_shown(&text, cause->values[0].value, reveal);
        say(out, HZ_MSG_CAUSE_VALUE, table, cause->values[0].name, hz_buf_slice(&text), lang);
        break;
    }
    if (text.status != HZ_OK && out->status == HZ_OK)
        out->status = text.status;
    hz_buf_clear(&text);
}

void hz_put_cause_rules(hz_buf *out, const hz_result *result, const hz_cause *cause)
{
    for (size_t i = 0; i < cause->rules_count; i++) {
        hz_buf_puts(out, i ? ", " : "");
        hz_buf_put(out, result->rules[cause->rules[i].rule].rule->id);
        hz_buf_putc(out, ' ');
        hz_buf_put_u64(out, cause->rules[i].findings);
    }
}
