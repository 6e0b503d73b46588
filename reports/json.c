/* json.c: the canonical report. docs/report.md describes every key, report.schema.json checks them; a change here is a
 * change there.
 *
 * Layout: objects in lines down to the tables and dimensions; a rule and a finding take one line each, so that two
 * reports can be compared by diff. */
#include "base/calendar.h"
#include "reports/coverage.h"
#include "reports/grade.h"
#include "reports/json_from.h"
#include "reports/json_int.h"
#include "reports/render_int.h"

enum { REPORT_FORMAT = 1 };

typedef struct writer {
    hz_json json;
    const hz_result *result;
    const hz_render_options *options;
    hz_buf scratch; /* shown values and messages */
} writer;

/* What was put together in scratch, which is then free for the next; that it could not be is not forgotten. */
static hz_slice scratched(writer *w)
{
    if (w->scratch.status != HZ_OK && w->json.out->status == HZ_OK)
        w->json.out->status = w->scratch.status;
    return hz_buf_slice(&w->scratch);
}

/* ---- small shapes ---- */

static void put_day(writer *w, const char *key, bool present, int32_t day)
{
    hz_json_key(&w->json, key);
    if (!present) {
        hz_json_null(&w->json);
        return;
    }
    hz_buf_reset(&w->scratch);
    hz_date_put(&w->scratch, day);
    hz_json_text(&w->json, scratched(w));
}

static void put_count(writer *w, const char *key, uint64_t count)
{
    hz_json_key(&w->json, key);
    hz_json_u64(&w->json, count);
}

static void put_text(writer *w, const char *key, hz_slice text)
{
    hz_json_key(&w->json, key);
    hz_json_text(&w->json, text);
}

static void put_text_or_null(writer *w, const char *key, hz_slice text)
{
    hz_json_key(&w->json, key);
    hz_json_text_or_null(&w->json, text);
}

static void put_word(writer *w, const char *key, const char *word)
{
    put_text(w, key, hz_slice_of(word));
}

static void put_bool(writer *w, const char *key, bool value)
{
    hz_json_key(&w->json, key);
    hz_json_bool(&w->json, value);
}

static void put_decimal(writer *w, const char *key, bool present, hz_decimal value)
{
    hz_json_key(&w->json, key);
    if (present)
        hz_json_decimal(&w->json, value);
    else
        hz_json_null(&w->json);
}

static void put_text2(writer *w, const char *key, hz_text2 text)
{
    hz_json_key(&w->json, key);
    hz_json_text2(&w->json, text);
}

static void put_sha256(writer *w, const uint8_t sha256[32])
{
    hz_json_key(&w->json, "sha256");
    hz_json_hex(&w->json, sha256, 32);
}

static void put_shown(writer *w, hz_shown value)
{
    if (value.null) {
        hz_json_null(&w->json);
        return;
    }
    hz_buf_reset(&w->scratch);
    hz_put_shown(&w->scratch, value, w->options->reveal);
    hz_json_text(&w->json, scratched(w));
}

static void put_named(writer *w, const char *key, const hz_named *items, size_t count)
{
    hz_json_key(&w->json, key);
    hz_json_object(&w->json, false);
    for (size_t i = 0; i < count; i++) {
        hz_json_key_slice(&w->json, items[i].name);
        put_shown(w, items[i].value);
    }
    hz_json_end(&w->json);
}

/* What the file itself calls the fields and has in them: of a submission that was read through a mapping. */
static void put_submitted(writer *w, const hz_place *place)
{
    bool any = false;
    for (size_t i = 0; i < place->key_count + place->fields_count; i++) {
        const hz_named *named = i < place->key_count ? &place->key[i] : &place->fields[i - place->key_count];
        bool twice = !named->own_name.len;
        for (size_t k = 0; k < place->key_count && i >= place->key_count && !twice; k++)
            twice = hz_slice_eq(place->key[k].name, named->name);
        if (twice)
            continue;
        if (!any) {
            hz_json_key(&w->json, "submitted");
            hz_json_object(&w->json, false);
        }
        any = true;
        hz_json_key_slice(&w->json, named->name);
        hz_json_object(&w->json, false);
        put_text(w, "column", named->own_name);
        hz_json_key(&w->json, "value");
        put_shown(w, named->own_value);
        hz_json_end(&w->json);
    }
    if (any)
        hz_json_end(&w->json);
}

static void put_reason(writer *w, const hz_said *said)
{
    if (said->message == HZ_MSG_NONE)
        return;
    hz_buf_reset(&w->scratch);
    hz_msg_render(&w->scratch, said->message, said->args, said->args_count, w->options->lang);
    put_text(w, "reason", scratched(w));
    put_word(w, "reason_id", hz_msg_name(said->message));
}

static hz_slice grade_name(const writer *w, uint32_t grade)
{
    return w->result->profile->grading.grades[grade].grade;
}

/* ---- identity ---- */

static void put_profile(writer *w, const hz_profile *profile)
{
    hz_json_key(&w->json, "profile");
    hz_json_object(&w->json, false);
    put_text(w, "id", profile->id);
    put_text(w, "version", profile->version);
    hz_json_key(&w->json, "digest");
    hz_json_hex(&w->json, profile->sha256, 32);
    put_word(w, "status", profile->draft ? "draft" : "published");
    put_text2(w, "title", profile->title);
    if (profile->certify_within_days >= 0)
        put_count(w, "certify_within", (uint64_t)profile->certify_within_days);
    hz_json_end(&w->json);
}

static void put_identity(writer *w)
{
    hz_json_key(&w->json, "hezhun");
    hz_json_object(&w->json, false);
    put_word(w, "version", HZ_VERSION);
    put_count(w, "report", REPORT_FORMAT);
    put_word(w, "lang", w->options->lang == HZ_LANG_EN ? "en" : "zh");
    put_bool(w, "reveal", w->options->reveal);
    if (w->result->pseudonyms)
        put_word(w, "pseudonyms", w->result->pseudonyms);
    hz_json_end(&w->json);
    put_profile(w, w->result->profile);
}

static void put_source(writer *w, const hz_result_source *source)
{
    hz_json_object(&w->json, false);
    put_text(w, "path", source->path);
    put_text(w, "format", source->format);
    if (source->part.len)
        put_text(w, "part", source->part);
    put_count(w, "bytes", source->bytes);
    put_sha256(w, source->sha256);
    put_text(w, "encoding", source->encoding);
    if (source->confidence && source->confidence < 100)
        put_count(w, "encoding_confidence", source->confidence);
    hz_json_key(&w->json, "delimiter");
    if (source->delimiter)
        hz_json_text(&w->json, (hz_slice){&source->delimiter, 1});
    else
        hz_json_null(&w->json);
    put_count(w, "rows", source->rows);
    put_count(w, "bad_rows", source->bad_rows);
    hz_json_end(&w->json);
}

static void put_bins(writer *w, const char *key, const hz_bin *bins, size_t count, bool top)
{
    hz_json_key(&w->json, key);
    hz_json_array(&w->json, false);
    for (size_t i = 0; i < count; i++) {
        hz_json_object(&w->json, false);
        put_text(w, top ? "value" : "from", bins[i].from);
        if (!top)
            put_text(w, "to", bins[i].to);
        put_count(w, "count", bins[i].count);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

static void put_column(writer *w, const hz_result_column *column)
{
    bool open = !column->personal && !column->absent;
    hz_json_object(&w->json, false);
    put_text(w, "name", column->name);
    put_text(w, "type", column->type);
    if (column->absent)
        put_bool(w, "absent", true);
    if (column->personal)
        put_bool(w, "personal", true);
    put_count(w, "missing", column->missing);
    put_count(w, "invalid", column->invalid);
    put_count(w, "distinct", column->distinct);
    put_text_or_null(w, "min", open && column->has_min ? column->min : HZ_SLICE_NONE);
    put_text_or_null(w, "max", open && column->has_max ? column->max : HZ_SLICE_NONE);
    put_text_or_null(w, "mean", open && column->has_mean ? column->mean : HZ_SLICE_NONE);
    if (open && column->histogram_count)
        put_bins(w, "histogram", column->histogram, column->histogram_count, false);
    if (open && column->top_count)
        put_bins(w, "top", column->top, column->top_count, true);
    hz_json_end(&w->json);
}

static void put_texts(writer *w, const char *key, const hz_slice *texts, size_t count)
{
    hz_json_put_texts(&w->json, key, texts, count);
}

static void put_table(writer *w, const hz_result_table *table)
{
    hz_json_object(&w->json, true);
    put_text(w, "name", table->table->name);
    put_text2(w, "title", table->table->title);
    put_bool(w, "present", table->present);
    put_bool(w, "external", table->table->external);
    put_count(w, "rows", table->rows);
    put_count(w, "bad_rows", table->bad_rows);
    put_count(w, "records_with_errors", table->records_with_errors);
    hz_json_key(&w->json, "sources");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < table->sources_count; i++)
        put_source(w, &table->sources[i]);
    hz_json_end(&w->json);
    hz_json_key(&w->json, "columns");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < table->columns_count; i++)
        put_column(w, &table->columns[i]);
    hz_json_end(&w->json);
    put_texts(w, "unknown_columns", table->unknown_columns, table->unknown_columns_count);
    hz_json_end(&w->json);
}

static void put_lists(writer *w)
{
    hz_json_key(&w->json, "lists");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < w->result->lists_count; i++) {
        const hz_list_used *list = &w->result->lists[i];
        hz_json_object(&w->json, false);
        put_text(w, "id", list->id);
        put_text_or_null(w, "edition", list->edition);
        put_sha256(w, list->sha256);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

static void put_submission(writer *w)
{
    const hz_result *result = w->result;
    hz_json_key(&w->json, "submission");
    hz_json_object(&w->json, true);
    put_day(w, "as_of", result->has_as_of, result->as_of);
    hz_json_key(&w->json, "params");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->params_count; i++) {
        hz_json_object(&w->json, false);
        put_text(w, "name", result->params[i].name);
        put_text(w, "value", result->params[i].value);
        put_bool(w, "given", result->params[i].given);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
    hz_json_put_mapping(&w->json, result->mapping);
    hz_json_put_manifest(&w->json, result->manifest);
    put_texts(w, "ignored", result->ignored, result->ignored_count);
    put_lists(w);
    hz_json_key(&w->json, "tables");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->tables_count; i++)
        put_table(w, &result->tables[i]);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

/* ---- verdict ---- */

static void put_next_grade(writer *w, const hz_result_verdict *verdict)
{
    const hz_next_grade *next = &verdict->next;
    hz_json_key(&w->json, "next_grade");
    if (!next->present) {
        hz_json_null(&w->json);
        return;
    }
    const hz_grade_level *level = &verdict->profile->grading.grades[next->level];
    hz_json_object(&w->json, false);
    put_text(w, "grade", level->grade);
    hz_json_key(&w->json, "rules");
    hz_json_array(&w->json, false);
    for (size_t i = 0; i < next->rules_count; i++)
        hz_json_text(&w->json, verdict->rules[next->rules[i]].rule->id);
    hz_json_end(&w->json);
    put_bool(w, "reachable", next->reachable);
    put_decimal(w, "score", verdict->has_score, next->score_then);
    put_decimal(w, "error_rate", next->has_error_rate, next->error_rate);
    if (level->table_rates_count) {
        hz_json_key(&w->json, "table_error_rates");
        hz_json_object(&w->json, false);
        for (size_t i = 0; i < level->table_rates_count; i++) {
            hz_json_key_slice(&w->json, level->table_rates[i].table->name);
            hz_json_decimal(&w->json, level->table_rates[i].rate);
        }
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

static void put_earned(writer *w, const hz_result_verdict *verdict)
{
    const hz_grade_level *level = &verdict->profile->grading.grades[verdict->grade];
    put_text(w, "grade", level->grade);
    put_text2(w, "grade_title", level->title);
    put_decimal(w, "score", verdict->has_score, verdict->score);
    put_decimal(w, "error_rate", true, verdict->error_rate);
    put_count(w, "records", verdict->records);
    put_count(w, "records_with_errors", verdict->records_with_errors);
    hz_json_key(&w->json, "dimensions");
    hz_json_object(&w->json, true);
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        const hz_result_dimension *dimension = &verdict->dimensions[i];
        hz_json_key(&w->json, hz_dimension_name((hz_dimension)i));
        hz_json_object(&w->json, false);
        put_decimal(w, "score", dimension->has_score, dimension->score);
        put_count(w, "rules", dimension->rules);
        put_count(w, "failed_rules", dimension->failed_rules);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
    hz_json_key(&w->json, "gates");
    hz_json_object(&w->json, false);
    for (size_t i = 0; i < HZ_GATE_COUNT; i++)
        put_word(w, hz_gate_name((hz_gate)i), hz_gate_state_name(verdict->gates[i]));
    hz_json_end(&w->json);
    put_next_grade(w, verdict);
}

static void put_verdict(writer *w)
{
    const hz_result *result = w->result;
    hz_result_verdict own;
    hz_result_own_verdict(&own, result);
    hz_json_key(&w->json, "verdict");
    hz_json_object(&w->json, true);
    put_bool(w, "conformant", result->conformant);
    put_bool(w, "incomplete", result->incomplete);
    put_bool(w, "certifying", result->certifying);
    put_earned(w, &own);
    hz_json_put_asks(&w->json, result);
    hz_json_end(&w->json);
}

/* Of each profile of the chain, where there is more than one. */
static void put_verdicts(writer *w)
{
    const hz_result *result = w->result;
    if (!result->verdicts_count)
        return;
    hz_json_key(&w->json, "verdicts");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->verdicts_count; i++) {
        const hz_result_verdict *verdict = &result->verdicts[i];
        hz_json_object(&w->json, true);
        put_profile(w, verdict->profile);
        put_bool(w, "conformant", verdict->conformant);
        put_bool(w, "incomplete", verdict->incomplete);
        put_earned(w, verdict);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

/* ---- what was not checked ---- */

static void put_unchecked_rule(writer *w, const hz_result_rule *rule)
{
    bool idle = hz_stopped(rule->outcome) || rule->outcome == HZ_OUTCOME_NOT_APPLICABLE;
    if (!idle && !rule->undetermined)
        return;
    hz_json_object(&w->json, false);
    put_text(w, "id", rule->rule->id);
    put_text(w, "table", rule->rule->table->name);
    put_word(w, "why", hz_outcome_name(idle ? rule->outcome : HZ_OUTCOME_UNDETERMINED));
    put_count(w, "rows", rule->rows);
    put_count(w, "undetermined", rule->undetermined);
    put_reason(w, &rule->reason);
    hz_json_end(&w->json);
}

static void put_unchecked_measure(writer *w, const hz_result_measure *measure)
{
    if (!hz_stopped(measure->outcome))
        return;
    hz_json_object(&w->json, false);
    put_text(w, "id", measure->measure->id);
    put_text(w, "table", measure->measure->table->name);
    put_word(w, "why", hz_outcome_name(measure->outcome));
    put_reason(w, &measure->reason);
    hz_json_end(&w->json);
}

static void put_unchecked_column(writer *w, hz_slice table, hz_slice name, const char *why)
{
    hz_json_object(&w->json, false);
    put_text(w, "table", table);
    put_text(w, "name", name);
    put_word(w, "why", why);
    hz_json_end(&w->json);
}

static void put_unchecked_columns(writer *w, const hz_result_table *table, const hz_reads *reads)
{
    for (size_t i = 0; i < table->columns_count; i++) {
        if (hz_is_unread(&table->columns[i], reads))
            put_unchecked_column(w, table->name, table->columns[i].name, "no_rule");
        if (table->present && table->columns[i].absent)
            put_unchecked_column(w, table->name, table->columns[i].name, "absent");
    }
    for (size_t i = 0; i < table->unknown_columns_count; i++)
        put_unchecked_column(w, table->name, table->unknown_columns[i], "unknown");
}

static void put_unchecked_lists(writer *w, const hz_reads *reads)
{
    const hz_result *result = w->result;
    hz_json_key(&w->json, "tables");
    hz_json_array(&w->json, false);
    for (size_t i = 0; i < result->tables_count; i++)
        if (!result->tables[i].present)
            hz_json_text(&w->json, result->tables[i].name);
    hz_json_end(&w->json);
    hz_json_key(&w->json, "rules");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->rules_count; i++)
        put_unchecked_rule(w, &result->rules[i]);
    hz_json_end(&w->json);
    hz_json_key(&w->json, "measures");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->measures_count; i++)
        put_unchecked_measure(w, &result->measures[i]);
    hz_json_end(&w->json);
    hz_json_key(&w->json, "columns");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->tables_count; i++)
        put_unchecked_columns(w, &result->tables[i], reads);
    hz_json_end(&w->json);
    put_texts(w, "files", result->ignored, result->ignored_count);
}

static hz_status put_unchecked(writer *w, hz_error *err)
{
    hz_reads reads;
    uint64_t bad_rows = 0, undetermined = 0;
    for (size_t i = 0; i < w->result->tables_count; i++)
        bad_rows += w->result->tables[i].bad_rows;
    for (size_t i = 0; i < w->result->rules_count; i++)
        undetermined += w->result->rules[i].undetermined;
    HZ_TRY(hz_reads_of(&reads, w->result, err));
    hz_json_key(&w->json, "unchecked");
    hz_json_object(&w->json, true);
    put_count(w, "bad_rows", bad_rows);
    put_count(w, "undetermined", undetermined);
    put_unchecked_lists(w, &reads);
    hz_json_end(&w->json);
    hz_reads_clear(&reads);
    return HZ_OK;
}

/* ---- causes ---- */

static void put_cause(writer *w, const hz_cause *cause)
{
    hz_json_object(&w->json, false);
    put_word(w, "kind", hz_cause_kind_name(cause->kind));
    put_text(w, "table", w->result->tables[cause->table].name);
    put_count(w, "findings", cause->findings);
    if (cause->kind == HZ_CAUSE_REGION) {
        put_word(w, "code", cause->code);
        put_text2(w, "name", cause->name);
    } else if (cause->kind == HZ_CAUSE_COLUMN) {
        hz_json_key(&w->json, "columns");
        hz_json_array(&w->json, false);
        for (size_t i = 0; i < cause->values_count; i++)
            hz_json_text(&w->json, cause->values[i].name);
        hz_json_end(&w->json);
    } else if (cause->values_count) {
        put_named(w, "values", cause->values, cause->values_count);
    }
    hz_json_key(&w->json, "rules");
    hz_json_array(&w->json, false);
    for (size_t i = 0; i < cause->rules_count; i++) {
        hz_json_object(&w->json, false);
        put_text(w, "id", w->result->rules[cause->rules[i].rule].rule->id);
        put_count(w, "findings", cause->rules[i].findings);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_causes(writer *w)
{
    put_count(w, "causes_found", w->result->causes_found);
    hz_json_key(&w->json, "causes");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < w->result->causes_count; i++)
        put_cause(w, &w->result->causes[i]);
    hz_json_end(&w->json);
}

/* ---- rules and findings ---- */

static void put_place(writer *w, const hz_place *place)
{
    const hz_result_table *table = &w->result->tables[place->table];
    put_text(w, "table", table->name);
    hz_json_key(&w->json, "source");
    if (place->source < table->sources_count)
        hz_json_text(&w->json, table->sources[place->source].path);
    else
        hz_json_null(&w->json);
    hz_json_key(&w->json, "line");
    if (place->line)
        hz_json_u64(&w->json, place->line);
    else
        hz_json_null(&w->json);
    if (place->where.len)
        put_text(w, "where", place->where);
    if (place->key) {
        put_named(w, "key", place->key, place->key_count);
    } else {
        hz_json_key(&w->json, "key");
        hz_json_null(&w->json);
    }
    put_named(w, "fields", place->fields, place->fields_count);
    put_submitted(w, place);
}

static void put_related(writer *w, const hz_finding *finding)
{
    hz_json_key(&w->json, "related");
    hz_json_array(&w->json, false);
    for (size_t i = 0; i < finding->related_count; i++) {
        hz_json_object(&w->json, false);
        put_place(w, &finding->related[i]);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

static void put_finding(writer *w, const hz_result_rule *rule, const hz_finding *finding)
{
    hz_json_object(&w->json, false);
    put_text(w, "rule", rule->rule->id);
    put_word(w, "severity", hz_severity_name(finding->severity));
    put_word(w, "status", hz_life_name(rule->life));
    put_place(w, &finding->at);
    if (finding->at.line && (rule->rule->kind == HZ_RULE_ROWS || rule->rule->kind == HZ_RULE_ENCODING))
        put_count(w, "offset", finding->at.offset_bytes);
    if (finding->reason)
        put_word(w, "reason", finding->reason);
    if (finding->has_expected) {
        hz_json_key(&w->json, "expected");
        put_shown(w, finding->expected);
    }
    if (finding->has_difference) {
        hz_json_key(&w->json, "difference");
        put_shown(w, finding->difference);
    }
    put_related(w, finding);
    if (finding->echo_count)
        put_named(w, "echo", finding->echo, finding->echo_count);
    hz_buf_reset(&w->scratch);
    hz_put_message(&w->scratch, finding, w->options->lang, w->options->reveal);
    put_text(w, "message", scratched(w));
    if (finding->has_repair) {
        hz_json_key(&w->json, "repair");
        put_shown(w, finding->repair);
    }
    put_text_or_null(w, "fingerprint", hz_slice_of(finding->fingerprint));
    if (finding->waived.len)
        put_text(w, "waived", finding->waived);
    if (finding->acknowledged.len)
        put_text(w, "acknowledged", finding->acknowledged);
    if (finding->since != HZ_SINCE_UNKNOWN)
        put_word(w, "since", finding->since == HZ_SINCE_NEW ? "new" : "before");
    hz_json_end(&w->json);
}

static void put_clause(writer *w, const hz_clause *clause)
{
    hz_json_key(&w->json, "clause");
    if (!clause->present) {
        hz_json_null(&w->json);
        return;
    }
    hz_json_object(&w->json, false);
    put_text(w, "standard", clause->standard);
    if (clause->edition.len)
        put_text(w, "edition", clause->edition);
    if (clause->section.len)
        put_text(w, "section", clause->section);
    if (clause->url.len)
        put_text(w, "url", clause->url);
    hz_json_end(&w->json);
}

static void put_rule_head(writer *w, const hz_result_rule *result)
{
    const hz_rule *rule = result->rule;
    put_text(w, "id", rule->id);
    put_text(w, "table", rule->table->name);
    put_word(w, "severity", hz_severity_name(result->severity));
    put_word(w, "dimension", hz_dimension_name(rule->dimension));
    put_text_or_null(w, "indicator", rule->indicator);
    put_word(w, "gate", hz_gate_name(rule->gate));
    put_word(w, "status", hz_life_name(result->life));
    put_clause(w, &rule->clause);
    put_text2(w, "title", rule->title);
    if (rule->known_issues.zh.len || rule->known_issues.en.len)
        put_text2(w, "known_issues", rule->known_issues);
    put_word(w, "outcome", hz_outcome_name(result->outcome));
    put_reason(w, &result->reason);
    if (result->outcome == HZ_OUTCOME_SKIPPED)
        put_word(w, "if_skipped", hz_if_skipped_name(rule->if_skipped));
}

static void put_rule(writer *w, const hz_result_rule *rule)
{
    hz_json_object(&w->json, false);
    put_rule_head(w, rule);
    put_count(w, "rows", rule->rows);
    put_count(w, "not_applicable", rule->not_applicable);
    put_count(w, "undetermined", rule->undetermined);
    if (rule->ambiguous)
        put_count(w, "ambiguous", rule->ambiguous);
    put_count(w, "evaluated", rule->evaluated);
    put_count(w, "passed", rule->passed);
    put_count(w, "failed", rule->failed);
    put_count(w, "waived", rule->waived);
    if (rule->has_groups)
        put_count(w, "groups", rule->groups);
    if (rule->has_unkeyed)
        put_count(w, "unkeyed", rule->unkeyed);
    put_count(w, "shown", rule->examples_count);
    hz_json_key(&w->json, "examples");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < rule->examples_count; i++)
        put_finding(w, rule, &rule->examples[i]);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_rules(writer *w, const char *key, const hz_result_rule *rules, size_t count)
{
    hz_json_key(&w->json, key);
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < count; i++)
        put_rule(w, &rules[i]);
    hz_json_end(&w->json);
}

/* ---- measures, indicators, regions ---- */

static void put_holds(writer *w, hz_verdict verdict)
{
    if (verdict == HZ_VERDICT_NONE)
        return;
    hz_json_key(&w->json, "holds");
    if (verdict == HZ_VERDICT_UNKNOWN)
        hz_json_null(&w->json);
    else
        hz_json_bool(&w->json, verdict == HZ_VERDICT_TRUE);
}

static void put_level(writer *w, hz_division_level level)
{
    put_text_or_null(w, "level", level == HZ_LEVEL_ANY ? HZ_SLICE_NONE : hz_slice_of(hz_division_level_name(level)));
}

static void put_measure(writer *w, const hz_result_measure *result)
{
    const hz_measure *measure = result->measure;
    hz_json_object(&w->json, false);
    put_text(w, "id", measure->id);
    put_text(w, "on", measure->table->name);
    put_text2(w, "title", measure->title);
    put_text_or_null(w, "unit", measure->unit);
    put_word(w, "severity", hz_severity_name(measure->severity));
    put_word(w, "status", hz_life_name(measure->status));
    put_decimal(w, "value", result->whole.has_value, result->whole.value);
    if (result->whole.has_fraction) {
        put_decimal(w, "numerator", true, result->whole.numerator);
        put_decimal(w, "denominator", true, result->whole.denominator);
    }
    if (result->previous.has_value)
        put_decimal(w, "previous", true, result->previous.value);
    put_holds(w, result->whole_verdict);
    put_word(w, "outcome", hz_outcome_name(result->outcome));
    put_reason(w, &result->reason);
    if (result->outcome == HZ_OUTCOME_SKIPPED)
        put_word(w, "if_skipped", hz_if_skipped_name(measure->if_skipped));
    hz_json_key(&w->json, "regions");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->regions_count; i++) {
        hz_json_object(&w->json, false);
        put_word(w, "code", result->regions[i].code);
        put_level(w, result->regions[i].level);
        put_decimal(w, "value", result->regions[i].value.has_value, result->regions[i].value.value);
        put_holds(w, result->regions[i].verdict);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_indicator(writer *w, const hz_result_indicator *indicator)
{
    hz_json_object(&w->json, false);
    put_text(w, "code", indicator->code);
    put_text2(w, "name", (hz_text2){indicator->name_zh, indicator->name_en});
    put_text_or_null(w, "dimension", indicator->dimension);
    put_count(w, "a", indicator->a);
    put_count(w, "b", indicator->b);
    put_decimal(w, "x", true, indicator->x);
    hz_json_end(&w->json);
}

static void put_region(writer *w, const hz_result_region *region)
{
    hz_json_object(&w->json, false);
    put_word(w, "code", region->code);
    put_text2(w, "name", region->name);
    put_level(w, region->level);
    put_count(w, "rows", region->rows);
    put_count(w, "findings", region->findings);
    put_count(w, "records_with_errors", region->records_with_errors);
    put_decimal(w, "score", region->has_score, region->score);
    put_text_or_null(w, "grade",
                     region->has_score && region->grade != UINT32_MAX ? grade_name(w, region->grade) : HZ_SLICE_NONE);
    hz_json_end(&w->json);
}

/* The findings that it covers stand under it, not under their rule. */
static void put_waiver(writer *w, const hz_result_waiver *waiver)
{
    const hz_waiver *says = waiver->waiver;
    const hz_result_rule *rules = waiver->draft ? w->result->drafts : w->result->rules;
    hz_json_object(&w->json, false);
    put_text(w, "id", says->id);
    put_text(w, "rule", says->rule);
    put_word(w, "state", hz_waiver_state_name(waiver->state));
    put_count(w, "matched", waiver->matched);
    put_count(w, "used", waiver->used);
    put_bool(w, "expired", waiver->state == HZ_WAIVER_EXPIRED);
    put_text(w, "reason", says->reason);
    put_text(w, "approved_by", says->approved_by);
    put_day(w, "until", true, says->until);
    put_text_or_null(w, "where", says->where.text);
    put_count(w, "keys", says->keys_count);
    put_decimal(w, "max_count", says->has_max_count, hz_decimal_of(says->max_count));
    put_decimal(w, "max_rate", says->has_max_rate, says->max_rate);
    put_text_or_null(w, "file", says->file);
    if (says->file.len)
        put_sha256(w, says->sha256);
    put_count(w, "shown", waiver->examples_count);
    hz_json_key(&w->json, "examples");
    hz_json_array(&w->json, waiver->examples_count > 0);
    for (size_t i = 0; i < waiver->examples_count; i++)
        put_finding(w, &rules[waiver->rule], &waiver->examples[i]);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_figures(writer *w)
{
    const hz_result *result = w->result;
    hz_json_key(&w->json, "measures");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->measures_count; i++)
        put_measure(w, &result->measures[i]);
    hz_json_end(&w->json);
    hz_json_key(&w->json, "indicators");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->indicators_count; i++)
        put_indicator(w, &result->indicators[i]);
    hz_json_end(&w->json);
    hz_json_key(&w->json, "regions");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->regions_count; i++)
        put_region(w, &result->regions[i]);
    hz_json_end(&w->json);
    hz_json_key(&w->json, "waivers");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i < result->waivers_count; i++)
        put_waiver(w, &result->waivers[i]);
    hz_json_end(&w->json);
}

static void put_run(writer *w)
{
    const hz_result *result = w->result;
    if (w->options->reproducible)
        return;
    hz_json_key(&w->json, "run");
    hz_json_object(&w->json, false);
    put_text_or_null(w, "started", hz_slice_of(result->started));
    hz_json_key(&w->json, "seconds");
    hz_json_decimal(&w->json, (hz_decimal){(hz_int128)(result->seconds * 1000 + 0.5), 3});
    put_count(w, "threads", result->threads);
    put_count(w, "memory", result->memory_bytes);
    put_text_or_null(w, "host", hz_slice_of(result->host));
    hz_json_end(&w->json);
}

hz_status hz_render_json(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    writer w = {.json = {.out = out}, .result = result, .options = options, .scratch = HZ_BUF_INIT};
    hz_json_object(&w.json, true);
    put_identity(&w);
    put_submission(&w);
    put_verdict(&w);
    put_verdicts(&w);
    hz_status st = put_unchecked(&w, err);
    put_causes(&w);
    put_rules(&w, "rules", result->rules, result->rules_count);
    put_rules(&w, "drafts", result->drafts, result->drafts_count);
    put_figures(&w);
    hz_json_put_merged(&w.json, w.result->merged);
    hz_json_put_acknowledged(&w.json, result);
    hz_json_put_baseline(&w.json, result);
    hz_json_put_trend(&w.json, result);
    put_run(&w);
    hz_json_end(&w.json);
    hz_buf_putc(out, '\n');
    hz_buf_clear(&w.scratch);
    return st == HZ_OK ? hz_buf_status(out, err) : st;
}

void hz_put_json_finding(hz_buf *out, hz_buf *scratch, const hz_result *result, const hz_render_options *options,
                         const hz_result_rule *rule, const hz_finding *finding)
{
    writer w = {.json = {.out = out}, .result = result, .options = options, .scratch = *scratch};
    put_finding(&w, rule, finding);
    *scratch = w.scratch;
}
