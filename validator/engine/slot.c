/* slot.c: see slot.h. */
#include "validator/engine/slot.h"

/* ---- values in bytes ---- */

size_t hz_value_bytes(hz_type type)
{
    switch (type) {
    case HZ_TYPE_DECIMAL:
        return 24;
    case HZ_TYPE_TEXT:
    case HZ_TYPE_ARRAY:
    case HZ_TYPE_INTERVAL:
        return 16;
    default:
        return 8;
    }
}

static void put_decimal(char *at, hz_decimal d)
{
    int64_t scale = d.scale;
    memcpy(at, &d.coef, 16);
    memcpy(at + 16, &scale, 8);
}

static hz_decimal get_decimal(const char *at)
{
    hz_decimal d;
    int64_t scale;
    memcpy(&d.coef, at, 16);
    memcpy(&scale, at + 16, 8);
    d.scale = (int32_t)scale;
    return d;
}

void hz_value_put(char *at, hz_type type, const hz_value *value)
{
    uint64_t word;
    switch (type) {
    case HZ_TYPE_DECIMAL:
        put_decimal(at, value->type == HZ_TYPE_DECIMAL ? value->as.decimal : hz_decimal_of(value->as.i64));
        return;
    case HZ_TYPE_TEXT:
    case HZ_TYPE_ARRAY:
        word = (uint64_t)(uintptr_t)value->as.text.ptr;
        memcpy(at, &word, 8);
        word = value->as.text.len;
        memcpy(at + 8, &word, 8);
        return;
    case HZ_TYPE_INTERVAL:
        memcpy(at, &value->as.interval, 16);
        return;
    case HZ_TYPE_BOOLEAN:
        word = value->as.boolean;
        memcpy(at, &word, 8);
        return;
    default:
        memcpy(at, &value->as.i64, 8);
        return;
    }
}

hz_value hz_value_get(const char *at, hz_type type)
{
    hz_value value = {.type = type, .valid = true};
    uint64_t word[2];
    switch (type) {
    case HZ_TYPE_DECIMAL:
        value.as.decimal = get_decimal(at);
        break;
    case HZ_TYPE_TEXT:
    case HZ_TYPE_ARRAY:
        memcpy(word, at, 16);
        value.as.text = (hz_slice){(const char *)(uintptr_t)word[0], (size_t)word[1]};
        break;
    case HZ_TYPE_INTERVAL:
        memcpy(&value.as.interval, at, 16);
        break;
    case HZ_TYPE_BOOLEAN:
        memcpy(word, at, 8);
        value.as.boolean = word[0] != 0;
        break;
    default:
        memcpy(&value.as.i64, at, 8);
        break;
    }
    return value;
}

/* Both valid and of one type. */
static int order_of(const hz_value *a, const hz_value *b)
{
    uint64_t one = 1, none = 0, bits_a = a->type == HZ_TYPE_BOOLEAN && a->as.boolean,
             bits_b = b->type == HZ_TYPE_BOOLEAN && b->as.boolean;
    hz_vec x = {.type = a->type, .count = 1, .valid = &one, .invalid = &none},
           y = {.type = b->type, .count = 1, .valid = &one, .invalid = &none};
    hz_value left = *a, right = *b;
    x.as.any = a->type == HZ_TYPE_BOOLEAN ? (void *)&bits_a : (void *)&left.as;
    y.as.any = b->type == HZ_TYPE_BOOLEAN ? (void *)&bits_b : (void *)&right.as;
    int order = hz_vec_compare(&x, 0, &y, 0);
    /* of equal numbers the one with fewer digits, so that the order of rows does not show */
    return order || a->type != HZ_TYPE_DECIMAL ? order : a->as.decimal.scale - b->as.decimal.scale;
}

static bool better(const hz_plan_slot *slot, const hz_value *value, const hz_value *have)
{
    if (slot->kind == HZ_SLOT_LEAST)
        return order_of(value, have) < 0;
    int order = order_of(value, have);
    bool equal_numbers = value->type == HZ_TYPE_DECIMAL && hz_decimal_cmp(value->as.decimal, have->as.decimal) == 0;
    return equal_numbers ? order < 0 : order > 0;
}

/* ---- states ---- */

size_t hz_state_bytes(const hz_plan_slot *slot)
{
    switch (slot->kind) {
    case HZ_SLOT_COUNT:
    case HZ_SLOT_FALSE:
    case HZ_SLOT_DISTINCT:
        return 8;
    case HZ_SLOT_SUM:
        return 8 + hz_value_bytes(HZ_TYPE_DECIMAL);
    default:
        return 8 + hz_value_bytes(slot->type);
    }
}

static hz_value typed(const hz_vec *vec, size_t row, hz_type type)
{
    if (type == HZ_TYPE_ARRAY)
        return (hz_value){.type = type, .valid = hz_bits_get(vec->valid, row), .as.text = vec->as.text[row]};
    hz_value value = hz_vec_value(vec, row);
    if (type == HZ_TYPE_DECIMAL && value.type == HZ_TYPE_INTEGER)
        value = (hz_value){.type = type, .valid = value.valid, .as.decimal = hz_decimal_of(value.as.i64)};
    else if (type == HZ_TYPE_TIMESTAMP && value.type == HZ_TYPE_DATE)
        value = (hz_value){.type = type, .valid = value.valid, .as.i64 = value.as.i64 * HZ_MICROS_PER_DAY};
    return value;
}

static void add_sum(char *state, uint64_t count, hz_decimal sum, bool lost)
{
    uint64_t head = hz_state_head(state);
    hz_decimal have = get_decimal(state + 8);
    head += count;
    if (lost || (!(head & HZ_HEAD_LOST) && !hz_decimal_add(&have, have, sum)))
        head |= HZ_HEAD_LOST;
    put_decimal(state + 8, have);
    hz_state_set_head(state, head);
}

static void add_extreme(const hz_plan_slot *slot, char *state, const hz_value *value)
{
    hz_value have = hz_value_get(state + 8, slot->type);
    if (!(hz_state_head(state) & HZ_HEAD_VALID) || better(slot, value, &have)) {
        hz_value_put(state + 8, slot->type, value);
        hz_state_set_head(state, HZ_HEAD_VALID);
    }
}

void hz_state_add(const hz_plan_slot *slot, char *state, const hz_vec *expr, const uint64_t *ambiguous, size_t row)
{
    hz_value value;
    switch (slot->kind) {
    case HZ_SLOT_COUNT:
    case HZ_SLOT_FALSE:
        hz_state_set_head(state, hz_state_head(state) + 1);
        return;
    case HZ_SLOT_SUM:
        value = typed(expr, row, HZ_TYPE_DECIMAL);
        add_sum(state, 1, value.as.decimal, false);
        return;
    case HZ_SLOT_LEAST:
    case HZ_SLOT_GREATEST:
        value = typed(expr, row, slot->type);
        add_extreme(slot, state, &value);
        return;
    case HZ_SLOT_LOOKUP: {
        uint64_t head = (hz_state_head(state) & HZ_HEAD_COUNT) + 1;
        value = typed(expr, row, slot->type);
        head |= value.valid ? HZ_HEAD_VALID : hz_bits_get(expr->invalid, row) ? HZ_HEAD_INVALID : 0;
        head |= ambiguous && hz_bits_get(ambiguous, row) ? HZ_HEAD_AMBIGUOUS : 0;
        if (value.valid)
            hz_value_put(state + 8, slot->type, &value);
        hz_state_set_head(state, head);
        return;
    }
    case HZ_SLOT_DISTINCT:
        return;
    }
}

void hz_state_merge(const hz_plan_slot *slot, char *into, const char *from)
{
    uint64_t head = hz_state_head(from);
    hz_value value;
    switch (slot->kind) {
    case HZ_SLOT_COUNT:
    case HZ_SLOT_FALSE:
    case HZ_SLOT_DISTINCT:
        hz_state_set_head(into, hz_state_head(into) + head);
        return;
    case HZ_SLOT_SUM:
        add_sum(into, head & HZ_HEAD_COUNT, get_decimal(from + 8), head & HZ_HEAD_LOST);
        return;
    case HZ_SLOT_LEAST:
    case HZ_SLOT_GREATEST:
        if (head & HZ_HEAD_VALID) {
            value = hz_value_get(from + 8, slot->type);
            add_extreme(slot, into, &value);
        }
        return;
    case HZ_SLOT_LOOKUP:
        if (!(head & HZ_HEAD_COUNT))
            return;
        if (!(hz_state_head(into) & HZ_HEAD_COUNT))
            memcpy(into, from, 8 + hz_value_bytes(slot->type));
        else
            hz_state_set_head(into, hz_state_head(into) + (head & HZ_HEAD_COUNT));
        return;
    }
}

bool hz_state_has_text(const hz_plan_slot *slot, const char *state)
{
    return hz_type_is_bytes(slot->type) && slot->kind != HZ_SLOT_COUNT && slot->kind != HZ_SLOT_FALSE &&
           slot->kind != HZ_SLOT_DISTINCT && slot->kind != HZ_SLOT_SUM && (hz_state_head(state) & HZ_HEAD_VALID);
}

/* ---- columns ---- */

static hz_home_value count_value(const hz_plan_column *column, hz_aggregate agg, uint64_t count)
{
    hz_home_value out = {HZ_HOME_VALID, {.type = column->type, .valid = true}};
    if (agg == HZ_AGG_EXISTS)
        out.value.as.boolean = count > 0;
    else if (agg == HZ_AGG_EVERY)
        out.value.as.boolean = count == 0;
    else if (column->type == HZ_TYPE_DECIMAL)
        out.value.as.decimal = hz_decimal_of((int64_t)count);
    else
        out.value.as.i64 = (int64_t)count;
    return out;
}

static bool counts(hz_aggregate agg)
{
    return agg == HZ_AGG_COUNT || agg == HZ_AGG_COUNT_DISTINCT || agg == HZ_AGG_EXISTS || agg == HZ_AGG_EVERY;
}

hz_home_value hz_home_empty(const hz_plan_column *column)
{
    if (column->empty && counts(column->empty->agg))
        return count_value(column, column->empty->agg, 0);
    return (hz_home_value){0, {.type = column->type}};
}

static hz_home_value sum_value(const hz_plan_column *column, hz_aggregate agg, const char *state)
{
    hz_home_value out = {0, {.type = HZ_TYPE_DECIMAL, .valid = true}};
    uint64_t head = hz_state_head(state), count = head & HZ_HEAD_COUNT;
    out.value.as.decimal = get_decimal(state + 8);
    bool there = count && !(head & HZ_HEAD_LOST);
    if (there && agg == HZ_AGG_AVG)
        there = hz_decimal_div(&out.value.as.decimal, out.value.as.decimal, hz_decimal_of((int64_t)count));
    if (there && column->type == HZ_TYPE_INTEGER) {
        int64_t whole = 0;
        there = hz_decimal_to_i64(&whole, out.value.as.decimal);
        out.value = (hz_value){.type = HZ_TYPE_INTEGER, .valid = true, .as.i64 = whole};
    }
    out.flags = there ? HZ_HOME_VALID : 0;
    return out;
}

hz_home_value hz_state_home(const hz_plan_column *column, const hz_plan_slot *slot, const char *state)
{
    uint64_t head = hz_state_head(state);
    hz_home_value out = {0, {.type = column->type}};
    switch (slot->kind) {
    case HZ_SLOT_COUNT:
    case HZ_SLOT_FALSE:
    case HZ_SLOT_DISTINCT:
        return count_value(column, column->empty->agg, head & HZ_HEAD_COUNT); /* count and exists share a slot */
    case HZ_SLOT_SUM:
        return sum_value(column, column->empty->agg, state); /* as do sum and avg */
    case HZ_SLOT_LEAST:
    case HZ_SLOT_GREATEST:
        break;
    case HZ_SLOT_LOOKUP:
        if ((head & HZ_HEAD_COUNT) != 1) {
            out = hz_home_empty(column);
            out.flags |= (head & HZ_HEAD_COUNT) ? HZ_HOME_AMBIGUOUS : 0;
            return out;
        }
        out.flags = (head & HZ_HEAD_INVALID ? HZ_HOME_INVALID : 0) | (head & HZ_HEAD_AMBIGUOUS ? HZ_HOME_AMBIGUOUS : 0);
        break;
    }
    if (head & HZ_HEAD_VALID) {
        out.flags |= HZ_HOME_VALID;
        out.value = hz_value_get(state + 8, slot->type);
    }
    return out;
}
