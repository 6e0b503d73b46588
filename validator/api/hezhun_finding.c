/* hezhun_finding.c: the public interface over explain_steps: one finding of a report, evaluated again step by step. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/explain_steps.h"

typedef struct job {
    hz_arena *arena;
    hz_stored stored;
    hz_profile alone;
    hezhun_profile wrapped;
    hezhun_check_options how;
    hezhun_result *result;
} job;

static const char *copied(job *j, hz_slice text, hz_error *err)
{
    hz_slice out = HZ_SLICE_NONE;
    if (hz_arena_copy(&out, j->arena, text) != HZ_OK)
        (void)hz_nomem(err, text.len);
    return out.ptr;
}

/* The caller's words go before the report's. */
static hz_status take_setting(job *j, const hz_told *told, hz_error *err)
{
    size_t count = 0;
    for (const hz_jvalue *one = told->params ? told->params->first : NULL; one; one = one->next)
        count++;
    hezhun_param *params = HZ_ARENA_ARRAY(j->arena, hezhun_param, count + j->how.params_count + 1);
    if (!params)
        return hz_nomem(err, count * sizeof *params);
    count = 0;
    for (const hz_jvalue *one = told->params ? told->params->first : NULL; one; one = one->next)
        if (hz_jtrue(hz_jget(one, "given")) && hz_jis(hz_jget(one, "value"), HZ_JR_STRING)) {
            params[count].name = copied(j, hz_jtext(hz_jget(one, "name")), err);
            params[count].value = copied(j, hz_jtext(hz_jget(one, "value")), err);
            if (!params[count].name || !params[count].value)
                return HZ_E_NOMEM;
            count++;
        }
    for (size_t i = 0; i < j->how.params_count; i++)
        params[count++] = j->how.params[i];
    j->how.params = params;
    j->how.params_count = count;
    if (!j->how.as_of && told->as_of.len)
        j->how.as_of = copied(j, told->as_of, err);
    j->how.max_examples = (int64_t)(told->shown ? told->shown : 1);
    return HZ_OK;
}

static hz_status evaluate(job *j, const hezhun_profile *profile, hz_slice fingerprint, hz_error *err)
{
    hz_told told;
    HZ_TRY(hz_told_find(&told, &j->stored, fingerprint, err));
    const hz_rule *rule = hz_profile_rule(profile->profile, told.rule);
    if (!rule)
        return hz_fail(err, HZ_E_USAGE, HZ_M(STEPS_NO_RULE), HZ_S(told.rule), HZ_S(profile->profile->id));
    HZ_TRY(take_setting(j, &told, err));
    HZ_TRY(hz_steps_profile(&j->alone, profile->profile, rule, profile->context->lists, &profile->context->limits,
                            j->arena, err));
    j->wrapped = (hezhun_profile){&j->alone, profile->context};
    hezhun_error problem;
    hz_error_clear(&problem.error);
    hz_status st = (hz_status)hezhun_check(&j->result, &j->wrapped, &j->how, &problem);
    if (st != HZ_OK && err)
        *err = problem.error;
    return st;
}

static hz_status explain(hezhun_bytes *out, job *j, const hezhun_profile *profile, hz_slice fingerprint, bool reveal,
                         hz_lang lang, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    HZ_TRY(evaluate(j, profile, fingerprint, err));
    hz_status st = hz_steps_put(&text, j->result->result, &j->alone, fingerprint, reveal, lang, err);
    if (st == HZ_OK)
        st = hz_buf_status(&text, err);
    if (st == HZ_OK)
        *out = (hezhun_bytes){text.ptr, text.len}; /* moved */
    else
        hz_buf_clear(&text);
    return st;
}

hezhun_status hezhun_explain_finding(hezhun_bytes *out, const hezhun_profile *profile, const char *report,
                                     const char *fingerprint, const hezhun_check_options *options, bool reveal,
                                     hezhun_lang lang, hezhun_error *err)
{
    static const hezhun_check_options usual = HEZHUN_CHECK_OPTIONS_INIT;
    hz_error *error = inner(err);
    job j = {.arena = NULL, .stored = {.bytes = HZ_BUF_INIT}, .how = options ? *options : usual};
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK ||
        wanted(report, "report", error) != HZ_OK || wanted(fingerprint, "fingerprint", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    j.arena = hz_arena_new();
    hz_status st =
        j.arena ? hz_stored_open(&j.stored, report, &profile->context->limits, error) : hz_nomem(error, sizeof(void *));
    if (st == HZ_OK)
        st = explain(out, &j, profile, hz_slice_of(fingerprint), reveal, (hz_lang)lang, error);
    hezhun_result_free(j.result);
    hz_stored_close(&j.stored);
    hz_arena_free(j.arena);
    return outer(st);
}
