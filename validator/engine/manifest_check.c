/* manifest_check.c: see manifest_check.h. Row counts and SHA-256 are those that the scan left behind, and of delimited
 * text its SM3 too; other files of the manifest are read here. */
#include "validator/engine/manifest_check.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/sha256.h"
#include "validator/engine/run_int.h"

/* What is known of one entry. */
typedef struct state {
    bool there;                  /* as the table that it says */
    bool seen;                   /* its file, whatever it holds */
    uint64_t rows;               /* bad ones too */
    const uint8_t *sha256, *sm3; /* of the scan; NULL: to be made */
    const char *path;            /* to open */
    bool member;
} state;

typedef struct checker {
    hz_run_state *run;
    const hz_manifest *manifest;
    hz_manifest_check *out;
    hz_arena *arena;
    state *states; /* as manifest.files */
    hz_error *err;
} checker;

bool hz_manifest_speaks(const hz_manifest *manifest, hz_manifest_part part)
{
    bool digest = false, rows = false;
    for (size_t i = 0; i < manifest->files_count; i++) {
        digest = digest || manifest->files[i].has_sha256 || manifest->files[i].has_sm3;
        rows = rows || manifest->files[i].has_rows;
    }
    switch (part) {
    case HZ_MANIFEST_CHANGED:
        return digest;
    case HZ_MANIFEST_ROW_COUNT:
        return rows;
    case HZ_MANIFEST_PERIOD:
        return manifest->has_period;
    case HZ_MANIFEST_UNIT:
        return hz_division_level_of(manifest->unit) != HZ_LEVEL_ANY;
    default:
        return true;
    }
}

bool hz_manifest_wants_sm3(const hz_manifest_file *listed)
{
    while (listed && !listed->has_sm3)
        listed = listed->next;
    return listed != NULL;
}

/* ---- faults ---- */

static hz_status add_fault(checker *c, hz_manifest_fault fault)
{
    hz_manifest_check *out = c->out;
    if (!HZ_GROW(out->faults, out->capacity, out->count + 1))
        return hz_nomem(c->err, sizeof fault);
    for (size_t i = 0; i < fault.args_count; i++)
        if (hz_arena_copy(&fault.args[i], c->arena, fault.args[i]) != HZ_OK)
            return hz_nomem(c->err, fault.args[i].len);
    if (hz_arena_copy(&fault.path, c->arena, fault.path) != HZ_OK ||
        hz_arena_copy(&fault.expected, c->arena, fault.expected) != HZ_OK)
        return hz_nomem(c->err, fault.path.len);
    out->mild_only[fault.part] = fault.mild && (out->mild_only[fault.part] || !out->failed[fault.part]);
    out->failed[fault.part]++;
    out->faults[out->count++] = fault;
    return HZ_OK;
}

/* ---- what the scan says ---- */

static void note_source(checker *c, const hz_table_file *file, const hz_table_partial *partial, size_t source)
{
    for (const hz_manifest_file *entry = file->listed; entry; entry = entry->next) {
        state *at = &c->states[entry - c->manifest->files];
        at->seen = true;
        if (entry->table && entry->table != file->table)
            continue;
        at->there = true;
        at->rows += partial->source_rows[source] + partial->source_bad[source];
        at->sha256 = partial->source_sha256[source];
        at->sm3 = partial->source_has_sm3[source] ? partial->source_sm3[source] : NULL;
        at->path = file->path;
        at->member = file->member.len > 0;
    }
}

static void note_sources(checker *c)
{
    const hz_submission *submission = &c->run->plan.submission;
    size_t source = 0;
    for (size_t i = 0; i < submission->files_count; i++) {
        const hz_table_file *file = &submission->files[i];
        source = i && submission->files[i - 1].table == file->table ? source + 1 : 0;
        if (file->listed)
            note_source(c, file, &c->run->tables[file->table->index], source);
    }
}

/* Files that are no data are there when the manifest does not want a table of them. */
static void note_others(checker *c)
{
    const hz_submission *submission = &c->run->plan.submission;
    for (size_t i = 0; i < submission->seen_count; i++) {
        const hz_seen_file *seen = &submission->seen[i];
        for (const hz_manifest_file *entry = seen->listed; entry; entry = entry->next) {
            state *at = &c->states[entry - c->manifest->files];
            at->seen = true;
            if (at->there || entry->table)
                continue;
            at->there = true;
            at->path = seen->path;
        }
    }
}

/* ---- the parts ---- */

static hz_status missing(checker *c)
{
    for (size_t i = 0; i < c->manifest->files_count; i++) {
        const hz_manifest_file *entry = &c->manifest->files[i];
        const state *at = &c->states[i];
        hz_manifest_fault fault = {.part = HZ_MANIFEST_MISSING,
                                   .message =
                                       at->seen ? HZ_MSG_FINDING_MANIFEST_NO_TABLE : HZ_MSG_FINDING_MANIFEST_MISSING,
                                   .args_count = at->seen ? 2 : 1,
                                   .args = {entry->path, entry->table ? entry->table->name : HZ_SLICE_NONE},
                                   .path = entry->path};
        c->out->looked_at[HZ_MANIFEST_MISSING]++;
        if (!at->there)
            HZ_TRY(add_fault(c, fault));
    }
    return HZ_OK;
}

static hz_status left_over(checker *c)
{
    const hz_submission *submission = &c->run->plan.submission;
    for (size_t i = 0; i < submission->seen_count; i++) {
        const hz_seen_file *seen = &submission->seen[i];
        c->out->looked_at[HZ_MANIFEST_LEFT_OVER]++;
        if (!seen->listed)
            HZ_TRY(add_fault(c, (hz_manifest_fault){.part = HZ_MANIFEST_LEFT_OVER,
                                                    .message = HZ_MSG_FINDING_MANIFEST_LEFT_OVER,
                                                    .args_count = 1,
                                                    .args = {seen->shown},
                                                    .path = seen->shown,
                                                    .mild = !seen->fits}));
    }
    return HZ_OK;
}

/* The entry before it that names the same, or NULL. */
static const hz_manifest_file *named_before(const checker *c, const hz_manifest_file *entry)
{
    const hz_manifest_file *at = hz_manifest_find(c->manifest, entry->path);
    while (at != entry && at->table && entry->table && at->table != entry->table)
        at = at->next;
    return at == entry ? NULL : at;
}

/* The same bytes under another name would count every record twice. *other NULL: they are the first. */
static hz_status same_before(const hz_manifest_file **other, checker *c, hz_names *digests, size_t index)
{
    const hz_manifest_file *entry = &c->manifest->files[index];
    const state *at = &c->states[index];
    char hex[65];
    hz_buf text = HZ_BUF_INIT;
    hz_slice key;
    uint32_t old = HZ_HTAB_NONE;
    *other = NULL;
    if (!at->sha256 || !at->rows || at->member)
        return HZ_OK;
    hz_hex(hex, at->sha256, 32);
    hz_buf_puts(&text, hex);
    hz_buf_put(&text, entry->table ? entry->table->name : HZ_SLICE_NONE);
    hz_status st = hz_buf_status(&text, c->err);
    if (st == HZ_OK && hz_arena_copy(&key, c->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(c->err, text.len);
    if (st == HZ_OK)
        st = hz_names_add(digests, key, (uint32_t)index, &old, c->err);
    hz_buf_clear(&text);
    if (st == HZ_OK && old != HZ_HTAB_NONE && !hz_slice_eq(c->manifest->files[old].path, entry->path))
        *other = &c->manifest->files[old];
    return st;
}

static hz_status twice(checker *c)
{
    hz_names digests = {0};
    hz_status st = HZ_OK;
    for (size_t i = 0; i < c->manifest->files_count; i++) {
        const hz_manifest_file *entry = &c->manifest->files[i], *same = NULL;
        bool again = named_before(c, entry) != NULL;
        c->out->looked_at[HZ_MANIFEST_TWICE]++;
        if (!again)
            HZ_GO(same_before(&same, c, &digests, i));
        if (again || same)
            HZ_GO(add_fault(
                c, (hz_manifest_fault){.part = HZ_MANIFEST_TWICE,
                                       .message = again ? HZ_MSG_FINDING_MANIFEST_TWICE : HZ_MSG_FINDING_MANIFEST_SAME,
                                       .args_count = again ? 1 : 2,
                                       .args = {entry->path, same ? same->path : HZ_SLICE_NONE},
                                       .path = entry->path}));
    }
out:
    hz_names_clear(&digests);
    return st;
}

/* ---- digests ---- */

hz_status hz_manifest_digest(uint8_t out[32], const char *path, bool sm3, const hz_cancel *cancel, hz_error *err)
{
    enum { BLOCK = 1 << 20 };
    hz_file *file = NULL;
    hz_sha256 *sum = sm3 ? hz_sm3_new() : hz_sha256_new();
    char *block = hz_mem_alloc(BLOCK);
    uint64_t at = 0;
    size_t got = 0;
    hz_status st = sum && block ? HZ_OK : hz_nomem(err, BLOCK);
    if (st == HZ_OK)
        st = hz_file_open(&file, path, err);
    do {
        if (st == HZ_OK)
            st = hz_cancel_check(cancel, err);
        if (st == HZ_OK)
            st = hz_file_read_at(file, at, block, BLOCK, &got, err);
        if (st == HZ_OK && !hz_sha256_update(sum, block, got))
            st = hz_nomem(err, BLOCK);
        at += got;
    } while (st == HZ_OK && got);
    if (st == HZ_OK && !hz_sha256_final(sum, out))
        st = hz_nomem(err, 0);
    hz_file_close(file);
    hz_sha256_free(sum);
    hz_mem_free(block);
    return st;
}

static hz_status hold_digest(bool *fails, checker *c, const hz_manifest_file *entry, bool sm3)
{
    const state *at = &c->states[entry - c->manifest->files];
    const uint8_t *wanted = sm3 ? entry->sm3 : entry->sha256, *have = sm3 ? at->sm3 : at->sha256;
    uint8_t made[32];
    char hex[65];
    if (!have) {
        HZ_TRY(hz_manifest_digest(made, at->path, sm3, c->run->options->cancel, c->err));
        have = made;
    }
    if (memcmp(have, wanted, 32) == 0)
        return HZ_OK;
    *fails = true;
    hz_hex(hex, wanted, 32);
    return add_fault(c, (hz_manifest_fault){.part = HZ_MANIFEST_CHANGED,
                                            .message = HZ_MSG_FINDING_MANIFEST_CHANGED,
                                            .args_count = 2,
                                            .args = {entry->path, sm3 ? HZ_SLICE_LIT("SM3") : HZ_SLICE_LIT("SHA-256")},
                                            .path = entry->path,
                                            .expected = {hex, 64}});
}

static hz_status changed(checker *c)
{
    for (size_t i = 0; i < c->manifest->files_count; i++) {
        const hz_manifest_file *entry = &c->manifest->files[i];
        bool fails = false;
        if (!c->states[i].there || !c->states[i].path || !(entry->has_sha256 || entry->has_sm3))
            continue;
        c->out->looked_at[HZ_MANIFEST_CHANGED]++;
        if (entry->has_sha256)
            HZ_TRY(hold_digest(&fails, c, entry, false));
        if (entry->has_sm3 && !fails) /* one finding a file */
            HZ_TRY(hold_digest(&fails, c, entry, true));
    }
    return HZ_OK;
}

/* ---- figures ---- */

static hz_status row_count(checker *c)
{
    for (size_t i = 0; i < c->manifest->files_count; i++) {
        const hz_manifest_file *entry = &c->manifest->files[i];
        char have[HZ_U64_DIGITS], wanted[HZ_U64_DIGITS];
        if (!c->states[i].there || !entry->has_rows)
            continue;
        c->out->looked_at[HZ_MANIFEST_ROW_COUNT]++;
        if (entry->rows != c->states[i].rows)
            HZ_TRY(add_fault(c, (hz_manifest_fault){.part = HZ_MANIFEST_ROW_COUNT,
                                                    .message = HZ_MSG_FINDING_MANIFEST_ROWS,
                                                    .args_count = 3,
                                                    .args = {entry->path, hz_u64_text(have, c->states[i].rows),
                                                             hz_u64_text(wanted, entry->rows)},
                                                    .path = entry->path,
                                                    .expected = hz_u64_text(wanted, entry->rows)}));
    }
    return HZ_OK;
}

static hz_status period(checker *c)
{
    const hz_eval_env *env = &c->run->plan.env;
    hz_buf day = HZ_BUF_INIT;
    if (!c->manifest->has_period || !env->has_as_of)
        return HZ_OK;
    c->out->looked_at[HZ_MANIFEST_PERIOD]++;
    if (c->manifest->from <= env->as_of && env->as_of <= c->manifest->to)
        return HZ_OK;
    hz_date_put(&day, env->as_of);
    hz_status st = hz_buf_status(&day, c->err);
    if (st == HZ_OK)
        st = add_fault(c, (hz_manifest_fault){.part = HZ_MANIFEST_PERIOD,
                                              .message = HZ_MSG_FINDING_MANIFEST_PERIOD,
                                              .args_count = 2,
                                              .args = {hz_buf_slice(&day), c->manifest->period},
                                              .expected = c->manifest->period});
    hz_buf_clear(&day);
    return st;
}

static bool lies_in(uint64_t packed, uint64_t unit)
{
    while (packed && packed != unit)
        packed = hz_division_pack_parent(packed);
    return packed == unit;
}

/* Records whose division lies outside the unit; *first: the least of those codes. */
static uint64_t count_outside(uint64_t *first, const hz_regions *regions, size_t table, uint64_t unit)
{
    uint64_t outside = 0;
    for (uint32_t region = 1; region < regions->count && region < regions->rows_capacity[table]; region++) {
        uint64_t packed = regions->packed[region];
        if (!regions->rows[table][region] || lies_in(packed, unit))
            continue;
        if (!outside || packed < *first)
            *first = packed;
        outside += regions->rows[table][region];
    }
    return outside;
}

static hz_status unit(checker *c)
{
    const hz_plan *plan = &c->run->plan;
    uint64_t code = hz_division_pack(c->manifest->unit), first = 0;
    for (size_t t = 0; code && t < plan->profile->tables_count; t++) {
        const hz_plan_table *table = &plan->tables[t];
        char text[13], count[HZ_U64_DIGITS];
        if (!table->region || table->table->external || !table->present)
            continue;
        c->out->looked_at[HZ_MANIFEST_UNIT]++;
        uint64_t outside = count_outside(&first, &c->run->tally.regions, t, code);
        if (outside)
            HZ_TRY(add_fault(c, (hz_manifest_fault){.part = HZ_MANIFEST_UNIT,
                                                    .message = HZ_MSG_FINDING_MANIFEST_UNIT,
                                                    .args_count = 4,
                                                    .args = {table->table->name,
                                                             hz_u64_text(count, outside),
                                                             c->manifest->unit,
                                                             {text, hz_division_unpack(text, first)}},
                                                    .expected = c->manifest->unit}));
    }
    return HZ_OK;
}

hz_status hz_manifest_check_make(hz_manifest_check *out, hz_run_state *run, hz_error *err)
{
    const hz_manifest *manifest = run->options->manifest;
    checker c = {run, manifest, out, run->result->arena, NULL, err};
    hz_status st = HZ_OK;
    if (!manifest)
        return HZ_OK;
    c.states = hz_mem_zalloc(manifest->files_count + 1, sizeof *c.states);
    if (!c.states)
        return hz_nomem(err, manifest->files_count * sizeof *c.states);
    note_sources(&c);
    note_others(&c);
    HZ_GO(missing(&c));
    HZ_GO(left_over(&c));
    HZ_GO(twice(&c));
    HZ_GO(changed(&c));
    HZ_GO(row_count(&c));
    HZ_GO(period(&c));
    HZ_GO(unit(&c));
out:
    hz_mem_free(c.states);
    return st;
}

void hz_manifest_check_clear(hz_manifest_check *check)
{
    hz_mem_free(check->faults);
    memset(check, 0, sizeof *check);
}
