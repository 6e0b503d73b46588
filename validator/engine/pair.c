/* pair.c: see pair.h. */
#include "validator/engine/pair.h"
#include "base/alloc.h"
#include "validator/engine/cell.h"
#include "validator/engine/relate_int.h"
#include <stdlib.h>

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, CELLS_MAX = 256 };

/* ---- what rows bring ---- */

static hz_status put_row(hz_pile *pile, const hz_keys *keys, size_t i, uint64_t id, hz_slice cells, hz_error *err)
{
    hz_slice key = keys->key[i];
    hz_stage_row head = {keys->hash[i], id, (uint32_t)key.len, (uint32_t)cells.len};
    char *at = hz_pile_put(pile, sizeof head + key.len + cells.len, err);
    if (!at)
        return hz_no_room(err);
    memcpy(at, &head, sizeof head);
    if (key.len)
        memcpy(at + sizeof head, key.ptr, key.len);
    if (cells.len)
        memcpy(at + sizeof head + key.len, cells.ptr, cells.len);
    return HZ_OK;
}

/* The rows' cells, each into the pile of its partition. first_valid: only where the first cell is. */
static hz_status put_rows(hz_scan *scan, hz_pile *piles, unsigned bits, const hz_plan_cell *cells, size_t count,
                          bool first_valid, const uint64_t *take, hz_error *err)
{
    hz_relate_scratch *scratch = &scan->worker->relate.scratch;
    const hz_keys *keys = &scratch->keys;
    const hz_vec *vecs[CELLS_MAX];
    uint64_t rows[WORDS];
    if (HZ_NEVER(count > CELLS_MAX))
        return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("too many values of a pair"));
    for (size_t c = 0; c < count; c++)
        HZ_TRY(hz_program_run(&vecs[c], cells[c].program, scan->worker->eval, &scan->input, err));
    for (size_t w = 0; w < hz_bits_words(scan->rows); w++)
        rows[w] = first_valid ? take[w] & vecs[0]->valid[w] : take[w];
    for (HZ_BITS_EACH(i, rows, scan->rows)) {
        hz_buf_reset(&scratch->bytes);
        for (size_t c = 0; c < count; c++)
            hz_cell_put(&scratch->bytes, vecs[c], i);
        HZ_TRY(hz_buf_status(&scratch->bytes, err));
        HZ_TRY(put_row(&piles[hz_stage_partition(bits, keys->hash[i])], keys, i, scan->ids[i],
                       hz_buf_slice(&scratch->bytes), err));
    }
    return HZ_OK;
}

hz_status hz_pairs_put(hz_scan *scan, size_t stage_index, const uint64_t *take, hz_error *err)
{
    const hz_plan_stage *stage = &scan->run->plan.stages[stage_index];
    const hz_plan_pairs *pairs = stage->pairs;
    return put_rows(scan, scan->worker->relate.stages[stage_index].states, hz_stage_bits(scan->run, stage),
                    pairs->related, pairs->related_count, pairs->order != HZ_OP_NONE, take, err);
}

hz_status hz_pairs_ask(hz_scan *scan, size_t stage_index, hz_error *err)
{
    const hz_plan_stage *stage = &scan->run->plan.stages[stage_index];
    const hz_plan_pairs *pairs = stage->pairs;
    return put_rows(scan, scan->worker->relate.stages[stage_index].asking, hz_stage_bits(scan->run, stage),
                    pairs->asking, pairs->asking_count, pairs->order != HZ_OP_NONE,
                    scan->worker->relate.scratch.keys.usable, err);
}

/* ---- a partition ---- */

typedef struct related_row {
    uint32_t entry; /* of its key */
    const char *cells;
} related_row;

typedef struct pairing {
    hz_worker *worker;
    size_t stage_index;
    const hz_plan_stage *stage;
    const hz_plan_pairs *pairs;
    const hz_plan_slot *slot;
    const hz_plan_column *column;
    uint32_t column_index;
    bool broken;
    hz_arena *arena;    /* what lives as long as the partition is worked on */
    hz_arena *held;     /* as the asking rows in hand */
    hz_arena *batch;    /* as a batch of pairs */
    related_row *found; /* as they come */
    size_t found_count, found_capacity;
    const char **related; /* their cells, by group */
    uint32_t *groups;     /* where the group of a key begins; one more at the end */
    /* by order */
    hz_cells order, value, asked; /* asked: one row */
    uint32_t *sorted;             /* per group: places in `related` */
    char *states;                 /* by order: of each beginning; pairwise: of each asking row in hand */
    /* pairwise */
    hz_cells *related_cells, *asking_cells;
    uint32_t pair_related[HZ_BATCH_ROWS], pair_asking[HZ_BATCH_ROWS];
    uint32_t count;               /* pairs in hand */
    uint64_t rows[HZ_BATCH_ROWS]; /* that ask */
    const char *asking[HZ_BATCH_ROWS];
    uint32_t asking_count;
} pairing;

static bool copy_cells(const char **out, hz_arena *arena, const char *cells, size_t len, hz_error *err)
{
    hz_slice kept;
    if (hz_arena_copy(&kept, arena, (hz_slice){cells, len}) != HZ_OK) {
        (void)hz_nomem(err, len);
        return false;
    }
    *out = kept.ptr;
    return true;
}

static size_t take_related(void *ctx, const char *at, hz_error *err)
{
    pairing *p = ctx;
    hz_stage_row head;
    memcpy(&head, at, sizeof head);
    const char *key = at + sizeof head;
    related_row row;
    if (hz_keyset_add(&row.entry, &p->worker->table, (hz_slice){key, head.len}, head.hash, err) != HZ_OK)
        return 0;
    if (!copy_cells(&row.cells, p->arena, key + head.len, head.tail, err))
        return 0;
    if (!HZ_GROW(p->found, p->found_capacity, p->found_count + 1)) {
        (void)hz_nomem(err, sizeof row);
        return 0;
    }
    p->found[p->found_count++] = row;
    return sizeof head + head.len + head.tail;
}

/* The related rows side by side that have one key. */
static hz_status make_groups(pairing *p, hz_error *err)
{
    size_t keys = p->worker->table.count;
    p->groups = HZ_ARENA_ARRAY(p->arena, uint32_t, keys + 2);
    p->related = HZ_ARENA_ARRAY(p->arena, const char *, p->found_count + 1);
    if (!p->groups || !p->related)
        return hz_nomem(err, p->found_count * sizeof *p->related);
    for (size_t i = 0; i < p->found_count; i++)
        p->groups[p->found[i].entry + 2]++;
    for (size_t k = 2; k < keys + 2; k++)
        p->groups[k] += p->groups[k - 1];
    for (size_t i = 0; i < p->found_count; i++)
        p->related[p->groups[p->found[i].entry + 1]++] = p->found[i].cells;
    return HZ_OK;
}

/* The group of the key that asks; *count 0: there is none. */
static uint32_t group_of(const pairing *p, const hz_stage_row *head, const char *key, uint32_t *count)
{
    uint32_t entry = hz_keyset_find(&p->worker->table, (hz_slice){key, head->len}, head->hash);
    *count = entry == HZ_HTAB_NONE ? 0 : p->groups[entry + 1] - p->groups[entry];
    return entry == HZ_HTAB_NONE ? 0 : p->groups[entry];
}

static hz_status send_home(pairing *p, uint64_t row, const char *state, hz_error *err)
{
    hz_home_value home = hz_state_home(p->column, p->slot, state);
    return hz_home_put(p->worker, p->stage_index, 0, row, 1, &home, err);
}

/* ---- by order ---- */

/* What stands before what: of `<` the least first, of `>` the greatest. */
static int order_of(const pairing *p, const hz_vec *a, size_t i, const hz_vec *b, size_t j)
{
    int order = hz_vec_compare(a, i, b, j);
    return p->pairs->order == HZ_OP_LT || p->pairs->order == HZ_OP_LE ? order : -order;
}

static int by_order(const void *a, const void *b, void *ctx)
{
    const pairing *p = ctx;
    return order_of(p, &p->order.vec, *(const uint32_t *)a, &p->order.vec, *(const uint32_t *)b);
}

static hz_status read_related(pairing *p, hz_error *err)
{
    const hz_plan_cell *cells = p->pairs->related;
    uint32_t count = (uint32_t)p->found_count;
    bool valued = p->pairs->related_count > 1;
    HZ_TRY(hz_cells_init(&p->order, cells[0].type, HZ_TYPE_NULL, count, p->arena, err));
    if (valued)
        HZ_TRY(hz_cells_init(&p->value, cells[1].type, cells[1].item_type, count, p->arena, err));
    for (uint32_t i = 0; i < count; i++) {
        const char *at = hz_cell_get(&p->order, i, p->related[i]);
        if (valued)
            (void)hz_cell_get(&p->value, i, at);
    }
    HZ_TRY(hz_cells_end(&p->order, count, p->arena, err));
    return valued ? hz_cells_end(&p->value, count, p->arena, err) : HZ_OK;
}

static hz_status sort_groups(pairing *p, hz_error *err)
{
    size_t bytes = p->stage->state_bytes;
    HZ_TRY(read_related(p, err));
    p->sorted = HZ_ARENA_ARRAY(p->arena, uint32_t, p->found_count + 1);
    p->states = hz_arena_zalloc(p->arena, p->found_count + 1, bytes);
    if (!p->sorted || !p->states)
        return hz_nomem(err, p->found_count * bytes);
    for (uint32_t i = 0; i < p->found_count; i++)
        p->sorted[i] = i;
    for (size_t k = 0; k < p->worker->table.count; k++) {
        uint32_t from = p->groups[k], count = p->groups[k + 1] - from;
        qsort_r(p->sorted + from, count, sizeof *p->sorted, by_order, p);
        for (uint32_t i = from; i < from + count; i++) {
            char *state = p->states + i * bytes;
            if (i > from)
                memcpy(state, state - bytes, bytes);
            hz_state_add(p->slot, state, &p->value.vec, NULL, p->sorted[i]);
        }
    }
    return hz_cells_init(&p->asked, p->pairs->asking[0].type, HZ_TYPE_NULL, 1, p->arena, err);
}

/* How many rows of the group, from its beginning, the asking row takes. */
static uint32_t taken_of(const pairing *p, uint32_t from, uint32_t count)
{
    bool equal_too = p->pairs->order == HZ_OP_LE || p->pairs->order == HZ_OP_GE;
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = order_of(p, &p->order.vec, p->sorted[from + middle], &p->asked.vec, 0);
        if (order < 0 || (equal_too && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t ask_by_order(void *ctx, const char *at, hz_error *err)
{
    pairing *p = ctx;
    hz_stage_row head;
    memcpy(&head, at, sizeof head);
    uint32_t count, from = group_of(p, &head, at + sizeof head, &count), taken = 0;
    if (count) {
        (void)hz_cell_get(&p->asked, 0, at + sizeof head + head.len);
        taken = taken_of(p, from, count);
    }
    if (taken && send_home(p, head.row, p->states + (from + taken - 1) * p->stage->state_bytes, err) != HZ_OK)
        return 0;
    return sizeof head + head.len + head.tail;
}

/* ---- pairwise ---- */

/* A worker that breaks a column tells it to the others, who would only do work for nothing. */
static void break_column(pairing *p, const hz_error *why)
{
    hz_column_broke(p->worker, p->column_index, why);
    p->broken = true;
}

static hz_status start_cells(hz_cells **out, const hz_plan_cell *cells, size_t count, hz_arena *arena, hz_error *err)
{
    *out = HZ_ARENA_ARRAY(arena, hz_cells, count + 1);
    if (!*out)
        return hz_nomem(err, count * sizeof **out);
    for (size_t c = 0; c < count; c++)
        HZ_TRY(hz_cells_init(&(*out)[c], cells[c].type, cells[c].item_type, HZ_BATCH_ROWS, arena, err));
    return HZ_OK;
}

static hz_status fill_cells(pairing *p, hz_cells *columns, size_t count, const char *const *rows, const uint32_t *which,
                            hz_error *err)
{
    for (size_t c = 0; c < count; c++)
        hz_cells_reset(&columns[c]);
    for (uint32_t i = 0; i < p->count; i++) {
        const char *at = rows[which[i]];
        for (size_t c = 0; c < count; c++)
            at = hz_cell_get(&columns[c], i, at);
    }
    for (size_t c = 0; c < count; c++)
        HZ_TRY(hz_cells_end(&columns[c], p->count, p->batch, err));
    return HZ_OK;
}

static const hz_vec *find_field(const pairing *p, const hz_field *field, bool raw)
{
    for (size_t c = 0; c < p->pairs->related_count; c++)
        if (p->pairs->related[c].field == field && p->pairs->related[c].raw == raw)
            return &p->related_cells[c].vec;
    return NULL;
}

static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    return find_field(ctx, field, false);
}

static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    return find_field(ctx, field, true);
}

static const hz_vec *give_node(void *ctx, const hz_node *node)
{
    const pairing *p = ctx;
    for (size_t c = 0; c < p->pairs->asking_count; c++)
        if (p->pairs->asking[c].node == node)
            return &p->asking_cells[c].vec;
    for (size_t c = 0; c < p->pairs->related_count; c++)
        if (p->pairs->related[c].node == node)
            return &p->related_cells[c].vec;
    return NULL;
}

/* Which pairs the aggregate takes, and its values. */
static hz_status judge(uint64_t *take, const hz_vec **expr, pairing *p, hz_error *why)
{
    const hz_vec *cond = NULL;
    hz_eval *eval = p->worker->eval;
    hz_eval_input input = {
        .ctx = p, .rows_count = p->count, .field = give_field, .raw = give_raw, .relational = give_node};
    *expr = NULL;
    if (p->pairs->cond)
        HZ_TRY(hz_program_run(&cond, p->pairs->cond, eval, &input, why));
    if (p->pairs->expr)
        HZ_TRY(hz_program_run(expr, p->pairs->expr, eval, &input, why));
    hz_bits_fill(take, p->count, true);
    for (size_t w = 0; w < hz_bits_words(p->count); w++) {
        take[w] &= cond ? cond->valid[w] & cond->as.bits[w] : ~UINT64_C(0);
        if (*expr)
            take[w] &= p->slot->kind == HZ_SLOT_FALSE ? (*expr)->valid[w] & ~(*expr)->as.bits[w] : (*expr)->valid[w];
    }
    return HZ_OK;
}

/* count(distinct): whether the asking row meets the value for the first time. */
static hz_status meet_value(bool *first, pairing *p, uint32_t asking, const hz_vec *expr, size_t row, hz_error *err)
{
    hz_relate_scratch *scratch = &p->worker->relate.scratch;
    size_t before = scratch->distinct.count;
    uint32_t entry;
    hz_buf_reset(&scratch->bytes);
    hz_buf_put(&scratch->bytes, (hz_slice){(const char *)&asking, sizeof asking});
    hz_vec_put_key(&scratch->bytes, expr, row);
    HZ_TRY(hz_buf_status(&scratch->bytes, err));
    hz_slice whole = hz_buf_slice(&scratch->bytes);
    HZ_TRY(hz_keyset_add(&entry, &scratch->distinct, whole, hz_hash_bytes(whole.ptr, whole.len, hz_hash_seed()), err));
    *first = scratch->distinct.count > before;
    return HZ_OK;
}

/* A text that a state took over lives only as long as the batch. */
static hz_status keep_text(pairing *p, char *state, const char *before, hz_error *err)
{
    hz_value value = hz_value_get(state + 8, HZ_TYPE_TEXT);
    if (value.as.text.ptr == before)
        return HZ_OK;
    HZ_TRY(hz_arena_copy(&value.as.text, p->arena, value.as.text) == HZ_OK ? HZ_OK : hz_nomem(err, value.as.text.len));
    hz_value_put(state + 8, HZ_TYPE_TEXT, &value);
    return HZ_OK;
}

static hz_status add_pair(pairing *p, uint32_t asking, const hz_vec *expr, size_t row, hz_error *err)
{
    char *state = p->states + asking * p->stage->state_bytes;
    bool first = true;
    if (p->slot->kind == HZ_SLOT_DISTINCT) {
        HZ_TRY(meet_value(&first, p, asking, expr, row, err));
        hz_state_set_head(state, hz_state_head(state) + first);
        return HZ_OK;
    }
    const char *before = hz_state_has_text(p->slot, state) ? hz_value_get(state + 8, HZ_TYPE_TEXT).as.text.ptr : NULL;
    hz_state_add(p->slot, state, expr, NULL, row);
    return hz_state_has_text(p->slot, state) ? keep_text(p, state, before, err) : HZ_OK;
}

/* The pairs in hand. */
static hz_status meet(pairing *p, hz_error *err)
{
    uint64_t take[WORDS];
    const hz_vec *expr;
    hz_error why;
    if (!p->count || p->broken)
        return HZ_OK;
    HZ_TRY(hz_cancel_check(p->worker->run->options->cancel, err));
    hz_arena_reset(p->batch);
    hz_eval_reset(p->worker->eval);
    hz_error_clear(&why);
    HZ_TRY(fill_cells(p, p->related_cells, p->pairs->related_count, p->related, p->pair_related, err));
    HZ_TRY(fill_cells(p, p->asking_cells, p->pairs->asking_count, p->asking, p->pair_asking, err));
    hz_status st = judge(take, &expr, p, &why);
    if (st == HZ_E_LIMIT) {
        break_column(p, &why);
        return HZ_OK;
    }
    if (st != HZ_OK) {
        if (err)
            *err = why;
        return st;
    }
    for (HZ_BITS_EACH(i, take, p->count))
        HZ_TRY(add_pair(p, p->pair_asking[i], expr, i, err));
    p->count = 0;
    return HZ_OK;
}

/* All asking rows in hand have met their groups. */
static hz_status end_asking(pairing *p, hz_error *err)
{
    HZ_TRY(meet(p, err));
    for (uint32_t a = 0; !p->broken && a < p->asking_count; a++)
        HZ_TRY(send_home(p, p->rows[a], p->states + a * p->stage->state_bytes, err));
    memset(p->states, 0, HZ_BATCH_ROWS * p->stage->state_bytes);
    hz_keyset_reset(&p->worker->relate.scratch.distinct);
    hz_arena_reset(p->held);
    p->asking_count = 0;
    return HZ_OK;
}

static hz_status meet_group(pairing *p, const hz_stage_row *head, const char *cells, uint32_t from, uint32_t count,
                            hz_error *err)
{
    if (p->asking_count == HZ_BATCH_ROWS)
        HZ_TRY(end_asking(p, err));
    uint32_t asking = p->asking_count++;
    p->rows[asking] = head->row;
    if (!copy_cells(&p->asking[asking], p->held, cells, head->tail, err))
        return HZ_E_NOMEM;
    for (uint32_t i = from; i < from + count && !p->broken; i++) {
        p->pair_related[p->count] = i;
        p->pair_asking[p->count++] = asking;
        if (p->count == HZ_BATCH_ROWS)
            HZ_TRY(meet(p, err));
    }
    return HZ_OK;
}

static size_t ask_pairwise(void *ctx, const char *at, hz_error *err)
{
    pairing *p = ctx;
    hz_stage_row head;
    hz_error why;
    memcpy(&head, at, sizeof head);
    const char *key = at + sizeof head;
    uint32_t count, from = p->broken ? 0 : group_of(p, &head, key, &count);
    if (p->broken || !count)
        return sizeof head + head.len + head.tail;
    if (hz_limit_check(p->worker->run->options->limits, HZ_LIMIT_GROUP_ROWS, count, &why) != HZ_OK)
        break_column(p, &why);
    else if (meet_group(p, &head, key + head.len, from, count, err) != HZ_OK)
        return 0;
    return sizeof head + head.len + head.tail;
}

/* ---- all of it ---- */

static hz_status start(pairing *p, hz_error *err)
{
    if (p->pairs->order != HZ_OP_NONE)
        return sort_groups(p, err);
    p->states = hz_arena_zalloc(p->arena, HZ_BATCH_ROWS, p->stage->state_bytes);
    if (!p->states)
        return hz_nomem(err, HZ_BATCH_ROWS * p->stage->state_bytes);
    HZ_TRY(start_cells(&p->related_cells, p->pairs->related, p->pairs->related_count, p->arena, err));
    return start_cells(&p->asking_cells, p->pairs->asking, p->pairs->asking_count, p->arena, err);
}

static hz_status work_off(pairing *p, size_t partition, hz_error *err)
{
    hz_run_state *run = p->worker->run;
    bool ordered = p->pairs->order != HZ_OP_NONE;
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(hz_pile_each(&run->workers[w].relate.stages[p->stage_index].states[partition], take_related, p, err));
    HZ_TRY(make_groups(p, err));
    HZ_TRY(start(p, err));
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(hz_pile_each(&run->workers[w].relate.stages[p->stage_index].asking[partition],
                              ordered ? ask_by_order : ask_pairwise, p, err));
    return ordered ? HZ_OK : end_asking(p, err);
}

hz_status hz_pairs_work_off(hz_worker *worker, size_t stage_index, size_t partition, hz_error *err)
{
    hz_run_state *run = worker->run;
    const hz_plan_stage *stage = &run->plan.stages[stage_index];
    hz_relate_scratch *scratch = &worker->relate.scratch;
    uint32_t column = stage->probes[0].columns[0];
    if (hz_column_is_broken(run, column))
        return HZ_OK;
    pairing *p = hz_mem_zalloc(1, sizeof *p);
    if (!p)
        return hz_nomem(err, sizeof *p);
    p->worker = worker;
    p->stage_index = stage_index;
    p->stage = stage;
    p->pairs = stage->pairs;
    p->slot = &stage->slots[0];
    p->column = &run->plan.columns[column];
    p->column_index = column;
    p->arena = scratch->texts;
    p->batch = hz_arena_new();
    p->held = hz_arena_new();
    hz_status st = p->batch && p->held ? work_off(p, partition, err) : hz_nomem(err, sizeof *p);
    hz_arena_free(p->batch);
    hz_arena_free(p->held);
    hz_mem_free(p->found);
    hz_mem_free(p);
    return st;
}
