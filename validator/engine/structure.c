/* structure.c: is the table there, has it its columns, can its records be read. */
#include "base/alloc.h"
#include "validator/engine/run_int.h"

/* A name and the first source that shows it. */
typedef struct seen {
    hz_slice name;
    uint32_t source;
    hz_msg_id message;
} seen;

typedef struct seens {
    seen *items;
    size_t count, capacity;
} seens;

static hz_status add_seen(seens *list, seen item, hz_error *err)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].message == item.message && hz_slice_eq(list->items[i].name, item.name))
            return HZ_OK;
    if (!HZ_GROW(list->items, list->capacity, list->count + 1))
        return hz_nomem(err, sizeof item);
    list->items[list->count++] = item;
    return HZ_OK;
}

/* Missing columns in the order of the profile, then unknown and repeated names in the order of the sources. */
static hz_status wrong_columns(seens *list, const hz_table *table, const hz_plan_header *headers, size_t count,
                               hz_error *err)
{
    for (size_t f = 0; f < table->fields_count; f++)
        for (uint32_t s = 0; s < count; s++)
            if (headers[s].column_of[f] < 0)
                HZ_TRY(add_seen(list, (seen){table->fields[f].name, s, HZ_MSG_FINDING_COLUMN_MISSING}, err));
    for (uint32_t s = 0; s < count; s++)
        for (size_t i = 0; i < headers[s].unknown_count; i++)
            HZ_TRY(add_seen(list, (seen){headers[s].unknown[i], s, HZ_MSG_FINDING_COLUMN_UNKNOWN}, err));
    for (uint32_t s = 0; s < count; s++)
        for (size_t i = 0; i < headers[s].repeated_count; i++)
            HZ_TRY(add_seen(list, (seen){headers[s].repeated[i], s, HZ_MSG_FINDING_COLUMN_REPEATED}, err));
    return HZ_OK;
}

/* As the columns stand to the table that the rule knows: an older profile declares fewer. */
static hz_status columns_of(seens *list, hz_run_state *run, const hz_rule *rule, hz_error *err)
{
    const hz_plan_table *table = &run->plan.tables[rule->table->index];
    hz_arena *arena = hz_arena_new();
    hz_plan_header *headers = arena ? HZ_ARENA_ARRAY(arena, hz_plan_header, table->sources_count + 1) : NULL;
    hz_status st = headers ? HZ_OK : hz_nomem(err, table->sources_count * sizeof *headers);
    for (size_t s = 0; st == HZ_OK && s < table->sources_count; s++) {
        const hz_plan_source *source = &table->sources[s];
        headers[s].column_of = HZ_ARENA_ARRAY(arena, int32_t, rule->declared->fields_count + 1);
        headers[s].unknown = HZ_ARENA_ARRAY(arena, hz_slice, source->columns_count + 1);
        headers[s].repeated = HZ_ARENA_ARRAY(arena, hz_slice, source->columns_count + 1);
        if (headers[s].column_of && headers[s].unknown && headers[s].repeated)
            hz_plan_header_of(&headers[s], rule->declared, source->columns, source->columns_count);
        else
            st = hz_nomem(err, source->columns_count * sizeof(hz_slice));
    }
    if (st == HZ_OK)
        st = wrong_columns(list, rule->declared, headers, table->sources_count, err);
    hz_arena_free(arena);
    return st;
}

static hz_status count_columns(hz_run_state *run, uint32_t index, hz_error *err)
{
    const hz_rule *rule = run->plan.rules[index].rule;
    hz_rule_partial *partial = &run->tally.rules[index];
    seens list = {0};
    hz_status st = columns_of(&list, run, rule, err);
    uint64_t hard = 0, unknown = 0;
    for (size_t i = 0; st == HZ_OK && i < list.count; i++) {
        hard += list.items[i].message != HZ_MSG_FINDING_COLUMN_UNKNOWN;
        unknown += list.items[i].message == HZ_MSG_FINDING_COLUMN_UNKNOWN;
    }
    if (rule->unknown_columns == HZ_UNKNOWN_IGNORE)
        unknown = 0;
    uint64_t missing = 0;
    for (size_t i = 0; st == HZ_OK && i < list.count; i++)
        missing += list.items[i].message == HZ_MSG_FINDING_COLUMN_MISSING;
    partial->rows = rule->declared->fields_count + unknown + (hard - missing);
    partial->failed = hard + unknown;
    partial->unknown_only = !hard && unknown && rule->unknown_columns == HZ_UNKNOWN_WARNING;
    hz_mem_free(list.items);
    return st;
}

static bool is_required(const hz_rule *rule)
{
    const hz_table *table = rule->table;
    return !rule->may_be_absent && !table->external && !table->included.len && !table->builtin;
}

hz_status hz_structure_counts(hz_run_state *run, hz_error *err)
{
    for (uint32_t i = 0; i < run->plan.rules_count; i++) {
        const hz_plan_rule *entry = &run->plan.rules[i];
        const hz_table *table = entry->rule->table;
        hz_rule_partial *partial = &run->tally.rules[i];
        if (!entry->listed || !entry->runs)
            continue;
        switch (entry->rule->kind) {
        case HZ_RULE_PRESENT:
            partial->rows = 1;
            partial->failed = !run->plan.tables[table->index].present && is_required(entry->rule);
            partial->not_applicable = !run->plan.tables[table->index].present && !is_required(entry->rule);
            break;
        case HZ_RULE_COLUMNS:
            HZ_TRY(count_columns(run, i, err));
            break;
        case HZ_RULE_ROWS:
        case HZ_RULE_ENCODING:
            partial->rows = run->tables[table->index].rows + run->tables[table->index].bad_rows;
            break;
        default:
            break;
        }
    }
    return HZ_OK;
}

/* ---- findings ---- */

static hz_status arg_text(hz_shown *out, hz_run_state *run, hz_slice text, hz_error *err)
{
    *out = (hz_shown){HZ_SLICE_NONE, HZ_MASK_NONE, false};
    return hz_arena_copy(&out->text, run->result->arena, text) == HZ_OK ? HZ_OK : hz_nomem(err, text.len);
}

static hz_status arg_number(hz_shown *out, hz_run_state *run, uint64_t n, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_put_u64(&text, n);
    hz_status st = hz_buf_status(&text, err);
    if (st == HZ_OK)
        st = arg_text(out, run, hz_buf_slice(&text), err);
    hz_buf_clear(&text);
    return st;
}

static hz_status begin(hz_finding **out, hz_run_state *run, uint32_t rule, size_t most, hz_error *err)
{
    hz_result_rule *shown = run->shown[rule];
    if (!shown->examples) {
        shown->examples = HZ_ARENA_ARRAY(run->result->arena, hz_finding, most + 1);
        if (!shown->examples)
            return hz_nomem(err, most * sizeof(hz_finding));
    }
    hz_finding *finding = &shown->examples[shown->examples_count++];
    finding->draft = run->plan.rules[rule].draft;
    finding->rule = (uint32_t)(shown - (finding->draft ? run->result->drafts : run->result->rules));
    finding->severity = shown->severity;
    finding->at.table = run->table_shown[run->plan.rules[rule].rule->table->index];
    finding->at.source = UINT32_MAX;
    finding->args = HZ_ARENA_ARRAY(run->result->arena, hz_shown, 2);
    *out = finding;
    return finding->args ? HZ_OK : hz_nomem(err, 2 * sizeof(hz_shown));
}

static hz_status column_findings(hz_run_state *run, uint32_t rule, hz_error *err)
{
    hz_unknown_columns unknown_columns = run->plan.rules[rule].rule->unknown_columns;
    seens list = {0};
    hz_status st = columns_of(&list, run, run->plan.rules[rule].rule, err);
    size_t most = run->tally.rules[rule].examples.max;
    for (size_t i = 0; st == HZ_OK && i < list.count && run->shown[rule]->examples_count < most; i++) {
        hz_finding *finding;
        bool unknown = list.items[i].message == HZ_MSG_FINDING_COLUMN_UNKNOWN;
        if (unknown && unknown_columns == HZ_UNKNOWN_IGNORE)
            continue;
        HZ_GO(begin(&finding, run, rule, list.count < most ? list.count : most, err));
        if (unknown && unknown_columns == HZ_UNKNOWN_WARNING)
            finding->severity = HZ_SEVERITY_WARNING;
        finding->message = list.items[i].message;
        finding->args_count = 1;
        finding->at.source = list.items[i].source;
        finding->at.line = 1;
        HZ_GO(arg_text(&finding->args[0], run, list.items[i].name, err));
    }
out:
    hz_mem_free(list.items);
    return st;
}

static hz_status bad_row_finding(hz_run_state *run, const hz_table_partial *partial, const hz_bad_example *bad,
                                 hz_error *err)
{
    static const hz_msg_id messages[] = {
        [HZ_BAD_FIELD_COUNT] = HZ_MSG_FINDING_ROW_FIELDS,
        [HZ_BAD_OPEN_QUOTE] = HZ_MSG_FINDING_ROW_OPEN_QUOTE,
        [HZ_BAD_QUOTE] = HZ_MSG_FINDING_ROW_QUOTE,
        [HZ_BAD_ENCODING] = HZ_MSG_FINDING_ENCODING,
        [HZ_BAD_NUL] = HZ_MSG_FINDING_ROW_NUL,
        [HZ_BAD_SYNTAX] = HZ_MSG_FINDING_ROW_SYNTAX,
        [HZ_BAD_NAME_TWICE] = HZ_MSG_FINDING_ROW_NAME_TWICE,
        [HZ_BAD_DIGITS] = HZ_MSG_FINDING_ROW_DIGITS,
    };
    hz_finding *finding;
    HZ_TRY(begin(&finding, run, bad->rule, partial->bad_count, err));
    finding->at.source = bad->source;
    finding->at.record = bad->row.record;
    finding->at.line = bad->row.line;
    finding->at.offset_bytes = bad->row.offset_bytes;
    hz_slice where = bad->row.where;
    if (where.len && where.ptr[where.len - 1] == '\1')
        where.len--; /* room for a cell's label (source.h) */
    if (where.len && hz_arena_copy(&finding->at.where, run->result->arena, where) != HZ_OK)
        return hz_nomem(err, where.len);
    finding->message = messages[bad->row.kind];
    finding->fields_seen = bad->row.fields_count;
    finding->fields_expected = bad->row.fields_expected;
    if (bad->row.kind == HZ_BAD_FIELD_COUNT) {
        finding->args_count = 2;
        HZ_TRY(arg_number(&finding->args[0], run, bad->row.fields_count, err));
        return arg_number(&finding->args[1], run, bad->row.fields_expected, err);
    }
    if (bad->row.kind == HZ_BAD_ENCODING) {
        bool mixed = bad->row.other != HZ_ENCODING_UNKNOWN;
        finding->args_count = mixed ? 2 : 1;
        if (mixed) {
            finding->message = HZ_MSG_FINDING_ENCODING_MIXED;
            HZ_TRY(arg_text(&finding->args[1], run, hz_slice_of(hz_encoding_name(bad->row.other)), err));
        }
        return arg_number(&finding->args[0], run, bad->row.offset_bytes, err);
    }
    return HZ_OK;
}

hz_status hz_structure_findings(hz_run_state *run, hz_error *err)
{
    for (uint32_t i = 0; i < run->plan.rules_count; i++) {
        const hz_rule *rule = run->plan.rules[i].rule;
        if (!run->shown[i] || !run->plan.rules[i].runs)
            continue;
        if (rule->kind == HZ_RULE_PRESENT && run->tally.rules[i].failed) {
            hz_finding *finding;
            HZ_TRY(begin(&finding, run, i, 1, err));
            finding->message = HZ_MSG_FINDING_PRESENT;
            finding->args_count = 1;
            HZ_TRY(arg_text(&finding->args[0], run, rule->table->name, err));
        } else if (rule->kind == HZ_RULE_COLUMNS) {
            HZ_TRY(column_findings(run, i, err));
        }
    }
    for (size_t t = 0; t < run->plan.profile->tables_count; t++)
        for (size_t b = 0; b < run->tables[t].bad_count; b++)
            HZ_TRY(bad_row_finding(run, &run->tables[t], &run->tables[t].bad[b], err));
    return HZ_OK;
}
