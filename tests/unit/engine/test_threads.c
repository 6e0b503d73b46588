/* Suite engine.threads: one submission, any number of threads, any budget of memory, blocks of any size: the same
 * result, to the byte of the report: counts, examples, related rows, groups, regions, statistics. Files are larger than
 * what one thread reads alone, and than the small budgets. */
#include "reports/render.h"
#include "tests/unit/engine/engine_kit.h"

enum { MANY = 26000, FEW = 2000 }; /* rows: about a mebibyte; what is left of them for slow builds */

static kit k;

static uint32_t rows_of(uint32_t rows)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    bool slow = HZ_BATCH_ROWS < 64;
#else
    bool slow = HZ_BATCH_ROWS < 64 || getenv("HZ_TEST_QUICK");
#endif
    return slow ? rows / (MANY / FEW) : rows;
}

static const char padding[] = "some text that makes the row as long as rows are";

/* ---- submissions ---- */

typedef void fill(hz_buf *text, const char *file, uint32_t rows);

/* A number that runs through [0, rows) out of order. */
static uint32_t mixed(uint32_t i, uint32_t rows)
{
    return (uint32_t)((uint64_t)i * 7919 % rows);
}

static void head(hz_buf *text)
{
    hz_buf_puts(text, "id,ref,n,d,c,b,e,pad\n");
}

static void put(hz_buf *text, uint32_t i, uint32_t id, uint32_t ref)
{
    static const char *const numbers[] = {"1.0", "1.00", "1", "2.5", "", "x", "-3.25", "2.50"};
    hz_buf_printf(text, "%08u,%08u,%u,%s,5201%02u,2020-%02u-%02u,", id, ref, i % 97, numbers[i % 8], i % 7, 1 + i % 12,
                  1 + i % 28);
    if (i % 50)
        hz_buf_printf(text, "2020-%02u-%02u", 1 + i % 12, 1 + (i + i % 3) % 28);
    hz_buf_printf(text, ",%s\n", i % 11 ? padding : "");
}

static void sorted(hz_buf *text, const char *file, uint32_t rows)
{
    (void)file;
    head(text);
    for (uint32_t i = 0; i < rows; i++)
        put(text, i, i, rows - 1 - i);
}

static void unsorted(hz_buf *text, const char *file, uint32_t rows)
{
    (void)file;
    head(text);
    for (uint32_t i = 0; i < rows; i++)
        put(text, i, mixed(i, rows), i + 5);
}

/* In order but for one key, which stands at a tenth and, once more, before the end. */
static void one_far(hz_buf *text, const char *file, uint32_t rows)
{
    (void)file;
    head(text);
    for (uint32_t i = 0; i < rows; i++)
        put(text, i, i == rows - 3 ? rows / 10 : i, i);
}

/* In order, the last key of each hundred again: within batches, and over their borders. */
static void neighbours(hz_buf *text, const char *file, uint32_t rows)
{
    (void)file;
    head(text);
    for (uint32_t i = 0; i < rows; i++)
        put(text, i, i % 100 == 50 ? i - 1 : i, i - i % 4);
}

/* Ascending parts in the wrong order; a key that many rows have; records that cannot be cut. */
static void disorder(hz_buf *text, const char *file, uint32_t rows)
{
    (void)file;
    head(text);
    for (uint32_t i = 0; i < rows; i++) {
        put(text, i, i % 13 == 0 ? 7 : (i + rows / 2) % rows, i % 3 ? i : 2 * i);
        if (i % 700 == 3)
            hz_buf_puts(text, "1,2\n");
        if (i % 900 == 5)
            hz_buf_puts(text, "\"00000001\"x,,,,,,,\n\n00000002,\xff,,,,,,\n");
    }
}

#define FIELDS                                                                                                         \
    "fields: {id: {type: text}, ref: {type: text}, n: {type: integer}, d: {type: decimal}, c: {type: text}, "          \
    "b: {type: date}, e: {type: date}, pad: {type: text}}"
#define ONE "tables:\n  t: {files: ['t*.csv'], key: [id], region: c, " FIELDS "}\n"
#define TWO                                                                                                            \
    "tables:\n  t: {files: ['t*.csv'], key: [id], " FIELDS "}\n"                                                       \
    "  u: {files: ['u*.csv'], key: [id], " FIELDS "}\n"

static const char keys[] = ONE "rules:\n"
                               "  U-1: {on: t, unique: [ref]}\n"
                               "  U-2: {on: t, unique: [n, c], at_most: 30}\n"
                               "  U-3: {on: t, unique: [d, c], when: n > 90}\n"
                               "  U-4: {on: t, unique: ['left(id, 6)'], at_most: 99, when: n <> 5}\n"
                               "  U-5: {on: t, unique: [c], without_overlaps: {from: b, to: e}, when: n > 95}\n"
                               "  U-6: {on: t, unique: ['left(id, 7)'], without_overlaps: {from: b, to: e}}\n"
                               "  S-1: {on: t, references: t.id, fields: [ref]}\n"
                               "  S-2: {on: t, references: t.ref, fields: [id], when: n > 3}\n";
static const char references[] = TWO "rules:\n"
                                     "  R-1: {on: t, references: u.id, fields: [ref]}\n"
                                     "  R-2: {on: u, references: t.id, fields: [ref]}\n"
                                     "  R-3: {on: t, references: 'u(ref, n)', fields: [id, n]}\n"
                                     "  R-4: {on: u, references: t.ref, fields: [id], when: n > 20}\n"
                                     "  R-5: {on: u, references: u.ref, fields: [id]}\n"
                                     "  U-1: {on: u, unique: [ref], at_most: 2}\n";
static const char groups[] =
    ONE "rules:\n"
        "  G-1: {on: t, each: [c], assert: 'sum(*, d) < 0 and count(distinct *, n) > 97', message: {zh: '{c} "
        "{sum(*, d)} {avg(*, d)} {min(*, d)} {max(*, d)} {count(distinct *, ref)} {min(*, b)} {max(*, id)}'}}\n"
        "  G-2: {on: t, each: [d], assert: count(*) < 3, message: {zh: '{d} {count(*)} {min(*, id)}'}}\n"
        "  G-3: {on: t, each: [n, c], blame: records, assert: 'max(*, d) > 2 or count(*) > 40', message: {zh: '{n} "
        "{c} {max(*, d)}'}}\n"
        "  G-4: {on: t, assert: 'every(*, n > 1)', message: {zh: '{count(*)} {min(*, d)} {max(*, d)} {sum(*, n)}'}}\n"
        "  A-1: {on: t, assert: n > 20 and d <> 1, message: {zh: '{id} {d}'}}\n"
        "  A-2: {on: t, when: n > 95, assert: 'length(pad) > 3', status: draft}\n"
        "measures:\n"
        "  M-1: {on: t, value: 'sum(*, d) / count(*)'}\n"
        "  M-2: {on: t, value: 'max(*, d)', expect: value > 3}\n"
        "  M-3: {on: t, value: 'count(distinct *, ref)'}\n";
static const char relations[] =
    "tables:\n  t: {files: ['t*.csv'], key: [id], relations: {users: {many: u, on: {id: ref}, inverse: owner}, "
    "peers: {many: t, on: c}}, " FIELDS "}\n"
    "  u: {files: ['u*.csv'], key: [id], " FIELDS "}\n"
    "rules:\n"
    "  P-1: {on: u, assert: 'owner.n < n + 60', message: {zh: '{id} {owner.d} {owner.id}'}}\n"
    "  P-2: {on: u, when: owner.n > 10, unique: [ref, n]}\n"
    "  P-3: {on: t, assert: 'count(users) < 3 and exists(users where n < 50)', message: {zh: '{id} {count(users)} "
    "{sum(users.d)} {max(users.id)} {count(distinct users, n)}'}}\n"
    "  P-4: {on: t, assert: count(users where n > this.n) = 0, message: {zh: '{count(users where n > this.n)}'}}\n"
    "  P-5: {on: u, assert: 'every(owner.users, d > 1) or n > 40', message: {zh: '{sum(owner.users.n)}'}}\n"
    "  P-6: {on: u, each: [c], assert: count(* where owner.n > 3) > 5, message: {zh: '{c} {count(* where owner.n > "
    "3)}'}}\n"
    "  P-7: {on: t, when: n > 95, assert: count(peers) < 3, message: {zh: '{count(peers)} {count(distinct "
    "peers.d)}'}}\n"
    "measures:\n"
    "  M-1: {on: u, value: 'sum(*, owner.d) / count(* where owner.id is not null)'}\n";

static const struct submission {
    const char *profile;
    fill *t, *u;
    uint32_t t_rows, u_rows;
} submissions[] = {{keys, sorted, NULL, MANY, 0},
                   {keys, unsorted, NULL, MANY, 0},
                   {keys, one_far, NULL, MANY, 0},
                   {keys, neighbours, NULL, MANY, 0},
                   {keys, disorder, NULL, MANY, 0},
                   {keys, disorder, NULL, 3 * MANY, 0}, /* several partitions */
                   {references, sorted, sorted, MANY, MANY / 2},
                   {references, unsorted, disorder, MANY / 2, MANY},
                   {references, neighbours, unsorted, MANY, MANY / 20},
                   {references, disorder, unsorted, MANY / 20, MANY},
                   {references, one_far, unsorted, 3 * MANY, MANY}, /* a target of too many keys for an index */
                   {groups, sorted, NULL, MANY, 0},
                   {groups, disorder, NULL, MANY, 0}};
enum { SUBMISSIONS = sizeof submissions / sizeof *submissions };

static void put_table(const char *file, fill *how, uint32_t rows)
{
    hz_buf text = HZ_BUF_INIT;
    how(&text, file, rows_of(rows));
    ck_assert_int_eq(hz_buf_status(&text, NULL), HZ_OK);
    kit_put_bytes(&k, file, hz_buf_slice(&text));
    hz_buf_clear(&text);
}

/* ---- comparing ---- */

static char *report(void)
{
    hz_render_options how = {.reproducible = true};
    hz_buf text = HZ_BUF_INIT;
    ck_assert_int_eq(hz_render(&text, HZ_FORMAT_JSON, k.result, &how, NULL), HZ_OK);
    char *out = strdup(text.ptr);
    hz_buf_clear(&text);
    return out;
}

/* The first place where two reports part, with a little before it. */
static void assert_same_report(const char *a, const char *b, unsigned threads, uint64_t memory, size_t block)
{
    size_t at = 0;
    while (a[at] && a[at] == b[at])
        at++;
    if (a[at] == b[at])
        return;
    size_t from = at > 300 ? at - 300 : 0;
    ck_abort_msg("%u threads, %llu bytes, blocks of %zu:\n%.600s\n--- but\n%.600s", threads, (unsigned long long)memory,
                 block, a + from, b + from);
}

static void assert_same_on_threads(void)
{
    static const struct {
        unsigned threads;
        uint64_t memory;
        size_t block;
    } ways[] = {{2, 64 << 20, 0},      {3, 300000, 40000}, {8, 1000, 9000},
                {1, 256 << 20, 20000}, {2, 1000, 100000},  {8, 300000, 4 << 20}};
    k.options.temp = k.folder;
    k.options.threads = 1;
    k.options.memory_bytes = UINT64_MAX;
    k.options.block_bytes = 0;
    kit_run(&k);
    char *whole = report();
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        k.options.threads = ways[w].threads;
        k.options.memory_bytes = ways[w].memory;
        k.options.block_bytes = HZ_BATCH_ROWS < 64 ? ways[w].block / 100 : ways[w].block;
        kit_run(&k);
        char *text = report();
        assert_same_report(whole, text, ways[w].threads, ways[w].memory, ways[w].block);
        free(text);
    }
    free(whole);
}

START_TEST(test_threads__the_same_on_any_number)
{
    const struct submission *s = &submissions[_i];
    kit_open(&k, s->profile);
    put_table("t1.csv", s->t, s->t_rows);
    if (s->u)
        put_table("u.csv", s->u, s->u_rows);
    assert_same_on_threads();
    kit_close(&k);
}
END_TEST

START_TEST(test_threads__relations)
{
    kit_open(&k, relations);
    put_table("t1.csv", _i ? disorder : sorted, MANY / 2);
    put_table("u.csv", _i ? unsorted : neighbours, MANY);
    assert_same_on_threads();
    kit_close(&k);
}
END_TEST

/* What the files were made to break is found, by several threads: counts known beforehand. */
START_TEST(test_threads__repeated_keys_are_found)
{
    char expected[96];
    uint32_t rows = rows_of(MANY);
    kit_open(&k, ONE);
    k.options.threads = 3;
    k.options.block_bytes = HZ_BATCH_ROWS < 64 ? 0 : 50000;
    put_table("t.csv", sorted, MANY);
    kit_run(&k);
    snprintf(expected, sizeof expected, "passed rows %u passed %u", rows, rows);
    assert_counts(&k, "t.key", expected);
    put_table("t.csv", one_far, MANY);
    kit_run(&k);
    snprintf(expected, sizeof expected, "failed rows %u passed %u failed 2 groups 1", rows, rows - 2);
    assert_counts(&k, "t.key", expected);
    snprintf(expected, sizeof expected, "%u+1 %u+1", rows / 10 + 2, rows - 3 + 2);
    assert_lines(&k, "t.key", expected);
    put_table("t.csv", neighbours, MANY);
    kit_run(&k);
    uint32_t pairs = rows / 100 + (rows % 100 > 50);
    snprintf(expected, sizeof expected, "failed rows %u passed %u failed %u groups %u", rows, rows - 2 * pairs,
             2 * pairs, pairs);
    assert_counts(&k, "t.key", expected);
    kit_close(&k);
}
END_TEST

/* Two files with one key each in common, cut so that files end within a worker's turn. */
START_TEST(test_threads__several_files)
{
    kit_open(&k, keys);
    put_table("t1.csv", sorted, MANY / 3);
    put_table("t2.csv", disorder, MANY / 3);
    put_table("t3.csv", neighbours, 1);
    put_table("t4.csv", neighbours, MANY / 3);
    assert_same_on_threads();
    kit_close(&k);
}
END_TEST

/* ---- a limit that one thread alone hits ---- */

#define SLOW "matches '(a|aa)+(?!b)c'"
static const struct {
    const char *rules, *rule;
} slow[] = {{"rules: {R: {on: t, assert: \"pad " SLOW "\"}}\n", "R"},
            {"rules: {R: {on: t, when: \"pad " SLOW "\", assert: n > 1}}\n", "R"},
            {"rules: {R: {on: t, each: [c], assert: \"count(* where pad " SLOW ") = 0\"}}\n", "R"},
            {"rules: {R: {on: t, when: \"pad " SLOW "\", unique: [n]}}\n", "R"},
            {"rules: {R: {on: t, unique: [n, \"case when pad " SLOW " then 1 else 2 end\"]}}\n", "R"},
            {"rules: {R: {on: t, references: t.ref, fields: [id], when: \"pad " SLOW "\"}}\n", "R"}};

/* The rule ends in error, whoever met the row; the others do not notice. */
START_TEST(test_threads__a_pattern_limit_of_one_thread)
{
    hz_buf text = HZ_BUF_INIT, profile = HZ_BUF_INIT;
    uint32_t rows = rows_of(MANY);
    hz_buf_puts(&profile, ONE);
    hz_buf_puts(&profile, slow[_i].rules);
    kit_open(&k, profile.ptr);
    head(&text);
    for (uint32_t i = 0; i < rows; i++) {
        if (i == rows / 3)
            hz_buf_puts(&text, "0,,1,,520101,,,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaacb\n");
        put(&text, i, i, i / 2);
    }
    kit_put_bytes(&k, "t.csv", hz_buf_slice(&text));
    k.limits.value[HZ_LIMIT_PATTERN_MATCH] = 1000;
    assert_same_on_threads();
    ck_assert_int_eq(kit_rule(&k, slow[_i].rule)->outcome, HZ_OUTCOME_ERROR);
    ck_assert(k.result->incomplete);
    hz_buf_clear(&text);
    hz_buf_clear(&profile);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.threads");
    TCase *same = kit_case(suite, "same", 300), *limits = kit_case(suite, "limits", 120);
    tcase_add_loop_test(same, test_threads__the_same_on_any_number, 0, SUBMISSIONS);
    tcase_add_loop_test(same, test_threads__relations, 0, 2);
    tcase_add_test(same, test_threads__repeated_keys_are_found);
    tcase_add_test(same, test_threads__several_files);
    tcase_add_loop_test(limits, test_threads__a_pattern_limit_of_one_thread, 0, sizeof slow / sizeof *slow);
    return kit_main(suite);
}
