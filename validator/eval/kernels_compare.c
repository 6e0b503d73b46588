/* kernels_compare.c: comparison, ranges and sets of constants. Inner loops make one word of 64 verdicts at a time; a
 * constant side is held in a register of the machine. Texts are only read where present; a word of 64 present rows goes
 * through a loop without tests. */
#include "validator/eval/kernels_int.h"

static hz_op flipped(hz_op op)
{
    static const hz_op other[] = {[HZ_OP_EQ] = HZ_OP_EQ, [HZ_OP_NE] = HZ_OP_NE, [HZ_OP_LT] = HZ_OP_GT,
                                  [HZ_OP_LE] = HZ_OP_GE, [HZ_OP_GT] = HZ_OP_LT, [HZ_OP_GE] = HZ_OP_LE};
    return other[op];
}

/* One word of verdicts over rows [from, from + n). */
#define WORD_OF(expr)                                                                                                  \
    do {                                                                                                               \
        uint64_t word = 0;                                                                                             \
        for (size_t j = 0; j < n; j++)                                                                                 \
            word |= (uint64_t)(expr) << j;                                                                             \
        return word;                                                                                                   \
    } while (0)

static uint64_t word_i64(hz_op op, const int64_t *a, const int64_t *b, size_t n)
{
    switch (op) {
    case HZ_OP_EQ:
        WORD_OF(a[j] == b[j]);
    case HZ_OP_NE:
        WORD_OF(a[j] != b[j]);
    case HZ_OP_LT:
        WORD_OF(a[j] < b[j]);
    case HZ_OP_LE:
        WORD_OF(a[j] <= b[j]);
    case HZ_OP_GT:
        WORD_OF(a[j] > b[j]);
    default:
        WORD_OF(a[j] >= b[j]);
    }
}

static uint64_t word_i64_k(hz_op op, const int64_t *a, int64_t b, size_t n)
{
    switch (op) {
    case HZ_OP_EQ:
        WORD_OF(a[j] == b);
    case HZ_OP_NE:
        WORD_OF(a[j] != b);
    case HZ_OP_LT:
        WORD_OF(a[j] < b);
    case HZ_OP_LE:
        WORD_OF(a[j] <= b);
    case HZ_OP_GT:
        WORD_OF(a[j] > b);
    default:
        WORD_OF(a[j] >= b);
    }
}

static size_t word_rows(const hz_run *run, size_t w)
{
    size_t left = run->rows_count - w * 64;
    return left < 64 ? left : 64;
}

static void compare_i64(const hz_run *run, hz_op op, hz_vec *out, const hz_reg *a, const hz_reg *b)
{
    if (!a->step && b->step) {
        const hz_reg *swap = a;
        a = b;
        b = swap;
        op = flipped(op);
    }
    if (!a->step) {
        int64_t x = a->vec.as.i64[0], y = b->vec.as.i64[0];
        hz_bits_fill(out->as.bits, run->rows_count, hz_op_holds(op, (x > y) - (x < y)));
        return;
    }
    for (size_t w = 0; w < run->words_count; w++) {
        const int64_t *x = a->vec.as.i64 + w * 64;
        out->as.bits[w] = b->step ? word_i64(op, x, b->vec.as.i64 + w * 64, word_rows(run, w))
                                  : word_i64_k(op, x, b->vec.as.i64[0], word_rows(run, w));
    }
}

hz_status hz_kernel_cmp_i64(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    compare_i64(run, ins->op, out, a, b);
    return HZ_OK;
}

/* Order of decimals; small coefficients are brought to one scale in 128 bits, which cannot overflow. */
static int order_decimals(hz_decimal a, hz_decimal b)
{
    static const int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};
    enum { POWERS = sizeof powers / sizeof *powers };
    int32_t more = b.scale - a.scale;
    if (more) {
        int32_t gap = more < 0 ? -more : more;
        if (gap >= POWERS || a.coef != (int64_t)a.coef || b.coef != (int64_t)b.coef)
            return hz_decimal_cmp(a, b);
        if (more > 0)
            a.coef *= powers[gap];
        else
            b.coef *= powers[gap];
    }
    return (a.coef > b.coef) - (a.coef < b.coef);
}

/* Decimals against a constant: it is brought to the scale of the column once, as long as that stays the same. */
static void compare_decimals_k(const hz_run *run, hz_op op, hz_vec *out, const hz_reg *a, hz_decimal constant)
{
    hz_decimal scaled = constant;
    HZ_ROWS(i, out->valid, run->words_count) {
        hz_decimal value = hz_num_at(a, i);
        int order;
        if (value.scale != scaled.scale && value.scale >= constant.scale)
            (void)hz_decimal_round(&scaled, constant, value.scale, HZ_ROUND_DOWN);
        if (value.scale == scaled.scale)
            order = (value.coef > scaled.coef) - (value.coef < scaled.coef);
        else
            order = order_decimals(value, constant);
        out->as.bits[w_] |= (uint64_t)hz_op_holds(op, order) << (i & 63);
    }
}

hz_status hz_kernel_cmp_num(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    if (a->vec.type != HZ_TYPE_DECIMAL && b->vec.type != HZ_TYPE_DECIMAL) {
        compare_i64(run, ins->op, out, a, b);
        return HZ_OK;
    }
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    if (!b->step && hz_bits_get(b->vec.valid, 0)) {
        compare_decimals_k(run, ins->op, out, a, hz_num_at(b, 0));
        return HZ_OK;
    }
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.bits[w_] |= (uint64_t)hz_op_holds(ins->op, order_decimals(hz_num_at(a, i), hz_num_at(b, i)))
                            << (i & 63);
    return HZ_OK;
}

static uint64_t big_endian(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(word);
#else
    return word;
#endif
}

static int order_texts(hz_slice a, hz_slice b)
{
    if (a.len >= 8 && b.len >= 8) {
        uint64_t x = big_endian(hz_load64(a.ptr)), y = big_endian(hz_load64(b.ptr));
        if (x != y)
            return x < y ? -1 : 1;
    }
    int order = hz_slice_cmp(a, b);
    return (order > 0) - (order < 0);
}

/* Equality of a word's rows: all present, or only those of `present`. */
static uint64_t word_text_eq(const hz_slice *a, const hz_slice *b, size_t b_step, uint64_t present)
{
    uint64_t word = 0;
    if (present == ~UINT64_C(0)) {
        for (size_t j = 0; j < 64; j++)
            word |= (uint64_t)hz_text_eq(a[j], b[j * b_step]) << j;
        return word;
    }
    for (; present; present &= present - 1) {
        size_t j = (size_t)__builtin_ctzll(present);
        word |= (uint64_t)hz_text_eq(a[j], b[j * b_step]) << j;
    }
    return word;
}

hz_status hz_kernel_cmp_text(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    uint64_t *bits = out->as.bits;
    if (ins->op == HZ_OP_EQ || ins->op == HZ_OP_NE) {
        const hz_reg *x = a->step ? a : b, *y = a->step ? b : a;
        uint64_t flip = ins->op == HZ_OP_NE ? ~UINT64_C(0) : 0;
        if (!x->step) {
            hz_bits_fill(bits, run->rows_count,
                         (run->words_count && (out->valid[0] & 1)) &&
                             hz_text_eq(*x->vec.as.text, *y->vec.as.text) == (ins->op == HZ_OP_EQ));
            return HZ_OK;
        }
        for (size_t w = 0; w < run->words_count; w++)
            bits[w] =
                flip ^ word_text_eq(x->vec.as.text + w * 64, y->vec.as.text + w * 64 * y->step, y->step, out->valid[w]);
        return HZ_OK;
    }
    memset(bits, 0, run->words_count * sizeof *bits);
    HZ_ROWS(i, out->valid, run->words_count)
        bits[w_] |=
            (uint64_t)hz_op_holds(ins->op, order_texts(a->vec.as.text[i * a->step], b->vec.as.text[i * b->step]))
            << (i & 63);
    return HZ_OK;
}

hz_status hz_kernel_cmp_bool(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    for (size_t w = 0; w < run->words_count; w++) {
        uint64_t x = a->vec.as.bits[w], y = b->vec.as.bits[w], less = ~x & y, equal = ~(x ^ y);
        switch (ins->op) {
        case HZ_OP_EQ:
            out->as.bits[w] = equal;
            break;
        case HZ_OP_NE:
            out->as.bits[w] = ~equal;
            break;
        case HZ_OP_LT:
            out->as.bits[w] = less;
            break;
        case HZ_OP_LE:
            out->as.bits[w] = less | equal;
            break;
        case HZ_OP_GT:
            out->as.bits[w] = ~(less | equal);
            break;
        default:
            out->as.bits[w] = ~less;
            break;
        }
    }
    return HZ_OK;
}

hz_status hz_kernel_cmp_interval(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    HZ_ROWS(i, out->valid, run->words_count) {
        int order = hz_interval_cmp(a->vec.as.interval[i * a->step], b->vec.as.interval[i * b->step]);
        out->as.bits[w_] |= (uint64_t)hz_op_holds(ins->op, order) << (i & 63);
    }
    return HZ_OK;
}

hz_status hz_kernel_cmp_left(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0), *b = hz_arg_reg(run, ins, 1);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_2(run, out, a, b);
    size_t chars = (size_t)ins->k;
    uint64_t flip = ins->op == HZ_OP_NE ? ~UINT64_C(0) : 0;
    for (size_t w = 0; w < run->words_count; w++) {
        uint64_t word = 0;
        for (uint64_t rest = out->valid[w]; rest; rest &= rest - 1) {
            size_t j = (size_t)__builtin_ctzll(rest), i = w * 64 + j;
            hz_slice text = a->vec.as.text[i * a->step], other = b->vec.as.text[i * b->step];
            if (chars < text.len)
                text.len = hz_ascii(text.ptr, chars) ? chars : hz_text_offset(text, chars);
            word |= (uint64_t)hz_text_eq(text, other) << j;
        }
        out->as.bits[w] = word ^ flip;
    }
    return HZ_OK;
}

hz_status hz_kernel_cmp_length(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t length = (int64_t)hz_text_chars(a->vec.as.text[i * a->step]);
        out->as.bits[w_] |= (uint64_t)hz_op_holds(ins->op, (length > ins->k) - (length < ins->k)) << (i & 63);
    }
    return HZ_OK;
}

hz_status hz_kernel_between_i64(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    uint64_t flip = ins->negated ? ~UINT64_C(0) : 0, *bits = out->as.bits;
    if (a->vec.type == HZ_TYPE_DECIMAL) {
        hz_decimal from = hz_decimal_of(ins->k), to = hz_decimal_of(ins->k2);
        memset(bits, 0, run->words_count * sizeof *bits);
        HZ_ROWS(i, out->valid, run->words_count) {
            hz_decimal value = a->vec.as.decimal[i * a->step];
            bits[w_] |= (uint64_t)(order_decimals(value, from) >= 0 && order_decimals(value, to) <= 0) << (i & 63);
        }
        for (size_t w = 0; w < run->words_count; w++)
            bits[w] ^= flip;
        return HZ_OK;
    }
    for (size_t w = 0; w < run->words_count; w++) {
        const int64_t *x = a->vec.as.i64 + w * 64 * a->step;
        uint64_t word = 0;
        for (size_t j = 0, n = word_rows(run, w); j < n; j++)
            word |= (uint64_t)((x[j * a->step] >= ins->k) & (x[j * a->step] <= ins->k2)) << j;
        bits[w] = word ^ flip;
    }
    return HZ_OK;
}

/* A NULL among the constants makes unknown what is not found. */
static void finish_in(const hz_run *run, const hz_ins *ins, hz_vec *out, bool has_null)
{
    uint64_t flip = ins->negated ? ~UINT64_C(0) : 0;
    for (size_t w = 0; w < run->words_count; w++) {
        if (has_null)
            out->valid[w] &= out->as.bits[w];
        out->as.bits[w] ^= flip;
    }
}

hz_status hz_kernel_in_i64(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    const hz_i64_set *set = ins->aux;
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t n;
        out->as.bits[w_] |= (uint64_t)(hz_whole_at(&n, a, i) && hz_i64_set_has(set, n)) << (i & 63);
    }
    finish_in(run, ins, out, set->has_null);
    return HZ_OK;
}

hz_status hz_kernel_in_text(hz_run *run, const hz_ins *ins)
{
    const hz_reg *a = hz_arg_reg(run, ins, 0);
    const hz_text_set *set = ins->aux;
    hz_vec *out = hz_run_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    hz_strict_1(run, out, a);
    memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.bits[w_] |= (uint64_t)hz_text_set_has(set, a->vec.as.text[i * a->step]) << (i & 63);
    finish_in(run, ins, out, set->has_null);
    return HZ_OK;
}

/* Puts row i of `from` into out where out has none yet or it is further out. */
static void keep_extreme(const hz_run *run, hz_op op, hz_vec *out, const hz_reg *from)
{
    for (size_t w = 0; w < run->words_count; w++) {
        uint64_t rows = from->vec.valid[w] & (w + 1 == run->words_count ? run->tail : ~UINT64_C(0));
        for (; rows; rows &= rows - 1) {
            size_t i = w * 64 + (size_t)__builtin_ctzll(rows);
            if (hz_bits_get(out->valid, i) && !hz_op_holds(op, hz_vec_compare(&from->vec, i * from->step, out, i)))
                continue;
            hz_vec_copy_row(out, i, &from->vec, i * from->step);
        }
    }
}

hz_status hz_kernel_extreme(hz_run *run, const hz_ins *ins)
{
    hz_type type = ins->type;
    if (type == HZ_TYPE_INTEGER || type == HZ_TYPE_DECIMAL)
        type = hz_num_type(run, ins, 0, 1);
    hz_vec *out = hz_run_out(run, ins, type);
    if (!out)
        return HZ_E_NOMEM;
    size_t bytes = run->words_count * sizeof(uint64_t);
    memset(out->valid, 0, bytes);
    memset(out->invalid, 0, bytes);
    if (type == HZ_TYPE_BOOLEAN)
        memset(out->as.bits, 0, bytes);
    for (uint32_t k = 0; k < ins->args_count; k++)
        keep_extreme(run, ins->op, out, hz_arg_reg(run, ins, k));
    for (uint32_t k = 0; k < ins->args_count; k++)
        for (size_t w = 0; w < run->words_count; w++)
            out->invalid[w] |= hz_arg_reg(run, ins, k)->vec.invalid[w];
    for (size_t w = 0; w < run->words_count; w++)
        out->valid[w] &= ~out->invalid[w];
    return HZ_OK;
}
