/* infer_int.h: what the files of infer share.
 *
 *   infer.c         files to tables, passes, threads
 *   infer_column.c  what a column's values are
 *   infer_rules.c   what rows bear out: orders, sums, implications
 *   infer_write.c   the profile */
#ifndef HZ_TASKS_INFER_INT_H
#define HZ_TASKS_INFER_INT_H
#include "base/alloc.h"
#include "base/calendar.h"
#include "base/htab.h"
#include "base/pile.h"
#include "standards/semtype.h"
#include "validator/tasks/infer.h"
#include <pthread.h>

enum {
    INFER_CODES = 24, /* different values that may be a code list */
    INFER_SHAPE = 32, /* characters of a pattern by place */
    INFER_PARTS = 64, /* of hashes */
    INFER_RECENT = 4096,
    INFER_NUMBERS = 12, /* columns that sums and orders are looked for in */
    INFER_SUPPORT = 20, /* rows that must speak for a row rule */
    INFER_FIRST = 1000, /* rows on which row rules are picked */
    INFER_CODED = 8     /* columns with codes that implications are looked for in */
};

typedef enum infer_kind {
    INFER_INTEGER,
    INFER_DECIMAL,
    INFER_DATE_ISO,
    INFER_DATE_COMPACT,
    INFER_DATE_SLASH,
    INFER_MONTH,
    INFER_DATETIME,
    INFER_RESIDENT,
    INFER_USCC,
    INFER_DISABILITY,
    INFER_MOBILE,
    INFER_BANK_CARD,
    INFER_KINDS,
    INFER_TEXT = INFER_KINDS
} infer_kind;

typedef struct infer_code {
    char *text; /* owned */
    size_t len;
    uint64_t count;
} infer_code;

/* An account of a column: adds up in any order to the same. */
typedef struct infer_column {
    uint64_t present, missing;
    uint64_t fits[INFER_KINDS], against[INFER_KINDS]; /* against: the least line that does not fit; 0: none */
    bool has_number, has_day, leading_zero, mixed, many_codes;
    hz_decimal low, high;
    int32_t scale, digits; /* most of fraction and whole digits */
    int64_t day_low, day_high;
    uint64_t length_low, length_high;
    uint8_t classes[INFER_SHAPE]; /* bits, by place; of texts of one length */
    char letters[INFER_SHAPE];
    infer_code codes[INFER_CODES];
    unsigned codes_count;
    bool repeats;    /* a value came again: no key */
    hz_pile *hashes; /* INFER_PARTS of them */
    uint64_t *recent;
} infer_column;

typedef struct infer_pair { /* a <= b */
    unsigned a, b;          /* columns */
    uint64_t support, against, line;
} infer_pair;
typedef struct infer_sum { /* c = a + b */
    unsigned c, a, b;
    uint64_t support, telling, against, line; /* telling: neither a nor b is 0 */
} infer_sum;
typedef struct infer_cell { /* of a code and a column */
    uint64_t rows, missing;
} infer_cell;

typedef struct infer_rows {
    infer_pair *pairs;
    infer_sum *sums;
    infer_cell *cells; /* coded x INFER_CODES x columns */
} infer_rows;

typedef struct infer_table {
    const char *path;
    hz_slice name, stem; /* stem: as the file is called */
    hz_spool *spool;
    hz_slice *headers, *names; /* as the file and as the profile has them; a header is empty where it names no field: it
                                  is empty, or came before */
    size_t columns_count;
    infer_column *columns;
    infer_kind *kinds;
    bool *coded; /* becomes a code list */
    uint64_t rows, bad;
    size_t key; /* SIZE_MAX: none */
    struct infer_reference {
        size_t table, key;
    } * references; /* by column; table SIZE_MAX: none */
    unsigned numbers[INFER_NUMBERS], coded_at[INFER_CODED];
    size_t numbers_count, coded_count;
    size_t pairs_count, sums_count;
    infer_rows found;
} infer_table;

typedef struct infer_job {
    const hz_infer_options *options;
    hz_arena *arena;
    hz_store *store;
    hz_semtypes *semtypes;
    infer_table *tables;
    size_t tables_count;
    hz_error *err;
} infer_job;

/* infer_column.c */
void hz_infer_take(infer_column *column, const infer_job *job, hz_slice cell, uint64_t line, hz_error *err,
                   hz_status *st);
HZ_NODISCARD hz_status hz_infer_merge(infer_column *into, infer_column *from, hz_error *err);
void hz_infer_column_clear(infer_column *column);
/* A number or day of a cell as orders and sums take it. */
bool hz_infer_number(hz_decimal *out, infer_kind kind, hz_slice cell);
infer_kind hz_infer_kind_of(const infer_column *column);
bool hz_infer_is_coded(const infer_column *column, infer_kind kind);
const char *hz_infer_kind_name(infer_kind kind);
bool hz_infer_is_day(infer_kind kind);

/* infer_rules.c */
HZ_NODISCARD hz_status hz_infer_rows_init(infer_rows *rows, const infer_table *table, hz_error *err);
void hz_infer_rows_clear(infer_rows *rows);
/* Looks at a batch. */
void hz_infer_rows_take(infer_rows *rows, const infer_table *table, const hz_batch *batch);
void hz_infer_rows_merge(infer_rows *into, const infer_rows *from, const infer_table *table);
/* All pairs and sums that columns allow; then only those that the first rows bear out. */
HZ_NODISCARD hz_status hz_infer_rows_all(infer_table *table, hz_error *err);
void hz_infer_rows_pick(infer_table *table);

/* infer_write.c */
void hz_infer_write(hz_buf *out, const infer_job *job);
#endif
