/* Suite engine.groups_merge: rows dealt out to several hz_groups, which are added up in any order, give what one pass
 * over all rows gives. */
#include "standards/semtype.h"
#include "tests/unit/engine/engine_kit.h"
#include "validator/engine/group.h"

enum { ROWS = 700, FIELDS = 6, PARTS = 6, WORDS = HZ_BATCH_ROWS / 64 + 1 };

static kit k;
static hz_plan plan;
static hz_arena *arena;
static hz_eval *eval;

/* The rows: a text a field, and what the scan would know of each. */
static char texts[ROWS][FIELDS][24];
static uint64_t ids[ROWS], packed[ROWS];
static size_t rows_count;
static hz_field_reader *readers[FIELDS];
static const hz_field_column *columns[FIELDS];

static const char profile[] =
    "tables:\n"
    "  t:\n"
    "    files: ['t*.csv']\n"
    "    region: c\n"
    "    fields: {g: {type: text}, n: {type: integer}, d: {type: decimal}, x: {type: text}, day: {type: date},\n"
    "             c: {type: text}}\n"
    "rules:\n"
    "  WHOLE: {on: t, assert: 'count(*) + count(* where n > 3) + sum(*, n) + sum(*, d) + avg(*, d) + min(*, d) + "
    "max(*, d) + count(distinct *, d) > 0 or exists(* where n = 4) or every(*, n > 0) or max(*, x) > min(*, x) or "
    "max(*, day) > min(*, day)'}\n"
    "  TEXT: {on: t, each: [g], blame: records, assert: 'count(*, n) + sum(*, d) + min(*, d) + max(*, d) + "
    "count(distinct *, x) > 0 or max(*, x) > min(*, x) or every(*, n > 0)'}\n"
    "  DECIMAL: {on: t, each: [d], blame: records, assert: 'count(*) + sum(*, n) > 0 or min(*, day) < max(*, day)'}\n"
    "  SEVERAL: {on: t, each: [\"left(x, 1)\", n, d], assert: 'count(*) > count(distinct *, g)'}\n"
    "measures:\n"
    "  COUNT: {on: t, value: count(*)}\n"
    "  SUM: {on: t, value: 'sum(*, d)'}\n"
    "  DISTINCT: {on: t, value: 'count(distinct *, x)'}\n"
    "  ENDS: {on: t, value: 'max(*, d) - min(*, d)'}\n";

static const char *pick(uint64_t *state, const char *const *of, size_t count)
{
    return of[kit_random(state) % count];
}

/* Few values in many spellings, so that everything meets. */
static void make_rows(uint64_t seed)
{
    static const char *const groups[] = {"a", "b", "", "c", "a group of more than sixteen bytes"};
    static const char *const numbers[] = {"1", "01", "2", "-3", "", "4", "x"};
    static const char *const decimals[] = {"1.0", "1.00", "1", "2.50", "2.5", "-7", "", "y", "0.000"};
    static const char *const names[] = {"赵", "钱", "", "sun", "a name that is quite long", "li"};
    static const char *const days[] = {"2020-01-01", "2019-12-31", "", "2020-02-30", "1950-05-05"};
    static const char *const codes[] = {"52", "520102", "5201", "110101", "", "520102016001", "nowhere"};
    uint64_t state = seed * 31 + 7;
    rows_count = seed % 3 ? ROWS : seed % 2 ? 1 : 40;
    for (size_t i = 0; i < rows_count; i++) {
        snprintf(texts[i][0], sizeof texts[i][0], "%.20s", pick(&state, groups, 5));
        snprintf(texts[i][1], sizeof texts[i][1], "%s", pick(&state, numbers, 7));
        snprintf(texts[i][2], sizeof texts[i][2], "%s", pick(&state, decimals, 9));
        snprintf(texts[i][3], sizeof texts[i][3], "%.20s", pick(&state, names, 6));
        snprintf(texts[i][4], sizeof texts[i][4], "%s", pick(&state, days, 5));
        snprintf(texts[i][5], sizeof texts[i][5], "%s", pick(&state, codes, 7));
        ids[i] = 10 + 3 * i;
        packed[i] = hz_division_pack(hz_slice_of(texts[i][5]));
    }
}

static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    (void)ctx;
    return &columns[field->index]->value;
}

static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    (void)ctx;
    return &columns[field->index]->raw;
}

static void begin(void)
{
    kit_open(&k, profile);
    kit_put(&k, "t.csv", "g,n,d,x,day,c\n");
    kit_run(&k);
    arena = hz_arena_new();
    eval = hz_eval_new();
    static hz_input folder;
    folder = (hz_input){.path = k.folder};
    k.options.inputs = &folder;
    k.options.inputs_count = 1;
    ck_assert_int_eq(hz_plan_make(&plan, &k.options, arena, NULL), HZ_OK);
    ck_assert_uint_eq(plan.groups_count, 8);
    for (size_t f = 0; f < FIELDS; f++)
        ck_assert_int_eq(
            hz_field_reader_new(&readers[f], &k.profile->tables[0].fields[f], &plan.env, 1U << HZ_RULE_TYPE, NULL),
            HZ_OK);
}

static void end(void)
{
    for (size_t f = 0; f < FIELDS; f++)
        hz_field_reader_free(readers[f]);
    hz_plan_clear(&plan);
    hz_eval_free(eval);
    hz_arena_free(arena);
    k.options.inputs = NULL;
    k.options.inputs_count = 0;
    kit_close(&k);
}

/* Rows [from, to) as one batch. */
static hz_status try_batch(hz_groups *groups, bool measure, size_t from, size_t to, hz_error *err)
{
    hz_slice cells[HZ_BATCH_ROWS];
    uint32_t count = (uint32_t)(to - from);
    hz_eval_reset(eval);
    for (size_t f = 0; f < FIELDS; f++) {
        for (uint32_t i = 0; i < count; i++)
            cells[i] = hz_slice_of(texts[from + i][f]);
        HZ_TRY(hz_field_read(&columns[f], readers[f], cells, count, err));
    }
    hz_eval_input input = {.rows_count = count, .field = give_field, .raw = give_raw};
    return hz_groups_add(groups, eval, &input, measure ? &packed[from] : NULL, &ids[from], err);
}

static size_t step(uint64_t *state)
{
    size_t rows = 1 + kit_random(state) % 50;
    return rows < HZ_BATCH_ROWS ? rows : HZ_BATCH_ROWS;
}

static hz_groups *new_groups(const hz_plan_group *of)
{
    hz_groups *groups;
    ck_assert_int_eq(hz_groups_new(&groups, of, NULL), HZ_OK);
    return groups;
}

/* All rows in one pass (parts_count 1), or dealt out and added up. */
static hz_groups *gather(const hz_plan_group *of, size_t parts_count, uint64_t *state)
{
    hz_groups *parts[PARTS];
    for (size_t p = 0; p < parts_count; p++)
        parts[p] = new_groups(of);
    for (size_t from = 0, to; from < rows_count; from = to) {
        to = from + step(state) < rows_count ? from + step(state) : rows_count;
        to = to - from > HZ_BATCH_ROWS ? from + HZ_BATCH_ROWS : to;
        to = to > rows_count ? rows_count : to;
        ck_assert_int_eq(try_batch(parts[kit_random(state) % parts_count], of->measure, from, to, NULL), HZ_OK);
    }
    for (size_t left = parts_count; left > 1; left--) {
        size_t into = kit_random(state) % left, from = kit_random(state) % (left - 1);
        from += from >= into;
        ck_assert_int_eq(hz_groups_merge(parts[into], parts[from], NULL), HZ_OK);
        hz_groups_free(parts[from]); /* nothing of it is looked at any more */
        parts[from] = parts[left - 1];
    }
    ck_assert_int_eq(hz_groups_finish(parts[0], NULL), HZ_OK);
    return parts[0];
}

/* ---- all that groups say, as text ---- */

static void put_value(hz_buf *out, hz_value value)
{
    hz_vec vec = {.type = value.type, .count = 1};
    uint64_t bits[2] = {value.valid, 0}, truth = value.type == HZ_TYPE_BOOLEAN && value.as.boolean;
    vec.valid = &bits[0];
    vec.invalid = &bits[1];
    vec.as.any = value.type == HZ_TYPE_BOOLEAN ? (void *)&truth : (void *)&value.as;
    hz_vec_put(out, &vec, 0, HZ_SLICE_LIT("?"));
    hz_buf_putc(out, '|');
}

static hz_status put_row(void *ctx, uint64_t row, hz_error *err)
{
    (void)err;
    hz_buf_printf(ctx, " %llu", (unsigned long long)row);
    return HZ_OK;
}

static void put_group(hz_buf *out, hz_groups *groups, const hz_plan_group *of, const hz_eval_input *input, size_t from,
                      size_t index)
{
    const uint64_t *rows;
    size_t count = hz_groups_rows(groups, index, &rows);
    if (of->measure)
        hz_buf_printf(out, "region %llx|", (unsigned long long)hz_groups_region(groups, index));
    for (size_t p = 0; p < of->keys_count; p++)
        put_value(out, hz_groups_key(groups, index, p));
    for (size_t f = 0; f < of->key_fields_count; f++) {
        put_value(out, hz_vec_value(input->field(input->ctx, of->key_fields[f].field), index - from));
        put_value(out, hz_vec_value(input->raw(input->ctx, of->key_fields[f].field), index - from));
    }
    for (size_t a = 0; a < of->aggregates_count; a++)
        put_value(out, hz_vec_value(input->relational(input->ctx, of->aggregates[a].node), index - from));
    for (size_t r = 0; r < count; r++)
        hz_buf_printf(out, " %llu", (unsigned long long)rows[r]);
    hz_buf_putc(out, '\n');
}

static char *told(hz_groups *groups, const hz_plan_group *of)
{
    hz_buf out = HZ_BUF_INIT;
    size_t count = hz_groups_count(groups);
    hz_buf_printf(&out, "%zu groups, %llu unkeyed\n", count, (unsigned long long)hz_groups_unkeyed(groups));
    for (size_t from = 0; from < count; from += HZ_BATCH_ROWS) {
        hz_eval_input input;
        uint32_t here = (uint32_t)(count - from < HZ_BATCH_ROWS ? count - from : HZ_BATCH_ROWS);
        ck_assert_int_eq(hz_groups_input(&input, groups, from, here, NULL), HZ_OK);
        for (size_t i = from; i < from + here; i++)
            put_group(&out, groups, of, &input, from, i);
    }
    if (of->rule && of->rule->blame_records) {
        uint64_t *which = hz_mem_zalloc(hz_bits_words(count) + 1, sizeof *which);
        for (size_t i = 0; i < count; i += 2)
            hz_bits_set(which, i);
        ck_assert_int_eq(hz_groups_each_row(groups, which, put_row, &out, NULL), HZ_OK);
        hz_buf_puts(&out, "\nno group:");
        ck_assert_int_eq(hz_groups_each_unkeyed(groups, put_row, &out, NULL), HZ_OK);
        hz_buf_puts(&out, "\nof rows:");
        for (size_t i = 0; i < rows_count; i++)
            hz_buf_printf(&out, " %zd", (ssize_t)hz_groups_of_row(groups, ids[i]));
        hz_mem_free(which);
    }
    ck_assert_int_eq(hz_buf_status(&out, NULL), HZ_OK);
    char *text = strdup(out.ptr);
    hz_buf_clear(&out);
    return text;
}

START_TEST(test_groups_merge__equals_one_pass)
{
    begin();
    const hz_plan_group *of = &plan.groups[_i];
    for (uint64_t seed = 1; seed <= 6; seed++) {
        uint64_t state = seed + 100;
        make_rows(seed);
        hz_groups *once = gather(of, 1, &state);
        char *whole = told(once, of);
        hz_groups_free(once);
        for (size_t round = 0; round < 12; round++) {
            hz_groups *groups = gather(of, 1 + round % PARTS, &state);
            char *text = told(groups, of);
            ck_assert_str_eq(text, whole);
            free(text);
            hz_groups_free(groups);
        }
        ck_assert_ptr_nonnull(strstr(whole, "groups"));
        free(whole);
    }
    end();
}
END_TEST

/* Of a key in several spellings the earliest row's is shown, wherever that row was counted. */
START_TEST(test_groups_merge__keys_of_the_earliest_row)
{
    begin();
    const hz_plan_group *of = &plan.groups[2];
    ck_assert(hz_slice_is(of->rule->id, "DECIMAL"));
    rows_count = 2;
    memset(texts, 0, sizeof texts);
    for (int turn = 0; turn < 2; turn++) {
        hz_groups *parts[2] = {new_groups(of), new_groups(of)};
        snprintf(texts[0][2], sizeof texts[0][2], "1.00");
        snprintf(texts[1][2], sizeof texts[1][2], "1.0");
        ids[0] = 4;
        ids[1] = 9;
        for (size_t i = 0; i < 2; i++)
            ck_assert_int_eq(try_batch(parts[i], false, i, i + 1, NULL), HZ_OK);
        ck_assert_int_eq(hz_groups_merge(parts[turn], parts[!turn], NULL), HZ_OK);
        hz_groups_free(parts[!turn]);
        ck_assert_int_eq(hz_groups_finish(parts[turn], NULL), HZ_OK);
        ck_assert_uint_eq(hz_groups_count(parts[turn]), 1);
        hz_value key = hz_groups_key(parts[turn], 0, 0);
        ck_assert_int_eq(key.as.decimal.scale, 2);
        hz_groups_free(parts[turn]);
    }
    end();
}
END_TEST

START_TEST(test_groups_merge__of_nothing)
{
    begin();
    for (size_t g = 0; g < plan.groups_count; g++) {
        uint64_t state = 1;
        rows_count = 0;
        hz_groups *once = gather(&plan.groups[g], 1, &state), *parts = gather(&plan.groups[g], 4, &state);
        char *whole = told(once, &plan.groups[g]), *text = told(parts, &plan.groups[g]);
        ck_assert_str_eq(text, whole);
        free(whole);
        free(text);
        hz_groups_free(once);
        hz_groups_free(parts);
    }
    end();
}
END_TEST

START_TEST(test_groups_merge__without_memory)
{
    begin();
    const hz_plan_group *of = &plan.groups[_i];
    make_rows(3); /* few */
    uint64_t n = 1, state = 3;
    hz_groups *once = gather(of, 1, &state);
    char *whole = told(once, of);
    hz_groups_free(once);
    for (bool failed = true; failed; n++) {
        hz_error err;
        hz_error_clear(&err);
        hz_groups *parts[2] = {new_groups(of), new_groups(of)};
        for (size_t from = 0; from < rows_count; from += 2)
            ck_assert_int_eq(
                try_batch(parts[from / 2 % 2], of->measure, from, from + 2 < rows_count ? from + 2 : rows_count, NULL),
                HZ_OK);
        hz_mem_fail_after(n, false);
        hz_status st = hz_groups_merge(parts[0], parts[1], &err);
        if (st == HZ_OK)
            st = hz_groups_finish(parts[0], &err);
        hz_mem_fail_after(0, false);
        failed = st != HZ_OK;
        ck_assert_int_eq(st, failed ? HZ_E_NOMEM : HZ_OK);
        ck_assert_int_eq(err.status, st);
        if (!failed) {
            char *text = told(parts[0], of);
            ck_assert_str_eq(text, whole);
            free(text);
        }
        hz_groups_free(parts[0]);
        hz_groups_free(parts[1]);
    }
    free(whole);
    ck_assert_uint_gt(n, 3);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.groups_merge");
    TCase *same = kit_case(suite, "same", 120), *memory = kit_case(suite, "memory", 120);
    tcase_add_loop_test(same, test_groups_merge__equals_one_pass, 0, 8);
    tcase_add_test(same, test_groups_merge__keys_of_the_earliest_row);
    tcase_add_test(same, test_groups_merge__of_nothing);
    tcase_add_loop_test(memory, test_groups_merge__without_memory, 0, 8);
    return kit_main(suite);
}
