/* relatives.c: see relatives.h. Asks are taken by rounds: the rows that fail, the rows that their paths lead to, and so
 * on. In a round each stage is worked off by portions: one search of its notes answers them all. */
#include "validator/engine/relatives.h"
#include "base/alloc.h"
#include "validator/engine/again.h"
#include "validator/engine/failures.h"
#include "validator/engine/relate_int.h"
#include <stdlib.h>

#ifdef HZ_TINY
enum { PORTION = 5 };
#else
enum { PORTION = 1 << 16 };
#endif

/* Who asked: a failure, and from where on its path. */
typedef struct asker {
    uint64_t row;      /* that fails */
    uint64_t from_row; /* that asks */
    uint32_t rule, round, from_sheet, column, order;
} asker;

typedef struct ask {
    asker asker;
    uint64_t hash;
} ask;

struct hz_relative_answer { /* as it lies in a pile: the rows stand behind it */
    asker asker;
    uint32_t count;
};

typedef struct follow { /* a related row from which a path leads on */
    asker asker;
    uint64_t row;
    uint32_t sheet, column;
} follow;

typedef struct sheet_answers {
    hz_pile **piles; /* by bucket */
    size_t capacity;
} sheet_answers;

struct hz_relatives {
    hz_run_state *run;
    hz_pile *asks[2];       /* of this round, of the next: worker * stages + stage */
    sheet_answers *answers; /* as plan.tables */
    /* the portion in hand */
    asker *askers;
    size_t count;
    hz_trace_asks traces;
    follow *follows;
    size_t follows_count, follows_capacity;
};

static size_t piles_count(const hz_run_state *run)
{
    return run->workers_count * run->plan.stages_count;
}

hz_status hz_relatives_new(hz_relatives **out, hz_run_state *run, hz_error *err)
{
    hz_relatives *r = *out = hz_mem_zalloc(1, sizeof *r);
    if (!r)
        return hz_nomem(err, sizeof *r);
    r->run = run;
    r->answers = hz_mem_zalloc(run->plan.sheets_count + 1, sizeof *r->answers);
    r->askers = hz_mem_zalloc(PORTION, sizeof *r->askers);
    bool made = r->answers && r->askers;
    for (size_t turn = 0; turn < 2; turn++) {
        r->asks[turn] = hz_mem_zalloc(piles_count(run) + 1, sizeof *r->asks[turn]);
        made = made && r->asks[turn];
        for (size_t i = 0; r->asks[turn] && i < piles_count(run); i++)
            hz_pile_init(&r->asks[turn][i], run->store);
    }
    return made ? HZ_OK : hz_nomem(err, PORTION * sizeof *r->askers);
}

void hz_relatives_free(hz_relatives *r)
{
    if (!r)
        return;
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t i = 0; r->asks[turn] && i < piles_count(r->run); i++)
            hz_pile_clear(&r->asks[turn][i]);
        hz_mem_free(r->asks[turn]);
    }
    for (size_t t = 0; r->answers && t < r->run->plan.sheets_count; t++)
        hz_bucket_piles_free(r->answers[t].piles, r->answers[t].capacity);
    hz_mem_free(r->answers);
    hz_mem_free(r->askers);
    hz_mem_free(r->traces.items);
    hz_mem_free(r->follows);
    hz_mem_free(r);
}

/* ---- who asks ---- */

static bool is_named(const hz_plan *plan, uint32_t column)
{
    const hz_plan_column *of = &plan->columns[column];
    return of->stage != HZ_COLUMN_NONE && plan->stages[of->stage].slots[of->slot].named;
}

static uint32_t column_of(const hz_plan *plan, const hz_plan_rule *entry, size_t node)
{
    return hz_plan_column_of(plan, entry->nodes[node], hz_plan_sheet_of(plan, entry->rule));
}

bool hz_relatives_named(const hz_run_state *run, uint32_t rule)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    if (entry->rule->kind != HZ_RULE_ASSERT || !entry->level)
        return false;
    for (size_t n = 0; n < entry->assert_nodes_count; n++)
        if (is_named(&run->plan, column_of(&run->plan, entry, n)))
            return true;
    return false;
}

static void need_program(bool *needed, const hz_program *program)
{
    const hz_field *const *fields;
    for (size_t i = program ? hz_program_fields(program, &fields) : 0; i > 0; i--)
        needed[fields[i - 1]->index] = true;
    for (size_t i = program ? hz_program_raw_fields(program, &fields) : 0; i > 0; i--)
        needed[fields[i - 1]->index] = true;
}

static void need_column(bool *needed, const hz_plan *plan, uint32_t column)
{
    const hz_plan_column *of = &plan->columns[column];
    const hz_plan_probe *probe = &plan->stages[of->stage].probes[of->probe];
    for (size_t k = 0; k < plan->stages[of->stage].keys_count; k++)
        need_program(needed, probe->keys[k]);
    need_program(needed, probe->cond);
}

void hz_relatives_need(bool *needed, const hz_run_state *run, uint32_t rule)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    for (size_t n = 0; n < entry->assert_nodes_count; n++) {
        uint32_t column = column_of(&run->plan, entry, n);
        if (is_named(&run->plan, column))
            need_column(needed, &run->plan, column);
    }
}

static hz_status put_ask(hz_relatives *r, unsigned turn, unsigned worker, const asker *who, uint64_t hash,
                         hz_error *err)
{
    const hz_plan *plan = &r->run->plan;
    hz_pile *pile = &r->asks[turn][worker * plan->stages_count + plan->columns[who->column].stage];
    ask *put = hz_pile_put(pile, sizeof *put, err);
    if (!put)
        return hz_no_room(err);
    *put = (ask){*who, hash};
    return HZ_OK;
}

hz_status hz_relatives_ask(hz_relatives *r, hz_finder *finder, uint32_t rule, const uint64_t *failed,
                           const hz_kept_source *source, hz_error *err)
{
    const hz_plan *plan = &r->run->plan;
    const hz_plan_rule *entry = &plan->rules[rule];
    const hz_scan *scan = finder->scan;
    bool kept = false;
    for (size_t n = 0; n < entry->assert_nodes_count; n++) {
        asker who = {.rule = rule, .column = column_of(plan, entry, n), .order = (uint32_t)n};
        const hz_keys *keys;
        if (!is_named(plan, who.column))
            continue;
        if (!kept && hz_trace_reads_columns(plan, who.column)) {
            HZ_TRY(hz_kept_get(&finder->kept, scan, rule, source, err));
            kept = true;
        }
        HZ_TRY(hz_trace_keys(&keys, finder, who.column, err));
        for (HZ_BITS_EACH(i, failed, scan->rows)) {
            who.row = who.from_row = scan->ids[i];
            if (hz_bits_get(keys->usable, i))
                HZ_TRY(put_ask(r, 0, scan->worker->index, &who, keys->hash[i], err));
        }
    }
    return HZ_OK;
}

/* ---- paths that lead on ---- */

static int by_place_and_column(const void *a, const void *b)
{
    const follow *x = a, *y = b;
    if (x->sheet != y->sheet)
        return x->sheet < y->sheet ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

static hz_status lead_on(hz_relatives *r, const hz_trace_ask *answer, uint64_t row, hz_error *err)
{
    uint32_t next = hz_trace_next(r->run, answer->column);
    if (next == HZ_COLUMN_NONE || !is_named(&r->run->plan, next))
        return HZ_OK;
    if (!HZ_GROW(r->follows, r->follows_capacity, r->follows_count + 1))
        return hz_nomem(err, sizeof *r->follows);
    uint32_t sheet = r->run->plan.stages[answer->stage].sheet;
    asker who = r->askers[answer->example];
    who.round++;
    who.from_sheet = sheet;
    who.from_row = row;
    who.column = next;
    r->follows[r->follows_count++] = (follow){who, row, sheet, next};
    return HZ_OK;
}

/* The rows of the batch in hand that ask by one column, one after another. */
static hz_status follow_column(hz_relatives *r, const hz_again *again, const hz_finder *finder, uint32_t column,
                               size_t from, size_t to, unsigned turn, hz_error *err)
{
    const hz_keys *keys;
    HZ_TRY(hz_trace_keys(&keys, finder, column, err));
    for (size_t i = from; keys && i < to; i++) {
        uint32_t row = hz_again_index(again, r->follows[i].row);
        if (r->follows[i].column == column && hz_bits_get(keys->usable, row))
            HZ_TRY(put_ask(r, turn, 0, &r->follows[i].asker, keys->hash[row], err));
    }
    return HZ_OK;
}

static hz_status follow_batch(hz_relatives *r, const hz_again *again, const hz_finder *finder, size_t from, size_t to,
                              unsigned turn, hz_error *err)
{
    for (uint32_t column = 0; column < r->run->plan.columns_count; column++) {
        size_t first = from;
        while (first < to && r->follows[first].column != column)
            first++;
        if (first < to)
            HZ_TRY(follow_column(r, again, finder, column, first, to, turn, err));
    }
    return HZ_OK;
}

/* Reads follows[from … to), all of one sheet. */
static hz_status follow_sheet(hz_relatives *r, size_t from, size_t to, unsigned turn, hz_error *err)
{
    hz_worker *worker = &r->run->workers[0];
    uint32_t sheet = r->follows[from].sheet;
    hz_again again = {.opened = UINT32_MAX};
    bool *needed = hz_mem_zalloc(r->run->plan.tables[sheet].readings_count + 1, sizeof *needed);
    uint64_t *rows = hz_mem_zalloc(to - from, sizeof *rows);
    hz_status st = needed && rows ? HZ_OK : hz_nomem(err, (to - from) * sizeof *rows);
    for (size_t i = from; st == HZ_OK && i < to; i++) {
        rows[i - from] = r->follows[i].row;
        need_column(needed, &r->run->plan, r->follows[i].column);
    }
    if (st == HZ_OK)
        st = hz_again_open(&again, worker, sheet, needed, err);
    hz_finder finder = {.run = r->run, .eval = worker->eval, .scan = again.scan};
    for (size_t at = from, taken = 0; st == HZ_OK && at < to; at += taken) {
        hz_eval_reset(worker->eval);
        st = hz_again_rows(&again, rows + (at - from), to - at, &taken, err);
        if (st == HZ_OK)
            st = follow_batch(r, &again, &finder, at, at + taken, turn, err);
    }
    hz_again_close(&again);
    hz_mem_free(rows);
    hz_mem_free(needed);
    return st;
}

static hz_status follow_all(hz_relatives *r, unsigned turn, hz_error *err)
{
    if (r->follows_count)
        qsort(r->follows, r->follows_count, sizeof *r->follows, by_place_and_column);
    for (size_t from = 0, to; from < r->follows_count; from = to) {
        for (to = from + 1; to < r->follows_count && r->follows[to].sheet == r->follows[from].sheet;)
            to++;
        HZ_TRY(follow_sheet(r, from, to, turn, err));
    }
    r->follows_count = 0;
    return HZ_OK;
}

/* ---- answers ---- */

static hz_status put_answer(hz_relatives *r, const hz_trace_ask *answer, hz_error *err)
{
    const uint64_t *rows;
    hz_relative_answer head = {r->askers[answer->example], hz_trace_rows(answer, &rows)};
    if (!head.count)
        return HZ_OK;
    sheet_answers *to = &r->answers[hz_plan_sheet_of(&r->run->plan, r->run->plan.rules[head.asker.rule].rule)];
    hz_pile *pile = hz_bucket_pile(&to->piles, &to->capacity, hz_failures_bucket(head.asker.row), r->run->store, err);
    char *at = pile ? hz_pile_put(pile, sizeof head + head.count * sizeof *rows, err) : NULL;
    if (!at)
        return hz_no_room(err);
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, rows, head.count * sizeof *rows);
    for (uint32_t i = 0; i < head.count; i++)
        HZ_TRY(lead_on(r, answer, rows[i], err));
    return HZ_OK;
}

static hz_status answer_portion(hz_relatives *r, unsigned next, hz_error *err)
{
    HZ_TRY(hz_cancel_check(r->run->options->cancel, err));
    HZ_TRY(hz_trace_find(&r->traces, r->run, err));
    for (size_t i = 0; i < r->traces.count; i++)
        HZ_TRY(put_answer(r, &r->traces.items[i], err));
    r->traces.count = r->count = 0;
    return follow_all(r, next, err);
}

typedef struct round {
    hz_relatives *relatives;
    unsigned next;
} round_of;

static size_t take_ask(void *ctx, const char *record, hz_error *err)
{
    const round_of *now = ctx;
    hz_relatives *r = now->relatives;
    ask taken;
    memcpy(&taken, record, sizeof taken);
    r->askers[r->count] = taken.asker;
    if (hz_trace_ask_hash(&r->traces, r->run, taken.asker.column, taken.hash, taken.asker.rule, (uint32_t)r->count,
                          err) != HZ_OK)
        return 0;
    if (++r->count == PORTION && answer_portion(r, now->next, err) != HZ_OK)
        return 0;
    return sizeof taken;
}

/* One round; *any: others ask in the next. */
static hz_status do_round(hz_relatives *r, unsigned turn, bool *any, hz_error *err)
{
    const hz_run_state *run = r->run;
    round_of now = {r, !turn};
    for (size_t stage = 0; stage < run->plan.stages_count; stage++) {
        for (unsigned w = 0; w < run->workers_count; w++)
            HZ_TRY(hz_pile_each(&r->asks[turn][w * run->plan.stages_count + stage], take_ask, &now, err));
        if (r->count)
            HZ_TRY(answer_portion(r, now.next, err));
    }
    *any = false;
    for (size_t i = 0; i < piles_count(run); i++)
        *any = *any || hz_pile_records(&r->asks[now.next][i]);
    return HZ_OK;
}

hz_status hz_relatives_find(hz_relatives *r, hz_error *err)
{
    bool any = true;
    for (unsigned turn = 0; any; turn = !turn)
        HZ_TRY(do_round(r, turn, &any, err));
    return HZ_OK;
}

/* ---- what a finding names ---- */

static int by_asker(const void *a, const void *b)
{
    const asker *x = &(*(const hz_relative_answer *const *)a)->asker,
                *y = &(*(const hz_relative_answer *const *)b)->asker;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->round != y->round)
        return x->round < y->round ? -1 : 1;
    if (x->from_sheet != y->from_sheet)
        return x->from_sheet < y->from_sheet ? -1 : 1;
    if (x->from_row != y->from_row)
        return x->from_row < y->from_row ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static size_t take_answer(void *ctx, const char *record, hz_error *err)
{
    hz_relative_set *set = ctx;
    hz_relative_answer head;
    memcpy(&head, record, sizeof head);
    size_t bytes = sizeof head + head.count * sizeof(uint64_t);
    hz_relative_answer *copy = hz_arena_alloc(set->arena, bytes);
    if (!copy || !HZ_GROW(set->items, set->capacity, set->count + 1)) {
        (void)hz_nomem(err, bytes);
        return 0;
    }
    memcpy(copy, record, bytes);
    set->items[set->count++] = copy;
    return bytes;
}

hz_status hz_relatives_load(hz_relative_set *out, hz_relatives *r, uint32_t sheet, size_t bucket, hz_error *err)
{
    if (!r || bucket >= r->answers[sheet].capacity || !r->answers[sheet].piles[bucket])
        return HZ_OK;
    out->arena = hz_arena_new();
    if (!out->arena)
        return hz_nomem(err, sizeof(void *));
    HZ_TRY(hz_pile_each(r->answers[sheet].piles[bucket], take_answer, out, err));
    if (out->count)
        qsort((void *)out->items, out->count, sizeof *out->items, by_asker);
    return HZ_OK;
}

void hz_relative_set_clear(hz_relative_set *set)
{
    hz_arena_free(set->arena);
    hz_mem_free((void *)set->items);
    memset(set, 0, sizeof *set);
}

/* The first answer to the rule's failure at the row. */
static size_t first_answer(const hz_relative_set *set, uint32_t rule, uint64_t row)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const asker *at = &set->items[mid]->asker;
        if (at->rule < rule || (at->rule == rule && at->row < row))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

typedef struct named {
    hz_relative *items;
    uint32_t count, next[HZ_RELATED_MAX]; /* next: the column by which the path leads on from it */
} named;

static bool has(const named *n, uint32_t sheet, uint64_t row)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (n->items[i].sheet == sheet && n->items[i].row == row)
            return true;
    return false;
}

/* Behind a row that the finding names, and by the column that leads on from it. */
static bool leads_from(const named *n, const asker *at)
{
    for (uint32_t i = 0; at->round && i < n->count; i++)
        if (n->items[i].sheet == at->from_sheet && n->items[i].row == at->from_row && n->next[i] == at->column)
            return true;
    return !at->round;
}

uint32_t hz_relative_set_get(hz_relative *out, const hz_relative_set *set, const hz_run_state *run, uint32_t rule,
                             uint32_t sheet, uint64_t row)
{
    named n = {.items = out};
    for (size_t i = first_answer(set, rule, row); i < set->count; i++) {
        const hz_relative_answer *answer = set->items[i];
        const asker *at = &answer->asker;
        if (at->rule != rule || at->row != row)
            break;
        const uint64_t *rows = (const uint64_t *)(const void *)(answer + 1);
        uint32_t to = run->plan.stages[run->plan.columns[at->column].stage].sheet;
        for (uint32_t k = 0; k < answer->count && leads_from(&n, at) && n.count < HZ_RELATED_MAX; k++) {
            if ((to == sheet && rows[k] == row) || has(&n, to, rows[k]))
                continue;
            n.next[n.count] = hz_trace_next(run, at->column);
            out[n.count++] = (hz_relative){to, rows[k]};
        }
    }
    return n.count;
}
