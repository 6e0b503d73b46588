/* postgres.c: tables of a PostgreSQL database, by COPY … TO STDOUT, all in one read-only snapshot.
 *
 * postgresql://…[?table=NAME&…]: what `table` names is the file's table; without it every table of the profile that the
 * database has is read. NAME may be SCHEMA.TABLE; other names are found by the server's search path. Identifiers are
 * quoted, nothing of the submission is ever part of a statement otherwise. The digest is that of the rows as COPY gives
 * them. The password, and who logs in, are in no message: of a connection that fails only that is said. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "validator/source/formats.h"
#include "validator/source/spool_int.h"

#ifdef HZ_LIBPQ
#include <libpq-fe.h>

typedef struct server {
    hz_reading *reading;
    PGconn *connection;
    hz_buf cell;
    hz_error *err;
    size_t part;  /* whose table it is */
    bool *key;    /* columns of the table's primary key, owned */
    hz_buf where; /* the row's place: its primary key */
    bool hidden;  /* which must not show */
} server;

static hz_status failure(const server *s, const PGresult *result)
{
    const char *words = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    return hz_fail(s->err, HZ_E_SOURCE, HZ_M(SOURCE_SERVER), HZ_S(s->reading->options.shown_path),
                   HZ_Z(words ? words : "?"));
}

static hz_status command(const server *s, const char *sql)
{
    PGresult *result = PQexec(s->connection, sql);
    hz_status st = PQresultStatus(result) == PGRES_COMMAND_OK ? HZ_OK : failure(s, result);
    PQclear(result);
    return st;
}

/* Takes table=NAME out of the URL. */
static void split_url(hz_buf *url, hz_buf *table, const char *given)
{
    const char *query = strchr(given, '?');
    bool first = true;
    hz_buf_put(url, (hz_slice){given, query ? (size_t)(query - given) : strlen(given)});
    for (const char *p = query; p && *p;) {
        const char *from = p + 1, *to = from + strcspn(from, "&");
        if (strncmp(from, "table=", 6) == 0) {
            hz_buf_put(table, (hz_slice){from + 6, (size_t)(to - from) - 6});
        } else if (to > from) {
            hz_buf_putc(url, first ? '?' : '&');
            hz_buf_put(url, (hz_slice){from, (size_t)(to - from)});
            first = false;
        }
        p = *to ? to : NULL;
    }
}

static hz_status connect_to(server *s, const char *url)
{
    s->connection = PQconnectdb(url);
    if (!s->connection)
        return hz_nomem(s->err, 0);
    if (PQstatus(s->connection) != CONNECTION_OK)
        return hz_fail(s->err, HZ_E_SOURCE, HZ_M(SOURCE_NO_SERVER), HZ_S(s->reading->options.shown_path));
    if (PQsetClientEncoding(s->connection, "UTF8") != 0)
        return failure(s, NULL);
    HZ_TRY(command(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    return command(s, "SET LOCAL datestyle = 'ISO'; SET LOCAL synchronize_seqscans = off; "
                      "SET LOCAL extra_float_digits = 1; SET LOCAL intervalstyle = 'iso_8601'");
}

/* "a"."b" of a.b; the server says whether there is one. */
static hz_status quoted_name(hz_buf *out, const server *s, hz_slice name)
{
    for (size_t from = 0, at = 0; at <= name.len; at++)
        if (at == name.len || name.ptr[at] == '.') {
            char *part = PQescapeIdentifier(s->connection, name.ptr + from, at - from);
            if (!part)
                return failure(s, NULL);
            hz_buf_puts(out, from ? "." : "");
            hz_buf_puts(out, part);
            PQfreemem(part);
            from = at + 1;
        }
    return hz_buf_status(out, s->err);
}

static hz_status has_table(const server *s, const char *quoted, bool *has)
{
    const char *values[] = {quoted};
    PGresult *result =
        PQexecParams(s->connection, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", 1, NULL, values, NULL, NULL, 0);
    hz_status st = PQresultStatus(result) == PGRES_TUPLES_OK ? HZ_OK : failure(s, result);
    *has = st == HZ_OK && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    return st;
}

static hz_status take_columns(const server *s, hz_spool *spool, const char *quoted)
{
    hz_buf sql = HZ_BUF_INIT;
    hz_buf_puts(&sql, "SELECT * FROM ");
    hz_buf_puts(&sql, quoted);
    hz_buf_puts(&sql, " LIMIT 0");
    hz_status st = hz_buf_status(&sql, s->err);
    PGresult *result = st == HZ_OK ? PQexec(s->connection, sql.ptr) : NULL;
    hz_buf_clear(&sql);
    if (st == HZ_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        st = failure(s, result);
    for (int c = 0; st == HZ_OK && c < PQnfields(result); c++) {
        uint32_t column;
        st = hz_spool_add_column(&column, spool, hz_slice_of(PQfname(result, c)), HZ_SLICE_NONE, s->err);
    }
    PQclear(result);
    return st;
}

/* One escape of the text form behind its backslash. */
static char unescaped(char c)
{
    static const char letters[] = "bfnrtv", means[] = "\b\f\n\r\t\v";
    const char *at = c ? strchr(letters, c) : NULL;
    return at ? means[at - letters] : c;
}

/* Which columns are the table's primary key, a byte a column. */
static hz_status take_key(server *s, const hz_spool *spool, const char *quoted)
{
    static const char sql[] = "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a "
                              "ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
                              "WHERE i.indisprimary AND i.indrelid = pg_catalog.to_regclass($1)";
    const char *values[] = {quoted};
    hz_mem_free(s->key);
    s->key = hz_mem_zalloc(spool->columns_count + 1, 1);
    if (!s->key)
        return hz_nomem(s->err, spool->columns_count);
    PGresult *result = PQexecParams(s->connection, sql, 1, NULL, values, NULL, NULL, 0);
    hz_status st = PQresultStatus(result) == PGRES_TUPLES_OK ? HZ_OK : failure(s, result);
    for (int i = 0; st == HZ_OK && i < PQntuples(result); i++)
        for (size_t c = 0; c < spool->columns_count; c++)
            if (hz_slice_eq(spool->names[c], hz_slice_of(PQgetvalue(result, i, 0))))
                s->key[c] = true;
    PQclear(result);
    return st;
}

/* Of a key of several columns all are shown or none. */
static void put_place(server *s, hz_slice name, hz_slice value)
{
    s->hidden = s->hidden || !hz_part_shows(&s->reading->parts[s->part], name, value);
    hz_buf_puts(&s->where, s->where.len ? ", " : "");
    hz_buf_put(&s->where, name);
    hz_buf_putc(&s->where, '=');
    hz_buf_put(&s->where, value);
}

static hz_status put_row(server *s, hz_spool *spool, const char *line, size_t len)
{
    size_t column = 0;
    hz_buf_reset(&s->where);
    s->hidden = false;
    while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
        len--;
    for (size_t from = 0; from <= len && column < spool->columns_count; column++) {
        const char *tab = memchr(line + from, '\t', len - from);
        size_t to = tab ? (size_t)(tab - line) : len;
        hz_slice text = {line + from, to - from};
        if (hz_slice_eq(text, HZ_SLICE_LIT("\\N"))) {
            text = HZ_SLICE_NONE;
        } else if (text.len && memchr(text.ptr, '\\', text.len)) {
            hz_buf_reset(&s->cell);
            for (size_t i = 0; i < text.len; i++)
                hz_buf_putc(&s->cell, text.ptr[i] == '\\' && i + 1 < text.len ? unescaped(text.ptr[++i]) : text.ptr[i]);
            HZ_TRY(hz_buf_status(&s->cell, s->err));
            text = hz_buf_slice(&s->cell);
        }
        HZ_TRY(hz_spool_cell(spool, (uint32_t)column, text, s->err));
        if (s->key[column])
            put_place(s, spool->names[column], text);
        from = to + 1;
    }
    HZ_TRY(hz_buf_status(&s->where, s->err));
    return hz_spool_row(spool, 0, s->hidden ? HZ_SLICE_NONE : hz_buf_slice(&s->where), s->err);
}

static hz_status copy_rows(server *s, hz_spool *spool)
{
    char *line;
    int len;
    while ((len = PQgetCopyData(s->connection, &line, 0)) > 0) {
        s->reading->options.bytes_seen(s->reading->options.bytes_ctx, line, (size_t)len);
        hz_status st = hz_cancel_check(s->reading->options.cancel, s->err);
        if (st == HZ_OK)
            st = put_row(s, spool, line, (size_t)len);
        PQfreemem(line);
        HZ_TRY(st);
    }
    PGresult *result = PQgetResult(s->connection);
    hz_status st = len == -1 && PQresultStatus(result) == PGRES_COMMAND_OK ? HZ_OK : failure(s, result);
    PQclear(result);
    while ((result = PQgetResult(s->connection)) != NULL)
        PQclear(result);
    return st;
}

static hz_status read_table(server *s, size_t part, hz_slice name, const char *quoted)
{
    hz_buf sql = HZ_BUF_INIT;
    HZ_TRY(hz_part_need(s->reading, part, s->err));
    hz_spool *spool = s->reading->parts[part].spool;
    if (hz_arena_copy(&spool->part, spool->arena, name) != HZ_OK)
        return hz_nomem(s->err, name.len);
    HZ_TRY(take_columns(s, spool, quoted));
    HZ_TRY(take_key(s, spool, quoted));
    s->part = part;
    hz_buf_puts(&sql, "COPY (SELECT * FROM ");
    hz_buf_puts(&sql, quoted);
    hz_buf_puts(&sql, ") TO STDOUT");
    hz_status st = hz_buf_status(&sql, s->err);
    PGresult *result = st == HZ_OK ? PQexec(s->connection, sql.ptr) : NULL;
    hz_buf_clear(&sql);
    if (st == HZ_OK && PQresultStatus(result) != PGRES_COPY_OUT)
        st = failure(s, result);
    PQclear(result);
    return st == HZ_OK ? copy_rows(s, spool) : st;
}

/* The part under the first of its names that the database has. `must`: it must have one. */
static hz_status read_part(server *s, size_t part, const hz_slice *names, size_t count, bool must)
{
    hz_buf quoted = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    bool has = false;
    for (size_t i = 0; st == HZ_OK && !has && i < count; i++) {
        hz_buf_reset(&quoted);
        st = quoted_name(&quoted, s, names[i]);
        if (st == HZ_OK)
            st = has_table(s, quoted.ptr, &has);
        if (st == HZ_OK && has)
            st = read_table(s, part, names[i], quoted.ptr);
    }
    hz_buf_clear(&quoted);
    if (st == HZ_OK && !has && must)
        st = hz_fail(s->err, HZ_E_SOURCE, HZ_M(SOURCE_NO_TABLE), HZ_S(s->reading->options.shown_path), HZ_S(names[0]));
    return st;
}

hz_status hz_postgres_read(hz_reading *reading, hz_error *err)
{
    server s = {.reading = reading, .cell = HZ_BUF_INIT, .where = HZ_BUF_INIT, .err = err};
    hz_buf url = HZ_BUF_INIT, table = HZ_BUF_INIT;
    hz_status st;
    split_url(&url, &table, reading->options.path);
    HZ_GO(hz_buf_status(&url, err));
    HZ_GO(hz_buf_status(&table, err));
    HZ_GO(connect_to(&s, url.ptr));
    hz_slice name = hz_buf_slice(&table);
    if (name.len) {
        HZ_GO(read_part(&s, 0, &name, 1, true));
        goto out;
    }
    for (size_t p = 0; p < reading->count; p++)
        HZ_GO(read_part(&s, p, reading->parts[p].names, reading->parts[p].names_count, false));
out:
    if (s.connection)
        PQfinish(s.connection);
    hz_mem_free(s.key);
    hz_buf_clear(&s.cell);
    hz_buf_clear(&s.where);
    hz_buf_clear(&url);
    hz_buf_clear(&table);
    return st;
}
#else
hz_status hz_postgres_read(hz_reading *reading, hz_error *err)
{
    return hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_PART), HZ_S(reading->options.shown_path), HZ_Z("libpq"));
}
#endif
