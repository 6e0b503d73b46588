/* profile.h: the model of a data standard: what a profile file says, checked, with derived rules made explicit.
 * One arena owns all of it; immutable after load; shared by threads without locks. Names of members are the profile's
 * keys. */
#ifndef HZ_PROFILES_PROFILE_H
#define HZ_PROFILES_PROFILE_H
#include "profiles/expr/ast.h"

typedef enum hz_severity {
    HZ_SEVERITY_FATAL,
    HZ_SEVERITY_ERROR,
    HZ_SEVERITY_WARNING,
    HZ_SEVERITY_INFO,
    HZ_SEVERITY_COUNT
} hz_severity;
/* GB/T 36344-2018, chapter order */
typedef enum hz_dimension {
    HZ_DIM_NORMATIVITY,
    HZ_DIM_COMPLETENESS,
    HZ_DIM_ACCURACY,
    HZ_DIM_CONSISTENCY,
    HZ_DIM_TIMELINESS,
    HZ_DIM_ACCESSIBILITY,
    HZ_DIM_COUNT
} hz_dimension;
typedef enum hz_gate {
    HZ_GATE_STRUCTURE,
    HZ_GATE_VALUE,
    HZ_GATE_RECORD,
    HZ_GATE_RELATION,
    HZ_GATE_PLAUSIBILITY,
    HZ_GATE_COUNT
} hz_gate;
typedef enum hz_life {
    HZ_LIFE_DRAFT,
    HZ_LIFE_PILOT,
    HZ_LIFE_ACTIVE,
    HZ_LIFE_DEPRECATED,
    HZ_LIFE_WITHDRAWN,
    HZ_LIFE_COUNT
} hz_life;
typedef enum hz_if_skipped { HZ_SKIP_IGNORE, HZ_SKIP_WARN, HZ_SKIP_FAIL, HZ_SKIP_COUNT } hz_if_skipped;
typedef enum hz_sensitivity { HZ_SENSITIVITY_DEFAULT, HZ_SENSITIVITY_NONE, HZ_SENSITIVITY_PERSONAL } hz_sensitivity;

/* "error", "consistency", "relation", "active", "warn": spelling of the profile, of the JSON and of messages. */
const char *hz_severity_name(hz_severity severity);
const char *hz_dimension_name(hz_dimension dimension);
const char *hz_gate_name(hz_gate gate);
const char *hz_life_name(hz_life life);
const char *hz_if_skipped_name(hz_if_skipped skip);

typedef struct hz_clause {
    bool present;
    hz_slice standard, edition, section, url; /* a plain text is `standard` */
} hz_clause;

typedef struct hz_param {
    hz_slice name;
    hz_type type;         /* TEXT INTEGER DECIMAL BOOLEAN DATE TIMESTAMP TIME */
    bool month;           /* type month: read as YYYY-MM */
    int precision, scale; /* decimal(p,s); -1 when open */
    hz_value value;       /* default; valid false when none: the run must give one */
    hz_slice unit;
    hz_text2 title, description;
    bool has_min, has_max;
    hz_value min, max;
    bool open;
    uint32_t verdicts; /* bit i: what profile.chain[i] reads; 0: all of them */
    hz_span span;
} hz_param;

typedef enum hz_unknown_columns { HZ_UNKNOWN_ERROR, HZ_UNKNOWN_WARNING, HZ_UNKNOWN_IGNORE } hz_unknown_columns;

typedef enum hz_field_type {
    HZ_FIELD_TEXT,
    HZ_FIELD_INTEGER,
    HZ_FIELD_DECIMAL,
    HZ_FIELD_BOOLEAN,
    HZ_FIELD_DATE,
    HZ_FIELD_MONTH,
    HZ_FIELD_DATETIME,
    HZ_FIELD_TIME,
    HZ_FIELD_SEMANTIC, /* one or more of field.semtypes */
    HZ_FIELD_CODES     /* `codes` */
} hz_field_type;

typedef struct hz_field {
    const struct hz_table *table;
    uint32_t index; /* in table.fields */
    hz_slice name;
    hz_text2 title, description;
    hz_slice *aliases;
    size_t aliases_count;
    hz_field_type type;
    hz_type value_type;   /* of its value in expressions; ARRAY with `many` */
    hz_type item_type;    /* value_type of one item (equal to value_type without `many`) */
    int precision, scale; /* decimal(p,s); -1 when open */
    hz_semtype semtypes[HZ_SEMTYPE_COUNT];
    size_t semtypes_count;
    const hz_codelist *codes; /* CODES: the list; NULL only if it is not found (a diagnostic) */
    hz_slice codes_id;        /* "" for one given in place */
    bool codes_valid_ever, codes_names;
    bool accept_15;
    hz_division_level level;
    hz_time_format *formats; /* DATE … TIME: at least one */
    size_t formats_count;
    hz_slice *true_texts, *false_texts; /* BOOLEAN: at least one each */
    size_t true_count, false_count;
    bool trim, fold_width, fold_case;
    bool plain;    /* `characters: plain` of the field, or of its table */
    hz_slice many; /* separator; "" when single-valued */
    bool distinct;
    int64_t min_items, max_items; /* -1 when open */
    hz_slice *patterns;           /* as written; the value matches each */
    size_t patterns_count;
    hz_slice pattern_text;          /* of all of them together */
    void *pattern;                  /* pcre2_code, anchored at both ends; NULL without */
    int64_t min_length, max_length; /* characters; -1 when open */
    hz_expr min, max;               /* root NULL when open; over params and as_of */
    bool required;
    hz_expr required_when;
    const struct hz_field *references; /* NULL without */
    hz_slice unit;
    hz_sensitivity sensitivity;
    hz_mask mask; /* what follows from sensitivity and type */
    hz_clause clause;
    bool open;
    hz_slice *examples; /* `example` */
    size_t examples_count;
    /* In an overlay: the form of the field by which its cells are read for expressions and relations, so that rules of
     * all profiles of the chain see one value: the form (of those that the chain gives it) that takes what all others
     * take, as a rule the first. NULL: this one. */
    const struct hz_field *read_as;
    hz_span span; /* of its name */
} hz_field;

typedef struct hz_relation {
    hz_slice name;
    const struct hz_table *from, *to;
    bool many;
    uint32_t to_period;   /* 0: this submission; 1: @previous; 2: @previous2 */
    uint32_t from_period; /* of an inverse of a period's relation: that relation's to_period, and to_period is 0.
                             A row of period p has the relation when p >= from_period; the related rows are of
                             period p - from_period + to_period */
    size_t on_count;
    hz_expr *on_from, *on_to; /* over `from` and `to` */
    hz_expr where;            /* over `to`; root NULL without */
    hz_slice inverse;         /* "" without; the other table has the opposite relation, derived = true */
    bool derived;
    hz_span span;
} hz_relation;

typedef struct hz_table {
    uint32_t index; /* in profile.tables */
    hz_slice name;
    hz_text2 title, description;
    hz_slice *files; /* patterns; at least one by default: "NAME.*" */
    size_t files_count;
    hz_slice encoding; /* of its delimited text, as the profile says it; "": found out */
    const hz_field **key;
    size_t key_count;
    hz_expr region; /* root NULL without; text */
    hz_slice unit;
    hz_slice *nulls; /* default one "" */
    size_t nulls_count;
    hz_unknown_columns unknown_columns;
    bool plain; /* `characters: plain`: of its fields that say nothing */
    bool optional, external;
    hz_slice included;        /* path under the profile's folder; "" without */
    hz_slice included_bytes;  /* its text, read at load */
    bool builtin;             /* `sources` */
    hz_if_skipped if_skipped; /* of its rules, where they say nothing themselves */
    hz_slice *echo;
    size_t echo_count;
    hz_field *fields;
    size_t fields_count;
    hz_relation **relations; /* derived inverses too */
    size_t relations_count;
    hz_clause clause;
    bool open;
    hz_span span;
} hz_table;

typedef enum hz_rule_kind {
    HZ_RULE_PRESENT,
    HZ_RULE_COLUMNS,
    HZ_RULE_ROWS,
    HZ_RULE_ENCODING, /* of a table */
    HZ_RULE_REQUIRED,
    HZ_RULE_CHARACTERS, /* the first of those that look at a cell, in the order in which they run */
    HZ_RULE_TYPE,
    HZ_RULE_CODES,
    HZ_RULE_ITEMS,
    HZ_RULE_PATTERN,
    HZ_RULE_LENGTH,
    HZ_RULE_RANGE,        /* of a field */
    HZ_RULE_REFERENCES,   /* of a field, or `references` with `fields` */
    HZ_RULE_UNIQUE,       /* .key, unique, without_overlaps */
    HZ_RULE_ASSERT,       /* one verdict a row */
    HZ_RULE_GROUP_ASSERT, /* `each`, or * without each: one verdict a group or table */
    HZ_RULE_SIMILAR,
    HZ_RULE_MANIFEST, /* of the submission: its files against its manifest */
    HZ_RULE_KIND_COUNT
} hz_rule_kind;

/* What a rule of kind MANIFEST holds to the manifest: its id is sources.NAME. */
typedef enum hz_manifest_part {
    HZ_MANIFEST_MISSING,   /* files that it names are there */
    HZ_MANIFEST_LEFT_OVER, /* files that are there are named */
    HZ_MANIFEST_TWICE,     /* once */
    HZ_MANIFEST_CHANGED,   /* digests */
    HZ_MANIFEST_ROW_COUNT,
    HZ_MANIFEST_PERIOD, /* the run's day lies in it */
    HZ_MANIFEST_UNIT,   /* so do the records' divisions */
    HZ_MANIFEST_PARTS
} hz_manifest_part;

/* A message cut at its {expression} parts: text, then expression, alternately; part i has text or expr. */
typedef struct hz_message_part {
    hz_slice text;
    hz_expr expr; /* root NULL: this part is text */
} hz_message_part;
typedef struct hz_message {
    hz_message_part *parts;
    size_t count;
} hz_message;

typedef struct hz_tolerance {
    bool has_rate, has_count;
    hz_decimal rate;
    int64_t count;
} hz_tolerance;

typedef struct hz_similar_compare {
    hz_expr expr;
    hz_slice by;
    hz_decimal weight;
} hz_similar_compare;
typedef struct hz_similar {
    struct hz_similar_block {
        hz_expr *parts;
        size_t count;
    } * blocks;
    size_t blocks_count;
    hz_similar_compare *compare;
    size_t compare_count;
    hz_decimal threshold;
} hz_similar;

/* One cell of an example row, as written. */
typedef struct hz_test_cell {
    hz_slice field, value;
    bool null;
} hz_test_cell;
typedef struct hz_test_row {
    const struct hz_table *table;
    uint32_t period;
    hz_test_cell *cells;
    size_t cells_count;
} hz_test_row;
typedef struct hz_test {
    enum { HZ_TEST_PASS, HZ_TEST_FAIL, HZ_TEST_UNDETERMINED } expected;
    hz_test_row *rows; /* of all tables; the first is the rule's own row when it has one */
    size_t rows_count;
    hz_span span;
} hz_test;

typedef struct hz_rule {
    uint32_t index; /* in profile.rules: the order of the report */
    hz_slice id;
    hz_rule_kind kind;
    const hz_table *table;
    uint32_t period;       /* `on: household@previous`: 1 */
    const hz_field *field; /* of field constraints */
    hz_text2 title, description;
    hz_severity severity;
    hz_dimension dimension;
    hz_slice indicator; /* GB/T 36344 code, "0402" */
    hz_gate gate;
    hz_life status;           /* as written, then with its dates when the run's day is known */
    int32_t effective, until; /* days; INT32_MIN / INT32_MAX */
    hz_decimal weight;        /* default 1 */
    hz_tolerance tolerance;
    hz_if_skipped if_skipped;
    hz_clause clause;
    hz_text2 known_issues;
    hz_message message_zh, message_en; /* count 0: a default by kind */
    bool open, derived;
    hz_slice source, since;
    uint32_t verdicts; /* bit i: it counts in the verdict of profile.chain[i]; 0: of all */
    uint32_t level;    /* the first profile of the chain that has it so */
    /* by kind */
    bool may_be_absent;                 /* PRESENT: the table is optional */
    hz_manifest_part manifest;          /* MANIFEST */
    hz_unknown_columns unknown_columns; /* COLUMNS */
    const hz_table *declared;           /* COLUMNS: the table whose fields are the declared columns: `table`, and of an
                                           older form that of the older profile's own model */
    hz_expr when, assert_;              /* root NULL without */
    hz_expr *keys;                      /* unique, each, references.fields */
    size_t keys_count;
    bool *normalize;                  /* UNIQUE: keys[i] is compared as its normal resident number */
    int64_t at_most;                  /* UNIQUE; default 1 */
    hz_expr overlap_from, overlap_to; /* without_overlaps; roots NULL without */
    bool blame_records;               /* GROUP_ASSERT */
    const hz_table *ref_table;        /* REFERENCES: and as many fields as keys */
    const hz_field **ref_fields;
    hz_similar *similar;
    hz_test *tests;
    size_t tests_count;
    hz_span span; /* of its id, or of the constraint's key */
} hz_rule;

typedef struct hz_measure {
    uint32_t index;
    hz_slice id;
    const hz_table *table;
    hz_text2 title, description;
    hz_expr value, when, expect;
    hz_slice unit;
    unsigned levels; /* bit per hz_division_level; default all */
    hz_severity severity;
    hz_dimension dimension;
    hz_slice indicator;
    hz_gate gate;
    hz_life status;
    hz_if_skipped if_skipped;
    hz_clause clause;
    hz_test *tests;
    size_t tests_count;
    uint32_t verdicts; /* as of a rule */
    uint32_t level;
    hz_span span;
} hz_measure;

/* Failures that were reviewed and do not count: those of a rule (of all its forms in a chain) on the records, or of a
 * rule that judges groups the groups, where `condition` is TRUE. More of them than it grants make it void. */
typedef struct hz_waiver {
    hz_slice id, rule;  /* the rule's id */
    hz_expr where;      /* over a record or a group's key; root NULL without */
    hz_node *condition; /* where and keys together */
    size_t keys_count;  /* of `keys` */
    bool has_max_count, has_max_rate;
    int64_t max_count;
    hz_decimal max_rate; /* of what was evaluated */
    hz_slice reason, approved_by;
    int32_t until;      /* the first day it no longer holds */
    hz_slice file;      /* that it stands in, as named; "" for the profile's own */
    uint8_t sha256[32]; /* of that file */
    hz_span span;       /* of its id */
} hz_waiver;

typedef struct hz_grade_level {
    hz_slice grade;
    hz_text2 title;
    bool has_min_score;
    hz_decimal min_score;
    int64_t max[HZ_SEVERITY_COUNT]; /* failures; -1 when open */
    bool has_error_rate;
    hz_decimal error_rate;
    struct hz_grade_table_rate {
        const hz_table *table;
        hz_decimal rate;
    } * table_rates;
    size_t table_rates_count;
} hz_grade_level;

typedef struct hz_grading {
    hz_decimal weights[HZ_DIM_COUNT];
    hz_decimal severity_weights[HZ_SEVERITY_COUNT];
    hz_grade_level *grades; /* best first; at least one */
    size_t grades_count;
} hz_grading;

typedef enum hz_as_of_kind { HZ_AS_OF_OPTIONAL, HZ_AS_OF_REQUIRED, HZ_AS_OF_DAY } hz_as_of_kind;

/* A list of the profile itself. */
typedef struct hz_own_list {
    hz_codelist *list;
    bool open;
    uint32_t verdicts; /* bit i: what profile.chain[i] means by its id; 0: all of them */
    hz_span span;      /* of its id; no text for one given in place */
} hz_own_list;

enum { HZ_CHAIN_MAX = 32 }; /* profiles in a chain: a bit each in `verdicts`, the ceiling of HZ_LIMIT_EXTENDS_DEPTH */

/* A profile that extends others is laid over them, and the model is what comes of it. Its `chain` holds all of them,
 * those that extend nothing first, itself last; each is whole and as it is alone: id, version, title, sha256, grading.
 * A run gives the verdict of each from one pass:
 *
 * - `verdicts` of a rule says whose verdict it counts in. What the chain left unchanged is there once and counts for
 *   several. What a profile tightened is there twice with one id: its own form among the first rules_count rules, and
 *   the older form among the rules_older_count behind them, which counts only for the profiles that have it so.
 * Measures and parameters likewise.
 * - An older form of a field constraint (kinds REQUIRED to REFERENCES, and a field's UNIQUE) has a `field` of its own:
 *   an hz_field outside table.fields, of the same table, index and name, with the older bounds, pattern, list.
 * - Words (title, message, clause) of what counts for several are those of this profile; chain[i] has its own.
 * - Older forms are bound to this model's tables, fields and relations, which an overlay can only add to.
 * - Grades and scores of chain[i] come from its own grading; its table_rates name tables of its own model. */
typedef struct hz_profile {
    hz_arena *arena;
    hz_slice path, folder; /* of the file; "" for one from memory */
    hz_slice id, version;
    bool draft;
    hz_text2 title, description;
    int32_t effective, until;
    hz_slice *extends;
    size_t extends_count;
    const struct hz_profile **chain; /* at least itself */
    size_t chain_count;
    uint32_t level; /* in the chain: its own; while an older form is read, of that form */
    hz_as_of_kind as_of;
    int32_t as_of_day;
    int64_t certify_within_days; /* -1 without */
    hz_slice unit;
    hz_clause clause;
    hz_param *params;
    size_t params_count, params_older_count;
    hz_table *tables; /* in file order; builtin `sources` last */
    size_t tables_count;
    hz_rule *rules; /* order of the report: all tables' structure rules; for each table its field constraints,
                       field-level rules, key; then `rules:` in file order; then the older forms */
    size_t rules_count, rules_older_count;
    hz_rule *manifest_rules; /* HZ_MANIFEST_PARTS of them, apart from the others: in force when there is a manifest */
    hz_slice *withdrawn;     /* ids of withdrawn rules and measures, held so that they are never used again */
    size_t withdrawn_count;
    hz_measure *measures;
    size_t measures_count, measures_older_count;
    hz_grading grading;
    hz_waiver *waivers;
    size_t waivers_count;
    int64_t acknowledge_same; /* -1 without */
    /* Of the file's bytes. Where it includes or extends others: of its own SHA-256, that of each file it includes (in
     * the order of reading) and this digest of each profile it extends, 32 bytes each. */
    uint8_t sha256[32];
    const hz_text *text; /* of the file */
    /* bookkeeping of what is not in the arena */
    void **patterns;
    size_t patterns_count, patterns_capacity;
    hz_own_list *own_lists;
    size_t own_lists_count, own_lists_capacity;
    struct hz_profile **kept; /* profiles of the chain that are freed with this one */
    size_t kept_count;
} hz_profile;

/* Whether it looks at files and their form, not at values. */
static inline bool hz_rule_is_of_structure(const hz_rule *rule)
{
    return rule->kind <= HZ_RULE_ENCODING || rule->kind == HZ_RULE_MANIFEST;
}

/* Whether it judges what the records of a table say, alone or in groups; else the table as it was given. */
static inline bool hz_rule_is_of_records(const hz_rule *rule)
{
    return !hz_rule_is_of_structure(rule);
}

/* Whether it judges groups, or the whole table, and no single record. */
static inline bool hz_rule_is_of_groups(const hz_rule *rule)
{
    return rule->kind == HZ_RULE_GROUP_ASSERT && !(rule->blame_records && rule->keys_count);
}

/* The expressions of `similar`: parts of blocks, then what is compared. NULL past the last, and of other rules. */
const hz_expr *hz_rule_similar_expr(const hz_rule *rule, size_t index);

/* Lookups by name: NULL or -1 when absent. */
const hz_table *hz_profile_table(const hz_profile *profile, hz_slice name);
const hz_field *hz_table_field(const hz_table *table, hz_slice name);
const hz_relation *hz_table_relation(const hz_table *table, hz_slice name);
int hz_profile_param(const hz_profile *profile, hz_slice name);                 /* as profile.level reads it */
const hz_own_list *hz_profile_own_list(const hz_profile *profile, hz_slice id); /* likewise */
const hz_rule *hz_profile_rule(const hz_profile *profile, hz_slice id);         /* no older form */
const hz_rule *hz_profile_manifest_rule(const hz_profile *profile, hz_slice id);
const hz_measure *hz_profile_measure(const hz_profile *profile, hz_slice id);
/* The level in the chain of the file that a span points into; the profile's own when it is none of them. */
uint32_t hz_profile_level_of(const hz_profile *profile, hz_span span);

/* The type as the profile writes it: "decimal(12,2)", "codes", "resident_id". */
void hz_field_type_put(hz_buf *out, const hz_field *field);

/* A copy in an arena that outlives the file or profile: without trees, and `where` only as text (none where it reads
 * personal values, which its text may hold). */
HZ_NODISCARD hz_status hz_waiver_copy(const hz_waiver **out, const hz_waiver *waiver, hz_arena *arena, hz_error *err);

/* Makes the profile free this pcre2_code / list with itself. */
HZ_NODISCARD hz_status hz_profile_keep_pattern(hz_profile *profile, void *pattern, hz_error *err);
HZ_NODISCARD hz_status hz_profile_keep_list(hz_profile *profile, hz_codelist *list, hz_error *err);
void hz_profile_free_patterns(hz_profile *profile);
void hz_profile_free(hz_profile *profile); /* takes NULL */
#endif
