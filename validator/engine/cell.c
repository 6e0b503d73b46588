/* cell.c: see cell.h. A cell is a byte of type and flags, then the value: whole numbers and moments 8 bytes, decimals
 * 16 and a byte for the scale, texts a length of 4 and their bytes, arrays a length of 4 and that many bytes: the count
 * of their items and the items as cells. */
#include "validator/engine/cell.h"
#include "base/buf.h"

enum { CELL_TYPE = 63, CELL_VALID = 64, CELL_INVALID = 128 };

static void put_bytes(hz_buf *out, const void *bytes, size_t len)
{
    hz_buf_put(out, (hz_slice){bytes, len});
}

static void put_text(hz_buf *out, hz_slice text)
{
    uint32_t len = (uint32_t)text.len;
    put_bytes(out, &len, sizeof len);
    hz_buf_put(out, text);
}

static void put_items(hz_buf *out, const hz_vec *vec, size_t row)
{
    uint32_t from = row ? vec->as.ends[row - 1] : 0, count = vec->as.ends[row] - from;
    put_bytes(out, &count, sizeof count);
    for (uint32_t j = from; j < from + count; j++)
        hz_cell_put(out, vec->items, j);
}

static void put_array(hz_buf *out, const hz_vec *vec, size_t row)
{
    size_t head = out->len;
    uint32_t len = 0;
    put_bytes(out, &len, sizeof len);
    put_items(out, vec, row);
    if (out->len <= head + sizeof len)
        return; /* no memory: the buffer says so */
    len = (uint32_t)(out->len - head - sizeof len);
    memcpy(out->ptr + head, &len, sizeof len);
}

void hz_cell_put(hz_buf *out, const hz_vec *vec, size_t row)
{
    bool valid = hz_bits_get(vec->valid, row), invalid = hz_bits_get(vec->invalid, row);
    hz_buf_putc(out, (char)(vec->type | (valid ? CELL_VALID : invalid ? CELL_INVALID : 0)));
    if (!valid)
        return;
    switch (vec->type) {
    case HZ_TYPE_BOOLEAN:
        hz_buf_putc(out, hz_bits_get(vec->as.bits, row));
        return;
    case HZ_TYPE_TEXT:
        put_text(out, vec->as.text[row]);
        return;
    case HZ_TYPE_DECIMAL:
        put_bytes(out, &vec->as.decimal[row].coef, 16);
        hz_buf_putc(out, (char)vec->as.decimal[row].scale);
        return;
    case HZ_TYPE_INTERVAL:
        put_bytes(out, &vec->as.interval[row], sizeof(hz_interval));
        return;
    case HZ_TYPE_ARRAY:
        put_array(out, vec, row);
        return;
    default:
        put_bytes(out, &vec->as.i64[row], 8);
        return;
    }
}

hz_status hz_cells_pack(hz_vec *out, const hz_vec *vec, hz_arena *arena, hz_buf *bytes, hz_error *err)
{
    hz_slice whole;
    *out = (hz_vec){.type = HZ_TYPE_ARRAY,
                    .item_type = vec->item_type,
                    .count = vec->count,
                    .valid = vec->valid,
                    .invalid = vec->invalid};
    out->as.text = HZ_ARENA_ARRAY(arena, hz_slice, vec->count + 1);
    if (!out->as.text)
        return hz_nomem(err, vec->count * sizeof(hz_slice));
    hz_buf_reset(bytes);
    for (HZ_BITS_EACH(i, vec->valid, vec->count)) {
        size_t from = bytes->len;
        put_items(bytes, vec, i);
        out->as.text[i].len = bytes->len - from;
    }
    HZ_TRY(hz_buf_status(bytes, err));
    if (hz_arena_copy(&whole, arena, hz_buf_slice(bytes)) != HZ_OK)
        return hz_nomem(err, bytes->len);
    for (HZ_BITS_EACH(i, vec->valid, vec->count)) {
        out->as.text[i].ptr = whole.ptr;
        whole.ptr += out->as.text[i].len;
    }
    return HZ_OK;
}

/* ---- back ---- */

static size_t width_of(hz_type type)
{
    switch (type) {
    case HZ_TYPE_TEXT:
        return sizeof(hz_slice);
    case HZ_TYPE_DECIMAL:
        return sizeof(hz_decimal);
    case HZ_TYPE_INTERVAL:
        return sizeof(hz_interval);
    case HZ_TYPE_ARRAY:
        return sizeof(uint32_t);
    default:
        return sizeof(int64_t);
    }
}

hz_status hz_cells_init(hz_cells *cells, hz_type type, hz_type item_type, uint32_t capacity, hz_arena *arena,
                        hz_error *err)
{
    size_t words = hz_bits_words(capacity) + 1;
    *cells = (hz_cells){.vec = {.type = type, .item_type = item_type}, .capacity = capacity};
    cells->vec.valid = HZ_ARENA_ARRAY(arena, uint64_t, words);
    cells->vec.invalid = HZ_ARENA_ARRAY(arena, uint64_t, words);
    cells->vec.as.any = type == HZ_TYPE_BOOLEAN ? hz_arena_zalloc(arena, words, sizeof(uint64_t))
                                                : hz_arena_alloc(arena, (capacity + (size_t)1) * width_of(type));
    cells->arrays = type == HZ_TYPE_ARRAY ? HZ_ARENA_ARRAY(arena, hz_slice, capacity + 1) : NULL;
    bool ok = cells->vec.valid && cells->vec.invalid && cells->vec.as.any && (type != HZ_TYPE_ARRAY || cells->arrays);
    return ok ? HZ_OK : hz_nomem(err, capacity * width_of(type));
}

void hz_cells_reset(hz_cells *cells)
{
    size_t bytes = hz_bits_words(cells->capacity) * sizeof(uint64_t);
    memset(cells->vec.valid, 0, bytes);
    memset(cells->vec.invalid, 0, bytes);
    cells->vec.count = 0;
}

static const char *get_text(hz_slice *out, const char *at)
{
    uint32_t len;
    memcpy(&len, at, sizeof len);
    *out = (hz_slice){at + sizeof len, len};
    return at + sizeof len + len;
}

static const char *get_decimal(hz_vec *vec, size_t row, const char *at)
{
    memcpy(&vec->as.decimal[row].coef, at, 16);
    vec->as.decimal[row].scale = at[16];
    return at + 17;
}

static const char *get_whole(hz_vec *vec, size_t row, hz_type from, const char *at)
{
    int64_t n;
    memcpy(&n, at, sizeof n);
    if (vec->type == HZ_TYPE_DECIMAL)
        vec->as.decimal[row] = hz_decimal_of(n);
    else
        vec->as.i64[row] = vec->type == HZ_TYPE_TIMESTAMP && from == HZ_TYPE_DATE ? n * HZ_MICROS_PER_DAY : n;
    return at + sizeof n;
}

const char *hz_cell_get(hz_cells *cells, size_t row, const char *at)
{
    hz_vec *vec = &cells->vec;
    unsigned head = (unsigned char)*at++;
    hz_bits_put(vec->valid, row, head & CELL_VALID);
    hz_bits_put(vec->invalid, row, head & CELL_INVALID);
    if (vec->type == HZ_TYPE_ARRAY)
        cells->arrays[row] = HZ_SLICE_NONE;
    if (!(head & CELL_VALID))
        return at;
    switch (head & CELL_TYPE) {
    case HZ_TYPE_BOOLEAN:
        hz_bits_put(vec->as.bits, row, *at);
        return at + 1;
    case HZ_TYPE_TEXT:
        return get_text(&vec->as.text[row], at);
    case HZ_TYPE_DECIMAL:
        return get_decimal(vec, row, at);
    case HZ_TYPE_INTERVAL:
        memcpy(&vec->as.interval[row], at, sizeof(hz_interval));
        return at + sizeof(hz_interval);
    case HZ_TYPE_ARRAY:
        return get_text(&cells->arrays[row], at);
    default:
        return get_whole(vec, row, (hz_type)(head & CELL_TYPE), at);
    }
}

static uint32_t count_of(hz_slice items)
{
    uint32_t count = 0;
    if (items.len)
        memcpy(&count, items.ptr, sizeof count);
    return count;
}

hz_status hz_cells_end(hz_cells *cells, uint32_t rows, hz_arena *arena, hz_error *err)
{
    hz_vec *vec = &cells->vec;
    vec->count = rows;
    if (vec->type != HZ_TYPE_ARRAY)
        return HZ_OK;
    uint32_t total = 0;
    for (uint32_t i = 0; i < rows; i++)
        vec->as.ends[i] = total += count_of(cells->arrays[i]);
    hz_cells *items = HZ_ARENA_NEW(arena, hz_cells);
    if (!items)
        return hz_nomem(err, sizeof *items);
    HZ_TRY(hz_cells_init(items, vec->item_type, HZ_TYPE_NULL, total, arena, err));
    for (uint32_t i = 0, item = 0; i < rows; i++) {
        const char *at = cells->arrays[i].ptr + sizeof(uint32_t);
        for (uint32_t n = count_of(cells->arrays[i]); n; n--)
            at = hz_cell_get(items, item++, at);
    }
    items->vec.count = total;
    vec->items = &items->vec;
    return HZ_OK;
}
