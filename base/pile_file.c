/* pile_file.c: the file that blocks are written to. It has no name, so that nothing can be left over. Room in it is
 * given out by a counter, and each block is one write; what is in use is counted, and when that falls to nothing, the
 * counter and the file begin anew.
 *
 * A block on disk: header, then the records, compressed or as they are. The checksum is over the records and has the
 * block's offset as its seed: a block of the right lengths from the wrong place is found out, too. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/htab.h"
#include "base/pile_int.h"
#ifdef HZ_ZSTD
#define ZSTD_STATIC_LINKING_ONLY /* only to name the allocator: all memory goes through alloc.h */
#include <zstd.h>
#include <zstd_errors.h>
#endif

enum {
    BLOCK_MAGIC = 0x62707a68,
    /* On rows of digits -5 leaves 74 % at 440 MB/s a core, 1 leaves 53 % at 245 MB/s: the slower level wins only where
     * the disk takes less than 180 MB/s for each writing thread. */
    COMPRESS_LEVEL = -5,
    COMPRESS_BYTES_MAX = 4 << 20, /* single records beyond this are written as they are, without memory for it */
    HOLE_BYTES = 4096
};

enum { METHOD_PLAIN, METHOD_ZSTD };

typedef struct block_header {
    uint32_t magic, method;
    uint64_t raw_bytes, stored_bytes, checksum; /* stored: behind the header */
} block_header;
_Static_assert(sizeof(block_header) == 32, "no padding");

static _Atomic uint64_t fail_left;
static atomic_int fail_errno;

void hz_store_fail_after(uint64_t n, int error_number)
{
    atomic_store(&fail_errno, error_number);
    atomic_store(&fail_left, n);
}

/* Whether the test hook names this call; *number is the errno it asks for. */
static bool told_to_fail(int *number)
{
    uint64_t left = atomic_load_explicit(&fail_left, memory_order_relaxed);
    while (left && !atomic_compare_exchange_weak(&fail_left, &left, left - 1))
        continue;
    *number = left == 1 ? atomic_load(&fail_errno) : 0;
    return left == 1;
}

/* ---- compression ---- */

#ifdef HZ_ZSTD
struct hz_spill_worker {
    hz_spill_worker *next;
    ZSTD_CCtx *compress; /* made when first needed */
    ZSTD_DCtx *expand;
    char *bytes;
    size_t bytes_room;
};

static void *zstd_alloc(void *unused, size_t size_bytes)
{
    (void)unused;
    return hz_mem_alloc(size_bytes);
}

static void zstd_free(void *unused, void *ptr)
{
    (void)unused;
    hz_mem_free(ptr);
}

static const ZSTD_customMem zstd_memory = {zstd_alloc, zstd_free, NULL};

static void worker_free(hz_spill_worker *worker)
{
    ZSTD_freeCCtx(worker->compress);
    ZSTD_freeDCtx(worker->expand);
    hz_mem_free(worker->bytes);
    hz_mem_free(worker);
}

/* NULL: no memory. */
static hz_spill_worker *worker_borrow(hz_spill *spill)
{
    pthread_mutex_lock(&spill->lock);
    hz_spill_worker *worker = spill->idle;
    if (worker)
        spill->idle = worker->next;
    pthread_mutex_unlock(&spill->lock);
    return worker ? worker : hz_mem_zalloc(1, sizeof *worker);
}

static void worker_return(hz_spill *spill, hz_spill_worker *worker)
{
    if (!worker)
        return;
    pthread_mutex_lock(&spill->lock);
    worker->next = spill->idle;
    spill->idle = worker;
    pthread_mutex_unlock(&spill->lock);
}

static bool worker_room(hz_spill_worker *worker, size_t bytes)
{
    if (bytes <= worker->bytes_room)
        return true;
    hz_mem_free(worker->bytes);
    worker->bytes = hz_mem_alloc(bytes);
    worker->bytes_room = worker->bytes ? bytes : 0;
    return worker->bytes;
}

/* What to store of the records: themselves when they do not shrink, or when there is no memory to try. */
static hz_slice pack(uint32_t *method, hz_spill_worker *worker, hz_slice raw)
{
    *method = METHOD_PLAIN;
    size_t most = raw.len - raw.len / 16;
    if (!worker || raw.len > COMPRESS_BYTES_MAX || !worker_room(worker, most))
        return raw;
    if (!worker->compress)
        worker->compress = ZSTD_createCCtx_advanced(zstd_memory);
    if (!worker->compress)
        return raw;
    size_t len = ZSTD_compressCCtx(worker->compress, worker->bytes, most, raw.ptr, raw.len, COMPRESS_LEVEL);
    if (ZSTD_isError(len))
        return raw;
    *method = METHOD_ZSTD;
    return (hz_slice){worker->bytes, len};
}

/* 0, ENOMEM, or EBADMSG when these bytes are not what was written. */
static int unpack(char *into, size_t raw_bytes, hz_spill_worker *worker, size_t stored_bytes)
{
    if (!worker->expand)
        worker->expand = ZSTD_createDCtx_advanced(zstd_memory);
    if (!worker->expand)
        return ENOMEM;
    size_t len = ZSTD_decompressDCtx(worker->expand, into, raw_bytes, worker->bytes, stored_bytes);
    if (ZSTD_isError(len))
        return ZSTD_getErrorCode(len) == ZSTD_error_memory_allocation ? ENOMEM : EBADMSG;
    return len == raw_bytes ? 0 : EBADMSG;
}
#endif

/* ---- the file ---- */

hz_status hz_spill_init(hz_spill *spill, const char *folder, hz_error *err)
{
    memset(spill, 0, sizeof *spill);
    atomic_store(&spill->fd, -1);
    if (folder) {
        size_t len = strlen(folder) + 1;
        spill->folder = hz_mem_alloc(len);
        if (!spill->folder)
            return hz_nomem(err, len);
        memcpy(spill->folder, folder, len);
    }
    pthread_mutex_init(&spill->lock, NULL); /* cannot fail here */
    return HZ_OK;
}

void hz_spill_clear(hz_spill *spill)
{
#ifdef HZ_ZSTD
    for (hz_spill_worker *worker = spill->idle, *next; worker; worker = next) {
        next = worker->next;
        worker_free(worker);
    }
#endif
    int fd = atomic_load(&spill->fd);
    if (fd >= 0)
        close(fd);
    hz_mem_free(spill->folder);
    pthread_mutex_destroy(&spill->lock);
    memset(spill, 0, sizeof *spill);
    atomic_store(&spill->fd, -1);
}

static const char *error_words(int number)
{
    const char *words = strerrordesc_np(number);
    return words ? words : "?";
}

static hz_status fail_folder(hz_error *err, const hz_spill *spill, int number)
{
    hz_arg args[] = {HZ_M(PILE_FOLDER), HZ_Z(spill->folder), HZ_Z(error_words(number))};
    if (number == ENOENT || number == ENOTDIR)
        args[0] = HZ_M(PILE_FOLDER_MISSING);
    else if (number == EACCES || number == EPERM || number == EROFS)
        args[0] = HZ_M(PILE_FOLDER_DENIED);
    hz_status st = hz_error_set(err, HZ_E_IO, args, sizeof args / sizeof *args);
    hz_error_at(err, hz_slice_of(spill->folder), 0, 0);
    hz_error_hint(err, HZ_MSG_PILE_HINT);
    return st;
}

static hz_status fail_write(hz_error *err, const hz_spill *spill, size_t bytes, int number)
{
    hz_arg args[] = {HZ_M(PILE_WRITE), HZ_Z(spill->folder), HZ_U(bytes), HZ_U(atomic_load(&spill->live_bytes)),
                     HZ_Z(error_words(number))};
    if (number == ENOSPC || number == EDQUOT)
        args[0] = HZ_M(PILE_DISK_FULL);
    else if (number == EFBIG)
        args[0] = HZ_M(PILE_TOO_LARGE);
    hz_status st = hz_error_set(err, HZ_E_IO, args, sizeof args / sizeof *args);
    hz_error_at(err, hz_slice_of(spill->folder), 0, 0);
    hz_error_hint(err, HZ_MSG_PILE_HINT);
    return st;
}

static hz_status fail_damaged(hz_error *err, const hz_spill *spill, uint64_t offset_bytes)
{
    hz_status st = hz_fail(err, HZ_E_IO, HZ_M(PILE_DAMAGED), HZ_Z(spill->folder), HZ_U(offset_bytes));
    hz_error_at(err, hz_slice_of(spill->folder), 0, 0);
    hz_error_at_byte(err, offset_bytes);
    hz_error_hint(err, HZ_MSG_PILE_DAMAGED_HINT);
    return st;
}

static hz_status fail_read(hz_error *err, const hz_spill *spill, hz_spill_place place, int number)
{
    if (number == EBADMSG)
        return fail_damaged(err, spill, place.offset_bytes);
    hz_status st = hz_fail(err, HZ_E_IO, HZ_M(PILE_READ), HZ_Z(spill->folder), HZ_U(place.stored_bytes),
                           HZ_U(place.offset_bytes), HZ_Z(error_words(number)));
    hz_error_at(err, hz_slice_of(spill->folder), 0, 0);
    hz_error_at_byte(err, place.offset_bytes);
    hz_error_hint(err, HZ_MSG_PILE_DAMAGED_HINT);
    return st;
}

/* Where files without a name are not known: a name for as short as can be. The descriptor, or -1 with errno set. */
static int open_named(const char *folder)
{
    static const char name[] = "/.hezhun-spill-XXXXXX";
    size_t len = strlen(folder);
    char *path = hz_mem_alloc(len + sizeof name);
    if (!path) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(path, folder, len);
    memcpy(path + len, name, sizeof name);
    int fd = mkostemp(path, O_CLOEXEC), number = errno;
    if (fd >= 0 && unlink(path) != 0) {
        number = errno;
        close(fd);
        fd = -1;
    }
    hz_mem_free(path);
    errno = number;
    return fd;
}

static int open_unnamed(const char *folder)
{
    int number = 0;
    if (told_to_fail(&number) && number) {
        errno = number;
        return -1;
    }
    return open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
}

/* Under the lock. */
static int open_file(const char *folder)
{
    int fd = -1;
    do
        fd = open_unnamed(folder);
    while (fd < 0 && errno == EINTR);
    return fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) ? open_named(folder) : fd;
}

static hz_status need_file(hz_spill *spill, hz_error *err)
{
    if (atomic_load(&spill->fd) >= 0)
        return HZ_OK;
    hz_status st = HZ_OK;
    pthread_mutex_lock(&spill->lock);
    if (atomic_load(&spill->fd) < 0) {
        int fd = open_file(spill->folder);
        if (fd < 0)
            st = errno == ENOMEM ? hz_nomem(err, strlen(spill->folder)) : fail_folder(err, spill, errno);
        else
            atomic_store(&spill->fd, fd);
    }
    pthread_mutex_unlock(&spill->lock);
    return st;
}

static ssize_t move_some(int fd, bool write, const struct iovec *parts, int parts_count, uint64_t offset_bytes)
{
    int number = 0;
    if (told_to_fail(&number)) {
        errno = number;
        if (number)
            return -1;
        return write ? pwrite(fd, parts->iov_base, 1, (off_t)offset_bytes)
                     : pread(fd, parts->iov_base, 1, (off_t)offset_bytes);
    }
    return write ? pwritev(fd, parts, parts_count, (off_t)offset_bytes)
                 : preadv(fd, parts, parts_count, (off_t)offset_bytes);
}

/* Writes or reads header and body, whole. 0 or an errno: EBADMSG when the file ends before. */
static int move_all(int fd, bool write, block_header *header, char *body, size_t body_bytes, uint64_t offset_bytes)
{
    struct iovec parts[2] = {{header, sizeof *header}, {body, body_bytes}}, *part = parts;
    while (part < parts + 2) {
        ssize_t n = move_some(fd, write, part, (int)(parts + 2 - part), offset_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : write ? EIO : EBADMSG;
        offset_bytes += (uint64_t)n;
        size_t left = (size_t)n;
        for (; part < parts + 2 && left >= part->iov_len; part++)
            left -= part->iov_len;
        if (part < parts + 2) {
            part->iov_base = (char *)part->iov_base + left;
            part->iov_len -= left;
        }
    }
    return 0;
}

static hz_spill_place reserve(hz_spill *spill, uint64_t bytes)
{
    pthread_mutex_lock(&spill->lock);
    hz_spill_place place = {spill->end_bytes, bytes};
    spill->end_bytes += bytes;
    atomic_fetch_add(&spill->live_bytes, bytes);
    pthread_mutex_unlock(&spill->lock);
    return place;
}

static void release(hz_spill *spill, hz_spill_place place)
{
    pthread_mutex_lock(&spill->lock);
    if (place.offset_bytes + place.stored_bytes == spill->end_bytes)
        spill->end_bytes = place.offset_bytes;
    if (atomic_fetch_sub(&spill->live_bytes, place.stored_bytes) == place.stored_bytes) {
        /* Nobody reads or writes: what is under way is counted. Failing, it only keeps room. */
        spill->end_bytes = 0;
        (void)!ftruncate(atomic_load(&spill->fd), 0);
    }
    pthread_mutex_unlock(&spill->lock);
}

void hz_spill_drop(hz_spill *spill, hz_spill_place place)
{
    uint64_t from = (place.offset_bytes + HOLE_BYTES - 1) / HOLE_BYTES * HOLE_BYTES;
    uint64_t to = (place.offset_bytes + place.stored_bytes) / HOLE_BYTES * HOLE_BYTES;
    /* Before the room is released: later it could hold another block. */
    if (from < to && !atomic_load_explicit(&spill->no_holes, memory_order_relaxed) &&
        fallocate(atomic_load(&spill->fd), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
                  (off_t)(to - from)) != 0 &&
        errno != EINTR)
        atomic_store(&spill->no_holes, true);
    release(spill, place);
}

static hz_status write_packed(hz_spill_place *out, hz_spill *spill, block_header *header, hz_slice raw, hz_slice body,
                              hz_error *err)
{
    uint64_t bytes = sizeof *header + body.len;
    hz_spill_place place = reserve(spill, bytes);
    header->checksum = hz_hash_bytes(raw.ptr, raw.len, place.offset_bytes);
    int number =
        move_all(atomic_load(&spill->fd), true, header, (char *)(uintptr_t)body.ptr, body.len, place.offset_bytes);
    if (number) {
        release(spill, place);
        return fail_write(err, spill, bytes, number);
    }
    atomic_fetch_add(&spill->written_bytes, bytes);
    *out = place;
    return HZ_OK;
}

hz_status hz_spill_write(hz_spill_place *out, hz_spill *spill, hz_slice raw, hz_error *err)
{
    *out = (hz_spill_place){0, 0};
    HZ_TRY(need_file(spill, err));
    block_header header = {BLOCK_MAGIC, METHOD_PLAIN, raw.len, raw.len, 0};
    hz_slice body = raw;
#ifdef HZ_ZSTD
    hz_spill_worker *worker = worker_borrow(spill);
    body = pack(&header.method, worker, raw);
    header.stored_bytes = body.len;
#endif
    hz_status st = write_packed(out, spill, &header, raw, body, err);
#ifdef HZ_ZSTD
    worker_return(spill, worker);
#endif
    return st;
}

/* Plain blocks are as long as what is in them; packed ones are shorter. */
static bool header_fits(const block_header *header, size_t raw_bytes, hz_spill_place place)
{
    uint64_t body_bytes = place.stored_bytes - sizeof *header;
    return header->magic == BLOCK_MAGIC && header->raw_bytes == raw_bytes && header->stored_bytes == body_bytes &&
           header->method == (body_bytes < raw_bytes ? METHOD_ZSTD : METHOD_PLAIN);
}

static int read_plain(char *into, size_t raw_bytes, int fd, block_header *header, hz_spill_place place)
{
    int number = move_all(fd, false, header, into, raw_bytes, place.offset_bytes);
    return number || header_fits(header, raw_bytes, place) ? number : EBADMSG;
}

static int read_packed(char *into, size_t raw_bytes, hz_spill *spill, block_header *header, hz_spill_place place)
{
#ifdef HZ_ZSTD
    size_t body_bytes = (size_t)place.stored_bytes - sizeof *header;
    hz_spill_worker *worker = worker_borrow(spill);
    int number = worker && worker_room(worker, body_bytes) ? 0 : ENOMEM;
    if (!number)
        number = move_all(atomic_load(&spill->fd), false, header, worker->bytes, body_bytes, place.offset_bytes);
    if (!number && !header_fits(header, raw_bytes, place))
        number = EBADMSG;
    if (!number)
        number = unpack(into, raw_bytes, worker, body_bytes);
    worker_return(spill, worker);
    return number;
#else
    (void)into, (void)raw_bytes, (void)spill, (void)header, (void)place;
    return EBADMSG; /* never written */
#endif
}

hz_status hz_spill_read(char *into, size_t raw_bytes, hz_spill *spill, hz_spill_place place, hz_error *err)
{
    block_header header = {0, 0, 0, 0, 0};
    int number = place.stored_bytes - sizeof header < raw_bytes
                     ? read_packed(into, raw_bytes, spill, &header, place)
                     : read_plain(into, raw_bytes, atomic_load(&spill->fd), &header, place);
    if (!number && hz_hash_bytes(into, raw_bytes, place.offset_bytes) != header.checksum)
        number = EBADMSG;
    if (number == ENOMEM)
        return hz_nomem(err, raw_bytes);
    return number ? fail_read(err, spill, place, number) : HZ_OK;
}
