#include "validator/tasks/acknowledge.h"

#include "base/alloc.h"
#include "base/htab.h"
#include "base/utf8.h"
#include "validator/source/source.h"

enum { REASON_CHARACTERS = 4 };

typedef struct job {
    hz_result *result;
    const hz_limits *limits;
    const char *path;
    hz_result_acknowledged *out;
    size_t capacity;
    hz_acknowledged *items; /* while it grows */
    hz_names prints, texts; /* fingerprints to items; reasons to their counts */
    uint64_t *uses;
    size_t uses_count, uses_capacity;
    hz_error *err;
} job;

static hz_slice trimmed(hz_slice text)
{
    return hz_slice_trim(text, HZ_SLICE_LIT(" \t\r\n\0"));
}

/* A tick, a dot, the same sign over and over: no reason. */
static bool is_bare(hz_slice reason)
{
    size_t at = 0;
    bool differs = false;
    if (hz_utf8_length(reason) < REASON_CHARACTERS)
        return true;
    uint32_t first = hz_utf8_next(reason, &at);
    while (at < reason.len)
        differs |= hz_utf8_next(reason, &at) != first;
    return !differs;
}

static hz_status count_text(job *j, hz_slice reason)
{
    uint32_t old;
    if (!HZ_GROW(j->uses, j->uses_capacity, j->uses_count + 1))
        return hz_nomem(j->err, j->uses_count * sizeof *j->uses);
    HZ_TRY(hz_names_add(&j->texts, reason, (uint32_t)j->uses_count, &old, j->err));
    if (old == HZ_HTAB_NONE)
        j->uses[j->uses_count++] = 1;
    else
        j->uses[old]++;
    return HZ_OK;
}

/* A fingerprint that stands twice: the later row counts. */
static hz_status take_row(job *j, hz_slice print, hz_slice reason)
{
    uint32_t old;
    print = trimmed(print);
    reason = trimmed(reason);
    if (!print.len || !reason.len)
        return HZ_OK;
    if (hz_arena_copy(&print, j->result->arena, print) != HZ_OK ||
        hz_arena_copy(&reason, j->result->arena, reason) != HZ_OK)
        return hz_nomem(j->err, reason.len);
    if (!HZ_GROW(j->items, j->capacity, j->out->count + 1))
        return hz_nomem(j->err, j->out->count * sizeof *j->items);
    HZ_TRY(hz_names_add(&j->prints, print, (uint32_t)j->out->count, &old, j->err));
    HZ_TRY(count_text(j, reason));
    size_t at = old == HZ_HTAB_NONE ? j->out->count++ : old;
    j->items[at] = (hz_acknowledged){.fingerprint = print, .reason = reason, .state = HZ_ACK_UNUSED};
    return HZ_OK;
}

static hz_status find_columns(const job *j, const hz_source *source, size_t *print, size_t *reason)
{
    const hz_slice *names;
    size_t count = hz_source_columns(source, &names);
    *print = *reason = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (hz_slice_is(names[i], "fingerprint"))
            *print = i;
        else if (hz_slice_is(names[i], "reason") || hz_slice_is(names[i], "\xe7\x90\x86\xe7\x94\xb1"))
            *reason = i;
    }
    if (*print != SIZE_MAX && *reason != SIZE_MAX)
        return HZ_OK;
    hz_status st = hz_fail(j->err, HZ_E_SOURCE, HZ_M(ACK_COLUMN), HZ_Z(j->path),
                           HZ_Z(*print == SIZE_MAX ? "fingerprint" : "reason"));
    hz_error_hint(j->err, HZ_MSG_ACK_COLUMN_HINT);
    return st;
}

static hz_status read_rows(job *j, hz_source *source)
{
    size_t print, reason;
    hz_batch batch = {0};
    HZ_TRY(find_columns(j, source, &print, &reason));
    hz_status st = hz_source_next(&batch, source, j->err);
    while (st == HZ_OK) {
        for (uint32_t i = 0; i < batch.rows_count && st == HZ_OK; i++)
            st = take_row(j, batch.columns[print].cells[i], batch.columns[reason].cells[i]);
        if (st == HZ_OK)
            st = hz_source_next(&batch, source, j->err);
    }
    hz_source_give_back(&batch, source);
    return st == HZ_END ? HZ_OK : st;
}

static void judge(job *j, hz_finding *finding, const hz_result_rule *rule)
{
    hz_slice print = hz_slice_of(finding->fingerprint);
    uint32_t at = print.len ? hz_names_find(&j->prints, print) : HZ_HTAB_NONE;
    if (at == HZ_HTAB_NONE)
        return;
    hz_acknowledged *item = &j->items[at];
    uint32_t text = hz_names_find(&j->texts, item->reason);
    item->rule = rule->rule->id;
    if (rule->rule->gate != HZ_GATE_PLAUSIBILITY)
        item->state = HZ_ACK_MEND;
    else if (is_bare(item->reason))
        item->state = HZ_ACK_BARE;
    else if (text != HZ_HTAB_NONE && j->uses[text] > j->limits->value[HZ_LIMIT_ACKNOWLEDGE_SAME])
        item->state = HZ_ACK_SAME;
    else
        item->state = HZ_ACK_TAKEN;
    if (item->state == HZ_ACK_TAKEN)
        finding->acknowledged = item->reason;
}

static hz_status finish(job *j)
{
    hz_result *result = j->result;
    uint64_t explained = 0, open = 0;
    for (size_t i = 0; i < result->rules_count; i++) {
        hz_result_rule *rule = &result->rules[i];
        for (size_t k = 0; k < rule->examples_count; k++) {
            judge(j, &rule->examples[k], rule);
            explained += rule->examples[k].acknowledged.len > 0;
        }
        if (rule->rule->gate == HZ_GATE_PLAUSIBILITY)
            open += rule->failed;
    }
    j->out->open = open > explained ? open - explained : 0;
    for (size_t i = 0; i < j->out->count; i++) {
        j->out->taken += j->items[i].state == HZ_ACK_TAKEN;
        j->out->unused += j->items[i].state == HZ_ACK_UNUSED;
    }
    j->out->refused = j->out->count - j->out->taken - j->out->unused;
    j->out->items = HZ_ARENA_ARRAY(result->arena, hz_acknowledged, j->out->count + 1);
    if (!j->out->items)
        return hz_nomem(j->err, j->out->count * sizeof *j->items);
    if (j->out->count)
        memcpy(j->out->items, j->items, j->out->count * sizeof *j->items);
    result->acknowledged = j->out;
    return HZ_OK;
}

hz_status hz_acknowledge(hz_result *result, const char *path, const hz_limits *limits, hz_error *err)
{
    hz_source *source = NULL;
    const hz_source_options how = {.path = path, .shown_path = hz_slice_of(path), .limits = limits};
    job j = {.result = result, .limits = limits, .path = path, .err = err};
    j.out = HZ_ARENA_NEW(result->arena, hz_result_acknowledged);
    if (!j.out)
        return hz_nomem(err, sizeof *j.out);
    hz_status st = hz_source_open(&source, &how, err);
    if (st == HZ_OK)
        st = read_rows(&j, source);
    if (st == HZ_OK)
        st = finish(&j);
    hz_source_close(source);
    hz_names_clear(&j.prints);
    hz_names_clear(&j.texts);
    hz_mem_free(j.items);
    hz_mem_free(j.uses);
    return st;
}
