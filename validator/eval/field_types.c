/* field_types.c: a loop a type, from texts to typed values.
 *
 * Each type has a function for one text, inlined into one loop over the bits of `present` (read_all): a word of 64
 * present values runs without looking for bits. Digits are read eight at a time in a 64-bit word. Columns come sorted
 * or in runs as often as not, so types whose check is dear (codes, semantic types, formats of one's own) compare a text
 * with the one before and keep its verdict. */
#include "validator/eval/field_int.h"

#define ZEROS UINT64_C(0x3030303030303030)

/* One value: the text at index i. True: read, and its slot written. */
typedef bool (*read_one)(void *ctx, hz_slice text, uint32_t i);

static HZ_ALWAYS_INLINE void read_all(hz_field_lane *lane, read_one one, void *ctx)
{
    for (uint32_t base = 0; base < lane->count; base += 64) {
        const hz_slice *text = lane->text + base;
        uint64_t present = lane->present[base / 64], todo = present, good = 0;
        if (present == ~UINT64_C(0)) {
            for (uint32_t i = 0; i < 64; i++)
                good |= (uint64_t)one(ctx, text[i], base + i) << i;
        } else {
            for (; todo; todo &= todo - 1) {
                uint32_t i = (uint32_t)__builtin_ctzll(todo);
                good |= (uint64_t)one(ctx, text[i], base + i) << i;
            }
        }
        lane->good[base / 64] = good;
        lane->bad[base / 64] = present & ~good;
    }
}

/* ---- digits ---- */

/* Whether each of the eight bytes is a digit. */
static HZ_ALWAYS_INLINE bool all_digits(uint64_t x)
{
    uint64_t digits = x ^ ZEROS; /* 0 to 9 where x has a digit */
    return !(((digits + UINT64_C(0x7676767676767676)) | digits) & UINT64_C(0x8080808080808080));
}

/* The number that eight digits write, the first byte lowest. Pairs, then fours, then all eight. */
static HZ_ALWAYS_INLINE uint64_t digits_value(uint64_t x)
{
    x -= ZEROS;
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    x = (x * 100 + (x >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    return (x * 10000 + (x >> 32)) & UINT64_C(0xFFFFFFFF);
}

/* 1 to 8 digits; false when one is none. */
static HZ_ALWAYS_INLINE bool few_digits(uint64_t *value, const char *p, size_t n)
{
    uint64_t x = hz_load_some(p, n);
    if (n < 8)
        x = x << (8 * (8 - n)) | ZEROS >> (8 * n);
    *value = digits_value(x);
    return all_digits(x);
}

/* 1 to 16 digits. */
static HZ_ALWAYS_INLINE bool some_digits(uint64_t *value, const char *p, size_t n)
{
    if (n <= 8)
        return few_digits(value, p, n);
    uint64_t high, low = hz_load8(p + n - 8);
    bool ok = few_digits(&high, p, n - 8);
    *value = high * 100000000 + digits_value(low);
    return ok && all_digits(low);
}

/* ---- integer ---- */

/* Any length: the digits after the sign. */
static bool long_integer(int64_t *out, const char *p, const char *end, bool negative)
{
    uint64_t limit = (uint64_t)INT64_MAX + negative, value = 0;
    for (; p < end; p++) {
        unsigned digit = (unsigned char)*p - (unsigned)'0';
        if (digit > 9 || value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static HZ_ALWAYS_INLINE bool read_integer(void *ctx, hz_slice text, uint32_t i)
{
    const char *p = text.ptr;
    size_t n = text.len;
    bool negative = false;
    if (n && (*p == '-' || *p == '+')) {
        negative = *p == '-';
        p++;
        n--;
    }
    int64_t *slot = (int64_t *)ctx + i;
    if (n == 0)
        return false;
    if (n > 16)
        return long_integer(slot, p, p + n, negative);
    uint64_t value;
    if (!some_digits(&value, p, n))
        return false;
    *slot = negative ? -(int64_t)value : (int64_t)value;
    return true;
}

/* ---- decimal ---- */

typedef struct decimals {
    hz_decimal *slots;
    int precision, scale; /* -1: open */
} decimals;

static const uint64_t powers[17] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
};

/* Digits before the point, leading zeros apart. */
static int whole_digits(hz_slice text)
{
    size_t at = 0, from;
    if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
        at++;
    while (at < text.len && text.ptr[at] == '0')
        at++;
    from = at;
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    return at - from > HZ_DECIMAL_DIGITS_MAX ? HZ_DECIMAL_DIGITS_MAX + 1 : (int)(at - from);
}

static bool long_decimal(const decimals *d, hz_slice text, uint32_t i)
{
    hz_decimal value;
    if (!hz_decimal_parse(&value, text) || (d->scale >= 0 && value.scale > d->scale) ||
        (d->precision >= 0 && whole_digits(text) > d->precision - (d->scale > 0 ? d->scale : 0)))
        return false;
    d->slots[i] = value;
    return true;
}

static HZ_ALWAYS_INLINE bool read_decimal(void *ctx, hz_slice text, uint32_t i)
{
    const decimals *d = ctx;
    const char *p = text.ptr;
    size_t n = text.len;
    bool negative = false;
    if (n && (*p == '-' || *p == '+')) {
        negative = *p == '-';
        p++;
        n--;
    }
    if (n == 0 || n > 17)
        return n && long_decimal(d, text, i);
    size_t whole = 0;
    while (whole < n && p[whole] != '.')
        whole++;
    uint64_t value = 0, part = 0;
    size_t scale = 0;
    if (whole == 0 || whole > 16 || !some_digits(&value, p, whole))
        return whole > 16 && long_decimal(d, text, i);
    int room = d->precision >= 0 ? d->precision - (d->scale > 0 ? d->scale : 0) : -1;
    if (room >= 0 && room <= 16 && value >= powers[room])
        return false;
    if (whole < n) {
        scale = n - whole - 1;
        if (scale == 0 || (d->scale >= 0 && scale > (size_t)d->scale) || !some_digits(&part, p + whole + 1, scale))
            return false;
        value = value * powers[scale] + part;
    }
    d->slots[i] = (hz_decimal){negative ? -(hz_int128)value : (hz_int128)value, (int32_t)scale};
    return true;
}

/* ---- boolean ---- */

typedef struct booleans {
    const hz_field *field;
    uint64_t *slots;
    uint8_t single[256]; /* spellings of one byte: 1 false, 2 true */
} booleans;

static bool is_one_of(const hz_slice *texts, size_t count, hz_slice text)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(texts[i], text))
            return true;
    return false;
}

static HZ_ALWAYS_INLINE bool read_boolean(void *ctx, hz_slice text, uint32_t i)
{
    booleans *b = ctx;
    unsigned spelled;
    if (text.len == 1)
        spelled = b->single[(unsigned char)text.ptr[0]];
    else if (is_one_of(b->field->true_texts, b->field->true_count, text))
        spelled = 2;
    else
        spelled = is_one_of(b->field->false_texts, b->field->false_count, text);
    hz_bits_put(b->slots, i, spelled == 2);
    return spelled != 0;
}

static void read_booleans(const hz_field *field, hz_field_lane *lane)
{
    booleans b = {.field = field, .slots = lane->slots};
    for (size_t i = 0; i < field->false_count; i++)
        if (field->false_texts[i].len == 1)
            b.single[(unsigned char)field->false_texts[i].ptr[0]] = 1;
    for (size_t i = 0; i < field->true_count; i++)
        if (field->true_texts[i].len == 1)
            b.single[(unsigned char)field->true_texts[i].ptr[0]] = 2;
    read_all(lane, read_boolean, &b);
}

/* ---- date, month, datetime, time ---- */

typedef struct times {
    const hz_field_reader *reader;
    int64_t *slots;
    hz_slice last;
    int64_t last_value;
    bool last_ok, any;
} times;

hz_field_shape hz_field_shape_of(const hz_time_format *format)
{
    if (format->iso)
        return format->kind == HZ_TIME_DATE    ? HZ_SHAPE_ISO_DATE
               : format->kind == HZ_TIME_MONTH ? HZ_SHAPE_ISO_MONTH
                                               : HZ_SHAPE_OTHER;
    if (format->kind == HZ_TIME_DATE && strcmp(format->text, "YYYYMMDD") == 0)
        return HZ_SHAPE_PLAIN_DATE;
    if (format->kind == HZ_TIME_DATE && strcmp(format->text, "YYYY-MM-DD") == 0)
        return HZ_SHAPE_ISO_DATE;
    return format->kind == HZ_TIME_MONTH && strcmp(format->text, "YYYY-MM") == 0 ? HZ_SHAPE_ISO_MONTH : HZ_SHAPE_OTHER;
}

/* Eight digits yyyymmdd, the first lowest, to days, as hz_date_from_civil has it; false when it is no date. */
static HZ_ALWAYS_INLINE bool date_of(int64_t *out, uint64_t x)
{
    static const uint8_t month_days[16] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0};
    /* Days before the first of the month, counted from 1 March of the year before when it is January or February. */
    static const uint16_t before[16] = {0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 0, 0, 0};
    if (!all_digits(x))
        return false;
    x -= ZEROS;
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    uint32_t year = (uint32_t)(x & 0xFF) * 100 + (uint32_t)(x >> 16 & 0xFF), month = (uint32_t)(x >> 32 & 0xFF),
             day = (uint32_t)(x >> 48);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (year == 0 || month > 12 || day - 1 >= (uint32_t)month_days[month] + (leap && month == 2))
        return false;
    uint32_t from_march = year - (month <= 2);
    uint32_t days = from_march * 365 + from_march / 4 - from_march / 100 + from_march / 400 + before[month] + day;
    *out = (int64_t)days - 719469; /* 1970-01-01 from 1 March of the year 0 */
    return true;
}

/* The three forms that most columns have; each gives what hz_time_parse gives. */
static HZ_ALWAYS_INLINE bool iso_date(int64_t *out, hz_slice text)
{
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-')
        return false;
    uint64_t head = hz_load8(text.ptr), tail = hz_load8(text.ptr + 2);
    /* yyyy-mm- and yy-mm-dd to yyyymmdd */
    uint64_t x =
        (head & UINT64_C(0xFFFFFFFF)) | (head >> 8 & UINT64_C(0xFFFF00000000)) | (tail & UINT64_C(0xFFFF000000000000));
    return date_of(out, x);
}

static HZ_ALWAYS_INLINE bool plain_date(int64_t *out, hz_slice text)
{
    return text.len == 8 && date_of(out, hz_load8(text.ptr));
}

static HZ_ALWAYS_INLINE bool iso_month(int64_t *out, hz_slice text)
{
    if (text.len != 7 || text.ptr[4] != '-')
        return false;
    uint64_t x = hz_load4(text.ptr) | (uint64_t)(unsigned char)text.ptr[5] << 32 |
                 (uint64_t)(unsigned char)text.ptr[6] << 40 | UINT64_C(0x3130) << 48; /* day 01 */
    return date_of(out, x);
}

static HZ_ALWAYS_INLINE bool read_iso_date(void *ctx, hz_slice text, uint32_t i)
{
    return iso_date((int64_t *)ctx + i, text);
}

static HZ_ALWAYS_INLINE bool read_plain_date(void *ctx, hz_slice text, uint32_t i)
{
    return plain_date((int64_t *)ctx + i, text);
}

static HZ_ALWAYS_INLINE bool read_iso_month(void *ctx, hz_slice text, uint32_t i)
{
    return iso_month((int64_t *)ctx + i, text);
}

static bool by_formats(int64_t *out, const hz_field_reader *reader, hz_slice text)
{
    const hz_field *field = reader->field;
    bool ok = false;
    for (size_t f = 0; f < field->formats_count && !ok; f++) {
        switch (reader->shapes[f]) {
        case HZ_SHAPE_ISO_DATE:
            ok = iso_date(out, text);
            break;
        case HZ_SHAPE_PLAIN_DATE:
            ok = plain_date(out, text);
            break;
        case HZ_SHAPE_ISO_MONTH:
            ok = iso_month(out, text);
            break;
        case HZ_SHAPE_OTHER:
            ok = hz_time_parse(out, &field->formats[f], text);
            break;
        }
    }
    return ok;
}

static HZ_ALWAYS_INLINE bool read_time(void *ctx, hz_slice text, uint32_t i)
{
    times *t = ctx;
    if (!t->any || !hz_same_text(t->last, text)) {
        t->any = true;
        t->last = text;
        t->last_ok = by_formats(&t->last_value, t->reader, text);
    }
    if (t->last_ok)
        t->slots[i] = t->last_value;
    return t->last_ok;
}

static void read_times(const hz_field_reader *reader, hz_field_lane *lane)
{
    times t = {.reader = reader, .slots = lane->slots};
    hz_field_shape only = reader->field->formats_count == 1 ? reader->shapes[0] : HZ_SHAPE_OTHER;
    if (only == HZ_SHAPE_ISO_DATE)
        read_all(lane, read_iso_date, lane->slots);
    else if (only == HZ_SHAPE_PLAIN_DATE)
        read_all(lane, read_plain_date, lane->slots);
    else if (only == HZ_SHAPE_ISO_MONTH)
        read_all(lane, read_iso_month, lane->slots);
    else
        read_all(lane, read_time, &t);
}

/* ---- semantic types ---- */

typedef struct semantics {
    const hz_field_reader *reader;
    uint8_t *reasons;
    hz_slice last;
    hz_semtype_reason last_reason;
    bool any;
} semantics;

/* HZ_REASON_NONE when a type accepts; else the first type's reason. */
static hz_semtype_reason semantic_reason(const hz_field_reader *reader, hz_slice text)
{
    const hz_field *field = reader->field;
    hz_semtype_reason first = HZ_REASON_LENGTH;
    for (size_t t = 0; t < field->semtypes_count; t++) {
        hz_semtype_reason reason = hz_semtype_check(reader->semtypes, field->semtypes[t], &reader->options, text);
        if (reason == HZ_REASON_NONE)
            return reason;
        first = t ? first : reason;
    }
    return first;
}

static HZ_ALWAYS_INLINE bool read_semantic(void *ctx, hz_slice text, uint32_t i)
{
    semantics *s = ctx;
    if (!s->any || !hz_same_text(s->last, text)) {
        s->any = true;
        s->last = text;
        s->last_reason = semantic_reason(s->reader, text);
    }
    s->reasons[i] = (uint8_t)s->last_reason;
    return s->last_reason == HZ_REASON_NONE;
}

/* ---- codes ---- */

typedef struct code_reader {
    const hz_codelist *list;
    int32_t day;
    hz_slice *slots; /* with names: the value is the code */
    hz_slice last, last_code;
    bool last_ok, any;
} code_reader;

static HZ_ALWAYS_INLINE bool read_code(void *ctx, hz_slice text, uint32_t i)
{
    code_reader *c = ctx;
    (void)i;
    if (!c->any || !hz_same_text(c->last, text)) {
        c->any = true;
        c->last = text;
        c->last_ok = hz_codelist_find(c->list, text, c->day) != HZ_HTAB_NONE;
    }
    return c->last_ok;
}

/* The code itself comes before a name that reads like one. */
static bool find_named(code_reader *c, hz_slice text)
{
    c->last_code = text;
    if (hz_codelist_find(c->list, text, c->day) != HZ_HTAB_NONE)
        return true;
    uint32_t row = hz_codelist_find_name(c->list, text, c->day);
    if (row == HZ_HTAB_NONE)
        return false;
    c->last_code = hz_codelist_at(c->list, row).code;
    return true;
}

static HZ_ALWAYS_INLINE bool read_named_code(void *ctx, hz_slice text, uint32_t i)
{
    code_reader *c = ctx;
    if (!c->any || !hz_same_text(c->last, text)) {
        c->any = true;
        c->last = text;
        c->last_ok = find_named(c, text);
    }
    if (c->last_ok)
        c->slots[i] = c->last_code;
    return c->last_ok;
}

static void read_codes(const hz_field_reader *reader, hz_field_lane *lane)
{
    code_reader c = {
        .list = reader->field->codes,
        .day = reader->field->codes_valid_ever ? HZ_DAY_EVER : reader->day,
        .slots = lane->slots,
    };
    if (!reader->field->codes_names) {
        read_all(lane, read_code, &c);
        return;
    }
    /* No slot may keep a text of an earlier batch. */
    memcpy(c.slots, lane->text, lane->count * sizeof *c.slots);
    read_all(lane, read_named_code, &c);
}

/* ---- lanes ---- */

bool hz_field_can_fail(const hz_field_reader *reader)
{
    return reader->field->type != HZ_FIELD_TEXT;
}

size_t hz_field_slot_bytes(const hz_field_reader *reader)
{
    switch (reader->type) {
    case HZ_TYPE_TEXT:
        return reader->field->type == HZ_FIELD_CODES && reader->field->codes_names ? sizeof(hz_slice) : 0;
    case HZ_TYPE_DECIMAL:
        return sizeof(hz_decimal);
    case HZ_TYPE_BOOLEAN:
        return 1; /* bits would do */
    default:
        return sizeof(int64_t);
    }
}

void hz_field_read_lane(const hz_field_reader *reader, hz_field_lane *lane)
{
    const hz_field *field = reader->field;
    decimals d = {lane->slots, field->precision, field->scale};
    semantics s = {.reader = reader, .reasons = lane->reasons};
    HZ_ASSERT(lane->count <= lane->capacity);
    switch (field->type) {
    case HZ_FIELD_TEXT:
        break;
    case HZ_FIELD_INTEGER:
        read_all(lane, read_integer, lane->slots);
        break;
    case HZ_FIELD_DECIMAL:
        read_all(lane, read_decimal, &d);
        break;
    case HZ_FIELD_BOOLEAN:
        read_booleans(field, lane);
        break;
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
    case HZ_FIELD_DATETIME:
    case HZ_FIELD_TIME:
        read_times(reader, lane);
        break;
    case HZ_FIELD_SEMANTIC:
        read_all(lane, read_semantic, &s);
        break;
    case HZ_FIELD_CODES:
        read_codes(reader, lane);
        break;
    }
}

void hz_field_lane_clear(hz_field_lane *lane)
{
    hz_mem_free(lane->good);
    hz_mem_free(lane->slots);
    hz_mem_free(lane->reasons);
    *lane = (hz_field_lane){.capacity = 0};
}

hz_status hz_field_lane_reserve(const hz_field_reader *reader, hz_field_lane *lane, size_t needed, hz_error *err)
{
    if (needed <= lane->capacity)
        return HZ_OK;
    bool items = lane == &reader->items;
    size_t capacity = (needed + (items ? needed / 2 : 0) + 63) / 64 * 64, words = capacity / 64;
    size_t slot_bytes = reader->many && !items ? 0 : hz_field_slot_bytes(reader);
    bool ok = true;
    hz_field_lane_clear(lane);
    lane->good = hz_mem_zalloc(2 * words, sizeof *lane->good);
    if (slot_bytes)
        ok = (lane->slots = hz_mem_zalloc(capacity, slot_bytes)) != NULL;
    if (reader->field->type == HZ_FIELD_SEMANTIC)
        ok &= (lane->reasons = hz_mem_zalloc(capacity, 1)) != NULL;
    if (!ok || !lane->good) {
        hz_field_lane_clear(lane);
        return hz_nomem(err, capacity * slot_bytes + 2 * words * sizeof *lane->good);
    }
    lane->bad = lane->good + words;
    lane->capacity = capacity;
    return HZ_OK;
}

hz_vec hz_field_lane_vec(const hz_field_reader *reader, const hz_field_lane *lane)
{
    hz_vec vec = {.type = reader->type, .count = lane->count, .invalid = lane->bad};
    /* A view: nobody writes through it. */
    vec.as.any = lane->slots ? lane->slots : (void *)(uintptr_t)lane->text;
    vec.valid = hz_field_can_fail(reader) ? lane->good : (uint64_t *)(uintptr_t)lane->present;
    return vec;
}
