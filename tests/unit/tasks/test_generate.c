/* test_generate.c: data from a profile: it breaks no rule, defects are found where they were put, and the same seed
 * gives the same bytes. */
#include "base/file.h"
#include "profiles/expr/pattern.h"
#include "tests/unit/tasks/tasks_kit.h"
#include "validator/tasks/generate_int.h"
#include <sys/stat.h>
#include <unistd.h>

#define HOUSEHOLDS                                                                                                     \
    "as_of: 2021-12-31\n"                                                                                              \
    "tables:\n"                                                                                                        \
    "  household:\n"                                                                                                   \
    "    key: [household_id]\n"                                                                                        \
    "    fields:\n"                                                                                                    \
    "      household_id: {type: text, pattern: '[0-9]{10,20}'}\n"                                                      \
    "      village_code: {type: division, level: village, required: true}\n"                                           \
    "      head_name: {type: text, required: true, title: {zh: 户主姓名}}\n"                                       \
    "      persons: {type: integer, min: 1, max: 20, required: true}\n"                                                \
    "      wage: {type: 'decimal(12,2)', unit: yuan, required: true}\n"                                                \
    "      other: {type: 'decimal(12,2)', unit: yuan, required: true}\n"                                               \
    "      total: {type: 'decimal(12,2)', unit: yuan, required: true}\n"                                               \
    "      kind: {codes: {a: {zh: 甲}, b: {zh: 乙}}, required: true}\n"                                              \
    "    relations:\n"                                                                                                 \
    "      members: {many: member, on: household_id, inverse: household}\n"                                            \
    "      head: {one: member, on: household_id, where: \"relation = '1'\"}\n"                                         \
    "      before: {one: household@previous, on: household_id, inverse: after}\n"                                      \
    "  member:\n"                                                                                                      \
    "    key: [member_id]\n"                                                                                           \
    "    fields:\n"                                                                                                    \
    "      member_id: {type: text, max_length: 20}\n"                                                                  \
    "      household_id: {type: text, required: true, references: household.household_id}\n"                           \
    "      name: {type: text, required: true, title: {zh: 姓名}}\n"                                                  \
    "      id_no: {type: resident_id, required: true}\n"                                                               \
    "      birth: {type: date, required: true}\n"                                                                      \
    "      sex: {codes: GB/T 2261.1, required: true}\n"                                                                \
    "      relation: {codes: {'1': {zh: 户主}, '2': {zh: 配偶}, '3': {zh: 子女}}, required: true}\n"             \
    "  dead:\n"                                                                                                        \
    "    external: true\n"                                                                                             \
    "    fields:\n"                                                                                                    \
    "      id_no: {type: resident_id}\n"                                                                               \
    "      on_day: {type: date}\n"                                                                                     \
    "    relations:\n"                                                                                                 \
    "      people: {many: member, on: id_no, inverse: deaths}\n"                                                       \
    "rules:\n"                                                                                                         \
    "  SUM: {on: household, assert: total = wage + other}\n"                                                           \
    "  SIZE: {on: household, assert: persons = count(members)}\n"                                                      \
    "  HEAD: {on: household, assert: \"count(members where relation = '1') = 1\"}\n"                                   \
    "  NAME: {on: household, assert: head_name = head.name}\n"                                                         \
    "  POOR: {on: household, when: \"kind = 'b'\", assert: 'total / persons < 4000'}\n"                                \
    "  BIRTH: {on: member, assert: birth = id_birth(id_no)}\n"                                                         \
    "  SEX: {on: member, assert: sex = id_sex(id_no)}\n"                                                               \
    "  CHILD: {on: member, when: \"relation = '3'\", assert: birth > household.head.birth}\n"                          \
    "  ADULT: {on: member, when: \"relation in ('1', '2')\", assert: 'age(birth, as_of) >= 18'}\n"                     \
    "  ALIVE: {on: member, assert: not exists(deaths)}\n"                                                              \
    "  ONCE: {on: member, unique: [id_no]}\n"                                                                          \
    "  SAME: {on: household, assert: head_name = before.head_name}\n"                                                  \
    "  CROWD: {on: member, each: household_id, assert: count(*) <= 15, severity: error}\n"                             \
    "  OWN: {on: member, each: id_no, assert: 'count(distinct *, household_id) <= 1', blame: records, severity: "      \
    "error}\n"                                                                                                         \
    "  TWIN: {on: member, similar: {block: [[birth, sex]], compare: {id_no: {by: edit}}, threshold: 1}, severity: "    \
    "error}\n"                                                                                                         \
    "  RAW: {on: member, when: raw(sex) is not null, assert: case when sex is not null then true else false end}\n"    \
    "  STAYS: {on: household@previous, assert: exists(after)}\n"

static char folder[64];

static void in_folder(void)
{
    (void)snprintf(folder, sizeof folder, "hz_generate_%ld", (long)getpid());
}

static void path_of(char *out, size_t size, const char *name)
{
    (void)snprintf(out, size, "%s/%s", folder, name);
}

static void remove_all(void)
{
    static const char *const names[] = {
        "household.csv",       "member.csv",        "dead.csv",   "previous/household.csv",
        "previous/member.csv", "previous/dead.csv", "answers.csv"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(path, sizeof path, names[i]);
        (void)unlink(path);
    }
    path_of(path, sizeof path, "previous");
    (void)rmdir(path);
    (void)rmdir(folder);
}

static hz_gen_options options_of(const kit *k, uint64_t rows, uint64_t seed)
{
    return (hz_gen_options){.profile = k->profile,
                            .lists = k->lists,
                            .limits = hz_limits_default(),
                            .rows = {HZ_SLICE_LIT("household"), rows},
                            .seed = seed,
                            .periods = 2,
                            .folder = folder,
                            .threads = 2};
}

static void generate(const hz_gen_options *options, uint64_t *defects)
{
    hz_gen *gen = NULL;
    hz_error err;
    hz_error_clear(&err);
    ck_assert_int_eq(hz_gen_run(&gen, options, &err), HZ_OK);
    ck_assert_uint_eq(gen->counted_rows, options->rows.count);
    for (size_t i = 0; i < gen->misses_count; i++)
        ck_abort_msg("%.*s could not be planted", HZ_SLICE_FMT(gen->misses[i].rules));
    if (defects)
        *defects = gen->defects;
    hz_gen_free(gen);
}

static hz_buf file_of(const char *name)
{
    char path[128];
    hz_buf bytes = HZ_BUF_INIT;
    path_of(path, sizeof path, name);
    ck_assert_int_eq(hz_file_read_all(&bytes, path, 1 << 24, "test", NULL), HZ_OK);
    return bytes;
}

static hz_result *check(const kit *k)
{
    static const char *const names[] = {"household", "member", "dead"};
    hz_buf files[6];
    hz_input inputs[6];
    hz_result *result = NULL;
    hz_limits limits = *hz_limits_default();
    limits.value[HZ_LIMIT_EXAMPLES] = 100000;
    for (size_t i = 0; i < 6; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s%s.csv", i < 3 ? "" : "previous/", names[i % 3]);
        files[i] = file_of(name);
        inputs[i] = (hz_input){.table = hz_slice_of(names[i % 3]), .bytes = hz_buf_slice(&files[i]), .period = i >= 3};
    }
    hz_run_options how = {.profile = k->profile,
                          .lists = k->lists,
                          .limits = &limits,
                          .inputs = inputs,
                          .inputs_count = 6,
                          .has_as_of = true,
                          .as_of = k->profile->as_of_day,
                          .threads = 1};
    ck_assert_int_eq(hz_run(&result, &how, NULL), HZ_OK);
    for (size_t i = 0; i < 6; i++)
        hz_buf_clear(&files[i]);
    return result;
}

START_TEST(test_generate__breaks_no_rule)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        kit k;
        kit_open(&k, HOUSEHOLDS);
        in_folder();
        hz_gen_options options = options_of(&k, 60, seed);
        generate(&options, NULL);
        hz_result *result = check(&k);
        for (size_t r = 0; r < result->rules_count; r++)
            ck_assert_msg(!result->rules[r].failed, "%.*s fails %llu times", HZ_SLICE_FMT(result->rules[r].rule->id),
                          (unsigned long long)result->rules[r].failed);
        ck_assert(result->conformant);
        ck_assert_uint_eq(result->tables[0].rows, 60);
        ck_assert_uint_gt(result->tables[1].rows, 60);
        hz_result_free(result);
        remove_all();
        kit_close(&k);
    }
}
END_TEST

START_TEST(test_generate__one_seed_one_submission)
{
    kit k;
    kit_open(&k, HOUSEHOLDS);
    in_folder();
    hz_gen_options options = options_of(&k, 40, 7);
    generate(&options, NULL);
    hz_buf first = file_of("member.csv");
    remove_all();
    options.threads = 1;
    generate(&options, NULL);
    hz_buf again = file_of("member.csv");
    remove_all();
    options.seed = 8;
    generate(&options, NULL);
    hz_buf other = file_of("member.csv");
    ck_assert(hz_slice_eq(hz_buf_slice(&first), hz_buf_slice(&again)));
    ck_assert(!hz_slice_eq(hz_buf_slice(&first), hz_buf_slice(&other)));
    hz_buf_clear(&first);
    hz_buf_clear(&again);
    hz_buf_clear(&other);
    remove_all();
    kit_close(&k);
}
END_TEST

/* One defect of each rule: it fails, and the answers name it. */
START_TEST(test_generate__defects_are_found)
{
    static const char *const rules[] = {"SUM",
                                        "SIZE",
                                        "HEAD",
                                        "NAME",
                                        "POOR",
                                        "BIRTH",
                                        "SEX",
                                        "CHILD",
                                        "ADULT",
                                        "ALIVE",
                                        "ONCE",
                                        "SAME",
                                        "STAYS",
                                        "CROWD",
                                        "OWN",
                                        "TWIN",
                                        "RAW",
                                        "household.persons.range",
                                        "household.kind.codes",
                                        "member.id_no.type",
                                        "member.birth.required",
                                        "household.household_id.pattern",
                                        "member.household_id.references"};
    enum { COUNT = sizeof rules / sizeof *rules };
    hz_gen_defect defects[COUNT];
    char answers[128];
    uint64_t planted = 0;
    kit k;
    kit_open(&k, HOUSEHOLDS);
    in_folder();
    path_of(answers, sizeof answers, "answers.csv");
    for (size_t i = 0; i < COUNT; i++)
        defects[i] = (hz_gen_defect){hz_slice_of(rules[i]), 1};
    hz_gen_options options = options_of(&k, 200, 5);
    options.defects = defects;
    options.defects_count = COUNT;
    options.answers = answers;
    generate(&options, &planted);
    ck_assert_uint_eq(planted, COUNT);
    hz_result *result = check(&k);
    hz_buf told = file_of("answers.csv");
    for (size_t i = 0; i < COUNT; i++) {
        bool failed = false;
        char line[64];
        for (size_t r = 0; r < result->rules_count; r++)
            failed = failed || (hz_slice_is(result->rules[r].rule->id, rules[i]) && result->rules[r].failed);
        (void)snprintf(line, sizeof line, "\n%s,error,", rules[i]);
        ck_assert_msg(failed, "%s was not found", rules[i]);
        ck_assert_msg(strstr(told.ptr, line) != NULL, "%s is not among the answers", rules[i]);
    }
    hz_buf_clear(&told);
    hz_result_free(result);
    remove_all();
    kit_close(&k);
}
END_TEST

/* The period before would lie before the first year: the day is refused. */
START_TEST(test_generate__years_of_all_periods)
{
    kit k;
    hz_gen *gen = NULL;
    hz_error err;
    hz_error_clear(&err);
    kit_open(
        &k, "as_of: 2021-12-31\n"
            "tables:\n"
            "  household: {key: [id], fields: {id: {type: text}, year: {type: integer, min: 2021, required: true}}}\n");
    in_folder();
    hz_gen_options options = options_of(&k, 5, 1);
    ck_assert_int_eq(hz_gen_run(&gen, &options, &err), HZ_E_USAGE);
    ck_assert_int_eq(err.message, HZ_MSG_GEN_YEAR);
    hz_gen_free(gen);
    hz_error_clear(&err);
    options.periods = 1;
    generate(&options, NULL);
    remove_all();
    kit_close(&k);
}
END_TEST

/* More defects than rows: that is told, not passed over. */
START_TEST(test_generate__room_for_defects)
{
    kit k;
    hz_gen *gen = NULL;
    hz_error err;
    hz_error_clear(&err);
    kit_open(&k, HOUSEHOLDS);
    in_folder();
    const hz_gen_defect defect = {HZ_SLICE_LIT("BIRTH"), 50};
    hz_gen_options options = options_of(&k, 4, 5);
    options.defects = &defect;
    options.defects_count = 1;
    ck_assert_int_eq(hz_gen_run(&gen, &options, &err), HZ_OK);
    ck_assert_uint_eq(gen->misses_count, 1);
    ck_assert_int_eq(gen->misses[0].why, HZ_GEN_WHY_ROOM);
    ck_assert(gen->misses[0].asked);
    ck_assert_uint_eq(gen->misses[0].rows + gen->defects, 50);
    hz_gen_free(gen);
    remove_all();
    kit_close(&k);
}
END_TEST

START_TEST(test_generate__what_cannot_hold_is_named)
{
    kit k;
    hz_gen *gen = NULL;
    hz_error err;
    hz_error_clear(&err);
    kit_open(&k, "as_of: 2021-12-31\n"
                 "tables:\n"
                 "  t: {key: [id], fields: {id: {type: text}, n: {type: integer, min: 1, required: true}}}\n"
                 "rules:\n"
                 "  NEVER: {on: t, assert: n < 0}\n");
    in_folder();
    hz_gen_options options = options_of(&k, 5, 1);
    options.rows.table = HZ_SLICE_LIT("t");
    options.periods = 1;
    ck_assert_int_eq(hz_gen_run(&gen, &options, &err), HZ_E_LIMIT);
    ck_assert_int_eq(err.message, HZ_MSG_GEN_NONE);
    bool named = false;
    for (size_t i = 0; i < gen->misses_count; i++)
        named = named || hz_slice_is(gen->misses[i].rules, "NEVER") || hz_slice_is(gen->misses[i].rules, "t.n.range");
    ck_assert(named);
    ck_assert_int_ne(access(folder, F_OK), 0);
    hz_gen_free(gen);
    kit_close(&k);
}
END_TEST

START_TEST(test_generate__numbers_have_their_check_digits)
{
    hz_semtypes *types = NULL;
    hz_semtype_options how = {.as_of = HZ_DAY_EVER};
    char text[24];
    ck_assert_int_eq(hz_semtypes_open(&types, NULL, NULL), HZ_OK);
    for (uint32_t i = 0; i < 2000; i++) {
        int32_t birth = 0;
        char sex = 0, wanted = i % 2 ? '1' : '2';
        hz_gen_resident(text, HZ_SLICE_LIT("520102"), (int32_t)(i * 9), wanted, i);
        ck_assert_int_eq(hz_semtype_check(types, HZ_SEMTYPE_RESIDENT_ID, &how, (hz_slice){text, 18}), HZ_REASON_NONE);
        ck_assert(hz_resident_id_birth(&birth, (hz_slice){text, 18}) && hz_resident_id_sex(&sex, (hz_slice){text, 18}));
        ck_assert_int_eq(birth, (int32_t)(i * 9));
        ck_assert_int_eq(sex, wanted);
        hz_gen_uscc(text, HZ_SLICE_LIT("520102"), i * 977);
        ck_assert_int_eq(hz_semtype_check(types, HZ_SEMTYPE_USCC, &how, (hz_slice){text, 18}), HZ_REASON_NONE);
        hz_gen_bank(text, i * 31);
        ck_assert(hz_luhn_ok((hz_slice){text, 19}));
    }
    hz_semtypes_close(types);
}
END_TEST

START_TEST(test_generate__texts_match_their_patterns)
{
    static const char *const patterns[] = {"[0-9]{4,8}",       "1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}",
                                           "(A|B[0-9])x+y*z?", "20[0-9]{2}[12]",
                                           "[GL].{18}",        "a|bc|(?:de){2}",
                                           "\\d{3}-\\d{2}"};
    kit k;
    hz_gen_block block;
    kit_open(&k, "tables:\n  t: {fields: {id: {type: text}}}\n");
    hz_gen_plan plan = {.profile = k.profile};
    ck_assert_int_eq(hz_gen_block_init(&block, &plan, 1, 3, NULL), HZ_OK);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        hz_pattern_mistake mistake;
        hz_pattern_scratch *scratch = NULL;
        hz_pattern *pattern = NULL;
        void *code = NULL;
        hz_slice text = hz_slice_of(patterns[i]);
        ck_assert_int_eq(hz_pattern_compile(&code, text, &mistake, NULL), HZ_OK);
        ck_assert_int_eq(hz_profile_keep_pattern(k.profile, code, NULL), HZ_OK);
        ck_assert_int_eq(hz_pattern_new(&pattern, text, code, hz_limits_default(), false, NULL), HZ_OK);
        for (int n = 0; n < 100; n++) {
            bool matches = false;
            hz_slice made = hz_gen_from_pattern(&block, text);
            ck_assert_int_eq(hz_pattern_match(&matches, pattern, &scratch, made, NULL), HZ_OK);
            ck_assert_msg(matches, "%.*s is not %s", HZ_SLICE_FMT(made), patterns[i]);
        }
        hz_pattern_scratch_free(scratch);
        hz_pattern_free(pattern);
    }
    hz_gen_block_clear(&block);
    kit_close(&k);
}
END_TEST

START_TEST(test_generate__like)
{
    static const struct {
        const char *text, *pattern;
        bool holds;
    } cases[] = {{"本科一年级", "本科%", true}, {"大专", "本科%", false}, {"abc", "a_c", true},
                 {"abbc", "a_c", false},        {"商品房", "%品_", true}, {"商品房屋", "%品_", false},
                 {"a%b", "a\\%b", true},        {"axb", "a\\%b", false},  {"", "%", true},
                 {"aab", "%ab", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(hz_gen_like(hz_slice_of(cases[i].text), hz_slice_of(cases[i].pattern)) == cases[i].holds, "%s %s",
                      cases[i].text, cases[i].pattern);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.generate");
    TCase *whole = tcase_create("whole"), *parts = tcase_create("parts");
    tcase_set_timeout(whole, 240);
    tcase_set_timeout(parts, 60);
    tcase_add_test(whole, test_generate__breaks_no_rule);
    tcase_add_test(whole, test_generate__one_seed_one_submission);
    tcase_add_test(whole, test_generate__defects_are_found);
    tcase_add_test(whole, test_generate__years_of_all_periods);
    tcase_add_test(whole, test_generate__room_for_defects);
    tcase_add_test(whole, test_generate__what_cannot_hold_is_named);
    tcase_add_test(parts, test_generate__numbers_have_their_check_digits);
    tcase_add_test(parts, test_generate__texts_match_their_patterns);
    tcase_add_test(parts, test_generate__like);
    suite_add_tcase(suite, whole);
    suite_add_tcase(suite, parts);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
