/* lint.c: what there is to say about a profile itself. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/cli/verbs.h"

enum {
    OPT_REPORT = 1,
    OPT_FAIL_ON,
    OPT_LISTS,
    OPT_PROFILES,
    OPT_LIMIT,
    OPT_QUIET,
    OPT_PROFILE,
    OPT_DEEP,
    OPT_DEEP_SECONDS
};
enum { PROFILE_NAME_BYTES = 256, DEEP_SECONDS = 300 };

static const char *const fail_on_words[] = {"error", "warning", "hint", NULL}; /* by hezhun_level */

static const hz_option options[] = {
    {OPT_PROFILE, "profile", 'p', false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_PROFILE_LINT, NULL},
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_lint_format},
    {OPT_FAIL_ON, "fail-on", 0, false, HZ_MSG_OPT_V_LEVEL, fail_on_words, HZ_MSG_OPT_FAIL_ON_LINT, NULL},
    {OPT_DEEP, "deep", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_DEEP, NULL},
    {OPT_DEEP_SECONDS, "deep-seconds", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_DEEP_SECONDS, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_QUIET, "quiet", 'q', false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_QUIET_LINT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_LINT_STATUS_0},
                                                 {1, HZ_MSG_OPT_LINT_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_MAPPED_STATUS_3},
                                                 {5, HZ_MSG_OPT_DEEP_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hz_reports reports;
    hezhun_level fail_on;
    bool deep;
    uint64_t deep_seconds;
    hezhun_context *context;
    hezhun_lint **lints; /* in order; one that could not be read is left out */
    size_t lints_count;
} job;

static hz_status read_words(job *j)
{
    const char *word = hz_opts_value(j->opts, OPT_FAIL_ON);
    j->lints = HZ_ARENA_ARRAY(j->arena, hezhun_lint *, j->opts->operands_count + 1);
    if (!j->lints)
        return hz_nomem(&j->err, j->opts->operands_count * sizeof(void *));
    for (int level = 0; word && fail_on_words[level]; level++)
        if (strcmp(word, fail_on_words[level]) == 0)
            j->fail_on = (hezhun_level)level;
    j->deep = hz_opts_has(j->opts, OPT_DEEP);
    if (hz_opts_has(j->opts, OPT_DEEP_SECONDS))
        HZ_TRY(hz_opt_number(&j->deep_seconds, hz_verb_option(j->opts->verb, OPT_DEEP_SECONDS),
                             hz_opts_value(j->opts, OPT_DEEP_SECONDS), &j->err));
    return hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_lint_format, j->arena, &j->err);
}

static int verdict(const job *j, const hezhun_lint *lint)
{
    bool enough = false;
    if (!hezhun_lint_loads(lint))
        return HZ_EXIT_PROFILE;
    if (!hezhun_lint_complete(lint))
        return HZ_EXIT_INCOMPLETE;
    for (hezhun_level level = HEZHUN_LEVEL_ERROR; level <= j->fail_on; level++)
        enough = enough || hezhun_lint_count(lint, level) > 0;
    return enough ? HZ_EXIT_NOT_CONFORMANT : HZ_EXIT_OK;
}

/* `-p`, else what the mapping or manifest says, without its version. */
static int lint_beside(job *j, const char *path, char *says)
{
    hezhun_profile *profile = NULL;
    const char *name = hz_opts_value(j->opts, OPT_PROFILE);
    hz_error err = {0};
    says[strcspn(says, "@")] = '\0';
    if (!name && !*says) {
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(CLI_MAPPING_FOR), HZ_Z(path));
        hz_error_hint(&err, HZ_MSG_CLI_MAPPING_FOR_HINT);
        return hz_say_error(&err, j->lang);
    }
    int exit_status = hz_load_profile(&profile, j->context, name ? name : says, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = hezhun_lint_mapping(&j->lints[j->lints_count], profile, path, j->problem) == HEZHUN_OK
                          ? verdict(j, j->lints[j->lints_count++])
                          : hz_say_problem(j->problem, j->lang);
    hezhun_profile_free(profile);
    return exit_status;
}

static hezhun_status look_at(hezhun_lint **out, job *j, const char *path)
{
    return j->deep ? hezhun_lint_deep(out, j->context, path, j->deep_seconds, hz_interrupt_watch(), j->problem)
                   : hezhun_lint_run(out, j->context, path, j->problem);
}

/* A mapping or a manifest, and the profile that it says. */
static hezhun_status is_beside(bool *out, char *says, job *j, const char *path)
{
    hezhun_status st = hezhun_mapping_is(out, says, PROFILE_NAME_BYTES, j->context, path, j->problem);
    return st == HEZHUN_OK && !*out ? hezhun_manifest_is(out, says, PROFILE_NAME_BYTES, j->context, path, j->problem)
                                    : st;
}

static int lint_one(job *j, const char *name)
{
    hz_buf path = HZ_BUF_INIT;
    hz_error err = {0};
    char says[PROFILE_NAME_BYTES];
    bool beside = false;
    int exit_status;
    if (hz_profile_find(&path, name, &err) != HZ_OK)
        exit_status = hz_say_error(&err, j->lang);
    else if (is_beside(&beside, says, j, path.ptr) == HEZHUN_OK && beside)
        exit_status = lint_beside(j, path.ptr, says);
    else if (look_at(&j->lints[j->lints_count], j, path.ptr) != HEZHUN_OK)
        exit_status = hz_say_problem(j->problem, j->lang);
    else
        exit_status = verdict(j, j->lints[j->lints_count++]);
    hz_buf_clear(&path);
    return exit_status;
}

static hezhun_status render(hezhun_bytes *out, const char *format, hezhun_lang lang, bool terminal, void *ctx)
{
    job *j = ctx;
    bool quiet = terminal && hz_opts_has(j->opts, OPT_QUIET);
    const hezhun_lint **lints = HZ_ARENA_ARRAY(j->arena, const hezhun_lint *, j->lints_count + 1);
    for (size_t i = 0; lints && i < j->lints_count; i++)
        lints[i] = j->lints[i];
    return lints ? hezhun_lint_render(out, lints, j->lints_count, format, lang, quiet, j->problem) : HEZHUN_E_NOMEM;
}

/* Every profile is looked at even after one that cannot be read; the worst status is the exit status. */
static int lint_all(job *j)
{
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    for (size_t i = 0; j->context && i < j->opts->operands_count; i++) {
        int one = lint_one(j, j->opts->operands[i]);
        exit_status = one > exit_status ? one : exit_status;
    }
    if (!j->context)
        return exit_status;
    int wrote = hz_reports_write(&j->reports, render, j, hz_opts_has(j->opts, HZ_OPT_LANG), j->problem, j->lang);
    return wrote > exit_status ? wrote : exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.deep_seconds = DEEP_SECONDS,
             .opts = opts,
             .lang = lang,
             .arena = hz_arena_new(),
             .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? lint_all(&j) : hz_say_problem(NULL, lang);
    for (size_t i = 0; i < j.lints_count; i++)
        hezhun_lint_free(j.lints[i]);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
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
