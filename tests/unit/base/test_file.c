#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/unit/base/unit.h"

/* A folder of its own for each test; the tests work in it. */
static char folder[] = "hezhun-test-file-XXXXXX";
static int old_folder = -1;

static void enter(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    old_folder = open(".", O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(chdir(folder), 0);
}

static size_t count_entries(bool remove_them)
{
    size_t count = 0;
    DIR *dir = opendir(".");
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (remove_them)
            (void)remove(entry->d_name);
    }
    closedir(dir);
    return count;
}

static void leave(void)
{
    hz_file_fail_after(0, 0);
    hz_mem_fail_after(0, false);
    count_entries(true);
    ck_assert_int_eq(fchdir(old_folder), 0);
    close(old_folder);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static void holds(const char *path, const char *text)
{
    hz_buf buf = HZ_BUF_INIT;
    ck_assert_int_eq(hz_file_read_all(&buf, path, 1 << 20, "test", NULL), HZ_OK);
    ck_assert_str_eq(buf.ptr, text);
    hz_buf_clear(&buf);
}

START_TEST(test_file__reads_at)
{
    hz_file *file = NULL;
    char bytes[16];
    size_t got = 0;
    put_file("in", "0123456789");
    ck_assert_int_eq(hz_file_open(&file, "in", NULL), HZ_OK);
    ck_assert_uint_eq(hz_file_size(file), 10);
    ck_assert_int_eq(hz_file_read_at(file, 3, bytes, 4, &got, NULL), HZ_OK);
    ck_assert(got == 4 && memcmp(bytes, "3456", 4) == 0);
    ck_assert_int_eq(hz_file_read_at(file, 8, bytes, 16, &got, NULL), HZ_OK);
    ck_assert(got == 2 && memcmp(bytes, "89", 2) == 0);
    ck_assert_int_eq(hz_file_read_at(file, 10, bytes, 16, &got, NULL), HZ_OK);
    ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(hz_file_read_at(file, UINT64_MAX, bytes, 16, &got, NULL), HZ_OK);
    ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(hz_file_check_unchanged(file, NULL), HZ_OK);
    hz_file_close(file);
    hz_file_close(NULL);
}
END_TEST

START_TEST(test_file__refuses_what_is_no_regular_file)
{
    static const char *const paths[] = {".", "fifo", "/dev/null", "link-to-fifo"};
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(symlink("fifo", "link-to-fifo"), 0);
    for (size_t i = 0; i < 4; i++) {
        hz_file *file = NULL;
        hz_error err = {.status = HZ_OK};
        ck_assert_int_eq(hz_file_open(&file, paths[i], &err), HZ_E_SOURCE);
        ck_assert_int_eq(err.message, HZ_MSG_FILE_NOT_REGULAR);
        ck_assert_str_eq(err.file, paths[i]);
        ck_assert_ptr_null(file);
    }
    hz_file *file = NULL;
    hz_error err = {.status = HZ_OK};
    ck_assert_int_eq(hz_file_open(&file, "absent", &err), HZ_E_SOURCE);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_MISSING);
    put_file("target", "x");
    ck_assert_int_eq(symlink("target", "link"), 0);
    holds("link", "x");
}
END_TEST

START_TEST(test_file__change_is_seen)
{
    hz_file *file = NULL;
    char bytes[16];
    size_t got = 0;
    hz_error err = {.status = HZ_OK};
    put_file("in", "0123456789");
    ck_assert_int_eq(hz_file_open(&file, "in", NULL), HZ_OK);
    ck_assert_int_eq(truncate("in", 4), 0);
    ck_assert_int_eq(hz_file_read_at(file, 0, bytes, 10, &got, &err), HZ_E_CHANGED);
    ck_assert_uint_eq(got, 4);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_CHANGED);
    ck_assert_int_eq(hz_file_check_unchanged(file, NULL), HZ_E_CHANGED);
    hz_file_close(file);
    ck_assert_int_eq(hz_file_open(&file, "in", NULL), HZ_OK);
    put_file("other", "0123");
    ck_assert_int_eq(rename("other", "in"), 0);
    ck_assert_int_eq(hz_file_check_unchanged(file, NULL), HZ_E_CHANGED);
    hz_file_close(file);
}
END_TEST

START_TEST(test_file__read_all_limit)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_error err = {.status = HZ_OK};
    hz_slice args[HZ_MSG_ARGS_MAX];
    put_file("in", "0123456789");
    put_file("empty", "");
    ck_assert_int_eq(hz_file_read_all(&buf, "in", 10, "profile_bytes", NULL), HZ_OK);
    ck_assert_str_eq(buf.ptr, "0123456789");
    ck_assert_int_eq(hz_file_read_all(&buf, "in", 9, "profile_bytes", &err), HZ_E_LIMIT);
    ck_assert_uint_eq(hz_error_args(&err, args), 2);
    ck_assert(hz_slice_is(args[0], "profile_bytes") && hz_slice_is(args[1], "9"));
    hz_buf_reset(&buf);
    ck_assert_int_eq(hz_file_read_all(&buf, "empty", 0, "profile_bytes", NULL), HZ_OK);
    ck_assert_str_eq(buf.ptr, "");
    hz_buf_clear(&buf);
}
END_TEST

static hz_status write_report(const char *path, size_t bytes, hz_error *err)
{
    hz_outfile *file = NULL;
    HZ_TRY(hz_outfile_open(&file, path, err));
    for (size_t i = 0; i < bytes; i += 1000) {
        char block[1001];
        memset(block, 'r', sizeof block);
        hz_status st = hz_outfile_write(file, (hz_slice){block, bytes - i < 1000 ? bytes - i : 1000}, err);
        if (st != HZ_OK) {
            hz_outfile_abandon(file);
            return st;
        }
    }
    return hz_outfile_commit(file, err);
}

START_TEST(test_file__target_appears_whole)
{
    hz_outfile *file = NULL;
    struct stat seen;
    ck_assert_int_eq(hz_outfile_open(&file, "report.json", NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_write(file, HZ_SLICE_LIT("half"), NULL), HZ_OK);
    ck_assert_int_ne(access("report.json", F_OK), 0);
    ck_assert_int_eq(access(".report.json.hezhun-tmp", F_OK), 0);
    ck_assert_int_eq(hz_outfile_write(file, HZ_SLICE_LIT(" and half"), NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_commit(file, NULL), HZ_OK);
    holds("report.json", "half and half");
    ck_assert_uint_eq(count_entries(false), 1);
    ck_assert_int_eq(write_report("./report.json", 200000, NULL), HZ_OK);
    ck_assert_int_eq(stat("report.json", &seen), 0);
    ck_assert_int_eq(seen.st_size, 200000);
    ck_assert_uint_eq(count_entries(false), 1);
}
END_TEST

START_TEST(test_file__abandoned_leaves_the_old)
{
    hz_outfile *file = NULL;
    put_file("report", "old");
    ck_assert_int_eq(hz_outfile_open(&file, "report", NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_write(file, HZ_SLICE_LIT("new"), NULL), HZ_OK);
    hz_outfile_abandon(file);
    hz_outfile_abandon(NULL);
    holds("report", "old");
    ck_assert_uint_eq(count_entries(false), 1);
}
END_TEST

START_TEST(test_file__second_writer_is_told)
{
    hz_outfile *first = NULL, *second = NULL;
    hz_error err = {.status = HZ_OK};
    ck_assert_int_eq(hz_outfile_open(&first, "report", NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_open(&second, "./report", &err), HZ_E_IO);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_BUSY);
    ck_assert_ptr_null(second);
    ck_assert_int_eq(hz_outfile_write(first, HZ_SLICE_LIT("first"), NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_commit(first, NULL), HZ_OK);
    holds("report", "first");
    ck_assert_int_eq(hz_outfile_open(&second, "report", NULL), HZ_OK);
    hz_outfile_abandon(second);
}
END_TEST

/* Complete under its temporary name, without a descriptor: it is committed or taken away later. */
START_TEST(test_file__at_rest)
{
    hz_outfile *file = NULL, *other = NULL;
    hz_error err = {.status = HZ_OK};
    put_file("report", "old");
    ck_assert_int_eq(hz_outfile_open(&file, "report", NULL), HZ_OK);
    ck_assert_str_eq(hz_outfile_temp(file), ".report.hezhun-tmp");
    ck_assert_int_eq(hz_outfile_write(file, HZ_SLICE_LIT("new"), NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_rest(file, NULL), HZ_OK);
    holds("report", "old");
    holds(".report.hezhun-tmp", "new");
    ck_assert_int_eq(hz_outfile_commit(file, NULL), HZ_OK);
    holds("report", "new");
    ck_assert_int_eq(hz_outfile_open(&file, "report", NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_rest(file, NULL), HZ_OK);
    hz_outfile_abandon(file);
    holds("report", "new");
    ck_assert_uint_eq(count_entries(false), 1);
    ck_assert_int_eq(hz_outfile_open(&file, "report", NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_rest(file, NULL), HZ_OK);
    ck_assert_int_eq(rename(".report.hezhun-tmp", "moved"), 0); /* the name is somebody else's now */
    ck_assert_int_eq(hz_outfile_open(&other, "report", NULL), HZ_OK);
    ck_assert_int_eq(hz_outfile_commit(file, &err), HZ_E_IO);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_BUSY);
    holds("report", "new");
    hz_outfile_abandon(other);
}
END_TEST

START_TEST(test_file__stale_temporary_is_replaced)
{
    put_file(".report.hezhun-tmp", "what a killed run left, and longer than the new text");
    ck_assert_int_eq(write_report("report", 5, NULL), HZ_OK);
    holds("report", "rrrrr");
    put_file("precious", "keep me");
    ck_assert_int_eq(link("precious", ".report.hezhun-tmp"), 0);
    ck_assert_int_eq(write_report("report", 3, NULL), HZ_OK);
    holds("precious", "keep me");
    holds("report", "rrr");
    ck_assert_int_eq(symlink("precious", ".report.hezhun-tmp"), 0);
    ck_assert_int_eq(write_report("report", 4, NULL), HZ_E_IO);
    holds("precious", "keep me");
    holds("report", "rrr");
}
END_TEST

START_TEST(test_file__targets_that_are_no_new_file)
{
    hz_error err = {.status = HZ_OK};
    struct stat seen;
    ck_assert_int_eq(write_report("/dev/null", 4, &err), HZ_E_IO);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_NOT_REGULAR);
    ck_assert_int_eq(mkdir("folder", 0700), 0);
    hz_error_clear(&err);
    ck_assert_int_eq(write_report("folder", 4, &err), HZ_E_IO);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_NOT_REGULAR);
    hz_error_clear(&err);
    ck_assert_int_eq(write_report("absent/report", 4, &err), HZ_E_IO);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_MISSING);
    put_file("real", "old");
    ck_assert_int_eq(chmod("real", 0640), 0);
    ck_assert_int_eq(symlink("real", "link"), 0);
    ck_assert_int_eq(write_report("link", 4, NULL), HZ_OK);
    holds("real", "rrrr");
    ck_assert_int_eq(lstat("link", &seen), 0);
    ck_assert(S_ISLNK(seen.st_mode));
    ck_assert_int_eq(stat("real", &seen), 0);
    ck_assert_int_eq(seen.st_mode & 0777, 0640);
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    ck_assert_int_eq(write_report("dangling", 4, NULL), HZ_E_IO);
}
END_TEST

/* Every read, write, fsync and rename fails in turn: a clean error, the old file whole, nothing left beside it. */
START_TEST(test_file__nth_call_fails)
{
    uint64_t n = 1;
    put_file("report", "old");
    for (bool failed = true; failed; n++) {
        hz_error err = {.status = HZ_OK};
        hz_file_fail_after(n, ENOSPC);
        hz_status st = write_report("report", 200000, &err);
        hz_file_fail_after(0, 0);
        failed = st != HZ_OK;
        if (failed) {
            ck_assert_int_eq(st, HZ_E_IO);
            ck_assert_int_eq(err.message, HZ_MSG_FILE_DISK_FULL);
            holds("report", "old");
        }
        ck_assert_uint_eq(count_entries(false), 1);
    }
    ck_assert_uint_gt(n, 4);
    hz_buf buf = HZ_BUF_INIT;
    hz_error err = {.status = HZ_OK};
    hz_file_fail_after(1, EIO);
    ck_assert_int_eq(hz_file_read_all(&buf, "report", 1 << 20, "test", &err), HZ_E_IO);
    ck_assert_int_eq(err.message, HZ_MSG_FILE_READ);
    hz_buf_clear(&buf);
}
END_TEST

START_TEST(test_file__nth_allocation_fails)
{
    put_file("report", "old");
    uint64_t live = hz_mem_stats_now().live_bytes;
    for (uint64_t n = 1; n < 12; n++) {
        hz_error err = {.status = HZ_OK};
        hz_buf buf = HZ_BUF_INIT;
        hz_mem_fail_after(n, false);
        hz_status st = write_report("report", 3, &err);
        ck_assert(st == HZ_OK || (st == HZ_E_NOMEM && err.message == HZ_MSG_NO_MEMORY));
        ck_assert(n != 1 || st == HZ_E_NOMEM);
        hz_mem_fail_after(n, false);
        st = hz_file_read_all(&buf, "report", 100, "test", NULL);
        ck_assert(st == HZ_OK || st == HZ_E_NOMEM);
        hz_mem_fail_after(0, false);
        hz_buf_clear(&buf);
        ck_assert_uint_eq(count_entries(false), 1);
        ck_assert_uint_eq(hz_mem_stats_now().live_bytes, live);
    }
    holds("report", "rrr");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.file");
    TCase *tcase = unit_case(suite, "file");
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, test_file__reads_at);
    tcase_add_test(tcase, test_file__refuses_what_is_no_regular_file);
    tcase_add_test(tcase, test_file__change_is_seen);
    tcase_add_test(tcase, test_file__read_all_limit);
    tcase_add_test(tcase, test_file__target_appears_whole);
    tcase_add_test(tcase, test_file__abandoned_leaves_the_old);
    tcase_add_test(tcase, test_file__second_writer_is_told);
    tcase_add_test(tcase, test_file__at_rest);
    tcase_add_test(tcase, test_file__stale_temporary_is_replaced);
    tcase_add_test(tcase, test_file__targets_that_are_no_new_file);
    tcase_add_test(tcase, test_file__nth_call_fails);
    tcase_add_test(tcase, test_file__nth_allocation_fails);
    return unit_run(suite);
}
