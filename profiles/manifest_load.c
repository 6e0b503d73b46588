/* manifest_load.c: see manifest.h. */
#include "base/sha256.h"
#include "profiles/beside.h"
#include "profiles/manifest.h"

typedef struct loader {
    hz_manifest *manifest;
    hz_diags *diags;
    hz_error *err;
} loader;

bool hz_manifest_is_path(hz_slice path)
{
    for (size_t at = 0, from = 0; at <= path.len; at++) {
        if (at < path.len && path.ptr[at] != '/')
            continue;
        hz_slice part = hz_slice_sub(path, from, at);
        if (!part.len || hz_slice_is(part, ".") || hz_slice_is(part, ".."))
            return false;
        from = at + 1;
    }
    return true;
}

/* ---- period ---- */

static bool digits(int32_t *out, hz_slice text, size_t from, size_t to)
{
    *out = 0;
    for (size_t i = from; i < to; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (text.ptr[i] - '0');
    }
    return true;
}

/* A year, a month or a day, to its first and last day. */
static bool one_period(int32_t *from, int32_t *to, hz_slice text)
{
    int32_t year, month, last;
    if (hz_read_day(from, text)) {
        *to = *from;
        return true;
    }
    if (text.len == 4 && digits(&year, text, 0, 4))
        return hz_date_from_civil(from, year, 1, 1) && hz_date_from_civil(to, year, 12, 31);
    bool good = text.len == 7 && text.ptr[4] == '-' && digits(&year, text, 0, 4) && digits(&month, text, 5, 7) &&
                hz_date_from_civil(from, year, month, 1);
    last = good ? hz_days_in_month(year, month) : 0;
    return good && hz_date_from_civil(to, year, month, last);
}

bool hz_manifest_period(int32_t *from, int32_t *to, hz_slice text)
{
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    size_t at = slash ? (size_t)(slash - text.ptr) : text.len;
    int32_t end;
    if (!slash)
        return one_period(from, to, text);
    return one_period(from, &end, hz_slice_sub(text, 0, at)) &&
           one_period(&end, to, hz_slice_sub(text, at + 1, text.len)) && *from <= *to;
}

/* ---- files ---- */

static bool read_digest(uint8_t out[32], loader *ld, const hz_yaml *value)
{
    bool good = value && hz_unhex(out, 32, value->text);
    if (value && !good)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(MANIFEST_DIGEST), HZ_S(value->text));
    return good;
}

static hz_status read_one(hz_manifest_file *out, loader *ld, const hz_yaml *node)
{
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_MANIFEST_FILE, node, NULL, ld->diags);
    const hz_yaml *path = hz_keyed_value(&keyed, HZ_KEY_MANIFEST_FILE_PATH);
    const hz_yaml *table = hz_keyed_value(&keyed, HZ_KEY_MANIFEST_FILE_TABLE);
    out->path = path ? path->text : HZ_SLICE_NONE;
    out->span = path ? path->span : node->span;
    if (path && !hz_manifest_is_path(path->text))
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(MANIFEST_PATH), HZ_S(path->text));
    out->has_rows = hz_keyed_value(&keyed, HZ_KEY_MANIFEST_FILE_ROWS) != NULL;
    out->rows = (uint64_t)hz_keyed_whole(&keyed, HZ_KEY_MANIFEST_FILE_ROWS, 0);
    out->has_sha256 = read_digest(out->sha256, ld, hz_keyed_value(&keyed, HZ_KEY_MANIFEST_FILE_SHA256));
    out->has_sm3 = read_digest(out->sm3, ld, hz_keyed_value(&keyed, HZ_KEY_MANIFEST_FILE_SM3));
    return table ? hz_beside_table(&out->table, ld->diags, ld->manifest->profile, table, HZ_MSG_MANIFEST_NO_FILES,
                                   ld->err)
                 : HZ_OK;
}

/* Behind the others of its path. */
static hz_status link_one(loader *ld, uint32_t index)
{
    hz_manifest_file *files = ld->manifest->files;
    uint32_t at;
    HZ_TRY(hz_names_add(&ld->manifest->paths, files[index].path, index, &at, ld->err));
    if (at == HZ_HTAB_NONE)
        return HZ_OK;
    while (files[at].next)
        at = (uint32_t)(files[at].next - files);
    files[at].next = &files[index];
    return HZ_OK;
}

static hz_status read_files(loader *ld, const hz_yaml *list, const hz_limits *limits)
{
    hz_manifest *manifest = ld->manifest;
    if (!list)
        return HZ_OK;
    if (list->count > limits->value[HZ_LIMIT_SOURCES])
        return hz_limit_check(limits, HZ_LIMIT_SOURCES, list->count, ld->err);
    manifest->files = HZ_ARENA_ARRAY(manifest->arena, hz_manifest_file, list->count + 1);
    if (!manifest->files)
        return hz_nomem(ld->err, list->count * sizeof *manifest->files);
    for (uint32_t i = 0; i < list->count; i++) {
        HZ_TRY(read_one(&manifest->files[manifest->files_count++], ld, list->items[i]));
        HZ_TRY(link_one(ld, i));
    }
    return HZ_OK;
}

/* ---- the file ---- */

static hz_status read_manifest(loader *ld, const hz_yaml *root, const hz_limits *limits)
{
    hz_manifest *manifest = ld->manifest;
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_MANIFEST, root, NULL, ld->diags);
    const hz_yaml *period = hz_keyed_value(&keyed, HZ_KEY_MANIFEST_PERIOD);
    hz_beside_head(ld->diags, manifest->profile, hz_keyed_value(&keyed, HZ_KEY_MANIFEST_MANIFEST),
                   hz_keyed_value(&keyed, HZ_KEY_MANIFEST_PROFILE), HZ_MSG_MANIFEST_OTHER_PROFILE);
    manifest->id = hz_keyed_text(&keyed, HZ_KEY_MANIFEST_MANIFEST);
    manifest->title = hz_keyed_text2(&keyed, HZ_KEY_MANIFEST_TITLE);
    manifest->unit = hz_keyed_text(&keyed, HZ_KEY_MANIFEST_UNIT);
    manifest->period = period ? period->text : HZ_SLICE_NONE;
    manifest->has_period = period && hz_manifest_period(&manifest->from, &manifest->to, period->text);
    if (period && !manifest->has_period)
        hz_diag_error(ld->diags, period->span, HZ_MSG_NONE, HZ_M(MANIFEST_PERIOD), HZ_S(period->text));
    return read_files(ld, hz_keyed_value(&keyed, HZ_KEY_MANIFEST_FILES), limits);
}

hz_status hz_manifest_load_bytes(hz_manifest **out, hz_slice bytes, hz_slice shown_path, const hz_profile *profile,
                                 const hz_limits *limits, hz_diags *diags, hz_error *err)
{
    hz_arena *arena = hz_arena_new();
    hz_manifest *manifest = arena ? HZ_ARENA_NEW(arena, hz_manifest) : NULL;
    loader ld = {manifest, diags, err};
    size_t errors = diags->errors_count;
    const hz_yaml *root = NULL;
    hz_status st = manifest ? HZ_OK : hz_nomem(err, sizeof *manifest);
    *out = NULL;
    if (st == HZ_OK) {
        manifest->arena = arena;
        manifest->profile = profile;
        st = hz_arena_copy(&manifest->path, arena, shown_path) == HZ_OK ? HZ_OK : hz_nomem(err, shown_path.len);
    }
    if (st == HZ_OK)
        st = hz_beside_open(&root, manifest->sha256, bytes, shown_path, arena, limits, diags, err);
    if (st == HZ_OK && root)
        st = read_manifest(&ld, root, limits);
    st = hz_beside_end(st, diags, errors, err);
    if (st == HZ_OK)
        *out = manifest;
    else if (manifest)
        hz_manifest_free(manifest);
    else
        hz_arena_free(arena);
    return st;
}

hz_status hz_manifest_load(hz_manifest **out, const char *path, const hz_profile *profile, const hz_limits *limits,
                           hz_diags *diags, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    *out = NULL;
    hz_status st = hz_beside_read(&bytes, path, limits, err);
    if (st == HZ_OK)
        st = hz_manifest_load_bytes(out, hz_buf_slice(&bytes), hz_slice_of(path), profile, limits, diags, err);
    hz_buf_clear(&bytes);
    return st;
}

void hz_manifest_free(hz_manifest *manifest)
{
    if (!manifest)
        return;
    hz_names_clear(&manifest->paths);
    hz_arena_free(manifest->arena); /* the manifest itself lives there */
}

const hz_manifest_file *hz_manifest_find(const hz_manifest *manifest, hz_slice path)
{
    uint32_t at = hz_names_find(&manifest->paths, path);
    return at == HZ_HTAB_NONE ? NULL : &manifest->files[at];
}

const hz_table *hz_manifest_table(const hz_manifest_file *first)
{
    const hz_table *table = first->table;
    for (const hz_manifest_file *at = first->next; at; at = at->next)
        if (at->table != table)
            return NULL;
    return table;
}

hz_status hz_manifest_is(bool *out, hz_slice *profile, const char *path, const hz_limits *limits, hz_arena *arena,
                         hz_error *err)
{
    return hz_beside_is(out, profile, path, "manifest", limits, arena, err);
}
