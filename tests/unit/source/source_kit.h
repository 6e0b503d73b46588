/* source_kit.h: what the tests of the readers share: text as a file without a disk, and all that a reader says as one
 * text.
 *
 * The dump has a line an event, in file order:
 *   H columns: LEN:name …            the header
 *   R record line offset: LEN:cell … a readable row
 *   B kind record line offset fields a bad row
 *   E status MESSAGE line offset     an error, at open or later; nothing follows
 *   N records                        the end
 *   ! …                              the reader broke a promise of source.h: never in a right dump */
#ifndef HZ_TESTS_SOURCE_KIT_H
#define HZ_TESTS_SOURCE_KIT_H
#include "base/alloc.h"
#include "base/buf.h"
#include "validator/source/csv_scan.h"
#include "validator/source/source.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct kit_way {
    size_t block_bytes;
    size_t scanner; /* index for hz_csv_scanner_at */
    char delimiter;
    const hz_limits *limits; /* NULL: the defaults */
    const uint64_t *want;    /* NULL: all */
} kit_way;

typedef struct kit_file {
    int fd;
    char path[64];
} kit_file;

HZ_UNUSED static bool kit_file_put(kit_file *file, hz_slice text)
{
    if (file->fd <= 0) {
        file->fd = memfd_create("source-kit", MFD_CLOEXEC);
        if (file->fd < 0)
            return false;
        snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->fd);
    }
    return ftruncate(file->fd, 0) == 0 && pwrite(file->fd, text.ptr, text.len, 0) == (ssize_t)text.len;
}

/* Promises of source.h that were seen broken so far. */
static unsigned kit_broken_count;

static void kit_broken(hz_buf *out, const char *what)
{
    hz_buf_printf(out, "! %s\n", what);
    kit_broken_count++;
}

static void kit_seen(void *ctx, const void *bytes, size_t len)
{
    hz_buf_put(ctx, (hz_slice){bytes, len});
}

static void kit_put_slice(hz_buf *out, hz_slice s)
{
    hz_buf_printf(out, " %zu:", s.len);
    hz_buf_put(out, s);
}

static void kit_put_row(hz_buf *out, const hz_batch *b, uint32_t r)
{
    hz_buf_printf(out, "R %llu %llu %llu:", (unsigned long long)b->records[r], (unsigned long long)b->lines[r],
                  (unsigned long long)b->offsets[r]);
    for (uint32_t c = 0; c < b->columns_count; c++) {
        if (b->columns[c].cells)
            kit_put_slice(out, b->columns[c].cells[r]);
        else
            hz_buf_puts(out, " -");
    }
    hz_buf_putc(out, '\n');
}

static void kit_put_bad(hz_buf *out, const hz_bad_row *b)
{
    hz_buf_printf(out, "B %d %llu %llu %llu %llu/%llu\n", (int)b->kind, (unsigned long long)b->record,
                  (unsigned long long)b->line, (unsigned long long)b->offset_bytes, (unsigned long long)b->fields_count,
                  (unsigned long long)b->fields_expected);
}

static void kit_put_error(hz_buf *out, const hz_error *err, hz_status st)
{
    hz_buf_printf(out, "E %d %s %llu %llu%s\n", (int)st, hz_msg_name(err->message), (unsigned long long)err->line,
                  (unsigned long long)err->offset_bytes, err->status == st ? "" : " STATUS DIFFERS");
}

typedef struct kit_rows {
    uint64_t *offsets, *records, *lines;
    size_t count, capacity[3];
    hz_buf text; /* their R lines */
} kit_rows;

static void kit_keep_row(hz_buf *out, kit_rows *rows, const hz_batch *b, uint32_t r)
{
    if (rows->count && (b->offsets[r] <= rows->offsets[rows->count - 1] ||
                        b->lines[r] <= rows->lines[rows->count - 1] || b->records[r] <= rows->records[rows->count - 1]))
        kit_broken(out, "order wrong");
    if (!HZ_GROW(rows->offsets, rows->capacity[0], rows->count + 1) ||
        !HZ_GROW(rows->records, rows->capacity[1], rows->count + 1) ||
        !HZ_GROW(rows->lines, rows->capacity[2], rows->count + 1))
        return;
    rows->offsets[rows->count] = b->offsets[r];
    rows->records[rows->count] = b->records[r];
    rows->lines[rows->count++] = b->lines[r];
    kit_put_row(&rows->text, b, r);
}

/* The batch's rows and bad rows in the order of their records. */
static void kit_put_batch(hz_buf *out, kit_rows *rows, const hz_batch *b)
{
    for (uint32_t r = 0, bad = 0; r < b->rows_count || bad < b->bad_count;)
        if (bad == b->bad_count || (r < b->rows_count && b->records[r] < b->bad[bad].record)) {
            kit_keep_row(out, rows, b, r);
            kit_put_row(out, b, r++);
        } else {
            kit_put_bad(out, &b->bad[bad++]);
        }
    if (b->rows_count == 0 && b->bad_count == 0)
        kit_broken(out, "empty batch");
}

/* Reads every `step`-th row again and compares. */
static void kit_reread(hz_buf *out, hz_source *source, const kit_rows *rows, hz_error *err)
{
    hz_buf again = HZ_BUF_INIT;
    for (size_t from = 0; from < rows->count;) {
        size_t count = rows->count - from < HZ_BATCH_ROWS ? rows->count - from : HZ_BATCH_ROWS;
        hz_batch b;
        static hz_row_want wants[HZ_BATCH_ROWS];
        for (size_t i = 0; i < count; i++) {
            size_t known = from + i - (from + i) % 5; /* a row at or before it */
            wants[i] = (hz_row_want){rows->records[from + i], rows->records[known], rows->offsets[known],
                                     rows->lines[known]};
        }
        hz_status st = hz_source_rows_at(&b, source, wants, (uint32_t)count, err);
        if (st != HZ_OK) {
            kit_broken(out, "rows_at fails");
            kit_put_error(out, err, st);
            break;
        }
        for (uint32_t r = 0; r < b.rows_count; r++)
            kit_put_row(&again, &b, r);
        from += count;
    }
    if (!hz_slice_eq(hz_buf_slice(&again), hz_buf_slice(&rows->text)))
        kit_broken(out, "rows_at differs");
    hz_buf_clear(&again);
}

/* Everything that the reader says about the file, appended to out. */
HZ_UNUSED static void kit_dump_path(hz_buf *out, const char *path, const hz_buf *text, const kit_way *way)
{
    hz_buf seen = HZ_BUF_INIT;
    kit_rows rows = {0};
    hz_error err;
    hz_error_clear(&err);
    hz_source_options options = {.path = path,
                                 .shown_path = HZ_SLICE_LIT("submission.csv"),
                                 .limits = way->limits ? way->limits : hz_limits_default(),
                                 .delimiter = way->delimiter,
                                 .block_bytes = way->block_bytes,
                                 .scalar = way->scanner == 0,
                                 .bytes_seen = kit_seen,
                                 .bytes_ctx = &seen};
    hz_csv_scanner_force(hz_csv_scanner_at(way->scanner));
    hz_source *source;
    hz_status st = hz_source_open(&source, &options, &err);
    if (st != HZ_OK) {
        kit_put_error(out, &err, st);
        goto out;
    }
    const hz_slice *names;
    size_t columns = hz_source_columns(source, &names);
    hz_buf_printf(out, "H %zu:", columns);
    for (size_t c = 0; c < columns; c++)
        kit_put_slice(out, names[c]);
    hz_buf_putc(out, '\n');
    if (way->want)
        hz_source_want(source, way->want);
    hz_batch batch = {0};
    while ((st = hz_source_next(&batch, source, &err)) == HZ_OK)
        kit_put_batch(out, &rows, &batch);
    if (st != HZ_END) {
        kit_put_error(out, &err, st);
        goto out;
    }
    hz_buf_printf(out, "N %llu\n", (unsigned long long)hz_source_records(source));
    if (hz_source_next(&batch, source, &err) != HZ_END || batch.rows_count || batch.bad_count)
        kit_broken(out, "no end after the end");
    kit_reread(out, source, &rows, &err);
    if (text && (!hz_slice_eq(hz_buf_slice(&seen), hz_buf_slice(text)) || hz_source_bytes(source) != text->len))
        kit_broken(out, "bytes differ");
out:
    hz_source_close(source);
    hz_csv_scanner_force(NULL);
    hz_buf_clear(&seen);
    hz_buf_clear(&rows.text);
    hz_mem_free(rows.offsets);
    hz_mem_free(rows.records);
    hz_mem_free(rows.lines);
}

HZ_UNUSED static void kit_dump(hz_buf *out, kit_file *file, hz_slice text, const kit_way *way)
{
    hz_buf copy = HZ_BUF_INIT;
    hz_buf_put(&copy, text);
    if (!kit_file_put(file, text))
        kit_broken(out, "no file");
    else
        kit_dump_path(out, file->path, &copy, way);
    hz_buf_clear(&copy);
}

/* How much of the long loops to run: all, a quarter under the address sanitizer; with HZ_TEST_QUICK set (valgrind) or
 * under the thread sanitizer a hundredth. */
HZ_UNUSED static unsigned kit_rounds(unsigned rounds)
{
#if defined(__SANITIZE_THREAD__)
    return rounds / 100 + 1;
#elif defined(__SANITIZE_ADDRESS__)
    return getenv("HZ_TEST_QUICK") ? rounds / 100 + 1 : rounds / 4;
#else
    return getenv("HZ_TEST_QUICK") ? rounds / 100 + 1 : rounds;
#endif
}

/* xorshift: the same numbers everywhere. */
HZ_UNUSED static uint32_t kit_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 24);
}
#endif
