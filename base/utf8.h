/* utf8.h: UTF-8 as Unicode 15 and RFC 3629 have it (no surrogates, no overlong forms, at most U+10FFFF). */
#ifndef HZ_BASE_UTF8_H
#define HZ_BASE_UTF8_H
#include "base/arena.h"
#include "base/buf.h"

/* Length of the longest valid prefix; equals text.len when all is valid. ASCII runs go by 16 or 32 bytes. */
size_t hz_utf8_valid_prefix(hz_slice text);
static inline bool hz_utf8_valid(hz_slice text)
{
    return hz_utf8_valid_prefix(text) == text.len;
}
/* Decodes one character at *at (advanced past it). A bad byte yields U+FFFD and advances by 1. at < text.len. */
uint32_t hz_utf8_next(hz_slice text, size_t *at);
/* Its bytes, 1 to 4 of them, into `to`: the count. What is no character is written as U+FFFD. */
size_t hz_utf8_encode(char *to, uint32_t code_point);
void hz_utf8_put(hz_buf *buf, uint32_t code_point);
/* Characters in text; a bad byte counts as one. */
size_t hz_utf8_length(hz_slice text);
/* Byte offset of the character with this 0-based index; text.len when there are fewer. */
size_t hz_utf8_offset(hz_slice text, size_t index);
/* Terminal cells of one character: 0 for combining and zero-width, 2 for East Asian wide and full-width (UAX #11), else
 * 1; control characters count 0. */
int hz_utf8_cell_width(uint32_t code_point);
size_t hz_utf8_width(hz_slice text);
/* Simple case mappings (UnicodeData.txt fields 12 and 13): one code point to one. */
uint32_t hz_utf8_upper(uint32_t code_point);
uint32_t hz_utf8_lower(uint32_t code_point);
/* Full-width U+FF01–FF5E to ASCII and U+3000 to a space; others unchanged. */
uint32_t hz_utf8_fold_width(uint32_t code_point);
/* True for what must not reach a terminal: C0, DEL, C1, bidi controls, zero-width and line/paragraph separators. */
bool hz_utf8_unsafe_on_terminal(uint32_t code_point);
/* How one character must be shown instead of its bytes, NUL-terminated: \u{XX}, or \x{XX} for a bad byte; returns the
 * length, 0 when it can be shown as it is. `bytes` and `code_point` are those of hz_utf8_next. */
size_t hz_utf8_escape(char out[16], hz_slice bytes, uint32_t code_point);
/* Appends text with each such character shown as \u{XX}; bad bytes as \x{XX}. */
void hz_utf8_put_safe(hz_buf *buf, hz_slice text);

/* Appends text with < > & " as entities: text and attribute values of XML and HTML. Other bytes stay. */
void hz_put_markup(hz_buf *buf, hz_slice text);
/* The same of what hz_utf8_put_safe makes of it. */
void hz_put_safe_markup(hz_buf *buf, hz_slice text);
#endif
