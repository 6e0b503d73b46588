/* codes.c: code lists to look at: all of them, one, or one code; and what is found in them by a part of a name, in
 * either language, or by a code, old ones too. */
#include "base/calendar.h"
#include "base/utf8.h"
#include "validator/cli/verbs.h"

enum { OPT_LISTS = 1, OPT_LIMIT, OPT_AS_OF, OPT_FIND };

static const hz_option options[] = {
    {OPT_AS_OF, "as-of", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_CODES_AS_OF, NULL},
    {OPT_FIND, "find", 0, false, HZ_MSG_OPT_V_TEXT, NULL, HZ_MSG_OPT_CODES_FIND, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {
    {0, HZ_MSG_OPT_CODES_STATUS_0}, {1, HZ_MSG_OPT_CODES_STATUS_1}, {2, HZ_MSG_OPT_CHECK_STATUS_2}};

typedef struct lookup {
    hezhun_context *context;
    hezhun_error *problem;
    hz_lang lang;
    bool has_day;
    int32_t day;
} lookup;

static hz_slice slice_of(hezhun_text text)
{
    return (hz_slice){text.ptr, text.len};
}

static bool holds(const lookup *job, const hezhun_code *code)
{
    return !job->has_day || (code->valid_from <= job->day && job->day < code->valid_to);
}

static hz_slice name_of(const hezhun_code *code, hz_lang lang)
{
    return hz_text2_pick((hz_text2){slice_of(code->name_zh), slice_of(code->name_en)}, lang, HZ_SLICE_NONE);
}

/* All lists: id and title. */
static int show_lists(const lookup *job)
{
    hz_buf out = HZ_BUF_INIT;
    size_t widest = 0;
    hezhun_text id;
    for (size_t i = 0; (id = hezhun_list_id(job->context, i)).len; i++) {
        size_t width = hz_utf8_width(slice_of(id));
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; (id = hezhun_list_id(job->context, i)).len; i++) {
        hz_buf name = HZ_BUF_INIT, safe = HZ_BUF_INIT;
        const hezhun_list *list = NULL;
        hz_buf_put(&name, slice_of(id));
        hezhun_status st = hz_buf_status(&name, NULL) == HZ_OK
                               ? hezhun_list_find(&list, job->context, name.ptr, job->problem)
                               : HEZHUN_E_NOMEM;
        if (st == HEZHUN_OK) {
            hz_utf8_put_safe(&safe, slice_of(hezhun_list_title(list, (hezhun_lang)job->lang)));
            hz_help_line(&out, slice_of(id), widest, hz_buf_slice(&safe));
        }
        hz_buf_clear(&name);
        hz_buf_clear(&safe);
        if (st != HEZHUN_OK) {
            hz_buf_clear(&out);
            return hz_say_problem(job->problem, job->lang);
        }
    }
    return hz_out_buf(&out, job->lang);
}

/* An end of a time as ISO 8601-2 has it: ".." is open. */
static void put_day(hz_buf *out, int32_t day)
{
    if (day == INT32_MIN || day == INT32_MAX)
        hz_buf_puts(out, "..");
    else
        hz_date_put(out, day);
}

/* Code, name and, where it is bounded, its time. */
static void put_row(hz_buf *out, const lookup *job, const hezhun_code *code)
{
    hz_utf8_put_safe(out, slice_of(code->code));
    hz_buf_putc(out, '\t');
    hz_utf8_put_safe(out, name_of(code, job->lang));
    if (code->valid_from == INT32_MIN && code->valid_to == INT32_MAX)
        return;
    hz_buf_putc(out, '\t');
    put_day(out, code->valid_from);
    hz_buf_putc(out, '/');
    put_day(out, code->valid_to);
}

static int show_list(const lookup *job, const hezhun_list *list)
{
    hz_buf out = HZ_BUF_INIT;
    for (size_t i = 0; i < hezhun_list_count(list); i++) {
        hezhun_code code;
        hezhun_list_code(&code, list, i);
        if (!holds(job, &code))
            continue;
        put_row(&out, job, &code);
        hz_buf_putc(&out, '\n');
    }
    return hz_out_buf(&out, job->lang);
}

static void put_field(hz_buf *out, const lookup *job, hz_msg_id name, hz_slice value)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, value);
    if (value.len)
        hz_help_line(out, hz_slice_of(hz_msg_text(name, job->lang)), 12, hz_buf_slice(&safe));
    hz_buf_clear(&safe);
}

static void put_code(hz_buf *out, const lookup *job, const hezhun_code *code)
{
    hz_buf from = HZ_BUF_INIT, to = HZ_BUF_INIT;
    if (code->valid_from != INT32_MIN)
        hz_date_put(&from, code->valid_from);
    if (code->valid_to != INT32_MAX)
        hz_date_put(&to, code->valid_to);
    if (out->len)
        hz_buf_putc(out, '\n');
    put_field(out, job, HZ_MSG_CLI_CODE, slice_of(code->code));
    put_field(out, job, HZ_MSG_CLI_CODE_NAME_ZH, slice_of(code->name_zh));
    put_field(out, job, HZ_MSG_CLI_CODE_NAME_EN, slice_of(code->name_en));
    put_field(out, job, HZ_MSG_CLI_CODE_PARENT, slice_of(code->parent));
    put_field(out, job, HZ_MSG_CLI_CODE_FROM, hz_buf_slice(&from));
    put_field(out, job, HZ_MSG_CLI_CODE_TO, hz_buf_slice(&to));
    hz_buf_clear(&from);
    hz_buf_clear(&to);
}

/* Every row of one code. */
static int show_code(const lookup *job, const hezhun_list *list, const char *list_name, const char *wanted)
{
    hz_buf out = HZ_BUF_INIT;
    for (size_t i = 0; i < hezhun_list_count(list); i++) {
        hezhun_code code;
        hezhun_list_code(&code, list, i);
        if (hz_slice_is(slice_of(code.code), wanted) && holds(job, &code))
            put_code(&out, job, &code);
    }
    if (out.len)
        return hz_out_buf(&out, job->lang);
    hz_error err = {0};
    (void)hz_fail(&err, HZ_E_USAGE, HZ_M(CLI_NO_CODE), HZ_Z(wanted), HZ_Z(list_name));
    (void)hz_say_error(&err, job->lang);
    hz_buf_clear(&out);
    return HZ_EXIT_NOT_CONFORMANT;
}

/* ---- found by a part of a name, or a code ---- */

static char lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Whether a text holds another, ASCII letters of either case. */
static bool has_part(hz_slice text, hz_slice part)
{
    for (size_t from = 0; from + part.len <= text.len; from++) {
        size_t same = 0;
        while (same < part.len && lowered(text.ptr[from + same]) == lowered(part.ptr[same]))
            same++;
        if (same == part.len)
            return true;
    }
    return false;
}

/* What has the name of a code that ended, under another code from then on. */
static void put_successors(hz_buf *out, const lookup *job, const hezhun_list *list, const hezhun_code *old)
{
    bool any = false;
    for (size_t i = 0; old->valid_to != INT32_MAX && i < hezhun_list_count(list); i++) {
        hezhun_code code;
        hezhun_list_code(&code, list, i);
        if (code.valid_from < old->valid_to || hz_slice_eq(slice_of(code.code), slice_of(old->code)) ||
            !hz_slice_eq(slice_of(code.name_zh), slice_of(old->name_zh)))
            continue;
        hz_buf_printf(out, "%s%s ", any ? " " : "\t", any ? "" : hz_msg_text(HZ_MSG_CLI_CODE_LATER, job->lang));
        hz_utf8_put_safe(out, slice_of(code.code));
        any = true;
    }
}

static size_t find_in(hz_buf *out, const lookup *job, const hezhun_list *list, hz_slice id, hz_slice wanted)
{
    size_t found = 0;
    for (size_t i = 0; i < hezhun_list_count(list); i++) {
        hezhun_code code;
        hezhun_list_code(&code, list, i);
        bool hit = hz_slice_eq(slice_of(code.code), wanted) || has_part(slice_of(code.name_zh), wanted) ||
                   has_part(slice_of(code.name_en), wanted);
        if (!hit || !holds(job, &code))
            continue;
        hz_utf8_put_safe(out, id);
        hz_buf_putc(out, '\t');
        put_row(out, job, &code);
        put_successors(out, job, list, &code);
        hz_buf_putc(out, '\n');
        found++;
    }
    return found;
}

/* list NULL: in all of them. */
static int find(const lookup *job, const char *list_name, const char *wanted)
{
    hz_buf out = HZ_BUF_INIT;
    size_t found = 0;
    hezhun_text id;
    for (size_t i = 0; (id = hezhun_list_id(job->context, i)).len; i++) {
        hz_buf name = HZ_BUF_INIT;
        const hezhun_list *list = NULL;
        hz_buf_put(&name, list_name ? hz_slice_of(list_name) : slice_of(id));
        hezhun_status st = hz_buf_status(&name, NULL) == HZ_OK
                               ? hezhun_list_find(&list, job->context, name.ptr, job->problem)
                               : HEZHUN_E_NOMEM;
        if (st == HEZHUN_OK)
            found += find_in(&out, job, list, hz_buf_slice(&name), hz_slice_of(wanted));
        hz_buf_clear(&name);
        if (st != HEZHUN_OK) {
            hz_buf_clear(&out);
            return hz_say_problem(job->problem, job->lang);
        }
        if (list_name)
            break;
    }
    if (found)
        return hz_out_buf(&out, job->lang);
    hz_error err = {0};
    (void)hz_fail(&err, HZ_E_USAGE, HZ_M(CLI_NO_CODE_FOUND), HZ_Z(wanted));
    (void)hz_say_error(&err, job->lang);
    hz_buf_clear(&out);
    return HZ_EXIT_NOT_CONFORMANT;
}

static int look(const lookup *job, const hz_opts *opts)
{
    const hezhun_list *list = NULL;
    if (hz_opts_has(opts, OPT_FIND))
        return find(job, opts->operands_count ? opts->operands[0] : NULL, hz_opts_value(opts, OPT_FIND));
    if (opts->operands_count == 0)
        return show_lists(job);
    if (hezhun_list_find(&list, job->context, opts->operands[0], job->problem) != HEZHUN_OK)
        return hz_say_problem(job->problem, job->lang);
    return opts->operands_count == 1 ? show_list(job, list)
                                     : show_code(job, list, opts->operands[0], opts->operands[1]);
}

static hz_status read_day(lookup *job, const hz_opts *opts, hz_error *err)
{
    const char *text = hz_opts_value(opts, OPT_AS_OF);
    hz_time_format iso;
    int64_t day = 0;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    job->has_day = text != NULL;
    if (text && !hz_time_parse(&day, &iso, hz_slice_of(text))) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(API_AS_OF), HZ_Z(text));
        hz_error_hint(err, HZ_MSG_API_AS_OF_HINT);
        return st;
    }
    job->day = (int32_t)day;
    return HZ_OK;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    lookup job = {.problem = hezhun_error_new(), .lang = lang};
    hz_arena *arena = hz_arena_new();
    hz_error err = {0};
    int exit_status;
    if (!job.problem || !arena)
        exit_status = hz_say_problem(NULL, lang);
    else if (read_day(&job, opts, &err) != HZ_OK)
        exit_status = hz_say_usage(&err, opts->verb, lang);
    else
        exit_status = hz_context_of(&job.context, opts, OPT_LISTS, 0, OPT_LIMIT, arena, job.problem, lang);
    if (job.context)
        exit_status = look(&job, opts);
    hezhun_context_close(job.context);
    hz_arena_free(arena);
    hezhun_error_free(job.problem);
    return exit_status;
}

const hz_verb hz_verb_codes = {"codes",
                               HZ_MSG_OPT_CODES,
                               HZ_MSG_OPT_CODES_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_NONE,
                               0,
                               2,
                               statuses,
                               sizeof statuses / sizeof *statuses,
                               run};
