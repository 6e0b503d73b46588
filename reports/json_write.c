#include "base/sha256.h"
#include "base/utf8.h"
#include "reports/json_int.h"

static void escape(hz_buf *out, uint32_t c)
{
    switch (c) {
    case '"':
        hz_buf_puts(out, "\\\"");
        return;
    case '\\':
        hz_buf_puts(out, "\\\\");
        return;
    case '\n':
        hz_buf_puts(out, "\\n");
        return;
    case '\r':
        hz_buf_puts(out, "\\r");
        return;
    case '\t':
        hz_buf_puts(out, "\\t");
        return;
    default:
        break;
    }
    if (c >= 0x10000) {
        hz_buf_printf(out, "\\u%04x", (unsigned)(0xD800 + ((c - 0x10000) >> 10)));
        c = 0xDC00 + ((c - 0x10000) & 0x3FF);
    }
    hz_buf_printf(out, "\\u%04x", (unsigned)c);
}

/* What must not reach a terminal is escaped too: reports are looked at with `cat`. */
static bool is_escaped(uint32_t c)
{
    return c < 0x20 || c == '"' || c == '\\' || hz_utf8_unsafe_on_terminal(c);
}

void hz_put_json(hz_buf *out, hz_slice text)
{
    size_t plain = 0;
    hz_buf_putc(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        if (text.ptr[at] >= 0x20 && text.ptr[at] < 0x7F && text.ptr[at] != '"' && text.ptr[at] != '\\') {
            at++;
            continue;
        }
        uint32_t c = hz_utf8_next(text, &at);
        bool bad = c == 0xFFFD && at - from == 1;
        if (!bad && !is_escaped(c))
            continue;
        hz_buf_put(out, hz_slice_sub(text, plain, from));
        plain = at;
        if (bad)
            hz_utf8_put(out, c);
        else
            escape(out, c);
    }
    hz_buf_put(out, hz_slice_sub(text, plain, text.len));
    hz_buf_putc(out, '"');
}

/* ---- layout ---- */

static void new_line(hz_json *json)
{
    hz_buf_putc(json->out, '\n');
    for (unsigned i = 0; i < json->depth; i++)
        if (json->open[i].lines)
            hz_buf_puts(json->out, "  ");
}

/* What stands before the next item of the innermost container, or before a key. */
static void begin(hz_json *json)
{
    if (json->key) {
        json->key = false;
        return;
    }
    if (!json->depth)
        return;
    unsigned top = json->depth - 1;
    if (json->open[top].any)
        hz_buf_puts(json->out, json->open[top].lines ? "," : ", ");
    json->open[top].any = true;
    if (json->open[top].lines)
        new_line(json);
}

static void open(hz_json *json, bool lines, char bracket, char close)
{
    begin(json);
    hz_buf_putc(json->out, bracket);
    HZ_ASSERT(json->depth < HZ_JSON_DEPTH);
    json->open[json->depth].lines = lines;
    json->open[json->depth].any = false;
    json->open[json->depth++].close = close;
}

void hz_json_object(hz_json *json, bool lines)
{
    open(json, lines, '{', '}');
}

void hz_json_array(hz_json *json, bool lines)
{
    open(json, lines, '[', ']');
}

void hz_json_end(hz_json *json)
{
    HZ_ASSERT(json->depth > 0);
    unsigned top = --json->depth;
    if (json->open[top].lines && json->open[top].any)
        new_line(json);
    hz_buf_putc(json->out, json->open[top].close);
}

/* ---- values ---- */

void hz_json_key_slice(hz_json *json, hz_slice key)
{
    begin(json);
    hz_put_json(json->out, key);
    hz_buf_puts(json->out, ": ");
    json->key = true;
}

void hz_json_key(hz_json *json, const char *key)
{
    hz_json_key_slice(json, hz_slice_of(key));
}

void hz_json_null(hz_json *json)
{
    begin(json);
    hz_buf_puts(json->out, "null");
}

void hz_json_bool(hz_json *json, bool value)
{
    begin(json);
    hz_buf_puts(json->out, value ? "true" : "false");
}

void hz_json_u64(hz_json *json, uint64_t value)
{
    begin(json);
    hz_buf_put_u64(json->out, value);
}

void hz_json_decimal(hz_json *json, hz_decimal value)
{
    begin(json);
    hz_decimal_put(json->out, hz_decimal_normal(value));
}

void hz_json_text(hz_json *json, hz_slice text)
{
    begin(json);
    hz_put_json(json->out, text);
}

void hz_json_texts(hz_json *json, const char *text)
{
    hz_json_text(json, hz_slice_of(text));
}

void hz_json_text_or_null(hz_json *json, hz_slice text)
{
    if (text.len)
        hz_json_text(json, text);
    else
        hz_json_null(json);
}

void hz_json_text2(hz_json *json, hz_text2 text)
{
    if (!text.zh.len && !text.en.len) {
        hz_json_null(json);
        return;
    }
    hz_json_object(json, false);
    if (text.zh.len) {
        hz_json_key(json, "zh");
        hz_json_text(json, text.zh);
    }
    if (text.en.len) {
        hz_json_key(json, "en");
        hz_json_text(json, text.en);
    }
    hz_json_end(json);
}

void hz_json_hex(hz_json *json, const uint8_t *bytes, size_t count)
{
    char hex[65];
    HZ_ASSERT(count <= 32);
    hz_hex(hex, bytes, count);
    hz_json_texts(json, hex);
}
