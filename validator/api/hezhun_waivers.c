/* hezhun_waivers.c: the files of waivers that a check is given. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"

static hz_status load_waivers(hz_waiver_file *out, const char *path, const hezhun_profile *profile,
                              const hezhun_check_options *options, hz_error *err)
{
    const hezhun_context *context = profile->context;
    const hezhun_load_options told = {1, options->diagnostic, options->diagnostic_payload};
    const hz_load load = {context->lists, &context->limits, context->profiles_dir};
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    if (!arena)
        return hz_nomem(err, sizeof(void *));
    hz_diags_init(&diags, arena, (size_t)context->limits.value[HZ_LIMIT_DIAGNOSTICS]);
    hz_status st = hz_waiver_file_load(out, path, profile->profile, &load, &diags, err);
    hz_status telling = hz_api_tell(&diags, context->lang, &told, err);
    if (st == HZ_E_PROFILE && diags.errors_count)
        st = hz_fail(err, st, HZ_M(API_WAIVERS_WRONG), HZ_Z(path), HZ_U(diags.errors_count));
    hz_diags_clear(&diags);
    hz_arena_free(arena);
    return st == HZ_OK ? telling : st;
}

/* An id that stands in two files would be two waivers of one name. */
static hz_status join_waivers(hz_api_waivers *in, const hezhun_check_options *options, hz_error *err)
{
    size_t count = 0;
    for (size_t f = 0; f < options->waivers_count; f++)
        count += in->files[f].waivers_count;
    in->all = hz_mem_zalloc(count + 1, sizeof *in->all);
    if (!in->all)
        return hz_nomem(err, count * sizeof *in->all);
    for (size_t f = 0; f < options->waivers_count; f++)
        for (size_t i = 0; i < in->files[f].waivers_count; i++) {
            const hz_waiver *one = &in->files[f].waivers[i];
            for (size_t k = 0; k < in->count; k++)
                if (hz_slice_eq(in->all[k].id, one->id))
                    return hz_fail(err, HZ_E_USAGE, HZ_M(WAIVER_TWO_FILES), HZ_S(one->id), HZ_S(in->all[k].file),
                                   HZ_S(one->file));
            in->all[in->count++] = *one;
        }
    return HZ_OK;
}

hz_status hz_api_waivers_take(hz_api_waivers *in, const hezhun_profile *profile, const hezhun_check_options *options,
                              hz_error *err)
{
    in->files = hz_mem_zalloc(options->waivers_count + 1, sizeof *in->files);
    if (!in->files)
        return hz_nomem(err, options->waivers_count * sizeof *in->files);
    in->files_count = options->waivers_count;
    for (size_t f = 0; f < options->waivers_count; f++)
        HZ_TRY(load_waivers(&in->files[f], options->waivers[f], profile, options, err));
    return join_waivers(in, options, err);
}

void hz_api_waivers_clear(hz_api_waivers *in)
{
    for (size_t f = 0; f < in->files_count; f++)
        hz_waiver_file_clear(&in->files[f]);
    hz_mem_free(in->files);
    hz_mem_free(in->all);
}
