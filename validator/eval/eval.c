/* eval.c: the machine. Slots hold temporary columns and are kept from batch to batch; kept memory is a list of blocks
 * that a reset rewinds, so that after the first batches a run allocates nothing. */
#include "validator/eval/kernels_int.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(ptr, size)   ASAN_POISON_MEMORY_REGION((ptr), (size))
#define UNPOISON(ptr, size) ASAN_UNPOISON_MEMORY_REGION((ptr), (size))
#else
#define POISON(ptr, size)   ((void)(ptr), (void)(size))
#define UNPOISON(ptr, size) ((void)(ptr), (void)(size))
#endif
#ifdef HZ_WITH_ICU
#include <unicode/utrans.h>
#endif

enum {
    KEEP_BLOCK_BYTES = 256 * 1024,
    ALIGN = 16,
    BITMAPS_BYTES = (2 * HZ_BATCH_WORDS * 8 + ALIGN - 1) / ALIGN * ALIGN
};

struct hz_keep_block {
    hz_keep_block *next;
    size_t capacity, used;
};
enum { BLOCK_HEAD_BYTES = (sizeof(hz_keep_block) + ALIGN - 1) / ALIGN * ALIGN };

#define ONE     ~UINT64_C(0)
#define FOUR(x) x, x, x, x
#ifdef HZ_TINY
const uint64_t hz_ones[HZ_BATCH_WORDS] = {ONE};
#else
_Static_assert(HZ_BATCH_WORDS == 64, "hz_ones is written out for 64 words");
const uint64_t hz_ones[HZ_BATCH_WORDS] = {FOUR(FOUR(FOUR(ONE)))};
#endif
const uint64_t hz_zeros[HZ_BATCH_WORDS];

static hz_status (*const kernels[HZ_OPC_COUNT])(hz_run *, const hz_ins *) = {
#define HZ_OPCODE(id, kernel, operands, meaning) hz_kernel_##kernel,
#include "validator/eval/ops.def"
#undef HZ_OPCODE
};

const char *hz_opcode_name(hz_opcode code)
{
    static const char *const names[] = {
#define HZ_OPCODE(id, kernel, operands, meaning) #kernel,
#include "validator/eval/ops.def"
#undef HZ_OPCODE
    };
    return names[code];
}

const char *hz_opcode_operands(hz_opcode code)
{
    static const char *const texts[] = {
#define HZ_OPCODE(id, kernel, operands, meaning) operands,
#include "validator/eval/ops.def"
#undef HZ_OPCODE
    };
    return texts[code];
}

hz_eval *hz_eval_new(void)
{
    return hz_mem_zalloc(1, sizeof(hz_eval));
}

void hz_eval_free(hz_eval *eval)
{
    if (!eval)
        return;
    while (eval->blocks) {
        hz_keep_block *next = eval->blocks->next;
        UNPOISON((char *)eval->blocks + BLOCK_HEAD_BYTES, eval->blocks->capacity);
        hz_mem_free(eval->blocks);
        eval->blocks = next;
    }
    for (size_t i = 0; i < eval->slots_count; i++)
        hz_mem_free(eval->slots[i].bytes);
    hz_mem_free(eval->slots);
    hz_mem_free(eval->regs);
    hz_mem_free(eval->trigrams);
    hz_mem_free(eval->sounds);
    hz_pattern_scratch_free(eval->pattern_scratch);
#ifdef HZ_WITH_ICU
    if (eval->pinyin)
        utrans_close(eval->pinyin);
#endif
    hz_mem_free(eval);
}

void hz_eval_reset(hz_eval *eval)
{
    for (hz_keep_block *block = eval->blocks; block; block = block->next) {
        block->used = 0;
        POISON((char *)block + BLOCK_HEAD_BYTES, block->capacity);
    }
    eval->open = eval->blocks;
}

/* A block with room, behind the open one; blocks that are too small for this request are passed over until the next
 * reset. */
static hz_keep_block *block_with_room(hz_eval *eval, size_t bytes)
{
    hz_keep_block **at = eval->open ? &eval->open : &eval->blocks;
    hz_keep_block *last = NULL;
    for (hz_keep_block *block = *at; block; block = block->next) {
        if (block->capacity - block->used >= bytes)
            return eval->open = block;
        last = block;
    }
    size_t capacity = bytes > KEEP_BLOCK_BYTES ? bytes : KEEP_BLOCK_BYTES;
    hz_keep_block *block = hz_mem_alloc(BLOCK_HEAD_BYTES + capacity);
    if (!block)
        return NULL;
    *block = (hz_keep_block){NULL, capacity, 0};
    POISON((char *)block + BLOCK_HEAD_BYTES, capacity);
    if (last)
        last->next = block;
    else
        eval->blocks = block;
    return eval->open = block;
}

void *hz_run_keep(hz_run *run, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2) {
        hz_nomem(run->err, size_bytes);
        return NULL;
    }
    size_t rounded = (size_bytes + ALIGN) / ALIGN * ALIGN;
    hz_keep_block *block = run->eval->open;
    if (!block || block->capacity - block->used < rounded)
        block = block_with_room(run->eval, rounded);
    if (!block) {
        hz_nomem(run->err, size_bytes);
        return NULL;
    }
    char *ptr = (char *)block + BLOCK_HEAD_BYTES + block->used;
    block->used += rounded;
    UNPOISON(ptr, size_bytes);
    return ptr;
}

void hz_run_keep_trim(hz_run *run, const void *ptr, size_t size_bytes, size_t used_bytes)
{
    hz_keep_block *block = run->eval->open;
    size_t rounded = (size_bytes + ALIGN) / ALIGN * ALIGN, kept = (used_bytes + ALIGN) / ALIGN * ALIGN;
    HZ_ASSERT((const char *)ptr + rounded == (char *)block + BLOCK_HEAD_BYTES + block->used);
    block->used -= rounded - kept;
    POISON((const char *)ptr + kept, rounded - kept);
}

size_t hz_type_bytes(hz_type type)
{
    switch (type) {
    case HZ_TYPE_BOOLEAN:
        return 0;
    case HZ_TYPE_TEXT:
        return sizeof(hz_slice);
    case HZ_TYPE_DECIMAL:
        return sizeof(hz_decimal);
    case HZ_TYPE_INTERVAL:
        return sizeof(hz_interval);
    case HZ_TYPE_ARRAY:
        return sizeof(uint32_t);
    default:
        return sizeof(int64_t);
    }
}

static size_t values_bytes(hz_type type, size_t count)
{
    return type == HZ_TYPE_BOOLEAN ? hz_bits_words(count) * sizeof(uint64_t) : count * hz_type_bytes(type);
}

static char *slot_bytes(hz_run *run, uint32_t index, size_t size_bytes)
{
    hz_slot *slot = &run->eval->slots[index];
    if (slot->capacity < size_bytes) {
        char *bytes = hz_mem_alloc(size_bytes);
        if (!bytes) {
            hz_nomem(run->err, size_bytes);
            return NULL;
        }
        hz_mem_free(slot->bytes);
        *slot = (hz_slot){bytes, size_bytes};
    }
    return slot->bytes;
}

hz_vec *hz_run_out(hz_run *run, const hz_ins *ins, hz_type type)
{
    uint32_t slot = run->defs[ins->dst].slot;
    bool kept = slot == HZ_SLOT_RESULT;
    size_t bytes = BITMAPS_BYTES + values_bytes(type, kept ? run->rows_count : HZ_BATCH_ROWS);
    char *memory = kept ? hz_run_keep(run, bytes) : slot_bytes(run, slot, bytes);
    if (!memory)
        return NULL;
    hz_reg *reg = &run->regs[ins->dst];
    reg->step = 1;
    reg->vec = (hz_vec){.type = type, .item_type = ins->item_type, .count = run->rows_count};
    reg->vec.valid = (uint64_t *)(void *)memory;
    reg->vec.invalid = reg->vec.valid + HZ_BATCH_WORDS;
    reg->vec.as.any = memory + BITMAPS_BYTES;
    return &reg->vec;
}

bool hz_run_keep_vec(hz_run *run, hz_vec *vec, hz_type type, size_t count)
{
    size_t words = hz_bits_words(count);
    *vec = (hz_vec){.type = type, .count = (uint32_t)count};
    vec->valid = hz_run_keep(run, 2 * words * sizeof(uint64_t));
    vec->as.any = hz_run_keep(run, values_bytes(type, count));
    if (!vec->valid || !vec->as.any)
        return false;
    vec->invalid = vec->valid + words;
    memset(vec->valid, 0, 2 * words * sizeof(uint64_t));
    if (type == HZ_TYPE_BOOLEAN)
        memset(vec->as.bits, 0, words * sizeof(uint64_t));
    return true;
}

hz_status hz_run_ins(hz_run *run, const hz_ins *ins)
{
    HZ_TRY(kernels[ins->code](run, ins));
    if (run->rows_count & 63) {
        hz_vec *out = &run->regs[ins->dst].vec;
        size_t last = run->words_count - 1;
        out->valid[last] &= run->tail;
        out->invalid[last] &= run->tail;
        if (out->type == HZ_TYPE_BOOLEAN)
            out->as.bits[last] &= run->tail;
    }
    return HZ_OK;
}

/* Registers of runs within runs (a callback may evaluate) stand one behind the other. */
static hz_status prepare(const hz_run *run, const hz_program *program)
{
    hz_eval *eval = run->eval;
    if (!HZ_GROW(eval->regs, eval->regs_capacity, eval->regs_count + program->regs_count) ||
        !HZ_GROW(eval->slots, eval->slots_capacity, program->slots_count))
        return hz_nomem(run->err, program->regs_count * sizeof(hz_reg));
    while (eval->slots_count < program->slots_count)
        eval->slots[eval->slots_count++] = (hz_slot){NULL, 0};
    eval->regs_count += program->regs_count;
    return HZ_OK;
}

static const hz_vec *input_of(const hz_reg_def *def, const hz_eval_input *input)
{
    switch (def->kind) {
    case HZ_REG_FIELD:
        return input->field(input->ctx, def->field);
    case HZ_REG_RAW:
        return input->raw(input->ctx, def->field);
    case HZ_REG_RELATIONAL:
        return input->relational ? input->relational(input->ctx, def->node) : NULL;
    default:
        return &def->value;
    }
}

static hz_status load_inputs(const hz_run *run, const hz_program *program, size_t base, const hz_eval_input *input)
{
    for (uint32_t r = 0; r < program->regs_count; r++) {
        const hz_reg_def *def = &program->regs[r];
        if (!def->used || def->kind == HZ_REG_TEMP)
            continue;
        const hz_vec *vec = input_of(def, input);
        if (HZ_NEVER(!vec))
            return hz_fail(run->err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("an expression's input is missing"));
        run->eval->regs[base + r] = (hz_reg){*vec, def->kind == HZ_REG_CONST ? 0 : 1};
    }
    return HZ_OK;
}

static hz_status run_all(hz_run *run, const hz_vec **result, const hz_program *program)
{
    for (uint32_t i = 0; i < program->ins_count; i++)
        HZ_TRY(hz_run_ins(run, &program->ins[i]));
    hz_vec *copy = hz_run_keep(run, sizeof *copy);
    if (!copy)
        return HZ_E_NOMEM;
    *copy = run->regs[program->result].vec;
    *result = copy;
    return HZ_OK;
}

hz_status hz_program_run(const hz_vec **result, const hz_program *program, hz_eval *eval, const hz_eval_input *input,
                         hz_error *err)
{
    HZ_ASSERT(input->rows_count <= HZ_BATCH_ROWS);
    *result = NULL;
    size_t base = eval->regs_count;
    hz_run run = hz_run_of(eval, program->regs, input->rows_count, err);
    HZ_TRY(prepare(&run, program));
    hz_status st = load_inputs(&run, program, base, input);
    run.regs = eval->regs + base;
    if (st == HZ_OK)
        st = run_all(&run, result, program);
    eval->regs_count = base;
    return st;
}
