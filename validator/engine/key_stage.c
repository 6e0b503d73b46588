/* key_stage.c: see key_stage.h. */
#include "validator/engine/key_stage.h"
#include "base/alloc.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>

enum {
    PARTITION_BYTES = 2 << 20, /* of the table's files: its keys then fit a core's cache */
    BITS_MAX = 8,
    INDEX_KEYS_MAX = 1 << 16
};

/* A row put aside; the key's bytes follow, behind the begin and end of a rule about overlaps. */
typedef struct key_row {
    uint64_t hash, row;
    uint32_t len, rows; /* neighbours with one key refer once */
} key_row;

typedef struct span {
    int64_t from, to; /* comparable numbers; to INT64_MAX: open */
} span;

/* ---- put aside ---- */

static size_t partition_of(const hz_key_index *index, uint64_t hash)
{
    return index->bits ? (size_t)(hash >> (64 - index->bits)) : 0;
}

static unsigned bits_for(uint64_t bytes)
{
    unsigned bits = 0;
    while (bits < BITS_MAX && bytes >> bits > PARTITION_BYTES)
        bits++;
    return bits;
}

hz_status hz_key_indexes_new(hz_key_index **out, hz_run_state *run, hz_error *err)
{
    size_t count = run->plan.keysets_count;
    *out = hz_mem_zalloc(count + 1, sizeof **out);
    if (!*out)
        return hz_nomem(err, count * sizeof **out);
    for (size_t k = 0; k < count; k++) {
        const hz_plan_keyset *plan = &run->plan.keysets[k];
        hz_key_index *index = &(*out)[k];
        index->bits = bits_for(run->plan.tables[plan->sheet].bytes);
        index->piles_count = (1 + plan->references_count) << index->bits;
    }
    return HZ_OK;
}

void hz_key_indexes_free(hz_key_index *indexes, hz_run_state *run)
{
    for (size_t k = 0; indexes && k < run->plan.keysets_count; k++) {
        hz_keyset_clear(&indexes[k].keys);
        hz_filter_clear(&indexes[k].asked_for);
    }
    hz_mem_free(indexes);
}

hz_status hz_key_rows_new(hz_key_rows **out, hz_run_state *run, hz_error *err)
{
    size_t count = run->plan.keysets_count;
    *out = hz_mem_zalloc(count + 1, sizeof **out);
    if (!*out)
        return hz_nomem(err, count * sizeof **out);
    for (size_t k = 0; k < count; k++) {
        hz_key_rows *rows = &(*out)[k];
        rows->piles = hz_mem_zalloc(run->indexes[k].piles_count, sizeof *rows->piles);
        if (!rows->piles)
            return hz_nomem(err, run->indexes[k].piles_count * sizeof *rows->piles);
        for (size_t p = 0; p < run->indexes[k].piles_count; p++)
            hz_pile_init(&rows->piles[p], run->store);
        hz_pile_init(&rows->ordered, run->store);
    }
    return HZ_OK;
}

void hz_key_rows_free(hz_key_rows *rows, hz_run_state *run)
{
    for (size_t k = 0; rows && k < run->plan.keysets_count; k++) {
        if (!rows[k].piles)
            continue;
        for (size_t p = 0; p < run->indexes[k].piles_count; p++)
            hz_pile_clear(&rows[k].piles[p]);
        hz_pile_clear(&rows[k].ordered);
        hz_mem_free(rows[k].piles);
        hz_mem_free(rows[k].runs);
    }
    hz_mem_free(rows);
}

static int64_t comparable(const hz_vec *vec, size_t row)
{
    if (vec->type == HZ_TYPE_DATE)
        return vec->as.i64[row] * HZ_MICROS_PER_DAY; /* dates and timestamps mix */
    return vec->as.i64[row];
}

/* begin and end of row i of a rule about overlaps. */
static span span_at(const hz_vec *from, const hz_vec *to, size_t i)
{
    return (span){comparable(from, i), hz_bits_get(to->valid, i) ? comparable(to, i) : INT64_MAX};
}

static hz_status put_row(hz_pile *pile, uint64_t hash, uint64_t id, hz_slice key, const span *extra, hz_error *err)
{
    size_t head = sizeof(key_row) + (extra ? sizeof *extra : 0);
    char *bytes = hz_pile_put(pile, head + key.len, err);
    if (!bytes)
        return err ? err->status : HZ_E_NOMEM;
    key_row row = {hash, id, (uint32_t)key.len, 1};
    memcpy(bytes, &row, sizeof row);
    if (extra)
        memcpy(bytes + sizeof row, extra, sizeof *extra);
    if (key.len)
        memcpy(bytes + head, key.ptr, key.len);
    return HZ_OK;
}

static int order_of(hz_slice a, hz_slice b)
{
    if (a.len >= 8 && b.len >= 8) {
        uint64_t x = __builtin_bswap64(hz_load64(a.ptr)), y = __builtin_bswap64(hz_load64(b.ptr));
        if (x != y)
            return x < y ? -1 : 1;
    }
    return hz_slice_cmp(a, b);
}

static bool ascends(const hz_keys *keys, const uint64_t *take, uint32_t rows, const hz_key_rows *own)
{
    hz_slice before = own->runs_count ? own->runs[own->runs_count - 1].last : HZ_SLICE_NONE;
    bool any = own->runs_count > 0;
    for (HZ_BITS_EACH(i, take, rows)) {
        if (any && order_of(before, keys->key[i]) >= 0)
            return false;
        before = keys->key[i];
        any = true;
    }
    return true;
}

static hz_status keep_run(hz_key_rows *own, hz_worker *worker, hz_slice first, hz_slice last, hz_error *err)
{
    struct hz_key_run run;
    if (!HZ_GROW(own->runs, own->runs_capacity, own->runs_count + 1) ||
        hz_arena_copy(&run.first, worker->arena, first) != HZ_OK ||
        hz_arena_copy(&run.last, worker->arena, last) != HZ_OK)
        return hz_nomem(err, first.len + last.len);
    own->runs[own->runs_count++] = run;
    return HZ_OK;
}

static hz_status put_ordered(hz_scan *scan, hz_key_rows *own, const uint64_t *take, hz_error *err)
{
    const hz_keys *keys = &scan->worker->keys;
    size_t first = hz_bits_next(take, scan->rows, 0), last = first;
    for (HZ_BITS_EACH(i, take, scan->rows)) {
        HZ_TRY(put_row(&own->ordered, 0, scan->ids[i], keys->key[i], NULL, err));
        last = i;
    }
    return first == scan->rows ? HZ_OK : keep_run(own, scan->worker, keys->key[first], keys->key[last], err);
}

/* Of equal neighbours one is enough where only the presence of a key is asked. */
static void drop_repeats(uint64_t *out, const hz_keys *keys, const uint64_t *take, uint32_t rows)
{
    hz_slice before = {NULL, SIZE_MAX};
    memcpy(out, take, hz_bits_words(rows) * sizeof *out);
    for (HZ_BITS_EACH(i, take, rows)) {
        if (hz_slice_eq(keys->key[i], before))
            hz_bits_unset(out, i);
        before = keys->key[i];
    }
}

/* The rows of a rule that refers: neighbours with one key together. */
static hz_status put_references(hz_scan *scan, hz_pile *piles, const hz_key_index *index, const uint64_t *take,
                                hz_error *err)
{
    const hz_keys *keys = &scan->worker->keys;
    key_row *open = NULL;
    for (HZ_BITS_EACH(i, keys->usable, scan->rows)) {
        if (!hz_bits_get(keys->same, i))
            open = NULL;
        if (!hz_bits_get(take, i))
            continue;
        if (open && scan->ids[i] == open->row + open->rows) {
            open->rows++;
            continue;
        }
        hz_slice key = keys->key[i];
        open = hz_pile_put(&piles[partition_of(index, keys->hash[i])], sizeof *open + key.len, err);
        if (!open)
            return err ? err->status : HZ_E_NOMEM;
        *open = (key_row){keys->hash[i], scan->ids[i], (uint32_t)key.len, 1};
        if (key.len)
            memcpy(open + 1, key.ptr, key.len);
    }
    return HZ_OK;
}

hz_status hz_key_rows_put(hz_scan *scan, size_t keyset, size_t role, const uint64_t *take, const hz_vec *from,
                          const hz_vec *to, hz_error *err)
{
    const hz_plan_keyset *plan = &scan->run->plan.keysets[keyset];
    const hz_key_index *index = &scan->run->indexes[keyset];
    hz_key_rows *own = &scan->worker->key_rows[keyset];
    hz_pile *piles = &own->piles[role << index->bits];
    hz_keys *keys = &scan->worker->keys;
    uint64_t few[HZ_BATCH_ROWS / 64 + 1];
    if (role == 0 && !plan->unique_count) {
        drop_repeats(few, keys, take, scan->rows);
        take = few;
    } else if (role == 0 && !from && !own->unordered) {
        own->unordered = !ascends(keys, take, scan->rows, own);
        if (!own->unordered)
            return put_ordered(scan, own, take, err);
    }
    hz_keys_hash(keys, scan->rows);
    if (role)
        return put_references(scan, piles, index, take, err);
    for (HZ_BITS_EACH(i, take, scan->rows)) {
        if (!hz_filter_may(&index->asked_for, keys->hash[i]))
            continue;
        span extra = from ? span_at(from, to, i) : (span){0, 0};
        HZ_TRY(put_row(&piles[partition_of(index, keys->hash[i])], keys->hash[i], scan->ids[i], keys->key[i],
                       from ? &extra : NULL, err));
    }
    return HZ_OK;
}

/* ---- reading them again ---- */

/* The rows of one role and partition, of all workers. */
typedef struct walk {
    hz_run_state *run;
    size_t keyset, pile;
    unsigned worker;
    bool open;
    hz_pile_reader reader;
    hz_slice block;
    size_t at;
} walk;

static walk walk_over(hz_run_state *run, size_t keyset, size_t role, size_t partition)
{
    return (walk){.run = run, .keyset = keyset, .pile = (role << run->indexes[keyset].bits) + partition};
}

/* HZ_END behind the last; *key and *extra (may be NULL) stay until the next call. */
static hz_status walk_next(walk *w, const key_row **row, hz_slice *key, span *extra, hz_error *err)
{
    while (w->at == w->block.len) {
        if (!w->open) {
            if (w->worker == w->run->workers_count)
                return HZ_END;
            hz_pile_read(&w->reader, &w->run->workers[w->worker].key_rows[w->keyset].piles[w->pile], false);
            w->open = true;
        }
        hz_status st = hz_pile_next(&w->block, &w->reader, err);
        w->at = 0;
        if (st == HZ_OK)
            continue;
        hz_pile_read_end(&w->reader);
        w->open = false;
        w->block = HZ_SLICE_NONE;
        w->worker++;
        if (st != HZ_END)
            return st;
    }
    const key_row *found = (const key_row *)(const void *)(w->block.ptr + w->at);
    size_t head = sizeof *found + (extra ? sizeof *extra : 0);
    if (extra)
        memcpy(extra, found + 1, sizeof *extra);
    *row = found;
    *key = (hz_slice){w->block.ptr + w->at + head, found->len};
    w->at += (head + found->len + 7) / 8 * 8;
    return HZ_OK;
}

static void walk_end(walk *w)
{
    if (w->open)
        hz_pile_read_end(&w->reader);
    w->open = false;
}

static uint64_t count_rows(const hz_run_state *run, size_t keyset, size_t role)
{
    size_t from = role << run->indexes[keyset].bits, to = (role + 1) << run->indexes[keyset].bits;
    uint64_t n = 0;
    for (unsigned w = 0; w < run->workers_count; w++)
        for (size_t p = from; p < to; p++)
            n += hz_pile_records(&run->workers[w].key_rows[keyset].piles[p]);
    return n;
}

/* ---- ascending keys ---- */

static int by_first(const void *a, const void *b)
{
    return hz_slice_cmp((*(const struct hz_key_run *const *)a)->first, (*(const struct hz_key_run *const *)b)->first);
}

/* Whether all rows of the keyset came in ascending batches that do not reach into each other: then no key came twice.
 */
static hz_status all_ascend(bool *out, const hz_run_state *run, size_t keyset, hz_error *err)
{
    size_t count = 0, n = 0;
    *out = count_rows(run, keyset, 0) == 0;
    for (unsigned w = 0; w < run->workers_count; w++)
        count += run->workers[w].key_rows[keyset].runs_count;
    if (!*out || !count)
        return HZ_OK;
    const struct hz_key_run **runs = hz_mem_zalloc(count, sizeof *runs);
    if (!runs)
        return hz_nomem(err, count * sizeof *runs);
    for (unsigned w = 0; w < run->workers_count; w++)
        for (size_t r = 0; r < run->workers[w].key_rows[keyset].runs_count; r++)
            runs[n++] = &run->workers[w].key_rows[keyset].runs[r];
    qsort((void *)runs, n, sizeof *runs, by_first);
    for (size_t r = 1; r < n; r++)
        *out = *out && hz_slice_cmp(runs[r - 1]->last, runs[r]->first) < 0;
    hz_mem_free((void *)runs);
    return HZ_OK;
}

/* Puts a worker's ascending rows into partitions after all. */
static hz_status part_ordered(hz_worker *worker, size_t keyset, hz_error *err)
{
    hz_key_rows *own = &worker->key_rows[keyset];
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    uint64_t seed = hz_hash_seed();
    if (!hz_pile_records(&own->ordered))
        return HZ_OK;
    hz_pile_read(&reader, &own->ordered, true);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        for (size_t at = 0; st == HZ_OK && at < block.len;) {
            key_row row;
            memcpy(&row, block.ptr + at, sizeof row);
            hz_slice key = {block.ptr + at + sizeof row, row.len};
            uint64_t hash = hz_hash_bytes(key.ptr, key.len, seed);
            st = put_row(&own->piles[partition_of(&worker->run->indexes[keyset], hash)], hash, row.row, key, NULL, err);
            at += (sizeof row + row.len + 7) / 8 * 8;
        }
        if (st != HZ_OK)
            break;
    }
    hz_pile_read_end(&reader);
    if (st == HZ_END)
        hz_pile_clear(&own->ordered);
    return st == HZ_END ? HZ_OK : st;
}

static hz_status part_mine(hz_worker *worker, void *ctx)
{
    return part_ordered(worker, *(const size_t *)ctx, &worker->error);
}

/* The keys of one partition, each with the number of its rows. */
static hz_status count_keys(hz_keyset *set, hz_run_state *run, size_t keyset, size_t partition, hz_error *err)
{
    walk w = walk_over(run, keyset, 0, partition);
    const key_row *row;
    hz_slice key;
    hz_status st;
    while ((st = walk_next(&w, &row, &key, NULL, err)) == HZ_OK) {
        uint32_t entry;
        st = hz_keyset_add(&entry, set, key, row->hash, err);
        if (st != HZ_OK)
            break;
        set->entries[entry].count++;
    }
    walk_end(&w);
    return st == HZ_END ? HZ_OK : st;
}

/* ---- small targets ---- */

static bool unique_runs(const hz_run_state *run, size_t keyset)
{
    const hz_plan_keyset *plan = &run->plan.keysets[keyset];
    for (size_t i = 0; i < plan->unique_count; i++)
        if (!run->tally.rules[plan->unique[i]].broken)
            return true;
    return false;
}

static hz_status make_index(hz_run_state *run, size_t keyset, hz_error *err)
{
    hz_key_index *index = &run->indexes[keyset];
    uint64_t rows = count_rows(run, keyset, 0);
    for (unsigned w = 0; w < run->workers_count; w++)
        rows += hz_pile_records(&run->workers[w].key_rows[keyset].ordered);
    if (rows > INDEX_KEYS_MAX)
        return HZ_OK;
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(part_ordered(&run->workers[w], keyset, err));
    HZ_TRY(hz_keyset_init(&index->keys, err));
    HZ_TRY(hz_keyset_expect(&index->keys, (size_t)rows, err));
    for (size_t p = 0; p < (size_t)1 << index->bits; p++)
        HZ_TRY(count_keys(&index->keys, run, keyset, p, err));
    index->asked = true;
    return HZ_OK;
}

/* Whether all that refer to it, and none but they use it, have been read before it. */
static bool all_referred(const hz_run_state *run, size_t keyset)
{
    const hz_plan_keyset *plan = &run->plan.keysets[keyset];
    bool all = !plan->unique_count && plan->references_count && !run->indexes[keyset].scanned;
    for (size_t r = 0; all && r < plan->references_count; r++) {
        const hz_plan_rule *rule = &run->plan.rules[plan->references[r]];
        all = !rule->level && run->tables[hz_plan_sheet_of(&run->plan, rule->rule)].scanned;
    }
    return all;
}

static hz_status note_asked_for(hz_run_state *run, size_t keyset, hz_error *err)
{
    hz_key_index *index = &run->indexes[keyset];
    uint64_t rows = 0;
    for (size_t r = 0; r < run->plan.keysets[keyset].references_count; r++)
        rows += count_rows(run, keyset, r + 1);
    HZ_TRY(hz_filter_init(&index->asked_for, rows, err));
    for (size_t r = 0; r < run->plan.keysets[keyset].references_count; r++)
        for (size_t p = 0; p < (size_t)1 << index->bits; p++) {
            walk w = walk_over(run, keyset, r + 1, p);
            const key_row *row;
            hz_slice key;
            hz_status st;
            while ((st = walk_next(&w, &row, &key, NULL, err)) == HZ_OK)
                hz_filter_add(&index->asked_for, row->hash);
            walk_end(&w);
            if (st != HZ_END)
                return st;
        }
    return HZ_OK;
}

hz_status hz_key_table_scanned(hz_run_state *run, uint32_t table_index, hz_error *err)
{
    for (size_t k = 0; k < run->plan.keysets_count; k++) {
        const hz_plan_keyset *plan = &run->plan.keysets[k];
        if (!run->indexes[k].asked_for.words && all_referred(run, k))
            HZ_TRY(note_asked_for(run, k, err));
        if (plan->sheet != table_index)
            continue;
        run->indexes[k].scanned = true;
        if (plan->references_count)
            HZ_TRY(make_index(run, k, err));
    }
    return HZ_OK;
}

/* ---- groups too large ---- */

/* The first rows of a group that fails, and how many it has. */
typedef struct group_rows {
    uint64_t rows[HZ_RELATED_MAX + 1]; /* ascending */
    uint32_t count;
    uint64_t total;
} group_rows;

typedef struct kept_row {
    uint64_t row;
    uint32_t group;
} kept_row;

typedef struct failing {
    group_rows *groups;
    size_t count, capacity;
    kept_row *kept; /* rows that were examples when they were met */
    size_t kept_count, kept_capacity;
} failing;

static void failing_clear(failing *f)
{
    hz_mem_free(f->groups);
    hz_mem_free(f->kept);
}

static void add_group_row(group_rows *group, uint64_t row)
{
    uint32_t at = group->count;
    if (at == HZ_RELATED_MAX + 1 && group->rows[at - 1] < row)
        return;
    if (at <= HZ_RELATED_MAX)
        group->count++;
    else
        at--;
    for (; at > 0 && group->rows[at - 1] > row; at--)
        group->rows[at] = group->rows[at - 1];
    group->rows[at] = row;
}

static hz_status keep_related(hz_rule_partial *partial, const failing *f, hz_error *err)
{
    for (size_t i = 0; i < f->kept_count; i++) {
        const group_rows *group = &f->groups[f->kept[i].group];
        hz_related related = {.row = f->kept[i].row, .others = group->total - 1};
        if (partial->examples.count == partial->examples.max && related.row > partial->examples.rows[0])
            continue; /* pushed out since */
        for (uint32_t r = 0; r < group->count && related.count < HZ_RELATED_MAX; r++)
            if (group->rows[r] != related.row)
                related.rows[related.count++] = group->rows[r];
        HZ_TRY(hz_related_add(partial, &related, err));
    }
    return HZ_OK;
}

static hz_status mark_groups(failing *f, hz_keyset *set, uint64_t at_most, hz_error *err)
{
    for (size_t e = 0; e < set->count; e++) {
        set->entries[e].mark = 0;
        if (set->entries[e].count <= at_most)
            continue;
        if (!HZ_GROW(f->groups, f->capacity, f->count + 1))
            return hz_nomem(err, sizeof *f->groups);
        f->groups[f->count++] = (group_rows){.total = set->entries[e].count};
        set->entries[e].mark = (uint32_t)f->count;
    }
    return HZ_OK;
}

static hz_status fail_row(hz_worker *worker, uint32_t rule, failing *f, uint32_t group, uint64_t row, hz_error *err)
{
    add_group_row(&f->groups[group], row);
    if (hz_firsts_takes(&worker->tally->rules[rule].examples, row)) {
        if (!HZ_GROW(f->kept, f->kept_capacity, f->kept_count + 1))
            return hz_nomem(err, sizeof *f->kept);
        f->kept[f->kept_count++] = (kept_row){row, group};
    }
    return hz_account_late(worker, rule, row, err);
}

static hz_status check_counts(hz_worker *worker, uint32_t rule, size_t keyset, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    hz_keyset *set = &worker->table;
    hz_rule_partial *partial = &worker->tally->rules[rule];
    walk w = walk_over(run, keyset, 0, partition);
    failing f = {0};
    const key_row *row;
    hz_slice key;
    hz_status st = mark_groups(&f, set, (uint64_t)run->plan.rules[rule].rule->at_most, err);
    partial->groups += f.count;
    while (st == HZ_OK && f.count) {
        st = walk_next(&w, &row, &key, NULL, err);
        if (st != HZ_OK)
            break;
        uint32_t group = set->entries[hz_keyset_find(set, key, row->hash)].mark;
        if (group)
            st = fail_row(worker, rule, &f, group - 1, row->row, err);
    }
    walk_end(&w);
    if (st == HZ_OK || st == HZ_END)
        st = keep_related(partial, &f, err);
    failing_clear(&f);
    return st;
}

/* ---- overlaps: [from, to) as SQL:2011's periods; an empty or reversed span overlaps nothing ---- */

typedef struct span_row {
    uint32_t entry; /* of the worker's table: the group */
    span span;
    uint64_t row;
} span_row;

typedef struct span_rows {
    span_row *rows;
    size_t count, capacity;
} span_rows;

static int by_entry_then_from(const void *a, const void *b)
{
    const span_row *x = a, *y = b;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    if (x->span.from != y->span.from)
        return x->span.from < y->span.from ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static hz_status gather_spans(span_rows *out, hz_worker *worker, size_t keyset, size_t partition, hz_error *err)
{
    walk w = walk_over(worker->run, keyset, 0, partition);
    const key_row *row;
    hz_slice key;
    span s;
    hz_status st;
    while ((st = walk_next(&w, &row, &key, &s, err)) == HZ_OK) {
        uint32_t entry;
        if (s.from >= s.to)
            continue;
        HZ_GO(hz_keyset_add(&entry, &worker->table, key, row->hash, err));
        if (!HZ_GROW(out->rows, out->capacity, out->count + 1)) {
            st = hz_nomem(err, sizeof *out->rows);
            goto out;
        }
        out->rows[out->count++] = (span_row){entry, s, row->row};
    }
out:
    walk_end(&w);
    return st == HZ_END ? HZ_OK : st;
}

/* The others of a group that overlap a row: the first five by identity, and their number. */
static hz_status overlap_related(hz_related *out, const span_rows *spans, size_t from, size_t to, size_t mine,
                                 hz_error *err)
{
    uint64_t rows[HZ_RELATED_MAX];
    hz_firsts firsts = {rows, 0, HZ_RELATED_MAX, HZ_RELATED_MAX}; /* never grows */
    const span_row *self = &spans->rows[mine];
    *out = (hz_related){.row = self->row};
    for (size_t i = from; i < to; i++) {
        const span_row *other = &spans->rows[i];
        if (i == mine || other->span.from >= self->span.to || self->span.from >= other->span.to)
            continue;
        out->others++;
        HZ_TRY(hz_firsts_add(&firsts, other->row, err));
    }
    hz_firsts_sort(&firsts);
    memcpy(out->rows, rows, firsts.count * sizeof *rows);
    out->count = (uint32_t)firsts.count;
    return HZ_OK;
}

/* In order of begin, a span overlaps an earlier one when it begins before the furthest end so far, and a later one when
 * the next span begins before its own end. */
static hz_status check_group_spans(hz_worker *worker, uint32_t rule, const span_rows *spans, size_t from, size_t to,
                                   hz_error *err)
{
    hz_rule_partial *partial = &worker->tally->rules[rule];
    int64_t furthest = INT64_MIN;
    bool any = false;
    for (size_t i = from; i < to; i++) {
        const span_row *row = &spans->rows[i];
        bool earlier = i > from && row->span.from < furthest;
        bool later = i + 1 < to && spans->rows[i + 1].span.from < row->span.to;
        furthest = row->span.to > furthest ? row->span.to : furthest;
        if (!earlier && !later)
            continue;
        any = true;
        if (hz_firsts_takes(&partial->examples, row->row)) {
            hz_related related;
            HZ_TRY(overlap_related(&related, spans, from, to, i, err));
            HZ_TRY(hz_related_add(partial, &related, err));
        }
        HZ_TRY(hz_account_late(worker, rule, row->row, err));
    }
    partial->groups += any;
    return HZ_OK;
}

static hz_status check_overlaps(hz_worker *worker, uint32_t rule, size_t keyset, size_t partition, hz_error *err)
{
    span_rows spans = {0};
    hz_status st = gather_spans(&spans, worker, keyset, partition, err);
    if (spans.count)
        qsort(spans.rows, spans.count, sizeof *spans.rows, by_entry_then_from);
    for (size_t from = 0, to; st == HZ_OK && from < spans.count; from = to) {
        for (to = from + 1; to < spans.count && spans.rows[to].entry == spans.rows[from].entry;)
            to++;
        st = check_group_spans(worker, rule, &spans, from, to, err);
    }
    hz_mem_free(spans.rows);
    return st;
}

/* ---- references that waited ---- */

static hz_status check_reference(hz_worker *worker, size_t keyset, size_t role, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    uint32_t rule = run->plan.keysets[keyset].references[role - 1];
    walk w = walk_over(run, keyset, role, partition);
    const key_row *row;
    hz_slice key;
    hz_status st;
    while ((st = walk_next(&w, &row, &key, NULL, err)) == HZ_OK) {
        if (hz_keyset_find(&worker->table, key, row->hash) != HZ_HTAB_NONE)
            continue;
        for (uint32_t r = 0; st == HZ_OK && r < row->rows; r++)
            st = hz_account_late(worker, rule, row->row + r, err);
        if (st != HZ_OK)
            break;
    }
    walk_end(&w);
    return st == HZ_END ? HZ_OK : st;
}

/* ---- partitions ---- */

static bool references_wait(const hz_run_state *run, size_t keyset)
{
    for (size_t r = 0; r < run->plan.keysets[keyset].references_count; r++)
        if (!run->tally.rules[run->plan.keysets[keyset].references[r]].broken && count_rows(run, keyset, r + 1))
            return true;
    return false;
}

static hz_status check_partition(hz_worker *worker, size_t keyset, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    const hz_plan_keyset *plan = &run->plan.keysets[keyset];
    HZ_TRY(hz_cancel_check(run->options->cancel, err));
    hz_keyset_reset(&worker->table);
    if (plan->only_of && run->plan.rules[plan->only_of->index].overlap_from)
        return check_overlaps(worker, plan->only_of->index, keyset, partition, err);
    HZ_TRY(count_keys(&worker->table, run, keyset, partition, err));
    for (size_t i = 0; i < plan->unique_count; i++)
        if (!run->tally.rules[plan->unique[i]].broken)
            HZ_TRY(check_counts(worker, plan->unique[i], keyset, partition, err));
    for (size_t r = 0; r < plan->references_count; r++)
        if (!run->tally.rules[plan->references[r]].broken)
            HZ_TRY(check_reference(worker, keyset, r + 1, partition, err));
    return HZ_OK;
}

typedef struct unit {
    size_t keyset, partition;
} unit;

typedef struct units {
    unit *items;
    size_t count, next; /* next: atomic */
} units;

/* Its rows have said all they can. */
static void drop_partition(hz_run_state *run, size_t keyset, size_t partition)
{
    unsigned bits = run->indexes[keyset].bits;
    for (unsigned w = 0; w < run->workers_count; w++)
        for (size_t role = 0; role <= run->plan.keysets[keyset].references_count; role++)
            hz_pile_clear(&run->workers[w].key_rows[keyset].piles[(role << bits) + partition]);
}

static hz_status check_units(hz_worker *worker, void *ctx)
{
    units *all = ctx;
    while (!hz_run_stopped(worker->run)) {
        size_t at = __atomic_fetch_add(&all->next, 1, __ATOMIC_RELAXED);
        if (at >= all->count)
            break;
        HZ_TRY(check_partition(worker, all->items[at].keyset, all->items[at].partition, &worker->error));
        drop_partition(worker->run, all->items[at].keyset, all->items[at].partition);
    }
    return HZ_OK;
}

/* Every partition of the keysets that have something to say. */
static hz_status list_units(units *out, hz_run_state *run, uint64_t *rows, hz_error *err)
{
    size_t most = 0;
    for (size_t k = 0; k < run->plan.keysets_count; k++)
        most += (size_t)1 << run->indexes[k].bits;
    out->items = hz_mem_zalloc(most + 1, sizeof *out->items);
    if (!out->items)
        return hz_nomem(err, most * sizeof *out->items);
    for (size_t k = 0; k < run->plan.keysets_count; k++) {
        bool waits = references_wait(run, k), ascend = false;
        if (!unique_runs(run, k) && !waits)
            continue;
        if (!waits)
            HZ_TRY(all_ascend(&ascend, run, k, err));
        if (ascend)
            continue;
        HZ_TRY(hz_workers_run(run, UINT32_MAX, part_mine, &k, err));
        *rows += count_rows(run, k, 0);
        for (size_t p = 0; p < (size_t)1 << run->indexes[k].bits; p++)
            out->items[out->count++] = (unit){k, p};
    }
    return HZ_OK;
}

hz_status hz_key_stages(hz_run_state *run, hz_error *err)
{
    units all = {0};
    uint64_t rows = 0;
    for (uint32_t i = 0; i < run->plan.rules_count; i++)
        if (run->plan.rules[i].runs && run->plan.rules[i].rule->kind == HZ_RULE_UNIQUE)
            run->tally.rules[i].has_groups = true;
    hz_status st = list_units(&all, run, &rows, err);
    if (st == HZ_OK)
        st = hz_workers_run(run, rows < HZ_BATCH_ROWS ? 1 : UINT32_MAX, check_units, &all, err);
    hz_mem_free(all.items);
    return st == HZ_OK ? hz_workers_merge(run, true, err) : st;
}
