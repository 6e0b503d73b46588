/* kernels_int.h: what the kernels share. Private to validator/eval.
 * Values where `valid` is 0 may be anything, so texts and decimals are only looked at where it is 1; bits past the last
 * row are cleared after each kernel (hz_run_ins), so kernels may leave them. */
#ifndef HZ_EVAL_KERNELS_INT_H
#define HZ_EVAL_KERNELS_INT_H
#include "validator/eval/program.h"

/* Visits rows whose bit is set: HZ_ROWS(i, valid, words) { … }; w_ is the row's word. The body may clear bits of the
 * map; `continue` and `break` of the body both go to the next row. */
#define HZ_ROWS(i, map, words)                                                                                         \
    for (size_t w_ = 0; w_ < (words); w_++)                                                                            \
        for (uint64_t m_ = (map)[w_]; m_; m_ &= m_ - 1)                                                                \
            for (size_t i = w_ * 64 + (size_t)__builtin_ctzll(m_), once_ = 1; once_; once_ = 0)

static inline const hz_reg *hz_arg_reg(const hz_run *run, const hz_ins *ins, uint32_t index)
{
    return &run->regs[ins->args[index]];
}

/* Bitmaps of a strict operator. Here, and wherever rows are visited by them, the bits behind the last row are 0: those
 * of constants are not. */
static inline void hz_strict_1(const hz_run *run, hz_vec *out, const hz_reg *a)
{
    size_t words = run->words_count;
    if (!words)
        return;
    memcpy(out->valid, a->vec.valid, words * sizeof *out->valid);
    memcpy(out->invalid, a->vec.invalid, words * sizeof *out->invalid);
    out->valid[words - 1] &= run->tail;
}
static inline void hz_strict_also(const hz_run *run, hz_vec *out, const hz_reg *b)
{
    for (size_t w = 0; w < run->words_count; w++) {
        out->valid[w] &= b->vec.valid[w];
        out->invalid[w] |= b->vec.invalid[w];
    }
}
static inline void hz_strict_2(const hz_run *run, hz_vec *out, const hz_reg *a, const hz_reg *b)
{
    hz_strict_1(run, out, a);
    hz_strict_also(run, out, b);
}
static inline void hz_strict_3(const hz_run *run, hz_vec *out, const hz_reg *a, const hz_reg *b, const hz_reg *c)
{
    hz_strict_2(run, out, a, b);
    hz_strict_also(run, out, c);
}

static inline uint16_t hz_load16(const char *at)
{
    uint16_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Whether `len` bytes are equal; codes of 1 to 3 bytes need no call either. */
static inline bool hz_bytes_eq(const char *a, const char *b, size_t len)
{
    if (len >= 4)
        return hz_slice_eq((hz_slice){a, len}, (hz_slice){b, len});
    if (len >= 2)
        return hz_load16(a) == hz_load16(b) && a[len - 1] == b[len - 1];
    return len == 0 || *a == *b;
}
static inline bool hz_text_eq(hz_slice a, hz_slice b)
{
    return a.len == b.len && hz_bytes_eq(a.ptr, b.ptr, a.len);
}

/* A text of up to 7 bytes and its length in one word, never 0. */
static inline uint64_t hz_text_pack(hz_slice text)
{
    uint64_t word = (uint64_t)(text.len + 1) << 56;
    if (text.len >= 4)
        return word | hz_load32(text.ptr) | (uint64_t)hz_load32(text.ptr + text.len - 4) << (text.len - 4) * 8;
    if (text.len >= 2)
        return word | hz_load16(text.ptr) | (uint64_t)hz_load16(text.ptr + text.len - 2) << (text.len - 2) * 8;
    return text.len ? word | (unsigned char)*text.ptr : word;
}
static inline size_t hz_mix(uint64_t key)
{
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(key ^ key >> 32);
}

#define HZ_HIGH_BITS UINT64_C(0x8080808080808080)
/* Whether the first len bytes are all below 0x80. */
static inline bool hz_ascii(const char *text, size_t len)
{
    if (len < 8) {
        if (len >= 4)
            return !((hz_load32(text) | hz_load32(text + len - 4)) & UINT32_C(0x80808080));
        unsigned char high = 0;
        for (size_t i = 0; i < len; i++)
            high |= (unsigned char)text[i];
        return high < 0x80;
    }
    uint64_t high = hz_load64(text + len - 8);
    for (size_t i = 0; i + 8 < len; i += 8)
        high |= hz_load64(text + i);
    return !(high & HZ_HIGH_BITS);
}

/* Characters of text, and the first `count` of them. */
size_t hz_text_chars(hz_slice text);
size_t hz_text_offset(hz_slice text, uint64_t count);

/* The number of a numeric register's row as a decimal. */
static inline hz_decimal hz_num_at(const hz_reg *reg, size_t i)
{
    return reg->vec.type == HZ_TYPE_DECIMAL ? reg->vec.as.decimal[i * reg->step]
                                            : hz_decimal_of(reg->vec.as.i64[i * reg->step]);
}
/* The same as a whole number; false when it is not one or does not fit. */
static inline bool hz_whole_at(int64_t *out, const hz_reg *reg, size_t i)
{
    if (reg->vec.type != HZ_TYPE_DECIMAL) {
        *out = reg->vec.as.i64[i * reg->step];
        return true;
    }
    return hz_decimal_to_i64(out, reg->vec.as.decimal[i * reg->step]);
}
/* DECIMAL where one of the registers is that, else INTEGER. */
hz_type hz_num_type(const hz_run *run, const hz_ins *ins, uint32_t from, uint32_t step);

/* Whether an order of -1, 0 or 1 is what op asks for. */
static inline bool hz_op_holds(hz_op op, int order)
{
    static const unsigned char orders[] = {
        [HZ_OP_EQ] = 2, [HZ_OP_NE] = 5, [HZ_OP_LT] = 1, [HZ_OP_LE] = 3, [HZ_OP_GT] = 4, [HZ_OP_GE] = 6};
    return orders[op] >> (order + 1) & 1;
}

bool hz_text_set_has(const hz_text_set *set, hz_slice text);
bool hz_i64_set_has(const hz_i64_set *set, int64_t n);
HZ_NODISCARD hz_status hz_text_set_init(hz_text_set *set, hz_arena *arena, const hz_slice *items, size_t count,
                                        hz_error *err);
HZ_NODISCARD hz_status hz_i64_set_init(hz_i64_set *set, hz_arena *arena, const int64_t *items, size_t count,
                                       hz_error *err);
HZ_NODISCARD hz_status hz_like_init(hz_like *like, hz_arena *arena, hz_slice pattern, hz_error *err);

/* Items [*from, *to) of the array in row i. */
static inline void hz_array_span(size_t *from, size_t *to, const hz_reg *reg, size_t i)
{
    size_t row = i * reg->step;
    *from = row ? reg->vec.as.ends[row - 1] : 0;
    *to = reg->vec.as.ends[row];
}

/* Fills *out (from hz_run_out) from several registers: rows of masks[j] (HZ_BATCH_WORDS words each, disjoint) come from
 * sources[j]; rows in none are NULL. */
HZ_NODISCARD hz_status hz_gather(hz_run *run, hz_vec *out, size_t count, const hz_reg *const *sources,
                                 const uint64_t *masks);
#endif
