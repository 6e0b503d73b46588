/* certificate_html.c: one A4 page for people: the verdict, what was checked, what was not, whose key signed, and the
 * digest in letters and as a QR code ("hezhun:" and the 64 hex digits). Plain HTML with its own styles, no script. */
#include <stdio.h>

#include "base/calendar.h"
#include "base/decimal.h"
#include "base/jcs.h"
#include "base/utf8.h"
#include "reports/certificate.h"
#include "reports/waivers.h"
#ifdef HZ_QRENCODE
#include <qrencode.h>
#endif

enum { TABLES_SHOWN = 8, RULES_SHOWN = 6, WAIVERS_SHOWN = 4, QR_QUIET = 2 };

typedef struct page {
    hz_buf *out;
    hz_lang lang;
    const hz_jvalue *statement;
} page;

bool hz_certificate_has_qr(void)
{
#ifdef HZ_QRENCODE
    return true;
#else
    return false;
#endif
}

/* ---- words ---- */

static void put_word(page *p, hz_msg_id id)
{
    hz_put_safe_markup(p->out, hz_slice_of(hz_msg_text(id, p->lang)));
}

static void put_said(page *p, hz_msg_id id, const hz_slice *args, size_t count)
{
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, id, args, count, p->lang);
    if (text.status != HZ_OK && p->out->status == HZ_OK)
        p->out->status = text.status;
    hz_put_safe_markup(p->out, hz_buf_slice(&text));
    hz_buf_clear(&text);
}

static void put_said_count(page *p, hz_msg_id id, uint64_t count)
{
    char digits[24];
    const hz_slice text = {digits, (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)count)};
    put_said(p, id, &text, 1);
}

static hz_slice of_text2(const page *p, const hz_jvalue *value, hz_slice fallback)
{
    hz_text2 text = {hz_jtext(hz_jget(value, "zh")), hz_jtext(hz_jget(value, "en"))};
    return hz_text2_pick(text, p->lang, fallback);
}

static const hz_jvalue *in(const page *p, const char *part, const char *name)
{
    return hz_jget(hz_jget(p->statement, part), name);
}

static uint64_t count_of(const hz_jvalue *object, const char *name)
{
    uint64_t n = 0;
    return hz_ju64(&n, hz_jget(object, name)) ? n : 0;
}

static void put_scalar(page *p, const hz_jvalue *value)
{
    if (hz_jis(value, HZ_JR_STRING) || hz_jis(value, HZ_JR_NUMBER))
        hz_put_safe_markup(p->out, value->text);
    else
        hz_buf_puts(p->out, "\xe2\x80\x93");
}

/* ---- rows of facts ---- */

static void row_begin(page *p, hz_msg_id name)
{
    hz_buf_puts(p->out, "<tr><th scope=\"row\">");
    put_word(p, name);
    hz_buf_puts(p->out, "</th><td>");
}

static void row_end(page *p)
{
    hz_buf_puts(p->out, "</td></tr>\n");
}

static void put_row(page *p, hz_msg_id name, const hz_jvalue *value)
{
    row_begin(p, name);
    put_scalar(p, value);
    row_end(p);
}

static void put_percent(page *p, const hz_jvalue *rate)
{
    hz_decimal value, percent;
    if (rate && hz_decimal_parse(&value, rate->text) && hz_decimal_mul(&percent, value, hz_decimal_of(100)))
        hz_decimal_put(p->out, hz_decimal_normal(percent));
    hz_buf_putc(p->out, '%');
}

static void put_verdict(page *p)
{
    const hz_jvalue *verdict = hz_jget(p->statement, "verdict");
    bool conformant = hz_jtrue(hz_jget(verdict, "conformant"));
    hz_buf_printf(p->out, "<p class=\"verdict %s\"><b>", conformant ? "yes" : "no");
    put_word(p, conformant ? HZ_MSG_CERTPAGE_CONFORMANT : HZ_MSG_CERTPAGE_NOT_CONFORMANT);
    hz_buf_puts(p->out, "</b><span>");
    put_word(p, HZ_MSG_CERTPAGE_GRADE);
    hz_buf_puts(p->out, " <b>");
    put_scalar(p, hz_jget(verdict, "grade"));
    hz_buf_puts(p->out, "</b> ");
    hz_put_safe_markup(p->out, of_text2(p, hz_jget(verdict, "grade_title"), HZ_SLICE_NONE));
    hz_buf_puts(p->out, "</span><span>");
    put_word(p, HZ_MSG_CERTPAGE_SCORE);
    hz_buf_puts(p->out, " <b>");
    put_scalar(p, hz_jget(verdict, "score"));
    hz_buf_puts(p->out, "</b></span></p>\n");
}

static void put_facts(page *p)
{
    const hz_jvalue *verdict = hz_jget(p->statement, "verdict");
    hz_buf_puts(p->out, "<table class=\"facts\">\n");
    row_begin(p, HZ_MSG_CERTPAGE_PROFILE);
    hz_put_safe_markup(p->out, of_text2(p, in(p, "profile", "title"), HZ_SLICE_NONE));
    hz_buf_puts(p->out, " <code>");
    put_scalar(p, in(p, "profile", "id"));
    hz_buf_putc(p->out, ' ');
    put_scalar(p, in(p, "profile", "version"));
    hz_buf_puts(p->out, "</code><br><small>SHA-256 ");
    put_scalar(p, in(p, "profile", "digest"));
    hz_buf_puts(p->out, "</small>");
    row_end(p);
    put_row(p, HZ_MSG_CERTPAGE_AS_OF, in(p, "submission", "as_of"));
    put_row(p, HZ_MSG_CERTPAGE_RECORDS, hz_jget(verdict, "records"));
    row_begin(p, HZ_MSG_CERTPAGE_ERRORS);
    put_scalar(p, hz_jget(verdict, "records_with_errors"));
    hz_buf_puts(p->out, " (");
    put_percent(p, hz_jget(verdict, "error_rate"));
    hz_buf_puts(p->out, ")");
    row_end(p);
    const hz_jvalue *unchanged = hz_jget(p->statement, "unchanged_since");
    if (unchanged)
        put_row(p, HZ_MSG_CERTPAGE_UNCHANGED, hz_jget(unchanged, "issued"));
    hz_buf_puts(p->out, "</table>\n");
}

static void put_tables(page *p)
{
    const hz_jvalue *tables = in(p, "submission", "tables");
    size_t shown = 0, left = 0;
    hz_buf_puts(p->out, "<h2>");
    put_word(p, HZ_MSG_CERTPAGE_DATA);
    hz_buf_puts(p->out, "</h2>\n<table class=\"data\">\n");
    for (const hz_jvalue *table = tables->first; table; table = table->next) {
        for (const hz_jvalue *source = hz_jget(table, "sources")->first; source; source = source->next) {
            if (shown++ >= TABLES_SHOWN) {
                left++;
                continue;
            }
            hz_buf_puts(p->out, "<tr><td>");
            hz_put_safe_markup(p->out, of_text2(p, hz_jget(table, "title"), hz_jtext(hz_jget(table, "name"))));
            hz_buf_puts(p->out, "</td><td>");
            put_scalar(p, hz_jget(source, "path"));
            hz_buf_puts(p->out, "</td><td><code>");
            put_scalar(p, hz_jget(source, "sha256"));
            hz_buf_puts(p->out, "</code></td></tr>\n");
        }
    }
    hz_buf_puts(p->out, "</table>\n");
    if (left) {
        hz_buf_puts(p->out, "<p class=\"more\">");
        put_said_count(p, HZ_MSG_CERTPAGE_MORE_FILES, left);
        hz_buf_puts(p->out, "</p>\n");
    }
}

/* ---- what was not checked ---- */

static void put_count(page *p, hz_msg_id id, uint64_t count)
{
    if (!count)
        return;
    hz_buf_puts(p->out, "<li>");
    put_said_count(p, id, count);
    hz_buf_puts(p->out, "</li>\n");
}

static void put_unjudged(page *p, const hz_jvalue *rules)
{
    size_t shown = 0;
    for (const hz_jvalue *rule = rules->first; rule && shown < RULES_SHOWN; rule = rule->next, shown++) {
        hz_buf_puts(p->out, "<li><code>");
        put_scalar(p, hz_jget(rule, "id"));
        hz_buf_puts(p->out, "</code> ");
        hz_put_safe_markup(p->out, of_text2(p, hz_jget(rule, "title"), HZ_SLICE_NONE));
        hz_slice reason = hz_jtext(hz_jget(rule, "reason"));
        hz_buf_puts(p->out, p->lang == HZ_LANG_ZH ? "：" : ": ");
        if (reason.len)
            hz_put_safe_markup(p->out, reason);
        else
            put_word(p, HZ_MSG_CERTPAGE_UNDECIDED);
        hz_buf_puts(p->out, "</li>\n");
    }
    put_count(p, HZ_MSG_CERTPAGE_MORE_RULES, rules->count - shown);
}

static void put_unchecked(page *p)
{
    const hz_jvalue *unchecked = hz_jget(p->statement, "not_checked");
    hz_buf_puts(p->out, "<h2>");
    put_word(p, HZ_MSG_CERTPAGE_NOT_CHECKED);
    hz_buf_puts(p->out, "</h2>\n<ul>\n");
    size_t start = p->out->len;
    for (const hz_jvalue *table = hz_jget(unchecked, "tables")->first; table; table = table->next) {
        hz_slice name = hz_jtext(table);
        hz_buf_puts(p->out, "<li>");
        put_said(p, HZ_MSG_CERTPAGE_NO_TABLE, &name, 1);
        hz_buf_puts(p->out, "</li>\n");
    }
    put_unjudged(p, hz_jget(unchecked, "rules"));
    put_unjudged(p, hz_jget(unchecked, "measures"));
    put_count(p, HZ_MSG_CERTPAGE_UNDETERMINED, count_of(unchecked, "undetermined"));
    put_count(p, HZ_MSG_CERTPAGE_BAD_ROWS, count_of(unchecked, "bad_rows"));
    put_count(p, HZ_MSG_CERTPAGE_UNKNOWN_COLUMNS, count_of(unchecked, "unknown_columns"));
    put_count(p, HZ_MSG_CERTPAGE_DRAFTS, count_of(unchecked, "draft_rules"));
    if (p->out->len == start) {
        hz_buf_puts(p->out, "<li>");
        put_word(p, HZ_MSG_CERTPAGE_NOTHING);
        hz_buf_puts(p->out, "</li>\n");
    }
    hz_buf_puts(p->out, "</ul>\n");
}

/* ---- waivers ---- */

static hz_waiver_state state_of(const hz_jvalue *waiver)
{
    hz_slice name = hz_jtext(hz_jget(waiver, "state"));
    for (hz_waiver_state state = HZ_WAIVER_USED; state < HZ_WAIVER_STATES; state++)
        if (hz_slice_is(name, hz_waiver_state_name(state)))
            return state;
    return HZ_WAIVER_NOT_RUN;
}

static void take_limits(hz_waiver *waiver, const hz_jvalue *said)
{
    const hz_jvalue *rate = hz_jget(said, "max_rate");
    waiver->has_max_count = hz_jis(hz_jget(said, "max_count"), HZ_JR_NUMBER);
    waiver->max_count = (int64_t)(count_of(said, "max_count") & INT64_MAX);
    waiver->has_max_rate = hz_jis(rate, HZ_JR_NUMBER) && hz_decimal_parse(&waiver->max_rate, rate->text);
}

static void put_waiver(page *p, const hz_jvalue *said)
{
    hz_time_format iso;
    int64_t day = 0;
    hz_buf text = HZ_BUF_INIT;
    hz_waiver waiver = {.id = hz_jtext(hz_jget(said, "id")),
                        .rule = hz_jtext(hz_jget(said, "rule")),
                        .reason = hz_jtext(hz_jget(said, "reason")),
                        .approved_by = hz_jtext(hz_jget(said, "approved_by"))};
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    if (hz_time_parse(&day, &iso, hz_jtext(hz_jget(said, "until"))))
        waiver.until = (int32_t)day;
    take_limits(&waiver, said);
    const hz_result_waiver result = {.waiver = &waiver,
                                     .state = state_of(said),
                                     .matched = count_of(said, "matched"),
                                     .used = count_of(said, "used")};
    hz_put_waiver(&text, &result, p->lang);
    if (text.status != HZ_OK && p->out->status == HZ_OK)
        p->out->status = text.status;
    hz_buf_puts(p->out, "<li>");
    hz_put_safe_markup(p->out, hz_buf_slice(&text));
    hz_buf_puts(p->out, "</li>\n");
    hz_buf_clear(&text);
}

/* All of them, those too that covered nothing. */
static void put_waivers(page *p)
{
    const hz_jvalue *waivers = hz_jget(p->statement, "waivers");
    size_t shown = 0;
    if (!waivers->count)
        return;
    hz_buf_puts(p->out, "<h2>");
    put_word(p, HZ_MSG_TEXT_HEAD_WAIVERS);
    hz_buf_puts(p->out, "</h2>\n<ul class=\"waivers\">\n");
    for (const hz_jvalue *waiver = waivers->first; waiver && shown < WAIVERS_SHOWN; waiver = waiver->next, shown++)
        put_waiver(p, waiver);
    put_count(p, HZ_MSG_CERTPAGE_WAIVERS, waivers->count - shown);
    hz_buf_puts(p->out, "</ul>\n");
}

/* ---- the seal ---- */

#ifdef HZ_QRENCODE
static void put_qr(page *p, hz_slice digest)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_printf(&text, "hezhun:%.*s", HZ_SLICE_FMT(digest));
    QRcode *code = text.status == HZ_OK
                       ? QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M)
                       : NULL;
    hz_buf_clear(&text);
    if (!code) {
        p->out->status = HZ_E_NOMEM;
        return;
    }
    int side = code->width + 2 * QR_QUIET;
    hz_buf_printf(p->out, "<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"QR\">", side, side);
    hz_buf_printf(p->out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path d=\"", side, side);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                hz_buf_printf(p->out, "M%d %dh1v1h-1z", x + QR_QUIET, y + QR_QUIET);
    hz_buf_puts(p->out, "\"/></svg>\n");
    QRcode_free(code);
}
#else
static void put_qr(page *p, hz_slice digest)
{
    (void)digest;
    hz_buf_puts(p->out, "<p class=\"qr\">");
    put_word(p, HZ_MSG_CERTPAGE_NO_QR);
    hz_buf_puts(p->out, "</p>\n");
}
#endif

static void put_seal(page *p, const hz_jvalue *root)
{
    hz_slice digest = hz_jtext(hz_jget(hz_jget(root, "digests"), "statement"));
    const hz_jvalue *key = hz_jget(p->statement, "key"), *tool = hz_jget(p->statement, "tool");
    hz_buf_puts(p->out, "<div class=\"seal\">\n");
    put_qr(p, digest);
    hz_buf_puts(p->out, "<table class=\"facts\">\n");
    put_row(p, HZ_MSG_CERTPAGE_ISSUED, hz_jget(p->statement, "issued"));
    row_begin(p, HZ_MSG_CERTPAGE_SIGNER);
    put_scalar(p, hz_jget(key, "name"));
    hz_buf_puts(p->out, "<br><code>");
    put_scalar(p, hz_jget(key, "algorithm"));
    hz_buf_putc(p->out, ' ');
    put_scalar(p, hz_jget(key, "id"));
    hz_buf_puts(p->out, "</code>");
    row_end(p);
    row_begin(p, HZ_MSG_CERTPAGE_DIGEST);
    hz_buf_puts(p->out, "<code>");
    hz_put_safe_markup(p->out, digest);
    hz_buf_puts(p->out, "</code>");
    row_end(p);
    row_begin(p, HZ_MSG_CERTPAGE_TOOL);
    hz_buf_puts(p->out, "hezhun ");
    put_scalar(p, hz_jget(tool, "version"));
    row_end(p);
    hz_buf_puts(p->out, "</table>\n</div>\n<p class=\"how\">");
    put_word(p, HZ_MSG_CERTPAGE_HOW);
    hz_buf_puts(p->out, "</p>\n");
}

static const char styles[] =
    "@page{size:A4;margin:14mm}*{box-sizing:border-box}"
    "body{font:10.5pt/1.45 \"Noto Sans CJK SC\",\"Noto Sans SC\",\"Microsoft YaHei\",\"PingFang SC\",sans-serif;"
    "color:#111;background:#fff;max-width:182mm;margin:0 auto;padding:6mm 0}"
    "h1{font-size:20pt;margin:0 0 3mm;text-align:center;letter-spacing:.1em}"
    "h2{font-size:11.5pt;margin:4mm 0 1.5mm;border-bottom:.3mm solid #999}"
    ".verdict{display:flex;gap:10mm;justify-content:center;align-items:baseline;border:.6mm solid;padding:3mm;"
    "margin:0 0 4mm;font-size:12pt}.verdict b{font-size:16pt}.verdict.yes{color:#0a5c2b}.verdict.no{color:#9b1c1c}"
    "table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600;white-space:nowrap;vertical-align:"
    "top;"
    "padding:.6mm 4mm .6mm 0;width:1%}td{padding:.6mm 2mm .6mm 0;vertical-align:top;overflow-wrap:anywhere}"
    ".data{font-size:8.5pt}.data td:first-child{white-space:nowrap}code{font:8.5pt/1.3 \"DejaVu Sans Mono\",monospace;"
    "overflow-wrap:anywhere}small{color:#444;overflow-wrap:anywhere}ul{margin:0;padding-left:5mm;font-size:9.5pt}"
    ".more,.how{font-size:8.5pt;color:#444;margin:1mm 0}.seal{display:flex;gap:6mm;align-items:flex-start;"
    "margin-top:5mm;padding-top:3mm;border-top:.6mm solid #111;break-inside:avoid}.qr{width:34mm;min-width:34mm}";

hz_status hz_certificate_html(hz_buf *out, const hz_jvalue *root, hz_lang lang, hz_error *err)
{
    page p = {out, lang, hz_jget(root, "statement")};
    hz_buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                  lang == HZ_LANG_ZH ? "zh-CN" : "en");
    hz_buf_puts(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n<title>");
    put_word(&p, HZ_MSG_CERTPAGE_TITLE);
    hz_buf_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>", styles);
    put_word(&p, HZ_MSG_CERTPAGE_TITLE);
    hz_buf_puts(out, "</h1>\n");
    put_verdict(&p);
    put_facts(&p);
    put_tables(&p);
    put_unchecked(&p);
    put_waivers(&p);
    put_seal(&p, root);
    hz_buf_puts(out, "</main>\n</body>\n</html>\n");
    return hz_buf_status(out, err);
}
