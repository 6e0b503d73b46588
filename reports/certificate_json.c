#include "base/jcs.h"
#include "reports/certificate.h"

enum { LINE_BYTES_MAX = 110 };

static hz_status put(hz_buf *out, const hz_jvalue *value, size_t indent, hz_error *err);

static bool is_container(const hz_jvalue *value)
{
    return value->kind == HZ_JR_ARRAY || value->kind == HZ_JR_OBJECT;
}

static hz_status put_items(hz_buf *out, const hz_jvalue *value, const char *between, size_t indent, hz_error *err)
{
    for (const hz_jvalue *item = value->first; item; item = item->next) {
        if (item != value->first)
            hz_buf_puts(out, ",");
        if (item != value->first || between[0] == '\n')
            hz_buf_puts(out, between);
        for (size_t i = 0; between[0] == '\n' && i < indent; i++)
            hz_buf_puts(out, "  ");
        if (value->kind == HZ_JR_OBJECT) {
            hz_jcs_put_text(out, item->name);
            hz_buf_puts(out, ": ");
        }
        HZ_TRY(put(out, item, indent, err));
    }
    return HZ_OK;
}

/* In one line when it holds no other container and is short. */
static hz_status put_container(hz_buf *out, const hz_jvalue *value, size_t indent, hz_error *err)
{
    bool object = value->kind == HZ_JR_OBJECT, plain = true;
    size_t start = out->len;
    for (const hz_jvalue *item = value->first; item && plain; item = item->next)
        plain = !is_container(item);
    hz_buf_putc(out, object ? '{' : '[');
    if (plain) {
        HZ_TRY(put_items(out, value, " ", indent, err));
        hz_buf_putc(out, object ? '}' : ']');
        if (out->len - start <= LINE_BYTES_MAX || !value->first)
            return HZ_OK;
        if (out->status == HZ_OK)
            out->len = start + 1;
    }
    HZ_TRY(put_items(out, value, "\n", indent + 1, err));
    hz_buf_putc(out, '\n');
    for (size_t i = 0; i < indent; i++)
        hz_buf_puts(out, "  ");
    hz_buf_putc(out, object ? '}' : ']');
    return HZ_OK;
}

static hz_status put(hz_buf *out, const hz_jvalue *value, size_t indent, hz_error *err)
{
    return is_container(value) ? put_container(out, value, indent, err) : hz_jcs_put(out, value, NULL, err);
}

hz_status hz_certificate_json(hz_buf *out, const hz_jvalue *root, hz_error *err)
{
    HZ_TRY(put(out, root, 0, err));
    hz_buf_putc(out, '\n');
    return hz_buf_status(out, err);
}
