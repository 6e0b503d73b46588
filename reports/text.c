/* text.c: the report for people at a terminal: verdict, why, what would lift it, dimensions and tables. text_rules.c
 * and text_aside.c have the rest. */
#include "base/calendar.h"
#include "reports/asks.h"
#include "reports/grade_int.h"
#include "reports/render_int.h"
#include "reports/text_int.h"

enum { BAR_CELLS = 30, WIDTH = 100, WIDTH_MIN = 40, RULES_MAX = 10, FINDINGS_MAX = 10, TREND_SHOWN = 4 };

static hz_slice title_of(const hz_text_out *t, hz_text2 title)
{
    return hz_text2_pick(title, t->lang, HZ_SLICE_NONE);
}

static void gap(hz_text_out *t)
{
    hz_text_puts(t, "   ");
}

/* ---- verdict ---- */

static void put_earned(hz_text_out *t, const hz_result_verdict *result)
{
    const hz_grade_level *level = &result->profile->grading.grades[result->grade];
    HZ_PART(t, GRADE, level->grade);
    if (title_of(t, level->title).len) {
        hz_text_puts(t, " ");
        hz_text_put_rest(t, title_of(t, level->title));
    }
    if (result->has_score) {
        hz_digits score = hz_text_score(result->score);
        HZ_PART(t, SCORE, HZ_DIGITS(score));
    } else {
        HZ_PART(t, NO_SCORE, HZ_SLICE_NONE);
    }
    hz_text_ink(t, HZ_INK_PLAIN);
    if (result->records) {
        hz_digits wrong = hz_text_count(result->records_with_errors), all = hz_text_count(result->records),
                  rate = hz_text_percent(result->error_rate);
        HZ_PART(t, ERROR_RATE, HZ_DIGITS(wrong), HZ_DIGITS(all), HZ_DIGITS(rate));
    } else {
        HZ_PART(t, NO_RECORDS, HZ_SLICE_NONE);
    }
    hz_text_line(t);
}

static void put_grade(hz_text_out *t)
{
    hz_result_verdict own;
    hz_result_own_verdict(&own, t->result);
    hz_text_ink(t, own.conformant ? HZ_INK_GREEN : HZ_INK_RED);
    hz_text_puts(t, own.conformant ? "✓ " : "✗ ");
    hz_text_put(t, hz_text_word(t, own.conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT));
    hz_text_ink(t, HZ_INK_BOLD);
    put_earned(t, &own);
}

/* What the profiles say that this one extends, a line each. */
static void put_others(hz_text_out *t)
{
    for (size_t i = 0; i + 1 < t->result->verdicts_count; i++) {
        const hz_result_verdict *verdict = &t->result->verdicts[i];
        hz_msg_id word = verdict->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT;
        hz_text_puts(t, "  ");
        hz_text_ink(t, verdict->conformant ? HZ_INK_GREEN : HZ_INK_RED);
        hz_text_puts(t, verdict->conformant ? "✓ " : "✗ ");
        hz_text_put(t, verdict->profile->id);
        hz_text_puts(t, " ");
        hz_text_put_rest(t, verdict->profile->version);
        hz_text_part(t, hz_text_word(t, word));
        hz_text_ink(t, HZ_INK_PLAIN);
        put_earned(t, verdict);
    }
}

static void put_identity(hz_text_out *t)
{
    const hz_result *result = t->result;
    const hz_profile *profile = result->profile;
    hz_text_puts(t, "  ");
    if (title_of(t, profile->title).len)
        hz_text_part(t, title_of(t, profile->title));
    hz_text_part(t, profile->id);
    hz_text_puts(t, " ");
    hz_text_put_rest(t, profile->version);
    if (profile->draft)
        HZ_PART(t, PROFILE_DRAFT, HZ_SLICE_NONE);
    if (result->has_as_of) {
        hz_buf day = HZ_BUF_INIT;
        hz_date_put(&day, result->as_of);
        hz_text_check(t, &day);
        HZ_PART(t, AS_OF, hz_buf_slice(&day));
        hz_buf_clear(&day);
    }
    if (result->mapping)
        HZ_PART(t, MAPPING, result->mapping->path);
    if (result->manifest)
        HZ_PART(t, MANIFEST, result->manifest->path);
    hz_text_line(t);
}

static void put_flag(hz_text_out *t, bool set, hz_ink ink, hz_msg_id id)
{
    if (!set)
        return;
    hz_text_ink(t, ink);
    hz_text_puts(t, "! ");
    hz_text_put_rest(t, hz_text_word(t, id));
    hz_text_line(t);
}

/* ---- why ---- */

static void put_why_count(hz_text_out *t, hz_msg_id id, uint64_t count)
{
    hz_digits digits = hz_text_count(count);
    hz_slice arg = HZ_DIGITS(digits);
    if (!count)
        return;
    hz_text_puts(t, "  - ");
    hz_text_message_rest(t, id, &arg, 1);
    hz_text_line(t);
}

static void put_why(hz_text_out *t)
{
    const hz_result *result = t->result;
    uint64_t failed = 0, skipped = 0, measures = 0;
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        failed += rule->outcome == HZ_OUTCOME_FAILED && rule->severity <= HZ_SEVERITY_ERROR;
        skipped += (rule->outcome == HZ_OUTCOME_SKIPPED || rule->outcome == HZ_OUTCOME_ERROR) &&
                   rule->rule->if_skipped == HZ_SKIP_FAIL;
    }
    for (size_t i = 0; i < result->measures_count; i++) {
        const hz_result_measure *measure = &result->measures[i];
        bool active = hz_is_active(measure->measure->status);
        measures += active && measure->outcome == HZ_OUTCOME_FAILED && measure->measure->severity <= HZ_SEVERITY_ERROR;
        skipped += active && measure->outcome == HZ_OUTCOME_SKIPPED && measure->measure->if_skipped == HZ_SKIP_FAIL;
    }
    for (size_t i = 0; i < result->tables_count; i++) {
        const hz_table *table = result->tables[i].table;
        if (result->tables[i].present || table->external || table->optional)
            continue;
        hz_text_puts(t, "  - ");
        HZ_SAY_REST(t, WHY_TABLE, table->name);
        hz_text_line(t);
    }
    put_why_count(t, HZ_MSG_TEXT_WHY_RULES, failed);
    put_why_count(t, HZ_MSG_TEXT_WHY_SKIPPED, skipped);
    put_why_count(t, HZ_MSG_TEXT_WHY_MEASURES, measures);
}

/* What each gate asks of the submitter, a line a gate that asks anything. */
static void put_asks(hz_text_out *t)
{
    hz_asks asks[HZ_GATE_COUNT];
    hz_buf text = HZ_BUF_INIT;
    hz_asks_of(asks, t->result);
    hz_text_ink(t, HZ_INK_PLAIN);
    for (size_t i = 0; i < HZ_GATE_COUNT; i++) {
        hz_buf_reset(&text);
        hz_put_gate_asks(&text, (hz_gate)i, &asks[i], t->lang);
        hz_text_check(t, &text);
        if (!text.len)
            continue;
        hz_text_puts(t, "    ");
        hz_text_put_rest(t, hz_buf_slice(&text));
        hz_text_line(t);
    }
    hz_buf_clear(&text);
}

/* Failed gates first, then in the order of the climb. */
static void put_gates(hz_text_out *t)
{
    static const hz_gate_state order[] = {HZ_GATE_FAILED, HZ_GATE_PASSED, HZ_GATE_NOT_RUN};
    static const char *const marks[] = {"✓ ", "✗ ", "– "};
    static const hz_ink inks[] = {HZ_INK_GREEN, HZ_INK_RED, HZ_INK_DIM};
    hz_text_ink(t, HZ_INK_BOLD);
    HZ_SAY(t, HEAD_GATES, HZ_SLICE_NONE);
    for (size_t i = 0; i < 3; i++) {
        for (size_t gate = 0; gate < HZ_GATE_COUNT; gate++) {
            if (t->result->gates[gate] != order[i])
                continue;
            hz_text_ink(t, HZ_INK_PLAIN);
            if (t->cells + 15 + hz_text_width(t, hz_text_word(t, hz_gate_word((hz_gate)gate))) > t->width) {
                hz_text_line(t);
                hz_text_puts(t, "  ");
            } else {
                gap(t);
            }
            hz_text_ink(t, inks[order[i]]);
            hz_text_puts(t, marks[order[i]]);
            hz_text_put(t, hz_text_word(t, hz_gate_word((hz_gate)gate)));
            if (order[i] == HZ_GATE_NOT_RUN) {
                hz_text_puts(t, " ");
                HZ_SAY(t, GATE_NOT_RUN, HZ_SLICE_NONE);
            }
        }
    }
    hz_text_line(t);
    put_asks(t);
}

/* ---- dimensions ---- */

static hz_ink score_ink(const hz_text_out *t, hz_decimal score)
{
    const hz_grading *grading = &t->result->profile->grading;
    hz_ink ink = HZ_INK_RED;
    bool first = true;
    for (size_t i = 0; i < grading->grades_count; i++) {
        if (!grading->grades[i].has_min_score)
            continue;
        if (hz_decimal_cmp(score, grading->grades[i].min_score) >= 0)
            return first ? HZ_INK_GREEN : HZ_INK_YELLOW;
        first = false;
    }
    return first ? HZ_INK_GREEN : ink;
}

static int bar_cells(const hz_text_out *t)
{
    return t->width < 80 ? BAR_CELLS / 3 : BAR_CELLS;
}

/* Rounded down, so that only a full score fills it. */
static void put_bar(hz_text_out *t, hz_decimal score)
{
    int cells = bar_cells(t);
    hz_int128 filled = score.coef * cells / 100000000;
    hz_text_ink(t, score_ink(t, score));
    for (int i = 0; i < cells; i++) {
        if (i == filled)
            hz_text_ink(t, HZ_INK_DIM);
        hz_text_puts(t, i < filled ? "█" : "░");
    }
    hz_text_ink(t, HZ_INK_PLAIN);
}

static void put_dimensions(hz_text_out *t)
{
    static const hz_msg_id names[HZ_DIM_COUNT] = {HZ_MSG_TEXT_DIM_NORMATIVITY, HZ_MSG_TEXT_DIM_COMPLETENESS,
                                                  HZ_MSG_TEXT_DIM_ACCURACY,    HZ_MSG_TEXT_DIM_CONSISTENCY,
                                                  HZ_MSG_TEXT_DIM_TIMELINESS,  HZ_MSG_TEXT_DIM_ACCESSIBILITY};
    size_t name_end = 2, score_end;
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        size_t end = 2 + hz_text_width(t, hz_text_word(t, names[i]));
        if (t->result->dimensions[i].rules && end > name_end)
            name_end = end;
    }
    if (name_end == 2)
        return;
    score_end = name_end + 9;
    HZ_HEADING(t, HEAD_DIMENSIONS, HZ_SLICE_NONE);
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        const hz_result_dimension *dimension = &t->result->dimensions[i];
        hz_digits rules = hz_text_count(dimension->rules), failed = hz_text_count(dimension->failed_rules);
        if (!dimension->rules)
            continue;
        hz_text_puts(t, "  ");
        hz_text_put(t, hz_text_word(t, names[i]));
        hz_digits score = hz_text_score(dimension->score);
        hz_text_put_right(t, dimension->has_score ? HZ_DIGITS(score) : HZ_SLICE_LIT("–"), score_end);
        hz_text_puts(t, "  ");
        if (dimension->has_score)
            put_bar(t, dimension->score);
        hz_text_to(t, score_end + 2 + (size_t)bar_cells(t) + 2);
        HZ_SAY_REST(t, DIM_RULES, HZ_DIGITS(rules), HZ_DIGITS(failed));
        hz_text_line(t);
    }
}

/* ---- next grade ---- */

static void put_next_score(hz_text_out *t, const hz_next_grade *next, const hz_grade_level *level)
{
    hz_digits then = hz_text_score(next->score_then), wanted = hz_text_figure(level->min_score);
    if (!level->has_min_score || (t->result->has_score && hz_decimal_cmp(t->result->score, level->min_score) >= 0))
        return;
    hz_text_puts(t, "  - ");
    if (!t->result->has_score)
        HZ_SAY_REST(t, NEXT_NO_SCORE, HZ_DIGITS(wanted));
    else if (next->reachable)
        HZ_SAY_REST(t, NEXT_SCORE, HZ_DIGITS(then), HZ_DIGITS(wanted));
    else
        HZ_SAY_REST(t, NEXT_SCORE_SHORT, HZ_DIGITS(then), HZ_DIGITS(wanted));
    hz_text_line(t);
}

static void put_next_rates(hz_text_out *t, const hz_next_grade *next, const hz_grade_level *level)
{
    if (next->has_error_rate && hz_decimal_cmp(t->result->error_rate, next->error_rate) > 0) {
        hz_digits wanted = hz_text_percent(next->error_rate), now = hz_text_percent(t->result->error_rate);
        hz_text_puts(t, "  - ");
        HZ_SAY_REST(t, NEXT_ERROR_RATE, HZ_DIGITS(wanted), HZ_DIGITS(now));
        hz_text_line(t);
    }
    for (size_t i = 0; i < level->table_rates_count; i++) {
        for (size_t k = 0; k < t->result->tables_count; k++) {
            const hz_result_table *table = &t->result->tables[k];
            hz_decimal rate = hz_share6(table->records_with_errors + table->bad_rows, table->rows + table->bad_rows);
            if (table->table != level->table_rates[i].table || hz_decimal_cmp(rate, level->table_rates[i].rate) <= 0)
                continue;
            hz_digits wanted = hz_text_percent(level->table_rates[i].rate), now = hz_text_percent(rate);
            hz_text_puts(t, "  - ");
            HZ_SAY_REST(t, NEXT_TABLE_RATE, HZ_DIGITS(wanted), HZ_DIGITS(now), table->table->name);
            hz_text_line(t);
        }
    }
}

static void put_next_rules(hz_text_out *t, const hz_next_grade *next)
{
    const hz_result *result = t->result;
    hz_roll names = {HZ_BUF_INIT, 0};
    if (!next->rules_count)
        return;
    hz_text_puts(t, "  - ");
    hz_text_put(t, hz_text_word(t, HZ_MSG_TEXT_NEXT_MEND));
    hz_text_put(t, t->lang == HZ_LANG_EN ? HZ_SLICE_LIT(": ") : HZ_SLICE_LIT("："));
    for (size_t i = 0; i < next->rules_count; i++)
        hz_roll_add(&names, t, result->rules[next->rules[i]].rule->id,
                    t->width > t->cells + 8 ? t->width - t->cells - 8 : 0);
    hz_text_put_rest(t, hz_roll_done(&names, t));
    hz_buf_clear(&names.text);
    hz_text_line(t);
}

static void put_next(hz_text_out *t)
{
    const hz_next_grade *next = &t->result->next;
    if (!next->present)
        return;
    const hz_grade_level *level = &t->result->profile->grading.grades[next->level];
    HZ_HEADING(t, HEAD_NEXT, level->grade);
    put_next_rules(t, next);
    put_next_score(t, next, level);
    put_next_rates(t, next, level);
}

/* ---- tables ---- */

typedef struct table_ends {
    size_t name, rows, bad, errors;
} table_ends;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static table_ends table_columns(hz_text_out *t)
{
    size_t name = hz_text_width(t, hz_text_word(t, HZ_MSG_TEXT_HEAD_TABLES)),
           rows = hz_text_width(t, hz_text_word(t, HZ_MSG_TEXT_TABLE_ROWS));
    size_t bad = hz_text_width(t, hz_text_word(t, HZ_MSG_TEXT_TABLE_BAD_ROWS)),
           errors = hz_text_width(t, hz_text_word(t, HZ_MSG_TEXT_TABLE_ERRORS));
    for (size_t i = 0; i < t->result->tables_count; i++) {
        const hz_result_table *table = &t->result->tables[i];
        name = larger(name, hz_text_width(t, table->table->name) + 2);
        rows = larger(rows, hz_text_count(table->rows).len);
        bad = larger(bad, hz_text_count(table->bad_rows).len);
        errors = larger(errors, hz_text_count(table->records_with_errors).len);
    }
    name = name < 34 ? name : 34;
    table_ends ends = {name, name + 2 + rows, 0, 0};
    ends.bad = ends.rows + 2 + bad;
    ends.errors = ends.bad + 2 + errors;
    return ends;
}

static void put_sources(hz_text_out *t, const hz_result_table *table)
{
    hz_roll names = {HZ_BUF_INIT, 0};
    for (size_t i = 0; i < table->sources_count; i++)
        hz_roll_add(&names, t, table->sources[i].path, t->width > t->cells + 6 ? t->width - t->cells - 6 : 0);
    hz_text_put_rest(t, hz_roll_done(&names, t));
    hz_buf_clear(&names.text);
}

static void put_table(hz_text_out *t, const hz_result_table *table, table_ends ends)
{
    hz_digits rows = hz_text_count(table->rows), bad = hz_text_count(table->bad_rows),
              errors = hz_text_count(table->records_with_errors);
    hz_text_puts(t, "  ");
    hz_text_put_fit(t, table->table->name, ends.name - 2);
    if (!table->present) {
        bool required = !table->table->external && !table->table->optional;
        hz_text_ink(t, required ? HZ_INK_RED : HZ_INK_DIM);
        hz_text_to(t, ends.name + 2);
        hz_text_put(t, hz_text_word(t, required ? HZ_MSG_TEXT_TABLE_MISSING : HZ_MSG_TEXT_TABLE_NOT_GIVEN));
        hz_text_line(t);
        return;
    }
    hz_text_put_right(t, HZ_DIGITS(rows), ends.rows);
    hz_text_ink(t, table->bad_rows ? HZ_INK_RED : HZ_INK_PLAIN);
    hz_text_put_right(t, HZ_DIGITS(bad), ends.bad);
    hz_text_ink(t, table->records_with_errors ? HZ_INK_RED : HZ_INK_PLAIN);
    hz_text_put_right(t, HZ_DIGITS(errors), ends.errors);
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_text_puts(t, "  ");
    put_sources(t, table);
    hz_text_line(t);
}

static void put_tables(hz_text_out *t)
{
    table_ends ends = table_columns(t);
    if (!t->result->tables_count)
        return;
    hz_text_line(t);
    hz_text_ink(t, HZ_INK_BOLD);
    hz_text_put(t, hz_text_word(t, HZ_MSG_TEXT_HEAD_TABLES));
    hz_text_ink(t, HZ_INK_DIM);
    hz_text_put_right(t, hz_text_word(t, HZ_MSG_TEXT_TABLE_ROWS), ends.rows);
    hz_text_put_right(t, hz_text_word(t, HZ_MSG_TEXT_TABLE_BAD_ROWS), ends.bad);
    hz_text_put_right(t, hz_text_word(t, HZ_MSG_TEXT_TABLE_ERRORS), ends.errors);
    hz_text_puts(t, "  ");
    hz_text_put(t, hz_text_word(t, HZ_MSG_TEXT_TABLE_FILES));
    hz_text_line(t);
    for (size_t i = 0; i < t->result->tables_count; i++)
        put_table(t, &t->result->tables[i], ends);
}

static void put_acknowledged(hz_text_out *t)
{
    const hz_result_acknowledged *acknowledged = t->result->acknowledged;
    if (!acknowledged)
        return;
    hz_digits taken = hz_text_count(acknowledged->taken), refused = hz_text_count(acknowledged->refused),
              unused = hz_text_count(acknowledged->unused), open = hz_text_count(acknowledged->open),
              lapsed = hz_text_count(acknowledged->lapsed);
    HZ_SAY(t, ACKNOWLEDGED, HZ_DIGITS(taken), HZ_DIGITS(refused), HZ_DIGITS(unused), HZ_DIGITS(open),
           HZ_DIGITS(lapsed));
    hz_text_line(t);
}

/* Progress since the baseline, in one line; capped rules are only compared in what is kept of them. */
static void put_baseline(hz_text_out *t)
{
    const hz_result_baseline *baseline = t->result->baseline;
    if (!baseline)
        return;
    hz_digits fresh = hz_text_count(baseline->fresh), persisting = hz_text_count(baseline->persisting),
              fixed = hz_text_count(baseline->fixed), unknown = hz_text_count(baseline->unknown);
    hz_text_ink(t, baseline->grown ? HZ_INK_RED : HZ_INK_PLAIN);
    HZ_SAY(t, BASELINE, HZ_DIGITS(fresh), HZ_DIGITS(persisting), HZ_DIGITS(fixed), HZ_DIGITS(unknown));
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_text_line(t);
    put_flag(t, baseline->capped, HZ_INK_YELLOW, HZ_MSG_TEXT_BASELINE_CAPPED);
}

/* The last results and this one, in one line. */
static void put_trend(hz_text_out *t)
{
    const hz_result_trend *trend = t->result->trend;
    hz_buf text = HZ_BUF_INIT;
    if (!trend)
        return;
    size_t first = trend->points_count > TREND_SHOWN ? trend->points_count - TREND_SHOWN : 0;
    hz_digits count = hz_text_count(trend->points_count), score = hz_text_score(t->result->score);
    for (size_t i = first; i < trend->points_count; i++) {
        const hz_trend_point *point = &trend->points[i];
        hz_digits then = hz_text_score(point->score);
        if (point->has_as_of) {
            hz_date_put(&text, point->as_of);
            hz_buf_putc(&text, ' ');
        }
        hz_buf_put(&text, point->grade);
        hz_buf_putc(&text, ' ');
        hz_buf_put(&text, point->has_score ? HZ_DIGITS(then) : HZ_SLICE_LIT("–"));
        hz_buf_puts(&text, " → ");
    }
    hz_buf_put(&text, t->result->profile->grading.grades[t->result->grade].grade);
    hz_buf_putc(&text, ' ');
    hz_buf_put(&text, t->result->has_score ? HZ_DIGITS(score) : HZ_SLICE_LIT("–"));
    hz_text_check(t, &text);
    HZ_SAY_REST(t, TREND, HZ_DIGITS(count), hz_buf_slice(&text));
    hz_text_line(t);
    hz_buf_clear(&text);
}

hz_status hz_render_text(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    hz_text_out t = {.out = out,
                     .result = result,
                     .options = options,
                     .lang = options->lang,
                     .scratch = HZ_BUF_INIT,
                     .safe = HZ_BUF_INIT};
    t.width = options->width ? options->width : WIDTH;
    t.width = t.width < WIDTH_MIN ? WIDTH_MIN : t.width;
    t.rules_max = options->text_rules_max ? options->text_rules_max : RULES_MAX;
    t.findings_max = options->text_findings_max ? options->text_findings_max : FINDINGS_MAX;
    put_grade(&t);
    put_identity(&t);
    put_others(&t);
    put_acknowledged(&t);
    put_baseline(&t);
    put_trend(&t);
    put_flag(&t, result->incomplete, HZ_INK_RED, HZ_MSG_TEXT_INCOMPLETE);
    put_flag(&t, !result->certifying, HZ_INK_YELLOW, HZ_MSG_TEXT_NOT_CERTIFYING);
    put_flag(&t, options->reveal, HZ_INK_YELLOW, HZ_MSG_TEXT_REVEALED);
    hz_text_line(&t);
    put_gates(&t);
    put_why(&t);
    put_next(&t);
    hz_text_causes(&t);
    put_dimensions(&t);
    put_tables(&t);
    hz_status st = hz_text_rules(&t, err);
    if (st == HZ_OK)
        st = hz_text_aside(&t, err);
    hz_buf_clear(&t.scratch);
    hz_buf_clear(&t.safe);
    return st == HZ_OK ? hz_buf_status(out, err) : st;
}
