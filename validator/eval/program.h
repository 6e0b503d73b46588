/* program.h: what a compiled expression is, and the machine that runs it. Private to validator/eval.
 *
 * Straight-line code over registers, each written once. A register is a column of values, or a constant: a column of
 * one value that is read with step 0. Temporary registers live in slots of the hz_eval that are used again as soon as
 * their last reader is done; the result is put into memory that stays until hz_eval_reset, and so are new texts and
 * items of arrays. Whether a numeric register holds INTEGER or DECIMAL is known only when it runs: whole arithmetic
 * stays in 64 bits until a batch overflows. */
#ifndef HZ_EVAL_PROGRAM_H
#define HZ_EVAL_PROGRAM_H
#include "base/alloc.h"
#include "base/arena.h"
#include "validator/eval/eval.h"
#include "validator/eval/pattern.h"

enum { HZ_BATCH_WORDS = (HZ_BATCH_ROWS + 63) / 64 };

typedef enum hz_opcode {
#define HZ_OPCODE(id, kernel, operands, meaning) HZ_OPC_##id,
#include "validator/eval/ops.def"
#undef HZ_OPCODE
    HZ_OPC_COUNT
} hz_opcode;

typedef struct hz_ins {
    hz_opcode code;
    hz_op op;
    bool negated;
    hz_type type, item_type; /* of the result, as far as compiling knows */
    uint32_t dst;
    uint32_t args_count;
    const uint32_t *args; /* registers; in the program's arena */
    int64_t k, k2;
    const void *aux; /* set, like, pattern, format, list, types: by opcode */
} hz_ins;

typedef enum hz_reg_kind { HZ_REG_CONST, HZ_REG_FIELD, HZ_REG_RAW, HZ_REG_RELATIONAL, HZ_REG_TEMP } hz_reg_kind;

typedef struct hz_reg_def {
    hz_reg_kind kind;
    hz_type type, item_type;
    hz_vec value;          /* CONST: one row */
    const hz_field *field; /* FIELD, RAW */
    const hz_node *node;   /* RELATIONAL */
    uint32_t slot;         /* TEMP; HZ_SLOT_RESULT for the result */
    bool used;
} hz_reg_def;

#define HZ_SLOT_RESULT UINT32_MAX

struct hz_program {
    hz_arena *arena;
    hz_reg_def *regs;
    uint32_t regs_count;
    hz_ins *ins;
    uint32_t ins_count;
    uint32_t slots_count;
    uint32_t result;
    const hz_field **fields, **raw_fields;
    const hz_node **relational;
    size_t fields_count, raw_fields_count, relational_count;
    hz_pattern **patterns;
    size_t patterns_count, patterns_capacity;
};

/* Constants of one `in`. Texts of up to 7 bytes are packed with their length into one word and found exactly; longer
 * ones by hash. */
typedef struct hz_text_set {
    bool has_null;
    uint64_t *packed; /* open addressing, 0 = empty */
    size_t packed_mask;
    hz_slice *items; /* the longer ones */
    uint32_t *slots; /* item + 1, 0 = empty */
    size_t slots_mask, items_count;
    uint64_t lengths; /* bit n: some item has n bytes; bit 63: 63 or more */
} hz_text_set;

typedef struct hz_i64_set {
    bool has_null;
    int64_t empty; /* a number that is not in the set marks empty slots */
    int64_t *slots;
    size_t mask;
} hz_i64_set;

/* A constant LIKE pattern: the common shapes by plain search, the rest by the general matcher. */
typedef struct hz_like {
    enum { HZ_LIKE_EXACT, HZ_LIKE_PREFIX, HZ_LIKE_SUFFIX, HZ_LIKE_INFIX, HZ_LIKE_GENERAL, HZ_LIKE_BAD } shape;
    hz_slice text; /* without escapes and %; GENERAL: the pattern itself */
} hz_like;

typedef struct hz_reg {
    hz_vec vec;
    size_t step; /* 1, or 0 for a constant */
} hz_reg;

typedef struct hz_slot {
    char *bytes; /* valid words, invalid words, values */
    size_t capacity;
} hz_slot;

typedef struct hz_keep_block hz_keep_block;

struct hz_eval {
    hz_keep_block *blocks, *open; /* until reset: results, texts, items */
    hz_slot *slots;
    size_t slots_count, slots_capacity;
    hz_reg *regs;
    size_t regs_count, regs_capacity;
    hz_pattern_scratch *pattern_scratch;
    void *pinyin;       /* UTransliterator */
    uint32_t *sounds;   /* by character (kernels_similar.c); NULL: none asked yet */
    uint64_t *trigrams; /* of the two texts of similarity */
    size_t trigrams_capacity;
};

typedef struct hz_run {
    hz_eval *eval;
    const hz_reg_def *defs;
    hz_reg *regs;
    uint32_t rows_count;
    size_t words_count;
    uint64_t tail; /* the rows that there are, of the last word */
    hz_error *err;
} hz_run;

static inline hz_run hz_run_of(hz_eval *eval, const hz_reg_def *defs, uint32_t rows_count, hz_error *err)
{
    return (hz_run){eval, defs, eval->regs, rows_count, hz_bits_words(rows_count), hz_bits_tail(rows_count), err};
}

#define HZ_OPCODE(id, kernel, operands, meaning) hz_status hz_kernel_##kernel(hz_run *run, const hz_ins *ins);
#include "validator/eval/ops.def"
#undef HZ_OPCODE

/* All ones and all zeros, HZ_BATCH_WORDS long: bitmaps of constants. */
extern const uint64_t hz_ones[HZ_BATCH_WORDS], hz_zeros[HZ_BATCH_WORDS];

/* Room for values of this type for the rows of the batch as register ins->dst; bitmaps and values are not initialised.
 * NULL: no memory (err set). */
hz_vec *hz_run_out(hz_run *run, const hz_ins *ins, hz_type type);
/* Memory until hz_eval_reset, 16-byte aligned. NULL: no memory (err set). */
void *hz_run_keep(hz_run *run, size_t size_bytes);
/* An array's items (or any column of its own) in kept memory; bitmaps zeroed. false: no memory. */
bool hz_run_keep_vec(hz_run *run, hz_vec *vec, hz_type type, size_t count);
/* Gives back the unused end of the last hz_run_keep of size_bytes. */
void hz_run_keep_trim(hz_run *run, const void *ptr, size_t size_bytes, size_t used_bytes);
/* Runs one instruction and clears the bits behind the last row. */
hz_status hz_run_ins(hz_run *run, const hz_ins *ins);
const char *hz_opcode_name(hz_opcode code);
const char *hz_opcode_operands(hz_opcode code);

/* Bytes of one value of a type; 0 for BOOLEAN. */
size_t hz_type_bytes(hz_type type);

/* Every fusion, folding and sharing left out: the other way to the same answer. For tests. */
HZ_NODISCARD hz_status hz_program_compile_plain(hz_program **out, const hz_node *root, const hz_eval_env *env,
                                                hz_error *err);
#endif
