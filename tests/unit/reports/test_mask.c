#include "base/alloc.h"
#include "fixture.h"

static void shows(hz_shown value, bool reveal, const char *expected)
{
    hz_buf out = HZ_BUF_INIT;
    hz_put_shown(&out, value, reveal);
    ck_assert_str_eq(out.ptr ? out.ptr : "", expected);
    hz_buf_clear(&out);
}

static const struct {
    const char *text;
    hz_mask mask;
    const char *shown;
} masks[] = {
    {"520123198001011234", HZ_MASK_ID, "520123************"},
    {"13912345678", HZ_MASK_ID, "139123*****"},
    {"1234567", HZ_MASK_ID, "123456*"},
    {"123456", HZ_MASK_ID, "******"},
    {"12", HZ_MASK_ID, "**"},
    {"", HZ_MASK_ID, ""},
    {"123456789012345678901234567890", HZ_MASK_ID, "123456************"},
    {"张三丰", HZ_MASK_NAME, "张**"},
    {"张", HZ_MASK_NAME, "*"},
    {"é", HZ_MASK_NAME, "*"},
    {"阿卜杜拉·买买提", HZ_MASK_NAME, "阿*******"},
    {"\xff\xfe", HZ_MASK_NAME, "\xff*"},
    {"1980-01-02", HZ_MASK_DATE, "1980******"},
    {"19800102", HZ_MASK_DATE, "1980****"},
    {"1980年1月2日", HZ_MASK_DATE, "1980*****"},
    {"02/01/1980", HZ_MASK_DATE, "******1980"},
    {"18011980", HZ_MASK_DATE, "****1980"}, /* day and month first: not the year 1801 */
    {"20012019", HZ_MASK_DATE, "****2019"},
    {"198001", HZ_MASK_DATE, "1980**"},
    {"011980", HZ_MASK_DATE, "**1980"},
    {"1980-01-02T08:09:10", HZ_MASK_DATE, "1980************"},
    {"19800102080910", HZ_MASK_DATE, "1980**********"},
    {"1980", HZ_MASK_DATE, "****"},
    {"520123198001011234", HZ_MASK_DATE, "************"}, /* an ID in the wrong column */
    {"张三丰", HZ_MASK_DATE, "***"},
    {"12-31", HZ_MASK_DATE, "*****"},
    {"4711.50", HZ_MASK_WHOLE, "***"},
    {"1", HZ_MASK_WHOLE, "***"},
    {"true", HZ_MASK_WHOLE, "***"},
    {"false", HZ_MASK_WHOLE, "***"},
    {"anything\n", HZ_MASK_NONE, "anything\n"},
};

START_TEST(test_mask__keeps_what_the_kind_says)
{
    hz_shown value = {hz_slice_of(masks[_i].text), masks[_i].mask, false};
    shows(value, false, masks[_i].shown);
    shows(value, true, masks[_i].text);
    value.null = true;
    shows(value, false, "∅");
    shows(value, true, "∅");
}
END_TEST

/* ---- messages ---- */

static void says(const hz_finding *finding, hz_lang lang, const char *expected)
{
    hz_buf out = HZ_BUF_INIT;
    hz_put_message(&out, finding, lang, false);
    ck_assert_str_eq(out.ptr ? out.ptr : "", expected);
    hz_buf_clear(&out);
}

START_TEST(test_message__range_by_its_open_end)
{
    hz_shown args[] = {FIXTURE_SHOWN("age", HZ_MASK_NONE), FIXTURE_SHOWN("200", HZ_MASK_NONE),
                       FIXTURE_SHOWN("0", HZ_MASK_NONE), FIXTURE_SHOWN("120", HZ_MASK_NONE)};
    hz_finding finding = {.message = HZ_MSG_FINDING_RANGE, .args = args, .args_count = 4};
    says(&finding, HZ_LANG_EN, "age is \"200\", which is not between 0 and 120");
    says(&finding, HZ_LANG_ZH, "age 的值“200”不在 0 到 120 之间");
    args[2].null = true;
    says(&finding, HZ_LANG_EN, "age is \"200\", which is above 120");
    args[2].null = false;
    args[3].null = true;
    says(&finding, HZ_LANG_EN, "age is \"200\", which is below 0");
    says(&finding, HZ_LANG_ZH, "age 的值“200”小于下限 0");
}
END_TEST

START_TEST(test_message__comparison_names_a_constant_once)
{
    hz_shown args[] = {FIXTURE_SHOWN("a + 1", HZ_MASK_NONE), FIXTURE_SHOWN("5", HZ_MASK_NONE),
                       FIXTURE_SHOWN("b", HZ_MASK_NONE), FIXTURE_SHOWN("7", HZ_MASK_NONE),
                       FIXTURE_SHOWN("a + 1 = b", HZ_MASK_NONE)};
    hz_finding finding = {.message = HZ_MSG_FINDING_ASSERT_COMPARE, .args = args, .args_count = 4};
    says(&finding, HZ_LANG_EN, "a + 1 is 5, but b is 7");
    finding.args_count = 5;
    says(&finding, HZ_LANG_EN, "does not hold: a + 1 = b (a + 1 is 5, b is 7)");
    says(&finding, HZ_LANG_ZH, "不符合 a + 1 = b：a + 1 为 5，b 为 7");
    args[2].text = HZ_SLICE_LIT("7");
    says(&finding, HZ_LANG_EN, "does not hold: a + 1 = b (a + 1 is 5)");
    finding.args_count = 4;
    says(&finding, HZ_LANG_EN, "a + 1 is 5; held against 7, that breaks the rule");
    args[0].text = HZ_SLICE_LIT("5");
    args[2].text = HZ_SLICE_LIT("b");
    says(&finding, HZ_LANG_EN, "b is 7; held against 5, that breaks the rule");
    args[3].null = true;
    says(&finding, HZ_LANG_EN, "b is ∅; held against 5, that breaks the rule");
}
END_TEST

START_TEST(test_message__values_in_it_are_masked)
{
    hz_shown args[] = {FIXTURE_SHOWN("id", HZ_MASK_NONE), FIXTURE_SHOWN("resident_id", HZ_MASK_NONE),
                       FIXTURE_SHOWN("520123198001011234", HZ_MASK_ID)};
    hz_finding finding = {.message = HZ_MSG_FINDING_TYPE, .args = args, .args_count = 3};
    says(&finding, HZ_LANG_EN, "id is \"520123************\", which is not of type resident_id");
}
END_TEST

START_TEST(test_message__the_profile_speaks_first)
{
    fixture f;
    fixture_rich(&f);
    hz_finding finding = fixture_rule(&f, "HH-012")->examples[0];
    says(&finding, HZ_LANG_ZH, "登记 5 人，{成员表} 张**");
    says(&finding, HZ_LANG_EN, "登记 5 人，{成员表} 张**"); /* the profile has no other */
    finding.template_en = finding.template_zh;
    finding.values_en = HZ_ARENA_ARRAY(f.arena, hz_shown, 2);
    finding.values_en[0].null = finding.values_en[1].null = true;
    says(&finding, HZ_LANG_EN, "登记 ∅ 人，{成员表} ∅");
    fixture_close(&f);
}
END_TEST

/* ---- JSON strings ---- */

static const struct {
    const char *text, *json;
} strings[] = {
    {"", "\"\""},
    {"a\"b\\c", "\"a\\\"b\\\\c\""},
    {"\n\r\t\x01\x7f", "\"\\n\\r\\t\\u0001\\u007f\""},
    {"贫困户", "\"贫困户\""},
    {"a\xff"
     "b\xe5\x9b",
     "\"a\xef\xbf\xbd"
     "b\xef\xbf\xbd\xef\xbf\xbd\""},
    {"\u202e\u2028\u200b", "\"\\u202e\\u2028\\u200b\""},
    {"\U000E0041", "\"\\udb40\\udc41\""},
    {"\U0001F600", "\"\U0001F600\""},
    {"\uFFFD", "\"\uFFFD\""},
};

START_TEST(test_json__strings_are_escaped)
{
    hz_buf out = HZ_BUF_INIT;
    hz_put_json(&out, hz_slice_of(strings[_i].text));
    ck_assert_str_eq(out.ptr, strings[_i].json);
    hz_buf_clear(&out);
}
END_TEST

START_TEST(test_json__a_nul_is_escaped)
{
    hz_buf out = HZ_BUF_INIT;
    hz_put_json(&out, (hz_slice){"a\0b", 3});
    ck_assert_str_eq(out.ptr, "\"a\\u0000b\"");
    hz_buf_clear(&out);
}
END_TEST

START_TEST(test_names__of_formats_and_states)
{
    for (int i = 0; i < HZ_FORMAT_COUNT; i++)
        ck_assert_int_eq(hz_format_of(hz_slice_of(hz_format_name((hz_format)i))), i);
    ck_assert_int_eq(hz_format_of(HZ_SLICE_LIT("docx")), HZ_FORMAT_COUNT);
    ck_assert_int_eq(hz_format_of(HZ_SLICE_NONE), HZ_FORMAT_COUNT);
    ck_assert_str_eq(hz_format_name(HZ_FORMAT_COUNT), "");
    ck_assert_str_eq(hz_outcome_name(HZ_OUTCOME_NOT_APPLICABLE), "not_applicable");
    ck_assert_str_eq(hz_outcome_name(HZ_OUTCOME_COUNT), "");
    ck_assert_str_eq(hz_gate_state_name(HZ_GATE_NOT_RUN), "not_run");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports.mask");
    TCase *tcase = tcase_create("mask");
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(tcase, test_mask__keeps_what_the_kind_says, 0, sizeof masks / sizeof *masks);
    tcase_add_test(tcase, test_message__range_by_its_open_end);
    tcase_add_test(tcase, test_message__comparison_names_a_constant_once);
    tcase_add_test(tcase, test_message__values_in_it_are_masked);
    tcase_add_test(tcase, test_message__the_profile_speaks_first);
    tcase_add_loop_test(tcase, test_json__strings_are_escaped, 0, sizeof strings / sizeof *strings);
    tcase_add_test(tcase, test_json__a_nul_is_escaped);
    tcase_add_test(tcase, test_names__of_formats_and_states);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
