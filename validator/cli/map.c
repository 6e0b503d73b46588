/* map.c: a first draft of a mapping from data. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_SUGGEST = 1, OPT_OUTPUT, OPT_ID, OPT_LIMIT, OPT_LISTS, OPT_PROFILES, OPT_TEMP };

static const hz_option options[] = {
    {OPT_SUGGEST, "suggest", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_MAPPING_SUGGEST, NULL},
    {OPT_OUTPUT, "output", 'o', false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_MAPPING_OUTPUT, NULL},
    {OPT_ID, "id", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_MAPPING_ID, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_TEMP, "temp", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_TEMP, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_PILOT_STATUS_0},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {4, HZ_MSG_OPT_INFER_STATUS_4},
                                                 {5, HZ_MSG_OPT_INFER_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_bytes mapping;
} job;

static int work(job *j)
{
    hezhun_suggest_options how = HEZHUN_SUGGEST_OPTIONS_INIT;
    hz_error err = {0};
    if (!hz_opts_has(j->opts, OPT_SUGGEST)) {
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(CLI_MAP_SUGGEST));
        return hz_say_usage(&err, j->opts->verb, j->lang);
    }
    how.paths = j->opts->operands + 1;
    how.paths_count = j->opts->operands_count - 1;
    how.id = hz_opts_value(j->opts, OPT_ID);
    how.temp = hz_opts_value(j->opts, OPT_TEMP);
    how.lang = (hezhun_lang)j->lang;
    how.cancel = hz_interrupt_watch();
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = hz_load_profile(&j->profile, j->context, j->opts->operands[0], j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    if (hezhun_mapping_suggest(&j->mapping, j->profile, &how, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    return hz_out_file(hz_opts_value(j->opts, OPT_OUTPUT), (hz_slice){j->mapping.ptr, j->mapping.len}, j->lang);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? work(&j) : hz_say_problem(NULL, lang);
    hezhun_bytes_free(&j.mapping);
    hezhun_profile_free(j.profile);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_map = {"map",
                             HZ_MSG_OPT_MAPPING_VERB,
                             HZ_MSG_OPT_MAPPING_USAGE,
                             options,
                             sizeof options / sizeof *options,
                             HZ_MSG_OPT_MAPPING_OPERANDS,
                             2,
                             SIZE_MAX,
                             statuses,
                             sizeof statuses / sizeof *statuses,
                             run};
