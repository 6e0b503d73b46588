/* pilot_text.c: a pilot on the terminal. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "reports/pilot_int.h"

enum { RULES_SHOWN = 30, EXAMPLES_SHOWN = 2, GROUPS_SHOWN = 10, CAUSES_SHOWN = 10, CELL_MAX = 40, COLUMNS_MAX = 9 };

/* A table that is gathered first, so that its columns fit: cells lie one behind the other. */
typedef struct grid {
    hz_buf text;
    size_t *ends;
    size_t count, capacity, columns;
    unsigned right; /* bit a column: numbers */
} grid;

static void cell(grid *g, hz_slice text)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, text);
    size_t at = 0, width = 0;
    hz_slice whole = hz_buf_slice(&safe);
    bool cut = hz_utf8_width(whole) > CELL_MAX && (g->count + 1) % g->columns;
    while (at < whole.len) {
        size_t next = at;
        uint32_t c = hz_utf8_next(whole, &next);
        width += (size_t)hz_utf8_cell_width(c);
        if (cut && width >= CELL_MAX)
            break;
        hz_buf_put(&g->text, hz_slice_sub(whole, at, next));
        at = next;
    }
    if (cut)
        hz_buf_puts(&g->text, "…");
    if (safe.status != HZ_OK && g->text.status == HZ_OK)
        g->text.status = safe.status;
    hz_buf_clear(&safe);
    if (!HZ_GROW(g->ends, g->capacity, g->count + 1)) {
        g->text.status = HZ_E_NOMEM;
        return;
    }
    g->ends[g->count++] = g->text.len;
}

static void cell_count(grid *g, uint64_t n)
{
    hz_digits digits = hz_text_count(n);
    cell(g, HZ_DIGITS(digits));
}

static void cell_word(grid *g, hz_msg_id id, hz_lang lang)
{
    cell(g, hz_slice_of(hz_msg_text(id, lang)));
}

/* "B → C", or "B" when nothing changes. */
static void cell_change(grid *g, hz_slice before, hz_slice after)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_put(&text, before.len ? before : HZ_SLICE_LIT("–"));
    if (!hz_slice_eq(before, after)) {
        hz_buf_puts(&text, " → ");
        hz_buf_put(&text, after.len ? after : HZ_SLICE_LIT("–"));
    }
    if (text.status != HZ_OK)
        g->text.status = text.status;
    cell(g, hz_buf_slice(&text));
    hz_buf_clear(&text);
}

static hz_slice cell_at(const grid *g, size_t i)
{
    return hz_slice_sub(hz_buf_slice(&g->text), i ? g->ends[i - 1] : 0, g->ends[i]);
}

static void pad(hz_buf *out, size_t cells)
{
    while (cells--)
        hz_buf_putc(out, ' ');
}

static void put_grid_row(hz_buf *out, const grid *g, size_t row, const size_t *widths)
{
    hz_buf_puts(out, "  ");
    for (size_t c = 0; c < g->columns; c++) {
        hz_slice text = cell_at(g, row * g->columns + c);
        size_t space = widths[c] - hz_utf8_width(text);
        bool right = g->right >> c & 1;
        pad(out, (c ? 2 : 0) + (right ? space : 0));
        hz_buf_put(out, text);
        if (!right && c + 1 < g->columns)
            pad(out, space);
    }
    while (out->len && out->status == HZ_OK && out->ptr[out->len - 1] == ' ') /* behind an empty last cell */
        out->ptr[--out->len] = '\0';
    hz_buf_putc(out, '\n');
}

static void grid_widths(const grid *g, size_t widths[COLUMNS_MAX])
{
    memset(widths, 0, COLUMNS_MAX * sizeof *widths);
    for (size_t i = 0; i < g->count; i++) {
        size_t width = hz_utf8_width(cell_at(g, i));
        if (width > widths[i % g->columns])
            widths[i % g->columns] = width;
    }
}

static void grid_end(hz_buf *out, grid *g)
{
    if (g->text.status != HZ_OK && out->status == HZ_OK)
        out->status = g->text.status;
    hz_buf_clear(&g->text);
    hz_mem_free(g->ends);
    *g = (grid){.columns = g->columns};
}

static void put_grid(hz_buf *out, grid *g)
{
    size_t widths[COLUMNS_MAX];
    grid_widths(g, widths);
    for (size_t row = 0; g->text.status == HZ_OK && row < g->count / g->columns; row++)
        put_grid_row(out, g, row, widths);
    grid_end(out, g);
}

static void heading(hz_buf *out, hz_msg_id id, hz_lang lang)
{
    hz_buf_printf(out, "\n%s\n", hz_msg_text(id, lang));
}

static void put_safe_line(hz_buf *out, const char *before, hz_buf *text)
{
    hz_buf_puts(out, before);
    hz_utf8_put_safe(out, hz_buf_slice(text));
    hz_buf_putc(out, '\n');
    if (text->status != HZ_OK && out->status == HZ_OK)
        out->status = text->status;
    hz_buf_reset(text);
}

/* ---- sections ---- */

static void put_submissions(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    static const hz_msg_id heads[] = {HZ_MSG_PILOT_SUBMISSION, HZ_MSG_PILOT_RECORDS, HZ_MSG_PILOT_FRESH,
                                      HZ_MSG_PILOT_GONE,       HZ_MSG_PILOT_NEWLY,   HZ_MSG_PILOT_GRADE,
                                      HZ_MSG_PILOT_SCORE};
    grid g = {.columns = sizeof heads / sizeof *heads, .right = 0x1e};
    heading(out, HZ_MSG_PILOT_SUBMISSIONS, lang);
    for (size_t c = 0; c < g.columns; c++)
        cell_word(&g, heads[c], lang);
    for (size_t i = 0; i < pilot->submissions_count; i++) {
        const hz_pilot_submission *one = &pilot->submissions[i];
        if (one->error)
            continue;
        cell(&g, one->path);
        cell_count(&g, one->sides[1].records);
        cell_count(&g, one->fresh);
        cell_count(&g, one->gone);
        cell_count(&g, one->records_newly);
        cell_change(&g, one->sides[0].grade, one->sides[1].grade);
        hz_digits scores[2] = {{.len = 0}, {.len = 0}};
        for (int side = 0; side < 2; side++)
            if (one->sides[side].has_score)
                scores[side] = hz_text_score(one->sides[side].score);
        cell_change(&g, HZ_DIGITS(scores[0]), HZ_DIGITS(scores[1]));
    }
    put_grid(out, &g);
}

static void put_unread(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_digits count = hz_text_count(pilot->submissions_count - pilot->read_count);
    if (pilot->submissions_count == pilot->read_count)
        return;
    HZ_PILOT_SAY(&text, HZ_MSG_PILOT_UNREAD, lang, HZ_DIGITS(count));
    put_safe_line(out, "", &text);
    for (size_t i = 0; i < pilot->submissions_count; i++) {
        if (!pilot->submissions[i].error)
            continue;
        hz_buf_put(&text, pilot->submissions[i].path);
        hz_buf_puts(&text, lang == HZ_LANG_ZH ? "：" : ": ");
        hz_pilot_say_error(&text, pilot->submissions[i].error, lang);
        put_safe_line(out, "  ✗ ", &text);
    }
    hz_buf_clear(&text);
}

/* How many lines of a table are not shown. */
static void put_more(hz_buf *out, size_t count, size_t shown, hz_lang lang)
{
    if (count <= shown)
        return;
    hz_digits more = hz_text_count(count - shown);
    hz_buf_puts(out, "  ");
    HZ_PILOT_SAY(out, HZ_MSG_PILOT_MORE, lang, HZ_DIGITS(more));
    hz_buf_putc(out, '\n');
}

static void put_example(hz_buf *out, const hz_pilot_example *example, hz_lang lang)
{
    hz_buf_puts(out, "      ");
    hz_utf8_put_safe(out, example->place);
    hz_buf_puts(out, "  ");
    hz_utf8_put_safe(out, example->key);
    hz_buf_puts(out, "  ");
    hz_utf8_put_safe(out, lang == HZ_LANG_ZH ? example->message_zh : example->message_en);
    hz_buf_putc(out, '\n');
}

static void put_rules(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    static const hz_msg_id heads[] = {HZ_MSG_PILOT_RULE,   HZ_MSG_PILOT_CHANGE,    HZ_MSG_PILOT_FRESH,
                                      HZ_MSG_PILOT_GONE,   HZ_MSG_PILOT_FAILED,    HZ_MSG_PILOT_EVALUATED,
                                      HZ_MSG_PILOT_SPREAD, HZ_MSG_PILOT_RULE_TITLE};
    grid g = {.columns = sizeof heads / sizeof *heads, .right = 0x6c};
    uint32_t *order = hz_mem_alloc((pilot->rules_count + 1) * sizeof *order);
    size_t count = order ? hz_pilot_changed_rules(order, pilot) : 0, widths[COLUMNS_MAX];
    if (!order)
        out->status = HZ_E_NOMEM;
    if (count)
        heading(out, HZ_MSG_PILOT_RULES, lang);
    for (size_t c = 0; c < g.columns; c++)
        cell_word(&g, heads[c], lang);
    for (size_t i = 0; i < count && i < RULES_SHOWN; i++) {
        const hz_pilot_rule *rule = &pilot->rules[order[i]];
        hz_digits failed[2] = {hz_text_count(rule->failed[0]), hz_text_count(rule->failed[1])};
        cell(&g, rule->id);
        cell_word(&g, hz_pilot_change_word(rule->change), lang);
        cell_count(&g, rule->fresh);
        cell_count(&g, rule->gone);
        cell_change(&g, HZ_DIGITS(failed[0]), HZ_DIGITS(failed[1]));
        cell_count(&g, rule->evaluated[rule->rules[1] ? 1 : 0]);
        cell_count(&g, rule->submissions_fresh);
        cell(&g, hz_pilot_rule_title(rule, lang));
    }
    grid_widths(&g, widths);
    for (size_t i = 0; i <= count && i <= RULES_SHOWN && count && g.text.status == HZ_OK; i++) {
        put_grid_row(out, &g, i, widths);
        for (size_t k = 0; i && k < pilot->rules[order[i - 1]].examples_count && k < EXAMPLES_SHOWN; k++)
            put_example(out, &pilot->rules[order[i - 1]].examples[k], lang);
    }
    grid_end(out, &g);
    put_more(out, count, RULES_SHOWN, lang);
    hz_mem_free(order);
}

static void put_remarks(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    for (size_t i = 0; i < pilot->rules_count; i++) {
        hz_slice args[2];
        hz_digits digits;
        hz_msg_id remark = hz_pilot_remark(&pilot->rules[i], args, &digits);
        if (remark == HZ_MSG_NONE)
            continue;
        hz_pilot_say(&text, remark, lang, args, 2);
        put_safe_line(out, "  - ", &text);
    }
    hz_buf_clear(&text);
}

static void put_suspects(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    heading(out, HZ_MSG_PILOT_SUSPECTS, lang);
    for (size_t i = 0; i < pilot->suspects_count; i++) {
        hz_pilot_say_suspect(&text, pilot, &pilot->suspects[i], lang);
        put_safe_line(out, "  ! ", &text);
    }
    if (!pilot->suspects_count)
        hz_buf_printf(out, "  %s\n", hz_msg_text(HZ_MSG_PILOT_SUSPECTS_NONE, lang));
    hz_buf_clear(&text);
}

static void put_groups(hz_buf *out, const hz_pilot *pilot, hz_pilot_by by, hz_lang lang)
{
    grid g = {.columns = 4, .right = 0x6};
    size_t count = 0;
    for (size_t i = 0; i < pilot->groups_count; i++) {
        const hz_pilot_group *group = &pilot->groups[i];
        if (group->by != by || count++ >= GROUPS_SHOWN)
            continue;
        if (count == 1) {
            cell_word(&g, hz_pilot_by_word(by), lang);
            cell_word(&g, HZ_MSG_PILOT_FRESH, lang);
            cell_word(&g, HZ_MSG_PILOT_GONE, lang);
            cell(&g, HZ_SLICE_NONE);
        }
        cell(&g, group->name);
        cell_count(&g, group->fresh);
        cell_count(&g, group->gone);
        cell(&g, hz_text2_pick(group->title, lang, HZ_SLICE_NONE));
    }
    if (count) {
        const hz_slice word = hz_slice_of(hz_msg_text(hz_pilot_by_word(by), lang));
        hz_buf_putc(out, '\n');
        HZ_PILOT_SAY(out, HZ_MSG_PILOT_GROUPS, lang, word);
        hz_buf_putc(out, '\n');
    }
    put_grid(out, &g);
    put_more(out, count, GROUPS_SHOWN, lang);
}

static void put_work(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    heading(out, HZ_MSG_PILOT_WORK, lang);
    hz_pilot_say_work(&text, pilot, lang);
    put_safe_line(out, "  ", &text);
    if (pilot->causes_found) {
        hz_digits found = hz_text_count(pilot->causes_found), findings = hz_text_count(pilot->causes_findings);
        HZ_PILOT_SAY(&text, HZ_MSG_PILOT_WORK_CAUSES, lang, HZ_DIGITS(found), HZ_DIGITS(findings));
        put_safe_line(out, "  ", &text);
    }
    for (size_t i = 0; i < pilot->causes_count && i < CAUSES_SHOWN; i++) {
        const hz_pilot_cause *cause = &pilot->causes[i];
        hz_digits findings = hz_text_count(cause->findings);
        hz_buf_put(&text, HZ_DIGITS(findings));
        hz_buf_puts(&text, "  ");
        hz_buf_put(&text, lang == HZ_LANG_ZH ? cause->text_zh : cause->text_en);
        hz_buf_puts(&text, " — ");
        hz_buf_put(&text, pilot->submissions[cause->submission].path);
        put_safe_line(out, "    ", &text);
    }
    hz_buf_clear(&text);
}

static void put_review(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    if (!pilot->sample_wanted)
        return;
    heading(out, HZ_MSG_PILOT_REVIEW, lang);
    hz_pilot_say_sample(&text, pilot, lang);
    put_safe_line(out, "  ", &text);
    if (pilot->reviewed) {
        hz_pilot_say_precision(&text, &pilot->precision, lang);
        put_safe_line(out, "  ", &text);
    }
    for (size_t i = 0; pilot->reviewed && i < pilot->rules_count; i++) {
        if (!pilot->rules[i].precision.has_share)
            continue;
        hz_buf_put(&text, pilot->rules[i].id);
        hz_buf_puts(&text, lang == HZ_LANG_ZH ? "：" : ": ");
        hz_pilot_say_precision(&text, &pilot->rules[i].precision, lang);
        put_safe_line(out, "    ", &text);
    }
    if (pilot->foreign) {
        hz_digits foreign = hz_text_count(pilot->foreign);
        HZ_PILOT_SAY(&text, HZ_MSG_PILOT_FOREIGN, lang, HZ_DIGITS(foreign));
        put_safe_line(out, "  ", &text);
    }
    hz_buf_clear(&text);
}

void hz_pilot_put_text(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_pilot_say_head(&text, pilot, lang);
    put_safe_line(out, "", &text);
    hz_pilot_say_summary(&text, pilot, lang);
    put_safe_line(out, "", &text);
    hz_buf_printf(out, "%s\n", hz_msg_text(HZ_MSG_PILOT_DRAFTS, lang));
    put_unread(out, pilot, lang);
    put_submissions(out, pilot, lang);
    put_rules(out, pilot, lang);
    put_remarks(out, pilot, lang);
    put_suspects(out, pilot, lang);
    for (unsigned by = HZ_PILOT_UNIT; by < HZ_PILOT_BYS; by++)
        put_groups(out, pilot, (hz_pilot_by)by, lang);
    put_work(out, pilot, lang);
    put_review(out, pilot, lang);
    hz_buf_clear(&text);
}
