#include "base/alloc.h"
#include "base/utf8.h"
#include "fixture.h"
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static const hz_lang langs[] = {HZ_LANG_ZH, HZ_LANG_EN};

static void has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "no \"%s\" in:\n%s", part, text);
}

static void lacks(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) == NULL, "\"%s\" in:\n%s", part, text);
}

/* Skips, an error and a tolerated rule beside what the rich result has. */
static void open_full(fixture *f)
{
    fixture_rich(f);
    hz_result_rule *rule = fixture_rule(f, "member.household_id.references");
    rule->outcome = HZ_OUTCOME_SKIPPED;
    rule->rows = rule->evaluated = rule->passed = 0;
    rule->reason = (hz_said){HZ_MSG_FINDING_PRESENT, 1, {HZ_SLICE_LIT("area")}};
    rule = fixture_rule(f, "household.family_size.range");
    rule->outcome = HZ_OUTCOME_ERROR;
    rule->rows = rule->evaluated = rule->passed = 0;
    rule->reason = (hz_said){HZ_MSG_LIMIT, 2, {HZ_SLICE_LIT("match"), HZ_SLICE_LIT("10")}};
    rule = fixture_rule(f, "household.birth.type");
    hz_rule *tolerant = HZ_ARENA_NEW(f->arena, hz_rule);
    *tolerant = *rule->rule;
    tolerant->tolerance = (hz_tolerance){.has_count = true, .count = 3};
    rule->rule = tolerant;
    fixture_fail(f, "household.birth.type", 3);
    f->result.incomplete = true;
    f->result.certifying = false;
    fixture_grade(f);
}

/* ---- privacy ---- */

static const char *const secrets[] = {
    "张三丰", "三丰",        "198001", "520123198001011234", "52012319800101123X", "520123198505051234", "1980/01/02",
    "/01/02", "13912345678", "139123", "secretmin",          "secretmax"};

START_TEST(test_render__no_personal_value_without_reveal)
{
    fixture f;
    open_full(&f);
    for (int format = 0; format < HZ_FORMAT_COUNT; format++) {
        if (hz_format_is_binary((hz_format)format))
            continue; /* check_faces.py looks into it */
        for (size_t lang = 0; lang < 2; lang++) {
            char *text = fixture_render(&f, (hz_format)format, (hz_render_options){.lang = langs[lang]});
            for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
                lacks(text, secrets[i]);
            has(text, "520123************");
            free(text);
        }
    }
    fixture_close(&f);
}
END_TEST

START_TEST(test_render__reveal_shows_and_says_so)
{
    fixture f;
    open_full(&f);
    char *json = fixture_render(&f, HZ_FORMAT_JSON, (hz_render_options){.reveal = true});
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.reveal = true, .lang = HZ_LANG_EN});
    has(json, "张三丰");
    has(json, "\"reveal\": true");
    has(json, "520123198001011234");
    lacks(json, "secretmin"); /* statistics of personal columns are never shown */
    has(text, "张三丰");
    has(text, "personal values are not masked");
    free(json);
    free(text);
    fixture_close(&f);
}
END_TEST

/* ---- terminal ---- */

/* Every line fits, and no unsafe character but the colours' own gets through. */
static void check_lines(const char *text, size_t width, bool color)
{
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n"), cells = 0;
        hz_slice slice = {line, len};
        for (size_t at = 0; at < len;) {
            if (color && line[at] == '\x1b') {
                size_t end = at + 1 + strspn(line + at + 1, "[0123456789");
                ck_assert_msg(line[end] == 'm', "%.*s", (int)len, line);
                at = end + 1;
                continue;
            }
            uint32_t c = hz_utf8_next(slice, &at);
            ck_assert_msg(!hz_utf8_unsafe_on_terminal(c), "U+%04X in %.*s", (unsigned)c, (int)len, line);
            cells += (size_t)hz_utf8_cell_width(c);
        }
        ck_assert_msg(cells <= width, "%zu cells in: %.*s", cells, (int)len, line);
        ck_assert_msg(!len || line[len - 1] != ' ', "blank at the end of: %.*s|", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

START_TEST(test_text__lines_fit_and_are_safe)
{
    static const unsigned widths[] = {80, 100, 132};
    fixture f;
    open_full(&f);
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        for (int variant = 0; variant < 4; variant++) {
            hz_render_options options = {.lang = langs[variant & 1], .width = widths[i], .color = variant & 2};
            char *text = fixture_render(&f, HZ_FORMAT_TEXT, options);
            check_lines(text, widths[i], options.color);
            if (!options.color)
                lacks(text, "\x1b");
            free(text);
        }
    }
    fixture_close(&f);
}
END_TEST

START_TEST(test_text__color_only_changes_color)
{
    fixture f;
    open_full(&f);
    char *plain = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_ZH});
    char *color = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_ZH, .color = true});
    has(color, "\x1b[31m");
    char *to = color;
    for (const char *from = color; *from;) {
        if (*from == '\x1b')
            from = strchr(from, 'm') + 1;
        else
            *to++ = *from++;
    }
    *to = '\0';
    ck_assert_str_eq(plain, color);
    free(plain);
    free(color);
    fixture_close(&f);
}
END_TEST

START_TEST(test_text__says_the_verdict_first)
{
    fixture f;
    open_full(&f);
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_EN});
    static const char head[] = "✗ not conformant   grade D Unqualified   score ";
    ck_assert_msg(strncmp(text, head, sizeof head - 1) == 0, "%s", text);
    has(text, "1,206 of 96,425 records have errors (1.2507%)");
    has(text, "Gates   ✗ structure   ✗ value   ✗ record   ✗ plausibility   ✓ relation\n");
    has(text, "What would earn grade C\n  - mend what these rules find: HH-FATAL\n");
    has(text, "! incomplete: a rule ended in error, or a limit was hit\n! rules were loosened locally");
    free(text);
    fixture_close(&f);
}
END_TEST

START_TEST(test_text__a_finding_has_place_values_and_carets)
{
    fixture f;
    open_full(&f);
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_ZH});
    has(text, "    household.csv:17: 登记 5 人，{成员表} 张**\n"
              "      household_id=520123001  head_name=张**  village_code=520123001002  family_size=5  note=***\n"
              "                                                                                     ^\n"
              "      应为 4  相差 1\n");
    has(text, "      household_id=520123040  head_id=520123************  birth=1980******\n"
              "                                      ^^^^^^^^^^^^^^^^^^\n");
    has(text, "    household.csv:80: 此行有 9 个字段，应为 8 个\n");
    has(text, "      = member_2.csv:12  member_id=M9  id_no=520123************\n");
    has(text, "      household_id=a\\u{1B}[31m\\u{202E}\"b\\\\u{0A}  net_income=-12.50\n"
              "                                                            ^^^^^^\n");
    has(text, "  错误 HH-012  共 1,150 处，显示 2 处\n");
    free(text);
    fixture_close(&f);
}
END_TEST

/* The caret counts cells: two for a Chinese character. */
START_TEST(test_text__carets_count_cells)
{
    fixture f;
    fixture_rich(&f);
    hz_finding *finding = &fixture_rule(&f, "household.head_id.type")->examples[0];
    finding->at.key[0].name = HZ_SLICE_LIT("户编号");
    finding->at.key[0].value = FIXTURE_SHOWN("甲01", HZ_MASK_NONE);
    finding->at.fields[0].value = FIXTURE_SHOWN("张三", HZ_MASK_NONE);
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_ZH});
    has(text, "      户编号=甲01  head_id=张三  birth=1980******\n"
              "                           ^^^^\n");
    finding->at.fields[0].value.null = true;
    free(text);
    text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_ZH});
    has(text, "      户编号=甲01  head_id=∅  birth=1980******\n"
              "                           ^\n");
    free(text);
    fixture_close(&f);
}
END_TEST

START_TEST(test_text__says_what_did_not_run)
{
    fixture f;
    open_full(&f);
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_EN});
    has(text, "Rules that ended in error (1)\n  limit match passed (at most 10): household.family_size.range\n");
    has(text, ": member.household_id.references\n");
    has(text, "[tolerated]");
    has(text, "Draft and pilot rules, not graded (1)\n  draft  HH-040  9 / 48,211\n");
    has(text, "unreadable rows: 3\n");
    has(text, "undetermined, since values were missing or invalid: 61 in 1 rules\n");
    has(text, "columns that no rule reads: household.head_name, household.note\n");
    has(text, "columns that the profile does not know: household.备注\\u{1B}[31m\n");
    has(text, "files that match no table: readme.txt\n");
    has(text, "  ✗ M-RATE  83.33% (5 / 6)  Filled rate\n      1 of 2 regions miss what is expected: 520123 50%\n");
    free(text);
    fixture_close(&f);
}
END_TEST

/* What costs conformity stands first, then what the profile warns of; one reason is one line. */
START_TEST(test_text__skips_by_what_they_cost)
{
    static const char *const ids[] = {"household.birth.type", "household.head_id.type", "household.head_id.required",
                                      "member.id_no.type"};
    static const hz_if_skipped costs[] = {HZ_SKIP_IGNORE, HZ_SKIP_WARN, HZ_SKIP_FAIL, HZ_SKIP_WARN};
    hz_rule changed[4];
    fixture f;
    fixture_open(&f, 10);
    for (size_t i = 0; i < 4; i++) {
        hz_result_rule *rule = fixture_rule(&f, ids[i]);
        changed[i] = *rule->rule;
        changed[i].if_skipped = costs[i];
        *rule = (hz_result_rule){.rule = &changed[i],
                                 .severity = rule->severity,
                                 .life = rule->life,
                                 .outcome = HZ_OUTCOME_SKIPPED,
                                 .reason = {HZ_MSG_FINDING_PRESENT, 1, {HZ_SLICE_LIT("area")}}};
    }
    fixture_grade(&f);
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_EN});
    has(text, "  must run  table area is missing: household.head_id.required\n"
              "  warning   table area is missing: household.head_id.type, member.id_no.type\n"
              "  ignored   table area is missing: household.birth.type\n");
    has(text, "rules that must run but were skipped: 1\n");
    free(text);
    fixture_close(&f);
}
END_TEST

START_TEST(test_text__a_clean_result_is_short)
{
    fixture f;
    fixture_open(&f, 1000);
    f.result.measures_count = f.result.drafts_count = 0;
    fixture_grade(&f);
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_EN});
    size_t lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    ck_assert_msg(lines <= 25, "%zu lines:\n%s", lines, text);
    static const char head[] =
        "✓ conformant   grade A Excellent   score 100.00   0 of 2,000 records have errors (0%)\n";
    ck_assert_msg(strncmp(text, head, sizeof head - 1) == 0, "%s", text);
    has(text, "Nothing was found.\n");
    free(text);
    fixture_close(&f);
}
END_TEST

START_TEST(test_text__one_noisy_rule_does_not_hide_the_others)
{
    fixture f;
    fixture_rich(&f);
    hz_result_rule *rule = fixture_rule(&f, "HH-012");
    hz_finding *many = HZ_ARENA_ARRAY(f.arena, hz_finding, 50);
    for (size_t i = 0; i < 50; i++)
        many[i] = rule->examples[0];
    rule->examples = many;
    rule->examples_count = 50;
    char *text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_EN, .text_findings_max = 8});
    has(text, "Findings (8 shown of 1,280)\n");
    has(text, "error HH-012  3 shown of 1,150\n");
    has(text, "warning MB-031  1 shown of 4\n");
    free(text);
    text = fixture_render(&f, HZ_FORMAT_TEXT, (hz_render_options){.lang = HZ_LANG_EN, .text_rules_max = 2});
    has(text, "Rules with findings (2 shown of 6)\n  fatal  HH-FATAL");
    lacks(text, "MB-031");
    free(text);
    fixture_close(&f);
}
END_TEST

/* ---- JSON ---- */

START_TEST(test_json__keys_and_shapes)
{
    fixture f;
    open_full(&f);
    char *json = fixture_render(&f, HZ_FORMAT_JSON, (hz_render_options){.lang = HZ_LANG_ZH});
    has(json, "{\n  \"hezhun\": {\"version\": \"");
    has(json, "\n    \"as_of\": \"2020-12-31\",\n");
    has(json, "\n    \"error_rate\": 0.012507,\n");
    has(json, "\n      \"timeliness\": {\"score\": null, \"rules\": 0, \"failed_rules\": 0},\n");
    has(json, "\"next_grade\": {\"grade\": \"C\", \"rules\": [\"HH-FATAL\"], \"reachable\": true, \"score\": ");
    has(json, "\"clause\": {\"standard\": \"GB/T 36344-2018\", \"section\": \"6.4\"}");
    has(json, "\"title\": {\"en\": \"Income is not negative\"}");
    has(json,
        "\"outcome\": \"skipped\", \"reason\": \"缺少表 area\", \"reason_id\": \"FINDING_PRESENT\", \"if_skipped\": ");
    has(json, "\"source\": \"household.csv\", \"line\": 80, \"key\": null, \"fields\": {}, \"offset\": 4711, "
              "\"related\": []");
    has(json, "\"source\": null, \"line\": null, \"key\": {\"left(village_code, 6)\": \"520123\"}, \"fields\": {}, "
              "\"related\": []");
    has(json, "\"expected\": \"4\", \"difference\": \"1\", \"related\": [], \"echo\": {\"note\": \"***\"}");
    has(json, "\"fingerprint\": \"00112233445566778899aabbccddeeff\"}");
    has(json, "\"fields\": {\"net_income\": \"-12.50\"}");
    has(json,
        "\"value\": 0.83333333333333, \"numerator\": 5, \"denominator\": 6, \"holds\": true, \"outcome\": \"failed\"");
    has(json, "{\"code\": \"520124\", \"level\": \"county\", \"value\": null, \"holds\": null}");
    has(json, "{\"code\": \"\", \"name\": null, \"level\": null, \"rows\": 0, ");
    has(json, "\n  \"waivers\": [],\n");
    has(json, "\n  \"run\": {\"started\": \"2021-01-05T08:00:00Z\", \"seconds\": 1.235, \"threads\": 2, \"memory\": "
              "1048576, \"host\": \"county-server\"}\n}\n");
    free(json);
    fixture_close(&f);
}
END_TEST

START_TEST(test_json__reproducible_leaves_the_run_out)
{
    fixture f;
    open_full(&f);
    char *json = fixture_render(&f, HZ_FORMAT_JSON, (hz_render_options){.reproducible = true});
    lacks(json, "county-server");
    lacks(json, "\"run\"");
    f.result.seconds = 99;
    f.result.host[0] = 'X';
    char *again = fixture_render(&f, HZ_FORMAT_JSON, (hz_render_options){.reproducible = true});
    ck_assert_str_eq(json, again);
    free(json);
    free(again);
    fixture_close(&f);
}
END_TEST

/* ---- the schema, by a real validator ---- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static int validate(const char *path, bool quiet)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (quiet)
            close(STDOUT_FILENO);
        execlp("python3", "python3", HZ_SOURCE_DIR "/tests/property/report_schema.py", path, (char *)NULL);
        _exit(77); /* no python: skipped */
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void is_valid(fixture *f, hz_render_options options, bool expected)
{
    char path[] = "report_schema_test_XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    char *json = fixture_render(f, HZ_FORMAT_JSON, options);
    write_file(path, json);
    free(json);
    int status = validate(path, !expected);
    unlink(path);
    ck_assert_msg(status == 77 || status == (expected ? 0 : 1), "status %d", status);
}

START_TEST(test_json__follows_its_schema)
{
    fixture f;
    open_full(&f);
    is_valid(&f, (hz_render_options){.lang = HZ_LANG_ZH}, true);
    is_valid(&f, (hz_render_options){.lang = HZ_LANG_EN, .reproducible = true, .reveal = true}, true);
    fixture_close(&f);
    fixture_open(&f, 0);
    fixture_grade(&f);
    is_valid(&f, (hz_render_options){.lang = HZ_LANG_EN}, true);
    fixture_rule(&f, "HH-012")->rows = 1; /* the validator must be able to fail */
    is_valid(&f, (hz_render_options){.lang = HZ_LANG_EN}, false);
    fixture_close(&f);
}
END_TEST

/* ---- faults ---- */

START_TEST(test_render__every_failed_allocation_is_reported)
{
    fixture f;
    open_full(&f);
    for (int format = 0; format < HZ_FORMAT_COUNT; format++) {
        char *whole = fixture_render(&f, (hz_format)format, (hz_render_options){.lang = HZ_LANG_EN});
        bool done = false;
        for (uint64_t n = 1; !done; n++) {
            hz_buf out = HZ_BUF_INIT;
            hz_error err = {0};
            hz_mem_fail_after(n, n % 2);
            hz_status st =
                hz_render(&out, (hz_format)format, &f.result, &(hz_render_options){.lang = HZ_LANG_EN}, &err);
            hz_mem_fail_after(0, false);
            done = st == HZ_OK;
            if (done)
                ck_assert_msg(strcmp(out.ptr, whole) == 0, "failure %d of %s went unseen", (int)n,
                              hz_format_name((hz_format)format));
            else
                ck_assert_int_eq(st, HZ_E_NOMEM);
            hz_buf_clear(&out);
            ck_assert_uint_lt(n, 20000);
        }
        free(whole);
    }
    fixture_close(&f);
}
END_TEST

START_TEST(test_render__an_unknown_format_is_refused)
{
    fixture f;
    hz_buf out = HZ_BUF_INIT;
    hz_error err = {0};
    fixture_open(&f, 1);
    fixture_grade(&f);
    ck_assert_int_eq(hz_render(&out, HZ_FORMAT_COUNT, &f.result, &(hz_render_options){.lang = HZ_LANG_EN}, &err),
                     HZ_E_INTERNAL);
    hz_buf_clear(&out);
    fixture_close(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports.render");
    TCase *tcase = tcase_create("render");
    tcase_set_timeout(tcase, 240);
    suite_add_tcase(suite, tcase);
    tcase_add_test(tcase, test_render__no_personal_value_without_reveal);
    tcase_add_test(tcase, test_render__reveal_shows_and_says_so);
    tcase_add_test(tcase, test_text__lines_fit_and_are_safe);
    tcase_add_test(tcase, test_text__color_only_changes_color);
    tcase_add_test(tcase, test_text__says_the_verdict_first);
    tcase_add_test(tcase, test_text__a_finding_has_place_values_and_carets);
    tcase_add_test(tcase, test_text__carets_count_cells);
    tcase_add_test(tcase, test_text__says_what_did_not_run);
    tcase_add_test(tcase, test_text__skips_by_what_they_cost);
    tcase_add_test(tcase, test_text__a_clean_result_is_short);
    tcase_add_test(tcase, test_text__one_noisy_rule_does_not_hide_the_others);
    tcase_add_test(tcase, test_json__keys_and_shapes);
    tcase_add_test(tcase, test_json__reproducible_leaves_the_run_out);
    tcase_add_test(tcase, test_json__follows_its_schema);
    tcase_add_test(tcase, test_render__every_failed_allocation_is_reported);
    tcase_add_test(tcase, test_render__an_unknown_format_is_refused);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
