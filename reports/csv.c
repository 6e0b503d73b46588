/* csv.c: the findings as a table, for whoever mends the data in a spreadsheet: RFC 4180, UTF-8 with a byte order mark
 * (without one spreadsheets of a Chinese Windows read GB 18030), every cell quoted where it must be.
 *
 * The first column says what a row is: a finding, a finding of a draft rule (draft), a measure that misses what is
 * expected of it (measure), a cause of findings (cause), or what was not checked
 * (not_checked: a rule that was skipped, ended in error or judged no record, with its reason; columns without a rule).
 * No cell runs as a formula: one that begins as a formula may, and is no number, gets an apostrophe before it. */
#include "base/utf8.h"
#include "reports/face_int.h"
#include "reports/render_int.h"
#include "reports/waivers.h"

/* Cells of the rule, before the table; from source to fields; from expected to reason. */
enum { RULE_CELLS = 6, PLACE_CELLS = 6, VALUE_CELLS = 9 };
static const char finding_columns[] =
    "rule,severity,status,title,dimension,gate,table,source,line,where,offset,key,fields,"
    "message,expected,difference,repair,related,echo,fingerprint,waived,asks,reason";

/* ---- cells ---- */

/* What a spreadsheet takes for the beginning of a formula, after blanks, full-width twins too. */
static bool is_formula(hz_slice text)
{
    hz_decimal number;
    size_t at = 0;
    uint32_t c = 0;
    while (at < text.len) {
        c = hz_utf8_next(text, &at);
        if (c != ' ' && c != 0x3000 && c != 0xA0)
            break;
    }
    c = hz_utf8_fold_width(c);
    return (c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\n') &&
           !hz_decimal_parse(&number, text);
}

static bool needs_quotes(hz_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == ',' || text.ptr[i] == '"' || text.ptr[i] == '\r' || text.ptr[i] == '\n')
            return true;
    return text.len && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ');
}

static void put_quoted(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hz_buf_putc(out, '"');
        hz_buf_putc(out, text.ptr[i]);
    }
    hz_buf_putc(out, '"');
}

/* A cell and the comma after it; what must not reach a terminal, line feeds too, as \u{XX}. */
static void put_cell(hz_face *f, hz_slice text)
{
    hz_buf guarded = HZ_BUF_INIT;
    hz_slice shown = hz_face_safe(f, text);
    bool formula = is_formula(text) || is_formula(shown);
    if (!formula && !needs_quotes(shown)) {
        hz_buf_put(f->out, shown);
        hz_buf_putc(f->out, ',');
        return;
    }
    if (formula)
        hz_buf_putc(&guarded, '\'');
    hz_buf_put(&guarded, shown);
    put_quoted(f->out, hz_buf_slice(&guarded));
    hz_buf_putc(f->out, ',');
    if (guarded.status != HZ_OK && f->out->status == HZ_OK)
        f->out->status = guarded.status;
    hz_buf_clear(&guarded);
}

static void put_word(hz_face *f, const char *word)
{
    put_cell(f, hz_slice_of(word));
}

static void put_empty(hz_face *f, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hz_buf_putc(f->out, ',');
}

static void put_number(hz_face *f, bool present, uint64_t n)
{
    if (present)
        hz_buf_put_u64(f->out, n);
    hz_buf_putc(f->out, ',');
}

static void put_shown(hz_face *f, bool present, hz_shown value)
{
    put_cell(f, present ? hz_face_shown(f, value) : HZ_SLICE_NONE);
}

/* The last two cells: how many the rule failed, how many of them are here. */
static void end_row(hz_face *f, const hz_result_rule *rule)
{
    put_number(f, rule != NULL, rule ? rule->failed : 0);
    if (rule)
        hz_buf_put_u64(f->out, rule->examples_count);
    hz_buf_puts(f->out, "\r\n");
}

/* ---- rows ---- */

static void put_rule(hz_face *f, const hz_result_rule *rule, hz_severity severity)
{
    put_cell(f, rule->rule->id);
    put_word(f, hz_severity_name(severity));
    put_word(f, hz_life_name(rule->life));
    put_cell(f, hz_face_title(f, rule->rule));
    put_word(f, hz_dimension_name(rule->rule->dimension));
    put_word(f, hz_gate_name(rule->rule->gate));
}

static void put_finding(hz_face *f, const hz_result_rule *rule, const hz_finding *finding)
{
    const hz_place *at = &finding->at;
    const hz_result_source *source = hz_face_source(f, at);
    put_rule(f, rule, finding->severity);
    put_cell(f, f->result->tables[at->table].name);
    put_cell(f, source ? source->path : HZ_SLICE_NONE);
    put_number(f, at->line > 0, at->line);
    put_cell(f, at->where);
    put_number(f, hz_face_has_offset(rule->rule, finding), at->offset_bytes);
    put_cell(f, hz_face_pairs(f, at->key, at->key_count));
    put_cell(f, hz_face_pairs(f, at->fields, at->fields_count));
    put_cell(f, hz_face_message(f, finding));
    put_shown(f, finding->has_expected, finding->expected);
    put_shown(f, finding->has_difference, finding->difference);
    put_shown(f, finding->has_repair, finding->repair);
    put_cell(f, hz_face_places(f, finding->related, finding->related_count));
    put_cell(f, hz_face_pairs(f, finding->echo, finding->echo_count));
    put_word(f, finding->fingerprint);
    put_cell(f, finding->waived);
    put_cell(f, hz_asks_finding(rule, finding));
    put_cell(f, finding->acknowledged);
}

static void put_findings(hz_face *f, const char *kind, const hz_result_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rules[i].examples_count; k++) {
            put_word(f, kind);
            put_finding(f, &rules[i], &rules[i].examples[k]);
            end_row(f, &rules[i]);
        }
}

/* What a waiver covers, and each waiver: its message says what became of it. */
static void put_waivers(hz_face *f)
{
    for (size_t i = 0; i < f->result->waivers_count; i++) {
        const hz_result_waiver *waiver = &f->result->waivers[i];
        const hz_result_rule *rule = hz_waiver_rule(f->result, waiver);
        put_word(f, "waiver");
        put_cell(f, waiver->waiver->rule);
        put_empty(f, RULE_CELLS - 1);
        put_cell(f, rule ? rule->rule->table->name : HZ_SLICE_NONE);
        put_empty(f, PLACE_CELLS);
        put_cell(f, hz_face_waiver(f, waiver));
        put_empty(f, VALUE_CELLS - 3);
        put_cell(f, waiver->waiver->id);
        put_empty(f, 2);
        end_row(f, rule);
        for (size_t k = 0; rule && k < waiver->examples_count; k++) {
            put_word(f, "waived");
            put_finding(f, rule, &waiver->examples[k]);
            end_row(f, rule);
        }
    }
}

/* Measures that miss what is expected; the other cells of a rule have no counterpart. */
static void put_measures(hz_face *f)
{
    for (size_t i = 0; i < f->result->measures_count; i++) {
        const hz_result_measure *measure = &f->result->measures[i];
        bool stopped = measure->outcome == HZ_OUTCOME_SKIPPED || measure->outcome == HZ_OUTCOME_ERROR;
        if (measure->outcome != HZ_OUTCOME_FAILED && !stopped)
            continue;
        put_word(f, stopped ? "not_checked" : "measure");
        put_cell(f, measure->measure->id);
        put_word(f, hz_severity_name(measure->measure->severity));
        put_word(f, hz_life_name(measure->measure->status));
        put_cell(f, hz_face_text2(f, measure->measure->title));
        put_word(f, hz_dimension_name(measure->measure->dimension));
        put_word(f, hz_gate_name(measure->measure->gate));
        put_cell(f, measure->measure->table->name);
        put_empty(f, PLACE_CELLS);
        put_cell(f, hz_face_measure(f, measure));
        put_empty(f, VALUE_CELLS);
        end_row(f, NULL);
    }
}

/* What one correction would clear: the message says how many. */
static void put_causes(hz_face *f)
{
    for (size_t i = 0; i < f->result->causes_count; i++) {
        const hz_cause *cause = &f->result->causes[i];
        hz_buf text = HZ_BUF_INIT;
        hz_digits findings = hz_text_count(cause->findings);
        hz_buf_put(&text, hz_face_cause(f, cause));
        hz_buf_puts(&text, f->options->lang == HZ_LANG_EN ? ": " : "：");
        hz_buf_put(&text, HZ_FACE_SAY(f, TEXT_CAUSE_CLEARS, HZ_DIGITS(findings)));
        put_word(f, "cause");
        put_cell(f, f->result->rules[cause->rules[0].rule].rule->id);
        put_empty(f, 5);
        put_cell(f, f->result->tables[cause->table].name);
        put_empty(f, PLACE_CELLS);
        put_cell(f, hz_buf_slice(&text));
        put_empty(f, VALUE_CELLS);
        end_row(f, NULL);
        if (text.status != HZ_OK && f->out->status == HZ_OK)
            f->out->status = text.status;
        hz_buf_clear(&text);
    }
}

static hz_slice why_not(hz_face *f, const hz_result_rule *rule)
{
    hz_digits undetermined = hz_text_count(rule->undetermined);
    switch (rule->outcome) {
    case HZ_OUTCOME_SKIPPED:
    case HZ_OUTCOME_ERROR:
        return hz_face_said(f, &rule->reason);
    case HZ_OUTCOME_NOT_APPLICABLE:
        return hz_face_word(f, HZ_MSG_FACE_NOT_APPLICABLE);
    default:
        return rule->undetermined ? HZ_FACE_SAY(f, FACE_UNDETERMINED, HZ_DIGITS(undetermined)) : HZ_SLICE_NONE;
    }
}

static void put_unchecked_rule(hz_face *f, const hz_result_rule *rule)
{
    hz_slice why = why_not(f, rule);
    bool stopped = rule->outcome == HZ_OUTCOME_SKIPPED || rule->outcome == HZ_OUTCOME_ERROR;
    if (!why.len && !stopped)
        return;
    put_word(f, "not_checked");
    put_rule(f, rule, rule->severity);
    put_cell(f, rule->rule->table->name);
    put_empty(f, PLACE_CELLS);
    put_cell(f, stopped && !why.len ? hz_slice_of(hz_outcome_name(rule->outcome)) : why_not(f, rule));
    put_empty(f, VALUE_CELLS);
    end_row(f, rule);
}

static void put_unchecked(hz_face *f, const hz_coverage *coverage)
{
    for (size_t i = 0; i < f->result->rules_count; i++)
        put_unchecked_rule(f, &f->result->rules[i]);
    for (size_t i = 0; i < HZ_COVERAGE_LINES; i++) {
        hz_slice line = hz_face_coverage(f, coverage, i);
        if (!line.len)
            continue;
        put_word(f, "not_checked");
        put_empty(f, RULE_CELLS + 1 + PLACE_CELLS);
        put_cell(f, hz_face_coverage(f, coverage, i));
        put_empty(f, VALUE_CELLS);
        end_row(f, NULL);
    }
}

hz_status hz_render_csv(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    hz_face f = HZ_FACE_INIT(out, result, options);
    hz_reads reads;
    hz_coverage coverage;
    HZ_TRY(hz_reads_of(&reads, result, err));
    hz_status st = hz_coverage_of(&coverage, result, &reads, NULL, err);
    hz_reads_clear(&reads);
    HZ_TRY(st);
    hz_buf_puts(out, "\xEF\xBB\xBF");
    hz_buf_puts(out, "kind,");
    hz_buf_puts(out, finding_columns);
    hz_buf_puts(out, ",rule_failed,rule_shown\r\n");
    put_findings(&f, "finding", result->rules, result->rules_count);
    put_findings(&f, "draft", result->drafts, result->drafts_count);
    put_waivers(&f);
    put_measures(&f);
    put_causes(&f);
    put_unchecked(&f, &coverage);
    hz_coverage_clear(&coverage);
    return hz_face_end(&f, err);
}

/* ---- single findings ---- */

void hz_put_csv_finding_head(hz_buf *out)
{
    hz_buf_puts(out, "\xEF\xBB\xBF");
    hz_buf_puts(out, finding_columns);
}

void hz_put_csv_finding(hz_buf *out, hz_buf *scratch, const hz_result *result, const hz_render_options *options,
                        const hz_result_rule *rule, const hz_finding *finding)
{
    hz_face f = HZ_FACE_INIT(out, result, options);
    f.scratch = *scratch;
    put_finding(&f, rule, finding);
    if (out->len && out->status == HZ_OK)
        out->ptr[--out->len] = '\0'; /* the comma behind the last cell */
    *scratch = f.scratch;
    hz_buf_clear(&f.safe);
}

void hz_put_csv_shown(hz_buf *out, hz_shown value, bool reveal)
{
    hz_render_options options = {.reveal = reveal};
    hz_face f = HZ_FACE_INIT(out, NULL, &options);
    put_shown(&f, true, value);
    if (out->len && out->status == HZ_OK)
        out->ptr[--out->len] = '\0';
    hz_buf_clear(&f.scratch);
    hz_buf_clear(&f.safe);
}
