/* group_spill.c: groups that do not fit the memory (group.h).
 *
 * A record is a group as one worker has it (key, values of its first row, states, first rows), or one value of a
 * count(distinct) with the key of its group. Records of one key lie in one partition; a group's own record stands in
 * front of its values. A partition that is read makes groups as merging them would: the sums are the same. */
#include "base/alloc.h"
#include "validator/engine/group_int.h"

enum { PART_BITS = 6, PARTS = 1 << PART_BITS };

typedef struct record {
    uint64_t hash;
    uint32_t bytes, key_len;
    uint32_t aggregate; /* of a value; UINT32_MAX: a group */
    uint32_t value_len; /* of a value; of a group: first rows */
} record;

static hz_status make_parts(hz_groups *g, hz_store *store, hz_error *err)
{
    if (g->parts)
        return HZ_OK;
    g->parts = hz_mem_zalloc(PARTS, sizeof *g->parts);
    if (!g->parts)
        return hz_nomem(err, PARTS * sizeof *g->parts);
    g->store = store;
    for (size_t p = 0; p < PARTS; p++)
        hz_pile_init(&g->parts[p], store);
    return HZ_OK;
}

void hz_groups_drop_parts(hz_groups *g)
{
    for (size_t p = 0; g->parts && p < PARTS; p++)
        hz_pile_clear(&g->parts[p]);
    hz_mem_free(g->parts);
    g->parts = NULL;
}

bool hz_groups_are_apart(const hz_groups *g)
{
    return g->parts != NULL;
}

/* ---- writing ---- */

static void put_bytes(hz_buf *out, const void *bytes, size_t len)
{
    hz_buf_put(out, (hz_slice){bytes, len});
}

static void put_values(hz_buf *out, const hz_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_bytes(out, &values[i], sizeof values[i]);
        if (values[i].valid && values[i].type == HZ_TYPE_TEXT)
            hz_buf_put(out, values[i].as.text);
    }
}

static void put_group(hz_buf *out, const hz_groups *g, uint32_t group)
{
    const hz_plan_group *plan = g->plan;
    put_bytes(out, g->firsts[group].rows, g->firsts[group].count * sizeof(uint64_t));
    put_values(out, &g->keys_values[group * plan->keys_count], plan->keys_count);
    put_values(out, &g->typed[group * plan->typed_count], plan->typed_count);
    for (size_t f = 0; f < plan->key_fields_count; f++) {
        hz_slice raw = g->raws[group * plan->key_fields_count + f];
        put_bytes(out, &raw, sizeof raw);
        hz_buf_put(out, raw);
    }
    for (size_t a = 0; a < plan->aggregates_count; a++) {
        const agg_value *value = hz_groups_value_of(g, group, a);
        put_bytes(out, hz_groups_count_of(g, group, a), sizeof(uint64_t));
        if (value) {
            put_bytes(out, value, sizeof *value);
            put_bytes(out, value->text.ptr, value->text.len);
        }
    }
}

static hz_status put_record(hz_groups *g, record head, hz_slice key, hz_slice rest, hz_error *err)
{
    head.bytes = (uint32_t)(sizeof head + key.len + rest.len);
    char *at = hz_pile_put(&g->parts[head.hash >> (64 - PART_BITS)], head.bytes, err);
    if (!at)
        return err && err->status < 0 ? err->status : HZ_E_NOMEM;
    memcpy(at, &head, sizeof head);
    if (key.len)
        memcpy(at + sizeof head, key.ptr, key.len);
    if (rest.len)
        memcpy(at + sizeof head + key.len, rest.ptr, rest.len);
    return HZ_OK;
}

/* Forgets the groups in memory, keeps the room. */
static void forget(hz_groups *g)
{
    size_t counts = g->count * g->plan->aggregates_count, values = g->count * g->plan->values_count;
    for (size_t i = 0; i < values; i++)
        hz_mem_free(g->values[i].text.ptr);
    if (values)
        memset(g->values, 0, values * sizeof *g->values);
    if (counts)
        memset(g->counts, 0, counts * sizeof *g->counts);
    if (g->count)
        memset(g->firsts, 0, g->count * sizeof *g->firsts);
    for (size_t a = 0; a < g->plan->aggregates_count; a++) {
        hz_htab_clear(&g->distinct[a].tab);
        hz_mem_free(g->distinct[a].items);
        memset(&g->distinct[a], 0, sizeof g->distinct[a]);
    }
    hz_keyset_reset(&g->keys);
    hz_arena_reset(g->arena);
    g->count = 0;
}

static uint64_t hash_of(hz_slice key)
{
    return hz_hash_bytes(key.ptr, key.len, hz_hash_seed());
}

static hz_status put_aside(hz_groups *g, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (uint32_t i = 0; i < g->count; i++) {
        hz_slice key = hz_keyset_key(&g->keys.entries[i]);
        hz_buf_reset(&bytes);
        put_group(&bytes, g, i);
        HZ_GO(hz_buf_status(&bytes, err));
        HZ_GO(put_record(g, (record){hash_of(key), 0, (uint32_t)key.len, UINT32_MAX, g->firsts[i].count}, key,
                         hz_buf_slice(&bytes), err));
    }
    for (uint32_t a = 0; a < g->plan->aggregates_count; a++)
        for (size_t i = 0; i < g->distinct[a].count; i++) {
            const distinct_item *item = &g->distinct[a].items[i];
            hz_slice key = hz_keyset_key(&g->keys.entries[item->group]);
            HZ_GO(put_record(g, (record){hash_of(key), 0, (uint32_t)key.len, a, (uint32_t)item->value.len}, key,
                             item->value, err));
        }
    forget(g);
out:
    hz_buf_clear(&bytes);
    return st;
}

static uint64_t bytes_of(const hz_groups *g)
{
    const hz_plan_group *plan = g->plan;
    uint64_t each = plan->aggregates_count * sizeof(uint64_t) + plan->values_count * sizeof(agg_value) +
                    (plan->keys_count + plan->typed_count) * sizeof(hz_value) +
                    plan->key_fields_count * sizeof(hz_slice) + sizeof(struct first_rows) + sizeof(hz_key_entry) + 16;
    uint64_t bytes = g->count * each + hz_arena_bytes(g->arena);
    for (size_t a = 0; a < plan->aggregates_count; a++)
        bytes += g->distinct[a].count * (sizeof(distinct_item) + 16);
    return bytes;
}

hz_status hz_groups_relieve(hz_groups *g, hz_store *store, uint64_t bytes_max, hz_error *err)
{
    if (!g->has_keys || g->blames || !g->count || bytes_of(g) <= bytes_max)
        return HZ_OK;
    HZ_TRY(make_parts(g, store, err));
    return put_aside(g, err);
}

hz_status hz_groups_join_parts(hz_groups *into, hz_groups *from, hz_error *err)
{
    hz_store *store = into->parts ? into->store : from->store;
    HZ_TRY(make_parts(into, store, err));
    HZ_TRY(make_parts(from, store, err));
    HZ_TRY(put_aside(into, err));
    HZ_TRY(put_aside(from, err));
    for (size_t p = 0; p < PARTS; p++)
        hz_pile_join(&into->parts[p], &from->parts[p]);
    into->unkeyed += from->unkeyed;
    return HZ_OK;
}

/* ---- reading ---- */

static const char *get_values(hz_value *out, hz_groups *g, const char *at, size_t count, hz_error *err)
{
    for (size_t i = 0; i < count; i++) {
        hz_value value;
        memcpy(&value, at, sizeof value);
        at += sizeof value;
        if (value.valid && value.type == HZ_TYPE_TEXT) {
            value.as.text.ptr = at;
            at += value.as.text.len;
        }
        if (out && hz_groups_copy_value(&out[i], g, &value, err) != HZ_OK)
            return NULL;
    }
    return at;
}

static hz_status get_group(hz_groups *g, uint32_t group, bool is_new, const char *at, uint32_t firsts, hz_error *err)
{
    const hz_plan_group *plan = g->plan;
    struct first_rows *have = &g->firsts[group];
    uint64_t row = 0;
    if (firsts)
        memcpy(&row, at, sizeof row);
    bool takes = is_new || (firsts && have->count && row < have->rows[0]);
    for (uint32_t i = 0; i < firsts; i++, at += sizeof row) {
        memcpy(&row, at, sizeof row);
        hz_groups_add_first(have, row);
    }
    at = get_values(takes ? &g->keys_values[group * plan->keys_count] : NULL, g, at, plan->keys_count, err);
    at = at ? get_values(takes ? &g->typed[group * plan->typed_count] : NULL, g, at, plan->typed_count, err) : NULL;
    if (!at)
        return HZ_E_NOMEM;
    for (size_t f = 0; f < plan->key_fields_count; f++) {
        hz_slice raw;
        memcpy(&raw, at, sizeof raw);
        at += sizeof raw;
        if (raw.ptr)
            raw.ptr = at;
        at += raw.len;
        if (takes)
            HZ_TRY(hz_groups_copy_raw(g, group, f, raw, err));
    }
    for (size_t a = 0; a < plan->aggregates_count; a++) {
        uint64_t count;
        agg_value value = {.any = false};
        memcpy(&count, at, sizeof count);
        at += sizeof count;
        if (plan->aggregates[a].value_at != SIZE_MAX) {
            memcpy(&value, at, sizeof value);
            at += sizeof value;
            if (value.any && value.as.extreme.type == HZ_TYPE_TEXT)
                value.as.extreme.as.text = (hz_slice){at, value.text.len};
            at += value.text.len;
        }
        HZ_TRY(hz_groups_merge_state(g, group, a, count, &value, err));
    }
    return HZ_OK;
}

static hz_status get_record(hz_groups *g, const char *at, hz_error *err)
{
    record head;
    uint32_t group;
    memcpy(&head, at, sizeof head);
    hz_slice key = {at + sizeof head, head.key_len};
    HZ_TRY(hz_keyset_add(&group, &g->keys, key, head.hash, err));
    bool is_new = group >= g->count;
    if (is_new) {
        HZ_TRY(hz_groups_grow(g, g->keys.count, err));
        g->count = g->keys.count;
    }
    if (head.aggregate == UINT32_MAX)
        return get_group(g, group, is_new, key.ptr + key.len, head.value_len, err);
    HZ_ASSERT(!is_new);
    return hz_groups_add_distinct(g, head.aggregate, group, (hz_slice){key.ptr + key.len, head.value_len}, true, err);
}

static size_t take_record(void *ctx, const char *at, hz_error *err)
{
    record head;
    memcpy(&head, at, sizeof head);
    return get_record(ctx, at, err) == HZ_OK ? head.bytes : 0;
}

hz_status hz_groups_each_part(hz_groups *g, hz_status (*part)(void *ctx, hz_groups *part, hz_error *err), void *ctx,
                              hz_error *err)
{
    HZ_TRY(put_aside(g, err));
    for (size_t p = 0; p < PARTS; p++) {
        hz_groups *one;
        if (!hz_pile_records(&g->parts[p]))
            continue;
        HZ_TRY(hz_groups_new(&one, g->plan, err));
        hz_status st = hz_pile_each(&g->parts[p], take_record, one, err);
        if (st == HZ_OK)
            st = hz_groups_finish(one, err);
        if (st == HZ_OK)
            st = part(ctx, one, err);
        hz_groups_free(one);
        HZ_TRY(st);
    }
    return HZ_OK;
}

hz_status hz_groups_keep(hz_groups *kept, const hz_groups *part, size_t index, hz_error *err)
{
    uint32_t from = part->order[index], group;
    HZ_TRY(hz_groups_same(&group, kept, part, from, err));
    kept->firsts[group] = part->firsts[from];
    for (size_t a = 0; a < part->plan->aggregates_count; a++) {
        uint64_t count = *hz_groups_count_of(part, from, a);
        HZ_TRY(hz_groups_merge_state(kept, group, a, count, hz_groups_value_of(part, from, a), err));
        *hz_groups_count_of(kept, group, a) = count;
    }
    return HZ_OK;
}
