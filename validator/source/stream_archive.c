/* stream_archive.c: members of archives, by libarchive.
 *
 * libarchive turns names into the characters of the thread's locale, and gives none at all for a name that has no place
 * in it. So the calls run in C.UTF-8, which every glibc has, for this thread and for the length of the call; what the
 * program's own locale is changes nothing.
 *
 * A member is found anew by going through the headers (of a zip: its directory, without reading what lies between). Of
 * two members of one name the first is read. */
#include "base/utf8.h"
#include "validator/source/archive.h"
#include "validator/source/stream_int.h"

bool hz_archive_is(hz_slice name)
{
    static const char *const suffixes[] = {".zip", ".7z", ".tar", ".tgz", ".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t n = strlen(suffixes[i]);
        if (name.len > n && strncasecmp(name.ptr + name.len - n, suffixes[i], n) == 0)
            return true;
    }
    return false;
}

#ifdef HZ_ARCHIVE
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <locale.h>

typedef struct member_layer {
    hz_layer layer;
    struct archive *archive;
    locale_t utf8;
    uint64_t at;       /* in the file */
    uint64_t taken;    /* file bytes read since the member began */
    uint64_t unpacked; /* of the member */
    hz_buf name;       /* of the entry at hand */
    hz_error problem;  /* of a callback, for which libarchive has only -1 */
    hz_status failed;
    char in[HZ_LAYER_BYTES];
} member_layer;

static la_ssize_t on_read(struct archive *archive, void *ctx, const void **bytes)
{
    member_layer *m = ctx;
    size_t got = 0;
    hz_stream *s = m->layer.stream;
    (void)archive;
    m->failed = hz_cancel_check(s->options.cancel, &m->problem);
    if (m->failed == HZ_OK)
        m->failed = hz_file_read_at(s->file, m->at, m->in, sizeof m->in, &got, &m->problem);
    if (m->failed != HZ_OK)
        return -1;
    *bytes = m->in;
    m->at += got;
    m->taken += got;
    return (la_ssize_t)got;
}

static la_int64_t on_skip(struct archive *archive, void *ctx, la_int64_t request)
{
    member_layer *m = ctx;
    uint64_t left = hz_file_size(m->layer.stream->file) - m->at, step = request < 0 ? 0 : (uint64_t)request;
    (void)archive;
    step = step < left ? step : left;
    m->at += step;
    return (la_int64_t)step;
}

static la_int64_t on_seek(struct archive *archive, void *ctx, la_int64_t offset, int whence)
{
    member_layer *m = ctx;
    la_int64_t size = (la_int64_t)hz_file_size(m->layer.stream->file);
    la_int64_t to = offset + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (la_int64_t)m->at : size);
    (void)archive;
    if (to < 0 || to > size)
        return ARCHIVE_FATAL;
    m->at = (uint64_t)to;
    return to;
}

/* What went wrong in libarchive or in a callback. */
static hz_status failure(member_layer *m, hz_error *err)
{
    if (m->failed != HZ_OK) {
        if (err)
            *err = m->problem;
        return m->failed;
    }
    int number = archive_errno(m->archive);
    if (number == ENOMEM)
        return hz_nomem(err, 0);
    return hz_stream_broken(m->layer.stream, HZ_M(SOURCE_ARCHIVE_BROKEN), err);
}

static void close_archive(member_layer *m)
{
    if (m->archive)
        (void)archive_read_free(m->archive);
    m->archive = NULL;
    m->at = m->taken = m->unpacked = 0;
}

static hz_status open_archive(member_layer *m, hz_error *err)
{
    close_archive(m);
    struct archive *a = m->archive = archive_read_new();
    if (!a)
        return hz_nomem(err, 0);
    (void)archive_read_support_format_zip_seekable(a);
    (void)archive_read_support_format_7zip(a);
    (void)archive_read_support_format_tar(a);
    (void)archive_read_support_filter_gzip(a);
    (void)archive_read_support_filter_zstd(a);
    (void)archive_read_support_filter_xz(a);
    (void)archive_read_support_filter_bzip2(a);
    (void)archive_read_set_read_callback(a, on_read);
    (void)archive_read_set_skip_callback(a, on_skip);
    (void)archive_read_set_seek_callback(a, on_seek);
    (void)archive_read_set_callback_data(a, m);
    if (archive_read_open1(a) != ARCHIVE_OK)
        return failure(m, err);
    if (archive_filter_count(a) > 2) /* one packing and the file below it */
        return hz_stream_broken(m->layer.stream, HZ_M(SOURCE_ARCHIVE_NESTED), err);
    return HZ_OK;
}

/* The name in UTF-8. false: it has none, or no memory. */
static bool take_name(hz_buf *out, const char *raw)
{
    hz_slice name = hz_slice_of(raw);
    hz_buf_reset(out);
    if (!raw || name.len == 0)
        return false;
    if (hz_utf8_valid(name)) {
        hz_buf_put(out, name);
        return hz_buf_status(out, NULL) == HZ_OK;
    }
    iconv_t convert = iconv_open("UTF-8", "GB18030");
    char *to = convert == (iconv_t)-1 ? NULL : hz_buf_reserve(out, name.len * 4), *start = to;
    char *from = (char *)(uintptr_t)name.ptr;
    size_t left = name.len, room = name.len * 4;
    bool ok = to && iconv(convert, &from, &left, &to, &room) != (size_t)-1;
    if (ok)
        out->len += (size_t)(to - start);
    if (convert != (iconv_t)-1)
        iconv_close(convert);
    hz_buf_put(out, HZ_SLICE_NONE);
    return ok;
}

static bool leaves(hz_slice name)
{
    if (name.ptr[0] == '/' || name.ptr[0] == '\\' || (name.len > 1 && name.ptr[1] == ':'))
        return true;
    for (size_t from = 0, at = 0; at <= name.len; at++)
        if (at == name.len || name.ptr[at] == '/' || name.ptr[at] == '\\') {
            if (hz_slice_eq(hz_slice_sub(name, from, at), HZ_SLICE_LIT("..")))
                return true;
            from = at + 1;
        }
    return false;
}

/* The next regular member, its name in m->name; HZ_END: there is none. `count` goes up with each entry. */
static hz_status next_member(member_layer *m, uint64_t *count, hz_error *err)
{
    const hz_stream *s = m->layer.stream;
    struct archive_entry *entry;
    for (;;) {
        int result = archive_read_next_header(m->archive, &entry);
        if (result == ARCHIVE_EOF)
            return HZ_END;
        if (result < ARCHIVE_WARN || m->failed != HZ_OK)
            return failure(m, err);
        HZ_TRY(hz_stream_limit(s, HZ_LIMIT_ARCHIVE_MEMBERS, ++*count, err));
        if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
            continue;
        if (!take_name(&m->name, archive_entry_pathname(entry)))
            return hz_stream_broken(s, HZ_M(SOURCE_ARCHIVE_NAME), err);
        if (leaves(hz_buf_slice(&m->name)))
            return hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_ARCHIVE_LEAVES), HZ_S(s->options.shown_path),
                           HZ_S(hz_buf_slice(&m->name)));
        if (archive_entry_is_encrypted(entry))
            return hz_stream_broken(s, HZ_M(SOURCE_ARCHIVE_ENCRYPTED), err);
        return HZ_OK;
    }
}

static hz_status find_member(member_layer *m, hz_error *err)
{
    const hz_stream *s = m->layer.stream;
    uint64_t count = 0;
    HZ_TRY(open_archive(m, err));
    hz_status st;
    do
        st = next_member(m, &count, err);
    while (st == HZ_OK && !hz_slice_eq(hz_buf_slice(&m->name), s->options.member));
    m->taken = 0;
    if (st == HZ_END)
        return hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_ARCHIVE_MISSING), HZ_S(s->options.shown_path),
                       HZ_S(s->options.member));
    return st;
}

static hz_status in_utf8(member_layer *m, hz_status (*work)(member_layer *m, hz_error *err), hz_error *err)
{
    locale_t before = m->utf8 ? uselocale(m->utf8) : (locale_t)0;
    hz_status st = work(m, err);
    if (m->utf8)
        (void)uselocale(before);
    return st;
}

static hz_status member_read(hz_layer *layer, char *into, size_t len, size_t *got, hz_error *err)
{
    member_layer *m = (member_layer *)layer;
    *got = 0;
    la_ssize_t count = archive_read_data(m->archive, into, len);
    if (count < 0 || m->failed != HZ_OK)
        return failure(m, err);
    m->unpacked += (uint64_t)count;
    *got = (size_t)count;
    layer->stream->raw_taken = m->taken;
    return hz_stream_check_unpacked(layer->stream, m->unpacked, err);
}

static hz_status member_rewind(hz_layer *layer, hz_error *err)
{
    return in_utf8((member_layer *)layer, find_member, err);
}

static void member_close(hz_layer *layer)
{
    member_layer *m = (member_layer *)layer;
    close_archive(m);
    if (m->utf8)
        freelocale(m->utf8);
    hz_buf_clear(&m->name);
    hz_mem_free(m);
}

static member_layer *new_layer(hz_stream *stream)
{
    member_layer *m = hz_mem_zalloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->layer = (hz_layer){member_read, member_rewind, member_close, NULL, stream};
    m->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    m->name = HZ_BUF_INIT;
    hz_error_clear(&m->problem);
    return m;
}

hz_status hz_layer_member(hz_layer **out, hz_stream *stream, hz_error *err)
{
    *out = NULL;
    member_layer *m = new_layer(stream);
    if (!m)
        return hz_nomem(err, sizeof *m);
    hz_status st = in_utf8(m, find_member, err);
    if (st == HZ_OK)
        *out = &m->layer;
    else
        member_close(&m->layer);
    return st;
}

typedef struct listing {
    hz_status (*found)(void *ctx, hz_slice name, hz_error *err);
    void *ctx;
} listing;

static hz_status list_all(hz_stream *stream, const listing *to, hz_error *err)
{
    member_layer *m = new_layer(stream);
    uint64_t count = 0;
    if (!m)
        return hz_nomem(err, sizeof *m);
    locale_t before = m->utf8 ? uselocale(m->utf8) : (locale_t)0;
    hz_status st = open_archive(m, err);
    while (st == HZ_OK) {
        st = next_member(m, &count, err);
        if (st == HZ_OK)
            st = to->found(to->ctx, hz_buf_slice(&m->name), err);
    }
    if (m->utf8)
        (void)uselocale(before);
    member_close(&m->layer);
    return st == HZ_END ? HZ_OK : st;
}

hz_status hz_archive_list(const hz_source_options *options, hz_status (*found)(void *ctx, hz_slice name, hz_error *err),
                          void *ctx, hz_error *err)
{
    hz_stream stream = {.options = *options};
    listing to = {found, ctx};
    hz_status st = options->path ? hz_file_open(&stream.file, options->path, err)
                                 : hz_file_open_bytes(&stream.file, options->bytes, err);
    if (st == HZ_OK)
        st = list_all(&stream, &to, err);
    if (stream.file)
        hz_file_close(stream.file);
    return st;
}
#else
static hz_status not_built_in(const hz_source_options *options, hz_error *err)
{
    hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_PART), HZ_S(options->shown_path), HZ_Z("libarchive"));
    hz_error_at(err, options->shown_path, 0, 0);
    return st;
}

hz_status hz_layer_member(hz_layer **out, hz_stream *stream, hz_error *err)
{
    *out = NULL;
    return not_built_in(&stream->options, err);
}

hz_status hz_archive_list(const hz_source_options *options, hz_status (*found)(void *ctx, hz_slice name, hz_error *err),
                          void *ctx, hz_error *err)
{
    (void)found;
    (void)ctx;
    return not_built_in(options, err);
}
#endif
