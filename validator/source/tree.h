/* tree.h: one record of JSON or XML as a tree, and the rows that it gives to the tables that are nested in each other.
 *
 * A record's values are its children that are texts. A child with children of its own whose name is that of a nested
 * table is a record of it; any other is looked through: its values are the record's, called OUTER.INNER. A name that
 * comes again is a list: its texts are joined by commas. An array of records that is no table leaves an empty column of
 * its name, so that it shows as one that is not known. */
#ifndef HZ_SOURCE_TREE_H
#define HZ_SOURCE_TREE_H
#include "validator/source/formats.h"

typedef enum hz_tree_kind {
    HZ_TREE_TEXT,
    HZ_TREE_NULL,   /* no value */
    HZ_TREE_RECORD, /* children have names */
    HZ_TREE_ARRAY   /* children have none; XML has no arrays: elements of one name repeat */
} hz_tree_kind;

typedef struct hz_tree_item {
    hz_tree_kind kind;
    hz_slice name, text;
    uint32_t next; /* the item behind it and its children */
    uint64_t line; /* where it starts; 0: not known */
    bool attribute;
    uint8_t fault; /* what a schema finds wrong with it: hz_xsd_fault + 1; 0: nothing */
} hz_tree_item;

typedef struct hz_tree {
    hz_tree_item *items; /* a record, then its children, each followed by its own */
    size_t count, capacity;
    bool faulted;               /* some item has a fault; a record with one of its own is put as a bad one */
    size_t faults_put;          /* how many such records were put */
    hz_buf names;               /* scratch */
    hz_buf where;               /* scratch: the place of the record at hand */
    const hz_tree_item **above; /* the records around the one at hand */
    size_t *above_part;
    size_t above_count, above_capacity, above_part_capacity;
} hz_tree;

HZ_NODISCARD hz_status hz_tree_add(hz_tree *tree, hz_tree_item item, hz_error *err);
void hz_tree_clear(hz_tree *tree);
/* The rows of items[index], a record of `part`, and of what is nested in it. `where`: its place without the mark
 * (source.h), such as /3 or /data/household[3]; `xml`: places are written as XPath, else as JSON pointers. */
HZ_NODISCARD hz_status hz_tree_rows(hz_tree *tree, hz_reading *reading, uint32_t index, size_t part, hz_slice where,
                                    bool xml, hz_error *err);
#endif
