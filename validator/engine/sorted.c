/* sorted.c: see sorted.h. A batch is one record: where its identities begin, then its entries. An entry is two bytes,
 * how many bytes of the key before it it shares and how many follow, and those; rows that are not one, or do not stand
 * right behind the entry before it, are said in four bytes more. Lengths that two bytes do not hold stand behind them.
 */
#include "validator/engine/sorted.h"
#include "base/alloc.h"
#include <stdlib.h>

enum {
    SHARED_MAX = 127, /* more is not looked for */
    SPELT = 128,      /* with shared: gap and rows follow */
    LONG = 255,       /* as length: the length follows */
    BATCH_BYTES_MAX = 64 << 20,
    CLUSTER_MAX = 256 /* rows */
};

typedef struct head {
    uint64_t row; /* the first */
    uint32_t entries, bytes;
} head;

void hz_sorted_init(hz_sorted *set, hz_store *store)
{
    *set = (hz_sorted){.entries = 0};
    hz_pile_init(&set->pile, store);
}

void hz_sorted_clear(hz_sorted *set)
{
    if (set->pile.store)
        hz_pile_clear(&set->pile);
    hz_mem_free(set->runs);
    hz_sorted_init(set, set->pile.store);
}

/* ---- putting ---- */

/* How many bytes two keys share, at most SHARED_MAX; *order as of hz_slice_cmp. */
static uint32_t compare(int *order, hz_slice a, hz_slice b)
{
    size_t common = a.len < b.len ? a.len : b.len, at = 0;
    for (; at + 8 <= common; at += 8) {
        uint64_t differ = hz_load64(a.ptr + at) ^ hz_load64(b.ptr + at);
        if (!differ)
            continue;
        at += (size_t)__builtin_ctzll(differ) / 8;
        *order = (unsigned char)a.ptr[at] < (unsigned char)b.ptr[at] ? -1 : 1;
        return at < SHARED_MAX ? (uint32_t)at : SHARED_MAX;
    }
    while (at < common && a.ptr[at] == b.ptr[at])
        at++;
    if (at < common)
        *order = (unsigned char)a.ptr[at] < (unsigned char)b.ptr[at] ? -1 : 1;
    else
        *order = (a.len > b.len) - (a.len < b.len);
    return at < SHARED_MAX ? (uint32_t)at : SHARED_MAX;
}

/* The rows of a batch that are put, in order of their keys, and what entries they make. */
typedef struct layout {
    uint16_t order[HZ_BATCH_ROWS];
    uint32_t rows;
    uint16_t at[HZ_BATCH_ROWS], count[HZ_BATCH_ROWS]; /* per entry */
    uint8_t shared[HZ_BATCH_ROWS];
    uint32_t entries;
    size_t bytes;
    bool repeats;
    hz_slice first, last; /* of the run */
} layout;

static size_t entry_bytes(uint32_t shared, size_t len, bool spelt)
{
    size_t rest = len - shared;
    return 2 + (rest >= LONG ? sizeof(uint32_t) : 0) + (spelt ? 2 * sizeof(uint16_t) : 0) + rest;
}

static bool is_spelt(const layout *l, uint32_t e, const uint64_t *ids)
{
    uint64_t next = e ? ids[l->at[e - 1]] + l->count[e - 1] : ids[l->at[0]];
    return l->count[e] != 1 || ids[l->at[e]] != next;
}

/* false: not in order, or too much. */
static bool lay_out(layout *l, const hz_sorted *set, const hz_keys *keys, const uint64_t *ids)
{
    hz_slice before = HZ_SLICE_NONE;
    l->entries = 0;
    l->bytes = 0;
    l->repeats = false;
    for (uint32_t o = 0; o < l->rows; o++) {
        uint16_t i = l->order[o];
        int order = -1;
        uint32_t shared = o ? compare(&order, before, keys->key[i]) : 0;
        if (order > 0)
            return false;
        if (order == 0) {
            l->repeats = true;
            uint32_t e = l->entries - 1;
            if (ids[i] == ids[l->at[e]] + l->count[e]) {
                l->count[e]++;
                continue;
            }
        }
        l->at[l->entries] = i;
        l->count[l->entries] = 1;
        l->shared[l->entries++] = (uint8_t)shared;
        before = keys->key[i];
    }
    for (uint32_t e = 0; e < l->entries; e++)
        l->bytes += entry_bytes(l->shared[e], keys->key[l->at[e]].len, is_spelt(l, e, ids));
    if (l->rows && !set->clustered) {
        l->first = keys->key[l->order[0]];
        l->last = keys->key[l->order[l->rows - 1]];
    }
    return l->bytes <= BATCH_BYTES_MAX;
}

/* Whether the batch begins no earlier than the one before it ended. */
static bool follows(const layout *l, const hz_sorted *set)
{
    return !set->runs_count || hz_slice_cmp(set->runs[set->runs_count - 1].last, l->first) <= 0;
}

static void list_rows(layout *l, const uint64_t *take, uint32_t rows)
{
    l->rows = 0;
    for (HZ_BITS_EACH(i, take, rows))
        l->order[l->rows++] = (uint16_t)i;
}

/* ---- clusters ---- */

/* The first part of a key of several, a text as hz_vec_put_key writes it; none where it is no text. */
static hz_slice lead_of(hz_slice key)
{
    uint32_t len;
    if (key.len < 1 + sizeof len || key.ptr[0] != 't')
        return HZ_SLICE_NONE;
    memcpy(&len, key.ptr + 1, sizeof len);
    return (hz_slice){key.ptr, 1 + sizeof len + len};
}

/* All keys begin with a lead of so many bytes. */
static void sort_cluster(uint16_t *order, uint32_t count, size_t lead, const hz_keys *keys)
{
    for (uint32_t i = 1; i < count; i++) {
        uint16_t row = order[i];
        uint32_t at = i;
        hz_slice rest = hz_slice_sub(keys->key[row], lead, SIZE_MAX);
        for (int differ; at > 0; at--) {
            (void)compare(&differ, hz_slice_sub(keys->key[order[at - 1]], lead, SIZE_MAX), rest);
            if (differ <= 0)
                break;
            order[at] = order[at - 1];
        }
        order[at] = row;
    }
}

/* Sorts the clusters but the first and the last, which [*from, *to) leaves out. false: clusters do not ascend, or are
 * too large. */
static bool sort_clusters(layout *l, const hz_keys *keys, uint32_t *from, uint32_t *to)
{
    hz_slice lead = lead_of(keys->key[l->order[0]]);
    uint32_t begin = 0;
    *from = *to = l->rows;
    l->first = lead;
    for (uint32_t o = 1; o <= l->rows; o++) {
        bool end = o == l->rows;
        hz_slice next = end ? HZ_SLICE_NONE : lead_of(keys->key[l->order[o]]);
        if (!end && hz_slice_eq(next, lead))
            continue;
        if (!lead.len || (!end && hz_slice_cmp(lead, next) > 0) || o - begin > CLUSTER_MAX)
            return false;
        if (begin == 0)
            *from = o;
        else if (!end)
            sort_cluster(l->order + begin, o - begin, lead.len, keys);
        if (end)
            *to = begin > *from ? begin : *from;
        else
            begin = o;
        l->last = lead;
        lead = next;
    }
    return true;
}

static bool lay_out_clusters(layout *l, const hz_sorted *set, const hz_keys *keys, const uint64_t *ids, uint64_t *rest,
                             uint32_t rows)
{
    uint32_t from, to;
    if (!sort_clusters(l, keys, &from, &to))
        return false;
    hz_bits_fill(rest, rows, false);
    for (uint32_t o = 0; o < l->rows; o++)
        if (o < from || o >= to)
            hz_bits_set(rest, l->order[o]);
    l->rows = to - from;
    memmove(l->order, l->order + from, l->rows * sizeof *l->order);
    return lay_out(l, set, keys, ids);
}

/* ---- writing ---- */

static char *put16(char *at, uint64_t value)
{
    uint16_t small = (uint16_t)value;
    memcpy(at, &small, sizeof small);
    return at + sizeof small;
}

static void write_entries(char *at, const layout *l, const hz_keys *keys, const uint64_t *ids)
{
    uint64_t next = ids[l->at[0]];
    for (uint32_t e = 0; e < l->entries; e++) {
        hz_slice key = keys->key[l->at[e]];
        uint32_t shared = l->shared[e], rest = (uint32_t)(key.len - shared);
        uint64_t row = ids[l->at[e]];
        bool spelt = l->count[e] != 1 || row != next;
        *at++ = (char)(shared | (spelt ? SPELT : 0));
        *at++ = (char)(rest < LONG ? rest : LONG);
        if (spelt) {
            at = put16(at, row - next); /* within a batch: 16 bits hold it, with its sign */
            at = put16(at, l->count[e]);
        }
        if (rest >= LONG) {
            memcpy(at, &rest, sizeof rest);
            at += sizeof rest;
        }
        if (rest)
            memcpy(at, key.ptr + shared, rest);
        at += rest;
        next = row + l->count[e];
    }
}

static hz_status keep_run(hz_sorted *set, hz_arena *arena, hz_slice first, hz_slice last, uint32_t entries,
                          hz_error *err)
{
    struct hz_sorted_run run = {.entries = entries};
    if (!HZ_GROW(set->runs, set->runs_capacity, set->runs_count + 1) ||
        hz_arena_copy(&run.first, arena, first) != HZ_OK || hz_arena_copy(&run.last, arena, last) != HZ_OK)
        return hz_nomem(err, first.len + last.len);
    set->runs[set->runs_count++] = run;
    return HZ_OK;
}

static bool make_layout(layout *l, hz_sorted *set, const hz_keys *keys, const uint64_t *take, const uint64_t *ids,
                        uint32_t rows, uint64_t *rest)
{
    list_rows(l, take, rows);
    if (!l->rows)
        return true;
    if (!set->clustered && lay_out(l, set, keys, ids))
        return follows(l, set);
    if (!rest || (!set->clustered && set->runs_count))
        return false;
    set->clustered = true;
    list_rows(l, take, rows);
    return lay_out_clusters(l, set, keys, ids, rest, rows) && follows(l, set);
}

static hz_status write_batch(hz_sorted *set, const layout *l, const hz_keys *keys, const uint64_t *ids, hz_error *err)
{
    if (!l->entries)
        return HZ_OK;
    char *record = hz_pile_put(&set->pile, sizeof(head) + l->bytes, err);
    if (!record)
        return err ? err->status : HZ_E_NOMEM;
    head h = {ids[l->at[0]], l->entries, (uint32_t)l->bytes};
    memcpy(record, &h, sizeof h);
    write_entries(record + sizeof h, l, keys, ids);
    set->entries += l->entries;
    set->repeats |= l->repeats;
    return HZ_OK;
}

hz_status hz_sorted_put(bool *taken, hz_sorted *set, hz_arena *arena, const hz_keys *keys, const uint64_t *take,
                        const uint64_t *ids, uint32_t rows, uint64_t *rest, hz_error *err)
{
    layout l;
    l.entries = 0;
    if (rest)
        hz_bits_fill(rest, rows, false);
    *taken = !set->unordered && make_layout(&l, set, keys, take, ids, rows, rest);
    set->unordered = !*taken;
    if (!*taken || !hz_bits_any(take, rows))
        return HZ_OK;
    HZ_TRY(write_batch(set, &l, keys, ids, err));
    return keep_run(set, arena, l.first, l.last, l.entries, err);
}

/* ---- reading ---- */

typedef struct lane { /* one worker's set */
    hz_pile_reader reader;
    hz_slice block;
    size_t at;
} lane;

typedef struct stop { /* a batch, and whose it is */
    const struct hz_sorted_run *run;
    uint32_t lane;
} stop;

struct hz_sorted_walk {
    lane *lanes;
    size_t lanes_count;
    stop *stops;
    size_t stops_count, next_stop;
    const char *at; /* in the batch that is read */
    uint32_t left;  /* entries of it */
    uint64_t row;
    hz_buf key;
};

static int by_order(const void *a, const void *b)
{
    const stop *x = a, *y = b;
    int order = hz_slice_cmp(x->run->first, y->run->first);
    if (!order)
        order = hz_slice_cmp(x->run->last, y->run->last);
    if (order)
        return order;
    return x->run < y->run ? -1 : x->run > y->run; /* within a set as they came */
}

static bool in_order(bool *repeats, const hz_sorted_walk *walk, bool clustered)
{
    for (size_t i = 1; i < walk->stops_count; i++) {
        int order = hz_slice_cmp(walk->stops[i - 1].run->last, walk->stops[i].run->first);
        if (order > 0)
            return false;
        *repeats |= order == 0 && !clustered;
    }
    return true;
}

static hz_status gather(hz_sorted_walk *walk, hz_sorted *const *sets, size_t count, hz_error *err)
{
    size_t runs = 0;
    for (size_t s = 0; s < count; s++)
        runs += sets[s]->runs_count;
    walk->lanes = hz_mem_zalloc(count + 1, sizeof *walk->lanes);
    walk->stops = hz_mem_zalloc(runs + 1, sizeof *walk->stops);
    if (!walk->lanes || !walk->stops)
        return hz_nomem(err, runs * sizeof *walk->stops);
    for (size_t s = 0; s < count; s++)
        for (size_t r = 0; r < sets[s]->runs_count; r++)
            walk->stops[walk->stops_count++] = (stop){&sets[s]->runs[r], (uint32_t)s};
    qsort(walk->stops, walk->stops_count, sizeof *walk->stops, by_order);
    return HZ_OK;
}

hz_status hz_sorted_walk_new(hz_sorted_walk **out, bool *repeats, hz_sorted *const *sets, size_t count, hz_error *err)
{
    *out = NULL;
    *repeats = false;
    hz_sorted_walk *walk = hz_mem_zalloc(1, sizeof *walk);
    if (!walk)
        return hz_nomem(err, sizeof *walk);
    hz_status st = gather(walk, sets, count, err);
    bool clustered = false, plain = false;
    for (size_t s = 0; s < count; s++) {
        *repeats |= sets[s]->repeats;
        clustered = clustered || (sets[s]->runs_count && sets[s]->clustered);
        plain = plain || (sets[s]->runs_count && !sets[s]->clustered);
    }
    if (st != HZ_OK || (clustered && plain) || !in_order(repeats, walk, clustered)) {
        hz_sorted_walk_free(walk);
        return st;
    }
    for (; walk->lanes_count < count; walk->lanes_count++)
        hz_pile_read(&walk->lanes[walk->lanes_count].reader, &sets[walk->lanes_count]->pile, false);
    *out = walk;
    return HZ_OK;
}

void hz_sorted_walk_free(hz_sorted_walk *walk)
{
    if (!walk)
        return;
    for (size_t i = 0; i < walk->lanes_count; i++)
        hz_pile_read_end(&walk->lanes[i].reader);
    hz_mem_free(walk->lanes);
    hz_mem_free(walk->stops);
    hz_buf_clear(&walk->key);
    hz_mem_free(walk);
}

static hz_status open_batch(hz_sorted_walk *walk, hz_error *err)
{
    if (!walk->stops[walk->next_stop].run->entries) {
        walk->next_stop++;
        return HZ_OK;
    }
    lane *l = &walk->lanes[walk->stops[walk->next_stop++].lane];
    if (l->at == l->block.len) {
        l->at = 0;
        HZ_TRY(hz_pile_next(&l->block, &l->reader, err));
    }
    head h;
    memcpy(&h, l->block.ptr + l->at, sizeof h);
    walk->at = l->block.ptr + l->at + sizeof h;
    walk->left = h.entries;
    walk->row = h.row;
    l->at += (sizeof h + h.bytes + 7) / 8 * 8;
    return HZ_OK;
}

static uint16_t take16(const char **at)
{
    uint16_t value;
    memcpy(&value, *at, sizeof value);
    *at += sizeof value;
    return value;
}

hz_status hz_sorted_next(hz_sorted_entry *out, hz_sorted_walk *walk, hz_error *err)
{
    while (!walk->left) {
        if (walk->next_stop == walk->stops_count)
            return HZ_END;
        HZ_TRY(open_batch(walk, err));
    }
    const char *at = walk->at;
    unsigned char shared = (unsigned char)*at++;
    size_t rest = (unsigned char)*at++, kept = shared & SHARED_MAX;
    out->rows = 1;
    if (shared & SPELT) {
        walk->row += (uint64_t)(int64_t)(int16_t)take16(&at);
        out->rows = take16(&at);
    }
    if (rest == LONG) {
        rest = hz_load32(at);
        at += sizeof(uint32_t);
    }
    walk->key.len = kept;
    if (kept + rest >= walk->key.capacity && !hz_buf_reserve(&walk->key, rest + 1))
        return hz_buf_status(&walk->key, err);
    memcpy(walk->key.ptr + kept, at, rest);
    out->row = walk->row;
    out->key = (hz_slice){walk->key.ptr, kept + rest};
    walk->at = at + rest;
    walk->row += out->rows;
    walk->left--;
    return HZ_OK;
}
