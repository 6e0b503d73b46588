/* manifest.h: what a submission says of itself: which files it is made of, which tables and how many records they hold,
 * their digests, its period and its unit (docs/manifest.md). Held to a profile when it is loaded; held to the files by
 * the rules `sources.…` (hz_manifest_rule).
 * One arena owns it all; immutable after load; shared by threads without locks. */
#ifndef HZ_PROFILES_MANIFEST_H
#define HZ_PROFILES_MANIFEST_H
#include "base/htab.h"
#include "profiles/profile.h"

typedef struct hz_manifest_file {
    hz_slice path;         /* below the folder, parts apart by '/'; of a member of an archive ARCHIVE/MEMBER */
    const hz_table *table; /* NULL: as without a manifest, or no data */
    bool has_rows, has_sha256, has_sm3;
    uint64_t rows;                       /* records, those that cannot be read too */
    uint8_t sha256[32], sm3[32];         /* of the file; of a member, of its archive */
    const struct hz_manifest_file *next; /* of the same path; NULL past the last */
    hz_span span;                        /* of its path; while diags' arena lives */
} hz_manifest_file;

typedef struct hz_manifest {
    hz_arena *arena;
    const hz_profile *profile; /* borrowed */
    hz_slice path;             /* of the manifest */
    hz_slice id;
    hz_text2 title;
    hz_slice unit; /* who submits: a division code, or a name; "" without */
    bool has_period;
    hz_slice period;  /* as written */
    int32_t from, to; /* its first and last day */
    hz_manifest_file *files;
    size_t files_count;
    hz_names paths; /* to the first of files that has it */
    uint8_t sha256[32];
} hz_manifest;

/* Loads a manifest and holds it to the profile: mistakes go to diags, sorted by position. HZ_OK: *out is owned.
 * HZ_E_PROFILE with *out NULL: see diags, or err when the file cannot be read. diags' arena outlives it. */
HZ_NODISCARD hz_status hz_manifest_load(hz_manifest **out, const char *path, const hz_profile *profile,
                                        const hz_limits *limits, hz_diags *diags, hz_error *err);
HZ_NODISCARD hz_status hz_manifest_load_bytes(hz_manifest **out, hz_slice bytes, hz_slice shown_path,
                                              const hz_profile *profile, const hz_limits *limits, hz_diags *diags,
                                              hz_error *err);
void hz_manifest_free(hz_manifest *manifest); /* takes NULL */
/* Whether the file is a manifest, as hz_mapping_is. */
HZ_NODISCARD hz_status hz_manifest_is(bool *out, hz_slice *profile, const char *path, const hz_limits *limits,
                                      hz_arena *arena, hz_error *err);

/* The first of its files that has this path; NULL: none. */
const hz_manifest_file *hz_manifest_find(const hz_manifest *manifest, hz_slice path);
/* The table that all files of this path name; NULL: none, or several. */
const hz_table *hz_manifest_table(const hz_manifest_file *first);

/* A path that stays below its folder, in one spelling: parts, none of them empty, "." or "..". */
bool hz_manifest_is_path(hz_slice path);
/* "2020", "2020-06", "2020-06-30", or two of them with '/' between, to the first and the last day. */
bool hz_manifest_period(int32_t *from, int32_t *to, hz_slice text);
#endif
