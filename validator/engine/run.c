/* run.c: one run from plan to graded result. */
#include "base/alloc.h"
#include "profiles/expr/print.h"
#include "reports/grade.h"
#include "reports/pseudonym.h"
#include "validator/engine/assemble.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void hz_result_free(hz_result *result)
{
    if (result)
        hz_arena_free(result->arena); /* the result itself lives there */
}

/* ---- state ---- */

static hz_status partial_arrays(hz_run_state *run, size_t t, hz_error *err)
{
    hz_table_partial *partial = &run->tables[t];
    size_t count = run->plan.tables[t].sources_count + 1;
    hz_arena *arena = run->plan.arena;
    partial->source_records = HZ_ARENA_ARRAY(arena, uint64_t, count);
    partial->source_rows = HZ_ARENA_ARRAY(arena, uint64_t, count);
    partial->source_bad = HZ_ARENA_ARRAY(arena, uint64_t, count);
    partial->source_bytes = HZ_ARENA_ARRAY(arena, uint64_t, count);
    partial->source_sha256 = hz_arena_zalloc(arena, count, 32);
    partial->source_sm3 = hz_arena_zalloc(arena, count, 32);
    partial->source_has_sm3 = HZ_ARENA_ARRAY(arena, bool, count);
    partial->source_stamp = HZ_ARENA_ARRAY(arena, struct hz_file_stamp, count);
    partial->source_encoding = HZ_ARENA_ARRAY(arena, const char *, count);
    partial->source_delimiter = HZ_ARENA_ARRAY(arena, char, count);
    bool ok = partial->source_records && partial->source_rows && partial->source_bad && partial->source_bytes &&
              partial->source_sha256 && partial->source_sm3 && partial->source_has_sm3 && partial->source_stamp &&
              partial->source_encoding && partial->source_delimiter;
    return ok ? HZ_OK : hz_nomem(err, count * 64);
}

/* What --memory is when it is not given: a quarter of the machine's. */
static uint64_t memory_of(const hz_run_options *options)
{
    long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    if (options->memory_bytes)
        return options->memory_bytes;
    return pages > 0 && bytes > 0 ? (uint64_t)pages * (uint64_t)bytes / 4 : UINT64_C(1) << 30;
}

static const char *temp_of(const hz_run_options *options)
{
    const char *folder = options->temp ? options->temp : getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

static hz_status state_init(hz_run_state *run, hz_error *err)
{
    hz_store_options store = {
        .budget_bytes = memory_of(run->options), .temp_dir = temp_of(run->options), .cancel = run->options->cancel};
    run->tables = hz_mem_zalloc(run->plan.sheets_count + 1, sizeof *run->tables);
    run->shown = hz_mem_zalloc(run->plan.rules_count + 1, sizeof *run->shown);
    run->table_shown = hz_mem_zalloc(run->plan.sheets_count + 1, sizeof *run->table_shown);
    if (!run->tables || !run->shown || !run->table_shown)
        return hz_nomem(err, run->plan.rules_count * sizeof(void *));
    for (size_t t = 0; t < run->plan.sheets_count; t++) {
        run->tables[t].places.ledgers = run->plan.ledgers_count;
        run->tables[t].places.sets = run->plan.tables[t].sets_count;
        HZ_TRY(partial_arrays(run, t, err));
    }
    HZ_TRY(hz_store_new(&run->store, &store, err));
    for (size_t t = 0; t < run->plan.sheets_count; t++)
        hz_pile_init(&run->tables[t].all_bad, run->store);
    HZ_TRY(hz_tally_init(&run->tally, &run->plan, err));
    HZ_TRY(hz_key_indexes_new(&run->indexes, run, err));
    HZ_TRY(hz_filters_new(&run->filters, run, err));
    run->waived = hz_mem_zalloc(run->plan.shadows_count + 1, sizeof *run->waived);
    if (!run->waived)
        return hz_nomem(err, run->plan.shadows_count * sizeof *run->waived);
    HZ_TRY(hz_cause_board_new(&run->board, run->plan.rules_count, err));
    HZ_TRY(hz_workers_init(run, err));
    return hz_explain_init(run, err);
}

static void state_clear(hz_run_state *run)
{
    hz_explain_clear(run);
    hz_workers_clear(run);
    hz_key_indexes_free(run->indexes, run);
    hz_filters_free(run->filters, run);
    run->filters = NULL;
    hz_tally_clear(&run->tally, &run->plan);
    hz_cause_board_free(run->board);
    run->board = NULL;
    for (size_t t = 0; run->tables && t < run->plan.sheets_count; t++)
        hz_table_partial_clear(&run->tables[t]);
    hz_manifest_check_clear(&run->manifest);
    hz_store_free(run->store);
    hz_mem_free(run->tables);
    hz_mem_free(run->waived);
    hz_mem_free((void *)run->shown);
    hz_mem_free(run->table_shown);
    run->indexes = NULL;
    run->store = NULL;
    run->waived = NULL;
    run->tables = NULL;
    run->shown = NULL;
    run->table_shown = NULL;
}

/* ---- identity ---- */

static void put_value(hz_buf *out, const hz_value *value)
{
    uint64_t one = 1, none = 0, bits = value->type == HZ_TYPE_BOOLEAN && value->as.boolean;
    hz_vec vec = {.type = value->type, .count = 1, .valid = &one, .invalid = &none};
    vec.as.any = value->type == HZ_TYPE_BOOLEAN ? (void *)&bits : (void *)&value->as;
    hz_vec_put(out, &vec, 0, HZ_SLICE_NONE);
}

static hz_status keep_params(hz_run_state *run, hz_error *err)
{
    const hz_profile *profile = run->plan.profile;
    hz_result *result = run->result;
    hz_buf text = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    result->params = HZ_ARENA_ARRAY(result->arena, hz_result_param, profile->params_count + 1);
    if (!result->params)
        return hz_nomem(err, profile->params_count * sizeof *result->params);
    result->params_count = profile->params_count;
    for (size_t i = 0; i < profile->params_count; i++) {
        hz_buf_reset(&text);
        put_value(&text, &run->plan.params[i]);
        HZ_GO(hz_buf_status(&text, err));
        result->params[i].name = profile->params[i].name;
        result->params[i].given = run->plan.params_given[i];
        HZ_GO(hz_arena_copy(&result->params[i].value, result->arena, hz_buf_slice(&text)));
    }
out:
    hz_buf_clear(&text);
    return st;
}

static hz_status note_list(hz_result *result, const hz_codelist *list, size_t max)
{
    hz_slice id = hz_codelist_id(list);
    for (size_t i = 0; i < result->lists_count; i++)
        if (hz_slice_eq(result->lists[i].id, id))
            return HZ_OK;
    if (result->lists_count < max) {
        hz_list_used *used = &result->lists[result->lists_count++];
        used->id = id;
        used->edition = hz_codelist_property(list, "edition");
        memcpy(used->sha256, hz_codelist_sha256(list), 32);
    }
    return HZ_OK;
}

static size_t count_lists(const hz_node *node)
{
    size_t n = node && node->list ? 1 : 0;
    for (uint32_t i = 0; node && i < node->items_count; i++)
        n += count_lists(node->items[i]);
    return n;
}

static void note_node(hz_result *result, const hz_node *node, size_t max)
{
    if (!node)
        return;
    if (node->list)
        (void)note_list(result, node->list, max);
    for (uint32_t i = 0; i < node->items_count; i++)
        note_node(result, node->items[i], max);
}

static hz_status keep_lists(hz_run_state *run, hz_error *err)
{
    const hz_profile *profile = run->plan.profile;
    hz_result *result = run->result;
    size_t max = 0;
    for (size_t t = 0; t < profile->tables_count; t++)
        max += profile->tables[t].fields_count;
    for (size_t i = 0; i < profile->rules_count; i++)
        max += count_lists(profile->rules[i].when.root) + count_lists(profile->rules[i].assert_.root);
    result->lists = HZ_ARENA_ARRAY(result->arena, hz_list_used, max + 1);
    if (!result->lists)
        return hz_nomem(err, max * sizeof *result->lists);
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t f = 0; f < profile->tables[t].fields_count; f++)
            if (profile->tables[t].fields[f].codes && profile->tables[t].fields[f].codes_id.len)
                (void)note_list(result, profile->tables[t].fields[f].codes, max);
    for (size_t i = 0; i < profile->rules_count; i++) {
        note_node(result, profile->rules[i].when.root, max);
        note_node(result, profile->rules[i].assert_.root, max);
    }
    return HZ_OK;
}

static hz_status keep_mapping(hz_result *result, const hz_mapping *mapping, hz_error *err)
{
    hz_result_mapping *kept = mapping ? HZ_ARENA_NEW(result->arena, hz_result_mapping) : NULL;
    if (mapping && !kept)
        return hz_nomem(err, sizeof *kept);
    result->mapping = kept;
    if (!mapping)
        return HZ_OK;
    *kept = (hz_result_mapping){.path = mapping->path, .id = mapping->id};
    memcpy(kept->sha256, mapping->sha256, sizeof mapping->sha256);
    return HZ_OK;
}

static hz_status keep_manifest(hz_result *result, const hz_manifest *manifest, hz_error *err)
{
    if (!manifest)
        return HZ_OK;
    result->manifest = HZ_ARENA_NEW(result->arena, hz_result_manifest);
    if (!result->manifest)
        return hz_nomem(err, sizeof *result->manifest);
    memcpy(result->manifest->sha256, manifest->sha256, sizeof manifest->sha256);
    HZ_TRY(hz_arena_copy(&result->manifest->path, result->arena, manifest->path));
    HZ_TRY(hz_arena_copy(&result->manifest->id, result->arena, manifest->id));
    HZ_TRY(hz_arena_copy(&result->manifest->unit, result->arena, manifest->unit));
    return hz_arena_copy(&result->manifest->period, result->arena, manifest->period);
}

static hz_status keep_identity(hz_run_state *run, hz_error *err)
{
    hz_result *result = run->result;
    result->profile = run->plan.profile;
    result->lists_store = run->options->lists;
    result->has_as_of = run->plan.env.has_as_of;
    result->as_of = run->plan.env.as_of;
    result->certifying = true;
    HZ_TRY(keep_mapping(result, run->options->mapping, err));
    HZ_TRY(keep_manifest(result, run->options->manifest, err));
    result->ignored = run->plan.submission.ignored;
    result->ignored_count = run->plan.submission.ignored_count;
    HZ_TRY(keep_params(run, err));
    return keep_lists(run, err);
}

static void keep_run_block(hz_result *result, const hz_run_options *options, const struct timespec *from,
                           const struct timespec *wall)
{
    struct timespec now;
    struct rusage usage;
    struct tm utc;
    clock_gettime(CLOCK_MONOTONIC, &now);
    result->seconds = (double)(now.tv_sec - from->tv_sec) + (double)(now.tv_nsec - from->tv_nsec) / 1e9;
    if (gmtime_r(&wall->tv_sec, &utc))
        (void)strftime(result->started, sizeof result->started, "%Y-%m-%dT%H:%M:%SZ", &utc);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        result->memory_bytes = (uint64_t)usage.ru_maxrss * 1024;
    if (gethostname(result->host, sizeof result->host - 1) != 0)
        result->host[0] = '\0';
    result->threads = options->threads == 1 ? 1 : 2;
}

/* ---- the run ---- */

static void add_sizes(hz_run_state *run)
{
    for (size_t i = 0; i < run->plan.submission.files_count; i++) {
        struct stat info;
        const hz_table_file *file = &run->plan.submission.files[i];
        if (!file->path)
            run->bytes_total += file->bytes.len;
        else if (stat(file->path, &info) == 0)
            run->bytes_total += (uint64_t)info.st_size;
    }
}

/* ---- a scan in which something ends in error is made anew without it ----
 * What a rule had counted before it hit a limit would else show in the error bits of records and, for a pattern, in
 * what the later constraints of its field were applied to: figures that depend on where the batches were cut. */

static size_t count_broken(const hz_run_state *run)
{
    size_t n = 0;
    for (size_t i = 0; i < run->plan.rules_count; i++)
        n += run->tally.rules[i].broken;
    for (size_t i = 0; i < hz_plan_measures(&run->plan); i++)
        n += run->tally.measures_broken[i].message != HZ_MSG_NONE;
    return n;
}

static void copy_broken(hz_tally *into, const hz_rule_partial *rules, const hz_said *measures, const hz_plan *plan)
{
    for (size_t i = 0; i < plan->rules_count; i++) {
        into->rules[i].broken = rules[i].broken;
        into->rules[i].reason = rules[i].reason;
    }
    for (size_t i = 0; i < hz_plan_measures(plan); i++)
        into->measures_broken[i] = measures[i];
}

static hz_status begin_again(hz_run_state *run, hz_error *err)
{
    hz_rule_partial *rules = run->tally.rules;
    hz_said *measures = run->tally.measures_broken;
    run->tally.rules = NULL;
    run->tally.measures_broken = NULL;
    state_clear(run);
    run->bytes_done = run->rows_done = 0;
    hz_status st = state_init(run, err);
    for (unsigned w = 0; st == HZ_OK && w < run->workers_count; w++)
        copy_broken(run->workers[w].tally, rules, measures, &run->plan);
    for (size_t i = 0; i < hz_plan_partials(&run->plan); i++)
        hz_rule_partial_clear(&rules[i]);
    hz_mem_free(rules);
    hz_mem_free(measures);
    return st;
}

/* All that reads rows, as long as something ends in error that had not before. */
static hz_status read_rows(hz_run_state *run, hz_error *err)
{
    size_t before = 0;
    for (;;) {
        HZ_TRY(hz_scan_tables(run, err));
        if (count_broken(run) == before)
            HZ_TRY(hz_assemble_all(run, err));
        size_t now = count_broken(run);
        if (now == before)
            return HZ_OK;
        before = now;
        HZ_TRY(begin_again(run, err));
    }
}

static hz_status key_stages(hz_run_state *run, hz_error *err)
{
    hz_explain_mark mark = hz_explain_begin(run);
    for (size_t k = 0; run->explain && k < run->plan.keysets_count; k++)
        HZ_TRY(hz_explain_end(run, mark, HZ_EXPLAINED_KEYS, k, 0, err));
    HZ_TRY(hz_key_stages(run, err));
    if (run->plan.keysets_count)
        HZ_TRY(hz_explain_end(run, mark, HZ_EXPLAINED_KEY_STAGES, 0, 0, err));
    HZ_TRY(hz_similar_stages(run, err));
    mark = hz_explain_begin(run);
    for (size_t g = 0; run->explain && g < run->plan.groups_count; g++)
        HZ_TRY(hz_explain_end(run, mark, HZ_EXPLAINED_GROUP, g, 0, err));
    HZ_TRY(hz_group_stages(run, err));
    return run->plan.groups_count ? hz_explain_end(run, mark, HZ_EXPLAINED_GROUP_STAGES, 0, 0, err) : HZ_OK;
}

static hz_status stages(hz_run_state *run, hz_error *err)
{
    HZ_TRY(read_rows(run, err));
    HZ_TRY(key_stages(run, err));
    hz_explain_mark mark = hz_explain_begin(run);
    HZ_TRY(hz_manifest_check_make(&run->manifest, run, err));
    HZ_TRY(hz_structure_counts(run, err));
    HZ_TRY(hz_waive_settle(run, err));
    HZ_TRY(hz_finish_counts(run, err));
    HZ_TRY(hz_late_pass(run, err));
    HZ_TRY(hz_waive_results(run, err));
    HZ_TRY(hz_explain_end(run, mark, HZ_EXPLAINED_LATE, 0, 0, err));
    mark = hz_explain_begin(run);
    HZ_TRY(hz_structure_findings(run, err));
    HZ_TRY(hz_measure_results(run, err));
    HZ_TRY(hz_grade(run->result, err));
    HZ_TRY(hz_finish_verdicts(run, err));
    HZ_TRY(hz_finish_regions(run, err));
    if (run->options->sinks)
        HZ_TRY(hz_all_findings(run, err));
    HZ_TRY(hz_key_digests_write(run, err));
    HZ_TRY(hz_causes_finish(run, err));
    if (run->options->pseudonyms)
        HZ_TRY(hz_pseudonym_result(run->result, run->options->pseudonyms, err));
    HZ_TRY(hz_explain_end(run, mark, HZ_EXPLAINED_FINISH, 0, 0, err));
    return hz_explain_finish(run, err);
}

hz_status hz_run(hz_result **out, const hz_run_options *options, hz_error *err)
{
    struct timespec from, wall;
    hz_run_state run = {.options = options, .err = err};
    hz_status st;
    *out = NULL;
    pthread_mutex_init(&run.lock, NULL);
    clock_gettime(CLOCK_MONOTONIC, &from);
    clock_gettime(CLOCK_REALTIME, &wall);
    hz_arena *arena = hz_arena_new();
    run.result = arena ? HZ_ARENA_NEW(arena, hz_result) : NULL;
    if (!run.result) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *run.result);
    }
    run.result->arena = arena;
    HZ_GO(hz_plan_make(&run.plan, options, arena, err));
    run.columns_broken = HZ_ARENA_ARRAY(arena, bool, run.plan.columns_count + 1);
    HZ_GO(run.columns_broken ? HZ_OK : hz_nomem(err, run.plan.columns_count));
    HZ_GO(state_init(&run, err));
    HZ_GO(keep_identity(&run, err));
    add_sizes(&run);
    HZ_GO(stages(&run, err));
    keep_run_block(run.result, options, &from, &wall);
    *out = run.result;
out:
    state_clear(&run);
    hz_plan_clear(&run.plan);
    pthread_mutex_destroy(&run.lock);
    if (st != HZ_OK)
        hz_arena_free(arena);
    return st == HZ_E_NOMEM ? hz_nomem(err, 0) : st; /* said already, but where an arena was the last to know */
}
