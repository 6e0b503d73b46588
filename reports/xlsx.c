/* xlsx.c: the result as a workbook, one sheet a table of the report: summary, causes, rules, findings kept, regions,
 * measures, tables, columns, what was not checked. Words in the report's language; what others count on reading are
 * numbers, dates are dates, identifiers and values of the data are text. */
#include "reports/render_int.h"
#include "reports/xlsx_int.h"
#ifdef HZ_XLSXWRITER
#include "base/calendar.h"
#include "base/sha256.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- words ---- */

static hz_msg_id outcome_word(hz_outcome outcome)
{
    static const hz_msg_id words[HZ_OUTCOME_COUNT] = {HZ_MSG_HTML_PASSED,         HZ_MSG_HTML_FAILED,
                                                      HZ_MSG_HTML_NOT_APPLICABLE, HZ_MSG_HTML_UNDETERMINED,
                                                      HZ_MSG_HTML_SKIPPED,        HZ_MSG_HTML_ENDED_IN_ERROR};
    return words[outcome];
}

static void put_life(hz_xlsx *x, hz_life life)
{
    if (life == HZ_LIFE_DRAFT || life == HZ_LIFE_PILOT)
        hz_xlsx_word(x, life == HZ_LIFE_DRAFT ? HZ_MSG_TEXT_LIFE_DRAFT : HZ_MSG_TEXT_LIFE_PILOT);
    else if (life == HZ_LIFE_DEPRECATED)
        hz_xlsx_word(x, HZ_MSG_HTML_LIFE_DEPRECATED);
    else
        hz_xlsx_skip(x, 1);
}

static void put_level(hz_xlsx *x, hz_division_level level)
{
    static const hz_msg_id words[] = {HZ_MSG_NONE,
                                      HZ_MSG_TEXT_LEVEL_PROVINCE,
                                      HZ_MSG_TEXT_LEVEL_PREFECTURE,
                                      HZ_MSG_TEXT_LEVEL_COUNTY,
                                      HZ_MSG_TEXT_LEVEL_TOWNSHIP,
                                      HZ_MSG_TEXT_LEVEL_VILLAGE};
    if (level == HZ_LEVEL_ANY)
        hz_xlsx_skip(x, 1);
    else
        hz_xlsx_word(x, words[level]);
}

static void put_clause(hz_xlsx *x, const hz_clause *clause)
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
    hz_xlsx_text(x, hz_buf_slice(out));
}

/* ---- summary ---- */

static bool put_label(hz_xlsx *x, hz_msg_id label)
{
    bool room = hz_xlsx_row(x);
    if (room)
        hz_xlsx_word(x, label);
    return room;
}

static void say_text(hz_xlsx *x, hz_msg_id label, hz_slice text, hz_slice note)
{
    if (!put_label(x, label))
        return;
    hz_xlsx_text(x, text);
    hz_xlsx_text(x, note);
}

static void say_count(hz_xlsx *x, hz_msg_id label, uint64_t n)
{
    if (put_label(x, label))
        hz_xlsx_count(x, n);
}

static void say_flag(hz_xlsx *x, bool flag, hz_msg_id text)
{
    if (flag && hz_xlsx_row(x)) {
        hz_xlsx_skip(x, 1);
        hz_xlsx_word(x, text);
    }
}

static void put_basis(hz_xlsx *x)
{
    const hz_result *result = x->face.result;
    const hz_profile *profile = result->profile;
    char digest[65];
    hz_hex(digest, profile->sha256, 32);
    say_text(x, HZ_MSG_HTML_PROFILE, profile->id, hz_face_text2(&x->face, profile->title));
    say_text(x, HZ_MSG_XLSX_VERSION, profile->version, HZ_SLICE_NONE);
    say_text(x, HZ_MSG_XLSX_DIGEST, hz_slice_of(digest), HZ_SLICE_NONE);
    if (result->has_as_of && put_label(x, HZ_MSG_HTML_AS_OF_WORD))
        hz_xlsx_day(x, result->as_of);
    for (size_t i = 0; i < result->params_count; i++) {
        if (!hz_xlsx_row(x))
            return;
        hz_xlsx_text(x, result->params[i].name);
        hz_xlsx_text(x, result->params[i].value);
        if (!result->params[i].given)
            hz_xlsx_word(x, HZ_MSG_HTML_DEFAULT);
    }
}

static void put_verdict(hz_xlsx *x)
{
    const hz_result *result = x->face.result;
    const hz_grade_level *level = &result->profile->grading.grades[result->grade];
    say_text(x, HZ_MSG_HTML_VERDICT,
             hz_face_word(&x->face, result->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT),
             HZ_SLICE_NONE);
    say_text(x, HZ_MSG_HTML_GRADE_WORD, level->grade, hz_face_text2(&x->face, level->title));
    if (put_label(x, HZ_MSG_HTML_SCORE_WORD))
        hz_xlsx_decimal(x, result->has_score, result->score);
    say_count(x, HZ_MSG_TEXT_TABLE_ROWS, result->records);
    say_count(x, HZ_MSG_HTML_WRONG_RECORDS, result->records_with_errors);
    if (put_label(x, HZ_MSG_XLSX_ERROR_RATE))
        hz_xlsx_share(x, result->error_rate);
    say_flag(x, result->incomplete, HZ_MSG_TEXT_INCOMPLETE);
    say_flag(x, !result->certifying, HZ_MSG_TEXT_NOT_CERTIFYING);
    say_flag(x, true, x->face.options->reveal ? HZ_MSG_TEXT_REVEALED : HZ_MSG_HTML_MASKED);
    for (size_t i = 0; i + 1 < result->verdicts_count; i++) {
        const hz_result_verdict *one = &result->verdicts[i];
        if (!hz_xlsx_row(x))
            return;
        hz_xlsx_text(x, one->profile->id);
        hz_xlsx_word(x, one->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT);
        hz_xlsx_text(x, HZ_FACE_SAY(&x->face, TEXT_GRADE, one->profile->grading.grades[one->grade].grade));
    }
}

static void put_scores(hz_xlsx *x)
{
    const hz_result *result = x->face.result;
    for (size_t i = 0; i < HZ_DIM_COUNT && hz_xlsx_row(x); i++) {
        const hz_result_dimension *one = &result->dimensions[i];
        hz_digits rules = hz_text_count(one->rules), failed = hz_text_count(one->failed_rules);
        hz_xlsx_text(x, hz_face_dimension(&x->face, (hz_dimension)i));
        hz_xlsx_decimal(x, one->has_score, one->score);
        hz_xlsx_text(x, HZ_FACE_SAY(&x->face, TEXT_DIM_RULES, HZ_DIGITS(rules), HZ_DIGITS(failed)));
    }
    for (size_t i = 0; i < HZ_GATE_COUNT && hz_xlsx_row(x); i++) {
        static const hz_msg_id words[] = {HZ_MSG_HTML_PASSED, HZ_MSG_HTML_FAILED, HZ_MSG_TEXT_GATE_NOT_RUN};
        hz_xlsx_text(x, hz_face_gate(&x->face, (hz_gate)i));
        hz_xlsx_word(x, words[result->gates[i]]);
    }
    for (size_t i = 0; i < result->indicators_count && hz_xlsx_row(x); i++) {
        const hz_result_indicator *one = &result->indicators[i];
        hz_xlsx_text(x, one->code);
        hz_xlsx_decimal(x, true, one->x);
        hz_xlsx_text(x, hz_face_text2(&x->face, (hz_text2){one->name_zh, one->name_en}));
    }
    const hz_next_grade *next = &result->next;
    for (size_t i = 0; next->present && i < next->rules_count && hz_xlsx_row(x); i++) {
        hz_xlsx_text(x, HZ_FACE_SAY(&x->face, TEXT_HEAD_NEXT, hz_face_grade(&x->face, next->level)));
        hz_xlsx_text(x, result->rules[next->rules[i]].rule->id);
        hz_xlsx_text(x, hz_face_title(&x->face, result->rules[next->rules[i]].rule));
    }
}

static void put_run(hz_xlsx *x)
{
    const hz_result *result = x->face.result;
    say_text(x, HZ_MSG_HTML_PROGRAM, HZ_SLICE_LIT("hezhun " HZ_VERSION), HZ_SLICE_NONE);
    if (x->face.options->reproducible)
        return;
    if (put_label(x, HZ_MSG_HTML_STARTED))
        hz_xlsx_moment(x, result->started);
    if (put_label(x, HZ_MSG_HTML_SECONDS))
        hz_xlsx_decimal(x, true, (hz_decimal){(hz_int128)(result->seconds * 1000 + 0.5), 3});
    say_text(x, HZ_MSG_HTML_HOST, hz_slice_of(result->host), HZ_SLICE_NONE);
}

static void put_summary(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {{HZ_MSG_XLSX_ITEM, 32}, {HZ_MSG_HTML_VALUE, 32}, {HZ_MSG_XLSX_NOTE, 60}};
    hz_xlsx_sheet(x, HZ_MSG_XLSX_SUMMARY, columns, COUNT(columns));
    put_verdict(x);
    put_scores(x);
    put_basis(x);
    put_run(x);
    hz_xlsx_sheet_end(x);
}

/* ---- causes ---- */

static void put_causes(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {{HZ_MSG_FACE_CAUSE, 60},
                                             {HZ_MSG_XLSX_CLEARS, 12},
                                             {HZ_MSG_HTML_TABLE, 16},
                                             {HZ_MSG_HTML_REGION, 16},
                                             {HZ_MSG_HTML_RULES, 60}};
    const hz_result *result = x->face.result;
    hz_xlsx_sheet(x, HZ_MSG_XLSX_CAUSES, columns, COUNT(columns));
    for (size_t i = 0; i < result->causes_count && hz_xlsx_row(x); i++) {
        const hz_cause *cause = &result->causes[i];
        hz_xlsx_text(x, hz_face_cause(&x->face, cause));
        hz_xlsx_count(x, cause->findings);
        hz_xlsx_text(x, result->tables[cause->table].name);
        hz_xlsx_text(x, hz_slice_of(cause->code));
        hz_xlsx_text(x, hz_face_cause_rules(&x->face, cause));
    }
    hz_xlsx_sheet_end(x);
}

/* ---- rules ---- */

static void put_rule(hz_xlsx *x, const hz_result_rule *one)
{
    const hz_rule *rule = one->rule;
    if (!hz_xlsx_row(x))
        return;
    hz_xlsx_text(x, rule->id);
    hz_xlsx_text(x, hz_face_title(&x->face, rule));
    hz_xlsx_text(x, rule->table->name);
    hz_xlsx_text(x, hz_face_severity(&x->face, one->severity));
    hz_xlsx_text(x, hz_face_dimension(&x->face, rule->dimension));
    hz_xlsx_text(x, hz_face_gate(&x->face, rule->gate));
    put_life(x, one->life);
    bool tolerated = one->outcome == HZ_OUTCOME_PASSED && one->failed;
    hz_xlsx_word(x, tolerated ? HZ_MSG_HTML_TOLERATED : outcome_word(one->outcome));
    const uint64_t counts[] = {one->failed, one->evaluated,    one->passed,         one->waived,
                               one->rows,   one->undetermined, one->not_applicable, one->examples_count};
    for (size_t i = 0; i < COUNT(counts); i++)
        hz_xlsx_count(x, counts[i]);
    put_clause(x, &rule->clause);
    hz_xlsx_text(x, hz_face_said(&x->face, &one->reason));
}

static void put_rules(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {
        {HZ_MSG_HTML_RULE, 24},       {HZ_MSG_FACE_TITLE, 36},        {HZ_MSG_HTML_TABLE, 14},
        {HZ_MSG_HTML_SEVERITY, 10},   {HZ_MSG_HTML_DIMENSION, 14},    {HZ_MSG_HTML_GATE, 12},
        {HZ_MSG_XLSX_LIFE, 10},       {HZ_MSG_HTML_OUTCOME, 14},      {HZ_MSG_HTML_FAILURES, 12},
        {HZ_MSG_HTML_EVALUATED, 12},  {HZ_MSG_XLSX_PASSED, 12},       {HZ_MSG_XLSX_WAIVED, 10},
        {HZ_MSG_TEXT_TABLE_ROWS, 12}, {HZ_MSG_XLSX_UNDETERMINED, 14}, {HZ_MSG_XLSX_NOT_APPLICABLE, 14},
        {HZ_MSG_XLSX_SHOWN, 12},      {HZ_MSG_HTML_CLAUSE, 24},       {HZ_MSG_HTML_WHY, 40}};
    const hz_result *result = x->face.result;
    hz_xlsx_sheet(x, HZ_MSG_HTML_RULES, columns, COUNT(columns));
    for (size_t i = 0; i < result->rules_count; i++)
        put_rule(x, &result->rules[i]);
    for (size_t i = 0; i < result->drafts_count; i++)
        put_rule(x, &result->drafts[i]);
    hz_xlsx_sheet_end(x);
}

/* ---- findings ---- */

static void put_finding(hz_xlsx *x, const hz_result_rule *rule, const hz_finding *finding)
{
    const hz_place *at = &finding->at;
    const hz_result_source *source = hz_face_source(&x->face, at);
    if (!hz_xlsx_row(x))
        return;
    hz_xlsx_text(x, rule->rule->id);
    hz_xlsx_text(x, hz_face_severity(&x->face, finding->severity));
    put_life(x, rule->life);
    hz_xlsx_text(x, x->face.result->tables[at->table].name);
    hz_xlsx_text(x, source ? source->path : HZ_SLICE_NONE);
    if (at->line)
        hz_xlsx_count(x, at->line);
    else
        hz_xlsx_skip(x, 1);
    hz_xlsx_text(x, at->where);
    hz_xlsx_text(x, hz_face_pairs(&x->face, at->key, at->key_count));
    hz_xlsx_text(x, hz_face_message(&x->face, finding));
    hz_xlsx_text(x, hz_face_pairs(&x->face, at->fields, at->fields_count));
    hz_xlsx_shown(x, finding->has_expected, finding->expected);
    hz_xlsx_shown(x, finding->has_difference, finding->difference);
    hz_xlsx_shown(x, finding->has_repair, finding->repair);
    hz_xlsx_text(x, hz_face_places(&x->face, finding->related, finding->related_count));
    hz_xlsx_text(x, hz_face_pairs(&x->face, finding->echo, finding->echo_count));
    hz_xlsx_text(x, hz_face_title(&x->face, rule->rule));
    hz_xlsx_count(x, rule->failed);
    hz_xlsx_count(x, rule->examples_count);
}

static void put_findings_of(hz_xlsx *x, const hz_result_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rules[i].examples_count; k++)
            put_finding(x, &rules[i], &rules[i].examples[k]);
}

static void put_findings(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {
        {HZ_MSG_HTML_RULE, 20},    {HZ_MSG_HTML_SEVERITY, 10}, {HZ_MSG_XLSX_LIFE, 10},     {HZ_MSG_HTML_TABLE, 14},
        {HZ_MSG_HTML_FILE, 24},    {HZ_MSG_XLSX_LINE, 10},     {HZ_MSG_XLSX_WHERE, 24},    {HZ_MSG_FACE_KEY, 28},
        {HZ_MSG_FACE_FINDING, 60}, {HZ_MSG_FACE_VALUES, 40},   {HZ_MSG_XLSX_EXPECTED, 16}, {HZ_MSG_XLSX_DIFFERENCE, 12},
        {HZ_MSG_XLSX_REPAIR, 20},  {HZ_MSG_HTML_RELATED, 36},  {HZ_MSG_XLSX_ECHO, 24},     {HZ_MSG_FACE_TITLE, 36},
        {HZ_MSG_XLSX_OF_RULE, 14}, {HZ_MSG_XLSX_SHOWN, 12}};
    hz_xlsx_sheet(x, HZ_MSG_HTML_FINDINGS, columns, COUNT(columns));
    put_findings_of(x, x->face.result->rules, x->face.result->rules_count);
    put_findings_of(x, x->face.result->drafts, x->face.result->drafts_count);
    hz_xlsx_sheet_end(x);
}

/* ---- regions and measures ---- */

static void put_regions(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {{HZ_MSG_HTML_CODE, 16},       {HZ_MSG_HTML_REGION, 28},
                                             {HZ_MSG_HTML_LEVEL, 14},      {HZ_MSG_TEXT_TABLE_ROWS, 12},
                                             {HZ_MSG_HTML_FAILURES, 12},   {HZ_MSG_HTML_WRONG_RECORDS, 18},
                                             {HZ_MSG_HTML_SCORE_WORD, 12}, {HZ_MSG_HTML_GRADE_WORD, 10}};
    const hz_result *result = x->face.result;
    hz_xlsx_sheet(x, HZ_MSG_HTML_REGIONS, columns, COUNT(columns));
    for (size_t i = 0; i < result->regions_count; i++) {
        const hz_result_region *region = &result->regions[i];
        if (!hz_xlsx_row(x))
            continue;
        hz_xlsx_text(x, hz_slice_of(region->code));
        if (region->code[0])
            hz_xlsx_text(x, hz_face_text2(&x->face, region->name));
        else
            hz_xlsx_word(x, HZ_MSG_HTML_NO_REGION);
        put_level(x, region->level);
        hz_xlsx_count(x, region->rows);
        hz_xlsx_count(x, region->findings);
        hz_xlsx_count(x, region->records_with_errors);
        hz_xlsx_decimal(x, region->has_score, region->score);
        if (region->has_score && region->grade != UINT32_MAX)
            hz_xlsx_text(x, hz_face_grade(&x->face, region->grade));
    }
    hz_xlsx_sheet_end(x);
}

static void put_figure(hz_xlsx *x, const hz_ratio *ratio, hz_verdict verdict)
{
    hz_xlsx_decimal(x, ratio->has_value, ratio->value);
    hz_xlsx_decimal(x, ratio->has_fraction, ratio->numerator);
    hz_xlsx_decimal(x, ratio->has_fraction, ratio->denominator);
    if (verdict == HZ_VERDICT_TRUE || verdict == HZ_VERDICT_FALSE)
        hz_xlsx_word(x, verdict == HZ_VERDICT_TRUE ? HZ_MSG_HTML_HOLDS : HZ_MSG_HTML_HOLDS_NOT);
    else
        hz_xlsx_skip(x, 1);
}

static void put_measure(hz_xlsx *x, const hz_result_measure *one)
{
    if (!hz_xlsx_row(x))
        return;
    hz_xlsx_text(x, one->measure->id);
    hz_xlsx_text(x, hz_face_text2(&x->face, one->measure->title));
    hz_xlsx_text(x, one->measure->unit);
    hz_xlsx_skip(x, 2);
    put_figure(x, &one->whole, one->whole_verdict);
    hz_xlsx_word(x, outcome_word(one->outcome));
    hz_xlsx_text(x, hz_face_said(&x->face, &one->reason));
    for (size_t i = 0; i < one->regions_count; i++) {
        if (!hz_xlsx_row(x))
            continue;
        hz_xlsx_text(x, one->measure->id);
        hz_xlsx_text(x, hz_face_text2(&x->face, one->measure->title));
        hz_xlsx_text(x, one->measure->unit);
        hz_xlsx_text(x, hz_slice_of(one->regions[i].code));
        put_level(x, one->regions[i].level);
        put_figure(x, &one->regions[i].value, one->regions[i].verdict);
    }
}

static void put_measures(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {
        {HZ_MSG_HTML_INDICATOR, 24}, {HZ_MSG_FACE_TITLE, 36},       {HZ_MSG_FACE_UNIT, 10},
        {HZ_MSG_HTML_REGION, 16},    {HZ_MSG_HTML_LEVEL, 14},       {HZ_MSG_HTML_VALUE, 16},
        {HZ_MSG_XLSX_NUMERATOR, 16}, {HZ_MSG_XLSX_DENOMINATOR, 16}, {HZ_MSG_XLSX_EXPECTATION, 14},
        {HZ_MSG_HTML_OUTCOME, 14},   {HZ_MSG_HTML_WHY, 40}};
    hz_xlsx_sheet(x, HZ_MSG_TEXT_HEAD_MEASURES, columns, COUNT(columns));
    for (size_t i = 0; i < x->face.result->measures_count; i++)
        put_measure(x, &x->face.result->measures[i]);
    hz_xlsx_sheet_end(x);
}

/* ---- tables and columns ---- */

static void put_source(hz_xlsx *x, const hz_result_table *table, const hz_result_source *source)
{
    char digest[65];
    if (!hz_xlsx_row(x))
        return;
    hz_xlsx_text(x, table->name);
    hz_xlsx_text(x, hz_face_text2(&x->face, table->table->title));
    hz_xlsx_text(x, source ? source->path : HZ_SLICE_NONE);
    hz_xlsx_count(x, source ? source->rows : table->rows);
    hz_xlsx_count(x, source ? source->bad_rows : table->bad_rows);
    if (!source) {
        hz_xlsx_count(x, table->records_with_errors);
        if (!table->present)
            hz_xlsx_word(x, HZ_MSG_TEXT_TABLE_NOT_GIVEN);
        return;
    }
    hz_hex(digest, source->sha256, 32);
    hz_xlsx_skip(x, 1);
    hz_xlsx_text(x, source->format);
    hz_xlsx_text(x, source->encoding);
    hz_xlsx_count(x, source->bytes);
    hz_xlsx_text(x, hz_slice_of(digest));
}

static void put_tables(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {{HZ_MSG_HTML_TABLE, 16},          {HZ_MSG_FACE_TITLE, 24},
                                             {HZ_MSG_HTML_FILE, 32},           {HZ_MSG_TEXT_TABLE_ROWS, 12},
                                             {HZ_MSG_TEXT_TABLE_BAD_ROWS, 12}, {HZ_MSG_HTML_WRONG_RECORDS, 18},
                                             {HZ_MSG_HTML_FORMAT, 12},         {HZ_MSG_HTML_ENCODING, 12},
                                             {HZ_MSG_HTML_SIZE, 14},           {HZ_MSG_XLSX_SHA256, 66}};
    const hz_result *result = x->face.result;
    hz_xlsx_sheet(x, HZ_MSG_HTML_TABLES, columns, COUNT(columns));
    for (size_t i = 0; i < result->tables_count; i++) {
        put_source(x, &result->tables[i], NULL);
        for (size_t k = 0; k < result->tables[i].sources_count; k++)
            put_source(x, &result->tables[i], &result->tables[i].sources[k]);
    }
    hz_xlsx_sheet_end(x);
}

/* A statistic in the type of its column. */
static void put_datum(hz_xlsx *x, const hz_result_column *column, bool present, hz_slice text)
{
    hz_decimal number;
    hz_time_format iso;
    int64_t day;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    bool numeric = hz_slice_starts(column->type, HZ_SLICE_LIT("integer")) ||
                   hz_slice_starts(column->type, HZ_SLICE_LIT("decimal"));
    if (!present)
        hz_xlsx_skip(x, 1);
    else if (numeric && hz_decimal_parse(&number, text))
        hz_xlsx_decimal(x, true, number);
    else if (hz_slice_is(column->type, "date") && hz_time_parse(&day, &iso, text))
        hz_xlsx_day(x, (int32_t)day);
    else
        hz_xlsx_text(x, text);
}

static void put_top(hz_xlsx *x, const hz_result_column *column)
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
    hz_xlsx_text(x, hz_buf_slice(&all));
    hz_buf_clear(&all);
}

static void put_column(hz_xlsx *x, const hz_result_table *table, const hz_result_column *column)
{
    bool open = !column->personal && !column->absent;
    if (!hz_xlsx_row(x))
        return;
    hz_xlsx_text(x, table->name);
    hz_xlsx_text(x, column->name);
    hz_xlsx_text(x, column->field ? hz_face_text2(&x->face, column->field->title) : HZ_SLICE_NONE);
    hz_xlsx_text(x, column->type);
    hz_xlsx_count(x, column->missing);
    hz_xlsx_count(x, column->invalid);
    hz_xlsx_count(x, column->distinct);
    put_datum(x, column, open && column->has_min, column->min);
    put_datum(x, column, open && column->has_max, column->max);
    hz_decimal mean;
    bool has_mean = open && column->has_mean && hz_decimal_parse(&mean, column->mean);
    hz_xlsx_decimal(x, has_mean, has_mean ? mean : (hz_decimal){0, 0});
    if (open)
        put_top(x, column);
    else
        hz_xlsx_word(x, column->absent ? HZ_MSG_HTML_ABSENT : HZ_MSG_HTML_PERSONAL);
}

static void put_columns(hz_xlsx *x)
{
    static const hz_xlsx_column columns[] = {
        {HZ_MSG_HTML_TABLE, 16},   {HZ_MSG_HTML_COLUMN, 20},  {HZ_MSG_FACE_TITLE, 24},    {HZ_MSG_HTML_TYPE, 16},
        {HZ_MSG_HTML_MISSING, 12}, {HZ_MSG_HTML_INVALID, 12}, {HZ_MSG_HTML_DISTINCT, 12}, {HZ_MSG_XLSX_MIN, 14},
        {HZ_MSG_XLSX_MAX, 14},     {HZ_MSG_XLSX_MEAN, 16},    {HZ_MSG_HTML_SPREAD, 60}};
    const hz_result *result = x->face.result;
    hz_xlsx_sheet(x, HZ_MSG_HTML_COLUMNS, columns, COUNT(columns));
    for (size_t i = 0; i < result->tables_count; i++)
        for (size_t k = 0; k < result->tables[i].columns_count; k++)
            put_column(x, &result->tables[i], &result->tables[i].columns[k]);
    hz_xlsx_sheet_end(x);
}

/* ---- what was not checked ---- */

static void put_gap(hz_xlsx *x, hz_msg_id kind, hz_slice table, hz_slice name, hz_slice why)
{
    hz_xlsx_word(x, kind);
    hz_xlsx_text(x, table);
    hz_xlsx_text(x, name);
    hz_xlsx_text(x, why);
}

static void put_gap_rule(hz_xlsx *x, const hz_result_rule *one)
{
    bool idle = hz_stopped(one->outcome) || one->outcome == HZ_OUTCOME_NOT_APPLICABLE;
    if ((!idle && !one->undetermined) || !hz_xlsx_row(x))
        return;
    hz_msg_id why = outcome_word(idle ? one->outcome : HZ_OUTCOME_UNDETERMINED);
    put_gap(x, HZ_MSG_HTML_RULE, one->rule->table->name, one->rule->id, hz_face_word(&x->face, why));
    hz_xlsx_count(x, one->undetermined);
    hz_xlsx_text(x, hz_face_said(&x->face, &one->reason));
}

static void put_gap_columns(hz_xlsx *x, const hz_result_table *table, const hz_reads *reads)
{
    for (size_t i = 0; i < table->columns_count; i++) {
        const hz_result_column *column = &table->columns[i];
        if (hz_is_unread(column, reads) && hz_xlsx_row(x))
            put_gap(x, HZ_MSG_HTML_COLUMN, table->name, column->name, hz_face_word(&x->face, HZ_MSG_HTML_NO_RULE));
        if (table->present && column->absent && hz_xlsx_row(x))
            put_gap(x, HZ_MSG_HTML_COLUMN, table->name, column->name, hz_face_word(&x->face, HZ_MSG_HTML_ABSENT));
    }
    for (size_t i = 0; i < table->unknown_columns_count; i++)
        if (hz_xlsx_row(x))
            put_gap(x, HZ_MSG_HTML_COLUMN, table->name, table->unknown_columns[i],
                    hz_face_word(&x->face, HZ_MSG_XLSX_UNKNOWN_COLUMN));
}

static void put_gap_table(hz_xlsx *x, const hz_result_table *table)
{
    if (!table->present && hz_xlsx_row(x))
        put_gap(x, HZ_MSG_HTML_TABLE, table->name, HZ_SLICE_NONE, hz_face_word(&x->face, HZ_MSG_TEXT_TABLE_NOT_GIVEN));
    if (table->bad_rows && hz_xlsx_row(x)) {
        put_gap(x, HZ_MSG_TEXT_TABLE_ROWS, table->name, HZ_SLICE_NONE,
                hz_face_word(&x->face, HZ_MSG_TEXT_TABLE_BAD_ROWS));
        hz_xlsx_count(x, table->bad_rows);
    }
}

static void put_unchecked(hz_xlsx *x, const hz_reads *reads)
{
    static const hz_xlsx_column columns[] = {{HZ_MSG_XLSX_KIND, 12}, {HZ_MSG_HTML_TABLE, 16}, {HZ_MSG_XLSX_ITEM, 32},
                                             {HZ_MSG_HTML_WHY, 24},  {HZ_MSG_XLSX_COUNT, 12}, {HZ_MSG_XLSX_NOTE, 60}};
    const hz_result *result = x->face.result;
    hz_xlsx_sheet(x, HZ_MSG_TEXT_HEAD_UNCHECKED, columns, COUNT(columns));
    for (size_t i = 0; i < result->tables_count; i++)
        put_gap_table(x, &result->tables[i]);
    for (size_t i = 0; i < result->rules_count; i++)
        put_gap_rule(x, &result->rules[i]);
    for (size_t i = 0; i < result->measures_count; i++) {
        const hz_result_measure *one = &result->measures[i];
        if (!hz_stopped(one->outcome) || !hz_xlsx_row(x))
            continue;
        put_gap(x, HZ_MSG_HTML_INDICATOR, one->measure->table->name, one->measure->id,
                hz_face_word(&x->face, outcome_word(one->outcome)));
        hz_xlsx_skip(x, 1);
        hz_xlsx_text(x, hz_face_said(&x->face, &one->reason));
    }
    for (size_t i = 0; i < result->tables_count; i++)
        put_gap_columns(x, &result->tables[i], reads);
    for (size_t i = 0; i < result->ignored_count; i++)
        if (hz_xlsx_row(x))
            put_gap(x, HZ_MSG_HTML_FILE, HZ_SLICE_NONE, result->ignored[i],
                    hz_face_word(&x->face, HZ_MSG_XLSX_NO_TABLE));
    hz_xlsx_sheet_end(x);
}

hz_status hz_render_xlsx(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    hz_xlsx x;
    hz_reads reads;
    HZ_TRY(hz_reads_of(&reads, result, err));
    hz_status st = hz_xlsx_begin(&x, out, result, options, err);
    if (st == HZ_OK) {
        put_summary(&x);
        put_causes(&x);
        put_rules(&x);
        put_findings(&x);
        put_regions(&x);
        put_measures(&x);
        put_tables(&x);
        put_columns(&x);
        put_unchecked(&x, &reads);
        st = hz_xlsx_end(&x, err);
    }
    hz_reads_clear(&reads);
    return st;
}
#else
hz_status hz_render_xlsx(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    (void)out;
    (void)result;
    (void)options;
    return hz_fail(err, HZ_E_USAGE, HZ_M(FORMAT_ABSENT), HZ_Z("xlsx"), HZ_Z("xlsxwriter"));
}
#endif
