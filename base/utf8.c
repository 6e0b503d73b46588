/* utf8.c: validation goes in three gaits. ASCII is skipped 32 bytes at a time; runs of common three-byte characters
 * (all of the CJK blocks) are checked by masks on one 32-bit load each; anything else is taken character by character
 * against the table of RFC 3629, chapter 4. Only the last gait finds mistakes, so the place of a mistake has one
 * definition. */
#include "base/utf8.h"

#include <endian.h>
#include <stdio.h>

#include "base/error.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef struct code_span {
    uint32_t first, last;
} code_span;

typedef struct case_run {
    uint32_t first, last;
    int32_t delta;
    uint32_t stride;
} case_run;

#include "base/utf8_tables.inc"

enum { REPLACEMENT = 0xFFFD, ASCII_STEP = 32 };

static bool is_tail(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Bytes of the valid character at text (room bytes are there), or 0. */
static size_t character_bytes(const unsigned char *text, size_t room)
{
    unsigned char lead = text[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || room < 2)
        return 0;
    if (lead < 0xE0)
        return is_tail(text[1]) ? 2 : 0;
    if (room < 3 || !is_tail(text[2]))
        return 0;
    if (lead < 0xF0) {
        unsigned char low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
        return text[1] >= low && text[1] <= high ? 3 : 0;
    }
    unsigned char low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
    return lead < 0xF5 && text[1] >= low && text[1] <= high && room >= 4 && is_tail(text[3]) ? 4 : 0;
}

static bool all_ascii(const unsigned char *text)
{
#ifdef __SSE2__
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)text);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(text + 16));
    return _mm_movemask_epi8(_mm_or_si128(low, high)) == 0;
#else
    uint64_t words[4];
    memcpy(words, text, sizeof words);
    return !((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080));
#endif
}

/* Whether the four bytes at text start with a three-byte character whose lead is E1 to EC, EE or EF: those take any two
 * tail bytes. */
static bool plain_three(const unsigned char *text)
{
    uint32_t word;
    memcpy(&word, text, sizeof word);
    word = le32toh(word);
    uint32_t lead = word & 0xFF;
    return (word & 0xC0C0F0) == 0x8080E0 && lead != 0xE0 && lead != 0xED;
}

size_t hz_utf8_valid_prefix(hz_slice text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t at = 0;
    while (at < text.len) {
        if (bytes[at] < 0x80) {
            while (text.len - at >= ASCII_STEP && all_ascii(bytes + at))
                at += ASCII_STEP;
            while (at < text.len && bytes[at] < 0x80)
                at++;
            continue;
        }
        while (text.len - at >= 4 && plain_three(bytes + at))
            at += 3;
        if (at == text.len || bytes[at] < 0x80)
            continue;
        size_t step = character_bytes(bytes + at, text.len - at);
        if (!step)
            return at;
        at += step;
    }
    return text.len;
}

uint32_t hz_utf8_next(hz_slice text, size_t *at)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr + *at;
    size_t step = character_bytes(bytes, text.len - *at);
    *at += step ? step : 1;
    switch (step) {
    case 1:
        return bytes[0];
    case 2:
        return (uint32_t)(bytes[0] & 0x1F) << 6 | (bytes[1] & 0x3F);
    case 3:
        return (uint32_t)(bytes[0] & 0x0F) << 12 | (uint32_t)(bytes[1] & 0x3F) << 6 | (bytes[2] & 0x3F);
    case 4:
        return (uint32_t)(bytes[0] & 0x07) << 18 | (uint32_t)(bytes[1] & 0x3F) << 12 |
               (uint32_t)(bytes[2] & 0x3F) << 6 | (bytes[3] & 0x3F);
    default:
        return REPLACEMENT;
    }
}

size_t hz_utf8_encode(char *to, uint32_t code_point)
{
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000))
        code_point = REPLACEMENT;
    size_t len = 0;
    if (code_point < 0x80) {
        to[len++] = (char)code_point;
    } else if (code_point < 0x800) {
        to[len++] = (char)(0xC0 | code_point >> 6);
        to[len++] = (char)(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        to[len++] = (char)(0xE0 | code_point >> 12);
        to[len++] = (char)(0x80 | (code_point >> 6 & 0x3F));
        to[len++] = (char)(0x80 | (code_point & 0x3F));
    } else {
        to[len++] = (char)(0xF0 | code_point >> 18);
        to[len++] = (char)(0x80 | (code_point >> 12 & 0x3F));
        to[len++] = (char)(0x80 | (code_point >> 6 & 0x3F));
        to[len++] = (char)(0x80 | (code_point & 0x3F));
    }
    return len;
}

void hz_utf8_put(hz_buf *buf, uint32_t code_point)
{
    char bytes[4];
    size_t len = hz_utf8_encode(bytes, code_point);
    hz_buf_put(buf, (hz_slice){bytes, len});
}

/* Bytes of valid text that start a character. */
static size_t count_leads(const char *text, size_t len)
{
    size_t count = 0, at = 0;
#ifdef __SSE2__
    __m128i sums = _mm_setzero_si128();
    for (; len - at >= 16; at += 16) {
        /* As signed bytes the tails 80 to BF are the smallest, up to -65. */
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i leads = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(-65)), _mm_set1_epi8(1));
        sums = _mm_add_epi64(sums, _mm_sad_epu8(leads, _mm_setzero_si128()));
    }
    uint64_t halves[2];
    memcpy(halves, &sums, sizeof halves);
    count = (size_t)(halves[0] + halves[1]);
#endif
    for (; at < len; at++)
        count += !is_tail((unsigned char)text[at]);
    return count;
}

size_t hz_utf8_length(hz_slice text)
{
    size_t count = 0;
    for (;;) {
        size_t valid = hz_utf8_valid_prefix(text);
        count += count_leads(text.ptr, valid);
        if (valid == text.len)
            return count;
        count++;
        text = hz_slice_sub(text, valid + 1, text.len);
    }
}

size_t hz_utf8_offset(hz_slice text, size_t index)
{
    size_t at = 0;
    while (index && at < text.len) {
        size_t step = character_bytes((const unsigned char *)text.ptr + at, text.len - at);
        at += step ? step : 1;
        index--;
    }
    return at;
}

static bool in_spans(const code_span *spans, size_t count, uint32_t code_point)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_point > spans[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && code_point >= spans[low].first;
}
#define IN_SPANS(spans, code_point) in_spans((spans), sizeof(spans) / sizeof *(spans), (code_point))

int hz_utf8_cell_width(uint32_t code_point)
{
    if (code_point < 0x300)
        return code_point >= 0x20 && (code_point < 0x7F || code_point >= 0xA0);
    if (code_point >= 0x4E00 && code_point <= 0x9FFF)
        return 2;
    if (IN_SPANS(zero_cells, code_point))
        return 0;
    return IN_SPANS(two_cells, code_point) ? 2 : 1;
}

size_t hz_utf8_width(hz_slice text)
{
    size_t width = 0;
    for (size_t at = 0; at < text.len;)
        width += (size_t)hz_utf8_cell_width(hz_utf8_next(text, &at));
    return width;
}

static uint32_t other_case(const case_run *runs, size_t count, uint32_t code_point)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_point > runs[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || code_point < runs[low].first || (code_point - runs[low].first) % runs[low].stride)
        return code_point;
    return (uint32_t)((int64_t)code_point + runs[low].delta);
}

/* Nothing between the radicals and the Yi syllables has case: most Chinese text is done here. */
static bool caseless(uint32_t code_point)
{
    return code_point >= 0x2E80 && code_point < 0xA000;
}

uint32_t hz_utf8_upper(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point - (code_point >= 'a' && code_point <= 'z' ? 0x20 : 0);
    return caseless(code_point) ? code_point : other_case(to_upper, sizeof to_upper / sizeof *to_upper, code_point);
}

uint32_t hz_utf8_lower(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point + (code_point >= 'A' && code_point <= 'Z' ? 0x20 : 0);
    return caseless(code_point) ? code_point : other_case(to_lower, sizeof to_lower / sizeof *to_lower, code_point);
}

uint32_t hz_utf8_fold_width(uint32_t code_point)
{
    if (code_point >= 0xFF01 && code_point <= 0xFF5E)
        return code_point - 0xFF01 + '!';
    return code_point == 0x3000 ? ' ' : code_point;
}

bool hz_utf8_unsafe_on_terminal(uint32_t code_point)
{
    /* Variation selectors are not here: Mongolian and the rarer ideographs of names need them. */
    static const code_span unsafe[] = {
        {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},       {0x034F, 0x034F}, {0x061C, 0x061C},
        {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180E, 0x180E},   {0x200B, 0x200F}, {0x2028, 0x202E},
        {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF},
    };
    if (code_point >= 0x20 && code_point < 0x7F)
        return false;
    return IN_SPANS(unsafe, code_point);
}

size_t hz_utf8_escape(char out[16], hz_slice bytes, uint32_t code_point)
{
    bool bad = code_point == REPLACEMENT && bytes.len == 1;
    out[0] = '\0';
    if (!bad && !hz_utf8_unsafe_on_terminal(code_point))
        return 0;
    uint32_t shown = bad ? (unsigned char)bytes.ptr[0] : code_point;
    return (size_t)snprintf(out, 16, bad ? "\\x{%02X}" : "\\u{%02X}", (unsigned)shown);
}

void hz_utf8_put_safe(hz_buf *buf, hz_slice text)
{
    size_t plain_from = 0;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t code_point = hz_utf8_next(text, &at);
        char escape[16];
        size_t len = hz_utf8_escape(escape, hz_slice_sub(text, from, at), code_point);
        if (!len)
            continue;
        hz_buf_put(buf, hz_slice_sub(text, plain_from, from));
        hz_buf_put(buf, (hz_slice){escape, len});
        plain_from = at;
    }
    hz_buf_put(buf, hz_slice_sub(text, plain_from, text.len));
}

void hz_put_markup(hz_buf *buf, hz_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        const char *entity = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : NULL;
        if (entity)
            hz_buf_puts(buf, entity);
        else
            hz_buf_putc(buf, c);
    }
}

void hz_put_safe_markup(hz_buf *buf, hz_slice text)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, text);
    hz_put_markup(buf, hz_buf_slice(&safe));
    if (safe.status != HZ_OK && buf->status == HZ_OK)
        buf->status = safe.status;
    hz_buf_clear(&safe);
}
