/* load_files.c: files beside a profile. Such a file lies under the profile's own folder: the path is walked name by
 * name from the folder's descriptor, each step with O_NOFOLLOW, so that neither `..` nor a link (made while we look,
 * even) leads out. Of a profile that is compiled in, the files beside it are too. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "profiles/load_int.h"
#include "profiles/shipped.h"

static bool is_inside(hz_slice path)
{
    if (!path.len || path.ptr[0] == '/' || path.ptr[path.len - 1] == '/')
        return false;
    for (size_t at = 0; at <= path.len;) {
        size_t end = at;
        while (end < path.len && path.ptr[end] != '/')
            end++;
        hz_slice name = hz_slice_sub(path, at, end);
        if (!name.len || hz_slice_is(name, ".") || hz_slice_is(name, ".."))
            return false;
        at = end + 1;
    }
    return true;
}

/* The file's descriptor, or -1 with errno. */
static int open_beneath(hz_slice folder, hz_slice path)
{
    char name[256], top[4096];
    if (folder.len >= sizeof top) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(top, folder.ptr, folder.len);
    top[folder.len] = '\0';
    int at = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t from = 0; at >= 0 && from <= path.len;) {
        size_t end = from;
        while (end < path.len && path.ptr[end] != '/')
            end++;
        int next = -1;
        errno = ENAMETOOLONG;
        if (end - from < sizeof name) {
            memcpy(name, path.ptr + from, end - from);
            name[end - from] = '\0';
            next =
                openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | (end < path.len ? O_DIRECTORY : 0));
        }
        int problem = errno;
        close(at);
        errno = problem;
        at = next;
        from = end + 1;
    }
    return at;
}

/* 0, an errno, or -1: more than max_bytes. */
static int read_all(hz_buf *out, int fd, uint64_t max_bytes)
{
    enum { CHUNK_BYTES = 65536 };
    for (;;) {
        char *into = hz_buf_reserve(out, CHUNK_BYTES);
        if (!into)
            return ENOMEM;
        ssize_t got = read(fd, into, CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : 0;
        out->len += (size_t)got;
        if (out->len > max_bytes)
            return -1;
    }
}

static int read_beneath(hz_buf *out, hz_slice folder, hz_slice path, uint64_t max_bytes, bool *regular)
{
    struct stat about;
    int fd = open_beneath(folder, path);
    if (fd < 0)
        return errno;
    int problem = fstat(fd, &about) ? errno : 0;
    *regular = problem || S_ISREG(about.st_mode);
    if (!problem && *regular)
        problem = read_all(out, fd, max_bytes);
    close(fd);
    return problem;
}

static const hz_shipped_file *find_shipped(hz_slice folder, hz_slice path)
{
    for (size_t i = 0; i < hz_shipped_files_count; i++) {
        hz_slice at = hz_slice_of(hz_shipped_files[i].path);
        if (at.len == folder.len + 1 + path.len && hz_slice_starts(at, folder) && at.ptr[folder.len] == '/' &&
            hz_slice_eq(hz_slice_sub(at, folder.len + 1, at.len), path))
            return &hz_shipped_files[i];
    }
    return NULL;
}

/* What an errno (or -1) of reading says, at the path; HZ_FILE_ABSENT says nothing. */
static hz_file_found tell(hz_session *session, int problem, bool regular, hz_slice path, hz_span at)
{
    hz_diags *diags = session->diags;
    uint64_t most = session->limits->value[HZ_LIMIT_PROFILE_BYTES];
    if (problem == ENOENT)
        return HZ_FILE_ABSENT;
    if (problem < 0)
        hz_diag_error(diags, at, HZ_MSG_NONE, HZ_M(LIMIT), HZ_Z(hz_limit_name(HZ_LIMIT_PROFILE_BYTES)), HZ_U(most));
    else if (problem == ELOOP || problem == ENOTDIR)
        hz_diag_error(diags, at, HZ_MSG_NONE, HZ_M(PROFILE_FILE_LINK), HZ_S(path));
    else if (problem == EACCES || problem == EPERM)
        hz_diag_error(diags, at, HZ_MSG_NONE, HZ_M(FILE_DENIED), HZ_S(path));
    else if (problem)
        hz_diag_error(diags, at, HZ_MSG_NONE, HZ_M(FILE_OPEN), HZ_S(path), HZ_Z(strerror(problem)));
    else if (!regular)
        hz_diag_error(diags, at, HZ_MSG_NONE, HZ_M(FILE_NOT_REGULAR), HZ_S(path));
    return problem || !regular ? HZ_FILE_WRONG : HZ_FILE_READ;
}

hz_status hz_file_beneath(hz_file_found *found, hz_slice *bytes, hz_session *session, hz_arena *arena,
                          hz_place_of_file place, hz_slice path, hz_span at)
{
    hz_buf read = HZ_BUF_INIT;
    bool regular = true;
    *found = HZ_FILE_WRONG;
    *bytes = HZ_SLICE_NONE;
    if (!is_inside(path)) {
        hz_diag_error(session->diags, at, HZ_MSG_NONE, HZ_M(PROFILE_FILE_PATH), HZ_S(path));
        return HZ_OK;
    }
    if (place.shipped) {
        const hz_shipped_file *file = find_shipped(place.folder, path);
        *found = file ? HZ_FILE_READ : HZ_FILE_ABSENT;
        if (file)
            *bytes = (hz_slice){file->text, file->len};
        return HZ_OK;
    }
    if (!place.folder.len) {
        hz_diag_error(session->diags, at, HZ_MSG_NONE, HZ_M(PROFILE_FILE_NONE), HZ_S(path));
        return HZ_OK;
    }
    uint64_t most = session->limits->value[HZ_LIMIT_PROFILE_BYTES];
    int problem = read_beneath(&read, place.folder, path, most, &regular);
    hz_status st = HZ_OK;
    if (problem == ENOMEM)
        st = hz_nomem(session->err, read.len);
    else
        *found = tell(session, problem, regular, path, at);
    if (st == HZ_OK && *found == HZ_FILE_READ && hz_arena_copy(bytes, arena, hz_buf_slice(&read)) != HZ_OK)
        st = hz_nomem(session->err, read.len);
    hz_buf_clear(&read);
    return st;
}

hz_place_of_file hz_place_of_span(const hz_session *session, hz_span span)
{
    for (const hz_loader_text *at = session->texts; at; at = at->next)
        if (&at->text == span.text)
            return at->place;
    return (hz_place_of_file){HZ_SLICE_NONE, false};
}

/* ---- data files ---- */

static hz_loader_text *find_text(const hz_session *session, hz_place_of_file place, hz_slice path)
{
    for (hz_loader_text *at = session->texts; at; at = at->next)
        if (at->text.secret && at->place.shipped == place.shipped && hz_slice_eq(at->place.folder, place.folder) &&
            hz_slice_eq(at->path, path))
            return at;
    return NULL;
}

static hz_status keep_text(hz_loader_text **out, hz_loader *ld, hz_place_of_file place, hz_slice path, hz_slice bytes)
{
    HZ_TRY(HZ_LOAD_ARRAY(ld, *out, 1));
    (*out)->text.path = (*out)->path = path;
    (*out)->text.bytes = bytes;
    (*out)->text.secret = true;
    (*out)->place = place;
    (*out)->next = ld->session->texts;
    ld->session->texts = *out;
    return HZ_OK;
}

/* The profile's digest covers the files that its own words include. */
static hz_status note_included(hz_loader *ld, const hz_yaml *path, const hz_text *text)
{
    if (path->span.text != &ld->member->file->text)
        return HZ_OK;
    for (size_t i = 0; i < ld->included_count; i++)
        if (ld->included[i] == text)
            return HZ_OK;
    if (!HZ_GROW(ld->included, ld->included_capacity, ld->included_count + 1))
        return hz_nomem(ld->err, ld->included_count * sizeof *ld->included);
    ld->included[ld->included_count++] = text;
    return HZ_OK;
}

hz_status hz_load_file(hz_text **out, hz_loader *ld, const hz_yaml *path)
{
    hz_place_of_file place = hz_place_of_span(ld->session, path->span);
    hz_loader_text *known = find_text(ld->session, place, path->text);
    hz_file_found found;
    hz_slice bytes;
    *out = NULL;
    if (!known) {
        HZ_TRY(hz_file_beneath(&found, &bytes, ld->session, ld->arena, place, path->text, path->span));
        if (found == HZ_FILE_ABSENT)
            hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_ABSENT), HZ_S(path->text));
        if (found != HZ_FILE_READ)
            return HZ_OK;
        HZ_TRY(keep_text(&known, ld, place, path->text, bytes));
    }
    *out = &known->text;
    return note_included(ld, path, *out);
}
