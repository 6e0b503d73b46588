/* vec.c: single values of columns: as text, as key bytes, in order, copied. */
#include "validator/eval/kernels_int.h"
#include <inttypes.h>

void hz_vec_copy_row(hz_vec *to, size_t to_row, const hz_vec *from, size_t from_row)
{
    bool valid = hz_bits_get(from->valid, from_row);
    hz_bits_put(to->valid, to_row, valid);
    hz_bits_put(to->invalid, to_row, hz_bits_get(from->invalid, from_row));
    if (!valid)
        return;
    switch (to->type) {
    case HZ_TYPE_BOOLEAN:
        hz_bits_put(to->as.bits, to_row, hz_bits_get(from->as.bits, from_row));
        return;
    case HZ_TYPE_TEXT:
        to->as.text[to_row] = from->as.text[from_row];
        return;
    case HZ_TYPE_DECIMAL:
        to->as.decimal[to_row] =
            from->type == HZ_TYPE_DECIMAL ? from->as.decimal[from_row] : hz_decimal_of(from->as.i64[from_row]);
        return;
    case HZ_TYPE_INTERVAL:
        to->as.interval[to_row] = from->as.interval[from_row];
        return;
    case HZ_TYPE_TIMESTAMP:
        to->as.i64[to_row] = from->as.i64[from_row] * (from->type == HZ_TYPE_DATE ? HZ_MICROS_PER_DAY : 1);
        return;
    default:
        to->as.i64[to_row] = from->as.i64[from_row];
        return;
    }
}

static void put_interval(hz_buf *out, hz_interval value)
{
    size_t start = out->len;
    int32_t years = value.months / 12, months = value.months % 12;
    const struct {
        int32_t n;
        const char *one, *many;
    } parts[] = {{years, "year", "years"}, {months, "mon", "mons"}, {value.days, "day", "days"}};
    bool negative = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].n)
            continue;
        /* A positive part behind a negative one carries its sign, as PostgreSQL prints it. */
        hz_buf_printf(out, "%s%s%" PRId32 " %s", out->len > start ? " " : "", negative && parts[i].n > 0 ? "+" : "",
                      parts[i].n, parts[i].n == 1 ? parts[i].one : parts[i].many);
        negative = parts[i].n < 0;
    }
    if (value.micros == 0 && out->len > start)
        return;
    uint64_t micros = value.micros < 0 ? -(uint64_t)value.micros : (uint64_t)value.micros;
    uint64_t seconds = micros / 1000000, fraction = micros % 1000000;
    const char *sign = value.micros < 0 ? "-" : negative ? "+" : "";
    hz_buf_printf(out, "%s%s%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, out->len > start ? " " : "", sign, seconds / 3600,
                  seconds / 60 % 60, seconds % 60);
    if (!fraction)
        return;
    hz_buf_printf(out, ".%06" PRIu64, fraction);
    while (out->len && out->ptr[out->len - 1] == '0')
        out->len--;
    hz_buf_puts(out, "");
}

static void put_array(hz_buf *out, const hz_vec *vec, size_t row, hz_slice invalid_text)
{
    for (size_t j = row ? vec->as.ends[row - 1] : 0, first = j; j < vec->as.ends[row]; j++) {
        if (j > first)
            hz_buf_putc(out, ',');
        hz_vec_put(out, vec->items, j, invalid_text);
    }
}

void hz_vec_put(hz_buf *out, const hz_vec *vec, size_t row, hz_slice invalid_text)
{
    if (!hz_bits_get(vec->valid, row)) {
        if (hz_bits_get(vec->invalid, row))
            hz_buf_put(out, invalid_text);
        else
            hz_buf_puts(out, "∅");
        return;
    }
    switch (vec->type) {
    case HZ_TYPE_BOOLEAN:
        hz_buf_puts(out, hz_bits_get(vec->as.bits, row) ? "true" : "false");
        break;
    case HZ_TYPE_TEXT:
        hz_buf_put(out, vec->as.text[row]);
        break;
    case HZ_TYPE_DECIMAL:
        hz_decimal_put(out, vec->as.decimal[row]);
        break;
    case HZ_TYPE_DATE:
        hz_date_put(out, (int32_t)vec->as.i64[row]);
        break;
    case HZ_TYPE_TIMESTAMP:
        hz_timestamp_put(out, vec->as.i64[row]);
        break;
    case HZ_TYPE_TIME:
        hz_time_put(out, vec->as.i64[row]);
        break;
    case HZ_TYPE_INTERVAL:
        put_interval(out, vec->as.interval[row]);
        break;
    case HZ_TYPE_ARRAY:
        put_array(out, vec, row, invalid_text);
        break;
    default:
        hz_buf_put_i64(out, vec->as.i64[row]);
        break;
    }
}

static void put_raw(hz_buf *out, char tag, const void *bytes, size_t len)
{
    hz_buf_putc(out, tag);
    hz_buf_put(out, (hz_slice){bytes, len});
}

/* Whole numbers of 64 bits in 8 bytes, whatever their type and scale; all else as its normal form. */
static void put_number_key(hz_buf *out, hz_decimal value)
{
    value = hz_decimal_normal(value);
    int64_t whole;
    if (hz_decimal_to_i64(&whole, value)) {
        put_raw(out, 'n', &whole, sizeof whole);
        return;
    }
    hz_buf_putc(out, 'm');
    hz_buf_putc(out, (char)value.scale);
    hz_buf_put(out, (hz_slice){(const char *)&value.coef, sizeof value.coef});
}

static void put_interval_key(hz_buf *out, hz_interval value)
{
    hz_int128 micros = ((hz_int128)value.months * 30 + value.days) * HZ_MICROS_PER_DAY + value.micros;
    put_raw(out, 'i', &micros, sizeof micros);
}

static void put_array_key(hz_buf *out, const hz_vec *vec, size_t row)
{
    uint32_t from = row ? vec->as.ends[row - 1] : 0, count = vec->as.ends[row] - from;
    put_raw(out, 'a', &count, sizeof count);
    for (uint32_t j = from; j < from + count; j++) {
        if (hz_bits_get(vec->items->valid, j))
            hz_vec_put_key(out, vec->items, j);
        else
            hz_buf_putc(out, hz_bits_get(vec->items->invalid, j) ? 'X' : 'N');
    }
}

void hz_vec_put_key(hz_buf *out, const hz_vec *vec, size_t row)
{
    switch (vec->type) {
    case HZ_TYPE_BOOLEAN:
        hz_buf_putc(out, 'b');
        hz_buf_putc(out, hz_bits_get(vec->as.bits, row) ? '1' : '0');
        break;
    case HZ_TYPE_TEXT: {
        uint32_t len = (uint32_t)vec->as.text[row].len;
        put_raw(out, 't', &len, sizeof len);
        hz_buf_put(out, vec->as.text[row]);
        break;
    }
    case HZ_TYPE_DECIMAL:
        put_number_key(out, vec->as.decimal[row]);
        break;
    case HZ_TYPE_DATE:
        put_raw(out, 'd', &vec->as.i64[row], sizeof(int64_t));
        break;
    case HZ_TYPE_TIMESTAMP:
        put_raw(out, 's', &vec->as.i64[row], sizeof(int64_t));
        break;
    case HZ_TYPE_TIME:
        put_raw(out, 'h', &vec->as.i64[row], sizeof(int64_t));
        break;
    case HZ_TYPE_INTERVAL:
        put_interval_key(out, vec->as.interval[row]);
        break;
    case HZ_TYPE_ARRAY:
        put_array_key(out, vec, row);
        break;
    default:
        put_raw(out, 'n', &vec->as.i64[row], sizeof(int64_t));
        break;
    }
}

static int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static hz_decimal number(const hz_vec *vec, size_t row)
{
    return vec->type == HZ_TYPE_DECIMAL ? vec->as.decimal[row] : hz_decimal_of(vec->as.i64[row]);
}

static int64_t micros(const hz_vec *vec, size_t row)
{
    return vec->as.i64[row] * (vec->type == HZ_TYPE_DATE ? HZ_MICROS_PER_DAY : 1);
}

/* As PostgreSQL: item by item, a NULL item after all others and equal to another, then the shorter first. */
static int compare_arrays(const hz_vec *a, size_t row_a, const hz_vec *b, size_t row_b)
{
    size_t i = row_a ? a->as.ends[row_a - 1] : 0, j = row_b ? b->as.ends[row_b - 1] : 0;
    size_t i_end = a->as.ends[row_a], j_end = b->as.ends[row_b];
    for (; i < i_end && j < j_end; i++, j++) {
        bool i_valid = hz_bits_get(a->items->valid, i), j_valid = hz_bits_get(b->items->valid, j);
        int order = i_valid && j_valid ? hz_vec_compare(a->items, i, b->items, j) : j_valid - i_valid;
        if (order)
            return order;
    }
    return (i < i_end) - (j < j_end);
}

int hz_vec_compare(const hz_vec *a, size_t row_a, const hz_vec *b, size_t row_b)
{
    switch (a->type) {
    case HZ_TYPE_BOOLEAN:
        return hz_bits_get(a->as.bits, row_a) - hz_bits_get(b->as.bits, row_b);
    case HZ_TYPE_TEXT: {
        int order = hz_slice_cmp(a->as.text[row_a], b->as.text[row_b]);
        return (order > 0) - (order < 0);
    }
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DECIMAL:
        if (a->type == b->type && a->type == HZ_TYPE_INTEGER)
            return compare_i64(a->as.i64[row_a], b->as.i64[row_b]);
        return hz_decimal_cmp(number(a, row_a), number(b, row_b));
    case HZ_TYPE_DATE:
    case HZ_TYPE_TIMESTAMP:
        if (a->type != b->type)
            return compare_i64(micros(a, row_a), micros(b, row_b));
        return compare_i64(a->as.i64[row_a], b->as.i64[row_b]);
    case HZ_TYPE_INTERVAL:
        return hz_interval_cmp(a->as.interval[row_a], b->as.interval[row_b]);
    case HZ_TYPE_ARRAY:
        return compare_arrays(a, row_a, b, row_b);
    default:
        return compare_i64(a->as.i64[row_a], b->as.i64[row_b]);
    }
}

hz_value hz_vec_value(const hz_vec *vec, size_t row)
{
    hz_value value = {.type = vec->type, .valid = hz_bits_get(vec->valid, row) && vec->type != HZ_TYPE_ARRAY};
    if (!value.valid)
        return value;
    switch (vec->type) {
    case HZ_TYPE_BOOLEAN:
        value.as.boolean = hz_bits_get(vec->as.bits, row);
        break;
    case HZ_TYPE_TEXT:
        value.as.text = vec->as.text[row];
        break;
    case HZ_TYPE_DECIMAL:
        value.as.decimal = vec->as.decimal[row];
        break;
    case HZ_TYPE_INTERVAL:
        value.as.interval = vec->as.interval[row];
        break;
    default:
        value.as.i64 = vec->as.i64[row];
        break;
    }
    return value;
}
