#include "validator/tasks/acknowledge.h"

#include "base/alloc.h"
#include "base/htab.h"
#include "base/utf8.h"
#include "reports/place.h"
#include "validator/source/source.h"

enum { REASON_LETTERS = 4, SAME_USUAL = 20, LETTERS_KEPT = 64 };

/* A row of the file. */
typedef struct noted {
    hz_acknowledged said;
    hz_slice fields; /* as the file has them; ptr NULL: it has no such column */
    uint32_t text;   /* in uses */
} noted;

struct hz_reasons {
    hz_arena *arena;
    const char *path;
    uint64_t same_max;
    noted *items;
    size_t count, capacity;
    hz_names prints, texts; /* fingerprints to items; reasons to their counts */
    uint64_t *uses;
    size_t uses_count, uses_capacity;
    uint64_t explained; /* findings with a reason that was taken */
};

typedef struct columns {
    size_t print, reason, fields; /* SIZE_MAX: none */
} columns;

static hz_slice trimmed(hz_slice text)
{
    return hz_slice_trim(text, HZ_SLICE_LIT(" \t\r\n\0"));
}

/* ---- what is no reason ---- */

/* Letters, ideographs and digits: not blanks, punctuation, symbols, ticks. */
static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    return (c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7) || (c >= 0x3400 && c < 0xA490) ||
           (c >= 0xAC00 && c < 0xD7A4) || (c >= 0xF900 && c < 0xFB00) || (c >= 0x20000 && c < 0x40000) ||
           (c >= 0x3040 && c < 0x3100) || c == 0x3007;
}

/* The next word of the letters, a blank between words; false: there is none. */
static bool next_word(hz_slice *word, hz_slice letters, size_t *at)
{
    while (*at < letters.len && letters.ptr[*at] == ' ')
        (*at)++;
    size_t from = *at;
    while (*at < letters.len && letters.ptr[*at] != ' ')
        (*at)++;
    *word = hz_slice_sub(letters, from, *at);
    return word->len > 0;
}

static bool ticks(hz_slice word)
{
    static const char *const words[] = {
        "ok",         "okay",       "yes",        "y",          "true",       "fine",        "good",       "correct",
        "confirmed",  "checked",    "verified",   "valid",      "right",      "done",        "agreed",     "accepted",
        "approved",   "none",       "normal",     "no",         "problem",    "error",       "na",         "n",
        "a",          "is",         "at",         "all",        "it",         "情况属实",    "确认无误",   "核对无误",
        "核实无误",   "已经核实",   "已经确认",   "没有问题",   "数据无误",   "数据正确",    "数据属实",   "情况正常",
        "数据正常",   "正常情况",   "信息无误",   "信息属实",   "确属实情",   "经核实无误",  "经核对无误", "已核实无误",
        "已核对无误", "经确认无误", "已确认无误", "已核实属实", "经核实属实", "确认数据无误"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (hz_slice_is(word, words[i]))
            return true;
    return false;
}

bool hz_reason_is_bare(hz_slice reason)
{
    char kept[LETTERS_KEPT];
    size_t at = 0, len = 0, count = 0;
    uint32_t first = 0;
    bool differs = false, whole = true;
    while (at < reason.len) {
        size_t from = at;
        uint32_t c = hz_utf8_fold_width(hz_utf8_next(reason, &at));
        c = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        size_t bytes = c < 0x80 ? 1 : at - from;
        whole = whole && len + bytes + 1 <= sizeof kept;
        if (!is_letter(c)) {
            if (whole && c != '\'' && c != '/')
                kept[len++] = ' ';
            continue;
        }
        differs = differs || (count && c != first);
        first = count++ ? first : c;
        if (whole && c < 0x80)
            kept[len] = (char)c;
        else if (whole)
            memcpy(kept + len, reason.ptr + from, bytes);
        len += whole ? bytes : 0;
    }
    if (count < REASON_LETTERS || !differs)
        return true;
    const hz_slice letters = {kept, len};
    hz_slice word;
    for (at = 0; whole && next_word(&word, letters, &at);)
        if (!ticks(word))
            return false;
    return whole;
}

/* ---- the file ---- */

static hz_status count_text(hz_reasons *r, uint32_t *text, hz_slice said, hz_error *err)
{
    uint32_t old;
    if (!HZ_GROW(r->uses, r->uses_capacity, r->uses_count + 1))
        return hz_nomem(err, r->uses_count * sizeof *r->uses);
    HZ_TRY(hz_names_add(&r->texts, said, (uint32_t)r->uses_count, &old, err));
    *text = old == HZ_HTAB_NONE ? (uint32_t)r->uses_count : old;
    if (old == HZ_HTAB_NONE)
        r->uses[r->uses_count++] = 0;
    r->uses[*text]++;
    return HZ_OK;
}

static hz_status keep(hz_reasons *r, hz_slice *text, hz_error *err)
{
    return hz_arena_copy(text, r->arena, *text) == HZ_OK ? HZ_OK : hz_nomem(err, text->len);
}

static hz_slice cell_of(const hz_batch *batch, size_t column, uint32_t row)
{
    return column == SIZE_MAX ? HZ_SLICE_NONE : trimmed(batch->columns[column].cells[row]);
}

/* A fingerprint that stands twice: the later row counts. */
static hz_status take_row(hz_reasons *r, const hz_batch *batch, const columns *c, uint32_t row, hz_error *err)
{
    uint32_t old;
    noted item = {.said = {.fingerprint = cell_of(batch, c->print, row), .reason = cell_of(batch, c->reason, row)},
                   .fields = cell_of(batch, c->fields, row)};
    item.said.state = HZ_ACK_UNUSED;
    if (!item.said.fingerprint.len || !item.said.reason.len)
        return HZ_OK;
    HZ_TRY(keep(r, &item.said.fingerprint, err));
    HZ_TRY(keep(r, &item.said.reason, err));
    HZ_TRY(keep(r, &item.fields, err));
    if (c->fields == SIZE_MAX)
        item.fields.ptr = NULL;
    if (!HZ_GROW(r->items, r->capacity, r->count + 1))
        return hz_nomem(err, r->count * sizeof *r->items);
    HZ_TRY(hz_names_add(&r->prints, item.said.fingerprint, (uint32_t)r->count, &old, err));
    HZ_TRY(count_text(r, &item.text, item.said.reason, err));
    if (old != HZ_HTAB_NONE)
        r->uses[r->items[old].text]--;
    r->items[old == HZ_HTAB_NONE ? r->count++ : old] = item;
    return HZ_OK;
}

static hz_status find_columns(columns *out, const hz_reasons *r, const hz_source *source, hz_error *err)
{
    const hz_slice *names;
    size_t count = hz_source_columns(source, &names);
    *out = (columns){SIZE_MAX, SIZE_MAX, SIZE_MAX};
    for (size_t i = 0; i < count; i++) {
        if (hz_slice_is(names[i], "fingerprint"))
            out->print = i;
        else if (hz_slice_is(names[i], "reason") || hz_slice_is(names[i], "理由"))
            out->reason = i;
        else if (hz_slice_is(names[i], "fields"))
            out->fields = i;
    }
    if (out->print != SIZE_MAX && out->reason != SIZE_MAX)
        return HZ_OK;
    hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(ACK_COLUMN), HZ_Z(r->path),
                           HZ_Z(out->print == SIZE_MAX ? "fingerprint" : "reason"));
    hz_error_hint(err, HZ_MSG_ACK_COLUMN_HINT);
    return st;
}

static hz_status take_batch(hz_reasons *r, const hz_batch *batch, const columns *c, hz_error *err)
{
    if (batch->bad_count) {
        hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(ACK_ROW), HZ_Z(r->path), HZ_U(batch->bad[0].line));
        hz_error_hint(err, HZ_MSG_ACK_ROW_HINT);
        return st;
    }
    for (uint32_t i = 0; i < batch->rows_count; i++)
        HZ_TRY(take_row(r, batch, c, i, err));
    return HZ_OK;
}

static hz_status read_rows(hz_reasons *r, hz_source *source, hz_error *err)
{
    columns c;
    hz_batch batch = {0};
    HZ_TRY(find_columns(&c, r, source, err));
    hz_status st;
    while ((st = hz_source_next(&batch, source, err)) == HZ_OK && (st = take_batch(r, &batch, &c, err)) == HZ_OK)
        ;
    hz_source_give_back(&batch, source);
    return st == HZ_END ? HZ_OK : st;
}

/* Of a workbook all sheets that have such columns, as one table. */
static hz_status read_file(hz_reasons *r, const hz_limits *limits, const char *temp, hz_error *err)
{
    static const hz_slice known[] = {{"fingerprint", 11}, {"reason", 6}, {"理由", 6}};
    hz_part part = {
        .known = known, .known_count = sizeof known / sizeof *known, .parent = SIZE_MAX, .all_sheets = true};
    hz_source_options how = {.path = r->path, .shown_path = hz_slice_of(r->path), .limits = limits};
    hz_source *source = NULL;
    hz_status st = HZ_OK;
    if (hz_form_of(how.shown_path) == HZ_FORM_XLSX)
        st = hz_parts_read(&part, 1, &how, temp, err);
    how.spool = part.spool;
    if (st == HZ_OK)
        st = hz_source_open(&source, &how, err);
    if (st == HZ_OK)
        st = read_rows(r, source, err);
    hz_source_close(source);
    hz_spool_free(part.spool);
    return st;
}

hz_status hz_reasons_open(hz_reasons **out, const char *path, const hz_profile *profile, const hz_limits *limits,
                          const char *temp, hz_error *err)
{
    uint64_t tightened = limits->value[HZ_LIMIT_ACKNOWLEDGE_SAME];
    hz_reasons *r = hz_mem_zalloc(1, sizeof *r);
    *out = NULL;
    if (!r)
        return hz_nomem(err, sizeof *r);
    r->path = path;
    r->same_max = profile->acknowledge_same >= 0 ? (uint64_t)profile->acknowledge_same : SAME_USUAL;
    r->same_max = tightened < r->same_max ? tightened : r->same_max;
    r->arena = hz_arena_new();
    hz_status st = r->arena ? read_file(r, limits, temp, err) : hz_nomem(err, 0);
    if (st == HZ_OK)
        *out = r;
    else
        hz_reasons_close(r);
    return st;
}

void hz_reasons_close(hz_reasons *r)
{
    if (!r)
        return;
    hz_names_clear(&r->prints);
    hz_names_clear(&r->texts);
    hz_mem_free(r->items);
    hz_mem_free(r->uses);
    hz_arena_free(r->arena);
    hz_mem_free(r);
}

/* ---- findings ---- */

static noted *reason_of(const hz_reasons *r, const hz_finding *finding)
{
    hz_slice print = hz_slice_of(finding->fingerprint);
    uint32_t at =
        print.len && !finding->draft && !finding->waived.len ? hz_names_find(&r->prints, print) : HZ_HTAB_NONE;
    return at == HZ_HTAB_NONE ? NULL : &r->items[at];
}

static bool says(hz_slice file, hz_slice shown)
{
    const hz_slice cut = HZ_SLICE_LIT("…"); /* a long cell of a workbook */
    bool is_cut = file.len > cut.len && hz_slice_eq(hz_slice_sub(file, file.len - cut.len, file.len), cut);
    return hz_slice_eq(file, shown) || (is_cut && hz_slice_starts(shown, hz_slice_sub(file, 0, file.len - cut.len)));
}

/* Whether the values are those of the file, which may have been written with --reveal or without. */
static hz_status is_same(bool *same, const noted *item, const hz_finding *finding, hz_buf *scratch, hz_error *err)
{
    hz_slice file = item->fields;
    hz_buf safe = HZ_BUF_INIT;
    *same = !file.ptr;
    if (file.len && file.ptr[0] == '\'') /* before what a spreadsheet would run */
        file = hz_slice_sub(file, 1, file.len);
    for (int reveal = 0; reveal < 2 && !*same; reveal++) {
        hz_buf_reset(scratch);
        hz_buf_reset(&safe);
        hz_put_pairs(scratch, finding->at.fields, finding->at.fields_count, reveal);
        hz_utf8_put_safe(&safe, hz_buf_slice(scratch));
        *same = says(file, trimmed(hz_buf_slice(&safe)));
    }
    hz_status st = hz_buf_status(scratch, err);
    st = st == HZ_OK ? hz_buf_status(&safe, err) : st;
    hz_buf_clear(&safe);
    return st;
}

static hz_status judge(hz_ack_state *state, const hz_reasons *r, const noted *item, const hz_rule *rule,
                       const hz_finding *finding, hz_buf *scratch, hz_error *err)
{
    bool same;
    *state = HZ_ACK_TAKEN;
    if (rule->gate != HZ_GATE_PLAUSIBILITY)
        *state = HZ_ACK_MEND;
    else if (hz_reason_is_bare(item->said.reason))
        *state = HZ_ACK_BARE;
    else if (r->uses[item->text] > r->same_max)
        *state = HZ_ACK_SAME;
    if (*state != HZ_ACK_TAKEN)
        return HZ_OK;
    HZ_TRY(is_same(&same, item, finding, scratch, err));
    *state = same ? HZ_ACK_TAKEN : HZ_ACK_LAPSED;
    return HZ_OK;
}

hz_status hz_reasons_find(hz_slice *out, const void *reasons, const hz_result *result, const hz_finding *finding,
                          hz_buf *scratch, hz_error *err)
{
    const noted *item = reason_of(reasons, finding);
    hz_ack_state state;
    *out = HZ_SLICE_NONE;
    if (!item)
        return HZ_OK;
    HZ_TRY(judge(&state, reasons, item, result->rules[finding->rule].rule, finding, scratch, err));
    if (state == HZ_ACK_TAKEN)
        *out = item->said.reason;
    return HZ_OK;
}

hz_status hz_reasons_tap(void *reasons, const hz_result *result, const hz_found *found, hz_error *err)
{
    hz_reasons *r = reasons;
    noted *item = reason_of(r, found->finding);
    hz_buf scratch = HZ_BUF_INIT;
    (void)result;
    if (!item)
        return HZ_OK;
    hz_ack_state state;
    hz_status st = judge(&state, r, item, found->rule->rule, found->finding, &scratch, err);
    hz_buf_clear(&scratch);
    HZ_TRY(st);
    r->explained += state == HZ_ACK_TAKEN;
    item->said.rule = found->rule->rule->id;
    /* Of several findings with one fingerprint the one that was not explained is told. */
    if (item->said.state == HZ_ACK_UNUSED || item->said.state == HZ_ACK_TAKEN)
        item->said.state = state;
    return HZ_OK;
}

/* ---- the result ---- */

static hz_status explain(hz_reasons *r, hz_result *result, hz_error *err)
{
    hz_buf scratch = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (size_t i = 0; i < result->rules_count; i++)
        for (size_t k = 0; k < result->rules[i].examples_count && st == HZ_OK; k++) {
            hz_finding *finding = &result->rules[i].examples[k];
            st = hz_reasons_find(&finding->acknowledged, r, result, finding, &scratch, err);
            if (st == HZ_OK && finding->acknowledged.len &&
                hz_arena_copy(&finding->acknowledged, result->arena, finding->acknowledged) != HZ_OK)
                st = hz_nomem(err, finding->acknowledged.len);
        }
    hz_buf_clear(&scratch);
    return st;
}

static void count(hz_result_acknowledged *out, hz_ack_state state)
{
    out->taken += state == HZ_ACK_TAKEN;
    out->unused += state == HZ_ACK_UNUSED;
    out->lapsed += state == HZ_ACK_LAPSED;
    out->refused += state == HZ_ACK_BARE || state == HZ_ACK_SAME || state == HZ_ACK_MEND;
}

hz_status hz_reasons_finish(hz_reasons *r, hz_result *result, hz_error *err)
{
    hz_result_acknowledged *out = HZ_ARENA_NEW(result->arena, hz_result_acknowledged);
    uint64_t open = 0;
    if (out)
        out->items = HZ_ARENA_ARRAY(result->arena, hz_acknowledged, r->count + 1);
    if (!out || !out->items)
        return hz_nomem(err, r->count * sizeof *out->items);
    HZ_TRY(explain(r, result, err));
    for (size_t i = 0; i < r->count; i++) {
        hz_acknowledged *item = &out->items[out->count++];
        *item = r->items[i].said;
        if (hz_arena_copy(&item->fingerprint, result->arena, item->fingerprint) != HZ_OK ||
            hz_arena_copy(&item->reason, result->arena, item->reason) != HZ_OK)
            return hz_nomem(err, item->reason.len);
        count(out, item->state);
    }
    for (size_t i = 0; i < result->rules_count; i++)
        if (result->rules[i].rule->gate == HZ_GATE_PLAUSIBILITY)
            open += result->rules[i].failed;
    out->same_max = r->same_max;
    out->open = open > r->explained ? open - r->explained : 0;
    result->acknowledged = out;
    return HZ_OK;
}
