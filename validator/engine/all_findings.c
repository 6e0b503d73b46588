/* all_findings.c: every finding of a run, in order, to its files.
 *
 * The order: tables as in the result; of a table its structure (by rule, then record), its records (by row, then rule),
 * its groups (by rule, then key). It depends on nothing but the input.
 *
 * Records. What failed lies in buckets of blocks (failures.h). Workers take the blocks in turn that have a failure,
 * read those rows again (all of a block, or single ones where few fail), run what the failing rules' messages need over
 * the batch, and write the findings of a row in the order of rules. Lines (ndjson, csv) are made at once by each
 * worker; what is handed over waits for its block's turn, so that the files get everything in order. Memory: a bucket
 * in order, a batch a worker, and the lines of one batch.
 *
 * Rows that fail rules over relations are looked at once more before that: they ask who is related (relatives.h). */
#include "base/alloc.h"
#include "reports/pseudonym.h"
#include "validator/engine/places.h"
#include <stdlib.h>

enum {
    SPARSE = 8,            /* rows are read one by one where fewer than one in so many fail */
    LINES_BYTES = 4 << 20, /* made ahead of their turn */
    HELD_FINDINGS = 4096,  /* kept for forms that are not lines */
    GROUPS_AT_ONCE = 512
};

/* ---- a bucket that several workers look at ---- */

typedef struct shared_bucket {
    size_t index;
    unsigned users;
    hz_failures failures;
    hz_relative_set relatives;
    struct shared_bucket *next;
} shared_bucket;

typedef struct pass { /* over the records of one sheet */
    hz_run_state *run;
    hz_sinks *sinks;
    hz_relatives *relatives; /* NULL: nobody asks for them */
    bool asking;             /* failed rows ask who is related; nothing is written */
    uint32_t sheet;
    const hz_result_table *table;
    const hz_field *unit; /* whose value is the record's reporting unit; NULL: none */
    bool *needed;         /* readings */
    uint32_t *rules;      /* those that fail in it */
    size_t rules_count;
    bool all_rows, rows, findings; /* what the sinks want */
    pthread_mutex_t lock;
    pthread_cond_t passed;
    size_t next_block, tickets, turn;
    shared_bucket *buckets;
    bool failed; /* a worker gave up */
} pass;

typedef struct job {
    size_t block, ticket;
    shared_bucket *bucket;
} job;

/* ---- a worker's desk ---- */

typedef struct desk {
    pass *pass;
    hz_worker *worker;
    hz_again again;
    hz_places places;   /* of related records */
    hz_finder *finders; /* as pass.rules */
    uint64_t **failing; /* as pass.rules: a bit a row of the batch; NULL: none fails */
    hz_arena *fixed, *batch_arena, *arena;
    const shared_bucket *bucket;
    hz_lines *lines;
    hz_found *held;
    hz_found_row *held_rows; /* as held */
    size_t held_count;
    const hz_slice **cells; /* per column of the batch */
    size_t cells_capacity;
    hz_found_row row;
    const hz_slice *unit_cells; /* of the batch in hand; NULL: no such column */
    bool my_turn;
} desk;

static void desk_clear(desk *d)
{
    for (size_t i = 0; d->finders && i < d->pass->rules_count; i++)
        hz_finder_clear(&d->finders[i]);
    hz_mem_free(d->finders);
    hz_places_clear(&d->places);
    hz_again_close(&d->again);
    hz_arena_free(d->fixed);
    hz_arena_free(d->batch_arena);
    hz_arena_free(d->arena);
    hz_mem_free((void *)d->failing);
    hz_mem_free(d->held);
    hz_mem_free(d->held_rows);
    hz_mem_free((void *)d->cells);
    hz_lines_free(d->lines);
}

static hz_status desk_init(desk *d, pass *p, hz_worker *worker, hz_error *err)
{
    *d = (desk){.pass = p, .worker = worker};
    d->again.opened = UINT32_MAX;
    d->fixed = hz_arena_new();
    d->batch_arena = hz_arena_new();
    d->arena = hz_arena_new();
    d->finders = hz_mem_zalloc(p->rules_count + 1, sizeof *d->finders);
    d->failing = hz_mem_zalloc(p->rules_count + 1, sizeof *d->failing);
    d->held = hz_mem_zalloc(HELD_FINDINGS, sizeof *d->held);
    d->held_rows = hz_mem_zalloc(HELD_FINDINGS, sizeof *d->held_rows);
    if (!d->fixed || !d->batch_arena || !d->arena || !d->finders || !d->failing || !d->held || !d->held_rows)
        return hz_nomem(err, p->rules_count * sizeof *d->finders);
    HZ_TRY(hz_places_init(&d->places, worker, p->rules, p->rules_count, d->batch_arena, d->fixed, err));
    HZ_TRY(hz_lines_new(&d->lines, p->sinks, err));
    HZ_TRY(hz_again_open(&d->again, worker, p->sheet, p->needed, err));
    for (size_t i = 0; i < p->rules_count; i++) {
        d->finders[i] = (hz_finder){.run = p->run,
                                    .eval = worker->eval,
                                    .arena = d->arena,
                                    .fixed = d->fixed,
                                    .borrow = true,
                                    .scan = d->again.scan};
        if (!p->asking)
            HZ_TRY(hz_finder_open(&d->finders[i], p->rules[i], err));
    }
    return HZ_OK;
}

/* ---- turns ---- */

static void free_bucket(shared_bucket *b)
{
    hz_failures_clear(&b->failures);
    hz_relative_set_clear(&b->relatives);
    hz_mem_free(b);
}

static hz_status bucket_of(shared_bucket **out, pass *p, size_t index, hz_error *err)
{
    shared_bucket *b = p->buckets;
    while (b && b->index != index)
        b = b->next;
    if (!b) {
        b = hz_mem_zalloc(1, sizeof *b);
        if (!b)
            return hz_nomem(err, sizeof *b);
        b->index = index;
        b->next = p->buckets;
        p->buckets = b;
        HZ_TRY(hz_failures_load(&b->failures, p->run, p->sheet, index, !p->asking, err));
        if (!p->asking)
            HZ_TRY(hz_relatives_load(&b->relatives, p->relatives, p->sheet, index, err));
    }
    *out = b;
    return HZ_OK;
}

/* Frees the buckets that nobody looks at, below the one that blocks are taken of: what was loaded cannot be again. */
static void drop_buckets(pass *p, size_t below)
{
    for (shared_bucket **at = &p->buckets, *b; (b = *at) != NULL;) {
        if (b->users || b->index >= below) {
            at = &b->next;
            continue;
        }
        *at = b->next;
        free_bucket(b);
    }
}

static bool fails_in_block(const pass *p, const hz_failures *failures, size_t block)
{
    size_t from = hz_failures_place((uint64_t)block << HZ_ROW_BITS), to = from + (1 << HZ_ROW_BITS);
    for (size_t i = 0; i < p->rules_count; i++) {
        const uint64_t *bits = failures->bits[p->rules[i]];
        if (bits && hz_bits_next(bits, to, from) < to)
            return true;
    }
    return false;
}

/* The next block that has something to say. HZ_END: none. */
static hz_status take_job(job *out, pass *p, hz_error *err)
{
    size_t count = p->run->tables[p->sheet].places.count;
    while (p->next_block < count && !p->failed) {
        size_t block = p->next_block++;
        drop_buckets(p, block >> HZ_BUCKET_BITS);
        HZ_TRY(bucket_of(&out->bucket, p, block >> HZ_BUCKET_BITS, err));
        if (!p->all_rows && !fails_in_block(p, &out->bucket->failures, block))
            continue;
        out->block = block;
        out->ticket = p->tickets++;
        out->bucket->users++;
        return HZ_OK;
    }
    return HZ_END;
}

/* false: another worker failed, and there is nothing to wait for. */
static bool await_turn(desk *d, const job *j)
{
    pass *p = d->pass;
    if (d->my_turn)
        return true;
    pthread_mutex_lock(&p->lock);
    while (p->turn != j->ticket && !p->failed)
        pthread_cond_wait(&p->passed, &p->lock);
    d->my_turn = !p->failed;
    pthread_mutex_unlock(&p->lock);
    return d->my_turn;
}

static void pass_turn(desk *d, const job *j, hz_status st)
{
    pass *p = d->pass;
    pthread_mutex_lock(&p->lock);
    p->failed = p->failed || st < 0;
    j->bucket->users--;
    p->turn++;
    pthread_cond_broadcast(&p->passed);
    pthread_mutex_unlock(&p->lock);
    d->my_turn = false;
}

/* Gives to the sinks what was made so far; what it points at is free then. */
static hz_status hand_over(desk *d, const job *j, hz_error *err)
{
    pass *p = d->pass;
    if (!await_turn(d, j))
        return HZ_END;
    HZ_TRY(hz_sinks_lines(p->sinks, d->lines, err));
    for (size_t i = 0; i < d->held_count; i++)
        if (d->held[i].finding)
            HZ_TRY(hz_sinks_put(p->sinks, &d->held[i], err));
        else
            HZ_TRY(hz_sinks_row(p->sinks, d->held[i].row, err));
    d->held_count = 0;
    hz_arena_reset(d->arena);
    return HZ_OK;
}

/* ---- related records ---- */

static const hz_related *related_of(const desk *d, uint32_t rule, uint64_t row)
{
    return (const hz_related *)(const void *)hz_failures_more(&d->bucket->failures, rule, hz_failures_place(row));
}

/* The records that the finding of pass.rules[rule] at a row names; *others: how many there are, of those that share. */
static hz_status relatives_of(hz_relative *out, uint32_t *count, uint64_t *others, const desk *d, uint32_t rule,
                              uint64_t row, hz_error *err)
{
    const pass *p = d->pass;
    *count = 0;
    if (hz_relatives_named(p->run, p->rules[rule])) {
        *count = hz_relative_set_get(out, &d->bucket->relatives, p->run, p->rules[rule], p->sheet, row);
        return HZ_OK;
    }
    const hz_related *related = related_of(d, p->rules[rule], row);
    if (HZ_NEVER(!related))
        return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("related rows"));
    *others = related->others;
    for (; *count < related->count; ++*count)
        out[*count] = (hz_relative){p->sheet, related->rows[*count]};
    return HZ_OK;
}

static hz_status want_related(desk *d, hz_error *err)
{
    const hz_scan *scan = d->again.scan;
    hz_relative at[HZ_RELATED_MAX];
    uint64_t others;
    hz_places_reset(&d->places);
    for (uint32_t i = 0; i < d->pass->rules_count; i++) {
        uint32_t count, rule = d->pass->rules[i];
        if (!d->failing[i] || !hz_places_named(d->pass->run, rule))
            continue;
        for (HZ_BITS_EACH(r, d->failing[i], scan->rows)) {
            HZ_TRY(relatives_of(at, &count, &others, d, i, scan->ids[r], err));
            for (uint32_t k = 0; k < count; k++)
                HZ_TRY(hz_places_want(&d->places, at[k], i, err));
        }
    }
    return hz_places_read(&d->places, err);
}

static hz_status put_related(hz_finding *finding, desk *d, hz_finder *finder, uint64_t row, hz_error *err)
{
    hz_relative at[HZ_RELATED_MAX];
    uint32_t count, rule = (uint32_t)(finder - d->finders);
    uint64_t others = 0;
    HZ_TRY(relatives_of(at, &count, &others, d, rule, row, err));
    HZ_TRY(hz_finding_others(finding, finder, others, err));
    finding->related = HZ_ARENA_ARRAY(d->arena, hz_place, count + 1);
    if (!finding->related)
        return hz_nomem(err, count * sizeof(hz_place));
    for (uint32_t k = 0; k < count; k++) {
        const hz_place *place = hz_places_find(&d->places, at[k], rule);
        if (HZ_NEVER(!place))
            return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("related rows"));
        finding->related[finding->related_count++] = *place;
    }
    return HZ_OK;
}

/* ---- findings of a batch ---- */

static const char *find_cells(void *ctx, uint32_t rule, uint64_t row)
{
    const hz_failures *failures = &((const desk *)ctx)->bucket->failures;
    size_t place = hz_failures_place(row);
    return hz_failures_has(failures, rule, place) ? hz_failures_more(failures, rule, place) : NULL;
}

/* Which rows of the batch fail, rule by rule. */
static hz_status turn_bits(desk *d, hz_error *err)
{
    const hz_scan *scan = d->again.scan;
    const hz_failures *failures = &d->bucket->failures;
    for (size_t i = 0; i < d->pass->rules_count; i++) {
        const uint64_t *bits = failures->bits[d->pass->rules[i]];
        size_t first = hz_failures_place(scan->ids[0]), last = hz_failures_place(scan->ids[scan->rows - 1]);
        d->failing[i] = NULL;
        if (!bits || hz_bits_next(bits, last + 1, first) > last)
            continue;
        d->failing[i] = HZ_ARENA_ARRAY(d->batch_arena, uint64_t, hz_bits_words(scan->rows) + 1);
        if (!d->failing[i])
            return hz_nomem(err, scan->rows / 8);
        for (uint32_t r = 0; r < scan->rows; r++)
            if (hz_bits_get(bits, hz_failures_place(scan->ids[r])))
                hz_bits_set(d->failing[i], r);
    }
    return HZ_OK;
}

static hz_status run_rules(desk *d, hz_error *err)
{
    hz_kept_source kept = {find_cells, d};
    for (size_t i = 0; i < d->pass->rules_count; i++) {
        uint32_t rule = d->pass->rules[i];
        if (d->failing[i] && d->pass->run->plan.rules[rule].rule->kind != HZ_RULE_GROUP_ASSERT)
            HZ_TRY(hz_finder_rule(&d->finders[i], rule, &kept, err));
    }
    return HZ_OK;
}

/* Groups are looked at by one worker at a time. */
static hz_status blamed(hz_finding *finding, desk *d, hz_finder *finder, uint32_t row, hz_error *err)
{
    hz_run_state *run = d->pass->run;
    hz_groups *groups = run->tally.groups[run->plan.rules[finder->rule].group];
    pthread_mutex_lock(&run->lock);
    size_t group = hz_groups_of_row(groups, d->again.scan->ids[row]);
    hz_status st = HZ_NEVER(group == SIZE_MAX)
                       ? hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("group of a row"))
                       : hz_finding_blamed(finding, finder, finder->rule, row, groups, group, err);
    pthread_mutex_unlock(&run->lock);
    return st;
}

static hz_status make(hz_finding *finding, desk *d, hz_finder *finder, uint32_t row, hz_error *err)
{
    const hz_rule *rule = d->pass->run->plan.rules[finder->rule].rule;
    if (rule->kind == HZ_RULE_GROUP_ASSERT)
        return blamed(finding, d, finder, row, err);
    HZ_TRY(hz_finding_write(finding, finder, row, err));
    bool others = hz_places_named(d->pass->run, finder->rule);
    return others ? put_related(finding, d, finder, d->again.scan->ids[row], err) : HZ_OK;
}

/* Personal values become pseudonyms where a key was given. */
static hz_status name_anew(hz_finding *finding, const hz_run_state *run, hz_arena *arena, hz_error *err)
{
    const hz_hmac *hmac = run->options->pseudonyms;
    return hmac ? hz_pseudonym_finding(finding, hmac, arena, err) : HZ_OK;
}

/* What all findings of a row share. */
static void look_at_row(hz_found *found, const desk *d, uint32_t row)
{
    const hz_scan *scan = d->again.scan;
    const hz_run_state *run = d->pass->run;
    *found = (hz_found){.unit = {HZ_SLICE_NONE, HZ_MASK_NONE, true}, .row = NULL};
    if (scan->table->region) {
        uint32_t region = hz_rows_region(&run->tables[d->pass->sheet].places, scan->ids[row]);
        found->region[hz_division_unpack(found->region, run->tally.regions.packed[region])] = '\0';
    }
    const hz_field *unit = d->pass->unit;
    if (unit) {
        const hz_slice *cells = d->unit_cells;
        if (cells)
            found->unit = (hz_shown){cells[row], unit->mask, !cells[row].len};
    }
}

/* Keeps a finding, or the row alone, for its turn. There is room. */
static void hold(desk *d, const hz_found *found, uint32_t row)
{
    hz_found *kept = &d->held[d->held_count];
    *kept = *found;
    if (d->pass->rows) {
        hz_found_row *here = &d->held_rows[d->held_count];
        *here = d->row;
        here->row = row;
        here->line = d->again.scan->batch->lines[row];
        kept->row = here;
    }
    d->held_count++;
}

static hz_status one_row(desk *d, const job *j, uint32_t row, hz_error *err)
{
    hz_run_state *run = d->pass->run;
    hz_found found;
    bool any = false;
    for (size_t i = 0; i < d->pass->rules_count; i++) {
        if (!d->failing[i] || !hz_bits_get(d->failing[i], row))
            continue;
        if (!any)
            look_at_row(&found, d, row);
        any = true;
        if (d->held_count == HELD_FINDINGS)
            HZ_TRY(hand_over(d, j, err));
        hz_finding *finding = HZ_ARENA_NEW(d->arena, hz_finding);
        if (!finding)
            return hz_nomem(err, sizeof *finding);
        HZ_TRY(make(finding, d, &d->finders[i], row, err));
        finding->waived = hz_waiver_id(run, hz_waive_of_row(run, d->pass->rules[i], d->again.scan->ids[row]));
        HZ_TRY(name_anew(finding, run, d->arena, err));
        found.finding = finding;
        found.rule = run->shown[d->pass->rules[i]];
        HZ_TRY(hz_lines_add(d->lines, &found, err));
        if (d->pass->findings)
            hold(d, &found, row);
    }
    if (d->pass->rows && (any || d->pass->all_rows)) {
        if (d->held_count == HELD_FINDINGS)
            HZ_TRY(hand_over(d, j, err));
        found = (hz_found){.unit = {HZ_SLICE_NONE, HZ_MASK_NONE, true}};
        hold(d, &found, row);
    }
    if (!d->pass->findings)
        hz_arena_reset(d->arena);
    return hz_lines_bytes(d->lines) > LINES_BYTES ? hand_over(d, j, err) : HZ_OK;
}

static hz_status look_at_columns(desk *d, hz_error *err)
{
    const hz_scan *scan = d->again.scan;
    size_t count = scan->batch->columns_count;
    if (!HZ_GROW(d->cells, d->cells_capacity, count + 1))
        return hz_nomem(err, count * sizeof *d->cells);
    for (size_t c = 0; c < count; c++)
        d->cells[c] = scan->batch->columns[c].cells;
    d->row = (hz_found_row){.table = d->pass->table,
                            .names = scan->source->columns,
                            .columns_count = scan->source->columns_count < count ? scan->source->columns_count : count,
                            .cells = d->cells,
                            .column_of = scan->source->column_of,
                            .source = scan->source_index};
    return HZ_OK;
}

static hz_status ask_batch(desk *d, hz_error *err)
{
    hz_kept_source kept = {find_cells, d};
    HZ_TRY(turn_bits(d, err));
    for (size_t i = 0; i < d->pass->rules_count; i++)
        if (d->failing[i])
            HZ_TRY(hz_relatives_ask(d->pass->relatives, &d->finders[i], d->pass->rules[i], d->failing[i], &kept, err));
    hz_arena_reset(d->batch_arena);
    return HZ_OK;
}

static hz_status do_batch(desk *d, const job *j, hz_error *err)
{
    const hz_scan *scan = d->again.scan;
    if (d->pass->asking)
        return ask_batch(d, err);
    HZ_TRY(turn_bits(d, err));
    HZ_TRY(want_related(d, err));
    HZ_TRY(run_rules(d, err));
    if (d->pass->unit)
        HZ_TRY(hz_scan_cells(&d->unit_cells, d->again.scan, d->pass->unit->index, err));
    if (d->pass->rows)
        HZ_TRY(look_at_columns(d, err));
    hz_status st = HZ_OK;
    for (uint32_t row = 0; st == HZ_OK && row < scan->rows; row++)
        st = one_row(d, j, row, err);
    if (st == HZ_OK && d->pass->findings) /* they point into the batch */
        st = hand_over(d, j, err);
    hz_arena_reset(d->batch_arena);
    return st;
}

/* ---- blocks ---- */

/* The rows of a block where something fails, ascending. */
static hz_status failing_rows(uint64_t **rows, size_t *count, desk *d, size_t block, hz_error *err)
{
    const hz_failures *failures = &d->bucket->failures;
    uint64_t any[(1 << HZ_ROW_BITS) / 64 + 1] = {0};
    size_t from = hz_failures_place((uint64_t)block << HZ_ROW_BITS), rows_max = 1 << HZ_ROW_BITS;
    for (size_t i = 0; i < d->pass->rules_count; i++) {
        const uint64_t *bits = failures->bits[d->pass->rules[i]];
        for (size_t at = bits ? hz_bits_next(bits, from + rows_max, from) : from + rows_max; at < from + rows_max;
             at = hz_bits_next(bits, from + rows_max, at + 1))
            hz_bits_set(any, at - from);
    }
    *count = (size_t)hz_bits_count(any, rows_max);
    *rows = HZ_ARENA_ARRAY(d->batch_arena, uint64_t, *count + 1);
    if (!*rows)
        return hz_nomem(err, *count * sizeof **rows);
    size_t n = 0;
    for (HZ_BITS_EACH(i, any, rows_max))
        (*rows)[n++] = ((uint64_t)block << HZ_ROW_BITS) + i;
    return HZ_OK;
}

static hz_status do_rows(desk *d, const job *j, const uint64_t *rows, size_t count, hz_error *err)
{
    uint64_t *own = hz_mem_zalloc(count + 1, sizeof *own); /* the arena is emptied batch by batch */
    hz_status st = own ? HZ_OK : hz_nomem(err, count * sizeof *own);
    if (own && count)
        memcpy(own, rows, count * sizeof *own);
    for (size_t from = 0, taken = 0; st == HZ_OK && from < count; from += taken) {
        hz_eval_reset(d->worker->eval);
        st = hz_again_rows(&d->again, own + from, count - from, &taken, err);
        if (st == HZ_OK)
            st = do_batch(d, j, err);
    }
    hz_mem_free(own);
    return st;
}

static hz_status do_block(desk *d, const job *j, hz_error *err)
{
    const hz_row_block *block = d->pass->run->tables[d->pass->sheet].places.blocks[j->block];
    uint64_t *rows;
    size_t count;
    d->bucket = j->bucket;
    HZ_TRY(hz_cancel_check(d->pass->run->options->cancel, err));
    HZ_TRY(failing_rows(&rows, &count, d, j->block, err));
    bool sparse = !d->pass->all_rows && count * SPARSE < block->span;
    if (sparse)
        HZ_TRY(hz_again_goes_back(&sparse, &d->again, j->block, err));
    if (sparse)
        return do_rows(d, j, rows, count, err);
    hz_status st = hz_again_seek(&d->again, j->block, err);
    if (st == HZ_END)
        return do_rows(d, j, rows, count, err);
    while (st == HZ_OK) {
        hz_eval_reset(d->worker->eval);
        st = hz_again_next(&d->again, j->block, err);
        if (st == HZ_OK)
            st = do_batch(d, j, err);
        else if (st == HZ_END)
            return HZ_OK;
        if (st == HZ_OK &&
            d->again.scan->ids[d->again.scan->rows - 1] == ((uint64_t)j->block << HZ_ROW_BITS) + block->span - 1)
            break;
    }
    return st;
}

static hz_status work(hz_worker *worker, void *ctx)
{
    pass *p = ctx;
    hz_error *err = &worker->error;
    desk d;
    job j;
    hz_status st = desk_init(&d, p, worker, err);
    while (st == HZ_OK) {
        pthread_mutex_lock(&p->lock);
        st = take_job(&j, p, err);
        pthread_mutex_unlock(&p->lock);
        if (st != HZ_OK)
            break;
        st = do_block(&d, &j, err);
        if (st == HZ_OK)
            st = hand_over(&d, &j, err);
        pass_turn(&d, &j, st);
    }
    if (st < 0) { /* others wait for no turn of this one */
        pthread_mutex_lock(&p->lock);
        p->failed = true;
        pthread_cond_broadcast(&p->passed);
        pthread_mutex_unlock(&p->lock);
    }
    desk_clear(&d);
    return st == HZ_END ? HZ_OK : st;
}

/* ---- what a sheet's findings need ---- */

static void need_programs(pass *p, const hz_program *program)
{
    const hz_field *const *fields;
    for (size_t i = program ? hz_program_fields(program, &fields) : 0; i > 0; i--)
        p->needed[fields[i - 1]->index] = true;
    for (size_t i = program ? hz_program_raw_fields(program, &fields) : 0; i > 0; i--)
        p->needed[fields[i - 1]->index] = true;
}

static hz_status need_rule(pass *p, uint32_t rule, hz_arena *arena, hz_error *err)
{
    const hz_plan_rule *entry = &p->run->plan.rules[rule];
    hz_finder finder = {.run = p->run, .eval = p->run->workers[0].eval, .arena = arena, .fixed = arena};
    hz_status st = hz_finder_open(&finder, rule, err);
    if (st == HZ_OK && entry->rule->kind == HZ_RULE_TYPE)
        p->needed[entry->reading] = true;
    for (size_t i = 0; st == HZ_OK && i < finder.fields_count; i++)
        p->needed[finder.fields[i]->index] = true;
    for (size_t side = 0; st == HZ_OK && side < 2; side++)
        for (size_t i = 0; i < finder.count[side]; i++)
            need_programs(p, finder.programs[side][i]);
    if (st == HZ_OK && entry->rule->kind != HZ_RULE_GROUP_ASSERT) {
        need_programs(p, entry->left);
        need_programs(p, entry->right);
        size_t keys = entry->keys || entry->rule->kind == HZ_RULE_UNIQUE ? entry->rule->keys_count : 0;
        for (size_t i = 0; i < keys; i++)
            need_programs(p, hz_finder_key(&finder, i));
    }
    hz_finder_clear(&finder);
    return st;
}

static bool is_of_rows(const hz_run_state *run, uint32_t rule, uint32_t sheet)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    return run->shown[rule] && entry->runs && hz_plan_sheet_of(&run->plan, entry->rule) == sheet &&
           hz_rule_is_of_records(entry->rule) && !hz_rule_is_of_groups(entry->rule) &&
           (run->tally.rules[rule].failed || run->tally.rules[rule].waived) && !run->tally.rules[rule].broken;
}

static hz_status pass_init(pass *p, hz_run_state *run, hz_relatives *relatives, bool asking, uint32_t sheet,
                           hz_error *err)
{
    const hz_plan_table *table = &run->plan.tables[sheet];
    *p = (pass){.run = run, .sinks = run->options->sinks, .relatives = relatives, .asking = asking, .sheet = sheet};
    p->table = &run->result->tables[run->table_shown[sheet]];
    hz_slice unit = table->table->unit.len ? table->table->unit : run->plan.profile->unit;
    p->unit = unit.len ? hz_table_field(table->table, unit) : NULL;
    p->needed = hz_mem_zalloc(table->readings_count + 1, sizeof *p->needed);
    p->rules = hz_mem_zalloc(run->plan.rules_count + 1, sizeof *p->rules);
    if (!p->needed || !p->rules)
        return hz_nomem(err, run->plan.rules_count * sizeof *p->rules);
    if (asking) {
        for (uint32_t r = 0; r < run->plan.rules_count; r++)
            if (is_of_rows(run, r, sheet) && hz_relatives_named(run, r)) {
                p->rules[p->rules_count++] = r;
                hz_relatives_need(p->needed, run, r);
            }
        return HZ_OK;
    }
    for (size_t i = 0; i < table->table->key_count; i++)
        p->needed[table->table->key[i]->index] = true;
    hz_arena *arena = hz_arena_new();
    hz_status st = arena ? HZ_OK : hz_nomem(err, sizeof(void *));
    for (uint32_t r = 0; st == HZ_OK && r < run->plan.rules_count; r++) {
        if (!is_of_rows(run, r, sheet))
            continue;
        p->rules[p->rules_count++] = r;
        st = need_rule(p, r, arena, err);
    }
    hz_arena_free(arena);
    p->findings = hz_sinks_want_findings(p->sinks);
    p->rows = hz_sinks_want_rows(p->sinks) && !table->period;
    p->all_rows = p->rows && hz_sinks_want_all_rows(p->sinks, p->table);
    return st;
}

static void pass_clear(pass *p)
{
    for (shared_bucket *b = p->buckets, *next; b; b = next) {
        next = b->next;
        free_bucket(b);
    }
    hz_mem_free(p->needed);
    hz_mem_free(p->rules);
}

static hz_status records_of(hz_run_state *run, hz_relatives *relatives, bool asking, uint32_t sheet, hz_error *err)
{
    pass p;
    hz_status st = pass_init(&p, run, relatives, asking, sheet, err);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.passed, NULL);
    if (st == HZ_OK && (p.rules_count || p.all_rows) && run->tables[sheet].places.count)
        st = hz_workers_run(run, run->tables[sheet].places.count > 1 ? UINT32_MAX : 1, work, &p, err);
    pthread_cond_destroy(&p.passed);
    pthread_mutex_destroy(&p.lock);
    pass_clear(&p);
    return st;
}

/* ---- one at a time: structure and groups ---- */

typedef struct single {
    hz_run_state *run;
    hz_lines *lines;
    hz_arena *arena, *fixed;
    hz_relatives *relatives;
} single;

static hz_status hand_over_one(single *s, uint32_t rule, const hz_finding *finding, hz_error *err)
{
    hz_found found = {.finding = finding, .rule = s->run->shown[rule], .unit = {HZ_SLICE_NONE, HZ_MASK_NONE, true}};
    HZ_TRY(hz_lines_add(s->lines, &found, err));
    HZ_TRY(hz_sinks_lines(s->run->options->sinks, s->lines, err));
    return hz_sinks_put(s->run->options->sinks, &found, err);
}

static hz_status take_structure(void *ctx, uint32_t rule, const hz_finding *finding, hz_error *err)
{
    single *s = ctx;
    HZ_TRY(hand_over_one(s, rule, finding, err));
    hz_arena_reset(s->arena);
    return HZ_OK;
}

typedef struct group_row { /* a record that a group's finding names */
    uint64_t row;
    uint32_t finding, at;
} group_row;

typedef struct group_batch {
    single *s;
    uint32_t rule;
    hz_finder finder;
    hz_again again;
    hz_finding *findings[GROUPS_AT_ONCE];
    size_t count;
    group_row rows[GROUPS_AT_ONCE * HZ_RELATED_MAX];
    uint64_t ids[GROUPS_AT_ONCE * HZ_RELATED_MAX];
    size_t rows_count;
} group_batch;

static int by_row(const void *a, const void *b)
{
    const group_row *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

static hz_status give_groups(group_batch *b, hz_error *err)
{
    hz_run_state *run = b->s->run;
    if (b->rows_count)
        qsort(b->rows, b->rows_count, sizeof *b->rows, by_row);
    for (size_t i = 0; i < b->rows_count; i++)
        b->ids[i] = b->rows[i].row;
    HZ_TRY(hz_finder_fields(&b->finder, b->rule, run->plan.rules[b->rule].rule->table, err));
    b->finder.scan = b->again.scan;
    for (size_t from = 0, taken; from < b->rows_count; from += taken) {
        hz_eval_reset(run->workers[0].eval);
        HZ_TRY(hz_again_rows(&b->again, b->ids + from, b->rows_count - from, &taken, err));
        for (size_t i = from; i < from + taken; i++)
            HZ_TRY(hz_finding_place(&b->findings[b->rows[i].finding]->related[b->rows[i].at], &b->finder,
                                    hz_again_index(&b->again, b->rows[i].row), err));
    }
    b->finder.scan = NULL;
    for (size_t i = 0; i < b->count; i++) {
        HZ_TRY(name_anew(b->findings[i], run, b->s->arena, err));
        HZ_TRY(hand_over_one(b->s, b->rule, b->findings[i], err));
    }
    b->count = b->rows_count = 0;
    hz_arena_reset(b->s->arena);
    return HZ_OK;
}

static hz_status add_group(group_batch *b, hz_groups *groups, size_t index, hz_error *err)
{
    const uint64_t *rows;
    hz_finding *finding = HZ_ARENA_NEW(b->s->arena, hz_finding);
    size_t count = hz_groups_rows(groups, index, &rows);
    if (!finding)
        return hz_nomem(err, sizeof *finding);
    hz_eval_reset(b->s->run->workers[0].eval);
    HZ_TRY(hz_finding_group(finding, &b->finder, b->rule, groups, index, err));
    finding->waived = hz_waiver_id(b->s->run, hz_waive_of_group(b->s->run, b->rule, index));
    finding->related = HZ_ARENA_ARRAY(b->s->arena, hz_place, count + 1);
    if (!finding->related)
        return hz_nomem(err, count * sizeof(hz_place));
    finding->related_count = count;
    for (size_t i = 0; i < count; i++)
        b->rows[b->rows_count++] = (group_row){rows[i], (uint32_t)b->count, (uint32_t)i};
    b->findings[b->count++] = finding;
    return b->count == GROUPS_AT_ONCE ? give_groups(b, err) : HZ_OK;
}

static hz_status groups_of_rule(single *s, uint32_t rule, hz_error *err)
{
    hz_run_state *run = s->run;
    const hz_plan_rule *entry = &run->plan.rules[rule];
    hz_groups *groups = run->tally.groups[entry->group];
    const uint64_t *failing = run->tally.rules[rule].failing_groups;
    size_t count = hz_groups_count(groups);
    group_batch *b = hz_mem_zalloc(1, sizeof *b);
    if (!b)
        return hz_nomem(err, sizeof *b);
    b->s = s;
    b->rule = rule;
    b->finder = (hz_finder){.run = run, .eval = run->workers[0].eval, .arena = s->arena, .fixed = s->fixed};
    hz_status st = hz_again_open(&b->again, &run->workers[0], hz_plan_sheet_of(&run->plan, entry->rule), NULL, err);
    for (size_t i = hz_bits_next(failing, count, 0); st == HZ_OK && i < count; i = hz_bits_next(failing, count, i + 1))
        st = add_group(b, groups, i, err);
    if (st == HZ_OK)
        st = give_groups(b, err);
    hz_finder_clear(&b->finder);
    hz_again_close(&b->again);
    hz_mem_free(b);
    return st;
}

static hz_status groups_of(single *s, uint32_t sheet, hz_error *err)
{
    hz_run_state *run = s->run;
    for (uint32_t r = 0; r < run->plan.rules_count; r++)
        if (run->shown[r] && run->tally.rules[r].failing_groups && !run->tally.rules[r].broken &&
            hz_plan_sheet_of(&run->plan, run->plan.rules[r].rule) == sheet)
            HZ_TRY(groups_of_rule(s, r, err));
    return HZ_OK;
}

/* ---- the run ---- */

static hz_status sheets(single *s, hz_error *err)
{
    hz_run_state *run = s->run;
    for (uint32_t shown = 0; shown < run->plan.sheets_count; shown++) /* in the order of the result's tables */
        for (uint32_t sheet = 0; sheet < run->plan.sheets_count; sheet++) {
            if (run->table_shown[sheet] != shown)
                continue;
            HZ_TRY(hz_structure_all(run, sheet, s->arena, take_structure, s, err));
            HZ_TRY(records_of(run, s->relatives, false, sheet, err));
            HZ_TRY(groups_of(s, sheet, err));
        }
    return HZ_OK;
}

/* Who is related to what fails, of all sheets: then findings can be written in one go. */
static hz_status find_relatives(single *s, hz_error *err)
{
    hz_run_state *run = s->run;
    if (!hz_sinks_want_related(run->options->sinks))
        return HZ_OK;
    HZ_TRY(hz_relatives_new(&s->relatives, run, err));
    for (uint32_t sheet = 0; sheet < run->plan.sheets_count; sheet++)
        HZ_TRY(records_of(run, s->relatives, true, sheet, err));
    return hz_relatives_find(s->relatives, err);
}

hz_status hz_all_findings(hz_run_state *run, hz_error *err)
{
    single s = {.run = run, .arena = hz_arena_new(), .fixed = hz_arena_new()};
    hz_status st = s.arena && s.fixed ? HZ_OK : hz_nomem(err, sizeof(void *));
    if (st == HZ_OK)
        st = hz_lines_new(&s.lines, run->options->sinks, err);
    if (st == HZ_OK)
        st = hz_sinks_begin(run->options->sinks, run->result, err);
    if (st == HZ_OK)
        st = find_relatives(&s, err);
    if (st == HZ_OK)
        st = sheets(&s, err);
    hz_relatives_free(s.relatives);
    if (st == HZ_OK)
        st = hz_sinks_finish(run->options->sinks, err);
    hz_lines_free(s.lines);
    hz_arena_free(s.arena);
    hz_arena_free(s.fixed);
    return st;
}
