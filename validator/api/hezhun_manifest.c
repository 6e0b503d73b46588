/* hezhun_manifest.c: the manifest of a submission that is checked, and one made of files. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/manifest.h"
#include <sys/stat.h>

/* A wrong manifest is a wrong submission, not a wrong profile. */
static hz_status load(hz_manifest **out, const char *path, const hezhun_profile *profile,
                      const hezhun_check_options *options, hz_error *err)
{
    const hezhun_context *context = profile->context;
    const hezhun_load_options told = {1, options->diagnostic, options->diagnostic_payload};
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    if (!arena)
        return hz_nomem(err, sizeof(void *));
    hz_diags_init(&diags, arena, (size_t)context->limits.value[HZ_LIMIT_DIAGNOSTICS]);
    hz_status st = hz_manifest_load(out, path, profile->profile, &context->limits, &diags, err);
    hz_status telling = hz_api_tell(&diags, context->lang, &told, err);
    if (st == HZ_E_PROFILE && diags.errors_count)
        st = hz_fail(err, HZ_E_SOURCE, HZ_M(API_MANIFEST_WRONG), HZ_Z(path), HZ_U(diags.errors_count));
    else if (st == HZ_E_PROFILE) {
        st = HZ_E_SOURCE;
        if (err)
            err->status = st;
    }
    hz_diags_clear(&diags);
    hz_arena_free(arena);
    return st == HZ_OK ? telling : st;
}

/* The one manifest of all folders that are named; "" without. */
static hz_status find(hz_buf *path, const hezhun_profile *profile, const hezhun_check_options *options, hz_error *err)
{
    hz_buf one = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (size_t i = 0; i < options->inputs_count; i++) {
        const hezhun_input *input = &options->inputs[i];
        struct stat info;
        if (input->table || stat(input->path, &info) != 0 || !S_ISDIR(info.st_mode))
            continue;
        HZ_GO(hz_manifest_in(&one, input->path, &profile->context->limits, err));
        if (one.len && path->len) {
            st = hz_fail(err, HZ_E_USAGE, HZ_M(API_MANIFESTS), HZ_S(hz_buf_slice(path)), HZ_S(hz_buf_slice(&one)));
            hz_error_hint(err, HZ_MSG_API_MANIFESTS_HINT);
            goto out;
        }
        hz_buf_put(path, hz_buf_slice(&one));
        HZ_GO(hz_buf_status(path, err));
    }
out:
    hz_buf_clear(&one);
    return st;
}

hz_status hz_api_manifest_take(hz_manifest **out, const hezhun_profile *profile, const hezhun_check_options *options,
                               hz_error *err)
{
    hz_buf path = HZ_BUF_INIT;
    *out = NULL;
    if (options->no_manifest)
        return HZ_OK;
    if (options->manifest)
        return load(out, options->manifest, profile, options, err);
    hz_status st = find(&path, profile, options, err);
    if (st == HZ_OK && path.len)
        st = load(out, path.ptr, profile, options, err);
    hz_buf_clear(&path);
    return st;
}

static hz_status make(hz_buf *out, const hezhun_context *context, const hezhun_manifest_options *options, hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    HZ_TRY(wanted(options->folder, "folder", err));
    const hz_manifest_options how = {.profile = options->profile ? options->profile->profile : NULL,
                                     .mapping = options->mapping ? options->mapping->mapping : NULL,
                                     .limits = &context->limits,
                                     .folder = options->folder,
                                     .id = options->id,
                                     .unit = options->unit,
                                     .period = options->period,
                                     .sm3 = options->sm3,
                                     .temp = options->temp,
                                     .cancel = options->cancel ? &options->cancel->flag : NULL};
    return hz_manifest_write(out, &how, err);
}

hezhun_status hezhun_manifest_make(hezhun_bytes *out, hezhun_context *context, const hezhun_manifest_options *options,
                                   hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf text = HZ_BUF_INIT;
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK ||
        wanted(options, "options", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_status st = make(&text, context, options, error);
    if (st == HZ_OK)
        *out = (hezhun_bytes){text.ptr, text.len}; /* moved */
    else
        hz_buf_clear(&text);
    return outer(st);
}
