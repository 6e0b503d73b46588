/* csv_cut.h: one record cut byte by byte: what a record is (csv.h has the language in words). Used for the header, for
 * records with irregular quotes or of unusual length, to find the delimiter, and in the late pass. */
#ifndef HZ_SOURCE_CSV_CUT_H
#define HZ_SOURCE_CSV_CUT_H
#include "validator/source/source.h"

typedef struct hz_csv_dialect {
    char delimiter;
    uint64_t field_max, record_max; /* bytes */
} hz_csv_dialect;

typedef enum hz_csv_cut_result {
    HZ_CSV_CUT_DONE,
    HZ_CSV_CUT_MORE, /* cannot be told without bytes behind len */
    HZ_CSV_CUT_LIMIT /* longer than record_max */
} hz_csv_cut_result;

typedef struct hz_csv_cut {
    size_t end;  /* position behind its last byte: of its line end, or len */
    size_t next; /* where what follows starts */
    uint64_t fields;
    uint64_t lines; /* line ends in [start, next) */
    bool bad;
    hz_bad_kind kind; /* when bad: HZ_BAD_OPEN_QUOTE or HZ_BAD_QUOTE */
} hz_csv_cut;

/* Cuts the record at bytes[start], start < len. `eof`: the file ends at len. at[i] becomes the position behind field i,
 * for the first `capacity` fields. A line of no bytes gives one field and end = start. The result does not depend on
 * where len is cut, but for MORE. */
hz_csv_cut_result hz_csv_cut_record(hz_csv_cut *cut, uint32_t *at, size_t capacity, const hz_csv_dialect *dialect,
                                    const char *bytes, size_t start, size_t len, bool eof);
/* Line ends in text, CRLF counted once. */
uint64_t hz_csv_count_lines(const char *bytes, size_t len);
/* The bytes of a field that is a whole one of a readable record: quotes taken off, "" made one in place (it only gets
 * shorter). */
hz_slice hz_csv_unquote(char *bytes, size_t len);
#endif
