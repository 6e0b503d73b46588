/* kernels_arith.c: exact numbers. Two whole columns are added, subtracted and multiplied in 64 bits; a batch in which a
 * present row overflows is done again in decimals, so that the value never depends on the width. */
#include "validator/eval/kernels_int.h"

/* One word of whole results; returns the rows that overflowed. */
static uint64_t word_whole(hz_op op, int64_t *out, const int64_t *a, size_t a_step, const int64_t *b, size_t b_step,
                           size_t n)
{
    uint64_t over = 0;
    switch (op) {
    case HZ_OP_ADD:
        for (size_t j = 0; j < n; j++)
            over |= (uint64_t)__builtin_add_overflow(a[j * a_step], b[j * b_step], &out[j]) << j;
        break;
    case HZ_OP_SUB:
        for (size_t j = 0; j < n; j++)
            over |= (uint64_t)__builtin_sub_overflow(a[j * a_step], b[j * b_step], &out[j]) << j;
        break;
    default:
        for (size_t j = 0; j < n; j++)
            over |= (uint64_t)__builtin_mul_overflow(a[j * a_step], b[j * b_step], &out[j]) << j;
        break;
    }
    return over;
}

/* HZ_END: a row overflowed. */
static hz_status arith_whole(hz_run *run, const hz_ins *ins, const hz_reg *a, const hz_reg *b)
{
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTEGER);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    for (size_t w = 0; w < run->words_count; w++) {
        size_t from = w * 64, left = run->rows_count - from;
        uint64_t over = word_whole(ins->op, out->as.i64 + from, a->vec.as.i64 + from * a->step, a->step,
                                   b->vec.as.i64 + from * b->step, b->step, left < 64 ? left : 64);
        if (over & out->valid[w])
            return HZ_END;
    }
    return HZ_OK;
}

static inline bool small(hz_decimal a)
{
    return a.coef == (int64_t)a.coef;
}

static inline bool add(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    if (a.scale == b.scale && small(a) && small(b)) {
        *out = (hz_decimal){a.coef + b.coef, a.scale};
        return true;
    }
    return hz_decimal_add(out, a, b);
}

static inline bool subtract(hz_decimal *out, hz_decimal a, hz_decimal b)
{
    b.coef = -b.coef;
    return add(out, a, b);
}

#define EACH_DECIMAL(verb)                                                                                             \
    HZ_ROWS(i, out->valid, run->words_count) {                                                                         \
        if (!verb(&out->as.decimal[i], hz_num_at(a, i), hz_num_at(b, i)))                                              \
            hz_bits_unset(out->valid, i);                                                                              \
    }

hz_status hz_kernel_arith(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    if (ins->op != HZ_OP_DIV && a->vec.type != HZ_TYPE_DECIMAL && b->vec.type != HZ_TYPE_DECIMAL) {
        hz_status st = arith_whole(run, ins, a, b);
        if (st != HZ_END)
            return st;
    }
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DECIMAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    switch (ins->op) {
    case HZ_OP_ADD:
        EACH_DECIMAL(add)
        break;
    case HZ_OP_SUB:
        EACH_DECIMAL(subtract)
        break;
    case HZ_OP_MUL:
        EACH_DECIMAL(hz_decimal_mul)
        break;
    default:
        EACH_DECIMAL(hz_decimal_div)
        break;
    }
    return HZ_OK;
}

static bool negate(hz_decimal *out, hz_decimal a)
{
    return hz_decimal_neg(out, a);
}
static bool magnitude(hz_decimal *out, hz_decimal a)
{
    *out = a;
    return a.coef >= 0 || hz_decimal_neg(out, a);
}
static bool round_down(hz_decimal *out, hz_decimal a)
{
    return hz_decimal_round(out, a, 0, HZ_ROUND_FLOOR);
}
static bool round_up(hz_decimal *out, hz_decimal a)
{
    return hz_decimal_round(out, a, 0, HZ_ROUND_CEIL);
}

static hz_status each_decimal(hz_run *run, const hz_ins *ins, bool (*verb)(hz_decimal *, hz_decimal))
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DECIMAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!verb(&out->as.decimal[i], hz_num_at(a, i)))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

/* -a or |a| of whole numbers; HZ_END when a row is INT64_MIN. */
static hz_status whole_sign(hz_run *run, const hz_ins *ins, const hz_reg *a, bool always)
{
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTEGER);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t n = a->vec.as.i64[i * a->step];
        if (n == INT64_MIN)
            return HZ_END;
        out->as.i64[i] = always || n < 0 ? -n : n;
    }
    return HZ_OK;
}

static hz_status change_sign(hz_run *run, const hz_ins *ins, bool always)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    if (a->vec.type != HZ_TYPE_DECIMAL) {
        hz_status st = whole_sign(run, ins, a, always);
        if (st != HZ_END)
            return st;
    }
    return each_decimal(run, ins, always ? negate : magnitude);
}

hz_status hz_kernel_neg(hz_run *run, const hz_ins *ins)
{
    return change_sign(run, ins, true);
}

hz_status hz_kernel_abs(hz_run *run, const hz_ins *ins)
{
    return change_sign(run, ins, false);
}

static hz_status copy_whole(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTEGER);
    return out ? hz_gather(run, out, 1, &a, hz_ones) : HZ_E_NOMEM;
}

hz_status hz_kernel_floor(hz_run *run, const hz_ins *ins)
{
    if (hz_arg_reg(run, ins, 0)->vec.type != HZ_TYPE_DECIMAL)
        return copy_whole(run, ins);
    return each_decimal(run, ins, round_down);
}

hz_status hz_kernel_ceil(hz_run *run, const hz_ins *ins)
{
    if (hz_arg_reg(run, ins, 0)->vec.type != HZ_TYPE_DECIMAL)
        return copy_whole(run, ins);
    return each_decimal(run, ins, round_up);
}

hz_status hz_kernel_round(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DECIMAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t digits;
        bool ok = hz_whole_at(&digits, b, i) && digits >= INT32_MIN && digits <= INT32_MAX &&
                  hz_decimal_round(&out->as.decimal[i], hz_num_at(a, i), (int32_t)digits, HZ_ROUND_HALF_AWAY);
        if (!ok)
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_to_number(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DECIMAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!hz_decimal_parse(&out->as.decimal[i], a->vec.as.text[i * a->step]))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}
