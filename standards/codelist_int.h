/* codelist_int.h: what codelist.c (index and look-ups), codelist_parse.c (TSV) and lists.c (the store) share. */
#ifndef HZ_STANDARDS_CODELIST_INT_H
#define HZ_STANDARDS_CODELIST_INT_H
#include "standards/codelist.h"

typedef struct hz_list_property {
    hz_slice key, value;
} hz_list_property;

/* A code of at most 8 bytes: packed, with the validity of its last row, so that a probe needs nothing else. */
typedef struct hz_code_slot {
    uint64_t key;
    int32_t valid_from, valid_to;
    uint32_t row;
    uint32_t len; /* of the code; 0: empty slot */
} hz_code_slot;

struct hz_codelist {
    hz_slice path, text; /* borrowed */
    hz_slice id;
    hz_text2 title;
    hz_list_property *properties;
    size_t properties_count, properties_capacity;
    size_t body_offset; /* of the header line in text */
    uint64_t body_line; /* its number */

    hz_slice *columns; /* in file order */
    size_t columns_count;
    hz_code *rows;
    uint32_t *lines; /* of each row: offset of its line in text; NULL for a list given in place */
    uint32_t *older; /* of each row: the row before it with the same code, or HZ_HTAB_NONE */
    size_t count;
    hz_code_slot *slots; /* open addressing; NULL when some code is longer than 8 bytes: then by_code */
    unsigned slots_bits;
    hz_htab by_code; /* entry: the last row of the code */
    hz_htab by_name; /* entry: row * 2, + 1 for name_en */
    uint64_t seed;
    uint32_t *next_name; /* of each such entry: another with the same name, or HZ_HTAB_NONE */
    uint8_t sha256[32];
};

/* The properties at the head of a file, and where its header line is. *out is owned. */
HZ_NODISCARD hz_status hz_codelist_head(hz_codelist **out, hz_slice path, hz_slice tsv, hz_error *err);
/* The rest of it. On failure the list is as it was. */
HZ_NODISCARD hz_status hz_codelist_body(hz_codelist *list, const hz_limits *limits, hz_error *err);
/* Indexes rows by code and name. *overlap gets the later of two rows of one code whose validity overlaps, *earlier the
 * other; HZ_HTAB_NONE when there are none. Only HZ_E_NOMEM fails. */
HZ_NODISCARD hz_status hz_codelist_index(hz_codelist *list, uint32_t *overlap, uint32_t *earlier, hz_error *err);
/* Frees what hz_codelist_body made. */
void hz_codelist_clear_body(hz_codelist *list);

/* The list with this number (as hz_lists_ids counts), with its properties only. */
const hz_codelist *hz_lists_head(const hz_lists *lists, size_t index);
#endif
