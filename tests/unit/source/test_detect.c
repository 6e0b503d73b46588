/* Suite source.detect: encoding and delimiter from a file's first bytes, and what open says of them. */
#include "tests/unit/source/source_kit.h"
#include "validator/source/detect.h"
#include <check.h>
#include <iconv.h>

static kit_file file;

static const char simplified[] = "身份证号,姓名,地址,备注\n"
                                 "001,张三,贵州省毕节市七星关区,易地扶贫搬迁\n"
                                 "002,李四,贵州省遵义市播州区,低保户,家庭困难\n"
                                 "003,王五,贵州省黔东南苗族侗族自治州,已脱贫\n";
static const char traditional[] = "身分證號,姓名,地址,備註\n"
                                  "001,張三,臺北市信義區市府路,低收入戶\n"
                                  "002,李四,高雄市前金區中正路,身心障礙\n"
                                  "003,王五,新北市板橋區縣民大道,領有證明\n";

static hz_slice converted(hz_buf *out, const char *charset, hz_slice text)
{
    iconv_t convert = iconv_open(charset, "UTF-8");
    ck_assert_msg(convert != (iconv_t)-1, "iconv does not know %s", charset);
    char *from = (char *)(uintptr_t)text.ptr, *to = hz_buf_reserve(out, text.len * 4 + 16);
    size_t left = text.len, room = text.len * 4 + 16;
    char *start = to;
    ck_assert(iconv(convert, &from, &left, &to, &room) != (size_t)-1);
    out->len += (size_t)(to - start);
    iconv_close(convert);
    return hz_buf_slice(out);
}

static void expect_encoding(hz_slice text, hz_encoding wanted)
{
    ck_assert_str_eq(hz_encoding_name(hz_detect_encoding(text, true, NULL)), hz_encoding_name(wanted));
}

static void expect_converted(const char *charset, const char *text, hz_encoding wanted)
{
    hz_buf out = HZ_BUF_INIT;
    converted(&out, charset, hz_slice_of(text));
    expect_encoding(hz_buf_slice(&out), wanted);
    /* A sample may end within a character (in a short one that may leave too little to tell). */
    for (size_t less = 1; less < 4 && out.len > 100; less++)
        ck_assert_int_eq(hz_detect_encoding(hz_slice_sub(hz_buf_slice(&out), 0, out.len - less), false, NULL), wanted);
    hz_buf_clear(&out);
}

START_TEST(test_detect__utf8)
{
    expect_converted("UTF-8", simplified, HZ_ENCODING_UTF8);
    expect_converted("UTF-8", traditional, HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_NONE, HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_LIT("a,b\n1,2\n"), HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_LIT("\xef\xbb\xbf"
                                 "a,b\n"),
                    HZ_ENCODING_UTF8_BOM);
}
END_TEST

START_TEST(test_detect__utf16)
{
    expect_converted("UTF-16LE", simplified, HZ_ENCODING_UTF16LE);
    expect_converted("UTF-16BE", simplified, HZ_ENCODING_UTF16BE);
    expect_converted("UTF-16LE", "id,name\n1,a\n", HZ_ENCODING_UTF16LE);
    expect_converted("UTF-16BE", "id,name\n1,a\n", HZ_ENCODING_UTF16BE);
    expect_encoding(HZ_SLICE_LIT("\xff\xfe"
                                 "a\0"),
                    HZ_ENCODING_UTF16LE);
    expect_encoding(HZ_SLICE_LIT("\xfe\xff\0a"), HZ_ENCODING_UTF16BE);
}
END_TEST

START_TEST(test_detect__gb18030)
{
    expect_converted("GB18030", simplified, HZ_ENCODING_GB18030);
    expect_converted("GBK", simplified, HZ_ENCODING_GB18030);
    expect_converted("GB18030", "a,b\n1,𠀀𠀁𠀂\n", HZ_ENCODING_GB18030);
    /* One name in a file of ASCII: two characters, four bytes, the least that names an encoding. */
    expect_converted("GBK", "id,name\n1,abc\n2,张三\n", HZ_ENCODING_GB18030);
    expect_converted("GBK", "id,name\n1,abc\n2,张\n", HZ_ENCODING_UTF8);
}
END_TEST

START_TEST(test_detect__big5)
{
    expect_converted("BIG5", traditional, HZ_ENCODING_BIG5);
}
END_TEST

START_TEST(test_detect__a_few_bad_bytes_are_findings)
{
    hz_buf text = HZ_BUF_INIT, gbk = HZ_BUF_INIT;
    hz_buf_puts(&text, simplified);
    hz_buf_puts(&text, "004,\xff\xfe,x,y\n");
    /* A record of another encoding among good ones. */
    hz_buf_put(&text, converted(&gbk, "GBK", HZ_SLICE_LIT("005,赵六,贵阳市,无\n")));
    expect_encoding(hz_buf_slice(&text), HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_LIT("name\ncaf\xe9,\n"), HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_LIT("id,name\n1,abc\n2,\xff\xfe\xff\xfe\xff\n"), HZ_ENCODING_UTF8);
    hz_buf_clear(&text);
    hz_buf_clear(&gbk);
}
END_TEST

START_TEST(test_detect__nul_bytes_alone_are_not_utf16)
{
    expect_encoding(HZ_SLICE_LIT("a,b\n1,\0\n"), HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_LIT("\0\0\0\0\0\0\0\0"), HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_LIT("a,b\n1,\0\0\0\n2,\0\0\0\n"), HZ_ENCODING_UTF8);
}
END_TEST

START_TEST(test_detect__binary_is_unknown)
{
    char bytes[4096];
    uint64_t seed = 3;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)kit_random(&seed);
    expect_encoding((hz_slice){bytes, sizeof bytes}, HZ_ENCODING_UNKNOWN);
}
END_TEST

/* The border between bad bytes and another encoding: half of (bad bytes + good characters). */
START_TEST(test_detect__border_of_bad_bytes)
{
    expect_encoding(HZ_SLICE_LIT("\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad,\xd5\xc5\xc8\xfd\n"),
                    HZ_ENCODING_UTF8);
    expect_encoding(HZ_SLICE_LIT("\xc3\xa9\xc3\xa9\xc3\xa9,\xd5\xc5\xc8\xfd\n"), HZ_ENCODING_GB18030);
}
END_TEST

/* All cells and bad rows that a reader finds, as the dump of source_kit.h has them. */
static void expect_same_rows(const char *charset, hz_encoding encoding, unsigned sure)
{
    hz_buf text = HZ_BUF_INIT, bytes = HZ_BUF_INIT, wanted = HZ_BUF_INIT, got = HZ_BUF_INIT;
    for (int i = 0; i < 300; i++)
        hz_buf_puts(&text, simplified);
    kit_dump(&wanted, &file, hz_buf_slice(&text), &(kit_way){.block_bytes = 100});
    converted(&bytes, charset, hz_buf_slice(&text));
    for (size_t block = 1; block < 100000; block *= 7) {
        hz_buf_reset(&got);
        kit_dump(&got, &file, hz_buf_slice(&bytes), &(kit_way){.block_bytes = block});
        ck_assert_msg(hz_slice_eq(hz_buf_slice(&got), hz_buf_slice(&wanted)), "%s by blocks of %zu", charset, block);
    }
    hz_source_options options = {.path = file.path, .limits = hz_limits_default()};
    hz_source *source;
    ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_OK);
    ck_assert_int_eq(hz_source_encoding(source), encoding);
    ck_assert_uint_ge(hz_source_confidence(source), sure);
    hz_source_close(source);
    hz_buf_clear(&text);
    hz_buf_clear(&bytes);
    hz_buf_clear(&wanted);
    hz_buf_clear(&got);
}

START_TEST(test_detect__other_encodings_read_the_same)
{
    expect_same_rows("GB18030", HZ_ENCODING_GB18030, 90);
    expect_same_rows("GBK", HZ_ENCODING_GB18030, 90);
    expect_same_rows("UTF-16LE", HZ_ENCODING_UTF16LE, 90);
    expect_same_rows("UTF-16BE", HZ_ENCODING_UTF16BE, 90);
}
END_TEST

/* The one bad row of a text, and where its bad byte is. */
static void expect_bad(hz_slice bytes, const hz_source_options *how, uint64_t line, uint64_t offset, hz_encoding other,
                       uint32_t good)
{
    hz_source_options options = *how;
    hz_source *source;
    hz_batch batch = {0};
    uint32_t rows = 0, bad = 0;
    ck_assert(kit_file_put(&file, bytes));
    options.path = file.path;
    options.limits = hz_limits_default();
    ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_OK);
    while (hz_source_next(&batch, source, NULL) == HZ_OK) {
        rows += batch.rows_count;
        for (uint32_t b = 0; b < batch.bad_count; b++, bad++) {
            ck_assert_int_eq(batch.bad[b].kind, HZ_BAD_ENCODING);
            ck_assert_uint_eq(batch.bad[b].line, line);
            ck_assert_uint_eq(batch.bad[b].offset_bytes, offset);
            ck_assert_int_eq(batch.bad[b].other, other);
        }
    }
    ck_assert_uint_eq(rows, good);
    ck_assert_uint_eq(bad, 1);
    hz_source_close(source);
}

START_TEST(test_detect__a_bad_byte_is_where_it_stands)
{
    hz_buf bytes = HZ_BUF_INIT, line = HZ_BUF_INIT;
    converted(&bytes, "GB18030", HZ_SLICE_LIT("编号,姓名,地址\n1,张三,贵州省贵阳市云岩区\n2,李"));
    size_t at = bytes.len;
    hz_buf_puts(&bytes, "\xff,x\n");
    hz_buf_put(&bytes, converted(&line, "GB18030", HZ_SLICE_LIT("3,王五,贵州省贵阳市南明区\n")));
    expect_bad(hz_buf_slice(&bytes), &(hz_source_options){0}, 3, at, HZ_ENCODING_UNKNOWN, 2);
    /* A character that the line's end cuts off takes no line along. */
    bytes.len = at;
    hz_buf_puts(&bytes, "\xc0\n");
    hz_buf_put(&bytes, hz_buf_slice(&line));
    expect_bad(hz_buf_slice(&bytes), &(hz_source_options){0}, 3, at, HZ_ENCODING_UNKNOWN, 2);
    hz_buf_clear(&bytes);
    hz_buf_clear(&line);
}
END_TEST

START_TEST(test_detect__a_line_of_another_encoding_is_named)
{
    hz_buf bytes = HZ_BUF_INIT, line = HZ_BUF_INIT;
    converted(&bytes, "GB18030", HZ_SLICE_LIT("编号,姓名,地址,备注\n001,张三,贵州省毕节市七星关区,易地扶贫搬迁\n"));
    size_t at = bytes.len;
    hz_buf_puts(&bytes, "009,赵六,贵阳市,无\n");
    hz_buf_put(&bytes, converted(&line, "GB18030", HZ_SLICE_LIT("010,钱七,遵义市,无\n")));
    expect_bad(hz_buf_slice(&bytes), &(hz_source_options){0}, 3, at, HZ_ENCODING_UTF8, 2);
    /* and the other way round; the first bad byte is behind "009," */
    hz_buf_reset(&bytes);
    hz_buf_reset(&line);
    hz_buf_puts(&bytes, "编号,姓名,地址,备注\n001,张三,贵州省毕节市七星关区,易地扶贫搬迁\n");
    at = bytes.len;
    hz_buf_put(&bytes, converted(&line, "GBK", HZ_SLICE_LIT("009,赵六,贵阳市,无\n")));
    hz_buf_puts(&bytes, "010,钱七,遵义市,无\n");
    expect_bad(hz_buf_slice(&bytes), &(hz_source_options){0}, 3, at + 4, HZ_ENCODING_GB18030, 2);
    hz_buf_clear(&bytes);
    hz_buf_clear(&line);
}
END_TEST

START_TEST(test_detect__given_encoding_wins)
{
    hz_buf bytes = HZ_BUF_INIT;
    hz_source_options how = {.encoding_given = true, .encoding = HZ_ENCODING_UTF8};
    /* found out this would be GB18030; as UTF-8 it has one bad row */
    converted(&bytes, "GBK", HZ_SLICE_LIT("id,name\n1,张三李四\n"));
    expect_bad(hz_buf_slice(&bytes), &how, 2, 10, HZ_ENCODING_GB18030, 0);
    hz_encoding encoding;
    ck_assert_int_eq(hz_encoding_parse(&encoding, HZ_SLICE_LIT("GB2312"), NULL), HZ_OK);
    ck_assert_int_eq(encoding, HZ_ENCODING_GBK);
    ck_assert_int_eq(hz_encoding_parse(&encoding, HZ_SLICE_LIT("latin1"), NULL), HZ_E_USAGE);
    hz_buf_clear(&bytes);
}
END_TEST

/* The scanners never see a file in another encoding, so what open reports is the reader's encoding. */
START_TEST(test_detect__encoding_of_an_open_reader)
{
    hz_source_options options = {.path = file.path, .limits = hz_limits_default()};
    hz_source *source;
    ck_assert(kit_file_put(&file, HZ_SLICE_LIT("\xef\xbb\xbf"
                                               "a;b\n1;2\n")));
    options.path = file.path;
    ck_assert_int_eq(hz_source_open(&source, &options, NULL), HZ_OK);
    ck_assert_int_eq(hz_source_encoding(source), HZ_ENCODING_UTF8_BOM);
    ck_assert_int_eq(hz_source_delimiter(source), ';');
    hz_source_close(source);
}
END_TEST

static const struct {
    const char *text;
    char wanted;
} delimiters[] = {
    {"", ','},
    {"a\n1\n2\n", ','},
    {"a,b\n1,2\n", ','},
    {"a;b\n1;2\n", ';'},
    {"a\tb\n1\t2\n", '\t'},
    {"a|b\n1|2\n", '|'},
    {"a;b;c\n1,5;2,5;3\n1;2;3\n", ';'},
    {"\"a,x\";b\n\"1,2\";3\n", ';'},
    {"name,note;more\nx,y\nz,w\n", ','},
    {"name;note,more\nx;y\nz;w\n", ';'},
    {"a,b;c\n1,2;3\n", ','},          /* alike in both: the order decides */
    {"a,b;c;d\n1,2;3;4\n", ';'},      /* more fields */
    {"a;b;\n1;2;\n3;4\n5;6;\n", ';'}, /* with a delimiter at lines' ends */
    {"a;b\n\n1;2\n\n", ';'},
    {"a;b\n1,2,3\n4,5,6\n", ';'}, /* what is not in the header does not count */
    {"a;b\n\"open", ';'},
};

START_TEST(test_detect__delimiter)
{
    ck_assert_int_eq(hz_detect_delimiter(hz_slice_of(delimiters[_i].text), true, hz_limits_default()),
                     delimiters[_i].wanted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.detect");
    TCase *tc = tcase_create("encoding");
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, test_detect__utf8);
    tcase_add_test(tc, test_detect__utf16);
    tcase_add_test(tc, test_detect__gb18030);
    tcase_add_test(tc, test_detect__big5);
    tcase_add_test(tc, test_detect__a_few_bad_bytes_are_findings);
    tcase_add_test(tc, test_detect__nul_bytes_alone_are_not_utf16);
    tcase_add_test(tc, test_detect__binary_is_unknown);
    tcase_add_test(tc, test_detect__border_of_bad_bytes);
    tcase_add_test(tc, test_detect__other_encodings_read_the_same);
    tcase_add_test(tc, test_detect__a_bad_byte_is_where_it_stands);
    tcase_add_test(tc, test_detect__a_line_of_another_encoding_is_named);
    tcase_add_test(tc, test_detect__given_encoding_wins);
    tcase_add_test(tc, test_detect__encoding_of_an_open_reader);
    suite_add_tcase(suite, tc);
    TCase *td = tcase_create("delimiter");
    tcase_set_timeout(td, 30);
    tcase_add_loop_test(td, test_detect__delimiter, 0, sizeof delimiters / sizeof delimiters[0]);
    suite_add_tcase(suite, td);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
