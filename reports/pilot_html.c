/* pilot_html.c: a pilot as one page for the meeting: plain HTML with its own styles, no script, nothing from elsewhere.
 * Texts of the data are escaped, and what must not reach a terminal stands as \u{XX}. It prints as a document. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "reports/pilot_int.h"

enum { RULES_SHOWN = 200, GROUPS_SHOWN = 50 };

static const char style[] =
    ":root{color-scheme:light "
    "dark;--ink:#1c2430;--soft:#5b6675;--line:#d8dee6;--paper:#fff;--band:#f4f6f9;--up:#b3261e;"
    "--down:#1b7f4b;--bar:#2f6fb0}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#36404d;--paper:#151a21;--band:#"
    "1d242d;"
    "--up:#ff8a80;--down:#7bd3a4;--bar:#6ea8de}}"
    "body{margin:0 auto;padding:24px 28px 60px;max-width:1120px;background:var(--paper);color:var(--ink);"
    "font:15px/1.55 system-ui,'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif}"
    "h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:34px 0 8px;border-bottom:2px solid var(--line);"
    "padding-bottom:4px}p{margin:6px 0}.soft{color:var(--soft)}"
    ".cards{display:flex;flex-wrap:wrap;gap:12px;margin:18px 0}"
    ".card{flex:1 1 150px;background:var(--band);border:1px solid var(--line);border-radius:8px;padding:10px 14px}"
    ".card b{display:block;font-size:24px;font-variant-numeric:tabular-nums}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;padding:5px 10px;border-bottom:1px solid var(--line);vertical-align:top}"
    "thead th{background:var(--band);white-space:nowrap}td.n,th.n{text-align:right;white-space:nowrap}"
    ".id{white-space:nowrap;font-weight:600}"
    ".up{color:var(--up)}.down{color:var(--down)}.bar{display:inline-block;height:9px;border-radius:2px;"
    "background:var(--bar);vertical-align:middle}"
    ".warn{border-left:4px solid var(--up);background:var(--band);padding:8px 14px;margin:10px 0}"
    "details{margin:2px 0}summary{cursor:pointer;color:var(--soft)}ul{margin:4px 0;padding-left:20px}"
    "li{overflow-wrap:anywhere}td{overflow-wrap:anywhere}"
    "@media print{body{padding:0;max-width:none;font-size:11px}h2{break-after:avoid}tr,.card{break-inside:avoid}"
    "details>*{display:block}.scroll{overflow:visible}}";

typedef struct page {
    hz_buf *out;
    const hz_pilot *pilot;
    hz_lang lang;
    hz_buf text;
} page;

static void raw(page *p, const char *html)
{
    hz_buf_puts(p->out, html);
}

static void word(page *p, hz_msg_id id)
{
    hz_put_safe_markup(p->out, hz_slice_of(hz_msg_text(id, p->lang)));
}

/* What was said into p.text. */
static void said(page *p, const char *before, const char *after)
{
    raw(p, before);
    hz_put_safe_markup(p->out, hz_buf_slice(&p->text));
    raw(p, after);
    if (p->text.status != HZ_OK && p->out->status == HZ_OK)
        p->out->status = p->text.status;
    hz_buf_reset(&p->text);
}

static void heading(page *p, hz_msg_id id, const char *anchor)
{
    raw(p, "<h2 id=\"");
    raw(p, anchor);
    raw(p, "\">");
    word(p, id);
    raw(p, "</h2>\n");
}

static void head_row(page *p, const hz_msg_id *heads, size_t count, unsigned numbers)
{
    raw(p, "<div class=\"scroll\"><table>\n<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        raw(p, numbers >> i & 1 ? "<th class=\"n\" scope=\"col\">" : "<th scope=\"col\">");
        word(p, heads[i]);
        raw(p, "</th>");
    }
    raw(p, "</tr></thead>\n<tbody>\n");
}

static void table_end(page *p)
{
    raw(p, "</tbody></table></div>\n");
}

static void cell(page *p, const char *open, hz_slice text)
{
    raw(p, open);
    hz_put_safe_markup(p->out, text);
    raw(p, "</td>");
}

static void cell_count(page *p, uint64_t n)
{
    hz_digits digits = hz_text_count(n);
    cell(p, "<td class=\"n\">", HZ_DIGITS(digits));
}

static void cell_change(page *p, hz_slice before, hz_slice after, bool worse)
{
    bool same = hz_slice_eq(before, after);
    raw(p, "<td class=\"n\">");
    hz_put_safe_markup(p->out, before.len ? before : HZ_SLICE_LIT("–"));
    if (!same) {
        raw(p, worse ? " → <b class=\"up\">" : " → <b class=\"down\">");
        hz_put_safe_markup(p->out, after.len ? after : HZ_SLICE_LIT("–"));
        raw(p, "</b>");
    }
    raw(p, "</td>");
}

static void card(page *p, hz_msg_id id, uint64_t n)
{
    hz_digits digits = hz_text_count(n);
    raw(p, "<div class=\"card\"><b>");
    hz_put_safe_markup(p->out, HZ_DIGITS(digits));
    raw(p, "</b>");
    word(p, id);
    raw(p, "</div>\n");
}

static void more(page *p, size_t count)
{
    hz_digits digits = hz_text_count(count);
    HZ_PILOT_SAY(&p->text, HZ_MSG_PILOT_MORE, p->lang, HZ_DIGITS(digits));
    said(p, "<p class=\"soft\">", "</p>\n");
}

/* ---- sections ---- */

static void put_head(page *p)
{
    const hz_pilot *pilot = p->pilot;
    raw(p, "<h1>");
    word(p, HZ_MSG_PILOT_TITLE);
    raw(p, "</h1>\n");
    hz_pilot_say_head(&p->text, pilot, p->lang);
    said(p, "<p>", "</p>\n");
    raw(p, "<p class=\"soft\">");
    word(p, HZ_MSG_PILOT_DRAFTS);
    raw(p, "</p>\n");
    raw(p, "<div class=\"cards\">\n");
    card(p, HZ_MSG_PILOT_FRESH, pilot->fresh);
    card(p, HZ_MSG_PILOT_GONE, pilot->gone);
    card(p, HZ_MSG_PILOT_NEWLY, pilot->records_newly);
    card(p, HZ_MSG_PILOT_SUSPECTS, pilot->suspects_count);
    raw(p, "</div>\n");
    hz_pilot_say_summary(&p->text, pilot, p->lang);
    said(p, "<p>", "</p>\n");
    if (pilot->read_count == pilot->submissions_count)
        return;
    hz_digits unread = hz_text_count(pilot->submissions_count - pilot->read_count);
    HZ_PILOT_SAY(&p->text, HZ_MSG_PILOT_UNREAD, p->lang, HZ_DIGITS(unread));
    said(p, "<div class=\"warn\" id=\"unread\"><p>", "</p><ul>\n");
    for (size_t i = 0; i < pilot->submissions_count; i++) {
        if (!pilot->submissions[i].error)
            continue;
        hz_buf_put(&p->text, pilot->submissions[i].path);
        hz_buf_puts(&p->text, p->lang == HZ_LANG_ZH ? "：" : ": ");
        hz_pilot_say_error(&p->text, pilot->submissions[i].error, p->lang);
        said(p, "<li>", "</li>\n");
    }
    raw(p, "</ul></div>\n");
}

static uint32_t grade_rank(const hz_profile *profile, hz_slice grade)
{
    for (uint32_t i = 0; i < profile->grading.grades_count; i++)
        if (hz_slice_eq(profile->grading.grades[i].grade, grade))
            return i;
    return UINT32_MAX;
}

static void put_submissions(page *p)
{
    static const hz_msg_id heads[] = {HZ_MSG_PILOT_SUBMISSION, HZ_MSG_PILOT_RECORDS,   HZ_MSG_PILOT_FRESH,
                                      HZ_MSG_PILOT_GONE,       HZ_MSG_PILOT_NEWLY,     HZ_MSG_PILOT_GRADE,
                                      HZ_MSG_PILOT_SCORE,      HZ_MSG_PILOT_CONFORMANT};
    heading(p, HZ_MSG_PILOT_SUBMISSIONS, "submissions");
    head_row(p, heads, sizeof heads / sizeof *heads, 0xfe);
    for (size_t i = 0; i < p->pilot->submissions_count; i++) {
        const hz_pilot_submission *one = &p->pilot->submissions[i];
        if (one->error)
            continue;
        hz_slice words[2];
        hz_digits scores[2] = {{.len = 0}, {.len = 0}};
        for (int side = 0; side < 2; side++) {
            words[side] =
                hz_slice_of(hz_msg_text(one->sides[side].conformant ? HZ_MSG_PILOT_YES : HZ_MSG_PILOT_NO, p->lang));
            if (one->sides[side].has_score)
                scores[side] = hz_text_score(one->sides[side].score);
        }
        raw(p, "<tr>");
        cell(p, "<td class=\"id\">", one->path);
        cell_count(p, one->sides[1].records);
        cell_count(p, one->fresh);
        cell_count(p, one->gone);
        cell_count(p, one->records_newly);
        cell_change(p, one->sides[0].grade, one->sides[1].grade,
                    grade_rank(p->pilot->profiles[1], one->sides[1].grade) >
                        grade_rank(p->pilot->profiles[0], one->sides[0].grade));
        cell_change(p, HZ_DIGITS(scores[0]), HZ_DIGITS(scores[1]),
                    hz_decimal_cmp(one->sides[1].score, one->sides[0].score) < 0);
        cell_change(p, words[0], words[1], one->sides[0].conformant);
        raw(p, "</tr>\n");
    }
    table_end(p);
}

static void put_examples(page *p, const hz_pilot_rule *rule)
{
    if (!rule->examples_count)
        return;
    raw(p, "<details><summary>");
    word(p, HZ_MSG_PILOT_EXAMPLES);
    raw(p, "</summary><ul>");
    for (size_t i = 0; i < rule->examples_count; i++) {
        const hz_pilot_example *example = &rule->examples[i];
        raw(p, "<li>");
        hz_put_safe_markup(p->out, example->place);
        raw(p, " · ");
        hz_put_safe_markup(p->out, example->key);
        raw(p, " · ");
        hz_put_safe_markup(p->out, p->lang == HZ_LANG_ZH ? example->message_zh : example->message_en);
        raw(p, "</li>");
    }
    raw(p, "</ul></details>");
}

static void put_rule(page *p, const hz_pilot_rule *rule, uint64_t most)
{
    hz_digits failed[2] = {hz_text_count(rule->failed[0]), hz_text_count(rule->failed[1])};
    raw(p, "<tr>");
    cell(p, "<td class=\"id\">", rule->id);
    cell(p, "<td>", hz_slice_of(hz_msg_text(hz_pilot_change_word(rule->change), p->lang)));
    cell_count(p, rule->fresh);
    cell_count(p, rule->gone);
    cell_change(p, HZ_DIGITS(failed[0]), HZ_DIGITS(failed[1]), rule->failed[1] > rule->failed[0]);
    cell_count(p, rule->evaluated[rule->rules[1] ? 1 : 0]);
    cell_count(p, rule->submissions_fresh);
    raw(p, "<td>");
    hz_put_safe_markup(p->out, hz_pilot_rule_title(rule, p->lang));
    unsigned width = most ? (unsigned)(rule->fresh * 100 / most) : 0;
    if (width)
        hz_buf_printf(p->out,
                      "<br><svg width=\"120\" height=\"9\" aria-hidden=\"true\"><rect width=\"%u\" height=\"9\" "
                      "fill=\"currentColor\" opacity=\".35\"/></svg>",
                      width * 120 / 100);
    put_examples(p, rule);
    raw(p, "</td></tr>\n");
}

static void put_rules(page *p)
{
    static const hz_msg_id heads[] = {HZ_MSG_PILOT_RULE,   HZ_MSG_PILOT_CHANGE,    HZ_MSG_PILOT_FRESH,
                                      HZ_MSG_PILOT_GONE,   HZ_MSG_PILOT_FAILED,    HZ_MSG_PILOT_EVALUATED,
                                      HZ_MSG_PILOT_SPREAD, HZ_MSG_PILOT_RULE_TITLE};
    const hz_pilot *pilot = p->pilot;
    uint32_t *order = hz_mem_alloc((pilot->rules_count + 1) * sizeof *order);
    size_t count = order ? hz_pilot_changed_rules(order, pilot) : 0;
    if (!order)
        p->out->status = HZ_E_NOMEM;
    heading(p, HZ_MSG_PILOT_RULES, "rules");
    if (count) {
        head_row(p, heads, sizeof heads / sizeof *heads, 0x7c);
        for (size_t i = 0; i < count && i < RULES_SHOWN; i++)
            put_rule(p, &pilot->rules[order[i]], pilot->rules[order[0]].fresh);
        table_end(p);
    } else {
        raw(p, "<p>");
        word(p, HZ_MSG_PILOT_NOTHING);
        raw(p, "</p>\n");
    }
    if (count > RULES_SHOWN)
        more(p, count - RULES_SHOWN);
    hz_mem_free(order);
    raw(p, "<ul class=\"soft\">\n");
    for (size_t i = 0; i < pilot->rules_count; i++) {
        hz_slice args[2];
        hz_digits digits;
        hz_msg_id remark = hz_pilot_remark(&pilot->rules[i], args, &digits);
        if (remark == HZ_MSG_NONE)
            continue;
        hz_pilot_say(&p->text, remark, p->lang, args, 2);
        said(p, "<li>", "</li>\n");
    }
    raw(p, "</ul>\n");
}

static void put_suspects(page *p)
{
    heading(p, HZ_MSG_PILOT_SUSPECTS, "suspects");
    for (size_t i = 0; i < p->pilot->suspects_count; i++) {
        hz_pilot_say_suspect(&p->text, p->pilot, &p->pilot->suspects[i], p->lang);
        said(p, "<div class=\"warn\">", "</div>\n");
    }
    if (p->pilot->suspects_count)
        return;
    raw(p, "<p>");
    word(p, HZ_MSG_PILOT_SUSPECTS_NONE);
    raw(p, "</p>\n");
}

static void put_groups(page *p, hz_pilot_by by)
{
    const hz_msg_id heads[] = {hz_pilot_by_word(by), HZ_MSG_PILOT_FRESH, HZ_MSG_PILOT_GONE};
    size_t count = 0;
    for (size_t i = 0; i < p->pilot->groups_count; i++) {
        const hz_pilot_group *group = &p->pilot->groups[i];
        if (group->by != by || count++ >= GROUPS_SHOWN)
            continue;
        if (count == 1) {
            const hz_slice name = hz_slice_of(hz_msg_text(hz_pilot_by_word(by), p->lang));
            HZ_PILOT_SAY(&p->text, HZ_MSG_PILOT_GROUPS, p->lang, name);
            said(p, "<h2>", "</h2>\n");
            head_row(p, heads, 3, 0x6);
        }
        raw(p, "<tr><td>");
        hz_put_safe_markup(p->out, group->name);
        raw(p, " ");
        hz_put_safe_markup(p->out, hz_text2_pick(group->title, p->lang, HZ_SLICE_NONE));
        raw(p, "</td>");
        cell_count(p, group->fresh);
        cell_count(p, group->gone);
        raw(p, "</tr>\n");
    }
    if (count)
        table_end(p);
    if (count > GROUPS_SHOWN)
        more(p, count - GROUPS_SHOWN);
}

static void put_work(page *p)
{
    static const hz_msg_id heads[] = {HZ_MSG_PILOT_FINDINGS, HZ_MSG_PILOT_CAUSE, HZ_MSG_PILOT_SUBMISSION};
    const hz_pilot *pilot = p->pilot;
    heading(p, HZ_MSG_PILOT_WORK, "work");
    hz_pilot_say_work(&p->text, pilot, p->lang);
    said(p, "<p>", "</p>\n");
    if (!pilot->causes_found)
        return;
    hz_digits found = hz_text_count(pilot->causes_found), findings = hz_text_count(pilot->causes_findings);
    HZ_PILOT_SAY(&p->text, HZ_MSG_PILOT_WORK_CAUSES, p->lang, HZ_DIGITS(found), HZ_DIGITS(findings));
    said(p, "<p>", "</p>\n");
    head_row(p, heads, 3, 0x1);
    for (size_t i = 0; i < pilot->causes_count; i++) {
        const hz_pilot_cause *cause = &pilot->causes[i];
        raw(p, "<tr>");
        cell_count(p, cause->findings);
        cell(p, "<td>", p->lang == HZ_LANG_ZH ? cause->text_zh : cause->text_en);
        cell(p, "<td>", pilot->submissions[cause->submission].path);
        raw(p, "</tr>\n");
    }
    table_end(p);
}

static void put_review(page *p)
{
    static const hz_msg_id heads[] = {HZ_MSG_PILOT_RULE, HZ_MSG_PILOT_PRECISION_HEAD, HZ_MSG_PILOT_INTERVAL};
    const hz_pilot *pilot = p->pilot;
    if (!pilot->sample_wanted)
        return;
    heading(p, HZ_MSG_PILOT_REVIEW, "review");
    hz_pilot_say_sample(&p->text, pilot, p->lang);
    said(p, "<p>", "</p>\n");
    if (!pilot->reviewed)
        return;
    hz_pilot_say_precision(&p->text, &pilot->precision, p->lang);
    said(p, "<p><b>", "</b></p>\n");
    if (pilot->foreign) {
        hz_digits foreign = hz_text_count(pilot->foreign);
        HZ_PILOT_SAY(&p->text, HZ_MSG_PILOT_FOREIGN, p->lang, HZ_DIGITS(foreign));
        said(p, "<p>", "</p>\n");
    }
    head_row(p, heads, 3, 0x6);
    for (size_t i = 0; i < pilot->rules_count; i++) {
        const hz_pilot_precision *of = &pilot->rules[i].precision;
        if (!of->has_share)
            continue;
        hz_digits share = hz_pilot_percent(of->share), low = hz_pilot_percent(of->low),
                  high = hz_pilot_percent(of->high), right = hz_text_count(of->right),
                  judged = hz_text_count(of->right + of->wrong);
        raw(p, "<tr>");
        cell(p, "<td class=\"id\">", pilot->rules[i].id);
        hz_buf_put(&p->text, HZ_DIGITS(share));
        hz_buf_puts(&p->text, " (");
        hz_buf_put(&p->text, HZ_DIGITS(right));
        hz_buf_puts(&p->text, " / ");
        hz_buf_put(&p->text, HZ_DIGITS(judged));
        hz_buf_puts(&p->text, ")");
        said(p, "<td class=\"n\">", "</td>");
        hz_buf_put(&p->text, HZ_DIGITS(low));
        hz_buf_puts(&p->text, " – ");
        hz_buf_put(&p->text, HZ_DIGITS(high));
        said(p, "<td class=\"n\">", "</td></tr>\n");
    }
    table_end(p);
}

void hz_pilot_put_html(hz_buf *out, const hz_pilot *pilot, hz_lang lang)
{
    page p = {.out = out, .pilot = pilot, .lang = lang, .text = HZ_BUF_INIT};
    raw(&p, "<!DOCTYPE html>\n<html lang=\"");
    raw(&p, lang == HZ_LANG_ZH ? "zh-CN" : "en");
    raw(&p, "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
            "'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
            "initial-scale=1\">\n<title>");
    word(&p, HZ_MSG_PILOT_TITLE);
    raw(&p, "</title>\n<style>");
    raw(&p, style);
    raw(&p, "</style>\n</head>\n<body>\n");
    put_head(&p);
    put_submissions(&p);
    put_rules(&p);
    put_suspects(&p);
    for (unsigned by = HZ_PILOT_UNIT; by < HZ_PILOT_BYS; by++)
        put_groups(&p, (hz_pilot_by)by);
    put_work(&p);
    put_review(&p);
    raw(&p, "</body>\n</html>\n");
    hz_buf_clear(&p.text);
}
