/* stream.h: a submission file as the bytes that a reader wants: unpacked, and in UTF-8.
 *
 * Layers, from the file up: gzip or zstd (told by their first bytes) or one member of an archive, then an encoding
 * (asked for by hz_stream_transcode). A file without any is read with pread where the reader wants. Through a layer
 * reading goes forward; going back decodes anew from the start, so readers go forward as far as they can. Nothing is
 * held but the layers' own blocks.
 *
 * Offsets are those of the bytes that come out. A byte that has no character in the file's encoding comes out as one
 * FF, which is nowhere UTF-8: the reader's own test for bad bytes finds it, and hz_stream_bad_byte says where in the
 * text before the encoding it stood.
 *
 * Limits (HZ_E_LIMIT, naming it): unpacked_bytes, unpacked_ratio. Not a gzip file behind .gz, a broken or a truncated
 * one: HZ_E_SOURCE. One call at a time. */
#ifndef HZ_SOURCE_STREAM_H
#define HZ_SOURCE_STREAM_H
#include "validator/source/source.h"

typedef struct hz_stream hz_stream;

/* Of the options of a source: path or bytes, member, shown_path, limits, cancel, bytes_seen. Copied. */
HZ_NODISCARD hz_status hz_stream_open(hz_stream **out, const hz_source_options *options, hz_error *err);
void hz_stream_close(hz_stream *stream); /* takes NULL */
/* From now on the bytes are read as `from` and come out as UTF-8, from offset 0 again. HZ_E_SOURCE when iconv does not
 * know it. UTF-8 changes nothing. */
HZ_NODISCARD hz_status hz_stream_transcode(hz_stream *stream, hz_encoding from, hz_error *err);
/* Reads len bytes from `offset`, fewer only where they end: then *end is set. It may be set later, with *got 0. */
HZ_NODISCARD hz_status hz_stream_read_at(hz_stream *stream, uint64_t offset, void *into, size_t len, size_t *got,
                                         bool *end, hz_error *err);
/* After the last read: the file's bytes that nobody asked for go to bytes_seen; HZ_E_CHANGED when the file is not what
 * it was. */
HZ_NODISCARD hz_status hz_stream_finish(hz_stream *stream, hz_error *err);
HZ_NODISCARD hz_status hz_stream_check_unchanged(hz_stream *stream, hz_error *err);
/* All of a file or member in memory: HZ_E_LIMIT past embedded_bytes. *out is the caller's whatever comes of it. */
HZ_NODISCARD hz_status hz_stream_whole(hz_buf *out, const hz_source_options *options, hz_error *err);
uint64_t hz_stream_size(const hz_stream *stream);       /* of what comes out; UINT64_MAX until that is known */
bool hz_stream_is_plain(const hz_stream *stream);       /* it has no layers: any offset is as near as any other */
uint64_t hz_stream_file_bytes(const hz_stream *stream); /* of the file as it was submitted */
/* Where the bad byte stood that came out at `offset`; `offset` itself where nothing was transcoded. Ascending. *other
 * is the encoding that its line looks written in, UNKNOWN for none. */
uint64_t hz_stream_bad_byte(hz_stream *stream, uint64_t offset, hz_encoding *other);
#endif
