/* Suite engine.sorted: rows put aside in order come back in order, each with its identities, however they were shared
 * out among workers; what is not in order is refused. */
#include "base/alloc.h"
#include "validator/engine/sorted.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { SETS = 3, KEYS_MAX = 400 };

static uint64_t seed;

static unsigned roll(unsigned below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

typedef struct row {
    uint64_t id;
    hz_slice key;
} row;

typedef struct table {
    hz_arena *arena;
    hz_store *store;
    hz_sorted sets[SETS];
    row rows[KEYS_MAX];
    size_t count;
    bool repeats;
} table;

/* Keys of 0 to 300 bytes, with long common beginnings. */
static hz_slice make_key(hz_arena *arena)
{
    static const char letters[] = "ab\xff";
    char text[300];
    size_t len = roll(4) ? roll(12) : roll(300), same = roll(2) ? len / 2 : len - len / 8;
    for (size_t i = 0; i < len; i++)
        text[i] = i < same ? 'a' : letters[roll(3)];
    hz_slice out;
    ck_assert_int_eq(hz_arena_copy(&out, arena, (hz_slice){text, len}), HZ_OK);
    return out;
}

static int by_key(const void *a, const void *b)
{
    return hz_slice_cmp(((const row *)a)->key, ((const row *)b)->key);
}

static void open_table(table *t)
{
    const hz_store_options options = {.budget_bytes = 0};
    memset(t, 0, sizeof *t);
    t->arena = hz_arena_new();
    ck_assert_ptr_nonnull(t->arena);
    ck_assert_int_eq(hz_store_new(&t->store, &options, NULL), HZ_OK);
    for (size_t s = 0; s < SETS; s++)
        hz_sorted_init(&t->sets[s], t->store);
}

static void close_table(table *t)
{
    for (size_t s = 0; s < SETS; s++)
        hz_sorted_clear(&t->sets[s]);
    hz_store_free(t->store);
    hz_arena_free(t->arena);
}

/* Rows whose keys ascend; some keys stand in several. */
static void make_rows(table *t, bool repeats)
{
    size_t count = roll(KEYS_MAX);
    for (size_t i = 0; i < count; i++)
        t->rows[i].key = i && repeats && !roll(3) ? t->rows[i - 1].key : make_key(t->arena);
    qsort(t->rows, count, sizeof *t->rows, by_key);
    for (size_t i = 0; i < count; i++) {
        bool same = t->count && hz_slice_eq(t->rows[t->count - 1].key, t->rows[i].key);
        if (same && !repeats)
            continue;
        t->repeats |= same;
        t->rows[t->count++].key = t->rows[i].key;
    }
}

static bool put(hz_sorted *set, table *t, size_t from, size_t count, uint64_t base)
{
    hz_keys keys;
    uint64_t ids[HZ_BATCH_ROWS], take[HZ_BATCH_ROWS / 64 + 1] = {0};
    uint32_t rows = 0;
    bool taken;
    ck_assert_int_eq(hz_keys_init(&keys, NULL), HZ_OK);
    for (size_t i = 0; i < count; i++) {
        base += roll(5) == 0; /* a record between that is none of ours */
        t->rows[from + i].id = ids[rows] = base++;
        keys.key[rows] = t->rows[from + i].key;
        hz_bits_set(take, rows++);
    }
    ck_assert_int_eq(hz_sorted_put(&taken, set, t->arena, &keys, take, ids, rows, NULL, NULL), HZ_OK);
    hz_keys_clear(&keys);
    return taken;
}

static void check_walk(table *t)
{
    hz_sorted *sets[SETS];
    hz_sorted_walk *walk;
    hz_sorted_entry entry;
    bool repeats;
    size_t at = 0;
    for (size_t s = 0; s < SETS; s++)
        sets[s] = &t->sets[s];
    ck_assert_int_eq(hz_sorted_walk_new(&walk, &repeats, sets, SETS, NULL), HZ_OK);
    ck_assert_ptr_nonnull(walk);
    ck_assert_int_eq(repeats, t->repeats);
    while (hz_sorted_next(&entry, walk, NULL) == HZ_OK)
        for (uint32_t r = 0; r < entry.rows; r++, at++) {
            ck_assert_uint_lt(at, t->count);
            ck_assert(hz_slice_eq(entry.key, t->rows[at].key));
            ck_assert_uint_eq(entry.row + r, t->rows[at].id);
        }
    ck_assert_uint_eq(at, t->count);
    hz_sorted_walk_free(walk);
}

START_TEST(test_sorted__shared_out)
{
    uint64_t live = hz_mem_stats_now().live_calls;
    seed = (uint64_t)_i + 1;
    for (unsigned round = 0; round < 60; round++) {
        table t;
        open_table(&t);
        make_rows(&t, round % 2);
        unsigned whose = 0;
        for (size_t from = 0, block = 1, count; from < t.count; from += count, block++) {
            count = 1 + roll(HZ_BATCH_ROWS < 50 ? HZ_BATCH_ROWS : 50);
            if (count > t.count - from)
                count = t.count - from;
            /* A key in two batches of two workers may come back in either order: one worker takes both. */
            if (!from || !hz_slice_eq(t.rows[from].key, t.rows[from - 1].key))
                whose = roll(SETS);
            ck_assert(put(&t.sets[whose], &t, from, count, block << 12));
        }
        check_walk(&t);
        check_walk(&t); /* and once more */
        close_table(&t);
    }
    ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
}
END_TEST

START_TEST(test_sorted__not_in_order)
{
    table t;
    hz_sorted *sets[2];
    hz_sorted_walk *walk;
    bool repeats;
    open_table(&t);
    t.rows[0].key = HZ_SLICE_LIT("b");
    t.rows[1].key = HZ_SLICE_LIT("d");
    t.rows[2].key = HZ_SLICE_LIT("c");
    t.rows[3].key = HZ_SLICE_LIT("e");
    ck_assert(put(&t.sets[0], &t, 0, 2, 0));
    ck_assert(put(&t.sets[1], &t, 2, 2, 100));
    sets[0] = &t.sets[0];
    sets[1] = &t.sets[1];
    ck_assert_int_eq(hz_sorted_walk_new(&walk, &repeats, sets, 2, NULL), HZ_OK);
    ck_assert_ptr_null(walk); /* [b, d] and [c, e] reach into each other */
    ck_assert(!put(&t.sets[0], &t, 2, 1, 200));
    ck_assert(t.sets[0].unordered);
    ck_assert_uint_eq(t.sets[0].entries, 2);
    ck_assert(!put(&t.sets[0], &t, 3, 1, 300)); /* no more are tried */
    close_table(&t);
}
END_TEST

/* A key of two texts, as hz_vec_put_key writes them. */
static hz_slice pair_key(hz_arena *arena, unsigned lead, unsigned name)
{
    char parts[2][16], text[64];
    size_t at = 0;
    snprintf(parts[0], sizeof parts[0], "%04u", lead);
    snprintf(parts[1], sizeof parts[1], "n%u", name);
    for (int p = 0; p < 2; p++) {
        uint32_t len = (uint32_t)strlen(parts[p]);
        text[at++] = 't';
        memcpy(text + at, &len, sizeof len);
        memcpy(text + at + sizeof len, parts[p], len);
        at += sizeof len + len;
    }
    hz_slice out;
    ck_assert_int_eq(hz_arena_copy(&out, arena, (hz_slice){text, at}), HZ_OK);
    return out;
}

/* Puts rows [from, from + count) of a table whose first parts ascend; the rows that are left to the caller come back as
 * 1 in `left`. */
static void put_clusters(table *t, hz_sorted *set, size_t from, size_t count, uint64_t base, uint8_t *left)
{
    hz_keys keys;
    uint64_t ids[HZ_BATCH_ROWS], take[HZ_BATCH_ROWS / 64 + 1] = {0}, rest[HZ_BATCH_ROWS / 64 + 1];
    bool taken;
    ck_assert_int_eq(hz_keys_init(&keys, NULL), HZ_OK);
    for (uint32_t i = 0; i < count; i++) {
        t->rows[from + i].id = ids[i] = base + i;
        keys.key[i] = t->rows[from + i].key;
        hz_bits_set(take, i);
    }
    ck_assert_int_eq(hz_sorted_put(&taken, set, t->arena, &keys, take, ids, (uint32_t)count, rest, NULL), HZ_OK);
    ck_assert(taken);
    for (size_t i = 0; i < count; i++)
        left[from + i] = hz_bits_get(rest, i);
    hz_keys_clear(&keys);
}

/* Every row comes back by the walk or is left to the caller, never a cluster in both; what comes twice is told. */
START_TEST(test_sorted__clusters)
{
    seed = (uint64_t)_i + 100;
    for (unsigned round = 0; round < 20; round++) {
        table t;
        uint8_t left[KEYS_MAX] = {0}, seen[KEYS_MAX] = {0};
        bool repeats, twice = false;
        hz_sorted *sets[SETS];
        hz_sorted_walk *walk;
        hz_sorted_entry entry;
        open_table(&t);
        for (unsigned lead = 0, name; t.count + 20 < KEYS_MAX && lead < 60; lead++)
            for (name = 20 - roll(20); name > 0; name--) /* descends: not in order as a whole */
                t.rows[t.count++].key = pair_key(t.arena, lead, round % 2 && roll(40) == 0 ? name + 1 : name);
        for (size_t from = 0, block = 1, count; from < t.count; from += count, block++) {
            count = 1 + roll(HZ_BATCH_ROWS < 90 ? HZ_BATCH_ROWS : 90);
            count = count < t.count - from ? count : t.count - from;
            t.sets[block % SETS].clustered = true; /* else a first batch that happens to be in order decides */
            put_clusters(&t, &t.sets[block % SETS], from, count, block << 12, left);
        }
        for (size_t i = 1; i < t.count; i++)
            for (size_t j = 0; j < i; j++)
                twice = twice || (!left[i] && !left[j] && hz_slice_eq(t.rows[i].key, t.rows[j].key));
        for (size_t s = 0; s < SETS; s++)
            sets[s] = &t.sets[s];
        ck_assert_int_eq(hz_sorted_walk_new(&walk, &repeats, sets, SETS, NULL), HZ_OK);
        ck_assert_ptr_nonnull(walk);
        ck_assert_int_eq(repeats, twice);
        while (hz_sorted_next(&entry, walk, NULL) == HZ_OK)
            for (size_t i = 0; i < t.count; i++)
                if (t.rows[i].id >= entry.row && t.rows[i].id < entry.row + entry.rows) {
                    ck_assert(hz_slice_eq(entry.key, t.rows[i].key));
                    seen[i]++;
                }
        unsigned amiss = 0;
        for (size_t i = 0; i < t.count; i++) {
            amiss += seen[i] + left[i] != 1;
            for (size_t j = 0; j < i; j++) /* the first nine bytes are the first part */
                amiss += left[i] != left[j] && memcmp(t.rows[i].key.ptr, t.rows[j].key.ptr, 9) == 0;
        }
        ck_assert_uint_eq(amiss, 0);
        hz_sorted_walk_free(walk);
        close_table(&t);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.sorted");
    TCase *tc = tcase_create("sorted");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_sorted__shared_out, 0, 5);
    tcase_add_test(tc, test_sorted__not_in_order);
    tcase_add_loop_test(tc, test_sorted__clusters, 0, 5);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
