/* group.c: see group.h.
 *
 * Groups are numbered as they are met: keys are canonical bytes in a keyset (its entry number is the group number). For
 * each group stand one state an aggregate and the values of the fields that the keys read, taken from the first row
 * met: equal keys give equal key expressions, so any row of the group will do. Rules keep the group number of every
 * row, for related records and `blame: records`.
 *
 * Measures group by the row's own region; finish adds every region to its parent, deepest first, so that a row counts
 * once on each level. */
#include "validator/engine/group.h"
#include "base/alloc.h"
#include <stdlib.h>

typedef struct owned_text {
    char *ptr;
    size_t len, capacity;
} owned_text;

typedef struct agg_state {
    uint64_t count; /* rows counted, or values seen */
    bool any, lost; /* lost: the sum left 38 digits */
    hz_decimal sum;
    hz_value extreme; /* min, max; text in `text` */
    owned_text text;
} agg_state;

typedef struct distinct_item {
    uint32_t group;
    hz_slice value;
} distinct_item;

typedef struct distinct_set {
    hz_htab tab;
    distinct_item *items;
    size_t count, capacity;
} distinct_set;

struct hz_groups {
    const hz_plan_group *plan;
    hz_keyset keys; /* entry = group; of rules with keys */
    hz_keys batch_keys;
    bool has_keys;
    /* regions (measures): packed code to group */
    hz_htab region_tab;
    uint64_t *packed;
    size_t packed_capacity;
    size_t count; /* groups */
    uint64_t unkeyed;
    agg_state *states; /* group * aggregates_count + aggregate */
    size_t states_capacity;
    distinct_set *distinct; /* per aggregate */
    hz_value *keys_values;  /* group * keys_count + part */
    size_t keys_capacity;
    hz_value *field_values; /* group * key_fields_count + field: typed, then raw */
    size_t fields_capacity;
    hz_arena *arena;     /* texts of keys and fields */
    uint32_t *row_group; /* rules: per row met */
    uint64_t *row_ordinal;
    size_t rows_count, row_group_capacity, row_ordinal_capacity;
    uint32_t *order; /* final index to group */
    uint32_t *place; /* group to final index */
    uint32_t group_of[HZ_BATCH_ROWS];
    /* vectors of hz_groups_input */
    hz_arena *scratch;
    hz_vec *aggregate_vecs, *field_vecs, *raw_vecs;
};

enum { NO_GROUP = UINT32_MAX };

hz_status hz_groups_new(hz_groups **out, const hz_plan_group *plan, hz_error *err)
{
    *out = NULL;
    hz_groups *g = hz_mem_zalloc(1, sizeof *g);
    if (!g)
        return hz_nomem(err, sizeof *g);
    hz_status st = HZ_OK;
    g->plan = plan;
    g->has_keys = plan->keys_count > 0;
    g->arena = hz_arena_new();
    g->scratch = hz_arena_new();
    g->distinct = hz_mem_zalloc(plan->aggregates_count + 1, sizeof *g->distinct);
    g->aggregate_vecs = hz_mem_zalloc(plan->aggregates_count + 1, sizeof *g->aggregate_vecs);
    g->field_vecs = hz_mem_zalloc(plan->key_fields_count + 1, sizeof *g->field_vecs);
    g->raw_vecs = hz_mem_zalloc(plan->key_fields_count + 1, sizeof *g->raw_vecs);
    if (!g->arena || !g->scratch || !g->distinct || !g->aggregate_vecs || !g->field_vecs || !g->raw_vecs)
        st = hz_nomem(err, sizeof *g);
    if (st == HZ_OK)
        st = hz_keyset_init(&g->keys, false, err);
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
    for (size_t i = 0; g->states && i < g->count * g->plan->aggregates_count; i++)
        hz_mem_free(g->states[i].text.ptr);
    for (size_t i = 0; g->distinct && i < g->plan->aggregates_count; i++) {
        hz_htab_clear(&g->distinct[i].tab);
        hz_mem_free(g->distinct[i].items);
    }
    hz_keyset_clear(&g->keys);
    hz_keys_clear(&g->batch_keys);
    hz_htab_clear(&g->region_tab);
    hz_mem_free(g->packed);
    hz_mem_free(g->states);
    hz_mem_free(g->distinct);
    hz_mem_free(g->keys_values);
    hz_mem_free(g->field_values);
    hz_mem_free(g->row_group);
    hz_mem_free(g->row_ordinal);
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

static hz_status grow_groups(hz_groups *g, size_t count, hz_error *err)
{
    size_t aggs = g->plan->aggregates_count, had = g->states_capacity;
    if (!HZ_GROW(g->states, g->states_capacity, count * aggs + 1) ||
        !HZ_GROW(g->keys_values, g->keys_capacity, count * g->plan->keys_count + 1) ||
        !HZ_GROW(g->field_values, g->fields_capacity, 2 * count * g->plan->key_fields_count + 1))
        return hz_nomem(err, count * aggs * sizeof *g->states);
    if (g->states_capacity > had)
        memset(&g->states[had], 0, (g->states_capacity - had) * sizeof *g->states);
    return HZ_OK;
}

static hz_status keep_value(hz_value *out, hz_groups *g, const hz_vec *vec, uint32_t row, hz_error *err)
{
    *out = hz_vec_value(vec, row);
    if (out->valid && out->type == HZ_TYPE_TEXT && hz_arena_copy(&out->as.text, g->arena, out->as.text) != HZ_OK)
        return hz_nomem(err, out->as.text.len);
    return HZ_OK;
}

static hz_status keep_first(hz_groups *g, uint32_t group, uint32_t row, const hz_vec *const *parts,
                            const hz_eval_input *input, hz_error *err)
{
    const hz_plan_group *plan = g->plan;
    for (size_t p = 0; p < plan->keys_count; p++)
        HZ_TRY(keep_value(&g->keys_values[group * plan->keys_count + p], g, parts[p], row, err));
    for (size_t f = 0; f < plan->key_fields_count; f++) {
        hz_value *values = &g->field_values[2 * (group * plan->key_fields_count + f)];
        HZ_TRY(keep_value(&values[0], g, input->field(input->ctx, plan->key_fields[f]), row, err));
        HZ_TRY(keep_value(&values[1], g, input->raw(input->ctx, plan->key_fields[f]), row, err));
    }
    return HZ_OK;
}

static hz_status find_keyed(hz_groups *g, hz_eval *eval, const hz_eval_input *input, const uint64_t *ordinals,
                            hz_error *err)
{
    const hz_plan_group *plan = g->plan;
    const hz_vec *parts[64];
    uint32_t rows = input->rows_count;
    if (plan->keys_count > sizeof parts / sizeof *parts)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("each_keys"), HZ_U(sizeof parts / sizeof *parts));
    for (size_t p = 0; p < plan->keys_count; p++)
        HZ_TRY(hz_program_run(&parts[p], plan->keys[p], eval, input, err));
    HZ_TRY(hz_keys_make(&g->batch_keys, parts, NULL, plan->keys_count, rows, err));
    size_t before = g->keys.count;
    for (uint32_t i = 0; i < rows; i++)
        g->group_of[i] = NO_GROUP;
    HZ_TRY(hz_keyset_add(&g->keys, &g->batch_keys, g->batch_keys.usable, rows, ordinals, g->group_of, err));
    g->unkeyed += rows - hz_bits_count(g->batch_keys.usable, rows);
    HZ_TRY(grow_groups(g, g->keys.count, err));
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
    HZ_TRY(grow_groups(g, g->count + 1, err));
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
        HZ_TRY(grow_groups(g, 1, err));
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

static hz_status set_extreme(agg_state *state, hz_value value, hz_error *err)
{
    state->any = true;
    state->extreme = value;
    if (value.type != HZ_TYPE_TEXT)
        return HZ_OK;
    if (!hz_mem_grow((void **)&state->text.ptr, &state->text.capacity, value.as.text.len + 1, 1))
        return hz_nomem(err, value.as.text.len);
    if (value.as.text.len)
        memcpy(state->text.ptr, value.as.text.ptr, value.as.text.len);
    state->text.len = value.as.text.len;
    state->extreme.as.text = (hz_slice){state->text.ptr, state->text.len};
    return HZ_OK;
}

static int order_of(const hz_value *a, const hz_value *b)
{
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

static hz_status add_extreme(agg_state *state, const hz_vec *vec, size_t row, bool greatest, hz_error *err)
{
    hz_value value = hz_vec_value(vec, row);
    if (state->any) {
        int order = order_of(&value, &state->extreme);
        if (greatest ? order <= 0 : order >= 0)
            return HZ_OK;
    }
    return set_extreme(state, value, err);
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

static hz_status add_distinct(hz_groups *g, size_t aggregate, uint32_t group, hz_slice value, bool copy, hz_error *err)
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
    g->states[group * g->plan->aggregates_count + aggregate].count++;
    return HZ_OK;
}

static hz_status add_value(hz_groups *g, size_t aggregate, uint32_t group, const hz_vec *vec, size_t row, hz_buf *bytes,
                           hz_error *err)
{
    agg_state *state = &g->states[group * g->plan->aggregates_count + aggregate];
    switch (g->plan->aggregates[aggregate].node->agg) {
    case HZ_AGG_COUNT:
        state->count++;
        return HZ_OK;
    case HZ_AGG_SUM:
    case HZ_AGG_AVG:
        state->count++;
        if (!state->lost && !hz_decimal_add(&state->sum, state->sum, number_at(vec, row)))
            state->lost = true;
        return HZ_OK;
    case HZ_AGG_MIN:
    case HZ_AGG_MAX:
        return add_extreme(state, vec, row, g->plan->aggregates[aggregate].node->agg == HZ_AGG_MAX, err);
    case HZ_AGG_COUNT_DISTINCT:
        hz_buf_reset(bytes);
        hz_vec_put_key(bytes, vec, row);
        HZ_TRY(hz_buf_status(bytes, err));
        return add_distinct(g, aggregate, group, hz_buf_slice(bytes), true, err);
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
        g->states[aggregate].count += hz_bits_count(take, rows);
        return HZ_OK;
    }
    for (HZ_BITS_EACH(i, take, rows)) {
        uint32_t group = g->group_of[i];
        if (group == NO_GROUP)
            continue;
        if (only_counts)
            g->states[group * stride + aggregate].count++;
        else
            HZ_TRY(add_value(g, aggregate, group, expr, i, bytes, err));
    }
    return HZ_OK;
}

static hz_status keep_rows(hz_groups *g, const uint64_t *ordinals, uint32_t rows, hz_error *err)
{
    if (!g->has_keys)
        return HZ_OK;
    if (!HZ_GROW(g->row_group, g->row_group_capacity, g->rows_count + rows) ||
        !HZ_GROW(g->row_ordinal, g->row_ordinal_capacity, g->rows_count + rows))
        return hz_nomem(err, rows * sizeof(uint64_t));
    memcpy(&g->row_group[g->rows_count], g->group_of, rows * sizeof *g->row_group);
    memcpy(&g->row_ordinal[g->rows_count], ordinals, rows * sizeof *ordinals);
    g->rows_count += rows;
    return HZ_OK;
}

hz_status hz_groups_add(hz_groups *g, hz_eval *eval, const hz_eval_input *input, const uint64_t *packed,
                        const uint64_t *ordinals, hz_error *err)
{
    uint32_t rows = input->rows_count;
    hz_buf bytes = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    if (g->plan->measure)
        HZ_TRY(find_regions(g, packed, rows, err));
    else if (g->has_keys)
        HZ_TRY(find_keyed(g, eval, input, ordinals, err));
    else
        HZ_TRY(find_whole(g, rows, err));
    for (size_t a = 0; st == HZ_OK && a < g->plan->aggregates_count; a++)
        st = add_aggregate(g, a, eval, input, &bytes, err);
    hz_buf_clear(&bytes);
    return st == HZ_OK ? keep_rows(g, ordinals, rows, err) : st;
}

/* ---- finish ---- */

static hz_status merge_state(hz_groups *g, size_t aggregate, uint32_t into, uint32_t from, hz_error *err)
{
    size_t stride = g->plan->aggregates_count;
    agg_state *a = &g->states[into * stride + aggregate], *b = &g->states[from * stride + aggregate];
    hz_aggregate kind = g->plan->aggregates[aggregate].node->agg;
    if (kind == HZ_AGG_COUNT_DISTINCT)
        return HZ_OK;
    a->count += b->count;
    a->lost = a->lost || b->lost;
    if (!a->lost && !hz_decimal_add(&a->sum, a->sum, b->sum))
        a->lost = true;
    if ((kind == HZ_AGG_MIN || kind == HZ_AGG_MAX) && b->any) {
        int order = a->any ? order_of(&b->extreme, &a->extreme) : 0;
        if (!a->any || (kind == HZ_AGG_MAX ? order > 0 : order < 0))
            return set_extreme(a, b->extreme, err);
    }
    return HZ_OK;
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
        for (size_t a = 0; a < g->plan->aggregates_count; a++)
            HZ_TRY(merge_state(g, a, into, i, err));
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
            HZ_TRY(add_distinct(g, aggregate, into, g->distinct[aggregate].items[i].value, false, err));
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
    qsort_r(g->order, g->count, sizeof *g->order, by_key, g);
    for (size_t i = 0; i < g->count; i++)
        g->place[g->order[i]] = (uint32_t)i;
    return HZ_OK;
}

size_t hz_groups_of_row(const hz_groups *g, uint64_t ordinal)
{
    size_t low = 0, high = g->rows_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (g->row_ordinal[mid] < ordinal)
            low = mid + 1;
        else
            high = mid;
    }
    bool found = low < g->rows_count && g->row_ordinal[low] == ordinal && g->row_group[low] != NO_GROUP;
    return found ? g->place[g->row_group[low]] : SIZE_MAX;
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
    const agg_state *state = &g->states[group * g->plan->aggregates_count + aggregate];
    const hz_node *node = g->plan->aggregates[aggregate].node;
    hz_value out = {.type = node->type};
    switch (node->agg) {
    case HZ_AGG_COUNT:
    case HZ_AGG_COUNT_DISTINCT:
        out.valid = true;
        if (node->type == HZ_TYPE_DECIMAL)
            out.as.decimal = hz_decimal_of((int64_t)state->count);
        else
            out.as.i64 = (int64_t)state->count;
        break;
    case HZ_AGG_EXISTS:
        out.valid = true;
        out.as.boolean = state->count > 0;
        break;
    case HZ_AGG_EVERY:
        out.valid = true;
        out.as.boolean = state->count == 0;
        break;
    case HZ_AGG_SUM:
    case HZ_AGG_AVG:
        out.valid = state->count > 0 && !state->lost;
        out.type = HZ_TYPE_DECIMAL;
        out.as.decimal = state->sum;
        if (out.valid && node->agg == HZ_AGG_AVG)
            out.valid = hz_decimal_div(&out.as.decimal, state->sum, hz_decimal_of((int64_t)state->count));
        if (out.valid && node->type == HZ_TYPE_INTEGER) {
            out.type = HZ_TYPE_INTEGER;
            out.valid = hz_decimal_to_i64(&out.as.i64, state->sum);
        }
        break;
    case HZ_AGG_MIN:
    case HZ_AGG_MAX:
        out = state->extreme;
        out.valid = state->any;
        break;
    }
    return out;
}

static const hz_vec *vec_of_field(const hz_groups *g, const hz_vec *vecs, const hz_field *field)
{
    for (size_t f = 0; f < g->plan->key_fields_count; f++)
        if (g->plan->key_fields[f] == field)
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
        if (g->plan->aggregates[a].node == node)
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
        HZ_TRY(make_vec(&g->field_vecs[f], g, g->plan->key_fields[f]->value_type, count, err));
        HZ_TRY(make_vec(&g->raw_vecs[f], g, HZ_TYPE_TEXT, count, err));
        for (uint32_t i = 0; i < count; i++) {
            const hz_value *values = &g->field_values[2 * (g->order[from + i] * g->plan->key_fields_count + f)];
            put_value(&g->field_vecs[f], i, &values[0]);
            put_value(&g->raw_vecs[f], i, &values[1]);
        }
    }
    *out = (hz_eval_input){
        .ctx = g, .rows_count = count, .field = give_field, .raw = give_raw, .relational = give_aggregate};
    return HZ_OK;
}

size_t hz_groups_rows(const hz_groups *g, size_t index, uint64_t *ordinals, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < g->rows_count && count < max; i++)
        if (g->row_group[i] == g->order[index])
            ordinals[count++] = g->row_ordinal[i];
    return count;
}

hz_status hz_groups_each_row(const hz_groups *g, const uint64_t *which,
                             hz_status (*row)(void *ctx, uint64_t ordinal, hz_error *err), void *ctx, hz_error *err)
{
    uint64_t *by_group = hz_mem_zalloc(hz_bits_words(g->count) + 1, sizeof *by_group);
    if (!by_group)
        return hz_nomem(err, g->count / 8);
    hz_status st = HZ_OK;
    for (HZ_BITS_EACH(i, which, g->count))
        hz_bits_set(by_group, g->order[i]);
    for (size_t i = 0; st == HZ_OK && i < g->rows_count; i++)
        if (g->row_group[i] != NO_GROUP && hz_bits_get(by_group, g->row_group[i]))
            st = row(ctx, g->row_ordinal[i], err);
    hz_mem_free(by_group);
    return st;
}

hz_status hz_groups_each_unkeyed(const hz_groups *g, hz_status (*row)(void *ctx, uint64_t ordinal, hz_error *err),
                                 void *ctx, hz_error *err)
{
    for (size_t i = 0; i < g->rows_count; i++)
        if (g->row_group[i] == NO_GROUP)
            HZ_TRY(row(ctx, g->row_ordinal[i], err));
    return HZ_OK;
}
