/* places.c: see places.h. */
#include "validator/engine/places.h"
#include "base/alloc.h"
#include <stdlib.h>

bool hz_places_named(const hz_run_state *run, uint32_t rule)
{
    hz_rule_kind kind = run->plan.rules[rule].rule->kind;
    return kind == HZ_RULE_UNIQUE || kind == HZ_RULE_SIMILAR || hz_relatives_named(run, rule);
}

hz_status hz_places_init(hz_places *places, hz_worker *worker, const uint32_t *rules, size_t rules_count,
                         hz_arena *arena, hz_arena *fixed, hz_error *err)
{
    size_t sheets = worker->run->plan.sheets_count;
    *places = (hz_places){.worker = worker, .rules = rules, .rules_count = rules_count, .arena = arena, .fixed = fixed};
    places->others = hz_mem_zalloc(sheets + 1, sizeof *places->others);
    return places->others ? HZ_OK : hz_nomem(err, sheets * sizeof *places->others);
}

void hz_places_clear(hz_places *places)
{
    for (size_t t = 0; places->others && t < places->worker->run->plan.sheets_count; t++) {
        hz_other_sheet *other = &places->others[t];
        for (size_t i = 0; other->finders && i < places->rules_count; i++)
            hz_finder_clear(&other->finders[i]);
        hz_mem_free(other->finders);
        hz_mem_free(other->needed);
        hz_again_close(&other->again);
    }
    hz_mem_free(places->others);
    hz_mem_free(places->items);
    hz_mem_free(places->rows);
    memset(places, 0, sizeof *places);
}

hz_status hz_places_want(hz_places *places, hz_relative at, uint32_t rule, hz_error *err)
{
    if (!HZ_GROW(places->items, places->capacity, places->count + 1))
        return hz_nomem(err, sizeof *places->items);
    places->items[places->count++] = (hz_wanted_place){.at = at, .rule = rule};
    return HZ_OK;
}

static int by_place_and_rule(const void *a, const void *b)
{
    const hz_wanted_place *x = a, *y = b;
    if (x->at.sheet != y->at.sheet)
        return x->at.sheet < y->at.sheet ? -1 : 1;
    if (x->at.row != y->at.row)
        return x->at.row < y->at.row ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

const hz_place *hz_places_find(const hz_places *places, hz_relative at, uint32_t rule)
{
    hz_wanted_place want = {.at = at, .rule = rule};
    const hz_wanted_place *found =
        places->count ? bsearch(&want, places->items, places->count, sizeof want, by_place_and_rule) : NULL;
    return found ? &found->place : NULL;
}

/* What records of the sheet show, whatever rule names them: their key, and what the rule reads. */
static hz_status open_sheet(hz_other_sheet *other, hz_places *places, uint32_t sheet, hz_error *err)
{
    hz_run_state *run = places->worker->run;
    const hz_plan_table *table = &run->plan.tables[sheet];
    other->needed = hz_mem_zalloc(table->readings_count + 1, sizeof *other->needed);
    other->finders = hz_mem_zalloc(places->rules_count + 1, sizeof *other->finders);
    if (!other->needed || !other->finders)
        return hz_nomem(err, places->rules_count * sizeof *other->finders);
    for (size_t i = 0; i < table->table->key_count; i++)
        other->needed[table->table->key[i]->index] = true;
    for (size_t i = 0; i < places->rules_count; i++) {
        hz_finder *finder = &other->finders[i];
        if (!hz_places_named(run, places->rules[i]))
            continue;
        *finder = (hz_finder){.run = run, .eval = places->worker->eval, .arena = places->arena, .fixed = places->fixed};
        HZ_TRY(hz_finder_fields(finder, places->rules[i], table->table, err));
        for (size_t f = 0; f < finder->fields_count; f++)
            other->needed[finder->fields[f]->index] = true;
    }
    HZ_TRY(hz_again_open(&other->again, places->worker, sheet, other->needed, err));
    for (size_t i = 0; i < places->rules_count; i++)
        other->finders[i].scan = other->again.scan;
    return HZ_OK;
}

/* Reads items[from … to), all of one sheet. */
static hz_status read_sheet(hz_places *places, size_t from, size_t to, hz_error *err)
{
    uint32_t sheet = places->items[from].at.sheet;
    hz_other_sheet *other = &places->others[sheet];
    if (!other->needed)
        HZ_TRY(open_sheet(other, places, sheet, err));
    for (size_t taken; from < to; from += taken) {
        HZ_TRY(hz_again_rows(&other->again, places->rows + from, to - from, &taken, err));
        for (size_t i = from; i < from + taken; i++) {
            hz_wanted_place *want = &places->items[i];
            HZ_TRY(hz_finding_place(&want->place, &other->finders[want->rule],
                                    hz_again_index(&other->again, want->at.row), err));
        }
    }
    return HZ_OK;
}

hz_status hz_places_read(hz_places *places, hz_error *err)
{
    size_t kept = 0;
    hz_wanted_place *items = places->items;
    if (!places->count)
        return HZ_OK;
    qsort(items, places->count, sizeof *items, by_place_and_rule);
    for (size_t i = 0; i < places->count; i++)
        if (!kept || by_place_and_rule(&items[kept - 1], &items[i]) != 0)
            items[kept++] = items[i];
    places->count = kept;
    if (!HZ_GROW(places->rows, places->rows_capacity, kept))
        return hz_nomem(err, kept * sizeof *places->rows);
    for (size_t i = 0; i < kept; i++)
        places->rows[i] = items[i].at.row;
    for (size_t from = 0, to; from < kept; from = to) {
        for (to = from + 1; to < kept && items[to].at.sheet == items[from].at.sheet;)
            to++;
        HZ_TRY(read_sheet(places, from, to, err));
    }
    return HZ_OK;
}
