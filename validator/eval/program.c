/* program.c: what a program says of itself. */
#include "validator/eval/program.h"
#include <inttypes.h>

void hz_program_free(hz_program *program)
{
    if (!program)
        return;
    for (size_t i = 0; i < program->patterns_count; i++)
        hz_pattern_free(program->patterns[i]);
    hz_mem_free(program->patterns);
    hz_arena_free(program->arena);
    hz_mem_free(program);
}

const char *hz_program_missing_part(const hz_node *root)
{
#ifdef HZ_WITH_ICU
    (void)root;
    return NULL;
#else
    if (root->kind == HZ_NODE_CALL && root->function == HZ_FUNC_PINYIN)
        return "icu";
    for (uint32_t i = 0; i < root->items_count; i++) {
        const char *part = root->items[i] ? hz_program_missing_part(root->items[i]) : NULL;
        if (part)
            return part;
    }
    return NULL;
#endif
}

size_t hz_program_fields(const hz_program *program, const hz_field *const **fields)
{
    *fields = program->fields;
    return program->fields_count;
}

size_t hz_program_raw_fields(const hz_program *program, const hz_field *const **fields)
{
    *fields = program->raw_fields;
    return program->raw_fields_count;
}

size_t hz_program_relational(const hz_program *program, const hz_node *const **nodes)
{
    *nodes = program->relational;
    return program->relational_count;
}

static void print_const(hz_buf *out, const hz_vec *value)
{
    if (!(value->valid[0] & 1)) {
        hz_buf_puts(out, "null");
        return;
    }
    if (value->type == HZ_TYPE_TEXT)
        hz_buf_putc(out, '\'');
    hz_vec_put(out, value, 0, HZ_SLICE_NONE);
    if (value->type == HZ_TYPE_TEXT)
        hz_buf_putc(out, '\'');
}

static void print_reg(hz_buf *out, const hz_program *program, uint32_t index)
{
    const hz_reg_def *reg = &program->regs[index];
    switch (reg->kind) {
    case HZ_REG_CONST:
        print_const(out, &reg->value);
        break;
    case HZ_REG_FIELD:
        hz_buf_put(out, reg->field->name);
        break;
    case HZ_REG_RAW:
        hz_buf_puts(out, "raw ");
        hz_buf_put(out, reg->field->name);
        break;
    case HZ_REG_RELATIONAL:
        hz_buf_printf(out, "related#%" PRIu32, reg->node->id);
        break;
    case HZ_REG_TEMP:
        hz_buf_printf(out, "%%%" PRIu32, index);
        break;
    }
}

static const char *op_text(hz_op op)
{
    static const char *const texts[] = {
        [HZ_OP_NONE] = "", [HZ_OP_EQ] = "=",  [HZ_OP_NE] = "<>", [HZ_OP_LT] = "<",  [HZ_OP_LE] = "<=", [HZ_OP_GT] = ">",
        [HZ_OP_GE] = ">=", [HZ_OP_ADD] = "+", [HZ_OP_SUB] = "-", [HZ_OP_MUL] = "*", [HZ_OP_DIV] = "/"};
    return texts[op];
}

/* Whether the instruction has this operand: a word of its operands in ops.def. */
static bool has_operand(hz_opcode code, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = hz_opcode_operands(code); (at = strstr(at, word)); at += len)
        if (at > hz_opcode_operands(code) && at[-1] == ' ' && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

void hz_program_print(hz_buf *out, const hz_program *program)
{
    for (uint32_t i = 0; i < program->ins_count; i++) {
        const hz_ins *ins = &program->ins[i];
        hz_buf_printf(out, "%%%" PRIu32 " = %s%s", ins->dst, ins->negated ? "not " : "", hz_opcode_name(ins->code));
        if (ins->op != HZ_OP_NONE)
            hz_buf_printf(out, " %s", op_text(ins->op));
        for (uint32_t k = 0; k < ins->args_count; k++) {
            hz_buf_puts(out, k ? ", " : " ");
            print_reg(out, program, ins->args[k]);
        }
        if (has_operand(ins->code, "k"))
            hz_buf_printf(out, " k=%" PRId64, ins->k);
        if (has_operand(ins->code, "k2"))
            hz_buf_printf(out, " k2=%" PRId64, ins->k2);
        hz_buf_putc(out, '\n');
    }
    hz_buf_puts(out, "return ");
    print_reg(out, program, program->result);
    hz_buf_putc(out, '\n');
}
