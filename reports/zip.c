/* zip.c: see zip.h. Deflate at its fastest: reports are made of few words that come again and again, and a slower one
 * gains a tenth of size for three times the time. */
#include "reports/zip.h"
#include "base/alloc.h"
#include <stdio.h>

enum {
    LEVEL = 1,
    PIECE_BYTES = 64 * 1024,
    VERSION = 20,
    VERSION_64 = 45,
    FLAGS = 0x0808, /* sizes behind the entry; names in UTF-8 */
    DEFLATED = 8,
    DATE_1980 = 0x21
};
static const uint64_t most32 = UINT32_MAX;

static void *take(void *ctx, unsigned items, unsigned bytes)
{
    (void)ctx;
    return hz_mem_alloc((size_t)items * bytes);
}

static void give(void *ctx, void *memory)
{
    (void)ctx;
    hz_mem_free(memory);
}

/* ---- bytes ---- */

static void put_number(hz_zip *zip, uint64_t n, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        hz_buf_putc(zip->out, (char)(uint8_t)(i < 8 ? n >> (8 * i) : 0));
    zip->given += bytes;
}

static void put_bytes(hz_zip *zip, const char *bytes, size_t count)
{
    hz_buf_put(zip->out, (hz_slice){bytes, count});
    zip->given += count;
}

static uint64_t low32(uint64_t n)
{
    return n < most32 ? n : most32;
}

/* What local header and directory have in common, from version to date. */
static void put_kind(hz_zip *zip, unsigned version)
{
    put_number(zip, version, 2);
    put_number(zip, FLAGS, 2);
    put_number(zip, DEFLATED, 2);
    put_number(zip, 0, 2);
    put_number(zip, DATE_1980, 2);
}

/* ---- entries ---- */

void hz_zip_begin(hz_zip *zip, hz_buf *out)
{
    *zip = (hz_zip){.out = out, .stream = {.zalloc = take, .zfree = give}};
    zip->ready = deflateInit2(&zip->stream, LEVEL, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK;
    zip->failed = !zip->ready;
}

void hz_zip_entry(hz_zip *zip, const char *name)
{
    zip->failed = zip->failed || !HZ_GROW(zip->entries, zip->capacity, zip->count + 1);
    if (zip->failed)
        return;
    struct hz_zip_entry *entry = &zip->entries[zip->count++];
    *entry = (struct hz_zip_entry){.at = zip->given};
    (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    put_bytes(zip, "PK\3\4", 4);
    put_kind(zip, VERSION);
    put_number(zip, 0, 4 + 4 + 4);
    put_number(zip, strlen(entry->name), 2);
    put_number(zip, 0, 2);
    put_bytes(zip, entry->name, strlen(entry->name));
    (void)deflateReset(&zip->stream);
}

static void deflate_all(hz_zip *zip, int flush)
{
    struct hz_zip_entry *entry = &zip->entries[zip->count - 1];
    do {
        char *into = hz_buf_reserve(zip->out, PIECE_BYTES);
        if (!into)
            return; /* the buffer knows */
        zip->stream.next_out = (Bytef *)into;
        zip->stream.avail_out = PIECE_BYTES;
        (void)deflate(&zip->stream, flush);
        size_t made = PIECE_BYTES - zip->stream.avail_out;
        zip->out->len += made;
        zip->out->ptr[zip->out->len] = '\0';
        zip->given += made;
        entry->packed += made;
    } while (zip->stream.avail_out == 0);
}

void hz_zip_put(hz_zip *zip, hz_slice bytes)
{
    if (zip->failed || !bytes.len)
        return;
    struct hz_zip_entry *entry = &zip->entries[zip->count - 1];
    for (size_t at = 0; at < bytes.len;) {
        size_t left = bytes.len - at;
        uInt now = left < (1 << 30) ? (uInt)left : 1 << 30;
        zip->stream.next_in = (Bytef *)(uintptr_t)(bytes.ptr + at); /* zlib does not write there */
        zip->stream.avail_in = now;
        entry->crc = (uint32_t)crc32(entry->crc, zip->stream.next_in, now);
        deflate_all(zip, Z_NO_FLUSH);
        at += now;
    }
    entry->bytes += bytes.len;
}

void hz_zip_entry_end(hz_zip *zip)
{
    if (zip->failed)
        return;
    const struct hz_zip_entry *entry = &zip->entries[zip->count - 1];
    zip->stream.avail_in = 0;
    deflate_all(zip, Z_FINISH);
    put_bytes(zip, "PK\7\10", 4);
    put_number(zip, entry->crc, 4);
    put_number(zip, entry->packed, 4);
    put_number(zip, entry->bytes, 4);
}

/* ---- the directory ---- */

static void put_entry(hz_zip *zip, const struct hz_zip_entry *entry)
{
    bool far = entry->at >= most32;
    put_bytes(zip, "PK\1\2", 4);
    put_number(zip, far ? VERSION_64 : VERSION, 2);
    put_kind(zip, far ? VERSION_64 : VERSION);
    put_number(zip, entry->crc, 4);
    put_number(zip, entry->packed, 4);
    put_number(zip, entry->bytes, 4);
    put_number(zip, strlen(entry->name), 2);
    put_number(zip, far ? 12 : 0, 2);
    put_number(zip, 0, 2 + 2 + 2);
    put_number(zip, 0, 4);
    put_number(zip, low32(entry->at), 4);
    put_bytes(zip, entry->name, strlen(entry->name));
    if (far) {
        put_number(zip, 1, 2); /* the zip64 field */
        put_number(zip, 8, 2);
        put_number(zip, entry->at, 8);
    }
}

static void put_far_end(hz_zip *zip, uint64_t from, uint64_t bytes)
{
    uint64_t at = zip->given;
    put_bytes(zip, "PK\6\6", 4);
    put_number(zip, 44, 8);
    put_number(zip, VERSION_64, 2);
    put_number(zip, VERSION_64, 2);
    put_number(zip, 0, 4 + 4);
    put_number(zip, zip->count, 8);
    put_number(zip, zip->count, 8);
    put_number(zip, bytes, 8);
    put_number(zip, from, 8);
    put_bytes(zip, "PK\6\7", 4);
    put_number(zip, 0, 4);
    put_number(zip, at, 8);
    put_number(zip, 1, 4);
}

hz_status hz_zip_end(hz_zip *zip, hz_error *err)
{
    uint64_t from = zip->given;
    bool failed = zip->failed;
    for (size_t i = 0; i < zip->count && !failed; i++)
        put_entry(zip, &zip->entries[i]);
    uint64_t bytes = zip->given - from, count = zip->count < UINT16_MAX ? zip->count : UINT16_MAX;
    if (from + bytes >= most32 || count == UINT16_MAX)
        put_far_end(zip, from, bytes);
    put_bytes(zip, "PK\5\6", 4);
    put_number(zip, 0, 4);
    put_number(zip, count, 2);
    put_number(zip, count, 2);
    put_number(zip, low32(bytes), 4);
    put_number(zip, low32(from), 4);
    put_number(zip, 0, 2);
    hz_status st = failed ? hz_nomem(err, sizeof *zip) : hz_buf_status(zip->out, err);
    hz_zip_clear(zip);
    return st;
}

void hz_zip_clear(hz_zip *zip)
{
    if (zip->ready)
        (void)deflateEnd(&zip->stream);
    hz_mem_free(zip->entries);
    *zip = (hz_zip){.out = zip->out};
}
