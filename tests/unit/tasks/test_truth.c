/* What conditions can come to: each line is an expression, what it may be of any row, and of a row whose fields pass
 * their constraints. */
#include "tests/unit/tasks/tasks_kit.h"
#include "validator/tasks/truth.h"

static const char tables[] = "params: {p: {type: integer, default: 1}}\n"
                             "lists: {colours: {codes: {\"1\": a, \"2\": b}}}\n"
                             "tables:\n"
                             "  t:\n"
                             "    fields:\n"
                             "      id: {type: text, required: true, length: 4}\n"
                             "      colour: {codes: colours}\n"
                             "      must: {codes: colours, required: true}\n"
                             "      size: {type: integer, min: 1, max: 9}\n"
                             "      loose: {type: integer, min: 1, constraints: {range: {status: withdrawn}}}\n"
                             "      made: {type: date, min: 2000-01-01}\n"
                             "      flag: {type: boolean}\n"
                             "      code: {type: text, pattern: '[0-9]+', max_length: 3}\n"
                             "      person: {type: resident_id, required: true}\n"
                             "      many: {codes: colours, many: \",\"}\n"
                             "    relations: {others: {many: t, on: id}, top: {one: t, on: {code: id}}}\n";

static const struct {
    const char *text, *any, *known; /* of T, F, U */
} cases[] = {
    {"true", "T", "T"},
    {"null is null", "T", "T"},
    {"1 > 2", "F", "F"},
    {"1 + 1 = 2", "T", "T"},
    {"-1 < 0", "T", "T"},
    {"'a' = 'b'", "F", "F"},
    {"size = null", "U", "U"},
    {"size = size", "TU", "TU"},
    {"size <> size", "FU", "FU"},
    {"size > 0", "TFU", "TU"},
    {"size >= 1", "TFU", "TU"},
    {"size > 1", "TFU", "TFU"},
    {"size > 9", "TFU", "FU"},
    {"size = 10", "TFU", "FU"},
    {"size <> 10", "TFU", "TU"},
    {"10 > size", "TFU", "TU"},
    {"size between 0 and 20", "TFU", "TU"},
    {"size not between 0 and 20", "TFU", "FU"},
    {"size > :p", "TFU", "TFU"},
    {"loose > 0", "TFU", "TFU"},
    {"made < date '2000-01-01'", "TFU", "FU"},
    {"made < as_of", "TFU", "TFU"},
    {"colour = '3'", "TFU", "FU"},
    {"colour <> '3'", "TFU", "TU"},
    {"colour in ('1', '2')", "TFU", "TU"},
    {"colour in ('1', '3')", "TFU", "TFU"},
    {"colour not in ('1', '2')", "TFU", "FU"},
    {"colour in list colours", "TFU", "TU"},
    {"must in ('1', '2')", "TFU", "T"},
    {"must = '1'", "TFU", "TF"},
    {"must is null", "TFU", "F"},
    {"id is not null", "TFU", "T"},
    {"length(id) = 4", "TFU", "T"},
    {"length(id) > 4", "TFU", "F"},
    {"id = 'abc'", "TFU", "F"},
    {"id matches '[0-9]{5,}'", "TFU", "F"},
    {"id matches '[0-9]{4}'", "TFU", "TF"},
    {"code matches '[0-9]+'", "TFU", "TU"},
    {"code matches '[a-z]{4}|x{5}'", "TFU", "FU"},
    {"is_resident_id(person)", "TFU", "T"},
    {"flag", "TFU", "TFU"},
    {"flag and not flag", "FU", "FU"},
    {"flag or true", "T", "T"},
    {"flag and false", "F", "F"},
    {"colour = '1' and colour = '2'", "FU", "FU"},
    {"colour = '1' and colour <> '1'", "FU", "FU"},
    {"colour <> '1' and colour <> '2'", "TFU", "FU"},
    {"size > 3 and size < 2", "FU", "FU"},
    {"size > 3 and size <= 3", "FU", "FU"},
    {"size >= 3 and size <= 3", "TFU", "TFU"},
    {"size is null and size > 3", "FU", "FU"},
    {"size is not null and size is null", "FU", "FU"},
    {"case when size is not null then true else false end", "TF", "TF"},
    {"case when id is not null then true else false end", "TF", "T"},
    {"case when size > 3 then size > 2 else true end", "T", "T"},
    {"case colour when '1' then true else false end", "TFU", "TFU"},
    {"count(others) >= 0", "TU", "TU"},
    {"count(others) < 0", "FU", "FU"},
    {"top.size > 9", "TFU", "FU"},
    {"top.id is not null", "TFU", "TFU"},
    {"'3' = any(many)", "TFU", "TFU"},
    {"1 in (2, 3)", "F", "F"},
    {"not (size > 9)", "TFU", "TU"},
    {"id like 'a%'", "TFU", "TFU"},
};

static unsigned set_of(const char *text)
{
    return (strchr(text, 'T') ? HZ_MAY_TRUE : 0U) | (strchr(text, 'F') ? HZ_MAY_FALSE : 0U) |
           (strchr(text, 'U') ? HZ_MAY_UNKNOWN : 0U);
}

static void open_case(kit *k, const char *when, const char *text)
{
    hz_buf all = HZ_BUF_INIT;
    hz_buf_puts(&all, tables);
    hz_buf_printf(&all, "rules:\n  R:\n    on: t\n    assert: |\n      %s\n", text);
    if (when)
        hz_buf_printf(&all, "    when: |\n      %s\n", when);
    kit_open(k, all.ptr);
    hz_buf_clear(&all);
}

/* The constraints that run, as lint has them. */
static unsigned *kept_of(const kit *k)
{
    const hz_table *table = &k->profile->tables[0];
    unsigned *kept = HZ_ARENA_ARRAY(k->arena, unsigned, table->fields_count);
    for (size_t i = 0; i < k->profile->rules_count; i++) {
        const hz_rule *rule = &k->profile->rules[i];
        if (rule->derived && rule->field && !rule->when.root)
            kept[rule->field->index] |= 1U << rule->kind;
    }
    return kept;
}

static unsigned may(kit *k, bool facts)
{
    const hz_rule *rule = hz_profile_rule(k->profile, HZ_SLICE_LIT("R"));
    unsigned *kept[] = {kept_of(k), NULL};
    hz_truth truth;
    ck_assert_int_eq(hz_truth_init(&truth, rule->table, facts ? kept : NULL, k->arena, NULL), HZ_OK);
    hz_truth_assume(&truth, rule->when.root);
    unsigned answer = hz_truth_of(&truth, rule->assert_.root);
    ck_assert(!truth.no_memory);
    return answer;
}

START_TEST(test_truth__cases)
{
    kit k;
    open_case(&k, NULL, cases[_i].text);
    unsigned any = may(&k, false), known = may(&k, true);
    ck_assert_msg(any == set_of(cases[_i].any), "%s: of any row %u", cases[_i].text, any);
    ck_assert_msg(known == set_of(cases[_i].known), "%s: of a row that passes %u", cases[_i].text, known);
    kit_close(&k);
}
END_TEST

static const struct {
    const char *when, *text, *any;
} assumed[] = {
    {"colour = '1'", "colour in ('1', '2')", "T"},
    {"colour in ('1', '2')", "colour = '1'", "TF"},
    {"colour not in ('1')", "colour <> '1'", "TF"},
    {"size > 3", "size > 2", "T"},
    {"3 < size", "size > 2", "T"},
    {"size between 2 and 4", "size <= 4 and size >= 2", "T"},
    {"size is null", "size > 2", "U"},
    {"size is not null", "size is null", "F"},
    {"flag", "flag", "T"},
    {"not flag", "flag", "F"},
    {"flag and size = 3", "size = 3", "T"},
    {"flag or size = 3", "size = 3", "TFU"},
    {"made > date '2020-01-01'", "made > date '2019-01-01'", "T"},
    {"size = :p", "size is not null", "T"},
};

START_TEST(test_truth__a_condition_narrows)
{
    kit k;
    open_case(&k, assumed[_i].when, assumed[_i].text);
    unsigned any = may(&k, false);
    ck_assert_msg(any == set_of(assumed[_i].any), "%s, given %s: %u", assumed[_i].text, assumed[_i].when, any);
    kit_close(&k);
}
END_TEST

static const struct {
    const char *pattern;
    int64_t min, max;
} patterns[] = {
    {"", 0, 0},        {"abc", 3, 3},     {"[0-9]{6}", 6, 6},      {"[0-9]{2,4}x?", 2, 5},
    {"a|bc|", 0, 2},   {"(ab)+", 2, -1},  {"(?:ab|c){2,3}", 2, 6}, {"\\d\\.", 2, 2},
    {"[]x]y", 2, 2},   {"[^]]*", 0, -1},  {"\u7701{2}", 2, 2},     {"a{,3}", 5, 5},
    {"^a$", 1, 1},     {"(?=a)b", 0, -1}, {"\\p{Han}+", 0, -1},    {"[[:alpha:]]", 0, -1},
    {"(a)\\1", 0, -1}, {"a{0}", 0, 0},    {"a{200000}", 0, -1},
};

START_TEST(test_truth__lengths_of_patterns)
{
    int64_t min, max;
    hz_pattern_lengths(&min, &max, hz_slice_of(patterns[_i].pattern));
    ck_assert_msg(min == patterns[_i].min && max == patterns[_i].max, "%s: %lld to %lld", patterns[_i].pattern,
                  (long long)min, (long long)max);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.truth");
    TCase *tc = tcase_create("truth");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_truth__cases, 0, sizeof cases / sizeof *cases);
    tcase_add_loop_test(tc, test_truth__a_condition_narrows, 0, sizeof assumed / sizeof *assumed);
    tcase_add_loop_test(tc, test_truth__lengths_of_patterns, 0, sizeof patterns / sizeof *patterns);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
