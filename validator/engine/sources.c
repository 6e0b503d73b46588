/* sources.c: the built-in table `sources`, a row a file: the figures that reading the files left behind, as delimited
 * text, which is then read like any other table. */
#include "base/buf.h"
#include "validator/engine/run_int.h"

static void put_text(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hz_buf_putc(out, '"');
        hz_buf_putc(out, text.ptr[i]);
    }
    hz_buf_puts(out, "\",");
}

static void put_source(hz_buf *out, const hz_plan_table *table, const hz_table_partial *partial, size_t s)
{
    put_text(out, table->table->name);
    put_text(out, table->sources[s].shown);
    put_text(out, hz_slice_of(hz_form_name(table->sources[s].format)));
    put_text(out, hz_slice_of(partial->source_encoding[s]));
    hz_buf_put_u64(out, partial->source_rows[s]);
    hz_buf_putc(out, ',');
    hz_buf_put_u64(out, partial->source_bad[s]);
    hz_buf_putc(out, ',');
    hz_buf_put_u64(out, partial->source_bytes[s]);
    hz_buf_putc(out, '\n');
}

hz_status hz_sources_make(hz_slice *out, hz_run_state *run, uint32_t period, hz_error *err)
{
    const hz_plan *plan = &run->plan;
    size_t tables = plan->profile->tables_count;
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, "table_name,path,format,encoding,rows,bad_rows,bytes\n");
    for (size_t t = period * tables; t < (period + 1) * tables; t++)
        for (size_t s = 0; !plan->tables[t].table->builtin && !plan->tables[t].table->included.len &&
                           s < plan->tables[t].sources_count;
             s++)
            put_source(&text, &plan->tables[t], &run->tables[t], s);
    hz_status st = hz_buf_status(&text, err);
    if (st == HZ_OK && hz_arena_copy(out, plan->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(err, text.len);
    hz_buf_clear(&text);
    return st;
}
