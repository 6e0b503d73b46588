/* Suite engine.rows: a row's identity, from where it can be read again, its region, and error bits that any thread may
 * set. */
#include "base/crew.h"
#include "tests/unit/engine/engine_kit.h"
#include "validator/engine/rows.h"

/* Batches as a reader gives them: rows with bad records between. What each row is, is kept apart. */
enum { BATCHES = 40, ROWS_MAX = BATCHES * HZ_BATCH_ROWS, SOURCES = 3 };

static struct plain {
    uint64_t id, record, offset, line;
    uint32_t source;
    bool readable; /* false: a bad record; it has an identity too, which nobody asks for */
} plain[ROWS_MAX];
static size_t plain_count;
static uint64_t records[HZ_BATCH_ROWS], offsets[HZ_BATCH_ROWS], lines[HZ_BATCH_ROWS];
static hz_rows rows;
static struct block {
    hz_row_block *block;
    size_t from, to; /* in plain */
} blocks[BATCHES];

/* Batches of up to `most` records, of which one in `bad` is bad (0: none); files beyond 4 GiB. */
static void make(uint64_t seed, uint32_t most, uint32_t bad)
{
    uint64_t state = seed * 977 + 3, record = 0, offset = 0, line = 0;
    uint32_t source = 0;
    memset(&rows, 0, sizeof rows);
    plain_count = 0;
    for (size_t b = 0; b < BATCHES; b++) {
        hz_batch batch = {.records = records, .offsets = offsets, .lines = lines};
        if (b % (BATCHES / SOURCES) == 0) {
            source = (uint32_t)(b / (BATCHES / SOURCES));
            record = source == 1 ? UINT64_C(1) << 34 : 0;
            offset = source == 1 ? UINT64_C(5) << 33 : 90;
            line = source == 1 ? UINT64_C(3) << 32 : 2;
        }
        uint32_t count = 1 + kit_random(&state) % most;
        blocks[b].from = plain_count;
        for (uint32_t i = 0; i < count; i++) {
            bool readable = !bad || kit_random(&state) % bad || i == 0;
            plain[plain_count++] = (struct plain){0, record, offset, line, source, readable};
            if (readable) {
                records[batch.rows_count] = record;
                offsets[batch.rows_count] = offset;
                lines[batch.rows_count++] = line;
            }
            record++;
            offset += 1 + kit_random(&state) % 300;
            line += 1 + kit_random(&state) % 3 / 2 * 7;
        }
        blocks[b].to = plain_count;
        uint64_t first;
        ck_assert_int_eq(hz_rows_add(&blocks[b].block, &first, &rows, &batch, source, NULL), HZ_OK);
        for (size_t i = blocks[b].from; i < blocks[b].to; i++)
            plain[i].id = first + (plain[i].record - records[0]);
        record += kit_random(&state) % 4; /* bad records before the next batch */
        offset += 500;
        line += 4;
    }
}

/* From _i: no bad records, some, many; batches of every size up to a block. */
static void make_kind(int kind)
{
    static const uint32_t bad[] = {0, 10, 2};
    make((uint64_t)kind, kind < 3 ? HZ_BATCH_ROWS : 1 + (uint32_t)kind % 130 % HZ_BATCH_ROWS, bad[kind % 3]);
}

static const struct plain *next_readable(size_t *at)
{
    while (*at < plain_count && !plain[*at].readable)
        ++*at;
    return *at < plain_count ? &plain[(*at)++] : NULL;
}

START_TEST(test_rows__identities_order_as_rows_do)
{
    uint64_t before = 0;
    make_kind(_i);
    for (size_t at = 0, n = 0; at < plain_count; n++) {
        const struct plain *row = next_readable(&at);
        if (!row)
            break;
        kit_sure(n == 0 || row->id > before);
        before = row->id;
    }
    hz_rows_clear(&rows);
}
END_TEST

/* From where a row can be read again: a readable row at or before it, no more than HZ_ROW_ANCHOR readable rows away, in
 * the same source. */
START_TEST(test_rows__place)
{
    make_kind(_i);
    for (size_t at = 0; at < plain_count;) {
        const struct plain *row = next_readable(&at);
        if (!row)
            break;
        hz_row_want want;
        kit_sure(hz_rows_place(&want, &rows, row->id) == row->source);
        kit_sure(want.record == row->record);
        const struct plain *known = row;
        unsigned away = 0;
        while (known->record != want.at_record) {
            kit_sure(known != plain);
            kit_sure(away < HZ_ROW_ANCHOR);
            known--;
            away += known->readable;
        }
        kit_sure(known->readable);
        kit_sure(known->source == row->source);
        kit_sure(want.at_offset == known->offset);
        kit_sure(want.at_line == known->line);
    }
    hz_rows_clear(&rows);
}
END_TEST

START_TEST(test_rows__region)
{
    uint64_t state = (uint64_t)_i + 1;
    hz_arena *arena = hz_arena_new();
    static uint32_t region[ROWS_MAX];
    make_kind(_i);
    ck_assert_uint_eq(hz_rows_region(&rows, plain[0].id), 0); /* the table has none */
    for (size_t b = 0; b < BATCHES; b++) {
        hz_row_block *block = blocks[b].block;
        block->runs = hz_arena_zalloc(arena, block->span, sizeof *block->runs);
        uint32_t now = kit_random(&state) % 50, often = 1 + kit_random(&state) % 40;
        for (size_t i = blocks[b].from; i < blocks[b].to; i++) {
            if (!plain[i].readable)
                continue;
            uint32_t next = i == blocks[b].from || kit_random(&state) % often == 0 ? kit_random(&state) % 50 : now;
            if (i == blocks[b].from || next != now)
                block->runs[block->runs_count++] = (hz_region_run){(uint32_t)(plain[i].record - block->record), next};
            region[i] = now = next;
        }
    }
    for (size_t i = 0; i < plain_count; i++)
        if (plain[i].readable)
            kit_sure(hz_rows_region(&rows, plain[i].id) == region[i]);
    hz_rows_clear(&rows);
    hz_arena_free(arena);
}
END_TEST

/* ---- error bits ---- */

static bool marked(size_t i)
{
    const hz_row_block *block = rows.blocks[plain[i].id >> HZ_ROW_BITS];
    return block->errors && hz_bits_get(block->errors, (size_t)(plain[i].record - block->record));
}

START_TEST(test_rows__marks_count_once)
{
    static bool wanted[ROWS_MAX];
    uint64_t state = (uint64_t)_i + 1, count = 0;
    make_kind(_i);
    memset(wanted, 0, sizeof wanted);
    ck_assert_uint_eq(hz_rows_errors(&rows), 0);
    for (size_t n = 0; n < plain_count; n++) {
        size_t i = kit_random(&state) % plain_count;
        if (!plain[i].readable)
            continue;
        count += !wanted[i];
        wanted[i] = true;
        kit_sure(hz_rows_mark(&rows, plain[i].id, NULL) == HZ_OK);
    }
    ck_assert_uint_eq(hz_rows_errors(&rows), count);
    for (size_t i = 0; i < plain_count; i++)
        kit_sure(marked(i) == wanted[i]);
    hz_rows_clear(&rows);
}
END_TEST

/* A batch's failed rows, with bad records between them or without; beside rows marked one by one. */
START_TEST(test_rows__mark_batch)
{
    static bool wanted[ROWS_MAX];
    uint64_t state = (uint64_t)_i + 1, count = 0;
    make_kind(_i);
    memset(wanted, 0, sizeof wanted);
    for (int round = 0; round < 3; round++)
        for (size_t b = 0; b < BATCHES; b++) {
            uint64_t failed[HZ_BATCH_ROWS / 64 + 1] = {0}, ids[HZ_BATCH_ROWS];
            uint32_t n = 0;
            for (size_t i = blocks[b].from; i < blocks[b].to; i++) {
                if (!plain[i].readable)
                    continue;
                if (kit_random(&state) % 3 == 0) {
                    hz_bits_set(failed, n);
                    wanted[i] = true;
                } else if (kit_random(&state) % 50 == 0) {
                    kit_sure(hz_rows_mark(&rows, plain[i].id, NULL) == HZ_OK);
                    wanted[i] = true;
                }
                ids[n++] = plain[i].id;
            }
            ck_assert_int_eq(hz_rows_mark_batch(blocks[b].block, ids, n, failed, NULL), HZ_OK);
        }
    for (size_t i = 0; i < plain_count; i++) {
        count += wanted[i];
        kit_sure(marked(i) == wanted[i]);
    }
    ck_assert_uint_eq(hz_rows_errors(&rows), count);
    hz_rows_clear(&rows);
}
END_TEST

enum { HANDS = 4 };

static void mark_some(void *ctx, unsigned hand)
{
    hz_status *statuses = ctx;
    for (size_t i = hand % 2; i < plain_count && statuses[hand] == HZ_OK; i += 2) /* two hands mark the same rows */
        if (plain[i].readable && plain[i].record % 3 == 0)
            statuses[hand] = hz_rows_mark(&rows, plain[i].id, NULL);
}

/* Also the first marks of a block come from several threads at once. */
START_TEST(test_rows__marks_of_several_threads)
{
    hz_mem_stats before = hz_mem_stats_now();
    for (int round = 0; round < 20; round++) {
        hz_status statuses[HANDS] = {HZ_OK};
        uint64_t count = 0;
        make_kind(_i);
        hz_crew_run(HANDS, mark_some, statuses);
        for (unsigned h = 0; h < HANDS; h++)
            ck_assert_int_eq(statuses[h], HZ_OK);
        for (size_t i = 0; i < plain_count; i++) {
            kit_sure(marked(i) == (plain[i].readable && plain[i].record % 3 == 0));
            count += marked(i);
        }
        ck_assert_uint_eq(hz_rows_errors(&rows), count);
        hz_rows_clear(&rows);
    }
    ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
}
END_TEST

/* ---- memory ---- */

START_TEST(test_rows__without_memory)
{
    hz_batch batch = {.rows_count = HZ_BATCH_ROWS, .records = records, .offsets = offsets, .lines = lines};
    for (uint32_t i = 0; i < HZ_BATCH_ROWS; i++) {
        records[i] = i;
        offsets[i] = 10 + i * UINT64_C(4);
        lines[i] = 2 + i;
    }
    uint64_t n = 1;
    for (bool failed = true; failed; n++) {
        hz_mem_stats before = hz_mem_stats_now();
        hz_rows few = {0};
        hz_row_block *block;
        uint64_t first = 0;
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        hz_status st = HZ_OK;
        for (int i = 0; st == HZ_OK && i < 100; i++)
            st = hz_rows_add(&block, &first, &few, &batch, 0, &err);
        if (st == HZ_OK)
            st = hz_rows_mark(&few, first + HZ_BATCH_ROWS - 1, &err);
        hz_mem_fail_after(0, false);
        failed = st != HZ_OK;
        ck_assert_int_eq(st, failed ? HZ_E_NOMEM : HZ_OK);
        ck_assert_int_eq(err.status, st);
        ck_assert_uint_eq(hz_rows_errors(&few), failed ? 0 : 1);
        hz_rows_clear(&few);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    }
    ck_assert_uint_gt(n, 4);
}
END_TEST

/* About half a byte a row: what a block holds, its error bits included. */
START_TEST(test_rows__room)
{
    enum { BLOCKS = 200 };
    hz_batch batch = {.rows_count = HZ_BATCH_ROWS, .records = records, .offsets = offsets, .lines = lines};
    hz_row_block *block;
    uint64_t first, before = hz_mem_stats_now().live_bytes;
    for (uint32_t i = 0; i < HZ_BATCH_ROWS; i++)
        records[i] = offsets[i] = lines[i] = i + 1;
    memset(&rows, 0, sizeof rows);
    for (int b = 0; b < BLOCKS; b++) {
        ck_assert_int_eq(hz_rows_add(&block, &first, &rows, &batch, 0, NULL), HZ_OK);
        ck_assert_int_eq(hz_rows_mark(&rows, first, NULL), HZ_OK);
    }
    uint64_t room = hz_mem_stats_now().live_bytes - before;
    if (HZ_BATCH_ROWS > 64)
        ck_assert_uint_le(room, (uint64_t)BLOCKS * HZ_BATCH_ROWS / 2 + (1 << 17));
    hz_rows_clear(&rows);
    ck_assert_uint_eq(hz_mem_stats_now().live_bytes, before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.rows");
    TCase *places = kit_case(suite, "places", 60), *marks = kit_case(suite, "marks", 60),
          *memory = kit_case(suite, "memory", 60);
    tcase_add_loop_test(places, test_rows__identities_order_as_rows_do, 0, 9);
    tcase_add_loop_test(places, test_rows__place, 0, 30);
    tcase_add_loop_test(places, test_rows__region, 0, 12);
    tcase_add_loop_test(marks, test_rows__marks_count_once, 0, 9);
    tcase_add_loop_test(marks, test_rows__mark_batch, 0, 30);
    tcase_add_loop_test(marks, test_rows__marks_of_several_threads, 0, 3);
    tcase_add_test(memory, test_rows__without_memory);
    tcase_add_test(memory, test_rows__room);
    return kit_main(suite);
}
