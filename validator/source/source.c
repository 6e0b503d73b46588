/* One set of calls for every format. Delimited text is the only one read here. */
#include "validator/source/source.h"
#include "base/alloc.h"
#include "validator/source/csv.h"

struct hz_source {
    hz_csv *csv;
};

hz_status hz_source_open(hz_source **out, const hz_source_options *options, hz_error *err)
{
    *out = NULL;
    hz_source *source = hz_mem_zalloc(1, sizeof *source);
    if (!source)
        return hz_nomem(err, sizeof *source);
    hz_status st = hz_csv_open(&source->csv, options, err);
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
    hz_mem_free(source);
}

size_t hz_source_columns(const hz_source *source, const hz_slice **names)
{
    return hz_csv_columns(source->csv, names);
}

hz_encoding hz_source_encoding(const hz_source *source)
{
    return hz_csv_encoding(source->csv);
}

unsigned hz_source_confidence(const hz_source *source)
{
    return hz_csv_confidence(source->csv);
}

char hz_source_delimiter(const hz_source *source)
{
    return hz_csv_delimiter(source->csv);
}

void hz_source_want(hz_source *source, const uint64_t *columns)
{
    hz_csv_want(source->csv, columns);
}

hz_status hz_source_next(hz_batch *batch, hz_source *source, hz_error *err)
{
    return hz_csv_next(batch, source->csv, err);
}

void hz_source_give_back(hz_batch *batch, hz_source *source)
{
    hz_csv_give_back(batch, source->csv);
}

uint64_t hz_source_records(const hz_source *source)
{
    return hz_csv_records(source->csv);
}

uint64_t hz_source_bytes(const hz_source *source)
{
    return hz_csv_bytes(source->csv);
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
    return hz_csv_rows_at(batch, source->csv, wants, count, err);
}
