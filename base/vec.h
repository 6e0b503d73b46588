/* vec.h: one column of values for the rows of a batch.
 *
 * Every value is present, missing (NULL) or invalid (it failed its own type or codes): two bitmaps say which.
 *   valid   1 = present. Where 0 the value slot holds anything.
 *   invalid 1 = invalid. Never set where valid is set. Missing: neither.
 * A vec is a view: who made it owns the arrays (as a rule a scratch arena, reset per batch). */
#ifndef HZ_BASE_VEC_H
#define HZ_BASE_VEC_H
#include "base/bits.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/slice.h"

/* Types of values in expressions. INTEGER is a numeric known to be whole and to fit 64 bits: it is one type with
 * DECIMAL in the language ("numeric"), apart here only for speed. */
typedef enum hz_type {
    HZ_TYPE_NULL,      /* the literal null before it meets a type */
    HZ_TYPE_BOOLEAN,
    HZ_TYPE_TEXT,
    HZ_TYPE_INTEGER,
    HZ_TYPE_DECIMAL,
    HZ_TYPE_DATE,
    HZ_TYPE_TIMESTAMP,
    HZ_TYPE_TIME,
    HZ_TYPE_INTERVAL,
    HZ_TYPE_ARRAY,     /* of a scalar type kept beside it */
    HZ_TYPE_COUNT
} hz_type;

enum {
#ifdef HZ_TINY
    HZ_BATCH_ROWS = 3
#else
    HZ_BATCH_ROWS = 4096
#endif
};

typedef struct hz_vec {
    hz_type type;
    hz_type item_type;              /* of an ARRAY */
    uint32_t count;                 /* rows */
    union {
        void *any;
        uint64_t *bits;             /* BOOLEAN: bit i */
        hz_slice *text;             /* TEXT: borrowed UTF-8 */
        int64_t *i64;               /* INTEGER, TIMESTAMP, TIME: micros; DATE: days (in int64 too) */
        hz_decimal *decimal;        /* DECIMAL */
        hz_interval *interval;      /* INTERVAL */
        uint32_t *ends;             /* ARRAY: item j of row i is items[ends[i - 1] … ends[i]), ends[-1] taken as 0 */
    } as;
    struct hz_vec *items;           /* ARRAY: the items of all rows, with their own bitmaps */
    uint64_t *valid, *invalid;
} hz_vec;
#endif
