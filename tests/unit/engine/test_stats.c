/* Suite engine.stats: the figures of a column, over every kind of field, and that they do not depend on how rows are cut. */
#include <math.h>
#include "tests/unit/engine/engine_kit.h"
#include "validator/engine/stats.h"

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
    field = (hz_field){.table = &table, .type = type, .value_type = value_type, .item_type = value_type, .precision = -1, .scale = -1,
                       .min_items = -1, .max_items = -1, .min_length = -1, .max_length = -1, .true_texts = &yes, .true_count = 1,
                       .false_texts = &no, .false_count = 1};
    if (type == HZ_FIELD_DATE || type == HZ_FIELD_MONTH || type == HZ_FIELD_DATETIME || type == HZ_FIELD_TIME) {
        static const hz_time_kind kinds[] = {[HZ_FIELD_DATE] = HZ_TIME_DATE, [HZ_FIELD_MONTH] = HZ_TIME_MONTH,
                                             [HZ_FIELD_DATETIME] = HZ_TIME_DATETIME, [HZ_FIELD_TIME] = HZ_TIME_TIME};
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
    hz_buf_printf(&text, "missing %llu invalid %llu distinct %llu", (unsigned long long)column.missing, (unsigned long long)column.invalid,
                  (unsigned long long)column.distinct);
    const struct {
        bool has;
        const char *name;
        hz_slice value;
    } values[] = {{column.has_min, "min", column.min}, {column.has_max, "max", column.max}, {column.has_mean, "mean", column.mean}};
    for (size_t i = 0; i < 3; i++)
        if (values[i].has)
            hz_buf_printf(&text, " %s %.*s", values[i].name, HZ_SLICE_FMT(values[i].value));
    for (size_t i = 0; i < column.histogram_count; i++) {
        const hz_bin *bin = &column.histogram[i];
        hz_buf_printf(&text, " [%.*s,%.*s) %llu", HZ_SLICE_FMT(bin->from), HZ_SLICE_FMT(bin->to), (unsigned long long)bin->count);
    }
    for (size_t i = 0; i < column.top_count; i++)
        hz_buf_printf(&text, " %.*s x%llu", HZ_SLICE_FMT(column.top[i].from), (unsigned long long)column.top[i].count);
    ck_assert_uint_lt(text.len, sizeof out);
    memcpy(out, text.ptr, text.len + 1);
    hz_buf_clear(&text);
    return out;
}

#define assert_figures(text, ...)                                                                                                        \
    do {                                                                                                                                 \
        const char *const rows_[] = {__VA_ARGS__};                                                                                       \
        open_stats();                                                                                                                    \
        add(rows_, sizeof rows_ / sizeof *rows_, 3);                                                                                     \
        ck_assert_str_eq(figures(), (text));                                                                                             \
        close_stats();                                                                                                                   \
    } while (0)

/* ---- figures ---- */

START_TEST(test_stats__numbers)
{
    begin(HZ_FIELD_INTEGER, HZ_TYPE_INTEGER);
    assert_figures("missing 0 invalid 0 distinct 1 min 0 max 0 mean 0.000000 [0,0) 2", "0", "0");
    assert_figures("missing 1 invalid 1 distinct 4 min 1 max 30 mean 11.333333 [1,2) 1 [2,5) 1 [20,50) 1", "1", "", "3", "30", "x");
    assert_figures("missing 0 invalid 0 distinct 4 min -5 max 2 mean -1.250000 [-10,-5) 1 [-2,-1) 1 [-2,-1) 0", "-5", "-1", "-1", "2");
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
    assert_figures("x", "0.0000001", "0.000001", "0.0000019", "0.000002", "0.000005", "0.00001", "0.5", "1.0", "1.00");
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.stats");
    TCase *plain = kit_case(suite, "figures", 60);
    tcase_add_test(plain, test_stats__numbers);
    tcase_add_test(plain, test_stats__numbers_without_values);
    tcase_add_test(plain, test_stats__decimals);
    return kit_main(suite);
}
