/* similar.c: see similar.h. */
#include "validator/engine/similar.h"
#include "base/alloc.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, PARTITION_BYTES = 2 << 20, BITS_MAX = 8 };
#define MARGIN 1e-9 /* far more than the numbers that are about right are wrong by */
#define NO_KEY UINT32_MAX

/* A row of one block put aside. Behind it its key (which begins with the block's number), the keys of the blocks before
 * (a length each, NO_KEY: none), the values (a length each, NO_KEY: none). */
typedef struct block_row {
    uint64_t hash, row;
    uint32_t block, key_bytes, before_bytes, value_bytes;
} block_row;

/* ---- what workers hold ---- */

static unsigned bits_of(const hz_run_state *run, size_t similar)
{
    const hz_plan_similar *plan = &run->plan.similars[similar];
    uint64_t bytes = run->plan.tables[plan->sheet].bytes * (plan->similar->blocks_count + 1);
    unsigned bits = 0;
    while (bits < BITS_MAX && bytes >> bits > PARTITION_BYTES)
        bits++;
    return bits;
}

size_t hz_similar_parts(const hz_run_state *run, size_t similar)
{
    return (size_t)1 << bits_of(run, similar);
}

hz_status hz_similar_rows_new(hz_similar_rows **out, hz_run_state *run, hz_error *err)
{
    size_t count = run->plan.similars_count;
    *out = hz_mem_zalloc(count + 1, sizeof **out);
    if (!*out)
        return hz_nomem(err, count * sizeof **out);
    for (size_t s = 0; s < count; s++) {
        size_t parts = hz_similar_parts(run, s);
        hz_similar_rows *rows = &(*out)[s];
        rows->piles = hz_mem_zalloc(parts, sizeof *rows->piles);
        if (!rows->piles)
            return hz_nomem(err, parts * sizeof *rows->piles);
        for (size_t p = 0; p < parts; p++)
            hz_pile_init(&rows->piles[p], run->store);
    }
    return HZ_OK;
}

void hz_similar_rows_free(hz_similar_rows *rows, hz_run_state *run)
{
    for (size_t s = 0; rows && s < run->plan.similars_count; s++) {
        for (size_t p = 0; rows[s].piles && p < hz_similar_parts(run, s); p++)
            hz_pile_clear(&rows[s].piles[p]);
        hz_mem_free(rows[s].piles);
        hz_mem_free(rows[s].failed);
        hz_mem_free(rows[s].related);
    }
    hz_mem_free(rows);
}

/* ---- the scan ---- */

/* The keys of a batch, block by block, and what a row has of them. */
typedef struct batch_keys {
    hz_buf bytes;
    struct batch_key {
        size_t at;
        uint32_t len; /* NO_KEY: a part is missing or invalid */
    } * keys;         /* block * HZ_BATCH_ROWS + row */
    uint64_t any[WORDS];
    const hz_vec **values;
    hz_buf record;
} batch_keys;

static void keys_clear(batch_keys *b)
{
    hz_buf_clear(&b->bytes);
    hz_buf_clear(&b->record);
    hz_mem_free(b->keys);
    hz_mem_free((void *)b->values);
}

static hz_status keys_init(batch_keys *b, const hz_similar *similar, hz_error *err)
{
    *b = (batch_keys){.bytes = HZ_BUF_INIT, .record = HZ_BUF_INIT};
    b->keys = hz_mem_alloc(similar->blocks_count * HZ_BATCH_ROWS * sizeof *b->keys);
    b->values = hz_mem_zalloc(similar->compare_count + 1, sizeof *b->values);
    return b->keys && b->values ? HZ_OK : hz_nomem(err, similar->blocks_count * HZ_BATCH_ROWS * sizeof *b->keys);
}

/* The parts of one block; *broken: a limit was hit, and the rule ended in error. */
static hz_status block_keys(batch_keys *b, bool *broken, hz_scan *scan, const hz_plan_similar *plan, size_t block,
                            hz_error *err)
{
    const hz_vec *parts[HZ_KEY_PARTS_MAX];
    hz_keys *keys = &scan->worker->keys;
    size_t count = plan->similar->blocks[block].count;
    for (size_t p = 0; p < count; p++) {
        HZ_TRY(hz_scan_run(&parts[p], scan, plan->rule, plan->keys[block][p], err));
        if (!parts[p]) {
            *broken = true;
            return HZ_OK;
        }
    }
    HZ_TRY(hz_keys_make(keys, parts, NULL, count, scan->rows, err));
    for (uint32_t i = 0; i < scan->rows; i++) {
        struct batch_key *key = &b->keys[block * HZ_BATCH_ROWS + i];
        *key = (struct batch_key){b->bytes.len, NO_KEY};
        if (!hz_bits_get(keys->usable, i))
            continue;
        uint32_t number = (uint32_t)block;
        hz_buf_put(&b->bytes, (hz_slice){(const char *)&number, sizeof number});
        hz_buf_put(&b->bytes, keys->key[i]);
        key->len = (uint32_t)(b->bytes.len - key->at);
        hz_bits_set(b->any, i);
    }
    return hz_buf_status(&b->bytes, err);
}

static hz_status values_of(batch_keys *b, bool *broken, hz_scan *scan, const hz_plan_similar *plan, hz_error *err)
{
    for (size_t c = 0; c < plan->similar->compare_count && !*broken; c++) {
        HZ_TRY(hz_scan_run(&b->values[c], scan, plan->rule, plan->values[c], err));
        *broken = !b->values[c];
    }
    return HZ_OK;
}

static void put_length(hz_buf *out, uint32_t len)
{
    hz_buf_put(out, (hz_slice){(const char *)&len, sizeof len});
}

/* The values of a row, once for all its blocks; *out borrowed from b->record. */
static hz_status put_values(batch_keys *b, hz_scan *scan, const hz_plan_similar *plan, uint32_t row, hz_error *err)
{
    hz_buf_reset(&b->record);
    for (size_t c = 0; c < plan->similar->compare_count; c++) {
        size_t at = b->record.len;
        put_length(&b->record, NO_KEY);
        if (!hz_bits_get(b->values[c]->valid, row))
            continue;
        HZ_TRY(hz_like_put(&b->record, plan->by[c], b->values[c], row, scan->worker->eval, err));
        uint32_t len = (uint32_t)(b->record.len - at - sizeof len);
        if (b->record.status == HZ_OK)
            memcpy(b->record.ptr + at, &len, sizeof len);
    }
    return hz_buf_status(&b->record, err);
}

static hz_status put_block(batch_keys *b, hz_scan *scan, size_t similar, size_t block, uint32_t row, hz_error *err)
{
    const struct batch_key *key = &b->keys[block * HZ_BATCH_ROWS + row];
    hz_slice bytes = {b->bytes.ptr + key->at, key->len};
    block_row head = {.hash = hz_hash_bytes(bytes.ptr, bytes.len, hz_hash_seed()),
                      .row = scan->ids[row],
                      .block = (uint32_t)block,
                      .key_bytes = key->len,
                      .value_bytes = (uint32_t)b->record.len};
    for (size_t k = 0; k < block; k++) {
        uint32_t len = b->keys[k * HZ_BATCH_ROWS + row].len;
        head.before_bytes += (uint32_t)sizeof len + (len == NO_KEY ? 0 : len);
    }
    unsigned bits = bits_of(scan->run, similar);
    hz_pile *pile = &scan->worker->similar[similar].piles[bits ? head.hash >> (64 - bits) : 0];
    char *at = hz_pile_put(pile, sizeof head + head.key_bytes + head.before_bytes + head.value_bytes, err);
    if (!at)
        return err ? err->status : HZ_E_NOMEM;
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, bytes.ptr, bytes.len);
    at += sizeof head + bytes.len;
    for (size_t k = 0; k < block; k++) {
        const struct batch_key *other = &b->keys[k * HZ_BATCH_ROWS + row];
        uint32_t len = other->len == NO_KEY ? 0 : other->len;
        memcpy(at, &other->len, sizeof other->len);
        if (len)
            memcpy(at + sizeof len, b->bytes.ptr + other->at, len);
        at += sizeof len + len;
    }
    if (b->record.len)
        memcpy(at, b->record.ptr, b->record.len);
    return HZ_OK;
}

static hz_status put_rows(batch_keys *b, hz_scan *scan, size_t similar, const uint64_t *take, hz_error *err)
{
    const hz_plan_similar *plan = &scan->run->plan.similars[similar];
    for (HZ_BITS_EACH(i, take, scan->rows)) {
        HZ_TRY(put_values(b, scan, plan, (uint32_t)i, err));
        for (size_t block = 0; block < plan->similar->blocks_count; block++)
            if (b->keys[block * HZ_BATCH_ROWS + i].len != NO_KEY)
                HZ_TRY(put_block(b, scan, similar, block, (uint32_t)i, err));
    }
    return HZ_OK;
}

/* A row without a whole key is undetermined: there is nothing that it could be compared with. */
static hz_status take_part(batch_keys *b, hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    const hz_plan_similar *plan = &scan->run->plan.similars[entry->similar];
    uint64_t na[WORDS], und[WORDS], take[WORDS];
    bool any, broken = false;
    HZ_TRY(hz_scan_not_applicable(na, &any, scan, rule, entry->when, &broken, err));
    for (size_t block = 0; block < plan->similar->blocks_count && !broken; block++)
        HZ_TRY(block_keys(b, &broken, scan, plan, block, err));
    if (!broken)
        HZ_TRY(values_of(b, &broken, scan, plan, err));
    if (broken)
        return HZ_OK;
    for (size_t w = 0; w < hz_bits_words(scan->rows); w++) {
        take[w] = b->any[w] & ~na[w];
        und[w] = ~take[w] & ~na[w];
    }
    und[hz_bits_words(scan->rows) - 1] &= hz_bits_tail(scan->rows);
    HZ_TRY(put_rows(b, scan, entry->similar, take, err));
    return hz_account(scan, rule, any ? na : NULL, und, NULL, err);
}

hz_status hz_similar_scan(hz_scan *scan, uint32_t rule, hz_error *err)
{
    batch_keys b;
    if (scan->worker->tally->rules[rule].broken)
        return HZ_OK;
    hz_status st = keys_init(&b, scan->run->plan.similars[scan->run->plan.rules[rule].similar].similar, err);
    if (st == HZ_OK)
        st = take_part(&b, scan, rule, err);
    keys_clear(&b);
    return st;
}

/* ---- a partition ---- */

typedef struct met_row {
    uint64_t row;
    uint32_t group, block;
    const char *before, *values;
    bool failed;
} met_row;

typedef struct meeting {
    hz_worker *worker;
    const hz_plan_similar *plan;
    hz_similar_rows *own;
    size_t similar, partition;
    size_t examples;                                 /* so many related are kept */
    hz_decimal whole;                                /* sum of the weights, times the threshold */
    double about_whole, *about_weights, *about_rest; /* by compare; rest: of the weights behind it */
    hz_arena *arena;                                 /* of the rows' bytes */
    met_row *rows;
    size_t count, capacity;
} meeting;

typedef hz_status take_row(meeting *m, const block_row *row, const char *bytes, hz_error *err);

/* All rows of the partition, of every worker. */
static hz_status walk(meeting *m, take_row *take, hz_error *err)
{
    hz_run_state *run = m->worker->run;
    hz_status st = HZ_OK;
    for (unsigned w = 0; st == HZ_OK && w < run->workers_count; w++) {
        hz_pile_reader reader;
        hz_slice block;
        hz_pile_read(&reader, &run->workers[w].similar[m->similar].piles[m->partition], false);
        while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
            for (size_t at = 0; st == HZ_OK && at < block.len;) {
                block_row head;
                memcpy(&head, block.ptr + at, sizeof head);
                st = take(m, &head, block.ptr + at + sizeof head, err);
                at += (sizeof head + head.key_bytes + head.before_bytes + head.value_bytes + 7) / 8 * 8;
            }
            if (st != HZ_OK)
                break;
        }
        hz_pile_read_end(&reader);
        st = st == HZ_END ? HZ_OK : st;
    }
    return st;
}

static hz_status count_row(meeting *m, const block_row *row, const char *bytes, hz_error *err)
{
    hz_keyset *set = &m->worker->table;
    uint32_t entry;
    HZ_TRY(hz_keyset_add(&entry, set, (hz_slice){bytes, row->key_bytes}, row->hash, err));
    set->entries[entry].count++;
    return HZ_OK;
}

static hz_status keep_row(meeting *m, const block_row *row, const char *bytes, hz_error *err)
{
    const hz_keyset *set = &m->worker->table;
    uint32_t entry = hz_keyset_find(set, (hz_slice){bytes, row->key_bytes}, row->hash);
    hz_slice kept, rest = {bytes + row->key_bytes, row->before_bytes + row->value_bytes};
    if (set->entries[entry].count < 2)
        return HZ_OK;
    if (hz_arena_copy(&kept, m->arena, rest) != HZ_OK || !HZ_GROW(m->rows, m->capacity, m->count + 1))
        return hz_nomem(err, rest.len);
    m->rows[m->count++] = (met_row){row->row, entry, row->block, kept.ptr, kept.ptr + row->before_bytes, false};
    return HZ_OK;
}

static int by_group_then_row(const void *a, const void *b)
{
    const met_row *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* ---- a pair ---- */

/* The next of the texts that stand behind each other; false: there is none for this row. */
static bool next_text(hz_slice *out, const char **at)
{
    uint32_t len;
    memcpy(&len, *at, sizeof len);
    *at += sizeof len;
    *out = (hz_slice){*at, len == NO_KEY ? 0 : len};
    *at += out->len;
    return len != NO_KEY;
}

/* They agree in a block before theirs, where they are compared. */
static bool met_before(const met_row *a, const met_row *b)
{
    const char *x = a->before, *y = b->before;
    for (uint32_t k = 0; k < a->block; k++) {
        hz_slice one, other;
        bool has_one = next_text(&one, &x), has_other = next_text(&other, &y);
        if (has_one && has_other && hz_slice_eq(one, other))
            return true;
    }
    return false;
}

static double about(hz_decimal number)
{
    double value = (double)number.coef;
    for (int32_t i = 0; value != 0 && i < number.scale; i++)
        value /= 10;
    return value;
}

/* What is missing on either side speaks for no likeness. A sum that does not fit is none. The numbers that are about
 * right only spare the work where the sum cannot be reached any more. */
static bool alike(const meeting *m, const met_row *a, const met_row *b)
{
    const hz_similar *similar = m->plan->similar;
    const char *x = a->values, *y = b->values;
    hz_decimal sum = hz_decimal_of(0), part;
    double about_sum = 0;
    for (size_t c = 0; c < similar->compare_count; c++) {
        hz_slice one, other;
        bool has_one = next_text(&one, &x), has_other = next_text(&other, &y);
        double wanted = (m->about_whole - about_sum - m->about_rest[c]) / m->about_weights[c] - MARGIN;
        hz_decimal like = hz_decimal_of(0);
        if (has_one && has_other)
            like = hz_like_values(m->plan->by[c], one, other, wanted);
        if (about(like) < wanted)
            return false;
        if (!hz_decimal_mul(&part, like, similar->compare[c].weight) || !hz_decimal_add(&sum, sum, part))
            return false;
        about_sum += about(part);
    }
    return hz_decimal_cmp(sum, m->whole) >= 0;
}

/* ---- what comes of it ---- */

static size_t place_of(const hz_similar_rows *own, uint64_t row)
{
    size_t from = 0, to = own->related_count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (own->related[middle].row < row)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void add_other(hz_related *related, uint64_t row)
{
    uint32_t at = related->count;
    related->others++;
    if (at == HZ_RELATED_MAX && related->rows[at - 1] < row)
        return;
    if (at < HZ_RELATED_MAX)
        related->count++;
    else
        at--;
    for (; at > 0 && related->rows[at - 1] > row; at--)
        related->rows[at] = related->rows[at - 1];
    related->rows[at] = row;
}

/* Of the first failing rows of this worker, or of all: whatever row is an example in the end is among them all the
 * time. */
static hz_status relate(meeting *m, uint64_t row, uint64_t other, hz_error *err)
{
    hz_similar_rows *own = m->own;
    size_t at = place_of(own, row);
    if (at == own->related_count || own->related[at].row != row) {
        if (at >= m->examples)
            return HZ_OK;
        if (!HZ_GROW(own->related, own->related_capacity, own->related_count + 1))
            return hz_nomem(err, sizeof *own->related);
        memmove(&own->related[at + 1], &own->related[at], (own->related_count - at) * sizeof *own->related);
        own->related[at] = (hz_related){.row = row};
        own->related_count += own->related_count < m->examples;
    }
    add_other(&own->related[at], other);
    return HZ_OK;
}

static hz_status fail(meeting *m, met_row *row, hz_error *err)
{
    if (row->failed)
        return HZ_OK;
    row->failed = true;
    if (!HZ_GROW(m->own->failed, m->own->failed_capacity, m->own->failed_count + 1))
        return hz_nomem(err, sizeof row->row);
    m->own->failed[m->own->failed_count++] = row->row;
    return HZ_OK;
}

static hz_status meet(meeting *m, size_t from, size_t to, hz_error *err)
{
    for (size_t i = from; i < to; i++) {
        HZ_TRY(hz_cancel_check(m->worker->run->options->cancel, err));
        for (size_t j = i + 1; j < to; j++) {
            met_row *a = &m->rows[i], *b = &m->rows[j];
            if (met_before(a, b) || !alike(m, a, b))
                continue;
            HZ_TRY(fail(m, a, err));
            HZ_TRY(fail(m, b, err));
            HZ_TRY(relate(m, a->row, b->row, err));
            HZ_TRY(relate(m, b->row, a->row, err));
        }
    }
    return HZ_OK;
}

static hz_status check_groups(meeting *m, hz_error *err)
{
    const hz_keyset *set = &m->worker->table;
    for (size_t e = 0; e < set->count; e++)
        HZ_TRY(hz_limit_check(m->worker->run->options->limits, HZ_LIMIT_GROUP_ROWS, set->entries[e].count, err));
    return HZ_OK;
}

static hz_status work_off(meeting *m, hz_error *err)
{
    hz_keyset_reset(&m->worker->table);
    HZ_TRY(walk(m, count_row, err));
    HZ_TRY(check_groups(m, err));
    HZ_TRY(walk(m, keep_row, err));
    if (m->count)
        qsort(m->rows, m->count, sizeof *m->rows, by_group_then_row);
    for (size_t from = 0, to; from < m->count; from = to) {
        for (to = from + 1; to < m->count && m->rows[to].group == m->rows[from].group;)
            to++;
        HZ_TRY(meet(m, from, to, err));
    }
    return HZ_OK;
}

/* ---- all of it ---- */

typedef struct units {
    struct {
        size_t similar, partition;
    } * items;
    size_t count, next; /* next: of hz_run_take */
} units;

static bool wanted_whole(hz_decimal *out, const hz_similar *similar)
{
    hz_decimal weights = hz_decimal_of(0);
    for (size_t c = 0; c < similar->compare_count; c++)
        if (!hz_decimal_add(&weights, weights, similar->compare[c].weight))
            return false;
    return hz_decimal_mul(out, weights, similar->threshold);
}

static hz_status about_weights(meeting *m, hz_error *err)
{
    const hz_similar *similar = m->plan->similar;
    size_t count = similar->compare_count;
    m->about_whole = about(m->whole);
    m->about_weights = HZ_ARENA_ARRAY(m->arena, double, count + 1);
    m->about_rest = HZ_ARENA_ARRAY(m->arena, double, count + 1);
    if (!m->about_weights || !m->about_rest)
        return hz_nomem(err, count * sizeof *m->about_rest);
    for (size_t c = count; c-- > 0;) {
        m->about_weights[c] = about(similar->compare[c].weight);
        m->about_rest[c] = c + 1 < count ? m->about_rest[c + 1] + m->about_weights[c + 1] : 0;
    }
    return HZ_OK;
}

static hz_status check_unit(hz_worker *worker, size_t similar, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    const hz_plan_similar *plan = &run->plan.similars[similar];
    meeting m = {.worker = worker,
                 .plan = plan,
                 .own = &worker->similar[similar],
                 .similar = similar,
                 .partition = partition,
                 .examples = hz_failures_wanted(worker->run, plan->rule)
                                 ? SIZE_MAX /* all are shown somewhere */
                                 : worker->tally->rules[plan->rule].examples.max,
                 .arena = hz_arena_new()};
    hz_error why;
    hz_error_clear(&why);
    hz_status st = m.arena ? HZ_OK : hz_nomem(&why, sizeof(void *));
    if (st == HZ_OK && wanted_whole(&m.whole, plan->similar)) {
        st = about_weights(&m, &why);
        if (st == HZ_OK)
            st = work_off(&m, &why);
    }
    hz_arena_free(m.arena);
    hz_mem_free(m.rows);
    if (st == HZ_E_LIMIT) {
        hz_rule_broke(worker, plan->rule, &why);
        return HZ_OK;
    }
    if (st != HZ_OK && err)
        *err = why;
    return st;
}

/* Its rows have said all they can. */
static void drop_partition(hz_run_state *run, size_t similar, size_t partition)
{
    for (unsigned w = 0; w < run->workers_count; w++)
        hz_pile_clear(&run->workers[w].similar[similar].piles[partition]);
}

static hz_status check_units(hz_worker *worker, void *ctx)
{
    units *all = ctx;
    size_t at;
    while (hz_run_take(&at, worker->run, &all->next, all->count)) {
        HZ_TRY(check_unit(worker, all->items[at].similar, all->items[at].partition, &worker->error));
        drop_partition(worker->run, all->items[at].similar, all->items[at].partition);
    }
    return HZ_OK;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* What workers found of one row, together. */
static hz_related related_to(const hz_run_state *run, size_t similar, uint64_t row)
{
    hz_related all = {.row = row};
    for (unsigned w = 0; w < run->workers_count; w++) {
        const hz_similar_rows *own = &run->workers[w].similar[similar];
        size_t at = place_of(own, row);
        if (at == own->related_count || own->related[at].row != row)
            continue;
        uint64_t others = all.others + own->related[at].others;
        for (uint32_t r = 0; r < own->related[at].count; r++)
            add_other(&all, own->related[at].rows[r]);
        all.others = others;
    }
    return all;
}

static hz_status fail_row(hz_run_state *run, size_t similar, uint64_t row, hz_error *err)
{
    uint32_t rule = run->plan.similars[similar].rule;
    if (hz_failures_wanted(run, rule)) {
        hz_related related = related_to(run, similar, row);
        HZ_TRY(hz_failures_put_related(&run->workers[0], rule, &related, err));
    }
    return hz_account_late(&run->workers[0], rule, row, err);
}

/* Every failing row of every worker, once. */
static hz_status account(hz_run_state *run, size_t similar, hz_error *err)
{
    size_t count = 0, at = 0;
    for (unsigned w = 0; w < run->workers_count; w++)
        count += run->workers[w].similar[similar].failed_count;
    uint64_t *rows = hz_mem_alloc((count + 1) * sizeof *rows);
    if (!rows)
        return hz_nomem(err, count * sizeof *rows);
    for (unsigned w = 0; w < run->workers_count; w++) {
        const hz_similar_rows *own = &run->workers[w].similar[similar];
        if (own->failed_count)
            memcpy(rows + at, own->failed, own->failed_count * sizeof *rows);
        at += own->failed_count;
    }
    if (count)
        qsort(rows, count, sizeof *rows, by_number);
    hz_status st = HZ_OK;
    for (size_t i = 0; st == HZ_OK && i < count; i++)
        if (!i || rows[i] != rows[i - 1])
            st = fail_row(run, similar, rows[i], err);
    hz_mem_free(rows);
    return st;
}

/* Of the rows that are examples. */
static hz_status account_related(hz_run_state *run, size_t similar, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[run->plan.similars[similar].rule];
    for (size_t p = 0; p <= entry->shadows_count; p++) {
        size_t as = p ? run->plan.rules_count + entry->shadows + p - 1 : run->plan.similars[similar].rule;
        hz_rule_partial *partial = &run->tally.rules[as];
        for (size_t i = 0; i < partial->examples.count; i++) {
            hz_related related = related_to(run, similar, partial->examples.rows[i]);
            HZ_TRY(hz_related_add(partial, &related, err));
        }
    }
    return HZ_OK;
}

hz_status hz_similar_stages(hz_run_state *run, hz_error *err)
{
    units all = {0};
    size_t most = 0;
    hz_status st = HZ_OK;
    for (size_t s = 0; s < run->plan.similars_count; s++)
        most += hz_similar_parts(run, s);
    if (!most)
        return HZ_OK;
    all.items = hz_mem_zalloc(most, sizeof *all.items);
    if (!all.items)
        return hz_nomem(err, most * sizeof *all.items);
    for (size_t s = 0; s < run->plan.similars_count; s++)
        for (size_t p = 0; !run->tally.rules[run->plan.similars[s].rule].broken && p < hz_similar_parts(run, s); p++) {
            all.items[all.count].similar = s;
            all.items[all.count++].partition = p;
        }
    st = hz_workers_run(run, all.count < 2 ? 1 : UINT32_MAX, check_units, &all, err);
    hz_mem_free(all.items);
    if (st == HZ_OK)
        st = hz_workers_merge(run, true, err);
    for (size_t s = 0; st == HZ_OK && s < run->plan.similars_count; s++) {
        if (run->tally.rules[run->plan.similars[s].rule].broken)
            continue;
        st = account(run, s, err);
        if (st == HZ_OK)
            st = account_related(run, s, err);
    }
    return st;
}
