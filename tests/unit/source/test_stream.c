/* Suite source.stream: packed files, members and other encodings give the bytes that were packed, wherever they are
 * read from, and nothing that is broken, too large or meant to harm gets through. */
#include "tests/unit/source/source_kit.h"
#include "validator/source/archive.h"
#include "validator/source/stream.h"
#include <check.h>
#include <iconv.h>
#include <zlib.h>
#ifdef HZ_ZSTD
#include <zstd.h>
#endif
#ifdef HZ_ARCHIVE
#include <archive.h>
#include <archive_entry.h>
#endif

static kit_file file;

static void put_lines(hz_buf *out, int count)
{
    for (int i = 0; i < count; i++)
        hz_buf_printf(out, "%d,户主%d,贵州省贵阳市,%d\n", i, i * 7, i % 13);
}

static void gzip(hz_buf *out, hz_slice text)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, text.len) + 32;
    char *to = hz_buf_reserve(out, room);
    z.next_in = (unsigned char *)(uintptr_t)text.ptr;
    z.avail_in = (unsigned)text.len;
    z.next_out = (unsigned char *)to;
    z.avail_out = (unsigned)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += z.total_out;
    deflateEnd(&z);
}

static hz_stream *open_packed(hz_slice bytes, const hz_source_options *how)
{
    hz_source_options options = *how;
    hz_stream *stream;
    hz_error err;
    hz_error_clear(&err);
    ck_assert(kit_file_put(&file, bytes));
    options.path = file.path;
    options.limits = options.limits ? options.limits : hz_limits_default();
    ck_assert_msg(hz_stream_open(&stream, &options, &err) == HZ_OK, "%s", hz_msg_name(err.message));
    return stream;
}

/* Forward in steps, then from places all over. */
static void expect_bytes(hz_stream *stream, hz_slice wanted)
{
    uint64_t seed = 7;
    char *bytes = hz_mem_alloc(wanted.len + 100);
    size_t at = 0, got;
    bool end = false;
    while (!end) {
        size_t step = 1 + kit_random(&seed) % 5000;
        ck_assert_int_eq(hz_stream_read_at(stream, at, bytes, step, &got, &end, NULL), HZ_OK);
        ck_assert(end || got == step);
        ck_assert_uint_le(at + got, wanted.len);
        ck_assert_mem_eq(bytes, wanted.ptr + at, got);
        at += got;
    }
    ck_assert_uint_eq(at, wanted.len);
    ck_assert_uint_eq(hz_stream_size(stream), wanted.len);
    for (int i = 0; i < 30; i++) {
        at = kit_random(&seed) % (wanted.len + 10);
        size_t len = kit_random(&seed) % 3000, left = at < wanted.len ? wanted.len - at : 0;
        ck_assert_int_eq(hz_stream_read_at(stream, at, bytes, len, &got, &end, NULL), HZ_OK);
        ck_assert_uint_eq(got, left < len ? left : len);
        if (got)
            ck_assert_mem_eq(bytes, wanted.ptr + at, got);
    }
    hz_mem_free(bytes);
}

START_TEST(test_stream__gzip)
{
    hz_buf text = HZ_BUF_INIT, packed = HZ_BUF_INIT, seen = HZ_BUF_INIT;
    put_lines(&text, 4000);
    /* two members and padding are one file */
    gzip(&packed, hz_slice_sub(hz_buf_slice(&text), 0, 50000));
    gzip(&packed, hz_slice_sub(hz_buf_slice(&text), 50000, text.len));
    hz_buf_put(&packed, HZ_SLICE_LIT("\0\0\0\0"));
    hz_stream *stream =
        open_packed(hz_buf_slice(&packed), &(hz_source_options){.bytes_seen = kit_seen, .bytes_ctx = &seen});
    expect_bytes(stream, hz_buf_slice(&text));
    ck_assert_int_eq(hz_stream_finish(stream, NULL), HZ_OK);
    ck_assert(hz_slice_eq(hz_buf_slice(&seen), hz_buf_slice(&packed)));
    ck_assert_uint_eq(hz_stream_file_bytes(stream), packed.len);
    hz_stream_close(stream);
    hz_buf_clear(&text);
    hz_buf_clear(&packed);
    hz_buf_clear(&seen);
}
END_TEST

/* The status of reading all. */
static hz_status drain(hz_slice bytes, const hz_source_options *how, hz_error *err)
{
    hz_source_options options = *how;
    hz_stream *stream;
    char room[4096];
    size_t at = 0, got;
    bool end = false;
    hz_error_clear(err);
    ck_assert(kit_file_put(&file, bytes));
    options.path = file.path;
    options.limits = options.limits ? options.limits : hz_limits_default();
    hz_status st = hz_stream_open(&stream, &options, err);
    if (st != HZ_OK)
        return st;
    while (st == HZ_OK && !end) {
        st = hz_stream_read_at(stream, at, room, sizeof room, &got, &end, err);
        at += got;
    }
    hz_stream_close(stream);
    return st;
}

START_TEST(test_stream__gzip_cut_anywhere)
{
    hz_buf text = HZ_BUF_INIT, packed = HZ_BUF_INIT;
    hz_error err;
    put_lines(&text, 40);
    gzip(&packed, hz_buf_slice(&text));
    for (size_t len = 2; len < packed.len; len++) {
        ck_assert_int_eq(drain(hz_slice_sub(hz_buf_slice(&packed), 0, len), &(hz_source_options){0}, &err),
                         HZ_E_SOURCE);
        ck_assert_int_eq(err.message, HZ_MSG_SOURCE_PACK_SHORT);
    }
    hz_buf_puts(&packed, "junk");
    ck_assert_int_eq(drain(hz_buf_slice(&packed), &(hz_source_options){0}, &err), HZ_E_SOURCE);
    packed.ptr[packed.len / 2] ^= 0x55;
    ck_assert_int_eq(drain(hz_buf_slice(&packed), &(hz_source_options){0}, &err), HZ_E_SOURCE);
    ck_assert_int_eq(err.message, HZ_MSG_SOURCE_PACK_BROKEN);
    hz_buf_clear(&text);
    hz_buf_clear(&packed);
}
END_TEST

START_TEST(test_stream__limits)
{
    hz_buf text = HZ_BUF_INIT, packed = HZ_BUF_INIT;
    hz_limits limits;
    hz_error err;
    hz_limits_init(&limits);
    size_t len = 17u << 20;
    char *room = hz_buf_reserve(&text, len);
    memset(room, '0', len);
    gzip(&packed, (hz_slice){room, len});
    /* about 1 : 1000 */
    ck_assert_int_eq(drain(hz_buf_slice(&packed), &(hz_source_options){0}, &err), HZ_E_LIMIT);
    hz_slice args[HZ_MSG_ARGS_MAX];
    ck_assert_uint_ge(hz_error_args(&err, args), 2);
    ck_assert(hz_slice_eq(args[1], HZ_SLICE_LIT("unpacked_ratio")));
    limits.value[HZ_LIMIT_UNPACKED_RATIO] = 2000;
    ck_assert_int_eq(drain(hz_buf_slice(&packed), &(hz_source_options){.limits = &limits}, &err), HZ_OK);
    limits.value[HZ_LIMIT_UNPACKED_BYTES] = len;
    ck_assert_int_eq(drain(hz_buf_slice(&packed), &(hz_source_options){.limits = &limits}, &err), HZ_OK);
    limits.value[HZ_LIMIT_UNPACKED_BYTES] = len - 1;
    ck_assert_int_eq(drain(hz_buf_slice(&packed), &(hz_source_options){.limits = &limits}, &err), HZ_E_LIMIT);
    hz_buf_clear(&text);
    hz_buf_clear(&packed);
}
END_TEST

#ifdef HZ_ZSTD
START_TEST(test_stream__zstd)
{
    hz_buf text = HZ_BUF_INIT, packed = HZ_BUF_INIT;
    hz_error err;
    put_lines(&text, 4000);
    for (size_t from = 0; from < text.len;) {
        size_t to = from + 70000 < text.len ? from + 70000 : text.len, bound = ZSTD_compressBound(to - from);
        char *room = hz_buf_reserve(&packed, bound);
        packed.len += ZSTD_compress(room, bound, text.ptr + from, to - from, 1);
        from = to;
    }
    hz_stream *stream = open_packed(hz_buf_slice(&packed), &(hz_source_options){0});
    expect_bytes(stream, hz_buf_slice(&text));
    hz_stream_close(stream);
    ck_assert_int_eq(drain(hz_slice_sub(hz_buf_slice(&packed), 0, packed.len - 3), &(hz_source_options){0}, &err),
                     HZ_E_SOURCE);
    hz_buf_clear(&text);
    hz_buf_clear(&packed);
}
END_TEST
#endif

#ifdef HZ_ARCHIVE
static la_ssize_t put_bytes(struct archive *archive, void *ctx, const void *bytes, size_t len)
{
    (void)archive;
    hz_buf_put(ctx, (hz_slice){bytes, len});
    return (la_ssize_t)len;
}

/* An archive of members a/0.csv, a/1.csv, …, each with the text. */
static void pack(hz_buf *out, const char *format, const char *const *names, size_t count, hz_slice text)
{
    struct archive *a = archive_write_new();
    ck_assert_int_eq(archive_write_set_format_by_name(a, format), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open(a, out, NULL, put_bytes, NULL), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, names[i]);
        archive_entry_set_size(entry, (la_int64_t)text.len);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0600);
        ck_assert_int_eq(archive_write_header(a, entry), ARCHIVE_OK);
        ck_assert_int_eq(archive_write_data(a, text.ptr, text.len), (la_ssize_t)text.len);
        archive_entry_free(entry);
    }
    ck_assert_int_eq(archive_write_free(a), ARCHIVE_OK);
}

static hz_status put_name(void *ctx, hz_slice name, hz_error *err)
{
    (void)err;
    hz_buf_put(ctx, name);
    hz_buf_putc(ctx, ' ');
    return HZ_OK;
}

static const char *const formats[] = {"zip", "ustar", "7zip"};
static const char *const names[] = {"a/0.csv", "a/1.csv", "2.csv"};

START_TEST(test_stream__members)
{
    hz_buf text = HZ_BUF_INIT, packed = HZ_BUF_INIT, listed = HZ_BUF_INIT;
    hz_error err;
    put_lines(&text, 2000);
    pack(&packed, formats[_i], names, 3, hz_buf_slice(&text));
    hz_source_options options = {.member = HZ_SLICE_LIT("a/1.csv")};
    hz_stream *stream = open_packed(hz_buf_slice(&packed), &options);
    expect_bytes(stream, hz_buf_slice(&text));
    hz_stream_close(stream);
    options.path = file.path;
    options.limits = hz_limits_default();
    ck_assert_int_eq(hz_archive_list(&options, put_name, &listed, NULL), HZ_OK);
    ck_assert_str_eq(listed.ptr, "a/0.csv a/1.csv 2.csv ");
    options.member = HZ_SLICE_LIT("a/3.csv");
    ck_assert_int_eq(drain(hz_buf_slice(&packed), &options, &err), HZ_E_SOURCE);
    ck_assert_int_eq(err.message, HZ_MSG_SOURCE_ARCHIVE_MISSING);
    /* cut or bent anywhere: an error, or the text as far as it goes, never more */
    options.member = HZ_SLICE_LIT("a/1.csv");
    for (size_t at = 0; at < packed.len; at += 37) {
        (void)drain(hz_slice_sub(hz_buf_slice(&packed), 0, at), &options, &err);
        packed.ptr[at] ^= 0x21;
        (void)drain(hz_buf_slice(&packed), &options, &err);
        packed.ptr[at] ^= 0x21;
    }
    hz_buf_clear(&text);
    hz_buf_clear(&packed);
    hz_buf_clear(&listed);
}
END_TEST

static hz_status list_status(hz_slice bytes, const hz_limits *limits, hz_error *err)
{
    hz_buf listed = HZ_BUF_INIT;
    hz_error_clear(err);
    ck_assert(kit_file_put(&file, bytes));
    hz_source_options options = {.path = file.path, .limits = limits};
    hz_status st = hz_archive_list(&options, put_name, &listed, err);
    hz_buf_clear(&listed);
    return st;
}

START_TEST(test_stream__archives_that_are_refused)
{
    static const char *const outside[] = {"../x.csv", "/x.csv", "a/../../x.csv", "a\\..\\x.csv", "C:x.csv"};
    hz_buf packed = HZ_BUF_INIT;
    hz_limits limits;
    hz_error err;
    hz_limits_init(&limits);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        hz_buf_reset(&packed);
        pack(&packed, "zip", &outside[i], 1, HZ_SLICE_LIT("a\n"));
        ck_assert_int_eq(list_status(hz_buf_slice(&packed), &limits, &err), HZ_E_SOURCE);
        ck_assert_int_eq(err.message, HZ_MSG_SOURCE_ARCHIVE_LEAVES);
    }
    hz_buf_reset(&packed);
    pack(&packed, "zip", names, 3, HZ_SLICE_LIT("a\n"));
    limits.value[HZ_LIMIT_ARCHIVE_MEMBERS] = 3;
    ck_assert_int_eq(list_status(hz_buf_slice(&packed), &limits, &err), HZ_OK);
    limits.value[HZ_LIMIT_ARCHIVE_MEMBERS] = 2;
    ck_assert_int_eq(list_status(hz_buf_slice(&packed), &limits, &err), HZ_E_LIMIT);
    ck_assert_int_eq(list_status(HZ_SLICE_LIT("no archive"), &limits, &err), HZ_E_SOURCE);
    hz_buf_clear(&packed);
}
END_TEST
#endif

/* Every allocation that fails is told, and nothing leaks. */
START_TEST(test_stream__no_memory)
{
    hz_buf text = HZ_BUF_INIT, packed = HZ_BUF_INIT, gbk = HZ_BUF_INIT;
    hz_error err;
    put_lines(&text, 50);
    iconv_t convert = iconv_open("GB18030", "UTF-8");
    char *from = text.ptr, *to = hz_buf_reserve(&gbk, text.len * 2);
    size_t left = text.len, room = text.len * 2;
    ck_assert(iconv(convert, &from, &left, &to, &room) != (size_t)-1);
    gbk.len = text.len * 2 - room;
    iconv_close(convert);
    gzip(&packed, hz_buf_slice(&gbk));
    ck_assert(kit_file_put(&file, hz_buf_slice(&packed)));
    uint64_t before = hz_mem_stats_now().live_calls;
    for (uint64_t n = 1; n < 200; n++) {
        hz_source_options options = {.path = file.path, .limits = hz_limits_default()};
        hz_source *source;
        hz_batch batch = {0};
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        hz_status st = hz_source_open(&source, &options, &err);
        bool opened = st == HZ_OK;
        while (st == HZ_OK)
            st = hz_source_next(&batch, source, &err);
        hz_mem_fail_after(0, false);
        if (opened)
            hz_source_close(source);
        ck_assert(st == HZ_END || st == HZ_E_NOMEM);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before);
        if (st == HZ_END)
            break;
    }
    hz_buf_clear(&text);
    hz_buf_clear(&packed);
    hz_buf_clear(&gbk);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.stream");
    TCase *tc = tcase_create("stream");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_stream__gzip);
    tcase_add_test(tc, test_stream__gzip_cut_anywhere);
    tcase_add_test(tc, test_stream__limits);
#ifdef HZ_ZSTD
    tcase_add_test(tc, test_stream__zstd);
#endif
#ifdef HZ_ARCHIVE
    tcase_add_loop_test(tc, test_stream__members, 0, 3);
    tcase_add_test(tc, test_stream__archives_that_are_refused);
#endif
    tcase_add_test(tc, test_stream__no_memory);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
