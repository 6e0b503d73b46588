/* stream_text.c: other encodings as UTF-8, by iconv of libc.
 *
 * The text is taken in pieces of whole lines where a line fits in the block, so that a line of another encoding can be
 * told: in a file of Chinese text in GB18030 or Big5, a line that is UTF-8 with at least MIXED_LEAST characters of
 * three bytes comes out as it is, with a bad byte in front. (Text of those encodings is next to never UTF-8 by chance
 * at that length.) A byte that iconv refuses comes out as FF, and reading goes on behind it: line ends are bytes of
 * their own in all these encodings, so a bad byte never takes one along. UTF-16 goes on at the next unit.
 *
 * Editions of GB18030: libc's table has the 18 codes that the 2005 edition left in the private use area where the 2022
 * edition has them; all others are the same in both. */
#include "base/utf8.h"
#include "validator/source/stream_int.h"
#include <errno.h>
#include <iconv.h>

enum { IN_BYTES = 1 << 16, STASH_BYTES = 16, MIXED_LEAST = 3 };

typedef struct text_layer {
    hz_layer layer;
    hz_encoding encoding;
    iconv_t convert;
    uint64_t in_offset;  /* of in[0], in the bytes below */
    uint64_t out_offset; /* of what comes out next */
    size_t from, piece, mixed,
        filled;              /* in[from … piece) is converted, to `mixed` as it is; in[piece … filled) waits */
    bool ended;              /* below has no more */
    bool marked;             /* the bad byte in front of a line of another encoding is out */
    char stash[STASH_BYTES]; /* a character for which there was no room */
    size_t stash_from, stash_len;
    char in[IN_BYTES];
} text_layer;

static const char *charset(hz_encoding encoding)
{
    switch (encoding) {
    case HZ_ENCODING_UTF16LE:
        return "UTF-16LE";
    case HZ_ENCODING_UTF16BE:
        return "UTF-16BE";
    case HZ_ENCODING_GBK:
        return "GBK";
    case HZ_ENCODING_GB18030:
        return "GB18030";
    case HZ_ENCODING_BIG5:
        return "BIG5";
    default:
        return "UTF-8";
    }
}

static bool is_utf16(const text_layer *t)
{
    return t->encoding == HZ_ENCODING_UTF16LE || t->encoding == HZ_ENCODING_UTF16BE;
}

/* Whether a line of a file in a Chinese double-byte encoding is UTF-8 rather. */
static bool looks_utf8(hz_slice line)
{
    size_t threes = 0;
    for (size_t i = 0; i < line.len; i++)
        threes += ((unsigned char)line.ptr[i] & 0xf0) == 0xe0;
    return threes >= MIXED_LEAST && hz_utf8_valid(line);
}

/* The next piece: lines that are of one kind. */
static void next_piece(text_layer *t)
{
    bool lines = !is_utf16(t);
    size_t at = t->from;
    t->mixed = t->from;
    while (lines && at < t->filled) {
        const char *feed = memchr(t->in + at, '\n', t->filled - at);
        if (!feed && !t->ended && at > t->from)
            break; /* the rest of the line comes with the next block */
        size_t end = feed ? (size_t)(feed - t->in) + 1 : t->filled;
        if (looks_utf8((hz_slice){t->in + at, end - at})) {
            if (at == t->from) {
                t->mixed = at = end;
            }
            break;
        }
        at = end;
    }
    t->piece = lines ? at : t->filled;
}

static hz_status below_read(text_layer *t, char *into, size_t len, size_t *got, hz_error *err)
{
    return t->layer.below->read(t->layer.below, into, len, got, err);
}

/* Fills `in` behind what waits there, and finds the next piece. */
static hz_status next_block(text_layer *t, hz_error *err)
{
    size_t kept = t->filled - t->from;
    memmove(t->in, t->in + t->from, kept);
    t->in_offset += t->from;
    t->from = 0;
    t->filled = kept;
    while (t->filled < IN_BYTES && !t->ended) {
        size_t got;
        HZ_TRY(below_read(t, t->in + t->filled, IN_BYTES - t->filled, &got, err));
        t->filled += got;
        t->ended = got == 0;
    }
    next_piece(t);
    return HZ_OK;
}

static hz_status note_bad(text_layer *t, uint64_t offset, uint64_t raw, hz_encoding other, hz_error *err)
{
    hz_stream *s = t->layer.stream;
    if (s->bad_from && s->bad_from * 2 >= s->bad_count) {
        memmove(s->bad, s->bad + s->bad_from, (s->bad_count - s->bad_from) * sizeof *s->bad);
        s->bad_count -= s->bad_from;
        s->bad_from = 0;
    }
    if (!HZ_GROW(s->bad, s->bad_capacity, s->bad_count + 1))
        return hz_nomem(err, sizeof *s->bad);
    s->bad[s->bad_count++] = (hz_bad_byte){offset, raw, other};
    return HZ_OK;
}

/* Passes over `count` bytes that have no character, and puts FF. into has room for one byte at least. */
static hz_status put_bad(text_layer *t, char *into, size_t *got, size_t count, hz_encoding other, hz_error *err)
{
    HZ_TRY(note_bad(t, t->out_offset, t->in_offset + t->from, other, err));
    into[(*got)++] = (char)0xff;
    t->out_offset++;
    t->from += count;
    (void)iconv(t->convert, NULL, NULL, NULL, NULL);
    return HZ_OK;
}

/* A line that is UTF-8 already. */
static hz_status copy_mixed(text_layer *t, char *into, size_t len, size_t *got, hz_error *err)
{
    if (!t->marked)
        HZ_TRY(put_bad(t, into, got, 0, HZ_ENCODING_UTF8, err));
    t->marked = true;
    size_t count = t->mixed - t->from, room = len - *got;
    count = count < room ? count : room;
    memcpy(into + *got, t->in + t->from, count);
    *got += count;
    t->from += count;
    t->out_offset += count;
    t->marked = t->from < t->mixed;
    return HZ_OK;
}

/* Converts the piece into [into + *got, into + len). */
static hz_status convert_piece(text_layer *t, char *into, size_t len, size_t *got, hz_error *err)
{
    char *from = t->in + t->from, *to = into + *got;
    size_t left = t->piece - t->from, room = len - *got;
    size_t result = iconv(t->convert, &from, &left, &to, &room);
    int why = errno;
    size_t put = len - *got - room;
    *got += put;
    t->out_offset += put;
    t->from = t->piece - left;
    if (result != (size_t)-1 || (why == E2BIG && put))
        return HZ_OK;
    if (why == E2BIG) {
        to = t->stash;
        room = sizeof t->stash;
        (void)iconv(t->convert, &from, &left, &to, &room);
        t->from = t->piece - left;
        t->stash_from = 0;
        t->stash_len = sizeof t->stash - room;
        return HZ_OK;
    }
    if (*got == len)
        return HZ_OK; /* the bad byte is met again */
    if (why == EINVAL && !t->ended && t->filled - t->from < STASH_BYTES)
        return HZ_END; /* the character goes on in the next block */
    size_t unit = is_utf16(t) ? 2 : 1;
    return put_bad(t, into, got, unit < t->piece - t->from ? unit : t->piece - t->from, HZ_ENCODING_UNKNOWN, err);
}

static hz_status text_read(hz_layer *layer, char *into, size_t len, size_t *got, hz_error *err)
{
    text_layer *t = (text_layer *)layer;
    *got = 0;
    while (*got == 0) {
        if (t->stash_from < t->stash_len) {
            size_t count = t->stash_len - t->stash_from;
            count = count < len ? count : len;
            memcpy(into, t->stash + t->stash_from, count);
            t->stash_from += count;
            t->out_offset += count;
            *got = count;
            return HZ_OK;
        }
        if (t->from == t->piece) {
            if (t->piece < t->filled && (memchr(t->in + t->piece, '\n', t->filled - t->piece) || t->ended))
                next_piece(t);
            else
                HZ_TRY(next_block(t, err));
            if (t->from == t->filled)
                return HZ_OK;
        }
        hz_status st = t->from < t->mixed ? copy_mixed(t, into, len, got, err) : convert_piece(t, into, len, got, err);
        if (st == HZ_END)
            st = next_block(t, err);
        HZ_TRY(st);
    }
    return HZ_OK;
}

static hz_status text_rewind(hz_layer *layer, hz_error *err)
{
    text_layer *t = (text_layer *)layer;
    t->in_offset = t->out_offset = 0;
    t->from = t->piece = t->mixed = t->filled = 0;
    t->stash_from = t->stash_len = 0;
    t->ended = t->marked = false;
    (void)iconv(t->convert, NULL, NULL, NULL, NULL);
    return layer->below->rewind(layer->below, err);
}

static void text_close(hz_layer *layer)
{
    text_layer *t = (text_layer *)layer;
    if (t->convert != (iconv_t)-1)
        iconv_close(t->convert);
    hz_mem_free(t);
}

hz_status hz_layer_text(hz_layer **out, hz_stream *stream, hz_layer *below, hz_encoding from, hz_error *err)
{
    *out = NULL;
    if (!below)
        HZ_TRY(hz_layer_file(&below, stream, err));
    text_layer *t = hz_mem_zalloc(1, sizeof *t);
    if (!t) {
        hz_layer_close(below);
        return hz_nomem(err, sizeof *t);
    }
    t->layer = (hz_layer){text_read, text_rewind, text_close, below, stream};
    t->encoding = from;
    t->convert = iconv_open("UTF-8", charset(from));
    if (t->convert == (iconv_t)-1) {
        hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_NO_ICONV), HZ_S(stream->options.shown_path),
                               HZ_Z(hz_encoding_name(from)));
        hz_layer_close(&t->layer);
        return st;
    }
    *out = &t->layer;
    return HZ_OK;
}
