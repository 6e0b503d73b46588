/* Hints: each snippet gives its code and no other, and its good twin gives none. */
#include "tests/unit/tasks/tasks_kit.h"
#include "validator/tasks/lint.h"
#include <unistd.h>

#define T     "title: {zh: 题, en: Title}"
#define M     T ", message: {zh: 话, en: Words}"
#define X     M ", tests: {pass: [{a: {x: a}}], fail: [{a: {x: b}}]}"
#define TABLE "tables:\n  a: {" T ", fields: {x: {type: text, " T "}, n: {type: integer, min: 1, " T "}}}\n"

static const struct {
    const char *text;
    const char *codes; /* with a blank behind each; in order of place */
} cases[] = {
    {TABLE "rules: {R: {on: a, " X ", assert: x = 'a'}}\n", ""},
    {TABLE "rules: {R: {on: a, " X ", when: 1 = 2, assert: x = 'a'}}\n", "L001 "},
    {TABLE "rules: {R: {on: a, " X ", assert: 1 = 1}}\n", "L002 "},
    {TABLE "rules: {R: {on: a, " X ", assert: x = null}}\n", "L003 "},
    {TABLE "rules: {R: {on: a, " X ", assert: n > 0}}\n", "L012 "},
    {TABLE "rules: {R: {on: a, " X ", assert: n > 1}}\n", ""},
    {TABLE "rules: {R: {on: a, " X ", when: n < 1, assert: x = 'a'}}\n", "L013 "},
    {TABLE "rules: {R: {on: a, " X ", assert: x = 'a' or n < 1}}\n", "L014 "},
    {TABLE "rules: {R: {on: a, " X ", assert: x = 'a'}, S: {on: a, " X ", assert: x = 'a'}}\n", "L010 "},
    {TABLE "rules: {R: {on: a, " X ", assert: x = 'a'}, S: {on: a, " X ", when: n > 3, assert: x = 'a'}}\n", "L011 "},
    {TABLE "rules: {R: {on: a, " X ", when: n > 3, assert: x = 'a'}, S: {on: a, " X ", assert: x = 'a'}}\n", "L011 "},
    {TABLE "rules: {R: {on: a, " X ", when: n > 3, assert: x = 'a'}, S: {on: a, " X
           ", when: n > 4, assert: x = 'a'}}\n",
     ""},
    {TABLE "rules: {R: {on: a, " X ", each: x, assert: \"count(*) < 3\"}, "
           "S: {on: a, " X ", each: n, assert: \"count(*) < 3\"}}\n",
     ""},
    {TABLE "rules: {R: {on: a, " X ", unique: x}, S: {on: a, " X ", unique: x, when: n > 3}}\n", ""},
    {TABLE "rules: {R: {on: a, " X ", unique: x}, S: {on: a, " X ", unique: x}}\n", "L010 "},
    {TABLE "rules: {R: {on: a, " M ", assert: x = 'a'}}\n", "L020 "},
    {TABLE "rules: {R: {on: a, " M ", assert: x = 'a', tests: {fail: [{a: {x: b}}]}}}\n", "L021 "},
    {TABLE "rules: {R: {on: a, " M ", assert: x = 'a', tests: {pass: [{a: {x: a}}]}}}\n", "L022 "},
    {TABLE "rules: {R: {on: a, " T
           ", severity: info, assert: x = 'a', tests: {pass: [{a: {x: a}}], fail: [{a: {x: b}}]}}}\n",
     ""},
    {TABLE "rules: {R: {on: a, " T ", assert: x = 'a', tests: {pass: [{a: {x: a}}], fail: [{a: {x: b}}]}}}\n", "L030 "},
    {TABLE "rules: {R: {status: withdrawn}}\n", ""},
    {"tables: {a: {title: A, fields: {x: {type: text, " T "}}}}\n", "L031 "},
    {"tables: {a: {" T ", fields: {x: {type: text}}}}\n", "L032 "},
    {"lists: {l: {codes: {\"1\": a}}}\ntables: {a: {" T ", fields: {x: {type: text, " T "}}}}\n", "L040 "},
    {"lists: {l: {codes: {\"1\": a}}}\ntables: {a: {" T ", fields: {x: {codes: l, " T "}}}}\n", ""},
    {"lists: {l: {codes: {\"1\": a}}}\nparams: {p: {type: text, default: a, " T "}}\ntables: {}\n",
     ""}, /* for others to extend */
    {"params: {p: {type: text, default: a, " T "}}\n" TABLE, "L041 "},
    {"params: {p: {type: integer, default: 1, " T "}}\ntables: {a: {" T ", fields: {n: {type: integer, min: \":p\", " T
     "}}}}\n",
     ""},
    {"tables: {a: {" T ", key: [x], fields: {x: {type: text, " T "}}, relations: {r: {one: a, on: x}}}}\n", "L042 "},
    {"tables: {a: {" T ", fields: {x: {type: text, " T "}}, relations: {r: {one: a, on: x}}}}\nrules: {R: {on: a, " X
     ", assert: r.x = 'a'}}\n",
     "L050 "},
    {"tables: {a: {" T ", fields: {x: {type: text, " T "}}, relations: {r: {many: a, on: x}}}}\nrules: {R: {on: a, " X
     ", assert: count(r) = 1}}\n",
     ""}, /* many to many, and nobody looks at pairs */
    {"tables: {a: {" T ", fields: {x: {type: text, " T "}}, relations: {r: {many: a, on: x}}}}\nrules: {R: {on: a, " X
     ", assert: count(r where x <> this.x) = 1}}\n",
     "L051 L061 "},
    {"tables: {a: {" T ", fields: {x: {type: text, " T "}}, relations: {r: {one: a, on: x, x-lint: {L050: why}}}}}\n"
     "rules: {R: {on: a, " X ", assert: r.x = 'a'}}\n",
     ""},
    {"tables: {a: {" T ", fields: {x: {type: text, " T "}}, relations: {r: {one: a, on: x, x-lint: {L050: }}}}}\n"
     "rules: {R: {on: a, " X ", assert: r.x = 'a'}}\n",
     "L050 L055 "},
    {"tables: {a: {" T ", fields: {x: {type: text, " T "}}, relations: {r: {one: a, on: x, x-lint: {L051: why}}}}}\n"
     "rules: {R: {on: a, " X ", assert: r.x = 'a'}}\n",
     "L050 L055 "},
    {"tables: {a: {" T ", fields: {x: {type: text, " T "}}, relations: {r: {one: a, on: x}}}}\n"
     "rules: {R: {on: a, " X ", x-lint: {L050: why}, assert: r.x = 'a'}}\n",
     "L050 L055 "}, /* an answer beside the hint */
    {"x-anchors: {w: &w {L050: why}}\n"
     "tables:\n  a:\n    " T "\n    fields: {x: {type: text, " T "}}\n    relations:\n"
     "      r: {one: a, on: x, x-lint: *w}\n      s:\n        one: a\n        on: x\n        x-lint: *w\n"
     "      t: {one: a, on: x}\n"
     "rules: {R: {on: a, " X ", assert: r.x = s.x and t.x = 'a'}}\n",
     "L050 "}, /* block and flow; t has no answer */
    {TABLE "rules: {R: {on: a, " X ", x-lint: {L001: why}, when: 1 = 2, assert: x = 'a'}}\n",
     "L055 L001 "}, /* errors stay */

    {"tables: {a: {" T ", fields: {x: {type: text, " T ", unique: true}}, relations: {r: {many: a, on: x}}}}\n"
     "rules: {R: {on: a, " X ", assert: count(r) = 1}}\n",
     ""},
    {"tables: {a: {" T ", fields: {x: {codes: {\"1\": a}, " T "}}}}\nmeasures: {M: {on: a, " T
     ", value: \"count(* where x = '2')\"}}\n",
     "L004 "},
    {"tables: {a: {" T ", fields: {x: {type: text, pattern: 'a{4}', max_length: 3, " T "}}}}\n", "L005 "},
};

static char path[] = "lint-XXXXXX";

/* A profile in a file: where lists stand is looked up there. */
static void put_file(const char *text)
{
    memcpy(path + 5, "XXXXXX", 6);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "wb");
    ck_assert_int_gt(fprintf(file, "hezhun: 1\nprofile: test.lint\nversion: 1.0.0\n%s", text), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static hz_lint *run_lint(hz_lists *lists)
{
    hz_lint *lint;
    hz_error err;
    hz_lint_options how = {.path = path, .lists = lists, .limits = hz_limits_default(), .lang = HZ_LANG_EN};
    hz_error_clear(&err);
    ck_assert_int_eq(hz_lint_run(&lint, &how, &err), HZ_OK);
    return lint;
}

START_TEST(test_lint__codes)
{
    hz_lists *lists;
    hz_buf codes = HZ_BUF_INIT, text = HZ_BUF_INIT;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(cases[_i].text);
    hz_lint *lint = run_lint(lists);
    const hz_lint *all[] = {lint};
    hz_lint_render(&text, HZ_LINT_TEXT, all, 1, HZ_LANG_EN, false);
    for (size_t i = 0; i < lint->diags.count; i++)
        hz_buf_printf(&codes, "%s ", hz_lint_code(lint->diags.items[i].message));
    ck_assert_msg(strcmp(codes.ptr ? codes.ptr : "", cases[_i].codes) == 0, "%s\n%s", cases[_i].text, text.ptr);
    hz_buf_clear(&codes);
    hz_buf_clear(&text);
    hz_lint_free(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

static const struct {
    const char *text;
    hz_cost cost;
} costs[] = {
    {"assert: n > 1", HZ_COST_ROW},
    {"unique: n", HZ_COST_KEY},
    {"assert: count(r) > 1", HZ_COST_KEY},
    {"each: x, assert: \"count(*) > 1\"", HZ_COST_KEY},
    {"assert: \"count(r where n = this.n) > 1\"", HZ_COST_KEY},
    {"assert: \"count(r where n < this.n and x = this.x) > 1\"", HZ_COST_KEY},
    {"assert: \"count(r where n < this.n and n > this.n - 3) > 1\"", HZ_COST_PAIRWISE},
    {"assert: \"count(r where n <> this.n) > 1\"", HZ_COST_PAIRWISE},
    {"assert: \"count(r where n + this.n > 3) > 1\"", HZ_COST_PAIRWISE},
    {"assert: \"sum(r, n * this.n) > 1\"", HZ_COST_PAIRWISE},
    {"similar: {block: [[x]], compare: {x: {by: edit}}, threshold: 0.9}", HZ_COST_PAIRWISE},
};

START_TEST(test_lint__costs)
{
    hz_lists *lists;
    hz_buf text = HZ_BUF_INIT;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    hz_buf_printf(&text,
                  "tables: {a: {fields: {x: {type: text}, n: {type: integer}}, relations: {r: {many: a, on: x}}}}\n"
                  "rules: {R: {on: a, %s}}\n",
                  costs[_i].text);
    put_file(text.ptr);
    hz_lint *lint = run_lint(lists);
    ck_assert_ptr_nonnull(lint->profile);
    const hz_rule *rule = hz_profile_rule(lint->profile, HZ_SLICE_LIT("R"));
    ck_assert_msg(lint->costs[rule->index] == costs[_i].cost, "%s: %s", costs[_i].text,
                  hz_cost_name(lint->costs[rule->index]));
    hz_buf_clear(&text);
    hz_lint_free(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

START_TEST(test_lint__a_profile_with_mistakes_has_no_hints)
{
    hz_lists *lists;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(TABLE "rules: {R: {on: a, assert: y = 1}}\n");
    hz_lint *lint = run_lint(lists);
    ck_assert_ptr_null(lint->profile);
    ck_assert_uint_eq(lint->diags.count, 1);
    ck_assert_uint_eq(lint->counts[HZ_DIAG_ERROR], 1);
    ck_assert_str_eq(hz_lint_code(lint->diags.items[0].message), "");
    hz_lint_free(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

START_TEST(test_lint__no_memory)
{
    hz_lists *lists;
    hz_lint *lint = NULL;
    hz_status st = HZ_E_NOMEM;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(TABLE "lists: {l: {codes: {\"1\": a}}}\nrules: {R: {on: a, when: n < 1 and x = 'a', assert: x = 'a'}}\n");
    hz_lint_free(run_lint(lists)); /* lists are parsed once */
    uint64_t before = hz_mem_stats_now().live_calls;
    for (uint64_t n = 1; st == HZ_E_NOMEM; n += n < 400 ? 1 : 13) {
        hz_error err;
        hz_lint_options how = {.path = path, .lists = lists, .limits = hz_limits_default(), .lang = HZ_LANG_EN};
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        st = hz_lint_run(&lint, &how, &err);
        hz_mem_fail_after(0, false);
        ck_assert_msg(st == HZ_OK || st == HZ_E_NOMEM, "call %llu: %d", (unsigned long long)n, (int)st);
        if (st != HZ_OK) {
            ck_assert_ptr_null(lint);
            ck_assert_uint_eq(hz_mem_stats_now().live_calls, before);
        }
    }
    hz_lint_free(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.lint");
    TCase *tc = tcase_create("lint");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_lint__codes, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(tc, test_lint__costs, 0, sizeof costs / sizeof *costs);
    tcase_add_test(tc, test_lint__a_profile_with_mistakes_has_no_hints);
    tcase_add_test(tc, test_lint__no_memory);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
