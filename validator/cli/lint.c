/* lint.c: what there is to say about a profile itself. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/cli/verbs.h"

enum { OPT_LISTS = 1, OPT_LIMIT, OPT_QUIET };

static const hz_option options[] = {
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_QUIET, "quiet", 'q', false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_QUIET_LINT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {
    {0, HZ_MSG_OPT_LINT_STATUS_0}, {2, HZ_MSG_OPT_CHECK_STATUS_2}, {3, HZ_MSG_OPT_CHECK_STATUS_3}};

typedef struct linted {
    hz_buf out;
    bool quiet;
    uint64_t counts[3]; /* by hezhun_level */
} linted;

static void take(const hezhun_diagnostic *said, void *payload)
{
    linted *job = payload;
    job->counts[said->level]++;
    if (said->level == HEZHUN_LEVEL_ERROR || !job->quiet)
        hz_buf_put(&job->out, (hz_slice){said->text.ptr, said->text.len});
}

static void put_counts(linted *job, const char *name, hz_lang lang)
{
    hz_buf numbers[3] = {HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT}, line = HZ_BUF_INIT;
    hz_slice args[4] = {hz_slice_of(name)};
    bool none = true;
    for (size_t i = 0; i < 3; i++) {
        hz_buf_put_u64(&numbers[i], job->counts[i]);
        args[i + 1] = hz_buf_slice(&numbers[i]);
        none = none && job->counts[i] == 0;
    }
    hz_msg_render(&line, none ? HZ_MSG_CLI_LINT_GOOD : HZ_MSG_CLI_LINT_COUNTS, args, 4, lang);
    hz_utf8_put_safe(&job->out, hz_buf_slice(&line));
    hz_buf_putc(&job->out, '\n');
    hz_buf_clear(&line);
    for (size_t i = 0; i < 3; i++)
        hz_buf_clear(&numbers[i]);
}

static int lint_one(hezhun_context *context, const char *name, bool quiet, hezhun_error *problem, hz_lang lang)
{
    linted job = {.out = HZ_BUF_INIT, .quiet = quiet};
    hezhun_load_options how = HEZHUN_LOAD_OPTIONS_INIT;
    hezhun_profile *profile = NULL;
    hz_buf path = HZ_BUF_INIT;
    hz_error err = {0};
    how.diagnostic = take;
    how.payload = &job;
    if (hz_profile_find(&path, name, &err) != HZ_OK) {
        hz_buf_clear(&path);
        return hz_say_error(&err, lang);
    }
    int exit_status = hz_exit_of((int)hezhun_profile_load(&profile, context, path.ptr, &how, problem));
    hezhun_profile_free(profile);
    bool said = job.counts[HEZHUN_LEVEL_ERROR] > 0;
    if (exit_status && !said)
        exit_status = hz_say_problem(problem, lang); /* not read at all */
    else if (!quiet)
        put_counts(&job, path.ptr, lang);
    hz_buf_clear(&path);
    int wrote = hz_out_buf(&job.out, lang);
    return wrote > exit_status ? wrote : exit_status;
}

static int lint_all(const hz_opts *opts, hz_arena *arena, hezhun_error *problem, hz_lang lang)
{
    hezhun_context *context = NULL;
    int exit_status = hz_context_of(&context, opts, OPT_LISTS, OPT_LIMIT, arena, problem, lang);
    for (size_t i = 0; context && i < opts->operands_count; i++) {
        int one = lint_one(context, opts->operands[i], hz_opts_has(opts, OPT_QUIET), problem, lang);
        exit_status = one > exit_status ? one : exit_status;
    }
    hezhun_context_close(context);
    return exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    hezhun_error *problem = hezhun_error_new();
    hz_arena *arena = hz_arena_new();
    int exit_status = problem && arena ? lint_all(opts, arena, problem, lang) : hz_say_problem(NULL, lang);
    hz_arena_free(arena);
    hezhun_error_free(problem);
    return exit_status;
}

const hz_verb hz_verb_lint = {"lint",
                              HZ_MSG_OPT_LINT,
                              HZ_MSG_OPT_LINT_USAGE,
                              options,
                              sizeof options / sizeof *options,
                              HZ_MSG_OPT_LINT_OPERANDS,
                              1,
                              SIZE_MAX,
                              statuses,
                              sizeof statuses / sizeof *statuses,
                              run};
