/* mapping_int.h: what the files that load a mapping share: mapping_load.c the file and where a field's text comes from,
 * mapping_values.c what becomes of it. */
#ifndef HZ_PROFILES_MAPPING_INT_H
#define HZ_PROFILES_MAPPING_INT_H
#include "profiles/mapping.h"
#include "profiles/schema.h"

typedef struct hz_map_loader {
    hz_mapping *mapping;
    hz_map_table *table; /* the one that is read */
    hz_arena *arena;
    hz_diags *diags;
    hz_error *err;
} hz_map_loader;

hz_status hz_map_alloc(void *out_pointer, hz_map_loader *ld, size_t count, size_t size_bytes); /* zeroed */
#define HZ_MAP_ARRAY(ld, out, count) hz_map_alloc(&(out), (ld), (count), sizeof *(out))

/* The field that a key or value names; *out NULL after a mistake. `fills`: it must not be filled yet. */
HZ_NODISCARD hz_status hz_map_target(hz_map_field **out, hz_map_loader *ld, const hz_yaml *name, bool fills);
/* Whether a value that stands in the file can be one of the field; else a mistake. */
bool hz_map_is_value(hz_map_loader *ld, const hz_field *field, const hz_yaml *value);
/* codes, formats, units, times, separators of a table. */
HZ_NODISCARD hz_status hz_map_load_values(hz_map_loader *ld, const hz_keyed *keyed);
#endif
