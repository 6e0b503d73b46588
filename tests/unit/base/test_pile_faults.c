#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "tests/unit/base/pile_unit.h"

/* Puts and reads ids 0 … 300 under a tiny budget, trying each step again after an error; how many errors there were. */
static size_t stubborn_round(hz_store *store, hz_error *err)
{
    size_t errors = 0;
    hz_pile pile;
    hz_pile_reader reader;
    hz_slice block;
    hz_pile_init(&pile, store);
    for (uint64_t id = 0; id < 300; id++)
        while (!put(&pile, id, 50, err))
            ck_assert_uint_lt(++errors, 10);
    uint64_t id = 0;
    hz_pile_read(&reader, &pile, true);
    for (hz_status st; (st = hz_pile_next(&block, &reader, err)) != HZ_END;) {
        if (st != HZ_OK)
            ck_assert_uint_lt(++errors, 10);
        while (block.len)
            take(&block, id++, 50);
    }
    hz_pile_read_end(&reader);
    ck_assert_uint_eq(id, 300);
    hz_pile_clear(&pile);
    return errors;
}

static const struct {
    int number;
    hz_msg_id message;
} faults[] = {{ENOSPC, HZ_MSG_PILE_DISK_FULL},
              {EDQUOT, HZ_MSG_PILE_DISK_FULL},
              {EFBIG, HZ_MSG_PILE_TOO_LARGE},
              {EIO, HZ_MSG_PILE_WRITE},
              {EINTR, HZ_MSG_NONE},
              {0, HZ_MSG_NONE}};

START_TEST(test_pile__every_failed_call_is_told_and_can_be_tried_again)
{
    size_t told = 0;
    for (uint64_t n = 2;; n += n < 20 ? 1 : 29) { /* the first call opens the file */
        hz_store *store = new_store(1500, 128);
        hz_error err = {0};
        hz_store_fail_after(n, faults[_i].number);
        size_t errors = stubborn_round(store, &err);
        bool written = err.message != HZ_MSG_PILE_READ;
        if (errors)
            is_error(&err, written ? faults[_i].message : HZ_MSG_PILE_READ,
                     written ? HZ_MSG_PILE_HINT : HZ_MSG_PILE_DAMAGED_HINT);
        told += errors;
        ck_assert_uint_eq(hz_store_held_bytes(store), 0);
        hz_store_free(store);
        if (faults[_i].message == HZ_MSG_NONE)
            ck_assert_uint_eq(errors, 0); /* EINTR, one byte only: gone on with */
        if (!errors && n > 400)
            break;
    }
    ck_assert_int_eq(told > 15, faults[_i].message != HZ_MSG_NONE);
}
END_TEST

START_TEST(test_pile__error_texts)
{
    hz_store *store = new_store(1, 64);
    hz_pile pile;
    hz_error err = {0};
    hz_buf text = HZ_BUF_INIT, wanted = HZ_BUF_INIT;
    hz_slice args[HZ_MSG_ARGS_MAX];
    hz_pile_init(&pile, store);
    hz_store_fail_after(2, ENOSPC);
    char *record = hz_pile_put(&pile, 8, &err);
    ck_assert_ptr_nonnull(record);
    memcpy(record, "\x9d\x3e\x71\x04\xba\x5f\xc8\x16", 8); /* does not compress: 32 + 8 bytes */
    ck_assert_int_eq(hz_pile_spill(&pile, &err), HZ_E_IO);
    size_t count = hz_error_args(&err, args);
    hz_msg_render(&text, err.message, args, count, HZ_LANG_EN);
    hz_buf_put(&wanted, HZ_SLICE_LIT("no space left in the temporary folder "));
    hz_buf_put(&wanted, hz_slice_of(folder));
    hz_buf_put(&wanted, HZ_SLICE_LIT(": 40 bytes were being written, 0 are in use already"));
    ck_assert(hz_slice_eq(hz_buf_slice(&text), hz_buf_slice(&wanted)));
    hz_buf_clear(&text);
    hz_buf_clear(&wanted);
    hz_msg_render(&text, err.message, args, count, HZ_LANG_ZH);
    hz_buf_put(&wanted, HZ_SLICE_LIT("临时目录 "));
    hz_buf_put(&wanted, hz_slice_of(folder));
    hz_buf_put(&wanted, HZ_SLICE_LIT(" 空间不足：正要写入 40 字节，已占用 0 字节"));
    ck_assert(hz_slice_eq(hz_buf_slice(&text), hz_buf_slice(&wanted)));
    hz_buf_clear(&text);
    hz_buf_clear(&wanted);
    hz_pile_clear(&pile);
    hz_store_free(store);
}
END_TEST

/* The kernel's own answer for a file that must not grow. */
START_TEST(test_pile__limit_on_file_size)
{
    struct rlimit old, low;
    void (*old_handler)(int) = signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = old;
    low.rlim_cur = 3000;
    hz_store *store = new_store(1, 256);
    hz_pile pile;
    hz_error err = {0};
    uint64_t id = 0;
    hz_pile_init(&pile, store);
    int lowered = setrlimit(RLIMIT_FSIZE, &low);
    /* No assertion until the limit is off: it is for Check's own file, too. */
    while (id < 10000 && put(&pile, id, 50, &err))
        id++;
    int restored = setrlimit(RLIMIT_FSIZE, &old);
    ck_assert(lowered == 0 && restored == 0);
    is_error(&err, HZ_MSG_PILE_TOO_LARGE, HZ_MSG_PILE_HINT);
    ck_assert_uint_gt(hz_store_disk_bytes(store), 0);
    put_many(&pile, id, id + 100, 50);
    holds(&pile, 0, id + 100, 50, true);
    hz_store_free(store);
    signal(SIGXFSZ, old_handler);
}
END_TEST

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0)
        close(fd);
    return good;
}

/* A file system of 64 KiB that only this process sees. */
static bool mount_small(const char *where)
{
    char map[64], group_map[64];
    snprintf(map, sizeof map, "0 %u 1", (unsigned)getuid());
    snprintf(group_map, sizeof group_map, "0 %u 1", (unsigned)getgid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_text("/proc/self/setgroups", "deny") ||
        !write_text("/proc/self/uid_map", map) || !write_text("/proc/self/gid_map", group_map))
        return false;
    return mount("none", where, "tmpfs", 0, "size=64k") == 0;
}

/* In a child process no assertion of Check is of use. */
enum { CHILD_GOOD = 0, CHILD_BAD = 1, CHILD_CANNOT = 2 };

static int fill_small_disk(void)
{
    if (!mount_small(folder))
        return CHILD_CANNOT;
    hz_store *store = NULL;
    hz_store_options options = {1, folder, 1024, NULL};
    hz_pile pile;
    hz_error err = {0};
    uint64_t id = 0;
    if (hz_store_new(&store, &options, &err) != HZ_OK)
        return CHILD_BAD;
    hz_pile_init(&pile, store);
    while (id < 100000) {
        char *record = hz_pile_put(&pile, 48, &err);
        if (!record)
            break;
        fill(record, id++, 48);
    }
    bool told = err.status == HZ_E_IO && err.message == HZ_MSG_PILE_DISK_FULL && hz_store_disk_bytes(store) > 30000;
    /* What was written comes back from the full disk, and consuming gives it room. */
    hz_pile_reader reader;
    hz_slice block;
    uint64_t bytes = 0;
    hz_pile_read(&reader, &pile, true);
    while (hz_pile_next(&block, &reader, NULL) == HZ_OK)
        bytes += block.len;
    hz_pile_read_end(&reader);
    char *late = hz_pile_put(&pile, 48, NULL);
    if (late)
        fill(late, 0, 48);
    bool again = late && hz_pile_spill(&pile, NULL) == HZ_OK;
    hz_pile_clear(&pile);
    hz_store_free(store);
    return told && bytes == id * 48 && again ? CHILD_GOOD : CHILD_BAD;
}

START_TEST(test_pile__disk_that_is_full)
{
    pid_t child = fork();
    if (child == 0)
        _exit(fill_small_disk());
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    /* CHILD_CANNOT: mounting is not allowed here; test_pile__limit_on_file_size has the same path. */
    ck_assert_int_ne(WEXITSTATUS(status), CHILD_BAD);
}
END_TEST

START_TEST(test_pile__every_failed_allocation)
{
    uint64_t n = 1;
    for (bool done = false; !done; n++) {
        hz_store *store = NULL;
        hz_store_options options = {1500, folder, 128, NULL};
        hz_error err = {0};
        hz_pile pile;
        hz_pile_reader reader;
        hz_slice block;
        uint64_t id = 0;
        hz_mem_fail_after(n, false);
        hz_status st = hz_store_new(&store, &options, &err);
        if (st == HZ_OK) {
            hz_pile_init(&pile, store);
            while (id < 60 && put(&pile, id, 50, &err))
                id++;
            if (id == 60 && hz_pile_spill(&pile, &err) == HZ_OK) {
                hz_pile_read(&reader, &pile, true);
                while ((st = hz_pile_next(&block, &reader, &err)) == HZ_OK)
                    continue;
                hz_pile_read_end(&reader);
                done = st == HZ_END && n > 100;
            }
            hz_pile_clear(&pile);
            ck_assert_uint_eq(hz_store_held_bytes(store), 0);
        }
        hz_mem_fail_after(0, false);
        if (err.status)
            ck_assert_int_eq(err.status, HZ_E_NOMEM);
        hz_store_free(store);
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, live_calls);
    }
    ck_assert_uint_lt(n, 1000);
}
END_TEST

/* ---- the file ---- */

static void flip(int fd, off_t at)
{
    char byte;
    ck_assert_int_eq(pread(fd, &byte, 1, at), 1);
    byte = (char)(byte ^ 0x04); /* a bit that means something in a frame of zstd, too */
    ck_assert_int_eq(pwrite(fd, &byte, 1, at), 1);
}

START_TEST(test_pile__changed_bytes_are_found)
{
    hz_store *store = new_store(0, 1024);
    hz_pile pile;
    hz_pile_init(&pile, store);
    put_many(&pile, 0, 3, 300); /* one block */
    ck_assert_int_eq(hz_pile_spill(&pile, NULL), HZ_OK);
    int fd = hz_store_file(store);
    off_t size = (off_t)hz_store_disk_bytes(store);
    for (off_t at = 0; at < size; at += at < 40 ? 1 : 17) {
        hz_error err = {0};
        hz_pile_reader reader;
        hz_slice block;
        hz_status st;
        flip(fd, at);
        hz_pile_read(&reader, &pile, true);
        st = hz_pile_next(&block, &reader, &err);
        hz_pile_read_end(&reader);
        flip(fd, at);
        ck_assert_int_eq(st, HZ_E_IO);
        is_error(&err, HZ_MSG_PILE_DAMAGED, HZ_MSG_PILE_DAMAGED_HINT);
        ck_assert(err.has_offset);
        ck_assert_uint_eq(err.offset_bytes, 0);
    }
    holds(&pile, 0, 3, 300, false);
    ck_assert_int_eq(ftruncate(fd, size - 1), 0);
    hz_error err = {0};
    hz_pile_reader reader;
    hz_slice block;
    hz_pile_read(&reader, &pile, false);
    while (hz_pile_next(&block, &reader, &err) == HZ_OK)
        continue;
    hz_pile_read_end(&reader);
    is_error(&err, HZ_MSG_PILE_DAMAGED, HZ_MSG_PILE_DAMAGED_HINT);
    hz_pile_clear(&pile);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__block_in_the_wrong_place_is_found)
{
    hz_store *store = new_store(1, 64);
    hz_pile pile;
    hz_error err = {0};
    char bytes[32 + 64];
    hz_pile_init(&pile, store);
    for (uint64_t i = 0; i < 16; i++) { /* two blocks that do not compress */
        uint64_t noise = hz_hash_bytes(&i, sizeof i, 3);
        char *record = hz_pile_put(&pile, 8, NULL);
        ck_assert_ptr_nonnull(record);
        memcpy(record, &noise, 8);
    }
    ck_assert_int_eq(hz_pile_spill(&pile, NULL), HZ_OK);
    ck_assert_uint_eq(hz_store_disk_bytes(store), 2 * sizeof bytes);
    int fd = hz_store_file(store);
    ck_assert_int_eq(pread(fd, bytes, sizeof bytes, 0), sizeof bytes);
    ck_assert_int_eq(pwrite(fd, bytes, sizeof bytes, sizeof bytes), sizeof bytes);
    hz_pile_reader reader;
    hz_slice block;
    hz_pile_read(&reader, &pile, true);
    ck_assert_int_eq(hz_pile_next(&block, &reader, &err), HZ_OK);
    ck_assert_int_eq(hz_pile_next(&block, &reader, &err), HZ_E_IO);
    is_error(&err, HZ_MSG_PILE_DAMAGED, HZ_MSG_PILE_DAMAGED_HINT);
    hz_pile_read_end(&reader);
    hz_pile_clear(&pile);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__file_has_no_name)
{
    hz_store *store = new_store(1, 64);
    hz_pile pile;
    struct stat seen;
    hz_pile_init(&pile, store);
    hz_store_fail_after(_i ? 1 : 0, EOPNOTSUPP); /* 1: as if the file system knew only names */
    put_many(&pile, 0, 500, 100);
    ck_assert_uint_eq(count_files(folder), 0);
    ck_assert_int_eq(fstat(hz_store_file(store), &seen), 0);
    ck_assert_uint_eq(seen.st_mode & 0777, 0600);
    ck_assert_uint_eq(seen.st_nlink, 0);
    holds(&pile, 0, 500, 100, false);
    /* The folder may vanish once the file is there. */
    ck_assert_int_eq(rmdir(folder), 0);
    put_many(&pile, 500, 1000, 100);
    holds(&pile, 0, 1000, 100, true);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__killed_process_leaves_nothing)
{
    pid_t child = fork();
    if (child == 0) {
        hz_store *store = NULL;
        hz_store_options options = {1, folder, 64, NULL};
        hz_pile pile;
        if (hz_store_new(&store, &options, NULL) != HZ_OK)
            _exit(CHILD_BAD);
        hz_pile_init(&pile, store);
        hz_store_fail_after(_i ? 1 : 0, EOPNOTSUPP);
        for (uint64_t id = 0; id < 100; id++) {
            char *record = hz_pile_put(&pile, 40, NULL);
            if (!record)
                _exit(CHILD_BAD);
            fill(record, id, 40);
        }
        if (hz_store_disk_bytes(store))
            kill(getpid(), SIGKILL);
        _exit(CHILD_BAD);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert_uint_eq(count_files(folder), 0);
}
END_TEST

START_TEST(test_pile__folder_that_is_missing)
{
    hz_store *store = new_store(1, 64);
    hz_pile pile;
    hz_error err = {0};
    uint64_t id = 0;
    hz_pile_init(&pile, store);
    ck_assert_int_eq(rmdir(folder), 0);
    while (id < 1000 && put(&pile, id, 30, &err))
        id++;
    ck_assert_uint_lt(id, 1000);
    is_error(&err, HZ_MSG_PILE_FOLDER_MISSING, HZ_MSG_PILE_HINT);
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    hz_store_fail_after(1, EACCES);
    hz_error_clear(&err);
    ck_assert(!put(&pile, id, 30, &err));
    is_error(&err, HZ_MSG_PILE_FOLDER_DENIED, HZ_MSG_PILE_HINT);
    hz_store_fail_after(1, EMFILE);
    hz_error_clear(&err);
    ck_assert(!put(&pile, id, 30, &err));
    is_error(&err, HZ_MSG_PILE_FOLDER, HZ_MSG_PILE_HINT);
    put_many(&pile, id, id + 500, 30); /* nothing was lost */
    holds(&pile, 0, id + 500, 30, true);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__disk_is_given_back)
{
    hz_store *store = new_store(1, 0);
    hz_pile first, second;
    struct stat full, half, none;
    hz_pile_init(&first, store);
    hz_pile_init(&second, store);
    put_many(&first, 0, 2000, 1000);
    put_many(&second, 0, 2000, 1000);
    ck_assert_int_eq(hz_pile_spill(&first, NULL), HZ_OK);
    ck_assert_int_eq(hz_pile_spill(&second, NULL), HZ_OK);
    uint64_t written = hz_store_written_bytes(store);
    ck_assert_uint_eq(hz_store_disk_bytes(store), written);
    ck_assert_int_eq(fstat(hz_store_file(store), &full), 0);
    holds(&first, 0, 2000, 1000, true);
    ck_assert_int_eq(fstat(hz_store_file(store), &half), 0);
    ck_assert_uint_lt(hz_store_disk_bytes(store), written * 6 / 10);
    ck_assert_int_le(half.st_blocks, full.st_blocks);
    holds(&second, 0, 2000, 1000, true);
    ck_assert_int_eq(fstat(hz_store_file(store), &none), 0);
    ck_assert_int_eq(none.st_size, 0);
    ck_assert_uint_eq(hz_store_disk_bytes(store), 0);
    put_many(&first, 0, 2000, 1000); /* and the file is used from its start */
    ck_assert_int_eq(hz_pile_spill(&first, NULL), HZ_OK);
    ck_assert_int_eq(fstat(hz_store_file(store), &none), 0);
    ck_assert_int_le(none.st_size, full.st_size * 6 / 10);
    holds(&first, 0, 2000, 1000, true);
    hz_store_free(store);
}
END_TEST

START_TEST(test_pile__cancelled)
{
    hz_cancel cancel = {0};
    hz_store *store = NULL;
    hz_store_options options = {1, folder, 64, &cancel};
    hz_pile pile;
    hz_pile_reader reader;
    hz_slice block;
    hz_error err = {0};
    uint64_t id = 100;
    ck_assert_int_eq(hz_store_new(&store, &options, NULL), HZ_OK);
    hz_pile_init(&pile, store);
    put_many(&pile, 0, 100, 30);
    cancel.raised = 1;
    while (id < 200 && put(&pile, id, 30, &err))
        id++;
    ck_assert_uint_lt(id, 120);
    ck_assert_int_eq(err.status, HZ_E_CANCELLED);
    ck_assert_int_eq(hz_pile_spill(&pile, NULL), HZ_E_CANCELLED);
    hz_pile_read(&reader, &pile, true);
    ck_assert_int_eq(hz_pile_next(&block, &reader, NULL), HZ_E_CANCELLED);
    hz_pile_read_end(&reader);
    cancel.raised = 0;
    holds(&pile, 0, id, 30, true);
    hz_store_free(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.pile.faults");
    TCase *tcase = unit_case(suite, "faults");
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_loop_test(tcase, test_pile__every_failed_call_is_told_and_can_be_tried_again, 0,
                        sizeof faults / sizeof *faults);
    tcase_add_test(tcase, test_pile__error_texts);
    tcase_add_test(tcase, test_pile__limit_on_file_size);
    tcase_add_test(tcase, test_pile__disk_that_is_full);
    tcase_add_test(tcase, test_pile__every_failed_allocation);
    tcase_add_test(tcase, test_pile__cancelled);
    tcase = unit_case(suite, "file");
    tcase_add_checked_fixture(tcase, enter, leave);
    tcase_add_test(tcase, test_pile__changed_bytes_are_found);
    tcase_add_test(tcase, test_pile__block_in_the_wrong_place_is_found);
    tcase_add_loop_test(tcase, test_pile__file_has_no_name, 0, 2);
    tcase_add_loop_test(tcase, test_pile__killed_process_leaves_nothing, 0, 2);
    tcase_add_test(tcase, test_pile__folder_that_is_missing);
    tcase_add_test(tcase, test_pile__disk_is_given_back);
    return unit_run(suite);
}
