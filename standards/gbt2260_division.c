/* gbt2260_division.c: division codes: GB/T 2260 to the county, statistical codes (统计用区划代码) below it.
 *
 * A code is packed into 64 bits: its digits as nibbles from the top, their count in the low four bits. Packed codes
 * with the periods in which they existed lie in one open-addressing table; periods that touch (a county that was only
 * renamed) are merged, so that nearly every code has one slot. A code of 12 digits takes a probe each for county,
 * township and village.
 *
 * To the county a code exists when GB/T 2260 has it on that day. Counties that stand directly under a province or
 * municipality have four digits for which the table has no row (1101, 4290): such a prefix exists as long as one of its
 * counties does. Below the county each list with the property `level: township` or `village` speaks for the codes that
 * begin with one of its `covers` and have at least one row: a county of that part that was dissolved before the list
 * was made has none, so that its townships are not refused for want of a list. */
#include "base/alloc.h"
#include "standards/checks_int.h"
#include "standards/codelist_int.h"
#include <endian.h>
#include <stdlib.h>

enum {
    COUNT_MASK = 0xF,
    COVERED = 0x10, /* in a slot's key: lists speak for what is one level below this code */
    FLAGS = 0xFFF0, /* bits of a slot's key that are no part of the packed code */
    LEVELS = 6,
    FULL_DIGITS = 12
};

static const unsigned char LEVEL_DIGITS[LEVELS] = {0, 2, 4, 6, 9, 12};

typedef struct span {
    uint64_t key; /* packed, and in a slot the flags; 0: empty */
    int32_t from, to;
} span;

struct hz_divisions {
    span *slots;
    unsigned bits;
    const hz_codelist *county;         /* GB/T 2260 */
    const hz_codelist **below[LEVELS]; /* by level: lists of townships, of villages */
    size_t below_count[LEVELS], below_capacity[LEVELS];
};

static inline uint64_t load(const char *from, size_t bytes)
{
    uint64_t word = 0;
    memcpy(&word, from, bytes);
    return le64toh(word);
}

/* Eight digits, the first in the low byte, as nibbles, the first on top; false when a byte is no digit. */
static inline bool pack_eight(uint64_t *packed, uint64_t word)
{
    const uint64_t high = UINT64_C(0xF0F0F0F0F0F0F0F0), threes = UINT64_C(0x3030303030303030);
    bool good = (word & high) == threes && ((word + UINT64_C(0x0606060606060606)) & high) == threes;
    word = __builtin_bswap64(word) & ~high;
    word = (word | word >> 4) & UINT64_C(0x00FF00FF00FF00FF);
    word = (word | word >> 8) & UINT64_C(0x0000FFFF0000FFFF);
    *packed = (word | word >> 16) & UINT64_C(0x00000000FFFFFFFF);
    return good;
}

/* The packed form of 2, 4, 6, 9 or 12 digits, zeros kept; 0 for anything else. */
static inline uint64_t pack_digits(hz_slice code)
{
    const uint64_t zeros = UINT64_C(0x3030303030303030);
    uint64_t head, tail = zeros;
    const char *p = code.ptr;
    switch (code.len) {
    case 2:
        head = load(p, 2) | zeros << 16;
        break;
    case 4:
        head = load(p, 4) | zeros << 32;
        break;
    case 6:
        head = load(p, 4) | load(p + 4, 2) << 32 | zeros << 48;
        break;
    case 9:
        head = load(p, 8);
        tail = load(p + 8, 1) | zeros << 8;
        break;
    case 12:
        head = load(p, 8);
        tail = load(p + 8, 4) | zeros << 32;
        break;
    default:
        return 0;
    }
    uint64_t first, second;
    if (!pack_eight(&first, head) || !pack_eight(&second, tail))
        return 0;
    return first << 32 | second | code.len;
}

static inline uint64_t cut(uint64_t packed, unsigned digits)
{
    return (packed & ~UINT64_C(0) << (64 - 4 * digits)) | digits;
}

/* Codes of 6 digits lose pairs of zeros at the end, but for the province's. */
static inline uint64_t without_zeros(uint64_t packed)
{
    if ((packed & COUNT_MASK) != 6 || packed << 16 >> 56)
        return packed;
    return cut(packed, packed << 8 >> 56 ? 4 : 2);
}

uint64_t hz_division_pack(hz_slice code)
{
    return without_zeros(pack_digits(code));
}

size_t hz_division_unpack(char out[12], uint64_t packed)
{
    size_t count = packed & COUNT_MASK;
    if (count > FULL_DIGITS)
        return 0;
    for (size_t i = 0; i < count; i++)
        out[i] = (char)('0' + (packed >> (60 - 4 * i) & 0xF));
    return count;
}

static hz_division_level level_of_digits(uint64_t digits)
{
    static const unsigned char levels[16] = {[2] = HZ_LEVEL_PROVINCE,
                                             [4] = HZ_LEVEL_PREFECTURE,
                                             [6] = HZ_LEVEL_COUNTY,
                                             [9] = HZ_LEVEL_TOWNSHIP,
                                             [12] = HZ_LEVEL_VILLAGE};
    return (hz_division_level)levels[digits & COUNT_MASK];
}

uint64_t hz_division_pack_parent(uint64_t packed)
{
    hz_division_level level = level_of_digits(packed);
    return level <= HZ_LEVEL_PROVINCE ? 0 : cut(packed, LEVEL_DIGITS[level - 1]);
}

hz_division_level hz_division_level_of(hz_slice code)
{
    return level_of_digits(hz_division_pack(code));
}

bool hz_division_parent(hz_slice *out, hz_slice code, hz_division_level level)
{
    if (level == HZ_LEVEL_ANY || level > HZ_LEVEL_VILLAGE || hz_division_level_of(code) < level)
        return false;
    *out = (hz_slice){code.ptr, LEVEL_DIGITS[level]};
    return true;
}

/* --- The table --- */

static inline size_t home(const hz_divisions *d, uint64_t key)
{
    uint64_t hash = (key ^ key >> 29) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)((hash ^ hash >> 32) * UINT64_C(0xD6E8FEB86659FD93) >> (64 - d->bits));
}

/* The slot of the code with a period that holds on day, or NULL. */
static inline const span *find(const hz_divisions *d, uint64_t key, int32_t day)
{
    size_t mask = ((size_t)1 << d->bits) - 1;
    for (size_t i = home(d, key); d->slots[i].key; i = (i + 1) & mask) {
        const span *slot = &d->slots[i];
        if ((slot->key & ~(uint64_t)FLAGS) == key && (day == HZ_DAY_EVER || (slot->from <= day && day < slot->to)))
            return slot;
    }
    return NULL;
}

static bool exists_below(const hz_divisions *d, uint64_t key, int32_t day, unsigned digits)
{
    const span *county = find(d, cut(key, 6), day);
    if (!county || !(county->key & COVERED))
        return county != NULL;
    const span *township = find(d, cut(key, 9), day);
    if (digits == 9 || !township || !(township->key & COVERED))
        return township != NULL;
    return find(d, key, day) != NULL;
}

bool hz_division_exists(const hz_semtypes *types, hz_slice code, int32_t day, hz_division_level level)
{
    uint64_t key = hz_division_pack(code);
    if (!key || !types || !types->divisions || (level != HZ_LEVEL_ANY && level_of_digits(key) != level))
        return false;
    unsigned digits = key & COUNT_MASK;
    return digits <= 6 ? find(types->divisions, key, day) != NULL : exists_below(types->divisions, key, day, digits);
}

hz_semtype_reason hz_division_check(const hz_semtypes *types, hz_slice value, int32_t day, hz_division_level level)
{
    hz_semtype_reason reason =
        hz_length_check(value, HZ_LENGTH(2) | HZ_LENGTH(4) | HZ_LENGTH(6) | HZ_LENGTH(9) | HZ_LENGTH(12));
    if (reason != HZ_REASON_NONE)
        return reason;
    if (hz_division_exists(types, value, day, level))
        return HZ_REASON_NONE;
    return hz_are_digits(value.ptr, value.len) ? HZ_REASON_DIVISION : HZ_REASON_CHARACTERS;
}

/* --- Names --- */

static bool name_in(const hz_codelist *list, hz_text2 *name, hz_slice code, int32_t day)
{
    uint32_t row = hz_codelist_find(list, code, day);
    if (row == HZ_HTAB_NONE)
        return false;
    *name = hz_codelist_at(list, row).name;
    return true;
}

bool hz_division_name(const hz_semtypes *types, hz_text2 *name, hz_slice code, int32_t day)
{
    uint64_t key = hz_division_pack(code);
    if (!key || !types || !types->divisions)
        return false;
    const hz_divisions *d = types->divisions;
    hz_division_level level = level_of_digits(key);
    if (level <= HZ_LEVEL_COUNTY) {
        char digits[FULL_DIGITS] = "00000000000";
        hz_division_unpack(digits, key);
        return name_in(d->county, name, (hz_slice){digits, 6}, day);
    }
    for (size_t i = 0; i < d->below_count[level]; i++)
        if (name_in(d->below[level][i], name, code, day))
            return true;
    return false;
}

/* --- Building the table --- */

typedef struct spans {
    span *items;
    size_t count, capacity;
} spans;

static hz_status add_span(spans *all, uint64_t key, const hz_code *row, hz_error *err)
{
    if (!HZ_GROW(all->items, all->capacity, all->count + 1))
        return hz_nomem(err, (all->count + 1) * sizeof *all->items);
    all->items[all->count++] = (span){key, row->valid_from, row->valid_to};
    return HZ_OK;
}

static hz_status add_list(spans *all, const hz_codelist *list, hz_division_level level, hz_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        hz_slice code = list->rows[i].code;
        uint64_t key = hz_division_pack(code);
        if (!key || code.len != LEVEL_DIGITS[level]) {
            hz_status st = hz_fail(err, HZ_E_PROFILE, HZ_M(DIVISION_CODE), HZ_S(code), HZ_U(LEVEL_DIGITS[level]));
            hz_error_at(err, list->path, list->body_line + 1 + i, 1);
            return st;
        }
        HZ_TRY(add_span(all, key, &list->rows[i], err));
    }
    return HZ_OK;
}

static int span_order(const void *a, const void *b)
{
    const span *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return (p->from > q->from) - (p->from < q->from);
}

/* Sorts, and merges periods of one code that touch or overlap. */
static void merge_spans(spans *all)
{
    size_t kept = 0;
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, span_order);
    for (size_t i = 0; i < all->count; i++) {
        span *last = kept ? &all->items[kept - 1] : NULL;
        if (last && last->key == all->items[i].key && all->items[i].from <= last->to)
            last->to = last->to > all->items[i].to ? last->to : all->items[i].to;
        else
            all->items[kept++] = all->items[i];
    }
    all->count = kept;
}

static int key_order(const void *a, const void *b)
{
    const span *p = a, *q = b;
    return (p->key > q->key) - (p->key < q->key);
}

/* Prefixes of four digits without a row, from their counties. The spans are sorted; new ones go to the end. */
static hz_status add_implied(spans *all, const hz_codelist *list, hz_error *err)
{
    size_t sorted = all->count;
    for (size_t i = 0; i < list->count; i++) {
        uint64_t key = hz_division_pack(list->rows[i].code);
        span prefix = {cut(key, 4), 0, 0};
        if (level_of_digits(key) == HZ_LEVEL_COUNTY && !bsearch(&prefix, all->items, sorted, sizeof prefix, key_order))
            HZ_TRY(add_span(all, prefix.key, &list->rows[i], err));
    }
    return HZ_OK;
}

static hz_status fill_slots(hz_divisions *d, const spans *all, hz_error *err)
{
    d->bits = 4;
    while (((size_t)1 << d->bits) < all->count * 2)
        d->bits++;
    size_t mask = ((size_t)1 << d->bits) - 1;
    d->slots = hz_mem_zalloc(mask + 1, sizeof *d->slots);
    if (!d->slots)
        return hz_nomem(err, (mask + 1) * sizeof *d->slots);
    for (size_t n = 0; n < all->count; n++) {
        size_t i = home(d, all->items[n].key);
        while (d->slots[i].key)
            i = (i + 1) & mask;
        d->slots[i] = all->items[n];
    }
    return HZ_OK;
}

/* Does one of the comma-separated prefixes begin the code? Without any, a list covers whatever it has rows for. */
static bool covers(hz_slice prefixes, hz_slice code)
{
    bool any = false;
    while (prefixes.len) {
        const char *comma = memchr(prefixes.ptr, ',', prefixes.len);
        size_t len = comma ? (size_t)(comma - prefixes.ptr) : prefixes.len;
        hz_slice prefix = {prefixes.ptr, len};
        prefixes = hz_slice_sub(prefixes, len + 1, prefixes.len);
        while (prefix.len && prefix.ptr[0] == ' ')
            prefix = hz_slice_sub(prefix, 1, prefix.len);
        any = any || prefix.len;
        if (prefix.len && hz_slice_starts(code, prefix))
            return true;
    }
    return !any;
}

/* Marks the parents of the list's codes. */
static void mark_covered(hz_divisions *d, const hz_codelist *list)
{
    size_t mask = ((size_t)1 << d->bits) - 1;
    hz_slice prefixes = hz_codelist_property(list, "covers");
    for (size_t n = 0; n < list->count; n++) {
        if (!covers(prefixes, list->rows[n].code))
            continue;
        uint64_t parent = hz_division_pack_parent(hz_division_pack(list->rows[n].code));
        for (size_t i = home(d, parent); d->slots[i].key; i = (i + 1) & mask)
            if ((d->slots[i].key & ~(uint64_t)FLAGS) == parent)
                d->slots[i].key |= COVERED;
    }
}

/* The lists of townships and villages in the store, by their property `level`. */
static hz_status find_below(hz_divisions *d, hz_lists *lists, spans *all, hz_error *err)
{
    const hz_slice *ids;
    size_t count = hz_lists_ids(lists, &ids);
    for (size_t i = 0; i < count; i++) {
        hz_division_level level = hz_division_level_by_name(hz_codelist_property(hz_lists_head(lists, i), "level"));
        if (level < HZ_LEVEL_TOWNSHIP)
            continue;
        const hz_codelist *list = hz_lists_find(lists, ids[i], err);
        if (!list)
            return err->status;
        HZ_TRY(add_list(all, list, level, err));
        if (!HZ_GROW(d->below[level], d->below_capacity[level], d->below_count[level] + 1))
            return hz_nomem(err, (d->below_count[level] + 1) * sizeof *d->below[level]);
        d->below[level][d->below_count[level]++] = list;
    }
    return HZ_OK;
}

static hz_status build(hz_divisions *d, hz_lists *lists, spans *all, hz_error *err)
{
    d->county = hz_lists_find(lists, HZ_SLICE_LIT("GB/T 2260"), err);
    if (!d->county)
        return err->status != HZ_OK ? err->status : hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("GB/T 2260"));
    HZ_TRY(add_list(all, d->county, HZ_LEVEL_COUNTY, err));
    merge_spans(all);
    HZ_TRY(add_implied(all, d->county, err));
    HZ_TRY(find_below(d, lists, all, err));
    merge_spans(all);
    HZ_TRY(fill_slots(d, all, err));
    for (hz_division_level level = HZ_LEVEL_TOWNSHIP; level <= HZ_LEVEL_VILLAGE; level++)
        for (size_t i = 0; i < d->below_count[level]; i++)
            mark_covered(d, d->below[level][i]);
    return HZ_OK;
}

hz_status hz_divisions_open(hz_divisions **out, hz_lists *lists, hz_error *err)
{
    *out = NULL;
    hz_error own;
    if (!err) { /* hz_lists_find tells by it why it found nothing */
        err = &own;
        hz_error_clear(err);
    }
    hz_divisions *d = hz_mem_zalloc(1, sizeof *d);
    if (!d)
        return hz_nomem(err, sizeof *d);
    spans all = {NULL, 0, 0};
    hz_status st = build(d, lists, &all, err);
    hz_mem_free(all.items);
    if (st == HZ_OK)
        *out = d;
    else
        hz_divisions_close(d);
    return st;
}

void hz_divisions_close(hz_divisions *divisions)
{
    if (!divisions)
        return;
    for (int level = 0; level < LEVELS; level++)
        hz_mem_free(divisions->below[level]);
    hz_mem_free(divisions->slots);
    hz_mem_free(divisions);
}
