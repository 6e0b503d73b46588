/* Programs themselves: what they read, what is folded, shared and fused, how long results live, limits, and memory that
 * runs out. */
#include <check.h>

#include "tests/unit/eval/eval_kit.h"

static eval_kit kit;
static hz_eval *eval;
static value_case model;
static kit_cell cells[2 * CASE_FIELDS_MAX];
static hz_limits limits;

static void read_model(void)
{
    if (model.fields_count)
        return;
    case_fields(&model, HZ_SLICE_LIT("t text, u text, n integer, m integer, d decimal, p boolean, day date, a text[]"),
                0);
    case_param_line(&model, HZ_SLICE_LIT("line decimal 4000"), 0);
    case_row(&model, HZ_SLICE_LIT("t='Abc' u='b' n='5' m='7' d='1.50' p='1' day='2020-02-29' a='x,y'"), 0);
}

static void setup(void)
{
    read_model();
    for (size_t f = 0; f < model.fields_count; f++)
        cells[f] = cells[model.fields_count + f] = (kit_cell){model.fields[f].state, model.fields[f].text};
    kit_open(&kit, model.fields, model.fields_count, model.params, model.params_count, HZ_SLICE_LIT("2020-12-31"));
    kit.cells = cells;
    hz_limits_init(&limits);
    kit.env.limits = &limits;
    eval = hz_eval_new();
}

static void teardown(void)
{
    kit_close(&kit);
    hz_eval_free(eval);
}

static hz_node *parsed(const char *expr)
{
    hz_buf why = HZ_BUF_INIT;
    hz_node *root = kit_parse(&kit, hz_slice_of(expr), &why);
    ck_assert_msg(root != NULL, "%s: %.*s", expr, HZ_SLICE_FMT(why));
    return root;
}

static hz_program *compiled(const char *expr)
{
    hz_program *program = NULL;
    ck_assert_int_eq(hz_program_compile(&program, parsed(expr), &kit.env, NULL), HZ_OK);
    return program;
}

static const hz_vec *ran(const hz_program *program, uint32_t rows)
{
    const hz_vec *vec = NULL;
    hz_eval_input input = {&kit, rows, kit_field, kit_raw, NULL};
    ck_assert_int_eq(hz_program_run(&vec, program, eval, &input, NULL), HZ_OK);
    return vec;
}

static void check_listing(const char *expr, const char *want)
{
    hz_program *program = compiled(expr);
    hz_buf out = HZ_BUF_INIT;
    hz_program_print(&out, program);
    ck_assert_str_eq(out.ptr, want);
    hz_buf_clear(&out);
    hz_program_free(program);
}

START_TEST(test_eval_program__fields_once_each)
{
    hz_program *program = compiled("t = u and left(t, 2) = raw(u) and raw(t) = raw(u) and (false and n = 1)");
    const hz_field *const *fields = NULL;
    ck_assert_uint_eq(hz_program_fields(program, &fields), 0);
    hz_program_free(program);
    program = compiled("t = u and left(t, 2) = raw(u) and raw(u) = t");
    ck_assert_uint_eq(hz_program_fields(program, &fields), 2);
    ck_assert(hz_slice_is(fields[0]->name, "t") && hz_slice_is(fields[1]->name, "u"));
    ck_assert_uint_eq(hz_program_raw_fields(program, &fields), 1);
    ck_assert(hz_slice_is(fields[0]->name, "u"));
    hz_program_free(program);
}
END_TEST

START_TEST(test_eval_program__listing)
{
    check_listing("n", "return n\n");
    check_listing("1 + 2", "%3 = spread 3\nreturn %3\n");
    check_listing("left(t, 2) = u", "%3 = cmp_left = t, u k=2\nreturn %3\n");
    check_listing("4 > length(t)", "%2 = cmp_length < t k=4\nreturn %2\n");
    check_listing("n between 1 and 5", "%3 = between_i64 n k=1 k2=5\nreturn %3\n");
    check_listing("t not in ('a', 'b')", "%3 = not in_text t\nreturn %3\n");
    check_listing("n in (1, 2)", "%3 = in_i64 n\nreturn %3\n");
    check_listing("t like 'a%'", "%2 = like_k t\nreturn %2\n");
    check_listing("d > line", "%2 = cmp_num > d, 4000\nreturn %2\n");
    check_listing("p and true", "return p\n");
    check_listing("n + m > 1 and n + m < 9",
                  "%2 = arith + n, m\n%4 = cmp_num > %2, 1\n%6 = cmp_num < %2, 9\n%7 = and %4, %6\nreturn %7\n");
}
END_TEST

START_TEST(test_eval_program__missing_part)
{
#ifdef HZ_WITH_ICU
    ck_assert_ptr_eq((void *)(uintptr_t)hz_program_missing_part(parsed("pinyin(t) = 'a'")), NULL);
#else
    ck_assert_str_eq(hz_program_missing_part(parsed("p and pinyin(t) = 'a'")), "icu");
    hz_program *program = compiled("pinyin(t)");
    const hz_vec *vec = NULL;
    hz_error err = {0};
    hz_eval_input input = {&kit, 1, kit_field, kit_raw, NULL};
    kit_batch(&kit, 0, 1);
    ck_assert_int_eq(hz_program_run(&vec, program, eval, &input, &err), HZ_E_INTERNAL);
    ck_assert_int_eq(err.message, HZ_MSG_EVAL_NO_ICU);
    hz_program_free(program);
#endif
    ck_assert_ptr_eq((void *)(uintptr_t)hz_program_missing_part(parsed("upper(t) = 'a'")), NULL);
}
END_TEST

/* Results and the texts in them stay until the reset, whatever runs in between. */
START_TEST(test_eval_program__results_side_by_side)
{
    enum { PROGRAMS = 40 };
    hz_program *programs[PROGRAMS];
    const hz_vec *results[PROGRAMS];
    kit_batch(&kit, 0, 2);
    for (int i = 0; i < PROGRAMS; i++) {
        char expr[64];
        snprintf(expr, sizeof expr, "upper(t) || lower('%d') || u", i);
        programs[i] = compiled(expr);
        results[i] = ran(programs[i], 2);
    }
    for (int i = 0; i < PROGRAMS; i++) {
        char want[64];
        snprintf(want, sizeof want, "ABC%db", i);
        ck_assert(hz_slice_is(results[i]->as.text[1], want));
    }
    hz_eval_reset(eval);
    for (int i = 0; i < PROGRAMS; i++)
        hz_program_free(programs[i]);
}
END_TEST

/* After the first batches a run takes no memory. */
START_TEST(test_eval_program__no_memory_in_the_steady_state)
{
    static const char *const all[] = {
        "case when upper(t) || u = 'ABCb' and d * n > m / 3 and 'x' = any(a) then replace(t, 'b', 'xyz') else lower(t) "
        "|| u end",
        "t matches '[A-Z][a-z]+' and t in ('a', 'b', 'Abc') and t like '%b%' and similarity(t, u) < 1",
        "array[t, u, upper(t)] = array['x', 'y', 'z'] or array[u] <@ coalesce(a, array['q'])",
        "n * n * n * 4611686018427387904 > d and age(day, as_of) > 3 and day + interval '1' month > day",
    };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        hz_program *program = compiled(all[k]);
        kit_batch(&kit, 0, 2);
        uint64_t calls = 0;
        for (int round = 0; round < 5; round++) {
            if (round == 2)
                calls = hz_mem_stats_now().calls;
            ran(program, 2);
            ran(program, 2);
            hz_eval_reset(eval);
        }
        ck_assert_uint_eq(hz_mem_stats_now().calls, calls);
        hz_program_free(program);
    }
}
END_TEST

static hz_program *relative;
static const hz_vec *nested_field(void *ctx, const hz_field *field)
{
    hz_eval_input input = {ctx, 2, kit_field, kit_raw, NULL};
    const hz_vec *vec = NULL;
    ck_assert_int_eq(hz_program_run(&vec, relative, eval, &input, NULL), HZ_OK);
    return hz_slice_is(field->name, "n") ? vec : kit_field(ctx, field);
}

/* A callback may evaluate with the same hz_eval. */
START_TEST(test_eval_program__callback_runs_a_program)
{
    relative = compiled("(m * 2 + n * 3) * (m + 1)");
    hz_program *program = compiled("n + m + d * 2 + length(t) + n");
    const hz_vec *vec = NULL;
    hz_buf out = HZ_BUF_INIT;
    kit_batch(&kit, 0, 2);
    hz_eval_input input = {&kit, 2, nested_field, kit_raw, NULL};
    ck_assert_int_eq(hz_program_run(&vec, program, eval, &input, NULL), HZ_OK);
    hz_vec_put(&out, vec, 1, HZ_SLICE_NONE);
    ck_assert_str_eq(out.ptr, "477.00");
    hz_buf_clear(&out);
    hz_program_free(program);
    hz_program_free(relative);
}
END_TEST

START_TEST(test_eval_program__pattern_limit_is_named)
{
    limits.value[HZ_LIMIT_PATTERN_MATCH] = 1;
    hz_program *program = compiled("t || 'aaaaaaaaaaaaaaaaaaaaaaaa' matches '(.)(a|a)*\\1b'");
    const hz_vec *vec = NULL;
    hz_error err = {0};
    hz_slice args[HZ_MSG_ARGS_MAX];
    hz_eval_input input = {&kit, 1, kit_field, kit_raw, NULL};
    kit_batch(&kit, 0, 1);
    ck_assert_int_eq(hz_program_run(&vec, program, eval, &input, &err), HZ_E_LIMIT);
    ck_assert_ptr_eq((void *)(uintptr_t)vec, NULL);
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, err.message, args, hz_error_args(&err, args), HZ_LANG_EN);
    ck_assert_msg(strstr(text.ptr, "pattern_") != NULL, "%s", text.ptr);
    hz_buf_clear(&text);
    hz_program_free(program);
}
END_TEST

/* A constant subject meets the limit when it runs, not when it is compiled. */
START_TEST(test_eval_program__pattern_limit_of_a_constant)
{
    limits.value[HZ_LIMIT_PATTERN_MATCH] = 1;
    hz_program *program = compiled("'Abcaaaaaaaaaaaaaaaaaaaaaaaa' matches '(.)(a|a)*\\1b'");
    const hz_vec *vec = NULL;
    hz_eval_input input = {&kit, 1, kit_field, kit_raw, NULL};
    ck_assert_int_eq(hz_program_run(&vec, program, eval, &input, NULL), HZ_E_LIMIT);
    hz_program_free(program);
}
END_TEST

static const char *const hungry[] = {
    "case when upper(t) || u = 'ABCb' and d * n > m / 3 then replace(t, 'b', 'xyz') else lower(u) end",
    "'x' = any(a) and array[t, u, 'z'] <@ array['x', 'Abc', 'b', 'z'] and cardinality(coalesce(a, array['q'])) = 2",
    "t in ('a', 'b', 'Abc', 'a longer text') and n in (1, 5, 6) and t like '%b_' and t matches '(A|B).*(c)\\2?'",
    "similarity(t, u) + greatest(n, d, m) + age(day, as_of) + round(d / 7, 3)",
    "case when p then to_date(t, 'YYYYMMDD') else first_day(day) end in (date '2020-01-01', date '2020-02-01')",
#ifdef HZ_WITH_ICU
    "pinyin(t)",
#endif
};

/* Each allocation fails in turn: a clean HZ_E_NOMEM, nothing leaked, and the next try works. */
START_TEST(test_eval_program__every_allocation_fails_in_turn)
{
    hz_node *root = parsed(hungry[_i]);
    kit_batch(&kit, 0, 1);
    uint64_t live = hz_mem_stats_now().live_calls;
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        hz_program *program = NULL;
        hz_eval *fresh = NULL;
        const hz_vec *vec = NULL;
        hz_error err = {0};
        ck_assert_uint_lt(n, 500);
        hz_mem_fail_after(n, false);
        hz_status st = hz_program_compile(&program, root, &kit.env, &err);
        if (st == HZ_OK) {
            fresh = hz_eval_new();
            hz_eval_input input = {&kit, 1, kit_field, kit_raw, NULL};
            st = fresh ? hz_program_run(&vec, program, fresh, &input, &err) : HZ_E_NOMEM;
        } else {
            ck_assert_ptr_eq(program, NULL);
        }
        hz_mem_fail_after(0, false);
        if (st != HZ_OK) {
            ck_assert_int_eq(st, HZ_E_NOMEM);
            ck_assert_ptr_eq((void *)(uintptr_t)vec, NULL);
            ck_assert(!fresh || err.message == HZ_MSG_NO_MEMORY);
        }
        done = st == HZ_OK;
        hz_eval_free(fresh);
        hz_program_free(program);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.program");
    TCase *tcase = tcase_create("program");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_eval_program__fields_once_each);
    tcase_add_test(tcase, test_eval_program__listing);
    tcase_add_test(tcase, test_eval_program__missing_part);
    tcase_add_test(tcase, test_eval_program__results_side_by_side);
    tcase_add_test(tcase, test_eval_program__no_memory_in_the_steady_state);
    tcase_add_test(tcase, test_eval_program__callback_runs_a_program);
    tcase_add_test(tcase, test_eval_program__pattern_limit_is_named);
    tcase_add_test(tcase, test_eval_program__pattern_limit_of_a_constant);
    tcase_add_loop_test(tcase, test_eval_program__every_allocation_fails_in_turn, 0, sizeof hungry / sizeof *hungry);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
