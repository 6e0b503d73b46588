/* pilot_gather.c: findings of two runs over one submission, compared.
 *
 * A finding is put aside under its stretch: the file and 65,536 neighbouring records of it, which both runs name alike
 * whatever their rules. A stretch is then brought into memory, sorted by (record, rule, side), and walked once: what
 * has both sides is no news, what has one is fresh or gone. Stretches go in the order of tables, files and records, so
 * that first examples and lines of changes are those of the data's order. What is no record (a group, a table's
 * structure) goes by a digest of its key. */
#include <stdlib.h>

#include "base/sha256.h"
#include "validator/tasks/pilot_int.h"

enum { STRETCH_LOG2 = 16, PARTS = 5 };
#define NO_SOURCE UINT32_MAX

typedef struct item { /* in a pile; the note follows */
    uint64_t id[2], hash;
    uint32_t rule, unit, vendor, county; /* groups; HZ_HTAB_NONE */
    uint32_t side, note_bytes;
} item;

/* ---- names and groups ---- */

hz_status hz_pilot_keep(hz_slice *out, hz_pilot_job *job, hz_slice text)
{
    return hz_arena_copy(out, job->pilot->arena, text) == HZ_OK ? HZ_OK : hz_nomem(job->err, text.len);
}

static hz_status number_of(uint32_t *out, hz_pilot_job *job, hz_names *names, hz_slice name)
{
    uint32_t old;
    *out = hz_names_find(names, name);
    if (*out != HZ_HTAB_NONE)
        return HZ_OK;
    HZ_TRY(hz_pilot_keep(&name, job, name));
    *out = (uint32_t)names->count;
    return hz_names_add(names, name, *out, &old, job->err);
}

hz_status hz_pilot_group_of(uint32_t *out, hz_pilot_job *job, hz_pilot_by by, hz_slice name)
{
    hz_pilot *pilot = job->pilot;
    hz_buf_reset(&job->scratch);
    hz_buf_putc(&job->scratch, (char)('0' + by));
    hz_buf_put(&job->scratch, name);
    HZ_TRY(hz_buf_status(&job->scratch, job->err));
    size_t before = job->groups.count;
    HZ_TRY(number_of(out, job, &job->groups, hz_buf_slice(&job->scratch)));
    if (job->groups.count == before)
        return HZ_OK;
    HZ_TRY(hz_limit_check(job->options->limits, HZ_LIMIT_PILOT_GROUPS, job->groups.count, job->err));
    if (!HZ_GROW(pilot->groups, job->groups_capacity, pilot->groups_count + 1))
        return hz_nomem(job->err, sizeof *pilot->groups);
    hz_slice key = job->groups.keys[*out];
    pilot->groups[pilot->groups_count++] = (hz_pilot_group){.by = by, .name = hz_slice_sub(key, 1, key.len)};
    return HZ_OK;
}

hz_slice hz_pilot_vendor(const hz_pilot_job *job, hz_slice name)
{
    uint32_t at = hz_names_find(&job->vendors, name);
    return at == HZ_HTAB_NONE ? HZ_SLICE_NONE : job->vendor_names[at];
}

/* By the unit, else by the submission: its path, or the last part of it. */
static hz_slice vendor_of(const hz_pilot_job *job, hz_slice unit)
{
    hz_slice path = job->pilot->submissions[job->submission].path, vendor = hz_pilot_vendor(job, unit);
    if (!vendor.len)
        vendor = hz_pilot_vendor(job, path);
    while (path.len && path.ptr[path.len - 1] == '/')
        path.len--;
    for (size_t i = path.len; !vendor.len && i > 0; i--)
        if (path.ptr[i - 1] == '/')
            return hz_pilot_vendor(job, hz_slice_sub(path, i, path.len));
    return vendor;
}

/* ---- counts of a rule in a group ---- */

static uint64_t hash_of_count(const void *ctx, uint32_t entry)
{
    const hz_pilot_count *count = &((const hz_pilot_count *)ctx)[entry];
    const uint32_t key[2] = {count->rule, count->group};
    return hz_hash_bytes(key, sizeof key, hz_hash_seed());
}

static bool is_count(const void *ctx, uint32_t entry, const void *key)
{
    const hz_pilot_count *count = &((const hz_pilot_count *)ctx)[entry], *wanted = key;
    return count->rule == wanted->rule && count->group == wanted->group;
}

static hz_status count_in(hz_pilot_job *job, uint32_t rule, uint32_t group, bool fresh)
{
    if (group == HZ_HTAB_NONE)
        return HZ_OK;
    if (!fresh) {
        job->pilot->groups[group].gone++;
        return HZ_OK;
    }
    job->pilot->groups[group].fresh++;
    const hz_pilot_count wanted = {rule, group, 1};
    uint64_t hash = hash_of_count(&wanted, 0);
    uint32_t at = hz_htab_find(&job->counts_index, hash, &wanted, is_count, job->counts);
    if (at != HZ_HTAB_NONE) {
        job->counts[at].fresh++;
        return HZ_OK;
    }
    HZ_TRY(hz_limit_check(job->options->limits, HZ_LIMIT_PILOT_GROUPS, job->counts_count, job->err));
    if (!HZ_GROW(job->counts, job->counts_capacity, job->counts_count + 1))
        return hz_nomem(job->err, sizeof *job->counts);
    HZ_TRY(hz_htab_reserve(&job->counts_index, job->counts_count + 1, hash_of_count, job->counts, job->err));
    job->counts[job->counts_count] = wanted;
    hz_htab_put(&job->counts_index, hash, (uint32_t)job->counts_count++);
    return HZ_OK;
}

/* ---- stretches ---- */

static uint64_t hash_of_stretch(const void *ctx, uint32_t entry)
{
    const hz_pilot_stretch *s = &((const hz_pilot_stretch *)ctx)[entry];
    const uint64_t key[2] = {(uint64_t)s->table << 32 | s->source, s->part};
    return hz_hash_bytes(key, sizeof key, hz_hash_seed());
}

static bool is_stretch(const void *ctx, uint32_t entry, const void *key)
{
    const hz_pilot_stretch *s = &((const hz_pilot_stretch *)ctx)[entry], *wanted = key;
    return s->table == wanted->table && s->source == wanted->source && s->part == wanted->part;
}

static hz_status stretch_of(hz_pilot_stretch **out, hz_pilot_job *job, uint32_t table, uint32_t source, uint64_t part,
                            hz_error *err)
{
    const hz_pilot_stretch wanted = {.table = table, .source = source, .part = part};
    uint64_t hash = hash_of_stretch(&wanted, 0);
    uint32_t at = hz_htab_find(&job->stretches_index, hash, &wanted, is_stretch, job->stretches);
    if (at == HZ_HTAB_NONE) {
        if (!HZ_GROW(job->stretches, job->stretches_capacity, job->stretches_count + 1))
            return hz_nomem(err, sizeof wanted);
        HZ_TRY(hz_htab_reserve(&job->stretches_index, job->stretches_count + 1, hash_of_stretch, job->stretches, err));
        at = (uint32_t)job->stretches_count++;
        job->stretches[at] = wanted;
        hz_pile_init(&job->stretches[at].pile, job->store);
        hz_htab_put(&job->stretches_index, hash, at);
    }
    *out = &job->stretches[at];
    return HZ_OK;
}

void hz_pilot_forget(hz_pilot_job *job)
{
    for (size_t i = 0; i < job->stretches_count; i++)
        hz_pile_clear(&job->stretches[i].pile);
    job->stretches_count = 0;
    hz_htab_clear(&job->stretches_index);
}

/* ---- a finding comes in ---- */

/* What is no record: a digest of the key, or of what the message says. */
static void digest_of(uint64_t id[2], hz_buf *text, const hz_finding *finding)
{
    uint8_t digest[32];
    hz_buf_reset(text);
    for (size_t i = 0; i < finding->at.key_count; i++) {
        hz_buf_put(text, finding->at.key[i].name);
        hz_buf_putc(text, '\0');
        hz_buf_put(text, finding->at.key[i].value.text);
        hz_buf_putc(text, (char)finding->at.key[i].value.null);
    }
    for (size_t i = 0; i < finding->args_count && !finding->at.key_count; i++) {
        hz_buf_put(text, finding->args[i].text);
        hz_buf_putc(text, '\0');
    }
    if (!hz_sha256_bytes(digest, hz_buf_slice(text)) && text->status == HZ_OK)
        text->status = HZ_E_NOMEM;
    memcpy(id, digest, 16);
}

static void put_part(hz_buf *note, hz_buf *text)
{
    uint32_t len = (uint32_t)text->len;
    if (text->status != HZ_OK && note->status == HZ_OK)
        note->status = text->status;
    hz_buf_put(note, (hz_slice){(const char *)&len, sizeof len});
    hz_buf_put(note, hz_buf_slice(text));
    hz_buf_reset(text);
}

static void put_place(hz_buf *out, const hz_result *result, const hz_place *at)
{
    const hz_result_table *table = &result->tables[at->table];
    if (at->source == UINT32_MAX || at->source >= table->sources_count) {
        hz_buf_put(out, table->name);
        return;
    }
    hz_buf_put(out, table->sources[at->source].path);
    if (at->where.len) {
        hz_buf_putc(out, ' ');
        hz_buf_put(out, at->where);
    } else if (at->line) {
        hz_buf_putc(out, ':');
        hz_buf_put_u64(out, at->line);
    }
}

/* CSV line, place, key, message in both languages; empty where nobody will want it. */
static void make_note(hz_pilot_job *job, hz_buf *note, const hz_result *result, const hz_found *found, bool line,
                      bool example)
{
    const hz_finding *finding = found->finding;
    bool reveal = job->options->reveal;
    hz_buf *text = &job->line;
    hz_buf_reset(note);
    hz_buf_reset(text);
    if (!line && !example)
        return;
    if (line)
        hz_pilot_csv_line(job, text, result, found);
    put_part(note, text);
    if (example)
        put_place(text, result, &finding->at);
    put_part(note, text);
    for (size_t i = 0; example && i < finding->at.key_count; i++) {
        hz_buf_puts(text, i ? ", " : "");
        hz_buf_put(text, finding->at.key[i].name);
        hz_buf_putc(text, '=');
        hz_put_shown(text, finding->at.key[i].value, reveal);
    }
    put_part(note, text);
    for (int lang = HZ_LANG_ZH; lang <= HZ_LANG_EN; lang++) {
        if (example)
            hz_put_message(text, finding, (hz_lang)lang, reveal);
        put_part(note, text);
    }
}

static hz_status groups_of(item *out, hz_pilot_job *job, const hz_found *found)
{
    size_t len = strlen(found->region);
    hz_buf unit = HZ_BUF_INIT;
    out->unit = out->vendor = out->county = HZ_HTAB_NONE;
    hz_status st = HZ_OK;
    if (!found->unit.null)
        hz_put_shown(&unit, found->unit, job->options->reveal);
    HZ_GO(hz_buf_status(&unit, job->err));
    if (len)
        HZ_GO(hz_pilot_group_of(&out->county, job, HZ_PILOT_COUNTY, (hz_slice){found->region, len > 6 ? 6 : len}));
    if (unit.len)
        HZ_GO(hz_pilot_group_of(&out->unit, job, HZ_PILOT_UNIT, hz_buf_slice(&unit)));
    hz_slice vendor = vendor_of(job, hz_buf_slice(&unit));
    if (vendor.len)
        HZ_GO(hz_pilot_group_of(&out->vendor, job, HZ_PILOT_VENDOR, vendor));
out:
    hz_buf_clear(&unit);
    return st;
}

hz_status hz_pilot_tap(void *ctx, const hz_result *result, const hz_found *found, hz_error *err)
{
    hz_pilot_job *job = ctx;
    const hz_finding *finding = found->finding;
    const hz_result_table *shown = &result->tables[finding->at.table];
    uint32_t rule = hz_names_find(&job->rules, found->rule->rule->id), table, source = NO_SOURCE;
    bool record = !finding->group && finding->at.source != UINT32_MAX && finding->at.source < shown->sources_count;
    if (rule == HZ_HTAB_NONE || finding->draft) /* the baseline's drafts bind nobody */
        return HZ_OK;
    job->err = err;
    item head = {.rule = rule, .side = job->side};
    hz_slice path = record ? shown->sources[finding->at.source].path : HZ_SLICE_NONE;
    HZ_TRY(number_of(&table, job, &job->names, shown->name));
    if (record) {
        HZ_TRY(number_of(&source, job, &job->names, path));
        head.id[0] = finding->at.record;
    } else {
        digest_of(head.id, &job->scratch, finding);
        HZ_TRY(hz_buf_status(&job->scratch, err));
    }
    head.hash = hz_pilot_hash(job, head.id, path, found->rule->rule->id);
    HZ_TRY(groups_of(&head, job, found));
    hz_buf note = HZ_BUF_INIT;
    const hz_pilot_rule *of = &job->pilot->rules[rule];
    make_note(job, &note, result, found, job->changes || (job->side && hz_pilot_may_draw(job, head.hash)),
              job->side && of->examples_count < HZ_PILOT_EXAMPLES);
    head.note_bytes = (uint32_t)note.len;
    hz_status st = hz_buf_status(&note, err);
    hz_pilot_stretch *stretch = NULL;
    if (st == HZ_OK)
        st = stretch_of(&stretch, job, table, source, record ? finding->at.record >> STRETCH_LOG2 : 0, err);
    char *to = st == HZ_OK ? hz_pile_put(&stretch->pile, sizeof head + note.len, err) : NULL;
    if (to) {
        memcpy(to, &head, sizeof head);
        if (note.len)
            memcpy(to + sizeof head, note.ptr, note.len);
    } else if (st == HZ_OK) {
        st = err ? err->status : HZ_E_NOMEM;
    }
    hz_buf_clear(&note);
    return st;
}

/* ---- a stretch is compared ---- */

typedef struct found_item {
    item head;
    size_t note; /* in bytes */
} found_item;

typedef struct bench {
    hz_pilot_job *job;
    hz_buf bytes;
    found_item *items;
    size_t count, capacity;
    bool records;
} bench;

static size_t take_item(void *ctx, const char *record, hz_error *err)
{
    bench *b = ctx;
    found_item *at;
    if (!HZ_GROW(b->items, b->capacity, b->count + 1)) {
        (void)hz_nomem(err, sizeof *b->items);
        return 0;
    }
    at = &b->items[b->count];
    memcpy(&at->head, record, sizeof at->head);
    at->note = b->bytes.len;
    hz_buf_put(&b->bytes, (hz_slice){record + sizeof at->head, at->head.note_bytes});
    if (hz_buf_status(&b->bytes, err) != HZ_OK)
        return 0;
    b->count++;
    return sizeof at->head + at->head.note_bytes;
}

static int by_record(const void *a, const void *b)
{
    const item *x = &((const found_item *)a)->head, *y = &((const found_item *)b)->head;
    for (int i = 0; i < 2; i++)
        if (x->id[i] != y->id[i])
            return x->id[i] < y->id[i] ? -1 : 1;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    return (x->side > y->side) - (x->side < y->side);
}

static hz_slice part_of(const bench *b, const found_item *of, unsigned which)
{
    const char *at = b->bytes.ptr + of->note, *end = at + of->head.note_bytes;
    for (unsigned i = 0; at < end; i++) {
        uint32_t len;
        memcpy(&len, at, sizeof len);
        if (i == which)
            return (hz_slice){at + sizeof len, len};
        at += sizeof len + len;
    }
    return HZ_SLICE_NONE;
}

static hz_status keep_example(hz_pilot_job *job, const bench *b, const found_item *of)
{
    hz_pilot_rule *rule = &job->pilot->rules[of->head.rule];
    if (rule->examples_count == HZ_PILOT_EXAMPLES)
        return HZ_OK;
    hz_pilot_example *example = &rule->examples[rule->examples_count++];
    example->submission = job->submission;
    HZ_TRY(hz_pilot_keep(&example->place, job, part_of(b, of, 1)));
    HZ_TRY(hz_pilot_keep(&example->key, job, part_of(b, of, 2)));
    HZ_TRY(hz_pilot_keep(&example->message_zh, job, part_of(b, of, 3)));
    return hz_pilot_keep(&example->message_en, job, part_of(b, of, 4));
}

static hz_status write_change(hz_pilot_job *job, const char *word, hz_slice line)
{
    hz_buf_reset(&job->line);
    hz_buf_puts(&job->line, word);
    hz_buf_putc(&job->line, ',');
    hz_buf_put(&job->line, line);
    hz_buf_puts(&job->line, "\r\n");
    HZ_TRY(hz_buf_status(&job->line, job->err));
    return hz_outfile_write(job->changes, hz_buf_slice(&job->line), job->err);
}

static hz_status differs(bench *b, const found_item *of)
{
    hz_pilot_job *job = b->job;
    hz_pilot_submission *submission = &job->pilot->submissions[job->submission];
    hz_pilot_rule *rule = &job->pilot->rules[of->head.rule];
    bool fresh = of->head.side == 1;
    uint32_t all;
    HZ_TRY(hz_pilot_group_of(&all, job, HZ_PILOT_SUBMISSION, submission->path));
    const uint32_t groups[] = {of->head.unit, of->head.vendor, of->head.county, all};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        HZ_TRY(count_in(job, of->head.rule, groups[i], fresh));
    *(fresh ? &rule->fresh : &rule->gone) += 1;
    *(fresh ? &submission->fresh : &submission->gone) += 1;
    if (job->changes)
        HZ_TRY(write_change(job, fresh ? "fresh" : "gone", part_of(b, of, 0)));
    if (!fresh)
        return HZ_OK;
    HZ_TRY(keep_example(job, b, of));
    job->pilot->sample_of++;
    return hz_pilot_may_draw(job, of->head.hash) ? hz_pilot_draw(job, of->head.hash, of->head.rule, part_of(b, of, 0))
                                                 : HZ_OK;
}

/* What one record (or group) has: items [from, to). */
static hz_status judge_record(bench *b, size_t from, size_t to)
{
    hz_pilot *pilot = b->job->pilot;
    hz_pilot_submission *submission = &pilot->submissions[b->job->submission];
    bool had = false, has = false, fresh = false, work = false;
    const hz_field *last = NULL;
    for (size_t i = from, next; i < to; i = next) {
        const item *head = &b->items[i].head;
        const hz_rule *rule = pilot->rules[head->rule].rules[1];
        bool sides[2] = {false, false};
        for (next = i; next < to && b->items[next].head.rule == head->rule; next++)
            sides[b->items[next].head.side] = true;
        had = had || sides[0];
        has = has || sides[1];
        if (sides[0] == sides[1])
            continue;
        fresh = fresh || sides[1];
        HZ_TRY(differs(b, &b->items[i]));
        if (!sides[1] || !rule || rule->severity > HZ_SEVERITY_ERROR)
            continue;
        work = true;
        pilot->work_cells += !rule->field || rule->field != last;
        last = rule->field;
    }
    if (!b->records)
        return HZ_OK;
    submission->records_fresh += fresh;
    submission->records_newly += has && !had;
    submission->records_cleared += had && !has;
    pilot->work_records += work;
    return HZ_OK;
}

static hz_status judge_stretch(bench *b)
{
    if (b->count)
        qsort(b->items, b->count, sizeof *b->items, by_record);
    for (size_t from = 0, to; from < b->count; from = to) {
        for (to = from + 1; to < b->count && b->items[to].head.id[0] == b->items[from].head.id[0] &&
                            b->items[to].head.id[1] == b->items[from].head.id[1];)
            to++;
        HZ_TRY(judge_record(b, from, to));
    }
    return HZ_OK;
}

/* Names are numbered as they came, by both runs: their texts give the order. */
typedef struct ordered {
    hz_slice table, source;
    uint64_t part;
    size_t at;
} ordered;

static int by_place(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    int order = hz_slice_cmp(x->table, y->table);
    if (!order)
        order = hz_slice_cmp(x->source, y->source);
    return order ? order : (x->part > y->part) - (x->part < y->part);
}

hz_status hz_pilot_compare(hz_pilot_job *job)
{
    bench b = {.job = job, .bytes = HZ_BUF_INIT};
    ordered *order = hz_mem_zalloc(job->stretches_count + 1, sizeof *order);
    hz_status st = order ? HZ_OK : hz_nomem(job->err, job->stretches_count * sizeof *order);
    for (size_t i = 0; st == HZ_OK && i < job->stretches_count; i++) {
        const hz_pilot_stretch *s = &job->stretches[i];
        order[i] = (ordered){job->names.keys[s->table],
                             s->source == NO_SOURCE ? HZ_SLICE_NONE : job->names.keys[s->source], s->part, i};
    }
    if (st == HZ_OK && job->stretches_count)
        qsort(order, job->stretches_count, sizeof *order, by_place);
    for (size_t i = 0; st == HZ_OK && i < job->stretches_count; i++) {
        hz_pilot_stretch *s = &job->stretches[order[i].at];
        b.count = 0;
        b.records = s->source != NO_SOURCE;
        hz_buf_reset(&b.bytes);
        st = hz_pile_each(&s->pile, take_item, &b, job->err);
        if (st == HZ_OK)
            st = judge_stretch(&b);
    }
    hz_mem_free(order);
    hz_mem_free(b.items);
    hz_buf_clear(&b.bytes);
    hz_pilot_forget(job);
    return st;
}
