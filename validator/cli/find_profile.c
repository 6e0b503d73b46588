/* find_profile.c: which file a profile's name stands for. */
#include "validator/cli/verbs.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#ifndef HZ_PROFILES_DIR
#define HZ_PROFILES_DIR "/usr/local/share/hezhun/profiles"
#endif

/* A name that stands for something, even for something that cannot be opened: then the reader says why. */
static bool is_there(const char *path, bool *folder)
{
    struct stat info;
    bool readable = stat(path, &info) == 0;
    *folder = readable && S_ISDIR(info.st_mode);
    return readable || (errno != ENOENT && errno != ENOTDIR) || lstat(path, &info) == 0;
}

/* FOLDER/NAME with this ending, when it is a file. */
static bool try_one(hz_buf *path, hz_slice folder, const char *name, const char *ending)
{
    bool is_folder;
    hz_buf_reset(path);
    hz_buf_put(path, folder);
    hz_buf_putc(path, '/');
    hz_buf_puts(path, name);
    hz_buf_puts(path, ending);
    return path->status == HZ_OK && is_there(path->ptr, &is_folder) && !is_folder;
}

static bool try_folder(hz_buf *path, hz_slice folder, const char *name)
{
    return folder.len && (try_one(path, folder, name, "/profile.yaml") || try_one(path, folder, name, ".yaml") ||
                          try_one(path, folder, name, ""));
}

/* Each folder of a list separated by ':'. */
static bool try_list(hz_buf *path, hz_slice list, const char *name)
{
    while (list.len) {
        const char *colon = memchr(list.ptr, ':', list.len);
        size_t len = colon ? (size_t)(colon - list.ptr) : list.len;
        if (try_folder(path, hz_slice_sub(list, 0, len), name))
            return true;
        list = hz_slice_sub(list, len + 1, list.len);
    }
    return false;
}

hz_status hz_profile_find(hz_buf *path, const char *name, hz_error *err)
{
    const char *own = getenv("HEZHUN_PROFILES");
    bool folder;
    if (is_there(name, &folder)) {
        hz_buf_puts(path, name);
        if (folder)
            hz_buf_puts(path, "/profile.yaml");
        return hz_buf_status(path, err);
    }
    if (*name && *name != '/' &&
        (try_list(path, hz_slice_of(own), name) || try_folder(path, HZ_SLICE_LIT(HZ_PROFILES_DIR), name) ||
         try_folder(path, HZ_SLICE_LIT("profiles"), name)))
        return HZ_OK;
    HZ_TRY(hz_buf_status(path, err));
    hz_status st = hz_fail(err, HZ_E_PROFILE, HZ_M(CLI_PROFILE_NOT_FOUND), HZ_Z(name));
    hz_error_hint(err, HZ_MSG_CLI_PROFILE_NOT_FOUND_HINT);
    return st;
}

void hz_say_mistake(const hezhun_diagnostic *said, void *payload)
{
    (void)payload;
    if (said->level == HEZHUN_LEVEL_ERROR)
        hz_say((hz_slice){said->text.ptr, said->text.len});
}

int hz_load_found(hezhun_profile **out, hezhun_context *context, const char *path, hezhun_error *problem, hz_lang lang)
{
    hezhun_load_options how = HEZHUN_LOAD_OPTIONS_INIT;
    how.diagnostic = hz_say_mistake;
    return hezhun_profile_load(out, context, path, &how, problem) == HEZHUN_OK ? HZ_EXIT_OK
                                                                               : hz_say_problem(problem, lang);
}

int hz_load_mapping(hezhun_mapping **out, const hezhun_profile *profile, const char *path, hezhun_error *problem,
                    hz_lang lang)
{
    hezhun_load_options how = HEZHUN_LOAD_OPTIONS_INIT;
    how.diagnostic = hz_say_mistake;
    return hezhun_mapping_load(out, profile, path, &how, problem) == HEZHUN_OK ? HZ_EXIT_OK
                                                                               : hz_say_problem(problem, lang);
}

int hz_load_profile(hezhun_profile **out, hezhun_context *context, const char *name, hezhun_error *problem,
                    hz_lang lang)
{
    hz_buf path = HZ_BUF_INIT;
    hz_error err = {0};
    int exit_status = hz_profile_find(&path, name, &err) == HZ_OK ? hz_load_found(out, context, path.ptr, problem, lang)
                                                                  : hz_say_error(&err, lang);
    hz_buf_clear(&path);
    return exit_status;
}
