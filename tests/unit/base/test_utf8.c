#include "base/alloc.h"
#include "base/utf8.h"
#include "tests/unit/base/unit.h"

/* RFC 3629's table as the plainest code: the second way to every answer. */
static size_t plain_step(const unsigned char *s, size_t room)
{
    uint32_t code_point = 0, least = 0;
    size_t len = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3 : s[0] >> 3 == 30 ? 4 : 0;
    if (!len || len > room)
        return 0;
    if (len == 1)
        return 1;
    least = len == 2 ? 0x80 : len == 3 ? 0x800 : 0x10000;
    code_point = s[0] & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        code_point = code_point << 6 | (s[i] & 0x3F);
    }
    return code_point < least || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF) ? 0 : len;
}

static size_t plain_prefix(hz_slice text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t step = plain_step((const unsigned char *)text.ptr + at, text.len - at);
        if (!step)
            break;
        at += step;
    }
    return at;
}

/* All first two bytes, with every kind of tail and every length: each beside a run of ASCII and in the middle of
 * Chinese. */
START_TEST(test_utf8__every_sequence_agrees_with_the_table)
{
    static const unsigned char tails[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    char text[96];
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++)
            for (size_t t = 0; t < sizeof tails * sizeof tails; t++) {
                char seq[4] = {(char)first, (char)second, (char)tails[t % sizeof tails], (char)tails[t / sizeof tails]};
                for (size_t len = 1; len <= 4; len++) {
                    hz_slice s = {seq, len};
                    if (hz_utf8_valid_prefix(s) != plain_prefix(s))
                        ck_abort_msg("%02x %02x, length %zu", first, second, len);
                }
            }
    for (unsigned first = 0x80; first < 256; first++)
        for (size_t before = 0; before < 40; before++) {
            memset(text, 'a', sizeof text);
            for (size_t i = 0; i + 3 <= before; i += 3)
                memcpy(text + i, "\xE4\xB8\xAD", 3);
            text[before] = (char)first;
            text[before + 1] = '\x80';
            hz_slice s = {text, sizeof text};
            ck_assert_uint_eq(hz_utf8_valid_prefix(s), plain_prefix(s));
        }
}
END_TEST

START_TEST(test_utf8__every_code_point_there_and_back)
{
    hz_buf buf = HZ_BUF_INIT;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        if (code_point == 0xD800)
            code_point = 0xE000;
        hz_buf_reset(&buf);
        hz_utf8_put(&buf, code_point);
        size_t at = 0;
        uint32_t back = hz_utf8_next(hz_buf_slice(&buf), &at);
        if (back != code_point || at != buf.len || hz_utf8_length(hz_buf_slice(&buf)) != 1 ||
            !hz_utf8_valid(hz_buf_slice(&buf)))
            ck_abort_msg("U+%04X", code_point);
    }
    hz_buf_reset(&buf);
    hz_utf8_put(&buf, 0xD800);
    hz_utf8_put(&buf, 0x110000);
    ck_assert_str_eq(buf.ptr, "\xEF\xBF\xBD\xEF\xBF\xBD");
    hz_buf_clear(&buf);
}
END_TEST

START_TEST(test_utf8__length_and_offset_count_bad_bytes_as_one)
{
    hz_slice text = HZ_SLICE_LIT("a中\xFF\xE4\xB8𠀀z");
    ck_assert_uint_eq(hz_utf8_length(text), 7);
    ck_assert_uint_eq(hz_utf8_offset(text, 0), 0);
    ck_assert_uint_eq(hz_utf8_offset(text, 2), 4);
    ck_assert_uint_eq(hz_utf8_offset(text, 3), 5);
    ck_assert_uint_eq(hz_utf8_offset(text, 5), 7);
    ck_assert_uint_eq(hz_utf8_offset(text, 6), 11);
    ck_assert_uint_eq(hz_utf8_offset(text, 7), 12);
    ck_assert_uint_eq(hz_utf8_offset(text, 100), 12);
    ck_assert_uint_eq(hz_utf8_length(HZ_SLICE_NONE), 0);
    ck_assert_uint_eq(hz_utf8_valid_prefix(HZ_SLICE_NONE), 0);
    ck_assert_uint_eq(hz_utf8_offset(HZ_SLICE_NONE, 3), 0);
}
END_TEST

static const struct {
    uint32_t code_point;
    int cells;
} widths[] = {
    {'a', 1},    {0, 0},       {0x1F, 0},    {0x7F, 0},    {0x9F, 0},    {0xA0, 1},    {0xAD, 1},    {0xE9, 1},
    {0x300, 0},  {0x301, 0},   {0x591, 0},   {0x600, 1},   {0x115F, 2},  {0x1160, 0},  {0x11FF, 0},  {0x200B, 0},
    {0x200D, 0}, {0x2026, 1},  {0x20DD, 0},  {0x231A, 2},  {0x2E80, 2},  {0x3000, 2},  {0x302A, 0},  {0x303F, 1},
    {0x3042, 2}, {0x3400, 2},  {0x4DBF, 2},  {0x4DC0, 1},  {0x4E2D, 2},  {0x9FFF, 2},  {0xA000, 2},  {0xAC00, 2},
    {0xD7A3, 2}, {0xF900, 2},  {0xFE0F, 0},  {0xFE30, 2},  {0xFEFF, 0},  {0xFF01, 2},  {0xFF60, 2},  {0xFF61, 1},
    {0xFFE5, 2}, {0x1F600, 2}, {0x20000, 2}, {0x2A6DF, 2}, {0x3FFFD, 2}, {0x3FFFE, 1}, {0xE0100, 0}, {0x10FFFF, 1},
};

START_TEST(test_utf8__cell_width)
{
    ck_assert_msg(hz_utf8_cell_width(widths[_i].code_point) == widths[_i].cells, "U+%04X is %d", widths[_i].code_point,
                  hz_utf8_cell_width(widths[_i].code_point));
}
END_TEST

static const struct {
    uint32_t lower, upper;
    bool up, down; /* which way the mapping goes */
} cases[] = {
    {'a', 'A', 1, 1},         {'z', 'Z', 1, 1},         {'{', '{', 1, 1},           {0xE9, 0xC9, 1, 1},
    {0xDF, 0xDF, 1, 1},       {0xDF, 0x1E9E, 0, 1},     {0xF7, 0xF7, 1, 1},         {0xFF, 0x178, 1, 1},
    {0x131, 'I', 1, 0},       {'i', 0x130, 0, 1},       {0x17F, 'S', 1, 0},         {0xB5, 0x39C, 1, 0},
    {0x101, 0x100, 1, 1},     {0x103, 0x102, 1, 1},     {0x1C6, 0x1C4, 1, 1},       {0x1C5, 0x1C4, 1, 0},
    {0x3B1, 0x391, 1, 1},     {0x3C2, 0x3A3, 1, 0},     {0x3C3, 0x3A3, 1, 1},       {0x430, 0x410, 1, 1},
    {0x45F, 0x40F, 1, 1},     {0x587, 0x587, 1, 1},     {0x10D0, 0x1C90, 1, 1},     {0x1F80, 0x1F88, 1, 1},
    {0x1FB3, 0x1FBC, 1, 1},   {0x1F52, 0x1F52, 1, 1},   {'k', 0x212A, 0, 1},        {0x2170, 0x2160, 1, 1},
    {0x24D0, 0x24B6, 1, 1},   {0x4E2D, 0x4E2D, 1, 1},   {0xAB70, 0x13A0, 1, 1},     {0xFF41, 0xFF21, 1, 1},
    {0x10428, 0x10400, 1, 1}, {0x1E922, 0x1E900, 1, 1}, {0x10FFFF, 0x10FFFF, 1, 1},
};

START_TEST(test_utf8__simple_case)
{
    if (cases[_i].up)
        ck_assert_uint_eq(hz_utf8_upper(cases[_i].lower), cases[_i].upper);
    if (cases[_i].down)
        ck_assert_uint_eq(hz_utf8_lower(cases[_i].upper), cases[_i].lower);
}
END_TEST

/* The number of characters with a mapping in UnicodeData.txt 15.0, counted there. */
START_TEST(test_utf8__case_tables_are_complete)
{
    size_t upper = 0, lower = 0;
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point++) {
        upper += hz_utf8_upper(code_point) != code_point;
        lower += hz_utf8_lower(code_point) != code_point;
    }
    ck_assert_uint_eq(upper, 1450);
    ck_assert_uint_eq(lower, 1433);
}
END_TEST

START_TEST(test_utf8__fold_width)
{
    ck_assert_uint_eq(hz_utf8_fold_width(0xFF01), '!');
    ck_assert_uint_eq(hz_utf8_fold_width(0xFF5E), '~');
    ck_assert_uint_eq(hz_utf8_fold_width(0xFF21), 'A');
    ck_assert_uint_eq(hz_utf8_fold_width(0x3000), ' ');
    ck_assert_uint_eq(hz_utf8_fold_width(0xFF00), 0xFF00);
    ck_assert_uint_eq(hz_utf8_fold_width(0xFF5F), 0xFF5F);
    ck_assert_uint_eq(hz_utf8_fold_width(0x3001), 0x3001);
}
END_TEST

START_TEST(test_utf8__put_safe)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", ""},
        {"张三 abc", "张三 abc"},
        {"a\x1b[31mb", "a\\u{1B}[31mb"},
        {"tab\tline\n", "tab\\u{09}line\\u{0A}"},
        {"\x7f\xC2\x85", "\\u{7F}\\u{85}"},
        {"x\u202Ey\u2066z\u200B\u2028\uFEFF\u061C", "x\\u{202E}y\\u{2066}z\\u{200B}\\u{2028}\\u{FEFF}\\u{61C}"},
        {"\xFF\xE4\xB8", "\\x{FF}\\x{E4}\\x{B8}"},
        {"\uFFFD", "\uFFFD"},
        {"\U000E0041", "\\u{E0041}"},
        {"邉\U000E0101", "邉\U000E0101"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hz_buf buf = HZ_BUF_INIT;
        hz_utf8_put_safe(&buf, hz_slice_of(rows[i].text));
        ck_assert_str_eq(buf.len ? buf.ptr : "", rows[i].want);
        hz_buf_clear(&buf);
    }
    for (uint32_t code_point = 0; code_point < 0x20; code_point++)
        ck_assert(hz_utf8_unsafe_on_terminal(code_point));
    ck_assert_uint_eq(hz_utf8_width(HZ_SLICE_LIT("张三ab")), 6);
}
END_TEST

START_TEST(test_utf8__markup)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_put_markup(&buf, HZ_SLICE_LIT("a<b>&\"'\x01"));
    ck_assert(hz_slice_is(hz_buf_slice(&buf), "a&lt;b&gt;&amp;&quot;'\x01"));
    hz_buf_reset(&buf);
    hz_put_safe_markup(&buf, HZ_SLICE_LIT("村<\x01"));
    ck_assert(hz_slice_is(hz_buf_slice(&buf), "村&lt;\\u{01}"));
    hz_buf_clear(&buf);
}
END_TEST

START_TEST(test_slice__trim)
{
    ck_assert(hz_slice_is(hz_slice_trim(HZ_SLICE_LIT(" \t a b\t"), HZ_SLICE_LIT(" \t")), "a b"));
    ck_assert(hz_slice_is(hz_slice_trim(HZ_SLICE_LIT("\ta "), HZ_SLICE_LIT(" ")), "\ta"));
    ck_assert_uint_eq(hz_slice_trim(HZ_SLICE_LIT("   "), HZ_SLICE_LIT(" ")).len, 0);
    ck_assert_uint_eq(hz_slice_trim(HZ_SLICE_NONE, HZ_SLICE_LIT(" ")).len, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.utf8");
    TCase *tcase = unit_case(suite, "utf8");
    tcase_add_test(tcase, test_utf8__every_sequence_agrees_with_the_table);
    tcase_add_test(tcase, test_utf8__every_code_point_there_and_back);
    tcase_add_test(tcase, test_utf8__length_and_offset_count_bad_bytes_as_one);
    tcase_add_loop_test(tcase, test_utf8__cell_width, 0, (int)(sizeof widths / sizeof *widths));
    tcase_add_loop_test(tcase, test_utf8__simple_case, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tcase, test_utf8__case_tables_are_complete);
    tcase_add_test(tcase, test_utf8__fold_width);
    tcase_add_test(tcase, test_utf8__put_safe);
    tcase_add_test(tcase, test_utf8__markup);
    tcase_add_test(tcase, test_slice__trim);
    return unit_run(suite);
}
