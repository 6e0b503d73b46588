/* xlsx_int.h: cells of a workbook, one after the other: libxlsxwriter holds one row in memory and keeps the rest in
 * temporary files. Text cells are marked as text, so that nothing of the data runs as a formula and no identifier
 * loses its zeros; they are made safe and cut to what a cell of Excel holds. Errors are sticky: hz_xlsx_end tells. */
#ifndef HZ_REPORTS_XLSX_INT_H
#define HZ_REPORTS_XLSX_INT_H
#ifdef HZ_XLSXWRITER
#include "reports/face_int.h"
#include <xlsxwriter.h>

enum { HZ_XLSX_CELL_BYTES = 32000, HZ_XLSX_ROWS = LXW_ROW_MAX - 2 }; /* Excel's 32,767 units; rows below the heading */

typedef struct hz_xlsx_column {
    hz_msg_id heading;
    unsigned width; /* characters */
} hz_xlsx_column;

typedef struct hz_xlsx {
    hz_face face; /* texts of findings; face.out is the report */
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *head, *text, *count, *decimal, *share, *day, *moment;
    lxw_row_t row;
    lxw_col_t col, columns;
    uint64_t cut; /* rows past Excel's limit */
    lxw_error error;
    bool full;                            /* rows did not arrive */
    int fd;                               /* the file without a name that takes the workbook */
    uint64_t rows_bytes, rows_most_bytes; /* of sheets in temporary files: all, the longest */
    hz_buf cell;
} hz_xlsx;

HZ_NODISCARD hz_status hz_xlsx_begin(hz_xlsx *x, hz_buf *out, const hz_result *result, const hz_render_options *options,
                                     hz_error *err);
/* Closes the book, appends its bytes to the report and frees all. */
HZ_NODISCARD hz_status hz_xlsx_end(hz_xlsx *x, hz_error *err);

/* A sheet with a heading that stays in sight and a filter on each column; hz_xlsx_sheet_end before the next. */
void hz_xlsx_sheet(hz_xlsx *x, hz_msg_id name, const hz_xlsx_column *columns, size_t count);
void hz_xlsx_sheet_end(hz_xlsx *x);
/* The next row; false when Excel takes no more: it is counted, and the last row says how many. */
bool hz_xlsx_row(hz_xlsx *x);

void hz_xlsx_skip(hz_xlsx *x, unsigned cells);
void hz_xlsx_text(hz_xlsx *x, hz_slice text);
void hz_xlsx_word(hz_xlsx *x, hz_msg_id id);
void hz_xlsx_count(hz_xlsx *x, uint64_t n);
/* As a number where a double holds all its digits, else as text. An empty cell without. */
void hz_xlsx_decimal(hz_xlsx *x, bool present, hz_decimal value);
void hz_xlsx_share(hz_xlsx *x, hz_decimal value); /* shown as per cent */
void hz_xlsx_day(hz_xlsx *x, int32_t day);        /* a date of Excel; text before March 1900 */
void hz_xlsx_moment(hz_xlsx *x, const char *iso); /* "2026-01-31T08:00:00Z" */
void hz_xlsx_shown(hz_xlsx *x, bool present, hz_shown value);
#endif
#endif
