/* plain.c: a value is looked at in two steps. The first reads bytes and knows nearly all text to be plain: ASCII
 * without controls eight at a time, Han by its lead bytes (E4 to E9), and the rest of U+3000–3FFF but U+3000 itself.
 * Whatever else there is goes character by character through `kind_of`. */
#include "base/plain.h"
#include "base/utf8.h"

/* Letters that look like Latin ones. Small Greek letters are left out but for omicron: they stand in formulas. */
static const struct {
    uint16_t letter;
    char twin;
} twins[] = {
    {0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'}, {0x0397, 'H'}, {0x0399, 'I'}, {0x039A, 'K'},
    {0x039C, 'M'}, {0x039D, 'N'}, {0x039F, 'O'}, {0x03A1, 'P'}, {0x03A4, 'T'}, {0x03A5, 'Y'}, {0x03A7, 'X'},
    {0x03BF, 'o'}, {0x0405, 'S'}, {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'}, {0x0415, 'E'},
    {0x041A, 'K'}, {0x041C, 'M'}, {0x041D, 'H'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0421, 'C'}, {0x0422, 'T'},
    {0x0423, 'Y'}, {0x0425, 'X'}, {0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'}, {0x0440, 'p'}, {0x0441, 'c'},
    {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'},
};

/* U+2F00–2FD5, Kangxi radicals, as the characters that Unicode gives for them (UnicodeData.txt, field 5). */
enum { RADICAL_FIRST = 0x2F00, RADICAL_LAST = 0x2FD5 };
static const uint16_t radicals[RADICAL_LAST - RADICAL_FIRST + 1] = {
    0x4E00, 0x4E28, 0x4E36, 0x4E3F, 0x4E59, 0x4E85, 0x4E8C, 0x4EA0, 0x4EBA, 0x513F, 0x5165, 0x516B, 0x5182, 0x5196,
    0x51AB, 0x51E0, 0x51F5, 0x5200, 0x529B, 0x52F9, 0x5315, 0x531A, 0x5338, 0x5341, 0x535C, 0x5369, 0x5382, 0x53B6,
    0x53C8, 0x53E3, 0x56D7, 0x571F, 0x58EB, 0x5902, 0x590A, 0x5915, 0x5927, 0x5973, 0x5B50, 0x5B80, 0x5BF8, 0x5C0F,
    0x5C22, 0x5C38, 0x5C6E, 0x5C71, 0x5DDB, 0x5DE5, 0x5DF1, 0x5DFE, 0x5E72, 0x5E7A, 0x5E7F, 0x5EF4, 0x5EFE, 0x5F0B,
    0x5F13, 0x5F50, 0x5F61, 0x5F73, 0x5FC3, 0x6208, 0x6236, 0x624B, 0x652F, 0x6534, 0x6587, 0x6597, 0x65A4, 0x65B9,
    0x65E0, 0x65E5, 0x66F0, 0x6708, 0x6728, 0x6B20, 0x6B62, 0x6B79, 0x6BB3, 0x6BCB, 0x6BD4, 0x6BDB, 0x6C0F, 0x6C14,
    0x6C34, 0x706B, 0x722A, 0x7236, 0x723B, 0x723F, 0x7247, 0x7259, 0x725B, 0x72AC, 0x7384, 0x7389, 0x74DC, 0x74E6,
    0x7518, 0x751F, 0x7528, 0x7530, 0x758B, 0x7592, 0x7676, 0x767D, 0x76AE, 0x76BF, 0x76EE, 0x77DB, 0x77E2, 0x77F3,
    0x793A, 0x79B8, 0x79BE, 0x7A74, 0x7ACB, 0x7AF9, 0x7C73, 0x7CF8, 0x7F36, 0x7F51, 0x7F8A, 0x7FBD, 0x8001, 0x800C,
    0x8012, 0x8033, 0x807F, 0x8089, 0x81E3, 0x81EA, 0x81F3, 0x81FC, 0x820C, 0x821B, 0x821F, 0x826E, 0x8272, 0x8278,
    0x864D, 0x866B, 0x8840, 0x884C, 0x8863, 0x897E, 0x898B, 0x89D2, 0x8A00, 0x8C37, 0x8C46, 0x8C55, 0x8C78, 0x8C9D,
    0x8D64, 0x8D70, 0x8DB3, 0x8EAB, 0x8ECA, 0x8F9B, 0x8FB0, 0x8FB5, 0x9091, 0x9149, 0x91C6, 0x91CC, 0x91D1, 0x9577,
    0x9580, 0x961C, 0x96B6, 0x96B9, 0x96E8, 0x9751, 0x975E, 0x9762, 0x9769, 0x97CB, 0x97ED, 0x97F3, 0x9801, 0x98A8,
    0x98DB, 0x98DF, 0x9996, 0x9999, 0x99AC, 0x9AA8, 0x9AD8, 0x9ADF, 0x9B25, 0x9B2F, 0x9B32, 0x9B3C, 0x9B5A, 0x9CE5,
    0x9E75, 0x9E7F, 0x9EA5, 0x9EBB, 0x9EC3, 0x9ECD, 0x9ED1, 0x9EF9, 0x9EFD, 0x9F0E, 0x9F13, 0x9F20, 0x9F3B, 0x9F4A,
    0x9F52, 0x9F8D, 0x9F9C, 0x9FA0,
};

/* GB 18030-2022, the characters that the 2005 edition had no code point for but in private use: E78D–E796 and eight
 * more. */
static const struct {
    uint16_t was, is;
} assigned[] = {
    {0xE78D, 0xFE10}, {0xE78E, 0xFE12}, {0xE78F, 0xFE11}, {0xE790, 0xFE13}, {0xE791, 0xFE14}, {0xE792, 0xFE15},
    {0xE793, 0xFE16}, {0xE794, 0xFE17}, {0xE795, 0xFE18}, {0xE796, 0xFE19}, {0xE81E, 0x9FB4}, {0xE826, 0x9FB5},
    {0xE82B, 0x9FB6}, {0xE82C, 0x9FB7}, {0xE832, 0x9FB8}, {0xE843, 0x9FB9}, {0xE854, 0x9FBA}, {0xE864, 0x9FBB},
};

const char *hz_unplain_name(hz_unplain kind)
{
    static const char *const names[HZ_UNPLAIN_COUNT] = {"plain", "control",   "blank",   "invisible",
                                                        "width", "lookalike", "private", "lost"};
    return names[kind];
}

/* ---- one character ---- */

static char twin_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++)
        if (twins[i].letter == c)
            return twins[i].twin;
    return 0;
}

static bool is_foreign(uint32_t c)
{
    return c >= 0x370 && c <= 0x52F;
}

static bool is_radical(uint32_t c)
{
    return c >= RADICAL_FIRST && c <= RADICAL_LAST;
}

static bool is_odd_blank(uint32_t c)
{
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static bool is_invisible(uint32_t c)
{
    return c == 0xAD || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || c == 0xFEFF || c == 0xFFA0 ||
           (c >= 0xFFF9 && c <= 0xFFFB);
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

static bool is_private(uint32_t c)
{
    return (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000;
}

/* By itself: without blanks that are odd only where they stand, and without letters. */
static hz_unplain kind_of(uint32_t c)
{
    if (is_control(c))
        return HZ_UNPLAIN_CONTROL;
    if (is_odd_blank(c))
        return HZ_UNPLAIN_BLANK;
    if (is_invisible(c))
        return HZ_UNPLAIN_INVISIBLE;
    if ((c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) || (c >= 0xFF41 && c <= 0xFF5A))
        return HZ_UNPLAIN_WIDTH;
    if (is_radical(c))
        return HZ_UNPLAIN_LOOKALIKE;
    if (is_private(c))
        return HZ_UNPLAIN_PRIVATE;
    return c == 0xFFFD ? HZ_UNPLAIN_LOST : HZ_PLAIN;
}

/* ---- stretches of letters ---- */

typedef struct stretch {
    size_t end;
    size_t first; /* foreign letter; SIZE_MAX: none */
    bool latin;   /* an ASCII letter or digit */
    bool twins;   /* every foreign letter has one */
} stretch;

/* ASCII graphic characters, Greek and Cyrillic letters from `at` on. */
static stretch stretch_at(hz_slice text, size_t at)
{
    stretch s = {at, SIZE_MAX, false, true};
    while (s.end < text.len) {
        size_t next = s.end;
        uint32_t c = hz_utf8_next(text, &next);
        bool ascii = c > 0x20 && c < 0x7F;
        if (!ascii && !is_foreign(c))
            break;
        s.latin |= (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!ascii) {
            s.first = s.first == SIZE_MAX ? s.end : s.first;
            s.twins &= twin_of(c) != 0;
        }
        s.end = next;
    }
    return s;
}

static bool is_disguised(const stretch *s)
{
    return s->first != SIZE_MAX && s->latin && s->twins;
}

/* ---- find ---- */

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Whether one of eight bytes is below 0x20, 0x7f, or above. */
static bool has_special(uint64_t x)
{
    return (((x - 0x20 * ONES) | x | (x + ONES)) & HIGHS) != 0;
}

/* Where the first byte is that the quick look does not know to be plain; text.len: none. */
static size_t quick(hz_slice text, size_t at)
{
    while (at < text.len) {
        if (text.len - at >= 8 && !has_special(hz_load64(text.ptr + at))) {
            at += 8;
            continue;
        }
        unsigned char lead = (unsigned char)text.ptr[at];
        if (lead >= 0x20 && lead < 0x7F)
            at++;
        else if (lead >= 0xE4 && lead <= 0xE9 && text.len - at >= 3)
            at += 3;
        else if (lead == 0xE3 && text.len - at >= 3 && (unsigned char)text.ptr[at + 1] > 0x85) /* past U+3164 */
            at += 3;
        else
            return at;
    }
    return at;
}

static bool ends_blank(hz_slice text)
{
    return text.len && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ');
}

/* The stretch that a foreign letter at `at` is part of begins where ASCII does. */
static size_t stretch_from(hz_slice text, size_t at, size_t least)
{
    while (at > least && (unsigned char)text.ptr[at - 1] > 0x20 && (unsigned char)text.ptr[at - 1] < 0x7F)
        at--;
    return at;
}

static hz_unplain find_slowly(size_t *at, hz_slice text, size_t from)
{
    size_t looked = 0; /* stretches before this were looked at */
    for (size_t i = from; (i = quick(text, i)) < text.len;) {
        size_t next = i;
        uint32_t c = hz_utf8_next(text, &next);
        hz_unplain kind = kind_of(c);
        *at = i;
        if (kind != HZ_PLAIN)
            return kind;
        if (is_foreign(c)) {
            stretch s = stretch_at(text, stretch_from(text, i, looked));
            *at = s.first;
            if (is_disguised(&s))
                return HZ_UNPLAIN_LOOKALIKE;
            looked = next = s.end;
        }
        i = next;
    }
    *at = text.len;
    return HZ_PLAIN;
}

hz_unplain hz_plain_find(size_t *at, hz_slice text)
{
    hz_unplain found = HZ_PLAIN;
    size_t from = quick(text, 0);
    *at = text.len;
    if (from < text.len)
        found = find_slowly(at, text, from);
    if (!ends_blank(text) || (found != HZ_PLAIN && text.ptr[0] != ' '))
        return found;
    *at = 0; /* blanks at the end begin behind the last character that is none */
    if (text.ptr[0] != ' ')
        for (*at = text.len; text.ptr[*at - 1] == ' ';)
            --*at;
    return HZ_UNPLAIN_BLANK;
}

/* ---- put ---- */

static bool drops_at_end(uint32_t c)
{
    return c == ' ' || is_odd_blank(c) || is_invisible(c) || (is_control(c) && c < 0x100);
}

static hz_slice without_ends(hz_slice text)
{
    size_t first = SIZE_MAX, last = 0;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        if (drops_at_end(hz_utf8_next(text, &at)))
            continue;
        first = first == SIZE_MAX ? from : first;
        last = at;
    }
    return first == SIZE_MAX ? HZ_SLICE_NONE : hz_slice_sub(text, first, last);
}

/* A private-use character with a code point of its own today; 0: none. */
static uint32_t assigned_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof assigned / sizeof *assigned; i++)
        if (assigned[i].was == c)
            return assigned[i].is;
    return 0;
}

static bool put_one(hz_buf *out, uint32_t c, bool disguised)
{
    uint32_t now = c;
    switch (kind_of(c)) {
    case HZ_UNPLAIN_BLANK:
        now = c == 0x2028 || c == 0x2029 ? 0 : ' ';
        break;
    case HZ_UNPLAIN_INVISIBLE:
        return true;
    case HZ_UNPLAIN_WIDTH:
        now = hz_utf8_fold_width(c);
        break;
    case HZ_UNPLAIN_LOOKALIKE:
        now = radicals[c - RADICAL_FIRST];
        break;
    case HZ_UNPLAIN_PRIVATE:
        now = assigned_of(c);
        break;
    case HZ_UNPLAIN_CONTROL:
    case HZ_UNPLAIN_LOST:
        return false;
    default:
        now = disguised && is_foreign(c) ? (uint32_t)(unsigned char)twin_of(c) : c;
    }
    if (now)
        hz_utf8_put(out, now);
    return now != 0;
}

bool hz_plain_put(hz_buf *out, hz_slice text)
{
    stretch s = {0, SIZE_MAX, false, false};
    text = without_ends(text);
    for (size_t at = 0; at < text.len;) {
        if (at >= s.end)
            s = stretch_at(text, at);
        bool inside = at < s.end;
        if (!put_one(out, hz_utf8_next(text, &at), inside && is_disguised(&s)))
            return false;
    }
    return true;
}
