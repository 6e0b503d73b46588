/* unique.c: what the key stages say once their tables are scanned: groups of equal keys, overlaps in time, and
 * references that had to wait. */
#include "base/alloc.h"
#include "validator/engine/run_int.h"
#include <stdlib.h>

/* ---- groups too large ---- */

static hz_status check_counts(hz_run_state *run, uint32_t rule, hz_error *err)
{
    const hz_plan_rule *entry = &run->plan.rules[rule];
    const hz_keyset *set = &run->keysets[entry->keyset];
    uint64_t at_most = (uint64_t)entry->rule->at_most;
    if (!set->repeats_count)
        return HZ_OK;
    for (size_t e = 0; e < set->count; e++) {
        if (set->entries[e].count <= at_most)
            continue;
        run->rules[rule].groups++;
        HZ_TRY(hz_account_late(run, rule, set->entries[e].first, err));
    }
    for (size_t i = 0; i < set->repeats_count; i++)
        if (set->entries[set->repeats[i].entry].count > at_most)
            HZ_TRY(hz_account_late(run, rule, set->repeats[i].ordinal, err));
    return HZ_OK;
}

static int by_entry_then_ordinal(const void *a, const void *b)
{
    const hz_key_repeat *x = a, *y = b;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* ---- overlaps: [from, to) as SQL:2011's periods; an empty or reversed span overlaps nothing ---- */

static int by_entry_then_from(const void *a, const void *b)
{
    const hz_span_row *x = a, *y = b;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* In order of begin, a span overlaps an earlier one when it begins before the furthest end so far, and a later one when
 * the next span with any extent begins before its own end. */
static hz_status check_overlaps(hz_run_state *run, uint32_t rule, hz_error *err)
{
    hz_spans *spans = &run->spans[rule];
    uint32_t counted = HZ_HTAB_NONE;
    size_t kept = 0;
    for (size_t i = 0; i < spans->count; i++)
        if (spans->rows[i].from < spans->rows[i].to)
            spans->rows[kept++] = spans->rows[i];
    spans->count = kept;
    if (!kept)
        return HZ_OK;
    qsort(spans->rows, kept, sizeof *spans->rows, by_entry_then_from);
    int64_t furthest = INT64_MIN;
    for (size_t i = 0; i < kept; i++) {
        const hz_span_row *row = &spans->rows[i];
        bool first = i == 0 || spans->rows[i - 1].entry != row->entry;
        bool earlier = !first && row->from < furthest;
        bool later = i + 1 < kept && spans->rows[i + 1].entry == row->entry && spans->rows[i + 1].from < row->to;
        furthest = first || row->to > furthest ? row->to : furthest;
        if (!earlier && !later)
            continue;
        if (counted != row->entry)
            run->rules[rule].groups++;
        counted = row->entry;
        HZ_TRY(hz_account_late(run, rule, row->ordinal, err));
    }
    return HZ_OK;
}

/* ---- references that waited ---- */

static hz_status probe_deferred(hz_run_state *run, uint32_t rule, hz_error *err)
{
    const hz_deferred *deferred = &run->deferred[rule];
    const hz_keyset *set = &run->keysets[run->plan.rules[rule].keyset];
    const char *at = deferred->keys.ptr;
    uint64_t seed = hz_hash_seed();
    for (size_t i = 0; i < deferred->rows_count; i++) {
        hz_slice key = {at, deferred->rows[i].len};
        at += key.len;
        if (!hz_keyset_has(set, key, hz_hash_bytes(key.ptr, key.len, seed)))
            HZ_TRY(hz_account_late(run, rule, deferred->rows[i].ordinal, err));
    }
    return HZ_OK;
}

hz_status hz_key_stages(hz_run_state *run, hz_error *err)
{
    for (size_t k = 0; k < run->plan.keysets_count; k++) {
        if (run->plan.keysets[k].target || run->keysets[k].repeats_count || run->plan.keysets[k].only_of)
            HZ_TRY(hz_keyset_index(&run->keysets[k], err)); /* looked into by whoever waits, and for related records */
        if (run->keysets[k].repeats_count)
            qsort(run->keysets[k].repeats, run->keysets[k].repeats_count, sizeof *run->keysets[k].repeats,
                  by_entry_then_ordinal);
    }
    for (uint32_t i = 0; i < run->plan.profile->rules_count; i++) {
        const hz_plan_rule *entry = &run->plan.rules[i];
        if (!entry->listed || !entry->runs || run->rules[i].broken)
            continue;
        if (entry->rule->kind == HZ_RULE_UNIQUE) {
            run->rules[i].has_groups = true;
            HZ_TRY(entry->overlap_from ? check_overlaps(run, i, err) : check_counts(run, i, err));
        } else if (entry->rule->kind == HZ_RULE_REFERENCES) {
            HZ_TRY(probe_deferred(run, i, err));
        }
    }
    return HZ_OK;
}

/* ---- the others of a group ---- */

static uint32_t entry_of(const hz_keyset *set, hz_slice key, uint64_t hash)
{
    size_t mask = set->tab.slots_count - 1;
    for (size_t at = (size_t)hash & mask; set->tab.slots_count && set->tab.slots[at]; at = (at + 1) & mask) {
        uint32_t entry = hz_htab_slot_entry(set->tab.slots[at]);
        if (hz_slice_eq(hz_keyset_key(&set->entries[entry]), key))
            return entry;
    }
    return HZ_HTAB_NONE;
}

static size_t overlapping(const hz_spans *spans, uint32_t entry, uint64_t self, uint64_t *ordinals, size_t max,
                          uint64_t *others)
{
    size_t low = 0, high = spans->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (spans->rows[mid].entry < entry)
            low = mid + 1;
        else
            high = mid;
    }
    const hz_span_row *mine = NULL;
    for (size_t i = low; i < spans->count && spans->rows[i].entry == entry; i++)
        if (spans->rows[i].ordinal == self)
            mine = &spans->rows[i];
    hz_firsts firsts = {ordinals, 0, max, max};
    for (size_t i = low; mine && i < spans->count && spans->rows[i].entry == entry; i++) {
        const hz_span_row *other = &spans->rows[i];
        if (other == mine || other->from >= mine->to || mine->from >= other->to)
            continue;
        ++*others;
        if (hz_firsts_add(&firsts, other->ordinal, NULL) != HZ_OK) /* never grows: its capacity is max */
            break;
    }
    return firsts.count;
}

size_t hz_unique_related(const hz_run_state *run, uint32_t rule, hz_slice key, uint64_t hash, uint64_t self,
                         uint64_t *ordinals, size_t max, uint64_t *others)
{
    const hz_plan_rule *plan = &run->plan.rules[rule];
    const hz_keyset *set = &run->keysets[plan->keyset];
    uint32_t entry = entry_of(set, key, hash);
    *others = 0;
    if (entry == HZ_HTAB_NONE)
        return 0;
    if (plan->overlap_from)
        return overlapping(&run->spans[rule], entry, self, ordinals, max, others);
    *others = set->entries[entry].count - 1;
    size_t count = 0, low = 0, high = set->repeats_count;
    if (set->entries[entry].first != self && max)
        ordinals[count++] = set->entries[entry].first;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (set->repeats[mid].entry < entry)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < set->repeats_count && set->repeats[low].entry == entry && count < max; low++)
        if (set->repeats[low].ordinal != self)
            ordinals[count++] = set->repeats[low].ordinal;
    return count;
}
