/* reason.c: see reason.h. Table by table; then the engine is asked about each witness that it can judge. */
#include "validator/tasks/reason/reason.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/tasks/reason/reason_run.h"

void hz_reason_free(hz_reason *reason)
{
    if (reason)
        hz_arena_free(reason->arena); /* the reason itself lives there */
}

void hz_witness_put(hz_buf *out, const hz_claim *claim)
{
    for (size_t i = 0; i < claim->cells_count; i++) {
        const hz_witness_cell *cell = &claim->cells[i];
        hz_buf_puts(out, i ? ", " : "");
        hz_utf8_put_safe(out, cell->name);
        hz_buf_puts(out, " = ");
        hz_utf8_put_safe(out, cell->null ? HZ_SLICE_LIT("∅") : cell->value);
    }
    if (claim->has_as_of) {
        hz_buf_puts(out, claim->cells_count ? ", as_of = " : "as_of = ");
        hz_date_put(out, claim->as_of);
    }
}

hz_status hz_reason_absent(hz_error *err)
{
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(REASON_ABSENT));
    hz_error_hint(err, HZ_MSG_REASON_ABSENT_HINT);
    return st;
}

#ifndef HZ_Z3

hz_status hz_reason_compare(hz_rule_change *out, const hz_profile *before_profile, const hz_rule *before,
                            const hz_profile *after_profile, const hz_rule *after, hz_error *err)
{
    (void)before_profile, (void)before, (void)after_profile, (void)after, (void)err;
    *out = (hz_rule_change){false, false};
    return HZ_OK;
}

bool hz_reason_built_in(void)
{
    return false;
}

hz_status hz_reason_run(hz_reason **out, const hz_reason_options *options, hz_error *err)
{
    (void)options;
    *out = NULL;
    return hz_reason_absent(err);
}

#else

#include "validator/engine/explain.h"

bool hz_reason_built_in(void)
{
    return true;
}

/* What the profile's own file says. */
static hz_status list_rules(hz_reason *reason, const hz_profile *profile, hz_error *err)
{
    reason->rules = HZ_ARENA_ARRAY(reason->arena, hz_reasoned, profile->rules_count + 1);
    if (!reason->rules)
        return hz_nomem(err, profile->rules_count * sizeof *reason->rules);
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        bool own = !rule->span.text || hz_slice_eq(rule->span.text->path, profile->path);
        if (!rule->derived && rule->status != HZ_LIFE_WITHDRAWN && own)
            reason->rules[reason->rules_count++] = (hz_reasoned){.rule = rule, .reach = HZ_REACH_NONE};
    }
    return HZ_OK;
}

static bool has_rules(const hz_reason *reason, const hz_table *table, uint32_t period)
{
    for (size_t i = 0; i < reason->rules_count; i++)
        if (reason->rules[i].rule->table == table && reason->rules[i].rule->period == period)
            return true;
    return false;
}

static hz_status look_at_tables(hz_reason *reason, const hz_reason_options *options, hz_error *err)
{
    const hz_profile *profile = options->profile;
    uint64_t until = hz_clock_nanos() + options->seconds * UINT64_C(1000000000);
    for (size_t t = 0; t < profile->tables_count; t++)
        for (uint32_t period = 0; period < 3; period++)
            if (has_rules(reason, &profile->tables[t], period))
                HZ_TRY(hz_z3_table(reason, options, &profile->tables[t], period, until, err));
    return HZ_OK;
}

/* A claim that the engine does not bear out is a mistake of ours: it is dropped and counted. */
static hz_status confirm_all(hz_reason *reason, const hz_reason_options *options, hz_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < reason->claims_count; i++) {
        bool holds = true;
        HZ_TRY(hz_reason_confirm(&holds, &reason->claims[i], options, err));
        if (holds)
            reason->claims[kept++] = reason->claims[i];
        else
            reason->refuted++;
    }
    reason->claims_count = kept;
    return HZ_OK;
}

static hz_status run(hz_reason *reason, const hz_reason_options *options, hz_error *err)
{
    HZ_TRY(list_rules(reason, options->profile, err));
    HZ_TRY(look_at_tables(reason, options, err));
    HZ_TRY(confirm_all(reason, options, err));
    for (size_t i = 0; i < reason->rules_count; i++)
        reason->reach[reason->rules[i].reach]++;
    return HZ_OK;
}

hz_status hz_reason_run(hz_reason **out, const hz_reason_options *options, hz_error *err)
{
    *out = NULL;
    hz_arena *arena = hz_arena_new();
    hz_reason *reason = arena ? HZ_ARENA_NEW(arena, hz_reason) : NULL;
    if (!reason) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *reason);
    }
    reason->arena = arena;
    hz_status st = run(reason, options, err);
    if (st == HZ_OK)
        *out = reason;
    else
        hz_reason_free(reason);
    return st;
}
#endif
