/* The scanner with SSE2, which every x86-64 has: four vectors of 16 bytes a chunk. */
#if defined(__x86_64__)
#include "base/utf8.h"
#include <emmintrin.h>
#define SCAN_FN static inline __attribute__((always_inline))
#include "validator/source/csv_scan_core.h"

SCAN_FN uint64_t equal(const __m128i v[4], char c)
{
    __m128i wanted = _mm_set1_epi8(c);
    uint64_t bits = 0;
    for (int i = 0; i < 4; i++)
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], wanted)) << (16 * i);
    return bits;
}

SCAN_FN scan_masks masks_at(const char *bytes, char delimiter)
{
    __m128i v[4];
    uint64_t high = 0;
    for (int i = 0; i < 4; i++) {
        v[i] = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        high |= (uint64_t)(uint32_t)_mm_movemask_epi8(v[i]) << (16 * i);
    }
    return (scan_masks){equal(v, '"'), equal(v, delimiter), equal(v, '\r'), equal(v, '\n'), equal(v, '\0'), high};
}

SCAN_FN uint64_t prefix_xor(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

static void scan_sse2(hz_csv_scan *scan, const char *bytes, size_t from, size_t to, char delimiter)
{
    scan_all(scan, bytes, from, to, delimiter);
}

static bool utf8_valid(const char *bytes, size_t len)
{
    return hz_utf8_valid((hz_slice){bytes, len});
}

const hz_csv_scanner hz_csv_scanner_sse2 = {"sse2", scan_sse2, utf8_valid};
#else
typedef int hz_csv_scan_sse2_unused;
#endif
