#include "base/decimal.h"
#include "tests/unit/base/unit.h"
#include "tests/unit/base/vectors.h"

static hz_decimal of(const char *text)
{
    hz_decimal out = {0, 0};
    ck_assert_msg(hz_decimal_parse(&out, hz_slice_of(text)), "%s", text);
    return out;
}

static hz_decimal of_slice(hz_slice text)
{
    hz_decimal out = {0, 0};
    ck_assert_msg(hz_decimal_parse(&out, text), "%.*s", HZ_SLICE_FMT(text));
    return out;
}

static long number(hz_slice text)
{
    char *end = NULL;
    long n = strtol(text.ptr, &end, 10);
    ck_assert_ptr_eq(end, text.ptr + text.len);
    return n;
}

static hz_round mode_of(hz_slice text)
{
    static const char *const names[] = {"half_even", "half_away", "down", "floor", "ceil"};
    for (size_t i = 0; i < 5; i++)
        if (hz_slice_is(text, names[i]))
            return (hz_round)i;
    ck_abort_msg("mode %.*s", HZ_SLICE_FMT(text));
}

static void is_value(bool ok, hz_decimal got, hz_slice want, size_t line)
{
    hz_buf text = HZ_BUF_INIT;
    if (ok)
        hz_decimal_put(&text, got);
    else
        hz_buf_puts(&text, "null");
    ck_assert_msg(hz_slice_eq(hz_buf_slice(&text), want), "line %zu: got %s, want %.*s", line, text.ptr,
                  HZ_SLICE_FMT(want));
    hz_buf_clear(&text);
}

static void check_pair(const hz_slice *c, size_t line)
{
    static bool (*const calls[])(hz_decimal *, hz_decimal, hz_decimal) = {hz_decimal_add, hz_decimal_sub,
                                                                          hz_decimal_mul, hz_decimal_div};
    static const char *const names[] = {"add", "sub", "mul", "div"};
    for (size_t i = 0; i < 4; i++)
        if (hz_slice_is(c[0], names[i])) {
            hz_decimal got = {0, 0};
            bool ok = calls[i](&got, of_slice(c[1]), of_slice(c[2]));
            is_value(ok, got, c[3], line);
            return;
        }
    ck_abort_msg("line %zu: no operation %.*s", line, HZ_SLICE_FMT(c[0]));
}

static void check_vector(const hz_slice *c, size_t count, size_t line)
{
    hz_decimal a = of_slice(c[1]), got = {0, 0};
    ck_assert_uint_ge(count, 3);
    if (hz_slice_is(c[0], "cmp")) {
        ck_assert_msg(hz_decimal_cmp(a, of_slice(c[2])) == number(c[3]), "line %zu", line);
        ck_assert_msg(hz_decimal_cmp(of_slice(c[2]), a) == -number(c[3]), "line %zu", line);
    } else if (hz_slice_is(c[0], "ratio")) {
        ck_assert_msg(hz_decimal_cmp_ratio(a, of_slice(c[2]), of_slice(c[3])) == number(c[4]), "line %zu", line);
    } else if (hz_slice_is(c[0], "round")) {
        bool ok = hz_decimal_round(&got, a, (int32_t)number(c[2]), mode_of(c[3]));
        is_value(ok, got, c[4], line);
    } else if (hz_slice_is(c[0], "normal")) {
        is_value(true, hz_decimal_normal(a), c[2], line);
    } else if (hz_slice_is(c[0], "i64")) {
        int64_t whole = 0;
        bool ok = hz_decimal_to_i64(&whole, a);
        is_value(ok, hz_decimal_of(whole), c[2], line);
    } else {
        check_pair(c, line);
    }
}

START_TEST(test_decimal__agrees_with_python)
{
    ck_assert_uint_gt(vectors_each("decimal_vectors.tsv", check_vector), 1000);
}
END_TEST

static const struct {
    const char *text, *want; /* NULL: no number */
} parses[] = {
    {"0", "0"},
    {"-0", "0"},
    {"+5", "5"},
    {"007", "7"},
    {"-12.30", "-12.30"},
    {"0.05", "0.05"},
    {"-0.00", "0.00"},
    {"00.10", "0.10"},
    {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
    {"999999999999999999999999999999999999999", NULL},
    {"0000000000000000000000000000000000000000000000012", "12"},
    {"0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"},
    {"0.000000000000000000000000000000000000001", NULL},
    {"1.00000000000000000000000000000000000000", NULL},
    {"1.0000000000000000000000000000000000000", "1.0000000000000000000000000000000000000"},
    {"1234567890123456789.5", "1234567890123456789.5"},
    {"12345678901234567890", "12345678901234567890"},
    {"18446744073709551616", "18446744073709551616"},
    {"", NULL},
    {"+", NULL},
    {"-", NULL},
    {".5", NULL},
    {"5.", NULL},
    {"-.5", NULL},
    {"1.2.3", NULL},
    {"1..2", NULL},
    {"1e3", NULL},
    {"1,000", NULL},
    {" 1", NULL},
    {"1 ", NULL},
    {"--1", NULL},
    {"0x10", NULL},
    {"1_0", NULL},
    {"\xEF\xBC\x91", NULL}, /* full-width 1 */
    {"NaN", NULL},
    {"1.-2", NULL},
};

START_TEST(test_decimal__parse)
{
    hz_decimal got = {0, 0};
    bool ok = hz_decimal_parse(&got, hz_slice_of(parses[_i].text));
    ck_assert_msg(ok == (parses[_i].want != NULL), "%s", parses[_i].text);
    if (ok)
        is_value(true, got, hz_slice_of(parses[_i].want), 0);
}
END_TEST

START_TEST(test_decimal__parse_stays_inside_the_slice)
{
    hz_decimal got = {0, 0};
    ck_assert(hz_decimal_parse(&got, (hz_slice){"12.5999", 4}));
    is_value(true, got, HZ_SLICE_LIT("12.5"), 0);
    ck_assert(!hz_decimal_parse(&got, (hz_slice){"12.5", 3}));
    ck_assert(!hz_decimal_parse(&got, HZ_SLICE_NONE));
}
END_TEST

START_TEST(test_decimal__neg)
{
    hz_decimal got = {0, 0};
    ck_assert(hz_decimal_neg(&got, of("-1.50")));
    is_value(true, got, HZ_SLICE_LIT("1.50"), 0);
    ck_assert(hz_decimal_neg(&got, of("0.0")));
    is_value(true, got, HZ_SLICE_LIT("0.0"), 0);
}
END_TEST

/* A quotient of 38 digits and divisors of two limbs: long division is undone by multiplication. */
START_TEST(test_decimal__division_is_undone)
{
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        hz_uint128 n[2];
        for (int k = 0; k < 2; k++) {
            for (int part = 0; part < 2; part++) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                n[k] = n[k] << 64 | state;
            }
            n[k] = (n[k] >> 2) % (((hz_uint128)1 << 64) * UINT64_C(5421010862427522170));
        }
        hz_decimal a = {(hz_int128)n[0], i % 30}, b = {(hz_int128)(n[1] >> (i % 100)), i % 17}, q = {0, 0};
        if (!hz_decimal_div(&q, a, b))
            continue;
        /* |a - q * b| <= b / 2 in the last place, stated as two comparisons of fractions. */
        hz_decimal half = {1, 20}, low = {0, 0}, high = {0, 0};
        ck_assert(hz_decimal_sub(&low, q, half) && hz_decimal_add(&high, q, half));
        if (b.coef > 0) {
            ck_assert_int_gt(hz_decimal_cmp_ratio(a, b, low), 0);
            ck_assert_int_lt(hz_decimal_cmp_ratio(a, b, high), 0);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.decimal");
    TCase *tcase = unit_case(suite, "decimal");
    tcase_add_loop_test(tcase, test_decimal__parse, 0, (int)(sizeof parses / sizeof *parses));
    tcase_add_test(tcase, test_decimal__parse_stays_inside_the_slice);
    tcase_add_test(tcase, test_decimal__neg);
    tcase_add_test(tcase, test_decimal__agrees_with_python);
    tcase_add_test(tcase, test_decimal__division_is_undone);
    return unit_run(suite);
}
