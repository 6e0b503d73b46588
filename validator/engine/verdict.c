/* verdict.c: the verdict of each profile of the chain, from the counts of one pass. For each a result is put together
 * as a run of it alone would have it, as far as grading looks: its rules in its own order, its measures, its tables
 * with the records that are erroneous by its rules. */
#include "base/alloc.h"
#include "reports/grade.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>

typedef struct named_rule {
    hz_slice id;
    uint32_t index; /* in profile.rules */
} named_rule;

static int by_id(const void *a, const void *b)
{
    return hz_slice_cmp(((const named_rule *)a)->id, ((const named_rule *)b)->id);
}

/* For each rule of the profile its entry in the plan; HZ_PLAN_NO_RULE: none is in force. */
static hz_status find_entries(uint32_t *out, const hz_run_state *run, const hz_profile *profile, uint32_t level,
                              hz_error *err)
{
    size_t count = profile->rules_count;
    named_rule *names = hz_mem_alloc((count + 1) * sizeof *names);
    if (!names)
        return hz_nomem(err, count * sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = (named_rule){profile->rules[i].id, i};
        out[i] = HZ_PLAN_NO_RULE;
    }
    if (count)
        qsort(names, count, sizeof *names, by_id);
    for (uint32_t i = 0; count && i < run->plan.rules_count; i++) {
        const hz_plan_rule *entry = &run->plan.rules[i];
        named_rule want = {entry->rule->id, 0};
        if (!(entry->verdicts >> level & 1) || !entry->listed || entry->draft)
            continue;
        const named_rule *found = bsearch(&want, names, count, sizeof want, by_id);
        if (found)
            out[found->index] = i;
    }
    hz_mem_free(names);
    return HZ_OK;
}

static hz_status put_rules(hz_result *out, hz_run_state *run, uint32_t level, hz_error *err)
{
    size_t count = out->profile->rules_count;
    uint32_t *entries = hz_mem_alloc((count + 1) * sizeof *entries);
    hz_status st = entries ? find_entries(entries, run, out->profile, level, err) : hz_nomem(err, count);
    out->rules = HZ_ARENA_ARRAY(out->arena, hz_result_rule, count + HZ_MANIFEST_PARTS + 1);
    if (st == HZ_OK && !out->rules)
        st = hz_nomem(err, count * sizeof *out->rules);
    for (size_t i = 0; st == HZ_OK && i < count; i++) {
        if (entries[i] == HZ_PLAN_NO_RULE)
            continue;
        hz_result_rule *rule = &out->rules[out->rules_count++];
        hz_finish_rule(rule, &run->plan.rules[entries[i]], &run->tally.rules[entries[i]]);
        out->incomplete = out->incomplete || rule->outcome == HZ_OUTCOME_ERROR;
    }
    for (size_t i = 0; st == HZ_OK && i < run->plan.rules_count; i++)
        if (run->plan.rules[i].rule->kind == HZ_RULE_MANIFEST)
            hz_finish_rule(&out->rules[out->rules_count++], &run->plan.rules[i], &run->tally.rules[i]);
    hz_mem_free(entries);
    return st;
}

static hz_status put_tables(hz_result *out, const hz_run_state *run, uint32_t level, hz_error *err)
{
    const hz_result *whole = run->result;
    out->tables = HZ_ARENA_ARRAY(out->arena, hz_result_table, whole->tables_count + 1);
    if (!out->tables)
        return hz_nomem(err, whole->tables_count * sizeof *out->tables);
    for (size_t t = 0; t < whole->tables_count; t++) {
        const hz_table *own = hz_profile_table(out->profile, whole->tables[t].table->name);
        if (!own)
            continue;
        hz_result_table *table = &out->tables[out->tables_count++];
        *table = whole->tables[t];
        table->table = own;
        table->records_with_errors =
            hz_rows_errors_in(&run->tables[whole->tables[t].table->index].places, run->plan.ledger_of[level]);
    }
    return HZ_OK;
}

static hz_status put_measures(hz_result *out, const hz_run_state *run, uint32_t level, hz_error *err)
{
    const hz_result *whole = run->result;
    size_t count = whole->measures_count + whole->measures_older_count;
    out->measures = HZ_ARENA_ARRAY(out->arena, hz_result_measure, count + 1);
    if (!out->measures)
        return hz_nomem(err, count * sizeof *out->measures);
    for (size_t i = 0; i < count; i++) {
        const hz_result_measure *measure = &whole->measures[i];
        if (!(hz_plan_verdicts(run->plan.profile, measure->measure->verdicts) >> level & 1))
            continue;
        out->measures[out->measures_count++] = *measure;
        out->incomplete = out->incomplete || measure->outcome == HZ_OUTCOME_ERROR;
    }
    return HZ_OK;
}

static hz_status one_verdict(hz_result_verdict *out, hz_run_state *run, uint32_t level, hz_error *err)
{
    hz_result *alone = HZ_ARENA_NEW(run->result->arena, hz_result);
    if (!alone)
        return hz_nomem(err, sizeof *alone);
    alone->arena = run->result->arena;
    alone->profile = run->plan.profile->chain[level];
    alone->lists_store = run->result->lists_store;
    HZ_TRY(put_rules(alone, run, level, err));
    HZ_TRY(put_tables(alone, run, level, err));
    HZ_TRY(put_measures(alone, run, level, err));
    HZ_TRY(hz_grade(alone, err));
    hz_result_own_verdict(out, alone);
    return HZ_OK;
}

hz_status hz_finish_verdicts(hz_run_state *run, hz_error *err)
{
    hz_result *result = run->result;
    size_t count = run->plan.profile->chain_count;
    if (count < 2)
        return HZ_OK;
    result->verdicts = HZ_ARENA_ARRAY(result->arena, hz_result_verdict, count);
    if (!result->verdicts)
        return hz_nomem(err, count * sizeof *result->verdicts);
    size_t kept = 0;
    for (uint32_t level = 0; level + 1 < count; level++) {
        hz_result_verdict *verdict = &result->verdicts[kept];
        HZ_TRY(one_verdict(verdict, run, level, err));
        kept += verdict->rules_count > 0; /* one that only shares lists and grades has nothing to say of data */
    }
    if (!kept)
        return HZ_OK;
    hz_result_own_verdict(&result->verdicts[kept], result);
    result->verdicts_count = kept + 1;
    return HZ_OK;
}
