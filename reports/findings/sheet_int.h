/* sheet_int.h: workbooks by libxlsxwriter, row after row: what is written goes to temporary files without names and is
 * packed at close; memory does not grow with rows. Text is text, whatever it begins with: nothing runs as a formula,
 * and no ID becomes a number. Only with HZ_XLSXWRITER. */
#ifndef HZ_REPORTS_FINDINGS_SHEET_INT_H
#define HZ_REPORTS_FINDINGS_SHEET_INT_H
#include "reports/findings/form_int.h"
#ifdef HZ_XLSXWRITER
#include "reports/findings/texts_int.h"
#include <xlsxwriter.h>

/* How a cell is coloured: not at all, or by the severity of what is wrong with it. */
enum { HZ_FILL_NONE = HZ_SEVERITY_COUNT, HZ_FILLS };
enum { HZ_BOOK_SCALES = 7 }; /* numbers with up to six fraction digits; others are text */

typedef struct hz_book {
    lxw_workbook *workbook;
    const hz_form_given *given;
    const char *path;
    const char *temp;
    lxw_format *heading, *text[HZ_FILLS], *date[HZ_FILLS], *number[HZ_FILLS][HZ_BOOK_SCALES];
    hz_buf scratch;
    uint64_t rows; /* of all sheets */
    unsigned sheets;
} hz_book;

typedef struct hz_sheet {
    lxw_worksheet *sheet;
    lxw_row_t row; /* the next */
    lxw_col_t columns;
} hz_sheet;

HZ_NODISCARD hz_status hz_book_open(hz_book *book, const char *temp_path, const char *path, const hz_form_given *given,
                                    hz_error *err);
/* Packs the workbook; frees it either way. */
HZ_NODISCARD hz_status hz_book_close(hz_book *book, hz_error *err);
void hz_book_abandon(hz_book *book);

/* A sheet with a heading that stays in view and a filter. name is cut to what Excel takes; `again` > 1 counts the
 * sheets of one table. headings are NUL-terminated. */
HZ_NODISCARD hz_status hz_sheet_begin(hz_sheet *out, hz_book *book, hz_slice name, unsigned again,
                                      const hz_slice *headings, size_t count, hz_error *err);
static inline bool hz_sheet_is_full(const hz_sheet *sheet)
{
    return sheet->row > HZ_ANNOTATED_ROWS_MAX;
}
/* Cells of the row in hand. */
HZ_NODISCARD hz_status hz_sheet_text(hz_sheet *sheet, hz_book *book, size_t column, hz_slice text, unsigned fill,
                                     hz_error *err);
HZ_NODISCARD hz_status hz_sheet_count(hz_sheet *sheet, hz_book *book, size_t column, uint64_t n, unsigned fill,
                                      hz_error *err);
/* A value of a field, masked unless reveal; a real date or number where it is one and reads back as it was written. */
HZ_NODISCARD hz_status hz_sheet_value(hz_sheet *sheet, hz_book *book, size_t column, const hz_field *field,
                                      hz_shown value, unsigned fill, hz_error *err);
HZ_NODISCARD hz_status hz_sheet_comment(hz_sheet *sheet, hz_book *book, size_t column, hz_slice text, hz_error *err);
/* The row is done. HZ_E_IO when the temporary folder has no room for more: the library does not look. */
HZ_NODISCARD hz_status hz_sheet_next(hz_sheet *sheet, hz_book *book, hz_error *err);
#endif
#endif
