/* diff.c: what changed between two versions of a profile. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_REPORT = 1, OPT_EXIT_CODE, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, OPT_DEEP };

static const hz_option options[] = {
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_diff_format},
    {OPT_EXIT_CODE, "exit-code", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_DIFF_EXIT_CODE, NULL},
    {OPT_DEEP, "deep", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_DIFF_DEEP, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_DIFF_STATUS_0},
                                                 {1, HZ_MSG_OPT_DIFF_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {5, HZ_MSG_OPT_LINT_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hz_reports reports;
    hezhun_context *context;
    hezhun_profile *before, *after;
    hezhun_diff *diff;
} job;

static hezhun_status render(hezhun_bytes *out, const char *format, hezhun_lang lang, bool terminal, void *ctx)
{
    job *j = ctx;
    (void)terminal;
    return hezhun_diff_render(out, j->diff, format, lang, j->problem);
}

/* Mistakes of both profiles are told. */
static int load_both(job *j)
{
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (!j->context)
        return exit_status;
    int before = hz_load_profile(&j->before, j->context, j->opts->operands[0], j->problem, j->lang);
    int after = hz_load_profile(&j->after, j->context, j->opts->operands[1], j->problem, j->lang);
    return before > after ? before : after;
}

static hezhun_status run_diff(job *j)
{
    return hz_opts_has(j->opts, OPT_DEEP) ? hezhun_diff_deep(&j->diff, j->before, j->after, j->problem)
                                          : hezhun_diff_run(&j->diff, j->before, j->after, j->problem);
}

static int compare(job *j)
{
    if (hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_diff_format, j->arena, &j->err) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status = load_both(j);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    if (run_diff(j) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    exit_status = hz_reports_write(&j->reports, render, j, hz_opts_has(j->opts, HZ_OPT_LANG), j->problem, j->lang);
    bool told = hz_opts_has(j->opts, OPT_EXIT_CODE) && hezhun_diff_count(j->diff) > 0;
    return exit_status == HZ_EXIT_OK && told ? HZ_EXIT_NOT_CONFORMANT : exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? compare(&j) : hz_say_problem(NULL, lang);
    hezhun_diff_free(j.diff);
    hezhun_profile_free(j.before);
    hezhun_profile_free(j.after);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_diff = {"diff",
                              HZ_MSG_OPT_DIFF,
                              HZ_MSG_OPT_DIFF_USAGE,
                              options,
                              sizeof options / sizeof *options,
                              HZ_MSG_OPT_DIFF_OPERANDS,
                              2,
                              2,
                              statuses,
                              sizeof statuses / sizeof *statuses,
                              run};
