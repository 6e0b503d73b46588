/* sqlite.c: tables of an SQLite file.
 *
 * The file is opened as one that nobody changes (immutable), read-only, defensive, with its schema not trusted; an
 * authorizer lets nothing through but reading ordinary tables, so that no view, trigger, function or virtual table of
 * the submitted file ever runs; steps are counted. What a program left in a write-ahead log beside it would be missed:
 * that is an error. A database that is packed, or a member of an archive, is taken into memory.
 *
 * A value is what SQLite writes it as: 4 and 4.0 differ, NULL is no value. Rows come in the table's own order. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/source/formats.h"
#include "validator/source/spool_int.h"

#ifdef HZ_SQLITE
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

enum { STEPS = 100000 };

typedef struct reader {
    hz_reading *reading;
    sqlite3 *db;
    uint64_t steps;
    hz_status stopped; /* why the progress handler ended it */
    hz_buf whole;      /* the database, where it is no file of its own */
    hz_error *err;
} reader;

static int on_steps(void *ctx)
{
    reader *r = ctx;
    r->steps += STEPS;
    r->stopped = hz_cancel_check(r->reading->options.cancel, r->err);
    if (r->stopped == HZ_OK)
        r->stopped = hz_limit_check(r->reading->options.limits, HZ_LIMIT_SQLITE_STEPS, r->steps, r->err);
    return r->stopped != HZ_OK;
}

static int only_reading(void *ctx, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)ctx;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK : SQLITE_DENY;
}

static hz_status failure(reader *r, int code)
{
    const hz_limits *limits = r->reading->options.limits;
    if (r->stopped != HZ_OK)
        return r->stopped;
    if (code == SQLITE_NOMEM)
        return hz_nomem(r->err, 0);
    if (code == SQLITE_TOOBIG) /* the length that open_db allows */
        return hz_limit_check(limits, HZ_LIMIT_RECORD_BYTES, limits->value[HZ_LIMIT_RECORD_BYTES] + 1, r->err);
    hz_status st = hz_fail(r->err, HZ_E_SOURCE, HZ_M(SOURCE_SYNTAX), HZ_S(r->reading->options.shown_path),
                           HZ_Z("SQLite"), HZ_Z(sqlite3_errmsg(r->db)));
    hz_error_at(r->err, r->reading->options.shown_path, 0, 0);
    return st;
}

/* The path as a URI: all but letters, digits and / as %XX. */
static void put_uri(hz_buf *out, const char *path)
{
    hz_buf_puts(out, path[0] == '/' ? "file://" : "file:");
    for (const char *p = path; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '/' ||
                     c == '.' || c == '_' || c == '-';
        if (plain)
            hz_buf_putc(out, (char)c);
        else
            hz_buf_printf(out, "%%%02X", c);
    }
    hz_buf_puts(out, "?mode=ro&immutable=1");
}

static hz_status refuse_log(const reader *r)
{
    struct stat info;
    hz_buf path = HZ_BUF_INIT;
    hz_buf_puts(&path, r->reading->options.path);
    hz_buf_puts(&path, "-wal");
    hz_status st = hz_buf_status(&path, r->err);
    if (st == HZ_OK && stat(path.ptr, &info) == 0 && info.st_size > 0)
        st = hz_fail(r->err, HZ_E_SOURCE, HZ_M(SOURCE_SQLITE_LOG), HZ_S(r->reading->options.shown_path));
    hz_buf_clear(&path);
    return st;
}

static int limit_of(uint64_t value)
{
    return value < INT32_MAX ? (int)value : INT32_MAX;
}

/* A copy in memory cannot have a write-ahead log; a header that asks for one would only keep it from being opened. */
static hz_status open_copy(reader *r)
{
    enum { WRITE_VERSION = 18, READ_VERSION = 19, HEADER_BYTES = 100 };
    unsigned char *bytes = (unsigned char *)r->whole.ptr;
    if (r->whole.len >= HEADER_BYTES && bytes[WRITE_VERSION] == 2 && bytes[READ_VERSION] == 2)
        bytes[WRITE_VERSION] = bytes[READ_VERSION] = 1;
    int code = sqlite3_open_v2(":memory:", &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_deserialize(r->db, "main", bytes, (sqlite3_int64)r->whole.len, (sqlite3_int64)r->whole.len,
                                   SQLITE_DESERIALIZE_READONLY);
    if (code != SQLITE_OK)
        return r->db ? failure(r, code) : hz_nomem(r->err, 0);
    return HZ_OK;
}

static hz_status open_file(reader *r)
{
    hz_buf uri = HZ_BUF_INIT;
    HZ_TRY(refuse_log(r));
    put_uri(&uri, r->reading->options.path);
    hz_status st = hz_buf_status(&uri, r->err);
    int code = st == HZ_OK ? sqlite3_open_v2(uri.ptr, &r->db,
                                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_PRIVATECACHE, NULL)
                           : SQLITE_OK;
    hz_buf_clear(&uri);
    HZ_TRY(st);
    if (code != SQLITE_OK)
        return r->db ? failure(r, code) : hz_nomem(r->err, 0);
    return HZ_OK;
}

static hz_status open_db(reader *r)
{
    const hz_limits *limits = r->reading->options.limits;
    HZ_TRY(r->whole.ptr ? open_copy(r) : open_file(r));
    (void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    (void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(r->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    (void)sqlite3_limit(r->db, SQLITE_LIMIT_LENGTH, limit_of(limits->value[HZ_LIMIT_RECORD_BYTES]));
    (void)sqlite3_limit(r->db, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_set_authorizer(r->db, only_reading, NULL);
    sqlite3_progress_handler(r->db, STEPS, on_steps, r);
    return HZ_OK;
}

/* Which part a table is: by its name, or the first one where it is the only table. */
static size_t part_of(const reader *r, hz_slice name, bool only)
{
    for (size_t p = 0; p < r->reading->count; p++)
        if (hz_part_is(&r->reading->parts[p], name))
            return p;
    return only && r->reading->parts[0].names_count ? 0 : SIZE_MAX;
}

static hz_status put_value(reader *r, hz_spool *spool, uint32_t column, sqlite3_stmt *rows, int at, hz_bad_row *bad)
{
    int type = sqlite3_column_type(rows, at);
    hz_slice text = HZ_SLICE_NONE;
    if (type != SQLITE_NULL) {
        text.ptr = type == SQLITE_BLOB ? sqlite3_column_blob(rows, at) : (const char *)sqlite3_column_text(rows, at);
        text.len = (size_t)sqlite3_column_bytes(rows, at);
        if (!text.ptr && text.len)
            return hz_nomem(r->err, text.len);
    }
    if (text.len && !hz_utf8_valid(text))
        bad->kind = HZ_BAD_ENCODING;
    else if (text.len && bad->kind == HZ_BAD_FIELD_COUNT && memchr(text.ptr, '\0', text.len))
        bad->kind = HZ_BAD_NUL;
    return hz_spool_cell(spool, column, text, r->err);
}

static hz_status put_rows(reader *r, hz_spool *spool, sqlite3_stmt *rows, bool with_id)
{
    char where[48] = "";
    int first = with_id ? 1 : 0, count = sqlite3_column_count(rows), code;
    for (int c = first; c < count; c++) {
        uint32_t column;
        HZ_TRY(hz_spool_add_column(&column, spool, hz_slice_of(sqlite3_column_name(rows, c)), HZ_SLICE_NONE, r->err));
    }
    while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
        hz_bad_row bad = {.kind = HZ_BAD_FIELD_COUNT, .other = HZ_ENCODING_UNKNOWN};
        for (int c = first; c < count; c++)
            HZ_TRY(put_value(r, spool, (uint32_t)(c - first), rows, c, &bad));
        if (with_id)
            snprintf(where, sizeof where, "rowid=%lld", (long long)sqlite3_column_int64(rows, 0));
        HZ_TRY(bad.kind != HZ_BAD_FIELD_COUNT ? hz_spool_bad(spool, &bad, hz_slice_of(where), r->err)
                                              : hz_spool_row(spool, 0, hz_slice_of(where), r->err));
    }
    return code == SQLITE_DONE ? HZ_OK : failure(r, code);
}

static hz_status read_table(reader *r, size_t part, hz_slice name)
{
    hz_buf sql = HZ_BUF_INIT;
    sqlite3_stmt *rows = NULL;
    int code = SQLITE_ERROR;
    bool with_id = true;
    HZ_TRY(hz_part_need(r->reading, part, r->err));
    hz_spool *spool = r->reading->parts[part].spool;
    if (hz_arena_copy(&spool->part, spool->arena, name) != HZ_OK)
        return hz_nomem(r->err, name.len);
    for (int attempt = 0; attempt < 2 && code == SQLITE_ERROR; attempt++) {
        with_id = attempt == 0; /* a table without rowid has none */
        hz_buf_reset(&sql);
        hz_buf_puts(&sql, with_id ? "SELECT rowid, * FROM \"" : "SELECT * FROM \"");
        for (size_t i = 0; i < name.len; i++) {
            if (name.ptr[i] == '"')
                hz_buf_putc(&sql, '"');
            hz_buf_putc(&sql, name.ptr[i]);
        }
        hz_buf_puts(&sql, "\"");
        if (hz_buf_status(&sql, r->err) == HZ_OK)
            code = sqlite3_prepare_v2(r->db, sql.ptr, -1, &rows, NULL);
    }
    hz_status st = hz_buf_status(&sql, r->err);
    hz_buf_clear(&sql);
    if (st == HZ_OK)
        st = code == SQLITE_OK ? put_rows(r, spool, rows, with_id) : failure(r, code);
    (void)sqlite3_finalize(rows);
    return st;
}

/* Ordinary tables of the file. A virtual table's text begins CREATE VIRTUAL. */
static const char tables_sql[] = "SELECT name, sql FROM sqlite_schema WHERE type = 'table'";

static hz_status each_table(reader *r, size_t *count, bool read)
{
    sqlite3_stmt *tables = NULL;
    hz_status st = HZ_OK;
    size_t seen = 0;
    int code = sqlite3_prepare_v2(r->db, tables_sql, -1, &tables, NULL);
    while (code == SQLITE_OK && st == HZ_OK && (code = sqlite3_step(tables)) == SQLITE_ROW) {
        hz_slice name = hz_slice_of((const char *)sqlite3_column_text(tables, 0));
        const char *sql = (const char *)sqlite3_column_text(tables, 1);
        code = SQLITE_OK;
        if (!name.ptr || !sql || strncasecmp(sql, "CREATE VIRTUAL", 14) == 0 || strncmp(name.ptr, "sqlite_", 7) == 0)
            continue;
        seen++;
        size_t part = read ? part_of(r, name, *count == 1) : SIZE_MAX;
        if (part != SIZE_MAX)
            st = read_table(r, part, name);
    }
    if (st == HZ_OK && code != SQLITE_DONE)
        st = failure(r, code);
    (void)sqlite3_finalize(tables);
    *count = seen;
    return st;
}

hz_status hz_sqlite_read(hz_reading *reading, hz_error *err)
{
    reader r = {.reading = reading, .whole = HZ_BUF_INIT, .err = err};
    hz_stream *file = NULL;
    size_t count = 0;
    hz_status st;
    HZ_GO(hz_stream_open(&file, &reading->options, err));
    if (!reading->options.path || !hz_stream_is_plain(file)) {
        hz_stream_close(file);
        file = NULL;
        HZ_GO(hz_stream_whole(&r.whole, &reading->options, err));
    }
    HZ_GO(open_db(&r));
    HZ_GO(each_table(&r, &count, false));
    HZ_GO(each_table(&r, &count, true));
    if (file)
        HZ_GO(hz_stream_finish(file, err));
out:
    (void)sqlite3_close(r.db);
    hz_buf_clear(&r.whole);
    hz_stream_close(file);
    return st;
}
#else
hz_status hz_sqlite_read(hz_reading *reading, hz_error *err)
{
    return hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_PART), HZ_S(reading->options.shown_path), HZ_Z("SQLite"));
}
#endif
