/* generate_draw.c: a value for a field, by chance: what its type, codes, bounds, length and pattern allow, with the
 * spread that its unit suggests. Whatever rules ask beyond that is mended later. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"
#include <stdio.h>

static hz_gen_field *known_of(hz_gen_block *block, const hz_field *field)
{
    return &block->plan->tables[field->table->index].fields[field->index];
}

static hz_slice county_near(hz_gen_block *block)
{
    const hz_gen_plan *plan = block->plan;
    if (block->place.len >= 6 && !hz_rand_percent(&block->rand, 8))
        return hz_slice_sub(block->place, 0, 6);
    return plan->counties_count ? plan->counties[hz_rand_below(&block->rand, plan->counties_count)]
                                : HZ_SLICE_LIT("110101");
}

/* ---- numbers ---- */

static bool bound(hz_gen_block *block, hz_decimal *out, const hz_expr *expr, const hz_gen_env *env)
{
    if (!expr->root)
        return false;
    hz_gval v = hz_gen_value(block, expr->root, env);
    if (v.state != HZ_GEN_VALID || v.type != HZ_TYPE_DECIMAL)
        return false;
    *out = v.as.number;
    return true;
}

/* What one expects of a figure in this unit: a greatest, and how often it is 0. */
static int64_t usual_max(const hz_field *field, unsigned *zero_percent)
{
    static const struct {
        const char *unit;
        int64_t max;
        unsigned zero;
    } units[] = {{"yuan", 20000, 35},   {"mu", 12, 25},    {"m2", 150, 0},
                 {"km", 4, 10},         {"month", 12, 30}, {"person", 6, 0},
                 {"household", 400, 0}, {"year", 60, 0},   {"yuan/person/year", 20000, 0}};
    *zero_percent = 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (hz_slice_is(field->unit, units[i].unit)) {
            *zero_percent = units[i].zero;
            return units[i].max;
        }
    return 40;
}

static hz_gval draw_number(hz_gen_block *block, const hz_field *field, const hz_gen_env *env)
{
    hz_decimal low_bound, high_bound;
    unsigned zero;
    int64_t usual = usual_max(field, &zero), low = 0, high = usual;
    int scale = field->type == HZ_FIELD_INTEGER ? 0 : field->scale < 0 ? 2 : field->scale > 2 ? 2 : field->scale;
    bool has_low = bound(block, &low_bound, &field->min, env), has_high = bound(block, &high_bound, &field->max, env);
    if (has_low && (!hz_decimal_round(&low_bound, low_bound, 0, HZ_ROUND_CEIL) || !hz_decimal_to_i64(&low, low_bound)))
        low = 0;
    if (has_high &&
        (!hz_decimal_round(&high_bound, high_bound, 0, HZ_ROUND_FLOOR) || !hz_decimal_to_i64(&high, high_bound)))
        high = usual;
    if (high > low + usual && !(has_low && low > usual))
        high = low + usual;
    if (high < low)
        high = low;
    if (low == 0 && hz_rand_percent(&block->rand, zero))
        return hz_gval_int(0);
    int64_t n = hz_rand_between(&block->rand, low, high);
    if (usual == 20000 && high > 300) /* sums of money: rather small, and round */
        n = low + (int64_t)(hz_rand_below(&block->rand, (uint64_t)(high - low) / 10 + 1) *
                            (hz_rand_below(&block->rand, 10) + 1));
    hz_decimal number = hz_decimal_of(n);
    if (scale && n < high && hz_rand_percent(&block->rand, 40)) {
        number.coef = (hz_int128)n * 10 + hz_rand_between(&block->rand, 0, 9);
        number.scale = 1;
    }
    return hz_gval_number(number);
}

/* ---- times ---- */

static hz_gval draw_time(hz_gen_block *block, const hz_field *field, const hz_gen_env *env)
{
    int32_t day = block->plan->as_of[env->row->period];
    int64_t low = day - 4 * 365, high = day - 1;
    if (field->min.root) {
        hz_gval v = hz_gen_value(block, field->min.root, env);
        if (v.state == HZ_GEN_VALID && v.type == HZ_TYPE_DATE && v.as.i64 > low)
            low = v.as.i64;
    }
    if (field->max.root) {
        hz_gval v = hz_gen_value(block, field->max.root, env);
        if (v.state == HZ_GEN_VALID && v.type == HZ_TYPE_DATE && v.as.i64 < high)
            high = v.as.i64;
    }
    if (high < low)
        low = high;
    int64_t at = hz_rand_between(&block->rand, low, high);
    if (field->type == HZ_FIELD_DATETIME)
        return (hz_gval){.state = HZ_GEN_VALID,
                         .type = HZ_TYPE_TIMESTAMP,
                         .as.i64 = at * HZ_MICROS_PER_DAY + hz_rand_between(&block->rand, 8, 17) * INT64_C(3600000000)};
    if (field->type == HZ_FIELD_TIME)
        return (hz_gval){.state = HZ_GEN_VALID,
                         .type = HZ_TYPE_TIME,
                         .as.i64 = hz_rand_between(&block->rand, 8, 17) * INT64_C(3600000000)};
    return hz_gval_day(at);
}

/* ---- codes ---- */

static hz_slice draw_code(hz_gen_block *block, const hz_gen_field *known, uint32_t period)
{
    uint64_t count = known->codes_count[period], a = hz_rand_below(&block->rand, count),
             b = hz_rand_below(&block->rand, count);
    uint64_t at = count > 20 ? a * b / count * b / count : a < b ? a : b; /* lists begin with what is common */
    return hz_codelist_at(known->field->codes, known->codes[period][at]).code;
}

static hz_gval draw_codes(hz_gen_block *block, const hz_gen_field *known, uint32_t period)
{
    const hz_field *field = known->field;
    if (!known->codes_count[period])
        return HZ_GVAL_NULL;
    if (!field->many.len)
        return hz_gval_text(draw_code(block, known, period));
    uint32_t most = field->max_items > 0 && field->max_items < 3 ? (uint32_t)field->max_items : 2;
    uint32_t count = hz_rand_percent(&block->rand, 85) ? 1 : most;
    if (field->min_items > 0 && (uint32_t)field->min_items > count)
        count = (uint32_t)field->min_items;
    hz_gval *items = hz_arena_alloc(block->scratch, (count + 1) * sizeof *items);
    if (!items) {
        block->status = HZ_E_NOMEM;
        return HZ_GVAL_NULL;
    }
    uint32_t got = 0;
    for (uint32_t i = 0; i < count; i++) {
        hz_gval code = hz_gval_text(draw_code(block, known, period));
        bool there = false;
        for (uint32_t k = 0; k < got; k++)
            there = there || hz_gval_cmp(items[k], code) == 0;
        if (!there)
            items[got++] = code;
    }
    return (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_ARRAY, .items_count = got, .as.items = items};
}

/* ---- texts ---- */

static hz_gval draw_resident(hz_gen_block *block, const hz_gen_env *env)
{
    char text[18];
    int32_t day = block->plan->as_of[env->row->period];
    uint64_t kind = hz_rand_below(&block->rand, 10);
    int64_t years = kind < 2   ? hz_rand_between(&block->rand, 3, 15)
                    : kind < 8 ? hz_rand_between(&block->rand, 17, 58)
                               : hz_rand_between(&block->rand, 60, 85);
    int32_t birth = (int32_t)(day - years * 365 - hz_rand_between(&block->rand, 20, 380));
    hz_gen_resident(text, county_near(block), birth, hz_rand_percent(&block->rand, 50) ? '1' : '2',
                    (uint32_t)hz_rand_below(&block->rand, HZ_GEN_SEQUENCES));
    hz_slice kept = hz_gen_keep(block, (hz_slice){text, 18});
    hz_gen_atom_note(block, kept, HZ_GEN_RESIDENT);
    return hz_gval_text(kept);
}

static hz_slice digits(hz_gen_block *block, uint32_t length)
{
    char text[32];
    for (uint32_t i = 0; i < length && i < sizeof text; i++)
        text[i] = (char)('0' + (i ? hz_rand_below(&block->rand, 10) : 1 + hz_rand_below(&block->rand, 9)));
    return hz_gen_keep(block, (hz_slice){text, length < sizeof text ? length : sizeof text});
}

static hz_gval atom(hz_gen_block *block, hz_slice text, hz_gen_kind kind)
{
    text = hz_gen_keep(block, text);
    hz_gen_atom_note(block, text, kind);
    return hz_gval_text(text);
}

static hz_gval draw_words(hz_gen_block *block, const hz_field *field)
{
    static const char *const words[] = {"甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"};
    hz_buf text = HZ_BUF_INIT;
    hz_slice title = field->title.zh.len ? field->title.zh : field->name;
    for (size_t i = 0; i < title.len && i < 24;) {
        size_t from = i;
        uint32_t c = hz_utf8_next(title, &i);
        if (c == '(' || c == 0xff08)
            break;
        hz_buf_put(&text, hz_slice_sub(title, from, i));
    }
    hz_buf_puts(&text, words[hz_rand_below(&block->rand, sizeof words / sizeof *words)]);
    hz_slice all = hz_buf_slice(&text);
    size_t most = field->max_length >= 0 ? hz_utf8_offset(all, (size_t)field->max_length) : all.len;
    hz_slice cut = hz_slice_sub(all, all.len - most, all.len);
    while (cut.len && ((unsigned char)cut.ptr[0] & 0xc0) == 0x80)
        cut = hz_slice_sub(cut, 1, cut.len);
    hz_slice kept = hz_gen_keep(block, cut);
    hz_buf_clear(&text);
    return hz_gval_text(kept);
}

static hz_gval draw_division(hz_gen_block *block, const hz_gen_field *known)
{
    hz_division_level level = known->field->level;
    static const uint8_t digits_of[] = {6, 2, 4, 6, 9, 12};
    hz_slice code = known->kind == HZ_GEN_PLACE ? block->place : county_near(block);
    if (level == HZ_LEVEL_ANY && known->kind == HZ_GEN_PLACE)
        return code.len ? hz_gval_text(code) : hz_gval_text(county_near(block));
    if (code.len < digits_of[level])
        code = block->place.len >= digits_of[level] ? block->place : code;
    return hz_gval_text(hz_gen_keep(block, hz_slice_sub(code, 0, digits_of[level])));
}

static hz_gval draw_text(hz_gen_block *block, const hz_gen_field *known, const hz_gen_env *env)
{
    char number[24];
    hz_buf text = HZ_BUF_INIT;
    hz_gval v;
    switch (known->kind) {
    case HZ_GEN_RESIDENT:
        return draw_resident(block, env);
    case HZ_GEN_CERTIFICATE:
        v = draw_resident(block, env);
        if (!v.as.text.len)
            return v;
        hz_buf_put(&text, v.as.text);
        hz_buf_put_u64(&text, 1 + hz_rand_below(&block->rand, 7));
        hz_buf_put_u64(&text, 1 + hz_rand_below(&block->rand, 4));
        v = hz_gval_text(hz_gen_keep(block, hz_buf_slice(&text)));
        hz_buf_clear(&text);
        return v;
    case HZ_GEN_KEY:
        return atom(block, digits(block, known->key_length), HZ_GEN_KEY);
    case HZ_GEN_PHONE:
        (void)snprintf(number, sizeof number, "1%u%09u", 3 + (unsigned)hz_rand_below(&block->rand, 7),
                       (unsigned)hz_rand_below(&block->rand, 1000000000));
        return atom(block, hz_slice_of(number), HZ_GEN_PHONE);
    case HZ_GEN_BANK:
        hz_gen_bank(number, hz_rand_next(&block->rand));
        return atom(block, (hz_slice){number, 19}, HZ_GEN_BANK);
    case HZ_GEN_USCC:
        hz_gen_uscc(number, county_near(block), hz_rand_next(&block->rand));
        return atom(block, (hz_slice){number, 18}, HZ_GEN_USCC);
    case HZ_GEN_NAME:
        hz_gen_person_name(&text, hz_rand_next(&block->rand), hz_rand_next(&block->rand));
        v = atom(block, hz_buf_slice(&text), HZ_GEN_NAME);
        hz_buf_clear(&text);
        return v;
    case HZ_GEN_PLACE_NAME:
        return block->place_name.len ? hz_gval_text(block->place_name) : draw_words(block, known->field);
    case HZ_GEN_PATTERN:
        return hz_gval_text(hz_gen_keep(block, hz_gen_from_pattern(block, known->field->pattern_text)));
    case HZ_GEN_PLACE:
    case HZ_GEN_DIVISION:
        return draw_division(block, known);
    default:
        return draw_words(block, known->field);
    }
}

/* One of the values that its source has in the family, or in what is shared. */
static hz_gval draw_source(hz_gen_block *block, const hz_gen_field *known, const hz_gen_row *row)
{
    const hz_field *source = known->source;
    uint32_t families[2] = {row->family, 0};
    if (block->journal && block->families_count &&
        hz_rand_percent(&block->rand, 50)) /* for defects: another family's */
        families[0] = 1 + (uint32_t)hz_rand_below(&block->rand, block->families_count);
    for (int i = 0; i < 2; i++) {
        hz_gen_list *list = hz_gen_list_of(block, families[i], source->table->index, row->period);
        if (list->count)
            return list->rows[hz_rand_below(&block->rand, list->count)]->cells[source->index].value;
    }
    return HZ_GVAL_NULL;
}

void hz_gen_draw(hz_gen_block *block, hz_gen_row *row, const hz_field *field, bool may_be_missing)
{
    const hz_gen_field *known = known_of(block, field);
    const hz_gen_env env = {row, NULL, row->period};
    hz_gval v = HZ_GVAL_NULL;
    if (may_be_missing && hz_rand_percent(&block->rand, known->null_percent)) {
        (void)hz_gen_set(block, row, field, v);
        return;
    }
    if (known->year) {
        (void)hz_gen_set(block, row, field, hz_gval_int(hz_date_to_civil(block->plan->as_of[row->period]).year));
        return;
    }
    if (known->source && known->kind != HZ_GEN_PLACE)
        v = draw_source(block, known, row);
    if (v.state != HZ_GEN_VALID) {
        switch (known->kind) {
        case HZ_GEN_NUMBER:
            v = draw_number(block, field, &env);
            break;
        case HZ_GEN_TIME:
            v = draw_time(block, field, &env);
            break;
        case HZ_GEN_BOOLEAN:
            v = hz_gval_bool(hz_rand_percent(&block->rand, 40));
            break;
        case HZ_GEN_CODES:
            v = draw_codes(block, known, row->period);
            break;
        default:
            v = draw_text(block, known, &env);
        }
    }
    if (field->many.len && v.type != HZ_TYPE_ARRAY && v.state == HZ_GEN_VALID) {
        hz_gval *item = hz_arena_alloc(block->scratch, sizeof *item);
        if (!item)
            return;
        *item = v;
        v = (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_ARRAY, .items_count = 1, .as.items = item};
    }
    (void)hz_gen_set(block, row, field, v);
}

void hz_gen_draw_row(hz_gen_block *block, hz_gen_row *row)
{
    for (size_t f = 0; f < row->table->fields_count; f++)
        if (row->cells[f].value.state == HZ_GEN_NULL)
            hz_gen_draw(block, row, &row->table->fields[f], true);
}
