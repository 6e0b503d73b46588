/* Examples of rules through the engine: what comes of them, whatever the kind of rule. */
#include "tests/unit/tasks/tasks_kit.h"
#include "validator/tasks/test.h"

static const char tables[] = "params: {most: {type: integer, default: 5}}\n"
                             "tables:\n"
                             "  house:\n"
                             "    key: [id]\n"
                             "    nulls: [none]\n"
                             "    fields: {id: {type: text}, size: {type: integer}, kind: {codes: {\"1\": a, \"2\": "
                             "b}}, place: {type: division}}\n"
                             "    relations:\n"
                             "      people: {many: person, on: {id: house}, inverse: home}\n"
                             "      before: {one: house@previous, on: id}\n"
                             "  person:\n"
                             "    fields: {house: {type: text}, name: {type: text}, born: {type: date}}\n"
                             "  car:\n"
                             "    external: true\n"
                             "    fields: {owner: {type: text}}\n"
                             "rules:\n";

static const struct {
    const char *rule, *test; /* pass, fail or undetermined, then the example */
    hz_came came;
    bool held;
} cases[] = {
    {"on: house, assert: size > 3", "pass: [{house: {size: 4}}]", HZ_CAME_PASS, true},
    {"on: house, assert: size > 3", "fail: [{house: {size: 3}}]", HZ_CAME_FAIL, true},
    {"on: house, assert: size > 3", "pass: [{house: {size: 3}}]", HZ_CAME_FAIL, false},
    {"on: house, assert: size > 3", "fail: [{house: {size: 4}}]", HZ_CAME_PASS, false},
    {"on: house, assert: size > 3", "undetermined: [{house: {id: a}}]", HZ_CAME_UNDETERMINED, true},
    {"on: house, assert: size > 3", "undetermined: [{house: {size: }}]", HZ_CAME_UNDETERMINED, true},
    {"on: house, assert: size > 3", "undetermined: [{house: {size: none}}]", HZ_CAME_UNDETERMINED, true},
    {"on: house, assert: size > 3", "undetermined: [{house: {size: x}}]", HZ_CAME_UNDETERMINED, true},
    {"on: house, assert: size > 3", "undetermined: [{house: [{size: 4}, {size: x}]}]", HZ_CAME_PASS, true},
    {"on: house, assert: size > 3", "undetermined: [{house: [{size: 3}, {size: x}]}]", HZ_CAME_FAIL, false},
    {"on: house, assert: size > 3", "pass: [{house: {size: x}}]", HZ_CAME_UNDETERMINED, false},
    {"on: house, assert: size > 3", "pass: [{person: {name: x}}]", HZ_CAME_NOT_APPLICABLE, true},
    {"on: house, when: size > 9, assert: size > 3", "pass: [{house: {size: 4}}]", HZ_CAME_NOT_APPLICABLE, true},
    {"on: house, when: size > 9, assert: size > 3", "fail: [{house: {size: 4}}]", HZ_CAME_NOT_APPLICABLE, false},
    {"on: house, assert: id = ''", "pass: [{house: {id: \"\"}}]", HZ_CAME_PASS, true},
    {"on: house, assert: \"id = 'a\\\"b,c'\"", "pass: [{house: {id: \"a\\\"b,c\"}}]", HZ_CAME_PASS, true},
    {"on: house, assert: \"id like 'a%b'\"", "pass: [{house: {id: \"a\\nb\"}}]", HZ_CAME_PASS, true},
    {"on: house, assert: \"kind = '1'\"", "undetermined: [{house: {kind: \"3\"}}]", HZ_CAME_UNDETERMINED, true},
    {"on: house, assert: size <= most", "fail: [{house: {size: 6}}]", HZ_CAME_FAIL, true},
    {"on: person, assert: born <= as_of", "fail: [{person: {born: 2020-01-02}}]", HZ_CAME_FAIL, true},
    {"on: house, status: draft, assert: size > 3", "fail: [{house: {size: 3}}]", HZ_CAME_FAIL, true},
    {"on: house, effective: 2030-01-01, assert: size > 3", "fail: [{house: {size: 3}}]", HZ_CAME_FAIL, true},
    {"on: house, tolerance: {rate: 0.9}, assert: size > 3", "fail: [{house: {size: 3}}]", HZ_CAME_FAIL, true},
    {"on: house, assert: size = count(people)", "pass: [{house: {id: a, size: 0}}]", HZ_CAME_PASS, true},
    {"on: house, assert: size = count(people)", "pass: [{house: {id: a, size: 1}, person: [{house: a}, {house: b}]}]",
     HZ_CAME_PASS, true},
    {"on: house, assert: size = count(people)", "fail: [{house: {id: a, size: 2}, person: {house: a}}]", HZ_CAME_FAIL,
     true},
    {"on: person, assert: home.size > 1", "fail: [{person: {house: a}, house: {id: a, size: 1}}]", HZ_CAME_FAIL, true},
    {"on: person, assert: home.size > 1", "undetermined: [{person: {house: a}}]", HZ_CAME_UNDETERMINED, true},
    {"on: house, assert: size >= before.size", "fail: [{house: {id: a, size: 1}, house@previous: {id: a, size: 2}}]",
     HZ_CAME_FAIL, true},
    {"on: house, assert: size >= before.size", "undetermined: [{house: {id: a, size: 1}}]", HZ_CAME_UNDETERMINED, true},
    {"on: house@previous, assert: size > 3", "fail: [{house@previous: {size: 1}}]", HZ_CAME_FAIL, true},
    {"on: person, unique: [house, name]", "fail: [{person: [{house: a, name: x}, {house: a, name: x}]}]", HZ_CAME_FAIL,
     true},
    {"on: person, unique: [house, name]", "pass: [{person: [{house: a, name: x}, {house: a, name: y}]}]", HZ_CAME_PASS,
     true},
    {"on: person, references: house.id, fields: [house]", "fail: [{person: {house: a}, house: {id: b}}]", HZ_CAME_FAIL,
     true},
    {"on: person, references: house.id, fields: [house]", "pass: [{person: {house: a}, house: {id: a}}]", HZ_CAME_PASS,
     true},
    {"on: person, each: house, assert: \"count(*) <= 1\"", "fail: [{person: [{house: a}, {house: a}]}]", HZ_CAME_FAIL,
     true},
    {"on: person, assert: \"count(*) >= 2\"", "fail: [{person: {house: a}}]", HZ_CAME_FAIL, true},
    {"on: sources, assert: bad_rows = 0", "fail: [{sources: {bad_rows: 2}}]", HZ_CAME_FAIL, true},
    {"on: house, assert: is_division(place)", "pass: [{house: {place: \"110000\"}}]", HZ_CAME_PASS, true},
};

static void run_one(hz_tests **tests, kit *k, unsigned threads)
{
    hz_tests_options how = {.profile = k->profile,
                            .lists = k->lists,
                            .limits = hz_limits_default(),
                            .has_as_of = true,
                            .as_of = 18262, /* 2020-01-01 */
                            .threads = threads};
    hz_error err;
    hz_error_clear(&err);
    hz_status st = hz_tests_run(tests, &how, &err);
    ck_assert_msg(st == HZ_OK, "%d %s", (int)st, hz_msg_name(err.message));
}

START_TEST(test_examples__what_comes)
{
    kit k;
    hz_tests *tests;
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, tables);
    hz_buf_printf(&text, "  R: {%s, tests: {%s}}\n", cases[_i].rule, cases[_i].test);
    kit_open(&k, text.ptr);
    hz_buf_clear(&text);
    run_one(&tests, &k, 1);
    ck_assert_uint_eq(tests->tried_count, 1);
    const hz_tried *tried = &tests->tried[0];
    hz_buf why = HZ_BUF_INIT;
    hz_msg_render(&why, tried->why.message, tried->why.args, tried->why.args_count, HZ_LANG_EN);
    ck_assert_msg(tried->came == cases[_i].came, "%s, %s: %s %s", cases[_i].rule, cases[_i].test,
                  hz_came_name(tried->came), why.ptr ? why.ptr : "");
    ck_assert_int_eq(tried->held, cases[_i].held);
    ck_assert_int_eq(hz_tests_held(tests), cases[_i].held);
    hz_buf_clear(&why);
    hz_tests_free(tests);
    kit_close(&k);
}
END_TEST

/* Many rules with an example each way. */
static void open_many(kit *k, int rules)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, tables);
    for (int i = 0; i < rules; i++)
        hz_buf_printf(&text,
                      "  R%d: {on: house, assert: size <> %d, tests: {pass: [{house: {size: %d}}], "
                      "fail: [{house: {size: %d}}, {house: {size: %d}}]}}\n",
                      i, i, i + 1, i, i + (i % 7 == 0));
    kit_open(k, text.ptr);
    hz_buf_clear(&text);
}

START_TEST(test_examples__threads_change_nothing)
{
    enum { RULES = 60 };
    kit k;
    hz_buf texts[2] = {HZ_BUF_INIT, HZ_BUF_INIT};
    open_many(&k, RULES);
    for (unsigned threads = 1; threads <= 2; threads++) {
        hz_tests *tests;
        run_one(&tests, &k, threads == 1 ? 1 : 4);
        ck_assert_uint_eq(tests->tried_count, 3 * RULES);
        ck_assert_uint_eq(tests->held_count, 3 * RULES - (RULES + 6) / 7);
        const hz_tests *all[] = {tests};
        hz_tests_show show = {HZ_LANG_EN, false, true};
        for (hz_tests_format format = 0; format < HZ_TESTS_FORMAT_COUNT; format++)
            hz_tests_render(&texts[threads - 1], format, all, 1, &show);
        ck_assert_int_eq(texts[threads - 1].status, HZ_OK);
        hz_tests_free(tests);
    }
    ck_assert_str_eq(texts[0].ptr, texts[1].ptr);
    hz_buf_clear(&texts[0]);
    hz_buf_clear(&texts[1]);
    kit_close(&k);
}
END_TEST

START_TEST(test_examples__numbers_and_coverage)
{
    kit k;
    hz_tests *tests;
    open_many(&k, 2);
    run_one(&tests, &k, 1);
    ck_assert_uint_eq(tests->subjects_count, 2);
    ck_assert_uint_eq(tests->tried[0].number, 1);
    ck_assert_uint_eq(tests->tried[2].number, 2); /* the second that should fail */
    ck_assert(tests->subjects[0].seen[HZ_CAME_PASS] && tests->subjects[0].seen[HZ_CAME_FAIL]);
    ck_assert(!tests->subjects[0].seen[HZ_CAME_UNDETERMINED]);
    ck_assert_uint_eq(tests->subjects[0].held, 2);
    ck_assert_uint_eq(tests->subjects[1].held, 3);
    hz_tests_free(tests);
    kit_close(&k);
}
END_TEST

/* A run that lacks what every example wants is the caller's mistake, not that of an example. */
START_TEST(test_examples__a_missing_day_or_param_is_usage)
{
    static const char *const heads[] = {"as_of: required\n", "params: {n: {type: integer}}\n"};
    for (size_t i = 0; i < 2; i++) {
        kit k;
        hz_tests *tests;
        hz_error err;
        hz_buf text = HZ_BUF_INIT;
        hz_buf_puts(&text, heads[i]);
        hz_buf_puts(&text, "tables: {a: {fields: {x: {type: text}}}}\n"
                           "rules: {R: {on: a, assert: x = 'a', tests: {pass: [{a: {x: a}}]}}}\n");
        kit_open(&k, text.ptr);
        hz_buf_clear(&text);
        hz_tests_options how = {.profile = k.profile, .lists = k.lists, .limits = hz_limits_default(), .threads = 1};
        hz_error_clear(&err);
        ck_assert_int_eq(hz_tests_run(&tests, &how, &err), HZ_E_USAGE);
        ck_assert_ptr_null(tests);
        kit_close(&k);
    }
}
END_TEST

/* Every allocation fails once: an error each time, nothing lost. */
START_TEST(test_examples__no_memory)
{
    kit k;
    hz_tests *tests = NULL;
    hz_status st = HZ_E_NOMEM;
    open_many(&k, 1);
    hz_tests_options how = {.profile = k.profile,
                            .lists = k.lists,
                            .limits = hz_limits_default(),
                            .has_as_of = true,
                            .as_of = 18262,
                            .threads = 1};
    ck_assert_int_eq(hz_tests_run(&tests, &how, NULL), HZ_OK); /* lists are parsed once */
    hz_tests_free(tests);
    tests = NULL;
    uint64_t before = hz_mem_stats_now().live_calls;
    for (uint64_t n = 1; st == HZ_E_NOMEM; n += n < 200 ? 1 : 17) {
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        st = hz_tests_run(&tests, &how, &err);
        hz_mem_fail_after(0, false);
        ck_assert_msg(st == HZ_OK || st == HZ_E_NOMEM, "call %llu: %d", (unsigned long long)n, (int)st);
        if (st != HZ_OK) {
            ck_assert_ptr_null(tests);
            ck_assert_uint_eq(hz_mem_stats_now().live_calls, before);
        }
    }
    hz_tests_free(tests);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.examples");
    TCase *tc = tcase_create("examples");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_examples__what_comes, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tc, test_examples__threads_change_nothing);
    tcase_add_test(tc, test_examples__numbers_and_coverage);
    tcase_add_test(tc, test_examples__a_missing_day_or_param_is_usage);
    tcase_add_test(tc, test_examples__no_memory);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
