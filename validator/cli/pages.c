/* pages.c: see pages.h. */
#include "validator/cli/pages.h"

const char *const hz_shell_words[] = {"bash", "zsh", "fish", NULL};

/* ---- what an option's value may be ---- */

/* The words that an option takes, or that begin its value. NULL past the last. */
static const char *word_of(const hz_option *option, size_t index)
{
    if (option->known)
        return option->known(index);
    for (size_t i = 0; option->words && i <= index; i++)
        if (!option->words[i])
            return NULL;
    return option->words ? option->words[index] : NULL;
}

static void put_words(hz_buf *out, const hz_option *option, const char *gap)
{
    const char *word;
    for (size_t i = 0; (word = word_of(option, i)) != NULL; i++)
        hz_buf_printf(out, "%s%s", i ? gap : "", word);
}

static void put_help(hz_buf *out, const hz_option *option, hz_lang lang)
{
    hz_buf known = HZ_BUF_INIT;
    put_words(&known, option, " ");
    const hz_slice arg = hz_buf_slice(&known);
    hz_msg_render(out, option->help, &arg, 1, lang);
    hz_buf_clear(&known);
}

/* Text between single quotes of a shell. */
static void put_quoted(hz_buf *out, hz_slice text, const char *escaped)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hz_buf_puts(out, "'\\''");
        else if (strchr(escaped, text.ptr[i]))
            hz_buf_printf(out, "\\%c", text.ptr[i]);
        else
            hz_buf_putc(out, text.ptr[i]);
    }
}

static void put_quoted_help(hz_buf *out, const hz_option *option, const char *escaped, hz_lang lang)
{
    hz_buf help = HZ_BUF_INIT;
    put_help(&help, option, lang);
    put_quoted(out, hz_buf_slice(&help), escaped);
    hz_buf_clear(&help);
}

/* ---- bash ---- */

static void put_names(hz_buf *out, const hz_verb *verb)
{
    for (size_t i = 0; i < verb->options_count; i++) {
        hz_buf_printf(out, "%s--%s", i ? " " : "", verb->options[i].name);
        if (verb->options[i].letter)
            hz_buf_printf(out, " -%c", verb->options[i].letter);
    }
}

/* Of one verb: the words of options that take some; other values are files. */
static void put_bash_verb(hz_buf *out, const hz_verb *verb)
{
    hz_buf_printf(out, "    %s)\n        case $before in\n", verb->name);
    for (size_t i = 0; i < verb->options_count; i++) {
        const hz_option *option = &verb->options[i];
        if (option->value == HZ_MSG_NONE)
            continue;
        hz_buf_printf(out, "        --%s", option->name);
        if (option->letter)
            hz_buf_printf(out, "|-%c", option->letter);
        if (word_of(option, 0)) {
            hz_buf_puts(out, ") COMPREPLY=($(compgen -W '");
            put_words(out, option, " ");
            hz_buf_puts(out, "' -- \"$word\")); return ;;\n");
        } else {
            hz_buf_puts(out, ") return ;;\n");
        }
    }
    hz_buf_puts(out, "        esac\n        options='");
    put_names(out, verb);
    hz_buf_puts(out, "' ;;\n");
}

static void put_bash(hz_buf *out)
{
    size_t count = 0;
    const hz_verb *const *verbs = hz_verbs(&count);
    hz_buf_puts(out,
                "# bash completion of hezhun, made by: hezhun help --completion bash\n_hezhun()\n{\n"
                "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]} "
                "options=\n    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                "        COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < count; i++)
        hz_buf_printf(out, "%s ", verbs[i]->name);
    hz_buf_puts(out, "--help --version' -- \"$word\"))\n        return\n    fi\n    case $verb in\n");
    for (size_t i = 0; i < count; i++)
        put_bash_verb(out, verbs[i]);
    hz_buf_puts(out, "    esac\n    [[ $word == -* ]] && COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
                     "    if [ \"$verb\" = help ] && [[ $word != -* ]]; then\n        COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < count; i++)
        hz_buf_printf(out, "%s ", verbs[i]->name);
    for (size_t i = 0; hz_topic(i); i++)
        hz_buf_printf(out, "%s%s", i ? " " : "", hz_topic(i));
    hz_buf_puts(out, "' -- \"$word\"))\n    fi\n}\ncomplete -o default -F _hezhun hezhun\n");
}

/* ---- zsh ---- */

static void put_zsh_option(hz_buf *out, const hz_option *option, const char *form, hz_lang lang)
{
    hz_buf_printf(out, " \\\n            '%s%s", option->repeats ? "*" : "", form);
    hz_buf_puts(out, "[");
    put_quoted_help(out, option, "[]:\\", lang);
    hz_buf_putc(out, ']');
    if (option->value != HZ_MSG_NONE) {
        hz_buf_printf(out, ":%s:", option->name);
        if (word_of(option, 0)) {
            hz_buf_putc(out, '(');
            put_words(out, option, " ");
            hz_buf_putc(out, ')');
        } else {
            hz_buf_puts(out, "_files");
        }
    }
    hz_buf_putc(out, '\'');
}

static void put_zsh_verb(hz_buf *out, const hz_verb *verb, hz_lang lang)
{
    hz_buf_printf(out, "    %s)\n        _arguments", verb->name);
    for (size_t i = 0; i < verb->options_count; i++) {
        const hz_option *option = &verb->options[i];
        char form[64] = "--";
        size_t len = strlen(option->name);
        memcpy(form + 2, option->name, len < sizeof form - 3 ? len : sizeof form - 3);
        put_zsh_option(out, option, form, lang);
        if (option->letter)
            put_zsh_option(out, option, (char[]){'-', option->letter, '\0'}, lang);
    }
    hz_buf_puts(out, " \\\n            '*:file:_files' ;;\n");
}

static void put_zsh(hz_buf *out, hz_lang lang)
{
    size_t count = 0;
    const hz_verb *const *verbs = hz_verbs(&count);
    hz_buf_puts(
        out, "#compdef hezhun\n# made by: hezhun help --completion zsh\n_hezhun()\n{\n    local -a verbs\n    verbs=(");
    for (size_t i = 0; i < count; i++) {
        hz_buf_printf(out, "\n        '%s:", verbs[i]->name);
        put_quoted(out, hz_slice_of(hz_msg_text(verbs[i]->summary, lang)), ":\\");
        hz_buf_putc(out, '\'');
    }
    hz_buf_puts(out, ")\n    if (( CURRENT == 2 )); then\n        _describe verb verbs\n        return\n    fi\n"
                     "    local verb=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $verb in\n");
    for (size_t i = 0; i < count; i++)
        put_zsh_verb(out, verbs[i], lang);
    hz_buf_puts(out, "    esac\n}\n_hezhun \"$@\"\n");
}

/* ---- fish ---- */

static void put_fish_option(hz_buf *out, const hz_verb *verb, const hz_option *option, hz_lang lang)
{
    hz_buf_printf(out, "complete -c hezhun -n '__fish_seen_subcommand_from %s' -l %s", verb->name, option->name);
    if (option->letter)
        hz_buf_printf(out, " -s %c", option->letter);
    if (option->value != HZ_MSG_NONE)
        hz_buf_puts(out, word_of(option, 0) ? " -x -a '" : " -r");
    if (option->value != HZ_MSG_NONE && word_of(option, 0)) {
        put_words(out, option, " ");
        hz_buf_putc(out, '\'');
    }
    hz_buf_puts(out, " -d '");
    put_quoted_help(out, option, "\\", lang);
    hz_buf_puts(out, "'\n");
}

static void put_fish(hz_buf *out, hz_lang lang)
{
    size_t count = 0;
    const hz_verb *const *verbs = hz_verbs(&count);
    hz_buf_puts(out, "# fish completion of hezhun, made by: hezhun help --completion fish\n");
    for (size_t i = 0; i < count; i++) {
        hz_buf_printf(out, "complete -c hezhun -f -n __fish_use_subcommand -a %s -d '", verbs[i]->name);
        put_quoted(out, hz_slice_of(hz_msg_text(verbs[i]->summary, lang)), "\\");
        hz_buf_puts(out, "'\n");
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < verbs[i]->options_count; k++)
            put_fish_option(out, verbs[i], &verbs[i]->options[k], lang);
}

void hz_put_completion(hz_buf *out, const char *shell, hz_lang lang)
{
    if (strcmp(shell, "bash") == 0)
        put_bash(out);
    else if (strcmp(shell, "zsh") == 0)
        put_zsh(out, lang);
    else
        put_fish(out, lang);
}

/* ---- the manual page ---- */

/* Text as roff reads it: a backslash, a hyphen that is typed, and a dot or quote at the start of a line. */
static void put_roff(hz_buf *out, hz_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool start = i == 0 || text.ptr[i - 1] == '\n';
        if (start && (text.ptr[i] == '.' || text.ptr[i] == '\''))
            hz_buf_puts(out, "\\&");
        if (text.ptr[i] == '\\')
            hz_buf_puts(out, "\\e");
        else if (text.ptr[i] == '-')
            hz_buf_puts(out, "\\-");
        else
            hz_buf_putc(out, text.ptr[i]);
    }
}

static void put_roff_line(hz_buf *out, const char *text)
{
    put_roff(out, hz_slice_of(text));
    hz_buf_putc(out, '\n');
}

static void put_man_option(hz_buf *out, const hz_option *option, hz_lang lang)
{
    hz_buf help = HZ_BUF_INIT;
    hz_buf_puts(out, ".TP\n");
    if (option->letter)
        hz_buf_printf(out, "\\fB\\-%c\\fR, ", option->letter);
    hz_buf_puts(out, "\\fB\\-\\-");
    put_roff(out, hz_slice_of(option->name));
    hz_buf_puts(out, "\\fR");
    if (option->value != HZ_MSG_NONE) {
        hz_buf_puts(out, " \\fI");
        put_roff(out, hz_slice_of(hz_msg_text(option->value, lang)));
        hz_buf_puts(out, "\\fR");
    }
    hz_buf_putc(out, '\n');
    put_help(&help, option, lang);
    put_roff(out, hz_buf_slice(&help));
    hz_buf_putc(out, '\n');
    hz_buf_clear(&help);
}

static void put_man_verb(hz_buf *out, const hz_verb *verb, hz_lang lang)
{
    hz_buf_puts(out, ".PP\n\\fB");
    put_roff(out, hz_slice_of(hz_msg_text(verb->usage, lang)));
    hz_buf_puts(out, "\\fR\n.PP\n");
    put_roff_line(out, hz_msg_text(verb->summary, lang));
    for (size_t i = 0; i < verb->options_count; i++)
        put_man_option(out, &verb->options[i], lang);
    for (size_t i = 0; i < verb->statuses_count; i++) {
        hz_buf_printf(out, "%s.TP\n%d\n", i ? "" : ".PP\n", verb->statuses[i].status);
        put_roff_line(out, hz_msg_text(verb->statuses[i].says, lang));
    }
}

static void put_section(hz_buf *out, hz_msg_id title, hz_lang lang)
{
    hz_buf_puts(out, ".SH \"");
    put_roff(out, hz_slice_of(hz_msg_text(title, lang)));
    hz_buf_puts(out, "\"\n");
}

void hz_put_man(hz_buf *out, const hz_verb *verb, hz_lang lang)
{
    size_t count = 0;
    const hz_verb *const *verbs = hz_verbs(&count);
    hz_buf_printf(out, ".TH HEZHUN%s%s 1 \"\" \"hezhun %s\"\n", verb ? "\\-" : "", verb ? verb->name : "",
                  hezhun_version());
    put_section(out, HZ_MSG_MAN_NAME, lang);
    hz_buf_printf(out, "hezhun%s%s \\- ", verb ? "\\-" : "", verb ? verb->name : "");
    put_roff_line(out, hz_msg_text(verb ? verb->summary : HZ_MSG_OPT_MAIN_ABOUT, lang));
    if (verb) {
        put_section(out, HZ_MSG_MAN_SYNOPSIS, lang);
        put_man_verb(out, verb, lang);
        return;
    }
    put_section(out, HZ_MSG_MAN_SYNOPSIS, lang);
    put_roff_line(out, hz_msg_text(HZ_MSG_OPT_MAIN_USAGE, lang));
    put_section(out, HZ_MSG_MAN_VERBS, lang);
    for (size_t i = 0; i < count; i++) {
        hz_buf_printf(out, ".SS %s\n", verbs[i]->name);
        put_man_verb(out, verbs[i], lang);
    }
    put_section(out, HZ_MSG_MAN_TOPICS, lang);
    for (size_t i = 0; hz_topic(i); i++) {
        hz_buf topic = HZ_BUF_INIT;
        hz_topic_put(&topic, i, lang);
        hz_buf_puts(out, ".SS ");
        put_roff(out, hz_slice_of(hz_topic(i)));
        hz_buf_puts(out, "\n.nf\n");
        put_roff(out, hz_buf_slice(&topic));
        hz_buf_puts(out, ".fi\n");
        hz_buf_clear(&topic);
    }
}
