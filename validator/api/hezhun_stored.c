/* hezhun_stored.c: the public interface over stored reports. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/engine/engine.h"
#include "validator/tasks/rebuild.h"

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

hezhun_lang hezhun_result_lang(const hezhun_result *result)
{
    return result->stored && hz_stored_lang(result->stored) == HZ_LANG_EN ? HEZHUN_EN : HEZHUN_ZH;
}
