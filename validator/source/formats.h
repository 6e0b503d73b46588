/* formats.h: the readers of formats that are not delimited text. Each reads a file from the front, once, and puts its
 * records into the spools of the parts that it finds. */
#ifndef HZ_SOURCE_FORMATS_H
#define HZ_SOURCE_FORMATS_H
#include "validator/source/spool.h"
#include "validator/source/stream.h"

typedef struct hz_reading {
    hz_part *parts;
    size_t count;
    hz_source_options options; /* bytes_seen makes the digest */
    const char *temp;
    hz_encoding encoding; /* out; UTF-8 when nobody says */
} hz_reading;

/* Makes the part's spool, if it has none. */
HZ_NODISCARD hz_status hz_part_need(hz_reading *reading, size_t part, hz_error *err);
bool hz_part_is(const hz_part *part, hz_slice name);
/* Whether what a column of this name holds may stand in a row's place: a field that is not personal, whatever its
 * value, or a column that is not known, with a number of few digits or a UUID, which nobody is known by. */
bool hz_part_shows(const hz_part *part, hz_slice name, hz_slice value);

/* The file as UTF-8 text; what it was written in is then reading->encoding. *out is owned whatever comes of it. */
HZ_NODISCARD hz_status hz_text_open(hz_stream **out, hz_reading *reading, hz_error *err);

HZ_NODISCARD hz_status hz_json_read(hz_reading *reading, bool lines, hz_error *err);
HZ_NODISCARD hz_status hz_xml_read(hz_reading *reading, hz_error *err);
HZ_NODISCARD hz_status hz_xlsx_read(hz_reading *reading, hz_error *err);
HZ_NODISCARD hz_status hz_sqlite_read(hz_reading *reading, hz_error *err);
HZ_NODISCARD hz_status hz_postgres_read(hz_reading *reading, hz_error *err);
#endif
