/* opt.h: options as data. One table a verb gives parsing and --help in both languages (man page and completion come
 * from it too). Forms: --name VALUE, --name=VALUE, -n VALUE, -nVALUE; `--` ends options; `-` is an operand. Names are
 * not abbreviated: a wrong one is answered with the nearest. */
#ifndef HZ_CLI_OPT_H
#define HZ_CLI_OPT_H
#include "base/arena.h"
#include "base/buf.h"

typedef struct hz_option {
    int id;           /* of the verb's enum; 0 and negative ones are common to all (HZ_OPT_…) */
    const char *name; /* "profile", without dashes */
    char letter;      /* 'p'; 0: none */
    bool repeats;
    hz_msg_id value;          /* what the value is called; HZ_MSG_NONE: the option takes none */
    const char *const *words; /* the only values there are, the last NULL; NULL: any */
    hz_msg_id help;           /* {0} stands for the known words */
    const char *(*known)(
        size_t index); /* words that begin a value, told in the help: NULL past the last; may be NULL */
} hz_option;

enum { HZ_OPT_HELP = 0, HZ_OPT_LANG = -1 };
#define HZ_OPTIONS_OF_ALL                                                                                              \
    {HZ_OPT_LANG, "lang", 0, false, HZ_MSG_OPT_V_LANG, hz_opt_langs, HZ_MSG_OPT_LANG, NULL},                           \
    {                                                                                                                  \
        HZ_OPT_HELP, "help", 'h', true, HZ_MSG_NONE, NULL, HZ_MSG_OPT_HELP, NULL                                       \
    }
extern const char *const hz_opt_langs[];

typedef struct hz_opts hz_opts;

typedef struct hz_verb {
    const char *name; /* "check" */
    hz_msg_id summary, usage;
    const hz_option *options;
    size_t options_count;
    hz_msg_id operands; /* the message when there are fewer than operands_min */
    size_t operands_min, operands_max;
    const struct hz_verb_status {
        int status;
        hz_msg_id says;
    } * statuses; /* for --help */
    size_t statuses_count;
    int (*run)(const hz_opts *opts, hz_lang lang); /* the exit status */
} hz_verb;

struct hz_opts {
    const hz_verb *verb;
    struct hz_opt_given {
        const hz_option *option;
        const char *value; /* NULL: takes none */
    } * given;             /* in order */
    size_t given_count;
    const char **operands;
    size_t operands_count;
};

/* argv[0] is the first word after the verb. Values borrow argv. HZ_E_USAGE names option or operand, with the nearest
 * name. With --help among the options, missing operands are no mistake. Owned: hz_opts_clear. */
HZ_NODISCARD hz_status hz_opts_parse(hz_opts *out, const hz_verb *verb, int argc, char **argv, hz_error *err);
void hz_opts_clear(hz_opts *opts);

bool hz_opts_has(const hz_opts *opts, int id);
/* The value of the option given last; NULL without. */
const char *hz_opts_value(const hz_opts *opts, int id);
size_t hz_opts_count(const hz_opts *opts, int id);
/* The index-th value of a repeated option, in order; NULL past the last. */
const char *hz_opts_nth(const hz_opts *opts, int id, size_t index);

/* All values of a repeated option, in order; in arena. */
HZ_NODISCARD hz_status hz_opts_all(const char *const **out, size_t *count, const hz_opts *opts, int id, hz_arena *arena,
                                   hz_error *err);

/* Values of a form. HZ_E_USAGE naming the option. */
HZ_NODISCARD hz_status hz_opt_number(uint64_t *out, const hz_option *option, const char *value, hz_error *err);
/* A number of bytes, with K, M, G or T behind it (times 1024) or without. */
HZ_NODISCARD hz_status hz_opt_size(uint64_t *out, const hz_option *option, const char *value, hz_error *err);
typedef struct hz_pair {
    const char *name, *value; /* NUL-terminated */
} hz_pair;
/* All values of an option that are NAME=VALUE, cut at the first '=', in arena. An empty NAME, or no '=', is wrong. */
HZ_NODISCARD hz_status hz_opts_pairs(hz_pair **out, size_t *count, const hz_opts *opts, int id, hz_arena *arena,
                                     hz_error *err);
const hz_option *hz_verb_option(const hz_verb *verb, int id);

/* Usage, what it does, options aligned by display width, exit statuses. */
void hz_verb_help(hz_buf *out, const hz_verb *verb, hz_lang lang);
/* The line of a two-column list: two blanks, left, blanks up to left_width + 4, right wrapped at 100 cells. */
void hz_help_line(hz_buf *out, hz_slice left, size_t left_width, hz_slice right);
#endif
