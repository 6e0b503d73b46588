/* spool_int.h: a spool's bytes. A record: hz_spool_head, the lengths of its cells (4 bytes each; UINT32_MAX: it has not
 * that column), their texts, its place. */
#ifndef HZ_SOURCE_SPOOL_INT_H
#define HZ_SOURCE_SPOOL_INT_H
#include "base/alloc.h"
#include "base/htab.h"
#include "validator/source/spool.h"

#ifdef HZ_TINY
enum { HZ_SPOOL_MEMORY_BYTES = 256, HZ_SPOOL_BLOCK_BYTES = 64 };
#else
enum { HZ_SPOOL_MEMORY_BYTES = 4 << 20, HZ_SPOOL_BLOCK_BYTES = 1 << 20 };
#endif

typedef struct hz_spool_head {
    uint32_t bytes; /* behind the head */
    uint32_t cells;
    uint32_t where_bytes;
    uint32_t bad; /* 0: a row; else hz_bad_kind + 1 */
    uint64_t line, offset_bytes;
    uint32_t fields_count, fields_expected, other, xsd_fault;
} hz_spool_head;
_Static_assert(sizeof(hz_spool_head) == 48, "no padding");

typedef struct hz_spool_name {
    hz_slice name, label;
} hz_spool_name;

struct hz_spool {
    const hz_limits *limits;
    const char *temp;
    hz_arena *arena; /* of names */
    hz_spool_name *columns;
    hz_slice *names; /* as columns */
    size_t columns_count, columns_capacity, names_capacity;
    uint32_t *slots; /* columns by the hash of their name, open addressing; 0: free, else column + 1 */
    size_t slots_count;
    size_t next_column; /* where the next name is looked for first: records repeat each other */

    /* the row at hand */
    struct hz_spool_cell {
        uint64_t row; /* stamp of the row that has put it */
        uint32_t from, len;
    } * cells;
    size_t cells_capacity;
    hz_buf text;
    uint32_t cells_count; /* highest column put, and one */
    uint64_t stamp;

    hz_buf out; /* not yet written; all, while there is no file */
    int fd;     /* -1: none */
    uint64_t written, records;
    /* what was read */
    hz_form format;
    hz_encoding encoding;
    uint64_t file_bytes;
    uint8_t sha256[32];
    hz_slice part;  /* sheet, table */
    hz_spool *next; /* whoever owns several */
};

/* Exactly len bytes at `offset`; of a spool without a file *at is in its memory, else into `into`. */
HZ_NODISCARD hz_status hz_spool_read(const hz_spool *spool, uint64_t offset, char *into, size_t len, hz_error *err);
#endif
