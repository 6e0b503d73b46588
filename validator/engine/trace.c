/* trace.c: see trace.h. A note is a record of a pile: a head; the places of the rows where they have gaps; a bit a row
 * for "traced" and "begins a key"; the takes of the named slots; the hashes of the keys that begin. */
#include "validator/engine/trace.h"
#include "base/alloc.h"
#include "validator/engine/relate_int.h"
#include <stdlib.h>

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, SIEVE_BITS = 16 };

typedef struct note {
    uint64_t first; /* identity of row 0 */
    uint32_t rows, keys, gaps, bytes;
} note;

/* A COUNT under a condition names the rows that fail it, when none meets it. */
static bool wants_all(const hz_plan_slot *slot)
{
    return slot->named && slot->kind == HZ_SLOT_COUNT && (slot->filter || slot->cond);
}

static void traced_rows(uint64_t *out, const hz_scan *scan, const hz_plan_stage *stage, const uint64_t *takes,
                        size_t words_each)
{
    size_t words = hz_bits_words(scan->rows);
    memset(out, 0, words * sizeof *out);
    for (size_t s = 0; s < stage->slots_count; s++) {
        if (!stage->slots[s].named)
            continue;
        const uint64_t *from =
            wants_all(&stage->slots[s]) ? scan->worker->relate.scratch.keys.usable : &takes[s * words_each];
        for (size_t w = 0; w < words; w++)
            out[w] |= from[w];
    }
    out[words - 1] &= hz_bits_tail(scan->rows);
}

static uint32_t begin_keys(uint64_t *out, const hz_scan *scan, const uint64_t *traced)
{
    const uint64_t *hash = scan->worker->relate.scratch.keys.hash;
    uint32_t keys = 0;
    uint64_t last = 0;
    memset(out, 0, hz_bits_words(scan->rows) * sizeof *out);
    for (HZ_BITS_EACH(i, traced, scan->rows)) {
        if (!keys || hash[i] != last) {
            hz_bits_set(out, i);
            keys++;
        }
        last = hash[i];
    }
    return keys;
}

static char *put_words(char *at, const uint64_t *words, size_t count)
{
    memcpy(at, words, count * sizeof *words);
    return at + count * sizeof *words;
}

hz_status hz_trace_put(hz_scan *scan, size_t stage_index, const uint64_t *takes, size_t words_each, hz_error *err)
{
    const hz_plan_stage *stage = &scan->run->plan.stages[stage_index];
    const uint64_t *hash = scan->worker->relate.scratch.keys.hash;
    size_t words = hz_bits_words(scan->rows), gaps_bytes = ((size_t)scan->rows * 2 + 7) / 8 * 8;
    uint64_t traced[WORDS], begins[WORDS];
    traced_rows(traced, scan, stage, takes, words_each);
    note head = {.first = scan->ids[0], .rows = scan->rows, .keys = begin_keys(begins, scan, traced)};
    if (!head.keys)
        return HZ_OK;
    head.gaps = scan->ids[scan->rows - 1] - head.first + 1 != scan->rows;
    size_t bytes = sizeof head + (head.gaps ? gaps_bytes : 0) + (2 + stage->named_count) * words * 8 + head.keys * 8ULL;
    head.bytes = (uint32_t)bytes;
    char *at = hz_pile_put(&scan->worker->relate.stages[stage_index].trace, bytes, err);
    if (!at)
        return hz_no_room(err);
    memcpy(at, &head, sizeof head);
    at += sizeof head;
    for (uint32_t i = 0; head.gaps && i < scan->rows; i++) {
        uint16_t place = (uint16_t)(scan->ids[i] - head.first);
        memcpy(at + 2 * i, &place, 2);
    }
    at += head.gaps ? gaps_bytes : 0;
    at = put_words(at, traced, words);
    at = put_words(at, begins, words);
    for (size_t s = 0; s < stage->slots_count; s++)
        if (stage->slots[s].named)
            at = put_words(at, &takes[s * words_each], words);
    for (HZ_BITS_EACH(i, begins, scan->rows)) {
        memcpy(at, &hash[i], 8);
        at += 8;
    }
    return HZ_OK;
}

/* ---- asking ---- */

static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    const hz_scan *scan = ((const hz_finder *)ctx)->scan;
    return scan->input.field(scan->input.ctx, field);
}

static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    const hz_scan *scan = ((const hz_finder *)ctx)->scan;
    return scan->input.raw(scan->input.ctx, field);
}

static const hz_vec *give_kept(void *ctx, const hz_node *node)
{
    return hz_kept_relational(&((const hz_finder *)ctx)->kept, node);
}

hz_status hz_trace_keys(const hz_keys **out, const hz_finder *finder, uint32_t column, hz_error *err)
{
    const hz_plan *plan = &finder->run->plan;
    const hz_plan_column *of = &plan->columns[column];
    *out = NULL;
    if (of->stage == HZ_COLUMN_NONE || !plan->stages[of->stage].slots[of->slot].named)
        return HZ_OK;
    const hz_plan_stage *stage = &plan->stages[of->stage];
    const hz_plan_probe *probe = &stage->probes[of->probe];
    hz_eval_input input = {.ctx = (void *)(uintptr_t)finder,
                           .rows_count = finder->scan->rows,
                           .field = give_field,
                           .raw = give_raw,
                           .relational = give_kept};
    hz_keys *keys = &finder->scan->worker->relate.scratch.keys;
    const hz_vec *parts[HZ_KEY_PARTS_MAX], *cond;
    for (size_t p = 0; p < stage->keys_count; p++)
        HZ_TRY(hz_program_run(&parts[p], probe->keys[p], finder->eval, &input, err));
    HZ_TRY(hz_keys_make(keys, parts, NULL, stage->keys_count, input.rows_count, err));
    if (probe->cond) {
        HZ_TRY(hz_program_run(&cond, probe->cond, finder->eval, &input, err));
        for (size_t w = 0; w < hz_bits_words(input.rows_count); w++)
            keys->usable[w] &= cond->valid[w] & cond->as.bits[w];
    }
    hz_keys_hash(keys, input.rows_count);
    *out = keys;
    return HZ_OK;
}

hz_status hz_trace_ask_rows(hz_trace_asks *asks, const hz_finder *finder, uint32_t rule, uint32_t column,
                            const hz_trace_row *rows, size_t count, hz_error *err)
{
    const hz_keys *keys;
    HZ_TRY(hz_trace_keys(&keys, finder, column, err));
    for (size_t i = 0; keys && i < count; i++)
        if (hz_bits_get(keys->usable, rows[i].row))
            HZ_TRY(hz_trace_ask_hash(asks, finder->run, column, keys->hash[rows[i].row], rule, rows[i].example, err));
    return HZ_OK;
}

hz_status hz_trace_ask_hash(hz_trace_asks *asks, const hz_run_state *run, uint32_t column, uint64_t hash, uint32_t rule,
                            uint32_t example, hz_error *err)
{
    const hz_plan_column *of = &run->plan.columns[column];
    if (!HZ_GROW(asks->items, asks->capacity, asks->count + 1))
        return hz_nomem(err, sizeof *asks->items);
    asks->items[asks->count] = (hz_trace_ask){.hash = hash,
                                              .stage = of->stage,
                                              .slot = of->slot,
                                              .column = column,
                                              .rule = rule,
                                              .example = example,
                                              .order = (uint32_t)asks->count};
    asks->count++;
    return HZ_OK;
}

bool hz_trace_reads_columns(const hz_plan *plan, uint32_t column)
{
    const hz_plan_column *of = &plan->columns[column];
    const hz_plan_stage *stage = &plan->stages[of->stage];
    const hz_node *const *nodes;
    const hz_program *cond = stage->probes[of->probe].cond;
    bool reads = cond && hz_program_relational(cond, &nodes);
    for (size_t k = 0; k < stage->keys_count && !reads; k++)
        reads = hz_program_relational(stage->probes[of->probe].keys[k], &nodes) > 0;
    return reads;
}

uint32_t hz_trace_next(const hz_run_state *run, uint32_t column)
{
    const hz_plan_column *of = &run->plan.columns[column];
    const hz_plan_stage *stage = &run->plan.stages[of->stage];
    const hz_plan_slot *slot = &stage->slots[of->slot];
    uint32_t next =
        slot->kind == HZ_SLOT_LOOKUP ? hz_plan_column_of(&run->plan, slot->node, stage->sheet) : HZ_COLUMN_NONE;
    if (next == HZ_COLUMN_NONE || run->plan.columns[next].stage == HZ_COLUMN_NONE)
        return HZ_COLUMN_NONE;
    return hz_trace_reads_columns(&run->plan, next) ? HZ_COLUMN_NONE : next;
}

/* ---- answering ---- */

static int by_stage_and_hash(const void *a, const void *b)
{
    const hz_trace_ask *x = a, *y = b;
    if (x->stage != y->stage)
        return x->stage < y->stage ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static int by_asker(const void *a, const void *b)
{
    const hz_trace_ask *x = a, *y = b;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    if (x->example != y->example)
        return x->example < y->example ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Keeps the smallest. */
static void offer(uint64_t *rows, uint32_t *count, uint64_t row)
{
    uint32_t at = *count;
    if (at == HZ_RELATED_MAX && row >= rows[at - 1])
        return;
    if (at < HZ_RELATED_MAX)
        ++*count;
    else
        at--;
    for (; at > 0 && rows[at - 1] > row; at--)
        rows[at] = rows[at - 1];
    rows[at] = row;
}

typedef struct search {
    const hz_plan_stage *stage;
    hz_trace_ask *asks; /* of the stage, by hash */
    size_t count;
    uint8_t sieve[(1 << SIEVE_BITS) / 8]; /* the first bits of the hashes that are asked for */
} search;

static bool may_have(const search *s, uint64_t hash)
{
    size_t bit = (size_t)(hash >> (64 - SIEVE_BITS));
    return s->sieve[bit / 8] >> (bit % 8) & 1;
}

/* The first ask with the hash; count: none has it. */
static size_t first_ask(const search *s, uint64_t hash)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->asks[mid].hash < hash)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->count && s->asks[low].hash == hash ? low : s->count;
}

static size_t named_before(const hz_plan_stage *stage, uint32_t slot)
{
    size_t n = 0;
    for (uint32_t s = 0; s < slot; s++)
        n += stage->slots[s].named;
    return n;
}

typedef struct opened {
    note head;
    const char *gaps, *traced, *begins, *takes, *hashes;
} opened;

static opened open_note(const search *s, const char *at)
{
    opened o;
    memcpy(&o.head, at, sizeof o.head);
    size_t words = hz_bits_words(o.head.rows);
    o.gaps = at + sizeof o.head;
    o.traced = o.gaps + (o.head.gaps ? ((size_t)o.head.rows * 2 + 7) / 8 * 8 : 0);
    o.begins = o.traced + words * 8;
    o.takes = o.begins + words * 8;
    o.hashes = o.takes + s->stage->named_count * words * 8;
    return o;
}

static bool bit_at(const char *words, uint32_t i)
{
    uint64_t word;
    memcpy(&word, words + i / 64 * 8, 8);
    return word >> (i % 64) & 1;
}

static uint64_t id_at(const opened *o, uint32_t i)
{
    uint16_t place = (uint16_t)i;
    if (o->head.gaps)
        memcpy(&place, o->gaps + 2 * i, 2);
    return o->head.first + place;
}

/* The rows of one key, from the one that begins it. */
static void offer_key(search *s, const opened *o, uint32_t row, uint64_t hash, size_t ask)
{
    size_t words = hz_bits_words(o->head.rows);
    for (uint32_t i = row; i < o->head.rows && (i == row || !bit_at(o->begins, i)); i++) {
        if (!bit_at(o->traced, i))
            continue;
        for (size_t a = ask; a < s->count && s->asks[a].hash == hash; a++) {
            hz_trace_ask *to = &s->asks[a];
            const hz_plan_slot *slot = &s->stage->slots[to->slot];
            if (bit_at(o->takes + named_before(s->stage, to->slot) * words * 8, i))
                offer(to->taken, &to->taken_count, id_at(o, i));
            else if (wants_all(slot))
                offer(to->met, &to->met_count, id_at(o, i));
        }
    }
}

static void search_note(search *s, const opened *o)
{
    const char *at = o->hashes;
    for (uint32_t i = 0; i < o->head.rows; i++) {
        uint64_t hash;
        if (!bit_at(o->begins, i))
            continue;
        memcpy(&hash, at, 8);
        at += 8;
        size_t ask = may_have(s, hash) ? first_ask(s, hash) : s->count;
        if (ask < s->count)
            offer_key(s, o, i, hash, ask);
    }
}

static hz_status search_stage(search *s, hz_run_state *run, size_t stage, hz_error *err)
{
    memset(s->sieve, 0, sizeof s->sieve);
    for (size_t i = 0; i < s->count; i++) {
        size_t bit = (size_t)(s->asks[i].hash >> (64 - SIEVE_BITS));
        s->sieve[bit / 8] |= (uint8_t)(1U << (bit % 8));
    }
    for (unsigned w = 0; w < run->workers_count; w++) {
        hz_pile *pile = &run->workers[w].relate.stages[stage].trace;
        hz_pile_reader reader;
        hz_slice block;
        hz_status st;
        if (!hz_pile_records(pile))
            continue;
        hz_pile_read(&reader, pile, false);
        while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK)
            for (size_t at = 0; at < block.len;) {
                opened o = open_note(s, block.ptr + at);
                search_note(s, &o);
                at += ((size_t)o.head.bytes + 7) / 8 * 8;
            }
        hz_pile_read_end(&reader);
        if (st != HZ_END)
            return st;
    }
    return HZ_OK;
}

hz_status hz_trace_find(hz_trace_asks *asks, hz_run_state *run, hz_error *err)
{
    search *s = asks->count ? hz_mem_zalloc(1, sizeof *s) : NULL;
    hz_status st = HZ_OK;
    if (!asks->count)
        return HZ_OK;
    if (!s)
        return hz_nomem(err, sizeof *s);
    qsort(asks->items, asks->count, sizeof *asks->items, by_stage_and_hash);
    for (size_t from = 0, to; from < asks->count; from = to) {
        uint32_t stage = asks->items[from].stage;
        for (to = from + 1; to < asks->count && asks->items[to].stage == stage;)
            to++;
        s->stage = &run->plan.stages[stage];
        s->asks = &asks->items[from];
        s->count = to - from;
        HZ_GO(search_stage(s, run, stage, err));
    }
    qsort(asks->items, asks->count, sizeof *asks->items, by_asker);
out:
    hz_mem_free(s);
    return st;
}
