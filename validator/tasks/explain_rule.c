#include "validator/tasks/explain_rule.h"

#include "base/diag.h"
#include "base/utf8.h"
#include "reports/words.h"
#include "validator/tasks/lint.h"
#include "validator/tasks/reads.h"

typedef struct page {
    hz_buf *out;
    const hz_profile *profile;
    hz_lang lang;
    hz_buf line; /* the value of a line before it is made safe */
} page;

static void put_line(page *p, hz_msg_id label, hz_slice value)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, value);
    const hz_slice args[] = {hz_slice_of(hz_msg_text(label, p->lang)), hz_buf_slice(&safe)};
    if (value.len) {
        hz_buf_puts(p->out, "  ");
        hz_msg_render(p->out, HZ_MSG_EXPLAIN_LABEL, args, 2, p->lang);
        hz_buf_putc(p->out, '\n');
    }
    if (safe.status != HZ_OK && p->out->status == HZ_OK)
        p->out->status = safe.status;
    hz_buf_clear(&safe);
}

/* The line gathered in p->line. */
static void end_line(page *p, hz_msg_id label)
{
    put_line(p, label, hz_buf_slice(&p->line));
    p->line.len = 0;
}

static void add(page *p, const char *gap, hz_slice text)
{
    if (!text.len)
        return;
    hz_buf_puts(&p->line, p->line.len ? gap : "");
    hz_buf_put(&p->line, text);
}

static void add_message(page *p, const char *gap, hz_msg_id id, const hz_slice *args, size_t count)
{
    hz_buf_puts(&p->line, p->line.len ? gap : "");
    hz_msg_render(&p->line, id, args, count, p->lang);
}

static hz_slice picked(const page *p, hz_text2 text)
{
    return hz_text2_pick(text, p->lang, HZ_SLICE_NONE);
}

/* ---- parts ---- */

static void put_title(page *p, const hz_rule *rule)
{
    hz_utf8_put_safe(p->out, rule->id);
    hz_buf_puts(p->out, picked(p, rule->title).len ? "  " : "");
    hz_utf8_put_safe(p->out, picked(p, rule->title));
    hz_buf_putc(p->out, '\n');
}

static void put_class(page *p, const hz_rule *rule)
{
    add(p, " · ", hz_slice_of(hz_severity_name(rule->severity)));
    add(p, " · ", hz_slice_of(hz_dimension_name(rule->dimension)));
    add(p, " · ", hz_slice_of(hz_gate_name(rule->gate)));
    add(p, " · ", rule->indicator);
    end_line(p, HZ_MSG_EXPLAIN_CLASS);
}

static void put_tolerance(page *p, const hz_rule *rule)
{
    hz_buf number = HZ_BUF_INIT;
    if (rule->tolerance.has_rate) {
        hz_decimal_put(&number, rule->tolerance.rate);
        const hz_slice rate = hz_buf_slice(&number);
        add_message(p, "; ", HZ_MSG_EXPLAIN_RATE, &rate, 1);
        number.len = 0;
    }
    if (rule->tolerance.has_count) {
        hz_buf_put_i64(&number, rule->tolerance.count);
        const hz_slice times = hz_buf_slice(&number);
        add_message(p, "; ", HZ_MSG_EXPLAIN_TIMES, &times, 1);
    }
    hz_buf_clear(&number);
    end_line(p, HZ_MSG_EXPLAIN_TOLERANCE);
}

static void put_clause(page *p, const hz_rule *rule)
{
    add(p, " ", rule->clause.standard);
    add(p, " ", rule->clause.edition);
    add(p, " ", rule->clause.section);
    add(p, " ", rule->clause.url);
    add(p, "; ", rule->source);
    end_line(p, HZ_MSG_DOC_SOURCE);
}

static void put_day(hz_buf *out, int32_t day)
{
    if (day == INT32_MIN || day == INT32_MAX)
        hz_buf_puts(out, "..");
    else
        hz_date_put(out, day);
}

static void put_history(page *p, const hz_rule *rule)
{
    hz_buf from = HZ_BUF_INIT, to = HZ_BUF_INIT, life = HZ_BUF_INIT;
    put_day(&from, rule->effective);
    put_day(&to, rule->until);
    const hz_slice args[] = {hz_slice_of(hz_life_name(rule->status)), hz_buf_slice(&from), hz_buf_slice(&to)};
    if (rule->effective == INT32_MIN && rule->until == INT32_MAX)
        hz_buf_put(&life, args[0]);
    else
        hz_msg_render(&life, HZ_MSG_EXPLAIN_TO_LIFE, args, 3, p->lang);
    const hz_slice since[] = {hz_buf_slice(&life), rule->since};
    if (rule->since.len)
        add_message(p, "", HZ_MSG_EXPLAIN_VERSION, since, 2);
    else
        add(p, "", since[0]);
    hz_buf_clear(&from);
    hz_buf_clear(&to);
    hz_buf_clear(&life);
    end_line(p, HZ_MSG_EXPLAIN_SINCE);
}

static void put_cost(page *p, const hz_rule *rule)
{
    static const hz_msg_id costs[HZ_COST_COUNT] = {HZ_MSG_EXPLAIN_COST_ROW, HZ_MSG_EXPLAIN_COST_KEY,
                                                   HZ_MSG_EXPLAIN_COST_PAIRWISE};
    add_message(p, "", costs[hz_cost_of_rule(rule)], NULL, 0);
    end_line(p, HZ_MSG_EXPLAIN_COST);
}

/* ---- what it reads ---- */

static void add_field(page *p, const hz_table *table, const hz_field *field)
{
    hz_slice title = picked(p, field->title);
    add(p, p->lang == HZ_LANG_ZH ? "、" : ", ", table->name);
    hz_buf_putc(&p->line, '.');
    hz_buf_put(&p->line, field->name);
    const hz_slice shown = title;
    if (title.len)
        hz_buf_puts(&p->line, p->lang == HZ_LANG_ZH ? "" : " ");
    if (title.len)
        hz_msg_render(&p->line, HZ_MSG_WORDS_BRACKETS, &shown, 1, p->lang);
}

static void add_reads(page *p, const hz_reads *reads)
{
    for (size_t t = 0; t < p->profile->tables_count; t++) {
        const hz_table *table = &p->profile->tables[t];
        bool any = false;
        for (size_t f = 0; f < table->fields_count; f++) {
            if (reads->fields[t][f])
                add_field(p, table, &table->fields[f]);
            any = any || reads->fields[t][f];
        }
        if (reads->tables[t] && !any)
            add(p, p->lang == HZ_LANG_ZH ? "、" : ", ", table->name);
    }
    if (reads->as_of)
        add(p, p->lang == HZ_LANG_ZH ? "、" : ", ", HZ_SLICE_LIT("as_of"));
    end_line(p, HZ_MSG_EXPLAIN_READS);
    for (size_t i = 0; i < p->profile->params_count; i++)
        if (reads->params[i])
            add(p, ", ", p->profile->params[i].name);
    end_line(p, HZ_MSG_EXPLAIN_PARAMS);
}

static void put_reads(page *p, const hz_rule *rule)
{
    hz_arena *arena = hz_arena_new();
    hz_reads reads;
    if (arena && hz_reads_init(&reads, p->profile, arena, NULL) == HZ_OK) {
        hz_reads_rule(&reads, rule);
        add_reads(p, &reads);
    } else if (p->out->status == HZ_OK) {
        p->out->status = HZ_E_NOMEM;
    }
    hz_arena_free(arena);
}

/* ---- examples ---- */

static void add_row(page *p, const hz_test_row *row)
{
    static const char *const periods[] = {"", "@previous", "@previous2"};
    add(p, "; ", row->table->name);
    hz_buf_puts(&p->line, row->period < 3 ? periods[row->period] : "");
    for (size_t i = 0; i < row->cells_count; i++) {
        const hz_test_cell *cell = &row->cells[i];
        hz_buf_puts(&p->line, i ? ", " : " ");
        hz_buf_put(&p->line, cell->field);
        hz_buf_putc(&p->line, '=');
        hz_buf_put(&p->line, cell->null ? HZ_SLICE_LIT("null") : cell->value);
    }
}

static void put_example(page *p, const hz_test *test)
{
    static const hz_msg_id kinds[] = {HZ_MSG_TEST_PASS, HZ_MSG_TEST_FAIL, HZ_MSG_TEST_UNDETERMINED};
    hz_buf label = HZ_BUF_INIT, safe = HZ_BUF_INIT;
    for (size_t i = 0; i < test->rows_count; i++)
        add_row(p, &test->rows[i]);
    const hz_slice kind = hz_slice_of(hz_msg_text(kinds[test->expected], p->lang));
    hz_msg_render(&label, HZ_MSG_EXPLAIN_EXAMPLE, &kind, 1, p->lang);
    hz_utf8_put_safe(&safe, hz_buf_slice(&p->line));
    const hz_slice args[] = {hz_buf_slice(&label), hz_buf_slice(&safe)};
    hz_buf_puts(p->out, "  ");
    hz_msg_render(p->out, HZ_MSG_EXPLAIN_LABEL, args, 2, p->lang);
    hz_buf_putc(p->out, '\n');
    p->line.len = 0;
    hz_buf_clear(&label);
    hz_buf_clear(&safe);
}

/* ---- a rule ---- */

static void put_rule(page *p, const hz_rule *rule)
{
    put_title(p, rule);
    hz_words_rule(&p->line, p->profile, rule, p->lang);
    end_line(p, HZ_MSG_EXPLAIN_WORDS);
    put_line(p, HZ_MSG_EXPLAIN_ABOUT, picked(p, rule->description));
    put_line(p, HZ_MSG_EXPLAIN_WHEN, rule->when.text);
    put_line(p, HZ_MSG_EXPLAIN_ASSERT, rule->assert_.text);
    put_class(p, rule);
    put_tolerance(p, rule);
    put_reads(p, rule);
    put_clause(p, rule);
    put_history(p, rule);
    put_line(p, HZ_MSG_EXPLAIN_ISSUES, picked(p, rule->known_issues));
    put_cost(p, rule);
    for (size_t i = 0; i < rule->tests_count; i++)
        put_example(p, &rule->tests[i]);
}

static hz_status no_rule(const hz_profile *profile, hz_slice id, hz_error *err)
{
    hz_slice near = HZ_SLICE_NONE;
    hz_arena *arena = hz_arena_new();
    hz_slice *names = arena ? HZ_ARENA_ARRAY(arena, hz_slice, profile->rules_count + 1) : NULL;
    for (size_t i = 0; names && i < profile->rules_count; i++)
        names[i] = profile->rules[i].id;
    if (names)
        near = hz_nearest(id, names, profile->rules_count);
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(EXPLAIN_NO_RULE), HZ_S(id), HZ_S(near), HZ_S(profile->id));
    if (near.len)
        hz_error_hint(err, HZ_MSG_EXPLAIN_NEAREST);
    hz_arena_free(arena);
    return st;
}

hz_status hz_explain_rules(hz_buf *out, const hz_profile *profile, hz_slice id, hz_lang lang, hz_error *err)
{
    page p = {.out = out, .profile = profile, .lang = lang, .line = HZ_BUF_INIT};
    const hz_rule *one = id.len ? hz_profile_rule(profile, id) : NULL;
    if (id.len && !one)
        one = hz_profile_manifest_rule(profile, id);
    if (id.len && !one)
        return no_rule(profile, id, err);
    for (size_t i = 0; !one && i < profile->rules_count; i++) {
        hz_buf_puts(out, i ? "\n" : "");
        put_rule(&p, &profile->rules[i]);
    }
    if (one)
        put_rule(&p, one);
    if (p.line.status != HZ_OK && out->status == HZ_OK)
        out->status = p.line.status;
    hz_buf_clear(&p.line);
    return HZ_OK;
}
