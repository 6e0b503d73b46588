/* Suite engine.similar: records that are alike. Values by hand; the random ones are tests/property/similar.py. */
#include "tests/unit/engine/engine_kit.h"

static kit k;

#define TABLE                                                                                                          \
    "tables:\n"                                                                                                        \
    "  t: {files: ['t*.csv'], fields: {a: {type: text}, b: {type: text}, n: {type: integer}, d: {type: date}}}\n"      \
    "rules:\n"

START_TEST(test_similar__alike_in_a_block)
{
    kit_open(&k,
             TABLE "  ONE: {on: t, similar: {block: [[a]], compare: {b: {by: edit}}, threshold: 0.75}}\n"
                   "  TWO: {on: t, similar: {block: [[a], [n]], compare: {b: {by: edit}}, threshold: 0.75}}\n"
                   "  SOME: {on: t, when: n > 1, similar: {block: [[a]], compare: {b: {by: edit}}, threshold: 0}}\n");
    kit_put(&k, "t1.csv", "a,b,n,d\nx,abcd,1,\ny,abcx,1,\nx,abxy,2,\n");
    kit_put(&k, "t2.csv", "a,b,n,d\nx,abdc,3,\n,abcd,2,\n,,,\nx,,2,\n");
    kit_run(&k);
    assert_counts(&k, "ONE", "failed rows 7 und 2 passed 3 failed 2");
    assert_lines(&k, "ONE", "2+1 2+1");
    assert_counts(&k, "TWO", "failed rows 7 und 1 passed 3 failed 3");
    assert_lines(&k, "TWO", "2+2 3+1 2+1"); /* the first meets the second by n, the fourth by a */
    assert_counts(&k, "SOME", "failed rows 7 na 3 und 1 failed 3"); /* a value that is missing is like nothing, 0 is */
    const hz_finding *first = &kit_rule(&k, "TWO")->examples[0];
    ck_assert_uint_eq(first->related[0].line, 3);
    ck_assert_uint_eq(first->related[1].source, 1);
    ck_assert_uint_eq(first->related[1].line, 2);
    kit_close(&k);
}
END_TEST

START_TEST(test_similar__a_pair_is_counted_once)
{
    kit_open(&k, TABLE "  R: {on: t, similar: {block: [[a], [n], [a, n], [\"left(b, 1)\"]], compare: {b: {by: edit}}, "
                       "threshold: 0.5}}\n");
    kit_put(&k, "t.csv", "a,b,n,d\nx,abc,1,\nx,abd,1,\nx,abe,1,\n");
    kit_run(&k);
    assert_counts(&k, "R", "failed rows 3 failed 3");
    assert_lines(&k, "R", "2+2 3+2 4+2");
    kit_close(&k);
}
END_TEST

START_TEST(test_similar__weights)
{
    kit_open(&k, TABLE
             "  LOW: {on: t, similar: {block: [[a]], compare: {b: {by: edit, weight: 3}, d: {by: date}}, threshold: "
             "0.78125}}\n"
             "  HIGH: {on: t, similar: {block: [[a]], compare: {b: {by: edit, weight: 3}, d: {by: date}}, threshold: "
             "0.78126}}\n"
             "  NUMBER: {on: t, similar: {block: [[a]], compare: {n: {by: number}}, threshold: 0.8}}\n"
             "  EQUAL: {on: t, similar: {block: [[a]], compare: {n: {by: equal}, b: {by: equal}}, threshold: 0.5}}\n");
    /* (3 * 3 / 4 + 7 / 8) / 4 = 0.78125 */
    kit_put(&k, "t.csv", "a,b,n,d\nx,abcd,80,1980-01-12\nx,abdc,100,1980-01-21\n");
    kit_run(&k);
    assert_counts(&k, "LOW", "failed rows 2 failed 2");
    assert_counts(&k, "HIGH", "passed rows 2 passed 2");
    assert_counts(&k, "NUMBER", "failed rows 2 failed 2");
    assert_counts(&k, "EQUAL", "passed rows 2 passed 2");
    kit_close(&k);
}
END_TEST

START_TEST(test_similar__examples_on_their_limit)
{
    kit_open(&k, TABLE "  R: {on: t, similar: {block: [[a]], compare: {b: {by: equal}}, threshold: 1}}\n");
    kit_put(&k, "t.csv", "a,b,n,d\nx,p,,\nx,q,,\nx,p,,\nx,q,,\nx,p,,\nx,p,,\nx,p,,\nx,p,,\n");
    for (uint64_t max = 0; max <= 9; max++) {
        k.limits.value[HZ_LIMIT_EXAMPLES] = max;
        kit_run(&k);
        assert_counts(&k, "R", "failed rows 8 failed 8");
        ck_assert_uint_eq(kit_rule(&k, "R")->examples_count, max < 8 ? max : 8);
        for (size_t i = 0; i < kit_rule(&k, "R")->examples_count; i++)
            ck_assert_uint_eq(kit_rule(&k, "R")->examples[i].at.line, 2 + i);
        if (max > 2)
            ck_assert_uint_eq(kit_rule(&k, "R")->examples[2].related_count, 5);
    }
    kit_close(&k);
}
END_TEST

START_TEST(test_similar__a_block_of_too_many_rows)
{
    kit_open(&k, TABLE "  R: {on: t, similar: {block: [[a], [b]], compare: {b: {by: equal}}, threshold: 1}}\n"
                       "  S: {on: t, assert: b = 'p'}\n");
    k.limits.value[HZ_LIMIT_GROUP_ROWS] = 3;
    kit_put(&k, "t.csv", "a,b,n,d\nx,p,,\nx,p,,\ny,p,,\n");
    kit_run(&k);
    assert_counts(&k, "R", "failed rows 3 failed 3");
    kit_put(&k, "t.csv", "a,b,n,d\nx,p,,\nx,p,,\ny,p,,\nz,p,,\n");
    kit_run(&k);
    ck_assert_int_eq(kit_rule(&k, "R")->outcome, HZ_OUTCOME_ERROR);
    ck_assert(k.result->incomplete);
    assert_counts(&k, "S", "passed rows 4 passed 4");
    ck_assert_uint_eq(k.result->tables[0].records_with_errors, 0);
    kit_close(&k);
}
END_TEST

START_TEST(test_similar__a_condition_over_a_relation)
{
    kit_open(&k, "tables:\n"
                 "  t:\n    files: ['t*.csv']\n    fields: {a: {type: text}, b: {type: text}}\n"
                 "    relations: {us: {many: u, on: a}}\n"
                 "  u: {files: ['u*.csv'], fields: {a: {type: text}}}\n"
                 "rules:\n"
                 "  R: {on: t, when: exists(us), similar: {block: [[\"left(b, 1)\"]], compare: {b: {by: edit}}, "
                 "threshold: 0.6}}\n");
    kit_put(&k, "t.csv", "a,b\nx,abc\ny,abd\nz,abe\nx,\n");
    kit_put(&k, "u.csv", "a\nx\nz\n");
    kit_run(&k);
    assert_counts(&k, "R", "failed rows 4 na 1 und 1 failed 2");
    assert_lines(&k, "R", "2+1 4+1");
    kit_close(&k);
}
END_TEST

START_TEST(test_similar__a_column_is_not_there)
{
    kit_open(&k, TABLE "  R: {on: t, similar: {block: [[a]], compare: {b: {by: edit}}, threshold: 1}}\n"
                       "  S: {on: t, similar: {block: [[n]], compare: {a: {by: edit}}, threshold: 1}}\n");
    kit_put(&k, "t.csv", "a,n\nx,1\n");
    kit_run(&k);
    ck_assert_int_eq(kit_rule(&k, "R")->outcome, HZ_OUTCOME_SKIPPED);
    assert_counts(&k, "S", "passed rows 1 passed 1");
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.similar");
    TCase *tc = tcase_create("similar");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_similar__alike_in_a_block);
    tcase_add_test(tc, test_similar__a_pair_is_counted_once);
    tcase_add_test(tc, test_similar__weights);
    tcase_add_test(tc, test_similar__examples_on_their_limit);
    tcase_add_test(tc, test_similar__a_block_of_too_many_rows);
    tcase_add_test(tc, test_similar__a_condition_over_a_relation);
    tcase_add_test(tc, test_similar__a_column_is_not_there);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
