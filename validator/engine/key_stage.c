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

static bool may_fail(const hz_run_state *run, uint32_t rule)
{
    return !run->tally.rules[rule].broken;
}

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
        index->roles_count = 1 + plan->references_count;
        index->piles_count = index->roles_count << index->bits;
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
        rows->sorted = hz_mem_zalloc(run->indexes[k].roles_count, sizeof *rows->sorted);
        if (!rows->piles || !rows->sorted)
            return hz_nomem(err, run->indexes[k].piles_count * sizeof *rows->piles);
        for (size_t p = 0; p < run->indexes[k].piles_count; p++)
            hz_pile_init(&rows->piles[p], run->store);
        for (size_t r = 0; r < run->indexes[k].roles_count; r++)
            hz_sorted_init(&rows->sorted[r], run->store);
    }
    return HZ_OK;
}

void hz_key_rows_free(hz_key_rows *rows, hz_run_state *run)
{
    for (size_t k = 0; rows && k < run->plan.keysets_count; k++) {
        for (size_t p = 0; rows[k].piles && p < run->indexes[k].piles_count; p++)
            hz_pile_clear(&rows[k].piles[p]);
        for (size_t r = 0; rows[k].sorted && r < run->indexes[k].roles_count; r++)
            hz_sorted_clear(&rows[k].sorted[r]);
        hz_mem_free(rows[k].piles);
        hz_mem_free(rows[k].sorted);
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

static hz_status put_row(hz_pile *pile, key_row row, hz_slice key, const span *extra, hz_error *err)
{
    size_t head = sizeof(key_row) + (extra ? sizeof *extra : 0);
    char *bytes = hz_pile_put(pile, head + key.len, err);
    if (!bytes)
        return err ? err->status : HZ_E_NOMEM;
    row.len = (uint32_t)key.len;
    memcpy(bytes, &row, sizeof row);
    if (extra)
        memcpy(bytes + sizeof row, extra, sizeof *extra);
    if (key.len)
        memcpy(bytes + head, key.ptr, key.len);
    return HZ_OK;
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

static hz_status put_rows(hz_scan *scan, hz_pile *piles, const hz_key_index *index, const uint64_t *take,
                          const hz_vec *from, const hz_vec *to, hz_error *err)
{
    const hz_keys *keys = &scan->worker->keys;
    for (HZ_BITS_EACH(i, take, scan->rows)) {
        if (!hz_filter_may(&index->asked_for, keys->hash[i]))
            continue;
        span extra = from ? span_at(from, to, i) : (span){0, 0};
        key_row row = {.hash = keys->hash[i], .row = scan->ids[i], .rows = 1};
        HZ_TRY(put_row(&piles[partition_of(index, row.hash)], row, keys->key[i], from ? &extra : NULL, err));
    }
    return HZ_OK;
}

/* Of clusters that another batch may have a part of. */
static hz_status put_rest(hz_scan *scan, hz_pile *piles, const hz_key_index *index, const uint64_t *rest, hz_error *err)
{
    const hz_keys *keys = &scan->worker->keys;
    uint64_t seed = hz_hash_seed();
    for (HZ_BITS_EACH(i, rest, scan->rows)) {
        key_row row = {.hash = hz_hash_bytes(keys->key[i].ptr, keys->key[i].len, seed), .row = scan->ids[i], .rows = 1};
        HZ_TRY(put_row(&piles[partition_of(index, row.hash)], row, keys->key[i], NULL, err));
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
    uint64_t few[HZ_BATCH_ROWS / 64 + 1], rest[HZ_BATCH_ROWS / 64 + 1];
    if (role == 0 && !plan->unique_count) {
        drop_repeats(few, keys, take, scan->rows);
        take = few;
    }
    if (!from && (role || !index->asked_for.words) && !own->sorted[role].unordered) {
        bool taken, clusters = role == 0 && plan->keys_count > 1 && !plan->references_count;
        HZ_TRY(hz_sorted_put(&taken, &own->sorted[role], scan->worker->arena, keys, take, scan->ids, scan->rows,
                             clusters ? rest : NULL, err));
        if (taken)
            return clusters ? put_rest(scan, piles, index, rest, err) : HZ_OK;
    }
    hz_keys_hash(keys, scan->rows);
    if (role)
        return put_references(scan, piles, index, take, err);
    return put_rows(scan, piles, index, take, from, to, err);
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

/* The entries of a role that are in order, over all workers; *out NULL: the batches of some reach into each other. */
static hz_status walk_sorted(hz_sorted_walk **out, bool *repeats, const hz_run_state *run, size_t keyset, size_t role,
                             hz_error *err)
{
    hz_sorted **sets = hz_mem_zalloc(run->workers_count, sizeof *sets);
    if (!sets)
        return hz_nomem(err, run->workers_count * sizeof *sets);
    for (unsigned w = 0; w < run->workers_count; w++)
        sets[w] = &run->workers[w].key_rows[keyset].sorted[role];
    hz_status st = hz_sorted_walk_new(out, repeats, sets, run->workers_count, err);
    hz_mem_free((void *)sets);
    return st;
}

/* Whether all rows of the role are in order; *repeats: a key stands in more than one. */
static hz_status in_order(bool *out, bool *repeats, const hz_run_state *run, size_t keyset, size_t role, hz_error *err)
{
    hz_sorted_walk *sorted = NULL;
    *out = count_rows(run, keyset, role) == 0;
    if (!*out)
        return HZ_OK;
    HZ_TRY(walk_sorted(&sorted, repeats, run, keyset, role, err));
    *out = sorted != NULL;
    hz_sorted_walk_free(sorted);
    return HZ_OK;
}

static uint64_t count_sorted(const hz_run_state *run, size_t keyset, size_t role)
{
    uint64_t n = 0;
    for (unsigned w = 0; w < run->workers_count; w++)
        n += run->workers[w].key_rows[keyset].sorted[role].entries;
    return n;
}

/* Puts a worker's ascending rows into partitions after all. */
static hz_status part_role(hz_worker *worker, size_t keyset, size_t role, hz_error *err)
{
    const hz_key_index *index = &worker->run->indexes[keyset];
    hz_key_rows *own = &worker->key_rows[keyset];
    hz_sorted *set = &own->sorted[role];
    hz_pile *piles = &own->piles[role << index->bits];
    hz_sorted_walk *sorted;
    hz_sorted_entry entry;
    bool repeats;
    uint64_t seed = hz_hash_seed();
    HZ_TRY(hz_sorted_walk_new(&sorted, &repeats, &set, 1, err)); /* one worker's own are in order */
    hz_status st;
    while ((st = hz_sorted_next(&entry, sorted, err)) == HZ_OK) {
        key_row row = {.hash = hz_hash_bytes(entry.key.ptr, entry.key.len, seed), .row = entry.row};
        row.rows = role ? entry.rows : 1;
        for (uint32_t more = role ? 1 : entry.rows; st == HZ_OK && more; more--, row.row++)
            st = put_row(&piles[partition_of(index, row.hash)], row, entry.key, NULL, err);
        if (st != HZ_OK)
            break;
    }
    hz_sorted_walk_free(sorted);
    if (st != HZ_END)
        return st;
    hz_sorted_clear(set);
    set->unordered = true;
    return HZ_OK;
}

static hz_status part_roles(hz_worker *worker, size_t keyset, hz_error *err)
{
    for (size_t role = 0; role < worker->run->indexes[keyset].roles_count; role++)
        HZ_TRY(part_role(worker, keyset, role, err));
    return HZ_OK;
}

static hz_status part_mine(hz_worker *worker, void *ctx)
{
    return part_roles(worker, *(const size_t *)ctx, &worker->error);
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
        if (may_fail(run, plan->unique[i]))
            return true;
    return false;
}

static hz_status make_index(hz_run_state *run, size_t keyset, hz_error *err)
{
    hz_key_index *index = &run->indexes[keyset];
    uint64_t rows = count_rows(run, keyset, 0) + count_sorted(run, keyset, 0);
    if (rows > INDEX_KEYS_MAX)
        return HZ_OK;
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(part_role(&run->workers[w], keyset, 0, err));
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

static hz_status note_parted(hz_run_state *run, size_t keyset, size_t role, hz_error *err)
{
    hz_key_index *index = &run->indexes[keyset];
    for (size_t p = 0; p < (size_t)1 << index->bits; p++) {
        walk w = walk_over(run, keyset, role, p);
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

static hz_status note_sorted(hz_run_state *run, size_t keyset, size_t role, hz_error *err)
{
    uint64_t seed = hz_hash_seed();
    hz_status st = HZ_END;
    for (unsigned w = 0; st == HZ_END && w < run->workers_count; w++) {
        hz_sorted *set = &run->workers[w].key_rows[keyset].sorted[role];
        hz_sorted_walk *sorted;
        hz_sorted_entry entry;
        bool repeats;
        HZ_TRY(hz_sorted_walk_new(&sorted, &repeats, &set, 1, err));
        while ((st = hz_sorted_next(&entry, sorted, err)) == HZ_OK)
            hz_filter_add(&run->indexes[keyset].asked_for, hz_hash_bytes(entry.key.ptr, entry.key.len, seed));
        hz_sorted_walk_free(sorted);
    }
    return st == HZ_END ? HZ_OK : st;
}

/* References in order may meet a target in order without any hash, so that a filter pays only where it keeps out most
 * of the target. */
static bool filter_pays(const hz_run_state *run, size_t keyset, uint64_t sorted)
{
    enum { ROW_BYTES = 64, PRUNES = 8 };
    return !sorted || sorted * PRUNES < run->plan.tables[run->plan.keysets[keyset].sheet].bytes / ROW_BYTES;
}

static hz_status note_asked_for(hz_run_state *run, size_t keyset, hz_error *err)
{
    uint64_t parted = 0, sorted = 0;
    size_t roles = run->indexes[keyset].roles_count;
    for (size_t role = 1; role < roles; role++) {
        parted += count_rows(run, keyset, role);
        sorted += count_sorted(run, keyset, role);
    }
    if (!filter_pays(run, keyset, sorted))
        return HZ_OK;
    HZ_TRY(hz_filter_init(&run->indexes[keyset].asked_for, parted + sorted, err));
    for (size_t role = 1; role < roles; role++) {
        HZ_TRY(note_parted(run, keyset, role, err));
        HZ_TRY(note_sorted(run, keyset, role, err));
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

static hz_status keep_related(hz_worker *worker, uint32_t rule, const failing *f, hz_error *err)
{
    for (size_t i = 0; i < f->kept_count; i++) {
        hz_rule_partial *partial = &worker->tally->rules[hz_waive_as(worker->run, rule, f->kept[i].row)];
        const hz_firsts *examples = &partial->examples;
        const group_rows *group = &f->groups[f->kept[i].group];
        hz_related related = {.row = f->kept[i].row, .others = group->total - 1};
        for (uint32_t r = 0; r < group->count && related.count < HZ_RELATED_MAX; r++)
            if (group->rows[r] != related.row)
                related.rows[related.count++] = group->rows[r];
        HZ_TRY(hz_failures_put_related(worker, rule, &related, err));
        if (examples->max && (examples->count < examples->max || related.row <= examples->rows[0]))
            HZ_TRY(hz_related_add(partial, &related, err)); /* not pushed out since */
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
    const hz_firsts *examples = &worker->tally->rules[hz_waive_as(worker->run, rule, row)].examples;
    add_group_row(&f->groups[group], row);
    if (hz_failures_wanted(worker->run, rule) || hz_firsts_takes(examples, row)) {
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
        st = keep_related(worker, rule, &f, err);
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
        hz_rule_partial *as = &worker->tally->rules[hz_waive_as(worker->run, rule, row->row)];
        bool shown = hz_firsts_takes(&as->examples, row->row);
        if (shown || hz_failures_wanted(worker->run, rule)) {
            hz_related related;
            HZ_TRY(overlap_related(&related, spans, from, to, i, err));
            HZ_TRY(hz_failures_put_related(worker, rule, &related, err));
            if (shown)
                HZ_TRY(hz_related_add(as, &related, err));
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

/* Neighbours that refer to a key which is not there. */
static hz_status fail_rows(hz_worker *worker, uint32_t rule, hz_slice key, uint64_t first, uint32_t rows, hz_error *err)
{
    bool waived = worker->run->plan.rules[rule].shadows_count > 0;
    if (!waived)
        HZ_TRY(hz_causes_missing(worker, rule, rule, key, rows, err));
    for (uint32_t r = 0; r < rows; r++) {
        if (waived)
            HZ_TRY(hz_causes_missing(worker, rule, hz_waive_as(worker->run, rule, first + r), key, 1, err));
        HZ_TRY(hz_failures_put_row(worker, rule, first + r, err));
        HZ_TRY(hz_account_late(worker, rule, first + r, err));
    }
    return HZ_OK;
}

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
        st = fail_rows(worker, rule, key, row->row, row->rows, err);
        if (st != HZ_OK)
            break;
    }
    walk_end(&w);
    return st == HZ_END ? HZ_OK : st;
}

/* Both in order: each reference is looked for from where the one before it was. */
static hz_status merge_references(hz_worker *worker, uint32_t rule, hz_sorted_walk *targets, hz_sorted_walk *asking,
                                  hz_error *err)
{
    hz_sorted_entry target, entry;
    hz_status have = hz_sorted_next(&target, targets, err), st;
    while (have >= 0 && (st = hz_sorted_next(&entry, asking, err)) == HZ_OK) {
        int order = -1;
        while (have == HZ_OK && (order = hz_slice_cmp(target.key, entry.key)) < 0)
            have = hz_sorted_next(&target, targets, err);
        if (have >= 0 && (have == HZ_END || order != 0))
            HZ_TRY(fail_rows(worker, rule, entry.key, entry.row, entry.rows, err));
    }
    return have < 0 ? have : st == HZ_END ? HZ_OK : st;
}

static bool waits(const hz_run_state *run, size_t keyset, size_t role)
{
    return may_fail(run, run->plan.keysets[keyset].references[role - 1]) &&
           (count_rows(run, keyset, role) || count_sorted(run, keyset, role));
}

static hz_status merge_role(hz_worker *worker, size_t keyset, size_t role, hz_error *err)
{
    hz_run_state *run = worker->run;
    uint32_t rule = run->plan.keysets[keyset].references[role - 1];
    hz_sorted_walk *targets = NULL, *asking = NULL;
    bool repeats;
    hz_status st = walk_sorted(&targets, &repeats, run, keyset, 0, err);
    if (st == HZ_OK)
        st = walk_sorted(&asking, &repeats, run, keyset, role, err);
    if (st == HZ_OK)
        st = merge_references(worker, rule, targets, asking, err);
    hz_sorted_walk_free(targets);
    hz_sorted_walk_free(asking);
    return st;
}

static hz_status merge_roles(hz_worker *worker, size_t keyset, hz_error *err)
{
    for (size_t role = 1; role < worker->run->indexes[keyset].roles_count; role++)
        if (waits(worker->run, keyset, role))
            HZ_TRY(merge_role(worker, keyset, role, err));
    return HZ_OK;
}

/* ---- units of work: partitions, and keysets whose references are merged ---- */

static hz_status check_partition(hz_worker *worker, size_t keyset, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    const hz_plan_keyset *plan = &run->plan.keysets[keyset];
    hz_keyset_reset(&worker->table);
    if (plan->only_of && run->plan.rules[plan->only_of->index].overlap_from)
        return check_overlaps(worker, plan->only_of->index, keyset, partition, err);
    HZ_TRY(count_keys(&worker->table, run, keyset, partition, err));
    for (size_t i = 0; i < plan->unique_count; i++)
        if (may_fail(run, plan->unique[i]))
            HZ_TRY(check_counts(worker, plan->unique[i], keyset, partition, err));
    for (size_t r = 0; r < plan->references_count; r++)
        if (may_fail(run, plan->references[r]))
            HZ_TRY(check_reference(worker, keyset, r + 1, partition, err));
    return HZ_OK;
}

typedef struct unit {
    size_t keyset, partition;
    bool merge; /* of all references, and no partition: piles have one reader at a time */
} unit;

typedef struct units {
    unit *items;
    size_t count, next; /* next: of hz_run_take */
    uint64_t rows;
} units;

/* Its rows have said all they can. */
static void drop_partition(hz_run_state *run, size_t keyset, size_t partition)
{
    unsigned bits = run->indexes[keyset].bits;
    for (unsigned w = 0; w < run->workers_count; w++)
        for (size_t role = 0; role <= run->plan.keysets[keyset].references_count; role++)
            hz_pile_clear(&run->workers[w].key_rows[keyset].piles[(role << bits) + partition]);
}

static hz_status check_unit(hz_worker *worker, const unit *u, hz_error *err)
{
    HZ_TRY(hz_cancel_check(worker->run->options->cancel, err));
    if (u->merge)
        return merge_roles(worker, u->keyset, err);
    HZ_TRY(check_partition(worker, u->keyset, u->partition, err));
    drop_partition(worker->run, u->keyset, u->partition);
    return HZ_OK;
}

static hz_status check_units(hz_worker *worker, void *ctx)
{
    units *all = ctx;
    size_t at;
    while (hz_run_take(&at, worker->run, &all->next, all->count)) {
        HZ_TRY(check_unit(worker, &all->items[at], &worker->error));
    }
    return HZ_OK;
}

/* Whether all of the keyset that has something to say is in order: what a key that came twice would fail, and two sides
 * that can be merged. */
static hz_status can_merge(bool *out, const hz_run_state *run, size_t keyset, hz_error *err)
{
    bool repeats = false, ignored;
    HZ_TRY(in_order(out, &repeats, run, keyset, 0, err));
    *out = *out && !(repeats && unique_runs(run, keyset));
    for (size_t role = 1; *out && role < run->indexes[keyset].roles_count; role++)
        if (waits(run, keyset, role))
            HZ_TRY(in_order(out, &ignored, run, keyset, role, err));
    return HZ_OK;
}

/* Whether all that stands in order stands in clusters of its own: then nothing of it comes twice, and the rest is
 * looked at alone. */
static hz_status stands_apart(bool *out, const hz_run_state *run, size_t keyset, hz_error *err)
{
    hz_sorted_walk *sorted;
    bool repeats;
    *out = false;
    for (unsigned w = 0; w < run->workers_count; w++) {
        const hz_sorted *set = &run->workers[w].key_rows[keyset].sorted[0];
        if (set->unordered || (set->runs_count && !set->clustered))
            return HZ_OK;
    }
    HZ_TRY(walk_sorted(&sorted, &repeats, run, keyset, 0, err));
    *out = sorted && !repeats;
    hz_sorted_walk_free(sorted);
    return HZ_OK;
}

static hz_status list_keyset(units *out, hz_run_state *run, size_t keyset, hz_error *err)
{
    uint64_t waiting = 0;
    bool merge, apart = false;
    for (size_t role = 1; role < run->indexes[keyset].roles_count; role++)
        if (waits(run, keyset, role))
            waiting += count_rows(run, keyset, role) + count_sorted(run, keyset, role);
    if (!waiting && !unique_runs(run, keyset))
        return HZ_OK;
    HZ_TRY(can_merge(&merge, run, keyset, err));
    if (merge && waiting)
        out->items[out->count++] = (unit){keyset, 0, true};
    if (!merge) {
        if (!waiting)
            HZ_TRY(stands_apart(&apart, run, keyset, err));
        if (!apart)
            HZ_TRY(hz_workers_run(run, UINT32_MAX, part_mine, &keyset, err));
        waiting += count_rows(run, keyset, 0);
        for (size_t p = 0; p < (size_t)1 << run->indexes[keyset].bits; p++)
            out->items[out->count++] = (unit){keyset, p, false};
    }
    out->rows += waiting;
    return HZ_OK;
}

/* The keysets that have something to say: every partition, or one merge. */
static hz_status list_units(units *out, hz_run_state *run, hz_error *err)
{
    size_t most = 0;
    for (size_t k = 0; k < run->plan.keysets_count; k++)
        most += (size_t)1 << run->indexes[k].bits;
    out->items = hz_mem_zalloc(most + 1, sizeof *out->items);
    if (!out->items)
        return hz_nomem(err, most * sizeof *out->items);
    for (size_t k = 0; k < run->plan.keysets_count; k++)
        HZ_TRY(list_keyset(out, run, k, err));
    return HZ_OK;
}

hz_status hz_key_stages(hz_run_state *run, hz_error *err)
{
    units all = {0};
    for (uint32_t i = 0; i < run->plan.rules_count; i++)
        if (run->plan.rules[i].runs && run->plan.rules[i].rule->kind == HZ_RULE_UNIQUE)
            run->tally.rules[i].has_groups = true;
    hz_status st = list_units(&all, run, err);
    if (st == HZ_OK)
        st = hz_workers_run(run, all.rows < HZ_BATCH_ROWS ? 1 : UINT32_MAX, check_units, &all, err);
    hz_mem_free(all.items);
    return st == HZ_OK ? hz_workers_merge(run, true, err) : st;
}
