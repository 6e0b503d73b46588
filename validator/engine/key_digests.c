#include "validator/engine/key_digests.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hmac.h"
#include "base/sha256.h"
#include "reports/render.h"
#include "validator/engine/key_file.h"
#include "validator/engine/run_int.h"

enum { PILE_BITS = 6, PILES = 1 << PILE_BITS };

struct hz_key_digests {
    hz_hmac *hmac;
    hz_outfile *file;
    hz_sha256 *sha;
    char salt[HZ_KEY_SALT_HEX + 1];
};

typedef struct digest_row {
    uint8_t digest[HZ_KEY_DIGEST_BYTES];
    uint64_t row, line; /* line 0: not known */
} digest_row;

/* ---- the file ---- */

static hz_status read_salt(hz_key_digests *digests, const char *path, hz_error *err)
{
    struct stat info;
    uint8_t sum[HZ_HMAC_BYTES];
    hz_buf salt = HZ_BUF_INIT;
    if (stat(path, &info) == 0 && (info.st_mode & 077)) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(KEYS_SALT_MODE), HZ_Z(path));
        hz_error_hint(err, HZ_MSG_WEBHOOK_SECRET_MODE_HINT);
        return st;
    }
    hz_status st = hz_file_read_all(&salt, path, HZ_KEY_SALT_MAX, "key_salt", err);
    if (st == HZ_OK && salt.len < HZ_KEY_SALT_MIN)
        st = hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_SECRET_SHORT), HZ_Z(path), HZ_U(salt.len), HZ_U(HZ_KEY_SALT_MIN));
    if (st == HZ_OK)
        st = hz_hmac_new(&digests->hmac, "sha256", hz_buf_slice(&salt), err);
    if (st == HZ_OK)
        st = hz_hmac_sum(sum, digests->hmac, HZ_SLICE_LIT("hezhun key salt"), err);
    if (st == HZ_OK)
        hz_hex(digests->salt, sum, HZ_KEY_SALT_HEX / 2);
    if (salt.ptr)
        hz_wipe(salt.ptr, salt.len);
    hz_buf_clear(&salt);
    return st;
}

hz_status hz_key_digests_open(hz_key_digests **out, const char *path, const char *salt, hz_error *err)
{
    *out = NULL;
    hz_key_digests *digests = hz_mem_zalloc(1, sizeof *digests);
    if (!digests)
        return hz_nomem(err, sizeof *digests);
    digests->sha = hz_sha256_new();
    hz_status st = digests->sha ? read_salt(digests, salt, err) : hz_nomem(err, 0);
    if (st == HZ_OK)
        st = hz_outfile_open_private(&digests->file, path, err);
    if (st == HZ_OK)
        *out = digests;
    else
        hz_key_digests_close(digests);
    return st;
}

hz_status hz_key_digests_commit(hz_key_digests *digests, hz_error *err)
{
    uint8_t sum[32];
    if (!hz_sha256_final(digests->sha, sum))
        return hz_nomem(err, sizeof sum);
    HZ_TRY(hz_outfile_write(digests->file, (hz_slice){(const char *)sum, sizeof sum}, err));
    hz_outfile *file = digests->file;
    digests->file = NULL; /* commit frees it either way */
    return hz_outfile_commit(file, err);
}

void hz_key_digests_close(hz_key_digests *digests)
{
    if (!digests)
        return;
    hz_hmac_free(digests->hmac);
    hz_outfile_abandon(digests->file);
    hz_sha256_free(digests->sha);
    hz_mem_free(digests);
}

static hz_status write_on(hz_key_digests *digests, hz_slice bytes, hz_error *err)
{
    if (!hz_sha256_update(digests->sha, bytes.ptr, bytes.len))
        return hz_nomem(err, bytes.len);
    return hz_outfile_write(digests->file, bytes, err);
}

/* ---- put aside ---- */

static bool is_told(const hz_plan_rule *entry)
{
    return entry->own && entry->listed && entry->runs && entry->rule->kind == HZ_RULE_UNIQUE && !entry->overlap_from;
}

hz_status hz_digest_rows_new(hz_digest_rows **out, hz_run_state *run, hz_error *err)
{
    *out = NULL;
    if (!run->options->key_digests)
        return HZ_OK;
    hz_digest_rows *rows = *out = hz_mem_zalloc(1, sizeof *rows);
    if (!rows)
        return hz_nomem(err, sizeof *rows);
    rows->bytes = HZ_BUF_INIT;
    rows->piles = (hz_pile **)hz_mem_zalloc(run->plan.rules_count + 1, sizeof *rows->piles);
    if (!rows->piles)
        return hz_nomem(err, run->plan.rules_count * sizeof *rows->piles);
    for (size_t r = 0; r < run->plan.rules_count; r++) {
        if (!is_told(&run->plan.rules[r]))
            continue;
        rows->piles[r] = hz_mem_zalloc(PILES, sizeof *rows->piles[r]);
        if (!rows->piles[r])
            return hz_nomem(err, PILES * sizeof *rows->piles[r]);
        for (size_t p = 0; p < PILES; p++)
            hz_pile_init(&rows->piles[r][p], run->store);
    }
    return HZ_OK;
}

void hz_digest_rows_free(hz_digest_rows *rows, const hz_run_state *run)
{
    if (!rows)
        return;
    for (size_t r = 0; rows->piles && r < run->plan.rules_count; r++) {
        for (size_t p = 0; rows->piles[r] && p < PILES; p++)
            hz_pile_clear(&rows->piles[r][p]);
        hz_mem_free(rows->piles[r]);
    }
    hz_mem_free((void *)rows->piles);
    hz_buf_clear(&rows->bytes);
    hz_mem_free(rows);
}

hz_status hz_digest_rows_spill(hz_digest_rows *rows, const hz_run_state *run, hz_error *err)
{
    for (size_t r = 0; rows && r < run->plan.rules_count; r++)
        for (size_t p = 0; rows->piles[r] && p < PILES; p++)
            HZ_TRY(hz_pile_spill(&rows->piles[r][p], err));
    return HZ_OK;
}

hz_status hz_digest_rows_put(hz_scan *scan, uint32_t rule, const uint64_t *take, hz_error *err)
{
    hz_digest_rows *rows = scan->worker->digests;
    const hz_keys *keys = &scan->worker->keys;
    uint8_t sum[HZ_HMAC_BYTES];
    if (!rows || !rows->piles[rule])
        return HZ_OK;
    hz_buf_reset(&rows->bytes);
    hz_buf_put(&rows->bytes, scan->run->plan.profile->id);
    hz_buf_putc(&rows->bytes, '\x1e');
    hz_buf_put(&rows->bytes, scan->run->plan.rules[rule].rule->id);
    hz_buf_putc(&rows->bytes, '\x1e');
    const size_t head = rows->bytes.len;
    for (HZ_BITS_EACH(i, take, scan->rows)) {
        rows->bytes.len = head;
        hz_buf_put(&rows->bytes, keys->key[i]);
        HZ_TRY(hz_buf_status(&rows->bytes, err));
        HZ_TRY(hz_hmac_sum(sum, scan->run->options->key_digests->hmac, hz_buf_slice(&rows->bytes), err));
        digest_row *put = hz_pile_put(&rows->piles[rule][sum[0] >> (8 - PILE_BITS)], sizeof *put, err);
        if (!put)
            return err ? err->status : HZ_E_NOMEM;
        memcpy(put->digest, sum, sizeof put->digest);
        put->row = scan->ids[i];
        put->line = scan->batch && scan->batch->lines ? scan->batch->lines[i] : 0;
    }
    return HZ_OK;
}

/* ---- written ---- */

typedef struct writing {
    hz_run_state *run;
    hz_key_digests *digests;
    uint32_t *first_source; /* per result table */
    digest_row *rows;
    size_t count, capacity;
    hz_error *err;
} writing;

/* The rules to write, each with what the result has of it; NULL: not this one. */
static const hz_result_rule *shown_of(const hz_run_state *run, size_t rule)
{
    const hz_result_rule *shown = run->shown[rule];
    if (!is_told(&run->plan.rules[rule]) || !shown || shown->outcome == HZ_OUTCOME_SKIPPED ||
        shown->outcome == HZ_OUTCOME_ERROR)
        return NULL;
    uint32_t table = run->table_shown[hz_plan_sheet_of(&run->plan, shown->rule)];
    return table < run->result->tables_count ? shown : NULL;
}

static uint64_t rows_of(const hz_run_state *run, size_t rule)
{
    uint64_t count = 0;
    for (unsigned w = 0; w < run->workers_count; w++)
        for (size_t p = 0; p < PILES; p++)
            count += hz_pile_records(&run->workers[w].digests->piles[rule][p]);
    return count;
}

static void put_header(hz_buf *out, const writing *w)
{
    const hz_result *result = w->run->result;
    char hex[65];
    const char *before = "";
    hz_buf_puts(out, "{\"hezhun\": \"" HZ_VERSION "\", \"profile\": {\"id\": ");
    hz_put_json(out, result->profile->id);
    hz_buf_puts(out, ", \"version\": ");
    hz_put_json(out, result->profile->version);
    hz_hex(hex, result->profile->sha256, 32);
    hz_buf_printf(out, ", \"digest\": \"%s\"}, \"salt\": \"%s\", \"sources\": [", hex, w->digests->salt);
    for (size_t t = 0; t < result->tables_count; t++)
        for (size_t s = 0; s < result->tables[t].sources_count; s++) {
            hz_buf_printf(out, "%s{\"table\": ", before);
            hz_put_json(out, result->tables[t].name);
            hz_buf_puts(out, ", \"path\": ");
            hz_put_json(out, result->tables[t].sources[s].path);
            hz_hex(hex, result->tables[t].sources[s].sha256, 32);
            hz_buf_printf(out, ", \"sha256\": \"%s\"}", hex);
            before = ", ";
        }
    hz_buf_puts(out, "], \"rules\": [");
    before = "";
    for (size_t r = 0; r < w->run->plan.rules_count; r++) {
        const hz_result_rule *shown = shown_of(w->run, r);
        if (!shown)
            continue;
        hz_buf_printf(out, "%s{\"id\": ", before);
        hz_put_json(out, shown->rule->id);
        hz_buf_puts(out, ", \"rows\": ");
        hz_buf_put_u64(out, rows_of(w->run, r));
        hz_buf_putc(out, '}');
        before = ", ";
    }
    hz_buf_puts(out, "], \"waivers\": [");
    for (size_t i = 0; i < w->run->plan.waivers_count; i++) {
        hz_buf_puts(out, i ? ", " : "");
        hz_put_json(out, w->run->plan.waivers[i].waiver->id);
    }
    hz_buf_puts(out, "]}");
}

static hz_status write_header(writing *w)
{
    hz_buf header = HZ_BUF_INIT, head = HZ_BUF_INIT;
    put_header(&header, w);
    hz_buf_puts(&head, HZ_KEY_FILE_MAGIC);
    for (size_t i = 0; i < 8; i++)
        hz_buf_putc(&head, (char)((uint64_t)header.len >> 8 * i & 0xFF));
    hz_status st = hz_buf_status(&header, w->err);
    if (st == HZ_OK)
        st = hz_buf_status(&head, w->err);
    if (st == HZ_OK)
        st = write_on(w->digests, hz_buf_slice(&head), w->err);
    if (st == HZ_OK)
        st = write_on(w->digests, hz_buf_slice(&header), w->err);
    hz_buf_clear(&header);
    hz_buf_clear(&head);
    return st;
}

static size_t take_row(void *ctx, const char *record, hz_error *err)
{
    writing *w = ctx;
    if (!HZ_GROW(w->rows, w->capacity, w->count + 1)) {
        (void)hz_nomem(err, w->count * sizeof *w->rows);
        return 0;
    }
    memcpy(&w->rows[w->count++], record, sizeof *w->rows);
    return sizeof *w->rows;
}

static int by_digest(const void *a, const void *b)
{
    const digest_row *x = a, *y = b;
    int order = memcmp(x->digest, y->digest, sizeof x->digest);
    if (order)
        return order;
    return x->row < y->row ? -1 : x->row > y->row;
}

static hz_status write_row(writing *w, size_t rule, uint32_t sheet, uint32_t table, const digest_row *row)
{
    const hz_rows *places = &w->run->tables[sheet].places;
    char bytes[HZ_KEY_RECORD_BYTES];
    hz_row_want where;
    hz_key_record record = {.flags = 0};
    uint32_t source = hz_rows_place(&where, places, row->row);
    memcpy(record.digest, row->digest, sizeof record.digest);
    record.source = w->first_source[table] + source;
    record.number = where.record;
    record.line = row->line;
    if (hz_rows_is_error(places, row->row))
        record.flags |= HZ_KEY_ERRONEOUS;
    if (w->run->plan.tables[sheet].table->region.root) {
        record.flags |= HZ_KEY_HAS_REGION;
        record.region = w->run->tally.regions.packed[hz_rows_region(places, row->row)];
    }
    size_t shadow = hz_waive_of_row(w->run, (uint32_t)rule, row->row);
    if (shadow != SIZE_MAX)
        record.waiver = (uint16_t)(w->run->plan.shadows[shadow].waiver + 1); /* the limit `waivers` is below 2^16 */
    hz_key_record_put(bytes, &record);
    return write_on(w->digests, (hz_slice){bytes, sizeof bytes}, w->err);
}

static hz_status write_pile(writing *w, size_t rule, size_t pile)
{
    uint32_t sheet = hz_plan_sheet_of(&w->run->plan, w->run->shown[rule]->rule), table = w->run->table_shown[sheet];
    w->count = 0;
    for (unsigned i = 0; i < w->run->workers_count; i++)
        HZ_TRY(hz_pile_each(&w->run->workers[i].digests->piles[rule][pile], take_row, w, w->err));
    if (w->count)
        qsort(w->rows, w->count, sizeof *w->rows, by_digest);
    for (size_t i = 0; i < w->count; i++)
        HZ_TRY(write_row(w, rule, sheet, table, &w->rows[i]));
    return HZ_OK;
}

hz_status hz_key_digests_write(hz_run_state *run, hz_error *err)
{
    writing w = {.run = run, .digests = run->options->key_digests, .err = err};
    const hz_result *result = run->result;
    if (!w.digests)
        return HZ_OK;
    w.first_source = hz_mem_zalloc(result->tables_count + 1, sizeof *w.first_source);
    if (!w.first_source)
        return hz_nomem(err, result->tables_count * sizeof *w.first_source);
    for (size_t t = 0; t < result->tables_count; t++)
        w.first_source[t + 1] = w.first_source[t] + (uint32_t)result->tables[t].sources_count;
    hz_status st = write_header(&w);
    for (size_t r = 0; st == HZ_OK && r < run->plan.rules_count; r++)
        for (size_t p = 0; st == HZ_OK && shown_of(run, r) && p < PILES; p++)
            st = write_pile(&w, r, p);
    hz_mem_free(w.rows);
    hz_mem_free(w.first_source);
    return st;
}
