/* zip.h: a zip archive written front to back into a buffer, which may have a sink: entries are deflated as they come
 * and their sizes stand behind them (APPNOTE 4.3.9), so that nothing is held and nothing is read back. Every entry has
 * the date 1980-01-01: same entries, same bytes. An archive may pass 4 GiB, an entry not. Errors are sticky: hz_zip_end
 * tells. */
#ifndef HZ_REPORTS_ZIP_H
#define HZ_REPORTS_ZIP_H
#include "base/buf.h"
#include <zlib.h>

enum { HZ_ZIP_NAME_BYTES = 48 };
static const uint64_t HZ_ZIP_ENTRY_BYTES = UINT64_C(3) << 30; /* of an entry; the caller stops before */

typedef struct hz_zip {
    hz_buf *out;
    uint64_t given; /* bytes that went to out */
    struct hz_zip_entry {
        char name[HZ_ZIP_NAME_BYTES];
        uint64_t at, bytes, packed;
        uint32_t crc;
    } * entries;
    size_t count, capacity;
    z_stream stream;
    bool ready, failed; /* the stream is made; no memory */
} hz_zip;

void hz_zip_begin(hz_zip *zip, hz_buf *out);
/* An entry; what hz_zip_put gives is in it, until hz_zip_entry_end. name is cut to HZ_ZIP_NAME_BYTES - 1. */
void hz_zip_entry(hz_zip *zip, const char *name);
void hz_zip_put(hz_zip *zip, hz_slice bytes);
void hz_zip_entry_end(hz_zip *zip);
static inline uint64_t hz_zip_entry_bytes(const hz_zip *zip)
{
    return zip->count ? zip->entries[zip->count - 1].bytes : 0;
}
/* The directory; frees all. */
HZ_NODISCARD hz_status hz_zip_end(hz_zip *zip, hz_error *err);
void hz_zip_clear(hz_zip *zip); /* frees, where there is no end */
#endif
