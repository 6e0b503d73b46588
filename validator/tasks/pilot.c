/* pilot.c: two profiles over many submissions. */
#include <stdlib.h>

#include "profiles/tighten.h"
#include "reports/causes.h"
#include "validator/tasks/pilot_int.h"

enum { SUSPECT_FINDINGS = 10, SUSPECT_PERCENT = 90, STORE_BYTES = 64 << 20 };

void hz_pilot_free(hz_pilot *pilot)
{
    if (pilot) {
        hz_mem_free(pilot->groups);
        hz_arena_free(pilot->arena);
    }
}

/* ---- rules of both ---- */

static hz_status add_rule(hz_pilot_job *job, const hz_rule *rule, unsigned side)
{
    hz_pilot *pilot = job->pilot;
    uint32_t at = hz_names_find(&job->rules, rule->id), old;
    if (at == HZ_HTAB_NONE) {
        at = (uint32_t)pilot->rules_count++;
        pilot->rules[at].id = rule->id;
        HZ_TRY(hz_names_add(&job->rules, rule->id, at, &old, job->err));
    }
    pilot->rules[at].rules[side] = rule;
    return HZ_OK;
}

static hz_status add_rules(hz_pilot_job *job)
{
    hz_pilot *pilot = job->pilot;
    const hz_profile *const *profiles = pilot->profiles;
    size_t most = profiles[0]->rules_count + profiles[1]->rules_count;
    pilot->rules = HZ_ARENA_ARRAY(pilot->arena, hz_pilot_rule, most + 1);
    if (!pilot->rules)
        return hz_nomem(job->err, most * sizeof *pilot->rules);
    for (unsigned side = 2; side-- > 0;)
        for (size_t i = 0; i < profiles[side]->rules_count; i++)
            HZ_TRY(add_rule(job, &profiles[side]->rules[i], side));
    for (size_t i = 0; i < pilot->rules_count; i++) {
        hz_pilot_rule *rule = &pilot->rules[i];
        if (!rule->rules[0] || !rule->rules[1])
            rule->change = rule->rules[1] ? HZ_PILOT_NEW : HZ_PILOT_GONE;
        else
            rule->change = hz_same_rule(profiles[0], rule->rules[0], profiles[1], rule->rules[1]) ? HZ_PILOT_SAME
                                                                                                  : HZ_PILOT_CHANGED;
    }
    return HZ_OK;
}

/* ---- one run ---- */

/* A parameter goes to the profiles that have it; one that neither has to the draft, which then says so. */
static hz_given *params_of(size_t *count, const hz_pilot_job *job, unsigned side)
{
    const hz_pilot_options *options = job->options;
    hz_given *params = hz_mem_zalloc(options->params_count + 1, sizeof *params);
    *count = 0;
    for (size_t i = 0; params && i < options->params_count; i++) {
        bool has[2] = {hz_profile_param(options->profiles[0], options->params[i].name) >= 0,
                       hz_profile_param(options->profiles[1], options->params[i].name) >= 0};
        if (has[side] || (side && !has[0]))
            params[(*count)++] = options->params[i];
    }
    return params;
}

static hz_status run_side(hz_result **out, hz_pilot_job *job, unsigned side, hz_error *err)
{
    const hz_pilot_options *options = job->options;
    hz_sinks_options to = {.tap = hz_pilot_tap, .tap_ctx = job};
    hz_sinks *sinks = NULL;
    hz_limits limits = *options->limits;
    hz_input input = {.path = options->submissions[job->submission]};
    size_t params_count;
    hz_given *params = params_of(&params_count, job, side);
    limits.value[HZ_LIMIT_EXAMPLES] = 0; /* the tap has them all */
    hz_run_options how = {.profile = options->profiles[side],
                          .lists = options->lists,
                          .limits = &limits,
                          .cancel = options->cancel,
                          .inputs = &input,
                          .inputs_count = 1,
                          .params = params,
                          .params_count = params_count,
                          .has_as_of = options->has_as_of,
                          .as_of = options->as_of,
                          .threads = options->threads,
                          .memory_bytes = options->memory_bytes,
                          .temp = options->temp,
                          .drafts_count = side == 1,
                          .progress = options->progress,
                          .progress_ctx = options->progress_ctx};
    job->side = side;
    *out = NULL;
    hz_status st = params ? hz_sinks_open(&sinks, &to, err) : hz_nomem(err, sizeof *params);
    how.sinks = sinks;
    if (st == HZ_OK)
        st = hz_run(out, &how, err);
    hz_sinks_close(sinks);
    hz_mem_free(params);
    return st;
}

/* ---- what is known of a whole submission ---- */

static hz_status take_side(hz_pilot_job *job, unsigned side, const hz_result *result)
{
    hz_pilot_side *to = &job->pilot->submissions[job->submission].sides[side];
    const hz_grading *grading = &result->profile->grading;
    if (result->grade < grading->grades_count)
        to->grade = grading->grades[result->grade].grade;
    to->conformant = result->conformant;
    to->incomplete = result->incomplete;
    to->has_score = result->has_score;
    to->score = result->score;
    to->records = result->records;
    to->records_with_errors = result->records_with_errors;
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *from = &result->rules[i];
        uint32_t at = hz_names_find(&job->rules, from->rule->id);
        if (at == HZ_HTAB_NONE)
            continue;
        hz_pilot_rule *rule = &job->pilot->rules[at];
        rule->evaluated[side] += from->evaluated;
        rule->failed[side] += from->failed;
        rule->not_run[side] += from->outcome == HZ_OUTCOME_SKIPPED || from->outcome == HZ_OUTCOME_ERROR;
    }
    return HZ_OK;
}

/* Counties that are there count as groups, whether anything failed in them or not. */
static hz_status take_regions(hz_pilot_job *job, const hz_result *result)
{
    uint32_t at;
    for (size_t i = 0; i < result->regions_count; i++) {
        const hz_result_region *region = &result->regions[i];
        if (region->level != HZ_LEVEL_COUNTY)
            continue;
        HZ_TRY(hz_pilot_group_of(&at, job, HZ_PILOT_COUNTY, hz_slice_of(region->code)));
        hz_pilot_group *group = &job->pilot->groups[at];
        if (!group->title.zh.len && !group->title.en.len) {
            HZ_TRY(hz_pilot_keep(&group->title.zh, job, region->name.zh));
            HZ_TRY(hz_pilot_keep(&group->title.en, job, region->name.en));
        }
    }
    return HZ_OK;
}

static hz_status cause_text(hz_slice *out, hz_pilot_job *job, const hz_result *result, const hz_cause *cause,
                            hz_lang lang)
{
    hz_buf_reset(&job->line);
    hz_put_cause(&job->line, result, cause, lang, job->options->reveal);
    HZ_TRY(hz_buf_status(&job->line, job->err));
    return hz_pilot_keep(out, job, hz_buf_slice(&job->line));
}

static uint64_t findings_before(hz_pilot_job *job, const hz_result *before, const hz_cause *cause, hz_slice text)
{
    for (size_t i = 0; i < before->causes_count; i++) {
        if (before->causes[i].kind != cause->kind)
            continue;
        hz_buf_reset(&job->line);
        hz_put_cause(&job->line, before, &before->causes[i], HZ_LANG_ZH, job->options->reveal);
        if (hz_slice_eq(hz_buf_slice(&job->line), text))
            return before->causes[i].findings;
    }
    return 0;
}

static hz_status take_causes(hz_pilot_job *job, const hz_result *before, const hz_result *after)
{
    for (size_t i = 0; i < after->causes_count; i++) {
        const hz_cause *from = &after->causes[i];
        hz_pilot_cause cause = {.submission = job->submission, .kind = from->kind, .findings = from->findings};
        HZ_TRY(cause_text(&cause.text_zh, job, after, from, HZ_LANG_ZH));
        uint64_t had = findings_before(job, before, from, cause.text_zh);
        if (cause.findings <= had)
            continue;
        cause.findings -= had;
        HZ_TRY(cause_text(&cause.text_en, job, after, from, HZ_LANG_EN));
        job->pilot->causes_found++;
        job->pilot->causes_findings += cause.findings;
        if (!HZ_GROW(job->causes, job->causes_capacity, job->causes_count + 1))
            return hz_nomem(job->err, sizeof cause);
        job->causes[job->causes_count++] = cause;
    }
    return HZ_OK;
}

static bool is_of_the_submission(hz_status st)
{
    return st == HZ_E_SOURCE || st == HZ_E_IO || st == HZ_E_CHANGED || st == HZ_E_LIMIT;
}

static hz_status both_sides(hz_pilot_job *job, hz_result *results[2], hz_error *err)
{
    for (unsigned side = 0; side < 2; side++)
        HZ_TRY(run_side(&results[side], job, side, err));
    return HZ_OK;
}

static hz_status take_submission(hz_pilot_job *job, hz_error *err)
{
    hz_result *results[2] = {NULL, NULL};
    hz_pilot_submission *submission = &job->pilot->submissions[job->submission];
    hz_error *own = HZ_ARENA_NEW(job->pilot->arena, hz_error);
    hz_status st = own ? both_sides(job, results, own) : hz_nomem(err, sizeof *own);
    job->err = err;
    if (st != HZ_OK) {
        hz_pilot_forget(job);
        if (own && is_of_the_submission(st)) {
            submission->error = own;
            st = HZ_OK;
        } else if (own && err) {
            *err = *own;
        }
        goto out;
    }
    job->pilot->read_count++;
    for (unsigned side = 0; side < 2; side++)
        HZ_GO(take_side(job, side, results[side]));
    HZ_GO(take_regions(job, results[1]));
    HZ_GO(take_causes(job, results[0], results[1]));
    HZ_GO(hz_pilot_compare(job));
out:
    hz_result_free(results[0]);
    hz_result_free(results[1]);
    return st;
}

/* ---- the end ---- */

static void add_up(hz_pilot *pilot)
{
    for (size_t i = 0; i < pilot->submissions_count; i++) {
        const hz_pilot_submission *one = &pilot->submissions[i];
        pilot->fresh += one->fresh;
        pilot->gone += one->gone;
        pilot->records_fresh += one->records_fresh;
        pilot->records_newly += one->records_newly;
        pilot->records_cleared += one->records_cleared;
    }
    for (size_t i = 0; i < pilot->rules_count; i++) /* a rule's submissions were counted as groups */
        pilot->rules[i].submissions_fresh = 0;
}

static uint64_t groups_beside(const hz_pilot *pilot, hz_pilot_by by)
{
    uint64_t count = 0;
    for (size_t i = 0; i < pilot->groups_count; i++)
        count += pilot->groups[i].by == by;
    if (by == HZ_PILOT_SUBMISSION) /* those without a finding are no group */
        count = pilot->read_count;
    return count ? count - 1 : 0;
}

static int by_fresh(const void *a, const void *b)
{
    const hz_pilot_suspect *x = a, *y = b;
    if (x->fresh != y->fresh)
        return x->fresh < y->fresh ? 1 : -1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

/* Of a rule, the narrowest kind of group that has nearly all: unit, vendor, county, submission. */
static hz_status find_suspects(hz_pilot_job *job)
{
    static const unsigned narrowness[HZ_PILOT_BYS] = {
        [HZ_PILOT_UNIT] = 1, [HZ_PILOT_VENDOR] = 2, [HZ_PILOT_COUNTY] = 3, [HZ_PILOT_SUBMISSION] = 4};
    hz_pilot *pilot = job->pilot;
    hz_pilot_suspect *best = HZ_ARENA_ARRAY(pilot->arena, hz_pilot_suspect, pilot->rules_count + 1);
    uint64_t beside[HZ_PILOT_BYS];
    if (!best)
        return hz_nomem(job->err, pilot->rules_count * sizeof *best);
    for (unsigned by = 0; by < HZ_PILOT_BYS; by++)
        beside[by] = groups_beside(pilot, (hz_pilot_by)by);
    for (size_t i = 0; i < job->counts_count; i++) {
        const hz_pilot_count *count = &job->counts[i];
        const hz_pilot_group *group = &pilot->groups[count->group];
        hz_pilot_rule *rule = &pilot->rules[count->rule];
        rule->submissions_fresh += group->by == HZ_PILOT_SUBMISSION;
        if (rule->fresh < SUSPECT_FINDINGS || !beside[group->by] || count->fresh * 100 < rule->fresh * SUSPECT_PERCENT)
            continue;
        hz_pilot_suspect *at = &best[count->rule];
        if (at->of && narrowness[pilot->groups[at->group].by] <= narrowness[group->by])
            continue;
        *at = (hz_pilot_suspect){count->rule, count->group, count->fresh, rule->fresh, beside[group->by]};
    }
    for (size_t i = 0; i < pilot->rules_count; i++)
        if (best[i].of)
            best[pilot->suspects_count++] = best[i];
    pilot->suspects = best;
    if (pilot->suspects_count)
        qsort(best, pilot->suspects_count, sizeof *best, by_fresh);
    return HZ_OK;
}

static int by_findings(const void *a, const void *b)
{
    const hz_pilot_cause *x = a, *y = b;
    if (x->findings != y->findings)
        return x->findings < y->findings ? 1 : -1;
    if (x->submission != y->submission)
        return x->submission < y->submission ? -1 : 1;
    return hz_slice_cmp(x->text_zh, y->text_zh);
}

static hz_status keep_causes(hz_pilot_job *job)
{
    hz_pilot *pilot = job->pilot;
    pilot->causes_count = job->causes_count < HZ_PILOT_CAUSES ? job->causes_count : HZ_PILOT_CAUSES;
    pilot->causes = HZ_ARENA_ARRAY(pilot->arena, hz_pilot_cause, pilot->causes_count + 1);
    if (!pilot->causes)
        return hz_nomem(job->err, sizeof *pilot->causes);
    if (!job->causes_count)
        return HZ_OK;
    qsort(job->causes, job->causes_count, sizeof *job->causes, by_findings);
    memcpy(pilot->causes, job->causes, pilot->causes_count * sizeof *pilot->causes);
    return HZ_OK;
}

static int by_group(const void *a, const void *b)
{
    const hz_pilot_group *x = a, *y = b;
    if (x->by != y->by)
        return (int)x->by - (int)y->by;
    if (x->fresh != y->fresh)
        return x->fresh < y->fresh ? 1 : -1;
    if (x->gone != y->gone)
        return x->gone < y->gone ? 1 : -1;
    return hz_slice_cmp(x->name, y->name);
}

/* Suspects name groups by number: their numbers are found again. */
static hz_status keep_groups(hz_pilot_job *job)
{
    hz_pilot *pilot = job->pilot;
    size_t count = 0;
    hz_slice *names = HZ_ARENA_ARRAY(pilot->arena, hz_slice, pilot->suspects_count + 1);
    hz_pilot_by *bys = HZ_ARENA_ARRAY(pilot->arena, hz_pilot_by, pilot->suspects_count + 1);
    if (!names || !bys)
        return hz_nomem(job->err, pilot->suspects_count * sizeof *names);
    for (size_t i = 0; i < pilot->suspects_count; i++) {
        names[i] = pilot->groups[pilot->suspects[i].group].name;
        bys[i] = pilot->groups[pilot->suspects[i].group].by;
    }
    for (size_t i = 0; i < pilot->groups_count; i++)
        if (pilot->groups[i].fresh || pilot->groups[i].gone)
            pilot->groups[count++] = pilot->groups[i];
    pilot->groups_count = count;
    if (count)
        qsort(pilot->groups, count, sizeof *pilot->groups, by_group);
    for (size_t i = 0; i < pilot->suspects_count; i++)
        for (uint32_t g = 0; g < count; g++)
            if (pilot->groups[g].by == bys[i] && hz_slice_eq(pilot->groups[g].name, names[i]))
                pilot->suspects[i].group = g;
    return HZ_OK;
}

static hz_status none_was_read(const hz_pilot *pilot, hz_error *err)
{
    const hz_error *last = pilot->submissions[pilot->submissions_count - 1].error;
    if (err)
        *err = *last;
    return last->status;
}

static hz_status begin(hz_pilot_job *job, const hz_pilot_options *options, hz_error *err)
{
    hz_arena *arena = hz_arena_new();
    hz_pilot *pilot = arena ? HZ_ARENA_NEW(arena, hz_pilot) : NULL;
    if (!pilot) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *pilot);
    }
    *pilot = (hz_pilot){.arena = arena,
                        .profiles = {options->profiles[0], options->profiles[1]},
                        .has_as_of = options->has_as_of,
                        .as_of = options->as_of,
                        .sample_wanted = options->sample,
                        .seed = options->seed};
    *job = (hz_pilot_job){.options = options, .pilot = pilot, .err = err, .line = HZ_BUF_INIT, .scratch = HZ_BUF_INIT};
    pilot->submissions_count = options->submissions_count;
    pilot->submissions = HZ_ARENA_ARRAY(arena, hz_pilot_submission, options->submissions_count + 1);
    if (!pilot->submissions)
        return hz_nomem(err, options->submissions_count * sizeof *pilot->submissions);
    for (size_t i = 0; i < options->submissions_count; i++)
        pilot->submissions[i].path = hz_slice_of(options->submissions[i]);
    const hz_store_options store = {.budget_bytes = STORE_BYTES, .temp_dir = options->temp, .cancel = options->cancel};
    hz_store_options with_temp = store;
    const char *temp = getenv("TMPDIR");
    if (!with_temp.temp_dir)
        with_temp.temp_dir = temp && *temp ? temp : "/tmp";
    HZ_TRY(hz_limit_check(options->limits, HZ_LIMIT_PILOT_SAMPLE, options->sample, err));
    HZ_TRY(hz_store_new(&job->store, &with_temp, err));
    HZ_TRY(add_rules(job));
    return hz_pilot_read_vendors(job);
}

static hz_status open_changes(hz_pilot_job *job, hz_error *err)
{
    if (!job->options->changes)
        return HZ_OK;
    HZ_TRY(hz_outfile_open(&job->changes, job->options->changes, err));
    hz_buf_reset(&job->line);
    hz_buf_puts(&job->line, "\xEF\xBB\xBF"
                            "change,");
    hz_pilot_csv_head(&job->line);
    hz_buf_puts(&job->line, "\r\n");
    HZ_TRY(hz_buf_status(&job->line, err));
    return hz_outfile_write(job->changes, hz_buf_slice(&job->line), err);
}

static hz_status work(hz_pilot_job *job, hz_error *err)
{
    hz_pilot *pilot = job->pilot;
    HZ_TRY(open_changes(job, err));
    for (size_t i = 0; i < pilot->submissions_count; i++) {
        job->submission = (uint32_t)i;
        HZ_TRY(take_submission(job, err));
    }
    if (!pilot->read_count)
        return none_was_read(pilot, err);
    add_up(pilot);
    HZ_TRY(find_suspects(job));
    HZ_TRY(keep_groups(job));
    HZ_TRY(keep_causes(job));
    HZ_TRY(hz_pilot_sheet(job));
    hz_outfile *changes = job->changes;
    job->changes = NULL;
    return changes ? hz_outfile_commit(changes, err) : HZ_OK;
}

static void end(hz_pilot_job *job)
{
    hz_pilot_forget(job);
    hz_mem_free(job->stretches);
    hz_store_free(job->store);
    hz_names_clear(&job->rules);
    hz_names_clear(&job->names);
    hz_names_clear(&job->groups);
    hz_names_clear(&job->vendors);
    hz_htab_clear(&job->counts_index);
    hz_mem_free(job->counts);
    hz_mem_free(job->vendor_names);
    hz_mem_free(job->causes);
    for (size_t i = 0; i < job->drawn_count; i++)
        hz_mem_free(job->drawn[i].line);
    hz_mem_free(job->drawn);
    hz_outfile_abandon(job->changes);
    hz_buf_clear(&job->line);
    hz_buf_clear(&job->scratch);
}

hz_status hz_pilot_run(hz_pilot **out, const hz_pilot_options *options, hz_error *err)
{
    hz_pilot_job job = {0};
    hz_error own = {0};
    hz_error *told = err ? err : &own;
    *out = NULL;
    hz_status st = begin(&job, options, told);
    if (st == HZ_OK)
        st = work(&job, told);
    if (job.pilot)
        end(&job);
    if (st == HZ_OK)
        *out = job.pilot;
    else
        hz_pilot_free(job.pilot);
    return st;
}
