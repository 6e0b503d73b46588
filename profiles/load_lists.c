/* load_lists.c: code lists in place and by file, and the one way to read a file beside the profile.
 *
 * Such a file lies under the profile's own folder: the path is walked name by name from the folder's descriptor, each
 * step with O_NOFOLLOW, so that neither `..` nor a link (made while we look, even) leads out. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "profiles/load_int.h"

/* ---- files beside the profile ---- */

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

static hz_status keep_text(hz_text **out, hz_loader *ld, hz_slice path, hz_slice bytes)
{
    struct hz_loader_text *entry;
    HZ_TRY(HZ_LOAD_ARRAY(ld, entry, 1));
    entry->text.path = path;
    entry->text.secret = true;
    if (hz_arena_copy(&entry->text.bytes, ld->arena, bytes) != HZ_OK)
        return hz_nomem(ld->err, bytes.len);
    entry->next = ld->texts;
    ld->texts = entry;
    *out = &entry->text;
    return HZ_OK;
}

hz_status hz_load_file(hz_text **out, hz_loader *ld, const hz_yaml *path, uint64_t max_bytes, const char *limit_name)
{
    hz_buf bytes = HZ_BUF_INIT;
    bool regular = true;
    *out = NULL;
    if (!is_inside(path->text)) {
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_PATH), HZ_S(path->text));
        return HZ_OK;
    }
    if (!ld->folder.len) {
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_NONE), HZ_S(path->text));
        return HZ_OK;
    }
    int problem = read_beneath(&bytes, ld->folder, path->text, max_bytes, &regular);
    hz_status st = HZ_OK;
    if (problem == ENOMEM)
        st = hz_nomem(ld->err, bytes.len);
    else if (problem < 0)
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(LIMIT), HZ_Z(limit_name), HZ_U(max_bytes));
    else if (problem == ELOOP || problem == ENOTDIR)
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_LINK), HZ_S(path->text));
    else if (problem == ENOENT)
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_ABSENT), HZ_S(path->text));
    else if (problem == EACCES || problem == EPERM)
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(FILE_DENIED), HZ_S(path->text));
    else if (problem)
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(FILE_OPEN), HZ_S(path->text), HZ_Z(strerror(problem)));
    else if (!regular)
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(FILE_NOT_REGULAR), HZ_S(path->text));
    else
        st = keep_text(out, ld, path->text, hz_buf_slice(&bytes));
    hz_buf_clear(&bytes);
    return st;
}

/* ---- code lists ---- */

static bool is_code(hz_slice text)
{
    bool good = text.len > 0;
    for (size_t at = 0; good && at < text.len;)
        good = !hz_utf8_unsafe_on_terminal(hz_utf8_next(text, &at));
    return good;
}

/* With `names`, a name must mean one code. */
static hz_status check_names(hz_loader *ld, const hz_yaml *map)
{
    hz_names seen = {0};
    hz_status st = HZ_OK;
    for (uint32_t i = 0; i < map->count; i++) {
        hz_text2 name = hz_yaml_text2(map->pairs[i].value);
        const hz_slice both[] = {name.zh, name.en};
        for (size_t k = 0; k < 2; k++) {
            uint32_t old;
            if (!both[k].len)
                continue;
            HZ_GO(hz_names_add(&seen, both[k], i, &old, ld->err));
            if (old != HZ_HTAB_NONE && old != i)
                hz_diag_error(ld->diags, map->pairs[i].value->span, HZ_MSG_NONE, HZ_M(PROFILE_CODE_NAME), HZ_S(both[k]),
                              HZ_S(map->pairs[old].key->text));
        }
    }
out:
    hz_names_clear(&seen);
    return st;
}

static hz_status make_list(hz_codelist **out, hz_loader *ld, hz_slice id, const hz_yaml *map)
{
    hz_code *codes;
    HZ_TRY(HZ_LOAD_ARRAY(ld, codes, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_yaml *key = map->pairs[i].key;
        codes[i] = (hz_code){key->text, hz_yaml_text2(map->pairs[i].value), HZ_SLICE_NONE, INT32_MIN, INT32_MAX};
        if (!is_code(key->text))
            hz_diag_error(ld->diags, key->span, HZ_MSG_NONE, HZ_M(PROFILE_CODE));
    }
    if (!map->count)
        hz_diag_error(ld->diags, map->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    HZ_TRY(hz_codelist_of(out, id, codes, map->count, ld->err));
    return hz_profile_keep_list(ld->profile, *out, ld->err);
}

static const hz_codelist *own_list(const hz_profile *profile, hz_slice id)
{
    for (size_t i = 0; i < profile->own_lists_count && id.len; i++)
        if (hz_slice_eq(hz_codelist_id(profile->own_lists[i]), id))
            return profile->own_lists[i];
    return NULL;
}

static hz_status unknown_list(hz_loader *ld, const hz_yaml *value)
{
    const hz_profile *profile = ld->profile;
    hz_slice *names;
    size_t count = 0;
    HZ_TRY(HZ_LOAD_ARRAY(ld, names, profile->own_lists_count + 1));
    hz_slice near = hz_lists_nearest(ld->lists, value->text);
    for (size_t i = 0; i < profile->own_lists_count; i++)
        if (hz_codelist_id(profile->own_lists[i]).len)
            names[count++] = hz_codelist_id(profile->own_lists[i]);
    if (near.len)
        names[count++] = near;
    hz_schema_unknown(ld->diags, value->span, HZ_MSG_PROFILE_LIST, value->text, names, count, HZ_SLICE_NONE);
    return HZ_OK;
}

hz_status hz_load_codes(const hz_codelist **list, hz_slice *id, hz_loader *ld, const hz_yaml *value, bool names)
{
    *list = NULL;
    *id = HZ_SLICE_NONE;
    if (value->kind == HZ_YAML_MAP) {
        hz_codelist *made;
        HZ_TRY(make_list(&made, ld, HZ_SLICE_NONE, value));
        *list = made;
        return names ? check_names(ld, value) : HZ_OK;
    }
    hz_error problem = {0};
    *id = value->text;
    *list = own_list(ld->profile, value->text);
    if (!*list && ld->lists)
        *list = hz_lists_find(ld->lists, value->text, &problem);
    if (*list || !ld->lists)
        return HZ_OK;
    if (problem.status == HZ_E_NOMEM)
        return hz_nomem(ld->err, 0);
    if (problem.status == HZ_OK)
        return unknown_list(ld, value);
    hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_LIST_BROKEN), HZ_S(value->text));
    return HZ_OK;
}

static hz_span line_span(const hz_text *text, uint64_t line)
{
    size_t at = 0;
    for (uint64_t i = 1; i < line && at < text->bytes.len; at++)
        i += text->bytes.ptr[at] == '\n';
    return (hz_span){text, (uint32_t)at, 0};
}

/* A mistake in the list's file is shown there, without its line: it is data. */
static hz_status parse_file(hz_loader *ld, hz_slice id, const hz_yaml *path)
{
    hz_text *text;
    hz_codelist *list;
    hz_error problem = {0};
    HZ_TRY(hz_load_file(&text, ld, path, ld->limits->value[HZ_LIMIT_PROFILE_BYTES],
                        hz_limit_name(HZ_LIMIT_PROFILE_BYTES)));
    if (!text)
        return HZ_OK;
    hz_status st = hz_codelist_parse(&list, path->text, text->bytes, ld->limits, &problem);
    if (st == HZ_E_NOMEM)
        return hz_nomem(ld->err, text->bytes.len);
    if (st != HZ_OK) {
        hz_slice args[HZ_MSG_ARGS_MAX];
        size_t count = hz_error_args(&problem, args);
        hz_arg said[HZ_MSG_ARGS_MAX + 1] = {{HZ_ARG_MESSAGE, problem.message, HZ_SLICE_NONE, 0, 0}};
        for (size_t i = 0; i < count; i++)
            said[i + 1] = HZ_S(args[i]);
        hz_diags_add(ld->diags, HZ_DIAG_ERROR, line_span(text, problem.line), HZ_MSG_NONE, said, count + 1);
        return HZ_OK;
    }
    HZ_TRY(hz_profile_keep_list(ld->profile, list, ld->err));
    if (!hz_slice_eq(hz_codelist_id(list), id))
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(PROFILE_LIST_ID), HZ_S(hz_codelist_id(list)), HZ_S(id));
    return HZ_OK;
}

static hz_status read_list(hz_loader *ld, const hz_yaml_pair *pair)
{
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_LIST, pair->value, NULL, ld->diags);
    const hz_yaml *file = hz_keyed_value(&keyed, HZ_KEY_LIST_FILE), *codes = hz_keyed_value(&keyed, HZ_KEY_LIST_CODES);
    hz_codelist *list;
    if (!hz_load_is_id(ld, pair->key) || pair->value->kind != HZ_YAML_MAP)
        return HZ_OK;
    if (!file == !codes) {
        hz_diag_error(ld->diags, pair->key->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_OR_CODES), HZ_S(pair->key->text));
        return HZ_OK;
    }
    return file ? parse_file(ld, pair->key->text, file) : make_list(&list, ld, pair->key->text, codes);
}

hz_status hz_load_lists(hz_loader *ld, const hz_yaml *map)
{
    for (uint32_t i = 0; map && i < map->count; i++) {
        if (hz_schema_is_extra(map->pairs[i].key->text))
            continue;
        HZ_TRY(read_list(ld, &map->pairs[i]));
        HZ_TRY(hz_load_going(ld));
    }
    return HZ_OK;
}
