/* csv.h: streaming reader of delimited text (RFC 4180, and what people really send).
 * Calls: open, next until HZ_END, rows_at for the late pass, close; see source.h for what they promise.
 *
 * The language. Fields end at the delimiter, records at LF, CRLF or CR, mixed as they come; the last needs no line end.
 * - A quote that is a field's first byte opens it; "" inside is one quote; any other quote inside closes it. A quote
 *   later in a field is text. After a closing quote only a delimiter or the record's end may follow: else HZ_BAD_QUOTE,
 *   and the rest of that field is read as unquoted text, so that the record still ends where its line ends.
 * - A quoted field of more than field_max bytes (between its quotes, as written), or one that the file ends in:
 *   HZ_BAD_OPEN_QUOTE. That record ends at the first line end after the opening quote, and reading goes on there.
 * - A line of no bytes is no record, in a file of one column too (there "" or a delimiter is an empty value).
 * - A record has as many fields as the header, or one more that is last and has no bytes (a delimiter at each line's
 *   end); all else is HZ_BAD_FIELD_COUNT. A header that ends in a delimiter loses that last, empty name.
 * - Nothing is trimmed. A byte order mark at the start is skipped.
 * - One bad row a record, the first of: OPEN_QUOTE, ENCODING, NUL, QUOTE, FIELD_COUNT. Encoding comes early because
 *   bytes of another encoding can look like a delimiter. fields_count is as cut (OPEN_QUOTE: up to the open field).
 *
 * A record of more than record_bytes (its line end not counted) is HZ_E_LIMIT with line and byte; reading cannot go on.
 * A header that is itself bad is HZ_E_SOURCE; more columns than `fields` allows are HZ_E_LIMIT.
 *
 * Memory: for each batch that is out, and one more: its arrays, a block and the longest record (times two while it is
 * assembled). Nothing is allocated per row.
 */
#ifndef HZ_SOURCE_CSV_H
#define HZ_SOURCE_CSV_H
#include "validator/source/source.h"

typedef struct hz_csv hz_csv;

/* As the calls of source.h, which see. */
HZ_NODISCARD hz_status hz_csv_open(hz_csv **out, const hz_source_options *options, hz_error *err);
void hz_csv_close(hz_csv *csv); /* takes NULL */
size_t hz_csv_columns(const hz_csv *csv, const hz_slice **names);
hz_encoding hz_csv_encoding(const hz_csv *csv);
unsigned hz_csv_confidence(const hz_csv *csv);
char hz_csv_delimiter(const hz_csv *csv);
void hz_csv_want(hz_csv *csv, const uint64_t *columns);
HZ_NODISCARD hz_status hz_csv_next(hz_batch *batch, hz_csv *csv, hz_error *err);
void hz_csv_give_back(hz_batch *batch, hz_csv *csv);
uint64_t hz_csv_records(const hz_csv *csv);
uint64_t hz_csv_bytes(const hz_csv *csv);
HZ_NODISCARD hz_status hz_csv_seek(hz_csv *csv, const hz_row_want *to, hz_error *err);
bool hz_csv_goes_back(const hz_csv *csv);
HZ_NODISCARD hz_status hz_csv_rows_at(hz_batch *batch, hz_csv *csv, const hz_row_want *wants, uint32_t count,
                                      hz_error *err);
#endif
