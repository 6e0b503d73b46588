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
    case HZ_ENCODING_GBK:
        return "GBK";
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

/* Bytes of the sample that have no character in the charset. */
static size_t errors_in(const char *charset, hz_slice text, bool whole)
{
    iconv_t convert = iconv_open("UTF-8", charset);
    if (convert == (iconv_t)-1) /* iconv's tables are not installed everywhere: the form has to do */
        return form_valid(text, strcmp(charset, "BIG5") == 0, whole) ? 0 : text.len;
    char *from = (char *)(uintptr_t)text.ptr, into[4096];
    size_t left = text.len, errors = 0;
    while (left) {
        char *to = into;
        size_t room = sizeof into;
        if (iconv(convert, &from, &left, &to, &room) == (size_t)-1 && errno != E2BIG) {
            if (errno == EINVAL && !whole)
                break;
            errors++;
            from++;
            left--;
        }
    }
    iconv_close(convert);
    return errors;
}

static bool valid_in(const char *charset, hz_slice text, bool whole)
{
    return errors_in(charset, text, whole) == 0;
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

typedef struct pair_counts {
    size_t daily, others;
} pair_counts;

/* Two-byte characters: those in daily use, the rest. Four-byte ones of GB18030 are passed over. */
static pair_counts count_pairs(hz_slice text, bool big5)
{
    pair_counts counts = {0, 0};
    for (size_t at = 0; at + 1 < text.len; at++) {
        unsigned char lead = (unsigned char)text.ptr[at], trail = (unsigned char)text.ptr[at + 1];
        if (lead < 0x81)
            continue;
        if (!big5 && trail >= '0' && trail <= '9') {
            at += 3;
            continue;
        }
        bool daily = big5 ? lead >= 0xa1 && lead <= 0xc6
                          : trail >= 0xa1 && (lead <= 0xa3 || (lead >= 0xb0 && lead <= 0xd7)) && lead >= 0xa1;
        counts.daily += daily;
        counts.others += !daily;
        at++;
    }
    return counts;
}

static unsigned percent(size_t part, size_t all)
{
    size_t share = all ? part * 100 / all : 0;
    return (unsigned)(share > 99 ? 99 : share);
}

bool hz_looks_gb18030(hz_slice record)
{
    pair_counts counts = count_pairs(record, false);
    return counts.daily >= 3 && counts.daily >= counts.others && valid_in("GB18030", record, true);
}

/* Whether at most one byte goes wrong in 20 two-byte characters. */
static bool mostly_in(bool big5, hz_slice sample, bool whole, unsigned *confidence)
{
    pair_counts pairs = count_pairs(sample, big5);
    size_t errors = errors_in(big5 ? "BIG5" : "GB18030", sample, whole), all = pairs.daily + pairs.others;
    *confidence = percent(pairs.daily, all + errors);
    return errors * 20 <= all;
}

static hz_encoding by_mark(hz_slice sample)
{
    return hz_slice_starts(sample, HZ_SLICE_LIT("\xef\xbb\xbf"))       ? HZ_ENCODING_UTF8_BOM
           : hz_slice_starts(sample, HZ_SLICE_LIT("\xff\xfe"))         ? HZ_ENCODING_UTF16LE
           : hz_slice_starts(sample, HZ_SLICE_LIT("\xfe\xff"))         ? HZ_ENCODING_UTF16BE
           : hz_slice_starts(sample, HZ_SLICE_LIT("\x84\x31\x95\x33")) ? HZ_ENCODING_GB18030
                                                                       : HZ_ENCODING_UNKNOWN;
}

hz_encoding hz_detect_encoding(hz_slice sample, bool whole, unsigned *confidence)
{
    unsigned unused;
    confidence = confidence ? confidence : &unused;
    *confidence = 100;
    hz_encoding marked = by_mark(sample);
    if (marked != HZ_ENCODING_UNKNOWN)
        return marked;
    utf8_counts counts = count_utf8(sample, whole);
    bool few_bad = counts.bad * 2 <= counts.bad + counts.good || counts.bad < 4, big_endian;
    if (looks_utf16(sample, few_bad, &big_endian)) {
        size_t nul[2] = {0, 0};
        for (size_t i = 0; i < sample.len; i++)
            nul[i & 1] += sample.ptr[i] == '\0';
        *confidence = percent(nul[big_endian ? 0 : 1], nul[0] + nul[1]);
        return big_endian ? HZ_ENCODING_UTF16BE : HZ_ENCODING_UTF16LE;
    }
    if (few_bad)
        return HZ_ENCODING_UTF8;
    bool big5 = pairs_like_big5(sample) && mostly_in(true, sample, whole, confidence);
    if (big5 || mostly_in(false, sample, whole, confidence))
        return big5 ? HZ_ENCODING_BIG5 : HZ_ENCODING_GB18030;
    *confidence = 100;
    return counts.bad >= 16 && counts.bad * 20 >= sample.len ? HZ_ENCODING_UNKNOWN : HZ_ENCODING_UTF8;
}

hz_status hz_encoding_parse(hz_encoding *out, hz_slice name, hz_error *err)
{
    static const struct {
        const char *name;
        hz_encoding encoding;
    } known[] = {{"utf-8", HZ_ENCODING_UTF8},       {"gb18030", HZ_ENCODING_GB18030},  {"gbk", HZ_ENCODING_GBK},
                 {"gb2312", HZ_ENCODING_GBK},       {"big5", HZ_ENCODING_BIG5},        {"utf-16", HZ_ENCODING_UTF16LE},
                 {"utf-16le", HZ_ENCODING_UTF16LE}, {"utf-16be", HZ_ENCODING_UTF16BE}, {"utf8", HZ_ENCODING_UTF8}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == name.len && strncasecmp(known[i].name, name.ptr, name.len) == 0) {
            *out = known[i].encoding;
            return HZ_OK;
        }
    return hz_fail(err, HZ_E_USAGE, HZ_M(SOURCE_ENCODING_NAME), HZ_S(name),
                   HZ_Z("utf-8 gb18030 gbk gb2312 big5 utf-16 utf-16le utf-16be"));
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
