/* submission.c: see submission.h. */
#include "validator/engine/submission.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "base/alloc.h"
#include "base/utf8.h"

/* ---- patterns ---- */

static bool class_match(hz_slice pattern, size_t *at, uint32_t c, bool *closed)
{
    size_t i = *at + 1;
    bool negated = i < pattern.len && (pattern.ptr[i] == '!' || pattern.ptr[i] == '^'), hit = false, first = true;
    *closed = false;
    if (negated)
        i++;
    while (i < pattern.len) {
        if (pattern.ptr[i] == ']' && !first) {
            *closed = true;
            *at = i + 1;
            return hit != negated;
        }
        first = false;
        uint32_t low = hz_utf8_next(pattern, &i), high = low;
        if (i + 1 < pattern.len && pattern.ptr[i] == '-' && pattern.ptr[i + 1] != ']') {
            i++;
            high = hz_utf8_next(pattern, &i);
        }
        hit = hit || (low <= c && c <= high);
    }
    return false;
}

/* The bracket that closes the one at `open`, or pattern.len. */
static size_t brace_close(hz_slice pattern, size_t open)
{
    int depth = 0;
    for (size_t i = open; i < pattern.len; i++) {
        if (pattern.ptr[i] == '{')
            depth++;
        else if (pattern.ptr[i] == '}' && --depth == 0)
            return i;
    }
    return pattern.len;
}

/* `rest` are the patterns that follow, innermost alternative first: a list on the stack, so that nothing is copied. */
typedef struct tail {
    hz_slice pattern;
    const struct tail *next;
} tail;

static bool match_tail(hz_slice pattern, const tail *rest, hz_slice name);

static bool match_braces(hz_slice pattern, size_t close, const tail *rest, hz_slice name)
{
    tail after = {hz_slice_sub(pattern, close + 1, pattern.len), rest};
    size_t from = 1;
    int depth = 0;
    for (size_t i = 1; i <= close; i++) {
        char c = pattern.ptr[i];
        if (c == '{')
            depth++;
        else if (c == '}' && i < close)
            depth--;
        if ((c == ',' && depth == 0) || i == close) {
            if (match_tail(hz_slice_sub(pattern, from, i), &after, name))
                return true;
            from = i + 1;
        }
    }
    return false;
}

static bool match_star(hz_slice pattern, const tail *rest, hz_slice name)
{
    hz_slice after = hz_slice_sub(pattern, 1, pattern.len);
    for (size_t i = 0;; i++) {
        if (match_tail(after, rest, hz_slice_sub(name, i, name.len)))
            return true;
        if (i == name.len || name.ptr[i] == '/')
            return false;
    }
}

static bool match_tail(hz_slice pattern, const tail *rest, hz_slice name)
{
    size_t p = 0, n = 0;
    for (;;) {
        while (p == pattern.len) {
            if (!rest)
                return n == name.len;
            pattern = rest->pattern;
            rest = rest->next;
            p = 0;
        }
        char c = pattern.ptr[p];
        if (c == '*')
            return match_star(hz_slice_sub(pattern, p, pattern.len), rest, hz_slice_sub(name, n, name.len));
        if (c == '{') {
            size_t close = brace_close(pattern, p);
            if (close < pattern.len)
                return match_braces(hz_slice_sub(pattern, p, pattern.len), close - p, rest, hz_slice_sub(name, n, name.len));
        }
        if (n == name.len)
            return false;
        if (c == '[') {
            size_t at = p, next = n;
            bool closed = false;
            uint32_t one = hz_utf8_next(name, &next);
            bool hit = class_match(pattern, &at, one, &closed);
            if (closed) {
                if (!hit || one == '/')
                    return false;
                p = at;
                n = next;
                continue;
            }
        }
        if (c == '?') {
            if (name.ptr[n] == '/')
                return false;
            (void)hz_utf8_next(name, &n);
            p++;
            continue;
        }
        if (c != name.ptr[n])
            return false;
        p++;
        n++;
    }
}

bool hz_glob_match(hz_slice pattern, hz_slice name)
{
    return match_tail(pattern, NULL, name);
}

/* ---- finding ---- */

typedef struct finder {
    const hz_run_options *options;
    hz_arena *arena;
    hz_error *err;
    hz_table_file *files;
    size_t count, capacity;
    hz_slice *ignored;
    size_t ignored_count, ignored_capacity;
    bool deep; /* some pattern contains '/' */
} finder;

static hz_status add_file(finder *f, const hz_table *table, hz_slice path, hz_slice shown)
{
    if (f->count >= f->options->limits->value[HZ_LIMIT_SOURCES])
        HZ_TRY(hz_limit_check(f->options->limits, HZ_LIMIT_SOURCES, f->count + 1, f->err));
    if (!HZ_GROW(f->files, f->capacity, f->count + 1))
        return hz_nomem(f->err, sizeof *f->files);
    hz_slice kept, kept_shown;
    HZ_TRY(hz_arena_copy(&kept, f->arena, path));
    HZ_TRY(hz_arena_copy(&kept_shown, f->arena, shown));
    f->files[f->count++] = (hz_table_file){table, kept.ptr, kept_shown};
    return HZ_OK;
}

static hz_status add_ignored(finder *f, hz_slice shown)
{
    if (!HZ_GROW(f->ignored, f->ignored_capacity, f->ignored_count + 1))
        return hz_nomem(f->err, sizeof *f->ignored);
    return hz_arena_copy(&f->ignored[f->ignored_count++], f->arena, shown);
}

static bool takes_files(const hz_table *table)
{
    return !table->builtin && table->included.len == 0;
}

/* The one table whose patterns match; NULL when none. Two are an error: a file must not be read as two things in silence. */
static hz_status match_table(const hz_table **out, finder *f, hz_slice name)
{
    const hz_profile *profile = f->options->profile;
    *out = NULL;
    for (size_t t = 0; t < profile->tables_count; t++) {
        const hz_table *table = &profile->tables[t];
        bool hit = false;
        for (size_t i = 0; takes_files(table) && !hit && i < table->files_count; i++)
            hit = hz_glob_match(table->files[i], name);
        if (hit && *out)
            return hz_fail(f->err, HZ_E_USAGE, HZ_M(ENGINE_TWO_TABLES), HZ_S(name), HZ_S((*out)->name), HZ_S(table->name));
        if (hit)
            *out = table;
    }
    return HZ_OK;
}

static hz_status take_file(finder *f, hz_slice path, hz_slice shown, hz_slice name)
{
    const hz_table *table;
    HZ_TRY(match_table(&table, f, name));
    return table ? add_file(f, table, path, shown) : add_ignored(f, shown);
}

static hz_status walk_folder(finder *f, const char *root, hz_slice below, int depth)
{
    hz_buf path = HZ_BUF_INIT, shown = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    hz_buf_puts(&path, root);
    if (below.len) {
        hz_buf_putc(&path, '/');
        hz_buf_put(&path, below);
    }
    HZ_TRY(hz_buf_status(&path, f->err));
    size_t path_len = path.len;
    DIR *dir = opendir(path.ptr);
    if (!dir) {
        st = hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_OPEN), HZ_Z(path.ptr), HZ_Z(strerror(errno)));
        goto out;
    }
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno)
                st = hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_READ), HZ_Z(path.ptr), HZ_Z(strerror(errno)));
            break;
        }
        if (entry->d_name[0] == '.')
            continue;
        path.len = path_len;
        hz_buf_putc(&path, '/');
        hz_buf_puts(&path, entry->d_name);
        hz_buf_reset(&shown);
        if (below.len) {
            hz_buf_put(&shown, below);
            hz_buf_putc(&shown, '/');
        }
        hz_buf_puts(&shown, entry->d_name);
        HZ_GO(hz_buf_status(&path, f->err));
        HZ_GO(hz_buf_status(&shown, f->err));
        struct stat info;
        /* a link standing directly in the folder is followed, deeper ones are not: no loops */
        if ((depth == 0 ? stat(path.ptr, &info) : lstat(path.ptr, &info)) != 0) {
            st = hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_OPEN), HZ_Z(path.ptr), HZ_Z(strerror(errno)));
            break;
        }
        if (S_ISDIR(info.st_mode)) {
            if (f->deep && depth < 16)
                HZ_GO(walk_folder(f, root, hz_buf_slice(&shown), depth + 1));
        } else if (S_ISREG(info.st_mode)) {
            HZ_GO(take_file(f, hz_buf_slice(&path), hz_buf_slice(&shown), hz_buf_slice(&shown)));
        } else {
            HZ_GO(add_ignored(f, hz_buf_slice(&shown)));
        }
    }
out:
    if (dir)
        closedir(dir);
    hz_buf_clear(&path);
    hz_buf_clear(&shown);
    return st;
}

static hz_slice base_name(hz_slice path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return hz_slice_sub(path, from, path.len);
}

static hz_status take_input(finder *f, const hz_input *input)
{
    hz_slice path = hz_slice_of(input->path);
    struct stat info;
    if (stat(input->path, &info) != 0)
        return hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_OPEN), HZ_S(path), HZ_Z(strerror(errno)));
    if (input->table.len) {
        const hz_table *table = hz_profile_table(f->options->profile, input->table);
        if (!table || !takes_files(table))
            return hz_fail(f->err, HZ_E_USAGE, HZ_M(ENGINE_NO_SUCH_TABLE), HZ_S(input->table), HZ_S(f->options->profile->id));
        if (!S_ISREG(info.st_mode))
            return hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_NOT_REGULAR), HZ_S(path));
        return add_file(f, table, path, path);
    }
    if (S_ISDIR(info.st_mode))
        return walk_folder(f, input->path, HZ_SLICE_NONE, 0);
    if (!S_ISREG(info.st_mode))
        return hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_NOT_REGULAR), HZ_S(path));
    const hz_table *table;
    HZ_TRY(match_table(&table, f, base_name(path)));
    if (!table) {
        /* a file that the user named must not be dropped */
        hz_status st = hz_fail(f->err, HZ_E_SOURCE, HZ_M(ENGINE_FILE_OF_NO_TABLE), HZ_S(path));
        hz_error_hint(f->err, HZ_MSG_ENGINE_FILE_OF_NO_TABLE_HINT);
        return st;
    }
    return add_file(f, table, path, path);
}

static int by_table_and_name(const void *a, const void *b)
{
    const hz_table_file *x = a, *y = b;
    if (x->table->index != y->table->index)
        return x->table->index < y->table->index ? -1 : 1;
    int order = hz_slice_cmp(x->shown, y->shown);
    return order ? order : strcmp(x->path, y->path);
}

static int by_name(const void *a, const void *b)
{
    return hz_slice_cmp(*(const hz_slice *)a, *(const hz_slice *)b);
}

static hz_status refuse_twice(const finder *f)
{
    for (size_t i = 1; i < f->count; i++)
        if (strcmp(f->files[i].path, f->files[i - 1].path) == 0)
            return hz_fail(f->err, HZ_E_USAGE, HZ_M(ENGINE_NAMED_TWICE), HZ_S(f->files[i].shown));
    return HZ_OK;
}

static bool any_deep_pattern(const hz_profile *profile)
{
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t i = 0; i < profile->tables[t].files_count; i++) {
            hz_slice pattern = profile->tables[t].files[i];
            if (pattern.len && memchr(pattern.ptr, '/', pattern.len))
                return true;
        }
    return false;
}

hz_status hz_submission_find(hz_submission *out, const hz_run_options *options, hz_arena *arena, hz_error *err)
{
    finder f = {.options = options, .arena = arena, .err = err, .deep = any_deep_pattern(options->profile)};
    hz_status st = HZ_OK;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < options->inputs_count; i++)
        HZ_GO(take_input(&f, &options->inputs[i]));
    if (f.count == 0) {
        st = hz_fail(err, HZ_E_SOURCE, HZ_M(ENGINE_NO_SOURCE), HZ_S(options->profile->id));
        hz_error_hint(err, HZ_MSG_ENGINE_NO_SOURCE_HINT);
        goto out;
    }
    qsort(f.files, f.count, sizeof *f.files, by_table_and_name);
    if (f.ignored_count)
        qsort(f.ignored, f.ignored_count, sizeof *f.ignored, by_name);
    HZ_GO(refuse_twice(&f));
    out->files = HZ_ARENA_ARRAY(arena, hz_table_file, f.count);
    out->ignored = HZ_ARENA_ARRAY(arena, hz_slice, f.ignored_count + 1);
    if (!out->files || !out->ignored) {
        st = hz_nomem(err, f.count * sizeof *f.files);
        goto out;
    }
    memcpy(out->files, f.files, f.count * sizeof *f.files);
    if (f.ignored_count)
        memcpy(out->ignored, f.ignored, f.ignored_count * sizeof *f.ignored);
    out->files_count = f.count;
    out->ignored_count = f.ignored_count;
out:
    hz_mem_free(f.files);
    hz_mem_free(f.ignored);
    return st;
}
