/* test.c: a profile's own tests: the examples of its rules and the folders beside it. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/cli/verbs.h"

enum { OPT_REPORT = 1, OPT_AS_OF, OPT_PARAM, OPT_COVERAGE, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, OPT_THREADS, OPT_QUIET };
enum { THREADS_MAX = 1024 };

static const hz_option options[] = {
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_tests_format},
    {OPT_AS_OF, "as-of", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_AS_OF_TEST, NULL},
    {OPT_PARAM, "param", 0, true, HZ_MSG_OPT_V_PARAM, NULL, HZ_MSG_OPT_PARAM, NULL},
    {OPT_COVERAGE, "coverage", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_COVERAGE, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_THREADS, "threads", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_THREADS, NULL},
    {OPT_QUIET, "quiet", 'q', false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_QUIET_TEST, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_TEST_STATUS_0},
                                                 {1, HZ_MSG_OPT_TEST_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {5, HZ_MSG_OPT_TEST_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hz_reports reports;
    hezhun_test_options how;
    hezhun_context *context;
    hezhun_profile **profiles; /* one an operand */
    hezhun_tests **tests;
} job;

static hz_status read_words(job *j)
{
    hz_pair *params;
    uint64_t threads = 0;
    j->how = (hezhun_test_options)HEZHUN_TEST_OPTIONS_INIT;
    j->how.as_of = hz_opts_value(j->opts, OPT_AS_OF);
    j->how.cancel = hz_interrupt_watch();
    HZ_TRY(hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_tests_format, j->arena, &j->err));
    HZ_TRY(hz_opts_pairs(&params, &j->how.params_count, j->opts, OPT_PARAM, j->arena, &j->err));
    hezhun_param *given = HZ_ARENA_ARRAY(j->arena, hezhun_param, j->how.params_count + 1);
    j->profiles = HZ_ARENA_ARRAY(j->arena, hezhun_profile *, j->opts->operands_count + 1);
    j->tests = HZ_ARENA_ARRAY(j->arena, hezhun_tests *, j->opts->operands_count + 1);
    if (!given || !j->profiles || !j->tests)
        return hz_nomem(&j->err, j->opts->operands_count * sizeof(void *));
    for (size_t i = 0; i < j->how.params_count; i++)
        given[i] = (hezhun_param){params[i].name, params[i].value};
    j->how.params = given;
    if (hz_opts_has(j->opts, OPT_THREADS))
        HZ_TRY(hz_opt_number(&threads, hz_verb_option(j->opts->verb, OPT_THREADS), hz_opts_value(j->opts, OPT_THREADS),
                             &j->err));
    j->how.threads = (unsigned)(threads < THREADS_MAX ? threads : THREADS_MAX);
    return HZ_OK;
}

static int test_one(job *j, size_t index)
{
    int exit_status = hz_load_profile(&j->profiles[index], j->context, j->opts->operands[index], j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    if (hezhun_test(&j->tests[index], j->profiles[index], &j->how, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    return hezhun_tests_held(j->tests[index], NULL, NULL) ? HZ_EXIT_OK : HZ_EXIT_NOT_CONFORMANT;
}

static hezhun_status render(hezhun_bytes *out, const char *format, hezhun_lang lang, bool terminal, void *ctx)
{
    job *j = ctx;
    hezhun_tests_render_options how = HEZHUN_TESTS_RENDER_OPTIONS_INIT;
    size_t count = 0;
    const hezhun_tests **tests = HZ_ARENA_ARRAY(j->arena, const hezhun_tests *, j->opts->operands_count + 1);
    for (size_t i = 0; tests && i < j->opts->operands_count; i++)
        if (j->tests[i])
            tests[count++] = j->tests[i];
    how.lang = lang;
    how.quiet = terminal && hz_opts_has(j->opts, OPT_QUIET);
    how.coverage = hz_opts_has(j->opts, OPT_COVERAGE);
    return tests ? hezhun_tests_render(out, tests, count, format, &how, j->problem) : HEZHUN_E_NOMEM;
}

/* Every profile is tried even after one that cannot be read; the worst status is the exit status. */
static int test_all(job *j)
{
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    for (size_t i = 0; j->context && i < j->opts->operands_count; i++) {
        int one = test_one(j, i);
        exit_status = one > exit_status ? one : exit_status;
    }
    if (!j->context)
        return exit_status;
    int wrote = hz_reports_write(&j->reports, render, j, hz_opts_has(j->opts, HZ_OPT_LANG), j->problem, j->lang);
    return wrote > exit_status ? wrote : exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? test_all(&j) : hz_say_problem(NULL, lang);
    for (size_t i = 0; i < opts->operands_count; i++) {
        if (j.tests)
            hezhun_tests_free(j.tests[i]);
        if (j.profiles)
            hezhun_profile_free(j.profiles[i]);
    }
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_test = {"test",
                              HZ_MSG_OPT_TEST,
                              HZ_MSG_OPT_TEST_USAGE,
                              options,
                              sizeof options / sizeof *options,
                              HZ_MSG_OPT_LINT_OPERANDS,
                              1,
                              SIZE_MAX,
                              statuses,
                              sizeof statuses / sizeof *statuses,
                              run};
