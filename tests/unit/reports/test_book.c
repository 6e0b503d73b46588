/* Suite reports.book: cells of workbooks, names of sheets, the zip around them. Whole books:
 * tests/property/check_faces.py and tests/cli/behaviour.py read them back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "reports/book.h"

static void is_cell(void (*put)(hz_cell_row *cells, hz_slice text, unsigned style), const char *text,
                    const char *wanted)
{
    hz_buf out = HZ_BUF_INIT;
    hz_cell_row cells = HZ_CELLS_INIT(&out);
    put(&cells, hz_slice_of(text), HZ_STYLE_TEXT);
    hz_cells_done(&cells);
    ck_assert_str_eq(out.ptr, wanted);
    hz_buf_clear(&out);
}
#define TEXT(words) "<c s=\"1\" t=\"inlineStr\"><is><t>" words "</t></is></c>"
#define KEPT(words) "<c s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">" words "</t></is></c>"

START_TEST(test_book__texts)
{
    is_cell(hz_cell_text, "", "<c/>");
    is_cell(hz_cell_text, "0012", TEXT("0012"));
    is_cell(hz_cell_text, "=1+1", TEXT("=1+1")); /* no formula: it is text by its type */
    is_cell(hz_cell_text, "a<b> & \"c\"", TEXT("a&lt;b&gt; &amp; \"c\""));
    is_cell(hz_cell_text, " a", KEPT(" a"));
    is_cell(hz_cell_text, "_x0041_", TEXT("_x005F_x0041_"));
    is_cell(hz_cell_text, "_x00", TEXT("_x00"));
    is_cell(hz_cell_text, "a\nb\x1B\xE2\x80\xAE", TEXT("a\\u{0A}b\\u{1B}\\u{202E}"));
    is_cell(hz_cell_text, "\xEF\xBF\xBE户", TEXT("\\u{FFFE}户"));
    is_cell(hz_cell_lines, "a\nb", KEPT("a\nb"));
    is_cell(hz_cell_lines, "a\x0B\xFF", TEXT("a_x000B_\xEF\xBF\xBD"));
}
END_TEST

START_TEST(test_book__a_long_text_is_cut_between_characters)
{
    hz_buf text = HZ_BUF_INIT, out = HZ_BUF_INIT;
    hz_cell_row cells = HZ_CELLS_INIT(&out);
    for (size_t i = 0; i < HZ_BOOK_CELL_BYTES / 3 + 10; i++)
        hz_buf_puts(&text, "户");
    hz_cell_text(&cells, hz_buf_slice(&text), HZ_STYLE_TEXT);
    hz_cells_done(&cells);
    size_t frame = strlen(TEXT("…")), kept = HZ_BOOK_CELL_BYTES / 3 * 3;
    ck_assert_uint_eq(out.len, frame + kept);
    ck_assert_ptr_nonnull(strstr(out.ptr, "户…</t>"));
    hz_buf_clear(&out);
    hz_buf_clear(&text);
}
END_TEST

static void is_decimal(const char *text, const char *wanted)
{
    hz_buf out = HZ_BUF_INIT;
    hz_cell_row cells = HZ_CELLS_INIT(&out);
    hz_decimal value;
    ck_assert(hz_decimal_parse(&value, hz_slice_of(text)));
    hz_cell_decimal(&cells, value, HZ_STYLE_GENERAL);
    hz_cells_done(&cells);
    ck_assert_str_eq(out.ptr, wanted);
    hz_buf_clear(&out);
}

START_TEST(test_book__numbers)
{
    is_decimal("98.50", "<c s=\"3\"><v>98.5</v></c>");
    is_decimal("9007199254740992", "<c s=\"3\"><v>9007199254740992</v></c>");
    is_decimal("9007199254740993", TEXT("9007199254740993")); /* no double holds it */
    is_decimal("-0.00000000000000000000001", TEXT("-0.00000000000000000000001"));
}
END_TEST

START_TEST(test_book__days)
{
    hz_buf out = HZ_BUF_INIT;
    hz_cell_row cells = HZ_CELLS_INIT(&out);
    hz_cell_day(&cells, 0, HZ_STYLE_DAY);      /* 1970-01-01 */
    hz_cell_day(&cells, -25509, HZ_STYLE_DAY); /* 1900-02-28: Excel has a day too many after it */
    hz_cell_moment(&cells, HZ_SLICE_LIT("1970-01-02T12:00:00Z"));
    hz_cells_done(&cells);
    ck_assert_str_eq(out.ptr, "<c s=\"5\"><v>25569</v></c>" TEXT("1900-02-28") "<c s=\"6\"><v>25570.50000000</v></c>");
    hz_buf_clear(&out);
}
END_TEST

/* What every failed allocation leaves is told by the end, and nothing leaks. */
static hz_status make(hz_buf *out)
{
    static const hz_book_column columns[] = {{{"a", 1}, 8}, {{"b", 1}, 8}};
    hz_book book;
    hz_buf row = HZ_BUF_INIT;
    hz_cell_row cells = HZ_CELLS_INIT(&row);
    hz_book_begin(&book, out);
    hz_book_sheet(&book, HZ_SLICE_LIT("one/two"), 1, columns, 2);
    hz_row_begin(&cells);
    hz_cell_text(&cells, HZ_SLICE_LIT("户"), hz_style_filled(HZ_STYLE_TEXT, HZ_SEVERITY_ERROR));
    hz_cell_count(&cells, 7, HZ_STYLE_COUNT);
    hz_row_end(&cells);
    hz_cells_done(&cells);
    hz_book_note(&book, 0, HZ_SLICE_LIT("why"));
    hz_book_rows(&book, hz_buf_slice(&row), 1);
    hz_book_sheet(&book, HZ_SLICE_LIT("one/two"), 1, columns, 2); /* the same name: it gets another */
    hz_status made = row.status, st = hz_book_end(&book, NULL);
    hz_buf_clear(&row);
    return st == HZ_OK ? made : st;
}

START_TEST(test_book__every_failed_allocation_is_told)
{
    hz_buf whole = HZ_BUF_INIT;
    ck_assert_int_eq(make(&whole), HZ_OK);
    ck_assert_int_eq(memcmp(whole.ptr, "PK\3\4", 4), 0);
    ck_assert_int_eq(memcmp(whole.ptr + whole.len - 22, "PK\5\6", 4), 0);
    ck_assert_ptr_nonnull(memmem(whole.ptr, whole.len, "xl/worksheets/sheet2.xml", 24));
    ck_assert_ptr_nonnull(memmem(whole.ptr, whole.len, "xl/comments1.xml", 16));
    hz_status st = HZ_E_NOMEM;
    for (uint64_t n = 1; st != HZ_OK; n++) {
        hz_buf out = HZ_BUF_INIT;
        hz_mem_fail_after(n, n % 2);
        st = make(&out);
        hz_mem_fail_after(0, false);
        ck_assert(st == HZ_OK || st == HZ_E_NOMEM);
        hz_buf_clear(&out);
        ck_assert_uint_lt(n, 10000);
    }
    hz_buf_clear(&whole);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reports.book");
    TCase *tcase = tcase_create("book");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_book__texts);
    tcase_add_test(tcase, test_book__a_long_text_is_cut_between_characters);
    tcase_add_test(tcase, test_book__numbers);
    tcase_add_test(tcase, test_book__days);
    tcase_add_test(tcase, test_book__every_failed_allocation_is_told);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
