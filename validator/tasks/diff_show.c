/* diff_show.c: the changes by class, gravest first, as text, Markdown and JSON. */
#include "base/jcs.h"
#include "base/utf8.h"
#include "reports/markdown.h"
#include "validator/tasks/diff.h"

const char *hz_diff_format_name(hz_diff_format format)
{
    static const char *const names[] = {"text", "json", "md"};
    return format < HZ_DIFF_FORMAT_COUNT ? names[format] : NULL;
}

static const hz_msg_id class_words[HZ_DIFF_CLASS_COUNT] = {HZ_MSG_DIFF_BREAKING, HZ_MSG_DIFF_LOOSENING,
                                                           HZ_MSG_DIFF_UNDETERMINED, HZ_MSG_DIFF_TIGHTENING,
                                                           HZ_MSG_DIFF_EDITORIAL};

static void put_reason(hz_buf *out, const hz_diff_change *change, hz_lang lang)
{
    const hz_slice args[] = {change->what, change->before, change->after};
    hz_msg_render(out, change->reason, args, sizeof args / sizeof *args, lang);
}

static void put_head(hz_buf *out, const hz_diff *diff, hz_lang lang)
{
    const hz_slice args[] = {diff->before->id, diff->before->version, diff->after->id, diff->after->version};
    hz_msg_render(out, HZ_MSG_DIFF_HEAD, args, sizeof args / sizeof *args, lang);
}

static void put_counts(hz_buf *out, const hz_diff *diff, hz_lang lang)
{
    hz_buf texts[HZ_DIFF_CLASS_COUNT + 1];
    hz_slice args[HZ_DIFF_CLASS_COUNT + 1];
    for (size_t i = 0; i <= HZ_DIFF_CLASS_COUNT; i++) {
        texts[i] = HZ_BUF_INIT;
        hz_buf_put_u64(&texts[i], i ? diff->counts[i - 1] : diff->count);
        args[i] = hz_buf_slice(&texts[i]);
    }
    hz_msg_render(out, diff->count ? HZ_MSG_DIFF_COUNTS : HZ_MSG_DIFF_NONE, args, diff->count ? 6 : 0, lang);
    for (size_t i = 0; i <= HZ_DIFF_CLASS_COUNT; i++)
        hz_buf_clear(&texts[i]);
}

/* ---- text, Markdown ---- */

/* A text made by `line`, safe for a terminal, or for a page of Markdown. */
static void put_safe(hz_buf *out, const hz_buf *line, bool markdown)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, hz_buf_slice(line));
    if (markdown)
        hz_markdown_put(out, hz_buf_slice(&safe));
    else
        hz_buf_put(out, hz_buf_slice(&safe));
    if (safe.status != HZ_OK && out->status == HZ_OK)
        out->status = safe.status;
    hz_buf_clear(&safe);
}

static void put_change(hz_buf *out, const hz_diff_change *change, hz_lang lang, bool markdown)
{
    hz_buf line = HZ_BUF_INIT;
    hz_buf_put(&line, change->path);
    hz_buf_puts(out, markdown ? "| " : "  ");
    put_safe(out, &line, markdown);
    hz_buf_puts(out, markdown ? " | " : "\n      ");
    line.len = 0;
    put_reason(&line, change, lang);
    put_safe(out, &line, markdown);
    hz_buf_puts(out, markdown ? " |\n" : "\n");
    if (line.status != HZ_OK && out->status == HZ_OK)
        out->status = line.status;
    hz_buf_clear(&line);
}

static void put_class(hz_buf *out, const hz_diff *diff, hz_diff_class class_, hz_lang lang, bool markdown)
{
    hz_buf_puts(out, markdown ? "\n## " : "\n");
    hz_buf_printf(out, "%s (%zu)\n", hz_msg_text(class_words[class_], lang), diff->counts[class_]);
    if (markdown)
        hz_buf_printf(out, "\n| %s | %s |\n| --- | --- |\n", hz_msg_text(HZ_MSG_DIFF_WHERE, lang),
                      hz_msg_text(HZ_MSG_DIFF_WHY, lang));
    for (size_t i = 0; i < diff->count; i++)
        if (diff->changes[i].class_ == class_)
            put_change(out, &diff->changes[i], lang, markdown);
}

static void put_page(hz_buf *out, const hz_diff *diff, hz_lang lang, bool markdown)
{
    hz_buf head = HZ_BUF_INIT;
    put_head(&head, diff, lang);
    hz_buf_puts(out, markdown ? "# " : "");
    put_safe(out, &head, markdown);
    hz_buf_puts(out, markdown ? "\n\n" : "\n");
    put_counts(out, diff, lang);
    hz_buf_putc(out, '\n');
    for (hz_diff_class c = HZ_DIFF_BREAKING; c < HZ_DIFF_CLASS_COUNT; c++)
        if (diff->counts[c])
            put_class(out, diff, c, lang, markdown);
    hz_buf_clear(&head);
}

/* ---- JSON ---- */

static void put_member(hz_buf *out, const char *name, hz_slice value, const char *behind)
{
    hz_buf_printf(out, "\"%s\": ", name);
    hz_jcs_put_text(out, value);
    hz_buf_puts(out, behind);
}

static void put_profile(hz_buf *out, const char *name, const hz_profile *profile)
{
    hz_buf_printf(out, "  \"%s\": {", name);
    put_member(out, "id", profile->id, ", ");
    put_member(out, "version", profile->version, "},\n");
}

static void put_json_change(hz_buf *out, const hz_diff_change *change, hz_lang lang)
{
    hz_buf why = HZ_BUF_INIT;
    put_reason(&why, change, lang);
    hz_buf_puts(out, "    {");
    put_member(out, "class", hz_slice_of(hz_diff_class_name(change->class_)), ", ");
    put_member(out, "path", change->path, ", ");
    put_member(out, "what", change->what, ", ");
    put_member(out, "before", change->before, ", ");
    put_member(out, "after", change->after, ", ");
    put_member(out, "reason", hz_slice_of(hz_msg_name(change->reason)), ", ");
    put_member(out, "message", hz_buf_slice(&why), "}");
    hz_buf_clear(&why);
}

static void put_json(hz_buf *out, const hz_diff *diff, hz_lang lang)
{
    hz_buf_puts(out, "{\n  \"hezhun\": {\"version\": \"" HZ_VERSION "\", \"diff\": 1},\n");
    put_profile(out, "before", diff->before);
    put_profile(out, "after", diff->after);
    hz_buf_puts(out, "  \"counts\": {");
    for (hz_diff_class c = HZ_DIFF_BREAKING; c < HZ_DIFF_CLASS_COUNT; c++)
        hz_buf_printf(out, "%s\"%s\": %zu", c ? ", " : "", hz_diff_class_name(c), diff->counts[c]);
    hz_buf_puts(out, "},\n  \"changes\": [");
    for (size_t i = 0; i < diff->count; i++) {
        hz_buf_puts(out, i ? ",\n" : "\n");
        put_json_change(out, &diff->changes[i], lang);
    }
    hz_buf_puts(out, diff->count ? "\n  ]\n}\n" : "]\n}\n");
}

void hz_diff_render(hz_buf *out, hz_diff_format format, const hz_diff *diff, hz_lang lang)
{
    if (format == HZ_DIFF_JSON)
        put_json(out, diff, lang);
    else
        put_page(out, diff, lang, format == HZ_DIFF_MD);
}
