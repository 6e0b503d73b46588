/* source.h: one submission file as batches of text columns; one implementation a format behind one set of calls.
 * A reader knows nothing of rules and of types: it cuts records into fields, says where each record is, and counts the
 * records that cannot be cut. Calls: open, next until HZ_END, (rows_at for the late pass), close. One call at a time;
 * batches live on while others are read, so that several threads can take turns at reading and work beside each other.
 */
#ifndef HZ_SOURCE_SOURCE_H
#define HZ_SOURCE_SOURCE_H
#include "base/arena.h"
#include "base/bits.h"
#include "base/cancel.h"
#include "base/limits.h"
#include "base/vec.h"

typedef struct hz_source hz_source;
typedef struct hz_spool hz_spool;

typedef enum hz_encoding {
    HZ_ENCODING_UTF8,
    HZ_ENCODING_UTF8_BOM,
    HZ_ENCODING_UTF16LE,
    HZ_ENCODING_UTF16BE,
    HZ_ENCODING_GB18030,
    HZ_ENCODING_GBK, /* only when given: what is found out is GB18030, which has all of it */
    HZ_ENCODING_BIG5,
    HZ_ENCODING_UNKNOWN
} hz_encoding;
const char *hz_encoding_name(hz_encoding encoding); /* "UTF-8", "UTF-8 with BOM", "GB18030", … */
/* The names that a person may give, upper or lower case: utf-8 gb18030 gbk gb2312 big5 utf-16 utf-16le utf-16be.
 * HZ_E_USAGE for others. "utf-16" is UTF-16LE: with a byte order mark that wins. */
HZ_NODISCARD hz_status hz_encoding_parse(hz_encoding *out, hz_slice name, hz_error *err);

typedef enum hz_form {
    HZ_FORM_NONE, /* none that is known */
    HZ_FORM_CSV,
    HZ_FORM_JSONL,
    HZ_FORM_JSON,
    HZ_FORM_XML,
    HZ_FORM_XLSX,
    HZ_FORM_SQLITE,
    HZ_FORM_POSTGRES
} hz_form;
/* By its suffix, without .gz and .zst; of a URL by its scheme. */
hz_form hz_form_of(hz_slice name);
const char *hz_form_name(hz_form format); /* "csv", "jsonl", … */
/* The name without .gz or .zst. */
hz_slice hz_name_unpacked(hz_slice name);

/* Why a record could not be cut, or what was wrong in one. */
typedef enum hz_bad_kind {
    HZ_BAD_FIELD_COUNT, /* fields_count is not the header's */
    HZ_BAD_OPEN_QUOTE,  /* a quoted field longer than field_max, or the file ends inside it */
    HZ_BAD_QUOTE,       /* text after a closing quote */
    HZ_BAD_ENCODING,    /* a byte that has no character, at offset_bytes: fails .encoding, not .rows; the record is left
                         * out too
                         */
    HZ_BAD_NUL,         /* a NUL byte in the record: fails .rows */
    HZ_BAD_SYNTAX,      /* not what the format asks for (a line that is no JSON object): fails .rows */
    HZ_BAD_NAME_TWICE,  /* the record has a name twice: fails .rows */
    HZ_BAD_XSD,         /* not as the schema has it (xsd_fault): fails .rows */
    HZ_BAD_DIGITS       /* a number of more than 15 digits in a spreadsheet has lost the last ones: fails .rows */
} hz_bad_kind;

typedef enum hz_xsd_fault {
    HZ_XSD_OTHER,
    HZ_XSD_VALUE,     /* a value is not of its type */
    HZ_XSD_CONTENT,   /* an element that is not expected, or one that is missing */
    HZ_XSD_ATTRIBUTE, /* the same of attributes */
    HZ_XSD_KEY        /* xs:key, xs:unique, xs:keyref */
} hz_xsd_fault;

typedef struct hz_bad_row {
    hz_bad_kind kind;
    uint64_t record;       /* 0-based index among the source's records, bad ones counted */
    uint64_t line;         /* 1-based, where the record starts */
    uint64_t offset_bytes; /* of the record's start; HZ_BAD_ENCODING: of the bad byte, in the text as it is encoded */
    uint64_t fields_count, fields_expected;
    hz_xsd_fault xsd_fault;
    hz_encoding other; /* HZ_BAD_ENCODING: what the record looks written in; UNKNOWN: nothing known */
    hz_slice where;    /* as batch.where; "" where the line does; of the batch */
} hz_bad_row;

typedef struct hz_column {
    const hz_slice *cells; /* one a readable row; unquoted and unescaped text */
} hz_column;

/* Slices and arrays stay until the batch is given back: by the next call of next with it, by hz_source_give_back, or by
 * close. Zero it before its first use. */
typedef struct hz_batch {
    uint32_t rows_count;      /* readable rows, at most HZ_BATCH_ROWS; may be 0 while bad rows are present */
    uint32_t columns_count;   /* as the header has them, in its order */
    const hz_column *columns; /* only columns asked for with hz_source_want have cells; others NULL */
    const uint64_t *records;  /* per row: 0-based index among the source's records (bad ones counted) */
    const uint64_t *lines;    /* per row: 1-based line where it starts, header = 1 */
    const uint64_t *offsets;  /* per row: byte where it starts */
    uint32_t bad_count;
    const hz_bad_row *bad; /* records of this stretch that are left out, in order */
    void *held;            /* the reader's own */
    const hz_slice *where; /* per row: its place as a person would say it (hz_source_label); NULL: the line does */
} hz_batch;

/* A row for the late pass: its record number, and a readable row at or before it, as a batch gave that one. */
typedef struct hz_row_want {
    uint64_t record;
    uint64_t at_record, at_offset, at_line;
} hz_row_want;

typedef struct hz_source_options {
    const hz_spool *spool; /* the rows, read before; then nothing is opened */
    const char *path;      /* what to open; NULL: bytes */
    hz_slice bytes;        /* the file's bytes when path is NULL; borrowed until close */
    hz_slice member;       /* which one of the archive `path`; "": the file itself */
    hz_slice shown_path;   /* what messages and the report call it */
    const hz_limits *limits;
    const hz_cancel *cancel; /* may be NULL */
    const char *xsd;         /* the schema that XML must fit; NULL: none */
    char delimiter;          /* 0: found out among , ; tab | */
    bool known;              /* encoding and delimiter are what an earlier reader of the file found */
    bool encoding_given;     /* encoding is what a person says */
    hz_encoding encoding;    /* when known or given */
    size_t block_bytes;      /* 0: the default (1 MiB; 64 in tiny builds) */
    bool scalar;             /* test hook: the scalar scanner */
    void (*bytes_seen)(void *ctx, const void *bytes,
                       size_t len); /* called with the file's bytes, each once, in order, for SHA-256
        and progress; from the reader's thread; may be NULL. The late pass does not call it. */
    void *bytes_ctx;
} hz_source_options;

/* ---- formats whose rows are put aside first ---- */

/* A name in the enclosing record and what the nested one calls it: a key carried down. */
typedef struct hz_carry {
    const hz_slice *from, *to; /* any of these names; to[0] is what the column is called where it is carried */
    size_t from_count, to_count;
} hz_carry;

/* One table that a file may hold. */
typedef struct hz_part {
    const hz_slice *names; /* what it may be called in the file: element, member, sheet, table */
    size_t names_count;
    size_t parent; /* nested in the records of that part; SIZE_MAX: in none */
    const hz_carry *carries;
    size_t carries_count;
    const hz_slice *known; /* names of its columns, titles and aliases too: they tell a sheet's header */
    size_t known_count;
    const hz_slice *secret; /* those of them whose values must not show in a row's place: personal ones */
    size_t secret_count;
    hz_slice path;   /* names from the top down to its records (JSON: to their array), "/data/rows"; "": by its names */
    bool all_sheets; /* of a workbook: every sheet that is shown and has a known column, one behind the other; columns
                        of one name are one. Names do not matter then */
    hz_spool *spool; /* out, owned: its rows; NULL: the file has none of it */
} hz_part;

/* Reads a file that is no delimited text into its parts; parts[0] is the table that the file was taken for, and there
 * even when it has no record (a file with no such part at all leaves a spool without columns). HZ_E_SOURCE: it cannot
 * be opened, is not well-formed (with the line), or its format is not built in. HZ_E_LIMIT, HZ_E_IO (temporary file).
 * On an error no spool is left. bytes_seen is told the file's bytes. */
HZ_NODISCARD hz_status hz_parts_read(hz_part *parts, size_t count, const hz_source_options *options, const char *temp,
                                     hz_error *err);
void hz_spool_free(hz_spool *spool); /* takes NULL; and those linked behind it */
void hz_spool_link(hz_spool **list, hz_spool *spool);
uint64_t hz_spool_records(const hz_spool *spool);
const uint8_t *hz_spool_sha256(const hz_spool *spool); /* of the file */
hz_slice hz_spool_part(const hz_spool *spool);         /* the sheet's or table's own name; "" */
hz_form hz_spool_form(const hz_spool *spool);

/* Opens the file, finds encoding and delimiter, reads the header. A file with no bytes at all opens with 0 columns.
 * Text is read as UTF-8 whatever it is written in (stream.h); offsets of rows count the bytes of that UTF-8 text.
 * HZ_E_SOURCE: cannot be opened, is no regular file, is packed and broken, its encoding cannot be told, or its header
 * is itself a bad record. HZ_E_LIMIT: more columns than `fields` allows, or too long a header. HZ_E_USAGE: a delimiter
 * that is a quote, a line end or not ASCII. options is copied; what it points at must live until close. */
HZ_NODISCARD hz_status hz_source_open(hz_source **out, const hz_source_options *options, hz_error *err);
void hz_source_close(hz_source *source);

/* The header's names, unquoted, in order; borrowed until close. */
size_t hz_source_columns(const hz_source *source, const hz_slice **names);
hz_encoding hz_source_encoding(const hz_source *source);
/* How sure that is, in percent: 100 for UTF-8, a byte order mark, and one that was given. */
unsigned hz_source_confidence(const hz_source *source);
char hz_source_delimiter(const hz_source *source);
/* What stands for a column in a row's place: where[row] has one byte 01, which a cell's label takes the place of and
 * nothing that of the row ("户!\1" "12" and "C" give 户!C12; "/3\1" and "/name" give /3/name). "" without. */
hz_slice hz_source_label(const hz_source *source, size_t column);
/* Which columns next shall cut out (bit per column); all when never called. Fewer columns are faster. */
void hz_source_want(hz_source *source, const uint64_t *columns);
/* Reads the next batch; HZ_OK, HZ_END (batch empty), or an error. Never HZ_OK with neither rows nor bad rows.
 * HZ_E_LIMIT (a record over record_bytes) comes after all records before it were given; HZ_E_CHANGED at the end too,
 * when the file was changed while it was read. */
HZ_NODISCARD hz_status hz_source_next(hz_batch *batch, hz_source *source, hz_error *err);
void hz_source_give_back(hz_batch *batch, hz_source *source); /* takes an empty batch too */
/* After HZ_END. */
uint64_t hz_source_records(const hz_source *source); /* bad ones counted */
uint64_t hz_source_bytes(const hz_source *source);   /* the file's size */
/* Goes to a readable row, as a batch gave it (at_record, at_offset, at_line): `next` reads on from there. Batches
 * that are out stay. For a source without bytes_seen. HZ_END: this format cannot (rows_at can). HZ_E_CHANGED when the
 * file is not what it was. */
HZ_NODISCARD hz_status hz_source_seek(hz_source *source, const hz_row_want *to, hz_error *err);
/* Whether any row is as near as any other. Else (packed files) going back means reading from the start: seek forward.
 */
bool hz_source_goes_back(const hz_source *source);
/* Late pass: one batch with exactly the rows wanted (ascending, count <= HZ_BATCH_ROWS), borrowed until the next call.
 * Valid after HZ_END, on this reader or another of the same file. HZ_E_CHANGED when the file is not what it was, or a
 * row is not where it was. */
HZ_NODISCARD hz_status hz_source_rows_at(hz_batch *batch, hz_source *source, const hz_row_want *wants, uint32_t count,
                                         hz_error *err);
#endif
