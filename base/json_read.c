/* json_read.c: a reader that keeps no tree, and a tree made with it. The reader's state is one bit a level (array or
 * object) and what may come next, so that depth costs nothing and nothing recurses. */
#include "base/json_read.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/diag.h"
#include "base/json_lex.h"
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
    while (hz_lex_is_blank(peek(reader)))
        reader->at++;
}

static bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

/* ---- words ---- */

static size_t offset_of(const hz_jr *reader, const char *p)
{
    return (size_t)(p - reader->bytes.ptr);
}

/* What the word that begins at `start` is not; p: where it goes wrong. */
static hz_status wrong_word(const hz_jr *reader, hz_lex lex, size_t start, const char *p, hz_error *err)
{
    static const hz_msg_id messages[] = {
        [HZ_LEX_ENDS] = HZ_MSG_JSON_STRING_OPEN, [HZ_LEX_CONTROL] = HZ_MSG_JSON_CONTROL,
        [HZ_LEX_ESCAPE] = HZ_MSG_JSON_ESCAPE,    [HZ_LEX_SURROGATE] = HZ_MSG_JSON_SURROGATE,
        [HZ_LEX_NUMBER] = HZ_MSG_JSON_NUMBER,    [HZ_LEX_WORD] = HZ_MSG_JSON_VALUE};
    bool inside = lex == HZ_LEX_CONTROL || lex == HZ_LEX_ESCAPE || lex == HZ_LEX_SURROGATE;
    return wrong(reader, inside ? offset_of(reader, p) : start, messages[lex], err);
}

static hz_status resolve(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    const char *at = NULL;
    size_t len;
    hz_buf_reset(&reader->scratch);
    char *to = hz_buf_reserve(&reader->scratch, token->text.len);
    if (!to)
        return hz_buf_status(&reader->scratch, err);
    hz_lex lex = hz_lex_unescape(&len, to, token->text, &at);
    if (lex != HZ_LEX_OK)
        return wrong_word(reader, lex, 0, at, err);
    reader->scratch.len += len;
    token->text = hz_buf_slice(&reader->scratch);
    token->made = true;
    return HZ_OK;
}

static hz_status read_string(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    size_t start = reader->at++;
    const char *p = reader->bytes.ptr + reader->at;
    bool escaped;
    hz_lex lex = hz_lex_string(&token->text, &escaped, &p, reader->bytes.ptr + reader->bytes.len);
    hz_slice seen = hz_slice_sub(reader->bytes, reader->at, offset_of(reader, p));
    size_t good = hz_utf8_valid_prefix(seen);
    if (good < seen.len)
        return wrong(reader, reader->at + good, HZ_MSG_JSON_UTF8, err);
    if (lex != HZ_LEX_OK)
        return wrong_word(reader, lex, start, p, err);
    reader->at = offset_of(reader, p);
    return escaped ? resolve(token, reader, err) : HZ_OK;
}

static hz_status read_number(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    size_t start = reader->at;
    const char *p = reader->bytes.ptr + start;
    hz_lex lex = hz_lex_number(&token->text, &p, reader->bytes.ptr + reader->bytes.len);
    if (lex != HZ_LEX_OK)
        return wrong_word(reader, HZ_LEX_NUMBER, start, p, err);
    token->kind = HZ_JR_NUMBER;
    reader->at = offset_of(reader, p);
    return HZ_OK;
}

static hz_status read_word(hz_jr_token *token, hz_jr *reader, hz_error *err)
{
    const char *p = reader->bytes.ptr + reader->at;
    hz_slice word;
    if (peek(reader) < 0)
        return wrong(reader, reader->at, HZ_MSG_JSON_ENDS, err);
    if (hz_lex_word(&word, &p, reader->bytes.ptr + reader->bytes.len) != HZ_LEX_OK)
        return wrong_word(reader, HZ_LEX_WORD, reader->at, p, err);
    token->kind = *word.ptr == 'n' ? HZ_JR_NULL : *word.ptr == 't' ? HZ_JR_TRUE : HZ_JR_FALSE;
    reader->at = offset_of(reader, p);
    return HZ_OK;
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
