/* verify.c: certificates held against keys, a result and data. */
#include "validator/cli/verbs.h"

enum { OPT_KEY = 1, OPT_RESULT, OPT_DATA, OPT_REPORT, OPT_LIMIT };

static const hz_option options[] = {
    {OPT_KEY, "key", 'k', true, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_KEY_OPEN, NULL},
    {OPT_RESULT, "result", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_VERIFY_RESULT, NULL},
    {OPT_DATA, "data", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_VERIFY_DATA, NULL},
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_proofs_format},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_VERIFY_STATUS_0},
                                                 {1, HZ_MSG_OPT_VERIFY_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {4, HZ_MSG_OPT_VERIFY_STATUS_4},
                                                 {5, HZ_MSG_OPT_VERIFY_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hz_reports reports;
    hezhun_context *context;
    hezhun_proofs *proofs;
} job;

static hezhun_status render(hezhun_bytes *out, const char *format, hezhun_lang lang, bool terminal, void *ctx)
{
    job *j = ctx;
    (void)terminal;
    return hezhun_proofs_render(out, j->proofs, format, lang, j->problem);
}

static int status_of(hezhun_proof state)
{
    static const int statuses_of[] = {HZ_EXIT_OK, HZ_EXIT_NOT_CONFORMANT, HZ_EXIT_INCOMPLETE, HZ_EXIT_SOURCE};
    return statuses_of[state];
}

static int verify(job *j)
{
    hezhun_verify_options how = HEZHUN_VERIFY_OPTIONS_INIT;
    if (hz_opts_all(&how.keys, &how.keys_count, j->opts, OPT_KEY, j->arena, &j->err) != HZ_OK)
        return hz_say_error(&j->err, j->lang);
    how.certificates = j->opts->operands;
    how.certificates_count = j->opts->operands_count;
    how.result = hz_opts_value(j->opts, OPT_RESULT);
    how.data = hz_opts_value(j->opts, OPT_DATA);
    if (hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_proofs_format, j->arena, &j->err) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status = hz_context_of(&j->context, j->opts, 0, 0, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    if (hezhun_verify(&j->proofs, j->context, &how, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    exit_status = hz_reports_write(&j->reports, render, j, hz_opts_has(j->opts, HZ_OPT_LANG), j->problem, j->lang);
    return exit_status == HZ_EXIT_OK ? status_of(hezhun_proofs_state(j->proofs)) : exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? verify(&j) : hz_say_problem(NULL, lang);
    hezhun_proofs_free(j.proofs);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_verify = {"verify",
                                HZ_MSG_OPT_VERIFY,
                                HZ_MSG_OPT_VERIFY_USAGE,
                                options,
                                sizeof options / sizeof *options,
                                HZ_MSG_OPT_VERIFY_OPERANDS,
                                1,
                                SIZE_MAX,
                                statuses,
                                sizeof statuses / sizeof *statuses,
                                run};
