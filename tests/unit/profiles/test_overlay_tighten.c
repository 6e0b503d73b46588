/* The classes of changes between two profiles (tighten.h), told one by one. */
#include "profiles/tighten.h"
#include "tests/unit/profiles/kit.h"

#define TABLE "tables:\n  t:\n    key: [id]\n    fields:\n      id: {}\n      n: {type: integer}\n      "

typedef struct heard {
    char text[4096];
    hz_change_class worst;
    size_t count;
} heard;

static hz_status hear(const hz_change *change, void *payload, hz_error *err)
{
    heard *all = payload;
    size_t at = strlen(all->text);
    (void)err;
    for (size_t i = 0; i < change->path_count; i++)
        at += (size_t)snprintf(all->text + at, sizeof all->text - at, "%s%.*s", i ? "." : "",
                               HZ_SLICE_FMT(change->path[i]));
    snprintf(all->text + at, sizeof all->text - at, " %s %s\n", hz_change_class_name(change->class_),
             hz_msg_name(change->reason));
    all->worst = change->class_ > all->worst ? change->class_ : all->worst;
    all->count++;
    return HZ_OK;
}

static void compare(heard *all, const char *before, const char *after)
{
    kit a, b;
    *all = (heard){0};
    const hz_profile *one = good(&a, before), *two = good(&b, after);
    ck_assert_int_eq(hz_tighten_profile(one, two, hear, all, NULL), HZ_OK);
    kit_close(&a);
    kit_close(&b);
}

static const struct tighten_case {
    const char *before, *after, *told;
} cases[] = {
    {TABLE "x: {}\n", TABLE "x: {}\n", ""},
    {TABLE "x: {type: integer, min: 1}\n", TABLE "x: {type: integer, min: \"1.0\"}\n", ""},
    {TABLE "x: {type: decimal, min: 1}\n", TABLE "x: {type: decimal, min: 1.5}\n",
     "tables.t.fields.x.min tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {type: date, max: 2020-01-01}\n", TABLE "x: {type: date, max: 2020-01-02}\n",
     "tables.t.fields.x.max loosening TIGHTEN_WIDER\n"},
    {TABLE "x: {type: date, max: as_of}\n", TABLE "x: {type: date, max: 2020-01-01}\n",
     "tables.t.fields.x.max loosening TIGHTEN_UNPROVEN\n"
     "tables.t.fields.x.constraints.range.if_skipped tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {codes: {a: A, b: B}}\n", TABLE "x: {codes: {b: B}}\n",
     "tables.t.fields.x.codes tightening TIGHTEN_FEWER_CODES\n"},
    {TABLE "x: {codes: {a: A}}\n", TABLE "x: {codes: {a: B}}\n", "tables.t.fields.x.codes editorial TIGHTEN_WORDS\n"},
    {TABLE "x: {codes: {a: A}}\n", TABLE "x: {codes: {a: A, b: B}}\n",
     "tables.t.fields.x.codes loosening TIGHTEN_CODE_NEW\n"},
    {TABLE "x: {}\n", TABLE "x: {type: resident_id}\n",
     "tables.t.fields.x.type tightening TIGHTEN_NARROWER\n"
     "tables.t.fields.x.sensitivity tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\n", TABLE "x: {type: date}\n", "tables.t.fields.x.type breaking TIGHTEN_BREAKS\n"},
    {TABLE "x: {type: \"decimal(5,2)\"}\n", TABLE "x: {type: \"decimal(5,1)\"}\n",
     "tables.t.fields.x.type loosening TIGHTEN_WIDER\n"}, /* four digits before the point */
    {TABLE "x: {type: \"decimal(5,2)\"}\n", TABLE "x: {type: \"decimal(4,1)\"}\n",
     "tables.t.fields.x.type tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {pattern: a}\n", TABLE "x: {pattern: [b, a]}\n",
     "tables.t.fields.x.pattern tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {pattern: a}\n", TABLE "x: {pattern: aa}\n", "tables.t.fields.x.pattern loosening TIGHTEN_PATTERN\n"},
    {TABLE "x: {required_when: n > 1}\n", TABLE "x: {required_when: n > 1 or n < 0}\n",
     "tables.t.fields.x.required_when tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {required_when: n > 1}\n", TABLE "x: {required_when: n > 1 and n < 9}\n",
     "tables.t.fields.x.required_when loosening TIGHTEN_WHEN\n"},
    {TABLE "x: {required_when: n > 1}\n", TABLE "x: {required: true}\n",
     "tables.t.fields.x.required tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {title: 甲}\n", TABLE "x: {title: 乙, aliases: [甲]}\n",
     "tables.t.fields.x.title loosening TIGHTEN_HEADER_NEW\n"},
    {TABLE "x: {}\n", TABLE "y: {}\n",
     "tables.t.fields.x breaking TIGHTEN_GONE\ntables.t.fields.y tightening TIGHTEN_NEW\n"},
    {TABLE "x: {max_length: 5}\n", TABLE "x: {length: 5}\n",
     "tables.t.fields.x.min_length tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {many: ','}\n", TABLE "x: {many: ';'}\n", "tables.t.fields.x.many breaking TIGHTEN_BREAKS\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: (n > 1) and x = 'a'}}\n", "rules.R.assert tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1 and n < 9}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: x = 'a' and n < 9 and n > 1}}\n",
     "rules.R.assert tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n", TABLE "x: {}\nrules: {R: {on: t, assert: n > 2}}\n",
     "rules.R.assert loosening TIGHTEN_ASSERT\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: not (n > 1 and x = 'a')}}\n",
     "rules.R.assert loosening TIGHTEN_ASSERT\n"},
    {TABLE "x: {}\nrules: {R: {on: t, when: n > 1, assert: n > 1}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n", "rules.R.when tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n",
     TABLE "x: {}\nrules: {R: {on: t, when: n > 1, assert: n > 1}}\n", "rules.R.when loosening TIGHTEN_WHEN\n"},
    {TABLE "x: {}\nrules: {R: {on: t, when: n > 1, assert: n > 1, tolerance: {rate: 0.1}}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: n > 1, tolerance: {rate: 0.1}}}\n",
     "rules.R.when loosening TIGHTEN_DILUTED\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1, tolerance: {rate: 0.1}}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: n > 1, tolerance: {rate: 0.1, count: 5}}}\n",
     "rules.R.tolerance.count tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1, tolerance: {rate: 0.10}}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n", "rules.R.tolerance tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n",
     TABLE "x: {}\nrules: {R: {on: t, assert: n > 1, message: m, title: R}}\n",
     "rules.R.title editorial TIGHTEN_WORDS\nrules.R.message editorial TIGHTEN_WORDS\n"},
    {TABLE "x: {}\nrules: {R: {on: t, unique: [n, x]}}\n", TABLE "x: {}\nrules: {R: {on: t, unique: [x]}}\n",
     "rules.R.unique tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\nrules: {R: {on: t, unique: [x]}}\n", TABLE "x: {}\nrules: {R: {on: t, unique: [x, n]}}\n",
     "rules.R.unique loosening TIGHTEN_UNPROVEN\n"},
    {TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n", TABLE "x: {}\n", "rules.R loosening TIGHTEN_GONE\n"},
    {TABLE "x: {}\nrules: {R: {status: withdrawn}}\n", TABLE "x: {}\nrules: {R: {on: t, assert: n > 1}}\n",
     "rules.R breaking TIGHTEN_ID_AGAIN\n"},
    {"params: {p: {type: integer, default: 1, min: 0}}\n" TABLE "x: {}\n",
     "params: {p: {type: integer, default: 1, min: 1}}\n" TABLE "x: {}\n",
     "params.p.min tightening TIGHTEN_NARROWER\n"},
    {"params: {p: {type: integer, default: 1}}\n" TABLE "x: {}\nrules: {R: {on: t, assert: n > p}}\n",
     "params: {p: {type: integer, default: 2}}\n" TABLE "x: {}\nrules: {R: {on: t, assert: n > p}}\n",
     "params.p.default loosening TIGHTEN_DEFAULT\n"},
    {"lists: {l: {codes: {a: A, b: B}}}\n" TABLE "x: {}\nrules: {R: {on: t, assert: x in list l}}\n",
     "lists: {l: {codes: {a: A}}}\n" TABLE "x: {}\nrules: {R: {on: t, assert: x in list l}}\n",
     "lists.l.codes tightening TIGHTEN_FEWER_CODES\n"},
    {"lists: {l: {codes: {a: A, b: B}}}\n" TABLE "x: {}\nrules: {R: {on: t, assert: x not in list l}}\n",
     "lists: {l: {codes: {a: A}}}\n" TABLE "x: {}\nrules: {R: {on: t, assert: x not in list l}}\n",
     "lists.l.codes tightening TIGHTEN_FEWER_CODES\nrules.R.assert loosening TIGHTEN_READS_LIST\n"},
    {"lists: {l: {codes: {a: A, b: B}}}\n" TABLE "x: {}\nrules: {R: {on: t, when: x in list l, assert: n > 1}}\n",
     "lists: {l: {codes: {a: A}}}\n" TABLE "x: {}\nrules: {R: {on: t, when: x in list l, assert: n > 1}}\n",
     "lists.l.codes tightening TIGHTEN_FEWER_CODES\nrules.R.when loosening TIGHTEN_READS_LIST\n"},
    {"as_of: optional\n" TABLE "x: {}\n", "as_of: required\n" TABLE "x: {}\n", "as_of tightening TIGHTEN_NARROWER\n"},
    {TABLE "x: {}\n    relations: {r: {many: t, on: id}}\n", TABLE "x: {}\n    relations: {r: {one: t, on: id}}\n",
     "tables.t.relations.r breaking TIGHTEN_RELATION\n"},
};
enum { CASES = sizeof cases / sizeof *cases };

START_TEST(test_overlay_tighten__changes_are_classed)
{
    heard all;
    compare(&all, cases[_i].before, cases[_i].after);
    ck_assert_str_eq(all.text, cases[_i].told);
}
END_TEST

/* Each case turned round: what tightened one way does not tighten the other way. */
START_TEST(test_overlay_tighten__nothing_tightens_both_ways)
{
    heard there, back;
    compare(&there, cases[_i].before, cases[_i].after);
    compare(&back, cases[_i].after, cases[_i].before);
    if (there.worst == HZ_CHANGE_TIGHTENING)
        ck_assert_int_ge(back.worst, HZ_CHANGE_LOOSENING);
    if (there.worst <= HZ_CHANGE_EDITORIAL)
        ck_assert_int_le(back.worst, HZ_CHANGE_EDITORIAL);
}
END_TEST

START_TEST(test_overlay_tighten__a_profile_is_the_same_as_itself)
{
    static const char *const names[] = {"registry", "constraints", "measures", "similar", "groups", "grading"};
    char path[1024];
    kit a, b;
    heard all = {0};
    hz_buf one = HZ_BUF_INIT;
    snprintf(path, sizeof path, HZ_TEST_DATA "/profiles/good/%s.yaml", names[_i]);
    hz_slice text = read_file(&one, path);
    kit_open(&a);
    kit_open(&b);
    kit_load(&a, text, "a.yaml", HZ_TEST_DATA "/profiles/good");
    kit_load(&b, text, "b.yaml", HZ_TEST_DATA "/profiles/good");
    ck_assert_int_eq(hz_tighten_profile(a.profile, b.profile, hear, &all, NULL), HZ_OK);
    ck_assert_str_eq(all.text, "");
    for (size_t i = 0; i < a.profile->rules_count; i++)
        ck_assert(hz_same_rule(a.profile, &a.profile->rules[i], b.profile, &b.profile->rules[i]));
    kit_close(&a);
    kit_close(&b);
    hz_buf_clear(&one);
}
END_TEST

START_TEST(test_overlay_tighten__of_one_pair)
{
    kit a, b;
    hz_change_class worst;
    const hz_profile *one = good(&a, TABLE "x: {max_length: 5}\nrules: {R: {on: t, assert: n > 1}}\n"),
                     *two = good(&b, TABLE "x: {max_length: 4}\nrules: {R: {on: t, assert: n > 2}}\n");
    ck_assert_int_eq(
        hz_tighten_field(&worst, one, &one->tables[0].fields[2], two, &two->tables[0].fields[2], NULL, NULL, NULL),
        HZ_OK);
    ck_assert_int_eq(worst, HZ_CHANGE_TIGHTENING);
    ck_assert_int_eq(hz_tighten_rule(&worst, one, hz_profile_rule(one, HZ_SLICE_LIT("R")), two,
                                     hz_profile_rule(two, HZ_SLICE_LIT("R")), NULL, NULL, NULL),
                     HZ_OK);
    ck_assert_int_eq(worst, HZ_CHANGE_LOOSENING);
    kit_close(&a);
    kit_close(&b);
}
END_TEST

static hz_status refuse(const hz_change *change, void *payload, hz_error *err)
{
    (void)change;
    (void)err;
    ++*(int *)payload;
    return HZ_E_CANCELLED;
}

START_TEST(test_overlay_tighten__who_hears_may_stop_it)
{
    kit a, b;
    int heard_count = 0;
    const hz_profile *one = good(&a, TABLE "x: {max_length: 5, min_length: 2}\n"), *two = good(&b, TABLE "x: {}\n");
    ck_assert_int_eq(hz_tighten_profile(one, two, refuse, &heard_count, NULL), HZ_E_CANCELLED);
    ck_assert_int_eq(heard_count, 1);
    kit_close(&a);
    kit_close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profiles.overlay_tighten");
    TCase *tc = tcase_create("classes");
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, test_overlay_tighten__changes_are_classed, 0, CASES);
    tcase_add_loop_test(tc, test_overlay_tighten__nothing_tightens_both_ways, 0, CASES);
    tcase_add_loop_test(tc, test_overlay_tighten__a_profile_is_the_same_as_itself, 0, 6);
    tcase_add_test(tc, test_overlay_tighten__of_one_pair);
    tcase_add_test(tc, test_overlay_tighten__who_hears_may_stop_it);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hz_lists_close(kit_lists);
    return failed != 0;
}
