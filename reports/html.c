/* html.c: the page put together: html/page.html with its marks replaced. A mark is @{name}; the names are those of the
 * table below. What a mark writes is not looked at again, so that data with a mark in it stays data. */
#include "reports/html.h"

#include "base/sha256.h"
#include "reports/html_int.h"

typedef struct page {
    hz_html html;
    hz_error *err;
    hz_status status;
} page;

static hz_buf *out_of(page *p)
{
    return p->html.pack.out;
}

static void put_base64(hz_buf *out, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        unsigned one = bytes[i], two = i + 1 < count ? bytes[i + 1] : 0, three = i + 2 < count ? bytes[i + 2] : 0;
        unsigned word = one << 16 | two << 8 | three;
        hz_buf_putc(out, digits[word >> 18]);
        hz_buf_putc(out, digits[word >> 12 & 63]);
        hz_buf_putc(out, i + 1 < count ? digits[word >> 6 & 63] : '=');
        hz_buf_putc(out, i + 2 < count ? digits[word & 63] : '=');
    }
}

static void put_hash(page *p, const char *text, size_t len)
{
    uint8_t digest[32];
    if (!hz_sha256_bytes(digest, (hz_slice){text, len})) {
        if (p->status == HZ_OK)
            p->status = hz_nomem(p->err, len);
        return;
    }
    hz_buf_puts(out_of(p), "'sha256-");
    put_base64(out_of(p), digest, sizeof digest);
    hz_buf_puts(out_of(p), "'");
}

static void put_policy(page *p)
{
    hz_buf_puts(out_of(p), "default-src 'none'; script-src ");
    put_hash(p, hz_html_script, hz_html_script_bytes);
    hz_buf_puts(out_of(p), "; style-src ");
    put_hash(p, hz_html_style, hz_html_style_bytes);
    hz_buf_puts(out_of(p), "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'");
}

static void put_lang(page *p)
{
    hz_buf_puts(out_of(p), p->html.options->lang == HZ_LANG_EN ? "en" : "zh-CN");
}

static void put_title(page *p)
{
    const hz_profile *profile = p->html.result->profile;
    hz_html_escape(out_of(p), hz_slice_of(hz_msg_text(HZ_MSG_HTML_REPORT, p->html.options->lang)));
    hz_buf_puts(out_of(p), " · ");
    hz_html_escape(out_of(p), hz_text2_pick(profile->title, p->html.options->lang, profile->id));
}

static void put_style(page *p)
{
    hz_buf_put(out_of(p), (hz_slice){hz_html_style, hz_html_style_bytes});
}

static void put_script(page *p)
{
    hz_buf_put(out_of(p), (hz_slice){hz_html_script, hz_html_script_bytes});
}

static void put_summary(page *p)
{
    hz_html_put_summary(out_of(p), p->html.result, p->html.options);
}

static void put_data(page *p)
{
    if (p->status == HZ_OK)
        p->status = hz_html_put_data(&p->html, p->err);
}

static const struct mark {
    const char *name;
    void (*put)(page *p);
} marks[] = {{"lang", put_lang}, {"policy", put_policy},   {"title", put_title},  {"style", put_style},
             {"data", put_data}, {"summary", put_summary}, {"script", put_script}};

static void put_mark(page *p, hz_slice name)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (hz_slice_is(name, marks[i].name)) {
            marks[i].put(p);
            return;
        }
    }
    if (p->status == HZ_OK)
        p->status = hz_fail(p->err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("html page"));
}

hz_status hz_render_html(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err)
{
    page p = {.html = {.pack = HZ_PACK_INIT(out), .result = result, .options = options, .scratch = HZ_BUF_INIT},
              .err = err};
    const char *at = hz_html_page, *end = hz_html_page + hz_html_page_bytes;
    while (at < end) {
        const char *from = strstr(at, "@{"), *to = from ? strchr(from, '}') : NULL;
        if (!to) {
            hz_buf_put(out, (hz_slice){at, (size_t)(end - at)});
            break;
        }
        hz_buf_put(out, (hz_slice){at, (size_t)(from - at)});
        put_mark(&p, (hz_slice){from + 2, (size_t)(to - from - 2)});
        at = to + 1;
    }
    hz_pack_clear(&p.html.pack);
    hz_buf_clear(&p.html.scratch);
    return p.status == HZ_OK ? hz_buf_status(out, err) : p.status;
}
