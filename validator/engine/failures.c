/* failures.c: see failures.h. A record is a head, then what its kind says. */
#include "validator/engine/failures.h"
#include "base/alloc.h"
#include "validator/engine/cell.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>

enum {
    BUCKET_ROWS = 1 << (HZ_ROW_BITS + HZ_BUCKET_BITS),
    IN_BLOCK = (1 << HZ_ROW_BITS) - 1,
    BLOCK_WORDS = ((1 << HZ_ROW_BITS) + 63) / 64,
    KIND_SHIFT = 28,
    PLACE_MASK = (1 << KIND_SHIFT) - 1
};
_Static_assert((int)BUCKET_ROWS <= (int)PLACE_MASK, "a place fits beside the kind");

enum kind { ONE_ROW, ROW_LIST, ROW_BITS, WITH_RELATED, WITH_CELLS };

typedef struct head {
    uint32_t rule;
    uint32_t kind_and_place; /* of the row; of the block's first row where there are several */
} head;

typedef struct counted { /* ROW_LIST: so many places in the block, 16 bits each; WITH_CELLS: so many bytes */
    head head;
    uint32_t count;
} counted;

size_t hz_failures_place(uint64_t row)
{
    return (size_t)(row & (BUCKET_ROWS - 1));
}

size_t hz_failures_bucket(uint64_t row)
{
    return (size_t)(row >> (HZ_ROW_BITS + HZ_BUCKET_BITS));
}

static head head_of(uint32_t rule, enum kind kind, size_t place)
{
    return (head){rule, (uint32_t)kind << KIND_SHIFT | (uint32_t)place};
}

/* ---- put aside ---- */

hz_status hz_failures_new(hz_failure_rows **out, const hz_run_state *run, hz_error *err)
{
    *out = NULL;
    if (!run->options->sinks)
        return HZ_OK;
    *out = hz_mem_zalloc(run->plan.sheets_count + 1, sizeof **out);
    return *out ? HZ_OK : hz_nomem(err, run->plan.sheets_count * sizeof **out);
}

void hz_failures_free(hz_failure_rows *rows, const hz_run_state *run)
{
    for (size_t t = 0; rows && t < run->plan.sheets_count; t++)
        hz_bucket_piles_free(rows[t].piles, rows[t].capacity);
    hz_mem_free(rows);
}

hz_status hz_failures_spill(hz_failure_rows *rows, const hz_run_state *run, hz_error *err)
{
    for (size_t t = 0; rows && t < run->plan.sheets_count; t++)
        for (size_t b = 0; b < rows[t].capacity; b++)
            if (rows[t].piles[b])
                HZ_TRY(hz_pile_spill(rows[t].piles[b], err));
    return HZ_OK;
}

bool hz_failures_wanted(const hz_run_state *run, uint32_t rule)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    return run->options->sinks && entry->own && entry->listed;
}

static char *room(hz_worker *worker, uint32_t sheet, uint64_t row, size_t bytes, hz_error *err)
{
    hz_failure_rows *rows = &worker->failures[sheet];
    hz_pile *pile = hz_bucket_pile(&rows->piles, &rows->capacity, hz_failures_bucket(row), worker->run->store, err);
    return pile ? hz_pile_put(pile, bytes, err) : NULL;
}

static hz_status no_room(const hz_error *err)
{
    return err && err->status < 0 ? err->status : HZ_E_NOMEM;
}

static hz_status put_list(hz_scan *scan, uint32_t rule, const uint64_t *failed, uint32_t count, hz_error *err)
{
    uint64_t block = scan->ids[0] & ~(uint64_t)IN_BLOCK;
    counted list = {head_of(rule, ROW_LIST, hz_failures_place(block)), count};
    char *at = room(scan->worker, scan->table_index, block, sizeof list + count * sizeof(uint16_t), err);
    if (!at)
        return no_room(err);
    memcpy(at, &list, sizeof list);
    at += sizeof list;
    for (HZ_BITS_EACH(i, failed, scan->rows)) {
        uint16_t place = (uint16_t)(scan->ids[i] & IN_BLOCK);
        memcpy(at, &place, sizeof place);
        at += sizeof place;
    }
    return HZ_OK;
}

static hz_status put_bits(hz_scan *scan, uint32_t rule, const uint64_t *failed, hz_error *err)
{
    uint64_t block = scan->ids[0] & ~(uint64_t)IN_BLOCK, words[BLOCK_WORDS] = {0};
    head first = head_of(rule, ROW_BITS, hz_failures_place(block));
    char *at = room(scan->worker, scan->table_index, block, sizeof first + sizeof words, err);
    if (!at)
        return no_room(err);
    for (HZ_BITS_EACH(i, failed, scan->rows))
        hz_bits_set(words, (size_t)(scan->ids[i] & IN_BLOCK));
    memcpy(at, &first, sizeof first);
    memcpy(at + sizeof first, words, sizeof words);
    return HZ_OK;
}

static hz_status put_cells(hz_scan *scan, uint32_t rule, const uint64_t *failed, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    hz_buf *bytes = &scan->worker->relate.scratch.bytes;
    for (HZ_BITS_EACH(i, failed, scan->rows)) {
        hz_buf_reset(bytes);
        for (size_t n = 0; n < entry->nodes_count; n++)
            hz_cell_put(bytes, scan->input.relational(scan->input.ctx, entry->nodes[n]), i);
        HZ_TRY(hz_buf_status(bytes, err));
        counted cells = {head_of(rule, WITH_CELLS, hz_failures_place(scan->ids[i])), (uint32_t)bytes->len};
        char *at = room(scan->worker, scan->table_index, scan->ids[i], sizeof cells + bytes->len, err);
        if (!at)
            return no_room(err);
        memcpy(at, &cells, sizeof cells);
        if (bytes->len)
            memcpy(at + sizeof cells, bytes->ptr, bytes->len);
    }
    return HZ_OK;
}

hz_status hz_failures_put(hz_scan *scan, uint32_t rule, const uint64_t *failed, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    if (!hz_failures_wanted(scan->run, rule))
        return HZ_OK;
    if (entry->level && entry->rule->kind == HZ_RULE_ASSERT)
        return put_cells(scan, rule, failed, err);
    uint64_t count = hz_bits_count(failed, scan->rows);
    if (count * sizeof(uint16_t) < sizeof(uint64_t) * BLOCK_WORDS)
        return put_list(scan, rule, failed, (uint32_t)count, err);
    return put_bits(scan, rule, failed, err);
}

hz_status hz_failures_put_row(hz_worker *worker, uint32_t rule, uint64_t row, hz_error *err)
{
    if (!hz_failures_wanted(worker->run, rule))
        return HZ_OK;
    head one = head_of(rule, ONE_ROW, hz_failures_place(row));
    uint32_t sheet = hz_plan_sheet_of(&worker->run->plan, worker->run->plan.rules[rule].rule);
    char *at = room(worker, sheet, row, sizeof one, err);
    if (!at)
        return no_room(err);
    memcpy(at, &one, sizeof one);
    return HZ_OK;
}

hz_status hz_failures_put_related(hz_worker *worker, uint32_t rule, const hz_related *related, hz_error *err)
{
    if (!hz_failures_wanted(worker->run, rule))
        return HZ_OK;
    head one = head_of(rule, WITH_RELATED, hz_failures_place(related->row));
    uint32_t sheet = hz_plan_sheet_of(&worker->run->plan, worker->run->plan.rules[rule].rule);
    char *at = room(worker, sheet, related->row, sizeof one + sizeof *related, err);
    if (!at)
        return no_room(err);
    memcpy(at, &one, sizeof one);
    memcpy(at + sizeof one, related, sizeof *related);
    return HZ_OK;
}

/* ---- put in order ---- */

static hz_status keep_more(hz_failures *out, uint32_t rule, uint32_t place, const char *bytes, size_t len,
                           hz_error *err)
{
    /* by the arena's alignment an hz_related can be looked at where it lies */
    char *copy = hz_arena_alloc(out->arena, len + 1);
    if (!copy || !HZ_GROW(out->more, out->more_capacity, out->more_count + 1))
        return hz_nomem(err, len);
    memcpy(copy, bytes, len);
    out->more[out->more_count++] = (struct hz_failure_more){rule, place, copy};
    return HZ_OK;
}

static hz_status bits_of(uint64_t **out, hz_failures *failures, uint32_t rule, hz_error *err)
{
    if (!failures->bits[rule]) {
        failures->bits[rule] = HZ_ARENA_ARRAY(failures->arena, uint64_t, hz_bits_words(BUCKET_ROWS) + 1);
        if (!failures->bits[rule])
            return hz_nomem(err, BUCKET_ROWS / 8);
    }
    *out = failures->bits[rule];
    return HZ_OK;
}

/* Takes one record; *bytes is its length. */
static hz_status take(hz_failures *out, const hz_run_state *run, const char *at, size_t *bytes, hz_error *err)
{
    counted first = {{0, 0}, 0};
    memcpy(&first.head, at, sizeof first.head);
    uint32_t rule = first.head.rule, place = first.head.kind_and_place & PLACE_MASK;
    enum kind kind = (enum kind)(first.head.kind_and_place >> KIND_SHIFT);
    bool dropped = run->tally.rules[rule].broken;
    uint64_t *bits = NULL;
    if (kind == ROW_LIST || kind == WITH_CELLS)
        memcpy(&first, at, sizeof first);
    if (!dropped)
        HZ_TRY(bits_of(&bits, out, rule, err));
    switch (kind) {
    case ROW_LIST:
        *bytes = sizeof first + first.count * sizeof(uint16_t);
        for (uint32_t i = 0; bits && i < first.count; i++) {
            uint16_t in_block;
            memcpy(&in_block, at + sizeof first + i * sizeof in_block, sizeof in_block);
            hz_bits_set(bits, place + in_block);
        }
        return HZ_OK;
    case ROW_BITS: {
        uint64_t words[BLOCK_WORDS];
        *bytes = sizeof first.head + sizeof words;
        memcpy(words, at + sizeof first.head, sizeof words);
        for (HZ_BITS_EACH(i, words, bits ? IN_BLOCK + 1 : 0))
            hz_bits_set(bits, place + i);
        return HZ_OK;
    }
    case WITH_RELATED:
        *bytes = sizeof first.head + sizeof(hz_related);
        if (bits)
            HZ_TRY(keep_more(out, rule, place, at + sizeof first.head, sizeof(hz_related), err));
        break;
    case WITH_CELLS:
        *bytes = sizeof first + first.count;
        if (bits)
            HZ_TRY(keep_more(out, rule, place, at + sizeof first, first.count, err));
        break;
    case ONE_ROW:
        *bytes = sizeof first.head;
        break;
    }
    if (bits)
        hz_bits_set(bits, place);
    return HZ_OK;
}

static hz_status take_pile(hz_failures *out, const hz_run_state *run, hz_pile *pile, bool consume, hz_error *err)
{
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    hz_pile_read(&reader, pile, consume);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        size_t bytes = 0;
        for (size_t at = 0; st == HZ_OK && at < block.len; at += (bytes + 7) / 8 * 8)
            st = take(out, run, block.ptr + at, &bytes, err);
        if (st != HZ_OK)
            break;
    }
    hz_pile_read_end(&reader);
    return st == HZ_END ? HZ_OK : st;
}

static int by_rule_and_place(const void *a, const void *b)
{
    const struct hz_failure_more *x = a, *y = b;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

hz_status hz_failures_load(hz_failures *out, hz_run_state *run, uint32_t sheet, size_t bucket, bool consume,
                           hz_error *err)
{
    size_t rules = run->plan.rules_count;
    if (!out->arena)
        out->arena = hz_arena_new();
    if (!out->arena)
        return hz_nomem(err, sizeof(void *));
    out->bits = HZ_ARENA_ARRAY(out->arena, uint64_t *, rules + 1);
    out->rules = HZ_ARENA_ARRAY(out->arena, uint32_t, rules + 1);
    if (!out->bits || !out->rules)
        return hz_nomem(err, rules * sizeof *out->bits);
    for (unsigned w = 0; w < run->workers_count; w++) {
        hz_failure_rows *from = &run->workers[w].failures[sheet];
        if (bucket < from->capacity && from->piles[bucket])
            HZ_TRY(take_pile(out, run, from->piles[bucket], consume, err));
    }
    for (uint32_t r = 0; r < rules; r++)
        if (out->bits[r])
            out->rules[out->rules_count++] = r;
    if (out->more_count)
        qsort(out->more, out->more_count, sizeof *out->more, by_rule_and_place);
    return HZ_OK;
}

void hz_failures_clear(hz_failures *failures)
{
    hz_mem_free(failures->more);
    hz_arena_free(failures->arena);
    memset(failures, 0, sizeof *failures);
}

const char *hz_failures_more(const hz_failures *failures, uint32_t rule, size_t place)
{
    struct hz_failure_more want = {rule, (uint32_t)place, NULL};
    const struct hz_failure_more *found =
        failures->more_count ? bsearch(&want, failures->more, failures->more_count, sizeof want, by_rule_and_place)
                             : NULL;
    return found ? found->bytes : NULL;
}
