/* fixture.h: a profile from text and a result filled by hand, as an engine would leave it before hz_grade. */
#ifndef HZ_TESTS_UNIT_REPORTS_FIXTURE_H
#define HZ_TESTS_UNIT_REPORTS_FIXTURE_H
#include "profiles/load.h"
#include "reports/grade.h"
#include "reports/render.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define FIXTURE_UNUSED __attribute__((unused))

typedef struct fixture {
    hz_arena *arena; /* of the result */
    hz_lists *lists;
    hz_profile *profile;
    hz_result result;
} fixture;

static const char fixture_yaml[] =
    "hezhun: 1\n"
    "profile: cn.poverty-registry\n"
    "version: 2.1.0\n"
    "title: {zh: 建档立卡信息核查规范, en: Poverty household registry}\n"
    "status: published\n"
    "params:\n"
    "  poverty_line: {type: decimal, default: 4000}\n"
    "tables:\n"
    "  household:\n"
    "    title: {zh: 贫困户}\n"
    "    key: [household_id]\n"
    "    region: village_code\n"
    "    unknown_columns: warning\n"
    "    fields:\n"
    "      household_id: {type: text, title: {zh: 户编号}}\n"
    "      head_name: {type: text, sensitivity: personal, title: {zh: 户主姓名, en: name of the head}}\n"
    "      head_id: {type: resident_id, required: true, title: {zh: 户主证件号}}\n"
    "      birth: {type: date, sensitivity: personal}\n"
    "      village_code: {type: text}\n"
    "      family_size: {type: integer, min: 1, max: 30}\n"
    "      net_income: {type: 'decimal(12,2)', severity: warning}\n"
    "      note: {type: text}\n"
    "  member:\n"
    "    key: [member_id]\n"
    "    fields:\n"
    "      member_id: {type: text}\n"
    "      household_id: {type: text, references: household.household_id}\n"
    "      id_no: {type: resident_id}\n"
    "  vehicle:\n"
    "    external: true\n"
    "    fields:\n"
    "      owner_id: {type: text}\n"
    "rules:\n"
    "  HH-012:\n"
    "    on: household\n"
    "    title: {zh: 家庭人口数与成员数一致, en: Family size equals number of members}\n"
    "    when: village_code is not null\n"
    "    assert: family_size = 4\n"
    "    message: {zh: '登记 {family_size} 人，{{成员表}} {head_name}'}\n"
    "    clause: {standard: GB/T 36344-2018, section: '6.4'}\n"
    "    tolerance: {rate: 0.001, count: 50}\n"
    "  HH-FATAL:\n"
    "    on: household\n"
    "    title: {en: Income is not negative}\n"
    "    assert: net_income >= 0\n"
    "    severity: fatal\n"
    "    known_issues: {en: negative in 2016 exports}\n"
    "  MB-031:\n"
    "    on: member\n"
    "    unique: [id_no]\n"
    "    severity: warning\n"
    "  DS-002:\n"
    "    on: household\n"
    "    each: 'left(village_code, 6)'\n"
    "    assert: count(* where family_size is null) <= 0.05 * count(*)\n"
    "  HH-040:\n"
    "    on: household\n"
    "    status: draft\n"
    "    assert: family_size < 20\n"
    "measures:\n"
    "  M-RATE:\n"
    "    on: household\n"
    "    title: {zh: 填报率, en: Filled rate}\n"
    "    value: count(* where family_size is not null) / count(*)\n"
    "    unit: percent\n"
    "    expect: value >= 0.8\n"
    "    severity: warning\n"
    "grading:\n"
    "  weights: {normativity: 15, completeness: 20, accuracy: 25, consistency: 25, timeliness: 10, accessibility: 5}\n"
    "  grades:\n"
    "    - {grade: A, title: {zh: 优秀, en: Excellent}, min_score: 98, max: {fatal: 0, error_rate: 0.001}}\n"
    "    - {grade: B, title: {zh: 良好, en: Good}, min_score: 95, max: {fatal: 0, error_rate.member: 0.01}}\n"
    "    - {grade: C, title: {zh: 合格}, min_score: 85, max: {fatal: 0}}\n"
    "    - {grade: D, title: {zh: 不合格, en: Unqualified}}\n";

static void fixture_load(fixture *f, const char *yaml)
{
    hz_error err = {0};
    hz_diags diags;
    *f = (fixture){.arena = hz_arena_new()};
    ck_assert_ptr_nonnull(f->arena);
    ck_assert_int_eq(hz_lists_open(&f->lists, NULL, hz_limits_default(), &err), HZ_OK);
    hz_diags_init(&diags, f->arena, 100);
    hz_load load = {f->lists, hz_limits_default(), NULL};
    hz_status st = hz_profile_load_bytes(&f->profile, hz_slice_of(yaml), HZ_SLICE_LIT("profile.yaml"), HZ_SLICE_NONE,
                                         &load, &diags, &err);
    for (size_t i = 0; i < diags.count && st != HZ_OK; i++) {
        hz_buf text = HZ_BUF_INIT;
        hz_diag_render(&text, &diags.items[i], HZ_LANG_EN);
        fprintf(stderr, "%.*s", HZ_SLICE_FMT(hz_buf_slice(&text)));
        hz_buf_clear(&text);
    }
    ck_assert_int_eq(st, HZ_OK);
    hz_diags_clear(&diags);
    hz_result *result = &f->result;
    result->arena = f->arena;
    result->profile = f->profile;
    result->lists_store = f->lists;
    result->certifying = true;
}

static void fixture_close(fixture *f)
{
    hz_profile_free(f->profile);
    hz_lists_close(f->lists);
    hz_arena_free(f->arena);
}

/* Tables of the profile but the built-in one, all there, `rows` rows each; rules as they stand, passed on all rows. */
static void fixture_fill(fixture *f, uint64_t rows)
{
    hz_result *result = &f->result;
    const hz_profile *profile = f->profile;
    result->tables = HZ_ARENA_ARRAY(f->arena, hz_result_table, profile->tables_count);
    result->rules = HZ_ARENA_ARRAY(f->arena, hz_result_rule, profile->rules_count);
    result->drafts = HZ_ARENA_ARRAY(f->arena, hz_result_rule, profile->rules_count);
    result->measures = HZ_ARENA_ARRAY(f->arena, hz_result_measure, profile->measures_count + 1);
    for (size_t i = 0; i < profile->tables_count; i++) {
        const hz_table *table = &profile->tables[i];
        if (table->builtin)
            continue;
        result->tables[result->tables_count++] = (hz_result_table){.table = table,
                                                                   .name = table->name,
                                                                   .present = !table->external,
                                                                   .counts = !table->external,
                                                                   .rows = table->external ? 0 : rows};
    }
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        bool draft = rule->status == HZ_LIFE_DRAFT || rule->status == HZ_LIFE_PILOT;
        hz_result_rule one = {.rule = rule, .severity = rule->severity, .life = rule->status};
        if (rule->table->external) {
            one.outcome = HZ_OUTCOME_SKIPPED;
            one.reason = (hz_said){HZ_MSG_FINDING_PRESENT, 1, {rule->table->name}};
        } else {
            one.rows = one.evaluated = one.passed = rows;
            one.outcome = HZ_OUTCOME_PASSED;
        }
        if (draft)
            result->drafts[result->drafts_count++] = one;
        else
            result->rules[result->rules_count++] = one;
    }
    for (size_t i = 0; i < profile->measures_count; i++)
        result->measures[result->measures_count++] =
            (hz_result_measure){.measure = &profile->measures[i], .outcome = HZ_OUTCOME_PASSED};
}

FIXTURE_UNUSED static hz_result_rule *fixture_rule(fixture *f, const char *id)
{
    for (size_t i = 0; i < f->result.rules_count; i++)
        if (hz_slice_is(f->result.rules[i].rule->id, id))
            return &f->result.rules[i];
    for (size_t i = 0; i < f->result.drafts_count; i++)
        if (hz_slice_is(f->result.drafts[i].rule->id, id))
            return &f->result.drafts[i];
    ck_abort_msg("no rule %s", id);
    return NULL;
}

/* So many failures among what was evaluated; the outcome follows. */
FIXTURE_UNUSED static hz_result_rule *fixture_fail(fixture *f, const char *id, uint64_t failed)
{
    hz_result_rule *rule = fixture_rule(f, id);
    rule->failed = failed;
    rule->passed = rule->evaluated - failed;
    rule->outcome = hz_rule_outcome(rule->rule, 0, 0, rule->evaluated, failed);
    return rule;
}

FIXTURE_UNUSED static void fixture_grade(fixture *f)
{
    hz_error err = {0};
    ck_assert_int_eq(hz_grade(&f->result, &err), HZ_OK);
}

FIXTURE_UNUSED static void fixture_open(fixture *f, uint64_t rows)
{
    fixture_load(f, fixture_yaml);
    fixture_fill(f, rows);
}

/* Text with a NUL, to compare and search. */
FIXTURE_UNUSED static char *fixture_render(const fixture *f, hz_format format, hz_render_options options)
{
    hz_buf out = HZ_BUF_INIT;
    hz_error err = {0};
    ck_assert_int_eq(hz_render(&out, format, &f->result, &options, &err), HZ_OK);
    char *text = malloc(out.len + 1);
    ck_assert_ptr_nonnull(text);
    memcpy(text, out.ptr, out.len + 1);
    hz_buf_clear(&out);
    return text;
}

#define FIXTURE_SHOWN(lit, how) ((hz_shown){HZ_SLICE_LIT(lit), (how), false})

/* A full report: failures of several kinds with examples, personal values everywhere they may stand, regions, measures,
 * a skip, a draft. */
FIXTURE_UNUSED static void fixture_rich(fixture *f)
{
    fixture_open(f, 48211);
    hz_arena *arena = f->arena;
    hz_result *result = &f->result;
    result->has_as_of = true;
    result->as_of = 18627;
    hz_result_table *household = &result->tables[0], *member = &result->tables[1];
    household->bad_rows = 3;
    household->records_with_errors = 1203;
    household->sources_count = 1;
    household->sources = HZ_ARENA_ARRAY(arena, hz_result_source, 1);
    household->sources[0] = (hz_result_source){.path = HZ_SLICE_LIT("household.csv"),
                                               .format = HZ_SLICE_LIT("csv"),
                                               .bytes = 5242880,
                                               .rows = 48211,
                                               .bad_rows = 3,
                                               .encoding = HZ_SLICE_LIT("UTF-8"),
                                               .delimiter = ','};
    member->sources_count = 2;
    member->sources = HZ_ARENA_ARRAY(arena, hz_result_source, 2);
    member->sources[0] = (hz_result_source){.path = HZ_SLICE_LIT("member_1.csv"),
                                            .format = HZ_SLICE_LIT("csv"),
                                            .rows = 48000,
                                            .encoding = HZ_SLICE_LIT("UTF-8"),
                                            .delimiter = '\t'};
    member->sources[1] = (hz_result_source){.path = HZ_SLICE_LIT("member_2.csv"),
                                            .format = HZ_SLICE_LIT("csv"),
                                            .rows = 211,
                                            .encoding = HZ_SLICE_LIT("GB18030"),
                                            .delimiter = ','};
    household->columns_count = household->table->fields_count;
    household->columns = HZ_ARENA_ARRAY(arena, hz_result_column, household->columns_count);
    for (size_t i = 0; i < household->columns_count; i++) {
        const hz_field *field = &household->table->fields[i];
        hz_result_column *column = &household->columns[i];
        *column = (hz_result_column){.name = field->name,
                                     .type = HZ_SLICE_LIT("text"),
                                     .field = field,
                                     .personal = field->mask != HZ_MASK_NONE,
                                     .missing = i,
                                     .distinct = 100 + i};
        column->has_min = column->has_max = true;
        column->min = HZ_SLICE_LIT("secretmin");
        column->max = HZ_SLICE_LIT("secretmax");
        if (!column->personal) {
            column->min = HZ_SLICE_LIT("1");
            column->max = HZ_SLICE_LIT("30");
            column->has_mean = i == 5;
            column->mean = HZ_SLICE_LIT("3.141593");
            column->histogram_count = i == 5;
            column->histogram = HZ_ARENA_ARRAY(arena, hz_bin, 1);
            column->histogram[0] = (hz_bin){HZ_SLICE_LIT("1"), HZ_SLICE_LIT("2"), 7};
        }
    }
    household->unknown_columns_count = 1;
    household->unknown_columns = HZ_ARENA_ARRAY(arena, hz_slice, 1);
    household->unknown_columns[0] = HZ_SLICE_LIT("备注\x1b[31m");
    result->ignored_count = 1;
    result->ignored = HZ_ARENA_ARRAY(arena, hz_slice, 1);
    result->ignored[0] = HZ_SLICE_LIT("readme.txt");
    result->params_count = 1;
    result->params = HZ_ARENA_ARRAY(arena, hz_result_param, 1);
    result->params[0] = (hz_result_param){HZ_SLICE_LIT("poverty_line"), HZ_SLICE_LIT("4000"), true};
    result->lists_count = 1;
    result->lists = HZ_ARENA_ARRAY(arena, hz_list_used, 1);
    result->lists[0] = (hz_list_used){.id = HZ_SLICE_LIT("GB/T 2260"), .edition = HZ_SLICE_LIT("2007")};

    /* HH-012: a template, a comparison, personal name in the message, three fields */
    hz_result_rule *rule = fixture_fail(f, "HH-012", 1150);
    rule->undetermined = 61;
    rule->evaluated -= 61;
    rule->passed -= 61;
    rule->examples_count = 2;
    rule->examples = HZ_ARENA_ARRAY(arena, hz_finding, 2);
    for (size_t i = 0; i < 2; i++) {
        hz_finding *finding = &rule->examples[i];
        *finding = (hz_finding){.rule = (uint32_t)(rule - result->rules),
                                .severity = HZ_SEVERITY_ERROR,
                                .has_expected = true,
                                .has_difference = true};
        finding->at = (hz_place){.table = 0,
                                 .source = 0,
                                 .record = 15 + i,
                                 .line = 17 + i,
                                 .offset_bytes = 900,
                                 .key_count = 1,
                                 .fields_count = 3};
        finding->at.key = HZ_ARENA_ARRAY(arena, hz_named, 1);
        finding->at.key[0] =
            (hz_named){.name = HZ_SLICE_LIT("household_id"), .value = FIXTURE_SHOWN("520123001", HZ_MASK_NONE)};
        finding->at.fields = HZ_ARENA_ARRAY(arena, hz_named, 3);
        finding->at.fields[0] =
            (hz_named){.name = HZ_SLICE_LIT("head_name"), .value = FIXTURE_SHOWN("张三丰", HZ_MASK_NAME)};
        finding->at.fields[1] =
            (hz_named){.name = HZ_SLICE_LIT("village_code"), .value = FIXTURE_SHOWN("520123001002", HZ_MASK_NONE)};
        finding->at.fields[2] =
            (hz_named){.name = HZ_SLICE_LIT("family_size"), .value = FIXTURE_SHOWN("5", HZ_MASK_NONE)};
        finding->expected = FIXTURE_SHOWN("4", HZ_MASK_NONE);
        finding->difference = FIXTURE_SHOWN("1", HZ_MASK_NONE);
        finding->template_zh = &rule->rule->message_zh;
        finding->values_zh = HZ_ARENA_ARRAY(arena, hz_shown, 2);
        finding->values_zh[0] = FIXTURE_SHOWN("5", HZ_MASK_NONE);
        finding->values_zh[1] = FIXTURE_SHOWN("张三丰", HZ_MASK_NAME);
        finding->echo_count = 1;
        finding->echo = HZ_ARENA_ARRAY(arena, hz_named, 1);
        finding->echo[0] =
            (hz_named){.name = HZ_SLICE_LIT("note"), .value = FIXTURE_SHOWN("13912345678", HZ_MASK_WHOLE)};
        snprintf(finding->fingerprint, sizeof finding->fingerprint, "%s", "00112233445566778899aabbccddeeff");
    }
    rule = fixture_fail(f, "household.head_id.type", 120);
    rule->examples_count = 1;
    rule->examples = HZ_ARENA_ARRAY(arena, hz_finding, 1);
    rule->examples[0] = (hz_finding){.rule = (uint32_t)(rule - result->rules),
                                     .severity = HZ_SEVERITY_ERROR,
                                     .reason = "check",
                                     .message = HZ_MSG_FINDING_TYPE,
                                     .args_count = 3};
    rule->examples[0].args = HZ_ARENA_ARRAY(arena, hz_shown, 3);
    rule->examples[0].args[0] = FIXTURE_SHOWN("head_id", HZ_MASK_NONE);
    rule->examples[0].args[1] = FIXTURE_SHOWN("resident_id", HZ_MASK_NONE);
    rule->examples[0].args[2] = FIXTURE_SHOWN("520123198001011234", HZ_MASK_ID);
    rule->examples[0].at =
        (hz_place){.table = 0, .source = 0, .record = 40, .line = 42, .key_count = 1, .fields_count = 2};
    rule->examples[0].at.key = HZ_ARENA_ARRAY(arena, hz_named, 1);
    rule->examples[0].at.key[0] =
        (hz_named){.name = HZ_SLICE_LIT("household_id"), .value = FIXTURE_SHOWN("520123040", HZ_MASK_NONE)};
    rule->examples[0].at.fields = HZ_ARENA_ARRAY(arena, hz_named, 2);
    rule->examples[0].at.fields[0] =
        (hz_named){.name = HZ_SLICE_LIT("head_id"), .value = FIXTURE_SHOWN("520123198001011234", HZ_MASK_ID)};
    rule->examples[0].at.fields[1] =
        (hz_named){.name = HZ_SLICE_LIT("birth"), .value = FIXTURE_SHOWN("1980/01/02", HZ_MASK_DATE)};
    rule->examples[0].has_repair = true;
    rule->examples[0].repair = FIXTURE_SHOWN("52012319800101123X", HZ_MASK_ID);

    /* fatal, a default message, NULL on one side */
    rule = fixture_fail(f, "HH-FATAL", 2);
    rule->examples_count = 1;
    rule->examples = HZ_ARENA_ARRAY(arena, hz_finding, 1);
    rule->examples[0] = (hz_finding){.rule = (uint32_t)(rule - result->rules),
                                     .severity = HZ_SEVERITY_FATAL,
                                     .message = HZ_MSG_FINDING_ASSERT_COMPARE,
                                     .args_count = 4};
    rule->examples[0].args = HZ_ARENA_ARRAY(arena, hz_shown, 4);
    rule->examples[0].args[0] = FIXTURE_SHOWN("net_income", HZ_MASK_NONE);
    rule->examples[0].args[1] = FIXTURE_SHOWN("-12.50", HZ_MASK_NONE);
    rule->examples[0].args[2] = FIXTURE_SHOWN("0", HZ_MASK_NONE);
    rule->examples[0].args[3] = FIXTURE_SHOWN("0", HZ_MASK_NONE);
    rule->examples[0].at =
        (hz_place){.table = 0, .source = 0, .record = 1, .line = 3, .key_count = 1, .fields_count = 1};
    rule->examples[0].at.key = HZ_ARENA_ARRAY(arena, hz_named, 1);
    rule->examples[0].at.key[0] = (hz_named){.name = HZ_SLICE_LIT("household_id"),
                                             .value = FIXTURE_SHOWN("a\x1b[31m\u202E\"b\\\n", HZ_MASK_NONE)};
    rule->examples[0].at.fields = HZ_ARENA_ARRAY(arena, hz_named, 1);
    rule->examples[0].at.fields[0] =
        (hz_named){.name = HZ_SLICE_LIT("net_income"), .value = FIXTURE_SHOWN("-12.50", HZ_MASK_NONE)};

    /* unique: groups and related records */
    rule = fixture_fail(f, "MB-031", 4);
    rule->has_groups = true;
    rule->groups = 2;
    rule->examples_count = 1;
    rule->examples = HZ_ARENA_ARRAY(arena, hz_finding, 1);
    rule->examples[0] = (hz_finding){.rule = (uint32_t)(rule - result->rules),
                                     .severity = HZ_SEVERITY_WARNING,
                                     .message = HZ_MSG_FINDING_UNIQUE,
                                     .args_count = 3};
    rule->examples[0].args = HZ_ARENA_ARRAY(arena, hz_shown, 3);
    rule->examples[0].args[0] = FIXTURE_SHOWN("id_no", HZ_MASK_NONE);
    rule->examples[0].args[1] = FIXTURE_SHOWN("520123198505051234", HZ_MASK_ID);
    rule->examples[0].args[2] = FIXTURE_SHOWN("1", HZ_MASK_NONE);
    rule->examples[0].at =
        (hz_place){.table = 1, .source = 1, .record = 7, .line = 9, .key_count = 1, .fields_count = 1};
    rule->examples[0].at.key = HZ_ARENA_ARRAY(arena, hz_named, 1);
    rule->examples[0].at.key[0] =
        (hz_named){.name = HZ_SLICE_LIT("member_id"), .value = FIXTURE_SHOWN("M9", HZ_MASK_NONE)};
    rule->examples[0].at.fields = HZ_ARENA_ARRAY(arena, hz_named, 1);
    rule->examples[0].at.fields[0] =
        (hz_named){.name = HZ_SLICE_LIT("id_no"), .value = FIXTURE_SHOWN("520123198505051234", HZ_MASK_ID)};
    rule->examples[0].related_count = 1;
    rule->examples[0].related = HZ_ARENA_ARRAY(arena, hz_place, 1);
    rule->examples[0].related[0] = rule->examples[0].at;
    rule->examples[0].related[0].line = 12;

    /* a group finding */
    rule = fixture_fail(f, "DS-002", 1);
    rule->rows = rule->evaluated = 12;
    rule->passed = 11;
    rule->has_unkeyed = true;
    rule->unkeyed = 5;
    rule->examples_count = 1;
    rule->examples = HZ_ARENA_ARRAY(arena, hz_finding, 1);
    rule->examples[0] = (hz_finding){.rule = (uint32_t)(rule - result->rules),
                                     .severity = HZ_SEVERITY_ERROR,
                                     .group = true,
                                     .message = HZ_MSG_FINDING_ASSERT_COMPARE,
                                     .args_count = 4};
    rule->examples[0].args = HZ_ARENA_ARRAY(arena, hz_shown, 4);
    rule->examples[0].args[0] = FIXTURE_SHOWN("count(* where family_size is null)", HZ_MASK_NONE);
    rule->examples[0].args[1] = FIXTURE_SHOWN("812", HZ_MASK_NONE);
    rule->examples[0].args[2] = FIXTURE_SHOWN("0.05 * count(*)", HZ_MASK_NONE);
    rule->examples[0].args[3] = FIXTURE_SHOWN("210.55", HZ_MASK_NONE);
    rule->examples[0].at = (hz_place){.table = 0, .source = UINT32_MAX, .key_count = 1};
    rule->examples[0].at.key = HZ_ARENA_ARRAY(arena, hz_named, 1);
    rule->examples[0].at.key[0] =
        (hz_named){.name = HZ_SLICE_LIT("left(village_code, 6)"), .value = FIXTURE_SHOWN("520123", HZ_MASK_NONE)};

    /* structure */
    rule = fixture_fail(f, "household.rows", 3);
    rule->examples_count = 1;
    rule->examples = HZ_ARENA_ARRAY(arena, hz_finding, 1);
    rule->examples[0] = (hz_finding){.rule = (uint32_t)(rule - result->rules),
                                     .severity = HZ_SEVERITY_ERROR,
                                     .message = HZ_MSG_FINDING_ROW_FIELDS,
                                     .args_count = 2};
    rule->examples[0].args = HZ_ARENA_ARRAY(arena, hz_shown, 2);
    rule->examples[0].args[0] = FIXTURE_SHOWN("9", HZ_MASK_NONE);
    rule->examples[0].args[1] = FIXTURE_SHOWN("8", HZ_MASK_NONE);
    rule->examples[0].at = (hz_place){.table = 0, .source = 0, .record = 77, .line = 80, .offset_bytes = 4711};

    rule = fixture_rule(f, "HH-040");
    rule->failed = 9;
    rule->passed -= 9;
    rule->outcome = HZ_OUTCOME_FAILED;

    /* regions and measures */
    static const char *const codes[] = {"", "52", "5201", "520123", "520124"};
    result->regions_count = 5;
    result->regions = HZ_ARENA_ARRAY(arena, hz_result_region, 5);
    for (size_t i = 0; i < 5; i++) {
        hz_result_region *region = &result->regions[i];
        snprintf(region->code, sizeof region->code, "%s", codes[i]);
        region->level = i == 0 ? HZ_LEVEL_ANY : i < 4 ? (hz_division_level)i : HZ_LEVEL_COUNTY;
        region->rows = 1000 * i;
        region->findings = 7 * i;
        region->records_with_errors = 5 * i;
        region->has_score = i > 0;
        region->score = (hz_decimal){99500000 - (hz_int128)i * 1234567, 6};
        region->grade = i > 0 ? 0 : UINT32_MAX;
        if (i == 3)
            region->name = (hz_text2){HZ_SLICE_LIT("修文县"), HZ_SLICE_NONE};
    }
    hz_result_measure *measure = &result->measures[0];
    measure->outcome = HZ_OUTCOME_FAILED;
    measure->whole = (hz_ratio){true, {INT64_C(83333333333333), 14}, true, {5, 0}, {6, 0}};
    measure->whole_verdict = HZ_VERDICT_TRUE;
    measure->regions_count = 2;
    measure->regions = HZ_ARENA_ARRAY(arena, struct hz_result_measure_region, 2);
    snprintf(measure->regions[0].code, sizeof measure->regions[0].code, "%s", "520123");
    measure->regions[0].level = HZ_LEVEL_COUNTY;
    measure->regions[0].value = (hz_ratio){true, {5, 1}, true, {1, 0}, {2, 0}};
    measure->regions[0].verdict = HZ_VERDICT_FALSE;
    snprintf(measure->regions[1].code, sizeof measure->regions[1].code, "%s", "520124");
    measure->regions[1].level = HZ_LEVEL_COUNTY;
    measure->regions[1].value = (hz_ratio){.has_value = false};
    measure->regions[1].verdict = HZ_VERDICT_UNKNOWN;
    snprintf(result->started, sizeof result->started, "%s", "2021-01-05T08:00:00Z");
    result->seconds = 1.2345;
    result->threads = 2;
    result->memory_bytes = 1 << 20;
    snprintf(result->host, sizeof result->host, "%s", "county-server");
    fixture_grade(f);
}
#endif
