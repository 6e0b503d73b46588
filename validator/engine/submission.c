/* submission.c: see submission.h. */
#include "validator/engine/submission.h"
#include "base/alloc.h"
#include "base/bits.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/utf8.h"
#include "validator/engine/parts.h"
#include "validator/source/archive.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- patterns ----
 * All ways through a pattern are walked side by side, as a set of places in it, so that stars and alternatives multiply
 * nothing: the steps are at most pattern x name. Every step that takes no character leads onward (into an alternative,
 * out behind its group, past a star): one sweep from the left finds all that a set implies. Brackets bind first, then
 * braces; one that is not closed is an ordinary character. */

enum { GLOB_BYTES = 4096, GLOB_WORDS = GLOB_BYTES / 64 + 1 };

typedef struct glob {
    hz_slice pattern;
    uint16_t leave[GLOB_BYTES]; /* of the '{' ',' '}' of a group: the place behind it; 0: no group's */
    uint16_t other[GLOB_BYTES]; /* of '{' and ',': the next ',' of the group; 0: none */
    uint64_t places[2][GLOB_WORDS];
} glob;

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

static void close_group(glob *g, const uint16_t *open, size_t *opened, size_t close)
{
    uint16_t at, next = 0;
    g->leave[close] = (uint16_t)(close + 1);
    do {
        at = open[--*opened];
        g->leave[at] = (uint16_t)(close + 1);
        g->other[at] = next;
        next = at;
    } while (g->pattern.ptr[at] == ',');
}

static void find_groups(glob *g)
{
    uint16_t open[GLOB_BYTES]; /* '{' and ',' whose '}' is still to come; the first is a '{' */
    size_t opened = 0;
    memset(g->leave, 0, g->pattern.len * sizeof *g->leave);
    memset(g->other, 0, g->pattern.len * sizeof *g->other);
    for (size_t i = 0; i < g->pattern.len;) {
        char c = g->pattern.ptr[i];
        bool closed = false;
        if (c == '[')
            (void)class_match(g->pattern, &i, 0, &closed);
        if (closed)
            continue;
        if (c == '{' || (c == ',' && opened))
            open[opened++] = (uint16_t)i;
        else if (c == '}' && opened)
            close_group(g, open, &opened, i);
        i++;
    }
}

static void sweep(const glob *g, uint64_t *places)
{
    for (HZ_BITS_EACH(p, places, g->pattern.len)) {
        char c = g->pattern.ptr[p];
        if (c == '*' || (c == '{' && g->leave[p]))
            hz_bits_set(places, p + 1);
        else if (g->leave[p])
            hz_bits_set(places, g->leave[p]);
        for (size_t at = c == '{' ? g->other[p] : 0; at; at = g->other[at])
            hz_bits_set(places, at + 1);
    }
}

/* Where the character name[from, to) leads from place p; SIZE_MAX: nowhere. */
static size_t step(const glob *g, size_t p, hz_slice name, size_t from, size_t to, uint32_t c)
{
    hz_slice pattern = g->pattern;
    size_t at = p;
    bool closed = false;
    if (g->leave[p])
        return SIZE_MAX;
    if (pattern.ptr[p] == '[') {
        bool hit = class_match(pattern, &at, c, &closed);
        if (closed)
            return hit && c != '/' ? at : SIZE_MAX;
    }
    if (pattern.ptr[p] == '*' || pattern.ptr[p] == '?')
        return c == '/' ? SIZE_MAX : pattern.ptr[p] == '?' ? p + 1 : p;
    (void)hz_utf8_next(pattern, &at);
    return hz_slice_eq(hz_slice_sub(pattern, p, at), hz_slice_sub(name, from, to)) ? at : SIZE_MAX;
}

bool hz_glob_match(hz_slice pattern, hz_slice name)
{
    glob g;
    if (pattern.len >= GLOB_BYTES)
        return false; /* hz_submission_find has said so */
    g.pattern = pattern;
    find_groups(&g);
    size_t places_count = pattern.len + 1;
    uint64_t *now = g.places[0], *then = g.places[1];
    hz_bits_fill(now, places_count, false);
    hz_bits_set(now, 0);
    sweep(&g, now);
    for (size_t n = 0; n < name.len;) {
        size_t from = n;
        uint32_t c = hz_utf8_next(name, &n);
        hz_bits_fill(then, places_count, false);
        for (HZ_BITS_EACH(p, now, pattern.len)) {
            size_t to = step(&g, p, name, from, n, c);
            if (to != SIZE_MAX)
                hz_bits_set(then, to);
        }
        sweep(&g, then);
        uint64_t *old = now;
        now = then;
        then = old;
    }
    return hz_bits_get(now, pattern.len);
}

/* ---- finding ---- */

/* Which file a name leads to, whatever the way. */
typedef struct identity {
    dev_t device;
    ino_t inode;
    hz_slice member;
    size_t part; /* of the file */
    hz_slice shown;
} identity;

/* Without libarchive an archive in a folder is a file like others. */
#ifdef HZ_ARCHIVE
enum { HZ_ARCHIVES = true };
#else
enum { HZ_ARCHIVES = false };
#endif

typedef struct finder {
    const hz_run_options *options;
    hz_arena *arena;
    hz_error *err;
    hz_table_file *files;
    identity *identities; /* as files */
    size_t count, capacity, identities_capacity;
    hz_slice *ignored;
    size_t ignored_count, ignored_capacity;
    hz_spool *spools;
    uint32_t period;
    bool deep;                   /* some pattern contains '/' */
    const hz_manifest *manifest; /* NULL: none */
    struct stat manifest_info;
    size_t strip;                   /* what stands in `shown` before the name that the manifest has */
    const hz_manifest_file *listed; /* of the file in hand */
    hz_seen_file *seen;
    size_t seen_count, seen_capacity;
} finder;

static hz_status add_member(finder *f, const hz_table *table, hz_slice path, hz_slice member, hz_slice shown,
                            const struct stat *info)
{
    if (f->count >= f->options->limits->value[HZ_LIMIT_SOURCES])
        HZ_TRY(hz_limit_check(f->options->limits, HZ_LIMIT_SOURCES, f->count + 1, f->err));
    if (!HZ_GROW(f->files, f->capacity, f->count + 1) || !HZ_GROW(f->identities, f->identities_capacity, f->count + 1))
        return hz_nomem(f->err, sizeof *f->files);
    hz_slice kept, kept_shown, kept_member = HZ_SLICE_NONE;
    HZ_TRY(hz_arena_copy(&kept, f->arena, path));
    HZ_TRY(hz_arena_copy(&kept_shown, f->arena, shown));
    if (member.len)
        HZ_TRY(hz_arena_copy(&kept_member, f->arena, member));
    f->identities[f->count] = (identity){info->st_dev, info->st_ino, kept_member, 0, kept_shown};
    f->files[f->count++] = (hz_table_file){table, kept.ptr, HZ_SLICE_NONE, NULL, kept_member, f->listed, kept_shown};
    return HZ_OK;
}

static hz_status add_file(finder *f, const hz_table *table, hz_slice path, hz_slice shown, const struct stat *info)
{
    return add_member(f, table, path, HZ_SLICE_NONE, shown, info);
}

/* Rows in memory have no inode; the number of the input stands for it. */
static hz_status add_bytes(finder *f, const hz_table *table, const hz_input *input)
{
    struct stat none = {.st_dev = (dev_t)-1, .st_ino = (ino_t)f->count};
    hz_buf shown = HZ_BUF_INIT;
    hz_buf_put(&shown, table->name);
    hz_buf_puts(&shown, ".csv");
    hz_status st = hz_buf_status(&shown, f->err);
    if (st == HZ_OK)
        st = add_file(f, table, HZ_SLICE_NONE, hz_buf_slice(&shown), &none);
    hz_buf_clear(&shown);
    HZ_TRY(st);
    f->files[f->count - 1].path = NULL;
    f->files[f->count - 1].bytes = input->bytes;
    return HZ_OK;
}

static hz_status add_ignored(finder *f, hz_slice shown)
{
    if (!HZ_GROW(f->ignored, f->ignored_capacity, f->ignored_count + 1))
        return hz_nomem(f->err, sizeof *f->ignored);
    return hz_arena_copy(&f->ignored[f->ignored_count++], f->arena, shown);
}

/* The mapping's patterns of a table go before the profile's. */
static size_t patterns_of(const hz_slice **out, const hz_run_options *options, const hz_table *table)
{
    const hz_map_table *map = hz_mapping_table(options->mapping, table);
    bool own = map && map->files_count;
    *out = own ? map->files : table->files;
    return own ? map->files_count : table->files_count;
}

/* The one table whose patterns match; NULL when none. Two are an error: a file must not be read as two things in
 * silence. */
static hz_status match_table(const hz_table **out, finder *f, hz_slice name)
{
    const hz_profile *profile = f->options->profile;
    *out = NULL;
    for (size_t t = 0; t < profile->tables_count; t++) {
        const hz_table *table = &profile->tables[t];
        const hz_slice *files;
        size_t count = patterns_of(&files, f->options, table);
        bool hit = false;
        for (size_t i = 0; hz_table_takes_files(table) && !hit && i < count; i++)
            hit = hz_glob_match(files[i], name) || hz_glob_match(files[i], hz_name_unpacked(name));
        if (hit && *out)
            return hz_fail(f->err, HZ_E_USAGE, HZ_M(ENGINE_TWO_TABLES), HZ_S(name), HZ_S((*out)->name),
                           HZ_S(table->name));
        if (hit)
            *out = table;
    }
    return HZ_OK;
}

/* ---- the manifest ---- */

static const hz_manifest_file *listed_as(const finder *f, hz_slice shown)
{
    return f->manifest ? hz_manifest_find(f->manifest, hz_slice_sub(shown, f->strip, shown.len)) : NULL;
}

static hz_status note_seen(finder *f, hz_slice path, hz_slice shown, bool fits)
{
    if (!f->manifest)
        return HZ_OK;
    if (!HZ_GROW(f->seen, f->seen_capacity, f->seen_count + 1))
        return hz_nomem(f->err, sizeof *f->seen);
    hz_seen_file *seen = &f->seen[f->seen_count];
    hz_slice kept;
    *seen = (hz_seen_file){.listed = f->listed, .fits = fits};
    HZ_TRY(hz_arena_copy(&seen->shown, f->arena, shown));
    HZ_TRY(hz_arena_copy(&kept, f->arena, path));
    seen->path = kept.ptr;
    f->seen_count++;
    return HZ_OK;
}

static bool names_a_table(const hz_manifest_file *listed)
{
    while (listed && !listed->table)
        listed = listed->next;
    return listed != NULL;
}

/* What is to be done with a file: which table it is, if any; whether it may hold several. `also`: a second name that
 * patterns are held to. */
static hz_status choose(const hz_table **table, bool *several, finder *f, hz_slice path, hz_slice shown, hz_slice name,
                        hz_slice also)
{
    *table = f->listed ? hz_manifest_table(f->listed) : NULL;
    *several = !*table && names_a_table(f->listed) && hz_form_of(shown) > HZ_FORM_CSV;
    if (!*table && !*several)
        HZ_TRY(match_table(table, f, name));
    if (!*table && !*several && also.len)
        HZ_TRY(match_table(table, f, also));
    HZ_TRY(note_seen(f, path, shown, *table || *several));
    if (f->manifest && !f->listed)
        *table = NULL;
    return HZ_OK;
}

static bool is_the_manifest(const finder *f, const struct stat *info)
{
    return f->manifest && info && info->st_dev == f->manifest_info.st_dev && info->st_ino == f->manifest_info.st_ino;
}

hz_status hz_submission_encoding(hz_source_options *out, const hz_run_options *options, const hz_table *table,
                                 hz_error *err)
{
    const hz_map_table *map = table ? hz_mapping_table(options->mapping, table) : NULL;
    hz_slice name = map && map->encoding.len ? map->encoding : table ? table->encoding : HZ_SLICE_NONE;
    out->encoding_given = options->has_encoding || name.len;
    out->encoding = options->encoding;
    return !options->has_encoding && name.len ? hz_encoding_parse(&out->encoding, name, err) : HZ_OK;
}

/* A file that is data: itself, or the tables that it holds. table NULL: only those that it names. */
static hz_status take_data(size_t *taken, finder *f, const hz_table *table, hz_slice path, hz_slice member,
                           hz_slice shown, const struct stat *info)
{
    const hz_run_options *options = f->options;
    hz_form format = hz_form_of(member.len ? member : shown);
    *taken = 1;
    if (format == HZ_FORM_CSV || format == HZ_FORM_NONE)
        return add_member(f, table, path, member, shown, info);
    hz_parts parts;
    hz_source_options open = {
        .path = path.ptr, .member = member, .shown_path = shown, .limits = options->limits, .cancel = options->cancel};
    open.xsd = f->period ? NULL : options->xsd;
    HZ_TRY(hz_submission_encoding(&open, options, table, f->err));
    HZ_TRY(hz_parts_of(&parts, options->profile, options->mapping, table, format, f->arena, f->err));
    HZ_TRY(hz_parts_read(parts.items, parts.count, &open, options->temp, f->err));
    *taken = 0;
    for (size_t p = 0; p < parts.count; p++)
        if (parts.items[p].spool)
            hz_spool_link(&f->spools, parts.items[p].spool);
    for (size_t p = 0; p < parts.count; p++) {
        if (!parts.items[p].spool || !parts.tables[p])
            continue;
        HZ_TRY(add_member(f, parts.tables[p], path, member, shown, info));
        f->files[f->count - 1].spool = parts.items[p].spool;
        f->identities[f->count - 1].part = p + 1;
        ++*taken;
    }
    return HZ_OK;
}

static hz_slice base_name(hz_slice path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return hz_slice_sub(path, from, path.len);
}

/* An archive that is being looked into. */
typedef struct opened_archive {
    finder *finder;
    const hz_manifest_file *listed; /* as a whole */
    hz_slice path, shown;
    const struct stat *info;
    const hz_table *only; /* --table NAME=ARCHIVE: the one member is this table */
    size_t taken;
} opened_archive;

static hz_status take_member(void *ctx, hz_slice name, hz_error *err)
{
    opened_archive *a = ctx;
    finder *f = a->finder;
    hz_buf shown = HZ_BUF_INIT;
    hz_slice base = base_name(name);
    const hz_table *table = a->only;
    bool several = false;
    if (base.len == 0 || base.ptr[0] == '.')
        return HZ_OK;
    if (a->only && a->taken) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(SOURCE_ARCHIVE_WHICH), HZ_S(a->shown), HZ_S(a->only->name));
        hz_error_hint(err, HZ_MSG_SOURCE_ARCHIVE_WHICH_HINT);
        return st;
    }
    hz_buf_put(&shown, a->shown);
    hz_buf_putc(&shown, '/');
    hz_buf_put(&shown, name);
    hz_status st = hz_buf_status(&shown, err);
    size_t taken;
    if (st == HZ_OK) {
        f->listed = listed_as(f, hz_buf_slice(&shown));
        f->listed = f->listed ? f->listed : a->listed;
        st = table ? note_seen(f, a->path, hz_buf_slice(&shown), true)
                   : choose(&table, &several, f, a->path, hz_buf_slice(&shown), name, base);
    }
    if (st == HZ_OK)
        st = table || several ? take_data(&taken, f, table, a->path, name, hz_buf_slice(&shown), a->info)
                              : add_ignored(f, hz_buf_slice(&shown));
    a->taken += table || several;
    hz_buf_clear(&shown);
    return st;
}

static hz_status look_into(size_t *taken, finder *f, const hz_table *only, hz_slice path, hz_slice shown,
                           const struct stat *info)
{
    opened_archive a = {f, listed_as(f, shown), path, shown, info, only, 0};
    hz_source_options options = {
        .path = path.ptr, .shown_path = shown, .limits = f->options->limits, .cancel = f->options->cancel};
    f->listed = a.listed;
    if (a.listed)
        HZ_TRY(note_seen(f, path, shown, true));
    hz_status st = hz_archive_list(&options, take_member, &a, f->err);
    f->listed = NULL;
    *taken = a.taken;
    return st;
}

/* A file of a folder; info NULL: it cannot be looked at (a link that leads nowhere), which matters only where it would
 * be read. */
static hz_status take_file(finder *f, hz_slice path, hz_slice shown, const struct stat *info)
{
    const hz_table *table;
    bool several;
    size_t taken;
    int why = errno;
    if (is_the_manifest(f, info))
        return HZ_OK;
    if (info && HZ_ARCHIVES && hz_archive_is(shown))
        return look_into(&taken, f, NULL, path, shown, info);
    f->listed = listed_as(f, shown);
    HZ_TRY(choose(&table, &several, f, path, shown, shown, HZ_SLICE_NONE));
    if ((table || several) && !info)
        return hz_file_fail(f->err, HZ_E_SOURCE, HZ_MSG_FILE_OPEN, path.ptr, why);
    return table || several ? take_data(&taken, f, table, path, HZ_SLICE_NONE, shown, info) : add_ignored(f, shown);
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
    size_t path_len = path.len;
    DIR *dir = NULL;
    HZ_GO(hz_buf_status(&path, f->err));
    dir = opendir(path.ptr);
    if (!dir) {
        st = hz_file_fail(f->err, HZ_E_SOURCE, HZ_MSG_FILE_OPEN, path.ptr, errno);
        goto out;
    }
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno)
                st = hz_file_fail(f->err, HZ_E_SOURCE, HZ_MSG_FILE_READ, path.ptr, errno);
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
            HZ_GO(take_file(f, hz_buf_slice(&path), hz_buf_slice(&shown), NULL));
        } else if (S_ISDIR(info.st_mode)) {
            if (f->deep && depth < 16)
                HZ_GO(walk_folder(f, root, hz_buf_slice(&shown), depth + 1));
        } else if (S_ISREG(info.st_mode)) {
            HZ_GO(take_file(f, hz_buf_slice(&path), hz_buf_slice(&shown), &info));
        } else {
            f->listed = NULL;
            HZ_GO(note_seen(f, hz_buf_slice(&path), hz_buf_slice(&shown), false));
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

static hz_status no_such_table(finder *f, hz_slice name)
{
    const hz_profile *profile = f->options->profile;
    hz_slice *names = hz_mem_zalloc(profile->tables_count + 1, sizeof *names);
    size_t count = 0;
    for (size_t t = 0; names && t < profile->tables_count; t++)
        if (hz_table_takes_files(&profile->tables[t]))
            names[count++] = profile->tables[t].name;
    hz_slice near = names ? hz_nearest(name, names, count) : HZ_SLICE_NONE;
    hz_status st = hz_fail(f->err, HZ_E_USAGE, HZ_M(ENGINE_NO_SUCH_TABLE), HZ_S(name), HZ_S(profile->id), HZ_S(near));
    if (near.len)
        hz_error_hint(f->err, HZ_MSG_ENGINE_NEAREST_HINT);
    hz_mem_free(names);
    return st;
}

/* The URL without who logs in, without a password and without parameters. */
static void put_url(hz_buf *out, hz_slice url)
{
    const char *scheme = strstr(url.ptr, "://");
    size_t from = scheme ? (size_t)(scheme - url.ptr) + 3 : 0, to = from + strcspn(url.ptr + from, "?");
    for (size_t i = from; i < to; i++)
        if (url.ptr[i] == '@')
            from = i + 1;
    hz_buf_puts(out, "postgresql://");
    hz_buf_put(out, hz_slice_sub(url, from, to));
}

static hz_status take_database(finder *f, const hz_input *input)
{
    const hz_table *table = input->table.len ? hz_profile_table(f->options->profile, input->table) : NULL;
    struct stat none = {.st_dev = (dev_t)-2, .st_ino = (ino_t)f->count};
    hz_buf shown = HZ_BUF_INIT;
    size_t taken = 0, first = f->count;
    if (input->table.len && (!table || !hz_table_takes_files(table)))
        return no_such_table(f, input->table);
    put_url(&shown, hz_slice_of(input->path));
    hz_status st = hz_buf_status(&shown, f->err);
    if (st == HZ_OK)
        st = take_data(&taken, f, table, hz_slice_of(input->path), HZ_SLICE_NONE, hz_buf_slice(&shown), &none);
    if (st == HZ_OK && !taken)
        st = hz_fail(f->err, HZ_E_SOURCE, HZ_M(ENGINE_FILE_OF_NO_TABLE), HZ_S(hz_buf_slice(&shown)));
    for (size_t i = first; i < f->count; i++)
        f->files[i].path = NULL; /* no file, and nobody needs to know how to log in */
    hz_buf_clear(&shown);
    return st;
}

/* --table NAME=PATH */
static hz_status take_as(finder *f, const hz_input *input, const struct stat *info)
{
    hz_slice path = hz_slice_of(input->path);
    const hz_table *table = hz_profile_table(f->options->profile, input->table);
    size_t taken;
    if (!table || !hz_table_takes_files(table))
        return no_such_table(f, input->table);
    if (!S_ISREG(info->st_mode))
        return hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_NOT_REGULAR), HZ_S(path));
    if (hz_archive_is(path))
        return look_into(&taken, f, table, path, path, info);
    f->listed = listed_as(f, path);
    HZ_TRY(note_seen(f, path, path, true));
    return take_data(&taken, f, table, path, HZ_SLICE_NONE, path, info);
}

/* A file that the user named: it must not be dropped. */
static hz_status take_named_file(finder *f, hz_slice path, const struct stat *info)
{
    const hz_table *table = NULL;
    size_t taken = 0;
    bool several = hz_form_of(path) > HZ_FORM_CSV, by_manifest = false;
    if (hz_archive_is(path)) {
        HZ_TRY(look_into(&taken, f, NULL, path, path, info));
    } else {
        f->listed = listed_as(f, path);
        HZ_TRY(choose(&table, &by_manifest, f, path, path, base_name(path), HZ_SLICE_NONE));
        several = several && (!f->manifest || by_manifest);
    }
    if (taken || (f->manifest && !table && !several))
        return HZ_OK; /* the manifest's rules say what there is to say */
    if (table || several)
        HZ_TRY(take_data(&taken, f, table, path, HZ_SLICE_NONE, path, info));
    if (!taken) {
        hz_status st = hz_fail(f->err, HZ_E_SOURCE, HZ_M(ENGINE_FILE_OF_NO_TABLE), HZ_S(path));
        hz_error_hint(f->err, HZ_MSG_ENGINE_FILE_OF_NO_TABLE_HINT);
        return st;
    }
    return HZ_OK;
}

static hz_status take_input(finder *f, const hz_input *input)
{
    hz_slice path = hz_slice_of(input->path);
    struct stat info;
    f->listed = NULL;
    f->strip = 0;
    if (input->path && hz_form_of(path) == HZ_FORM_POSTGRES)
        return take_database(f, input);
    if (!input->path) {
        const hz_table *table = hz_profile_table(f->options->profile, input->table);
        return table ? add_bytes(f, table, input)
                     : hz_fail(f->err, HZ_E_USAGE, HZ_M(ENGINE_NO_SUCH_TABLE), HZ_S(input->table),
                               HZ_S(f->options->profile->id));
    }
    if (stat(input->path, &info) != 0)
        return hz_file_fail(f->err, HZ_E_SOURCE, HZ_MSG_FILE_OPEN, path.ptr, errno);
    if (S_ISDIR(info.st_mode) && !input->table.len)
        return walk_folder(f, input->path, HZ_SLICE_NONE, 0);
    f->strip = path.len - base_name(path).len;
    if (input->table.len)
        return take_as(f, input, &info);
    if (!S_ISREG(info.st_mode))
        return hz_fail(f->err, HZ_E_SOURCE, HZ_M(FILE_NOT_REGULAR), HZ_S(path));
    return take_named_file(f, path, &info);
}

static int by_table_and_name(const void *a, const void *b)
{
    const hz_table_file *x = a, *y = b;
    if (x->table->index != y->table->index)
        return x->table->index < y->table->index ? -1 : 1;
    int order = hz_slice_cmp(x->shown, y->shown);
    return order || !x->path || !y->path ? order : strcmp(x->path, y->path);
}

static int by_name(const void *a, const void *b)
{
    return hz_slice_cmp(*(const hz_slice *)a, *(const hz_slice *)b);
}

static int by_identity(const void *a, const void *b)
{
    const identity *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    int order = hz_slice_cmp(x->member, y->member);
    if (!order && x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return order ? order : hz_slice_cmp(x->shown, y->shown);
}

/* Twice the same file, by whatever two names, would make every key a repeated one. */
static hz_status refuse_twice(finder *f)
{
    if (f->count)
        qsort(f->identities, f->count, sizeof *f->identities, by_identity);
    for (size_t i = 1; i < f->count; i++)
        if (f->identities[i].device == f->identities[i - 1].device &&
            f->identities[i].inode == f->identities[i - 1].inode &&
            f->identities[i].part == f->identities[i - 1].part &&
            hz_slice_eq(f->identities[i].member, f->identities[i - 1].member))
            return hz_fail(f->err, HZ_E_USAGE, HZ_M(ENGINE_NAMED_TWICE), HZ_S(f->identities[i].shown));
    return HZ_OK;
}

static hz_status look_at_patterns(finder *f)
{
    const hz_profile *profile = f->options->profile;
    for (size_t t = 0; t < profile->tables_count; t++) {
        const hz_slice *files;
        size_t count = patterns_of(&files, f->options, &profile->tables[t]);
        for (size_t i = 0; i < count; i++) {
            hz_slice pattern = files[i];
            if (pattern.len >= GLOB_BYTES)
                return hz_limit_check(f->options->limits, HZ_LIMIT_FILE_PATTERN_BYTES, pattern.len, f->err);
            f->deep = f->deep || (pattern.len && memchr(pattern.ptr, '/', pattern.len));
        }
    }
    return HZ_OK;
}

static int by_shown(const void *a, const void *b)
{
    return hz_slice_cmp(((const hz_seen_file *)a)->shown, ((const hz_seen_file *)b)->shown);
}

static void begin_manifest(finder *f, uint32_t period)
{
    const hz_manifest *manifest = period ? NULL : f->options->manifest;
    if (!manifest)
        return;
    f->manifest = manifest;
    for (size_t i = 0; i < manifest->files_count; i++) {
        hz_slice path = manifest->files[i].path;
        f->deep = f->deep || (path.len && memchr(path.ptr, '/', path.len));
    }
    if (stat(manifest->path.ptr, &f->manifest_info) != 0) /* it was given as bytes, or is gone */
        memset(&f->manifest_info, 0, sizeof f->manifest_info);
}

static hz_status no_source(const finder *f)
{
    hz_status st = hz_fail(f->err, HZ_E_SOURCE, HZ_M(ENGINE_NO_SOURCE), HZ_S(f->options->profile->id));
    hz_error_hint(f->err, HZ_MSG_ENGINE_NO_SOURCE_HINT);
    return st;
}

/* What was found, in order and in the arena. */
static hz_status hand_over(hz_submission *out, finder *f)
{
    if (f->count)
        qsort(f->files, f->count, sizeof *f->files, by_table_and_name);
    if (f->ignored_count)
        qsort(f->ignored, f->ignored_count, sizeof *f->ignored, by_name);
    if (f->seen_count)
        qsort(f->seen, f->seen_count, sizeof *f->seen, by_shown);
    HZ_TRY(refuse_twice(f));
    out->files = HZ_ARENA_ARRAY(f->arena, hz_table_file, f->count + 1);
    out->ignored = HZ_ARENA_ARRAY(f->arena, hz_slice, f->ignored_count + 1);
    out->seen = HZ_ARENA_ARRAY(f->arena, hz_seen_file, f->seen_count + 1);
    if (!out->files || !out->ignored || !out->seen)
        return hz_nomem(f->err, f->count * sizeof *f->files);
    if (f->count)
        memcpy(out->files, f->files, f->count * sizeof *f->files);
    if (f->ignored_count)
        memcpy(out->ignored, f->ignored, f->ignored_count * sizeof *f->ignored);
    if (f->seen_count)
        memcpy(out->seen, f->seen, f->seen_count * sizeof *f->seen);
    out->spools = f->spools;
    f->spools = NULL;
    out->files_count = f->count;
    out->ignored_count = f->ignored_count;
    out->seen_count = f->seen_count;
    return HZ_OK;
}

void hz_submission_clear(hz_submission *submission)
{
    hz_spool_free(submission->spools);
    submission->spools = NULL;
}

hz_status hz_submission_find(hz_submission *out, const hz_run_options *options, const hz_input *inputs,
                             size_t inputs_count, uint32_t period, hz_arena *arena, hz_error *err)
{
    finder f = {.options = options, .arena = arena, .period = period, .err = err};
    hz_status st = HZ_OK;
    memset(out, 0, sizeof *out);
    HZ_GO(look_at_patterns(&f));
    begin_manifest(&f, period);
    for (size_t i = 0; i < inputs_count; i++)
        if (inputs[i].path || inputs[i].period == period)
            HZ_GO(take_input(&f, &inputs[i]));
    if (f.count == 0 && !(f.manifest && f.manifest->files_count)) /* else its rules say what is missing */
        st = no_source(&f);
    else
        st = hand_over(out, &f);
out:
    hz_spool_free(f.spools);
    hz_mem_free(f.files);
    hz_mem_free(f.identities);
    hz_mem_free(f.ignored);
    hz_mem_free(f.seen);
    return st;
}
