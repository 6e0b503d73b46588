/* text_unchecked.c: what nobody should take for checked: unreadable rows, verdicts that could not be given, columns
 * that no rule reads. */
#include "base/alloc.h"
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
    uint64_t bad = 0, undetermined = 0, rules = 0, idle = 0;
    for (size_t i = 0; i < result->tables_count; i++)
        bad += result->tables[i].bad_rows;
    for (size_t i = 0; i < result->rules_count; i++) {
        undetermined += result->rules[i].undetermined;
        rules += result->rules[i].undetermined > 0;
        idle += result->rules[i].outcome == HZ_OUTCOME_NOT_APPLICABLE;
    }
    hz_digits bad_digits = hz_text_count(bad), undetermined_digits = hz_text_count(undetermined),
              rules_digits = hz_text_count(rules);
    hz_digits idle_digits = hz_text_count(idle);
    if (bad) {
        begin(t, any);
        HZ_SAY_REST(t, UNCHECKED_ROWS, HZ_DIGITS(bad_digits));
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

/* Fields that some rule reads: one flag a field, tables one after the other. */
typedef struct read_fields {
    bool *read;
    size_t *first; /* by table index */
} read_fields;

static void mark(read_fields *fields, const hz_field *field)
{
    if (field)
        fields->read[fields->first[field->table->index] + field->index] = true;
}

static void mark_relation(read_fields *fields, const hz_relation *relation);

static void mark_node(read_fields *fields, const hz_node *node)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH)
        mark(fields, node->field);
    for (uint32_t i = 0; i < node->steps_count; i++)
        if (node->steps[i])
            mark_relation(fields, node->steps[i]);
    for (uint32_t i = 0; i < node->items_count; i++)
        mark_node(fields, node->items[i]);
}

/* Keys are plain expressions of their rows, without relations: the recursion ends here. */
static void mark_relation(read_fields *fields, const hz_relation *relation)
{
    for (size_t i = 0; i < relation->on_count; i++) {
        mark_node(fields, relation->on_from[i].root);
        mark_node(fields, relation->on_to[i].root);
    }
}

static void mark_rule(read_fields *fields, const hz_rule *rule)
{
    mark(fields, rule->field);
    mark_node(fields, rule->when.root);
    mark_node(fields, rule->assert_.root);
    mark_node(fields, rule->overlap_from.root);
    mark_node(fields, rule->overlap_to.root);
    for (size_t i = 0; i < rule->keys_count; i++)
        mark_node(fields, rule->keys[i].root);
    for (size_t i = 0; rule->ref_fields && i < rule->keys_count; i++)
        mark(fields, rule->ref_fields[i]);
}

static bool ran(hz_outcome outcome)
{
    return outcome != HZ_OUTCOME_SKIPPED && outcome != HZ_OUTCOME_ERROR;
}

static void mark_all(read_fields *fields, const hz_result *result)
{
    for (size_t i = 0; i < result->rules_count; i++)
        if (ran(result->rules[i].outcome))
            mark_rule(fields, result->rules[i].rule);
    for (size_t i = 0; i < result->measures_count; i++) {
        if (!ran(result->measures[i].outcome))
            continue;
        mark_node(fields, result->measures[i].measure->value.root);
        mark_node(fields, result->measures[i].measure->when.root);
    }
}

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

static void put_columns(hz_text_out *t, bool *any, const read_fields *fields)
{
    hz_roll unread = {HZ_BUF_INIT, 0}, unknown = {HZ_BUF_INIT, 0}, files = {HZ_BUF_INIT, 0};
    for (size_t i = 0; i < t->result->tables_count; i++) {
        const hz_result_table *table = &t->result->tables[i];
        for (size_t k = 0; k < table->columns_count; k++) {
            const hz_field *field = table->columns[k].field;
            if (field && !table->columns[k].absent && !fields->read[fields->first[table->table->index] + field->index])
                add_column(&unread, t, table->table, field->name);
        }
        for (size_t k = 0; k < table->unknown_columns_count; k++)
            add_column(&unknown, t, table->table, table->unknown_columns[k]);
    }
    for (size_t i = 0; i < t->result->ignored_count; i++)
        hz_roll_add(&files, t, t->result->ignored[i], t->width > 40 ? t->width - 40 : 0);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_COLUMNS, &unread);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_UNKNOWN, &unknown);
    put_names(t, any, HZ_MSG_TEXT_UNCHECKED_FILES, &files);
}

hz_status hz_text_unchecked(hz_text_out *t, hz_error *err)
{
    const hz_profile *profile = t->result->profile;
    size_t count = 0;
    bool any = false;
    read_fields fields = {.first = hz_mem_zalloc(profile->tables_count + 1, sizeof *fields.first)};
    for (size_t i = 0; fields.first && i < profile->tables_count; i++) {
        fields.first[i] = count;
        count += profile->tables[i].fields_count;
    }
    fields.read = hz_mem_zalloc(count + 1, sizeof *fields.read);
    if (!fields.first || !fields.read) {
        hz_mem_free(fields.first);
        hz_mem_free(fields.read);
        return hz_nomem(err, count + 1);
    }
    mark_all(&fields, t->result);
    put_counts(t, &any);
    put_columns(t, &any, &fields);
    hz_mem_free(fields.first);
    hz_mem_free(fields.read);
    return HZ_OK;
}
