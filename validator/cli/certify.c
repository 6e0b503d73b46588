/* certify.c: a stored result becomes a signed certificate, or the reasons why not. */
#include "validator/cli/verbs.h"

enum { OPT_KEY = 1, OPT_PASSPHRASE, OPT_OUTPUT, OPT_HTML, OPT_PREVIOUS, OPT_LIMIT };
enum { TEXT_BYTES = 2048 };

static const hz_option options[] = {
    {OPT_KEY, "key", 'k', false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_KEY_SECRET, NULL},
    {OPT_PASSPHRASE, "passphrase-file", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PASSPHRASE, NULL},
    {OPT_OUTPUT, "output", 'o', false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_CERTIFY_OUTPUT, NULL},
    {OPT_HTML, "html", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_CERTIFY_HTML, NULL},
    {OPT_PREVIOUS, "previous", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_CERTIFY_PREVIOUS, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_CERTIFY_STATUS_0},
                                                 {1, HZ_MSG_OPT_CERTIFY_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {4, HZ_MSG_OPT_CERTIFY_STATUS_4},
                                                 {5, HZ_MSG_OPT_CERTIFY_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hezhun_context *context;
    hezhun_certificate *certificate;
} job;

static void say_refusals(job *j)
{
    size_t count = hezhun_certificate_refusals(j->certificate);
    hz_buf text = HZ_BUF_INIT;
    const hz_slice path = hz_slice_of(j->opts->operands[0]);
    hz_msg_render(&text, HZ_MSG_CLI_REFUSED, &path, 1, j->lang);
    hz_buf_putc(&text, '\n');
    for (size_t i = 0; i < count; i++) {
        char said[TEXT_BYTES], advice[TEXT_BYTES];
        (void)hezhun_certificate_refusal(said, sizeof said, j->certificate, i, false, (hezhun_lang)j->lang);
        (void)hezhun_certificate_refusal(advice, sizeof advice, j->certificate, i, true, (hezhun_lang)j->lang);
        hz_buf_printf(&text, "  - %s\n    = %s\n", said, advice);
    }
    hz_say(hz_buf_slice(&text));
    hz_buf_clear(&text);
}

/* Files first, both or none; then standard output. */
static int write_faces(job *j)
{
    const char *output = hz_opts_value(j->opts, OPT_OUTPUT), *html = hz_opts_value(j->opts, OPT_HTML);
    hezhun_bytes json = HEZHUN_BYTES_INIT, page = HEZHUN_BYTES_INIT;
    hezhun_lang lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : HEZHUN_ZH;
    hezhun_file files[2];
    size_t count = 0;
    hezhun_status st = hezhun_certificate_render(&json, j->certificate, "json", lang, j->problem);
    if (st == HEZHUN_OK && html)
        st = hezhun_certificate_render(&page, j->certificate, "html", lang, j->problem);
    if (output && strcmp(output, "-") != 0)
        files[count++] = (hezhun_file){output, {json.ptr, json.len}};
    if (html)
        files[count++] = (hezhun_file){html, {page.ptr, page.len}};
    if (st == HEZHUN_OK)
        st = hezhun_write_files(files, count, j->problem);
    int exit_status = st == HEZHUN_OK ? HZ_EXIT_OK : hz_say_problem(j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK && (!output || strcmp(output, "-") == 0))
        exit_status = hz_out((hz_slice){json.ptr, json.len}, j->lang);
    hezhun_bytes_free(&json);
    hezhun_bytes_free(&page);
    return exit_status;
}

static int certify(job *j)
{
    hezhun_certify_options how = HEZHUN_CERTIFY_OPTIONS_INIT;
    how.result = j->opts->operands[0];
    how.key = hz_opts_value(j->opts, OPT_KEY);
    how.passphrase_file = hz_opts_value(j->opts, OPT_PASSPHRASE);
    how.previous = hz_opts_value(j->opts, OPT_PREVIOUS);
    how.now = hz_now();
    if (!how.key) {
        hz_error err = {0};
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(CLI_NO_KEY));
        hz_error_hint(&err, HZ_MSG_CLI_NO_KEY_HINT);
        return hz_say_usage(&err, j->opts->verb, j->lang);
    }
    int exit_status = hz_context_of(&j->context, j->opts, 0, 0, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    if (hezhun_certify(&j->certificate, j->context, &how, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    if (!hezhun_certificate_refusals(j->certificate))
        return write_faces(j);
    say_refusals(j);
    return HZ_EXIT_NOT_CONFORMANT;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? certify(&j) : hz_say_problem(NULL, lang);
    hezhun_certificate_free(j.certificate);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_certify = {"certify",
                                 HZ_MSG_OPT_CERTIFY,
                                 HZ_MSG_OPT_CERTIFY_USAGE,
                                 options,
                                 sizeof options / sizeof *options,
                                 HZ_MSG_OPT_CERTIFY_OPERANDS,
                                 1,
                                 1,
                                 statuses,
                                 sizeof statuses / sizeof *statuses,
                                 run};
