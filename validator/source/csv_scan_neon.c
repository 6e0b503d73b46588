/* The scanner with NEON, which every AArch64 has: four vectors of 16 bytes a chunk. */
#if defined(__aarch64__)
#include "base/utf8.h"
#include <arm_neon.h>
#define SCAN_FN static inline __attribute__((always_inline))
#include "validator/source/csv_scan_core.h"

/* NEON has no movemask: each lane keeps the bit of its place, then neighbours are added three times. */
SCAN_FN uint64_t mask_of(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    static const uint8_t places[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t place = vld1q_u8(places);
    uint8x16_t ab = vpaddq_u8(vandq_u8(a, place), vandq_u8(b, place));
    uint8x16_t cd = vpaddq_u8(vandq_u8(c, place), vandq_u8(d, place));
    uint8x16_t all = vpaddq_u8(ab, cd);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

SCAN_FN uint64_t equal(const uint8x16_t v[4], char c)
{
    uint8x16_t wanted = vdupq_n_u8((uint8_t)c);
    return mask_of(vceqq_u8(v[0], wanted), vceqq_u8(v[1], wanted), vceqq_u8(v[2], wanted), vceqq_u8(v[3], wanted));
}

SCAN_FN scan_masks masks_at(const char *bytes, char delimiter)
{
    uint8x16_t v[4], over = vdupq_n_u8(0x7f);
    for (int i = 0; i < 4; i++)
        v[i] = vld1q_u8((const uint8_t *)bytes + 16 * i);
    uint64_t high = mask_of(vcgtq_u8(v[0], over), vcgtq_u8(v[1], over), vcgtq_u8(v[2], over), vcgtq_u8(v[3], over));
    return (scan_masks){equal(v, '"'), equal(v, delimiter), equal(v, '\r'), equal(v, '\n'), equal(v, '\0'), high};
}

SCAN_FN uint64_t prefix_xor(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

static void scan_neon(hz_csv_scan *scan, const char *bytes, size_t from, size_t to, char delimiter)
{
    scan_all(scan, bytes, from, to, delimiter);
}

static bool utf8_valid(const char *bytes, size_t len)
{
    return hz_utf8_valid((hz_slice){bytes, len});
}

const hz_csv_scanner hz_csv_scanner_neon = {"neon", scan_neon, utf8_valid};
#else
typedef int hz_csv_scan_neon_unused;
#endif
