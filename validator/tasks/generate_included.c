/* generate_included.c: the rows of tables that are part of the profile, and where each key of a relation finds them. */
#include "validator/source/source.h"
#include "validator/tasks/generate_int.h"

static hz_status put_row(hz_gen_plan *plan, hz_gen_block *reader, const hz_table *table, const hz_batch *batch,
                         const hz_slice *names, uint32_t at, hz_error *err)
{
    hz_gen_table *known = &plan->tables[table->index];
    hz_gen_row *row = HZ_ARENA_NEW(plan->arena, hz_gen_row);
    hz_gen_cell *cells = HZ_ARENA_ARRAY(plan->arena, hz_gen_cell, table->fields_count + 1);
    if (!row || !cells)
        return hz_nomem(err, table->fields_count * sizeof *cells);
    *row = (hz_gen_row){.table = table, .cells = cells};
    for (size_t f = 0; f < table->fields_count; f++)
        for (uint32_t c = 0; c < batch->columns_count; c++)
            if (hz_slice_eq(names[c], table->fields[f].name) && !table->fields[f].many.len) {
                if (hz_arena_copy(&cells[f].text, plan->arena, batch->columns[c].cells[at]) != HZ_OK)
                    return hz_nomem(err, batch->columns[c].cells[at].len);
                cells[f].value = hz_gen_read(reader, &table->fields[f], cells[f].text);
            }
    known->rows[known->rows_count++] = row;
    return HZ_OK;
}

static hz_status room_for(hz_gen_plan *plan, hz_gen_table *known, size_t more, hz_error *err)
{
    hz_gen_row **rows = HZ_ARENA_ARRAY(plan->arena, hz_gen_row *, known->rows_count + more + 1);
    if (!rows)
        return hz_nomem(err, more * sizeof *rows);
    if (known->rows_count)
        memcpy(rows, known->rows, known->rows_count * sizeof *rows);
    known->rows = rows;
    return HZ_OK;
}

static hz_status read_rows(hz_gen_plan *plan, hz_gen_block *reader, const hz_table *table, hz_error *err)
{
    hz_source_options how = {
        .bytes = table->included_bytes, .shown_path = table->included, .limits = plan->options->limits};
    hz_source *source = NULL;
    hz_batch batch = {0};
    const hz_slice *names;
    hz_status st = hz_source_open(&source, &how, err);
    if (st != HZ_OK)
        return st;
    hz_source_columns(source, &names);
    while ((st = hz_source_next(&batch, source, err)) == HZ_OK) {
        HZ_GO(room_for(plan, &plan->tables[table->index], batch.rows_count, err));
        for (uint32_t i = 0; i < batch.rows_count; i++)
            HZ_GO(put_row(plan, reader, table, &batch, names, i, err));
    }
    st = st == HZ_END ? HZ_OK : st;
out:
    hz_source_close(source);
    return st;
}

static hz_status index_rows(hz_gen_plan *plan, hz_gen_block *reader, const hz_relation *relation, hz_error *err)
{
    const hz_gen_table *table = &plan->tables[relation->to->index];
    hz_gen_index *index = &plan->indexes[plan->indexes_count++];
    hz_buf text = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    *index = (hz_gen_index){.relation = relation};
    index->next = HZ_ARENA_ARRAY(plan->arena, uint32_t, table->rows_count + 1);
    if (!index->next)
        return hz_nomem(err, table->rows_count * sizeof *index->next);
    for (size_t i = table->rows_count; i-- > 0;) {
        const hz_gen_env env = {table->rows[i], NULL, 0};
        hz_slice key;
        uint32_t old;
        bool valid = true;
        hz_buf_reset(&text);
        for (size_t k = 0; k < relation->on_count; k++) {
            hz_gval v = hz_gen_value(reader, relation->on_to[k].root, &env);
            valid = valid && v.state == HZ_GEN_VALID;
            if (v.state == HZ_GEN_VALID && v.type == HZ_TYPE_DECIMAL)
                v.as.number = hz_decimal_normal(v.as.number);
            if (v.state == HZ_GEN_VALID)
                hz_gval_put(&text, v);
            hz_buf_putc(&text, '\n');
        }
        index->next[i] = HZ_HTAB_NONE;
        if (!valid)
            continue;
        if (hz_arena_copy(&key, plan->arena, hz_buf_slice(&text)) != HZ_OK)
            HZ_GO(hz_nomem(err, text.len));
        uint32_t first = hz_names_find(&index->names, key);
        if (first != HZ_HTAB_NONE) { /* behind the first: order does not matter */
            index->next[i] = index->next[first];
            index->next[first] = (uint32_t)i;
            continue;
        }
        HZ_GO(hz_names_add(&index->names, key, (uint32_t)i, &old, err));
    }
out:
    hz_buf_clear(&text);
    return st;
}

hz_status hz_gen_plan_included(hz_gen_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    hz_gen_block reader;
    size_t relations = 0;
    hz_status st = hz_gen_block_init(&reader, plan, 0, 0, err);
    for (size_t t = 0; st == HZ_OK && t < profile->tables_count; t++) {
        relations += profile->tables[t].relations_count;
        if (plan->tables[t].role == HZ_GEN_INCLUDED)
            HZ_GO(read_rows(plan, &reader, &profile->tables[t], err));
    }
    if (st != HZ_OK)
        goto out;
    plan->indexes = HZ_ARENA_ARRAY(plan->arena, hz_gen_index, relations + 1);
    if (!plan->indexes)
        HZ_GO(hz_nomem(err, relations * sizeof *plan->indexes));
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t r = 0; r < profile->tables[t].relations_count; r++)
            if (plan->tables[profile->tables[t].relations[r]->to->index].role == HZ_GEN_INCLUDED)
                HZ_GO(index_rows(plan, &reader, profile->tables[t].relations[r], err));
out:
    hz_gen_block_clear(&reader);
    return st;
}
