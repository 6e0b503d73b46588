/* file.c: an output file is made whole or not at all. Its temporary file lies in the same folder, so that rename is
 * atomic, and has one fixed name, so that the next run finds and replaces what a killed one left. Whoever holds the
 * lock on it writes; since it may have been renamed or removed between opening and locking, the name is looked at again
 * once the lock is held. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum { OUT_BUFFER_BYTES = 64 * 1024, OPEN_TRIES = 16 };
/* One read or write call takes at most this: larger ones are cut by the kernel in any case. */
#define IO_BYTES_MAX ((size_t)1 << 30)

static const char temp_suffix[] = ".hezhun-tmp";

static _Atomic uint64_t fail_left;
static atomic_int fail_errno;

void hz_file_fail_after(uint64_t n, int error_number)
{
    atomic_store(&fail_errno, error_number);
    atomic_store(&fail_left, n);
}

/* True, with errno set, when the test hook says that this call fails. */
static bool told_to_fail(void)
{
    uint64_t left = atomic_load_explicit(&fail_left, memory_order_relaxed);
    while (left && !atomic_compare_exchange_weak(&fail_left, &left, left - 1))
        continue;
    if (left != 1)
        return false;
    errno = atomic_load(&fail_errno);
    return true;
}

/* The system's words for an error do not depend on the locale. */
static const char *error_words(int number)
{
    const char *words = strerrordesc_np(number);
    return words ? words : "?";
}

hz_status hz_file_fail(hz_error *err, hz_status status, hz_msg_id message, const char *path, int number)
{
    hz_arg args[] = {HZ_M(NONE), HZ_Z(path), HZ_Z(error_words(number))};
    args[0].message = number == ENOENT                       ? HZ_MSG_FILE_MISSING
                      : number == EACCES || number == EPERM  ? HZ_MSG_FILE_DENIED
                      : number == ELOOP                      ? HZ_MSG_FILE_LINK_LOOP
                      : number == ENOSPC || number == EDQUOT ? HZ_MSG_FILE_DISK_FULL
                                                             : message;
    hz_status result = hz_error_set(err, status, args, sizeof args / sizeof *args);
    hz_error_at(err, hz_slice_of(path), 0, 0);
    return result;
}

static hz_status fail_plain(hz_error *err, hz_status status, hz_arg message, const char *path)
{
    hz_status result = hz_fail(err, status, message, HZ_Z(path));
    hz_error_at(err, hz_slice_of(path), 0, 0);
    return result;
}

static char *copy_text(const char *text, size_t len)
{
    char *copy = hz_mem_alloc(len + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

struct hz_file {
    char *path;
    int fd; /* -1: bytes in memory */
    hz_slice bytes;
    struct stat seen;
};

static hz_status open_regular(hz_file *file, hz_error *err)
{
    do
        file->fd = open(file->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    while (file->fd < 0 && errno == EINTR);
    if (file->fd < 0 && errno == ENXIO)
        return fail_plain(err, HZ_E_SOURCE, HZ_M(FILE_NOT_REGULAR), file->path);
    if (file->fd < 0 || fstat(file->fd, &file->seen) != 0)
        return hz_file_fail(err, HZ_E_SOURCE, HZ_MSG_FILE_OPEN, file->path, errno);
    if (!S_ISREG(file->seen.st_mode))
        return fail_plain(err, HZ_E_SOURCE, HZ_M(FILE_NOT_REGULAR), file->path);
    /* Advice only. */
    (void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return HZ_OK;
}

hz_status hz_file_open(hz_file **out, const char *path, hz_error *err)
{
    *out = NULL;
    hz_file *file = hz_mem_zalloc(1, sizeof *file);
    if (!file)
        return hz_nomem(err, sizeof *file);
    file->fd = -1;
    file->path = copy_text(path, strlen(path));
    hz_status st = file->path ? open_regular(file, err) : hz_nomem(err, strlen(path) + 1);
    if (st != HZ_OK) {
        hz_file_close(file);
        return st;
    }
    *out = file;
    return HZ_OK;
}

hz_status hz_file_open_bytes(hz_file **out, hz_slice bytes, hz_error *err)
{
    hz_file *file = *out = hz_mem_zalloc(1, sizeof *file);
    if (!file)
        return hz_nomem(err, sizeof *file);
    file->fd = -1;
    file->bytes = bytes;
    file->seen.st_size = (off_t)bytes.len;
    return HZ_OK;
}

void hz_file_close(hz_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    hz_mem_free(file->path);
    hz_mem_free(file);
}

uint64_t hz_file_size(const hz_file *file)
{
    return (uint64_t)file->seen.st_size;
}

static hz_status changed(hz_file *file, hz_error *err)
{
    return fail_plain(err, HZ_E_CHANGED, HZ_M(FILE_CHANGED), file->path);
}

hz_status hz_file_read_at(hz_file *file, uint64_t offset, void *into, size_t len, size_t *got, hz_error *err)
{
    uint64_t size = hz_file_size(file), left = offset < size ? size - offset : 0;
    size_t wanted = left < len ? (size_t)left : len;
    *got = 0;
    if (file->fd < 0 && wanted) {
        memcpy(into, file->bytes.ptr + offset, wanted);
        *got = wanted;
    }
    while (*got < wanted) {
        size_t part = wanted - *got < IO_BYTES_MAX ? wanted - *got : IO_BYTES_MAX;
        ssize_t n = told_to_fail() ? -1 : pread(file->fd, (char *)into + *got, part, (off_t)(offset + *got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            hz_status st = hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_READ, file->path, errno);
            hz_error_at_byte(err, offset + *got);
            return st;
        }
        if (n == 0)
            return changed(file, err);
        *got += (size_t)n;
    }
    return HZ_OK;
}

hz_status hz_file_check_unchanged(hz_file *file, hz_error *err)
{
    struct stat now, named;
    if (file->fd < 0)
        return HZ_OK;
    if (fstat(file->fd, &now) != 0)
        return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_READ, file->path, errno);
    if (stat(file->path, &named) != 0 || named.st_ino != file->seen.st_ino || named.st_dev != file->seen.st_dev)
        return changed(file, err);
    if (now.st_size != file->seen.st_size || now.st_mtim.tv_sec != file->seen.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != file->seen.st_mtim.tv_nsec)
        return changed(file, err);
    return HZ_OK;
}

static hz_status read_all(hz_buf *out, hz_file *file, uint64_t max_bytes, const char *limit_name, hz_error *err)
{
    uint64_t size = hz_file_size(file);
    if (size > max_bytes) {
        hz_status st = hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z(limit_name), HZ_U(max_bytes));
        hz_error_at(err, hz_slice_of(file->path), 0, 0);
        return st;
    }
    char *into = hz_buf_reserve(out, (size_t)size);
    if (!into)
        return hz_buf_status(out, err);
    size_t got = 0;
    HZ_TRY(hz_file_read_at(file, 0, into, (size_t)size, &got, err));
    into[got] = '\0';
    out->len += got;
    return hz_file_check_unchanged(file, err);
}

hz_status hz_file_read_all(hz_buf *out, const char *path, uint64_t max_bytes, const char *limit_name, hz_error *err)
{
    hz_file *file = NULL;
    HZ_TRY(hz_file_open(&file, path, err));
    hz_status st = read_all(out, file, max_bytes, limit_name, err);
    hz_file_close(file);
    return st;
}

struct hz_outfile {
    char *shown, *target, *temp; /* as the user gave it; with the last link followed; the file that is written */
    int fd;                      /* -1: at rest */
    dev_t device;                /* of the temporary file, once at rest */
    ino_t inode;
    char *buffer;
    size_t buffered;
};

static void free_outfile(hz_outfile *file)
{
    if (file->fd >= 0)
        close(file->fd); /* gives the lock back */
    hz_mem_free(file->shown);
    hz_mem_free(file->target);
    hz_mem_free(file->temp);
    hz_mem_free(file->buffer);
    hz_mem_free(file);
}

/* Of a file at rest, whose lock was given back: its temporary name still leads to it. */
static bool is_own(const hz_outfile *file)
{
    struct stat there;
    return file->inode && lstat(file->temp, &there) == 0 && there.st_ino == file->inode && there.st_dev == file->device;
}

void hz_outfile_abandon(hz_outfile *file)
{
    if (!file)
        return;
    if (file->fd >= 0 || is_own(file))
        unlink(file->temp); /* while the lock is held nobody else's file has this name */
    free_outfile(file);
}

const char *hz_outfile_temp(const hz_outfile *file)
{
    return file->temp;
}

/* The target itself when a link is named, so that the link stays; *mode is that of the file there, 0 when there is
 * none. */
static hz_status resolve_target(hz_outfile *file, mode_t *mode, hz_error *err)
{
    struct stat there;
    *mode = 0;
    if (lstat(file->shown, &there) != 0) {
        if (errno != ENOENT)
            return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_OPEN, file->shown, errno);
        file->target = copy_text(file->shown, strlen(file->shown));
        return file->target ? HZ_OK : hz_nomem(err, strlen(file->shown) + 1);
    }
    const char *path = file->shown;
    char *real = NULL;
    if (S_ISLNK(there.st_mode)) {
        path = real = realpath(file->shown, NULL);
        if (!real || stat(real, &there) != 0) {
            int number = errno;
            free(real);
            return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_OPEN, file->shown, number);
        }
    }
    if (S_ISREG(there.st_mode)) {
        *mode = there.st_mode & 0777;
        file->target = copy_text(path, strlen(path));
    }
    free(real);
    if (!S_ISREG(there.st_mode))
        return fail_plain(err, HZ_E_IO, HZ_M(FILE_NOT_REGULAR), file->shown);
    return file->target ? HZ_OK : hz_nomem(err, strlen(path) + 1);
}

/* FOLDER/.NAME.hezhun-tmp */
static hz_status name_temp(hz_outfile *file, hz_error *err)
{
    hz_slice target = hz_slice_of(file->target);
    size_t name = target.len;
    while (name && target.ptr[name - 1] != '/')
        name--;
    hz_buf text = HZ_BUF_INIT;
    hz_buf_put(&text, hz_slice_sub(target, 0, name));
    hz_buf_putc(&text, '.');
    hz_buf_put(&text, hz_slice_sub(target, name, target.len));
    hz_buf_puts(&text, temp_suffix);
    file->temp = text.ptr;
    return hz_buf_status(&text, err);
}

/* Opens and locks the temporary file. *again when its name no longer leads to what was locked, or it is not ours alone.
 */
static hz_status lock_temp(hz_outfile *file, bool *again, hz_error *err)
{
    struct stat held, named;
    *again = false;
    do
        file->fd = open(file->temp, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0666);
    while (file->fd < 0 && errno == EINTR);
    if (file->fd < 0)
        return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_OPEN, file->shown, errno);
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fail_plain(err, HZ_E_IO, HZ_M(FILE_BUSY), file->shown);
        return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_OPEN, file->shown, errno);
    }
    if (fstat(file->fd, &held) != 0)
        return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_OPEN, file->shown, errno);
    if (!S_ISREG(held.st_mode))
        return fail_plain(err, HZ_E_IO, HZ_M(FILE_NOT_REGULAR), file->temp);
    *again = lstat(file->temp, &named) != 0 || named.st_ino != held.st_ino || named.st_dev != held.st_dev;
    if (!*again && held.st_nlink != 1) {
        /* Another name leads to it: emptying it would empty somebody's file. */
        unlink(file->temp);
        *again = true;
    }
    return HZ_OK;
}

static void close_temp(hz_outfile *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

static hz_status open_temp(hz_outfile *file, mode_t mode, hz_error *err)
{
    for (int tries = 0; tries < OPEN_TRIES; tries++) {
        bool again = false;
        hz_status st = lock_temp(file, &again, err);
        if (st != HZ_OK) {
            close_temp(file);
            return st;
        }
        if (again) {
            close_temp(file);
            continue;
        }
        if (ftruncate(file->fd, 0) != 0 || (mode && fchmod(file->fd, mode) != 0))
            return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_WRITE, file->shown, errno);
        return HZ_OK;
    }
    return fail_plain(err, HZ_E_IO, HZ_M(FILE_BUSY), file->shown);
}

static hz_status prepare(hz_outfile *file, const char *path, mode_t wanted, hz_error *err)
{
    mode_t mode = 0;
    file->shown = copy_text(path, strlen(path));
    file->buffer = hz_mem_alloc(OUT_BUFFER_BYTES);
    if (!file->shown || !file->buffer)
        return hz_nomem(err, OUT_BUFFER_BYTES);
    HZ_TRY(resolve_target(file, &mode, err));
    HZ_TRY(name_temp(file, err));
    return open_temp(file, wanted ? wanted : mode, err);
}

static hz_status open_out(hz_outfile **out, const char *path, mode_t wanted, hz_error *err)
{
    *out = NULL;
    hz_outfile *file = hz_mem_zalloc(1, sizeof *file);
    if (!file)
        return hz_nomem(err, sizeof *file);
    file->fd = -1;
    hz_status st = prepare(file, path, wanted, err);
    if (st != HZ_OK) {
        hz_outfile_abandon(file);
        return st;
    }
    *out = file;
    return HZ_OK;
}

hz_status hz_outfile_open(hz_outfile **out, const char *path, hz_error *err)
{
    return open_out(out, path, 0, err);
}

hz_status hz_outfile_open_private(hz_outfile **out, const char *path, hz_error *err)
{
    return open_out(out, path, 0600, err);
}

static hz_status write_through(hz_outfile *file, const char *bytes, size_t len, hz_error *err)
{
    for (size_t at = 0; at < len;) {
        size_t part = len - at < IO_BYTES_MAX ? len - at : IO_BYTES_MAX;
        ssize_t n = told_to_fail() ? -1 : write(file->fd, bytes + at, part);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_WRITE, file->shown, errno);
        at += (size_t)n;
    }
    return HZ_OK;
}

static hz_status flush(hz_outfile *file, hz_error *err)
{
    size_t len = file->buffered;
    file->buffered = 0;
    return write_through(file, file->buffer, len, err);
}

hz_status hz_outfile_write(hz_outfile *file, hz_slice bytes, hz_error *err)
{
    if (bytes.len > OUT_BUFFER_BYTES - file->buffered)
        HZ_TRY(flush(file, err));
    if (bytes.len >= OUT_BUFFER_BYTES)
        return write_through(file, bytes.ptr, bytes.len, err);
    if (bytes.len)
        memcpy(file->buffer + file->buffered, bytes.ptr, bytes.len);
    file->buffered += bytes.len;
    return HZ_OK;
}

/* The new name is durable once the folder is; some file systems cannot sync one, and then there is nothing to do. */
static void sync_folder(hz_outfile *file)
{
    char *slash = strrchr(file->temp, '/');
    if (slash)
        slash[slash == file->temp] = '\0';
    int fd = open(slash ? file->temp : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

static hz_status sync_all(hz_outfile *file, hz_error *err)
{
    HZ_TRY(flush(file, err));
    return told_to_fail() || fsync(file->fd) != 0 ? hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_WRITE, file->shown, errno)
                                                  : HZ_OK;
}

hz_status hz_outfile_rest(hz_outfile *file, hz_error *err)
{
    struct stat held;
    hz_status st = sync_all(file, err);
    if (st == HZ_OK && fstat(file->fd, &held) != 0)
        st = hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_WRITE, file->shown, errno);
    if (st != HZ_OK) {
        hz_outfile_abandon(file);
        return st;
    }
    file->device = held.st_dev;
    file->inode = held.st_ino;
    close(file->fd);
    file->fd = -1;
    hz_mem_free(file->buffer);
    file->buffer = NULL;
    return HZ_OK;
}

hz_status hz_outfile_commit(hz_outfile *file, hz_error *err)
{
    hz_status st = HZ_OK;
    if (file->fd >= 0)
        st = sync_all(file, err);
    else if (!is_own(file))
        st = fail_plain(err, HZ_E_IO, HZ_M(FILE_BUSY), file->shown);
    if (st == HZ_OK && (told_to_fail() || rename(file->temp, file->target) != 0))
        st = hz_file_fail(err, HZ_E_IO, HZ_MSG_FILE_WRITE, file->shown, errno);
    if (st != HZ_OK) {
        hz_outfile_abandon(file);
        return st;
    }
    sync_folder(file);
    free_outfile(file);
    return HZ_OK;
}
