/* book.h: workbooks (ECMA-376), sheet after sheet and row after row, straight into the zip: nothing of a sheet is held
 * but its comments. Text is text, whatever it begins with: nothing runs as a formula, and no identifier becomes a
 * number or loses its zeros. Cells have no address: they stand one behind the other, so that any thread can make rows
 * ahead of knowing where they come to stand. */
#ifndef HZ_REPORTS_BOOK_H
#define HZ_REPORTS_BOOK_H
#include "reports/result.h"
#include "reports/zip.h"

/* What cells look like. Each in five fills: none, then those of a severity. */
typedef enum hz_style {
    HZ_STYLE_HEAD,
    HZ_STYLE_TEXT,
    HZ_STYLE_COUNT,   /* 1,234 */
    HZ_STYLE_GENERAL, /* a number with the digits it has */
    HZ_STYLE_SHARE,   /* per cent */
    HZ_STYLE_DAY,
    HZ_STYLE_MOMENT,
    HZ_STYLE_FIXED, /* HZ_STYLE_FIXED + n: a number with n fraction digits, up to six */
    HZ_STYLES = HZ_STYLE_FIXED + 7
} hz_style;
static inline unsigned hz_style_filled(unsigned style, hz_severity severity)
{
    return style + ((unsigned)severity + 1) * (unsigned)HZ_STYLES;
}

enum {
    HZ_BOOK_ROWS = 1048575,     /* below the heading */
    HZ_BOOK_CELL_BYTES = 32000, /* Excel's 32,767 characters; a longer text ends in … */
    HZ_BOOK_DIGITS = 15         /* of a number that a spreadsheet keeps */
};

/* ---- cells, by any thread ---- */

typedef struct hz_cell_row {
    hz_buf *out;
    hz_buf safe; /* a text on its way */
} hz_cell_row;
#define HZ_CELLS_INIT(out_) ((hz_cell_row){.out = (out_), .safe = HZ_BUF_INIT})

void hz_row_begin(hz_cell_row *cells);
void hz_row_end(hz_cell_row *cells);
void hz_cell_skip(hz_cell_row *cells, unsigned count);
/* Control characters, line ends too, as \u{XX}; an empty text without fill is an empty cell. */
void hz_cell_text(hz_cell_row *cells, hz_slice text, unsigned style);
/* As it is, line ends too: data that goes back to its owner. */
void hz_cell_lines(hz_cell_row *cells, hz_slice text, unsigned style);
void hz_cell_count(hz_cell_row *cells, uint64_t n, unsigned style);
/* As a number where a double holds all its digits, else as text. */
void hz_cell_decimal(hz_cell_row *cells, hz_decimal value, unsigned style);
/* Digits as they are, which must read as a number. */
void hz_cell_digits(hz_cell_row *cells, hz_slice digits, unsigned style);
/* Text before March 1900, which Excel does not count. */
void hz_cell_day(hz_cell_row *cells, int32_t day, unsigned style);
void hz_cell_moment(hz_cell_row *cells, hz_slice iso); /* "2026-01-31T08:00:00Z" */
/* Frees the scratch; what failed there fails the output. */
void hz_cells_done(hz_cell_row *cells);

/* ---- the book ---- */

typedef struct hz_book_column {
    hz_slice heading;
    unsigned width; /* characters */
} hz_book_column;

typedef struct hz_book {
    hz_zip zip;
    hz_buf sheets, filters, rels, types; /* what the parts at the end say of each sheet */
    hz_buf notes, shapes;                /* comments of the sheet in hand */
    hz_buf scratch;
    unsigned sheets_count, columns;
    uint64_t rows, row; /* of the sheet in hand: with the heading; of all before */
    uint64_t notes_count, shapes_before;
    bool open;
} hz_book;

void hz_book_begin(hz_book *book, hz_buf *out);
/* Ends the sheet in hand and begins another, with a heading that stays in view and a filter. name is cut to what Excel
 * takes; `again` > 1 counts the sheets of one name. */
void hz_book_sheet(hz_book *book, hz_slice name, unsigned again, const hz_book_column *columns, size_t count);
/* Whole rows made of cells. */
void hz_book_rows(hz_book *book, hz_slice rows, uint64_t count);
/* How many rows more the sheet in hand takes. */
uint64_t hz_book_room(const hz_book *book);
/* On a cell of the row that comes next. */
void hz_book_note(hz_book *book, size_t column, hz_slice text);
/* Ends sheet and book; frees all. */
HZ_NODISCARD hz_status hz_book_end(hz_book *book, hz_error *err);
void hz_book_clear(hz_book *book); /* frees, where there is no end */
#endif
