/* tighten.h: what changed between two profiles, each change classed and with its reason. An overlay is held to what it
 * extends with it (profile-language.md, "Overlays"), and two versions of a profile are compared with it.
 *
 * TIGHTENING is said only where it is certain: whatever fails before fails after. Constants are compared exactly;
 * expressions are the same trees, or the old one with more that is and-ed (`assert`, `expect`) or or-ed (`when`,
 * `required_when`) to it; names are compared as what they stand for. What loosens, and what cannot be shown to tighten,
 * is LOOSENING. BREAKING is what changes the data itself or how it is read (types, keys, relations, separators,
 * formats), so that no rule could be compared across it.
 *
 * The profiles are two models, each with its own tables; a profile and one of its chain will do. */
#ifndef HZ_PROFILES_TIGHTEN_H
#define HZ_PROFILES_TIGHTEN_H
#include "profiles/profile.h"

typedef enum hz_change_class {
    HZ_CHANGE_NONE,
    HZ_CHANGE_EDITORIAL,
    HZ_CHANGE_TIGHTENING,
    HZ_CHANGE_LOOSENING,
    HZ_CHANGE_BREAKING
} hz_change_class;
const char *hz_change_class_name(hz_change_class class_); /* "editorial", … */

enum { HZ_CHANGE_PATH_MAX = 8 };
/* All slices are borrowed until the function that hears of it returns. */
typedef struct hz_change {
    hz_change_class class_;
    hz_msg_id reason;                  /* {0} what, {1} before, {2} after */
    hz_slice what;                     /* the key, or the thing's name */
    hz_slice before, after;            /* as the profile writes it; "—" where there is none */
    hz_slice path[HZ_CHANGE_PATH_MAX]; /* tables, household, fields, income, max */
    size_t path_count;
    hz_span before_span, after_span; /* of the elements (their names); no text where there is none */
    bool open, can_open;             /* the element before says, or could say, `open: true` */
} hz_change;

typedef hz_status (*hz_change_found)(const hz_change *change, void *payload, hz_error *err);

/* Every change, in the order of the elements before, then what is new. The first status other than HZ_OK that `found`
 * returns ends the work and is returned. HZ_E_NOMEM. */
HZ_NODISCARD hz_status hz_tighten_profile(const hz_profile *before, const hz_profile *after, hz_change_found found,
                                          void *payload, hz_error *err);

/* The same of one pair of elements; `worst` gets the gravest class. `found` may be NULL. */
HZ_NODISCARD hz_status hz_tighten_field(hz_change_class *worst, const hz_profile *before_profile,
                                        const hz_field *before, const hz_profile *after_profile, const hz_field *after,
                                        hz_change_found found, void *payload, hz_error *err);
HZ_NODISCARD hz_status hz_tighten_rule(hz_change_class *worst, const hz_profile *before_profile, const hz_rule *before,
                                       const hz_profile *after_profile, const hz_rule *after, hz_change_found found,
                                       void *payload, hz_error *err);

/* Whether every code of `after` is one of `before`, for no longer. *at: the row of `after` that is not. */
bool hz_tighten_is_sublist(const hz_codelist *before, const hz_codelist *after, size_t *at);

/* Whether two expressions, each of its own model, mean the same: as trees, with what their names stand for, the
 * defaults of parameters and the codes of lists. */
bool hz_same_expr(const hz_profile *a_profile, const hz_expr *a, const hz_profile *b_profile, const hz_expr *b);
bool hz_same_node(const hz_profile *a_profile, const hz_node *a, const hz_profile *b_profile, const hz_node *b);
/* The same, but parameters and lists by their names alone. */
bool hz_same_names(const hz_profile *a_profile, const hz_node *a, const hz_profile *b_profile, const hz_node *b);
/* Whether two rules (or measures, parameters) judge alike and cost alike; words may differ. */
bool hz_same_rule(const hz_profile *a_profile, const hz_rule *a, const hz_profile *b_profile, const hz_rule *b);
bool hz_same_measure(const hz_profile *a_profile, const hz_measure *a, const hz_profile *b_profile,
                     const hz_measure *b);
bool hz_same_param(const hz_param *a, const hz_param *b);
bool hz_same_list(const hz_codelist *a, const hz_codelist *b);
/* Whether two fields are read alike: what is valid, and its value. */
bool hz_same_reading(const hz_field *a, const hz_field *b);
#endif
