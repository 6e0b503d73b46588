/* relate.c: see relate.h.
 *
 * A state is a head of eight bytes a slot (count and flags) and, where there is one, a value. Texts stand in a state in
 * memory as pointer and length, in a record as offset and length in the tail behind the key. */
#include "validator/engine/relate.h"
#include "base/alloc.h"
#include "validator/engine/cell.h"
#include "validator/engine/pair.h"
#include "validator/engine/relate_int.h"
#include "validator/engine/trace.h"

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, PARTITION_BYTES = 4 << 20, BITS_MAX = 8 };

typedef struct value_row { /* key and value follow */
    uint64_t hash;
    uint32_t len, slot, value_len, unused;
} value_row;

typedef struct asking_row { /* key follows */
    uint64_t hash, row;
    uint32_t len, rows; /* neighbours with one key ask once */
} asking_row;

typedef struct home_row { /* flags of the probe's columns follow, a byte each; then their values, then texts */
    uint64_t row;
    uint32_t rows, bytes; /* bytes of the whole record */
    uint32_t stage;
    uint16_t probe, invalid;
} home_row;

/* ---- memory ---- */

unsigned hz_stage_bits(const hz_run_state *run, const hz_plan_stage *stage)
{
    uint64_t bytes = run->plan.tables[stage->sheet].bytes;
    unsigned bits = 0;
    while (bits < BITS_MAX && bytes >> bits > PARTITION_BYTES)
        bits++;
    return bits;
}

static hz_status make_piles(hz_pile **out, size_t count, hz_store *store, hz_error *err)
{
    *out = hz_mem_zalloc(count, sizeof **out);
    if (!*out)
        return hz_nomem(err, count * sizeof **out);
    for (size_t i = 0; i < count; i++)
        hz_pile_init(&(*out)[i], store);
    return HZ_OK;
}

hz_status hz_relate_init(hz_relate *relate, hz_run_state *run, hz_error *err)
{
    const hz_plan *plan = &run->plan;
    size_t slots = 1, bytes = 8;
    memset(relate, 0, sizeof *relate);
    relate->stages = hz_mem_zalloc(plan->stages_count + 1, sizeof *relate->stages);
    relate->sheets = hz_mem_zalloc(plan->sheets_count + 1, sizeof *relate->sheets);
    if (!relate->stages || !relate->sheets)
        return hz_nomem(err, plan->stages_count * sizeof *relate->stages);
    for (size_t s = 0; s < plan->stages_count; s++) {
        const hz_plan_stage *stage = &plan->stages[s];
        size_t parts = (size_t)1 << hz_stage_bits(run, stage);
        relate->stages[s].parts = parts;
        hz_pile_init(&relate->stages[s].trace, run->store);
        HZ_TRY(make_piles(&relate->stages[s].states, parts, run->store, err));
        HZ_TRY(make_piles(&relate->stages[s].values, parts, run->store, err));
        HZ_TRY(make_piles(&relate->stages[s].asking, parts * stage->probes_count, run->store, err));
        slots = stage->slots_count > slots ? stage->slots_count : slots;
        bytes = stage->state_bytes > bytes ? stage->state_bytes : bytes;
    }
    if (!plan->stages_count)
        return HZ_OK;
    hz_relate_scratch *scratch = &relate->scratch;
    scratch->takes = hz_mem_zalloc(slots * WORDS, sizeof *scratch->takes);
    scratch->exprs = hz_mem_zalloc(slots, sizeof *scratch->exprs);
    scratch->state = hz_mem_zalloc(1, bytes);
    scratch->homes = hz_mem_zalloc(plan->columns_count + 1, sizeof *scratch->homes);
    scratch->texts = hz_arena_new();
    scratch->arrays = hz_arena_new();
    if (!scratch->takes || !scratch->exprs || !scratch->state || !scratch->homes || !scratch->texts || !scratch->arrays)
        return hz_nomem(err, slots * WORDS * 8);
    HZ_TRY(hz_keys_init(&scratch->keys, err));
    return hz_keyset_init(&scratch->distinct, err);
}

static void free_piles(hz_pile *piles, size_t count)
{
    for (size_t i = 0; piles && i < count; i++)
        hz_pile_clear(&piles[i]);
    hz_mem_free(piles);
}

void hz_bucket_piles_free(hz_pile **piles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (piles[i]) {
            hz_pile_clear(piles[i]);
            hz_mem_free(piles[i]);
        }
    hz_mem_free((void *)piles);
}

void hz_relate_clear(hz_relate *relate, const hz_run_state *run)
{
    const hz_plan *plan = &run->plan;
    for (size_t s = 0; relate->stages && s < plan->stages_count; s++) {
        size_t parts = (size_t)1 << hz_stage_bits(run, &plan->stages[s]);
        hz_pile_clear(&relate->stages[s].trace);
        free_piles(relate->stages[s].states, parts);
        free_piles(relate->stages[s].values, parts);
        free_piles(relate->stages[s].asking, parts * plan->stages[s].probes_count);
    }
    for (size_t t = 0; relate->sheets && t < plan->sheets_count; t++) {
        hz_bucket_piles_free(relate->sheets[t].frames, relate->sheets[t].frames_capacity);
        hz_bucket_piles_free(relate->sheets[t].homes, relate->sheets[t].homes_capacity);
    }
    hz_mem_free(relate->stages);
    hz_mem_free(relate->sheets);
    hz_relate_scratch *scratch = &relate->scratch;
    hz_keys_clear(&scratch->keys);
    hz_keyset_clear(&scratch->distinct);
    hz_mem_free(scratch->takes);
    hz_mem_free((void *)scratch->exprs);
    hz_mem_free(scratch->state);
    hz_mem_free(scratch->homes);
    hz_mem_free(scratch->states);
    hz_arena_free(scratch->texts);
    hz_arena_free(scratch->arrays);
    hz_buf_clear(&scratch->bytes);
    memset(relate, 0, sizeof *relate);
}

hz_pile *hz_bucket_pile(hz_pile ***piles, size_t *capacity, size_t bucket, hz_store *store, hz_error *err)
{
    size_t had = *capacity;
    if (bucket >= had) {
        if (!hz_mem_grow((void **)piles, capacity, bucket + 1, sizeof **piles)) {
            (void)hz_nomem(err, bucket * sizeof **piles);
            return NULL;
        }
        memset((void *)(*piles + had), 0, (*capacity - had) * sizeof **piles);
    }
    if (!(*piles)[bucket]) {
        hz_pile *pile = hz_mem_zalloc(1, sizeof *pile);
        if (!pile) {
            (void)hz_nomem(err, sizeof *pile);
            return NULL;
        }
        hz_pile_init(pile, store);
        (*piles)[bucket] = pile;
    }
    return (*piles)[bucket];
}

/* ---- what rows bring ---- */

static hz_status make_keys(const hz_vec **parts, hz_scan *scan, hz_program *const *keys, size_t count, hz_error *err)
{
    for (size_t p = 0; p < count; p++)
        HZ_TRY(hz_program_run(&parts[p], keys[p], scan->worker->eval, &scan->input, err));
    return hz_keys_make(&scan->worker->relate.scratch.keys, parts, NULL, count, scan->rows, err);
}

/* Only the rows where the program, if any, is TRUE. */
static hz_status and_true(uint64_t *take, hz_scan *scan, const hz_program *program, hz_error *err)
{
    const hz_vec *vec;
    if (!program)
        return HZ_OK;
    HZ_TRY(hz_program_run(&vec, program, scan->worker->eval, &scan->input, err));
    for (size_t w = 0; w < hz_bits_words(scan->rows); w++)
        take[w] &= vec->valid[w] & vec->as.bits[w];
    return HZ_OK;
}

/* Arrays that are looked up are packed. */
static hz_status keep_expr(hz_scan *scan, const hz_plan_slot *slot, size_t s, const hz_vec *vec, hz_error *err)
{
    hz_relate_scratch *scratch = &scan->worker->relate.scratch;
    scratch->exprs[s] = vec;
    if (slot->kind != HZ_SLOT_LOOKUP || slot->type != HZ_TYPE_ARRAY)
        return HZ_OK;
    hz_vec *packed = HZ_ARENA_NEW(scratch->arrays, hz_vec);
    if (!packed)
        return hz_nomem(err, sizeof *packed);
    scratch->exprs[s] = packed;
    return hz_cells_pack(packed, vec, scratch->arrays, &scratch->bytes, err);
}

/* Which rows each slot takes, among those with a usable key. */
static hz_status make_takes(uint64_t *any, hz_scan *scan, const hz_plan_stage *stage, hz_error *err)
{
    hz_relate_scratch *scratch = &scan->worker->relate.scratch;
    size_t words = hz_bits_words(scan->rows);
    hz_bits_fill(any, scan->rows, false);
    hz_arena_reset(scratch->arrays);
    for (size_t s = 0; s < stage->slots_count; s++) {
        const hz_plan_slot *slot = &stage->slots[s];
        uint64_t *take = &scratch->takes[s * WORDS];
        const hz_vec *vec;
        memcpy(take, scratch->keys.usable, words * sizeof *take);
        scratch->exprs[s] = NULL;
        HZ_TRY(and_true(take, scan, slot->filter, err));
        HZ_TRY(and_true(take, scan, slot->cond, err));
        if (slot->expr) {
            HZ_TRY(hz_program_run(&vec, slot->expr, scan->worker->eval, &scan->input, err));
            HZ_TRY(keep_expr(scan, slot, s, vec, err));
            for (size_t w = 0; w < words && slot->kind != HZ_SLOT_LOOKUP; w++)
                take[w] &= slot->kind == HZ_SLOT_FALSE ? vec->valid[w] & ~vec->as.bits[w] : vec->valid[w];
        }
        for (size_t w = 0; w < words; w++)
            any[w] |= take[w];
    }
    return HZ_OK;
}

static hz_status put_state(hz_scan *scan, size_t stage_index, unsigned bits, uint64_t hash, uint64_t id, hz_slice key,
                           hz_error *err)
{
    const hz_plan_stage *stage = &scan->run->plan.stages[stage_index];
    hz_relate *relate = &scan->worker->relate;
    const char *state = relate->scratch.state;
    size_t tail = 0;
    for (size_t s = 0; s < stage->slots_count; s++)
        if (hz_state_has_text(&stage->slots[s], state + stage->slots[s].offset))
            tail += hz_value_get(state + stage->slots[s].offset + 8, HZ_TYPE_TEXT).as.text.len;
    hz_pile *pile = &relate->stages[stage_index].states[hz_stage_partition(bits, hash)];
    char *at = hz_pile_put(pile, sizeof(hz_stage_row) + stage->state_bytes + key.len + tail, err);
    if (!at)
        return hz_no_room(err);
    hz_stage_row head = {hash, id, (uint32_t)key.len, (uint32_t)tail};
    memcpy(at, &head, sizeof head);
    char *own = at + sizeof head, *text = own + stage->state_bytes + key.len;
    const char *first = text;
    memcpy(own, state, stage->state_bytes);
    if (key.len)
        memcpy(own + stage->state_bytes, key.ptr, key.len);
    for (size_t s = 0; tail && s < stage->slots_count; s++) {
        char *value = own + stage->slots[s].offset;
        if (!hz_state_has_text(&stage->slots[s], value))
            continue;
        hz_slice from = hz_value_get(value + 8, HZ_TYPE_TEXT).as.text;
        uint64_t offset = (uint64_t)(text - first);
        if (from.len)
            memcpy(text, from.ptr, from.len);
        text += from.len;
        memcpy(value + 8, &offset, 8);
    }
    return HZ_OK;
}

static hz_status put_values(hz_scan *scan, size_t stage_index, size_t slot, unsigned bits, hz_error *err)
{
    hz_relate *relate = &scan->worker->relate;
    hz_keys *keys = &relate->scratch.keys;
    const hz_vec *vec = relate->scratch.exprs[slot];
    hz_buf *bytes = &relate->scratch.bytes;
    for (HZ_BITS_EACH(i, &relate->scratch.takes[slot * WORDS], scan->rows)) {
        hz_slice key = keys->key[i];
        hz_buf_reset(bytes);
        hz_vec_put_key(bytes, vec, i);
        HZ_TRY(hz_buf_status(bytes, err));
        value_row head = {keys->hash[i], (uint32_t)key.len, (uint32_t)slot, (uint32_t)bytes->len, 0};
        char *at = hz_pile_put(&relate->stages[stage_index].values[hz_stage_partition(bits, head.hash)],
                               sizeof head + key.len + bytes->len, err);
        if (!at)
            return hz_no_room(err);
        memcpy(at, &head, sizeof head);
        if (key.len)
            memcpy(at + sizeof head, key.ptr, key.len);
        memcpy(at + sizeof head + key.len, bytes->ptr, bytes->len);
    }
    return HZ_OK;
}

/* The ambiguous bits of a slot that looks up a column. */
static const uint64_t *ambiguous_of(const hz_scan *scan, const hz_plan_slot *slot)
{
    return slot->kind == HZ_SLOT_LOOKUP && scan->ambiguous ? scan->ambiguous(scan, slot->node) : NULL;
}

/* Keys that the other side surely has not are as good as none. */
static void drop_unasked(hz_keys *keys, const hz_filter *filter, uint32_t rows)
{
    if (!filter->words)
        return;
    bool may = false; /* the key in hand */
    for (HZ_BITS_EACH(i, keys->usable, rows)) {
        if (!hz_bits_get(keys->same, i))
            may = hz_filter_may(filter, keys->hash[i]);
        if (!may)
            hz_bits_unset(keys->usable, i);
    }
}

hz_status hz_relate_put(hz_scan *scan, size_t stage_index, hz_error *err)
{
    const hz_plan_stage *stage = &scan->run->plan.stages[stage_index];
    hz_relate_scratch *scratch = &scan->worker->relate.scratch;
    hz_keys *keys = &scratch->keys;
    unsigned bits = hz_stage_bits(scan->run, stage);
    uint64_t any[WORDS];
    size_t open = SIZE_MAX; /* the first row of the key in hand */
    const hz_vec *parts[HZ_KEY_PARTS_MAX];
    HZ_TRY(make_keys(parts, scan, stage->keys, stage->keys_count, err));
    hz_keys_hash(keys, scan->rows);
    drop_unasked(keys, &scan->run->filters[stage_index].asked, scan->rows);
    HZ_TRY(make_takes(any, scan, stage, err));
    if (stage->named_count)
        HZ_TRY(hz_trace_put(scan, stage_index, scratch->takes, WORDS, err));
    if (stage->pairs)
        return hz_pairs_put(scan, stage_index, any, err);
    for (HZ_BITS_EACH(i, any, scan->rows)) {
        bool same = open != SIZE_MAX && keys->hash[i] == keys->hash[open] && hz_slice_eq(keys->key[i], keys->key[open]);
        if (!same && open != SIZE_MAX)
            HZ_TRY(put_state(scan, stage_index, bits, keys->hash[open], scan->ids[open], keys->key[open], err));
        if (!same) {
            memset(scratch->state, 0, stage->state_bytes);
            open = i;
        }
        for (size_t s = 0; s < stage->slots_count; s++)
            if (hz_bits_get(&scratch->takes[s * WORDS], i))
                hz_state_add(&stage->slots[s], scratch->state + stage->slots[s].offset, scratch->exprs[s],
                             ambiguous_of(scan, &stage->slots[s]), i);
    }
    if (open != SIZE_MAX)
        HZ_TRY(put_state(scan, stage_index, bits, keys->hash[open], scan->ids[open], keys->key[open], err));
    for (size_t s = 0; s < stage->slots_count; s++)
        if (stage->slots[s].kind == HZ_SLOT_DISTINCT)
            HZ_TRY(put_values(scan, stage_index, s, bits, err));
    return HZ_OK;
}

/* ---- who asks ---- */

static hz_pile *home_pile(hz_worker *worker, uint32_t sheet, uint64_t row, hz_error *err)
{
    hz_sheet_rows *rows = &worker->relate.sheets[sheet];
    return hz_bucket_pile(&rows->homes, &rows->homes_capacity, (size_t)(row >> (HZ_ROW_BITS + HZ_BUCKET_BITS)),
                          worker->run->store, err);
}

static hz_status put_invalid(hz_scan *scan, size_t stage, size_t probe, uint64_t id, hz_error *err)
{
    hz_pile *pile = home_pile(scan->worker, scan->table_index, id, err);
    home_row head = {id, 1, sizeof head, (uint32_t)stage, (uint16_t)probe, 1};
    char *at = pile ? hz_pile_put(pile, sizeof head, err) : NULL;
    if (!at)
        return hz_no_room(err);
    memcpy(at, &head, sizeof head);
    return HZ_OK;
}

/* A step before the relation leads to several rows: it is as if it led to none, and said to be ambiguous. */
static hz_status put_ambiguous(hz_scan *scan, size_t stage, size_t probe_index, uint64_t id, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    const hz_plan_probe *probe = &plan->stages[stage].probes[probe_index];
    hz_home_value *homes = scan->worker->relate.scratch.homes;
    for (size_t c = 0; c < probe->columns_count; c++) {
        homes[c] = hz_home_empty(&plan->columns[probe->columns[c]]);
        homes[c].flags |= HZ_HOME_AMBIGUOUS;
    }
    return hz_home_put(scan->worker, stage, probe_index, id, 1, homes, err);
}

/* The rows whose own key is invalid, and those for whom steps were ambiguous, know what they take home. */
static hz_status put_known(hz_scan *scan, size_t stage_index, size_t probe_index, const hz_vec *const *parts,
                           hz_error *err)
{
    const hz_plan_probe *probe = &scan->run->plan.stages[stage_index].probes[probe_index];
    uint64_t invalid[WORDS] = {0};
    for (size_t p = 0; p < probe->own_count; p++)
        for (size_t w = 0; w < hz_bits_words(scan->rows); w++)
            invalid[w] |= parts[p]->invalid[w];
    invalid[hz_bits_words(scan->rows) - 1] &= hz_bits_tail(scan->rows);
    for (HZ_BITS_EACH(i, invalid, scan->rows))
        HZ_TRY(put_invalid(scan, stage_index, probe_index, scan->ids[i], err));
    const uint64_t *ambiguous = probe->lookup && scan->ambiguous ? scan->ambiguous(scan, probe->lookup) : NULL;
    for (size_t i = 0; ambiguous && i < scan->rows; i++)
        if (hz_bits_get(ambiguous, i))
            HZ_TRY(put_ambiguous(scan, stage_index, probe_index, scan->ids[i], err));
    return HZ_OK;
}

static hz_status put_keys(hz_scan *scan, size_t stage_index, size_t probe_index, hz_error *err)
{
    unsigned bits = hz_stage_bits(scan->run, &scan->run->plan.stages[stage_index]);
    hz_relate *relate = &scan->worker->relate;
    const hz_keys *keys = &relate->scratch.keys;
    asking_row *open = NULL;
    for (HZ_BITS_EACH(i, keys->usable, scan->rows)) {
        hz_slice key = keys->key[i];
        if (open && hz_bits_get(keys->same, i) && scan->ids[i] == open->row + open->rows) {
            open->rows++;
            continue;
        }
        size_t partition = hz_stage_partition(bits, keys->hash[i]);
        open = hz_pile_put(&relate->stages[stage_index].asking[(probe_index << bits) + partition],
                           sizeof *open + key.len, err);
        if (!open)
            return hz_no_room(err);
        *open = (asking_row){keys->hash[i], scan->ids[i], (uint32_t)key.len, 1};
        if (key.len)
            memcpy(open + 1, key.ptr, key.len);
    }
    return HZ_OK;
}

static hz_status put_asking(hz_scan *scan, size_t stage_index, size_t probe_index, hz_error *err)
{
    const hz_plan_stage *stage = &scan->run->plan.stages[stage_index];
    const hz_plan_probe *probe = &stage->probes[probe_index];
    hz_keys *keys = &scan->worker->relate.scratch.keys;
    const hz_vec *parts[HZ_KEY_PARTS_MAX];
    HZ_TRY(make_keys(parts, scan, probe->keys, stage->keys_count, err));
    HZ_TRY(and_true(keys->usable, scan, probe->cond, err));
    hz_keys_hash(keys, scan->rows);
    drop_unasked(keys, &scan->run->filters[stage_index].brought, scan->rows);
    HZ_TRY(put_known(scan, stage_index, probe_index, parts, err));
    return stage->pairs ? hz_pairs_ask(scan, stage_index, err) : put_keys(scan, stage_index, probe_index, err);
}

hz_status hz_relate_ask(hz_scan *scan, unsigned level, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    for (size_t s = 0; s < plan->stages_count; s++)
        for (size_t p = 0; p < plan->stages[s].probes_count; p++)
            if (plan->stages[s].probes[p].sheet == scan->table_index && plan->stages[s].probes[p].level == level)
                HZ_TRY(put_asking(scan, s, p, err));
    return HZ_OK;
}

hz_status hz_relate_scan(hz_scan *scan, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    for (size_t s = 0; s < plan->stages_count; s++)
        if (plan->stages[s].sheet == scan->table_index && plan->stages[s].level == 1)
            HZ_TRY(hz_relate_put(scan, s, err));
    return hz_relate_ask(scan, 0, err);
}

/* ---- filters ---- */

hz_status hz_filters_new(hz_stage_filters **out, hz_run_state *run, hz_error *err)
{
    *out = hz_mem_zalloc(run->plan.stages_count + 1, sizeof **out);
    return *out ? HZ_OK : hz_nomem(err, run->plan.stages_count * sizeof **out);
}

void hz_filters_free(hz_stage_filters *filters, const hz_run_state *run)
{
    for (size_t s = 0; filters && s < run->plan.stages_count; s++) {
        hz_filter_clear(&filters[s].brought);
        hz_filter_clear(&filters[s].asked);
    }
    hz_mem_free(filters);
}

/* Every record of a stage begins with its key's hash, and says its length in its own way. */
static hz_status note_hashes(hz_filter *filter, hz_pile *pile, size_t (*bytes_of)(const char *at, size_t state_bytes),
                             size_t state_bytes, hz_error *err)
{
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    if (!hz_pile_records(pile))
        return HZ_OK;
    hz_pile_read(&reader, pile, false);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK)
        for (size_t at = 0; at < block.len; at += (bytes_of(block.ptr + at, state_bytes) + 7) / 8 * 8) {
            uint64_t hash;
            memcpy(&hash, block.ptr + at, sizeof hash);
            hz_filter_add(filter, hash);
        }
    hz_pile_read_end(&reader);
    return st == HZ_END ? HZ_OK : st;
}

static size_t brought_bytes(const char *at, size_t state_bytes)
{
    hz_stage_row head;
    memcpy(&head, at, sizeof head);
    return sizeof head + state_bytes + head.len + head.tail;
}

static size_t value_row_bytes(const char *at, size_t state_bytes)
{
    value_row head;
    (void)state_bytes;
    memcpy(&head, at, sizeof head);
    return sizeof head + head.len + head.value_len;
}

static size_t asking_row_bytes(const char *at, size_t state_bytes)
{
    asking_row head;
    (void)state_bytes;
    memcpy(&head, at, sizeof head);
    return sizeof head + head.len;
}

static hz_status fill_filter(hz_filter *filter, hz_run_state *run, size_t stage_index, bool asked, hz_error *err)
{
    const hz_plan_stage *stage = &run->plan.stages[stage_index];
    size_t parts = (size_t)1 << hz_stage_bits(run, stage), count = asked ? parts * stage->probes_count : parts;
    uint64_t records = 0;
    for (unsigned w = 0; w < run->workers_count; w++)
        for (size_t p = 0; p < count; p++) {
            const hz_stage_rows *rows = &run->workers[w].relate.stages[stage_index];
            records += asked ? hz_pile_records(&rows->asking[p])
                             : hz_pile_records(&rows->states[p]) + hz_pile_records(&rows->values[p]);
        }
    HZ_TRY(hz_filter_init(filter, records, err));
    for (unsigned w = 0; w < run->workers_count; w++)
        for (size_t p = 0; p < count; p++) {
            hz_stage_rows *rows = &run->workers[w].relate.stages[stage_index];
            if (asked) {
                HZ_TRY(note_hashes(filter, &rows->asking[p], stage->pairs ? brought_bytes : asking_row_bytes, 0, err));
                continue;
            }
            HZ_TRY(note_hashes(filter, &rows->states[p], brought_bytes, stage->pairs ? 0 : stage->state_bytes, err));
            HZ_TRY(note_hashes(filter, &rows->values[p], value_row_bytes, 0, err));
        }
    return HZ_OK;
}

hz_status hz_relate_scanned(hz_run_state *run, hz_error *err)
{
    for (size_t s = 0; s < run->plan.stages_count; s++) {
        const hz_plan_stage *stage = &run->plan.stages[s];
        hz_stage_filters *filters = &run->filters[s];
        bool brought = stage->level == 1 && run->tables[stage->sheet].scanned, all_asked = true;
        for (size_t p = 0; p < stage->probes_count; p++)
            all_asked = all_asked && !stage->probes[p].level && run->tables[stage->probes[p].sheet].scanned;
        if (brought && !all_asked && !filters->brought.words)
            HZ_TRY(fill_filter(&filters->brought, run, s, false, err));
        if (all_asked && !brought && !filters->asked.words)
            HZ_TRY(fill_filter(&filters->asked, run, s, true, err));
    }
    return HZ_OK;
}

/* ---- partitions ---- */

typedef struct part {
    hz_worker *worker;
    const hz_plan_stage *stage;
    size_t stage_index, probe_index;
} part;

static char *state_of(part *p, uint32_t entry, hz_error *err)
{
    hz_relate_scratch *scratch = &p->worker->relate.scratch;
    size_t bytes = p->stage->state_bytes, had = scratch->states_capacity;
    if (!hz_mem_grow((void **)&scratch->states, &scratch->states_capacity, (entry + (size_t)1) * bytes + 1, 1)) {
        (void)hz_nomem(err, bytes);
        return NULL;
    }
    (void)had;
    return scratch->states + entry * bytes;
}

/* The key's entry and state; a new one is empty. */
static char *state_for(part *p, hz_slice key, uint64_t hash, uint32_t *entry, hz_error *err)
{
    hz_keyset *table = &p->worker->table;
    size_t before = table->count;
    if (hz_keyset_add(entry, table, key, hash, err) != HZ_OK)
        return NULL;
    char *state = state_of(p, *entry, err);
    if (state && table->count > before)
        memset(state, 0, p->stage->state_bytes);
    return state;
}

/* Keeps the texts that a state took over from a record. */
static bool keep_texts(part *p, char *state, const char *tail, size_t tail_bytes, hz_error *err)
{
    hz_relate_scratch *scratch = &p->worker->relate.scratch;
    for (size_t s = 0; s < p->stage->slots_count; s++) {
        char *own = state + p->stage->slots[s].offset;
        if (!hz_state_has_text(&p->stage->slots[s], own))
            continue;
        hz_value value = hz_value_get(own + 8, HZ_TYPE_TEXT);
        if (value.as.text.ptr < tail || value.as.text.ptr > tail + tail_bytes)
            continue; /* kept before */
        if (hz_arena_copy(&value.as.text, scratch->texts, value.as.text) != HZ_OK) {
            (void)hz_nomem(err, value.as.text.len);
            return false;
        }
        hz_value_put(own + 8, HZ_TYPE_TEXT, &value);
    }
    return true;
}

static size_t take_state(void *ctx, const char *at, hz_error *err)
{
    part *p = ctx;
    const hz_plan_stage *stage = p->stage;
    char *copy = p->worker->relate.scratch.state;
    hz_stage_row head;
    uint32_t entry;
    memcpy(&head, at, sizeof head);
    const char *state = at + sizeof head, *key = state + stage->state_bytes, *tail = key + head.len;
    char *into = state_for(p, (hz_slice){key, head.len}, head.hash, &entry, err);
    if (!into)
        return 0;
    memcpy(copy, state, stage->state_bytes);
    for (size_t s = 0; s < stage->slots_count; s++) {
        char *own = copy + stage->slots[s].offset;
        if (head.tail && hz_state_has_text(&stage->slots[s], own)) {
            uint64_t offset;
            memcpy(&offset, own + 8, 8);
            uint64_t pointer = (uint64_t)(uintptr_t)(tail + offset);
            memcpy(own + 8, &pointer, 8);
        }
        hz_state_merge(&stage->slots[s], into + stage->slots[s].offset, own);
    }
    if (head.tail && !keep_texts(p, into, tail, head.tail, err))
        return 0;
    return sizeof head + stage->state_bytes + head.len + head.tail;
}

static size_t take_value(void *ctx, const char *at, hz_error *err)
{
    part *p = ctx;
    hz_relate_scratch *scratch = &p->worker->relate.scratch;
    value_row head;
    uint32_t entry, item;
    memcpy(&head, at, sizeof head);
    const char *key = at + sizeof head;
    char *state = state_for(p, (hz_slice){key, head.len}, head.hash, &entry, err);
    if (!state)
        return 0;
    uint32_t group[2] = {entry, head.slot};
    size_t before = scratch->distinct.count;
    hz_buf_reset(&scratch->bytes);
    hz_buf_put(&scratch->bytes, (hz_slice){(const char *)group, sizeof group});
    hz_buf_put(&scratch->bytes, (hz_slice){key + head.len, head.value_len});
    if (hz_buf_status(&scratch->bytes, err) != HZ_OK)
        return 0;
    hz_slice whole = hz_buf_slice(&scratch->bytes);
    if (hz_keyset_add(&item, &scratch->distinct, whole, hz_hash_bytes(whole.ptr, whole.len, hz_hash_seed()), err) !=
        HZ_OK)
        return 0;
    if (scratch->distinct.count > before) {
        char *own = state + p->stage->slots[head.slot].offset;
        hz_state_set_head(own, hz_state_head(own) + 1);
    }
    return sizeof head + head.len + head.value_len;
}

/* ---- taking home ---- */

static size_t home_bytes(const hz_plan *plan, const hz_plan_probe *probe)
{
    size_t bytes = sizeof(home_row) + (probe->columns_count + 7) / 8 * 8;
    for (size_t c = 0; c < probe->columns_count; c++)
        bytes += hz_value_bytes(plan->columns[probe->columns[c]].type);
    return bytes;
}

hz_status hz_home_put(hz_worker *worker, size_t stage, size_t probe_index, uint64_t row, uint32_t rows,
                      const hz_home_value *values, hz_error *err)
{
    const hz_plan *plan = &worker->run->plan;
    const hz_plan_probe *probe = &plan->stages[stage].probes[probe_index];
    size_t fixed = home_bytes(plan, probe), texts = 0;
    for (size_t c = 0; c < probe->columns_count; c++)
        if (hz_type_is_bytes(values[c].value.type) && (values[c].flags & HZ_HOME_VALID))
            texts += values[c].value.as.text.len;
    hz_pile *pile = home_pile(worker, probe->sheet, row, err);
    char *out = pile ? hz_pile_put(pile, fixed + texts, err) : NULL;
    if (!out)
        return hz_no_room(err);
    home_row head = {row, rows, (uint32_t)(fixed + texts), (uint32_t)stage, (uint16_t)probe_index, 0};
    memcpy(out, &head, sizeof head);
    char *flag = out + sizeof head, *to = flag + (probe->columns_count + 7) / 8 * 8, *text = out + fixed;
    for (size_t c = 0; c < probe->columns_count; c++) {
        const hz_plan_column *column = &plan->columns[probe->columns[c]];
        size_t bytes = hz_value_bytes(column->type);
        flag[c] = (char)values[c].flags;
        if (!(values[c].flags & HZ_HOME_VALID)) {
            memset(to, 0, bytes);
        } else if (hz_type_is_bytes(column->type)) {
            uint64_t place[2] = {(uint64_t)(text - out), values[c].value.as.text.len};
            if (place[1])
                memcpy(text, values[c].value.as.text.ptr, (size_t)place[1]);
            text += place[1];
            memcpy(to, place, sizeof place);
        } else {
            hz_value_put(to, column->type, &values[c].value);
        }
        to += bytes;
    }
    return HZ_OK;
}

static size_t take_home(void *ctx, const char *at, hz_error *err)
{
    part *p = ctx;
    hz_relate_scratch *scratch = &p->worker->relate.scratch;
    const hz_plan *plan = &p->worker->run->plan;
    const hz_plan_probe *probe = &p->stage->probes[p->probe_index];
    asking_row ask;
    memcpy(&ask, at, sizeof ask);
    uint32_t entry = hz_keyset_find(&p->worker->table, (hz_slice){at + sizeof ask, ask.len}, ask.hash);
    size_t size = sizeof ask + ask.len;
    if (entry == HZ_HTAB_NONE)
        return size;
    const char *state = scratch->states + entry * p->stage->state_bytes;
    for (size_t c = 0; c < probe->columns_count; c++) {
        const hz_plan_column *column = &plan->columns[probe->columns[c]];
        const hz_plan_slot *slot = &p->stage->slots[column->slot];
        scratch->homes[c] = hz_state_home(column, slot, state + slot->offset);
    }
    hz_status st = hz_home_put(p->worker, p->stage_index, p->probe_index, ask.row, ask.rows, scratch->homes, err);
    return st == HZ_OK ? size : 0;
}

const char *hz_home_read(const char *at, const hz_run_state *run, uint64_t *row, uint32_t *rows,
                         const hz_plan_probe **probe, bool *invalid, hz_home_value *values)
{
    home_row head;
    memcpy(&head, at, sizeof head);
    *row = head.row;
    *rows = head.rows;
    *probe = &run->plan.stages[head.stage].probes[head.probe];
    *invalid = head.invalid;
    const char *flag = at + sizeof head, *from = flag + ((*probe)->columns_count + 7) / 8 * 8;
    for (size_t c = 0; !head.invalid && c < (*probe)->columns_count; c++) {
        const hz_plan_column *column = &run->plan.columns[(*probe)->columns[c]];
        values[c].flags = (unsigned char)flag[c];
        values[c].value = hz_value_get(from, column->type);
        if (hz_type_is_bytes(column->type))
            values[c].value.as.text.ptr = at + (uintptr_t)values[c].value.as.text.ptr;
        from += hz_value_bytes(column->type);
    }
    return at + (head.bytes + 7) / 8 * 8;
}

static hz_status work_off(hz_worker *worker, size_t stage_index, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    const hz_plan_stage *stage = &run->plan.stages[stage_index];
    hz_relate_scratch *scratch = &worker->relate.scratch;
    unsigned bits = hz_stage_bits(run, stage);
    part p = {worker, stage, stage_index, 0};
    HZ_TRY(hz_cancel_check(run->options->cancel, err));
    hz_keyset_reset(&worker->table);
    hz_keyset_reset(&scratch->distinct);
    hz_arena_reset(scratch->texts);
    if (stage->pairs)
        return hz_pairs_work_off(worker, stage_index, partition, err);
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(hz_pile_each(&run->workers[w].relate.stages[stage_index].states[partition], take_state, &p, err));
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(hz_pile_each(&run->workers[w].relate.stages[stage_index].values[partition], take_value, &p, err));
    for (; p.probe_index < stage->probes_count; p.probe_index++)
        for (unsigned w = 0; w < run->workers_count; w++)
            HZ_TRY(hz_pile_each(&run->workers[w].relate.stages[stage_index].asking[(p.probe_index << bits) + partition],
                                take_home, &p, err));
    return HZ_OK;
}

typedef struct units {
    struct unit {
        size_t stage, partition;
    } * items;
    size_t count, next; /* next: of hz_run_take */
} units;

static hz_status work_units(hz_worker *worker, void *ctx)
{
    units *all = ctx;
    size_t at;
    while (hz_run_take(&at, worker->run, &all->next, all->count)) {
        uint64_t from = hz_time_from(worker->times);
        HZ_TRY(work_off(worker, all->items[at].stage, all->items[at].partition, &worker->error));
        hz_explain_met(worker->run, all->items[at].stage, from);
        HZ_TRY(hz_worker_relieve(worker, HZ_RELIEF_HOMES, &worker->error));
    }
    return HZ_OK;
}

hz_status hz_relate_level(hz_run_state *run, unsigned level, hz_error *err)
{
    units all = {0};
    size_t most = 0;
    for (size_t s = 0; s < run->plan.stages_count; s++)
        most += (size_t)1 << hz_stage_bits(run, &run->plan.stages[s]);
    all.items = hz_mem_zalloc(most + 1, sizeof *all.items);
    if (!all.items)
        return hz_nomem(err, most * sizeof *all.items);
    for (size_t s = 0; s < run->plan.stages_count; s++)
        for (size_t p = 0;
             run->plan.stages[s].level == level && p < (size_t)1 << hz_stage_bits(run, &run->plan.stages[s]); p++)
            all.items[all.count++] = (struct unit){s, p};
    hz_explain_mark mark = hz_explain_begin(run);
    hz_explain_meeting(run, level);
    hz_status st = hz_workers_run(run, UINT32_MAX, work_units, &all, err);
    hz_mem_free(all.items);
    for (size_t s = 0; st == HZ_OK && run->explain && s < run->plan.stages_count; s++)
        if (run->plan.stages[s].level == level)
            st = hz_explain_end(run, mark, HZ_EXPLAINED_MEET, s, level, err);
    return st;
}
