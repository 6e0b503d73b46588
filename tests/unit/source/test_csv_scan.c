/* Suite source.csv_scan: every scanner gives what the scalar one gives; the vector UTF-8 check is the plain one. */
#include "base/utf8.h"
#include "tests/unit/source/source_kit.h"
#include <check.h>

enum { TEXT_MAX = 700, CAPACITY = 128 };

typedef struct result {
    hz_csv_scan scan;
    uint32_t at[CAPACITY + HZ_CSV_SLACK], ends[CAPACITY + HZ_CSV_SLACK];
} result;

static void run(result *r, const hz_csv_scanner *scanner, const char *text, size_t from, size_t to, char delimiter)
{
    memset(r, 0x5a, sizeof *r);
    r->scan.at = r->at;
    r->scan.ends = r->ends;
    r->scan.capacity = CAPACITY;
    scanner->scan(&r->scan, text, from, to, delimiter);
}

static bool same(const result *a, const result *b)
{
    return a->scan.at_count == b->scan.at_count && a->scan.ends_count == b->scan.ends_count &&
           memcmp(a->at, b->at, a->scan.at_count * sizeof *a->at) == 0 &&
           memcmp(a->ends, b->ends, a->scan.ends_count * sizeof *a->ends) == 0 && a->scan.stopped == b->scan.stopped &&
           a->scan.irregular == b->scan.irregular && a->scan.escapes == b->scan.escapes &&
           a->scan.quoted_lines == b->scan.quoted_lines && a->scan.nul == b->scan.nul && a->scan.high == b->scan.high;
}

/* Regular text, mostly, so that scans run far; now and then anything. */
static size_t random_text(char *text, uint64_t *seed, size_t max)
{
    static const char any[] = "a,\"\n\r;\xe4\0z";
    size_t len = 0, rubbish = kit_random(seed) % 4 ? 0 : 40;
    while (len + 24 < max) {
        if (rubbish && kit_random(seed) % rubbish == 0) {
            text[len++] = any[kit_random(seed) % (sizeof any - 1)];
            continue;
        }
        bool quoted = kit_random(seed) % 3 == 0;
        if (quoted)
            text[len++] = '"';
        for (uint32_t n = kit_random(seed) % 8; n; n--) {
            uint32_t pick = kit_random(seed) % 12;
            if (quoted && pick == 0) {
                text[len++] = '"';
                text[len++] = '"';
            } else {
                text[len++] = quoted && pick < 4 ? ",\n\r"[pick - 1] : "ab\xe4\xbd\xa0"[pick % 5];
            }
        }
        if (quoted)
            text[len++] = '"';
        text[len++] = ",,,\n,,\r,"[kit_random(seed) % 8];
        if (text[len - 1] == '\r' && kit_random(seed) % 2)
            text[len++] = '\n';
    }
    return len;
}

START_TEST(test_csv_scan__all_scanners_agree)
{
    static char text[TEXT_MAX + HZ_CSV_PAD];
    static result plain, other;
    uint64_t seed = 20240601;
    uint64_t irregular = 0, full = 0, whole = 0;
    for (unsigned round = kit_rounds(200000); round; round--) {
        size_t len = random_text(text, &seed, 24 + kit_random(&seed) % (TEXT_MAX - 24)),
               from = len ? kit_random(&seed) % len : 0;
        char delimiter = kit_random(&seed) % 8 ? ',' : ';';
        from = kit_random(&seed) % 2 ? 0 : from;
        run(&plain, hz_csv_scanner_at(0), text, from, len, delimiter);
        irregular += plain.scan.irregular;
        full += !plain.scan.irregular && plain.scan.stopped < len;
        whole += plain.scan.stopped == len;
        for (size_t i = 1; hz_csv_scanner_at(i); i++) {
            run(&other, hz_csv_scanner_at(i), text, from, len, delimiter);
            if (!same(&plain, &other))
                ck_abort_msg("%s differs, round %u", hz_csv_scanner_at(i)->name, round);
        }
    }
    /* The texts reach every way to stop. */
    ck_assert_uint_gt(irregular, 0);
    ck_assert_uint_gt(full, 0);
    ck_assert_uint_gt(whole, 0);
}
END_TEST

START_TEST(test_csv_scan__positions_of_a_small_text)
{
    static const char text[256] = "a,\"b,\n\"\"\",c\r\nd\re\"\n";
    const uint32_t at[] = {1, 9, 11, 14};
    for (size_t i = 0; hz_csv_scanner_at(i); i++) {
        static result r;
        run(&r, hz_csv_scanner_at(i), text, 0, strlen(text), ',');
        ck_assert_uint_eq(r.scan.at_count, 4);
        ck_assert_mem_eq(r.at, at, sizeof at);
        ck_assert_uint_eq(r.scan.ends_count, 2);
        ck_assert_uint_eq(r.ends[0], 2);
        ck_assert_uint_eq(r.ends[1], 3);
        ck_assert(r.scan.irregular && r.scan.escapes && r.scan.quoted_lines);
        ck_assert_uint_eq(r.scan.stopped, 16);
    }
}
END_TEST

/* Every sequence of up to three bytes and the borders of four, at each place of a vector. */
static void compare_utf8(const char *sequence, size_t len, size_t before)
{
    char text[160];
    memset(text, 'x', sizeof text);
    memcpy(text + before, sequence, len);
    for (size_t i = 1; hz_csv_scanner_at(i); i++) {
        bool plain = hz_utf8_valid((hz_slice){text, before + len}),
             after = hz_utf8_valid((hz_slice){text, before + len + 3});
        if (hz_csv_scanner_at(i)->utf8_valid(text, before + len) != plain ||
            hz_csv_scanner_at(i)->utf8_valid(text, before + len + 3) != after)
            ck_abort_msg("%s differs for %02x %02x %02x %02x, %zu bytes at %zu", hz_csv_scanner_at(i)->name,
                         (unsigned char)sequence[0], (unsigned char)sequence[1], (unsigned char)sequence[2],
                         (unsigned char)sequence[3], len, before);
    }
}

START_TEST(test_csv_scan__utf8_is_the_plain_answer)
{
    static const unsigned char border[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1,
                                           0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
                                           0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfd, 0xfe, 0xff};
    const size_t n = sizeof border;
    unsigned step = kit_rounds(100) >= 25 ? 1 : 61;
    for (unsigned v = 0; v < 65536; v += step) {
        char two[4] = {(char)(v >> 8), (char)v, 0, 0};
        compare_utf8(two, 2, v % 67);
        compare_utf8(two, 2, 31);
    }
    for (size_t v = 0; v < n * n * n * n; v += step) {
        char four[4] = {(char)border[v / (n * n * n)], (char)border[v / (n * n) % n], (char)border[v / n % n],
                        (char)border[v % n]};
        compare_utf8(four, 4, v % 67);
        compare_utf8(four, 3, 30);
    }
}
END_TEST

START_TEST(test_csv_scan__utf8_of_random_text)
{
    static const char *const units[] = {"a",    "\xc3\xa9", "\xe4\xb8\xad", "\xf0\xa0\x80\x80",
                                        "\xff", "\xe4\xb8", "\xed\xa0\x80"};
    uint64_t seed = 7;
    for (unsigned round = kit_rounds(100000); round; round--) {
        char text[200];
        size_t len = 0, kinds = kit_random(&seed) % 3 ? 4 : 7;
        for (size_t wanted = kit_random(&seed) % 190; len < wanted;) {
            const char *unit = units[kit_random(&seed) % kinds];
            memcpy(text + len, unit, strlen(unit));
            len += strlen(unit);
        }
        len -= len && kit_random(&seed) % 8 == 0;
        for (size_t i = 1; hz_csv_scanner_at(i); i++)
            if (hz_csv_scanner_at(i)->utf8_valid(text, len) != hz_utf8_valid((hz_slice){text, len}))
                ck_abort_msg("%s differs, round %u", hz_csv_scanner_at(i)->name, round);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("source.csv_scan");
    TCase *tc = tcase_create("scanners");
    tcase_set_timeout(tc, 250);
    tcase_add_test(tc, test_csv_scan__positions_of_a_small_text);
    tcase_add_test(tc, test_csv_scan__all_scanners_agree);
    tcase_add_test(tc, test_csv_scan__utf8_is_the_plain_answer);
    tcase_add_test(tc, test_csv_scan__utf8_of_random_text);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
