/* arrivals.c: see arrivals.h. Whether something is quiet is asked of two clocks: the time of the last change (ctime,
 * which nobody can set back) against the wall, so that what lay there before the start need not wait; and how long we
 * have seen one stamp, so that a wrong clock of a file server costs no more than the quiet period. */
#include "validator/tasks/arrivals.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/htab.h"
#include "base/sha256.h"

enum {
    DEPTH_MAX = 16,
    LOOK_MS = 30 * 1000,     /* though nothing is told: inotify does not see other machines' writes */
    LOOK_DEAF_MS = 2 * 1000, /* without inotify */
    GATHER_MS = 100,         /* after the first change, for those that come with it */
    MARKER_BYTES_MAX = 65536,
    CHANGES = IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_DELETE
};

typedef struct entry {
    hz_arrival arrival;
    int64_t changed_ns;  /* the newest ctime in it */
    uint64_t since_ms;   /* this stamp was first seen */
    uint64_t later_ms;   /* not before */
    uint8_t done[32];    /* the stamp that was dealt with */
    bool is_done, whole; /* this stamp; at the last look */
    uint64_t look;       /* number of the last look that saw it */
} entry;

struct hz_arrivals {
    hz_arrivals_options options;
    hz_arena *arena, *scratch;
    entry *entries;
    size_t count, capacity;
    hz_names names;
    uint64_t looks;
    int told; /* inotify; -1: none */
    hz_buf path;
};

/* ---- opening ---- */

static hz_status open_all(hz_arrivals *arrivals, hz_error *err)
{
    struct stat info;
    const char *folder = arrivals->options.folder;
    arrivals->arena = hz_arena_new();
    arrivals->scratch = hz_arena_new();
    if (!arrivals->arena || !arrivals->scratch)
        return hz_nomem(err, sizeof *arrivals);
    if (stat(folder, &info) != 0 || !S_ISDIR(info.st_mode))
        return hz_fail(err, HZ_E_SOURCE, HZ_M(WATCH_NO_FOLDER), HZ_Z(folder));
    arrivals->told = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (arrivals->told >= 0 && inotify_add_watch(arrivals->told, folder, CHANGES | IN_ONLYDIR) < 0) {
        close(arrivals->told);
        arrivals->told = -1;
    }
    return HZ_OK;
}

hz_status hz_arrivals_open(hz_arrivals **out, const hz_arrivals_options *options, hz_error *err)
{
    *out = NULL;
    hz_arrivals *arrivals = hz_mem_zalloc(1, sizeof *arrivals);
    if (!arrivals)
        return hz_nomem(err, sizeof *arrivals);
    arrivals->options = *options;
    arrivals->told = -1;
    arrivals->path = HZ_BUF_INIT;
    hz_status st = open_all(arrivals, err);
    if (st == HZ_OK)
        *out = arrivals;
    else
        hz_arrivals_free(arrivals);
    return st;
}

void hz_arrivals_free(hz_arrivals *arrivals)
{
    if (!arrivals)
        return;
    if (arrivals->told >= 0)
        close(arrivals->told);
    hz_names_clear(&arrivals->names);
    hz_mem_free(arrivals->entries);
    hz_buf_clear(&arrivals->path);
    hz_arena_free(arrivals->scratch);
    hz_arena_free(arrivals->arena);
    hz_mem_free(arrivals);
}

/* ---- entries ---- */

static hz_status entry_of(entry **out, hz_arrivals *arrivals, hz_slice name, hz_error *err)
{
    uint32_t at = hz_names_find(&arrivals->names, name), old;
    if (at == HZ_HTAB_NONE) {
        at = (uint32_t)arrivals->count;
        if (!HZ_GROW(arrivals->entries, arrivals->capacity, arrivals->count + 1))
            return hz_nomem(err, sizeof *arrivals->entries);
        entry *made = &arrivals->entries[at];
        *made = (entry){.look = 0};
        if (hz_arena_copy(&made->arrival.name, arrivals->arena, name) != HZ_OK)
            return hz_nomem(err, name.len);
        HZ_TRY(hz_names_add(&arrivals->names, made->arrival.name, at, &old, err));
        arrivals->count++;
    }
    *out = &arrivals->entries[at];
    return HZ_OK;
}

hz_status hz_arrivals_done(hz_arrivals *arrivals, hz_slice name, const uint8_t stamp[32], hz_error *err)
{
    entry *it;
    HZ_TRY(entry_of(&it, arrivals, name, err));
    memcpy(it->done, stamp, sizeof it->done);
    it->is_done = true;
    return HZ_OK;
}

void hz_arrivals_later(hz_arrivals *arrivals, hz_slice name, uint64_t due_ms)
{
    uint32_t at = hz_names_find(&arrivals->names, name);
    if (at != HZ_HTAB_NONE)
        arrivals->entries[at].later_ms = due_ms;
}

bool hz_arrivals_exists(const hz_arrivals *arrivals, hz_slice name)
{
    uint32_t at = hz_names_find(&arrivals->names, name);
    return at != HZ_HTAB_NONE && arrivals->entries[at].look == arrivals->looks;
}

static bool is_dealt_with(const entry *it)
{
    return it->is_done && memcmp(it->done, it->arrival.stamp, sizeof it->done) == 0;
}

/* ---- one submission ---- */

static const char marker_beside[] = ".complete";

static bool ends_in(hz_slice name, hz_slice end)
{
    return name.len >= end.len && hz_slice_eq(hz_slice_sub(name, name.len - end.len, name.len), end);
}

static bool is_passed_over(hz_slice name)
{
    static const char *const ends[] = {".part", ".partial", ".tmp", ".filepart", ".crdownload", "~", marker_beside};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_in(name, hz_slice_of(ends[i])))
            return true;
    return !name.len || name.ptr[0] == '.';
}

static int64_t nanos(struct timespec at)
{
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

typedef struct walk {
    hz_arrivals *arrivals;
    hz_sha256 *sha;
    uint64_t files;
    int64_t changed_ns, marked_ns; /* 0: no marker */
    hz_slice marker;               /* its path */
    hz_msg_id refused;
    hz_error *err;
} walk;

static hz_status stamp_file(walk *w, hz_slice below, const struct stat *info)
{
    char facts[64];
    uint64_t numbers[3] = {(uint64_t)info->st_size, (uint64_t)nanos(info->st_mtim), 0};
    memcpy(facts, numbers, sizeof numbers);
    if (++w->files > w->arrivals->options.limits->value[HZ_LIMIT_WATCH_ENTRIES])
        w->refused = HZ_MSG_WATCH_MANY_FILES;
    return hz_sha256_update(w->sha, below.ptr, below.len + 1) && hz_sha256_update(w->sha, facts, sizeof numbers)
               ? HZ_OK
               : hz_nomem(w->err, below.len);
}

static hz_status walk_folder(walk *w, hz_slice path, size_t root_len, unsigned depth);

static hz_status walk_one(walk *w, hz_slice path, size_t root_len, unsigned depth)
{
    struct stat info;
    hz_slice below = hz_slice_sub(path, root_len, path.len);
    if (lstat(path.ptr, &info) != 0)
        return HZ_OK; /* gone again: the next look sees it */
    if (depth && S_ISREG(info.st_mode) && hz_slice_is(below, "/.complete")) {
        w->marked_ns = nanos(info.st_ctim);
        w->marker = path;
        return HZ_OK;
    }
    if (S_ISDIR(info.st_mode))
        return depth < DEPTH_MAX ? walk_folder(w, path, root_len, depth) : HZ_OK;
    if (nanos(info.st_ctim) > w->changed_ns)
        w->changed_ns = nanos(info.st_ctim);
    if (!S_ISREG(info.st_mode))
        w->refused = S_ISLNK(info.st_mode) ? HZ_MSG_WATCH_LINK : HZ_MSG_WATCH_NO_FILE;
    return stamp_file(w, below, &info);
}

static hz_status walk_folder(walk *w, hz_slice path, size_t root_len, unsigned depth)
{
    hz_slice *names;
    size_t count;
    hz_error gone = {0};
    uint64_t max = w->arrivals->options.limits->value[HZ_LIMIT_WATCH_ENTRIES];
    hz_status st = hz_folder_list(&names, &count, w->arrivals->scratch, path.ptr, max, "watch_entries", &gone);
    if (st == HZ_E_NOMEM)
        return hz_nomem(w->err, 0);
    if (st != HZ_OK) { /* too many, or nobody lets us in: said when it is taken */
        w->refused = st == HZ_E_LIMIT ? HZ_MSG_WATCH_MANY_FILES : HZ_MSG_WATCH_DENIED;
        return HZ_OK;
    }
    for (size_t i = 0; i < count && w->refused != HZ_MSG_WATCH_MANY_FILES; i++) {
        hz_buf text = HZ_BUF_INIT;
        hz_slice one;
        st = hz_folder_path(&text, path.ptr, names[i], w->err);
        if (st == HZ_OK && hz_arena_copy(&one, w->arrivals->scratch, hz_buf_slice(&text)) != HZ_OK)
            st = hz_nomem(w->err, text.len);
        hz_buf_clear(&text);
        HZ_TRY(st);
        HZ_TRY(walk_one(w, one, root_len, depth + 1));
    }
    return HZ_OK;
}

/* The first line of a marker, where it is a name. */
static hz_slice marker_unit(const hz_arrivals *arrivals, hz_slice path)
{
    hz_buf text = HZ_BUF_INIT;
    hz_slice unit = HZ_SLICE_NONE;
    if (path.len && hz_file_read_all(&text, path.ptr, MARKER_BYTES_MAX, "marker_bytes", NULL) == HZ_OK) {
        hz_slice line = hz_buf_slice(&text);
        size_t len = 0;
        while (len < line.len && line.ptr[len] != '\n' && line.ptr[len] != '\r')
            len++;
        line.len = len;
        while (line.len && line.ptr[line.len - 1] == ' ')
            line.len--;
        if (line.len && line.len <= HZ_UNIT_BYTES_MAX && hz_arena_copy(&unit, arrivals->arena, line) != HZ_OK)
            unit = HZ_SLICE_NONE;
    }
    hz_buf_clear(&text);
    return unit;
}

static hz_slice named_unit(const hz_arrivals *arrivals, hz_slice name, bool folder)
{
    hz_slice unit = name;
    for (size_t i = 1; i < name.len; i++)
        if (name.ptr[i] == '_' || name.ptr[i] == '@' || (!folder && name.ptr[i] == '.')) {
            unit.len = i;
            break;
        }
    return hz_arena_copy(&unit, arrivals->arena, unit) == HZ_OK ? unit : name;
}

static hz_status make_id(hz_arrival *arrival, hz_error *err)
{
    uint8_t sum[32];
    hz_sha256 *sha = hz_sha256_new();
    bool made = sha && hz_sha256_update(sha, arrival->name.ptr, arrival->name.len + 1) &&
                hz_sha256_update(sha, arrival->stamp, sizeof arrival->stamp) && hz_sha256_final(sha, sum);
    hz_sha256_free(sha);
    if (!made)
        return hz_nomem(err, 0);
    hz_hex(arrival->id, sum, 16);
    return HZ_OK;
}

static bool is_quiet(const entry *it, uint64_t quiet_ms, uint64_t now_ms)
{
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    int64_t age_ns = nanos(wall) - it->changed_ns;
    return now_ms - it->since_ms >= quiet_ms || (age_ns >= 0 && (uint64_t)age_ns / 1000000 >= quiet_ms);
}

/* What the walk found becomes the entry's. */
static hz_status take_walk(hz_arrivals *arrivals, entry *it, walk *w, bool folder, uint64_t now_ms, hz_error *err)
{
    uint8_t stamp[32];
    bool marked = w->marked_ns && w->marked_ns >= w->changed_ns;
    if (!hz_sha256_final(w->sha, stamp))
        return hz_nomem(err, sizeof stamp);
    bool fresh = !it->look || memcmp(stamp, it->arrival.stamp, sizeof stamp) != 0 || w->changed_ns != it->changed_ns;
    if (fresh) {
        it->since_ms = now_ms;
        it->changed_ns = w->changed_ns;
        it->later_ms = 0;
        memcpy(it->arrival.stamp, stamp, sizeof stamp);
        HZ_TRY(make_id(&it->arrival, err));
    }
    it->look = arrivals->looks;
    it->arrival.refused = w->refused;
    bool was_whole = it->whole && !fresh;
    it->whole = marked || (!arrivals->options.marked_only && is_quiet(it, arrivals->options.quiet_ms, now_ms));
    if (it->whole && !was_whole && !is_dealt_with(it)) {
        it->arrival.unit = marker_unit(arrivals, w->marker);
        if (!it->arrival.unit.len)
            it->arrival.unit = named_unit(arrivals, it->arrival.name, folder);
    }
    return HZ_OK;
}

static void find_marker_beside(walk *w, hz_arrivals *arrivals, hz_slice path)
{
    struct stat info;
    hz_buf text = HZ_BUF_INIT;
    hz_buf_put(&text, path);
    hz_buf_puts(&text, marker_beside);
    if (text.status == HZ_OK && lstat(text.ptr, &info) == 0 && S_ISREG(info.st_mode) &&
        hz_arena_copy(&w->marker, arrivals->scratch, hz_buf_slice(&text)) == HZ_OK)
        w->marked_ns = nanos(info.st_ctim);
    hz_buf_clear(&text);
}

static hz_status look_at(hz_arrivals *arrivals, hz_slice name, const struct stat *skip, uint64_t now_ms, hz_error *err)
{
    struct stat info;
    entry *it;
    hz_slice path;
    HZ_TRY(hz_folder_path(&arrivals->path, arrivals->options.folder, name, err));
    if (hz_arena_copy(&path, arrivals->scratch, hz_buf_slice(&arrivals->path)) != HZ_OK)
        return hz_nomem(err, arrivals->path.len);
    if (lstat(path.ptr, &info) != 0 || (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)))
        return HZ_OK;
    if (skip->st_ino == info.st_ino && skip->st_dev == info.st_dev)
        return HZ_OK;
    walk w = {.arrivals = arrivals, .sha = hz_sha256_new(), .err = err};
    hz_status st = w.sha ? walk_one(&w, path, path.len, 0) : hz_nomem(err, 0);
    if (st == HZ_OK && !w.marked_ns)
        find_marker_beside(&w, arrivals, path);
    /* An empty folder is one that somebody began. */
    if (st == HZ_OK && (w.files || w.marked_ns || w.refused))
        st = entry_of(&it, arrivals, name, err);
    else
        it = NULL;
    if (st == HZ_OK && it)
        st = take_walk(arrivals, it, &w, S_ISDIR(info.st_mode), now_ms, err);
    if (st == HZ_OK && S_ISDIR(info.st_mode) && arrivals->told >= 0 && (!it || !is_dealt_with(it)))
        (void)inotify_add_watch(arrivals->told, path.ptr, CHANGES | IN_ONLYDIR | IN_DONT_FOLLOW);
    hz_sha256_free(w.sha);
    return st;
}

hz_status hz_arrivals_look(hz_arrivals *arrivals, uint64_t now_ms, hz_error *err)
{
    hz_slice *names;
    size_t count;
    struct stat skip = {.st_ino = 0};
    const hz_arrivals_options *options = &arrivals->options;
    hz_arena_reset(arrivals->scratch);
    if (options->not_this && stat(options->not_this, &skip) != 0)
        skip = (struct stat){.st_ino = 0};
    HZ_TRY(hz_folder_list(&names, &count, arrivals->scratch, options->folder,
                          options->limits->value[HZ_LIMIT_WATCH_ENTRIES], "watch_entries", err));
    arrivals->looks++;
    for (size_t i = 0; i < count; i++) {
        hz_arena_mark mark = hz_arena_marked(arrivals->scratch);
        if (!is_passed_over(names[i]))
            HZ_TRY(look_at(arrivals, names[i], &skip, now_ms, err));
        hz_arena_rewind(arrivals->scratch, mark);
    }
    return HZ_OK;
}

/* ---- what to do next ---- */

static bool is_wanted(const hz_arrivals *arrivals, const entry *it)
{
    return it->look == arrivals->looks && !is_dealt_with(it);
}

const hz_arrival *hz_arrivals_next(hz_arrivals *arrivals, uint64_t now_ms)
{
    const entry *first = NULL;
    for (size_t i = 0; i < arrivals->count; i++) {
        const entry *it = &arrivals->entries[i];
        if (!is_wanted(arrivals, it) || !it->whole || it->later_ms > now_ms)
            continue;
        if (!first || it->changed_ns < first->changed_ns ||
            (it->changed_ns == first->changed_ns && hz_slice_cmp(it->arrival.name, first->arrival.name) < 0))
            first = it;
    }
    return first ? &first->arrival : NULL;
}

size_t hz_arrivals_waiting(const hz_arrivals *arrivals)
{
    size_t count = 0;
    for (size_t i = 0; i < arrivals->count; i++)
        count += is_wanted(arrivals, &arrivals->entries[i]);
    return count;
}

uint64_t hz_arrivals_due_ms(const hz_arrivals *arrivals, uint64_t now_ms)
{
    uint64_t due_ms = now_ms + (arrivals->told >= 0 ? LOOK_MS : LOOK_DEAF_MS);
    for (size_t i = 0; i < arrivals->count; i++) {
        const entry *it = &arrivals->entries[i];
        if (!is_wanted(arrivals, it))
            continue;
        uint64_t at_ms = it->whole ? it->later_ms : it->since_ms + arrivals->options.quiet_ms;
        if (!it->whole && arrivals->options.marked_only)
            continue;
        if (at_ms < due_ms)
            due_ms = at_ms;
    }
    return due_ms;
}

bool hz_arrivals_wait(hz_arrivals *arrivals, uint64_t wait_ms)
{
    struct pollfd one = {.fd = arrivals->told, .events = POLLIN};
    char events[4096] __attribute__((aligned(8)));
    int ready = poll(&one, arrivals->told >= 0 ? 1 : 0, wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms);
    if (ready <= 0)
        return false;
    (void)poll(NULL, 0, GATHER_MS);
    while (read(arrivals->told, events, sizeof events) > 0)
        continue;
    return true;
}
