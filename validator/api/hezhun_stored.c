/* hezhun_stored.c: the public interface over stored reports. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/engine/engine.h"
#include "validator/tasks/merge.h"
#include "validator/tasks/rebuild.h"
#include "validator/tasks/trend.h"

/* --fail-on new says nothing where nothing was compared. */
static hz_status compared(const hezhun_result *result, hz_error *err)
{
    return result->fail_on.fresh && !result->result->baseline ? hz_fail(err, HZ_E_USAGE, HZ_M(API_FAIL_ON_NEW)) : HZ_OK;
}

static hz_status open_result(hezhun_result *result, const hezhun_profile *profile, const char *path,
                             const hezhun_stored_options *options, hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    result->limits = profile->context->limits;
    HZ_TRY(hz_api_fail_on(&result->fail_on, options->fail_on, profile->profile, err));
    result->stored = hz_mem_zalloc(1, sizeof *result->stored);
    if (!result->stored)
        return hz_nomem(err, sizeof *result->stored);
    HZ_TRY(hz_stored_open(result->stored, path, &profile->context->limits, err));
    HZ_TRY(
        hz_rebuild(&result->result, result->stored, profile->profile, profile->context->lists, options->regrade, err));
    HZ_TRY(compared(result, err));
    result->revealed = hz_stored_reveal(result->stored);
    result->no_run = !result->stored->run;
    return hz_api_keep_score(result, err);
}

hezhun_status hezhun_result_open(hezhun_result **out, const hezhun_profile *profile, const char *path,
                                 const hezhun_stored_options *options, hezhun_error *err)
{
    static const hezhun_stored_options usual = HEZHUN_STORED_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK ||
        wanted(path, "path", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_result *result = hz_mem_zalloc(1, sizeof *result);
    if (!result)
        return outer(hz_nomem(error, sizeof *result));
    hz_status st = open_result(result, profile, path, options ? options : &usual, error);
    if (st == HZ_OK)
        *out = result;
    else
        hezhun_result_free(result);
    return outer(st);
}

static hz_status merge(hezhun_result *result, const hezhun_profile *profile, const char *const *paths, size_t count,
                       int64_t max_examples, const hezhun_stored_options *options, hz_error *err)
{
    hz_merge_options how = {.profile = profile->profile,
                            .lists = profile->context->lists,
                            .limits = &result->limits,
                            .parts = paths,
                            .parts_count = count,
                            .keys = options->key_digests,
                            .keys_count = options->key_digests_count,
                            .collisions = options->collisions};
    HZ_TRY(version_known(options->version, err));
    for (size_t i = 0; i < count; i++)
        HZ_TRY(wanted(paths[i], "paths", err));
    result->limits = profile->context->limits;
    if (max_examples >= 0)
        HZ_TRY(
            hz_limits_set(&result->limits, hz_slice_of(hz_limit_name(HZ_LIMIT_EXAMPLES)), (uint64_t)max_examples, err));
    HZ_TRY(hz_api_fail_on(&result->fail_on, options->fail_on, profile->profile, err));
    HZ_TRY(hz_merge(&result->result, &how, err));
    HZ_TRY(compared(result, err));
    result->no_run = true;
    return hz_api_keep_score(result, err);
}

hezhun_status hezhun_merge(hezhun_result **out, const hezhun_profile *profile, const char *const *paths, size_t count,
                           int64_t max_examples, const hezhun_stored_options *options, hezhun_error *err)
{
    static const hezhun_stored_options usual = HEZHUN_STORED_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK ||
        (count && wanted(paths, "paths", error) != HZ_OK))
        return HEZHUN_E_USAGE;
    hezhun_result *result = hz_mem_zalloc(1, sizeof *result);
    if (!result)
        return outer(hz_nomem(error, sizeof *result));
    hz_status st = merge(result, profile, paths, count, max_examples, options ? options : &usual, error);
    if (st == HZ_OK)
        *out = result;
    else
        hezhun_result_free(result);
    return outer(st);
}

hezhun_status hezhun_result_trend(hezhun_result *result, const char *const *paths, size_t count, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (wanted(result, "result", error) != HZ_OK || (count && wanted(paths, "paths", error) != HZ_OK))
        return HEZHUN_E_USAGE;
    for (size_t i = 0; i < count; i++)
        if (wanted(paths[i], "paths", error) != HZ_OK)
            return HEZHUN_E_USAGE;
    return outer(hz_trend_add(result->result, paths, count, result->stored, &result->limits, error));
}

hezhun_lang hezhun_result_lang(const hezhun_result *result)
{
    return result->stored && hz_stored_lang(result->stored) == HZ_LANG_EN ? HEZHUN_EN : HEZHUN_ZH;
}
