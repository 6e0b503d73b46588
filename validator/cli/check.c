/* check.c: a submission against a profile. First all that can be wrong with the words (2), then the profile (3), then
 * the data (4), the work and its reports (5); only then the verdict. Every report is rendered before one is put in
 * place, files before standard output. */
#include "base/alloc.h"
#include "validator/cli/progress.h"
#include "validator/cli/verbs.h"
#include <sys/stat.h>
#include <unistd.h>

enum {
    OPT_PROFILE = 1,
    OPT_TABLE,
    OPT_AS_OF,
    OPT_PARAM,
    OPT_REPORT,
    OPT_ANNOTATIONS,
    OPT_MAX_EXAMPLES,
    OPT_FINDINGS,
    OPT_SPLIT_BY,
    OPT_ANNOTATE,
    OPT_ANNOTATE_ALL,
    OPT_FAIL_ON,
    OPT_REVEAL,
    OPT_REPRODUCIBLE,
    OPT_LIMIT,
    OPT_LISTS,
    OPT_PROFILES,
    OPT_PREVIOUS,
    OPT_ENCODING,
    OPT_THREADS,
    OPT_MEMORY,
    OPT_TEMP,
    OPT_EXPLAIN_PLAN,
    OPT_PROGRESS,
    OPT_PSEUDONYM_KEY,
    OPT_PSEUDONYM_DIGEST,
    OPT_COLOR,
    OPT_QUIET,
    OPT_BASELINE,
    OPT_ACKNOWLEDGE,
    OPT_KEY_DIGESTS,
    OPT_KEY_SALT,
    OPT_MAP,
    OPT_XSD,
    OPT_WAIVERS,
    OPT_MANIFEST,
    OPT_NO_MANIFEST
};
enum { THREADS_MAX = 1024 };

static const char *const progress_words[] = {"auto", "json", "none", NULL};
/* Reports that are lines for a machine that reads the output. */
static const char *const annotation_words[] = {"github", "gcc", NULL};
static const char *const digest_words[] = {"sha256", "sm3", NULL};

static const hz_option options[] = {
    {OPT_PROFILE, "profile", 'p', false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_PROFILE, NULL},
    {OPT_TABLE, "table", 0, true, HZ_MSG_OPT_V_TABLE, NULL, HZ_MSG_OPT_TABLE, NULL},
    {OPT_MAP, "map", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_MAP, NULL},
    {OPT_MANIFEST, "manifest", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_MANIFEST, NULL},
    {OPT_NO_MANIFEST, "no-manifest", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_NO_MANIFEST, NULL},
    {OPT_PREVIOUS, "previous", 0, true, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PREVIOUS, NULL},
    {OPT_ENCODING, "encoding", 0, false, HZ_MSG_OPT_V_ENCODING, NULL, HZ_MSG_OPT_ENCODING, NULL},
    {OPT_XSD, "xsd", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_XSD, NULL},
    {OPT_AS_OF, "as-of", 0, false, HZ_MSG_OPT_V_DATE, NULL, HZ_MSG_OPT_AS_OF, NULL},
    {OPT_PARAM, "param", 0, true, HZ_MSG_OPT_V_PARAM, NULL, HZ_MSG_OPT_PARAM, NULL},
    {OPT_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_format},
    {OPT_ANNOTATIONS, "annotations", 0, false, HZ_MSG_OPT_V_FORM, annotation_words, HZ_MSG_OPT_ANNOTATIONS, NULL},
    {OPT_MAX_EXAMPLES, "max-examples", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_MAX_EXAMPLES, NULL},
    {OPT_FINDINGS, "findings", 0, true, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_FINDINGS, NULL},
    {OPT_SPLIT_BY, "split-by", 0, false, HZ_MSG_OPT_V_REGIONS, NULL, HZ_MSG_OPT_SPLIT_BY, NULL},
    {OPT_ANNOTATE, "annotate", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_ANNOTATE, NULL},
    {OPT_ANNOTATE_ALL, "annotate-all", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_ANNOTATE_ALL, NULL},
    {OPT_WAIVERS, "waivers", 0, true, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_WAIVERS, NULL},
    {OPT_BASELINE, "baseline", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_BASELINE, NULL},
    {OPT_ACKNOWLEDGE, "acknowledge", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_ACKNOWLEDGE, NULL},
    {OPT_FAIL_ON, "fail-on", 0, false, HZ_MSG_OPT_V_FAIL_ON, NULL, HZ_MSG_OPT_FAIL_ON, NULL},
    {OPT_REVEAL, "reveal", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_REVEAL, NULL},
    {OPT_PSEUDONYM_KEY, "pseudonym-key", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_PSEUDONYM_KEY, NULL},
    {OPT_PSEUDONYM_DIGEST, "pseudonym-digest", 0, false, HZ_MSG_OPT_V_DIGEST, digest_words, HZ_MSG_OPT_PSEUDONYM_DIGEST,
     NULL},
    {OPT_KEY_DIGESTS, "key-digests", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_KEY_DIGESTS, NULL},
    {OPT_KEY_SALT, "key-salt", 0, false, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_KEY_SALT, NULL},
    {OPT_REPRODUCIBLE, "reproducible", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_REPRODUCIBLE, NULL},
    {OPT_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},
    {OPT_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},
    {OPT_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL},
    {OPT_THREADS, "threads", 0, false, HZ_MSG_OPT_V_NUMBER, NULL, HZ_MSG_OPT_THREADS, NULL},
    {OPT_MEMORY, "memory", 0, false, HZ_MSG_OPT_V_SIZE, NULL, HZ_MSG_OPT_MEMORY, NULL},
    {OPT_TEMP, "temp", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_TEMP, NULL},
    {OPT_EXPLAIN_PLAN, "explain-plan", 0, false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_EXPLAIN_PLAN, NULL},
    {OPT_PROGRESS, "progress", 0, false, HZ_MSG_OPT_V_WHEN, progress_words, HZ_MSG_OPT_PROGRESS, NULL},
    {OPT_COLOR, "color", 0, false, HZ_MSG_OPT_V_WHEN, hz_color_words, HZ_MSG_OPT_COLOR, NULL},
    {OPT_QUIET, "quiet", 'q', false, HZ_MSG_NONE, NULL, HZ_MSG_OPT_QUIET, NULL},
    HZ_OPTIONS_OF_ALL,
};

static const struct hz_verb_status statuses[] = {{0, HZ_MSG_OPT_CHECK_STATUS_0}, {1, HZ_MSG_OPT_CHECK_STATUS_1},
                                                 {2, HZ_MSG_OPT_CHECK_STATUS_2}, {3, HZ_MSG_OPT_MAPPED_STATUS_3},
                                                 {4, HZ_MSG_OPT_CHECK_STATUS_4}, {5, HZ_MSG_OPT_CHECK_STATUS_5}};

typedef struct job {
    const hz_opts *opts;
    hz_lang lang; /* of the terminal */
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    hz_reports reports;
    hezhun_check_options how;
    hezhun_findings findings;
    hz_buf profile_path;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_mapping *mapping; /* NULL: none */
    hezhun_result *result;
    hz_progress_show progress;
} job;

/* ---- words ---- */

/* --annotations takes standard output: text of the data beside it could forge lines that a machine obeys. */
static hz_status read_reports(job *j)
{
    bool given = hz_opts_has(j->opts, OPT_REPORT);
    HZ_TRY(hz_reports_read(&j->reports, j->opts, OPT_REPORT, hezhun_format, j->arena, &j->err));
    if (hz_opts_has(j->opts, OPT_ANNOTATIONS))
        return hz_reports_first(&j->reports, hz_opts_value(j->opts, OPT_ANNOTATIONS), given, &j->err);
    if (!given && hz_opts_has(j->opts, OPT_QUIET))
        j->reports.count = 0;
    return HZ_OK;
}

/* Files of findings: no two to one file, nor one where a report goes. */
static hz_status read_findings(job *j)
{
    size_t count = hz_opts_count(j->opts, OPT_FINDINGS);
    const char *annotate = hz_opts_value(j->opts, OPT_ANNOTATE);
    const char **paths = HZ_ARENA_ARRAY(j->arena, const char *, count + 2);
    if (!paths)
        return hz_nomem(&j->err, count * sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = hz_opts_nth(j->opts, OPT_FINDINGS, i);
    paths[count] = annotate;
    for (size_t i = 0; i < count + (annotate != NULL); i++) {
        bool twice = false;
        for (size_t k = 0; k < i; k++)
            twice = twice || strcmp(paths[i], paths[k]) == 0;
        for (size_t r = 0; r < j->reports.count; r++)
            twice = twice || (j->reports.items[r].path && strcmp(paths[i], j->reports.items[r].path) == 0);
        if (twice)
            return hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_SAME_REPORT), HZ_Z(paths[i]));
    }
    j->findings = (hezhun_findings)HEZHUN_FINDINGS_INIT;
    j->findings.paths = paths;
    j->findings.paths_count = count;
    j->findings.split_by = hz_opts_value(j->opts, OPT_SPLIT_BY);
    j->findings.annotate = annotate;
    j->findings.annotate_all = hz_opts_has(j->opts, OPT_ANNOTATE_ALL);
    j->findings.lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : HEZHUN_ZH;
    j->findings.reveal = hz_opts_has(j->opts, OPT_REVEAL);
    j->how.findings = &j->findings;
    return HZ_OK;
}

/* --table before the operands: one order, whatever the order of words. */
static hz_status read_inputs(job *j)
{
    hz_pair *tables, *params;
    size_t tables_count;
    HZ_TRY(hz_opts_pairs(&tables, &tables_count, j->opts, OPT_TABLE, j->arena, &j->err));
    HZ_TRY(hz_opts_pairs(&params, &j->how.params_count, j->opts, OPT_PARAM, j->arena, &j->err));
    j->how.inputs_count = tables_count + j->opts->operands_count;
    hezhun_input *inputs = HZ_ARENA_ARRAY(j->arena, hezhun_input, j->how.inputs_count + 1);
    hezhun_param *given = HZ_ARENA_ARRAY(j->arena, hezhun_param, j->how.params_count + 1);
    if (!inputs || !given)
        return hz_nomem(&j->err, j->how.inputs_count * sizeof *inputs);
    for (size_t i = 0; i < tables_count; i++)
        inputs[i] = (hezhun_input){tables[i].name, tables[i].value};
    for (size_t i = 0; i < j->opts->operands_count; i++)
        inputs[tables_count + i] = (hezhun_input){NULL, j->opts->operands[i]};
    for (size_t i = 0; i < j->how.params_count; i++)
        given[i] = (hezhun_param){params[i].name, params[i].value};
    size_t earlier = hz_opts_count(j->opts, OPT_PREVIOUS);
    const char **previous = HZ_ARENA_ARRAY(j->arena, const char *, earlier + 1);
    if (!previous)
        return hz_nomem(&j->err, earlier * sizeof *previous);
    for (size_t i = 0; i < earlier; i++)
        previous[i] = hz_opts_nth(j->opts, OPT_PREVIOUS, i);
    size_t files = hz_opts_count(j->opts, OPT_WAIVERS);
    const char **waivers = HZ_ARENA_ARRAY(j->arena, const char *, files + 1);
    if (!waivers)
        return hz_nomem(&j->err, files * sizeof *waivers);
    for (size_t i = 0; i < files; i++)
        waivers[i] = hz_opts_nth(j->opts, OPT_WAIVERS, i);
    j->how.waivers = waivers;
    j->how.waivers_count = files;
    j->how.diagnostic = hz_say_mistake;
    j->how.previous = previous;
    j->how.previous_count = earlier;
    j->how.inputs = inputs;
    j->how.params = given;
    if (j->how.inputs_count == 0)
        return hz_error_set(&j->err, HZ_E_USAGE, &HZ_M(OPT_CHECK_OPERANDS), 1);
    return HZ_OK;
}

static hz_status read_number(uint64_t *out, job *j, int id, uint64_t most)
{
    const hz_option *option = hz_verb_option(j->opts->verb, id);
    const char *text = hz_opts_value(j->opts, id);
    HZ_TRY(hz_opt_number(out, option, text, &j->err));
    if (*out > most)
        *out = most;
    return HZ_OK;
}

static hz_status read_numbers(job *j)
{
    uint64_t n;
    if (hz_opts_has(j->opts, OPT_MAX_EXAMPLES)) {
        HZ_TRY(read_number(&n, j, OPT_MAX_EXAMPLES, INT64_MAX)); /* past the ceiling is told by the library */
        j->how.max_examples = (int64_t)n;
    }
    if (hz_opts_has(j->opts, OPT_THREADS)) {
        HZ_TRY(read_number(&n, j, OPT_THREADS, THREADS_MAX));
        j->how.threads = (unsigned)n;
    }
    if (hz_opts_has(j->opts, OPT_MEMORY))
        HZ_TRY(hz_opt_size(&j->how.memory_bytes, hz_verb_option(j->opts->verb, OPT_MEMORY),
                           hz_opts_value(j->opts, OPT_MEMORY), &j->err));
    j->how.temp = hz_opts_value(j->opts, OPT_TEMP);
    j->how.explain = hz_opts_has(j->opts, OPT_EXPLAIN_PLAN);
    return HZ_OK;
}

static hz_status read_words(job *j)
{
    j->how = (hezhun_check_options)HEZHUN_CHECK_OPTIONS_INIT;
    j->how.as_of = hz_opts_value(j->opts, OPT_AS_OF);
    j->how.xsd = hz_opts_value(j->opts, OPT_XSD);
    j->how.encoding = hz_opts_value(j->opts, OPT_ENCODING);
    j->how.fail_on = hz_opts_value(j->opts, OPT_FAIL_ON);
    j->how.baseline = hz_opts_value(j->opts, OPT_BASELINE);
    j->how.acknowledge = hz_opts_value(j->opts, OPT_ACKNOWLEDGE);
    j->how.key_digests = hz_opts_value(j->opts, OPT_KEY_DIGESTS);
    j->how.key_salt = hz_opts_value(j->opts, OPT_KEY_SALT);
    j->how.manifest = hz_opts_value(j->opts, OPT_MANIFEST);
    j->how.no_manifest = hz_opts_has(j->opts, OPT_NO_MANIFEST);
    if (j->how.manifest && j->how.no_manifest)
        return hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_MANIFEST_AND_NONE));
    if (!hz_opts_has(j->opts, OPT_PROFILE)) {
        hz_status st = hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_NO_PROFILE));
        hz_error_hint(&j->err, HZ_MSG_CLI_NO_PROFILE_HINT);
        return st;
    }
    j->how.pseudonym_key = hz_opts_value(j->opts, OPT_PSEUDONYM_KEY);
    j->how.pseudonym_digest = hz_opts_value(j->opts, OPT_PSEUDONYM_DIGEST);
    if (j->how.pseudonym_key && hz_opts_has(j->opts, OPT_REVEAL))
        return hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_REVEAL_AND_PSEUDONYMS));
    HZ_TRY(read_reports(j));
    HZ_TRY(read_findings(j));
    HZ_TRY(read_numbers(j));
    return read_inputs(j);
}

static bool same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A slip of the hand must not cost the data. */
static hz_status spare_inputs(job *j)
{
    size_t files = j->findings.paths_count + (j->findings.annotate != NULL); /* they lie one behind the other */
    for (size_t r = 0; r < j->reports.count + files; r++) {
        const char *path = r < j->reports.count ? j->reports.items[r].path : j->findings.paths[r - j->reports.count];
        const char *map = hz_opts_value(j->opts, OPT_MAP), *manifest = j->how.manifest;
        bool hit = path && (same_file(path, j->profile_path.ptr) || (map && same_file(path, map)) ||
                            (manifest && same_file(path, manifest)));
        for (size_t i = 0; path && !hit && i < j->how.inputs_count; i++)
            hit = same_file(path, j->how.inputs[i].path);
        if (hit)
            return hz_fail(&j->err, HZ_E_USAGE, HZ_M(CLI_REPORT_OVER_INPUT), HZ_Z(path));
    }
    return HZ_OK;
}

/* ---- work ---- */

static int load(job *j)
{
    if (hz_profile_find(&j->profile_path, hz_opts_value(j->opts, OPT_PROFILE), &j->err) != HZ_OK)
        return hz_say_error(&j->err, j->lang);
    if (spare_inputs(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    int exit_status = hz_load_found(&j->profile, j->context, j->profile_path.ptr, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK && hz_opts_has(j->opts, OPT_MAP))
        exit_status = hz_load_mapping(&j->mapping, j->profile, hz_opts_value(j->opts, OPT_MAP), j->problem, j->lang);
    j->how.mapping = j->mapping;
    return exit_status;
}

static int work(job *j)
{
    hz_progress_begin(&j->progress, hz_opts_value(j->opts, OPT_PROGRESS), j->lang);
    j->how.progress = hz_progress_tell;
    j->how.payload = &j->progress;
    j->how.cancel = hz_interrupt_watch();
    hezhun_status st = hezhun_check(&j->result, j->profile, &j->how, j->problem);
    if (st == HEZHUN_OK) /* progress is told a block before its rows are counted */
        hezhun_result_records(j->result, &j->progress.rows, NULL);
    hz_progress_end(&j->progress);
    return st == HEZHUN_OK ? HZ_EXIT_OK : hz_say_problem(j->problem, j->lang);
}

/* ---- reports ---- */

/* Text on standard output speaks the terminal's language; every other report --lang, else zh. */
static int write_reports(job *j)
{
    hezhun_render_options how = HEZHUN_RENDER_OPTIONS_INIT;
    how.lang = hz_opts_has(j->opts, HZ_OPT_LANG) ? (hezhun_lang)j->lang : HEZHUN_ZH;
    how.reveal = hz_opts_has(j->opts, OPT_REVEAL);
    how.reproducible = hz_opts_has(j->opts, OPT_REPRODUCIBLE);
    return hz_reports_of_result(&j->reports, j->result, &how, j->lang, hz_opts_value(j->opts, OPT_COLOR), j->problem,
                                j->lang);
}

/* To standard error, beside whatever report there is. */
static int explain(job *j)
{
    hezhun_bytes bytes;
    if (!j->how.explain)
        return HZ_EXIT_OK;
    if (hezhun_explain(&bytes, j->result, (hezhun_lang)j->lang, hz_opts_has(j->opts, OPT_REPRODUCIBLE), j->problem) !=
        HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    hz_say((hz_slice){bytes.ptr, bytes.len});
    hezhun_bytes_free(&bytes);
    return HZ_EXIT_OK;
}

/* ---- the verb ---- */

static int check(job *j)
{
    if (read_words(j) != HZ_OK)
        return hz_say_usage(&j->err, j->opts->verb, j->lang);
    if (hezhun_check_options_test(&j->how, j->problem) != HEZHUN_OK)
        return hz_say_problem(j->problem, j->lang);
    int exit_status =
        hz_context_of(&j->context, j->opts, OPT_LISTS, OPT_PROFILES, OPT_LIMIT, j->arena, j->problem, j->lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = load(j);
    if (exit_status == HZ_EXIT_OK)
        exit_status = work(j);
    if (exit_status == HZ_EXIT_OK)
        exit_status = explain(j);
    if (exit_status == HZ_EXIT_OK)
        exit_status = write_reports(j);
    return exit_status == HZ_EXIT_OK ? hezhun_result_exit_status(j->result) : exit_status;
}

static int run(const hz_opts *opts, hz_lang lang)
{
    job j = {.opts = opts,
             .lang = lang,
             .arena = hz_arena_new(),
             .problem = hezhun_error_new(),
             .profile_path = HZ_BUF_INIT};
    int exit_status = j.arena && j.problem ? check(&j) : hz_say_problem(NULL, lang);
    hezhun_result_free(j.result);
    hezhun_mapping_free(j.mapping);
    hezhun_profile_free(j.profile);
    hezhun_context_close(j.context);
    hz_buf_clear(&j.profile_path);
    hezhun_error_free(j.problem);
    hz_arena_free(j.arena);
    return exit_status;
}

const hz_verb hz_verb_check = {"check",
                               HZ_MSG_OPT_CHECK,
                               HZ_MSG_OPT_CHECK_USAGE,
                               options,
                               sizeof options / sizeof *options,
                               HZ_MSG_OPT_CHECK_OPERANDS,
                               0,
                               SIZE_MAX,
                               statuses,
                               sizeof statuses / sizeof *statuses,
                               run};
