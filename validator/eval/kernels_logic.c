/* kernels_logic.c: three-valued logic, 64 rows at a time. Value bits count only where valid is set. */
#include "validator/eval/kernels_int.h"

hz_status hz_kernel_not(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    for (size_t w = 0; w < run->words_count; w++)
        out->as.bits[w] = ~a->vec.as.bits[w];
    return HZ_OK;
}

hz_status hz_kernel_and(hz_run *run, const hz_ins *ins)
{
    const hz_vec *a = &hz_arg_reg(run, ins, 0)->vec, *b = &hz_arg_reg(run, ins, 1)->vec;
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    uint64_t *restrict bits = out->as.bits, *restrict valid = out->valid, *restrict invalid = out->invalid;
    for (size_t w = 0; w < run->words_count; w++) {
        uint64_t both = a->as.bits[w] & b->as.bits[w] & a->valid[w] & b->valid[w];
        uint64_t known = both | (a->valid[w] & ~a->as.bits[w]) | (b->valid[w] & ~b->as.bits[w]);
        bits[w] = both;
        valid[w] = known;
        invalid[w] = ~known & (a->invalid[w] | b->invalid[w]);
    }
    return HZ_OK;
}

hz_status hz_kernel_or(hz_run *run, const hz_ins *ins)
{
    const hz_vec *a = &hz_arg_reg(run, ins, 0)->vec, *b = &hz_arg_reg(run, ins, 1)->vec;
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    uint64_t *restrict bits = out->as.bits, *restrict valid = out->valid, *restrict invalid = out->invalid;
    for (size_t w = 0; w < run->words_count; w++) {
        uint64_t either = (a->as.bits[w] & a->valid[w]) | (b->as.bits[w] & b->valid[w]);
        uint64_t known = either | (a->valid[w] & b->valid[w]);
        bits[w] = either;
        valid[w] = known;
        invalid[w] = ~known & (a->invalid[w] | b->invalid[w]);
    }
    return HZ_OK;
}

hz_status hz_kernel_is_null(hz_run *run, const hz_ins *ins)
{
    const hz_vec *a = &hz_arg_reg(run, ins, 0)->vec;
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    uint64_t flip = ins->negated ? 0 : ~UINT64_C(0);
    for (size_t w = 0; w < run->words_count; w++) {
        out->as.bits[w] = a->valid[w] ^ flip;
        out->valid[w] = ~a->invalid[w];
        out->invalid[w] = a->invalid[w];
    }
    return HZ_OK;
}

hz_status hz_kernel_distinct(hz_run *run, const hz_ins *ins)
{
    const hz_vec *equal = &hz_arg_reg(run, ins, 0)->vec;
    const hz_vec *a = &hz_arg_reg(run, ins, 1)->vec, *b = &hz_arg_reg(run, ins, 2)->vec;
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    uint64_t flip = ins->negated ? ~UINT64_C(0) : 0;
    for (size_t w = 0; w < run->words_count; w++) {
        uint64_t invalid = a->invalid[w] | b->invalid[w], both = a->valid[w] & b->valid[w];
        uint64_t distinct = (a->valid[w] ^ b->valid[w]) | (both & ~equal->as.bits[w]);
        out->as.bits[w] = distinct ^ flip;
        out->valid[w] = ~invalid;
        out->invalid[w] = invalid;
    }
    return HZ_OK;
}
