/* Suite engine.keys_run: whole runs over keys: repeated ones, overlaps in time, references; and columns found by name.
 */
#include "tests/unit/engine/engine_kit.h"

static kit k;

static hz_slice message_of(const hz_finding *finding)
{
    return hz_slice_of(hz_msg_name(finding->message));
}

/* ---- unique ---- */

START_TEST(test_keys_run__repeated_keys_name_each_other)
{
    kit_open(&k,
             "tables:\n"
             "  t: {files: ['t*.csv'], key: [a, b], fields: {a: {type: text}, b: {type: integer}, p: {type: text}}}\n"
             "rules:\n"
             "  THREE: {on: t, unique: [p], at_most: 3}\n"
             "  SOME: {on: t, when: b > 1, unique: [p]}\n");
    kit_put(&k, "t1.csv", "a,b,p\nx,1,q\nx,01,q\nx,2,q\n,1,r\nx,y,r\n");
    kit_put(&k, "t2.csv", "a,b,p\nx,+1,q\ny,1,r\ny,1,\nx,2,r\n");
    kit_run(&k);
    assert_counts(&k, "t.key", "failed rows 9 und 2 failed 7 groups 3"); /* x 1 three times, x 2 twice, y 1 twice */
    assert_lines(&k, "t.key", "2+2 3+2 4+1 2+2 3+1 4+1 5+1");
    assert_counts(&k, "THREE", "failed rows 9 und 1 failed 8 groups 2");
    assert_lines(&k, "THREE", "2+3 3+3 4+3 5+3 6+3 2+3 3+3 5+3");
    assert_counts(&k, "SOME", "passed rows 9 na 7 passed 2");
    const hz_finding *first = &kit_rule(&k, "t.key")->examples[0];
    ck_assert_uint_eq(first->at.source, 0);
    ck_assert_uint_eq(first->related[0].source, 0);
    ck_assert_uint_eq(first->related[0].line, 3);
    ck_assert_uint_eq(first->related[1].source, 1);
    ck_assert_uint_eq(first->related[1].line, 2);
    ck_assert_uint_eq(kit_rule(&k, "t.key")->examples[3].at.source, 1);
    kit_close(&k);
}
END_TEST

START_TEST(test_keys_run__five_others_at_most)
{
    kit_open(&k, "tables:\n  t: {files: ['t*.csv'], key: [a], fields: {a: {type: text}}}\n");
    kit_put(&k, "t.csv", "a\nx\nx\nx\nx\nx\nx\nx\nx\n");
    kit_run(&k);
    assert_lines(&k, "t.key", "2+5 3+5 4+5 5+5 6+5 7+5 8+5 9+5");
    const hz_finding *finding = &kit_rule(&k, "t.key")->examples[2];
    const uint64_t lines[] = {2, 3, 5, 6, 7}; /* by row, and never itself */
    for (size_t i = 0; i < 5; i++)
        ck_assert_uint_eq(finding->related[i].line, lines[i]);
    kit_close(&k);
}
END_TEST

START_TEST(test_keys_run__examples_on_their_limit)
{
    kit_open(&k, "tables:\n  t: {files: ['t*.csv'], key: [a], fields: {a: {type: text}}}\n");
    kit_put(&k, "t.csv", "a\nx\ny\nx\ny\nx\n");
    for (uint64_t max = 0; max <= 7; max++) {
        k.limits.value[HZ_LIMIT_EXAMPLES] = max;
        kit_run(&k);
        assert_counts(&k, "t.key", "failed rows 5 failed 5 groups 2");
        ck_assert_uint_eq(kit_rule(&k, "t.key")->examples_count, max < 5 ? max : 5);
        for (size_t i = 0; i < kit_rule(&k, "t.key")->examples_count; i++)
            ck_assert_uint_eq(kit_rule(&k, "t.key")->examples[i].at.line, i + 2);
    }
    kit_close(&k);
}
END_TEST

/* ---- overlaps ---- */

#define SPANS                                                                                                          \
    "tables:\n  t: {files: ['t*.csv'], fields: {m: {type: text}, b: {type: date}, e: {type: date}}}\n"                 \
    "rules:\n  R: {on: t, unique: [m], without_overlaps: {from: b, to: e}}\n"

static const struct {
    const char *rows, *counts, *lines;
} spans[] = {
    /* one ends as the next begins */
    {"x,2020-01-01,2020-02-01\nx,2020-02-01,2020-03-01\n", "passed rows 2 passed 2", ""},
    {"x,2020-01-01,2020-02-02\nx,2020-02-01,2020-03-01\n", "failed rows 2 failed 2 groups 1", "2+1 3+1"},
    /* of different groups */
    {"x,2020-01-01,2020-02-02\ny,2020-02-01,2020-03-01\n", "passed rows 2 passed 2", ""},
    /* nested, the longer one first and last, and one that touches neither */
    {"x,2020-01-01,2020-12-31\nx,2020-02-01,2020-03-01\nx,2021-01-01,2021-01-02\n",
     "failed rows 3 passed 1 failed 2 groups 1", "2+1 3+1"},
    {"x,2020-02-01,2020-03-01\nx,2020-04-01,2020-05-01\nx,2020-01-01,2020-12-31\n", "failed rows 3 failed 3 groups 1",
     "2+1 3+1 4+2"},
    /* the same span twice */
    {"x,2020-02-01,2020-03-01\nx,2020-02-01,2020-03-01\n", "failed rows 2 failed 2 groups 1", "2+1 3+1"},
    /* an open end reaches all that is later, not what is over by then */
    {"x,2020-02-01,\nx,2030-01-01,2031-01-01\nx,2010-01-01,2020-02-01\n", "failed rows 3 passed 1 failed 2 groups 1",
     "2+1 3+1"},
    {"x,2020-02-01,\nx,2030-01-01,\n", "failed rows 2 failed 2 groups 1", "2+1 3+1"},
    /* empty and reversed spans overlap nothing, not even inside another */
    {"x,2020-01-01,2020-12-31\nx,2020-02-01,2020-02-01\nx,2020-05-01,2020-03-01\n", "passed rows 3 passed 3", ""},
    {"x,2020-02-01,2020-02-01\nx,2020-02-01,2020-02-01\n", "passed rows 2 passed 2", ""},
    /* an empty one between two that do overlap */
    {"x,2020-01-01,2020-12-31\nx,2020-02-01,2020-02-01\nx,2020-02-01,2020-03-01\n",
     "failed rows 3 passed 1 failed 2 groups 1", "2+1 4+1"},
    /* no begin, no key, an invalid end */
    {"x,,2020-12-31\n,2020-02-01,\nx,2020-02-01,soon\nx,2020-02-01,2020-03-01\n", "passed rows 4 und 3 passed 1", ""},
    /* a long one over two that do not touch: the furthest end counts, not the last */
    {"x,2020-01-01,2020-06-01\nx,2020-02-01,2020-03-01\nx,2020-04-01,2020-05-01\n", "failed rows 3 failed 3 groups 1",
     "2+2 3+1 4+1"},
};

START_TEST(test_keys_run__overlaps)
{
    hz_buf text = HZ_BUF_INIT;
    kit_open(&k, SPANS);
    hz_buf_puts(&text, "m,b,e\n");
    hz_buf_puts(&text, spans[_i].rows);
    kit_put_bytes(&k, "t.csv", hz_buf_slice(&text));
    hz_buf_clear(&text);
    kit_run(&k);
    assert_counts(&k, "R", spans[_i].counts);
    assert_lines(&k, "R", spans[_i].lines);
    kit_close(&k);
}
END_TEST

/* Random spans of few groups, against every pair. */
START_TEST(test_keys_run__overlaps_as_the_plain_way)
{
    enum { ROWS = 120 };
    uint64_t state = (uint64_t)_i * 31 + 5;
    int from[ROWS], to[ROWS];
    unsigned group[ROWS];
    hz_buf text = HZ_BUF_INIT;
    kit_open(&k, SPANS);
    hz_buf_puts(&text, "m,b,e\n");
    for (int i = 0; i < ROWS; i++) {
        group[i] = kit_random(&state) % 9;
        from[i] = 1 + (int)(kit_random(&state) % 28);
        to[i] = from[i] + (int)(kit_random(&state) % 4) - 1;
        if (to[i] < 1 || to[i] > 28)
            to[i] = 1;
        bool open = kit_random(&state) % 30 == 0;
        hz_buf_printf(&text, "g%u,2020-01-%02d,", group[i], from[i]);
        if (!open)
            hz_buf_printf(&text, "2020-01-%02d", to[i]);
        hz_buf_puts(&text, "\n");
        to[i] = open ? 1000 : to[i];
    }
    kit_put_bytes(&k, "t.csv", hz_buf_slice(&text));
    hz_buf_clear(&text);
    k.limits.value[HZ_LIMIT_EXAMPLES] = ROWS;
    kit_run(&k);
    const hz_result_rule *rule = kit_rule(&k, "R");
    size_t at = 0;
    for (int i = 0; i < ROWS; i++) {
        uint64_t others = 0;
        for (int j = 0; j < ROWS; j++)
            others += j != i && group[i] == group[j] && from[i] < to[j] && from[j] < to[i] && from[i] < to[i] &&
                      from[j] < to[j];
        if (!others)
            continue;
        ck_assert_uint_lt(at, rule->examples_count);
        ck_assert_uint_eq(rule->examples[at].at.line, (uint64_t)i + 2);
        ck_assert_uint_eq(rule->examples[at++].related_count, others < 5 ? others : 5);
    }
    ck_assert_uint_eq(at, rule->failed);
    kit_close(&k);
}
END_TEST

/* ---- references ---- */

/* The smaller file is read first: padding turns the order, and nothing else. */
START_TEST(test_keys_run__references_in_either_order)
{
    kit_open(
        &k,
        "tables:\n"
        "  a: {files: ['a*.csv'], fields: {k: {type: text}, r: {type: integer, references: b.k}, pad: {type: text}}}\n"
        "  b: {files: ['b*.csv'], fields: {k: {type: integer}, r: {type: text, references: a.k}, pad: {type: "
        "text}}}\n");
    hz_buf pad = HZ_BUF_INIT;
    for (int i = 0; i < 500; i++)
        hz_buf_putc(&pad, 'p');
    for (int larger = 0; larger < 2; larger++) {
        hz_buf text = HZ_BUF_INIT;
        hz_buf_printf(&text, "k,r,pad\nx,1,%s\ny,02,\nz,3,\nx,,\ny,q,\n", larger ? pad.ptr : "");
        kit_put_bytes(&k, "a.csv", hz_buf_slice(&text));
        hz_buf_reset(&text);
        hz_buf_printf(&text, "k,r,pad\n1,x,%s\n2,w,\n,z,\nq,,\n2,w,\n", larger ? "" : pad.ptr);
        kit_put_bytes(&k, "b.csv", hz_buf_slice(&text));
        hz_buf_clear(&text);
        kit_run(&k);
        assert_counts(&k, "a.r.references",
                      "failed rows 5 na 2 passed 2 failed 1"); /* 02 is 2; NULL and invalid: not applicable */
        assert_lines(&k, "a.r.references", "4");
        assert_counts(&k, "b.r.references", "failed rows 5 na 1 passed 2 failed 2");
        assert_lines(&k, "b.r.references", "3 6");
    }
    hz_buf_clear(&pad);
    kit_close(&k);
}
END_TEST

START_TEST(test_keys_run__references_to_the_same_table)
{
    kit_open(&k,
             "tables:\n"
             "  t: {files: ['t*.csv'], key: [id], fields: {id: {type: text}, head: {type: text, references: t.id}}}\n"
             "rules:\n  R: {on: t, when: \"id <> '1'\", references: t.id, fields: [head]}\n");
    kit_put(&k, "t.csv", "id,head\n1,3\n2,2\n3,9\n4,\n");
    kit_run(&k);
    assert_counts(&k, "t.head.references", "failed rows 4 na 1 passed 2 failed 1");
    assert_lines(&k, "t.head.references", "4");
    assert_counts(&k, "R", "failed rows 4 na 2 passed 1 failed 1");
    kit_close(&k);
}
END_TEST

/* Three tables in a circle; one of them missing: its source's rule is skipped and said to be. */
START_TEST(test_keys_run__references_in_a_circle)
{
    kit_open(&k,
             "tables:\n"
             "  a: {files: ['a.csv'], fields: {k: {type: text}, r: {type: text, references: b.k}}}\n"
             "  b: {files: ['b.csv'], fields: {k: {type: text}, r: {type: text, references: c.k}}}\n"
             "  c: {files: ['c.csv'], optional: true, fields: {k: {type: text}, r: {type: text, references: a.k}}}\n");
    kit_put(&k, "a.csv", "k,r\n1,1\n2,9\n");
    kit_put(&k, "b.csv", "k,r\n1,2\n1,1\n");
    kit_put(&k, "c.csv", "k,r\n2,2\n3,8\n5,1\n");
    kit_run(&k);
    assert_lines(&k, "a.r.references", "3");
    assert_lines(&k, "b.r.references", "3");
    assert_lines(&k, "c.r.references", "3");
    ck_assert_int_eq(unlink(kit_path(&k, "c.csv")), 0);
    kit_run(&k);
    assert_lines(&k, "a.r.references", "3");
    ck_assert_int_eq(kit_rule(&k, "b.r.references")->outcome, HZ_OUTCOME_SKIPPED);
    ck_assert_str_eq(hz_msg_name(kit_rule(&k, "b.r.references")->reason.message), "ENGINE_SKIP_TABLE");
    kit_close(&k);
}
END_TEST

/* Several parts: one that is NULL leaves the reference not applicable, one that is invalid undetermined. */
START_TEST(test_keys_run__references_of_several_parts)
{
    kit_open(&k, "tables:\n"
                 "  a: {files: ['a.csv'], fields: {x: {type: text}, y: {type: integer}}}\n"
                 "  b: {files: ['b.csv'], fields: {x: {type: text}, y: {type: integer}}}\n"
                 "rules:\n  R: {on: a, references: 'b(x, y)', fields: [x, y]}\n");
    kit_put(&k, "a.csv", "x,y\np,1\np,2\nq,1\n,1\np,\np,z\n,z\n");
    kit_put(&k, "b.csv", "x,y\np,1\n,1\np,\nq,z\n");
    kit_run(&k);
    assert_counts(&k, "R", "failed rows 7 na 2 und 2 passed 1 failed 2");
    assert_lines(&k, "R", "3 4");
    kit_close(&k);
}
END_TEST

START_TEST(test_keys_run__references_to_a_table_of_the_profile)
{
    kit_open(
        &k,
        "tables:\n"
        "  t: {files: ['t.csv'], fields: {year: {type: integer, references: line.year}}}\n"
        "  line: {included: poverty_lines.csv, key: [year], fields: {year: {type: integer}, yuan: {type: decimal}}}\n");
    kit_put(&k, "t.csv", "year\n2019\n2018\n2020\n");
    kit_run(&k);
    assert_lines(&k, "t.year.references", "3");
    ck_assert_uint_eq(k.result->tables_count, 1);
    kit_close(&k);
}
END_TEST

/* ---- columns ---- */

#define COLUMNS                                                                                                        \
    "tables:\n"                                                                                                        \
    "  t:\n"                                                                                                           \
    "    files: ['t*.csv']\n"                                                                                          \
    "    fields:\n"                                                                                                    \
    "      a: {type: text, title: {zh: 甲, en: First}, aliases: [AAC001]}\n"                                          \
    "      b: {type: integer, title: {zh: 乙}}\n"

/* The findings of t.columns: message, name and source. */
static const char *columns_said(void)
{
    static char out[512];
    size_t n = 0;
    const hz_result_rule *rule = kit_rule(&k, "t.columns");
    out[0] = '\0';
    for (size_t i = 0; i < rule->examples_count; i++) {
        const hz_finding *finding = &rule->examples[i];
        hz_slice what = message_of(finding);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s %.*s %u", i ? ", " : "",
                              HZ_SLICE_FMT(hz_slice_sub(what, 15, what.len)), HZ_SLICE_FMT(finding->args[0].text),
                              finding->at.source);
    }
    return out;
}

static const struct {
    const char *header, *said, *counts;
} headers[] = {
    {"a,b", "", "passed rows 2 passed 2"},
    {"b,a", "", "passed rows 2 passed 2"},
    {"甲,乙", "", "passed rows 2 passed 2"},
    {"First,b", "", "passed rows 2 passed 2"},
    {"AAC001,b", "", "passed rows 2 passed 2"},
    {"\"a\",\"b\"", "", "passed rows 2 passed 2"},
    {"A,b", "MISSING a 0, UNKNOWN A 0", "failed rows 3 passed 1 failed 2"},
    {"a ,b", "MISSING a 0, UNKNOWN a  0", "failed rows 3 passed 1 failed 2"},
    {"a", "MISSING b 0", "failed rows 2 passed 1 failed 1"},
    {"a,b,c", "UNKNOWN c 0", "failed rows 3 passed 2 failed 1"},
    {"a,b,c,c", "UNKNOWN c 0, REPEATED c 0", "failed rows 4 passed 2 failed 2"},
    {"a,b,甲", "REPEATED 甲 0", "failed rows 3 passed 2 failed 1"},
    {"a,b,", "", "passed rows 2 passed 2"}, /* the delimiter behind the last name is none between two */
};

START_TEST(test_keys_run__columns)
{
    char text[64];
    kit_open(&k, COLUMNS);
    snprintf(text, sizeof text, "%s\n", headers[_i].header);
    kit_put(&k, "t.csv", text);
    kit_run(&k);
    ck_assert_str_eq(columns_said(), headers[_i].said);
    assert_counts(&k, "t.columns", headers[_i].counts);
    kit_close(&k);
}
END_TEST

/* Over several sources names are united; a column that one of them has is read there and NULL elsewhere. */
START_TEST(test_keys_run__columns_of_several_sources)
{
    kit_open(&k, COLUMNS "rules:\n  R: {on: t, assert: b > 1}\n");
    kit_put(&k, "t1.csv", "a,b,c\nx,1,\n");
    kit_put(&k, "t2.csv", "甲,c,d\nx,,\ny,,\n");
    kit_put(&k, "t3.csv", "b,First\n2,x\nz,x\n");
    kit_run(&k);
    ck_assert_str_eq(columns_said(), "MISSING b 1, UNKNOWN c 0, UNKNOWN d 1");
    assert_counts(&k, "R", "failed rows 5 und 3 passed 1 failed 1");
    const hz_result_table *table = kit_table(&k, "t");
    ck_assert(!table->columns[1].absent);
    ck_assert_uint_eq(table->columns[1].missing, 2);
    ck_assert_uint_eq(table->columns[1].invalid, 1);
    ck_assert_uint_eq(table->unknown_columns_count, 2);
    ck_assert_int_eq(unlink(kit_path(&k, "t1.csv")) + unlink(kit_path(&k, "t3.csv")), 0);
    kit_run(&k); /* now no source has it */
    ck_assert(kit_table(&k, "t")->columns[1].absent);
    ck_assert_int_eq(kit_rule(&k, "R")->outcome, HZ_OUTCOME_SKIPPED);
    ck_assert_int_eq(kit_rule(&k, "t.b.type")->outcome, HZ_OUTCOME_SKIPPED);
    kit_close(&k);
}
END_TEST

/* Without a byte there is no column, and no row either. */
START_TEST(test_keys_run__columns_of_an_empty_file)
{
    kit_open(&k, COLUMNS);
    kit_put(&k, "t.csv", "");
    kit_run(&k);
    ck_assert_str_eq(columns_said(), "MISSING a 0, MISSING b 0");
    ck_assert_uint_eq(kit_table(&k, "t")->rows, 0);
    kit_close(&k);
}
END_TEST

/* ---- bad rows ---- */

/* A bad row takes part in nothing else, counts as one record with an error, and shifts no later row. */
START_TEST(test_keys_run__bad_rows)
{
    kit_open(&k, "tables:\n  t: {files: ['t*.csv'], key: [a], fields: {a: {type: integer}, b: {type: text}}}\n");
    kit_put(&k, "t1.csv", "a,b\n1,x\n1\n2,y\n\"2\"z,y\nq,\xff\nx,y\n");
    kit_put(&k, "t2.csv", "a,b\n1,2,3\n1,x\n");
    kit_run(&k);
    const hz_result_table *table = kit_table(&k, "t");
    ck_assert_uint_eq(table->rows, 4);
    ck_assert_uint_eq(table->bad_rows, 4);
    ck_assert_uint_eq(table->records_with_errors, 3);
    assert_counts(&k, "t.rows", "failed rows 8 passed 5 failed 3");
    assert_lines(&k, "t.rows", "3 5 2");
    assert_counts(&k, "t.encoding", "failed rows 8 passed 7 failed 1");
    assert_lines(&k, "t.encoding", "6");
    assert_lines(&k, "t.key", "2+1 3+1");
    assert_lines(&k, "t.a.type", "7");
    ck_assert_uint_eq(k.result->records, 8);
    ck_assert_uint_eq(k.result->records_with_errors, 7);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.keys_run");
    TCase *unique = kit_case(suite, "unique", 60), *overlaps = kit_case(suite, "overlaps", 120),
          *references = kit_case(suite, "references", 60);
    TCase *columns = kit_case(suite, "columns", 60);
    tcase_add_test(unique, test_keys_run__repeated_keys_name_each_other);
    tcase_add_test(unique, test_keys_run__five_others_at_most);
    tcase_add_test(unique, test_keys_run__examples_on_their_limit);
    tcase_add_loop_test(overlaps, test_keys_run__overlaps, 0, sizeof spans / sizeof *spans);
    tcase_add_loop_test(overlaps, test_keys_run__overlaps_as_the_plain_way, 0, 6);
    tcase_add_test(references, test_keys_run__references_in_either_order);
    tcase_add_test(references, test_keys_run__references_to_the_same_table);
    tcase_add_test(references, test_keys_run__references_in_a_circle);
    tcase_add_test(references, test_keys_run__references_of_several_parts);
    tcase_add_test(references, test_keys_run__references_to_a_table_of_the_profile);
    tcase_add_loop_test(columns, test_keys_run__columns, 0, sizeof headers / sizeof *headers);
    tcase_add_test(columns, test_keys_run__columns_of_several_sources);
    tcase_add_test(columns, test_keys_run__columns_of_an_empty_file);
    tcase_add_test(columns, test_keys_run__bad_rows);
    return kit_main(suite);
}
