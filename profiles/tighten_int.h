/* tighten_int.h: what the files of the comparison share. */
#ifndef HZ_PROFILES_TIGHTEN_INT_H
#define HZ_PROFILES_TIGHTEN_INT_H
#include "profiles/tighten.h"

typedef struct hz_tighten {
    const hz_profile *before, *after;
    hz_change_found found;
    void *payload;
    hz_error *err;
    hz_status status; /* sticky: once it is not HZ_OK, nothing more is told */
    hz_change_class worst;
    hz_slice path[HZ_CHANGE_PATH_MAX];
    size_t path_count;
    hz_span before_span, after_span;
    bool open, can_open;
    hz_buf one, two; /* texts of before and after */
} hz_tighten;

#define HZ_NOTHING HZ_SLICE_LIT("—")

/* Tells of a key of the element that the path names. key NULL: of the element itself. */
void hz_tighten_say(hz_tighten *t, hz_change_class class_, hz_msg_id reason, const char *key, hz_slice before,
                    hz_slice after);
/* 0: nothing; positive: tighter; negative: looser. */
void hz_tighten_order(hz_tighten *t, const char *key, int tighter, hz_slice before, hz_slice after);
/* A limit on both sides, -1 when open. upper: less is tighter. */
void hz_tighten_whole(hz_tighten *t, const char *key, int64_t before, int64_t after, bool upper);
/* Values of one type, whole numbers and decimals together. */
int hz_tighten_cmp(const hz_value *a, const hz_value *b);
/* Must be the same; else the class and reason. */
void hz_tighten_equal(hz_tighten *t, const char *key, bool same, hz_change_class class_, hz_msg_id reason,
                      hz_slice before, hz_slice after);
void hz_tighten_words(hz_tighten *t, const char *key, hz_text2 before, hz_text2 after);
/* Same trees, parameters and lists by name: those are told of by themselves. */
bool hz_tighten_same(const hz_tighten *t, const hz_expr *before, const hz_expr *after);
/* Own lists that the expression reads have fewer codes: tighter only for `in list` that nothing turns round. polarity
 * 1: FALSE is a failure; -1: TRUE is; 0: it cannot be said. */
void hz_tighten_lists(hz_tighten *t, const char *key, const hz_expr *before, int polarity);
/* One expression holds more of the other: `kind` AND for what must hold, OR for where it speaks. */
void hz_tighten_holds(hz_tighten *t, const char *key, const hz_expr *before, const hz_expr *after, hz_node_kind kind);
void hz_tighten_open(hz_tighten *t, bool before, bool after);
/* Texts joined by ", ". */
hz_slice hz_tighten_join(hz_buf *into, const hz_slice *texts, size_t count);
bool hz_tighten_subset(const hz_slice *part, size_t part_count, const hz_slice *whole, size_t whole_count);
hz_slice hz_tighten_print(hz_buf *into, const hz_expr *expr);

void hz_tighten_fields(hz_tighten *t, const hz_field *before, const hz_field *after);
void hz_tighten_rules(hz_tighten *t, const hz_rule *before, const hz_rule *after);
void hz_tighten_measures(hz_tighten *t, const hz_measure *before, const hz_measure *after);
void hz_tighten_grading(hz_tighten *t, const hz_grading *before, const hz_grading *after);
#endif
