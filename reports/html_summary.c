/* html_summary.c: what the page says where scripts do not run: verdict, why, dimensions, failed rules. */
#include "reports/asks.h"
#include "reports/html_int.h"
#include "reports/text_int.h"

typedef struct summary {
    hz_buf *out;
    hz_buf text; /* a message before it is escaped */
    hz_lang lang;
} summary;

static void put(summary *s, const char *open, hz_slice text, const char *close)
{
    hz_buf_puts(s->out, open);
    hz_html_escape(s->out, text);
    hz_buf_puts(s->out, close);
}

static hz_slice say(summary *s, hz_msg_id id, const hz_slice *args, size_t count)
{
    hz_buf_reset(&s->text);
    hz_msg_render(&s->text, id, args, count, s->lang);
    if (s->text.status != HZ_OK && s->out->status == HZ_OK)
        s->out->status = s->text.status;
    return hz_buf_slice(&s->text);
}

static hz_slice word(summary *s, hz_msg_id id)
{
    return hz_slice_of(hz_msg_text(id, s->lang));
}

static void put_item(summary *s, hz_msg_id id, uint64_t count)
{
    hz_digits digits = hz_text_count(count);
    const hz_slice arg = HZ_DIGITS(digits);
    if (count)
        put(s, "<li>", say(s, id, &arg, 1), "</li>\n");
}

static void put_why(summary *s, const hz_result *result)
{
    hz_html_why why = hz_html_why_of(result);
    if (!(why.rules | why.skipped | why.measures | why.tables))
        return;
    hz_buf_puts(s->out, "<ul>\n");
    for (size_t i = 0; i < result->tables_count; i++) {
        const hz_table *table = result->tables[i].table;
        if (!result->tables[i].present && !table->external && !table->optional)
            put(s, "<li>", say(s, HZ_MSG_TEXT_WHY_TABLE, &table->name, 1), "</li>\n");
    }
    put_item(s, HZ_MSG_TEXT_WHY_RULES, why.rules);
    put_item(s, HZ_MSG_TEXT_WHY_SKIPPED, why.skipped);
    put_item(s, HZ_MSG_TEXT_WHY_MEASURES, why.measures);
    hz_buf_puts(s->out, "</ul>\n");
}

static void put_rules(summary *s, const hz_result *result)
{
    hz_buf_puts(s->out, "<table>\n");
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        if (!rule->failed)
            continue;
        hz_digits failed = hz_text_count(rule->failed), evaluated = hz_text_count(rule->evaluated);
        put(s, "<tr><th scope=\"row\">", rule->rule->id, "</th><td>");
        hz_html_escape(s->out, hz_text2_pick(rule->rule->title, s->lang, HZ_SLICE_NONE));
        put(s, "</td><td>", HZ_DIGITS(failed), "");
        put(s, " / ", HZ_DIGITS(evaluated), "</td></tr>\n");
    }
    hz_buf_puts(s->out, "</table>\n");
}

/* The profiles that this one extends. */
static void put_others(summary *s, const hz_result *result)
{
    for (size_t i = 0; i + 1 < result->verdicts_count; i++) {
        const hz_result_verdict *verdict = &result->verdicts[i];
        const hz_slice grade = verdict->profile->grading.grades[verdict->grade].grade;
        put(s, "<p>", verdict->profile->id, " ");
        hz_html_escape(s->out, verdict->profile->version);
        put(s, " · ", word(s, verdict->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT), "");
        put(s, " · ", say(s, HZ_MSG_TEXT_GRADE, &grade, 1), "</p>\n");
    }
}

/* What each gate asks of the submitter. */
static void put_asks(summary *s, const hz_result *result)
{
    hz_asks asks[HZ_GATE_COUNT];
    hz_asks_of(asks, result);
    for (size_t i = 0; i < HZ_GATE_COUNT; i++) {
        hz_buf_reset(&s->text);
        hz_put_gate_asks(&s->text, (hz_gate)i, &asks[i], s->lang);
        if (s->text.len)
            put(s, "<p>", hz_buf_slice(&s->text), "</p>\n");
    }
}

void hz_html_put_summary(hz_buf *out, const hz_result *result, const hz_render_options *options)
{
    summary s = {.out = out, .text = HZ_BUF_INIT, .lang = options->lang};
    const hz_grade_level *level = &result->profile->grading.grades[result->grade];
    hz_digits wrong = hz_text_count(result->records_with_errors), all = hz_text_count(result->records),
              rate = hz_text_percent(result->error_rate), score = hz_text_score(result->score);
    const hz_slice grade[] = {level->grade}, records[] = {HZ_DIGITS(wrong), HZ_DIGITS(all), HZ_DIGITS(rate)},
                   points[] = {HZ_DIGITS(score)};
    put(&s, "\n<h1>", hz_text2_pick(result->profile->title, s.lang, result->profile->id), "</h1>\n");
    put(&s, "<p>", word(&s, HZ_MSG_HTML_NO_SCRIPT), "</p>\n");
    put(&s, "<p><strong>", word(&s, result->conformant ? HZ_MSG_TEXT_CONFORMANT : HZ_MSG_TEXT_NOT_CONFORMANT),
        "</strong>");
    put(&s, " · ", say(&s, HZ_MSG_TEXT_GRADE, grade, 1), " ");
    hz_html_escape(out, hz_text2_pick(level->title, s.lang, HZ_SLICE_NONE));
    put(&s, " · ", result->has_score ? say(&s, HZ_MSG_TEXT_SCORE, points, 1) : word(&s, HZ_MSG_TEXT_NO_SCORE), "");
    put(&s, " · ", say(&s, HZ_MSG_TEXT_ERROR_RATE, records, 3), "</p>\n");
    put_others(&s, result);
    if (result->incomplete)
        put(&s, "<p>", word(&s, HZ_MSG_TEXT_INCOMPLETE), "</p>\n");
    if (!result->certifying)
        put(&s, "<p>", word(&s, HZ_MSG_TEXT_NOT_CERTIFYING), "</p>\n");
    if (options->reveal)
        put(&s, "<p>", word(&s, HZ_MSG_TEXT_REVEALED), "</p>\n");
    put_asks(&s, result);
    put_why(&s, result);
    put_rules(&s, result);
    hz_buf_clear(&s.text);
}
