/* merge.c: reports of parts become one. */
#include "validator/cli/verbs.h"

enum {
    OPT_PROFILE = 1,
    OPT_MAX_EXAMPLES,
    OPT_KEY_DIGESTS,
    OPT_COLLISIONS,
    OPT_REPORT,
    OPT_FAIL_ON,
    OPT_COLOR,
    OPT_LISTS,
    OPT_PROFILES,
    OPT_LIMIT
};

static const hz_option options[] = {
    {OPT_PROFILE, "profile", 'p', false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_RENDER_PROFILE, NULL},
    {OPT_MAX_EXAMPLES, "max-examples", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_MAX_EXAMPLES, NULL},
    {OPT_KEY_DIGESTS, "key-digests", 0, true, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_MERGE_KEYS, NULL},
    {OPT_COLLISIONS, "collisions", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_MERGE_COLLISIONS, NULL},
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_format},
    {OPT_FAIL_ON, "fail-on", 0, false, HZ_MSG_OPT_V_FAIL_ON, NULL, HZ_MSG_OPT_FAIL_ON, NULL},
    {OPT_COLOR, "color", 0, false, HZ_MSG_OPT_V_WHEN, hz_color_words, HZ_MSG_OPT_COLOR, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_CHECK_STATUS_0},   {1, HZ_MSG_OPT_CHECK_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},   {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {4, HZ_MSG_OPT_CERTIFY_STATUS_4}, {5, HZ_MSG_OPT_RENDER_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hz_reports reports;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_result *result;
    int64_t max_examples;
} job;

/* Text on standard output speaks the terminal's language; every other report --lang, else zh. */
static int write_reports(job *j)
{
    hezhun_render_options how = HEZHUN_RENDER_OPTIONS_INIT;
    how.lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : HEZHUN_ZH;
    return hz_reports_of_result(&j->reports, j->result, &how, j->lang, hz_opts_value(j->opts, OPT_COLOR), j->problem,
                                j->lang);
}

static hz_status read_words(job *j)
{
    uint64_t n;
    if (!hz_opts_has(j->opts, OPT_PROFILE)) {
        hz_status st = hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_NO_PROFILE));
        hz_error_hint(&j->err, HZ_MSG_CLI_NO_PROFILE_HINT);
        return st;
    }
    j->max_examples = -1;
    if (hz_opts_has(j->opts, OPT_MAX_EXAMPLES)) {
        HZ_TRY(hz_opt_number(&n, hz_verb_option(j->opts->verb, OPT_MAX_EXAMPLES),
                             hz_opts_value(j->opts, OPT_MAX_EXAMPLES), &j->err));
        j->max_examples = n > INT64_MAX ? INT64_MAX : (int64_t)n;
    }
    return hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_format, j->arena, &j->err);
}

static int work(job *j)
{
    hezhun_stored_options how = HEZHUN_STORED_OPTIONS_INIT;
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    how.fail_on = hz_opts_value(j->opts, OPT_FAIL_ON);
    how.collisions = hz_opts_value(j->opts, OPT_COLLISIONS);
    if (hz_opts_all(&how.key_digests, &how.key_digests_count, j->opts, OPT_KEY_DIGESTS, j->arena, &j->err) != HZ_OK)
        return hz_say_error(&j->err, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status =
            hz_load_profile(&j->profile, j->context, hz_opts_value(j->opts, OPT_PROFILE), j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    if (hezhun_merge(&j->result, j->profile, j->opts->operands, j->opts->operands_count, j->max_examples, &how,
                     j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    exit_status = write_reports(j);
    return exit_status == HZ_EXIT_OK ? hezhun_result_exit_status(j->result) : exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? work(&j) : hz_say_problem(NULL, lang);
    hezhun_result_free(j.result);
    hezhun_profile_free(j.profile);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_merge = {"merge",
                               HZ_MSG_OPT_MERGE,
                               HZ_MSG_OPT_MERGE_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_OPT_MERGE_OPERANDS,
                               1,
                               SIZE_MAX,
                               statuses,
                               sizeof statuses / sizeof *statuses,
                               run};
