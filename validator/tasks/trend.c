/* trend.c: rules that fail anywhere are not known before all results are read, so that each point first has the counts
 * of the rules that fail in it alone, by name, and is spread over all of them at the end. */
#include "validator/tasks/trend.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/folder.h"
#include "base/htab.h"
#include "base/sha256.h"

typedef struct seen {
    hz_slice id; /* in the result's arena */
    uint64_t failed;
} seen;

typedef struct reading {
    hz_trend_point point;
    seen *rules; /* owned: those that fail, or were not judged */
    size_t rules_count, rules_capacity;
    size_t order; /* as given */
} reading;

typedef struct job {
    hz_result *result;
    const hz_limits *limits;
    hz_arena *arena; /* of names of files */
    reading *items;
    size_t count, capacity;
    hz_names digests; /* in hex: each report once */
    hz_error *err;
} job;

/* ---- one result ---- */

static hz_status keep(job *j, hz_slice *text)
{
    return hz_arena_copy(text, j->result->arena, *text) == HZ_OK ? HZ_OK : hz_nomem(j->err, text->len);
}

static bool decimal_of(hz_decimal *out, const hz_jvalue *value)
{
    return hz_jis(value, HZ_JR_NUMBER) && hz_decimal_parse(out, value->text);
}

static bool is_judged(const hz_jvalue *rule)
{
    static const char *const idle[] = {"skipped", "error", "undetermined", "not_applicable"};
    hz_slice outcome = hz_jtext(hz_jget(rule, "outcome"));
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (hz_slice_is(outcome, idle[i]))
            return false;
    return true;
}

static hz_status take_rule(job *j, reading *into, const hz_jvalue *rule)
{
    seen one = {hz_jtext(hz_jget(rule, "id")), hz_stored_count(rule, "failed")};
    if (!one.failed && is_judged(rule))
        return HZ_OK;
    if (!one.failed)
        one.failed = HZ_TREND_UNJUDGED;
    HZ_TRY(keep(j, &one.id));
    if (!HZ_GROW(into->rules, into->rules_capacity, into->rules_count + 1))
        return hz_nomem(j->err, into->rules_count * sizeof one);
    into->rules[into->rules_count++] = one;
    return HZ_OK;
}

static void take_verdict(hz_trend_point *point, const hz_jvalue *verdict)
{
    point->conformant = hz_jtrue(hz_jget(verdict, "conformant"));
    point->grade = hz_jtext(hz_jget(verdict, "grade"));
    point->has_score = decimal_of(&point->score, hz_jget(verdict, "score"));
    if (!decimal_of(&point->error_rate, hz_jget(verdict, "error_rate")))
        point->error_rate = (hz_decimal){0, 0};
    point->records = hz_stored_count(verdict, "records");
    point->records_with_errors = hz_stored_count(verdict, "records_with_errors");
}

static hz_status take_stored(job *j, const hz_stored *stored)
{
    hz_slice id = hz_jtext(hz_jget(stored->profile, "id"));
    char hex[65];
    uint32_t old;
    reading one = {.order = j->count};
    hz_trend_point *point = &one.point;
    if (!hz_slice_eq(id, j->result->profile->id))
        return hz_fail(j->err, HZ_E_USAGE, HZ_M(BASELINE_PROFILE), HZ_S(stored->path), HZ_S(id),
                       HZ_S(j->result->profile->id));
    HZ_TRY(hz_stored_digest(point->sha256, stored, j->err));
    hz_hex(hex, point->sha256, 32);
    hz_slice digest = {hex, 64};
    HZ_TRY(keep(j, &digest));
    HZ_TRY(hz_names_add(&j->digests, digest, 0, &old, j->err));
    if (old != HZ_HTAB_NONE)
        return HZ_OK;
    HZ_TRY(hz_limit_check(j->limits, HZ_LIMIT_TREND_RESULTS, j->count + 1, j->err));
    point->version = hz_jtext(hz_jget(stored->profile, "version"));
    point->has_as_of = hz_stored_day(&point->as_of, hz_jget(stored->submission, "as_of"));
    take_verdict(point, stored->verdict);
    HZ_TRY(keep(j, &point->version));
    HZ_TRY(keep(j, &point->grade));
    if (!HZ_GROW(j->items, j->capacity, j->count + 1))
        return hz_nomem(j->err, j->count * sizeof *j->items);
    j->items[j->count++] = one; /* its rules are freed with it from here */
    for (const hz_jvalue *rule = stored->rules->first; rule; rule = rule->next)
        HZ_TRY(take_rule(j, &j->items[j->count - 1], rule));
    return HZ_OK;
}

static hz_status take_file(job *j, const char *path)
{
    hz_stored stored;
    hz_status st = hz_stored_open(&stored, path, j->limits, j->err);
    if (st == HZ_OK)
        st = take_stored(j, &stored);
    hz_stored_close(&stored);
    return st;
}

static hz_status take_path(job *j, const char *path)
{
    static const hz_slice suffix = {".json", 5};
    struct stat info;
    hz_slice *names;
    size_t count;
    hz_buf file = HZ_BUF_INIT;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return take_file(j, path);
    hz_status st = hz_folder_list(&names, &count, j->arena, path, j->limits->value[HZ_LIMIT_TREND_RESULTS],
                                  hz_limit_name(HZ_LIMIT_TREND_RESULTS), j->err);
    for (size_t i = 0; st == HZ_OK && i < count; i++) {
        size_t len = names[i].len;
        if (names[i].ptr[0] == '.' || len <= suffix.len ||
            !hz_slice_eq(hz_slice_sub(names[i], len - suffix.len, len), suffix))
            continue;
        st = hz_folder_path(&file, path, names[i], j->err);
        if (st == HZ_OK)
            st = take_file(j, file.ptr);
    }
    hz_buf_clear(&file);
    return st;
}

/* ---- all of them ---- */

static int by_day(const void *a, const void *b)
{
    const reading *x = a, *y = b;
    if (x->point.has_as_of != y->point.has_as_of)
        return x->point.has_as_of ? 1 : -1;
    if (x->point.has_as_of && x->point.as_of != y->point.as_of)
        return x->point.as_of < y->point.as_of ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static hz_status add_name(job *j, hz_result_trend *trend, hz_names *names, size_t *capacity, hz_slice id)
{
    uint32_t old;
    HZ_TRY(hz_names_add(names, id, (uint32_t)trend->rules_count, &old, j->err));
    if (old != HZ_HTAB_NONE)
        return HZ_OK;
    if (!HZ_GROW(trend->rules, *capacity, trend->rules_count + 1))
        return hz_nomem(j->err, trend->rules_count * sizeof *trend->rules);
    trend->rules[trend->rules_count++] = id;
    return HZ_OK;
}

/* Rules that fail somewhere: in the order of the result; then those of earlier ones that it does not have. */
static hz_status name_rules(job *j, hz_result_trend *trend, hz_names *names, size_t *capacity)
{
    hz_names failing = {0};
    uint32_t old;
    hz_status st = HZ_OK;
    for (size_t i = 0; i < j->count; i++)
        for (size_t k = 0; st == HZ_OK && k < j->items[i].rules_count; k++)
            if (j->items[i].rules[k].failed != HZ_TREND_UNJUDGED)
                st = hz_names_add(&failing, j->items[i].rules[k].id, 0, &old, j->err);
    for (size_t i = 0; st == HZ_OK && i < j->result->rules_count; i++) {
        const hz_result_rule *rule = &j->result->rules[i];
        if (rule->failed || hz_names_find(&failing, rule->rule->id) != HZ_HTAB_NONE)
            st = add_name(j, trend, names, capacity, rule->rule->id);
    }
    for (size_t i = 0; i < j->count; i++)
        for (size_t k = 0; st == HZ_OK && k < j->items[i].rules_count; k++)
            if (j->items[i].rules[k].failed != HZ_TREND_UNJUDGED)
                st = add_name(j, trend, names, capacity, j->items[i].rules[k].id);
    hz_names_clear(&failing);
    return st;
}

static hz_status spread(job *j, hz_result_trend *trend, const hz_names *names)
{
    trend->points = HZ_ARENA_ARRAY(j->result->arena, hz_trend_point, j->count + 1);
    if (!trend->points)
        return hz_nomem(j->err, j->count * sizeof *trend->points);
    for (size_t i = 0; i < j->count; i++) {
        hz_trend_point *point = &trend->points[trend->points_count++];
        *point = j->items[i].point;
        point->failed = HZ_ARENA_ARRAY(j->result->arena, uint64_t, trend->rules_count + 1);
        if (!point->failed)
            return hz_nomem(j->err, trend->rules_count * sizeof *point->failed);
        for (size_t k = 0; k < j->items[i].rules_count; k++) {
            uint32_t at = hz_names_find(names, j->items[i].rules[k].id);
            if (at != HZ_HTAB_NONE)
                point->failed[at] = j->items[i].rules[k].failed;
        }
    }
    return HZ_OK;
}

static hz_status make(job *j)
{
    hz_names names = {0};
    size_t capacity = 0;
    hz_slice *owned = NULL;
    hz_result_trend *trend = HZ_ARENA_NEW(j->result->arena, hz_result_trend);
    if (!trend)
        return hz_nomem(j->err, sizeof *trend);
    if (j->count)
        qsort(j->items, j->count, sizeof *j->items, by_day);
    hz_status st = name_rules(j, trend, &names, &capacity);
    if (st == HZ_OK)
        st = spread(j, trend, &names);
    hz_names_clear(&names);
    owned = trend->rules;
    trend->rules = HZ_ARENA_ARRAY(j->result->arena, hz_slice, trend->rules_count + 1);
    if (st == HZ_OK && !trend->rules)
        st = hz_nomem(j->err, trend->rules_count * sizeof *trend->rules);
    if (st == HZ_OK && trend->rules_count)
        memcpy(trend->rules, owned, trend->rules_count * sizeof *trend->rules);
    hz_mem_free(owned);
    if (st == HZ_OK)
        j->result->trend = trend;
    return st;
}

static hz_status leave_out(job *j, const hz_stored *own)
{
    uint8_t digest[32];
    char hex[65];
    uint32_t old;
    HZ_TRY(hz_stored_digest(digest, own, j->err));
    hz_hex(hex, digest, 32);
    hz_slice key = {hex, 64};
    HZ_TRY(keep(j, &key));
    return hz_names_add(&j->digests, key, 0, &old, j->err);
}

hz_status hz_trend_add(hz_result *result, const char *const *paths, size_t count, const hz_stored *own,
                       const hz_limits *limits, hz_error *err)
{
    job j = {.result = result, .limits = limits, .arena = hz_arena_new(), .err = err};
    hz_status st = j.arena ? HZ_OK : hz_nomem(err, 0);
    if (st == HZ_OK && own)
        st = leave_out(&j, own);
    for (size_t i = 0; st == HZ_OK && i < count; i++)
        st = take_path(&j, paths[i]);
    if (st == HZ_OK)
        st = make(&j);
    for (size_t i = 0; i < j.count; i++)
        hz_mem_free(j.items[i].rules);
    hz_mem_free(j.items);
    hz_names_clear(&j.digests);
    hz_arena_free(j.arena);
    return st;
}

/* ---- read back ---- */

static hz_status restore_rules(hz_result_trend *out, hz_trend_point *point, hz_arena *arena, const hz_jvalue *rules,
                               hz_error *err)
{
    size_t at = 0;
    if (!out->rules) {
        out->rules = HZ_ARENA_ARRAY(arena, hz_slice, rules->count + 1);
        if (!out->rules)
            return hz_nomem(err, rules->count * sizeof *out->rules);
        for (const hz_jvalue *rule = rules->first; rule; rule = rule->next)
            out->rules[out->rules_count++] = hz_jtext(hz_jget(rule, "id"));
    }
    point->failed = HZ_ARENA_ARRAY(arena, uint64_t, out->rules_count + 1);
    if (!point->failed)
        return hz_nomem(err, out->rules_count * sizeof *point->failed);
    for (const hz_jvalue *rule = rules->first; rule && at < out->rules_count; rule = rule->next)
        point->failed[at++] =
            hz_jis(hz_jget(rule, "failed"), HZ_JR_NUMBER) ? hz_stored_count(rule, "failed") : HZ_TREND_UNJUDGED;
    return HZ_OK;
}

hz_status hz_trend_restore(hz_result *result, const hz_stored *stored, hz_error *err)
{
    const hz_jvalue *trend = hz_jget(stored->root, "trend");
    hz_arena *arena = result->arena;
    if (!trend)
        return HZ_OK;
    hz_result_trend *out = HZ_ARENA_NEW(arena, hz_result_trend);
    if (out)
        out->points = HZ_ARENA_ARRAY(arena, hz_trend_point, trend->count + 1);
    if (!out || !out->points)
        return hz_nomem(err, trend->count * sizeof *out->points);
    for (const hz_jvalue *item = trend->first; item; item = item->next) {
        hz_trend_point *point = &out->points[out->points_count++];
        *point = (hz_trend_point){.version = hz_jtext(hz_jget(item, "version"))};
        (void)hz_unhex(point->sha256, 32, hz_jtext(hz_jget(item, "sha256")));
        point->has_as_of = hz_stored_day(&point->as_of, hz_jget(item, "as_of"));
        take_verdict(point, item);
        HZ_TRY(restore_rules(out, point, arena, hz_jget(item, "rules"), err));
    }
    result->trend = out;
    return HZ_OK;
}
