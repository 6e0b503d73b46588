/* finish.c: partials to the Result: tables with their columns, rules with their outcomes, regions rolled up. */
#include "base/alloc.h"
#include "reports/grade.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>

/* ---- tables ---- */

static hz_status finish_sources(hz_result_table *out, hz_run_state *run, size_t t, hz_error *err)
{
    const hz_plan_table *plan = &run->plan.tables[t];
    const hz_table_partial *partial = &run->tables[t];
    out->sources = HZ_ARENA_ARRAY(run->result->arena, hz_result_source, plan->sources_count + 1);
    if (!out->sources)
        return hz_nomem(err, plan->sources_count * sizeof *out->sources);
    out->sources_count = plan->sources_count;
    for (size_t s = 0; s < plan->sources_count; s++) {
        hz_result_source *source = &out->sources[s];
        source->path = plan->sources[s].shown;
        source->format = hz_slice_of(hz_form_name(plan->sources[s].format));
        source->part = plan->sources[s].spool ? hz_spool_part(plan->sources[s].spool) : HZ_SLICE_NONE;
        if (source->part.len && hz_arena_copy(&source->part, run->result->arena, source->part) != HZ_OK)
            return hz_nomem(err, source->part.len);
        source->bytes = partial->source_bytes[s];
        source->rows = partial->source_rows[s];
        source->bad_rows = partial->source_bad[s];
        memcpy(source->sha256, partial->source_sha256[s], 32);
        source->encoding = hz_slice_of(partial->source_encoding[s]);
        source->confidence = plan->sources[s].confidence;
        source->delimiter = partial->source_delimiter[s];
        hz_slice opened = plan->sources[s].path ? hz_slice_of(plan->sources[s].path) : HZ_SLICE_NONE;
        if (hz_arena_copy(&source->opened, run->result->arena, opened) != HZ_OK)
            return hz_nomem(err, opened.len);
    }
    return HZ_OK;
}

static hz_status finish_columns(hz_result_table *out, hz_run_state *run, size_t t, hz_error *err)
{
    const hz_table *table = run->plan.tables[t].table;
    hz_buf type = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    out->columns = HZ_ARENA_ARRAY(run->result->arena, hz_result_column, table->fields_count + 1);
    if (!out->columns)
        return hz_nomem(err, table->fields_count * sizeof *out->columns);
    out->columns_count = table->fields_count;
    for (size_t f = 0; f < table->fields_count; f++) {
        hz_result_column *column = &out->columns[f];
        column->field = &table->fields[f];
        column->name = table->fields[f].name;
        column->personal = table->fields[f].mask != HZ_MASK_NONE;
        column->absent = run->plan.tables[t].absent[f];
        hz_buf_reset(&type);
        hz_field_type_put(&type, column->field);
        HZ_GO(hz_buf_status(&type, err));
        HZ_GO(hz_arena_copy(&column->type, run->result->arena, hz_buf_slice(&type)));
        if (run->tally.stats[t] && run->tally.stats[t][f])
            HZ_GO(hz_stats_finish(column, run->tally.stats[t][f], run->result->arena, err));
    }
out:
    hz_buf_clear(&type);
    return st;
}

static hz_status finish_unknown(hz_result_table *out, hz_run_state *run, size_t t, hz_error *err)
{
    const hz_plan_table *plan = &run->plan.tables[t];
    size_t most = 0;
    for (size_t s = 0; s < plan->sources_count; s++)
        most += plan->sources[s].unknown_count;
    out->unknown_columns = HZ_ARENA_ARRAY(run->result->arena, hz_slice, most + 1);
    if (!out->unknown_columns)
        return hz_nomem(err, most * sizeof(hz_slice));
    for (size_t s = 0; s < plan->sources_count; s++)
        for (size_t i = 0; i < plan->sources[s].unknown_count; i++) {
            bool have = false;
            for (size_t k = 0; k < out->unknown_columns_count; k++)
                have = have || hz_slice_eq(out->unknown_columns[k], plan->sources[s].unknown[i]);
            if (!have)
                out->unknown_columns[out->unknown_columns_count++] = plan->sources[s].unknown[i];
        }
    return HZ_OK;
}

static hz_status finish_table(hz_result_table *out, hz_run_state *run, size_t sheet, hz_error *err)
{
    const hz_plan_table *plan = &run->plan.tables[sheet];
    const hz_table_partial *partial = &run->tables[sheet];
    out->table = plan->table;
    out->name = plan->table->name;
    out->period = plan->period;
    out->present = plan->present;
    out->counts = !plan->table->external && !plan->table->included.len && !plan->period;
    out->rows = partial->rows;
    out->bad_rows = partial->bad_rows;
    if (plan->period) {
        hz_buf name = HZ_BUF_INIT;
        hz_buf_put(&name, plan->table->name);
        hz_buf_puts(&name, plan->period == 1 ? "@previous" : "@previous2");
        hz_status st = hz_buf_status(&name, err);
        if (st == HZ_OK)
            st = hz_arena_copy(&out->name, run->result->arena, hz_buf_slice(&name));
        hz_buf_clear(&name);
        HZ_TRY(st);
    }
    return finish_sources(out, run, sheet, err);
}

/* Tables of the submission; then those that only findings name. */
static hz_status finish_tables(hz_run_state *run, hz_error *err)
{
    hz_result *result = run->result;
    size_t more = 0;
    result->tables = HZ_ARENA_ARRAY(result->arena, hz_result_table, run->plan.sheets_count + 1);
    if (!result->tables)
        return hz_nomem(err, run->plan.sheets_count * sizeof *result->tables);
    for (size_t t = 0; t < run->plan.sheets_count; t++) {
        const hz_plan_table *plan = &run->plan.tables[t];
        run->table_shown[t] = UINT32_MAX;
        if (plan->table->builtin || plan->table->included.len || plan->period)
            continue;
        run->table_shown[t] = (uint32_t)result->tables_count;
        hz_result_table *out = &result->tables[result->tables_count++];
        HZ_TRY(finish_table(out, run, t, err));
        out->records_with_errors = hz_rows_errors(&run->tables[t].places);
        HZ_TRY(finish_columns(out, run, t, err));
        HZ_TRY(finish_unknown(out, run, t, err));
    }
    for (size_t t = 0; t < run->plan.sheets_count; t++)
        if (run->table_shown[t] == UINT32_MAX && run->plan.tables[t].present) {
            run->table_shown[t] = (uint32_t)(result->tables_count + more);
            HZ_TRY(finish_table(&result->tables[result->tables_count + more++], run, t, err));
        }
    return HZ_OK;
}

/* ---- rules ---- */

void hz_finish_rule(hz_result_rule *out, const hz_plan_rule *plan, const hz_rule_partial *partial)
{
    out->rule = plan->rule;
    out->life = plan->life;
    bool softer = partial->unknown_only && plan->rule->severity < HZ_SEVERITY_WARNING;
    out->severity = softer ? HZ_SEVERITY_WARNING : plan->rule->severity;
    if (!plan->runs) {
        out->outcome = HZ_OUTCOME_SKIPPED;
        out->reason = plan->skip;
        return;
    }
    if (partial->broken) {
        out->outcome = HZ_OUTCOME_ERROR;
        out->reason = partial->reason;
        return;
    }
    out->rows = partial->rows;
    out->not_applicable = partial->not_applicable;
    out->undetermined = partial->undetermined;
    out->ambiguous = partial->ambiguous;
    out->evaluated = partial->rows - partial->not_applicable - partial->undetermined;
    out->failed = partial->failed;
    out->waived = partial->waived;
    out->passed = out->evaluated - out->failed - out->waived;
    out->has_groups = partial->has_groups;
    out->groups = partial->groups;
    out->has_unkeyed = partial->has_unkeyed;
    out->unkeyed = partial->unkeyed;
    out->outcome = hz_rule_outcome(plan->rule, out->not_applicable, out->undetermined, out->evaluated, out->failed);
}

static hz_status finish_rules(hz_run_state *run, hz_error *err)
{
    hz_result *result = run->result;
    size_t count = run->plan.rules_count, active = 0, drafts = 0;
    for (size_t i = 0; i < count; i++) {
        if (!run->plan.rules[i].listed || !run->plan.rules[i].own)
            continue;
        active += !run->plan.rules[i].draft;
        drafts += run->plan.rules[i].draft;
    }
    result->rules = HZ_ARENA_ARRAY(result->arena, hz_result_rule, active + 1);
    result->drafts = HZ_ARENA_ARRAY(result->arena, hz_result_rule, drafts + 1);
    if (!result->rules || !result->drafts)
        return hz_nomem(err, count * sizeof *result->rules);
    for (size_t i = 0; i < count; i++) {
        const hz_plan_rule *plan = &run->plan.rules[i];
        if (!plan->listed || !plan->own)
            continue;
        hz_result_rule *out =
            plan->draft ? &result->drafts[result->drafts_count++] : &result->rules[result->rules_count++];
        hz_finish_rule(out, plan, &run->tally.rules[i]);
        run->shown[i] = out;
        result->incomplete = result->incomplete || out->outcome == HZ_OUTCOME_ERROR;
    }
    return HZ_OK;
}

hz_status hz_finish_counts(hz_run_state *run, hz_error *err)
{
    for (size_t i = 0; i < run->plan.rules_count; i++)
        hz_firsts_sort(&run->tally.rules[i].examples);
    HZ_TRY(finish_tables(run, err));
    return finish_rules(run, err);
}

/* ---- regions ----
 * Codes in ascending order are a walk from parents to children; a stack of at most one region a level holds the counts
 * of what is open, and what is closed is added to the one above. So memory is levels x rules, whatever the number of
 * regions. */

typedef struct open_region {
    uint64_t packed;
    size_t index;           /* in result.regions */
    hz_rule_counts *counts; /* per result.rules */
    uint64_t rows, errors;
} open_region;

typedef struct walker {
    hz_run_state *run;
    open_region open[8];
    size_t depth;
    uint32_t *rule_of;       /* result rule to profile rule */
    uint64_t *region_errors; /* per region index */
} walker;

static int by_packed(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Another department's rows are no rows of the submission, nor are those of an earlier period. */
static bool has_regions(const hz_run_state *run, size_t sheet)
{
    const hz_plan_table *plan = &run->plan.tables[sheet];
    return plan->region && !plan->table->external && !plan->period;
}

static uint64_t region_rows(const hz_regions *regions, size_t table, uint32_t region)
{
    return region < regions->rows_capacity[table] ? regions->rows[table][region] : 0;
}

static bool is_named(const hz_run_state *run, uint32_t region)
{
    for (size_t t = 0; t < run->plan.profile->tables_count; t++)
        if (has_regions(run, t) && region_rows(&run->tally.regions, t, region))
            return true;
    return false;
}

/* Every code that rows of the submission name, and all above them; sorted, each once. */
static hz_status all_codes(uint64_t **out, size_t *count, const hz_run_state *run, hz_error *err)
{
    const hz_regions *regions = &run->tally.regions;
    size_t n = 0, kept = 0;
    uint64_t *codes = hz_mem_zalloc(regions->count * 5 + 1, sizeof *codes);
    *out = codes;
    *count = 0;
    if (!codes)
        return hz_nomem(err, regions->count * 5 * sizeof *codes);
    for (size_t i = 0; i < regions->count; i++)
        for (uint64_t packed = is_named(run, (uint32_t)i) ? regions->packed[i] : 0; packed;
             packed = hz_division_pack_parent(packed))
            codes[n++] = packed;
    qsort(codes, n, sizeof *codes, by_packed);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || codes[i] != codes[i - 1])
            codes[kept++] = codes[i];
    *count = kept;
    return HZ_OK;
}

static bool counts_by_region(const hz_rule *rule)
{
    return (rule->kind >= HZ_RULE_REQUIRED && rule->kind <= HZ_RULE_ASSERT) || rule->kind == HZ_RULE_SIMILAR ||
           (rule->kind == HZ_RULE_GROUP_ASSERT && rule->blame_records && rule->keys_count);
}

/* What the rows of the region itself say. */
static void own_counts(walker *w, open_region *open, uint32_t region)
{
    hz_run_state *run = w->run;
    for (size_t t = 0; t < run->plan.profile->tables_count; t++)
        if (has_regions(run, t))
            open->rows += region_rows(&run->tally.regions, t, region);
    open->errors += w->region_errors[region];
    for (size_t r = 0; r < run->result->rules_count; r++) {
        const hz_plan_rule *plan = &run->plan.rules[w->rule_of[r]];
        uint32_t sheet = plan->runs ? hz_plan_sheet_of(&run->plan, plan->rule) : 0;
        if (plan->runs && !run->tally.rules[w->rule_of[r]].broken && counts_by_region(plan->rule) &&
            has_regions(run, sheet))
            open->counts[r].evaluated += region_rows(&run->tally.regions, sheet, region);
    }
    const hz_regions *regions = &run->tally.regions;
    for (uint32_t rule = hz_regions_next(regions, region, 0); rule != UINT32_MAX;
         rule = hz_regions_next(regions, region, rule + 1)) {
        const hz_result_rule *shown = run->shown[rule];
        if (!shown || run->plan.rules[rule].draft || run->tally.rules[rule].broken ||
            !has_regions(run, hz_plan_sheet_of(&run->plan, shown->rule)))
            continue;
        hz_region_counts exceptions = hz_regions_get(regions, region, rule);
        hz_rule_counts *counts = &open->counts[shown - run->result->rules];
        counts->evaluated -= exceptions.not_applicable + exceptions.undetermined;
        counts->failed += exceptions.failed;
    }
}

static void close_region(walker *w)
{
    open_region *open = &w->open[--w->depth];
    hz_result *result = w->run->result;
    hz_result_region *out = &result->regions[open->index];
    uint64_t failures[HZ_SEVERITY_COUNT] = {0};
    out->rows = open->rows;
    out->records_with_errors = open->errors;
    for (size_t r = 0; r < result->rules_count; r++) {
        out->findings += open->counts[r].failed;
        failures[result->rules[r].severity] += open->counts[r].failed;
    }
    out->has_score = hz_score(&out->score, NULL, result, open->counts, result->rules_count);
    hz_decimal rate = {0, 0};
    bool has_rate = open->rows &&
                    hz_decimal_div(&rate, hz_decimal_of((int64_t)open->errors), hz_decimal_of((int64_t)open->rows)) &&
                    hz_decimal_round(&rate, rate, 6, HZ_ROUND_HALF_EVEN);
    out->grade = out->has_score ? hz_grade_of(result, true, out->score, failures, has_rate, rate, NULL) : UINT32_MAX;
    hz_causes_region(w->run, w->depth, open->index, open->counts);
    if (w->depth == 0)
        return;
    open_region *above = &w->open[w->depth - 1];
    above->rows += open->rows;
    above->errors += open->errors;
    for (size_t r = 0; r < result->rules_count; r++) {
        above->counts[r].evaluated += open->counts[r].evaluated;
        above->counts[r].failed += open->counts[r].failed;
    }
}

static void open_one(walker *w, uint64_t packed, uint32_t region)
{
    hz_result *result = w->run->result;
    open_region *open = &w->open[w->depth++];
    hz_result_region *out = &result->regions[result->regions_count];
    open->packed = packed;
    open->index = result->regions_count++;
    open->rows = open->errors = 0;
    for (size_t r = 0; r < result->rules_count; r++)
        open->counts[r] = (hz_rule_counts){(uint32_t)r, 0, 0};
    size_t digits = hz_division_unpack(out->code, packed);
    out->code[digits] = '\0';
    out->level = hz_division_level_of((hz_slice){out->code, digits});
    int32_t day = w->run->plan.env.has_as_of ? w->run->plan.env.as_of : HZ_DAY_EVER;
    if (digits)
        (void)hz_division_name(w->run->plan.env.semtypes, &out->name, (hz_slice){out->code, digits}, day);
    if (region != UINT32_MAX)
        own_counts(w, open, region);
}

static bool is_above(uint64_t parent, uint64_t code)
{
    while (code) {
        code = hz_division_pack_parent(code);
        if (code == parent)
            return true;
    }
    return false;
}

/* Erroneous records by region. */
static void count_errors(uint64_t *errors, const hz_row_block *block)
{
    uint32_t run = 0;
    for (HZ_BITS_EACH(record, block->errors, block->span)) {
        while (run + 1 < block->runs_count && block->runs[run + 1].from <= record)
            run++;
        errors[block->runs[run].region]++;
    }
}

static hz_status prepare(walker *w, hz_error *err)
{
    hz_run_state *run = w->run;
    const hz_regions *regions = &run->tally.regions;
    w->rule_of = hz_mem_zalloc(run->result->rules_count + 1, sizeof *w->rule_of);
    w->region_errors = hz_mem_zalloc(regions->count + 1, sizeof *w->region_errors);
    if (!w->rule_of || !w->region_errors)
        return hz_nomem(err, regions->count * sizeof(uint64_t));
    for (size_t d = 0; d < sizeof w->open / sizeof *w->open; d++) {
        w->open[d].counts = hz_mem_zalloc(run->result->rules_count + 1, sizeof(hz_rule_counts));
        if (!w->open[d].counts)
            return hz_nomem(err, run->result->rules_count * sizeof(hz_rule_counts));
    }
    for (uint32_t i = 0; i < run->plan.rules_count; i++)
        if (run->shown[i] && !run->plan.rules[i].draft)
            w->rule_of[run->shown[i] - run->result->rules] = i;
    for (size_t t = 0; t < run->plan.profile->tables_count; t++) {
        const hz_rows *places = &run->tables[t].places;
        for (size_t b = 0; has_regions(run, t) && b < places->count; b++)
            if (places->blocks[b]->errors)
                count_errors(w->region_errors, places->blocks[b]);
    }
    return HZ_OK;
}

static void clear(walker *w)
{
    hz_mem_free(w->rule_of);
    hz_mem_free(w->region_errors);
    for (size_t d = 0; d < sizeof w->open / sizeof *w->open; d++)
        hz_mem_free(w->open[d].counts);
}

hz_status hz_finish_regions(hz_run_state *run, hz_error *err)
{
    walker w = {.run = run};
    uint64_t *codes = NULL;
    size_t count = 0;
    hz_status st = HZ_OK;
    bool any = false, nowhere = false;
    for (size_t t = 0; t < run->plan.profile->tables_count; t++) {
        any = any || (has_regions(run, t) && run->tables[t].rows);
        nowhere = nowhere || (has_regions(run, t) && region_rows(&run->tally.regions, t, 0));
    }
    if (!any)
        return HZ_OK;
    HZ_GO(all_codes(&codes, &count, run, err));
    run->result->regions = HZ_ARENA_ARRAY(run->result->arena, hz_result_region, count + 2);
    if (!run->result->regions) {
        st = hz_nomem(err, count * sizeof(hz_result_region));
        goto out;
    }
    HZ_GO(prepare(&w, err));
    if (nowhere) {
        open_one(&w, 0, 0);
        close_region(&w);
    }
    for (size_t i = 0; i < count; i++) {
        while (w.depth && !is_above(w.open[w.depth - 1].packed, codes[i]))
            close_region(&w);
        open_one(&w, codes[i], hz_regions_find(&run->tally.regions, codes[i]));
    }
    while (w.depth)
        close_region(&w);
out:
    clear(&w);
    hz_mem_free(codes);
    return st;
}
