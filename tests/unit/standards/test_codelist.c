/* One code list: the TSV form and its mistakes, look-ups by code and name, validity, limits. */
#include "base/alloc.h"
#include "base/calendar.h"
#include "standards/codelist.h"
#include "table.h"
#include "unit.h"

typedef struct bad_case {
    char *name, *file, *zh, *en;
} bad_case;

static bad_case bad_cases[64];
static size_t bad_count;

static int32_t in_year(int32_t year)
{
    int32_t days = 0;
    ck_assert(hz_date_from_civil(&days, year, 6, 30));
    return days;
}

static hz_codelist *parse(const char *tsv)
{
    hz_codelist *list = NULL;
    hz_error err;
    hz_error_clear(&err);
    hz_status st = hz_codelist_parse(&list, HZ_SLICE_LIT("list.tsv"), hz_slice_of(tsv), NULL, &err);
    ck_assert_msg(st == HZ_OK, "%s at %llu", hz_msg_name(err.message), (unsigned long long)err.line);
    return list;
}

static uint32_t find(const hz_codelist *list, const char *code, int32_t day)
{
    return hz_codelist_find(list, hz_slice_of(code), day);
}

static uint32_t find_name(const hz_codelist *list, const char *name, int32_t day)
{
    return hz_codelist_find_name(list, hz_slice_of(name), day);
}

/* In place: \n \t \r \\ \xHH. */
static size_t unescape(char *text)
{
    char *out = text;
    for (char *at = text; *at; at++) {
        if (*at != '\\') {
            *out++ = *at;
            continue;
        }
        at++;
        if (*at == 'x') {
            char hex[3] = {at[1], at[2], '\0'};
            *out++ = (char)strtol(hex, NULL, 16);
            at += 2;
        } else {
            *out++ = *at == 'n' ? '\n' : *at == 't' ? '\t' : *at == 'r' ? '\r' : *at;
        }
    }
    return (size_t)(out - text);
}

static void render(hz_buf *out, const hz_error *err, hz_lang lang)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(err, args);
    hz_buf_printf(out, "%s:%llu:%llu: ", err->file, (unsigned long long)err->line, (unsigned long long)err->column);
    hz_msg_render(out, err->message, args, count, lang);
}

START_TEST(test_codelist__mistake_is_told_with_its_place)
{
    const bad_case *c = &bad_cases[_i];
    char *file = strdup(c->file);
    size_t len = unescape(file);
    hz_codelist *list = NULL;
    hz_error err;
    hz_error_clear(&err);
    ck_assert_int_eq(hz_codelist_parse(&list, HZ_SLICE_LIT("list.tsv"), (hz_slice){file, len}, NULL, &err),
                     HZ_E_PROFILE);
    ck_assert_ptr_null(list);
    hz_buf zh = HZ_BUF_INIT, en = HZ_BUF_INIT;
    render(&zh, &err, HZ_LANG_ZH);
    render(&en, &err, HZ_LANG_EN);
    ck_assert_msg(strcmp(zh.ptr, c->zh) == 0, "%s:\n%s\n%s", c->name, zh.ptr, c->zh);
    ck_assert_msg(strcmp(en.ptr, c->en) == 0, "%s:\n%s\n%s", c->name, en.ptr, c->en);
    ck_assert(err.has_offset && err.offset_bytes <= len);
    hz_buf_clear(&zh);
    hz_buf_clear(&en);
    free(file);
}
END_TEST

START_TEST(test_codelist__error_may_be_null)
{
    hz_codelist *list = NULL;
    ck_assert_int_eq(hz_codelist_parse(&list, HZ_SLICE_NONE, HZ_SLICE_NONE, NULL, NULL), HZ_E_PROFILE);
    ck_assert_int_eq(hz_codelist_parse(&list, HZ_SLICE_NONE, HZ_SLICE_LIT("code\tname_zh\n1\ta\n1\tb\n"), NULL, NULL),
                     HZ_E_PROFILE);
    ck_assert_ptr_null(list);
}
END_TEST

START_TEST(test_codelist__properties_columns_values)
{
    hz_codelist *list = parse("# id: t\n#title_zh:  表 \n# title_en: Table\n# source: a: b\n"
                              "alpha\tname_en\tcode\tname_zh\tvalid_from\tnote\n"
                              "HA\tHan\t01\t汉族\t2000-05\t\n"
                              "\t\t02\t蒙古族\t\t# 备注");
    ck_assert(hz_slice_is(hz_codelist_id(list), "t"));
    ck_assert(hz_slice_is(hz_codelist_title(list).zh, "表"));
    ck_assert(hz_slice_is(hz_codelist_title(list).en, "Table"));
    ck_assert(hz_slice_is(hz_codelist_property(list, "source"), "a: b"));
    ck_assert(hz_slice_is(hz_codelist_property(list, "none"), ""));
    ck_assert_uint_eq(hz_codelist_count(list), 2);
    ck_assert_int_eq(hz_codelist_column(list, HZ_SLICE_LIT("alpha")), 0);
    ck_assert_int_eq(hz_codelist_column(list, HZ_SLICE_LIT("note")), 5);
    ck_assert_int_eq(hz_codelist_column(list, HZ_SLICE_LIT("parent")), -1);
    ck_assert(hz_slice_is(hz_codelist_value(list, 0, 0), "HA"));
    ck_assert(hz_slice_is(hz_codelist_value(list, 0, 4), "2000-05"));
    ck_assert(hz_slice_is(hz_codelist_value(list, 0, 5), ""));
    ck_assert(hz_slice_is(hz_codelist_value(list, 1, 0), ""));
    ck_assert(hz_slice_is(hz_codelist_value(list, 1, 2), "02"));
    ck_assert(hz_slice_is(hz_codelist_value(list, 1, 5), "# 备注"));
    ck_assert(hz_slice_is(hz_codelist_value(list, 1, -1), ""));
    ck_assert(hz_slice_is(hz_codelist_value(list, 1, 6), ""));
    ck_assert(hz_slice_is(hz_codelist_value(list, HZ_HTAB_NONE, 0), ""));
    hz_code code = hz_codelist_at(list, 1);
    ck_assert(hz_slice_is(code.code, "02") && hz_slice_is(code.name.zh, "蒙古族") && code.name.en.len == 0 &&
              code.parent.len == 0);
    ck_assert_int_eq(code.valid_from, INT32_MIN);
    ck_assert_int_eq(code.valid_to, INT32_MAX);
    hz_codelist_free(list);
}
END_TEST

START_TEST(test_codelist__path_is_the_id_without_one)
{
    hz_codelist *list = parse("code\tname_zh\n1\t甲\n");
    ck_assert(hz_slice_is(hz_codelist_id(list), "list.tsv"));
    hz_codelist_free(list);
}
END_TEST

START_TEST(test_codelist__no_rows)
{
    hz_codelist *list = parse("code\tname_zh");
    ck_assert_uint_eq(hz_codelist_count(list), 0);
    ck_assert_uint_eq(find(list, "1", HZ_DAY_EVER), HZ_HTAB_NONE);
    ck_assert_uint_eq(find(list, "", HZ_DAY_EVER), HZ_HTAB_NONE);
    ck_assert_uint_eq(find_name(list, "1", HZ_DAY_EVER), HZ_HTAB_NONE);
    hz_codelist_free(list);
}
END_TEST

/* _i: with short codes (packed), and with one long code more (hash table). */
START_TEST(test_codelist__finds_each_code_and_no_other)
{
    hz_buf tsv = HZ_BUF_INIT;
    hz_buf_puts(&tsv, "code\tname_zh\n");
    char code[16];
    for (int n = 0; n < 3000; n++)
        hz_buf_printf(&tsv, "%x\t名%d\n", n * 7, n);
    hz_buf_puts(&tsv, _i ? "123456789\t长\n" : "12345678\t短\n");
    hz_codelist *list = parse(tsv.ptr);
    for (int n = 0; n < 3000 * 7; n++) {
        snprintf(code, sizeof code, "%x", (unsigned)n);
        uint32_t row = find(list, code, HZ_DAY_EVER);
        ck_assert_uint_eq(row, n % 7 ? HZ_HTAB_NONE : (uint32_t)(n / 7));
    }
    ck_assert_uint_eq(find(list, _i ? "123456789" : "12345678", 0), 3000);
    ck_assert_uint_eq(find(list, _i ? "12345678" : "123456789", 0), HZ_HTAB_NONE);
    ck_assert_uint_eq(find(list, "", HZ_DAY_EVER), HZ_HTAB_NONE);
    hz_codelist_free(list);
    hz_buf_clear(&tsv);
}
END_TEST

/* Codes of different length whose packed bytes are alike. */
START_TEST(test_codelist__length_is_part_of_a_code)
{
    hz_codelist *list = parse("code\tname_zh\nAAAA\t甲\nAA\t乙\nABAB\t丙\nA\t丁\n");
    ck_assert_uint_eq(find(list, "AAAA", 0), 0);
    ck_assert_uint_eq(find(list, "AA", 0), 1);
    ck_assert_uint_eq(find(list, "ABAB", 0), 2);
    ck_assert_uint_eq(find(list, "A", 0), 3);
    static const char *const none[] = {"AAA", "AAAAA", "AAAAAA", "AAAAAAA", "AAAAAAAA", "AB", "ABABABAB", "B"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_uint_eq(find(list, none[i], 0), HZ_HTAB_NONE);
    ck_assert_uint_eq(hz_codelist_find(list, (hz_slice){"A\0\0", 3}, 0), HZ_HTAB_NONE);
    hz_codelist_free(list);
    /* Over 26 letters some of these fall on the slot of the code that they look like. */
    hz_buf tsv = HZ_BUF_INIT;
    hz_buf_puts(&tsv, "code\tname_zh\n");
    for (char c = 'A'; c <= 'Z'; c++)
        hz_buf_printf(&tsv, "%c%c%c%c\t名\n", c, c, c, c);
    list = parse(tsv.ptr);
    for (char c = 'A'; c <= 'Z'; c++) {
        const char text[] = {c, c, c, c, c, c, c, c};
        for (size_t len = 1; len <= sizeof text; len++)
            ck_assert_uint_eq(hz_codelist_find(list, (hz_slice){text, len}, 0),
                              len == 4 ? (uint32_t)(c - 'A') : HZ_HTAB_NONE);
    }
    hz_codelist_free(list);
    hz_buf_clear(&tsv);
}
END_TEST

/* _i: short codes, long codes. */
START_TEST(test_codelist__validity_picks_the_row)
{
    hz_codelist *list = parse(_i ? "code\tname_zh\tvalid_from\tvalid_to\n"
                                   "long-code-01\t旧\t1990\t2000\nlong-code-02\t二\t\t\nlong-code-01\t新\t2005-03-"
                                   "02\t\nlong-code-01\t古\t\t1980\n"
                                 : "code\tname_zh\tvalid_from\tvalid_to\n"
                                   "01\t旧\t1990\t2000\n02\t二\t\t\n01\t新\t2005-03-02\t\n01\t古\t\t1980\n");
    const char *one = _i ? "long-code-01" : "01", *two = _i ? "long-code-02" : "02";
    ck_assert_uint_eq(find(list, one, in_year(1995)), 0);
    ck_assert_uint_eq(find(list, one, in_year(2002)), HZ_HTAB_NONE);
    ck_assert_uint_eq(find(list, one, in_year(2020)), 2);
    ck_assert_uint_eq(find(list, one, in_year(1900)), 3);
    ck_assert_uint_eq(find(list, one, in_year(1985)), HZ_HTAB_NONE);
    ck_assert_uint_eq(find(list, one, HZ_DAY_EVER), 3);
    ck_assert_uint_eq(find(list, two, in_year(1)), 1);
    int32_t day = 0;
    ck_assert(hz_date_from_civil(&day, 2005, 3, 2));
    ck_assert_uint_eq(find(list, one, day - 1), HZ_HTAB_NONE);
    ck_assert_uint_eq(find(list, one, day), 2);
    ck_assert(hz_date_from_civil(&day, 1980, 1, 1));
    ck_assert_uint_eq(find(list, one, day - 1), 3);
    ck_assert_uint_eq(find(list, one, day), HZ_HTAB_NONE);
    ck_assert(hz_date_from_civil(&day, 2000, 1, 1));
    ck_assert_uint_eq(find(list, one, day - 1), 0);
    ck_assert_uint_eq(find(list, one, day), HZ_HTAB_NONE);
    hz_codelist_free(list);
}
END_TEST

START_TEST(test_codelist__names)
{
    hz_codelist *list = parse(
        "code\tname_zh\tname_en\tvalid_from\tvalid_to\n"
        "01\t甲\tA\t\t2000\n02\t甲\tB\t2000\t\n03\t丙\tA\t\t\n04\t丁\t\t\t2010\n04\t丁\tD\t2010\t\n05\tE\tE\t\t\n");
    ck_assert_uint_eq(find_name(list, "甲", in_year(1999)), 0);
    ck_assert_uint_eq(find_name(list, "甲", in_year(2001)), 1);
    ck_assert_uint_eq(find_name(list, "甲", HZ_DAY_EVER), HZ_HTAB_NONE);
    ck_assert_uint_eq(find_name(list, "A", in_year(1999)), HZ_HTAB_NONE);
    ck_assert_uint_eq(find_name(list, "A", in_year(2001)), 2);
    ck_assert_uint_eq(find_name(list, "丁", HZ_DAY_EVER), 4);
    ck_assert_uint_eq(find_name(list, "丁", in_year(2001)), 3);
    ck_assert_uint_eq(find_name(list, "D", in_year(2001)), HZ_HTAB_NONE);
    ck_assert_uint_eq(find_name(list, "E", in_year(2001)), 5);
    ck_assert_uint_eq(find_name(list, "", in_year(2001)), HZ_HTAB_NONE);
    ck_assert_uint_eq(find_name(list, "戊", in_year(2001)), HZ_HTAB_NONE);
    hz_codelist_free(list);
}
END_TEST

START_TEST(test_codelist__given_in_place)
{
    const hz_code codes[] = {
        {HZ_SLICE_LIT("1"), {HZ_SLICE_LIT("男"), HZ_SLICE_NONE}, HZ_SLICE_NONE, INT32_MIN, INT32_MAX},
        {HZ_SLICE_LIT("2"), {HZ_SLICE_LIT("女"), HZ_SLICE_NONE}, HZ_SLICE_NONE, INT32_MIN, INT32_MAX},
        {HZ_SLICE_LIT("1"), {HZ_SLICE_LIT("又"), HZ_SLICE_NONE}, HZ_SLICE_NONE, INT32_MIN, INT32_MAX}};
    hz_codelist *list = NULL;
    hz_error err;
    hz_error_clear(&err);
    ck_assert_int_eq(hz_codelist_of(&list, HZ_SLICE_LIT("sex"), codes, 2, &err), HZ_OK);
    ck_assert(hz_slice_is(hz_codelist_id(list), "sex"));
    ck_assert_uint_eq(find(list, "2", 0), 1);
    ck_assert_uint_eq(find_name(list, "男", 0), 0);
    ck_assert(hz_slice_is(hz_codelist_value(list, 1, hz_codelist_column(list, HZ_SLICE_LIT("name_zh"))), "女"));
    ck_assert_int_eq(hz_codelist_column(list, HZ_SLICE_LIT("valid_from")), -1);
    hz_codelist_free(list);
    ck_assert_int_eq(hz_codelist_of(&list, HZ_SLICE_LIT("sex"), codes, 3, &err), HZ_E_PROFILE);
    ck_assert_ptr_null(list);
    ck_assert_int_eq(err.message, HZ_MSG_LIST_CODE_AGAIN);
    ck_assert_int_eq(hz_codelist_of(&list, HZ_SLICE_LIT("none"), NULL, 0, NULL), HZ_OK);
    ck_assert_uint_eq(find(list, "2", 0), HZ_HTAB_NONE);
    hz_codelist_free(list);
    hz_codelist_free(NULL);
}
END_TEST

START_TEST(test_codelist__limit_and_one_past_it)
{
    hz_slice tsv = HZ_SLICE_LIT("code\tname_zh\n1\t甲\n2\t乙\n3\t丙");
    hz_limits limits;
    hz_limits_init(&limits);
    hz_codelist *list = NULL;
    hz_error err;
    hz_error_clear(&err);
    limits.value[HZ_LIMIT_LIST_ITEMS] = 3;
    ck_assert_int_eq(hz_codelist_parse(&list, HZ_SLICE_LIT("list.tsv"), tsv, &limits, &err), HZ_OK);
    hz_codelist_free(list);
    limits.value[HZ_LIMIT_LIST_ITEMS] = 2;
    ck_assert_int_eq(hz_codelist_parse(&list, HZ_SLICE_LIT("list.tsv"), tsv, &limits, &err), HZ_E_LIMIT);
    ck_assert_ptr_null(list);
    hz_slice args[HZ_MSG_ARGS_MAX];
    ck_assert_uint_ge(hz_error_args(&err, args), 1);
    ck_assert(hz_slice_is(args[0], "list_items"));
    ck_assert_str_eq(err.file, "list.tsv");
}
END_TEST

START_TEST(test_codelist__sha256_is_of_the_file)
{
    /* printf 'code\tname_zh\n1\ta\n' | sha256sum */
    hz_codelist *list = parse("code\tname_zh\n1\ta\n");
    char hex[65] = {0};
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", hz_codelist_sha256(list)[i]);
    ck_assert_str_eq(hex, "b0438909b03cc335a52547bc6aeaee4cce62b03fcf328205935ed8674986bbfb");
    hz_codelist_free(list);
}
END_TEST

START_TEST(test_codelist__every_failed_allocation_is_told)
{
    hz_slice tsv = HZ_SLICE_LIT(
        "# id: x\n# note: y\ncode\tname_zh\tvalid_from\tvalid_to\n1\t甲\t\t2000\nlong-code-1\t乙\t\t\n1\t丙\t2000\t\n");
    if (_i)
        tsv = HZ_SLICE_LIT("# id: x\ncode\tname_zh\n1\t甲\n2\t乙\n");
    uint64_t live = hz_mem_stats_now().live_calls;
    hz_status st = HZ_E_NOMEM;
    uint64_t n = 1;
    for (; st != HZ_OK; n++) {
        hz_codelist *list = NULL;
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        st = hz_codelist_parse(&list, HZ_SLICE_LIT("list.tsv"), tsv, NULL, &err);
        hz_mem_fail_after(0, false);
        if (st != HZ_OK) {
            ck_assert_int_eq(st, HZ_E_NOMEM);
            ck_assert_int_eq(err.status, HZ_E_NOMEM);
            ck_assert_ptr_null(list);
        }
        hz_codelist_free(list);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
    }
    ck_assert_uint_gt(n, 8);
}
END_TEST

START_TEST(test_codelist__look_up_allocates_nothing)
{
    hz_codelist *list = parse("code\tname_zh\n01\t甲\nlong-code-1\t乙\n");
    uint64_t before = hz_mem_stats_now().calls;
    ck_assert_uint_eq(find(list, "01", 0), 0);
    ck_assert_uint_eq(find(list, "long-code-1", 0), 1);
    ck_assert_uint_eq(find_name(list, "乙", 0), 1);
    ck_assert(hz_slice_is(hz_codelist_value(list, 1, 1), "乙"));
    ck_assert_uint_eq(hz_mem_stats_now().calls, before);
    hz_codelist_free(list);
}
END_TEST

/* Every cut of a good file is a list or a clean error. */
START_TEST(test_codelist__any_cut_of_a_file)
{
    const char *whole =
        "# id: x\n# aliases: y\ncode\tname_zh\tvalid_from\tvalid_to\n01\t甲\t2000\t2010\n01\t乙\t2010\t\n";
    for (size_t len = 0; len <= strlen(whole); len++) {
        char *exact = malloc(len ? len : 1); /* no byte more, so that a read past the end is seen */
        memcpy(exact, whole, len);
        hz_codelist *list = NULL;
        hz_error err;
        hz_error_clear(&err);
        hz_status st = hz_codelist_parse(&list, HZ_SLICE_LIT("list.tsv"), (hz_slice){exact, len}, NULL, &err);
        ck_assert((st == HZ_OK) == (list != NULL));
        ck_assert((st == HZ_OK) == (err.status == HZ_OK));
        hz_codelist_free(list);
        free(exact);
    }
}
END_TEST

/* What stands behind `key: ` at *at; moves *at to the next line. */
static char *line_after(char **at, const char *key)
{
    size_t len = strlen(key);
    if (strncmp(*at, key, len) != 0) {
        fprintf(stderr, "bad_lists.txt: expected %s at %.40s\n", key, *at);
        exit(EXIT_FAILURE);
    }
    char *value = *at + len, *end = strchr(value, '\n');
    *end = '\0';
    *at = end + 1;
    return *value == ' ' ? value + 1 : value;
}

static void read_bad_cases(char *text)
{
    for (char *at = text; *at;) {
        if (*at == '#' || *at == '\n') {
            at = strchr(at, '\n') + 1;
            continue;
        }
        bad_case *c = &bad_cases[bad_count++];
        c->name = line_after(&at, "case:");
        c->file = line_after(&at, "file:");
        c->zh = line_after(&at, "zh:");
        c->en = line_after(&at, "en:");
    }
}

int main(void)
{
    char *text = table_text("bad_lists.txt");
    read_bad_cases(text);
    Suite *suite = suite_create("standards.codelist");
    TCase *bad = unit_case(suite, "mistakes");
    tcase_add_loop_test(bad, test_codelist__mistake_is_told_with_its_place, 0, (int)bad_count);
    tcase_add_test(bad, test_codelist__error_may_be_null);
    tcase_add_test(bad, test_codelist__limit_and_one_past_it);
    tcase_add_loop_test(bad, test_codelist__every_failed_allocation_is_told, 0, 2);
    tcase_add_test(bad, test_codelist__any_cut_of_a_file);
    TCase *good = unit_case(suite, "lookups");
    tcase_add_test(good, test_codelist__properties_columns_values);
    tcase_add_test(good, test_codelist__path_is_the_id_without_one);
    tcase_add_test(good, test_codelist__no_rows);
    tcase_add_loop_test(good, test_codelist__finds_each_code_and_no_other, 0, 2);
    tcase_add_test(good, test_codelist__length_is_part_of_a_code);
    tcase_add_loop_test(good, test_codelist__validity_picks_the_row, 0, 2);
    tcase_add_test(good, test_codelist__names);
    tcase_add_test(good, test_codelist__given_in_place);
    tcase_add_test(good, test_codelist__sha256_is_of_the_file);
    tcase_add_test(good, test_codelist__look_up_allocates_nothing);
    int status = unit_run(suite);
    free(text);
    return status;
}
