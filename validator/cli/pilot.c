/* pilot.c: a draft tried on submissions. */
#include "base/alloc.h"
#include "base/file.h"
#include "validator/cli/progress.h"
#include "validator/cli/verbs.h"
#include <sys/stat.h>

enum {
    OPT_BASELINE = 1,
    OPT_DRAFT,
    OPT_AS_OF,
    OPT_PARAM,
    OPT_REPORT,
    OPT_CHANGES,
    OPT_SAMPLE,
    OPT_SEED,
    OPT_SHEET,
    OPT_REVIEWED,
    OPT_VENDORS,
    OPT_REVEAL,
    OPT_LISTS,
    OPT_PROFILES,
    OPT_LIMIT,
    OPT_THREADS,
    OPT_MEMORY,
    OPT_TEMP,
    OPT_PROGRESS
};
enum { THREADS_MAX = 1024 };

static const char *const progress_words[] = {"auto", "json", "none", NULL};

static const hz_option options[] = {
    {OPT_BASELINE, "baseline", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_PILOT_BASELINE, NULL},
    {OPT_DRAFT, "draft", 0, false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_PILOT_DRAFT, NULL},
    {OPT_AS_OF, "as-of", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_AS_OF, NULL},
    {OPT_PARAM, "param", 0, true, HZ_MSG_OPT_V_PARAM, NULL, HZ_MSG_OPT_PARAM, NULL},
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_pilot_format},
    {OPT_CHANGES, "changes", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PILOT_CHANGES, NULL},
    {OPT_SAMPLE, "sample", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_PILOT_SAMPLE, NULL},
    {OPT_SEED, "seed", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_PILOT_SEED, NULL},
    {OPT_SHEET, "sheet", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PILOT_SHEET, NULL},
    {OPT_REVIEWED, "reviewed", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PILOT_REVIEWED, NULL},
    {OPT_VENDORS, "vendors", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PILOT_VENDORS, NULL},
    {OPT_REVEAL, "reveal", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_REVEAL, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_THREADS, "threads", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_THREADS, NULL},
    {OPT_MEMORY, "memory", 0, false, HZ_MSG_OPT_V_SIZE, NULL, HZ_MSG_OPT_MEMORY, NULL},
    {OPT_TEMP, "temp", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_TEMP, NULL},
    {OPT_PROGRESS, "progress", 0, false, HZ_MSG_OPT_V_WHEN, progress_words, HZ_MSG_OPT_PROGRESS, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_PILOT_STATUS_0},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {4, HZ_MSG_OPT_PILOT_STATUS_4},
                                                 {5, HZ_MSG_OPT_PILOT_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hezhun_pilot_options how;
    hz_reports reports;
    const char *sheet; /* NULL: none is written */
    hezhun_context *context;
    hezhun_profile *baseline, *draft;
    hezhun_pilot *pilot;
    hz_progress_show progress;
} job;

static hz_status number(uint64_t *out, job *j, int id)
{
    if (!hz_opts_has(j->opts, id))
        return HZ_OK;
    return hz_opt_number(out, hz_verb_option(j->opts->verb, id), hz_opts_value(j->opts, id), &j->err);
}

/* A sheet may hold the work of people: it is never replaced. */
static hz_status read_sheet(job *j)
{
    struct stat info;
    if (!j->how.sample || j->how.reviewed)
        return HZ_OK;
    j->sheet = hz_opts_has(j->opts, OPT_SHEET) ? hz_opts_value(j->opts, OPT_SHEET) : "review.csv";
    if (lstat(j->sheet, &info) != 0)
        return HZ_OK;
    hz_status st = hz_fail(&j->err, HZ_E_USAGE, HZ_M(PILOT_SHEET_THERE), HZ_Z(j->sheet));
    hz_error_hint(&j->err, HZ_MSG_PILOT_SHEET_THERE_HINT);
    return st;
}

static hz_status read_words(job *j)
{
    uint64_t threads = 0;
    hz_pair *params;
    j->how = (hezhun_pilot_options)HEZHUN_PILOT_OPTIONS_INIT;
    if (!hz_opts_has(j->opts, OPT_BASELINE) || !hz_opts_has(j->opts, OPT_DRAFT))
        return hz_fail(&j->err, HZ_E_USAGE, HZ_M(PILOT_PROFILES));
    HZ_TRY(hz_opts_pairs(&params, &j->how.params_count, j->opts, OPT_PARAM, j->arena, &j->err));
    hezhun_param *given = HZ_ARENA_ARRAY(j->arena, hezhun_param, j->how.params_count + 1);
    if (!given)
        return hz_nomem(&j->err, j->how.params_count * sizeof *given);
    for (size_t i = 0; i < j->how.params_count; i++)
        given[i] = (hezhun_param){params[i].name, params[i].value};
    HZ_TRY(number(&threads, j, OPT_THREADS));
    HZ_TRY(number(&j->how.sample, j, OPT_SAMPLE));
    HZ_TRY(number(&j->how.seed, j, OPT_SEED));
    if (hz_opts_has(j->opts, OPT_MEMORY))
        HZ_TRY(hz_opt_size(&j->how.memory_bytes, hz_verb_option(j->opts->verb, OPT_MEMORY),
                           hz_opts_value(j->opts, OPT_MEMORY), &j->err));
    j->how.params = given;
    j->how.threads = (unsigned)(threads < THREADS_MAX ? threads : THREADS_MAX);
    j->how.as_of = hz_opts_value(j->opts, OPT_AS_OF);
    j->how.temp = hz_opts_value(j->opts, OPT_TEMP);
    j->how.reviewed = hz_opts_value(j->opts, OPT_REVIEWED);
    j->how.vendors = hz_opts_value(j->opts, OPT_VENDORS);
    j->how.changes = hz_opts_value(j->opts, OPT_CHANGES);
    j->how.lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : HEZHUN_ZH;
    j->how.reveal = hz_opts_has(j->opts, OPT_REVEAL);
    j->how.submissions = j->opts->operands;
    j->how.submissions_count = j->opts->operands_count;
    HZ_TRY(read_sheet(j));
    return hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_pilot_format, j->arena, &j->err);
}

static hezhun_status render(hezhun_bytes *out, const char *format, hezhun_lang lang, bool terminal, void *ctx)
{
    job *j = ctx;
    (void)terminal;
    return hezhun_pilot_render(out, j->pilot, format, lang, j->problem);
}

static int write_sheet(job *j)
{
    hz_outfile *file = NULL;
    hezhun_text sheet = hezhun_pilot_sheet(j->pilot);
    if (!j->sheet)
        return HZ_EXIT_OK;
    hz_status st = hz_outfile_open(&file, j->sheet, &j->err);
    if (st == HZ_OK)
        st = hz_outfile_write(file, (hz_slice){sheet.ptr, sheet.len}, &j->err);
    if (st == HZ_OK)
        st = hz_outfile_commit(file, &j->err);
    else
        hz_outfile_abandon(file);
    if (st != HZ_OK)
        return hz_say_error(&j->err, j->lang);
    hz_buf line = HZ_BUF_INIT;
    const hz_slice name = hz_slice_of(j->sheet);
    hz_msg_render(&line, HZ_MSG_PILOT_SHEET, &name, 1, j->lang);
    hz_buf_putc(&line, '\n');
    hz_say(hz_buf_slice(&line));
    hz_buf_clear(&line);
    return HZ_EXIT_OK;
}

static int work(job *j)
{
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status =
            hz_load_profile(&j->baseline, j->context, hz_opts_value(j->opts, OPT_BASELINE), j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = hz_load_profile(&j->draft, j->context, hz_opts_value(j->opts, OPT_DRAFT), j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    j->how.cancel = hz_interrupt_watch();
    hz_progress_begin(&j->progress, hz_opts_value(j->opts, OPT_PROGRESS), j->lang);
    j->how.progress = hz_progress_tell;
    j->how.payload = &j->progress;
    hezhun_status st = hezhun_pilot_run(&j->pilot, j->baseline, j->draft, &j->how, j->problem);
    hz_progress_end(&j->progress);
    if (st != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    exit_status = hz_reports_write(&j->reports, render, j, hz_opts_has(j->opts, HZ_OPT_LANG), j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = write_sheet(j);
    return exit_status == HZ_EXIT_OK && hezhun_pilot_unread(j->pilot) ? HZ_EXIT_INCOMPLETE : exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? work(&j) : hz_say_problem(NULL, lang);
    hezhun_pilot_free(j.pilot);
    hezhun_profile_free(j.draft);
    hezhun_profile_free(j.baseline);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_pilot = {"pilot",
                               HZ_MSG_OPT_PILOT,
                               HZ_MSG_OPT_PILOT_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_OPT_PILOT_OPERANDS,
                               1,
                               SIZE_MAX,
                               statuses,
                               sizeof statuses / sizeof *statuses,
                               run};
