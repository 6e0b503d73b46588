/* explain.c: rules in words; and a finding of a report, step by step. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_LISTS = 1, OPT_PROFILES, OPT_LIMIT, OPT_RESULT, OPT_REVEAL, OPT_PREVIOUS, OPT_PARAM, OPT_AS_OF };

static const hz_option options[] = {
    {OPT_RESULT, "result", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_EXPLAIN_RESULT, NULL},
    {OPT_REVEAL, "reveal", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_EXPLAIN_REVEAL, NULL},
    {OPT_PREVIOUS, "previous", 0, true, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PREVIOUS, NULL},
    {OPT_AS_OF, "as-of", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_EXPLAIN_AS_OF, NULL},
    {OPT_PARAM, "param", 0, true, HZ_MSG_OPT_V_PARAM, NULL, HZ_MSG_OPT_EXPLAIN_PARAM, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_EXPLAIN_STATUS_0},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {4, HZ_MSG_OPT_CHECK_STATUS_4},
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

/* What is given beside the report: the submission, earlier ones, day and parameters. */
static hz_status read_setting(hezhun_check_options *how, const hz_opts *opts, hz_arena *arena, hz_error *err)
{
    hz_pair *pairs;
    *how = (hezhun_check_options)HEZHUN_CHECK_OPTIONS_INIT;
    HZ_TRY(hz_opts_pairs(&pairs, &how->params_count, opts, OPT_PARAM, arena, err));
    HZ_TRY(hz_opts_all(&how->previous, &how->previous_count, opts, OPT_PREVIOUS, arena, err));
    hezhun_param *params = HZ_ARENA_ARRAY(arena, hezhun_param, how->params_count + 1);
    hezhun_input *inputs = HZ_ARENA_ARRAY(arena, hezhun_input, opts->operands_count + 1);
    if (!params || !inputs)
        return hz_nomem(err, opts->operands_count * sizeof *inputs);
    for (size_t i = 0; i < how->params_count; i++)
        params[i] = (hezhun_param){pairs[i].name, pairs[i].value};
    for (size_t i = 2; i < opts->operands_count; i++)
        inputs[how->inputs_count++] = (hezhun_input){NULL, opts->operands[i]};
    how->params = params;
    how->inputs = inputs;
    how->as_of = hz_opts_value(opts, OPT_AS_OF);
    how->cancel = hz_interrupt_watch();
    return HZ_OK;
}

/* PROFILE FINGERPRINT SUBMISSION… */
static int explain_finding(const hz_opts *opts, const hezhun_profile *profile, hz_arena *arena, hezhun_error *problem,
                           hz_lang lang)
{
    hezhun_check_options how;
    hezhun_bytes bytes = HEZHUN_BYTES_INIT;
    hz_buf out = HZ_BUF_INIT;
    hz_error err = {0};
    if (opts->operands_count < 3) {
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(OPT_EXPLAIN_FINDING_OPERANDS));
        return hz_say_usage(&err, opts->verb, lang);
    }
    if (read_setting(&how, opts, arena, &err) != HZ_OK)
        return hz_say_usage(&err, opts->verb, lang);
    if (hezhun_explain_finding(&bytes, profile, hz_opts_value(opts, OPT_RESULT), opts->operands[1], &how,
                               hz_opts_has(opts, OPT_REVEAL), (hezhun_lang)lang, problem) != HEZHUN_OK)
        return hz_say_problem(problem, lang);
    hz_buf_put(&out, (hz_slice){bytes.ptr, bytes.len});
    hezhun_bytes_free(&bytes);
    return hz_out_buf(&out, lang);
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
        exit_status = hz_opts_has(opts, OPT_RESULT) ? explain_finding(opts, profile, arena, problem, lang)
                                                    : explain(opts, profile, problem, lang);
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
