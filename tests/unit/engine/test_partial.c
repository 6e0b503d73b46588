/* Suite engine.partial: the first rows, what rules and regions count, and that partial counts add up to the same
 * whatever the parts; and the hasher beside the reader. */
#include "base/sha256.h"
#include "tests/unit/engine/engine_kit.h"
#include "validator/engine/hasher.h"
#include "validator/engine/partial.h"

/* ---- firsts ---- */

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void shuffle(uint64_t *items, size_t count, uint64_t *state)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = kit_random(state) % i;
        uint64_t item = items[i - 1];
        items[i - 1] = items[other];
        items[other] = item;
    }
}

static void assert_firsts(hz_firsts *firsts, const uint64_t *sorted, size_t count)
{
    hz_firsts_sort(firsts);
    ck_assert_uint_eq(firsts->count, count < firsts->max ? count : firsts->max);
    for (size_t i = 0; i < firsts->count; i++)
        ck_assert_uint_eq(firsts->rows[i], sorted[i]);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(hz_firsts_has(firsts, sorted[i]), i < firsts->max);
        ck_assert(!hz_firsts_has(firsts, sorted[i] + 1));
    }
}

/* Whatever the order they come in, the least `max` remain; what is taken is what will be among them so far. */
START_TEST(test_partial__firsts)
{
    enum { MANY = 300 };
    uint64_t sorted[MANY], rows[MANY], state = (uint64_t)_i + 1;
    for (size_t i = 0; i < MANY; i++)
        sorted[i] = i * i * 10 + (i > 200 ? UINT64_C(1) << 40 : 0);
    for (int order = 0; order < 6; order++) {
        hz_firsts firsts = {.max = (size_t)_i};
        memcpy(rows, sorted, sizeof rows);
        for (size_t i = 0; order == 1 && i < MANY; i++)
            rows[i] = sorted[MANY - 1 - i];
        if (order > 1)
            shuffle(rows, MANY, &state);
        for (size_t i = 0; i < MANY; i++) {
            size_t before = 0;
            for (size_t j = 0; j < i; j++)
                before += rows[j] < rows[i];
            ck_assert_int_eq(hz_firsts_takes(&firsts, rows[i]), before < (size_t)_i);
            ck_assert_int_eq(hz_firsts_add(&firsts, rows[i], NULL), HZ_OK);
            for (size_t j = 0; j < firsts.count; j++)
                ck_assert_uint_le(firsts.rows[j], firsts.rows[0]);
        }
        assert_firsts(&firsts, sorted, MANY);
        hz_mem_free(firsts.rows);
    }
}
END_TEST

/* Every order of few, and every prefix of it. */
START_TEST(test_partial__firsts_in_every_order)
{
    enum { FEW = 6 };
    for (unsigned order = 0; order < FEW * FEW * FEW * FEW * FEW * FEW; order++) {
        uint64_t rows[FEW], sorted[FEW];
        unsigned met = 0, rest = order;
        for (size_t i = 0; i < FEW; i++, rest /= FEW) {
            rows[i] = rest % FEW;
            met |= 1U << rows[i];
        }
        if (met != (1U << FEW) - 1)
            continue; /* no permutation */
        for (size_t max = 0; max <= FEW + 1; max++)
            for (size_t count = 0; count <= FEW; count++) {
                uint64_t room[FEW + 1];
                hz_firsts firsts = {room, 0, FEW + 1, max};
                memcpy(sorted, rows, sizeof rows);
                if (count)
                    qsort(sorted, count, sizeof *sorted, by_number);
                for (size_t i = 0; i < count; i++)
                    ck_assert_int_eq(hz_firsts_add(&firsts, rows[i], NULL), HZ_OK);
                hz_firsts_sort(&firsts);
                ck_assert_uint_eq(firsts.count, count < max ? count : max);
                ck_assert_int_eq(memcmp(room, sorted, firsts.count * sizeof *room), 0);
            }
    }
}
END_TEST

START_TEST(test_partial__firsts_with_borrowed_room)
{
    uint64_t room[2];
    hz_firsts firsts = {room, 0, 2, 2};
    uint64_t calls = hz_mem_stats_now().calls;
    for (uint64_t n = 9; n > 0; n--)
        ck_assert_int_eq(hz_firsts_add(&firsts, n, NULL), HZ_OK);
    hz_firsts_sort(&firsts);
    ck_assert_uint_eq(room[0], 1);
    ck_assert_uint_eq(room[1], 2);
    ck_assert_uint_eq(hz_mem_stats_now().calls, calls);
}
END_TEST

START_TEST(test_partial__firsts_without_memory)
{
    hz_firsts firsts = {.max = 3};
    hz_error err;
    hz_error_clear(&err);
    hz_mem_fail_after(1, true);
    hz_status st = hz_firsts_add(&firsts, 7, &err);
    hz_mem_fail_after(0, false);
    ck_assert_int_eq(st, HZ_E_NOMEM);
    ck_assert_int_eq(err.status, HZ_E_NOMEM);
    ck_assert_uint_eq(firsts.count, 0);
    ck_assert_int_eq(hz_firsts_add(&firsts, 7, NULL), HZ_OK);
    ck_assert_uint_eq(firsts.rows[0], 7);
    hz_mem_free(firsts.rows);
}
END_TEST

/* ---- rules ---- */

static const hz_related *related_of(const hz_rule_partial *partial, uint64_t row)
{
    for (size_t i = 0; i < partial->related_count; i++)
        if (partial->related[i].row == row)
            return &partial->related[i];
    return NULL;
}

static const char *values_of(const hz_rule_partial *partial, uint64_t row)
{
    for (size_t i = 0; i < partial->values_count; i++)
        if (partial->values[i].row == row)
            return partial->values[i].bytes;
    return NULL;
}

static const char of_rows[5000];

/* A failing row as the stages put it: what belongs to it is kept when it becomes an example. */
static void fail_row(hz_rule_partial *partial, uint64_t row)
{
    partial->failed++;
    if (!hz_firsts_takes(&partial->examples, row))
        return;
    hz_related related = {.row = row, .others = row + 7, .rows = {row + 1}, .count = 1};
    ck_assert_int_eq(hz_firsts_add(&partial->examples, row, NULL), HZ_OK);
    ck_assert_int_eq(hz_related_add(partial, &related, NULL), HZ_OK);
    ck_assert_int_eq(hz_row_values_add(partial, (hz_row_values){row, &of_rows[row]}, NULL), HZ_OK);
}

/* Each example has what was kept of it. */
static void assert_examples(hz_rule_partial *partial, uint64_t least, size_t count)
{
    hz_firsts_sort(&partial->examples);
    ck_assert_uint_eq(partial->examples.count, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t row = least + i;
        ck_assert_uint_eq(partial->examples.rows[i], row);
        const hz_related *related = related_of(partial, row);
        ck_assert_ptr_nonnull(related);
        ck_assert_uint_eq(related->others, row + 7);
        ck_assert_uint_eq(related->rows[0], row + 1);
        ck_assert_ptr_eq(values_of(partial, row), &of_rows[row]);
    }
}

/* Related rows of what is no example any more are forgotten: thousands of failing rows keep no more than a few times
 * `max` of them, whatever the order that the rows come in. */
START_TEST(test_partial__related_rows_are_forgotten)
{
    enum { ROWS = 4000 };
    static const size_t maxima[] = {0, 1, 5, 16, 17, 200};
    uint64_t rows[ROWS], state = 11;
    for (size_t m = 0; m < sizeof maxima / sizeof *maxima; m++)
        for (int order = 0; order < 3; order++) {
            hz_rule_partial partial = {.examples.max = maxima[m]};
            size_t bound = 4 * maxima[m] < 64 ? 64 : 4 * maxima[m];
            for (size_t i = 0; i < ROWS; i++)
                rows[i] = order == 1 ? ROWS - 1 - i : i;
            if (order == 2)
                shuffle(rows, ROWS, &state);
            for (size_t i = 0; i < ROWS; i++) {
                fail_row(&partial, rows[i]);
                ck_assert_uint_le(partial.related_count, bound);
                ck_assert_uint_le(partial.values_count, bound);
            }
            assert_examples(&partial, 0, maxima[m]);
            hz_rule_partial_clear(&partial);
            ck_assert_uint_eq(partial.related_count + partial.examples.count + partial.failed, 0);
        }
}
END_TEST

/* Rows dealt out to several parts, the parts added in any order, one after the other or in pairs: the counts are the
 * sums, the examples the least rows of all, with what belongs to them. */
START_TEST(test_partial__rules_merge)
{
    enum { ROWS = 3000, PARTS = 6 };
    static const size_t maxima[] = {0, 1, 20, 100, ROWS};
    uint64_t state = (uint64_t)_i + 1;
    size_t max = maxima[_i % 5];
    hz_rule_partial parts[PARTS];
    uint64_t rows[ROWS], order[PARTS];
    memset(parts, 0, sizeof parts);
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = i;
    if (_i % 2)
        shuffle(rows, ROWS, &state);
    for (size_t p = 0; p < PARTS; p++) {
        order[p] = p;
        parts[p].examples.max = max;
        parts[p].rows = 10 + p;
        parts[p].not_applicable = 1 + p;
        parts[p].undetermined = 2;
        parts[p].ambiguous = 1;
        parts[p].groups = 3 * p;
        parts[p].unkeyed = p;
        parts[p].has_groups = p == 3;
        parts[p].has_unkeyed = p == 4;
        parts[p].broken = p == 2 && _i % 3 == 0;
        parts[p].reason.message = parts[p].broken ? HZ_MSG_LIMIT : HZ_MSG_NONE;
    }
    for (size_t i = 0; i < ROWS; i++)
        fail_row(&parts[kit_random(&state) % (_i % 4 ? PARTS : 1)], rows[i]);
    shuffle(order, PARTS, &state);
    for (size_t p = 1; p + 1 < PARTS; p += 2) /* pairs first */
        ck_assert_int_eq(hz_rule_partial_merge(&parts[order[p]], &parts[order[p + 1]], NULL), HZ_OK);
    hz_rule_partial *into = &parts[order[0]];
    for (size_t p = 1; p < PARTS; p += 2)
        ck_assert_int_eq(hz_rule_partial_merge(into, &parts[order[p]], NULL), HZ_OK);
    ck_assert_uint_eq(into->rows, 75);
    ck_assert_uint_eq(into->not_applicable, 21);
    ck_assert_uint_eq(into->undetermined, 12);
    ck_assert_uint_eq(into->ambiguous, 6);
    ck_assert_uint_eq(into->groups, 45);
    ck_assert_uint_eq(into->unkeyed, 15);
    ck_assert_uint_eq(into->failed, ROWS);
    ck_assert(into->has_groups && into->has_unkeyed);
    ck_assert_int_eq(into->broken, _i % 3 == 0);
    ck_assert_int_eq(into->reason.message, _i % 3 == 0 ? HZ_MSG_LIMIT : HZ_MSG_NONE);
    assert_examples(into, 0, max < ROWS ? max : ROWS);
    for (size_t p = 0; p < PARTS; p++)
        hz_rule_partial_clear(&parts[p]);
}
END_TEST

/* What a broken rule says is what was said first; a part that is sound takes nothing away. */
START_TEST(test_partial__rules_merge_why_they_broke)
{
    hz_rule_partial sound = {.rows = 1}, first = {.broken = true, .reason.message = HZ_MSG_LIMIT},
                    second = {.broken = true, .reason.message = HZ_MSG_INTERNAL};
    ck_assert_int_eq(hz_rule_partial_merge(&first, &sound, NULL), HZ_OK);
    ck_assert_int_eq(hz_rule_partial_merge(&first, &second, NULL), HZ_OK);
    ck_assert(first.broken);
    ck_assert_int_eq(first.reason.message, HZ_MSG_LIMIT);
    ck_assert_uint_eq(first.rows, 1);
}
END_TEST

/* ---- regions ---- */

START_TEST(test_partial__regions_dictionary)
{
    hz_regions regions;
    uint32_t index, again;
    ck_assert_int_eq(hz_regions_init(&regions, 2, 2000, NULL), HZ_OK);
    ck_assert_uint_eq(regions.count, 1);
    ck_assert_int_eq(hz_regions_index(&index, &regions, 0, NULL), HZ_OK);
    ck_assert_uint_eq(index, 0);
    for (uint64_t n = 1; n < 5000; n++) {
        uint64_t packed = n * UINT64_C(0x9e3779b97f4a7c15);
        ck_assert_int_eq(hz_regions_index(&index, &regions, packed, NULL), HZ_OK);
        ck_assert_uint_eq(index, n);
        ck_assert_uint_eq(regions.packed[index], packed);
    }
    for (uint64_t n = 1; n < 5000; n++) {
        ck_assert_int_eq(hz_regions_index(&again, &regions, n * UINT64_C(0x9e3779b97f4a7c15), NULL), HZ_OK);
        ck_assert_uint_eq(again, n);
    }
    ck_assert_uint_eq(regions.count, 5000);
    hz_regions_clear(&regions);
}
END_TEST

START_TEST(test_partial__regions_count_rows_by_table)
{
    hz_regions regions;
    ck_assert_int_eq(hz_regions_init(&regions, 2, 2000, NULL), HZ_OK);
    ck_assert_int_eq(hz_regions_add_rows(&regions, 1, 700, 5, NULL), HZ_OK);
    ck_assert_int_eq(hz_regions_add_rows(&regions, 1, 3, 2, NULL), HZ_OK);
    ck_assert_int_eq(hz_regions_add_rows(&regions, 1, 700, 1, NULL), HZ_OK);
    ck_assert_uint_eq(regions.rows_capacity[0], 0);
    for (size_t r = 0; r < regions.rows_capacity[1]; r++)
        ck_assert_uint_eq(regions.rows[1][r], r == 700 ? 6 : r == 3 ? 2 : 0);
    hz_regions_clear(&regions);
}
END_TEST

/* Pairs in any order, against a plain square of counters. */
START_TEST(test_partial__regions_exceptions)
{
    enum { REGIONS = 40, RULES = 30 };
    static hz_region_counts plain[REGIONS][RULES];
    hz_regions regions;
    uint64_t state = 3;
    size_t pairs = 0;
    memset(plain, 0, sizeof plain);
    ck_assert_int_eq(hz_regions_init(&regions, 1, 2000, NULL), HZ_OK);
    for (int i = 0; i < 6000; i++) {
        uint32_t region = kit_random(&state) % REGIONS, rule = kit_random(&state) % RULES;
        hz_region_counts counts = {kit_random(&state) % 3, kit_random(&state) % 3, 1};
        hz_region_counts *have = &plain[region][rule];
        for (uint32_t times = 1 + kit_random(&state) % 2; times; times--) { /* often the same pair again */
            pairs += !have->failed;
            have->not_applicable += counts.not_applicable;
            have->undetermined += counts.undetermined;
            have->failed += counts.failed;
            ck_assert_int_eq(hz_regions_add(&regions, region, rule, counts, NULL), HZ_OK);
        }
    }
    for (uint32_t region = 0; region < REGIONS + 2; region++)
        for (uint32_t rule = hz_regions_next(&regions, region, 0); rule != UINT32_MAX;
             rule = hz_regions_next(&regions, region, rule + 1)) {
            hz_region_counts seen = hz_regions_get(&regions, region, rule);
            ck_assert_int_eq(memcmp(&seen, &plain[region][rule], sizeof seen), 0);
            pairs--;
        }
    ck_assert_uint_eq(pairs, 0);
    ck_assert_uint_eq(hz_regions_get(&regions, REGIONS + 5, 0).failed, 0);
    hz_regions_clear(&regions);
}
END_TEST

/* Every count of a region by its packed code: what does not depend on how regions are numbered. */
typedef struct square {
    uint64_t rows[2][60];
    hz_region_counts counts[60][9];
} square;

static uint64_t code_of(uint32_t n)
{
    return n ? (uint64_t)n << 36 : 0;
}

static void assert_square(const hz_regions *regions, const square *plain)
{
    square seen;
    memset(&seen, 0, sizeof seen);
    for (size_t t = 0; t < 2; t++)
        for (size_t r = 0; r < regions->rows_capacity[t]; r++)
            if (regions->rows[t][r])
                seen.rows[t][regions->packed[r] >> 36] = regions->rows[t][r];
    for (uint32_t region = 0; region < regions->count; region++)
        for (uint32_t rule = hz_regions_next(regions, region, 0); rule != UINT32_MAX;
             rule = hz_regions_next(regions, region, rule + 1))
            seen.counts[regions->packed[region] >> 36][rule] = hz_regions_get(regions, region, rule);
    ck_assert_int_eq(memcmp(&seen, plain, sizeof seen), 0);
}

static void fill_regions(hz_regions *parts, size_t parts_count, square *plain, uint64_t *state, bool numbered)
{
    for (int i = 0; i < 4000; i++) {
        hz_regions *part = &parts[kit_random(state) % parts_count];
        uint32_t region, n = kit_random(state) % 60, t = kit_random(state) % 2, rule = kit_random(state) % 9;
        hz_region_counts counts = {kit_random(state) % 2, kit_random(state) % 2, 1};
        ck_assert_int_eq(hz_regions_index(&region, numbered ? &parts[0] : part, code_of(n), NULL), HZ_OK);
        if (!numbered) {
            ck_assert_int_eq(hz_regions_add_rows(part, t, region, 2, NULL), HZ_OK);
            plain->rows[t][n] += 2;
        }
        hz_region_counts *cell = &plain->counts[n][rule];
        cell->not_applicable += counts.not_applicable;
        cell->undetermined += counts.undetermined;
        cell->failed++;
        ck_assert_int_eq(hz_regions_add(part, region, rule, counts, NULL), HZ_OK);
    }
}

/* Parts that met regions in their own order, with their own numbers: the map tells the number in the sum. */
START_TEST(test_partial__regions_merge)
{
    enum { PARTS = 5 };
    static square plain;
    hz_regions parts[PARTS];
    uint64_t state = (uint64_t)_i + 1, order[PARTS] = {0, 1, 2, 3, 4};
    memset(&plain, 0, sizeof plain);
    for (size_t p = 0; p < PARTS; p++)
        ck_assert_int_eq(hz_regions_init(&parts[p], 2, 2000, NULL), HZ_OK);
    fill_regions(parts, PARTS, &plain, &state, false);
    shuffle(order, PARTS, &state);
    hz_regions *into = &parts[order[0]];
    for (size_t p = 1; p < PARTS; p++) {
        const hz_regions *from = &parts[order[p]];
        uint32_t map[64];
        memset(map, 0xff, sizeof map);
        ck_assert_int_eq(hz_regions_merge(into, from, p % 2 ? map : NULL, false, NULL), HZ_OK);
        for (size_t r = 0; p % 2 && r < from->count; r++)
            ck_assert_uint_eq(into->packed[map[r]], from->packed[r]);
        ck_assert_uint_eq(map[from->count], UINT32_MAX);
    }
    ck_assert_uint_eq(hz_regions_find(into, 0), 0);
    ck_assert_uint_eq(hz_regions_find(into, UINT64_C(61) << 36), UINT32_MAX);
    assert_square(into, &plain);
    for (size_t p = 0; p < PARTS; p++)
        hz_regions_clear(&parts[p]);
}
END_TEST

/* After the scan the workers count by the run's numbers. */
START_TEST(test_partial__regions_merge_numbered)
{
    enum { PARTS = 4 };
    static square plain;
    hz_regions parts[PARTS];
    uint64_t state = (uint64_t)_i + 77;
    memset(&plain, 0, sizeof plain);
    for (size_t p = 0; p < PARTS; p++)
        ck_assert_int_eq(hz_regions_init(&parts[p], 2, 2000, NULL), HZ_OK);
    fill_regions(parts, PARTS, &plain, &state, true);
    size_t count = parts[0].count;
    for (size_t p = 1; p < PARTS; p++)
        ck_assert_int_eq(hz_regions_merge(&parts[0], &parts[p], NULL, true, NULL), HZ_OK);
    ck_assert_uint_eq(parts[0].count, count);
    assert_square(&parts[0], &plain);
    for (size_t p = 0; p < PARTS; p++)
        hz_regions_clear(&parts[p]);
}
END_TEST

START_TEST(test_partial__merging_without_memory)
{
    static square plain;
    uint64_t n = 1;
    for (bool failed = true; failed; n++) {
        uint64_t state = 5;
        hz_mem_stats before = hz_mem_stats_now();
        hz_regions regions[2];
        hz_rule_partial rules[2] = {{.examples.max = 50}, {.examples.max = 50}};
        hz_error err;
        hz_error_clear(&err);
        ck_assert_int_eq(hz_regions_init(&regions[0], 2, 2000, NULL), HZ_OK);
        ck_assert_int_eq(hz_regions_init(&regions[1], 2, 2000, NULL), HZ_OK);
        memset(&plain, 0, sizeof plain);
        fill_regions(&regions[1], 1, &plain, &state, false);
        for (uint64_t row = 0; row < 300; row++)
            fail_row(&rules[1], row);
        hz_mem_fail_after(n, false);
        hz_status st = hz_regions_merge(&regions[0], &regions[1], NULL, false, &err);
        if (st == HZ_OK)
            st = hz_rule_partial_merge(&rules[0], &rules[1], &err);
        hz_mem_fail_after(0, false);
        failed = st != HZ_OK;
        ck_assert_int_eq(st, failed ? HZ_E_NOMEM : HZ_OK);
        ck_assert_int_eq(err.status, st);
        if (!failed) {
            assert_square(&regions[0], &plain);
            assert_examples(&rules[0], 0, 50);
        }
        for (size_t i = 0; i < 2; i++) {
            hz_regions_clear(&regions[i]);
            hz_rule_partial_clear(&rules[i]);
        }
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    }
    ck_assert_uint_gt(n, 10);
}
END_TEST

/* ---- hasher ---- */

static void digest_of(uint8_t out[32], uint8_t sm3[32], const char *bytes, size_t len, size_t piece, bool threaded)
{
    hz_hasher *hasher;
    ck_assert_int_eq(hz_hasher_new(&hasher, threaded, sm3 != NULL, NULL), HZ_OK);
    for (size_t at = 0; at < len; at += piece) {
        size_t here = len - at < piece ? len - at : piece;
        char *copy = hz_mem_alloc(here); /* the reader's block: used again at once */
        memcpy(copy, bytes + at, here);
        hz_hasher_add(hasher, copy, here);
        memset(copy, 0xaa, here);
        hz_mem_free(copy);
    }
    ck_assert_int_eq(hz_hasher_finish(hasher, out, sm3, NULL), HZ_OK);
}

/* Sizes about the borders of SHA-256's blocks and of the pieces that go to the thread. */
START_TEST(test_partial__hasher_threaded_or_not)
{
    static const size_t sizes[] = {0,   1,     55,    56,    63,     64,          65,    119,
                                   128, 65535, 65536, 65537, 131072, 262144 + 64, 700001};
    static const size_t pieces[] = {61, 4096, 65535, 65536, 65537, 262144, 1000000};
    size_t len = sizes[_i];
    char *bytes = hz_mem_alloc(len + 1);
    uint64_t state = len + 1;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)kit_random(&state);
    uint8_t once[32], once_sm3[32], digest[32], sm3[32];
    hz_sha256 *sha = hz_sha256_new();
    ck_assert(hz_sha256_update(sha, bytes, len) && hz_sha256_final(sha, once));
    hz_sha256_free(sha);
    sha = hz_sm3_new();
    ck_assert(hz_sha256_update(sha, bytes, len) && hz_sha256_final(sha, once_sm3));
    hz_sha256_free(sha);
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++)
        for (int threaded = 0; threaded < 2; threaded++) {
            digest_of(digest, NULL, bytes, len, pieces[p], threaded);
            ck_assert_int_eq(memcmp(digest, once, sizeof once), 0);
            digest_of(digest, sm3, bytes, len, pieces[p], threaded);
            ck_assert_int_eq(memcmp(digest, once, sizeof once), 0);
            ck_assert_int_eq(memcmp(sm3, once_sm3, sizeof once_sm3), 0);
        }
    hz_mem_free(bytes);
}
END_TEST

START_TEST(test_partial__hasher_without_memory)
{
    enum { PIECE = 70000 };
    char *bytes = hz_mem_zalloc(1, PIECE);
    for (uint64_t n = 1;; n++) {
        hz_mem_stats before = hz_mem_stats_now();
        hz_hasher *hasher = NULL;
        uint8_t digest[32], sm3[32];
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        hz_status st = hz_hasher_new(&hasher, true, true, &err);
        for (int i = 0; hasher && i < 8; i++)
            hz_hasher_add(hasher, bytes, PIECE);
        if (hasher)
            st = hz_hasher_finish(hasher, digest, sm3, &err);
        hz_mem_fail_after(0, false);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
        if (st == HZ_OK) {
            ck_assert_uint_gt(n, 2);
            break;
        }
        ck_assert_int_eq(st, HZ_E_NOMEM);
        ck_assert_int_eq(err.status, HZ_E_NOMEM);
    }
    hz_hasher *left;
    ck_assert_int_eq(hz_hasher_new(&left, true, true, NULL), HZ_OK);
    for (int i = 0; i < 8; i++)
        hz_hasher_add(left, bytes, PIECE);
    hz_hasher_abandon(left); /* in the middle of the work */
    hz_hasher_abandon(NULL);
    hz_mem_free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.partial");
    TCase *firsts = kit_case(suite, "firsts", 60), *rules = kit_case(suite, "rules", 60),
          *regions = kit_case(suite, "regions", 60), *hasher = kit_case(suite, "hasher", 120);
    tcase_add_loop_test(firsts, test_partial__firsts, 0, 12);
    tcase_add_loop_test(firsts, test_partial__firsts, 299, 302);
    tcase_add_test(firsts, test_partial__firsts_in_every_order);
    tcase_add_test(firsts, test_partial__firsts_with_borrowed_room);
    tcase_add_test(firsts, test_partial__firsts_without_memory);
    tcase_add_test(rules, test_partial__related_rows_are_forgotten);
    tcase_add_loop_test(rules, test_partial__rules_merge, 0, 30);
    tcase_add_test(rules, test_partial__rules_merge_why_they_broke);
    tcase_add_test(regions, test_partial__regions_dictionary);
    tcase_add_test(regions, test_partial__regions_count_rows_by_table);
    tcase_add_test(regions, test_partial__regions_exceptions);
    tcase_add_loop_test(regions, test_partial__regions_merge, 0, 20);
    tcase_add_loop_test(regions, test_partial__regions_merge_numbered, 0, 10);
    tcase_add_test(regions, test_partial__merging_without_memory);
    tcase_add_loop_test(hasher, test_partial__hasher_threaded_or_not, 0, 15);
    tcase_add_test(hasher, test_partial__hasher_without_memory);
    return kit_main(suite);
}
