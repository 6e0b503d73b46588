/* stream.c: see stream.h. Of layers a stream knows only read, rewind and close. */
#include "validator/source/stream_int.h"

hz_status hz_stream_broken(const hz_stream *stream, hz_arg message, hz_error *err)
{
    const hz_arg args[] = {message, HZ_S(stream->options.shown_path)};
    hz_status st = hz_error_set(err, HZ_E_SOURCE, args, 2);
    hz_error_at(err, stream->options.shown_path, 0, 0);
    return st;
}

hz_status hz_stream_limit(const hz_stream *stream, hz_limit_id id, uint64_t value, hz_error *err)
{
    uint64_t most = stream->options.limits->value[id];
    if (value <= most)
        return HZ_OK;
    hz_status st = hz_fail(err, HZ_E_LIMIT, HZ_M(SOURCE_LIMIT), HZ_S(stream->options.shown_path),
                           HZ_Z(hz_limit_name(id)), HZ_U(most));
    hz_error_at(err, stream->options.shown_path, 0, 0);
    return st;
}

hz_status hz_stream_check_unpacked(const hz_stream *stream, uint64_t unpacked, hz_error *err)
{
    HZ_TRY(hz_stream_limit(stream, HZ_LIMIT_UNPACKED_BYTES, unpacked, err));
    if (unpacked <= HZ_RATIO_FROM_BYTES)
        return HZ_OK;
    return hz_stream_limit(stream, HZ_LIMIT_UNPACKED_RATIO, unpacked / (stream->raw_taken ? stream->raw_taken : 1),
                           err);
}

hz_status hz_stream_file_read(hz_stream *s, uint64_t offset, void *into, size_t len, size_t *got, hz_error *err)
{
    HZ_TRY(hz_file_read_at(s->file, offset, into, len, got, err));
    if (s->options.bytes_seen && offset <= s->seen && offset + *got > s->seen) {
        size_t known = (size_t)(s->seen - offset);
        s->options.bytes_seen(s->options.bytes_ctx, (const char *)into + known, *got - known);
        s->seen = offset + *got;
    }
    return HZ_OK;
}

/* ---- the file as a layer ---- */

typedef struct file_layer {
    hz_layer layer;
    uint64_t at;
} file_layer;

static hz_status file_read(hz_layer *layer, char *into, size_t len, size_t *got, hz_error *err)
{
    file_layer *f = (file_layer *)layer;
    HZ_TRY(hz_stream_file_read(layer->stream, f->at, into, len, got, err));
    f->at += *got;
    layer->stream->raw_taken = f->at;
    return HZ_OK;
}

static hz_status file_rewind(hz_layer *layer, hz_error *err)
{
    (void)err;
    ((file_layer *)layer)->at = 0;
    return HZ_OK;
}

static void file_close(hz_layer *layer)
{
    hz_mem_free(layer);
}

hz_status hz_layer_file(hz_layer **out, hz_stream *stream, hz_error *err)
{
    file_layer *f = hz_mem_zalloc(1, sizeof *f);
    *out = NULL;
    if (!f)
        return hz_nomem(err, sizeof *f);
    f->layer = (hz_layer){file_read, file_rewind, file_close, NULL, stream};
    *out = &f->layer;
    return HZ_OK;
}

void hz_layer_close(hz_layer *layer)
{
    while (layer) {
        hz_layer *below = layer->below;
        layer->close(layer);
        layer = below;
    }
}

/* ---- the stream ---- */

static bool ends_with(hz_slice name, const char *suffix)
{
    size_t n = strlen(suffix);
    return name.len >= n && strncasecmp(name.ptr + name.len - n, suffix, n) == 0;
}

static hz_status open_layers(hz_stream *s, hz_error *err)
{
    unsigned char magic[4] = {0};
    size_t got = 0;
    if (!s->options.path && !s->options.member.len)
        return HZ_OK;
    if (s->options.member.len)
        return hz_layer_member(&s->top, s, err);
    HZ_TRY(hz_file_read_at(s->file, 0, magic, sizeof magic, &got, err));
    if (got >= 2 && magic[0] == 0x1f && magic[1] == 0x8b)
        return hz_layer_gzip(&s->top, s, err);
    if (got == 4 && memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
        return hz_layer_zstd(&s->top, s, err);
    if (ends_with(s->options.shown_path, ".gz") || ends_with(s->options.shown_path, ".zst"))
        return hz_stream_broken(s, HZ_M(SOURCE_NOT_PACKED), err);
    return HZ_OK;
}

hz_status hz_stream_open(hz_stream **out, const hz_source_options *options, hz_error *err)
{
    *out = NULL;
    hz_stream *s = hz_mem_zalloc(1, sizeof *s);
    if (!s)
        return hz_nomem(err, sizeof *s);
    s->options = *options;
    hz_status st =
        options->path ? hz_file_open(&s->file, options->path, err) : hz_file_open_bytes(&s->file, options->bytes, err);
    if (st != HZ_OK)
        hz_error_at(err, options->shown_path, 0, 0);
    if (st == HZ_OK)
        st = open_layers(s, err);
    if (st != HZ_OK) {
        hz_stream_close(s);
        return st;
    }
    s->size = s->top ? UINT64_MAX : hz_file_size(s->file);
    *out = s;
    return HZ_OK;
}

void hz_stream_close(hz_stream *s)
{
    if (!s)
        return;
    hz_layer_close(s->top);
    if (s->file)
        hz_file_close(s->file);
    hz_mem_free(s->bad);
    hz_mem_free(s);
}

hz_status hz_stream_transcode(hz_stream *s, hz_encoding from, hz_error *err)
{
    if (from == HZ_ENCODING_UTF8 || from == HZ_ENCODING_UTF8_BOM)
        return HZ_OK;
    hz_layer *below = s->top;
    s->top = NULL;
    if (below) {
        hz_status st = below->rewind(below, err);
        if (st != HZ_OK) {
            hz_layer_close(below);
            return st;
        }
    }
    HZ_TRY(hz_layer_text(&s->top, s, below, from, err));
    s->position = 0;
    s->size = UINT64_MAX;
    return HZ_OK;
}

static hz_status rewind_all(hz_stream *s, hz_error *err)
{
    s->position = 0;
    s->raw_taken = 0;
    s->bad_from = s->bad_count = 0;
    return s->top->rewind(s->top, err);
}

static hz_status skip_to(hz_stream *s, uint64_t offset, hz_error *err)
{
    char waste[4096];
    while (s->position < offset) {
        uint64_t left = offset - s->position;
        size_t got;
        HZ_TRY(hz_cancel_check(s->options.cancel, err));
        HZ_TRY(s->top->read(s->top, waste, left < sizeof waste ? (size_t)left : sizeof waste, &got, err));
        if (!got) {
            s->size = s->position;
            break;
        }
        s->position += got;
    }
    return HZ_OK;
}

hz_status hz_stream_read_at(hz_stream *s, uint64_t offset, void *into, size_t len, size_t *got, bool *end,
                            hz_error *err)
{
    *got = 0;
    *end = false;
    if (!s->top) {
        HZ_TRY(hz_stream_file_read(s, offset, into, len, got, err));
        *end = offset + *got >= s->size;
        return HZ_OK;
    }
    if (offset < s->position)
        HZ_TRY(rewind_all(s, err));
    HZ_TRY(skip_to(s, offset, err));
    while (s->position >= offset && *got < len) {
        size_t part;
        HZ_TRY(s->top->read(s->top, (char *)into + *got, len - *got, &part, err));
        if (!part) {
            s->size = s->position;
            break;
        }
        *got += part;
        s->position += part;
    }
    *end = s->size != UINT64_MAX && s->position >= s->size;
    return HZ_OK;
}

hz_status hz_stream_check_unchanged(hz_stream *s, hz_error *err)
{
    return hz_file_check_unchanged(s->file, err);
}

hz_status hz_stream_finish(hz_stream *s, hz_error *err)
{
    uint64_t size = hz_file_size(s->file);
    if (s->options.bytes_seen && s->seen < size) {
        char *bytes = hz_mem_alloc(HZ_LAYER_BYTES);
        hz_status st = bytes ? HZ_OK : hz_nomem(err, HZ_LAYER_BYTES);
        while (st == HZ_OK && s->seen < size) {
            size_t got;
            st = hz_cancel_check(s->options.cancel, err);
            if (st == HZ_OK)
                st = hz_stream_file_read(s, s->seen, bytes, HZ_LAYER_BYTES, &got, err);
        }
        hz_mem_free(bytes);
        HZ_TRY(st);
    }
    return hz_file_check_unchanged(s->file, err);
}

uint64_t hz_stream_size(const hz_stream *s)
{
    return s->size;
}

bool hz_stream_is_plain(const hz_stream *s)
{
    return !s->top;
}

uint64_t hz_stream_file_bytes(const hz_stream *s)
{
    return hz_file_size(s->file);
}

uint64_t hz_stream_bad_byte(hz_stream *s, uint64_t offset, hz_encoding *other)
{
    *other = HZ_ENCODING_UNKNOWN;
    while (s->bad_from < s->bad_count && s->bad[s->bad_from].offset < offset)
        s->bad_from++;
    if (s->bad_from == s->bad_count || s->bad[s->bad_from].offset != offset)
        return offset;
    *other = s->bad[s->bad_from].other;
    return s->bad[s->bad_from].raw;
}

hz_status hz_stream_whole(hz_buf *out, const hz_source_options *options, hz_error *err)
{
    hz_stream *stream = NULL;
    bool end = false;
    HZ_TRY(hz_stream_open(&stream, options, err));
    hz_status st = HZ_OK;
    out->max_bytes = SIZE_MAX / 2;
    while (st == HZ_OK && !end) {
        char *room = hz_buf_reserve(out, 1 << 16);
        size_t got = 0;
        st = room ? hz_stream_read_at(stream, out->len, room, 1 << 16, &got, &end, err) : hz_buf_status(out, err);
        out->len += got;
        if (st == HZ_OK)
            st = hz_limit_check(options->limits, HZ_LIMIT_EMBEDDED_BYTES, out->len, err);
    }
    if (st == HZ_OK)
        st = hz_stream_finish(stream, err);
    hz_stream_close(stream);
    return st;
}
