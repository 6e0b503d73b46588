/* parts.h: which tables a file may hold that is no delimited text, as the readers ask for it (source.h, hz_part). */
#ifndef HZ_ENGINE_PARTS_H
#define HZ_ENGINE_PARTS_H
#include "profiles/mapping.h"
#include "validator/source/source.h"

typedef struct hz_parts {
    hz_part *items;
    const hz_table **tables; /* as items; NULL: none, what falls to it is dropped */
    size_t count;
} hz_parts;

/* parts.items[0] is `table` (NULL: nothing is known of the file). In XML and JSON tables nest along relations: a record
 * of TABLE may hold those of a related table, named as the relation, the table or its title, and the fields of the
 * relation's `on` are carried down. Names of `mapping` (may be NULL) are names too. All in arena. */
HZ_NODISCARD hz_status hz_parts_of(hz_parts *out, const hz_profile *profile, const hz_mapping *mapping,
                                   const hz_table *table, hz_form format, hz_arena *arena, hz_error *err);
/* Has files of its own in a submission. */
bool hz_table_takes_files(const hz_table *table);
#endif
