/* manifest.c: a manifest of a folder's files, as a check with the same profile and mapping would take them. Delimited
 * text is read once, for its records and its digest. */
#include "validator/tasks/manifest.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/folder.h"
#include "base/sha256.h"
#include "profiles/dotted.h"
#include "profiles/yaml.h"
#include "validator/engine/manifest_check.h"
#include "validator/engine/submission.h"

typedef struct maker {
    const hz_manifest_options *options;
    hz_run_options run;
    hz_arena *arena;
    hz_buf *out;
    size_t files; /* so far */
    hz_error *err;
} maker;

/* ---- one file ---- */

/* table NULL: no data. digest NULL: nothing is said of it (a member that is no data). */
static void put_file(maker *m, hz_slice path, const hz_table *table, uint64_t rows, const uint8_t *digest)
{
    char hex[65];
    hz_buf_puts(m->out, m->files++ ? "  - {path: " : "files:\n  - {path: ");
    hz_yaml_put_quoted(m->out, path);
    if (table) {
        hz_buf_puts(m->out, ", table: ");
        hz_yaml_put_quoted(m->out, table->name);
        hz_buf_puts(m->out, ", rows: ");
        hz_buf_put_u64(m->out, rows);
    }
    if (digest) {
        hz_hex(hex, digest, 32);
        hz_buf_printf(m->out, ", %s: \"%s\"", m->options->sm3 ? "sm3" : "sha256", hex);
    }
    hz_buf_puts(m->out, "}\n");
}

typedef struct counting {
    hz_sha256 *sum; /* NULL: the digest is made apart */
    bool failed;
} counting;

static void add_bytes(void *ctx, const void *bytes, size_t len)
{
    counting *c = ctx;
    c->failed = c->failed || !hz_sha256_update(c->sum, bytes, len);
}

static hz_status drain(uint64_t *rows, hz_source_options *how, maker *m)
{
    hz_source *source = NULL;
    hz_batch batch = {0};
    hz_status st = hz_source_open(&source, how, m->err);
    while (st == HZ_OK)
        st = hz_source_next(&batch, source, m->err);
    if (st == HZ_END) {
        *rows = hz_source_records(source);
        st = HZ_OK;
    }
    if (source)
        hz_source_give_back(&batch, source);
    hz_source_close(source);
    return st;
}

/* Delimited text: records and digest in one pass. A member's digest is that of its archive. */
static hz_status read_text(uint64_t *rows, uint8_t digest[32], maker *m, const hz_table_file *file)
{
    hz_source_options how = {.path = file->path,
                             .member = file->member,
                             .shown_path = file->shown,
                             .limits = m->options->limits,
                             .cancel = m->options->cancel};
    counting c = {NULL, false};
    HZ_TRY(hz_submission_encoding(&how, &m->run, file->table, m->err));
    if (file->member.len) {
        HZ_TRY(drain(rows, &how, m));
        return hz_manifest_digest(digest, file->path, m->options->sm3, m->options->cancel, m->err);
    }
    c.sum = m->options->sm3 ? hz_sm3_new() : hz_sha256_new();
    if (!c.sum)
        return hz_nomem(m->err, 32);
    how.bytes_seen = add_bytes;
    how.bytes_ctx = &c;
    hz_status st = drain(rows, &how, m);
    if (st == HZ_OK && (c.failed || !hz_sha256_final(c.sum, digest)))
        st = hz_nomem(m->err, 32);
    hz_sha256_free(c.sum);
    return st;
}

static hz_status add_data(maker *m, const hz_table_file *file)
{
    uint8_t digest[32];
    uint64_t rows = file->spool ? hz_spool_records(file->spool) : 0;
    if (!file->spool)
        HZ_TRY(read_text(&rows, digest, m, file));
    else if (m->options->sm3)
        HZ_TRY(hz_manifest_digest(digest, file->path, true, m->options->cancel, m->err));
    else
        memcpy(digest, hz_spool_sha256(file->spool), 32);
    put_file(m, file->shown, file->table, rows, digest);
    return HZ_OK;
}

static hz_status add_other(maker *m, hz_slice name)
{
    hz_buf path = HZ_BUF_INIT;
    struct stat info;
    uint8_t digest[32];
    hz_status st = hz_folder_path(&path, m->options->folder, name, m->err);
    bool file = st == HZ_OK && stat(path.ptr, &info) == 0 && S_ISREG(info.st_mode);
    if (file)
        st = hz_manifest_digest(digest, path.ptr, m->options->sm3, m->options->cancel, m->err);
    if (st == HZ_OK)
        put_file(m, name, NULL, 0, file ? digest : NULL);
    hz_buf_clear(&path);
    return st;
}

/* ---- the folder ---- */

/* The manifest that lies there is about to be replaced. */
static hz_status old_name(hz_slice *out, maker *m)
{
    hz_buf path = HZ_BUF_INIT;
    hz_status st = hz_manifest_in(&path, m->options->folder, m->options->limits, m->err);
    size_t from = path.len;
    while (st == HZ_OK && from && path.ptr[from - 1] != '/')
        from--;
    if (st == HZ_OK)
        st = hz_arena_copy(out, m->arena, hz_slice_sub(hz_buf_slice(&path), from, path.len));
    hz_buf_clear(&path);
    return st;
}

static hz_status by_profile(maker *m, hz_slice old)
{
    const hz_input input = {.path = m->options->folder};
    hz_submission found;
    hz_status st = hz_submission_find(&found, &m->run, &input, 1, 0, m->arena, m->err);
    for (size_t i = 0; st == HZ_OK && i < found.files_count; i++)
        st = add_data(m, &found.files[i]);
    for (size_t i = 0; st == HZ_OK && i < found.ignored_count; i++)
        if (!hz_slice_eq(found.ignored[i], old))
            st = add_other(m, found.ignored[i]);
    hz_submission_clear(&found);
    return st;
}

static hz_status by_names(maker *m, hz_slice old)
{
    const hz_limits *limits = m->options->limits;
    hz_slice *names;
    size_t count;
    HZ_TRY(hz_folder_list(&names, &count, m->arena, m->options->folder, limits->value[HZ_LIMIT_SOURCES],
                          hz_limit_name(HZ_LIMIT_SOURCES), m->err));
    for (size_t i = 0; i < count; i++) {
        hz_buf path = HZ_BUF_INIT;
        struct stat info;
        hz_status st = hz_folder_path(&path, m->options->folder, names[i], m->err);
        bool file = st == HZ_OK && stat(path.ptr, &info) == 0 && S_ISREG(info.st_mode);
        hz_buf_clear(&path);
        HZ_TRY(st);
        if (file && names[i].ptr[0] != '.' && !hz_slice_eq(names[i], old))
            HZ_TRY(add_other(m, names[i]));
    }
    return HZ_OK;
}

static hz_status put_head(maker *m)
{
    const hz_manifest_options *options = m->options;
    const char *id = options->id ? options->id : "draft.submission";
    int32_t from, to;
    if (!hz_is_dotted_id(hz_slice_of(id)))
        return hz_fail(m->err, HZ_E_USAGE, HZ_M(SUGGEST_ID), HZ_Z(id));
    if (options->period && !hz_manifest_period(&from, &to, hz_slice_of(options->period)))
        return hz_fail(m->err, HZ_E_USAGE, HZ_M(MANIFEST_PERIOD), HZ_Z(options->period));
    hz_buf_printf(m->out, "hezhun: 1\nmanifest: \"%s\"\n", id);
    if (options->profile) {
        hz_slice version = options->profile->version;
        const char *dot = memchr(version.ptr, '.', version.len);
        hz_slice major = hz_slice_sub(version, 0, dot ? (size_t)(dot - version.ptr) : version.len);
        hz_buf_printf(m->out, "profile: %.*s@%.*s\n", HZ_SLICE_FMT(options->profile->id), HZ_SLICE_FMT(major));
    }
    if (options->unit) {
        hz_buf_puts(m->out, "unit: ");
        hz_yaml_put_quoted(m->out, hz_slice_of(options->unit));
        hz_buf_putc(m->out, '\n');
    }
    if (options->period)
        hz_buf_printf(m->out, "period: \"%s\"\n", options->period);
    return HZ_OK;
}

hz_status hz_manifest_write(hz_buf *out, const hz_manifest_options *options, hz_error *err)
{
    hz_error own = {0};
    hz_slice old = HZ_SLICE_NONE;
    maker m = {.options = options, .arena = hz_arena_new(), .out = out, .err = err ? err : &own};
    m.run = (hz_run_options){.profile = options->profile,
                             .limits = options->limits,
                             .mapping = options->mapping,
                             .temp = options->temp,
                             .cancel = options->cancel};
    hz_status st = m.arena ? put_head(&m) : hz_nomem(err, sizeof(void *));
    if (st == HZ_OK)
        st = old_name(&old, &m);
    if (st == HZ_OK)
        st = options->profile ? by_profile(&m, old) : by_names(&m, old);
    if (st == HZ_OK && !m.files)
        st = hz_fail(m.err, HZ_E_SOURCE, HZ_M(SUGGEST_NO_DATA));
    if (st == HZ_OK)
        st = hz_buf_status(out, m.err);
    hz_arena_free(m.arena);
    return st;
}
