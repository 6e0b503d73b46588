/* group_int.h: between group.c and group_spill.c. */
#ifndef HZ_ENGINE_GROUP_INT_H
#define HZ_ENGINE_GROUP_INT_H
#include "base/pile.h"
#include "validator/engine/group.h"

typedef struct owned_text {
    char *ptr;
    size_t len, capacity;
} owned_text;

/* What sum, avg, min and max keep beside the number of rows. */
typedef struct agg_value {
    bool any, lost; /* lost: the sum left 38 digits */
    union {
        hz_decimal sum;
        hz_value extreme; /* its text in `text` */
    } as;
    owned_text text;
} agg_value;

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
    uint64_t *counts; /* group * aggregates_count + aggregate: rows counted, or values seen */
    size_t counts_capacity;
    agg_value *values; /* group * values_count + value_at */
    size_t values_capacity;
    distinct_set *distinct; /* per aggregate */
    hz_value *keys_values;  /* group * keys_count + part */
    size_t keys_capacity;
    hz_value *typed; /* group * typed_count + typed_at */
    size_t typed_capacity;
    hz_slice *raws; /* group * key_fields_count + field; none: missing */
    size_t raws_capacity;
    hz_arena *arena;    /* texts of keys and fields */
    struct first_rows { /* per group, of rules with keys */
        uint64_t rows[HZ_RELATED_MAX];
        uint32_t count;
    } * firsts;
    size_t firsts_capacity;
    struct member { /* blame: records: every row met; in the order of rows once finished */
        uint64_t row;
        uint32_t group;
    } * members;
    size_t members_count, members_capacity;
    bool blames;
    hz_pile *parts; /* what did not fit the memory, by hash of key (group_spill.c); NULL: nothing */
    hz_store *store;
    uint32_t *order; /* final index to group */
    uint32_t *place; /* group to final index */
    uint32_t group_of[HZ_BATCH_ROWS];
    /* vectors of hz_groups_input */
    hz_arena *scratch;
    hz_vec *aggregate_vecs, *field_vecs, *raw_vecs;
};

#define NO_GROUP UINT32_MAX

static inline uint64_t *hz_groups_count_of(const hz_groups *g, uint32_t group, size_t aggregate)
{
    return &g->counts[group * g->plan->aggregates_count + aggregate];
}

/* NULL: the aggregate only counts. */
static inline agg_value *hz_groups_value_of(const hz_groups *g, uint32_t group, size_t aggregate)
{
    size_t at = g->plan->aggregates[aggregate].value_at;
    return at == SIZE_MAX ? NULL : &g->values[group * g->plan->values_count + at];
}

/* Room for so many groups; new ones are empty. */
HZ_NODISCARD hz_status hz_groups_grow(hz_groups *g, size_t count, hz_error *err);
HZ_NODISCARD hz_status hz_groups_copy_value(hz_value *out, hz_groups *g, const hz_value *value, hz_error *err);
HZ_NODISCARD hz_status hz_groups_copy_raw(hz_groups *g, uint32_t group, size_t field, hz_slice text, hz_error *err);
HZ_NODISCARD hz_status hz_groups_add_distinct(hz_groups *g, size_t aggregate, uint32_t group, hz_slice value, bool copy,
                                              hz_error *err);
/* Adds to an aggregate of a group what another part of the rows gave. value: NULL when the aggregate only counts. */
HZ_NODISCARD hz_status hz_groups_merge_state(hz_groups *g, uint32_t group, size_t aggregate, uint64_t count,
                                             const agg_value *value, hz_error *err);
void hz_groups_add_first(struct first_rows *firsts, uint64_t row);
/* The group of `into` that is group `from_group` of `from`; a new one has the values of its first row. */
HZ_NODISCARD hz_status hz_groups_same(uint32_t *out, hz_groups *into, const hz_groups *from, uint32_t from_group,
                                      hz_error *err);
HZ_NODISCARD hz_status hz_groups_copy_first(hz_groups *into, uint32_t group, const hz_groups *from, uint32_t from_group,
                                            hz_error *err);
/* group_spill.c */
HZ_NODISCARD hz_status hz_groups_join_parts(hz_groups *into, hz_groups *from, hz_error *err);
void hz_groups_drop_parts(hz_groups *g);
#endif
