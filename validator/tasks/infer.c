/* infer.c: files to tables, two passes, references.
 *
 * A pass: threads take batches in turns under a lock and keep accounts of their own; accounts add up. Whether a column
 * is a key is exact: as long as no value was seen twice nearby, the hash of every value is put aside, by its first six
 * bits, and a part is sorted at the end. The same hashes say whether a column of another table holds keys only. */
#include <stdlib.h>

#include "base/crew.h"
#include "base/utf8.h"
#include "profiles/expr/lex.h"
#include "validator/tasks/infer_int.h"

enum { THREADS_MAX = 64, NAME_BYTES = 60 };
static const uint64_t usual_memory = UINT64_C(256) << 20;

/* ---- names ---- */

static bool is_of_name(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= 0x4e00 && c <= 0x9fff);
}

/* A name that profiles take. */
static hz_status clean_name(hz_slice *out, infer_job *job, hz_slice from, const hz_slice *others, size_t count)
{
    hz_buf text = HZ_BUF_INIT;
    for (size_t at = 0; at < from.len && text.len < NAME_BYTES;) {
        uint32_t c = hz_utf8_next(from, &at);
        if (!text.len && c >= '0' && c <= '9')
            hz_buf_putc(&text, 'f');
        hz_utf8_put(&text, is_of_name(c) ? c : '_');
    }
    if (!text.len)
        hz_buf_puts(&text, "field");
    if (text.status == HZ_OK && !hz_lex_is_plain_name(hz_buf_slice(&text)))
        hz_buf_putc(&text, '_'); /* a word of the language */
    size_t plain = text.len, again = 1;
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(others[i], hz_buf_slice(&text))) {
            text.len = plain;
            hz_buf_printf(&text, "_%zu", ++again);
            i = SIZE_MAX; /* from the first again */
        }
    hz_status st = hz_buf_status(&text, job->err);
    if (st == HZ_OK && hz_arena_copy(out, job->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(job->err, text.len);
    hz_buf_clear(&text);
    return st;
}

static hz_slice stem_of(const char *path)
{
    hz_slice name = hz_name_unpacked(hz_slice_of(path));
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/') {
            name = hz_slice_sub(name, i, name.len);
            break;
        }
    for (size_t i = name.len; i > 1; i--)
        if (name.ptr[i - 1] == '.')
            return hz_slice_sub(name, 0, i - 1);
    return name;
}

/* ---- tables ---- */

static hz_source_options open_options(const infer_job *job, const infer_table *table)
{
    return (hz_source_options){.path = table->path,
                               .shown_path = hz_slice_of(table->path),
                               .spool = table->spool,
                               .limits = job->options->limits,
                               .cancel = job->options->cancel};
}

static hz_status read_spool(infer_job *job, infer_table *table)
{
    hz_form form = hz_form_of(hz_slice_of(table->path));
    if (form == HZ_FORM_CSV || form == HZ_FORM_NONE)
        return HZ_OK;
    hz_slice stem = stem_of(table->path);
    hz_part part = {.names = &stem, .names_count = 1, .parent = SIZE_MAX};
    hz_source_options how = open_options(job, table);
    HZ_TRY(hz_parts_read(&part, 1, &how, job->options->temp, job->err));
    table->spool = part.spool;
    return HZ_OK;
}

static hz_status take_header(infer_job *job, infer_table *table, const hz_source *source)
{
    const hz_slice *names;
    size_t count = hz_source_columns(source, &names);
    if (!count)
        return hz_fail(job->err, HZ_E_SOURCE, HZ_M(INFER_NO_COLUMNS), HZ_Z(table->path));
    table->columns_count = count;
    table->headers = HZ_ARENA_ARRAY(job->arena, hz_slice, count);
    table->names = HZ_ARENA_ARRAY(job->arena, hz_slice, count);
    table->columns = HZ_ARENA_ARRAY(job->arena, infer_column, count);
    table->kinds = HZ_ARENA_ARRAY(job->arena, infer_kind, count);
    table->coded = HZ_ARENA_ARRAY(job->arena, bool, count);
    table->references = HZ_ARENA_ARRAY(job->arena, struct infer_reference, count);
    if (!table->headers || !table->names || !table->columns || !table->kinds || !table->coded || !table->references)
        return hz_nomem(job->err, count * sizeof *table->columns);
    table->key = SIZE_MAX;
    for (size_t c = 0; c < count; c++) {
        table->references[c].table = SIZE_MAX;
        if (hz_arena_copy(&table->headers[c], job->arena, names[c]) != HZ_OK)
            return hz_nomem(job->err, names[c].len);
        for (size_t i = 0; i < c; i++)
            if (hz_slice_eq(table->headers[i], names[c]))
                table->headers[c].len = 0;
        HZ_TRY(clean_name(&table->names[c], job, names[c], table->names, c));
    }
    return HZ_OK;
}

static hz_status open_table(infer_job *job, infer_table *table, size_t index)
{
    hz_source *source = NULL;
    HZ_TRY(read_spool(job, table));
    table->stem = stem_of(table->path);
    HZ_TRY(clean_name(&table->name, job, table->stem, NULL, 0));
    for (size_t i = 0; i < index; i++)
        if (hz_slice_eq(job->tables[i].name, table->name))
            return hz_fail(job->err, HZ_E_SOURCE, HZ_M(INFER_TABLE_TWICE), HZ_S(table->name), HZ_Z(job->tables[i].path),
                           HZ_Z(table->path));
    hz_source_options how = open_options(job, table);
    hz_status st = hz_source_open(&source, &how, job->err);
    if (st == HZ_OK)
        st = take_header(job, table, source);
    hz_source_close(source);
    return st;
}

/* ---- a pass ---- */

typedef struct hand {
    infer_column *columns;
    infer_rows rows;
    hz_status st;
    hz_error err;
    uint64_t rows_count, bad_count;
} hand;

typedef struct pass {
    infer_job *job;
    infer_table *table;
    hz_source *source;
    hand *hands;
    bool second, ended;
    uint64_t rows_max; /* of the table; UINT64_MAX: all */
    uint64_t rows;
    pthread_mutex_t lock;
} pass;

static void take_batch(pass *p, hand *h, const hz_batch *batch)
{
    if (p->second) {
        hz_infer_rows_take(&h->rows, p->table, batch);
        return;
    }
    for (size_t c = 0; c < p->table->columns_count; c++)
        for (uint32_t row = 0; row < batch->rows_count; row++)
            hz_infer_take(&h->columns[c], p->job, batch->columns[c].cells[row], batch->lines[row], &h->err, &h->st);
}

static void work(void *ctx, unsigned number)
{
    pass *p = ctx;
    hand *h = &p->hands[number];
    hz_batch batch = {0};
    for (bool going = true; going && h->st == HZ_OK;) {
        pthread_mutex_lock(&p->lock);
        hz_status st = p->ended ? HZ_END : hz_source_next(&batch, p->source, &h->err);
        if (st == HZ_OK) { /* the first rows are cut exactly there, whatever a batch holds */
            uint64_t left = p->rows_max - p->rows;
            if (batch.rows_count > left)
                batch.rows_count = (uint32_t)left;
            p->rows += batch.rows_count;
            p->ended = p->rows == p->rows_max;
        }
        p->ended = p->ended || st != HZ_OK;
        pthread_mutex_unlock(&p->lock);
        if (st == HZ_OK) {
            h->rows_count += batch.rows_count;
            h->bad_count += batch.bad_count;
            take_batch(p, h, &batch);
        } else {
            going = false;
            h->st = st == HZ_END ? h->st : st;
        }
    }
    pthread_mutex_lock(&p->lock);
    hz_source_give_back(&batch, p->source);
    pthread_mutex_unlock(&p->lock);
}

static hz_status hand_init(pass *p, hand *h)
{
    const infer_table *table = p->table;
    if (p->second)
        return hz_infer_rows_init(&h->rows, table, p->job->err);
    h->columns = hz_mem_zalloc(table->columns_count, sizeof *h->columns);
    if (!h->columns)
        return hz_nomem(p->job->err, table->columns_count * sizeof *h->columns);
    for (size_t c = 0; c < table->columns_count; c++) {
        infer_column *column = &h->columns[c];
        column->hashes = hz_mem_zalloc(INFER_PARTS, sizeof *column->hashes);
        column->recent = hz_mem_zalloc(INFER_RECENT, sizeof *column->recent);
        if (!column->hashes || !column->recent)
            return hz_nomem(p->job->err, INFER_RECENT * sizeof *column->recent);
        for (unsigned i = 0; i < INFER_PARTS; i++)
            hz_pile_init(&column->hashes[i], p->job->store);
    }
    return HZ_OK;
}

static hz_status merge_hand(pass *p, hand *h)
{
    infer_table *table = p->table;
    if (h->st != HZ_OK) {
        if (p->job->err)
            *p->job->err = h->err;
        return h->st;
    }
    if (p->second) {
        hz_infer_rows_merge(&table->found, &h->rows, table);
        return HZ_OK;
    }
    table->rows += h->rows_count;
    table->bad += h->bad_count;
    for (size_t c = 0; c < table->columns_count; c++) {
        infer_column *into = &table->columns[c];
        if (!into->hashes) {
            into->hashes = hz_mem_zalloc(INFER_PARTS, sizeof *into->hashes);
            if (!into->hashes)
                return hz_nomem(p->job->err, INFER_PARTS * sizeof *into->hashes);
            for (unsigned i = 0; i < INFER_PARTS; i++)
                hz_pile_init(&into->hashes[i], p->job->store);
        }
        HZ_TRY(hz_infer_merge(into, &h->columns[c], p->job->err));
    }
    return HZ_OK;
}

static hz_status run_pass(infer_job *job, infer_table *table, bool second, uint64_t rows_max)
{
    unsigned threads = job->options->threads ? job->options->threads : hz_crew_processors();
    threads = rows_max != UINT64_MAX ? 1 : threads < THREADS_MAX ? threads : THREADS_MAX;
    pass p = {.job = job, .table = table, .second = second, .rows_max = rows_max};
    hz_source_options how = open_options(job, table);
    pthread_mutex_init(&p.lock, NULL);
    hz_status st = hz_source_open(&p.source, &how, job->err);
    p.hands = hz_mem_zalloc(threads, sizeof *p.hands);
    if (st == HZ_OK && !p.hands)
        st = hz_nomem(job->err, threads * sizeof *p.hands);
    for (unsigned i = 0; st == HZ_OK && i < threads; i++)
        st = hand_init(&p, &p.hands[i]);
    if (st == HZ_OK)
        hz_crew_run(threads, work, &p);
    for (unsigned i = 0; p.hands && i < threads; i++) {
        if (st == HZ_OK)
            st = merge_hand(&p, &p.hands[i]);
        for (size_t c = 0; p.hands[i].columns && c < table->columns_count; c++)
            hz_infer_column_clear(&p.hands[i].columns[c]);
        hz_mem_free(p.hands[i].columns);
        hz_infer_rows_clear(&p.hands[i].rows);
    }
    hz_mem_free(p.hands);
    hz_source_close(p.source);
    pthread_mutex_destroy(&p.lock);
    return st;
}

/* ---- keys and references ---- */

typedef struct hashes {
    uint64_t *at;
    size_t count, capacity;
} hashes;

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* A part in order; the pile stays. */
static hz_status load_part(hashes *out, hz_pile *pile, hz_error *err)
{
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    out->count = 0;
    hz_pile_read(&reader, pile, false);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        size_t more = block.len / sizeof *out->at;
        if (!HZ_GROW(out->at, out->capacity, out->count + more + 1)) {
            st = hz_nomem(err, more * sizeof *out->at);
            break;
        }
        memcpy(out->at + out->count, block.ptr, more * sizeof *out->at);
        out->count += more;
    }
    hz_pile_read_end(&reader);
    if (out->count)
        qsort(out->at, out->count, sizeof *out->at, by_value);
    return st == HZ_END ? HZ_OK : st;
}

static hz_status look_for_repeats(infer_column *column, hz_error *err)
{
    hashes part = {NULL, 0, 0};
    hz_status st = HZ_OK;
    for (unsigned i = 0; st == HZ_OK && i < INFER_PARTS && !column->repeats; i++) {
        st = load_part(&part, &column->hashes[i], err);
        for (size_t k = 1; k < part.count; k++)
            column->repeats = column->repeats || part.at[k] == part.at[k - 1];
    }
    hz_mem_free(part.at);
    return st;
}

/* Whether every value of `of` is one of the key's, part by part; `of` was hashed as a whole. */
static hz_status is_within(bool *within, infer_column *of, infer_column *key, hz_error *err)
{
    hashes mine = {NULL, 0, 0}, theirs = {NULL, 0, 0};
    hz_status st = HZ_OK;
    *within = true;
    for (unsigned i = 0; st == HZ_OK && i < INFER_PARTS && *within; i++) {
        st = load_part(&mine, &of->hashes[i], err);
        if (st == HZ_OK)
            st = load_part(&theirs, &key->hashes[i], err);
        for (size_t k = 0; st == HZ_OK && k < mine.count && *within; k++)
            *within = theirs.count && bsearch(&mine.at[k], theirs.at, theirs.count, sizeof *theirs.at, by_value);
    }
    hz_mem_free(mine.at);
    hz_mem_free(theirs.at);
    return st;
}

static hz_status find_key(infer_job *job, infer_table *table)
{
    for (size_t c = 0; c < table->columns_count && table->key == SIZE_MAX && table->rows > 1; c++) {
        infer_column *column = &table->columns[c];
        if (!table->headers[c].len || column->missing || column->repeats || column->present != table->rows ||
            table->kinds[c] == INFER_DECIMAL || table->kinds[c] == INFER_DATETIME || hz_infer_is_day(table->kinds[c]))
            continue;
        HZ_TRY(look_for_repeats(column, job->err));
        if (!column->repeats)
            table->key = c;
    }
    return HZ_OK;
}

/* A column called as another table's key is, or as that table and its key: its values are hashed once more, all of
 * them. */
static bool may_refer(const infer_table *from, size_t c, const infer_table *to)
{
    hz_slice name = from->names[c], key = to->names[to->key];
    bool both = name.len == to->name.len + 1 + key.len && hz_slice_starts(name, to->name) &&
                hz_slice_eq(hz_slice_sub(name, to->name.len + 1, name.len), key);
    return from->kinds[c] == to->kinds[to->key] && (hz_slice_eq(name, key) || both);
}

static hz_status hash_column(infer_column *out, infer_job *job, infer_table *table, size_t c)
{
    hz_source *source = NULL;
    hz_batch batch = {0};
    hz_source_options how = open_options(job, table);
    HZ_TRY(hz_source_open(&source, &how, job->err));
    hz_status st = hz_source_next(&batch, source, job->err);
    while (st == HZ_OK) {
        for (uint32_t row = 0; row < batch.rows_count && st == HZ_OK; row++) {
            hz_slice cell = batch.columns[c].cells[row];
            uint64_t hash = hz_hash_bytes(cell.ptr, cell.len, 0);
            char *to = cell.len ? hz_pile_put(&out->hashes[hash >> 58], sizeof hash, job->err) : NULL;
            if (to)
                memcpy(to, &hash, sizeof hash);
            else if (cell.len)
                st = job->err->status;
        }
        if (st == HZ_OK)
            st = hz_source_next(&batch, source, job->err);
    }
    hz_source_give_back(&batch, source);
    hz_source_close(source);
    return st == HZ_END ? HZ_OK : st;
}

static hz_status try_reference(infer_job *job, infer_table *from, size_t c, size_t to)
{
    infer_column all = {.present = 0};
    bool within = false;
    all.hashes = hz_mem_zalloc(INFER_PARTS, sizeof *all.hashes);
    if (!all.hashes)
        return hz_nomem(job->err, INFER_PARTS * sizeof *all.hashes);
    for (unsigned i = 0; i < INFER_PARTS; i++)
        hz_pile_init(&all.hashes[i], job->store);
    infer_table *target = &job->tables[to];
    hz_status st = hash_column(&all, job, from, c);
    if (st == HZ_OK)
        st = is_within(&within, &all, &target->columns[target->key], job->err);
    if (st == HZ_OK && within)
        from->references[c] = (struct infer_reference){to, target->key};
    hz_infer_column_clear(&all);
    return st;
}

static hz_status find_references(infer_job *job)
{
    for (size_t t = 0; t < job->tables_count; t++)
        for (size_t c = 0; c < job->tables[t].columns_count; c++)
            for (size_t to = 0; to < job->tables_count; to++) {
                infer_table *from = &job->tables[t];
                if (to == t || from->references[c].table != SIZE_MAX || job->tables[to].key == SIZE_MAX ||
                    !from->columns[c].present || !may_refer(from, c, &job->tables[to]))
                    continue;
                if (c == from->key && to > t) /* two tables of one key: the later one refers to the first */
                    continue;
                HZ_TRY(try_reference(job, from, c, to));
            }
    return HZ_OK;
}

/* ---- the work ---- */

static int by_text(const void *a, const void *b)
{
    const infer_code *x = a, *y = b;
    return hz_slice_cmp((hz_slice){x->text, x->len}, (hz_slice){y->text, y->len});
}

static void settle(infer_table *table)
{
    for (size_t c = 0; c < table->columns_count; c++) {
        infer_column *column = &table->columns[c];
        infer_kind kind = table->headers[c].len ? hz_infer_kind_of(column) : INFER_TEXT;
        table->kinds[c] = kind;
        table->coded[c] = table->headers[c].len && hz_infer_is_coded(column, kind);
        if (column->codes_count)
            qsort(column->codes, column->codes_count, sizeof *column->codes, by_text);
        bool number = kind == INFER_INTEGER || kind == INFER_DECIMAL || hz_infer_is_day(kind);
        if (number && table->numbers_count < INFER_NUMBERS)
            table->numbers[table->numbers_count++] = (unsigned)c;
        if (table->coded[c] && table->coded_count < INFER_CODED)
            table->coded_at[table->coded_count++] = (unsigned)c;
    }
}

static hz_status look_at(infer_job *job, infer_table *table)
{
    HZ_TRY(run_pass(job, table, false, UINT64_MAX));
    settle(table);
    HZ_TRY(find_key(job, table));
    HZ_TRY(hz_infer_rows_all(table, job->err));
    HZ_TRY(run_pass(job, table, true, INFER_FIRST));
    hz_infer_rows_pick(table);
    return run_pass(job, table, true, UINT64_MAX);
}

static hz_status all_of(infer_job *job)
{
    for (size_t i = 0; i < job->tables_count; i++)
        HZ_TRY(open_table(job, &job->tables[i], i));
    for (size_t i = 0; i < job->tables_count; i++)
        HZ_TRY(look_at(job, &job->tables[i]));
    return find_references(job);
}

hz_status hz_infer(hz_buf *out, const hz_infer_options *options, hz_error *err)
{
    hz_error own = {0};
    infer_job job = {.options = options, .arena = hz_arena_new(), .err = err ? err : &own};
    const char *temp = options->temp ? options->temp : getenv("TMPDIR");
    const hz_store_options store = {.budget_bytes = options->memory_bytes ? options->memory_bytes : usual_memory,
                                    .temp_dir = temp && *temp ? temp : "/tmp",
                                    .cancel = options->cancel};
    hz_status st = job.arena ? HZ_OK : hz_nomem(err, sizeof(void *));
    if (st == HZ_OK)
        job.tables = HZ_ARENA_ARRAY(job.arena, infer_table, options->paths_count + 1);
    if (st == HZ_OK && !job.tables)
        st = hz_nomem(err, options->paths_count * sizeof *job.tables);
    for (size_t i = 0; st == HZ_OK && i < options->paths_count; i++)
        job.tables[job.tables_count++].path = options->paths[i];
    if (st == HZ_OK)
        st = hz_store_new(&job.store, &store, job.err);
    if (st == HZ_OK)
        st = hz_semtypes_open(&job.semtypes, NULL, job.err);
    if (st == HZ_OK)
        st = all_of(&job);
    if (st == HZ_OK) {
        hz_infer_write(out, &job);
        st = hz_buf_status(out, job.err);
    }
    for (size_t i = 0; i < job.tables_count; i++) {
        for (size_t c = 0; job.tables[i].columns && c < job.tables[i].columns_count; c++)
            hz_infer_column_clear(&job.tables[i].columns[c]);
        hz_infer_rows_clear(&job.tables[i].found);
        hz_spool_free(job.tables[i].spool);
    }
    hz_semtypes_close(job.semtypes);
    hz_store_free(job.store);
    hz_arena_free(job.arena);
    return st;
}
