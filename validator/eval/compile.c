/* compile.c: building, finishing and describing programs.
 *
 * Instructions are emitted by a walk of the tree (compile_node.c, compile_call.c). Each is described by a string of
 * bytes (its code, operands and constants); one that was emitted before is not emitted again. One whose operands are
 * all constants is run at once over one row, and its value becomes a constant. In the end what the result does not need
 * is dropped, and temporary registers get slots in the order in which they die. */
#include "validator/eval/compile_int.h"

static uint64_t key_hash(const void *ctx, uint32_t entry)
{
    const hz_builder *b = ctx;
    return hz_hash_bytes(b->keys[entry].ptr, b->keys[entry].len, hz_hash_seed());
}

static bool key_equal(const void *ctx, uint32_t entry, const void *key)
{
    const hz_builder *b = ctx;
    return hz_slice_eq(b->keys[entry], *(const hz_slice *)key);
}

uint32_t hz_builder_find(const hz_builder *b)
{
    hz_slice key = hz_buf_slice(&b->key);
    if (b->plain)
        return HZ_HTAB_NONE;
    uint32_t entry = hz_htab_find(&b->known, hz_hash_bytes(key.ptr, key.len, hz_hash_seed()), &key, key_equal, b);
    return entry == HZ_HTAB_NONE ? HZ_HTAB_NONE : b->key_regs[entry];
}

static hz_status remember(hz_builder *b, uint32_t reg)
{
    HZ_TRY(hz_buf_status(&b->key, b->err));
    if (b->plain)
        return HZ_OK;
    if (!HZ_GROW(b->keys, b->keys_capacity, b->keys_count + 1) ||
        !HZ_GROW(b->key_regs, b->key_regs_capacity, b->keys_count + 1))
        return hz_nomem(b->err, b->keys_count * sizeof(hz_slice));
    HZ_TRY(hz_htab_reserve(&b->known, b->keys_count + 1, key_hash, b, b->err));
    if (hz_arena_copy(&b->keys[b->keys_count], b->arena, hz_buf_slice(&b->key)) != HZ_OK)
        return hz_nomem(b->err, b->key.len);
    b->key_regs[b->keys_count] = reg;
    hz_htab_put(&b->known, key_hash(b, (uint32_t)b->keys_count), (uint32_t)b->keys_count);
    b->keys_count++;
    return HZ_OK;
}

static void key_bytes(hz_builder *b, const void *bytes, size_t len)
{
    hz_buf_put(&b->key, (hz_slice){bytes, len});
}

void hz_builder_key(hz_builder *b, const hz_ins *ins, const uint32_t *args, size_t args_count)
{
    const char head[] = {
        'i', (char)ins->code, (char)ins->op, (char)ins->negated, (char)ins->type, (char)ins->item_type};
    hz_buf_reset(&b->key);
    key_bytes(b, head, sizeof head);
    key_bytes(b, &ins->k, sizeof ins->k);
    key_bytes(b, &ins->k2, sizeof ins->k2);
    key_bytes(b, &args_count, sizeof args_count);
    key_bytes(b, args, args_count * sizeof *args);
}

static hz_status new_reg(uint32_t *out, hz_builder *b, hz_reg_def def)
{
    if (!HZ_GROW(b->regs, b->regs_capacity, b->regs_count + 1) ||
        !HZ_GROW(b->values, b->values_capacity, b->regs_count + 1))
        return hz_nomem(b->err, b->regs_count * sizeof def);
    b->regs[b->regs_count] = def;
    b->values[b->regs_count] = (hz_reg){def.value, 0};
    *out = (uint32_t)b->regs_count++;
    return HZ_OK;
}

bool hz_builder_is_const(const hz_builder *b, uint32_t reg)
{
    return b->regs[reg].kind == HZ_REG_CONST;
}

const hz_vec *hz_builder_value(const hz_builder *b, uint32_t reg)
{
    const hz_reg_def *def = &b->regs[reg];
    return def->kind == HZ_REG_CONST && (def->value.valid[0] & 1) ? &def->value : NULL;
}

bool hz_builder_whole(int64_t *out, const hz_builder *b, uint32_t reg)
{
    const hz_vec *value = hz_builder_value(b, reg);
    if (!value)
        return false;
    if (value->type == HZ_TYPE_DECIMAL)
        return hz_decimal_to_i64(out, value->as.decimal[0]);
    *out = value->as.i64[0];
    return true;
}

/* A column of one value in the program's arena; from: NULL for the null of the type, else row 0 of it. */
static hz_status const_vec(hz_vec *out, hz_builder *b, hz_type type, hz_type item_type, const hz_vec *from)
{
    bool valid = from && hz_bits_get(from->valid, 0);
    /* Bitmaps of constants are shared and never written. */
    *out = (hz_vec){.type = type,
                    .item_type = item_type,
                    .count = 1,
                    .invalid = (uint64_t *)(uintptr_t)hz_zeros,
                    .valid = (uint64_t *)(uintptr_t)(valid ? hz_ones : hz_zeros)};
    if (type == HZ_TYPE_BOOLEAN) {
        out->as.bits = (uint64_t *)(uintptr_t)(valid && hz_bits_get(from->as.bits, 0) ? hz_ones : hz_zeros);
        return HZ_OK;
    }
    size_t bytes = type == HZ_TYPE_ARRAY ? sizeof(uint32_t) : hz_type_bytes(type);
    out->as.any = hz_arena_zalloc(b->arena, 1, bytes);
    if (!out->as.any)
        return hz_nomem(b->err, bytes);
    if (type == HZ_TYPE_TEXT && valid && hz_arena_copy(&out->as.text[0], b->arena, from->as.text[0]) != HZ_OK)
        return hz_nomem(b->err, from->as.text[0].len);
    if (type != HZ_TYPE_TEXT && type != HZ_TYPE_ARRAY && valid)
        memcpy(out->as.any, from->as.any, bytes);
    return HZ_OK;
}

/* Items of a constant array, with bitmaps of their own. */
static hz_status const_items(hz_vec *out, hz_builder *b, const hz_vec *from)
{
    uint32_t count = from && hz_bits_get(from->valid, 0) ? from->as.ends[0] : 0;
    size_t words = hz_bits_words(count), bytes;
    hz_vec *items = HZ_ARENA_NEW(b->arena, hz_vec);
    if (!items)
        return hz_nomem(b->err, sizeof *items);
    *items = (hz_vec){.type = count ? from->items->type : HZ_TYPE_TEXT, .count = count};
    bytes = items->type == HZ_TYPE_BOOLEAN ? words * sizeof(uint64_t) : count * hz_type_bytes(items->type);
    items->valid = HZ_ARENA_ARRAY(b->arena, uint64_t, 2 * words);
    items->as.any = hz_arena_zalloc(b->arena, 1, bytes);
    if (!items->valid || !items->as.any)
        return hz_nomem(b->err, bytes);
    items->invalid = items->valid + words;
    for (uint32_t j = 0; j < count; j++) {
        hz_vec_copy_row(items, j, from->items, j);
        if (items->type == HZ_TYPE_TEXT && hz_bits_get(items->valid, j) &&
            hz_arena_copy(&items->as.text[j], b->arena, from->items->as.text[j]) != HZ_OK)
            return hz_nomem(b->err, from->items->as.text[j].len);
    }
    out->items = items;
    out->as.ends[0] = count;
    return HZ_OK;
}

/* Numbers keep their scale in the key: 1.0 and 1.00 are equal and print differently. */
static void const_key(hz_builder *b, const hz_vec *vec)
{
    const char head[] = {'c', (char)vec->type, (char)vec->item_type, (char)(vec->valid[0] & 1)};
    hz_buf_reset(&b->key);
    key_bytes(b, head, sizeof head);
    if (!(vec->valid[0] & 1))
        return;
    hz_vec_put_key(&b->key, vec, 0);
    if (vec->type == HZ_TYPE_DECIMAL)
        key_bytes(b, &vec->as.decimal[0].scale, sizeof vec->as.decimal[0].scale);
    if (vec->type == HZ_TYPE_INTERVAL)
        key_bytes(b, &vec->as.interval[0], sizeof vec->as.interval[0]);
}

static hz_status add_const(uint32_t *out, hz_builder *b, hz_type type, hz_type item_type, const hz_vec *from)
{
    hz_reg_def def = {.kind = HZ_REG_CONST, .type = type, .item_type = item_type};
    HZ_TRY(const_vec(&def.value, b, type, item_type, from));
    if (type == HZ_TYPE_ARRAY) {
        HZ_TRY(const_items(&def.value, b, from));
        return new_reg(out, b, def);
    }
    const_key(b, &def.value);
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    HZ_TRY(new_reg(out, b, def));
    return remember(b, *out);
}

hz_status hz_builder_null(uint32_t *out, hz_builder *b, hz_type type, hz_type item_type)
{
    return add_const(out, b, type, item_type, NULL);
}

hz_status hz_builder_const(uint32_t *out, hz_builder *b, const hz_value *value)
{
    hz_value copy = *value;
    uint64_t bit = copy.valid && copy.type == HZ_TYPE_BOOLEAN && copy.as.boolean, valid = 1;
    hz_vec vec = {.type = copy.type, .count = 1, .valid = &valid, .invalid = (uint64_t *)(uintptr_t)hz_zeros};
    vec.as.any = copy.type == HZ_TYPE_BOOLEAN ? (void *)&bit : (void *)&copy.as;
    return add_const(out, b, copy.type, HZ_TYPE_NULL, copy.valid ? &vec : NULL);
}

hz_status hz_builder_input(uint32_t *out, hz_builder *b, hz_reg_kind kind, const hz_field *field, const hz_node *node)
{
    const char head[] = {'f', (char)kind};
    hz_buf_reset(&b->key);
    key_bytes(b, head, sizeof head);
    key_bytes(b, &field, sizeof field);
    key_bytes(b, &node, sizeof node);
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    hz_reg_def def = {.kind = kind, .field = field, .node = node};
    def.type = kind == HZ_REG_RAW ? HZ_TYPE_TEXT : kind == HZ_REG_FIELD ? field->value_type : node->type;
    def.item_type = kind == HZ_REG_RAW ? HZ_TYPE_NULL : kind == HZ_REG_FIELD ? field->item_type : node->item_type;
    HZ_TRY(new_reg(out, b, def));
    return remember(b, *out);
}

/* Runs ins over one row of constants. HZ_END when it must stay an instruction (a pattern's limit is an error of the
 * run). */
static hz_status fold(uint32_t *out, hz_builder *b, const hz_ins *ins)
{
    hz_error ignored = {0};
    uint32_t dst = 0;
    HZ_TRY(new_reg(&dst, b, (hz_reg_def){.kind = HZ_REG_TEMP, .slot = HZ_SLOT_RESULT}));
    hz_ins copy = *ins;
    copy.dst = dst;
    hz_run run = hz_run_of(b->eval, b->regs, 1, &ignored);
    run.regs = b->values;
    hz_status st = hz_run_ins(&run, &copy);
    hz_vec result = b->values[dst].vec;
    b->regs_count--;
    if (st == HZ_E_NOMEM)
        return hz_nomem(b->err, 0);
    if (st != HZ_OK)
        return HZ_END;
    /* add_const makes a key of its own; the instruction's is wanted later. */
    hz_buf key = b->key;
    b->key = HZ_BUF_INIT;
    st = add_const(out, b, result.type, result.item_type, &result);
    hz_buf_clear(&b->key);
    b->key = key;
    return st;
}

hz_status hz_builder_add(uint32_t *out, hz_builder *b, hz_ins ins, const uint32_t *args, size_t args_count)
{
    bool constant = args_count > 0 && !b->plain;
    uint32_t *copy = HZ_ARENA_ARRAY(b->arena, uint32_t, args_count);
    if (!copy)
        return hz_nomem(b->err, args_count * sizeof *copy);
    for (size_t i = 0; i < args_count; i++) {
        copy[i] = args[i];
        constant = constant && hz_builder_is_const(b, args[i]);
    }
    ins.args = copy;
    ins.args_count = (uint32_t)args_count;
    hz_status st = constant ? fold(out, b, &ins) : HZ_END;
    if (st != HZ_END)
        return st == HZ_OK ? remember(b, *out) : st;
    HZ_TRY(new_reg(out, b, (hz_reg_def){.kind = HZ_REG_TEMP, .type = ins.type, .item_type = ins.item_type}));
    if (!HZ_GROW(b->ins, b->ins_capacity, b->ins_count + 1))
        return hz_nomem(b->err, b->ins_count * sizeof ins);
    ins.dst = *out;
    b->ins[b->ins_count++] = ins;
    return remember(b, *out);
}

hz_status hz_builder_emit(uint32_t *out, hz_builder *b, hz_ins ins, const uint32_t *args, size_t args_count)
{
    hz_builder_key(b, &ins, args, args_count);
    if ((*out = hz_builder_find(b)) != HZ_HTAB_NONE)
        return HZ_OK;
    return hz_builder_add(out, b, ins, args, args_count);
}

/* In plain mode constants are columns like all others, so that no kernel sees one. */
static hz_status spread_constants(hz_builder *b)
{
    size_t count = b->ins_count, consts = 0;
    for (size_t r = 0; r < b->regs_count; r++)
        consts += b->regs[r].kind == HZ_REG_CONST;
    uint32_t *spread = HZ_ARENA_ARRAY(b->arena, uint32_t, b->regs_count);
    if (!spread || !HZ_GROW(b->ins, b->ins_capacity, count + consts))
        return hz_nomem(b->err, b->regs_count * sizeof *spread);
    if (count)
        memmove(b->ins + consts, b->ins, count * sizeof *b->ins);
    b->ins_count = count + consts;
    for (size_t r = 0, made = 0, regs = b->regs_count; r < regs; r++) {
        if (b->regs[r].kind != HZ_REG_CONST)
            continue;
        hz_type type = b->regs[r].type, item_type = b->regs[r].item_type;
        HZ_TRY(new_reg(&spread[r], b, (hz_reg_def){.kind = HZ_REG_TEMP, .type = type, .item_type = item_type}));
        uint32_t *arg = HZ_ARENA_NEW(b->arena, uint32_t);
        if (!arg)
            return hz_nomem(b->err, sizeof *arg);
        *arg = (uint32_t)r;
        b->ins[made++] = (hz_ins){.code = HZ_OPC_SPREAD,
                                  .type = type,
                                  .item_type = item_type,
                                  .dst = spread[r],
                                  .args_count = 1,
                                  .args = arg};
    }
    for (size_t i = consts; i < b->ins_count; i++) {
        uint32_t *args = HZ_ARENA_ARRAY(b->arena, uint32_t, b->ins[i].args_count);
        if (!args)
            return hz_nomem(b->err, sizeof *args);
        for (uint32_t k = 0; k < b->ins[i].args_count; k++) {
            uint32_t arg = b->ins[i].args[k];
            args[k] = b->regs[arg].kind == HZ_REG_CONST ? spread[arg] : arg;
        }
        b->ins[i].args = args;
    }
    if (b->regs[b->program->result].kind == HZ_REG_CONST)
        b->program->result = spread[b->program->result];
    return HZ_OK;
}

static void drop_unused(hz_builder *b)
{
    size_t kept = b->ins_count;
    b->regs[b->program->result].used = true;
    for (size_t i = b->ins_count; i-- > 0;) {
        if (!b->regs[b->ins[i].dst].used)
            continue;
        for (uint32_t k = 0; k < b->ins[i].args_count; k++)
            b->regs[b->ins[i].args[k]].used = true;
        b->ins[--kept] = b->ins[i];
    }
    b->ins_count -= kept;
    if (b->ins_count)
        memmove(b->ins, b->ins + kept, b->ins_count * sizeof *b->ins);
}

/* A slot is given back after the last instruction that reads it, so a kernel never writes what it reads. */
static hz_status give_slots(hz_builder *b)
{
    uint32_t *last_use = HZ_ARENA_ARRAY(b->arena, uint32_t, b->regs_count), slots = 0, free_count = 0;
    uint32_t *free_slots = HZ_ARENA_ARRAY(b->arena, uint32_t, b->ins_count + 1);
    if (!last_use || !free_slots)
        return hz_nomem(b->err, b->regs_count * sizeof *last_use);
    for (size_t i = 0; i < b->ins_count; i++)
        for (uint32_t k = 0; k < b->ins[i].args_count; k++)
            last_use[b->ins[i].args[k]] = (uint32_t)i;
    b->regs[b->program->result].slot = HZ_SLOT_RESULT;
    for (size_t i = 0; i < b->ins_count; i++) {
        const hz_ins *ins = &b->ins[i];
        if (ins->dst != b->program->result)
            b->regs[ins->dst].slot = free_count ? free_slots[--free_count] : slots++;
        for (uint32_t k = 0; k < ins->args_count; k++) {
            uint32_t arg = ins->args[k];
            if (b->regs[arg].kind != HZ_REG_TEMP || last_use[arg] != i || arg == b->program->result)
                continue;
            free_slots[free_count++] = b->regs[arg].slot;
            last_use[arg] = UINT32_MAX; /* once, though it may be read twice here */
        }
    }
    b->program->slots_count = slots;
    return HZ_OK;
}

static hz_status list_inputs(hz_builder *b)
{
    hz_program *p = b->program;
    p->fields = HZ_ARENA_ARRAY(b->arena, const hz_field *, b->regs_count);
    p->raw_fields = HZ_ARENA_ARRAY(b->arena, const hz_field *, b->regs_count);
    p->relational = HZ_ARENA_ARRAY(b->arena, const hz_node *, b->regs_count);
    if (!p->fields || !p->raw_fields || !p->relational)
        return hz_nomem(b->err, b->regs_count * sizeof(void *));
    for (size_t r = 0; r < b->regs_count; r++) {
        const hz_reg_def *def = &b->regs[r];
        if (!def->used)
            continue;
        if (def->kind == HZ_REG_FIELD)
            p->fields[p->fields_count++] = def->field;
        else if (def->kind == HZ_REG_RAW)
            p->raw_fields[p->raw_fields_count++] = def->field;
        else if (def->kind == HZ_REG_RELATIONAL)
            p->relational[p->relational_count++] = def->node;
    }
    return HZ_OK;
}

/* Plain programs read a field as often as it is named. */
static void list_once(const hz_field **fields, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0, j; i < *count; i++) {
        for (j = 0; j < kept && fields[j] != fields[i]; j++)
            ;
        if (j == kept)
            fields[kept++] = fields[i];
    }
    *count = kept;
}

static hz_status finish(hz_builder *b)
{
    hz_program *p = b->program;
    if (b->plain)
        HZ_TRY(spread_constants(b));
    else if (hz_builder_is_const(b, p->result)) {
        hz_ins spread = {
            .code = HZ_OPC_SPREAD, .type = b->regs[p->result].type, .item_type = b->regs[p->result].item_type};
        uint32_t *arg = HZ_ARENA_NEW(b->arena, uint32_t);
        if (!arg || !HZ_GROW(b->ins, b->ins_capacity, b->ins_count + 1))
            return hz_nomem(b->err, sizeof *arg);
        *arg = p->result;
        HZ_TRY(new_reg(&p->result, b,
                       (hz_reg_def){.kind = HZ_REG_TEMP, .type = spread.type, .item_type = spread.item_type}));
        spread.dst = p->result;
        spread.args = arg;
        spread.args_count = 1;
        b->ins[b->ins_count++] = spread;
    }
    drop_unused(b);
    HZ_TRY(give_slots(b));
    HZ_TRY(list_inputs(b));
    list_once(p->fields, &p->fields_count);
    list_once(p->raw_fields, &p->raw_fields_count);
    p->regs = hz_arena_alloc(b->arena, b->regs_count * sizeof *p->regs);
    p->ins = hz_arena_alloc(b->arena, b->ins_count * sizeof *p->ins);
    if (!p->regs || !p->ins)
        return hz_nomem(b->err, b->ins_count * sizeof *p->ins);
    memcpy(p->regs, b->regs, b->regs_count * sizeof *p->regs);
    if (b->ins_count)
        memcpy(p->ins, b->ins, b->ins_count * sizeof *p->ins);
    p->regs_count = (uint32_t)b->regs_count;
    p->ins_count = (uint32_t)b->ins_count;
    return HZ_OK;
}

static void builder_clear(hz_builder *b)
{
    hz_mem_free(b->regs);
    hz_mem_free(b->values);
    hz_mem_free(b->ins);
    hz_mem_free(b->keys);
    hz_mem_free(b->key_regs);
    hz_htab_clear(&b->known);
    hz_buf_clear(&b->key);
    hz_eval_free(b->eval);
}

static hz_status compile(hz_program **out, const hz_node *root, const hz_eval_env *env, bool plain, hz_error *err)
{
    *out = NULL;
    hz_builder b = {.env = env, .plain = plain, .err = err, .key = HZ_BUF_INIT};
    hz_status st = HZ_E_NOMEM;
    b.program = hz_mem_zalloc(1, sizeof *b.program);
    b.eval = hz_eval_new();
    if (b.program)
        b.arena = b.program->arena = hz_arena_new();
    if (!b.program || !b.eval || !b.arena) {
        st = hz_nomem(err, sizeof *b.program);
        goto out;
    }
    HZ_GO(hz_compile_as(&b.program->result, &b, root, root->type, root->item_type));
    HZ_GO(finish(&b));
    *out = b.program;
    b.program = NULL;
out:
    hz_program_free(b.program);
    builder_clear(&b);
    return st;
}

hz_status hz_program_compile(hz_program **out, const hz_node *root, const hz_eval_env *env, hz_error *err)
{
    return compile(out, root, env, false, err);
}

hz_status hz_program_compile_plain(hz_program **out, const hz_node *root, const hz_eval_env *env, hz_error *err)
{
    return compile(out, root, env, true, err);
}
