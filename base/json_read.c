/* json_read.c: a reader that keeps no tree, and a tree made with it. The reader's state is one bit a level (array or
 * object) and what may come next, so that depth costs nothing and nothing recurses. */
#include "base/json_read.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/diag.h"
#include "base/utf8.h"

_Static_assert(HZ_JR_DEPTH_WORDS * 64 >= 256, "a bit for every level up to the ceiling of json_depth");

/* ---- errors ---- */

void hz_json_error_at(hz_error *err, hz_slice path, hz_slice bytes, size_t offset)
{
    hz_text text = {.path = path, .bytes = bytes};
    hz_position at = hz_text_position(&text, (uint32_t)offset);
    hz_error_at(err, path, at.line, at.column);
    hz_error_at_byte(err, offset);
}

static hz_status wrong(const hz_jr *reader, size_t offset, hz_msg_id message, hz_error *err)
{
    hz_status st = hz_error_set(err, HZ_E_SOURCE, &(hz_arg){.kind = HZ_ARG_MESSAGE, .message = message}, 1);
    hz_json_error_at(err, reader->path, reader->bytes, offset);
    return st;
}

static hz_status limited(const hz_jr *reader, hz_status st, size_t offset, hz_error *err)
{
    if (st != HZ_OK)
        hz_json_error_at(err, reader->path, reader->bytes, offset);
    return st;
}

/* ---- characters ---- */

void hz_jr_init(hz_jr *reader, hz_slice path, hz_slice bytes, const hz_limits *limits)
{
    *reader = (hz_jr){.path = path,
                      .bytes = bytes,
                      .limits = limits ? limits : hz_limits_default(),
                      .wants_value = true,
                      .scratch = HZ_BUF_INIT};
    if (hz_slice_starts(bytes, HZ_SLICE_LIT("\xEF\xBB\xBF")))
        reader->at = 3;
}

void hz_jr_clear(hz_jr *reader)
{
    hz_buf_clear(&reader->scratch);
}

static int peek(const hz_jr *reader)
{
    return reader->at < reader->bytes.len ? (unsigned char)reader->bytes.ptr[reader->at] : -1;
}

static void pass_blanks(hz_jr *reader)
{
    for (int byte = peek(reader); byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; byte = peek(reader))
        reader->at++;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

/* ---- strings ---- */

static int hex_digit(int byte)
{
    if (is_digit(byte))
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits behind \u; -1 when they are not there. */
static int32_t hex4(hz_jr *reader)
{
    int32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(peek(reader));
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
        reader->at++;
    }
    return unit;
}

/* Behind the backslash and the u, which is at `start`. */
static hz_status read_unicode(hz_jr *reader, size_t start, hz_error *err)
{
    int32_t unit = hex4(reader);
    if (unit < 0)
        return wrong(reader, start, HZ_MSG_JSON_ESCAPE, err);
    if (unit >= 0xD800 && unit < 0xDC00) {
        bool pair = hz_slice_starts(hz_slice_sub(reader->bytes, reader->at, reader->at + 2), HZ_SLICE_LIT("\\u"));
        reader->at += pair ? 2 : 0;
        int32_t low = pair ? hex4(reader) : -1;
        if (low < 0xDC00 || low > 0xDFFF)
            return wrong(reader, start, HZ_MSG_JSON_SURROGATE, err);
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else if (unit >= 0xDC00 && unit <= 0xDFFF) {
        return wrong(reader, start, HZ_MSG_JSON_SURROGATE, err);
    }
    hz_utf8_put(&reader->scratch, (uint32_t)unit);
    return HZ_OK;
}

static hz_status read_escape(hz_jr *reader, hz_error *err)
{
    static const char named[] = "\"\\/bfnrt", stands[] = "\"\\/\b\f\n\r\t";
    size_t start = reader->at++; /* the backslash */
    int byte = peek(reader);
    if (byte == 'u') {
        reader->at++;
        return read_unicode(reader, start, err);
    }
    const char *found = byte > 0 ? strchr(named, byte) : NULL;
    if (!found)
        return wrong(reader, start, HZ_MSG_JSON_ESCAPE, err);
    reader->at++;
    hz_buf_putc(&reader->scratch, stands[found - named]);
    return HZ_OK;
}

/* Up to a quote, an escape or a control character. */
static hz_slice plain_run(hz_jr *reader)
{
    size_t from = reader->at;
    for (int byte = peek(reader); byte >= 0x20 && byte != '"' && byte != '\\'; byte = peek(reader))
        reader->at++;
    return hz_slice_sub(reader->bytes, from, reader->at);
}

static hz_status read_string(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    size_t start = reader->at++;
    token->made = false;
    hz_buf_reset(&reader->scratch);
    for (;;) {
        hz_slice run = plain_run(reader);
        size_t good = hz_utf8_valid_prefix(run);
        if (good < run.len)
            return wrong(reader, (size_t)(run.ptr - reader->bytes.ptr) + good, HZ_MSG_JSON_UTF8, err);
        int byte = peek(reader);
        if (byte < 0)
            return wrong(reader, start, HZ_MSG_JSON_STRING_OPEN, err);
        if (byte < 0x20)
            return wrong(reader, reader->at, HZ_MSG_JSON_CONTROL, err);
        if (token->made || byte == '\\')
            hz_buf_put(&reader->scratch, run);
        else
            token->text = run;
        if (byte == '"')
            break;
        token->made = true;
        HZ_TRY(read_escape(reader, err));
    }
    reader->at++;
    if (token->made)
        token->text = hz_buf_slice(&reader->scratch);
    return hz_buf_status(&reader->scratch, err);
}

/* ---- other values ---- */

static size_t pass_digits(hz_jr *reader)
{
    size_t from = reader->at;
    while (is_digit(peek(reader)))
        reader->at++;
    return reader->at - from;
}

static hz_status read_number(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    size_t start = reader->at;
    reader->at += peek(reader) == '-';
    size_t whole = reader->at;
    bool good = pass_digits(reader) > 0 && (reader->bytes.ptr[whole] != '0' || reader->at == whole + 1);
    if (good && peek(reader) == '.') {
        reader->at++;
        good = pass_digits(reader) > 0;
    }
    if (good && (peek(reader) | 0x20) == 'e') {
        reader->at++;
        reader->at += peek(reader) == '+' || peek(reader) == '-';
        good = pass_digits(reader) > 0;
    }
    if (!good)
        return wrong(reader, start, HZ_MSG_JSON_NUMBER, err);
    *token = (hz_jr_token){HZ_JR_NUMBER, hz_slice_sub(reader->bytes, start, reader->at), false, start};
    return HZ_OK;
}

static hz_status read_word(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    static const struct {
        hz_slice word;
        hz_jr_kind kind;
    } words[] = {{{"null", 4}, HZ_JR_NULL}, {{"false", 5}, HZ_JR_FALSE}, {{"true", 4}, HZ_JR_TRUE}};
    hz_slice rest = hz_slice_sub(reader->bytes, reader->at, reader->bytes.len);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!hz_slice_starts(rest, words[i].word))
            continue;
        token->kind = words[i].kind;
        reader->at += words[i].word.len;
        return HZ_OK;
    }
    return wrong(reader, reader->at, rest.len ? HZ_MSG_JSON_VALUE : HZ_MSG_JSON_ENDS, err);
}

static bool in_object(const hz_jr *reader)
{
    uint32_t top = reader->depth - 1;
    return reader->depth && reader->objects[top / 64] >> top % 64 & 1;
}

static hz_status open_level(hz_jr_token *token, hz_jr *reader, bool object, hz_error *err)
{
    HZ_TRY(
        limited(reader, hz_limit_check(reader->limits, HZ_LIMIT_JSON_DEPTH, reader->depth + 1, err), reader->at, err));
    uint64_t bit = UINT64_C(1) << reader->depth % 64;
    uint64_t *word = &reader->objects[reader->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    reader->depth++;
    reader->at++;
    reader->after_item = false;
    reader->wants_value = false;
    token->kind = object ? HZ_JR_OBJECT : HZ_JR_ARRAY;
    return HZ_OK;
}

static hz_status read_value(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    int byte = peek(reader);
    if (byte == '{' || byte == '[')
        return open_level(token, reader, byte == '{', err);
    reader->wants_value = false;
    reader->after_item = true;
    if (byte == '"') {
        token->kind = HZ_JR_STRING;
        return read_string(token, reader, err);
    }
    return byte == '-' || is_digit(byte) ? read_number(token, reader, err) : read_word(token, reader, err);
}

static hz_status read_name(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    if (peek(reader) != '"')
        return wrong(reader, reader->at, peek(reader) < 0 ? HZ_MSG_JSON_ENDS : HZ_MSG_JSON_NAME, err);
    token->kind = HZ_JR_NAME;
    HZ_TRY(read_string(token, reader, err));
    pass_blanks(reader);
    if (peek(reader) != ':')
        return wrong(reader, reader->at, peek(reader) < 0 ? HZ_MSG_JSON_ENDS : HZ_MSG_JSON_COLON, err);
    reader->at++;
    reader->wants_value = true;
    return HZ_OK;
}

/* At the end of the text, or of an item inside of something. */
static hz_status between(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    int byte = peek(reader);
    bool object = in_object(reader);
    if (!reader->depth) {
        token->kind = HZ_JR_DONE;
        return byte < 0 ? HZ_OK : wrong(reader, reader->at, HZ_MSG_JSON_MORE, err);
    }
    if (byte == (object ? '}' : ']')) {
        reader->at++;
        reader->depth--;
        reader->after_item = true;
        token->kind = HZ_JR_END;
        return HZ_OK;
    }
    if (reader->after_item) {
        if (byte != ',')
            return wrong(reader, reader->at, byte < 0 ? HZ_MSG_JSON_ENDS : HZ_MSG_JSON_COMMA, err);
        reader->at++;
        pass_blanks(reader);
        token->offset = reader->at;
    }
    return object ? read_name(token, reader, err) : read_value(token, reader, err);
}

hz_status hz_jr_next(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    pass_blanks(reader);
    *token = (hz_jr_token){HZ_JR_NULL, HZ_SLICE_NONE, false, reader->at};
    return reader->wants_value ? read_value(token, reader, err) : between(token, reader, err);
}

/* ---- trees ---- */

typedef struct builder {
    hz_jr reader;
    hz_arena *arena;
    uint64_t nodes;
    struct open {
        hz_jvalue *value;
        hz_jvalue **tail;
    } * open; /* one a level, bounded by json_depth */
    uint32_t depth;
    const hz_jvalue **names; /* scratch of the check for names that stand twice */
    size_t names_capacity;
} builder;

static int by_name(const void *a, const void *b)
{
    const hz_jvalue *x = *(const hz_jvalue *const *)a, *y = *(const hz_jvalue *const *)b;
    int order = hz_slice_cmp(x->name, y->name);
    return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

static hz_status names_once(builder *b, const hz_jvalue *object, hz_error *err)
{
    size_t count = 0;
    if (!HZ_GROW(b->names, b->names_capacity, object->count + 1))
        return hz_nomem(err, object->count * sizeof *b->names);
    for (const hz_jvalue *member = object->first; member; member = member->next)
        b->names[count++] = member;
    qsort(b->names, count, sizeof *b->names, by_name);
    for (size_t i = 1; i < count; i++) {
        if (!hz_slice_eq(b->names[i - 1]->name, b->names[i]->name))
            continue;
        hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(JSON_TWICE), HZ_S(b->names[i]->name));
        hz_json_error_at(err, b->reader.path, b->reader.bytes, b->names[i]->offset);
        return st;
    }
    return HZ_OK;
}

static hz_status keep_text(hz_slice *out, builder *b, const hz_jr_token *token, hz_error *err)
{
    *out = token->text;
    if (token->made && hz_arena_copy(out, b->arena, token->text) != HZ_OK)
        return hz_nomem(err, token->text.len);
    return HZ_OK;
}

static hz_status add_value(builder *b, const hz_jr_token *token, hz_slice name, hz_error *err)
{
    HZ_TRY(limited(&b->reader, hz_limit_check(b->reader.limits, HZ_LIMIT_JSON_NODES, ++b->nodes, err), token->offset,
                   err));
    hz_jvalue *value = HZ_ARENA_NEW(b->arena, hz_jvalue);
    if (!value)
        return hz_nomem(err, sizeof *value);
    value->kind = token->kind;
    value->offset = (uint32_t)token->offset;
    value->name = name;
    HZ_TRY(keep_text(&value->text, b, token, err));
    struct open *top = &b->open[b->depth];
    *top->tail = value;
    top->tail = &value->next;
    top->value->count++;
    if (token->kind == HZ_JR_ARRAY || token->kind == HZ_JR_OBJECT)
        b->open[++b->depth] = (struct open){value, &value->first};
    return HZ_OK;
}

static hz_status build(hz_jvalue *root, builder *b, hz_error *err)
{
    hz_slice name = HZ_SLICE_NONE;
    b->open[0] = (struct open){root, &root->first};
    for (;;) {
        hz_jr_token token;
        HZ_TRY(hz_jr_next(&token, &b->reader, err));
        if (token.kind == HZ_JR_DONE)
            return HZ_OK;
        if (token.kind == HZ_JR_NAME) {
            HZ_TRY(keep_text(&name, b, &token, err));
        } else if (token.kind == HZ_JR_END) {
            const hz_jvalue *closed = b->open[b->depth--].value;
            if (closed->kind == HZ_JR_OBJECT && closed->count > 1)
                HZ_TRY(names_once(b, closed, err));
        } else {
            HZ_TRY(add_value(b, &token, name, err));
            name = HZ_SLICE_NONE;
        }
    }
}

hz_status hz_json_parse(hz_jvalue **out, hz_arena *arena, hz_slice path, hz_slice bytes, const hz_limits *limits,
                        hz_error *err)
{
    hz_jvalue root = {0};
    builder b = {.arena = arena};
    *out = NULL;
    if (bytes.len > UINT32_MAX)
        return hz_limit_check(NULL, HZ_LIMIT_RESULT_BYTES, bytes.len, err);
    hz_jr_init(&b.reader, path, bytes, limits);
    size_t levels = (size_t)b.reader.limits->value[HZ_LIMIT_JSON_DEPTH] + 2;
    b.open = hz_mem_zalloc(levels, sizeof *b.open);
    hz_status st = b.open ? build(&root, &b, err) : hz_nomem(err, levels * sizeof *b.open);
    hz_jr_clear(&b.reader);
    hz_mem_free(b.open);
    hz_mem_free((void *)b.names);
    if (st == HZ_OK)
        *out = root.first;
    return st;
}

hz_jvalue *hz_jget_slice(const hz_jvalue *object, hz_slice name)
{
    if (!hz_jis(object, HZ_JR_OBJECT))
        return NULL;
    for (hz_jvalue *member = object->first; member; member = member->next)
        if (hz_slice_eq(member->name, name))
            return member;
    return NULL;
}

hz_jvalue *hz_jget(const hz_jvalue *object, const char *name)
{
    return hz_jget_slice(object, hz_slice_of(name));
}

hz_slice hz_jtext(const hz_jvalue *value)
{
    return hz_jis(value, HZ_JR_STRING) ? value->text : HZ_SLICE_NONE;
}

bool hz_ju64(uint64_t *out, const hz_jvalue *value)
{
    uint64_t n = 0;
    if (!hz_jis(value, HZ_JR_NUMBER))
        return false;
    for (size_t i = 0; i < value->text.len; i++) {
        if (!is_digit(value->text.ptr[i]) || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(value->text.ptr[i] - '0'), &n))
            return false;
    }
    *out = n;
    return true;
}
