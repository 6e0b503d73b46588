/* Suite source.csv: what a record is. Each case is a text and the whole dump (source_kit.h) that it gives, read with
 * every scanner and many block sizes; then random texts against a second reader (naive_csv.h). */
#include "tests/unit/source/naive_csv.h"
#include <check.h>

static const size_t blocks[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,  12,  13, 14, 15,
                                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,  28,  29, 30, 31,
                                32, 33, 40, 47, 48, 62, 63, 64, 65, 66, 80, 127, 128, 129};
enum { BLOCKS = sizeof blocks / sizeof blocks[0] };

static kit_file file;

static void expect_dump(hz_slice text, hz_slice wanted, const kit_way *way)
{
    hz_buf out = HZ_BUF_INIT;
    kit_dump(&out, &file, text, way);
    if (!hz_slice_eq(hz_buf_slice(&out), wanted))
        ck_abort_msg("block %zu, %s:\ntext     %.*s\nexpected\n%.*s\ngot\n%.*s", way->block_bytes,
                     hz_csv_scanner_at(way->scanner)->name, HZ_SLICE_FMT(text), HZ_SLICE_FMT(wanted),
                     HZ_SLICE_FMT(hz_buf_slice(&out)));
    hz_buf_clear(&out);
}

static void expect_every_way(hz_slice text, hz_slice wanted, kit_way way)
{
    for (size_t b = 0; b < BLOCKS; b++)
        for (way.scanner = 0; hz_csv_scanner_at(way.scanner); way.scanner++) {
            way.block_bytes = blocks[b];
            expect_dump(text, wanted, &way);
        }
}

typedef struct csv_case {
    const char *name;
    hz_slice text;
    hz_slice dump;
} csv_case;
#define T(lit) HZ_SLICE_LIT(lit)
#define I(lit)                                                                                                         \
    {                                                                                                                  \
        (lit), sizeof(lit) - 1                                                                                         \
    } /* the same where a constant is needed */

/* Bad kinds: 0 field count, 1 open quote, 2 quote, 3 encoding, 4 NUL. */
static const csv_case cases[] = {
    {"plain", I("a,b\n1,2\n3,4\n"), I("H 2: 1:a 1:b\nR 0 2 4: 1:1 1:2\nR 1 3 8: 1:3 1:4\nN 2\n")},
    {"no last line end", I("a,b\n1,2"), I("H 2: 1:a 1:b\nR 0 2 4: 1:1 1:2\nN 1\n")},
    {"CRLF", I("a,b\r\n1,2\r\n3,4\r\n"), I("H 2: 1:a 1:b\nR 0 2 5: 1:1 1:2\nR 1 3 10: 1:3 1:4\nN 2\n")},
    {"CR", I("a,b\r1,2\r3,4\r"), I("H 2: 1:a 1:b\nR 0 2 4: 1:1 1:2\nR 1 3 8: 1:3 1:4\nN 2\n")},
    {"line ends mixed", I("a,b\r\n1,2\n3,4\r5,6"),
     I("H 2: 1:a 1:b\nR 0 2 5: 1:1 1:2\nR 1 3 9: 1:3 1:4\nR 2 4 13: 1:5 1:6\nN 3\n")},
    {"quoted", I("a,b\n\"1\",\"2,3\"\n\"\",\"x\"\r\n"), I("H 2: 1:a 1:b\nR 0 2 4: 1:1 3:2,3\nR 1 3 14: 0: 1:x\nN 2\n")},
    {"quotes in quotes", I("a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n\"\"\"x\",\"y\"\"\"\n"),
     I("H 2: 1:a 1:b\nR 0 2 4: 8:say \"hi\" 1:\"\nR 1 3 22: 2:\"x 2:y\"\nN 2\n")},
    {"a record over lines counts them, CRLF once", I("a,b\n\"1\n2\r\n3\r4\",x\n5,6\n"),
     I("H 2: 1:a 1:b\nR 0 2 4: 8:1\n2\r\n3\r4 1:x\nR 1 6 17: 1:5 1:6\nN 2\n")},
    {"a quote within a field is text", I("a,b\n5\" pipe,x\"\"y\n1 \"2\" 3,\"4\"\n"),
     I("H 2: 1:a 1:b\nR 0 2 4: 7:5\" pipe 4:x\"\"y\nR 1 3 17: 7:1 \"2\" 3 1:4\nN 2\n")},
    {"a blank before a quote makes it text", I("a,b\n \"1,2\"\nx,\"y\" \n3,4\n"),
     I("H 2: 1:a 1:b\nR 0 2 4: 3: \"1 2:2\"\nB 2 1 3 11 2/2\nR 2 4 18: 1:3 1:4\nN 3\n")},
    {"text behind a closing quote", I("a,b\n\"1\"2,3\n4,5\n\"6\"7\"8,9\"\n,\n"),
     I("H 2: 1:a 1:b\nB 2 0 2 4 2/2\nR 1 3 11: 1:4 1:5\nB 2 2 4 15 2/2\nR 3 5 25: 0: 0:\nN 4\n")},
    {"ragged", I("a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,\n1,2,3,,\n1,2,3,\"\"\n"),
     I("H 3: 1:a 1:b 1:c\nB 0 0 2 6 2/3\nR 1 3 10: 1:1 1:2 1:3\nB 0 2 4 16 4/3\nR 3 5 24: 1:1 1:2 1:3\nB 0 4 6 31 5/3\n"
       "B 0 5 7 39 4/3\nN 6\n")},
    {"a delimiter at each line's end", I("a,b,\n1,2,\n3,,\n4,5\n6,7,8\n"),
     I("H 2: 1:a 1:b\nR 0 2 5: 1:1 1:2\nR 1 3 10: 1:3 0:\nR 2 4 14: 1:4 1:5\nB 0 3 5 18 3/2\nN 4\n")},
    {"empty lines are no records", I("\n\r\na,b\n\n1,2\n\r\n\r\r3,4\n\n"),
     I("H 2: 1:a 1:b\nR 0 5 8: 1:1 1:2\nR 1 9 16: 1:3 1:4\nN 2\n")},
    {"nor in one column", I("a\n1\n\n\"\"\n,\n2\n"),
     I("H 1: 1:a\nR 0 2 2: 1:1\nR 1 4 5: 0:\nR 2 5 8: 0:\nR 3 6 10: 1:2\nN 4\n")},
    {"a line of blanks is one", I("a,b\n  \n"), I("H 2: 1:a 1:b\nB 0 0 2 4 1/2\nN 1\n")},
    {"BOM", I("\xef\xbb\xbf\"a\",b\n1,2\n"), I("H 2: 1:a 1:b\nR 0 2 9: 1:1 1:2\nN 1\n")},
    {"BOM alone", I("\xef\xbb\xbf"), I("H 0:\nN 0\n")},
    {"no bytes", I(""), I("H 0:\nN 0\n")},
    {"empty lines alone", I("\n\r\n\r"), I("H 0:\nN 0\n")},
    {"header alone", I("a,b"), I("H 2: 1:a 1:b\nN 0\n")},
    {"header quoted over lines", I("\"a\nx\",\"b\"\"c\"\r\n1,2\n"), I("H 2: 3:a\nx 3:b\"c\nR 0 3 14: 1:1 1:2\nN 1\n")},
    {"an empty quoted name stays", I("a,\"\"\n1,2\n"), I("H 2: 1:a 0:\nR 0 2 5: 1:1 1:2\nN 1\n")},
    {"NUL", I("a,b\n1,\0\n3,4\n"), I("H 2: 1:a 1:b\nB 4 0 2 4 2/2\nR 1 3 8: 1:3 1:4\nN 2\n")},
    {"a bad byte", I("a,b\nx,\xe4\xb8\xad\ny,\xff\nz,\xe5\x9b\xbd\nu,\xe4\xb8\n"),
     I("H 2: 1:a 1:b\nR 0 2 4: 1:x 3:\xe4\xb8\xad\nB 3 1 3 12 2/2\nR 2 4 14: 1:z 3:\xe5\x9b\xbd\nB 3 3 5 22 2/2\nN "
       "4\n")},
    {"a bad byte comes before a wrong count", I("a,b\n\xff\n\0,1,2\n\xff\0,1,2\n"),
     I("H 2: 1:a 1:b\nB 3 0 2 4 1/2\nB 4 1 3 6 3/2\nB 3 2 4 12 3/2\nN 3\n")},
    {"a character cut off by the end", I("a,b\n1,\xe4\xb8"), I("H 2: 1:a 1:b\nB 3 0 2 6 2/2\nN 1\n")},
    {"a quote that the end leaves open", I("a,b\n1,\"2\n3,4\n5,6"),
     I("H 2: 1:a 1:b\nB 1 0 2 4 2/2\nR 1 3 9: 1:3 1:4\nR 2 4 13: 1:5 1:6\nN 3\n")},
    {"and another below it", I("a,b\n1,\"2\n3,\"\"\"4\n\"\"\n5,6\n"),
     I("H 2: 1:a 1:b\nB 2 0 2 4 2/2\nB 0 1 4 16 1/2\nR 2 5 19: 1:5 1:6\nN 3\n")},
    {"open at the very end", I("a,b\n1,2\n3,\""), I("H 2: 1:a 1:b\nR 0 2 4: 1:1 1:2\nB 1 1 3 8 2/2\nN 2\n")},
    {"the open quote's line is the last", I("a,b\n1,\"2"), I("H 2: 1:a 1:b\nB 1 0 2 4 2/2\nN 1\n")},
    {"an open field over CRLF lines", I("a,b\r\n1,\"2\r\n3,4\r\n"),
     I("H 2: 1:a 1:b\nB 1 0 2 5 2/2\nR 1 3 11: 1:3 1:4\nN 2\n")},
    {"header open", I("a,\"b\n1,2\n"), I("E -3 SOURCE_HEADER_OPEN_QUOTE 1 0\n")},
    {"header with text behind a quote", I("\na,\"b\"x\n1,2\n"), I("E -3 SOURCE_HEADER_QUOTE 2 1\n")},
    {"header with a bad byte", I("a,\xff\n1,2\n"), I("E -3 SOURCE_HEADER_ENCODING 1 2\n")},
    {"header with NUL", I("a,\0\n1,2\n"), I("E -3 SOURCE_HEADER_NUL 1 0\n")},
};
enum { CASES = sizeof cases / sizeof cases[0] };

START_TEST(test_csv__case)
{
    const csv_case *c = &cases[_i];
    kit_way way = {.delimiter = ','};
    expect_every_way(c->text, c->dump, way);
    hz_buf naive = HZ_BUF_INIT;
    naive_dump(&naive, c->text, ',', hz_limits_default());
    if (!hz_slice_eq(hz_buf_slice(&naive), c->dump))
        ck_abort_msg("%s: the naive reader says\n%.*s", c->name, HZ_SLICE_FMT(hz_buf_slice(&naive)));
    hz_buf_clear(&naive);
}
END_TEST

/* The naive reader must say the same of every start of every case: the file cut at each byte. */
START_TEST(test_csv__cut_at_every_byte)
{
    const csv_case *c = &cases[_i];
    for (size_t len = 0; len <= c->text.len; len++) {
        hz_slice text = hz_slice_sub(c->text, 0, len);
        hz_buf naive = HZ_BUF_INIT;
        naive_dump(&naive, text, ',', hz_limits_default());
        if (naive_silent(&naive)) {
            hz_buf_clear(&naive);
            continue;
        }
        for (size_t block = 1; block <= 8; block++)
            for (size_t scanner = 0; hz_csv_scanner_at(scanner); scanner++)
                expect_dump(text, hz_buf_slice(&naive), &(kit_way){block * block, scanner, ',', NULL, NULL});
        hz_buf_clear(&naive);
    }
}
END_TEST

static hz_limits small_limits(uint64_t field_max, uint64_t record_max, uint64_t fields)
{
    hz_limits limits;
    hz_limits_init(&limits);
    limits.value[HZ_LIMIT_FIELD_BYTES] = field_max;
    limits.value[HZ_LIMIT_RECORD_BYTES] = record_max;
    limits.value[HZ_LIMIT_FIELDS] = fields;
    return limits;
}

START_TEST(test_csv__field_max_ends_an_open_quote)
{
    hz_limits limits = small_limits(10, 1000, 10);
    kit_way way = {.delimiter = ',', .limits = &limits};
    /* On the limit, and one past it. */
    expect_every_way(T("a,b\n\"0123456789\",1\n\"0123456\n\"\"\",2\n"),
                     T("H 2: 1:a 1:b\nR 0 2 4: 10:0123456789 1:1\nR 1 3 19: 9:0123456\n\" 1:2\nN 2\n"), way);
    expect_every_way(
        T("a,b\n\"0123456789x\",1\n\"0123456\n8\"\"\",2\n3,4\n"),
        T("H 2: 1:a 1:b\nB 1 0 2 4 1/2\nB 1 1 3 20 1/2\nR 2 4 29: 4:8\"\"\" 1:2\nR 3 5 36: 1:3 1:4\nN 4\n"), way);
}
END_TEST

START_TEST(test_csv__reading_resumes_behind_the_open_quote)
{
    hz_limits limits = small_limits(10, 1000, 10);
    kit_way way = {.delimiter = ',', .limits = &limits};
    expect_every_way(T("a,b\nx,\"open\r\n1,2\r\n3,4\r\n5,\"6\"\r\n"),
                     T("H 2: 1:a 1:b\nB 1 0 2 4 2/2\nR 1 3 13: 1:1 1:2\nR 2 4 18: 1:3 1:4\nR 3 5 23: 1:5 1:6\nN 4\n"),
                     way);
    /* An unquoted field may be as long as the record. */
    expect_every_way(T("a,b\n0123456789abcdef,2\n"), T("H 2: 1:a 1:b\nR 0 2 4: 16:0123456789abcdef 1:2\nN 1\n"), way);
}
END_TEST

START_TEST(test_csv__record_bytes_is_a_limit)
{
    hz_limits limits = small_limits(100, 12, 10);
    kit_way way = {.delimiter = ',', .limits = &limits};
    expect_every_way(T("a,b\n0123456789,1\r\n3,4\n"),
                     T("H 2: 1:a 1:b\nR 0 2 4: 10:0123456789 1:1\nR 1 3 18: 1:3 1:4\nN 2\n"), way);
    expect_every_way(T("a,b\n0123456789,1"), T("H 2: 1:a 1:b\nR 0 2 4: 10:0123456789 1:1\nN 1\n"), way);
    expect_every_way(T("a,b\n1,2\n0123456789,12\n3,4\n"), T("H 2: 1:a 1:b\nR 0 2 4: 1:1 1:2\nE -6 LIMIT 3 8\n"), way);
    expect_every_way(T("a,b\n1,2\n0123456789,12"), T("H 2: 1:a 1:b\nR 0 2 4: 1:1 1:2\nE -6 LIMIT 3 8\n"), way);
    expect_every_way(T("a,b\n\"\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\""), T("H 2: 1:a 1:b\nE -6 LIMIT 2 4\n"), way);
    expect_every_way(T("0123456789,12\n3,4\n"), T("E -6 LIMIT 1 0\n"), way);
}
END_TEST

START_TEST(test_csv__record_limit_names_itself)
{
    hz_limits limits = small_limits(100, 12, 10);
    hz_error err;
    hz_error_clear(&err);
    ck_assert(kit_file_put(&file, T("a,b\n0123456789,12\n")));
    hz_source_options options = {.path = file.path, .shown_path = T("x.csv"), .limits = &limits};
    hz_source *source;
    ck_assert_int_eq(hz_source_open(&source, &options, &err), HZ_OK);
    hz_batch batch = {0};
    ck_assert_int_eq(hz_source_next(&batch, source, &err), HZ_E_LIMIT);
    hz_slice args[HZ_MSG_ARGS_MAX];
    ck_assert_uint_ge(hz_error_args(&err, args), 1);
    ck_assert(hz_slice_is(args[0], "record_bytes"));
    ck_assert_str_eq(err.file, "x.csv");
    hz_source_close(source);
}
END_TEST

START_TEST(test_csv__fields_is_a_limit)
{
    hz_limits limits = small_limits(100, 100, 3);
    kit_way way = {.delimiter = ',', .limits = &limits};
    expect_every_way(T("a,b,c,\n1,2,3\n"), T("H 3: 1:a 1:b 1:c\nR 0 2 7: 1:1 1:2 1:3\nN 1\n"), way);
    expect_every_way(T("a,b,c,d\n1,2,3\n"), T("E -6 LIMIT 1 0\n"), way);
    expect_every_way(T("a,b,c,d,e,f\n1,2,3\n"), T("E -6 LIMIT 1 0\n"), way);
}
END_TEST

START_TEST(test_csv__wanted_columns_only)
{
    uint64_t want[1] = {0};
    kit_way way = {.delimiter = ',', .want = want};
    hz_slice text = T("a,b,c\n1,\"2\"\"\",3\n4,\"5\n\",6\n7,8\n");
    expect_every_way(text, T("H 3: 1:a 1:b 1:c\nR 0 2 6: - - -\nR 1 3 16: - - -\nB 0 2 5 25 2/3\nN 3\n"), way);
    want[0] = 2;
    expect_every_way(text, T("H 3: 1:a 1:b 1:c\nR 0 2 6: - 2:2\" -\nR 1 3 16: - 2:5\n -\nB 0 2 5 25 2/3\nN 3\n"), way);
    want[0] = 5;
    expect_every_way(text, T("H 3: 1:a 1:b 1:c\nR 0 2 6: 1:1 - 1:3\nR 1 3 16: 1:4 - 1:6\nB 0 2 5 25 2/3\nN 3\n"), way);
}
END_TEST

/* Many rows: several batches and blocks in their usual size, with a wide header too. */
START_TEST(test_csv__many_rows)
{
    hz_buf text = HZ_BUF_INIT, naive = HZ_BUF_INIT;
    hz_buf_puts(&text, "id,name,note\n");
    for (unsigned i = 0; i < 30000; i++)
        hz_buf_printf(&text, "%u,\"\xe6\x9d\x91%u\",%s\n", i, i % 97,
                      i % 1000 == 999    ? "\"a \"\"b\"\"\nc\""
                      : i % 777 == 776   ? "x \"y\""
                      : i % 5000 == 4999 ? "1,2"
                                         : "");
    naive_dump(&naive, hz_slice_sub(hz_buf_slice(&text), 0, 40000), ',', hz_limits_default());
    hz_buf first = HZ_BUF_INIT;
    kit_dump(&first, &file, hz_slice_sub(hz_buf_slice(&text), 0, 40000), &(kit_way){.scanner = 0});
    ck_assert(hz_slice_eq(hz_buf_slice(&first), hz_buf_slice(&naive)));
    hz_buf_reset(&first);
    kit_dump(&first, &file, hz_buf_slice(&text), &(kit_way){.scanner = 0});
    ck_assert_uint_gt(first.len, 1000000);
    for (size_t scanner = 0; hz_csv_scanner_at(scanner); scanner++)
        for (size_t block = 100; block < 3000000; block *= 17)
            expect_dump(hz_buf_slice(&text), hz_buf_slice(&first), &(kit_way){block, scanner, 0, NULL, NULL});
    hz_buf_clear(&text);
    hz_buf_clear(&naive);
    hz_buf_clear(&first);
}
END_TEST

START_TEST(test_csv__wide_rows)
{
    hz_buf text = HZ_BUF_INIT, wanted = HZ_BUF_INIT;
    enum { COLUMNS = 4096, ROWS = 200 };
    hz_buf_printf(&wanted, "H %d:", COLUMNS);
    for (int c = 0; c < COLUMNS; c++) {
        hz_buf_printf(&text, "c%d%s", c, c + 1 < COLUMNS ? "," : "\n");
        hz_buf_printf(&wanted, " %d:c%d", c < 10 ? 2 : c < 100 ? 3 : c < 1000 ? 4 : 5, c);
    }
    hz_buf_putc(&wanted, '\n');
    for (int r = 0; r < ROWS; r++) {
        hz_buf_printf(&wanted, "R %d %d %zu:", r, r + 2, text.len);
        for (int c = 0; c < COLUMNS; c++) {
            hz_buf_printf(&text, "%d%s", (r + c) % 10, c + 1 < COLUMNS ? "," : "\n");
            hz_buf_printf(&wanted, " 1:%d", (r + c) % 10);
        }
        hz_buf_putc(&wanted, '\n');
    }
    hz_buf_printf(&wanted, "N %d\n", ROWS);
    for (size_t scanner = 0; hz_csv_scanner_at(scanner); scanner++) {
        expect_dump(hz_buf_slice(&text), hz_buf_slice(&wanted), &(kit_way){0, scanner, 0, NULL, NULL});
        expect_dump(hz_buf_slice(&text), hz_buf_slice(&wanted), &(kit_way){1000, scanner, 0, NULL, NULL});
    }
    hz_buf_clear(&text);
    hz_buf_clear(&wanted);
}
END_TEST

/* The usual limits and blocks: one quote is left open, and the file goes on for megabytes. */
START_TEST(test_csv__one_open_quote_costs_one_row)
{
    hz_buf text = HZ_BUF_INIT, wanted = HZ_BUF_INIT;
    hz_buf_puts(&text, "id,name\n1,\"open\n");
    hz_buf_puts(&wanted, "H 2: 2:id 4:name\nB 1 0 2 8 2/2\n");
    for (unsigned i = 0; i < 150000; i++) {
        hz_buf_printf(&wanted, "R %u %u %zu: 6:%u 10:0123456789\n", i + 1, i + 3, text.len, 100000 + i);
        hz_buf_printf(&text, "%u,0123456789\n", 100000 + i);
    }
    hz_buf_puts(&wanted, "N 150001\n");
    ck_assert_uint_gt(text.len, 2u << 20);
    for (size_t scanner = 0; hz_csv_scanner_at(scanner); scanner++)
        expect_dump(hz_buf_slice(&text), hz_buf_slice(&wanted), &(kit_way){0, scanner, 0, NULL, NULL});
    hz_buf_clear(&text);
    hz_buf_clear(&wanted);
}
END_TEST

static size_t random_csv(char *text, size_t max, uint64_t *seed)
{
    static const hz_slice units[] = {I("a"),     I("a"),    I(","),      I(","),  I("\""),           I("\""),
                                     I("\n"),    I("\n"),   I("\r"),     I(";"),  I("\xe4\xb8\xad"), I("\"\""),
                                     I("\",\""), I("\r\n"), I("\"\n\""), I("\0"), I("\xff"),         I("\xe4\xb8")};
    /* Most texts are without the bytes that spoil a record, and quotes are frequent in some only. */
    size_t kinds = kit_random(seed) % 4 ? 15 : 18, quotes = kit_random(seed) % 2, len = 0;
    if (kit_random(seed) % 4) {
        memcpy(text, "a,b\n", 4);
        len = 4;
    }
    for (size_t wanted = kit_random(seed) % (max - 8); len < wanted;) {
        size_t kind = kit_random(seed) % kinds;
        if (!quotes && kind < 15 && memchr(units[kind].ptr, '"', units[kind].len) && kit_random(seed) % 8)
            continue;
        memcpy(text + len, units[kind].ptr, units[kind].len);
        len += units[kind].len;
    }
    return len;
}

START_TEST(test_csv__random_against_the_naive_reader)
{
    hz_limits limits = small_limits(20, 100000, 40), wide = small_limits(1000, 100000, 40);
    uint64_t seed = 99 + (uint64_t)_i;
    hz_buf naive = HZ_BUF_INIT;
    for (unsigned round = kit_rounds(25000); round; round--) {
        char bytes[200];
        hz_slice text = {bytes, random_csv(bytes, kit_random(&seed) % 4 ? 60 : sizeof bytes, &seed)};
        char delimiter = kit_random(&seed) % 3 ? ',' : '\0';
        const hz_limits *l = kit_random(&seed) % 4 ? &wide : &limits;
        hz_buf_reset(&naive);
        naive_dump(&naive, text, delimiter, l);
        if (naive_silent(&naive)) {
            hz_buf_clear(&naive);
            continue;
        }
        hz_slice wanted = hz_buf_slice(&naive);
        /* The scalar scanner and, in turn, one of the others, in two block sizes; at times a block that holds all. */
        size_t others = 1;
        while (hz_csv_scanner_at(others + 1))
            others++;
        kit_way way = {1 + kit_random(&seed) % 70, 0, delimiter, l, NULL};
        expect_dump(text, wanted, &way);
        way.block_bytes = kit_random(&seed) % 4 ? 1 + kit_random(&seed) % 70 : 4096;
        way.scanner = 1 + round % others;
        if (hz_csv_scanner_at(way.scanner))
            expect_dump(text, wanted, &way);
    }
    hz_buf_clear(&naive);
}
END_TEST

/* With a small limit on records the naive reader does not help: all ways must agree with one. */
START_TEST(test_csv__random_with_small_records)
{
    uint64_t seed = 4711;
    hz_buf first = HZ_BUF_INIT;
    for (unsigned round = kit_rounds(10000); round; round--) {
        char bytes[120];
        hz_limits limits = small_limits(kit_random(&seed) % 30, 5 + kit_random(&seed) % 40, 40);
        hz_slice text = {bytes, random_csv(bytes, sizeof bytes, &seed)};
        hz_buf_reset(&first);
        kit_dump(&first, &file, text, &(kit_way){.block_bytes = 4096, .delimiter = ',', .limits = &limits});
        for (size_t scanner = 0; hz_csv_scanner_at(scanner); scanner++)
            expect_dump(text, hz_buf_slice(&first),
                        &(kit_way){1 + kit_random(&seed) % 70, scanner, ',', &limits, NULL});
    }
    hz_buf_clear(&first);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.csv");
    TCase *tc = tcase_create("language");
    tcase_set_timeout(tc, 250);
    tcase_add_loop_test(tc, test_csv__case, 0, CASES);
    tcase_add_loop_test(tc, test_csv__cut_at_every_byte, 0, CASES);
    tcase_add_test(tc, test_csv__field_max_ends_an_open_quote);
    tcase_add_test(tc, test_csv__reading_resumes_behind_the_open_quote);
    tcase_add_test(tc, test_csv__record_bytes_is_a_limit);
    tcase_add_test(tc, test_csv__record_limit_names_itself);
    tcase_add_test(tc, test_csv__fields_is_a_limit);
    tcase_add_test(tc, test_csv__wanted_columns_only);
    tcase_add_test(tc, test_csv__many_rows);
    tcase_add_test(tc, test_csv__wide_rows);
    tcase_add_test(tc, test_csv__one_open_quote_costs_one_row);
    suite_add_tcase(suite, tc);
    TCase *random = tcase_create("random");
    tcase_set_timeout(random, 280);
    tcase_add_loop_test(random, test_csv__random_against_the_naive_reader, 0, 4);
    tcase_add_test(random, test_csv__random_with_small_records);
    suite_add_tcase(suite, random);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
