/* load_int.h: what the files of the loader share.
 *
 * Order of work, so that each step finds what it looks up: keys of the profile; parameters; code lists; tables with
 * their fields; relations and their inverses; `on` and `where` of relations; what tables and fields say in expressions,
 * with the derived rules; rules; measures; grading; waivers. A mistake goes to diags and the work goes on; a status
 * other than HZ_OK means that memory is out, or (HZ_E_PROFILE) that there are too many mistakes or tables, fields or
 * rules. */
#ifndef HZ_PROFILES_LOAD_INT_H
#define HZ_PROFILES_LOAD_INT_H
#include "base/htab.h"
#include "profiles/expr/check.h"
#include "profiles/expr/parse.h"
#include "profiles/load.h"
#include "profiles/overlay_int.h"
#include "profiles/schema.h"

/* While older forms are read: of which profile of the chain, and what of them is wanted. */
typedef struct hz_older {
    const hz_profile *from;
    const hz_names *wanted; /* ids of rules and measures, with their index in `from` */
    hz_field ***fields;     /* by table and field of the loader's profile; NULL where `from` has none such */
} hz_older;

typedef struct hz_loader {
    hz_profile *profile;
    hz_arena *arena; /* the profile's */
    hz_lists *lists;
    const hz_limits *limits;
    hz_diags *diags;
    hz_error *err;
    hz_session *session;
    hz_member *member;
    size_t errors_before, diags_before; /* of the diags, when this profile began */
    const hz_text **included;           /* owned; data files of the member's own words */
    size_t included_count, included_capacity;
    const hz_yaml **table_nodes; /* by table; NULL for `sources` */
    hz_keyed *table_keys;        /* by table */
    hz_names rule_ids;           /* values are order of finding */
    hz_rule *rules;              /* owned; in order of finding */
    size_t rules_count, rules_capacity;
    hz_slice *withdrawn; /* owned */
    size_t withdrawn_count, withdrawn_capacity;
    const hz_older *older; /* NULL, or what older forms are read for */
} hz_loader;

/* load.c */
hz_status hz_load_alloc(void *out_pointer, hz_loader *ld, size_t count, size_t size_bytes); /* zeroed, in the arena */
#define HZ_LOAD_ARRAY(ld, out, count) hz_load_alloc(&(out), (ld), (count), sizeof *(out))
/* HZ_OK, or why the load must stop: too many mistakes (HZ_E_PROFILE without err), or no memory for them. */
HZ_NODISCARD hz_status hz_load_going(const hz_loader *ld);
/* Scalars of a TEXTS value; those that repeat are mistakes when `distinct`. */
HZ_NODISCARD hz_status hz_load_texts(hz_slice **out, size_t *count, hz_loader *ld, const hz_yaml *value, bool distinct);
/* A name of the expression language: letter, _ or CJK, then these and digits. Else a mistake. */
bool hz_load_is_name(hz_loader *ld, const hz_yaml *key);
/* An id of a rule, measure or list: no blanks, no control characters. Else a mistake. */
bool hz_load_is_id(hz_loader *ld, const hz_yaml *key);
/* Parts of letters, digits, `-` and `_`, each beginning with a letter or digit, joined by dots. */
/* Digits of a number without leading zeros, at most 9, at `at`: 0 when there is none. */
size_t hz_load_number_length(hz_slice text, size_t at);
/* Table by name: its index, or -1 after a mistake. `period`: NULL when @previous may not stand here. */
int hz_load_table(hz_loader *ld, const hz_yaml *scalar, uint32_t *period);
/* Field by name, or NULL after a mistake. `at`: where the name stands. */
const hz_field *hz_load_field(hz_loader *ld, const hz_table *table, hz_slice name, hz_span at);

/* load_values.c */
/* Reads a bare value of a type; false: not its form. `month`: YYYY-MM too. */
bool hz_load_value(hz_value *value, hz_type type, bool month, hz_slice text);
/* "text", "decimal(12,2)" …; false when unknown. */
bool hz_load_type(hz_field_type *type, int *precision, int *scale, hz_slice text);
hz_type hz_load_value_type(hz_field_type type);
HZ_NODISCARD hz_status hz_load_params(hz_loader *ld, const hz_yaml *map);
void hz_load_clause(hz_clause *out, hz_loader *ld, const hz_yaml *value);
void hz_load_tolerance(hz_tolerance *out, hz_loader *ld, const hz_yaml *value);
/* `pattern`: PCRE2 with UTF, over the whole value, which each must match; field.pattern is NULL after a mistake. Kept
 * by the profile. value may be NULL. */
HZ_NODISCARD hz_status hz_load_patterns(hz_field *field, hz_loader *ld, const hz_yaml *value);

/* load_lists.c */
HZ_NODISCARD hz_status hz_load_lists(hz_loader *ld, const hz_yaml *map);
/* `codes` of a field: an id (own lists first) or codes in place. *list NULL after a mistake. */
HZ_NODISCARD hz_status hz_load_codes(const hz_codelist **list, hz_slice *id, hz_loader *ld, const hz_yaml *value,
                                     bool names);
/* load_files.c */
/* The bytes of a file under the folder of the profile whose words the path is, in the arena: no absolute paths, no
 * "..", no links. A file is read once in a session. *out NULL after a mistake. */
HZ_NODISCARD hz_status hz_load_file(hz_text **out, hz_loader *ld, const hz_yaml *path);

/* load_expr.c */
/* Text and map, parsed; root NULL after a mistake. */
HZ_NODISCARD hz_status hz_load_expr(hz_expr *out, hz_loader *ld, const hz_yaml *scalar);
/* … and checked; want HZ_TYPE_NULL: any. */
HZ_NODISCARD hz_status hz_load_checked(hz_expr *out, hz_loader *ld, const hz_yaml *scalar, const hz_scope *scope,
                                       hz_type want);
HZ_NODISCARD hz_status hz_load_check(hz_expr *expr, hz_loader *ld, const hz_scope *scope, hz_type want);
/* `min` or `max`: a value of the type, else an expression over parameters and as_of. */
HZ_NODISCARD hz_status hz_load_bound(hz_expr *out, hz_loader *ld, const hz_field *field, const hz_yaml *scalar);
/* `message`, cut at {expression}. Scope NULL: text only. */
HZ_NODISCARD hz_status hz_load_message(hz_message *zh, hz_message *en, hz_loader *ld, const hz_yaml *value,
                                       const hz_scope *scope, uint32_t period);
hz_scope hz_load_scope(const hz_loader *ld, const hz_table *table, unsigned flags);
bool hz_load_uses_star(const hz_node *node);
/* Whether every step of the expression has rows: the inverse of a period's relation has none in the latest period.
 * Mistakes go to diags. */
void hz_load_periods(hz_loader *ld, const hz_expr *expr, uint32_t period);
hz_span hz_load_expr_span(const hz_expr *expr);
/* The field that the expression is (a bare name), or NULL. */
const hz_field *hz_load_bare_field(const hz_expr *expr);
/* Numeric kinds are one; date and timestamp are not. */
bool hz_load_types_agree(hz_type a, hz_type b);

/* load_tables.c */
HZ_NODISCARD hz_status hz_load_tables(hz_loader *ld, const hz_yaml *map);
HZ_NODISCARD hz_status hz_load_table_expressions(hz_loader *ld);
/* load_fields.c */
HZ_NODISCARD hz_status hz_load_fields(hz_loader *ld, hz_table *table, const hz_yaml *map);
/* One field; its table, index, name and span are set. */
HZ_NODISCARD hz_status hz_load_one_field(hz_loader *ld, hz_field *field, const hz_yaml *value);
HZ_NODISCARD hz_status hz_load_field_exprs(hz_loader *ld, hz_field *field, const hz_yaml *value);
/* The field's node in `fields`, or NULL. */
const hz_yaml *hz_load_field_node(const hz_yaml *fields, const hz_field *field);
HZ_NODISCARD hz_status hz_load_field_expressions(hz_loader *ld, hz_table *table, const hz_yaml *map);
/* load_relations.c */
HZ_NODISCARD hz_status hz_load_relations(hz_loader *ld);
/* load_derived.c */
HZ_NODISCARD hz_status hz_load_structure_rules(hz_loader *ld);
HZ_NODISCARD hz_status hz_load_table_rules(hz_loader *ld, hz_table *table);
/* The defaults of profile-language.md by kind: indicator, dimension, gate. */
void hz_load_kind_defaults(hz_rule *rule);
/* Adds a rule (moved); a second rule of an id is a mistake and *out NULL. *out is borrowed until the next call. */
HZ_NODISCARD hz_status hz_load_add_rule(hz_rule **out, hz_loader *ld, const hz_rule *rule);
/* load_rules.c */
HZ_NODISCARD hz_status hz_load_rules(hz_loader *ld, const hz_yaml *map);
/* Whether what has this id is to be read: always, but for older forms only those that are wanted. */
bool hz_load_wants(const hz_loader *ld, hz_slice id);
/* `references`: table.field, or table(field, field). */
HZ_NODISCARD hz_status hz_load_target(const hz_table **table, const hz_field ***fields, size_t *count, hz_loader *ld,
                                      const hz_yaml *scalar);
/* What a skip costs where the rule says nothing: what its table says; else `fail` when all that it reads must be there,
 * `warn` when it may be absent (another table that is not required, a day that the run need not give). */
hz_if_skipped hz_load_skip_default(const hz_loader *ld, const hz_rule *rule);
/* Holds an id of `rules` or `measures`; false (and a mistake) when it is taken. */
HZ_NODISCARD hz_status hz_load_hold_id(bool *free, hz_loader *ld, hz_slice id, hz_span at);
/* A withdrawn rule or measure: holds the id, and may say no more than what it was. `allowed`: its keys, ended by
 * HZ_KEY_COUNT. */
HZ_NODISCARD hz_status hz_load_withdrawn(hz_loader *ld, const hz_yaml *key, const hz_keyed *keyed,
                                         const hz_key *allowed);
/* A mistake for a key that stands only with another. */
void hz_load_not_for(hz_loader *ld, const hz_keyed *keyed, hz_key key, const char *wants);
/* load_tests.c */
HZ_NODISCARD hz_status hz_load_tests(hz_test **out, size_t *count, hz_loader *ld, const hz_yaml *value,
                                     const hz_table *table, uint32_t period);
/* load_measures.c */
HZ_NODISCARD hz_status hz_load_measures(hz_loader *ld, const hz_yaml *map);
/* load_waivers.c: the rules are in the profile. */
HZ_NODISCARD hz_status hz_load_waivers(hz_loader *ld, const hz_yaml *map);
/* load_grading.c */
HZ_NODISCARD hz_status hz_load_grading(hz_loader *ld, const hz_yaml *map);
#endif
