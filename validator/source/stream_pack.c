/* stream_pack.c: gzip and zstd. Several members or frames behind each other are one file, as `cat` makes them. */
#include "validator/source/stream_int.h"
#include <zlib.h>
#ifdef HZ_ZSTD
#define ZSTD_STATIC_LINKING_ONLY /* only to name the allocator: all memory goes through alloc.h */
#include <zstd.h>
#endif

typedef struct packed {
    hz_layer layer;
    uint64_t at; /* file bytes taken */
    uint64_t unpacked;
    size_t from, filled; /* in `in`: what is not yet used */
    bool inside;         /* a member or frame has begun and not ended */
    bool full;           /* what came out filled its room: more may wait inside */
    bool ended;
    char in[HZ_LAYER_BYTES];
} packed;

/* *got 0: the file has no more. */
static hz_status refill(packed *p, hz_error *err)
{
    hz_stream *s = p->layer.stream;
    HZ_TRY(hz_cancel_check(s->options.cancel, err));
    HZ_TRY(hz_stream_file_read(s, p->at, p->in, sizeof p->in, &p->filled, err));
    p->from = 0;
    p->at += p->filled;
    s->raw_taken = p->at;
    return HZ_OK;
}

static hz_status give(packed *p, size_t count, size_t *got, hz_error *err)
{
    *got = count;
    p->unpacked += count;
    return hz_stream_check_unpacked(p->layer.stream, p->unpacked, err);
}

static void begin_again(packed *p)
{
    p->at = p->unpacked = 0;
    p->from = p->filled = 0;
    p->inside = p->ended = p->full = false;
}

/* ---- gzip ---- */

typedef struct gzip {
    packed packed;
    z_stream z;
} gzip;

static void *z_alloc(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return hz_mem_zalloc(count, size);
}

static void z_free(void *unused, void *ptr)
{
    (void)unused;
    hz_mem_free(ptr);
}

/* Between members: padding of NULs is passed over, all else must be another member. */
static hz_status gzip_between(gzip *g, hz_error *err)
{
    packed *p = &g->packed;
    while (p->from < p->filled && p->in[p->from] == 0 && p->unpacked)
        p->from++;
    if (p->from == p->filled)
        return HZ_OK;
    if ((unsigned char)p->in[p->from] != 0x1f)
        return hz_stream_broken(p->layer.stream, HZ_M(SOURCE_PACK_BROKEN), err);
    p->inside = true;
    return inflateReset(&g->z) == Z_OK ? HZ_OK : hz_nomem(err, sizeof g->z);
}

static hz_status gzip_read(hz_layer *layer, char *into, size_t len, size_t *got, hz_error *err)
{
    gzip *g = (gzip *)layer;
    packed *p = &g->packed;
    *got = 0;
    if (len > 1 << 30)
        len = 1 << 30;
    while (!p->ended) {
        if (p->from == p->filled && !(p->full && p->inside)) {
            HZ_TRY(refill(p, err));
            if (!p->filled) {
                p->ended = true;
                return p->inside ? hz_stream_broken(layer->stream, HZ_M(SOURCE_PACK_SHORT), err) : HZ_OK;
            }
        }
        if (!p->inside) {
            HZ_TRY(gzip_between(g, err));
            continue;
        }
        g->z.next_in = (unsigned char *)p->in + p->from;
        g->z.avail_in = (unsigned)(p->filled - p->from);
        g->z.next_out = (unsigned char *)into;
        g->z.avail_out = (unsigned)len;
        int result = inflate(&g->z, Z_NO_FLUSH);
        p->from = p->filled - g->z.avail_in;
        if (result == Z_MEM_ERROR)
            return hz_nomem(err, 32768);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return hz_stream_broken(layer->stream, HZ_M(SOURCE_PACK_BROKEN), err);
        p->inside = result != Z_STREAM_END;
        p->full = g->z.avail_out == 0;
        if (len > g->z.avail_out)
            return give(p, len - g->z.avail_out, got, err);
    }
    return HZ_OK;
}

static hz_status gzip_rewind(hz_layer *layer, hz_error *err)
{
    (void)err;
    begin_again(&((gzip *)layer)->packed);
    return HZ_OK;
}

static void gzip_close(hz_layer *layer)
{
    gzip *g = (gzip *)layer;
    (void)inflateEnd(&g->z);
    hz_mem_free(g);
}

hz_status hz_layer_gzip(hz_layer **out, hz_stream *stream, hz_error *err)
{
    gzip *g = hz_mem_zalloc(1, sizeof *g);
    *out = NULL;
    if (!g)
        return hz_nomem(err, sizeof *g);
    g->z.zalloc = z_alloc;
    g->z.zfree = z_free;
    if (inflateInit2(&g->z, 15 + 16) != Z_OK) {
        hz_mem_free(g);
        return hz_nomem(err, 32768);
    }
    g->packed.layer = (hz_layer){gzip_read, gzip_rewind, gzip_close, NULL, stream};
    *out = &g->packed.layer;
    return HZ_OK;
}

/* ---- zstd ---- */

#ifdef HZ_ZSTD
typedef struct zstd {
    packed packed;
    ZSTD_DCtx *context;
} zstd;

static void *zstd_alloc(void *unused, size_t size_bytes)
{
    (void)unused;
    return hz_mem_alloc(size_bytes);
}

static void zstd_free(void *unused, void *ptr)
{
    (void)unused;
    hz_mem_free(ptr);
}

static hz_status zstd_read(hz_layer *layer, char *into, size_t len, size_t *got, hz_error *err)
{
    zstd *z = (zstd *)layer;
    packed *p = &z->packed;
    *got = 0;
    while (!p->ended) {
        if (p->from == p->filled && !(p->full && p->inside)) {
            HZ_TRY(refill(p, err));
            if (!p->filled) {
                p->ended = true;
                return p->inside ? hz_stream_broken(layer->stream, HZ_M(SOURCE_PACK_SHORT), err) : HZ_OK;
            }
        }
        ZSTD_inBuffer in = {p->in, p->filled, p->from};
        ZSTD_outBuffer room = {into, len, 0};
        size_t result = ZSTD_decompressStream(z->context, &room, &in);
        p->from = in.pos;
        if (ZSTD_isError(result))
            return hz_stream_broken(layer->stream, HZ_M(SOURCE_PACK_BROKEN), err);
        p->inside = result != 0;
        p->full = room.pos == len;
        if (room.pos)
            return give(p, room.pos, got, err);
    }
    return HZ_OK;
}

static hz_status zstd_rewind(hz_layer *layer, hz_error *err)
{
    (void)err;
    begin_again(&((zstd *)layer)->packed);
    (void)ZSTD_DCtx_reset(((zstd *)layer)->context, ZSTD_reset_session_only);
    return HZ_OK;
}

static void zstd_close(hz_layer *layer)
{
    ZSTD_freeDCtx(((zstd *)layer)->context);
    hz_mem_free(layer);
}

hz_status hz_layer_zstd(hz_layer **out, hz_stream *stream, hz_error *err)
{
    static const ZSTD_customMem memory = {zstd_alloc, zstd_free, NULL};
    zstd *z = hz_mem_zalloc(1, sizeof *z);
    *out = NULL;
    if (!z)
        return hz_nomem(err, sizeof *z);
    z->context = ZSTD_createDCtx_advanced(memory);
    if (!z->context) {
        hz_mem_free(z);
        return hz_nomem(err, sizeof *z);
    }
    z->packed.layer = (hz_layer){zstd_read, zstd_rewind, zstd_close, NULL, stream};
    *out = &z->packed.layer;
    return HZ_OK;
}
#else
hz_status hz_layer_zstd(hz_layer **out, hz_stream *stream, hz_error *err)
{
    *out = NULL;
    hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_PART), HZ_S(stream->options.shown_path), HZ_Z("zstd"));
    hz_error_at(err, stream->options.shown_path, 0, 0);
    return st;
}
#endif
