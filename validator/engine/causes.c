/* causes.c: see causes.h. A value is known by its group (the rule, or the keyset whose key is missing) and its bytes.
 * The hash takes the group in, so that one partition holds all there is of a value. Within a partition a table adds up;
 * it is gone before the next one is read. */
#include "base/alloc.h"
#include "validator/engine/causes_int.h"

enum {
    PART_BITS = 4,
    PARTS = 1 << PART_BITS,
    KEY_BYTES_MAX = 1024, /* what is longer is no code and no key that someone would mend by it */
    SLOT_BYTES = 56,
#ifdef HZ_TINY
    SLOTS = 2
#else
    SLOTS = 256
#endif
};

/* In a pile; the key's bytes follow. */
typedef struct met {
    uint64_t hash, count;
    uint32_t group, role, len, unused;
} met;

typedef struct slot {
    met met; /* count 0: free */
    char key[SLOT_BYTES];
} slot;

struct hz_causes {
    hz_pile piles[PARTS];
    slot slots[SLOTS];
};

hz_status hz_causes_new(hz_causes **out, hz_store *store, hz_error *err)
{
    *out = hz_mem_zalloc(1, sizeof **out);
    if (!*out)
        return hz_nomem(err, sizeof **out);
    for (size_t p = 0; p < PARTS; p++)
        hz_pile_init(&(*out)->piles[p], store);
    return HZ_OK;
}

void hz_causes_free(hz_causes *causes)
{
    for (size_t p = 0; causes && p < PARTS; p++)
        hz_pile_clear(&causes->piles[p]);
    hz_mem_free(causes);
}

hz_status hz_causes_relieve(hz_causes *causes, hz_error *err)
{
    for (size_t p = 0; p < PARTS; p++)
        HZ_TRY(hz_pile_spill(&causes->piles[p], err));
    return HZ_OK;
}

/* ---- as they are met ---- */

static hz_status put(hz_causes *causes, const met *one, const char *key, hz_error *err)
{
    char *record = hz_pile_put(&causes->piles[one->hash >> (64 - PART_BITS)], sizeof *one + one->len, err);
    if (!record)
        return err ? err->status : HZ_E_NOMEM;
    memcpy(record, one, sizeof *one);
    if (one->len)
        memcpy(record + sizeof *one, key, one->len);
    return HZ_OK;
}

static hz_status count(hz_causes *causes, uint32_t group, uint32_t role, hz_slice key, uint64_t rows, hz_error *err)
{
    if (key.len > KEY_BYTES_MAX)
        return HZ_OK;
    uint64_t hash = hz_hash_bytes(key.ptr, key.len, hz_hash_seed() + group);
    met one = {hash, rows, group, role, (uint32_t)key.len, 0};
    slot *at = &causes->slots[hash % SLOTS];
    if (at->met.count && at->met.hash == hash && at->met.group == group && at->met.role == role &&
        at->met.len == key.len && key.len <= SLOT_BYTES && memcmp(at->key, key.ptr, key.len) == 0) {
        at->met.count += rows;
        return HZ_OK;
    }
    if (key.len > SLOT_BYTES)
        return put(causes, &one, key.ptr, err);
    if (at->met.count)
        HZ_TRY(put(causes, &at->met, at->key, err));
    at->met = one;
    if (key.len)
        memcpy(at->key, key.ptr, key.len);
    return HZ_OK;
}

/* Keys of these types can be shown again. */
static bool is_plain(const hz_rule *rule)
{
    for (size_t p = 0; p < rule->keys_count; p++) {
        hz_type type = rule->keys[p].root->type;
        if (type == HZ_TYPE_ARRAY || type == HZ_TYPE_INTERVAL)
            return false;
    }
    return true;
}

/* Which count of a value: the rule's own, or behind those of rules that of the shadow. */
static uint32_t role_of(const hz_plan *plan, uint32_t rule, uint32_t as, size_t own, size_t roles)
{
    return (uint32_t)(as == rule ? own : roles + (as - plan->rules_count));
}

hz_status hz_causes_missing(hz_worker *worker, uint32_t rule, uint32_t as, hz_slice key, uint64_t rows, hz_error *err)
{
    const hz_plan *plan = &worker->run->plan;
    const hz_plan_rule *entry = &plan->rules[rule];
    if (!hz_cause_counts(entry) || !is_plain(entry->rule))
        return HZ_OK;
    uint32_t role = role_of(plan, rule, as, entry->role - 1, plan->keysets[entry->keyset].references_count);
    return count(worker->causes, (uint32_t)(plan->rules_count + entry->keyset), role, key, rows, err);
}

static hz_status count_codes(hz_scan *scan, uint32_t rule, uint32_t as, const uint64_t *failed, hz_error *err)
{
    uint32_t role = role_of(&scan->run->plan, rule, as, 0, 1);
    const hz_vec *raw = &scan->columns[scan->run->plan.rules[rule].reading]->raw;
    for (HZ_BITS_EACH(i, failed, scan->rows))
        HZ_TRY(count(scan->worker->causes, rule, role, raw->as.text[i], 1, err));
    return HZ_OK;
}

hz_status hz_causes_batch(hz_scan *scan, uint32_t rule, uint32_t as, const uint64_t *failed, hz_error *err)
{
    const hz_plan_rule *entry = &scan->run->plan.rules[rule];
    if (!hz_cause_counts(entry))
        return HZ_OK;
    if (entry->rule->kind == HZ_RULE_CODES)
        return count_codes(scan, rule, as, failed, err);
    if (entry->rule->kind != HZ_RULE_REFERENCES || !is_plain(entry->rule))
        return HZ_OK;
    for (HZ_BITS_EACH(i, failed, scan->rows))
        HZ_TRY(hz_causes_missing(scan->worker, rule, as, scan->worker->keys.key[i], 1, err));
    return HZ_OK;
}

/* ---- added up ---- */

typedef struct entry {
    uint64_t hash;
    uint32_t group;
    hz_slice key;
    uint64_t *counts; /* by role */
} entry;

typedef struct sums {
    hz_run_state *run;
    hz_htab tab;
    entry *entries;
    size_t count, capacity;
    hz_arena *arena;
} sums;

typedef struct wanted {
    uint32_t group;
    hz_slice key;
} wanted;

static bool is_entry(const void *ctx, uint32_t at, const void *key)
{
    const entry *have = &((const sums *)ctx)->entries[at];
    const wanted *want = key;
    return have->group == want->group && hz_slice_eq(have->key, want->key);
}

static uint64_t hash_of(const void *ctx, uint32_t at)
{
    return ((const sums *)ctx)->entries[at].hash;
}

/* Without those of shadows. */
static size_t roles_of(const hz_plan *plan, uint32_t group)
{
    return group < plan->rules_count ? 1 : plan->keysets[group - plan->rules_count].references_count;
}

static hz_status add(sums *s, const met *one, hz_slice key, hz_error *err)
{
    wanted want = {one->group, key};
    uint32_t at = hz_htab_find(&s->tab, one->hash, &want, is_entry, s);
    if (at == HZ_HTAB_NONE) {
        entry made = {.hash = one->hash, .group = one->group};
        HZ_TRY(hz_htab_reserve(&s->tab, s->count + 1, hash_of, s, err));
        made.counts =
            HZ_ARENA_ARRAY(s->arena, uint64_t, roles_of(&s->run->plan, one->group) + s->run->plan.shadows_count);
        if (!made.counts || hz_arena_copy(&made.key, s->arena, key) != HZ_OK ||
            !HZ_GROW(s->entries, s->capacity, s->count + 1))
            return hz_nomem(err, key.len + sizeof made);
        at = (uint32_t)s->count++;
        s->entries[at] = made;
        hz_htab_put(&s->tab, one->hash, at);
    }
    s->entries[at].counts[one->role] += one->count;
    return HZ_OK;
}

static size_t add_record(void *ctx, const char *at, hz_error *err)
{
    met one;
    memcpy(&one, at, sizeof one);
    return add(ctx, &one, (hz_slice){at + sizeof one, one.len}, err) == HZ_OK ? sizeof one + one.len : 0;
}

static hz_status flush(hz_causes *causes, hz_error *err)
{
    for (size_t i = 0; i < SLOTS; i++) {
        slot *at = &causes->slots[i];
        if (at->met.count)
            HZ_TRY(put(causes, &at->met, at->key, err));
        at->met.count = 0;
    }
    return HZ_OK;
}

/* Rules that ended in error show no failures. */
static bool shows(const hz_run_state *run, uint32_t rule)
{
    return run->shown[rule] && hz_cause_counts(&run->plan.rules[rule]) && run->shown[rule]->outcome != HZ_OUTCOME_ERROR;
}

/* What an overdrawn waiver covers is a failure of its rule like any other. */
static void give_back(const hz_run_state *run, const entry *one, size_t roles, bool parent)
{
    const hz_plan *plan = &run->plan;
    for (size_t s = 0; s < plan->shadows_count; s++) {
        uint32_t rule = plan->shadows[s].rule; /* the entry's: others count nothing here */
        if (run->waived[s].overdrawn && one->counts[roles + s])
            one->counts[parent ? plan->rules[rule].role - 1 : 0] += one->counts[roles + s];
        one->counts[roles + s] = 0;
    }
}

static hz_status offer(hz_run_state *run, const entry *one, hz_error *err)
{
    const hz_plan *plan = &run->plan;
    bool parent = one->group >= plan->rules_count;
    hz_cause_pick pick = {.kind = parent ? HZ_CAUSE_PARENT : HZ_CAUSE_VALUE,
                          .group = parent ? (uint32_t)(one->group - plan->rules_count) : one->group,
                          .key = one->key,
                          .counts = one->counts,
                          .counts_count = roles_of(plan, one->group)};
    give_back(run, one, pick.counts_count, parent);
    for (size_t r = 0; r < pick.counts_count; r++) {
        uint32_t rule = parent ? plan->keysets[pick.group].references[r] : one->group;
        if (!shows(run, rule))
            one->counts[r] = 0;
        pick.findings += one->counts[r];
    }
    return pick.findings < HZ_CAUSE_FINDINGS_MIN ? HZ_OK : hz_cause_offer(run->board, &pick, err);
}

static hz_status offer_part(hz_run_state *run, size_t part, hz_error *err)
{
    sums s = {.run = run, .arena = hz_arena_new()};
    hz_status st = s.arena ? HZ_OK : hz_nomem(err, sizeof(void *));
    for (unsigned w = 0; st == HZ_OK && w < run->workers_count; w++)
        st = hz_pile_each(&run->workers[w].causes->piles[part], add_record, &s, err);
    for (size_t i = 0; st == HZ_OK && i < s.count; i++)
        st = offer(run, &s.entries[i], err);
    hz_htab_clear(&s.tab);
    hz_mem_free(s.entries);
    hz_arena_free(s.arena);
    return st;
}

hz_status hz_causes_offer_values(hz_run_state *run, hz_error *err)
{
    for (unsigned w = 0; w < run->workers_count; w++)
        HZ_TRY(flush(run->workers[w].causes, err));
    for (size_t p = 0; p < PARTS; p++)
        HZ_TRY(offer_part(run, p, err));
    return HZ_OK;
}
