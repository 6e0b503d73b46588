/* watch.c: a folder watched: what is checked goes to standard output, a line a submission; what fails, and what was
 * posted, to standard error. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum {
    OPT_PROFILE = 1,
    OPT_OUT,
    OPT_REPORT,
    OPT_QUIET_PERIOD,
    OPT_WAIT_FOR,
    OPT_ONCE,
    OPT_WEBHOOK,
    OPT_SECRET,
    OPT_AUTHORITIES,
    OPT_POST,
    OPT_AS_OF,
    OPT_PARAM,
    OPT_ENCODING,
    OPT_MAX_EXAMPLES,
    OPT_PSEUDONYM_KEY,
    OPT_PSEUDONYM_DIGEST,
    OPT_LISTS,
    OPT_PROFILES,
    OPT_LIMIT,
    OPT_THREADS,
    OPT_MEMORY,
    OPT_TEMP,
    OPT_QUIET
};
enum { SECONDS_MAX = 7 * 24 * 3600, THREADS_MAX = 1024 };

static const char *const wait_words[] = {"quiet", "marker", NULL};
static const char *const post_words[] = {"new", "all", NULL};
static const char *const digest_words[] = {"sha256", "sm3", NULL};

static const hz_option options[] = {
    {OPT_PROFILE, "profile", 'p', false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_PROFILE, NULL},
    {OPT_OUT, "out", 'o', false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_WATCH_OUT, NULL},
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_FORMAT, NULL, HZ_MSG_OPT_WATCH_REPORT, hezhun_format},
    {OPT_QUIET_PERIOD, "quiet-period", 0, false, HZ_MSG_OPT_V_SECONDS, NULL, HZ_MSG_OPT_WATCH_QUIET, NULL},
    {OPT_WAIT_FOR, "wait-for", 0, false, HZ_MSG_OPT_V_WHEN, wait_words, HZ_MSG_OPT_WATCH_WAIT_FOR, NULL},
    {OPT_ONCE, "once", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_WATCH_ONCE, NULL},
    {OPT_WEBHOOK, "webhook", 0, false, HZ_MSG_OPT_V_ADDRESS, NULL, HZ_MSG_OPT_WATCH_WEBHOOK, NULL},
    {OPT_SECRET, "webhook-secret", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_WATCH_SECRET, NULL},
    {OPT_AUTHORITIES, "webhook-ca", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_WATCH_CA, NULL},
    {OPT_POST, "post", 0, false, HZ_MSG_OPT_V_WHEN, post_words, HZ_MSG_OPT_WATCH_POST, NULL},
    {OPT_AS_OF, "as-of", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_AS_OF, NULL},
    {OPT_PARAM, "param", 0, true, HZ_MSG_OPT_V_PARAM, NULL, HZ_MSG_OPT_PARAM, NULL},
    {OPT_ENCODING, "encoding", 0, false, HZ_MSG_OPT_V_ENCODING, NULL, HZ_MSG_OPT_ENCODING, NULL},
    {OPT_MAX_EXAMPLES, "max-examples", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_MAX_EXAMPLES, NULL},
    {OPT_PSEUDONYM_KEY, "pseudonym-key", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PSEUDONYM_KEY, NULL},
    {OPT_PSEUDONYM_DIGEST, "pseudonym-digest", 0, false, HZ_MSG_OPT_V_DIGEST, digest_words, HZ_MSG_OPT_PSEUDONYM_DIGEST,
     NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_THREADS, "threads", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_THREADS, NULL},
    {OPT_MEMORY, "memory", 0, false, HZ_MSG_OPT_V_SIZE, NULL, HZ_MSG_OPT_MEMORY, NULL},
    {OPT_TEMP, "temp", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_TEMP, NULL},
    {OPT_QUIET, "quiet", 'q', false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_WATCH_SILENT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_WATCH_STATUS_0}, {1, HZ_MSG_OPT_WATCH_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2}, {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {4, HZ_MSG_OPT_WATCH_STATUS_4}, {5, HZ_MSG_OPT_WATCH_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_watch_options how;
    hezhun_check_options check;
    hezhun_render_options render;
} job;

static void on_event(const hezhun_watch_event *event, void *payload)
{
    const job *j = payload;
    hz_buf line = HZ_BUF_INIT;
    hz_buf_put(&line, (hz_slice){event->text.ptr, event->text.len});
    hz_buf_putc(&line, '\n');
    if (event->kind != HEZHUN_WATCH_CHECKED)
        hz_say(hz_buf_slice(&line));
    else if (!hz_opts_has(j->opts, OPT_QUIET))
        (void)hz_out(hz_buf_slice(&line), j->lang);
    hz_buf_clear(&line);
}

/* ---- words ---- */

static hz_status read_number(uint64_t *out, job *j, int id, uint64_t most)
{
    if (!hz_opts_has(j->opts, id))
        return HZ_OK;
    HZ_TRY(hz_opt_number(out, hz_verb_option(j->opts->verb, id), hz_opts_value(j->opts, id), &j->err));
    *out = *out > most ? most : *out;
    return HZ_OK;
}

static hz_status read_check(job *j)
{
    hz_pair *params;
    uint64_t examples = UINT64_MAX, threads = 0;
    HZ_TRY(hz_opts_pairs(&params, &j->check.params_count, j->opts, OPT_PARAM, j->arena, &j->err));
    hezhun_param *given = HZ_ARENA_ARRAY(j->arena, hezhun_param, j->check.params_count + 1);
    if (!given)
        return hz_nomem(&j->err, j->check.params_count * sizeof *given);
    for (size_t i = 0; i < j->check.params_count; i++)
        given[i] = (hezhun_param){params[i].name, params[i].value};
    j->check.params = given;
    j->check.as_of = hz_opts_value(j->opts, OPT_AS_OF);
    j->check.encoding = hz_opts_value(j->opts, OPT_ENCODING);
    j->check.pseudonym_key = hz_opts_value(j->opts, OPT_PSEUDONYM_KEY);
    j->check.pseudonym_digest = hz_opts_value(j->opts, OPT_PSEUDONYM_DIGEST);
    j->check.temp = hz_opts_value(j->opts, OPT_TEMP);
    HZ_TRY(read_number(&examples, j, OPT_MAX_EXAMPLES, INT64_MAX));
    HZ_TRY(read_number(&threads, j, OPT_THREADS, THREADS_MAX));
    j->check.max_examples = examples > INT64_MAX ? -1 : (int64_t)examples;
    j->check.threads = (unsigned)threads;
    return hz_opts_has(j->opts, OPT_MEMORY)
               ? hz_opt_size(&j->check.memory_bytes, hz_verb_option(j->opts->verb, OPT_MEMORY),
                             hz_opts_value(j->opts, OPT_MEMORY), &j->err)
               : HZ_OK;
}

static bool is_word(const job *j, int id, const char *word)
{
    const char *given = hz_opts_value(j->opts, id);
    return given && strcmp(given, word) == 0;
}

static hz_status read_words(job *j)
{
    hezhun_watch_options *how = &j->how;
    uint64_t seconds = how->quiet_seconds;
    HZ_TRY(hz_opts_all(&how->formats, &how->formats_count, j->opts, OPT_REPORT, j->arena, &j->err));
    HZ_TRY(read_number(&seconds, j, OPT_QUIET_PERIOD, SECONDS_MAX));
    how->quiet_seconds = (unsigned)seconds;
    how->folder = j->opts->operands[0];
    how->out = hz_opts_value(j->opts, OPT_OUT);
    how->marked_only = is_word(j, OPT_WAIT_FOR, "marker");
    how->post_all = is_word(j, OPT_POST, "all");
    how->once = hz_opts_has(j->opts, OPT_ONCE);
    how->webhook = hz_opts_value(j->opts, OPT_WEBHOOK);
    how->webhook_secret = hz_opts_value(j->opts, OPT_SECRET);
    how->webhook_authorities = hz_opts_value(j->opts, OPT_AUTHORITIES);
    how->check = &j->check;
    how->render = &j->render;
    how->event = on_event;
    how->payload = j;
    j->render.lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : HEZHUN_ZH;
    if (!hz_opts_has(j->opts, OPT_PROFILE)) {
        hz_status st = hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_NO_PROFILE));
        hz_error_hint(&j->err, HZ_MSG_CLI_NO_PROFILE_HINT);
        return st;
    }
    return read_check(j);
}

/* ---- the verb ---- */

static int status_of(const job *j, const hezhun_watched *counts)
{
    if (!j->how.once)
        return HZ_EXIT_OK;
    if (counts->unreadable)
        return HZ_EXIT_SOURCE;
    if (counts->incomplete || counts->unsent)
        return HZ_EXIT_INCOMPLETE;
    return counts->not_conformant ? HZ_EXIT_NOT_CONFORMANT : HZ_EXIT_OK;
}

static int watch(job *j)
{
    hezhun_watched counts;
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    if (hezhun_check_options_test(&j->check, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status =
            hz_load_profile(&j->profile, j->context, hz_opts_value(j->opts, OPT_PROFILE), j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    j->how.cancel = hz_interrupt_watch();
    if (hezhun_watch(&counts, j->profile, &j->how, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    return status_of(j, &counts);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts,
             .lang = lang,
             .arena = hz_arena_new(),
             .problem = hezhun_error_new(),
             .how = HEZHUN_WATCH_OPTIONS_INIT,
             .check = HEZHUN_CHECK_OPTIONS_INIT,
             .render = HEZHUN_RENDER_OPTIONS_INIT};
    int exit_status = j.arena && j.problem ? watch(&j) : hz_say_problem(NULL, lang);
    hezhun_profile_free(j.profile);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_watch = {"watch",
                               HZ_MSG_OPT_WATCH,
                               HZ_MSG_OPT_WATCH_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_OPT_WATCH_OPERANDS,
                               1,
                               1,
                               statuses,
                               sizeof statuses / sizeof *statuses,
                               run};
