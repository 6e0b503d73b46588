/* opt.c: see opt.h. */
#include "validator/cli/opt.h"
#include "base/alloc.h"
#include "base/diag.h"
#include "base/utf8.h"
#include <stdio.h>

enum { HELP_WIDTH = 100, NAMES_MAX = 64, NAME_BYTES = 64, WORDS_BYTES = 256 };

const char *const hz_opt_langs[] = {"zh", "en", NULL};

/* ---- parsing ---- */

typedef struct reader {
    hz_opts *out;
    int argc, at;
    char **argv;
    size_t given_capacity, operands_capacity;
    hz_error *err;
} reader;

static hz_status say_near(hz_status st, hz_slice near, hz_error *err)
{
    if (near.len)
        hz_error_hint(err, HZ_MSG_API_NEAREST);
    return st;
}

/* shown: with its dashes, as the user wrote it without a value. */
static hz_status unknown_option(const hz_verb *verb, hz_slice shown, hz_error *err)
{
    char text[NAMES_MAX][NAME_BYTES];
    hz_slice names[NAMES_MAX];
    size_t count = 0;
    for (; count < verb->options_count && count < NAMES_MAX; count++) {
        hz_slice name = hz_slice_of(verb->options[count].name);
        size_t len = name.len < NAME_BYTES - 2 ? name.len : NAME_BYTES - 2;
        memcpy(text[count], "--", 2);
        memcpy(text[count] + 2, name.ptr, len);
        names[count] = (hz_slice){text[count], len + 2};
    }
    hz_slice near = shown.len > 2 ? hz_nearest(shown, names, count) : HZ_SLICE_NONE;
    return say_near(hz_fail(err, HZ_E_USAGE, HZ_M(OPT_UNKNOWN), HZ_S(shown), HZ_S(near), HZ_Z(verb->name)), near, err);
}

static const hz_option *by_name(const hz_verb *verb, hz_slice name)
{
    for (size_t i = 0; i < verb->options_count; i++)
        if (hz_slice_is(name, verb->options[i].name))
            return &verb->options[i];
    return NULL;
}

static const hz_option *by_letter(const hz_verb *verb, char letter)
{
    for (size_t i = 0; i < verb->options_count; i++)
        if (letter && verb->options[i].letter == letter)
            return &verb->options[i];
    return NULL;
}

static hz_status check_word(const hz_option *option, hz_slice shown, const char *value, hz_error *err)
{
    hz_slice names[NAMES_MAX];
    char known[WORDS_BYTES] = "";
    size_t count = 0, used = 0;
    for (; option->words && option->words[count] && count < NAMES_MAX; count++) {
        names[count] = hz_slice_of(option->words[count]);
        if (hz_slice_is(names[count], value))
            return HZ_OK;
        if (used + names[count].len + 2 < sizeof known) {
            if (used)
                known[used++] = ' ';
            memcpy(known + used, names[count].ptr, names[count].len + 1);
            used += names[count].len;
        }
    }
    if (!option->words)
        return HZ_OK;
    hz_slice near = hz_nearest(hz_slice_of(value), names, count);
    return say_near(hz_fail(err, HZ_E_USAGE, HZ_M(OPT_WORD), HZ_S(shown), HZ_S(near), HZ_Z(value), HZ_Z(known)), near,
                    err);
}

static hz_status add(reader *r, const hz_option *option, hz_slice shown, const char *value)
{
    hz_opts *out = r->out;
    if (!option->repeats && hz_opts_has(out, option->id))
        return hz_fail(r->err, HZ_E_USAGE, HZ_M(OPT_TWICE), HZ_S(shown));
    if (value)
        HZ_TRY(check_word(option, shown, value, r->err));
    if (!HZ_GROW(out->given, r->given_capacity, out->given_count + 1))
        return hz_nomem(r->err, sizeof *out->given);
    out->given[out->given_count++] = (struct hz_opt_given){option, value};
    return HZ_OK;
}

/* The option's own value or the next word. */
static hz_status add_with_value(reader *r, const hz_option *option, hz_slice shown, const char *attached)
{
    if (option->value == HZ_MSG_NONE)
        return attached ? hz_fail(r->err, HZ_E_USAGE, HZ_M(OPT_NO_VALUE), HZ_S(shown)) : add(r, option, shown, NULL);
    if (!attached && r->at < r->argc)
        attached = r->argv[r->at++];
    if (!attached || !*attached)
        return hz_fail(r->err, HZ_E_USAGE, HZ_M(OPT_WANTS_VALUE), HZ_S(shown));
    return add(r, option, shown, attached);
}

static hz_status long_option(reader *r, char *word)
{
    char *equals = strchr(word, '=');
    hz_slice shown = {word, equals ? (size_t)(equals - word) : strlen(word)};
    const hz_option *option = by_name(r->out->verb, hz_slice_sub(shown, 2, shown.len));
    return option ? add_with_value(r, option, shown, equals ? equals + 1 : NULL)
                  : unknown_option(r->out->verb, shown, r->err);
}

/* -p VALUE, -pVALUE, and flags run together: -qh. */
static hz_status short_options(reader *r, char *word)
{
    for (char *at = word + 1; *at; at++) {
        char letter[2] = {'-', *at};
        size_t next = 0;
        const hz_option *option = by_letter(r->out->verb, *at);
        if (!option) {
            (void)hz_utf8_next(hz_slice_of(at), &next);
            char shown[8] = "-";
            memcpy(shown + 1, at, next);
            return unknown_option(r->out->verb, (hz_slice){shown, next + 1}, r->err);
        }
        if (option->value != HZ_MSG_NONE)
            return add_with_value(r, option, (hz_slice){letter, 2}, at[1] ? at + 1 : NULL);
        HZ_TRY(add(r, option, (hz_slice){letter, 2}, NULL));
    }
    return HZ_OK;
}

static hz_status operand(reader *r, const char *word)
{
    hz_opts *out = r->out;
    if (out->operands_count == out->verb->operands_max)
        return hz_fail(r->err, HZ_E_USAGE, HZ_M(OPT_OPERAND_EXTRA), HZ_Z(out->verb->name), HZ_Z(word));
    if (!HZ_GROW(out->operands, r->operands_capacity, out->operands_count + 1))
        return hz_nomem(r->err, sizeof *out->operands);
    out->operands[out->operands_count++] = word;
    return HZ_OK;
}

static hz_status read_words(reader *r)
{
    bool ended = false;
    while (r->at < r->argc) {
        char *word = r->argv[r->at++];
        if (ended || word[0] != '-' || !word[1])
            HZ_TRY(operand(r, word));
        else if (strcmp(word, "--") == 0)
            ended = true;
        else
            HZ_TRY(word[1] == '-' ? long_option(r, word) : short_options(r, word));
    }
    return HZ_OK;
}

hz_status hz_opts_parse(hz_opts *out, const hz_verb *verb, int argc, char **argv, hz_error *err)
{
    *out = (hz_opts){.verb = verb};
    reader r = {.out = out, .argc = argc, .argv = argv, .err = err};
    hz_status st = read_words(&r);
    if (st == HZ_OK && out->operands_count < verb->operands_min && !hz_opts_has(out, HZ_OPT_HELP))
        st = hz_error_set(err, HZ_E_USAGE, &(const hz_arg){HZ_ARG_MESSAGE, verb->operands, HZ_SLICE_NONE, 0, 0}, 1);
    if (st != HZ_OK)
        hz_opts_clear(out);
    return st;
}

void hz_opts_clear(hz_opts *opts)
{
    hz_mem_free(opts->given);
    hz_mem_free((void *)opts->operands);
    opts->given = NULL;
    opts->operands = NULL;
    opts->given_count = opts->operands_count = 0;
}

/* ---- reading what was given ---- */

size_t hz_opts_count(const hz_opts *opts, int id)
{
    size_t count = 0;
    for (size_t i = 0; i < opts->given_count; i++)
        count += opts->given[i].option->id == id;
    return count;
}

bool hz_opts_has(const hz_opts *opts, int id)
{
    return hz_opts_count(opts, id) > 0;
}

const char *hz_opts_nth(const hz_opts *opts, int id, size_t index)
{
    for (size_t i = 0; i < opts->given_count; i++)
        if (opts->given[i].option->id == id && index-- == 0)
            return opts->given[i].value;
    return NULL;
}

hz_status hz_opts_all(const char *const **out, size_t *count, const hz_opts *opts, int id, hz_arena *arena,
                      hz_error *err)
{
    const char **values = HZ_ARENA_ARRAY(arena, const char *, hz_opts_count(opts, id) + 1);
    *out = values;
    *count = values ? hz_opts_count(opts, id) : 0;
    for (size_t i = 0; i < *count; i++)
        values[i] = hz_opts_nth(opts, id, i);
    return values ? HZ_OK : hz_nomem(err, hz_opts_count(opts, id) * sizeof *values);
}

const char *hz_opts_value(const hz_opts *opts, int id)
{
    size_t count = hz_opts_count(opts, id);
    return count ? hz_opts_nth(opts, id, count - 1) : NULL;
}

const hz_option *hz_verb_option(const hz_verb *verb, int id)
{
    for (size_t i = 0; i < verb->options_count; i++)
        if (verb->options[i].id == id)
            return &verb->options[i];
    return NULL;
}

static hz_status fail_form(const hz_option *option, hz_msg_id message, const char *value, hz_error *err)
{
    char shown[NAME_BYTES];
    (void)snprintf(shown, sizeof shown, "--%s", option->name);
    const hz_arg args[] = {{HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}, HZ_Z(shown), HZ_Z(value)};
    return hz_error_set(err, HZ_E_USAGE, args, sizeof args / sizeof *args);
}

hz_status hz_opt_number(uint64_t *out, const hz_option *option, const char *value, hz_error *err)
{
    uint64_t n = 0;
    bool good = *value != '\0';
    for (const char *at = value; good && *at; at++) {
        good = *at >= '0' && *at <= '9' && !__builtin_mul_overflow(n, UINT64_C(10), &n) &&
               !__builtin_add_overflow(n, (uint64_t)(*at - '0'), &n);
    }
    *out = good ? n : 0;
    return good ? HZ_OK : fail_form(option, HZ_MSG_OPT_NUMBER, value, err);
}

hz_status hz_opt_size(uint64_t *out, const hz_option *option, const char *value, hz_error *err)
{
    static const char units[] = "KMGT";
    char digits[32];
    size_t len = strlen(value);
    const char *unit = len > 1 ? strchr(units, value[len - 1] & ~0x20) : NULL;
    size_t count = unit ? len - 1 : len;
    bool good = count > 0 && count < sizeof digits;
    if (good) {
        memcpy(digits, value, count);
        digits[count] = '\0';
        good = hz_opt_number(out, option, digits, NULL) == HZ_OK;
    }
    for (long n = unit ? unit - units + 1 : 0; good && n > 0; n--)
        good = !__builtin_mul_overflow(*out, UINT64_C(1024), out);
    return good && *out ? HZ_OK : fail_form(option, HZ_MSG_OPT_SIZE, value, err);
}

static hz_status read_pair(hz_pair *out, const hz_option *option, const char *text, hz_arena *arena, hz_error *err)
{
    const char *equals = strchr(text, '=');
    hz_slice name;
    if (!equals || equals == text)
        return fail_form(option, HZ_MSG_OPT_PAIR, text, err);
    if (hz_arena_copy(&name, arena, (hz_slice){text, (size_t)(equals - text)}) != HZ_OK)
        return hz_nomem(err, (size_t)(equals - text));
    *out = (hz_pair){name.ptr, equals + 1};
    return HZ_OK;
}

hz_status hz_opts_pairs(hz_pair **out, size_t *count, const hz_opts *opts, int id, hz_arena *arena, hz_error *err)
{
    *count = hz_opts_count(opts, id);
    *out = HZ_ARENA_ARRAY(arena, hz_pair, *count + 1);
    if (!*out)
        return hz_nomem(err, *count * sizeof **out);
    for (size_t i = 0; i < *count; i++)
        HZ_TRY(read_pair(&(*out)[i], hz_verb_option(opts->verb, id), hz_opts_nth(opts, id, i), arena, err));
    return HZ_OK;
}

/* ---- help ---- */

static void blanks(hz_buf *out, size_t count)
{
    while (count--)
        hz_buf_putc(out, ' ');
}

/* Where to break `text` so that at most `cells` stand before: after a blank, or after any wide character. */
static size_t break_at(hz_slice text, size_t cells)
{
    size_t used = 0, best = 0;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c = hz_utf8_next(text, &at);
        int width = hz_utf8_cell_width(c);
        if (used + (size_t)width > cells)
            return best ? best : from ? from : at;
        used += (size_t)width;
        if (c == ' ' || width == 2)
            best = at;
    }
    return text.len;
}

void hz_help_line(hz_buf *out, hz_slice left, size_t left_width, hz_slice right)
{
    size_t indent = left_width + 4, room = indent + 20 < HELP_WIDTH ? HELP_WIDTH - indent : 20,
           width = hz_utf8_width(left);
    blanks(out, 2);
    hz_buf_put(out, left);
    blanks(out, width < left_width ? left_width - width + 2 : 2);
    for (bool first = true; right.len; first = false) {
        size_t cut = break_at(right, room);
        if (!first)
            blanks(out, indent);
        hz_slice line = hz_slice_sub(right, 0, cut);
        while (line.len && line.ptr[line.len - 1] == ' ')
            line.len--;
        hz_buf_put(out, line);
        hz_buf_putc(out, '\n');
        right = hz_slice_sub(right, cut, right.len);
    }
}

/* "-p, --profile PROFILE" */
static void put_form(hz_buf *out, const hz_option *option, hz_lang lang)
{
    if (option->letter)
        hz_buf_printf(out, "-%c, ", option->letter);
    else
        blanks(out, 4);
    hz_buf_printf(out, "--%s", option->name);
    if (option->value != HZ_MSG_NONE)
        hz_buf_printf(out, " %s", hz_msg_text(option->value, lang));
}

static void put_says(hz_buf *out, const hz_option *option, hz_lang lang)
{
    hz_buf known = HZ_BUF_INIT;
    const char *word;
    for (size_t i = 0; option->known && (word = option->known(i)) != NULL; i++)
        hz_buf_printf(&known, "%s%s", i ? " " : "", word);
    const hz_slice arg = hz_buf_slice(&known);
    hz_msg_render(out, option->help, &arg, 1, lang);
    hz_buf_clear(&known);
}

static void put_options(hz_buf *out, const hz_verb *verb, hz_lang lang)
{
    hz_buf form = HZ_BUF_INIT, says = HZ_BUF_INIT;
    size_t widest = 0;
    for (size_t i = 0; i < verb->options_count; i++) {
        hz_buf_reset(&form);
        put_form(&form, &verb->options[i], lang);
        size_t width = hz_utf8_width(hz_buf_slice(&form));
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < verb->options_count; i++) {
        hz_buf_reset(&form);
        put_form(&form, &verb->options[i], lang);
        hz_buf_reset(&says);
        put_says(&says, &verb->options[i], lang);
        hz_help_line(out, hz_buf_slice(&form), widest, hz_buf_slice(&says));
    }
    hz_buf_clear(&form);
    hz_buf_clear(&says);
}

void hz_verb_help(hz_buf *out, const hz_verb *verb, hz_lang lang)
{
    const hz_slice usage = hz_slice_of(hz_msg_text(verb->usage, lang));
    hz_msg_render(out, HZ_MSG_OPT_USAGE, &usage, 1, lang);
    hz_buf_printf(out, "\n%s\n\n%s\n", hz_msg_text(verb->summary, lang), hz_msg_text(HZ_MSG_OPT_HEAD_OPTIONS, lang));
    put_options(out, verb, lang);
    if (!verb->statuses_count)
        return;
    hz_buf_printf(out, "\n%s\n", hz_msg_text(HZ_MSG_OPT_HEAD_STATUS, lang));
    for (size_t i = 0; i < verb->statuses_count; i++) {
        char digit = (char)('0' + verb->statuses[i].status);
        hz_help_line(out, (hz_slice){&digit, 1}, 1, hz_slice_of(hz_msg_text(verb->statuses[i].says, lang)));
    }
}
