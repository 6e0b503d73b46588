/* xml_report.c: the canonical report as XML, for systems that read nothing else. Shape: report.xsd, docs/report.md.
 *
 * It is the JSON report written over again, token by token, so that the two cannot disagree: an object becomes elements
 * named by its keys, in their order; an array becomes its items, each an element of its own; what is keyed by names of
 * the data (key, fields, echo) becomes <value name="…">; null becomes xsi:nil="true". The JSON comes from json.c and is
 * trusted to be well-formed: it is asserted, not checked. It comes in pieces, and what is whole lines is written at
 * once: no token of it goes over a line. */
#include "base/utf8.h"
#include "reports/face_int.h"
#include "reports/render_int.h"

enum { DEPTH_MAX = 16 };

/* What an item of an array is called. */
static const struct {
    const char *array, *item;
} items[] = {{"params", "param"},         {"ignored", "file"},
             {"files", "file"},           {"causes", "cause"},
             {"lists", "list"},           {"tables", "table"},
             {"sources", "source"},       {"columns", "column"},
             {"histogram", "bin"},        {"top", "bin"},
             {"verdicts", "verdict"},     {"rules", "rule"},
             {"drafts", "rule"},          {"examples", "finding"},
             {"related", "record"},       {"measures", "measure"},
             {"indicators", "indicator"}, {"regions", "region"},
             {"waivers", "waiver"},       {"parts", "part"},
             {"within", "rule"},          {"exchanged", "rule"},
             {"across", "rule"},          {"items", "item"},
             {"trend", "point"},          {"unknown_columns", "column"}};

/* Objects whose keys are names of the data. */
static const char *const named[] = {"key", "fields", "submitted", "values", "echo", "table_error_rates"};

typedef struct level {
    char close;       /* '}' or ']' */
    char key[40];     /* its own key; "" of an item */
    const char *item; /* of an array */
    bool named, any;
} level;

typedef struct converter {
    hz_buf *out;
    hz_buf window; /* what came and was not written */
    hz_slice json; /* whole lines of it */
    size_t at;
    hz_buf text; /* a string, unescaped */
    level open[DEPTH_MAX];
    unsigned depth;
} converter;

/* ---- reading ---- */

static char peek(const converter *c)
{
    return c->at < c->json.len ? c->json.ptr[c->at] : '\0';
}

static void skip_blanks(converter *c)
{
    while (peek(c) == ' ' || peek(c) == '\n' || peek(c) == ',' || peek(c) == ':')
        c->at++;
}

static uint32_t read_hex(converter *c)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++, c->at++) {
        char digit = peek(c);
        uint32_t low = (uint32_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        value = value * 16 + low;
    }
    return value;
}

static void read_escape(converter *c)
{
    char kind = c->json.ptr[c->at++];
    uint32_t code;
    switch (kind) {
    case 'n':
        hz_buf_putc(&c->text, '\n');
        return;
    case 'r':
        hz_buf_putc(&c->text, '\r');
        return;
    case 't':
        hz_buf_putc(&c->text, '\t');
        return;
    case 'u':
        code = read_hex(c);
        if (code >= 0xD800 && code < 0xDC00 && peek(c) == '\\') {
            c->at += 2;
            code = 0x10000 + ((code - 0xD800) << 10) + (read_hex(c) - 0xDC00);
        }
        hz_utf8_put(&c->text, code);
        return;
    default:
        hz_buf_putc(&c->text, kind);
    }
}

/* At the opening quote; past the closing one. */
static hz_slice read_string(converter *c)
{
    hz_buf_reset(&c->text);
    c->at++;
    while (peek(c) != '"') {
        size_t from = c->at;
        while (peek(c) != '"' && peek(c) != '\\')
            c->at++;
        hz_buf_put(&c->text, hz_slice_sub(c->json, from, c->at));
        if (peek(c) == '\\') {
            c->at++;
            read_escape(c);
        }
    }
    c->at++;
    if (c->text.status != HZ_OK && c->out->status == HZ_OK)
        c->out->status = c->text.status;
    return hz_buf_slice(&c->text);
}

static hz_slice read_word(converter *c)
{
    size_t from = c->at;
    while (peek(c) && !strchr(" ,\n}]", peek(c)))
        c->at++;
    return hz_slice_sub(c->json, from, c->at);
}

/* ---- writing ---- */

static void new_line(converter *c)
{
    hz_buf_putc(c->out, '\n');
    for (unsigned i = 0; i < c->depth; i++)
        hz_buf_puts(c->out, "  ");
}

static const char *item_of(hz_slice array)
{
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        if (hz_slice_is(array, items[i].array))
            return items[i].item;
    return "item";
}

static bool is_named(hz_slice object)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (hz_slice_is(object, named[i]))
            return true;
    return false;
}

/* The element's name: borrowed from the JSON, where fixed keys hold no escapes, or static. */
typedef struct element {
    hz_slice name;
    hz_slice key; /* of the JSON, for what lies inside */
} element;

static element begin(converter *c)
{
    level *top = c->depth ? &c->open[c->depth - 1] : NULL;
    element out = {HZ_SLICE_LIT("report"), HZ_SLICE_NONE};
    if (!top) {
        hz_buf_puts(c->out, "<report xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"");
        return out;
    }
    top->any = true;
    new_line(c);
    hz_buf_putc(c->out, '<');
    if (top->close == ']') {
        out.name = hz_slice_of(top->item);
        hz_buf_put(c->out, out.name);
        return out;
    }
    size_t from = c->at + 1;
    hz_slice key = read_string(c);
    if (top->named) {
        out.name = HZ_SLICE_LIT("value");
        hz_buf_put(c->out, out.name);
        hz_put_xml_attribute(c->out, "name", key);
    } else {
        out.name = out.key = hz_slice_sub(c->json, from, c->at - 1);
        hz_buf_put(c->out, out.name);
    }
    skip_blanks(c);
    return out;
}

static void end(converter *c, hz_slice name)
{
    hz_buf_puts(c->out, "</");
    hz_buf_put(c->out, name);
    hz_buf_putc(c->out, '>');
}

static void put_value(converter *c, element *one)
{
    hz_slice text;
    if (peek(c) == '"') {
        text = read_string(c);
    } else {
        text = read_word(c);
        if (hz_slice_is(text, "null")) {
            hz_buf_puts(c->out, " xsi:nil=\"true\"/>");
            return;
        }
    }
    hz_buf_putc(c->out, '>');
    hz_put_xml(c->out, text, false);
    end(c, one->name);
}

/* The names of open elements are found again from their level: the key of an object, the item of an array. */
static hz_slice name_of(const converter *c, unsigned depth)
{
    if (depth == 0)
        return HZ_SLICE_LIT("report");
    const level *parent = &c->open[depth - 1];
    if (parent->close == ']')
        return hz_slice_of(parent->item);
    return parent->named ? HZ_SLICE_LIT("value") : hz_slice_of(c->open[depth].key);
}

static void convert(converter *c)
{
    for (skip_blanks(c); c->at < c->json.len && c->out->status == HZ_OK; skip_blanks(c)) {
        if (c->depth && peek(c) == c->open[c->depth - 1].close) {
            c->at++;
            c->depth--;
            if (c->open[c->depth].any)
                new_line(c);
            end(c, name_of(c, c->depth));
            continue;
        }
        element one = begin(c);
        if (peek(c) != '{' && peek(c) != '[') {
            put_value(c, &one);
            continue;
        }
        HZ_ASSERT(c->depth < DEPTH_MAX);
        hz_buf_putc(c->out, '>');
        bool object = c->json.ptr[c->at++] == '{';
        level *open = &c->open[c->depth++];
        *open = (level){.close = object ? '}' : ']',
                        .item = object ? NULL : item_of(one.key),
                        .named = object && is_named(one.key)};
        HZ_ASSERT(one.key.len < sizeof open->key);
        if (one.key.len)
            memcpy(open->key, one.key.ptr, one.key.len);
    }
}

/* More of the JSON: as many whole lines as there are. */
static hz_status take(void *ctx, hz_slice bytes, hz_error *err)
{
    converter *c = ctx;
    hz_buf_put(&c->window, bytes);
    HZ_TRY(hz_buf_status(&c->window, err));
    size_t end = c->window.len;
    while (end && c->window.ptr[end - 1] != '\n')
        end--;
    c->json = (hz_slice){c->window.ptr, end};
    c->at = 0;
    convert(c);
    memmove(c->window.ptr, c->window.ptr + end, c->window.len - end + 1);
    c->window.len -= end;
    return hz_buf_status(c->out, err);
}

hz_status hz_render_xml(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    converter c = {.out = out, .window = HZ_BUF_INIT, .text = HZ_BUF_INIT};
    hz_buf_sink sink = {take, &c, err};
    hz_buf json = HZ_BUF_INIT;
    json.sink = &sink;
    hz_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    hz_status st = hz_render_json(&json, result, options, err);
    if (st == HZ_OK) {
        hz_buf_drain(&json);
        st = hz_buf_status(&json, err);
    }
    hz_buf_putc(out, '\n');
    hz_buf_clear(&json);
    hz_buf_clear(&c.window);
    hz_buf_clear(&c.text);
    return st == HZ_OK ? hz_buf_status(out, err) : st;
}
