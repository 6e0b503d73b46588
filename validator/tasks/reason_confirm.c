/* reason_confirm.c: a witness as an example of a rule: the one record, through the engine that checks submissions. */
#include "validator/tasks/reason/reason_run.h"
#include "validator/tasks/test_int.h"

typedef struct bench {
    hz_arena *arena;
    hz_tester tester;
    hz_tests_settings_of settings;
    hz_test test;
    hz_semtypes *semtypes;
} bench;

static hz_status set_up(bench *b, const hz_claim *claim, const hz_tests_options *how, hz_error *err)
{
    hz_test_row *row = HZ_ARENA_NEW(b->arena, hz_test_row);
    hz_test_cell *cells = HZ_ARENA_ARRAY(b->arena, hz_test_cell, claim->cells_count + 1);
    if (!row || !cells)
        return hz_nomem(err, claim->cells_count * sizeof *cells);
    row->table = claim->rules[0]->table;
    row->period = claim->rules[0]->period;
    row->cells = cells;
    for (size_t i = 0; i < claim->cells_count; i++)
        if (claim->cells[i].field)
            cells[row->cells_count++] =
                (hz_test_cell){claim->cells[i].field->name, claim->cells[i].value, claim->cells[i].null};
    b->test = (hz_test){.expected = HZ_TEST_FAIL, .rows = row, .rows_count = 1};
    HZ_TRY(hz_tests_settings(&b->settings, how, b->arena, err));
    hz_run_options run = b->settings.own;
    run.profile = how->profile;
    run.lists = how->lists;
    run.limits = how->limits;
    run.cancel = how->cancel;
    HZ_TRY(hz_semtypes_open(&b->semtypes, how->lists, err));
    run.semtypes = b->semtypes;
    return hz_tester_init(&b->tester, how, &run, &b->settings, b->arena, err);
}

static hz_status try_rule(hz_came *came, bench *b, const hz_rule *rule, hz_error *err)
{
    hz_subject subject = {.rule = rule, .id = rule->id};
    hz_tried tried = {.subject = &subject, .test = &b->test};
    HZ_TRY(hz_tester_try(&tried, &b->tester, err));
    *came = tried.came;
    return HZ_OK;
}

/* How many of the rules the record breaks, and what came of the first. */
typedef struct verdicts {
    size_t broken;
    hz_came first;
} verdicts;

static hz_status try_rules(verdicts *out, bench *b, const hz_rule *const *rules, size_t count, hz_error *err)
{
    hz_came came = HZ_CAME_ERROR;
    *out = (verdicts){.first = HZ_CAME_ERROR};
    for (size_t i = 0; i < count; i++) {
        HZ_TRY(try_rule(&came, b, rules[i], err));
        out->broken += came == HZ_CAME_FAIL;
        if (i == 0)
            out->first = came;
    }
    return HZ_OK;
}

static hz_status judge(bool *good, bench *b, const hz_claim *claim, hz_error *err)
{
    verdicts rules, facts;
    HZ_TRY(try_rules(&rules, b, claim->rules, claim->rules_count, err));
    HZ_TRY(try_rules(&facts, b, claim->facts, claim->facts_count, err));
    bool applies = rules.first != HZ_CAME_NOT_APPLICABLE && rules.first <= HZ_CAME_NOT_APPLICABLE;
    switch (claim->kind) {
    case HZ_CLAIM_UNREACHABLE:
        *good = applies && facts.broken;
        break;
    case HZ_CLAIM_UNBREAKABLE:
        *good = claim->facts_count ? rules.broken && facts.broken : applies && !rules.broken;
        break;
    case HZ_CLAIM_ENTAILED:
        *good = rules.broken == claim->rules_count;
        break;
    default:
        *good = rules.first == HZ_CAME_PASS && rules.broken;
    }
    return HZ_OK;
}

hz_status hz_reason_confirm(bool *holds, hz_claim *claim, const hz_reason_options *options, hz_error *err)
{
    bool good = false;
    *holds = true;
    if (!claim->own_row || !claim->cells_count || claim->rules[0]->period)
        return HZ_OK;
    hz_tests_options how = {.profile = options->profile,
                            .lists = options->lists,
                            .limits = options->limits,
                            .cancel = options->cancel,
                            .has_as_of = claim->has_as_of,
                            .as_of = claim->as_of};
    bench b = {.arena = hz_arena_new()};
    if (!b.arena)
        return hz_nomem(err, sizeof b);
    hz_status st = set_up(&b, claim, &how, err);
    if (st == HZ_OK)
        st = judge(&good, &b, claim, err);
    hz_tester_clear(&b.tester);
    hz_semtypes_close(b.semtypes);
    hz_arena_free(b.arena);
    claim->confirmed = st == HZ_OK && good;
    *holds = good || claim->inexact;
    return st;
}
