/* One matcher, three methods: the recognised ones against PCRE2, limits, memory. */
#include "tests/unit/eval/field_kit.h"
#include "validator/eval/pattern.h"

static hz_limits limits;

static hz_pattern *compiled(void **code, const char *text, bool plain)
{
    hz_pattern_mistake mistake;
    hz_pattern *pattern = NULL;
    ck_assert_int_eq(hz_pattern_compile(code, hz_slice_of(text), &mistake, NULL), HZ_OK);
    ck_assert_msg(*code != NULL, "pattern %s", text);
    ck_assert_int_eq(hz_pattern_new(&pattern, hz_slice_of(text), *code, &limits, plain, NULL), HZ_OK);
    return pattern;
}

static const struct recognised {
    const char *text;
    hz_pattern_method method;
    const char *letters; /* what random values are made of */
    const char *sample;  /* one that matches, where random ones hardly would */
} known[] = {
    {"[0-9]{12}", HZ_PATTERN_FIXED, "0123456789x", NULL},
    {"[0-9]{8}", HZ_PATTERN_FIXED, "0123456789/:", NULL},
    {"\\d{18}", HZ_PATTERN_FIXED, "0123456789", NULL},
    {"1[3-9][0-9]{9}", HZ_PATTERN_FIXED, "1134567892", NULL},
    {"\\d{17}[\\dXx]", HZ_PATTERN_FIXED, "0123X", "01234567890123456x"},
    {"[A-HJ-NP-RT-Y]\\d{3}", HZ_PATTERN_FIXED, "AIJOSTZ019", NULL},
    {"GZ-\\d\\d\\.[^0-9]", HZ_PATTERN_AUTOMATON, "GZ-01.x", "GZ-01.x"},
    {"a", HZ_PATTERN_FIXED, "ab", NULL},
    {"ab\\.c", HZ_PATTERN_FIXED, "abc.", NULL},
    {"[\\d]{30}", HZ_PATTERN_FIXED, "0123456789", NULL},
    {"[\\d]{33}", HZ_PATTERN_AUTOMATON, "0123456789", NULL},
    {"^[0-9]{2}$", HZ_PATTERN_FIXED, "01\n", NULL},
    {"(?:ab){2}", HZ_PATTERN_FIXED, "ab", NULL},
    {"([0-9]{15}|[0-9]{17}[0-9X])", HZ_PATTERN_AUTOMATON, "0123X", NULL},
    {"\\d{2}|\\d{4}|\\d{6}", HZ_PATTERN_AUTOMATON, "0123", NULL},
    {"\\d+(\\.\\d{1,2})?", HZ_PATTERN_AUTOMATON, "01..", NULL},
    {"a*b+c?", HZ_PATTERN_AUTOMATON, "abc", NULL},
    {"[ab]*a[ab]{3}", HZ_PATTERN_AUTOMATON, "ab", NULL},
    {"a{2,}b{0,2}c{0}d{1}", HZ_PATTERN_AUTOMATON, "abcd", NULL},
    {"a??b*?c+?", HZ_PATTERN_AUTOMATON, "abc", NULL},
    {"(a|ab)(c|bcd)(d*)", HZ_PATTERN_AUTOMATON, "abcd", NULL},
    {"(a?b){0,3}(c(d|e){2})?", HZ_PATTERN_AUTOMATON, "abcde", NULL},
    {"[]a-]*", HZ_PATTERN_AUTOMATON, "]a-^", NULL},
    {"[^]a]*", HZ_PATTERN_AUTOMATON, "]a-^", NULL},
    {"[a^b-]+", HZ_PATTERN_AUTOMATON, "a^b-c", NULL},
    {"[\\w.-]+@\\w+\\.[a-z]{2,4}", HZ_PATTERN_AUTOMATON, "ab@.Z_-", NULL},
    {"\\s*\\S+\\s*", HZ_PATTERN_AUTOMATON, " \t\na", NULL},
    {".*a.", HZ_PATTERN_AUTOMATON, "ab\n张", NULL},
    {"[一-龥]{2,4}", HZ_PATTERN_AUTOMATON, "张龥龦一丁a", NULL},
    {"[一-龥·]{2,20}", HZ_PATTERN_AUTOMATON, "张·龥龦一a", NULL},
    {"[\\x{4e00}-\\x{9fa5}\\x20A-Z]+", HZ_PATTERN_AUTOMATON, "张龥龦 A", NULL},
    {"[^一-龥]+", HZ_PATTERN_AUTOMATON, "张龥龦龤é𠮷a", NULL},
    {"第[0-9]{1,3}组", HZ_PATTERN_AUTOMATON, "第组01", NULL},
    {"[é-ÿ𠀀-𠮷]+", HZ_PATTERN_AUTOMATON, "éèÿ𠮷𠀀𠮸a", NULL},
    {"\\D{2}\\W?", HZ_PATTERN_AUTOMATON, "张0a -", NULL},
    {"", HZ_PATTERN_AUTOMATON, "a", NULL},
    {"a|", HZ_PATTERN_AUTOMATON, "a", NULL},
    {"()", HZ_PATTERN_AUTOMATON, "a", NULL},
    {"a{0,40}", HZ_PATTERN_AUTOMATON, "a", NULL},
    {"[\\t\\n\\r]+", HZ_PATTERN_AUTOMATON, "\t\n\ra", NULL},
    /* not recognised: PCRE2 */
    {"(a|b)*", HZ_PATTERN_PCRE2, "ab", NULL},
    {"(?=.*[0-9])[a-z0-9]+", HZ_PATTERN_PCRE2, "ab01", NULL},
    {"(.)\\1", HZ_PATTERN_PCRE2, "ab张", NULL},
    {"(?i)ab", HZ_PATTERN_PCRE2, "aBbA", NULL},
    {"\\p{Han}+", HZ_PATTERN_PCRE2, "张a", NULL},
    {"a++b", HZ_PATTERN_PCRE2, "ab", NULL},
    {"[[:alpha:]]+", HZ_PATTERN_PCRE2, "ab0", NULL},
    {"\\ba\\b", HZ_PATTERN_PCRE2, "ab", NULL},
    {"^a|b", HZ_PATTERN_PCRE2, "ab", NULL},
    {"a|b$", HZ_PATTERN_PCRE2, "ab\n", NULL},
    {"a{,2}", HZ_PATTERN_PCRE2, "a{,2}", "a{,2}"},
    {"{a", HZ_PATTERN_PCRE2, "{a", NULL},
    {"(?>a|ab)c", HZ_PATTERN_PCRE2, "abc", NULL},
    {"a(?#b)c", HZ_PATTERN_PCRE2, "abc", NULL},
    {"\\Qa.\\E", HZ_PATTERN_PCRE2, "ab.", NULL},
    {"(a{2}){2,}", HZ_PATTERN_PCRE2, "a", NULL},
};
enum { KNOWN = sizeof known / sizeof *known };

static uint64_t seed;
static uint32_t next_random(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % below);
}

/* A value of `count` letters, one of which may be another character. */
static size_t random_value(char into[160], const char *letters, uint32_t count)
{
    hz_slice all = hz_slice_of(letters);
    size_t chars = hz_utf8_length(all), len = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t from = hz_utf8_offset(all, next_random((uint32_t)chars)), end = from;
        hz_utf8_next(all, &end);
        memcpy(into + len, letters + from, end - from);
        len += end - from;
    }
    if (len && next_random(8) == 0)
        into[next_random((uint32_t)len)] = (char)next_random(256); /* perhaps no UTF-8 any more */
    return len;
}

START_TEST(test_pattern__as_pcre2)
{
    void *code = NULL, *code2 = NULL;
    hz_pattern_scratch *scratch = NULL;
    hz_pattern *fast = compiled(&code, known[_i].text, false), *slow = compiled(&code2, known[_i].text, true);
    ck_assert_msg(hz_pattern_method_of(fast) == known[_i].method, "pattern %s: method %d", known[_i].text,
                  hz_pattern_method_of(fast));
    ck_assert_int_eq(hz_pattern_method_of(slow), HZ_PATTERN_PCRE2);
    size_t matched = 0;
    seed = (uint64_t)_i;
    for (int round = 0; round < 3000; round++) {
        static const uint32_t lengths[] = {0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 15, 18, 30, 33};
        char text[160];
        bool a = false, b = false;
        size_t len = random_value(text, known[_i].letters, lengths[next_random(14)]);
        if (round == 0 && known[_i].sample) {
            len = strlen(known[_i].sample);
            memcpy(text, known[_i].sample, len);
        }
        char *exact = malloc(len);
        if (len)
            memcpy(exact, text, len);
        ck_assert_int_eq(hz_pattern_match(&a, fast, &scratch, (hz_slice){exact, len}, NULL), HZ_OK);
        ck_assert_int_eq(hz_pattern_match(&b, slow, &scratch, (hz_slice){exact, len}, NULL), HZ_OK);
        ck_assert_msg(a == b, "pattern %s, value '%.*s': %d, PCRE2 %d", known[_i].text, (int)len, text, a, b);
        matched += a;
        free(exact);
    }
    ck_assert_msg(matched > 0, "pattern %s never matched", known[_i].text);
    hz_pattern_scratch_free(scratch);
    hz_pattern_free(fast);
    hz_pattern_free(slow);
    pcre2_code_free(code);
    pcre2_code_free(code2);
}
END_TEST

/* Every character at the borders of the classes' ranges. */
START_TEST(test_pattern__ranges_of_characters)
{
    static const char *const classes[] = {"[\\x{7f}-\\x{81}]",
                                          "[\\x{7ff}-\\x{800}]",
                                          "[\\x{fff}-\\x{1001}]",
                                          "[\\x{d7ff}-\\x{e000}]",
                                          "[\\x{ffff}-\\x{10000}]",
                                          "[\\x{10ffff}]",
                                          "[^a]",
                                          ".",
                                          "[\\x{80}-\\x{10ffff}]",
                                          "[\\x{4e01}-\\x{9fa5}]",
                                          "[\\x{3ffff}-\\x{40001}\\x{123}-\\x{fff0}]",
                                          "\\D",
                                          "[^\\x{100}-\\x{2ff}\\x{10000}-\\x{1ffff}]"};
    void *code = NULL, *code2 = NULL;
    hz_pattern_scratch *scratch = NULL;
    hz_pattern *fast = compiled(&code, classes[_i], false), *slow = compiled(&code2, classes[_i], true);
    ck_assert_int_ne(hz_pattern_method_of(fast), HZ_PATTERN_PCRE2);
    hz_buf text = HZ_BUF_INIT;
    for (uint32_t c = 0; c <= 0x10FFFF; c += (c & 0xFFF) > 8 && (c & 0xFFF) < 0xFF0 ? 61 : 1) {
        bool a = false, b = false;
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        hz_buf_reset(&text);
        hz_utf8_put(&text, c);
        ck_assert_int_eq(hz_pattern_match(&a, fast, &scratch, hz_buf_slice(&text), NULL), HZ_OK);
        ck_assert_int_eq(hz_pattern_match(&b, slow, &scratch, hz_buf_slice(&text), NULL), HZ_OK);
        ck_assert_msg(a == b, "%s U+%04X: %d, PCRE2 %d", classes[_i], (unsigned)c, a, b);
    }
    hz_buf_clear(&text);
    hz_pattern_scratch_free(scratch);
    hz_pattern_free(fast);
    hz_pattern_free(slow);
    pcre2_code_free(code);
    pcre2_code_free(code2);
}
END_TEST

/* Patterns made of random pieces: whatever is recognised answers as PCRE2 does. */
START_TEST(test_pattern__random_patterns)
{
    static const char *const pieces[] = {"a", "b", "[ab]", "[^a]",  "\\d",  ".",   "(", ")",  "(?:", "|", "?",
                                         "*", "+", "{2}",  "{1,3}", "{0,}", "{0}", "c", "张", "^",   "$", "??"};
    hz_pattern_scratch *scratch = NULL;
    size_t recognised = 0;
    seed = 7;
    for (int round = 0; round < 4000; round++) {
        char text[64] = "";
        size_t len = 0;
        for (uint32_t i = next_random(8) + 1; i; i--) {
            const char *piece = pieces[next_random(sizeof pieces / sizeof *pieces)];
            memcpy(text + len, piece, strlen(piece) + 1);
            len += strlen(piece);
        }
        void *code = NULL;
        hz_pattern_mistake mistake;
        hz_pattern *fast = NULL, *slow = NULL;
        ck_assert_int_eq(hz_pattern_compile(&code, hz_slice_of(text), &mistake, NULL), HZ_OK);
        if (!code)
            continue;
        ck_assert_int_eq(hz_pattern_new(&fast, hz_slice_of(text), code, &limits, false, NULL), HZ_OK);
        ck_assert_int_eq(hz_pattern_new(&slow, hz_slice_of(text), code, &limits, true, NULL), HZ_OK);
        recognised += hz_pattern_method_of(fast) != HZ_PATTERN_PCRE2;
        for (int v = 0; v < 30 && hz_pattern_method_of(fast) != HZ_PATTERN_PCRE2; v++) {
            char value[160];
            bool a = false, b = false;
            hz_slice bytes = {value, random_value(value, "aabbc0张\n", next_random(9))};
            ck_assert_int_eq(hz_pattern_match(&a, fast, &scratch, bytes, NULL), HZ_OK);
            ck_assert_int_eq(hz_pattern_match(&b, slow, &scratch, bytes, NULL), HZ_OK);
            ck_assert_msg(a == b, "pattern %s, value '%.*s': %d, PCRE2 %d", text, HZ_SLICE_FMT(bytes), a, b);
        }
        hz_pattern_free(fast);
        hz_pattern_free(slow);
        pcre2_code_free(code);
    }
    ck_assert_uint_gt(recognised, 500);
    hz_pattern_scratch_free(scratch);
}
END_TEST

/* Columns: the bits of rows that do not apply stay 0, and full words answer as single rows. */
START_TEST(test_pattern__columns)
{
    enum { ROWS = 200 };
    static char texts[ROWS][160];
    hz_slice values[ROWS];
    uint64_t applied[4], failed[4];
    void *code = NULL;
    hz_pattern_scratch *scratch = NULL;
    hz_pattern *pattern = compiled(&code, known[_i].text, false);
    for (int round = 0; round < 16; round++) {
        seed = (uint64_t)(round * 1000 + _i);
        for (size_t i = 0; i < ROWS; i++)
            values[i] = i && next_random(4) == 0
                            ? values[i - 1]
                            : (hz_slice){texts[i], random_value(texts[i], known[_i].letters, next_random(20))};
        hz_bits_fill(applied, ROWS, true);
        if (round % 2)
            for (int i = 0; i < 60; i++)
                hz_bits_unset(applied, next_random(ROWS));
        memset(failed, 0xff, sizeof failed);
        ck_assert_int_eq(hz_pattern_match_many(failed, pattern, &scratch, values, applied, ROWS, NULL), HZ_OK);
        ck_assert_uint_eq(failed[3] & ~hz_bits_tail(ROWS), 0);
        for (size_t i = 0; i < ROWS; i++) {
            bool matches = false;
            ck_assert_int_eq(hz_pattern_match(&matches, pattern, &scratch, values[i], NULL), HZ_OK);
            ck_assert_int_eq(hz_bits_get(failed, i), hz_bits_get(applied, i) && !matches);
        }
    }
    hz_pattern_scratch_free(scratch);
    hz_pattern_free(pattern);
    pcre2_code_free(code);
}
END_TEST

/* A value on the limit and one past it; the message carries name and limit. */
static hz_status with_limit(hz_limit_id id, uint64_t value, const char *text, const char *subject, hz_error *err)
{
    void *code = NULL;
    hz_pattern_scratch *scratch = NULL;
    bool matches = false;
    hz_limits_init(&limits);
    limits.value[id] = value;
    hz_error_clear(err);
    hz_pattern *pattern = compiled(&code, text, true);
    hz_status st = hz_pattern_match(&matches, pattern, &scratch, hz_slice_of(subject), err);
    ck_assert(st == HZ_OK || st == HZ_E_LIMIT);
    hz_pattern_scratch_free(scratch);
    hz_pattern_free(pattern);
    pcre2_code_free(code);
    hz_limits_init(&limits);
    return st;
}

static const struct limited {
    hz_limit_id id;
    const char *text, *subject;
} limited[] = {
    {HZ_LIMIT_PATTERN_MATCH, "(a+)+[bc]", "aaaaaaaaaaaaa!"},
    {HZ_LIMIT_PATTERN_DEPTH, "(a|b(a|c))*d", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaad"},
    {HZ_LIMIT_PATTERN_HEAP, "((((a|b)|c)|d)|e)*[fg]",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaa"},
};

START_TEST(test_pattern__limits)
{
    const struct limited *l = &limited[_i];
    hz_error err = {0};
    hz_slice args[HZ_MSG_ARGS_MAX];
    uint64_t low = 1, high = hz_limits_default()->value[l->id];
    ck_assert_int_eq(with_limit(l->id, high, l->text, l->subject, &err), HZ_OK);
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (with_limit(l->id, middle, l->text, l->subject, &err) == HZ_OK)
            high = middle;
        else
            low = middle;
    }
    ck_assert_uint_gt(low, 1);
    ck_assert_int_eq(with_limit(l->id, high, l->text, l->subject, &err), HZ_OK);
    ck_assert_int_eq(with_limit(l->id, low, l->text, l->subject, &err), HZ_E_LIMIT);
    ck_assert_uint_eq(hz_error_args(&err, args), 2);
    ck_assert(hz_slice_is(args[0], hz_limit_name(l->id)));
}
END_TEST

/* JIT only where the interpreter could not come to a limit: whatever the limit, JIT's values are answered by the
 * interpreter too. */
START_TEST(test_pattern__jit_stays_under_the_limits)
{
    static const char *const texts[] = {"(?!9)[0-9a]*[0-9b]*", "(?=.*[0-9])(?=.*a)[a-z0-9]+", "(?i)[a9]+b?a?[0-9]{2,}",
                                        "(.)\\1.*", "(?>a*)9?[^b]+"};
    for (uint64_t match = 1; match < 3000000; match = match * 5 + 1) {
        void *code = NULL;
        hz_error err = {0};
        hz_limits_init(&limits);
        limits.value[HZ_LIMIT_PATTERN_MATCH] = match;
        hz_pattern *pattern = compiled(&code, texts[_i], false);
        size_t most = hz_pattern_jit_bytes_max(pattern);
        pcre2_match_context *context = pcre2_match_context_create(NULL);
        pcre2_match_data *data = pcre2_match_data_create(1, NULL);
        pcre2_set_match_limit(context, (uint32_t)match);
        seed = match;
        for (int round = 0; round < 6 && most; round++) {
            static char value[4096];
            size_t len = most - next_random(2);
            for (size_t i = 0; i < len; i++)
                value[i] = "a9a9b"[next_random(round < 2 ? 1 : round < 4 ? 2 : 5)];
            int rc = pcre2_match(code, (PCRE2_SPTR)value, len, 0, PCRE2_NO_JIT, data, context);
            ck_assert_msg(rc >= 0 || rc == PCRE2_ERROR_NOMATCH, "%s: %d at limit %llu, %zu bytes", texts[_i], rc,
                          (unsigned long long)match, len);
            bool matches = false;
            hz_pattern_scratch *scratch = NULL;
            ck_assert_int_eq(hz_pattern_match(&matches, pattern, &scratch, (hz_slice){value, len}, &err), HZ_OK);
            ck_assert_int_eq(matches, rc >= 0);
            hz_pattern_scratch_free(scratch);
        }
        pcre2_match_data_free(data);
        pcre2_match_context_free(context);
        hz_pattern_free(pattern);
        pcre2_code_free(code);
    }
    hz_limits_init(&limits);
}
END_TEST

START_TEST(test_pattern__jit_is_used_where_safe)
{
    static const struct {
        const char *text;
        bool jit;
    } cases[] = {{"(?!1)[0-9]+", true},
                 {"(?=a)b?c", true},
                 {"(a+)+", false},
                 {"(?R)?a", false},
                 {"(a|b)*", false},
                 {"(?1)(a)", false},
                 {"[[:alpha:]](a+)+[b]", false},
                 {"\\p{Han}{2,4}", true},
                 {"(*NO_JIT)a++", false},
                 {"(?<n>a)\\k<n>", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *code = NULL;
        hz_pattern *pattern = compiled(&code, cases[i].text, true);
        ck_assert_msg((hz_pattern_jit_bytes_max(pattern) > 0) == cases[i].jit, "%s", cases[i].text);
        hz_pattern_free(pattern);
        pcre2_code_free(code);
    }
}
END_TEST

/* Too large or too deep for the automaton, not for PCRE2. */
START_TEST(test_pattern__large_ones_are_left_to_pcre2)
{
    static const char *const texts[] = {"[ab]*a[ab]{14}", "(a{0,100}b){100}",
                                        "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))",
                                        ".{0,2000}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        void *code = NULL;
        hz_pattern_scratch *scratch = NULL;
        bool matches = false;
        hz_pattern *pattern = compiled(&code, texts[i], false);
        ck_assert_int_eq(hz_pattern_method_of(pattern), HZ_PATTERN_PCRE2);
        ck_assert_int_eq(hz_pattern_match(&matches, pattern, &scratch, HZ_SLICE_LIT("aaaaaaaaaaaaaaaaaaab"), NULL),
                         HZ_OK);
        ck_assert_int_eq(matches, i == 0 || i == 3);
        hz_pattern_scratch_free(scratch);
        hz_pattern_free(pattern);
        pcre2_code_free(code);
    }
}
END_TEST

START_TEST(test_pattern__failing_memory)
{
    bool done = false;
    void *code = NULL;
    const char *text = known[_i * 6].text;
    hz_pattern *warm = compiled(&code, text, false);
    hz_pattern_free(warm);
    for (uint64_t n = 1; !done; n++) {
        hz_pattern *pattern = NULL;
        hz_pattern_scratch *scratch = NULL;
        hz_error err = {0};
        bool matches = false;
        uint64_t live = hz_mem_stats_now().live_calls;
        ck_assert_uint_lt(n, 50);
        hz_mem_fail_after(n, false);
        hz_status st = hz_pattern_new(&pattern, hz_slice_of(text), code, &limits, false, &err);
        if (st == HZ_OK)
            st = hz_pattern_match(&matches, pattern, &scratch, HZ_SLICE_LIT("ab"), &err);
        hz_mem_fail_after(0, false);
        done = st == HZ_OK;
        ck_assert(done || (st == HZ_E_NOMEM && err.status == HZ_E_NOMEM));
        hz_pattern_scratch_free(scratch);
        hz_pattern_free(pattern);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
    }
    pcre2_code_free(code);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.pattern");
    hz_limits_init(&limits);
    TCase *same = kit_case(suite, "same");
    tcase_add_loop_test(same, test_pattern__as_pcre2, 0, KNOWN);
    tcase_add_loop_test(same, test_pattern__columns, 0, KNOWN);
    tcase_add_loop_test(same, test_pattern__ranges_of_characters, 0, 13);
    tcase_add_test(same, test_pattern__random_patterns);
    TCase *bounds = kit_case(suite, "limits");
    tcase_add_loop_test(bounds, test_pattern__limits, 0, sizeof limited / sizeof *limited);
    tcase_add_loop_test(bounds, test_pattern__jit_stays_under_the_limits, 0, 5);
    tcase_add_test(bounds, test_pattern__jit_is_used_where_safe);
    tcase_add_test(bounds, test_pattern__large_ones_are_left_to_pcre2);
    tcase_add_loop_test(bounds, test_pattern__failing_memory, 0, KNOWN / 6);
    return kit_run(suite);
}
