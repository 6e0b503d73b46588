#include "base/alloc.h"
#include "base/folder.h"
#include "tests/unit/tasks/tasks_kit.h"
#include "validator/tasks/outbox.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccc"

static char folder[64];

static void enter(void)
{
    (void)snprintf(folder, sizeof folder, "hezhun-outbox-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void leave(void)
{
    hz_slice *names;
    size_t count;
    hz_arena *arena = hz_arena_new();
    hz_buf path = HZ_BUF_INIT;
    ck_assert_int_eq(hz_folder_list(&names, &count, arena, folder, 100, "test", NULL), HZ_OK);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(hz_folder_path(&path, folder, names[i], NULL), HZ_OK);
        unlink(path.ptr);
    }
    rmdir(folder);
    hz_buf_clear(&path);
    hz_arena_free(arena);
}

static hz_outbox *opened(void)
{
    hz_outbox *outbox;
    ck_assert_int_eq(hz_outbox_open(&outbox, folder, NULL), HZ_OK);
    return outbox;
}

static void put(hz_outbox *outbox, const char *id, const char *body)
{
    ck_assert_int_eq(hz_outbox_put(outbox, id, hz_slice_of(body), NULL), HZ_OK);
}

static void is_next(hz_outbox *outbox, uint64_t now_ms, const char *id)
{
    const hz_outbox_item *item = hz_outbox_next(outbox, now_ms);
    ck_assert_str_eq(item ? item->id : "", id);
}

START_TEST(test_outbox__keeps_order_over_restarts)
{
    hz_outbox *outbox = opened();
    hz_buf body = HZ_BUF_INIT;
    put(outbox, C, "{1}");
    put(outbox, A, "{2}");
    put(outbox, C, "{3}"); /* it is there */
    hz_outbox_free(outbox);
    outbox = opened();
    put(outbox, B, "{4}");
    ck_assert_uint_eq(hz_outbox_count(outbox), 3);
    const char *const ids[] = {C, A, B}, *const bodies[] = {"{1}", "{2}", "{4}"};
    for (size_t i = 0; i < 3; i++) {
        hz_outbox_item *item = hz_outbox_next(outbox, 0);
        ck_assert_str_eq(item->id, ids[i]);
        ck_assert_int_eq(hz_outbox_read(&body, outbox, item, NULL), HZ_OK);
        ck_assert(hz_slice_is(hz_buf_slice(&body), bodies[i]));
        ck_assert(hz_outbox_has(outbox, ids[i]));
        ck_assert_int_eq(hz_outbox_sent(outbox, item, NULL), HZ_OK);
        ck_assert(!hz_outbox_has(outbox, ids[i]));
    }
    ck_assert_uint_eq(hz_outbox_due_ms(outbox), UINT64_MAX);
    hz_outbox_free(outbox);
    outbox = opened();
    ck_assert_uint_eq(hz_outbox_count(outbox), 0);
    hz_outbox_free(outbox);
    hz_buf_clear(&body);
}
END_TEST

START_TEST(test_outbox__waits_double_up_to_five_minutes)
{
    hz_outbox *outbox = opened();
    put(outbox, A, "a");
    put(outbox, B, "b");
    uint64_t now = 1000, wait = 1000;
    for (int i = 0; i < 12; i++) { /* nobody answers: none is tried */
        ck_assert_uint_eq(hz_outbox_failed(outbox, hz_outbox_next(outbox, now), false, now), wait);
        is_next(outbox, now + wait - 1, "");
        ck_assert_uint_eq(hz_outbox_due_ms(outbox), now + wait);
        now += wait;
        wait = wait * 2 < 300000 ? wait * 2 : 300000;
        is_next(outbox, now, A);
    }
    ck_assert_uint_eq(hz_outbox_failed(outbox, hz_outbox_next(outbox, now), true, now), 1000); /* this one is refused */
    is_next(outbox, now, B);
    ck_assert_int_eq(hz_outbox_sent(outbox, hz_outbox_next(outbox, now), NULL), HZ_OK);
    is_next(outbox, now + 999, "");
    is_next(outbox, now + 1000, A);
    hz_outbox_free(outbox);
}
END_TEST

START_TEST(test_outbox__other_files_are_none_of_its_own)
{
    static const char *const names[] = {"x.json", "0000000000000001-" A, ".0000000000000001-" A ".json.hezhun-tmp",
                                        "000000000000000g-" A ".json", "0000000000000001_" A ".json"};
    hz_buf path = HZ_BUF_INIT;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_int_eq(hz_folder_path(&path, folder, hz_slice_of(names[i]), NULL), HZ_OK);
        close(open(path.ptr, O_CREAT | O_WRONLY, 0600));
    }
    hz_outbox *outbox = opened();
    ck_assert_uint_eq(hz_outbox_count(outbox), 0);
    hz_outbox_free(outbox);
    hz_buf_clear(&path);
}
END_TEST

START_TEST(test_outbox__nth_allocation_fails)
{
    uint64_t live = hz_mem_stats_now().live_bytes;
    for (uint64_t n = 1; n < 40; n++) {
        hz_outbox *outbox;
        hz_mem_fail_after(n, false);
        hz_status st = hz_outbox_open(&outbox, folder, NULL);
        if (st == HZ_OK)
            st = hz_outbox_put(outbox, A, HZ_SLICE_LIT("{}"), NULL);
        hz_mem_fail_after(0, false);
        ck_assert(st == HZ_OK || st == HZ_E_NOMEM);
        hz_outbox_free(outbox);
        ck_assert_uint_eq(hz_mem_stats_now().live_bytes, live);
    }
    hz_outbox *outbox = opened();
    ck_assert_uint_eq(hz_outbox_count(outbox), 1);
    hz_outbox_free(outbox);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.outbox");
    TCase *tcase = tcase_create("outbox");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, test_outbox__keeps_order_over_restarts);
    tcase_add_test(tcase, test_outbox__waits_double_up_to_five_minutes);
    tcase_add_test(tcase, test_outbox__other_files_are_none_of_its_own);
    tcase_add_test(tcase, test_outbox__nth_allocation_fails);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
