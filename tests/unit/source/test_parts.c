/* Suite source.parts: JSON and XML into tables: what is nested, what is refused, limits at their borders, a folder of
 * temporary files that cannot be used, memory that gives out. The bulk stands in tests/cli/formats.py and the fuzz
 * corpus. */
#include "base/alloc.h"
#include "base/buf.h"
#include "validator/source/source.h"
#include <check.h>

typedef struct outcome {
    hz_status status;
    hz_error err;
    hz_buf rows[2]; /* of the table and of the one nested in it: column=cell… where, a line each */
    uint64_t records[2];
} outcome;

static void clear(outcome *o)
{
    hz_buf_clear(&o->rows[0]);
    hz_buf_clear(&o->rows[1]);
}

static void put_rows(hz_buf *out, const hz_spool *spool)
{
    hz_source_options options = {.spool = spool, .limits = hz_limits_default()};
    hz_source *source;
    hz_batch batch = {0};
    const hz_slice *names;
    ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_OK);
    (void)hz_source_columns(source, &names);
    while (hz_source_next(&batch, source, NULL) == HZ_OK) {
        for (uint32_t r = 0, b = 0; r < batch.rows_count || b < batch.bad_count;)
            if (b < batch.bad_count && (r == batch.rows_count || batch.bad[b].record < batch.records[r])) {
                hz_buf_printf(out, "bad %d line %llu\n", (int)batch.bad[b].kind, (unsigned long long)batch.bad[b].line);
                b++;
            } else {
                for (uint32_t c = 0; c < batch.columns_count; c++)
                    hz_buf_printf(out, "%.*s=%.*s ", HZ_SLICE_FMT(names[c]), HZ_SLICE_FMT(batch.columns[c].cells[r]));
                hz_buf_printf(out, "at %.*s\n", (int)batch.where[r].len - 1, batch.where[r].ptr);
                r++;
            }
    }
    hz_source_close(source);
}

static void read_with(outcome *o, const char *shown, const char *text, const hz_limits *limits, const char *temp)
{
    const hz_slice outer[] = {HZ_SLICE_LIT("household")}, inner[] = {HZ_SLICE_LIT("members"), HZ_SLICE_LIT("member")};
    const hz_slice id[] = {HZ_SLICE_LIT("id"), HZ_SLICE_LIT("编号")}, up[] = {HZ_SLICE_LIT("household_id")};
    const hz_carry carry = {id, up, 2, 1};
    hz_part parts[2] = {{.names = outer, .names_count = 1, .parent = SIZE_MAX},
                        {.names = inner, .names_count = 2, .parent = 0, .carries = &carry, .carries_count = 1}};
    hz_source_options options = {
        .bytes = hz_slice_of(text), .shown_path = hz_slice_of(shown), .limits = limits ? limits : hz_limits_default()};
    *o = (outcome){.rows = {HZ_BUF_INIT, HZ_BUF_INIT}};
    hz_error_clear(&o->err);
    o->status = hz_parts_read(parts, 2, &options, temp, &o->err);
    for (int p = 0; p < 2; p++)
        if (parts[p].spool) {
            o->records[p] = hz_spool_records(parts[p].spool);
            put_rows(&o->rows[p], parts[p].spool);
            hz_spool_free(parts[p].spool);
        }
}

static void expect(const char *shown, const char *text, const char *rows, const char *nested)
{
    outcome o;
    read_with(&o, shown, text, NULL, NULL);
    ck_assert_msg(o.status == HZ_OK, "%s: %s", shown, hz_msg_name(o.err.message));
    ck_assert_str_eq(o.rows[0].ptr ? o.rows[0].ptr : "", rows);
    ck_assert_str_eq(o.rows[1].ptr ? o.rows[1].ptr : "", nested);
    clear(&o);
}

START_TEST(test_parts__nested)
{
    const char *members = "no=1 household_id=A at /0/members/0\nno=2 household_id=A at /0/members/1\n";
    expect("x.json", "[{\"members\": [{\"no\": 1}, {\"no\": 2}], \"id\": \"A\"}]", "id=A at /0\n", members);
    /* an inner record that has the key keeps it; a single object is one record; outer names by their other names */
    expect("x.json", "[{\"编号\": \"A\", \"member\": {\"no\": 1, \"household_id\": \"B\"}}]", "编号=A at /0\n",
           "no=1 household_id=B at /0/member\n");
    expect("x.xml", "<d><household><member><no>1</no></member><id>A</id></household></d>", "id=A at /d/household[1]\n",
           "no=1 household_id=A at /d/household[1]/member[1]\n");
}
END_TEST

START_TEST(test_parts__values)
{
    expect("x.json",
           "[{\"a\": 4.10, \"b\": 12345678901234567890, \"c\": [1, \"2\", null], \"d\": {\"e\": {\"f\": true}}, \"g\": "
           "null,"
           " \"h\": \"\\u4e2d\\ud840\\udc00\\n\", \"i\": [{\"j\": 1}], \"k\": []}]",
           "a=4.10 b=12345678901234567890 c=1,2 d.e.f=true g= h=中𠀀\n i= k= at /0\n", "");
    expect("x.xml",
           "<d xmlns:p='u'><p:household p:a='1'><p:b>x<![CDATA[<y>]]>&amp;</p:b><c><e>1</e></c><f "
           "t='2'>3</f><g>4</g><g>5</g>"
           "</p:household></d>",
           "a=1 b=x<y>& c.e=1 f=3 f.t=2 g=4,5 at /d/household[1]\n", "");
    /* rows of other names, in a list; a wrapper around named ones */
    expect("x.xml", "<d><l><r><id>1</id></r><r><id>2</id></r></l></d>", "id=1 at /d/l[1]/r[1]\nid=2 at /d/l[1]/r[2]\n",
           "");
    expect("x.xml", "<d><l><household><id>1</id></household></l></d>", "id=1 at /d/l/household[1]\n", "");
}
END_TEST

START_TEST(test_parts__bad_records)
{
    expect("x.jsonl",
           "{\"id\": 1}\nnonsense\n{\"id\": 2, \"id\": 3}\n[1]\n{\"id\": 4} x\n\n{\"id\": \"\\u0000\"}\n{\"id\": 5}",
           "id=1 at \nbad 5 line 2\nbad 6 line 3\nbad 5 line 4\nbad 5 line 5\nbad 4 line 7\nid=5 at \n", "");
    expect("x.json", "[{\"id\": 1}, 2, {\"id\": 3}]", "id=1 at /0\nbad 5 line 1\nid=3 at /2\n", "");
}
END_TEST

static const struct {
    const char *text;
    hz_msg_id message;
} refused[] = {
    {"[{\"a\": 1},]", HZ_MSG_JSON_VALUE},
    {"[{\"a\": 01}]", HZ_MSG_JSON_VALUE},
    {"[{\"a\": 1}", HZ_MSG_JSON_ENDS},
    {"[1] 2", HZ_MSG_JSON_MORE},
    {"{\"a\": [1}", HZ_MSG_JSON_COMMA},
    {"\"text\"", HZ_MSG_SOURCE_JSON_DOCUMENT},
    {"[{\"a\": \"\\x\"}]", HZ_MSG_JSON_VALUE},
    {"[{\"a\": nul}]", HZ_MSG_JSON_VALUE},
    {"[{'a': 1}]", HZ_MSG_JSON_VALUE},
    {"{\"a\" 1}", HZ_MSG_JSON_COLON},
    {"{1: 2}", HZ_MSG_JSON_NAME},
    {"{\"a\": true", HZ_MSG_JSON_ENDS},
};

START_TEST(test_parts__not_well_formed)
{
    outcome o;
    read_with(&o, "x.json", refused[_i].text, NULL, NULL);
    ck_assert_msg(o.status == HZ_E_SOURCE && o.err.message == refused[_i].message, "%s: %s", refused[_i].text,
                  hz_msg_name(o.err.message));
    ck_assert_uint_eq(o.err.line, 1);
    clear(&o);
}
END_TEST

START_TEST(test_parts__limits)
{
    hz_limits limits;
    outcome o;
    hz_limits_init(&limits);
    limits.value[HZ_LIMIT_NESTING] = 3;
    read_with(&o, "x.json", "[{\"a\": {\"b\": {\"c\": 1}}}]", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_OK);
    clear(&o);
    read_with(&o, "x.json", "[{\"a\": {\"b\": {\"c\": {\"d\": 1}}}}]", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_E_LIMIT);
    clear(&o);
    read_with(&o, "x.xml", "<d><household><a><b>1</b></a></household></d>", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_OK);
    clear(&o);
    read_with(&o, "x.xml", "<d><household><a><b><c>1</c></b></a></household></d>", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_E_LIMIT);
    clear(&o);
    hz_limits_init(&limits);
    limits.value[HZ_LIMIT_FIELDS] = 2;
    read_with(&o, "x.json", "[{\"a\": 1}, {\"b\": 2}]", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_OK);
    clear(&o);
    read_with(&o, "x.json", "[{\"a\": 1}, {\"b\": 2}, {\"c\": 3}]", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_E_LIMIT);
    clear(&o);
    hz_limits_init(&limits);
    limits.value[HZ_LIMIT_RECORD_BYTES] = 4;
    read_with(&o, "x.xml", "<d><household><a>1234</a></household></d>", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_E_LIMIT); /* with its place it is longer */
    clear(&o);
    limits.value[HZ_LIMIT_RECORD_BYTES] = 40;
    read_with(&o, "x.xml", "<d><household><a>1234</a></household></d>", &limits, NULL);
    ck_assert_int_eq(o.status, HZ_OK);
    clear(&o);
}
END_TEST

/* More rows than memory takes. */
static void put_many(hz_buf *text)
{
    hz_buf_putc(text, '[');
    for (int i = 0; i < 40000; i++)
        hz_buf_printf(text, "%s{\"id\": \"%d\", \"town\": \"贵州省贵阳市云岩区\", \"more\": \"%064d\"}", i ? ",\n" : "",
                      i, i);
    hz_buf_putc(text, ']');
}

START_TEST(test_parts__temporary_folder)
{
    hz_buf text = HZ_BUF_INIT;
    outcome o;
    put_many(&text);
    read_with(&o, "x.json", text.ptr, NULL, "/nowhere/at/all");
    ck_assert_int_eq(o.status, HZ_E_IO);
    ck_assert_int_eq(o.err.message, HZ_MSG_SOURCE_SPOOL);
    clear(&o);
    read_with(&o, "x.json", text.ptr, NULL, NULL);
    ck_assert_int_eq(o.status, HZ_OK);
    ck_assert_uint_eq(o.records[0], 40000);
    ck_assert(strstr(o.rows[0].ptr, "id=39999 town=贵州省贵阳市云岩区 more=") != NULL);
    clear(&o);
    hz_buf_clear(&text);
}
END_TEST

/* Every allocation that fails is told, and nothing leaks. */
static void no_memory(const char *shown, const char *text)
{
    hz_part parts[1];
    const hz_slice outer[] = {HZ_SLICE_LIT("household")};
    uint64_t before = hz_mem_stats_now().live_calls;
    for (uint64_t n = 1; n < 500; n++) {
        hz_error err;
        hz_source_options options = {
            .bytes = hz_slice_of(text), .shown_path = hz_slice_of(shown), .limits = hz_limits_default()};
        parts[0] = (hz_part){.names = outer, .names_count = 1, .parent = SIZE_MAX};
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        hz_status st = hz_parts_read(parts, 1, &options, NULL, &err);
        hz_mem_fail_after(0, false);
        hz_spool_free(parts[0].spool);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before);
        if (st == HZ_OK)
            return;
        ck_assert_msg(st == HZ_E_NOMEM, "%s: allocation %d: status %d", shown, (int)n, (int)st);
    }
    ck_abort_msg("no end");
}

START_TEST(test_parts__no_memory)
{
    no_memory("x.json", "[{\"id\": \"\\u4e2d\", \"a\": {\"b\": [1, 2]}}, {\"c\": 1}]");
    no_memory("x.jsonl", "{\"id\": 1}\nx\n");
    no_memory("x.xml", "<d><household id='1'><a>x</a><b><c>1</c></b></household><household/></d>");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.parts");
    TCase *tc = tcase_create("parts");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_parts__nested);
    tcase_add_test(tc, test_parts__values);
    tcase_add_test(tc, test_parts__bad_records);
    tcase_add_loop_test(tc, test_parts__not_well_formed, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tc, test_parts__limits);
    tcase_add_test(tc, test_parts__temporary_folder);
    tcase_add_test(tc, test_parts__no_memory);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
