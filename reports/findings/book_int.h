/* book_int.h: workbooks of findings (reports/book.h) on an output file. */
#ifndef HZ_REPORTS_FINDINGS_BOOK_INT_H
#define HZ_REPORTS_FINDINGS_BOOK_INT_H
#include "reports/book.h"
#include "reports/findings/texts_int.h"

typedef struct hz_book_file {
    hz_book book;
    hz_buf out; /* a window: what is past it is in the file */
    hz_buf_sink sink;
    hz_outfile *to;
    hz_error problem;
} hz_book_file;

/* Stays where it is until hz_book_file_close or _clear. */
void hz_book_file_open(hz_book_file *file, hz_outfile *to);
/* What could not be written so far. */
HZ_NODISCARD hz_status hz_book_file_status(hz_book_file *file, hz_error *err);
HZ_NODISCARD hz_status hz_book_file_close(hz_book_file *file, hz_error *err);
void hz_book_file_clear(hz_book_file *file);

/* A value of a field, masked unless reveal; a real date or number where it is one and reads back as it was written.
 * fill: what hz_style_filled adds, or 0. raw: text as it was submitted. */
void hz_cell_value(hz_cell_row *cells, const hz_field *field, hz_shown value, unsigned fill, bool reveal, bool raw);
#endif
