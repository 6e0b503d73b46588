/* The faces for machines and pages: what data may not do to them. That their counts are the result's, and that others'
 * validators take them, is tests/property/check_faces.py. */
#include "fixture.h"

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) /* too long for a message of Check */
        fprintf(stderr, "%s\n", text);
    ck_assert_msg(strstr(text, part) != NULL, "no \"%s\"", part);
}

static void lacks(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "there is \"%s\"", part);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* The one finding of HH-FATAL says `text` in its message and in the field net_income. */
static void open_saying(fixture *f, const char *text)
{
    static hz_message_part part;
    static hz_message message = {&part, 1};
    fixture_rich(f);
    hz_finding *finding = &fixture_rule(f, "HH-FATAL")->examples[0];
    part = (hz_message_part){.text = hz_slice_of(text)};
    finding->template_zh = finding->template_en = &message;
    finding->at.fields[0].value = (hz_shown){hz_slice_of(text), HZ_MASK_NONE, false};
    finding->has_expected = true;
    finding->expected = finding->at.fields[0].value;
}

static char *render(const fixture *f, hz_format format)
{
    return fixture_render(f, format, (hz_render_options){.lang = HZ_LANG_EN, .reproducible = true});
}

/* ---- the table of formats ---- */

START_TEST(test_formats__names_are_found_again)
{
    for (size_t i = 0; i < HZ_FORMAT_COUNT; i++) {
        const char *name = hz_format_name((hz_format)i);
        ck_assert_uint_gt(strlen(name), 0);
        ck_assert_int_eq(hz_format_of(hz_slice_of(name)), (int)i);
        ck_assert_int_eq(hz_format_suffix((hz_format)i)[0], '.');
    }
    ck_assert_int_eq(hz_format_of(HZ_SLICE_LIT("jsn")), HZ_FORMAT_COUNT);
    ck_assert_str_eq(hz_format_name(HZ_FORMAT_COUNT), "");
    ck_assert_str_eq(hz_format_suffix(HZ_FORMAT_COUNT), "");
    ck_assert(!hz_format_is_binary(HZ_FORMAT_CSV) && !hz_format_is_binary(HZ_FORMAT_COUNT));
    ck_assert_str_eq(hz_format_suffix(HZ_FORMAT_SARIF), ".sarif");
}
END_TEST

START_TEST(test_formats__twice_is_the_same)
{
    fixture f;
    fixture_rich(&f);
    for (int i = 0; i < HZ_FORMAT_COUNT; i++) {
        if (hz_format_is_binary((hz_format)i))
            continue; /* its own test */
        char *one = render(&f, (hz_format)i), *two = render(&f, (hz_format)i);
        ck_assert_str_eq(one, two);
        lacks(one, "county-server");
        free(one);
        free(two);
    }
    fixture_close(&f);
}
END_TEST

/* What stands in its sheets is read back by check_faces.py. */
START_TEST(test_xlsx__twice_is_the_same)
{
    fixture f;
    fixture_rich(&f);
    hz_buf one = HZ_BUF_INIT, two = HZ_BUF_INIT;
    hz_error err = {0};
    hz_render_options options = {.lang = HZ_LANG_ZH, .reproducible = true};
    ck_assert(hz_format_is_binary(HZ_FORMAT_XLSX) && !hz_format_is_binary(HZ_FORMAT_CSV));
    ck_assert_int_eq(hz_render(&one, HZ_FORMAT_XLSX, &f.result, &options, &err), HZ_OK);
    ck_assert_int_eq(hz_render(&two, HZ_FORMAT_XLSX, &f.result, &options, &err), HZ_OK);
    ck_assert_uint_eq(one.len, two.len);
    ck_assert(one.len && memcmp(one.ptr, two.ptr, one.len) == 0 && memcmp(one.ptr, "PK", 2) == 0);
    hz_buf_clear(&one);
    hz_buf_clear(&two);
    fixture_close(&f);
}
END_TEST

/* ---- csv ---- */

static const struct {
    const char *text, *cell; /* the cell of `expected`, with the commas around it */
} formulas[] = {
    {"=1+1", ",\"'=1+1\","},
    {"+1+1", ",\"'+1+1\","},
    {"-x", ",\"'-x\","},
    {"@SUM(A1)", ",\"'@SUM(A1)\","},
    {"＝1", ",\"'＝1\","},
    {"＋x", ",\"'＋x\","},
    {"－x", ",\"'－x\","},
    {"＠x", ",\"'＠x\","},
    {"  =1", ",\"'  =1\","},
    {"\t=1", ",\"'\\u{09}=1\","},
    {"\rx", ",\"'\\u{0D}x\","},
    {"\nx", ",\"'\\u{0A}x\","},
    {"-12.50", ",-12.50,"},
    {"+3", ",+3,"},
    {"-", ",\"'-\","},
    {"-1-1", ",\"'-1-1\","},
    {"a,\"b\"", ",\"a,\"\"b\"\"\","},
    {"a=1", ",a=1,"},
    {" ", ",\" \","},
    {"a\x1b[0m", ",a\\u{1B}[0m,"},
};

START_TEST(test_csv__no_cell_runs_as_a_formula)
{
    fixture f;
    open_saying(&f, formulas[_i].text);
    char *csv = render(&f, HZ_FORMAT_CSV);
    has(csv, formulas[_i].cell);
    free(csv);
    fixture_close(&f);
}
END_TEST

START_TEST(test_csv__rows_and_what_was_not_checked)
{
    fixture f;
    fixture_rich(&f);
    char *csv = render(&f, HZ_FORMAT_CSV);
    ck_assert_msg(strncmp(csv, "\xEF\xBB\xBFkind,rule,severity,", 22) == 0, "the head");
    has(csv, "\r\nfinding,HH-012,error,active,Family size equals number of members,");
    has(csv, ",household,household.csv,17,,,household_id=520123001,"
             "head_name=张**; village_code=520123001002; family_size=5,");
    has(csv, ",household,household.csv,80,,4711,,,");
    has(csv, ",1150,2\r\n");
    has(csv, "\r\nnot_checked,,,,,,,,,,,,,,unreadable rows: 3,");
    has(csv, "\r\nmeasure,M-RATE,");
    ck_assert_uint_eq(count_of(csv, "\r\n"), count_of(csv, "\n"));
    free(csv);
    fixture_close(&f);
}
END_TEST

/* ---- XML ---- */

START_TEST(test_xml__forbidden_characters_are_seen)
{
    static const hz_format formats[] = {HZ_FORMAT_JUNIT, HZ_FORMAT_XML};
    fixture f;
    open_saying(&f, "a\x01\x1b\xEF\xBF\xBE\xFF]]>&<b>");
    for (size_t i = 0; i < 2; i++) {
        char *xml = render(&f, formats[i]);
        has(xml, i ? "a\\u{1}\\u{1B}\\u{FFFE}\xEF\xBF\xBD]]&gt;&amp;&lt;b&gt;" : "a\\u{01}\\u{1B}\\u{FFFE}");
        for (const char *at = xml; *at; at++)
            ck_assert_msg((unsigned char)*at >= 0x20 || *at == '\n' || *at == '\t', "byte %u", (unsigned)*at);
        lacks(xml, "]]>");
        free(xml);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(test_xml__null_names_and_text)
{
    fixture f;
    fixture_rich(&f);
    fixture_rule(&f, "HH-FATAL")->examples[0].at.fields[0].value.null = true;
    char *xml = render(&f, HZ_FORMAT_XML);
    has(xml, "<value name=\"net_income\" xsi:nil=\"true\"/>");
    has(xml, "<value name=\"left(village_code, 6)\">520123</value>");
    has(xml, "<value name=\"household_id\">a\\u{1B}[31m&#x202E;\"b\\\n</value>");
    has(xml, "<message>登记 5 人，{成员表} 张**</message>");
    has(xml, "<score>");
    has(xml, "<waivers></waivers>");
    free(xml);
    fixture_close(&f);
}
END_TEST

START_TEST(test_junit__states)
{
    fixture f;
    fixture_rich(&f);
    hz_result_rule *rule = fixture_rule(&f, "member.household_id.references");
    *rule = (hz_result_rule){.rule = rule->rule,
                             .severity = rule->severity,
                             .life = rule->life,
                             .outcome = HZ_OUTCOME_ERROR,
                             .reason = {HZ_MSG_LIMIT, 2, {HZ_SLICE_LIT("match"), HZ_SLICE_LIT("10")}}};
    rule = fixture_rule(&f, "household.birth.type");
    rule->outcome = HZ_OUTCOME_UNDETERMINED;
    rule->undetermined = 1200;
    fixture_grade(&f);
    char *xml = render(&f, HZ_FORMAT_JUNIT);
    has(xml, "<error type=\"error\" message=\"limit match passed (at most 10)\"/>");
    has(xml, "<skipped type=\"undetermined\" message=\"could not be determined: 1,200\"/>");
    has(xml, "<failure type=\"error\" message=\"Family size equals number of members: 1,150 of ");
    has(xml, ">2 shown of 1,150\nhousehold.csv:17: ");
    has(xml, "<testsuite name=\"drafts\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\"");
    has(xml, "<skipped type=\"failed\" message=\"draft or pilot rule, not graded: 9 of 48,211 failed\"/>");
    has(xml, "<failure type=\"warning\" message=\"Filled rate: the value is 0.833333; 1 of 2 regions miss");
    has(xml, "<system-out>Not checked\n- unreadable rows: 3\n");
    free(xml);
    fixture_close(&f);
}
END_TEST

/* ---- SARIF ---- */

START_TEST(test_sarif__messages_make_no_links_and_no_placeholders)
{
    fixture f;
    open_saying(&f, "{0} [a](http://e.example) \\");
    char *sarif = render(&f, HZ_FORMAT_SARIF);
    has(sarif, "\"message\": {\"text\": \"{{0}} \\\\[a\\\\](http://e.example) \\\\\\\\\"}");
    free(sarif);
    fixture_close(&f);
    open_saying(&f, "one of [a, b]");
    sarif = render(&f, HZ_FORMAT_SARIF);
    has(sarif, "\"message\": {\"text\": \"one of [a, b]\"}");
    free(sarif);
    fixture_close(&f);
}
END_TEST

static const struct {
    const char *opened, *uri;
} paths[] = {{"", "household.csv"},
             {"./data/户 1%.csv", "data/%E6%88%B7%201%25.csv"},
             {"data/household.csv", "data/household.csv"},
             {"/srv/data/household.csv", "household.csv"},
             {"../data/household.csv", "household.csv"},
             {"data/..", "household.csv"},
             {"..data/a.csv", "..data/a.csv"}};

START_TEST(test_sarif__paths_stay_below_the_folder_of_the_run)
{
    char expected[128], annotation[128];
    fixture f;
    fixture_rich(&f);
    f.result.tables[0].sources[0].opened = hz_slice_of(paths[_i].opened);
    char *sarif = render(&f, HZ_FORMAT_SARIF), *github = render(&f, HZ_FORMAT_GITHUB);
    snprintf(expected, sizeof expected,
             "{\"artifactLocation\": {\"uri\": \"%s\", \"index\": 0}, \"region\": ", paths[_i].uri);
    has(sarif, expected);
    if (!strchr(paths[_i].uri, '%')) {
        snprintf(annotation, sizeof annotation, "::error file=%s,line=17,col=1,title=HH-012::", paths[_i].uri);
        has(github, annotation);
    }
    free(sarif);
    free(github);
    fixture_close(&f);
}
END_TEST

START_TEST(test_sarif__places_levels_and_drafts)
{
    fixture f;
    fixture_rich(&f);
    char *sarif = render(&f, HZ_FORMAT_SARIF);
    has(sarif,
        "\"region\": {\"startLine\": 17, \"startColumn\": 1}}, \"logicalLocations\": [{\"name\": \"household\", ");
    has(sarif, "\"region\": {\"startLine\": 80, \"startColumn\": 1, \"byteOffset\": 4711}}");
    has(sarif, "\"partialFingerprints\": {\"hezhun/v1\": \"00112233445566778899aabbccddeeff\"}");
    has(sarif, "\"kind\": \"informational\", \"level\": \"none\", \"message\": {\"text\": \"9 of 48,211 failed\"}, "
               "\"occurrenceCount\": 9}");
    has(sarif, "{\"ruleId\": \"M-RATE\", \"kind\": \"fail\", \"level\": \"warning\", ");
    has(sarif, "\"notChecked\": [\"tables that were not given: vehicle\", \"unreadable rows: 3\", ");
    has(sarif, "\"language\": \"en\"");
    free(sarif);
    fixture_close(&f);
}
END_TEST

/* ---- Markdown ---- */

static const struct {
    const char *text, *message, *values; /* of the table's cells */
} markups[] = {
    {"a|b", "| a&#124;b ", "| net\\_income=a&#124;b |"},
    {"<b>&amp;", "| &#60;b&#62;&#38;amp; ", "| `net_income=<b>&amp;` |"},
    {"[x](http://e.example)", "| \\[x\\](http&#58;//e.example) ", "| `net_income=[x](http://e.example)` |"},
    {"www.e.example", "| www&#46;e.example ", "| `net_income=www.e.example` |"},
    {"*a* _b_ `c` # ~d~ $e$", "| \\*a\\* \\_b\\_ \\`c\\` \\# \\~d\\~ \\$e\\$ ", "| net\\_income=\\*a\\* "},
    {"a\n| b |", "| a\\\\u{0A}&#124; b &#124; ", "| net\\_income=a\\\\u{0A}&#124; b &#124; |"},
    {"\\|", "| \\\\&#124; ", "| net\\_income=\\\\&#124; |"},
    {"@all", "| &#64;all ", "| `net_income=@all` |"},
};

START_TEST(test_markdown__data_makes_no_markup)
{
    fixture f;
    open_saying(&f, markups[_i].text);
    char *md = render(&f, HZ_FORMAT_MARKDOWN);
    const char *line = strstr(md, "| household.csv:3 ");
    ck_assert_ptr_nonnull(line);
    char *row = strndup(line, strcspn(line, "\n"));
    has(row, markups[_i].message);
    has(row, markups[_i].values);
    free(row);
    free(md);
    fixture_close(&f);
}
END_TEST

START_TEST(test_markdown__verdict_first)
{
    fixture f;
    fixture_rich(&f);
    char *md = render(&f, HZ_FORMAT_MARKDOWN);
    static const char head[] = "# ✗ not conformant\n\n**grade D Unqualified** · **score ";
    ck_assert_msg(strncmp(md, head, sizeof head - 1) == 0, "the head");
    has(md, "\n2 shown of 1,150\n\n| place | key | values | finding |\n| --- | --- | --- | --- |\n"
            "| household.csv:17 | `household_id=520123001` | ");
    has(md, "| `520123` 修文县 | ");
    has(md, "## Not checked\n\n- tables that were not given: vehicle\n- unreadable rows: 3\n");
    lacks(md, "  \n");
    free(md);
    fixture_close(&f);
}
END_TEST

/* ---- annotations ---- */

START_TEST(test_annotations__no_line_is_forged)
{
    fixture f;
    open_saying(&f, "x\n::error file=a,line=1::forged %0A\r##[error]y");
    f.result.tables[0].sources[0].path = HZ_SLICE_LIT("a,b:c%\n::error::z.csv");
    char *github = render(&f, HZ_FORMAT_GITHUB), *gcc = render(&f, HZ_FORMAT_GCC);
    has(github, "\n::error file=a%2Cb%3Ac%25\\u{0A}%3A%3Aerror%3A%3Az.csv,line=3,col=1,title=HH-FATAL::"
                "x\\u{0A}::error file=a,line=1::forged %250A\\u{0D}##[error]y\n");
    for (const char *line = github; *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(strncmp(line, "::error ", 8) == 0 || strncmp(line, "::warning ", 10) == 0 ||
                          strncmp(line, "::notice ", 9) == 0,
                      "%s", line);
    has(gcc, "a,b:c%\\u{0A}::error::z.csv:3:1: error: x\\u{0A}::error file=a,line=1::forged %0A\\u{0D}#\\u{23}[error]y "
             "[HH-FATAL]\n");
    free(gcc);
    f.result.tables[0].sources[0].path = HZ_SLICE_LIT("::error::z.csv");
    gcc = render(&f, HZ_FORMAT_GCC);
    for (const char *line = gcc; *line; line = strchr(line, '\n') + 1)
        ck_assert_msg(line[0] != ':', "%.80s", line);
    has(gcc, "./::error::z.csv:3:1: error: ");
    free(github);
    free(gcc);
    fixture_close(&f);
}
END_TEST

/* GitHub shows ten a step: the verdict, then the worst. */
START_TEST(test_annotations__worst_first)
{
    fixture f;
    fixture_rich(&f);
    char *github = render(&f, HZ_FORMAT_GITHUB);
    static const char head[] = "::error title=hezhun::not conformant  grade D  score ";
    ck_assert_msg(strncmp(github, head, sizeof head - 1) == 0, "the head");
    ck_assert_ptr_eq(strstr(strchr(github, '\n') + 1, "title="), strstr(github, "title=HH-FATAL::"));
    has(github, "::error title=HH-012::2 shown of 1,150\n");
    has(github, "::notice title=HH-040::9 of 48,211 failed\n");
    free(github);
    fixture_close(&f);
}
END_TEST

static Suite *faces(void)
{
    Suite *suite = suite_create("reports.faces");
    TCase *formats = tcase_create("formats"), *csv = tcase_create("csv"), *xml = tcase_create("xml"),
          *sarif = tcase_create("sarif"), *markdown = tcase_create("markdown"),
          *annotations = tcase_create("annotations");
    TCase *all[] = {formats, csv, xml, sarif, markdown, annotations};
    tcase_add_test(formats, test_formats__names_are_found_again);
    tcase_add_test(formats, test_formats__twice_is_the_same);
    tcase_add_test(formats, test_xlsx__twice_is_the_same);
    tcase_add_loop_test(csv, test_csv__no_cell_runs_as_a_formula, 0, sizeof formulas / sizeof *formulas);
    tcase_add_test(csv, test_csv__rows_and_what_was_not_checked);
    tcase_add_test(xml, test_xml__forbidden_characters_are_seen);
    tcase_add_test(xml, test_xml__null_names_and_text);
    tcase_add_test(xml, test_junit__states);
    tcase_add_test(sarif, test_sarif__messages_make_no_links_and_no_placeholders);
    tcase_add_loop_test(sarif, test_sarif__paths_stay_below_the_folder_of_the_run, 0, sizeof paths / sizeof *paths);
    tcase_add_test(sarif, test_sarif__places_levels_and_drafts);
    tcase_add_loop_test(markdown, test_markdown__data_makes_no_markup, 0, sizeof markups / sizeof *markups);
    tcase_add_test(markdown, test_markdown__verdict_first);
    tcase_add_test(annotations, test_annotations__no_line_is_forged);
    tcase_add_test(annotations, test_annotations__worst_first);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        tcase_set_timeout(all[i], 30);
        suite_add_tcase(suite, all[i]);
    }
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(faces());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
