/* Suite source.csv_faults: files that cannot be opened, fail, change; memory that runs out; the late pass. */
#include "base/file.h"
#include "tests/unit/source/source_kit.h"
#include <check.h>
#include <errno.h>
#include <sys/stat.h>

static kit_file file;
static const char text[] = "a,b\n1,\"x \"\"y\"\"\"\n2,z\n3,4,5\n6,\"open\n7,8\n";

static hz_status open_text(hz_source **out, size_t block, hz_error *err)
{
    hz_source_options options = {
        .path = file.path, .shown_path = HZ_SLICE_LIT("x.csv"), .limits = hz_limits_default(), .block_bytes = block};
    return hz_source_open(out, &options, err);
}

static hz_status read_all(size_t block, uint64_t *rows, hz_error *err)
{
    hz_source *source;
    hz_batch batch = {0};
    hz_row_want wants[64];
    uint32_t kept = 0;
    hz_status st = open_text(&source, block, err);
    *rows = 0;
    while (st == HZ_OK) {
        st = hz_source_next(&batch, source, err);
        for (uint32_t r = 0; r < batch.rows_count && kept < 64; r++, kept++)
            wants[kept] = (hz_row_want){batch.records[r], batch.records[r], batch.offsets[r], batch.lines[r]};
        *rows += batch.rows_count;
    }
    if (st == HZ_END)
        st = hz_source_rows_at(&batch, source, wants, kept < HZ_BATCH_ROWS ? kept : HZ_BATCH_ROWS, err);
    hz_source_close(source);
    return st;
}

START_TEST(test_csv_faults__memory_runs_out_at_each_allocation)
{
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    for (int forever = 0; forever < 2; forever++)
        for (uint64_t n = 1;; n++) {
            hz_mem_stats before = hz_mem_stats_now();
            hz_error err;
            uint64_t rows;
            hz_error_clear(&err);
            hz_mem_fail_after(n, forever);
            hz_status st = read_all(7, &rows, &err);
            hz_mem_fail_after(0, false);
            ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
            if (st == HZ_OK) {
                ck_assert_uint_eq(rows, 3);
                ck_assert_uint_gt(n, 10);
                break;
            }
            ck_assert_int_eq(st, HZ_E_NOMEM);
            ck_assert_int_eq(err.status, HZ_E_NOMEM);
        }
}
END_TEST

START_TEST(test_csv_faults__each_read_fails)
{
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    for (uint64_t n = 1;; n++) {
        hz_error err;
        uint64_t rows;
        hz_error_clear(&err);
        hz_file_fail_after(n, EIO);
        hz_status st = read_all(7, &rows, &err);
        hz_file_fail_after(0, 0);
        if (st == HZ_OK) {
            ck_assert_uint_gt(n, 5);
            break;
        }
        ck_assert_int_eq(st, HZ_E_IO);
        ck_assert_int_eq(err.status, HZ_E_IO);
    }
}
END_TEST

static void expect_no_source(const char *path)
{
    hz_source_options options = {.path = path, .shown_path = HZ_SLICE_LIT("x.csv"), .limits = hz_limits_default()};
    hz_source *source;
    hz_error err;
    hz_error_clear(&err);
    ck_assert_int_eq(hz_source_open(&source, &options, &err), HZ_E_SOURCE);
    ck_assert_int_eq(err.status, HZ_E_SOURCE);
    ck_assert_ptr_null(source);
    ck_assert_str_eq(err.file, "x.csv");
    ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_E_SOURCE);
}

START_TEST(test_csv_faults__what_is_no_file)
{
    char folder[] = "source-faults-XXXXXX", fifo[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    expect_no_source("source-faults-no-such-file");
    expect_no_source(folder);
    expect_no_source(fifo);
    expect_no_source("/dev/null");
    unlink(fifo);
    rmdir(folder);
}
END_TEST

START_TEST(test_csv_faults__delimiters_that_cannot_be)
{
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    static const char wrong[] = "\"\n\r\xe4";
    for (size_t i = 0; i < sizeof wrong - 1; i++) {
        hz_source_options options = {.path = file.path, .limits = hz_limits_default(), .delimiter = wrong[i]};
        hz_source *source;
        ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_E_USAGE);
    }
}
END_TEST

START_TEST(test_csv_faults__cancelled)
{
    hz_cancel cancel = {0};
    hz_source_options options = {.limits = hz_limits_default(), .cancel = &cancel};
    hz_source *source;
    hz_batch batch = {0};
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    options.path = file.path;
    ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_OK);
    cancel.raised = 1;
    ck_assert_int_eq(hz_source_next(&batch, source, NULL), HZ_E_CANCELLED);
    cancel.raised = 0;
    ck_assert_int_eq(hz_source_next(&batch, source, NULL), HZ_OK);
    hz_source_close(source);
}
END_TEST

START_TEST(test_csv_faults__file_shrinks_while_read)
{
    hz_source *source;
    hz_batch batch = {0};
    hz_status st;
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    ck_assert_int_eq(open_text(&source, 7, NULL), HZ_OK);
    ck_assert_int_eq(ftruncate(file.fd, 20), 0);
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK)
        ;
    ck_assert_int_eq(st, HZ_E_CHANGED);
    hz_source_close(source);
}
END_TEST

START_TEST(test_csv_faults__file_grows_while_read)
{
    hz_source *source;
    hz_batch batch = {0};
    hz_status st;
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    ck_assert_int_eq(open_text(&source, 7, NULL), HZ_OK);
    ck_assert_int_eq(pwrite(file.fd, "9,9\n", 4, sizeof text - 1), 4);
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK)
        ;
    ck_assert_int_eq(st, HZ_E_CHANGED);
    ck_assert_int_eq(hz_source_next(&batch, source, NULL), HZ_E_CHANGED);
    hz_source_close(source);
}
END_TEST

static hz_source *at_end(size_t block)
{
    hz_source *source;
    hz_batch batch = {0};
    hz_status st;
    ck_assert_int_eq(open_text(&source, block, NULL), HZ_OK);
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK)
        ;
    ck_assert_int_eq(st, HZ_END);
    ck_assert_uint_eq(hz_source_records(source), 5);
    ck_assert_uint_eq(hz_source_bytes(source), sizeof text - 1);
    return source;
}

START_TEST(test_csv_faults__late_rows)
{
    const uint64_t offsets[] = {4, 16, 34}, records[] = {0, 1, 4}, lines[] = {2, 3, 6};
    const hz_row_want own[] = {{0, 0, 4, 2}, {1, 1, 16, 3}, {4, 4, 34, 6}}; /* each from its own place */
    const hz_row_want one[] = {{0, 0, 4, 2}, {1, 0, 4, 2}, {4, 1, 16, 3}};  /* from a row before, over bad ones too */
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    for (size_t block = 0; block < 40; block++) {
        hz_source *source = at_end(block);
        hz_batch batch = {0};
        for (int way = 0; way < 2; way++) {
            ck_assert_int_eq(hz_source_rows_at(&batch, source, way ? one : own, 3, NULL), HZ_OK);
            ck_assert_uint_eq(batch.rows_count, 3);
            ck_assert_uint_eq(batch.bad_count, 0);
            ck_assert(hz_slice_is(batch.columns[1].cells[0], "x \"y\""));
            ck_assert(hz_slice_is(batch.columns[1].cells[1], "z"));
            ck_assert(hz_slice_is(batch.columns[0].cells[2], "7"));
            ck_assert_mem_eq(batch.offsets, offsets, sizeof offsets);
            ck_assert_mem_eq(batch.records, records, sizeof records);
            ck_assert_mem_eq(batch.lines, lines, sizeof lines);
        }
        ck_assert_int_eq(hz_source_rows_at(&batch, source, own, 0, NULL), HZ_OK);
        ck_assert_uint_eq(batch.rows_count, 0);
        hz_source_close(source);
    }
}
END_TEST

START_TEST(test_csv_faults__no_record_starts_there)
{
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    hz_source *source = at_end(16);
    for (uint64_t offset = 0; offset < sizeof text + 5; offset++) {
        hz_batch batch = {0};
        hz_error err;
        hz_error_clear(&err);
        const hz_row_want want = {0, 0, offset, 0};
        hz_status st = hz_source_rows_at(&batch, source, &want, 1, &err);
        bool row = offset == 4 || offset == 16 || offset == 34;
        ck_assert_int_eq(st, row ? HZ_OK : HZ_E_CHANGED);
        ck_assert_int_eq(err.status, row ? HZ_OK : HZ_E_CHANGED);
    }
    hz_source_close(source);
}
END_TEST

START_TEST(test_csv_faults__late_pass_sees_a_changed_file)
{
    const hz_row_want want = {0, 0, 4, 2};
    hz_batch batch = {0};
    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    hz_source *source = at_end(16);
    ck_assert_int_eq(hz_source_rows_at(&batch, source, &want, 1, NULL), HZ_OK);
    struct timespec later[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    ck_assert_int_eq(futimens(file.fd, later), 0);
    ck_assert_int_eq(hz_source_rows_at(&batch, source, &want, 1, NULL), HZ_E_CHANGED);
    hz_source_close(source);

    ck_assert(kit_file_put(&file, hz_slice_of(text)));
    source = at_end(16);
    ck_assert_int_eq(ftruncate(file.fd, 5), 0);
    ck_assert_int_eq(hz_source_rows_at(&batch, source, &want, 1, NULL), HZ_E_CHANGED);
    hz_source_close(source);
}
END_TEST

/* Ten times the rows must not mean more allocations. */
START_TEST(test_csv_faults__no_allocation_per_row)
{
    uint64_t calls[2], rows;
    for (unsigned i = 0; i < 2; i++) {
        hz_buf many = HZ_BUF_INIT;
        hz_buf_puts(&many, "a,b\n");
        for (unsigned r = 0; r < (i ? 100000u : 10000u); r++)
            hz_buf_puts(&many, "1,\"x \"\"y\"\"\"\n");
        ck_assert(kit_file_put(&file, hz_buf_slice(&many)));
        uint64_t before = hz_mem_stats_now().calls;
        ck_assert_int_eq(read_all(65536, &rows, NULL), HZ_OK);
        calls[i] = hz_mem_stats_now().calls - before;
        ck_assert_uint_eq(rows, i ? 100000 : 10000);
        hz_buf_clear(&many);
    }
    ck_assert_uint_eq(calls[0], calls[1]);
}
END_TEST

/* The block, what is kept of the one before, the batch; not the file. */
START_TEST(test_csv_faults__memory_is_a_block_and_a_batch)
{
    hz_buf many = HZ_BUF_INIT;
    uint64_t rows;
    hz_buf_puts(&many, "a,b\n");
    for (unsigned r = 0; r < 1000000; r++)
        hz_buf_puts(&many, "123456,\"x\"\n");
    ck_assert(kit_file_put(&file, hz_buf_slice(&many)));
    hz_buf_clear(&many);
    uint64_t before = hz_mem_stats_now().live_bytes;
    hz_source *source;
    hz_batch batch = {0};
    hz_status st;
    uint64_t most = 0;
    rows = 0;
    ck_assert_int_eq(open_text(&source, 1 << 20, NULL), HZ_OK);
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK) {
        rows += batch.rows_count;
        uint64_t now = hz_mem_stats_now().live_bytes - before;
        most = now > most ? now : most;
    }
    ck_assert_int_eq(st, HZ_END);
    ck_assert_uint_eq(rows, 1000000);
    ck_assert_uint_le(most, 3u << 20);
    hz_source_close(source);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.csv_faults");
    TCase *tc = tcase_create("faults");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_csv_faults__memory_runs_out_at_each_allocation);
    tcase_add_test(tc, test_csv_faults__each_read_fails);
    tcase_add_test(tc, test_csv_faults__what_is_no_file);
    tcase_add_test(tc, test_csv_faults__delimiters_that_cannot_be);
    tcase_add_test(tc, test_csv_faults__cancelled);
    tcase_add_test(tc, test_csv_faults__file_shrinks_while_read);
    tcase_add_test(tc, test_csv_faults__file_grows_while_read);
    tcase_add_test(tc, test_csv_faults__late_rows);
    tcase_add_test(tc, test_csv_faults__no_record_starts_there);
    tcase_add_test(tc, test_csv_faults__late_pass_sees_a_changed_file);
    tcase_add_test(tc, test_csv_faults__no_allocation_per_row);
    tcase_add_test(tc, test_csv_faults__memory_is_a_block_and_a_batch);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
