#include "base/sha256.h"
#include "base/utf8.h"
#include "reports/html_int.h"

static void carry(hz_pack *pack, const hz_buf *buf)
{
    if (buf->status != HZ_OK && pack->out->status == HZ_OK)
        pack->out->status = buf->status;
}

static void begin(hz_pack *pack)
{
    if (pack->comma)
        hz_buf_putc(pack->out, ',');
    pack->comma = true;
}

void hz_pack_clear(hz_pack *pack)
{
    hz_buf_clear(&pack->safe);
    hz_buf_clear(&pack->json);
}

void hz_pack_open(hz_pack *pack, char bracket)
{
    begin(pack);
    hz_buf_putc(pack->out, bracket);
    pack->comma = false;
}

void hz_pack_close(hz_pack *pack, char bracket)
{
    hz_buf_putc(pack->out, bracket);
    pack->comma = true;
}

void hz_pack_key(hz_pack *pack, const char *key)
{
    begin(pack);
    hz_buf_putc(pack->out, '"');
    hz_buf_puts(pack->out, key);
    hz_buf_puts(pack->out, "\":");
    pack->comma = false;
}

void hz_pack_null(hz_pack *pack)
{
    begin(pack);
    hz_buf_puts(pack->out, "null");
}

void hz_pack_bool(hz_pack *pack, bool value)
{
    begin(pack);
    hz_buf_puts(pack->out, value ? "true" : "false");
}

void hz_pack_u64(hz_pack *pack, uint64_t value)
{
    begin(pack);
    hz_buf_put_u64(pack->out, value);
}

void hz_pack_decimal(hz_pack *pack, hz_decimal value)
{
    begin(pack);
    hz_decimal_put(pack->out, hz_decimal_normal(value));
}

/* ---- texts ---- */

void hz_html_safe(hz_buf *out, hz_slice text)
{
    if (text.len <= HZ_HTML_TEXT_BYTES) {
        hz_utf8_put_safe(out, text);
        return;
    }
    size_t cut = HZ_HTML_TEXT_BYTES;
    while (cut > HZ_HTML_TEXT_BYTES - 4 && ((unsigned char)text.ptr[cut] & 0xC0) == 0x80)
        cut--;
    hz_utf8_put_safe(out, hz_slice_sub(text, 0, cut));
    hz_buf_puts(out, "…");
}

/* A `<` stands in strings only, where it may be escaped. */
void hz_pack_safe(hz_pack *pack, hz_slice text)
{
    begin(pack);
    if (!text.len || !memchr(text.ptr, '<', text.len)) {
        hz_put_json(pack->out, text);
        return;
    }
    hz_buf_reset(&pack->json);
    hz_put_json(&pack->json, text);
    carry(pack, &pack->json);
    hz_slice json = hz_buf_slice(&pack->json);
    for (size_t at = 0, from = 0; at <= json.len; at++) {
        if (at < json.len && json.ptr[at] != '<')
            continue;
        hz_buf_put(pack->out, hz_slice_sub(json, from, at));
        if (at < json.len)
            hz_buf_puts(pack->out, "\\u003c");
        from = at + 1;
    }
}

void hz_pack_text(hz_pack *pack, hz_slice text)
{
    hz_buf_reset(&pack->safe);
    hz_html_safe(&pack->safe, text);
    carry(pack, &pack->safe);
    hz_pack_safe(pack, hz_buf_slice(&pack->safe));
}

void hz_pack_prose(hz_pack *pack, hz_slice text)
{
    hz_buf_reset(&pack->safe);
    while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == ' '))
        text.len--;
    for (size_t at = 0, from = 0; at <= text.len; at++) {
        if (at < text.len && text.ptr[at] != '\n')
            continue;
        hz_html_safe(&pack->safe, hz_slice_sub(text, from, at));
        if (at < text.len)
            hz_buf_putc(&pack->safe, '\n');
        from = at + 1;
    }
    carry(pack, &pack->safe);
    hz_pack_safe(pack, hz_buf_slice(&pack->safe));
}

void hz_pack_text2(hz_pack *pack, hz_text2 text)
{
    hz_pack_open(pack, '[');
    hz_pack_prose(pack, text.zh);
    hz_pack_prose(pack, text.en);
    hz_pack_close(pack, ']');
}

void hz_pack_hex(hz_pack *pack, const uint8_t bytes[32])
{
    char hex[65];
    hz_hex(hex, bytes, 32);
    hz_pack_safe(pack, hz_slice_of(hex));
}

void hz_html_escape(hz_buf *out, hz_slice text)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_html_safe(&safe, text);
    if (safe.status != HZ_OK && out->status == HZ_OK)
        out->status = safe.status;
    for (size_t at = 0; at < safe.len; at++) {
        switch (safe.ptr[at]) {
        case '<':
            hz_buf_puts(out, "&lt;");
            break;
        case '>':
            hz_buf_puts(out, "&gt;");
            break;
        case '&':
            hz_buf_puts(out, "&amp;");
            break;
        case '"':
            hz_buf_puts(out, "&quot;");
            break;
        case '\'':
            hz_buf_puts(out, "&#39;");
            break;
        default:
            hz_buf_putc(out, safe.ptr[at]);
        }
    }
    hz_buf_clear(&safe);
}
