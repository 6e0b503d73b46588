/* generate_block.c: rows in hand. A block is what hangs together: what is shared (family 0: a village, its helpers) and
 * families (a row of the counted table with all that hangs on it). Rows meet only within their family, and with what is
 * shared; so a relation looks at a handful of rows.
 *
 * Every change is followed by the rules that could see it: they wait to be looked at again. While `journal` is on
 * (planting a defect) changes are noted instead, so that they can be undone. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

static void broke(hz_gen_block *block, size_t size)
{
    if (block->status == HZ_OK)
        block->status = hz_nomem(block->err, size);
}

void *hz_gen_alloc(hz_gen_block *block, size_t size)
{
    void *got = hz_arena_zalloc(block->arena, 1, size);
    if (!got)
        broke(block, size);
    return got;
}

hz_slice hz_gen_keep(hz_gen_block *block, hz_slice text)
{
    hz_slice kept;
    if (hz_arena_copy(&kept, block->arena, text) == HZ_OK)
        return kept;
    broke(block, text.len);
    return HZ_SLICE_NONE;
}

hz_slice hz_gen_scratch(hz_gen_block *block, hz_slice text)
{
    hz_slice kept;
    if (hz_arena_copy(&kept, block->scratch, text) == HZ_OK)
        return kept;
    broke(block, text.len);
    return HZ_SLICE_NONE;
}

hz_status hz_gen_block_init(hz_gen_block *block, const hz_gen_plan *plan, uint32_t families, uint64_t seed,
                            hz_error *err)
{
    memset(block, 0, sizeof *block);
    block->plan = plan;
    block->err = err;
    block->families_count = families;
    block->rand.state = seed;
    block->arena = hz_arena_new();
    block->scratch = hz_arena_new();
    if (!block->arena || !block->scratch)
        return hz_nomem(err, sizeof(void *));
    size_t count = (size_t)(families + 1) * plan->profile->tables_count * HZ_PERIODS_MAX;
    block->lists = HZ_ARENA_ARRAY(block->arena, hz_gen_list, count);
    return block->lists ? HZ_OK : hz_nomem(err, count * sizeof *block->lists);
}

void hz_gen_block_clear(hz_gen_block *block)
{
    hz_mem_free(block->own.items);
    hz_mem_free(block->shared.items);
    hz_mem_free(block->undo);
    hz_names_clear(&block->atom_names);
    hz_pattern_scratch_free(block->pattern_scratch);
    hz_arena_free(block->scratch);
    hz_arena_free(block->arena);
    memset(block, 0, sizeof *block);
}

hz_gen_list *hz_gen_list_of(hz_gen_block *block, uint32_t family, uint32_t table, uint32_t period)
{
    return &block->lists[((size_t)family * block->plan->profile->tables_count + table) * HZ_PERIODS_MAX + period];
}

void hz_gen_list_put(hz_gen_block *block, hz_gen_list *list, hz_gen_row *row)
{
    if (list->count == list->capacity) {
        size_t room = list->capacity ? list->capacity * 2 : 4;
        hz_gen_row **more = hz_arena_alloc(block->arena, room * sizeof *more);
        if (!more) {
            broke(block, room * sizeof *more);
            return;
        }
        if (list->count)
            memcpy(more, list->rows, list->count * sizeof *more);
        list->rows = more;
        list->capacity = room;
    }
    list->rows[list->count++] = row;
}

/* ---- what waits ---- */

static void queue_put(hz_gen_block *block, hz_gen_row *row, uint32_t rule)
{
    const hz_gen_plan *plan = block->plan;
    hz_gen_queue *queue = row->family ? &block->own : &block->shared;
    if (row->gone || row->waiting[plan->rules[rule].place])
        return;
    if (queue->count == queue->capacity) {
        size_t room = queue->capacity ? queue->capacity * 2 : 1024;
        hz_gen_wait *more = hz_mem_alloc(room * sizeof *more);
        if (!more) {
            broke(block, room * sizeof *more);
            return;
        }
        for (size_t i = 0; i < queue->count; i++)
            more[i] = queue->items[(queue->head + i) % queue->capacity];
        hz_mem_free(queue->items);
        *queue = (hz_gen_queue){more, queue->count, room, 0};
    }
    queue->items[(queue->head + queue->count++) % queue->capacity] = (hz_gen_wait){row, rule};
    row->waiting[plan->rules[rule].place] = 1;
}

bool hz_gen_wait_next(hz_gen_block *block, hz_gen_wait *out, bool shared)
{
    hz_gen_queue *queue = block->own.count || !shared ? &block->own : &block->shared;
    if (!queue->count)
        return false;
    *out = queue->items[queue->head];
    queue->head = (queue->head + 1) % queue->capacity;
    queue->count--;
    out->row->waiting[block->plan->rules[out->rule].place] = 0;
    return true;
}

void hz_gen_wait_all(hz_gen_block *block, hz_gen_row *row)
{
    const hz_gen_table *table = &block->plan->tables[row->table->index];
    for (size_t i = 0; i < table->rules_count; i++)
        queue_put(block, row, table->rules[i]);
}

/* A rule that reads this row from afar: on all rows that may. */
static void wait_far(hz_gen_block *block, const hz_gen_row *row, uint32_t rule)
{
    const hz_gen_plan *plan = block->plan;
    uint32_t table = plan->rules[rule].rule->table->index;
    for (uint32_t family = 0; family <= block->families_count; family++) {
        if (row->family && family && family != row->family)
            continue;
        for (uint32_t period = 0; period < plan->options->periods; period++) {
            hz_gen_list *list = hz_gen_list_of(block, family, table, period);
            for (size_t i = 0; i < list->count; i++)
                queue_put(block, list->rows[i], rule);
        }
    }
}

static void changed(hz_gen_block *block, hz_gen_row *row, const hz_field *field)
{
    const hz_gen_plan *plan = block->plan;
    const hz_gen_field *known = &plan->tables[row->table->index].fields[field->index];
    if (block->journal)
        return;
    for (size_t i = 0; i < known->readers_count; i++) {
        const hz_gen_rule *rule = &plan->rules[known->readers[i]];
        if (rule->rule->table == row->table)
            queue_put(block, row, known->readers[i]);
        if (rule->far)
            wait_far(block, row, known->readers[i]);
    }
}

/* ---- changes ---- */

static void note(hz_gen_block *block, hz_gen_undo undo)
{
    if (block->undo_count == block->undo_capacity) {
        size_t room = block->undo_capacity ? block->undo_capacity * 2 : 64;
        hz_gen_undo *more = hz_mem_realloc(block->undo, room * sizeof *more);
        if (!more) {
            broke(block, room * sizeof *more);
            return;
        }
        block->undo = more;
        block->undo_capacity = room;
    }
    block->undo[block->undo_count++] = undo;
}

hz_gen_row *hz_gen_row_add(hz_gen_block *block, const hz_table *table, uint32_t period, uint32_t family,
                           hz_gen_row *parent)
{
    const hz_gen_table *known = &block->plan->tables[table->index];
    hz_gen_row *row = hz_gen_alloc(block, sizeof *row);
    if (!row)
        return NULL;
    *row =
        (hz_gen_row){.table = table, .period = period, .family = family, .parent = parent, .serial = block->serial++};
    row->cells = hz_gen_alloc(block, (table->fields_count + 1) * sizeof *row->cells);
    row->waiting = hz_gen_alloc(block, known->rules_count + 1);
    row->mended = hz_gen_alloc(block, (known->rules_count + 1) * sizeof *row->mended);
    if (!row->cells || !row->waiting || !row->mended)
        return NULL;
    hz_gen_list_put(block, hz_gen_list_of(block, family, table->index, period), row);
    hz_gen_list_put(block, &block->all, row);
    if (block->journal) {
        note(block, (hz_gen_undo){.what = HZ_GEN_UNDO_ADD, .row = row});
        return row;
    }
    hz_gen_wait_all(block, row);
    for (size_t i = 0; i < known->readers_count; i++)
        wait_far(block, row, known->readers[i]);
    return row;
}

static void take_out(hz_gen_block *block, hz_gen_row *row)
{
    hz_gen_list *list = hz_gen_list_of(block, row->family, row->table->index, row->period);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i] != row)
            list->rows[kept++] = list->rows[i];
    list->count = kept;
    row->gone = true;
}

void hz_gen_row_drop(hz_gen_block *block, hz_gen_row *row)
{
    const hz_gen_table *known = &block->plan->tables[row->table->index];
    if (row->gone)
        return;
    take_out(block, row);
    if (block->journal)
        note(block, (hz_gen_undo){.what = HZ_GEN_UNDO_DROP, .row = row});
    else
        for (size_t i = 0; i < known->readers_count; i++)
            wait_far(block, row, known->readers[i]);
    for (size_t i = 0; i < block->all.count; i++)
        if (block->all.rows[i]->parent == row && block->all.rows[i]->family == row->family)
            hz_gen_row_drop(block, block->all.rows[i]);
}

void hz_gen_undo_to(hz_gen_block *block, size_t mark)
{
    while (block->undo_count > mark) {
        hz_gen_undo *undo = &block->undo[--block->undo_count];
        if (undo->what == HZ_GEN_UNDO_CELL) {
            undo->row->cells[undo->field] = undo->cell;
            undo->row->version++;
        } else if (undo->what == HZ_GEN_UNDO_ADD) {
            take_out(block, undo->row);
        } else {
            undo->row->gone = false;
            hz_gen_list_put(block, hz_gen_list_of(block, undo->row->family, undo->row->table->index, undo->row->period),
                            undo->row);
        }
    }
}

/* ---- cells ---- */

void hz_gval_put(hz_buf *out, hz_gval v)
{
    switch (v.type) {
    case HZ_TYPE_BOOLEAN:
        hz_buf_puts(out, v.as.boolean ? "1" : "0");
        break;
    case HZ_TYPE_TEXT:
        hz_buf_put(out, v.as.text);
        break;
    case HZ_TYPE_DECIMAL:
        hz_decimal_put(out, v.as.number);
        break;
    case HZ_TYPE_DATE:
        hz_date_put(out, (int32_t)v.as.i64);
        break;
    case HZ_TYPE_TIMESTAMP:
        hz_timestamp_put(out, v.as.i64);
        break;
    case HZ_TYPE_TIME:
        hz_time_put(out, v.as.i64);
        break;
    default:
        break;
    }
}

/* The value as the field has it, and its text. False: it does not fit. */
static bool scalar_to(hz_buf *out, hz_gval *v, const hz_field *field)
{
    int64_t whole;
    switch (field->type) {
    case HZ_FIELD_INTEGER:
        if (v->type == HZ_TYPE_TEXT && !hz_decimal_parse(&v->as.number, v->as.text))
            return false;
        v->type = HZ_TYPE_DECIMAL;
        if (!hz_decimal_round(&v->as.number, v->as.number, 0, HZ_ROUND_HALF_AWAY) ||
            !hz_decimal_to_i64(&whole, v->as.number))
            return false;
        hz_buf_put_i64(out, whole);
        return true;
    case HZ_FIELD_DECIMAL:
        if (v->type == HZ_TYPE_TEXT && !hz_decimal_parse(&v->as.number, v->as.text))
            return false;
        if (v->type != HZ_TYPE_TEXT && v->type != HZ_TYPE_DECIMAL)
            return false;
        v->type = HZ_TYPE_DECIMAL;
        if (v->as.number.scale > (field->scale < 0 ? 2 : field->scale) &&
            !hz_decimal_round(&v->as.number, v->as.number, field->scale < 0 ? 2 : field->scale, HZ_ROUND_HALF_AWAY))
            return false;
        hz_decimal_put(out, v->as.number);
        return true;
    case HZ_FIELD_BOOLEAN:
        if (v->type != HZ_TYPE_BOOLEAN)
            return false;
        hz_buf_put(out, v->as.boolean ? field->true_texts[0] : field->false_texts[0]);
        return true;
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
        if (v->type == HZ_TYPE_TIMESTAMP)
            *v = hz_gval_day(v->as.i64 / HZ_MICROS_PER_DAY);
        if (v->type != HZ_TYPE_DATE)
            return false;
        if (field->type == HZ_FIELD_MONTH)
            v->as.i64 = hz_date_first_day((int32_t)v->as.i64);
        hz_time_format_put(out, &field->formats[0], v->as.i64);
        return true;
    case HZ_FIELD_DATETIME:
        if (v->type == HZ_TYPE_DATE)
            *v = (hz_gval){.state = HZ_GEN_VALID, .type = HZ_TYPE_TIMESTAMP, .as.i64 = v->as.i64 * HZ_MICROS_PER_DAY};
        if (v->type != HZ_TYPE_TIMESTAMP)
            return false;
        hz_time_format_put(out, &field->formats[0], v->as.i64);
        return true;
    case HZ_FIELD_TIME:
        if (v->type != HZ_TYPE_TIME)
            return false;
        hz_time_format_put(out, &field->formats[0], v->as.i64);
        return true;
    default:
        hz_gval_put(out, *v);
        return true;
    }
}

/* Rows that hang on this one go with it: the police's row of a person has the person's number. */
static void lead(hz_gen_block *block, hz_gen_row *row, const hz_field *field)
{
    const hz_gen_plan *plan = block->plan;
    for (size_t o = 0; o < plan->order_count; o++) {
        const hz_gen_table *table = &plan->tables[plan->order[o]];
        if (table->role != HZ_GEN_FAMILY || table->parent != row->table->index ||
            !(table->led[field->index / 64] >> (field->index % 64) & 1))
            continue;
        hz_gen_list *list = hz_gen_list_of(block, row->family, plan->order[o], row->period);
        for (size_t i = 0; i < list->count; i++)
            if (list->rows[i]->parent == row)
                hz_gen_link_row(block, list->rows[i], row);
    }
}

static void write_cell(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_gval value, hz_slice text)
{
    hz_gen_cell *cell = &row->cells[field->index];
    if (block->journal)
        note(block, (hz_gen_undo){HZ_GEN_UNDO_CELL, row, field->index, *cell});
    cell->value = value;
    cell->text = text;
    cell->changed = ++block->step;
    row->version++;
    changed(block, row, field);
    lead(block, row, field);
}

static bool set_array(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_gval value)
{
    hz_buf text = HZ_BUF_INIT;
    hz_gval *items = hz_gen_alloc(block, (value.items_count + 1) * sizeof *items);
    for (uint32_t i = 0; items && i < value.items_count; i++) {
        items[i] = value.as.items[i];
        if (i)
            hz_buf_put(&text, field->many);
        hz_gval_put(&text, items[i]);
        if (items[i].type == HZ_TYPE_TEXT)
            items[i].as.text = hz_gen_keep(block, items[i].as.text);
    }
    value.as.items = items;
    if (items)
        write_cell(block, row, field, value.items_count ? value : HZ_GVAL_NULL,
                   hz_gen_keep(block, hz_buf_slice(&text)));
    hz_buf_clear(&text);
    return items != NULL;
}

/* Whether a field of a semantic type takes the text on its period's day. */
static bool type_takes(const hz_gen_block *block, const hz_gen_row *row, const hz_field *field, hz_slice text)
{
    const hz_semtype_options how = {block->plan->as_of[row->period], field->accept_15, field->level,
                                    field->codes_valid_ever};
    for (size_t i = 0; i < field->semtypes_count; i++)
        if (hz_semtype_check(block->plan->semtypes, field->semtypes[i], &how, text) == HZ_REASON_NONE)
            return true;
    return field->type != HZ_FIELD_SEMANTIC;
}

bool hz_gen_set(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_gval value)
{
    const hz_gen_field *known = &block->plan->tables[row->table->index].fields[field->index];
    hz_gen_cell *cell = &row->cells[field->index];
    if (known->locked && !block->journal && cell->value.state == HZ_GEN_VALID)
        return false;
    if (value.state != HZ_GEN_VALID) {
        if (cell->value.state != HZ_GEN_NULL)
            write_cell(block, row, field, HZ_GVAL_NULL, HZ_SLICE_LIT(""));
        return true;
    }
    if (field->many.len)
        return value.type == HZ_TYPE_ARRAY && set_array(block, row, field, value);
    hz_buf text = HZ_BUF_INIT;
    bool fits = scalar_to(&text, &value, field) && hz_buf_status(&text, NULL) == HZ_OK && text.len;
    if (fits && !type_takes(block, row, field, hz_buf_slice(&text))) {
        if (block->journal)
            hz_gen_set_invalid(block, row, field, hz_buf_slice(&text));
        hz_buf_clear(&text);
        return block->journal;
    }
    if (fits && !(cell->value.state == HZ_GEN_VALID && hz_slice_eq(cell->text, hz_buf_slice(&text)))) {
        hz_slice kept = hz_gen_keep(block, hz_buf_slice(&text));
        if (field->value_type == HZ_TYPE_TEXT)
            value = hz_gval_text(kept);
        if (known->kind == HZ_GEN_RESIDENT || known->kind == HZ_GEN_CERTIFICATE)
            hz_gen_atom_note(block, hz_slice_sub(kept, 0, 18), HZ_GEN_RESIDENT);
        write_cell(block, row, field, value, kept);
    }
    hz_buf_clear(&text);
    return fits;
}

void hz_gen_set_invalid(hz_gen_block *block, hz_gen_row *row, const hz_field *field, hz_slice text)
{
    write_cell(block, row, field, (hz_gval){.state = HZ_GEN_INVALID}, hz_gen_keep(block, text));
}

bool hz_gen_dress(hz_gen_block *block, hz_gen_row *row, const hz_field *field)
{
    hz_gen_cell *cell = &row->cells[field->index];
    hz_buf text = HZ_BUF_INIT;
    char last = cell->text.len ? cell->text.ptr[cell->text.len - 1] : 0;
    if (cell->value.state == HZ_GEN_VALID && field->trim)
        hz_buf_puts(&text, " ");
    hz_buf_put(&text, hz_slice_sub(cell->text, 0, cell->text.len ? cell->text.len - 1 : 0));
    if (field->trim || !last)
        hz_buf_put(&text, hz_slice_sub(cell->text, cell->text.len ? cell->text.len - 1 : 0, cell->text.len));
    else if (field->fold_width && last >= '0' && last <= '9')
        hz_utf8_put(&text, 0xff10 + (uint32_t)(last - '0'));
    else if (field->fold_case && last >= 'A' && last <= 'Z')
        hz_buf_putc(&text, (char)(last - 'A' + 'a'));
    bool done =
        text.len > cell->text.len || (text.len == cell->text.len && !hz_slice_eq(hz_buf_slice(&text), cell->text));
    if (done && cell->value.state == HZ_GEN_VALID)
        write_cell(block, row, field, cell->value, hz_gen_keep(block, hz_buf_slice(&text)));
    hz_buf_clear(&text);
    return done;
}

hz_gval hz_gen_read(hz_gen_block *block, const hz_field *field, hz_slice text)
{
    hz_decimal number;
    int64_t at;
    if (!text.len)
        return HZ_GVAL_NULL;
    if (field->many.len) {
        hz_gval *items = hz_arena_alloc(block->scratch, (text.len + 1) * sizeof *items);
        hz_gval v = {.state = HZ_GEN_VALID, .type = HZ_TYPE_ARRAY, .as.items = items};
        for (size_t from = 0; items && from <= text.len;) {
            size_t to = from;
            while (to < text.len && !hz_slice_starts(hz_slice_sub(text, to, text.len), field->many))
                to++;
            items[v.items_count++] = hz_gval_text(hz_slice_sub(text, from, to));
            from = to + field->many.len;
        }
        return items ? v : HZ_GVAL_NULL;
    }
    switch (field->type) {
    case HZ_FIELD_INTEGER:
    case HZ_FIELD_DECIMAL:
        return hz_decimal_parse(&number, text) ? hz_gval_number(number) : (hz_gval){.state = HZ_GEN_INVALID};
    case HZ_FIELD_BOOLEAN:
        for (size_t i = 0; i < field->true_count; i++)
            if (hz_slice_eq(text, field->true_texts[i]))
                return hz_gval_bool(true);
        return hz_gval_bool(false);
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
        for (size_t i = 0; i < field->formats_count; i++)
            if (hz_time_parse(&at, &field->formats[i], text))
                return hz_gval_day(at);
        return (hz_gval){.state = HZ_GEN_INVALID};
    case HZ_FIELD_DATETIME:
    case HZ_FIELD_TIME:
        for (size_t i = 0; i < field->formats_count; i++)
            if (hz_time_parse(&at, &field->formats[i], text))
                return (hz_gval){.state = HZ_GEN_VALID,
                                 .type = field->type == HZ_FIELD_TIME ? HZ_TYPE_TIME : HZ_TYPE_TIMESTAMP,
                                 .as.i64 = at};
        return (hz_gval){.state = HZ_GEN_INVALID};
    default:
        return hz_gval_text(text);
    }
}

void hz_gen_atom_note(hz_gen_block *block, hz_slice text, hz_gen_kind kind)
{
    uint32_t old;
    hz_gen_atom atom = {.text = text, .kind = kind};
    if (text.len < 2 || hz_names_find(&block->atom_names, text) != HZ_HTAB_NONE)
        return;
    if (kind == HZ_GEN_RESIDENT) {
        if (!hz_resident_id_birth(&atom.birth, text) || !hz_resident_id_sex(&atom.sex, text) || text.len != 18)
            return;
        atom.local = block->place.len >= 6 && hz_slice_starts(text, hz_slice_sub(block->place, 0, 6));
        atom.bound = block->bound && !atom.local;
    }
    if (block->atoms_count == block->atoms_capacity) {
        size_t room = block->atoms_capacity ? block->atoms_capacity * 2 : 256;
        hz_gen_atom *more = hz_arena_alloc(block->arena, room * sizeof *more);
        if (!more) {
            broke(block, room * sizeof *more);
            return;
        }
        if (block->atoms_count)
            memcpy(more, block->atoms, block->atoms_count * sizeof *more);
        block->atoms = more;
        block->atoms_capacity = room;
    }
    if (hz_names_add(&block->atom_names, text, (uint32_t)block->atoms_count, &old, block->err) != HZ_OK)
        broke(block, text.len);
    block->atoms[block->atoms_count++] = atom;
}

/* ---- relations ---- */

/* The part of a relation's key at a row; what is more than a field is kept until the row changes. */
static hz_gval key_part(hz_gen_block *block, const hz_expr *expr, hz_gen_row *row, uint32_t base)
{
    const hz_node *node = expr->root;
    const hz_gen_env at = {row, NULL, base};
    if (node->kind == HZ_NODE_FIELD)
        return row->cells[node->field->index].value;
    if (expr->reads_as_of || block->plan->tables[row->table->index].role == HZ_GEN_INCLUDED)
        return hz_gen_value(block, node, &at);
    hz_gen_known *known = NULL;
    for (uint32_t i = 0; i < row->known_count && !known; i++)
        known = row->known[i].node == node ? &row->known[i] : NULL;
    if (known && known->version == row->version)
        return known->value;
    hz_gval v = hz_gen_value(block, node, &at);
    if (!known) {
        if (row->known_count == row->known_capacity) {
            uint32_t room = row->known_capacity ? row->known_capacity * 2 : 4;
            hz_gen_known *more = hz_gen_alloc(block, room * sizeof *more);
            if (!more)
                return v;
            if (row->known_count)
                memcpy(more, row->known, row->known_count * sizeof *more);
            row->known = more;
            row->known_capacity = room;
        }
        known = &row->known[row->known_count++];
        *known = (hz_gen_known){.node = node};
    }
    if (v.state == HZ_GEN_VALID && v.type == HZ_TYPE_TEXT) {
        if (known->value.state == HZ_GEN_VALID && hz_slice_eq(known->value.as.text, v.as.text))
            v = known->value;
        else
            v.as.text = hz_gen_keep(block, v.as.text);
    }
    if (v.type == HZ_TYPE_ARRAY)
        return v;
    known->value = v;
    known->version = row->version;
    return v;
}

static bool key_equal(hz_gen_block *block, const hz_relation *relation, const hz_gval *keys, hz_gen_row *row,
                      uint32_t base)
{
    const hz_gen_env at = {row, NULL, base};
    for (size_t i = 0; i < relation->on_count; i++) {
        hz_gval v = key_part(block, &relation->on_to[i], row, base);
        if (v.state != HZ_GEN_VALID || hz_gval_cmp(v, keys[i]) != 0)
            return false;
    }
    return !relation->where.root || hz_gval_is(hz_gen_value(block, relation->where.root, &at), true);
}

static const hz_gen_index *index_of(const hz_gen_plan *plan, const hz_relation *relation)
{
    for (size_t i = 0; i < plan->indexes_count; i++)
        if (plan->indexes[i].relation == relation)
            return &plan->indexes[i];
    return NULL;
}

static void visit_included(hz_gen_block *block, const hz_relation *relation, const hz_gval *keys, uint32_t base,
                           hz_gen_visit visit, void *ctx)
{
    const hz_gen_index *index = index_of(block->plan, relation);
    const hz_gen_table *table = &block->plan->tables[relation->to->index];
    hz_buf text = HZ_BUF_INIT;
    for (size_t i = 0; i < relation->on_count; i++) {
        hz_gval v = keys[i];
        if (v.type == HZ_TYPE_DECIMAL)
            v.as.number = hz_decimal_normal(v.as.number);
        hz_gval_put(&text, v);
        hz_buf_putc(&text, '\n');
    }
    uint32_t at = index ? hz_names_find(&index->names, hz_buf_slice(&text)) : HZ_HTAB_NONE;
    hz_buf_clear(&text);
    for (; at != HZ_HTAB_NONE; at = index->next[at])
        if (key_equal(block, relation, keys, table->rows[at], base) && !visit(ctx, table->rows[at]))
            return;
}

bool hz_gen_related(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env, hz_gen_visit visit,
                    void *ctx)
{
    enum { KEYS_MAX = 64 };
    hz_gval keys[KEYS_MAX];
    const hz_gen_plan *plan = block->plan;
    size_t count = relation->on_count < KEYS_MAX ? relation->on_count : KEYS_MAX;
    for (size_t i = 0; i < count; i++) {
        keys[i] = key_part(block, &relation->on_from[i], env->row, env->base);
        if (keys[i].state == HZ_GEN_INVALID)
            return false;
        if (keys[i].state == HZ_GEN_NULL)
            return true;
    }
    if (plan->tables[relation->to->index].role == HZ_GEN_INCLUDED) {
        visit_included(block, relation, keys, env->base, visit, ctx);
        return true;
    }
    uint32_t period = env->row->period + relation->to_period - relation->from_period;
    if (period >= plan->options->periods)
        return true;
    uint32_t own = env->row->family;
    for (uint32_t family = 0; family <= block->families_count; family++) {
        if (own && family && family != own && !block->journal)
            continue;
        hz_gen_list *list = hz_gen_list_of(block, family, relation->to->index, period);
        for (size_t i = 0; i < list->count; i++)
            if (key_equal(block, relation, keys, list->rows[i], env->base) && !visit(ctx, list->rows[i]))
                return true;
    }
    return true;
}

typedef struct listing {
    hz_gen_block *block;
    hz_gen_list list;
} listing;

static bool list_one(void *ctx, hz_gen_row *row)
{
    listing *l = ctx;
    if (l->list.count == l->list.capacity) {
        size_t room = l->list.capacity ? l->list.capacity * 2 : 8;
        hz_gen_row **more = hz_arena_alloc(l->block->scratch, room * sizeof *more);
        if (!more) {
            broke(l->block, room * sizeof *more);
            return false;
        }
        if (l->list.count)
            memcpy(more, l->list.rows, l->list.count * sizeof *more);
        l->list.rows = more;
        l->list.capacity = room;
    }
    l->list.rows[l->list.count++] = row;
    return true;
}

hz_gen_list hz_gen_related_list(hz_gen_block *block, const hz_relation *relation, const hz_gen_env *env)
{
    listing l = {.block = block};
    (void)hz_gen_related(block, relation, env, list_one, &l);
    return l.list;
}
