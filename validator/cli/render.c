/* render.c: a stored report in other formats, or graded by another profile. */
#include "validator/cli/stored.h"

enum { OPT_REGRADE = HZ_STORED_OWN, OPT_REPRODUCIBLE };

static const hz_option options[] = {
    HZ_STORED_OPTION_PROFILE,
    {OPT_REGRADE, "regrade", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_REGRADE, NULL},
    HZ_STORED_OPTIONS_REPORT,
    {OPT_REPRODUCIBLE, "reproducible", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_REPRODUCIBLE, NULL},
    HZ_STORED_OPTIONS_REST,
};

static hz_status read_words(hz_stored_job *j)
{
    const char *other = hz_opts_value(j->opts, OPT_REGRADE);
    if (!j->profile_name == !other) {
        hz_status st = hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_RENDER_PROFILE));
        hz_error_hint(&j->err, HZ_MSG_CLI_RENDER_PROFILE_HINT);
        return st;
    }
    j->how.regrade = other != NULL;
    j->profile_name = other ? other : j->profile_name;
    return HZ_OK;
}

/* In the language of its messages, unless --lang says otherwise. */
static hezhun_status render(hz_stored_job *j)
{
    hezhun_status st = hezhun_result_open(&j->result, j->profile, j->opts->operands[0], &j->how, j->problem);
    if (st != HEZHUN_OK)
        return st;
    j->face.lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : hezhun_result_lang(j->result);
    j->face.reproducible = hz_opts_has(j->opts, OPT_REPRODUCIBLE);
    j->spoken = (hz_lang)j->face.lang;
    return HEZHUN_OK;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    static const hz_stored_verb verb = {read_words, render};
    return hz_stored_run(&verb, opts, lang);
}

const hz_verb hz_verb_render = {"render",
                                HZ_MSG_OPT_RENDER,
                                HZ_MSG_OPT_RENDER_USAGE,
                                options,
                                sizeof options / sizeof *options,
                                HZ_MSG_OPT_RENDER_OPERANDS,
                                1,
                                1,
                                hz_stored_statuses,
                                sizeof hz_stored_statuses / sizeof *hz_stored_statuses,
                                run};
