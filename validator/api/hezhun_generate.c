/* hezhun_generate.c: the public interface over generate. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/generate.h"

struct hezhun_generated {
    hz_gen *gen;
    hz_buf note;
};

static hz_status read_counts(hz_gen_options *how, const hezhun_generate_options *options, hz_gen_defect *defects,
                             hz_given *params, hz_error *err)
{
    for (size_t i = 0; i < options->defects_count; i++) {
        HZ_TRY(wanted(options->defects[i].rule, "defects.rule", err));
        defects[i] = (hz_gen_defect){hz_slice_of(options->defects[i].rule), options->defects[i].count};
    }
    for (size_t i = 0; i < options->params_count; i++) {
        HZ_TRY(wanted(options->params[i].name, "params.name", err));
        HZ_TRY(wanted(options->params[i].value, "params.value", err));
        params[i] = (hz_given){hz_slice_of(options->params[i].name), hz_slice_of(options->params[i].value)};
    }
    if (options->defects_rate &&
        (!hz_decimal_parse(&how->defects_rate, hz_slice_of(options->defects_rate)) || how->defects_rate.coef < 0 ||
         hz_decimal_cmp(how->defects_rate, hz_decimal_of(1)) > 0))
        return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_RATE), HZ_Z(options->defects_rate));
    if (options->periods < 1 || options->periods > HZ_PERIODS_MAX)
        return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_PERIODS), HZ_I(HZ_PERIODS_MAX));
    if (options->as_of)
        HZ_TRY(hz_api_day(&how->as_of, options->as_of, err));
    return wanted(options->folder, "folder", err);
}

static hz_status generate(hz_gen **out, const hezhun_profile *profile, const hezhun_generate_options *options,
                          hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    hz_gen_options how = {.profile = profile->profile,
                          .lists = profile->context->lists,
                          .limits = &profile->context->limits,
                          .cancel = options->cancel ? &options->cancel->flag : NULL,
                          .params_count = options->params_count,
                          .has_as_of = options->as_of != NULL,
                          .rows = {hz_slice_of(options->table), options->rows},
                          .seed = options->seed,
                          .defects_count = options->defects_count,
                          .region = hz_slice_of(options->region),
                          .periods = options->periods,
                          .folder = options->folder,
                          .answers = options->answers,
                          .threads = options->threads};
    hz_gen_defect *defects = hz_mem_zalloc(options->defects_count + 1, sizeof *defects);
    hz_given *params = hz_mem_zalloc(options->params_count + 1, sizeof *params);
    hz_status st = defects && params ? HZ_OK : hz_nomem(err, options->defects_count * sizeof *defects);
    if (st == HZ_OK)
        st = read_counts(&how, options, defects, params, err);
    how.defects = defects;
    how.params = params;
    if (st == HZ_OK)
        st = hz_gen_run(out, &how, err);
    hz_mem_free(defects);
    hz_mem_free(params);
    return st;
}

hezhun_status hezhun_generate(hezhun_generated **out, const hezhun_profile *profile,
                              const hezhun_generate_options *options, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK ||
        wanted(options, "options", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_generated *generated = hz_mem_zalloc(1, sizeof *generated);
    if (!generated)
        return outer(hz_nomem(error, sizeof *generated));
    hz_status st = generate(&generated->gen, profile, options, error);
    *out = generated;
    return outer(st);
}

void hezhun_generated_free(hezhun_generated *generated)
{
    if (!generated)
        return;
    hz_gen_free(generated->gen);
    hz_buf_clear(&generated->note);
    hz_mem_free(generated);
}

void hezhun_generated_counts(const hezhun_generated *generated, hezhun_generated_count *out)
{
    static const hezhun_generated_count none = {{NULL, 0}, 0, 0, 0, 0, false};
    const hz_gen *gen = generated->gen;
    *out = none;
    if (!gen)
        return;
    *out = (hezhun_generated_count){.table = gen->counted ? text_of(gen->counted->name) : none.table,
                                    .counted_rows = gen->counted_rows,
                                    .rows = gen->rows,
                                    .bytes = gen->bytes,
                                    .defects = gen->defects};
    for (size_t i = 0; i < gen->misses_count; i++)
        out->short_of_defects = out->short_of_defects || gen->misses[i].asked;
}

const char *hezhun_generated_note(hezhun_generated *generated, size_t index, hezhun_lang lang)
{
    const hz_gen *gen = generated->gen;
    hz_lang in = lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH;
    if (!gen || index >= gen->misses_count + gen->left_out_count)
        return NULL;
    hz_buf_reset(&generated->note);
    if (index < gen->misses_count) {
        const hz_gen_miss *miss = &gen->misses[index];
        hz_buf count = HZ_BUF_INIT;
        hz_buf_put_u64(&count, miss->rows);
        static const hz_msg_id texts[HZ_GEN_WHY_COUNT] = {[HZ_GEN_WHY_ROWS] = HZ_MSG_GEN_MISS,
                                                          [HZ_GEN_WHY_NO_WAY] = HZ_MSG_GEN_MISS_PLANT,
                                                          [HZ_GEN_WHY_FILE] = HZ_MSG_GEN_MISS_FILE,
                                                          [HZ_GEN_WHY_TABLE] = HZ_MSG_GEN_MISS_TABLE,
                                                          [HZ_GEN_WHY_PERIOD] = HZ_MSG_GEN_MISS_PERIOD,
                                                          [HZ_GEN_WHY_DAY] = HZ_MSG_GEN_MISS_DAY,
                                                          [HZ_GEN_WHY_MEASURE] = HZ_MSG_GEN_MISS_MEASURE,
                                                          [HZ_GEN_WHY_ROOM] = HZ_MSG_GEN_MISS_ROOM,
                                                          [HZ_GEN_WHY_GROUP] = HZ_MSG_GEN_MISS_GROUP,
                                                          [HZ_GEN_WHY_MOVED] = HZ_MSG_GEN_MOVED};
        hz_slice args[2] = {miss->rules, hz_buf_slice(&count)};
        hz_msg_render(&generated->note, texts[miss->why], args, 2, in);
        hz_buf_clear(&count);
    } else {
        hz_slice args[2] = {gen->left_out[index - gen->misses_count]->name,
                            gen->counted ? gen->counted->name : HZ_SLICE_NONE};
        hz_msg_render(&generated->note, HZ_MSG_GEN_LEFT_OUT, args, 2, in);
    }
    return generated->note.ptr;
}
