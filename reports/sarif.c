/* sarif.c: the result as a SARIF 2.1.0 log (OASIS), for code scanning and editors.
 *
 * A finding is a result with its place; a rule that failed but of which no finding was kept is one result with the
 * number of occurrences. Draft and pilot rules are informational. What did not run stands as notifications of the
 * invocation, what no rule checked in its properties, the verdict in those of the run. Message strings double braces
 * (3.11.5), and brackets that would make a link of the data's words are escaped (3.11.6). */
#include "base/alloc.h"
#include "reports/face_int.h"
#include "reports/json_int.h"
#include "reports/render_int.h"
#include "reports/waivers.h"

typedef struct writer {
    hz_json json;
    hz_face face;
    hz_buf text;            /* an escaped message, a URI */
    size_t *first_artifact; /* by result table */
} writer;

/* ---- small shapes ---- */

static void put_text(writer *w, const char *key, hz_slice text)
{
    hz_json_key(&w->json, key);
    hz_json_text(&w->json, text);
}

static void put_word(writer *w, const char *key, const char *word)
{
    put_text(w, key, hz_slice_of(word));
}

static void put_count(writer *w, const char *key, uint64_t count)
{
    hz_json_key(&w->json, key);
    hz_json_u64(&w->json, count);
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

static void open_object(writer *w, const char *key)
{
    hz_json_key(&w->json, key);
    hz_json_object(&w->json, false);
}

static void open_array(writer *w, const char *key, bool lines)
{
    hz_json_key(&w->json, key);
    hz_json_array(&w->json, lines);
}

static hz_slice text_done(writer *w)
{
    if (w->text.status != HZ_OK && w->json.out->status == HZ_OK)
        w->json.out->status = w->text.status;
    return hz_buf_slice(&w->text);
}

static bool has_link(hz_slice text)
{
    for (size_t i = 1; i < text.len; i++)
        if (text.ptr[i - 1] == ']' && text.ptr[i] == '(')
            return true;
    return false;
}

/* {"text": …} of a message string. */
static void put_message(writer *w, const char *key, hz_slice text)
{
    bool link = has_link(text);
    hz_buf_reset(&w->text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '{' || c == '}')
            hz_buf_putc(&w->text, c);
        if (link && (c == '[' || c == ']' || c == '\\'))
            hz_buf_putc(&w->text, '\\');
        hz_buf_putc(&w->text, c);
    }
    open_object(w, key);
    put_text(w, "text", text_done(w));
    hz_json_end(&w->json);
}

/* RFC 3986: what is not unreserved or a slash as %XX, byte by byte. */
static hz_slice uri_of(writer *w, hz_slice path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    hz_buf_reset(&w->text);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c && strchr(plain, c))
            hz_buf_putc(&w->text, (char)c);
        else
            hz_buf_printf(&w->text, "%%%02X", c);
    }
    return text_done(w);
}

static const char *level_of(hz_severity severity)
{
    static const char *const levels[HZ_SEVERITY_COUNT] = {"error", "error", "warning", "note"};
    return levels[severity];
}

/* ---- the rules ---- */

static void put_tags(writer *w, const hz_result_rule *rule)
{
    open_array(w, "tags", false);
    hz_json_texts(&w->json, hz_dimension_name(rule->rule->dimension));
    hz_json_texts(&w->json, hz_gate_name(rule->rule->gate));
    hz_json_end(&w->json);
}

static void put_rule_properties(writer *w, const hz_result_rule *result)
{
    const hz_rule *rule = result->rule;
    open_object(w, "properties");
    put_text(w, "table", rule->table->name);
    put_word(w, "severity", hz_severity_name(result->severity));
    put_word(w, "status", hz_life_name(result->life));
    if (rule->indicator.len)
        put_text(w, "indicator", rule->indicator);
    put_word(w, "outcome", hz_outcome_name(result->outcome));
    put_count(w, "rows", result->rows);
    put_count(w, "notApplicable", result->not_applicable);
    put_count(w, "undetermined", result->undetermined);
    put_count(w, "evaluated", result->evaluated);
    put_count(w, "passed", result->passed);
    put_count(w, "failed", result->failed);
    put_count(w, "waived", result->waived);
    put_count(w, "shown", result->examples_count);
    put_tags(w, result);
    hz_json_end(&w->json);
}

/* What the rule says of itself: title, description, the clause it comes from, known issues. */
static void put_help(writer *w, const hz_rule *rule, hz_slice title)
{
    hz_buf help = HZ_BUF_INIT;
    hz_slice description = hz_face_text2(&w->face, rule->description);
    hz_slice issues = hz_face_text2(&w->face, rule->known_issues);
    hz_buf_put(&help, title.len ? title : rule->id);
    if (description.len) {
        hz_buf_puts(&help, "\n\n");
        hz_buf_put(&help, description);
    }
    if (rule->clause.present) {
        hz_buf_puts(&help, "\n\n");
        hz_buf_put(&help, rule->clause.standard);
        hz_buf_puts(&help, rule->clause.section.len ? " " : "");
        hz_buf_put(&help, rule->clause.section);
    }
    if (issues.len) {
        hz_buf_puts(&help, "\n\n");
        hz_buf_put(&help, HZ_FACE_SAY(&w->face, TEXT_KNOWN_ISSUES, issues));
    }
    if (help.status != HZ_OK && w->json.out->status == HZ_OK)
        w->json.out->status = help.status;
    put_message(w, "help", hz_buf_slice(&help));
    hz_buf_clear(&help);
}

static bool is_uri(hz_slice text)
{
    return hz_slice_starts(text, HZ_SLICE_LIT("https://")) || hz_slice_starts(text, HZ_SLICE_LIT("http://"));
}

static void put_rule(writer *w, const hz_result_rule *result, bool draft)
{
    const hz_rule *rule = result->rule;
    hz_slice title = hz_face_title(&w->face, rule), description = hz_face_text2(&w->face, rule->description);
    hz_json_object(&w->json, false);
    put_text(w, "id", rule->id);
    put_message(w, "shortDescription", title.len ? title : rule->id);
    if (description.len)
        put_message(w, "fullDescription", description);
    put_help(w, rule, title);
    if (is_uri(rule->clause.url))
        put_text(w, "helpUri", rule->clause.url);
    open_object(w, "defaultConfiguration");
    put_word(w, "level", draft ? "none" : level_of(result->severity));
    hz_json_end(&w->json);
    put_rule_properties(w, result);
    hz_json_end(&w->json);
}

static void put_tool(writer *w)
{
    const hz_result *result = w->face.result;
    open_object(w, "tool");
    open_object(w, "driver");
    put_word(w, "name", "hezhun");
    put_word(w, "version", HZ_VERSION);
    put_word(w, "language", w->face.options->lang == HZ_LANG_EN ? "en" : "zh-CN");
    open_array(w, "rules", true);
    for (size_t i = 0; i < result->rules_count; i++)
        put_rule(w, &result->rules[i], false);
    for (size_t i = 0; i < result->drafts_count; i++)
        put_rule(w, &result->drafts[i], true);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

/* ---- the invocation ---- */

static void put_notification(writer *w, const hz_result_rule *rule, size_t index)
{
    bool failed = rule->outcome == HZ_OUTCOME_ERROR || rule->rule->if_skipped == HZ_SKIP_FAIL;
    hz_json_object(&w->json, false);
    put_word(w, "level", failed ? "error" : rule->rule->if_skipped == HZ_SKIP_WARN ? "warning" : "note");
    hz_slice reason = hz_face_said(&w->face, &rule->reason);
    put_message(w, "message", reason.len ? reason : hz_slice_of(hz_outcome_name(rule->outcome)));
    open_object(w, "descriptor");
    put_word(w, "id",
             rule->reason.message == HZ_MSG_NONE ? hz_outcome_name(rule->outcome) : hz_msg_name(rule->reason.message));
    hz_json_end(&w->json);
    open_object(w, "associatedRule");
    put_text(w, "id", rule->rule->id);
    put_count(w, "index", index);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_notifications(writer *w)
{
    const hz_result *result = w->face.result;
    open_array(w, "toolExecutionNotifications", true);
    for (size_t i = 0; i < result->rules_count + result->drafts_count; i++) {
        const hz_result_rule *rule =
            i < result->rules_count ? &result->rules[i] : &result->drafts[i - result->rules_count];
        if (rule->outcome == HZ_OUTCOME_SKIPPED || rule->outcome == HZ_OUTCOME_ERROR)
            put_notification(w, rule, i);
    }
    hz_json_end(&w->json);
}

static void put_invocation(writer *w, const hz_coverage *coverage)
{
    const hz_result *result = w->face.result;
    open_array(w, "invocations", false);
    hz_json_object(&w->json, false);
    put_bool(w, "executionSuccessful", !result->incomplete);
    if (!w->face.options->reproducible) {
        if (result->started[0])
            put_word(w, "startTimeUtc", result->started);
        if (result->host[0])
            put_word(w, "machine", result->host);
    }
    put_notifications(w);
    open_object(w, "properties");
    open_array(w, "notChecked", false);
    for (size_t i = 0; i < HZ_COVERAGE_LINES; i++) {
        hz_slice line = hz_face_coverage(&w->face, coverage, i);
        if (line.len)
            hz_json_text(&w->json, line);
    }
    hz_json_end(&w->json);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

/* ---- artifacts ---- */

static void put_artifact(writer *w, const hz_result_source *source)
{
    hz_json_object(&w->json, false);
    open_object(w, "location");
    put_text(w, "uri", uri_of(w, hz_face_path(source)));
    hz_json_end(&w->json);
    put_count(w, "length", source->bytes);
    if (source->encoding.len)
        put_text(w, "encoding", source->encoding);
    open_object(w, "hashes");
    hz_json_key(&w->json, "sha-256");
    hz_json_hex(&w->json, source->sha256, sizeof source->sha256);
    hz_json_end(&w->json);
    open_object(w, "properties");
    put_count(w, "rows", source->rows);
    put_count(w, "badRows", source->bad_rows);
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_artifacts(writer *w)
{
    const hz_result *result = w->face.result;
    open_array(w, "artifacts", true);
    for (size_t i = 0; i < result->tables_count; i++)
        for (size_t k = 0; k < result->tables[i].sources_count; k++)
            put_artifact(w, &result->tables[i].sources[k]);
    hz_json_end(&w->json);
}

/* ---- results ---- */

/* A record of delimited text begins at the first column of its line; of a bad byte only the offset is known. */
static void put_region(writer *w, const hz_place *place, const hz_result_source *source, bool has_offset, bool starts)
{
    if (!place->line)
        return;
    open_object(w, "region");
    put_count(w, "startLine", place->line);
    if (starts && hz_slice_is(source->format, "csv"))
        put_count(w, "startColumn", 1);
    if (has_offset)
        put_count(w, "byteOffset", place->offset_bytes);
    hz_json_end(&w->json);
}

/* What a place in words is, in the standard's terms where it has one. */
static const char *kind_of_where(const hz_result_source *source)
{
    if (source && hz_slice_is(source->format, "xml"))
        return "element";
    return source && hz_slice_is(source->format, "xlsx") ? "cell" : "object";
}

static void put_location(writer *w, const hz_place *place, const hz_rule *rule, bool has_offset)
{
    const hz_result_source *source = hz_face_source(&w->face, place);
    const hz_table *table = w->face.result->tables[place->table].table;
    if (source) {
        open_object(w, "physicalLocation");
        open_object(w, "artifactLocation");
        put_text(w, "uri", uri_of(w, hz_face_path(source)));
        put_count(w, "index", w->first_artifact[place->table] + place->source);
        hz_json_end(&w->json);
        put_region(w, place, source, has_offset, rule->kind != HZ_RULE_ENCODING);
        hz_json_end(&w->json);
    }
    open_array(w, "logicalLocations", false);
    hz_json_object(&w->json, false);
    put_text(w, "name", table->name);
    put_word(w, "kind", "table");
    hz_json_end(&w->json);
    if (place->where.len) { /* XPath, JSON pointer, sheet and cell */
        hz_json_object(&w->json, false);
        put_text(w, "fullyQualifiedName", place->where);
        put_word(w, "kind", kind_of_where(source));
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

static void put_named(writer *w, const char *key, const hz_named *items, size_t count)
{
    open_object(w, key);
    for (size_t i = 0; i < count; i++) {
        hz_json_key_slice(&w->json, items[i].name);
        if (items[i].value.null)
            hz_json_null(&w->json);
        else
            hz_json_text(&w->json, hz_face_shown(&w->face, items[i].value));
    }
    hz_json_end(&w->json);
}

static void put_related(writer *w, const hz_rule *rule, const hz_finding *finding)
{
    open_array(w, "relatedLocations", false);
    for (size_t i = 0; i < finding->related_count; i++) {
        const hz_place *place = &finding->related[i];
        hz_json_object(&w->json, false);
        put_count(w, "id", i + 1);
        put_location(w, place, rule, false);
        put_message(w, "message", hz_face_pairs(&w->face, place->key, place->key_count));
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

static void put_shown(writer *w, const char *key, bool present, hz_shown value)
{
    if (!present)
        return;
    hz_json_key(&w->json, key);
    if (value.null)
        hz_json_null(&w->json);
    else
        hz_json_text(&w->json, hz_face_shown(&w->face, value));
}

static void put_finding_properties(writer *w, const hz_finding *finding)
{
    open_object(w, "properties");
    put_word(w, "severity", hz_severity_name(finding->severity));
    put_named(w, "key", finding->at.key, finding->at.key_count);
    put_named(w, "fields", finding->at.fields, finding->at.fields_count);
    put_shown(w, "expected", finding->has_expected, finding->expected);
    put_shown(w, "difference", finding->has_difference, finding->difference);
    put_shown(w, "repair", finding->has_repair, finding->repair);
    if (finding->echo_count)
        put_named(w, "echo", finding->echo, finding->echo_count);
    if (finding->acknowledged.len)
        put_text(w, "acknowledged", hz_face_safe(&w->face, finding->acknowledged));
    hz_json_end(&w->json);
}

static void begin_result(writer *w, const hz_result_rule *rule, hz_severity severity, size_t index, bool draft)
{
    hz_json_object(&w->json, false);
    put_text(w, "ruleId", rule->rule->id);
    put_count(w, "ruleIndex", index);
    put_word(w, "kind", draft ? "informational" : "fail");
    put_word(w, "level", draft ? "none" : level_of(severity));
}

/* What a waiver covers is suppressed, with its reason. */
static void put_suppression(writer *w, const hz_finding *finding)
{
    const hz_result *result = w->face.result;
    for (size_t i = 0; finding->waived.len && i < result->waivers_count; i++) {
        const hz_waiver *waiver = result->waivers[i].waiver;
        if (!hz_slice_eq(waiver->id, finding->waived))
            continue;
        open_array(w, "suppressions", false);
        hz_json_object(&w->json, false);
        put_word(w, "kind", "external");
        put_word(w, "status", "accepted");
        put_text(w, "justification", hz_face_waiver(&w->face, &result->waivers[i]));
        hz_json_end(&w->json);
        hz_json_end(&w->json);
    }
}

static void put_finding(writer *w, const hz_result_rule *rule, const hz_finding *finding, size_t index, bool draft)
{
    begin_result(w, rule, finding->severity, index, draft);
    put_message(w, "message", hz_face_message_own(&w->face, finding));
    open_array(w, "locations", false);
    hz_json_object(&w->json, false);
    put_location(w, &finding->at, rule->rule, hz_face_has_offset(rule->rule, finding));
    hz_json_end(&w->json);
    hz_json_end(&w->json);
    if (finding->related_count)
        put_related(w, rule->rule, finding);
    if (finding->fingerprint[0]) {
        open_object(w, "partialFingerprints");
        put_word(w, "hezhun/v1", finding->fingerprint);
        hz_json_end(&w->json);
    }
    if (finding->since == HZ_SINCE_NEW || finding->since == HZ_SINCE_BEFORE)
        put_word(w, "baselineState", finding->since == HZ_SINCE_NEW ? "new" : "unchanged");
    put_suppression(w, finding);
    put_finding_properties(w, finding);
    hz_json_end(&w->json);
}

/* No finding was kept: the rule alone speaks. */
static void put_count_only(writer *w, const hz_result_rule *rule, size_t index, bool draft)
{
    hz_digits failed = hz_text_count(rule->failed), evaluated = hz_text_count(rule->evaluated);
    begin_result(w, rule, rule->severity, index, draft);
    put_message(w, "message", HZ_FACE_SAY(&w->face, FACE_FAILED, HZ_DIGITS(failed), HZ_DIGITS(evaluated)));
    put_count(w, "occurrenceCount", rule->failed);
    hz_json_end(&w->json);
}

static void put_results_of(writer *w, const hz_result_rule *rule, size_t index, bool draft)
{
    for (size_t i = 0; i < rule->examples_count; i++)
        put_finding(w, rule, &rule->examples[i], index, draft);
    if (rule->failed && !rule->examples_count)
        put_count_only(w, rule, index, draft);
}

/* A measure that misses what is expected is a result of no rule in the list and of no place. */
static void put_measure(writer *w, const hz_result_measure *measure)
{
    bool draft = !hz_is_active(measure->measure->status);
    if (measure->outcome != HZ_OUTCOME_FAILED)
        return;
    hz_json_object(&w->json, false);
    put_text(w, "ruleId", measure->measure->id);
    put_word(w, "kind", draft ? "informational" : "fail");
    put_word(w, "level", draft ? "none" : level_of(measure->measure->severity));
    put_message(w, "message", hz_face_measure(&w->face, measure));
    open_array(w, "locations", false);
    hz_json_object(&w->json, false);
    open_array(w, "logicalLocations", false);
    hz_json_object(&w->json, false);
    put_text(w, "name", measure->measure->table->name);
    put_word(w, "kind", "table");
    for (int i = 0; i < 4; i++)
        hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_results(writer *w)
{
    const hz_result *result = w->face.result;
    open_array(w, "results", true);
    for (size_t i = 0; i < result->rules_count; i++)
        put_results_of(w, &result->rules[i], i, false);
    for (size_t i = 0; i < result->drafts_count; i++)
        put_results_of(w, &result->drafts[i], result->rules_count + i, true);
    for (size_t i = 0; i < result->waivers_count; i++) {
        const hz_result_waiver *waiver = &result->waivers[i];
        const hz_result_rule *rule = hz_waiver_rule(result, waiver);
        size_t index = waiver->draft ? result->rules_count + waiver->rule : waiver->rule;
        for (size_t k = 0; rule && k < waiver->examples_count; k++)
            put_finding(w, rule, &waiver->examples[k], index, waiver->draft);
    }
    for (size_t i = 0; i < result->measures_count; i++)
        put_measure(w, &result->measures[i]);
    hz_json_end(&w->json);
}

/* The profiles that this one extends. */
static void put_others(writer *w)
{
    const hz_result *result = w->face.result;
    if (!result->verdicts_count)
        return;
    hz_json_key(&w->json, "extends");
    hz_json_array(&w->json, true);
    for (size_t i = 0; i + 1 < result->verdicts_count; i++) {
        const hz_result_verdict *verdict = &result->verdicts[i];
        hz_json_object(&w->json, false);
        put_text(w, "profile", verdict->profile->id);
        put_text(w, "profileVersion", verdict->profile->version);
        put_bool(w, "conformant", verdict->conformant);
        put_text(w, "grade", verdict->profile->grading.grades[verdict->grade].grade);
        put_decimal(w, "score", verdict->has_score, verdict->score);
        put_decimal(w, "errorRate", true, verdict->error_rate);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
}

/* What one correction would clear. */
static void put_cause(writer *w, const hz_cause *cause)
{
    const hz_result *result = w->face.result;
    hz_json_object(&w->json, false);
    put_word(w, "kind", hz_cause_kind_name(cause->kind));
    put_text(w, "table", result->tables[cause->table].name);
    put_count(w, "findings", cause->findings);
    if (cause->code[0])
        put_word(w, "code", cause->code);
    put_text(w, "text", hz_face_cause(&w->face, cause));
    open_array(w, "rules", false);
    for (size_t i = 0; i < cause->rules_count; i++) {
        hz_json_object(&w->json, false);
        put_text(w, "id", result->rules[cause->rules[i].rule].rule->id);
        put_count(w, "findings", cause->rules[i].findings);
        hz_json_end(&w->json);
    }
    hz_json_end(&w->json);
    hz_json_end(&w->json);
}

static void put_causes(writer *w)
{
    put_count(w, "causesFound", w->face.result->causes_found);
    open_array(w, "causes", true);
    for (size_t i = 0; i < w->face.result->causes_count; i++)
        put_cause(w, &w->face.result->causes[i]);
    hz_json_end(&w->json);
}

/* What each gate asks of the submitter, in words. */
static void put_asks(writer *w)
{
    hz_asks asks[HZ_GATE_COUNT];
    hz_asks_of(asks, w->face.result);
    open_object(w, "asks");
    for (size_t i = 0; i < HZ_GATE_COUNT; i++)
        if (hz_face_asks(&w->face, &asks[i]).len)
            put_text(w, hz_gate_name((hz_gate)i), hz_face_asks(&w->face, &asks[i]));
    hz_json_end(&w->json);
}

static void put_verdict(writer *w)
{
    const hz_result *result = w->face.result;
    open_object(w, "properties");
    put_text(w, "profile", result->profile->id);
    put_text(w, "profileVersion", result->profile->version);
    if (result->has_as_of)
        put_text(w, "asOf", hz_face_day(&w->face, result->as_of));
    put_bool(w, "conformant", result->conformant);
    put_bool(w, "incomplete", result->incomplete);
    put_bool(w, "certifying", result->certifying);
    put_bool(w, "reveal", w->face.options->reveal);
    put_text(w, "grade", hz_face_grade(&w->face, result->grade));
    put_decimal(w, "score", result->has_score, result->score);
    put_decimal(w, "errorRate", true, result->error_rate);
    put_count(w, "records", result->records);
    put_count(w, "recordsWithErrors", result->records_with_errors);
    open_object(w, "gates");
    for (size_t i = 0; i < HZ_GATE_COUNT; i++)
        put_word(w, hz_gate_name((hz_gate)i), hz_gate_state_name(result->gates[i]));
    hz_json_end(&w->json);
    put_asks(w);
    if (result->waivers_count) {
        open_array(w, "waivers", true);
        for (size_t i = 0; i < result->waivers_count; i++)
            hz_json_text(&w->json, hz_face_waiver(&w->face, &result->waivers[i]));
        hz_json_end(&w->json);
    }
    put_others(w);
    put_causes(w);
    hz_json_end(&w->json);
}

static void put_run(writer *w, const hz_coverage *coverage)
{
    hz_json_object(&w->json, true);
    put_tool(w);
    put_invocation(w, coverage);
    put_artifacts(w);
    put_word(w, "columnKind", "unicodeCodePoints");
    put_results(w);
    put_verdict(w);
    hz_json_end(&w->json);
}

static hz_status count_artifacts(writer *w, hz_error *err)
{
    const hz_result *result = w->face.result;
    size_t count = 0;
    w->first_artifact = hz_mem_zalloc(result->tables_count + 1, sizeof *w->first_artifact);
    if (!w->first_artifact)
        return hz_nomem(err, (result->tables_count + 1) * sizeof *w->first_artifact);
    for (size_t i = 0; i < result->tables_count; i++) {
        w->first_artifact[i] = count;
        count += result->tables[i].sources_count;
    }
    return HZ_OK;
}

static hz_status cover(hz_coverage *out, const hz_result *result, hz_error *err)
{
    hz_reads reads;
    HZ_TRY(hz_reads_of(&reads, result, err));
    hz_status st = hz_coverage_of(out, result, &reads, NULL, err);
    hz_reads_clear(&reads);
    return st;
}

hz_status hz_render_sarif(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    writer w = {.json = {.out = out}, .face = HZ_FACE_INIT(out, result, options), .text = HZ_BUF_INIT};
    hz_coverage coverage;
    HZ_TRY(cover(&coverage, result, err));
    hz_status st = count_artifacts(&w, err);
    if (st == HZ_OK) {
        hz_json_object(&w.json, true);
        put_word(&w, "$schema",
                 "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                 "sarif-schema-2.1.0.json");
        put_word(&w, "version", "2.1.0");
        open_array(&w, "runs", true);
        put_run(&w, &coverage);
        hz_json_end(&w.json);
        hz_json_end(&w.json);
        hz_buf_putc(out, '\n');
    }
    hz_coverage_clear(&coverage);
    hz_mem_free(w.first_artifact);
    hz_buf_clear(&w.text);
    hz_status ended = hz_face_end(&w.face, st == HZ_OK ? err : NULL);
    return st == HZ_OK ? ended : st;
}
