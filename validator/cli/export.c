/* export.c: a profile in a form that other tools read, on standard output. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_LISTS = 1, OPT_PROFILES, OPT_LIMIT };

static const hz_option options[] = {
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_DOC_STATUS_0},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {5, HZ_MSG_OPT_LINT_STATUS_5}};

static int write_one(const hz_opts *opts, hz_lang lang, hz_arena *arena, hezhun_error *problem)
{
    hezhun_context *context;
    hezhun_profile *profile = NULL;
    hezhun_bytes bytes = HEZHUN_BYTES_INIT;
    int exit_status = hz_context_of(&context, opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, arena, problem, lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = hz_load_profile(&profile, context, opts->operands[1], problem, lang);
    if (exit_status == HZ_EXIT_OK && hezhun_export(&bytes, profile, opts->operands[0], problem) != HEZHUN_OK)
        exit_status = hz_say_problem(problem, lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = hz_out((hz_slice){bytes.ptr, bytes.len}, lang);
    hezhun_bytes_free(&bytes);
    hezhun_profile_free(profile);
    hezhun_context_close(context);
    return exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    hz_arena *arena = hz_arena_new();
    hezhun_error *problem = hezhun_error_new();
    int exit_status = arena && problem ? write_one(opts, lang, arena, problem) : hz_say_problem(NULL, lang);
    hezhun_error_free(problem);
    hz_arena_free(arena);
    return exit_status;
}

const hz_verb hz_verb_export = {"export",
                                HZ_MSG_OPT_EXPORT,
                                HZ_MSG_OPT_EXPORT_USAGE,
                                options,
                                sizeof options / sizeof *options,
                                HZ_MSG_OPT_EXPORT_OPERANDS,
                                2,
                                2,
                                statuses,
                                sizeof statuses / sizeof *statuses,
                                run};
