/* The public interface as a program outside would use it: conventions, lifetimes, failures. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "validator/api/hezhun.h"

static char folder[64];
static char profile_path[128], data_path[128];

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    ck_assert_int_eq(fclose(file), 0);
}

static const char good_profile[] =
    "hezhun: 1\nprofile: test.api\nversion: 1.2.3\nstatus: published\ntitle: {zh: 接口, en: Interface}\n"
    "params:\n  least: {type: integer, default: 1}\n"
    "tables:\n  row:\n    key: [id]\n    fields: {id: {type: text}, n: {type: integer}}\n"
    "rules:\n  R-1: {on: row, title: {zh: 够大, en: Large enough}, assert: n >= least}\n";

static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "hezhun-api-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(profile_path, sizeof profile_path, "%s/p.yaml", folder);
    (void)snprintf(data_path, sizeof data_path, "%s/row.csv", folder);
    put(profile_path, good_profile);
    put(data_path, "id,n\na,1\nb,0\nc,3\n");
}

static void teardown(void)
{
    char path[192];
    static const char *const names[] = {"p.yaml", "row.csv", "a.json", "b.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was left behind */
}

typedef struct session {
    hezhun_error *err;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_input input;
    hezhun_check_options how;
} session;

static void begin(session *s)
{
    *s = (session){.err = hezhun_error_new(), .input = {NULL, data_path}};
    ck_assert_ptr_nonnull(s->err);
    s->how = (hezhun_check_options)HEZHUN_CHECK_OPTIONS_INIT;
    s->how.inputs = &s->input;
    s->how.inputs_count = 1;
    ck_assert_int_eq(hezhun_context_open(&s->context, NULL, s->err), HEZHUN_OK);
    ck_assert_int_eq(hezhun_profile_load(&s->profile, s->context, profile_path, NULL, s->err), HEZHUN_OK);
}

static void end(session *s)
{
    hezhun_profile_free(s->profile);
    hezhun_context_close(s->context);
    hezhun_error_free(s->err);
}

static void says(const hezhun_error *err, const char *id, const char *part)
{
    char message[512];
    ck_assert_str_eq(hezhun_error_id(err), id);
    ck_assert_uint_gt(hezhun_error_message(message, sizeof message, err, HEZHUN_EN), 0);
    ck_assert_msg(strstr(message, part) != NULL, "%s", message);
}

/* The plan is there for whoever asked for it. */
START_TEST(test_api__explain)
{
    session s;
    hezhun_result *result = NULL;
    hezhun_bytes plan = HEZHUN_BYTES_INIT;
    begin(&s);
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_OK);
    ck_assert_int_eq(hezhun_explain(&plan, result, HEZHUN_EN, false, s.err), HEZHUN_E_USAGE);
    ck_assert_ptr_null(plan.ptr);
    hezhun_result_free(result);
    s.how.explain = true;
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_OK);
    ck_assert_int_eq(hezhun_explain(&plan, result, HEZHUN_EN, false, s.err), HEZHUN_OK);
    ck_assert_uint_eq(strlen(plan.ptr), plan.len);
    ck_assert_ptr_nonnull(strstr(plan.ptr, "1. read "));
    ck_assert_ptr_nonnull(strstr(plan.ptr, "Slowest rules"));
    ck_assert_ptr_nonnull(strstr(plan.ptr, " ns/row"));
    hezhun_bytes_free(&plan);
    hezhun_result_free(result);
    end(&s);
}
END_TEST

START_TEST(test_api__check_and_render)
{
    session s;
    hezhun_result *result = NULL;
    hezhun_bytes report = HEZHUN_BYTES_INIT;
    hezhun_render_options how = HEZHUN_RENDER_OPTIONS_INIT;
    uint64_t records, wrong;
    begin(&s);
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_OK);
    ck_assert(!hezhun_result_conformant(result));
    ck_assert(hezhun_result_complete(result));
    ck_assert_int_eq(hezhun_result_exit_status(result), 1);
    hezhun_result_records(result, &records, &wrong);
    ck_assert_uint_eq(records, 3);
    ck_assert_uint_eq(wrong, 1);
    hezhun_text grade = hezhun_result_grade(result);
    ck_assert(grade.len == 1 && grade.ptr[0] == 'C');
    /* consistency 2/3 of 25, accuracy 100 of 25, completeness 100 of 20, normativity 100 of 15 */
    ck_assert_str_eq(hezhun_result_score(result), "90.196078");
    how.reproducible = true;
    ck_assert_int_eq(hezhun_render(&report, result, "json", &how, s.err), HEZHUN_OK);
    ck_assert_uint_eq(strlen(report.ptr), report.len);
    ck_assert_ptr_nonnull(strstr(report.ptr, "\"conformant\": false"));
    hezhun_bytes_free(&report);
    ck_assert_ptr_null(report.ptr);
    hezhun_result_free(result);
    end(&s);
}
END_TEST

START_TEST(test_api__fail_on)
{
    static const struct {
        const char *fail_on;
        int exit_status;
    } cases[] = {{NULL, 1}, {"error", 1}, {"warning", 1}, {"fatal", 0}, {"grade:C", 1}, {"grade:D", 0}};
    session s;
    begin(&s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hezhun_result *result = NULL;
        s.how.fail_on = cases[i].fail_on;
        ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_OK);
        ck_assert_int_eq(hezhun_result_exit_status(result), cases[i].exit_status);
        hezhun_result_free(result);
    }
    end(&s);
}
END_TEST

START_TEST(test_api__wrong_words_are_usage)
{
    session s;
    hezhun_result *result = NULL;
    const hezhun_param unknown = {"most", "1"}, wrong = {"least", "one"};
    begin(&s);
    s.how.as_of = "2020-02-30";
    ck_assert_int_eq(hezhun_check_options_test(&s.how, s.err), HEZHUN_E_USAGE);
    says(s.err, "API_AS_OF", "2020-02-30");
    s.how.as_of = NULL;
    s.how.fail_on = "eror";
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_E_USAGE);
    says(s.err, "API_FAIL_ON", "eror");
    s.how.fail_on = "grade:Z";
    ck_assert_int_eq(hezhun_check_options_test(&s.how, s.err), HEZHUN_OK);
    ck_assert_int_eq(hezhun_error_status(s.err), HEZHUN_OK); /* each call clears it */
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_E_USAGE);
    says(s.err, "API_GRADE", "A B C D");
    s.how.fail_on = NULL;
    s.how.params_count = 1;
    s.how.params = &unknown;
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_E_USAGE);
    s.how.params = &wrong;
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, NULL), HEZHUN_E_USAGE);
    ck_assert_ptr_null(result);
    end(&s);
}
END_TEST

START_TEST(test_api__null_and_unknown_versions_are_usage)
{
    session s;
    hezhun_result *result = NULL;
    hezhun_context *context = NULL;
    hezhun_profile *profile = NULL;
    hezhun_context_options later = HEZHUN_CONTEXT_OPTIONS_INIT;
    begin(&s);
    later.version = 99;
    ck_assert_int_eq(hezhun_context_open(&context, &later, s.err), HEZHUN_E_USAGE);
    says(s.err, "API_VERSION", "99");
    s.how.version = 0;
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_E_USAGE);
    ck_assert_int_eq(hezhun_check(NULL, s.profile, &s.how, s.err), HEZHUN_E_USAGE);
    ck_assert_int_eq(hezhun_check(&result, NULL, &s.how, s.err), HEZHUN_E_USAGE);
    says(s.err, "API_ARGUMENT", "profile");
    ck_assert_int_eq(hezhun_profile_load(&profile, s.context, NULL, NULL, s.err), HEZHUN_E_USAGE);
    ck_assert_int_eq(hezhun_context_open(NULL, NULL, NULL), HEZHUN_E_USAGE);
    ck_assert_int_eq(hezhun_write_files(NULL, 1, s.err), HEZHUN_E_USAGE);
    hezhun_bytes_free(NULL);
    hezhun_error_free(NULL);
    hezhun_cancel_free(NULL);
    hezhun_cancel_raise(NULL);
    hezhun_context_close(NULL);
    hezhun_profile_free(NULL);
    hezhun_result_free(NULL);
    ck_assert_int_eq(hezhun_error_status(NULL), HEZHUN_OK);
    end(&s);
}
END_TEST

typedef struct heard {
    size_t count;
    uint64_t line, column;
    char id[64], text[512];
} heard;

static void hear(const hezhun_diagnostic *said, void *payload)
{
    heard *h = payload;
    h->count++;
    h->line = said->line;
    h->column = said->column;
    (void)snprintf(h->id, sizeof h->id, "%s", said->id);
    (void)snprintf(h->text, sizeof h->text, "%.*s", (int)said->text.len, said->text.ptr);
}

START_TEST(test_api__diagnostics_have_a_place)
{
    session s;
    heard h = {0};
    hezhun_profile *profile = NULL;
    hezhun_load_options how = HEZHUN_LOAD_OPTIONS_INIT;
    begin(&s);
    how.diagnostic = hear;
    how.payload = &h;
    put(profile_path,
        "hezhun: 1\nprofile: test.api\nversion: 1.2.3\nstatus: published\ntabels:\n  row: {fields: {id: {}}}\n");
    ck_assert_int_eq(hezhun_profile_load(&profile, s.context, profile_path, &how, s.err), HEZHUN_E_PROFILE);
    ck_assert_ptr_null(profile);
    ck_assert_uint_ge(h.count, 1);
    ck_assert_uint_eq(h.line, 5);
    ck_assert_uint_eq(h.column, 1);
    ck_assert_ptr_nonnull(strstr(h.text, "tables"));
    says(s.err, "API_PROFILE_WRONG", profile_path);
    end(&s);
}
END_TEST

START_TEST(test_api__message_is_cut_at_a_character)
{
    char whole[256], cut[256];
    hezhun_context *context = NULL;
    const hezhun_limit limit = {"不存在的限制", 1};
    hezhun_context_options how = HEZHUN_CONTEXT_OPTIONS_INIT;
    hezhun_error *err = hezhun_error_new();
    how.limits = &limit;
    how.limits_count = 1;
    ck_assert_int_eq(hezhun_context_open(&context, &how, err), HEZHUN_E_USAGE);
    size_t len = hezhun_error_message(whole, sizeof whole, err, HEZHUN_ZH);
    ck_assert_uint_eq(strlen(whole), len);
    for (size_t room = 1; room <= len; room++) {
        memset(cut, 'x', sizeof cut);
        ck_assert_uint_eq(hezhun_error_message(cut, room, err, HEZHUN_ZH), len);
        ck_assert_uint_lt(strlen(cut), room);
        ck_assert_int_eq(strncmp(cut, whole, strlen(cut)), 0);
        ck_assert_uint_ge(strlen(cut) + 4, room);                         /* no more is lost than a character */
        ck_assert_int_ne((unsigned char)whole[strlen(cut)] & 0xC0, 0x80); /* and none is halved */
    }
    ck_assert_uint_eq(hezhun_error_message(NULL, 0, err, HEZHUN_ZH), len);
    hezhun_error_free(err);
}
END_TEST

START_TEST(test_api__cancel)
{
    session s;
    hezhun_result *result = NULL;
    hezhun_cancel *cancel = hezhun_cancel_new();
    begin(&s);
    hezhun_cancel_raise(cancel);
    s.how.cancel = cancel;
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_E_CANCELLED);
    ck_assert_ptr_null(result);
    hezhun_cancel_free(cancel);
    end(&s);
}
END_TEST

static void count_calls(const hezhun_progress *progress, void *payload)
{
    ck_assert_uint_le(progress->bytes_done, progress->bytes_total);
    ck_assert(progress->table.len == 3 && memcmp(progress->table.ptr, "row", 3) == 0);
    ++*(size_t *)payload;
}

START_TEST(test_api__progress_names_the_table)
{
    session s;
    hezhun_result *result = NULL;
    size_t calls = 0;
    begin(&s);
    s.how.progress = count_calls;
    s.how.payload = &calls;
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_OK);
    ck_assert_uint_ge(calls, 1);
    hezhun_result_free(result);
    end(&s);
}
END_TEST

/* Takes so many pieces. */
typedef struct pieces {
    hz_buf bytes;
    size_t left;
} pieces;

static bool gather(void *payload, hezhun_text bytes)
{
    pieces *all = payload;
    if (!all->left)
        return false;
    all->left--;
    hz_buf_put(&all->bytes, (hz_slice){bytes.ptr, bytes.len});
    return true;
}

START_TEST(test_api__formats)
{
    session s;
    hezhun_result *result = NULL;
    hezhun_bytes report = HEZHUN_BYTES_INIT;
    begin(&s);
    ck_assert_int_eq(hezhun_check(&result, s.profile, &s.how, s.err), HEZHUN_OK);
    size_t count = 0;
    for (; hezhun_format(count); count++) {
        ck_assert_int_eq(hezhun_render(&report, result, hezhun_format(count), NULL, s.err), HEZHUN_OK);
        ck_assert_uint_gt(report.len, 0);
        pieces all = {HZ_BUF_INIT, SIZE_MAX};
        ck_assert_int_eq(hezhun_render_to(gather, &all, result, hezhun_format(count), NULL, s.err), HEZHUN_OK);
        ck_assert_uint_eq(all.bytes.len, report.len);
        ck_assert(memcmp(all.bytes.ptr, report.ptr, report.len) == 0);
        hz_buf_clear(&all.bytes);
        pieces none = {HZ_BUF_INIT, 0};
        ck_assert_int_eq(hezhun_render_to(gather, &none, result, hezhun_format(count), NULL, s.err), HEZHUN_E_IO);
        hz_buf_clear(&none.bytes);
        hezhun_bytes_free(&report);
    }
    ck_assert_uint_ge(count, 2);
    ck_assert(hezhun_format_is_binary("xlsx") && !hezhun_format_is_binary("json") && !hezhun_format_is_binary(NULL));
    ck_assert_int_eq(hezhun_render(&report, result, "jsn", NULL, s.err), HEZHUN_E_USAGE);
    ck_assert_ptr_null(report.ptr);
    char hint[64];
    (void)hezhun_error_hint(hint, sizeof hint, s.err, HEZHUN_EN);
    ck_assert_str_eq(hint, "did you mean json?");
    hezhun_result_free(result);
    end(&s);
}
END_TEST

START_TEST(test_api__write_files_all_or_none)
{
    char a[128], b[128], bad[160];
    hezhun_error *err = hezhun_error_new();
    (void)snprintf(a, sizeof a, "%s/a.json", folder);
    (void)snprintf(b, sizeof b, "%s/b.json", folder);
    (void)snprintf(bad, sizeof bad, "%s/none/b.json", folder);
    const hezhun_file good[] = {{a, {"one", 3}}, {b, {"", 0}}}, wrong[] = {{a, {"two", 3}}, {bad, {"two", 3}}};
    ck_assert_int_eq(hezhun_write_files(good, 2, err), HEZHUN_OK);
    ck_assert_int_ne(hezhun_write_files(wrong, 2, err), HEZHUN_OK);
    char read[8] = "";
    int fd = open(a, O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq((int)pread(fd, read, sizeof read, 0), 3);
    ck_assert_mem_eq(read, "one", 3);
    (void)close(fd);
    struct stat info;
    ck_assert_int_eq(stat(b, &info), 0);
    ck_assert_int_eq((int)info.st_size, 0);
    hezhun_error_free(err);
}
END_TEST

START_TEST(test_api__lists)
{
    hezhun_context *context = NULL;
    const hezhun_list *list = NULL;
    hezhun_code code;
    hezhun_error *err = hezhun_error_new();
    ck_assert_int_eq(hezhun_context_open(&context, NULL, err), HEZHUN_OK);
    ck_assert_uint_gt(hezhun_list_id(context, 0).len, 0);
    ck_assert_uint_eq(hezhun_list_id(context, 100000).len, 0);
    ck_assert_int_eq(hezhun_list_find(&list, context, "GB/T 2261.1", err), HEZHUN_OK);
    ck_assert_uint_eq(hezhun_list_count(list), 4);
    hezhun_list_code(&code, list, 1);
    ck_assert(code.code.len == 1 && code.code.ptr[0] == '1');
    ck_assert_int_eq(code.valid_from, INT32_MIN);
    ck_assert_int_eq(hezhun_list_find(&list, context, "GB/T 2261.9", err), HEZHUN_E_USAGE);
    ck_assert_ptr_null(list);
    says(err, "API_LIST", "GB/T 2261.9");
    hezhun_context_close(context);
    hezhun_error_free(err);
}
END_TEST

/* One whole use; HEZHUN_OK, or the status of the call that failed. */
static hezhun_status whole_use(hezhun_error *err)
{
    hezhun_context *context = NULL;
    hezhun_profile *profile = NULL;
    hezhun_result *result = NULL;
    hezhun_bytes report = HEZHUN_BYTES_INIT;
    hezhun_input input = {NULL, data_path};
    hezhun_check_options how = HEZHUN_CHECK_OPTIONS_INIT;
    char path[128];
    how.inputs = &input;
    how.inputs_count = 1;
    how.threads = 1;
    (void)snprintf(path, sizeof path, "%s/a.json", folder);
    hezhun_status st = hezhun_context_open(&context, NULL, err);
    if (st == HEZHUN_OK)
        st = hezhun_profile_load(&profile, context, profile_path, NULL, err);
    if (st == HEZHUN_OK)
        st = hezhun_check(&result, profile, &how, err);
    if (st == HEZHUN_OK)
        st = hezhun_render(&report, result, "json", NULL, err);
    if (st == HEZHUN_OK) {
        const hezhun_file file = {path, {report.ptr, report.len}};
        st = hezhun_write_files(&file, 1, err);
    }
    hezhun_bytes_free(&report);
    hezhun_result_free(result);
    hezhun_profile_free(profile);
    hezhun_context_close(context);
    return st;
}

/* Whichever allocation fails: a clean HEZHUN_E_NOMEM with a message, nothing kept. */
START_TEST(test_api__every_allocation_may_fail)
{
    hezhun_error *err = hezhun_error_new();
    uint64_t live = hz_mem_stats_now().live_calls;
    uint64_t before = hz_mem_stats_now().calls;
    ck_assert_int_eq(whole_use(err), HEZHUN_OK);
    uint64_t calls = hz_mem_stats_now().calls - before;
    ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
    uint64_t step = calls > 400 ? calls / 400 : 1; /* a prime-like spread over many calls */
    for (uint64_t n = 1; n <= calls; n += step) {
        hz_mem_fail_after(n, true);
        hezhun_status st = whole_use(err);
        hz_mem_fail_after(0, false);
        ck_assert_msg(st == HEZHUN_E_NOMEM, "allocation %llu of %llu: %d %s", (unsigned long long)n,
                      (unsigned long long)calls, (int)st, hezhun_error_id(err));
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live);
    }
    hezhun_error_free(err);
}
END_TEST

static Suite *api_suite(void)
{
    Suite *suite = suite_create("api");
    TCase *tc = tcase_create("api");
    tcase_set_timeout(tc, 240);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_api__check_and_render);
    tcase_add_test(tc, test_api__explain);
    tcase_add_test(tc, test_api__fail_on);
    tcase_add_test(tc, test_api__wrong_words_are_usage);
    tcase_add_test(tc, test_api__null_and_unknown_versions_are_usage);
    tcase_add_test(tc, test_api__diagnostics_have_a_place);
    tcase_add_test(tc, test_api__message_is_cut_at_a_character);
    tcase_add_test(tc, test_api__cancel);
    tcase_add_test(tc, test_api__progress_names_the_table);
    tcase_add_test(tc, test_api__formats);
    tcase_add_test(tc, test_api__write_files_all_or_none);
    tcase_add_test(tc, test_api__lists);
    tcase_add_test(tc, test_api__every_allocation_may_fail);
    suite_add_tcase(suite, tc);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(api_suite());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
