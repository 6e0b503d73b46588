/* lint_show.c: what there is to say about profiles: as text with source lines and carets, as JSON, and as SARIF 2.1.0
 * for those who review profiles in a forge. Columns count characters. */
#include "base/utf8.h"
#include "validator/tasks/lint_int.h"

/* ---- text ---- */

/* The code stands at the end of the message's line. */
static void put_diag(hz_buf *out, const hz_diag *diag, hz_lang lang)
{
    const hz_lint_kind *kind = hz_lint_kind_of(diag->message);
    hz_buf text = HZ_BUF_INIT;
    hz_diag_render(&text, diag, lang);
    hz_slice all = hz_buf_slice(&text);
    const char *end = all.len ? memchr(all.ptr, '\n', all.len) : NULL;
    size_t first = end ? (size_t)(end - all.ptr) : all.len;
    hz_buf_put(out, hz_slice_sub(all, 0, first));
    if (kind)
        hz_buf_printf(out, " [%s]", kind->code_text);
    hz_buf_put(out, hz_slice_sub(all, first, all.len));
    if (text.status != HZ_OK && out->status == HZ_OK)
        out->status = text.status;
    hz_buf_clear(&text);
}

static void put_counted(hz_buf *out, hz_msg_id message, hz_slice name, const size_t *numbers, hz_lang lang)
{
    hz_buf texts[3] = {HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT}, line = HZ_BUF_INIT;
    hz_slice args[4] = {name};
    for (size_t i = 0; i < 3; i++) {
        hz_buf_put_u64(&texts[i], numbers[i]);
        args[i + 1] = hz_buf_slice(&texts[i]);
    }
    hz_msg_render(&line, message, args, 4, lang);
    hz_utf8_put_safe(out, hz_buf_slice(&line));
    hz_buf_putc(out, '\n');
    hz_buf_clear(&line);
    for (size_t i = 0; i < 3; i++)
        hz_buf_clear(&texts[i]);
}

static void put_text(hz_buf *out, const hz_lint *lint, hz_lang lang, bool quiet)
{
    for (size_t i = 0; i < lint->diags.count; i++)
        if (!quiet || lint->diags.items[i].level == HZ_DIAG_ERROR)
            put_diag(out, &lint->diags.items[i], lang);
    if (quiet)
        return;
    hz_lint_deep_text(out, lint, lang);
    if (lint->profile && lint->profile->rules_count)
        put_counted(out, HZ_MSG_LINT_COSTS, lint->path, lint->costs_count, lang);
    if (lint->answered)
        put_counted(out, HZ_MSG_LINT_ANSWERED, lint->path, (const size_t[]){lint->answered, 0, 0}, lang);
    put_counted(out, lint->diags.count ? HZ_MSG_CLI_LINT_COUNTS : HZ_MSG_CLI_LINT_GOOD, lint->path, lint->counts, lang);
}

/* ---- JSON ---- */

void hz_lint_put_string(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c = hz_utf8_next(text, &at);
        if (c == '"' || c == '\\')
            hz_buf_printf(out, "\\%c", (char)c);
        else if (c < 0x20 || c == 0x7f)
            hz_buf_printf(out, "\\u%04x", (unsigned)c);
        else if (at == from + 1 && c > 0x7f)
            hz_buf_puts(out, "\\ufffd"); /* a bad byte */
        else
            hz_buf_put(out, hz_slice_sub(text, from, at));
    }
    hz_buf_putc(out, '"');
}

static void put_member(hz_buf *out, const char *key, hz_slice text)
{
    hz_buf_printf(out, "\"%s\": ", key);
    hz_lint_put_string(out, text);
}

static void put_rendered(hz_buf *out, const char *key, const hz_diag *diag, hz_msg_id message, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, message, diag->args, diag->args_count, lang);
    put_member(out, key, hz_buf_slice(&text));
    hz_buf_clear(&text);
}

static bool is_placed(const hz_diag *diag)
{
    return diag->span.text && diag->span.offset != HZ_SPAN_WHOLE;
}

/* The position behind the last byte of the span. */
static hz_position end_of(const hz_diag *diag)
{
    return hz_text_position(diag->span.text, diag->span.offset + (diag->span.len ? diag->span.len : 1));
}

static hz_slice path_of(const hz_lint *lint, const hz_diag *diag)
{
    return diag->span.text ? diag->span.text->path : lint->path;
}

static const char *level_name(hz_diag_level level)
{
    static const char *const names[] = {"error", "warning", "hint"};
    return names[level];
}

static void put_item(hz_buf *out, const hz_lint *lint, const hz_diag *diag, hz_lang lang)
{
    const hz_lint_kind *kind = hz_lint_kind_of(diag->message);
    hz_buf_puts(out, "        {");
    put_member(out, "code", hz_slice_of(kind ? kind->code_text : hz_msg_name(diag->message)));
    hz_buf_puts(out, ", ");
    put_member(out, "name", hz_slice_of(kind ? kind->name : "load"));
    hz_buf_puts(out, ", ");
    put_member(out, "level", hz_slice_of(level_name(diag->level)));
    hz_buf_puts(out, ", ");
    put_member(out, "path", path_of(lint, diag));
    if (is_placed(diag)) {
        hz_position from = hz_text_position(diag->span.text, diag->span.offset), to = end_of(diag);
        hz_buf_printf(out, ", \"line\": %llu, \"column\": %llu, \"end_line\": %llu, \"end_column\": %llu",
                      (unsigned long long)from.line, (unsigned long long)from.column, (unsigned long long)to.line,
                      (unsigned long long)to.column);
    }
    hz_buf_puts(out, ", ");
    put_rendered(out, "message", diag, diag->message, lang);
    if (diag->hint != HZ_MSG_NONE) {
        hz_buf_puts(out, ", ");
        put_rendered(out, "hint", diag, diag->hint, lang);
    }
    hz_buf_putc(out, '}');
}

static void put_profile(hz_buf *out, const hz_lint *lint, hz_lang lang)
{
    hz_buf_puts(out, "    {\n      ");
    put_member(out, "path", lint->path);
    hz_buf_puts(out, ",\n      ");
    put_member(out, "profile", lint->profile ? lint->profile->id : HZ_SLICE_NONE);
    hz_buf_printf(
        out, ",\n      \"errors\": %zu, \"warnings\": %zu, \"hints\": %zu, \"answered\": %zu,\n      \"items\": [",
        lint->counts[HZ_DIAG_ERROR], lint->counts[HZ_DIAG_WARNING], lint->counts[HZ_DIAG_HINT], lint->answered);
    for (size_t i = 0; i < lint->diags.count; i++) {
        hz_buf_puts(out, i ? ",\n" : "\n");
        put_item(out, lint, &lint->diags.items[i], lang);
    }
    hz_buf_puts(out, lint->diags.count ? "\n      ],\n      \"costs\": {" : "],\n      \"costs\": {");
    for (size_t i = 0; lint->profile && i < lint->profile->rules_count; i++) {
        hz_buf_puts(out, i ? ", " : "");
        hz_lint_put_string(out, lint->profile->rules[i].id);
        hz_buf_printf(out, ": \"%s\"", hz_cost_name(lint->costs[i]));
    }
    hz_buf_putc(out, '}');
    hz_lint_deep_json(out, lint, lang);
    hz_buf_puts(out, "\n    }");
}

static void put_json(hz_buf *out, const hz_lint *const *lints, size_t count, hz_lang lang)
{
    hz_buf_puts(out, "{\n  \"hezhun\": {\"version\": \"" HZ_VERSION "\", \"lint\": 1},\n  \"profiles\": [");
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(out, i ? ",\n" : "\n");
        put_profile(out, lints[i], lang);
    }
    hz_buf_puts(out, count ? "\n  ]\n}\n" : "]\n}\n");
}

/* ---- SARIF ---- */

static void put_rules(hz_buf *out, hz_lang lang)
{
    const hz_lint_kind *kind;
    for (size_t i = 0; (kind = hz_lint_kind_at(i)) != NULL; i++) {
        hz_buf_puts(out, i ? ",\n            {" : "\n            {");
        put_member(out, "id", hz_slice_of(kind->code_text));
        hz_buf_puts(out, ", ");
        put_member(out, "name", hz_slice_of(kind->name));
        hz_buf_puts(out, ", \"shortDescription\": {");
        put_member(out, "text", hz_slice_of(lang == HZ_LANG_ZH ? kind->zh : kind->en));
        hz_buf_printf(out, "}, \"defaultConfiguration\": {\"level\": \"%s\"}}",
                      kind->level == HZ_DIAG_HINT ? "note" : level_name(kind->level));
    }
}

/* A path as a URI reference: what is not plain is escaped. */
static void put_uri(hz_buf *out, hz_slice path)
{
    hz_buf_putc(out, '"');
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
        if (plain)
            hz_buf_putc(out, (char)c);
        else
            hz_buf_printf(out, "%%%02X", c);
    }
    hz_buf_putc(out, '"');
}

static void put_result(hz_buf *out, const hz_lint *lint, const hz_diag *diag, hz_lang lang)
{
    const hz_lint_kind *kind = hz_lint_kind_of(diag->message);
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, diag->message, diag->args, diag->args_count, lang);
    if (diag->hint != HZ_MSG_NONE) {
        hz_buf_puts(&text, lang == HZ_LANG_ZH ? "。" : ". ");
        hz_msg_render(&text, diag->hint, diag->args, diag->args_count, lang);
    }
    hz_buf_puts(out, "        {");
    put_member(out, "ruleId", hz_slice_of(kind ? kind->code_text : hz_msg_name(diag->message)));
    hz_buf_printf(out, ", \"level\": \"%s\", \"message\": {",
                  diag->level == HZ_DIAG_HINT ? "note" : level_name(diag->level));
    put_member(out, "text", hz_buf_slice(&text));
    hz_buf_puts(out, "}, \"locations\": [{\"physicalLocation\": {\"artifactLocation\": {\"uri\": ");
    put_uri(out, path_of(lint, diag));
    hz_buf_putc(out, '}');
    if (is_placed(diag)) {
        hz_position from = hz_text_position(diag->span.text, diag->span.offset), to = end_of(diag);
        hz_buf_printf(
            out, ", \"region\": {\"startLine\": %llu, \"startColumn\": %llu, \"endLine\": %llu, \"endColumn\": %llu}",
            (unsigned long long)from.line, (unsigned long long)from.column, (unsigned long long)to.line,
            (unsigned long long)to.column);
    }
    hz_buf_puts(out, "}}]}");
    hz_buf_clear(&text);
}

static void put_sarif(hz_buf *out, const hz_lint *const *lints, size_t count, hz_lang lang)
{
    bool any = false;
    hz_buf_puts(out, "{\n  \"version\": \"2.1.0\",\n"
                     "  \"$schema\": \"https://json.schemastore.org/sarif-2.1.0.json\",\n  \"runs\": [\n    {\n"
                     "      \"tool\": {\n        \"driver\": {\n          \"name\": \"hezhun lint\", "
                     "\"version\": \"" HZ_VERSION "\",\n          \"rules\": [");
    put_rules(out, lang);
    hz_buf_puts(out, "\n          ]\n        }\n      },\n      \"columnKind\": \"unicodeCodePoints\",\n"
                     "      \"results\": [");
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < lints[i]->diags.count; k++) {
            hz_buf_puts(out, any ? ",\n" : "\n");
            put_result(out, lints[i], &lints[i]->diags.items[k], lang);
            any = true;
        }
    hz_buf_puts(out, any ? "\n      ]\n    }\n  ]\n}\n" : "]\n    }\n  ]\n}\n");
}

void hz_lint_render(hz_buf *out, hz_lint_format format, const hz_lint *const *lints, size_t count, hz_lang lang,
                    bool quiet)
{
    if (format == HZ_LINT_JSON)
        put_json(out, lints, count, lang);
    else if (format == HZ_LINT_SARIF)
        put_sarif(out, lints, count, lang);
    else
        for (size_t i = 0; i < count; i++)
            put_text(out, lints[i], lang, quiet);
}
