/* eval.h: checked expressions compiled to vector programs and run over batches, in three-valued logic with a second
 * null (INVALID). Meaning: docs/language.md. A program is immutable after compile and shared by threads; each thread
 * has its own hz_eval. A kernel knows nothing of files: fields, raw texts and relational values come through callbacks.
 */
#ifndef HZ_EVAL_EVAL_H
#define HZ_EVAL_EVAL_H
#include "profiles/profile.h"

typedef struct hz_program hz_program;
typedef struct hz_eval hz_eval;

/* What is fixed for a run. All borrowed for the life of the programs. */
typedef struct hz_eval_env {
    const hz_value *params; /* one for each profile.params */
    bool has_as_of;
    int32_t as_of; /* days */
    const hz_semtypes *semtypes;
    const hz_limits *limits; /* PATTERN_* */
} hz_eval_env;

/* Compiles the tree under root. Programs own their memory. AGGREGATE and PATH nodes become inputs (`relational`).
 * pinyin without ICU: HZ_E_LIMIT never; the caller asks hz_program_missing_part first. Constant subtrees are folded. */
HZ_NODISCARD hz_status hz_program_compile(hz_program **out, const hz_node *root, const hz_eval_env *env, hz_error *err);
void hz_program_free(hz_program *program);
/* NULL when all is built in, else the name of the part that is not ("icu"). */
const char *hz_program_missing_part(const hz_node *root);
/* The fields whose typed (or raw) column the program reads, each once. Borrowed. */
size_t hz_program_fields(const hz_program *program, const hz_field *const **fields);
size_t hz_program_raw_fields(const hz_program *program, const hz_field *const **fields);
/* The nodes whose values come by `relational`, each once. Borrowed. */
size_t hz_program_relational(const hz_program *program, const hz_node *const **nodes);
/* Listing, one instruction a line, for --explain-plan and tests. */
void hz_program_print(hz_buf *out, const hz_program *program);

/* The callbacks may run programs on the same hz_eval. */
typedef struct hz_eval_input {
    void *ctx;
    uint32_t rows_count;                                      /* at most HZ_BATCH_ROWS */
    const hz_vec *(*field)(void *ctx, const hz_field *field); /* typed, rows_count values */
    const hz_vec *(*raw)(void *ctx, const hz_field *field);   /* TEXT; invalid bits never set */
    const hz_vec *(*relational)(void *ctx,
                                const hz_node *node); /* AGGREGATE, PATH, VALUE, and FIELD and raw(FIELD) with scope >
                                                         0: the outer row's; may be NULL when there are none */
} hz_eval_input;

HZ_NODISCARD hz_eval *hz_eval_new(void); /* scratch memory of one thread; NULL when out of memory */
void hz_eval_free(hz_eval *eval);
/* Runs a program. *result is borrowed until hz_eval_reset (results of several programs may live side by side over one
 * batch). HZ_E_LIMIT: a pattern limit was hit (the message names it): the rule ends in error. */
HZ_NODISCARD hz_status hz_program_run(const hz_vec **result, const hz_program *program, hz_eval *eval,
                                      const hz_eval_input *input, hz_error *err);
void hz_eval_reset(hz_eval *eval);

/* Appends the value of row i as text (docs/language.md, Messages); NULL prints as ∅ and INVALID as `invalid_text`. */
void hz_vec_put(hz_buf *out, const hz_vec *vec, size_t row, hz_slice invalid_text);
/* The canonical bytes of a value for keys: equal values, equal bytes; tagged and length-prefixed so that parts can be
 * joined; order of bytes is no order of values. Only where valid. */
void hz_vec_put_key(hz_buf *out, const hz_vec *vec, size_t row);
/* -1, 0, 1 by value; both valid and of one type. */
int hz_vec_compare(const hz_vec *a, size_t row_a, const hz_vec *b, size_t row_b);
/* Copies value and bits of one row; INTEGER becomes DECIMAL and DATE TIMESTAMP where `to` is that. */
void hz_vec_copy_row(hz_vec *to, size_t to_row, const hz_vec *from, size_t from_row);
/* Copies row i out; text stays borrowed. valid false for NULL and INVALID, and for arrays, which a hz_value cannot
 * hold. */
hz_value hz_vec_value(const hz_vec *vec, size_t row);
#endif
