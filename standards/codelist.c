/* codelist.c: code lists in memory: index and look-ups.
 *
 * Rows of one code form a chain from the last of the file to the first. The index leads to the last one. Most codes are
 * at most 8 bytes long and have one row: they are packed in 64 bits and lie in a table of 24-byte slots that also holds
 * the validity of that row, so that a look-up is one probe and one compare of integers. A list with a longer code uses
 * the hash table of base. */
#include "standards/codelist.h"
#include "base/alloc.h"
#include "standards/codelist_int.h"
#include <stdlib.h>

enum { SHORT_BYTES = 8 };

static bool valid_on(const hz_code *row, int32_t day)
{
    return day == HZ_DAY_EVER || (row->valid_from <= day && day < row->valid_to);
}

/* Different for different codes of one length; two overlapping loads spare a copy of unknown length. */
static inline uint64_t short_key(hz_slice code)
{
    if (code.len >= 4) {
        uint32_t head, tail;
        memcpy(&head, code.ptr, 4);
        memcpy(&tail, code.ptr + code.len - 4, 4);
        return head | (uint64_t)tail << 32;
    }
    if (code.len >= 2) {
        uint16_t head, tail;
        memcpy(&head, code.ptr, 2);
        memcpy(&tail, code.ptr + code.len - 2, 2);
        return head | (uint64_t)tail << 16;
    }
    return code.len ? (unsigned char)code.ptr[0] : 0;
}

static inline size_t short_home(const hz_codelist *list, uint64_t key, size_t len)
{
    uint64_t hash = (key ^ (uint64_t)len << 56) * UINT64_C(0x9E3779B97F4A7C15);
    hash = (hash ^ hash >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return (size_t)(hash >> (64 - list->slots_bits));
}

static inline hz_code_slot *short_slot(const hz_codelist *list, hz_slice code)
{
    uint64_t key = short_key(code);
    size_t mask = ((size_t)1 << list->slots_bits) - 1;
    for (size_t i = short_home(list, key, code.len);; i = (i + 1) & mask) {
        hz_code_slot *slot = &list->slots[i];
        if (slot->len == 0 || (slot->key == key && slot->len == code.len))
            return slot;
    }
}

static bool code_eq(const void *ctx, uint32_t entry, const void *key)
{
    const hz_codelist *list = ctx;
    return hz_slice_eq(list->rows[entry].code, *(const hz_slice *)key);
}

static hz_slice name_of(const hz_codelist *list, uint32_t entry)
{
    const hz_code *row = &list->rows[entry >> 1];
    return entry & 1 ? row->name.en : row->name.zh;
}

static bool name_eq(const void *ctx, uint32_t entry, const void *key)
{
    return hz_slice_eq(name_of(ctx, entry), *(const hz_slice *)key);
}

static uint64_t hash_slice(const hz_codelist *list, hz_slice text)
{
    return hz_hash_bytes(text.ptr, text.len, list->seed);
}

static uint64_t code_hash(const void *ctx, uint32_t entry)
{
    const hz_codelist *list = ctx;
    return hash_slice(list, list->rows[entry].code);
}

static uint64_t name_hash(const void *ctx, uint32_t entry)
{
    const hz_codelist *list = ctx;
    return hash_slice(list, name_of(list, entry));
}

/* The last row of the code, or NONE. */
static uint32_t newest(const hz_codelist *list, hz_slice code)
{
    if (list->slots) {
        if (code.len == 0 || code.len > SHORT_BYTES)
            return HZ_HTAB_NONE;
        const hz_code_slot *slot = short_slot(list, code);
        return slot->len ? slot->row : HZ_HTAB_NONE;
    }
    return list->count ? hz_htab_find(&list->by_code, hash_slice(list, code), &code, code_eq, list) : HZ_HTAB_NONE;
}

static hz_status index_short(hz_codelist *list, hz_error *err)
{
    list->slots_bits = 2;
    while (((size_t)1 << list->slots_bits) < list->count * 2)
        list->slots_bits++;
    list->slots = hz_mem_zalloc((size_t)1 << list->slots_bits, sizeof *list->slots);
    if (!list->slots)
        return hz_nomem(err, sizeof *list->slots << list->slots_bits);
    for (size_t i = 0; i < list->count; i++) {
        const hz_code *row = &list->rows[i];
        hz_code_slot *slot = short_slot(list, row->code);
        list->older[i] = slot->len ? slot->row : HZ_HTAB_NONE;
        *slot =
            (hz_code_slot){short_key(row->code), row->valid_from, row->valid_to, (uint32_t)i, (uint32_t)row->code.len};
    }
    return HZ_OK;
}

/* The table keeps its first entry of a code, so rows go in from the last to the first. */
static hz_status index_long(hz_codelist *list, hz_error *err)
{
    HZ_TRY(hz_htab_reserve(&list->by_code, list->count, code_hash, list, err));
    uint32_t *oldest = hz_mem_alloc((list->count + 1) * sizeof *oldest);
    if (!oldest)
        return hz_nomem(err, (list->count + 1) * sizeof *oldest);
    for (size_t n = list->count; n > 0; n--) {
        uint32_t i = (uint32_t)(n - 1);
        hz_slice code = list->rows[i].code;
        uint64_t hash = hash_slice(list, code);
        uint32_t head = hz_htab_find(&list->by_code, hash, &code, code_eq, list);
        list->older[i] = HZ_HTAB_NONE;
        if (head == HZ_HTAB_NONE) {
            hz_htab_put(&list->by_code, hash, i);
            oldest[i] = i;
        } else {
            list->older[oldest[head]] = i;
            oldest[head] = i;
        }
    }
    hz_mem_free(oldest);
    return HZ_OK;
}

static hz_status index_names(hz_codelist *list, hz_error *err)
{
    size_t bytes = (list->count * 2 + 1) * sizeof *list->next_name;
    list->next_name = hz_mem_alloc(bytes);
    if (!list->next_name)
        return hz_nomem(err, bytes);
    HZ_TRY(hz_htab_reserve(&list->by_name, list->count * 2, name_hash, list, err));
    for (uint32_t entry = 0; entry < list->count * 2; entry++) {
        hz_slice name = name_of(list, entry);
        list->next_name[entry] = HZ_HTAB_NONE;
        if (name.len == 0)
            continue;
        uint64_t hash = hash_slice(list, name);
        uint32_t head = hz_htab_find(&list->by_name, hash, &name, name_eq, list);
        if (head == HZ_HTAB_NONE) {
            hz_htab_put(&list->by_name, hash, entry);
        } else {
            list->next_name[entry] = list->next_name[head];
            list->next_name[head] = entry;
        }
    }
    return HZ_OK;
}

typedef struct period {
    int32_t from, to;
    uint32_t row;
} period;

static int period_order(const void *a, const void *b)
{
    const period *p = a, *q = b;
    int order = (p->from > q->from) - (p->from < q->from);
    return order ? order : (p->row > q->row) - (p->row < q->row);
}

/* Sorted by their start, periods of one code must not begin before the one ahead of them ends. */
static hz_status find_overlap(const hz_codelist *list, uint32_t *overlap, uint32_t *earlier, hz_error *err)
{
    period *periods = NULL;
    size_t capacity = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->older[i] == HZ_HTAB_NONE || newest(list, list->rows[i].code) != i)
            continue;
        size_t count = 0;
        for (uint32_t row = i; row != HZ_HTAB_NONE; row = list->older[row]) {
            if (!HZ_GROW(periods, capacity, count + 1)) {
                hz_mem_free(periods);
                return hz_nomem(err, (count + 1) * sizeof *periods);
            }
            periods[count++] = (period){list->rows[row].valid_from, list->rows[row].valid_to, row};
        }
        qsort(periods, count, sizeof *periods, period_order);
        for (size_t k = 1; k < count; k++) {
            uint32_t a = periods[k - 1].row, b = periods[k].row, later = a > b ? a : b;
            if (periods[k].from < periods[k - 1].to && later < *overlap) {
                *overlap = later;
                *earlier = a > b ? b : a;
            }
        }
    }
    hz_mem_free(periods);
    return HZ_OK;
}

hz_status hz_codelist_index(hz_codelist *list, uint32_t *overlap, uint32_t *earlier, hz_error *err)
{
    *overlap = *earlier = HZ_HTAB_NONE;
    list->seed = hz_hash_seed();
    size_t bytes = (list->count + 1) * sizeof *list->older;
    list->older = hz_mem_alloc(bytes);
    if (!list->older)
        return hz_nomem(err, bytes);
    bool all_short = true;
    for (size_t i = 0; i < list->count && all_short; i++)
        all_short = list->rows[i].code.len <= SHORT_BYTES && list->rows[i].code.len > 0;
    HZ_TRY(all_short ? index_short(list, err) : index_long(list, err));
    HZ_TRY(index_names(list, err));
    return find_overlap(list, overlap, earlier, err);
}

uint32_t hz_codelist_find(const hz_codelist *list, hz_slice code, int32_t day)
{
    uint32_t row;
    if (list->slots) {
        if (code.len == 0 || code.len > SHORT_BYTES)
            return HZ_HTAB_NONE;
        const hz_code_slot *slot = short_slot(list, code);
        if (slot->len == 0)
            return HZ_HTAB_NONE;
        if (day == HZ_DAY_EVER || (slot->valid_from <= day && day < slot->valid_to))
            return slot->row;
        row = list->older[slot->row];
    } else {
        row = newest(list, code);
    }
    while (row != HZ_HTAB_NONE && !valid_on(&list->rows[row], day))
        row = list->older[row];
    return row;
}

uint32_t hz_codelist_find_name(const hz_codelist *list, hz_slice name, int32_t day)
{
    if (name.len == 0 || list->count == 0)
        return HZ_HTAB_NONE;
    uint32_t found = HZ_HTAB_NONE;
    uint32_t entry = hz_htab_find(&list->by_name, hash_slice(list, name), &name, name_eq, list);
    for (; entry != HZ_HTAB_NONE; entry = list->next_name[entry]) {
        uint32_t row = entry >> 1;
        if (!valid_on(&list->rows[row], day))
            continue;
        if (found != HZ_HTAB_NONE && !hz_slice_eq(list->rows[found].code, list->rows[row].code))
            return HZ_HTAB_NONE;
        if (found == HZ_HTAB_NONE || row > found)
            found = row;
    }
    return found;
}

hz_slice hz_codelist_id(const hz_codelist *list)
{
    return list->id;
}

hz_text2 hz_codelist_title(const hz_codelist *list)
{
    return list->title;
}

hz_slice hz_codelist_property(const hz_codelist *list, const char *key)
{
    for (size_t i = 0; i < list->properties_count; i++)
        if (hz_slice_is(list->properties[i].key, key))
            return list->properties[i].value;
    return HZ_SLICE_LIT("");
}

const uint8_t *hz_codelist_sha256(const hz_codelist *list)
{
    return list->sha256;
}

size_t hz_codelist_count(const hz_codelist *list)
{
    return list->count;
}

hz_code hz_codelist_at(const hz_codelist *list, size_t index)
{
    HZ_ASSERT(index < list->count);
    return list->rows[index];
}

int hz_codelist_column(const hz_codelist *list, hz_slice name)
{
    for (size_t i = 0; i < list->columns_count; i++)
        if (hz_slice_eq(list->columns[i], name))
            return (int)i;
    return -1;
}

/* Columns of a list given in place, in this order. */
static const char *const PLACE_COLUMNS[] = {"code", "name_zh", "name_en", "parent"};
enum { PLACE_COLUMNS_COUNT = 4 };

hz_slice hz_codelist_value(const hz_codelist *list, uint32_t row, int column)
{
    if (column < 0 || (size_t)column >= list->columns_count || row >= list->count)
        return HZ_SLICE_LIT("");
    if (!list->lines) {
        const hz_code *code = &list->rows[row];
        const hz_slice values[PLACE_COLUMNS_COUNT] = {code->code, code->name.zh, code->name.en, code->parent};
        return values[column];
    }
    const char *at = list->text.ptr + list->lines[row], *end = list->text.ptr + list->text.len;
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    if (line_end)
        end = line_end;
    for (int i = 0; i < column; i++)
        at = (const char *)memchr(at, '\t', (size_t)(end - at)) + 1; /* each line was checked to have all its cells */
    const char *cell_end = memchr(at, '\t', (size_t)(end - at));
    return (hz_slice){at, (size_t)((cell_end ? cell_end : end) - at)};
}

static hz_status fill_place(hz_codelist *list, const hz_code *codes, size_t count, hz_error *err)
{
    list->columns = hz_mem_zalloc(PLACE_COLUMNS_COUNT, sizeof *list->columns);
    list->rows = hz_mem_zalloc(count + 1, sizeof *list->rows);
    if (!list->columns || !list->rows)
        return hz_nomem(err, (count + 1) * sizeof *list->rows);
    for (size_t i = 0; i < PLACE_COLUMNS_COUNT; i++)
        list->columns[i] = hz_slice_of(PLACE_COLUMNS[i]);
    list->columns_count = PLACE_COLUMNS_COUNT;
    if (count)
        memcpy(list->rows, codes, count * sizeof *codes);
    list->count = count;
    uint32_t overlap, earlier;
    HZ_TRY(hz_codelist_index(list, &overlap, &earlier, err));
    if (overlap != HZ_HTAB_NONE)
        return hz_fail(err, HZ_E_PROFILE, HZ_M(LIST_CODE_AGAIN), HZ_S(list->rows[overlap].code));
    return HZ_OK;
}

hz_status hz_codelist_of(hz_codelist **out, hz_slice id, const hz_code *codes, size_t count, hz_error *err)
{
    *out = NULL;
    if (count >= HZ_HTAB_NONE / 2)
        return hz_nomem(err, SIZE_MAX);
    hz_codelist *list = hz_mem_zalloc(1, sizeof *list);
    if (!list)
        return hz_nomem(err, sizeof *list);
    list->id = id;
    hz_status st = fill_place(list, codes, count, err);
    if (st == HZ_OK)
        *out = list;
    else
        hz_codelist_free(list);
    return st;
}

void hz_codelist_clear_body(hz_codelist *list)
{
    hz_mem_free(list->columns);
    hz_mem_free(list->rows);
    hz_mem_free(list->lines);
    hz_mem_free(list->older);
    hz_mem_free(list->slots);
    hz_mem_free(list->next_name);
    hz_htab_clear(&list->by_code);
    hz_htab_clear(&list->by_name);
    list->columns = NULL;
    list->rows = NULL;
    list->lines = list->older = list->next_name = NULL;
    list->slots = NULL;
    list->columns_count = list->count = 0;
}

void hz_codelist_free(hz_codelist *list)
{
    if (!list)
        return;
    hz_codelist_clear_body(list);
    hz_mem_free(list->properties);
    hz_mem_free(list);
}
