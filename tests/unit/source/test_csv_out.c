/* Suite source.csv_out: several batches out at once while others are read, given back in any order or not at all. What
 * a batch shows must stay as it was until it is given back, and memory must not grow with the file. */
#include "tests/unit/source/random_csv.h"
#include <check.h>
#include <pthread.h>

enum { OUT_MAX = 7 };

static kit_file file;

static hz_status try_open(hz_source **out, size_t block, size_t scanner)
{
    hz_source_options options = {.path = file.path,
                                 .shown_path = HZ_SLICE_LIT("x.csv"),
                                 .limits = hz_limits_default(),
                                 .delimiter = ',',
                                 .block_bytes = block,
                                 .scalar = scanner == 0};
    return hz_source_open(out, &options, NULL);
}

static hz_source *open_file(size_t block, size_t scanner)
{
    hz_source *source;
    ck_assert_int_eq(try_open(&source, block, scanner), HZ_OK);
    return source;
}

/* A random file that can be opened: some spoilt bytes look like another encoding. */
static void put_table(hz_buf *text, unsigned records, unsigned columns, unsigned bad, uint64_t *seed)
{
    hz_source *source = NULL;
    while (!source) {
        hz_buf_reset(text);
        random_table(text, records, columns, bad, seed);
        ck_assert(kit_file_put(&file, hz_buf_slice(text)));
        if (try_open(&source, 0, 0) != HZ_OK)
            source = NULL;
    }
    hz_source_close(source);
}

/* A batch's rows and bad rows as text, in the order of records. */
static void show(hz_buf *out, const hz_batch *b)
{
    for (uint32_t r = 0, bad = 0; r < b->rows_count || bad < b->bad_count;)
        if (bad == b->bad_count || (r < b->rows_count && b->records[r] < b->bad[bad].record))
            kit_put_row(out, b, r++);
        else
            kit_put_bad(out, &b->bad[bad++]);
}

static void plain_dump(hz_buf *out)
{
    hz_source *source = open_file(1 << 20, 0);
    hz_batch batch = {0};
    hz_status st;
    hz_buf_reset(out);
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK)
        show(out, &batch);
    ck_assert_int_eq(st, HZ_END);
    hz_source_close(source);
}

/* Batches that are out, each with what it showed when it was read. */
typedef struct held {
    hz_batch batch;
    hz_buf shown;
} held;

static void assert_same(const held *h)
{
    hz_buf now = HZ_BUF_INIT;
    show(&now, &h->batch);
    ck_assert_msg(hz_slice_eq(hz_buf_slice(&now), hz_buf_slice(&h->shown)), "a batch changed:\n%.*s\nwas\n%.*s",
                  HZ_SLICE_FMT(hz_buf_slice(&now)), HZ_SLICE_FMT(hz_buf_slice(&h->shown)));
    hz_buf_clear(&now);
}

/* Reads with up to out_max batches out; each time a random one is given back, by itself or by reading into it. */
static void read_out_of_order(hz_buf *all, hz_source *source, size_t out_max, uint64_t *seed)
{
    held out[OUT_MAX];
    hz_status st = HZ_OK;
    memset(out, 0, sizeof out);
    while (st == HZ_OK) {
        held *h = &out[kit_random(seed) % out_max];
        if (h->batch.held)
            assert_same(h);
        if (kit_random(seed) % 3 == 0) {
            hz_source_give_back(&h->batch, source);
            hz_buf_reset(&h->shown);
            ck_assert_uint_eq(h->batch.rows_count + h->batch.bad_count, 0);
            ck_assert_ptr_null(h->batch.held);
            hz_source_give_back(&h->batch, source); /* takes an empty one too */
        }
        if (kit_random(seed) % 4 == 0)
            continue;
        st = hz_source_next(&h->batch, source, NULL);
        hz_buf_reset(&h->shown);
        show(&h->shown, &h->batch);
        hz_buf_put(all, hz_buf_slice(&h->shown));
    }
    ck_assert_int_eq(st, HZ_END);
    for (size_t i = 0; i < out_max; i++) {
        assert_same(&out[i]); /* also those that stay out to the end */
        if (kit_random(seed) % 2)
            hz_source_give_back(&out[i].batch, source);
        hz_buf_clear(&out[i].shown);
    }
}

START_TEST(test_csv_out__batches_stay_as_they_are)
{
    uint64_t seed = 7 + (uint64_t)_i;
    hz_buf text = HZ_BUF_INIT, plain = HZ_BUF_INIT, all = HZ_BUF_INIT;
    for (unsigned round = kit_rounds(400); round; round--) {
        put_table(&text, kit_random(&seed) % 60, 1 + kit_random(&seed) % 4, kit_random(&seed) % 3 ? 9 : 0, &seed);
        plain_dump(&plain);
        for (size_t scanner = 0; hz_csv_scanner_at(scanner); scanner++) {
            uint64_t before = hz_mem_stats_now().live_calls;
            hz_csv_scanner_force(hz_csv_scanner_at(scanner));
            hz_source *source = open_file(1 + kit_random(&seed) % 90, scanner);
            hz_buf_reset(&all);
            read_out_of_order(&all, source, 1 + kit_random(&seed) % OUT_MAX, &seed);
            ck_assert_msg(hz_slice_eq(hz_buf_slice(&all), hz_buf_slice(&plain)), "expected\n%.*s\ngot\n%.*s",
                          HZ_SLICE_FMT(hz_buf_slice(&plain)), HZ_SLICE_FMT(hz_buf_slice(&all)));
            hz_source_close(source);
            hz_csv_scanner_force(NULL);
            hz_buf_clear(&all);
            ck_assert_uint_eq(hz_mem_stats_now().live_calls, before);
        }
    }
    hz_buf_clear(&text);
    hz_buf_clear(&plain);
}
END_TEST

START_TEST(test_csv_out__closed_while_batches_are_out)
{
    uint64_t seed = 3, before;
    hz_buf text = HZ_BUF_INIT;
    put_table(&text, 500, 3, 10, &seed);
    hz_buf_clear(&text);
    before = hz_mem_stats_now().live_calls;
    for (size_t count = 0; count < 40; count++) {
        hz_batch batches[40];
        memset(batches, 0, sizeof batches);
        hz_source *source = open_file(1 + count * 3, 0);
        for (size_t i = 0; i < count; i++)
            ck_assert_int_ge(hz_source_next(&batches[i], source, NULL), HZ_OK);
        hz_source_close(source);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before);
    }
}
END_TEST

/* Every row again on the same reader, while batches of the first reading are still out. */
START_TEST(test_csv_out__late_rows_beside_batches)
{
    uint64_t seed = 5 + (uint64_t)_i;
    hz_buf text = HZ_BUF_INIT;
    for (unsigned round = kit_rounds(60); round; round--) {
        held out[200];
        size_t count = 0;
        memset(out, 0, sizeof out);
        put_table(&text, kit_random(&seed) % 40, 3, 9, &seed);
        hz_source *source = open_file(20 + kit_random(&seed) % 90, 0);
        while (hz_source_next(&out[count].batch, source, NULL) == HZ_OK) {
            show(&out[count].shown, &out[count].batch);
            ck_assert_uint_lt(++count, 200);
        }
        for (size_t i = 0; i < count; i++) {
            const hz_batch *batch = &out[i].batch;
            hz_row_want wants[HZ_BATCH_ROWS];
            hz_batch late = {0};
            for (uint32_t r = 0; r < batch->rows_count; r++)
                wants[r] = (hz_row_want){batch->records[r], batch->records[0], batch->offsets[0], batch->lines[0]};
            ck_assert_int_eq(hz_source_rows_at(&late, source, wants, batch->rows_count, NULL), HZ_OK);
            ck_assert_uint_eq(late.rows_count, batch->rows_count);
            for (uint32_t r = 0; r < late.rows_count; r++) {
                ck_assert_uint_eq(late.lines[r], batch->lines[r]);
                ck_assert_uint_eq(late.offsets[r], batch->offsets[r]);
                for (uint32_t c = 0; c < late.columns_count; c++)
                    ck_assert(hz_slice_eq(late.columns[c].cells[r], batch->columns[c].cells[r]));
            }
            assert_same(&out[i]);
            hz_source_give_back(&late, source); /* nothing to give back, and no harm */
        }
        for (size_t i = 0; i < count; i++)
            hz_buf_clear(&out[i].shown);
        hz_source_close(source);
    }
    hz_buf_clear(&text);
}
END_TEST

/* Other columns than before, as many: what was read for the ones is not shown as the others. */
START_TEST(test_csv_out__other_columns_as_many)
{
    const uint64_t first = 1, third = 4;
    hz_batch batch = {0}, late;
    ck_assert(kit_file_put(&file, HZ_SLICE_LIT("a,b,c\n1,2,3\n4,5,6\n7,8,9\n")));
    hz_source *source = open_file(14, 0);
    hz_source_want(source, &first);
    ck_assert_int_eq(hz_source_next(&batch, source, NULL), HZ_OK);
    ck_assert(hz_slice_is(batch.columns[0].cells[0], "1"));
    hz_source_want(source, &third);
    while (hz_source_next(&batch, source, NULL) == HZ_OK) {
        ck_assert_ptr_null(batch.columns[0].cells);
        ck_assert_ptr_nonnull(batch.columns[2].cells);
        ck_assert(hz_slice_is(batch.columns[2].cells[0], batch.records[0] == 1 ? "6" : "9"));
    }
    const hz_row_want want = {1, 0, 6, 2};
    hz_source_want(source, &first);
    for (int turn = 0; turn < 3; turn++) {
        ck_assert_int_eq(hz_source_rows_at(&late, source, &want, 1, NULL), HZ_OK);
        ck_assert_ptr_nonnull(late.columns[turn % 2 ? 2 : 0].cells);
        ck_assert_ptr_null(late.columns[turn % 2 ? 0 : 2].cells);
        ck_assert(hz_slice_is(late.columns[turn % 2 ? 2 : 0].cells[0], turn % 2 ? "6" : "4"));
        hz_source_want(source, turn % 2 ? &first : &third);
    }
    hz_source_close(source);
}
END_TEST

/* ---- memory ---- */

/* Some batches out and one more: not the file. */
START_TEST(test_csv_out__memory_is_that_of_the_batches_out)
{
    enum { BLOCK = 1 << 16, RECORDS = 400000 };
    static const size_t outs[] = {1, 2, 4, OUT_MAX};
    hz_buf many = HZ_BUF_INIT;
    hz_buf_puts(&many, "a,b\n");
    for (unsigned r = 0; r < RECORDS; r++)
        hz_buf_puts(&many, "123456,\"x \"\"y\"\"\"\n");
    ck_assert(kit_file_put(&file, hz_buf_slice(&many)));
    hz_buf_clear(&many);
    size_t out_max = outs[_i];
    hz_batch out[OUT_MAX];
    uint64_t seed = 1, most = 0, rows = 0, before = hz_mem_stats_now().live_bytes;
    hz_status st = HZ_OK;
    memset(out, 0, sizeof out);
    hz_source *source = open_file(BLOCK, 0);
    uint64_t opened = hz_mem_stats_now().live_bytes;
    while (st == HZ_OK) {
        hz_batch *batch = &out[kit_random(&seed) % out_max];
        st = hz_source_next(batch, source, NULL);
        rows += batch->rows_count;
        uint64_t now = hz_mem_stats_now().live_bytes - before;
        most = now > most ? now : most;
    }
    ck_assert_int_eq(st, HZ_END);
    ck_assert_uint_eq(rows, RECORDS);
    uint64_t arrays = HZ_BATCH_ROWS * (3 * sizeof(hz_slice) + sizeof(hz_bad_row) + 4 * sizeof(uint64_t)) + 4096;
    ck_assert_uint_le(most, opened - before + (out_max + 2) * (BLOCK * 3 / 2 + arrays));
    hz_source_close(source);
    ck_assert_uint_eq(hz_mem_stats_now().live_bytes, before);
}
END_TEST

/* An allocation fails once, whichever, with batches out: it is said; reading goes on where it was, nothing is lost and
 * nothing comes twice. */
START_TEST(test_csv_out__reading_goes_on_after_memory_ran_out)
{
    uint64_t seed = 11, n = 1;
    hz_buf text = HZ_BUF_INIT, plain = HZ_BUF_INIT;
    put_table(&text, 60, 3, 9, &seed);
    plain_dump(&plain);
    for (bool failed = true; failed; n++) {
        hz_buf all = HZ_BUF_INIT;
        hz_batch out[3];
        memset(out, 0, sizeof out);
        hz_buf_reserve(&all, 1 << 16);
        hz_source *source = open_file(40, 0);
        failed = false;
        hz_mem_fail_after(n, false);
        for (size_t at = 0;; at++) {
            hz_error err;
            hz_error_clear(&err);
            hz_status st = hz_source_next(&out[at % 3], source, &err);
            if (st == HZ_END)
                break;
            ck_assert(st == HZ_OK || (st == HZ_E_NOMEM && err.status == st && !failed));
            failed = failed || st != HZ_OK;
            show(&all, &out[at % 3]);
        }
        hz_mem_fail_after(0, false);
        ck_assert_msg(hz_slice_eq(hz_buf_slice(&all), hz_buf_slice(&plain)),
                      "allocation %llu: expected\n%.*s\ngot\n%.*s", (unsigned long long)n,
                      HZ_SLICE_FMT(hz_buf_slice(&plain)), HZ_SLICE_FMT(hz_buf_slice(&all)));
        hz_source_close(source);
        hz_buf_clear(&all);
    }
    ck_assert_uint_gt(n, 4);
    hz_buf_clear(&text);
    hz_buf_clear(&plain);
}
END_TEST

/* ---- threads ---- */

typedef struct turns {
    hz_source *source;
    pthread_mutex_t lock;
    uint64_t rows, bytes;
    bool failed;
} turns;

/* Reads in turns with others, under the lock; looks at its batch without. */
static void *take_turns(void *arg)
{
    turns *t = arg;
    hz_batch batch = {0};
    hz_status st;
    for (;;) {
        pthread_mutex_lock(&t->lock);
        st = hz_source_next(&batch, t->source, NULL);
        pthread_mutex_unlock(&t->lock);
        if (st != HZ_OK)
            break;
        uint64_t sums[2] = {0, 0}, bytes = 0;
        for (int look = 0; look < 2; look++)
            for (uint32_t c = 0; c < batch.columns_count; c++)
                for (uint32_t r = 0; r < batch.rows_count; r++) {
                    hz_slice cell = batch.columns[c].cells[r];
                    bytes += cell.len;
                    for (size_t i = 0; i < cell.len; i++)
                        sums[look] = sums[look] * 31 + (unsigned char)cell.ptr[i];
                }
        pthread_mutex_lock(&t->lock);
        t->failed = t->failed || sums[0] != sums[1];
        t->rows += batch.rows_count;
        t->bytes += bytes / 2;
        if (sums[0] % 2)
            hz_source_give_back(&batch, t->source);
        pthread_mutex_unlock(&t->lock);
    }
    pthread_mutex_lock(&t->lock);
    t->failed = t->failed || st != HZ_END;
    hz_source_give_back(&batch, t->source);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

START_TEST(test_csv_out__threads_take_turns)
{
    enum { THREADS = 4 };
    hz_buf text = HZ_BUF_INIT;
    uint64_t seed = 21, rows = 0, bytes = 0;
    put_table(&text, 20000, 4, 50, &seed);
    hz_buf_clear(&text);
    hz_source *source = open_file(1 << 20, 0);
    hz_batch batch = {0};
    while (hz_source_next(&batch, source, NULL) == HZ_OK) {
        rows += batch.rows_count;
        for (uint32_t c = 0; c < batch.columns_count; c++)
            for (uint32_t r = 0; r < batch.rows_count; r++)
                bytes += batch.columns[c].cells[r].len;
    }
    hz_source_close(source);
    for (size_t block = 200; block < 100000; block *= 11) {
        pthread_t threads[THREADS];
        turns t = {.source = open_file(block, 1), .lock = PTHREAD_MUTEX_INITIALIZER};
        for (size_t i = 0; i < THREADS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, take_turns, &t), 0);
        for (size_t i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        ck_assert(!t.failed);
        ck_assert_uint_eq(t.rows, rows);
        ck_assert_uint_eq(t.bytes, bytes);
        hz_source_close(t.source);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.csv_out");
    TCase *tc = tcase_create("out");
    tcase_set_timeout(tc, 280);
    tcase_add_loop_test(tc, test_csv_out__batches_stay_as_they_are, 0, 4);
    tcase_add_test(tc, test_csv_out__closed_while_batches_are_out);
    tcase_add_loop_test(tc, test_csv_out__late_rows_beside_batches, 0, 3);
    tcase_add_test(tc, test_csv_out__other_columns_as_many);
    tcase_add_loop_test(tc, test_csv_out__memory_is_that_of_the_batches_out, 0, 4);
    tcase_add_test(tc, test_csv_out__reading_goes_on_after_memory_ran_out);
    tcase_add_test(tc, test_csv_out__threads_take_turns);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
