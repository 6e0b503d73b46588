/* Suite engine.chain: one run judges for every profile of a chain. The chain is t.base, tests/data/engine, and what
 * stands here. */
#include "reports/grade.h"
#include "reports/render.h"
#include "tests/unit/engine/engine_kit.h"

static kit k;

static const char overlay[] =
    "extends: [chain_base.yaml]\n"
    "params: {least: {default: 5}}\n"
    "tables:\n"
    "  item:\n"
    "    fields:\n"
    "      code: {pattern: '[0-9]*', required: true}\n"
    "      kind: {codes: {\"1\": one, \"2\": two}, severity: error}\n"
    "      n: {max: 50}\n"
    "      extra: {type: text}\n"
    "rules:\n"
    "  R-1: {severity: error}\n"
    "  R-2: {at_most: 1}\n"
    "  R-3: {tolerance: {count: 1}}\n"
    "  R-4: {status: active}\n"
    "  R-9: {on: item, assert: id <> code}\n"
    "measures:\n"
    "  M-1: {expect: value < 50 and value < 20}\n"
    "grading:\n"
    "  grades: [{grade: A, min_score: 99, max: {error_rate.item: 0.2}}, {grade: B, min_score: 60}, {grade: C}]\n";

static const char items[] = "id,code,kind,area,n,name,upper,extra\n"
                            "1,12,1,52,7,ab,2,x\n"
                            "2,abcd,1,52,60,ab,9,x\n"
                            "3,12,3,5201,3,ab,,x\n"
                            "4,,9,5201,0,ab,1,x\n"
                            "5,1234,2,5201,,cd,1,x\n";

static const hz_result_rule *rule_of(const hz_result_rule *rules, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_is(rules[i].rule->id, id))
            return &rules[i];
    return NULL;
}

static const hz_result_rule *base_rule(const char *id)
{
    return rule_of(k.result->verdicts[0].rules, k.result->verdicts[0].rules_count, id);
}

static const hz_result_rule *own_rule(const char *id)
{
    return rule_of(k.result->rules, k.result->rules_count, id);
}

static void assert_figures(const hz_result_rule *rule, uint64_t evaluated, uint64_t failed, hz_severity severity)
{
    ck_assert_ptr_nonnull(rule);
    ck_assert_uint_eq(rule->evaluated, evaluated);
    ck_assert_uint_eq(rule->failed, failed);
    ck_assert_int_eq(rule->severity, severity);
}

static void open_items(void)
{
    kit_open(&k, overlay);
    kit_put(&k, "item.csv", items);
    k.options.threads = 1;
}

START_TEST(test_chain__each_profile_has_its_figures)
{
    open_items();
    kit_run(&k);
    ck_assert_uint_eq(k.result->verdicts_count, 2);
    ck_assert(hz_slice_is(k.result->verdicts[0].profile->id, "t.base"));
    ck_assert_ptr_eq(k.result->verdicts[1].profile, k.profile);
    /* alike in both, but it looks at what passed the pattern */
    assert_figures(own_rule("item.code.length"), 3, 1, HZ_SEVERITY_ERROR);
    assert_figures(base_rule("item.code.length"), 4, 2, HZ_SEVERITY_ERROR);
    assert_figures(own_rule("item.code.pattern"), 4, 1, HZ_SEVERITY_ERROR);
    ck_assert_ptr_null(base_rule("item.code.pattern"));
    assert_figures(own_rule("item.kind.codes"), 5, 2, HZ_SEVERITY_ERROR);
    assert_figures(base_rule("item.kind.codes"), 5, 1, HZ_SEVERITY_WARNING);
    assert_figures(own_rule("item.n.range"), 4, 1, HZ_SEVERITY_ERROR);
    assert_figures(base_rule("item.n.range"), 4, 0, HZ_SEVERITY_ERROR);
    assert_figures(own_rule("R-1"), 4, 2, HZ_SEVERITY_ERROR);
    assert_figures(base_rule("R-1"), 4, 1, HZ_SEVERITY_WARNING);
    assert_figures(own_rule("R-2"), 4, 2, HZ_SEVERITY_ERROR);
    assert_figures(base_rule("R-2"), 4, 0, HZ_SEVERITY_ERROR);
    ck_assert_ptr_null(base_rule("R-4"));
    ck_assert_ptr_null(base_rule("R-9"));
    /* a column that the base does not declare is unknown to it */
    ck_assert_int_eq(own_rule("item.columns")->outcome, HZ_OUTCOME_PASSED);
    ck_assert_int_eq(base_rule("item.columns")->outcome, HZ_OUTCOME_FAILED);
    ck_assert_uint_eq(base_rule("item.columns")->failed, 1);
    ck_assert_uint_eq(base_rule("item.code.length")->examples_count, 0);
    kit_close(&k);
}
END_TEST

START_TEST(test_chain__records_are_erroneous_for_each)
{
    open_items();
    kit_run(&k);
    const hz_result_verdict *base = &k.result->verdicts[0];
    /* base: 2 and 5 by length, 2 by upper; 5 by name */
    ck_assert_uint_eq(base->records_with_errors, 2);
    ck_assert_uint_eq(k.result->records_with_errors, 5);
    ck_assert_uint_eq(base->records, 5);
    ck_assert(hz_slice_is(base->profile->grading.grades[base->grade].grade, "B")); /* 2 of 5 are more than 0.2 */
    ck_assert_uint_eq(k.result->verdicts[1].records_with_errors, k.result->records_with_errors);
    ck_assert_uint_eq(k.result->measures_count, 1);
    ck_assert_uint_eq(k.result->measures_older_count, 1);
    kit_close(&k);
}
END_TEST

/* Regions are of the profile of the run. */
START_TEST(test_chain__regions_hold_no_older_form)
{
    open_items();
    kit_run(&k);
    uint64_t findings = 0, here = 0;
    for (size_t i = 0; i < k.result->rules_count; i++)
        if (k.result->rules[i].rule->kind >= HZ_RULE_REQUIRED)
            findings += k.result->rules[i].failed;
    for (size_t i = 0; i < k.result->regions_count; i++)
        if (strlen(k.result->regions[i].code) == 2)
            here += k.result->regions[i].findings;
    ck_assert_uint_eq(here, findings);
    kit_close(&k);
}
END_TEST

START_TEST(test_chain__a_parameter_is_given_to_all_forms)
{
    open_items();
    k.params[0] = (hz_given){HZ_SLICE_LIT("least"), HZ_SLICE_LIT("4")};
    k.options.params_count = 1;
    kit_run(&k);
    assert_figures(own_rule("R-1"), 4, 2, HZ_SEVERITY_ERROR);
    assert_figures(base_rule("R-1"), 4, 2, HZ_SEVERITY_WARNING);
    ck_assert_uint_eq(k.result->params_count, 1);
    kit_close(&k);
}
END_TEST

/* The pattern of the base passes its limit; the overlay has another. */
START_TEST(test_chain__what_ends_in_error_ends_for_its_own)
{
    kit_open(&k, "extends: [chain_base.yaml]\ntables: {item: {fields: {name: {pattern: '.*'}}}}\n");
    kit_put(&k, "item.csv", "id,code,kind,area,n,name,upper\n1,1,1,52,7,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaacb,\n");
    k.limits.value[HZ_LIMIT_PATTERN_MATCH] = 1000;
    kit_run(&k);
    ck_assert_int_eq(base_rule("item.name.pattern")->outcome, HZ_OUTCOME_ERROR);
    ck_assert(k.result->verdicts[0].incomplete);
    ck_assert_int_eq(own_rule("item.name.pattern")->outcome, HZ_OUTCOME_PASSED);
    ck_assert(!k.result->incomplete);
    kit_close(&k);
}
END_TEST

START_TEST(test_chain__a_profile_alone_has_no_list)
{
    kit_open(&k, "tables: {item: {fields: {id: {type: text}}}}\n");
    kit_put(&k, "item.csv", "id\n1\n");
    kit_run(&k);
    ck_assert_uint_eq(k.result->verdicts_count, 0);
    kit_close(&k);
}
END_TEST

static hz_slice report(hz_buf *text)
{
    hz_render_options how = {.reproducible = true};
    hz_buf_reset(text);
    ck_assert_int_eq(hz_render(text, HZ_FORMAT_JSON, k.result, &how, NULL), HZ_OK);
    return hz_buf_slice(text);
}

START_TEST(test_chain__threads_do_not_matter)
{
    hz_buf all = HZ_BUF_INIT, one = HZ_BUF_INIT, many = HZ_BUF_INIT;
    kit_open(&k, overlay);
    hz_buf_puts(&all, "id,code,kind,area,n,name,upper,extra\n");
    for (int i = 0; i < 30000; i++)
        hz_buf_printf(&all, "%d,%s%d,%d,%s,%d,%s,%d,\n", i, i % 7 ? "" : "abc", i % 3000, i % 5, i % 2 ? "52" : "5201",
                      i % 110, i % 11 ? "ab" : "b", i % 13 ? i / 2 : i + 29000);
    kit_put_bytes(&k, "item.csv", hz_buf_slice(&all));
    k.options.threads = 1;
    kit_run(&k);
    (void)report(&one);
    k.options.threads = 3;
    kit_run(&k);
    (void)report(&many);
    ck_assert_str_eq(many.ptr, one.ptr);
    hz_buf_clear(&all);
    hz_buf_clear(&one);
    hz_buf_clear(&many);
    kit_close(&k);
}
END_TEST

START_TEST(test_chain__every_allocation_fails)
{
    hz_buf whole = HZ_BUF_INIT, now = HZ_BUF_INIT;
    open_items();
    kit_run(&k);
    (void)report(&whole);
    bool failed = true;
    for (uint64_t n = 1; failed; n += n < 50 ? 1 : 3) {
        kit_drop_result(&k);
        hz_mem_stats before = hz_mem_stats_now();
        hz_mem_fail_after(n, false);
        kit_try(&k);
        hz_mem_fail_after(0, false);
        failed = k.status != HZ_OK || hz_mem_stats_now().calls - before.calls >= n;
        if (k.status == HZ_OK) {
            ck_assert(hz_slice_eq(report(&now), hz_buf_slice(&whole)));
            continue;
        }
        ck_assert_int_eq(k.status, HZ_E_NOMEM);
        ck_assert_int_eq(k.err.status, HZ_E_NOMEM);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    }
    hz_buf_clear(&whole);
    hz_buf_clear(&now);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.chain");
    TCase *tests = kit_case(suite, "chain", 60), *memory = kit_case(suite, "memory", 300);
    tcase_add_test(tests, test_chain__each_profile_has_its_figures);
    tcase_add_test(tests, test_chain__records_are_erroneous_for_each);
    tcase_add_test(tests, test_chain__regions_hold_no_older_form);
    tcase_add_test(tests, test_chain__a_parameter_is_given_to_all_forms);
    tcase_add_test(tests, test_chain__what_ends_in_error_ends_for_its_own);
    tcase_add_test(tests, test_chain__a_profile_alone_has_no_list);
    tcase_add_test(tests, test_chain__threads_do_not_matter);
    tcase_add_test(memory, test_chain__every_allocation_fails);
    return kit_main(suite);
}
