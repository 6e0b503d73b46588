/* parts_kit.h: what the fuzz targets of the formats share that are put aside: bytes as a file of a form, with a table
 * and one nested in it. What must hold: an error is worded, or every row can be read, and read again as it was. */
#ifndef HZ_TESTS_PARTS_KIT_H
#define HZ_TESTS_PARTS_KIT_H
#include "base/alloc.h"
#include "base/buf.h"
#include "tests/fuzz/fuzz_kit.h"
#include "validator/source/source.h"

static void parts_put_row(hz_buf *out, const hz_batch *batch, uint32_t row)
{
    hz_buf_printf(out, "%llu %llu", (unsigned long long)batch->records[row], (unsigned long long)batch->lines[row]);
    for (uint32_t c = 0; c < batch->columns_count; c++) {
        hz_buf_putc(out, '|');
        hz_buf_put(out, batch->columns[c].cells[row]);
    }
    hz_buf_put(out, batch->where[row]);
    hz_buf_putc(out, '\n');
}

typedef struct parts_rows {
    hz_row_want *wants;
    size_t count, capacity;
} parts_rows;

static void parts_keep(parts_rows *rows, const hz_batch *batch, uint32_t row)
{
    REQUIRE(HZ_GROW(rows->wants, rows->capacity, rows->count + 1));
    /* from one row before, where there is one */
    size_t known = rows->count - (rows->count % 3 ? 1 : 0);
    hz_row_want want = {batch->records[row], batch->records[row], batch->offsets[row], batch->lines[row]};
    rows->wants[rows->count] = want;
    if (known < rows->count) {
        rows->wants[rows->count].at_record = rows->wants[known].record;
        rows->wants[rows->count].at_offset = rows->wants[known].at_offset;
        rows->wants[rows->count].at_line = rows->wants[known].at_line;
        if (known % 3)
            rows->wants[rows->count] = want;
    }
    rows->count++;
}

static void parts_read_all(const hz_spool *spool, const hz_limits *limits)
{
    hz_source_options options = {.spool = spool, .limits = limits};
    hz_buf first = HZ_BUF_INIT, again = HZ_BUF_INIT;
    parts_rows rows = {0};
    hz_source *source;
    hz_batch batch = {0};
    hz_status st;
    uint64_t bad = 0;
    REQUIRE(hz_source_open(&source, &options, NULL) == HZ_OK);
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK) {
        REQUIRE(batch.rows_count || batch.bad_count);
        bad += batch.bad_count;
        for (uint32_t r = 0; r < batch.rows_count; r++) {
            parts_put_row(&first, &batch, r);
            parts_keep(&rows, &batch, r);
        }
    }
    REQUIRE(st == HZ_END && rows.count + bad == hz_source_records(source));
    for (size_t from = 0; from < rows.count;) {
        size_t count = rows.count - from < HZ_BATCH_ROWS ? rows.count - from : HZ_BATCH_ROWS;
        REQUIRE(hz_source_rows_at(&batch, source, rows.wants + from, (uint32_t)count, NULL) == HZ_OK);
        for (uint32_t r = 0; r < batch.rows_count; r++)
            parts_put_row(&again, &batch, r);
        from += count;
    }
    REQUIRE(hz_slice_eq(hz_buf_slice(&first), hz_buf_slice(&again)));
    hz_source_close(source);
    hz_buf_clear(&first);
    hz_buf_clear(&again);
    hz_mem_free(rows.wants);
}

static void parts_run_options(const hz_source_options *how)
{
    const hz_slice outer_names[] = {HZ_SLICE_LIT("h"), HZ_SLICE_LIT("household")};
    const hz_slice inner_names[] = {HZ_SLICE_LIT("m"), HZ_SLICE_LIT("members"), HZ_SLICE_LIT("member")};
    const hz_slice other_names[] = {HZ_SLICE_LIT("o")};
    const hz_slice id[] = {HZ_SLICE_LIT("id")}, up[] = {HZ_SLICE_LIT("h_id")};
    const hz_carry carry = {id, up, 1, 1};
    hz_part parts[3] = {{.names = outer_names, .names_count = 2, .parent = SIZE_MAX, .known = id, .known_count = 1},
                        {.names = inner_names, .names_count = 3, .parent = 0, .carries = &carry, .carries_count = 1},
                        {.names = other_names, .names_count = 1, .parent = SIZE_MAX}};
    hz_limits limits;
    hz_error err;
    hz_limits_init(&limits);
    hz_error_clear(&err);
    hz_source_options options = *how;
    options.limits = &limits;
    limits.value[HZ_LIMIT_SQLITE_STEPS] = 1000000;
    hz_status st = hz_parts_read(parts, 3, &options, NULL, &err);
    if (st != HZ_OK) {
        REQUIRE(err.message != HZ_MSG_NONE && err.status == st);
        REQUIRE(!parts[0].spool && !parts[1].spool && !parts[2].spool);
        return;
    }
    REQUIRE(parts[0].spool);
    for (size_t p = 0; p < 3; p++)
        if (parts[p].spool)
            parts_read_all(parts[p].spool, &limits);
    for (size_t p = 0; p < 3; p++)
        hz_spool_free(parts[p].spool);
}

HZ_UNUSED static void parts_run(const char *shown, const uint8_t *data, size_t size)
{
    const hz_source_options options = {.bytes = {(const char *)data, size}, .shown_path = hz_slice_of(shown)};
    parts_run_options(&options);
}

HZ_UNUSED static void parts_run_path(const char *shown, const char *path)
{
    const hz_source_options options = {.path = path, .shown_path = hz_slice_of(shown)};
    parts_run_options(&options);
}
#endif
