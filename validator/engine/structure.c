/* structure.c: is the table there, has it its columns, can its records be read; are the files those of the manifest. */
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

/* As the file would call it, too. */
static hz_slice missing_name(const hz_field *field, const hz_map_table *map)
{
    const hz_map_field *mapped = hz_map_table_field(map, field->name);
    return mapped && mapped->columns_count ? mapped->label : field->name;
}

/* Missing columns in the order of the profile, then unknown and repeated names in the order of the sources. */
static hz_status wrong_columns(seens *list, const hz_table *table, const hz_plan_header *headers,
                               const hz_plan_source *sources, size_t count, hz_error *err)
{
    for (size_t f = 0; f < table->fields_count; f++)
        for (uint32_t s = 0; s < count; s++)
            if (headers[s].column_of[f] == HZ_COLUMN_ABSENT)
                HZ_TRY(add_seen(
                    list, (seen){missing_name(&table->fields[f], sources[s].map), s, HZ_MSG_FINDING_COLUMN_MISSING},
                    err));
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
            hz_plan_header_of(&headers[s], rule->declared, source->columns, source->columns_count, source->map);
        else
            st = hz_nomem(err, source->columns_count * sizeof(hz_slice));
    }
    if (st == HZ_OK)
        st = wrong_columns(list, rule->declared, headers, table->sources, table->sources_count, err);
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
        case HZ_RULE_MANIFEST:
            partial->rows = run->manifest.looked_at[entry->rule->manifest];
            partial->failed = run->manifest.failed[entry->rule->manifest];
            partial->unknown_only = run->manifest.mild_only[entry->rule->manifest];
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

enum { ARGS_MAX = 4 };

/* Who takes the findings: the examples of the report, or the files that hold all. */
typedef struct taker {
    hz_run_state *run;
    hz_arena *arena; /* of their texts */
    hz_structure_take *take;
    void *ctx;
} taker;

static hz_status arg_text(hz_shown *out, const taker *t, hz_slice text, hz_error *err)
{
    *out = (hz_shown){HZ_SLICE_NONE, HZ_MASK_NONE, false};
    return hz_arena_copy(&out->text, t->arena, text) == HZ_OK ? HZ_OK : hz_nomem(err, text.len);
}

static hz_status arg_number(hz_shown *out, const taker *t, uint64_t n, hz_error *err)
{
    char digits[HZ_U64_DIGITS];
    return arg_text(out, t, hz_u64_text(digits, n), err);
}

static hz_status begin(hz_finding *finding, const taker *t, uint32_t rule, hz_error *err)
{
    const hz_run_state *run = t->run;
    const hz_result_rule *shown = run->shown[rule];
    *finding = (hz_finding){.draft = run->plan.rules[rule].draft, .severity = shown->severity};
    finding->rule = (uint32_t)(shown - (finding->draft ? run->result->drafts : run->result->rules));
    finding->at.table = run->table_shown[run->plan.rules[rule].rule->table->index];
    finding->at.source = UINT32_MAX;
    finding->args = HZ_ARENA_ARRAY(t->arena, hz_shown, ARGS_MAX);
    return finding->args ? HZ_OK : hz_nomem(err, ARGS_MAX * sizeof(hz_shown));
}

static hz_status present_finding(const taker *t, uint32_t rule, hz_error *err)
{
    hz_finding finding;
    HZ_TRY(begin(&finding, t, rule, err));
    finding.message = HZ_MSG_FINDING_PRESENT;
    finding.args_count = 1;
    HZ_TRY(arg_text(&finding.args[0], t, t->run->plan.rules[rule].rule->table->name, err));
    return t->take(t->ctx, rule, &finding, err);
}

static hz_status column_finding(const taker *t, uint32_t rule, const seen *item, hz_error *err)
{
    hz_unknown_columns unknown_columns = t->run->plan.rules[rule].rule->unknown_columns;
    hz_finding finding;
    bool unknown = item->message == HZ_MSG_FINDING_COLUMN_UNKNOWN;
    if (unknown && unknown_columns == HZ_UNKNOWN_IGNORE)
        return HZ_OK;
    HZ_TRY(begin(&finding, t, rule, err));
    if (unknown && unknown_columns == HZ_UNKNOWN_WARNING && finding.severity < HZ_SEVERITY_WARNING)
        finding.severity = HZ_SEVERITY_WARNING;
    finding.message = item->message;
    finding.args_count = 1;
    finding.at.source = item->source;
    finding.at.line = 1;
    HZ_TRY(arg_text(&finding.args[0], t, item->name, err));
    return t->take(t->ctx, rule, &finding, err);
}

static hz_status column_findings(const taker *t, uint32_t rule, hz_error *err)
{
    seens list = {0};
    hz_status st = columns_of(&list, t->run, t->run->plan.rules[rule].rule, err);
    for (size_t i = 0; st == HZ_OK && i < list.count; i++)
        st = column_finding(t, rule, &list.items[i], err);
    hz_mem_free(list.items);
    return st;
}

static hz_msg_id xsd_message(hz_xsd_fault fault)
{
    static const hz_msg_id messages[] = {
        [HZ_XSD_OTHER] = HZ_MSG_FINDING_ROW_XSD,           [HZ_XSD_VALUE] = HZ_MSG_FINDING_ROW_XSD_VALUE,
        [HZ_XSD_CONTENT] = HZ_MSG_FINDING_ROW_XSD_CONTENT, [HZ_XSD_ATTRIBUTE] = HZ_MSG_FINDING_ROW_XSD_ATTRIBUTE,
        [HZ_XSD_KEY] = HZ_MSG_FINDING_ROW_XSD_KEY,
    };
    return messages[fault];
}

/* A place in the built-in table of files: the one that is spoken of. */
static hz_status manifest_finding(const taker *t, uint32_t rule, const hz_manifest_fault *fault, hz_error *err)
{
    hz_finding finding;
    HZ_TRY(begin(&finding, t, rule, err));
    if (fault->mild && finding.severity < HZ_SEVERITY_WARNING)
        finding.severity = HZ_SEVERITY_WARNING;
    else if (!fault->mild)
        finding.severity = t->run->plan.rules[rule].rule->severity;
    finding.message = fault->message;
    finding.args_count = fault->args_count;
    for (size_t i = 0; i < fault->args_count; i++)
        HZ_TRY(arg_text(&finding.args[i], t, fault->args[i], err));
    finding.has_expected = fault->expected.len > 0;
    if (finding.has_expected)
        HZ_TRY(arg_text(&finding.expected, t, fault->expected, err));
    if (fault->path.len) {
        finding.at.fields = HZ_ARENA_NEW(t->arena, hz_named);
        if (!finding.at.fields)
            return hz_nomem(err, sizeof(hz_named));
        finding.at.fields_count = 1;
        finding.at.fields->name = HZ_SLICE_LIT("path");
        HZ_TRY(arg_text(&finding.at.fields->value, t, fault->path, err));
    }
    return t->take(t->ctx, rule, &finding, err);
}

static hz_status manifest_findings(const taker *t, uint32_t rule, hz_error *err)
{
    const hz_manifest_check *check = &t->run->manifest;
    for (size_t i = 0; i < check->count; i++)
        if (check->faults[i].part == t->run->plan.rules[rule].rule->manifest)
            HZ_TRY(manifest_finding(t, rule, &check->faults[i], err));
    return HZ_OK;
}

static hz_status bad_row_finding(const taker *t, const hz_bad_example *bad, hz_error *err)
{
    static const hz_msg_id messages[] = {
        [HZ_BAD_FIELD_COUNT] = HZ_MSG_FINDING_ROW_FIELDS,
        [HZ_BAD_OPEN_QUOTE] = HZ_MSG_FINDING_ROW_OPEN_QUOTE,
        [HZ_BAD_QUOTE] = HZ_MSG_FINDING_ROW_QUOTE,
        [HZ_BAD_ENCODING] = HZ_MSG_FINDING_ENCODING,
        [HZ_BAD_NUL] = HZ_MSG_FINDING_ROW_NUL,
        [HZ_BAD_SYNTAX] = HZ_MSG_FINDING_ROW_SYNTAX,
        [HZ_BAD_NAME_TWICE] = HZ_MSG_FINDING_ROW_NAME_TWICE,
        [HZ_BAD_XSD] = HZ_MSG_FINDING_ROW_XSD,
        [HZ_BAD_DIGITS] = HZ_MSG_FINDING_ROW_DIGITS,
    };
    hz_finding finding;
    HZ_TRY(begin(&finding, t, bad->rule, err));
    finding.at.source = bad->source;
    finding.at.record = bad->row.record;
    finding.at.line = bad->row.line;
    finding.at.offset_bytes = bad->row.offset_bytes;
    hz_slice where = bad->row.where;
    if (where.len && where.ptr[where.len - 1] == '\1')
        where.len--; /* room for a cell's label (source.h) */
    if (where.len && hz_arena_copy(&finding.at.where, t->arena, where) != HZ_OK)
        return hz_nomem(err, where.len);
    finding.message = messages[bad->row.kind];
    finding.fields_seen = bad->row.fields_count;
    finding.fields_expected = bad->row.fields_expected;
    if (bad->row.kind == HZ_BAD_FIELD_COUNT) {
        finding.args_count = 2;
        HZ_TRY(arg_number(&finding.args[0], t, bad->row.fields_count, err));
        HZ_TRY(arg_number(&finding.args[1], t, bad->row.fields_expected, err));
    } else if (bad->row.kind == HZ_BAD_XSD) {
        finding.message = xsd_message(bad->row.xsd_fault);
    } else if (bad->row.kind == HZ_BAD_ENCODING) {
        bool mixed = bad->row.other != HZ_ENCODING_UNKNOWN;
        finding.args_count = mixed ? 2 : 1;
        if (mixed) {
            finding.message = HZ_MSG_FINDING_ENCODING_MIXED;
            HZ_TRY(arg_text(&finding.args[1], t, hz_slice_of(hz_encoding_name(bad->row.other)), err));
        }
        HZ_TRY(arg_number(&finding.args[0], t, bad->row.offset_bytes, err));
    }
    return t->take(t->ctx, bad->rule, &finding, err);
}

static bool is_shown(const hz_run_state *run, uint32_t rule)
{
    return run->shown[rule] && run->plan.rules[rule].runs;
}

static hz_status of_rule(const taker *t, uint32_t rule, hz_error *err)
{
    hz_rule_kind kind = t->run->plan.rules[rule].rule->kind;
    if (!is_shown(t->run, rule))
        return HZ_OK;
    if (kind == HZ_RULE_PRESENT && t->run->tally.rules[rule].failed)
        return present_finding(t, rule, err);
    if (kind == HZ_RULE_MANIFEST)
        return manifest_findings(t, rule, err);
    return kind == HZ_RULE_COLUMNS ? column_findings(t, rule, err) : HZ_OK;
}

/* ---- examples ---- */

static hz_status keep_example(void *ctx, uint32_t rule, const hz_finding *finding, hz_error *err)
{
    hz_run_state *run = ctx;
    hz_result_rule *shown = run->shown[rule];
    size_t most = run->tally.rules[rule].examples.max;
    most = run->tally.rules[rule].failed < most ? (size_t)run->tally.rules[rule].failed : most;
    if (shown->examples_count == most)
        return HZ_OK;
    if (!shown->examples)
        shown->examples = HZ_ARENA_ARRAY(run->result->arena, hz_finding, most + 1);
    if (!shown->examples)
        return hz_nomem(err, most * sizeof(hz_finding));
    shown->examples[shown->examples_count++] = *finding;
    return HZ_OK;
}

hz_status hz_structure_findings(hz_run_state *run, hz_error *err)
{
    taker t = {run, run->result->arena, keep_example, run};
    for (uint32_t i = 0; i < run->plan.rules_count; i++)
        HZ_TRY(of_rule(&t, i, err));
    for (size_t table = 0; table < run->plan.profile->tables_count; table++)
        for (size_t b = 0; b < run->tables[table].bad_count; b++)
            HZ_TRY(bad_row_finding(&t, &run->tables[table].bad[b], err));
    return HZ_OK;
}

/* ---- all of them ---- */

static hz_status all_bad_rows(const taker *t, hz_pile *pile, hz_rule_kind kind, hz_error *err)
{
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    hz_pile_read(&reader, pile, false);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        for (size_t at = 0; st == HZ_OK && at < block.len; at += (sizeof(hz_bad_example) + 7) / 8 * 8) {
            hz_bad_example bad;
            memcpy(&bad, block.ptr + at, sizeof bad);
            if (t->run->plan.rules[bad.rule].rule->kind == kind)
                st = bad_row_finding(t, &bad, err);
        }
        if (st != HZ_OK)
            break;
    }
    hz_pile_read_end(&reader);
    return st == HZ_END ? HZ_OK : st;
}

hz_status hz_structure_all(hz_run_state *run, uint32_t sheet, hz_arena *arena, hz_structure_take *take, void *ctx,
                           hz_error *err)
{
    taker t = {run, arena, take, ctx};
    if (run->plan.tables[sheet].period)
        return HZ_OK;
    for (uint32_t i = 0; i < run->plan.rules_count; i++)
        if (run->plan.rules[i].rule->table->index == sheet)
            HZ_TRY(of_rule(&t, i, err));
    HZ_TRY(all_bad_rows(&t, &run->tables[sheet].all_bad, HZ_RULE_ROWS, err));
    return all_bad_rows(&t, &run->tables[sheet].all_bad, HZ_RULE_ENCODING, err);
}
