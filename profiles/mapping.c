/* mapping.c: what a mapping says, looked up; units, and numbers by a picture. */
#include "profiles/mapping.h"

const hz_map_field *hz_map_table_field(const hz_map_table *map, hz_slice field)
{
    const hz_field *known = map ? hz_table_field(map->table, field) : NULL;
    return known ? map->of_field[known->index] : NULL;
}

static bool is_among(const hz_slice *names, size_t count, hz_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(names[i], name))
            return true;
    return false;
}

bool hz_map_table_ignores(const hz_map_table *map, hz_slice column)
{
    return map && is_among(map->ignored, map->ignored_count, column);
}

bool hz_map_table_names(const hz_map_table *map, hz_slice column)
{
    return map &&
           (is_among(map->ignored, map->ignored_count, column) || is_among(map->columns, map->columns_count, column));
}

/* ---- units ---- */

typedef enum kind { MONEY, LENGTH, AREA, FARMLAND, MASS, SHARE, COUNT } kind;

/* One unit is `coef` x 10^`power` of the kind's own. What is no finite decimal (a mu in square metres) is not here. */
static const struct {
    const char *name;
    kind of;
    int coef, power;
} units[] = {
    {"yuan", MONEY, 1, 0},        {"元", MONEY, 1, 0},      {"人民币元", MONEY, 1, 0}, {"CNY", MONEY, 1, 0},
    {"角", MONEY, 1, -1},         {"百元", MONEY, 1, 2},    {"千元", MONEY, 1, 3},     {"万元", MONEY, 1, 4},
    {"wan_yuan", MONEY, 1, 4},    {"十万元", MONEY, 1, 5},  {"百万元", MONEY, 1, 6},   {"千万元", MONEY, 1, 7},
    {"亿元", MONEY, 1, 8},        {"mm", LENGTH, 1, -3},    {"毫米", LENGTH, 1, -3},   {"cm", LENGTH, 1, -2},
    {"厘米", LENGTH, 1, -2},      {"dm", LENGTH, 1, -1},    {"分米", LENGTH, 1, -1},   {"m", LENGTH, 1, 0},
    {"米", LENGTH, 1, 0},         {"metre", LENGTH, 1, 0},  {"km", LENGTH, 1, 3},      {"千米", LENGTH, 1, 3},
    {"公里", LENGTH, 1, 3},       {"m2", AREA, 1, 0},       {"㎡", AREA, 1, 0},        {"平方米", AREA, 1, 0},
    {"square_metre", AREA, 1, 0}, {"ha", AREA, 1, 4},       {"公顷", AREA, 1, 4},      {"km2", AREA, 1, 6},
    {"平方千米", AREA, 1, 6},     {"平方公里", AREA, 1, 6}, {"mu", FARMLAND, 1, 0},    {"亩", FARMLAND, 1, 0},
    {"万亩", FARMLAND, 1, 4},     {"g", MASS, 1, 0},        {"克", MASS, 1, 0},        {"kg", MASS, 1, 3},
    {"千克", MASS, 1, 3},         {"公斤", MASS, 1, 3},     {"两", MASS, 5, 1},        {"斤", MASS, 5, 2},
    {"jin", MASS, 5, 2},          {"t", MASS, 1, 6},        {"吨", MASS, 1, 6},        {"ratio", SHARE, 1, 0},
    {"percent", SHARE, 1, -2},    {"%", SHARE, 1, -2},      {"百分比", SHARE, 1, -2},  {"permille", SHARE, 1, -3},
    {"‰", SHARE, 1, -3},          {"千分比", SHARE, 1, -3}, {"person", COUNT, 1, 0},   {"人", COUNT, 1, 0},
    {"household", COUNT, 1, 0},   {"户", COUNT, 1, 0},      {"万人", COUNT, 1, 4},     {"万户", COUNT, 1, 4},
};
enum { UNITS_COUNT = sizeof units / sizeof *units };

/* What a unit is of, and what it is per: yuan/person/year. */
static size_t find_unit(hz_slice text, hz_slice *per)
{
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    hz_slice head = slash ? hz_slice_sub(text, 0, (size_t)(slash - text.ptr)) : text;
    size_t i = 0;
    *per = hz_slice_sub(text, head.len, text.len);
    while (i < UNITS_COUNT && !hz_slice_is(head, units[i].name))
        i++;
    return i;
}

bool hz_unit_known(hz_slice unit)
{
    hz_slice per;
    return find_unit(unit, &per) < UNITS_COUNT;
}

bool hz_unit_times(hz_decimal *out, hz_slice from, hz_slice to)
{
    hz_slice per_from, per_to;
    size_t a = find_unit(from, &per_from), b = find_unit(to, &per_to);
    if (a == UNITS_COUNT || b == UNITS_COUNT || units[a].of != units[b].of ||
        (per_from.len && !hz_slice_eq(per_from, per_to)))
        return false;
    int coef = units[a].coef, power = units[a].power - units[b].power;
    if (units[b].coef == 5) { /* through 5 is times 2 and a tenth */
        coef *= 2;
        power--;
    }
    *out = hz_decimal_of(coef);
    for (; power > 0; power--)
        out->coef *= 10;
    out->scale = -power;
    *out = hz_decimal_normal(*out);
    return true;
}

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(hz_slice text, size_t at)
{
    size_t n = 0;
    while (at + n < text.len && is_digit(text.ptr[at + n]))
        n++;
    return n;
}

bool hz_number_form_of(hz_number_form *out, hz_slice picture)
{
    size_t from = 0, to = picture.len;
    *out = (hz_number_form){.group = 0};
    while (from < picture.len && !is_digit(picture.ptr[from]))
        from++;
    while (to > from && !is_digit(picture.ptr[to - 1]))
        to--;
    out->before = hz_slice_sub(picture, 0, from);
    out->behind = hz_slice_sub(picture, to, picture.len);
    hz_slice core = hz_slice_sub(picture, from, to);
    size_t at = digits_at(core, 0);
    if (!at)
        return false;
    if (at == 1 && core.len > at && strchr(",. '", core.ptr[at]) && digits_at(core, at + 1) == 3) {
        out->group = core.ptr[at];
        at += 4;
    }
    if (at < core.len && strchr(".,", core.ptr[at]) && core.ptr[at] != out->group && digits_at(core, at + 1)) {
        out->point = core.ptr[at];
        at += 1 + digits_at(core, at + 1);
    }
    return at == core.len;
}

static hz_slice trimmed(hz_slice text)
{
    return hz_slice_trim(text, HZ_SLICE_LIT(" \t"));
}

bool hz_number_form_read(hz_buf *out, const hz_number_form *form, hz_slice text)
{
    size_t begin = out->len;
    text = trimmed(text);
    bool negative = text.len && text.ptr[0] == '-';
    if (negative)
        text = hz_slice_sub(text, 1, text.len);
    if (text.len < form->before.len + form->behind.len || !hz_slice_starts(text, form->before) ||
        !hz_slice_eq(hz_slice_sub(text, text.len - form->behind.len, text.len), form->behind))
        return false;
    text = trimmed(hz_slice_sub(text, form->before.len, text.len - form->behind.len));
    if (!negative && text.len && text.ptr[0] == '-') {
        negative = true;
        text = hz_slice_sub(text, 1, text.len);
    }
    size_t at = digits_at(text, 0);
    bool good = at > 0;
    if (negative)
        hz_buf_putc(out, '-');
    hz_buf_put(out, hz_slice_sub(text, 0, at));
    bool grouped = form->group && at < text.len && text.ptr[at] == form->group;
    good = good && (!grouped || at <= 3);
    while (good && grouped && at < text.len && text.ptr[at] == form->group) {
        good = digits_at(text, at + 1) == 3;
        hz_buf_put(out, hz_slice_sub(text, at + 1, at + 4));
        at += 4;
    }
    if (good && form->point && at < text.len && text.ptr[at] == form->point) {
        size_t digits = digits_at(text, at + 1);
        good = digits > 0;
        hz_buf_putc(out, '.');
        hz_buf_put(out, hz_slice_sub(text, at + 1, at + 1 + digits));
        at += 1 + digits;
    }
    if (good && at == text.len)
        return true;
    out->len = begin;
    return false;
}
