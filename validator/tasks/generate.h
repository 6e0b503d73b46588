/* generate.h: a plausible submission from a profile alone, of any size, and defects planted in it on purpose.
 *
 * What is asked for is files: a CSV a table in a folder, the submissions of earlier periods in folders previous and
 * previous2 inside it, and the list of planted defects as CSV. The same profile, options and seed give the same bytes
 * on any machine. */
#ifndef HZ_TASKS_GENERATE_H
#define HZ_TASKS_GENERATE_H
#include "validator/engine/engine.h"

/* --rows TABLE=COUNT */
typedef struct hz_gen_rows {
    hz_slice table;
    uint64_t count;
} hz_gen_rows;

/* --defect RULE=COUNT */
typedef struct hz_gen_defect {
    hz_slice rule;
    uint64_t count;
} hz_gen_defect;

typedef struct hz_gen_options {
    const hz_profile *profile; /* borrowed, as all else here */
    hz_lists *lists;
    const hz_limits *limits;
    const hz_cancel *cancel; /* may be NULL */
    const hz_given *params;
    size_t params_count;
    bool has_as_of; /* without: the profile's own day, or that of its `x-examples`; else HZ_E_USAGE */
    int32_t as_of;
    hz_gen_rows rows; /* the table whose rows are counted; "" : the first table that has members of its own */
    uint64_t seed;
    hz_decimal defects_rate;      /* defects for each row of that table, 0 to 1 */
    const hz_gen_defect *defects; /* these rules, so often */
    size_t defects_count;
    hz_slice region;     /* division code that all lie below; "" anywhere */
    unsigned periods;    /* 1 to HZ_PERIODS_MAX */
    const char *folder;  /* made when it is not there */
    const char *answers; /* file; NULL: none */
    unsigned threads;    /* 0: as many as the process may use */
} hz_gen_options;

typedef enum hz_gen_why {
    HZ_GEN_WHY_ROWS,    /* rows could not be made to satisfy it; all others: no defect was planted */
    HZ_GEN_WHY_NO_WAY,  /* no row could be made that fails it */
    HZ_GEN_WHY_FILE,    /* it speaks of files as wholes */
    HZ_GEN_WHY_TABLE,   /* of a table that is not made */
    HZ_GEN_WHY_PERIOD,  /* it reads a period that was not asked for */
    HZ_GEN_WHY_DAY,     /* it is not in force: a draft, withdrawn, or not on that day */
    HZ_GEN_WHY_MEASURE, /* a figure over all rows */
    HZ_GEN_WHY_ROOM,    /* too few rows were asked for: so many of its defects are not there */
    HZ_GEN_WHY_GROUP,   /* no defect: an error over groups that the data have, whatever their rows */
    HZ_GEN_WHY_MOVED,   /* no defect: `rules` is the day, which nobody asked for, and earlier periods needed */
    HZ_GEN_WHY_COUNT
} hz_gen_why;

/* What could not be done, by rule. */
typedef struct hz_gen_miss {
    hz_slice rules; /* its id, or several with ", " between */
    hz_gen_why why;
    bool asked;    /* by name: --defect */
    uint64_t rows; /* WHY_ROWS: of the trial rows, those that failed it; WHY_ROOM: defects; WHY_GROUP: groups */
} hz_gen_miss;

typedef struct hz_gen {
    hz_arena *arena;
    uint64_t rows, bytes, defects; /* written: rows of all tables and periods; defects planted */
    const hz_table *counted;       /* whose rows were counted */
    uint64_t counted_rows;
    hz_gen_miss *misses;
    size_t misses_count;
    const hz_table **left_out; /* tables that nothing ties to the counted one: no rows were made */
    size_t left_out_count;
} hz_gen;

/* HZ_E_USAGE: a table, rule, day or parameter is missing or unknown, a region without divisions. HZ_E_LIMIT: no trial
 * satisfied the profile
 * (*out then has the misses). HZ_E_IO, HZ_E_NOMEM, HZ_E_CANCELLED. *out is owned, also after an error: hz_gen_free; may
 * be NULL then. */
HZ_NODISCARD hz_status hz_gen_run(hz_gen **out, const hz_gen_options *options, hz_error *err);
void hz_gen_free(hz_gen *gen); /* takes NULL */
#endif
