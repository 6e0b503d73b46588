/* manifest_find.c: where a folder's manifest lies; see manifest.h. */
#include "validator/tasks/manifest.h"

#include <sys/stat.h>

#include "base/folder.h"

/* Names that anything may have count only where the file says that it is a manifest. */
static const struct {
    const char *name;
    bool certain;
} names[] = {{"hezhun-manifest.yaml", true},
             {"hezhun-manifest.yml", true},
             {"hezhun-manifest.json", true},
             {"manifest.yaml", false},
             {"manifest.yml", false}};

static hz_status is_manifest(bool *out, const char *path, const hz_limits *limits)
{
    hz_slice profile;
    hz_error own = {0};
    hz_arena *arena = hz_arena_new();
    *out = false;
    hz_status st = arena ? hz_manifest_is(out, &profile, path, limits, arena, &own) : HZ_E_NOMEM;
    hz_arena_free(arena);
    return st == HZ_E_NOMEM ? st : HZ_OK; /* what cannot be read is none */
}

hz_status hz_manifest_in(hz_buf *path, const char *folder, const hz_limits *limits, hz_error *err)
{
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct stat info;
        bool is = names[i].certain;
        HZ_TRY(hz_folder_path(path, folder, hz_slice_of(names[i].name), err));
        if (stat(path->ptr, &info) != 0 || !S_ISREG(info.st_mode))
            continue;
        if (!is && is_manifest(&is, path->ptr, limits) != HZ_OK)
            return hz_nomem(err, 0);
        if (is && found)
            return hz_fail(err, HZ_E_SOURCE, HZ_M(MANIFEST_TWO), HZ_Z(folder), HZ_Z(found), HZ_Z(names[i].name));
        if (is)
            found = names[i].name;
    }
    hz_buf_reset(path);
    return found ? hz_folder_path(path, folder, hz_slice_of(found), err) : HZ_OK;
}
