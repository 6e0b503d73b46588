/* field_items.c: fields with `many`. The items of all rows of a batch lie one after the other in one lane, which goes
 * through the same loops as single values do; `ends` says where each row's items end. A row without a value has none.
 */
#include "validator/eval/field_int.h"

static hz_status add_item(hz_field_reader *r, uint32_t index, hz_slice text, hz_error *err)
{
    /* The index is of 32 bits, as ends are. */
    if (index == UINT32_MAX || !HZ_GROW(r->item_text, r->item_text_capacity, (size_t)index + 1))
        return hz_nomem(err, ((size_t)index + 1) * sizeof *r->item_text);
    r->item_text[index] = text;
    return HZ_OK;
}

/* The index of the separator at or after `from`; text.len when there is none. */
static size_t next_separator(hz_slice text, size_t from, hz_slice separator)
{
    if (from >= text.len)
        return text.len;
    const char *found = separator.len == 1 ? memchr(text.ptr + from, separator.ptr[0], text.len - from)
                                           : memmem(text.ptr + from, text.len - from, separator.ptr, separator.len);
    return found ? (size_t)(found - text.ptr) : text.len;
}

static hz_status cut_row(hz_field_reader *r, uint32_t *count, hz_slice text, hz_error *err)
{
    hz_slice separator = r->field->many;
    for (size_t from = 0;;) {
        size_t end = next_separator(text, from, separator);
        hz_slice item = hz_slice_sub(text, from, end);
        if (r->field->trim)
            item = hz_field_trim(item);
        HZ_TRY(add_item(r, (*count)++, item, err));
        if (end == text.len)
            return HZ_OK;
        from = end + separator.len;
    }
}

static hz_status reserve_bits(hz_field_reader *r, size_t items_count, hz_error *err)
{
    size_t words = hz_bits_words(items_count);
    if (words <= r->item_bits_capacity)
        return HZ_OK;
    words += words / 2;
    hz_mem_free(r->item_applied);
    r->item_bits_capacity = 0;
    r->item_applied = hz_mem_zalloc(3 * words, sizeof *r->item_applied);
    if (!r->item_applied)
        return hz_nomem(err, 3 * words * sizeof *r->item_applied);
    r->item_failed = r->item_applied + words;
    r->item_present = r->item_failed + words;
    r->item_bits_capacity = words;
    return HZ_OK;
}

hz_status hz_field_items_reserve(hz_field_reader *r, uint32_t count, hz_error *err)
{
    if (!HZ_GROW(r->item_text, r->item_text_capacity, (size_t)count))
        return hz_nomem(err, count * sizeof *r->item_text);
    HZ_TRY(hz_field_lane_reserve(r, &r->items, count, err));
    return reserve_bits(r, count, err);
}

/* Bits [from, to) of an array that is 0 there. */
static void set_bits(uint64_t *bits, size_t from, size_t to)
{
    for (; from < to && (from & 63); from++)
        hz_bits_set(bits, from);
    for (; to - from >= 64 && from < to; from += 64)
        bits[from >> 6] = ~UINT64_C(0);
    for (; from < to; from++)
        hz_bits_set(bits, from);
}

static uint32_t first_of(const hz_field_reader *r, size_t row)
{
    return row ? r->ends[row - 1] : 0;
}

void hz_field_items_of(hz_field_reader *r, const uint64_t *rows)
{
    hz_bits_fill(r->item_applied, r->items.count, false);
    for (HZ_BITS_EACH(row, rows, r->rows.count))
        set_bits(r->item_applied, first_of(r, row), r->ends[row]);
}

void hz_field_rows_of(const hz_field_reader *r, uint64_t *rows, const uint64_t *items)
{
    size_t row = 0;
    hz_bits_fill(rows, r->rows.count, false);
    for (HZ_BITS_EACH(item, items, r->items.count)) {
        while (r->ends[row] <= item)
            row++;
        hz_bits_set(rows, row);
    }
}

/* A row is as good as all its items; its reason is that of the first that is not. */
static void judge_rows(hz_field_reader *r)
{
    hz_field_lane *rows = &r->rows;
    const hz_field_lane *items = &r->items;
    hz_field_rows_of(r, rows->bad, items->bad);
    for (size_t w = 0; w < hz_bits_words(rows->count); w++)
        rows->good[w] = rows->present[w] & ~rows->bad[w];
    if (!rows->reasons)
        return;
    for (HZ_BITS_EACH(row, rows->bad, rows->count))
        rows->reasons[row] = items->reasons[hz_bits_next(items->bad, items->count, first_of(r, row))];
}

hz_status hz_field_read_items(hz_field_reader *r, hz_error *err)
{
    uint32_t count = 0;
    for (uint32_t row = 0; row < r->rows.count; row++) {
        if (hz_bits_get(r->rows.present, row))
            HZ_TRY(cut_row(r, &count, r->rows.text[row], err));
        r->ends[row] = count;
    }
    HZ_TRY(hz_field_items_reserve(r, count, err));
    hz_bits_fill(r->item_present, count, true);
    r->items.text = r->item_text;
    r->items.present = r->item_present;
    r->items.count = count;
    hz_field_read_lane(r, &r->items);
    r->item_vec = hz_field_lane_vec(r, &r->items);
    if (hz_field_can_fail(r))
        judge_rows(r);
    return HZ_OK;
}

/* ---- min_items, max_items, distinct ---- */

enum { PAIRS_MAX = 8 };

static void sift_down(const hz_vec *items, uint32_t *heap, size_t at, size_t count)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && hz_vec_compare(items, heap[child], items, heap[child + 1]) < 0)
            child++;
        if (hz_vec_compare(items, heap[at], items, heap[child]) >= 0)
            return;
        uint32_t swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

/* Many items: in order, so that equal ones are neighbours. */
static bool distinct_sorted(const hz_vec *items, uint32_t from, size_t count, uint32_t *order)
{
    for (size_t i = 0; i < count; i++)
        order[i] = from + (uint32_t)i;
    for (size_t i = count / 2; i-- > 0;)
        sift_down(items, order, i, count);
    for (size_t left = count; left > 1;) {
        uint32_t greatest = order[0];
        order[0] = order[--left];
        order[left] = greatest;
        sift_down(items, order, 0, left);
        if (hz_vec_compare(items, greatest, items, order[0]) == 0)
            return false;
    }
    return true;
}

static hz_status is_distinct(bool *distinct, hz_field_reader *r, uint32_t from, uint32_t end, hz_error *err)
{
    const hz_vec *items = &r->item_vec;
    *distinct = true;
    if (end - from > PAIRS_MAX) {
        if (!HZ_GROW(r->order, r->order_capacity, (size_t)(end - from)))
            return hz_nomem(err, (end - from) * sizeof *r->order);
        *distinct = distinct_sorted(items, from, end - from, r->order);
        return HZ_OK;
    }
    for (uint32_t i = from; i < end; i++)
        for (uint32_t j = i + 1; j < end; j++)
            if (hz_vec_compare(items, i, items, j) == 0)
                *distinct = false;
    return HZ_OK;
}

hz_status hz_field_check_items(hz_field_reader *r, uint64_t *failed, const uint64_t *applied, hz_error *err)
{
    const hz_field *field = r->field;
    hz_bits_fill(failed, r->rows.count, false);
    for (HZ_BITS_EACH(row, applied, r->rows.count)) {
        uint32_t from = first_of(r, row), end = r->ends[row], count = end - from;
        bool ok = (field->min_items < 0 || (int64_t)count >= field->min_items) &&
                  (field->max_items < 0 || (int64_t)count <= field->max_items);
        if (ok && field->distinct && count > 1)
            HZ_TRY(is_distinct(&ok, r, from, end, err));
        if (!ok)
            hz_bits_set(failed, row);
    }
    return HZ_OK;
}
