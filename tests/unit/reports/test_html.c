/* The page of reports/html.h: its policy, its data block, what becomes of hostile data, its size. What the page does
 * with it is tested in a browser: tests/browser. */
#include "base/alloc.h"
#include "base/sha256.h"
#include "fixture.h"
#include "reports/html.h"
#include "reports/html_int.h"

static const hz_render_options zh = {.lang = HZ_LANG_ZH}, en = {.lang = HZ_LANG_EN};

static void has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no \"%s\"", part);
}

static void lacks(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is there", part);
}

/* The bytes from `open` to `close`, in a buffer of their own. */
static char *between(const char *text, const char *open, const char *close)
{
    const char *from = strstr(text, open);
    ck_assert_msg(from != NULL, "no %s", open);
    from += strlen(open);
    const char *to = strstr(from, close);
    ck_assert_msg(to != NULL, "no %s", close);
    char *part = strndup(from, (size_t)(to - from));
    ck_assert_ptr_nonnull(part);
    return part;
}

static char *data_of(const char *page)
{
    return between(page, "<script type=\"application/json\" id=\"data\">", "</script>");
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* ---- policy ---- */

/* Base64 by OpenSSL's alphabet, made here anew. */
static void hash_of(char out[64], const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t sha[33] = {0};
    ck_assert(hz_sha256_bytes(sha, hz_slice_of(text)));
    size_t used = 0;
    for (size_t bit = 0; bit < 258; bit += 6) { /* 256 bits and two of filling */
        unsigned two = (unsigned)sha[bit / 8] << 8 | (bit / 8 + 1 < 33 ? sha[bit / 8 + 1] : 0u);
        out[used++] = digits[two >> (10 - bit % 8) & 63];
    }
    out[used++] = '=';
    out[used] = '\0';
}

START_TEST(test_html__policy_lets_run_its_own_script_and_styles_only)
{
    fixture f;
    fixture_rich(&f);
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh), wanted[200], hash[64];
    char *style = between(page, "<style>", "</style>"), *tail = strstr(page, "</script>\n<script>");
    ck_assert_ptr_nonnull(tail);
    char *script = between(tail + strlen("</script>\n"), "<script>", "</script>");
    hash_of(hash, style);
    snprintf(wanted, sizeof wanted, "style-src 'sha256-%s'", hash);
    has(page, wanted);
    hash_of(hash, script);
    snprintf(wanted, sizeof wanted, "default-src 'none'; script-src 'sha256-%s'", hash);
    has(page, wanted);
    ck_assert_uint_eq(occurrences(page, "<script"), 2);
    ck_assert_uint_eq(occurrences(page, "<style"), 1);
    lacks(page, " style=");
    lacks(page, " onclick=");
    lacks(page, "unsafe-inline");
    lacks(script, "innerHTML");
    lacks(script, "eval(");
    free(style);
    free(script);
    free(page);
    fixture_close(&f);
}
END_TEST

START_TEST(test_html__names_nothing_to_load)
{
    fixture f;
    fixture_rich(&f);
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    /* the one address is the name of a namespace */
    ck_assert_uint_eq(occurrences(page, "http://"), 1);
    has(page, "http://www.w3.org/2000/svg");
    static const char *const words[] = {
        "https://", "<link", "<img", "<iframe", " src=", "@import", "url(", "fetch(", "XMLHttpRequest"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        lacks(page, words[i]);
    free(page);
    fixture_close(&f);
}
END_TEST

/* ---- escaping ---- */

START_TEST(test_html__text_is_escaped_in_markup)
{
    static const struct {
        const char *text, *html;
    } cases[] = {{"a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"},
                 {"</noscript><script>", "&lt;/noscript&gt;&lt;script&gt;"},
                 {"\xE2\x80\xAEx", "\\u{202E}x"},
                 {"a\nb\t", "a\\u{0A}b\\u{09}"},
                 {"\xFF", "\\x{FF}"},
                 {"贫困户 𠮷", "贫困户 𠮷"},
                 {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hz_buf out = HZ_BUF_INIT;
        hz_buf_puts(&out, "|");
        hz_html_escape(&out, hz_slice_of(cases[i].text));
        ck_assert_str_eq(out.ptr + 1, cases[i].html);
        hz_buf_clear(&out);
    }
}
END_TEST

START_TEST(test_html__json_holds_no_markup)
{
    static const struct {
        const char *text, *json;
    } cases[] = {{"</script>", "\"\\u003c/script>\""},
                 {"<!-- <script", "\"\\u003c!-- \\u003cscript\""},
                 {"<", "\"\\u003c\""},
                 {"<<", "\"\\u003c\\u003c\""},
                 {"a<", "\"a\\u003c\""},
                 {"\"\\", "\"\\\"\\\\\""},
                 {"\x1b[31m", "\"\\\\u{1B}[31m\""},
                 {"", "\"\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hz_buf out = HZ_BUF_INIT;
        hz_pack pack = HZ_PACK_INIT(&out);
        hz_pack_text(&pack, hz_slice_of(cases[i].text));
        ck_assert_str_eq(out.ptr, cases[i].json);
        hz_pack_clear(&pack);
        hz_buf_clear(&out);
    }
}
END_TEST

START_TEST(test_html__long_texts_are_cut_between_characters)
{
    for (size_t extra = 0; extra < 5; extra++) {
        hz_buf text = HZ_BUF_INIT, out = HZ_BUF_INIT;
        for (size_t i = 0; i < extra; i++)
            hz_buf_putc(&text, 'x');
        while (text.len <= HZ_HTML_TEXT_BYTES)
            hz_buf_puts(&text, "户");
        hz_html_safe(&out, hz_buf_slice(&text));
        ck_assert_uint_le(out.len, HZ_HTML_TEXT_BYTES + strlen("…"));
        ck_assert_str_eq(out.ptr + out.len - strlen("…"), "…");
        ck_assert_ptr_null(strstr(out.ptr, "\\x{"));
        hz_buf_reset(&out);
        hz_html_safe(&out, hz_slice_sub(hz_buf_slice(&text), 0, extra + 3 * ((HZ_HTML_TEXT_BYTES - extra) / 3)));
        ck_assert_ptr_null(strstr(out.ptr, "…"));
        hz_buf_clear(&text);
        hz_buf_clear(&out);
    }
}
END_TEST

START_TEST(test_html__hostile_result_stays_data)
{
    static const char hostile[] = "</script><script>alert(1)</script><!--@{data}<b>";
    fixture f;
    fixture_rich(&f);
    hz_result *result = &f.result;
    result->tables[0].sources[0].path = hz_slice_of(hostile);
    result->tables[0].unknown_columns[0] = hz_slice_of(hostile);
    result->ignored[0] = hz_slice_of(hostile);
    result->params[0].value = hz_slice_of(hostile);
    hz_result_rule *rule = fixture_rule(&f, "HH-FATAL");
    rule->examples[0].at.fields[0].value.text = hz_slice_of(hostile);
    rule->examples[0].at.key[0].name = hz_slice_of(hostile);
    rule->examples[0].args[1].text = hz_slice_of(hostile);
    result->profile->grading.grades[result->grade].title.zh = hz_slice_of(hostile);
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh), *data = data_of(page);
    ck_assert_uint_eq(occurrences(page, "<script"), 2);
    ck_assert_uint_eq(occurrences(page, "</script>"), 2);
    lacks(page, "<!--");
    lacks(page, "<b>");
    lacks(data, "<");
    has(page, "&lt;/script&gt;&lt;script&gt;alert(1)"); /* in the summary */
    ck_assert_uint_ge(occurrences(data, "\\u003c/script>\\u003cscript>alert(1)\\u003c/script>\\u003c!--@{data}"), 6);
    free(data);
    free(page);
    fixture_close(&f);
}
END_TEST

/* ---- content ---- */

START_TEST(test_html__same_result_same_bytes)
{
    fixture f;
    fixture_rich(&f);
    char *first = fixture_render(&f, HZ_FORMAT_HTML, en);
    f.result.seconds = 1.2345;
    char *second = fixture_render(&f, HZ_FORMAT_HTML, en);
    ck_assert_str_eq(first, second);
    free(second);
    hz_render_options reproducible = {.lang = HZ_LANG_EN, .reproducible = true};
    second = fixture_render(&f, HZ_FORMAT_HTML, reproducible);
    has(first, "county-server");
    lacks(second, "county-server");
    lacks(second, "\"run\":");
    free(second);
    free(first);
    fixture_close(&f);
}
END_TEST

START_TEST(test_html__languages_differ_in_the_frame_only)
{
    fixture f;
    fixture_rich(&f);
    char *chinese = fixture_render(&f, HZ_FORMAT_HTML, zh), *english = fixture_render(&f, HZ_FORMAT_HTML, en);
    has(chinese, "<html lang=\"zh-CN\">");
    has(english, "<html lang=\"en\">");
    char *one = data_of(chinese), *two = data_of(english), *mark = strstr(one, "\"lang\":\"zh\"");
    ck_assert_ptr_nonnull(mark);
    memcpy(mark, "\"lang\":\"en\"", strlen("\"lang\":\"en\""));
    ck_assert_str_eq(one, two);
    free(one);
    free(two);
    free(chinese);
    free(english);
    fixture_close(&f);
}
END_TEST

START_TEST(test_html__messages_after_the_first_hold_what_differs)
{
    fixture f;
    fixture_rich(&f);
    hz_result_rule *rule = fixture_rule(&f, "HH-012");
    rule->examples[1].values_zh = HZ_ARENA_ARRAY(f.arena, hz_shown, 2);
    rule->examples[1].values_zh[0] = FIXTURE_SHOWN("𠮷1", HZ_MASK_NONE);
    rule->examples[1].values_zh[1] = rule->examples[0].values_zh[1];
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    /* 登记 5 人，{成员表} 张**, one language: 3 units in front, 12 behind, the value between */
    has(page, "\"first\":[\"登记 5 人，{成员表} 张**\",\"登记 5 人，{成员表} 张**\"]");
    has(page, ",[3,12,\"𠮷1\"]");
    free(page);
    fixture_close(&f);
}
END_TEST

/* A table of another period stands behind those of the page. */
START_TEST(test_html__table_that_only_a_place_names_stands_by_name)
{
    fixture f;
    fixture_rich(&f);
    hz_result *result = &f.result;
    hz_result_table *tables = HZ_ARENA_ARRAY(f.arena, hz_result_table, result->tables_count + 1);
    memcpy(tables, result->tables, result->tables_count * sizeof *tables);
    tables[result->tables_count] = (hz_result_table){.table = tables[1].table,
                                                     .name = HZ_SLICE_LIT("member@previous"),
                                                     .sources = tables[1].sources,
                                                     .sources_count = tables[1].sources_count};
    result->tables = tables;
    hz_finding *finding = &fixture_rule(&f, "MB-031")->examples[0];
    finding->related[0].table = (uint32_t)result->tables_count;
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    has(page, "\"related\":[[\"member@previous\",\"member_2.csv\",12,");
    free(page);
    finding->at.table = (uint32_t)result->tables_count;
    page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    has(page, "[9,\"member_2.csv\",[\"M9\"],[\"520123************\"],0,{\"table\":\"member@previous\",");
    free(page);
    fixture_close(&f);
}
END_TEST

START_TEST(test_html__no_personal_value_without_reveal)
{
    static const char *const secrets[] = {"张三丰",     "三丰",        "198001",    "520123198001011234",
                                          "1980/01/02", "13912345678", "secretmin", "secretmax"};
    fixture f;
    fixture_rich(&f);
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        lacks(page, secrets[i]);
    lacks(page, "\"reveal\":true");
    free(page);
    page = fixture_render(&f, HZ_FORMAT_HTML, (hz_render_options){.reveal = true});
    has(page, "张三丰");
    has(page, "\"reveal\":true");
    lacks(page, "secretmin");
    free(page);
    fixture_close(&f);
}
END_TEST

/* Every word has both languages, and two words never share a name once their prefix is gone. */
START_TEST(test_html__words_have_names_of_their_own)
{
    fixture f;
    fixture_rich(&f);
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh), *list = between(page, "\"words\":{", "]},"), name[80];
    size_t count = 0;
    for (const char *at = list; (at = strchr(at, ':')) != NULL; at++) {
        const char *from = at - 1;
        if (*from != '"' || at[1] != '[')
            continue;
        while (from[-1] != '"')
            from--;
        snprintf(name, sizeof name, "\"%.*s\":[", (int)(at - 1 - from), from);
        ck_assert_msg(occurrences(list, name) == 1, "%s", name);
        count++;
    }
    ck_assert_uint_gt(count, 100);
    lacks(list, "\"\"");
    free(list);
    free(page);
    fixture_close(&f);
}
END_TEST

/* ---- size ---- */

/* As many findings as given for a rule, each with a text of its own. */
static void many_findings(fixture *f, const char *id, size_t count, size_t text_bytes)
{
    hz_result_rule *rule = fixture_rule(f, id);
    rule->examples_count = count;
    rule->examples = HZ_ARENA_ARRAY(f->arena, hz_finding, count);
    char *text = HZ_ARENA_ARRAY(f->arena, char, text_bytes);
    ck_assert_ptr_nonnull(rule->examples);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', text_bytes);
    for (size_t i = 0; i < count; i++) {
        hz_finding *finding = &rule->examples[i];
        *finding = (hz_finding){.severity = rule->severity, .message = HZ_MSG_FINDING_ASSERT, .args_count = 1};
        finding->args = HZ_ARENA_ARRAY(f->arena, hz_shown, 1);
        finding->args[0] = FIXTURE_SHOWN("note", HZ_MASK_NONE);
        finding->at = (hz_place){.table = 0, .source = 0, .line = i + 2, .fields_count = 1};
        finding->at.fields = HZ_ARENA_ARRAY(f->arena, hz_named, 1);
        finding->at.fields[0] =
            (hz_named){.name = HZ_SLICE_LIT("note"), .value = {{text, text_bytes}, HZ_MASK_NONE, false}};
    }
}

static size_t findings_of(const char *page, const char *id)
{
    char open[100];
    snprintf(open, sizeof open, "{\"id\":\"%s\",", id);
    char *rule = between(page, open, "\"id\":"), *list = strstr(rule, "\"findings\":[");
    size_t count = list ? occurrences(list, ",0,[],[") : 0;
    free(rule);
    return count;
}

START_TEST(test_html__noisy_rule_takes_no_other_ones_place)
{
    fixture f;
    fixture_rich(&f);
    many_findings(&f, "HH-FATAL", 4000, 1000);
    many_findings(&f, "DS-002", 4000, 1000);
    many_findings(&f, "household.head_id.type", 10, 1000);
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    size_t first = findings_of(page, "HH-FATAL"), second = findings_of(page, "DS-002");
    ck_assert_uint_eq(findings_of(page, "household.head_id.type"), 10);
    ck_assert_uint_lt(first, 4000);
    ck_assert_uint_gt(first, 1000);
    ck_assert_uint_le(second, first + 1);
    ck_assert_uint_ge(second + 1, first);
    ck_assert_uint_lt(strlen(page), 5 * 1000 * 1000);
    free(page);
    fixture_close(&f);
}
END_TEST

START_TEST(test_html__one_finding_that_does_not_fit_is_left_out)
{
    fixture f;
    fixture_rich(&f);
    many_findings(&f, "HH-FATAL", 3, 4 * 1000 * 1000); /* cut to the size of a text */
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    ck_assert_uint_eq(findings_of(page, "HH-FATAL"), 3);
    ck_assert_uint_lt(strlen(page), 1000 * 1000);
    free(page);
    fixture_close(&f);
}
END_TEST

/* 100 rules' worth of examples and every village of a large country. */
START_TEST(test_html__size_has_a_ceiling)
{
    enum { VILLAGES = 200000 };
    fixture f;
    fixture_rich(&f);
    many_findings(&f, "HH-FATAL", 100000, 100);
    hz_result *result = &f.result;
    result->regions_count = VILLAGES + 2;
    result->regions = HZ_ARENA_ARRAY(f.arena, hz_result_region, VILLAGES + 2);
    ck_assert_ptr_nonnull(result->regions);
    for (size_t i = 0; i < VILLAGES + 2; i++) {
        hz_result_region *region = &result->regions[i];
        *region = (hz_result_region){.rows = 100, .findings = i % 1000, .has_score = true, .score = {99123456, 6}};
        region->level = i == 0 ? HZ_LEVEL_PROVINCE : i == 1 ? HZ_LEVEL_PREFECTURE : HZ_LEVEL_VILLAGE;
        snprintf(region->code, sizeof region->code, "%.*s%08u", i == 0 ? 2 : 4, "5201", (unsigned)i);
        region->code[i == 0 ? 2 : i == 1 ? 4 : 12] = '\0';
    }
    hz_result_measure *measure = &result->measures[0];
    measure->regions_count = VILLAGES;
    measure->regions = HZ_ARENA_ARRAY(f.arena, struct hz_result_measure_region, VILLAGES);
    ck_assert_ptr_nonnull(measure->regions);
    for (size_t i = 0; i < VILLAGES; i++)
        measure->regions[i] = (struct hz_result_measure_region){.code = "520101001001",
                                                                .level = i ? HZ_LEVEL_VILLAGE : HZ_LEVEL_PROVINCE};
    char *page = fixture_render(&f, HZ_FORMAT_HTML, zh);
    ck_assert_uint_lt(strlen(page), 5 * 1000 * 1000);
    has(page, "\"levels\":[[0,0],[1,1],[1,1],[0,0],[0,0],[");
    has(page, ",200000]]");
    has(page, "[\"52\",\"\",\"\",100,0,0,99.123456,0]");
    has(page, ",100,999,0,99.123456,0]"); /* those with the most findings */
    lacks(page, ",100,2,0,99.123456,0]");
    has(page, "\"all\":200000,\"regions\":[[\"520101001001\",null]]");
    free(page);
    fixture_close(&f);
}
END_TEST

/* ---- memory ---- */

START_TEST(test_html__every_failed_allocation_is_reported)
{
    fixture f;
    fixture_rich(&f);
    char *whole = fixture_render(&f, HZ_FORMAT_HTML, zh);
    uint64_t live = hz_mem_stats_now().live_calls;
    bool done = false;
    for (uint64_t nth = 1; !done; nth++) {
        hz_buf out = HZ_BUF_INIT;
        hz_error err = {0};
        hz_mem_fail_after(nth, false);
        hz_status st = hz_render(&out, HZ_FORMAT_HTML, &f.result, &zh, &err);
        hz_mem_fail_after(0, false);
        ck_assert_msg(st == HZ_OK || st == HZ_E_NOMEM, "status %d at %u", (int)st, (unsigned)nth);
        if (st == HZ_OK) {
            ck_assert_str_eq(out.ptr, whole);
            done = true;
        }
        hz_buf_clear(&out);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
        ck_assert_uint_lt(nth, 100000);
    }
    free(whole);
    fixture_close(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports.html");
    TCase *tc = tcase_create("html");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_html__policy_lets_run_its_own_script_and_styles_only);
    tcase_add_test(tc, test_html__names_nothing_to_load);
    tcase_add_test(tc, test_html__text_is_escaped_in_markup);
    tcase_add_test(tc, test_html__json_holds_no_markup);
    tcase_add_test(tc, test_html__long_texts_are_cut_between_characters);
    tcase_add_test(tc, test_html__hostile_result_stays_data);
    tcase_add_test(tc, test_html__same_result_same_bytes);
    tcase_add_test(tc, test_html__languages_differ_in_the_frame_only);
    tcase_add_test(tc, test_html__messages_after_the_first_hold_what_differs);
    tcase_add_test(tc, test_html__table_that_only_a_place_names_stands_by_name);
    tcase_add_test(tc, test_html__no_personal_value_without_reveal);
    tcase_add_test(tc, test_html__words_have_names_of_their_own);
    tcase_add_test(tc, test_html__noisy_rule_takes_no_other_ones_place);
    tcase_add_test(tc, test_html__one_finding_that_does_not_fit_is_left_out);
    tcase_add_test(tc, test_html__size_has_a_ceiling);
    tcase_add_test(tc, test_html__every_failed_allocation_is_reported);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
