/* hezhun_pilot.c: the public interface over pilots, and over drafts from data. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/infer.h"
#include "validator/tasks/pilot.h"

struct hezhun_pilot {
    hz_pilot *pilot;
};

static void pass_progress(void *ctx, const hz_progress *progress)
{
    const hezhun_pilot_options *options = ctx;
    hezhun_progress told = {1, text_of(progress->table), progress->bytes_done, progress->bytes_total, progress->rows};
    options->progress(&told, options->payload);
}

static hz_status take_params(hz_given *out, const hezhun_pilot_options *options, hz_error *err)
{
    for (size_t i = 0; i < options->params_count; i++) {
        HZ_TRY(wanted(options->params[i].name, "params.name", err));
        HZ_TRY(wanted(options->params[i].value, "params.value", err));
        out[i] = (hz_given){hz_slice_of(options->params[i].name), hz_slice_of(options->params[i].value)};
    }
    return HZ_OK;
}

static hz_status run(hz_pilot **out, const hezhun_profile *baseline, const hezhun_profile *draft,
                     const hezhun_pilot_options *options, hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    hezhun_pilot_options copy = *options;
    hz_pilot_options how = {.profiles = {baseline->profile, draft->profile},
                            .lists = draft->context->lists,
                            .limits = &draft->context->limits,
                            .cancel = options->cancel ? &options->cancel->flag : NULL,
                            .submissions = options->submissions,
                            .submissions_count = options->submissions_count,
                            .params_count = options->params_count,
                            .has_as_of = options->as_of != NULL,
                            .threads = options->threads,
                            .memory_bytes = options->memory_bytes,
                            .temp = options->temp,
                            .sample = options->sample,
                            .seed = options->seed,
                            .reviewed = options->reviewed,
                            .vendors = options->vendors,
                            .changes = options->changes,
                            .lang = options->lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH,
                            .reveal = options->reveal,
                            .progress = options->progress ? pass_progress : NULL,
                            .progress_ctx = &copy};
    for (size_t i = 0; i < options->submissions_count; i++)
        HZ_TRY(wanted(options->submissions[i], "submissions", err));
    if (!options->submissions_count)
        return wanted(NULL, "submissions", err);
    if (options->as_of)
        HZ_TRY(hz_api_day(&how.as_of, options->as_of, err));
    hz_given *params = hz_mem_zalloc(options->params_count + 1, sizeof *params);
    hz_status st = params ? take_params(params, options, err) : hz_nomem(err, options->params_count * sizeof *params);
    how.params = params;
    if (st == HZ_OK)
        st = hz_pilot_run(out, &how, err);
    hz_mem_free(params);
    return st;
}

hezhun_status hezhun_pilot_run(hezhun_pilot **out, const hezhun_profile *baseline, const hezhun_profile *draft,
                               const hezhun_pilot_options *options, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(baseline, "baseline", error) != HZ_OK ||
        wanted(draft, "draft", error) != HZ_OK || wanted(options, "options", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_pilot *pilot = hz_mem_zalloc(1, sizeof *pilot);
    if (!pilot)
        return outer(hz_nomem(error, sizeof *pilot));
    hz_status st = run(&pilot->pilot, baseline, draft, options, error);
    if (st == HZ_OK)
        *out = pilot;
    else
        hezhun_pilot_free(pilot);
    return outer(st);
}

void hezhun_pilot_free(hezhun_pilot *pilot)
{
    if (!pilot)
        return;
    hz_pilot_free(pilot->pilot);
    hz_mem_free(pilot);
}

uint64_t hezhun_pilot_unread(const hezhun_pilot *pilot)
{
    return pilot->pilot->submissions_count - pilot->pilot->read_count;
}

hezhun_text hezhun_pilot_sheet(const hezhun_pilot *pilot)
{
    return text_of(pilot->pilot->sheet);
}

const char *hezhun_pilot_format(size_t index)
{
    return index < HZ_PILOT_FORMATS ? hz_pilot_format_name((hz_pilot_format)index) : NULL;
}

hezhun_status hezhun_pilot_render(hezhun_bytes *out, const hezhun_pilot *pilot, const char *format, hezhun_lang lang,
                                  hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf bytes = HZ_BUF_INIT;
    unsigned which = 0;
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(pilot, "pilot", error) != HZ_OK ||
        wanted(format, "format", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    while (which < HZ_PILOT_FORMATS && !hz_slice_is(hz_slice_of(hz_pilot_format_name((hz_pilot_format)which)), format))
        which++;
    if (which == HZ_PILOT_FORMATS)
        return outer(
            hz_fail(error, HZ_E_USAGE, HZ_M(API_FORMAT), HZ_Z(format), HZ_S(HZ_SLICE_NONE), HZ_Z("text json html")));
    hz_status st = hz_pilot_render(&bytes, (hz_pilot_format)which, pilot->pilot,
                                   lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH, error);
    if (st == HZ_OK)
        *out = (hezhun_bytes){bytes.ptr, bytes.len}; /* moved */
    else
        hz_buf_clear(&bytes);
    return outer(st);
}

/* ---- a profile from data ---- */

static hz_status infer(hz_buf *out, const hezhun_context *context, const hezhun_infer_options *options, hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    const hz_infer_options how = {.paths = options->paths,
                                  .paths_count = options->paths_count,
                                  .id = options->id,
                                  .limits = &context->limits,
                                  .cancel = options->cancel ? &options->cancel->flag : NULL,
                                  .threads = options->threads,
                                  .memory_bytes = options->memory_bytes,
                                  .temp = options->temp,
                                  .lang = options->lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH};
    for (size_t i = 0; i < options->paths_count; i++)
        HZ_TRY(wanted(options->paths[i], "paths", err));
    return options->paths_count ? hz_infer(out, &how, err) : wanted(NULL, "paths", err);
}

hezhun_status hezhun_infer(hezhun_bytes *out, hezhun_context *context, const hezhun_infer_options *options,
                           hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf bytes = HZ_BUF_INIT;
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK ||
        wanted(options, "options", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_status st = infer(&bytes, context, options, error);
    if (st == HZ_OK)
        *out = (hezhun_bytes){bytes.ptr, bytes.len}; /* moved */
    else
        hz_buf_clear(&bytes);
    return outer(st);
}
