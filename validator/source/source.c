/* source.c: one set of calls for every format. Delimited text is read where it lies; the rows of all other formats were
 * put aside (spool.h). */
#include "validator/source/source.h"
#include "base/alloc.h"
#include "base/sha256.h"
#include "validator/source/csv.h"
#include "validator/source/formats.h"
#include "validator/source/spool_int.h"

struct hz_source {
    hz_csv *csv;
    hz_spool_rows *rows; /* or */
    const hz_spool *spool;
};

/* ---- formats ---- */

static bool ends_with(hz_slice name, const char *suffix)
{
    size_t n = strlen(suffix);
    return name.len > n && strncasecmp(name.ptr + name.len - n, suffix, n) == 0;
}

hz_slice hz_name_unpacked(hz_slice name)
{
    return ends_with(name, ".gz")    ? hz_slice_sub(name, 0, name.len - 3)
           : ends_with(name, ".zst") ? hz_slice_sub(name, 0, name.len - 4)
                                     : name;
}

static const struct {
    const char *suffix;
    hz_form format;
} suffixes[] = {{".csv", HZ_FORM_CSV},        {".tsv", HZ_FORM_CSV},      {".txt", HZ_FORM_CSV},
                {".jsonl", HZ_FORM_JSONL},    {".ndjson", HZ_FORM_JSONL}, {".json", HZ_FORM_JSON},
                {".xml", HZ_FORM_XML},        {".xlsx", HZ_FORM_XLSX},    {".sqlite", HZ_FORM_SQLITE},
                {".sqlite3", HZ_FORM_SQLITE}, {".db", HZ_FORM_SQLITE}};

hz_form hz_form_of(hz_slice name)
{
    if (hz_slice_starts(name, HZ_SLICE_LIT("postgresql://")) || hz_slice_starts(name, HZ_SLICE_LIT("postgres://")))
        return HZ_FORM_POSTGRES;
    name = hz_name_unpacked(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (ends_with(name, suffixes[i].suffix))
            return suffixes[i].format;
    return HZ_FORM_NONE;
}

const char *hz_form_name(hz_form format)
{
    static const char *const names[] = {"", "csv", "jsonl", "json", "xml", "xlsx", "sqlite", "postgresql"};
    return names[format];
}

/* ---- parts ---- */

typedef struct hashing {
    hz_sha256 *sha;
    const hz_source_options *options;
    uint64_t bytes;
    bool failed;
} hashing;

static void hash_seen(void *ctx, const void *bytes, size_t len)
{
    hashing *h = ctx;
    h->failed = !hz_sha256_update(h->sha, bytes, len) || h->failed;
    h->bytes += len;
    if (h->options->bytes_seen)
        h->options->bytes_seen(h->options->bytes_ctx, bytes, len);
}

static hz_status read_format(hz_reading *reading, hz_form format, hz_error *err)
{
    switch (format) {
    case HZ_FORM_JSON:
    case HZ_FORM_JSONL:
        return hz_json_read(reading, format == HZ_FORM_JSONL, err);
    case HZ_FORM_XML:
        return hz_xml_read(reading, err);
    case HZ_FORM_XLSX:
        return hz_xlsx_read(reading, err);
    case HZ_FORM_SQLITE:
        return hz_sqlite_read(reading, err);
    case HZ_FORM_POSTGRES:
        return hz_postgres_read(reading, err);
    default:
        return hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_FORMAT), HZ_S(reading->options.shown_path));
    }
}

hz_status hz_part_need(hz_reading *reading, size_t part, hz_error *err)
{
    if (reading->parts[part].spool)
        return HZ_OK;
    return hz_spool_new(&reading->parts[part].spool, reading->options.limits, reading->temp, err);
}

static bool is_among(const hz_slice *names, size_t count, hz_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(names[i], name))
            return true;
    return false;
}

bool hz_part_is(const hz_part *part, hz_slice name)
{
    return is_among(part->names, part->names_count, name);
}

bool hz_part_shows(const hz_part *part, hz_slice name, hz_slice value)
{
    enum { FEW_DIGITS = 10, UUID_BYTES = 36 };
    if (is_among(part->secret, part->secret_count, name))
        return false;
    if (is_among(part->known, part->known_count, name))
        return true;
    size_t digits = 0, others = 0;
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] >= '0' && value.ptr[i] <= '9')
            digits++;
        else
            others += !((value.ptr[i] >= 'a' && value.ptr[i] <= 'f') || value.ptr[i] == '-');
    return digits == value.len ? digits <= FEW_DIGITS : !others && value.len == UUID_BYTES;
}

static hz_status end_parts(hz_reading *reading, hz_form format, const hashing *hash, hz_error *err)
{
    uint8_t digest[32];
    if (hash->failed || !hz_sha256_final(hash->sha, digest))
        return hz_nomem(err, sizeof digest);
    for (size_t p = 0; p < reading->count; p++) {
        hz_spool *spool = reading->parts[p].spool;
        if (!spool)
            continue;
        HZ_TRY(hz_spool_end(spool, err));
        spool->format = format;
        spool->encoding = reading->encoding;
        spool->file_bytes = hash->bytes;
        memcpy(spool->sha256, digest, sizeof digest);
    }
    return HZ_OK;
}

/* A limit passed where no line is known is told with the file. */
static void name_file(hz_error *err, hz_slice shown)
{
    const hz_error was = *err;
    hz_slice args[HZ_MSG_ARGS_MAX];
    if (was.line || was.message != HZ_MSG_LIMIT || hz_error_args(&was, args) < 2)
        return;
    hz_error_clear(err);
    (void)hz_fail(err, HZ_E_LIMIT, HZ_M(SOURCE_LIMIT), HZ_S(shown), HZ_S(args[0]), HZ_S(args[1]));
}

hz_status hz_parts_read(hz_part *parts, size_t count, const hz_source_options *options, const char *temp, hz_error *err)
{
    hashing hash = {.sha = hz_sha256_new(), .options = options};
    hz_reading reading = {.parts = parts, .count = count, .options = *options, .temp = temp};
    hz_form format = hz_form_of(options->member.len ? options->member : options->shown_path);
    hz_status st = hash.sha ? HZ_OK : hz_nomem(err, 64);
    for (size_t p = 0; p < count; p++)
        parts[p].spool = NULL;
    reading.options.bytes_seen = hash_seen;
    reading.options.bytes_ctx = &hash;
    if (st == HZ_OK)
        st = hz_part_need(&reading, 0, err);
    if (st == HZ_OK)
        st = read_format(&reading, format, err);
    if (st == HZ_E_LIMIT && err)
        name_file(err, options->shown_path);
    if (st == HZ_OK)
        st = end_parts(&reading, format, &hash, err);
    hz_sha256_free(hash.sha);
    for (size_t p = 0; st != HZ_OK && p < count; p++) {
        hz_spool_free(parts[p].spool);
        parts[p].spool = NULL;
    }
    return st;
}

void hz_spool_link(hz_spool **list, hz_spool *spool)
{
    spool->next = *list;
    *list = spool;
}

hz_slice hz_spool_part(const hz_spool *spool)
{
    return spool->part;
}

hz_form hz_spool_form(const hz_spool *spool)
{
    return spool->format;
}

/* ---- the calls ---- */

hz_status hz_source_open(hz_source **out, const hz_source_options *options, hz_error *err)
{
    *out = NULL;
    hz_source *source = hz_mem_zalloc(1, sizeof *source);
    if (!source)
        return hz_nomem(err, sizeof *source);
    source->spool = options->spool;
    hz_status st = options->spool ? hz_spool_rows_open(&source->rows, options->spool, options, err)
                                  : hz_csv_open(&source->csv, options, err);
    if (st == HZ_OK)
        *out = source;
    else
        hz_mem_free(source);
    return st;
}

void hz_source_close(hz_source *source)
{
    if (!source)
        return;
    hz_csv_close(source->csv);
    hz_spool_rows_close(source->rows);
    hz_mem_free(source);
}

size_t hz_source_columns(const hz_source *source, const hz_slice **names)
{
    if (source->csv)
        return hz_csv_columns(source->csv, names);
    *names = source->spool->names;
    return source->spool->columns_count;
}

hz_slice hz_source_label(const hz_source *source, size_t column)
{
    return source->csv ? HZ_SLICE_NONE : source->spool->columns[column].label;
}

hz_encoding hz_source_encoding(const hz_source *source)
{
    return source->csv ? hz_csv_encoding(source->csv) : source->spool->encoding;
}

unsigned hz_source_confidence(const hz_source *source)
{
    return source->csv ? hz_csv_confidence(source->csv) : 100;
}

char hz_source_delimiter(const hz_source *source)
{
    return source->csv ? hz_csv_delimiter(source->csv) : '\0';
}

void hz_source_want(hz_source *source, const uint64_t *columns)
{
    if (source->csv)
        hz_csv_want(source->csv, columns);
    else
        hz_spool_rows_want(source->rows, columns);
}

hz_status hz_source_next(hz_batch *batch, hz_source *source, hz_error *err)
{
    return source->csv ? hz_csv_next(batch, source->csv, err) : hz_spool_rows_next(batch, source->rows, err);
}

void hz_source_give_back(hz_batch *batch, hz_source *source)
{
    if (source->csv)
        hz_csv_give_back(batch, source->csv);
    else
        hz_spool_rows_give_back(batch);
}

uint64_t hz_source_records(const hz_source *source)
{
    return source->csv ? hz_csv_records(source->csv) : source->spool->records;
}

uint64_t hz_source_bytes(const hz_source *source)
{
    return source->csv ? hz_csv_bytes(source->csv) : source->spool->file_bytes;
}

hz_status hz_source_seek(hz_source *source, const hz_row_want *to, hz_error *err)
{
    return hz_csv_seek(source->csv, to, err);
}

bool hz_source_goes_back(const hz_source *source)
{
    return hz_csv_goes_back(source->csv);
}

hz_status hz_source_rows_at(hz_batch *batch, hz_source *source, const hz_row_want *wants, uint32_t count, hz_error *err)
{
    return source->csv ? hz_csv_rows_at(batch, source->csv, wants, count, err)
                       : hz_spool_rows_at(batch, source->rows, wants, count, err);
}
