/* junit.c: the result as test results, for continuous integration: a suite a table, a case a rule, and a measure with
 * `expect` is a case too. Follows junit-10.xsd of Jenkins' xUnit plug-in.
 *
 * A rule that failed is a failure, whatever its severity, which is the failure's type. What did not judge a single
 * record (skipped, not applicable, undetermined) is skipped with its reason, never passed. Draft and pilot rules stand
 * in a suite of their own and never fail. Each suite ends with what one correction would clear
 * and what its table has that no rule checked. */
#include <stdio.h>

#include "reports/face_int.h"
#include "reports/render_int.h"
#include "reports/waivers.h"

enum { FINDINGS_SHOWN = 10, DECIMALS_OF_SECONDS = 3 };

typedef enum kind { KIND_PASSED, KIND_FAILED, KIND_SKIPPED, KIND_ERROR } kind;

typedef struct counts {
    uint64_t tests, of[KIND_ERROR + 1];
} counts;

typedef struct suite {
    const hz_table *table; /* NULL: that of the drafts */
    counts counts;
} suite;

static kind kind_of(hz_outcome outcome, bool draft)
{
    switch (outcome) {
    case HZ_OUTCOME_PASSED:
        return KIND_PASSED;
    case HZ_OUTCOME_FAILED:
        return draft ? KIND_SKIPPED : KIND_FAILED;
    case HZ_OUTCOME_ERROR:
        return draft ? KIND_SKIPPED : KIND_ERROR;
    default:
        return KIND_SKIPPED;
    }
}

/* A measure that nothing is expected of is a figure, not a test; unless it could not be made. */
static bool is_tested(const hz_result_measure *measure)
{
    return measure->measure->expect.root || measure->outcome == HZ_OUTCOME_SKIPPED ||
           measure->outcome == HZ_OUTCOME_ERROR;
}

static bool is_draft(const hz_result_measure *measure)
{
    return !hz_is_active(measure->measure->status);
}

static bool belongs(const hz_result_measure *measure, const hz_table *table)
{
    return is_tested(measure) && (table ? measure->measure->table == table && !is_draft(measure) : is_draft(measure));
}

static void add(counts *all, kind one)
{
    all->tests++;
    all->of[one]++;
}

static suite suite_of(const hz_result *result, const hz_table *table)
{
    suite out = {.table = table};
    for (size_t i = 0; table && i < result->rules_count; i++)
        if (result->rules[i].rule->table == table)
            add(&out.counts, kind_of(result->rules[i].outcome, false));
    for (size_t i = 0; !table && i < result->drafts_count; i++)
        add(&out.counts, kind_of(result->drafts[i].outcome, true));
    for (size_t i = 0; i < result->measures_count; i++)
        if (belongs(&result->measures[i], table))
            add(&out.counts, kind_of(result->measures[i].outcome, !table));
    return out;
}

/* ---- elements ---- */

static void put_u64(hz_face *f, const char *name, uint64_t n)
{
    hz_buf_putc(f->out, ' ');
    hz_buf_puts(f->out, name);
    hz_buf_puts(f->out, "=\"");
    hz_buf_put_u64(f->out, n);
    hz_buf_putc(f->out, '"');
}

static void put_counts(hz_face *f, const counts *all)
{
    put_u64(f, "tests", all->tests);
    put_u64(f, "failures", all->of[KIND_FAILED]);
    put_u64(f, "errors", all->of[KIND_ERROR]);
}

static void put_time(hz_face *f)
{
    if (f->options->reproducible)
        return;
    hz_decimal seconds = {(hz_int128)(f->result->seconds * 1000 + 0.5), DECIMALS_OF_SECONDS};
    hz_buf_puts(f->out, " time=\"");
    hz_decimal_put(f->out, seconds);
    hz_buf_putc(f->out, '"');
}

static void put_property(hz_face *f, const char *name, hz_slice value)
{
    hz_buf_puts(f->out, "      <property");
    hz_put_xml_attribute(f->out, "name", hz_slice_of(name));
    hz_put_xml_attribute(f->out, "value", value);
    hz_buf_puts(f->out, "/>\n");
}

static void put_number(hz_face *f, const char *name, uint64_t n)
{
    hz_buf_puts(f->out, "      <property");
    hz_put_xml_attribute(f->out, "name", hz_slice_of(name));
    put_u64(f, "value", n);
    hz_buf_puts(f->out, "/>\n");
}

static const hz_result_table *find_table(const hz_result *result, const hz_table *table)
{
    for (size_t i = 0; i < result->tables_count; i++)
        if (result->tables[i].table == table)
            return &result->tables[i];
    return NULL;
}

/* "cn.base.grade": what a profile says that this one extends. */
static void put_of(hz_face *f, const hz_result_verdict *verdict, const char *what, hz_slice value)
{
    hz_buf name = HZ_BUF_INIT;
    hz_buf_put(&name, verdict->profile->id);
    hz_buf_printf(&name, ".%s", what);
    hz_buf_puts(f->out, "      <property");
    hz_put_xml_attribute(f->out, "name", hz_buf_slice(&name));
    hz_put_xml_attribute(f->out, "value", value);
    hz_buf_puts(f->out, "/>\n");
    if (name.status != HZ_OK && f->out->status == HZ_OK)
        f->out->status = name.status;
    hz_buf_clear(&name);
}

static void put_others(hz_face *f)
{
    for (size_t i = 0; i + 1 < f->result->verdicts_count; i++) {
        const hz_result_verdict *verdict = &f->result->verdicts[i];
        put_of(f, verdict, "version", verdict->profile->version);
        put_of(f, verdict, "conformant", hz_slice_of(verdict->conformant ? "true" : "false"));
        put_of(f, verdict, "grade", verdict->profile->grading.grades[verdict->grade].grade);
        if (verdict->has_score)
            put_of(f, verdict, "score", hz_face_decimal(f, verdict->score));
        put_of(f, verdict, "error_rate", hz_face_decimal(f, verdict->error_rate));
    }
}

/* Each gate's verdict and what it asks of the submitter. */
static void put_gates(hz_face *f)
{
    hz_asks asks[HZ_GATE_COUNT];
    char name[64];
    hz_asks_of(asks, f->result);
    for (size_t i = 0; i < HZ_GATE_COUNT; i++) {
        (void)snprintf(name, sizeof name, "gate.%s", hz_gate_name((hz_gate)i));
        put_property(f, name, hz_slice_of(hz_gate_state_name(f->result->gates[i])));
        (void)snprintf(name, sizeof name, "asks.%s", hz_gate_name((hz_gate)i));
        if (hz_face_asks(f, &asks[i]).len)
            put_property(f, name, hz_face_asks(f, &asks[i]));
    }
}

static void put_verdict(hz_face *f)
{
    const hz_result *result = f->result;
    put_property(f, "profile.version", result->profile->version);
    put_property(f, "conformant", hz_slice_of(result->conformant ? "true" : "false"));
    put_property(f, "incomplete", hz_slice_of(result->incomplete ? "true" : "false"));
    put_property(f, "certifying", hz_slice_of(result->certifying ? "true" : "false"));
    put_property(f, "grade", hz_face_grade(f, result->grade));
    if (result->has_score)
        put_property(f, "score", hz_face_decimal(f, result->score));
    put_property(f, "error_rate", hz_face_decimal(f, result->error_rate));
    put_gates(f);
    put_others(f);
    if (f->options->reveal)
        put_property(f, "reveal", HZ_SLICE_LIT("true"));
}

static void put_properties(hz_face *f, const hz_table *table)
{
    const hz_result_table *result = table ? find_table(f->result, table) : NULL;
    hz_buf_puts(f->out, "    <properties>\n");
    put_verdict(f);
    if (result) {
        hz_slice title = hz_face_text2(f, table->title);
        if (title.len)
            put_property(f, "title", title);
        put_number(f, "rows", result->rows);
        put_number(f, "bad_rows", result->bad_rows);
        put_number(f, "records_with_errors", result->records_with_errors);
    }
    hz_buf_puts(f->out, "    </properties>\n");
}

/* ---- cases ---- */

static void open_case(hz_face *f, hz_slice id, hz_slice table)
{
    hz_buf_puts(f->out, "    <testcase");
    hz_put_xml_attribute(f->out, "name", id);
    hz_buf_puts(f->out, " classname=\"");
    hz_put_xml(f->out, f->result->profile->id, true);
    hz_buf_putc(f->out, '.');
    hz_put_xml(f->out, table, true);
    hz_buf_putc(f->out, '"');
}

/* One line a finding: nothing of the data breaks it. */
static void put_findings(hz_face *f, const hz_result_rule *rule)
{
    size_t shown = rule->examples_count < FINDINGS_SHOWN ? rule->examples_count : FINDINGS_SHOWN;
    hz_digits digits = hz_text_count(shown), failed = hz_text_count(rule->failed);
    hz_put_xml(f->out, HZ_FACE_SAY(f, TEXT_SHOWN_OF, HZ_DIGITS(digits), HZ_DIGITS(failed)), false);
    hz_buf_putc(f->out, '\n');
    for (size_t i = 0; i < shown; i++) {
        const hz_finding *finding = &rule->examples[i];
        hz_put_xml(f->out, hz_face_safe(f, hz_face_place(f, &finding->at)), false);
        hz_buf_puts(f->out, ": ");
        hz_put_xml(f->out, hz_face_safe(f, hz_face_message_own(f, finding)), false);
        hz_slice key = hz_face_safe(f, hz_face_pairs(f, finding->at.key, finding->at.key_count));
        if (key.len) {
            hz_buf_puts(f->out, " [");
            hz_put_xml(f->out, key, false);
            hz_buf_putc(f->out, ']');
        }
        hz_buf_putc(f->out, '\n');
    }
}

static hz_slice count_message(hz_face *f, const hz_result_rule *rule, hz_msg_id id)
{
    hz_digits failed = hz_text_count(rule->failed), evaluated = hz_text_count(rule->evaluated);
    const hz_slice args[] = {HZ_DIGITS(failed), HZ_DIGITS(evaluated)};
    return hz_face_say(f, id, args, 2);
}

/* ` message="HH-001 title: text"`; text is borrowed from the scratch. */
static void put_message(hz_face *f, hz_slice title, hz_slice text)
{
    hz_buf_puts(f->out, " message=\"");
    if (title.len) {
        hz_put_xml(f->out, title, true);
        if (text.len)
            hz_buf_puts(f->out, ": ");
    }
    hz_put_xml(f->out, text, true);
    hz_buf_putc(f->out, '"');
}

static hz_slice why_skipped(hz_face *f, const hz_result_rule *rule, bool draft)
{
    if (rule->outcome == HZ_OUTCOME_NOT_APPLICABLE)
        return hz_face_word(f, HZ_MSG_FACE_NOT_APPLICABLE);
    if (rule->outcome == HZ_OUTCOME_UNDETERMINED) {
        hz_digits count = hz_text_count(rule->undetermined);
        return HZ_FACE_SAY(f, FACE_UNDETERMINED, HZ_DIGITS(count));
    }
    if (draft && rule->outcome == HZ_OUTCOME_FAILED)
        return count_message(f, rule, HZ_MSG_FACE_FAILED);
    return hz_face_said(f, &rule->reason);
}

static void put_rule(hz_face *f, const hz_result_rule *rule, bool draft)
{
    kind is = kind_of(rule->outcome, draft);
    hz_slice title = hz_face_title(f, rule->rule);
    open_case(f, rule->rule->id, rule->rule->table->name);
    if (is == KIND_PASSED && !rule->failed) {
        hz_buf_puts(f->out, "/>\n");
        return;
    }
    hz_buf_puts(f->out, ">\n");
    if (is == KIND_SKIPPED) {
        hz_buf_puts(f->out, "      <skipped");
        hz_put_xml_attribute(f->out, "type", hz_slice_of(hz_outcome_name(rule->outcome)));
        put_message(f, draft ? hz_face_word(f, HZ_MSG_FACE_DRAFT) : HZ_SLICE_NONE, why_skipped(f, rule, draft));
        hz_buf_puts(f->out, "/>\n");
    } else if (is == KIND_ERROR) {
        hz_buf_puts(f->out, "      <error type=\"error\"");
        put_message(f, title, hz_face_said(f, &rule->reason));
        hz_buf_puts(f->out, "/>\n");
    } else if (is == KIND_FAILED) {
        hz_buf_puts(f->out, "      <failure");
        hz_put_xml_attribute(f->out, "type", hz_slice_of(hz_severity_name(rule->severity)));
        put_message(f, title, count_message(f, rule, HZ_MSG_FACE_FAILED));
        hz_buf_putc(f->out, '>');
        put_findings(f, rule);
        hz_buf_puts(f->out, "</failure>\n");
    } else {
        hz_buf_puts(f->out, "      <system-out>");
        hz_put_xml(f->out, count_message(f, rule, HZ_MSG_FACE_TOLERATED), false);
        hz_buf_putc(f->out, '\n');
        put_findings(f, rule);
        hz_buf_puts(f->out, "</system-out>\n");
    }
    hz_buf_puts(f->out, "    </testcase>\n");
}

static void put_measure(hz_face *f, const hz_result_measure *measure, bool draft)
{
    static const char *const elements[] = {"", "failure", "skipped", "error"};
    kind is = kind_of(measure->outcome, draft);
    open_case(f, measure->measure->id, measure->measure->table->name);
    if (is == KIND_PASSED) {
        hz_buf_puts(f->out, "/>\n");
        return;
    }
    hz_buf_puts(f->out, ">\n      <");
    hz_buf_puts(f->out, elements[is]);
    hz_put_xml_attribute(f->out, "type",
                         hz_slice_of(is == KIND_FAILED ? hz_severity_name(measure->measure->severity)
                                                       : hz_outcome_name(measure->outcome)));
    put_message(f, draft ? hz_face_word(f, HZ_MSG_FACE_DRAFT) : hz_face_text2(f, measure->measure->title),
                hz_face_measure(f, measure));
    hz_buf_puts(f->out, "/>\n    </testcase>\n");
}

/* ---- suites ---- */

/* A line of what a suite says at its end; the first of a part after its heading. */
static void put_line(hz_face *f, bool *any, hz_msg_id heading, bool *headed, hz_slice line)
{
    hz_slice safe = hz_face_safe(f, line);
    if (!*any)
        hz_buf_puts(f->out, "    <system-out>");
    *any = true;
    if (!*headed) {
        hz_put_xml(f->out, hz_face_word(f, heading), false);
        hz_buf_putc(f->out, '\n');
    }
    *headed = true;
    hz_buf_puts(f->out, "- ");
    hz_put_xml(f->out, safe, false);
}

/* "- table household lacks the record id=A9: 12 (HH-1 12)" */
static void put_causes(hz_face *f, const hz_table *table, bool *any)
{
    bool headed = false;
    for (size_t i = 0; i < f->result->causes_count; i++) {
        const hz_cause *cause = &f->result->causes[i];
        if (f->result->tables[cause->table].table != table || f->result->tables[cause->table].period)
            continue;
        hz_digits findings = hz_text_count(cause->findings);
        put_line(f, any, HZ_MSG_XLSX_CAUSES, &headed, hz_face_cause(f, cause));
        hz_buf_puts(f->out, f->options->lang == HZ_LANG_EN ? ": " : "：");
        hz_put_xml(f->out, HZ_DIGITS(findings), false);
        hz_buf_puts(f->out, " (");
        hz_put_xml(f->out, hz_face_safe(f, hz_face_cause_rules(f, cause)), false);
        hz_buf_puts(f->out, ")\n");
    }
}

static void put_waivers(hz_face *f, const hz_table *table, bool *any)
{
    bool headed = false;
    for (size_t i = 0; i < f->result->waivers_count; i++) {
        const hz_result_rule *rule = hz_waiver_rule(f->result, &f->result->waivers[i]);
        if (!rule || rule->rule->table != table)
            continue;
        put_line(f, any, HZ_MSG_TEXT_HEAD_WAIVERS, &headed, hz_face_waiver(f, &f->result->waivers[i]));
        hz_buf_putc(f->out, '\n');
    }
}

/* What one correction would clear, waivers, and what no rule checked. */
static hz_status put_end(hz_face *f, const hz_table *table, const hz_reads *reads, hz_error *err)
{
    hz_coverage coverage;
    bool any = false, headed = false;
    HZ_TRY(hz_coverage_of(&coverage, f->result, reads, table, err));
    put_causes(f, table, &any);
    put_waivers(f, table, &any);
    for (size_t i = 0; i < HZ_COVERAGE_LINES; i++) {
        hz_slice line = hz_face_coverage(f, &coverage, i);
        if (!line.len)
            continue;
        put_line(f, &any, HZ_MSG_TEXT_HEAD_UNCHECKED, &headed, line);
        hz_buf_putc(f->out, '\n');
    }
    if (any)
        hz_buf_puts(f->out, "</system-out>\n");
    hz_coverage_clear(&coverage);
    return HZ_OK;
}

static hz_status put_suite(hz_face *f, const suite *one, uint64_t id, const hz_reads *reads, hz_error *err)
{
    const hz_result *result = f->result;
    hz_status st = HZ_OK;
    hz_buf_puts(f->out, "  <testsuite");
    hz_put_xml_attribute(f->out, "name", one->table ? one->table->name : HZ_SLICE_LIT("drafts"));
    put_counts(f, &one->counts);
    put_u64(f, "skipped", one->counts.of[KIND_SKIPPED]);
    put_u64(f, "id", id);
    hz_put_xml_attribute(f->out, "package", result->profile->id);
    if (!f->options->reproducible && result->started[0])
        hz_put_xml_attribute(f->out, "timestamp", hz_slice_of(result->started));
    if (!f->options->reproducible && result->host[0])
        hz_put_xml_attribute(f->out, "hostname", hz_slice_of(result->host));
    hz_buf_puts(f->out, ">\n");
    put_properties(f, one->table);
    for (size_t i = 0; one->table && i < result->rules_count; i++)
        if (result->rules[i].rule->table == one->table)
            put_rule(f, &result->rules[i], false);
    for (size_t i = 0; !one->table && i < result->drafts_count; i++)
        put_rule(f, &result->drafts[i], true);
    for (size_t i = 0; i < result->measures_count; i++)
        if (belongs(&result->measures[i], one->table))
            put_measure(f, &result->measures[i], !one->table);
    if (one->table)
        st = put_end(f, one->table, reads, err);
    hz_buf_puts(f->out, "  </testsuite>\n");
    return st;
}

static void put_all(hz_face *f, const counts *all)
{
    hz_buf_puts(f->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    hz_put_xml_attribute(f->out, "name", f->result->profile->id);
    put_counts(f, all);
    put_time(f);
    hz_buf_puts(f->out, ">\n");
}

/* Tables in the profile's order, those without a case left out; then the drafts. index counts through both. */
static const hz_table *table_at(const hz_result *result, size_t index)
{
    return index < result->profile->tables_count ? &result->profile->tables[index] : NULL;
}

hz_status hz_render_junit(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    hz_face f = HZ_FACE_INIT(out, result, options);
    hz_reads reads;
    counts all = {.tests = 0};
    size_t suites = result->profile->tables_count + 1;
    uint64_t id = 0;
    hz_status st = HZ_OK;
    HZ_TRY(hz_reads_of(&reads, result, err));
    for (size_t i = 0; i < suites; i++) {
        suite one = suite_of(result, table_at(result, i));
        all.tests += one.counts.tests;
        for (size_t k = 0; k <= KIND_ERROR; k++)
            all.of[k] += one.counts.of[k];
    }
    put_all(&f, &all);
    for (size_t i = 0; st == HZ_OK && i < suites; i++) {
        suite one = suite_of(result, table_at(result, i));
        if (one.counts.tests)
            st = put_suite(&f, &one, id++, &reads, err);
    }
    hz_buf_puts(out, "</testsuites>\n");
    hz_reads_clear(&reads);
    hz_status ended = hz_face_end(&f, st == HZ_OK ? err : NULL);
    return st == HZ_OK ? ended : st;
}
