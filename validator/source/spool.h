/* spool.h: rows of formats that are not delimited text. Such a file is read once, from the front, and its rows are put
 * aside: in memory while they are few, then in a nameless file in the folder of temporary files. What later asks for
 * them (the scan, the late pass, a scan made anew) reads them there, so that a file need not be parsed twice, nor be
 * held still, and a database gives all its tables as of one moment.
 *
 * Columns are found while rows come: a spool's columns are the union of its records' names, in the order in which they
 * were first seen. A record without a column has "" there.
 *
 * Written by one reader, then read by any number of hz_spool_rows. A row costs its text, 4 bytes a column and about 50
 * more. */
#ifndef HZ_SOURCE_SPOOL_H
#define HZ_SOURCE_SPOOL_H
#include "base/buf.h"
#include "validator/source/source.h"

/* For writing. `temp`: the folder; NULL: TMPDIR, else /tmp; must live until free. */
HZ_NODISCARD hz_status hz_spool_new(hz_spool **out, const hz_limits *limits, const char *temp, hz_error *err);
/* The column of this name, found or added. HZ_E_LIMIT: more than `fields`. `label`: what stands for it in a row's place
 * (source.h, hz_source_label); copied. */
HZ_NODISCARD hz_status hz_spool_column(uint32_t *out, hz_spool *spool, hz_slice name, hz_slice label, hz_error *err);
bool hz_spool_find(uint32_t *out, hz_spool *spool, hz_slice name);
/* The same, always a new one: a header may name one twice. */
HZ_NODISCARD hz_status hz_spool_add_column(uint32_t *out, hz_spool *spool, hz_slice name, hz_slice label,
                                           hz_error *err);
/* Of the row at hand. A column that was put already gets `text` behind its own, joined by a comma: a list. */
HZ_NODISCARD hz_status hz_spool_cell(hz_spool *spool, uint32_t column, hz_slice text, hz_error *err);
bool hz_spool_has(const hz_spool *spool, uint32_t column);
/* Ends the row at hand. line 0: it has none. `where` may be "". HZ_E_LIMIT: longer than record_bytes. */
HZ_NODISCARD hz_status hz_spool_row(hz_spool *spool, uint64_t line, hz_slice where, hz_error *err);
/* Drops the cells at hand, if any, and puts a bad record. */
HZ_NODISCARD hz_status hz_spool_bad(hz_spool *spool, const hz_bad_row *bad, hz_slice where, hz_error *err);
/* No more rows: what is in memory goes to the file. Then the spool is for reading. */
HZ_NODISCARD hz_status hz_spool_end(hz_spool *spool, hz_error *err);

typedef struct hz_spool_rows hz_spool_rows;
HZ_NODISCARD hz_status hz_spool_rows_open(hz_spool_rows **out, const hz_spool *spool, const hz_source_options *options,
                                          hz_error *err);
void hz_spool_rows_close(hz_spool_rows *rows); /* takes NULL */
void hz_spool_rows_want(hz_spool_rows *rows, const uint64_t *columns);
HZ_NODISCARD hz_status hz_spool_rows_next(hz_batch *batch, hz_spool_rows *rows, hz_error *err);
void hz_spool_rows_give_back(hz_batch *batch);
HZ_NODISCARD hz_status hz_spool_rows_at(hz_batch *batch, hz_spool_rows *rows, const hz_row_want *wants, uint32_t count,
                                        hz_error *err);
#endif
