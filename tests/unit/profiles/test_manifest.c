/* Periods, paths, and a manifest loaded from bytes, with every allocation failing in turn. */
#include "base/alloc.h"
#include "profiles/manifest.h"
#include "tests/unit/profiles/kit.h"

START_TEST(test_manifest_period__first_and_last_day)
{
    static const struct {
        const char *text;
        int from[3], to[3];
    } right[] = {{"2020", {2020, 1, 1}, {2020, 12, 31}},
                 {"2020-02", {2020, 2, 1}, {2020, 2, 29}},
                 {"2021-02-03", {2021, 2, 3}, {2021, 2, 3}},
                 {"2020/2021-06", {2020, 1, 1}, {2021, 6, 30}},
                 {"2020-01-31/2020-02-01", {2020, 1, 31}, {2020, 2, 1}}};
    static const char *const bad[] = {"",        "202",   "20200",     "2020-13",  "2020-2", "2021-02-29",
                                      "2020/",   "/2020", "2021/2020", "2020-06-", "2020 ",  "2020/2021/2022",
                                      "0000-00", "abcd",  "2020-0a",   "2020-1-1"};
    int32_t from, to, day;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        ck_assert_msg(hz_manifest_period(&from, &to, hz_slice_of(right[i].text)), "%s", right[i].text);
        ck_assert(hz_date_from_civil(&day, right[i].from[0], right[i].from[1], right[i].from[2]) && day == from);
        ck_assert(hz_date_from_civil(&day, right[i].to[0], right[i].to[1], right[i].to[2]) && day == to);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!hz_manifest_period(&from, &to, hz_slice_of(bad[i])), "%s", bad[i]);
}
END_TEST

START_TEST(test_manifest_path__stays_below_the_folder)
{
    static const char *const right[] = {"a", "a/b.csv", "..a", ".a/b", "表.csv", "a.zip/b/c"};
    static const char *const bad[] = {"", "/a", "a/", "a//b", ".", "..", "./a", "a/../b", "a/.."};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        ck_assert_msg(hz_manifest_is_path(hz_slice_of(right[i])), "%s", right[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!hz_manifest_is_path(hz_slice_of(bad[i])), "%s", bad[i]);
}
END_TEST

static const char tables_text[] = "title: {zh: 甲, en: A}\ntables:\n  a: {fields: {t: {type: text}}}\n"
                                  "  b: {fields: {t: {type: text}}}\n";
static const char manifest_text[] =
    "hezhun: 1\nmanifest: x.y\nprofile: t@1\nunit: \"52\"\nperiod: 2020\nfiles:\n"
    "  - {path: one.csv, table: a, rows: 3}\n  - {path: book.xlsx, table: a}\n  - {path: two.csv}\n"
    "  - {path: book.xlsx, table: b}\n";

static hz_status load_manifest(hz_manifest **out, const hz_profile *profile, hz_error *err)
{
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    if (!arena)
        return hz_nomem(err, 1);
    hz_diags_init(&diags, arena, 10);
    hz_status st = hz_manifest_load_bytes(out, HZ_SLICE_LIT(manifest_text), HZ_SLICE_LIT("m.yaml"), profile,
                                          hz_limits_default(), &diags, err);
    hz_diags_clear(&diags);
    hz_arena_free(arena);
    return st;
}

START_TEST(test_manifest_load__entries_of_a_path)
{
    kit k;
    const hz_profile *profile = good(&k, tables_text);
    hz_manifest *manifest;
    ck_assert_int_eq(load_manifest(&manifest, profile, NULL), HZ_OK);
    ck_assert_uint_eq(manifest->files_count, 4);
    const hz_manifest_file *book = hz_manifest_find(manifest, HZ_SLICE_LIT("book.xlsx"));
    const hz_manifest_file *one = hz_manifest_find(manifest, HZ_SLICE_LIT("one.csv"));
    ck_assert_ptr_eq(book, &manifest->files[1]);
    ck_assert_ptr_eq(book->next, &manifest->files[3]);
    ck_assert_ptr_null(hz_manifest_table(book)); /* it holds two */
    ck_assert_ptr_eq(hz_manifest_table(one), &profile->tables[0]);
    ck_assert(one->has_rows && one->rows == 3 && !one->has_sha256 && !one->next);
    ck_assert_ptr_null(hz_manifest_find(manifest, HZ_SLICE_LIT("three.csv")));
    hz_manifest_free(manifest);
    hz_manifest_free(NULL);
    kit_close(&k);
}
END_TEST

START_TEST(test_manifest_load__every_failed_allocation_is_reported)
{
    kit k;
    const hz_profile *profile = good(&k, tables_text);
    hz_mem_stats before = hz_mem_stats_now();
    for (uint64_t n = 1;; n++) {
        hz_manifest *manifest = NULL;
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, true);
        hz_status st = load_manifest(&manifest, profile, &err);
        hz_mem_fail_after(0, false);
        hz_manifest_free(manifest);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
        if (st == HZ_OK)
            break;
        ck_assert_int_eq(st, HZ_E_NOMEM);
        ck_assert_uint_lt(n, 1000);
    }
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profiles.manifest");
    TCase *tc = tcase_create("manifest");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_manifest_period__first_and_last_day);
    tcase_add_test(tc, test_manifest_path__stays_below_the_folder);
    tcase_add_test(tc, test_manifest_load__entries_of_a_path);
    tcase_add_test(tc, test_manifest_load__every_failed_allocation_is_reported);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hz_lists_close(kit_lists);
    return failed != 0;
}
