/* generate_int.h: what the files of `generate` share.
 *
 *   generate_plan.c     what stands where: which table hangs on which, what kind of text a field holds, who reads what
 *   generate_value.c    expressions over rows in hand, one row at a time
 *   generate_call.c     functions in them
 *   generate_draw.c     a value for a field
 *   generate_text.c     names, words, numbers, codes: the makings of draw
 *   generate_block.c    rows in hand: cells, relations, changes
 *   generate_relate.c   rows come to be related, or cease to be
 *   generate_force.c    change cells so that a condition holds, or does not
 *   generate_aim.c      change cells so that a value is what is wanted
 *   generate_solve.c    a whole block that breaks no rule
 *   generate_break.c    a row that breaks one
 *   generate_plant.c    a block with such a row, and what the answer list says of it
 *   generate_stamp.c    a block as bytes with places for what differs from copy to copy
 *   generate_judge.c    the engine's word on blocks
 *   generate.c          all of it
 *
 * Trees are walked here, not compiled: rows are few, they change after every step, and a step must know which part of a
 * condition is to blame. Nothing rests on these values: the engine judges every block before it is used. */
#ifndef HZ_TASKS_GENERATE_INT_H
#define HZ_TASKS_GENERATE_INT_H
#include "base/alloc.h"
#include "validator/eval/pattern.h"
#include "validator/tasks/generate.h"
#include "validator/tasks/reads.h"

/* ---- chance ---- */

typedef struct hz_rand {
    uint64_t state;
} hz_rand;
uint64_t hz_rand_next(hz_rand *rand);
/* 0 … below - 1; below > 0. */
static inline uint64_t hz_rand_below(hz_rand *rand, uint64_t below)
{
    return hz_rand_next(rand) % below;
}
/* True `percent` times of a hundred. */
static inline bool hz_rand_percent(hz_rand *rand, unsigned percent)
{
    return hz_rand_below(rand, 100) < percent;
}
/* low … high, both in. */
static inline int64_t hz_rand_between(hz_rand *rand, int64_t low, int64_t high)
{
    return low + (int64_t)hz_rand_below(rand, (uint64_t)(high - low) + 1);
}
uint64_t hz_rand_mix(uint64_t a, uint64_t b);

/* ---- values ---- */

typedef enum hz_gen_state { HZ_GEN_NULL, HZ_GEN_VALID, HZ_GEN_INVALID } hz_gen_state;

/* Numbers are decimals, dates and times i64. An array's items are borrowed. */
typedef struct hz_gval {
    hz_gen_state state;
    hz_type type; /* BOOLEAN TEXT DECIMAL DATE TIMESTAMP TIME INTERVAL ARRAY */
    uint32_t items_count;
    union {
        bool boolean;
        int64_t i64;
        hz_slice text;
        hz_decimal number;
        hz_interval interval;
        const struct hz_gval *items;
    } as;
} hz_gval;

#define HZ_GVAL_NULL ((hz_gval){.state = HZ_GEN_NULL})
static inline hz_gval hz_gval_text(hz_slice text)
{
    return (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_TEXT, .as.text = text};
}
static inline hz_gval hz_gval_number(hz_decimal number)
{
    return (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_DECIMAL, .as.number = number};
}
static inline hz_gval hz_gval_int(int64_t n)
{
    return hz_gval_number(hz_decimal_of(n));
}
static inline hz_gval hz_gval_bool(bool b)
{
    return (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_BOOLEAN, .as.boolean = b};
}
static inline hz_gval hz_gval_day(int64_t day)
{
    return (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_DATE, .as.i64 = day};
}
static inline bool hz_gval_is(hz_gval v, bool b)
{
    return v.state == HZ_GEN_VALID && v.type == HZ_TYPE_BOOLEAN && v.as.boolean == b;
}

/* ---- the plan ---- */

typedef enum hz_gen_kind {
    HZ_GEN_WORDS, /* plain text */
    HZ_GEN_NUMBER,
    HZ_GEN_TIME, /* dates, months, timestamps */
    HZ_GEN_BOOLEAN,
    HZ_GEN_CODES,
    HZ_GEN_PATTERN, /* from the field's pattern */
    HZ_GEN_KEY,     /* texts that differ: digits */
    HZ_GEN_RESIDENT,
    HZ_GEN_USCC,
    HZ_GEN_PHONE,
    HZ_GEN_BANK,
    HZ_GEN_CERTIFICATE, /* of the disabled */
    HZ_GEN_NAME,
    HZ_GEN_PLACE,    /* the block's own place */
    HZ_GEN_DIVISION, /* any division */
    HZ_GEN_PLACE_NAME
} hz_gen_kind;

typedef struct hz_gen_field {
    const hz_field *field;
    hz_gen_kind kind;
    bool locked; /* never changed: a year that the day decides */
    bool year;   /* the year of the period */
    bool small;  /* few values: all can be tried */
    bool key;    /* part of its table's key */
    unsigned null_percent;
    uint32_t defined_by;             /* rule + 1 that says it is a count or sum of other rows: no other rule moves it */
    uint32_t key_length;             /* KEY: digits */
    const hz_field *source;          /* its values are those of another table's field; NULL without */
    hz_pattern *pattern;             /* NULL without */
    uint32_t *codes[HZ_PERIODS_MAX]; /* rows of the list that are valid on the period's day */
    size_t codes_count[HZ_PERIODS_MAX];
    uint32_t *readers; /* rules that read it, in plan.rules */
    size_t readers_count;
} hz_gen_field;

/* How rows of a table hang on others. */
typedef enum hz_gen_role {
    HZ_GEN_NONE,    /* not made */
    HZ_GEN_SHARED,  /* once for the block: a village, a school, helpers */
    HZ_GEN_ROOT,    /* the counted table: one row a family */
    HZ_GEN_FAMILY,  /* rows of a family, under a row of `parent` */
    HZ_GEN_INCLUDED /* part of the profile: never changed */
} hz_gen_role;

typedef struct hz_gen_link {
    const hz_expr *mine, *theirs; /* over this table and over the other; NULL: fields */
    const hz_field *mine_field, *theirs_field;
} hz_gen_link;

typedef struct hz_gen_table {
    const hz_table *table;
    hz_gen_role role;
    uint32_t parent; /* FAMILY, SHARED: the table that it hangs on; UINT32_MAX without */
    hz_gen_link *links;
    size_t links_count;
    uint64_t *led; /* a bit a field of the parent: links look at it */
    bool one;      /* at most one row under a parent's */
    hz_gen_field *fields;
    uint32_t *rules; /* checked on its rows, in plan.rules */
    size_t rules_count;
    uint32_t *readers; /* rules that read it through a relation, in plan.rules */
    size_t readers_count;
    struct hz_gen_row **rows; /* INCLUDED */
    size_t rows_count;
} hz_gen_table;

typedef struct hz_gen_rule {
    const hz_rule *rule;
    bool hard;         /* fatal or error: must hold */
    uint32_t place;    /* in its table's rules */
    uint32_t earliest; /* period that it reads, from its own base */
    bool far;          /* reads other rows */
} hz_gen_rule;

typedef struct hz_gen_match {
    const hz_node *node;
    hz_pattern *pattern;
} hz_gen_match;

typedef struct hz_gen_index { /* rows of an included table by a relation's key */
    const hz_relation *relation;
    hz_names names; /* key text to the first row; `next` links the others */
    uint32_t *next;
    hz_slice *keys;
} hz_gen_index;

typedef struct hz_gen_plan {
    const hz_gen_options *options;
    const hz_profile *profile;
    hz_arena *arena;
    int32_t as_of[HZ_PERIODS_MAX];
    bool moved; /* as_of: so that the earlier periods have years that the fields take */
    hz_value *params;
    hz_semtypes *semtypes;
    hz_gen_table *tables; /* by index */
    uint32_t *order;      /* tables in the order of making: SHARED, ROOT, FAMILY after their parents */
    size_t order_count;
    uint32_t root;
    hz_gen_rule *rules;
    size_t rules_count;
    hz_gen_match *matches; /* by address of the node */
    size_t matches_count;
    hz_gen_index *indexes;
    size_t indexes_count;
    hz_division_level level; /* of the block's place; HZ_LEVEL_ANY: blocks have none */
    hz_slice *places;        /* codes of that level, in order */
    hz_slice *place_names;
    size_t places_count;
    hz_slice *counties; /* six digits, valid on the day: for divisions elsewhere */
    size_t counties_count;
    uint32_t families; /* in a block, at most */
} hz_gen_plan;

HZ_NODISCARD hz_status hz_gen_plan_make(hz_gen_plan *plan, hz_error *err);
void hz_gen_plan_clear(hz_gen_plan *plan);
const hz_pattern *hz_gen_plan_pattern(const hz_gen_plan *plan, const hz_node *node);
/* generate_kinds.c: what the fields of each table hold */
HZ_NODISCARD hz_status hz_gen_plan_fields(hz_gen_plan *plan, hz_error *err);
/* A whole number called 年度: the period's year on every row. */
bool hz_gen_says_year(const hz_field *field);
/* Whether the key of a table (but for its year) lies within these expressions over it. */
bool hz_gen_keyed(const hz_table *table, const hz_expr *on, size_t count);
/* generate_included.c */
HZ_NODISCARD hz_status hz_gen_plan_included(hz_gen_plan *plan, hz_error *err);
/* generate_places.c */
/* The index-th place of the submission: those of the lists first, then made up below counties that no list covers. */
void hz_gen_place(const hz_gen_plan *plan, uint64_t index, hz_buf *code, hz_buf *name);
/* Another place than the index-th, `place`, with so many digits in common: 0, 2, 4, 6 or 9. False: there is
 * none (a city that is a province has no other prefecture), and the text is no place. */
bool hz_gen_place_elsewhere(const hz_gen_plan *plan, uint64_t index, hz_slice place, size_t common, hz_buf *code);
HZ_NODISCARD hz_status hz_gen_plan_places(hz_gen_plan *plan, hz_error *err);

/* ---- rows in hand ---- */

typedef struct hz_gen_cell {
    hz_gval value;
    hz_slice text;    /* as it will be written; "" when missing */
    uint32_t changed; /* the step */
} hz_gen_cell;

typedef struct hz_gen_known { /* what an expression over the row alone came to */
    const hz_node *node;
    uint32_t version;
    hz_gval value;
} hz_gen_known;

typedef struct hz_gen_row {
    const hz_table *table;
    uint32_t version; /* of its cells */
    hz_gen_known *known;
    uint32_t known_count, known_capacity;
    uint32_t period, family; /* 0: shared; else 1 … */
    uint32_t serial;         /* in order of making */
    bool gone;
    struct hz_gen_row *parent; /* NULL without */
    hz_gen_cell *cells;
    uint8_t *waiting; /* by rule of the table: it is to be looked at */
    uint16_t *mended; /* by rule of the table: how often it was */
} hz_gen_row;

typedef struct hz_gen_list {
    hz_gen_row **rows;
    size_t count, capacity;
} hz_gen_list;

typedef struct hz_gen_atom { /* a text that stands for something of which each copy has its own */
    hz_slice text;
    hz_gen_kind kind;
    int32_t birth; /* RESIDENT */
    char sex;      /* '1', '2' */
    bool local;    /* its division is the block's county */
    bool bound;    /* its division is kept in all copies */
} hz_gen_atom;

typedef struct hz_gen_wait {
    hz_gen_row *row;
    uint32_t rule;
} hz_gen_wait;

typedef struct hz_gen_queue {
    hz_gen_wait *items;
    size_t count, capacity, head;
} hz_gen_queue;

typedef struct hz_gen_undo {
    enum { HZ_GEN_UNDO_CELL, HZ_GEN_UNDO_ADD, HZ_GEN_UNDO_DROP } what;
    hz_gen_row *row;
    uint32_t field;
    hz_gen_cell cell;
} hz_gen_undo;

typedef struct hz_gen_block {
    const hz_gen_plan *plan;
    hz_arena *arena, *scratch;
    hz_rand rand;
    uint32_t families_count, step, serial;
    hz_gen_list *lists; /* (family, table, period) */
    hz_gen_queue own, shared;
    hz_gen_list all; /* every row ever made */
    hz_slice place, place_name;
    hz_gen_atom *atoms;
    size_t atoms_count, atoms_capacity;
    hz_names atom_names;
    bool journal; /* changes are noted, and no rule is queued */
    hz_gen_undo *undo;
    size_t undo_count, undo_capacity;
    hz_pattern_scratch *pattern_scratch;
    unsigned depth;       /* of forcing */
    uint32_t mending;     /* rule + 1 */
    const hz_rule *group; /* GROUP_ASSERT that is planted: what * stands for; else NULL */
    bool bound;           /* numbers of persons that are noted keep their division in all copies */
    bool wild;            /* what is mended comes back again and again: sides are chosen by chance alone */
    hz_status status;     /* HZ_OK, or no memory: all goes on and comes to nothing */
    hz_error *err;
} hz_gen_block;

typedef struct hz_gen_env {
    hz_gen_row *row;
    const struct hz_gen_env *outer;
    uint32_t base; /* period of the rule's base: which day as_of is */
} hz_gen_env;

/* ---- generate_block.c ---- */
HZ_NODISCARD hz_status hz_gen_block_init(hz_gen_block *block, const hz_gen_plan *plan, uint32_t families, uint64_t seed,
                                         hz_error *err);
void hz_gen_block_clear(hz_gen_block *block);
void *hz_gen_alloc(hz_gen_block *block, size_t size); /* zeroed, in the block; NULL marks status */
hz_slice hz_gen_keep(hz_gen_block *block, hz_slice text);
hz_slice hz_gen_scratch(hz_gen_block *block, hz_slice text);
hz_gen_list *hz_gen_list_of(hz_gen_block *block, uint32_t family, uint32_t table, uint32_t period);
hz_gen_row *hz_gen_row_add(hz_gen_block *block, const hz_table *table, uint32_t period, uint32_t family,
                           hz_gen_row *parent);
void hz_gen_row_drop(hz_gen_block *block, hz_gen_row *row); /* and the rows under it */
/* Sets a cell; text is made from the value by the field's form. False when the field cannot hold it. */
bool hz_gen_set(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_gval value);
/* A text that the field cannot read: for defects. */
void hz_gen_set_invalid(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_slice text);
/* Another text of the same value: a blank before it, another width or case, which the field takes away. */
bool hz_gen_dress(hz_gen_block *block, hz_gen_row *row, const hz_field *field);
void hz_gen_undo_to(hz_gen_block *block, size_t mark);
void hz_gen_wait_all(hz_gen_block *block, hz_gen_row *row); /* all rules of a row */
bool hz_gen_wait_next(hz_gen_block *block, hz_gen_wait *out, bool shared);
/* Rows related to env's row, each: calls back until false. Absent period or table: none. */
typedef bool (*hz_gen_visit)(void *ctx, hz_gen_row *row);
/* False: the relation's key has an invalid part. */
bool hz_gen_related(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env, hz_gen_visit visit,
                    void *ctx);
hz_gen_list hz_gen_related_list(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env);
void hz_gen_list_put(hz_gen_block *block, hz_gen_list *list, hz_gen_row *row);
void hz_gen_atom_note(hz_gen_block *block, hz_slice text, hz_gen_kind kind);

/* ---- generate_value.c, generate_call.c ---- */
hz_gval hz_gen_value(hz_gen_block *block, const hz_node *node, const hz_gen_env *env);
hz_gval hz_gen_call(hz_gen_block *block, const hz_node *node, const hz_gen_env *env);
/* The last row of to-one steps; NULL without, or when it is not the only one. */
hz_gen_row *hz_gen_walk(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, size_t steps);
const hz_gen_env *hz_gen_env_of(const hz_gen_env *env, uint32_t scope);
int hz_gval_cmp(hz_gval a, hz_gval b); /* both valid */
bool hz_gval_holds(hz_gval a, hz_op op, hz_gval b, bool *known);
hz_gval hz_gen_literal(const hz_value *value);
bool hz_gen_like(hz_slice text, hz_slice pattern);
/* The value in a text, by the field's type; items of arrays in scratch. */
hz_gval hz_gen_read(hz_gen_block *block, const hz_field *field, hz_slice text);
void hz_gval_put(hz_buf *out, hz_gval value);

/* ---- generate_draw.c, generate_text.c ---- */
/* A value that the field's constraints allow, by chance missing where it may be. */
void hz_gen_draw(hz_gen_block *block, hz_gen_row *row, const hz_field *field, bool may_be_missing);
void hz_gen_draw_row(hz_gen_block *block, hz_gen_row *row);
hz_slice hz_gen_from_pattern(hz_gen_block *block, hz_slice pattern);
/* The 18-digit number with this birth, sex and sequence; division six digits. */
void hz_gen_resident(char out[18], hz_slice division, int32_t birth, char sex, uint32_t sequence);
enum { HZ_GEN_SEQUENCES = 495 }; /* numbers of a division, day and sex */
void hz_gen_person_name(hz_buf *out, uint64_t surname, uint64_t given);
uint64_t hz_gen_surname_of(hz_slice name); /* its number, or one made from it */
void hz_gen_uscc(char out[18], hz_slice division, uint64_t n);
void hz_gen_bank(char out[19], uint64_t n);

/* ---- generate_relate.c ---- */
/* A related row, made or taken. */
hz_gen_row *hz_gen_relate(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env);
/* A row of a table in the row's family, or shared; its cells that hang on its parent are filled. NULL. */
hz_gen_row *hz_gen_row_beside(hz_gen_block *block, const hz_table *table, hz_gen_row *row);
/* Gives another row of the relation's table the key that env's row asks for, so that both meet, and
 * returns that row: for defects. */
hz_gen_row *hz_gen_bring(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env);
/* Turns env's side of a relation so that it leads nowhere: for defects. */
bool hz_gen_part(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env);
/* Turns env's side of an aggregate's last relation to a row of an included table, so that `node op target`: for
 * defects. */
bool hz_gen_turn_to_included(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target);
void hz_gen_link_row(hz_gen_block *block, hz_gen_row *row, hz_gen_row *parent);

/* ---- generate_force.c, generate_aim.c ---- */
/* Changes cells so that the node comes to `want`. True when something was done (it need not have worked). */
bool hz_gen_force(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want);
/* So that `node op target` holds. */
bool hz_gen_aim(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, hz_op op, hz_gval target);
/* Tries values of one field that the node reads until it comes to `want`. */
bool hz_gen_try(hz_gen_block *block, const hz_node *node, const hz_gen_env *env, bool want);
/* When the last of what it reads changed; UINT32_MAX: it cannot be changed. */
uint32_t hz_gen_freshness(hz_gen_block *block, const hz_node *node, const hz_gen_env *env);
/* Whether another rule than the one that is mended says what the field is. */
bool hz_gen_is_told(const hz_gen_block *block, const hz_gen_field *known);
/* Spoils the text that functions on one text look at: its last character, digits from the other end; for defects. */
bool hz_gen_spoil(hz_gen_block *block, const hz_node *node, const hz_gen_env *env);
hz_op hz_op_flip(hz_op op);
hz_op hz_op_negate(hz_op op);
/* Moves the number, day or text so that `it op target`. */
hz_gval hz_gen_near(hz_gen_block *block, hz_op op, hz_gval target);

/* ---- generate_break.c: one row comes to break a rule ---- */
void hz_gen_break(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row);
/* Whether two rows of a table are in one group of the rule, and its condition holds at the second. */
bool hz_gen_same_group(hz_gen_block *block, const hz_rule *rule, hz_gen_row *row, hz_gen_row *other);
/* A text that the field cannot read. */
hz_slice hz_gen_wrong_text(hz_gen_block *block, const hz_field *field, hz_slice now);

/* ---- generate_solve.c ---- */
typedef enum hz_gen_verdict { HZ_GEN_HOLDS, HZ_GEN_FAILS, HZ_GEN_UNKNOWN } hz_gen_verdict;
hz_gen_verdict hz_gen_judge_row(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row);
bool hz_gen_mend(hz_gen_block *block, const hz_gen_rule *rule, hz_gen_row *row);
/* Fills a block with rows. `failed[rule]` counts what was left. */
HZ_NODISCARD hz_status hz_gen_solve(hz_gen_block *block, uint64_t *failed, hz_error *err);

/* ---- generate_stamp.c: a block as bytes ---- */

enum { HZ_GEN_SLACK = 32 }; /* bytes behind what is copied, to spare: short pieces are moved whole */

typedef struct hz_gen_piece {
    uint32_t from, len; /* literal bytes before the token */
    uint32_t token;     /* UINT32_MAX: none */
    uint8_t cut;        /* PLACE: digits; else 0 */
    bool old_form;      /* RESIDENT: fifteen digits */
} hz_gen_piece;

typedef struct hz_gen_text { /* bytes with places for tokens */
    hz_buf bytes;
    hz_gen_piece *pieces;
    size_t count, capacity;
    uint64_t rows;
} hz_gen_text;

typedef struct hz_gen_token {
    hz_gen_kind kind;
    uint32_t length; /* KEY: digits */
    uint64_t index;  /* among the template's of this kind */
    uint64_t surname;
    int32_t birth;
    char sex;
    bool local, bound;
    bool elsewhere;       /* PLACE: another than the copy's own */
    uint8_t common;       /* with so many digits in common */
    char division[6];     /* of one that is bound */
    uint32_t rank, group; /* RESIDENT: among all of the same day and sex */
} hz_gen_token;

/* A planted defect, or none. */
typedef struct hz_gen_planted {
    const hz_rule *rule;
    uint32_t table, period;
    uint64_t row;      /* in the template's rows of that table and period */
    hz_gen_text words; /* key, fields, was, became: between them a line feed */
} hz_gen_planted;

typedef struct hz_gen_template {
    hz_gen_text *texts; /* by table and period */
    hz_gen_token *tokens;
    size_t tokens_count;
    uint64_t roots;
    bool bad; /* the engine said so */
    hz_gen_planted planted;
} hz_gen_template;

/* What differs from copy to copy. */
typedef struct hz_gen_copy {
    uint64_t number;      /* of the block */
    uint64_t county_uses; /* of this template in this county */
    uint64_t uses;        /* of this template */
    hz_slice place, place_name;
} hz_gen_copy;

typedef struct hz_gen_stamper {
    const hz_gen_plan *plan;
    hz_buf scratch; /* token texts of one copy */
    uint32_t *at;   /* of each token in scratch, and the end of the last */
    size_t at_capacity;
    uint64_t stride; /* tokens of one kind in a template, at most */
} hz_gen_stamper;

HZ_NODISCARD hz_status hz_gen_template_make(hz_gen_template *out, hz_gen_block *block, hz_error *err);
void hz_gen_template_clear(hz_gen_template *template, const hz_gen_plan *plan);
void hz_gen_text_clear(hz_gen_text *text);
/* A text of the block, with its tokens. */
HZ_NODISCARD hz_status hz_gen_text_put(hz_gen_text *text, hz_gen_template *template, hz_gen_block *block,
                                       const hz_field *field, hz_slice cell, bool quoted, hz_error *err);
void hz_gen_text_puts(hz_gen_text *text, hz_slice bytes);
/* Ranks of numbers over all templates, and the stride. */
HZ_NODISCARD hz_status hz_gen_number_all(hz_gen_template *templates, size_t count, hz_gen_stamper *stamper,
                                         hz_error *err);
/* Whether a copy at this place can have all places that its template wants. */
bool hz_gen_copy_fits(const hz_gen_plan *plan, const hz_gen_template *template, uint64_t number);
/* Renders the tokens of one copy, then texts of it. */
HZ_NODISCARD hz_status hz_gen_copy_begin(hz_gen_stamper *stamper, const hz_gen_template *template,
                                         const hz_gen_copy *copy, hz_error *err);
void hz_gen_copy_put(hz_buf *out, const hz_gen_stamper *stamper, const hz_gen_text *text, hz_slice place);
void hz_gen_header_put(hz_buf *out, const hz_table *table);

/* ---- generate_plant.c ---- */
/* Changes a solved block so that the rule fails at one row, notes it, and makes a template; the block is as before.
 * *made false: no way was found. */
HZ_NODISCARD hz_status hz_gen_plant(hz_gen_template *out, bool *made, hz_gen_block *block, uint32_t rule,
                                    hz_error *err);
/* Whether a rule of the profile can be planted at all, and its place in plan.rules; UINT32_MAX. */
uint32_t hz_gen_rule_place(const hz_gen_plan *plan, const hz_rule *rule);

/* ---- generate_judge.c ---- */
/* Stamps every template once, runs the engine over all, and marks those with an error bad; of those with a defect,
 * those where the engine does not find it. `misses` counts by rule of the profile. */
HZ_NODISCARD hz_status hz_gen_judge(hz_gen_template *templates, size_t count, hz_gen_stamper *stamper, uint64_t *misses,
                                    hz_error *err);
#endif
