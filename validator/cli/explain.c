/* explain.c: rules in words. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_LISTS = 1, OPT_PROFILES, OPT_LIMIT };

static const hz_option options[] = {
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_EXPLAIN_STATUS_0},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {5, HZ_MSG_OPT_LINT_STATUS_5}};

/* rule NULL: all of them. Nothing is written when one of the rules is not there. */
static int explain_one(hz_buf *out, const hezhun_profile *profile, const char *rule, hezhun_error *problem,
                       hz_lang lang)
{
    hezhun_bytes bytes = HEZHUN_BYTES_INIT;
    if (hezhun_explain_rule(&bytes, profile, rule, (hezhun_lang)lang, problem) != HEZHUN_OK)
        return hz_say_problem(problem, lang);
    hz_buf_puts(out, out->len ? "\n" : "");
    hz_buf_put(out, (hz_slice){bytes.ptr, bytes.len});
    hezhun_bytes_free(&bytes);
    return HZ_EXIT_OK;
}

static int explain(const hz_opts *opts, const hezhun_profile *profile, hezhun_error *problem, hz_lang lang)
{
    hz_buf out = HZ_BUF_INIT;
    int exit_status = opts->operands_count == 1 ? explain_one(&out, profile, NULL, problem, lang) : HZ_EXIT_OK;
    for (size_t i = 1; i < opts->operands_count && exit_status == HZ_EXIT_OK; i++)
        exit_status = explain_one(&out, profile, opts->operands[i], problem, lang);
    if (exit_status == HZ_EXIT_OK)
        return hz_out_buf(&out, lang);
    hz_buf_clear(&out);
    return exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    hz_arena *arena = hz_arena_new();
    hezhun_error *problem = hezhun_error_new();
    hezhun_context *context = NULL;
    hezhun_profile *profile = NULL;
    int exit_status = arena && problem
                          ? hz_context_of(&context, opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, arena, problem, lang)
                          : hz_say_problem(NULL, lang);
    if (context)
        exit_status = hz_load_profile(&profile, context, opts->operands[0], problem, lang);
    if (profile)
        exit_status = explain(opts, profile, problem, lang);
    hezhun_profile_free(profile);
    hezhun_context_close(context);
    hezhun_error_free(problem);
    hz_arena_free(arena);
    return exit_status;
}

const hz_verb hz_verb_explain = {"explain",
                                 HZ_MSG_OPT_EXPLAIN,
                                 HZ_MSG_OPT_EXPLAIN_USAGE,
                                 options,
                                 sizeof options / sizeof *options,
                                 HZ_MSG_OPT_DOC_OPERANDS,
                                 1,
                                 SIZE_MAX,
                                 statuses,
                                 sizeof statuses / sizeof *statuses,
                                 run};
