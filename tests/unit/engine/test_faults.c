/* Suite engine.faults: memory that runs out, files that fail or change under a run, a run that is called off, limits.
 * Whatever happens is told, and nothing is left behind. */
#include "base/file.h"
#include "reports/grade.h"
#include "reports/render.h"
#include "tests/unit/engine/engine_kit.h"
#include <errno.h>
#include <fcntl.h>

static kit k;

/* A little of everything that the engine does. */
static const char profile[] =
    "params: {line: {type: decimal, default: 4000}}\n"
    "tables:\n"
    "  household:\n"
    "    files: ['household*.csv', '{h,hh}/*.csv']\n"
    "    key: [id]\n"
    "    region: village\n"
    "    fields:\n"
    "      id: {type: text, pattern: '[0-9]+', max_length: 30, title: {zh: 户编号}}\n"
    "      head: {type: resident_id, references: member.id_no}\n"
    "      village: {type: division}\n"
    "      size: {type: integer, min: 1, max: 9}\n"
    "      income: {type: 'decimal(12,2)', required: true}\n"
    "      causes: {type: text, many: '、', max_items: 2}\n"
    "  member:\n"
    "    files: ['member*.csv']\n"
    "    key: [id_no]\n"
    "    fields:\n"
    "      id_no: {type: text}\n"
    "      household: {type: text, references: household.id}\n"
    "      sex: {codes: GB/T 2261.1}\n"
    "      born: {type: date}\n"
    "      since: {type: date}\n"
    "      until: {type: date}\n"
    "  line: {included: poverty_lines.csv, key: [year], fields: {year: {type: integer}, yuan: {type: decimal}}}\n"
    "rules:\n"
    "  R-1: {on: household, assert: income >= line * size, message: {zh: '户 {id} 收入 {income}'}}\n"
    "  R-2: {on: household, unique: [head], normalize: resident_id, when: size > 0}\n"
    "  R-3: {on: member, unique: [household], without_overlaps: {from: since, to: until}}\n"
    "  R-4: {on: household, each: ['left(village, 6)', size], blame: records, assert: 'sum(*, income) > 10000 and "
    "count(distinct *, head) > 2', message: {zh: '{max(*, id)} {count(*)}'}}\n"
    "  R-5: {on: member, each: [sex], assert: 'count(* where born is null) = 0 and max(*, id_no) > min(*, "
    "household)'}\n"
    "  R-6: {on: member, assert: count(*) > 100}\n"
    "  R-7: {on: member, assert: \"substr(id_no, 1, 6) || upper(household) like '52%' or id_no matches '(5|a)+.*'\", "
    "status: draft}\n"
    "measures:\n"
    "  M-1: {on: household, value: 'sum(*, size) / count(distinct *, head)', expect: value >= 2}\n"
    "  M-2: {on: household, value: 'max(*, income)'}\n";

static void put_files(void)
{
    kit_put(&k, "household_1.csv",
            "户编号,head,village,size,income,causes,extra\n"
            "1,11010519491231002X,520102016001,3,12000.00,病、残,\n"
            "2,440524188001010014,520102016002,0,100,a、b、c,\n"
            "2,440524188001010014,520102,2,x,,\n"
            "an identifier that is longer than thirty bytes is kept apart,,110101,12,5.5,,\n"
            "3,1,2\n"
            "4,11010519491231002X,nowhere,2,,,\n");
    kit_put(&k, "household_2.csv",
            "id,village,size,income,head\n7,520102016001,1,9000,11010519491231002X\n8,\"52\",1,\xff,\n9,52,2,1,\n");
    kit_put(&k, "member.csv",
            "id_no,household,sex,born,since,until\n"
            "11010519491231002X,1,1,1949-12-31,2020-01-01,2020-06-01\n"
            "440524188001010014,2,2,1880-01-01,2020-01-01,\n"
            "520102190001010017,1,3,,2020-05-01,2020-07-01\n"
            "520102190001010017,99,1,1900-02-30,2020-05-01,2020-07-01\n"
            ",7,,,,\n");
    kit_put(&k, "readme.txt", "not a table\n");
}

static void begin(void)
{
    kit_open(&k, profile);
    put_files();
    k.options.threads = 1;
}

static char *report(void)
{
    hz_render_options how = {.reproducible = true};
    hz_buf text = HZ_BUF_INIT;
    ck_assert_int_eq(hz_render(&text, HZ_FORMAT_JSON, k.result, &how, NULL), HZ_OK);
    char *out = strdup(text.ptr);
    hz_buf_clear(&text);
    return out;
}

/* ---- memory ---- */

/* One run in which the n-th allocation (and with `forever` each later one) fails; true when that came to pass. */
static bool run_short_of_memory(uint64_t n, bool forever, const char *whole)
{
    kit_drop_result(&k);
    hz_mem_stats before = hz_mem_stats_now();
    hz_mem_fail_after(n, forever);
    kit_try(&k);
    hz_mem_fail_after(0, false);
    if (k.status == HZ_OK) {
        char *text = report();
        ck_assert_str_eq(text, whole); /* what went wrong had to be told, unless nothing did */
        free(text);
        kit_drop_result(&k);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
        return hz_mem_stats_now().calls - before.calls >= n;
    }
    ck_assert_msg(k.status == HZ_E_NOMEM, "allocation %llu: status %d", (unsigned long long)n, k.status);
    ck_assert_msg(k.err.status == HZ_E_NOMEM, "allocation %llu: no error was said", (unsigned long long)n);
    ck_assert_msg(hz_mem_stats_now().live_calls == before.live_calls, "allocation %llu leaks %lld",
                  (unsigned long long)n, (long long)(hz_mem_stats_now().live_calls - before.live_calls));
    return true;
}

/* Without forks, as under valgrind, which is slow, not each but every so many. */
static uint64_t stride(void)
{
    const char *fork = getenv("CK_FORK");
    return fork && strcmp(fork, "no") == 0 ? 7 : 1;
}

START_TEST(test_faults__every_allocation_fails)
{
    begin();
    kit_run(&k);
    char *whole = report();
    ck_assert_int_eq(k.result->conformant, false);
    uint64_t n = 1;
    while (run_short_of_memory(n, _i == 1, whole))
        n += n < 20 ? 1 : stride();
    ck_assert_uint_gt(n, 300);
    free(whole);
    kit_close(&k);
}
END_TEST

/* The same with code lists that were never read before. */
START_TEST(test_faults__every_allocation_fails_with_lists_yet_unread)
{
    begin();
    kit_run(&k);
    char *whole = report();
    for (uint64_t n = 1, failed = true; failed; n += 1 + n / 20) {
        kit_drop_result(&k);
        hz_profile_free(k.profile);
        k.profile = NULL;
        hz_lists_close(k.lists);
        ck_assert_int_eq(hz_lists_open(&k.lists, NULL, hz_limits_default(), NULL), HZ_OK);
        kit_load(&k, profile);
        hz_mem_fail_after(n, false);
        kit_try(&k);
        hz_mem_fail_after(0, false);
        failed = k.status != HZ_OK;
        if (failed)
            ck_assert_int_eq(k.status, HZ_E_NOMEM);
        kit_run(&k); /* and the lists are as good as ever */
        char *text = report();
        ck_assert_str_eq(text, whole);
        free(text);
        if (n > 3000)
            break;
    }
    free(whole);
    kit_close(&k);
}
END_TEST

START_TEST(test_faults__a_budget_of_memory)
{
    begin();
    kit_run(&k);
    char *whole = report();
    kit_drop_result(&k);
    uint64_t live = hz_mem_stats_now().live_bytes;
    bool done = false;
    for (uint64_t room = 1024; !done; room *= 2) {
        hz_mem_budget(live + room);
        kit_try(&k);
        hz_mem_budget(0);
        done = k.status == HZ_OK;
        ck_assert(done || k.status == HZ_E_NOMEM);
        ck_assert(done || room > 1024 || k.err.status == HZ_E_NOMEM);
    }
    char *text = report();
    ck_assert_str_eq(text, whole);
    free(text);
    free(whole);
    kit_close(&k);
}
END_TEST

/* ---- files that fail ---- */

START_TEST(test_faults__every_read_fails)
{
    begin();
    k.options.block_bytes = 64;
    kit_run(&k);
    char *whole = report();
    uint64_t n = 1;
    for (bool failed = true; failed; n++) {
        kit_drop_result(&k);
        hz_mem_stats before = hz_mem_stats_now();
        hz_file_fail_after(n, EIO);
        kit_try(&k);
        hz_file_fail_after(0, 0);
        failed = k.status != HZ_OK;
        if (!failed) {
            char *text = report();
            ck_assert_str_eq(text, whole);
            free(text);
            break;
        }
        ck_assert_msg(k.status == HZ_E_IO || k.status == HZ_E_SOURCE, "read %llu: status %d", (unsigned long long)n,
                      k.status);
        ck_assert_int_eq(k.err.status, k.status);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    }
    ck_assert_uint_gt(n, 20);
    free(whole);
    kit_close(&k);
}
END_TEST

/* ---- files that change ---- */

/* Changes a file the first time that progress speaks of a table. */
static struct change {
    enum { SHRINK, GROW, TOUCH, REPLACE, VANISH, SWAP, CHANGES } how;
    const char *file, *at_table;
    uint64_t after_rows;
    bool done;
} change;

static void change_now(const char *name)
{
    char path[512], other[512];
    snprintf(path, sizeof path, "%s", kit_path(&k, name));
    struct timespec times[2] = {{0, UTIME_OMIT}, {1000000000, 5}};
    FILE *out;
    switch (change.how) {
    case SHRINK:
        ck_assert_int_eq(truncate(path, 100), 0);
        break;
    case GROW:
        out = fopen(path, "ab");
        ck_assert(out && fputs("99,,,,,,\n", out) >= 0 && fclose(out) == 0);
        break;
    case TOUCH:
        ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
        break;
    case REPLACE:
        snprintf(other, sizeof other, "%s", kit_path(&k, "other"));
        ck_assert_int_eq(link(path, other), 0); /* the old one stays, so that its number is not given again */
        ck_assert_int_eq(unlink(path), 0);
        put_files();
        break;
    case VANISH:
        ck_assert_int_eq(unlink(path), 0);
        break;
    case SWAP:
        kit_put(&k, name, "head,户编号,village,size,income,causes,extra\n1,2,52,1,1,,\n");
        break;
    default:
        break;
    }
}

static void on_progress(void *ctx, const hz_progress *progress)
{
    (void)ctx;
    if (!change.done && hz_slice_is(progress->table, change.at_table) && progress->rows >= change.after_rows) {
        change.done = true;
        change_now(change.file);
    }
}

/* member.csv is the smaller one and is read first; its findings are fetched when household is done. */
START_TEST(test_faults__a_file_changes_before_its_findings_are_fetched)
{
    begin();
    change = (struct change){.how = (int)_i, .file = "member.csv", .at_table = "household"};
    kit_run(&k); /* reads the code lists */
    kit_drop_result(&k);
    k.options.progress = on_progress;
    hz_mem_stats before = hz_mem_stats_now();
    kit_try(&k);
    ck_assert(change.done);
    ck_assert_int_eq(k.status, HZ_E_CHANGED);
    ck_assert_str_eq(hz_msg_name(k.err.message), "FILE_CHANGED");
    ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    kit_close(&k);
}
END_TEST

static void put_long_file(void)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, "户编号,head,village,size,income,causes,extra\n");
    for (int i = 0; i < 3 * HZ_BATCH_ROWS; i++)
        hz_buf_printf(&text, "%d,,52,1,1,,\n", i % 1000);
    kit_put_bytes(&k, "household_1.csv", hz_buf_slice(&text));
    hz_buf_clear(&text);
}

START_TEST(test_faults__a_file_changes_while_it_is_read)
{
    begin();
    put_long_file();
    change = (struct change){
        .how = (int)_i, .file = "household_1.csv", .at_table = "household", .after_rows = HZ_BATCH_ROWS};
    k.options.progress = on_progress;
    k.options.block_bytes = 512;
    kit_try(&k);
    ck_assert(change.done);
    ck_assert_int_eq(k.status, HZ_E_CHANGED);
    kit_close(&k);
}
END_TEST

/* Its header was read for the plan; when its turn comes the columns stand otherwise. */
START_TEST(test_faults__a_header_changes_between_plan_and_scan)
{
    begin();
    change = (struct change){.how = SWAP, .file = "household_1.csv", .at_table = "member"};
    k.options.progress = on_progress;
    kit_try(&k);
    ck_assert(change.done);
    ck_assert_int_eq(k.status, HZ_E_CHANGED);
    kit_close(&k);
}
END_TEST

/* ---- called off ---- */

static unsigned calls_left;

static void cancel_later(void *ctx, const hz_progress *progress)
{
    (void)ctx;
    (void)progress;
    if (calls_left-- == 0)
        k.cancel.raised = 1;
}

START_TEST(test_faults__cancelled_at_any_call_of_progress)
{
    begin();
    kit_run(&k);
    kit_drop_result(&k);
    k.options.progress = cancel_later;
    k.options.block_bytes = 64;
    unsigned n = 0;
    for (bool done = false; !done; n++) {
        hz_mem_stats before = hz_mem_stats_now();
        k.cancel.raised = 0;
        calls_left = n;
        kit_try(&k);
        done = !k.cancel.raised;
        ck_assert_int_eq(k.status, done ? HZ_OK : HZ_E_CANCELLED);
        kit_drop_result(&k);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    }
    ck_assert_uint_gt(n, 10);
    kit_close(&k);
}
END_TEST

START_TEST(test_faults__cancelled_before_it_began)
{
    begin();
    k.cancel.raised = 1;
    kit_try(&k);
    ck_assert_int_eq(k.status, HZ_E_CANCELLED);
    kit_close(&k);
}
END_TEST

/* ---- limits ---- */

static const struct {
    const char *profile, *rule;
} slow[] = {
    {"tables: {t: {files: [t.csv], fields: {a: {type: text, pattern: '(a|aa)+(?!b)c'}, n: {type: integer}}}}\n",
     "t.a.pattern"},
    {"tables: {t: {files: [t.csv], fields: {a: {type: text}, n: {type: integer}}}}\nrules: {R: {on: t, assert: \"a "
     "matches '(a|aa)+(?!b)c'\"}}\n",
     "R"},
    {"tables: {t: {files: [t.csv], fields: {a: {type: text}, n: {type: integer}}}}\nrules: {R: {on: t, when: \"a "
     "matches '(a|aa)+(?!b)c'\", assert: n > 1}}\n",
     "R"},
    {"tables: {t: {files: [t.csv], fields: {a: {type: text}, n: {type: integer}}}}\nrules: {R: {on: t, each: [n], "
     "assert: \"count(* where a matches '(a|aa)+(?!b)c') = 0\"}}\n",
     "R"},
    {"tables: {t: {files: [t.csv], fields: {a: {type: text}, n: {type: integer}}}}\nrules: {R: {on: t, each: [a], "
     "assert: \"a matches '(a|aa)+(?!b)c' or count(*) > 5\"}}\n",
     "R"},
    {"tables: {t: {files: [t.csv], fields: {a: {type: text}, n: {type: integer}}}}\nrules: {R: {on: t, when: \"a "
     "matches '(a|aa)+(?!b)c'\", unique: [n]}}\n",
     "R"},
    {"tables: {t: {files: [t.csv], fields: {a: {type: text, required_when: \"a matches '(a|aa)+(?!b)c'\"}, n: {type: "
     "integer}}}}\n",
     "t.a.required"},
    {"tables: {t: {files: [t.csv], fields: {a: {type: text}, n: {type: integer}}}}\nrules: {R: {on: t, unique: [n, "
     "\"case when a matches '(a|aa)+(?!b)c' then 1 else 2 end\"]}}\n",
     "R"},
};

/* The rule ends in error, the run goes on and is incomplete (exit status 5), and no other rule suffers. */
START_TEST(test_faults__a_pattern_that_passes_its_limit)
{
    char text[256] = "a,n\nx,1\n";
    kit_open(&k, slow[_i].profile);
    size_t n = strlen(text);
    memset(text + n, 'a', 60);
    snprintf(text + n + 60, sizeof text - n - 60, "cb,2\ny,z\n");
    kit_put(&k, "t.csv", text);
    k.limits.value[HZ_LIMIT_PATTERN_MATCH] = 1000;
    kit_run(&k);
    const hz_result_rule *rule = kit_rule(&k, slow[_i].rule);
    ck_assert_int_eq(rule->outcome, HZ_OUTCOME_ERROR);
    ck_assert_str_eq(hz_msg_name(rule->reason.message), "LIMIT");
    ck_assert(hz_slice_is(rule->reason.args[0], "pattern_match"));
    ck_assert_uint_eq(rule->rows + rule->failed + rule->examples_count, 0);
    ck_assert(k.result->incomplete);
    ck_assert_int_eq(hz_exit_status(k.result, &(hz_fail_on){0}), 5);
    assert_counts(&k, "t.n.type", "failed rows 3 passed 2 failed 1");
    assert_lines(&k, "t.n.type", "4");
    ck_assert_uint_eq(kit_table(&k, "t")->records_with_errors, 1);
    kit_close(&k);
}
END_TEST

START_TEST(test_faults__a_measure_that_passes_a_limit)
{
    char text[256] = "a,n\n";
    size_t n = strlen(text);
    kit_open(&k, "tables: {t: {files: [t.csv], fields: {a: {type: text}, n: {type: integer}}}}\n"
                 "measures:\n"
                 "  M-1: {on: t, value: \"count(* where a matches '(a|aa)+(?!b)c')\"}\n"
                 "  M-2: {on: t, value: \"case when max(*, a) matches '(a|aa)+(?!b)c' then 1 else 2 end\"}\n"
                 "  M-3: {on: t, value: 'sum(*, n)', expect: value > 2}\n");
    memset(text + n, 'a', 60);
    snprintf(text + n + 60, sizeof text - n - 60, "cb,2\nA,1\n");
    kit_put(&k, "t.csv", text);
    k.limits.value[HZ_LIMIT_PATTERN_MATCH] = 1000;
    kit_run(&k);
    for (size_t m = 0; m < 2; m++) {
        ck_assert_int_eq(k.result->measures[m].outcome, HZ_OUTCOME_ERROR);
        ck_assert_str_eq(hz_msg_name(k.result->measures[m].reason.message), "LIMIT");
        ck_assert(!k.result->measures[m].whole.has_value);
        ck_assert_uint_eq(k.result->measures[m].regions_count, 0);
    }
    ck_assert_int_eq(k.result->measures[2].outcome, HZ_OUTCOME_PASSED);
    ck_assert(k.result->incomplete);
    ck_assert_int_eq(hz_exit_status(k.result, &(hz_fail_on){0}), 5);
    kit_close(&k);
}
END_TEST

START_TEST(test_faults__parts_of_a_key)
{
    hz_buf text = HZ_BUF_INIT;
    for (int parts = 64; parts <= 65; parts++) {
        hz_buf_reset(&text);
        hz_buf_puts(&text, "tables: {t: {files: [t.csv], fields: {a: {type: text}}}}\nrules: {R: {on: t, unique: [");
        for (int i = 0; i < parts; i++)
            hz_buf_printf(&text, "%s\"a || '%d'\"", i ? ", " : "", i);
        hz_buf_puts(&text, "]}}\n");
        kit_open(&k, text.ptr);
        kit_put(&k, "t.csv", "a\nx\nx\n");
        kit_try(&k);
        ck_assert_int_eq(k.status, parts == 64 ? HZ_OK : HZ_E_LIMIT);
        if (parts == 64)
            assert_lines(&k, "R", "2+1 3+1");
        kit_close(&k);
    }
    hz_buf_clear(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.faults");
    TCase *memory = kit_case(suite, "memory", 600), *files = kit_case(suite, "files", 120),
          *cancel = kit_case(suite, "cancel", 120);
    TCase *limits = kit_case(suite, "limits", 60);
    tcase_add_loop_test(memory, test_faults__every_allocation_fails, 0, 2);
    tcase_add_test(memory, test_faults__every_allocation_fails_with_lists_yet_unread);
    tcase_add_test(memory, test_faults__a_budget_of_memory);
    tcase_add_test(files, test_faults__every_read_fails);
    tcase_add_loop_test(files, test_faults__a_file_changes_before_its_findings_are_fetched, 0, SWAP);
    tcase_add_loop_test(files, test_faults__a_file_changes_while_it_is_read, 0, TOUCH + 1);
    tcase_add_test(files, test_faults__a_header_changes_between_plan_and_scan);
    tcase_add_test(cancel, test_faults__cancelled_at_any_call_of_progress);
    tcase_add_test(cancel, test_faults__cancelled_before_it_began);
    tcase_add_loop_test(limits, test_faults__a_pattern_that_passes_its_limit, 0, sizeof slow / sizeof *slow);
    tcase_add_test(limits, test_faults__a_measure_that_passes_a_limit);
    tcase_add_test(limits, test_faults__parts_of_a_key);
    return kit_main(suite);
}
