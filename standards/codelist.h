/* codelist.h: national code lists: codes with names, validity by year or date, and attribute columns.
 *
 * A list is a TSV file in standards/data (compiled in) or in the folder of `--lists DIR` (which overrides lists of
 * equal id). File: UTF-8 without a byte order mark, LF, tab-separated, no quoting, no control characters.
 *
 * Lines that begin with '#' before the header are `# key: value` properties:
 *   id              what profiles write: "GB/T 3304", "registry.poverty_cause"
 *   aliases         comma-separated
 *   title_zh title_en edition source note national_field
 *   status          complete | partial | observed
 *   level           lists of divisions below the county: township | village, what their codes of 9 or 12 digits are;
 * every list with it takes part in type `division` covers          of these: comma-separated code prefixes, what part
 * of the country the list speaks for; without it, whatever it has rows for
 *
 * Header: `code name_zh name_en parent valid_from valid_to` (any subset with code and name_zh, in any order) and any
 * attribute columns. Every line after it is a row with as many cells.
 *
 * valid_from is the first day the code holds, valid_to the first day it no longer does: YYYY, YYYY-MM or YYYY-MM-DD;
 * empty: open. A code may stand on several rows (it was renamed or moved) whose validity does not overlap.
 *
 * All is immutable after load and shared by threads without locks. */
#ifndef HZ_STANDARDS_CODELIST_H
#define HZ_STANDARDS_CODELIST_H
#include "base/arena.h"
#include "base/htab.h"
#include "base/limits.h"

typedef struct hz_codelist hz_codelist;
typedef struct hz_lists hz_lists; /* the store: all lists by id */

typedef struct hz_code {
    hz_slice code;
    hz_text2 name;
    hz_slice parent;              /* "" when none */
    int32_t valid_from, valid_to; /* days; INT32_MIN / INT32_MAX: open. Valid when from <= day < to. */
} hz_code;

/* The store with every compiled-in list; dir (NULL: none) overrides. Only properties are read here: a dir's file
 * without an id, or with an id or alias that another of its files has, is HZ_E_PROFILE. Lists are parsed when first
 * found, under a lock. */
HZ_NODISCARD hz_status hz_lists_open(hz_lists **out, const char *dir, const hz_limits *limits, hz_error *err);
void hz_lists_close(hz_lists *lists);
/* By id or alias (an id goes before an alias, an alias of dir before a compiled-in one; an overridden list leaves its
 * aliases to its successor). NULL when there is none (*err then untouched) or when it cannot be parsed (*err set). */
const hz_codelist *hz_lists_find(hz_lists *lists, hz_slice id, hz_error *err);
/* The nearest id, for messages; HZ_SLICE_NONE. */
hz_slice hz_lists_nearest(const hz_lists *lists, hz_slice id);
/* Ids in bytewise order; borrowed. */
size_t hz_lists_ids(const hz_lists *lists, const hz_slice **ids);

hz_slice hz_codelist_id(const hz_codelist *list);
hz_text2 hz_codelist_title(const hz_codelist *list);
/* A `# key: value` property; "" when absent. */
hz_slice hz_codelist_property(const hz_codelist *list, const char *key);
const uint8_t *hz_codelist_sha256(const hz_codelist *list); /* 32 bytes, of the file; zeros for a list given in place */
size_t hz_codelist_count(const hz_codelist *list);          /* rows */
hz_code hz_codelist_at(const hz_codelist *list, size_t index);

enum { HZ_DAY_EVER = INT32_MIN }; /* as `day`: whenever */

/* The row of this code valid on `day` (the last such row of the file), or with HZ_DAY_EVER its last row; HZ_HTAB_NONE
 * when none. One probe. */
uint32_t hz_codelist_find(const hz_codelist *list, hz_slice code, int32_t day);
/* The row with this name_zh or name_en valid on day when exactly one code has it; HZ_HTAB_NONE otherwise. */
uint32_t hz_codelist_find_name(const hz_codelist *list, hz_slice name, int32_t day);
/* Attribute column by name (code, name_zh, name_en, parent, valid_from, valid_to too); -1 when absent. */
int hz_codelist_column(const hz_codelist *list, hz_slice name);
hz_slice hz_codelist_value(const hz_codelist *list, uint32_t row, int column); /* "" when empty */

/* A list given in place (profiles: `codes: {"1": 男}`) or by a profile's own file. Texts must outlive the list. In
 * place the columns are code, name_zh, name_en, parent. A file without an id has its path as id. Mistakes are
 * HZ_E_PROFILE with file, line, column; more rows than list_items are HZ_E_LIMIT. */
HZ_NODISCARD hz_status hz_codelist_of(hz_codelist **out, hz_slice id, const hz_code *codes, size_t count,
                                      hz_error *err);
HZ_NODISCARD hz_status hz_codelist_parse(hz_codelist **out, hz_slice path, hz_slice tsv, const hz_limits *limits,
                                         hz_error *err);
void hz_codelist_free(hz_codelist *list); /* takes NULL; not for lists of the store */
#endif
