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
    BATCH_BYTES_MAX = 64 << 20
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

/* What the entries of a batch will be: each row that begins one, with what it shares. */
typedef struct layout {
    uint16_t at[HZ_BATCH_ROWS], count[HZ_BATCH_ROWS];
    uint8_t shared[HZ_BATCH_ROWS];
    uint32_t entries, rows;
    size_t bytes;
    bool repeats;
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
static bool lay_out(layout *l, const hz_sorted *set, const hz_keys *keys, const uint64_t *take, const uint64_t *ids,
                    uint32_t rows)
{
    bool first = true;
    hz_slice before = set->runs_count ? set->runs[set->runs_count - 1].last : HZ_SLICE_NONE;
    l->entries = l->rows = 0;
    l->bytes = 0;
    l->repeats = false;
    for (HZ_BITS_EACH(i, take, rows)) {
        int order = -1;
        uint32_t shared = first && !set->runs_count ? 0 : compare(&order, before, keys->key[i]);
        if (order > 0)
            return false;
        l->rows++;
        if (order == 0) {
            l->repeats = true;
            uint32_t e = l->entries - 1;
            if (!first && ids[i] == ids[l->at[e]] + l->count[e]) {
                l->count[e]++;
                continue;
            }
        }
        l->at[l->entries] = (uint16_t)i;
        l->count[l->entries] = 1;
        l->shared[l->entries++] = first ? 0 : (uint8_t)shared;
        before = keys->key[i];
        first = false;
    }
    for (uint32_t e = 0; e < l->entries; e++)
        l->bytes += entry_bytes(l->shared[e], keys->key[l->at[e]].len, is_spelt(l, e, ids));
    return l->bytes <= BATCH_BYTES_MAX;
}

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
            at = put16(at, row - next); /* both within a batch */
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

static hz_status keep_run(hz_sorted *set, hz_arena *arena, hz_slice first, hz_slice last, hz_error *err)
{
    struct hz_sorted_run run;
    if (!HZ_GROW(set->runs, set->runs_capacity, set->runs_count + 1) ||
        hz_arena_copy(&run.first, arena, first) != HZ_OK || hz_arena_copy(&run.last, arena, last) != HZ_OK)
        return hz_nomem(err, first.len + last.len);
    set->runs[set->runs_count++] = run;
    return HZ_OK;
}

hz_status hz_sorted_put(bool *taken, hz_sorted *set, hz_arena *arena, const hz_keys *keys, const uint64_t *take,
                        const uint64_t *ids, uint32_t rows, hz_error *err)
{
    layout l;
    *taken = !set->unordered && lay_out(&l, set, keys, take, ids, rows);
    set->unordered = !*taken;
    if (!*taken || !l.entries)
        return HZ_OK;
    char *record = hz_pile_put(&set->pile, sizeof(head) + l.bytes, err);
    if (!record)
        return err ? err->status : HZ_E_NOMEM;
    head h = {ids[l.at[0]], l.entries, (uint32_t)l.bytes};
    memcpy(record, &h, sizeof h);
    write_entries(record + sizeof h, &l, keys, ids);
    set->entries += l.entries;
    set->rows += l.rows;
    set->repeats |= l.repeats;
    return keep_run(set, arena, keys->key[l.at[0]], keys->key[l.at[l.entries - 1]], err);
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

static bool in_order(bool *repeats, const hz_sorted_walk *walk)
{
    for (size_t i = 1; i < walk->stops_count; i++) {
        int order = hz_slice_cmp(walk->stops[i - 1].run->last, walk->stops[i].run->first);
        if (order > 0)
            return false;
        *repeats |= order == 0;
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
    for (size_t s = 0; s < count; s++)
        *repeats |= sets[s]->repeats;
    if (st != HZ_OK || !in_order(repeats, walk)) {
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
    if (!walk->left) {
        if (walk->next_stop == walk->stops_count)
            return HZ_END;
        HZ_TRY(open_batch(walk, err));
    }
    const char *at = walk->at;
    unsigned char shared = (unsigned char)*at++;
    size_t rest = (unsigned char)*at++, kept = shared & SHARED_MAX;
    out->rows = 1;
    if (shared & SPELT) {
        walk->row += take16(&at);
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
