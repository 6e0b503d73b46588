/* text_unchecked.c: what nobody should take for checked: unreadable rows, verdicts that could not be given, columns
 * that no rule reads. */
#include "reports/coverage.h"
#include "reports/text_int.h"

static void begin(hz_text_out *t, bool *any)
{
    if (!*any)
        HZ_HEADING(t, HEAD_UNCHECKED, HZ_SLICE_NONE);
    *any = true;
    hz_text_puts(t, "  - ");
}

static void put_counts(hz_text_out *t, bool *any)
{
    const hz_result *result = t->result;
    uint64_t bad = 0, undetermined = 0, rules = 0, idle = 0, measures = 0;
    for (size_t i = 0; i < result->tables_count; i++)
        bad += result->tables[i].bad_rows;
    for (size_t i = 0; i < result->rules_count; i++) {
        undetermined += result->rules[i].undetermined;
        rules += result->rules[i].undetermined > 0;
        idle += result->rules[i].outcome == HZ_OUTCOME_NOT_APPLICABLE;
    }
    for (size_t i = 0; i < result->measures_count; i++)
        measures += hz_stopped(result->measures[i].outcome);
    hz_digits bad_digits = hz_text_count(bad), undetermined_digits = hz_text_count(undetermined),
              rules_digits = hz_text_count(rules);
    hz_digits idle_digits = hz_text_count(idle), measures_digits = hz_text_count(measures);
    if (bad) {
        begin(t, any);
        HZ_SAY_REST(t, UNCHECKED_ROWS, HZ_DIGITS(bad_digits));
        hz_text_line(t);
    }
    if (measures) {
        begin(t, any);
        HZ_SAY_REST(t, UNCHECKED_MEASURES, HZ_DIGITS(measures_digits));
        hz_text_line(t);
    }
    if (undetermined) {
        begin(t, any);
        HZ_SAY_REST(t, UNCHECKED_VERDICTS, HZ_DIGITS(undetermined_digits), HZ_DIGITS(rules_digits));
        hz_text_line(t);
    }
    if (idle) {
        begin(t, any);
        HZ_SAY_REST(t, UNCHECKED_RULES, HZ_DIGITS(idle_digits));
        hz_text_line(t);
    }
}

/* ---- columns ---- */

static void add_column(hz_roll *names, hz_text_out *t, const hz_table *table, hz_slice column)
{
    hz_buf name = HZ_BUF_INIT;
    hz_buf_put(&name, table->name);
    hz_buf_putc(&name, '.');
    hz_buf_put(&name, column);
    hz_text_check(t, &name);
    hz_roll_add(names, t, hz_buf_slice(&name), t->width > 40 ? t->width - 40 : 0);
    hz_buf_clear(&name);
}

static void put_names(hz_text_out *t, bool *any, hz_msg_id id, hz_roll *names)
{
    if (names->text.len || names->more) {
        hz_slice list = hz_roll_done(names, t);
        begin(t, any);
        hz_text_message_rest(t, id, &list, 1);
        hz_text_line(t);
    }
    hz_buf_clear(&names->text);
}

static void put_columns(hz_text_out *t, bool *any, const hz_reads *reads)
{
    hz_roll tables = {HZ_BUF_INIT, 0}, unread = {HZ_BUF_INIT, 0}, absent = {HZ_BUF_INIT, 0}, unknown = {HZ_BUF_INIT, 0},
            files = {HZ_BUF_INIT, 0};
    for (size_t i = 0; i < t->result->tables_count; i++) {
        const hz_result_table *table = &t->result->tables[i];
        if (!table->present)
            hz_roll_add(&tables, t, table->name, t->width > 40 ? t->width - 40 : 0);
        for (size_t k = 0; k < table->columns_count; k++) {
            if (hz_is_unread(&table->columns[k], reads))
                add_column(&unread, t, table->table, table->columns[k].name);
            if (table->present && table->columns[k].absent)
                add_column(&absent, t, table->table, table->columns[k].name);
        }
        for (size_t k = 0; k < table->unknown_columns_count; k++)
            add_column(&unknown, t, table->table, table->unknown_columns[k]);
    }
    for (size_t i = 0; i < t->result->ignored_count; i++)
        hz_roll_add(&files, t, t->result->ignored[i], t->width > 40 ? t->width - 40 : 0);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_TABLES, &tables);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_COLUMNS, &unread);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_ABSENT, &absent);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_UNKNOWN, &unknown);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_FILES, &files);
}

static void put_rules(hz_text_out *t, bool *any, hz_msg_id id, const hz_slice *rules, size_t count)
{
    hz_roll names = {HZ_BUF_INIT, 0};
    for (size_t i = 0; i < count; i++)
        hz_roll_add(&names, t, rules[i], t->width > 40 ? t->width - 40 : 0);
    put_names(t, any, id, &names);
}

hz_status hz_text_unchecked(hz_text_out *t, hz_error *err)
{
    hz_reads reads;
    bool any = false;
    HZ_TRY(hz_reads_of(&reads, t->result, err));
    put_counts(t, &any);
    put_columns(t, &any, &reads);
    const hz_result_merged *merged = t->result->merged;
    if (merged) {
        put_rules(t, &any, HZ_MSG_TEXT_UNCHECKED_WITHIN, merged->within, merged->within_count);
        put_rules(t, &any, HZ_MSG_TEXT_UNCHECKED_ACROSS, merged->across, merged->across_count);
    }
    hz_reads_clear(&reads);
    return HZ_OK;
}
