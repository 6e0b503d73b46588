/* plan.h: what a run does, computed once from the profile and the tables that are present.
 *
 * Stages: a scan for each present table, smallest first; key stages (keysets, groups) fed by the scans; finish. A rule
 * that cannot run is skipped here, with why. Nothing changes once the plan is made: threads share it. */
#ifndef HZ_ENGINE_PLAN_H
#define HZ_ENGINE_PLAN_H
#include "validator/engine/submission.h"
#include "validator/eval/field.h"
#include "validator/eval/likeness.h"
#include "validator/source/mapped.h"
#include "validator/source/source.h"

/* Parts of one key, of unique, references and each. */
enum { HZ_KEY_PARTS_MAX = 64 };

/* One file of a table with what its header says. */
typedef struct hz_plan_source {
    const char *path;     /* NULL: bytes */
    hz_slice bytes_given; /* ptr NULL: the rows of `sources`, made when all other tables were read (sources.c) */
    hz_slice member;      /* of the archive `path`; "": the file itself */
    const hz_manifest_file *listed; /* as of hz_table_file */
    const hz_spool *spool;          /* the rows, put aside; NULL: they are read from the file */
    hz_form format;
    hz_slice *labels; /* per column (source.h); NULL: none */
    hz_slice shown;
    int32_t *column_of;      /* per field of the table: column index, HZ_COLUMN_ABSENT, HZ_COLUMN_MADE */
    const hz_map_table *map; /* NULL: no mapping speaks of it */
    hz_mapped *mapped;       /* with map */
    int32_t *echo_of;        /* per table.echo: the same */
    hz_slice *columns;       /* the header's names */
    size_t columns_count;
    hz_encoding encoding;
    unsigned confidence; /* of the encoding, in percent */
    char delimiter;
    uint64_t bytes;    /* size of the file */
    hz_slice *unknown; /* names that no field has */
    size_t unknown_count;
    hz_slice *repeated; /* names that came again (of a field or an unknown column) */
    size_t repeated_count;
} hz_plan_source;

/* How a source is opened, once its header is known. The rows of `sources` are the caller's to add. */
void hz_plan_open_options(hz_source_options *out, const hz_plan_source *source, const hz_run_options *options);

/* Rows of one table indexed by a key: what unique rules and references share. */
typedef struct hz_plan_keyset {
    uint32_t sheet;
    hz_program **keys;     /* owned by the plan */
    const hz_node **nodes; /* the same keys as trees, for sharing */
    bool *normalize;
    size_t keys_count;
    const hz_rule *only_of;        /* a unique rule with `when` or overlaps: its own rows; NULL: all rows */
    uint32_t *unique, *references; /* rules that use it: over its own table; that refer to it */
    size_t unique_count, references_count;
} hz_plan_keyset;

/* An aggregate over *: count(*), sum(*, amount where …). */
typedef struct hz_plan_aggregate {
    const hz_node *node;
    hz_program *expr, *cond; /* NULL without */
    size_t value_at;         /* sum, avg, min, max: which of the values that a group keeps; SIZE_MAX: only counts */
} hz_plan_aggregate;

/* What a VALUE node of a measure's `expect` stands for. `value < x` of a fraction is rewritten to `numerator < x *
 * denominator`, so that it compares exactly, and the same with `previous`; denominators are made positive first. */
enum hz_plan_value {
    HZ_PLAN_VALUE = 0,
    HZ_PLAN_PREVIOUS = 1,
    HZ_PLAN_NUMERATOR,
    HZ_PLAN_DENOMINATOR,
    HZ_PLAN_PREVIOUS_NUMERATOR,
    HZ_PLAN_PREVIOUS_DENOMINATOR,
    HZ_PLAN_VALUES_COUNT
};

/* A rule or measure over groups of one table's rows. */
typedef struct hz_plan_group {
    uint32_t sheet;
    const hz_rule *rule;       /* or */
    const hz_measure *measure; /* by region, rolled up */
    hz_program **keys;         /* `each`; none for the whole table */
    size_t keys_count;
    struct hz_plan_key_field {
        const hz_field *field;
        size_t part;     /* the key part that is just this field; SIZE_MAX: none, */
        size_t typed_at; /* then which of the typed values that a group keeps */
    } * key_fields;      /* fields that the keys read: kept for each group, so that keys can be evaluated again */
    size_t key_fields_count, typed_count;
    hz_plan_aggregate *aggregates;
    size_t aggregates_count, values_count;
    hz_program *when, *assert_;          /* over the groups; a measure's value is in assert_ unless it is a fraction */
    hz_program *numerator, *denominator; /* a measure whose top operator is / */
    hz_program *expect;                  /* reads VALUE nodes by index, hz_plan_value */
    unsigned level;                      /* of the columns that its aggregates read */
} hz_plan_group;

/* Aggregates over * of one rule or measure that are written alike are kept once. */
bool hz_plan_same_aggregate(const hz_node *a, const hz_node *b);

/* ---- relations ----
 *
 * A relational node (path, aggregate over a relation, raw of a path) has a value at each row of its table: a column
 * that no file has. It is made in a stage: rows of the related table meet the table's rows by the relation's key. What
 * the related rows bring is a state for each slot (a count, a sum, the one row's value); what the table's rows take
 * home is the column. A path of several steps is a column of the next table, looked up by the step before: so columns
 * have levels, and stages run level by level. Everything that shares the related table, its key and the level shares
 * one stage. */

#define HZ_COLUMN_NONE UINT32_MAX

typedef enum hz_slot_kind {
    HZ_SLOT_LOOKUP,   /* the value at the only row */
    HZ_SLOT_COUNT,    /* rows taken; EXISTS */
    HZ_SLOT_FALSE,    /* rows whose expression is FALSE; EVERY */
    HZ_SLOT_SUM,      /* SUM, AVG */
    HZ_SLOT_LEAST,    /* MIN */
    HZ_SLOT_GREATEST, /* MAX */
    HZ_SLOT_DISTINCT  /* COUNT_DISTINCT */
} hz_slot_kind;

/* What one state of a key says. Programs run over the related table's rows. */
typedef struct hz_plan_slot {
    hz_slot_kind kind;
    const hz_node *node;                  /* the aggregate; LOOKUP: the value that is looked up */
    const hz_node *filter_node;           /* the relation's where; NULL without */
    const hz_node *cond_node, *expr_node; /* NULL without */
    hz_program *filter, *cond, *expr;     /* NULL without */
    hz_type type;                         /* of the value that the state holds */
    size_t offset;                        /* in the state's bytes */
    bool named;                           /* findings name the rows that it took (trace.h) */
} hz_plan_slot;

/* Who asks a stage: rows of one sheet, by keys of their own. */
typedef struct hz_plan_probe {
    uint32_t sheet;
    unsigned level; /* of the columns that its keys read; 0: it asks in the scan */
    const hz_node **nodes;
    hz_program **keys;
    size_t own_count;      /* the first keys are the relation's; the others come of a condition */
    const hz_node *lookup; /* steps lead to the relation: the first key, a column; NULL: none do */
    const hz_node *cond_node;
    hz_program *cond;  /* only rows where it is TRUE ask; NULL: all */
    uint32_t *columns; /* in plan.columns: what it takes home */
    size_t columns_count, columns_capacity;
} hz_plan_probe;

/* One value that a correlated aggregate reads of the related row, or of the row that asks. */
typedef struct hz_plan_cell {
    hz_program *program; /* over its own row */
    hz_type type, item_type;
    const hz_field *field; /* what the programs over pairs call it: a field of the related row, typed or raw; */
    bool raw;
    const hz_node *node; /* or a node; NULL: a field */
} hz_plan_cell;

/* A correlated aggregate: one whose expression or condition reads the row that asks ("outer row") too. What of the
 * condition reads the related row alone is the slot's; `inner = outer` is part of the key. Where nothing is left, it is
 * an aggregate like any other. Where one comparison of order is left, each group is sorted by it, and an asking row
 * takes a beginning of it. Else each asking row meets each row of its group (pair.h). */
typedef struct hz_plan_pairs {
    hz_plan_cell *related, *asking;
    size_t related_count, asking_count;
    hz_program *cond, *expr; /* over pairs; NULL without */
    hz_op order; /* not NONE: taken where related[0] `order` asking[0]; related[1], if any, is the aggregate's value */
} hz_plan_pairs;

typedef struct hz_plan_stage {
    uint32_t sheet; /* whose rows bring states */
    unsigned level; /* 1: they can be brought by its scan */
    const hz_node **nodes;
    hz_program **keys;
    size_t keys_count;
    hz_plan_slot *slots;
    size_t slots_count, slots_capacity;
    hz_plan_probe *probes;
    size_t probes_count, probes_capacity;
    size_t state_bytes;
    size_t named_count;   /* slots whose rows findings name */
    hz_plan_pairs *pairs; /* then it has one slot and one probe; NULL: rows meet by their keys alone */
} hz_plan_stage;

typedef struct hz_plan_column {
    uint32_t sheet;
    const hz_node *node; /* the first met of those that mean the same */
    unsigned level;
    uint32_t stage, probe, slot; /* stage NONE: no row is ever related */
    hz_type type;
    const hz_node *empty; /* the aggregate whose value over no rows stands where a step leads to none; NULL: NULL */
} hz_plan_column;

/* Which column a node stands for, at rows of which sheet. */
typedef struct hz_plan_binding {
    const hz_node *node;
    uint32_t sheet, column;
} hz_plan_binding;

/* A rule that looks for similar rows (similar.h). */
typedef struct hz_plan_similar {
    uint32_t rule, sheet;
    const hz_similar *similar;
    hz_program ***keys;  /* by block, by part */
    hz_program **values; /* as similar->compare */
    hz_like_by *by;
} hz_plan_similar;

/* A waiver. Where it covers records, the rows where its condition is TRUE are a set of their sheet (rows.h). */
typedef struct hz_plan_waiver {
    const hz_waiver *waiver;
    bool in_force;         /* the run's day is before its last */
    bool by_rows;          /* it covers records: `sheet` and `set` */
    hz_program *condition; /* over a row of the sheet, or over groups; NULL: no form of its rule runs */
    uint32_t sheet, set;
} hz_plan_waiver;

/* A waiver on one form of its rule: what it covers is counted as that of a rule of its own (waive.c). */
typedef struct hz_plan_shadow {
    uint32_t waiver, rule; /* in plan.waivers, plan.rules */
    bool limited;          /* rows that fail and that it covers are a set: they may have to be given back */
    uint32_t set;
} hz_plan_shadow;

typedef struct hz_plan_rule {
    const hz_rule *rule;
    uint32_t verdicts; /* bit i: it counts in the verdict of profile.chain[i] */
    bool own;          /* in the run's own verdict too: it stands in the report; others leave figures only */
    hz_life life;      /* by the run's day */
    bool draft;        /* draft or pilot: reported apart */
    uint32_t ledgers;  /* bit a ledger: those in which its failures make a record erroneous */
    bool listed;       /* false: withdrawn, or not in force: in no list */
    bool runs;
    bool no_as_of_only; /* skipped for want of as_of alone */
    hz_said skip;
    hz_program *when, *assert_;
    hz_program **keys; /* REFERENCES: the source side */
    hz_program *overlap_from, *overlap_to;
    size_t keyset;         /* UNIQUE: its own; REFERENCES: the target's */
    size_t role;           /* REFERENCES: 1 + its place in the keyset's */
    size_t similar;        /* SIMILAR: in plan.similars */
    size_t group;          /* GROUP_ASSERT: in plan.groups */
    size_t reading;        /* CHARACTERS to RANGE, and a field's REFERENCES: in the table's readings */
    unsigned level;        /* of its columns; 0: it reads none, and runs in the scan */
    const hz_node **nodes; /* relational ones, each column once: what findings show; the first ones are assert's */
    size_t nodes_count, assert_nodes_count;
    uint32_t shadows, shadows_count; /* its own in plan.shadows, in the order of the waivers */
    hz_program *left, *right; /* ASSERT whose root is a comparison: both sides, for `expected` and `difference` */
} hz_plan_rule;

enum { HZ_PLAN_CELL_RULES = HZ_RULE_RANGE - HZ_RULE_CHARACTERS + 1, HZ_PLAN_NO_RULE = UINT32_MAX };

/* The cells of a field, held to its constraints as one or more profiles of the chain have them. */
typedef struct hz_plan_reading {
    const hz_field *field;              /* the form: of the table's own fields or not, with the same index */
    bool value;                         /* it gives the typed values too */
    uint32_t rules[HZ_PLAN_CELL_RULES]; /* by kind, from TYPE: rule numbers, HZ_PLAN_NO_RULE: none */
    unsigned which;                     /* for hz_field_reader_new */
    bool used;                          /* read at all */
} hz_plan_reading;

/* A sheet: one table of one period. */
typedef struct hz_plan_table {
    const hz_table *table;
    uint32_t period; /* 0: this submission; 1: @previous; 2: @previous2 */
    bool present;    /* has a source */
    bool scanned;
    uint64_t bytes; /* of all sources */
    hz_plan_source *sources;
    size_t sources_count;
    bool *absent;              /* per field: no source has it */
    bool *used;                /* per field: read at all */
    hz_plan_reading *readings; /* one a field, which gives its values; behind them the forms that only judge */
    size_t readings_count;
    hz_program *region;
    uint32_t *field_rules; /* rule numbers of this table that run, by class */
    size_t field_rules_count;
    uint32_t *row_rules;
    size_t row_rules_count;
    uint32_t *unique_rules;
    size_t unique_rules_count;
    uint32_t *reference_rules;
    size_t reference_rules_count;
    uint32_t *similar_rules;
    size_t similar_rules_count;
    uint32_t *late_rules; /* those that read columns, of any class: run over the rows after the scan */
    size_t late_rules_count;
    unsigned levels;         /* the highest of what is done over its rows after the scan; 0: nothing is */
    uint32_t sets_count;     /* sets of its rows */
    bool *carry, *carry_raw; /* per field: kept from the scan for that */
} hz_plan_table;

typedef struct hz_plan {
    const hz_run_options *options;
    const hz_profile *profile;
    hz_arena *arena; /* borrowed from the result */
    hz_eval_env env;
    hz_semtypes *semtypes; /* owned; NULL when the options have them */
    hz_value *params;
    bool *params_given;
    hz_slice *params_text;
    hz_submission submission; /* of this period */
    hz_submission earlier[HZ_PERIODS_MAX - 1];
    size_t periods_count;
    hz_plan_table *tables; /* sheets: as profile.tables, period by period */
    size_t sheets_count;
    uint32_t *order; /* sheets to scan, in order */
    size_t order_count;
    hz_plan_rule *rules; /* as profile.rules, older forms too; then copies (plan_chain.c) */
    size_t rules_count;
    uint8_t ledger_of[HZ_CHAIN_MAX]; /* per profile of the chain: which bits say what records are erroneous; 0: the
                                        run's own */
    uint32_t ledgers_count;
    hz_plan_waiver *waivers; /* of the profile, then of files */
    size_t waivers_count;
    hz_plan_shadow *shadows; /* by rule, then waiver */
    size_t shadows_count;
    hz_plan_keyset *keysets;
    size_t keysets_count;
    hz_plan_similar *similars; /* rules that look for similar rows */
    size_t similars_count;
    hz_plan_group *groups; /* rules' groups, then one or two for each measure that runs */
    size_t groups_count;
    hz_plan_stage *stages;
    size_t stages_count, stages_capacity;
    hz_plan_column *columns;
    size_t columns_count, columns_capacity;
    hz_plan_binding *bindings; /* by node, then sheet */
    size_t bindings_count, bindings_capacity;
    unsigned levels;        /* of stages */
    hz_said *measure_skips; /* per measure, older forms too: message NONE when it runs */
    size_t *measure_groups;
    size_t *measure_before; /* the same over the last period's rows; SIZE_MAX: it was not given */
    hz_program **programs;  /* all compiled ones, to free */
    size_t programs_count, programs_capacity;
} hz_plan;

static inline uint32_t hz_plan_sheet(const hz_plan *plan, const hz_table *table, uint32_t period)
{
    return period * (uint32_t)plan->profile->tables_count + table->index;
}
/* Whose rows the rule is about. */
static inline uint32_t hz_plan_sheet_of(const hz_plan *plan, const hz_rule *rule)
{
    return hz_plan_sheet(plan, rule->table, rule->period);
}

/* Rules, then shadows: whatever is counted of rules is counted of so many. */
static inline size_t hz_plan_partials(const hz_plan *plan)
{
    return plan->rules_count + plan->shadows_count;
}

/* HZ_COLUMN_NONE: the node is not relational. */
uint32_t hz_plan_column_of(const hz_plan *plan, const hz_node *node, uint32_t sheet);

/* Whether the rule (by its own programs or in its messages), or the group, reads the column, through others too. */
bool hz_plan_rule_reads(const hz_plan *plan, const hz_plan_rule *rule, uint32_t column);
bool hz_plan_group_reads(const hz_plan *plan, const hz_plan_group *group, uint32_t column);

/* What the names of a header are to a table: column_of per field, echo_of (may be NULL) per echoed name; unknown and
 * repeated names in their order. The arrays have room for all fields, all names. map may be NULL. */
typedef struct hz_plan_header {
    int32_t *column_of, *echo_of;
    hz_slice *unknown, *repeated;
    size_t unknown_count, repeated_count;
} hz_plan_header;
void hz_plan_header_of(hz_plan_header *out, const hz_table *table, const hz_slice *names, size_t count,
                       const hz_map_table *map);

/* `verdicts` of a rule or measure with 0 spelled out, and whether the run's own verdict is among them. */
uint32_t hz_plan_verdicts(const hz_profile *profile, uint32_t verdicts);
bool hz_plan_is_own(const hz_profile *profile, uint32_t verdicts);

static inline size_t hz_plan_measures(const hz_plan *plan)
{
    return plan->profile->measures_count + plan->profile->measures_older_count;
}

HZ_NODISCARD hz_status hz_plan_make(hz_plan *plan, const hz_run_options *options, hz_arena *arena, hz_error *err);
void hz_plan_clear(hz_plan *plan);
#endif
