/* assemble.c: see assemble.h. A bucket of blocks is put together at once: the columns of all its rows stand in memory,
 * by place of the row; then its frames are taken one after the other, in whatever order. */
#include "validator/engine/assemble.h"
#include "base/alloc.h"
#include "validator/engine/carry.h"
#include "validator/engine/cell.h"
#include "validator/engine/run_int.h"

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, BUCKET_ROWS = 1 << (HZ_ROW_BITS + HZ_BUCKET_BITS) };

/* ---- frames ---- */

typedef struct frame_head { /* places of the rows (16 bits each) follow where they are not 0, 1, 2 …; then columns */
    uint64_t first;         /* identity of the block's record 0 */
    uint32_t rows, bytes;
    uint32_t gaps, unused;
} frame_head;

static size_t frame_bytes(const hz_scan *scan, bool gaps)
{
    const hz_plan_table *table = scan->table;
    size_t bytes = sizeof(frame_head) + (gaps ? ((size_t)scan->rows * 2 + 7) / 8 * 8 : 0);
    for (size_t f = 0; f < table->table->fields_count; f++) {
        if (table->carry[f])
            bytes += hz_carry_bytes(&scan->columns[f]->value);
        if (table->carry_raw[f])
            bytes += hz_carry_bytes(&scan->columns[f]->raw);
    }
    return bytes;
}

hz_status hz_assemble_keep(hz_scan *scan, hz_error *err)
{
    const hz_plan_table *table = scan->table;
    hz_sheet_rows *own = &scan->worker->relate.sheets[scan->table_index];
    uint64_t first = scan->ids[0];
    bool gaps = scan->ids[scan->rows - 1] - first + 1 != scan->rows;
    size_t bytes = frame_bytes(scan, gaps);
    hz_pile *pile = hz_bucket_pile(&own->frames, &own->frames_capacity,
                                   (size_t)(first >> (HZ_ROW_BITS + HZ_BUCKET_BITS)), scan->run->store, err);
    char *at = pile ? hz_pile_put(pile, bytes, err) : NULL;
    if (!at)
        return err && err->status < 0 ? err->status : HZ_E_NOMEM;
    frame_head head = {first, scan->rows, (uint32_t)bytes, gaps, 0};
    memcpy(at, &head, sizeof head);
    at += sizeof head;
    for (uint32_t i = 0; gaps && i < scan->rows; i++) {
        uint16_t place = (uint16_t)(scan->ids[i] - first);
        memcpy(at + 2 * i, &place, 2);
    }
    at += gaps ? ((size_t)scan->rows * 2 + 7) / 8 * 8 : 0;
    for (size_t f = 0; f < table->table->fields_count; f++) {
        if (table->carry[f])
            at = hz_carry_put(at, &scan->columns[f]->value);
        if (table->carry_raw[f])
            at = hz_carry_put(at, &scan->columns[f]->raw);
    }
    return HZ_OK;
}

/* ---- columns of a bucket ---- */

typedef struct dense {
    uint32_t column;
    hz_home_value empty;
    hz_vec all; /* BUCKET_ROWS values; arrays are packed (cell.h) */
    uint64_t *ambiguous;
    hz_vec rows; /* of the frame in hand */
    uint64_t *rows_ambiguous;
} dense;

typedef struct desk {
    hz_worker *worker;
    uint32_t sheet;
    unsigned level;
    dense *columns; /* of the sheet, up to the level */
    size_t columns_count;
    dense **of_column;     /* as plan.columns; NULL: not wanted */
    hz_vec *values, *raws; /* per field, of the frame in hand */
    hz_arena *arena;       /* the columns, and the texts of the bucket */
    hz_arena *frame;
    hz_home_value *homes;
    hz_scan *scan;
} desk;

static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    return &((desk *)ctx)->values[field->index];
}

static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    return &((desk *)ctx)->raws[field->index];
}

static dense *find_dense(const desk *d, const hz_node *node)
{
    uint32_t column = hz_plan_column_of(&d->worker->run->plan, node, d->sheet);
    for (size_t c = 0; c < d->columns_count; c++)
        if (d->columns[c].column == column)
            return &d->columns[c];
    return NULL;
}

static const hz_vec *give_column(void *ctx, const hz_node *node)
{
    dense *found = find_dense(ctx, node);
    return found ? &found->rows : NULL;
}

static const uint64_t *give_ambiguous(const hz_scan *scan, const hz_node *node)
{
    const dense *found = find_dense(scan->input.ctx, node);
    return found ? found->rows_ambiguous : NULL;
}

static size_t width_of(hz_type type)
{
    switch (type) {
    case HZ_TYPE_TEXT:
    case HZ_TYPE_ARRAY:
        return sizeof(hz_slice);
    case HZ_TYPE_DECIMAL:
        return sizeof(hz_decimal);
    case HZ_TYPE_INTERVAL:
        return sizeof(hz_interval);
    default:
        return sizeof(int64_t);
    }
}

static hz_status make_vec(hz_vec *vec, hz_type type, uint32_t count, hz_arena *arena, hz_error *err)
{
    size_t words = hz_bits_words(count) + 1;
    *vec = (hz_vec){.type = type, .count = count};
    vec->valid = HZ_ARENA_ARRAY(arena, uint64_t, words);
    vec->invalid = HZ_ARENA_ARRAY(arena, uint64_t, words);
    vec->as.any = type == HZ_TYPE_BOOLEAN ? hz_arena_zalloc(arena, words, sizeof(uint64_t))
                                          : hz_arena_alloc(arena, (count + 1) * width_of(type));
    return vec->valid && vec->invalid && vec->as.any ? HZ_OK : hz_nomem(err, count * width_of(type));
}

static hz_status put_home(dense *d, size_t at, const hz_home_value *home, hz_arena *texts)
{
    hz_bits_put(d->all.valid, at, home->flags & HZ_HOME_VALID);
    hz_bits_put(d->all.invalid, at, home->flags & HZ_HOME_INVALID);
    hz_bits_put(d->ambiguous, at, home->flags & HZ_HOME_AMBIGUOUS);
    if (!(home->flags & HZ_HOME_VALID))
        return HZ_OK;
    switch (d->all.type) {
    case HZ_TYPE_BOOLEAN:
        hz_bits_put(d->all.as.bits, at, home->value.as.boolean);
        return HZ_OK;
    case HZ_TYPE_TEXT:
    case HZ_TYPE_ARRAY:
        return hz_arena_copy(&d->all.as.text[at], texts, home->value.as.text);
    case HZ_TYPE_DECIMAL:
        d->all.as.decimal[at] = home->value.as.decimal;
        return HZ_OK;
    case HZ_TYPE_INTERVAL:
        d->all.as.interval[at] = home->value.as.interval;
        return HZ_OK;
    default:
        d->all.as.i64[at] = home->value.as.i64;
        return HZ_OK;
    }
}

static hz_status make_columns(desk *d, hz_error *err)
{
    const hz_plan *plan = &d->worker->run->plan;
    hz_arena_reset(d->arena);
    for (size_t c = 0; c < d->columns_count; c++) {
        dense *one = &d->columns[c];
        const hz_plan_column *column = &plan->columns[one->column];
        HZ_TRY(make_vec(&one->all, column->type, BUCKET_ROWS, d->arena, err));
        one->all.item_type = column->node->item_type;
        one->ambiguous = HZ_ARENA_ARRAY(d->arena, uint64_t, hz_bits_words(BUCKET_ROWS) + 1);
        if (!one->ambiguous)
            return hz_nomem(err, BUCKET_ROWS / 8);
        one->empty = hz_home_empty(column);
        for (size_t i = 0; (one->empty.flags & HZ_HOME_VALID) && i < BUCKET_ROWS; i++)
            HZ_TRY(put_home(one, i, &one->empty, d->arena));
    }
    return HZ_OK;
}

static hz_status take_home(desk *d, const hz_plan_probe *probe, size_t place, uint32_t rows, bool invalid,
                           hz_error *err)
{
    static const hz_home_value INVALID = {HZ_HOME_INVALID, {.type = HZ_TYPE_NULL}};
    for (size_t p = 0; p < probe->columns_count; p++) {
        dense *one = d->of_column[probe->columns[p]];
        for (uint32_t r = 0; one && r < rows; r++)
            if (put_home(one, place + r, invalid ? &INVALID : &d->homes[p], d->arena) != HZ_OK)
                return hz_nomem(err, 0);
    }
    return HZ_OK;
}

/* Nothing is done over the sheet's rows after this level. */
static bool is_last(const desk *d)
{
    return d->scan->table->levels <= d->level;
}

static hz_status read_homes(desk *d, size_t bucket, hz_error *err)
{
    hz_run_state *run = d->worker->run;
    for (unsigned w = 0; w < run->workers_count; w++) {
        hz_sheet_rows *from = &run->workers[w].relate.sheets[d->sheet];
        hz_pile_reader reader;
        hz_slice block;
        hz_status st;
        if (bucket >= from->homes_capacity || !from->homes[bucket])
            continue;
        hz_pile_read(&reader, from->homes[bucket], is_last(d));
        while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
            for (const char *at = block.ptr; st == HZ_OK && at < block.ptr + block.len;) {
                const hz_plan_probe *probe;
                uint64_t row;
                uint32_t rows;
                bool invalid;
                at = hz_home_read(at, run, &row, &rows, &probe, &invalid, d->homes);
                st = take_home(d, probe, (size_t)(row & (BUCKET_ROWS - 1)), rows, invalid, err);
            }
            if (st != HZ_OK)
                break;
        }
        hz_pile_read_end(&reader);
        if (st != HZ_END)
            return st;
    }
    return HZ_OK;
}

/* ---- one frame ---- */

static void put_runs(hz_scan *scan, const hz_row_block *block, uint64_t first)
{
    uint32_t row = 0;
    scan->runs_count = 0;
    for (uint32_t r = 0; r < block->runs_count; r++) {
        uint32_t to = row;
        uint64_t end = r + 1 < block->runs_count ? block->runs[r + 1].from : block->span;
        while (to < scan->rows && scan->ids[to] - first < end)
            to++;
        scan->runs[scan->runs_count++] = (struct hz_scan_run){row, to, block->runs[r].region};
        row = to;
    }
}

static void copy_bits(uint64_t *to, const uint64_t *from, size_t at, uint32_t rows)
{
    memcpy(to, from + at / 64, hz_bits_words(rows) * sizeof *to);
    to[hz_bits_words(rows) - 1] &= hz_bits_tail(rows);
}

/* Rows that stand one behind the other in the bucket, from a whole word on: values are looked at where they are. */
static void look_at(dense *one, size_t at, uint32_t rows)
{
    copy_bits(one->rows.valid, one->all.valid, at, rows);
    copy_bits(one->rows.invalid, one->all.invalid, at, rows);
    copy_bits(one->rows_ambiguous, one->ambiguous, at, rows);
    if (one->all.type == HZ_TYPE_BOOLEAN)
        copy_bits(one->rows.as.bits, one->all.as.bits, at, rows);
    else
        one->rows.as.any = (char *)one->all.as.any + at * width_of(one->all.type);
}

static size_t place_of(const hz_scan *scan, uint32_t row)
{
    return (size_t)(scan->ids[row] & (BUCKET_ROWS - 1));
}

static hz_status unpack(dense *one, const desk *d, hz_error *err)
{
    const hz_scan *scan = d->scan;
    hz_cells cells;
    HZ_TRY(hz_cells_init(&cells, HZ_TYPE_ARRAY, one->all.item_type, scan->rows, d->frame, err));
    for (uint32_t i = 0; i < scan->rows; i++) {
        size_t at = place_of(scan, i);
        hz_bits_put(cells.vec.valid, i, hz_bits_get(one->all.valid, at));
        hz_bits_put(cells.vec.invalid, i, hz_bits_get(one->all.invalid, at));
        if (hz_bits_get(one->all.valid, at))
            cells.arrays[i] = one->all.as.text[at];
        hz_bits_put(one->rows_ambiguous, i, hz_bits_get(one->ambiguous, at));
    }
    HZ_TRY(hz_cells_end(&cells, scan->rows, d->frame, err));
    one->rows = cells.vec;
    return HZ_OK;
}

/* The rows of the frame out of the bucket's columns. */
static hz_status cut_columns(desk *d, bool gaps, hz_error *err)
{
    const hz_scan *scan = d->scan;
    size_t first = place_of(scan, 0);
    for (size_t c = 0; c < d->columns_count; c++) {
        dense *one = &d->columns[c];
        one->rows_ambiguous = HZ_ARENA_ARRAY(d->frame, uint64_t, hz_bits_words(scan->rows) + 1);
        if (!one->rows_ambiguous)
            return hz_nomem(err, scan->rows / 8);
        if (one->all.type == HZ_TYPE_ARRAY) {
            HZ_TRY(unpack(one, d, err));
            continue;
        }
        HZ_TRY(make_vec(&one->rows, one->all.type, scan->rows, d->frame, err));
        if (!gaps && first % 64 == 0) {
            look_at(one, first, scan->rows);
            continue;
        }
        for (uint32_t i = 0; i < scan->rows; i++) {
            size_t at = place_of(scan, i);
            hz_vec_copy_row(&one->rows, i, &one->all, at);
            hz_bits_put(one->rows_ambiguous, i, hz_bits_get(one->ambiguous, at));
        }
    }
    return HZ_OK;
}

static hz_status open_frame(desk *d, const char *at, uint32_t *bytes, hz_error *err)
{
    hz_scan *scan = d->scan;
    const hz_plan_table *table = scan->table;
    frame_head head;
    memcpy(&head, at, sizeof head);
    *bytes = head.bytes;
    at += sizeof head;
    scan->rows = head.rows;
    scan->block = scan->run->tables[d->sheet].places.blocks[head.first >> HZ_ROW_BITS];
    for (uint32_t i = 0; i < head.rows; i++) {
        uint16_t place = (uint16_t)i;
        if (head.gaps)
            memcpy(&place, at + 2 * i, 2);
        scan->ids[i] = head.first + place;
    }
    at += head.gaps ? ((size_t)head.rows * 2 + 7) / 8 * 8 : 0;
    hz_arena_reset(d->frame);
    for (size_t f = 0; at && f < table->table->fields_count; f++) {
        if (table->carry[f])
            at = hz_carry_get(&d->values[f], at, d->frame);
        if (at && table->carry_raw[f])
            at = hz_carry_get(&d->raws[f], at, d->frame);
    }
    if (!at)
        return hz_nomem(err, head.bytes);
    put_runs(scan, scan->block, head.first);
    uint32_t run = 0;
    for (uint32_t i = 0; i < scan->rows; i++) {
        while (run + 1 < scan->runs_count && scan->runs[run].to <= i)
            run++;
        scan->packed[i] = scan->runs_count ? scan->run->tally.regions.packed[scan->runs[run].region] : 0;
    }
    scan->input = (hz_eval_input){
        .ctx = d, .rows_count = scan->rows, .field = give_field, .raw = give_raw, .relational = give_column};
    return cut_columns(d, head.gaps, err);
}

static hz_status do_frame(desk *d, hz_error *err)
{
    hz_scan *scan = d->scan;
    const hz_plan *plan = &scan->run->plan;
    hz_eval_reset(d->worker->eval);
    scan->times = scan->ids[0] >> HZ_ROW_BITS & (HZ_TIMED_EVERY - 1) ? NULL : d->worker->times;
    for (size_t i = 0; i < scan->table->late_rules_count; i++)
        if (plan->rules[scan->table->late_rules[i]].level == d->level)
            HZ_TRY(hz_scan_rule(scan, scan->table->late_rules[i], err));
    HZ_TRY(hz_scan_groups(scan, d->level, err));
    for (size_t s = 0; s < plan->stages_count; s++)
        if (plan->stages[s].sheet == d->sheet && plan->stages[s].level == d->level + 1)
            HZ_TRY(hz_relate_put(scan, s, err));
    return hz_relate_ask(scan, d->level, err);
}

static hz_status do_frames(desk *d, size_t bucket, hz_error *err)
{
    hz_run_state *run = d->worker->run;
    for (unsigned w = 0; w < run->workers_count; w++) {
        hz_sheet_rows *from = &run->workers[w].relate.sheets[d->sheet];
        hz_pile_reader reader;
        hz_slice block;
        hz_status st;
        if (bucket >= from->frames_capacity || !from->frames[bucket])
            continue;
        hz_pile_read(&reader, from->frames[bucket], is_last(d));
        while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
            uint32_t bytes = 0;
            for (size_t at = 0; st == HZ_OK && at < block.len; at += (bytes + 7) / 8 * 8) {
                st = open_frame(d, block.ptr + at, &bytes, err);
                if (st == HZ_OK)
                    st = do_frame(d, err);
            }
            if (st != HZ_OK)
                break;
        }
        hz_pile_read_end(&reader);
        if (st != HZ_END)
            return st;
    }
    return HZ_OK;
}

/* ---- buckets over threads ---- */

typedef struct buckets {
    uint32_t sheet;
    unsigned level;
    size_t count, next; /* next: of hz_run_take */
} buckets;

static void desk_clear(desk *d)
{
    hz_mem_free(d->columns);
    hz_mem_free((void *)d->of_column);
    hz_mem_free(d->values);
    hz_mem_free(d->raws);
    hz_mem_free(d->homes);
    hz_arena_free(d->arena);
    hz_arena_free(d->frame);
    hz_mem_free(d->scan);
}

static hz_status desk_init(desk *d, hz_worker *worker, const buckets *all, hz_error *err)
{
    const hz_plan *plan = &worker->run->plan;
    size_t fields = plan->tables[all->sheet].table->fields_count;
    *d = (desk){.worker = worker, .sheet = all->sheet, .level = all->level};
    d->columns = hz_mem_zalloc(plan->columns_count + 1, sizeof *d->columns);
    d->of_column = hz_mem_zalloc(plan->columns_count + 1, sizeof *d->of_column);
    d->values = hz_mem_zalloc(fields + 1, sizeof *d->values);
    d->raws = hz_mem_zalloc(fields + 1, sizeof *d->raws);
    d->homes = hz_mem_zalloc(plan->columns_count + 1, sizeof *d->homes);
    d->arena = hz_arena_new();
    d->frame = hz_arena_new();
    d->scan = hz_mem_zalloc(1, sizeof *d->scan);
    if (!d->columns || !d->of_column || !d->values || !d->raws || !d->homes || !d->arena || !d->frame || !d->scan)
        return hz_nomem(err, plan->columns_count * sizeof *d->columns);
    for (uint32_t c = 0; c < plan->columns_count; c++)
        if (plan->columns[c].sheet == all->sheet && plan->columns[c].level <= all->level)
            d->columns[d->columns_count++].column = c;
    for (size_t c = 0; c < d->columns_count; c++)
        d->of_column[d->columns[c].column] = &d->columns[c];
    d->scan->run = worker->run;
    d->scan->worker = worker;
    d->scan->table = &worker->run->plan.tables[all->sheet];
    d->scan->table_index = all->sheet;
    d->scan->ambiguous = give_ambiguous;
    return HZ_OK;
}

static hz_status work_buckets(hz_worker *worker, void *ctx)
{
    buckets *all = ctx;
    hz_error *err = &worker->error;
    desk d;
    hz_status st = desk_init(&d, worker, all, err);
    size_t bucket;
    while (st == HZ_OK && hz_run_take(&bucket, worker->run, &all->next, all->count)) {
        HZ_GO(hz_cancel_check(worker->run->options->cancel, err));
        HZ_GO(make_columns(&d, err));
        HZ_GO(read_homes(&d, bucket, err));
        HZ_GO(do_frames(&d, bucket, err));
        HZ_GO(hz_worker_relieve(worker, HZ_RELIEF_STATES, err));
    }
out:
    desk_clear(&d);
    return st;
}

static bool has_work(const hz_run_state *run, uint32_t sheet, unsigned level)
{
    const hz_plan *plan = &run->plan;
    const hz_plan_table *table = &plan->tables[sheet];
    for (size_t i = 0; i < table->late_rules_count; i++)
        if (plan->rules[table->late_rules[i]].level == level)
            return true;
    for (size_t g = 0; g < plan->groups_count; g++)
        if (plan->groups[g].level == level && plan->groups[g].sheet == sheet)
            return true;
    for (size_t s = 0; s < plan->stages_count; s++) {
        const hz_plan_stage *stage = &plan->stages[s];
        if (stage->sheet == sheet && stage->level == level + 1)
            return true;
        for (size_t p = 0; p < stage->probes_count; p++)
            if (stage->probes[p].sheet == sheet && stage->probes[p].level == level)
                return true;
    }
    return false;
}

/* Rows that ask late put what they take home at once into lists that others read: those do not grow then. */
static hz_status make_room(hz_run_state *run, uint32_t sheet, size_t count, hz_error *err)
{
    for (unsigned w = 0; w < run->workers_count; w++) {
        hz_sheet_rows *rows = &run->workers[w].relate.sheets[sheet];
        if (!hz_bucket_pile(&rows->homes, &rows->homes_capacity, count - 1, run->store, err))
            return err && err->status < 0 ? err->status : HZ_E_NOMEM;
    }
    return HZ_OK;
}

hz_status hz_assemble_all(hz_run_state *run, hz_error *err)
{
    for (unsigned level = 1; level <= run->plan.levels; level++) {
        HZ_TRY(hz_relate_level(run, level, err));
        for (uint32_t sheet = 0; sheet < run->plan.sheets_count; sheet++) {
            buckets all = {sheet, level, 0, 0};
            all.count = (run->tables[sheet].places.count + (1U << HZ_BUCKET_BITS) - 1) >> HZ_BUCKET_BITS;
            if (!all.count || !has_work(run, sheet, level))
                continue;
            hz_explain_mark mark = hz_explain_begin(run);
            HZ_TRY(make_room(run, sheet, all.count, err));
            HZ_TRY(hz_workers_run(run, all.count > 1 ? UINT32_MAX : 1, work_buckets, &all, err));
            HZ_TRY(hz_explain_end(run, mark, HZ_EXPLAINED_ASSEMBLE, sheet, level, err));
        }
    }
    return run->plan.levels ? hz_workers_merge(run, true, err) : HZ_OK;
}
