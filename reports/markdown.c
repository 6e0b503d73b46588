/* markdown.c: the result as a page of Markdown (CommonMark with GitHub's tables): for a merge request, a wiki, a job
 * summary. Grade and gates first, then what failed with examples, then what was not run and not checked.
 *
 * Words of the data are escaped: they make no markup, no HTML, no link, and break no table. Values stand in code spans,
 * where nothing is markup; one with a bar or backtick, which a table's code span cannot hold safely, is escaped text.
 */
#include "reports/markdown.h"
#include "base/sha256.h"
#include "reports/face_int.h"
#include "reports/render_int.h"

enum { FINDINGS_OF_RULE = 10, REGIONS_SHOWN = 100, REASONS_SHOWN = 100 };

/* ---- escaping ---- */

static bool begins(hz_slice text, size_t at, const char *word)
{
    return hz_slice_starts(hz_slice_sub(text, at, text.len), hz_slice_of(word));
}

void hz_markdown_put(hz_buf *out, hz_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool link = begins(text, i, "://") || (c == '.' && i >= 3 && begins(text, i - 3, "www."));
        if (link || c == '|' || c == '<' || c == '>' || c == '&' || c == '@')
            hz_buf_printf(out, "&#%d;", c);
        else if (c && strchr("\\`*_[]~#$!", c))
            hz_buf_printf(out, "\\%c", c);
        else
            hz_buf_putc(out, c);
    }
}

static void put_text(hz_face *f, hz_slice text)
{
    hz_markdown_put(f->out, hz_face_safe(f, text));
}

static void put_code(hz_face *f, hz_slice text)
{
    hz_slice safe = hz_face_safe(f, text);
    bool plain = true;
    for (size_t i = 0; i < safe.len; i++)
        plain = plain && safe.ptr[i] != '|' && safe.ptr[i] != '`';
    if (!plain) {
        put_text(f, text);
        return;
    }
    if (safe.len) {
        hz_buf_putc(f->out, '`');
        hz_buf_put(f->out, safe);
        hz_buf_putc(f->out, '`');
    }
}

static void put(hz_face *f, const char *text)
{
    hz_buf_puts(f->out, text);
}

static void put_heading(hz_face *f, const char *marks, hz_slice text)
{
    put(f, "\n");
    put(f, marks);
    put(f, " ");
    put_text(f, text);
    put(f, "\n\n");
}

/* The head of a table: words of the catalogue; those that head numbers are right-aligned. */
static void put_head(hz_face *f, const hz_msg_id *words, size_t count, unsigned numbers)
{
    for (size_t i = 0; i < count; i++) {
        put(f, i ? " | " : "| ");
        put_text(f, hz_face_word(f, words[i]));
    }
    put(f, " |\n");
    for (size_t i = 0; i < count; i++)
        put(f, numbers >> i & 1 ? "| ---: " : "| --- ");
    put(f, "|\n");
}

static void put_number(hz_face *f, uint64_t n)
{
    hz_digits digits = hz_text_count(n);
    hz_buf_put(f->out, HZ_DIGITS(digits));
}

/* A blank and the title, where there is one. */
static void put_title(hz_face *f, hz_slice title)
{
    if (!title.len)
        return;
    put(f, " ");
    put_text(f, title);
}

static void put_line(hz_face *f, hz_slice text)
{
    put(f, "- ");
    put_text(f, text);
    put(f, "\n");
}

/* ---- the verdict ---- */

static void put_conformance(hz_face *f, bool conformant)
{
    put(f, conformant ? "✓ " : "✗ ");
    put_text(f, hz_face_word(f, conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT));
}

static void put_earned(hz_face *f, const hz_result_verdict *result)
{
    const hz_grade_level *level = &result->profile->grading.grades[result->grade];
    put(f, "**");
    put_text(f, HZ_FACE_SAY(f, TEXT_GRADE, level->grade));
    put_title(f, hz_face_text2(f, level->title));
    put(f, "** · **");
    if (result->has_score) {
        hz_digits score = hz_text_score(result->score);
        put_text(f, HZ_FACE_SAY(f, TEXT_SCORE, HZ_DIGITS(score)));
    } else {
        put_text(f, hz_face_word(f, HZ_MSG_TEXT_NO_SCORE));
    }
    put(f, "** · ");
    if (result->records) {
        hz_digits with = hz_text_count(result->records_with_errors), all = hz_text_count(result->records),
                  rate = hz_text_percent(result->error_rate);
        put_text(f, HZ_FACE_SAY(f, TEXT_ERROR_RATE, HZ_DIGITS(with), HZ_DIGITS(all), HZ_DIGITS(rate)));
    } else {
        put_text(f, hz_face_word(f, HZ_MSG_TEXT_NO_RECORDS));
    }
}

static void put_grade(hz_face *f)
{
    hz_result_verdict own;
    hz_result_own_verdict(&own, f->result);
    put(f, "# ");
    put_conformance(f, own.conformant);
    put(f, "\n\n");
    put_earned(f, &own);
    put(f, "\n\n");
}

/* The profiles that this one extends. */
static void put_others(hz_face *f)
{
    for (size_t i = 0; i + 1 < f->result->verdicts_count; i++) {
        const hz_result_verdict *verdict = &f->result->verdicts[i];
        put(f, "- ");
        put_code(f, verdict->profile->id);
        put(f, " ");
        put_text(f, verdict->profile->version);
        put(f, " · ");
        put_conformance(f, verdict->conformant);
        put(f, " · ");
        put_earned(f, verdict);
        put(f, "\n");
    }
}

static void put_flag(hz_face *f, bool set, hz_msg_id id)
{
    if (!set)
        return;
    put(f, "- **");
    put_text(f, hz_face_word(f, id));
    put(f, "**\n");
}

static void put_identity(hz_face *f)
{
    const hz_profile *profile = f->result->profile;
    hz_slice title = hz_face_text2(f, profile->title);
    put(f, "- ");
    if (title.len) {
        put_text(f, title);
        put(f, " ");
    }
    put_code(f, profile->id);
    put(f, " ");
    put_text(f, profile->version);
    if (profile->draft) {
        put(f, " · ");
        put_text(f, hz_face_word(f, HZ_MSG_TEXT_PROFILE_DRAFT));
    }
    put(f, "\n");
    if (f->result->has_as_of) {
        hz_buf day = HZ_BUF_INIT;
        hz_buf_put(&day, hz_face_day(f, f->result->as_of));
        if (day.status != HZ_OK && f->out->status == HZ_OK)
            f->out->status = day.status;
        put_line(f, HZ_FACE_SAY(f, TEXT_AS_OF, hz_buf_slice(&day)));
        hz_buf_clear(&day);
    }
    put_flag(f, f->result->incomplete, HZ_MSG_TEXT_INCOMPLETE);
    put_flag(f, !f->result->certifying, HZ_MSG_TEXT_NOT_CERTIFYING);
    put_flag(f, f->options->reveal, HZ_MSG_TEXT_REVEALED);
}

/* What each gate asks of the submitter. */
static void put_asks(hz_face *f)
{
    hz_asks asks[HZ_GATE_COUNT];
    const char *before = "\n- ";
    hz_asks_of(asks, f->result);
    for (size_t i = 0; i < HZ_GATE_COUNT; i++) {
        if (!hz_face_gate_asks(f, (hz_gate)i, &asks[i]).len)
            continue;
        put(f, before);
        put_text(f, hz_face_gate_asks(f, (hz_gate)i, &asks[i]));
        put(f, "\n");
        before = "- ";
    }
}

static void put_gates(hz_face *f)
{
    static const char *const marks[] = {"✓", "✗", "–"};
    put_heading(f, "##", hz_face_word(f, HZ_MSG_TEXT_HEAD_GATES));
    for (size_t gate = 0; gate < HZ_GATE_COUNT; gate++) {
        hz_gate_state state = f->result->gates[gate];
        put(f, gate ? " · " : "");
        put(f, marks[state]);
        put(f, " ");
        put_text(f, hz_face_gate(f, (hz_gate)gate));
        if (state == HZ_GATE_NOT_RUN) {
            put(f, " (");
            put_text(f, hz_face_word(f, HZ_MSG_TEXT_GATE_NOT_RUN));
            put(f, ")");
        }
    }
    put(f, "\n");
    put_asks(f);
}

static void put_dimensions(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_FACE_DIMENSION, HZ_MSG_FACE_SCORE, HZ_MSG_FACE_RULES,
                                      HZ_MSG_FACE_FAILED_RULES};
    put_heading(f, "##", hz_face_word(f, HZ_MSG_TEXT_HEAD_DIMENSIONS));
    put_head(f, words, 4, 14);
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        const hz_result_dimension *dimension = &f->result->dimensions[i];
        hz_digits score = hz_text_score(dimension->score);
        put(f, "| ");
        put_text(f, hz_face_dimension(f, (hz_dimension)i));
        put(f, " | ");
        hz_buf_put(f->out, dimension->has_score ? HZ_DIGITS(score) : HZ_SLICE_LIT("–"));
        put(f, " | ");
        put_number(f, dimension->rules);
        put(f, " | ");
        put_number(f, dimension->failed_rules);
        put(f, " |\n");
    }
}

static void put_next_score(hz_face *f, const hz_grade_level *level)
{
    const hz_result *result = f->result;
    hz_digits then = hz_text_score(result->next.score_then), wanted = hz_text_figure(level->min_score);
    if (!level->has_min_score || (result->has_score && hz_decimal_cmp(result->score, level->min_score) >= 0))
        return;
    if (!result->has_score)
        put_line(f, HZ_FACE_SAY(f, TEXT_NEXT_NO_SCORE, HZ_DIGITS(wanted)));
    else if (result->next.reachable)
        put_line(f, HZ_FACE_SAY(f, TEXT_NEXT_SCORE, HZ_DIGITS(then), HZ_DIGITS(wanted)));
    else
        put_line(f, HZ_FACE_SAY(f, TEXT_NEXT_SCORE_SHORT, HZ_DIGITS(then), HZ_DIGITS(wanted)));
}

static void put_next(hz_face *f)
{
    const hz_next_grade *next = &f->result->next;
    if (!next->present)
        return;
    const hz_grade_level *level = &f->result->profile->grading.grades[next->level];
    put_heading(f, "##", HZ_FACE_SAY(f, TEXT_HEAD_NEXT, level->grade));
    if (next->rules_count) {
        put(f, "- ");
        put_text(f, hz_face_word(f, HZ_MSG_TEXT_NEXT_MEND));
        for (size_t i = 0; i < next->rules_count; i++) {
            put(f, i ? ", " : ": ");
            put_code(f, f->result->rules[next->rules[i]].rule->id);
        }
        put(f, "\n");
    }
    put_next_score(f, level);
    if (next->has_error_rate && hz_decimal_cmp(f->result->error_rate, next->error_rate) > 0) {
        hz_digits wanted = hz_text_percent(next->error_rate), now = hz_text_percent(f->result->error_rate);
        put_line(f, HZ_FACE_SAY(f, TEXT_NEXT_ERROR_RATE, HZ_DIGITS(wanted), HZ_DIGITS(now)));
    }
}

/* ---- tables ---- */

static void put_table(hz_face *f, const hz_result_table *table)
{
    put(f, "| ");
    put_code(f, table->table->name);
    put_title(f, hz_face_text2(f, table->table->title));
    if (!table->present) {
        put(f, " | | | | ");
        put_text(f, hz_face_word(f, table->table->optional || table->table->external ? HZ_MSG_TEXT_TABLE_NOT_GIVEN
                                                                                     : HZ_MSG_TEXT_TABLE_MISSING));
        put(f, " |\n");
        return;
    }
    put(f, " | ");
    put_number(f, table->rows);
    put(f, " | ");
    put_number(f, table->bad_rows);
    put(f, " | ");
    put_number(f, table->records_with_errors);
    put(f, " | ");
    for (size_t i = 0; i < table->sources_count; i++) {
        put(f, i ? ", " : "");
        put_code(f, table->sources[i].path);
    }
    put(f, " |\n");
}

static void put_tables(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_TEXT_HEAD_TABLES, HZ_MSG_TEXT_TABLE_ROWS, HZ_MSG_TEXT_TABLE_BAD_ROWS,
                                      HZ_MSG_TEXT_TABLE_ERRORS, HZ_MSG_TEXT_TABLE_FILES};
    put_heading(f, "##", hz_face_word(f, HZ_MSG_TEXT_HEAD_TABLES));
    put_head(f, words, 5, 14);
    for (size_t i = 0; i < f->result->tables_count; i++)
        put_table(f, &f->result->tables[i]);
}

/* ---- rules and findings ---- */

static bool has_failures(const hz_result_rule *rule)
{
    return rule->failed && rule->outcome != HZ_OUTCOME_ERROR;
}

static void put_rule(hz_face *f, const hz_result_rule *rule)
{
    put(f, "| ");
    put_text(f, hz_face_severity(f, rule->severity));
    put(f, " | ");
    put_code(f, rule->rule->id);
    put(f, " | ");
    put_number(f, rule->failed);
    put(f, " | ");
    put_number(f, rule->evaluated);
    put(f, " | ");
    put_text(f, hz_face_title(f, rule->rule));
    if (rule->outcome == HZ_OUTCOME_PASSED) {
        put(f, " (");
        put_text(f, hz_face_word(f, HZ_MSG_TEXT_TOLERATED));
        put(f, ")");
    }
    put(f, " |\n");
}

static void put_rule_head(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_FACE_SEVERITY, HZ_MSG_FACE_RULE, HZ_MSG_FACE_FAILURES,
                                      HZ_MSG_FACE_EVALUATED, HZ_MSG_FACE_TITLE};
    put_head(f, words, 5, 12);
}

static void put_rules(hz_face *f)
{
    size_t count = 0;
    for (size_t i = 0; i < f->result->rules_count; i++)
        count += has_failures(&f->result->rules[i]);
    if (!count) {
        put(f, "\n");
        put_text(f, hz_face_word(f, HZ_MSG_TEXT_NO_FINDINGS));
        put(f, "\n");
        return;
    }
    hz_digits digits = hz_text_count(count);
    put_heading(f, "##", HZ_FACE_SAY(f, TEXT_HEAD_RULES, HZ_DIGITS(digits), HZ_DIGITS(digits)));
    put_rule_head(f);
    for (hz_severity severity = HZ_SEVERITY_FATAL; severity < HZ_SEVERITY_COUNT; severity++)
        for (size_t i = 0; i < f->result->rules_count; i++)
            if (has_failures(&f->result->rules[i]) && f->result->rules[i].severity == severity)
                put_rule(f, &f->result->rules[i]);
}

static void put_finding(hz_face *f, const hz_finding *finding)
{
    put(f, "| ");
    put_text(f, hz_face_place(f, &finding->at));
    put(f, " | ");
    put_code(f, hz_face_pairs(f, finding->at.key, finding->at.key_count));
    put(f, " | ");
    put_code(f, hz_face_pairs(f, finding->at.fields, finding->at.fields_count));
    put(f, " | ");
    put_text(f, hz_face_message(f, finding));
    if (finding->has_repair) {
        hz_buf repair = HZ_BUF_INIT;
        hz_buf_put(&repair, hz_face_shown(f, finding->repair));
        if (repair.status != HZ_OK && f->out->status == HZ_OK)
            f->out->status = repair.status;
        put(f, " (");
        put_text(f, HZ_FACE_SAY(f, TEXT_REPAIR, hz_buf_slice(&repair)));
        put(f, ")");
        hz_buf_clear(&repair);
    }
    put(f, " |\n");
}

static void put_findings_of(hz_face *f, const hz_result_rule *rule)
{
    static const hz_msg_id words[] = {HZ_MSG_FACE_PLACE, HZ_MSG_FACE_KEY, HZ_MSG_FACE_VALUES, HZ_MSG_FACE_FINDING};
    size_t shown = rule->examples_count < FINDINGS_OF_RULE ? rule->examples_count : FINDINGS_OF_RULE;
    hz_digits digits = hz_text_count(shown), failed = hz_text_count(rule->failed);
    if (!shown)
        return;
    put(f, "\n### ");
    put_text(f, hz_face_severity(f, rule->severity));
    put(f, " ");
    put_code(f, rule->rule->id);
    put_title(f, hz_face_title(f, rule->rule));
    put(f, "\n\n");
    put_text(f, HZ_FACE_SAY(f, TEXT_SHOWN_OF, HZ_DIGITS(digits), HZ_DIGITS(failed)));
    hz_slice issues = hz_face_text2(f, rule->rule->known_issues);
    if (issues.len) {
        put(f, " · ");
        put_text(f, HZ_FACE_SAY(f, TEXT_KNOWN_ISSUES, issues));
    }
    put(f, "\n\n");
    put_head(f, words, 4, 0);
    for (size_t i = 0; i < shown; i++)
        put_finding(f, &rule->examples[i]);
}

static void put_findings(hz_face *f)
{
    uint64_t shown = 0, failed = 0;
    for (size_t i = 0; i < f->result->rules_count; i++) {
        const hz_result_rule *rule = &f->result->rules[i];
        if (!has_failures(rule))
            continue;
        shown += rule->examples_count < FINDINGS_OF_RULE ? rule->examples_count : FINDINGS_OF_RULE;
        failed += rule->failed;
    }
    if (!shown)
        return;
    hz_digits few = hz_text_count(shown), all = hz_text_count(failed);
    put(f, "\n## ");
    put_text(f, HZ_FACE_SAY(f, TEXT_HEAD_FINDINGS, HZ_DIGITS(few), HZ_DIGITS(all)));
    put(f, "\n");
    for (hz_severity severity = HZ_SEVERITY_FATAL; severity < HZ_SEVERITY_COUNT; severity++)
        for (size_t i = 0; i < f->result->rules_count; i++)
            if (has_failures(&f->result->rules[i]) && f->result->rules[i].severity == severity)
                put_findings_of(f, &f->result->rules[i]);
}

/* ---- what stands aside ---- */

static void put_stopped(hz_face *f, hz_outcome outcome, hz_msg_id heading)
{
    size_t count = 0;
    for (size_t i = 0; i < f->result->rules_count; i++)
        count += f->result->rules[i].outcome == outcome;
    if (!count)
        return;
    hz_digits digits = hz_text_count(count);
    const hz_slice arg = HZ_DIGITS(digits);
    put_heading(f, "##", hz_face_say(f, heading, &arg, 1));
    for (size_t i = 0; i < f->result->rules_count; i++) {
        const hz_result_rule *rule = &f->result->rules[i];
        if (rule->outcome != outcome)
            continue;
        put(f, "- ");
        put_code(f, rule->rule->id);
        put(f, ": ");
        put_text(f, hz_face_said(f, &rule->reason));
        put(f, "\n");
    }
}

static void put_waiver(hz_face *f, const hz_result_waiver *waiver)
{
    put(f, "| ");
    put_code(f, waiver->waiver->id);
    put(f, " | ");
    put_code(f, waiver->waiver->rule);
    put(f, " | ");
    put_text(f, hz_face_waiver_state(f, waiver));
    put(f, " | ");
    put_text(f, waiver->waiver->reason);
    put(f, " | ");
    put_text(f, waiver->waiver->approved_by);
    put(f, " | ");
    put_text(f, hz_face_day(f, waiver->waiver->until));
    put(f, " |\n");
}

static void put_waivers(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_HTML_WAIVER_ID,       HZ_MSG_FACE_RULE,
                                      HZ_MSG_HTML_WAIVER_STATE,    HZ_MSG_HTML_WAIVER_REASON,
                                      HZ_MSG_HTML_WAIVER_APPROVED, HZ_MSG_HTML_WAIVER_UNTIL};
    if (!f->result->waivers_count)
        return;
    put_heading(f, "##", hz_face_word(f, HZ_MSG_TEXT_HEAD_WAIVERS));
    put_head(f, words, 6, 0);
    for (size_t i = 0; i < f->result->waivers_count; i++)
        put_waiver(f, &f->result->waivers[i]);
}

static void put_drafts(hz_face *f)
{
    if (!f->result->drafts_count)
        return;
    hz_digits digits = hz_text_count(f->result->drafts_count);
    put_heading(f, "##", HZ_FACE_SAY(f, TEXT_HEAD_DRAFTS, HZ_DIGITS(digits)));
    put_rule_head(f);
    for (size_t i = 0; i < f->result->drafts_count; i++)
        put_rule(f, &f->result->drafts[i]);
}

static void put_measure(hz_face *f, const hz_result_measure *measure)
{
    static const char *const marks[HZ_OUTCOME_COUNT] = {"✓", "✗", "–", "?", "–", "!"};
    put(f, "| ");
    put(f, marks[measure->outcome]);
    put(f, " | ");
    put_code(f, measure->measure->id);
    put(f, " | ");
    if (measure->whole.has_value)
        hz_buf_put(f->out, hz_face_decimal(f, measure->whole.value));
    else
        put_text(f, hz_face_word(f, HZ_MSG_TEXT_NO_VALUE));
    put(f, " | ");
    put_text(f, measure->measure->unit);
    put(f, " | ");
    put_text(f, hz_face_text2(f, measure->measure->title));
    put(f, " |\n");
}

static void put_measures(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_FACE_OUTCOME, HZ_MSG_TEXT_HEAD_MEASURES, HZ_MSG_FACE_VALUE,
                                      HZ_MSG_FACE_UNIT, HZ_MSG_FACE_TITLE};
    if (!f->result->measures_count)
        return;
    put_heading(f, "##", hz_face_word(f, HZ_MSG_TEXT_HEAD_MEASURES));
    put_head(f, words, 5, 4);
    for (size_t i = 0; i < f->result->measures_count; i++)
        put_measure(f, &f->result->measures[i]);
}

/* Provinces to counties: below that a page is no place for them. */
static bool is_shown(const hz_result_region *region)
{
    return region->level == HZ_LEVEL_PROVINCE || region->level == HZ_LEVEL_PREFECTURE ||
           region->level == HZ_LEVEL_COUNTY;
}

static void put_region(hz_face *f, const hz_result_region *region)
{
    hz_digits score = hz_text_score(region->score);
    put(f, "| ");
    put_code(f, hz_slice_of(region->code));
    put_title(f, hz_face_text2(f, region->name));
    put(f, " | ");
    put_number(f, region->rows);
    put(f, " | ");
    put_number(f, region->findings);
    put(f, " | ");
    put_number(f, region->records_with_errors);
    put(f, " | ");
    hz_buf_put(f->out, region->has_score ? HZ_DIGITS(score) : HZ_SLICE_LIT("–"));
    put(f, " | ");
    if (region->has_score && region->grade != UINT32_MAX)
        put_text(f, hz_face_grade(f, region->grade));
    put(f, " |\n");
}

static void put_regions(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_FACE_REGION,       HZ_MSG_TEXT_TABLE_ROWS, HZ_MSG_FACE_FAILURES,
                                      HZ_MSG_TEXT_TABLE_ERRORS, HZ_MSG_FACE_SCORE,      HZ_MSG_FACE_GRADE};
    size_t count = 0, shown = 0;
    for (size_t i = 0; i < f->result->regions_count; i++)
        count += is_shown(&f->result->regions[i]);
    if (!count)
        return;
    hz_digits few = hz_text_count(count < REGIONS_SHOWN ? count : REGIONS_SHOWN),
              all = hz_text_count(f->result->regions_count);
    put_heading(f, "##", HZ_FACE_SAY(f, FACE_HEAD_REGIONS, HZ_DIGITS(few), HZ_DIGITS(all)));
    put_head(f, words, 6, 30);
    for (size_t i = 0; i < f->result->regions_count && shown < REGIONS_SHOWN; i++) {
        if (!is_shown(&f->result->regions[i]))
            continue;
        put_region(f, &f->result->regions[i]);
        shown++;
    }
}

/* What to mend first. */
static void put_causes(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_FACE_CLEARS, HZ_MSG_FACE_CAUSE, HZ_MSG_FACE_RULES};
    const hz_result *result = f->result;
    size_t shown = result->causes_count < HZ_CAUSES_TOP ? result->causes_count : HZ_CAUSES_TOP;
    if (!shown)
        return;
    hz_digits few = hz_text_count(shown), all = hz_text_count(result->causes_found);
    put_heading(f, "##", HZ_FACE_SAY(f, TEXT_HEAD_CAUSES, HZ_DIGITS(few), HZ_DIGITS(all)));
    put_head(f, words, 3, 1);
    for (size_t i = 0; i < shown; i++) {
        put(f, "| ");
        put_number(f, result->causes[i].findings);
        put(f, " | ");
        put_text(f, hz_face_cause(f, &result->causes[i]));
        put(f, " | ");
        put_text(f, hz_face_cause_rules(f, &result->causes[i]));
        put(f, " |\n");
    }
}

/* ---- from one submission to the next ---- */

static void put_left_out(hz_face *f, size_t count, size_t shown)
{
    hz_digits left = hz_text_count(count > shown ? count - shown : 0);
    if (count <= shown)
        return;
    put(f, "\n");
    put_text(f, HZ_FACE_SAY(f, HTML_AND_MORE, HZ_DIGITS(left)));
    put(f, "\n");
}

static void put_reasons(hz_face *f)
{
    static const hz_msg_id states[HZ_ACK_STATES] = {
        [HZ_ACK_TAKEN] = HZ_MSG_HTML_ACK_TAKEN,   [HZ_ACK_BARE] = HZ_MSG_HTML_ACK_BARE,
        [HZ_ACK_SAME] = HZ_MSG_HTML_ACK_SAME,     [HZ_ACK_MEND] = HZ_MSG_HTML_ACK_MEND,
        [HZ_ACK_LAPSED] = HZ_MSG_HTML_ACK_LAPSED, [HZ_ACK_UNUSED] = HZ_MSG_HTML_ACK_UNUSED};
    static const hz_msg_id words[] = {HZ_MSG_HTML_RULE, HZ_MSG_HTML_REASON, HZ_MSG_HTML_STATE};
    const hz_result_acknowledged *given = f->result->acknowledged;
    if (!given)
        return;
    hz_digits taken = hz_text_count(given->taken), refused = hz_text_count(given->refused),
              unused = hz_text_count(given->unused), open = hz_text_count(given->open),
              lapsed = hz_text_count(given->lapsed);
    put_heading(f, "##", hz_face_word(f, HZ_MSG_HTML_HEAD_REASONS));
    put_text(f, HZ_FACE_SAY(f, TEXT_ACKNOWLEDGED, HZ_DIGITS(taken), HZ_DIGITS(refused), HZ_DIGITS(unused),
                            HZ_DIGITS(open), HZ_DIGITS(lapsed)));
    put(f, "\n\n");
    if (!given->count)
        return;
    put_head(f, words, 3, 0);
    for (size_t i = 0; i < given->count && i < REASONS_SHOWN; i++) {
        put(f, "| ");
        put_code(f, given->items[i].rule);
        put(f, " | ");
        put_text(f, given->items[i].reason);
        put(f, " | ");
        put_text(f, hz_face_word(f, states[given->items[i].state]));
        put(f, " |\n");
    }
    put_left_out(f, given->count, REASONS_SHOWN);
}

static void put_baseline(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_HTML_RULE,          HZ_MSG_HTML_BEFORE,     HZ_MSG_HTML_NOW,
                                      HZ_MSG_HTML_NEW,           HZ_MSG_HTML_PERSISTING, HZ_MSG_HTML_FIXED,
                                      HZ_MSG_HTML_NOT_COMPARABLE};
    const hz_result_baseline *baseline = f->result->baseline;
    char hex[65];
    if (!baseline)
        return;
    hz_digits fresh = hz_text_count(baseline->fresh), persisting = hz_text_count(baseline->persisting),
              fixed = hz_text_count(baseline->fixed), unknown = hz_text_count(baseline->unknown);
    hz_hex(hex, baseline->sha256, 32);
    hz_slice which = baseline->has_as_of ? hz_face_day(f, baseline->as_of) : (hz_slice){hex, 12};
    hz_buf day = HZ_BUF_INIT;
    hz_buf_put(&day, which);
    put_heading(f, "##", HZ_FACE_SAY(f, HTML_HEAD_BASELINE, hz_buf_slice(&day)));
    hz_buf_clear(&day);
    put_text(f, HZ_FACE_SAY(f, TEXT_BASELINE, HZ_DIGITS(fresh), HZ_DIGITS(persisting), HZ_DIGITS(fixed),
                            HZ_DIGITS(unknown)));
    put(f, "\n\n");
    put_flag(f, baseline->capped, HZ_MSG_TEXT_BASELINE_CAPPED);
    if (!baseline->rules_count)
        return;
    put_head(f, words, 7, 0x7E);
    for (size_t i = 0; i < baseline->rules_count; i++) {
        const hz_baseline_rule *rule = &baseline->rules[i];
        const uint64_t counts[] = {rule->failed_before, rule->failed, rule->fresh,
                                   rule->persisting,    rule->fixed,  rule->unknown};
        put(f, "| ");
        put_code(f, rule->id);
        for (size_t k = 0; k < 6; k++) {
            put(f, " | ");
            put_number(f, counts[k]);
        }
        put(f, " |\n");
    }
}

static void put_trend(hz_face *f)
{
    static const hz_msg_id words[] = {HZ_MSG_HTML_AS_OF_WORD, HZ_MSG_FACE_GRADE, HZ_MSG_FACE_SCORE,
                                      HZ_MSG_TEXT_TABLE_ERRORS, HZ_MSG_HTML_RATE};
    const hz_result_trend *trend = f->result->trend;
    if (!trend)
        return;
    put_heading(f, "##", hz_face_word(f, HZ_MSG_HTML_HEAD_TREND));
    put_head(f, words, 5, 0x1C);
    for (size_t i = 0; i < trend->points_count; i++) {
        const hz_trend_point *point = &trend->points[i];
        hz_digits score = hz_text_score(point->score), rate = hz_text_percent(point->error_rate);
        put(f, "| ");
        hz_buf_put(f->out, point->has_as_of ? hz_face_day(f, point->as_of) : HZ_SLICE_LIT("–"));
        put(f, point->conformant ? " | ✓ " : " | ✗ ");
        put_text(f, point->grade);
        put(f, " | ");
        hz_buf_put(f->out, point->has_score ? HZ_DIGITS(score) : HZ_SLICE_LIT("–"));
        put(f, " | ");
        put_number(f, point->records_with_errors);
        put(f, " / ");
        put_number(f, point->records);
        put(f, " | ");
        hz_buf_put(f->out, HZ_DIGITS(rate));
        put(f, " |\n");
    }
}

static void put_progress(hz_face *f)
{
    put_reasons(f);
    put_baseline(f);
    put_trend(f);
}

static hz_status put_unchecked(hz_face *f, hz_error *err)
{
    hz_reads reads;
    hz_coverage coverage;
    bool any = false;
    HZ_TRY(hz_reads_of(&reads, f->result, err));
    hz_status st = hz_coverage_of(&coverage, f->result, &reads, NULL, err);
    hz_reads_clear(&reads);
    HZ_TRY(st);
    for (size_t i = 0; i < HZ_COVERAGE_LINES; i++) {
        if (!hz_face_coverage(f, &coverage, i).len)
            continue;
        if (!any)
            put_heading(f, "##", hz_face_word(f, HZ_MSG_TEXT_HEAD_UNCHECKED));
        any = true;
        put_line(f, hz_face_coverage(f, &coverage, i));
    }
    hz_coverage_clear(&coverage);
    return HZ_OK;
}

hz_status hz_render_markdown(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    hz_face f = HZ_FACE_INIT(out, result, options);
    put_grade(&f);
    put_identity(&f);
    put_others(&f);
    put_gates(&f);
    put_next(&f);
    put_causes(&f);
    put_dimensions(&f);
    put_tables(&f);
    put_rules(&f);
    put_findings(&f);
    put_stopped(&f, HZ_OUTCOME_ERROR, HZ_MSG_TEXT_HEAD_ERRORS);
    put_stopped(&f, HZ_OUTCOME_SKIPPED, HZ_MSG_TEXT_HEAD_SKIPPED);
    put_progress(&f);
    put_waivers(&f);
    put_drafts(&f);
    put_measures(&f);
    put_regions(&f);
    hz_status st = put_unchecked(&f, err);
    hz_status ended = hz_face_end(&f, st == HZ_OK ? err : NULL);
    return st == HZ_OK ? ended : st;
}
