/* What is proved of small profiles: kinds of claims, the rules and constraints they name, and that the engine bears
 * each witness out that it can judge. In a build without Z3 only that it says so. */
#include "tests/unit/tasks/tasks_kit.h"
#include "validator/tasks/lint.h"
#include <unistd.h>

#define FIELDS                                                                                                         \
    "tables:\n  a:\n    key: [k]\n    fields:\n      k: {type: text}\n      c: {codes: {\"1\": a, \"2\": b}, "         \
    "required: true}\n      n: {type: integer, min: 1, max: 9}\n      r: {type: integer, required: true}\n"            \
    "      q: {type: integer, required_when: c = '1'}\n      d: {type: \"decimal(6,2)\"}\n      t: {type: text, "      \
    "max_length: 4}\n      f: {type: date}\n      g: {type: date, required: true}\n      b: {type: boolean}\n"         \
    "    relations: {s: {many: a, on: n}}\n  u: {external: true, key: [k], fields: {k: {type: text}, n: {type: "       \
    "integer}}}\n"
#define RULE(id, when, assert) "  " id ":\n    on: a\n    when: " when "\n    assert: " assert "\n"

static const struct {
    const char *rules;
    const char *claims; /* "kind rules[ < constraints][ ok];" in order; ok: the engine bears the witness out */
} cases[] = {
    /* never applies */
    {RULE("R", "n > 9", "r = 1"), "unreachable R < a.n.range ok;"},
    {RULE("R", "r > 5 and r < 6", "n = 1"), "unreachable R;"},
    {RULE("R", "q is null and c = '1'", "n = 1"), "unreachable R < a.q.required ok;"},
    {RULE("R", "c <> '1' and c <> '2'", "n = 1"), "unreachable R;"},
    {RULE("R", "d * 1000 = 5", "n = 1"), "unreachable R;"}, /* two decimals */
    {RULE("R", "length(t) > 4", "n = 1"), "unreachable R < a.t.length ok;"},
    {RULE("R", "t = 'abcde'", "n = 1"), "unreachable R < a.t.length ok;"},
    {RULE("R", "t = ''", "n = 1"), "unreachable R;"}, /* the empty text is no value */
    {RULE("R", "q is null and c = '2'", "n = 1"), ""},
    {RULE("R", "length(t) = 4", "n = 1"), ""},
    /* never fails */
    {RULE("R", "true", "coalesce(n, 1) < 10"), "unbreakable R < a.n.range ok;"},
    {RULE("R", "r > 3", "r + 1 > 4"), "unbreakable R ok;"},
    {RULE("R", "true", "r is not null"), "unbreakable R < a.r.required ok;"},
    {RULE("R", "true", "not (b and not b)"), "unbreakable R ok;"},
    {RULE("R", "true", "n is null"), ""},
    {RULE("R", "true", "n is null or b or not b or true"), "unbreakable R ok;"},
    {RULE("R", "true", "count(s) >= 0"), "unbreakable R;"},
    {RULE("R", "f <= g", "age(f, g) >= -1"), "unbreakable R ok;"},
    {RULE("R", "f <= g", "age(f, g) >= 1"), ""},
    {RULE("R", "true", "case when c = '1' then 1 else 2 end < 3"), "unbreakable R ok;"},
    {RULE("R", "true", "greatest(r, 3) >= 3"), "unbreakable R ok;"},
    {RULE("R", "true", "nullif(r, 3) is distinct from 3"), "unbreakable R ok;"},
    {RULE("R", "true", "abs(r) >= 0"), "unbreakable R ok;"},
    {RULE("R", "true", "floor(r / 2) * 2 <= r"), "unbreakable R ok;"},
    {RULE("R", "true", "coalesce(d * 10000000000000000000, 0) < 100000000000000000000000"), "unbreakable R ok;"},
    {RULE("R", "true", "r * r >= 0"), ""}, /* not linear: an unknown */
    /* contradictions */
    {RULE("R", "c = '1'", "n < 3") RULE("S", "c = '1'", "n > 5"), "contradiction R S ok;"},
    {RULE("R", "c = '1'", "n < 3") RULE("S", "c = '2'", "n > 5"), ""},
    {RULE("R", "true", "f < g") RULE("S", "true", "f > g"), "contradiction R S ok;"},
    {RULE("R", "true", "f < g") RULE("S", "true", "f >= g - 1"), ""},
    {RULE("R", "n = 2", "d = 1") RULE("S", "n = 2", "d + r = 5") RULE("T", "n = 2", "r < 3"),
     "contradiction R S, T ok;"},
    {RULE("R", "c = '1'", "count(s) = 1") RULE("S", "c = '1'", "count(s) > 1"), "contradiction R S;"},
    {RULE("R", "c = '1'", "false") RULE("S", "c = '2'", "n = 1"), ""}, /* a ban, on purpose */
    /* one follows from another: where n is NULL neither is decided */
    {RULE("R", "true", "n < 8") RULE("S", "true", "n < 5"), "entailed R S ok;"},
    {RULE("R", "true", "n + r < 8") RULE("S", "true", "r < 7"), ""},
    {RULE("R", "c = '1'", "q < 5") RULE("S", "true", "not (q >= 5 and c <> '2')"), "equivalent S R ok;"},
    {RULE("R", "true", "exists(s)") RULE("S", "true", "count(s) > 2"), "entailed R S;"},
    {RULE("R", "true", "exists(s where r = 1)") RULE("S", "true", "count(s where r = 2) > 2"), ""},
    {RULE("R", "true", "t matches '[0-9]+'") RULE("S", "n = 1", "t matches '[0-9]+' and r = 1"), ""},
    {RULE("R", "n = 1", "t matches '[0-9]+'") RULE("S", "n < 3", "t matches '[0-9]+' and r = 1"), "entailed R S;"},
    /* another table's values may be of wrong types: is null of such a one is unknown */
    {"  R: {on: u, assert: n is null or n is not null}\n", "unbreakable R ok;"},
    {"  R: {on: u, assert: \"coalesce(n is null, true)\"}\n", ""},
    /* groups, keys */
    {"  R: {on: a, each: c, assert: \"count(*) > 1\"}\n", ""},
    {"  R: {on: a, unique: n, when: r > 5 and r < 6}\n", "unreachable R;"},
};

static char path[] = "reason-XXXXXX";

static void put_file(const char *rules)
{
    memcpy(path + 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "wb");
    ck_assert_int_gt(fprintf(file, "hezhun: 1\nprofile: test.reason\nversion: 1.0.0\n" FIELDS "rules:\n%s", rules), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static hz_status run_lint(hz_lint **lint, hz_lists *lists, uint64_t seconds, hz_error *err)
{
    hz_lint_options how = {.path = path,
                           .lists = lists,
                           .limits = hz_limits_default(),
                           .lang = HZ_LANG_EN,
                           .deep = true,
                           .deep_seconds = seconds};
    hz_error_clear(err);
    return hz_lint_run(lint, &how, err);
}

static void put_ids(hz_buf *out, const hz_rule *const *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(out, i > 1 ? ", " : i ? " " : "");
        hz_buf_put(out, rules[i]->id);
    }
}

static void put_claims(hz_buf *out, const hz_reason *reason)
{
    static const char *const kinds[] = {"unreachable", "unbreakable", "contradiction", "entailed"};
    for (size_t i = 0; i < reason->claims_count; i++) {
        const hz_claim *claim = &reason->claims[i];
        hz_buf_printf(out, "%s ", claim->both_ways ? "equivalent" : kinds[claim->kind]);
        put_ids(out, claim->rules, claim->rules_count);
        if (claim->facts_count)
            hz_buf_puts(out, " < ");
        put_ids(out, claim->facts, claim->facts_count);
        hz_buf_puts(out, claim->confirmed ? " ok;" : ";");
    }
}

START_TEST(test_reason__claims)
{
    hz_lists *lists;
    hz_lint *lint;
    hz_error err;
    hz_buf claims = HZ_BUF_INIT;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(cases[_i].rules);
    ck_assert_int_eq(run_lint(&lint, lists, 60, &err), HZ_OK);
    ck_assert_uint_eq(lint->loader_errors, 0);
    put_claims(&claims, lint->reason);
    ck_assert_msg(strcmp(claims.ptr ? claims.ptr : "", cases[_i].claims) == 0, "%s\n%s", cases[_i].rules, claims.ptr);
    ck_assert_uint_eq(lint->reason->refuted, 0);
    ck_assert_uint_eq(lint->reason->undecided, 0);
    ck_assert(!lint->reason->out_of_time);
    hz_buf_clear(&claims);
    hz_lint_free(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

START_TEST(test_reason__says_when_the_time_was_over)
{
    hz_lists *lists;
    hz_lint *lint;
    hz_error err;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(RULE("R", "n > 9", "r = 1"));
    ck_assert_int_eq(run_lint(&lint, lists, 0, &err), HZ_OK);
    ck_assert(lint->reason->out_of_time);
    ck_assert_uint_eq(lint->reason->claims_count, 0);
    hz_lint_free(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

START_TEST(test_reason__reach_of_each_rule)
{
    hz_lists *lists;
    hz_lint *lint;
    hz_error err;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(RULE("W", "n > 1", "r = 1")
                 RULE("P", "count(s) > 1", "r = 1") "  G: {on: a, each: c, assert: \"count(*) > "
                                                    "1\"}\n  U: {on: a, unique: n}\n");
    ck_assert_int_eq(run_lint(&lint, lists, 60, &err), HZ_OK);
    const hz_reasoned *rules = lint->reason->rules;
    ck_assert_uint_eq(lint->reason->rules_count, 4);
    ck_assert_int_eq(rules[0].reach, HZ_REACH_WHOLE);
    ck_assert_int_eq(rules[1].reach, HZ_REACH_PART);
    ck_assert_int_eq(rules[1].why, HZ_MSG_REASON_WHY_RELATED);
    ck_assert(hz_slice_is(rules[1].what, "count(s)"));
    ck_assert_int_eq(rules[2].reach, HZ_REACH_NONE);
    ck_assert_int_eq(rules[2].why, HZ_MSG_REASON_WHY_GROUPS);
    ck_assert_int_eq(rules[3].reach, HZ_REACH_NONE);
    ck_assert_int_eq(rules[3].why, HZ_MSG_REASON_WHY_KEYS);
    hz_lint_free(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

START_TEST(test_reason__no_memory)
{
    hz_lists *lists;
    hz_lint *lint = NULL;
    hz_status st = HZ_E_NOMEM;
    hz_error err;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(RULE("R", "c = '1'", "n < 3") RULE("S", "c = '1'", "n > 5") RULE("T", "n > 9", "length(t) > 2"));
    ck_assert_int_eq(run_lint(&lint, lists, 60, &err), HZ_OK); /* lists are parsed once */
    hz_lint_free(lint);
    lint = NULL;
    uint64_t before = hz_mem_stats_now().live_calls;
    for (uint64_t n = 1; st == HZ_E_NOMEM; n += n < 300 ? 7 : 29) {
        hz_mem_fail_after(n, false);
        st = run_lint(&lint, lists, 60, &err);
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

START_TEST(test_reason__a_build_without_z3_says_so)
{
    hz_lists *lists;
    hz_lint *lint = NULL;
    hz_error err;
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    put_file(RULE("R", "n > 9", "r = 1"));
    ck_assert_int_eq(run_lint(&lint, lists, 60, &err), HZ_E_USAGE);
    ck_assert_int_eq(err.message, HZ_MSG_REASON_ABSENT);
    ck_assert_ptr_null(lint);
    hz_lists_close(lists);
    (void)unlink(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.reason");
    TCase *tc = tcase_create("reason");
    tcase_set_timeout(tc, 240);
    if (hz_reason_built_in()) {
        tcase_add_loop_test(tc, test_reason__claims, 0, sizeof cases / sizeof *cases);
        tcase_add_test(tc, test_reason__says_when_the_time_was_over);
        tcase_add_test(tc, test_reason__reach_of_each_rule);
        tcase_add_test(tc, test_reason__no_memory);
    } else {
        tcase_add_test(tc, test_reason__a_build_without_z3_says_so);
    }
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
