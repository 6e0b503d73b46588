/* Suite engine.groups: aggregates over the rows of a group, of a table, of a region; what a failing group blames. */
#include "tests/unit/engine/engine_kit.h"

static kit k;

/* The messages of a rule's examples, a line each. */
static const char *messages(const char *rule)
{
    static char out[4096];
    const hz_result_rule *shown = kit_rule(&k, rule);
    hz_buf text = HZ_BUF_INIT;
    for (size_t i = 0; i < shown->examples_count; i++) {
        kit_message(&text, &shown->examples[i]);
        hz_buf_putc(&text, '\n');
    }
    ck_assert_uint_lt(text.len, sizeof out);
    memcpy(out, text.len ? text.ptr : "", text.len + 1);
    hz_buf_clear(&text);
    return out;
}

#define FIELDS                                                                                                         \
    "tables:\n"                                                                                                        \
    "  t:\n"                                                                                                           \
    "    files: ['t*.csv']\n"                                                                                          \
    "    fields: {g: {type: text}, n: {type: integer}, d: {type: decimal}, x: {type: text}, day: {type: date},\n"      \
    "             f: {type: boolean}}\n"
#define ROWS                                                                                                           \
    "g,n,d,x,day,f\n"                                                                                                  \
    "b,x,,,,\n"                                                                                                        \
    "a,1,1.50,b,2020-01-01,1\n"                                                                                        \
    ",5,1,z,2020-01-01,1\n"                                                                                            \
    "a,2,,a,2019-12-31,0\n"                                                                                            \
    "a,,2.25,a,,1\n"                                                                                                   \
    "a,x,-1,,2020-02-30,\n"                                                                                            \
    "b,,,,,\n"

/* NULL and invalid inputs are left out; over none, counts are 0 and the rest NULL. Groups come in the order of their
 * keys. */
START_TEST(test_groups__every_aggregate)
{
    kit_open(&k, FIELDS "rules:\n"
                        "  COUNT: {on: t, each: [g], assert: count(*) < 0, message: {zh: '{count(*)} {count(*, n)} "
                        "{count(* where n > 1)} {count(*, x where n = 2)}'}}\n"
                        "  SUM: {on: t, each: [g], assert: count(*) < 0, message: {zh: '{sum(*, n)} {sum(*, d)} "
                        "{avg(*, n)} {sum(*, n where n > 9)}'}}\n"
                        "  ENDS: {on: t, each: [g], assert: count(*) < 0, message: {zh: '{min(*, n)} {max(*, n)} "
                        "{min(*, d)} {max(*, d)} {min(*, x)} {max(*, x)} {min(*, day)} {max(*, day)}'}}\n"
                        "  DISTINCT: {on: t, each: [g], assert: count(*) < 0, message: {zh: '{count(distinct *, n)} "
                        "{count(distinct *, x)} {count(distinct *, d)} {count(distinct *, f)}'}}\n"
                        "  TRUTH: {on: t, each: [g], assert: count(*) < 0, message: {zh: '{exists(* where n = 2)} "
                        "{exists(* where n = 3)} {every(*, n > 0)} {every(*, n > 1)}'}}\n");
    kit_put(&k, "t.csv", ROWS);
    kit_run(&k);
    ck_assert_str_eq(messages("COUNT"), "4 2 1 1\n2 0 0 0\n");
    ck_assert_str_eq(messages("SUM"), "3 2.75 1.50000000000000000000 ∅\n∅ ∅ ∅ ∅\n");
    ck_assert_str_eq(messages("ENDS"), "1 2 -1 2.25 a b 2019-12-31 2020-01-01\n∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅\n");
    ck_assert_str_eq(messages("DISTINCT"), "2 2 3 2\n0 0 0 0\n");
    ck_assert_str_eq(messages("TRUTH"), "true false true false\nfalse false true true\n");
    assert_counts(&k, "COUNT", "failed rows 2 failed 2 unkeyed 1");
    kit_close(&k);
}
END_TEST

/* Equal as values: 1.0 and 1.00 are one. A sum past 38 digits has no value. */
START_TEST(test_groups__values_not_spellings)
{
    kit_open(&k, FIELDS "rules:\n"
                        "  R: {on: t, assert: count(*) < 0, message: {zh: '{count(distinct *, d)} {sum(*, d)}'}}\n"
                        "  D: {on: t, each: [d], assert: count(*) < 0, message: {zh: '{d} {count(*)}'}}\n");
    kit_put(&k, "t.csv", "g,n,d,x,day,f\na,,1.0,,,\na,,1.00,,,\na,,1,,,\n");
    kit_run(&k);
    ck_assert_str_eq(messages("R"), "1 3.00\n");
    ck_assert_str_eq(messages("D"), "1.0 3\n");
    kit_put(&k, "t.csv", "g,n,d,x,day,f\na,,99999999999999999999999999999999999999,,,\na,,1,,,\na,,-1,,,\n");
    kit_run(&k);
    ck_assert_str_eq(messages("R"), "3 ∅\n");
    kit_close(&k);
}
END_TEST

START_TEST(test_groups__of_several_keys)
{
    kit_open(&k, FIELDS
             "rules:\n"
             "  R: {on: t, each: [n, f, 'left(g, 1)'], assert: count(*) < 0, message: {zh: '{n} {f} {count(*)}'}}\n");
    kit_put(&k, "t.csv",
            "g,n,d,x,day,f\nab,10,,,,1\nac,9,,,,1\nad,10,,,,0\nae,10,,,,1\nb,10,,,,1\nb,10,,,,\nb,-1,,,,1\n");
    kit_run(&k);
    ck_assert_str_eq(messages("R"),
                     "-1 true 1\n9 true 1\n10 false 1\n10 true 2\n10 true 1\n"); /* as numbers, false first */
    assert_counts(&k, "R", "failed rows 5 failed 5 unkeyed 1");
    assert_lines(&k, "R", "0+1 0+1 0+1 0+2 0+1");
    kit_close(&k);
}
END_TEST

/* A rule over * without `each` gives one verdict; of a table without rows too. */
START_TEST(test_groups__of_the_whole_table)
{
    kit_open(&k, FIELDS "rules:\n"
                        "  FEW: {on: t, assert: count(*) > 10, message: {zh: '{count(*)} {max(*, x)}'}}\n"
                        "  SUM: {on: t, assert: 'sum(*, n) > 0'}\n"
                        "  NA: {on: t, when: count(*) > 100, assert: count(*) > 10}\n");
    kit_put(&k, "t.csv", ROWS);
    kit_run(&k);
    ck_assert_str_eq(messages("FEW"), "7 z\n");
    assert_counts(&k, "FEW", "failed rows 1 failed 1");
    assert_counts(&k, "SUM", "passed rows 1 passed 1");
    assert_counts(&k, "NA", "not_applicable rows 1 na 1");
    kit_put(&k, "t.csv", "g,n,d,x,day,f\n");
    kit_run(&k);
    ck_assert_str_eq(messages("FEW"), "0 ∅\n");
    assert_counts(&k, "SUM", "undetermined rows 1 und 1");
    kit_close(&k);
}
END_TEST

START_TEST(test_groups__when_speaks_of_the_group)
{
    kit_open(&k, FIELDS "rules:\n"
                        "  R: {on: t, each: [g], when: 'sum(*, n) > 2', assert: \"g = 'a'\"}\n");
    kit_put(&k, "t.csv", "g,n,d,x,day,f\na,3,,,,\nb,3,,,,\nc,2,,,,\nd,,,,,\nb,1,,,,\n");
    kit_run(&k);
    assert_counts(&k, "R", "failed rows 4 na 2 passed 1 failed 1");
    assert_lines(&k, "R", "0+2");
    kit_close(&k);
}
END_TEST

/* Every record of a failing group fails, each once in records_with_errors; those in no group are undetermined. */
START_TEST(test_groups__blame)
{
    kit_open(&k, FIELDS "rules:\n"
                        "  REC: {on: t, each: [g], blame: records, when: count(*) > 1, assert: 'sum(*, n) < 5', "
                        "message: {zh: '{g} {sum(*, n)}'}}\n"
                        "  GRP: {on: t, each: [g], blame: groups, when: count(*) > 1, assert: 'sum(*, n) < 5'}\n");
    kit_put(&k, "t.csv",
            "g,n,d,x,day,f\na,3,,,,\nb,1,,,,\n,9,,,,\na,3,,,,\nc,9,,,,\nd,,,,,\na,,,,,\nd,,,,,\nb,1,,,,\n");
    kit_run(&k);
    /* a fails with 3 rows; b passes with 2; c is too small; d has no sum (2 rows); one row has no key */
    assert_counts(&k, "REC", "failed rows 9 na 1 und 3 passed 2 failed 3 groups 1 unkeyed 1");
    assert_lines(&k, "REC", "2 5 8");
    ck_assert_str_eq(messages("REC"), "a 6\na 6\na 6\n");
    assert_counts(&k, "GRP", "failed rows 4 na 1 und 1 passed 1 failed 1 unkeyed 1");
    ck_assert_uint_eq(kit_table(&k, "t")->records_with_errors, 3);
    kit_close(&k);
}
END_TEST

START_TEST(test_groups__more_than_a_batch_of_groups)
{
    enum { GROUPS = 5000 };
    hz_buf text = HZ_BUF_INIT;
    kit_open(
        &k, FIELDS
        "rules:\n"
        "  R: {on: t, each: [n], assert: 'count(*) = 2 or n = 77', message: {zh: '{n} {count(*)} {max(*, x)}'}}\n");
    hz_buf_puts(&text, "g,n,d,x,day,f\n");
    for (unsigned i = 0; i < 2 * GROUPS - 2; i++)
        hz_buf_printf(&text, ",%u,,x%u,,\n", i * 7919 % GROUPS, i);
    kit_put_bytes(&k, "t.csv", hz_buf_slice(&text));
    hz_buf_clear(&text);
    kit_run(&k);
    char expected[64];
    unsigned lost[2] = {(2 * GROUPS - 2) * 7919 % GROUPS, (2 * GROUPS - 1) * 7919 % GROUPS};
    bool turn = lost[0] > lost[1];
    snprintf(expected, sizeof expected, "%u 1 x%u\n%u 1 x%u\n", lost[turn], GROUPS - 2 + turn, lost[!turn],
             GROUPS - 1 - turn);
    ck_assert_str_eq(messages("R"), expected);
    kit_close(&k);
}
END_TEST

/* ---- regions ---- */

#define REGIONS                                                                                                        \
    "tables:\n"                                                                                                        \
    "  t:\n"                                                                                                           \
    "    files: ['t*.csv']\n"                                                                                          \
    "    region: c\n"                                                                                                  \
    "    fields: {c: {type: text}, n: {type: integer}, x: {type: text}}\n"
#define REGION_ROWS                                                                                                    \
    "c,n,x\n"                                                                                                          \
    "520102016001,1,a\n"                                                                                               \
    "520102016002,2,a\n"                                                                                               \
    "520102,4,b\n"                                                                                                     \
    "5201,8,a\n"                                                                                                       \
    "52,16,c\n"                                                                                                        \
    "110101,32,a\n"                                                                                                    \
    "nowhere,64,d\n"                                                                                                   \
    ",128,\n"                                                                                                          \
    "520102016001,x,e\n"

static const char *measure(size_t m)
{
    static char out[4096];
    const hz_result_measure *shown = &k.result->measures[m];
    hz_buf text = HZ_BUF_INIT;
    hz_decimal_put(&text, shown->whole.value);
    for (size_t i = 0; i < shown->regions_count; i++) {
        hz_buf_printf(&text, " %s=", shown->regions[i].code);
        if (shown->regions[i].value.has_value)
            hz_decimal_put(&text, shown->regions[i].value.value);
    }
    ck_assert_uint_lt(text.len, sizeof out);
    memcpy(out, text.ptr, text.len + 1);
    hz_buf_clear(&text);
    return out;
}

/* A row counts once on each level; what has no code, or no right one, under "". */
START_TEST(test_groups__regions_add_up)
{
    kit_open(&k, REGIONS "measures:\n"
                         "  ROWS: {on: t, value: count(*)}\n"
                         "  SUM: {on: t, value: 'sum(*, n)'}\n"
                         "  GREATEST: {on: t, value: 'max(*, n)'}\n"
                         "  LEAST: {on: t, value: 'min(*, n)'}\n"
                         "  DISTINCT: {on: t, value: 'count(distinct *, x)'}\n"
                         "  COUNTY: {on: t, value: count(*), levels: [county]}\n"
                         "  LARGE: {on: t, value: count(*), when: count(*) > 3}\n");
    kit_put(&k, "t.csv", REGION_ROWS);
    kit_run(&k);
    ck_assert_str_eq(measure(0),
                     "9 =2 11=1 1101=1 110101=1 52=6 5201=5 520102=4 520102016=3 520102016001=2 520102016002=1");
    ck_assert_str_eq(
        measure(1),
        "255 =192 11=32 1101=32 110101=32 52=31 5201=15 520102=7 520102016=3 520102016001=1 520102016002=2");
    ck_assert_str_eq(
        measure(2), "128 =128 11=32 1101=32 110101=32 52=16 5201=8 520102=4 520102016=2 520102016001=1 520102016002=2");
    ck_assert_str_eq(measure(3),
                     "1 =64 11=32 1101=32 110101=32 52=1 5201=1 520102=1 520102016=1 520102016001=1 520102016002=2");
    ck_assert_str_eq(measure(4),
                     "5 =1 11=1 1101=1 110101=1 52=4 5201=3 520102=3 520102016=2 520102016001=2 520102016002=1");
    ck_assert_str_eq(measure(5), "9 =2 110101=1 520102=4");
    ck_assert_str_eq(measure(6), "9 52=6 5201=5 520102=4");
    kit_close(&k);
}
END_TEST

START_TEST(test_groups__regions_of_rules_add_up)
{
    kit_open(&k, REGIONS "rules:\n  R: {on: t, when: n <> 2, assert: n > 3}\n  U: {on: t, unique: [x]}\n");
    kit_put(&k, "t.csv", REGION_ROWS);
    kit_run(&k);
    assert_counts(&k, "R", "failed rows 9 na 2 passed 6 failed 1");
    /* R fails for row 1; U for a a a a; .type of n for the last */
    const struct {
        const char *code;
        uint64_t rows, findings, errors;
    } expected[] = {{"", 2, 0, 0},
                    {"11", 1, 1, 1},
                    {"1101", 1, 1, 1},
                    {"110101", 1, 1, 1},
                    {"52", 6, 5, 4},
                    {"5201", 5, 5, 4},
                    {"520102", 4, 4, 3},
                    {"520102016", 3, 4, 3},
                    {"520102016001", 2, 3, 2},
                    {"520102016002", 1, 1, 1}};
    ck_assert_uint_eq(k.result->regions_count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < k.result->regions_count; i++) {
        const hz_result_region *region = &k.result->regions[i];
        ck_assert_str_eq(region->code, expected[i].code);
        ck_assert_uint_eq(region->rows, expected[i].rows);
        ck_assert_uint_eq(region->findings, expected[i].findings);
        ck_assert_uint_eq(region->records_with_errors, expected[i].errors);
    }
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.groups");
    TCase *groups = kit_case(suite, "groups", 120), *regions = kit_case(suite, "regions", 120);
    tcase_add_test(groups, test_groups__every_aggregate);
    tcase_add_test(groups, test_groups__values_not_spellings);
    tcase_add_test(groups, test_groups__of_several_keys);
    tcase_add_test(groups, test_groups__of_the_whole_table);
    tcase_add_test(groups, test_groups__when_speaks_of_the_group);
    tcase_add_test(groups, test_groups__blame);
    tcase_add_test(groups, test_groups__more_than_a_batch_of_groups);
    tcase_add_test(regions, test_groups__regions_add_up);
    tcase_add_test(regions, test_groups__regions_of_rules_add_up);
    return kit_main(suite);
}
