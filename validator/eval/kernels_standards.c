/* kernels_standards.c: what the standards know: code lists, identity numbers, divisions. */
#include "validator/eval/kernels_int.h"

static hz_vec *strict_text(hz_run *run, const hz_ins *ins, hz_type type)
{
    hz_vec *out = hz_run_out(run, ins, type);
    if (!out)
        return NULL;
    hz_strict_1(run, out, hz_arg_reg(run, ins, 0));
    if (type == HZ_TYPE_BOOLEAN)
        memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    return out;
}

static hz_slice text_at(const hz_run *run, const hz_ins *ins, size_t i)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    return a->vec.as.text[i * a->step];
}

hz_status hz_kernel_in_list(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        bool found = hz_codelist_find(ins->aux, text_at(run, ins, i), (int32_t)ins->k) != HZ_HTAB_NONE;
        out->as.bits[w_] |= (uint64_t)(found != ins->negated) << (i & 63);
    }
    return HZ_OK;
}

hz_status hz_kernel_code_name(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        uint32_t row = hz_codelist_find(ins->aux, text_at(run, ins, i), (int32_t)ins->k);
        if (row != HZ_HTAB_NONE)
            out->as.text[i] = hz_codelist_at(ins->aux, row).name.zh;
        if (row == HZ_HTAB_NONE || out->as.text[i].len == 0)
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_code_valid(hz_run *run, const hz_ins *ins)
{
    const hz_reg *day = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, hz_arg_reg(run, ins, 0), day);
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    HZ_ROWS(i, out->valid, run->words_count) {
        int32_t on = (int32_t)day->vec.as.i64[i * day->step];
        bool found = hz_codelist_find(ins->aux, text_at(run, ins, i), on) != HZ_HTAB_NONE;
        out->as.bits[w_] |= (uint64_t)found << (i & 63);
    }
    return HZ_OK;
}

hz_status hz_kernel_code_value(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        uint32_t row = hz_codelist_find(ins->aux, text_at(run, ins, i), (int32_t)ins->k);
        hz_slice value = HZ_SLICE_NONE;
        if (row != HZ_HTAB_NONE)
            value = hz_codelist_value(ins->aux, row, (int)ins->k2);
        out->as.text[i] = value;
        if (value.len == 0)
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_is_type(hz_run *run, const hz_ins *ins)
{
    hz_semtype_options options = {.as_of = (int32_t)ins->k};
    hz_vec *out = strict_text(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        bool ok = hz_semtype_check(ins->aux, (hz_semtype)ins->k2, &options, text_at(run, ins, i)) == HZ_REASON_NONE;
        out->as.bits[w_] |= (uint64_t)ok << (i & 63);
    }
    return HZ_OK;
}

hz_status hz_kernel_is_luhn(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.bits[w_] |= (uint64_t)hz_luhn_ok(text_at(run, ins, i)) << (i & 63);
    return HZ_OK;
}

hz_status hz_kernel_id_birth(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_DATE);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        int32_t day = 0;
        if (!hz_resident_id_birth(&day, text_at(run, ins, i)))
            hz_bits_unset(out->valid, i);
        out->as.i64[i] = day;
    }
    return HZ_OK;
}

hz_status hz_kernel_id_sex(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        char code = 0;
        if (!hz_resident_id_sex(&code, text_at(run, ins, i)))
            hz_bits_unset(out->valid, i);
        out->as.text[i] = code == '1' ? HZ_SLICE_LIT("1") : HZ_SLICE_LIT("2");
    }
    return HZ_OK;
}

hz_status hz_kernel_id_division(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!hz_resident_id_division(&out->as.text[i], text_at(run, ins, i)))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_is_division(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        bool exists = hz_division_exists(ins->aux, text_at(run, ins, i), (int32_t)ins->k, (hz_division_level)ins->k2);
        out->as.bits[w_] |= (uint64_t)exists << (i & 63);
    }
    return HZ_OK;
}

hz_status hz_kernel_division_parent(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_text(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        if (!hz_division_parent(&out->as.text[i], text_at(run, ins, i), (hz_division_level)ins->k))
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}
