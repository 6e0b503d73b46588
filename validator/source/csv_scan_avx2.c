/* The scanner with AVX2 and carry-less multiplication, and a UTF-8 validator with the same vectors.
 *
 * The validator follows J. Keiser, D. Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2021): what can
 * be wrong with two neighbouring bytes is seen from three nibbles (both of the first, the high one of the second). Each
 * nibble looks up a set of suspicions; one that all three share is an error. "Continuation behind continuation" is one
 * of them, and it is right where a lead byte two or three places before asks for it: there it is expected, and its
 * absence the error. */
#if defined(__x86_64__)
#include "base/utf8.h"
#include <immintrin.h>
#define AVX2    __attribute__((target("avx2,pclmul,bmi,popcnt")))
#define SCAN_FN static inline __attribute__((always_inline)) AVX2
#include "validator/source/csv_scan_core.h"

SCAN_FN uint64_t equal(__m256i low, __m256i high, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) << 32;
}

SCAN_FN scan_masks masks_at(const char *bytes, char delimiter)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
    uint64_t high_bits = (uint64_t)(uint32_t)_mm256_movemask_epi8(high);
    return (scan_masks){.quote = equal(low, high, '"'),
                        .delimiter = equal(low, high, delimiter),
                        .cr = equal(low, high, '\r'),
                        .lf = equal(low, high, '\n'),
                        .nul = equal(low, high, '\0'),
                        .high = high_bits << 32 | (uint32_t)_mm256_movemask_epi8(low)};
}

/* Multiplying by all ones without carries sums each bit into all above it. */
SCAN_FN uint64_t prefix_xor(uint64_t bits)
{
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xff), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

AVX2 static void scan_avx2(hz_csv_scan *scan, const char *bytes, size_t from, size_t to, char delimiter)
{
    scan_all(scan, bytes, from, to, delimiter);
}

/* Suspicions about two neighbouring bytes. */
enum {
    NO_CONTINUATION = 0x01,                              /* lead byte, then no continuation */
    NO_LEAD = 0x02,                                      /* ASCII, then a continuation */
    OVERLONG_3 = 0x04,                                   /* E0, then 80 … 9F */
    TOO_LARGE = 0x08,                                    /* F4 or more, then 90 … BF */
    SURROGATE = 0x10,                                    /* ED, then A0 … BF */
    OVERLONG_2 = 0x20,                                   /* C0 or C1, then a continuation */
    OVERLONG_4 = 0x40,                                   /* F0, or F5 or more, then 80 … 8F */
    CONTINUATIONS = 0x80,                                /* two continuations */
    ANY_LOW = NO_CONTINUATION | NO_LEAD | CONTINUATIONS, /* what does not depend on the first byte's low nibble */
    LARGE = ANY_LOW | TOO_LARGE | OVERLONG_4,
    SECOND_ANY = NO_LEAD | OVERLONG_2 | CONTINUATIONS
};

/* clang-format off */
#define LEAD_E (NO_CONTINUATION | OVERLONG_3 | SURROGATE)
#define LEAD_F (NO_CONTINUATION | TOO_LARGE | OVERLONG_4)

static const uint8_t first_high[16] = {
    NO_LEAD, NO_LEAD, NO_LEAD, NO_LEAD, NO_LEAD, NO_LEAD, NO_LEAD, NO_LEAD,
    CONTINUATIONS, CONTINUATIONS, CONTINUATIONS, CONTINUATIONS,
    NO_CONTINUATION | OVERLONG_2, NO_CONTINUATION, LEAD_E, LEAD_F,
};
static const uint8_t first_low[16] = {
    ANY_LOW | OVERLONG_2 | OVERLONG_3 | OVERLONG_4, ANY_LOW | OVERLONG_2, ANY_LOW, ANY_LOW,
    ANY_LOW | TOO_LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE | SURROGATE, LARGE, LARGE,
};
static const uint8_t second_high[16] = {
    NO_CONTINUATION, NO_CONTINUATION, NO_CONTINUATION, NO_CONTINUATION,
    NO_CONTINUATION, NO_CONTINUATION, NO_CONTINUATION, NO_CONTINUATION,
    SECOND_ANY | OVERLONG_3 | OVERLONG_4, SECOND_ANY | OVERLONG_3 | TOO_LARGE,
    SECOND_ANY | SURROGATE | TOO_LARGE, SECOND_ANY | SURROGATE | TOO_LARGE,
    NO_CONTINUATION, NO_CONTINUATION, NO_CONTINUATION, NO_CONTINUATION,
};
/* clang-format on */

SCAN_FN __m256i table(const uint8_t items[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)items));
}

SCAN_FN __m256i high_nibbles(__m256i bytes)
{
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
}

/* Not zero where a byte of `now` (32 bytes behind those of `before`) shows an error. */
SCAN_FN __m256i errors_in(__m256i before, __m256i now)
{
    __m256i joint = _mm256_permute2x128_si256(before, now, 0x21);
    __m256i back1 = _mm256_alignr_epi8(now, joint, 15), back2 = _mm256_alignr_epi8(now, joint, 14),
            back3 = _mm256_alignr_epi8(now, joint, 13);
    __m256i low = _mm256_and_si256(back1, _mm256_set1_epi8(0x0f));
    __m256i suspicions = _mm256_and_si256(_mm256_shuffle_epi8(table(first_high), high_nibbles(back1)),
                                          _mm256_and_si256(_mm256_shuffle_epi8(table(first_low), low),
                                                           _mm256_shuffle_epi8(table(second_high), high_nibbles(now))));
    /* The subtraction leaves the top bit where the byte is at least E0 (F0). */
    __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(back3, _mm256_set1_epi8(0xf0 - 0x80));
    __m256i expected = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(suspicions, expected);
}

AVX2 static bool utf8_valid(const char *bytes, size_t len)
{
    __m256i before = _mm256_setzero_si256(), errors = before;
    char last[32] = {0};
    size_t at = 0;

    for (; len - at >= 32; at += 32) {
        __m256i now = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + at));
        /* Behind ASCII that itself follows ASCII nothing can be wrong. */
        if (_mm256_movemask_epi8(_mm256_or_si256(now, before)))
            errors = _mm256_or_si256(errors, errors_in(before, now));
        before = now;
    }
    /* The zeros behind the last byte stand for the end: a character cut short shows there. */
    if (len - at)
        memcpy(last, bytes + at, len - at);
    errors = _mm256_or_si256(errors, errors_in(before, _mm256_loadu_si256((const __m256i *)(const void *)last)));
    return _mm256_testz_si256(errors, errors);
}

const hz_csv_scanner hz_csv_scanner_avx2 = {"avx2", scan_avx2, utf8_valid};
#else
typedef int hz_csv_scan_avx2_unused;
#endif
