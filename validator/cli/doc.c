/* doc.c: a profile written down for people. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_REPORT = 1, OPT_LISTS, OPT_PROFILES, OPT_LIMIT };

static const hz_option options[] = {
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT_DOC, hezhun_doc_format},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_DOC_STATUS_0},
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
    hezhun_profile **profiles;
    size_t profiles_count;
} job;

static int load_one(job *j, const char *name)
{
    int exit_status = hz_load_profile(&j->profiles[j->profiles_count], j->context, name, j->problem, j->lang);
    j->profiles_count += exit_status == HZ_EXIT_OK;
    return exit_status;
}

static hezhun_status render(hezhun_bytes *out, const char *format, hezhun_lang lang, bool terminal, void *ctx)
{
    job *j = ctx;
    (void)terminal;
    const hezhun_profile **profiles = HZ_ARENA_ARRAY(j->arena, const hezhun_profile *, j->profiles_count + 1);
    for (size_t i = 0; profiles && i < j->profiles_count; i++)
        profiles[i] = j->profiles[i];
    return profiles ? hezhun_doc(out, profiles, j->profiles_count, format, lang, j->problem) : HEZHUN_E_NOMEM;
}

/* A document of some of the profiles would be taken for one of all: nothing is written after a mistake. */
static int write_all(job *j)
{
    j->profiles = HZ_ARENA_ARRAY(j->arena, hezhun_profile *, j->opts->operands_count + 1);
    if (!j->profiles)
        return hz_say_problem(NULL, j->lang);
    if (hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_doc_format, j->arena, &j->err) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    for (size_t i = 0; j->context && i < j->opts->operands_count; i++) {
        int one = load_one(j, j->opts->operands[i]);
        exit_status = one > exit_status ? one : exit_status;
    }
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    return hz_reports_write(&j->reports, render, j, hz_opts_has(j->opts, HZ_OPT_LANG), j->problem, j->lang);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? write_all(&j) : hz_say_problem(NULL, lang);
    for (size_t i = 0; i < j.profiles_count; i++)
        hezhun_profile_free(j.profiles[i]);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_doc = {"doc",
                             HZ_MSG_OPT_DOC,
                             HZ_MSG_OPT_DOC_USAGE,
                             options,
                             sizeof options / sizeof *options,
                             HZ_MSG_OPT_DOC_OPERANDS,
                             1,
                             SIZE_MAX,
                             statuses,
                             sizeof statuses / sizeof *statuses,
                             run};
