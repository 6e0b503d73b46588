/* pilot_sheet.c: the sample for review, and what came back of it.
 *
 * Drawn are the findings with the least hashes: a fixed hash of (seed, submission, file, record, rule), so that the
 * same input and seed draw the same ones, whatever the order of work. A reviewed sheet is matched by the hashes it
 * carries. The interval is Wilson's score interval at 95 %: it behaves at shares near 0 and 1 and for small samples,
 * where the usual one does not. It takes the sample as drawn with replacement, which errs to the wide side. */
#include <math.h>
#include <stdlib.h>

#include "validator/tasks/pilot_int.h"

/* ---- drawing ---- */

uint64_t hz_pilot_hash(const hz_pilot_job *job, const uint64_t id[2], hz_slice source, hz_slice rule)
{
    hz_slice path = job->pilot->submissions[job->submission].path;
    uint64_t hash = hz_hash_bytes(path.ptr, path.len, job->options->seed);
    hash = hz_hash_bytes(source.ptr, source.len, hash);
    hash = hz_hash_bytes(rule.ptr, rule.len, hash);
    return hz_hash_bytes(id, 2 * sizeof *id, hash);
}

bool hz_pilot_may_draw(const hz_pilot_job *job, uint64_t hash)
{
    uint64_t wanted = job->pilot->sample_wanted;
    return wanted && (job->drawn_count < wanted || hash < job->drawn[0].hash);
}

static void sink(hz_pilot_drawn *heap, size_t count, size_t at)
{
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && heap[child + 1].hash > heap[child].hash)
            child++;
        if (heap[at].hash >= heap[child].hash)
            return;
        hz_pilot_drawn swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

hz_status hz_pilot_draw(hz_pilot_job *job, uint64_t hash, uint32_t rule, hz_slice line)
{
    char *copy = hz_mem_alloc(line.len + 1);
    if (!copy || !HZ_GROW(job->drawn, job->drawn_capacity, job->drawn_count + 1)) {
        hz_mem_free(copy);
        return hz_nomem(job->err, line.len);
    }
    if (line.len)
        memcpy(copy, line.ptr, line.len);
    copy[line.len] = '\0';
    hz_pilot_drawn drawn = {hash, rule, copy};
    if (job->drawn_count == job->pilot->sample_wanted) {
        hz_mem_free(job->drawn[0].line);
        job->drawn[0] = drawn;
        sink(job->drawn, job->drawn_count, 0);
        return HZ_OK;
    }
    size_t at = job->drawn_count++;
    job->drawn[at] = drawn;
    for (; at && job->drawn[(at - 1) / 2].hash < job->drawn[at].hash; at = (at - 1) / 2) {
        job->drawn[at] = job->drawn[(at - 1) / 2];
        job->drawn[(at - 1) / 2] = drawn;
    }
    return HZ_OK;
}

/* ---- lines ---- */

void hz_pilot_csv_head(hz_buf *out)
{
    hz_buf columns = HZ_BUF_INIT;
    hz_put_csv_finding_head(&columns);
    hz_buf_puts(out, "submission,region,unit,");
    hz_buf_put(out, hz_slice_sub(hz_buf_slice(&columns), 3, columns.len)); /* its byte order mark stands in front */
    if (columns.status != HZ_OK && out->status == HZ_OK)
        out->status = columns.status;
    hz_buf_clear(&columns);
}

void hz_pilot_csv_line(hz_pilot_job *job, hz_buf *out, const hz_result *result, const hz_found *found)
{
    const hz_render_options options = {.lang = job->options->lang, .reveal = job->options->reveal};
    hz_shown path = {job->pilot->submissions[job->submission].path, HZ_MASK_NONE, false};
    hz_put_csv_shown(out, path, true);
    hz_buf_putc(out, ',');
    hz_buf_puts(out, found->region);
    hz_buf_putc(out, ',');
    if (!found->unit.null)
        hz_put_csv_shown(out, found->unit, job->options->reveal);
    hz_buf_putc(out, ',');
    hz_put_csv_finding(out, &job->scratch, result, &options, found->rule, found->finding);
}

/* ---- the share ---- */

static hz_decimal per_myriad(double share, bool up)
{
    double scaled = share * 10000;
    int64_t whole = (int64_t)(up ? ceil(scaled - 1e-9) : floor(scaled + 1e-9));
    return (hz_decimal){whole < 0 ? 0 : whole > 10000 ? 10000 : whole, 4};
}

void hz_pilot_wilson(hz_pilot_precision *out)
{
    static const double z = 1.959963984540054;
    double n = (double)(out->right + out->wrong), p = n > 0 ? (double)out->right / n : 0;
    out->has_share = n > 0;
    if (!out->has_share)
        return;
    double middle = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)), whole = 1 + z * z / n;
    hz_decimal share;
    if (hz_decimal_div(&share, hz_decimal_of((int64_t)out->right), hz_decimal_of((int64_t)(out->right + out->wrong))))
        (void)hz_decimal_round(&out->share, share, 4, HZ_ROUND_HALF_EVEN);
    out->low = per_myriad((middle - half) / whole, false);
    out->high = per_myriad((middle + half) / whole, true);
}

/* ---- a sheet that came back ---- */

static hz_slice trimmed(hz_slice text)
{
    return hz_slice_trim(text, HZ_SLICE_LIT(" \t\r\n\0"));
}

typedef enum verdict { RIGHT, WRONG, UNSURE, OPEN, UNKNOWN } verdict;

static verdict verdict_of(hz_slice text)
{
    static const struct {
        const char *word;
        verdict means;
    } words[] = {{"yes", RIGHT},     {"y", RIGHT},       {"1", RIGHT},  {"是", RIGHT},  {"对", RIGHT},
                 {"true", RIGHT},    {"no", WRONG},      {"n", WRONG},  {"0", WRONG},   {"否", WRONG},
                 {"错", WRONG},      {"false", WRONG},   {"?", UNSURE}, {"？", UNSURE}, {"unsure", UNSURE},
                 {"不确定", UNSURE}, {"不清楚", UNSURE}, {"", OPEN}};
    char low[16] = "";
    for (size_t i = 0; i < text.len && i + 1 < sizeof low; i++)
        low[i] = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] + 32) : text.ptr[i];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.len < sizeof low && strcmp(words[i].word, low) == 0)
            return words[i].means;
    return UNKNOWN;
}

static void take_verdict(hz_pilot_precision *into, verdict means)
{
    into->right += means == RIGHT;
    into->wrong += means == WRONG;
    into->unsure += means == UNSURE;
    into->open += means == OPEN;
}

typedef struct reading {
    hz_pilot_job *job;
    const char *path, *first, *second; /* the columns wanted */
    size_t columns[2];
    hz_status (*row)(struct reading *r, hz_slice first, hz_slice second, uint64_t line);
    uint64_t line;
    hz_names ids; /* of what was drawn; keys are in text */
    char *text;
    bool *seen;
} reading;

static hz_status find_columns(reading *r, const hz_source *source)
{
    const hz_slice *names;
    size_t count = hz_source_columns(source, &names);
    r->columns[0] = r->columns[1] = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (hz_slice_is(names[i], r->first))
            r->columns[0] = i;
        else if (hz_slice_is(names[i], r->second))
            r->columns[1] = i;
    }
    for (size_t i = 0; i < 2; i++)
        if (r->columns[i] == SIZE_MAX)
            return hz_fail(r->job->err, HZ_E_SOURCE, HZ_M(PILOT_COLUMN), HZ_Z(r->path), HZ_Z(i ? r->second : r->first));
    return HZ_OK;
}

static hz_status read_rows(reading *r, hz_source *source)
{
    hz_batch batch = {0};
    hz_error *err = r->job->err;
    HZ_TRY(find_columns(r, source));
    hz_status st = hz_source_next(&batch, source, err);
    while (st == HZ_OK) {
        for (uint32_t i = 0; i < batch.rows_count && st == HZ_OK; i++)
            st = r->row(r, trimmed(batch.columns[r->columns[0]].cells[i]),
                        trimmed(batch.columns[r->columns[1]].cells[i]), ++r->line);
        if (st == HZ_OK)
            st = hz_source_next(&batch, source, err);
    }
    hz_source_give_back(&batch, source);
    return st == HZ_END ? HZ_OK : st;
}

static hz_status read_file(reading *r)
{
    hz_source *source = NULL;
    const hz_source_options how = {
        .path = r->path, .shown_path = hz_slice_of(r->path), .limits = r->job->options->limits};
    hz_status st = hz_source_open(&source, &how, r->job->err);
    if (st == HZ_OK)
        st = read_rows(r, source);
    hz_source_close(source);
    return st;
}

static hz_status take_review(reading *r, hz_slice id, hz_slice word, uint64_t line)
{
    hz_pilot *pilot = r->job->pilot;
    verdict means = verdict_of(word);
    if (means == UNKNOWN)
        return hz_fail(r->job->err, HZ_E_SOURCE, HZ_M(PILOT_VERDICT), HZ_Z(r->path), HZ_U(line), HZ_S(word));
    uint32_t at = hz_names_find(&r->ids, id);
    if (at == HZ_HTAB_NONE || r->seen[at]) {
        pilot->foreign++;
        return HZ_OK;
    }
    r->seen[at] = true;
    take_verdict(&pilot->precision, means);
    take_verdict(&pilot->rules[r->job->drawn[at].rule].precision, means);
    return HZ_OK;
}

enum { ID_CHARACTERS = 16 };

static void put_id(hz_buf *out, uint64_t hash)
{
    hz_buf_printf(out, "%016llx", (unsigned long long)hash);
}

static hz_status review(hz_pilot_job *job)
{
    hz_pilot *pilot = job->pilot;
    hz_buf text = HZ_BUF_INIT;
    reading r = {
        .job = job, .path = job->options->reviewed, .first = "sample", .second = "verdict", .row = take_review};
    r.seen = hz_mem_zalloc(job->drawn_count + 1, sizeof *r.seen);
    hz_status st = r.seen ? HZ_OK : hz_nomem(job->err, job->drawn_count);
    for (size_t i = 0; i < job->drawn_count; i++)
        put_id(&text, job->drawn[i].hash);
    if (st == HZ_OK)
        st = hz_buf_status(&text, job->err);
    for (size_t i = 0; st == HZ_OK && i < job->drawn_count; i++) {
        uint32_t old;
        st = hz_names_add(&r.ids, (hz_slice){text.ptr + i * ID_CHARACTERS, ID_CHARACTERS}, (uint32_t)i, &old, job->err);
    }
    if (st == HZ_OK)
        st = read_file(&r);
    for (size_t i = 0; st == HZ_OK && i < job->drawn_count; i++)
        if (!r.seen[i]) { /* a row that was taken out was not reviewed */
            pilot->precision.open++;
            pilot->rules[job->drawn[i].rule].precision.open++;
        }
    pilot->reviewed = st == HZ_OK;
    hz_pilot_wilson(&pilot->precision);
    for (size_t i = 0; i < pilot->rules_count; i++)
        hz_pilot_wilson(&pilot->rules[i].precision);
    hz_names_clear(&r.ids);
    hz_mem_free(r.seen);
    hz_buf_clear(&text);
    return st;
}

static int by_hash(const void *a, const void *b)
{
    const hz_pilot_drawn *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

hz_status hz_pilot_sheet(hz_pilot_job *job)
{
    hz_pilot *pilot = job->pilot;
    hz_buf sheet = HZ_BUF_INIT;
    pilot->sample_count = job->drawn_count;
    if (job->drawn_count)
        qsort(job->drawn, job->drawn_count, sizeof *job->drawn, by_hash);
    hz_buf_puts(&sheet, "\xEF\xBB\xBFsample,verdict,remark,");
    hz_pilot_csv_head(&sheet);
    hz_buf_puts(&sheet, "\r\n");
    for (size_t i = 0; i < job->drawn_count; i++) {
        put_id(&sheet, job->drawn[i].hash);
        hz_buf_puts(&sheet, ",,,");
        hz_buf_puts(&sheet, job->drawn[i].line);
        hz_buf_puts(&sheet, "\r\n");
    }
    hz_status st = hz_buf_status(&sheet, job->err);
    if (st == HZ_OK)
        st = hz_pilot_keep(&pilot->sheet, job, hz_buf_slice(&sheet));
    hz_buf_clear(&sheet);
    return st == HZ_OK && job->options->reviewed ? review(job) : st;
}

/* ---- who supplied what ---- */

static hz_status take_vendor(reading *r, hz_slice name, hz_slice vendor, uint64_t line)
{
    hz_pilot_job *job = r->job;
    uint32_t old;
    (void)line;
    if (!name.len || !vendor.len)
        return HZ_OK;
    if (!HZ_GROW(job->vendor_names, job->vendors_capacity, job->vendors_count + 1))
        return hz_nomem(job->err, sizeof name);
    HZ_TRY(hz_pilot_keep(&name, job, name));
    HZ_TRY(hz_pilot_keep(&job->vendor_names[job->vendors_count], job, vendor));
    return hz_names_add(&job->vendors, name, (uint32_t)job->vendors_count++, &old, job->err);
}

hz_status hz_pilot_read_vendors(hz_pilot_job *job)
{
    reading r = {.job = job, .path = job->options->vendors, .first = "name", .second = "vendor", .row = take_vendor};
    return r.path ? read_file(&r) : HZ_OK;
}
