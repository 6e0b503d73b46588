/* help.c: help of verbs and topics; and what is made of the tables of verbs and options: the manual page and the
 * completion of three shells. */
#include "validator/cli/pages.h"

enum { OPT_MAN = 1, OPT_COMPLETION };

static const hz_option options[] = {
    {OPT_MAN, "man", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_MAN, NULL},
    {OPT_COMPLETION, "completion", 0, false, HZ_MSG_OPT_V_SHELL, hz_shell_words, HZ_MSG_OPT_COMPLETION, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_PILOT_STATUS_0}, {2, HZ_MSG_OPT_CHECK_STATUS_2}};

static const struct topic {
    const char *name;
    hz_msg_id title, text;
} topics[] = {{"exit-status", HZ_MSG_TOPIC_EXIT, HZ_MSG_TOPIC_EXIT_TEXT},
              {"environment", HZ_MSG_TOPIC_ENVIRONMENT, HZ_MSG_TOPIC_ENVIRONMENT_TEXT},
              {"profiles", HZ_MSG_TOPIC_PROFILES, HZ_MSG_TOPIC_PROFILES_TEXT},
              {"dates", HZ_MSG_TOPIC_DATES, HZ_MSG_TOPIC_DATES_TEXT},
              {"rules", HZ_MSG_TOPIC_RULES, HZ_MSG_TOPIC_RULES_TEXT}};
enum { TOPICS_COUNT = sizeof topics / sizeof *topics };

const char *hz_topic(size_t index)
{
    return index < TOPICS_COUNT ? topics[index].name : NULL;
}

void hz_topic_put(hz_buf *out, size_t index, hz_lang lang)
{
    hz_buf_printf(out, "%s\n\n%s\n", hz_msg_text(topics[index].title, lang), hz_msg_text(topics[index].text, lang));
}

void hz_topics_put(hz_buf *out, hz_lang lang)
{
    for (size_t i = 0; i < TOPICS_COUNT; i++)
        hz_help_line(out, hz_slice_of(topics[i].name), 12, hz_slice_of(hz_msg_text(topics[i].title, lang)));
}

static int show(const char *word, hz_lang lang)
{
    hz_buf out = HZ_BUF_INIT;
    if (!word) {
        hz_main_help(&out, lang);
        return hz_out_buf(&out, lang);
    }
    const hz_verb *verb = hz_verb_named(word);
    if (verb)
        hz_verb_help(&out, verb, lang);
    for (size_t i = 0; !verb && i < TOPICS_COUNT; i++)
        if (strcmp(topics[i].name, word) == 0)
            hz_topic_put(&out, i, lang);
    return out.len ? hz_out_buf(&out, lang) : hz_say_unknown_verb(word, lang);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    const char *shell = hz_opts_value(opts, OPT_COMPLETION), *word = opts->operands_count ? opts->operands[0] : NULL;
    hz_buf out = HZ_BUF_INIT;
    if (shell) {
        hz_put_completion(&out, shell, lang);
        return hz_out_buf(&out, lang);
    }
    if (!hz_opts_has(opts, OPT_MAN))
        return show(word, lang);
    if (word && !hz_verb_named(word))
        return hz_say_unknown_verb(word, lang);
    hz_put_man(&out, word ? hz_verb_named(word) : NULL, lang);
    return hz_out_buf(&out, lang);
}

const hz_verb hz_verb_help_ = {"help",
                               HZ_MSG_OPT_HELP_VERB,
                               HZ_MSG_OPT_HELP_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_NONE,
                               0,
                               1,
                               statuses,
                               sizeof statuses / sizeof *statuses,
                               run};
