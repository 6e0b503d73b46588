/* stream_archive.c: members of archives. */
#include "validator/source/stream_int.h"

hz_status hz_layer_member(hz_layer **out, hz_stream *stream, hz_error *err)
{
    *out = NULL;
    return hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_PART), HZ_S(stream->options.shown_path), HZ_Z("libarchive"));
}
