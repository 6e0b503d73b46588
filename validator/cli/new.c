/* new.c: a profile to begin with. */
#include <unistd.h>

#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum { OPT_ID = 1 };

static const hz_option options[] = {
    {OPT_ID, "id", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_NEW_ID, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {
    {0, HZ_MSG_OPT_PILOT_STATUS_0}, {2, HZ_MSG_OPT_CHECK_STATUS_2}, {5, HZ_MSG_OPT_LINT_STATUS_5}};

/* A file that is there is somebody's work. */
static int write_new(const char *path, hz_slice text, hz_lang lang)
{
    hz_error err = {0};
    if (path && access(path, F_OK) == 0) {
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(CLI_NEW_EXISTS), HZ_Z(path));
        hz_error_hint(&err, HZ_MSG_CLI_NEW_EXISTS_HINT);
        return hz_say_error(&err, lang);
    }
    int exit_status = hz_out_file(path, text, lang);
    const hz_slice name = hz_slice_of(path);
    if (path && exit_status == HZ_EXIT_OK)
        hz_say_advice(HZ_MSG_CLI_NEW_NEXT, &name, 1, lang);
    return exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    hezhun_error *problem = hezhun_error_new();
    hezhun_bytes bytes = HEZHUN_BYTES_INIT;
    const char *id = hz_opts_value(opts, OPT_ID);
    if (!problem)
        return hz_say_problem(NULL, lang);
    int exit_status =
        hezhun_template(&bytes, id ? id : "draft.new", problem) == HEZHUN_OK
            ? write_new(opts->operands_count ? opts->operands[0] : NULL, (hz_slice){bytes.ptr, bytes.len}, lang)
            : hz_say_problem(problem, lang);
    hezhun_bytes_free(&bytes);
    hezhun_error_free(problem);
    return exit_status;
}

const hz_verb hz_verb_new = {"new",
                             HZ_MSG_OPT_NEW,
                             HZ_MSG_OPT_NEW_USAGE,
                             options,
                             sizeof options / sizeof *options,
                             HZ_MSG_NONE,
                             0,
                             1,
                             statuses,
                             sizeof statuses / sizeof *statuses,
                             run};
