/* doc_rules.c: the head of a profile and the tables of its rules, measures and waivers. */
#include "base/calendar.h"
#include "base/utf8.h"
#include "reports/markdown.h"
#include "reports/waivers.h"
#include "validator/tasks/doc.h"

const char *hz_doc_format_name(hz_doc_format format)
{
    static const char *const names[] = {"md"};
    return format < HZ_DOC_FORMAT_COUNT ? names[format] : NULL;
}

typedef struct page {
    hz_buf *out;
    const hz_profile *profile;
    hz_lang lang;
    hz_buf scratch; /* a text before it is escaped */
} page;

/* ---- words ---- */

static void put(page *p, const char *text)
{
    hz_buf_puts(p->out, text);
}

static void put_text(page *p, hz_slice text)
{
    p->scratch.len = 0;
    hz_utf8_put_safe(&p->scratch, text);
    hz_markdown_put(p->out, hz_buf_slice(&p->scratch));
}

static void put_word(page *p, const char *word)
{
    put_text(p, hz_slice_of(word));
}

/* An id as code; the loader lets no control characters into ids, but a backtick or a bar is text like any other. */
static void put_id(page *p, hz_slice id)
{
    bool plain = id.len && !memchr(id.ptr, '`', id.len) && !memchr(id.ptr, '|', id.len);
    if (!plain) {
        put_text(p, id);
        return;
    }
    put(p, "`");
    hz_utf8_put_safe(p->out, id);
    put(p, "`");
}

static void put_number(page *p, size_t number)
{
    hz_buf_put_u64(p->out, number);
}

/* In the order of the languages asked for: `lang` first where only one is there. */
static hz_slice picked(const page *p, hz_text2 text)
{
    return hz_text2_pick(text, p->lang, HZ_SLICE_NONE);
}

static void say(page *p, hz_msg_id id, const hz_slice *args, size_t count)
{
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, id, args, count, p->lang);
    put_text(p, hz_buf_slice(&text));
    if (text.status != HZ_OK && p->out->status == HZ_OK)
        p->out->status = text.status;
    hz_buf_clear(&text);
}

static void say_counted(page *p, hz_msg_id id, const size_t *numbers, size_t count)
{
    enum { MOST = 6 };
    hz_buf texts[MOST] = {HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT};
    hz_slice args[MOST];
    for (size_t i = 0; i < count && i < MOST; i++) {
        hz_buf_put_u64(&texts[i], numbers[i]);
        args[i] = hz_buf_slice(&texts[i]);
    }
    say(p, id, args, count < MOST ? count : MOST);
    for (size_t i = 0; i < MOST; i++)
        hz_buf_clear(&texts[i]);
}

static void put_head(page *p, const hz_msg_id *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(p, i ? " | " : "| ");
        say(p, words[i], NULL, 0);
    }
    put(p, " |\n");
    for (size_t i = 0; i < count; i++)
        put(p, "| --- ");
    put(p, "|\n");
}

static void next_cell(page *p)
{
    put(p, " | ");
}

/* ---- what is whose ---- */

static uint32_t own_level(const hz_profile *profile)
{
    return profile->chain_count ? (uint32_t)profile->chain_count - 1 : 0;
}

static bool is_own_rule(const hz_profile *profile, const hz_rule *rule)
{
    return !rule->derived && rule->level == own_level(profile);
}

/* ---- head ---- */

static void put_clause(page *p, const hz_clause *clause)
{
    put_text(p, clause->standard);
    if (clause->edition.len) {
        put(p, " (");
        put_text(p, clause->edition);
        put(p, ")");
    }
    if (clause->section.len) {
        put(p, " ");
        put_text(p, clause->section);
    }
}

static void put_profile(page *p)
{
    const hz_profile *profile = p->profile;
    put(p, "# ");
    put_text(p, picked(p, profile->title).len ? picked(p, profile->title) : profile->id);
    put(p, "\n\n");
    put_id(p, profile->id);
    put(p, " ");
    put_text(p, profile->version);
    if (profile->draft) {
        put(p, " ");
        put_word(p, hz_life_name(HZ_LIFE_DRAFT));
    }
    if (profile->clause.present) {
        put(p, " · ");
        put_clause(p, &profile->clause);
    }
    put(p, "\n");
    if (picked(p, profile->description).len) {
        put(p, "\n");
        put_text(p, picked(p, profile->description));
        put(p, "\n");
    }
}

/* ---- rules ---- */

static void put_source(page *p, const hz_rule *rule)
{
    put_text(p, rule->source);
    if (!rule->clause.present)
        return;
    if (rule->source.len)
        put(p, "; ");
    put_clause(p, &rule->clause);
}

static void put_examples(page *p, const hz_test *tests, size_t count)
{
    size_t kinds[3] = {0};
    for (size_t i = 0; i < count; i++)
        kinds[tests[i].expected]++;
    for (size_t i = 0; i < 3; i++) {
        put(p, i ? "/" : "");
        put_number(p, kinds[i]);
    }
}

static void put_where(page *p, const hz_table *table, uint32_t period)
{
    static const char *const periods[] = {"", "@previous", "@previous2"};
    put_text(p, table->name);
    put(p, period < 3 ? periods[period] : "");
}

static void put_rule(page *p, const hz_rule *rule)
{
    put(p, "| ");
    put_id(p, rule->id);
    next_cell(p);
    put_where(p, rule->table, rule->period);
    next_cell(p);
    put_text(p, rule->title.zh);
    next_cell(p);
    put_text(p, rule->title.en);
    next_cell(p);
    put_word(p, hz_severity_name(rule->severity));
    next_cell(p);
    put_text(p, rule->indicator);
    next_cell(p);
    put_word(p, hz_dimension_name(rule->dimension));
    next_cell(p);
    put_source(p, rule);
    next_cell(p);
    put_word(p, hz_life_name(rule->status));
    next_cell(p);
    put_examples(p, rule->tests, rule->tests_count);
    put(p, " |\n");
}

/* How many there are, and what is not listed. */
static void put_counts(page *p)
{
    const hz_profile *profile = p->profile;
    size_t states[HZ_LIFE_WITHDRAWN + 1] = {0}, own = 0, inherited = 0, derived = 0;
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        derived += rule->derived;
        inherited += !rule->derived && !is_own_rule(profile, rule);
        if (!is_own_rule(profile, rule))
            continue;
        own++;
        states[rule->status]++;
    }
    say_counted(p, HZ_MSG_DOC_COUNTS,
                (const size_t[]){own, states[HZ_LIFE_ACTIVE], states[HZ_LIFE_PILOT], states[HZ_LIFE_DRAFT], derived},
                5);
    if (inherited) {
        const char *gap = p->lang == HZ_LANG_ZH ? "" : " ";
        put(p, gap);
        say_counted(p, HZ_MSG_DOC_INHERITED, &inherited, 1);
        for (size_t i = 0; i < own_level(profile); i++) {
            put(p, i ? ", " : gap);
            put_id(p, profile->chain[i]->id);
        }
        say(p, HZ_MSG_DOC_STOP, NULL, 0);
    }
    put(p, "\n\n");
}

static void put_issues(page *p)
{
    const hz_profile *profile = p->profile;
    bool any = false;
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        hz_slice issue = picked(p, rule->known_issues);
        if (!is_own_rule(profile, rule) || (!issue.len && rule->status == HZ_LIFE_ACTIVE))
            continue;
        put(p, any ? "" : "\n## ");
        if (!any) {
            say(p, HZ_MSG_DOC_ISSUES, NULL, 0);
            put(p, "\n\n");
        }
        any = true;
        put(p, "- ");
        put_id(p, rule->id);
        if (rule->status != HZ_LIFE_ACTIVE) {
            put(p, " (");
            put_word(p, hz_life_name(rule->status));
            put(p, ")");
        }
        put(p, issue.len ? ": " : "");
        put_text(p, issue);
        put(p, "\n");
    }
}

static void put_rules(page *p)
{
    static const hz_msg_id head[] = {
        HZ_MSG_DOC_ID,        HZ_MSG_DOC_TABLE,     HZ_MSG_DOC_TITLE_ZH, HZ_MSG_DOC_TITLE_EN, HZ_MSG_DOC_SEVERITY,
        HZ_MSG_DOC_INDICATOR, HZ_MSG_DOC_DIMENSION, HZ_MSG_DOC_SOURCE,   HZ_MSG_DOC_STATE,    HZ_MSG_DOC_EXAMPLES};
    const hz_profile *profile = p->profile;
    bool any = false;
    put(p, "\n## ");
    say(p, HZ_MSG_DOC_RULES, NULL, 0);
    put(p, "\n\n");
    put_counts(p);
    for (size_t i = 0; i < profile->rules_count; i++) {
        if (!is_own_rule(profile, &profile->rules[i]))
            continue;
        if (!any)
            put_head(p, head, sizeof head / sizeof *head);
        any = true;
        put_rule(p, &profile->rules[i]);
    }
}

/* ---- measures ---- */

static void put_measures(page *p)
{
    static const hz_msg_id head[] = {HZ_MSG_DOC_ID,   HZ_MSG_DOC_TABLE,     HZ_MSG_DOC_TITLE_ZH, HZ_MSG_DOC_TITLE_EN,
                                     HZ_MSG_DOC_UNIT, HZ_MSG_DOC_INDICATOR, HZ_MSG_DOC_STATE};
    const hz_profile *profile = p->profile;
    bool any = false;
    for (size_t i = 0; i < profile->measures_count; i++) {
        const hz_measure *measure = &profile->measures[i];
        if (measure->level != own_level(profile))
            continue;
        if (!any) {
            put(p, "\n## ");
            say(p, HZ_MSG_DOC_MEASURES, NULL, 0);
            put(p, "\n\n");
            put_head(p, head, sizeof head / sizeof *head);
        }
        any = true;
        put(p, "| ");
        put_id(p, measure->id);
        next_cell(p);
        put_text(p, measure->table->name);
        next_cell(p);
        put_text(p, measure->title.zh);
        next_cell(p);
        put_text(p, measure->title.en);
        next_cell(p);
        put_text(p, measure->unit);
        next_cell(p);
        put_text(p, measure->indicator);
        next_cell(p);
        put_word(p, hz_life_name(measure->status));
        put(p, " |\n");
    }
}

/* ---- waivers ---- */

/* The condition, unless it reads what must not be shown, else how many records are named. */
static void put_covered(page *p, const hz_waiver *waiver)
{
    size_t keys[] = {waiver->keys_count};
    if (waiver->where.root && waiver->where.root->mask == HZ_MASK_NONE)
        put_id(p, waiver->where.text);
    else if (waiver->where.root)
        say(p, HZ_MSG_DOC_WAIVER_HIDDEN, NULL, 0);
    if (waiver->where.root && waiver->keys_count)
        put(p, "; ");
    if (waiver->keys_count)
        say_counted(p, HZ_MSG_DOC_WAIVER_KEYS, keys, 1);
}

static void put_waiver(page *p, const hz_waiver *waiver)
{
    hz_buf text = HZ_BUF_INIT;
    put(p, "| ");
    put_id(p, waiver->id);
    next_cell(p);
    put_id(p, waiver->rule);
    next_cell(p);
    put_covered(p, waiver);
    next_cell(p);
    hz_put_waiver_limit(&text, waiver);
    put_text(p, hz_buf_slice(&text));
    next_cell(p);
    put_text(p, waiver->reason);
    next_cell(p);
    put_text(p, waiver->approved_by);
    next_cell(p);
    hz_buf_reset(&text);
    hz_date_put(&text, waiver->until);
    put_text(p, hz_buf_slice(&text));
    put(p, " |\n");
    if (text.status != HZ_OK && p->out->status == HZ_OK)
        p->out->status = text.status;
    hz_buf_clear(&text);
}

/* What the profile itself waives; a run adds those of its files. */
static void put_waivers(page *p)
{
    static const hz_msg_id head[] = {HZ_MSG_DOC_ID,           HZ_MSG_DOC_RULE,           HZ_MSG_DOC_COVERS,
                                     HZ_MSG_DOC_LIMIT,        HZ_MSG_HTML_WAIVER_REASON, HZ_MSG_HTML_WAIVER_APPROVED,
                                     HZ_MSG_HTML_WAIVER_UNTIL};
    if (!p->profile->waivers_count)
        return;
    put(p, "\n## ");
    say(p, HZ_MSG_TEXT_HEAD_WAIVERS, NULL, 0);
    put(p, "\n\n");
    put_head(p, head, sizeof head / sizeof *head);
    for (size_t i = 0; i < p->profile->waivers_count; i++)
        put_waiver(p, &p->profile->waivers[i]);
}

void hz_doc_render(hz_buf *out, hz_doc_format format, const hz_profile *const *profiles, size_t count, hz_lang lang)
{
    page p = {.out = out, .lang = lang, .scratch = HZ_BUF_INIT};
    if (format != HZ_DOC_MD)
        return;
    for (size_t i = 0; i < count; i++) {
        p.profile = profiles[i];
        put(&p, i ? "\n" : "");
        put_profile(&p);
        put_rules(&p);
        put_measures(&p);
        put_waivers(&p);
        put_issues(&p);
    }
    if (p.scratch.status != HZ_OK && out->status == HZ_OK)
        out->status = p.scratch.status;
    hz_buf_clear(&p.scratch);
}
