/* suggest_int.h: what the files of suggest share.
 *
 *   suggest.c        files to samples, tables to files
 *   suggest_fit.c    how well texts fit a field, and a name a field
 *   suggest_match.c  columns to fields
 *   suggest_write.c  the mapping */
#ifndef HZ_TASKS_SUGGEST_INT_H
#define HZ_TASKS_SUGGEST_INT_H
#include "base/alloc.h"
#include "base/htab.h"
#include "profiles/yaml.h"
#include "standards/semtype.h"
#include "validator/eval/pattern.h"
#include "validator/tasks/suggest.h"

enum {
    SUGGEST_COLUMNS = 512,
    SUGGEST_CELL_BYTES = 256,
    SUGGEST_SURE = 60,   /* percent */
    SUGGEST_UNSURE = 35, /* below it nothing is said */
    SUGGEST_FORMS = 12,
    SUGGEST_PARTS = 4
};

typedef struct suggest_column {
    hz_slice header;
    hz_slice *cells; /* as file.rows, without blanks at their ends */
} suggest_column;

/* How texts fit a field. */
typedef struct suggest_fit {
    size_t of, fits; /* texts that say something; of them those that fit */
    bool strong;     /* the field's type tells a lot of a text that fits */
    bool number;     /* or at least something */
    uint32_t forms;  /* of dates that are needed, by hz_suggest_forms */
    bool grouped;    /* numbers as 1,234.5 */
    hz_slice separator;
} suggest_fit;

typedef enum suggest_way { SUGGEST_WHOLE, SUGGEST_JOIN, SUGGEST_BY, SUGGEST_AT } suggest_way;

typedef struct suggest_match {
    const hz_field *field;
    suggest_way way;
    size_t column, last; /* JOIN: column … last */
    size_t part, parts;  /* BY, AT */
    char by;
    size_t at;       /* characters */
    hz_slice *texts; /* as file.rows */
    suggest_fit fit;
    unsigned name, percent;
    bool own_name;  /* the profile finds the column without a mapping */
    bool known_key; /* its values are those of a column of another file, and it is the key of another table */
} suggest_match;

typedef struct suggest_file {
    const char *path;
    hz_slice base;  /* the last part of its path */
    hz_slice sheet; /* "" unless it is a spreadsheet */
    suggest_column *columns;
    size_t columns_count, rows;
    const hz_table *table;  /* NULL: none */
    suggest_match *matches; /* for `table` */
    size_t matches_count;
} suggest_file;

typedef struct suggest_job {
    const hz_suggest_options *options;
    hz_arena *arena;
    hz_semtypes *semtypes;
    hz_pattern_scratch *scratch;
    suggest_file *files;
    size_t files_count, files_capacity;
    hz_error *err;
} suggest_job;

/* ---- suggest_fit.c ---- */
extern const char *const hz_suggest_forms[SUGGEST_FORMS];
/* 0 to 100; *own: one of the field's own names. */
unsigned hz_suggest_name(bool *own, hz_slice header, const hz_field *field);
HZ_NODISCARD hz_status hz_suggest_fit(suggest_fit *out, suggest_job *job, const hz_field *field, const hz_slice *texts,
                                      size_t rows);
/* The code that a text stands for: itself, or by its name; false: none, or several. */
bool hz_suggest_code(hz_slice *code, const hz_field *field, hz_slice text);
/* What a text stands for in a boolean field; false: nothing. */
bool hz_suggest_truth(hz_slice *code, const hz_field *field, hz_slice text);
bool hz_suggest_is_null(hz_slice text);
unsigned hz_suggest_percent(unsigned name, const suggest_fit *fit);
/* The next value of a list, from *at on; false: no more. */
bool hz_suggest_item(hz_slice *item, size_t *at, hz_slice text, hz_slice separator);

/* ---- suggest_match.c ---- */
/* The best use of a file's columns for a table; *score: the sum of what is sure. In the job's arena. */
HZ_NODISCARD hz_status hz_suggest_match(suggest_match **out, size_t *count, unsigned *score, suggest_job *job,
                                        const suggest_file *file, const hz_table *table);

/* ---- suggest_write.c ---- */
HZ_NODISCARD hz_status hz_suggest_write(hz_buf *out, suggest_job *job);
#endif
