/* result.h: the finished result of a run, read-only: what every renderer sees, and all it sees.
 * One arena owns it. Order, rounding and the meaning of each count: the design's semantics page, docs/report.md; the
 * JSON keys have the same names. The result holds message ids and arguments and values with their mask, never rendered
 * text: language and masking are the renderer's. */
#ifndef HZ_REPORTS_RESULT_H
#define HZ_REPORTS_RESULT_H
#include "profiles/profile.h"

typedef enum hz_outcome {
    HZ_OUTCOME_PASSED,
    HZ_OUTCOME_FAILED,
    HZ_OUTCOME_NOT_APPLICABLE,
    HZ_OUTCOME_UNDETERMINED,
    HZ_OUTCOME_SKIPPED,
    HZ_OUTCOME_ERROR,
    HZ_OUTCOME_COUNT
} hz_outcome;
const char *hz_outcome_name(hz_outcome outcome); /* "passed", "not_applicable" */

/* A message with plain arguments (no personal data): why a rule was skipped, for example. */
typedef struct hz_said {
    hz_msg_id message; /* HZ_MSG_NONE: none */
    uint32_t args_count;
    hz_slice args[HZ_MSG_ARGS_MAX];
} hz_said;

/* A value to show. text is the submitted or computed text, unmasked. */
typedef struct hz_shown {
    hz_slice text;
    hz_mask mask;
    bool null;
} hz_shown;

/* Of a submission that was read through a mapping, the file's own column (or columns: "省 + 市") and value beside the
 * profile's; own_name "" where they are the same. */
typedef struct hz_named {
    hz_slice name;
    hz_shown value;
    hz_slice own_name;
    hz_shown own_value;
} hz_named;

typedef struct hz_place {        /* a record of some table */
    uint32_t table;              /* in result.tables */
    uint32_t source;             /* in that table's sources; UINT32_MAX: none */
    uint64_t record;             /* 0-based in its source */
    uint64_t line, offset_bytes; /* line 1-based; 0: none */
    hz_slice where;              /* the place in words of the format: /3/name, /data/household[3], 户!C12; "" */
    hz_named *key;               /* NULL: the table has none */
    size_t key_count;
    hz_named *fields; /* in table order, only those the rule reads */
    size_t fields_count;
} hz_place;

/* Whether a finding was there before. UNKNOWN: no baseline, or nothing to know it by. */
typedef enum hz_since { HZ_SINCE_UNKNOWN, HZ_SINCE_NEW, HZ_SINCE_BEFORE } hz_since;

typedef struct hz_finding {
    uint32_t rule; /* in result.rules, or result.drafts when draft */
    bool draft;
    hz_severity severity;
    hz_place at; /* group findings: key is the group's key, source none */
    bool group;
    bool has_expected, has_difference;
    hz_shown expected, difference;
    hz_place *related;
    size_t related_count;
    hz_named *echo;
    size_t echo_count;
    /* The message: the profile's own template with a value for each {expression} part, or a default with arguments. */
    const hz_message *template_zh, *template_en; /* NULL without */
    hz_shown *values_zh, *values_en;             /* one for each part with an expression, in order */
    hz_msg_id message;
    hz_shown *args;
    size_t args_count;
    const char *reason; /* .type of a semantic type: "check" …; else NULL */
    bool has_repair;
    hz_shown repair;
    char fingerprint[33];  /* "" when there is none */
    hz_slice waived;       /* id of the waiver that covers it; "": it counts */
    hz_slice acknowledged; /* the submitter's reason; "" without */
    hz_since since;        /* against a baseline */
    /* .rows and .encoding: what the reader saw */
    uint64_t fields_seen, fields_expected;
} hz_finding;

typedef struct hz_result_rule {
    const hz_rule *rule;
    hz_outcome outcome;
    hz_severity
        severity; /* the rule's; a .columns rule that found nothing but unknown columns has what unknown_columns says */
    hz_life life; /* by the run's day */
    hz_said reason; /* skipped, error */
    uint64_t rows, not_applicable, undetermined, ambiguous, evaluated, passed, failed, waived;
    bool has_groups, has_unkeyed;
    uint64_t groups, unkeyed;
    hz_finding *examples; /* by row identity; group findings by typed key */
    size_t examples_count;
} hz_result_rule;

/* The mapping of a run. */
typedef struct hz_result_mapping {
    hz_slice path, id;
    uint8_t sha256[32];
} hz_result_mapping;

/* The manifest of a submission. */
typedef struct hz_result_manifest {
    hz_slice path, id, unit, period; /* unit, period: "" without */
    uint8_t sha256[32];
} hz_result_manifest;

typedef struct hz_result_source {
    hz_slice path;                  /* as the report shows it */
    hz_slice opened;                /* as it was opened, from the folder of the run; "" when unknown */
    hz_slice format;                /* "csv", "xml" … */
    hz_slice part;                  /* of the file: the sheet's or table's name; "" */
    uint64_t bytes, rows, bad_rows; /* rows: readable */
    uint8_t sha256[32];
    hz_slice encoding;
    unsigned confidence; /* of the encoding, in percent; 0 and 100: nothing to say */
    char delimiter;
} hz_result_source;

typedef struct hz_bin {
    hz_slice from, to; /* texts of the bin's bounds: [from, to) */
    uint64_t count;
} hz_bin;

typedef struct hz_result_column {
    hz_slice name;
    hz_slice type; /* as the profile writes it: "integer", "decimal(12,2)", "codes" */
    const hz_field *field;
    bool personal;                       /* no min, max, mean, histogram, top */
    bool absent;                         /* no source has it */
    uint64_t missing, invalid, distinct; /* distinct: HyperLogLog estimate of submitted texts that are not missing */
    bool has_min, has_max, has_mean;
    hz_slice min, max, mean; /* texts; mean with 6 fraction digits */
    hz_bin *histogram;       /* dates by year, numbers in 1-2-5 decades; empty bins left out */
    size_t histogram_count;
    hz_bin *top; /* codes and booleans: from = the value; by count then value, at most 20 */
    size_t top_count;
} hz_result_column;

typedef struct hz_result_table {
    const hz_table *table;
    hz_slice name;   /* the table's, with @previous behind it where it is another period's */
    uint32_t period; /* 0: this submission */
    bool present;
    bool counts; /* of the submission: not external, included or previous: counts in error_rate */
    uint64_t rows, bad_rows, records_with_errors; /* rows: readable; records_with_errors leaves bad rows out */
    hz_result_source *sources;
    size_t sources_count;
    hz_result_column *columns;
    size_t columns_count;
    hz_slice *unknown_columns; /* names, united over sources */
    size_t unknown_columns_count;
} hz_result_table;

typedef enum hz_gate_state { HZ_GATE_PASSED, HZ_GATE_FAILED, HZ_GATE_NOT_RUN } hz_gate_state;
const char *hz_gate_state_name(hz_gate_state state); /* "passed", "not_run" */

typedef struct hz_result_dimension {
    bool has_score;
    hz_decimal score;             /* 6 decimals */
    uint64_t rules, failed_rules; /* active, evaluated */
} hz_result_dimension;

typedef struct hz_next_grade {
    bool present;
    uint32_t level;  /* in grading.grades */
    uint32_t *rules; /* in result.rules, in the order to mend them */
    size_t rules_count;
    bool reachable; /* the score condition is met once these are mended */
    hz_decimal score_then;
    bool has_error_rate; /* a condition that is stated, not solved */
    hz_decimal error_rate;
} hz_next_grade;

typedef struct hz_result_region {
    char code[13]; /* "" for rows without one */
    hz_text2 name; /* both empty: unknown */
    hz_division_level level;
    uint64_t rows, findings, records_with_errors;
    bool has_score;
    hz_decimal score;
    uint32_t grade; /* in grading.grades; UINT32_MAX without score */
} hz_result_region;

typedef struct hz_ratio {
    bool has_value; /* false: null */
    hz_decimal value;
    bool has_fraction;
    hz_decimal numerator, denominator;
} hz_ratio;

typedef enum hz_verdict {
    HZ_VERDICT_NONE,
    HZ_VERDICT_TRUE,
    HZ_VERDICT_FALSE,
    HZ_VERDICT_UNKNOWN
} hz_verdict; /* of `expect` */

typedef struct hz_result_measure {
    const hz_measure *measure;
    hz_outcome outcome;
    hz_said reason;
    hz_ratio whole;
    hz_ratio previous; /* the last period's, where it was given and has a value */
    hz_verdict whole_verdict;
    struct hz_result_measure_region {
        char code[13];
        hz_division_level level;
        hz_ratio value;
        hz_verdict verdict;
    } * regions; /* by code */
    size_t regions_count;
    uint64_t evaluated, passed, failed, undetermined; /* verdicts with expect: the whole and every region */
} hz_result_measure;

typedef struct hz_result_indicator {
    hz_slice code, name_zh, name_en;
    hz_slice dimension; /* hz_dimension_name */
    uint64_t a, b;      /* X = A / B over the active rules that carry the code */
    hz_decimal x;       /* 6 decimals; b > 0 */
} hz_result_indicator;

typedef struct hz_result_param {
    hz_slice name, value;
    bool given; /* by --param */
} hz_result_param;

typedef struct hz_list_used {
    hz_slice id, edition;
    uint8_t sha256[32];
} hz_list_used;

/* What one correction would clear. Kinds overlap: a finding may stand under several causes. */
typedef enum hz_cause_kind {
    HZ_CAUSE_COLUMN, /* columns, neighbours in the file, of which no value is as defined */
    HZ_CAUSE_TABLE,  /* all records of a table fail a rule */
    HZ_CAUSE_REGION, /* all records of a region fail a rule, and not those of the region above it */
    HZ_CAUSE_PARENT, /* a record that others refer to is missing */
    HZ_CAUSE_VALUE,  /* the same wrong value of a code list */
    HZ_CAUSE_KINDS
} hz_cause_kind;
const char *hz_cause_kind_name(hz_cause_kind kind); /* "column", "table", "region", "parent", "value" */

typedef struct hz_cause {
    hz_cause_kind kind;
    uint32_t table;    /* in result.tables: whose records fail; PARENT: the one that lacks the record */
    uint64_t findings; /* exact */
    struct hz_cause_rule {
        uint32_t rule; /* in result.rules */
        uint64_t findings;
    } * rules; /* their order; those that have some */
    size_t rules_count;
    hz_named *values; /* VALUE: field and value; PARENT: the missing key; COLUMN: names only */
    size_t values_count;
    char code[13]; /* REGION */
    hz_text2 name;
} hz_cause;

/* What one profile of a chain says of the submission: as the members of hz_result of the same names. */
typedef struct hz_result_verdict {
    const hz_profile *profile; /* of the chain */
    hz_result_rule *rules;     /* active and deprecated rules in the order of this profile; without examples */
    size_t rules_count;
    bool conformant, incomplete;
    uint32_t grade; /* in profile.grading.grades */
    bool has_score, has_error_rate;
    hz_decimal score, error_rate;
    uint64_t records, records_with_errors;
    hz_result_dimension dimensions[HZ_DIM_COUNT];
    hz_gate_state gates[HZ_GATE_COUNT];
    hz_next_grade next; /* rules: in `rules` here */
} hz_result_verdict;

/* What became of a waiver. What it covers is not among the examples of its rule, unless it is overdrawn. */
typedef enum hz_waiver_state {
    HZ_WAIVER_USED,
    HZ_WAIVER_UNUSED,    /* it covered no failure */
    HZ_WAIVER_EXPIRED,   /* its day has come: it covers nothing any more */
    HZ_WAIVER_OVERDRAWN, /* it covered more than it grants: all of them are failures */
    HZ_WAIVER_NOT_RUN,   /* its rule was not judged */
    HZ_WAIVER_STATES
} hz_waiver_state;
const char *hz_waiver_state_name(hz_waiver_state state); /* "used", "not_run" */
typedef struct hz_result_waiver {
    const hz_waiver *waiver; /* texts and limits; of `where` the text alone */
    hz_waiver_state state;
    uint32_t rule; /* in result.rules, or result.drafts when draft; UINT32_MAX: in neither */
    bool draft;
    uint64_t matched, used; /* failures that it covers; of them those that are waived */
    hz_finding *examples;
    size_t examples_count;
} hz_result_waiver;

/* Of a result that was merged from those of parts (validator/tasks/merge.h). */
typedef struct hz_merged_part {
    hz_slice path;      /* of the part's report */
    uint8_t sha256[32]; /* of its canonical form without `run` */
    uint64_t records;
    const hz_result_mapping *mapping;   /* that part's own; NULL: none */
    const hz_result_manifest *manifest; /* likewise */
} hz_merged_part;
typedef struct hz_result_merged {
    hz_merged_part *parts;
    size_t parts_count;
    hz_slice *within; /* ids of rules and measures that were judged within each part only */
    size_t within_count;
    hz_slice *across; /* ids of rules that are decided over all rows, which no part has */
    size_t across_count;
    hz_slice *exchanged; /* ids of unique rules that were decided across parts by key digests */
    size_t exchanged_count;
} hz_result_merged;

/* This result against an earlier one, by fingerprints (validator/tasks/baseline.h). Rules of which either result does
 * not keep all findings are capped: then `fresh` and `fixed` are of those that are kept. */
typedef struct hz_baseline_rule {
    hz_slice id;
    uint64_t failed_before, failed;             /* exact */
    uint64_t fresh, persisting, fixed, unknown; /* unknown: kept findings without a fingerprint */
    bool capped;
} hz_baseline_rule;
typedef struct hz_result_baseline {
    uint8_t sha256[32]; /* of the earlier report without `run` */
    hz_slice version;   /* of its profile */
    bool has_as_of;
    int32_t as_of;
    hz_baseline_rule *rules; /* those with a finding in either, in the order of this result, then those only before */
    size_t rules_count;
    uint64_t fresh, persisting, fixed, unknown;
    bool capped, grown; /* grown: there are new ones for certain: `fresh`, or a rule fails more often than before */
} hz_result_baseline;

/* Earlier results of the profile (validator/tasks/trend.h); this one goes on from the last. */
#define HZ_TREND_UNJUDGED UINT64_MAX
typedef struct hz_trend_point {
    uint8_t sha256[32]; /* of the report without `run` */
    hz_slice version;   /* of its profile */
    bool has_as_of, has_score, conformant;
    int32_t as_of;
    hz_slice grade;
    hz_decimal score, error_rate;
    uint64_t records, records_with_errors;
    uint64_t *failed; /* by trend.rules; HZ_TREND_UNJUDGED: the rule was not judged */
} hz_trend_point;
typedef struct hz_result_trend {
    hz_trend_point *points; /* by day, those without one first; of one day as they were given */
    size_t points_count;
    hz_slice *rules; /* ids: rules that fail in one of them or in this result, in its order, then those only before */
    size_t rules_count;
} hz_result_trend;

/* What the submitter explained (validator/tasks/acknowledge.h). */
typedef enum hz_ack_state {
    HZ_ACK_TAKEN,
    HZ_ACK_BARE,
    HZ_ACK_SAME,
    HZ_ACK_MEND,
    HZ_ACK_LAPSED, /* its values are other ones than those that the reason was written for */
    HZ_ACK_UNUSED,
    HZ_ACK_STATES
} hz_ack_state;
const char *hz_ack_state_name(hz_ack_state state); /* "taken", "bare", "same", "mend", "lapsed" … */
typedef struct hz_acknowledged {
    hz_slice fingerprint, rule, reason; /* rule: "" when nothing has that fingerprint */
    hz_ack_state state;
} hz_acknowledged;
typedef struct hz_result_acknowledged {
    hz_acknowledged *items; /* in the order of the file */
    size_t count;
    uint64_t taken, refused, lapsed, unused;
    uint64_t same_max; /* findings that one text may explain */
    uint64_t open;     /* findings of the gate plausibility without a reason that was taken */
} hz_result_acknowledged;

typedef struct hz_result {
    hz_arena *arena;
    const hz_profile *profile; /* borrowed; must outlive the result */
    hz_lists *lists_store;     /* borrowed; names of indicators; NULL: the lists compiled in */
    bool has_as_of;
    int32_t as_of;
    hz_result_param *params;
    size_t params_count;
    const hz_result_mapping *mapping; /* through which the submission was read; NULL: none */
    hz_result_manifest *manifest;     /* to which it was held; NULL: none */
    const char *pseudonyms;           /* of personal values: "sha256" or "sm3"; NULL: they are only masked */
    bool certifying;                  /* false: a local override loosened something */
    bool incomplete;                  /* a rule ended in error, or a limit was hit: exit status 5 */
    hz_result_table *tables; /* profile order; present or not; not builtin or included. Behind the last stand those that
                                only places of findings name: included ones, and those of other periods */
    size_t tables_count;
    hz_slice *ignored; /* files of the folder that match no pattern */
    size_t ignored_count;
    hz_result_rule *rules; /* active and deprecated rules, order of profile.rules; withdrawn ones are in neither list */
    size_t rules_count;
    hz_result_rule *drafts; /* draft and pilot */
    size_t drafts_count;
    hz_result_measure *measures;
    size_t measures_count, measures_older_count; /* older forms stand behind: they are in no report */
    hz_result_waiver *waivers;                   /* the profile's, then those of files, in their order */
    size_t waivers_count;
    hz_result_region *regions; /* by code; "" first */
    size_t regions_count;
    hz_list_used *lists;
    size_t lists_count;
    hz_cause *causes; /* those that clear most, by findings; at most 100 */
    size_t causes_count;
    uint64_t causes_found; /* with two findings and more */
    /* filled by hz_grade (grade.h) */
    bool conformant;
    uint32_t grade; /* in grading.grades */
    bool has_score;
    hz_decimal score, error_rate; /* 6 decimals; error_rate has_score-independent, 0 without records */
    bool has_error_rate;
    uint64_t records, records_with_errors; /* over counting tables, bad rows in both */
    hz_result_dimension dimensions[HZ_DIM_COUNT];
    hz_gate_state gates[HZ_GATE_COUNT];
    hz_next_grade next;
    hz_result_indicator *indicators;
    size_t indicators_count;
    hz_result_verdict *verdicts; /* of a chain of two and more: one a profile, in the order of the chain, the last the
                                    same as above */
    size_t verdicts_count;
    struct hz_explained *explained;             /* how the run went (explain.h); NULL: nobody asked */
    const hz_result_merged *merged;             /* NULL: of a run */
    const hz_result_acknowledged *acknowledged; /* NULL: no file was given */
    const hz_result_baseline *baseline;         /* NULL: none was given */
    const hz_result_trend *trend;               /* NULL: none was given */
    /* the run block: absent with --reproducible */
    char started[32]; /* ISO 8601, UTC */
    double seconds;
    unsigned threads;
    uint64_t memory_bytes; /* peak */
    char host[256];
} hz_result;
#endif
