/* kernels_similar.c: similarity and pinyin.
 *
 * Similarity is that of PostgreSQL's pg_trgm: each word (a run of letters and digits, in lower case) gets two blanks
 * before and one behind; its trigrams are the runs of three characters; the result is the count of trigrams in both
 * texts over the count in either. Three characters of 21 bits are one number, so that nothing is hashed and equal
 * numbers are equal trigrams. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/eval/kernels_int.h"
#include "validator/eval/likeness.h"
#include <stdlib.h>
#ifdef HZ_WITH_ICU
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#endif

/* Beyond ASCII everything is a letter but the blocks of marks, symbols and blanks. */
static bool is_word(uint32_t c)
{
    static const uint32_t others[][2] = {
        {0x80, 0xA9},     {0xAB, 0xB1},       {0xB4, 0xB4},     {0xB6, 0xB8},     {0xBB, 0xBB},     {0xBF, 0xBF},
        {0xD7, 0xD7},     {0xF7, 0xF7},       {0x2000, 0x206F}, {0x20A0, 0x20CF}, {0x2190, 0x245F}, {0x2500, 0x2BFF},
        {0x3000, 0x3004}, {0x3008, 0x3020},   {0x3030, 0x3030}, {0x303D, 0x303F}, {0x30FB, 0x30FB}, {0xE000, 0xF8FF},
        {0xFE10, 0xFE1F}, {0xFE30, 0xFE6F},   {0xFF01, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65},
        {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF},
    };
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    for (size_t i = 0; i < sizeof others / sizeof *others && others[i][0] <= c; i++)
        if (c <= others[i][1])
            return false;
    return true;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The distinct trigrams of text in order, at most 2 for a byte and 1 more; returns their count. */
static size_t trigrams(uint64_t *out, hz_slice text)
{
    static const uint64_t mask = (UINT64_C(1) << 63) - 1;
    size_t count = 0, at = 0;
    while (at < text.len) {
        uint64_t window = (uint64_t)' ' << 21 | ' ';
        bool word = false;
        while (at < text.len) {
            uint32_t c = hz_utf8_next(text, &at);
            if (!is_word(c))
                break;
            word = true;
            window = (window << 21 | hz_utf8_lower(c)) & mask;
            out[count++] = window;
        }
        if (word)
            out[count++] = (window << 21 | ' ') & mask;
    }
    qsort(out, count, sizeof *out, by_value);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!kept || out[kept - 1] != out[i])
            out[kept++] = out[i];
    return kept;
}

static hz_status similarity(hz_run *run, hz_decimal *out, hz_slice a, hz_slice b)
{
    hz_eval *eval = run->eval;
    size_t room = 2 * (a.len + b.len) + 2;
    if (!HZ_GROW(eval->trigrams, eval->trigrams_capacity, room))
        return hz_nomem(run->err, room * sizeof(uint64_t));
    uint64_t *x = eval->trigrams, *y = x + 2 * a.len + 1;
    size_t x_count = trigrams(x, a), y_count = trigrams(y, b), common = 0;
    for (size_t i = 0, j = 0; i < x_count && j < y_count;) {
        common += x[i] == y[j];
        bool left = x[i] <= y[j], right = y[j] <= x[i];
        i += left;
        j += right;
    }
    size_t either = x_count + y_count - common;
    hz_decimal none = {0, HZ_DECIMAL_DIVISION_SCALE};
    if (!either || !hz_decimal_div(out, hz_decimal_of((int64_t)common), hz_decimal_of((int64_t)either)))
        *out = none;
    return HZ_OK;
}

hz_status hz_kernel_similarity(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DECIMAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count)
    HZ_TRY(similarity(run, &out->as.decimal[i], a->vec.as.text[i * a->step], b->vec.as.text[i * b->step]));
    return HZ_OK;
}

#ifdef HZ_WITH_ICU
static hz_status transliterator(hz_run *run, UTransliterator **out)
{
    static const UChar id[] = u"Han-Latin; NFD; [:Nonspacing Mark:] Remove; NFC; Lower; [:White_Space:] Remove";
    if (!run->eval->pinyin) {
        UErrorCode code = U_ZERO_ERROR;
        run->eval->pinyin = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
        if (U_FAILURE(code)) {
            run->eval->pinyin = NULL;
            return code == U_MEMORY_ALLOCATION_ERROR
                       ? hz_nomem(run->err, 0)
                       : hz_fail(run->err, HZ_E_INTERNAL, HZ_M(EVAL_ICU), HZ_Z(u_errorName(code)));
        }
    }
    *out = run->eval->pinyin;
    return HZ_OK;
}

/* A syllable has at most six letters and a blank. */
enum { UNITS_PER_BYTE = 8, UTF8_PER_UNIT = 3 };

static hz_status pinyin(hz_run *run, hz_slice *out, hz_slice text)
{
    UTransliterator *latin = NULL;
    HZ_TRY(transliterator(run, &latin));
    *out = text;
    if (!text.len)
        return HZ_OK;
    if (text.len > INT32_MAX / (UNITS_PER_BYTE * UTF8_PER_UNIT))
        return HZ_END;
    int32_t room = (int32_t)text.len * UNITS_PER_BYTE, len = 0, limit, bytes_len = 0;
    UErrorCode code = U_ZERO_ERROR;
    UChar *units = hz_run_keep(run, (size_t)room * sizeof *units);
    if (!units)
        return HZ_E_NOMEM;
    u_strFromUTF8WithSub(units, room, &len, text.ptr, (int32_t)text.len, 0xFFFD, NULL, &code);
    limit = len;
    utrans_transUChars(latin, units, &len, room, 0, &limit, &code);
    char *bytes = hz_run_keep(run, (size_t)len * UTF8_PER_UNIT + 1);
    if (!bytes)
        return HZ_E_NOMEM;
    u_strToUTF8(bytes, len * UTF8_PER_UNIT + 1, &bytes_len, units, len, &code);
    if (U_FAILURE(code))
        return hz_fail(run->err, HZ_E_INTERNAL, HZ_M(EVAL_ICU), HZ_Z(u_errorName(code)));
    *out = (hz_slice){bytes, (size_t)bytes_len};
    return HZ_OK;
}

/* Han characters of the planes below: what lies past them has no sound here. */
enum { SOUND_FROM = 0x3400, SOUND_TO = 0xA000, SOUND_UNKNOWN = UINT32_MAX, SYLLABLE_UNITS = 32 };

/* A syllable has at most six letters: digits of a number to the base of 27. */
static uint32_t number_of_syllable(const UChar *units, int32_t len)
{
    uint32_t number = 0;
    for (int32_t i = 0; i < len; i++) {
        if (units[i] < 'a' || units[i] > 'z' || len > 6)
            return 0;
        number = number * 27 + (uint32_t)(units[i] - 'a' + 1);
    }
    return number;
}

hz_status hz_eval_sound(uint32_t *out, hz_eval *eval, uint32_t c, hz_error *err)
{
    *out = 0;
    if (c < SOUND_FROM || c >= SOUND_TO)
        return HZ_OK;
    if (!eval->sounds) {
        eval->sounds = hz_mem_alloc((SOUND_TO - SOUND_FROM) * sizeof *eval->sounds);
        if (!eval->sounds)
            return hz_nomem(err, (SOUND_TO - SOUND_FROM) * sizeof *eval->sounds);
        memset(eval->sounds, 0xFF, (SOUND_TO - SOUND_FROM) * sizeof *eval->sounds);
    }
    uint32_t *known = &eval->sounds[c - SOUND_FROM];
    if (*known == SOUND_UNKNOWN) {
        hz_run run = {.eval = eval, .err = err};
        UTransliterator *latin = NULL;
        UChar units[SYLLABLE_UNITS] = {(UChar)c};
        int32_t len = 1, limit = 1;
        UErrorCode code = U_ZERO_ERROR;
        HZ_TRY(transliterator(&run, &latin));
        utrans_transUChars(latin, units, &len, SYLLABLE_UNITS, 0, &limit, &code);
        *known = U_FAILURE(code) ? 0 : number_of_syllable(units, len);
    }
    *out = *known;
    return HZ_OK;
}

hz_status hz_kernel_pinyin(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count)
    {
        hz_status st = pinyin(run, &out->as.text[i], a->vec.as.text[i * a->step]);
        if (st == HZ_END)
            hz_bits_unset(out->valid, i);
        else if (st != HZ_OK)
            return st;
    }
    return HZ_OK;
}
#else
hz_status hz_eval_sound(uint32_t *out, hz_eval *eval, uint32_t c, hz_error *err)
{
    (void)eval;
    (void)c;
    *out = 0;
    return hz_fail(err, HZ_E_INTERNAL, HZ_M(EVAL_NO_ICU));
}

hz_status hz_kernel_pinyin(hz_run *run, const hz_ins *ins)
{
    (void)ins;
    return hz_fail(run->err, HZ_E_INTERNAL, HZ_M(EVAL_NO_ICU));
}
#endif
