/* scan.c: the scan stage of one table. A batch walks through once: cells to typed columns, regions, field constraints,
 * row rules, keys out, groups, statistics. What a rule says of a batch goes through hz_account and nowhere else. */
#include "base/alloc.h"
#include "validator/engine/assemble.h"
#include "validator/engine/run_int.h"

enum { WORDS = HZ_BATCH_ROWS / 64 + 1 };

/* ---- columns ---- */

static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    return &((hz_scan *)ctx)->columns[field->index]->value;
}

static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    return &((hz_scan *)ctx)->columns[field->index]->raw;
}

/* A pattern limit was hit: the pattern rule ends in error, and the field is read on without it. */
static hz_status drop_pattern(hz_scan *scan, size_t r, const hz_error *why, hz_error *err)
{
    const hz_plan_reading *reading = &scan->table->readings[r];
    hz_rule_broke(scan->worker, reading->rules[HZ_RULE_PATTERN - HZ_RULE_CHARACTERS], why);
    scan->which[r] &= ~(1U << HZ_RULE_PATTERN);
    hz_field_reader_free(scan->readers[r]);
    scan->readers[r] = NULL;
    return hz_field_reader_new(&scan->readers[r], reading->field, &scan->run->plan.env, scan->which[r], err);
}

hz_status hz_scan_cells(const hz_slice **out, hz_scan *scan, size_t field, hz_error *err)
{
    const hz_mapped *mapped = scan->source->mapped;
    int32_t c = scan->source->column_of[field];
    *out = c < 0 ? NULL : scan->batch->columns[c].cells;
    return mapped && mapped->fields[field].made
               ? hz_mapped_cells(out, mapped, field, scan->batch, scan->made, &scan->made_text, err)
               : HZ_OK;
}

hz_status hz_scan_columns(hz_scan *scan, const hz_batch *batch, hz_error *err)
{
    scan->batch = batch;
    scan->rows = batch->rows_count;
    if (scan->made)
        hz_arena_reset(scan->made);
    for (size_t f = 0; f < scan->table->readings_count; f++) {
        if (!scan->readers[f])
            continue;
        const hz_slice *cells;
        hz_error why;
        HZ_TRY(hz_scan_cells(&cells, scan, scan->table->readings[f].field->index, err));
        hz_error_clear(&why);
        uint64_t from = hz_time_from(scan->times);
        hz_status st = hz_field_read(&scan->columns[f], scan->readers[f], cells, scan->rows, &why);
        if (scan->times)
            hz_time_to(scan->times, &scan->times->readings[scan->table_index][f], from, scan->rows);
        if (st == HZ_E_LIMIT && scan->which[f] & 1U << HZ_RULE_PATTERN) {
            HZ_TRY(drop_pattern(scan, f, &why, err));
            st = hz_field_read(&scan->columns[f], scan->readers[f], cells, scan->rows, err);
        } else if (st != HZ_OK && err) {
            *err = why;
        }
        HZ_TRY(st);
    }
    scan->input = (hz_eval_input){.ctx = scan, .rows_count = scan->rows, .field = give_field, .raw = give_raw};
    return HZ_OK;
}

hz_status hz_scan_run(const hz_vec **out, hz_scan *scan, uint32_t rule, const hz_program *program, hz_error *err)
{
    hz_error why;
    hz_error_clear(&why);
    *out = NULL;
    if (scan->worker->tally->rules[rule].broken)
        return HZ_OK;
    hz_status st = hz_program_run(out, program, scan->worker->eval, &scan->input, &why);
    if (st == HZ_E_LIMIT || st == HZ_E_INTERNAL) {
        hz_rule_broke(scan->worker, rule, &why);
        *out = NULL;
        return HZ_OK;
    }
    if (st != HZ_OK && err)
        *err = why;
    return st;
}

/* ---- regions ---- */

/* What is asked after the scan about the regions of single rows. */
static hz_status keep_regions(hz_scan *scan, hz_error *err)
{
    hz_row_block *block = scan->block;
    block->worker = scan->worker->index;
    block->runs = HZ_ARENA_ARRAY(scan->worker->arena, hz_region_run, scan->runs_count);
    if (!block->runs)
        return hz_nomem(err, scan->runs_count * sizeof *block->runs);
    block->runs_count = scan->runs_count;
    for (uint32_t r = 0; r < scan->runs_count; r++)
        block->runs[r] =
            (hz_region_run){(uint32_t)(scan->batch->records[scan->runs[r].from] - block->record), scan->runs[r].region};
    return HZ_OK;
}

static hz_status find_regions(hz_scan *scan, hz_error *err)
{
    const hz_vec *code = NULL;
    hz_regions *regions = &scan->worker->tally->regions;
    memset(scan->packed, 0, scan->rows * sizeof *scan->packed);
    scan->runs_count = 0;
    if (!scan->table->region || !scan->rows)
        return HZ_OK;
    HZ_TRY(hz_program_run(&code, scan->table->region, scan->worker->eval, &scan->input, err));
    hz_slice before = {NULL, SIZE_MAX};
    uint64_t packed = 0;
    const hz_node *root = scan->table->table->region.root;
    const hz_slice *submitted = root->kind == HZ_NODE_FIELD ? scan->columns[root->field->index]->text : NULL;
    for (uint32_t i = 0; i < scan->rows; i++) {
        bool there = hz_bits_get(code->valid, i);
        hz_slice text = there ? code->as.text[i] : HZ_SLICE_NONE;
        if (submitted && hz_bits_get(code->invalid, i)) { /* an unknown code rolls up under its prefix */
            text = submitted[i];
            there = true;
        }
        if (text.len != before.len || memcmp(text.ptr ? text.ptr : "", before.ptr ? before.ptr : "", text.len) != 0) {
            packed = there ? hz_division_pack(text) : 0;
            before = text;
        }
        scan->packed[i] = packed;
        if (scan->runs_count && scan->packed[i - 1] == packed) {
            scan->runs[scan->runs_count - 1].to = i + 1;
            continue;
        }
        uint32_t index;
        HZ_TRY(hz_regions_index(&index, regions, packed, err));
        scan->runs[scan->runs_count++] = (struct hz_scan_run){i, i + 1, index};
    }
    for (uint32_t r = 0; r < scan->runs_count; r++)
        HZ_TRY(hz_regions_add_rows(regions, scan->table_index, scan->runs[r].region,
                                   scan->runs[r].to - scan->runs[r].from, err));
    return keep_regions(scan, err);
}

/* ---- field constraints ---- */

static hz_status field_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    const hz_field *field = entry->rule->field;
    uint64_t na[WORDS], failed[WORDS];
    size_t words = hz_bits_words(scan->rows);
    if (scan->worker->tally->rules[rule].broken)
        return HZ_OK;
    if (entry->rule->kind != HZ_RULE_REQUIRED) {
        const hz_field_column *column = scan->columns[entry->reading];
        const uint64_t *applied = column->applied[entry->rule->kind];
        if (HZ_NEVER(!applied))
            return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_S(entry->rule->id));
        for (size_t w = 0; w < words; w++)
            na[w] = ~applied[w];
        na[words - 1] &= hz_bits_tail(scan->rows);
        return hz_account(scan, rule, na, column->undetermined[entry->rule->kind], column->failed[entry->rule->kind],
                          err);
    }
    const hz_vec *raw = scan->input.raw(scan->input.ctx, field);
    for (size_t w = 0; w < words; w++)
        failed[w] = ~raw->valid[w];
    failed[words - 1] &= hz_bits_tail(scan->rows);
    if (!entry->when)
        return hz_account(scan, rule, NULL, NULL, failed, err);
    const hz_vec *when;
    HZ_TRY(hz_scan_run(&when, scan, rule, entry->when, err));
    if (!when)
        return HZ_OK;
    for (size_t w = 0; w < words; w++) {
        uint64_t on = when->valid[w] & when->as.bits[w];
        na[w] = ~on;
        failed[w] &= on;
    }
    na[words - 1] &= hz_bits_tail(scan->rows);
    return hz_account(scan, rule, na, NULL, failed, err);
}

/* ---- row rules ---- */

hz_status hz_scan_not_applicable(uint64_t *na, bool *any, hz_scan *scan, uint32_t rule, const hz_program *when,
                                 bool *broken, hz_error *err)
{
    const hz_vec *vec;
    *any = *broken = false;
    hz_bits_fill(na, scan->rows, false);
    if (!when)
        return HZ_OK;
    HZ_TRY(hz_scan_run(&vec, scan, rule, when, err));
    if (!vec) {
        *broken = true;
        return HZ_OK;
    }
    size_t words = hz_bits_words(scan->rows);
    for (size_t w = 0; w < words; w++)
        na[w] = ~(vec->valid[w] & vec->as.bits[w]);
    na[words - 1] &= hz_bits_tail(scan->rows);
    *any = true;
    return HZ_OK;
}

/* Undetermined rows where a to-one relation of the assertion found several rows. */
static void count_ambiguous(hz_scan *scan, uint32_t rule, const uint64_t *und)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    uint64_t any[WORDS] = {0};
    size_t words = hz_bits_words(scan->rows);
    for (size_t n = 0; n < entry->assert_nodes_count; n++) {
        const uint64_t *ambiguous = scan->ambiguous(scan, entry->nodes[n]);
        for (size_t w = 0; ambiguous && w < words; w++)
            any[w] |= ambiguous[w] & und[w];
    }
    scan->worker->tally->rules[rule].ambiguous += hz_bits_count(any, scan->rows);
}

static hz_status row_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    uint64_t na[WORDS], und[WORDS], failed[WORDS];
    bool any, broken;
    const hz_vec *vec;
    HZ_TRY(hz_scan_not_applicable(na, &any, scan, rule, entry->when, &broken, err));
    if (broken)
        return HZ_OK;
    HZ_TRY(hz_scan_run(&vec, scan, rule, entry->assert_, err));
    if (!vec)
        return HZ_OK;
    size_t words = hz_bits_words(scan->rows);
    for (size_t w = 0; w < words; w++) {
        und[w] = ~na[w] & ~vec->valid[w];
        failed[w] = ~na[w] & vec->valid[w] & ~vec->as.bits[w];
    }
    und[words - 1] &= hz_bits_tail(scan->rows);
    failed[words - 1] &= hz_bits_tail(scan->rows);
    if (entry->level)
        count_ambiguous(scan, rule, und);
    return hz_account(scan, rule, any ? na : NULL, und, failed, err);
}

/* ---- keys out ---- */

/* Overlaps: a row takes part when its begin is present and its end is present or NULL (open); otherwise it is
 * undetermined. */
static hz_status span_parts(hz_scan *scan, uint32_t rule, uint64_t *take, const hz_vec **from, const hz_vec **to,
                            hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    HZ_TRY(hz_scan_run(from, scan, rule, entry->overlap_from, err));
    HZ_TRY(hz_scan_run(to, scan, rule, entry->overlap_to, err));
    if (!*from || !*to)
        return HZ_OK;
    for (size_t w = 0; w < hz_bits_words(scan->rows); w++)
        take[w] &= (*from)->valid[w] & ~(*to)->invalid[w];
    return HZ_OK;
}

static hz_status unique_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    const hz_keys *keys = &scan->worker->keys;
    bool own = scan->run->plan.keysets[entry->keyset].only_of != NULL;
    uint64_t na[WORDS], und[WORDS], take[WORDS];
    bool any, broken;
    const hz_vec *from = NULL, *to = NULL;
    HZ_TRY(hz_scan_not_applicable(na, &any, scan, rule, entry->when, &broken, err));
    if (broken)
        return HZ_OK;
    size_t words = hz_bits_words(scan->rows);
    for (size_t w = 0; w < words; w++)
        take[w] = keys->usable[w] & ~na[w];
    if (entry->overlap_from)
        HZ_TRY(span_parts(scan, rule, take, &from, &to, err));
    if (scan->worker->tally->rules[rule].broken)
        return HZ_OK;
    for (size_t w = 0; w < words; w++)
        und[w] = ~take[w] & ~na[w];
    und[words - 1] &= hz_bits_tail(scan->rows);
    if (own)
        HZ_TRY(hz_key_rows_put(scan, entry->keyset, 0, take, from, to, err));
    HZ_TRY(hz_digest_rows_put(scan, rule, take, err));
    return hz_account(scan, rule, any ? na : NULL, und, NULL, err);
}

/* The values of a keyset's parts. A limit that one of them hits breaks the unique rules that need it (references need
 * fields only). */
static hz_status key_parts(const hz_vec **parts, bool *usable, hz_scan *scan, size_t k, hz_error *err)
{
    const hz_plan_keyset *plan = &scan->run->plan.keysets[k];
    hz_error why;
    hz_status st = HZ_OK;
    hz_error_clear(&why);
    *usable = plan->references_count > 0;
    for (size_t i = 0; !*usable && i < plan->unique_count; i++)
        *usable = !scan->worker->tally->rules[plan->unique[i]].broken;
    for (size_t p = 0; st == HZ_OK && *usable && p < plan->keys_count; p++)
        st = hz_program_run(&parts[p], plan->keys[p], scan->worker->eval, &scan->input, &why);
    if (st == HZ_E_LIMIT && !plan->references_count) {
        *usable = false;
        for (size_t i = 0; i < plan->unique_count; i++)
            hz_rule_broke(scan->worker, plan->unique[i], &why);
        return HZ_OK;
    }
    if (st != HZ_OK && err)
        *err = why;
    return st;
}

static hz_status fill_keyset(hz_scan *scan, size_t k, hz_error *err)
{
    const hz_plan_keyset *plan = &scan->run->plan.keysets[k];
    const hz_vec *parts[HZ_KEY_PARTS_MAX];
    hz_keys *keys = &scan->worker->keys;
    bool usable;
    HZ_TRY(key_parts(parts, &usable, scan, k, err));
    if (!usable)
        return HZ_OK;
    HZ_TRY(hz_keys_make(keys, parts, plan->normalize, plan->keys_count, scan->rows, err));
    if (!plan->only_of)
        HZ_TRY(hz_key_rows_put(scan, k, 0, keys->usable, NULL, NULL, err));
    for (size_t i = 0; i < plan->unique_count; i++)
        HZ_TRY(unique_rule(scan, plan->unique[i], err));
    return HZ_OK;
}

static hz_status fill_keysets(hz_scan *scan, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    for (size_t k = 0; k < plan->keysets_count; k++) {
        const hz_rule *only_of = plan->keysets[k].only_of;
        bool later = only_of && plan->rules[only_of->index].level;
        if (plan->keysets[k].sheet == scan->table_index && !later)
            HZ_TRY(fill_keyset(scan, k, err));
    }
    return HZ_OK;
}

/* A field's own reference applies to values that passed the constraints before it; without a column there are none. */
static void passed_before(uint64_t *take, const hz_field_column *column, uint32_t rows)
{
    for (hz_rule_kind kind = HZ_RULE_CHARACTERS; column && kind <= HZ_RULE_RANGE; kind++)
        for (size_t w = 0; column->failed[kind] && w < hz_bits_words(rows); w++)
            take[w] &= ~column->failed[kind][w];
}

static hz_status reference_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    const hz_key_index *index = &scan->run->indexes[entry->keyset];
    hz_keys *keys = &scan->worker->keys;
    const hz_rule *r = entry->rule;
    const hz_vec *parts[HZ_KEY_PARTS_MAX];
    uint64_t na[WORDS], und[WORDS], take[WORDS], found[WORDS], failed[WORDS];
    bool any, broken;
    HZ_TRY(hz_scan_not_applicable(na, &any, scan, rule, entry->when, &broken, err));
    if (broken)
        return HZ_OK;
    for (size_t p = 0; p < r->keys_count; p++) {
        HZ_TRY(hz_scan_run(&parts[p], scan, rule, entry->keys[p], err));
        if (!parts[p])
            return HZ_OK;
    }
    HZ_TRY(hz_keys_make(keys, parts, NULL, r->keys_count, scan->rows, err));
    size_t words = hz_bits_words(scan->rows);
    for (size_t w = 0; w < words; w++)
        take[w] = keys->usable[w] & ~na[w];
    if (r->field)
        passed_before(take, scan->columns[entry->reading], scan->rows);
    for (size_t w = 0; w < words; w++) {
        uint64_t rest = ~take[w];
        und[w] = r->field ? 0 : rest & ~na[w] & ~keys->missing[w];
        na[w] = rest & ~und[w];
    }
    na[words - 1] &= hz_bits_tail(scan->rows);
    und[words - 1] &= hz_bits_tail(scan->rows);
    if (!index->asked) {
        HZ_TRY(hz_key_rows_put(scan, entry->keyset, entry->role, take, NULL, NULL, err));
        return hz_account(scan, rule, na, und, NULL, err);
    }
    hz_keyset_probe(&index->keys, keys, take, scan->rows, found);
    for (size_t w = 0; w < words; w++)
        failed[w] = take[w] & ~found[w];
    return hz_account(scan, rule, na, und, failed, err);
}

/* ---- rules over relations ---- */

hz_status hz_scan_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    uint64_t from = hz_time_from(scan->times);
    hz_status st;
    switch (entry->rule->kind) {
    case HZ_RULE_REQUIRED:
        st = field_rule(scan, rule, err);
        break;
    case HZ_RULE_UNIQUE:
        st = fill_keyset(scan, entry->keyset, err);
        break;
    case HZ_RULE_REFERENCES:
        st = reference_rule(scan, rule, err);
        break;
    case HZ_RULE_SIMILAR:
        st = hz_similar_scan(scan, rule, err);
        break;
    default:
        st = row_rule(scan, rule, err);
        break;
    }
    if (scan->times)
        hz_time_to(scan->times, &scan->times->rules[rule], from, scan->rows);
    return st;
}

/* ---- groups, statistics ---- */

/* What one worker's groups of one rule may take: together an eighth of the budget; 0: no limit. */
static uint64_t group_share(const hz_run_state *run)
{
    uint64_t budget = hz_store_budget(run->store), share = 8ULL * run->workers_count * (run->plan.groups_count + 1);
    return budget ? budget / share + 1 : 0;
}

hz_status hz_scan_groups(hz_scan *scan, unsigned level, hz_error *err)
{
    const hz_plan *plan = &scan->run->plan;
    hz_tally *tally = scan->worker->tally;
    uint64_t group_bytes = group_share(scan->run);
    for (size_t g = 0; g < plan->groups_count; g++) {
        const hz_plan_group *group = &plan->groups[g];
        bool broken = group->rule ? tally->rules[group->rule->index].broken
                                  : tally->measures_broken[group->measure->index].message != HZ_MSG_NONE;
        if (group->sheet != scan->table_index || group->level != level || broken)
            continue;
        hz_error why;
        hz_error_clear(&why);
        hz_status st = hz_groups_add(tally->groups[g], scan->worker->eval, &scan->input,
                                     group->measure ? scan->packed : NULL, scan->ids, &why);
        if (st == HZ_OK && group_bytes)
            st = hz_groups_relieve(tally->groups[g], scan->run->store, group_bytes, &why);
        if (st == HZ_E_LIMIT && group->rule) {
            hz_rule_broke(scan->worker, group->rule->index, &why);
        } else if (st == HZ_E_LIMIT) {
            hz_measure_broke(scan->worker, group->measure->index, &why);
        } else if (st != HZ_OK) {
            if (err)
                *err = why;
            return st;
        }
    }
    return HZ_OK;
}

static hz_status fill_stats(hz_scan *scan, hz_error *err)
{
    hz_stats **stats = scan->table->period ? NULL : scan->worker->tally->stats[scan->table_index];
    for (size_t f = 0; stats && f < scan->table->table->fields_count; f++)
        if (stats[f])
            HZ_TRY(hz_stats_add(stats[f], scan->columns[f], scan->rows, err));
    return HZ_OK;
}

/* ---- batches ---- */

/* One rule, timed where the batch is. */
static hz_status timed(hz_scan *scan, uint32_t rule, hz_status (*work)(hz_scan *scan, uint32_t rule, hz_error *err),
                       hz_error *err)
{
    uint64_t from = hz_time_from(scan->times);
    HZ_TRY(work(scan, rule, err));
    if (scan->times)
        hz_time_to(scan->times, &scan->times->rules[rule], from, scan->rows);
    return HZ_OK;
}

static hz_status do_piece(hz_scan *scan, const hz_feed_piece *piece, hz_error *err)
{
    const hz_batch *batch = &piece->batch;
    if (!batch->rows_count)
        return HZ_OK;
    hz_eval_reset(scan->worker->eval);
    scan->times = piece->first >> HZ_ROW_BITS & (HZ_TIMED_EVERY - 1) ? NULL : scan->worker->times;
    scan->source = &scan->table->sources[piece->source];
    scan->source_index = piece->source;
    scan->block = piece->block;
    for (uint32_t i = 0; i < batch->rows_count; i++)
        scan->ids[i] = piece->first + (batch->records[i] - batch->records[0]);
    HZ_TRY(hz_scan_columns(scan, batch, err));
    HZ_TRY(find_regions(scan, err));
    HZ_TRY(hz_waive_scan(scan, err));
    for (size_t i = 0; i < scan->table->field_rules_count; i++)
        HZ_TRY(timed(scan, scan->table->field_rules[i], field_rule, err));
    for (size_t i = 0; i < scan->table->row_rules_count; i++)
        HZ_TRY(timed(scan, scan->table->row_rules[i], row_rule, err));
    HZ_TRY(fill_keysets(scan, err));
    for (size_t i = 0; i < scan->table->reference_rules_count; i++)
        HZ_TRY(timed(scan, scan->table->reference_rules[i], reference_rule, err));
    for (size_t i = 0; i < scan->table->similar_rules_count; i++)
        HZ_TRY(timed(scan, scan->table->similar_rules[i], hz_similar_scan, err));
    HZ_TRY(hz_scan_groups(scan, 0, err));
    HZ_TRY(hz_relate_scan(scan, err));
    if (scan->table->levels)
        HZ_TRY(hz_assemble_keep(scan, err));
    return fill_stats(scan, err);
}

hz_status hz_scan_open(hz_scan **out, hz_worker *worker, uint32_t table_index, const bool *needed, hz_error *err)
{
    hz_run_state *run = worker->run;
    *out = NULL;
    hz_scan *scan = hz_mem_zalloc(1, sizeof *scan);
    if (!scan)
        return hz_nomem(err, sizeof *scan);
    hz_status st = HZ_OK;
    scan->run = run;
    scan->worker = worker;
    scan->table_index = table_index;
    scan->table = &run->plan.tables[table_index];
    size_t count = scan->table->readings_count;
    for (size_t s = 0; s < scan->table->sources_count && !scan->made && st == HZ_OK; s++)
        if (scan->table->sources[s].mapped && !(scan->made = hz_arena_new()))
            st = hz_nomem(err, sizeof *scan);
    scan->readers = hz_mem_zalloc(count + 1, sizeof *scan->readers);
    scan->columns = hz_mem_zalloc(count + 1, sizeof *scan->columns);
    scan->which = hz_mem_zalloc(count + 1, sizeof *scan->which);
    if (st == HZ_OK && (!scan->readers || !scan->columns || !scan->which))
        st = hz_nomem(err, count * sizeof *scan->readers);
    for (size_t r = 0; st == HZ_OK && r < count; r++) {
        const hz_plan_reading *reading = &scan->table->readings[r];
        uint32_t pattern = reading->rules[HZ_RULE_PATTERN - HZ_RULE_CHARACTERS];
        if (!reading->used || (needed && !needed[r]))
            continue;
        scan->which[r] = reading->which;
        if (needed) /* they change no value */
            scan->which[r] &=
                ~(1U << HZ_RULE_CHARACTERS | 1U << HZ_RULE_PATTERN | 1U << HZ_RULE_LENGTH | 1U << HZ_RULE_RANGE);
        if (pattern != HZ_PLAN_NO_RULE && run->tally.rules[pattern].broken)
            scan->which[r] &= ~(1U << HZ_RULE_PATTERN);
        st = hz_field_reader_new(&scan->readers[r], reading->field, &run->plan.env, scan->which[r], err);
    }
    if (st != HZ_OK) {
        hz_scan_close(scan);
        return st;
    }
    *out = scan;
    return HZ_OK;
}

void hz_scan_close(hz_scan *scan)
{
    if (!scan)
        return;
    for (size_t f = 0; scan->readers && f < scan->table->readings_count; f++)
        hz_field_reader_free(scan->readers[f]);
    hz_mem_free(scan->readers);
    hz_mem_free((void *)scan->columns);
    hz_mem_free(scan->which);
    hz_arena_free(scan->made);
    hz_buf_clear(&scan->made_text);
    hz_mem_free(scan);
}

/* ---- tables ---- */

typedef struct scan_order {
    hz_feed *feed;
    uint32_t table;
} scan_order;

static hz_status scan_pieces(hz_worker *worker, void *ctx)
{
    const scan_order *order = ctx;
    hz_error *err = &worker->error;
    hz_feed_piece piece = {0};
    hz_scan *scan;
    HZ_TRY(hz_scan_open(&scan, worker, order->table, NULL, err));
    hz_status st = HZ_OK;
    while (!hz_run_stopped(worker->run) && (st = hz_feed_next(&piece, order->feed, err)) == HZ_OK) {
        HZ_GO(do_piece(scan, &piece, err));
        HZ_GO(hz_worker_relieve(worker, HZ_RELIEF_SCAN, err));
    }
out:
    hz_feed_give_back(&piece, order->feed);
    hz_scan_close(scan);
    return st == HZ_END ? HZ_OK : st;
}

/* Tables that are read in a moment are read by one thread. */
static unsigned hands_for(const hz_plan_table *table)
{
    return HZ_BATCH_ROWS > 64 && table->bytes < 512 * 1024 ? 1 : UINT32_MAX;
}

hz_status hz_scan_tables(hz_run_state *run, hz_error *err)
{
    for (size_t i = 0; i < run->plan.order_count; i++) {
        scan_order order = {NULL, run->plan.order[i]};
        hz_explain_mark mark = hz_explain_begin(run);
        HZ_TRY(hz_feed_open(&order.feed, run, order.table, err));
        hz_status st = hz_workers_run(run, hands_for(&run->plan.tables[order.table]), scan_pieces, &order, err);
        hz_feed_close(order.feed);
        HZ_TRY(st);
        run->tables[order.table].scanned = true;
        HZ_TRY(hz_key_table_scanned(run, order.table, err));
        HZ_TRY(hz_relate_scanned(run, err));
        HZ_TRY(hz_explain_end(run, mark, HZ_EXPLAINED_READ, order.table, 0, err));
    }
    return hz_workers_merge(run, false, err);
}
