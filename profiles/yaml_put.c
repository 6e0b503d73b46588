/* yaml_put.c: text out, as a strict reader takes it back: what YAML does not print is escaped, a byte that is no
 * character becomes U+FFFD. */
#include "base/utf8.h"
#include "profiles/yaml.h"

static bool is_printable(uint32_t c)
{
    return (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c != 0x2028 && c != 0x2029 && c != 0xfeff && c < 0xfffe) ||
           c > 0xffff;
}

void hz_yaml_put_quoted(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, '"');
    for (size_t at = 0; at < text.len;) {
        uint32_t c = hz_utf8_next(text, &at);
        if (c == '"' || c == '\\')
            hz_buf_printf(out, "\\%c", (char)c);
        else if (is_printable(c))
            hz_utf8_put(out, c);
        else
            hz_buf_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
    }
    hz_buf_putc(out, '"');
}
