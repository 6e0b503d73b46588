/* What of a value is not plain, where, and what it was meant to be. */
#include "base/plain.h"
#include "base/utf8.h"
#include "tests/unit/base/unit.h"

static const struct {
    const char *text;
    hz_unplain kind;
    size_t at;         /* byte */
    const char *meant; /* NULL: nobody knows */
} rows[] = {
    {"", HZ_PLAIN, 0, ""},
    {"plain ASCII, with (signs) and 12.5", HZ_PLAIN, 34, "plain ASCII, with (signs) and 12.5"},
    {"贵州省遵义市桐梓县娄山关街道", HZ_PLAIN, 42, "贵州省遵义市桐梓县娄山关街道"},
    {"一、二，三（四）“五”", HZ_PLAIN, 33, "一、二，三（四）“五”"},
    {"买买提·艾力", HZ_PLAIN, 17, "买买提·艾力"},
    {" 张三", HZ_UNPLAIN_BLANK, 0, "张三"},
    {"张三 ", HZ_UNPLAIN_BLANK, 6, "张三"},
    {"张三  ", HZ_UNPLAIN_BLANK, 6, "张三"},
    {"  ", HZ_UNPLAIN_BLANK, 0, ""},
    {"张 三", HZ_PLAIN, 7, "张 三"},
    {"张\xE3\x80\x80三", HZ_UNPLAIN_BLANK, 3, "张 三"},
    {"张三\xC2\xA0", HZ_UNPLAIN_BLANK, 6, "张三"},
    {"a\xE2\x80\x8B"
     "b",
     HZ_UNPLAIN_INVISIBLE, 1, "ab"},
    {"\xEF\xBB\xBF张三", HZ_UNPLAIN_INVISIBLE, 0, "张三"},
    {"1234567890１", HZ_UNPLAIN_WIDTH, 10, "12345678901"},
    {"Ａｂ３", HZ_UNPLAIN_WIDTH, 0, "Ab3"},
    {"А123", HZ_UNPLAIN_LOOKALIKE, 0, "A123"},
    {"12-АВ", HZ_UNPLAIN_LOOKALIKE, 3, "12-AB"},
    {"Иван-2", HZ_PLAIN, 10, "Иван-2"},
    {"α-干扰素", HZ_PLAIN, 12, "α-干扰素"},
    {"АВС", HZ_PLAIN, 6, "АВС"},
    {"⼀二", HZ_UNPLAIN_LOOKALIKE, 0, "一二"},
    {"a\tb", HZ_UNPLAIN_CONTROL, 1, NULL},
    {"ab\r\n", HZ_UNPLAIN_CONTROL, 2, "ab"},
    {"a\x7F", HZ_UNPLAIN_CONTROL, 1, "a"},
    {"张\xEE\xA0\x9E", HZ_UNPLAIN_PRIVATE, 3, "张\xE9\xBE\xB4"},
    {"张\xEE\x80\x80", HZ_UNPLAIN_PRIVATE, 3, NULL},
    {"a\xEF\xBF\xBD", HZ_UNPLAIN_LOST, 1, NULL},
    {"葛\xF3\xA0\x84\x80城", HZ_PLAIN, 10, "葛\xF3\xA0\x84\x80城"}, /* a variation selector */
};

START_TEST(test_plain__rows)
{
    hz_slice text = hz_slice_of(rows[_i].text);
    size_t at = 77;
    hz_buf meant = HZ_BUF_INIT;
    ck_assert_msg(hz_plain_find(&at, text) == rows[_i].kind, "row %d: not %s", _i, hz_unplain_name(rows[_i].kind));
    ck_assert_uint_eq(at, rows[_i].at);
    ck_assert_int_eq(hz_plain_put(&meant, text), rows[_i].meant != NULL);
    if (rows[_i].meant)
        ck_assert_str_eq(meant.len ? meant.ptr : "", rows[_i].meant);
    hz_buf_clear(&meant);
}
END_TEST

/* What was meant is plain itself, wherever in eight bytes the character stands. */
START_TEST(test_plain__what_was_meant_is_plain)
{
    for (size_t before = 0; before < 20; before++)
        for (uint32_t c = 1; c < 0x30000; c++) {
            size_t at;
            hz_buf text = HZ_BUF_INIT, meant = HZ_BUF_INIT;
            if (c >= 0xD800 && c < 0xE000)
                continue;
            if (before > 1 && c > 0x100 && (c & 0xFF) != 0xFF && (c >> 8) != 0xFF)
                continue;
            for (size_t i = 0; i < before; i++)
                hz_buf_putc(&text, 'a');
            hz_utf8_put(&text, c);
            hz_buf_puts(&text, "bb");
            hz_unplain kind = hz_plain_find(&at, hz_buf_slice(&text));
            bool known = hz_plain_put(&meant, hz_buf_slice(&text));
            if (kind == HZ_PLAIN)
                ck_assert_msg(known && hz_slice_eq(hz_buf_slice(&text), hz_buf_slice(&meant)), "U+%04X", c);
            else if (known)
                ck_assert_msg(hz_plain_find(&at, hz_buf_slice(&meant)) == HZ_PLAIN, "U+%04X", c);
            hz_buf_clear(&text);
            hz_buf_clear(&meant);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.plain");
    TCase *tcase = unit_case(suite, "plain");
    tcase_add_loop_test(tcase, test_plain__rows, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tcase, test_plain__what_was_meant_is_plain);
    return unit_run(suite);
}
