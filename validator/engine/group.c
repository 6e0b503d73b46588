/* group.c: see group.h.
 *
 * Groups are numbered as they are met: keys are canonical bytes in a keyset (its entry number is the group number). For
 * each group stand one state an aggregate and the values of the fields that the keys read, taken from the first row
 * met: equal keys give equal key expressions, so any row of the group will do. Rules with keys keep the first rows of
 * each group, for related records; with `blame: records` the group of every row.
 *
 * Measures group by the row's own region; finish adds every region to its parent, deepest first, so that a row counts
 * once on each level. */
#include "base/alloc.h"
#include "validator/engine/group_int.h"
#include <stdlib.h>

hz_status hz_groups_new(hz_groups **out, const hz_plan_group *plan, hz_error *err)
{
    *out = NULL;
    hz_groups *g = hz_mem_zalloc(1, sizeof *g);
    if (!g)
        return hz_nomem(err, sizeof *g);
    hz_status st = HZ_OK;
    g->plan = plan;
    g->has_keys = plan->keys_count > 0;
    g->blames = g->has_keys && plan->rule && plan->rule->blame_records;
    g->arena = hz_arena_new();
    g->scratch = hz_arena_new();
    g->distinct = hz_mem_zalloc(plan->aggregates_count + 1, sizeof *g->distinct);
    g->aggregate_vecs = hz_mem_zalloc(plan->aggregates_count + 1, sizeof *g->aggregate_vecs);
    g->field_vecs = hz_mem_zalloc(plan->key_fields_count + 1, sizeof *g->field_vecs);
    g->raw_vecs = hz_mem_zalloc(plan->key_fields_count + 1, sizeof *g->raw_vecs);
    if (!g->arena || !g->scratch || !g->distinct || !g->aggregate_vecs || !g->field_vecs || !g->raw_vecs)
        st = hz_nomem(err, sizeof *g);
    if (st == HZ_OK)
        st = hz_keyset_init(&g->keys, err);
    if (st == HZ_OK)
        st = hz_keys_init(&g->batch_keys, err);
    if (st != HZ_OK) {
        hz_groups_free(g);
        return st;
    }
    *out = g;
    return HZ_OK;
}

void hz_groups_free(hz_groups *g)
{
    if (!g)
        return;
    for (size_t i = 0; g->values && i < g->count * g->plan->values_count; i++)
        hz_mem_free(g->values[i].text.ptr);
    for (size_t i = 0; g->distinct && i < g->plan->aggregates_count; i++) {
        hz_htab_clear(&g->distinct[i].tab);
        hz_mem_free(g->distinct[i].items);
    }
    hz_groups_drop_parts(g);
    hz_keyset_clear(&g->keys);
    hz_keys_clear(&g->batch_keys);
    hz_htab_clear(&g->region_tab);
    hz_mem_free(g->packed);
    hz_mem_free(g->counts);
    hz_mem_free(g->values);
    hz_mem_free(g->distinct);
    hz_mem_free(g->keys_values);
    hz_mem_free(g->typed);
    hz_mem_free(g->raws);
    hz_mem_free(g->firsts);
    hz_mem_free(g->members);
    hz_mem_free(g->order);
    hz_mem_free(g->place);
    hz_mem_free(g->aggregate_vecs);
    hz_mem_free(g->field_vecs);
    hz_mem_free(g->raw_vecs);
    hz_arena_free(g->arena);
    hz_arena_free(g->scratch);
    hz_mem_free(g);
}

/* ---- groups of a batch ---- */

/* Room for `need` items, zero where they are new. */
static bool grow_zeroed(void **items, size_t *capacity, size_t need, size_t item_bytes)
{
    size_t had = *capacity;
    if (!hz_mem_grow(items, capacity, need, item_bytes))
        return false;
    if (*capacity > had)
        memset((char *)*items + had * item_bytes, 0, (*capacity - had) * item_bytes);
    return true;
}
#define GROW_ZEROED(items, capacity, need) grow_zeroed((void **)&(items), &(capacity), (need), sizeof *(items))

hz_status hz_groups_grow(hz_groups *g, size_t count, hz_error *err)
{
    const hz_plan_group *plan = g->plan;
    if (!GROW_ZEROED(g->counts, g->counts_capacity, count * plan->aggregates_count + 1) ||
        !GROW_ZEROED(g->values, g->values_capacity, count * plan->values_count + 1) ||
        !HZ_GROW(g->keys_values, g->keys_capacity, count * plan->keys_count + 1) ||
        (g->has_keys && !GROW_ZEROED(g->firsts, g->firsts_capacity, count + 1)) ||
        !HZ_GROW(g->typed, g->typed_capacity, count * plan->typed_count + 1) ||
        !HZ_GROW(g->raws, g->raws_capacity, count * plan->key_fields_count + 1))
        return hz_nomem(err, count * plan->aggregates_count * sizeof *g->counts);
    return HZ_OK;
}

hz_status hz_groups_copy_value(hz_value *out, hz_groups *g, const hz_value *value, hz_error *err)
{
    *out = *value;
    if (out->valid && out->type == HZ_TYPE_TEXT && hz_arena_copy(&out->as.text, g->arena, out->as.text) != HZ_OK)
        return hz_nomem(err, out->as.text.len);
    return HZ_OK;
}

static const hz_value *typed_of(const hz_groups *g, uint32_t group, size_t field)
{
    const struct hz_plan_key_field *key = &g->plan->key_fields[field];
    return key->part == SIZE_MAX ? &g->typed[group * g->plan->typed_count + key->typed_at]
                                 : &g->keys_values[group * g->plan->keys_count + key->part];
}

/* The text as submitted mostly is the key's own, which is there already. */
hz_status hz_groups_copy_raw(hz_groups *g, uint32_t group, size_t field, hz_slice text, hz_error *err)
{
    hz_slice *out = &g->raws[group * g->plan->key_fields_count + field];
    const hz_value *value = typed_of(g, group, field);
    *out = text;
    if (!text.ptr)
        return HZ_OK;
    if (value->valid && value->type == HZ_TYPE_TEXT && hz_slice_eq(value->as.text, text)) {
        *out = value->as.text;
        return HZ_OK;
    }
    return hz_arena_copy(out, g->arena, text) == HZ_OK ? HZ_OK : hz_nomem(err, text.len);
}

static hz_status keep_value(hz_value *out, hz_groups *g, const hz_vec *vec, uint32_t row, hz_error *err)
{
    hz_value value = hz_vec_value(vec, row);
    return hz_groups_copy_value(out, g, &value, err);
}

static hz_status keep_first(hz_groups *g, uint32_t group, uint32_t row, const hz_vec *const *parts,
                            const hz_eval_input *input, hz_error *err)
{
    const hz_plan_group *plan = g->plan;
    for (size_t p = 0; p < plan->keys_count; p++)
        HZ_TRY(keep_value(&g->keys_values[group * plan->keys_count + p], g, parts[p], row, err));
    for (size_t f = 0; f < plan->key_fields_count; f++) {
        const struct hz_plan_key_field *key = &plan->key_fields[f];
        const hz_vec *raw = input->raw(input->ctx, key->field);
        if (key->part == SIZE_MAX)
            HZ_TRY(keep_value(&g->typed[group * plan->typed_count + key->typed_at], g,
                              input->field(input->ctx, key->field), row, err));
        hz_slice text = hz_bits_get(raw->valid, row) ? raw->as.text[row] : HZ_SLICE_NONE;
        if (hz_bits_get(raw->valid, row) && !text.ptr)
            text.ptr = "";
        HZ_TRY(hz_groups_copy_raw(g, group, f, text, err));
    }
    return HZ_OK;
}

static hz_status find_keyed(hz_groups *g, hz_eval *eval, const hz_eval_input *input, hz_error *err)
{
    const hz_plan_group *plan = g->plan;
    const hz_vec *parts[HZ_KEY_PARTS_MAX];
    uint32_t rows = input->rows_count;
    for (size_t p = 0; p < plan->keys_count; p++)
        HZ_TRY(hz_program_run(&parts[p], plan->keys[p], eval, input, err));
    HZ_TRY(hz_keys_make(&g->batch_keys, parts, NULL, plan->keys_count, rows, err));
    size_t before = g->keys.count;
    for (uint32_t i = 0; i < rows; i++)
        g->group_of[i] = NO_GROUP;
    HZ_TRY(hz_keyset_add_rows(g->group_of, &g->keys, &g->batch_keys, g->batch_keys.usable, rows, err));
    g->unkeyed += rows - hz_bits_count(g->batch_keys.usable, rows);
    HZ_TRY(hz_groups_grow(g, g->keys.count, err));
    for (uint32_t i = 0; i < rows && before < g->keys.count; i++)
        if (g->group_of[i] == before)
            HZ_TRY(keep_first(g, (uint32_t)before++, i, parts, input, err));
    g->count = g->keys.count;
    return HZ_OK;
}

static uint64_t packed_hash_of(uint64_t packed)
{
    return hz_hash_bytes(&packed, sizeof packed, hz_hash_seed());
}
static uint64_t packed_hash(const void *ctx, uint32_t entry)
{
    return packed_hash_of(((const hz_groups *)ctx)->packed[entry]);
}
static bool packed_is(const void *ctx, uint32_t entry, const void *key)
{
    return ((const hz_groups *)ctx)->packed[entry] == *(const uint64_t *)key;
}

static hz_status region_group(uint32_t *out, hz_groups *g, uint64_t packed, hz_error *err)
{
    uint64_t hash = packed_hash_of(packed);
    *out = hz_htab_find(&g->region_tab, hash, &packed, packed_is, g);
    if (*out != HZ_HTAB_NONE)
        return HZ_OK;
    if (!HZ_GROW(g->packed, g->packed_capacity, g->count + 1))
        return hz_nomem(err, sizeof packed);
    HZ_TRY(hz_htab_reserve(&g->region_tab, g->count + 1, packed_hash, g, err));
    HZ_TRY(hz_groups_grow(g, g->count + 1, err));
    *out = (uint32_t)g->count;
    g->packed[g->count++] = packed;
    hz_htab_put(&g->region_tab, hash, *out);
    return HZ_OK;
}

static hz_status find_regions(hz_groups *g, const uint64_t *packed, uint32_t rows, hz_error *err)
{
    for (uint32_t i = 0; i < rows; i++) {
        if (i && packed[i] == packed[i - 1])
            g->group_of[i] = g->group_of[i - 1];
        else
            HZ_TRY(region_group(&g->group_of[i], g, packed[i], err));
    }
    return HZ_OK;
}

static hz_status find_whole(hz_groups *g, uint32_t rows, hz_error *err)
{
    if (!g->count) {
        HZ_TRY(hz_groups_grow(g, 1, err));
        g->count = 1;
    }
    memset(g->group_of, 0, rows * sizeof *g->group_of);
    return HZ_OK;
}

/* ---- aggregates of a batch ---- */

static hz_decimal number_at(const hz_vec *vec, size_t row)
{
    return vec->type == HZ_TYPE_INTEGER ? hz_decimal_of(vec->as.i64[row]) : vec->as.decimal[row];
}

static hz_status set_extreme(agg_value *state, hz_value value, hz_error *err)
{
    state->any = true;
    state->as.extreme = value;
    if (value.type != HZ_TYPE_TEXT)
        return HZ_OK;
    if (!hz_mem_grow((void **)&state->text.ptr, &state->text.capacity, value.as.text.len + 1, 1))
        return hz_nomem(err, value.as.text.len);
    if (value.as.text.len)
        memcpy(state->text.ptr, value.as.text.ptr, value.as.text.len);
    state->text.len = value.as.text.len;
    state->as.extreme.as.text = (hz_slice){state->text.ptr, state->text.len};
    return HZ_OK;
}

static int order_of(const hz_value *a, const hz_value *b)
{
    if (a->type == HZ_TYPE_TEXT)
        return hz_slice_cmp(a->as.text, b->as.text);
    uint64_t one = 1, none = 0, bits_a = a->type == HZ_TYPE_BOOLEAN && a->as.boolean,
             bits_b = b->type == HZ_TYPE_BOOLEAN && b->as.boolean;
    hz_vec x = {.type = a->type, .count = 1, .valid = &one, .invalid = &none},
           y = {.type = b->type, .count = 1, .valid = &one, .invalid = &none};
    if (a->type == HZ_TYPE_BOOLEAN) {
        x.as.bits = &bits_a;
        y.as.bits = &bits_b;
    } else {
        x.as.any = (void *)&a->as;
        y.as.any = (void *)&b->as;
    }
    return hz_vec_compare(&x, 0, &y, 0);
}

/* Of equal numbers the one with fewer digits, so that the order of rows does not show. */
static bool is_better(const hz_value *value, const agg_value *state, bool greatest)
{
    int order = order_of(value, &state->as.extreme);
    if (order == 0 && value->type == HZ_TYPE_DECIMAL)
        return value->as.decimal.scale < state->as.extreme.as.decimal.scale;
    return greatest ? order > 0 : order < 0;
}

static hz_status add_extreme(agg_value *state, hz_value value, bool greatest, hz_error *err)
{
    return state->any && !is_better(&value, state, greatest) ? HZ_OK : set_extreme(state, value, err);
}

static bool distinct_is(const void *ctx, uint32_t entry, const void *key)
{
    const distinct_item *item = &((const distinct_set *)ctx)->items[entry], *want = key;
    return item->group == want->group && hz_slice_eq(item->value, want->value);
}

static uint64_t distinct_hash_of(const distinct_item *item)
{
    return hz_hash_bytes(item->value.ptr, item->value.len, hz_hash_seed() ^ item->group);
}

static uint64_t distinct_hash(const void *ctx, uint32_t entry)
{
    return distinct_hash_of(&((const distinct_set *)ctx)->items[entry]);
}

hz_status hz_groups_add_distinct(hz_groups *g, size_t aggregate, uint32_t group, hz_slice value, bool copy,
                                 hz_error *err)
{
    distinct_set *set = &g->distinct[aggregate];
    distinct_item item = {group, value};
    uint64_t hash = distinct_hash_of(&item);
    if (hz_htab_find(&set->tab, hash, &item, distinct_is, set) != HZ_HTAB_NONE)
        return HZ_OK;
    if (!HZ_GROW(set->items, set->capacity, set->count + 1))
        return hz_nomem(err, sizeof item);
    HZ_TRY(hz_htab_reserve(&set->tab, set->count + 1, distinct_hash, set, err));
    if (copy && hz_arena_copy(&item.value, g->arena, value) != HZ_OK)
        return hz_nomem(err, value.len);
    set->items[set->count] = item;
    hz_htab_put(&set->tab, hash, (uint32_t)set->count++);
    ++*hz_groups_count_of(g, group, aggregate);
    return HZ_OK;
}

static hz_status add_value(hz_groups *g, size_t aggregate, uint32_t group, const hz_vec *vec, size_t row, hz_buf *bytes,
                           hz_error *err)
{
    agg_value *state = hz_groups_value_of(g, group, aggregate);
    switch (g->plan->aggregates[aggregate].node->agg) {
    case HZ_AGG_SUM:
    case HZ_AGG_AVG:
        ++*hz_groups_count_of(g, group, aggregate);
        if (!state->lost && !hz_decimal_add(&state->as.sum, state->as.sum, number_at(vec, row)))
            state->lost = true;
        return HZ_OK;
    case HZ_AGG_MIN:
    case HZ_AGG_MAX:
        return add_extreme(state, hz_vec_value(vec, row), g->plan->aggregates[aggregate].node->agg == HZ_AGG_MAX, err);
    case HZ_AGG_COUNT_DISTINCT:
        hz_buf_reset(bytes);
        hz_vec_put_key(bytes, vec, row);
        HZ_TRY(hz_buf_status(bytes, err));
        return hz_groups_add_distinct(g, aggregate, group, hz_buf_slice(bytes), true, err);
    default:
        return HZ_OK;
    }
}

/* Which rows an aggregate takes: its condition TRUE (every: not TRUE and known), its value present. */
static void rows_taken(uint64_t *take, const hz_plan_aggregate *agg, const hz_vec *expr, const hz_vec *cond,
                       uint32_t rows)
{
    hz_bits_fill(take, rows, true);
    size_t words = hz_bits_words(rows);
    for (size_t w = 0; w < words; w++) {
        if (cond)
            take[w] &= cond->valid[w] & cond->as.bits[w];
        if (expr && agg->node->agg == HZ_AGG_EVERY)
            take[w] &= expr->valid[w] & ~expr->as.bits[w];
        else if (expr)
            take[w] &= expr->valid[w];
    }
}

static hz_status add_aggregate(hz_groups *g, size_t aggregate, hz_eval *eval, const hz_eval_input *input, hz_buf *bytes,
                               hz_error *err)
{
    const hz_plan_aggregate *agg = &g->plan->aggregates[aggregate];
    const hz_vec *expr = NULL, *cond = NULL;
    uint64_t take[HZ_BATCH_ROWS / 64 + 1];
    size_t stride = g->plan->aggregates_count;
    uint32_t rows = input->rows_count;
    if (agg->expr)
        HZ_TRY(hz_program_run(&expr, agg->expr, eval, input, err));
    if (agg->cond)
        HZ_TRY(hz_program_run(&cond, agg->cond, eval, input, err));
    rows_taken(take, agg, expr, cond, rows);
    bool only_counts =
        agg->node->agg == HZ_AGG_COUNT || agg->node->agg == HZ_AGG_EXISTS || agg->node->agg == HZ_AGG_EVERY;
    if (only_counts && !g->has_keys && !g->plan->measure) {
        g->counts[aggregate] += hz_bits_count(take, rows);
        return HZ_OK;
    }
    for (HZ_BITS_EACH(i, take, rows)) {
        uint32_t group = g->group_of[i];
        if (group == NO_GROUP)
            continue;
        if (only_counts)
            g->counts[group * stride + aggregate]++;
        else
            HZ_TRY(add_value(g, aggregate, group, expr, i, bytes, err));
    }
    return HZ_OK;
}

void hz_groups_add_first(struct first_rows *firsts, uint64_t row)
{
    uint32_t at = firsts->count;
    if (at == HZ_RELATED_MAX && firsts->rows[at - 1] < row)
        return;
    if (at < HZ_RELATED_MAX)
        firsts->count++;
    else
        at--;
    for (; at > 0 && firsts->rows[at - 1] > row; at--)
        firsts->rows[at] = firsts->rows[at - 1];
    firsts->rows[at] = row;
}

static hz_status keep_rows(hz_groups *g, const uint64_t *ids, uint32_t rows, hz_error *err)
{
    if (!g->has_keys)
        return HZ_OK;
    for (uint32_t i = 0; i < rows; i++)
        if (g->group_of[i] != NO_GROUP)
            hz_groups_add_first(&g->firsts[g->group_of[i]], ids[i]);
    if (!g->blames)
        return HZ_OK;
    if (!HZ_GROW(g->members, g->members_capacity, g->members_count + rows))
        return hz_nomem(err, rows * sizeof *g->members);
    for (uint32_t i = 0; i < rows; i++)
        g->members[g->members_count++] = (struct member){ids[i], g->group_of[i]};
    return HZ_OK;
}

hz_status hz_groups_add(hz_groups *g, hz_eval *eval, const hz_eval_input *input, const uint64_t *packed,
                        const uint64_t *ids, hz_error *err)
{
    uint32_t rows = input->rows_count;
    hz_buf bytes = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    if (g->plan->measure)
        HZ_TRY(find_regions(g, packed, rows, err));
    else if (g->has_keys)
        HZ_TRY(find_keyed(g, eval, input, err));
    else
        HZ_TRY(find_whole(g, rows, err));
    for (size_t a = 0; st == HZ_OK && a < g->plan->aggregates_count; a++)
        st = add_aggregate(g, a, eval, input, &bytes, err);
    hz_buf_clear(&bytes);
    return st == HZ_OK ? keep_rows(g, ids, rows, err) : st;
}

/* ---- finish ---- */

hz_status hz_groups_merge_state(hz_groups *g, uint32_t group, size_t aggregate, uint64_t count, const agg_value *b,
                                hz_error *err)
{
    hz_aggregate kind = g->plan->aggregates[aggregate].node->agg;
    agg_value *a = hz_groups_value_of(g, group, aggregate);
    if (kind == HZ_AGG_COUNT_DISTINCT)
        return HZ_OK;
    *hz_groups_count_of(g, group, aggregate) += count;
    if (!a)
        return HZ_OK;
    if (kind == HZ_AGG_MIN || kind == HZ_AGG_MAX)
        return b->any ? add_extreme(a, b->as.extreme, kind == HZ_AGG_MAX, err) : HZ_OK;
    a->lost = a->lost || b->lost;
    if (!a->lost && !hz_decimal_add(&a->as.sum, a->as.sum, b->as.sum))
        a->lost = true;
    return HZ_OK;
}

static hz_status merge_states(hz_groups *into, uint32_t group, const hz_groups *from, uint32_t from_group,
                              hz_error *err)
{
    for (size_t a = 0; a < into->plan->aggregates_count; a++)
        HZ_TRY(hz_groups_merge_state(into, group, a, *hz_groups_count_of(from, from_group, a),
                                     hz_groups_value_of(from, from_group, a), err));
    return HZ_OK;
}

/* Equal keys may be written differently (1.0, 1.00): the earliest row's are shown. */
hz_status hz_groups_copy_first(hz_groups *into, uint32_t group, const hz_groups *from, uint32_t from_group,
                               hz_error *err)
{
    size_t keys = into->plan->keys_count, typed = into->plan->typed_count, fields = into->plan->key_fields_count;
    for (size_t p = 0; p < keys; p++)
        HZ_TRY(hz_groups_copy_value(&into->keys_values[group * keys + p], into,
                                    &from->keys_values[from_group * keys + p], err));
    for (size_t t = 0; t < typed; t++)
        HZ_TRY(hz_groups_copy_value(&into->typed[group * typed + t], into, &from->typed[from_group * typed + t], err));
    for (size_t f = 0; f < fields; f++)
        HZ_TRY(hz_groups_copy_raw(into, group, f, from->raws[from_group * fields + f], err));
    return HZ_OK;
}

static bool is_earlier(const hz_groups *a, uint32_t group_a, const hz_groups *b, uint32_t group_b)
{
    return a->has_keys && a->firsts[group_a].count && b->firsts[group_b].count &&
           a->firsts[group_a].rows[0] < b->firsts[group_b].rows[0];
}

hz_status hz_groups_same(uint32_t *out, hz_groups *into, const hz_groups *from, uint32_t from_group, hz_error *err)
{
    const hz_plan_group *plan = into->plan;
    if (plan->measure)
        return region_group(out, into, from->packed[from_group], err);
    *out = 0;
    if (!into->has_keys)
        return find_whole(into, 0, err);
    hz_slice key = hz_keyset_key(&from->keys.entries[from_group]);
    HZ_TRY(hz_keyset_add(out, &into->keys, key, hz_hash_bytes(key.ptr, key.len, hz_hash_seed()), err));
    if (*out < into->count)
        return HZ_OK;
    HZ_TRY(hz_groups_grow(into, into->keys.count, err));
    into->count = into->keys.count;
    return hz_groups_copy_first(into, *out, from, from_group, err);
}

static hz_status merge_distinct(hz_groups *into, const hz_groups *from, size_t aggregate, const uint32_t *map,
                                hz_error *err)
{
    const distinct_set *set = &from->distinct[aggregate];
    for (size_t i = 0; i < set->count; i++)
        HZ_TRY(hz_groups_add_distinct(into, aggregate, map[set->items[i].group], set->items[i].value, true, err));
    return HZ_OK;
}

static hz_status merge_rows(hz_groups *into, const hz_groups *from, const uint32_t *map, hz_error *err)
{
    for (size_t i = 0; into->has_keys && i < from->count; i++)
        for (uint32_t r = 0; r < from->firsts[i].count; r++)
            hz_groups_add_first(&into->firsts[map[i]], from->firsts[i].rows[r]);
    if (!HZ_GROW(into->members, into->members_capacity, into->members_count + from->members_count))
        return hz_nomem(err, from->members_count * sizeof *into->members);
    for (size_t i = 0; i < from->members_count; i++) {
        uint32_t group = from->members[i].group;
        into->members[into->members_count++] =
            (struct member){from->members[i].row, group == NO_GROUP ? NO_GROUP : map[group]};
    }
    return HZ_OK;
}

hz_status hz_groups_merge(hz_groups *into, hz_groups *from, hz_error *err)
{
    if (into->parts || from->parts)
        return hz_groups_join_parts(into, from, err);
    uint32_t *map = hz_mem_zalloc(from->count + 1, sizeof *map);
    if (!map)
        return hz_nomem(err, from->count * sizeof *map);
    hz_status st = HZ_OK;
    into->unkeyed += from->unkeyed;
    for (size_t i = 0; st == HZ_OK && i < from->count; i++) {
        st = hz_groups_same(&map[i], into, from, (uint32_t)i, err);
        if (st == HZ_OK && is_earlier(from, (uint32_t)i, into, map[i]))
            st = hz_groups_copy_first(into, map[i], from, (uint32_t)i, err);
        if (st == HZ_OK)
            st = merge_states(into, map[i], from, (uint32_t)i, err);
    }
    for (size_t a = 0; st == HZ_OK && a < into->plan->aggregates_count; a++)
        st = merge_distinct(into, from, a, map, err);
    if (st == HZ_OK)
        st = merge_rows(into, from, map, err);
    hz_mem_free(map);
    return st;
}

static size_t depth_of(uint64_t packed)
{
    size_t depth = 0;
    while (packed) {
        packed = hz_division_pack_parent(packed);
        depth++;
    }
    return depth;
}

/* Adds regions of one depth to their parents. The whole (every row) is an own group, packed UINT64_MAX. */
static hz_status lift(hz_groups *g, size_t depth, hz_error *err)
{
    size_t count = g->count;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t packed = g->packed[i];
        if (packed == UINT64_MAX || depth_of(packed) != depth)
            continue;
        uint64_t parent = depth <= 1 ? UINT64_MAX : hz_division_pack_parent(packed);
        uint32_t into;
        HZ_TRY(region_group(&into, g, parent, err));
        HZ_TRY(merge_states(g, into, g, i, err));
    }
    return HZ_OK;
}

static hz_status lift_distinct(hz_groups *g, size_t aggregate, hz_error *err)
{
    size_t met = g->distinct[aggregate].count;
    for (size_t i = 0; i < met; i++) {
        uint64_t packed = g->packed[g->distinct[aggregate].items[i].group];
        while (packed != UINT64_MAX) {
            packed = hz_division_pack_parent(packed);
            packed = packed ? packed : UINT64_MAX;
            uint32_t into;
            HZ_TRY(region_group(&into, g, packed, err));
            HZ_TRY(hz_groups_add_distinct(g, aggregate, into, g->distinct[aggregate].items[i].value, false, err));
        }
    }
    return HZ_OK;
}

static hz_status roll_up(hz_groups *g, hz_error *err)
{
    uint32_t whole;
    for (size_t a = 0; a < g->plan->aggregates_count; a++)
        if (g->plan->aggregates[a].node->agg == HZ_AGG_COUNT_DISTINCT)
            HZ_TRY(lift_distinct(g, a, err));
    for (size_t depth = HZ_LEVEL_VILLAGE; depth + 1 > 0; depth--)
        HZ_TRY(lift(g, depth, err));
    return region_group(&whole, g, UINT64_MAX, err);
}

static int by_key(const void *a, const void *b, void *ctx)
{
    const hz_groups *g = ctx;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (g->plan->measure)
        return (g->packed[x] > g->packed[y]) - (g->packed[x] < g->packed[y]);
    for (size_t p = 0; p < g->plan->keys_count; p++) {
        int order =
            order_of(&g->keys_values[x * g->plan->keys_count + p], &g->keys_values[y * g->plan->keys_count + p]);
        if (order)
            return order;
    }
    return 0;
}

static int member_by_row(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    return (x->row > y->row) - (x->row < y->row);
}

hz_status hz_groups_finish(hz_groups *g, hz_error *err)
{
    if (g->plan->measure)
        HZ_TRY(roll_up(g, err));
    else if (!g->has_keys)
        HZ_TRY(find_whole(g, 0, err)); /* a table without rows has a verdict too */
    g->order = hz_mem_zalloc(g->count + 1, sizeof *g->order);
    g->place = hz_mem_zalloc(g->count + 1, sizeof *g->place);
    if (!g->order || !g->place)
        return hz_nomem(err, g->count * sizeof *g->order);
    for (size_t i = 0; i < g->count; i++)
        g->order[i] = (uint32_t)i;
    bool sorted = true; /* as sorted submissions bring them */
    for (size_t i = 1; sorted && i < g->count; i++)
        sorted = by_key(&g->order[i - 1], &g->order[i], g) < 0;
    if (!sorted)
        qsort_r(g->order, g->count, sizeof *g->order, by_key, g);
    for (size_t i = 0; i < g->count; i++)
        g->place[g->order[i]] = (uint32_t)i;
    if (g->members_count)
        qsort(g->members, g->members_count, sizeof *g->members, member_by_row);
    return HZ_OK;
}

size_t hz_groups_of_row(const hz_groups *g, uint64_t row)
{
    struct member want = {row, 0};
    const struct member *found =
        g->members_count ? bsearch(&want, g->members, g->members_count, sizeof want, member_by_row) : NULL;
    return found && found->group != NO_GROUP ? g->place[found->group] : SIZE_MAX;
}

size_t hz_groups_count(const hz_groups *g)
{
    return g->count;
}
uint64_t hz_groups_unkeyed(const hz_groups *g)
{
    return g->unkeyed;
}
uint64_t hz_groups_region(const hz_groups *g, size_t index)
{
    return g->packed[g->order[index]];
}
hz_value hz_groups_key(const hz_groups *g, size_t index, size_t part)
{
    return g->keys_values[g->order[index] * g->plan->keys_count + part];
}

/* ---- values of groups as vectors ---- */

static size_t width_of(hz_type type)
{
    switch (type) {
    case HZ_TYPE_TEXT:
        return sizeof(hz_slice);
    case HZ_TYPE_DECIMAL:
        return sizeof(hz_decimal);
    case HZ_TYPE_INTERVAL:
        return sizeof(hz_interval);
    default:
        return sizeof(int64_t);
    }
}

static hz_status make_vec(hz_vec *vec, hz_groups *g, hz_type type, uint32_t count, hz_error *err)
{
    size_t words = hz_bits_words(count) + 1;
    *vec = (hz_vec){.type = type, .item_type = HZ_TYPE_NULL, .count = count};
    vec->as.any = hz_arena_zalloc(g->scratch, type == HZ_TYPE_BOOLEAN ? words : count + 1U,
                                  type == HZ_TYPE_BOOLEAN ? sizeof(uint64_t) : width_of(type));
    vec->valid = HZ_ARENA_ARRAY(g->scratch, uint64_t, words);
    vec->invalid = HZ_ARENA_ARRAY(g->scratch, uint64_t, words);
    return vec->as.any && vec->valid && vec->invalid ? HZ_OK : hz_nomem(err, count * sizeof(hz_decimal));
}

static void put_value(hz_vec *vec, uint32_t row, const hz_value *value)
{
    if (!value->valid)
        return;
    hz_bits_set(vec->valid, row);
    switch (vec->type) {
    case HZ_TYPE_BOOLEAN:
        hz_bits_put(vec->as.bits, row, value->as.boolean);
        break;
    case HZ_TYPE_TEXT:
        vec->as.text[row] = value->as.text;
        break;
    case HZ_TYPE_DECIMAL:
        vec->as.decimal[row] = value->type == HZ_TYPE_INTEGER ? hz_decimal_of(value->as.i64) : value->as.decimal;
        break;
    case HZ_TYPE_INTERVAL:
        vec->as.interval[row] = value->as.interval;
        break;
    default:
        vec->as.i64[row] = value->as.i64;
        break;
    }
}

static hz_value result_of(const hz_groups *g, size_t aggregate, uint32_t group)
{
    const agg_value *state = hz_groups_value_of(g, group, aggregate);
    uint64_t count = *hz_groups_count_of(g, group, aggregate);
    const hz_node *node = g->plan->aggregates[aggregate].node;
    hz_value out = {.type = node->type};
    switch (node->agg) {
    case HZ_AGG_COUNT:
    case HZ_AGG_COUNT_DISTINCT:
        out.valid = true;
        if (node->type == HZ_TYPE_DECIMAL)
            out.as.decimal = hz_decimal_of((int64_t)count);
        else
            out.as.i64 = (int64_t)count;
        break;
    case HZ_AGG_EXISTS:
        out.valid = true;
        out.as.boolean = count > 0;
        break;
    case HZ_AGG_EVERY:
        out.valid = true;
        out.as.boolean = count == 0;
        break;
    case HZ_AGG_SUM:
    case HZ_AGG_AVG:
        out.valid = count > 0 && !state->lost;
        out.type = HZ_TYPE_DECIMAL;
        out.as.decimal = state->as.sum;
        if (out.valid && node->agg == HZ_AGG_AVG)
            out.valid = hz_decimal_div(&out.as.decimal, state->as.sum, hz_decimal_of((int64_t)count));
        if (out.valid && node->type == HZ_TYPE_INTEGER) {
            out.type = HZ_TYPE_INTEGER;
            out.valid = hz_decimal_to_i64(&out.as.i64, state->as.sum);
        }
        break;
    case HZ_AGG_MIN:
    case HZ_AGG_MAX:
        out = state->as.extreme;
        out.valid = state->any;
        break;
    }
    return out;
}

static const hz_vec *vec_of_field(const hz_groups *g, const hz_vec *vecs, const hz_field *field)
{
    for (size_t f = 0; f < g->plan->key_fields_count; f++)
        if (g->plan->key_fields[f].field == field)
            return &vecs[f];
    return NULL;
}
static const hz_vec *give_field(void *ctx, const hz_field *field)
{
    const hz_groups *g = ctx;
    return vec_of_field(g, g->field_vecs, field);
}
static const hz_vec *give_raw(void *ctx, const hz_field *field)
{
    const hz_groups *g = ctx;
    return vec_of_field(g, g->raw_vecs, field);
}
static const hz_vec *give_aggregate(void *ctx, const hz_node *node)
{
    const hz_groups *g = ctx;
    for (size_t a = 0; a < g->plan->aggregates_count; a++)
        if (hz_plan_same_aggregate(g->plan->aggregates[a].node, node))
            return &g->aggregate_vecs[a];
    return NULL;
}

hz_status hz_groups_input(hz_eval_input *out, hz_groups *g, size_t from, uint32_t count, hz_error *err)
{
    hz_arena_reset(g->scratch);
    for (size_t a = 0; a < g->plan->aggregates_count; a++) {
        hz_vec *vec = &g->aggregate_vecs[a];
        HZ_TRY(make_vec(vec, g, g->plan->aggregates[a].node->type, count, err));
        for (uint32_t i = 0; i < count; i++) {
            hz_value value = result_of(g, a, g->order[from + i]);
            put_value(vec, i, &value);
        }
    }
    for (size_t f = 0; f < g->plan->key_fields_count; f++) {
        HZ_TRY(make_vec(&g->field_vecs[f], g, g->plan->key_fields[f].field->value_type, count, err));
        HZ_TRY(make_vec(&g->raw_vecs[f], g, HZ_TYPE_TEXT, count, err));
        for (uint32_t i = 0; i < count; i++) {
            uint32_t group = g->order[from + i];
            hz_slice text = g->raws[group * g->plan->key_fields_count + f];
            put_value(&g->field_vecs[f], i, typed_of(g, group, f));
            put_value(&g->raw_vecs[f], i,
                      &(hz_value){.type = HZ_TYPE_TEXT, .valid = text.ptr != NULL, .as.text = text});
        }
    }
    *out = (hz_eval_input){
        .ctx = g, .rows_count = count, .field = give_field, .raw = give_raw, .relational = give_aggregate};
    return HZ_OK;
}

size_t hz_groups_rows(const hz_groups *g, size_t index, const uint64_t **rows)
{
    const struct first_rows *firsts = g->has_keys ? &g->firsts[g->order[index]] : NULL;
    *rows = firsts ? firsts->rows : NULL;
    return firsts ? firsts->count : 0;
}

hz_status hz_groups_each_row(const hz_groups *g, const uint64_t *which,
                             hz_status (*row)(void *ctx, uint64_t row, hz_error *err), void *ctx, hz_error *err)
{
    for (size_t i = 0; i < g->members_count; i++)
        if (g->members[i].group != NO_GROUP && hz_bits_get(which, g->place[g->members[i].group]))
            HZ_TRY(row(ctx, g->members[i].row, err));
    return HZ_OK;
}

hz_status hz_groups_each_unkeyed(const hz_groups *g, hz_status (*row)(void *ctx, uint64_t row, hz_error *err),
                                 void *ctx, hz_error *err)
{
    for (size_t i = 0; i < g->members_count; i++)
        if (g->members[i].group == NO_GROUP)
            HZ_TRY(row(ctx, g->members[i].row, err));
    return HZ_OK;
}
