/* The reader of delimited text. Input: byte 0 chooses block size and scanner, byte 1 delimiter and limits, the rest is
 * the file. What must hold: no way of reading differs from any other; no promise of source.h is broken (source_kit.h
 * looks: order, the late pass, bytes_seen); and the naive reader says the same where it applies. */
#include "tests/unit/source/naive_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what, hz_slice a, hz_slice b)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n--- a\n", what);
    fwrite(a.ptr, 1, a.len, stderr);
    fputs("--- b\n", stderr);
    fwrite(b.ptr, 1, b.len, stderr);
    __builtin_trap();
}

/* Files that begin like gzip or Zstandard are unpacked, which the naive reader does not do. */
static bool is_packed(hz_slice text)
{
    return (text.len >= 2 && memcmp(text.ptr, "\x1f\x8b", 2) == 0) ||
           (text.len >= 4 && memcmp(text.ptr, "\x28\xb5\x2f\xfd", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static kit_file file;
    static const char delimiters[] = {'\0', ',', ';', '\t'};
    hz_buf one = HZ_BUF_INIT, other = HZ_BUF_INIT, naive = HZ_BUF_INIT;
    hz_limits limits;
    if (size < 2 || size > 100000)
        return 0;
    hz_limits_init(&limits);
    size_t scanners = 0;
    while (hz_csv_scanner_at(scanners))
        scanners++;
    hz_slice text = {(const char *)data + 2, size - 2};
    kit_way way = {1 + data[0] % 80u, data[0] / 80u % scanners, delimiters[data[1] & 3], &limits, NULL};
    kit_way plain = {1 << 17, 0, way.delimiter, &limits, NULL};
    if (data[1] & 4)
        limits.value[HZ_LIMIT_FIELD_BYTES] = data[1] >> 4;
    bool small_records = data[1] & 8;
    if (small_records)
        limits.value[HZ_LIMIT_RECORD_BYTES] = 8u + (data[1] >> 4) * 4u;

    kit_dump(&one, &file, text, &way);
    kit_dump(&other, &file, text, &plain);
    require(kit_broken_count == 0, "a promise is broken", hz_buf_slice(&one), text);
    require(hz_slice_eq(hz_buf_slice(&one), hz_buf_slice(&other)), "two ways differ", hz_buf_slice(&one),
            hz_buf_slice(&other));
    /* The naive reader counts lines anew for each record, and has no limit on records. */
    if (!small_records && text.len <= 4096 && !is_packed(text)) {
        naive_dump(&naive, text, way.delimiter, &limits);
        require(hz_slice_eq(hz_buf_slice(&one), hz_buf_slice(&naive)) || naive_silent(&naive),
                "the naive reader differs", hz_buf_slice(&one), hz_buf_slice(&naive));
    }
    hz_buf_clear(&one);
    hz_buf_clear(&other);
    hz_buf_clear(&naive);
    return 0;
}
