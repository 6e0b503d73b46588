/* merge_keys.c: unique rules across parts, from key digests. The files of all parts are read side by side, rule by
 * rule, in the order of digests: equal digests of all parts meet, as equal keys meet in a run over all. What a rule
 * comes to is counted anew from them; within each part it must come to what the part's report says, so that a file that
 * is not of the report's check does not pass.
 *
 * Memory is a window for each file, the group in hand, and the records that collide (the limit `collisions`). */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/folder.h"
#include "base/sha256.h"
#include "reports/render.h"
#include "standards/semtype.h"
#include "validator/engine/key_file.h"
#include "validator/tasks/merge_int.h"

typedef struct source {
    uint32_t table, source; /* of the sum */
} source;

typedef struct key_part {
    hz_key_file file;
    const char *path;
    size_t part;
    source *sources;
    size_t sources_count;
    hz_key_record record; /* in hand */
    bool more;
    uint64_t rows, own_failed; /* of the rule in hand */
    uint64_t in_group;
    size_t *waivers; /* of the file, in the sum */
    size_t waivers_count;
} key_part;

typedef struct collision {
    hz_key_record record;
    uint32_t part, slot;
    source at;
} collision;

typedef struct job {
    hz_merging *m;
    key_part *parts; /* by part of the merge; those that have rows */
    size_t parts_count;
    size_t *heap; /* numbers in parts, the smallest digest on top */
    size_t heap_count;
    collision *group, *found;
    size_t group_count, group_capacity, found_count, found_capacity;
    uint64_t failed, waived, groups; /* of the rule in hand */
    hz_error *err;
} job;

/* ---- files and parts ---- */

static hz_status find_source(job *j, source *out, const hz_jvalue *said)
{
    const hz_result *sum = j->m->sum;
    hz_slice table = hz_jtext(hz_jget(said, "table")), sha256 = hz_jtext(hz_jget(said, "sha256"));
    char hex[65];
    *out = (source){UINT32_MAX, UINT32_MAX};
    for (size_t t = 0; t < sum->tables_count; t++) {
        if (!hz_slice_eq(sum->tables[t].name, table))
            continue;
        for (size_t s = 0; s < sum->tables[t].sources_count; s++) {
            hz_hex(hex, sum->tables[t].sources[s].sha256, 32);
            if (hz_slice_is(sha256, hex))
                *out = (source){(uint32_t)t, (uint32_t)s};
        }
    }
    return HZ_OK;
}

/* Whose keys they are: the part that has the data files. */
static hz_status bind(job *j, key_part *keys)
{
    const hz_jvalue *sources = hz_jget(keys->file.header, "sources");
    bool bound = false;
    keys->sources = HZ_ARENA_ARRAY(j->m->sum->arena, source, sources->count + 1);
    if (!keys->sources)
        return hz_nomem(j->err, sources->count * sizeof *keys->sources);
    for (const hz_jvalue *said = sources->first; said; said = said->next) {
        uint32_t part = hz_names_find(&j->m->files, hz_jtext(hz_jget(said, "sha256")));
        HZ_TRY(find_source(j, &keys->sources[keys->sources_count], said));
        if (keys->sources[keys->sources_count++].table == UINT32_MAX)
            return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_NOT_OF_PARTS), HZ_Z(keys->path),
                           HZ_S(hz_jtext(hz_jget(said, "path"))));
        if (part == HZ_HTAB_NONE) /* of a table that is not the submission's own */
            continue;
        if (bound && keys->part != part)
            return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_TWO_PARTS), HZ_Z(keys->path),
                           HZ_Z(j->m->options->parts[keys->part]), HZ_Z(j->m->options->parts[part]));
        keys->part = part;
        bound = true;
    }
    if (!bound)
        return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_NOT_OF_PARTS), HZ_Z(keys->path), HZ_Z(""));
    return HZ_OK;
}

/* The waivers of a part are in the sum, by their ids. */
static hz_status find_waivers(job *j, key_part *keys)
{
    const hz_jvalue *ids = hz_jget(keys->file.header, "waivers");
    const hz_result *sum = j->m->sum;
    keys->waivers = HZ_ARENA_ARRAY(j->m->sum->arena, size_t, ids->count + 1);
    if (!keys->waivers)
        return hz_nomem(j->err, ids->count * sizeof *keys->waivers);
    for (const hz_jvalue *id = ids->first; id; id = id->next) {
        size_t at = 0;
        while (at < sum->waivers_count && !hz_slice_eq(sum->waivers[at].waiver->id, hz_jtext(id)))
            at++;
        if (at == sum->waivers_count)
            return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_COUNTS), HZ_Z(keys->path), HZ_S(hz_jtext(id)),
                           HZ_Z(j->m->options->parts[keys->part]));
        keys->waivers[keys->waivers_count++] = at;
    }
    return HZ_OK;
}

static hz_status same_salt(job *j, const key_part *keys)
{
    const hz_jvalue *header = keys->file.header;
    char hex[65];
    hz_hex(hex, j->m->options->profile->sha256, 32);
    if (!hz_slice_is(hz_jtext(hz_jget(hz_jget(header, "profile"), "digest")), hex))
        return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_PROFILE), HZ_Z(keys->path), HZ_Z(j->m->options->parts[0]));
    if (!hz_slice_eq(hz_jtext(hz_jget(header, "salt")), hz_jtext(hz_jget(j->parts[0].file.header, "salt"))))
        return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_SALT), HZ_Z(j->parts[0].path), HZ_Z(keys->path));
    return HZ_OK;
}

static hz_status open_files(job *j)
{
    const hz_merge_options *options = j->m->options;
    for (size_t i = 0; i < options->keys_count; i++) {
        key_part *keys = &j->parts[i];
        keys->path = options->keys[i];
        j->parts_count++; /* opened or failed: to be closed */
        HZ_TRY(hz_key_file_open(&keys->file, keys->path, options->limits, j->err));
        HZ_TRY(same_salt(j, keys));
        HZ_TRY(bind(j, keys));
        HZ_TRY(find_waivers(j, keys));
        for (size_t k = 0; k < i; k++)
            if (j->parts[k].part == keys->part)
                return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_TWICE), HZ_Z(j->parts[k].path), HZ_Z(keys->path),
                               HZ_Z(options->parts[keys->part]));
    }
    return HZ_OK;
}

/* A part without records has no keys. */
static hz_status all_there(job *j)
{
    const hz_merge_options *options = j->m->options;
    for (size_t p = 0; p < options->parts_count; p++) {
        bool there = !j->m->merged->parts[p].records;
        for (size_t i = 0; i < j->parts_count; i++)
            there = there || j->parts[i].part == p;
        if (!there)
            return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_MISSING), HZ_Z(options->parts[p]));
    }
    return HZ_OK;
}

/* ---- side by side ---- */

static bool is_before(const job *j, size_t a, size_t b)
{
    const key_part *x = &j->parts[a], *y = &j->parts[b];
    int order = memcmp(x->record.digest, y->record.digest, sizeof x->record.digest);
    return order ? order < 0 : x->part < y->part;
}

static void sink_down(job *j, size_t at)
{
    for (;;) {
        size_t least = at, left = 2 * at + 1;
        for (size_t child = left; child < left + 2 && child < j->heap_count; child++)
            if (is_before(j, j->heap[child], j->heap[least]))
                least = child;
        if (least == at)
            return;
        size_t kept = j->heap[at];
        j->heap[at] = j->heap[least];
        j->heap[least] = kept;
        at = least;
    }
}

static hz_status next_record(job *j, key_part *keys)
{
    hz_status st = hz_key_file_next(&keys->record, &keys->file, j->err);
    keys->more = st == HZ_OK;
    return st == HZ_END ? HZ_OK : st;
}

static hz_status begin_rule(job *j, hz_slice id)
{
    j->heap_count = 0;
    j->failed = j->waived = j->groups = 0;
    for (size_t i = 0; i < j->parts_count; i++) {
        key_part *keys = &j->parts[i];
        keys->own_failed = keys->in_group = 0;
        keys->more = false;
        if (hz_key_file_rule(&keys->rows, &keys->file, id) == HZ_OK)
            HZ_TRY(next_record(j, keys));
        if (keys->more)
            j->heap[j->heap_count++] = i;
    }
    for (size_t at = j->heap_count / 2; at-- > 0;)
        sink_down(j, at);
    return HZ_OK;
}

/* The records of the smallest digest, of all parts, become the group. */
static hz_status next_group(job *j, uint32_t slot)
{
    uint8_t digest[HZ_KEY_DIGEST_BYTES];
    memcpy(digest, j->parts[j->heap[0]].record.digest, sizeof digest);
    j->group_count = 0;
    while (j->heap_count && memcmp(j->parts[j->heap[0]].record.digest, digest, sizeof digest) == 0) {
        key_part *keys = &j->parts[j->heap[0]];
        if (keys->record.source >= keys->sources_count)
            return hz_fail(j->err, HZ_E_SOURCE, HZ_M(KEYS_NO_FILE), HZ_Z(keys->path));
        if (keys->record.waiver > keys->waivers_count)
            return hz_fail(j->err, HZ_E_SOURCE, HZ_M(KEYS_NO_FILE), HZ_Z(keys->path));
        if (!HZ_GROW(j->group, j->group_capacity, j->group_count + 1))
            return hz_nomem(j->err, j->group_count * sizeof *j->group);
        j->group[j->group_count++] =
            (collision){keys->record, (uint32_t)j->heap[0], slot, keys->sources[keys->record.source]};
        keys->in_group++;
        HZ_TRY(next_record(j, keys));
        if (!keys->more)
            j->heap[0] = j->heap[--j->heap_count];
        sink_down(j, 0);
    }
    return HZ_OK;
}

/* A record of a group that is too large, which a waiver covers: it does not fail, here as in its part. */
static void waive(job *j, const collision *record, bool own)
{
    const key_part *keys = &j->parts[record->part];
    hz_result_waiver *waiver = &j->m->sum->waivers[keys->waivers[record->record.waiver - 1]];
    j->waived++;
    if (own) /* its report has it */
        return;
    waiver->matched++;
    waiver->used++;
    if (waiver->state == HZ_WAIVER_UNUSED)
        waiver->state = HZ_WAIVER_USED;
}

/* A group that is too large; its records are found where their own part did not find them. */
static hz_status judge_group(job *j, uint64_t at_most)
{
    const bool large = j->group_count > at_most;
    j->failed += large ? j->group_count : 0;
    j->groups += large;
    for (size_t i = 0; i < j->group_count && large; i++) {
        key_part *keys = &j->parts[j->group[i].part];
        bool own = keys->in_group > at_most;
        keys->own_failed += own;
        if (j->group[i].record.waiver)
            waive(j, &j->group[i], own);
        if (own || j->group[i].record.waiver)
            continue;
        HZ_TRY(hz_limit_check(j->m->options->limits, HZ_LIMIT_COLLISIONS, j->found_count + 1, j->err));
        if (!HZ_GROW(j->found, j->found_capacity, j->found_count + 1))
            return hz_nomem(j->err, j->found_count * sizeof *j->found);
        j->found[j->found_count++] = j->group[i];
    }
    for (size_t i = 0; i < j->group_count; i++)
        j->parts[j->group[i].part].in_group = 0;
    return HZ_OK;
}

static hz_status hold_to_counts(job *j, size_t slot, hz_slice id)
{
    const hz_merge_options *options = j->m->options;
    for (size_t i = 0; i < j->parts_count; i++) {
        const key_part *keys = &j->parts[i];
        const struct hz_merge_counts *said = &j->m->counts[slot * options->parts_count + keys->part];
        if (keys->rows != said->evaluated || keys->own_failed != said->failed)
            return hz_fail(j->err, HZ_E_USAGE, HZ_M(KEYS_COUNTS), HZ_Z(keys->path), HZ_S(id),
                           HZ_Z(options->parts[keys->part]));
    }
    return HZ_OK;
}

/* Tables that every part gets from elsewhere are the same in all. */
static bool is_counted(const job *j, const hz_rule *rule)
{
    const hz_result *sum = j->m->sum;
    for (size_t t = 0; t < sum->tables_count; t++)
        if (sum->tables[t].table == rule->table)
            return sum->tables[t].counts;
    return false;
}

static hz_status count_rule(job *j, hz_result_rule *rule, hz_merge_life *life)
{
    size_t slot = (size_t)(life - j->m->lives);
    const hz_rule *r = rule->rule;
    if (r->kind != HZ_RULE_UNIQUE || !life->ran || life->skipped || life->error || r->overlap_from.root ||
        !is_counted(j, r))
        return HZ_OK;
    HZ_TRY(begin_rule(j, r->id));
    while (j->heap_count) {
        HZ_TRY(next_group(j, (uint32_t)slot));
        HZ_TRY(judge_group(j, r->at_most > 0 ? (uint64_t)r->at_most : 1));
    }
    HZ_TRY(hold_to_counts(j, slot, r->id));
    rule->waived = j->waived;
    rule->failed = j->failed - j->waived;
    rule->passed = rule->evaluated - j->failed;
    if (rule->has_groups)
        rule->groups = j->groups;
    life->exchanged = true;
    return HZ_OK;
}

/* ---- what collides ---- */

static hz_result_rule *rule_of(const job *j, uint32_t slot, bool *draft)
{
    hz_result *sum = j->m->sum;
    *draft = slot >= sum->rules_count;
    return *draft ? &sum->drafts[slot - sum->rules_count] : &sum->rules[slot];
}

static int cmp(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_record(const collision *x, const collision *y)
{
    int order = cmp(x->at.table, y->at.table);
    order = order ? order : cmp(x->at.source, y->at.source);
    return order ? order : cmp(x->record.number, y->record.number);
}

static int by_rule(const void *a, const void *b)
{
    const collision *x = a, *y = b;
    int order = cmp(x->slot, y->slot);
    return order ? order : by_record(x, y);
}

/* By part, then record, then rule. */
static int by_part(const void *a, const void *b)
{
    const collision *x = a, *y = b;
    int order = cmp(x->part, y->part);
    order = order ? order : by_record(x, y);
    return order ? order : cmp(x->slot, y->slot);
}

static int by_place(const void *a, const void *b)
{
    const hz_finding *x = a, *y = b;
    int order = cmp(x->at.source, y->at.source);
    order = order ? order : cmp(x->at.line, y->at.line);
    return order ? order : cmp(x->at.record, y->at.record);
}

/* The first ones of a rule, among those that the parts have. */
static hz_status show(job *j, const collision *found, size_t count)
{
    bool draft;
    hz_result_rule *rule = rule_of(j, found->slot, &draft);
    size_t max = j->m->examples_max, add = count < max ? count : max;
    HZ_TRY(hz_merge_room(j->m, (void **)&rule->examples, rule->examples_count, add + 1, sizeof *rule->examples));
    for (size_t i = 0; i < add; i++) {
        hz_finding *finding = &rule->examples[rule->examples_count++];
        *finding = (hz_finding){.rule = found->slot - (draft ? (uint32_t)j->m->sum->rules_count : 0),
                                .draft = draft,
                                .severity = rule->severity,
                                .message = HZ_MSG_KEYS_COLLIDES,
                                .at = {.table = found[i].at.table,
                                       .source = found[i].at.source,
                                       .record = found[i].record.number,
                                       .line = found[i].record.line}};
    }
    qsort(rule->examples, rule->examples_count, sizeof *rule->examples, by_place);
    if (rule->examples_count > max)
        rule->examples_count = max;
    return HZ_OK;
}

static hz_status show_all(job *j)
{
    if (j->found_count)
        qsort(j->found, j->found_count, sizeof *j->found, by_rule);
    for (size_t from = 0, to; from < j->found_count; from = to) {
        for (to = from; to < j->found_count && j->found[to].slot == j->found[from].slot;)
            to++;
        HZ_TRY(show(j, &j->found[from], to - from));
    }
    return HZ_OK;
}

/* ---- regions and erroneous records ---- */

typedef struct regions {
    hz_names names;
    hz_result_region *items;
    size_t count, capacity;
} regions;

static hz_status region_of(job *j, hz_result_region **out, regions *all, uint64_t packed)
{
    char code[13] = "";
    uint32_t old;
    hz_slice name;
    (void)hz_division_unpack(code, packed);
    uint32_t at = hz_names_find(&all->names, hz_slice_of(code));
    if (at == HZ_HTAB_NONE) {
        at = (uint32_t)all->count;
        if (!HZ_GROW(all->items, all->capacity, all->count + 1) ||
            hz_arena_copy(&name, j->m->sum->arena, hz_slice_of(code)) != HZ_OK)
            return hz_nomem(j->err, sizeof *all->items);
        all->items[all->count] = (hz_result_region){.grade = UINT32_MAX};
        memcpy(all->items[all->count++].code, code, sizeof code);
        HZ_TRY(hz_names_add(&all->names, name, at, &old, j->err));
    }
    *out = &all->items[at];
    return HZ_OK;
}

/* One more finding, or record, of the region and those above it. */
static hz_status count_region(job *j, regions *all, const hz_key_record *record, bool whole_record)
{
    uint64_t packed = record->region;
    if (!(record->flags & HZ_KEY_HAS_REGION))
        return HZ_OK;
    do {
        hz_result_region *region = NULL;
        HZ_TRY(region_of(j, &region, all, packed));
        region->findings += !whole_record;
        region->records_with_errors += whole_record;
        packed = packed ? hz_division_pack_parent(packed) : 0;
    } while (packed);
    return HZ_OK;
}

/* They stand behind those of the parts, which are united later. */
static hz_status add_regions(job *j, const regions *all)
{
    hz_result *sum = j->m->sum;
    size_t before = sum->regions_count;
    HZ_TRY(hz_merge_room(j->m, (void **)&sum->regions, before, all->count + 1, sizeof *sum->regions));
    for (size_t i = 0; i < before; i++) {
        uint32_t at = hz_names_find(&all->names, hz_slice_of(sum->regions[i].code));
        if (at == HZ_HTAB_NONE)
            continue;
        all->items[at].name = sum->regions[i].name;
        all->items[at].level = sum->regions[i].level;
    }
    for (size_t i = 0; i < all->count; i++)
        sum->regions[sum->regions_count++] = all->items[i];
    return HZ_OK;
}

static bool makes_erroneous(const job *j, const collision *found)
{
    bool draft;
    const hz_result_rule *rule = rule_of(j, found->slot, &draft);
    return !draft && rule->severity <= HZ_SEVERITY_ERROR && !(found->record.flags & HZ_KEY_ERRONEOUS);
}

/* A record counts once, whatever rules it collides by. In the order of by_part. */
static hz_status count_records(job *j, regions *all)
{
    const collision *last = NULL;
    bool draft;
    for (size_t i = 0; i < j->found_count; i++) {
        const collision *found = &j->found[i];
        (void)rule_of(j, found->slot, &draft);
        if (!draft)
            HZ_TRY(count_region(j, all, &found->record, false));
        if (!makes_erroneous(j, found) || (last && by_record(last, found) == 0))
            continue;
        last = found;
        j->m->sum->tables[found->at.table].records_with_errors++;
        HZ_TRY(count_region(j, all, &found->record, true));
    }
    return add_regions(j, all);
}

/* ---- to the parts ---- */

static void put_cell(hz_buf *out, hz_slice text)
{
    hz_put_csv_shown(out, (hz_shown){text, HZ_MASK_NONE, false}, true);
    hz_buf_putc(out, ',');
}

static void put_collision(hz_buf *out, const job *j, const collision *found)
{
    bool draft;
    const hz_result_table *table = &j->m->sum->tables[found->at.table];
    put_cell(out, rule_of(j, found->slot, &draft)->rule->id);
    put_cell(out, table->name);
    put_cell(out, table->sources[found->at.source].path);
    if (found->record.line)
        hz_buf_put_u64(out, found->record.line);
    hz_buf_putc(out, ',');
    hz_buf_put_u64(out, found->record.number + 1);
    hz_buf_puts(out, "\r\n");
}

/* FOLDER/NAME.csv, NAME that of the part's report; of several of one name with the part's number. */
static hz_status put_path(hz_buf *path, const job *j, size_t part)
{
    const hz_merge_options *options = j->m->options;
    const char *slash = strrchr(options->parts[part], '/'), *name = slash ? slash + 1 : options->parts[part];
    hz_slice stem = hz_slice_of(name);
    bool again = false;
    if (stem.len > 5 && hz_slice_is(hz_slice_sub(stem, stem.len - 5, stem.len), ".json"))
        stem.len -= 5;
    for (size_t p = 0; p < options->parts_count && !again; p++) {
        const char *other = strrchr(options->parts[p], '/');
        again = p != part && strcmp(other ? other + 1 : options->parts[p], name) == 0;
    }
    HZ_TRY(hz_folder_path(path, options->collisions, stem, j->err));
    if (again)
        hz_buf_printf(path, "-%zu", part + 1);
    hz_buf_puts(path, ".csv");
    return hz_buf_status(path, j->err);
}

static hz_status write_part(job *j, hz_buf *path, size_t part)
{
    hz_outfile *file;
    hz_buf text = HZ_BUF_INIT;
    HZ_TRY(put_path(path, j, part));
    HZ_TRY(hz_outfile_open(&file, path->ptr, j->err));
    hz_buf_puts(&text, "\xEF\xBB\xBFrule,table,source,line,record\r\n");
    hz_status st = hz_buf_status(&text, j->err);
    for (size_t i = 0; st == HZ_OK && i < j->found_count; i++) {
        if (j->parts[j->found[i].part].part != part)
            continue;
        put_collision(&text, j, &j->found[i]);
        st = hz_buf_status(&text, j->err);
        if (st == HZ_OK && text.len > 65536) {
            st = hz_outfile_write(file, hz_buf_slice(&text), j->err);
            hz_buf_reset(&text);
        }
    }
    if (st == HZ_OK)
        st = hz_outfile_write(file, hz_buf_slice(&text), j->err);
    if (st == HZ_OK)
        st = hz_outfile_commit(file, j->err);
    else
        hz_outfile_abandon(file);
    hz_buf_clear(&text);
    return st;
}

static hz_status tell_parts(job *j)
{
    const hz_merge_options *options = j->m->options;
    hz_buf path = HZ_BUF_INIT;
    if (!options->collisions)
        return HZ_OK;
    hz_status st = hz_folder_make(options->collisions, false, j->err);
    for (size_t p = 0; st == HZ_OK && p < options->parts_count; p++)
        st = write_part(j, &path, p);
    hz_buf_clear(&path);
    return st;
}

/* ---- all of it ---- */

static hz_status exchange(job *j)
{
    hz_result *sum = j->m->sum;
    regions all = {.count = 0};
    HZ_TRY(open_files(j));
    HZ_TRY(all_there(j));
    for (size_t i = 0; i < j->m->common_rules; i++)
        HZ_TRY(count_rule(j, &sum->rules[i], &j->m->lives[i]));
    for (size_t i = 0; i < sum->drafts_count; i++)
        HZ_TRY(count_rule(j, &sum->drafts[i], &j->m->lives[sum->rules_count + i]));
    HZ_TRY(show_all(j));
    if (j->found_count)
        qsort(j->found, j->found_count, sizeof *j->found, by_part);
    hz_status st = count_records(j, &all);
    hz_names_clear(&all.names);
    hz_mem_free(all.items);
    return st == HZ_OK ? tell_parts(j) : st;
}

hz_status hz_merge_keys(hz_merging *m)
{
    size_t count = m->options->keys_count;
    job j = {.m = m, .err = m->err};
    j.parts = hz_mem_zalloc(count + 1, sizeof *j.parts);
    j.heap = hz_mem_zalloc(count + 1, sizeof *j.heap);
    hz_status st = j.parts && j.heap ? exchange(&j) : hz_nomem(m->err, count * sizeof *j.parts);
    for (size_t i = 0; i < j.parts_count; i++)
        hz_key_file_close(&j.parts[i].file);
    hz_mem_free(j.parts);
    hz_mem_free(j.heap);
    hz_mem_free(j.group);
    hz_mem_free(j.found);
    return st;
}
