/* annotations.c: findings as the lines that continuous integration and editors know: workflow commands of GitHub
 * Actions (`::error file=…,line=…,col=…,title=RULE::message`) and diagnostics as gcc writes them
 * (`path:line:col: error: message [rule]`).
 *
 * Worst first, since GitHub shows the first ten of a step only. Data cannot forge a line: every line begins with words
 * of this file, control characters are shown as \u{XX}, and %, line ends, : and , are escaped where the command's
 * syntax has them. */
#include "reports/face_int.h"
#include "reports/render_int.h"
#include "reports/waivers.h"

typedef struct note {
    hz_severity severity;
    bool draft;
    hz_slice rule;
    const hz_result_source *source; /* NULL: none */
    hz_slice table;
    uint64_t line; /* 0: none */
    bool column;   /* the first column of the line */
} note;
typedef void put_note(hz_face *f, const note *at, hz_slice message);

/* ---- GitHub ---- */

static void put_escaped(hz_face *f, hz_slice text, bool property)
{
    text = hz_face_safe(f, text);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%' || (property && (c == ':' || c == ',')))
            hz_buf_printf(f->out, "%%%02X", (unsigned)(unsigned char)c);
        else
            hz_buf_putc(f->out, c);
    }
}

static void put_github(hz_face *f, const note *at, hz_slice message)
{
    static const char *const commands[HZ_SEVERITY_COUNT] = {"error", "error", "warning", "notice"};
    hz_buf_printf(f->out, "::%s ", at->draft ? "notice" : commands[at->severity]);
    /* message may lie in the scratch; the escapes here use the other buffer */
    if (at->source) {
        hz_buf_puts(f->out, "file=");
        put_escaped(f, hz_face_path(at->source), true);
        hz_buf_putc(f->out, ',');
        if (at->line)
            hz_buf_printf(f->out, "line=%llu,", (unsigned long long)at->line);
        if (at->line && at->column)
            hz_buf_puts(f->out, "col=1,");
    }
    hz_buf_puts(f->out, "title=");
    put_escaped(f, at->rule, true);
    hz_buf_puts(f->out, "::");
    put_escaped(f, message, false);
    hz_buf_putc(f->out, '\n');
}

/* ---- gcc ---- */

/* Such lines are read by GitHub's runner too, which obeys `##[` anywhere in a line and `::` at its beginning. */
static void put_plain(hz_face *f, hz_slice text)
{
    text = hz_face_safe(f, text);
    for (size_t i = 0; i < text.len; i++) {
        if (hz_slice_starts(hz_slice_sub(text, i, text.len), HZ_SLICE_LIT("#[")))
            hz_buf_puts(f->out, "\\u{23}");
        else
            hz_buf_putc(f->out, text.ptr[i]);
    }
}

static void put_gcc(hz_face *f, const note *at, hz_slice message)
{
    static const char *const words[HZ_SEVERITY_COUNT] = {"error", "error", "warning", "note"};
    hz_slice place = at->source ? hz_face_path(at->source) : at->table;
    hz_buf_puts(f->out, hz_slice_starts(place, HZ_SLICE_LIT(":")) ? "./" : "");
    put_plain(f, place);
    if (at->source && at->line)
        hz_buf_printf(f->out, ":%llu:1", (unsigned long long)at->line);
    hz_buf_printf(f->out, ": %s: ", at->draft ? "note" : words[at->severity]);
    put_plain(f, message);
    hz_buf_puts(f->out, " [");
    put_plain(f, at->rule);
    hz_buf_puts(f->out, "]\n");
}

/* ---- the walk ---- */

static note note_of(const hz_result_rule *rule, bool draft)
{
    return (note){.severity = rule->severity, .draft = draft, .rule = rule->rule->id, .table = rule->rule->table->name};
}

static void put_finding(hz_face *f, put_note *put, const hz_result_rule *rule, const hz_finding *finding, bool draft)
{
    note at = note_of(rule, draft);
    at.severity = finding->severity;
    at.source = hz_face_source(f, &finding->at);
    at.line = finding->at.line;
    at.column = at.source && hz_slice_is(at.source->format, "csv") && rule->rule->kind != HZ_RULE_ENCODING;
    put(f, &at, hz_face_message_own(f, finding));
}

/* How many more there are than are shown. */
static void put_rest(hz_face *f, put_note *put, const hz_result_rule *rule, bool draft)
{
    note at = note_of(rule, draft);
    hz_digits shown = hz_text_count(rule->examples_count), failed = hz_text_count(rule->failed),
              evaluated = hz_text_count(rule->evaluated);
    if (rule->failed <= rule->examples_count)
        return;
    put(f, &at,
        rule->examples_count ? HZ_FACE_SAY(f, TEXT_SHOWN_OF, HZ_DIGITS(shown), HZ_DIGITS(failed))
                             : HZ_FACE_SAY(f, FACE_FAILED, HZ_DIGITS(failed), HZ_DIGITS(evaluated)));
}

static void put_rule(hz_face *f, put_note *put, const hz_result_rule *rule, bool draft)
{
    for (size_t i = 0; i < rule->examples_count; i++)
        put_finding(f, put, rule, &rule->examples[i], draft);
    put_rest(f, put, rule, draft);
}

static void put_measure(hz_face *f, put_note *put, const hz_result_measure *measure)
{
    note at = {.severity = measure->measure->severity,
               .draft = !hz_is_active(measure->measure->status),
               .rule = measure->measure->id,
               .table = measure->measure->table->name};
    if (measure->outcome == HZ_OUTCOME_FAILED)
        put(f, &at, hz_face_measure(f, measure));
}

/* Rules that did not run: an error where they must, else a warning or a notice. */
static void put_unchecked(hz_face *f, put_note *put, const hz_result_rule *rule)
{
    static const hz_severity severities[HZ_SKIP_COUNT] = {HZ_SEVERITY_INFO, HZ_SEVERITY_WARNING, HZ_SEVERITY_ERROR};
    note at = note_of(rule, false);
    bool error = rule->outcome == HZ_OUTCOME_ERROR;
    hz_buf reason = HZ_BUF_INIT;
    if (!error && rule->outcome != HZ_OUTCOME_SKIPPED)
        return;
    at.severity = error ? HZ_SEVERITY_ERROR : severities[rule->rule->if_skipped];
    hz_buf_put(&reason, hz_face_said(f, &rule->reason));
    if (reason.status != HZ_OK && f->out->status == HZ_OK)
        f->out->status = reason.status;
    put(f, &at,
        error ? HZ_FACE_SAY(f, FACE_ENDED_IN_ERROR, hz_buf_slice(&reason))
              : HZ_FACE_SAY(f, FACE_SKIPPED, hz_buf_slice(&reason)));
    hz_buf_clear(&reason);
}

/* What each gate asks of the submitter. */
static void put_asks(hz_face *f, put_note *put)
{
    const note at = {.severity = HZ_SEVERITY_INFO, .rule = HZ_SLICE_LIT("hezhun"), .table = f->result->profile->id};
    hz_asks asks[HZ_GATE_COUNT];
    hz_asks_of(asks, f->result);
    for (size_t i = 0; i < HZ_GATE_COUNT; i++)
        if (hz_face_gate_asks(f, (hz_gate)i, &asks[i]).len)
            put(f, &at, hz_face_gate_asks(f, (hz_gate)i, &asks[i]));
}

static void put_all(hz_face *f, put_note *put)
{
    const hz_result *result = f->result;
    for (hz_severity severity = HZ_SEVERITY_FATAL; severity < HZ_SEVERITY_COUNT; severity++)
        for (size_t i = 0; i < result->rules_count; i++)
            if (result->rules[i].severity == severity)
                put_rule(f, put, &result->rules[i], false);
    for (size_t i = 0; i < result->measures_count; i++)
        put_measure(f, put, &result->measures[i]);
    for (size_t i = 0; i < result->rules_count; i++)
        put_unchecked(f, put, &result->rules[i]);
    for (size_t i = 0; i < result->drafts_count; i++)
        put_rule(f, put, &result->drafts[i], true);
    for (size_t i = 0; i < result->waivers_count; i++) {
        const hz_result_waiver *waiver = &result->waivers[i];
        const hz_result_rule *of = hz_waiver_rule(result, waiver);
        const note at = {.severity = hz_waiver_is_odd(waiver) ? HZ_SEVERITY_WARNING : HZ_SEVERITY_INFO,
                         .rule = waiver->waiver->rule,
                         .table = of && of->rule->table ? of->rule->table->name : result->profile->id};
        put(f, &at, hz_face_waiver(f, waiver));
    }
    put_asks(f, put);
}

/* ---- the verdict ---- */

/* A profile that this one extends is named, and does not fail the job. */
static void put_one_verdict(hz_face *f, const hz_result_verdict *result, bool own)
{
    hz_severity missed = own ? HZ_SEVERITY_ERROR : HZ_SEVERITY_WARNING;
    note at = {.severity = result->conformant ? HZ_SEVERITY_INFO : missed, .rule = HZ_SLICE_LIT("hezhun")};
    hz_buf text = HZ_BUF_INIT;
    if (!own) {
        hz_buf_put(&text, result->profile->id);
        hz_buf_puts(&text, " ");
        hz_buf_put(&text, result->profile->version);
        hz_buf_puts(&text, "  ");
    }
    hz_buf_put(&text, hz_face_word(f, result->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT));
    hz_buf_puts(&text, "  ");
    hz_buf_put(&text, HZ_FACE_SAY(f, TEXT_GRADE, result->profile->grading.grades[result->grade].grade));
    if (result->has_score) {
        hz_digits score = hz_text_score(result->score);
        hz_buf_puts(&text, "  ");
        hz_buf_put(&text, HZ_FACE_SAY(f, TEXT_SCORE, HZ_DIGITS(score)));
    }
    if (result->incomplete) {
        hz_buf_puts(&text, "  ");
        hz_buf_put(&text, hz_face_word(f, HZ_MSG_TEXT_INCOMPLETE));
    }
    if (text.status != HZ_OK && f->out->status == HZ_OK)
        f->out->status = text.status;
    put_github(f, &at, hz_buf_slice(&text));
    hz_buf_clear(&text);
}

static void put_verdict(hz_face *f)
{
    hz_result_verdict own;
    hz_result_own_verdict(&own, f->result);
    put_one_verdict(f, &own, true);
    for (size_t i = 0; i + 1 < f->result->verdicts_count; i++)
        put_one_verdict(f, &f->result->verdicts[i], false);
}

hz_status hz_render_github(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    hz_face f = HZ_FACE_INIT(out, result, options);
    put_verdict(&f);
    put_all(&f, put_github);
    return hz_face_end(&f, err);
}

hz_status hz_render_gcc(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    hz_face f = HZ_FACE_INIT(out, result, options);
    put_all(&f, put_gcc);
    return hz_face_end(&f, err);
}
