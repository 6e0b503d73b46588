/* feed.c: see feed.h. A source is closed when it has ended and nobody holds a piece of it. */
#include "validator/engine/feed.h"
#include "base/alloc.h"
#include "validator/engine/hasher.h"
#include "validator/engine/run_int.h"

typedef struct fed {
    hz_source *source;
    uint32_t out; /* pieces */
    bool ended;
} fed;

struct hz_feed {
    hz_run_state *run;
    const hz_plan_table *table;
    hz_table_partial *partial;
    pthread_mutex_t lock;
    fed *fed; /* per source */
    uint32_t at;
    hz_hasher *hasher; /* of the source at hand */
    uint64_t *want;
    hz_status status; /* not HZ_OK: what every further call gives */
    hz_error error;
};

static void tell(const hz_feed *feed)
{
    hz_run_state *run = feed->run;
    if (!run->options->progress)
        return;
    hz_progress progress = {run->bytes_done, run->bytes_total, run->rows_done, feed->table->table->name};
    run->options->progress(run->options->progress_ctx, &progress);
}

static void bytes_seen(void *ctx, const void *bytes, size_t len)
{
    hz_feed *feed = ctx;
    hz_hasher_add(feed->hasher, bytes, len);
    feed->run->bytes_done += len;
    tell(feed);
}

static hz_status check_header(const hz_plan_source *plan, const hz_source *source, hz_error *err)
{
    const hz_slice *names;
    bool same = hz_source_columns(source, &names) == plan->columns_count;
    for (size_t c = 0; same && c < plan->columns_count; c++)
        same = hz_slice_eq(names[c], plan->columns[c]);
    return same ? HZ_OK : hz_fail(err, HZ_E_CHANGED, HZ_M(FILE_CHANGED), HZ_S(plan->shown));
}

static hz_status want_columns(hz_feed *feed, const hz_plan_source *plan, hz_source *source, hz_error *err)
{
    hz_mem_free(feed->want);
    feed->want = hz_mem_zalloc(hz_bits_words(plan->columns_count) + 1, sizeof *feed->want);
    if (!feed->want)
        return hz_nomem(err, plan->columns_count / 8);
    for (size_t f = 0; f < feed->table->table->fields_count; f++) {
        size_t count = 0;
        const uint32_t *columns = plan->mapped ? hz_mapped_columns(&count, plan->mapped, f) : NULL;
        if (!feed->table->used[f])
            continue;
        if (plan->column_of[f] >= 0)
            hz_bits_set(feed->want, (size_t)plan->column_of[f]);
        for (size_t i = 0; i < count; i++)
            hz_bits_set(feed->want, columns[i]);
    }
    hz_source_want(source, feed->want);
    return HZ_OK;
}

/* The digest of the same file, where another source of it (a member, a sheet) was read; NULL: none was. */
static const uint8_t *hashed_before(const hz_feed *feed)
{
    static const uint8_t none[32];
    const hz_run_state *run = feed->run;
    const hz_plan_source *plan = &feed->table->sources[feed->at];
    const struct hz_file_stamp *stamp = &feed->partial->source_stamp[feed->at];
    if (plan->spool)
        return hz_spool_sha256(plan->spool);
    if (!plan->member.len)
        return NULL;
    for (size_t t = 0; t < run->plan.sheets_count; t++)
        for (size_t s = 0; s < run->plan.tables[t].sources_count; s++) {
            const hz_plan_source *other = &run->plan.tables[t].sources[s];
            const hz_table_partial *partial = &run->tables[t];
            if (other != plan && other->path && plan->path && strcmp(other->path, plan->path) == 0 &&
                memcmp(&partial->source_stamp[s], stamp, sizeof *stamp) == 0 &&
                memcmp(partial->source_sha256[s], none, 32) != 0)
                return partial->source_sha256[s];
        }
    return NULL;
}

static hz_status open_source(hz_feed *feed, hz_error *err)
{
    const hz_run_options *options = feed->run->options;
    const hz_plan_source *plan = &feed->table->sources[feed->at];
    fed *f = &feed->fed[feed->at];
    if (plan->path && !plan->spool)
        HZ_TRY(hz_file_stamp_of(&feed->partial->source_stamp[feed->at], plan->path, err));
    else if (!plan->spool && !plan->bytes_given.ptr)
        HZ_TRY(hz_sources_make(&feed->partial->made, feed->run, feed->table->period, err));
    bool sm3 = plan->path && !plan->member.len && hz_manifest_wants_sm3(plan->listed) && !hashed_before(feed);
    feed->partial->source_has_sm3[feed->at] = sm3;
    HZ_TRY(hz_hasher_new(&feed->hasher, feed->run->workers_count > 1, sm3, err));
    hz_source_options open;
    hz_plan_open_options(&open, plan, options);
    if (!plan->bytes_given.ptr)
        open.bytes = feed->partial->made;
    open.bytes_seen = plan->path && !hashed_before(feed) ? bytes_seen : NULL;
    open.bytes_ctx = feed;
    HZ_TRY(hz_source_open(&f->source, &open, err));
    HZ_TRY(check_header(plan, f->source, err));
    return want_columns(feed, plan, f->source, err);
}

static void close_source(fed *f)
{
    hz_source_close(f->source);
    f->source = NULL;
}

static hz_status end_source(hz_feed *feed, hz_error *err)
{
    hz_table_partial *partial = feed->partial;
    fed *f = &feed->fed[feed->at];
    partial->source_records[feed->at] = hz_source_records(f->source);
    partial->source_bytes[feed->at] = hz_source_bytes(f->source);
    partial->source_encoding[feed->at] = hz_encoding_name(hz_source_encoding(f->source));
    partial->source_delimiter[feed->at] = hz_source_delimiter(f->source);
    tell(feed); /* the rows of the last block too */
    hz_hasher *hasher = feed->hasher;
    feed->hasher = NULL;
    HZ_TRY(hz_hasher_finish(hasher, partial->source_sha256[feed->at], partial->source_sm3[feed->at], err));
    const uint8_t *before = hashed_before(feed);
    if (before) {
        memcpy(partial->source_sha256[feed->at], before, 32);
        feed->run->bytes_done += partial->source_bytes[feed->at];
    }
    f->ended = true;
    if (!f->out)
        close_source(f);
    feed->at++;
    return HZ_OK;
}

static hz_status keep_every_bad(hz_table_partial *partial, const hz_bad_example *bad, hz_error *err)
{
    void *at = hz_pile_put(&partial->all_bad, sizeof *bad, err);
    if (!at)
        return err && err->status < 0 ? err->status : HZ_E_NOMEM;
    memcpy(at, bad, sizeof *bad);
    return HZ_OK;
}

/* Of every bad record the line is kept; its place lives only as long as the batch. */
static hz_bad_row without_place(const hz_bad_row *bad)
{
    hz_bad_row row = *bad;
    row.where = HZ_SLICE_NONE;
    return row;
}

static hz_status keep_bad(hz_feed *feed, const hz_batch *batch, hz_error *err)
{
    hz_run_state *run = feed->run;
    hz_table_partial *partial = feed->partial;
    for (uint32_t b = 0; b < batch->bad_count; b++) {
        const hz_bad_row *bad = &batch->bad[b];
        hz_rule_kind kind = bad->kind == HZ_BAD_ENCODING ? HZ_RULE_ENCODING : HZ_RULE_ROWS;
        for (uint32_t i = 0; i < run->plan.rules_count; i++) {
            const hz_plan_rule *entry = &run->plan.rules[i];
            hz_rule_partial *rule = &run->tally.rules[i];
            if (entry->rule->table != feed->table->table || feed->table->period || entry->rule->kind != kind)
                continue;
            if (hz_failures_wanted(run, i))
                HZ_TRY(keep_every_bad(partial, &(hz_bad_example){i, feed->at, without_place(bad)}, err));
            if (++rule->failed > rule->examples.max)
                continue;
            if (!HZ_GROW(partial->bad, partial->bad_capacity, partial->bad_count + 1))
                return hz_nomem(err, sizeof *partial->bad);
            hz_bad_example *kept = &partial->bad[partial->bad_count++];
            *kept = (hz_bad_example){i, feed->at, *bad};
            if (!partial->places.arena)
                partial->places.arena = hz_arena_new();
            if (!partial->places.arena || hz_arena_copy(&kept->row.where, partial->places.arena, bad->where) != HZ_OK)
                return hz_nomem(err, bad->where.len);
        }
    }
    partial->bad_rows += batch->bad_count;
    partial->source_bad[feed->at] += batch->bad_count;
    return HZ_OK;
}

static hz_status note(hz_feed_piece *piece, hz_feed *feed, hz_error *err)
{
    hz_table_partial *partial = feed->partial;
    const hz_batch *batch = &piece->batch;
    piece->taken = true;
    piece->source = feed->at;
    piece->block = NULL;
    feed->fed[feed->at].out++;
    if (batch->bad_count)
        HZ_TRY(keep_bad(feed, batch, err));
    if (!batch->rows_count)
        return HZ_OK;
    partial->rows += batch->rows_count;
    partial->source_rows[feed->at] += batch->rows_count;
    feed->run->rows_done += batch->rows_count;
    return hz_rows_add(&piece->block, &piece->first, &partial->places, batch, feed->at, err);
}

static void give_back(hz_feed_piece *piece, hz_feed *feed)
{
    if (!piece->taken)
        return;
    fed *f = &feed->fed[piece->source];
    hz_source_give_back(&piece->batch, f->source);
    piece->taken = false;
    if (--f->out == 0 && f->ended)
        close_source(f);
}

static hz_status take(hz_feed_piece *piece, hz_feed *feed, hz_error *err)
{
    while (feed->at < feed->table->sources_count) {
        fed *f = &feed->fed[feed->at];
        if (!f->source)
            HZ_TRY(open_source(feed, err));
        hz_status st = hz_source_next(&piece->batch, f->source, err);
        if (st == HZ_OK)
            return note(piece, feed, err);
        if (st != HZ_END)
            return st;
        HZ_TRY(end_source(feed, err));
    }
    return HZ_END;
}

hz_status hz_feed_next(hz_feed_piece *piece, hz_feed *feed, hz_error *err)
{
    pthread_mutex_lock(&feed->lock);
    give_back(piece, feed);
    if (feed->status == HZ_OK)
        feed->status = take(piece, feed, &feed->error);
    hz_status st = feed->status;
    if (st < 0 && err)
        *err = feed->error;
    pthread_mutex_unlock(&feed->lock);
    return st;
}

void hz_feed_give_back(hz_feed_piece *piece, hz_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    give_back(piece, feed);
    pthread_mutex_unlock(&feed->lock);
}

hz_status hz_feed_open(hz_feed **out, hz_run_state *run, uint32_t table_index, hz_error *err)
{
    *out = NULL;
    hz_feed *feed = hz_mem_zalloc(1, sizeof *feed);
    if (!feed)
        return hz_nomem(err, sizeof *feed);
    feed->run = run;
    feed->table = &run->plan.tables[table_index];
    feed->partial = &run->tables[table_index];
    feed->fed = hz_mem_zalloc(feed->table->sources_count + 1, sizeof *feed->fed);
    if (!feed->fed) {
        hz_mem_free(feed);
        return hz_nomem(err, sizeof(fed));
    }
    hz_error_clear(&feed->error);
    pthread_mutex_init(&feed->lock, NULL);
    *out = feed;
    return HZ_OK;
}

void hz_feed_close(hz_feed *feed)
{
    if (!feed)
        return;
    for (size_t s = 0; s < feed->table->sources_count; s++)
        close_source(&feed->fed[s]);
    hz_hasher_abandon(feed->hasher);
    pthread_mutex_destroy(&feed->lock);
    hz_mem_free(feed->want);
    hz_mem_free(feed->fed);
    hz_mem_free(feed);
}
