#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"

static hz_status fail(hz_error *err, hz_msg_id message, const char *path, int number)
{
    const char *words = strerrordesc_np(number);
    hz_arg args[] = {HZ_M(NONE), HZ_Z(path), HZ_Z(words ? words : "?")};
    args[0].message = message;
    return hz_error_set(err, HZ_E_IO, args, sizeof args / sizeof *args);
}

hz_status hz_folder_make(const char *path, bool own, hz_error *err)
{
    struct stat info;
    if (mkdir(path, own ? 0700 : 0777) == 0)
        return HZ_OK;
    int number = errno;
    if (number == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return HZ_OK;
    return fail(err, HZ_MSG_FOLDER_MAKE, path, number);
}

static int by_name(const void *a, const void *b)
{
    return hz_slice_cmp(*(const hz_slice *)a, *(const hz_slice *)b);
}

static bool is_self(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

typedef struct listing {
    hz_slice *names;
    size_t count, capacity;
} listing;

static hz_status list(listing *found, DIR *dir, hz_arena *arena, const char *path, uint64_t max, const char *limit_name,
                      hz_error *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry)
            return errno ? fail(err, HZ_MSG_FOLDER_READ, path, errno) : HZ_OK;
        if (is_self(entry->d_name))
            continue;
        if (found->count >= max)
            return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z(limit_name), HZ_U(max));
        if (!HZ_GROW(found->names, found->capacity, found->count + 1) ||
            hz_arena_copy(&found->names[found->count], arena, hz_slice_of(entry->d_name)) != HZ_OK)
            return hz_nomem(err, strlen(entry->d_name));
        found->count++;
    }
}

hz_status hz_folder_list(hz_slice **names, size_t *count, hz_arena *arena, const char *path, uint64_t max,
                         const char *limit_name, hz_error *err)
{
    listing found = {0};
    *names = NULL;
    *count = 0;
    DIR *dir = opendir(path);
    if (!dir)
        return fail(err, HZ_MSG_FOLDER_READ, path, errno);
    hz_status st = list(&found, dir, arena, path, max, limit_name, err);
    closedir(dir);
    if (st == HZ_OK) {
        *names = HZ_ARENA_ARRAY(arena, hz_slice, found.count + 1);
        st = *names ? HZ_OK : hz_nomem(err, found.count * sizeof **names);
    }
    if (st == HZ_OK && found.count) {
        memcpy(*names, found.names, found.count * sizeof **names);
        qsort(*names, found.count, sizeof **names, by_name);
    }
    *count = st == HZ_OK ? found.count : 0;
    hz_mem_free(found.names);
    return st;
}

hz_status hz_folder_path(hz_buf *out, const char *folder, hz_slice name, hz_error *err)
{
    hz_buf_reset(out);
    hz_buf_puts(out, folder);
    hz_buf_putc(out, '/');
    hz_buf_put(out, name);
    return hz_buf_status(out, err);
}
