/* stream_int.h: the layers of a stream. */
#ifndef HZ_SOURCE_STREAM_INT_H
#define HZ_SOURCE_STREAM_INT_H
#include "base/alloc.h"
#include "base/file.h"
#include "validator/source/stream.h"

#ifdef HZ_TINY
enum { HZ_LAYER_BYTES = 64 };
#else
enum { HZ_LAYER_BYTES = 1 << 16 };
#endif
/* The ratio of what comes out to what went in is looked at from here on: short text packs well. */
enum { HZ_RATIO_FROM_BYTES = 16 << 20 };

/* Bytes in order. Each kind begins its own struct with this one. */
typedef struct hz_layer hz_layer;
struct hz_layer {
    /* Some bytes, at least one while there are any; *got 0: the end. */
    hz_status (*read)(hz_layer *layer, char *into, size_t len, size_t *got, hz_error *err);
    hz_status (*rewind)(hz_layer *layer, hz_error *err);
    void (*close)(hz_layer *layer);
    hz_layer *below; /* owned */
    hz_stream *stream;
};

/* Where a byte that has no character came out, and where it stood. */
typedef struct hz_bad_byte {
    uint64_t offset, raw;
    hz_encoding other;
} hz_bad_byte;

struct hz_stream {
    hz_source_options options;
    hz_file *file;
    hz_layer *top;      /* NULL: the file itself */
    uint64_t position;  /* of top */
    uint64_t size;      /* UINT64_MAX: not known */
    uint64_t seen;      /* file bytes that bytes_seen has had */
    uint64_t raw_taken; /* file bytes that the lowest layer has taken since it began */
    hz_bad_byte *bad;   /* bad[bad_from … bad_count) ascending; a coder's */
    size_t bad_from, bad_count, bad_capacity;
};

/* File bytes from `offset`, told to bytes_seen where they are new and follow on. */
HZ_NODISCARD hz_status hz_stream_file_read(hz_stream *stream, uint64_t offset, void *into, size_t len, size_t *got,
                                           hz_error *err);
/* `unpacked` bytes have come out of what raw_taken says. */
HZ_NODISCARD hz_status hz_stream_check_unpacked(const hz_stream *stream, uint64_t unpacked, hz_error *err);
/* HZ_E_LIMIT, naming the file, when value is greater. */
HZ_NODISCARD hz_status hz_stream_limit(const hz_stream *stream, hz_limit_id id, uint64_t value, hz_error *err);
hz_status hz_stream_broken(const hz_stream *stream, hz_arg message, hz_error *err);

HZ_NODISCARD hz_status hz_layer_gzip(hz_layer **out, hz_stream *stream, hz_error *err);
HZ_NODISCARD hz_status hz_layer_zstd(hz_layer **out, hz_stream *stream, hz_error *err);
HZ_NODISCARD hz_status hz_layer_member(hz_layer **out, hz_stream *stream, hz_error *err);
/* Takes `below` whatever comes of it; below NULL: the file. */
HZ_NODISCARD hz_status hz_layer_text(hz_layer **out, hz_stream *stream, hz_layer *below, hz_encoding from,
                                     hz_error *err);
/* The file itself as a layer. */
HZ_NODISCARD hz_status hz_layer_file(hz_layer **out, hz_stream *stream, hz_error *err);
void hz_layer_close(hz_layer *layer); /* and those below; takes NULL */
#endif
