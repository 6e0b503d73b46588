/* Semantic types: the vectors of tests/data/standards, and what tables do not say. */
#include "base/calendar.h"
#include "standards/semtype.h"
#include "table.h"
#include "unit.h"

static table vectors, normals;
static hz_lists *lists;
static hz_semtypes *types;

static int32_t day(int32_t year, int32_t month, int32_t day_of_month)
{
    int32_t days = 0;
    ck_assert(hz_date_from_civil(&days, year, month, day_of_month));
    return days;
}

static hz_semtype_reason check(hz_semtype type, const char *value, int32_t as_of)
{
    hz_semtype_options options = {.as_of = as_of};
    return hz_semtype_check(types, type, &options, hz_slice_of(value));
}

START_TEST(test_semtype__vector_has_its_reason)
{
    const table_row *row = &vectors.rows[_i];
    ck_assert_msg(row->cells_count == 5, "semtypes.tsv:%d: %zu cells", row->line, row->cells_count);
    hz_semtype type = hz_semtype_of(hz_slice_of(row->cells[0]));
    ck_assert_int_ne(type, HZ_SEMTYPE_NONE);
    hz_semtype_options options = {.as_of = day(2024, 12, 31), .accept_15 = strcmp(row->cells[1], "accept_15") == 0};
    hz_semtype_reason reason = hz_semtype_check(types, type, &options, hz_slice_of(row->cells[2]));
    const char *name = reason == HZ_REASON_NONE ? "ok" : hz_reason_name(reason);
    ck_assert_msg(strcmp(name, row->cells[3]) == 0, "semtypes.tsv:%d: %s %s is %s, not %s", row->line, row->cells[0],
                  row->cells[2], name, row->cells[3]);
}
END_TEST

START_TEST(test_semtype__resident_id_parts)
{
    const table_row *row = &normals.rows[_i];
    hz_slice text = hz_slice_of(row->cells[0]);
    char normal[18], sex = 0;
    int32_t birth;
    hz_slice division;
    bool has = hz_resident_id_normal(normal, text);
    ck_assert_int_eq(has, row->cells[1][0] != '-');
    if (has)
        ck_assert(hz_slice_is((hz_slice){normal, 18}, row->cells[1]));
    has = hz_resident_id_birth(&birth, text);
    ck_assert_int_eq(has, row->cells[2][0] != '-');
    if (has) {
        hz_buf buf = HZ_BUF_INIT;
        hz_date_put(&buf, birth);
        ck_assert_str_eq(buf.ptr, row->cells[2]);
        hz_buf_clear(&buf);
    }
    ck_assert_int_eq(hz_resident_id_has_form(text), row->cells[3][0] != '-');
    has = hz_resident_id_sex(&sex, text);
    ck_assert_int_eq(has, row->cells[3][0] != '-');
    if (has)
        ck_assert_int_eq(sex, row->cells[3][0]);
    has = hz_resident_id_division(&division, text);
    ck_assert_int_eq(has, row->cells[4][0] != '-');
    if (has)
        ck_assert(hz_slice_is(division, row->cells[4]));
}
END_TEST

START_TEST(test_semtype__resident_id_has_one_check_character)
{
    static const char checks[] = "0123456789X";
    int good = 0;
    for (int i = 0; checks[i]; i++) {
        char text[] = "520102190001010010";
        text[17] = checks[i];
        good += check(HZ_SEMTYPE_RESIDENT_ID, text, HZ_DAY_EVER) == HZ_REASON_NONE;
    }
    ck_assert_int_eq(good, 1);
}
END_TEST

/* Any one digit of a good number changed makes a bad one. (A letter made a digit may pass GB 11714: 11 apart.) */
START_TEST(test_semtype__one_wrong_digit_is_found)
{
    static const struct {
        hz_semtype type;
        const char *value;
    } cases[] = {{HZ_SEMTYPE_RESIDENT_ID, "11010519491231002X"},
                 {HZ_SEMTYPE_USCC, "91350100M000100Y43"},
                 {HZ_SEMTYPE_ORGANIZATION_CODE, "D2143569-X"},
                 {HZ_SEMTYPE_BANK_CARD, "6228480000000000000"}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (size_t i = 0; i < strlen(cases[c].value); i++)
            for (char digit = '0'; digit <= '9'; digit++) {
                char text[32] = {0};
                memcpy(text, cases[c].value, strlen(cases[c].value));
                if (text[i] == digit || text[i] < '0' || text[i] > '9')
                    continue;
                text[i] = digit;
                ck_assert_msg(check(cases[c].type, text, HZ_DAY_EVER) != HZ_REASON_NONE, "%s", text);
            }
}
END_TEST

START_TEST(test_semtype__future_needs_a_day)
{
    const char *born_2020 = "520102202006150016"; /* wrong or right, its date comes first */
    ck_assert_int_eq(check(HZ_SEMTYPE_RESIDENT_ID, born_2020, day(2020, 6, 14)), HZ_REASON_FUTURE);
    ck_assert_int_ne(check(HZ_SEMTYPE_RESIDENT_ID, born_2020, day(2020, 6, 15)), HZ_REASON_FUTURE);
    ck_assert_int_ne(check(HZ_SEMTYPE_RESIDENT_ID, born_2020, HZ_DAY_EVER), HZ_REASON_FUTURE);
    ck_assert_int_eq(check(HZ_SEMTYPE_RESIDENT_ID, "11010591491231002X", HZ_DAY_EVER), HZ_REASON_CHECK);
}
END_TEST

START_TEST(test_semtype__luhn_wants_two_digits_and_only_digits)
{
    ck_assert(hz_luhn_ok(HZ_SLICE_LIT("00")));
    ck_assert(hz_luhn_ok(HZ_SLICE_LIT("18")));
    ck_assert(!hz_luhn_ok(HZ_SLICE_LIT("19")));
    ck_assert(!hz_luhn_ok(HZ_SLICE_LIT("0")));
    ck_assert(!hz_luhn_ok(HZ_SLICE_NONE));
    ck_assert(!hz_luhn_ok(HZ_SLICE_LIT("1 8")));
}
END_TEST

START_TEST(test_semtype__types_need_no_lists)
{
    hz_semtype_options options = {.as_of = HZ_DAY_EVER};
    hz_slice id = HZ_SLICE_LIT("11010519491231002X");
    ck_assert_int_eq(hz_semtype_check(NULL, HZ_SEMTYPE_RESIDENT_ID, &options, id), HZ_REASON_NONE);
    hz_semtypes *bare = NULL;
    ck_assert_int_eq(hz_semtypes_open(&bare, NULL, NULL), HZ_OK);
    ck_assert_int_eq(hz_semtype_check(bare, HZ_SEMTYPE_RESIDENT_ID, &options, id), HZ_REASON_NONE);
    ck_assert_int_eq(hz_semtype_check(bare, HZ_SEMTYPE_DIVISION, &options, HZ_SLICE_LIT("52")), HZ_REASON_DIVISION);
    hz_semtypes_close(bare);
    hz_semtypes_close(NULL);
}
END_TEST

START_TEST(test_semtype__names_go_both_ways)
{
    for (hz_semtype type = HZ_SEMTYPE_NONE + 1; type < HZ_SEMTYPE_COUNT; type++) {
        ck_assert_uint_gt(strlen(hz_semtype_name(type)), 0);
        ck_assert_int_eq(hz_semtype_of(hz_slice_of(hz_semtype_name(type))), type);
    }
    ck_assert_int_eq(hz_semtype_of(HZ_SLICE_LIT("")), HZ_SEMTYPE_NONE);
    ck_assert_int_eq(hz_semtype_of(HZ_SLICE_LIT("resident")), HZ_SEMTYPE_NONE);
    ck_assert_str_eq(hz_semtype_standard(HZ_SEMTYPE_RESIDENT_ID), "GB 11643-1999");
    ck_assert_str_eq(hz_reason_name(HZ_REASON_CHECK), "check");
}
END_TEST

/* security.md: resident_id mobile phone bank_card disability_certificate travel_document. */
START_TEST(test_semtype__personal_types)
{
    ck_assert(hz_semtype_is_personal(HZ_SEMTYPE_RESIDENT_ID));
    ck_assert(hz_semtype_is_personal(HZ_SEMTYPE_MOBILE));
    ck_assert(hz_semtype_is_personal(HZ_SEMTYPE_PHONE));
    ck_assert(hz_semtype_is_personal(HZ_SEMTYPE_BANK_CARD));
    ck_assert(hz_semtype_is_personal(HZ_SEMTYPE_DISABILITY_CERTIFICATE));
    ck_assert(hz_semtype_is_personal(HZ_SEMTYPE_TRAVEL_DOCUMENT));
    ck_assert(!hz_semtype_is_personal(HZ_SEMTYPE_USCC));
    ck_assert(!hz_semtype_is_personal(HZ_SEMTYPE_ORGANIZATION_CODE));
    ck_assert(!hz_semtype_is_personal(HZ_SEMTYPE_DIVISION));
}
END_TEST

int main(void)
{
    table_read(&vectors, "semtypes.tsv");
    table_read(&normals, "resident_id_normal.tsv");
    if (hz_lists_open(&lists, NULL, NULL, NULL) != HZ_OK || hz_semtypes_open(&types, lists, NULL) != HZ_OK)
        return EXIT_FAILURE;
    Suite *suite = suite_create("standards.semtype");
    TCase *tables = unit_case(suite, "tables");
    tcase_add_loop_test(tables, test_semtype__vector_has_its_reason, 0, (int)vectors.count);
    tcase_add_loop_test(tables, test_semtype__resident_id_parts, 0, (int)normals.count);
    TCase *rest = unit_case(suite, "behaviour");
    tcase_add_test(rest, test_semtype__resident_id_has_one_check_character);
    tcase_add_test(rest, test_semtype__one_wrong_digit_is_found);
    tcase_add_test(rest, test_semtype__future_needs_a_day);
    tcase_add_test(rest, test_semtype__luhn_wants_two_digits_and_only_digits);
    tcase_add_test(rest, test_semtype__types_need_no_lists);
    tcase_add_test(rest, test_semtype__names_go_both_ways);
    tcase_add_test(rest, test_semtype__personal_types);
    int status = unit_run(suite);
    hz_semtypes_close(types);
    hz_lists_close(lists);
    free(vectors.text);
    free(normals.text);
    return status;
}
