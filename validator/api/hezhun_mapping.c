/* hezhun_mapping.c: mappings, loaded and held to a profile; which files are mappings or manifests. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/suggest.h"

static hz_status load(hezhun_mapping *mapping, const hezhun_profile *profile, const char *path,
                      const hezhun_load_options *options, hz_diags *diags, hz_error *err)
{
    const hezhun_context *context = profile->context;
    hz_error own = {0};
    HZ_TRY(version_known(options->version, err));
    hz_status st =
        hz_mapping_load(&mapping->mapping, path, profile->profile, &context->limits, diags, err ? err : &own);
    HZ_TRY(hz_api_tell(diags, context->lang, options, err));
    if (st == HZ_E_PROFILE && diags->errors_count)
        return hz_fail(err, st, HZ_M(API_MAPPING_WRONG), HZ_Z(path), HZ_U(diags->errors_count));
    return st;
}

hezhun_status hezhun_mapping_load(hezhun_mapping **out, const hezhun_profile *profile, const char *path,
                                  const hezhun_load_options *options, hezhun_error *err)
{
    static const hezhun_load_options usual = HEZHUN_LOAD_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK ||
        wanted(path, "path", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_arena *arena = hz_arena_new();
    hezhun_mapping *mapping = hz_mem_zalloc(1, sizeof *mapping);
    hz_status st = arena && mapping ? HZ_OK : hz_nomem(error, sizeof *mapping);
    if (st == HZ_OK) {
        hz_diags diags;
        hz_diags_init(&diags, arena, (size_t)profile->context->limits.value[HZ_LIMIT_DIAGNOSTICS]);
        st = load(mapping, profile, path, options ? options : &usual, &diags, error);
        hz_diags_clear(&diags);
    }
    hz_arena_free(arena);
    if (st == HZ_OK)
        *out = mapping;
    else
        hezhun_mapping_free(mapping);
    return outer(st);
}

void hezhun_mapping_free(hezhun_mapping *mapping)
{
    if (!mapping)
        return;
    hz_mapping_free(mapping->mapping);
    hz_mem_free(mapping);
}

typedef hz_status is_one(bool *out, hz_slice *profile, const char *path, const hz_limits *limits, hz_arena *arena,
                         hz_error *err);

static hezhun_status is(bool *out, char *profile, size_t room, hezhun_context *context, const char *path, is_one *kind,
                        hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_slice said;
    if (out)
        *out = false;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK ||
        wanted(path, "path", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_arena *arena = hz_arena_new();
    hz_status st = arena ? kind(out, &said, path, &context->limits, arena, error) : hz_nomem(error, room);
    if (st == HZ_OK && room) {
        size_t len = said.len < room ? said.len : room - 1;
        memcpy(profile, said.ptr ? said.ptr : "", len);
        profile[len] = '\0';
    }
    hz_arena_free(arena);
    return outer(st);
}

hezhun_status hezhun_mapping_is(bool *out, char *profile, size_t room, hezhun_context *context, const char *path,
                                hezhun_error *err)
{
    return is(out, profile, room, context, path, hz_mapping_is, err);
}

hezhun_status hezhun_manifest_is(bool *out, char *profile, size_t room, hezhun_context *context, const char *path,
                                 hezhun_error *err)
{
    return is(out, profile, room, context, path, hz_manifest_is, err);
}

static hz_status suggest(hz_buf *out, const hezhun_profile *profile, const hezhun_suggest_options *options,
                         hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    const hz_suggest_options how = {.profile = profile->profile,
                                    .lists = profile->context->lists,
                                    .paths = options->paths,
                                    .paths_count = options->paths_count,
                                    .id = options->id,
                                    .limits = &profile->context->limits,
                                    .cancel = options->cancel ? &options->cancel->flag : NULL,
                                    .temp = options->temp,
                                    .lang = options->lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH};
    for (size_t i = 0; i < options->paths_count; i++)
        HZ_TRY(wanted(options->paths[i], "paths", err));
    return hz_suggest(out, &how, err);
}

hezhun_status hezhun_mapping_suggest(hezhun_bytes *out, const hezhun_profile *profile,
                                     const hezhun_suggest_options *options, hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf text = HZ_BUF_INIT;
    if (out)
        *out = (hezhun_bytes){NULL, 0};
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK ||
        wanted(options, "options", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_status st = suggest(&text, profile, options, error);
    if (st == HZ_OK)
        *out = (hezhun_bytes){text.ptr, text.len}; /* moved */
    else
        hz_buf_clear(&text);
    return outer(st);
}
