/* field_constraints.c: length and range over a column, and the bounds of a range.
 * Bounds read no row: they are worked out once, when the reader is made, and brought to the type of the column: a bound
 * of 2.5 under integers is "at least 3", a timestamp under dates the first day that is not before it. The loops then
 * compare like with like. */
#include "base/utf8.h"
#include "validator/eval/field_int.h"

/* ---- length ---- */

/* Whether a text of `bytes` bytes, 1 to 4 a character, has between least and most characters; counted only where bytes
 * cannot tell. */
static HZ_ALWAYS_INLINE bool length_ok(hz_slice text, uint64_t least, uint64_t most)
{
    uint64_t bytes = text.len, fewest = (bytes + 3) / 4;
    if (bytes < least || fewest > most)
        return false;
    if (fewest >= least && bytes <= most)
        return true;
    uint64_t characters = hz_utf8_length(text);
    return characters >= least && characters <= most;
}

void hz_field_check_length(const hz_field_reader *r, uint64_t *failed, const uint64_t *applied, const hz_slice *text,
                           size_t count)
{
    uint64_t least = r->field->min_length < 0 ? 0 : (uint64_t)r->field->min_length;
    uint64_t most = r->field->max_length < 0 ? UINT64_MAX : (uint64_t)r->field->max_length;
    for (size_t w = 0; w < hz_bits_words(count); w++) {
        uint64_t bad = 0;
        for (uint64_t todo = applied[w]; todo; todo &= todo - 1) {
            unsigned i = (unsigned)__builtin_ctzll(todo);
            bad |= (uint64_t)!length_ok(text[w * 64 + i], least, most) << i;
        }
        failed[w] = bad;
    }
}

/* ---- range ---- */

static void range_of_i64(const hz_field_reader *r, uint64_t *failed, const uint64_t *applied, const int64_t *values,
                         size_t count)
{
    int64_t min = r->min.i64, max = r->max.i64;
    for (size_t w = 0; w < hz_bits_words(count); w++) {
        const int64_t *at = values + w * 64;
        uint64_t todo = applied[w], bad = 0;
        if (todo == ~UINT64_C(0)) {
            for (unsigned i = 0; i < 64; i++)
                bad |= (uint64_t)(at[i] < min || at[i] > max) << i;
        } else {
            for (; todo; todo &= todo - 1) {
                unsigned i = (unsigned)__builtin_ctzll(todo);
                bad |= (uint64_t)(at[i] < min || at[i] > max) << i;
            }
        }
        failed[w] = bad;
    }
}

/* Numbers of one scale stand to each other as their coefficients do. */
static HZ_ALWAYS_INLINE bool decimal_in_range(const hz_field_bound *min, const hz_field_bound *max,
                                              const hz_decimal *value)
{
    int scale = value->scale;
    if (scale < min->scales_count && scale < max->scales_count)
        return value->coef >= min->coefs[scale] && value->coef <= max->coefs[scale];
    return (min->state != HZ_BOUND_VALUE || hz_decimal_cmp(*value, min->decimal) >= 0) &&
           (max->state != HZ_BOUND_VALUE || hz_decimal_cmp(*value, max->decimal) <= 0);
}

static void range_of_decimals(const hz_field_reader *r, uint64_t *failed, const uint64_t *applied,
                              const hz_decimal *values, size_t count)
{
    for (size_t w = 0; w < hz_bits_words(count); w++) {
        uint64_t bad = 0;
        for (uint64_t todo = applied[w]; todo; todo &= todo - 1) {
            unsigned i = (unsigned)__builtin_ctzll(todo);
            bad |= (uint64_t)!decimal_in_range(&r->min, &r->max, &values[w * 64 + i]) << i;
        }
        failed[w] = bad;
    }
}

static bool in_range(const hz_field_reader *r, const hz_vec *values, size_t i)
{
    const hz_field_bound *min = &r->min, *max = &r->max;
    bool has_min = min->state == HZ_BOUND_VALUE, has_max = max->state == HZ_BOUND_VALUE;
    if (r->type == HZ_TYPE_BOOLEAN) {
        int64_t value = hz_bits_get(values->as.bits, i);
        return value >= min->i64 && value <= max->i64;
    }
    hz_slice value = values->as.text[i];
    return (!has_min || hz_slice_cmp(value, min->text) >= 0) && (!has_max || hz_slice_cmp(value, max->text) <= 0);
}

void hz_field_check_range(const hz_field_reader *r, uint64_t *failed, const uint64_t *applied, const hz_vec *values,
                          size_t count)
{
    if (r->out_of_reach) {
        memcpy(failed, applied, hz_bits_words(count) * sizeof *failed);
        return;
    }
    if (r->type == HZ_TYPE_INTEGER || r->type == HZ_TYPE_DATE || r->type == HZ_TYPE_TIMESTAMP ||
        r->type == HZ_TYPE_TIME) {
        range_of_i64(r, failed, applied, values->as.i64, count);
        return;
    }
    if (r->type == HZ_TYPE_DECIMAL) {
        range_of_decimals(r, failed, applied, values->as.decimal, count);
        return;
    }
    hz_bits_fill(failed, count, false);
    for (HZ_BITS_EACH(i, applied, count))
        if (!in_range(r, values, i))
            hz_bits_set(failed, i);
}

/* ---- bounds ---- */

/* A bound under whole numbers: the nearest whole number inside. Past what they can be: nothing or everything is in
 * range. */
static void whole_bound(hz_field_reader *r, hz_field_bound *bound, hz_decimal value, bool is_min)
{
    hz_decimal whole;
    if (hz_decimal_round(&whole, value, 0, is_min ? HZ_ROUND_CEIL : HZ_ROUND_FLOOR) &&
        hz_decimal_to_i64(&bound->i64, whole))
        return;
    bound->i64 = is_min ? INT64_MIN : INT64_MAX;
    r->out_of_reach |= (value.coef > 0) == is_min;
}

/* A bound under decimals: what it is at each of the scales that columns have. An open one is past every coefficient. */
static void scale_bound(hz_field_bound *bound, bool is_min)
{
    const hz_int128 most = (hz_int128)(~(hz_uint128)0 >> 1);
    hz_decimal at;
    bound->scales_count = 0;
    for (int scale = 0; scale < HZ_BOUND_SCALES; scale++, bound->scales_count++) {
        if (bound->state != HZ_BOUND_VALUE)
            bound->coefs[scale] = is_min ? -most : most;
        else if (hz_decimal_round(&at, bound->decimal, scale, is_min ? HZ_ROUND_CEIL : HZ_ROUND_FLOOR))
            bound->coefs[scale] = at.coef;
        else
            return;
    }
}

/* A timestamp under dates. */
static int64_t day_bound(int64_t micros, bool is_min)
{
    int64_t day = micros / HZ_MICROS_PER_DAY, rest = micros % HZ_MICROS_PER_DAY;
    if (is_min)
        return day + (rest > 0);
    return day - (rest < 0);
}

static hz_status text_bound(hz_field_bound *bound, hz_slice text, hz_error *err)
{
    bound->text_owned = hz_mem_alloc(text.len);
    if (!bound->text_owned)
        return hz_nomem(err, text.len);
    if (text.len)
        memcpy(bound->text_owned, text.ptr, text.len);
    bound->text = (hz_slice){bound->text_owned, text.len};
    return HZ_OK;
}

static hz_status set_bound(hz_field_reader *r, hz_field_bound *bound, const hz_value *value, bool is_min, hz_error *err)
{
    bool known = true;
    if (!value->valid) {
        bound->state = HZ_BOUND_NULL;
        return HZ_OK;
    }
    bound->state = HZ_BOUND_VALUE;
    switch (r->type) {
    case HZ_TYPE_INTEGER:
        if (value->type == HZ_TYPE_DECIMAL)
            whole_bound(r, bound, value->as.decimal, is_min);
        else if ((known = value->type == HZ_TYPE_INTEGER))
            bound->i64 = value->as.i64;
        break;
    case HZ_TYPE_DECIMAL:
        known = value->type == HZ_TYPE_DECIMAL || value->type == HZ_TYPE_INTEGER;
        bound->decimal = value->type == HZ_TYPE_DECIMAL ? value->as.decimal : hz_decimal_of(value->as.i64);
        break;
    case HZ_TYPE_DATE:
        known = value->type == HZ_TYPE_DATE || value->type == HZ_TYPE_TIMESTAMP;
        bound->i64 = value->type == HZ_TYPE_DATE ? value->as.i64 : day_bound(value->as.i64, is_min);
        break;
    case HZ_TYPE_TIMESTAMP:
        known = value->type == HZ_TYPE_DATE || value->type == HZ_TYPE_TIMESTAMP;
        bound->i64 = value->type == HZ_TYPE_DATE ? value->as.i64 * HZ_MICROS_PER_DAY : value->as.i64;
        break;
    case HZ_TYPE_TIME:
        known = value->type == HZ_TYPE_TIME;
        bound->i64 = value->as.i64;
        break;
    case HZ_TYPE_BOOLEAN:
        known = value->type == HZ_TYPE_BOOLEAN;
        bound->i64 = known && value->as.boolean;
        break;
    default:
        known = value->type == HZ_TYPE_TEXT;
        if (known)
            return text_bound(bound, value->as.text, err);
    }
    return known ? HZ_OK : hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("range"));
}

/* Runs a bound that is more than a constant or a parameter. The value may lie in *eval. */
static hz_status run_bound(hz_value *value, hz_program **program, hz_eval **eval, const hz_node *root,
                           const hz_eval_env *env, hz_error *err)
{
    hz_eval_input input = {.rows_count = 1};
    const hz_vec *result;
    HZ_TRY(hz_program_compile(program, root, env, err));
    *eval = hz_eval_new();
    if (!*eval)
        return hz_nomem(err, 0);
    HZ_TRY(hz_program_run(&result, *program, *eval, &input, err));
    *value = hz_vec_value(result, 0);
    return HZ_OK;
}

static hz_status make_bound(hz_field_reader *r, hz_field_bound *bound, const hz_expr *expr, const hz_eval_env *env,
                            bool is_min, hz_error *err)
{
    const hz_node *root = expr->root;
    hz_value value = {.type = HZ_TYPE_NULL, .valid = false};
    hz_program *program = NULL;
    hz_eval *eval = NULL;
    hz_status st = HZ_OK;
    bound->i64 = is_min ? INT64_MIN : INT64_MAX;
    if (!root)
        return HZ_OK;
    switch (root->kind) {
    case HZ_NODE_LITERAL:
        value = root->value;
        break;
    case HZ_NODE_PARAM:
        value = env->params[root->index];
        break;
    case HZ_NODE_AS_OF:
        value = (hz_value){.type = HZ_TYPE_DATE, .valid = env->has_as_of, .as.i64 = env->as_of};
        break;
    default:
        HZ_GO(run_bound(&value, &program, &eval, root, env, err));
    }
    st = set_bound(r, bound, &value, is_min, err);
out:
    hz_eval_free(eval);
    hz_program_free(program);
    return st;
}

hz_status hz_field_bounds(hz_field_reader *r, const hz_eval_env *env, hz_error *err)
{
    HZ_TRY(make_bound(r, &r->min, &r->field->min, env, true, err));
    HZ_TRY(make_bound(r, &r->max, &r->field->max, env, false, err));
    scale_bound(&r->min, true);
    scale_bound(&r->max, false);
    return HZ_OK;
}
