/* Divisions: existence by date, levels, names, packing. */
#include "base/alloc.h"
#include "base/calendar.h"
#include "standards/semtype.h"
#include "unit.h"

static hz_lists *lists;
static hz_semtypes *types;

static int32_t in_year(int32_t year)
{
    int32_t days = 0;
    ck_assert(hz_date_from_civil(&days, year, 6, 30));
    return days;
}

static bool exists(const char *code, int32_t day)
{
    return hz_division_exists(types, hz_slice_of(code), day, HZ_LEVEL_ANY);
}

START_TEST(test_division__exists_by_date)
{
    ck_assert(exists("522121", in_year(1996)));
    ck_assert(!exists("522121", in_year(1997)));
    ck_assert(exists("522121", HZ_DAY_EVER));
    ck_assert(!exists("520321", in_year(1996)));
    ck_assert(exists("520321", in_year(1997)));
    ck_assert(exists("520321", in_year(2015)));
    ck_assert(!exists("520321", in_year(2016)));
    ck_assert(exists("520304", in_year(2016)));
    ck_assert(!exists("529999", HZ_DAY_EVER));
    ck_assert(!exists("999999", HZ_DAY_EVER));
}
END_TEST

START_TEST(test_division__validity_begins_and_ends_with_a_day)
{
    int32_t first = 0;
    ck_assert(hz_date_from_civil(&first, 2016, 1, 1));
    ck_assert(!exists("520304", first - 1));
    ck_assert(exists("520304", first));
    ck_assert(exists("520321", first - 1));
    ck_assert(!exists("520321", first));
}
END_TEST

START_TEST(test_division__first_layer_of_the_history_is_open)
{
    ck_assert(exists("522121", in_year(1950)));
    ck_assert(exists("110000", in_year(1950)));
}
END_TEST

/* 522125 was renamed in 1986: two rows that touch. 429001 has a gap: 1986 to 1990, 1994 to 2000. */
START_TEST(test_division__several_rows_of_one_code)
{
    for (int32_t year = 1981; year < 1997; year++)
        ck_assert(exists("522125", in_year(year)));
    ck_assert(!exists("522125", in_year(1997)));
    ck_assert(exists("429001", in_year(1989)));
    ck_assert(!exists("429001", in_year(1992)));
    ck_assert(exists("429001", in_year(1999)));
    ck_assert(!exists("429001", in_year(2000)));
}
END_TEST

START_TEST(test_division__six_digits_may_end_in_zeros)
{
    hz_slice six = HZ_SLICE_LIT("520000"), two = HZ_SLICE_LIT("52"), city = HZ_SLICE_LIT("520100"),
             four = HZ_SLICE_LIT("5201");
    int32_t day = in_year(2024);
    ck_assert(hz_division_exists(types, six, day, HZ_LEVEL_PROVINCE));
    ck_assert(hz_division_exists(types, two, day, HZ_LEVEL_PROVINCE));
    ck_assert(!hz_division_exists(types, six, day, HZ_LEVEL_COUNTY));
    ck_assert(hz_division_exists(types, city, day, HZ_LEVEL_PREFECTURE));
    ck_assert(hz_division_exists(types, four, day, HZ_LEVEL_PREFECTURE));
    ck_assert(!hz_division_exists(types, four, day, HZ_LEVEL_PROVINCE));
    ck_assert(!exists("5200", day));
    ck_assert(!exists("520001", day));
    ck_assert(!exists("000000", day));
}
END_TEST

/* Counties directly under a province: their four digits have no row. */
START_TEST(test_division__prefix_of_direct_counties_exists_while_they_do)
{
    ck_assert(exists("1101", in_year(2024)));
    ck_assert(exists("110100", in_year(2024)));
    ck_assert(exists("4290", in_year(2024)));
    ck_assert(exists("5002", in_year(2024)));
    ck_assert(!exists("5003", in_year(2024)));
    ck_assert(exists("5003", in_year(2000)));
    ck_assert(!exists("1190", in_year(2024)));
    ck_assert(exists("1102", in_year(1990)));
}
END_TEST

START_TEST(test_division__below_the_county_where_a_list_covers_it)
{
    int32_t day = in_year(2024);
    ck_assert(exists("520102016", day));
    ck_assert(exists("520102016001", day));
    ck_assert(!exists("520102999", day));
    ck_assert(!exists("520102016999", day));
    ck_assert(!exists("520102999001", day));
    /* 520304 began in 2016, and so did what is in it. */
    ck_assert(exists("520304", day));
    ck_assert(!exists("520304100", in_year(2010)));
    /* Not covered: the prefix is enough, and needed. */
    ck_assert(exists("110101001", day));
    ck_assert(exists("110101001001", day));
    ck_assert(!exists("110199001001", day));
    /* A county dissolved before the list was made. */
    ck_assert(exists("522121101", HZ_DAY_EVER));
    ck_assert(exists("522121101001", in_year(1990)));
    ck_assert(!exists("522121101001", day));
}
END_TEST

START_TEST(test_division__every_listed_code_exists)
{
    static const char *const ids[] = {"division.township", "division.village"};
    size_t count = 0;
    for (size_t n = 0; n < 2; n++) {
        const hz_codelist *list = hz_lists_find(lists, hz_slice_of(ids[n]), NULL);
        ck_assert_ptr_nonnull(list);
        for (size_t i = 0; i < hz_codelist_count(list); i++, count++) {
            hz_slice code = hz_codelist_at(list, i).code;
            ck_assert_msg(hz_division_exists(types, code, in_year(2024), n ? HZ_LEVEL_VILLAGE : HZ_LEVEL_TOWNSHIP),
                          "%.*s", HZ_SLICE_FMT(code));
        }
    }
    ck_assert_uint_eq(count, 1510 + 17964);
}
END_TEST

/* The table against the list, code by code and year by year. */
START_TEST(test_division__table_agrees_with_the_list)
{
    const hz_codelist *list = hz_lists_find(lists, HZ_SLICE_LIT("GB/T 2260"), NULL);
    ck_assert_ptr_nonnull(list);
    ck_assert_uint_eq(hz_codelist_count(list), 6823);
    for (size_t i = 0; i < hz_codelist_count(list); i++)
        for (int32_t year = 1981; year <= 2024; year++) {
            hz_slice code = hz_codelist_at(list, i).code;
            bool in_list = hz_codelist_find(list, code, in_year(year)) != HZ_HTAB_NONE;
            ck_assert_msg(hz_division_exists(types, code, in_year(year), HZ_LEVEL_ANY) == in_list, "%.*s %d",
                          HZ_SLICE_FMT(code), year);
        }
}
END_TEST

START_TEST(test_division__names)
{
    hz_text2 name;
    ck_assert(hz_division_name(types, &name, HZ_SLICE_LIT("52"), HZ_DAY_EVER));
    ck_assert(hz_slice_is(name.zh, "贵州省") && hz_slice_is(name.en, "Guizhou"));
    ck_assert(hz_division_name(types, &name, HZ_SLICE_LIT("5203"), in_year(2024)));
    ck_assert(hz_slice_is(name.zh, "遵义市"));
    ck_assert(hz_division_name(types, &name, HZ_SLICE_LIT("520102"), in_year(2024)));
    ck_assert(hz_slice_is(name.zh, "南明区"));
    ck_assert(hz_division_name(types, &name, HZ_SLICE_LIT("522125"), in_year(1985)));
    ck_assert(hz_slice_is(name.zh, "道真县"));
    ck_assert(hz_division_name(types, &name, HZ_SLICE_LIT("522125"), HZ_DAY_EVER));
    ck_assert(hz_slice_is(name.zh, "道真仡佬族苗族自治县"));
    ck_assert(!hz_division_name(types, &name, HZ_SLICE_LIT("522125"), in_year(2024)));
    ck_assert(hz_division_name(types, &name, HZ_SLICE_LIT("520102016"), in_year(2024)));
    ck_assert(hz_slice_is(name.zh, "新华路街道"));
    ck_assert(hz_division_name(types, &name, HZ_SLICE_LIT("520102016001"), in_year(2024)));
    ck_assert(hz_slice_is(name.zh, "纪念塔社区"));
    ck_assert(!hz_division_name(types, &name, HZ_SLICE_LIT("1101"), in_year(2024)));
    ck_assert(!hz_division_name(types, &name, HZ_SLICE_LIT("abc"), in_year(2024)));
    ck_assert(!hz_division_name(types, &name, HZ_SLICE_NONE, in_year(2024)));
}
END_TEST

START_TEST(test_division__levels_and_parents)
{
    static const struct {
        const char *code;
        hz_division_level level;
    } cases[] = {{"52", HZ_LEVEL_PROVINCE},          {"520000", HZ_LEVEL_PROVINCE}, {"5201", HZ_LEVEL_PREFECTURE},
                 {"520100", HZ_LEVEL_PREFECTURE},    {"520102", HZ_LEVEL_COUNTY},   {"520102016", HZ_LEVEL_TOWNSHIP},
                 {"520102016001", HZ_LEVEL_VILLAGE}, {"5", HZ_LEVEL_ANY},           {"52010", HZ_LEVEL_ANY},
                 {"5201021", HZ_LEVEL_ANY},          {"52010a", HZ_LEVEL_ANY},      {"", HZ_LEVEL_ANY},
                 {"5201020160011", HZ_LEVEL_ANY}};
    static const size_t digits[] = {0, 2, 4, 6, 9, 12};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hz_slice code = hz_slice_of(cases[i].code), parent;
        ck_assert_int_eq(hz_division_level_of(code), cases[i].level);
        for (hz_division_level level = HZ_LEVEL_ANY; level <= HZ_LEVEL_VILLAGE; level++) {
            bool has = hz_division_parent(&parent, code, level);
            ck_assert_int_eq(has, level != HZ_LEVEL_ANY && level <= cases[i].level);
            if (has)
                ck_assert(hz_slice_eq(parent, hz_slice_sub(code, 0, digits[level])));
        }
    }
    ck_assert_int_eq(hz_division_level_by_name(HZ_SLICE_LIT("county")), HZ_LEVEL_COUNTY);
    ck_assert_int_eq(hz_division_level_by_name(HZ_SLICE_LIT("")), HZ_LEVEL_ANY);
    ck_assert_str_eq(hz_division_level_name(HZ_LEVEL_VILLAGE), "village");
}
END_TEST

START_TEST(test_division__packing)
{
    static const char *const ordered[] = {"11",           "1101",         "110101", "110101001", "110101001001",
                                          "52",           "5200",         "5201",   "520102",    "520102016",
                                          "520102016001", "520102016002", "520103", "53",        "999999999999"};
    char text[12];
    uint64_t last = 0;
    for (size_t i = 0; i < sizeof ordered / sizeof *ordered; i++) {
        uint64_t packed = hz_division_pack(hz_slice_of(ordered[i]));
        ck_assert_uint_gt(packed, last);
        last = packed;
        ck_assert_uint_eq(hz_division_unpack(text, packed), strlen(ordered[i]));
        ck_assert_mem_eq(text, ordered[i], strlen(ordered[i]));
    }
    ck_assert_uint_eq(hz_division_pack(HZ_SLICE_LIT("520000")), hz_division_pack(HZ_SLICE_LIT("52")));
    ck_assert_uint_eq(hz_division_pack(HZ_SLICE_LIT("520100")), hz_division_pack(HZ_SLICE_LIT("5201")));
    ck_assert_uint_eq(hz_division_unpack(text, hz_division_pack(HZ_SLICE_LIT("000000"))), 2);
    static const char *const none[] = {"",       "5",     "520", "52010", "52010a", "5201020", "520102016001x",
                                       " 52010", "52-102"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_uint_eq(hz_division_pack(hz_slice_of(none[i])), 0);
    ck_assert_uint_eq(hz_division_unpack(text, 0), 0);
    uint64_t packed = hz_division_pack(HZ_SLICE_LIT("520102016001"));
    static const char *const parents[] = {"520102016", "520102", "5201", "52"};
    for (size_t i = 0; i < 4; i++) {
        packed = hz_division_pack_parent(packed);
        ck_assert_uint_eq(packed, hz_division_pack(hz_slice_of(parents[i])));
    }
    ck_assert_uint_eq(hz_division_pack_parent(packed), 0);
    ck_assert_uint_eq(hz_division_pack_parent(0), 0);
}
END_TEST

START_TEST(test_division__type_options)
{
    hz_semtype_options options = {.as_of = in_year(2024), .level = HZ_LEVEL_VILLAGE};
    hz_slice village = HZ_SLICE_LIT("520102016001"), county = HZ_SLICE_LIT("520102"), old = HZ_SLICE_LIT("522121");
    ck_assert_int_eq(hz_semtype_check(types, HZ_SEMTYPE_DIVISION, &options, village), HZ_REASON_NONE);
    ck_assert_int_eq(hz_semtype_check(types, HZ_SEMTYPE_DIVISION, &options, county), HZ_REASON_DIVISION);
    options.level = HZ_LEVEL_ANY;
    ck_assert_int_eq(hz_semtype_check(types, HZ_SEMTYPE_DIVISION, &options, old), HZ_REASON_DIVISION);
    options.valid_ever = true;
    ck_assert_int_eq(hz_semtype_check(types, HZ_SEMTYPE_DIVISION, &options, old), HZ_REASON_NONE);
}
END_TEST

/* A folder's list of another province speaks for its counties, beside those compiled in. */
START_TEST(test_division__own_township_list)
{
    char dir[] = "/tmp/hezhun_test_XXXXXX";
    hz_lists *own = NULL;
    hz_semtypes *own_types = NULL;
    hz_error err;
    hz_error_clear(&err);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    unit_write(dir, "a.tsv",
               HZ_SLICE_LIT("# id: beijing\n# level: township\n# covers: 12, "
                            "1101\ncode\tname_zh\n110101001\t东华门街道\n110102001\t甲\n"));
    ck_assert_int_eq(hz_lists_open(&own, dir, NULL, &err), HZ_OK);
    ck_assert_int_eq(hz_semtypes_open(&own_types, own, &err), HZ_OK);
    int32_t day = in_year(2024);
    ck_assert(hz_division_exists(own_types, HZ_SLICE_LIT("110101001"), day, HZ_LEVEL_ANY));
    ck_assert(!hz_division_exists(own_types, HZ_SLICE_LIT("110101002"), day, HZ_LEVEL_ANY));
    ck_assert(hz_division_exists(own_types, HZ_SLICE_LIT("110105002"), day, HZ_LEVEL_ANY)); /* no row in 110105 */
    ck_assert(hz_division_exists(own_types, HZ_SLICE_LIT("520102016001"), day, HZ_LEVEL_ANY));
    hz_semtypes_close(own_types);
    hz_lists_close(own);
    unit_write(dir, "a.tsv",
               HZ_SLICE_LIT("# id: beijing\n# level: township\ncode\tname_zh\n110101001\t东华门街道\n1101\t甲\n"));
    ck_assert_int_eq(hz_lists_open(&own, dir, NULL, &err), HZ_OK);
    ck_assert_int_eq(hz_semtypes_open(&own_types, own, &err), HZ_E_PROFILE);
    ck_assert_int_eq(err.message, HZ_MSG_DIVISION_CODE);
    ck_assert_uint_eq(err.line, 5);
    ck_assert_ptr_null(own_types);
    hz_lists_close(own);
    unit_remove(dir, "a.tsv");
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(test_division__look_up_allocates_nothing)
{
    uint64_t before = hz_mem_stats_now().calls;
    for (int i = 0; i < 1000; i++)
        ck_assert(exists("520102016001", in_year(2024)));
    ck_assert_uint_eq(hz_mem_stats_now().calls, before);
}
END_TEST

START_TEST(test_division__every_failed_allocation_is_told)
{
    uint64_t live = hz_mem_stats_now().live_calls;
    hz_status st = HZ_E_NOMEM;
    for (uint64_t n = 1; st != HZ_OK; n++) {
        hz_lists *own = NULL;
        hz_semtypes *own_types = NULL;
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, true);
        st = hz_lists_open(&own, NULL, NULL, &err);
        if (st == HZ_OK)
            st = hz_semtypes_open(&own_types, own, &err);
        hz_mem_fail_after(0, false);
        if (st != HZ_OK) {
            ck_assert_int_eq(st, HZ_E_NOMEM);
            ck_assert_int_eq(err.status, HZ_E_NOMEM);
            ck_assert_ptr_null(own_types);
        }
        hz_semtypes_close(own_types);
        hz_lists_close(own);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
    }
}
END_TEST

int main(void)
{
    if (hz_lists_open(&lists, NULL, NULL, NULL) != HZ_OK || hz_semtypes_open(&types, lists, NULL) != HZ_OK)
        return EXIT_FAILURE;
    Suite *suite = suite_create("standards.division");
    TCase *cases = unit_case(suite, "division");
    tcase_add_test(cases, test_division__exists_by_date);
    tcase_add_test(cases, test_division__validity_begins_and_ends_with_a_day);
    tcase_add_test(cases, test_division__first_layer_of_the_history_is_open);
    tcase_add_test(cases, test_division__several_rows_of_one_code);
    tcase_add_test(cases, test_division__six_digits_may_end_in_zeros);
    tcase_add_test(cases, test_division__prefix_of_direct_counties_exists_while_they_do);
    tcase_add_test(cases, test_division__below_the_county_where_a_list_covers_it);
    tcase_add_test(cases, test_division__every_listed_code_exists);
    tcase_add_test(cases, test_division__table_agrees_with_the_list);
    tcase_add_test(cases, test_division__names);
    tcase_add_test(cases, test_division__levels_and_parents);
    tcase_add_test(cases, test_division__packing);
    tcase_add_test(cases, test_division__type_options);
    tcase_add_test(cases, test_division__own_township_list);
    tcase_add_test(cases, test_division__look_up_allocates_nothing);
    tcase_add_test(cases, test_division__every_failed_allocation_is_told);
    int status = unit_run(suite);
    hz_semtypes_close(types);
    hz_lists_close(lists);
    return status;
}
