/* JSON read, and its canonical form. */
#include "base/json_read.h"

#include "base/alloc.h"
#include "base/jcs.h"
#include "tests/unit/base/unit.h"

static hz_status parse(hz_jvalue **out, hz_arena *arena, const char *text, const hz_limits *limits, hz_error *err)
{
    return hz_json_parse(out, arena, HZ_SLICE_LIT("r.json"), hz_slice_of(text), limits, err);
}

START_TEST(test_json__tree)
{
    hz_arena *arena = hz_arena_new();
    hz_jvalue *v;
    uint64_t n;
    ck_assert_int_eq(
        parse(&v, arena, " {\"a\": [1, \"x\\u00e9\\n\", null], \"b\": {\"c\": true}, \"n\": 42} \n", NULL, NULL),
        HZ_OK);
    ck_assert_uint_eq(v->count, 3);
    ck_assert_uint_eq(hz_jget(v, "a")->count, 3);
    ck_assert(hz_slice_is(hz_jtext(hz_jget(v, "a")->first->next), "x\xc3\xa9\n"));
    ck_assert(hz_jtrue(hz_jget(hz_jget(v, "b"), "c")));
    ck_assert(hz_ju64(&n, hz_jget(v, "n")) && n == 42);
    ck_assert(!hz_ju64(&n, hz_jget(v, "a")));
    ck_assert_ptr_null(hz_jget(hz_jget(v, "none"), "c"));
    ck_assert_int_eq(parse(&v, arena, "[18446744073709551615,18446744073709551616,1.0,-1]", NULL, NULL), HZ_OK);
    ck_assert(hz_ju64(&n, v->first) && n == UINT64_MAX);
    ck_assert(!hz_ju64(&n, v->first->next));
    ck_assert(!hz_ju64(&n, v->first->next->next));
    ck_assert(!hz_ju64(&n, v->first->next->next->next));
    hz_arena_free(arena);
}
END_TEST

static const struct {
    const char *text;
    hz_msg_id message;
    uint64_t line, column;
} wrongs[] = {
    {"", HZ_MSG_JSON_ENDS, 1, 1},
    {"[1,", HZ_MSG_JSON_ENDS, 1, 4},
    {"[1 2]", HZ_MSG_JSON_COMMA, 1, 4},
    {"[1,]", HZ_MSG_JSON_VALUE, 1, 4},
    {"{\n \"a\" 1}", HZ_MSG_JSON_COLON, 2, 6},
    {"{a:1}", HZ_MSG_JSON_NAME, 1, 2},
    {"{\"a\":1,}", HZ_MSG_JSON_NAME, 1, 8},
    {"[1] x", HZ_MSG_JSON_MORE, 1, 5},
    {"\"\xe4\xb8\xad\xff\"", HZ_MSG_JSON_UTF8, 1, 3},
    {"\"abc", HZ_MSG_JSON_STRING_OPEN, 1, 1},
    {"\"a\nb\"", HZ_MSG_JSON_CONTROL, 1, 3},
    {"\"\\x\"", HZ_MSG_JSON_ESCAPE, 1, 2},
    {"\"\\u12g4\"", HZ_MSG_JSON_ESCAPE, 1, 2},
    {"\"\\ud800\"", HZ_MSG_JSON_SURROGATE, 1, 2},
    {"\"\\udc00\"", HZ_MSG_JSON_SURROGATE, 1, 2},
    {"\"\\ud800\\u0041\"", HZ_MSG_JSON_SURROGATE, 1, 2},
    {"[01]", HZ_MSG_JSON_NUMBER, 1, 2},
    {"[1.]", HZ_MSG_JSON_NUMBER, 1, 2},
    {"[-]", HZ_MSG_JSON_NUMBER, 1, 2},
    {"[1e]", HZ_MSG_JSON_NUMBER, 1, 2},
    {"[nul]", HZ_MSG_JSON_VALUE, 1, 2},
    {"{\"a\":1,\n\"b\":2,\"a\":3}", HZ_MSG_JSON_TWICE, 2, 11},
};

START_TEST(test_json__mistakes)
{
    hz_arena *arena = hz_arena_new();
    hz_jvalue *v;
    hz_error err = {0};
    ck_assert_int_eq(parse(&v, arena, wrongs[_i].text, NULL, &err), HZ_E_SOURCE);
    ck_assert_ptr_null(v);
    ck_assert_str_eq(hz_msg_name(err.message), hz_msg_name(wrongs[_i].message));
    ck_assert_uint_eq(err.line, wrongs[_i].line);
    ck_assert_uint_eq(err.column, wrongs[_i].column);
    ck_assert_str_eq(err.file, "r.json");
    hz_arena_free(arena);
}
END_TEST

START_TEST(test_json__limits)
{
    hz_arena *arena = hz_arena_new();
    hz_limits limits = *hz_limits_default();
    hz_jvalue *v;
    hz_error err = {0};
    limits.value[HZ_LIMIT_JSON_DEPTH] = 2;
    limits.value[HZ_LIMIT_JSON_NODES] = 4;
    ck_assert_int_eq(parse(&v, arena, "[[1,2]]", &limits, NULL), HZ_OK);
    ck_assert_int_eq(parse(&v, arena, "[[[1]]]", &limits, &err), HZ_E_LIMIT);
    ck_assert_uint_eq(err.column, 3);
    hz_error_clear(&err);
    ck_assert_int_eq(parse(&v, arena, "[1,2,3]", &limits, NULL), HZ_OK);
    ck_assert_int_eq(parse(&v, arena, "[1,2,3,4]", &limits, &err), HZ_E_LIMIT);
    hz_arena_free(arena);
}
END_TEST

/* RFC 8785: the sample of 3.2.2 and 3.2.4, the order of 3.2.3, numbers of appendix B; then what a double would change.
 */
static const struct {
    const char *text, *canonical;
} forms[] = {
    {"{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"
     "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\"literals\":[null,true,false]}",
     "{\"literals\":[null,true,false],\"numbers\":[\"333333333.33333329\",1e+30,4.5,0.002,1e-27],"
     "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"},
    {"{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}",
     "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"\xc3\xb6\":7,\"\xe2\x82\xac\":1,\"\xf0\x9f\x98\x80\":5,\"\xef\xac\xb3\":3}"},
    {"[0,-0,-0.0,5e-324,1.7976931348623157e308,9007199254740992,-9007199254740992,295147905179352830000]",
     "[0,0,0,5e-324,1.7976931348623157e+308,9007199254740992,-9007199254740992,295147905179352830000]"},
    {"[1e21,1e20,999999999999999900000,1e-6,1e-7,0.1,100,98.512345,-1.50,1424953923781206.2]",
     "[1e+21,100000000000000000000,999999999999999900000,0.000001,1e-7,0.1,100,98.512345,-1.5,1424953923781206.2]"},
    {"[0.33333333333333333333,9007199254740993,-0.1000000000000000000000000000001]",
     "[\"0.33333333333333333333\",\"9007199254740993\",\"-0.1000000000000000000000000000001\"]"},
    {"\"\\u007f\\b\\t\\f\\u0000\"", "\"\x7f\\b\\t\\f\\u0000\""},
};

START_TEST(test_jcs__forms)
{
    hz_arena *arena = hz_arena_new();
    hz_buf out = HZ_BUF_INIT;
    hz_jvalue *v;
    ck_assert_int_eq(parse(&v, arena, forms[_i].text, NULL, NULL), HZ_OK);
    ck_assert_int_eq(hz_jcs_put(&out, v, NULL, NULL), HZ_OK);
    ck_assert_str_eq(out.ptr, forms[_i].canonical);
    hz_buf_clear(&out);
    hz_arena_free(arena);
}
END_TEST

START_TEST(test_jcs__except)
{
    hz_arena *arena = hz_arena_new();
    hz_buf out = HZ_BUF_INIT;
    hz_jvalue *v;
    hz_error err = {0};
    ck_assert_int_eq(parse(&v, arena, "{\"run\":1,\"a\":{\"run\":2}}", NULL, NULL), HZ_OK);
    ck_assert_int_eq(hz_jcs_put(&out, v, "run", NULL), HZ_OK);
    ck_assert_str_eq(out.ptr, "{\"a\":{\"run\":2}}");
    ck_assert_int_eq(parse(&v, arena, "[1e999]", NULL, NULL), HZ_OK);
    ck_assert_int_eq(hz_jcs_put(&out, v, NULL, &err), HZ_E_SOURCE);
    ck_assert_int_eq(err.message, HZ_MSG_JSON_NUMBER_RANGE);
    hz_buf_clear(&out);
    hz_arena_free(arena);
}
END_TEST

/* Whatever call fails, the error says so and nothing is lost. */
START_TEST(test_json__no_memory)
{
    for (uint64_t n = 1;; n++) {
        hz_arena *arena = hz_arena_new();
        hz_buf out = HZ_BUF_INIT;
        hz_jvalue *v = NULL;
        hz_error err = {0};
        hz_mem_fail_after(n, true);
        hz_status st = parse(&v, arena, forms[0].text, NULL, &err);
        if (st == HZ_OK)
            st = hz_jcs_put(&out, v, NULL, &err);
        hz_mem_fail_after(0, false);
        hz_buf_clear(&out);
        hz_arena_free(arena);
        if (st == HZ_OK)
            break;
        ck_assert_int_eq(st, HZ_E_NOMEM);
        ck_assert_int_eq(err.status, HZ_E_NOMEM);
        ck_assert_uint_lt(n, 1000);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.json_read");
    TCase *tcase = unit_case(suite, "json");
    tcase_add_test(tcase, test_json__tree);
    tcase_add_loop_test(tcase, test_json__mistakes, 0, (int)(sizeof wrongs / sizeof *wrongs));
    tcase_add_test(tcase, test_json__limits);
    tcase_add_loop_test(tcase, test_jcs__forms, 0, (int)(sizeof forms / sizeof *forms));
    tcase_add_test(tcase, test_jcs__except);
    tcase_add_test(tcase, test_json__no_memory);
    return unit_run(suite);
}
