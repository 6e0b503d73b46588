/* csv_scan.h: where fields and records end in a stretch of delimited text, found 64 bytes at a time.
 *
 * A scan begins at a record's start and gives the positions of all delimiters and line ends outside quotes. It takes
 * quotes to be regular: each opening one stands behind a delimiter, a line end or (as the second of "") a quote, each
 * closing one before such. It stops at the first byte that breaks this; everything before is right, and who called cuts
 * that record byte by byte (csv_cut.h). All scanners give the same result, bit for bit. */
#ifndef HZ_SOURCE_CSV_SCAN_H
#define HZ_SOURCE_CSV_SCAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HZ_CSV_CHUNK = 64,             /* bytes a step */
    HZ_CSV_PAD = 2 * HZ_CSV_CHUNK, /* readable bytes that must follow the text, of any content */
    HZ_CSV_SLACK = HZ_CSV_CHUNK    /* items behind `capacity`: those of one chunk */
};

typedef struct hz_csv_scan {
    uint32_t *at;      /* capacity + HZ_CSV_SLACK items, the caller's. Positions from `bytes`, ascending;
                          of CRLF the CR */
    uint32_t *ends;    /* as many: which items of `at` are line ends */
    uint32_t capacity; /* no chunk is begun with more than this in `at` */
    uint32_t at_count, ends_count;
    size_t stopped;    /* position: `to`, a chunk's start when `at` is full, or the irregular byte */
    bool irregular;    /* stopped at a quote (or behind one) that is not regular */
    bool escapes;      /* "" inside quotes was seen */
    bool quoted_lines; /* a line end inside quotes was seen */
    bool nul, high;    /* a NUL byte, a byte above 0x7f was seen */
} hz_csv_scan;

typedef struct hz_csv_scanner {
    const char *name;
    /* Scans bytes [from, to); `from` starts a record. Fills all of *scan but at, ends, capacity. */
    void (*scan)(hz_csv_scan *scan, const char *bytes, size_t from, size_t to, char delimiter);
    bool (*utf8_valid)(const char *bytes, size_t len);
} hz_csv_scanner;

/* The fastest that this machine has, or the scalar one. */
const hz_csv_scanner *hz_csv_scanner_pick(bool scalar);
/* All that this machine has, scalar first; NULL past the last. For tests. */
const hz_csv_scanner *hz_csv_scanner_at(size_t index);
/* Test hook: what pick gives from now on when not scalar; NULL for the usual. Not for use beside other threads. */
void hz_csv_scanner_force(const hz_csv_scanner *scanner);

extern const hz_csv_scanner hz_csv_scanner_scalar;
#if defined(__x86_64__)
extern const hz_csv_scanner hz_csv_scanner_sse2, hz_csv_scanner_avx2;
#elif defined(__aarch64__)
extern const hz_csv_scanner hz_csv_scanner_neon;
#endif
#endif
