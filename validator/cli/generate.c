/* generate.c: data from a profile. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

enum {
    OPT_ROWS = 1,
    OPT_SEED,
    OPT_DEFECTS,
    OPT_DEFECT,
    OPT_ANSWERS,
    OPT_PERIODS,
    OPT_REGION,
    OPT_OUTPUT,
    OPT_AS_OF,
    OPT_PARAM,
    OPT_LISTS,
    OPT_PROFILES,
    OPT_LIMIT,
    OPT_THREADS,
    OPT_QUIET
};
enum { THREADS_MAX = 1024 };

static const hz_option options[] = {
    {OPT_ROWS, "rows", 0, false, HZ_MSG_OPT_V_ROWS, NULL, HZ_MSG_OPT_ROWS, NULL},
    {OPT_SEED, "seed", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_SEED, NULL},
    {OPT_DEFECTS, "defects", 0, false, HZ_MSG_OPT_V_RATE, NULL, HZ_MSG_OPT_DEFECTS, NULL},
    {OPT_DEFECT, "defect", 0, true, HZ_MSG_OPT_V_DEFECT, NULL, HZ_MSG_OPT_DEFECT, NULL},
    {OPT_ANSWERS, "answers", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_ANSWERS, NULL},
    {OPT_PERIODS, "periods", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_PERIODS, NULL},
    {OPT_REGION, "region", 0, false, HZ_MSG_OPT_V_CODE, NULL, HZ_MSG_OPT_REGION, NULL},
    {OPT_OUTPUT, "output", 'o', false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_OUTPUT, NULL},
    {OPT_AS_OF, "as-of", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_AS_OF_TEST, NULL},
    {OPT_PARAM, "param", 0, true, HZ_MSG_OPT_V_PARAM, NULL, HZ_MSG_OPT_PARAM, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_THREADS, "threads", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_THREADS, NULL},
    {OPT_QUIET, "quiet", 'q', false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_QUIET_GENERATE, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_GENERATE_STATUS_0},
                                                 {1, HZ_MSG_OPT_GENERATE_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2},
                                                 {3, HZ_MSG_OPT_CHECK_STATUS_3},
                                                 {5, HZ_MSG_OPT_GENERATE_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang;
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hezhun_generate_options how;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_generated *generated;
} job;

static hz_status number(uint64_t *out, const job *j, int id, hz_error *err)
{
    if (!hz_opts_has(j->opts, id))
        return HZ_OK;
    return hz_opt_number(out, hz_verb_option(j->opts->verb, id), hz_opts_value(j->opts, id), err);
}

static hz_status read_rows(job *j)
{
    hz_pair *rows;
    size_t count = 0;
    HZ_TRY(hz_opts_pairs(&rows, &count, j->opts, OPT_ROWS, j->arena, &j->err));
    if (!count)
        return HZ_OK;
    j->how.table = rows[count - 1].name;
    return hz_opt_number(&j->how.rows, hz_verb_option(j->opts->verb, OPT_ROWS), rows[count - 1].value, &j->err);
}

static hz_status read_defects(job *j)
{
    hz_pair *pairs;
    HZ_TRY(hz_opts_pairs(&pairs, &j->how.defects_count, j->opts, OPT_DEFECT, j->arena, &j->err));
    hezhun_defect *defects = HZ_ARENA_ARRAY(j->arena, hezhun_defect, j->how.defects_count + 1);
    if (!defects)
        return hz_nomem(&j->err, j->how.defects_count * sizeof *defects);
    for (size_t i = 0; i < j->how.defects_count; i++) {
        defects[i].rule = pairs[i].name;
        HZ_TRY(hz_opt_number(&defects[i].count, hz_verb_option(j->opts->verb, OPT_DEFECT), pairs[i].value, &j->err));
    }
    j->how.defects = defects;
    return HZ_OK;
}

static hz_status read_params(job *j)
{
    hz_pair *pairs;
    HZ_TRY(hz_opts_pairs(&pairs, &j->how.params_count, j->opts, OPT_PARAM, j->arena, &j->err));
    hezhun_param *params = HZ_ARENA_ARRAY(j->arena, hezhun_param, j->how.params_count + 1);
    if (!params)
        return hz_nomem(&j->err, j->how.params_count * sizeof *params);
    for (size_t i = 0; i < j->how.params_count; i++)
        params[i] = (hezhun_param){pairs[i].name, pairs[i].value};
    j->how.params = params;
    return HZ_OK;
}

static hz_status read_words(job *j)
{
    uint64_t threads = 0, periods = 1;
    j->how = (hezhun_generate_options)HEZHUN_GENERATE_OPTIONS_INIT;
    j->how.defects_rate = hz_opts_value(j->opts, OPT_DEFECTS);
    j->how.as_of = hz_opts_value(j->opts, OPT_AS_OF);
    j->how.region = hz_opts_value(j->opts, OPT_REGION);
    j->how.answers = hz_opts_value(j->opts, OPT_ANSWERS);
    j->how.folder = hz_opts_has(j->opts, OPT_OUTPUT) ? hz_opts_value(j->opts, OPT_OUTPUT) : "generated";
    j->how.cancel = hz_interrupt_watch();
    HZ_TRY(number(&j->how.seed, j, OPT_SEED, &j->err));
    HZ_TRY(number(&periods, j, OPT_PERIODS, &j->err));
    HZ_TRY(number(&threads, j, OPT_THREADS, &j->err));
    j->how.periods = (unsigned)(periods < THREADS_MAX ? periods : THREADS_MAX);
    j->how.threads = (unsigned)(threads < THREADS_MAX ? threads : THREADS_MAX);
    HZ_TRY(read_rows(j));
    HZ_TRY(read_defects(j));
    return read_params(j);
}

static int tell(job *j)
{
    hezhun_generated_count count;
    hezhun_generated_counts(j->generated, &count);
    int exit_status = count.short_of_defects ? HZ_EXIT_NOT_CONFORMANT : HZ_EXIT_OK;
    if (!hz_opts_has(j->opts, OPT_QUIET)) {
        uint64_t figures[4] = {count.counted_rows, count.rows, count.bytes, count.defects};
        hz_buf numbers[4] = {HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT}, line = HZ_BUF_INIT;
        hz_slice args[5] = {{count.table.ptr, count.table.len}};
        for (int i = 0; i < 4; i++) {
            hz_buf_put_u64(&numbers[i], figures[i]);
            args[1 + i] = hz_buf_slice(&numbers[i]);
        }
        hz_msg_render(&line, HZ_MSG_GEN_DONE, args, 5, j->lang);
        hz_buf_putc(&line, '\n');
        if (hz_out(hz_buf_slice(&line), j->lang) != HZ_EXIT_OK)
            exit_status = HZ_EXIT_INCOMPLETE;
        for (int i = 0; i < 4; i++)
            hz_buf_clear(&numbers[i]);
        hz_buf_clear(&line);
    }
    return exit_status;
}

static void tell_notes(job *j)
{
    hezhun_lang lang = j->lang == HZ_LANG_EN ? HEZHUN_EN : HEZHUN_ZH;
    const char *note = j->generated ? hezhun_generated_note(j->generated, 0, lang) : NULL;
    for (size_t i = 1; note; i++) {
        hz_say(hz_slice_of(note));
        hz_say(HZ_SLICE_LIT("\n"));
        note = hezhun_generated_note(j->generated, i, lang);
    }
}

static int generate(job *j)
{
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = hz_load_profile(&j->profile, j->context, j->opts->operands[0], j->problem, j->lang);
    if (exit_status != HZ_EXIT_OK)
        return exit_status;
    hezhun_status st = hezhun_generate(&j->generated, j->profile, &j->how, j->problem);
    tell_notes(j);
    return st == HEZHUN_OK ? tell(j) : hz_say_problem(j->problem, j->lang);
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts, .lang = lang, .arena = hz_arena_new(), .problem = hezhun_error_new()};
    int exit_status = j.arena && j.problem ? generate(&j) : hz_say_problem(NULL, lang);
    hezhun_generated_free(j.generated);
    hezhun_profile_free(j.profile);
    hezhun_context_close(j.context);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_generate = {"generate",
                                  HZ_MSG_OPT_GENERATE,
                                  HZ_MSG_OPT_GENERATE_USAGE,
                                  options,
                                  sizeof options / sizeof *options,
                                  HZ_MSG_OPT_GENERATE_OPERANDS,
                                  1,
                                  1,
                                  statuses,
                                  sizeof statuses / sizeof *statuses,
                                  run};
