/* beside.c: see beside.h. */
#include "profiles/beside.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/sha256.h"
#include "profiles/dotted.h"
#include "profiles/load_int.h"

bool hz_is_dotted_id(hz_slice text)
{
    return hz_load_is_dotted_id(text);
}

hz_status hz_beside_read(hz_buf *bytes, const char *path, const hz_limits *limits, hz_error *err)
{
    hz_status st = hz_file_read_all(bytes, path, limits->value[HZ_LIMIT_PROFILE_BYTES],
                                    hz_limit_name(HZ_LIMIT_PROFILE_BYTES), err);
    bool unread = st == HZ_E_IO || st == HZ_E_SOURCE || st == HZ_E_LIMIT || st == HZ_E_CHANGED;
    if (unread && err)
        err->status = HZ_E_PROFILE;
    return unread ? HZ_E_PROFILE : st;
}

/* The text in `arena`, where diags find it when what was loaded is gone. */
static hz_status keep_file(hz_text **out, hz_slice bytes, hz_slice path, hz_arena *arena, hz_error *err)
{
    *out = HZ_ARENA_NEW(arena, hz_text);
    if (!*out || hz_arena_copy(&(*out)->path, arena, path) != HZ_OK ||
        hz_arena_copy(&(*out)->bytes, arena, bytes) != HZ_OK)
        return hz_nomem(err, bytes.len);
    return hz_text_index(*out, arena, err);
}

hz_status hz_beside_open(const hz_yaml **root, uint8_t sha256[32], hz_slice bytes, hz_slice shown_path, hz_arena *arena,
                         const hz_limits *limits, hz_diags *diags, hz_error *err)
{
    hz_text *text;
    size_t errors = diags->errors_count;
    *root = NULL;
    HZ_TRY(hz_limit_check(limits, HZ_LIMIT_PROFILE_BYTES, bytes.len, err));
    HZ_TRY(keep_file(&text, bytes, shown_path, diags->arena, err));
    if (!hz_sha256_bytes(sha256, bytes))
        return hz_nomem(err, bytes.len);
    HZ_TRY(hz_yaml_parse(root, text, arena, limits, diags, err));
    if (diags->errors_count > errors)
        *root = NULL;
    return HZ_OK;
}

hz_status hz_beside_end(hz_status st, hz_diags *diags, size_t errors_before, hz_error *err)
{
    if (diags->no_memory)
        st = hz_nomem(err, sizeof(hz_diag));
    if (st == HZ_OK && (diags->errors_count > errors_before || diags->overflowed))
        st = HZ_E_PROFILE;
    hz_diags_sort(diags);
    return st;
}

/* id, or id@major: one of the profile's chain will do. */
static bool is_for(const hz_profile *profile, hz_slice said)
{
    const char *at = said.len ? memchr(said.ptr, '@', said.len) : NULL;
    hz_slice id = at ? hz_slice_sub(said, 0, (size_t)(at - said.ptr)) : said;
    hz_slice major = at ? hz_slice_sub(said, id.len + 1, said.len) : HZ_SLICE_NONE;
    for (size_t i = 0; i < profile->chain_count; i++) {
        const hz_profile *one = profile->chain[i];
        bool version = !at || (hz_slice_starts(one->version, major) && one->version.len > major.len &&
                               one->version.ptr[major.len] == '.');
        if (hz_slice_eq(one->id, id) && version)
            return true;
    }
    return false;
}

void hz_beside_head(hz_diags *diags, const hz_profile *profile, const hz_yaml *id, const hz_yaml *wanted,
                    hz_msg_id other)
{
    if (id && !hz_is_dotted_id(id->text))
        hz_diag_error(diags, id->span, HZ_MSG_NONE, HZ_M(PROFILE_DOTTED_ID), HZ_S(id->text));
    if (!wanted || is_for(profile, wanted->text))
        return;
    hz_buf own = HZ_BUF_INIT;
    hz_buf_printf(&own, "%.*s %.*s", HZ_SLICE_FMT(profile->id), HZ_SLICE_FMT(profile->version));
    hz_diag_error(diags, wanted->span, HZ_MSG_NONE, (hz_arg){.kind = HZ_ARG_MESSAGE, .message = other},
                  HZ_S(wanted->text), HZ_S(hz_buf_slice(&own)));
    hz_buf_clear(&own);
}

static hz_status unknown_table(hz_diags *diags, const hz_profile *profile, const hz_yaml *name, hz_error *err)
{
    hz_slice *names = hz_mem_zalloc(profile->tables_count + 1, sizeof *names);
    size_t count = 0;
    if (!names)
        return hz_nomem(err, profile->tables_count * sizeof *names);
    for (size_t i = 0; i < profile->tables_count; i++)
        if (!profile->tables[i].builtin && !profile->tables[i].included.len)
            names[count++] = profile->tables[i].name;
    hz_schema_unknown(diags, name->span, HZ_MSG_PROFILE_TABLE, name->text, names, count, HZ_SLICE_NONE);
    hz_mem_free(names);
    return HZ_OK;
}

hz_status hz_beside_table(const hz_table **out, hz_diags *diags, const hz_profile *profile, const hz_yaml *name,
                          hz_msg_id no_files, hz_error *err)
{
    *out = hz_profile_table(profile, name->text);
    if (!*out)
        return unknown_table(diags, profile, name, err);
    if ((*out)->builtin || (*out)->included.len) {
        hz_diag_error(diags, name->span, HZ_MSG_NONE, (hz_arg){.kind = HZ_ARG_MESSAGE, .message = no_files},
                      HZ_S((*out)->name));
        *out = NULL;
    }
    return HZ_OK;
}

hz_status hz_beside_is(bool *out, hz_slice *profile, const char *path, const char *key, const hz_limits *limits,
                       hz_arena *arena, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    hz_diags diags;
    hz_text text = {.path = hz_slice_of(path)};
    const hz_yaml *root = NULL;
    hz_arena *own = hz_arena_new();
    *out = false;
    *profile = HZ_SLICE_NONE;
    hz_status st = own ? hz_beside_read(&bytes, path, limits, err) : hz_nomem(err, sizeof text);
    if (st == HZ_OK) {
        hz_diags_init(&diags, own, 1);
        text.bytes = hz_buf_slice(&bytes);
        st = hz_yaml_parse(&root, &text, own, limits, &diags, err);
        bool map = st == HZ_OK && root && root->kind == HZ_YAML_MAP;
        const hz_yaml *wanted = map ? hz_yaml_get(root, "profile") : NULL;
        *out = map && hz_yaml_get(root, key);
        if (*out && wanted && wanted->kind == HZ_YAML_SCALAR && hz_arena_copy(profile, arena, wanted->text) != HZ_OK)
            st = hz_nomem(err, wanted->text.len);
        hz_diags_clear(&diags);
    }
    hz_buf_clear(&bytes);
    hz_arena_free(own);
    return st;
}
