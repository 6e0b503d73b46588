/* json.c: JSON Lines, arrays of objects, and an object whose members are such arrays.
 *
 * One record is in memory at a time, as the text of the file: a window that grows until it holds the record's end. It
 * is read by descent (as deep as `nesting` allows) into a tree whose texts are slices of the window; only strings with
 * escapes are copied. Numbers keep their text: an ID of 20 digits and 4.10 stay what they are. true and false are these
 * words, null is no value.
 *
 * In JSON Lines a line that is no object is a bad record, and reading goes on behind it. Elsewhere what is not JSON
 * ends the reading: where the next record begins cannot be known. */
#include "base/alloc.h"
#include "base/json_lex.h"
#include "base/utf8.h"
#include "validator/source/detect.h"
#include "validator/source/stream.h"
#include "validator/source/tree.h"

#ifdef HZ_TINY
enum { BLOCK_BYTES = 64 };
#else
enum { BLOCK_BYTES = 1 << 20 };
#endif
enum { LINE_LOOK = 1 << 20 };

typedef enum outcome {
    OUTCOME_OK,
    OUTCOME_MORE, /* the window ends inside */
    OUTCOME_BAD,
    OUTCOME_DEEP,
    OUTCOME_FAILED /* the status says */
} outcome;

typedef struct json {
    hz_reading *reading;
    hz_stream *stream;
    char *bytes;
    size_t at, len, capacity; /* bytes[at … len) is to be read */
    uint64_t offset, line;    /* of bytes[0]; of bytes[at] */
    bool end;                 /* nothing behind len */
    hz_tree tree;
    hz_arena *arena; /* unescaped strings of the record at hand */
    /* of the value at hand */
    const char *p, *stop;
    uint64_t p_line;
    bool nul;
    unsigned depth, depth_max;
    hz_status status;
    hz_error *err;
} json;

/* ---- the window ---- */

/* More bytes behind len; what was read goes. */
static hz_status read_more(json *j)
{
    size_t kept = j->len - j->at, step = kept > BLOCK_BYTES ? kept : BLOCK_BYTES, got;
    HZ_TRY(hz_cancel_check(j->reading->options.cancel, j->err));
    if (kept > j->reading->options.limits->value[HZ_LIMIT_RECORD_BYTES]) {
        hz_status st = hz_limit_check(j->reading->options.limits, HZ_LIMIT_RECORD_BYTES, kept, j->err);
        hz_error_at(j->err, j->reading->options.shown_path, j->line, 0);
        return st;
    }
    if (j->at)
        memmove(j->bytes, j->bytes + j->at, kept);
    j->offset += j->at;
    j->at = 0;
    j->len = kept;
    if (!hz_mem_grow((void **)&j->bytes, &j->capacity, kept + step + 16, 1))
        return hz_nomem(j->err, kept + step);
    HZ_TRY(hz_stream_read_at(j->stream, j->offset + kept, j->bytes + kept, step, &got, &j->end, j->err));
    j->len += got;
    memset(j->bytes + j->len, 0, 16);
    return HZ_OK;
}

static hz_status rewind_all(json *j)
{
    j->at = j->len = 0;
    j->offset = 0;
    j->line = 1;
    j->end = false;
    return read_more(j);
}

/* To the next byte that is not blank; *found false at the end. A byte order mark at the start is passed over. */
static hz_status skip_blank(json *j, bool *found)
{
    for (;;) {
        if (j->offset + j->at == 0 && hz_slice_starts((hz_slice){j->bytes, j->len}, HZ_SLICE_LIT("\xef\xbb\xbf")))
            j->at = 3;
        while (j->at < j->len && hz_lex_is_blank(j->bytes[j->at]))
            j->line += j->bytes[j->at++] == '\n';
        *found = j->at < j->len;
        if (*found || j->end)
            return HZ_OK;
        HZ_TRY(read_more(j));
    }
}

static hz_status refuse(json *j, hz_msg_id what)
{
    hz_status st = hz_error_set(j->err, HZ_E_SOURCE, &(hz_arg){.kind = HZ_ARG_MESSAGE, .message = what}, 1);
    hz_error_at(j->err, j->reading->options.shown_path, j->line, 0);
    return st;
}

/* ---- values ---- */

static void blanks(json *j)
{
    while (j->p < j->stop && hz_lex_is_blank(*j->p))
        j->p_line += *j->p++ == '\n';
}

static outcome outcome_of(hz_lex lex)
{
    return lex == HZ_LEX_OK ? OUTCOME_OK : lex == HZ_LEX_ENDS ? OUTCOME_MORE : OUTCOME_BAD;
}

/* A string behind its opening quote. */
static outcome read_string(json *j, hz_slice *out)
{
    const char *wrong;
    bool escaped;
    size_t len;
    hz_lex lex = hz_lex_string(out, &escaped, &j->p, j->stop);
    if (lex != HZ_LEX_OK || !escaped)
        return outcome_of(lex);
    char *text = hz_arena_alloc(j->arena, out->len);
    if (!text) {
        j->status = hz_nomem(j->err, out->len);
        return OUTCOME_FAILED;
    }
    lex = hz_lex_unescape(&len, text, *out, &wrong);
    *out = (hz_slice){text, len};
    j->nul = j->nul || memchr(text, '\0', len);
    return outcome_of(lex);
}

static outcome add(json *j, hz_tree_item item)
{
    j->status = hz_tree_add(&j->tree, item, j->err);
    return j->status == HZ_OK ? OUTCOME_OK : OUTCOME_FAILED;
}

/* At the window's end a number might go on. */
static outcome read_number(json *j, hz_slice *out)
{
    hz_lex lex = hz_lex_number(out, &j->p, j->stop);
    return j->p == j->stop ? OUTCOME_MORE : outcome_of(lex);
}

static outcome read_value(json *j, hz_slice name);

static outcome read_pair(json *j)
{
    hz_slice name;
    if (*j->p != '"')
        return OUTCOME_BAD;
    j->p++;
    outcome o = read_string(j, &name);
    if (o != OUTCOME_OK)
        return o;
    blanks(j);
    if (j->p == j->stop)
        return OUTCOME_MORE;
    if (*j->p++ != ':')
        return OUTCOME_BAD;
    return read_value(j, name);
}

/* Items behind the opening bracket, to behind the closing one. */
static outcome read_items(json *j, hz_slice name, bool object)
{
    uint32_t index = (uint32_t)j->tree.count;
    char close = object ? '}' : ']';
    bool first = true;
    outcome o =
        add(j, (hz_tree_item){object ? HZ_TREE_RECORD : HZ_TREE_ARRAY, name, HZ_SLICE_NONE, 0, j->p_line, false, 0});
    if (o != OUTCOME_OK)
        return o;
    if (++j->depth > j->depth_max)
        return OUTCOME_DEEP;
    for (; o == OUTCOME_OK; first = false) {
        blanks(j);
        if (j->p == j->stop)
            return OUTCOME_MORE;
        if (*j->p == close && first)
            break;
        o = object ? read_pair(j) : read_value(j, HZ_SLICE_NONE);
        if (o != OUTCOME_OK)
            return o;
        blanks(j);
        if (j->p == j->stop)
            return OUTCOME_MORE;
        if (*j->p == close)
            break;
        if (*j->p++ != ',')
            return OUTCOME_BAD;
    }
    j->p++;
    j->depth--;
    j->tree.items[index].next = (uint32_t)j->tree.count;
    return o;
}

static outcome read_value(json *j, hz_slice name)
{
    hz_tree_item item = {HZ_TREE_TEXT, name, HZ_SLICE_NONE, (uint32_t)j->tree.count + 1, 0, false, 0};
    outcome o;
    blanks(j);
    if (j->p == j->stop)
        return OUTCOME_MORE;
    switch (*j->p) {
    case '{':
    case '[':
        j->p++;
        return read_items(j, name, j->p[-1] == '{');
    case '"':
        j->p++;
        o = read_string(j, &item.text);
        break;
    case 't':
    case 'f':
    case 'n':
        o = outcome_of(hz_lex_word(&item.text, &j->p, j->stop));
        if (o == OUTCOME_OK && *item.text.ptr == 'n') {
            item.text = HZ_SLICE_NONE;
            item.kind = HZ_TREE_NULL;
        }
        break;
    default:
        o = *j->p == '-' || (*j->p >= '0' && *j->p <= '9') ? read_number(j, &item.text) : OUTCOME_BAD;
        break;
    }
    return o == OUTCOME_OK ? add(j, item) : o;
}

/* The value at bytes[at], up to `stop`; j->p is behind it when it is one. */
static outcome read_at(json *j, const char *stop)
{
    hz_arena_reset(j->arena);
    j->tree.count = 0;
    j->p = j->bytes + j->at;
    j->stop = stop;
    j->p_line = j->line;
    j->nul = false;
    j->depth = 0;
    return read_value(j, HZ_SLICE_NONE);
}

/* The value at bytes[at], however long. HZ_OK with OUTCOME_OK, BAD or DEEP. */
static hz_status read_whole(json *j, outcome *o)
{
    for (;;) {
        *o = read_at(j, j->bytes + j->len);
        if (*o == OUTCOME_FAILED)
            return j->status;
        if (*o != OUTCOME_MORE)
            return HZ_OK;
        if (j->end) {
            *o = OUTCOME_BAD;
            return HZ_OK;
        }
        HZ_TRY(read_more(j));
    }
}

/* ---- records ---- */

static hz_status too_deep(json *j)
{
    hz_status st = hz_limit_check(j->reading->options.limits, HZ_LIMIT_NESTING, j->depth, j->err);
    hz_error_at(j->err, j->reading->options.shown_path, j->line, 0);
    return st;
}

static hz_status put_bad(json *j, size_t part, hz_bad_kind kind, uint64_t offset, hz_slice where)
{
    hz_bad_row bad = {.kind = kind, .line = j->line, .offset_bytes = offset, .other = HZ_ENCODING_UNKNOWN};
    if (kind == HZ_BAD_ENCODING)
        bad.offset_bytes = hz_stream_bad_byte(j->stream, offset, &bad.other);
    HZ_TRY(hz_part_need(j->reading, part, j->err));
    return hz_spool_bad(j->reading->parts[part].spool, &bad, where, j->err);
}

/* The record that was just read, of the text [at, p). */
static hz_status put_record(json *j, size_t part, outcome o, hz_slice text, hz_slice where)
{
    uint64_t offset = j->offset + (uint64_t)(text.ptr - j->bytes);
    size_t valid = hz_utf8_valid_prefix(text);
    if (valid < text.len)
        return put_bad(j, part, HZ_BAD_ENCODING, offset + valid, where);
    if (o == OUTCOME_DEEP)
        return too_deep(j);
    if (o != OUTCOME_OK || j->tree.items[0].kind != HZ_TREE_RECORD)
        return put_bad(j, part, HZ_BAD_SYNTAX, offset, where);
    if (j->nul)
        return put_bad(j, part, HZ_BAD_NUL, offset, where);
    hz_status st = hz_tree_rows(&j->tree, j->reading, 0, part, where, false, j->err);
    if (st == HZ_E_LIMIT)
        hz_error_at(j->err, j->reading->options.shown_path, j->line, 0);
    return st;
}

/* ---- JSON Lines ---- */

/* The line at bytes[at] is in the window. */
static hz_status read_line(json *j, hz_slice *out)
{
    size_t from = j->at;
    for (;;) {
        const char *feed = memchr(j->bytes + from, '\n', j->len - from);
        if (feed || j->end) {
            *out = (hz_slice){j->bytes + j->at, (size_t)((feed ? feed : j->bytes + j->len) - (j->bytes + j->at))};
            return HZ_OK;
        }
        from = j->len - j->at;
        HZ_TRY(read_more(j));
    }
}

static hz_status read_lines(json *j)
{
    for (;;) {
        bool found;
        hz_slice line;
        HZ_TRY(skip_blank(j, &found));
        if (!found)
            return HZ_OK;
        HZ_TRY(read_line(j, &line));
        /* A byte behind the line lets a number end there. */
        outcome o = read_at(j, line.ptr + line.len);
        if (o == OUTCOME_FAILED)
            return j->status;
        if (o == OUTCOME_OK) {
            blanks(j);
            o = j->p == j->stop ? o : OUTCOME_BAD;
        }
        HZ_TRY(put_record(j, 0, o, line, HZ_SLICE_NONE));
        j->at += line.len;
    }
}

/* ---- arrays ---- */

/* The elements of an array behind its bracket, to behind the closing one. `where`: the array's own place. */
static hz_status read_array(json *j, size_t part, hz_slice where, bool *records)
{
    hz_buf place = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (uint64_t n = 0;; n++) {
        bool found;
        outcome o;
        HZ_GO(skip_blank(j, &found));
        if (found && j->bytes[j->at] == ']' && n == 0)
            break;
        HZ_GO(read_whole(j, &o));
        if (!found || o == OUTCOME_BAD) {
            st = refuse(j, found ? HZ_MSG_JSON_VALUE : HZ_MSG_JSON_ENDS);
            goto out;
        }
        hz_buf_reset(&place);
        hz_buf_put(&place, where);
        hz_buf_printf(&place, "/%llu", (unsigned long long)n);
        HZ_GO(hz_buf_status(&place, j->err));
        size_t len = (size_t)(j->p - (j->bytes + j->at));
        if (records)
            *records = *records || j->tree.items[0].kind == HZ_TREE_RECORD;
        if (part != SIZE_MAX)
            HZ_GO(put_record(j, part, o, (hz_slice){j->bytes + j->at, len}, hz_buf_slice(&place)));
        j->at += len;
        j->line = j->p_line;
        HZ_GO(skip_blank(j, &found));
        char next = found ? j->bytes[j->at] : '\0';
        if (next == ']')
            break;
        if (next != ',') {
            st = refuse(j, found ? HZ_MSG_JSON_COMMA : HZ_MSG_JSON_ENDS);
            goto out;
        }
        j->at++;
    }
    j->at++;
out:
    hz_buf_clear(&place);
    return st;
}

/* ---- an object of arrays ---- */

typedef struct members {
    hz_slice only; /* the member that is part 0 whatever it is called; "" */
    size_t arrays, taken;
    hz_buf last; /* the name of the last array of records */
} members;

static size_t part_named(const json *j, const members *m, hz_slice name)
{
    if (m->only.len)
        return hz_slice_eq(m->only, name) ? 0 : SIZE_MAX;
    for (size_t p = 0; p < j->reading->count; p++)
        if (!j->reading->parts[p].path.len && hz_part_is(&j->reading->parts[p], name))
            return p;
    return SIZE_MAX;
}

/* The part whose path is `where`; *above: it lies on the way to one. */
static size_t part_at(const json *j, hz_slice where, bool *above)
{
    *above = false;
    for (size_t p = 0; p < j->reading->count; p++) {
        hz_slice path = j->reading->parts[p].path;
        if (path.len && hz_slice_eq(path, where))
            return p;
        *above = *above || (path.len > where.len && hz_slice_starts(path, where) && path.ptr[where.len] == '/');
    }
    return SIZE_MAX;
}

static hz_status read_members(json *j, members *m, hz_slice outer);

/* `outer`: the place of the object that it is a member of. */
static hz_status read_member(json *j, members *m, hz_slice outer)
{
    bool found, records = false;
    outcome o;
    hz_buf where = HZ_BUF_INIT;
    HZ_TRY(read_whole(j, &o));
    if (o != OUTCOME_OK || j->tree.items[0].kind != HZ_TREE_TEXT || j->bytes[j->at] != '"')
        return refuse(j, HZ_MSG_JSON_NAME);
    bool above = false;
    hz_buf_put(&where, outer);
    hz_buf_putc(&where, '/');
    hz_buf_put(&where, j->tree.items[0].text);
    hz_slice name = hz_slice_sub(hz_buf_slice(&where), outer.len + 1, where.len);
    hz_status st;
    j->at = (size_t)(j->p - j->bytes);
    HZ_GO(hz_buf_status(&where, j->err));
    HZ_GO(skip_blank(j, &found));
    if (!found || j->bytes[j->at] != ':') {
        st = refuse(j, HZ_MSG_JSON_COLON);
        goto out;
    }
    j->at++;
    HZ_GO(skip_blank(j, &found));
    size_t at_path = part_at(j, hz_buf_slice(&where), &above);
    if (found && j->bytes[j->at] == '{' && above) {
        HZ_GO(read_members(j, m, hz_buf_slice(&where)));
    } else if (found && j->bytes[j->at] == '[') {
        size_t part = at_path != SIZE_MAX || outer.len ? at_path : part_named(j, m, name);
        j->at++;
        HZ_GO(read_array(j, part, hz_buf_slice(&where), &records));
        m->arrays += records;
        m->taken += part != SIZE_MAX;
        if (records) {
            hz_buf_reset(&m->last);
            hz_buf_put(&m->last, name);
        }
    } else {
        HZ_GO(read_whole(j, &o));
        if (o != OUTCOME_OK) {
            st = o == OUTCOME_DEEP ? too_deep(j) : refuse(j, HZ_MSG_JSON_VALUE);
            goto out;
        }
        j->at = (size_t)(j->p - j->bytes);
        j->line = j->p_line;
    }
out:
    hz_buf_clear(&where);
    return st;
}

/* The object at bytes[at]. */
static hz_status read_members(json *j, members *m, hz_slice outer)
{
    bool found;
    for (j->at++;; j->at++) {
        HZ_TRY(skip_blank(j, &found));
        if (found && j->bytes[j->at] == '}')
            break;
        if (found)
            HZ_TRY(read_member(j, m, outer));
        if (found)
            HZ_TRY(skip_blank(j, &found));
        char next = found ? j->bytes[j->at] : '\0';
        if (next == '}')
            break;
        if (next != ',')
            return refuse(j, found ? HZ_MSG_JSON_COMMA : HZ_MSG_JSON_ENDS);
    }
    j->at++;
    return HZ_OK;
}

static hz_status nothing_behind(json *j)
{
    bool found;
    HZ_TRY(skip_blank(j, &found));
    return found ? refuse(j, HZ_MSG_JSON_MORE) : HZ_OK;
}

static hz_status read_object(json *j)
{
    members m = {HZ_SLICE_NONE, 0, 0, HZ_BUF_INIT}, again = {HZ_SLICE_NONE, 0, 0, HZ_BUF_INIT};
    bool found;
    outcome o;
    hz_status st;
    HZ_GO(read_members(j, &m, HZ_SLICE_NONE));
    HZ_GO(nothing_behind(j));
    if (m.taken || m.arrays > 1 || j->reading->parts[0].path.len)
        goto out;
    /* one array, by whatever name; or the object is the one record */
    HZ_GO(rewind_all(j));
    HZ_GO(skip_blank(j, &found));
    if (m.arrays) {
        again.only = hz_buf_slice(&m.last);
        HZ_GO(read_members(j, &again, HZ_SLICE_NONE));
    } else {
        HZ_GO(read_whole(j, &o));
        HZ_GO(put_record(j, 0, o, (hz_slice){j->bytes + j->at, (size_t)(j->p - (j->bytes + j->at))}, HZ_SLICE_NONE));
    }
out:
    hz_buf_clear(&m.last);
    hz_buf_clear(&again.last);
    return st;
}

/* Whether the text is one object a line: the first line (of up to LINE_LOOK bytes) is an object, and another begins
 * behind it. */
static hz_status looks_like_lines(json *j, bool *lines)
{
    hz_slice line;
    bool found;
    *lines = false;
    while (!memchr(j->bytes + j->at, '\n', j->len - j->at) && !j->end && j->len - j->at < LINE_LOOK)
        HZ_TRY(read_more(j));
    size_t at = j->at;
    uint64_t number = j->line, offset = j->offset;
    if (!memchr(j->bytes + j->at, '\n', j->len - j->at))
        return HZ_OK;
    HZ_TRY(read_line(j, &line));
    if (read_at(j, line.ptr + line.len) != OUTCOME_OK)
        return j->status;
    j->at += line.len;
    HZ_TRY(skip_blank(j, &found));
    *lines = found && j->bytes[j->at] == '{';
    if (j->offset != offset) /* the window has moved on */
        return rewind_all(j);
    j->at = at;
    j->line = number;
    return HZ_OK;
}

static hz_status read_document(json *j)
{
    bool found, lines;
    HZ_TRY(skip_blank(j, &found));
    if (!found)
        return HZ_OK;
    if (j->bytes[j->at] == '[') {
        j->at++;
        HZ_TRY(read_array(j, 0, HZ_SLICE_NONE, NULL));
        return nothing_behind(j);
    }
    if (j->bytes[j->at] != '{')
        return refuse(j, HZ_MSG_SOURCE_JSON_DOCUMENT);
    HZ_TRY(looks_like_lines(j, &lines));
    HZ_TRY(skip_blank(j, &found));
    return lines ? read_lines(j) : read_object(j);
}

hz_status hz_text_open(hz_stream **out, hz_reading *reading, hz_error *err)
{
    bool whole;
    size_t got;
    HZ_TRY(hz_stream_open(out, &reading->options, err));
    char *sample = hz_mem_alloc(HZ_DETECT_BYTES);
    hz_status st = sample ? HZ_OK : hz_nomem(err, HZ_DETECT_BYTES);
    if (st == HZ_OK)
        st = hz_stream_read_at(*out, 0, sample, HZ_DETECT_BYTES, &got, &whole, err);
    if (st == HZ_OK) {
        hz_encoding found = hz_detect_encoding((hz_slice){sample, got}, whole, NULL);
        reading->encoding = found == HZ_ENCODING_UNKNOWN ? HZ_ENCODING_UTF8 : found;
        if (reading->options.encoding_given)
            reading->encoding = reading->options.encoding;
        st = hz_stream_transcode(*out, reading->encoding, err);
    }
    hz_mem_free(sample);
    return st;
}

hz_status hz_json_read(hz_reading *reading, bool lines, hz_error *err)
{
    json j = {.reading = reading, .err = err, .line = 1};
    hz_status st;
    j.tree.names = j.tree.where = HZ_BUF_INIT;
    j.depth_max = (unsigned)reading->options.limits->value[HZ_LIMIT_NESTING];
    j.arena = hz_arena_new();
    HZ_GO(j.arena ? HZ_OK : hz_nomem(err, 64));
    HZ_GO(hz_text_open(&j.stream, reading, err));
    HZ_GO(rewind_all(&j));
    HZ_GO(lines ? read_lines(&j) : read_document(&j));
    HZ_GO(hz_stream_finish(j.stream, err));
out:
    hz_stream_close(j.stream);
    hz_tree_clear(&j.tree);
    hz_arena_free(j.arena);
    hz_mem_free(j.bytes);
    return st;
}
