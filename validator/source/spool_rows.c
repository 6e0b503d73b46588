/* spool_rows.c: a spool's rows as batches. A batch owns a block of the spool's bytes and the arrays of its rows; its
 * cells are slices of the block. Offsets are places in the spool. */
#include "validator/source/spool_int.h"

typedef struct spool_batch {
    char *bytes;
    size_t bytes_capacity, len;
    hz_column *columns;
    hz_slice *cells; /* wanted columns, `rows` of each */
    uint64_t *records, *lines, *offsets;
    hz_slice *where;
    hz_bad_row *bad;
    uint32_t rows; /* room in the arrays */
    size_t wanted_count;
    uint32_t count, bad_count;
    bool out;
    struct spool_batch *next;
} spool_batch;

struct hz_spool_rows {
    const hz_spool *spool;
    const hz_cancel *cancel;
    uint64_t size, at, record; /* bytes of the spool; of the next record */
    uint32_t *wanted;          /* per column: which of the batch's arrays; UINT32_MAX: none */
    size_t wanted_count;
    spool_batch *batches, *late;
};

hz_status hz_spool_rows_open(hz_spool_rows **out, const hz_spool *spool, const hz_source_options *options,
                             hz_error *err)
{
    hz_spool_rows *r = *out = hz_mem_zalloc(1, sizeof *r);
    if (!r)
        return hz_nomem(err, sizeof *r);
    r->spool = spool;
    r->cancel = options->cancel;
    r->size = spool->written + spool->out.len;
    r->wanted = hz_mem_alloc((spool->columns_count + 1) * sizeof *r->wanted);
    if (!r->wanted) {
        hz_spool_rows_close(r);
        *out = NULL;
        return hz_nomem(err, spool->columns_count * sizeof *r->wanted);
    }
    for (size_t c = 0; c < spool->columns_count; c++)
        r->wanted[c] = (uint32_t)c;
    r->wanted_count = spool->columns_count;
    return HZ_OK;
}

static void free_batch(spool_batch *b)
{
    if (!b)
        return;
    hz_mem_free(b->bytes);
    hz_mem_free(b->columns);
    hz_mem_free(b->cells);
    hz_mem_free(b->records);
    hz_mem_free(b);
}

void hz_spool_rows_close(hz_spool_rows *r)
{
    if (!r)
        return;
    for (spool_batch *b = r->batches, *next; b; b = next) {
        next = b->next;
        free_batch(b);
    }
    free_batch(r->late);
    hz_mem_free(r->wanted);
    hz_mem_free(r);
}

void hz_spool_rows_want(hz_spool_rows *r, const uint64_t *columns)
{
    r->wanted_count = 0;
    for (size_t c = 0; c < r->spool->columns_count; c++)
        r->wanted[c] = hz_bits_get(columns, c) ? (uint32_t)r->wanted_count++ : UINT32_MAX;
    for (spool_batch *b = r->batches; b; b = b->next)
        b->rows = 0;
}

static hz_status reserve_rows(spool_batch *b, const hz_spool_rows *r, uint32_t rows, hz_error *err)
{
    size_t columns = r->spool->columns_count;
    b->count = b->bad_count = 0;
    if (b->rows >= rows && b->wanted_count == r->wanted_count)
        return HZ_OK;
    hz_mem_free(b->columns);
    hz_mem_free(b->cells);
    hz_mem_free(b->records);
    b->rows = 0;
    b->columns = hz_mem_zalloc(columns + 1, sizeof *b->columns);
    b->cells = hz_mem_zalloc(r->wanted_count * rows + 1, sizeof *b->cells);
    b->records = hz_mem_zalloc(rows, 3 * sizeof *b->records + sizeof *b->where + sizeof *b->bad);
    if (!b->columns || !b->cells || !b->records)
        return hz_nomem(err, r->wanted_count * rows * sizeof *b->cells);
    b->lines = b->records + rows;
    b->offsets = b->lines + rows;
    b->where = (hz_slice *)(void *)(b->offsets + rows);
    b->bad = (hz_bad_row *)(void *)(b->where + rows);
    b->rows = rows;
    b->wanted_count = r->wanted_count;
    for (size_t c = 0; c < columns; c++)
        if (r->wanted[c] != UINT32_MAX)
            b->columns[c].cells = b->cells + (size_t)r->wanted[c] * rows;
    return HZ_OK;
}

static hz_status reserve_bytes(spool_batch *b, size_t len, hz_error *err)
{
    if (b->bytes_capacity >= len)
        return HZ_OK;
    char *bytes = hz_mem_realloc(b->bytes, len);
    if (!bytes)
        return hz_nomem(err, len);
    b->bytes = bytes;
    b->bytes_capacity = len;
    return HZ_OK;
}

static hz_spool_head head_at(const char *bytes)
{
    hz_spool_head head;
    memcpy(&head, bytes, sizeof head);
    return head;
}

/* A whole record at `bytes`, the spool's at `offset`, into the batch. */
static void put_record(spool_batch *b, const hz_spool_rows *r, char *bytes, uint64_t offset, uint64_t record)
{
    hz_spool_head head = head_at(bytes);
    const char *lengths = bytes + sizeof head, *text = lengths + head.cells * sizeof(uint32_t);
    if (head.bad) {
        b->bad[b->bad_count++] = (hz_bad_row){.kind = (hz_bad_kind)(head.bad - 1),
                                              .record = record,
                                              .line = head.line,
                                              .offset_bytes = head.offset_bytes,
                                              .fields_count = head.fields_count,
                                              .fields_expected = head.fields_expected,
                                              .other = (hz_encoding)head.other,
                                              .xsd_fault = (hz_xsd_fault)head.xsd_fault,
                                              .where = {text, head.where_bytes}};
        return;
    }
    uint32_t row = b->count++;
    for (uint32_t c = 0; c < head.cells; c++) {
        uint32_t len;
        memcpy(&len, lengths + c * sizeof len, sizeof len);
        len = len == UINT32_MAX ? 0 : len;
        if (r->wanted[c] != UINT32_MAX)
            b->cells[(size_t)r->wanted[c] * b->rows + row] = (hz_slice){text, len};
        text += len;
    }
    for (size_t c = head.cells; c < r->spool->columns_count; c++)
        if (r->wanted[c] != UINT32_MAX)
            b->cells[(size_t)r->wanted[c] * b->rows + row] = (hz_slice){text, 0};
    b->records[row] = record;
    b->lines[row] = head.line;
    b->offsets[row] = offset;
    b->where[row] = (hz_slice){text, head.where_bytes};
}

static void give(hz_batch *batch, const hz_spool_rows *r, spool_batch *b)
{
    *batch = (hz_batch){.rows_count = b->count,
                        .columns_count = (uint32_t)r->spool->columns_count,
                        .columns = b->columns,
                        .records = b->records,
                        .lines = b->lines,
                        .offsets = b->offsets,
                        .where = b->where,
                        .bad_count = b->bad_count,
                        .bad = b->bad,
                        .held = b};
}

static spool_batch *take_batch(hz_spool_rows *r)
{
    spool_batch *b = r->batches;
    while (b && b->out)
        b = b->next;
    if (b)
        return b;
    b = hz_mem_zalloc(1, sizeof *b);
    if (b) {
        b->next = r->batches;
        r->batches = b;
    }
    return b;
}

/* A block from r->at on that holds one record at least. */
static hz_status read_block(spool_batch *b, const hz_spool_rows *r, hz_error *err)
{
    uint64_t left = r->size - r->at;
    size_t len = left < HZ_SPOOL_BLOCK_BYTES ? (size_t)left : HZ_SPOOL_BLOCK_BYTES;
    HZ_TRY(reserve_bytes(b, len, err));
    HZ_TRY(hz_spool_read(r->spool, r->at, b->bytes, len, err));
    size_t first = sizeof(hz_spool_head) + head_at(b->bytes).bytes;
    if (first > len) {
        HZ_TRY(reserve_bytes(b, first, err));
        HZ_TRY(hz_spool_read(r->spool, r->at + len, b->bytes + len, first - len, err));
        len = first;
    }
    b->len = len;
    return HZ_OK;
}

hz_status hz_spool_rows_next(hz_batch *batch, hz_spool_rows *r, hz_error *err)
{
    hz_spool_rows_give_back(batch);
    HZ_TRY(hz_cancel_check(r->cancel, err));
    if (r->at >= r->size)
        return HZ_END;
    spool_batch *b = take_batch(r);
    if (!b)
        return hz_nomem(err, sizeof *b);
    uint64_t left = r->spool->records - r->record;
    HZ_TRY(reserve_rows(b, r, left < HZ_BATCH_ROWS ? (uint32_t)left : HZ_BATCH_ROWS, err));
    HZ_TRY(read_block(b, r, err));
    size_t at = 0;
    while (at + sizeof(hz_spool_head) <= b->len && b->count + b->bad_count < b->rows) {
        size_t bytes = sizeof(hz_spool_head) + head_at(b->bytes + at).bytes;
        if (bytes > b->len - at)
            break;
        put_record(b, r, b->bytes + at, r->at + at, r->record++);
        at += bytes;
    }
    r->at += at;
    b->out = true;
    give(batch, r, b);
    return HZ_OK;
}

void hz_spool_rows_give_back(hz_batch *batch)
{
    spool_batch *b = batch->held;
    if (b)
        b->out = false;
    *batch = (hz_batch){0};
}

hz_status hz_spool_rows_at(hz_batch *batch, hz_spool_rows *r, const hz_row_want *wants, uint32_t count, hz_error *err)
{
    size_t used = 0;
    uint64_t at = 0, record = UINT64_MAX;
    *batch = (hz_batch){0};
    HZ_TRY(hz_cancel_check(r->cancel, err));
    if (!r->late)
        r->late = hz_mem_zalloc(1, sizeof *r->late);
    if (!r->late)
        return hz_nomem(err, sizeof *r->late);
    spool_batch *b = r->late;
    b->rows = 0;
    HZ_TRY(reserve_rows(b, r, count ? count : 1, err));
    /* twice: first how many bytes, so that nothing moves under the cells */
    for (int pass = 0; pass < 2; pass++) {
        used = 0;
        record = UINT64_MAX;
        for (uint32_t i = 0; i < count; i++) {
            if (record == UINT64_MAX || wants[i].at_record >= record || wants[i].record < record) {
                record = wants[i].at_record;
                at = wants[i].at_offset;
            }
            for (;; record++) {
                char bytes[sizeof(hz_spool_head)];
                HZ_TRY(hz_spool_read(r->spool, at, bytes, sizeof bytes, err));
                size_t len = sizeof bytes + head_at(bytes).bytes;
                if (record == wants[i].record) {
                    if (pass) {
                        HZ_TRY(hz_spool_read(r->spool, at, b->bytes + used, len, err));
                        put_record(b, r, b->bytes + used, at, record);
                    }
                    used += len;
                    break;
                }
                at += len;
            }
        }
        if (!pass)
            HZ_TRY(reserve_bytes(b, used + 1, err));
    }
    give(batch, r, b);
    batch->held = NULL;
    return HZ_OK;
}
