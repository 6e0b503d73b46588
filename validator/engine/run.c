/* run.c: one run from plan to graded result. */
#include "base/alloc.h"
#include "profiles/expr/print.h"
#include "reports/grade.h"
#include "validator/engine/run_int.h"
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
    partial->source_stamp = HZ_ARENA_ARRAY(arena, struct hz_file_stamp, count);
    partial->source_encoding = HZ_ARENA_ARRAY(arena, const char *, count);
    partial->source_delimiter = HZ_ARENA_ARRAY(arena, char, count);
    bool ok = partial->source_records && partial->source_rows && partial->source_bad && partial->source_bytes &&
              partial->source_sha256 && partial->source_stamp && partial->source_encoding && partial->source_delimiter;
    return ok ? HZ_OK : hz_nomem(err, count * 64);
}

static hz_status table_stats(hz_run_state *run, size_t t, hz_error *err)
{
    const hz_plan_table *table = &run->plan.tables[t];
    if (!table->present || table->table->included.len)
        return HZ_OK;
    run->stats[t] = hz_mem_zalloc(table->table->fields_count + 1, sizeof **run->stats);
    if (!run->stats[t])
        return hz_nomem(err, table->table->fields_count * sizeof(void *));
    for (size_t f = 0; f < table->table->fields_count; f++)
        if (!table->absent[f])
            HZ_TRY(hz_stats_new(&run->stats[t][f], &table->table->fields[f], err));
    return HZ_OK;
}

static hz_status state_arrays(hz_run_state *run, hz_error *err)
{
    const hz_profile *profile = run->plan.profile;
    size_t rules = profile->rules_count + 1, tables = profile->tables_count + 1;
    run->rules = hz_mem_zalloc(rules, sizeof *run->rules);
    run->tables = hz_mem_zalloc(tables, sizeof *run->tables);
    run->keysets = hz_mem_zalloc(run->plan.keysets_count + 1, sizeof *run->keysets);
    run->keyset_done = hz_mem_zalloc(run->plan.keysets_count + 1, sizeof *run->keyset_done);
    run->groups = hz_mem_zalloc(run->plan.groups_count + 1, sizeof *run->groups);
    run->deferred = hz_mem_zalloc(rules, sizeof *run->deferred);
    run->spans = hz_mem_zalloc(rules, sizeof *run->spans);
    run->stats = hz_mem_zalloc(tables, sizeof *run->stats);
    run->shown = hz_mem_zalloc(rules, sizeof *run->shown);
    run->measures_broken = hz_mem_zalloc(profile->measures_count + 1, sizeof *run->measures_broken);
    run->table_shown = hz_mem_zalloc(tables, sizeof *run->table_shown);
    run->eval = hz_eval_new();
    bool ok = run->rules && run->tables && run->keysets && run->keyset_done && run->groups && run->deferred &&
              run->spans && run->stats && run->shown && run->measures_broken && run->table_shown && run->eval;
    return ok ? HZ_OK : hz_nomem(err, rules * sizeof *run->rules);
}

static bool reads_pattern(const hz_node *node)
{
    bool found = node && node->kind == HZ_NODE_MATCHES;
    for (uint32_t i = 0; node && !found && i < node->items_count; i++)
        found = reads_pattern(node->items[i]);
    return found;
}

static bool may_break(const hz_rule *rule)
{
    bool found = rule->kind == HZ_RULE_PATTERN || reads_pattern(rule->when.root) || reads_pattern(rule->assert_.root) ||
                 reads_pattern(rule->overlap_from.root) || reads_pattern(rule->overlap_to.root);
    for (size_t i = 0; !found && i < rule->keys_count; i++)
        found = reads_pattern(rule->keys[i].root);
    return found;
}

static hz_status state_init(hz_run_state *run, hz_error *err)
{
    const hz_profile *profile = run->plan.profile;
    HZ_TRY(state_arrays(run, err));
    HZ_TRY(hz_keys_init(&run->keys, err));
    HZ_TRY(hz_regions_init(&run->regions, profile->tables_count, err));
    for (size_t i = 0; i < profile->rules_count; i++) {
        run->rules[i].examples.max = (size_t)run->options->limits->value[HZ_LIMIT_EXAMPLES];
        run->rules[i].failures.max = SIZE_MAX;
        run->rules[i].may_break = may_break(&profile->rules[i]);
    }
    for (size_t k = 0; k < run->plan.keysets_count; k++)
        HZ_TRY(hz_keyset_init(&run->keysets[k], run->plan.keysets[k].unique, err));
    for (size_t g = 0; g < run->plan.groups_count; g++)
        HZ_TRY(hz_groups_new(&run->groups[g], &run->plan.groups[g], err));
    for (size_t t = 0; t < profile->tables_count; t++) {
        HZ_TRY(partial_arrays(run, t, err));
        HZ_TRY(table_stats(run, t, err));
    }
    return HZ_OK;
}

static void free_stats(hz_run_state *run)
{
    for (size_t t = 0; run->stats && t < run->plan.profile->tables_count; t++) {
        for (size_t f = 0; run->stats[t] && f < run->plan.profile->tables[t].fields_count; f++)
            hz_stats_free(run->stats[t][f]);
        hz_mem_free(run->stats[t]);
    }
    hz_mem_free(run->stats);
}

static void state_clear(hz_run_state *run)
{
    const hz_profile *profile = run->plan.profile;
    for (size_t i = 0; i < profile->rules_count; i++) {
        if (run->rules) {
            hz_mem_free(run->rules[i].examples.ordinals);
            hz_mem_free(run->rules[i].failures.ordinals);
        }
        if (run->deferred) {
            hz_buf_clear(&run->deferred[i].keys);
            hz_mem_free(run->deferred[i].rows);
        }
        if (run->spans)
            hz_mem_free(run->spans[i].rows);
    }
    for (size_t k = 0; run->keysets && k < run->plan.keysets_count; k++)
        hz_keyset_clear(&run->keysets[k]);
    for (size_t g = 0; run->groups && g < run->plan.groups_count; g++)
        hz_groups_free(run->groups[g]);
    for (size_t t = 0; run->tables && t < profile->tables_count; t++)
        hz_table_partial_clear(&run->tables[t]);
    free_stats(run);
    hz_keys_clear(&run->keys);
    hz_regions_clear(&run->regions);
    hz_eval_free(run->eval);
    hz_mem_free(run->rules);
    hz_mem_free(run->tables);
    hz_mem_free(run->keysets);
    hz_mem_free(run->keyset_done);
    hz_mem_free(run->groups);
    hz_mem_free(run->deferred);
    hz_mem_free(run->spans);
    hz_mem_free((void *)run->shown);
    hz_mem_free(run->measures_broken);
    hz_mem_free(run->table_shown);
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

static hz_status keep_identity(hz_run_state *run, hz_error *err)
{
    hz_result *result = run->result;
    result->profile = run->plan.profile;
    result->has_as_of = run->plan.env.has_as_of;
    result->as_of = run->plan.env.as_of;
    result->certifying = true;
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
        if (stat(run->plan.submission.files[i].path, &info) == 0)
            run->bytes_total += (uint64_t)info.st_size;
    }
}

/* ---- a scan in which something ends in error is made anew without it ----
 * What a rule had counted before it hit a limit would else show in the error bits of records and, for a pattern, in
 * what the later constraints of its field were applied to: figures that depend on where the batches were cut. */

static size_t count_broken(const hz_run_state *run)
{
    size_t n = 0;
    for (size_t i = 0; i < run->plan.profile->rules_count; i++)
        n += run->rules[i].broken;
    for (size_t i = 0; i < run->plan.profile->measures_count; i++)
        n += run->measures_broken[i].message != HZ_MSG_NONE;
    return n;
}

static hz_status begin_again(hz_run_state *run, hz_error *err)
{
    const hz_profile *profile = run->plan.profile;
    hz_rule_partial *rules = run->rules;
    hz_said *measures = run->measures_broken;
    run->rules = NULL;
    run->measures_broken = NULL;
    state_clear(run);
    run->bytes_done = run->rows_done = 0;
    hz_status st = state_init(run, err);
    for (size_t i = 0; i < profile->rules_count; i++) {
        hz_mem_free(rules[i].examples.ordinals);
        hz_mem_free(rules[i].failures.ordinals);
        if (st == HZ_OK) {
            run->rules[i].broken = rules[i].broken;
            run->rules[i].reason = rules[i].reason;
        }
    }
    for (size_t i = 0; st == HZ_OK && i < profile->measures_count; i++)
        run->measures_broken[i] = measures[i];
    hz_mem_free(rules);
    hz_mem_free(measures);
    return st;
}

static hz_status scan_tables(hz_run_state *run, hz_error *err)
{
    for (size_t i = 0; i < run->plan.order_count; i++) {
        hz_scan *scan;
        HZ_TRY(hz_scan_open(&scan, run, run->plan.order[i], err));
        hz_status st = hz_scan_table(scan, err);
        hz_scan_close(scan);
        HZ_TRY(st);
    }
    return HZ_OK;
}

static hz_status stages(hz_run_state *run, hz_error *err)
{
    HZ_TRY(scan_tables(run, err));
    for (size_t before = 0, now; (now = count_broken(run)) > before; before = now) {
        HZ_TRY(begin_again(run, err));
        HZ_TRY(scan_tables(run, err));
    }
    HZ_TRY(hz_key_stages(run, err));
    HZ_TRY(hz_group_stages(run, err));
    HZ_TRY(hz_structure_counts(run, err));
    HZ_TRY(hz_finish_counts(run, err));
    HZ_TRY(hz_late_pass(run, err));
    HZ_TRY(hz_structure_findings(run, err));
    HZ_TRY(hz_measure_results(run, err));
    HZ_TRY(hz_grade(run->result, err));
    return hz_finish_regions(run, err);
}

hz_status hz_run(hz_result **out, const hz_run_options *options, hz_error *err)
{
    struct timespec from, wall;
    hz_run_state run = {.options = options, .err = err};
    hz_status st;
    *out = NULL;
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
    HZ_GO(state_init(&run, err));
    HZ_GO(keep_identity(&run, err));
    add_sizes(&run);
    HZ_GO(stages(&run, err));
    keep_run_block(run.result, options, &from, &wall);
    *out = run.result;
out:
    state_clear(&run);
    hz_plan_clear(&run.plan);
    if (st != HZ_OK)
        hz_arena_free(arena);
    return st == HZ_E_NOMEM ? hz_nomem(err, 0) : st; /* said already, but where an arena was the last to know */
}
