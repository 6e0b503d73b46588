/* lists.c: the store of code lists: those compiled in and those of `--lists DIR`.
 * Opening reads only the properties of each file; the rest is parsed when a list is first found, under a lock. */
#include "base/alloc.h"
#include "base/diag.h"
#include "base/file.h"
#include "standards/codelist_int.h"
#include "standards/embedded_int.h"
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct entry {
    hz_codelist *list; /* owned */
    hz_buf file;       /* the text, when it is not compiled in */
    char *path;        /* owned, likewise; for messages */
    bool parsed;
} entry;

struct hz_lists {
    pthread_mutex_t lock; /* of `parsed` and the bodies of lists */
    hz_limits limits;
    entry *entries; /* by id, bytewise, once opened; overridden ones too */
    size_t count, capacity;
    hz_slice *ids;     /* without overridden ones */
    uint32_t *holders; /* of each id: its entry */
    size_t ids_count;
    hz_names names; /* ids and aliases to numbers of entries */
};

static void entry_clear(entry *e)
{
    hz_codelist_free(e->list);
    hz_buf_clear(&e->file);
    hz_mem_free(e->path);
}

/* Takes e over, whatever happens. */
static hz_status add_entry(hz_lists *lists, entry *e, hz_error *err)
{
    if (HZ_GROW(lists->entries, lists->capacity, lists->count + 1)) {
        lists->entries[lists->count++] = *e;
        return HZ_OK;
    }
    entry_clear(e);
    return hz_nomem(err, (lists->count + 1) * sizeof *lists->entries);
}

static hz_status add_file(hz_lists *lists, const char *dir, const char *name, hz_error *err)
{
    hz_status st;
    hz_buf path = HZ_BUF_INIT;
    entry e = {NULL, HZ_BUF_INIT, NULL, false};
    /* Some 200 bytes an item are more than any list of ours takes. */
    uint64_t items = lists->limits.value[HZ_LIMIT_LIST_ITEMS];
    uint64_t max_bytes = items < 4096 ? UINT64_C(1) << 20 : items < UINT64_C(1) << 22 ? items << 8 : UINT64_C(1) << 30;
    hz_buf_puts(&path, dir);
    hz_buf_puts(&path, "/");
    hz_buf_puts(&path, name);
    HZ_GO(hz_buf_status(&path, err));
    e.path = path.ptr;
    HZ_GO(hz_file_read_all(&e.file, e.path, max_bytes, hz_limit_name(HZ_LIMIT_LIST_ITEMS), err));
    HZ_GO(hz_codelist_head(&e.list, hz_slice_of(e.path), hz_buf_slice(&e.file), err));
    if (e.list->id.len == 0) {
        st = hz_fail(err, HZ_E_PROFILE, HZ_M(LIST_NO_ID));
        hz_error_at(err, hz_slice_of(e.path), 1, 1);
        goto out;
    }
    return add_entry(lists, &e, err);
out:
    if (e.path)
        entry_clear(&e);
    else
        hz_buf_clear(&path);
    return st;
}

static bool is_list_file(const char *name)
{
    size_t len = strlen(name);
    return name[0] != '.' && len > 4 && strcmp(name + len - 4, ".tsv") == 0;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the folder's list files, owned, bytewise. */
static hz_status read_names(char ***names, size_t *count, const char *dir, hz_error *err)
{
    size_t capacity = 0;
    DIR *folder = opendir(dir);
    if (!folder)
        return hz_fail(err, HZ_E_PROFILE, HZ_M(LIST_FOLDER), HZ_Z(dir), HZ_Z(strerror(errno)));
    hz_status st = HZ_OK;
    for (;;) {
        errno = 0;
        struct dirent *item = readdir(folder);
        if (!item && errno)
            st = hz_fail(err, HZ_E_PROFILE, HZ_M(LIST_FOLDER), HZ_Z(dir), HZ_Z(strerror(errno)));
        if (!item)
            break;
        if (!is_list_file(item->d_name))
            continue;
        size_t bytes = strlen(item->d_name) + 1;
        char *name = hz_mem_alloc(bytes);
        if (!name || !HZ_GROW(*names, capacity, *count + 1)) {
            hz_mem_free(name);
            st = hz_nomem(err, bytes);
            break;
        }
        memcpy(name, item->d_name, bytes);
        (*names)[(*count)++] = name;
    }
    closedir(folder);
    if (*count)
        qsort(*names, *count, sizeof **names, name_order);
    return st;
}

static hz_status add_folder(hz_lists *lists, const char *dir, hz_error *err)
{
    char **names = NULL;
    size_t count = 0;
    hz_status st = read_names(&names, &count, dir, err);
    for (size_t i = 0; i < count; i++) {
        if (st == HZ_OK)
            st = add_file(lists, dir, names[i], err);
        hz_mem_free(names[i]);
    }
    hz_mem_free(names);
    return st;
}

static hz_status add_embedded(hz_lists *lists, hz_error *err)
{
    for (size_t i = 0; i < hz_embedded_files_count; i++) {
        const hz_embedded_file *file = &hz_embedded_files[i];
        entry e = {NULL, HZ_BUF_INIT, NULL, false};
        HZ_TRY(hz_codelist_head(&e.list, hz_slice_of(file->name), (hz_slice){file->bytes, file->len}, err));
        HZ_TRY(add_entry(lists, &e, err));
    }
    return HZ_OK;
}

/* By id; of equal ids that of the folder (it has a path) first. */
static int entry_order(const void *a, const void *b)
{
    const entry *e = a, *f = b;
    int order = hz_slice_cmp(e->list->id, f->list->id);
    return order ? order : (e->path == NULL) - (f->path == NULL);
}

static hz_status add_aliases(hz_lists *lists, size_t index, hz_slice aliases, bool twice_is_error, hz_error *err)
{
    while (aliases.len) {
        const char *comma = memchr(aliases.ptr, ',', aliases.len);
        size_t len = comma ? (size_t)(comma - aliases.ptr) : aliases.len;
        hz_slice alias = {aliases.ptr, len};
        aliases = hz_slice_sub(aliases, len + 1, aliases.len);
        while (alias.len && alias.ptr[0] == ' ')
            alias = hz_slice_sub(alias, 1, alias.len);
        while (alias.len && alias.ptr[alias.len - 1] == ' ')
            alias.len--;
        uint32_t old = HZ_HTAB_NONE;
        if (alias.len)
            HZ_TRY(hz_names_add(&lists->names, alias, (uint32_t)index, &old, err));
        /* An id always goes before an alias. */
        if (old == HZ_HTAB_NONE || old == index || !twice_is_error || hz_slice_eq(lists->entries[old].list->id, alias))
            continue;
        hz_status st =
            hz_fail(err, HZ_E_PROFILE, HZ_M(LIST_ALIAS_TWICE), HZ_S(alias), HZ_S(lists->entries[old].list->path));
        hz_error_at(err, lists->entries[index].list->path, 0, 0);
        return st;
    }
    return HZ_OK;
}

/* The entry that holds each entry's id. Entries are sorted: equal ids stand together, the one that holds first. */
static hz_status find_overridden(hz_lists *lists, size_t *overridden, hz_error *err)
{
    for (size_t i = 0; i < lists->count; i++) {
        const entry *e = &lists->entries[i];
        overridden[i] = i;
        if (i == 0 || !hz_slice_eq(e->list->id, lists->entries[i - 1].list->id))
            continue;
        overridden[i] = overridden[i - 1];
        if (e->path || !lists->entries[i - 1].path) {
            hz_slice earlier = lists->entries[i - 1].list->path;
            hz_status st = hz_fail(err, HZ_E_PROFILE, HZ_M(LIST_ID_TWICE), HZ_S(e->list->id), HZ_S(earlier));
            hz_error_at(err, e->list->path, 0, 0);
            return st;
        }
    }
    return HZ_OK;
}

/* The ids, then the aliases of the folder's lists, then those of the lists compiled in. A list that was overridden
 * leaves its aliases to its successor. */
static hz_status name_entries(hz_lists *lists, const size_t *overridden, hz_error *err)
{
    uint32_t old;
    lists->ids = hz_mem_alloc((lists->count + 1) * sizeof *lists->ids);
    lists->holders = hz_mem_alloc((lists->count + 1) * sizeof *lists->holders);
    if (!lists->ids || !lists->holders)
        return hz_nomem(err, (lists->count + 1) * sizeof *lists->ids);
    for (size_t i = 0; i < lists->count; i++) {
        if (overridden[i] != i)
            continue;
        hz_slice id = lists->entries[i].list->id;
        HZ_TRY(hz_names_add(&lists->names, id, (uint32_t)i, &old, err));
        lists->ids[lists->ids_count] = id;
        lists->holders[lists->ids_count++] = (uint32_t)i;
    }
    for (int folder = 1; folder >= 0; folder--)
        for (size_t i = 0; i < lists->count; i++) {
            const entry *e = &lists->entries[i];
            if ((e->path != NULL) == (folder == 1))
                HZ_TRY(add_aliases(lists, overridden[i], hz_codelist_property(e->list, "aliases"), folder == 1, err));
        }
    return HZ_OK;
}

static hz_status settle(hz_lists *lists, hz_error *err)
{
    if (lists->count)
        qsort(lists->entries, lists->count, sizeof *lists->entries, entry_order);
    size_t *overridden = hz_mem_alloc((lists->count + 1) * sizeof *overridden);
    if (!overridden)
        return hz_nomem(err, (lists->count + 1) * sizeof *overridden);
    hz_status st = find_overridden(lists, overridden, err);
    if (st == HZ_OK)
        st = name_entries(lists, overridden, err);
    hz_mem_free(overridden);
    return st;
}

hz_status hz_lists_open(hz_lists **out, const char *dir, const hz_limits *limits, hz_error *err)
{
    *out = NULL;
    hz_lists *lists = hz_mem_zalloc(1, sizeof *lists);
    if (!lists)
        return hz_nomem(err, sizeof *lists);
    pthread_mutex_init(&lists->lock, NULL);
    lists->limits = limits ? *limits : *hz_limits_default();
    hz_status st = dir ? add_folder(lists, dir, err) : HZ_OK;
    if (st == HZ_OK)
        st = add_embedded(lists, err);
    if (st == HZ_OK)
        st = settle(lists, err);
    if (st == HZ_OK)
        *out = lists;
    else
        hz_lists_close(lists);
    return st;
}

void hz_lists_close(hz_lists *lists)
{
    if (!lists)
        return;
    for (size_t i = 0; i < lists->count; i++)
        entry_clear(&lists->entries[i]);
    hz_mem_free(lists->entries);
    hz_mem_free(lists->ids);
    hz_mem_free(lists->holders);
    hz_names_clear(&lists->names);
    pthread_mutex_destroy(&lists->lock);
    hz_mem_free(lists);
}

const hz_codelist *hz_lists_find(hz_lists *lists, hz_slice id, hz_error *err)
{
    uint32_t index = hz_names_find(&lists->names, id);
    if (index == HZ_HTAB_NONE)
        return NULL;
    entry *e = &lists->entries[index];
    pthread_mutex_lock(&lists->lock);
    hz_status st = e->parsed ? HZ_OK : hz_codelist_body(e->list, &lists->limits, err);
    e->parsed = st == HZ_OK;
    pthread_mutex_unlock(&lists->lock);
    return st == HZ_OK ? e->list : NULL;
}

hz_slice hz_lists_nearest(const hz_lists *lists, hz_slice id)
{
    return hz_nearest(id, lists->ids, lists->ids_count);
}

size_t hz_lists_ids(const hz_lists *lists, const hz_slice **ids)
{
    *ids = lists->ids;
    return lists->ids_count;
}

const hz_codelist *hz_lists_head(const hz_lists *lists, size_t index)
{
    HZ_ASSERT(index < lists->ids_count);
    return lists->entries[lists->holders[index]].list;
}
