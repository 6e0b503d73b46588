/* manifest.c: a manifest of a folder's files. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum {
    OPT_PROFILE = 1,
    OPT_MAP,
    OPT_OUTPUT,
    OPT_ID,
    OPT_UNIT,
    OPT_PERIOD,
    OPT_DIGEST,
    OPT_LIMIT,
    OPT_LISTS,
    OPT_PROFILES,
    OPT_TEMP
};

static const char *const digest_words[] = {"sha256", "sm3", NULL};

static const hz_option options[] = {
    {OPT_PROFILE, "profile", 'p', false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_MANIFEST_PROFILE, NULL},
    {OPT_MAP, "map", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_MAP, NULL},
    {OPT_OUTPUT, "output", 'o', false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_MANIFEST_OUTPUT, NULL},
    {OPT_ID, "id", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_MANIFEST_ID, NULL},
    {OPT_UNIT, "unit", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_MANIFEST_UNIT, NULL},
    {OPT_PERIOD, "period", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_MANIFEST_PERIOD, NULL},
    {OPT_DIGEST, "digest", 0, false, HZ_MSG_OPT_V_DIGEST, digest_words, HZ_MSG_OPT_MANIFEST_DIGEST, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_TEMP, "temp", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_TEMP, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_PILOT_STATUS_0},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_MAPPED_STATUS_3},
                                                 {4, HZ_MSG_OPT_INFER_STATUS_4},
                                                 {5, HZ_MSG_OPT_INFER_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_mapping *mapping;
    hezhun_bytes manifest;
} job;

static int load(job *j)
{
    const char *profile = hz_opts_value(j->opts, OPT_PROFILE), *map = hz_opts_value(j->opts, OPT_MAP);
    hz_error err = {0};
    if (map && !profile) {
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(CLI_NO_PROFILE));
        return hz_say_usage(&err, j->opts->verb, j->lang);
    }
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK && profile)
        exit_status = hz_load_profile(&j->profile, j->context, profile, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK && map)
        exit_status = hz_load_mapping(&j->mapping, j->profile, map, j->problem, j->lang);
    return exit_status;
}

static int work(job *j)
{
    hezhun_manifest_options how = HEZHUN_MANIFEST_OPTIONS_INIT;
    const char *digest = hz_opts_value(j->opts, OPT_DIGEST);
    int exit_status = load(j);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    how.folder = j->opts->operands[0];
    how.profile = j->profile;
    how.mapping = j->mapping;
    how.id = hz_opts_value(j->opts, OPT_ID);
    how.unit = hz_opts_value(j->opts, OPT_UNIT);
    how.period = hz_opts_value(j->opts, OPT_PERIOD);
    how.sm3 = digest && strcmp(digest, "sm3") == 0;
    how.temp = hz_opts_value(j->opts, OPT_TEMP);
    how.cancel = hz_interrupt_watch();
    if (hezhun_manifest_make(&j->manifest, j->context, &how, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    return hz_out_file(hz_opts_value(j->opts, OPT_OUTPUT), (hz_slice){j->manifest.ptr, j->manifest.len}, j->lang);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? work(&j) : hz_say_problem(NULL, lang);
    hezhun_bytes_free(&j.manifest);
    hezhun_mapping_free(j.mapping);
    hezhun_profile_free(j.profile);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_manifest = {"manifest",
                                  HZ_MSG_OPT_MANIFEST_VERB,
                                  HZ_MSG_OPT_MANIFEST_USAGE,
                                  options,
                                  sizeof options / sizeof *options,
                                  HZ_MSG_OPT_MANIFEST_OPERANDS,
                                  1,
                                  1,
                                  statuses,
                                  sizeof statuses / sizeof *statuses,
                                  run};
