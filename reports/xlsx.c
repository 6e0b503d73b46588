/* xlsx.c: the result as a workbook, one sheet a table of the report: summary, causes, rules, findings kept, regions,
 * measures, tables, columns, what was not checked. Words in the report's language; what others count on reading are
 * numbers, dates are dates, identifiers and values of the data are text. */
#include "base/calendar.h"
#include "base/sha256.h"
#include "reports/book.h"
#include "reports/face_int.h"
#include "reports/render_int.h"
#include "reports/waivers.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { COLUMNS_MAX = 32 };

/* ---- cells ---- */

typedef struct heading {
    hz_msg_id text;
    unsigned width; /* characters */
} heading;

typedef struct book {
    hz_face face; /* face.out is the report */
    hz_book book;
    hz_buf row; /* the one in hand */
    hz_cell_row cells;
    uint64_t shown, cut; /* rows of the sheet; those past Excel's limit */
} book;

static void skip(book *x, unsigned cells)
{
    hz_cell_skip(&x->cells, cells);
}

static void put_text(book *x, hz_slice text)
{
    hz_cell_text(&x->cells, text, HZ_STYLE_TEXT);
}

static void put_word(book *x, hz_msg_id id)
{
    put_text(x, hz_face_word(&x->face, id));
}

static void put_count(book *x, uint64_t n)
{
    hz_cell_count(&x->cells, n, HZ_STYLE_COUNT);
}

static void put_decimal(book *x, bool present, hz_decimal value)
{
    if (present)
        hz_cell_decimal(&x->cells, value, HZ_STYLE_GENERAL);
    else
        skip(x, 1);
}

static void put_share(book *x, hz_decimal value)
{
    hz_cell_decimal(&x->cells, value, HZ_STYLE_SHARE);
}

static void put_day(book *x, int32_t day)
{
    hz_cell_day(&x->cells, day, HZ_STYLE_DAY);
}

static void put_shown(book *x, bool present, hz_shown value)
{
    put_text(x, present ? hz_face_shown(&x->face, value) : HZ_SLICE_NONE);
}

/* ---- sheets and rows ---- */

static void give_row(book *x)
{
    if (!x->row.len)
        return;
    hz_row_end(&x->cells);
    if (x->row.status != HZ_OK && x->face.out->status == HZ_OK)
        x->face.out->status = x->row.status;
    hz_book_rows(&x->book, hz_buf_slice(&x->row), 1);
    hz_buf_reset(&x->row);
}

static void begin_sheet(book *x, hz_msg_id name, const heading *columns, size_t count)
{
    hz_book_column headings[COLUMNS_MAX];
    for (size_t i = 0; i < count; i++)
        headings[i] = (hz_book_column){hz_face_word(&x->face, columns[i].text), columns[i].width};
    hz_book_sheet(&x->book, hz_face_word(&x->face, name), 1, headings, count);
    x->shown = x->cut = 0;
}

/* The next row; false when Excel takes no more: it is counted, and the last row says how many. */
static bool begin_row(book *x)
{
    give_row(x);
    if (hz_book_room(&x->book) <= 1) {
        x->cut++;
        return false;
    }
    x->shown++;
    hz_row_begin(&x->cells);
    return true;
}

static void end_sheet(book *x)
{
    give_row(x);
    if (!x->cut)
        return;
    hz_digits shown = hz_text_count(x->shown), all = hz_text_count(x->shown + x->cut);
    hz_row_begin(&x->cells);
    put_text(x, HZ_FACE_SAY(&x->face, XLSX_CUT, HZ_DIGITS(shown), HZ_DIGITS(all)));
    give_row(x);
}

/* ---- words ---- */

static hz_msg_id outcome_word(hz_outcome outcome)
{
    static const hz_msg_id words[HZ_OUTCOME_COUNT] = {HZ_MSG_HTML_PASSED,         HZ_MSG_HTML_FAILED,
                                                      HZ_MSG_HTML_NOT_APPLICABLE, HZ_MSG_HTML_UNDETERMINED,
                                                      HZ_MSG_HTML_SKIPPED,        HZ_MSG_HTML_ENDED_IN_ERROR};
    return words[outcome];
}

static void put_life(book *x, hz_life life)
{
    if (life == HZ_LIFE_DRAFT || life == HZ_LIFE_PILOT)
        put_word(x, life == HZ_LIFE_DRAFT ? HZ_MSG_TEXT_LIFE_DRAFT : HZ_MSG_TEXT_LIFE_PILOT);
    else if (life == HZ_LIFE_DEPRECATED)
        put_word(x, HZ_MSG_HTML_LIFE_DEPRECATED);
    else
        skip(x, 1);
}

static void put_level(book *x, hz_division_level level)
{
    static const hz_msg_id words[] = {HZ_MSG_NONE,
                                      HZ_MSG_TEXT_LEVEL_PROVINCE,
                                      HZ_MSG_TEXT_LEVEL_PREFECTURE,
                                      HZ_MSG_TEXT_LEVEL_COUNTY,
                                      HZ_MSG_TEXT_LEVEL_TOWNSHIP,
                                      HZ_MSG_TEXT_LEVEL_VILLAGE};
    if (level == HZ_LEVEL_ANY)
        skip(x, 1);
    else
        put_word(x, words[level]);
}

static void put_clause(book *x, const hz_clause *clause)
{
    hz_buf *out = &x->face.scratch;
    hz_buf_reset(out);
    if (clause->present) {
        const hz_slice parts[] = {clause->standard, clause->edition, clause->section};
        for (size_t i = 0; i < COUNT(parts); i++) {
            hz_buf_puts(out, i && parts[i].len ? " " : "");
            hz_buf_put(out, parts[i]);
        }
    }
    put_text(x, hz_buf_slice(out));
}

/* ---- summary ---- */

static bool put_label(book *x, hz_msg_id label)
{
    bool room = begin_row(x);
    if (room)
        put_word(x, label);
    return room;
}

static void say_text(book *x, hz_msg_id label, hz_slice text, hz_slice note)
{
    if (!put_label(x, label))
        return;
    put_text(x, text);
    put_text(x, note);
}

static void say_count(book *x, hz_msg_id label, uint64_t n)
{
    if (put_label(x, label))
        put_count(x, n);
}

static void say_flag(book *x, bool flag, hz_msg_id text)
{
    if (flag && begin_row(x)) {
        skip(x, 1);
        put_word(x, text);
    }
}

static void put_basis(book *x)
{
    const hz_result *result = x->face.result;
    const hz_profile *profile = result->profile;
    char digest[65];
    hz_hex(digest, profile->sha256, 32);
    say_text(x, HZ_MSG_HTML_PROFILE, profile->id, hz_face_text2(&x->face, profile->title));
    say_text(x, HZ_MSG_XLSX_VERSION, profile->version, HZ_SLICE_NONE);
    say_text(x, HZ_MSG_XLSX_DIGEST, hz_slice_of(digest), HZ_SLICE_NONE);
    if (result->has_as_of && put_label(x, HZ_MSG_HTML_AS_OF_WORD))
        put_day(x, result->as_of);
    for (size_t i = 0; i < result->params_count; i++) {
        if (!begin_row(x))
            return;
        put_text(x, result->params[i].name);
        put_text(x, result->params[i].value);
        if (!result->params[i].given)
            put_word(x, HZ_MSG_HTML_DEFAULT);
    }
}

static void put_verdict(book *x)
{
    const hz_result *result = x->face.result;
    const hz_grade_level *level = &result->profile->grading.grades[result->grade];
    say_text(x, HZ_MSG_HTML_VERDICT,
             hz_face_word(&x->face, result->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT),
             HZ_SLICE_NONE);
    say_text(x, HZ_MSG_HTML_GRADE_WORD, level->grade, hz_face_text2(&x->face, level->title));
    if (put_label(x, HZ_MSG_HTML_SCORE_WORD))
        put_decimal(x, result->has_score, result->score);
    say_count(x, HZ_MSG_TEXT_TABLE_ROWS, result->records);
    say_count(x, HZ_MSG_HTML_WRONG_RECORDS, result->records_with_errors);
    if (put_label(x, HZ_MSG_XLSX_ERROR_RATE))
        put_share(x, result->error_rate);
    say_flag(x, result->incomplete, HZ_MSG_TEXT_INCOMPLETE);
    say_flag(x, !result->certifying, HZ_MSG_TEXT_NOT_CERTIFYING);
    say_flag(x, true, x->face.options->reveal ? HZ_MSG_TEXT_REVEALED : HZ_MSG_HTML_MASKED);
    for (size_t i = 0; i + 1 < result->verdicts_count; i++) {
        const hz_result_verdict *one = &result->verdicts[i];
        if (!begin_row(x))
            return;
        put_text(x, one->profile->id);
        put_word(x, one->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT);
        put_text(x, HZ_FACE_SAY(&x->face, TEXT_GRADE, one->profile->grading.grades[one->grade].grade));
    }
}

static void put_scores(book *x)
{
    const hz_result *result = x->face.result;
    hz_asks asks[HZ_GATE_COUNT];
    hz_asks_of(asks, result);
    for (size_t i = 0; i < HZ_DIM_COUNT && begin_row(x); i++) {
        const hz_result_dimension *one = &result->dimensions[i];
        hz_digits rules = hz_text_count(one->rules), failed = hz_text_count(one->failed_rules);
        put_text(x, hz_face_dimension(&x->face, (hz_dimension)i));
        put_decimal(x, one->has_score, one->score);
        put_text(x, HZ_FACE_SAY(&x->face, TEXT_DIM_RULES, HZ_DIGITS(rules), HZ_DIGITS(failed)));
    }
    for (size_t i = 0; i < HZ_GATE_COUNT && begin_row(x); i++) {
        static const hz_msg_id words[] = {HZ_MSG_HTML_PASSED, HZ_MSG_HTML_FAILED, HZ_MSG_TEXT_GATE_NOT_RUN};
        put_text(x, hz_face_gate(&x->face, (hz_gate)i));
        put_word(x, words[result->gates[i]]);
        put_text(x, hz_face_asks(&x->face, &asks[i]));
    }
    for (size_t i = 0; i < result->indicators_count && begin_row(x); i++) {
        const hz_result_indicator *one = &result->indicators[i];
        put_text(x, one->code);
        put_decimal(x, true, one->x);
        put_text(x, hz_face_text2(&x->face, (hz_text2){one->name_zh, one->name_en}));
    }
    const hz_next_grade *next = &result->next;
    for (size_t i = 0; next->present && i < next->rules_count && begin_row(x); i++) {
        put_text(x, HZ_FACE_SAY(&x->face, TEXT_HEAD_NEXT, hz_face_grade(&x->face, next->level)));
        put_text(x, result->rules[next->rules[i]].rule->id);
        put_text(x, hz_face_title(&x->face, result->rules[next->rules[i]].rule));
    }
}

static void put_run(book *x)
{
    const hz_result *result = x->face.result;
    say_text(x, HZ_MSG_HTML_PROGRAM, HZ_SLICE_LIT("hezhun " HZ_VERSION), HZ_SLICE_NONE);
    if (x->face.options->reproducible)
        return;
    if (put_label(x, HZ_MSG_HTML_STARTED))
        hz_cell_moment(&x->cells, hz_slice_of(result->started));
    if (put_label(x, HZ_MSG_HTML_SECONDS))
        put_decimal(x, true, (hz_decimal){(hz_int128)(result->seconds * 1000 + 0.5), 3});
    say_text(x, HZ_MSG_HTML_HOST, hz_slice_of(result->host), HZ_SLICE_NONE);
}

static void put_summary(book *x)
{
    static const heading columns[] = {{HZ_MSG_XLSX_ITEM, 32}, {HZ_MSG_HTML_VALUE, 32}, {HZ_MSG_XLSX_NOTE, 60}};
    begin_sheet(x, HZ_MSG_XLSX_SUMMARY, columns, COUNT(columns));
    put_verdict(x);
    put_scores(x);
    put_basis(x);
    put_run(x);
    end_sheet(x);
}

/* ---- causes ---- */

static void put_causes(book *x)
{
    static const heading columns[] = {{HZ_MSG_FACE_CAUSE, 60},
                                      {HZ_MSG_XLSX_CLEARS, 12},
                                      {HZ_MSG_HTML_TABLE, 16},
                                      {HZ_MSG_HTML_REGION, 16},
                                      {HZ_MSG_HTML_RULES, 60}};
    const hz_result *result = x->face.result;
    begin_sheet(x, HZ_MSG_XLSX_CAUSES, columns, COUNT(columns));
    for (size_t i = 0; i < result->causes_count && begin_row(x); i++) {
        const hz_cause *cause = &result->causes[i];
        put_text(x, hz_face_cause(&x->face, cause));
        put_count(x, cause->findings);
        put_text(x, result->tables[cause->table].name);
        put_text(x, hz_slice_of(cause->code));
        put_text(x, hz_face_cause_rules(&x->face, cause));
    }
    end_sheet(x);
}

/* ---- rules ---- */

static void put_rule(book *x, const hz_result_rule *one)
{
    const hz_rule *rule = one->rule;
    if (!begin_row(x))
        return;
    put_text(x, rule->id);
    put_text(x, hz_face_title(&x->face, rule));
    put_text(x, rule->table->name);
    put_text(x, hz_face_severity(&x->face, one->severity));
    put_text(x, hz_face_dimension(&x->face, rule->dimension));
    put_text(x, hz_face_gate(&x->face, rule->gate));
    put_life(x, one->life);
    bool tolerated = one->outcome == HZ_OUTCOME_PASSED && one->failed;
    put_word(x, tolerated ? HZ_MSG_HTML_TOLERATED : outcome_word(one->outcome));
    const uint64_t counts[] = {one->failed, one->evaluated,    one->passed,         one->waived,
                               one->rows,   one->undetermined, one->not_applicable, one->examples_count};
    for (size_t i = 0; i < COUNT(counts); i++)
        put_count(x, counts[i]);
    put_clause(x, &rule->clause);
    put_text(x, hz_face_said(&x->face, &one->reason));
}

static void put_rules(book *x)
{
    static const heading columns[] = {
        {HZ_MSG_HTML_RULE, 24},       {HZ_MSG_FACE_TITLE, 36},        {HZ_MSG_HTML_TABLE, 14},
        {HZ_MSG_HTML_SEVERITY, 10},   {HZ_MSG_HTML_DIMENSION, 14},    {HZ_MSG_HTML_GATE, 12},
        {HZ_MSG_XLSX_LIFE, 10},       {HZ_MSG_HTML_OUTCOME, 14},      {HZ_MSG_HTML_FAILURES, 12},
        {HZ_MSG_HTML_EVALUATED, 12},  {HZ_MSG_XLSX_PASSED, 12},       {HZ_MSG_XLSX_WAIVED, 10},
        {HZ_MSG_TEXT_TABLE_ROWS, 12}, {HZ_MSG_XLSX_UNDETERMINED, 14}, {HZ_MSG_XLSX_NOT_APPLICABLE, 14},
        {HZ_MSG_XLSX_SHOWN, 12},      {HZ_MSG_HTML_CLAUSE, 24},       {HZ_MSG_HTML_WHY, 40}};
    const hz_result *result = x->face.result;
    begin_sheet(x, HZ_MSG_HTML_RULES, columns, COUNT(columns));
    for (size_t i = 0; i < result->rules_count; i++)
        put_rule(x, &result->rules[i]);
    for (size_t i = 0; i < result->drafts_count; i++)
        put_rule(x, &result->drafts[i]);
    end_sheet(x);
}

/* ---- findings ---- */

static void put_finding(book *x, const hz_result_rule *rule, const hz_finding *finding)
{
    const hz_place *at = &finding->at;
    const hz_result_source *source = hz_face_source(&x->face, at);
    if (!begin_row(x))
        return;
    put_text(x, rule->rule->id);
    put_text(x, hz_face_severity(&x->face, finding->severity));
    put_life(x, rule->life);
    put_text(x, x->face.result->tables[at->table].name);
    put_text(x, source ? source->path : HZ_SLICE_NONE);
    if (at->line)
        put_count(x, at->line);
    else
        skip(x, 1);
    put_text(x, at->where);
    put_text(x, hz_face_pairs(&x->face, at->key, at->key_count));
    put_text(x, hz_face_message(&x->face, finding));
    put_text(x, hz_face_pairs(&x->face, at->fields, at->fields_count));
    put_shown(x, finding->has_expected, finding->expected);
    put_shown(x, finding->has_difference, finding->difference);
    put_shown(x, finding->has_repair, finding->repair);
    put_text(x, hz_face_places(&x->face, finding->related, finding->related_count));
    put_text(x, hz_face_pairs(&x->face, finding->echo, finding->echo_count));
    put_text(x, hz_face_title(&x->face, rule->rule));
    put_count(x, rule->failed);
    put_count(x, rule->examples_count);
    put_text(x, finding->waived);
    put_text(x, hz_slice_of(finding->fingerprint));
    put_text(x, hz_asks_finding(rule, finding));
    put_text(x, finding->acknowledged);
}

static void put_waivers(book *x)
{
    static const heading columns[] = {
        {HZ_MSG_HTML_WAIVER_ID, 16},       {HZ_MSG_HTML_RULE, 20},         {HZ_MSG_HTML_WAIVER_STATE, 40},
        {HZ_MSG_HTML_WAIVER_MATCHED, 12},  {HZ_MSG_XLSX_WAIVED, 12},       {HZ_MSG_HTML_WAIVER_REASON, 40},
        {HZ_MSG_HTML_WAIVER_APPROVED, 16}, {HZ_MSG_HTML_WAIVER_UNTIL, 12}, {HZ_MSG_HTML_WAIVER_FILE, 24}};
    const hz_result *result = x->face.result;
    if (!result->waivers_count)
        return;
    begin_sheet(x, HZ_MSG_TEXT_HEAD_WAIVERS, columns, COUNT(columns));
    for (size_t i = 0; i < result->waivers_count && begin_row(x); i++) {
        const hz_result_waiver *one = &result->waivers[i];
        put_text(x, one->waiver->id);
        put_text(x, one->waiver->rule);
        put_text(x, hz_face_waiver_state(&x->face, one));
        put_count(x, one->matched);
        put_count(x, one->used);
        put_text(x, one->waiver->reason);
        put_text(x, one->waiver->approved_by);
        put_day(x, one->waiver->until);
        put_text(x, one->waiver->file.len ? one->waiver->file : result->profile->id);
    }
    end_sheet(x);
}

static void put_findings_of(book *x, const hz_result_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rules[i].examples_count; k++)
            put_finding(x, &rules[i], &rules[i].examples[k]);
}

static void put_findings(book *x)
{
    static const heading columns[] = {
        {HZ_MSG_HTML_RULE, 20},      {HZ_MSG_HTML_SEVERITY, 10},    {HZ_MSG_XLSX_LIFE, 10},
        {HZ_MSG_HTML_TABLE, 14},     {HZ_MSG_HTML_FILE, 24},        {HZ_MSG_XLSX_LINE, 10},
        {HZ_MSG_XLSX_WHERE, 24},     {HZ_MSG_FACE_KEY, 28},         {HZ_MSG_FACE_FINDING, 60},
        {HZ_MSG_FACE_VALUES, 40},    {HZ_MSG_XLSX_EXPECTED, 16},    {HZ_MSG_XLSX_DIFFERENCE, 12},
        {HZ_MSG_XLSX_REPAIR, 20},    {HZ_MSG_HTML_RELATED, 36},     {HZ_MSG_XLSX_ECHO, 24},
        {HZ_MSG_FACE_TITLE, 36},     {HZ_MSG_XLSX_OF_RULE, 14},     {HZ_MSG_XLSX_SHOWN, 12},
        {HZ_MSG_HTML_WAIVER_ID, 16}, {HZ_MSG_XLSX_FINGERPRINT, 34}, {HZ_MSG_XLSX_ASKS, 12},
        {HZ_MSG_XLSX_REASON, 40}};
    begin_sheet(x, HZ_MSG_HTML_FINDINGS, columns, COUNT(columns));
    put_findings_of(x, x->face.result->rules, x->face.result->rules_count);
    put_findings_of(x, x->face.result->drafts, x->face.result->drafts_count);
    for (size_t i = 0; i < x->face.result->waivers_count; i++) {
        const hz_result_waiver *waiver = &x->face.result->waivers[i];
        const hz_result_rule *rule = hz_waiver_rule(x->face.result, waiver);
        for (size_t k = 0; rule && k < waiver->examples_count; k++)
            put_finding(x, rule, &waiver->examples[k]);
    }
    end_sheet(x);
}

/* ---- regions and measures ---- */

static void put_regions(book *x)
{
    static const heading columns[] = {{HZ_MSG_HTML_CODE, 16},       {HZ_MSG_HTML_REGION, 28},
                                      {HZ_MSG_HTML_LEVEL, 14},      {HZ_MSG_TEXT_TABLE_ROWS, 12},
                                      {HZ_MSG_HTML_FAILURES, 12},   {HZ_MSG_HTML_WRONG_RECORDS, 18},
                                      {HZ_MSG_HTML_SCORE_WORD, 12}, {HZ_MSG_HTML_GRADE_WORD, 10}};
    const hz_result *result = x->face.result;
    begin_sheet(x, HZ_MSG_HTML_REGIONS, columns, COUNT(columns));
    for (size_t i = 0; i < result->regions_count; i++) {
        const hz_result_region *region = &result->regions[i];
        if (!begin_row(x))
            continue;
        put_text(x, hz_slice_of(region->code));
        if (region->code[0])
            put_text(x, hz_face_text2(&x->face, region->name));
        else
            put_word(x, HZ_MSG_HTML_NO_REGION);
        put_level(x, region->level);
        put_count(x, region->rows);
        put_count(x, region->findings);
        put_count(x, region->records_with_errors);
        put_decimal(x, region->has_score, region->score);
        if (region->has_score && region->grade != UINT32_MAX)
            put_text(x, hz_face_grade(&x->face, region->grade));
    }
    end_sheet(x);
}

static void put_figure(book *x, const hz_ratio *ratio, hz_verdict verdict)
{
    put_decimal(x, ratio->has_value, ratio->value);
    put_decimal(x, ratio->has_fraction, ratio->numerator);
    put_decimal(x, ratio->has_fraction, ratio->denominator);
    if (verdict == HZ_VERDICT_TRUE || verdict == HZ_VERDICT_FALSE)
        put_word(x, verdict == HZ_VERDICT_TRUE ? HZ_MSG_HTML_HOLDS : HZ_MSG_HTML_HOLDS_NOT);
    else
        skip(x, 1);
}

static void put_measure(book *x, const hz_result_measure *one)
{
    if (!begin_row(x))
        return;
    put_text(x, one->measure->id);
    put_text(x, hz_face_text2(&x->face, one->measure->title));
    put_text(x, one->measure->unit);
    skip(x, 2);
    put_figure(x, &one->whole, one->whole_verdict);
    put_word(x, outcome_word(one->outcome));
    put_text(x, hz_face_said(&x->face, &one->reason));
    for (size_t i = 0; i < one->regions_count; i++) {
        if (!begin_row(x))
            continue;
        put_text(x, one->measure->id);
        put_text(x, hz_face_text2(&x->face, one->measure->title));
        put_text(x, one->measure->unit);
        put_text(x, hz_slice_of(one->regions[i].code));
        put_level(x, one->regions[i].level);
        put_figure(x, &one->regions[i].value, one->regions[i].verdict);
    }
}

static void put_measures(book *x)
{
    static const heading columns[] = {
        {HZ_MSG_HTML_INDICATOR, 24}, {HZ_MSG_FACE_TITLE, 36},       {HZ_MSG_FACE_UNIT, 10},
        {HZ_MSG_HTML_REGION, 16},    {HZ_MSG_HTML_LEVEL, 14},       {HZ_MSG_HTML_VALUE, 16},
        {HZ_MSG_XLSX_NUMERATOR, 16}, {HZ_MSG_XLSX_DENOMINATOR, 16}, {HZ_MSG_XLSX_EXPECTATION, 14},
        {HZ_MSG_HTML_OUTCOME, 14},   {HZ_MSG_HTML_WHY, 40}};
    begin_sheet(x, HZ_MSG_TEXT_HEAD_MEASURES, columns, COUNT(columns));
    for (size_t i = 0; i < x->face.result->measures_count; i++)
        put_measure(x, &x->face.result->measures[i]);
    end_sheet(x);
}

/* ---- tables and columns ---- */

static void put_source(book *x, const hz_result_table *table, const hz_result_source *source)
{
    char digest[65];
    if (!begin_row(x))
        return;
    put_text(x, table->name);
    put_text(x, hz_face_text2(&x->face, table->table->title));
    put_text(x, source ? source->path : HZ_SLICE_NONE);
    put_count(x, source ? source->rows : table->rows);
    put_count(x, source ? source->bad_rows : table->bad_rows);
    if (!source) {
        put_count(x, table->records_with_errors);
        if (!table->present)
            put_word(x, HZ_MSG_TEXT_TABLE_NOT_GIVEN);
        return;
    }
    hz_hex(digest, source->sha256, 32);
    skip(x, 1);
    put_text(x, source->format);
    put_text(x, source->encoding);
    put_count(x, source->bytes);
    put_text(x, hz_slice_of(digest));
}

static void put_tables(book *x)
{
    static const heading columns[] = {{HZ_MSG_HTML_TABLE, 16},          {HZ_MSG_FACE_TITLE, 24},
                                      {HZ_MSG_HTML_FILE, 32},           {HZ_MSG_TEXT_TABLE_ROWS, 12},
                                      {HZ_MSG_TEXT_TABLE_BAD_ROWS, 12}, {HZ_MSG_HTML_WRONG_RECORDS, 18},
                                      {HZ_MSG_HTML_FORMAT, 12},         {HZ_MSG_HTML_ENCODING, 12},
                                      {HZ_MSG_HTML_SIZE, 14},           {HZ_MSG_XLSX_SHA256, 66}};
    const hz_result *result = x->face.result;
    begin_sheet(x, HZ_MSG_HTML_TABLES, columns, COUNT(columns));
    for (size_t i = 0; i < result->tables_count; i++) {
        put_source(x, &result->tables[i], NULL);
        for (size_t k = 0; k < result->tables[i].sources_count; k++)
            put_source(x, &result->tables[i], &result->tables[i].sources[k]);
    }
    end_sheet(x);
}

/* A statistic in the type of its column. */
static void put_datum(book *x, const hz_result_column *column, bool present, hz_slice text)
{
    hz_decimal number;
    hz_time_format iso;
    int64_t day;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    bool numeric = hz_slice_starts(column->type, HZ_SLICE_LIT("integer")) ||
                   hz_slice_starts(column->type, HZ_SLICE_LIT("decimal"));
    if (!present)
        skip(x, 1);
    else if (numeric && hz_decimal_parse(&number, text))
        put_decimal(x, true, number);
    else if (hz_slice_is(column->type, "date") && hz_time_parse(&day, &iso, text))
        put_day(x, (int32_t)day);
    else
        put_text(x, text);
}

static void put_top(book *x, const hz_result_column *column)
{
    hz_buf all = HZ_BUF_INIT;
    for (size_t i = 0; i < column->top_count; i++) {
        hz_buf_puts(&all, i ? "; " : "");
        hz_buf_put(&all, column->top[i].from);
        hz_buf_puts(&all, ": ");
        hz_buf_put_u64(&all, column->top[i].count);
    }
    if (all.status != HZ_OK && x->face.out->status == HZ_OK)
        x->face.out->status = all.status;
    put_text(x, hz_buf_slice(&all));
    hz_buf_clear(&all);
}

static void put_column(book *x, const hz_result_table *table, const hz_result_column *column)
{
    bool open = !column->personal && !column->absent;
    if (!begin_row(x))
        return;
    put_text(x, table->name);
    put_text(x, column->name);
    put_text(x, column->field ? hz_face_text2(&x->face, column->field->title) : HZ_SLICE_NONE);
    put_text(x, column->type);
    put_count(x, column->missing);
    put_count(x, column->invalid);
    put_count(x, column->distinct);
    put_datum(x, column, open && column->has_min, column->min);
    put_datum(x, column, open && column->has_max, column->max);
    hz_decimal mean;
    bool has_mean = open && column->has_mean && hz_decimal_parse(&mean, column->mean);
    put_decimal(x, has_mean, has_mean ? mean : (hz_decimal){0, 0});
    if (open)
        put_top(x, column);
    else
        put_word(x, column->absent ? HZ_MSG_HTML_ABSENT : HZ_MSG_HTML_PERSONAL);
}

static void put_columns(book *x)
{
    static const heading columns[] = {{HZ_MSG_HTML_TABLE, 16},    {HZ_MSG_HTML_COLUMN, 20},  {HZ_MSG_FACE_TITLE, 24},
                                      {HZ_MSG_HTML_TYPE, 16},     {HZ_MSG_HTML_MISSING, 12}, {HZ_MSG_HTML_INVALID, 12},
                                      {HZ_MSG_HTML_DISTINCT, 12}, {HZ_MSG_XLSX_MIN, 14},     {HZ_MSG_XLSX_MAX, 14},
                                      {HZ_MSG_XLSX_MEAN, 16},     {HZ_MSG_HTML_SPREAD, 60}};
    const hz_result *result = x->face.result;
    begin_sheet(x, HZ_MSG_HTML_COLUMNS, columns, COUNT(columns));
    for (size_t i = 0; i < result->tables_count; i++)
        for (size_t k = 0; k < result->tables[i].columns_count; k++)
            put_column(x, &result->tables[i], &result->tables[i].columns[k]);
    end_sheet(x);
}

/* ---- what was not checked ---- */

static void put_gap(book *x, hz_msg_id kind, hz_slice table, hz_slice name, hz_slice why)
{
    put_word(x, kind);
    put_text(x, table);
    put_text(x, name);
    put_text(x, why);
}

static void put_gap_rule(book *x, const hz_result_rule *one)
{
    bool idle = hz_stopped(one->outcome) || one->outcome == HZ_OUTCOME_NOT_APPLICABLE;
    if ((!idle && !one->undetermined) || !begin_row(x))
        return;
    hz_msg_id why = outcome_word(idle ? one->outcome : HZ_OUTCOME_UNDETERMINED);
    put_gap(x, HZ_MSG_HTML_RULE, one->rule->table->name, one->rule->id, hz_face_word(&x->face, why));
    put_count(x, one->undetermined);
    put_text(x, hz_face_said(&x->face, &one->reason));
}

static void put_gap_columns(book *x, const hz_result_table *table, const hz_reads *reads)
{
    for (size_t i = 0; i < table->columns_count; i++) {
        const hz_result_column *column = &table->columns[i];
        if (hz_is_unread(column, reads) && begin_row(x))
            put_gap(x, HZ_MSG_HTML_COLUMN, table->name, column->name, hz_face_word(&x->face, HZ_MSG_HTML_NO_RULE));
        if (table->present && column->absent && begin_row(x))
            put_gap(x, HZ_MSG_HTML_COLUMN, table->name, column->name, hz_face_word(&x->face, HZ_MSG_HTML_ABSENT));
    }
    for (size_t i = 0; i < table->unknown_columns_count; i++)
        if (begin_row(x))
            put_gap(x, HZ_MSG_HTML_COLUMN, table->name, table->unknown_columns[i],
                    hz_face_word(&x->face, HZ_MSG_XLSX_UNKNOWN_COLUMN));
}

static void put_gap_table(book *x, const hz_result_table *table)
{
    if (!table->present && begin_row(x))
        put_gap(x, HZ_MSG_HTML_TABLE, table->name, HZ_SLICE_NONE, hz_face_word(&x->face, HZ_MSG_TEXT_TABLE_NOT_GIVEN));
    if (table->bad_rows && begin_row(x)) {
        put_gap(x, HZ_MSG_TEXT_TABLE_ROWS, table->name, HZ_SLICE_NONE,
                hz_face_word(&x->face, HZ_MSG_TEXT_TABLE_BAD_ROWS));
        put_count(x, table->bad_rows);
    }
}

static void put_unchecked(book *x, const hz_reads *reads)
{
    static const heading columns[] = {{HZ_MSG_XLSX_KIND, 12}, {HZ_MSG_HTML_TABLE, 16}, {HZ_MSG_XLSX_ITEM, 32},
                                      {HZ_MSG_HTML_WHY, 24},  {HZ_MSG_XLSX_COUNT, 12}, {HZ_MSG_XLSX_NOTE, 60}};
    const hz_result *result = x->face.result;
    begin_sheet(x, HZ_MSG_TEXT_HEAD_UNCHECKED, columns, COUNT(columns));
    for (size_t i = 0; i < result->tables_count; i++)
        put_gap_table(x, &result->tables[i]);
    for (size_t i = 0; i < result->rules_count; i++)
        put_gap_rule(x, &result->rules[i]);
    for (size_t i = 0; i < result->measures_count; i++) {
        const hz_result_measure *one = &result->measures[i];
        if (!hz_stopped(one->outcome) || !begin_row(x))
            continue;
        put_gap(x, HZ_MSG_HTML_INDICATOR, one->measure->table->name, one->measure->id,
                hz_face_word(&x->face, outcome_word(one->outcome)));
        skip(x, 1);
        put_text(x, hz_face_said(&x->face, &one->reason));
    }
    for (size_t i = 0; i < result->tables_count; i++)
        put_gap_columns(x, &result->tables[i], reads);
    for (size_t i = 0; i < result->ignored_count; i++)
        if (begin_row(x))
            put_gap(x, HZ_MSG_HTML_FILE, HZ_SLICE_NONE, result->ignored[i],
                    hz_face_word(&x->face, HZ_MSG_XLSX_NO_TABLE));
    end_sheet(x);
}

hz_status hz_render_xlsx(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    book x = {.face = HZ_FACE_INIT(out, result, options), .row = HZ_BUF_INIT};
    hz_reads reads;
    HZ_TRY(hz_reads_of(&reads, result, err));
    x.cells = HZ_CELLS_INIT(&x.row);
    hz_book_begin(&x.book, out);
    put_summary(&x);
    put_causes(&x);
    put_rules(&x);
    put_findings(&x);
    put_waivers(&x);
    put_regions(&x);
    put_measures(&x);
    put_tables(&x);
    put_columns(&x);
    put_unchecked(&x, &reads);
    hz_cells_done(&x.cells);
    hz_buf_clear(&x.row);
    hz_reads_clear(&reads);
    hz_status st = hz_book_end(&x.book, err), ended = hz_face_end(&x.face, st == HZ_OK ? err : NULL);
    return st == HZ_OK ? ended : st;
}
