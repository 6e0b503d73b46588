#include "validator/tasks/baseline.h"

#include "base/alloc.h"
#include "base/htab.h"

typedef struct job {
    hz_result *result;
    hz_result_baseline *baseline;
    hz_error *err;
} job;

static const hz_jvalue *rule_before(const hz_stored *before, hz_slice id)
{
    const hz_jvalue *lists[] = {before->rules, before->drafts};
    for (size_t i = 0; i < 2; i++)
        for (const hz_jvalue *rule = lists[i]->first; rule; rule = rule->next)
            if (hz_slice_eq(hz_jtext(hz_jget(rule, "id")), id))
                return rule;
    return NULL;
}

static bool is_capped(const hz_jvalue *rule)
{
    return rule && hz_stored_count(rule, "failed") > hz_jget(rule, "examples")->count;
}

/* The fingerprints of a rule before, each once. */
static hz_status take_before(hz_names *prints, uint64_t *unknown, const hz_jvalue *rule, hz_error *err)
{
    uint32_t old;
    for (const hz_jvalue *finding = rule ? hz_jget(rule, "examples")->first : NULL; finding; finding = finding->next) {
        hz_slice print = hz_jtext(hz_jget(finding, "fingerprint"));
        if (print.len)
            HZ_TRY(hz_names_add(prints, print, 0, &old, err));
        else
            (*unknown)++;
    }
    return HZ_OK;
}

/* Records with one key have one fingerprint: it is met once. */
static hz_status note_met(hz_names *seen, uint64_t *met, hz_slice print, hz_error *err)
{
    uint32_t old;
    HZ_TRY(hz_names_add(seen, print, 0, &old, err));
    *met += old == HZ_HTAB_NONE;
    return HZ_OK;
}

static hz_status compare_rule(job *j, hz_baseline_rule *out, hz_result_rule *rule, const hz_jvalue *before)
{
    hz_names prints = {0}, seen = {0};
    uint64_t without = 0, met = 0;
    hz_status st = take_before(&prints, &without, before, j->err);
    *out = (hz_baseline_rule){.id = rule->rule->id,
                              .failed_before = hz_stored_count(before, "failed"),
                              .failed = rule->failed,
                              .capped = is_capped(before) || rule->failed > rule->examples_count};
    for (size_t i = 0; st == HZ_OK && i < rule->examples_count; i++) {
        hz_finding *finding = &rule->examples[i];
        hz_slice print = hz_slice_of(finding->fingerprint);
        if (!print.len) {
            out->unknown++;
            continue;
        }
        bool there = hz_names_find(&prints, print) != HZ_HTAB_NONE;
        /* One that is not kept before may have been there all the same. */
        finding->since = there ? HZ_SINCE_BEFORE : is_capped(before) ? HZ_SINCE_UNKNOWN : HZ_SINCE_NEW;
        out->persisting += there;
        out->fresh += finding->since == HZ_SINCE_NEW;
        out->unknown += finding->since == HZ_SINCE_UNKNOWN;
        if (there && st == HZ_OK)
            st = note_met(&seen, &met, print, j->err);
    }
    /* Gone: what was kept before and is not among all that there is now. */
    if (st == HZ_OK && rule->failed <= rule->examples_count)
        out->fixed = prints.count > met ? prints.count - met : 0;
    hz_names_clear(&prints);
    hz_names_clear(&seen);
    return st;
}

static void add_up(hz_result_baseline *baseline, const hz_baseline_rule *rule)
{
    baseline->fresh += rule->fresh;
    baseline->persisting += rule->persisting;
    baseline->fixed += rule->fixed;
    baseline->unknown += rule->unknown;
    baseline->capped = baseline->capped || rule->capped;
    baseline->grown = baseline->grown || rule->fresh || rule->failed > rule->failed_before;
}

static hz_status compare(job *j, const hz_stored *before)
{
    hz_result *result = j->result;
    hz_result_baseline *baseline = j->baseline;
    size_t most = result->rules_count + before->rules->count + 1;
    baseline->rules = HZ_ARENA_ARRAY(result->arena, hz_baseline_rule, most);
    if (!baseline->rules)
        return hz_nomem(j->err, most * sizeof *baseline->rules);
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_jvalue *was = rule_before(before, result->rules[i].rule->id);
        if (!result->rules[i].failed && !hz_stored_count(was, "failed"))
            continue;
        HZ_TRY(compare_rule(j, &baseline->rules[baseline->rules_count], &result->rules[i], was));
        add_up(baseline, &baseline->rules[baseline->rules_count++]);
    }
    return HZ_OK;
}

hz_status hz_baseline_compare(hz_result *result, const hz_stored *before, hz_error *err)
{
    hz_slice id = hz_jtext(hz_jget(before->profile, "id"));
    job j = {result, HZ_ARENA_NEW(result->arena, hz_result_baseline), err};
    if (!j.baseline)
        return hz_nomem(err, sizeof *j.baseline);
    if (!hz_slice_eq(id, result->profile->id))
        return hz_fail(err, HZ_E_USAGE, HZ_M(BASELINE_PROFILE), HZ_S(before->path), HZ_S(id),
                       HZ_S(result->profile->id));
    HZ_TRY(hz_stored_digest(j.baseline->sha256, before, err));
    j.baseline->version = hz_jtext(hz_jget(before->profile, "version"));
    if (hz_arena_copy(&j.baseline->version, result->arena, j.baseline->version) != HZ_OK)
        return hz_nomem(err, j.baseline->version.len);
    j.baseline->has_as_of = hz_stored_day(&j.baseline->as_of, hz_jget(before->submission, "as_of"));
    HZ_TRY(compare(&j, before));
    result->baseline = j.baseline;
    return HZ_OK;
}
