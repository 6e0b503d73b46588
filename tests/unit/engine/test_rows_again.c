/* Suite engine.rows_again: every row of random files, read again from the places that hz_rows tells, is the row that it
 * was: the reader's batches as blocks, and the late pass, together. */
#include "tests/unit/source/random_csv.h"
#include "validator/engine/rows.h"
#include <check.h>

static kit_file file;

typedef struct row {
    uint64_t id, line, offset, record;
    hz_buf text; /* its R line */
} row;

typedef struct table {
    hz_rows rows;
    row *items;
    size_t count, capacity;
} table;

static bool open_file(hz_source **out, size_t block)
{
    hz_source_options options = {.path = file.path,
                                 .shown_path = HZ_SLICE_LIT("x.csv"),
                                 .limits = hz_limits_default(),
                                 .delimiter = ',',
                                 .block_bytes = block};
    return hz_source_open(out, &options, NULL) == HZ_OK;
}

static void read_all(table *t, hz_source *source)
{
    hz_batch batch = {0};
    hz_status st;
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK) {
        hz_row_block *block;
        uint64_t first;
        if (!batch.rows_count)
            continue;
        ck_assert_int_eq(hz_rows_add(&block, &first, &t->rows, &batch, 7, NULL), HZ_OK);
        for (uint32_t r = 0; r < batch.rows_count; r++) {
            ck_assert(HZ_GROW(t->items, t->capacity, t->count + 1));
            row *item = &t->items[t->count++];
            *item = (row){.id = first + (batch.records[r] - batch.records[0]),
                          .line = batch.lines[r],
                          .offset = batch.offsets[r],
                          .record = batch.records[r],
                          .text = HZ_BUF_INIT};
            kit_put_row(&item->text, &batch, r);
        }
    }
    ck_assert_int_eq(st, HZ_END);
}

static void clear(table *t)
{
    for (size_t i = 0; i < t->count; i++)
        hz_buf_clear(&t->items[i].text);
    hz_mem_free(t->items);
    hz_rows_clear(&t->rows);
}

/* Rows as the late pass asks for them: ascending, some or all. */
static void read_again(const table *t, hz_source *source, unsigned one_in, uint64_t *seed)
{
    static hz_row_want wants[HZ_BATCH_ROWS];
    static const row *asked[HZ_BATCH_ROWS];
    for (size_t from = 0; from < t->count;) {
        uint32_t count = 0, most = 1 + kit_random(seed) % HZ_BATCH_ROWS;
        for (; from < t->count && count < most; from++) {
            if (kit_random(seed) % one_in)
                continue;
            ck_assert_uint_eq(hz_rows_place(&wants[count], &t->rows, t->items[from].id), 7);
            asked[count++] = &t->items[from];
        }
        hz_batch batch = {0};
        ck_assert_int_eq(hz_source_rows_at(&batch, source, wants, count, NULL), HZ_OK);
        ck_assert_uint_eq(batch.rows_count, count);
        for (uint32_t r = 0; r < count; r++) {
            hz_buf now = HZ_BUF_INIT;
            kit_put_row(&now, &batch, r);
            ck_assert_uint_eq(batch.records[r], asked[r]->record);
            ck_assert_uint_eq(batch.lines[r], asked[r]->line);
            ck_assert_uint_eq(batch.offsets[r], asked[r]->offset);
            ck_assert(hz_slice_eq(hz_buf_slice(&now), hz_buf_slice(&asked[r]->text)));
            hz_buf_clear(&now);
        }
    }
}

/* One row, then more at once: what was made for few is not taken for many. */
static void read_more_and_more(const table *t, hz_source *source)
{
    static hz_row_want wants[HZ_BATCH_ROWS];
    for (uint32_t count = 1; count <= HZ_BATCH_ROWS && count <= t->count && count < 20; count++) {
        hz_batch batch = {0};
        for (uint32_t r = 0; r < count; r++)
            hz_rows_place(&wants[r], &t->rows, t->items[r].id);
        ck_assert_int_eq(hz_source_rows_at(&batch, source, wants, count, NULL), HZ_OK);
        for (uint32_t r = 0; r < count; r++) {
            ck_assert_uint_eq(batch.records[r], t->items[r].record);
            ck_assert_uint_eq(batch.lines[r], t->items[r].line);
            ck_assert_uint_eq(batch.offsets[r], t->items[r].offset);
        }
    }
}

/* From any row on, as the first reading gave it. */
static void read_on(const table *t, hz_source *source, uint64_t *seed)
{
    for (unsigned round = 0; round < 20 && t->count; round++) {
        size_t at = kit_random(seed) % t->count;
        const row *from = &t->items[at];
        hz_row_want want = {from->record, from->record, from->offset, from->line};
        hz_batch batch = {0}, kept = {0};
        ck_assert_int_eq(hz_source_seek(source, &want, NULL), HZ_OK);
        for (unsigned more = 0; more < 5 && at < t->count; more++) {
            ck_assert_int_eq(hz_source_next(&batch, source, NULL), HZ_OK);
            for (uint32_t r = 0; r < batch.rows_count; r++, at++) {
                hz_buf now = HZ_BUF_INIT;
                kit_put_row(&now, &batch, r);
                ck_assert(hz_slice_eq(hz_buf_slice(&now), hz_buf_slice(&t->items[at].text)));
                hz_buf_clear(&now);
            }
            if (!more) { /* stays out over the next seek */
                kept = batch;
                batch = (hz_batch){0};
            }
        }
        hz_source_give_back(&batch, source);
        hz_source_give_back(&kept, source);
    }
}

/* On the reader that read it first and on another of the same file, with blocks of other sizes. */
static void check_file(unsigned records, unsigned columns, unsigned bad, size_t block, uint64_t *seed)
{
    hz_buf text = HZ_BUF_INIT;
    hz_source *source, *other;
    table t = {0};
    random_table(&text, records, columns, bad, seed);
    ck_assert(kit_file_put(&file, hz_buf_slice(&text)));
    hz_buf_clear(&text);
    if (!open_file(&source, block))
        return; /* spoilt bytes that look like another encoding */
    read_all(&t, source);
    read_again(&t, source, 1, seed);
    read_again(&t, source, 1 + kit_random(seed) % 20, seed);
    ck_assert(open_file(&other, 1 + kit_random(seed) % 3000));
    read_more_and_more(&t, other);
    read_again(&t, other, 1 + kit_random(seed) % 3, seed);
    read_again(&t, other, 200, seed);
    read_on(&t, other, seed);
    read_on(&t, source, seed);
    hz_source_close(other);
    hz_source_close(source);
    clear(&t);
}

START_TEST(test_rows_again__tiny_blocks)
{
    uint64_t seed = 31 + (uint64_t)_i, before = hz_mem_stats_now().live_calls;
    for (unsigned round = kit_rounds(400); round; round--)
        check_file(kit_random(&seed) % 80, 1 + kit_random(&seed) % 4, kit_random(&seed) % 3 ? 8 : 0,
                   1 + kit_random(&seed) % 120, &seed);
    ck_assert_uint_eq(hz_mem_stats_now().live_calls, before);
}
END_TEST

/* Blocks with many anchors, and more rows than a block has. */
START_TEST(test_rows_again__large_blocks)
{
    static const size_t blocks[] = {0, 3000, 70000};
    uint64_t seed = 5;
    for (unsigned round = kit_rounds(8); round; round--)
        check_file(9000, 3, round % 2 ? 60 : 0, blocks[_i], &seed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.rows_again");
    TCase *tc = tcase_create("again");
    tcase_set_timeout(tc, 280);
    tcase_add_loop_test(tc, test_rows_again__tiny_blocks, 0, 4);
    tcase_add_loop_test(tc, test_rows_again__large_blocks, 0, 3);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
