/* Field readers: every type and constraint by tests/data/fields, cuts into batches, chains, absent columns, failing
 * memory. */
#include "tests/unit/eval/field_kit.h"

enum { CASES_MAX = 64, REPEATED = 200, ALL = (1 << HZ_RULE_KIND_COUNT) - 1 };

typedef struct block {
    hz_slice spec;
    size_t line;
    hz_slice cells[CASES_MAX], expected[CASES_MAX];
    size_t lines[CASES_MAX];
    size_t count;
} block;

static void check_lines(const block *b, const hz_buf *lines, size_t count, size_t cut)
{
    for (size_t i = 0; i < count; i++) {
        const block *at = b;
        size_t of = i % at->count;
        ck_assert_msg(hz_slice_eq(hz_buf_slice(&lines[i]), at->expected[of]),
                      "line %zu, cut %zu: got '%s', expected '%.*s'", at->lines[of], cut, lines[i].ptr,
                      HZ_SLICE_FMT(at->expected[of]));
    }
}

/* The block's cells over and over, in batches of several sizes: the same whatever the cut. */
static void run_block(kit *k, const block *b)
{
    static const size_t cuts[] = {1, 2, 3, 64, 65, 128, 199, REPEATED};
    static hz_slice cells[REPEATED];
    static hz_buf lines[REPEATED];
    if (!b->count)
        return;
    kit_field(k, b->spec);
    for (size_t i = 0; i < REPEATED; i++)
        cells[i] = b->cells[i % b->count];
    hz_field_reader *reader = kit_reader(k, ALL);
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts && cuts[c] <= HZ_BATCH_ROWS; c++) {
        kit_read(lines, reader, cells, REPEATED, cuts[c]);
        check_lines(b, lines, REPEATED, cuts[c]);
        for (size_t i = 0; i < REPEATED; i++)
            hz_buf_clear(&lines[i]);
    }
    hz_field_reader_free(reader);
}

static size_t run_file(const char *name)
{
    static block b;
    kit k;
    hz_buf path = HZ_BUF_INIT, bytes = HZ_BUF_INIT;
    size_t blocks = 0, number = 0;
    kit_open(&k);
    hz_buf_printf(&path, "%s/fields/%s", HZ_TEST_DATA, name);
    ck_assert_int_eq(hz_file_read_all(&bytes, path.ptr, 1 << 20, "test", NULL), HZ_OK);
    hz_slice rest = hz_buf_slice(&bytes), line, cell;
    b.count = 0;
    while (kit_cut(&rest, '\n', &line)) {
        number++;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (hz_slice_starts(line, HZ_SLICE_LIT("@ "))) {
            run_block(&k, &b);
            b.spec = hz_slice_sub(line, 2, line.len);
            b.count = 0;
            blocks++;
            continue;
        }
        ck_assert_msg(kit_cut(&line, '\t', &cell) && line.ptr && b.count < CASES_MAX, "line %zu", number);
        b.lines[b.count] = number;
        b.cells[b.count] = kit_text(&k, cell);
        b.expected[b.count++] = kit_text(&k, line);
    }
    run_block(&k, &b);
    hz_buf_clear(&path);
    hz_buf_clear(&bytes);
    kit_close(&k);
    return blocks;
}

START_TEST(test_field__types)
{
    ck_assert_uint_gt(run_file("types.txt"), 40);
}
END_TEST

START_TEST(test_field__constraints)
{
    ck_assert_uint_gt(run_file("constraints.txt"), 30);
}
END_TEST

static const char *const specs[] = {
    "type=text",
    "type=text nulls=无|NULL trim",
    "type=text width case trim max_length=3",
    "type=integer min=1 max=30",
    "type=decimal(5,2) min=0.5",
    "type=boolean",
    "type=date formats=iso|YYYYMMDD|M/D/YYYY max=2020-12-31",
    "type=month",
    "type=resident_id+uscc",
    "type=division asof=2020-12-31",
    "codes=GB/T\\_3304 names",
    "codes=in:1=一;2=二 many=, distinct max_items=3 pattern=[0-9]",
    "type=integer many=, distinct min_items=2 max_length=2 min=null max=50",
    "type=text pattern=(?!1)[0-9a-z]*",
};
enum { SPECS = sizeof specs / sizeof *specs };

static uint64_t seed;
static uint32_t next_random(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % below);
}

/* Cells that are often right, often wrong, often the same as the one before. */
static hz_slice random_cell(char into[32], hz_slice last)
{
    static const char *const samples[] = {"",
                                          "无",
                                          "NULL",
                                          "1",
                                          "2",
                                          "25",
                                          "31",
                                          "汉族",
                                          "01",
                                          "一",
                                          "1,2",
                                          "2,2,1",
                                          "1,x",
                                          "12,51",
                                          "2020-02-29",
                                          "2020-02-30",
                                          "20201231",
                                          "2/29/2020",
                                          "2020-02",
                                          "11010519491231002X",
                                          "110105194912310021",
                                          "91350100M000100Y43",
                                          "520304",
                                          "529999",
                                          "0.49",
                                          "999.99",
                                          "1000",
                                          " x ",
                                          "ＡＢ",
                                          "张三丰一",
                                          "abc",
                                          "1abc",
                                          "-7",
                                          "+8"};
    static const char letters[] = "0123456789-./,xX ";
    uint32_t kind = next_random(8);
    if (kind < 2)
        return last;
    if (kind < 6)
        return hz_slice_of(samples[next_random(sizeof samples / sizeof *samples)]);
    uint32_t len = next_random(20);
    for (uint32_t i = 0; i < len; i++)
        into[i] = letters[next_random(sizeof letters - 1)];
    return (hz_slice){into, len};
}

START_TEST(test_field__cut_invariance)
{
    enum { ROWS = 600 };
    static char bytes[ROWS][32];
    static hz_slice cells[ROWS];
    static hz_buf alone[ROWS], cut[ROWS];
    kit k;
    kit_open(&k);
    seed = (uint64_t)_i + 1;
    for (size_t i = 0; i < ROWS; i++)
        cells[i] = random_cell(bytes[i], i ? cells[i - 1] : HZ_SLICE_NONE);
    kit_field(&k, hz_slice_of(specs[_i]));
    hz_field_reader *reader = kit_reader(&k, ALL);
    kit_read(alone, reader, cells, ROWS, 1);
    for (size_t size = 2; size <= HZ_BATCH_ROWS && size <= ROWS; size = size * 2 + size / 3) {
        kit_read(cut, reader, cells, ROWS, size);
        for (size_t i = 0; i < ROWS; i++) {
            ck_assert_msg(hz_slice_eq(hz_buf_slice(&alone[i]), hz_buf_slice(&cut[i])),
                          "%s, row %zu, batches of %zu: '%s', alone '%s'", specs[_i], i, size, cut[i].ptr,
                          alone[i].ptr);
            hz_buf_clear(&cut[i]);
        }
    }
    for (size_t i = 0; i < ROWS; i++)
        hz_buf_clear(&alone[i]);
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

START_TEST(test_field__absent_column_is_null)
{
    kit k;
    const hz_field_column *c;
    kit_open(&k);
    kit_field(&k, hz_slice_of(specs[_i]));
    hz_field_reader *reader = kit_reader(&k, ALL);
    for (uint32_t count = 0; count <= HZ_BATCH_ROWS; count += HZ_BATCH_ROWS / 3) {
        ck_assert_int_eq(hz_field_read(&c, reader, NULL, count, NULL), HZ_OK);
        ck_assert_uint_eq(c->raw.count, count);
        ck_assert_uint_eq(c->value.count, count);
        ck_assert_ptr_nonnull(c->raw.as.text);
        ck_assert(!hz_bits_any(c->raw.valid, count) && !hz_bits_any(c->raw.invalid, count));
        ck_assert(!hz_bits_any(c->value.valid, count) && !hz_bits_any(c->value.invalid, count));
        for (unsigned kind = 0; kind < HZ_RULE_KIND_COUNT; kind++)
            ck_assert(!c->applied[kind] ||
                      (!hz_bits_any(c->applied[kind], count) && !hz_bits_any(c->failed[kind], count)));
        for (uint32_t i = 0; i < count && c->value.type == HZ_TYPE_ARRAY; i++)
            ck_assert_uint_eq(c->value.as.ends[i], 0);
    }
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

START_TEST(test_field__text_is_not_copied)
{
    kit k;
    const hz_field_column *c;
    hz_slice cells[3] = {HZ_SLICE_LIT("a"), HZ_SLICE_LIT(""), HZ_SLICE_LIT("b")};
    kit_open(&k);
    kit_field(&k, HZ_SLICE_LIT("type=resident_id"));
    hz_field_reader *reader = kit_reader(&k, ALL);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_ptr_eq(c->raw.as.text, cells);
    ck_assert_ptr_eq(c->value.as.text, cells);
    ck_assert_int_eq(c->value.type, HZ_TYPE_TEXT);
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

/* What is not asked for is not evaluated, and what comes after does not wait for it. */
START_TEST(test_field__only_what_is_asked)
{
    kit k;
    const hz_field_column *c;
    hz_slice cells[3] = {HZ_SLICE_LIT("ab"), HZ_SLICE_LIT("1234"), HZ_SLICE_LIT("12")};
    kit_open(&k);
    kit_field(&k, HZ_SLICE_LIT("type=text pattern=[0-9]+ max_length=3"));
    hz_field_reader *reader = kit_reader(&k, 1U << HZ_RULE_LENGTH);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_ptr_null(c->applied[HZ_RULE_PATTERN]);
    ck_assert_ptr_null(c->applied[HZ_RULE_TYPE]);
    ck_assert_uint_eq(c->applied[HZ_RULE_LENGTH][0], 7);
    ck_assert_uint_eq(c->failed[HZ_RULE_LENGTH][0], 2);
    hz_field_reader_free(reader);
    reader = kit_reader(&k, 1U << HZ_RULE_LENGTH | 1U << HZ_RULE_PATTERN);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_uint_eq(c->failed[HZ_RULE_PATTERN][0], 1);
    ck_assert_uint_eq(c->applied[HZ_RULE_LENGTH][0], 6);
    hz_field_reader_free(reader);
    kit_field(&k, HZ_SLICE_LIT("type=integer max=5"));
    reader = kit_reader(&k, 0);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_uint_eq(c->failed[HZ_RULE_TYPE][0], 1);
    ck_assert_ptr_null(c->applied[HZ_RULE_RANGE]);
    hz_field_reader_free(reader);
    reader = kit_reader(&k, HZ_FIELD_NO_VALUE);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_int_eq(c->value.type, HZ_TYPE_NULL);
    ck_assert_uint_eq(c->raw.valid[0], 7);
    hz_field_reader_free(reader);
    reader = kit_reader(&k, HZ_FIELD_NO_VALUE | 1U << HZ_RULE_RANGE);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_uint_eq(c->applied[HZ_RULE_RANGE][0], 6);
    ck_assert_uint_eq(c->failed[HZ_RULE_RANGE][0], 6);
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

/* No parameter index is looked up but that of the node. */
START_TEST(test_field__bound_by_parameter)
{
    kit k;
    const hz_field_column *c;
    hz_value params[2] = {{.type = HZ_TYPE_TEXT, .valid = false},
                          {.type = HZ_TYPE_INTEGER, .valid = true, .as.i64 = 10}};
    hz_slice cells[3] = {HZ_SLICE_LIT("9"), HZ_SLICE_LIT("10"), HZ_SLICE_LIT("11")};
    kit_open(&k);
    kit_field(&k, HZ_SLICE_LIT("type=integer max=0"));
    k.bounds[1].kind = HZ_NODE_PARAM;
    k.bounds[1].index = 1;
    k.env.params = params;
    hz_field_reader *reader = kit_reader(&k, ALL);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_uint_eq(c->failed[HZ_RULE_RANGE][0], 4);
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

/* as_of - interval '3' year: a bound that has to be run. */
START_TEST(test_field__bound_by_expression)
{
    kit k;
    const hz_field_column *c;
    hz_node years = {.kind = HZ_NODE_LITERAL, .type = HZ_TYPE_INTERVAL, .constant = true, .id = 1};
    hz_node day = {.kind = HZ_NODE_AS_OF, .type = HZ_TYPE_DATE, .constant = true, .id = 2};
    hz_node *items[2] = {&day, &years};
    hz_slice cells[3] = {HZ_SLICE_LIT("2017-12-30"), HZ_SLICE_LIT("2017-12-31"), HZ_SLICE_LIT("2018-01-01")};
    years.value = (hz_value){.type = HZ_TYPE_INTERVAL, .valid = true, .as.interval = {36, 0, 0}};
    kit_open(&k);
    kit_field(&k, HZ_SLICE_LIT("type=date min=as_of asof=2020-12-31"));
    k.bounds[0] = (hz_node){.kind = HZ_NODE_ARITH,
                            .op = HZ_OP_SUB,
                            .type = HZ_TYPE_TIMESTAMP,
                            .constant = true,
                            .items = items,
                            .items_count = 2};
    k.field.min.nodes_count = 3;
    hz_field_reader *reader = kit_reader(&k, ALL);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
    ck_assert_uint_eq(c->failed[HZ_RULE_RANGE][0], 1);
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

/* The quick readers of digits against the slow ones of base, on random and near-right texts. */
START_TEST(test_field__digits_as_base_reads_them)
{
    static const char *const types[] = {"type=integer", "type=decimal", "type=date", "type=date formats=YYYYMMDD",
                                        "type=month"};
    static const char letters[] = "0123456789012345678901234567890123456789.-+:/a";
    kit k;
    kit_open(&k);
    seed = 99;
    kit_field(&k, hz_slice_of(types[_i]));
    hz_field_reader *reader = kit_reader(&k, ALL);
    for (int round = 0; round < 60000; round++) {
        char text[48];
        hz_slice cell = {text, next_random(24) + 1};
        const hz_field_column *c;
        hz_decimal d = {0, 0};
        int64_t n = 0;
        for (size_t i = 0; i < cell.len; i++)
            text[i] = letters[next_random(round % 2 ? sizeof letters - 1 : 40)];
        if (_i >= 2 && next_random(4))
            cell.len = (size_t)snprintf(text, sizeof text,
                                        _i == 2   ? "%04u-%02u-%02u"
                                        : _i == 3 ? "%04u%02u%02u"
                                                  : "%04u-%02u",
                                        next_random(10000), next_random(14), next_random(33));
        ck_assert_int_eq(hz_field_read(&c, reader, &cell, 1, NULL), HZ_OK);
        bool got = hz_bits_get(c->value.valid, 0),
             expected = _i < 2 ? hz_decimal_parse(&d, cell) : hz_time_parse(&n, &k.field.formats[0], cell);
        if (_i == 0)
            expected = expected && !memchr(cell.ptr, '.', cell.len) && hz_decimal_to_i64(&n, d);
        ck_assert_msg(got == expected, "'%.*s'", HZ_SLICE_FMT(cell));
        if (got && _i == 1)
            ck_assert_msg(c->value.as.decimal[0].scale == d.scale && c->value.as.decimal[0].coef == d.coef, "'%.*s'",
                          HZ_SLICE_FMT(cell));
        else if (got)
            ck_assert_msg(c->value.as.i64[0] == n, "'%.*s'", HZ_SLICE_FMT(cell));
    }
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

START_TEST(test_field__pattern_limit_is_named)
{
    kit k;
    const hz_field_column *c;
    hz_error err = {0};
    hz_slice args[HZ_MSG_ARGS_MAX], cells[1] = {HZ_SLICE_LIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")};
    kit_open(&k);
    k.limits.value[HZ_LIMIT_PATTERN_MATCH] = 1000;
    kit_field(&k, HZ_SLICE_LIT("type=text pattern=(a+)+[bc]"));
    hz_field_reader *reader = kit_reader(&k, ALL);
    ck_assert_int_eq(hz_field_read(&c, reader, cells, 1, &err), HZ_E_LIMIT);
    ck_assert_ptr_null(c);
    ck_assert_uint_ge(hz_error_args(&err, args), 1);
    ck_assert(hz_slice_is(args[0], "pattern_match"));
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

/* Many items a row, far past the first memory for them; and a second batch after it. */
START_TEST(test_field__many_items)
{
    enum { ITEMS = 20000 };
    kit k;
    const hz_field_column *c;
    hz_buf text = HZ_BUF_INIT;
    for (int i = 0; i < ITEMS; i++)
        hz_buf_printf(&text, "%s%d", i ? "," : "", i * 7919 % ITEMS);
    hz_slice cells[3] = {hz_buf_slice(&text), HZ_SLICE_LIT("5,5"), HZ_SLICE_LIT("")};
    kit_open(&k);
    kit_field(&k, HZ_SLICE_LIT("type=integer many=, distinct max=19998"));
    hz_field_reader *reader = kit_reader(&k, ALL);
    for (int round = 0; round < 2; round++) {
        ck_assert_int_eq(hz_field_read(&c, reader, cells, 3, NULL), HZ_OK);
        ck_assert_uint_eq(c->value.as.ends[0], ITEMS);
        ck_assert_uint_eq(c->value.as.ends[1], ITEMS + 2);
        ck_assert_uint_eq(c->value.as.ends[2], ITEMS + 2);
        ck_assert_uint_eq(c->value.items->count, ITEMS + 2);
        ck_assert_uint_eq(c->failed[HZ_RULE_ITEMS][0], 2);
        ck_assert_uint_eq(c->applied[HZ_RULE_RANGE][0], 1);
        ck_assert_uint_eq(c->failed[HZ_RULE_RANGE][0], 1);
    }
    hz_field_reader_free(reader);
    hz_buf_clear(&text);
    kit_close(&k);
}
END_TEST

/* Reading takes no memory once it is warm. */
START_TEST(test_field__no_memory_when_warm)
{
    static const char *const samples[] = {"", "1", "ＡＢ无", "1,2", "2020-02-29", "11010519491231002X", "x"};
    static hz_slice cells[HZ_BATCH_ROWS];
    kit k;
    const hz_field_column *c;
    kit_open(&k);
    for (size_t i = 0; i < HZ_BATCH_ROWS; i++)
        cells[i] = hz_slice_of(samples[i % 7]);
    kit_field(&k, hz_slice_of(specs[_i]));
    hz_field_reader *reader = kit_reader(&k, ALL);
    uint64_t before = 0;
    for (int round = 0; round < 4; round++) {
        if (round == 1)
            before = hz_mem_stats_now().calls;
        ck_assert_int_eq(hz_field_read(&c, reader, cells, HZ_BATCH_ROWS, NULL), HZ_OK);
    }
    ck_assert_uint_eq(hz_mem_stats_now().calls, before);
    hz_field_reader_free(reader);
    kit_close(&k);
}
END_TEST

/* The Nth allocation fails: a clean error, nothing lost, and the same field works afterwards. */
START_TEST(test_field__failing_memory)
{
    kit k;
    hz_slice cells[3] = {HZ_SLICE_LIT("1,2,3"), HZ_SLICE_LIT("ＡＢ"), HZ_SLICE_LIT("2020-01-01")};
    kit_open(&k);
    kit_field(&k, hz_slice_of(specs[_i]));
    hz_field_reader *warm = kit_reader(&k, ALL);
    hz_field_reader_free(warm);
    bool done = false;
    for (uint64_t n = 1; !done; n++) {
        ck_assert_uint_lt(n, 200);
        hz_field_reader *reader = NULL;
        const hz_field_column *c = NULL;
        hz_error err = {0};
        uint64_t live = hz_mem_stats_now().live_calls;
        hz_mem_fail_after(n, false);
        hz_status st = hz_field_reader_new(&reader, &k.field, &k.env, ALL, &err);
        if (st == HZ_OK)
            st = hz_field_read(&c, reader, cells, 3, &err);
        hz_mem_fail_after(0, false);
        done = st == HZ_OK;
        ck_assert(done || (st == HZ_E_NOMEM && err.status == HZ_E_NOMEM && !c));
        hz_field_reader_free(reader);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
    }
    kit_close(&k);
}
END_TEST

int main(void)
{
    if (!kit_setup())
        return EXIT_FAILURE;
    Suite *suite = suite_create("eval.field");
    TCase *data = kit_case(suite, "data");
    tcase_add_test(data, test_field__types);
    tcase_add_test(data, test_field__constraints);
    TCase *cuts = kit_case(suite, "cuts");
    tcase_add_loop_test(cuts, test_field__cut_invariance, 0, SPECS);
    tcase_add_loop_test(cuts, test_field__absent_column_is_null, 0, SPECS);
    tcase_add_test(cuts, test_field__text_is_not_copied);
    TCase *chain = kit_case(suite, "chain");
    tcase_add_test(chain, test_field__only_what_is_asked);
    tcase_add_test(chain, test_field__bound_by_parameter);
    tcase_add_test(chain, test_field__bound_by_expression);
    tcase_add_test(chain, test_field__pattern_limit_is_named);
    tcase_add_test(chain, test_field__many_items);
    tcase_add_loop_test(chain, test_field__digits_as_base_reads_them, 0, 5);
    TCase *memory = kit_case(suite, "memory");
    tcase_add_loop_test(memory, test_field__no_memory_when_warm, 0, SPECS);
    tcase_add_loop_test(memory, test_field__failing_memory, 0, SPECS);
    int result = kit_run(suite);
    kit_teardown();
    return result;
}
