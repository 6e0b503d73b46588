/* Suite engine.stats: the figures of a column, over every kind of field, and that they do not depend on how rows are
 * cut. */
#include "tests/unit/engine/engine_kit.h"
#include "validator/engine/stats.h"
#include <math.h>

enum { WORDS = HZ_BATCH_ROWS / 64 + 1, TEXT = 48 };

/* Rows as text: each batch is typed by the reader that the engine uses. */
static hz_semtypes *semtypes;
static hz_lists *lists;
static hz_arena *arena;
static hz_field field;
static hz_table table;
static hz_field_reader *reader;
static hz_stats *stats;
static hz_slice yes = {"1", 1}, no = {"0", 1}, nothing = {"", 0};
static hz_time_format format;

static void begin(hz_field_type type, hz_type value_type)
{
    ck_assert_int_eq(hz_lists_open(&lists, NULL, hz_limits_default(), NULL), HZ_OK);
    ck_assert_int_eq(hz_semtypes_open(&semtypes, lists, NULL), HZ_OK);
    arena = hz_arena_new();
    table = (hz_table){.nulls = &nothing, .nulls_count = 1};
    field = (hz_field){.table = &table,
                       .type = type,
                       .value_type = value_type,
                       .item_type = value_type,
                       .precision = -1,
                       .scale = -1,
                       .min_items = -1,
                       .max_items = -1,
                       .min_length = -1,
                       .max_length = -1,
                       .true_texts = &yes,
                       .true_count = 1,
                       .false_texts = &no,
                       .false_count = 1};
    if (type == HZ_FIELD_DATE || type == HZ_FIELD_MONTH || type == HZ_FIELD_DATETIME || type == HZ_FIELD_TIME) {
        static const hz_time_kind kinds[] = {[HZ_FIELD_DATE] = HZ_TIME_DATE,
                                             [HZ_FIELD_MONTH] = HZ_TIME_MONTH,
                                             [HZ_FIELD_DATETIME] = HZ_TIME_DATETIME,
                                             [HZ_FIELD_TIME] = HZ_TIME_TIME};
        hz_time_format_iso(&format, kinds[type]);
        field.formats = &format;
        field.formats_count = 1;
    }
}

static void open_stats(void)
{
    static hz_eval_env env;
    env = (hz_eval_env){.semtypes = semtypes, .limits = hz_limits_default()};
    ck_assert_int_eq(hz_field_reader_new(&reader, &field, &env, 1U << HZ_RULE_TYPE, NULL), HZ_OK);
    ck_assert_int_eq(hz_stats_new(&stats, &field, NULL), HZ_OK);
}

static void close_stats(void)
{
    hz_stats_free(stats);
    hz_field_reader_free(reader);
    stats = NULL;
    reader = NULL;
}

static void end(void)
{
    close_stats();
    hz_arena_free(arena);
    hz_semtypes_close(semtypes);
    hz_lists_close(lists);
}

/* Copies, so that what is kept across batches must have been copied too. */
static void add(const char *const *rows, size_t count, size_t cut)
{
    for (size_t from = 0; from < count; from += cut) {
        uint32_t here = (uint32_t)(count - from < cut ? count - from : cut);
        hz_slice cells[HZ_BATCH_ROWS];
        const hz_field_column *column;
        for (uint32_t i = 0; i < here; i++) {
            size_t len = strlen(rows[from + i]);
            char *copy = hz_mem_alloc(len);
            if (len)
                memcpy(copy, rows[from + i], len);
            cells[i] = (hz_slice){copy, len};
        }
        ck_assert_int_eq(hz_field_read(&column, reader, cells, here, NULL), HZ_OK);
        ck_assert_int_eq(hz_stats_add(stats, column, here, NULL), HZ_OK);
        for (uint32_t i = 0; i < here; i++)
            hz_mem_free((char *)(uintptr_t)cells[i].ptr);
    }
}

/* All figures as one text. */
static const char *figures(void)
{
    static char out[1 << 16];
    hz_result_column column = {0};
    hz_buf text = HZ_BUF_INIT;
    ck_assert_int_eq(hz_stats_finish(&column, stats, arena, NULL), HZ_OK);
    hz_buf_printf(&text, "missing %llu invalid %llu distinct %llu", (unsigned long long)column.missing,
                  (unsigned long long)column.invalid, (unsigned long long)column.distinct);
    const struct {
        bool has;
        const char *name;
        hz_slice value;
    } values[] = {{column.has_min, "min", column.min},
                  {column.has_max, "max", column.max},
                  {column.has_mean, "mean", column.mean}};
    for (size_t i = 0; i < 3; i++)
        if (values[i].has)
            hz_buf_printf(&text, " %s %.*s", values[i].name, HZ_SLICE_FMT(values[i].value));
    for (size_t i = 0; i < column.histogram_count; i++) {
        const hz_bin *bin = &column.histogram[i];
        hz_buf_printf(&text, " [%.*s,%.*s) %llu", HZ_SLICE_FMT(bin->from), HZ_SLICE_FMT(bin->to),
                      (unsigned long long)bin->count);
    }
    for (size_t i = 0; i < column.top_count; i++)
        hz_buf_printf(&text, " %.*s x%llu", HZ_SLICE_FMT(column.top[i].from), (unsigned long long)column.top[i].count);
    ck_assert_uint_lt(text.len, sizeof out);
    memcpy(out, text.ptr, text.len + 1);
    hz_buf_clear(&text);
    return out;
}

#define assert_figures(text, ...)                                                                                      \
    do {                                                                                                               \
        const char *const rows_[] = {__VA_ARGS__};                                                                     \
        open_stats();                                                                                                  \
        add(rows_, sizeof rows_ / sizeof *rows_, 3);                                                                   \
        ck_assert_str_eq(figures(), (text));                                                                           \
        close_stats();                                                                                                 \
    } while (0)

/* ---- figures ---- */

START_TEST(test_stats__numbers)
{
    begin(HZ_FIELD_INTEGER, HZ_TYPE_INTEGER);
    assert_figures("missing 0 invalid 0 distinct 1 min 0 max 0 mean 0.000000 [0,0) 2", "0", "0");
    assert_figures("missing 1 invalid 1 distinct 4 min 1 max 30 mean 11.333333 [1,2) 1 [2,5) 1 [20,50) 1", "1", "", "3",
                   "30", "x");
    assert_figures("missing 0 invalid 0 distinct 8 min -11 max 2 mean -3.777778 [-20,-10) 1 [-10,-5) 2 [-5,-2) 1 "
                   "[-2,-1) 1 [-1,-0.5) 2 [0,0) 1 [2,5) 1",
                   "-5", "-10", "-1", "-1", "-2", "-6", "-11", "2", "0");
    assert_figures("missing 0 invalid 0 distinct 2 min -9223372036854775808 max 9223372036854775807 mean -0.500000 "
                   "[-10000000000000000000,-5000000000000000000) 1 [5000000000000000000,10000000000000000000) 1",
                   "9223372036854775807", "-9223372036854775808");
    end();
}
END_TEST

START_TEST(test_stats__numbers_without_values)
{
    begin(HZ_FIELD_DECIMAL, HZ_TYPE_DECIMAL);
    assert_figures("missing 2 invalid 0 distinct 0", "", "");
    assert_figures("missing 0 invalid 1 distinct 1", "x");
    open_stats();
    ck_assert_str_eq(figures(), "missing 0 invalid 0 distinct 0");
    end();
}
END_TEST

START_TEST(test_stats__decimals)
{
    begin(HZ_FIELD_DECIMAL, HZ_TYPE_DECIMAL);
    assert_figures("missing 0 invalid 0 distinct 9 min 0.0000001 max 1.0 mean 0.277780 [0,0.000001) 1 "
                   "[0.000001,0.000002) 2 [0.000002,0.000005) 1 "
                   "[0.000005,0.00001) 1 [0.00001,0.00002) 1 [0.5,1) 1 [1,2) 2",
                   "0.0000001", "0.000001", "0.0000019", "0.000002", "0.000005", "0.00001", "0.5", "1.0", "1.00");
    assert_figures("missing 0 invalid 0 distinct 4 min -0.2 max -0.0000001 mean -0.075000 [-0.2,-0.1) 1 [-0.1,-0.05) 1 "
                   "[-0.000001,0) 2",
                   "-0.1", "-0.2", "-0.000001", "-0.0000001");
    end();
}
END_TEST

/* The ends of the range: 38 digits, before the point and behind it; a sum that no longer fits has no mean. */
START_TEST(test_stats__decimals_of_38_digits)
{
    begin(HZ_FIELD_DECIMAL, HZ_TYPE_DECIMAL);
    assert_figures("missing 0 invalid 0 distinct 2 min 5000000000000000000000000000000000000 max "
                   "99999999999999999999999999999999999999 "
                   "[5000000000000000000000000000000000000,10000000000000000000000000000000000000) 1 "
                   "[50000000000000000000000000000000000000,100000000000000000000000000000000000000) 1",
                   "99999999999999999999999999999999999999", "5000000000000000000000000000000000000");
    assert_figures("missing 0 invalid 0 distinct 1 min -99999999999999999999999999999999999999 max "
                   "-99999999999999999999999999999999999999 "
                   "[-100000000000000000000000000000000000000,-50000000000000000000000000000000000000) 1",
                   "-99999999999999999999999999999999999999");
    assert_figures("missing 0 invalid 0 distinct 1 min 0.00000000000000000000000000000000000001 max "
                   "0.00000000000000000000000000000000000001 "
                   "mean 0.000000 [0,0.000001) 1",
                   "0.00000000000000000000000000000000000001");
    end();
}
END_TEST

START_TEST(test_stats__days_and_times)
{
    begin(HZ_FIELD_DATE, HZ_TYPE_DATE);
    assert_figures("missing 1 invalid 1 distinct 5 min 0001-01-01 max 9999-12-31 [0001,0002) 1 [1969,1970) 1 "
                   "[1970,1971) 1 [9999,10000) 1",
                   "1970-01-01", "1969-12-31", "9999-12-31", "0001-01-01", "", "2019-02-29");
    end();
    begin(HZ_FIELD_MONTH, HZ_TYPE_DATE);
    assert_figures("missing 0 invalid 0 distinct 2 min 2019-12-01 max 2020-01-01 [2019,2020) 1 [2020,2021) 1",
                   "2020-01", "2019-12");
    end();
    begin(HZ_FIELD_DATETIME, HZ_TYPE_TIMESTAMP);
    assert_figures(
        "missing 0 invalid 0 distinct 2 min 1969-12-31T23:59:59 max 1970-01-01T00:00:00 [1969,1970) 1 [1970,1971) 1",
        "1969-12-31T23:59:59", "1970-01-01T00:00:00");
    end();
    begin(HZ_FIELD_TIME, HZ_TYPE_TIME);
    assert_figures("missing 0 invalid 0 distinct 3 min 00:00:00 max 23:59:59", "08:00:00", "23:59:59", "00:00:00");
    end();
}
END_TEST

/* By code points, and by the whole text where the first bytes are equal. */
START_TEST(test_stats__least_and_greatest_text)
{
    begin(HZ_FIELD_TEXT, HZ_TYPE_TEXT);
    assert_figures("missing 1 invalid 0 distinct 4 min A max 户", "b", "户", "A", "", "a");
    assert_figures("missing 0 invalid 0 distinct 5 min 12345678 max 12345678c", "12345678b", "12345678", "12345678a",
                   "12345678c", "12345678abc");
    table.nulls = &(hz_slice){"NULL", 4};
    assert_figures("missing 1 invalid 0 distinct 3 min  max ab", "ab", "NULL", "", "a");
    end();
}
END_TEST

START_TEST(test_stats__most_frequent)
{
    begin(HZ_FIELD_BOOLEAN, HZ_TYPE_BOOLEAN);
    assert_figures("missing 1 invalid 1 distinct 3 true x2 false x1", "1", "0", "1", "", "2");
    end();
    begin(HZ_FIELD_CODES, HZ_TYPE_TEXT);
    hz_code codes[30];
    char names[30][4];
    const char *rows[40];
    for (size_t i = 0; i < 30; i++) {
        snprintf(names[i], sizeof names[i], "%02zu", i);
        codes[i] = (hz_code){
            hz_slice_of(names[i]), {hz_slice_of(names[i]), HZ_SLICE_NONE}, HZ_SLICE_NONE, INT32_MIN, INT32_MAX};
    }
    hz_codelist *list;
    ck_assert_int_eq(hz_codelist_of(&list, HZ_SLICE_LIT("own"), codes, 30, NULL), HZ_OK);
    field.codes = list;
    for (size_t i = 0; i < 40; i++)
        rows[i] = names[(29 - i % 30)];
    open_stats();
    add(rows, 40, 3);
    const char *seen = figures(); /* 29 … 20 came twice; twenty are shown, equal counts by value */
    ck_assert_str_eq(seen, "missing 0 invalid 0 distinct 30 20 x2 21 x2 22 x2 23 x2 24 x2 25 x2 26 x2 27 x2 28 x2 29 "
                           "x2 00 x1 01 x1 02 x1 03 x1 04 x1 "
                           "05 x1 06 x1 07 x1 08 x1 09 x1");
    end();
    hz_codelist_free(list);
}
END_TEST

START_TEST(test_stats__of_personal_columns_only_counts)
{
    begin(HZ_FIELD_TEXT, HZ_TYPE_TEXT);
    field.mask = HZ_MASK_WHOLE;
    assert_figures("missing 1 invalid 0 distinct 2", "a", "b", "", "a");
    end();
}
END_TEST

/* ---- cuts ---- */

static const struct {
    hz_field_type type;
    hz_type value_type;
} kinds[] = {{HZ_FIELD_TEXT, HZ_TYPE_TEXT},          {HZ_FIELD_INTEGER, HZ_TYPE_INTEGER},
             {HZ_FIELD_DECIMAL, HZ_TYPE_DECIMAL},    {HZ_FIELD_BOOLEAN, HZ_TYPE_BOOLEAN},
             {HZ_FIELD_DATE, HZ_TYPE_DATE},          {HZ_FIELD_MONTH, HZ_TYPE_DATE},
             {HZ_FIELD_DATETIME, HZ_TYPE_TIMESTAMP}, {HZ_FIELD_TIME, HZ_TYPE_TIME}};

static void random_cell(char out[TEXT], hz_field_type type, uint64_t *state)
{
    uint32_t a = kit_random(state), b = kit_random(state);
    if (a % 11 == 0) {
        snprintf(out, TEXT, "%s", a % 2 ? "" : "?");
        return;
    }
    switch (type) {
    case HZ_FIELD_INTEGER:
        snprintf(out, TEXT, "%d", (int)(b % 2001) - 1000);
        break;
    case HZ_FIELD_DECIMAL:
        snprintf(out, TEXT, "%s%u.%0*u", b % 3 ? "" : "-", b % 977, 1 + (int)(a % 9), b % 10);
        break;
    case HZ_FIELD_BOOLEAN:
        snprintf(out, TEXT, "%u", b % 2);
        break;
    case HZ_FIELD_DATE:
        snprintf(out, TEXT, "%04u-%02u-%02u", 1 + b % 9999, 1 + a % 12, 1 + b % 30);
        break;
    case HZ_FIELD_MONTH:
        snprintf(out, TEXT, "%04u-%02u", 1950 + b % 80, 1 + a % 12);
        break;
    case HZ_FIELD_DATETIME:
        snprintf(out, TEXT, "%04u-01-%02uT%02u:00:00", 1900 + b % 200, 1 + a % 28, b % 24);
        break;
    case HZ_FIELD_TIME:
        snprintf(out, TEXT, "%02u:%02u:00", b % 24, a % 60);
        break;
    default:
        snprintf(out, TEXT, "%.*s%u", (int)(a % 24), "the same beginning of it", b % 500);
        break;
    }
}

START_TEST(test_stats__the_same_however_rows_are_cut)
{
    enum { ROWS = 1500 };
    static char texts[ROWS][TEXT];
    static const char *rows[ROWS];
    uint64_t state = 99;
    begin(kinds[_i].type, kinds[_i].value_type);
    for (size_t i = 0; i < ROWS; i++) {
        if (i && kit_random(&state) % 4 == 0)
            memcpy(texts[i], texts[i - 1], TEXT);
        else
            random_cell(texts[i], kinds[_i].type, &state);
        rows[i] = texts[i];
    }
    char *whole = NULL;
    static const size_t cuts[] = {HZ_BATCH_ROWS, 1, 2, 3, 63, 64, 65, 1000};
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        open_stats();
        add(rows, ROWS, cuts[c] < HZ_BATCH_ROWS ? cuts[c] : HZ_BATCH_ROWS);
        if (!whole)
            whole = strdup(figures());
        ck_assert_str_eq(figures(), whole);
        close_stats();
    }
    ck_assert_ptr_nonnull(strstr(whole, "distinct"));
    free(whole);
    end();
}
END_TEST

/* ---- parts ---- */

static uint32_t below(uint64_t *state, size_t count)
{
    return kit_random(state) % (uint32_t)count;
}

/* Rows dealt out to `parts_count` parts in pieces, the parts added in any order, also in pairs first. */
static void merge_parts(const char *const *rows, size_t count, size_t parts_count, uint64_t *state)
{
    enum { PARTS = 8 };
    hz_stats *parts[PARTS];
    open_stats();
    hz_stats_free(stats);
    for (size_t p = 0; p < parts_count; p++)
        ck_assert_int_eq(hz_stats_new(&parts[p], &field, NULL), HZ_OK);
    for (size_t from = 0; from < count;) {
        size_t here = 1 + below(state, 60);
        here = here < count - from ? here : count - from;
        stats = parts[below(state, parts_count)];
        add(rows + from, here, 1 + below(state, HZ_BATCH_ROWS < 40 ? HZ_BATCH_ROWS : 40));
        from += here;
    }
    for (size_t left = parts_count; left > 1; left--) {
        size_t into = below(state, left), from = below(state, left - 1);
        from += from >= into;
        ck_assert_int_eq(hz_stats_merge(parts[into], parts[from], NULL), HZ_OK);
        hz_stats_free(parts[from]); /* nothing of it is looked at any more */
        parts[from] = parts[left - 1];
    }
    stats = parts[0];
}

static void assert_parts_add_up(const char *const *rows, size_t count, uint64_t seed)
{
    uint64_t state = seed;
    open_stats();
    add(rows, count, HZ_BATCH_ROWS);
    char *whole = strdup(figures());
    close_stats();
    for (size_t round = 0; round < 40; round++) {
        merge_parts(rows, count, 1 + round % 8, &state);
        ck_assert_str_eq(figures(), whole);
        close_stats();
    }
    free(whole);
}

START_TEST(test_stats__parts_add_up)
{
    enum { ROWS = 900 };
    static char texts[ROWS][TEXT];
    static const char *rows[ROWS];
    static const size_t counts[] = {0, 1, 7, 100, ROWS};
    uint64_t state = 5;
    begin(kinds[_i].type, kinds[_i].value_type);
    for (size_t i = 0; i < ROWS; i++) {
        if (i && kit_random(&state) % 4 == 0)
            memcpy(texts[i], texts[i - 1], TEXT);
        else
            random_cell(texts[i], kinds[_i].type, &state);
        rows[i] = texts[i];
    }
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        assert_parts_add_up(rows, counts[c], c + 1);
    field.mask = HZ_MASK_WHOLE;
    assert_parts_add_up(rows, ROWS, 77);
    end();
}
END_TEST

/* Equal numbers in several spellings: which part has which does not show. */
START_TEST(test_stats__parts_of_equal_numbers)
{
    static const char *const rows[] = {"1.00", "1.0", "1", "1.000", "01.0", "+1", "5.50", "5.5", "5.500", "", "x"};
    begin(HZ_FIELD_DECIMAL, HZ_TYPE_DECIMAL);
    for (uint64_t seed = 1; seed < 20; seed++)
        assert_parts_add_up(rows, sizeof rows / sizeof *rows, seed);
    merge_parts(rows, sizeof rows / sizeof *rows, 4, &(uint64_t){3});
    ck_assert_ptr_nonnull(strstr(figures(), "min 1 max 5.5 "));
    end();
}
END_TEST

/* A part that others were added to takes rows as before. */
START_TEST(test_stats__rows_after_parts)
{
    static const char *const first[] = {"m", "n"}, *const second[] = {"c", "x"}, *const third[] = {"a", "d", "z"};
    begin(HZ_FIELD_TEXT, HZ_TYPE_TEXT);
    open_stats();
    add(first, 2, 2);
    hz_stats *into = stats;
    ck_assert_int_eq(hz_stats_new(&stats, &field, NULL), HZ_OK);
    add(second, 2, 2);
    ck_assert_int_eq(hz_stats_merge(into, stats, NULL), HZ_OK);
    hz_stats_free(stats);
    stats = into;
    add(third, 3, 3);
    ck_assert_str_eq(figures(), "missing 0 invalid 0 distinct 7 min a max z");
    end();
}
END_TEST

/* Distinct texts in several parts: about the number up to which they are counted exactly, and far above it. */
START_TEST(test_stats__parts_of_many_texts)
{
    enum { ROWS = 9000 };
    static char texts[ROWS][TEXT];
    static const char *rows[ROWS];
    static const unsigned distinct[] = {127, 128, 129, 200, 5000};
    uint64_t state = 9;
    begin(HZ_FIELD_TEXT, HZ_TYPE_TEXT);
    for (size_t i = 0; i < ROWS; i++) {
        snprintf(texts[i], TEXT, "the same beginning %u", kit_random(&state) % distinct[_i]);
        rows[i] = texts[i];
    }
    assert_parts_add_up(rows, ROWS, (uint64_t)_i + 1);
    end();
}
END_TEST

START_TEST(test_stats__parts_without_memory)
{
    static const char *const first[] = {"1", "0", ""}, *const second[] = {"0", "0", "x", "1"};
    uint64_t n = 1;
    begin(HZ_FIELD_BOOLEAN, HZ_TYPE_BOOLEAN);
    for (bool failed = true; failed; n++) {
        hz_stats *other;
        hz_error err;
        hz_error_clear(&err);
        open_stats();
        add(first, 3, 3);
        other = stats;
        ck_assert_int_eq(hz_stats_new(&stats, &field, NULL), HZ_OK);
        add(second, 4, 2);
        hz_stats *into;
        hz_mem_fail_after(n, false);
        hz_status st = hz_stats_new(&into, &field, &err);
        if (st == HZ_OK)
            st = hz_stats_merge(into, stats, &err);
        if (st == HZ_OK)
            st = hz_stats_merge(into, other, &err);
        hz_mem_fail_after(0, false);
        failed = st != HZ_OK;
        ck_assert_int_eq(st, failed ? HZ_E_NOMEM : HZ_OK);
        ck_assert_int_eq(err.status, st);
        hz_stats_free(other);
        hz_stats_free(stats);
        stats = into;
        if (!failed)
            ck_assert_str_eq(figures(), "missing 1 invalid 1 distinct 3 false x3 true x2");
        close_stats();
    }
    ck_assert_uint_gt(n, 3);
    end();
}
END_TEST

/* ---- distinct ---- */

static uint64_t distinct_of(uint64_t n, uint64_t salt, unsigned times)
{
    hz_result_column column = {0};
    static char texts[HZ_BATCH_ROWS][24];
    static hz_slice cells[HZ_BATCH_ROWS];
    static uint64_t valid[WORDS], invalid[WORDS];
    hz_field_column read = {.raw = {.type = HZ_TYPE_TEXT, .as.text = cells, .valid = valid, .invalid = invalid}};
    read.value = read.raw;
    ck_assert_int_eq(hz_stats_new(&stats, &field, NULL), HZ_OK);
    for (unsigned t = 0; t < times; t++)
        for (uint64_t from = 0; from < n; from += HZ_BATCH_ROWS) {
            uint32_t here = (uint32_t)(n - from < HZ_BATCH_ROWS ? n - from : HZ_BATCH_ROWS);
            hz_bits_fill(valid, here, true);
            for (uint32_t i = 0; i < here; i++) {
                int len = snprintf(texts[i], sizeof texts[i], "%llu", (unsigned long long)(salt + from + i));
                cells[i] = (hz_slice){texts[i], (size_t)len};
            }
            ck_assert_int_eq(hz_stats_add(stats, &read, here, NULL), HZ_OK);
        }
    ck_assert_int_eq(hz_stats_finish(&column, stats, arena, NULL), HZ_OK);
    close_stats();
    return column.distinct;
}

START_TEST(test_stats__few_are_counted_exactly)
{
    begin(HZ_FIELD_TEXT, HZ_TYPE_TEXT);
    field.mask = HZ_MASK_WHOLE; /* no more than distinct */
    for (uint64_t n = 0; n <= 128; n++)
        for (uint64_t salt = 0; salt < 5000; salt += 997)
            ck_assert_uint_eq(distinct_of(n, salt, 2), n);
    end();
}
END_TEST

/* 4,096 registers: a standard error of 1.04 / sqrt(4096) = 1.6 %; no draw of these may be off by more than four of
 * them. */
START_TEST(test_stats__many_are_estimated)
{
    static const uint64_t sizes[] = {129,   150,   200,   500,    1000,   3000,   5000,
                                     10000, 20000, 50000, 100000, 300000, 1000000};
    uint64_t n = sizes[_i];
    begin(HZ_FIELD_TEXT, HZ_TYPE_TEXT);
    field.mask = HZ_MASK_WHOLE;
    double square = 0;
    int draws = n > 50000 ? 2 : 20;
    for (int draw = 0; draw < draws; draw++) {
        double off = (double)distinct_of(n, (uint64_t)draw * 10000000, 1) - (double)n;
        ck_assert_msg(fabs(off) <= 4 * 0.01625 * (double)n + 1, "%llu: off by %.0f", (unsigned long long)n, off);
        square += off * off;
    }
    double deviation = sqrt(square / draws) / (double)n;
    ck_assert_msg(deviation < 2 * 0.01625, "%llu: %.4f", (unsigned long long)n, deviation);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.stats");
    TCase *plain = kit_case(suite, "figures", 60), *cuts = kit_case(suite, "cuts", 120),
          *parts = kit_case(suite, "parts", 120), *distinct = kit_case(suite, "distinct", 300);
    tcase_add_test(plain, test_stats__numbers);
    tcase_add_test(plain, test_stats__numbers_without_values);
    tcase_add_test(plain, test_stats__decimals);
    tcase_add_test(plain, test_stats__decimals_of_38_digits);
    tcase_add_test(plain, test_stats__days_and_times);
    tcase_add_test(plain, test_stats__least_and_greatest_text);
    tcase_add_test(plain, test_stats__most_frequent);
    tcase_add_test(plain, test_stats__of_personal_columns_only_counts);
    tcase_add_loop_test(cuts, test_stats__the_same_however_rows_are_cut, 0, 8);
    tcase_add_loop_test(parts, test_stats__parts_add_up, 0, 8);
    tcase_add_test(parts, test_stats__parts_of_equal_numbers);
    tcase_add_test(parts, test_stats__rows_after_parts);
    tcase_add_loop_test(parts, test_stats__parts_of_many_texts, 0, 5);
    tcase_add_test(parts, test_stats__parts_without_memory);
    tcase_add_test(distinct, test_stats__few_are_counted_exactly);
    tcase_add_loop_test(distinct, test_stats__many_are_estimated, 0, 13);
    return kit_main(suite);
}
