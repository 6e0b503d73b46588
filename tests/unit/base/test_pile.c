#include <pthread.h>

#include "tests/unit/base/pile_unit.h"

/* ---- round trips ---- */

static const struct {
    size_t block_bytes;
    uint64_t budget_bytes;
    size_t most; /* bytes of a record */
} shapes[] = {
    {64, 0, 40},     {64, 1, 40},      {64, 1, 300},     {64, 2000, 100},   {64, 20000, 8000}, {100, 500, 7},
    {256, 0, 100},   {256, 600, 100},  {256, 600, 1000}, {1024, 1, 3000},   {1024, 5000, 30},  {1024, 5000, 3000},
    {4096, 9000, 0}, {4096, 40000, 8}, {0, 1, 200},      {0, 100000, 8000}, {0, 1 << 20, 90},  {0, 0, 8000},
};

START_TEST(test_pile__comes_back_as_it_was_put)
{
    size_t most = shapes[_i].most;
    uint64_t count = most > 1000 ? 500 : 3000;
    hz_store *store = new_store(shapes[_i].budget_bytes, shapes[_i].block_bytes);
    hz_pile pile;
    hz_pile_init(&pile, store);
    for (int round = 0; round < 3; round++) {
        put_many(&pile, 0, count / 2, most);
        holds(&pile, 0, count / 2, most, false);
        put_many(&pile, count / 2, count, most);
        holds(&pile, 0, count, most, false);
        if (round == 2)
            ck_assert_int_eq(hz_pile_spill(&pile, NULL), HZ_OK);
        holds(&pile, 0, count, most, round != 1);
        if (round == 1)
            hz_pile_clear(&pile);
        ck_assert_uint_eq(hz_store_held_bytes(store), 0);
        ck_assert_uint_eq(hz_store_disk_bytes(store), 0);
    }
    ck_assert_uint_gt(hz_store_spilled_bytes(store), 0); /* the last round in any case */
    ck_assert_uint_gt(hz_store_written_bytes(store), 0);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__is_small_and_takes_nothing_while_empty)
{
    hz_store *store = new_store(1000, 64);
    hz_pile pile, zero = {.at = NULL};
    hz_pile_reader reader;
    hz_slice block;
    uint64_t calls = hz_mem_stats_now().calls;
    ck_assert_uint_le(sizeof pile, 72);
    hz_pile_init(&pile, store);
    ck_assert_int_eq(hz_pile_spill(&pile, NULL), HZ_OK);
    hz_pile_read(&reader, &pile, true);
    ck_assert_int_eq(hz_pile_next(&block, &reader, NULL), HZ_END);
    hz_pile_read_end(&reader);
    hz_pile_clear(&pile);
    hz_pile_clear(&zero);
    ck_assert_uint_eq(hz_mem_stats_now().calls, calls);
    ck_assert_int_eq(hz_store_file(store), -1);
    hz_store_free(store);
    hz_store_free(NULL);
}
END_TEST

START_TEST(test_pile__blocks_begin_small)
{
    hz_store *store = new_store(0, 0);
    hz_pile pile;
    hz_pile_init(&pile, store);
    ck_assert_ptr_nonnull(hz_pile_put(&pile, 8, NULL));
#ifdef HZ_TINY
    ck_assert_uint_le(hz_store_held_bytes(store), 128);
#else
    ck_assert_uint_le(hz_store_held_bytes(store), 1024 + 64);
    for (int i = 0; i < 1 << 17; i++)
        ck_assert_ptr_nonnull(hz_pile_put(&pile, 8, NULL));
    hz_pile_reader reader;
    hz_slice block;
    size_t largest = 0;
    hz_pile_read(&reader, &pile, true);
    while (hz_pile_next(&block, &reader, NULL) == HZ_OK)
        largest = block.len > largest ? block.len : largest;
    hz_pile_read_end(&reader);
    ck_assert_uint_eq(largest, HZ_PILE_BLOCK_BYTES);
#endif
    hz_pile_clear(&pile);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__impossible_length_is_an_error)
{
    hz_store *store = new_store(0, 64);
    hz_pile pile;
    hz_error err = {0};
    hz_pile_init(&pile, store);
    put_many(&pile, 0, 3, 8);
    ck_assert_ptr_null(hz_pile_put(&pile, SIZE_MAX, &err));
    ck_assert_int_eq(err.status, HZ_E_NOMEM);
    hz_error_clear(&err);
    hz_mem_fail_after(1, false);
    ck_assert_ptr_null(hz_pile_put(&pile, 1 << 20, &err));
    ck_assert_int_eq(err.status, HZ_E_NOMEM);
    put_many(&pile, 3, 6, 8);
    holds(&pile, 0, 6, 8, true);
    hz_store_free(store);
}
END_TEST

/* ---- budget ---- */

enum { MANY = 50 };

START_TEST(test_pile__many_piles_keep_the_budget)
{
    const uint64_t budget = 256 * 1024;
    hz_store *store = new_store(budget, 1024);
    hz_pile piles[MANY];
    uint64_t next[MANY] = {0};
    for (size_t i = 0; i < MANY; i++)
        hz_pile_init(&piles[i], store);
    for (uint64_t n = 0; n < 20000; n++) {
        size_t i = (size_t)(hz_hash_bytes(&n, sizeof n, 1) % MANY);
        if (!put(&piles[i], next[i]++, 120, NULL) || hz_store_held_bytes(store) > budget)
            ck_abort_msg("%lu bytes are held", (unsigned long)hz_store_held_bytes(store));
    }
    ck_assert_uint_gt(hz_store_spilled_bytes(store), 0);
    /* Full blocks of other piles make room for one that has none. */
    hz_pile late;
    hz_pile_init(&late, store);
    put_many(&late, 0, 100, 120);
    ck_assert_uint_le(hz_store_held_bytes(store), budget);
    holds(&late, 0, 100, 120, true);
    for (size_t i = 0; i < MANY; i++)
        holds(&piles[i], 0, next[i], 120, true);
    ck_assert_uint_eq(hz_store_held_bytes(store), 0);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__open_blocks_make_it_tight_until_spilled)
{
    hz_store *store = new_store(16 * 1024, 1024);
    hz_pile piles[MANY];
    for (size_t i = 0; i < MANY; i++) {
        hz_pile_init(&piles[i], store);
        put_many(&piles[i], 0, 2, 50);
        ck_assert_int_eq(hz_store_is_tight(store), i >= 8);
    }
    for (size_t i = 0; i < MANY; i++)
        ck_assert_int_eq(hz_pile_spill(&piles[i], NULL), HZ_OK);
    ck_assert(!hz_store_is_tight(store));
    ck_assert_uint_le(hz_store_held_bytes(store), MANY * 64);
    for (size_t i = 0; i < MANY; i++) {
        put_many(&piles[i], 2, 4, 50);
        holds(&piles[i], 0, 4, 50, true);
    }
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__without_a_budget_nothing_is_written)
{
    hz_store *store = NULL;
    hz_store_options options = {0, NULL, 64, NULL};
    hz_pile pile;
    ck_assert_int_eq(hz_store_new(&store, &options, NULL), HZ_OK);
    hz_pile_init(&pile, store);
    put_many(&pile, 0, 1000, 100);
    ck_assert(!hz_store_is_tight(store));
    ck_assert_int_eq(hz_pile_spill(&pile, NULL), HZ_OK);
    ck_assert_uint_eq(hz_store_spilled_bytes(store), 0);
    holds(&pile, 0, 1000, 100, true);
    hz_store_free(store);
}
END_TEST

/* ---- join, readers ---- */

START_TEST(test_pile__join_keeps_the_order)
{
    hz_store *store = new_store((uint64_t)_i * 700, 256);
    hz_pile to, from;
    hz_pile_init(&to, store);
    hz_pile_init(&from, store);
    hz_pile_join(&to, &from); /* two empty ones */
    put_many(&from, 0, 100, 60);
    hz_pile_join(&to, &from); /* into an empty one */
    ck_assert_uint_eq(hz_pile_records(&from), 0);
    hz_pile_join(&to, &from); /* an empty one */
    put_many(&to, 100, 200, 60);
    put_many(&from, 200, 203, 60);
    hz_pile_join(&to, &from);
    put_many(&to, 203, 300, 60); /* goes on in what was the other's open block */
    put_many(&from, 300, 400, 60);
    ck_assert_int_eq(hz_pile_spill(&from, NULL), HZ_OK);
    put_many(&from, 400, 401, 60);
    hz_pile_join(&to, &from);
    ck_assert_int_eq(hz_pile_spill(&to, NULL), HZ_OK);
    put_many(&to, 401, 500, 60);
    holds(&to, 0, 500, 60, false);
    holds(&to, 0, 500, 60, true);
    put_many(&from, 0, 10, 60); /* both are of use afterwards */
    put_many(&to, 0, 10, 60);
    holds(&from, 0, 10, 60, true);
    holds(&to, 0, 10, 60, true);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__consumed_in_part_keeps_the_rest)
{
    hz_store *store = new_store((uint64_t)_i * 1500, 128);
    hz_pile pile;
    hz_pile_reader reader;
    hz_slice block;
    uint64_t id = 0;
    hz_pile_init(&pile, store);
    put_many(&pile, 0, 200, 30);
    for (int turn = 0; turn < 5; turn++) {
        hz_pile_read(&reader, &pile, true);
        for (int i = 0; i < turn; i++) {
            ck_assert_int_eq(hz_pile_next(&block, &reader, NULL), HZ_OK);
            while (block.len)
                take(&block, id++, 30);
        }
        hz_pile_read_end(&reader);
        holds(&pile, id, 200 + (uint64_t)turn, 30, false);
        put_many(&pile, 200 + (uint64_t)turn, 201 + (uint64_t)turn, 30);
    }
    ck_assert_uint_gt(id, 10);
    holds(&pile, id, 205, 30, true);
    ck_assert_uint_eq(hz_store_held_bytes(store), 0);
    hz_store_free(store);
}
END_TEST

/* Random steps on a few piles; each pile holds runs of ids, which a list beside it knows. */
typedef struct model {
    hz_pile pile;
    uint64_t ids[4000];
    size_t count;
} model;

static void check_model(model *m, bool consume, size_t blocks_max)
{
    hz_pile_reader reader;
    hz_slice block;
    size_t at = 0;
    ck_assert_uint_eq(hz_pile_records(&m->pile), m->count);
    hz_pile_read(&reader, &m->pile, consume);
    for (; blocks_max && hz_pile_next(&block, &reader, NULL) == HZ_OK; blocks_max--)
        while (block.len)
            take(&block, m->ids[at++], 70);
    hz_pile_read_end(&reader);
    if (blocks_max)
        ck_assert_uint_eq(at, m->count);
    if (consume) {
        memmove(m->ids, m->ids + at, (m->count - at) * sizeof *m->ids);
        m->count -= at;
    }
}

START_TEST(test_pile__random_steps)
{
    enum { PILES = 6 };
    uint64_t seed = (uint64_t)_i + 1, id = 0;
    hz_store *store = new_store(_i % 3 == 0 ? 1 : 3000 * (uint64_t)_i, (size_t)64 << (_i % 4));
    model *models = hz_mem_zalloc(PILES, sizeof *models);
    ck_assert_ptr_nonnull(models);
    for (size_t i = 0; i < PILES; i++)
        hz_pile_init(&models[i].pile, store);
    for (int step = 0; step < 1500; step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        model *m = &models[(seed >> 33) % PILES], *other = &models[(seed >> 40) % PILES];
        unsigned what = (unsigned)(seed >> 50) % 32;
        if (what < 26) {
            for (size_t n = (seed >> 45) % 20; n && m->count < 4000; n--, m->count++) {
                put_many(&m->pile, id, id + 1, 70);
                m->ids[m->count] = id++;
            }
        } else if (what == 26) {
            ck_assert_int_eq(hz_pile_spill(&m->pile, NULL), HZ_OK);
        } else if (what < 29 && m != other && m->count + other->count <= 4000) {
            hz_pile_join(&m->pile, &other->pile);
            memcpy(m->ids + m->count, other->ids, other->count * sizeof *m->ids);
            m->count += other->count;
            other->count = 0;
        } else {
            check_model(m, what == 31, (seed >> 30) % 2 ? SIZE_MAX : (seed >> 20) % 8);
        }
    }
    for (size_t i = 0; i < PILES; i++) {
        check_model(&models[i], false, SIZE_MAX);
        hz_pile_clear(&models[i].pile);
    }
    ck_assert_uint_eq(hz_store_held_bytes(store), 0);
    ck_assert_uint_eq(hz_store_disk_bytes(store), 0);
    hz_mem_free(models);
    hz_store_free(store);
}
END_TEST

/* ---- threads ---- */

enum { THREADS = 3, THREAD_PILES = 20, THREAD_RECORDS = 300 };

typedef struct worker {
    pthread_t thread;
    hz_pile piles[THREAD_PILES];
    hz_status st;
} worker;

/* Check's assertions are for the main thread: here a status is kept. */
static void *write_piles(void *ctx)
{
    worker *w = ctx;
    hz_error err = {0};
    for (uint64_t id = 0; id < THREAD_RECORDS; id++)
        for (size_t i = 0; i < THREAD_PILES; i++) {
            size_t len = record_len(id, 90);
            char *record = hz_pile_put(&w->piles[i], len, &err);
            if (!record) {
                w->st = err.status;
                return NULL;
            }
            fill(record, id, len);
        }
    return NULL;
}

static void *read_piles(void *ctx)
{
    worker *w = ctx;
    for (size_t i = 0; i < THREAD_PILES; i++)
        for (int turn = 0; turn < 2; turn++) {
            hz_pile_reader reader;
            hz_slice block;
            uint64_t bytes = 0, left = hz_pile_bytes(&w->piles[i]);
            hz_pile_read(&reader, &w->piles[i], turn == 1);
            hz_status st;
            while ((st = hz_pile_next(&block, &reader, NULL)) == HZ_OK)
                bytes += block.len;
            hz_pile_read_end(&reader);
            if (st != HZ_END || bytes != left)
                w->st = HZ_E_INTERNAL;
        }
    return NULL;
}

static void run(worker *workers, void *(*work)(void *))
{
    for (size_t t = 0; t < THREADS; t++)
        ck_assert_int_eq(pthread_create(&workers[t].thread, NULL, work, &workers[t]), 0);
    for (size_t t = 0; t < THREADS; t++) {
        pthread_join(workers[t].thread, NULL);
        ck_assert_int_eq(workers[t].st, HZ_OK);
    }
}

START_TEST(test_pile__threads_share_a_store)
{
    hz_store *store = new_store((uint64_t)_i * 50000 + 1000, 512);
    worker workers[THREADS] = {{.st = HZ_OK}};
    for (size_t t = 0; t < THREADS; t++)
        for (size_t i = 0; i < THREAD_PILES; i++)
            hz_pile_init(&workers[t].piles[i], store);
    run(workers, write_piles);
    /* Piles of all threads joined, as the engine does a partition; other threads read them. */
    hz_pile joined;
    hz_pile_init(&joined, store);
    for (size_t i = 0; i < THREAD_PILES; i++)
        holds(&workers[0].piles[i], 0, THREAD_RECORDS, 90, false);
    for (size_t t = 0; t < THREADS; t++)
        hz_pile_join(&joined, &workers[t].piles[0]);
    ck_assert_uint_eq(hz_pile_records(&joined), (uint64_t)THREADS * THREAD_RECORDS);
    hz_pile_join(&workers[1].piles[0], &joined);
    run(workers, read_piles);
    ck_assert_uint_eq(hz_store_held_bytes(store), 0);
    /* Writing beside reading: one thread's blocks are written out by another. */
    pthread_t reader;
    write_piles(&workers[0]);
    for (size_t t = 1; t < THREADS; t++)
        ck_assert_int_eq(pthread_create(&workers[t].thread, NULL, write_piles, &workers[t]), 0);
    ck_assert_int_eq(pthread_create(&reader, NULL, read_piles, &workers[0]), 0);
    pthread_join(reader, NULL);
    for (size_t t = 1; t < THREADS; t++)
        pthread_join(workers[t].thread, NULL);
    for (size_t t = 0; t < THREADS; t++) {
        ck_assert_int_eq(workers[t].st, HZ_OK);
        for (size_t i = 0; i < THREAD_PILES; i++) {
            holds(&workers[t].piles[i], 0, t ? THREAD_RECORDS : 0, 90, false);
            hz_pile_clear(&workers[t].piles[i]);
        }
    }
    hz_store_free(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.pile");
    TCase *tcase = unit_case(suite, "round trips");
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_loop_test(tcase, test_pile__comes_back_as_it_was_put, 0, sizeof shapes / sizeof *shapes);
    tcase_add_test(tcase, test_pile__is_small_and_takes_nothing_while_empty);
    tcase_add_test(tcase, test_pile__blocks_begin_small);
    tcase_add_test(tcase, test_pile__impossible_length_is_an_error);
    tcase = unit_case(suite, "budget");
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, test_pile__many_piles_keep_the_budget);
    tcase_add_test(tcase, test_pile__open_blocks_make_it_tight_until_spilled);
    tcase_add_test(tcase, test_pile__without_a_budget_nothing_is_written);
    tcase = unit_case(suite, "sequences");
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_loop_test(tcase, test_pile__join_keeps_the_order, 0, 4);
    tcase_add_loop_test(tcase, test_pile__consumed_in_part_keeps_the_rest, 0, 4);
    tcase_add_loop_test(tcase, test_pile__random_steps, 0, 12);
    tcase = unit_case(suite, "threads");
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_loop_test(tcase, test_pile__threads_share_a_store, 0, 3);
    return unit_run(suite);
}
