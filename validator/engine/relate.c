/* relate.c: see relate.h.
 *
 * A state is a head of eight bytes a slot (count and flags) and, where there is one, a value. Texts stand in a state in
 * memory as pointer and length, in a record as offset and length in the tail behind the key. */
#include "validator/engine/relate.h"
#include "base/alloc.h"
#include "validator/engine/run_int.h"

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, PARTITION_BYTES = 4 << 20, BITS_MAX = 8 };

#define HEAD_VALID     (UINT64_C(1) << 60)
#define HEAD_INVALID   (UINT64_C(1) << 61)
#define HEAD_LOST      (UINT64_C(1) << 62) /* a sum left 38 digits */
#define HEAD_AMBIGUOUS (UINT64_C(1) << 63)
#define HEAD_COUNT     (HEAD_VALID - 1)

typedef struct state_row { /* state, key and tail follow */
    uint64_t hash, row;
    uint32_t len, tail;
} state_row;

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

/* ---- values in bytes ---- */

static size_t value_bytes(hz_type type)
{
    switch (type) {
    case HZ_TYPE_DECIMAL:
        return 24;
    case HZ_TYPE_TEXT:
    case HZ_TYPE_INTERVAL:
        return 16;
    default:
        return 8;
    }
}

static void put_decimal(char *at, hz_decimal d)
{
    int64_t scale = d.scale;
    memcpy(at, &d.coef, 16);
    memcpy(at + 16, &scale, 8);
}

static hz_decimal get_decimal(const char *at)
{
    hz_decimal d;
    int64_t scale;
    memcpy(&d.coef, at, 16);
    memcpy(&scale, at + 16, 8);
    d.scale = (int32_t)scale;
    return d;
}

static void put_value(char *at, hz_type type, const hz_value *value)
{
    uint64_t word;
    switch (type) {
    case HZ_TYPE_DECIMAL:
        put_decimal(at, value->type == HZ_TYPE_DECIMAL ? value->as.decimal : hz_decimal_of(value->as.i64));
        return;
    case HZ_TYPE_TEXT:
        word = (uint64_t)(uintptr_t)value->as.text.ptr;
        memcpy(at, &word, 8);
        word = value->as.text.len;
        memcpy(at + 8, &word, 8);
        return;
    case HZ_TYPE_INTERVAL:
        memcpy(at, &value->as.interval, 16);
        return;
    case HZ_TYPE_BOOLEAN:
        word = value->as.boolean;
        memcpy(at, &word, 8);
        return;
    default:
        memcpy(at, &value->as.i64, 8);
        return;
    }
}

static hz_value get_value(const char *at, hz_type type)
{
    hz_value value = {.type = type, .valid = true};
    uint64_t word[2];
    switch (type) {
    case HZ_TYPE_DECIMAL:
        value.as.decimal = get_decimal(at);
        break;
    case HZ_TYPE_TEXT:
        memcpy(word, at, 16);
        value.as.text = (hz_slice){(const char *)(uintptr_t)word[0], (size_t)word[1]};
        break;
    case HZ_TYPE_INTERVAL:
        memcpy(&value.as.interval, at, 16);
        break;
    case HZ_TYPE_BOOLEAN:
        memcpy(word, at, 8);
        value.as.boolean = word[0] != 0;
        break;
    default:
        memcpy(&value.as.i64, at, 8);
        break;
    }
    return value;
}

/* Both valid and of one type. */
static int order_of(const hz_value *a, const hz_value *b)
{
    uint64_t one = 1, none = 0, bits_a = a->type == HZ_TYPE_BOOLEAN && a->as.boolean,
             bits_b = b->type == HZ_TYPE_BOOLEAN && b->as.boolean;
    hz_vec x = {.type = a->type, .count = 1, .valid = &one, .invalid = &none},
           y = {.type = b->type, .count = 1, .valid = &one, .invalid = &none};
    hz_value left = *a, right = *b;
    x.as.any = a->type == HZ_TYPE_BOOLEAN ? (void *)&bits_a : (void *)&left.as;
    y.as.any = b->type == HZ_TYPE_BOOLEAN ? (void *)&bits_b : (void *)&right.as;
    int order = hz_vec_compare(&x, 0, &y, 0);
    /* of equal numbers the one with fewer digits, so that the order of rows does not show */
    return order || a->type != HZ_TYPE_DECIMAL ? order : a->as.decimal.scale - b->as.decimal.scale;
}

static bool better(const hz_plan_slot *slot, const hz_value *value, const hz_value *have)
{
    if (slot->kind == HZ_SLOT_LEAST)
        return order_of(value, have) < 0;
    int order = order_of(value, have);
    bool equal_numbers = value->type == HZ_TYPE_DECIMAL && hz_decimal_cmp(value->as.decimal, have->as.decimal) == 0;
    return equal_numbers ? order < 0 : order > 0;
}

/* ---- states ---- */

static uint64_t head_of(const char *state)
{
    uint64_t head;
    memcpy(&head, state, 8);
    return head;
}

static void set_head(char *state, uint64_t head)
{
    memcpy(state, &head, 8);
}

static hz_value typed(const hz_vec *vec, size_t row, hz_type type)
{
    hz_value value = hz_vec_value(vec, row);
    if (type == HZ_TYPE_DECIMAL && value.type == HZ_TYPE_INTEGER)
        value = (hz_value){.type = type, .valid = value.valid, .as.decimal = hz_decimal_of(value.as.i64)};
    else if (type == HZ_TYPE_TIMESTAMP && value.type == HZ_TYPE_DATE)
        value = (hz_value){.type = type, .valid = value.valid, .as.i64 = value.as.i64 * HZ_MICROS_PER_DAY};
    return value;
}

static void add_sum(char *state, uint64_t count, hz_decimal sum, bool lost)
{
    uint64_t head = head_of(state);
    hz_decimal have = get_decimal(state + 8);
    head += count;
    if (lost || (!(head & HEAD_LOST) && !hz_decimal_add(&have, have, sum)))
        head |= HEAD_LOST;
    put_decimal(state + 8, have);
    set_head(state, head);
}

static void add_extreme(const hz_plan_slot *slot, char *state, const hz_value *value)
{
    hz_value have = get_value(state + 8, slot->type);
    if (!(head_of(state) & HEAD_VALID) || better(slot, value, &have)) {
        put_value(state + 8, slot->type, value);
        set_head(state, HEAD_VALID);
    }
}

/* One row that the slot takes. `ambiguous`: bits of an expression that is itself a column, or NULL. */
static void add_row(const hz_plan_slot *slot, char *state, const hz_vec *expr, const uint64_t *ambiguous, size_t row)
{
    hz_value value;
    switch (slot->kind) {
    case HZ_SLOT_COUNT:
    case HZ_SLOT_FALSE:
        set_head(state, head_of(state) + 1);
        return;
    case HZ_SLOT_SUM:
        value = typed(expr, row, HZ_TYPE_DECIMAL);
        add_sum(state, 1, value.as.decimal, false);
        return;
    case HZ_SLOT_LEAST:
    case HZ_SLOT_GREATEST:
        value = typed(expr, row, slot->type);
        add_extreme(slot, state, &value);
        return;
    case HZ_SLOT_LOOKUP: {
        uint64_t head = (head_of(state) & HEAD_COUNT) + 1;
        value = typed(expr, row, slot->type);
        head |= value.valid ? HEAD_VALID : hz_bits_get(expr->invalid, row) ? HEAD_INVALID : 0;
        head |= ambiguous && hz_bits_get(ambiguous, row) ? HEAD_AMBIGUOUS : 0;
        if (value.valid)
            put_value(state + 8, slot->type, &value);
        set_head(state, head);
        return;
    }
    case HZ_SLOT_DISTINCT:
        return;
    }
}

/* Adds `from`, whose texts are pointers. */
static void merge_state(const hz_plan_slot *slot, char *into, const char *from)
{
    uint64_t head = head_of(from);
    hz_value value;
    switch (slot->kind) {
    case HZ_SLOT_COUNT:
    case HZ_SLOT_FALSE:
    case HZ_SLOT_DISTINCT:
        set_head(into, head_of(into) + head);
        return;
    case HZ_SLOT_SUM:
        add_sum(into, head & HEAD_COUNT, get_decimal(from + 8), head & HEAD_LOST);
        return;
    case HZ_SLOT_LEAST:
    case HZ_SLOT_GREATEST:
        if (head & HEAD_VALID) {
            value = get_value(from + 8, slot->type);
            add_extreme(slot, into, &value);
        }
        return;
    case HZ_SLOT_LOOKUP:
        if (!(head & HEAD_COUNT))
            return;
        if (!(head_of(into) & HEAD_COUNT))
            memcpy(into, from, 8 + value_bytes(slot->type));
        else
            set_head(into, head_of(into) + (head & HEAD_COUNT));
        return;
    }
}

static bool has_text(const hz_plan_slot *slot, const char *state)
{
    return slot->type == HZ_TYPE_TEXT && slot->kind != HZ_SLOT_COUNT && slot->kind != HZ_SLOT_FALSE &&
           slot->kind != HZ_SLOT_DISTINCT && slot->kind != HZ_SLOT_SUM && (head_of(state) & HEAD_VALID);
}

/* ---- memory ---- */

static unsigned bits_of(const hz_run_state *run, const hz_plan_stage *stage)
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
        size_t parts = (size_t)1 << bits_of(run, stage);
        relate->stages[s].parts = parts;
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
    scratch->texts = hz_arena_new();
    if (!scratch->takes || !scratch->exprs || !scratch->state || !scratch->texts)
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

static void free_buckets(hz_pile **piles, size_t count)
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
        size_t parts = (size_t)1 << bits_of(run, &plan->stages[s]);
        free_piles(relate->stages[s].states, parts);
        free_piles(relate->stages[s].values, parts);
        free_piles(relate->stages[s].asking, parts * plan->stages[s].probes_count);
    }
    for (size_t t = 0; relate->sheets && t < plan->sheets_count; t++) {
        free_buckets(relate->sheets[t].frames, relate->sheets[t].frames_capacity);
        free_buckets(relate->sheets[t].homes, relate->sheets[t].homes_capacity);
    }
    hz_mem_free(relate->stages);
    hz_mem_free(relate->sheets);
    hz_relate_scratch *scratch = &relate->scratch;
    hz_keys_clear(&scratch->keys);
    hz_keyset_clear(&scratch->distinct);
    hz_mem_free(scratch->takes);
    hz_mem_free((void *)scratch->exprs);
    hz_mem_free(scratch->state);
    hz_mem_free(scratch->states);
    hz_arena_free(scratch->texts);
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

static hz_status no_room(const hz_error *err)
{
    return err && err->status < 0 ? err->status : HZ_E_NOMEM;
}

static size_t partition_of(unsigned bits, uint64_t hash)
{
    return bits ? (size_t)(hash >> (64 - bits)) : 0;
}

static hz_status make_keys(hz_scan *scan, hz_program *const *keys, size_t count, hz_error *err)
{
    const hz_vec *parts[HZ_KEY_PARTS_MAX];
    hz_keys *out = &scan->worker->relate.scratch.keys;
    for (size_t p = 0; p < count; p++)
        HZ_TRY(hz_program_run(&parts[p], keys[p], scan->worker->eval, &scan->input, err));
    HZ_TRY(hz_keys_make(out, parts, NULL, count, scan->rows, err));
    hz_keys_hash(out, scan->rows);
    return HZ_OK;
}

static void and_true(uint64_t *take, const hz_vec *vec, size_t words)
{
    for (size_t w = 0; w < words; w++)
        take[w] &= vec->valid[w] & vec->as.bits[w];
}

/* Which rows each slot takes, among those with a usable key. */
static hz_status make_takes(uint64_t *any, hz_scan *scan, const hz_plan_stage *stage, hz_error *err)
{
    hz_relate_scratch *scratch = &scan->worker->relate.scratch;
    size_t words = hz_bits_words(scan->rows);
    hz_bits_fill(any, scan->rows, false);
    for (size_t s = 0; s < stage->slots_count; s++) {
        const hz_plan_slot *slot = &stage->slots[s];
        uint64_t *take = &scratch->takes[s * WORDS];
        const hz_vec *vec;
        memcpy(take, scratch->keys.usable, words * sizeof *take);
        scratch->exprs[s] = NULL;
        if (slot->filter) {
            HZ_TRY(hz_program_run(&vec, slot->filter, scan->worker->eval, &scan->input, err));
            and_true(take, vec, words);
        }
        if (slot->cond) {
            HZ_TRY(hz_program_run(&vec, slot->cond, scan->worker->eval, &scan->input, err));
            and_true(take, vec, words);
        }
        if (slot->expr) {
            HZ_TRY(hz_program_run(&vec, slot->expr, scan->worker->eval, &scan->input, err));
            scratch->exprs[s] = vec;
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
        if (has_text(&stage->slots[s], state + stage->slots[s].offset))
            tail += get_value(state + stage->slots[s].offset + 8, HZ_TYPE_TEXT).as.text.len;
    hz_pile *pile = &relate->stages[stage_index].states[partition_of(bits, hash)];
    char *at = hz_pile_put(pile, sizeof(state_row) + stage->state_bytes + key.len + tail, err);
    if (!at)
        return no_room(err);
    state_row head = {hash, id, (uint32_t)key.len, (uint32_t)tail};
    memcpy(at, &head, sizeof head);
    char *own = at + sizeof head, *text = own + stage->state_bytes + key.len;
    const char *first = text;
    memcpy(own, state, stage->state_bytes);
    if (key.len)
        memcpy(own + stage->state_bytes, key.ptr, key.len);
    for (size_t s = 0; tail && s < stage->slots_count; s++) {
        char *value = own + stage->slots[s].offset;
        if (!has_text(&stage->slots[s], value))
            continue;
        hz_slice from = get_value(value + 8, HZ_TYPE_TEXT).as.text;
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
        char *at = hz_pile_put(&relate->stages[stage_index].values[partition_of(bits, head.hash)],
                               sizeof head + key.len + bytes->len, err);
        if (!at)
            return no_room(err);
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
    unsigned bits = bits_of(scan->run, stage);
    uint64_t any[WORDS];
    size_t open = SIZE_MAX; /* the first row of the key in hand */
    HZ_TRY(make_keys(scan, stage->keys, stage->keys_count, err));
    drop_unasked(keys, &scan->run->filters[stage_index].asked, scan->rows);
    HZ_TRY(make_takes(any, scan, stage, err));
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
                add_row(&stage->slots[s], scratch->state + stage->slots[s].offset, scratch->exprs[s],
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
        return no_room(err);
    memcpy(at, &head, sizeof head);
    return HZ_OK;
}

static hz_status put_asking(hz_scan *scan, size_t stage_index, size_t probe_index, hz_error *err)
{
    const hz_plan_stage *stage = &scan->run->plan.stages[stage_index];
    hz_relate *relate = &scan->worker->relate;
    hz_keys *keys = &relate->scratch.keys;
    unsigned bits = bits_of(scan->run, stage);
    uint64_t invalid[WORDS];
    asking_row *open = NULL;
    HZ_TRY(make_keys(scan, stage->probes[probe_index].keys, stage->keys_count, err));
    for (size_t w = 0; w < hz_bits_words(scan->rows); w++)
        invalid[w] = ~keys->usable[w] & ~keys->missing[w];
    invalid[hz_bits_words(scan->rows) - 1] &= hz_bits_tail(scan->rows);
    drop_unasked(keys, &scan->run->filters[stage_index].brought, scan->rows);
    for (HZ_BITS_EACH(i, keys->usable, scan->rows)) {
        hz_slice key = keys->key[i];
        if (open && hz_bits_get(keys->same, i) && scan->ids[i] == open->row + open->rows) {
            open->rows++;
            continue;
        }
        hz_pile *pile = &relate->stages[stage_index].asking[(probe_index << bits) + partition_of(bits, keys->hash[i])];
        open = hz_pile_put(pile, sizeof *open + key.len, err);
        if (!open)
            return no_room(err);
        *open = (asking_row){keys->hash[i], scan->ids[i], (uint32_t)key.len, 1};
        if (key.len)
            memcpy(open + 1, key.ptr, key.len);
    }
    for (HZ_BITS_EACH(i, invalid, scan->rows))
        HZ_TRY(put_invalid(scan, stage_index, probe_index, scan->ids[i], err));
    return HZ_OK;
}

hz_status hz_relate_scan(hz_scan *scan, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    for (size_t s = 0; s < plan->stages_count; s++) {
        const hz_plan_stage *stage = &plan->stages[s];
        if (stage->sheet == scan->table_index && stage->level == 1)
            HZ_TRY(hz_relate_put(scan, s, err));
        for (size_t p = 0; p < stage->probes_count; p++)
            if (stage->probes[p].sheet == scan->table_index)
                HZ_TRY(put_asking(scan, s, p, err));
    }
    return HZ_OK;
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

static size_t state_row_bytes(const char *at, size_t state_bytes)
{
    state_row head;
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
    size_t parts = (size_t)1 << bits_of(run, stage), count = asked ? parts * stage->probes_count : parts;
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
                HZ_TRY(note_hashes(filter, &rows->asking[p], asking_row_bytes, 0, err));
                continue;
            }
            HZ_TRY(note_hashes(filter, &rows->states[p], state_row_bytes, stage->state_bytes, err));
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
            all_asked = all_asked && run->tables[stage->probes[p].sheet].scanned;
        if (brought && !all_asked && !filters->brought.words)
            HZ_TRY(fill_filter(&filters->brought, run, s, false, err));
        if (all_asked && !brought && !filters->asked.words)
            HZ_TRY(fill_filter(&filters->asked, run, s, true, err));
    }
    return HZ_OK;
}

/* ---- partitions ---- */

/* Calls back for every record of the workers' piles; the callback returns the record's bytes, 0 on failure. */
typedef size_t (*record_fn)(void *ctx, const char *at, hz_error *err);

static hz_status each_record(hz_pile *pile, record_fn record, void *ctx, hz_error *err)
{
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    if (!hz_pile_records(pile))
        return HZ_OK;
    hz_pile_read(&reader, pile, true);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        for (size_t at = 0; st == HZ_OK && at < block.len;) {
            size_t bytes = record(ctx, block.ptr + at, err);
            at += (bytes + 7) / 8 * 8;
            if (!bytes)
                st = no_room(err);
        }
        if (st != HZ_OK)
            break;
    }
    hz_pile_read_end(&reader);
    return st == HZ_END ? HZ_OK : st;
}

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
        if (!has_text(&p->stage->slots[s], own))
            continue;
        hz_value value = get_value(own + 8, HZ_TYPE_TEXT);
        if (value.as.text.ptr < tail || value.as.text.ptr > tail + tail_bytes)
            continue; /* kept before */
        if (hz_arena_copy(&value.as.text, scratch->texts, value.as.text) != HZ_OK) {
            (void)hz_nomem(err, value.as.text.len);
            return false;
        }
        put_value(own + 8, HZ_TYPE_TEXT, &value);
    }
    return true;
}

static size_t take_state(void *ctx, const char *at, hz_error *err)
{
    part *p = ctx;
    const hz_plan_stage *stage = p->stage;
    char *copy = p->worker->relate.scratch.state;
    state_row head;
    uint32_t entry;
    memcpy(&head, at, sizeof head);
    const char *state = at + sizeof head, *key = state + stage->state_bytes, *tail = key + head.len;
    char *into = state_for(p, (hz_slice){key, head.len}, head.hash, &entry, err);
    if (!into)
        return 0;
    memcpy(copy, state, stage->state_bytes);
    for (size_t s = 0; s < stage->slots_count; s++) {
        char *own = copy + stage->slots[s].offset;
        if (head.tail && has_text(&stage->slots[s], own)) {
            uint64_t offset;
            memcpy(&offset, own + 8, 8);
            uint64_t pointer = (uint64_t)(uintptr_t)(tail + offset);
            memcpy(own + 8, &pointer, 8);
        }
        merge_state(&stage->slots[s], into + stage->slots[s].offset, own);
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
        set_head(own, head_of(own) + 1);
    }
    return sizeof head + head.len + head.value_len;
}

/* ---- taking home ---- */

static hz_home_value count_value(const hz_plan_column *column, hz_aggregate agg, uint64_t count)
{
    hz_home_value out = {HZ_HOME_VALID, {.type = column->type, .valid = true}};
    if (agg == HZ_AGG_EXISTS)
        out.value.as.boolean = count > 0;
    else if (agg == HZ_AGG_EVERY)
        out.value.as.boolean = count == 0;
    else if (column->type == HZ_TYPE_DECIMAL)
        out.value.as.decimal = hz_decimal_of((int64_t)count);
    else
        out.value.as.i64 = (int64_t)count;
    return out;
}

static bool counts(hz_aggregate agg)
{
    return agg == HZ_AGG_COUNT || agg == HZ_AGG_COUNT_DISTINCT || agg == HZ_AGG_EXISTS || agg == HZ_AGG_EVERY;
}

hz_home_value hz_home_empty(const hz_plan_column *column)
{
    if (column->empty && counts(column->empty->agg))
        return count_value(column, column->empty->agg, 0);
    return (hz_home_value){0, {.type = column->type}};
}

static hz_home_value sum_value(const hz_plan_column *column, hz_aggregate agg, const char *state)
{
    hz_home_value out = {0, {.type = HZ_TYPE_DECIMAL, .valid = true}};
    uint64_t head = head_of(state), count = head & HEAD_COUNT;
    out.value.as.decimal = get_decimal(state + 8);
    bool there = count && !(head & HEAD_LOST);
    if (there && agg == HZ_AGG_AVG)
        there = hz_decimal_div(&out.value.as.decimal, out.value.as.decimal, hz_decimal_of((int64_t)count));
    if (there && column->type == HZ_TYPE_INTEGER) {
        int64_t whole = 0;
        there = hz_decimal_to_i64(&whole, out.value.as.decimal);
        out.value = (hz_value){.type = HZ_TYPE_INTEGER, .valid = true, .as.i64 = whole};
    }
    out.flags = there ? HZ_HOME_VALID : 0;
    return out;
}

static hz_home_value home_of(const hz_plan_column *column, const hz_plan_slot *slot, const char *state)
{
    uint64_t head = head_of(state);
    hz_home_value out = {0, {.type = column->type}};
    switch (slot->kind) {
    case HZ_SLOT_COUNT:
    case HZ_SLOT_FALSE:
    case HZ_SLOT_DISTINCT:
        return count_value(column, column->empty->agg, head & HEAD_COUNT); /* count and exists share a slot */
    case HZ_SLOT_SUM:
        return sum_value(column, column->empty->agg, state); /* as do sum and avg */
    case HZ_SLOT_LEAST:
    case HZ_SLOT_GREATEST:
        break;
    case HZ_SLOT_LOOKUP:
        if ((head & HEAD_COUNT) != 1) {
            out = hz_home_empty(column);
            out.flags |= (head & HEAD_COUNT) ? HZ_HOME_AMBIGUOUS : 0;
            return out;
        }
        out.flags = (head & HEAD_INVALID ? HZ_HOME_INVALID : 0) | (head & HEAD_AMBIGUOUS ? HZ_HOME_AMBIGUOUS : 0);
        break;
    }
    if (head & HEAD_VALID) {
        out.flags |= HZ_HOME_VALID;
        out.value = get_value(state + 8, slot->type);
    }
    return out;
}

static size_t home_bytes(const hz_plan *plan, const hz_plan_probe *probe)
{
    size_t bytes = sizeof(home_row) + (probe->columns_count + 7) / 8 * 8;
    for (size_t c = 0; c < probe->columns_count; c++)
        bytes += value_bytes(plan->columns[probe->columns[c]].type);
    return bytes;
}

static size_t take_home(void *ctx, const char *at, hz_error *err)
{
    part *p = ctx;
    const hz_plan *plan = &p->worker->run->plan;
    const hz_plan_probe *probe = &p->stage->probes[p->probe_index];
    asking_row ask;
    memcpy(&ask, at, sizeof ask);
    uint32_t entry = hz_keyset_find(&p->worker->table, (hz_slice){at + sizeof ask, ask.len}, ask.hash);
    size_t size = sizeof ask + ask.len;
    if (entry == HZ_HTAB_NONE)
        return size;
    const char *state = p->worker->relate.scratch.states + entry * p->stage->state_bytes;
    size_t fixed = home_bytes(plan, probe), texts = 0;
    for (size_t c = 0; c < probe->columns_count; c++) {
        const hz_plan_slot *slot = &p->stage->slots[plan->columns[probe->columns[c]].slot];
        if (has_text(slot, state + slot->offset))
            texts += get_value(state + slot->offset + 8, HZ_TYPE_TEXT).as.text.len;
    }
    hz_pile *pile = home_pile(p->worker, probe->sheet, ask.row, err);
    char *out = pile ? hz_pile_put(pile, fixed + texts, err) : NULL;
    if (!out)
        return 0;
    home_row head = {ask.row, ask.rows, (uint32_t)(fixed + texts), (uint32_t)p->stage_index, (uint16_t)p->probe_index,
                     0};
    memcpy(out, &head, sizeof head);
    char *flag = out + sizeof head, *to = flag + (probe->columns_count + 7) / 8 * 8, *text = out + fixed;
    for (size_t c = 0; c < probe->columns_count; c++) {
        const hz_plan_column *column = &plan->columns[probe->columns[c]];
        const hz_plan_slot *slot = &p->stage->slots[column->slot];
        hz_home_value home = home_of(column, slot, state + slot->offset);
        flag[c] = (char)home.flags;
        if (column->type == HZ_TYPE_TEXT && (home.flags & HZ_HOME_VALID)) {
            uint64_t place[2] = {(uint64_t)(text - out), home.value.as.text.len};
            if (place[1])
                memcpy(text, home.value.as.text.ptr, (size_t)place[1]);
            text += place[1];
            memcpy(to, place, sizeof place);
        } else {
            memset(to, 0, value_bytes(column->type));
            if (home.flags & HZ_HOME_VALID)
                put_value(to, column->type, &home.value);
        }
        to += value_bytes(column->type);
    }
    /* A text that the empty value replaced took no room; the record keeps the length it said. */
    return size;
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
        values[c].value = get_value(from, column->type);
        if (column->type == HZ_TYPE_TEXT)
            values[c].value.as.text.ptr = at + (uintptr_t)values[c].value.as.text.ptr;
        from += value_bytes(column->type);
    }
    return at + (head.bytes + 7) / 8 * 8;
}

static hz_status work_off(hz_worker *worker, size_t stage_index, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    const hz_plan_stage *stage = &run->plan.stages[stage_index];
    hz_relate_scratch *scratch = &worker->relate.scratch;
    unsigned bits = bits_of(run, stage);
    part p = {worker, stage, stage_index, 0};
    HZ_TRY(hz_cancel_check(run->options->cancel, err));
    hz_keyset_reset(&worker->table);
    hz_keyset_reset(&scratch->distinct);
    hz_arena_reset(scratch->texts);
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(each_record(&run->workers[w].relate.stages[stage_index].states[partition], take_state, &p, err));
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(each_record(&run->workers[w].relate.stages[stage_index].values[partition], take_value, &p, err));
    for (; p.probe_index < stage->probes_count; p.probe_index++)
        for (unsigned w = 0; w < run->workers_count; w++)
            HZ_TRY(each_record(&run->workers[w].relate.stages[stage_index].asking[(p.probe_index << bits) + partition],
                               take_home, &p, err));
    return HZ_OK;
}

typedef struct units {
    struct unit {
        size_t stage, partition;
    } * items;
    size_t count, next; /* next: atomic */
} units;

static hz_status work_units(hz_worker *worker, void *ctx)
{
    units *all = ctx;
    while (!hz_run_stopped(worker->run)) {
        size_t at = __atomic_fetch_add(&all->next, 1, __ATOMIC_RELAXED);
        if (at >= all->count)
            break;
        HZ_TRY(work_off(worker, all->items[at].stage, all->items[at].partition, &worker->error));
        HZ_TRY(hz_worker_relieve(worker, HZ_RELIEF_HOMES, &worker->error));
    }
    return HZ_OK;
}

hz_status hz_relate_level(hz_run_state *run, unsigned level, hz_error *err)
{
    units all = {0};
    size_t most = 0;
    for (size_t s = 0; s < run->plan.stages_count; s++)
        most += (size_t)1 << bits_of(run, &run->plan.stages[s]);
    all.items = hz_mem_zalloc(most + 1, sizeof *all.items);
    if (!all.items)
        return hz_nomem(err, most * sizeof *all.items);
    for (size_t s = 0; s < run->plan.stages_count; s++)
        for (size_t p = 0; run->plan.stages[s].level == level && p < (size_t)1 << bits_of(run, &run->plan.stages[s]);
             p++)
            all.items[all.count++] = (struct unit){s, p};
    hz_status st = hz_workers_run(run, UINT32_MAX, work_units, &all, err);
    hz_mem_free(all.items);
    return st;
}
