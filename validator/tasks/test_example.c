/* test_example.c: one example as a submission in memory.
 *
 * The profile of the run is the real one with a single rule or measure in it, so that nothing else is planned or
 * judged; a field that the rule reads is typed as ever. Every table that the rule reads is there, with the columns that
 * it reads and those that the example names; without rows it is a header. All cells are quoted, so that a row of one
 * empty cell is no empty line. */
#include "base/alloc.h"
#include "validator/tasks/test_int.h"

enum { PERIODS = HZ_PERIODS_MAX };

hz_said hz_said_of(const hz_error *err)
{
    hz_said said = {.message = err->message};
    said.args_count = (uint32_t)hz_error_args(err, said.args);
    return said;
}

hz_status hz_said_copy(hz_said *into, hz_arena *arena, const hz_said *from, hz_error *err)
{
    *into = *from;
    for (uint32_t i = 0; i < from->args_count; i++)
        if (hz_arena_copy(&into->args[i], arena, from->args[i]) != HZ_OK)
            return hz_nomem(err, from->args[i].len);
    return HZ_OK;
}

hz_status hz_tester_init(hz_tester *tester, const hz_tests_options *options, const hz_run_options *how,
                         const hz_tests_settings_of *settings, hz_arena *keep, hz_error *err)
{
    memset(tester, 0, sizeof *tester);
    tester->options = options;
    tester->keep = keep;
    tester->profile = *options->profile;
    tester->how = *how;
    tester->how.profile = &tester->profile;
    tester->how.threads = 1;
    tester->how.waivers_off = true;
    tester->settings = settings;
    tester->scratch = hz_arena_new();
    if (!tester->scratch)
        return hz_nomem(err, sizeof(void *));
    return hz_reads_init(&tester->reads, options->profile, keep, err);
}

void hz_tester_clear(hz_tester *tester)
{
    hz_arena_free(tester->scratch);
    tester->scratch = NULL;
}

/* ---- the rule alone ---- */

static void take_subject(hz_tester *tester, const hz_subject *subject)
{
    hz_profile *profile = &tester->profile;
    profile->rules_count = profile->measures_count = 0;
    profile->rules_older_count = profile->measures_older_count = 0; /* an example is of the rule as it is here */
    profile->rules = &tester->rule;
    profile->measures = &tester->measure;
    hz_reads_reset(&tester->reads);
    if (subject->rule) {
        tester->rule = *subject->rule;
        tester->rule.index = 0;
        tester->rule.status = HZ_LIFE_ACTIVE;
        tester->rule.effective = INT32_MIN;
        tester->rule.until = INT32_MAX;
        profile->rules_count = 1;
        hz_reads_rule(&tester->reads, &tester->rule);
    } else {
        tester->measure = *subject->measure;
        tester->measure.index = 0;
        tester->measure.status = HZ_LIFE_ACTIVE;
        profile->measures_count = 1;
        hz_reads_measure(&tester->reads, &tester->measure);
    }
}

/* An example stands where its file says, which may be one that this profile extends. */
static void take_setting(hz_tester *tester, const hz_test *test)
{
    const hz_profile *profile = tester->options->profile;
    const hz_tests_settings_of *settings = tester->settings;
    uint32_t level = hz_profile_level_of(profile, test->span);
    const hz_run_options *from = level < profile->chain_count ? &settings->level[level] : &settings->own;
    tester->how.has_as_of = from->has_as_of;
    tester->how.as_of = from->as_of;
    tester->how.params = from->params;
    tester->how.params_count = from->params_count;
}

/* ---- rows as CSV ---- */

static void put_cell(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hz_buf_putc(out, '"');
        hz_buf_putc(out, text.ptr[i]);
    }
    hz_buf_putc(out, '"');
}

static hz_slice null_of(const hz_table *table)
{
    return table->nulls_count ? table->nulls[0] : HZ_SLICE_NONE;
}

static void put_row(hz_buf *out, const hz_table *table, const bool *columns, const hz_test_row *row)
{
    bool first = true;
    for (size_t f = 0; f < table->fields_count; f++) {
        if (!columns[f])
            continue;
        hz_slice text = row ? null_of(table) : table->fields[f].name;
        for (size_t c = 0; row && c < row->cells_count; c++)
            if (!row->cells[c].null && hz_slice_eq(row->cells[c].field, table->fields[f].name))
                text = row->cells[c].value;
        if (!first)
            hz_buf_putc(out, ',');
        put_cell(out, text);
        first = false;
    }
    hz_buf_putc(out, '\n');
}

static void mark_cells(hz_reads *reads, const hz_test *test)
{
    for (size_t r = 0; r < test->rows_count; r++) {
        const hz_test_row *row = &test->rows[r];
        reads->tables[row->table->index] = true;
        if (row->period > reads->period)
            reads->period = row->period;
        for (size_t c = 0; c < row->cells_count; c++) {
            const hz_field *field = hz_table_field(row->table, row->cells[c].field);
            if (field)
                reads->fields[row->table->index][field->index] = true;
        }
    }
}

/* A table of one period, in scratch. A header without columns would be no file: the first field stands there. */
static hz_status write_table(hz_slice *out, hz_tester *tester, const hz_test *test, const hz_table *table,
                             uint32_t period, hz_error *err)
{
    bool *columns = tester->reads.fields[table->index];
    hz_buf text = HZ_BUF_INIT;
    bool any = false;
    for (size_t f = 0; f < table->fields_count; f++)
        any = any || columns[f];
    if (!any && table->fields_count)
        columns[0] = true;
    put_row(&text, table, columns, NULL);
    for (size_t r = 0; r < test->rows_count; r++)
        if (test->rows[r].table == table && test->rows[r].period == period)
            put_row(&text, table, columns, &test->rows[r]);
    hz_status st = hz_buf_status(&text, err);
    if (st == HZ_OK && hz_arena_copy(out, tester->scratch, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(err, text.len);
    hz_buf_clear(&text);
    return st;
}

static bool gives(const hz_test *test, const hz_table *table, uint32_t period)
{
    bool found = false;
    for (size_t r = 0; r < test->rows_count; r++)
        found = found || (test->rows[r].table == table && test->rows[r].period == period);
    return found;
}

static hz_status write_tables(hz_tester *tester, const hz_test *test, hz_error *err)
{
    const hz_profile *profile = tester->options->profile;
    hz_input *inputs = HZ_ARENA_ARRAY(tester->scratch, hz_input, PERIODS * profile->tables_count + 1);
    size_t count = 0;
    if (!inputs)
        return hz_nomem(err, profile->tables_count * sizeof *inputs);
    for (uint32_t period = 0; period <= tester->reads.period; period++)
        for (size_t t = 0; t < profile->tables_count; t++) {
            const hz_table *table = &profile->tables[t];
            bool own = table->builtin || table->included.len; /* unless the example gives its rows */
            if (!tester->reads.tables[t] || (own && !gives(test, table, period)))
                continue;
            inputs[count] = (hz_input){.table = table->name, .period = period};
            HZ_TRY(write_table(&inputs[count++].bytes, tester, test, table, period, err));
        }
    tester->how.inputs = inputs;
    tester->how.inputs_count = count;
    return HZ_OK;
}

/* ---- what came of it ---- */

static hz_came came_of(const hz_tried *tried, hz_outcome outcome)
{
    if (outcome == HZ_OUTCOME_ERROR)
        return HZ_CAME_ERROR;
    if (outcome == HZ_OUTCOME_SKIPPED)
        return HZ_CAME_SKIPPED;
    if (tried->failed)
        return HZ_CAME_FAIL;
    if (tried->passed)
        return HZ_CAME_PASS;
    return tried->undetermined ? HZ_CAME_UNDETERMINED : HZ_CAME_NOT_APPLICABLE;
}

static bool holds(const hz_tried *tried)
{
    switch (tried->test->expected) {
    case HZ_TEST_PASS:
        return tried->came == HZ_CAME_PASS || tried->came == HZ_CAME_NOT_APPLICABLE;
    case HZ_TEST_FAIL:
        return tried->came == HZ_CAME_FAIL;
    default:
        return (tried->came == HZ_CAME_PASS || tried->came == HZ_CAME_UNDETERMINED) && tried->undetermined;
    }
}

/* A measure without `expect` passes when it has a value. */
static void read_measure(hz_tried *tried, const hz_result_measure *measure)
{
    bool expects = measure->measure->expect.root != NULL, value = measure->whole.has_value;
    tried->passed = expects ? measure->passed : value;
    tried->failed = expects ? measure->failed : 0;
    tried->undetermined = expects ? measure->undetermined : !value;
}

static hz_status read_result(hz_tried *tried, hz_tester *tester, const hz_result *result, hz_error *err)
{
    hz_outcome outcome = HZ_OUTCOME_NOT_APPLICABLE;
    const hz_said *why = NULL;
    if (result->rules_count) {
        const hz_result_rule *rule = &result->rules[0];
        tried->not_applicable = rule->not_applicable;
        tried->undetermined = rule->undetermined;
        tried->passed = rule->passed;
        tried->failed = rule->failed;
        outcome = rule->outcome;
        why = &rule->reason;
    } else if (result->measures_count) {
        read_measure(tried, &result->measures[0]);
        outcome = result->measures[0].outcome;
        why = &result->measures[0].reason;
    }
    tried->came = came_of(tried, outcome);
    return why && tried->came >= HZ_CAME_SKIPPED ? hz_said_copy(&tried->why, tester->keep, why, err) : HZ_OK;
}

static hz_status broke(hz_tried *tried, hz_tester *tester, const hz_said *why, hz_error *err)
{
    tried->came = HZ_CAME_ERROR;
    return hz_said_copy(&tried->why, tester->keep, why, err);
}

static hz_status run_example(hz_tried *tried, hz_tester *tester, hz_error *err)
{
    hz_result *result = NULL;
    hz_error why;
    mark_cells(&tester->reads, tried->test);
    HZ_TRY(write_tables(tester, tried->test, err));
    hz_error_clear(&why);
    hz_status st = hz_run(&result, &tester->how, &why);
    if (st == HZ_OK) {
        st = read_result(tried, tester, result, err);
    } else if (st == HZ_E_NOMEM || st == HZ_E_CANCELLED || st == HZ_E_USAGE) {
        if (err)
            *err = why;
    } else {
        hz_said said = hz_said_of(&why);
        st = broke(tried, tester, &said, err);
    }
    hz_result_free(result);
    return st;
}

hz_status hz_tester_try(hz_tried *tried, hz_tester *tester, hz_error *err)
{
    hz_arena_reset(tester->scratch);
    take_subject(tester, tried->subject);
    take_setting(tester, tried->test);
    HZ_TRY(run_example(tried, tester, err));
    tried->held = holds(tried);
    return HZ_OK;
}
