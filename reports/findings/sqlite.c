/* sqlite.c: findings as a database: a row a finding, with its key, fields, echoed columns and related records as JSON,
 * which the views `fields` and `related` open into a row each: rows of their own would cost more than all else. A view
 * for each question that is asked first (by rule, by table, by region, by unit). Made by SQLite in one transaction, in
 * the temporary file that becomes the database; indexes come last. Text is as it is: no program runs it.
 *
 * Same findings, same bytes: nothing in the file tells of time or place. */
#include "reports/findings/texts_int.h"
#ifdef HZ_SQLITE
#include "base/alloc.h"
#include <errno.h>
#include <sqlite3.h>

static const char schema[] =
    "CREATE TABLE findings (id INTEGER PRIMARY KEY, rule TEXT NOT NULL, title TEXT, severity TEXT NOT NULL,"
    " status TEXT NOT NULL, dimension TEXT NOT NULL, gate TEXT NOT NULL, \"table\" TEXT NOT NULL, source TEXT,"
    " line INTEGER, \"where\" TEXT, region TEXT, unit TEXT, key TEXT, reason TEXT, message TEXT NOT NULL, expected "
    "TEXT,"
    " difference TEXT, repair TEXT, fingerprint TEXT, waived TEXT, fields_json TEXT NOT NULL, related_json TEXT);"
    "CREATE TABLE rules (id TEXT PRIMARY KEY, title TEXT, \"table\" TEXT NOT NULL, severity TEXT NOT NULL,"
    " status TEXT NOT NULL, outcome TEXT NOT NULL, evaluated INTEGER NOT NULL, failed INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE regions (code TEXT PRIMARY KEY, name TEXT, level TEXT, rows INTEGER NOT NULL) WITHOUT ROWID;";

static const char indexes[] =
    "CREATE INDEX findings_rule ON findings (rule);"
    "CREATE INDEX findings_table ON findings (\"table\", source, line);"
    "CREATE INDEX findings_region ON findings (region);"
    "CREATE INDEX findings_unit ON findings (unit);"
    "CREATE INDEX findings_key ON findings (key);"
    "CREATE VIEW fields AS SELECT f.id AS finding, j.key + 1 AS number, json_extract(j.value, '$[0]') AS kind,"
    " json_extract(j.value, '$[1]') AS name, json_extract(j.value, '$[2]') AS value,"
    " json_extract(j.value, '$[3]') AS submitted_as, json_extract(j.value, '$[4]') AS submitted"
    " FROM findings f, json_each(f.fields_json) j;"
    "CREATE VIEW related AS SELECT f.id AS finding, j.key + 1 AS number, json_extract(j.value, '$[0]') AS \"table\","
    " json_extract(j.value, '$[1]') AS source, json_extract(j.value, '$[2]') AS line,"
    " json_extract(j.value, '$[3]') AS \"where\", json_extract(j.value, '$[4]') AS key,"
    " json_extract(j.value, '$[5]') AS fields FROM findings f, json_each(f.related_json) j;"
    "CREATE VIEW by_rule AS SELECT f.rule, f.title, f.severity, f.status, count(*) AS findings, r.evaluated FROM "
    "findings f"
    " JOIN rules r ON r.id = f.rule GROUP BY f.rule ORDER BY findings DESC, f.rule;"
    "CREATE VIEW by_table AS SELECT \"table\", source, count(*) AS findings,"
    " count(DISTINCT line) AS lines FROM findings GROUP BY \"table\", source ORDER BY \"table\", source;"
    "CREATE VIEW by_region AS SELECT r.code, r.name, r.level, r.rows, count(*) AS findings FROM regions r JOIN "
    "findings f"
    " ON r.code <> '' AND f.region >= r.code AND f.region < r.code || 'x' GROUP BY r.code ORDER BY r.code;"
    "CREATE VIEW by_unit AS SELECT unit, rule, count(*) AS findings FROM findings WHERE unit IS NOT NULL"
    " GROUP BY unit, rule ORDER BY unit, findings DESC, rule;";

enum { FINDING, RULE, REGION, STATEMENTS };
static const char *const inserts[STATEMENTS] = {
    "INSERT INTO findings VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,"
    "?22,?23)",
    "INSERT INTO rules VALUES (?1,?2,?3,?4,?5,?6,?7,?8)", "INSERT INTO regions VALUES (?1,?2,?3,?4)"};

struct hz_form_file {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    const hz_form_given *given;
    const char *path;
    hz_buf text;
    hz_buf fields, related; /* of the finding in hand, as JSON */
    sqlite3_int64 id;
};

static hz_status failed(hz_form_file *f, int rc, hz_error *err)
{
    int number = rc == SQLITE_FULL ? ENOSPC : f->db ? sqlite3_system_errno(f->db) : 0;
    if (rc == SQLITE_NOMEM)
        return hz_nomem(err, 0);
    return hz_form_failed(err, f->path, number, sqlite3_errstr(rc));
}

static hz_status run(hz_form_file *f, const char *sql, hz_error *err)
{
    int rc = sqlite3_exec(f->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? HZ_OK : failed(f, rc, err);
}

/* ---- one row ---- */

/* Texts of findings outlive the step that reads them. */

static void bind_text(sqlite3_stmt *s, int at, hz_slice text)
{
    if (text.len)
        (void)sqlite3_bind_text64(s, at, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
    else
        (void)sqlite3_bind_null(s, at);
}

static void bind_word(sqlite3_stmt *s, int at, const char *word)
{
    bind_text(s, at, hz_slice_of(word ? word : ""));
}

static void bind_count(sqlite3_stmt *s, int at, uint64_t count)
{
    (void)sqlite3_bind_int64(s, at, (sqlite3_int64)count);
}

static void bind_line(sqlite3_stmt *s, int at, uint64_t line)
{
    if (line)
        bind_count(s, at, line);
    else
        (void)sqlite3_bind_null(s, at);
}

/* An empty value is a value: NULL is none. */
static void bind_shown(hz_form_file *f, sqlite3_stmt *s, int at, bool present, hz_shown value)
{
    if (!present || value.null) {
        (void)sqlite3_bind_null(s, at);
        return;
    }
    hz_buf_reset(&f->text);
    hz_put_shown(&f->text, value, f->given->options.reveal);
    (void)sqlite3_bind_text64(s, at, f->text.ptr ? f->text.ptr : "", f->text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void bind_pairs(hz_form_file *f, sqlite3_stmt *s, int at, const hz_named *items, size_t count)
{
    hz_buf_reset(&f->text);
    hz_put_pairs(&f->text, items, count, f->given->options.reveal);
    if (f->text.len) /* the buffer is used again */
        (void)sqlite3_bind_text64(s, at, f->text.ptr, f->text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        (void)sqlite3_bind_null(s, at);
}

static hz_status insert(hz_form_file *f, int statement, hz_error *err)
{
    sqlite3_stmt *s = f->statements[statement];
    HZ_TRY(hz_buf_status(&f->text, err));
    int rc = sqlite3_step(s);
    (void)sqlite3_reset(s);
    return rc == SQLITE_DONE ? HZ_OK : failed(f, rc, err);
}

/* ---- findings ---- */

/* JSON arrays: an item begins with a comma, but the first. */
static void begin_item(hz_buf *out)
{
    if (out->len && out->ptr[out->len - 1] != '[')
        hz_buf_putc(out, ',');
}

static void put_array(hz_buf *out)
{
    begin_item(out);
    hz_buf_putc(out, '[');
}

static void put_text(hz_buf *out, hz_slice text, bool null)
{
    begin_item(out);
    if (null)
        hz_buf_puts(out, "null");
    else
        hz_put_json(out, text);
}

static void put_value(hz_form_file *f, hz_buf *out, hz_shown value)
{
    hz_buf_reset(&f->text);
    if (!value.null)
        hz_put_shown(&f->text, value, f->given->options.reveal);
    put_text(out, hz_buf_slice(&f->text), value.null);
}

/* [kind, name, value] each; behind them, where a mapping made the value, the submitter's own name and value. */
static void put_fields(hz_form_file *f, hz_buf *out, const char *kind, const hz_named *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_array(out);
        put_text(out, hz_slice_of(kind), false);
        put_text(out, items[i].name, false);
        put_value(f, out, items[i].value);
        if (items[i].own_name.len) {
            put_text(out, items[i].own_name, false);
            put_value(f, out, items[i].own_value);
        }
        hz_buf_putc(out, ']');
    }
}

static void put_pairs(hz_form_file *f, hz_buf *out, const hz_named *items, size_t count)
{
    hz_buf_reset(&f->text);
    hz_put_pairs(&f->text, items, count, f->given->options.reveal);
    put_text(out, hz_buf_slice(&f->text), !f->text.len);
}

/* [table, source, line, where, key, fields] each. */
static void put_related(hz_form_file *f, hz_buf *out, const hz_finding *finding)
{
    const hz_result *result = f->given->result;
    for (size_t i = 0; i < finding->related_count; i++) {
        const hz_place *place = &finding->related[i];
        hz_slice source = hz_place_source(result, place);
        put_array(out);
        put_text(out, result->tables[place->table].name, false);
        put_text(out, source, !source.len);
        begin_item(out);
        if (place->line)
            hz_buf_put_u64(out, place->line);
        else
            hz_buf_puts(out, "null");
        put_text(out, place->where, !place->where.len);
        put_pairs(f, out, place->key, place->key_count);
        put_pairs(f, out, place->fields, place->fields_count);
        hz_buf_putc(out, ']');
    }
}

static hz_status bind_json(hz_form_file *f, sqlite3_stmt *s, const hz_finding *finding, hz_error *err)
{
    hz_buf_reset(&f->fields);
    hz_buf_reset(&f->related);
    hz_buf_putc(&f->fields, '[');
    put_fields(f, &f->fields, "key", finding->at.key, finding->at.key_count);
    put_fields(f, &f->fields, "field", finding->at.fields, finding->at.fields_count);
    put_fields(f, &f->fields, "echo", finding->echo, finding->echo_count);
    hz_buf_putc(&f->fields, ']');
    if (finding->related_count) {
        hz_buf_putc(&f->related, '[');
        put_related(f, &f->related, finding);
        hz_buf_putc(&f->related, ']');
    }
    bind_text(s, 22, hz_buf_slice(&f->fields));
    bind_text(s, 23, hz_buf_slice(&f->related));
    HZ_TRY(hz_buf_status(&f->fields, err));
    return hz_buf_status(&f->related, err);
}

static hz_status put(hz_form_file *f, const hz_found *found, hz_error *err)
{
    const hz_finding *finding = found->finding;
    const hz_rule *rule = found->rule->rule;
    const hz_place *at = &finding->at;
    sqlite3_stmt *s = f->statements[FINDING];
    (void)sqlite3_bind_int64(s, 1, ++f->id);
    bind_text(s, 2, rule->id);
    bind_text(s, 3, hz_title_of(rule, f->given->options.lang));
    bind_word(s, 4, hz_severity_name(finding->severity));
    bind_word(s, 5, hz_life_name(found->rule->life));
    bind_word(s, 6, hz_dimension_name(rule->dimension));
    bind_word(s, 7, hz_gate_name(rule->gate));
    bind_text(s, 8, f->given->result->tables[at->table].name);
    bind_text(s, 9, hz_place_source(f->given->result, at));
    bind_line(s, 10, at->line);
    bind_text(s, 11, at->where);
    bind_word(s, 12, found->region);
    bind_shown(f, s, 13, true, found->unit);
    bind_pairs(f, s, 14, at->key, at->key_count);
    bind_word(s, 15, finding->reason);
    hz_buf_reset(&f->text);
    hz_put_message(&f->text, finding, f->given->options.lang, f->given->options.reveal);
    (void)sqlite3_bind_text64(s, 16, f->text.ptr ? f->text.ptr : "", f->text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    bind_shown(f, s, 17, finding->has_expected, finding->expected);
    bind_shown(f, s, 18, finding->has_difference, finding->difference);
    bind_shown(f, s, 19, finding->has_repair, finding->repair);
    bind_word(s, 20, finding->fingerprint);
    bind_text(s, 21, finding->waived);
    HZ_TRY(bind_json(f, s, finding, err));
    return insert(f, FINDING, err);
}

/* ---- what the views join ---- */

static hz_status put_rules(hz_form_file *f, const hz_result_rule *rules, size_t count, hz_error *err)
{
    sqlite3_stmt *s = f->statements[RULE];
    for (size_t i = 0; i < count; i++) {
        bind_text(s, 1, rules[i].rule->id);
        bind_text(s, 2, hz_title_of(rules[i].rule, f->given->options.lang));
        bind_text(s, 3, rules[i].rule->table->name);
        bind_word(s, 4, hz_severity_name(rules[i].severity));
        bind_word(s, 5, hz_life_name(rules[i].life));
        bind_word(s, 6, hz_outcome_name(rules[i].outcome));
        bind_count(s, 7, rules[i].evaluated);
        bind_count(s, 8, rules[i].failed);
        HZ_TRY(insert(f, RULE, err));
    }
    return HZ_OK;
}

static hz_status put_regions(hz_form_file *f, hz_error *err)
{
    const hz_result *result = f->given->result;
    sqlite3_stmt *s = f->statements[REGION];
    for (size_t i = 0; i < result->regions_count; i++) {
        const hz_result_region *region = &result->regions[i];
        (void)sqlite3_bind_text(s, 1, region->code, -1, SQLITE_TRANSIENT);
        bind_text(s, 2, hz_text2_pick(region->name, f->given->options.lang, HZ_SLICE_NONE));
        bind_word(s, 3, region->level == HZ_LEVEL_ANY ? NULL : hz_division_level_name(region->level));
        bind_count(s, 4, region->rows);
        HZ_TRY(insert(f, REGION, err));
    }
    return HZ_OK;
}

/* ---- open, close ---- */

static void release(hz_form_file *f)
{
    for (size_t i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(f->statements[i]);
    (void)sqlite3_close(f->db);
    hz_buf_clear(&f->text);
    hz_buf_clear(&f->fields);
    hz_buf_clear(&f->related);
    hz_mem_free(f);
}

/* The file has no name that others know, and is thrown away when anything goes wrong: no journal, no waiting for the
 * disk before the end. */
static hz_status begin(hz_form_file *f, hz_error *err)
{
    const hz_result *result = f->given->result;
    HZ_TRY(run(f,
               "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
               "PRAGMA page_size = 8192; PRAGMA cache_size = -16384; BEGIN;",
               err));
    HZ_TRY(run(f, schema, err));
    for (size_t i = 0; i < STATEMENTS; i++) {
        int rc = sqlite3_prepare_v2(f->db, inserts[i], -1, &f->statements[i], NULL);
        if (rc != SQLITE_OK)
            return failed(f, rc, err);
    }
    HZ_TRY(put_rules(f, result->rules, result->rules_count, err));
    HZ_TRY(put_rules(f, result->drafts, result->drafts_count, err));
    return put_regions(f, err);
}

static hz_status open_file(hz_form_file **out, hz_outfile *to, const char *path, const hz_form_given *given,
                           hz_error *err)
{
    *out = NULL;
    hz_form_file *f = hz_mem_zalloc(1, sizeof *f);
    if (!f)
        return hz_nomem(err, sizeof *f);
    f->given = given;
    f->path = path;
    int rc = sqlite3_open_v2(hz_outfile_temp(to), &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    hz_status st = rc == SQLITE_OK ? begin(f, err) : failed(f, rc, err);
    if (st == HZ_OK)
        *out = f;
    else
        release(f);
    return st;
}

static hz_status close_file(hz_form_file *f, hz_error *err)
{
    hz_status st = run(f, indexes, err);
    if (st == HZ_OK)
        st = run(f, "COMMIT;", err);
    release(f);
    return st;
}

const hz_form hz_form_sqlite = {.suffix = ".sqlite",
                                .part = "SQLite",
                                .built_in = true,
                                .open = open_file,
                                .put = put,
                                .close = close_file,
                                .abandon = release};
#else
const hz_form hz_form_sqlite = {.suffix = ".sqlite", .part = "SQLite", .built_in = false};
#endif
