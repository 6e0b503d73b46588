/* Suite source.csv_edges: what collections of odd delimited text ask of a reader: csv-spectrum (npm, 2.0.0), the table
 * of zsv's README and its data/test, and what qsv says of RFC 4180. The files are our own, one for each case of theirs.
 * A case is read as they read it, or `differs` says why not; docs/inputs.md has the same list. */
#include "tests/unit/source/source_kit.h"
#include <check.h>

typedef struct edge_case {
    const char *from;
    hz_slice text;
    const char *rows;    /* a line a record, cells between bars, a line end within one as ~; !KIND: a bad one */
    const char *differs; /* NULL: they read the same */
} edge_case;
#define I(lit)                                                                                                         \
    {                                                                                                                  \
        (lit), sizeof(lit) - 1                                                                                         \
    }

static const edge_case cases[] = {
    {"csv-spectrum comma_in_quotes", I("name,town,code\n张三,\"城关镇, 东街\",01"), "张三|城关镇, 东街|01\n", NULL},
    {"csv-spectrum empty", I("a,b,c\n1,\"\",\"\"\n2,3,4"), "1||\n2|3|4\n", NULL},
    {"csv-spectrum empty_crlf", I("a,b,c\r\n1,\"\",\"\"\r\n2,3,4"), "1||\n2|3|4\n", NULL},
    {"csv-spectrum escaped_quotes", I("a,b\n1,\"so \"\"so\"\" so\"\n3,4\n"), "1|so \"so\" so\n3|4\n", NULL},
    {"csv-spectrum json", I("k,v\n1,\"{\"\"t\"\": \"\"P\"\", \"\"c\"\": [1.0, 0.5]}\"\n"),
     "1|{\"t\": \"P\", \"c\": [1.0, 0.5]}\n", NULL},
    {"csv-spectrum location_coordinates", I("phone,place,town\n86,26\xef\xbf\xbd 36' 37.8\"N,贵阳"),
     "86|26\xef\xbf\xbd 36' 37.8\"N|贵阳\n", NULL},
    {"csv-spectrum newlines", I("a,b,c\n1,2,3\n\"one \nline\",5,6\n7,8,9\n"), "1|2|3\none ~line|5|6\n7|8|9\n", NULL},
    {"csv-spectrum newlines_crlf", I("a,b,c\r\n1,2,3\r\n\"one \r\nline\",5,6\r\n7,8,9\r\n"),
     "1|2|3\none ~~line|5|6\n7|8|9\n", NULL},
    {"csv-spectrum quotes_and_newlines", I("a,b\n1,\"so \n\"\"so\"\" \nso\"\n3,4\n"), "1|so ~\"so\" ~so\n3|4\n", NULL},
    {"csv-spectrum simple", I("a,b,c\n1,2,3\n"), "1|2|3\n", NULL},
    {"csv-spectrum simple_crlf", I("a,b,c\r\n1,2,3\r\n"), "1|2|3\n", NULL},
    {"csv-spectrum utf8", I("a,b,c\n1,2,3\n4,5,ʤ"), "1|2|3\n4|5|ʤ\n", NULL},

    {"zsv: byte order mark",
     I("\xef\xbb\xbf"
       "a,b\n1,2\n"),
     "1|2\n", NULL},
    {"zsv: valid UTF-8", I("a,b\n你,好\n"), "你|好\n", NULL},
    {"zsv: invalid UTF-8", I("a,b\n1,x\xffy\n3,4\n"), "!3\n3|4\n",
     "a value that is not what somebody wrote must not be checked as if it were: a finding of .encoding"},
    {"zsv: any line end",
     I("a,b,c\n1a,1b,1c\n2a,2b,2c\r3a,3b,3c\n\r4a,4b,4c\r\n5a,\"5\nb\",5c\n6a,\"6b\r\",\"6c\"\n7a,7b,7c"),
     "1a|1b|1c\n2a|2b|2c\n3a|3b|3c\n4a|4b|4c\n5a|5~b|5c\n6a|6b~|6c\n7a|7b|7c\n", NULL},
    {"zsv: unquoted quote", I("a,b,c\naaa,b\"bb,ccc\n"), "aaa|b\"bb|ccc\n", NULL},
    {"zsv: text behind a closing quote", I("a,b,c\n\"aa\"a,\"bb\"bb\"b,ccc\n1,2,3\n"), "!2\n1|2|3\n",
     "nobody knows which text was meant: a finding of .rows"},
    {"zsv: no last line end", I("a,b,c\naaa,bbb,ccc"), "aaa|bbb|ccc\n", NULL},
    {"zsv: no last line end behind a delimiter", I("a,b\n1,2\n3,\n4,"), "1|2\n3|\n4|\n", NULL},
    {"zsv: rows of other lengths", I("a,b\n1,2,3\n1\n1,2\n"), "!0\n!0\n1|2\n",
     "the values of a shifted row would be checked as those of other columns: a finding of .rows"},
    {"zsv: names twice, and with line ends", I("\"a\na\",\"a\na\"\n1,2\n"), "1|2\n", NULL}, /* and .columns tells */
    {"zsv quoted3: never closed", I("a,b\n\"cell1,cell2\n3,4\n"), "!1\n3|4\n",
     "one forgotten quote would take in the rest of the file: a finding of .rows, and reading goes on in the next "
     "line"},
    {"zsv quoted_nonstandard", I("a,b,c\n\"x, y\",12\" pipe,say \"so\" so\n"), "x, y|12\" pipe|say \"so\" so\n", NULL},
    {"zsv embedded", I("a,b,c\n\"d\ne\nf\",g,h\ni,\"j\nk\",l\nm,n,\"o p\nq\"\n"), "d~e~f|g|h\ni|j~k|l\nm|n|o p~q\n",
     NULL},
    {"zsv blank-leading-rows", I("\n\na,b\n1,2\n"), "1|2\n", NULL},
    {"zsv blank-leading-rows, of delimiters", I(",,\na,b,c\n1,2,3\n"), "!0\n!0\n",
     "a row of delimiters is a row: the header is the first line that has a byte, and its names are empty"},
    {"zsv mixed-line-endings", I("a, b\nA, 1\r\nB, 2\nC, 3\rD, 4\n"), "A| 1\nB| 2\nC| 3\nD| 4\n", NULL},

    {"qsv: CRLF, LF or CR", I("a,b\r\n1,2\n3,4\r5,6"), "1|2\n3|4\n5|6\n", NULL},
    {"qsv: empty lines are passed over", I("a,b\n\n1,2\n\r\n\n3,4\n"), "1|2\n3|4\n", NULL},
    {"qsv: doubled quotes", I("a,b\n\"\"\"\",\"x\"\"y\"\n"), "\"|x\"y\n", NULL},
    {"qsv: an empty quoted field", I("a,b\n\"\",x\n"), "|x\n", NULL},
    {"qsv: blanks stay", I("a,b\n  1 ,\t2\n"), "  1 |\t2\n", NULL},
    {"qsv: a comment sign is text", I("a,b\n#1,2\n"), "#1|2\n", NULL},
    {"qsv validate: ragged", I("a,b,c\n1,2,3\n4,5\n6,7,8\n"), "1|2|3\n!0\n6|7|8\n", NULL}, /* both name the record */
    {"qsv: a delimiter at each line's end", I("a,b\n1,2,\n"), "1|2\n",
     "programs write it so; there is nothing behind it that could be shifted"},
    {"qsv: NUL", I("a,b\n1,\0\n3,4\n"), "!4\n3|4\n", "a NUL is no text: a finding of .rows"},
};
enum { CASES = sizeof cases / sizeof *cases };

static void put_cell(hz_buf *out, hz_slice cell)
{
    for (size_t i = 0; i < cell.len; i++)
        hz_buf_putc(out, cell.ptr[i] == '\n' || cell.ptr[i] == '\r' ? '~' : cell.ptr[i]);
}

static void put_rows(hz_buf *out, const hz_batch *batch)
{
    for (uint32_t r = 0, b = 0; r < batch->rows_count || b < batch->bad_count;) {
        if (r == batch->rows_count || (b < batch->bad_count && batch->bad[b].record < batch->records[r])) {
            hz_buf_printf(out, "!%d\n", (int)batch->bad[b++].kind);
            continue;
        }
        for (uint32_t c = 0; c < batch->columns_count; c++) {
            hz_buf_puts(out, c ? "|" : "");
            put_cell(out, batch->columns[c].cells[r]);
        }
        hz_buf_putc(out, '\n');
        r++;
    }
}

START_TEST(test_csv_edges__case)
{
    const edge_case *c = &cases[_i];
    hz_source_options options = {
        .bytes = c->text, .shown_path = HZ_SLICE_LIT("x.csv"), .delimiter = ',', .limits = hz_limits_default()};
    hz_source *source;
    hz_batch batch = {0};
    hz_buf out = HZ_BUF_INIT;
    hz_status st;
    ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_OK);
    while ((st = hz_source_next(&batch, source, NULL)) == HZ_OK)
        put_rows(&out, &batch);
    ck_assert_int_eq(st, HZ_END);
    ck_assert_msg(strcmp(out.ptr, c->rows) == 0, "%s:\nexpected\n%sgot\n%s", c->from, c->rows, out.ptr);
    hz_source_close(source);
    hz_buf_clear(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.csv_edges");
    TCase *tc = tcase_create("csv_edges");
    tcase_add_loop_test(tc, test_csv_edges__case, 0, CASES);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
