/* Units and pictures of numbers, and a mapping loaded from bytes. */
#include "profiles/mapping.h"
#include "tests/unit/profiles/kit.h"

static void ck_times(const char *from, const char *to, const char *wanted)
{
    hz_decimal times;
    hz_buf text = HZ_BUF_INIT;
    bool known = hz_unit_times(&times, hz_slice_of(from), hz_slice_of(to));
    if (known)
        hz_decimal_put(&text, times);
    ck_assert_str_eq(known ? text.ptr : "", wanted);
    hz_buf_clear(&text);
}

START_TEST(test_mapping_units__factors_are_exact)
{
    ck_times("万元", "yuan", "10000");
    ck_times("yuan", "万元", "0.0001");
    ck_times("元", "yuan", "1");
    ck_times("斤", "kg", "0.5");
    ck_times("kg", "斤", "2");
    ck_times("两", "斤", "0.1");
    ck_times("percent", "ratio", "0.01");
    ck_times("公顷", "m2", "10000");
    ck_times("万元", "yuan/person/year", "10000");
    ck_times("万元/person/year", "yuan/person/year", "10000");
}
END_TEST

START_TEST(test_mapping_units__other_kinds_are_refused)
{
    ck_times("万元", "kg", "");
    ck_times("亩", "m2", ""); /* no finite decimal */
    ck_times("块", "yuan", "");
    ck_times("万元/month", "yuan/year", "");
    ck_times("万元", "", "");
}
END_TEST

static void ck_number(const char *picture, const char *text, const char *wanted)
{
    hz_number_form form;
    hz_buf out = HZ_BUF_INIT;
    ck_assert_msg(hz_number_form_of(&form, hz_slice_of(picture)), "%s", picture);
    hz_buf_puts(&out, "=");
    bool read = hz_number_form_read(&out, &form, hz_slice_of(text));
    ck_assert_str_eq(read ? out.ptr + 1 : "", wanted);
    ck_assert_uint_ge(out.len, 1);
    ck_assert(read || out.len == 1);
    hz_buf_clear(&out);
}

START_TEST(test_mapping_numbers__by_picture)
{
    ck_number("1,234.5", "1,234,567.89", "1234567.89");
    ck_number("1,234.5", "12", "12");
    ck_number("1,234.5", " -1,000 ", "-1000");
    ck_number("1.234,5", "1.234.567,8", "1234567.8");
    ck_number("1 234,5", "1 234,50", "1234.50");
    ck_number("¥1,234.5", "¥1,000", "1000");
    ck_number("¥1,234.5", "-¥1", "-1");
    ck_number("12.5%", "3.25%", "3.25");
    ck_number("1234,5", "12,5", "12.5");
}
END_TEST

START_TEST(test_mapping_numbers__other_forms_are_left)
{
    ck_number("1,234.5", "12,34", "");
    ck_number("1,234.5", "1234,567", "");
    ck_number("1,234.5", "1,234.", "");
    ck_number("1,234.5", "1,234.5.6", "");
    ck_number("1,234.5", "", "");
    ck_number("1,234.5", "-", "");
    ck_number("12.5%", "12.5", "");
    ck_number("¥1", "1", "");
}
END_TEST

START_TEST(test_mapping_pictures__what_is_none)
{
    static const char *const none[] = {"", "abc", "1.2.3", "1,23", "12,345.6,7"};
    hz_number_form form;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(!hz_number_form_of(&form, hz_slice_of(none[i])) || form.point, "%s", none[i]);
    ck_assert(!hz_number_form_of(&form, HZ_SLICE_LIT("1.2.3")));
    ck_assert(!hz_number_form_of(&form, HZ_SLICE_LIT("abc")));
}
END_TEST

/* A column is as personal as all that is made of it. */
START_TEST(test_mapping_load__masks_of_columns)
{
    kit k;
    good(&k, "tables:\n  t:\n    fields:\n      id: {type: text}\n      name: {type: text, sensitivity: personal}\n"
             "      note: {type: text}\n");
    hz_mapping *mapping = NULL;
    const hz_slice text =
        HZ_SLICE_LIT("hezhun: 1\nmapping: m\ntables:\n  t:\n    split: {both: {by: \"/\", into: [id, name]}}\n"
                     "    columns: {plain: note}\n");
    ck_assert_int_eq(
        hz_mapping_load_bytes(&mapping, text, HZ_SLICE_LIT("m.yaml"), k.profile, &k.limits, &k.diags, &k.err), HZ_OK);
    const hz_map_table *table = hz_mapping_table(mapping, &k.profile->tables[0]);
    ck_assert_int_eq(hz_map_table_field(table, HZ_SLICE_LIT("id"))->own_mask, HZ_MASK_WHOLE);
    ck_assert_int_eq(hz_map_table_field(table, HZ_SLICE_LIT("name"))->own_mask, HZ_MASK_WHOLE);
    ck_assert_int_eq(hz_map_table_field(table, HZ_SLICE_LIT("note"))->own_mask, HZ_MASK_NONE);
    ck_assert(hz_map_table_names(table, HZ_SLICE_LIT("both")) && !hz_map_table_names(table, HZ_SLICE_LIT("id")));
    ck_assert_ptr_null(hz_map_table_field(table, HZ_SLICE_LIT("nothing")));
    ck_assert_ptr_null(hz_mapping_table(NULL, &k.profile->tables[0]));
    hz_mapping_free(mapping);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profiles.mapping");
    TCase *tc = tcase_create("mapping");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_mapping_units__factors_are_exact);
    tcase_add_test(tc, test_mapping_units__other_kinds_are_refused);
    tcase_add_test(tc, test_mapping_numbers__by_picture);
    tcase_add_test(tc, test_mapping_numbers__other_forms_are_left);
    tcase_add_test(tc, test_mapping_pictures__what_is_none);
    tcase_add_test(tc, test_mapping_load__masks_of_columns);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hz_lists_close(kit_lists);
    return failed != 0;
}
