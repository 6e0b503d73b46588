/* main.c: the program: which verb, in which language. Only cli/ prints and exits. */
#include "base/alloc.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "validator/cli/verbs.h"
#include <signal.h>

static const hz_verb *const verbs[] = {
    &hz_verb_check,   &hz_verb_lint,   &hz_verb_test,   &hz_verb_doc,      &hz_verb_export, &hz_verb_generate,
    &hz_verb_pilot,   &hz_verb_infer,  &hz_verb_map,    &hz_verb_manifest, &hz_verb_codes,  &hz_verb_keygen,
    &hz_verb_certify, &hz_verb_verify, &hz_verb_render, &hz_verb_merge,    &hz_verb_watch,  &hz_verb_explain,
    &hz_verb_diff,    &hz_verb_new,    &hz_verb_help_};
enum { VERBS_COUNT = sizeof verbs / sizeof *verbs };

/* ---- signals ---- */

static hezhun_cancel *watched;

static void on_signal(int number)
{
    (void)number;
    hezhun_cancel_raise(watched);
}

hezhun_cancel *hz_interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND};
    if (!watched)
        watched = hezhun_cancel_new();
    if (watched) {
        sigemptyset(&action.sa_mask);
        (void)sigaction(SIGINT, &action, NULL);
        (void)sigaction(SIGTERM, &action, NULL);
    }
    return watched;
}

/* A reader that went away, or a file that may not grow, is an error of the write. */
static void ignore_write_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    (void)sigaction(SIGPIPE, &action, NULL);
    (void)sigaction(SIGXFSZ, &action, NULL);
}

/* ---- words ---- */

/* --lang wherever it stands, so that mistakes before it are told in that language too. */
static hz_lang pick_lang(int argc, char **argv)
{
    hz_lang lang = hz_terminal_lang();
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value = NULL;
        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            value = argv[i + 1];
        else if (hz_slice_starts(hz_slice_of(argv[i]), HZ_SLICE_LIT("--lang=")))
            value = argv[i] + 7;
        if (value && (strcmp(value, "zh") == 0 || strcmp(value, "en") == 0))
            lang = strcmp(value, "zh") == 0 ? HZ_LANG_ZH : HZ_LANG_EN;
    }
    return lang;
}

const hz_verb *const *hz_verbs(size_t *count)
{
    *count = VERBS_COUNT;
    return verbs;
}

const hz_verb *hz_verb_named(const char *name)
{
    for (size_t i = 0; i < VERBS_COUNT; i++)
        if (strcmp(verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

int hz_say_usage(const hz_error *err, const hz_verb *verb, hz_lang lang)
{
    int exit_status = hz_say_error(err, lang);
    hz_buf command = HZ_BUF_INIT;
    hz_buf_printf(&command, verb ? "hezhun %s" : "hezhun", verb ? verb->name : "");
    const hz_slice shown = hz_buf_slice(&command);
    if (exit_status == HZ_EXIT_USAGE)
        hz_say_advice(HZ_MSG_OPT_SEE_HELP, &shown, 1, lang);
    hz_buf_clear(&command);
    return exit_status;
}

int hz_say_unknown_verb(const char *word, hz_lang lang)
{
    enum { TOPICS_MAX = 16 };
    hz_slice names[VERBS_COUNT + TOPICS_MAX + 2];
    hz_error err = {0};
    size_t count = 0;
    for (; count < VERBS_COUNT; count++)
        names[count] = hz_slice_of(verbs[count]->name);
    for (size_t i = 0; i < TOPICS_MAX && hz_topic(i); i++)
        names[count++] = hz_slice_of(hz_topic(i));
    names[count++] = HZ_SLICE_LIT("--help");
    names[count++] = HZ_SLICE_LIT("--version");
    hz_slice near = hz_nearest(hz_slice_of(word), names, count);
    if (word[0] == '-')
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(OPT_UNKNOWN), HZ_Z(word), HZ_S(near), HZ_Z("hezhun"));
    else
        (void)hz_fail(&err, HZ_E_USAGE, HZ_M(OPT_VERB_UNKNOWN), HZ_Z(word), HZ_S(near));
    if (near.len)
        hz_error_hint(&err, HZ_MSG_API_NEAREST);
    return hz_say_usage(&err, NULL, lang);
}

/* ---- help and version ---- */

void hz_main_help(hz_buf *out, hz_lang lang)
{
    static const struct {
        const char *form;
        hz_msg_id help;
    } options[] = {{"-h, --help", HZ_MSG_OPT_HELP}, {"    --version", HZ_MSG_OPT_VERSION}};
    const hz_slice usage = hz_slice_of(hz_msg_text(HZ_MSG_OPT_MAIN_USAGE, lang));
    hz_msg_render(out, HZ_MSG_OPT_USAGE, &usage, 1, lang);
    hz_buf_printf(out, "\n%s\n\n%s\n", hz_msg_text(HZ_MSG_OPT_MAIN_ABOUT, lang),
                  hz_msg_text(HZ_MSG_OPT_HEAD_VERBS, lang));
    for (size_t i = 0; i < VERBS_COUNT; i++)
        hz_help_line(out, hz_slice_of(verbs[i]->name), 8, hz_slice_of(hz_msg_text(verbs[i]->summary, lang)));
    hz_buf_printf(out, "\n%s\n", hz_msg_text(HZ_MSG_OPT_HEAD_TOPICS, lang));
    hz_topics_put(out, lang);
    hz_buf_printf(out, "\n%s\n", hz_msg_text(HZ_MSG_OPT_HEAD_OPTIONS, lang));
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        hz_help_line(out, hz_slice_of(options[i].form), 13, hz_slice_of(hz_msg_text(options[i].help, lang)));
    hz_buf_printf(out, "\n%s\n", hz_msg_text(HZ_MSG_OPT_MAIN_MORE, lang));
}

static int show_help(const hz_verb *verb, hz_lang lang)
{
    hz_buf out = HZ_BUF_INIT;
    hz_verb_help(&out, verb, lang);
    return hz_out_buf(&out, lang);
}

static int show_version(hz_lang lang)
{
    hz_buf out = HZ_BUF_INIT, formats = HZ_BUF_INIT;
    const char *name;
    bool built_in;
    hz_buf_printf(&out, "hezhun %s\n%s\n", hezhun_version(), hz_msg_text(HZ_MSG_CLI_VERSION_PARTS, lang));
    for (size_t i = 0; (name = hezhun_part(i, &built_in)) != NULL; i++)
        hz_help_line(
            &out, hz_slice_of(name), 8,
            hz_slice_of(hz_msg_text(built_in ? HZ_MSG_CLI_VERSION_BUILT_IN : HZ_MSG_CLI_VERSION_ABSENT, lang)));
    for (size_t i = 0; (name = hezhun_format(i)) != NULL; i++)
        hz_buf_printf(&formats, "%s%s", i ? " " : "", name);
    const hz_slice reads = HZ_SLICE_LIT("csv tsv txt json jsonl xml xlsx sqlite postgresql"),
                   writes = hz_buf_slice(&formats);
    hz_msg_render(&out, HZ_MSG_CLI_VERSION_READS, &reads, 1, lang);
    hz_buf_putc(&out, '\n');
    hz_msg_render(&out, HZ_MSG_CLI_VERSION_WRITES, &writes, 1, lang);
    hz_buf_putc(&out, '\n');
    hz_buf_clear(&formats);
    return hz_out_buf(&out, lang);
}

/* ---- the program ---- */

static int run_verb(const hz_verb *verb, int argc, char **argv, hz_lang lang)
{
    hz_opts opts;
    hz_error err = {0};
    if (hz_opts_parse(&opts, verb, argc, argv, &err) != HZ_OK)
        return hz_say_usage(&err, verb, lang);
    int exit_status = hz_opts_has(&opts, HZ_OPT_HELP) ? show_help(verb, lang) : verb->run(&opts, lang);
    hz_opts_clear(&opts);
    return exit_status;
}

static int run(int argc, char **argv)
{
    hz_lang lang = pick_lang(argc, argv);
    int at = 1;
    /* --lang may stand before the verb */
    while (at < argc && hz_slice_starts(hz_slice_of(argv[at]), HZ_SLICE_LIT("--lang")))
        at += strcmp(argv[at], "--lang") == 0 ? 2 : 1;
    if (at >= argc) {
        hz_buf out = HZ_BUF_INIT;
        hz_main_help(&out, lang);
        hz_say(hz_buf_slice(&out));
        hz_buf_clear(&out);
        return HZ_EXIT_USAGE;
    }
    const char *word = argv[at++];
    if (strcmp(word, "--version") == 0)
        return show_version(lang);
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        word = "help";
    const hz_verb *verb = hz_verb_named(word);
    return verb ? run_verb(verb, argc - at, argv + at, lang) : hz_say_unknown_verb(word, lang);
}

int main(int argc, char **argv)
{
    hz_mem_settle();
    if (!hz_terminal_guard())
        return HZ_EXIT_INCOMPLETE;
    ignore_write_signals();
    int exit_status = run(argc, argv);
    hezhun_cancel *flag = watched;
    watched = NULL;
    hezhun_cancel_free(flag);
    return exit_status;
}
