/* Suite engine.submission: the pattern language of `files`, and which file is which table. */
#include "tests/unit/engine/engine_kit.h"
#include "validator/engine/submission.h"

/* ---- patterns ---- */

static const struct {
    const char *pattern, *name;
    bool match;
} patterns[] = {
    {"", "", true},
    {"", "a", false},
    {"a.csv", "a.csv", true},
    {"a.csv", "a.csvx", false},
    {"a.csv", "xa.csv", false},
    {"A.csv", "a.csv", false},
    {"*", "", true},
    {"*", "anything.csv", true},
    {"*", "a/b", false},
    {"*/*", "a/b", true},
    {"*/*", "a/b/c", false},
    {"*.csv", ".csv", true},
    {"household*.csv", "household.csv", true},
    {"household*.csv", "household_2020.csv", true},
    {"household*.csv", "households/x.csv", false},
    {"a*b*c", "abc", true},
    {"a*b*c", "aXXbYYbZZc", true},
    {"a*b*c", "aXXbYYbZZ", false},
    {"**", "ab", true},
    {"**", "a/b", false},
    {"a?c", "abc", true},
    {"a?c", "ac", false},
    {"a?c", "a/c", false},
    {"a?c", "a户c", true},
    {"??", "户口", true},
    {"??", "户", false},
    {"贫困户*.csv", "贫困户_2020.csv", true},
    {"贫困户*.csv", "贫困_2020.csv", false},
    {"[ab].csv", "a.csv", true},
    {"[ab].csv", "c.csv", false},
    {"[a-c]x", "bx", true},
    {"[a-c]x", "dx", false},
    {"[!a-c]x", "dx", true},
    {"[!a-c]x", "bx", false},
    {"[^a]x", "bx", true},
    {"[^a]x", "ax", false},
    {"[]]x", "]x", true},
    {"[!]]x", "ax", true},
    {"[!]]x", "]x", false},
    {"[a-]x", "-x", true},
    {"[!a]x", "/x", false},
    {"[.-0]x", "/x", false},
    {"[甲-丙户]1", "户1", true},
    {"[甲户]1", "口1", false},
    {"[ab", "[ab", true},
    {"[ab", "a", false},
    {"x[", "x[", true},
    {"a.{csv,tsv}", "a.csv", true},
    {"a.{csv,tsv}", "a.tsv", true},
    {"a.{csv,tsv}", "a.txt", false},
    {"a.{csv}", "a.csv", true},
    {"a{,b}c", "ac", true},
    {"a{,b}c", "abc", true},
    {"a{,b}c", "abbc", false},
    {"a{}c", "ac", true},
    {"{,}", "", true},
    {"{a,b{c,d{e,f}}}x", "ax", true},
    {"{a,b{c,d{e,f}}}x", "bcx", true},
    {"{a,b{c,d{e,f}}}x", "bdex", true},
    {"{a,b{c,d{e,f}}}x", "bdfx", true},
    {"{a,b{c,d{e,f}}}x", "bdx", false},
    {"{a,b{c,d{e,f}}}x", "bx", false},
    {"{a*,*b}{c,d}", "axxc", true},
    {"{a*,*b}{c,d}", "xxbd", true},
    {"{a*,*b}{c,d}", "xxc", false},
    {"{a/b,c}*.csv", "a/bx.csv", true},
    {"{a,b", "{a,b", true},
    {"{a,b", "a", false},
    {"a,b}", "a,b}", true},
    {"a}b", "a}b", true},
    {"{a{b,c}", "{ab", true},
    {"{a{b,c}", "{ac", true},
    {"{a{b,c}", "ab", false},
    {"a,b", "a,b", true},
    {"[{]a}", "{a}", true},
    {"{a[,]b,c}", "a,b", true},
    {"{a[,]b,c}", "c", true},
    {"{a[}]b,c}", "a}b", true},
    {"{户,口}.csv", "口.csv", true},
    {"{*}", "abc", true},
    {"{a,*}{b,*}{c,*}", "zzz", true},
    {"*{*,*}*", "q", true},
    {"\\*", "\\x", true},
};

START_TEST(test_submission__pattern)
{
    hz_slice pattern = hz_slice_of(patterns[_i].pattern), name = hz_slice_of(patterns[_i].name);
    ck_assert_msg(hz_glob_match(pattern, name) == patterns[_i].match, "%s %s %s", patterns[_i].pattern,
                  patterns[_i].match ? "does not match" : "matches", patterns[_i].name);
}
END_TEST

/* A name with a bad byte neither matches by chance nor is read past its end. */
START_TEST(test_submission__pattern_bad_bytes)
{
    char cut[] = {'a', (char)0xe6, (char)0x88};
    char *name = hz_mem_alloc(sizeof cut);
    memcpy(name, cut, sizeof cut);
    hz_slice slice = {name, sizeof cut};
    ck_assert(!hz_glob_match(HZ_SLICE_LIT("a户"), slice));
    ck_assert(!hz_glob_match(HZ_SLICE_LIT("a?"), slice));
    ck_assert(hz_glob_match(HZ_SLICE_LIT("a??"), slice));
    ck_assert(hz_glob_match(HZ_SLICE_LIT("a*"), slice));
    hz_mem_free(name);
}
END_TEST

/* The other way: braces expanded, then stars tried one by one. */
static bool naive_plain(const char *p, const char *n)
{
    if (*p == '\0')
        return *n == '\0';
    if (*p == '*')
        return naive_plain(p + 1, n) || (*n && *n != '/' && naive_plain(p, n + 1));
    if (*n == '\0')
        return false;
    return (*p == '?' ? *n != '/' : *p == *n) && naive_plain(p + 1, n + 1);
}

static bool naive(const char *pattern, const char *name)
{
    const char *open = strchr(pattern, '{'), *close = NULL;
    int depth = 0;
    for (const char *at = open; at && *at && !close; at++) {
        depth += *at == '{' ? 1 : *at == '}' ? -1 : 0;
        close = depth == 0 ? at : NULL;
    }
    if (!close)
        return naive_plain(pattern, name); /* the random patterns below are balanced */
    const char *from = open + 1;
    for (const char *at = from; at <= close; at++) {
        depth += *at == '{' ? 1 : *at == '}' && at != close ? -1 : 0;
        if (at != close && !(*at == ',' && depth == 0))
            continue;
        char expanded[256];
        snprintf(expanded, sizeof expanded, "%.*s%.*s%s", (int)(open - pattern), pattern, (int)(at - from), from,
                 close + 1);
        if (naive(expanded, name))
            return true;
        from = at + 1;
    }
    return false;
}

static size_t random_pattern(char *out, uint64_t *state, int depth)
{
    size_t n = 0;
    for (uint32_t parts = kit_random(state) % 4; parts; parts--) {
        uint32_t what = kit_random(state) % 10;
        if (what < 5)
            out[n++] = "ab/"[kit_random(state) % 3];
        else if (what < 7)
            out[n++] = '*';
        else if (what == 7)
            out[n++] = '?';
        else if (depth) {
            out[n++] = '{';
            for (uint32_t i = kit_random(state) % 3;; i--) {
                n += random_pattern(out + n, state, depth - 1);
                if (!i)
                    break;
                out[n++] = ',';
            }
            out[n++] = '}';
        }
    }
    out[n] = '\0';
    return n;
}

START_TEST(test_submission__pattern_as_the_naive_way)
{
    uint64_t state = 20201231;
    unsigned matches = 0;
    for (int round = 0; round < 40000; round++) {
        char pattern[256], name[12];
        size_t n = 0;
        do
            n = random_pattern(pattern, &state, 2);
        while (n > 24);
        size_t len = kit_random(&state) % 7;
        for (size_t i = 0; i < len; i++)
            name[i] = "aab/"[kit_random(&state) % 4];
        name[len] = '\0';
        bool expected = naive(pattern, name);
        matches += expected;
        ck_assert_msg(hz_glob_match(hz_slice_of(pattern), hz_slice_of(name)) == expected, "%s against %s: not %d",
                      pattern, name, expected);
    }
    ck_assert_uint_gt(matches, 1000);
}
END_TEST

/* These take ages where stars and alternatives are tried one inside the other; the timeout of the case tells. */
START_TEST(test_submission__pattern_is_never_exponential)
{
    char pattern[4096] = "", name[4096];
    size_t n = 0;
    memset(name, 'a', sizeof name);
    hz_slice long_name = {name, sizeof name};
    for (int i = 0; i < 200; i++)
        n += (size_t)snprintf(pattern + n, sizeof pattern - n, "*a");
    snprintf(pattern + n, sizeof pattern - n, "b");
    ck_assert(!hz_glob_match(hz_slice_of(pattern), long_name));
    n = 0;
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(pattern + n, sizeof pattern - n, "{a,b}*");
    ck_assert(hz_glob_match(hz_slice_of(pattern), long_name));
    snprintf(pattern + n, sizeof pattern - n, "c");
    ck_assert(!hz_glob_match(hz_slice_of(pattern), long_name));
    n = 0;
    for (int i = 0; i < 600; i++)
        n += (size_t)snprintf(pattern + n, sizeof pattern - n, "{a,}");
    snprintf(pattern + n, sizeof pattern - n, "c");
    ck_assert(!hz_glob_match(hz_slice_of(pattern), hz_slice_sub(long_name, 0, 600)));
    for (n = 0; n < 1500; n++) {
        pattern[n] = '{';
        pattern[3000 - n] = '}';
    }
    pattern[1500] = 'a';
    pattern[3001] = '\0';
    ck_assert(hz_glob_match(hz_slice_of(pattern), HZ_SLICE_LIT("a")));
    memset(pattern, '*', 4000);
    pattern[4000] = '\0';
    ck_assert(hz_glob_match(hz_slice_of(pattern), long_name));
}
END_TEST

/* ---- finding ---- */

static const char two_tables[] =
    "tables:\n"
    "  household: {files: ['household*.csv', '户*.{csv,tsv}'], fields: {id: {type: text}}}\n"
    "  member: {files: ['member*.csv'], fields: {id: {type: text}}}\n"
    "  line: {included: poverty_lines.csv, key: [year], fields: {year: {type: integer}, yuan: {type: decimal}}}\n";
static const char one_deep[] = "tables:\n  household: {files: ['*/household*.csv'], fields: {id: {type: text}}}\n";

static kit k;
static hz_submission found;

static void begin(const char *profile)
{
    kit_open(&k, profile);
    k.options.profile = k.profile;
    k.options.limits = &k.limits;
    k.options.inputs = k.inputs;
}

static hz_status find_inputs(size_t count)
{
    k.options.inputs_count = count;
    hz_error_clear(&k.err);
    return hz_submission_find(&found, &k.options, k.inputs, count, 0, k.arena, &k.err);
}

static hz_status find_folder(void)
{
    k.inputs[0] = (hz_input){.path = k.folder};
    return find_inputs(1);
}

/* "household:a.csv household:b.csv | ignored.txt" */
static const char *shown(void)
{
    static char text[512];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < found.files_count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s:%.*s", i ? " " : "",
                              HZ_SLICE_FMT(found.files[i].table->name), HZ_SLICE_FMT(found.files[i].shown));
    for (size_t i = 0; i < found.ignored_count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s", i ? " " : " | ", HZ_SLICE_FMT(found.ignored[i]));
    return text;
}

static void assert_error(const char *name, const char *first)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(&k.err, args);
    ck_assert_str_eq(hz_msg_name(k.err.message), name);
    ck_assert_uint_ge(count, 1);
    ck_assert_msg(hz_slice_is(args[0], first), "%.*s is not %s", HZ_SLICE_FMT(args[0]), first);
}

START_TEST(test_submission__folder_in_order_of_table_and_name)
{
    begin(two_tables);
    kit_put(&k, "member.csv", "id\n");
    kit_put(&k, "household_2.csv", "id\n");
    kit_put(&k, "household_10.csv", "id\n");
    kit_put(&k, "户.tsv", "id\n");
    kit_put(&k, "readme.txt", "x");
    kit_put(&k, "a.csv", "x");
    kit_put(&k, ".household.csv", "id\n");
    ck_assert_int_eq(find_folder(), HZ_OK);
    ck_assert_str_eq(
        shown(),
        "household:household_10.csv household:household_2.csv household:户.tsv member:member.csv | a.csv readme.txt");
    struct stat info;
    ck_assert_int_eq(stat(found.files[0].path, &info), 0);
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__folder_is_descended_into_only_for_deep_patterns)
{
    begin(two_tables);
    ck_assert_int_eq(mkdir(kit_path(&k, "sub"), 0700), 0);
    kit_put(&k, "sub/household.csv", "id\n");
    kit_put(&k, "member.csv", "id\n");
    ck_assert_int_eq(find_folder(), HZ_OK);
    ck_assert_str_eq(shown(), "member:member.csv");
    kit_load(&k, one_deep);
    k.options.profile = k.profile;
    ck_assert_int_eq(find_folder(), HZ_OK);
    ck_assert_str_eq(shown(), "household:sub/household.csv | member.csv");
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__named_files)
{
    char a[512], b[512];
    begin(two_tables);
    kit_put(&k, "household.csv", "id\n");
    kit_put(&k, "other.csv", "id\n");
    snprintf(a, sizeof a, "%s", kit_path(&k, "household.csv"));
    snprintf(b, sizeof b, "%s", kit_path(&k, "other.csv"));
    k.inputs[0] = (hz_input){.path = a};
    k.inputs[1] = (hz_input){.table = HZ_SLICE_LIT("member"), .path = b};
    ck_assert_int_eq(find_inputs(2), HZ_OK);
    ck_assert_uint_eq(found.files_count, 2);
    ck_assert(hz_slice_is(found.files[0].table->name, "household") && hz_slice_is(found.files[0].shown, a));
    ck_assert(hz_slice_is(found.files[1].table->name, "member") && hz_slice_is(found.files[1].shown, b));
    /* one that no pattern takes is not dropped in silence */
    k.inputs[1].table = HZ_SLICE_NONE;
    ck_assert_int_eq(find_inputs(2), HZ_E_SOURCE);
    assert_error("ENGINE_FILE_OF_NO_TABLE", b);
    k.inputs[1].table = HZ_SLICE_LIT("membr");
    ck_assert_int_eq(find_inputs(2), HZ_E_USAGE);
    assert_error("ENGINE_NO_SUCH_TABLE", "membr");
    k.inputs[1].table = HZ_SLICE_LIT("line"); /* part of the profile: takes no file */
    ck_assert_int_eq(find_inputs(2), HZ_E_USAGE);
    k.inputs[1] = (hz_input){.path = "no-such-file.csv"};
    ck_assert_int_eq(find_inputs(2), HZ_E_SOURCE);
    assert_error("FILE_MISSING", "no-such-file.csv");
    k.inputs[1] = (hz_input){.table = HZ_SLICE_LIT("member"), .path = k.folder};
    ck_assert_int_eq(find_inputs(2), HZ_E_SOURCE);
    assert_error("FILE_NOT_REGULAR", k.folder);
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__nothing_found)
{
    begin(two_tables);
    kit_put(&k, "a.csv", "id\n");
    ck_assert_int_eq(find_folder(), HZ_E_SOURCE);
    assert_error("ENGINE_NO_SOURCE", "t");
    ck_assert_int_eq(find_inputs(0), HZ_E_SOURCE);
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__two_tables_for_one_file)
{
    begin("tables:\n  a: {files: ['*.csv'], fields: {id: {type: text}}}\n  b: {files: ['b*.csv'], fields: {id: {type: "
          "text}}}\n");
    kit_put(&k, "a.csv", "id\n");
    ck_assert_int_eq(find_folder(), HZ_OK);
    kit_put(&k, "b1.csv", "id\n");
    ck_assert_int_eq(find_folder(), HZ_E_USAGE);
    assert_error("ENGINE_TWO_TABLES", "b1.csv");
    kit_close(&k);
}
END_TEST

/* By whatever two names: the same path, another way to it, a link. */
START_TEST(test_submission__twice)
{
    char a[512], other[512];
    begin(two_tables);
    kit_put(&k, "household_b.csv", "id\n");
    kit_put(&k, "household_c.csv", "id\n");
    kit_put(&k, "household_z.csv", "id\n");
    snprintf(a, sizeof a, "%s", kit_path(&k, "household_z.csv"));
    snprintf(other, sizeof other, "./%s//household_z.csv", k.folder);
    const char *others[] = {a, other, k.folder};
    for (size_t i = 0; i < 3; i++) {
        k.inputs[0] = (hz_input){.path = a};
        k.inputs[1] = (hz_input){.path = others[i]};
        ck_assert_int_eq(find_inputs(2), HZ_E_USAGE);
        ck_assert_str_eq(hz_msg_name(k.err.message), "ENGINE_NAMED_TWICE");
    }
    k.inputs[1] = (hz_input){.table = HZ_SLICE_LIT("member"), .path = other}; /* as two tables */
    ck_assert_int_eq(find_inputs(2), HZ_E_USAGE);
    ck_assert_int_eq(find_folder(), HZ_OK);
    ck_assert_int_eq(symlink("household_c.csv", kit_path(&k, "household_d.csv")), 0);
    ck_assert_int_eq(find_folder(), HZ_E_USAGE);
    assert_error("ENGINE_NAMED_TWICE", "household_d.csv");
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__links)
{
    begin(two_tables);
    kit_put(&k, "real.dat", "id\n");
    ck_assert_int_eq(symlink("real.dat", kit_path(&k, "household.csv")), 0);
    ck_assert_int_eq(symlink("nowhere", kit_path(&k, "dead.lnk")), 0);
    ck_assert_int_eq(find_folder(), HZ_OK);
    ck_assert_str_eq(shown(), "household:household.csv | dead.lnk real.dat");
    ck_assert_int_eq(symlink("nowhere", kit_path(&k, "member.csv")), 0); /* one that would be read */
    ck_assert_int_eq(find_folder(), HZ_E_SOURCE);
    ck_assert_str_eq(hz_msg_name(k.err.message), "FILE_MISSING");
    kit_close(&k);
}
END_TEST

/* Below the folder itself links are not followed, so that none leads round in a circle. */
START_TEST(test_submission__links_below_are_not_followed)
{
    begin(one_deep);
    ck_assert_int_eq(mkdir(kit_path(&k, "sub"), 0700), 0);
    kit_put(&k, "sub/household.csv", "id\n");
    kit_put(&k, "real.csv", "id\n");
    ck_assert_int_eq(symlink("../real.csv", kit_path(&k, "sub/household_2.csv")), 0);
    ck_assert_int_eq(symlink("..", kit_path(&k, "sub/up")), 0);
    ck_assert_int_eq(find_folder(), HZ_OK);
    ck_assert_str_eq(shown(), "household:sub/household.csv | real.csv sub/household_2.csv sub/up");
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__only_regular_files)
{
    char fifo[512];
    begin(two_tables);
    kit_put(&k, "member.csv", "id\n");
    snprintf(fifo, sizeof fifo, "%s", kit_path(&k, "household.csv"));
    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    ck_assert_int_eq(find_folder(), HZ_OK); /* and does not wait for a writer */
    ck_assert_str_eq(shown(), "member:member.csv | household.csv");
    k.inputs[0] = (hz_input){.path = fifo};
    ck_assert_int_eq(find_inputs(1), HZ_E_SOURCE);
    assert_error("FILE_NOT_REGULAR", fifo);
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__limit_of_sources)
{
    begin(two_tables);
    kit_put(&k, "household_1.csv", "id\n");
    kit_put(&k, "household_2.csv", "id\n");
    k.limits.value[HZ_LIMIT_SOURCES] = 2;
    ck_assert_int_eq(find_folder(), HZ_OK);
    k.limits.value[HZ_LIMIT_SOURCES] = 1;
    ck_assert_int_eq(find_folder(), HZ_E_LIMIT);
    assert_error("LIMIT", "sources");
    kit_close(&k);
}
END_TEST

START_TEST(test_submission__limit_of_pattern_bytes)
{
    hz_buf profile = HZ_BUF_INIT;
    for (size_t len = 4095; len <= 4096; len++) {
        hz_buf_reset(&profile);
        hz_buf_puts(&profile, "tables:\n  household: {files: ['*");
        for (size_t i = 1; i < len; i++)
            hz_buf_putc(&profile, '*');
        hz_buf_puts(&profile, "'], fields: {id: {type: text}}}\n");
        begin(profile.ptr);
        kit_put(&k, "household.csv", "id\n");
        ck_assert_int_eq(find_folder(), len == 4095 ? HZ_OK : HZ_E_LIMIT);
        if (len > 4095)
            assert_error("LIMIT", "file_pattern_bytes");
        kit_close(&k);
    }
    hz_buf_clear(&profile);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.submission");
    TCase *glob = kit_case(suite, "patterns", 60), *find = kit_case(suite, "finding", 60);
    tcase_add_loop_test(glob, test_submission__pattern, 0, sizeof patterns / sizeof *patterns);
    tcase_add_test(glob, test_submission__pattern_bad_bytes);
    tcase_add_test(glob, test_submission__pattern_as_the_naive_way);
    tcase_add_test(glob, test_submission__pattern_is_never_exponential);
    tcase_add_test(find, test_submission__folder_in_order_of_table_and_name);
    tcase_add_test(find, test_submission__folder_is_descended_into_only_for_deep_patterns);
    tcase_add_test(find, test_submission__named_files);
    tcase_add_test(find, test_submission__nothing_found);
    tcase_add_test(find, test_submission__two_tables_for_one_file);
    tcase_add_test(find, test_submission__twice);
    tcase_add_test(find, test_submission__links);
    tcase_add_test(find, test_submission__links_below_are_not_followed);
    tcase_add_test(find, test_submission__only_regular_files);
    tcase_add_test(find, test_submission__limit_of_sources);
    tcase_add_test(find, test_submission__limit_of_pattern_bytes);
    return kit_main(suite);
}
