/* Which scanner this machine runs. */
#include "validator/source/csv_scan.h"

static const hz_csv_scanner *forced;

const hz_csv_scanner *hz_csv_scanner_at(size_t index)
{
    const hz_csv_scanner *all[4] = {&hz_csv_scanner_scalar, NULL, NULL, NULL};
#if defined(__x86_64__)
    __builtin_cpu_init();
    all[1] = &hz_csv_scanner_sse2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("popcnt"))
        all[2] = &hz_csv_scanner_avx2;
#elif defined(__aarch64__)
    all[1] = &hz_csv_scanner_neon;
#endif
    return index < sizeof all / sizeof all[0] ? all[index] : NULL;
}

const hz_csv_scanner *hz_csv_scanner_pick(bool scalar)
{
    if (scalar)
        return &hz_csv_scanner_scalar;
    if (forced)
        return forced;
    size_t last = 0;
    while (hz_csv_scanner_at(last + 1))
        last++;
    return hz_csv_scanner_at(last);
}

void hz_csv_scanner_force(const hz_csv_scanner *scanner)
{
    forced = scanner;
}
