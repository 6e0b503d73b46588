/* infer_column.c: what the values of a column are. Every value is held to every kind; counts add up over threads, and
 * of what speaks against a kind the least line is kept. */
#include "base/utf8.h"
#include "validator/tasks/infer_int.h"

enum { NUMBER_DIGITS = 15 };
enum { CLASS_DIGIT = 1, CLASS_UPPER = 2, CLASS_LOWER = 4, CLASS_SIGN = 8, CLASS_WIDE = 16, CLASS_MANY = 32 };

const char *hz_infer_kind_name(infer_kind kind)
{
    static const char *const names[] = {"integer",
                                        "decimal",
                                        "date",
                                        "date (YYYYMMDD)",
                                        "date (YYYY/MM/DD)",
                                        "month",
                                        "datetime",
                                        "resident_id",
                                        "uscc",
                                        "disability_certificate",
                                        "mobile",
                                        "bank_card",
                                        "text"};
    return names[kind];
}

bool hz_infer_is_day(infer_kind kind)
{
    return kind == INFER_DATE_ISO || kind == INFER_DATE_COMPACT || kind == INFER_DATE_SLASH || kind == INFER_MONTH;
}

static bool digits(hz_slice text, size_t from, size_t count)
{
    for (size_t i = from; i < from + count; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return true;
}

static int number_at(hz_slice text, size_t from, size_t count)
{
    int n = 0;
    for (size_t i = from; i < from + count; i++)
        n = n * 10 + (text.ptr[i] - '0');
    return n;
}

static bool day_of(int64_t *out, infer_kind kind, hz_slice text)
{
    int32_t day;
    int year, month, of = 1;
    char sign = kind == INFER_DATE_SLASH ? '/' : '-';
    if (kind == INFER_DATE_COMPACT) {
        if (text.len != 8 || !digits(text, 0, 8))
            return false;
        year = number_at(text, 0, 4), month = number_at(text, 4, 2), of = number_at(text, 6, 2);
    } else {
        size_t len = kind == INFER_MONTH ? 7 : 10;
        if (text.len != len || !digits(text, 0, 4) || text.ptr[4] != sign || !digits(text, 5, 2))
            return false;
        if (len == 10 && (text.ptr[7] != sign || !digits(text, 8, 2)))
            return false;
        year = number_at(text, 0, 4), month = number_at(text, 5, 2);
        of = len == 10 ? number_at(text, 8, 2) : 1;
    }
    if (!hz_date_from_civil(&day, year, month, of))
        return false;
    *out = day;
    return true;
}

bool hz_infer_number(hz_decimal *out, infer_kind kind, hz_slice cell)
{
    int64_t day;
    if (kind == INFER_INTEGER || kind == INFER_DECIMAL)
        return hz_decimal_parse(out, cell);
    if (!hz_infer_is_day(kind) || !day_of(&day, kind, cell))
        return false;
    *out = hz_decimal_of(day);
    return true;
}

static void take_number(infer_column *column, hz_slice cell, bool *integer, bool *decimal)
{
    hz_decimal value;
    *integer = false;
    *decimal = hz_decimal_parse(&value, cell);
    if (!*decimal)
        return;
    size_t sign = cell.ptr[0] == '-' || cell.ptr[0] == '+';
    const char *point = memchr(cell.ptr, '.', cell.len);
    size_t whole = (point ? (size_t)(point - cell.ptr) : cell.len) - sign;
    *decimal = whole <= NUMBER_DIGITS; /* longer ones are numbers of things, not amounts */
    *integer = *decimal && !point;
    column->leading_zero = column->leading_zero || cell.ptr[0] == '+' || (whole > 1 && cell.ptr[sign] == '0');
    if ((int32_t)whole > column->digits)
        column->digits = (int32_t)whole;
    if (value.scale > column->scale)
        column->scale = value.scale;
    if (!column->has_number || hz_decimal_cmp(value, column->low) < 0)
        column->low = value;
    if (!column->has_number || hz_decimal_cmp(value, column->high) > 0)
        column->high = value;
    column->has_number = true;
}

static void take_day(infer_column *column, int64_t day)
{
    if (!column->has_day || day < column->day_low)
        column->day_low = day;
    if (!column->has_day || day > column->day_high)
        column->day_high = day;
    column->has_day = true;
}

static bool fits_datetime(hz_slice cell)
{
    hz_time_format iso;
    int64_t micros;
    if (cell.len < 16 || cell.len > 26 || cell.ptr[4] != '-')
        return false;
    hz_time_format_iso(&iso, HZ_TIME_DATETIME);
    return hz_time_parse(&micros, &iso, cell);
}

static void take_kinds(infer_column *column, const infer_job *job, hz_slice cell, uint64_t line)
{
    static const hz_semtype semtypes[] = {HZ_SEMTYPE_RESIDENT_ID, HZ_SEMTYPE_USCC, HZ_SEMTYPE_DISABILITY_CERTIFICATE,
                                          HZ_SEMTYPE_MOBILE, HZ_SEMTYPE_BANK_CARD};
    const hz_semtype_options any = {.as_of = HZ_DAY_EVER};
    bool fits[INFER_KINDS] = {false};
    int64_t day;
    take_number(column, cell, &fits[INFER_INTEGER], &fits[INFER_DECIMAL]);
    for (unsigned kind = INFER_DATE_ISO; kind <= INFER_MONTH; kind++)
        if (cell.len <= 10 && cell.len >= 7 && day_of(&day, (infer_kind)kind, cell)) {
            fits[kind] = true;
            take_day(column, day);
        }
    fits[INFER_DATETIME] = fits_datetime(cell);
    for (size_t i = 0; i < sizeof semtypes / sizeof *semtypes && cell.len >= 11 && cell.len <= 22; i++)
        fits[INFER_RESIDENT + i] = hz_semtype_check(job->semtypes, semtypes[i], &any, cell) == HZ_REASON_NONE;
    for (unsigned kind = 0; kind < INFER_KINDS; kind++) {
        column->fits[kind] += fits[kind];
        if (!fits[kind] && (!column->against[kind] || line < column->against[kind]))
            column->against[kind] = line;
    }
}

static uint8_t class_of(char c)
{
    return c >= '0' && c <= '9'      ? CLASS_DIGIT
           : c >= 'A' && c <= 'Z'    ? CLASS_UPPER
           : c >= 'a' && c <= 'z'    ? CLASS_LOWER
           : (unsigned char)c < 0x80 ? CLASS_SIGN
                                     : CLASS_WIDE;
}

static void take_shape(infer_column *column, hz_slice cell)
{
    uint64_t length = hz_utf8_length(cell);
    if (column->present == 1 || length < column->length_low)
        column->length_low = length;
    if (length > column->length_high)
        column->length_high = length;
    column->mixed = column->mixed || column->length_low != column->length_high || cell.len > INFER_SHAPE;
    for (size_t i = 0; i < cell.len && !column->mixed; i++) {
        if (column->classes[i] && column->letters[i] != cell.ptr[i])
            column->classes[i] |= CLASS_MANY;
        column->classes[i] |= class_of(cell.ptr[i]);
        column->letters[i] = cell.ptr[i];
    }
}

static hz_status add_code(infer_column *column, hz_slice text, uint64_t count, hz_error *err)
{
    if (column->many_codes)
        return HZ_OK;
    for (unsigned i = 0; i < column->codes_count; i++)
        if (hz_slice_eq((hz_slice){column->codes[i].text, column->codes[i].len}, text)) {
            column->codes[i].count += count;
            return HZ_OK;
        }
    if (column->codes_count == INFER_CODES || text.len > 60) {
        column->many_codes = true;
        return HZ_OK;
    }
    char *copy = hz_mem_alloc(text.len + 1);
    if (!copy)
        return hz_nomem(err, text.len);
    memcpy(copy, text.ptr, text.len);
    column->codes[column->codes_count++] = (infer_code){copy, text.len, count};
    return HZ_OK;
}

static hz_status take_hash(infer_column *column, hz_slice cell, hz_error *err)
{
    uint64_t hash = hz_hash_bytes(cell.ptr, cell.len, 0), *at = &column->recent[hash % INFER_RECENT];
    if (*at == hash && hash) {
        column->repeats = true;
        return HZ_OK;
    }
    *at = hash;
    char *to = hz_pile_put(&column->hashes[hash >> 58], sizeof hash, err);
    if (!to)
        return err->status;
    memcpy(to, &hash, sizeof hash);
    return HZ_OK;
}

void hz_infer_take(infer_column *column, const infer_job *job, hz_slice cell, uint64_t line, hz_error *err,
                   hz_status *st)
{
    if (!cell.len) {
        column->missing++;
        return;
    }
    column->present++;
    take_kinds(column, job, cell, line);
    take_shape(column, cell);
    if (*st == HZ_OK)
        *st = add_code(column, cell, 1, err);
    if (*st == HZ_OK && column->hashes && !column->repeats && !column->missing)
        *st = take_hash(column, cell, err);
}

static void merge_bounds(infer_column *into, const infer_column *from)
{
    if (from->has_number) {
        if (!into->has_number || hz_decimal_cmp(from->low, into->low) < 0)
            into->low = from->low;
        if (!into->has_number || hz_decimal_cmp(from->high, into->high) > 0)
            into->high = from->high;
        into->has_number = true;
    }
    if (from->has_day) {
        take_day(into, from->day_low);
        take_day(into, from->day_high);
    }
    into->scale = from->scale > into->scale ? from->scale : into->scale;
    into->digits = from->digits > into->digits ? from->digits : into->digits;
    into->leading_zero = into->leading_zero || from->leading_zero;
}

static void merge_shape(infer_column *into, const infer_column *from)
{
    bool empty = !into->present;
    if (!from->present)
        return;
    into->mixed = into->mixed || from->mixed || (!empty && into->length_low != from->length_low);
    if (empty || from->length_low < into->length_low)
        into->length_low = from->length_low;
    if (from->length_high > into->length_high)
        into->length_high = from->length_high;
    for (size_t i = 0; i < INFER_SHAPE; i++) {
        if (into->classes[i] && from->classes[i] && into->letters[i] != from->letters[i])
            into->classes[i] |= CLASS_MANY;
        into->classes[i] |= from->classes[i];
        if (from->classes[i])
            into->letters[i] = from->letters[i];
    }
}

hz_status hz_infer_merge(infer_column *into, infer_column *from, hz_error *err)
{
    merge_bounds(into, from);
    merge_shape(into, from);
    into->present += from->present;
    into->missing += from->missing;
    for (unsigned kind = 0; kind < INFER_KINDS; kind++) {
        into->fits[kind] += from->fits[kind];
        if (from->against[kind] && (!into->against[kind] || from->against[kind] < into->against[kind]))
            into->against[kind] = from->against[kind];
    }
    into->many_codes = into->many_codes || from->many_codes;
    for (unsigned i = 0; i < from->codes_count; i++)
        HZ_TRY(add_code(into, (hz_slice){from->codes[i].text, from->codes[i].len}, from->codes[i].count, err));
    into->repeats = into->repeats || from->repeats;
    for (unsigned i = 0; into->hashes && from->hashes && i < INFER_PARTS; i++)
        hz_pile_join(&into->hashes[i], &from->hashes[i]);
    return HZ_OK;
}

void hz_infer_column_clear(infer_column *column)
{
    for (unsigned i = 0; i < column->codes_count; i++)
        hz_mem_free(column->codes[i].text);
    for (unsigned i = 0; column->hashes && i < INFER_PARTS; i++)
        hz_pile_clear(&column->hashes[i]);
    hz_mem_free(column->hashes);
    hz_mem_free(column->recent);
    memset(column, 0, sizeof *column);
}

infer_kind hz_infer_kind_of(const infer_column *column)
{
    static const infer_kind order[] = {INFER_RESIDENT,  INFER_USCC,     INFER_DISABILITY, INFER_MOBILE,
                                       INFER_BANK_CARD, INFER_DATE_ISO, INFER_DATE_SLASH, INFER_DATE_COMPACT,
                                       INFER_MONTH,     INFER_DATETIME, INFER_INTEGER,    INFER_DECIMAL};
    for (size_t i = 0; column->present && i < sizeof order / sizeof *order; i++) {
        infer_kind kind = order[i];
        if (column->fits[kind] != column->present)
            continue;
        if ((kind == INFER_INTEGER || kind == INFER_DECIMAL) && column->leading_zero)
            continue; /* a number that keeps its zeros is a code; 007 would lose them */
        return kind;
    }
    return INFER_TEXT;
}

bool hz_infer_is_coded(const infer_column *column, infer_kind kind)
{
    return kind == INFER_TEXT && column->codes_count && !column->many_codes &&
           column->present >= 5 * (uint64_t)column->codes_count;
}
