/* slot.h: the state that a slot (plan.h) has for one key: a head of eight bytes (count and flags) and, where there is
 * one, a value. Rows are added to states, states to each other, and a finished state is the value of a column. A text
 * stands in a state as pointer and length; an array too, as its packed items (cell.h), which a hz_value of type ARRAY
 * then has in as.text. */
#ifndef HZ_ENGINE_SLOT_H
#define HZ_ENGINE_SLOT_H
#include "validator/engine/plan.h"

#define HZ_HEAD_VALID     (UINT64_C(1) << 60)
#define HZ_HEAD_INVALID   (UINT64_C(1) << 61)
#define HZ_HEAD_LOST      (UINT64_C(1) << 62) /* a sum left 38 digits */
#define HZ_HEAD_AMBIGUOUS (UINT64_C(1) << 63)
#define HZ_HEAD_COUNT     (HZ_HEAD_VALID - 1)

/* One value that a row took home. */
typedef enum hz_home_flags { HZ_HOME_VALID = 1, HZ_HOME_INVALID = 2, HZ_HOME_AMBIGUOUS = 4 } hz_home_flags;
typedef struct hz_home_value {
    uint32_t flags;
    hz_value value; /* of the column's type; an array's packed items in as.text */
} hz_home_value;

static inline uint64_t hz_state_head(const char *state)
{
    uint64_t head;
    memcpy(&head, state, 8);
    return head;
}
static inline void hz_state_set_head(char *state, uint64_t head)
{
    memcpy(state, &head, 8);
}

static inline bool hz_type_is_bytes(hz_type type)
{
    return type == HZ_TYPE_TEXT || type == HZ_TYPE_ARRAY;
}

/* Values in bytes, texts by pointer; put takes a valid one. */
size_t hz_value_bytes(hz_type type);
void hz_value_put(char *at, hz_type type, const hz_value *value);
hz_value hz_value_get(const char *at, hz_type type);

/* Bytes of the slot's state. */
size_t hz_state_bytes(const hz_plan_slot *slot);
/* Adds one row that the slot takes (count(distinct): nothing); `expr` of an ARRAY is packed. `ambiguous`: bits of an
 * expression that is itself a column, or NULL. */
void hz_state_add(const hz_plan_slot *slot, char *state, const hz_vec *expr, const uint64_t *ambiguous, size_t row);
/* Adds the state `from`. */
void hz_state_merge(const hz_plan_slot *slot, char *into, const char *from);
/* Whether its value is a text or an array. */
bool hz_state_has_text(const hz_plan_slot *slot, const char *state);
/* What the column is at a row whose key has this state. */
hz_home_value hz_state_home(const hz_plan_column *column, const hz_plan_slot *slot, const char *state);
/* What stands at a row that found nothing: NULL, or the aggregate over no rows. */
hz_home_value hz_home_empty(const hz_plan_column *column);
#endif
