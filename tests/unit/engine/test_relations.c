/* Suite engine.relations: columns that no file has. The property test covers the meaning; here stand single cases that
 * went wrong, and findings. */
#include "tests/unit/engine/engine_kit.h"

static kit k;

static const char TABLES[] =
    "tables:\n"
    "  h: {files: [h.csv], key: [id], fields: {id: {type: text}, size: {type: integer}},\n"
    "      relations: {members: {many: m, on: id, inverse: house},\n"
    "                  head: {one: m, on: id, where: \"role = '01'\"}}}\n"
    "  m: {files: [m.csv], fields: {id: {type: text}, role: {type: text}, income: {type: decimal}}}\n"
    "rules:\n";

static void run_with(const char *rules)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, TABLES);
    hz_buf_puts(&text, rules);
    kit_open(&k, text.ptr);
    hz_buf_clear(&text);
    kit_put(&k, "h.csv", "id,size\n1,2\n2,3\n3,0\n4,1\n");
    kit_put(&k, "m.csv", "id,role,income\n1,01,10\n1,02,30\n2,01,5\n2,01,7\n4,02,\n9,01,1\n");
    kit_run(&k);
}

/* count and exists, sum and avg are made of the same states: each must still be itself, in either order. */
START_TEST(test_relations__aggregates_that_share_states)
{
    run_with("  A: {on: h, assert: exists(members)}\n"
             "  B: {on: h, assert: count(members) = size}\n"
             "  C: {on: h, assert: \"sum(members, income) = 40\"}\n"
             "  D: {on: h, assert: \"avg(members, income) = 20\"}\n"
             "  E: {on: h, assert: \"avg(members, income) = 6 or size <> 3\"}\n"
             "  F: {on: h, assert: \"sum(members, income) = 12 or size <> 3\"}\n");
    assert_counts(&k, "A", "failed rows 4 passed 3 failed 1");
    assert_counts(&k, "B", "failed rows 4 passed 3 failed 1");
    assert_lines(&k, "B", "3+2");
    assert_counts(&k, "C", "failed rows 4 und 2 passed 1 failed 1");
    assert_counts(&k, "D", "failed rows 4 und 2 passed 1 failed 1");
    assert_counts(&k, "E", "passed rows 4 passed 4");
    assert_counts(&k, "F", "passed rows 4 passed 4");
    kit_close(&k);
}
END_TEST

/* Two rows of a to-one relation: NULL, counted as ambiguous; none: NULL. */
START_TEST(test_relations__ambiguous)
{
    run_with("  A: {on: h, assert: head.income > 0}\n  B: {on: m, assert: house.size > 0}\n");
    assert_counts(&k, "A", "passed rows 4 und 3 passed 1");
    ck_assert_uint_eq(kit_rule(&k, "A")->ambiguous, 1);
    assert_counts(&k, "B", "passed rows 6 und 1 passed 5");
    ck_assert_uint_eq(kit_rule(&k, "B")->ambiguous, 0);
    kit_close(&k);
}
END_TEST

/* What a finding shows over relations is what the rule saw. */
START_TEST(test_relations__message_values)
{
    hz_buf shown = HZ_BUF_INIT;
    run_with("  A: {on: h, assert: size = count(members), message: {zh: \"{size}/{count(members)}/{head.income}\"}}\n");
    assert_lines(&k, "A", "3+2");
    kit_message(&shown, &kit_rule(&k, "A")->examples[0]);
    ck_assert_str_eq(shown.ptr, "3/2/∅");
    hz_buf_clear(&shown);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.relations");
    TCase *cases = kit_case(suite, "cases", 60);
    tcase_add_test(cases, test_relations__aggregates_that_share_states);
    tcase_add_test(cases, test_relations__ambiguous);
    tcase_add_test(cases, test_relations__message_values);
    return kit_main(suite);
}
