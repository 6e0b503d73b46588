#include "validator/cli/stored.h"

const struct hz_verb_status hz_stored_statuses[6] = {{0, HZ_MSG_OPT_CHECK_STATUS_0},   {1, HZ_MSG_OPT_CHECK_STATUS_1},
                                                     {2, HZ_MSG_OPT_CHECK_STATUS_2},   {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                     {4, HZ_MSG_OPT_CERTIFY_STATUS_4}, {5, HZ_MSG_OPT_RENDER_STATUS_5}};

static hz_status read_words(hz_stored_job *j, const hz_stored_verb *verb)
{
    j->how.fail_on = hz_opts_value(j->opts, HZ_STORED_FAIL_ON);
    j->profile_name = hz_opts_value(j->opts, HZ_STORED_PROFILE);
    HZ_TRY(hz_opts_all(&j->trend, &j->trend_count, j->opts, HZ_STORED_TREND, j->arena, &j->err));
    HZ_TRY(verb->read(j));
    return hz_reports_read(&j->reports, j->opts, HZ_STORED_REPORT, hezhun_format, j->arena, &j->err);
}

static hezhun_status add_trend(hz_stored_job *j)
{
    return j->trend_count ? hezhun_result_trend(j->result, j->trend, j->trend_count, j->problem) : HEZHUN_OK;
}

static int work(hz_stored_job *j, const hz_stored_verb *verb)
{
    if (read_words(j, verb) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status = hz_context_of(&j->context, j->opts, HZ_STORED_LISTS, HZ_STORED_PROFILES, HZ_STORED_LIMIT,
                                    j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = hz_load_profile(&j->profile, j->context, j->profile_name, j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    if (verb->open(j) != HEZHUN_OK || add_trend(j) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    exit_status = hz_reports_of_result(&j->reports, j->result, &j->face, j->spoken,
                                       hz_opts_value(j->opts, HZ_STORED_COLOR), j->problem, j->lang);
    return exit_status == HZ_EXIT_OK ? hezhun_result_exit_status(j->result) : exit_status;
}

int hz_stored_run(const hz_stored_verb *verb, const hz_opts *opts, hz_lang lang)
{
    hz_stored_job j = {.opts = opts,
                       .lang = lang,
                       .arena = hz_arena_new(),
                       .problem = hezhun_error_new(),
                       .how = HEZHUN_STORED_OPTIONS_INIT,
                       .max_examples = -1,
                       .face = HEZHUN_RENDER_OPTIONS_INIT,
                       .spoken = lang};
    int exit_status = j.arena && j.problem ? work(&j, verb) : hz_say_problem(NULL, lang);
    hezhun_result_free(j.result);
    hezhun_profile_free(j.profile);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}
