/* Suite engine.partial: first ordinals, regions, error bits, where rows are; and the hasher beside the reader. */
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

/* Whatever the order they come in, the least `max` remain, ascending. */
START_TEST(test_partial__firsts)
{
    uint64_t state = (uint64_t)_i + 1;
    enum { MANY = 300 };
    uint64_t all[MANY];
    hz_firsts firsts = {.max = (size_t)_i};
    for (size_t i = 0; i < MANY; i++) {
        all[i] = (uint64_t)i * 7 % 1000 + ((uint64_t)kit_random(&state) << 32);
        ck_assert_int_eq(hz_firsts_add(&firsts, all[i], NULL), HZ_OK);
    }
    qsort(all, MANY, sizeof *all, by_number);
    ck_assert_uint_eq(firsts.count, (size_t)_i < MANY ? (size_t)_i : MANY);
    for (size_t i = 0; i < firsts.count; i++)
        ck_assert_uint_eq(firsts.ordinals[i], all[i]);
    hz_mem_free(firsts.ordinals);
}
END_TEST

START_TEST(test_partial__firsts_with_borrowed_room)
{
    uint64_t room[2];
    hz_firsts firsts = {room, 0, 2, 2};
    uint64_t calls = hz_mem_stats_now().calls;
    for (uint64_t n = 9; n > 0; n--)
        ck_assert_int_eq(hz_firsts_add(&firsts, n, NULL), HZ_OK);
    ck_assert_uint_eq(room[0], 1);
    ck_assert_uint_eq(room[1], 2);
    ck_assert_uint_eq(hz_mem_stats_now().calls, calls);
}
END_TEST

/* ---- regions ---- */

START_TEST(test_partial__regions_dictionary)
{
    hz_regions regions;
    uint32_t index, again;
    ck_assert_int_eq(hz_regions_init(&regions, 2, NULL), HZ_OK);
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
    ck_assert_int_eq(hz_regions_init(&regions, 2, NULL), HZ_OK);
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
    ck_assert_int_eq(hz_regions_init(&regions, 1, NULL), HZ_OK);
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
    ck_assert_uint_eq(regions.items_count, pairs);
    for (size_t i = 0; i < regions.items_count; i++) {
        const struct hz_region_exception *item = &regions.items[i];
        ck_assert_int_eq(memcmp(&item->counts, &plain[item->region][item->rule], sizeof item->counts), 0);
    }
    hz_regions_clear(&regions);
}
END_TEST

/* ---- error bits ---- */

START_TEST(test_partial__errors_count_once)
{
    hz_table_partial table = {0};
    const uint64_t ordinals[] = {5000, 3, 63, 64, 3, 5000, 127};
    for (size_t i = 0; i < sizeof ordinals / sizeof *ordinals; i++)
        ck_assert_int_eq(hz_table_mark_error(&table, ordinals[i], NULL), HZ_OK);
    ck_assert_uint_eq(hz_bits_count(table.errors, table.errors_capacity * 64), 5);
    ck_assert(hz_bits_get(table.errors, 127) && !hz_bits_get(table.errors, 126));
    hz_table_partial_clear(&table);
}
END_TEST

/* ---- where rows are ---- */

/* Two files of more than 4 GiB, whose offsets do not fit 32 bits; bad rows between. */
START_TEST(test_partial__row_index_beyond_4_gib)
{
    struct hz_row_base bases[] = {{0, 100, 2, 0},
                                  {3, UINT64_C(5) << 32, 7, 0},
                                  {4, (UINT64_C(5) << 32) + 40, 9, 0},
                                  {7, UINT64_C(1) << 40, UINT64_C(1) << 33, 1}};
    uint32_t offsets[] = {0, UINT32_MAX - 1, UINT32_MAX, 0, 0, UINT32_MAX, 8, 0, UINT32_MAX - 1};
    uint32_t lines[] = {0, 4, 0, 0, 0, 0, 1, 0, UINT32_MAX};
    hz_row_index index = {.bases = bases, .bases_count = 4, .offsets = offsets, .lines = lines, .rows_count = 9};
    const struct {
        bool found;
        uint32_t source;
        uint64_t offset, line;
    } expected[] = {{true, 0, 100, 2},
                    {true, 0, 100 + (uint64_t)(UINT32_MAX - 1), 6},
                    {false, 0, 0, 0},
                    {true, 0, UINT64_C(5) << 32, 7},
                    {true, 0, (UINT64_C(5) << 32) + 40, 9},
                    {false, 0, 0, 0},
                    {true, 0, (UINT64_C(5) << 32) + 48, 10},
                    {true, 1, UINT64_C(1) << 40, UINT64_C(1) << 33},
                    {true, 1, (UINT64_C(1) << 40) + UINT32_MAX - 1, (UINT64_C(1) << 33) + UINT32_MAX},
                    {false, 0, 0, 0}};
    for (uint64_t o = 0; o < 10; o++) {
        uint32_t source = 99;
        uint64_t offset = 0, line = 0;
        ck_assert_int_eq(hz_row_index_find(&index, o, &source, &offset, &line), expected[o].found);
        if (!expected[o].found)
            continue;
        ck_assert_uint_eq(source, expected[o].source);
        ck_assert_uint_eq(offset, expected[o].offset);
        ck_assert_uint_eq(line, expected[o].line);
    }
    hz_row_index none = {0};
    ck_assert(!hz_row_index_find(&none, 0, &(uint32_t){0}, &(uint64_t){0}, &(uint64_t){0}));
}
END_TEST

/* ---- hasher ---- */

static void digest_of(uint8_t out[32], const char *bytes, size_t len, size_t piece, bool threaded)
{
    hz_hasher *hasher;
    ck_assert_int_eq(hz_hasher_new(&hasher, threaded, NULL), HZ_OK);
    for (size_t at = 0; at < len; at += piece) {
        size_t here = len - at < piece ? len - at : piece;
        char *copy = hz_mem_alloc(here); /* the reader's block: used again at once */
        memcpy(copy, bytes + at, here);
        hz_hasher_add(hasher, copy, here);
        memset(copy, 0xaa, here);
        hz_mem_free(copy);
    }
    ck_assert_int_eq(hz_hasher_finish(hasher, out, NULL), HZ_OK);
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
    uint8_t once[32], digest[32];
    hz_sha256 *sha = hz_sha256_new();
    ck_assert(hz_sha256_update(sha, bytes, len) && hz_sha256_final(sha, once));
    hz_sha256_free(sha);
    for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++)
        for (int threaded = 0; threaded < 2; threaded++) {
            digest_of(digest, bytes, len, pieces[p], threaded);
            ck_assert_int_eq(memcmp(digest, once, sizeof once), 0);
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
        uint8_t digest[32];
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        hz_status st = hz_hasher_new(&hasher, true, &err);
        for (int i = 0; hasher && i < 8; i++)
            hz_hasher_add(hasher, bytes, PIECE);
        if (hasher)
            st = hz_hasher_finish(hasher, digest, &err);
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
    ck_assert_int_eq(hz_hasher_new(&left, true, NULL), HZ_OK);
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
    TCase *firsts = kit_case(suite, "firsts", 60), *regions = kit_case(suite, "regions", 60),
          *rows = kit_case(suite, "rows", 60);
    TCase *hasher = kit_case(suite, "hasher", 120);
    tcase_add_loop_test(firsts, test_partial__firsts, 0, 12);
    tcase_add_loop_test(firsts, test_partial__firsts, 299, 302);
    tcase_add_test(firsts, test_partial__firsts_with_borrowed_room);
    tcase_add_test(regions, test_partial__regions_dictionary);
    tcase_add_test(regions, test_partial__regions_count_rows_by_table);
    tcase_add_test(regions, test_partial__regions_exceptions);
    tcase_add_test(rows, test_partial__errors_count_once);
    tcase_add_test(rows, test_partial__row_index_beyond_4_gib);
    tcase_add_loop_test(hasher, test_partial__hasher_threaded_or_not, 0, 15);
    tcase_add_test(hasher, test_partial__hasher_without_memory);
    return kit_main(suite);
}
