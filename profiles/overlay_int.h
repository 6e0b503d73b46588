/* overlay_int.h: profiles that extend others, while they load. overlay.c has the method.
 *
 * A session is one call of hz_profile_load: it holds a member for each profile file that was opened. Members lie in the
 * arenas of their profiles; a text that diagnostics point into lives as long as the session, and is copied to the
 * diagnostics' own arena at its end. */
#ifndef HZ_PROFILES_OVERLAY_INT_H
#define HZ_PROFILES_OVERLAY_INT_H
#include "profiles/load.h"
#include "profiles/yaml.h"

struct hz_loader;

/* Where a file was found: under `folder` ("" : nowhere), or under that path of the shipped profiles. */
typedef struct hz_place_of_file {
    hz_slice folder;
    bool shipped;
} hz_place_of_file;

/* A text that spans point into: a profile, or a data file beside one. */
typedef struct hz_loader_text {
    struct hz_loader_text *next;
    hz_text text;
    hz_slice path; /* under its place */
    hz_place_of_file place;
} hz_loader_text;

typedef struct hz_member {
    struct hz_member *next;    /* of the session */
    struct hz_member *extends; /* the one below on the stack of those that are loading */
    hz_profile *profile;       /* owned by the session until it is handed over */
    hz_loader_text *file;
    hz_slice id;          /* as the file says; "" when it does not */
    const hz_yaml *root;  /* NULL after a mistake that leaves no tree */
    const hz_yaml *whole; /* with all that it extends */
    enum { HZ_MEMBER_OPEN, HZ_MEMBER_LOADING, HZ_MEMBER_LOADED, HZ_MEMBER_WRONG } state;
    struct hz_member **parents, **chain; /* in the profile's arena; the chain ends with itself */
    size_t parents_count, chain_count;
} hz_member;

typedef struct hz_session {
    const hz_load *load;
    const hz_limits *limits;
    hz_diags *diags;
    hz_error *err;
    hz_member *members;
    hz_member *top; /* of the stack of those that are loading */
    size_t depth;   /* of that stack */
    hz_loader_text *texts;
} hz_session;

/* load.c */
/* A new member from bytes, parsed. The place is that of files beside it. */
HZ_NODISCARD hz_status hz_member_open(hz_member **out, hz_session *session, hz_slice bytes, hz_slice shown_path,
                                      hz_slice path, hz_place_of_file place);
/* What it extends, then itself. Mistakes go to diags, and its state says so. */
HZ_NODISCARD hz_status hz_member_load(hz_session *session, hz_member *member);

/* load_files.c: the one way to read a file beside a profile or in a folder of profiles. */
typedef enum hz_file_found { HZ_FILE_READ, HZ_FILE_ABSENT, HZ_FILE_WRONG } hz_file_found;
/* The bytes, in `arena`. Paths that lead out, links and what is no regular file are mistakes at `at` (WRONG). */
HZ_NODISCARD hz_status hz_file_beneath(hz_file_found *found, hz_slice *bytes, hz_session *session, hz_arena *arena,
                                       hz_place_of_file place, hz_slice path, hz_span at);
hz_place_of_file hz_place_of_span(const hz_session *session, hz_span span);

/* overlay_find.c */
/* The profile that an item of `extends` names: *out NULL after a mistake. */
HZ_NODISCARD hz_status hz_overlay_find(hz_member **out, hz_session *session, hz_member *child, const hz_yaml *item);

/* overlay_merge.c */
/* member.whole from the roots of its chain. */
HZ_NODISCARD hz_status hz_overlay_merge(hz_member *member, hz_error *err);

/* overlay.c */
/* Finds and loads what the member extends; makes its chain. */
HZ_NODISCARD hz_status hz_overlay_parents(hz_session *session, hz_member *member);
/* Holds the loaded model to each profile that it extends: it may only tighten. */
HZ_NODISCARD hz_status hz_overlay_check(struct hz_loader *ld);

/* overlay_forms.c */
/* The older forms of what was tightened, bound to the loader's model, behind its own; and all `verdicts`. */
HZ_NODISCARD hz_status hz_overlay_forms(struct hz_loader *ld);
/* Whether one that the model has is the same; then it counts for the profile that is read, too. */
bool hz_overlay_share_param(struct hz_loader *ld, const hz_param *param);
bool hz_overlay_share_list(struct hz_loader *ld, const hz_codelist *list);
#endif
