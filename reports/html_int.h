/* html_int.h: the parts of the page and the writer of its data block. */
#ifndef HZ_REPORTS_HTML_INT_H
#define HZ_REPORTS_HTML_INT_H
#include "reports/html.h"
#include "reports/render_int.h"

/* Made by reports/html/embed.py. */
extern const char hz_html_page[], hz_html_style[], hz_html_script[];
extern const size_t hz_html_page_bytes, hz_html_style_bytes, hz_html_script_bytes;

/* JSON without blanks that may stand in a script block: no `<`. Texts are shown as the page will show them: unsafe
 * characters as \u{XX}, long ones cut. The caller keeps brackets in pairs. */
typedef struct hz_pack {
    hz_buf *out;
    bool comma;        /* an item stands before */
    hz_buf safe, json; /* a text on its way */
} hz_pack;
#define HZ_PACK_INIT(out_) ((hz_pack){.out = (out_), .comma = false, .safe = HZ_BUF_INIT, .json = HZ_BUF_INIT})

void hz_pack_clear(hz_pack *pack);
void hz_pack_open(hz_pack *pack, char bracket);
void hz_pack_close(hz_pack *pack, char bracket);
void hz_pack_key(hz_pack *pack, const char *key);
void hz_pack_null(hz_pack *pack);
void hz_pack_bool(hz_pack *pack, bool value);
void hz_pack_u64(hz_pack *pack, uint64_t value);
void hz_pack_decimal(hz_pack *pack, hz_decimal value); /* a number; at most 15 digits */
void hz_pack_text(hz_pack *pack, hz_slice text);
void hz_pack_safe(hz_pack *pack, hz_slice text);  /* text that hz_html_safe gave */
void hz_pack_prose(hz_pack *pack, hz_slice text); /* line ends stay */
void hz_pack_text2(hz_pack *pack, hz_text2 text); /* [zh, en], "" for one that is not there */
void hz_pack_hex(hz_pack *pack, const uint8_t bytes[32]);
/* Appends text as the page shows it. */
void hz_html_safe(hz_buf *out, hz_slice text);
/* Appends text as HTML, for element content and quoted attributes. */
void hz_html_escape(hz_buf *out, hz_slice text);

typedef struct hz_html {
    hz_pack pack;
    const hz_result *result;
    const hz_render_options *options;
    hz_buf scratch; /* shown values and messages */
} hz_html;

/* Why the submission is not conformant, in counts. */
typedef struct hz_html_why {
    uint64_t rules, skipped, measures, tables;
} hz_html_why;
hz_html_why hz_html_why_of(const hz_result *result);

/* What a text was made in may have failed: the output then does too. */
hz_slice hz_html_scratched(hz_html *html);
void hz_html_said(hz_html *html, const char *key, const hz_said *said); /* [zh, en]; nothing without */
void hz_html_count(hz_html *html, const char *key, uint64_t count);
void hz_html_text(hz_html *html, const char *key, hz_slice text);
void hz_html_text2(hz_html *html, const char *key, hz_text2 text); /* nothing where both are empty */
void hz_html_flag(hz_html *html, const char *key, bool value);     /* nothing when false */
void hz_html_decimal(hz_html *html, const char *key, bool present, hz_decimal value);

void hz_html_put_words(hz_html *html);
HZ_NODISCARD hz_status hz_html_put_data(hz_html *html, hz_error *err); /* all of the data block */
HZ_NODISCARD hz_status hz_html_put_rules(hz_html *html, hz_error *err);
HZ_NODISCARD hz_status hz_html_put_regions(hz_html *html, hz_error *err);
void hz_html_put_progress(hz_html *html); /* asks of the submitter, baseline, trend */
HZ_NODISCARD hz_status hz_html_put_measures(hz_html *html, hz_error *err);
void hz_html_put_summary(hz_buf *out, const hz_result *result, const hz_render_options *options); /* without script */
#endif
