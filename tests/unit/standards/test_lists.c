/* The store: the lists that are compiled in, and those of a folder that override them. */
#include "base/alloc.h"
#include "base/calendar.h"
#include "base/file.h"
#include "standards/codelist.h"
#include "unit.h"
#include <pthread.h>

enum { EMBEDDED_COUNT = 64 };

static hz_lists *builtin;

static const hz_codelist *get(hz_lists *lists, const char *id)
{
    hz_error err;
    hz_error_clear(&err);
    const hz_codelist *list = hz_lists_find(lists, hz_slice_of(id), &err);
    ck_assert_msg(list != NULL, "%s: %s", id, hz_msg_name(err.message));
    return list;
}

static bool name_is(const hz_codelist *list, const char *code, const char *name)
{
    uint32_t row = hz_codelist_find(list, hz_slice_of(code), HZ_DAY_EVER);
    return row != HZ_HTAB_NONE && hz_slice_is(hz_codelist_at(list, row).name.zh, name);
}

static int32_t in_year(int32_t year)
{
    int32_t days = 0;
    ck_assert(hz_date_from_civil(&days, year, 6, 30));
    return days;
}

static hz_slice value(const hz_codelist *list, const char *code, int32_t day, const char *column)
{
    uint32_t row = hz_codelist_find(list, hz_slice_of(code), day);
    return hz_codelist_value(list, row, hz_codelist_column(list, hz_slice_of(column)));
}

START_TEST(test_lists__every_builtin_parses_and_says_what_it_is)
{
    const hz_slice *ids;
    size_t count = hz_lists_ids(builtin, &ids);
    ck_assert_uint_eq(count, EMBEDDED_COUNT);
    for (size_t i = 0; i < count; i++) {
        if (i)
            ck_assert_int_lt(hz_slice_cmp(ids[i - 1], ids[i]), 0);
        hz_error err;
        hz_error_clear(&err);
        const hz_codelist *list = hz_lists_find(builtin, ids[i], &err);
        ck_assert_msg(list != NULL, "%.*s: %s:%llu %s", HZ_SLICE_FMT(ids[i]), err.file, (unsigned long long)err.line,
                      hz_msg_name(err.message));
        ck_assert(hz_slice_eq(hz_codelist_id(list), ids[i]));
        ck_assert_uint_gt(hz_codelist_count(list), 0);
        static const char *const keys[] = {"title_zh", "title_en", "source", "status"};
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            ck_assert_msg(hz_codelist_property(list, keys[k]).len > 0, "%.*s: no %s", HZ_SLICE_FMT(ids[i]), keys[k]);
        for (size_t n = 0; n < hz_codelist_count(list); n++)
            ck_assert_uint_gt(hz_codelist_at(list, n).name.zh.len, 0);
    }
}
END_TEST

/* Parents stand in the list itself, but for those of townships and villages. */
START_TEST(test_lists__parents_exist)
{
    const hz_slice *ids;
    size_t count = hz_lists_ids(builtin, &ids), parents = 0;
    const hz_codelist *divisions = get(builtin, "GB/T 2260"), *townships = get(builtin, "division.township");
    for (size_t i = 0; i < count; i++) {
        const hz_codelist *list = hz_lists_find(builtin, ids[i], NULL), *above = list;
        if (hz_slice_is(ids[i], "division.township"))
            above = divisions;
        if (hz_slice_is(ids[i], "division.village"))
            above = townships;
        for (size_t n = 0; n < hz_codelist_count(list); n++) {
            hz_code code = hz_codelist_at(list, n);
            parents += code.parent.len > 0;
            if (code.parent.len)
                ck_assert_msg(hz_codelist_find(above, code.parent, HZ_DAY_EVER) != HZ_HTAB_NONE, "%.*s: %.*s",
                              HZ_SLICE_FMT(ids[i]), HZ_SLICE_FMT(code.parent));
        }
    }
    ck_assert_uint_gt(parents, 25000);
}
END_TEST

START_TEST(test_lists__counts_of_the_standards)
{
    static const struct {
        const char *id;
        size_t count;
    } cases[] = {{"GB/T 2260", 6823},
                 {"GB/T 2261.1", 4},
                 {"GB/T 2261.2", 8},
                 {"GB/T 2261.3", 26},
                 {"GB/T 2261.4", 13},
                 {"GB/T 2261.5", 15},
                 {"GB/T 3304", 58},
                 {"GB/T 4658", 40},
                 {"GB/T 4754", 1970},
                 {"GB/T 4761", 84},
                 {"GB/T 4761.1digit", 9},
                 {"GB/T 4762", 13},
                 {"GB/T 6565", 509},
                 {"GB/T 8561", 56},
                 {"GB/T 36344", 20},
                 {"division.township", 1510},
                 {"division.village", 17964},
                 {"registry.poverty_line", 22},
                 {"registry.poverty_cause", 14}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(hz_codelist_count(get(builtin, cases[i].id)) == cases[i].count, "%s", cases[i].id);
    const hz_slice *ids;
    size_t registry = 0, items = 0;
    for (size_t i = 0, count = hz_lists_ids(builtin, &ids); i < count; i++)
        if (hz_slice_starts(ids[i], HZ_SLICE_LIT("registry.")) && !hz_slice_is(ids[i], "registry.poverty_line")) {
            registry++;
            items += hz_codelist_count(hz_lists_find(builtin, ids[i], NULL));
        }
    ck_assert_uint_eq(registry, 46);
    ck_assert_uint_eq(items, 345);
}
END_TEST

START_TEST(test_lists__codes_have_their_names)
{
    ck_assert(name_is(get(builtin, "GB/T 3304"), "06", "苗族"));
    ck_assert(name_is(get(builtin, "GB/T 2261.1"), "1", "男性"));
    ck_assert(name_is(get(builtin, "GB/T 4761"), "02", "户主"));
    ck_assert(name_is(get(builtin, "GB/T 4754"), "0111", "稻谷种植"));
    ck_assert(name_is(get(builtin, "GB/T 2260"), "520102", "南明区"));
    ck_assert(name_is(get(builtin, "registry.poverty_cause"), "01", "因病"));
    ck_assert(hz_slice_is(value(get(builtin, "GB/T 3304"), "01", 0, "alpha"), "HA"));
    ck_assert(hz_slice_is(value(get(builtin, "GB/T 4761"), "11", 0, "implied_sex"), "1"));
    ck_assert(hz_slice_is(value(get(builtin, "GB/T 36344"), "0303", 0, "good"), "low"));
    ck_assert(hz_slice_is(value(get(builtin, "GB/T 36344"), "0303", 0, "dimension"), "accuracy"));
    ck_assert(hz_slice_is(value(get(builtin, "GB/T 2260"), "522121", in_year(1990), "new_codes"), "520321"));
    ck_assert(hz_slice_is(value(get(builtin, "registry.poverty_line"), "national", in_year(2020), "yuan_per_capita"),
                          "4000"));
    ck_assert(hz_slice_is(value(get(builtin, "registry.poverty_line"), "national", in_year(2019), "yuan_per_capita"),
                          "3218"));
    ck_assert(
        hz_slice_is(hz_codelist_property(get(builtin, "registry.household_attribute"), "national_field"), "AAC006"));
}
END_TEST

START_TEST(test_lists__aliases_and_nearest)
{
    ck_assert_ptr_eq(get(builtin, "GBT3304"), get(builtin, "GB/T 3304"));
    ck_assert_ptr_eq(get(builtin, "ethnic_group"), get(builtin, "GB/T 3304"));
    ck_assert_ptr_eq(get(builtin, "统计用区划代码.乡级"), get(builtin, "division.township"));
    hz_error err;
    hz_error_clear(&err);
    ck_assert_ptr_null(hz_lists_find(builtin, HZ_SLICE_LIT("GB/T 3305"), &err));
    ck_assert_int_eq(err.status, HZ_OK);
    ck_assert(hz_slice_is(hz_lists_nearest(builtin, HZ_SLICE_LIT("registry.poverty_cuase")), "registry.poverty_cause"));
    ck_assert_uint_eq(hz_lists_nearest(builtin, HZ_SLICE_LIT("xyz")).len, 0);
}
END_TEST

/* No alias of a builtin list is lost to another. */
START_TEST(test_lists__every_alias_leads_home)
{
    const hz_slice *ids;
    size_t count = hz_lists_ids(builtin, &ids), aliases_count = 0;
    for (size_t i = 0; i < count; i++) {
        const hz_codelist *list = hz_lists_find(builtin, ids[i], NULL);
        hz_slice rest = hz_codelist_property(list, "aliases");
        while (rest.len) {
            const char *comma = memchr(rest.ptr, ',', rest.len);
            hz_slice alias = hz_slice_sub(rest, 0, comma ? (size_t)(comma - rest.ptr) : rest.len);
            rest = hz_slice_sub(rest, alias.len + 2, rest.len);
            ck_assert_msg(hz_lists_find(builtin, alias, NULL) == list, "%.*s", HZ_SLICE_FMT(alias));
            aliases_count++;
        }
    }
    ck_assert_uint_gt(aliases_count, 30);
}
END_TEST

static void *find_all(void *store)
{
    const hz_slice *ids;
    size_t count = hz_lists_ids(store, &ids), found = 0;
    for (size_t i = 0; i < count; i++) {
        const hz_codelist *list = hz_lists_find(store, ids[i], NULL);
        if (list && hz_codelist_find(list, hz_codelist_at(list, 0).code, HZ_DAY_EVER) != HZ_HTAB_NONE)
            found++;
    }
    return found == count ? store : NULL;
}

START_TEST(test_lists__threads_share_a_store)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    hz_lists *lists = NULL;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, NULL, NULL), HZ_OK);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, find_all, lists), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &good), 0);
        ck_assert_ptr_eq(good, lists);
    }
    hz_lists_close(lists);
}
END_TEST

static char dir[64];

static void make_dir(void)
{
    snprintf(dir, sizeof dir, "/tmp/hezhun_test_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
}

static hz_status open_dir(hz_lists **out, hz_error *err)
{
    hz_error_clear(err);
    return hz_lists_open(out, dir, NULL, err);
}

START_TEST(test_lists__folder_overrides_and_adds)
{
    make_dir();
    unit_write(dir, "mine.tsv",
               HZ_SLICE_LIT("# id: GB/T 3304\n# aliases: mine\n# title_zh: 我的\ncode\tname_zh\n99\t其他\n"));
    unit_write(dir, "own.tsv", HZ_SLICE_LIT("# id: own\n# aliases: GB/T 4658, sex\ncode\tname_zh\n1\t甲\n"));
    unit_write(dir, ".hidden.tsv", HZ_SLICE_LIT("nothing"));
    unit_write(dir, "readme.txt", HZ_SLICE_LIT("nothing"));
    hz_lists *lists = NULL;
    hz_error err;
    ck_assert_int_eq(open_dir(&lists, &err), HZ_OK);
    const hz_slice *ids;
    ck_assert_uint_eq(hz_lists_ids(lists, &ids), EMBEDDED_COUNT + 1);
    const hz_codelist *ethnic = get(lists, "GB/T 3304"), *own = get(lists, "own");
    ck_assert_uint_eq(hz_codelist_count(ethnic), 1);
    ck_assert(hz_slice_is(hz_codelist_title(ethnic).zh, "我的"));
    ck_assert_ptr_eq(get(lists, "mine"), ethnic);
    ck_assert_ptr_eq(get(lists, "ethnic_group"), ethnic);              /* an alias of the one that was overridden */
    ck_assert_ptr_eq(get(lists, "sex"), own);                          /* an alias of a builtin list gives way */
    ck_assert_uint_eq(hz_codelist_count(get(lists, "GB/T 4658")), 40); /* an id does not */
    ck_assert_uint_eq(hz_codelist_count(get(lists, "GB/T 2261.1")), 4);
    hz_lists_close(lists);
    unit_remove(dir, "mine.tsv");
    unit_remove(dir, "own.tsv");
    unit_remove(dir, ".hidden.tsv");
    unit_remove(dir, "readme.txt");
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(test_lists__malformed_file_is_told_when_found)
{
    make_dir();
    unit_write(dir, "bad.tsv", HZ_SLICE_LIT("# id: bad\ncode\tname_zh\n1\t甲\n1\t乙\n"));
    hz_lists *lists = NULL;
    hz_error err;
    ck_assert_int_eq(open_dir(&lists, &err), HZ_OK);
    for (int again = 0; again < 2; again++) {
        hz_error_clear(&err);
        ck_assert_ptr_null(hz_lists_find(lists, HZ_SLICE_LIT("bad"), &err));
        ck_assert_int_eq(err.status, HZ_E_PROFILE);
        ck_assert_int_eq(err.message, HZ_MSG_LIST_CODE_TWICE);
        ck_assert_uint_eq(err.line, 4);
        ck_assert_uint_eq(err.column, 1);
        ck_assert_ptr_nonnull(strstr(err.file, "/bad.tsv"));
    }
    ck_assert_uint_eq(hz_codelist_count(get(lists, "GB/T 3304")), 58);
    hz_lists_close(lists);
    unit_remove(dir, "bad.tsv");
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

static void opens_with(const char *a, const char *b, hz_status status, hz_msg_id message)
{
    make_dir();
    unit_write(dir, "a.tsv", hz_slice_of(a));
    unit_write(dir, "b.tsv", hz_slice_of(b));
    hz_lists *lists = NULL;
    hz_error err;
    ck_assert_int_eq(open_dir(&lists, &err), status);
    ck_assert_int_eq(err.message, message);
    if (message != HZ_MSG_NONE)
        ck_assert_ptr_nonnull(strstr(err.file, "/b.tsv"));
    hz_lists_close(lists);
    unit_remove(dir, "a.tsv");
    unit_remove(dir, "b.tsv");
    ck_assert_int_eq(rmdir(dir), 0);
}

START_TEST(test_lists__mistakes_in_properties_are_told_at_once)
{
    const char *good = "# id: a\n# aliases: x, y\ncode\tname_zh\n1\t甲\n";
    opens_with(good, "# id: b\ncode\tname_zh\n", HZ_OK, HZ_MSG_NONE);
    opens_with(good, "code\tname_zh\n", HZ_E_PROFILE, HZ_MSG_LIST_NO_ID);
    opens_with(good, "", HZ_E_PROFILE, HZ_MSG_LIST_NO_ID);
    opens_with(good, "# id: a\ncode\tname_zh\n", HZ_E_PROFILE, HZ_MSG_LIST_ID_TWICE);
    opens_with(good, "# id: b\n# aliases: z,y\ncode\tname_zh\n", HZ_E_PROFILE, HZ_MSG_LIST_ALIAS_TWICE);
    opens_with(good, "# id b\ncode\tname_zh\n", HZ_E_PROFILE, HZ_MSG_LIST_PROPERTY);
    opens_with(good, "\xEF\xBB\xBF# id: b\ncode\tname_zh\n", HZ_E_PROFILE, HZ_MSG_LIST_BOM);
}
END_TEST

START_TEST(test_lists__no_folder)
{
    hz_lists *lists = NULL;
    hz_error err;
    hz_error_clear(&err);
    ck_assert_int_eq(hz_lists_open(&lists, "/nonexistent/lists", NULL, &err), HZ_E_PROFILE);
    ck_assert_int_eq(err.message, HZ_MSG_LIST_FOLDER);
    ck_assert_ptr_null(lists);
    hz_lists_close(NULL);
}
END_TEST

START_TEST(test_lists__limit_and_one_past_it)
{
    make_dir();
    unit_write(dir, "three.tsv", HZ_SLICE_LIT("# id: three\ncode\tname_zh\n1\t甲\n2\t乙\n3\t丙\n"));
    for (uint64_t max = 2; max <= 3; max++) {
        hz_limits limits;
        hz_limits_init(&limits);
        limits.value[HZ_LIMIT_LIST_ITEMS] = max;
        hz_lists *lists = NULL;
        hz_error err;
        hz_error_clear(&err);
        ck_assert_int_eq(hz_lists_open(&lists, dir, &limits, &err), HZ_OK);
        const hz_codelist *list = hz_lists_find(lists, HZ_SLICE_LIT("three"), &err);
        ck_assert((list != NULL) == (max == 3));
        ck_assert_int_eq(err.status, max == 3 ? HZ_OK : HZ_E_LIMIT);
        hz_lists_close(lists);
    }
    unit_remove(dir, "three.tsv");
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(test_lists__every_failed_allocation_and_read_is_told)
{
    make_dir();
    unit_write(dir, "a.tsv", HZ_SLICE_LIT("# id: GB/T 3304\n# aliases: mine\ncode\tname_zh\n99\t其他\n"));
    unit_write(dir, "b.tsv", HZ_SLICE_LIT("# id: own\ncode\tname_zh\n1\t甲\n"));
    uint64_t live = hz_mem_stats_now().live_calls;
    hz_error err;
    for (int reads = 0; reads < 2; reads++) {
        hz_status st = HZ_E_NOMEM;
        for (uint64_t n = 1; st != HZ_OK; n++) {
            hz_lists *lists = NULL;
            hz_error_clear(&err);
            if (reads)
                hz_file_fail_after(n, 5);
            else
                hz_mem_fail_after(n, true);
            st = hz_lists_open(&lists, dir, NULL, &err);
            if (st == HZ_OK && !hz_lists_find(lists, HZ_SLICE_LIT("own"), &err))
                st = err.status;
            hz_file_fail_after(0, 0);
            hz_mem_fail_after(0, false);
            ck_assert_int_eq(err.status, st);
            if (st != HZ_OK && !reads)
                ck_assert_int_eq(st, HZ_E_NOMEM);
            hz_lists_close(lists);
            ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
        }
    }
    unit_remove(dir, "a.tsv");
    unit_remove(dir, "b.tsv");
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int main(void)
{
    if (hz_lists_open(&builtin, NULL, NULL, NULL) != HZ_OK)
        return EXIT_FAILURE;
    Suite *suite = suite_create("standards.lists");
    TCase *data = unit_case(suite, "builtin");
    tcase_add_test(data, test_lists__every_builtin_parses_and_says_what_it_is);
    tcase_add_test(data, test_lists__parents_exist);
    tcase_add_test(data, test_lists__counts_of_the_standards);
    tcase_add_test(data, test_lists__codes_have_their_names);
    tcase_add_test(data, test_lists__aliases_and_nearest);
    tcase_add_test(data, test_lists__every_alias_leads_home);
    tcase_add_test(data, test_lists__threads_share_a_store);
    TCase *folder = unit_case(suite, "folder");
    tcase_add_test(folder, test_lists__folder_overrides_and_adds);
    tcase_add_test(folder, test_lists__malformed_file_is_told_when_found);
    tcase_add_test(folder, test_lists__mistakes_in_properties_are_told_at_once);
    tcase_add_test(folder, test_lists__no_folder);
    tcase_add_test(folder, test_lists__limit_and_one_past_it);
    tcase_add_test(folder, test_lists__every_failed_allocation_and_read_is_told);
    int status = unit_run(suite);
    hz_lists_close(builtin);
    return status;
}
