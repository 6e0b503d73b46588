/* Rows of CSV into a buffer. row_begin makes room for a whole row, so that what puts a cell does not look. */
#ifndef HZ_BENCH_REGISTRY_OUT_H
#define HZ_BENCH_REGISTRY_OUT_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/registry/world.h"

enum { OUT_BUFFER = 1 << 20, OUT_ROW_MAX = 4096 };

struct out {
    FILE *file;
    char *data; /* OUT_BUFFER + OUT_ROW_MAX bytes */
    size_t used;
    uint64_t rows;
};

static inline void out_flush(struct out *o)
{
    if (fwrite(o->data, 1, o->used, o->file) != o->used)
        fail("write", "output");
    o->used = 0;
}

static inline void put_bytes(struct out *o, const char *text, size_t length)
{
    memcpy(o->data + o->used, text, length);
    o->used += length;
}

static inline void put(struct out *o, const char *text)
{
    put_bytes(o, text, strlen(text));
}

static inline void put_char(struct out *o, char c)
{
    o->data[o->used++] = c;
}

/* value in at least digits digits, zeros before it */
static inline void put_number(struct out *o, uint64_t value, int digits)
{
    char text[24];
    int at = 24;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0 || 24 - at < digits);
    while (at < 24)
        put_char(o, text[at++]);
}

/* hundredths as a decimal of two digits */
static inline void put_money(struct out *o, int64_t cents)
{
    if (cents < 0) {
        put_char(o, '-');
        cents = -cents;
    }
    put_number(o, (uint64_t)cents / 100, 1);
    put_char(o, '.');
    put_number(o, (uint64_t)cents % 100, 2);
}

/* yyyymmdd, or with dashes yyyy-mm-dd */
static inline void put_day(struct out *o, int day, bool dashes)
{
    put_number(o, (uint64_t)day / 10000, 4);
    if (dashes)
        put_char(o, '-');
    put_number(o, (uint64_t)day / 100 % 100, 2);
    if (dashes)
        put_char(o, '-');
    put_number(o, (uint64_t)day % 100, 2);
}

/* a code in width digits; 0 is no code */
static inline void put_code(struct out *o, int value, int width)
{
    if (value)
        put_number(o, (uint64_t)value, width);
}

static inline void end_row(struct out *o)
{
    put_char(o, '\n');
    o->rows++;
    if (o->used > OUT_BUFFER)
        out_flush(o);
}

#endif
