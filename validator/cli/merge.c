/* merge.c: reports of parts become one. */
#include "validator/cli/stored.h"

enum { OPT_MAX_EXAMPLES = HZ_STORED_OWN, OPT_KEY_DIGESTS, OPT_COLLISIONS };

static const hz_option options[] = {
    HZ_STORED_OPTION_PROFILE,
    {OPT_MAX_EXAMPLES, "max-examples", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_MAX_EXAMPLES, NULL},
    {OPT_KEY_DIGESTS, "key-digests", 0, true, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_MERGE_KEYS, NULL},
    {OPT_COLLISIONS, "collisions", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_MERGE_COLLISIONS, NULL},
    HZ_STORED_OPTIONS_REPORT,
    HZ_STORED_OPTIONS_REST,
};

static hz_status read_words(hz_stored_job *j)
{
    uint64_t n;
    if (!j->profile_name) {
        hz_status st = hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_NO_PROFILE));
        hz_error_hint(&j->err, HZ_MSG_CLI_NO_PROFILE_HINT);
        return st;
    }
    if (hz_opts_has(j->opts, OPT_MAX_EXAMPLES)) {
        HZ_TRY(hz_opt_number(&n, hz_verb_option(j->opts->verb, OPT_MAX_EXAMPLES),
                             hz_opts_value(j->opts, OPT_MAX_EXAMPLES), &j->err));
        j->max_examples = n > INT64_MAX ? INT64_MAX : (int64_t)n;
    }
    j->how.collisions = hz_opts_value(j->opts, OPT_COLLISIONS);
    return hz_opts_all(&j->how.key_digests, &j->how.key_digests_count, j->opts, OPT_KEY_DIGESTS, j->arena, &j->err);
}

/* Text on standard output speaks the terminal's language; every other report --lang, else zh. */
static hezhun_status merge(hz_stored_job *j)
{
    j->face.lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : HEZHUN_ZH;
    return hezhun_merge(&j->result, j->profile, j->opts->operands, j->opts->operands_count, j->max_examples, &j->how,
                        j->problem);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    static const hz_stored_verb verb = {read_words, merge};
    return hz_stored_run(&verb, opts, lang);
}

const hz_verb hz_verb_merge = {"merge",
                               HZ_MSG_OPT_MERGE,
                               HZ_MSG_OPT_MERGE_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_OPT_MERGE_OPERANDS,
                               1,
                               SIZE_MAX,
                               hz_stored_statuses,
                               sizeof hz_stored_statuses / sizeof *hz_stored_statuses,
                               run};
