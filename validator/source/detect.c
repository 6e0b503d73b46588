/* Encoding and delimiter from a file's first bytes; the tests and their borders are in detect.h. */
#include "validator/source/detect.h"
#include "base/utf8.h"
#include <errno.h>
#include <iconv.h>

typedef struct utf8_counts {
    size_t good, bad; /* characters beyond ASCII; bytes that begin no character */
} utf8_counts;

const char *hz_encoding_name(hz_encoding encoding)
{
    switch (encoding) {
    case HZ_ENCODING_UTF8:
        return "UTF-8";
    case HZ_ENCODING_UTF8_BOM:
        return "UTF-8 with BOM";
    case HZ_ENCODING_UTF16LE:
        return "UTF-16LE";
    case HZ_ENCODING_UTF16BE:
        return "UTF-16BE";
    case HZ_ENCODING_GB18030:
        return "GB18030";
    case HZ_ENCODING_BIG5:
        return "Big5";
    case HZ_ENCODING_UNKNOWN:
        break;
    }
    return "unknown";
}

/* Length of a character cut off by the sample's end, 0 when it is none. */
static size_t cut_off(hz_slice rest)
{
    static const char filler[3] = {(char)0x80, (char)0x80, (char)0x80};
    char trial[8];
    if (rest.len == 0 || rest.len > 3)
        return 0;
    /* Some continuation makes it a character: 80 does, but for E0 and F0, where A0 does (BF would be a surrogate after
     * ED). */
    for (size_t more = 1; rest.len + more <= 4; more++) {
        memcpy(trial, rest.ptr, rest.len);
        memcpy(trial + rest.len, filler, more);
        if (hz_utf8_valid((hz_slice){trial, rest.len + more}))
            return rest.len;
        trial[rest.len] = (char)0xa0;
        if (hz_utf8_valid((hz_slice){trial, rest.len + more}))
            return rest.len;
    }
    return 0;
}

static utf8_counts count_utf8(hz_slice text, bool whole)
{
    utf8_counts counts = {0, 0};
    for (size_t at = 0; at < text.len;) {
        size_t valid = hz_utf8_valid_prefix(hz_slice_sub(text, at, text.len));
        for (size_t i = at; i < at + valid; i++)
            counts.good += ((unsigned char)text.ptr[i] & 0xc0) == 0xc0;
        at += valid;
        if (at == text.len || (!whole && cut_off(hz_slice_sub(text, at, text.len))))
            break;
        counts.bad++;
        at++;
    }
    return counts;
}

static bool looks_utf16(hz_slice text, bool is_utf8, bool *big_endian)
{
    size_t nul[2] = {0, 0}, units = text.len / 2;
    for (size_t i = 0; i < units * 2; i++)
        nul[i & 1] += text.ptr[i] == '\0';
    *big_endian = nul[0] > nul[1];
    size_t most = nul[*big_endian ? 0 : 1], least = nul[*big_endian ? 1 : 0];
    return most >= 2 && least * 8 <= most && most * (is_utf8 ? 2 : 32) >= units;
}

/* Two-byte characters and four-byte ones of GB18030; Big5 has no four-byte ones. */
static bool form_valid(hz_slice text, bool big5, bool whole)
{
    for (size_t at = 0; at < text.len;) {
        unsigned char lead = (unsigned char)text.ptr[at];
        if (lead < 0x80) {
            at++;
            continue;
        }
        if (lead == 0x80 || lead == 0xff || (big5 && lead > 0xf9))
            return false;
        if (at + 1 >= text.len)
            return !whole;
        unsigned char trail = (unsigned char)text.ptr[at + 1];
        bool pair = trail >= 0x40 && trail != 0x7f && trail != 0xff && !(big5 && trail >= 0x80 && trail < 0xa1);
        bool four = !big5 && trail >= '0' && trail <= '9';
        if (!pair && !four)
            return false;
        at += pair ? 2 : 4;
    }
    return true;
}

static bool valid_in(const char *charset, hz_slice text, bool whole)
{
    if (!form_valid(text, strcmp(charset, "BIG5") == 0, whole))
        return false;
    iconv_t convert = iconv_open("UTF-8", charset);
    if (convert == (iconv_t)-1)
        return true; /* iconv's tables are not installed everywhere: the form has to do */
    char *from = (char *)(uintptr_t)text.ptr, into[4096];
    size_t left = text.len;
    bool valid = true;
    while (left && valid) {
        char *to = into;
        size_t room = sizeof into;
        if (iconv(convert, &from, &left, &to, &room) == (size_t)-1 && errno != E2BIG) {
            valid = errno == EINVAL && !whole;
            break;
        }
    }
    iconv_close(convert);
    return valid;
}

/* Whether the second bytes of pairs are those of Big5 rather than of simplified text in GB18030. */
static bool pairs_like_big5(hz_slice text)
{
    size_t pairs = 0, low = 0;
    for (size_t at = 0; at + 1 < text.len; at++)
        if ((unsigned char)text.ptr[at] >= 0x81) {
            unsigned char trail = (unsigned char)text.ptr[++at];
            low += trail >= 0x40 && trail <= 0x7e;
            pairs++;
        }
    return low * 5 > pairs;
}

hz_encoding hz_detect_encoding(hz_slice sample, bool whole)
{
    if (hz_slice_starts(sample, HZ_SLICE_LIT("\xef\xbb\xbf")))
        return HZ_ENCODING_UTF8_BOM;
    if (hz_slice_starts(sample, HZ_SLICE_LIT("\xff\xfe")))
        return HZ_ENCODING_UTF16LE;
    if (hz_slice_starts(sample, HZ_SLICE_LIT("\xfe\xff")))
        return HZ_ENCODING_UTF16BE;

    utf8_counts counts = count_utf8(sample, whole);
    bool few_bad = counts.bad * 2 <= counts.bad + counts.good || counts.bad < 4, big_endian;
    if (looks_utf16(sample, few_bad, &big_endian))
        return big_endian ? HZ_ENCODING_UTF16BE : HZ_ENCODING_UTF16LE;
    if (few_bad)
        return HZ_ENCODING_UTF8;
    if (pairs_like_big5(sample) && valid_in("BIG5", sample, whole))
        return HZ_ENCODING_BIG5;
    if (valid_in("GB18030", sample, whole))
        return HZ_ENCODING_GB18030;
    return counts.bad >= 16 && counts.bad * 20 >= sample.len ? HZ_ENCODING_UNKNOWN : HZ_ENCODING_UTF8;
}

enum { RECORDS_LOOKED_AT = 100 };

typedef struct fit {
    uint64_t columns, records, alike;
} fit;

/* columns 0: the delimiter is not in the header. */
static fit try_delimiter(char delimiter, hz_slice sample, bool whole, const hz_limits *limits)
{
    hz_csv_dialect dialect = {delimiter, limits->value[HZ_LIMIT_FIELD_BYTES], limits->value[HZ_LIMIT_RECORD_BYTES]};
    fit f = {0, 0, 0};
    hz_csv_cut cut;
    uint32_t *none = NULL;
    for (size_t at = 0; at < sample.len && f.records < RECORDS_LOOKED_AT; at = cut.next) {
        if (hz_csv_cut_record(&cut, none, 0, &dialect, sample.ptr, at, sample.len, whole) != HZ_CSV_CUT_DONE)
            break;
        if (cut.end == at)
            continue;
        uint64_t without_last = cut.fields - (sample.ptr[cut.end - 1] == delimiter);
        if (f.columns == 0) {
            if (cut.fields < 2)
                break;
            f.columns = without_last;
        } else {
            f.records++;
            f.alike += !cut.bad && (cut.fields == f.columns || without_last == f.columns);
        }
    }
    return f;
}

/* Whether a is better than b: shares as a cross product; a file of a header alone counts as wholly alike. */
static bool better(fit a, fit b)
{
    uint64_t left = (a.records ? a.alike : 1) * (b.records ? b.records : 1);
    uint64_t right = (b.records ? b.alike : 1) * (a.records ? a.records : 1);
    return left != right ? left > right : a.columns > b.columns;
}

char hz_detect_delimiter(hz_slice sample, bool whole, const hz_limits *limits)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    char best = ',';
    fit best_fit = {0, 0, 0};
    for (size_t i = 0; i < sizeof candidates; i++) {
        fit f = try_delimiter(candidates[i], sample, whole, limits);
        if (f.columns && (best_fit.columns == 0 || better(f, best_fit))) {
            best = candidates[i];
            best_fit = f;
        }
    }
    return best;
}
