#include "base/diag.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "tests/unit/base/unit.h"

static hz_text text_of(const char *path, const char *bytes)
{
    return (hz_text){.path = hz_slice_of(path), .bytes = hz_slice_of(bytes)};
}

/* The span of the first place of word in text. */
static hz_span span_of(const hz_text *text, const char *word)
{
    const char *at = strstr(text->bytes.ptr, word);
    ck_assert_ptr_nonnull(at);
    return (hz_span){text, (uint32_t)(at - text->bytes.ptr), (uint32_t)strlen(word)};
}

static void renders(const hz_diag *diag, hz_lang lang, const char *want)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_diag_render(&buf, diag, lang);
    ck_assert_int_eq(hz_buf_status(&buf, NULL), HZ_OK);
    ck_assert_str_eq(buf.ptr, want);
    hz_buf_clear(&buf);
}

static hz_diag diag_at(hz_span span)
{
    return (hz_diag){.level = HZ_DIAG_ERROR, .span = span, .message = HZ_MSG_CANCELLED};
}

static void renders_at(const hz_text *text, const char *word, const char *want)
{
    hz_diag diag = diag_at(span_of(text, word));
    renders(&diag, HZ_LANG_EN, want);
}

START_TEST(test_diag__whole_text_in_both_languages)
{
    hz_text text = text_of("配置/profile.yaml", "hezhun: 1\n户主: {姓名: titel, 年龄: 3}\n");
    hz_diag diag = {.level = HZ_DIAG_ERROR,
                    .span = span_of(&text, "titel"),
                    .message = HZ_MSG_LIMIT_UNKNOWN,
                    .hint = HZ_MSG_LIMIT_NEAREST,
                    .args_count = 2,
                    .args = {HZ_SLICE_LIT("titel"), HZ_SLICE_LIT("title")}};
    renders(&diag, HZ_LANG_EN,
            "配置/profile.yaml:2:10: error: there is no limit named titel\n"
            "    2 | 户主: {姓名: titel, 年龄: 3}\n"
            "      |              ^~~~~\n"
            "      = did you mean title?\n");
    renders(&diag, HZ_LANG_ZH,
            "配置/profile.yaml:2:10: 错误：没有名为 titel 的限制\n"
            "    2 | 户主: {姓名: titel, 年龄: 3}\n"
            "      |              ^~~~~\n"
            "      = 是否想写 title？\n");
    diag.level = HZ_DIAG_WARNING;
    diag.hint = HZ_MSG_NONE;
    diag.span = span_of(&text, "年龄");
    renders(&diag, HZ_LANG_ZH,
            "配置/profile.yaml:2:17: 警告：没有名为 titel 的限制\n"
            "    2 | 户主: {姓名: titel, 年龄: 3}\n"
            "      |                     ^~~~\n");
    diag.level = HZ_DIAG_HINT;
    diag.span.len = 0;
    renders(&diag, HZ_LANG_ZH,
            "配置/profile.yaml:2:17: 提示：没有名为 titel 的限制\n"
            "    2 | 户主: {姓名: titel, 年龄: 3}\n"
            "      |                     ^\n");
    renders(&diag, HZ_LANG_EN,
            "配置/profile.yaml:2:17: hint: there is no limit named titel\n"
            "    2 | 户主: {姓名: titel, 年龄: 3}\n"
            "      |                     ^\n");
}
END_TEST

START_TEST(test_diag__tabs_escapes_and_combining_characters)
{
    hz_text text = text_of("p", "\t户\tkey: [\x1b[31m, e\u0301x, \xFF, z]\r\nnext");
    renders_at(&text, "key",
               "p:1:4: error: interrupted\n"
               "    1 |  户 key: [\\u{1B}[31m, e\u0301x, \\x{FF}, z]\n"
               "      |     ^~~\n");
    renders_at(&text, "\x1b[31m",
               "p:1:10: error: interrupted\n"
               "    1 |  户 key: [\\u{1B}[31m, e\u0301x, \\x{FF}, z]\n"
               "      |           ^~~~~~~~~~\n");
    renders_at(&text, "e\u0301x",
               "p:1:17: error: interrupted\n"
               "    1 |  户 key: [\\u{1B}[31m, e\u0301x, \\x{FF}, z]\n"
               "      |                       ^~\n");
    renders_at(&text, "z]",
               "p:1:25: error: interrupted\n"
               "    1 |  户 key: [\\u{1B}[31m, e\u0301x, \\x{FF}, z]\n"
               "      |                                   ^~\n");
    renders_at(&text, "z]\r\nnext",
               "p:1:25: error: interrupted\n"
               "    1 |  户 key: [\\u{1B}[31m, e\u0301x, \\x{FF}, z]\n"
               "      |                                   ^~\n");
    renders_at(&text, "\r\n",
               "p:1:27: error: interrupted\n"
               "    1 |  户 key: [\\u{1B}[31m, e\u0301x, \\x{FF}, z]\n"
               "      |                                     ^\n");
}
END_TEST

START_TEST(test_diag__no_position_no_path_secret)
{
    hz_text text = text_of("lists/户\x1b.csv", "a,b\nsecret,row\n");
    hz_diag diag = diag_at((hz_span){NULL, 0, 0});
    renders(&diag, HZ_LANG_EN, "error: interrupted\n");
    diag = diag_at((hz_span){&text, HZ_SPAN_WHOLE, 0});
    diag.hint = HZ_MSG_CANCELLED;
    renders(&diag, HZ_LANG_ZH, "lists/户\\u{1B}.csv: 错误：已中断\n      = 已中断\n");
    text.secret = true;
    diag = diag_at(span_of(&text, "row"));
    renders(&diag, HZ_LANG_EN, "lists/户\\u{1B}.csv:2:8: error: interrupted\n");
}
END_TEST

START_TEST(test_diag__large_line_number_widens_the_gutter)
{
    hz_buf bytes = HZ_BUF_INIT;
    for (int i = 1; i < 1234567; i++)
        hz_buf_putc(&bytes, '\n');
    hz_buf_puts(&bytes, "\xEF\xBB\xBFx: y");
    hz_text text = {.path = HZ_SLICE_LIT("p"), .bytes = hz_buf_slice(&bytes)};
    hz_diag diag = diag_at((hz_span){&text, (uint32_t)bytes.len - 1, 1});
    diag.hint = HZ_MSG_CANCELLED;
    renders(&diag, HZ_LANG_EN,
            "p:1234567:5: error: interrupted\n"
            "1234567 | \\u{FEFF}x: y\n"
            "        |            ^\n"
            "        = interrupted\n");
    hz_buf_clear(&bytes);
}
END_TEST

START_TEST(test_diag__byte_order_mark_is_no_column)
{
    hz_text text = text_of("p", "\xEF\xBB\xBFkey: 1\n");
    renders_at(&text, "1", "p:1:6: error: interrupted\n    1 | key: 1\n      |      ^\n");
    ck_assert_uint_eq(hz_text_position(&text, 0).column, 1);
    ck_assert_uint_eq(hz_text_position(&text, 3).column, 1);
}
END_TEST

/* Splits a rendering into the line after "| " of source and caret. */
static void two_lines(const hz_buf *rendered, hz_slice out[2])
{
    const char *at = rendered->ptr;
    for (int i = 0; i < 2; i++) {
        at = strchr(at, '\n') + 1;
        out[i] = (hz_slice){at + 8, strcspn(at + 8, "\n")};
    }
}

/* A long line of numbered characters, narrow and wide: whatever the mistake, what stands over the caret is the mistake,
 * the line takes no more than 120 cells, and the whole mistake is there when it is not wider than the window. */
START_TEST(test_diag__window_of_a_long_line)
{
    hz_buf bytes = HZ_BUF_INIT;
    for (uint32_t i = 0; i < 300; i++)
        hz_utf8_put(&bytes, i % 3 ? 0x4E00 + i : 'a' + i % 26);
    hz_text text = {.path = HZ_SLICE_LIT("p"), .bytes = hz_buf_slice(&bytes)};
    for (size_t from = 0; from < 300; from++) {
        for (size_t chars = 1; chars < 120; chars += 7) {
            uint32_t start = (uint32_t)hz_utf8_offset(text.bytes, from),
                     end = (uint32_t)hz_utf8_offset(text.bytes, from + chars);
            hz_slice lines[2], span = hz_slice_sub(text.bytes, start, end);
            hz_diag diag = diag_at((hz_span){&text, start, end - start});
            hz_buf got = HZ_BUF_INIT;
            hz_diag_render(&got, &diag, HZ_LANG_EN);
            two_lines(&got, lines);
            size_t spaces = strspn(lines[1].ptr, " "), width = lines[1].len - spaces, at = 0, cells = 0;
            ck_assert_uint_le(hz_utf8_width(lines[0]), 120);
            while (cells < spaces)
                cells += (size_t)hz_utf8_cell_width(hz_utf8_next(lines[0], &at));
            ck_assert_uint_eq(cells, spaces);
            hz_slice under = hz_slice_sub(lines[0], at, lines[0].len);
            if (hz_utf8_width(span) <= 110) {
                ck_assert(hz_slice_starts(under, span));
                ck_assert_uint_eq(width, hz_utf8_width(span));
            } else {
                ck_assert(hz_slice_starts(under, hz_slice_sub(span, 0, 60)));
                ck_assert_uint_ge(width, 100);
                ck_assert_uint_le(spaces + width, 120);
            }
            hz_buf_clear(&got);
        }
    }
    hz_buf_clear(&bytes);
}
END_TEST

START_TEST(test_diag__window_is_pinned)
{
    hz_buf bytes = HZ_BUF_INIT;
    for (int i = 0; i < 40; i++)
        hz_buf_puts(&bytes, i == 20 ? "<错误>" : "中文a");
    hz_text text = {.path = HZ_SLICE_LIT("p"), .bytes = hz_buf_slice(&bytes)};
    renders_at(&text, "错误",
               "p:1:62: error: interrupted\n"
               "    1 | "
               "…a中文a中文a中文a中文a中文a中文a中文a中文a中文a中文a中文a<错误>"
               "中文a中文a中文a中文a中文a中文a中文a中文a中文a中文a中文a…\n"
               "      |                                                           ^~~~\n");
    hz_buf_clear(&bytes);
}
END_TEST

START_TEST(test_diag__positions_with_and_without_index)
{
    hz_arena *arena = hz_arena_new();
    static const char bytes[] = "a\nb\r\n\r中文\n\n末";
    for (size_t offset = 0; offset < sizeof bytes + 2; offset++) {
        hz_text plain = text_of("p", bytes), indexed = plain;
        ck_assert_int_eq(hz_text_index(&indexed, arena, NULL), HZ_OK);
        ck_assert_uint_eq(indexed.lines_count, 6);
        hz_position a = hz_text_position(&plain, (uint32_t)offset), b = hz_text_position(&indexed, (uint32_t)offset);
        ck_assert(a.line == b.line && a.column == b.column);
    }
    hz_text text = text_of("p", bytes), empty = {.path = HZ_SLICE_LIT("p")};
    ck_assert_uint_eq(hz_text_position(&text, 2).line, 2);
    ck_assert_uint_eq(hz_text_position(&text, 5).line, 3);
    ck_assert_uint_eq(hz_text_position(&text, 6).line, 4);
    ck_assert_uint_eq(hz_text_position(&text, 9).column, 2);
    ck_assert_uint_eq(hz_text_position(&text, 14).line, 6);
    ck_assert_uint_eq(hz_text_position(&empty, 0).line, 1);
    ck_assert_int_eq(hz_text_index(&empty, arena, NULL), HZ_OK);
    hz_diag diag = diag_at((hz_span){&empty, 0, 0});
    renders(&diag, HZ_LANG_EN, "p:1:1: error: interrupted\n    1 | \n      | ^\n");
    hz_arena_free(arena);
}
END_TEST

/* The scalar "a\tb" + newline + folded line: bytes a, TAB (an escape of two), b, then a direct run elsewhere. */
START_TEST(test_diag__srcmap)
{
    static const struct hz_srcmap_segment segments[] = {
        {0, 101, 0, true}, {1, 102, 2, false}, {2, 104, 0, true}, {5, 120, 0, true}, {9, 126, 6, false}};
    hz_text text = text_of("p", "");
    hz_srcmap map = {&text, 100, 40, 5, segments};
    static const struct {
        size_t offset, len;
        uint32_t file_offset, file_len;
    } rows[] = {{0, 1, 101, 1}, {1, 1, 102, 2}, {0, 2, 101, 3}, {2, 1, 104, 1},  {2, 4, 104, 17}, {5, 2, 120, 2},
                {1, 0, 102, 0}, {4, 0, 106, 0}, {9, 1, 126, 6}, {10, 1, 126, 6}, {8, 2, 123, 9},  {500, 3, 126, 6}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hz_span span = hz_srcmap_span(&map, rows[i].offset, rows[i].len);
        ck_assert_uint_eq(span.offset, rows[i].file_offset);
        ck_assert_uint_eq(span.len, rows[i].file_len);
    }
    hz_srcmap none = {&text, 100, 40, 0, NULL}, one = {&text, 100, 5, 1, segments};
    ck_assert_uint_eq(hz_srcmap_span(&none, 3, 1).len, 40);
    ck_assert_uint_eq(hz_srcmap_span(&one, 900, 9).offset, 105);
    ck_assert_uint_eq(hz_srcmap_span(&one, 2, 900).len, 2);
}
END_TEST

START_TEST(test_diag__sorted_by_first_use_place_and_order)
{
    hz_arena *arena = hz_arena_new();
    hz_text a = text_of("b.yaml", "0123456789"), b = text_of("a.yaml", "0123456789");
    const struct {
        const hz_text *text;
        uint32_t offset;
        int place;
    } rows[] = {{&a, 5, 2}, {&b, 5, 5}, {&a, 5, 3}, {&b, 1, 4}, {&a, 2, 1}, {NULL, 0, 6}, {&a, 1, 0}};
    hz_diags diags;
    hz_diags_init(&diags, arena, 100);
    for (size_t i = 0; i < 7; i++)
        hz_diag_error(&diags, ((hz_span){rows[i].text, rows[i].offset, 1}), HZ_MSG_NONE, HZ_M(INTERNAL),
                      HZ_I(rows[i].place));
    hz_diags_sort(&diags);
    ck_assert_uint_eq(diags.count, 7);
    for (size_t i = 0; i < 7; i++)
        ck_assert_int_eq(diags.items[i].args[0].ptr[0], (int)('0' + i));
    hz_diags_clear(&diags);
    hz_arena_free(arena);
}
END_TEST

START_TEST(test_diag__limit_of_errors)
{
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    hz_span nowhere = {NULL, 0, 0};
    hz_diags_init(&diags, arena, 3);
    for (int i = 0; i < 5; i++)
        hz_diag_warn(&diags, nowhere, HZ_MSG_NONE, HZ_M(CANCELLED));
    for (int i = 0; i < 3; i++)
        hz_diag_error(&diags, nowhere, HZ_MSG_NONE, HZ_M(CANCELLED));
    ck_assert(diags.errors_count == 3 && diags.count == 6 && diags.others_dropped == 2 && !diags.overflowed);
    hz_diag_error(&diags, nowhere, HZ_MSG_NONE, HZ_M(CANCELLED));
    ck_assert(diags.errors_count == 3 && diags.overflowed);
    hz_diags_clear(&diags);
    hz_arena_free(arena);
}
END_TEST

START_TEST(test_diag__no_memory_is_told)
{
    for (uint64_t n = 1; n < 8; n++) {
        hz_arena *arena = hz_arena_new();
        hz_text text = text_of("p", "key: value\n");
        hz_diags diags;
        hz_buf buf = HZ_BUF_INIT;
        hz_diags_init(&diags, arena, 10);
        hz_mem_fail_after(n, false);
        hz_diag_error(&diags, span_of(&text, "value"), HZ_MSG_NONE, HZ_M(INTERNAL), HZ_Z("x"), HZ_I(7));
        ck_assert(diags.no_memory ? diags.count == 0 : diags.count == 1);
        if (diags.count) {
            hz_diag_render(&buf, &diags.items[0], HZ_LANG_EN);
            ck_assert(buf.status == HZ_OK || buf.status == HZ_E_NOMEM);
            if (buf.status == HZ_OK)
                ck_assert_str_eq(buf.ptr, "p:1:6: error: internal error: x\n    1 | key: value\n      |      ^~~~~\n");
        }
        hz_mem_fail_after(0, false);
        ck_assert(n > 1 || diags.no_memory);
        hz_buf_clear(&buf);
        hz_diags_clear(&diags);
        hz_arena_free(arena);
    }
}
END_TEST

static const struct {
    const char *word, *want; /* NULL: none */
} near[] = {
    {"titel", "title"},   {"title", "title"},   {"tilte", "title"},   {"fieldz", "fields"},
    {"feilds", "fields"}, {"字段名", "字段"},   {"姓氏", "姓名"},     {"x", NULL},
    {"", NULL},           {"completely", NULL}, {"tabels", "tables"}, {"table", "tables"},
};

START_TEST(test_diag__nearest)
{
    static const hz_slice names[] = {{"title", 5}, {"fields", 6}, {"tables", 6},   {"姓名", 6},
                                     {"字段", 6},  {"titlf", 5},  {"relations", 9}};
    hz_slice got = hz_nearest(hz_slice_of(near[_i].word), names, sizeof names / sizeof *names);
    ck_assert_msg(near[_i].want ? hz_slice_is(got, near[_i].want) : got.ptr == NULL, "%s: %.*s", near[_i].word,
                  HZ_SLICE_FMT(got));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.diag");
    TCase *render = unit_case(suite, "render"), *gather = unit_case(suite, "gather");
    tcase_add_test(render, test_diag__whole_text_in_both_languages);
    tcase_add_test(render, test_diag__tabs_escapes_and_combining_characters);
    tcase_add_test(render, test_diag__no_position_no_path_secret);
    tcase_add_test(render, test_diag__large_line_number_widens_the_gutter);
    tcase_add_test(render, test_diag__byte_order_mark_is_no_column);
    tcase_add_test(render, test_diag__window_of_a_long_line);
    tcase_add_test(render, test_diag__window_is_pinned);
    tcase_add_test(gather, test_diag__positions_with_and_without_index);
    tcase_add_test(gather, test_diag__srcmap);
    tcase_add_test(gather, test_diag__sorted_by_first_use_place_and_order);
    tcase_add_test(gather, test_diag__limit_of_errors);
    tcase_add_test(gather, test_diag__no_memory_is_told);
    tcase_add_loop_test(gather, test_diag__nearest, 0, (int)(sizeof near / sizeof *near));
    return unit_run(suite);
}
