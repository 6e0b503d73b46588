/* keygen.c: a pair of keys for certificates. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "validator/cli/verbs.h"

enum { OPT_ALGORITHM = 1, OPT_NAME, OPT_FROM, OPT_UNTIL, OPT_PASSPHRASE };

static const char *const algorithm_words[] = {"ed25519", "sm2", NULL};

static const hz_option options[] = {
    {OPT_ALGORITHM, "algorithm", 0, false, HZ_MSG_OPT_V_WORD, algorithm_words, HZ_MSG_OPT_ALGORITHM, NULL},
    {OPT_NAME, "name", 0, false, HZ_MSG_OPT_V_TEXT, NULL, HZ_MSG_OPT_KEY_NAME, NULL},
    {OPT_FROM, "valid-from", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_VALID_FROM, NULL},
    {OPT_UNTIL, "valid-until", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_VALID_UNTIL, NULL},
    {OPT_PASSPHRASE, "passphrase-file", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PASSPHRASE, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {
    {0, HZ_MSG_OPT_KEYGEN_STATUS_0}, {2, HZ_MSG_OPT_CHECK_STATUS_2}, {5, HZ_MSG_OPT_CERTIFY_STATUS_5}};

int64_t hz_now(void)
{
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    char *end = NULL;
    long long seconds = fixed ? strtoll(fixed, &end, 10) : 0;
    if (fixed && *fixed && end && !*end && seconds >= 0 && seconds < INT64_C(253402300800))
        return seconds;
    return (int64_t)time(NULL);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    hezhun_keygen_options how = HEZHUN_KEYGEN_OPTIONS_INIT;
    hezhun_error *problem = hezhun_error_new();
    char id[33];
    how.algorithm = hz_opts_value(opts, OPT_ALGORITHM);
    how.name = hz_opts_value(opts, OPT_NAME);
    how.valid_from = hz_opts_value(opts, OPT_FROM);
    how.valid_until = hz_opts_value(opts, OPT_UNTIL);
    how.passphrase_file = hz_opts_value(opts, OPT_PASSPHRASE);
    how.now = hz_now();
    int exit_status = HZ_EXIT_OK;
    if (hezhun_keygen(id, opts->operands[0], &how, problem) != HEZHUN_OK) {
        exit_status = hz_say_problem(problem, lang);
    } else {
        const hz_slice args[] = {hz_slice_of(opts->operands[0]), hz_slice_of(id)};
        hz_buf text = HZ_BUF_INIT;
        hz_msg_render(&text, HZ_MSG_CLI_KEY_MADE, args, 2, lang);
        hz_buf_putc(&text, '\n');
        exit_status = hz_out_buf(&text, lang);
    }
    hezhun_error_free(problem);
    return exit_status;
}

const hz_verb hz_verb_keygen = {"keygen",
                                HZ_MSG_OPT_KEYGEN,
                                HZ_MSG_OPT_KEYGEN_USAGE,
                                options,
                                sizeof options / sizeof *options,
                                HZ_MSG_OPT_KEYGEN_OPERANDS,
                                1,
                                1,
                                statuses,
                                sizeof statuses / sizeof *statuses,
                                run};
