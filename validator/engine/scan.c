/* scan.c: the scan stage of one table. A batch walks through once: cells to typed columns, regions, field constraints,
 * row rules, keys out, groups, statistics. What a rule says of a batch goes through hz_account and nowhere else. */
#include "base/alloc.h"
#include "base/cancel.h"
#include "validator/engine/run_int.h"

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, WANT_WORDS = 16384 / 64 };

/* ---- columns ---- */

static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    return &((hz_scan *)ctx)->columns[field->index]->value;
}

static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    return &((hz_scan *)ctx)->columns[field->index]->raw;
}

static uint32_t rule_of_field(const hz_run_state *run, const hz_field *field, hz_rule_kind kind)
{
    const hz_plan_table *table = &run->plan.tables[field->table->index];
    for (size_t i = 0; i < table->field_rules_count; i++) {
        const hz_rule *rule = run->plan.rules[table->field_rules[i]].rule;
        if (rule->field == field && rule->kind == kind)
            return rule->index;
    }
    return UINT32_MAX;
}

/* A pattern limit was hit: the pattern rule ends in error, and the field is read on without it. */
static hz_status drop_pattern(hz_scan *scan, uint32_t f, const hz_error *why, hz_error *err)
{
    const hz_field *field = &scan->table->table->fields[f];
    uint32_t rule = rule_of_field(scan->run, field, HZ_RULE_PATTERN);
    if (rule != UINT32_MAX)
        hz_rule_broke(scan->run, rule, why);
    scan->table->which[f] &= ~(1U << HZ_RULE_PATTERN);
    hz_field_reader_free(scan->readers[f]);
    scan->readers[f] = NULL;
    return hz_field_reader_new(&scan->readers[f], field, &scan->run->plan.env, scan->table->which[f], err);
}

hz_status hz_scan_columns(hz_scan *scan, const hz_batch *batch, hz_error *err)
{
    const hz_table *table = scan->table->table;
    scan->batch = batch;
    scan->rows = batch->rows_count;
    for (uint32_t f = 0; f < table->fields_count; f++) {
        if (!scan->readers[f])
            continue;
        int32_t c = scan->source->column_of[f];
        const hz_slice *cells = c < 0 ? NULL : batch->columns[c].cells;
        hz_error why;
        hz_error_clear(&why);
        hz_status st = hz_field_read(&scan->columns[f], scan->readers[f], cells, scan->rows, &why);
        if (st == HZ_E_LIMIT && scan->table->which[f] & 1U << HZ_RULE_PATTERN) {
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

/* Runs a rule's program; *out NULL when the rule ended in error (now or before). */
static hz_status run_for_rule(const hz_vec **out, hz_scan *scan, uint32_t rule, const hz_program *program,
                              hz_error *err)
{
    hz_error why;
    hz_error_clear(&why);
    *out = NULL;
    if (scan->run->rules[rule].broken)
        return HZ_OK;
    hz_status st = hz_program_run(out, program, scan->run->eval, &scan->input, &why);
    if (st == HZ_E_LIMIT || st == HZ_E_INTERNAL) {
        hz_rule_broke(scan->run, rule, &why);
        *out = NULL;
        return HZ_OK;
    }
    if (st != HZ_OK && err)
        *err = why;
    return st;
}

/* ---- regions ---- */

static hz_status find_regions(hz_scan *scan, hz_error *err)
{
    const hz_vec *code = NULL;
    hz_run_state *run = scan->run;
    memset(scan->packed, 0, scan->rows * sizeof *scan->packed);
    scan->runs_count = 0;
    if (!scan->table->region || !scan->rows)
        return HZ_OK;
    HZ_TRY(hz_program_run(&code, scan->table->region, run->eval, &scan->input, err));
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
        HZ_TRY(hz_regions_index(&index, &run->regions, packed, err));
        scan->runs[scan->runs_count++] = (struct hz_region_run){i, i + 1, index};
    }
    for (uint32_t r = 0; r < scan->runs_count; r++) {
        const struct hz_region_run *span = &scan->runs[r];
        HZ_TRY(hz_regions_add_rows(&run->regions, scan->table_index, span->region, span->to - span->from, err));
        for (uint32_t i = span->from; i < span->to; i++)
            scan->region[i] = span->region;
    }
    return HZ_OK;
}

/* ---- where rows are ---- */

static hz_status keep_base(hz_row_index *index, hz_scan *scan, uint32_t row, hz_error *err)
{
    if (!HZ_GROW(index->bases, index->bases_capacity, index->bases_count + 1))
        return hz_nomem(err, sizeof *index->bases);
    index->bases[index->bases_count++] = (struct hz_row_base){scan->ordinals[row], scan->batch->offsets[row],
                                                              scan->batch->lines[row], scan->source_index};
    return HZ_OK;
}

static hz_status keep_places(hz_scan *scan, hz_error *err)
{
    hz_table_partial *partial = scan->partial;
    hz_row_index *index = &partial->index;
    const hz_batch *batch = scan->batch;
    if (!scan->rows)
        return HZ_OK;
    size_t last = (size_t)scan->ordinals[scan->rows - 1] + 1;
    if (!HZ_GROW(index->offsets, index->offsets_capacity, last) || !HZ_GROW(index->lines, index->lines_capacity, last))
        return hz_nomem(err, last * sizeof *index->offsets);
    if (scan->table->region && !HZ_GROW(partial->region_of, partial->region_capacity, last))
        return hz_nomem(err, last * sizeof *partial->region_of);
    for (size_t o = index->rows_count; o < last; o++)
        index->offsets[o] = UINT32_MAX;
    HZ_TRY(keep_base(index, scan, 0, err));
    uint64_t offset = batch->offsets[0], line = batch->lines[0];
    for (uint32_t i = 0; i < scan->rows; i++) {
        if (batch->offsets[i] - offset >= UINT32_MAX) {
            HZ_TRY(keep_base(index, scan, i, err));
            offset = batch->offsets[i];
            line = batch->lines[i];
        }
        index->offsets[scan->ordinals[i]] = (uint32_t)(batch->offsets[i] - offset);
        index->lines[scan->ordinals[i]] = (uint32_t)(batch->lines[i] - line);
    }
    if (scan->table->region)
        for (uint32_t i = 0; i < scan->rows; i++)
            partial->region_of[scan->ordinals[i]] = scan->region[i];
    index->rows_count = last;
    return HZ_OK;
}

/* ---- field constraints ---- */

static hz_status field_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    const hz_field_column *column = scan->columns[entry->rule->field->index];
    uint64_t na[WORDS], failed[WORDS];
    size_t words = hz_bits_words(scan->rows);
    if (scan->run->rules[rule].broken)
        return HZ_OK;
    if (entry->rule->kind != HZ_RULE_REQUIRED) {
        const uint64_t *applied = column->applied[entry->rule->kind];
        if (HZ_NEVER(!applied))
            return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_S(entry->rule->id));
        for (size_t w = 0; w < words; w++)
            na[w] = ~applied[w];
        na[words - 1] &= hz_bits_tail(scan->rows);
        return hz_account(scan, rule, na, column->undetermined[entry->rule->kind], column->failed[entry->rule->kind],
                          err);
    }
    for (size_t w = 0; w < words; w++)
        failed[w] = ~column->raw.valid[w];
    failed[words - 1] &= hz_bits_tail(scan->rows);
    if (!entry->when)
        return hz_account(scan, rule, NULL, NULL, failed, err);
    const hz_vec *when;
    HZ_TRY(run_for_rule(&when, scan, rule, entry->when, err));
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

/* Rows where `when` is not TRUE; false when there is no `when`. */
static hz_status not_applicable(uint64_t *na, bool *any, hz_scan *scan, uint32_t rule, const hz_program *when,
                                bool *broken, hz_error *err)
{
    const hz_vec *vec;
    *any = *broken = false;
    hz_bits_fill(na, scan->rows, false);
    if (!when)
        return HZ_OK;
    HZ_TRY(run_for_rule(&vec, scan, rule, when, err));
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

static hz_status row_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    uint64_t na[WORDS], und[WORDS], failed[WORDS];
    bool any, broken;
    const hz_vec *vec;
    HZ_TRY(not_applicable(na, &any, scan, rule, entry->when, &broken, err));
    if (broken)
        return HZ_OK;
    HZ_TRY(run_for_rule(&vec, scan, rule, entry->assert_, err));
    if (!vec)
        return HZ_OK;
    size_t words = hz_bits_words(scan->rows);
    for (size_t w = 0; w < words; w++) {
        und[w] = ~na[w] & ~vec->valid[w];
        failed[w] = ~na[w] & vec->valid[w] & ~vec->as.bits[w];
    }
    und[words - 1] &= hz_bits_tail(scan->rows);
    failed[words - 1] &= hz_bits_tail(scan->rows);
    return hz_account(scan, rule, any ? na : NULL, und, failed, err);
}

/* ---- keys out ---- */

static int64_t comparable(const hz_vec *vec, size_t row)
{
    if (vec->type == HZ_TYPE_DATE)
        return vec->as.i64[row] * HZ_MICROS_PER_DAY; /* dates and timestamps mix */
    return vec->as.i64[row];
}

static hz_status keep_spans(hz_scan *scan, uint32_t rule, const uint64_t *take, const uint32_t *entries,
                            const hz_vec *from, const hz_vec *to, hz_error *err)
{
    hz_spans *spans = &scan->run->spans[rule];
    if (!HZ_GROW(spans->rows, spans->capacity, spans->count + scan->rows))
        return hz_nomem(err, scan->rows * sizeof *spans->rows);
    for (HZ_BITS_EACH(i, take, scan->rows)) {
        bool open = !hz_bits_get(to->valid, i);
        spans->rows[spans->count++] =
            (hz_span_row){entries[i], comparable(from, i), open ? INT64_MAX : comparable(to, i), scan->ordinals[i]};
    }
    return HZ_OK;
}

/* Overlaps: a row takes part when its begin is present and its end is present or NULL (open); otherwise it is
 * undetermined. */
static hz_status span_parts(hz_scan *scan, uint32_t rule, uint64_t *take, const hz_vec **from, const hz_vec **to,
                            hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    HZ_TRY(run_for_rule(from, scan, rule, entry->overlap_from, err));
    HZ_TRY(run_for_rule(to, scan, rule, entry->overlap_to, err));
    if (!*from || !*to)
        return HZ_OK;
    for (size_t w = 0; w < hz_bits_words(scan->rows); w++)
        take[w] &= (*from)->valid[w] & ~(*to)->invalid[w];
    return HZ_OK;
}

static hz_status unique_rule(hz_scan *scan, uint32_t rule, hz_keys *keys, hz_error *err)
{
    hz_run_state *run = scan->run;
    const hz_plan_rule *entry = &run->plan.rules[rule];
    bool own = run->plan.keysets[entry->keyset].only_of != NULL;
    uint64_t na[WORDS], und[WORDS], take[WORDS];
    uint32_t entries[HZ_BATCH_ROWS];
    bool any, broken;
    const hz_vec *from = NULL, *to = NULL;
    HZ_TRY(not_applicable(na, &any, scan, rule, entry->when, &broken, err));
    if (broken)
        return HZ_OK;
    size_t words = hz_bits_words(scan->rows);
    for (size_t w = 0; w < words; w++)
        take[w] = keys->usable[w] & ~na[w];
    if (entry->overlap_from)
        HZ_TRY(span_parts(scan, rule, take, &from, &to, err));
    if (run->rules[rule].broken)
        return HZ_OK;
    for (size_t w = 0; w < words; w++)
        und[w] = ~take[w] & ~na[w];
    und[words - 1] &= hz_bits_tail(scan->rows);
    if (own)
        HZ_TRY(hz_keyset_add(&run->keysets[entry->keyset], keys, take, scan->rows, scan->ordinals, entries, err));
    if (from)
        HZ_TRY(keep_spans(scan, rule, take, entries, from, to, err));
    return hz_account(scan, rule, any ? na : NULL, und, NULL, err);
}

/* The values of a keyset's parts. A limit that one of them hits breaks the unique rules that need it (references need
 * fields only). */
static hz_status key_parts(const hz_vec **parts, bool *usable, hz_scan *scan, size_t k, hz_error *err)
{
    hz_run_state *run = scan->run;
    const hz_plan_keyset *plan = &run->plan.keysets[k];
    hz_error why;
    hz_status st = HZ_OK;
    hz_error_clear(&why);
    *usable = plan->target;
    for (size_t i = 0; !*usable && i < scan->table->unique_rules_count; i++) {
        uint32_t rule = scan->table->unique_rules[i];
        *usable = run->plan.rules[rule].keyset == k && !run->rules[rule].broken;
    }
    for (size_t p = 0; st == HZ_OK && *usable && p < plan->keys_count; p++)
        st = hz_program_run(&parts[p], plan->keys[p], run->eval, &scan->input, &why);
    if (st == HZ_E_LIMIT && !plan->target) {
        *usable = false;
        for (size_t i = 0; i < scan->table->unique_rules_count; i++)
            if (run->plan.rules[scan->table->unique_rules[i]].keyset == k)
                hz_rule_broke(run, scan->table->unique_rules[i], &why);
        return HZ_OK;
    }
    if (st != HZ_OK && err)
        *err = why;
    return st;
}

static hz_status fill_keysets(hz_scan *scan, hz_error *err)
{
    hz_run_state *run = scan->run;
    for (size_t k = 0; k < run->plan.keysets_count; k++) {
        const hz_plan_keyset *plan = &run->plan.keysets[k];
        const hz_vec *parts[64];
        bool usable;
        if (plan->table != scan->table->table)
            continue;
        if (plan->keys_count > sizeof parts / sizeof *parts)
            return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("key_parts"), HZ_U(sizeof parts / sizeof *parts));
        HZ_TRY(key_parts(parts, &usable, scan, k, err));
        if (!usable)
            continue;
        HZ_TRY(hz_keys_make(&run->keys, parts, plan->normalize, plan->keys_count, scan->rows, err));
        if (!plan->only_of)
            HZ_TRY(
                hz_keyset_add(&run->keysets[k], &run->keys, run->keys.usable, scan->rows, scan->ordinals, NULL, err));
        for (size_t i = 0; i < scan->table->unique_rules_count; i++)
            if (run->plan.rules[scan->table->unique_rules[i]].keyset == k)
                HZ_TRY(unique_rule(scan, scan->table->unique_rules[i], &run->keys, err));
    }
    return HZ_OK;
}

static hz_status defer(hz_scan *scan, uint32_t rule, const uint64_t *take, hz_error *err)
{
    hz_deferred *deferred = &scan->run->deferred[rule];
    const hz_keys *keys = &scan->run->keys;
    if (!HZ_GROW(deferred->rows, deferred->rows_capacity, deferred->rows_count + scan->rows))
        return hz_nomem(err, scan->rows * sizeof *deferred->rows);
    for (HZ_BITS_EACH(i, take, scan->rows)) {
        deferred->rows[deferred->rows_count++] =
            (struct hz_deferred_row){scan->ordinals[i], (uint32_t)keys->key[i].len};
        hz_buf_put(&deferred->keys, keys->key[i]);
    }
    return hz_buf_status(&deferred->keys, err);
}

/* A field's own reference applies to values that passed the constraints before it. */
static void passed_before(uint64_t *take, const hz_field_column *column, uint32_t rows)
{
    for (hz_rule_kind kind = HZ_RULE_TYPE; kind <= HZ_RULE_RANGE; kind++)
        for (size_t w = 0; column->failed[kind] && w < hz_bits_words(rows); w++)
            take[w] &= ~column->failed[kind][w];
}

static hz_status reference_rule(hz_scan *scan, uint32_t rule, hz_error *err)
{
    hz_run_state *run = scan->run;
    const hz_plan_rule *entry = &run->plan.rules[rule];
    const hz_rule *r = entry->rule;
    const hz_vec *parts[64];
    uint64_t na[WORDS], und[WORDS], take[WORDS], found[WORDS], failed[WORDS];
    bool any, broken;
    if (r->keys_count > sizeof parts / sizeof *parts)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("key_parts"), HZ_U(sizeof parts / sizeof *parts));
    HZ_TRY(not_applicable(na, &any, scan, rule, entry->when, &broken, err));
    if (broken)
        return HZ_OK;
    for (size_t p = 0; p < r->keys_count; p++) {
        HZ_TRY(run_for_rule(&parts[p], scan, rule, entry->keys[p], err));
        if (!parts[p])
            return HZ_OK;
    }
    HZ_TRY(hz_keys_make(&run->keys, parts, NULL, r->keys_count, scan->rows, err));
    size_t words = hz_bits_words(scan->rows);
    for (size_t w = 0; w < words; w++)
        take[w] = run->keys.usable[w] & ~na[w];
    if (r->field)
        passed_before(take, scan->columns[r->field->index], scan->rows);
    for (size_t w = 0; w < words; w++) {
        uint64_t rest = ~take[w];
        und[w] = r->field ? 0 : rest & ~na[w] & ~run->keys.missing[w];
        na[w] = rest & ~und[w];
    }
    na[words - 1] &= hz_bits_tail(scan->rows);
    und[words - 1] &= hz_bits_tail(scan->rows);
    if (!run->keyset_done[entry->keyset]) {
        HZ_TRY(defer(scan, rule, take, err));
        return hz_account(scan, rule, na, und, NULL, err);
    }
    hz_keyset_probe(&run->keysets[entry->keyset], &run->keys, take, scan->rows, found);
    for (size_t w = 0; w < words; w++)
        failed[w] = take[w] & ~found[w];
    return hz_account(scan, rule, na, und, failed, err);
}

/* ---- groups, statistics ---- */

static hz_status fill_groups(hz_scan *scan, hz_error *err)
{
    hz_run_state *run = scan->run;
    for (size_t g = 0; g < run->plan.groups_count; g++) {
        const hz_plan_group *plan = &run->plan.groups[g];
        const hz_table *table = plan->rule ? plan->rule->table : plan->measure->table;
        bool broken = plan->rule ? run->rules[plan->rule->index].broken
                                 : run->measures_broken[plan->measure->index].message != HZ_MSG_NONE;
        if (table != scan->table->table || broken)
            continue;
        hz_error why;
        hz_error_clear(&why);
        hz_status st = hz_groups_add(run->groups[g], run->eval, &scan->input, plan->measure ? scan->packed : NULL,
                                     scan->ordinals, &why);
        if (st == HZ_E_LIMIT) {
            if (plan->rule)
                hz_rule_broke(run, plan->rule->index, &why);
            else
                hz_measure_broke(run, plan->measure->index, &why);
            continue;
        }
        if (st != HZ_OK && err)
            *err = why;
        HZ_TRY(st);
    }
    return HZ_OK;
}

static hz_status fill_stats(hz_scan *scan, hz_error *err)
{
    hz_stats **stats = scan->run->stats[scan->table_index];
    for (size_t f = 0; stats && f < scan->table->table->fields_count; f++)
        if (stats[f])
            HZ_TRY(hz_stats_add(stats[f], scan->columns[f], scan->rows, err));
    return HZ_OK;
}

/* ---- batches ---- */

static hz_status keep_bad(hz_scan *scan, hz_error *err)
{
    hz_run_state *run = scan->run;
    hz_table_partial *partial = scan->partial;
    for (uint32_t b = 0; b < scan->batch->bad_count; b++) {
        const hz_bad_row *bad = &scan->batch->bad[b];
        hz_rule_kind kind = bad->kind == HZ_BAD_ENCODING ? HZ_RULE_ENCODING : HZ_RULE_ROWS;
        for (uint32_t i = 0; i < run->plan.profile->rules_count; i++) {
            const hz_plan_rule *entry = &run->plan.rules[i];
            if (entry->rule->table != scan->table->table || entry->rule->kind != kind)
                continue;
            run->rules[i].failed++;
            if (run->rules[i].failed > run->rules[i].examples.max)
                continue;
            if (!HZ_GROW(partial->bad, partial->bad_capacity, partial->bad_count + 1))
                return hz_nomem(err, sizeof *partial->bad);
            partial->bad[partial->bad_count++] = (hz_bad_example){i, scan->source_index, *bad};
        }
    }
    partial->bad_rows += scan->batch->bad_count;
    partial->source_bad[scan->source_index] += scan->batch->bad_count;
    return HZ_OK;
}

static hz_status expect_places(hz_scan *scan, size_t rows, hz_error *err)
{
    hz_table_partial *partial = scan->partial;
    if (!HZ_GROW(partial->index.offsets, partial->index.offsets_capacity, rows) ||
        !HZ_GROW(partial->index.lines, partial->index.lines_capacity, rows))
        return hz_nomem(err, rows * sizeof(uint32_t));
    if (scan->table->region && !HZ_GROW(partial->region_of, partial->region_capacity, rows))
        return hz_nomem(err, rows * sizeof(uint32_t));
    return HZ_OK;
}

/* Unique keys grow with the rows: makes room for the whole source at once, by the size of its first batch. */
static hz_status expect_rows(hz_scan *scan, const hz_batch *batch, hz_error *err)
{
    hz_run_state *run = scan->run;
    uint32_t last = batch->rows_count - 1;
    uint64_t bytes = batch->offsets[last] - batch->offsets[0];
    if (batch->rows_count < HZ_BATCH_ROWS || !last || bytes < last)
        return HZ_OK;
    uint64_t rows = scan->source->bytes / (bytes / last) / 4 * 5 +
                    HZ_BATCH_ROWS; /* later rows may be shorter: room untouched costs nothing */
    for (size_t k = 0; k < run->plan.keysets_count; k++) {
        const hz_plan_keyset *plan = &run->plan.keysets[k];
        if (plan->table == scan->table->table && plan->unique && !plan->only_of)
            HZ_TRY(hz_keyset_expect(&run->keysets[k], run->keysets[k].count + (size_t)rows, err));
    }
    return expect_places(scan, (size_t)(scan->source_first + rows), err);
}

static hz_status do_batch(hz_scan *scan, const hz_batch *batch, hz_error *err)
{
    hz_run_state *run = scan->run;
    hz_eval_reset(run->eval);
    scan->batch = batch;
    if (batch->bad_count)
        HZ_TRY(keep_bad(scan, err));
    if (!batch->rows_count)
        return HZ_OK;
    if (batch->records[0] == 0)
        HZ_TRY(expect_rows(scan, batch, err));
    for (uint32_t i = 0; i < batch->rows_count; i++)
        scan->ordinals[i] = scan->source_first + batch->records[i];
    HZ_TRY(hz_scan_columns(scan, batch, err));
    scan->partial->rows += scan->rows;
    scan->partial->source_rows[scan->source_index] += scan->rows;
    run->rows_done += scan->rows;
    HZ_TRY(find_regions(scan, err));
    HZ_TRY(keep_places(scan, err));
    for (size_t i = 0; i < scan->table->field_rules_count; i++)
        HZ_TRY(field_rule(scan, scan->table->field_rules[i], err));
    for (size_t i = 0; i < scan->table->row_rules_count; i++)
        HZ_TRY(row_rule(scan, scan->table->row_rules[i], err));
    HZ_TRY(fill_keysets(scan, err));
    for (size_t i = 0; i < scan->table->reference_rules_count; i++)
        HZ_TRY(reference_rule(scan, scan->table->reference_rules[i], err));
    HZ_TRY(fill_groups(scan, err));
    return fill_stats(scan, err);
}

typedef struct tap {
    hz_run_state *run;
    hz_hasher *hasher;
    hz_slice table;
} tap;

static void tell(hz_run_state *run, hz_slice table)
{
    if (!run->options->progress)
        return;
    hz_progress progress = {run->bytes_done, run->bytes_total, run->rows_done, table};
    run->options->progress(run->options->progress_ctx, &progress);
}

static void bytes_seen(void *ctx, const void *bytes, size_t len)
{
    tap *t = ctx;
    hz_hasher_add(t->hasher, bytes, len);
    t->run->bytes_done += len;
    tell(t->run, t->table);
}

static hz_status check_header(const hz_scan *scan, const hz_source *source, hz_error *err)
{
    const hz_slice *names;
    bool same = hz_source_columns(source, &names) == scan->source->columns_count;
    for (size_t c = 0; same && c < scan->source->columns_count; c++)
        same = hz_slice_eq(names[c], scan->source->columns[c]);
    return same ? HZ_OK : hz_fail(err, HZ_E_CHANGED, HZ_M(FILE_CHANGED), HZ_S(scan->source->shown));
}

static hz_status scan_source(hz_scan *scan, hz_error *err)
{
    hz_run_state *run = scan->run;
    const hz_run_options *options = run->options;
    tap seen = {run, NULL, scan->table->table->name};
    hz_source *source = NULL;
    hz_batch batch;
    uint64_t want[WANT_WORDS] = {0};
    HZ_TRY(hz_file_stamp_of(&scan->partial->source_stamp[scan->source_index], scan->source->path, err));
    HZ_TRY(hz_hasher_new(&seen.hasher, options->threads != 1, err));
    hz_source_options open = {.path = scan->source->path,
                              .shown_path = scan->source->shown,
                              .limits = options->limits,
                              .cancel = options->cancel,
                              .block_bytes = options->block_bytes,
                              .scalar = options->scalar_scan,
                              .bytes_seen = bytes_seen,
                              .bytes_ctx = &seen};
    hz_status st = hz_source_open(&source, &open, err);
    if (st != HZ_OK)
        goto out;
    HZ_GO(check_header(scan, source, err));
    for (size_t f = 0; f < scan->table->table->fields_count; f++)
        if (scan->readers[f] && scan->source->column_of[f] >= 0)
            hz_bits_set(want, (size_t)scan->source->column_of[f]);
    if (scan->source->columns_count <= sizeof want * 8)
        hz_source_want(source, want);
    while ((st = hz_source_next(&batch, source, err)) == HZ_OK) {
        HZ_GO(hz_cancel_check(options->cancel, err));
        HZ_GO(do_batch(scan, &batch, err));
    }
    if (st != HZ_END)
        goto out;
    uint32_t s = scan->source_index;
    scan->partial->source_records[s] = hz_source_records(source);
    scan->partial->source_bytes[s] = hz_source_bytes(source);
    scan->partial->source_encoding[s] = hz_encoding_name(hz_source_encoding(source));
    scan->partial->source_delimiter[s] = hz_source_delimiter(source);
    scan->source_first += hz_source_records(source);
    tell(run, scan->table->table->name); /* the rows of the last block too */
    st = hz_hasher_finish(seen.hasher, scan->partial->source_sha256[s], err);
    seen.hasher = NULL;
out:
    hz_hasher_abandon(seen.hasher);
    hz_source_close(source);
    return st;
}

hz_status hz_scan_open(hz_scan **out, hz_run_state *run, uint32_t table_index, hz_error *err)
{
    *out = NULL;
    hz_scan *scan = hz_mem_zalloc(1, sizeof *scan);
    if (!scan)
        return hz_nomem(err, sizeof *scan);
    hz_status st = HZ_OK;
    scan->run = run;
    scan->table_index = table_index;
    scan->table = &run->plan.tables[table_index];
    scan->partial = &run->tables[table_index];
    size_t fields = scan->table->table->fields_count;
    scan->readers = hz_mem_zalloc(fields + 1, sizeof *scan->readers);
    scan->columns = hz_mem_zalloc(fields + 1, sizeof *scan->columns);
    if (!scan->readers || !scan->columns)
        st = hz_nomem(err, fields * sizeof *scan->readers);
    for (size_t f = 0; st == HZ_OK && f < fields; f++)
        if (scan->table->used[f])
            st = hz_field_reader_new(&scan->readers[f], &scan->table->table->fields[f], &run->plan.env,
                                     scan->table->which[f], err);
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
    for (size_t f = 0; scan->readers && f < scan->table->table->fields_count; f++)
        hz_field_reader_free(scan->readers[f]);
    hz_mem_free(scan->readers);
    hz_mem_free((void *)scan->columns);
    hz_mem_free(scan);
}

hz_status hz_scan_table(hz_scan *scan, hz_error *err)
{
    hz_run_state *run = scan->run;
    for (uint32_t s = 0; s < scan->table->sources_count; s++) {
        scan->source = &scan->table->sources[s];
        scan->source_index = s;
        HZ_TRY(scan_source(scan, err));
    }
    scan->partial->records = scan->source_first;
    for (size_t k = 0; k < run->plan.keysets_count; k++)
        if (run->plan.keysets[k].table == scan->table->table) {
            if (run->plan.keysets[k].target)
                HZ_TRY(hz_keyset_index(&run->keysets[k], err));
            run->keyset_done[k] = true;
        }
    return HZ_OK;
}
