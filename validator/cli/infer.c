/* infer.c: a first draft of a profile from data. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_OUTPUT = 1, OPT_ID, OPT_LIMIT, OPT_LISTS, OPT_THREADS, OPT_MEMORY, OPT_TEMP };
enum { THREADS_MAX = 64 };

static const hz_option options[] = {
    {OPT_OUTPUT, "output", 'o', false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_INFER_OUTPUT, NULL},
    {OPT_ID, "id", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_INFER_ID, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_THREADS, "threads", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_THREADS, NULL},
    {OPT_MEMORY, "memory", 0, false, HZ_MSG_OPT_V_SIZE, NULL, HZ_MSG_OPT_MEMORY, NULL},
    {OPT_TEMP, "temp", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_TEMP, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_PILOT_STATUS_0},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {4, HZ_MSG_OPT_INFER_STATUS_4},
                                                 {5, HZ_MSG_OPT_INFER_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hezhun_infer_options how;
    hezhun_context *context;
    hezhun_bytes profile;
} job;

static hz_status read_words(job *j)
{
    uint64_t threads = 0;
    j->how = (hezhun_infer_options)HEZHUN_INFER_OPTIONS_INIT;
    if (hz_opts_has(j->opts, OPT_THREADS))
        HZ_TRY(hz_opt_number(&threads, hz_verb_option(j->opts->verb, OPT_THREADS), hz_opts_value(j->opts, OPT_THREADS),
                             &j->err));
    if (hz_opts_has(j->opts, OPT_MEMORY))
        HZ_TRY(hz_opt_size(&j->how.memory_bytes, hz_verb_option(j->opts->verb, OPT_MEMORY),
                           hz_opts_value(j->opts, OPT_MEMORY), &j->err));
    j->how.threads = (unsigned)(threads < THREADS_MAX ? threads : THREADS_MAX);
    j->how.temp = hz_opts_value(j->opts, OPT_TEMP);
    j->how.id = hz_opts_value(j->opts, OPT_ID);
    j->how.paths = j->opts->operands;
    j->how.paths_count = j->opts->operands_count;
    j->how.lang = (hezhun_lang)j->lang;
    j->how.cancel = hz_interrupt_watch();
    return HZ_OK;
}

static int work(job *j)
{
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status = hz_context_of(&j->context, j->opts, OPT_LISTS, 0, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    return hezhun_infer(&j->profile, j->context, &j->how, j->problem) == HEZHUN_OK
               ? hz_out_file(hz_opts_value(j->opts, OPT_OUTPUT), (hz_slice){j->profile.ptr, j->profile.len}, j->lang)
               : hz_say_problem(j->problem, j->lang);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? work(&j) : hz_say_problem(NULL, lang);
    hezhun_bytes_free(&j.profile);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_infer = {"infer",
                               HZ_MSG_OPT_INFER,
                               HZ_MSG_OPT_INFER_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_OPT_INFER_OPERANDS,
                               1,
                               SIZE_MAX,
                               statuses,
                               sizeof statuses / sizeof *statuses,
                               run};
