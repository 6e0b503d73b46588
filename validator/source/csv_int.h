/* csv_int.h: the reader's own state, shared by csv.c and csv_rows.c. */
#ifndef HZ_SOURCE_CSV_INT_H
#define HZ_SOURCE_CSV_INT_H
#include "base/alloc.h"
#include "validator/source/csv.h"
#include "validator/source/csv_cut.h"
#include "validator/source/csv_scan.h"
#include "validator/source/stream.h"

/* File bytes in memory: bytes[0 … len) are the file's from `offset` on, with HZ_CSV_PAD bytes behind. */
typedef struct hz_csv_window {
    char *bytes;
    size_t len, capacity;
    uint64_t offset;
    bool eof;                   /* the file ends at len */
    uint32_t refs;              /* batches that are out and have cells in it */
    struct hz_csv_window *next; /* of all */
} hz_csv_window;

/* A batch's arrays. Cells are row-contiguous a column, columns a stride apart that is no power of two: else all columns
 * would fall into the same few cache lines. */
typedef struct hz_csv_rows {
    hz_column *columns; /* columns_count */
    hz_slice *cells;
    size_t stride; /* cells from one wanted column to the next; 0: none yet */
    uint64_t *records, *lines, *offsets;
    hz_bad_row *bad;
    uint32_t *starts, *firsts;      /* a row's first byte in the window; its first item in `at` */
    uint32_t count, bad_count, max; /* max: asked for, at most capacity */
    uint32_t capacity;              /* rows that the arrays have room for */
    hz_csv_window *window;          /* where the cells are; NULL: nowhere, or the reader's own */
    size_t wanted_count;            /* that the arrays are for */
    bool out;                       /* a batch has it */
    struct hz_csv_rows *next;       /* of all */
} hz_csv_rows;

/* Where the field ends of some records are, and what is known of them all. */
typedef struct hz_csv_stretch {
    hz_csv_scan scan;
    uint32_t next_end; /* the first of scan.ends not yet taken */
    bool bad_utf8;     /* some record in it is not UTF-8 */
} hz_csv_stretch;

struct hz_csv {
    hz_source_options options;
    hz_csv_dialect dialect;
    const hz_csv_scanner *scanner;
    hz_encoding encoding;
    unsigned confidence;
    hz_stream *stream;
    hz_arena *arena, *scratch; /* for the reader's life; for one late batch */
    size_t block_bytes;

    size_t columns_count;
    const hz_slice *names;
    uint32_t *wanted; /* the wanted columns' indices, ascending */
    size_t wanted_count;

    hz_csv_window *window, *windows; /* being read; all there are */
    uint64_t read_offset;            /* the file's bytes before this have been read */
    size_t at;                       /* in window: where the next record starts */
    uint64_t line, records;          /* of that record */
    uint64_t data_offset;            /* where the first record after the header may start */
    hz_csv_stretch stretch;
    uint32_t *cut_at;                         /* field ends of a record cut byte by byte: columns_count + 1 */
    hz_csv_rows *rows, *all_rows, *late_rows; /* being filled, or NULL; all but the late pass's own; that */
    hz_csv_window late;
    bool at_end, checked; /* all records were given; the file was found unchanged then */
};

/* Room for len bytes and the pad; keeps contents. */
HZ_NODISCARD hz_status hz_csv_window_reserve(hz_csv_window *window, size_t len, hz_error *err);
/* Arrays for `count` rows of the wanted columns, empty. */
HZ_NODISCARD hz_status hz_csv_rows_take(hz_csv_rows **out, hz_csv *csv, uint32_t count, hz_error *err);
/* Room for so many; what the arrays hold is lost. */
HZ_NODISCARD hz_status hz_csv_rows_reserve(hz_csv_rows *rows, const hz_csv *csv, uint32_t count, hz_error *err);
/* Writes the wanted cells of rows [from, to): row r's field c ends at at[firsts[r] + c]. `escapes`: "" may be in quoted
 * fields. */
void hz_csv_rows_cut(const hz_csv *csv, hz_csv_rows *rows, char *bytes, const uint32_t *at, uint32_t from, uint32_t to,
                     bool escapes);
void hz_csv_rows_give(hz_batch *batch, const hz_csv *csv, hz_csv_rows *rows);
/* Whether a record with so many fields has those of the header; `text` is the record without its line end. */
bool hz_csv_fields_fit(const hz_csv *csv, uint64_t fields, hz_slice text);
hz_status hz_csv_too_long(const hz_csv *csv, uint64_t line, uint64_t offset, hz_error *err);
#endif
