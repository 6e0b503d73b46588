/* kernels_date.c: days, timestamps and intervals. What leaves the years 0001 to 9999 is NULL. */
#include "validator/eval/kernels_int.h"

enum { DAY_FIRST = -719162, DAY_LAST = 2932896 }; /* 0001-01-01 and 9999-12-31 */

static int64_t day_of(int64_t micros)
{
    int64_t day = micros / HZ_MICROS_PER_DAY;
    return day - (micros % HZ_MICROS_PER_DAY < 0);
}

hz_status hz_kernel_to_stamp(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_TIMESTAMP);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.i64[i] = a->vec.as.i64[i * a->step] * HZ_MICROS_PER_DAY;
    return HZ_OK;
}

hz_status hz_kernel_to_day(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DATE);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.i64[i] = day_of(a->vec.as.i64[i * a->step]);
    return HZ_OK;
}

hz_status hz_kernel_day_shift(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DATE);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t days, day = a->vec.as.i64[i * a->step];
        bool ok = hz_whole_at(&days, b, i) && days >= INT32_MIN && days <= INT32_MAX;
        if (ok) {
            day = ins->op == HZ_OP_SUB ? day - days : day + days;
            out->as.i64[i] = day;
        }
        if (!ok || day < DAY_FIRST || day > DAY_LAST)
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_day_diff(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTEGER);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.i64[i] = a->vec.as.i64[i * a->step] - b->vec.as.i64[i * b->step];
    return HZ_OK;
}

hz_status hz_kernel_stamp_shift(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_TIMESTAMP);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!hz_timestamp_add(&out->as.i64[i], a->vec.as.i64[i * a->step], b->vec.as.interval[i * b->step],
                              ins->op == HZ_OP_SUB))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_stamp_diff(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTERVAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.interval[i] = hz_timestamp_sub(a->vec.as.i64[i * a->step], b->vec.as.i64[i * b->step]);
    return HZ_OK;
}

hz_status hz_kernel_interval_sum(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTERVAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!hz_interval_add(&out->as.interval[i], a->vec.as.interval[i * a->step], b->vec.as.interval[i * b->step],
                             ins->op == HZ_OP_SUB))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_interval_neg(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTERVAL);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!hz_interval_add(&out->as.interval[i], (hz_interval){0, 0, 0}, a->vec.as.interval[i * a->step], true))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_date_part(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTEGER);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        hz_civil civil = hz_date_to_civil((int32_t)a->vec.as.i64[i * a->step]);
        out->as.i64[i] = ins->k == 0 ? civil.year : ins->k == 1 ? civil.month : civil.day;
    }
    return HZ_OK;
}

static hz_status between_dates(hz_run *run, const hz_ins *ins, int32_t (*verb)(int32_t, int32_t))
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_INTEGER);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.i64[i] = verb((int32_t)a->vec.as.i64[i * a->step], (int32_t)b->vec.as.i64[i * b->step]);
    return HZ_OK;
}

hz_status hz_kernel_age(hz_run *run, const hz_ins *ins)
{
    return between_dates(run, ins, hz_date_age);
}

hz_status hz_kernel_months_between(hz_run *run, const hz_ins *ins)
{
    return between_dates(run, ins, hz_date_months_between);
}

hz_status hz_kernel_month_edge(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DATE);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        int32_t day = (int32_t)a->vec.as.i64[i * a->step];
        out->as.i64[i] = ins->k ? hz_date_last_day(day) : hz_date_first_day(day);
    }
    return HZ_OK;
}

hz_status hz_kernel_to_date(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_DATE);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!hz_time_parse(&out->as.i64[i], ins->aux, a->vec.as.text[i * a->step]))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}
