/* fault_shim.c: a library to preload (LD_PRELOAD) that lets one file call of a program go wrong; for faults.py.
 *
 *   HZ_FAULT=CALL:N:ACTION   at the Nth call of its kind from the start, one of
 *     CALL    read (pread, preadv) write (write, pwrite, pwritev; not to standard output and error) open (of a file
 *             below HZ_FAULT_UNDER) sync (fsync) rename
 *     ACTION  eNUMBER   it fails with this errno
 *             sNUMBER   the process gets this signal, then the call goes on
 *             tPATH     the file is cut to half, then the call goes on
 *             aPATH     a line is added to the file, then the call goes on
 *             rPATH     the empty folder is removed, then the call goes on
 *   HZ_FAULT_COUNTS=PATH     at exit a line a kind: its name and how many calls there were */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { READ, WRITE, OPEN, SYNC, RENAME, KINDS };
static const char *const names[KINDS] = {"read", "write", "open", "sync", "rename"};
static atomic_ulong counts[KINDS];
static int fault_kind = -1;
static unsigned long fault_at;
static const char *action, *under;

#define REAL(type, name, ...) (__extension__(type(*)(__VA_ARGS__)) dlsym(RTLD_NEXT, name))

__attribute__((constructor)) static void begin(void)
{
    const char *fault = getenv("HZ_FAULT");
    under = getenv("HZ_FAULT_UNDER");
    for (int k = 0; fault && k < KINDS; k++) {
        size_t len = strlen(names[k]);
        char *end;
        if (strncmp(fault, names[k], len) != 0 || fault[len] != ':')
            continue;
        fault_at = strtoul(fault + len + 1, &end, 10);
        action = *end == ':' ? end + 1 : NULL;
        fault_kind = k;
    }
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("HZ_FAULT_COUNTS");
    FILE *out = path ? fopen(path, "w") : NULL;
    for (int k = 0; out && k < KINDS; k++)
        fprintf(out, "%s %lu\n", names[k], counts[k]);
    if (out)
        fclose(out);
}

static void change(const char *path, bool cut)
{
    struct stat info;
    int fd = REAL(int, "open", const char *, int, ...)(path, O_WRONLY | O_APPEND);
    if (fd < 0 || fstat(fd, &info) != 0)
        return;
    if (cut)
        (void)!ftruncate(fd, info.st_size / 2);
    else
        (void)!REAL(ssize_t, "write", int, const void *, size_t)(fd, "\n", 1);
    close(fd);
}

/* True: the call fails, errno is set. */
static bool fails(int kind)
{
    unsigned long at = atomic_fetch_add(&counts[kind], 1) + 1;
    if (kind != fault_kind || at != fault_at || !action)
        return false;
    switch (*action) {
    case 'e':
        errno = (int)strtol(action + 1, NULL, 10);
        return true;
    case 's':
        (void)kill(getpid(), (int)strtol(action + 1, NULL, 10));
        return false;
    case 't':
    case 'a':
        change(action + 1, *action == 't');
        return false;
    case 'r':
        (void)rmdir(action + 1);
        return false;
    default:
        return false;
    }
}

static bool is_own(int fd)
{
    return fd > 2;
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset)
{
    return fails(READ) ? -1 : REAL(ssize_t, "pread", int, void *, size_t, off_t)(fd, bytes, count, offset);
}

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t offset)
{
    return fails(READ) ? -1 : REAL(ssize_t, "preadv", int, const struct iovec *, int, off_t)(fd, parts, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    return is_own(fd) && fails(WRITE) ? -1 : REAL(ssize_t, "write", int, const void *, size_t)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    return fails(WRITE) ? -1 : REAL(ssize_t, "pwrite", int, const void *, size_t, off_t)(fd, bytes, count, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return fails(WRITE) ? -1
                        : REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t)(fd, parts, count, offset);
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = va_arg(more, mode_t);
    va_end(more);
    bool counted = under && strncmp(path, under, strlen(under)) == 0;
    return counted && fails(OPEN) ? -1 : REAL(int, "open", const char *, int, ...)(path, flags, mode);
}

int fsync(int fd)
{
    return fails(SYNC) ? -1 : REAL(int, "fsync", int)(fd);
}

int rename(const char *from, const char *to)
{
    return fails(RENAME) ? -1 : REAL(int, "rename", const char *, const char *)(from, to);
}
