/* compile_int.h: the builder of a program. Private to validator/eval.
 * A value under construction is a register number; its static type is in the builder's table of registers. */
#ifndef HZ_EVAL_COMPILE_INT_H
#define HZ_EVAL_COMPILE_INT_H
#include "base/htab.h"
#include "validator/eval/kernels_int.h"

typedef struct hz_builder {
    hz_program *program;
    hz_arena *arena; /* the program's */
    const hz_eval_env *env;
    bool plain;
    hz_error *err;
    hz_reg_def *regs;
    size_t regs_count, regs_capacity;
    hz_reg *values; /* of constants, for folding; as many as regs */
    size_t values_capacity;
    hz_ins *ins;
    size_t ins_count, ins_capacity;
    hz_eval *eval; /* folds constants */
    /* what stands in which register: keys are bytes in `keys_arena` */
    hz_buf key;
    hz_htab known;
    hz_slice *keys;
    uint32_t *key_regs;
    size_t keys_count, keys_capacity, key_regs_capacity;
} hz_builder;

/* The register that already has the value described by b->key; HZ_HTAB_NONE when none (or in plain mode). */
uint32_t hz_builder_find(const hz_builder *b);
/* Starts b->key for an instruction: code, op, negation, arguments, k, k2; the caller adds what else tells it from
 * others. */
void hz_builder_key(hz_builder *b, const hz_ins *ins, const uint32_t *args, size_t args_count);
/* Appends the instruction (its arguments are copied) unless all its operands are constants: then its value is.
 * Remembers it under b->key. */
HZ_NODISCARD hz_status hz_builder_add(uint32_t *out, hz_builder *b, hz_ins ins, const uint32_t *args,
                                      size_t args_count);
/* hz_builder_key, find, add in one: for instructions without aux. */
HZ_NODISCARD hz_status hz_builder_emit(uint32_t *out, hz_builder *b, hz_ins ins, const uint32_t *args,
                                       size_t args_count);
HZ_NODISCARD hz_status hz_builder_const(uint32_t *out, hz_builder *b, const hz_value *value);
HZ_NODISCARD hz_status hz_builder_null(uint32_t *out, hz_builder *b, hz_type type, hz_type item_type);
HZ_NODISCARD hz_status hz_builder_input(uint32_t *out, hz_builder *b, hz_reg_kind kind, const hz_field *field,
                                        const hz_node *node);

/* Constants: the register's column of one value, or NULL when it is none or NULL itself. */
const hz_vec *hz_builder_value(const hz_builder *b, uint32_t reg);
bool hz_builder_is_const(const hz_builder *b, uint32_t reg);
/* A constant whole number; false else. */
bool hz_builder_whole(int64_t *out, const hz_builder *b, uint32_t reg);
static inline hz_type hz_builder_type(const hz_builder *b, uint32_t reg)
{
    return b->regs[reg].type;
}

HZ_NODISCARD hz_status hz_compile_node(uint32_t *out, hz_builder *b, const hz_node *node);
/* The node's value as this type: a null literal takes it, a date becomes a timestamp, a timestamp gives its day. */
HZ_NODISCARD hz_status hz_compile_as(uint32_t *out, hz_builder *b, const hz_node *node, hz_type type,
                                     hz_type item_type);
HZ_NODISCARD hz_status hz_compile_cast(uint32_t *out, hz_builder *b, uint32_t reg, hz_type type, hz_type item_type);
/* Both registers brought to one type. */
HZ_NODISCARD hz_status hz_compile_pair(hz_builder *b, uint32_t *x, uint32_t *y);
HZ_NODISCARD hz_status hz_compile_compare(uint32_t *out, hz_builder *b, hz_op op, uint32_t x, uint32_t y);
HZ_NODISCARD hz_status hz_compile_call(uint32_t *out, hz_builder *b, const hz_node *node);
#endif
