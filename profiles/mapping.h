/* mapping.h: how one system's files become a profile's: a mapping file (docs/mappings.md), held to the profile.
 *
 * A field is filled by one column of the source, by a part of one, by several together, or by a constant; what is read
 * there is then recoded, brought to the profile's form of dates and numbers, and to its unit. Columns that a mapping
 * does not name are found as without one, by a field's name, title or alias.
 * One arena owns it all; immutable after load; shared by threads without locks. */
#ifndef HZ_PROFILES_MAPPING_H
#define HZ_PROFILES_MAPPING_H
#include "base/htab.h"
#include "profiles/profile.h"

/* A number's form by the picture 1,234.5: what stands before and behind it, between groups of three digits, and before
 * the fraction. */
typedef struct hz_number_form {
    hz_slice before, behind;
    char group, point; /* 0: none */
} hz_number_form;

/* What fills one field, and how. A field that the file only recodes has no columns: it is found by its own names. */
typedef struct hz_map_field {
    const hz_field *field; /* of the profile */
    hz_slice *columns;     /* of the source: one, or several that are joined by `joint` */
    size_t columns_count;
    hz_slice joint;
    hz_slice own;      /* the columns as a report names them: "省 + 市"; "" without columns */
    hz_mask own_mask;  /* of what stands in the columns: they may hold more than this field */
    hz_slice label;    /* "AAC001 (household_id)" */
    bool is_constant;  /* then `constant` stands in every row */
    hz_slice constant; /* */
    /* a part of the one column: piece `part` between `by`; or characters [from, to) */
    bool is_part;
    hz_slice by; /* "": by characters */
    size_t part, parts_count;
    size_t from, to; /* to SIZE_MAX: to the end */
    /* what becomes of the text */
    hz_slice separator;  /* between the values of a list; "": the field's own */
    hz_names codes;      /* the system's code to an index of code_to */
    hz_slice *code_from; /* as the file has them */
    hz_slice *code_to;
    hz_span *code_spans; /* of code_to */
    size_t codes_count;
    hz_time_format *formats; /* DATE to TIME */
    size_t formats_count;
    hz_number_form *pictures; /* INTEGER, DECIMAL */
    size_t pictures_count;
    bool has_times;
    hz_decimal times;
    bool changes;  /* anything above but a whole column */
    bool converts; /* codes, formats, times, separator: what is read becomes another text */
    hz_span span;  /* where it is first spoken of; while diags' arena lives, as all spans here */
} hz_map_field;

typedef struct hz_map_table {
    const hz_table *table;
    hz_slice *files; /* patterns in place of the profile's; none: those */
    size_t files_count;
    hz_slice *sheets; /* names of the part of a file that holds the table */
    size_t sheets_count;
    hz_slice path;     /* down to the records: "/data/rows"; "": not said */
    hz_slice encoding; /* "" without */
    hz_slice *nulls;
    size_t nulls_count;
    hz_slice *ignored; /* columns */
    size_t ignored_count;
    hz_slice *columns; /* all that it names, each once */
    size_t columns_count;
    hz_map_field *fields; /* in the order of the file */
    size_t fields_count;
    hz_map_field **of_field; /* by field of the table; NULL: nothing is said of it */
    hz_span span;
} hz_map_table;

typedef struct hz_mapping {
    hz_arena *arena;
    const hz_profile *profile; /* borrowed */
    hz_slice path;
    hz_slice id;
    hz_text2 title;
    hz_slice for_profile;  /* `profile`; "" without */
    hz_map_table **tables; /* by table of the profile; NULL: as without a mapping */
    uint8_t sha256[32];
} hz_mapping;

/* Loads a mapping and holds it to the profile: mistakes go to diags, sorted by position, warnings too. HZ_OK: *out is
 * owned. HZ_E_PROFILE with *out NULL: see diags, or err when the file cannot be read. diags' arena outlives it. */
HZ_NODISCARD hz_status hz_mapping_load(hz_mapping **out, const char *path, const hz_profile *profile,
                                       const hz_limits *limits, hz_diags *diags, hz_error *err);
HZ_NODISCARD hz_status hz_mapping_load_bytes(hz_mapping **out, hz_slice bytes, hz_slice shown_path,
                                             const hz_profile *profile, const hz_limits *limits, hz_diags *diags,
                                             hz_error *err);
void hz_mapping_free(hz_mapping *mapping); /* takes NULL */

/* Whether the file's text is a mapping and not a profile: its first level has the key `mapping`. *profile: what it says
 * of the profile that it is for, copied to the arena; "" when nothing. */
HZ_NODISCARD hz_status hz_mapping_is(bool *out, hz_slice *profile, const char *path, const hz_limits *limits,
                                     hz_arena *arena, hz_error *err);

/* NULL: as without a mapping. mapping may be NULL. */
static inline const hz_map_table *hz_mapping_table(const hz_mapping *mapping, const hz_table *table)
{
    return mapping && table->index < mapping->profile->tables_count ? mapping->tables[table->index] : NULL;
}
/* What is said of a field, by name: of an older form too. NULL: nothing. map may be NULL. */
const hz_map_field *hz_map_table_field(const hz_map_table *map, hz_slice field);
/* Whether the table's mapping names this column, to ignore it or to fill a field. */
bool hz_map_table_ignores(const hz_map_table *map, hz_slice column);
bool hz_map_table_names(const hz_map_table *map, hz_slice column);

/* How many of `to` one of `from` is: "万元" is 10000 of "yuan". false: not of one kind, not known, or not exact. */
bool hz_unit_times(hz_decimal *out, hz_slice from, hz_slice to);
bool hz_unit_known(hz_slice unit);
/* false: no picture. */
bool hz_number_form_of(hz_number_form *out, hz_slice picture);
/* The text as a plain number, without blanks at its ends; false: it has not the form. */
bool hz_number_form_read(hz_buf *out, const hz_number_form *form, hz_slice text);
#endif
